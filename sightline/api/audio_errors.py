"""What is wrong with a request about sound, in the API's words: all of it at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sightline.api.fields import Enum, Given, Number, String
from sightline.errors import InvalidRequest

_MOST_SHOWN = 100


class Faults:
    """Gathers what is wrong with a body, to tell all of it at once, as the API does.

    Its words are those of the API's sound alone, so they are written here.
    """

    def __init__(self, given: Given) -> None:
        self._of, self._body = given.of, given.value
        self._found: list[dict[str, Any]] = []
        for name in self._body:
            if name not in self._of.fields:
                self.add("extra_forbidden", name, "Extra inputs are not permitted")

    def add(self, kind: str, name: str, said: str, **context: Any) -> None:
        """Note a fault of a field."""
        value = self._body.get(name)
        shown = value[:_MOST_SHOWN] if isinstance(value, str) else value
        plain = shown is None or isinstance(shown, str | int | float | bool)
        fault = {"type": kind, "loc": ("body", name), "msg": said}
        self._found.append({**fault, "input": shown if plain else "…", **context})

    def settle(self) -> None:
        """Raise what was noted."""
        if self._found:
            first = self._found[0]
            code = "missing_required_parameter" if first["type"] == "missing" else "invalid_value"
            raise InvalidRequest(str(self._found), param=first["loc"][1], code=code)

    def read(self, name: str) -> Any:
        """Read a field, None where there is none."""
        field, value = self._of.fields[name], self._body.get(name)
        if value is None:
            if name in self._of.required:
                self.add("missing", name, "Field required")
        elif isinstance(field, Enum):
            if value not in field.names:
                self.add("enum", name, f"Input should be {either(field.names)}")
        elif isinstance(field, String):
            self._text(name, value, field)
        elif isinstance(field, Number):
            self._number(name, value, field)
        else:
            try:
                return field.check(value, name)
            except InvalidRequest as error:
                self.add("enum", name, error.message)
        return value

    def _text(self, name: str, value: object, field: String) -> None:
        if not isinstance(value, str):
            self.add("string_type", name, "Input should be a valid string")
            return
        if len(value) < field.least:
            told = f"String should have at least {field.least} character"
            self.add("string_too_short", name, told, ctx={"min_length": field.least})
        if field.most is not None and len(value) > field.most:
            told = f"String should have at most {field.most} characters"
            self.add("string_too_long", name, told, ctx={"max_length": field.most})

    def _number(self, name: str, value: object, field: Number) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.add("float_type", name, "Input should be a valid number")
            return
        if value > field.most:
            told = f"Input should be less than or equal to {field.most:g}"
            self.add("less_than_equal", name, told, ctx={"le": field.most})
        if not value >= field.least:
            told = f"Input should be greater than or equal to {field.least:g}"
            self.add("greater_than_equal", name, told, ctx={"ge": field.least})


def either(names: Sequence[str]) -> str:
    """Write names of which one is meant."""
    quoted = [f"'{name}'" for name in names]
    return ", ".join(quoted[:-1]) + f" or {quoted[-1]}"

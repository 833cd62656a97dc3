"""Whether a value keeps to a JSON schema, where a stranger has written either of them.

jsonschema alone would try a pattern with Python's `re`, which can take for ever, follow a reference
to other servers, and go through a schema that doubles itself twenty times. So patterns are tried in
linear time by LLGuidance, references stay inside the schema, and steps are counted.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import jsonschema
from jsonschema import validators
from jsonschema.exceptions import UnknownType, ValidationError
from referencing import Registry
from referencing.exceptions import CannotDetermineSpecification, Unresolvable

from sightline.api.schema import walk

_MOST_STEPS = 250_000  # keywords looked at; some 2 s
# Keywords within keywords. The interpreter's own limit may strike within a library of another
# language, which then ends in what no `except` takes for an error.
_MOST_DEPTH = 120
Keyword = Callable[[Any, Any, Any, Any], Iterator[ValidationError] | None]


_NO_SCHEMA = (
    ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError,
    Unresolvable, CannotDetermineSpecification, UnknownType,
)  # fmt: skip


class Undecidable(Exception):
    """Whether the value keeps to the schema takes too long to say, or cannot be said."""


class Astray(Exception):
    """The value does not keep to the schema; `path` is where."""

    def __init__(self, path: Sequence[str | int]) -> None:
        super().__init__()
        self.path = tuple(path)


def validate(schema: Mapping[str, Any], value: object) -> None:
    """See that a value keeps to a schema of the draft 2020-12. Raises `Astray` and `Undecidable`.

    By patterns that LLGuidance does not know (those that look around) that cannot be said.
    """
    try:
        _bounded()(dict(schema), registry=Registry()).validate(value)
    except ValidationError as error:
        raise Astray(error.path) from None
    except _NO_SCHEMA:
        raise Undecidable from None


def matches(pattern: str, text: str) -> bool:
    """Say whether a pattern is found in a text, in linear time.

    Raises `Undecidable` for a pattern that is not known.
    """
    try:
        return Pattern(pattern).found_in(text)
    except ValueError:
        raise Undecidable from None


def undecidable(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """Give the place of a pattern that is not known, () where there is none."""
    for place, node in walk(schema):
        pattern = node.get("pattern") if isinstance(node, dict) else None
        try:
            if isinstance(pattern, str):
                Pattern(pattern)
        except ValueError:
            return (*place, "pattern")
    return ()


class Pattern:
    """A pattern that is tried in linear time; for one thread at a time."""

    def __init__(self, pattern: str) -> None:
        """Take one. Raises `ValueError` for what is none, looks around or refers back."""
        from llguidance import LLMatcher

        grammar = f"start: %json {json.dumps({'type': 'string', 'pattern': pattern})}\n"
        if LLMatcher.validate_grammar(grammar):
            raise ValueError("not a pattern that is known")
        self._matcher = LLMatcher(_bytes(), grammar)

    def found_in(self, text: str) -> bool:
        """Say whether it is found in a text. Raises `ValueError` where that takes too much."""
        sent = json.dumps(text, ensure_ascii=False).encode("utf-8", "replace")
        taken = self._matcher.try_consume_tokens(list(sent))
        if self._matcher.is_error():
            raise ValueError("the pattern takes too much")
        found = taken == len(sent) and self._matcher.is_accepting()
        self._matcher.reset()
        return bool(found)


@functools.cache
def _bytes() -> Any:
    from llguidance import LLTokenizer

    return LLTokenizer("byte")


def _bounded() -> Any:
    """Make a validator class that counts its steps, and how deep it is."""
    left, depth = _MOST_STEPS, 0

    def counted(keyword: Keyword) -> Keyword:
        def run(validator: Any, wanted: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
            nonlocal left, depth
            left -= 1 + (len(wanted) if isinstance(wanted, list) else 0)
            if left < 0:
                raise Undecidable
            if depth > _MOST_DEPTH:
                raise RecursionError
            depth += 1
            try:
                yield from keyword(validator, wanted, value, schema) or ()
            finally:
                depth -= 1

        return run

    known: dict[str, Keyword] = dict(jsonschema.Draft202012Validator.VALIDATORS) | _OWN
    return validators.extend(  # type: ignore[no-untyped-call]
        jsonschema.Draft202012Validator, {name: counted(each) for name, each in known.items()}
    )


def _pattern(validator: Any, wanted: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(value, str) and not matches(wanted, value):
        yield ValidationError("pattern")


def _pattern_properties(
    validator: Any, wanted: Any, value: Any, schema: Any
) -> Iterator[ValidationError]:
    if isinstance(value, dict):
        for pattern, inner in wanted.items():
            for key in value:
                if matches(pattern, key):
                    yield from validator.descend(value[key], inner, path=key, schema_path=pattern)


def _additional(validator: Any, wanted: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    if not isinstance(value, dict):
        return
    patterns = schema.get("patternProperties", {})
    for key in value:
        if key in schema.get("properties", {}) or any(matches(each, key) for each in patterns):
            continue
        yield from validator.descend(value[key], wanted, path=key)


def _unevaluated(validator: Any, wanted: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    # The library's own tries the patterns of all that is around.
    if '"patternProperties"' in json.dumps(validator.schema):
        raise Undecidable
    keyword = jsonschema.Draft202012Validator.VALIDATORS["unevaluatedProperties"]
    yield from keyword(validator, wanted, value, schema) or ()


def _unique(validator: Any, wanted: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    if wanted is True and isinstance(value, list):
        seen = {json.dumps(_plain(each), sort_keys=True) for each in value}
        if len(seen) < len(value):
            yield ValidationError("uniqueItems")


def _plain(value: Any) -> Any:
    """Give a value in which equal numbers are written alike."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


_OWN: dict[str, Keyword] = {
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional,
    "unevaluatedProperties": _unevaluated,
    "uniqueItems": _unique,
}

"""Fields of forms: texts whatever they mean, refused in words of their own."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sightline.api import checks
from sightline.api.fields import Boolean, Enum, Field, Given, Number, Schema, Schemas
from sightline.errors import InvalidRequest


@dataclass(frozen=True, slots=True)
class Binary(Field[object]):
    """The file of a form, which whoever reads the form takes out of it."""

    def check(self, value: object, path: str) -> object:
        """Return it."""
        return value

    def schema(self, named: Schemas) -> Schema:
        """Describe it."""
        return {"type": "string", "format": "binary"}


class WordField(Enum):
    """One of several words."""

    def check(self, value: object, path: str) -> str:
        """Return the word."""
        word = checks.text(value, path)
        if word not in self.names:
            raise checks.unlisted(word, path, ", ".join(f"'{each}'" for each in self.names))
        return word


class Flag(Boolean):
    """`true` or `false`, in letters of either case."""

    def check(self, value: object, path: str) -> bool:
        """Return what it says."""
        return WordField(("true", "false")).check(checks.text(value, path).lower(), path) == "true"


class Decimal(Number):
    """A number within bounds."""

    def check(self, value: object, path: str) -> float:
        """Return the number."""
        try:
            number = float(checks.text(value, path))
        except ValueError:
            number = float("nan")
        if not self.least <= number <= self.most:
            expected = f"expected a number from {self.least:g} to {self.most:g}."
            raise checks.invalid(path, expected)
        return number


@dataclass(frozen=True, slots=True)
class Seconds(Field[int]):
    """A whole number of seconds within bounds."""

    least: int
    most: int

    def check(self, value: object, path: str) -> int:
        """Return the number."""
        digits = checks.text(value, path)
        if not re.fullmatch(r"\d{1,9}", digits) or not self.least <= int(digits) <= self.most:
            raise InvalidRequest(
                f"Invalid '{path}': expected {self.least} to {self.most}.", param=path
            )
        return int(digits)

    def schema(self, named: Schemas) -> Schema:
        """Describe it."""
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


def refuse_unknown(given: Given) -> None:
    """Refuse fields that a form does not declare. Raises `InvalidRequest`."""
    for name in given.value:
        if name not in given.of.fields:
            raise InvalidRequest(
                f"Unrecognized request argument supplied: {name[:100]}", param=name[:100]
            )

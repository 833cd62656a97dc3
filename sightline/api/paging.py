"""Lists that come page by page, with the cursors that clients turn pages by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from sightline.api import checks
from sightline.api.fields import Enum, Field, Given, Schema, Schemas, String
from sightline.errors import InvalidRequest


class HasId(Protocol):
    """What has an id."""

    @property
    def id(self) -> str: ...  # noqa: D102


T = TypeVar("T", bound=HasId)
ORDER = Enum(("asc", "desc"))


@dataclass(frozen=True, slots=True)
class Count(Field[int]):
    """A number as a query says it: in digits."""

    least: int = 0
    most: int = 999_999_999

    def check(self, value: object, path: str) -> int:
        """Return the number."""
        digits = checks.text(value, path)
        if not digits.isascii() or not digits.isdigit():
            raise checks.wrong_type(digits, path, "an integer")
        return checks.integer(int(digits[:9]), path, least=self.least, most=self.most)

    def schema(self, named: Schemas) -> Schema:
        """Describe it."""
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


def turning(most: int) -> dict[str, Field[Any]]:
    """Make the fields of a query that pages are turned by, of at most so many on each."""
    return {"limit": Count(1, most), "after": String(about="The id of the last that is known.")}


def ordered(found: Sequence[T], query: Given, *, usual: str = "desc") -> list[T]:
    """Put what was `found`, the oldest first, into the order that a query asks for."""
    return [*found] if (query("order") or usual) == "asc" else [*reversed(found)]


def page(
    found: Sequence[T],
    query: Given,
    write: Callable[[T], dict[str, Any]],
    *,
    noun: str,
    usual: int,
) -> dict[str, Any]:
    """Write one page of what was `found`, the first first. Raises `InvalidRequest`."""
    count, after = query("limit") or usual, query("after")
    if after is not None:
        places = [i for i, each in enumerate(found) if each.id == after]
        if not places:
            raise InvalidRequest(f"No such {noun} object: {after[:100]}", param="after")
        found = found[places[0] + 1 :]
    shown = found[:count]
    return {
        "object": "list",
        "data": [write(each) for each in shown],
        "first_id": shown[0].id if shown else None,
        "last_id": shown[-1].id if shown else None,
        "has_more": len(found) > len(shown),
    }

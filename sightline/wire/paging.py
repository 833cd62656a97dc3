"""Lists that come page by page, with the cursors that clients turn pages by."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from sightline.errors import InvalidRequest
from sightline.wire import check


class Listed(Protocol):
    """What has an id."""

    @property
    def id(self) -> str: ...  # noqa: D102


T = TypeVar("T", bound=Listed)


def page(
    found: Sequence[T],
    query: Mapping[str, str],
    write: Callable[[T], dict[str, Any]],
    *,
    noun: str,
    usual: int,
    most: int,
) -> dict[str, Any]:
    """Write one page of what was `found`, the first first. Raises `InvalidRequest`."""
    limit = query.get("limit", str(usual))
    if not limit.isascii() or not limit.isdigit():
        raise check.wrong_type(limit, "limit", "an integer")
    count = check.integer(int(limit[:9]), "limit", least=1, most=most)
    if "after" in query:
        places = [i for i, each in enumerate(found) if each.id == query["after"]]
        if not places:
            raise InvalidRequest(f"No such {noun} object: {query['after'][:100]}", param="after")
        found = found[places[0] + 1 :]
    shown = found[:count]
    return {
        "object": "list",
        "data": [write(each) for each in shown],
        "first_id": shown[0].id if shown else None,
        "last_id": shown[-1].id if shown else None,
        "has_more": len(found) > len(shown),
    }

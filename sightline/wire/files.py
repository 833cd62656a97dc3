"""`/v1/files`: its fields and its replies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sightline.errors import InvalidRequest
from sightline.wire import check, paging

_PURPOSES = ("vision", "user_data", "batch")
_FIELDS = ("purpose", "expires_after[anchor]", "expires_after[seconds]")
_MOST = 10_000


class Kept(Protocol):
    """What is known of a file."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def filename(self) -> str: ...  # noqa: D102
    @property
    def purpose(self) -> str: ...  # noqa: D102
    @property
    def bytes(self) -> int: ...  # noqa: D102
    @property
    def created(self) -> int: ...  # noqa: D102
    @property
    def expires(self) -> int | None: ...  # noqa: D102


def purpose(fields: Mapping[str, str]) -> str:
    """Read what a file is for. Raises `InvalidRequest`."""
    for name in fields:
        if name not in _FIELDS:
            raise InvalidRequest(
                f"Unrecognized request argument supplied: {name[:100]}", param=name[:100]
            )
    if "purpose" not in fields:
        raise check.missing("purpose")
    return check.choice(fields["purpose"], "purpose", _PURPOSES)


def body(file: Kept) -> dict[str, Any]:
    """Write a file's object."""
    return {
        "id": file.id,
        "object": "file",
        "bytes": file.bytes,
        "created_at": file.created,
        "expires_at": file.expires,
        "filename": file.filename,
        "purpose": file.purpose,
        "status": "processed",
        "status_details": None,
    }


def deleted(id: str) -> dict[str, Any]:
    """Write what a deletion answers."""
    return {"id": id, "object": "file", "deleted": True}


def page(files: Sequence[Kept], query: Mapping[str, str]) -> dict[str, Any]:
    """Write one page of files, given the oldest first. Raises `InvalidRequest`."""
    order = check.choice(query.get("order", "desc"), "order", ("asc", "desc"))
    found = [f for f in files if query.get("purpose", f.purpose) == f.purpose]
    if order == "desc":
        found.reverse()
    return paging.page(found, query, body, noun="File", usual=_MOST, most=_MOST)

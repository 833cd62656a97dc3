"""`/v1/files`: its fields and its replies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sightline.api import paging
from sightline.api.fields import Enum, Object, String, whole
from sightline.api.forms import Binary, Seconds, refuse_unknown
from sightline.api.paging import turning
from sightline.errors import InvalidRequest

_PURPOSES = ("assistants", "batch", "fine-tune", "vision", "user_data", "evals")
_MOST = 10_000
_LEAST_S, MOST_S = 3600, 2_592_000
_ANCHOR, _SECONDS = "expires_after[anchor]", "expires_after[seconds]"
FORM: Object[dict[str, Any]] = Object(
    {
        "file": Binary(),
        "purpose": Enum(_PURPOSES),
        _ANCHOR: Enum(("created_at",)),
        _SECONDS: Seconds(_LEAST_S, MOST_S),
    },
    whole,
    required=("file", "purpose"),
    closed=True,
)
QUERY: Object[dict[str, Any]] = Object(
    {"order": paging.ORDER, "purpose": String(), **turning(_MOST)}, whole
)


@dataclass(frozen=True, slots=True)
class File:
    """What is known of a file; times are Unix seconds, `serial` tells which came first."""

    id: str
    owner: str
    filename: str
    purpose: str
    bytes: int
    created: int
    expires: int | None
    serial: int


def read(fields: Mapping[str, str]) -> tuple[str, int | None]:
    """Read what a file is for, and for how many seconds it is kept, None where that is not said.

    Raises `InvalidRequest`.
    """
    given = FORM.given(fields)
    refuse_unknown(given)
    purpose = given.needed("purpose")
    if not given.has(_SECONDS):
        return purpose, None
    if given.value.get(_ANCHOR) != "created_at":
        raise InvalidRequest(f"Invalid value for '{_ANCHOR}': it is 'created_at'.", param=_ANCHOR)
    return purpose, given(_SECONDS)


def body(file: File) -> dict[str, Any]:
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


def page(files: Sequence[File], query: Mapping[str, str]) -> dict[str, Any]:
    """Write one page of files, given the oldest first. Raises `InvalidRequest`."""
    given = QUERY.given(query)
    purpose = given("purpose")
    found = [f for f in files if purpose in (None, f.purpose)]
    return paging.page(paging.ordered(found, given), given, body, noun="File", usual=_MOST)

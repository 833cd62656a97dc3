"""`/v1/conversations`: what makes and changes one, and how it and its items are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sightline.api import chat, checks, items
from sightline.api.fields import Array, Object, Schema, whole
from sightline.errors import InvalidRequest

_MOST = 20  # items that are added at once
_ADDED = Array(items.ITEM, most=_MOST)
CREATE: Object[dict[str, Any]] = Object(
    {"items": _ADDED, "metadata": chat.METADATA}, whole, closed=True
)
_PRESENT: Schema = {"required": ["metadata"]}
UPDATE: Object[dict[str, Any]] = Object(
    {"metadata": chat.METADATA}, whole, closed=True, also=_PRESENT
)
ADD: Object[dict[str, Any]] = Object(
    {"items": Array(items.ITEM, least=1, most=_MOST)}, whole, required=("items",), closed=True
)


@dataclass(frozen=True, slots=True)
class ConversationRequest:
    """What is sent: items as they are shown, and metadata."""

    items: tuple[dict[str, Any], ...]
    metadata: Mapping[str, str]


def _wanted(body: Mapping[str, Any], of: Object[dict[str, Any]]) -> ConversationRequest:
    given = of.given(body)
    given.refuse_unknown()
    given.require(*of.required)
    read = given.all(of.fields)
    if any(isinstance(each, items.Reference) for each in read.get("items", ())):
        raise InvalidRequest(
            "Unsupported: items of type 'item_reference' in a conversation.",
            param="items",
            hint="Send the item itself.",
        )
    return ConversationRequest(items.written(body.get("items") or ()), read.get("metadata") or {})


def create(body: Mapping[str, Any]) -> ConversationRequest:
    """Read what a conversation begins with. Raises `InvalidRequest`."""
    return _wanted(body, CREATE)


def add(body: Mapping[str, Any]) -> ConversationRequest:
    """Read what is added to a conversation. Raises `InvalidRequest`."""
    return _wanted(body, ADD)


def update(body: Mapping[str, Any]) -> ConversationRequest:
    """Read the metadata that something has from now on. Raises `InvalidRequest`."""
    if "metadata" not in body:
        raise checks.missing("metadata")
    return _wanted(body, UPDATE)


def body(id: str, created: int, metadata: Mapping[str, str]) -> dict[str, Any]:
    """Write a conversation."""
    return {"id": id, "object": "conversation", "created_at": created, "metadata": dict(metadata)}


def deleted(id: str) -> dict[str, Any]:
    """Write what a deletion answers."""
    return {"id": id, "object": "conversation.deleted", "deleted": True}

"""`/v1/conversations`: what was said, kept under one id that responses name and add to."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sightline.api import conversations as wire
from sightline.api import items, reply
from sightline.errors import InvalidRequest, RequestTooLarge, RouteNotFound
from sightline.server.admission import Admission
from sightline.server.auth import owner_of
from sightline.server.request_body import weight
from sightline.server.response_store import ResponseStore
from sightline.server.stream import json_reply
from sightline.settings import Settings
from sightline.types import Message


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation: whose it is, and its items as they are shown, the oldest first."""

    id: str
    owner: str
    created: int
    metadata: Mapping[str, str]
    items: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)

    @property
    def weight(self) -> int:
        """About how many bytes it takes."""
        return 4096 + weight(list(self.items))

    def turns(self) -> tuple[Message, ...]:
        """Give what was said in it."""
        return items.turns(items.read(self.items, "conversation.items"))

    def body(self) -> dict[str, Any]:
        """Write it."""
        return wire.body(self.id, self.created, self.metadata)


class ConversationsEndpoint:
    """Keeps conversations as responses are kept: in memory, for a time after their last change."""

    def __init__(self, settings: Settings, admission: Admission, kept: ResponseStore) -> None:
        self._settings, self._admission, self._kept = settings, admission, kept

    async def create(self, request: Request) -> Response:
        """Begin a conversation."""
        self._admission.enter(request)
        if self._settings.zero_retention:
            raise InvalidRequest(
                "Conversations are not kept by this server.",
                hint="Send what was said before in 'input'.",
            )
        wanted = await self._admission.read(request, self._settings.max_request_bytes, wire.create)
        made = Conversation(
            reply.new_id("conv_", 48), owner_of(request), int(time.time()), wanted.metadata,
            wanted.items,
        )  # fmt: skip
        return json_reply(self._keep(made).body())

    async def show(self, request: Request) -> Response:
        """Tell of a conversation."""
        return json_reply(self._asked(request).body())

    async def update(self, request: Request) -> Response:
        """Give a conversation other metadata."""
        self._admission.enter(request)
        wanted = await self._admission.read(request, self._settings.max_request_bytes, wire.update)
        changed = replace(self._asked(request), metadata=wanted.metadata)
        return json_reply(self._keep(changed).body())

    async def delete(self, request: Request) -> Response:
        """Forget a conversation and its items."""
        found = self._asked(request)
        self._kept.remove(found.id)
        return json_reply(wire.deleted(found.id))

    async def add(self, request: Request) -> Response:
        """Add items to a conversation; give them as they are kept."""
        self._admission.enter(request)
        wanted = await self._admission.read(request, self._settings.max_request_bytes, wire.add)
        found = self._asked(request)
        items.check_ids((*found.items, *wanted.items))
        self._keep(replace(found, items=(*found.items, *wanted.items)))
        return json_reply(items.page(wanted.items, {"order": "asc"}))

    async def list(self, request: Request) -> Response:
        """List the items of a conversation, page by page."""
        return json_reply(items.page(self._asked(request).items, request.query_params))

    async def show_item(self, request: Request) -> Response:
        """Give an item."""
        found = self._asked(request)
        return json_reply(found.items[self._place(request, found)])

    async def delete_item(self, request: Request) -> Response:
        """Take an item out of a conversation, which is given."""
        found = self._asked(request)
        place = self._place(request, found)
        left = (*found.items[:place], *found.items[place + 1 :])
        return json_reply(self._keep(replace(found, items=left)).body())

    def found(self, id: str, owner: str) -> Conversation:
        """Give an owner's conversation. Raises `RouteNotFound`."""
        found = self._kept.find(id, owner, Conversation)
        if found is None:
            raise RouteNotFound(
                f"Conversation with id '{id[:80]}' not found.",
                hint=f"Conversations are kept for {self._settings.responses_keep_s:g} s after "
                "their last change.",
            )
        return found

    def items(self, owner: str) -> dict[str, Mapping[str, Any]]:
        """Give all items of an owner's conversations by their ids."""
        kept = self._kept.all(owner, Conversation)
        return {item["id"]: item for found in kept for item in found.items}

    def extend(self, id: str, owner: str, said: Sequence[Mapping[str, Any]]) -> None:
        """Add what a response was asked and answered, where its conversation is still kept."""
        found = self._kept.find(id, owner, Conversation)
        if found is not None:
            changed = replace(found, items=(*found.items, *said))
            self._kept.add(id, changed)

    def _asked(self, request: Request) -> Conversation:
        return self.found(request.path_params["id"], owner_of(request))

    def _place(self, request: Request, found: Conversation) -> int:
        id = request.path_params["item"]
        for place, item in enumerate(found.items):
            if item["id"] == id:
                return place
        raise RouteNotFound(f"Item with id '{id[:80]}' not found in conversation '{found.id}'.")

    def _keep(self, conversation: Conversation) -> Conversation:
        if not self._kept.add(conversation.id, conversation):
            raise RequestTooLarge(
                "The conversation is too large to be kept.", hint="Begin another."
            )
        return conversation

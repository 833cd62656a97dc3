"""Chat completions that were sent with `store`: asked for again, listed, changed, forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sightline.api import chat, conversations
from sightline.api import stored_completions as wire
from sightline.api.stored_completions import Completion
from sightline.errors import RouteNotFound
from sightline.server.admission import Admission
from sightline.server.auth import owner_of
from sightline.server.response_store import ResponseStore
from sightline.server.stream import json_reply
from sightline.settings import Settings
from sightline.types import Message


class StoredEndpoint:
    """Keeps completions as responses are kept; none with no retention."""

    def __init__(self, settings: Settings, admission: Admission, kept: ResponseStore) -> None:
        self._settings, self._admission, self._kept = settings, admission, kept

    def keep(
        self,
        owner: str,
        asked: chat.ChatRequest,
        turns: tuple[Message, ...],
        completion: Mapping[str, Any],
    ) -> None:
        """Keep a completion where its request says so. `turns` are those it was asked with."""
        if asked.store and not self._settings.zero_retention:
            made = wire.made(owner, asked.model.id, completion, asked.sent, turns)
            self._kept.add(made.id, made)

    async def list(self, request: Request) -> Response:
        """List completions, page by page."""
        found = self._kept.all(owner_of(request), Completion)
        return json_reply(wire.page(found, request.query_params))

    async def show(self, request: Request) -> Response:
        """Give a completion."""
        return json_reply(self._found(request).body)

    async def messages(self, request: Request) -> Response:
        """Give what a completion was asked, page by page."""
        return json_reply(wire.message_page(self._found(request), request.query_params))

    async def update(self, request: Request) -> Response:
        """Give a completion other metadata."""
        self._admission.enter(request)
        most = self._settings.max_request_bytes
        wanted = await self._admission.read(request, most, conversations.update)
        found = self._found(request)
        changed = replace(found, body={**found.body, "metadata": dict(wanted.metadata)})
        self._kept.add(found.id, changed)
        return json_reply(changed.body)

    async def delete(self, request: Request) -> Response:
        """Forget a completion."""
        found = self._found(request)
        self._kept.remove(found.id)
        return json_reply(wire.deleted(found.id))

    def _found(self, request: Request) -> Completion:
        id = request.path_params["id"]
        found = self._kept.find(id, owner_of(request), Completion)
        if found is None:
            raise RouteNotFound(
                f"Chat completion with id '{id[:80]}' not found.",
                hint=f"Those sent with 'store' are kept for {self._settings.responses_keep_s:g} s.",
            )
        return found

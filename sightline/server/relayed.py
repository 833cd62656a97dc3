"""What the API has and no engine here makes: passed on to a server behind, where there is one.

Otherwise an error says what to use instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sightline.api import relayed
from sightline.errors import RouteNotFound
from sightline.pipeline import Pipeline
from sightline.server.admission import Admission, deadline
from sightline.server.auth import check_model
from sightline.server.stream import json_reply, while_connected
from sightline.settings import Settings
from sightline.types import Usage


@dataclass(frozen=True)
class Call:
    """A call that is passed on: its path, what reads it, under which key its answers stand.

    `missing` and `hint` say what is told where nothing behind takes it.
    """

    path: str
    parse: Callable[[Mapping[str, Any]], dict[str, Any]]
    rows: str
    missing: str
    hint: str


_EMBEDDINGS = Call(
    "/embeddings",
    relayed.embeddings,
    "data",
    "Embeddings are not made by this server: it answers questions about pictures.",
    "Ask a server that makes them, such as llama.cpp's with --embedding, under another base URL.",
)
_MODERATIONS = Call(
    "/moderations",
    relayed.moderations,
    "results",
    "Moderations are not made by this server: it has no model of the API's categories.",
    "Ask for what matters to you with POST /v1/decisions: one predicate each, such as 'The picture "
    "shows a weapon.'.",
)


class RelayedEndpoint:
    """Passes calls on to the server behind the model that is asked for."""

    def __init__(self, pipeline: Pipeline, settings: Settings, admission: Admission) -> None:
        self._pipeline, self._settings, self._admission = pipeline, settings, admission

    async def embeddings(self, request: Request) -> Response:
        """Have vectors made. Raises `RouteNotFound` where nothing behind makes them."""
        return await self._passed(request, _EMBEDDINGS)

    async def moderations(self, request: Request) -> Response:
        """Have texts and pictures moderated. Raises `RouteNotFound` where nothing behind does."""
        return await self._passed(request, _MODERATIONS)

    async def _passed(self, request: Request, call: Call) -> Response:
        if not self._pipeline.routing.relays:
            raise RouteNotFound(call.missing, hint=call.hint)
        self._admission.enter(request)
        asked = await self._admission.read(request, self._settings.max_request_bytes, call.parse)
        model = asked["model"]
        check_model(request, model)
        ticket, until = await self._admission.ticket(request, model), deadline(request)
        route = self._pipeline.routing.route(model)
        texts = relayed.texts(asked)

        async def count() -> int:
            async with route.served.using() as engine:
                return await engine.count(texts)

        async def work() -> Any:
            await ticket.reserve(count, 0)
            await ticket.turn(route)
            return await self._pipeline.relay(model, call.path, asked)

        try:
            told = await while_connected(request, work(), until=until)
        except RouteNotFound:
            raise RouteNotFound(call.missing, hint=call.hint) from None
        made = relayed.answered(told, call.rows)
        ticket.spent(Usage(relayed.prompt_tokens(made), 0), 0)
        return json_reply(made, headers=ticket.headers())

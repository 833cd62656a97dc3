"""What the API has and this server has not: errors that say what to use instead."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from sightline.errors import RouteNotFound


async def embeddings(request: Request) -> Response:
    """Refuse: nothing here makes vectors. Raises `RouteNotFound`."""
    raise RouteNotFound(
        "Embeddings are not made by this server: it answers questions about pictures.",
        hint="Ask a server that makes them, such as llama.cpp's with --embedding, under another "
        "base URL.",
    )


async def moderations(request: Request) -> Response:
    """Refuse: no model of categories is here. Raises `RouteNotFound`."""
    raise RouteNotFound(
        "Moderations are not made by this server: it has no model of the API's categories.",
        hint="Ask for what matters to you with POST /v1/decisions: one predicate each, such as "
        "'The picture shows a weapon.'.",
    )

"""The ASGI application: routes, the error envelope, request ids.

Starlette does the routing; each endpoint raises `SightlineError`s, and here alone they become
OpenAI's envelope. Nothing but sizes, times and ids is logged.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sightline import __version__
from sightline.errors import RouteNotFound, SightlineError
from sightline.pipeline import Pipeline
from sightline.playground.mount import PATH, Playground
from sightline.server.chat import ChatEndpoint
from sightline.server.narrations import NarrationsEndpoint
from sightline.server.speech import SpeechEndpoint
from sightline.settings import Settings
from sightline.wire import models, reply

log = logging.getLogger("sightline.server")


def make_app(settings: Settings) -> Starlette:
    """Make the application. Raises `SightlineError` for an engine that cannot work as it is set."""
    pipeline = Pipeline(settings)
    pipeline.routing.check()
    seed = f"{__version__}/{settings.engine}/{settings.model}".encode()
    speech = SpeechEndpoint(settings)
    speech.speaker.voices.check()
    narrations = NarrationsEndpoint(pipeline, speech.speaker, settings)
    chat = ChatEndpoint(pipeline, settings, "fp_" + hashlib.sha256(seed).hexdigest()[:10])

    async def health(request: Request) -> Response:
        return _json(
            {
                "status": "ok",
                "engine": pipeline.routing.state,
                "active": chat.active,
                **pipeline.counts(),
            }
        )

    async def list_models(request: Request) -> Response:
        return _json(models.model_list(pipeline.routing.listed()))

    async def one_model(request: Request) -> Response:
        # The path is percent-decoded by now: an id may hold an encoded slash.
        return _json(models.model_object(pipeline.routing.find(request.path_params["id"])))

    playground = Playground(settings) if settings.playground else None

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with pipeline:
            try:
                yield
            finally:
                if playground is not None:
                    await playground.close()
                await narrations.close()
                await speech.speaker.close()

    return Starlette(
        routes=[
            Route("/v1/chat/completions", chat.complete, methods=["POST"]),
            Route("/v1/chat/completions/input_tokens", chat.count, methods=["POST"]),
            Route("/v1/audio/speech", speech.speak, methods=["POST"]),
            Route("/v1/video/narrations", narrations.create, methods=["POST"]),
            Route("/v1/video/narrations/{id}", narrations.show, methods=["GET"]),
            Route("/v1/video/narrations/{id}", narrations.delete, methods=["DELETE"]),
            Route("/v1/video/narrations/{id}/content", narrations.content, methods=["GET"]),
            Route("/v1/models", list_models, methods=["GET"]),
            Route("/v1/models/{id:path}", one_model, methods=["GET"]),
            Route("/healthz", health, methods=["GET"]),
            *([Mount(PATH, playground)] if playground is not None else []),
        ],
        exception_handlers={
            SightlineError: _refuse,
            HTTPException: _no_route,
            ClientDisconnect: _gone,
            Exception: _fail,
        },
        lifespan=lifespan,
    )


def with_ids(app: ASGIApp) -> ASGIApp:
    """Wrap an application so that each reply carries its id and time, and is logged once."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        started, id, status = time.perf_counter(), reply.request_id(), 0

        async def tagged(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                elapsed_ms = int((time.perf_counter() - started) * 1000)
                message.setdefault("headers", []).extend(
                    [
                        (b"x-request-id", id.encode()),
                        (b"openai-version", b"2020-10-01"),
                        (b"openai-processing-ms", str(elapsed_ms).encode()),
                    ]
                )
            await send(message)

        try:
            await app(scope, receive, tagged)
        finally:
            elapsed_ms = int((time.perf_counter() - started) * 1000)
            # The raw path is still percent-encoded, so that no line break gets into the log.
            path = scope.get("raw_path", b"").decode("latin-1")[:200]
            log.info("%s %s %s %d ms %s", scope["method"], path, status or "-", elapsed_ms, id)

    return wrapped


def _json(body: dict[str, Any], status: int = 200) -> Response:
    return Response(reply.encode(body), status, media_type="application/json")


async def _refuse(request: Request, error: Exception) -> Response:
    if not isinstance(error, SightlineError):
        raise error
    response = _json(reply.error_body(error), error.status)
    if error.retryable:
        response.headers["retry-after"] = "2"
    return response


async def _no_route(request: Request, error: Exception) -> Response:
    path = request.url.path[:200]
    if isinstance(error, HTTPException) and error.status_code == 405:
        missing = RouteNotFound(
            f"Not allowed to {request.method} on {path}. (HINT: Perhaps you meant to make your "
            "HTTP request using a different HTTP method?)",
            status=405,
        )
        return _json(reply.error_body(missing), 405)
    missing = RouteNotFound(f"Invalid URL ({request.method} {path})")
    return _json(reply.error_body(missing), 404)


async def _gone(request: Request, error: Exception) -> Response:
    return Response(status_code=499)  # nobody reads it; the log line does


async def _fail(request: Request, error: Exception) -> Response:
    # The last resort. The trace goes to the log, a constant sentence to the client.
    failure = SightlineError(
        "The server had an error while processing your request. Sorry about that!"
    )
    return _json(reply.error_body(failure), 500)

"""The ASGI application: routes, the error envelope, request ids.

Starlette does the routing; each endpoint raises `SightlineError`s, and here alone they become
OpenAI's envelope. Nothing but sizes, times and ids is logged.
"""

from __future__ import annotations

import hashlib
import logging
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sightline import __version__, allocator, telemetry
from sightline.api import models, reply
from sightline.api.openapi import document
from sightline.errors import RouteNotFound, SightlineError, SlowRequest
from sightline.pipeline import Pipeline
from sightline.playground import page
from sightline.server.admission import Admission, Ticket
from sightline.server.answering import Answering
from sightline.server.auth import Auth, Endpoint, check_model, key_of
from sightline.server.batches import BatchesEndpoint
from sightline.server.chat import ChatEndpoint
from sightline.server.conversations import ConversationsEndpoint
from sightline.server.decisions import DecisionsEndpoint
from sightline.server.documents import DocumentsEndpoint
from sightline.server.files import FilesEndpoint
from sightline.server.guard import PROBES, Guard, Names, outside
from sightline.server.lifecycle import finish
from sightline.server.metrics import Metrics
from sightline.server.narrations import NarrationsEndpoint
from sightline.server.relayed import RelayedEndpoint
from sightline.server.response_store import ResponseStore
from sightline.server.responses import ResponsesEndpoint
from sightline.server.speech import SpeechEndpoint
from sightline.server.stored_completions import StoredEndpoint
from sightline.server.stream import json_reply
from sightline.server.traces import SpanRecord, Traces, content
from sightline.server.transcriptions import TranscriptionsEndpoint
from sightline.settings import Settings

log = logging.getLogger("sightline.server")


def make_app(settings: Settings) -> Starlette:
    """Make the application. Raises `SightlineError` for an engine that cannot work as it is set."""
    allocator.settle()
    pipeline = Pipeline(settings)
    pipeline.routing.check()
    seed = f"{__version__}/{settings.engine}/{settings.model}".encode()
    metrics, gate = Metrics(), Auth(settings)
    admission = Admission(settings, metrics)
    memory = pipeline.routing.memory
    metrics.gauge("loaded_models", "Models that are loaded.", lambda: memory.models)
    metrics.gauge("loaded_models_bytes", "Bytes that they take, about.", lambda: memory.bytes)
    speech = SpeechEndpoint(settings, admission)
    speech.speaker.voices.check()
    heard = TranscriptionsEndpoint(settings, admission)
    narrations = NarrationsEndpoint(pipeline, speech.speaker, settings, admission)
    files = FilesEndpoint(settings, admission)
    fingerprint = "fp_" + hashlib.sha256(seed).hexdigest()[:10]
    kept = ResponseStore(settings.responses_keep_s, settings.max_kept_bytes)
    metrics.gauge("kept_bytes", "Bytes of what is kept in memory.", lambda: kept.bytes)
    stored = StoredEndpoint(settings, admission, kept)
    answering = Answering(pipeline, settings, admission, files)
    chat = ChatEndpoint(answering, stored, fingerprint)
    batches = BatchesEndpoint(settings, admission, files)
    documents = DocumentsEndpoint(pipeline, settings, admission, files)
    conversations = ConversationsEndpoint(settings, admission, kept)
    responses = ResponsesEndpoint(pipeline, settings, admission, answering, kept, conversations)
    decisions = DecisionsEndpoint(pipeline, answering)
    others = RelayedEndpoint(pipeline, settings, admission)

    async def health(request: Request) -> Response:
        told = {"engine": pipeline.routing.state, "active": admission.active, **pipeline.counts()}
        return json_reply({"status": "ok", **told})

    async def ready(request: Request) -> Response:
        state = "draining" if admission.lifecycle.draining else pipeline.routing.state
        return json_reply({"status": state}, 200 if state == "ready" else 503)

    async def list_models(request: Request) -> Response:
        key = key_of(request)
        listed = [m for m in pipeline.routing.listed() if key is None or key.allows(m.id)]
        return json_reply(models.model_list(listed))

    async def one_model(request: Request) -> Response:
        # The path is percent-decoded by now: an id may hold an encoded slash.
        found = pipeline.routing.find(request.path_params["id"])
        check_model(request, found.id)
        return json_reply(models.model_object(found))

    async def openapi(request: Request) -> Response:
        return json_reply(document(__version__, spoken=speech.fields(), narrated=narrations.form))

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        with telemetry.listening(metrics):
            async with pipeline:
                batches.start(with_ids(app, metrics))
                admission.models = frozenset(m.id for m in pipeline.routing.listed())
                try:
                    yield
                finally:
                    await batches.close()
                    await responses.background.close()
                    await narrations.close()
                    await speech.speaker.close()
                    await heard.listener.close()
                    await admission.limits.close()

    forms: set[str] = set()

    def guarded(path: str, endpoint: Endpoint, method: str, *, form: bool = False) -> Route:
        if form:
            forms.add(path)
        return Route(path, gate(endpoint), methods=[method])

    film = "/v1/video/narrations"
    private = [Route("/metrics", metrics.page, methods=["GET"])]
    public = [
        Route("/health", health, methods=["GET"]),  # as servers of models call it
        Route("/healthz", health, methods=["GET"]),
        Route("/readyz", ready, methods=["GET"]),
        Route("/openapi.json", openapi, methods=["GET"]),
    ]
    made = Starlette(
        routes=[
            guarded("/v1/chat/completions", chat.complete, "POST"),
            guarded("/v1/chat/completions", stored.list, "GET"),
            guarded("/v1/chat/completions/input_tokens", chat.count, "POST"),
            guarded("/v1/chat/completions/{id}", stored.show, "GET"),
            guarded("/v1/chat/completions/{id}", stored.update, "POST"),
            guarded("/v1/chat/completions/{id}", stored.delete, "DELETE"),
            guarded("/v1/chat/completions/{id}/messages", stored.messages, "GET"),
            guarded("/v1/completions", chat.complete_text, "POST"),
            guarded("/v1/responses", responses.create, "POST"),
            guarded("/v1/responses/input_tokens", responses.count, "POST"),
            guarded("/v1/responses/compact", responses.compact, "POST"),
            guarded("/v1/responses/{id}", responses.show, "GET"),
            guarded("/v1/responses/{id}", responses.delete, "DELETE"),
            guarded("/v1/responses/{id}/cancel", responses.cancel, "POST"),
            guarded("/v1/responses/{id}/input_items", responses.items, "GET"),
            guarded("/v1/conversations", conversations.create, "POST"),
            guarded("/v1/conversations/{id}", conversations.show, "GET"),
            guarded("/v1/conversations/{id}", conversations.update, "POST"),
            guarded("/v1/conversations/{id}", conversations.delete, "DELETE"),
            guarded("/v1/conversations/{id}/items", conversations.add, "POST"),
            guarded("/v1/conversations/{id}/items", conversations.list, "GET"),
            guarded("/v1/conversations/{id}/items/{item}", conversations.show_item, "GET"),
            guarded("/v1/conversations/{id}/items/{item}", conversations.delete_item, "DELETE"),
            guarded("/v1/documents/pages", documents.pages, "POST"),
            guarded("/v1/decisions", decisions.create, "POST"),
            guarded("/v1/systemone", decisions.create_named, "POST"),
            guarded("/v1/files", files.create, "POST", form=True),
            guarded("/v1/files", files.list, "GET"),
            guarded("/v1/files/{id}", files.show, "GET"),
            guarded("/v1/files/{id}", files.delete, "DELETE"),
            guarded("/v1/files/{id}/content", files.content, "GET"),
            guarded("/v1/batches", batches.create, "POST"),
            guarded("/v1/batches", batches.list, "GET"),
            guarded("/v1/batches/{id}", batches.show, "GET"),
            guarded("/v1/batches/{id}/cancel", batches.cancel, "POST"),
            guarded("/v1/embeddings", others.embeddings, "POST"),
            guarded("/v1/moderations", others.moderations, "POST"),
            guarded("/v1/audio/speech", speech.speak, "POST"),
            guarded("/v1/audio/transcriptions", heard.transcribe, "POST", form=True),
            guarded("/v1/audio/translations", heard.translate, "POST", form=True),
            guarded(film, narrations.create, "POST", form=True),
            guarded(film + "/{id}", narrations.show, "GET"),
            guarded(film + "/{id}", narrations.delete, "DELETE"),
            guarded(film + "/{id}/content", narrations.content, "GET"),
            guarded("/v1/models", list_models, "GET"),
            guarded("/v1/models/{id:path}", one_model, "GET"),
            *public,
            *([] if settings.admin_port or settings.needs_keys else private),
            *(page.routes() if settings.playground else []),
        ],
        exception_handlers={
            SightlineError: _refuse,
            HTTPException: _no_route,
            ClientDisconnect: _gone,
            Exception: _fail,
        },
        middleware=outside(settings, ["x-request-id", "retry-after", "server-timing"], forms),
        lifespan=lifespan,
    )
    made.router.redirect_slashes = False  # to whatever name the request came by
    made.state.lifecycle = admission.lifecycle
    # On a port of its own, for those who look after the server.
    names = Names.at(settings.admin_host, settings.server_names)
    made.state.admin = Starlette(
        routes=[*public, *private],
        exception_handlers={HTTPException: _no_route},
        middleware=[Middleware(Guard, names)],
    )
    made.state.metrics = metrics
    return made


def with_ids(app: ASGIApp, metrics: Metrics, traces: Traces | None = None) -> ASGIApp:
    """Wrap an application so that each reply carries its id and times, and is logged once."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        started, began, id, status = time.perf_counter(), time.time(), reply.request_id(), 0
        told = telemetry.begin(id)

        async def tagged(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                elapsed_ms = int((time.perf_counter() - started) * 1000)
                stages = [f"{name};dur={s * 1000:.1f}" for name, s in told.stages.items()]
                message.setdefault("headers", []).extend(
                    [
                        (b"x-request-id", id.encode()),
                        (b"openai-version", b"2020-10-01"),
                        (b"openai-processing-ms", str(elapsed_ms).encode()),
                        (
                            b"server-timing",
                            ", ".join([*stages, f"total;dur={elapsed_ms}"]).encode(),
                        ),
                    ]
                )
            await send(message)

        try:
            await app(scope, receive, tagged)
        finally:
            await finish(scope)
            seconds = time.perf_counter() - started
            route = _route(scope)  # never the path, which is the client's own words
            metrics.requests.labels(route, str(status or 499)).inc()
            metrics.request_seconds.labels(route).observe(seconds)
            if traces is not None and route not in _UNTRACED:
                traces.write(scope, told, began, _told(scope, route, status or 499))
            ms = int(seconds * 1000)
            fields = {"method": scope["method"], "path": route, "status": status, "ms": ms}
            log.info(
                "%s %s %s %d ms %s", scope["method"], route, status or "-", ms, id,
                extra={"fields": {**fields, "request_id": id}},
            )  # fmt: skip

    return wrapped


_UNTRACED = PROBES | {"/metrics"}


def _told(scope: Scope, route: str, status: int) -> SpanRecord:
    """Give what a trace tells of a request."""
    told = SpanRecord(route, status)
    ticket = scope.get("state", {}).get("ticket")
    if isinstance(ticket, Ticket):
        told.model = ticket.model
        told.prompt_tokens, told.completion_tokens = ticket.tokens
        if ticket.asked is not None:
            told.content = content(ticket.asked, "".join(ticket.answered))
    return told


def _route(scope: Scope) -> str:
    """Give the route's pattern as a label; `other` for paths that are none of ours."""
    route = scope.get("route")
    if isinstance(route, Route):
        return route.path
    return "other"


async def _refuse(request: Request, error: Exception) -> Response:
    if not isinstance(error, SightlineError):
        raise error
    response = json_reply(reply.error_body(error), error.status)
    if isinstance(error, SlowRequest):
        response.headers["connection"] = "close"  # what may come of the body is not waited for
    ticket = getattr(request.state, "ticket", None)
    if isinstance(ticket, Ticket):
        response.headers.update(ticket.headers())
    if error.retryable:
        response.headers["retry-after"] = str(math.ceil(getattr(error, "retry_s", 2.0)))
    return response


async def _no_route(request: Request, error: Exception) -> Response:
    path = request.url.path[:200]
    if isinstance(error, HTTPException) and error.status_code == 405:
        missing = RouteNotFound(
            f"Not allowed to {request.method} on {path}. (HINT: Perhaps you meant to make your "
            "HTTP request using a different HTTP method?)",
            status=405,
        )
        response = json_reply(reply.error_body(missing), 405)
        response.headers.update(error.headers or {})  # which methods there are
        return response
    other = _other_spelling(request)
    if other is not None:
        return RedirectResponse(other)
    missing = RouteNotFound(f"Invalid URL ({request.method} {path})")
    return json_reply(reply.error_body(missing), 404)


def _other_spelling(request: Request) -> str | None:
    """Give the path with a slash at its end more or less, where that is a route; relative."""
    path = request.scope["path"]
    bare = path.rstrip("/")
    routes = request.app.router.routes
    if any(route.matches(request.scope)[0] is Match.FULL for route in routes):
        return None  # a route that has no such thing, as that of the page's files
    scope = {**request.scope, "path": bare if bare != path else f"{path}/"}
    if not bare or all(route.matches(scope)[0] is Match.NONE for route in routes):
        return None
    sent = request.url
    spelled = sent.path.rstrip("/") if bare != path else f"{sent.path}/"
    return f"{spelled}?{sent.query}" if sent.query else spelled


async def _gone(request: Request, error: Exception) -> Response:
    return Response(status_code=499)  # nobody reads it; the log line does


async def _fail(request: Request, error: Exception) -> Response:
    # The last resort. The trace goes to the log, a constant sentence to the client.
    failure = SightlineError(
        "The server had an error while processing your request. Sorry about that!"
    )
    return json_reply(reply.error_body(failure), 500)

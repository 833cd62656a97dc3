"""The ASGI application: routes, the error envelope, request ids.

Starlette does the routing; each endpoint raises `SightlineError`s, and here alone they become
OpenAI's envelope. Nothing but sizes, times and ids is logged.
"""

from __future__ import annotations

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

from sightline import allocator, telemetry
from sightline.api import reply
from sightline.errors import RouteNotFound, SightlineError, SlowRequest
from sightline.playground import page
from sightline.server.admission import Ticket
from sightline.server.auth import Auth
from sightline.server.endpoints import Endpoints
from sightline.server.guard import PROBES, Guard, Names, outside
from sightline.server.lifecycle import finish
from sightline.server.metrics import Metrics
from sightline.server.stream import json_reply
from sightline.server.traces import SpanRecord, Traces, content
from sightline.settings import Settings

log = logging.getLogger("sightline.server")


def make_app(settings: Settings) -> Starlette:
    """Make the application. Raises `SightlineError` for an engine that cannot work as it is set."""
    allocator.settle()
    metrics, gate = Metrics(), Auth(settings)
    endpoints = Endpoints(settings, metrics)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        with telemetry.listening(metrics):
            async with endpoints.working(with_ids(app, metrics)):
                yield

    private = [Route("/metrics", metrics.page, methods=["GET"])]
    public = [Route(row.path, row.answer, methods=[row.method]) for row in endpoints.public()]
    guarded = endpoints.guarded()
    forms = {row.path for row in guarded if row.form}
    made = Starlette(
        routes=[
            *(Route(row.path, gate(row.answer), methods=[row.method]) for row in guarded),
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
    made.state.lifecycle = endpoints.admission.lifecycle
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

"""The tools over streamable HTTP: one route, behind the guard and the keys of the server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sightline.api import reply
from sightline.errors import RequestTooLarge, RouteNotFound, SightlineError, SlowRequest
from sightline.mcp.service import Service
from sightline.server.auth import Auth
from sightline.server.guard import outside
from sightline.server.lifecycle import Held, finish
from sightline.server.stream import json_reply
from sightline.settings import Settings

PATH = "/mcp"
_SESSIONS = 1000


def make_app(service: Service, settings: Settings) -> Starlette:
    """Make the application. Its tools are at `PATH`, and there is nothing else."""
    manager = StreamableHTTPSessionManager(
        service.server,
        max_request_body_size=settings.max_request_bytes,
        max_sessions=_SESSIONS,
    )

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with manager.run():
            yield

    return Starlette(
        routes=[Route(PATH, _Endpoint(manager.handle_request, settings))],
        exception_handlers={HTTPException: _no_route},
        # Of the SDK's own checks of Host and Origin none is used: the guard's are the server's.
        middleware=outside(settings, ["mcp-session-id"]),
        lifespan=lifespan,
    )


class _Endpoint:
    """Admits a request by its key, and bounds what is held of its body and for how long."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._settings = app, settings
        self._gate = Auth(settings)
        self._held = Held(settings.max_held_bytes, settings.max_request_held_bytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = False

        async def noted(message: Message) -> None:
            nonlocal began
            began = True
            await send(message)

        try:
            await self._admit(scope)
            await self._app(scope, self._bounded(scope, receive), noted)
        except SightlineError as error:
            if began:
                raise
            await json_reply(reply.error_body(error), error.status)(scope, receive, send)
        finally:
            await finish(scope)

    async def _admit(self, scope: Scope) -> None:
        """See that the request may come in. Raises `SightlineError`."""
        headers = Headers(scope=scope)
        declared = headers.get("content-length", "")
        if declared.isdecimal() and int(declared[:20]) > self._settings.max_request_bytes:
            raise RequestTooLarge(
                "The request is too large.",
                hint="Name large pictures by a path or a URL.",
            )
        key = await self._gate.admit(headers)
        Request(scope).state.key = key
        if key is not None:
            # A session is that key's alone which began it; the key itself goes no further.
            token = AccessToken(token="", client_id=key.id, scopes=[])
            scope["user"] = AuthenticatedUser(token)

    def _bounded(self, scope: Scope, receive: Receive) -> Receive:
        hold = self._held.of(Request(scope))
        whole = False

        async def received() -> Message:
            nonlocal whole
            if whole:
                return await receive()
            try:
                async with asyncio.timeout(self._settings.body_timeout_s):
                    message = await receive()
            except TimeoutError:
                raise SlowRequest("The body of the request did not come in time.") from None
            hold(len(message.get("body", b"")))
            whole = not message.get("more_body", False)
            return message

        return received


async def _no_route(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    unknown = RouteNotFound("There is nothing here.", hint=f"The tools are at {PATH}.")
    return json_reply(reply.error_body(unknown), status)

"""Replies that come piece by piece, and work that ends when its client goes away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from contextlib import aclosing
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from sightline.errors import EngineError, SightlineError
from sightline.wire import reply

log = logging.getLogger("sightline.server")
T = TypeVar("T")


class Stream(Response):
    """Sends pieces as they come, and stops when the client goes.

    Of server-sent events a comment is sent after each silence, and an error is one of them. Of
    anything else an error breaks the connection off, so that nobody takes a part for the whole.
    """

    def __init__(
        self,
        pieces: AsyncGenerator[bytes],
        media_type: str,
        *,
        keep_alive_s: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._is_events = media_type == "text/event-stream"
        kept = {"cache-control": "no-cache, must-revalidate"} if self._is_events else {}
        super().__init__(
            media_type=media_type,
            headers={**kept, "x-accel-buffering": "no", **(headers or {})},
        )
        if not headers or "content-length" not in headers:
            del self.headers["content-length"]
        self._pieces = pieces
        self._keep_alive_s = keep_alive_s
        self.on_close: Callable[[], None] = lambda: None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the stream; return early, with its work cancelled, when the client goes away."""
        sending = asyncio.ensure_future(self._send(send))
        leaving = asyncio.ensure_future(disconnected(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            sending.cancel()
            ended, _ = await asyncio.gather(sending, leaving, return_exceptions=True)
            self.on_close()
        if isinstance(ended, _BrokenOff):
            raise ended

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        queue: asyncio.Queue[bytes | SightlineError | None] = asyncio.Queue(maxsize=64)
        making = asyncio.ensure_future(self._make(queue))
        try:
            while True:
                try:
                    async with asyncio.timeout(self._keep_alive_s):
                        block = await queue.get()
                except TimeoutError:
                    block = reply.KEEP_ALIVE
                if block is None:
                    break
                if isinstance(block, SightlineError):
                    if not self._is_events:
                        raise _BrokenOff
                    block = reply.event(reply.error_body(block))
                await send({"type": "http.response.body", "body": block, "more_body": True})
        finally:
            making.cancel()
            await asyncio.gather(making, return_exceptions=True)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _make(self, queue: asyncio.Queue[bytes | SightlineError | None]) -> None:
        try:
            async with aclosing(self._pieces):
                async for piece in self._pieces:
                    await queue.put(piece)
        except SightlineError as error:
            await queue.put(error)
        except Exception:  # the last resort of a stream that has begun
            log.exception("a stream failed")
            await queue.put(EngineError("The server had an error while processing your request."))
        await queue.put(None)


class _BrokenOff(Exception):
    """A reply that cannot be finished; the server closes the connection on it."""


async def disconnected(receive: Receive) -> None:
    """Wait until the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def while_connected(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Run `work`, cancelling it when the client goes away (then `ClientDisconnect` is raised)."""
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(disconnected(request.receive))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientDisconnect
        return working.result()
    finally:
        leaving.cancel()
        working.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)

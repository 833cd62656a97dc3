"""Replies that come piece by piece, and work that ends when its client goes away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Coroutine, Mapping
from contextlib import aclosing
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from sightline.api import reply
from sightline.errors import DeadlinePassed, EngineBusy, EngineError, SightlineError
from sightline.server.lifecycle import Lifecycle
from sightline.workers import cancel

log = logging.getLogger("sightline.server")
T = TypeVar("T")
EVENTS = "text/event-stream"


def json_reply(
    body: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Make a whole reply of JSON."""
    return Response(reply.encode(body), status, headers, "application/json")


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
        self._is_events = media_type == EVENTS
        kept = {"cache-control": "no-cache, must-revalidate"} if self._is_events else {}
        super().__init__(
            media_type=media_type,
            headers={**kept, "x-accel-buffering": "no", **(headers or {})},
        )
        if not headers or "content-length" not in headers:
            del self.headers["content-length"]
        self._pieces = pieces
        self._keep_alive_s = keep_alive_s
        self.ending: asyncio.Event | None = None  # set once nothing may go on
        self.write_s: float | None = None  # how long a client may take to read

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the stream; return early, with its work cancelled, when the client goes away."""
        sending = asyncio.ensure_future(self._send(_timed(send, self.write_s)))
        leaving = asyncio.ensure_future(disconnected(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ended, _ = await cancel(sending, leaving)
        if isinstance(ended, _BrokenOff):
            raise ended

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        queue: asyncio.Queue[bytes | SightlineError | None] = asyncio.Queue(maxsize=64)
        making = asyncio.ensure_future(self._make(queue))
        stopping = asyncio.ensure_future(self._stop(queue, making))
        try:
            ended = False
            while not ended:
                if queue.empty():
                    try:
                        async with asyncio.timeout(self._keep_alive_s):
                            blocks = [await queue.get()]
                    except TimeoutError:
                        blocks = [reply.KEEP_ALIVE]
                else:
                    blocks = [queue.get_nowait()]
                # What has come meanwhile goes out together: under load that is most of it.
                while not queue.empty():
                    blocks.append(queue.get_nowait())
                data = b""
                for block in blocks:
                    if isinstance(block, SightlineError):
                        if not self._is_events:
                            raise _BrokenOff
                        data += reply.event(reply.error_body(block))
                    elif block is None:
                        ended = True
                        break
                    else:
                        data += block
                if data:
                    await send({"type": "http.response.body", "body": data, "more_body": True})
        finally:
            await cancel(making, stopping)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _stop(
        self, queue: asyncio.Queue[bytes | SightlineError | None], making: asyncio.Task[None]
    ) -> None:
        """End the stream with an error once the server ends."""
        if self.ending is None:
            return
        await self.ending.wait()
        await cancel(making)
        await queue.put(_shut())
        await queue.put(None)

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


def _shut() -> EngineBusy:
    return EngineBusy("The server is shutting down.", hint="Ask another, or again shortly.")


def _timed(send: Send, seconds: float | None) -> Send:
    """Give up on a client that does not read."""

    async def timed(message: Message) -> None:
        async with asyncio.timeout(seconds):
            await send(message)

    return send if seconds is None else timed


class _BrokenOff(Exception):
    """A reply that cannot be finished; the server closes the connection on it."""


async def disconnected(receive: Receive) -> None:
    """Wait until the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def while_connected(
    request: Request, work: Coroutine[Any, Any, T], *, until: float | None = None
) -> T:
    """Run `work`, cancelling it when the client goes away (then `ClientDisconnect` is raised).

    `until` is the time of the event loop at which the client stops waiting. Raises
    `DeadlinePassed` then, and `EngineBusy` where the server ends meanwhile.
    """
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(disconnected(request.receive))
    ending = asyncio.ensure_future(_ending(request).wait())
    left = None if until is None else max(0.0, until - asyncio.get_running_loop().time())
    try:
        await asyncio.wait(
            {working, leaving, ending}, timeout=left, return_when=asyncio.FIRST_COMPLETED
        )
        if working.done():
            return working.result()
        if leaving.done():
            raise ClientDisconnect
        if ending.done():
            raise _shut()
        raise DeadlinePassed("There was no answer in the time that the client waits.")
    finally:
        await cancel(working, leaving, ending)


def _ending(request: Request) -> asyncio.Event:
    """Give the event of the server's end; one that never comes where there is none."""
    found = getattr(request.app.state, "lifecycle", None)
    return found.ending if isinstance(found, Lifecycle) else asyncio.Event()

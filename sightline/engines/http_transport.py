"""How other servers are spoken to: HTTP/1.1 on asyncio's own protocols, parsed by llhttp.

A transport for httpx2, in the place of its own, which parses in Python and looks through all of its
connections for each request: with a hundred streams at once that took half of a gateway's time.
Pieces of a body that have come together are given together.
"""

from __future__ import annotations

import asyncio
import select
import ssl
import sys
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from urllib.request import getproxies

import httptools
import httpx2

_KEEP_S = 5.0  # as httpx2 keeps connections that nobody uses
_MOST_KEPT = 256
_MOST_HEAD = 100 * 1024  # bytes of a reply's fields
_MOST_WAITING = 256 * 1024  # bytes of a body that nobody has taken; then reading pauses
_JOINED = 64 * 1024  # bytes of a body that are sent with the head
_WRITTEN = 256 * 1024  # bytes of a request that are handed to the socket at once
_EYEBALLS_S = 0.25  # until the next address is tried beside one that does not answer
_Origin = tuple[str, str, int]


def client(headers: Mapping[str, str]) -> httpx2.AsyncClient:
    """Make a client for servers behind, as many connections as there are requests.

    It goes through a proxy where the environment names one, by httpx2's own transport.
    """
    if getproxies().keys() & {"http", "https", "all"}:
        limits = httpx2.Limits(max_connections=None, max_keepalive_connections=_MOST_KEPT)
        return httpx2.AsyncClient(headers=headers, follow_redirects=False, limits=limits)
    return httpx2.AsyncClient(headers=headers, follow_redirects=False, transport=HttpTransport())


class HttpTransport(httpx2.AsyncBaseTransport):
    """Sends GET and POST whose body's length is known. Raises what httpx2's own transport does.

    With a `path` it speaks to the server on that Unix socket, by a connection for each request.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._kept: dict[_Origin, deque[_Connection]] = {}
        self._ssl: ssl.SSLContext | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request, and give its reply once its head has come."""
        if request.method not in ("GET", "POST") or "transfer-encoding" in request.headers:
            raise httpx2.LocalProtocolError("Only GET and POST of a known length are sent.")
        head, body = _head(request), await request.aread()
        limits = request.extensions.get("timeout", {})
        origin = request.url.scheme, request.url.host, request.url.port or _port(request.url.scheme)
        connection = self._take(origin)
        if connection is None:
            connection = await self._connected(origin, limits.get("connect"))
        try:
            await connection.send(head, body, limits.get("write"))
            await connection.head(limits.get("read"))
        except BaseException:
            connection.abort()
            raise
        return httpx2.Response(
            connection.status,
            headers=connection.fields,
            stream=_Body(self, origin, connection, limits.get("read")),
        )

    async def aclose(self) -> None:
        """Close the connections that nobody uses."""
        for kept in self._kept.values():
            for connection in kept:
                connection.abort()
        self._kept.clear()

    async def _connected(self, origin: _Origin, seconds: float | None) -> _Connection:
        scheme, host, port = origin
        secure = self._secure() if scheme == "https" else None
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(seconds):
                if self._path is not None:
                    made = loop.create_unix_connection(lambda: _Connection(loop), str(self._path))
                else:
                    made = loop.create_connection(
                        lambda: _Connection(loop), host, port,
                        ssl=secure, happy_eyeballs_delay=_EYEBALLS_S,
                    )  # fmt: skip
                _, connection = await made
        except TimeoutError as error:
            raise httpx2.ConnectTimeout(str(error)) from error
        except (OSError, UnicodeError) as error:
            raise httpx2.ConnectError(str(error)) from error
        return connection

    def _secure(self) -> ssl.SSLContext:
        """Load the certificates once they are needed."""
        if self._ssl is None:
            self._ssl = httpx2.create_ssl_context()
            self._ssl.set_alpn_protocols(["http/1.1"])
        return self._ssl

    def _take(self, origin: _Origin) -> _Connection | None:
        """Give the connection that was used last, if one can be used again."""
        kept = self._kept.get(origin)
        while kept:
            connection = kept.pop()
            if connection.is_usable():
                return connection
            connection.abort()
        return None

    def keep(self, origin: _Origin, connection: _Connection) -> None:
        """Keep a connection for the next request; close those that were not used for a while."""
        if self._path is not None:
            connection.abort()
            return
        kept = self._kept.setdefault(origin, deque())
        while kept and (len(kept) >= _MOST_KEPT or not kept[0].is_fresh()):
            kept.popleft().abort()
        connection.rest()
        kept.append(connection)


class _Body(httpx2.AsyncByteStream):
    """The body of a reply, as it comes."""

    def __init__(
        self, owner: HttpTransport, origin: _Origin, connection: _Connection, seconds: float | None
    ) -> None:
        self._owner, self._origin, self._seconds = owner, origin, seconds
        self._connection: _Connection | None = connection

    async def __aiter__(self) -> AsyncIterator[bytes]:
        connection = self._connection
        while connection is not None and (piece := await connection.piece(self._seconds)):
            yield piece

    async def aclose(self) -> None:
        """Hang up, or keep the connection where the reply was read to its end."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        if connection.is_reusable:
            self._owner.keep(self._origin, connection)
        else:
            connection.abort()


class _Connection(asyncio.Protocol):
    """One connection, and the reply that is read from it. The parser calls `on_…`."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._transport: asyncio.Transport
        self._drained: asyncio.Future[None] | None = None  # there while writing has to wait
        self._waiter: asyncio.Future[None] | None = None
        self._lost = self._resting = False
        self._rests_since = 0.0
        self._begin()

    def _begin(self) -> None:
        """Make ready for a reply."""
        self._parser = httptools.HttpResponseParser(self)
        self.status = 0
        self.fields: list[tuple[bytes, bytes]] = []
        self._size = 0  # bytes of the fields
        self._pieces: list[bytes] = []
        self._waiting = 0  # bytes of the pieces
        self._sent = self._headed = self._whole = self._more = False
        self._keeps = self._until_close = self._paused = False
        self._error: Exception | None = None

    # What the transport calls

    async def send(self, head: bytes, body: bytes, seconds: float | None) -> None:
        """Send a request. A server that hung up meanwhile may have said why before."""
        self._begin()
        self._resting = False
        if len(body) <= _JOINED:
            head, body = head + body, b""  # so that the other side wakes once
        self._transport.write(head)
        view = memoryview(body)
        for at in range(0, len(view), _WRITTEN):
            self._transport.write(view[at : at + _WRITTEN])
            if self._drained is not None:
                await self._until(self._drained, seconds, httpx2.WriteTimeout)
            if self._lost:
                return
        self._sent = True

    async def head(self, seconds: float | None) -> None:
        """Wait for the reply's head."""
        while not self._headed:
            if self._error is not None:
                raise self._error
            await self._wait(seconds)

    async def piece(self, seconds: float | None) -> bytes:
        """Give what has come of the body, at least a byte; none at its end."""
        while not self._pieces:
            if self._whole:
                return b""
            if self._error is not None:
                raise self._error
            await self._wait(seconds)
        data = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        self._pieces.clear()
        self._waiting = 0
        if self._paused and not self._lost:
            self._paused = False
            self._transport.resume_reading()
        return data

    @property
    def is_reusable(self) -> bool:
        """Whether another request can be sent: this one's reply is read, and nothing else came."""
        whole = self._sent and self._whole and self._keeps
        return whole and not (self._more or self._pieces or self._lost)

    def is_fresh(self) -> bool:
        """Say whether it was used not long ago."""
        return not self._lost and time.monotonic() - self._rests_since < _KEEP_S

    def is_usable(self) -> bool:
        """Say whether it still stands: what can be read at rest is the other side's farewell."""
        if not self.is_fresh() or self._transport.is_closing():
            return False
        return not _is_readable(self._transport.get_extra_info("socket").fileno())

    def rest(self) -> None:
        """Wait for the next request."""
        self._resting, self._rests_since = True, time.monotonic()

    def abort(self) -> None:
        """Close it at once."""
        self._transport.abort()

    # What asyncio calls

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if self._resting or self._error is not None:
            self.abort()
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._whole = self._more = True
        except httptools.HttpParserError:
            self._fail(httpx2.RemoteProtocolError("The reply is no HTTP."))
            return
        if self._waiting > _MOST_WAITING and not self._paused:
            self._paused = True
            self._transport.pause_reading()
        if self._pieces or self._whole or self._headed:
            self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost = True
        if self._headed and self._until_close and exc is None:
            self._whole = True
        if exc is not None:
            self._error = self._error or httpx2.ReadError(str(exc))
        self._error = self._error or httpx2.RemoteProtocolError("The server hung up.")
        self.resume_writing()
        self._wake()

    def pause_writing(self) -> None:
        self._drained = self._loop.create_future()

    def resume_writing(self) -> None:
        drained, self._drained = self._drained, None
        if drained is not None and not drained.done():
            drained.set_result(None)

    # What the parser calls

    def on_message_begin(self) -> None:
        self._more = self._whole  # of what nobody asked for

    def on_header(self, name: bytes, value: bytes) -> None:
        self._size += len(name) + len(value)
        if self._size > _MOST_HEAD:
            raise ValueError("the head is too long")
        if not self._headed:  # what follows a body is for nobody here
            self.fields.append((name, value))

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if 100 <= status < 200 and status != 101:
            self.fields = []
            return
        if self._more:
            return
        self.status, self._headed = status, True
        self._keeps = self._parser.should_keep_alive()
        names = {name.lower() for name, _ in self.fields}
        framed = names & {b"content-length", b"transfer-encoding"}
        self._until_close = not framed and status not in (101, 204, 304)

    def on_body(self, body: bytes) -> None:
        if not self._more:
            self._pieces.append(body)
            self._waiting += len(body)

    def on_message_complete(self) -> None:
        self._whole = self._headed  # not at the end of a head that only says to go on

    # How is waited

    async def _wait(self, seconds: float | None) -> None:
        self._waiter = self._loop.create_future()
        try:
            await self._until(self._waiter, seconds, httpx2.ReadTimeout)
        finally:
            self._waiter = None

    async def _until(
        self, future: asyncio.Future[None], seconds: float | None, late: type[Exception]
    ) -> None:
        """Wait for a future, so long at most. Raises `late`."""
        if seconds is None:
            await future
            return
        timer = self._loop.call_later(seconds, _set_late, future, late)
        try:
            await future
        finally:
            timer.cancel()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _fail(self, error: Exception) -> None:
        self._error = self._error or error
        self.abort()
        self._wake()


def _is_readable(descriptor: int) -> bool:
    """Say whether anything can be read from a socket."""
    if sys.platform == "win32":  # which has no poll, and lets select look at any number
        return bool(select.select([descriptor], [], [], 0)[0])
    polled = select.poll()
    polled.register(descriptor, select.POLLIN)
    return bool(polled.poll(0))


def _set_late(future: asyncio.Future[None], late: type[Exception]) -> None:
    if not future.done():
        future.set_exception(late("It took too long."))


def _port(scheme: str) -> int:
    """Give a scheme's port. Raises `UnsupportedProtocol`."""
    if scheme not in ("http", "https"):
        raise httpx2.UnsupportedProtocol("Only http and https are spoken.")
    return 443 if scheme == "https" else 80


def _head(request: httpx2.Request) -> bytes:
    """Write a request's head. Raises `LocalProtocolError` for what would end a line."""
    lines = [request.method.encode() + b" " + request.url.raw_path + b" HTTP/1.1"]
    lines += [name + b": " + value for name, value in request.headers.raw]
    if any(sign in line for line in lines for sign in (b"\r", b"\n", b"\0")):
        raise httpx2.LocalProtocolError("A field of the request has an end of line in it.")
    return b"\r\n".join(lines) + b"\r\n\r\n"

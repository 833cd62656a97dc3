"""HTTP over a Unix socket: a connection for each request, answers read by httptools' parser in C.

The client's own transport over the same socket takes half a millisecond longer for each request,
which is a quarter of what this server may add to llama.cpp's first token.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httptools
import httpx2

_READ_BYTES = _AT_ONCE_BYTES = _MOST_HEAD = 1 << 16


class SocketTransport(httpx2.AsyncBaseTransport):
    """Speaks to the server that listens at a path. Timeouts and errors are those of httpx2."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request, and give the reply as soon as its head is there."""
        waits = request.extensions.get("timeout", {})
        body = await request.aread()
        try:
            async with asyncio.timeout(waits.get("connect")):
                reader, writer = await asyncio.open_unix_connection(self._path)
        except TimeoutError:
            raise httpx2.ConnectTimeout("It does not listen.", request=request) from None
        except OSError:
            raise httpx2.ConnectError("It cannot be reached.", request=request) from None
        reply = _Reply(reader, writer, waits.get("read"))
        try:
            await reply.send((_head(request), body), waits.get("write"))
            await reply.begin()
        except BaseException:
            await reply.aclose()
            raise
        return httpx2.Response(reply.status, headers=reply.headers, stream=reply, request=request)


class _Reply(httpx2.AsyncByteStream):
    """A reply as it comes."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, silence_s: float | None
    ) -> None:
        self._reader, self._writer, self._silence_s = reader, writer, silence_s
        self._parser = httptools.HttpResponseParser(self)
        self._pieces: list[bytes] = []
        self._begun = self._done = False
        self.status = 0
        self._head_bytes = 0
        self.headers: list[tuple[bytes, bytes]] = []

    # What the parser calls.

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head_bytes += len(name) + len(value)
        if self._head_bytes > _MOST_HEAD:
            raise ValueError("its head is too large")
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        self.status, self._begun = self._parser.get_status_code(), True

    def on_body(self, piece: bytes) -> None:
        self._pieces.append(piece)

    def on_message_complete(self) -> None:
        self._done = True

    async def send(self, request: tuple[bytes, bytes], wait_s: float | None) -> None:
        """Send a head and a body."""
        if sum(map(len, request)) <= _AT_ONCE_BYTES:
            request = b"".join(request), b""  # so that the other side wakes once
        try:
            for part in request:
                self._writer.write(part)
            async with asyncio.timeout(wait_s):
                await self._writer.drain()
        except TimeoutError:
            raise httpx2.WriteTimeout("It does not read.") from None
        except OSError:
            raise httpx2.WriteError("It broke off.") from None

    async def begin(self) -> None:
        """Read the head."""
        while not self._begun:
            await self._more()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Give the body's pieces."""
        while True:
            if self._pieces:
                data = b"".join(self._pieces)
                self._pieces.clear()
                yield data
            elif self._done:
                return
            else:
                await self._more()

    async def _more(self) -> None:
        try:
            async with asyncio.timeout(self._silence_s):
                data = await self._reader.read(_READ_BYTES)
        except TimeoutError:
            raise httpx2.ReadTimeout("It fell silent.") from None
        except OSError:
            raise httpx2.ReadError("It broke off.") from None
        if not data:
            raise httpx2.RemoteProtocolError("It broke off.")
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            raise httpx2.RemoteProtocolError("It does not speak HTTP.") from None

    async def aclose(self) -> None:
        """Hang up, with what has not been sent yet."""
        self._writer.transport.abort()


def _head(request: httpx2.Request) -> bytes:
    line = b"%s %s HTTP/1.1" % (request.method.encode(), request.url.raw_path)
    fields = (b"%s: %s" % pair for pair in request.headers.raw)
    return b"\r\n".join((line, *fields, b"", b""))

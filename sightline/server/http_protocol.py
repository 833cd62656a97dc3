"""How HTTP is read from a socket: heads within bounds and in time, and HTTP/1.0 without chunks.

Everything here happens before a request reaches the application, so before any key is asked for.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from typing import Any

import httptools
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from sightline import telemetry
from sightline.api import reply
from sightline.errors import HeadersTooLarge, InvalidRequest, SightlineError

MAX_HEAD_BYTES = 64 * 1024  # request line and fields, trailers and the framing of chunks included
MAX_FIELDS = 100
_MAX_PIPELINED = 100
# What the framing of a chunked body may add for each byte of it: a chunk of one byte has five more.
_FRAMING = 16
_LINGER_S = 1.0
_LINGER_BYTES = 1024 * 1024
_KEEP_ALIVE_PROBES = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3}


def protocol(head_timeout_s: float) -> type[HttpToolsProtocol]:
    """Make the protocol for uvicorn; a head has to be there `head_timeout_s` after it may begin."""

    class Protocol(BoundedProtocol):
        timeout_s = head_timeout_s

    return Protocol


class BoundedProtocol(HttpToolsProtocol):
    """Bounds what uvicorn's protocol holds of a request before the application sees it.

    A head of more than 64 KiB or 100 fields gets 431 while it is read. So do fields that come after
    the body, chunks that are mostly framing, and requests that are sent ahead without end. What is
    refused behind requests that are still answered is refused after them, in order.
    """

    timeout_s = 30.0

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._watch: asyncio.TimerHandle | None = None
        self._refused: SightlineError | None = None
        self._discarded = 0
        # Of the message being read:
        self._reading = self._head_done = False
        self._head = self._fields = 0  # bytes and fields of the head that the parser has given out
        self._framing = self._body = 0  # bytes that are body, and those that are not
        # Of what was received last:
        self._begun = self._body_now = 0
        self._unanswered: deque[int] = deque()  # bytes of the heads of requests not yet answered

    # What asyncio calls

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first head, and find peers that vanish."""
        super().connection_made(transport)
        found = transport.get_extra_info("socket")
        if found is not None and found.family in (socket.AF_INET, socket.AF_INET6):
            found.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            for name, value in _KEEP_ALIVE_PROBES.items():
                if hasattr(socket, name):
                    found.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
        self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        """Parse what came, and count what of it is no body."""
        if self._refused is not None:
            self._discard(len(data))
            return
        self._unset_keepalive_if_required()
        reading, self._begun, self._body_now = self._reading, 0, 0
        try:
            self._feed(data)
        except httptools.HttpParserError as error:
            cause = error.__context__
            if not isinstance(cause, SightlineError):
                cause = InvalidRequest("Invalid HTTP request received.")
            self._refuse(cause)
            return
        if self._begun == (0 if reading else 1):
            # All of it was of one message, the one that is read or was read last. Where there
            # were several, none is larger than what is received at once.
            self._framing += len(data) - self._body_now
            if self._framing > MAX_HEAD_BYTES + _FRAMING * self._body:
                self._refuse(HeadersTooLarge())
                return
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_waiting()
        elif self._watch is None:
            # Not begun anew by what comes: a head that trickles has no longer than another.
            self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of everything."""
        self._stop_waiting()
        super().connection_lost(exc)

    # What the parser calls

    def on_message_begin(self) -> None:
        """Begin to count."""
        super().on_message_begin()
        self._reading, self._head_done = True, False
        self._head = self._fields = self._framing = self._body = 0
        self._begun += 1

    def on_url(self, url: bytes) -> None:
        """Take a part of the URL. Raises `HeadersTooLarge`."""
        self._head += len(url)
        if self._head > MAX_HEAD_BYTES:
            raise HeadersTooLarge
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a field. Raises `HeadersTooLarge`."""
        self._fields += 1
        self._head += len(name) + len(value) + 4
        if self._head > MAX_HEAD_BYTES or self._fields > MAX_FIELDS:
            raise HeadersTooLarge
        if not self._head_done:  # what follows a body is for nobody here
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Have the request answered. Raises `HeadersTooLarge` for too many sent ahead."""
        self._head_done = True
        if len(self._unanswered) >= _MAX_PIPELINED or (
            self._unanswered and sum(self._unanswered) + self._head > MAX_HEAD_BYTES
        ):
            self._head_done = False  # there is no cycle for it
            raise HeadersTooLarge
        if self.parser.should_upgrade() and any(
            name == b"transfer-encoding" or (name == b"content-length" and value != b"0")
            for name, value in self.headers
        ):
            # The parser would take the body for the next request.
            self._head_done = False
            raise InvalidRequest(
                "A request with a body cannot ask for another protocol.",
                hint="Speak HTTP/1.1 without Upgrade; in Java: HttpClient.Version.HTTP_1_1.",
            )
        if not self.url.startswith((b"/", b"*")):
            self._take_authority()
        self._unanswered.append(self._head)
        try:
            super().on_headers_complete()
        except BaseException:
            self._unanswered.pop()
            self._head_done = False
            raise

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        self._body_now += len(body)
        self._body += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End the message."""
        self._reading = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Go on with the next request, or refuse what came after the last."""
        self._unanswered.popleft()
        super().on_response_complete()
        if self._refused is not None and not self._unanswered and not self.transport.is_closing():
            self._unset_keepalive_if_required()
            self._answer(self._refused)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        if cycle.scope["http_version"] == "1.0":
            app = _without_chunks(cycle, app)
        super()._start_asgi_task(cycle, app)

    def _feed(self, data: bytes) -> None:
        """Parse. Raises `HttpParserError`.

        The parser stops where another protocol is asked for. None is spoken here, so that what
        follows is the next request.
        """
        rest: bytes | memoryview = data
        while rest:
            try:
                self.parser.feed_data(rest)
            except httptools.HttpParserUpgrade as stopped:
                rest = memoryview(rest)[stopped.args[0] :]
            else:
                return

    # How it is refused

    def _take_authority(self) -> None:
        """Take the host from a target in absolute form: it counts, the field does not."""
        places = [i for i, (name, _) in enumerate(self.headers) if name == b"host"]
        authority = self.url.partition(b"://")[2]
        for end in (b"/", b"?", b"#"):
            authority = authority.partition(end)[0]
        if len(places) == 1:
            self.headers[places[0]] = (b"host", authority)

    def _refuse(self, error: SightlineError) -> None:
        """Read no more, and refuse what is being read once what came before is answered."""
        self._refused = error
        self._stop_waiting()
        telemetry.count("rejected", reason="head" if error.status == 431 else "http")
        if not self._head_done:
            if not self._unanswered:
                self._answer(error)
            return
        # Its request is in: it is answered, is being answered, or waits behind others.
        cycle = self.cycle
        if cycle.response_complete:
            self._linger()
            return
        cycle.disconnected = True
        cycle.message_event.set()
        waits = [each for each in self.pipeline if each[0] is cycle]
        for each in waits:
            self.pipeline.remove(each)
        self._unanswered.pop()
        if waits:
            return
        if cycle.response_started:
            self.transport.close()  # a part of an answer is not to be taken for the whole
        else:
            self._answer(error)

    def _answer(self, error: SightlineError) -> None:
        body = reply.encode(reply.error_body(error))
        fields = [
            *self.server_state.default_headers,
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        head = b"".join(b"%b: %b\r\n" % field for field in fields)
        self.transport.write(STATUS_LINE[error.status] + head + b"\r\n" + body)
        self._linger()

    def _linger(self) -> None:
        """Close, but not before the client had a chance to read why.

        A socket that is closed with something unread resets the connection, and many a client
        then loses what it was sent.
        """
        if not self.transport.can_write_eof():
            self.transport.close()
            return
        self.transport.write_eof()
        self.flow.resume_reading()
        self._watch = self.loop.call_later(_LINGER_S, self.transport.close)

    def _discard(self, size: int) -> None:
        self._discarded += size
        if self._discarded > _LINGER_BYTES:
            self.transport.close()

    # How long it may take

    def _wait_for_head(self) -> None:
        self._watch = self.loop.call_later(self.timeout_s, self._too_late)

    def _stop_waiting(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    def _too_late(self) -> None:
        self._watch = None
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()


def _without_chunks(cycle: RequestResponseCycle, app: ASGIApp) -> ASGIApp:
    """Have an answer of no known length end with its connection: HTTP/1.0 knows no chunks."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        until_closed = False

        async def sent(message: Message) -> None:
            nonlocal until_closed
            if message["type"] == "http.response.start":
                names = {name.lower() for name, _ in message.get("headers", ())}
                until_closed = b"content-length" not in names
                if until_closed:
                    cycle.chunked_encoding = False
            elif until_closed:
                cycle.expected_content_length = len(message.get("body", b""))
            await send(message)

        await app(scope, receive, sent)

    return wrapped

"""How other servers are spoken to, against servers that say just what is written here."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, ParamSpec

import httpx2
import pytest

from sightline.engines import http_transport
from tests.waiting import PATIENCE_S, free_port

P = ParamSpec("P")
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
_WHOLE = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"


def running(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Run a test in a loop of its own."""

    @functools.wraps(test)
    def run(*args: P.args, **named: P.kwargs) -> None:
        asyncio.run(test(*args, **named))

    return run


class Server:
    """One that says the same to each request, and counts connections and what it was sent."""

    def __init__(self, said: bytes, *, ends: bool = False, talk: Talk | None = None) -> None:
        self._said, self._ends, self._talk = said, ends, talk
        self.connections = 0
        self.requests: list[bytes] = []
        self.gone = asyncio.Event()
        self.url = ""

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = head.lower().partition(b"content-length: ")[2].partition(b"\r")[0]
                self.requests.append(head + await reader.readexactly(int(length or 0)))
                if self._talk is not None:
                    await self._talk(reader, writer)
                else:
                    writer.write(self._said)
                if self._ends:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.gone.set()
            writer.close()


@asynccontextmanager
async def served(
    said: bytes = _WHOLE, *, ends: bool = False, talk: Talk | None = None
) -> AsyncIterator[tuple[Server, httpx2.AsyncClient]]:
    made = Server(said, ends=ends, talk=talk)
    server = await asyncio.start_server(made.handle, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with httpx2.AsyncClient(
        base_url=made.url, transport=http_transport.HttpTransport(), timeout=PATIENCE_S
    ) as client:
        try:
            yield made, client
        finally:
            server.close()


@running
async def test_a_connection_is_used_again_for_the_next_request() -> None:
    async with served() as (server, client):
        for body in (b"one", b"two" * 100_000, b""):
            reply = await client.post("/v1/x?y=1", content=body)
            assert (reply.status_code, reply.text) == (200, "hello")
            assert server.requests[-1].startswith(b"POST /v1/x?y=1 HTTP/1.1\r\n")
            assert server.requests[-1].endswith(b"\r\n\r\n" + body)
        assert (await client.get("/")).text == "hello"
    assert server.connections == 1


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nz: a\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nlink: <a>\r\n\r\n" + _WHOLE,
    ],
    ids=["chunks", "heads that only say to go on"],
)
@running
async def test_replies_are_read_however_they_are_framed(said: bytes) -> None:
    async with served(said) as (server, client):
        for _ in range(2):
            reply = await client.post("/", content=b"x")
            assert (reply.status_code, reply.text) == (200, "hello")
            assert "link" not in reply.headers
            assert "z" not in reply.headers
    assert server.connections == 1


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\n\r\nhello",
        b"HTTP/1.0 200 OK\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 5\r\n\r\nhello",
    ],
)
@running
async def test_a_reply_may_end_with_its_connection(said: bytes) -> None:
    async with served(said, ends=True) as (server, client):
        for _ in range(2):
            assert (await client.post("/", content=b"x")).text == "hello"
    assert server.connections == 2


@running
async def test_what_was_closed_at_rest_is_not_used_again() -> None:
    async with served(_WHOLE, ends=True) as (server, client):
        for _ in range(3):  # it closes without saying that it will
            assert (await client.get("/")).text == "hello"
            await server.gone.wait()
            server.gone.clear()
        assert server.connections == 3


@running
async def test_a_connection_on_which_more_was_said_is_not_used_again() -> None:
    async with served(_WHOLE + _WHOLE) as (server, client):
        for _ in range(3):
            assert (await client.get("/")).text == "hello"
        assert server.connections == 3


@pytest.mark.parametrize(
    ("said", "raised"),
    [
        (b"", httpx2.RemoteProtocolError),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhello", httpx2.RemoteProtocolError),
        (
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhe\r\n",
            httpx2.RemoteProtocolError,
        ),
        (b"SSH-2.0-OpenSSH_9\r\n", httpx2.RemoteProtocolError),
        (b"HTTP/1.1 200 OK\r\nx: " + b"y" * 200_000 + b"\r\n\r\n", httpx2.RemoteProtocolError),
    ],
    ids=["nothing", "cut off", "cut off between chunks", "another protocol", "a head without end"],
)
@running
async def test_what_is_no_whole_reply_raises(said: bytes, raised: type[Exception]) -> None:
    async with served(said, ends=True) as (_, client):
        with pytest.raises(raised):
            await client.post("/", content=b"x")


@running
async def test_a_body_comes_as_it_is_sent_and_whoever_hangs_up_ends_it() -> None:
    more = asyncio.Event()

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhe\r\n")
        await more.wait()
        writer.write(b"3\r\nllo\r\n")

    async with served(talk=talk) as (server, client):
        async with client.stream("POST", "/", content=b"x") as reply:
            pieces = aiter(reply.aiter_bytes())
            assert await anext(pieces) == b"he"
            more.set()
            assert await anext(pieces) == b"llo"
        await server.gone.wait()


@running
async def test_a_body_of_many_megabytes_waits_for_who_reads_it() -> None:
    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 8000000\r\n\r\n")
        for _turn in range(80):
            writer.write(b"x" * 100_000)
            await writer.drain()

    async with (
        served(talk=talk) as (_, client),
        client.stream("POST", "/", content=b"y" * 3_000_000) as reply,
    ):
        pieces = [len(piece) async for piece in reply.aiter_bytes()]
    assert sum(pieces) == 8_000_000
    assert max(pieces) < 2_000_000


@running
async def test_there_are_as_many_connections_as_requests() -> None:
    """What is waited for by one may be what another brings about."""
    most, waiting = 128, asyncio.Event()
    asked = 0

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        if asked == most:
            waiting.set()
        await waiting.wait()
        writer.write(_WHOLE)

    async with served(talk=talk) as (server, client):
        replies = await asyncio.gather(*(client.get("/") for _ in range(most)))
        assert {reply.text for reply in replies} == {"hello"}
        assert (await client.get("/")).text == "hello"
    assert server.connections == most


@running
async def test_silence_ends_in_a_timeout() -> None:
    async def talk(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async with served(talk=talk) as (server, client):
        with pytest.raises(httpx2.ReadTimeout):
            await client.post("/", content=b"x", timeout=0.05)
        await server.gone.wait()


@running
async def test_what_cannot_be_sent_raises() -> None:
    async with served() as (server, client):
        with pytest.raises(httpx2.UnsupportedProtocol):
            await client.get("ftp://127.0.0.1/")
        for headers in ({"x": "a\r\nb: c"}, {"x": "a\nb"}):
            with pytest.raises(httpx2.LocalProtocolError):
                await client.get("/", headers=headers)
        with pytest.raises(httpx2.LocalProtocolError):
            await client.head("/")
        assert not server.requests


@running
async def test_a_server_that_does_not_listen_raises() -> None:
    async with httpx2.AsyncClient(transport=http_transport.HttpTransport()) as client:
        with free_port() as port, pytest.raises(httpx2.ConnectError):
            await client.get(f"http://127.0.0.1:{port}/")


@running
async def test_a_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with served() as (server, _):
        monkeypatch.setenv("http_proxy", server.url)
        async with http_transport.client({"authorization": "Bearer k"}) as client:
            assert (await client.get("http://there.invalid/x")).text == "hello"
        assert server.requests[0].startswith(b"GET http://there.invalid/x HTTP/1.1\r\n")
        assert b"Bearer k" in server.requests[0]

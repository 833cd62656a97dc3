"""The SDK's own client for tests that are no coroutines, and servers for it to speak to."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Coroutine, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any, TypeVar
from unittest.mock import patch

import mcp_types
import uvicorn
from mcp import Client, StdioServerParameters
from sse_starlette.sse import AppStatus

from sightline.cli import mcp
from tests.conftest import end
from tests.decoders import keeping
from tests.serving import Server
from tests.waiting import PATIENCE_S

# A process has one server, it thinks, whose end is that of all streams. Here it has many.
if AppStatus.original_handler is not None:
    uvicorn.Server.handle_exit = AppStatus.original_handler  # type: ignore[method-assign]
AppStatus.should_exit = False

T = TypeVar("T")
COMMAND = ["-m", "sightline.cli.main", "mcp"]
ONCE = ["-m", "tests.perceived", "mcp"]  # the same, which measures a picture once


@dataclass
class Door:
    """A client that is connected, on an event loop of its own."""

    client: Client
    loop: asyncio.AbstractEventLoop
    steps: list[tuple[float, float | None, str | None]] = field(default_factory=list)

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something with the client."""
        return self.begin(work).result(PATIENCE_S)

    def begin(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Begin something, which can be cancelled."""
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def calling(self, tool: str, **arguments: Any) -> Future[Any]:
        """Begin a call of a tool, whose progress is noted in `steps`."""

        async def step(progress: float, total: float | None, message: str | None) -> None:
            self.steps.append((progress, total, message))

        return self.begin(self.client.call_tool(tool, arguments, progress_callback=step))

    def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Call a tool; give what it told as JSON."""
        made = self.calling(tool, **arguments).result(PATIENCE_S)
        assert isinstance(made, mcp_types.CallToolResult)
        assert not made.is_error, said(made)
        told: dict[str, Any] = made.structured_content
        return told

    def failing(self, tool: str, **arguments: Any) -> str:
        """Call a tool that fails; give the line that it told."""
        made = self.calling(tool, **arguments).result(PATIENCE_S)
        assert made.is_error
        assert made.structured_content is None
        return said(made)


def said(made: mcp_types.CallToolResult) -> str:
    """Give a result's text."""
    [block] = made.content
    assert isinstance(block, mcp_types.TextContent)
    return block.text


@contextmanager
def connected(server: StdioServerParameters | str, mode: str) -> Iterator[Door]:
    """Connect the SDK's client to a command or a URL."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    ready: Future[Client] = Future()
    leave = asyncio.Event()

    async def stay() -> None:
        # A client is closed by the task that opened it.
        async with Client(server, mode=mode) as client:
            ready.set_result(client)
            await leave.wait()

    staying = asyncio.run_coroutine_threadsafe(stay(), loop)

    def failed(done: Future[None]) -> None:
        if not ready.done():
            ready.set_exception(done.exception() or RuntimeError("the client has gone"))

    staying.add_done_callback(failed)
    try:
        yield Door(ready.result(PATIENCE_S), loop)
    finally:
        loop.call_soon_threadsafe(leave.set)
        try:
            staying.result(PATIENCE_S)
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()


@contextmanager
def served(*flags: str, command: Sequence[str] = COMMAND, **env: str) -> Iterator[tuple[str, int]]:
    """Serve the tools over HTTP on a free port; give the URL and the process's id."""
    process = subprocess.Popen(
        [sys.executable, *command, "--http", "--port", "0", "--json", *flags],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={**os.environ, **env},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["url"], process.pid
    finally:
        end(process)


_began: ContextVar[Future[tuple[uvicorn.Server, str]] | None] = ContextVar("began", default=None)


class _Server(uvicorn.Server):
    """Tells who started it in a thread that it listens, and where."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        if (began := _began.get()) is not None and sockets:
            began.set_result((self, f"http://127.0.0.1:{sockets[0].getsockname()[1]}/mcp"))


uvicorn.Server = _Server  # type: ignore[misc]


@contextmanager
def in_thread(*flags: str, **env: str) -> Iterator[str]:
    """Serve the tools over HTTP in a thread of this process, which starts sooner; give the URL."""
    options = mcp.parser().parse_args(["--http", "--port", "0", *flags])
    with patch.dict(os.environ, env):
        settings = mcp._settings(options)
    began: Future[tuple[uvicorn.Server, str]] = Future()

    def serve() -> None:
        _began.set(began)
        try:
            with keeping():
                asyncio.run(mcp._serve_http(options, settings))
        except BaseException as error:
            if began.done():
                raise
            began.set_exception(error)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield began.result(PATIENCE_S)[1]
    finally:
        if began.done() and began.exception() is None:
            began.result()[0].should_exit = True
        thread.join()


@contextmanager
def opened(how: str, *flags: str, command: Sequence[str] = COMMAND) -> Iterator[Door]:
    """Connect over "stdio" or "http", in an era of the protocol: "stdio legacy", "http auto".

    "thread auto" is HTTP to a thread of this process, in place of the command.
    """
    transport, _, mode = how.partition(" ")
    if transport == "thread":
        with in_thread(*flags) as url, connected(url, mode) as door:
            yield door
        return
    if transport == "http":
        with served(*flags, command=command) as (url, _), connected(url, mode) as door:
            yield door
        return
    # The SDK hands only a few variables on.
    server = StdioServerParameters(
        command=sys.executable, args=[*command, *flags], env=dict(os.environ)
    )
    with connected(server, mode) as door:
        yield door


@dataclass
class Holding:
    """An OpenAI-compatible server that never answers: who was let in, and who has gone."""

    url: str = ""
    asked: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    gone: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))


@contextmanager
def holding() -> Iterator[Holding]:
    """Serve one; a connection that its client closes counts as gone."""
    made = Holding()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"object": "list", "data": [{"id": "slow", "object": "model"}]})
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            made.asked.release()
            self.connection.settimeout(PATIENCE_S)
            self.close_connection = True
            if not self.rfile.read(1):
                made.gone.release()

        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    server = Server(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

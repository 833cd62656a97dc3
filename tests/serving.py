"""The servers of tests: the real one in a thread of this process, and what stand-ins are made of."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager, suppress
from http.server import ThreadingHTTPServer
from types import FrameType
from typing import Any

from sightline.cli import serve as command
from sightline.cli.use import with_used
from sightline.server import run
from sightline.settings import Settings, load
from tests import noting as noting  # has servers note what they are sent
from tests.decoders import keeping


class Server(ThreadingHTTPServer):
    """A server that takes it calmly when a client has gone, and tells of other errors in a line.

    A traceback would be written by a thread of its own, and Python 3.11 breaks off ("AST constructor
    recursion depth mismatch") where pytest writes another at that moment.
    """

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Tell of an error that a handler did not expect."""
        error = sys.exception()
        if not isinstance(error, ConnectionError):
            sys.stderr.write(f"{type(self).__name__} of a test: {error!r}\n")


@contextmanager
def in_thread(*flags: str) -> Iterator[str]:
    """Run the real server in a thread of this process; give its base URL.

    All that `sightline serve` does with these flags but what it does to its process: it sets up no
    logs and handles no signals. It takes a tenth of what a process takes. What it is sent is noted,
    so that its answers can be held to its document.
    """
    words = vars(command.parser().parse_args(["--port", "0", *flags]))
    if words["model"] is not None:
        words["model"] = ",".join(words["model"])
    settings = with_used(load(words, file=words["config"]), alone=False)
    with ExitStack() as stack:
        listening = stack.enter_context(command.listen_at(settings.host, settings.port))
        command.check_keys(settings)
        admin = None
        if settings.admin_port:
            admin = stack.enter_context(command.listen_at(settings.admin_host, settings.admin_port))
        sockets = run.Sockets(listening, admin)
        began: Future[_Server] = Future()
        thread = threading.Thread(target=_serve, args=(settings, sockets, began), name="server")
        thread.start()
        try:
            server = began.result()
            try:
                yield command.base_url(settings, listening)
            finally:
                server.end()
        finally:
            thread.join()


def _serve(settings: Settings, sockets: run.Sockets, began: Future[_Server]) -> None:
    """Serve; tell in `began` that it listens, or why it does not."""
    from sightline.server.app import make_app

    _here.began = began
    try:
        with keeping():
            asyncio.run(run._serve(make_app(settings), settings, sockets, lambda: None))
    except BaseException as error:
        if began.done():
            raise
        began.set_exception(error)


class _Here(threading.local):
    began: Future[_Server]


_here = _Here()


class _Server(run._UvicornServer):
    """Tells who started it that it listens, and is ended by that: no signal reaches a thread."""

    _woken: asyncio.Event

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        self._woken = asyncio.Event()
        await super().startup(sockets)
        if self.started:
            _here.began.set_result(self)

    async def main_loop(self) -> None:
        """Look as often as uvicorn does whether it is to end, and at once when it is.

        Hundreds of servers are ended in a run, of which each would wait for its next look.
        """
        counter = 0
        while not await self.on_tick(counter):
            counter += 1
            with suppress(TimeoutError):
                async with asyncio.timeout(0.1):
                    await self._woken.wait()
            self._woken.clear()

    def _drain(self, sig: int, frame: FrameType | None) -> None:
        super()._drain(sig, frame)
        delay = self._settings.drain_delay_s  # after which the line above has it end
        asyncio.get_running_loop().call_later(delay, self._woken.set)

    def end(self) -> None:
        """End it as an operator does."""
        self.handle_exit(signal.SIGTERM, None)


run._UvicornServer = _Server  # type: ignore[misc]

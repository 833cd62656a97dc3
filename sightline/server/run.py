"""Running the application on a socket, with uvicorn: one process or several, until a signal."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from types import FrameType
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from sightline import telemetry, temporary
from sightline.errors import SightlineError
from sightline.server.http_protocol import protocol
from sightline.server.lifecycle import Lifecycle
from sightline.server.supervisor import Processes
from sightline.settings import Settings

_SWITCH_S = 0.0005
_KEEP_ALIVE_S = 75
_GRACE_S = 5.0  # for streams to say that they end, after the time for requests is over


@dataclass(frozen=True, slots=True)
class Sockets:
    """What a server listens on; `admin` may be None."""

    main: socket.socket
    admin: socket.socket | None = None


def serve(settings: Settings, sockets: Sockets, on_ready: Callable[[], None]) -> None:
    """Serve on bound sockets until a signal ends it; `on_ready` is called once it listens."""
    if settings.workers == 1:
        with temporary.all_in_folder():
            _run(settings, sockets, on_ready)
        return
    # What each process counts is put together from files, by whichever is asked.
    with (
        temporary.all_in_folder(),
        tempfile.TemporaryDirectory(prefix="metrics-") as folder,
    ):
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        work = partial(_work, settings, sockets)
        Processes(work, settings.workers, partial(_forget, folder)).run(on_ready, _ending())


def _forget(folder: str, pid: int) -> None:
    """Drop what a process that has ended still waited for; what it has counted stays."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(pid, folder)  # type: ignore[no-untyped-call]


def _work(settings: Settings, sockets: Sockets, listens: Callable[[], None]) -> None:
    from sightline.server.logs import set_up

    set_up(settings)
    with temporary.all_in_folder():  # within the server's
        _run(settings, sockets, listens)


def _run(settings: Settings, sockets: Sockets, on_ready: Callable[[], None]) -> None:
    # Imported here: a process of several must know where its counts go before they are made.
    from sightline.server.app import make_app

    # The event loop's turn comes soon even while every worker computes (the default is 5 ms).
    sys.setswitchinterval(_SWITCH_S)
    asyncio.run(_serve(make_app(settings), settings, sockets, on_ready))


async def _serve(
    app: Starlette, settings: Settings, sockets: Sockets, on_ready: Callable[[], None]
) -> None:
    from sightline.server.app import with_ids
    from sightline.server.traces import Traces

    lifecycle: Lifecycle = app.state.lifecycle
    failed: list[SightlineError] = []
    traces = Traces(settings) if settings.otel else None

    def config(made: Any, **more: Any) -> uvicorn.Config:
        return uvicorn.Config(
            made,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            http=protocol(settings.body_timeout_s),
            ws="none",
            timeout_keep_alive=_KEEP_ALIVE_S,
            **more,
        )

    main = _UvicornServer(
        config(
            _noting(with_ids(app, app.state.metrics, traces), failed),
            timeout_graceful_shutdown=int(settings.drain_s + _GRACE_S) + 1,
            ssl_certfile=settings.tls_cert or None,
            ssl_keyfile=settings.tls_key or None,
        ),
        on_ready,
        lifecycle,
        settings,
    )
    async with AsyncExitStack() as stack:
        # Here, since the tasks that uvicorn starts, of connections too, are told what this one is.
        stack.enter_context(telemetry.listening(app.state.metrics))
        if traces is not None:
            stack.push_async_callback(asyncio.to_thread, traces.close)
        if sockets.admin is not None:
            admin = _Quiet(config(app.state.admin, lifespan="off"))
            task = asyncio.create_task(admin.serve([sockets.admin]))

            async def end() -> None:
                admin.should_exit = True
                await task

            stack.push_async_callback(end)
        await main.serve([sockets.main])
    if main.interrupted:
        raise KeyboardInterrupt
    if not main.started and not lifecycle.draining:
        raise (
            failed[0]
            if failed
            else SightlineError("The server cannot start.", hint="Its log says why.")
        )


def _noting(app: ASGIApp, failed: list[SightlineError]) -> ASGIApp:
    """Note why an application does not start: uvicorn itself only says so in its log."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await app(scope, receive, send)
        except SightlineError as error:
            if scope["type"] == "lifespan":
                failed.append(error)
            raise

    return wrapped


def _ending() -> tuple[signal.Signals, ...]:
    """Give the signals that end a server, but those that it was started to ignore.

    A shell has what runs in the background of a script ignore the interrupt of a terminal.
    """
    both = (signal.SIGINT, signal.SIGTERM)
    return tuple(each for each in both if signal.getsignal(each) is not signal.SIG_IGN)


class _Quiet(uvicorn.Server):
    """Leaves signals to the server beside it."""

    def capture_signals(self) -> Any:
        """Capture none."""
        return nullcontext()


class _UvicornServer(uvicorn.Server):
    """Tells when it listens, and drains before it ends."""

    def __init__(
        self,
        config: uvicorn.Config,
        on_ready: Callable[[], None],
        lifecycle: Lifecycle,
        settings: Settings,
    ) -> None:
        super().__init__(config)
        self._on_ready, self._lifecycle, self._settings = on_ready, lifecycle, settings
        self._loop: asyncio.AbstractEventLoop | None = None
        self.interrupted = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture those that end it, and not send them again: what is left is to be cleaned up."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {each: signal.signal(each, self.handle_exit) for each in _ending()}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Drain: no longer ready at once, closed to new requests after the delay, then ended.

        A second signal ends everything now.
        """
        if self._lifecycle.draining or self._loop is None:
            self._lifecycle.ending.set()
            super().handle_exit(sig, frame)
            return
        self._lifecycle.draining = True
        self.interrupted = sig == signal.SIGINT
        # A signal comes between two instructions, not in a turn of the loop.
        self._loop.call_soon_threadsafe(self._drain, sig, frame)

    def _drain(self, sig: int, frame: FrameType | None) -> None:
        loop = asyncio.get_running_loop()
        # An interrupt is a person's, who does not want to wait.
        patience = self._settings.drain_s if sig != signal.SIGINT else 0.0
        delay = self._settings.drain_delay_s if sig != signal.SIGINT else 0.0
        loop.call_later(delay, super().handle_exit, sig, frame)
        loop.call_later(delay + patience, self._lifecycle.ending.set)

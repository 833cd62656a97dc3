"""Child processes that run modules of ours: how they are started, spoken with and ended.

Each is told this process's number, with which it ends, and no keys; nothing is imported from the
current folder. What it may take and reach it gives up itself, before it reads (`media/confined`).
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

from sightline.errors import EngineBusy

# What one that reads what anybody may have made is told of its surroundings: how Python and its
# libraries find themselves, and how they are to share the processor. All else stays here.
_NAMES = frozenset(
    "PATH LD_LIBRARY_PATH HOME USERPROFILE APPDATA SYSTEMROOT WINDIR TMPDIR TEMP TMP TZ "
    "LANG".split()
)
_KINDS = ("PYTHON", "LC_", "DYLD_", "OMP_", "MKL_", "OPENBLAS_", "MALLOC_", "COVERAGE_")
# And one that watches a stream or the screen: where that is, and by which way it is reached.
_NAMED_FILES = ("XAUTHORITY", "SSL_CERT_FILE", "SSL_CERT_DIR")
_OUTWARD = frozenset(("DISPLAY", "http_proxy", "https_proxy", "no_proxy", *_NAMED_FILES))
_SECRET = re.compile(r"^SIGHTLINE_|(KEY|KEYS|TOKEN|SECRET|PASSWORD)$")
_WRITTEN_BYTES = 1 << 20  # at once


class Ended(Exception):
    """The process is gone, maybe in the middle of what it had to say."""


class Process:
    """A child process: lines of JSON and bytes go in and come out."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.pid = process.pid

    @classmethod
    async def start(
        cls,
        module: str,
        env: Mapping[str, str] | None = None,
        *,
        longest_line: int = 1 << 16,
        listened: bool = False,
    ) -> Process:
        """Start `python -m module`, in `environment()` or another.

        What it writes to stderr is thrown away, unless it is `listened` to. Raises `EngineBusy`.
        """
        try:
            process = await asyncio.create_subprocess_exec(
                *_command(module), stdin=PIPE, stdout=PIPE, stderr=PIPE if listened else DEVNULL,
                limit=longest_line, env=environment() if env is None else env,
            )  # fmt: skip
        except OSError:  # too many processes or open files, or no memory
            raise EngineBusy("No process can be started at the moment.") from None
        return cls(process)

    async def send(self, order: Mapping[str, Any], pieces: Iterable[bytes] = ()) -> None:
        """Write an order and the bytes that belong to it. Raises `Ended`."""
        assert self._process.stdin is not None  # noqa: S101 - a pipe was asked for
        try:
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            for piece in pieces:
                view = memoryview(piece)
                for at in range(0, len(view), _WRITTEN_BYTES):
                    self._process.stdin.write(view[at : at + _WRITTEN_BYTES])
                    await self._process.stdin.drain()
            await self._process.stdin.drain()
        except (ConnectionError, RuntimeError):
            raise Ended from None

    async def line(self) -> dict[str, Any]:
        """Read a line of JSON. Raises `Ended`, and `ValueError` where it is longer than may be."""
        assert self._process.stdout is not None  # noqa: S101 - a pipe was asked for
        if not (line := await self._process.stdout.readline()):
            raise Ended
        told: dict[str, Any] = json.loads(line)
        return told

    async def lines(self) -> AsyncIterator[dict[str, Any]]:
        """Give lines of JSON until it ends."""
        with suppress(Ended):
            while True:
                yield await self.line()

    async def read(self, count: int) -> bytes:
        """Read so many bytes. Raises `Ended`."""
        assert self._process.stdout is not None  # noqa: S101 - a pipe was asked for
        try:
            return await self._process.stdout.readexactly(count)
        except (asyncio.IncompleteReadError, ConnectionError):
            raise Ended from None

    async def complaints(self) -> AsyncIterator[bytes]:
        """Give the lines of its stderr, which is listened to."""
        assert self._process.stderr is not None  # noqa: S101 - it was asked for
        async for line in self._process.stderr:
            yield line

    async def wait(self) -> None:
        """Wait until it is gone."""
        await self._process.wait()

    def kill(self) -> None:
        """End it at once."""
        with suppress(ProcessLookupError):
            self._process.kill()

    async def end(self, grace_s: float = 0.0) -> None:
        """End it: by itself, where it does within `grace_s` of the end of its orders.

        Who is cancelled meanwhile, even once more, leaves nothing behind either.
        """
        try:
            if grace_s:
                await self._until_gone(grace_s)
        finally:
            self.kill()
        # What it had still to say is read: Python 3.11's `wait` waits until the pipes are empty.
        await asyncio.shield(self._process.communicate())

    async def _until_gone(self, grace_s: float) -> None:
        self.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(grace_s):
                await self._process.communicate()

    def close(self) -> None:
        """Tell it that no more orders come."""
        assert self._process.stdin is not None  # noqa: S101 - a pipe was asked for
        self._process.stdin.close()


@asynccontextmanager
async def running(
    module: str,
    order: Mapping[str, Any],
    pieces: Iterable[bytes] = (),
    *,
    longest_line: int = 1 << 16,
) -> AsyncIterator[Process]:
    """Start a process for one order, written while it is read; leaving the context ends it."""
    process = await Process.start(module, longest_line=longest_line)

    async def feed() -> None:
        with suppress(Ended):  # whoever reads from it is told
            await process.send(order, pieces)
            process.close()

    feeding = asyncio.create_task(feed())
    try:
        yield process
    finally:
        feeding.cancel()
        try:
            await asyncio.gather(feeding, return_exceptions=True)
        finally:
            await process.end()


def spawn(module: str, *words: str, pass_fds: tuple[int, ...] = ()) -> subprocess.Popen[bytes]:
    """Start `python -m module` for a thread that reads and writes pipes itself, unbuffered."""
    return subprocess.Popen(  # noqa: S603 - our own module
        _command(module, *words), stdin=PIPE, stdout=PIPE, stderr=DEVNULL, bufsize=0,
        pass_fds=pass_fds, env=environment(),
    )  # fmt: skip


def said(module: str, most_s: float, env: Mapping[str, str] | None = None) -> bytes:
    """Run `python -m module`, in `environment()` or another, and give all that it writes.

    Raises what `subprocess.run` raises.
    """
    return subprocess.run(  # noqa: S603 - our own module
        _command(module), stdin=DEVNULL, capture_output=True, timeout=most_s,
        env=environment() if env is None else env,
    ).stdout  # fmt: skip


def _command(module: str, *words: str) -> list[str]:
    return [sys.executable, "-P", "-m", module, str(os.getpid()), *words]


def environment(*, outward: bool = False) -> dict[str, str]:
    """Give the part of the environment for one that reads what anybody may have made.

    `outward` is for one that reaches beyond this machine's files.
    """
    names = _NAMES | _OUTWARD if outward else _NAMES
    kept = {k: v for k, v in os.environ.items() if k in names or k.startswith(_KINDS)}
    # It computes little; each thread that it does not start is memory that a film may take.
    return {"OPENBLAS_NUM_THREADS": "1", **kept}


def keyless() -> dict[str, str]:
    """Give the environment without keys, for one that drivers tell there what they need."""
    return {k: v for k, v in os.environ.items() if not _SECRET.search(k)}


def named_files() -> list[str]:
    """List the files that the environment names for one that reaches outward."""
    return [os.environ[name] for name in _NAMED_FILES if name in os.environ]

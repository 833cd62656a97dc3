"""One child process with a model in it: how it is started, watched and ended."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx2

from sightline import temporary
from sightline.engines.chat_client import ChatClient
from sightline.engines.llamacpp.transport import SocketTransport
from sightline.errors import EngineError

log = logging.getLogger("sightline.llamacpp")

# What a failed assertion looks like; no other line of the engine's is passed on, since its
# warnings quote what clients sent.
_ASSERTION = re.compile(rb"^[\w./\\:-]*:?\d*:? ?(GGML_ASSERT|GGML_ABORT)|^terminate called")
_FAREWELL_S = 3.0
_LONGEST_SOCKET = 104  # bytes of a path, on the system that takes least
# The engine's own words for why it cannot load, and ours.
_REASONS = (
    (r"unknown model architecture: '?([\w.-]{1,40})", "llama.cpp does not know its kind, {0}."),
    (r"unknown (vision )?projector", "llama.cpp does not know the kind of its vision half."),
    (r"mismatch between text model", "Its two halves do not belong together."),
    (r"unable to allocate|failed to allocate|out of memory|bad_alloc", "Memory is too little."),
    (r"corrupted|not within the file bounds|failed to read|invalid magic", "A file is damaged."),
)


class Child:
    """A running child; `exited` is set when it is gone, however it went."""

    def __init__(self, process: asyncio.subprocess.Process, path: Path) -> None:
        self._process = process
        self._path = path  # of its socket
        self._tasks: list[asyncio.Task[None]] = []
        self.exited = asyncio.Event()
        self.chat: ChatClient

    @classmethod
    async def start(
        cls, options: Mapping[str, Any], warm_up: list[Any], environment: Mapping[str, str]
    ) -> Child:
        """Start a child and wait until the model is loaded. Raises `EngineError`."""
        key = secrets.token_urlsafe(32)
        # The folder is this user's alone.
        path = await asyncio.to_thread(temporary.folder) / f"{secrets.token_hex(4)}.sock"
        on_socket = os.name == "posix" and len(os.fsencode(path)) < _LONGEST_SOCKET
        where = str(path) if on_socket else "127.0.0.1"
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "sightline.engines.llamacpp.child", str(os.getpid())),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=1 << 24,
        )
        child = cls(process, path)
        child._tasks = [asyncio.create_task(child._watch()), asyncio.create_task(child._listen())]
        order = {
            "options": {**options, "hostnames": [where], "api_keys": [key]},
            "warm_up": warm_up,
            "environment": dict(environment),
        }
        try:
            await child._send(order)
            said = await child._line()
            if "ready" not in said:
                log.debug("it could not load: %s", said.get("failed", "it ended"))
                raise EngineError(
                    _reason(str(said.get("failed", ""))),
                    hint="`sightline models FILE` tells what a file is.",
                )
        except BaseException:
            await child.stop()
            raise
        transport = (
            SocketTransport(Path(where))
            if on_socket
            else httpx2.AsyncHTTPTransport(limits=_NO_KEEPING)
        )
        base = "http://engine" if on_socket else str(said["ready"])
        client = httpx2.AsyncClient(
            transport=transport, headers={"authorization": f"Bearer {key}"}, trust_env=False
        )
        child.chat = ChatClient(client, base + "/v1", name="The engine")
        return child

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    async def stop(self) -> None:
        """End the process and take its socket away."""
        try:
            if self._process.returncode is None:
                if self._process.stdin is not None:
                    self._process.stdin.close()  # it ends by itself
                try:
                    async with asyncio.timeout(_FAREWELL_S):
                        await self.exited.wait()
                except TimeoutError:
                    self._process.kill()
            for task in self._tasks[1:]:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            if hasattr(self, "chat"):
                await self.chat.close()
        finally:  # whatever interrupts it
            self.kill()
            self._path.unlink(missing_ok=True)

    def kill(self) -> None:
        """End the process at once."""
        if self._process.returncode is None:
            self._process.kill()

    async def _watch(self) -> None:
        await self._process.wait()
        self.exited.set()

    async def _listen(self) -> None:
        assert self._process.stderr is not None  # noqa: S101 - it was asked for above
        async for line in self._process.stderr:
            if _ASSERTION.match(line):
                log.error("%s", line.decode("utf-8", "replace").strip()[:300])

    async def _send(self, message: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None  # noqa: S101 - it was asked for above
        try:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            await self._process.stdin.drain()
        except (ConnectionError, RuntimeError):
            raise EngineError("The engine stopped.") from None

    async def _line(self) -> dict[str, Any]:
        assert self._process.stdout is not None  # noqa: S101 - it was asked for above
        line = await self._process.stdout.readline()
        if not line:
            return {}
        said: dict[str, Any] = json.loads(line)
        return said


# llama.cpp closes connections that it has streamed over.
_NO_KEEPING = httpx2.Limits(max_connections=None, max_keepalive_connections=0)


def _reason(said: str) -> str:
    for pattern, message in _REASONS:
        found = re.search(pattern, said)
        if found:
            told = message.format(*(group or "" for group in found.groups()))
            return f"The model cannot be loaded. {told}"
    return "The model cannot be loaded."

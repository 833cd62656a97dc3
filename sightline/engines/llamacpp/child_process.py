"""One child process with a model in it: how it is started, watched and ended."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2

from sightline import temporary
from sightline.engines.http_transport import HttpTransport
from sightline.engines.upstream_client import ChatClient
from sightline.errors import EngineError
from sightline.processes import Ended, Process, keyless

log = logging.getLogger("sightline.llamacpp")

# What a failed assertion looks like; no other line of the engine's is passed on, since its
# warnings quote what clients sent.
_ASSERTION = re.compile(rb"^[\w./\\:-]*:?\d*:? ?(GGML_ASSERT|GGML_ABORT)|^terminate called")
_FAREWELL_S = 3.0
_LAST_MOMENT_S = 1.0
_LONGEST_SOCKET = 104  # bytes of a path, on the system that takes least
# The engine's own words for why it cannot load, and ours.
_REASONS = (
    (r"unknown model architecture: '?([\w.-]{1,40})", "llama.cpp does not know its kind, {0}."),
    (r"unknown (vision )?projector", "llama.cpp does not know the kind of its vision half."),
    (r"mismatch between text model", "Its two halves do not belong together."),
    (r"chat.template", "Its chat template fails."),
    (r"unable to allocate|failed to allocate|out of memory|bad_alloc", "Memory is too little."),
    (r"corrupted|not within the file bounds|failed to read|invalid magic", "A file is damaged."),
)


class Child:
    """A running child; `exited` is set when it is gone, however it went.

    It answers as a server of the API's form at `base_url`, over `http`, which knows the way to it
    and the key that it asks for.
    """

    def __init__(self, process: Process, path: Path) -> None:
        self._process = process
        self._path = path  # of its socket
        self.pid = process.pid
        self.exited = asyncio.Event()
        self._watching = asyncio.create_task(self._watch())
        self._listening = asyncio.create_task(self._listen())
        self.key = secrets.token_urlsafe(32)
        self.base_url = ""
        self.http: httpx2.AsyncClient
        self.chat: ChatClient

    @classmethod
    async def start(
        cls, options: Mapping[str, Any], warm_up: list[Any], environment: Mapping[str, str]
    ) -> Child:
        """Start a child and wait until the model is loaded. Raises `EngineError`."""
        # The folder is this user's alone.
        path = await asyncio.to_thread(temporary.folder) / f"{secrets.token_hex(4)}.sock"
        on_socket = os.name == "posix" and len(os.fsencode(path)) < _LONGEST_SOCKET
        where = str(path) if on_socket else "127.0.0.1"
        process = await Process.start(
            "sightline.engines.llamacpp.child", keyless(), longest_line=1 << 24, listened=True
        )
        child = cls(process, path)
        order = {
            "options": {**options, "hostnames": [where], "api_keys": [child.key]},
            "warm_up": warm_up,
            "environment": dict(environment),
        }
        try:
            said = await child._loaded(order)
        except BaseException:
            await child.stop()
            raise
        transport = (
            HttpTransport(Path(where))
            if on_socket
            else httpx2.AsyncHTTPTransport(limits=_NO_KEEPING)
        )
        child.base_url = ("http://engine" if on_socket else str(said["ready"])) + "/v1"
        child.http = httpx2.AsyncClient(
            transport=transport, headers={"authorization": f"Bearer {child.key}"}, trust_env=False
        )
        child.chat = ChatClient(child.http, child.base_url, name="The engine")
        return child

    async def _loaded(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """Give the order, and wait for what becomes of it. Raises `EngineError`."""
        try:
            await self._process.send(order)
        except Ended:
            raise EngineError("The engine stopped.") from None
        try:
            said = await self._process.line()
        except Ended:
            said = {}
        if "ready" not in said:
            log.debug("it could not load: %s", said.get("failed", "it ended"))
            raise EngineError(
                _reason(str(said.get("failed", ""))),
                hint="`sightline models FILE` tells what a file is.",
            )
        return said

    async def is_ending(self) -> bool:
        """Say whether it is gone, or goes within a moment: its connections break before it is."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_LAST_MOMENT_S):
                await self.exited.wait()
        return self.exited.is_set()

    async def stop(self) -> None:
        """End the process and take its socket away."""
        try:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
            await self._process.end(_FAREWELL_S)
            await self._watching
            if hasattr(self, "chat"):
                await self.chat.close()
        finally:  # whatever interrupts it
            self._process.kill()
            self._path.unlink(missing_ok=True)

    async def _watch(self) -> None:
        await self._process.wait()
        self.exited.set()

    async def _listen(self) -> None:
        async for line in self._process.complaints():
            if _ASSERTION.match(line):
                log.error("%s", line.decode("utf-8", "replace").strip()[:300])


# llama.cpp closes connections that it has streamed over.
_NO_KEEPING = httpx2.Limits(max_connections=None, max_keepalive_connections=0)


def _reason(said: str) -> str:
    for pattern, message in _REASONS:
        found = re.search(pattern, said)
        if found:
            told = message.format(*(group or "" for group in found.groups()))
            return f"The model cannot be loaded. {told}"
    return "The model cannot be loaded."

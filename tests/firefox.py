"""Firefox without a window, driven by WebDriver BiDi, which it speaks itself.

Playwright drives newer ones only. What it says is JSON over a WebSocket (RFC 6455), of which as
much is here as one client needs that is answered in whole messages.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.waiting import PATIENCE_S, until

PROGRAM = shutil.which("firefox-esr")
_SAYS = "WebDriver BiDi listening on "


class Firefox:
    """One page. `wrong` is what its scripts and its policy complained about."""

    def __init__(self, address: str) -> None:
        host, port = urlsplit(address).hostname or "", urlsplit(address).port or 0
        self._socket = socket.create_connection((host, port), PATIENCE_S)
        self._file = self._socket.makefile("rb")
        key = base64.b64encode(os.urandom(16)).decode()
        lines = (
            "GET /session HTTP/1.1", f"Host: {host}:{port}", "Upgrade: websocket",
            "Connection: Upgrade", f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13",
        )  # fmt: skip
        self._socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        assert b" 101 " in self._file.readline()
        while self._file.readline().strip():
            pass
        self._count = 0
        self.wrong: list[str] = []
        self.ask("session.new", capabilities={})
        self.ask("session.subscribe", events=["log.entryAdded"])
        self.context = self.ask("browsingContext.getTree")["contexts"][0]["context"]

    def ask(self, method: str, **params: object) -> Any:
        """Have something done; give what it gives."""
        self._count += 1
        said = json.dumps({"id": self._count, "method": method, "params": params}).encode()
        size = struct.pack("!BH", 0xFE, len(said)) if len(said) > 125 else bytes([0x80 + len(said)])
        # A client's frames are masked; a mask of zeros would leave them as they are, and is refused.
        self._socket.sendall(b"\x81" + size + b"\1" * 4 + bytes(byte ^ 1 for byte in said))
        while True:
            told = json.loads(self._message())
            if told.get("id") == self._count:
                assert told["type"] == "success", told
                return told["result"]
            entry = told.get("params", {})
            if entry.get("level") == "error" or "Policy" in str(entry.get("text")):
                self.wrong.append(str(entry.get("text")))

    def _message(self) -> bytes:
        whole, is_last = b"", False
        while not is_last:
            head, length = self._file.read(2)
            is_last = bool(head & 0x80)
            if length > 125:
                code, count = ("!H", 2) if length == 126 else ("!Q", 8)
                (length,) = struct.unpack(code, self._file.read(count))
            whole += self._file.read(length)
        return whole

    def open(self, url: str, width: int, height: int) -> None:
        """Go to a page, and have it so large."""
        size = {"width": width, "height": height}
        self.ask("browsingContext.setViewport", context=self.context, viewport=size)
        self.ask("browsingContext.navigate", context=self.context, url=url, wait="complete")

    def tell(self, script: str) -> Any:
        """Give what a script in the page gives."""
        told = self.ask(
            "script.evaluate",
            expression=f"(async () => JSON.stringify(await ({script})) ?? null)()",
            target={"context": self.context},
            awaitPromise=True,
        )
        assert told["type"] == "success", told
        return json.loads(told["result"].get("value", "null"))

    def close(self) -> None:
        """Leave it."""
        self._file.close()
        self._socket.close()


@contextmanager
def firefox(folder: Path) -> Iterator[Firefox]:
    """Start it with a new profile in a folder, and end it.

    What it complains of goes into a file: a pipe that nobody reads from would fill, and stop it.
    """
    assert PROGRAM is not None
    complaints = folder / "complaints"
    with complaints.open("wb") as told:
        process = subprocess.Popen(
            [PROGRAM, "--headless", "--no-remote", "--profile", str(folder),
             "--remote-debugging-port", "0"],
            stdout=subprocess.DEVNULL, stderr=told,
            env={**os.environ, "HOME": str(folder), "MOZ_DISABLE_CONTENT_SANDBOX": "1"},
        )  # fmt: skip

    def address() -> str:
        assert process.poll() is None, complaints.read_text()
        lines = complaints.read_text("utf-8", "replace").splitlines(keepends=True)
        said = (line for line in lines if line.startswith(_SAYS) and line.endswith("\n"))
        return next(said, "").removeprefix(_SAYS).strip()

    try:
        page = Firefox(until(address))
        try:
            yield page
        finally:
            page.close()
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE_S)
        finally:
            process.kill()
            process.wait()

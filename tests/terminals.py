"""Commands in a terminal of their own."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time

from tests.waiting import PATIENCE_S


class Terminal:
    """A terminal of 80 columns with a command in it."""

    def __init__(
        self,
        *words: str,
        kind: str = "xterm-256color",
        size: tuple[int, int] = (24, 80),
        **more: str,
    ) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.perceived", *words],
            stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ, "TERM": kind, **more},
        )  # fmt: skip
        os.close(theirs)
        self.shown = ""

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait(PATIENCE_S)
        os.close(self._ours)

    def read(self) -> bool:
        """Take what is shown next; say whether the command goes on."""
        if select.select([self._ours], [], [], 1)[0]:
            try:
                data = os.read(self._ours, 1 << 20)
            except OSError:  # its end
                return False
            self.shown += data.decode("utf-8", "replace")
            if "\x1b[6n" in self.shown:  # the terminal is asked where its cursor is
                self.shown = self.shown.replace("\x1b[6n", "")
                self.type("\x1b[1;1R")
        return True

    def until(self, words: str) -> None:
        end = time.monotonic() + PATIENCE_S
        while words not in self.shown:
            assert time.monotonic() < end, self.shown
            assert self.read(), self.shown

    def ended(self) -> str:
        """Give all that was shown."""
        end = time.monotonic() + PATIENCE_S
        while self.read():
            assert time.monotonic() < end, self.shown
        assert self.process.wait(PATIENCE_S) is not None
        return self.shown

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

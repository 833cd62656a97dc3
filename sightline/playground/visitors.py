"""Who is at the page: which files are theirs, and how much these may take of the disk.

A visitor is a browser (by a random cookie) together with the key that it sends, so that neither
another browser nor another key has a visitor's files. A session is one open tab of a visitor.
"""

from __future__ import annotations

import asyncio
import hmac
import os
import re
import secrets
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from sightline.errors import InvalidRequest, RateLimited, RequestTooLarge

KEPT_S = 1800.0
_NAMED = 32  # letters of a visitor's name
_LEAST = 256 << 10  # bytes that a file counts at least, so that the quota bounds their number too
_MOST_TABS, _MOST_OPEN = 32, 1024  # of one visitor, and of all
_FULL = "Close the page's other tabs and reload it, or wait half an hour."


class Visitors:
    """The files below one folder: each visitor has a folder of its own there.

    `most` bounds the bytes of all visitors together; one may hold half of them.
    """

    def __init__(self, folder: Path, most: int) -> None:
        self.root = Path(os.path.realpath(folder))
        self._most = most
        self._secret = secrets.token_bytes(32)
        self._coming: Counter[str] = Counter()  # bytes that are being uploaded
        self._ended = 0  # uploads so far: they count in `_coming` before, on the disk after
        self._tabs: Counter[str] = Counter()

    @property
    def share(self) -> int:
        """The most bytes that one visitor may hold."""
        return self._most // 2

    def named(self, cookie: str, key: str) -> str:
        """Name the visitor who sends a cookie and a key, as its header; the name tells neither."""
        told = f"{cookie}\n{key}".encode("utf-8", "replace")
        return hmac.new(self._secret, told, "sha256").hexdigest()[:_NAMED]

    @staticmethod
    def session(visitor: str, tab: str) -> str:
        """Name a visitor's tab for Gradio, so that nobody else's can be named."""
        return f"{visitor}-{tab}"

    def own(self, visitor: str, path: str) -> Path:
        """Check that a path is the plain path of a file of the visitor's. Raises `InvalidRequest`.

        Reads the disk.
        """
        try:
            real = Path(os.path.realpath(path, strict=True))
            if str(real) == path and self.root / visitor in real.parents and real.is_file():
                return real
        except (OSError, ValueError):
            pass
        raise InvalidRequest(
            "That file was not uploaded in this session.", hint="Reload the page, upload it again."
        )

    def made(self, session: str | None) -> Path:
        """Make a folder for files that are made for a session. Raises `RateLimited`, `OSError`.

        Reads the disk.
        """
        visitor = (session or "").partition("-")[0]
        if not re.fullmatch(rf"[0-9a-f]{{{_NAMED}}}", visitor):
            raise InvalidRequest("There is no session.", hint="Reload the page.")
        self._check(visitor, 0, *self._used(visitor))
        (self.root / visitor).mkdir(mode=0o700, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix="made-", dir=self.root / visitor))

    @asynccontextmanager
    async def reserved(self, visitor: str, size: int) -> AsyncGenerator[None]:
        """Reserve the bytes of an upload. Raises `RequestTooLarge` and `RateLimited`."""
        while True:
            ended = self._ended
            used = await asyncio.to_thread(self._used, visitor)
            if ended == self._ended:  # none went from memory to disk meanwhile
                break
        size = max(size, _LEAST)
        self._check(visitor, size, *used)
        self._coming[visitor] += size
        try:
            yield
        finally:
            self._ended += 1
            self._coming[visitor] -= size
            if not self._coming[visitor]:
                del self._coming[visitor]

    def come(self, visitor: str) -> None:
        """Note a tab that is opened. Raises `RateLimited`."""
        if self._tabs[visitor] >= _MOST_TABS or self._tabs.total() >= _MOST_OPEN:
            raise RateLimited("Too many pages are open.", kind="requests", retry_s=60, hint=_FULL)
        self._tabs[visitor] += 1

    def leave(self, visitor: str) -> bool:
        """Note a tab that is closed; say whether it was the visitor's last."""
        self._tabs[visitor] -= 1
        if self._tabs[visitor] > 0:
            return False
        del self._tabs[visitor]
        return True

    def end(self, visitor: str) -> None:
        """Delete a visitor's files."""
        shutil.rmtree(self.root / visitor, ignore_errors=True)

    def sweep(self, now: float | None = None) -> None:
        """Delete what has lain unchanged for `KEPT_S`: of visitors who never closed their tab."""
        before = (time.time() if now is None else now) - KEPT_S
        for visitor in _entries(self.root):
            for entry in _entries(visitor):
                if all(_changed(path) < before for path in (entry, *_entries(entry))):
                    if entry.is_dir():
                        shutil.rmtree(entry, ignore_errors=True)
                    else:
                        entry.unlink(missing_ok=True)
            with suppress(OSError):
                visitor.rmdir()  # where it is empty

    def _used(self, visitor: str) -> tuple[int, int]:
        """Measure the bytes on the disk: the visitor's, and everybody's."""
        own = everybody = 0
        for folder in _entries(self.root):
            size = sum(
                max(_size(Path(place, name)), _LEAST)
                for place, _, names in os.walk(folder)
                for name in names
            )
            everybody += size
            own += size if folder.name == visitor else 0
        return own, everybody

    def _check(self, visitor: str, size: int, own: int, everybody: int) -> None:
        if size > self.share:
            raise RequestTooLarge(
                "That is more than the page takes.",
                hint=f"At most {self.share >> 20} MB in one session.",
            )
        coming = self._coming.copy()  # `made` is called from threads
        if own + coming[visitor] + size > self.share:
            raise RateLimited(
                "This session holds as many files as it may.", kind="requests", retry_s=None,
                hint=_FULL,
            )  # fmt: skip
        if everybody + coming.total() + size > self._most:
            raise RateLimited(
                "The page holds as many files as it may, for all who use it.", kind="requests",
                retry_s=60, hint="Try again in a minute.",
            )  # fmt: skip


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:  # no folder, or gone meanwhile
        return []


def _changed(path: Path) -> float:
    try:
        return path.lstat().st_mtime
    except OSError:
        return 0.0


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0

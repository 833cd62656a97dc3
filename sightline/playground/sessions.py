"""Whose files lie in the page's temporary folder, so that each session's go when it ends."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Iterable
from pathlib import Path


class Sessions:
    """The files of each session: what was uploaded in it, and what was made for it.

    The same upload of two sessions is one file, which goes with the last of them.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._files: dict[str, set[Path]] = {}

    def note(self, session: str | None, files: Iterable[str | None]) -> None:
        """Note files that a session has uploaded."""
        with self._lock:
            kept = self._files.setdefault(session or "", set())
            kept.update(Path(file) for file in files if file)

    def folder(self, session: str | None) -> Path:
        """Make a folder for files that are made for a session."""
        made = Path(tempfile.mkdtemp(prefix="made-", dir=self._folder))
        self.note(session, [str(made)])
        return made

    def end(self, session: str | None) -> None:
        """Delete a session's files."""
        with self._lock:
            gone = self._files.pop(session or "", set())
            gone -= set[Path]().union(*self._files.values())
        for path in gone:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            elif path.exists():
                # An upload has a folder of its own, named after its content.
                path.unlink(missing_ok=True)
                if not any(path.parent.iterdir()):
                    path.parent.rmdir()

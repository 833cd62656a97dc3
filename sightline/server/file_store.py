"""Files that clients upload: in one folder under random names, with an index beside them.

Each is its owner's alone and goes when its time is over. All functions block.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import sqlite3
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from sightline.api.files import File
from sightline.database import Database
from sightline.errors import EngineBusy, InvalidRequest

# Files of 0.1.0 have these tables and no number yet: hence IF NOT EXISTS.
_MIGRATIONS = (
    (
        """
        CREATE TABLE IF NOT EXISTS files (
            id TEXT PRIMARY KEY, owner TEXT NOT NULL, filename TEXT NOT NULL,
            purpose TEXT NOT NULL, bytes INTEGER NOT NULL, created INTEGER NOT NULL,
            expires INTEGER, serial INTEGER NOT NULL
        ) STRICT
        """,
    ),
)
_BLOCK = 4096  # bytes
_ABANDONED_S = 3600.0
_OURS = re.compile(r"file-[0-9a-z]{24,40}(\.part)?")
_COLUMNS = "id, owner, filename, purpose, bytes, created, expires, serial"


class FileStore:
    """The files of all owners, within a quota for all and one for `each`."""

    def __init__(self, folder: Path, quota: int, each: int) -> None:
        self._folder, self._quota, self._each = folder, quota, each
        self._database = Database(folder / "index.sqlite", _MIGRATIONS, _unkept)
        self._look_again = 0.0

    @property
    def database(self) -> Database:
        """The index."""
        return self._database

    def check_room(self, owner: str, size: int) -> None:
        """See that an owner may keep so many bytes more. Raises `InvalidRequest`."""
        with self._database.transaction() as database:
            self._sweep(database)
            self._check(database, owner, size)

    def _check(self, database: sqlite3.Connection, owner: str, size: int) -> None:
        # Small ones take a block of the disk, and so have a number that is bounded too.
        all_, own = database.execute(
            "SELECT coalesce(sum(max(bytes, ?)), 0), "
            "coalesce(sum(max(bytes, ?)) FILTER (WHERE owner = ?), 0) FROM files",
            (_BLOCK, _BLOCK, owner),
        ).fetchone()
        taken = max(size, _BLOCK)
        if all_ + taken > self._quota or own + taken > self._each:
            raise InvalidRequest(
                "The storage for files is full.",
                code="quota_exceeded",
                hint="Delete files, or wait until they expire.",
            )

    def add(
        self, data: BinaryIO, owner: str, filename: str, purpose: str, keep_s: int | None
    ) -> File:
        """Keep a file, from its beginning. Raises `InvalidRequest` where the quota is full."""
        size = data.seek(0, os.SEEK_END)
        with self._database.transaction() as database:
            self._sweep(database)
            self._check(database, owner, size)
            (serial,) = database.execute(
                "SELECT coalesce(max(serial), 0) + 1 FROM files"
            ).fetchone()
            now = int(time.time())
            file = File(
                f"file-{secrets.token_hex(12)}", owner, filename, purpose, size, now,
                None if keep_s is None else now + keep_s, serial,
            )  # fmt: skip
            path = self._path(file.id)
            try:
                path.touch(mode=0o600)
                data.seek(0)
                with path.open("wb") as stored:
                    shutil.copyfileobj(data, stored)
                row = (file.id, owner, filename, purpose, file.bytes, now, file.expires, serial)
                database.execute(
                    f"INSERT INTO files ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?)",  # noqa: S608
                    row,
                )
            except BaseException:
                path.unlink(missing_ok=True)
                raise
        return file

    def adopt(self, id: str, owner: str, filename: str, keep_s: int, pieces: Iterable[str]) -> int:
        """Keep what a batch wrote under an id that was chosen for it; give its bytes.

        Done again it is the same file. Nothing of it is there before all of it is, and the quota
        does not hold it up: what was worked for is not lost.
        """
        path = self._path(id)
        part = path.with_suffix(".part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            part.touch(mode=0o600)
            with part.open("w", encoding="utf-8") as stored:
                for piece in pieces:
                    stored.write(piece + "\n")
                stored.flush()
                os.fsync(stored.fileno())
                size = stored.tell()
            part.replace(path)
        except OSError:
            part.unlink(missing_ok=True)
            raise _unkept() from None
        now = int(time.time())
        with self._database.transaction() as database:
            database.execute(
                f"INSERT OR REPLACE INTO files ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,"  # noqa: S608
                "(SELECT coalesce(max(serial), 0) + 1 FROM files))",
                (id, owner, filename, "batch_output", size, now, now + keep_s),
            )
        return size

    def path(self, file: File) -> Path:
        """Give where a file's bytes are."""
        return self._path(file.id)

    def find(self, id: str, owner: str) -> File | None:
        """Give an owner's file; None for another's and for one that is gone."""
        with self._database.transaction() as database:
            self._sweep(database)
            row = database.execute(
                f"SELECT {_COLUMNS} FROM files WHERE id = ? AND owner = ?",  # noqa: S608
                (id, owner),
            ).fetchone()
        return None if row is None else File(*row)

    def all(self, owner: str) -> list[File]:
        """Give an owner's files, the oldest first."""
        with self._database.transaction() as database:
            self._sweep(database)
            rows = database.execute(
                f"SELECT {_COLUMNS} FROM files WHERE owner = ? ORDER BY serial",  # noqa: S608
                (owner,),
            ).fetchall()
        return [File(*row) for row in rows]

    def read(self, file: File) -> bytes | None:
        """Give a file's bytes; None where it has gone meanwhile."""
        try:
            return self._path(file.id).read_bytes()
        except OSError:
            return None

    def delete(self, file: File) -> None:
        """Delete a file."""
        with self._database.transaction() as database:
            database.execute("DELETE FROM files WHERE id = ?", (file.id,))
        self._path(file.id).unlink(missing_ok=True)

    def _path(self, id: str) -> Path:
        return self._folder / id  # an id is always our own

    def _sweep(self, database: sqlite3.Connection) -> None:
        now = int(time.time())
        gone = database.execute("SELECT id FROM files WHERE expires <= ?", (now,)).fetchall()
        for (id,) in gone:
            self._path(id).unlink(missing_ok=True)
        database.execute("DELETE FROM files WHERE expires <= ?", (now,))
        if time.monotonic() >= self._look_again:
            self._look_again = time.monotonic() + _ABANDONED_S
            self._sweep_abandoned(database)

    def _sweep_abandoned(self, database: sqlite3.Connection) -> None:
        """Delete what a killed server had begun to write, of which the index knows nothing.

        What another server writes at the moment is younger.
        """
        known = {id for (id,) in database.execute("SELECT id FROM files")}
        before = time.time() - _ABANDONED_S
        with os.scandir(self._folder) as entries:
            for entry in entries:
                if _OURS.fullmatch(entry.name) and entry.name not in known:
                    with suppress(OSError):
                        if entry.stat(follow_symlinks=False).st_mtime < before:
                            os.unlink(entry.path)


def _unkept() -> EngineBusy:
    return EngineBusy(
        "Files cannot be kept at the moment.",
        retry_s=5,
        hint="The operator can see whether there is room on the disk.",
    )

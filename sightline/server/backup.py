"""What a server keeps on the disk, as one file: written while it runs, put back where none is.

A backup is a tar archive of the uploaded files, of copies of the SQLite files of keys, uploads and
batches, and at its end of a note that says who wrote it. All functions block.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import tarfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from sightline import __version__
from sightline.database import Database
from sightline.errors import SightlineError, UsageError
from sightline.keys import KeyStore
from sightline.server.batch_store import BatchStore
from sightline.server.file_store import FileStore
from sightline.settings import Settings

_KEYS, _INDEX, _BATCHES = "keys.sqlite", "files/index.sqlite", "files/batches.sqlite"
_UPLOAD = re.compile(r"files/file-[0-9a-z]{24,40}")
_NOTE, _FORM = "sightline-backup.json", 1
_NOTE_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Contents:
    """How many keys, uploaded files and batches a backup has, and its own bytes."""

    keys: int
    files: int
    batches: int
    bytes: int


@dataclass(frozen=True, slots=True)
class _State:
    """The SQLite files of a server; what is uploaded lies beside its index."""

    keys: Database
    index: Database
    batches: Database

    @staticmethod
    def at(keys: Path, folder: Path) -> _State:
        return _State(
            KeyStore(keys).database, FileStore(folder, 0, 0).database, BatchStore(folder).database
        )

    def named(self) -> dict[str, Database]:
        """Give each that there is, by its name in a backup."""
        # What a batch names is in the index before it, and whose a file is among the keys: each
        # is copied before what it needs.
        every = {_BATCHES: self.batches, _INDEX: self.index, _KEYS: self.keys}
        return {name: database for name, database in every.items() if database.path.exists()}


def check_forms(settings: Settings) -> None:
    """See that this version knows the form of all that the server will use. Raises `UsageError`."""
    state = _State.at(settings.keys_path, settings.files_folder)
    if settings.needs_keys:
        state.keys.check_form()
    if not settings.zero_retention:
        state.index.check_form()
        state.batches.check_form()


def back_up(settings: Settings, target: Path) -> Contents:
    """Write all that a server keeps to a new file, readable for this user alone.

    The server may run. Raises `SightlineError`.
    """
    named = _State.at(settings.keys_path, settings.files_folder).named()
    if not named:
        raise UsageError(
            f"There is nothing to back up: neither {settings.keys_path} nor "
            f"{settings.files_folder} has anything.",
            hint="Name what the server uses with --config, --keys-file and --files-dir.",
        )
    if target.exists():
        raise UsageError(f"{target} is there already.", hint="Name a file that is not.")
    for database in named.values():
        database.check_form()
    with (
        _told_of(target),
        TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as near,
    ):
        copies = {name: Path(near, Path(name).name) for name in named}
        for name, copy in copies.items():
            named[name].copy(copy)
        whole = Path(near, "whole.tar")
        whole.touch(mode=0o600)
        with whole.open("wb") as raw:
            with tarfile.open(fileobj=raw, mode="w") as archive:
                if _INDEX in copies:
                    _add_uploads(archive, settings.files_folder, copies[_INDEX])
                for name, copy in copies.items():
                    with copy.open("rb") as data:
                        _add(archive, name, data)
                _add_note(archive, Path(near))
            raw.flush()
            os.fsync(raw.fileno())
        contents = _contents(copies, whole.stat().st_size)
        whole.replace(target)
    return contents


def restore(settings: Settings, source: Path) -> Contents:
    """Put back what a backup has, where there is nothing yet; all of it or nothing.

    Raises `UsageError` where there is something, `SightlineError` for a file that is no backup.
    """
    keys, folder = settings.keys_path, settings.files_folder
    for path in (keys, folder):
        if path.is_file() or (path.is_dir() and any(path.iterdir())):
            raise UsageError(
                f"{path} is there already, and nothing is overwritten.",
                hint="Stop the server and move it away, or name another place.",
            )
    with _told_of(source):
        for place in (keys.parent, folder):
            place.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (
            TemporaryDirectory(prefix=".restoring-", dir=folder) as near,
            TemporaryDirectory(prefix=".restoring-", dir=keys.parent) as near_keys,
        ):
            staged = _State.at(Path(near_keys, _KEYS), Path(near))
            _extract(source, staged)
            contents = _checked(source, staged)
            # The index last, by which a server finds the others.
            for path in sorted(Path(near).iterdir(), key=lambda each: each.suffix):
                path.replace(folder / path.name)
            if staged.keys.path.exists():
                staged.keys.path.replace(keys)
    return contents


@contextmanager
def _told_of(backup: Path) -> Iterator[None]:
    """Say of what the disk does not let happen where it was."""
    try:
        yield
    except OSError as error:
        raise SightlineError(
            f"{error.filename or backup} cannot be read or written.",
            hint="Is there room on the disk, and is it yours?",
        ) from None


def _add(archive: tarfile.TarFile, name: str, data: IO[bytes]) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mtime = os.fstat(data.fileno()).st_size, int(time.time())
    info.mode = 0o600
    archive.addfile(info, data)


def _add_uploads(archive: tarfile.TarFile, folder: Path, index: Path) -> None:
    """Add the files that a copy of the index names; it forgets those that have gone meanwhile."""
    with closing(sqlite3.connect(index)) as database, database:
        for (id,) in database.execute("SELECT id FROM files ORDER BY serial").fetchall():
            try:
                with (folder / id).open("rb") as data:
                    _add(archive, f"files/{id}", data)
            except FileNotFoundError:
                database.execute("DELETE FROM files WHERE id = ?", (id,))


def _add_note(archive: tarfile.TarFile, near: Path) -> None:
    """Add who wrote it. It is the last: what was cut off has none."""
    note = near / "note"
    told = {"form": _FORM, "version": __version__, "created": int(time.time())}
    note.write_text(json.dumps(told))
    with note.open("rb") as data:
        _add(archive, _NOTE, data)


def _extract(source: Path, staged: _State) -> None:
    """Read a backup to where it is checked. Raises `SightlineError` for what is none."""
    places = {_KEYS: staged.keys.path, _INDEX: staged.index.path, _BATCHES: staged.batches.path}
    note: object = None
    with source.open("rb") as raw:
        try:
            with tarfile.open(fileobj=raw, mode="r:") as archive:
                for member in archive:
                    data = archive.extractfile(member) if member.isreg() else None
                    if data is not None and member.name == _NOTE:
                        note = json.loads(data.read(_NOTE_BYTES))
                        continue
                    place = places.get(member.name)
                    if _UPLOAD.fullmatch(member.name):
                        place = staged.index.path.parent / Path(member.name).name
                    if data is None or place is None or place.exists():
                        raise _no_backup(source)
                    place.touch(mode=0o600)
                    with place.open("wb") as written:
                        shutil.copyfileobj(data, written)
        except (tarfile.TarError, ValueError):
            raise _no_backup(source) from None
    if not isinstance(note, dict):
        raise _no_backup(source)
    if note.get("form") != _FORM:
        raise _newer(source)


def _checked(source: Path, staged: _State) -> Contents:
    """See that what was read is whole, and known here. Raises `SightlineError`."""
    named = staged.named()
    for database in named.values():
        try:
            database.check_form()
        except UsageError:
            raise _newer(source) from None
    try:
        for database in named.values():
            with closing(sqlite3.connect(database.path)) as opened:
                if opened.execute("PRAGMA quick_check").fetchall() != [("ok",)]:
                    raise _no_backup(source)
        if _INDEX in named:
            _check_uploads(source, staged.index.path)
        copies = {name: database.path for name, database in named.items()}
        return _contents(copies, source.stat().st_size)
    except sqlite3.Error:
        raise _no_backup(source) from None


def _check_uploads(source: Path, index: Path) -> None:
    with closing(sqlite3.connect(index)) as database:
        for id, size in database.execute("SELECT id, bytes FROM files"):
            upload = index.parent / id
            if not upload.is_file() or upload.stat().st_size != size:
                raise _no_backup(source)


def _contents(copies: dict[str, Path], size: int) -> Contents:
    counts = {}
    for name, table in ((_KEYS, "keys"), (_INDEX, "files"), (_BATCHES, "batches")):
        counts[table] = 0
        if name in copies:
            with closing(sqlite3.connect(copies[name])) as database:
                (counts[table],) = database.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
    return Contents(**counts, bytes=size)


def _no_backup(source: Path) -> SightlineError:
    return SightlineError(
        f"{source} is no backup of Sightline's, or it is damaged.",
        hint="`sightline backup` makes one; nothing was restored.",
    )


def _newer(source: Path) -> UsageError:
    return UsageError(
        f"{source} was made by a newer version of Sightline.",
        hint="Restore it with that version; nothing was restored.",
    )

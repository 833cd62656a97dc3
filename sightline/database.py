"""SQLite files that outlive a process: made, opened and brought up to date in one way.

The number of a file's form stands in the file (`PRAGMA user_version`). A file of an older form is
brought up to date by the first process that opens it; one of a newer form is left as it is. A copy
is made of one while others write to it.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from sightline.errors import SightlineError, UsageError

log = logging.getLogger("sightline.database")

_PATIENCE_S, _AGAIN_S = 10.0, 0.02  # for another process that writes
_ONE_AT_A_TIME = threading.Lock()
Statements = Sequence[str]


class Database:
    """One SQLite file. All functions block; each transaction opens the file anew.

    `migrations` are the steps from one form of the file to the next, the first of which makes it;
    releases only ever add to them. `unusable` gives the error to raise where the file cannot be
    used.
    """

    def __init__(
        self,
        path: Path,
        migrations: Sequence[Statements],
        unusable: Callable[[], SightlineError],
        *,
        wal: bool = False,
    ) -> None:
        self.path = path
        self._migrations, self._unusable, self._wal = migrations, unusable, wal

    @contextmanager
    def transaction(self, *, write: bool = True) -> Iterator[sqlite3.Connection]:
        """Open the file within one transaction, which is rolled back where it raises.

        A file that may only be read is read as it is.
        With a write-ahead log (`wal`) readers and a writer do not wait for each other. Raises what
        `unusable` gives where the disk, the file or another process's lock does not let it.
        """
        try:
            if not self.path.exists():
                self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                self.path.touch(mode=0o600)
            with closing(sqlite3.connect(self.path, timeout=_PATIENCE_S)) as database:
                database.row_factory = sqlite3.Row
                if write or os.access(self.path, os.W_OK):
                    self._bring_up_to_date(database)
                with database:
                    database.execute("BEGIN IMMEDIATE" if write else "BEGIN")
                    yield database
        except (OSError, sqlite3.Error) as error:
            log.warning("%s cannot be used: %s", self.path.name, type(error).__name__)
            raise self._unusable() from None

    def check_form(self) -> None:
        """Refuse a file of a newer form, where there is a file. Raises `UsageError`."""
        try:
            with closing(self._connect(self.path)) as database:
                found = _version(database)
        except (OSError, sqlite3.Error):
            return  # there is none, or each use of it tells of it
        if found > len(self._migrations):
            raise UsageError(
                f"{self.path} was written by a newer version of Sightline: it has form {found}, "
                f"this version knows {len(self._migrations)}.",
                hint="Run the newer version again, or restore a backup that this one made.",
            )

    def copy(self, target: Path) -> None:
        """Write the file as it is at one moment to a new file, while others go on writing.

        Raises what `unusable` gives where it cannot be read, `OSError` where `target` cannot be
        written.
        """
        target.touch(mode=0o600, exist_ok=False)
        try:
            with closing(self._connect(self.path)) as source, closing(self._connect(target)) as to:
                source.backup(to)
        except sqlite3.Error as error:
            log.warning("%s cannot be copied: %s", self.path.name, type(error).__name__)
            raise self._unusable() from None

    @staticmethod
    def _connect(path: Path) -> sqlite3.Connection:
        """Open a file that there is: SQLite would make one."""
        return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=_PATIENCE_S)

    def _bring_up_to_date(self, database: sqlite3.Connection) -> None:
        newest = len(self._migrations)
        if (found := _version(database)) == newest:
            return
        if found > newest:
            log.error(
                "%s was written by a newer version (form %d; this one knows %d): "
                "go back to that version, or move the file away",
                self.path.name, found, newest,
            )  # fmt: skip
            raise self._unusable()
        with _ONE_AT_A_TIME:
            self._migrate(database, newest)

    def _migrate(self, database: sqlite3.Connection, newest: int) -> None:
        if self._wal:
            _write_ahead(database)
        with database:
            database.execute("BEGIN IMMEDIATE")
            # Another process may have done it meanwhile.
            for statements in self._migrations[_version(database) :]:
                for statement in statements:
                    database.execute(statement)
            database.execute(f"PRAGMA user_version = {newest}")


def _write_ahead(database: sqlite3.Connection) -> None:
    """Give a file a write-ahead log; SQLite does not wait for others by itself there."""
    end = time.monotonic() + _PATIENCE_S
    while True:
        try:
            database.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(_AGAIN_S)
        else:
            return


def _version(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA user_version").fetchone()[0])

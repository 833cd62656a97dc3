"""What a bulk run has to do: the items of its source, in a file that goes with the run.

On disk, so that memory does not grow with the source; nothing of it outlives the run, whose output
alone says what is done.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TypeVar

from sightline import temporary
from sightline.errors import UsageError
from sightline.jobs.bulk.sources import Item

T = TypeVar("T")
_AT_ONCE = 1000
_COLUMNS = "key, place, start, length, named"


class Index:
    """The items of one run. Use as a context manager; all functions block."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="bulk-", dir=temporary.folder())
        self._database = sqlite3.connect(
            Path(self._folder.name) / "items.sqlite", isolation_level=None, check_same_thread=False
        )
        # It need not survive anything.
        self._database.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            "CREATE TABLE items (number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, "
            "place BLOB NOT NULL, start INTEGER NOT NULL, length INTEGER NOT NULL, "
            "named INTEGER NOT NULL, done INTEGER NOT NULL DEFAULT 0) STRICT"
        )

    def __enter__(self) -> Index:
        """Use it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Delete it."""
        self._database.close()
        self._folder.cleanup()

    @property
    def size(self) -> int:
        """The bytes that it takes on the disk."""
        return sum(path.stat().st_size for path in Path(self._folder.name).iterdir())

    def fill(self, items: Iterable[Item], limit: int | None) -> None:
        """Take the items of a source, at most `limit`. Raises `UsageError` for a key twice."""
        total = 0
        for some in _some(islice(items, limit)):
            self._database.execute("BEGIN")
            try:
                self._database.executemany(
                    f"INSERT INTO items ({_COLUMNS}) VALUES (?,?,?,?,?)",  # noqa: S608
                    map(_row, some),
                )
            except sqlite3.IntegrityError:
                raise self._twice(some, total) from None
            finally:
                self._database.execute("COMMIT")
            total += len(some)

    def _twice(self, some: list[Item], total: int) -> UsageError:
        """Say which of some items has the key of one that stands at another place."""
        find = "SELECT number FROM items WHERE key = ?"
        for number, item in enumerate(some, total + 1):
            if self._database.execute(find, (item.key,)).fetchone() != (number,):
                break
        return UsageError(
            f"The key {item.key[:200]!r} stands twice in the source.",
            hint="Each picture needs its own: name a column of unique keys with --key.",
        )

    def mark(self, keys: Iterable[str]) -> None:
        """Note items as done, by their keys."""
        for some in _some(keys):
            self._database.execute("BEGIN")
            self._database.executemany(
                "UPDATE items SET done = 1 WHERE key = ?", ((key,) for key in some)
            )
            self._database.execute("COMMIT")

    def count(self) -> tuple[int, int]:
        """Give how many items there are, and how many of them are left."""
        row = self._database.execute("SELECT count(*), sum(done = 0) FROM items").fetchone()
        return row[0], row[1] or 0

    def left(self) -> Iterator[Item]:
        """Give the items that are left, in the source's order."""
        last = 0
        while rows := self._database.execute(
            f"SELECT number, {_COLUMNS} FROM items WHERE number > ? AND done = 0 "  # noqa: S608
            "ORDER BY number LIMIT ?",
            (last, _AT_ONCE),
        ).fetchall():
            for number, *rest in rows:
                last = number
                yield _item(*rest)

    def sample(self, count: int) -> list[Item]:
        """Give so many of the items that are left, evenly over them; all where they are fewer."""
        step = max(1, self.count()[1] // count)
        numbered = "SELECT *, row_number() OVER (ORDER BY number) AS n FROM items WHERE done = 0"
        rows = self._database.execute(
            f"SELECT {_COLUMNS} FROM ({numbered}) WHERE (n - 1) % ? = 0 LIMIT ?",  # noqa: S608
            (step, count),
        )
        return [_item(*row) for row in rows]


def _row(item: Item) -> tuple[str, bytes, int, int, bool]:
    """Give the columns of an item. Of a place that ends with its key the rest is kept alone."""
    key, place, start, length = item.packed()
    named = place.endswith(key.encode())
    return key, place.removesuffix(key.encode()) if named else place, start, length, named


def _item(key: str, place: bytes, start: int, length: int, named: int) -> Item:
    return Item.unpacked(key, place + key.encode() if named else place, start, length)


def _some(items: Iterable[T]) -> Iterator[list[T]]:
    coming = iter(items)
    while some := list(islice(coming, _AT_ONCE)):
        yield some

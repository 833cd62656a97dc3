"""Batches and the results of their requests, in one SQLite file beside the uploaded files.

A result is written in one transaction with the counts that tell of it, once: what is asked again
after a crash finds it there. All functions block; each opens the file anew.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sightline.api.batches import TIMES, Batch, BatchRequest, Problem
from sightline.database import Database
from sightline.errors import EngineBusy, InvalidRequest

# Files of 0.1.0 have these tables and no number yet: hence IF NOT EXISTS.
_MIGRATIONS = (
    (
        """
        CREATE TABLE IF NOT EXISTS batches (
            id TEXT PRIMARY KEY, owner TEXT NOT NULL, endpoint TEXT NOT NULL,
            input_file_id TEXT NOT NULL, metadata TEXT, output_keep_s INTEGER NOT NULL,
            status TEXT NOT NULL, model TEXT, problems TEXT NOT NULL,
            created_at INTEGER, in_progress_at INTEGER, expires_at INTEGER,
            finalizing_at INTEGER, completed_at INTEGER, failed_at INTEGER, expired_at INTEGER,
            cancelling_at INTEGER, cancelled_at INTEGER,
            output_file_id TEXT, error_file_id TEXT, total INTEGER NOT NULL,
            completed INTEGER NOT NULL, failed INTEGER NOT NULL, sent INTEGER NOT NULL,
            said INTEGER NOT NULL, serial INTEGER NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE IF NOT EXISTS requests (
            batch TEXT NOT NULL, line INTEGER NOT NULL, custom_id TEXT NOT NULL,
            start INTEGER NOT NULL, length INTEGER NOT NULL, PRIMARY KEY (batch, line)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE IF NOT EXISTS results (
            batch TEXT NOT NULL, line INTEGER NOT NULL, ok INTEGER NOT NULL, said TEXT NOT NULL,
            PRIMARY KEY (batch, line)
        ) STRICT, WITHOUT ROWID
        """,
    ),
    ("ALTER TABLE batches ADD COLUMN asked_of TEXT NOT NULL DEFAULT ''",),
)
_KEPT_S = 30 * 86400  # how long a batch that has ended is told of
_RUNNING = ("validating", "in_progress", "finalizing", "cancelling")


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One request of a batch: its line in the input file, counted from 1, and where that stands."""

    line: int
    custom_id: str
    start: int
    length: int


class BatchStore:
    """The batches of all owners; those made here are marked with who is to answer, `asked_of`."""

    def __init__(self, folder: Path, asked_of: str = "") -> None:
        self._asked_of = asked_of
        self._database = Database(folder / "batches.sqlite", _MIGRATIONS, _unkept, wal=True)

    @property
    def database(self) -> Database:
        """The file that they are in."""
        return self._database

    def create(self, owner: str, wanted: BatchRequest, window_s: int, most: int) -> Batch:
        """Make a batch, to be validated. Raises `InvalidRequest` where `most` go on already."""
        now = int(time.time())
        id = f"batch_{secrets.token_hex(12)}"
        metadata = None if wanted.metadata is None else json.dumps(dict(wanted.metadata))
        with self._database.transaction() as database:
            self._sweep(database, now)
            marks = ",".join("?" * len(_RUNNING))
            (running,) = database.execute(
                f"SELECT count(*) FROM batches WHERE owner = ? AND status IN ({marks})",  # noqa: S608
                (owner, *_RUNNING),
            ).fetchone()
            if running >= most:
                raise InvalidRequest(
                    f"Too many batches are open: at most {most} may be.",
                    code="too_many_batches",
                    hint="Wait until one has ended, or cancel one.",
                )
            database.execute(
                "INSERT INTO batches (id, owner, endpoint, input_file_id, metadata, output_keep_s, "
                "created_at, expires_at, asked_of, status, problems, total, completed, failed, "
                "sent, said, serial) SELECT ?,?,?,?,?,?,?,?,?,'validating','[]',0,0,0,0,0,"
                "coalesce(max(serial),0)+1 FROM batches",
                (
                    id, owner, wanted.endpoint, wanted.input_file_id, metadata,
                    wanted.output_keep_s, now, now + window_s, self._asked_of,
                ),
            )  # fmt: skip
            return self._one(database, id)

    def find(self, id: str, owner: str) -> Batch | None:
        """Give an owner's batch; None for another's."""
        found = self._several("WHERE id = ? AND owner = ?", (id, owner))
        return found[0] if found else None

    def all(self, owner: str) -> list[Batch]:
        """Give an owner's batches, the newest first."""
        return self._several("WHERE owner = ? ORDER BY serial DESC", (owner,))

    def unfinished(self) -> list[Batch]:
        """Give the batches that have not ended, the oldest first."""
        marks = ",".join("?" * len(_RUNNING))
        return self._several(f"WHERE status IN ({marks}) ORDER BY serial", _RUNNING)

    def cancel(self, id: str) -> Batch:
        """Have a batch end early, unless it has ended, or is about to."""
        with self._database.transaction() as database:
            database.execute(
                "UPDATE batches SET status = 'cancelling', cancelling_at = ? "
                "WHERE id = ? AND status IN ('validating', 'in_progress')",
                (int(time.time()), id),
            )
            return self._one(database, id)

    def begin(self, id: str, model: str, requests: Iterable[BatchLine]) -> None:
        """Note the requests of a batch that was found sound, and begin with them."""
        with self._database.transaction() as database:
            database.execute("DELETE FROM requests WHERE batch = ?", (id,))
            database.executemany(
                "INSERT INTO requests (batch, line, custom_id, start, length) VALUES (?,?,?,?,?)",
                ((id, r.line, r.custom_id, r.start, r.length) for r in requests),
            )
            database.execute(
                "UPDATE batches SET model = ?, total = (SELECT count(*) FROM requests WHERE "
                "batch = id) WHERE id = ?",
                (model, id),
            )
            database.execute(  # it may have been cancelled meanwhile
                "UPDATE batches SET status = 'in_progress', in_progress_at = ? "
                "WHERE id = ? AND status = 'validating'",
                (int(time.time()), id),
            )

    def fail(self, id: str, problems: Iterable[Problem]) -> None:
        """Note what is wrong with a batch's input file."""
        listed = json.dumps([[p.code, p.message, p.line, p.param] for p in problems])
        with self._database.transaction() as database:
            database.execute(
                "UPDATE batches SET status = 'failed', failed_at = ?, problems = ? "
                "WHERE id = ? AND status = 'validating'",
                (int(time.time()), listed, id),
            )

    def status(self, id: str) -> str:
        """Give a batch's status."""
        with self._database.transaction(write=False) as database:
            return self._one(database, id).status

    def following(self, id: str, line: int) -> BatchLine | None:
        """Give the first request after a line that has no result yet."""
        with self._database.transaction(write=False) as database:
            row = database.execute(
                "SELECT line, custom_id, start, length FROM requests AS r WHERE batch = ? AND "
                "line > ? AND NOT EXISTS (SELECT 1 FROM results WHERE batch = r.batch AND "
                "line = r.line) ORDER BY line LIMIT 1",
                (id, line),
            ).fetchone()
        return None if row is None else BatchLine(*row)

    def settle(self, id: str, line: int, ok: bool, said: str, spent: tuple[int, int]) -> None:
        """Write a request's result, where it has none yet and its batch goes on."""
        with self._database.transaction() as database:
            if self._one(database, id).times["finalizing_at"] is not None:
                return
            written = database.execute(
                "INSERT OR IGNORE INTO results (batch, line, ok, said) VALUES (?,?,?,?)",
                (id, line, int(ok), said),
            )
            if written.rowcount:
                database.execute(
                    "UPDATE batches SET completed = completed + ?, failed = failed + ?, "
                    "sent = sent + ?, said = said + ? WHERE id = ?",
                    (int(ok), int(not ok), *spent, id),
                )

    def finalize(self, id: str) -> Batch:
        """Take no more results."""
        with self._database.transaction() as database:
            database.execute(
                "UPDATE batches SET finalizing_at = coalesce(finalizing_at, ?), status = "
                "CASE status WHEN 'cancelling' THEN status ELSE 'finalizing' END WHERE id = ?",
                (int(time.time()), id),
            )
            return self._one(database, id)

    def results(self, id: str, *, ok: bool) -> Iterator[str]:
        """Give the results of requests that succeeded, or of those that did not."""
        with self._database.transaction(write=False) as database:
            rows = database.execute(
                "SELECT said FROM results WHERE batch = ? AND ok = ? ORDER BY line", (id, int(ok))
            )
            for (said,) in rows:
                yield said

    def left(self, id: str) -> Iterator[str]:
        """Give the ids of requests that have no result."""
        with self._database.transaction(write=False) as database:
            rows = database.execute(
                "SELECT custom_id FROM requests AS r WHERE batch = ? AND NOT EXISTS (SELECT 1 FROM "
                "results WHERE batch = r.batch AND line = r.line) ORDER BY line",
                (id,),
            )
            for (custom_id,) in rows:
                yield custom_id

    def end(self, id: str, status: str, output: str | None, errors: str | None) -> None:
        """Note a batch's end and its files; its requests and results are then in those."""
        with self._database.transaction() as database:
            database.execute(
                f"UPDATE batches SET status = ?, {status}_at = ?, output_file_id = ?, "  # noqa: S608
                "error_file_id = ? WHERE id = ?",
                (status, int(time.time()), output, errors, id),
            )
            for table in ("requests", "results"):
                database.execute(f"DELETE FROM {table} WHERE batch = ?", (id,))  # noqa: S608

    def _sweep(self, database: sqlite3.Connection, now: int) -> None:
        marks = ",".join("?" * len(_RUNNING))
        database.execute(
            f"DELETE FROM batches WHERE created_at < ? AND status NOT IN ({marks})",  # noqa: S608
            (now - _KEPT_S, *_RUNNING),
        )

    def _several(self, where: str, values: Iterable[Any]) -> list[Batch]:
        if not self._database.path.exists():  # none was ever made
            return []
        with self._database.transaction(write=False) as database:
            rows = database.execute(f"SELECT * FROM batches {where}", tuple(values))  # noqa: S608
            return [_batch(row) for row in rows]

    def _one(self, database: sqlite3.Connection, id: str) -> Batch:
        return _batch(database.execute("SELECT * FROM batches WHERE id = ?", (id,)).fetchone())


def _unkept() -> EngineBusy:
    return EngineBusy(
        "Batches cannot be kept at the moment.",
        retry_s=5,
        hint="The operator can see whether there is room on the disk.",
    )


def _batch(row: sqlite3.Row) -> Batch:
    metadata = row["metadata"]
    return Batch(
        row["id"], row["owner"], row["endpoint"], row["input_file_id"],
        None if metadata is None else json.loads(metadata),
        row["output_keep_s"], row["status"], row["model"],
        tuple(Problem(*told) for told in json.loads(row["problems"])),
        {name: row[name] for name in TIMES},
        row["output_file_id"], row["error_file_id"],
        (row["total"], row["completed"], row["failed"]),
        (row["sent"], row["said"]),
        row["asked_of"],
    )  # fmt: skip

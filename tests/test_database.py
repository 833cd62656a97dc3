"""SQLite files: those of older releases, of newer ones, and two processes that begin at once."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from sightline.database import Database
from sightline.errors import EngineBusy
from sightline.keys import KeyStore
from sightline.server.batch_store import BatchStore
from sightline.server.file_store import FileStore
from tests.waiting import PATIENCE_S

NOTES = ("CREATE TABLE notes (text TEXT NOT NULL) STRICT",)
STARS = ("ALTER TABLE notes ADD COLUMN stars INTEGER NOT NULL DEFAULT 1",)

# As 0.1.0 wrote them.
FILES = """
CREATE TABLE files (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, filename TEXT NOT NULL, purpose TEXT NOT NULL,
    bytes INTEGER NOT NULL, created INTEGER NOT NULL, expires INTEGER, serial INTEGER NOT NULL
) STRICT;
INSERT INTO files VALUES ('file-1', 'ann', 'a.png', 'vision', 7, 1790000000, NULL, 1);
"""
KEYS = """
CREATE TABLE keys (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, salt BLOB NOT NULL, hash BLOB NOT NULL,
    created INTEGER NOT NULL, revoked INTEGER, requests_per_minute INTEGER NOT NULL,
    tokens_per_minute INTEGER NOT NULL, models TEXT NOT NULL
) STRICT;
INSERT INTO keys VALUES ('0a1b2c3d', 'ann', x'00', x'01', 1790000000, NULL, 5, 0, 'gpt-4o');
"""
BATCHES = """
PRAGMA journal_mode = WAL;
CREATE TABLE batches (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, endpoint TEXT NOT NULL, input_file_id TEXT NOT NULL,
    metadata TEXT, output_keep_s INTEGER NOT NULL, status TEXT NOT NULL, model TEXT,
    problems TEXT NOT NULL, created_at INTEGER, in_progress_at INTEGER, expires_at INTEGER,
    finalizing_at INTEGER, completed_at INTEGER, failed_at INTEGER, expired_at INTEGER,
    cancelling_at INTEGER, cancelled_at INTEGER, output_file_id TEXT, error_file_id TEXT,
    total INTEGER NOT NULL, completed INTEGER NOT NULL, failed INTEGER NOT NULL,
    sent INTEGER NOT NULL, said INTEGER NOT NULL, serial INTEGER NOT NULL
) STRICT;
CREATE TABLE requests (
    batch TEXT NOT NULL, line INTEGER NOT NULL, custom_id TEXT NOT NULL, start INTEGER NOT NULL,
    length INTEGER NOT NULL, PRIMARY KEY (batch, line)
) STRICT, WITHOUT ROWID;
CREATE TABLE results (
    batch TEXT NOT NULL, line INTEGER NOT NULL, ok INTEGER NOT NULL, said TEXT NOT NULL,
    PRIMARY KEY (batch, line)
) STRICT, WITHOUT ROWID;
INSERT INTO batches VALUES ('batch_1', 'ann', '/v1/chat/completions', 'file-1', '{"a": "b"}', 60,
    'in_progress', 'gpt-4o', '[]', 1790000000, 1790000001, 1790086400, NULL, NULL, NULL, NULL, NULL,
    NULL, NULL, NULL, 2, 1, 0, 30, 12, 1);
INSERT INTO requests VALUES ('batch_1', 1, 'x', 0, 10), ('batch_1', 2, 'y', 11, 10);
INSERT INTO results VALUES ('batch_1', 1, 1, '{}');
"""


def busy() -> EngineBusy:
    return EngineBusy("Notes cannot be kept.", retry_s=1)


def written(path: Path, script: str) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.executescript(script)


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as database:
        found: int = database.execute("PRAGMA user_version").fetchone()[0]
        return found


def test_files_and_batches_of_the_last_release_go_on(tmp_path: Path) -> None:
    written(tmp_path / "index.sqlite", FILES)
    written(tmp_path / "batches.sqlite", BATCHES)
    (file,) = FileStore(tmp_path, 1 << 30, 1 << 30).all("ann")
    assert (file.id, file.filename, file.bytes) == ("file-1", "a.png", 7)
    store = BatchStore(tmp_path)
    batch = store.find("batch_1", "ann")
    assert batch is not None
    assert (batch.status, batch.counts, batch.tokens) == ("in_progress", (2, 1, 0), (30, 12))
    assert batch.metadata == {"a": "b"}
    following = store.following("batch_1", 0)
    assert following is not None
    assert following.custom_id == "y"
    store.settle("batch_1", 2, True, "{}", (1, 1))
    assert store.finalize("batch_1").counts == (2, 2, 0)
    assert batch.asked_of == ""  # of any server
    assert version(tmp_path / "index.sqlite") == 1
    assert version(tmp_path / "batches.sqlite") == 2


@pytest.mark.parametrize("writable", [True, False])
def test_keys_of_the_last_release_go_on(tmp_path: Path, writable: bool) -> None:
    path = tmp_path / "keys.sqlite"
    written(path, KEYS)
    path.chmod(0o600 if writable else 0o400)
    (key,) = KeyStore(path).all()
    assert (key.id, key.name, key.requests_per_minute, key.models) == (
        "0a1b2c3d", "ann", 5, ("gpt-4o",),
    )  # fmt: skip


def test_a_file_goes_through_the_steps_that_it_lacks(tmp_path: Path) -> None:
    path = tmp_path / "made" / "notes.sqlite"
    with Database(path, [NOTES], busy).transaction() as database:
        database.execute("INSERT INTO notes (text) VALUES ('first')")
    with Database(path, [NOTES, STARS], busy).transaction(write=False) as database:
        assert [tuple(row) for row in database.execute("SELECT text, stars FROM notes")] == [
            ("first", 1)
        ]
    assert version(path) == 2
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_step_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "notes.sqlite"
    with Database(path, [NOTES], busy).transaction() as database:
        database.execute("INSERT INTO notes (text) VALUES ('first')")
    broken = Database(path, [NOTES, (*STARS, "ALTER TABLE nothing ADD COLUMN x")], busy)
    with pytest.raises(EngineBusy), broken.transaction():
        pass
    assert version(path) == 1
    with Database(path, [NOTES], busy).transaction() as database:
        assert database.execute("SELECT * FROM notes").fetchall()[0].keys() == ["text"]


def test_a_file_of_a_newer_release_is_left_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "notes.sqlite"
    with Database(path, [NOTES, STARS], busy).transaction():
        pass
    before = path.read_bytes()
    with pytest.raises(EngineBusy), Database(path, [NOTES], busy).transaction():
        pass
    assert path.read_bytes() == before
    assert "newer version" in caplog.text


def test_what_raises_is_rolled_back(tmp_path: Path) -> None:
    notes = Database(tmp_path / "notes.sqlite", [NOTES], busy)

    def fails() -> None:
        with notes.transaction() as database:
            database.execute("INSERT INTO notes VALUES ('gone')")
            raise KeyError

    with pytest.raises(KeyError):
        fails()
    with notes.transaction() as database:
        assert database.execute("SELECT count(*) FROM notes").fetchone()[0] == 0


def test_no_database_is_told_of_without_its_own_words(tmp_path: Path) -> None:
    path = tmp_path / "notes.sqlite"
    path.write_bytes(b"no database at all, by any means" * 100)
    with pytest.raises(EngineBusy) as caught, Database(path, [NOTES], busy).transaction():
        pass
    assert caught.value.message == "Notes cannot be kept."
    assert caught.value.__cause__ is None


def test_many_may_make_a_file_with_a_write_ahead_log_at_once(tmp_path: Path) -> None:
    for turn in range(20):
        path = tmp_path / f"{turn}.sqlite"

        def add(number: int, path: Path = path) -> None:
            with Database(path, [NOTES], busy, wal=True).transaction() as database:
                database.execute("INSERT INTO notes VALUES (?)", (str(number),))

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(add, range(8)))
        with Database(path, [NOTES], busy, wal=True).transaction(write=False) as database:
            assert database.execute("SELECT count(*) FROM notes").fetchone()[0] == 8


BEGIN = """
import sys
from pathlib import Path
from sightline.server.file_store import FileStore
print(len(FileStore(Path(sys.argv[1]), 1, 1).all("ann")))
"""


def test_two_processes_may_make_it_at_once(tmp_path: Path) -> None:
    begun = [
        subprocess.Popen([sys.executable, "-c", BEGIN, str(tmp_path)], stdout=subprocess.PIPE)
        for _ in range(3)
    ]
    assert [process.communicate(timeout=PATIENCE_S)[0].strip() for process in begun] == [b"0"] * 3
    assert version(tmp_path / "index.sqlite") == 1

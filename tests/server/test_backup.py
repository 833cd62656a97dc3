"""`sightline backup` beside a server at work, and `sightline restore`."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import stat
import tarfile
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import openai
import pytest

from tests.commands import typed
from tests.conftest import running
from tests.pictures import sample
from tests.server.test_batches import ended, line, say, told, uploaded
from tests.server.test_keys import added


def form(path: Path) -> int:
    with closing(sqlite3.connect(path)) as database:
        found: int = database.execute("PRAGMA user_version").fetchone()[0]
        return found


def of_a_newer_version(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 99")


def places(folder: Path) -> list[str]:
    return ["--keys-file", str(folder / "keys.sqlite"), "--files-dir", str(folder / "files")]


def serving(folder: Path) -> list[str]:
    return ["--keys", "required", "--engine", "mirror", *places(folder)]


@pytest.fixture(scope="module")
def backed_up(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str, str]:
    """A backup that was made while files came and went; with a key, a picture and a batch of it."""
    folder = tmp_path_factory.mktemp("server")
    key, other = added(folder, "ann"), added(folder, "bob")
    backup = folder / "state.tar"
    with running(*serving(folder)) as url:
        with openai.OpenAI(base_url=url, api_key=key, max_retries=0) as client:
            picture = client.files.create(file=("sign.png", sample("sign")), purpose="vision").id
            batch = client.batches.create(
                input_file_id=uploaded(client, line("a", say("Hello"))),
                endpoint="/v1/chat/completions", completion_window="24h",
            )  # fmt: skip
            ended(client, batch.id)
        over = threading.Event()
        others = threading.Thread(target=_come_and_go, args=(url, other, over))
        others.start()
        try:
            done = typed("backup", str(backup), *places(folder), "--json")
        finally:
            over.set()
            others.join()
    assert done.returncode == 0, done.stderr
    counts = json.loads(done.stdout)
    assert counts["bytes"] == backup.stat().st_size
    assert (counts["keys"], counts["batches"]) == (2, 1)
    assert counts["files"] >= 3
    return backup, key, picture, batch.id


def _come_and_go(url: str, key: str, over: threading.Event) -> None:
    with openai.OpenAI(base_url=url, api_key=key, max_retries=0) as client:
        while not over.is_set():
            id = client.files.create(file=("a.png", sample("sign")), purpose="vision").id
            client.files.delete(id)


def test_it_is_readable_for_its_user_alone(backed_up: tuple[Path, str, str, str]) -> None:
    backup = backed_up[0]
    if os.name == "posix":
        assert stat.S_IMODE(backup.stat().st_mode) == 0o600
        with tarfile.open(backup) as archive:
            assert {member.mode for member in archive} == {0o600}
    assert sorted(each.name for each in backup.parent.iterdir()) == [
        "files",
        "keys.sqlite",
        "state.tar",
    ]


def test_what_is_restored_is_served(backed_up: tuple[Path, str, str, str], tmp_path: Path) -> None:
    backup, key, picture, batch = backed_up
    folder = tmp_path / "new"
    done = typed("restore", str(backup), *places(folder))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("2 keys, ")
    if os.name == "posix":
        modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.is_file()}
        assert modes == {0o600}
        assert stat.S_IMODE((folder / "files").stat().st_mode) == 0o700
    assert not list(folder.rglob(".restoring-*"))
    with closing(sqlite3.connect(folder / "files" / "batches.sqlite")) as batches:
        assert batches.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    with (
        running(*serving(folder)) as url,
        openai.OpenAI(base_url=url, api_key=key, max_retries=0) as client,
    ):
        assert client.files.content(picture).content == sample("sign")
        again = client.batches.retrieve(batch)
        assert again.status == "completed"
        assert set(told(client, again.output_file_id)) == {"a"}
        new = client.batches.create(
            input_file_id=again.input_file_id, endpoint="/v1/chat/completions",
            completion_window="24h",
        )  # fmt: skip
        assert ended(client, new.id).status == "completed"


def test_nothing_is_overwritten(backed_up: tuple[Path, str, str, str], tmp_path: Path) -> None:
    backup = backed_up[0]
    again = typed("backup", str(backup), *places(backup.parent))
    assert again.returncode == 2
    assert "there already" in again.stderr
    added(tmp_path, "dora")
    before = (tmp_path / "keys.sqlite").read_bytes()
    done = typed("restore", str(backup), *places(tmp_path))
    assert done.returncode == 2
    assert "nothing is overwritten" in done.stderr
    assert (tmp_path / "keys.sqlite").read_bytes() == before
    assert not (tmp_path / "files").exists()


def test_a_folder_gets_a_file_named_by_the_time(tmp_path: Path) -> None:
    added(tmp_path, "ann")
    done = typed("backup", str(tmp_path), *places(tmp_path))
    assert done.returncode == 0, done.stderr
    (backup,) = tmp_path.glob("sightline-*T*Z.tar")
    assert done.stdout.startswith(f"1 key, 0 files and 0 batches: {backup}, ")
    assert typed("restore", str(backup), *places(tmp_path / "new")).returncode == 0
    assert (tmp_path / "new" / "keys.sqlite").exists()


def test_where_there_is_nothing_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    done = typed("backup", str(tmp_path / "a.tar"), *places(tmp_path / "server"))
    assert done.returncode == 2
    assert "nothing to back up" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    added(tmp_path, "ann")
    done = typed("backup", str(tmp_path / "away" / "a.tar"), *places(tmp_path))
    assert done.returncode == 1
    assert "cannot be read or written" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["keys.sqlite"]


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def without(name: str, data: bytes) -> bytes:
    """A backup that lacks what has that in its name."""
    made = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(data)) as old,
        tarfile.open(fileobj=made, mode="w") as new,
    ):
        for member in old:
            if name not in member.name:
                new.addfile(member, old.extractfile(member))
    return made.getvalue()


def with_one(name: str, kind: bytes, data: bytes) -> bytes:
    """A backup with an entry more."""
    made = io.BytesIO(data)
    with tarfile.open(fileobj=made, mode="a") as archive:
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, "/etc/passwd"
        archive.addfile(info)
    return made.getvalue()


DAMAGED: dict[str, Callable[[bytes], bytes]] = {
    "no archive": lambda data: b"hello" * 1000,
    "empty": lambda data: b"",
    "cut": cut,
    "cut between": lambda data: without("sightline-backup.json", data),
    "a file lacks": lambda data: without("files/file-", data),
    "out of the folder": lambda data: with_one("files/../../evil", tarfile.REGTYPE, data),
    "a link": lambda data: with_one("files/file-" + "0" * 24, tarfile.SYMTYPE, data),
    "twice": lambda data: with_one("keys.sqlite", tarfile.REGTYPE, data),
}


@pytest.mark.parametrize("how", DAMAGED)
def test_what_is_damaged_is_not_restored(
    backed_up: tuple[Path, str, str, str], tmp_path: Path, how: str
) -> None:
    damaged = tmp_path / "damaged.tar"
    damaged.write_bytes(DAMAGED[how](backed_up[0].read_bytes()))
    folder = tmp_path / "new"
    done = typed("restore", str(damaged), *places(folder))
    assert done.returncode == 1
    assert "is no backup of Sightline's, or it is damaged" in done.stderr
    assert not [path for path in folder.rglob("*") if path.is_file()]
    assert typed("restore", str(backed_up[0]), *places(folder)).returncode == 0


def test_a_backup_of_a_newer_version_is_not_restored(tmp_path: Path) -> None:
    added(tmp_path, "ann")
    of_a_newer_version(tmp_path / "keys.sqlite")
    refused = typed("backup", str(tmp_path / "a.tar"), *places(tmp_path))
    assert refused.returncode == 2
    assert "newer version" in refused.stderr

    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        archive.add(tmp_path / "keys.sqlite", "keys.sqlite")
        note = json.dumps({"form": 1, "version": "9.0.0"}).encode()
        info = tarfile.TarInfo("sightline-backup.json")
        info.size = len(note)
        archive.addfile(info, io.BytesIO(note))
    backup = tmp_path / "newer.tar"
    backup.write_bytes(made.getvalue())
    done = typed("restore", str(backup), *places(tmp_path / "new"))
    assert done.returncode == 2
    assert "was made by a newer version" in done.stderr
    assert not [path for path in (tmp_path / "new").rglob("*") if path.is_file()]

"""The folders that processes work in, and what becomes of those of killed ones."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest
import requests

from sightline import temporary
from tests.conftest import started
from tests.films import film
from tests.server.test_keys import HELLO
from tests.starting import python
from tests.waiting import PATIENCE_S

posix = pytest.mark.skipif(os.name != "posix", reason="Windows sweeps nothing")
OURS = re.compile(r"sightline-[a-z0-9_]{8}")


def made(root: Path) -> set[str]:
    return {each.name for each in root.iterdir()}


def in_room(root: Path, *, end: str = "") -> str:
    """Run a process that has a folder in `root`; give the folder's name."""
    code = (
        "from sightline import temporary; import os, signal; made = temporary.folder()\n"
        f"(made / 'upload').write_text('x'); print(made.name, flush=True); {end}"
    )
    done = python(code, env={**os.environ, "TMPDIR": str(root)})
    return done.stdout.strip()


def test_a_folder_is_its_users_alone_and_goes_with_its_process(tmp_path: Path) -> None:
    name = in_room(tmp_path, end="assert not os.stat(made).st_mode & 0o077")
    assert OURS.fullmatch(name)
    assert not made(tmp_path)


@posix
def test_the_folder_of_a_killed_process_is_swept_by_the_next(tmp_path: Path) -> None:
    left = in_room(tmp_path, end="os.kill(os.getpid(), signal.SIGKILL)")
    assert made(tmp_path) == {left}
    assert in_room(tmp_path) != left
    assert not made(tmp_path)


def test_one_that_was_cleaned_away_is_made_anew(tmp_path: Path) -> None:
    """As systems do with what is old."""
    again = "import shutil; shutil.rmtree(made); print(temporary.folder().is_dir())"
    first, made_anew = in_room(tmp_path, end=again).split("\n")
    assert OURS.fullmatch(first)
    assert made_anew == "True"
    assert not made(tmp_path)
    # Of a server, which has all that is temporary there, and of one of its processes within it.
    code = (
        "import shutil, tempfile; from sightline import temporary\n"
        "with temporary.all_in_folder() as server:\n"
        "    temporary._own.clear()\n"
        "    with temporary.all_in_folder() as one:\n"
        "        assert one.parent == server; shutil.rmtree(server)\n"
        "        print(temporary.folder() == one, tempfile.mkdtemp().startswith(str(one)))"
    )
    done = python(code, env={**os.environ, "TMPDIR": str(tmp_path)})
    assert done.stdout == "True True\n", done.stderr


def test_who_needs_a_folder_for_a_time_leaves_that_which_was_there(tmp_path: Path) -> None:
    stays = (
        "exec('with temporary.all_in_folder() as same:\\n    assert same == made')\n"
        "print((made / 'upload').exists())"
    )
    assert in_room(tmp_path, end=stays).split("\n")[1] == "True"
    assert not made(tmp_path)


@posix
def test_names_of_others_are_left_alone(tmp_path: Path) -> None:
    """What is called like a folder of ours and is none, or is a trap."""
    room, outside = tmp_path / "room", tmp_path / "outside"
    (outside / "deep").mkdir(parents=True)
    (outside / temporary._LOCK).touch()
    (outside / "deep" / "kept").write_text("x")
    room.mkdir()
    (room / "sightline-link1234").symlink_to(outside)
    (room / "sightline-file1234").write_text("x")
    os.mkfifo(room / "sightline-fifo1234")
    plain = room / "sightline-work1234"  # somebody's own, without a lock
    plain.mkdir(mode=0o700)
    (plain / "thesis").write_text("x")
    os.utime(plain, (0, 0))
    shared = room / "sightline-open1234"
    shared.mkdir()
    shared.chmod(0o755)
    (shared / temporary._LOCK).touch()
    trap = room / "sightline-trap1234"
    trap.mkdir(mode=0o700)
    os.mkfifo(trap / temporary._LOCK)
    lock = room / "sightline-lock1234"
    lock.mkdir(mode=0o700)
    (lock / temporary._LOCK).symlink_to(outside / "deep" / "kept")
    before = made(room)
    in_room(room)
    assert made(room) == before
    assert (outside / "deep" / "kept").exists()
    assert (plain / "thesis").exists()


@posix
def test_what_links_out_of_a_swept_folder_is_not_followed(tmp_path: Path) -> None:
    room, outside = tmp_path / "room", tmp_path / "outside"
    room.mkdir()
    outside.mkdir()
    (outside / "kept").write_text("x")
    end = f"os.symlink({str(outside)!r}, made / 'way'); os.kill(os.getpid(), signal.SIGKILL)"
    left = in_room(room, end=end)
    assert (room / left / "way").is_symlink()
    in_room(room)
    assert not made(room)
    assert (outside / "kept").exists()


@posix
def test_one_that_was_killed_before_it_had_locked_is_swept_once_it_is_old(tmp_path: Path) -> None:
    for name, age in (("sightline-new12345", 0), ("sightline-old12345", 7200)):
        (tmp_path / name).mkdir(mode=0o700)
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    in_room(tmp_path)
    assert made(tmp_path) == {"sightline-new12345"}


@posix
def test_a_killed_server_leaves_nothing_to_the_next(tmp_path: Path) -> None:
    """With an upload in it; and two servers beside each other leave each other alone."""
    temp = tmp_path / "temp"
    temp.mkdir()
    env = {**os.environ, "TMPDIR": str(temp)}
    data = film(tmp_path / "film.mp4").read_bytes()
    quick = ("--engine", "mirror")
    with started(*quick, "--workers", "2", env=env) as (url, first):
        told = requests.post(
            f"{url}/video/narrations", files={"file": ("film.mp4", data)}, timeout=PATIENCE_S
        )
        assert told.status_code == 200, told.text
        first.kill()
        first.wait(PATIENCE_S)
        (left,) = made(temp)
        (upload,) = (temp / left).rglob("film")
        assert upload.read_bytes() == data
        with started(*quick, env=env) as (one, _):
            assert len(made(temp)) == 1
            assert left not in made(temp)
            with started(*quick, env=env):
                assert len(made(temp)) == 2
                told = requests.post(f"{one}/chat/completions", json=HELLO, timeout=PATIENCE_S)
                assert told.status_code == 200
    assert not made(temp)


@posix
def test_the_folder_of_a_killed_narration_goes_with_the_next(tmp_path: Path) -> None:
    code = (
        "import os, signal; from pathlib import Path; from sightline import temporary\n"
        f"with temporary.beside(Path({str(tmp_path)!r}) / 'film.mp4') as made:\n"
        "    (made / 'speech.raw').write_text('x'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    python(code)
    (left,) = made(tmp_path)
    assert re.fullmatch(r"\.film\.[a-z0-9_]{8}\.part", left)
    with temporary.beside(tmp_path / "other.mp4"):
        assert left in made(tmp_path)
    with temporary.beside(tmp_path / "film.mp4") as mine:
        assert made(tmp_path) == {mine.name}
    assert not made(tmp_path)

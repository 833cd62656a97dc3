"""What 0.1.0 kept, opened by this version: `state_0_1_0` is a folder that it wrote.

It was made by commit 943c707, with which 0.1.0 ends, and the openai client: keys of three people, one of them revoked,
pictures, a batch that had ended, and one whose server was stopped at the second of its three requests.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import openai
import pytest

from sightline.api.batches import TIMES
from tests.commands import typed
from tests.conftest import running
from tests.pictures import asking, sample
from tests.server.test_backup import form, of_a_newer_version
from tests.server.test_batches import ended, told
from tests.waiting import PATIENCE_S

STATE = Path(__file__).with_name("state_0_1_0")
# They open nothing but this folder.
ANN = "sk-ab970429ucs2IOHide-H4BiYRiQcaMDu1K3x3_Z1nNEUIaiOqOs"
BOB = "sk-1557538e40BoNvZrxJlcqR_I7Ozl2UD1HHlFyAgGwc7LBvqF4a4"
CAROL = "sk-557ba875p9UJOmwQ9EiTRZhR0kb2uQMHPbHaDQvSzsyyNXnQjLc"
SIGN, HERS = "file-da2e796bfcfba0c435770545", "file-5dd99831eb47d9cc6ad3df86"
OVER, GOES_ON = "batch_9ccf3c5a38ecf864008ceef2", "batch_2d4c32ec120ad241729397d4"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A copy of the folder, with the times as if it had been left a minute ago."""
    kept = Path(shutil.copytree(STATE, tmp_path / "state"))
    for path in kept.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)  # which Git does not keep
    with closing(sqlite3.connect(kept / "files" / "batches.sqlite")) as batches, batches:
        (last,) = batches.execute("SELECT max(created_at) FROM batches").fetchone()
        later = int(time.time()) - 60 - last
        for each in TIMES:
            batches.execute(f"UPDATE batches SET {each} = {each} + ?", (later,))
    with closing(sqlite3.connect(kept / "files" / "index.sqlite")) as index, index:
        index.execute("UPDATE files SET created = created + ?1, expires = expires + ?1", (later,))
    return kept


def flags(state: Path) -> list[str]:
    return [
        "--keys", "required", "--keys-file", str(state / "keys.sqlite"),
        "--files-dir", str(state / "files"), "--engine", "mirror",
    ]  # fmt: skip


@contextmanager
def served(state: Path) -> Iterator[str]:
    with running(*flags(state)) as url:
        yield url


def client(url: str, key: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=url, api_key=key, max_retries=0, timeout=PATIENCE_S)


def test_keys_open_what_they_opened(state: Path) -> None:
    with served(state) as url:
        with client(url, ANN) as ann:
            said = ann.chat.completions.with_raw_response.create(
                model="gpt-4o", messages=asking("What is it?", sample("sign"))
            )
            assert said.headers["x-ratelimit-limit-requests"] == "60"
        with client(url, BOB) as bob, pytest.raises(openai.AuthenticationError):
            bob.models.list()
        with client(url, CAROL) as carol:
            assert [each.id for each in carol.models.list()] == ["gpt-4o-mini"]
    listed = json.loads(typed("keys", "list", "--json", *flags(state)[2:4]).stdout)["keys"]
    revoked = {key["name"]: key["revoked"] is not None for key in listed}
    assert revoked == {"ann": False, "bob": True, "carol": False}


def test_files_are_there_for_those_whose_they_are(state: Path) -> None:
    with served(state) as url, client(url, ANN) as ann, client(url, CAROL) as carol:
        assert ann.files.content(SIGN).content == sample("sign")
        assert ann.files.retrieve(SIGN).filename == "sign.png"
        uploaded = [each.filename for each in ann.files.list() if each.purpose != "batch_output"]
        assert sorted(uploaded) == ["requests.jsonl", "requests.jsonl", "sign.png"]
        assert [each.id for each in carol.files.list()] == [HERS]
        with pytest.raises(openai.NotFoundError):
            carol.files.retrieve(SIGN)
        picture = {"type": "input_image", "file_id": SIGN, "detail": "auto"}
        said = ann.responses.create(
            model="gpt-4o",
            input=[{"role": "user", "content": [picture]}],  # type: ignore[list-item,misc]
        )
        assert "picture 800x420" in said.output_text


def test_a_batch_that_was_over_is_told_of_and_one_that_was_not_goes_on(state: Path) -> None:
    with served(state) as url, client(url, ANN) as ann:
        over = ann.batches.retrieve(OVER)
        assert (over.status, over.metadata, over.model) == ("completed", {"run": "7"}, "gpt-4o")
        assert over.usage is not None
        assert (over.usage.input_tokens, over.usage.output_tokens) == (9, 5)
        body = told(ann, over.output_file_id)["good"]["response"]["body"]
        assert body["choices"][0]["message"]["content"] == "Answered by 0.1.0."
        assert set(told(ann, over.error_file_id)) == {"bad"}
        assert [each.id for each in ann.batches.list()] == [GOES_ON, OVER]
        done = ended(ann, GOES_ON)
        assert done.status == "completed"
        answers = told(ann, done.output_file_id)
        assert set(answers) == {"done", "left", "too"}
        texts = {
            id: each["response"]["body"]["choices"][0]["message"]["content"]
            for id, each in answers.items()
        }
        assert texts["done"] == "Answered by 0.1.0."  # and is not asked again
        assert "0.1.0" not in texts["left"] + texts["too"]


def test_a_backup_of_it_is_restored_and_goes_on_elsewhere(state: Path, tmp_path: Path) -> None:
    backup, new = tmp_path / "state.tar", tmp_path / "new"
    assert typed("backup", str(backup), *flags(state)[2:6]).returncode == 0
    assert typed("restore", str(backup), *flags(new)[2:6]).stdout.startswith(
        "3 keys, 6 files and 2 batches"
    )
    assert form(new / "files" / "batches.sqlite") == 0  # as it was: whoever opens it changes it
    with served(new) as url, client(url, ANN) as ann:
        assert ann.files.content(SIGN).content == sample("sign")
        assert ended(ann, GOES_ON).status == "completed"


def test_its_settings_are_read_but_for_one_that_has_gone(tmp_path: Path) -> None:
    said = typed("serve", "--config", str(STATE / "settings.toml"), "--print-settings")
    assert said.returncode == 2
    assert "'playground_quota_bytes'" in said.stderr
    assert "leave it out" in said.stderr
    before = (STATE / "settings.toml").read_text("utf-8").splitlines()
    kept = [line for line in before if not line.startswith("playground_quota_bytes")]
    (tmp_path / "settings.toml").write_text("\n".join(kept), "utf-8")
    words = "serve", "--config", str(tmp_path / "settings.toml"), "--print-settings"
    own = {f"{name.removeprefix('SIGHTLINE_').lower()} =" for name in os.environ}
    kept = [line for line in kept if not line.startswith(tuple(own))]  # a variable outdoes a file
    assert set(kept) <= set(typed(*words).stdout.splitlines())


def test_each_file_has_the_form_of_today_afterwards(state: Path) -> None:
    paths = [state / "keys.sqlite", *(state / "files").glob("*.sqlite")]
    assert [form(path) for path in paths] == [0, 0, 0]
    with served(state) as url, client(url, ANN) as ann:
        assert len(list(ann.files.list())) >= 5
    typed("keys", "add", "dora", *flags(state)[2:4])
    assert [form(path) for path in paths] == [1, 2, 1]
    if os.name == "posix":
        assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o600}


@pytest.mark.parametrize("name", ["keys", "files/index", "files/batches"])
def test_a_step_back_is_refused_with_one_line(state: Path, name: str) -> None:
    path = state / f"{name}.sqlite"
    of_a_newer_version(path)
    before = path.read_bytes()
    done = subprocess.run(
        [sys.executable, "-m", "sightline.cli.main", "serve", "--port", "0", *flags(state)],
        capture_output=True, text=True, timeout=PATIENCE_S,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert f"{path} was written by a newer version of Sightline" in line
    assert "restore a backup" in line
    assert path.read_bytes() == before
    if name == "keys":
        listed = typed("keys", "list", *flags(state)[2:4])
        assert listed.returncode == 2
        assert len(listed.stderr.splitlines()) == 1

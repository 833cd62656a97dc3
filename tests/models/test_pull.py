"""Models pulled from a stand-in for the hub, with files that the tests write."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from huggingface_hub.hf_api import ModelInfo

from bench import random_model
from sightline.cli.doctor import gpu_advice
from sightline.errors import ModelFileError
from sightline.models import pull
from tests.commands import typed
from tests.hub import Hub
from tests.starting import python
from tests.waiting import PATIENCE_S

REPO = "maker/tiny-vlm-GGUF"
COMMIT = "a" * 40
NEWER = "b" * 40


@pytest.fixture
def hub(tiny: Path) -> Iterator[Hub]:
    made = Hub(REPO, COMMIT)
    made.files = {
        "tiny-vlm-Q8_0.gguf": tiny.read_bytes(),
        "mmproj-tiny-vlm-Q8_0.gguf": (tiny.parent / "mmproj.gguf").read_bytes(),
    }
    with made.serving():
        yield made


@dataclass
class Done:
    code: int
    out: str
    err: str


def sightline(folder: Path, hub: Hub | None, *words: str, **more: str) -> Done:
    env = {
        "SIGHTLINE_MODELS_DIR": str(folder),
        "HF_ENDPOINT": hub.url if hub else "http://127.0.0.1:9",
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_HOME": str(folder / "hf-home"),
        "HF_HUB_DOWNLOAD_TIMEOUT": "3",
        **more,
    }
    if words[0] != "pull":
        told = typed(*words, env=env)
        return Done(told.returncode, told.stdout, told.stderr)
    # In a process of its own: the library that downloads reads its settings when it is imported.
    done = subprocess.run(
        [sys.executable, "-m", "sightline.cli.main", *words],
        env={**os.environ, **env}, capture_output=True, text=True, timeout=PATIENCE_S,
    )  # fmt: skip
    return Done(done.returncode, done.stdout, done.stderr)


NAME = f"{REPO}:Q8_0"


def gets(hub: Hub) -> list[str]:
    return [path for method, path in hub.asked if method == "GET" and "/resolve/" in path]


def test_a_model_is_pulled_locked_listed_used_and_deleted(hub: Hub, tmp_path: Path) -> None:
    done = sightline(tmp_path, hub, "pull", NAME)
    assert done.code == 0, done.err
    lock = json.loads((tmp_path / "models.lock.json").read_text())["models"][NAME]
    assert lock["revision"] == COMMIT
    assert {f["name"]: f["sha256"] for f in lock["files"]} == {n: hub.sha(n) for n in hub.files}
    before = len(gets(hub))
    assert sightline(tmp_path, hub, "pull", NAME).code == 0
    assert len(gets(hub)) == before  # it is here, and whole
    assert NAME in sightline(tmp_path, hub, "models").out
    asked = sightline(
        tmp_path, None, "ask", "samples/sign.png", "What?", "--engine", "llamacpp", "--model", NAME
    )
    assert asked.code == 0, asked.err  # offline, by its name
    assert sightline(tmp_path, hub, "rm", NAME).code == 0
    assert not list(tmp_path.rglob("*.gguf"))
    gone = sightline(
        tmp_path, hub, "ask", "samples/sign.png", "?", "--engine", "llamacpp", "--model", NAME
    )
    assert gone.code != 0
    assert f"sightline pull {NAME}" in gone.err


@pytest.mark.parametrize(
    ("there", "taken"),
    [
        (["MTP/mtp-tiny-Q8_0.gguf", "mtp-tiny-Q8_0.gguf", "tiny-draft-Q8_0.gguf", "tiny.imatrix.gguf",
          "tiny-Q8_0.gguf", "tiny-UD-Q8_0.gguf"], ["tiny-Q8_0.gguf"]),
        (["Q8_0/tiny-Q8_0-00002-of-00003.gguf", "Q8_0/tiny-Q8_0-00001-of-00003.gguf",
          "Q8_0/tiny-Q8_0-00003-of-00003.gguf", "tiny-Q4_0-00001-of-00002.gguf"],
         [f"Q8_0/tiny-Q8_0-0000{i}-of-00003.gguf" for i in (1, 2, 3)]),
        (["a-much-longer-Q8_0-00001-of-00002.gguf", "a-much-longer-Q8_0-00002-of-00002.gguf",
          "a-Q8_0-00001-of-00002.gguf", "a-Q8_0-00002-of-00002.gguf"],
         ["a-Q8_0-00001-of-00002.gguf", "a-Q8_0-00002-of-00002.gguf"]),
        (["tiny-Q8_0-00001-of-00003.gguf", "tiny-Q8_0-00003-of-00003.gguf"], "2 of the 3 parts"),
    ],
    ids=["heads that draft", "parts", "parts of two", "a part is missing"],
)  # fmt: skip
def test_a_model_is_taken_whole_and_nothing_beside_it(
    there: list[str], taken: list[str] | str
) -> None:
    lfs = {"sha256": "0" * 64, "size": 1, "pointerSize": 1}
    files = [{"rfilename": name, "size": 1, "lfs": lfs} for name in ["mmproj-F16.gguf", *there]]
    info = ModelInfo(id=REPO, sha=COMMIT, siblings=files)  # type: ignore[no-untyped-call]
    target = pull.wanted(NAME)
    if isinstance(taken, str):
        with pytest.raises(ModelFileError, match=taken):
            pull._chosen(target, info)
        return
    assert [file.name for file in pull._chosen(target, info)] == [*taken, "mmproj-F16.gguf"]


STEPS = """
import sys
from pathlib import Path
from sightline.models.pull import pull
from sightline.models.store import Store

for _ in range(2):
    pull(Store(Path(sys.argv[1])), sys.argv[2], heard=lambda *step: print(*step, sep="|"))
"""


def test_each_step_is_told_in_bytes(hub: Hub, tmp_path: Path) -> None:
    env = {
        "HF_ENDPOINT": hub.url,
        "HF_HUB_DISABLE_XET": "1",
        "HF_HOME": str(tmp_path / "hf-home"),
    }
    done = python(STEPS, str(tmp_path), NAME, env={**os.environ, **env})
    assert (done.returncode, done.stderr) == (0, "")  # nothing but ours is drawn
    steps = [line.split("|") for line in done.stdout.splitlines()]
    assert list(dict.fromkeys(name for name, _, _ in steps)) == [
        "Checking what is here",
        "Asking the hub",
        "Getting tiny-vlm-Q8_0.gguf",
        "Checking tiny-vlm-Q8_0.gguf",
        "Getting mmproj-tiny-vlm-Q8_0.gguf",
        "Checking mmproj-tiny-vlm-Q8_0.gguf",
    ]
    assert steps[-1][0] == "Checking what is here"  # and there is no more to do
    for file, data in hub.files.items():
        for step in ("Getting", "Checking"):
            told = [tuple(map(float, each[1:])) for each in steps if each[0] == f"{step} {file}"]
            assert told == sorted(told)
            assert told[-1] == (float(len(data)), float(len(data)))


def test_a_download_that_breaks_off_goes_on_where_it_was(hub: Hub, tmp_path: Path) -> None:
    big = max(hub.files, key=lambda name: len(hub.files[name]))
    hub.cut_after = len(hub.files[big]) // 2
    done = sightline(tmp_path, hub, "pull", NAME)
    if done.code:  # the library may try again by itself
        assert "broke off" in done.err
        assert done.err.strip().count("\n") == 0
        done = sightline(tmp_path, hub, "pull", NAME)
    assert done.code == 0, done.err


def test_another_hash_than_the_hub_states_is_refused(hub: Hub, tmp_path: Path) -> None:
    name = "tiny-vlm-Q8_0.gguf"
    hub.stated[name] = "0" * 64
    done = sightline(tmp_path, hub, "pull", NAME)
    assert done.code == 1
    assert "not what the hub says it is" in done.err
    assert not (tmp_path / "models.lock.json").exists()
    assert not [p for p in tmp_path.rglob("*.gguf") if p.name == name]


def test_a_lock_is_held_to(hub: Hub, tmp_path: Path) -> None:
    assert sightline(tmp_path, hub, "pull", NAME).code == 0
    name = "tiny-vlm-Q8_0.gguf"
    here = next(p for p in tmp_path.rglob(name))
    here.write_bytes(b"GGUF" + here.read_bytes()[4:-1] + b"x")
    used = sightline(
        tmp_path, None, "ask", "samples/sign.png", "?", "--engine", "llamacpp", "--model", NAME
    )
    assert used.code == 1
    assert "is not the file that was pulled" in used.err
    assert sightline(tmp_path, hub, "pull", NAME).code == 0  # it is mended
    here.unlink()
    hub.files[name] = hub.files[name][:-1] + b"y"
    refused = sightline(tmp_path, hub, "pull", NAME)
    assert refused.code == 1
    assert "another SHA-256" in refused.err
    hub.commit = NEWER
    moved = sightline(tmp_path, hub, "pull", NAME)
    assert moved.code == 1
    assert "not in the locked revision" in moved.err
    assert sightline(tmp_path, hub, "pull", NAME, "--update").code == 0
    lock = json.loads((tmp_path / "models.lock.json").read_text())["models"][NAME]
    assert lock["revision"] == NEWER


def test_two_pulls_at_once(hub: Hub, tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda _: sightline(tmp_path, hub, "pull", NAME), range(2)))
    assert [each.code for each in done] == [0, 0], done
    assert len(gets(hub)) == 2  # each file once


def test_a_hub_that_is_away(tmp_path: Path) -> None:
    done = sightline(tmp_path, None, "pull", NAME)
    assert done.code == 1
    assert "cannot be reached" in done.err
    assert done.err.strip().count("\n") == 0
    offline = sightline(tmp_path, None, "pull", NAME, HF_HUB_OFFLINE="1")
    assert offline.code == 1
    assert "offline" in offline.err


def test_a_model_that_needs_consent(hub: Hub, tmp_path: Path) -> None:
    hub.gated = True
    for token in ("", "hf_of_somebody"):
        done = sightline(tmp_path, hub, "pull", NAME, HF_TOKEN=token)
        assert done.code == 1
        [line] = done.err.strip().splitlines()[-1:]
        assert "given only to those who accepted its terms" in line
        assert f"{hub.url}/{REPO}" in line
        assert "HF_TOKEN" in line
        assert "hf_of_somebody" not in done.err
        assert "Traceback" not in done.err
    assert not list(tmp_path.rglob("*.gguf"))
    hub.gated = False
    assert sightline(tmp_path, hub, "pull", NAME).code == 0


@pytest.mark.skipif(not hasattr(os, "statvfs"), reason="needs a file system that can be filled")
def test_a_full_disk(hub: Hub, tmp_path: Path) -> None:
    code = (
        "import shutil, collections;"
        "shutil.disk_usage = lambda p: collections.namedtuple('u', 'total used free')(9, 9, 10**6);"
        f"from sightline.cli.main import main; raise SystemExit(main(['pull', {NAME!r}]))"
    )
    env = {**os.environ, "SIGHTLINE_MODELS_DIR": str(tmp_path), "HF_ENDPOINT": hub.url}
    done = python(code, env=env)
    assert done.returncode == 1
    assert "free" in done.stderr
    assert "are needed" in done.stderr


def test_names_that_there_are_not(hub: Hub, tmp_path: Path) -> None:
    unknown = sightline(tmp_path, hub, "pull", "no-such-model")
    assert (unknown.code, "in the catalogue" in unknown.err) == (2, True)
    missing = sightline(tmp_path, hub, "pull", "maker/nothing:Q8_0")
    assert (missing.code, "The hub has no maker/nothing" in missing.err) == (1, True)
    other = sightline(tmp_path, hub, "pull", f"{REPO}:Q2_K")
    assert (other.code, "It has: Q8_0." in other.err) == (1, True)
    del hub.files["mmproj-tiny-vlm-Q8_0.gguf"]
    half = sightline(tmp_path, hub, "pull", NAME)
    assert (half.code, "no vision half" in half.err) == (1, True)


def serve(*flags: str) -> Done:
    done = typed("serve", "--port", "0", "--engine", "llamacpp", *flags)
    return Done(done.returncode, done.stdout, done.stderr)


def test_files_that_are_no_model_are_told_at_the_start(tiny: Path, tmp_path: Path) -> None:
    text = tmp_path / "notes.gguf"
    text.write_text("not a model " * 50)
    empty = tmp_path / "empty.gguf"
    empty.write_bytes(b"")
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(tiny.read_bytes()[:-5000])
    header = tmp_path / "header.gguf"
    header.write_bytes(tiny.read_bytes()[:700])
    half = tmp_path / "half" / "model.gguf"
    half.parent.mkdir()
    half.write_bytes(tiny.read_bytes())
    eye = str(tiny.parent / "mmproj.gguf")
    for flags, words in (
        ((), "needs a model"),
        (("--model", str(text)), "is not a GGUF model"),
        (("--model", str(empty)), "cut short"),
        (("--model", str(half.parent)), "is no GGUF file"),
        (("--model", str(cut)), "cut short"),
        (("--model", str(header)), "cut short"),
        (("--model", str(half)), "has no vision half beside it"),
        (("--model", eye), "is the vision half"),
        (("--model", str(half), "--mmproj", str(half)), "is not the vision half"),
        (("--model", str(tmp_path / "away.gguf")), "There is no file"),
        (
            ("--model", "smolvlm2-500m", "--models-dir", str(tmp_path)),
            "sightline pull smolvlm2-500m",
        ),
        (("--model", str(tiny), "--slots", "100000", "--context", "8192"), "of memory"),
    ):
        done = serve(*flags)
        assert done.code in (1, 2), flags
        assert words in done.err, (flags, done.err)
        assert done.err.strip().count("\n") == 0, done.err


@pytest.mark.parametrize(
    "command",
    [
        ("ask", "away.png", "What is it?"),
        ("decide", "away.png", "--question", "Is it there?"),
    ],
    ids=" ".join,
)
def test_a_damaged_model_is_told_before_anything_is_read(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    damaged = tmp_path / "damaged.gguf"
    damaged.write_text("not a model " * 50)
    done = typed(*command, "--engine", "llamacpp", "--model", str(damaged))
    assert done.returncode in (1, 2)
    assert "damaged.gguf is not a GGUF model" in done.stderr
    assert "away" not in done.stderr


def test_halves_that_do_not_belong_together(tiny: Path, tmp_path: Path) -> None:
    from dataclasses import replace

    other = replace(random_model.PRESETS["tiny"], width=128)
    eye = random_model.write_eye(other, tmp_path / "mmproj.gguf")
    asked = sightline(
        tmp_path, None, "ask", "samples/sign.png", "?", "--engine", "llamacpp",
        "--model", str(tiny), "--mmproj", str(eye),
    )  # fmt: skip
    assert asked.code == 1
    told = [line for line in asked.err.splitlines() if not line.startswith("Looking at")]
    assert "halves do not belong together" in told[0]  # a slow machine says before that it works
    assert len(told) == 1


def test_the_catalogue(tmp_path: Path) -> None:
    told = json.loads(sightline(tmp_path, None, "models", "--json").out)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", told["date"])
    rows = told["catalogue"]
    assert len(rows) >= 10
    assert min(r["parameters_billions"] for r in rows) < 0.3
    assert max(r["parameters_billions"] for r in rows) > 20
    assert rows[0]["name"] == "nano"  # comes with the package
    for row in rows[1:]:
        assert row["licence"]
        assert row["languages"]
        assert row["good_at"]
        assert row["source"].startswith("https://")
        assert row["memory_bytes"] > row["bytes"] > 10**8
        assert isinstance(row["fits"], bool)
        assert not {"sha256", "revision"} & set(row)


def test_what_a_file_is(tiny: Path, tmp_path: Path) -> None:
    told = json.loads(sightline(tmp_path, None, "models", str(tiny), "--json").out)["files"][0]
    assert (told["half"], told["architecture"], told["context"]) == ("text", "llama", 8192)
    said = sightline(tmp_path, None, "models", str(tiny.parent / "mmproj.gguf")).out
    assert "vision half" in said
    assert "phi4" in said
    wrong = sightline(tmp_path, None, "models", "README.md")
    assert (wrong.code, "is not a GGUF model" in wrong.err) == (1, True)


def test_a_gpu_that_is_not_used_is_told_with_the_build_that_does() -> None:
    builds = {"/dev/nvidiactl": "cu128", "/dev/kfd": "rocm", "/dev/dri/renderD128": "vulkan"}
    for node, build in builds.items():
        told = gpu_advice(["CPU"], "1.2", node.__eq__)
        assert "xllamacpp==1.2" in told
        assert build in told
        assert not gpu_advice(["CUDA0", "CPU"], "1.2", node.__eq__)
    assert not gpu_advice(["CPU"], "1.2", lambda _: False)


def test_the_doctor(tmp_path: Path) -> None:
    told = json.loads(sightline(tmp_path, None, "doctor", "--json").out)
    assert told["cores"] >= 1
    assert told["memory_free_bytes"] > 0
    assert "CPU" in told["llamacpp_devices"]
    assert any("sightline models" in line for line in told["advice"])

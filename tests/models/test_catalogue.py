"""What the catalogue offers, to which machine, and how it is told."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench import random_model
from sightline.engines.llamacpp import gpu
from sightline.engines.llamacpp.prompt import Prompting
from sightline.models import gguf
from sightline.models.catalogue import catalogue
from sightline.models.store import Store
from sightline.settings import Settings, load
from sightline.types import Message, Picture, Question, Sizing, Text
from tests.commands import typed
from tests.engines.test_several import kept
from tests.engines.test_upstream import standing
from tests.hub import Hub
from tests.models.test_pull import COMMIT, sightline

GB = 10**9
ENTRIES = {entry.name: entry for entry in catalogue().entries}
SUGGESTED = [e.name for e in catalogue().entries if e.suggested]


def test_every_entry_says_what_one_needs_to_know() -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", catalogue().date)
    for entry in catalogue().entries:
        assert entry.licence
        assert entry.languages
        assert entry.shipped or re.fullmatch(r"[\w.-]+/[\w.-]+", entry.repo)
        assert entry.shipped or entry.source.startswith("https://")
        assert set(entry.tasks) <= {"chat", "documents", "hearing"}
        if "documents" in entry.tasks:
            assert entry.prompts
            assert not entry.suggested
    assert ENTRIES["deepseek-ocr-2"].template == ENTRIES["deepseek-ocr"].template
    assert "smolvlm2-256m" not in ENTRIES
    places = [entry.suggested for entry in catalogue().entries if entry.suggested]
    assert sorted(places) == list(range(1, len(places) + 1))


@pytest.mark.parametrize(
    ("memory", "cores", "name", "why"),
    [
        (GB // 2, 8, "smolvlm2-500m", "the lightest there is"),
        (16 * GB, 2, "smolvlm2-500m", "for qwen3.5-0.8b there are too few cores"),
        (3 * GB, 4, "qwen3.5-0.8b", "for gemma-4-e2b there is too little memory"),
        (8 * GB, 8, "gemma-4-e4b", "8.0 GB of memory are free, and 8 cores"),
        (64 * GB, 16, "gemma-4-26b-a4b", "look at a picture in about 10 s"),
    ],
)
def test_a_machine_gets_the_best_that_it_can_run(
    memory: int, cores: int, name: str, why: str
) -> None:
    suggestion = catalogue().suggest(memory, cores)
    assert suggestion.entry.name == name
    assert why in suggestion.why
    here = [ENTRIES["lfm2.5-vl-450m"], ENTRIES["smolvlm2-500m"]]
    assert catalogue().suggest(64 * GB, 16, among=here).entry.name == "smolvlm2-500m"


def test_a_gpu_that_the_build_uses_is_counted() -> None:
    slow = catalogue().suggest(64 * GB, 2)
    fast = catalogue().suggest(64 * GB, 2, 10 * GB)
    assert (slow.entry.name, fast.entry.name) == ("smolvlm2-500m", "qwen3.5-9b")
    assert "10.0 GB on the GPU, which holds it" in fast.why
    assert "for gemma-4-12b there is too little of that" in fast.why
    assert catalogue().suggest(2 * GB, 2, 80 * GB).entry.name == "qwen3.5-0.8b"
    assert all(not device.gpu for device in gpu.devices() if device.name == "CPU")
    assert [device.name for device in gpu.devices()]


def test_the_list_fits_a_terminal_and_begins_with_what_suits(tmp_path: Path) -> None:
    done = sightline(tmp_path, None, "models")
    lines = done.out.splitlines()
    assert max(map(len, lines)) <= 100
    first = lines[1].split()[0]
    assert first in SUGGESTED
    assert f"For this machine: {first}." in done.out
    told = json.loads(sightline(tmp_path, None, "models", "--json").out)["catalogue"]
    row = next(row for row in told if row["name"] == "qwen3.5-4b")
    assert row["image_tokens"] == [1024, 1280, 4096]
    assert row["thinking"] == "asked"


def test_a_model_is_chosen_for_who_names_none(tmp_path: Path, tiny: Path) -> None:
    nobody = sightline(
        tmp_path, None, "ask", "samples/sign.png", "?", "--engine", "llamacpp", "--model", "auto"
    )
    assert nobody.code == 2
    assert "sightline pull, which chooses one" in nobody.err
    hub = Hub(ENTRIES["smolvlm2-500m"].repo, COMMIT)
    hub.files = {
        "SmolVLM2-Q8_0.gguf": tiny.read_bytes(),
        "mmproj-SmolVLM2-Q8_0.gguf": (tiny.parent / "mmproj.gguf").read_bytes(),
    }
    with hub.serving():
        named = sightline(tmp_path, hub, "pull", "smolvlm2-500m")
        assert named.code == 0
        assert re.search(r"^sightline: smolvlm2-500m: \d+ MB, licence Apache-2.0$", named.err, re.M)
        assert "sightline use smolvlm2-500m" in named.out
        chosen = sightline(tmp_path, hub, "pull")
        name = re.match(r"sightline: ([\w.-]+): .*(memory|lightest)", chosen.err)
        assert name is not None
        assert name[1] in SUGGESTED
    asked = sightline(
        tmp_path, None, "ask", "samples/sign.png", "?", "--engine", "llamacpp", "--model", "auto"
    )
    assert asked.code == 0, asked.err


def test_a_model_is_told_of_by_its_name(tmp_path: Path) -> None:
    done = sightline(tmp_path, None, "models", "qwen3.5-4b")
    assert "licence: Apache-2.0" in done.out
    assert "no; sightline pull qwen3.5-4b" in done.out
    voices = sightline(tmp_path, None, "models", "kokoro", "whisper-base")
    assert "no; sightline pull kokoro" in voices.out
    assert "from: Systran/faster-whisper-base" in voices.out
    wrong = sightline(tmp_path, None, "models", "kokkoro")
    assert (wrong.code, wrong.err) == (
        2, "sightline models: There is no model 'kokkoro', and no file. Did you mean kokoro?\n"
    )  # fmt: skip
    told = json.loads(sightline(tmp_path, None, "models", "nano", "--json").out)
    assert [row["name"] for row in told["catalogue"]] == ["nano"]


def test_a_model_that_is_named_answers_or_is_missed(tmp_path: Path) -> None:
    """The embedded engine runs none: a name that it passed over was answered by something else."""
    words = ("ask", "samples/sign.png", "What does it say?", "--model", "qwen3.5-4b")
    done = sightline(tmp_path, None, *words)
    assert done.code == 1
    assert "sightline pull qwen3.5-4b" in done.err
    assert load({"model": "nano"}, environment={}).engine == "llamacpp"
    assert load({"upstream_url": "http://x/v1", "model": "m"}, environment={}).engine == "upstream"
    assert load({"model": "m", "engine": "mirror"}, environment={}).engine == "mirror"
    assert load({}, environment={}).engine == "nano"


def test_embedded_names_the_default_engine_wherever_one_is_named(tmp_path: Path) -> None:
    assert Settings(engine="embedded") == Settings()
    assert load({"engine": "embedded"}, environment={}).engine == "nano"
    assert load({}, environment={"SIGHTLINE_ENGINE": "embedded"}).engine == "nano"
    file = tmp_path / "sightline.toml"
    file.write_text('engine = "mirror"\n[models.own]\nengine = "embedded"\n')
    ((name, route),) = load({}, environment={}, file=file).routes
    assert (name, route.engine) == ("own", "nano")


def test_a_model_that_is_used_answers_until_another_is_named(tmp_path: Path, tiny: Path) -> None:
    def answered(*flags: str) -> tuple[str, bool]:
        done = sightline(
            tmp_path, None, "ask", "samples/sign.png", "What does it say?", "--json", *flags
        )
        assert done.code == 0, done.err
        return json.loads(done.out)["usage"]["sightline"]["engine"], "Note: There is no" in done.err

    gone = sightline(tmp_path, None, "use", "smolvlm2-500m")
    assert gone.code == 1
    assert "sightline pull smolvlm2-500m" in gone.err
    model = tmp_path / "mine.gguf"
    model.write_bytes(tiny.read_bytes())
    (tmp_path / "mmproj.gguf").write_bytes((tiny.parent / "mmproj.gguf").read_bytes())
    assert answered() == ("nano", False)
    assert "mine.gguf" in sightline(tmp_path, None, "use", str(model)).out
    assert answered() == ("llamacpp", False)
    assert answered("--engine", "reader") == ("reader", False)
    model.unlink()
    assert answered() == ("nano", True)
    assert "embedded" in sightline(tmp_path, None, "use", "embedded").out
    assert json.loads(sightline(tmp_path, None, "use", "--json").out) == {"model": None}


def test_a_reader_of_documents_is_asked_in_its_own_words() -> None:
    pixels = np.zeros((32, 32, 3), np.uint8)
    picture = Picture(pixels, (pixels,), (32, 32), Sizing(32, 32, 1), "x", "messages[0]")
    prompting = Prompting(b"", 60, False, False, None, unasked="OCR:")

    def asked(*words: str) -> str:
        turn = Message("user", (picture, *map(Text, words)))
        return prompting.write(Question("m", (turn,)), None).decode()

    assert '"text":"OCR:"' in asked()
    assert '"text":"OCR:"' in asked("  ")
    assert "OCR:" not in asked("What is the total?")


def test_the_model_of_the_package_says_that_it_is_told_what_can_be_read() -> None:
    folder = Path(gguf.__file__).with_name("nano")
    assert gguf.read(folder / "mmproj.gguf").assisted


@pytest.mark.parametrize(
    ("model", "task", "words"),
    [
        ("zai-org/GLM-OCR", "table", "Table Recognition:"),
        ("glm-ocr", "markdown", "Text Recognition:"),
        ("PaddlePaddle/PaddleOCR-VL-1.6-GGUF:Q8_0", "formula", "Formula Recognition:"),
        ("ibm-granite/granite-docling-258M", "table", "Convert table to OTSL."),
        ("Qwen/Qwen3-VL-8B-Instruct", "formula", "Write the formula in LaTeX, and nothing else."),
    ],
)
def test_a_task_is_asked_in_the_models_own_words(model: str, task: str, words: str) -> None:
    with standing(models=(model,)) as stand:
        done = typed("ask", "samples/receipt.png", "--task", task, "--base-url", stand.url)
    assert (done.returncode, done.stdout) == (0, "fine\n")
    (turn,) = stand.bodies[0]["messages"]
    assert [part["text"] for part in turn["content"] if part["type"] == "text"] == [words]


def test_a_task_stands_in_place_of_a_question(tmp_path: Path, tiny: Path) -> None:
    table = typed("ask", "samples/receipt.png", "--task", "table")
    assert "| 2 | Flat White | 6.80 |" in table.stdout
    for more in (("What is it?",), ("--json", "total")):
        done = typed("ask", "samples/receipt.png", *more, "--task", "table")
        assert done.returncode == 2
        assert "a question of its own" in done.stderr
    store = Store(tmp_path)
    kept(store, "lightonocr-1b", tiny)
    here = ("--engine", "llamacpp", "--model", "lightonocr-1b")
    env = {"SIGHTLINE_MODELS_DIR": str(tmp_path)}
    done = typed("ask", "samples/sign.png", "--task", "markdown", *here, env=env)
    assert done.returncode == 0, done.stderr
    done = typed("ask", "samples/sign.png", "--task", "formula", *here, env=env)
    assert done.returncode == 2
    assert "lightonocr-1b was not trained for --task formula. It knows: markdown." in done.stderr


def test_an_entrys_template_takes_the_place_of_its_files(tmp_path: Path) -> None:
    shape = replace(random_model.PRESETS["tiny"], template="{{ raise_exception('no') }}")
    model = random_model.write(tmp_path / "model", shape)
    store = Store(tmp_path / "models")
    for name in ("deepseek-ocr", "maker/other"):
        kept(store, name, model)
    env = {"SIGHTLINE_MODELS_DIR": str(store.folder)}
    words = ("ask", "samples/sign.png", "--task", "markdown", "--engine", "llamacpp", "--model")
    assert "Its chat template fails." in typed(*words, "maker/other", env=env).stderr
    done = typed(*words, "deepseek-ocr", env=env)
    assert done.returncode == 0, done.stderr

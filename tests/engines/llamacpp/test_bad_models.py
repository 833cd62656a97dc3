"""Models that are broken or meant to harm: a line each, and the server goes on."""

from __future__ import annotations

import random
import resource
import struct
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import openai
import pytest

from bench import random_model
from sightline.engines.llamacpp import fit
from sightline.engines.llamacpp.options import LlamaOptions
from sightline.errors import ModelFileError, SightlineError, UsageError
from sightline.models import gguf
from sightline.models.store import Store
from tests.conftest import started
from tests.engines.llamacpp.templates import KINDS
from tests.engines.llamacpp.test_llamacpp import TOOLS, ask
from tests.engines.test_several import SMALL, kept
from tests.waiting import PATIENCE_S

TINY = random_model.PRESETS["tiny"]
MEMORY = 12 << 30  # of addresses, for each process of the server
# As some families' do: turns of one role that follow each other, and roles that are not known.
RAISES = (
    "{% for m in messages %}{% if loop.index0 and m.role == messages[loop.index0 - 1].role %}"
    "{{ raise_exception('SECRET') }}{% endif %}{% endfor %}"
)
ALTERNATING = RAISES + TINY.template


def planned(text: Path, eye: Path) -> None:
    """Do all that is done with files before llama.cpp is given them."""
    gguf.control_tokens(text)
    fit.plan(LlamaOptions(model=str(text)), gguf.read(text), gguf.read(eye))


def test_a_header_is_taken_or_refused_in_our_words(tiny: Path, tmp_path: Path) -> None:
    whole, eye = tiny.read_bytes(), tiny.parent / "mmproj.gguf"
    rng, made = random.Random(5), tmp_path / "made.gguf"
    refused = 0
    for _ in range(400):
        data = bytearray(whole)
        for _ in range(rng.choice((1, 1, 4))):
            at = rng.randrange(0, 2000) if rng.random() < 0.8 else rng.randrange(len(data))
            size = rng.choice((1, 4, 8))
            data[at : at + size] = rng.choice((b"\xff", b"\0", b"\x7f", b"\x09"))[:1] * size
        made.write_bytes(bytes(data[: rng.choice((len(data), len(data), rng.randrange(4000)))]))
        try:
            planned(made, eye)
        except (ModelFileError, UsageError):
            refused += 1
    assert refused > 100


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), -1.0, 0.0, 3e38], ids=["nan", "inf", "-1", "0", "3e38"]
)
@pytest.mark.parametrize("key", ["block_count", "context_length", "attention.head_count"])
def test_a_number_that_is_none_is_taken_or_refused_in_our_words(
    tiny: Path, tmp_path: Path, key: str, value: float
) -> None:
    data = tiny.read_bytes()
    name = f"llama.{key}".encode()
    at = data.index(name) + len(name)  # its kind and, here, 32 bits follow
    made = tmp_path / "made.gguf"
    made.write_bytes(data[:at] + struct.pack("<If", 6, value) + data[at + 8 :])
    with suppress(SightlineError):
        planned(made, tiny.parent / "mmproj.gguf")


TEXT: list[Any] = [{"role": "user", "content": "Whose WORDS are these?"}]
BROKEN = {
    "raising": "Its chat template fails.",
    "unfinished": "Its chat template fails.",
    "strange": "Its two halves do not belong together.",
    "cut": "is cut short or damaged.",
    "wide": "GiB of memory",
}


def answers(client: openai.OpenAI, model: str) -> None:
    assert ask(client, TEXT, model=model).usage.completion_tokens == 8


def test_what_cannot_be_loaded_is_a_line_and_the_others_answer(tmp_path: Path) -> None:
    store = Store(tmp_path / "models")
    shapes = {
        **dict.fromkeys(("good", *BROKEN), TINY),
        "raising": replace(TINY, template="{{ raise_exception('SECRET') }}"),
        "unfinished": replace(TINY, template="{% for x in %}"),
        "alternating": replace(TINY, template=ALTERNATING),
        "wide": replace(TINY, layers=32, width=512, kv_heads=2),
    }
    for name, shape in shapes.items():
        kept(store, f"maker/{name}", random_model.write(tmp_path / name, shape, "q8_0"))
    random_model.write_eye(replace(TINY, width=128), tmp_path / "eye.gguf")
    kept(store, "maker/strange", tmp_path / "strange" / "model.gguf", tmp_path / "eye.gguf")
    broken = store.folder_of("maker/cut") / "model.gguf"
    broken.write_bytes(broken.read_bytes()[:-5000])
    store.use("maker/good")
    log = tmp_path / "log"
    flags = ("--models-dir", str(store.folder), "--max-models-bytes", str(620 << 20), *SMALL)
    with (
        log.open("wb") as stderr,
        started(*flags, stderr=stderr) as (url, _),
        openai.OpenAI(base_url=url, api_key="a", max_retries=0, timeout=PATIENCE_S) as client,
    ):
        answers(client, "gpt-4o")
        for name, words in BROKEN.items():
            with pytest.raises(openai.InternalServerError) as failed:
                ask(client, TEXT, model=name)
            message = str(failed.value.body["message"])  # type: ignore[index]
            assert words in message
            assert message.count("\n") == 0
            assert "SECRET" not in message
            answers(client, "good")
        answers(client, "alternating")
        with pytest.raises(openai.BadRequestError, match="template does not take") as refused:
            ask(client, [*TEXT, *TEXT], model="alternating")
        assert refused.value.param == "messages"
        answers(client, "alternating")
    told = log.read_text()
    for name, words in BROKEN.items():
        lines = [line for line in told.splitlines() if f"{name} did not start" in line]
        assert len(lines) <= 1, lines  # what is wrong with its files is told to who asks alone
        assert all(words in line for line in lines)
    assert "SECRET" not in told
    assert "WORDS" not in told
    assert "Traceback" not in told


def test_templates_of_all_families_that_raise_are_told_of_and_asked_again(tmp_path: Path) -> None:
    rows = ['engine = "mirror"', "replicas = 1", "context = 1024", "slots = 1"]
    for name, kind in KINDS.items():
        shape = replace(kind.shape, template=RAISES + kind.template)
        model = random_model.write(tmp_path / name, shape)
        rows += [f'[models."{name}"]', 'engine = "llamacpp"', f"model = '{model}'"]
    file, log = tmp_path / "sightline.toml", tmp_path / "log"
    file.write_text("\n".join(rows))
    with (
        log.open("wb") as stderr,
        started("--config", str(file), stderr=stderr) as (url, _),
        openai.OpenAI(base_url=url, api_key="a", max_retries=0, timeout=100) as client,
    ):
        for name, kind in KINDS.items():
            ask(client, TEXT, model=name, logit_bias=kind.bias)
            for more in ({}, {"stream": True}, {"reasoning_effort": "low"}, {"tools": TOOLS}):
                with pytest.raises(openai.APIError, match="template does not take") as told:
                    list(ask(client, [*TEXT, *TEXT], model=name, **more))
                assert told.value.param == "messages"
                assert "SECRET" not in str(told.value)
            with pytest.raises(openai.BadRequestError, match="template does not take"):
                client.responses.create(model=name, input=[*TEXT, *TEXT])
            ask(client, TEXT, model=name, logit_bias=kind.bias)
    assert "SECRET" not in log.read_text()
    assert "Traceback" not in log.read_text()


def test_what_does_not_end_and_what_takes_too_much(tmp_path: Path) -> None:
    endless = "{% for i in range(90000) %}{% for j in range(90000) %}{% endfor %}{% endfor %}"
    shapes = {
        "good": TINY,
        "endless": replace(TINY, template=endless + TINY.template),
        "large": replace(TINY, layers=64, kv_heads=2, context=1 << 20),
    }
    model = {name: random_model.write(tmp_path / name, each) for name, each in shapes.items()}
    file = tmp_path / "sightline.toml"
    file.write_text(f"""
        engine = "llamacpp"
        model = "{model["good"]}"
        context = 1024
        slots = 1
        replicas = 1
        max_models_bytes = {1 << 40}
        [models.endless]
        model = "{model["endless"]}"
        engine_silence_s = 5
        [models.large]
        model = "{model["large"]}"
        context = {1 << 20}
    """)
    with (
        started("--config", str(file), preexec_fn=_bound) as (url, _),
        openai.OpenAI(base_url=url, api_key="a", max_retries=0, timeout=PATIENCE_S) as client,
    ):
        answers(client, "gpt-4o")
        for name, words in (("endless", "took too long to load"), ("large", "Memory is too")):
            with pytest.raises(openai.InternalServerError, match=words):
                ask(client, TEXT, model=name)
            answers(client, "gpt-4o")
        # A model that repeats itself for ever ends with its context.
        looping = client.chat.completions.create(
            model="gpt-4o", messages=TEXT, logit_bias={"100": 100}
        )
        assert looping.choices[0].finish_reason == "length"
        assert set(looping.choices[0].message.content or "") == {"d"}


def _bound() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

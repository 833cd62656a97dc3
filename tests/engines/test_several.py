"""Several models in one server, with random weights: loaded when asked for, unloaded for others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import openai
import pytest
import requests

from bench import random_model
from sightline.models.store import Locked, LockedFile, Store, sha256
from tests.conftest import running
from tests.engines.llamacpp.test_llamacpp import ask
from tests.waiting import PATIENCE_S, until

TINY = random_model.PRESETS["tiny"]
SMALL = ("--engine", "llamacpp", "--context", "2048", "--slots", "1", "--replicas", "1")


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two models in files; the second's template says more, which its prompts' tokens tell."""
    found = []
    for name, said in (("one", ""), ("two", "Speak. " * 60)):
        folder = tmp_path_factory.mktemp(name)
        written = random_model.write(folder, replace(TINY, template=said + TINY.template))
        found.append(written.rename(folder / f"{name}.gguf"))
    return found[0], found[1]


@contextmanager
def serving(*flags: str) -> Iterator[openai.OpenAI]:
    with (
        running(*SMALL, *flags) as url,
        openai.OpenAI(base_url=url, api_key="any", max_retries=0, timeout=PATIENCE_S) as client,
    ):
        yield client


def told(models: tuple[Path, Path]) -> tuple[str, ...]:
    return "--model", str(models[0]), "--model", str(models[1])


def states(client: openai.OpenAI) -> dict[str, str]:
    """Whether each model is loaded, as the list of models tells."""
    listed: list[Any] = list(client.models.list())
    return {m.id: m.status["value"] for m in listed if getattr(m, "status", None)}


def counted(client: openai.OpenAI, name: str) -> float:
    page = requests.get(
        f"{str(client.base_url).removesuffix('/v1/')}/metrics", timeout=PATIENCE_S
    ).text
    return sum(map(float, re.findall(rf"^sightline_{name} (\S+)$", page, re.MULTILINE)))


def which(client: openai.OpenAI, model: str) -> str:
    """Ask, and tell by the prompt's tokens which of the two answered."""
    reply = ask(client, [{"role": "user", "content": "?"}], model=model)
    return "two" if reply.usage.sightline["prompt_tokens"] > 200 else "one"


def room_for_one(client: openai.OpenAI) -> str:
    """The bound of memory at which either model fits, and not both."""
    until(lambda: states(client)["one"] == "loaded")
    return str(int(counted(client, "loaded_models_bytes") * 1.5))


def test_a_request_chooses_its_model(two: tuple[Path, Path]) -> None:
    with serving(*told(two)) as client:
        until(lambda: states(client) == {"one": "loaded", "two": "unloaded"})
        bound = room_for_one(client)
        assert which(client, "gpt-4o") == "one"  # every other name is the first one's
        assert which(client, "two") == "two"
        assert states(client) == {"one": "loaded", "two": "loaded"}
        assert counted(client, "loaded_models") == 2
        health = str(client.base_url).removesuffix("v1/") + "healthz"
        assert requests.get(health, timeout=PATIENCE_S).json()["loaded_models"] == 2
        with pytest.raises(openai.NotFoundError, match="`three` does not exist"):
            which(client, "three")
    with serving(*told(two), "--max-models-bytes", bound) as client:
        for name in ("two", "one", "two"):
            assert which(client, name) == name
            other = {"one": "two", "two": "one"}[name]
            assert states(client) == {name: "loaded", other: "unloaded"}
        assert counted(client, r'model_unloads_total\{reason="memory"\}') == 3


def test_a_model_that_answers_is_not_unloaded(two: tuple[Path, Path]) -> None:
    with serving(*told(two)) as client:
        bound = room_for_one(client)
    flags = ("--max-models-bytes", bound, "--context", "8192")
    with serving(*told(two), *flags) as client, ThreadPoolExecutor(1) as pool:
        text = [{"role": "user", "content": "?"}]
        with ask(client, text, model="one", stream=True, max_tokens=7000) as stream:
            said = iter(stream)
            for _ in range(3):
                next(said)
            waits = pool.submit(which, client, "two")
            until(lambda: states(client)["two"] == "loading")
            assert states(client)["one"] == "loaded"
            assert not waits.done()
            assert len([next(said) for _ in range(50)]) == 50
        assert waits.result() == "two"  # as soon as who had asked the first one has gone
        assert states(client) == {"one": "unloaded", "two": "loaded"}


def test_who_waits_for_a_model_sees_that_it_goes_on(two: tuple[Path, Path]) -> None:
    with serving(*told(two), "--keep-alive-s", "0.005") as client:
        body = {
            "model": "two", "messages": [{"role": "user", "content": "?"}], "stream": True,
            "max_tokens": 4, "logit_bias": {"100": 100},
        }  # fmt: skip
        with requests.post(f"{client.base_url}chat/completions", json=body, stream=True,
                           timeout=PATIENCE_S) as reply:  # fmt: skip
            assert reply.status_code == 200
            lines = [line for line in reply.iter_lines() if line]
        first = next(n for n, line in enumerate(lines) if b'"content":"' in line and n)
        assert sum(line.startswith(b":") for line in lines[:first]) > 5
        assert lines[-1] == b"data: [DONE]"


def test_a_model_that_nobody_asks_is_unloaded(two: tuple[Path, Path]) -> None:
    with serving(*told(two), "--model-keep-s", "0") as client:
        for _ in range(2):
            assert which(client, "two") == "two"
            until(lambda: states(client) == {"one": "unloaded", "two": "unloaded"})
        ready = str(client.base_url).removesuffix("v1/") + "readyz"
        assert requests.get(ready, timeout=PATIENCE_S).json() == {"status": "ready"}
        assert counted(client, r'model_unloads_total\{reason="idle"\}') >= 2
        assert counted(client, "loaded_models") == 0


def kept(store: Store, name: str, model: Path, eye: Path | None = None) -> Path:
    """Have a model in the folder of models as if it had been pulled."""
    folder = store.folder_of(name)
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for path in (model, eye or model.parent / "mmproj.gguf"):
        copied = folder / path.name
        copied.write_bytes(path.read_bytes())
        files.append(LockedFile(path.name, sha256(copied), copied.stat().st_size))
    store.keep(Locked(name, "maker/x", "a" * 40, model.name, files[1].name, tuple(files)))
    return folder / model.name


def test_every_model_that_was_pulled_is_served(two: tuple[Path, Path], tmp_path: Path) -> None:
    store = Store(tmp_path)
    kept(store, "maker/first:Q8_0", two[0])
    broken = kept(store, "smolvlm2-500m", two[0])
    broken.write_bytes(broken.read_bytes()[:-5000])
    kept(store, "qwen3-vl-2b", two[1])
    store.use("qwen3-vl-2b")
    with running("--models-dir", str(tmp_path), "--context", "2048", "--replicas", "1") as url:
        client = openai.OpenAI(base_url=url, api_key="any", max_retries=0, timeout=PATIENCE_S)
        with client:
            until(lambda: states(client)["qwen3-vl-2b"] == "loaded")
            assert states(client).keys() == {"qwen3-vl-2b", "first:Q8_0", "smolvlm2-500m"}
            assert which(client, "gpt-4o") == "two"  # it is the one that is used
            for name in ("first:Q8_0", "maker/first:Q8_0"):
                assert which(client, name) == "one"
            for _ in range(2):
                with pytest.raises(openai.InternalServerError, match="cut short or damaged"):
                    which(client, "smolvlm2-500m")
            kept(store, "maker/later:Q4_0", two[1])  # while the server runs
            assert which(client, "later:Q4_0") == "two"
            assert "later:Q4_0" in states(client)

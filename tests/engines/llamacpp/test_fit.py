"""How a model is run: what suits its kind, and what the operator says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import openai
import pytest
import xllamacpp
from PIL import Image

from bench import random_model, random_qwen35
from sightline.engines.llamacpp import fit, projectors
from sightline.engines.llamacpp.options import LlamaOptions
from sightline.errors import UsageError
from sightline.models import gguf
from sightline.models.gguf import GgufHeader, Scalar
from sightline.settings import Settings
from tests.conftest import running
from tests.pictures import data_url, encoded
from tests.waiting import PATIENCE_S


def plan(projector: str, **settings: int) -> tuple[int, int]:
    meta: Mapping[str, Scalar] = {
        "clip.projector_type": projector, "clip.vision.image_size": 448, "clip.vision.patch_size": 14,
    }  # fmt: skip
    text, eye = (GgufHeader(Path("x"), 1 << 20, dict(m), 1 << 20) for m in ({}, meta))
    made = fit.plan(Settings(**settings), text, eye)  # type: ignore[arg-type]
    return made.least_image_tokens, made.image_tokens


def test_each_kind_gets_what_suits_it() -> None:
    assert plan("qwen3vl_merger") == (1024, 1280)
    assert plan("lfm2") == (64, 256)
    assert plan("idefics3") == (0, 64)
    assert plan("gemma4v") == (252, 280)
    assert plan("some-new-one") == (0, 1024)


def test_what_the_operator_says_holds_within_what_the_kind_takes() -> None:
    assert plan("qwen3vl_merger", image_min_tokens=1) == (1, 1280)
    assert plan("qwen3vl_merger", image_tokens=500) == (500, 500)
    assert plan("gemma4v", image_tokens=1120) == (252, 1120)
    assert plan("some-new-one", image_min_tokens=2000) == (2000, 2000)
    with pytest.raises(UsageError, match="at most 1120 tokens of one picture"):
        plan("gemma4v", image_tokens=1121)
    with pytest.raises(UsageError, match="at least 300 and at most 200"):
        plan("lfm2", image_min_tokens=300, image_tokens=200)


def test_the_cache_is_of_the_layers_that_keep_one(tmp_path: Path) -> None:
    tiny = random_model.PRESETS["tiny"]
    header = gguf.read(random_qwen35.write(tmp_path, replace(tiny, layers=8), heads=0))
    each = 1024 * tiny.kv_heads * 2 * (tiny.width // tiny.heads) * 2  # of 1,024 tokens
    assert header.cache_bytes(1024) == 4 * each  # every second layer: llama.cpp says 0.5 MiB
    of = "qwen35.attention"
    every = {**header.meta, "qwen35.full_attention_interval": 1}
    plain = replace(header, meta=every)
    assert plain.cache_bytes(1024) == 8 * each
    some = replace(plain, lists={f"{of}.head_count_kv": (0, 0, 1, 0, 0, 1, 0, 0)})
    assert some.cache_bytes(1024) == 2 * each
    shared = replace(plain, meta={**every, f"{of}.shared_kv_layers": 3})
    assert shared.cache_bytes(1024) == 5 * each
    sliding = replace(
        plain,
        meta={**every, f"{of}.sliding_window": 512},
        lists={f"{of}.sliding_window_pattern": (1, 1, 1, 0, 1, 1, 1, 0)},
    )
    assert sliding.cache_bytes(1024) == 8 * each
    assert 2 * 64 * each < sliding.cache_bytes(64 * 1024) < 3 * 64 * each
    # What a copy of a text's state takes: of windows, and of layers without keys.
    assert sliding.state_bytes == 6 * each // 2
    assert plain.state_bytes == 0
    assert header.state_bytes == 4 * 10_496  # llama.cpp says 0.010 MiB for one layer


def test_copies_of_a_conversations_state_are_bounded(tmp_path: Path) -> None:
    tiny = random_model.PRESETS["tiny"]
    text = gguf.read(random_qwen35.write(tmp_path, tiny, heads=0))
    eye = gguf.read(tmp_path / "mmproj.gguf")

    def fitted(size: int, *, zero_retention: bool = False) -> fit.Plan:
        of = {**text.meta, "qwen35.ssm.inner_size": size // (4 * 32)}
        options = LlamaOptions(
            model="x", slots=4, replicas=1, cache_mib=256, zero_retention=zero_retention
        )
        return fit.plan(options, replace(text, meta=of), eye)

    assert fitted(1 << 14).checkpoints == 32
    assert fitted(8 << 20).checkpoints in (7, 8)  # 256 MiB of four slots, each of 8 and a little
    assert fitted(100 << 20).checkpoints == 2
    assert fitted(100 << 20).memory - fitted(1 << 14).memory > 3 * 4 * (100 << 20)
    assert fitted(8 << 20, zero_retention=True).checkpoints == 0


def test_two_processes_share_what_one_would_work_on(tmp_path: Path) -> None:
    text = gguf.read(random_model.write(tmp_path, random_model.PRESETS["tiny"]))
    eye = gguf.read(tmp_path / "mmproj.gguf")

    def fitted(*, replicas: int, slots: int = 0) -> tuple[int, int]:
        options = LlamaOptions(model=str(text.path), replicas=replicas, slots=slots)
        made = fit.plan(options, text, eye)
        return made.replicas, made.slots

    assert fitted(replicas=1) == (1, 4)
    assert fitted(replicas=2) == (2, 2)
    assert fitted(replicas=3) == (3, 2)
    assert fitted(replicas=2, slots=4) == (2, 4)
    assert fitted(replicas=8) == (8, 1)


def test_the_kinds_are_those_of_the_engine() -> None:
    folder = Path(xllamacpp.__file__).parent
    (library,) = [*folder.glob("xllamacpp*.so"), *folder.glob("xllamacpp*.pyd")]
    known = library.read_bytes()
    assert [kind for kind in projectors.KINDS if b"\0" + kind.encode() + b"\0" not in known] == []


def test_a_kind_that_cuts_tiles_sees_a_usual_picture_in_one_view(tmp_path: Path) -> None:
    tiny = random_model.PRESETS["tiny"]
    shape = replace(tiny, projector="lfm2", merge=2, image=256, min_pixels=0, max_pixels=0)
    model = random_model.write(tmp_path, shape)
    picture = data_url(encoded(Image.new("RGB", (640, 480), "teal")))
    with (
        running("--engine", "llamacpp", "--model", str(model), "--replicas", "1") as url,
        openai.OpenAI(base_url=url, api_key="a", max_retries=0, timeout=PATIENCE_S) as client,
    ):
        reply = client.chat.completions.create(
            model="gpt-4o", max_tokens=1,
            messages=[{"role": "user", "content": [{"type": "image_url", "image_url": {"url": picture}}]}],
        )  # fmt: skip
    assert reply.usage is not None
    assert 200 < reply.usage.sightline["prompt_tokens"] < 300  # type: ignore[attr-defined]

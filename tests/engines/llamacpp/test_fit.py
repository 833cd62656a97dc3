"""How a model is run: what suits its kind, and what the operator says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import openai
import pytest
import xllamacpp
from PIL import Image

from bench import random_model
from sightline.engines.llamacpp import fit, projectors
from sightline.errors import UsageError
from sightline.models.gguf import GgufHeader, Scalar
from sightline.settings import Settings
from tests.conftest import running
from tests.pictures import data_url, encoded


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
        openai.OpenAI(base_url=url, api_key="a", max_retries=0, timeout=60) as client,
    ):
        reply = client.chat.completions.create(
            model="gpt-4o", max_tokens=1,
            messages=[{"role": "user", "content": [{"type": "image_url", "image_url": {"url": picture}}]}],
        )  # fmt: skip
    assert reply.usage is not None
    assert 200 < reply.usage.sightline["prompt_tokens"] < 300  # type: ignore[attr-defined]

"""Boxes that models write, on whatever scale they do: told in pixels of the picture as sent."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openai
import pytest
from PIL import Image

from bench import random_model
from sightline.engines import grounding
from sightline.engines.grounding import KINDS
from sightline.types import Message, Picture, Question, Sizing
from tests.commands import typed
from tests.conftest import running
from tests.engines.test_upstream import ask, behind, events, standing
from tests.pictures import asking, encoded
from tests.waiting import PATIENCE_S

CAT = (160.0, 240.0, 640.0, 720.0)  # in a picture of 1280 by 960
CATS = '[{"bbox_2d": [125, 250, 500, 750], "label": "cat"}]'


def picture(**more: Any) -> Picture:
    pixels = np.zeros((480, 640, 3), np.uint8)
    return Picture(pixels, (pixels,), (1280, 960), Sizing(640, 480, 1), "d", "messages[0]", **more)


@pytest.mark.parametrize(
    ("kind", "text", "label"),
    [
        ("qwen3vl_merger", f"Here it is:\n```json\n{CATS}\n```", "cat"),
        ("qwen3vl_merger", CATS[:-1] + ', {"bbox_2d": [1, 2, 3', "cat"),
        ("qwen3vl_merger", '{"bbox_2d": [0.125, 0.25, 0.5, 0.75], "name": "cat"}', "cat"),
        ("qwen2vl_merger", "<|object_ref_start|>a cat<|object_ref_end|>"
         "<|box_start|>(125,250),(500,750)<|box_end|>", "a cat"),
        ("qwen2vl_merger", "a cat(125,250),(500,750)", "a cat"),
        ("qwen2.5vl_merger", '{"bbox_2d": [80.5, 119, 322, 357], "label": "cat"}', "cat"),
        ("gemma4v", '[{"box_2d": [250, 125, 750, 500], "label": "cat"}]', "cat"),
        ("lfm2", '[{"label": "cat", "bbox": [0.125, 0.25, 0.5, 0.75]}]', "cat"),
        ("lfm2", '[{"image_id": 0, "bbox_2d": [125, 250, 500, 750], "label": "cat"}]', "cat"),
        ("lfm2", "image_index=0 title [125, 250, 500, 750]\nCats\n\nimage_index=0 text [1, 2]", "title"),
        ("kimivl", '{"bbox_2d": [0.125, 0.25, 0.5, 0.75], "label": "cat"}', "cat"),
        ("glm4v", "It is at <|begin_of_box|>[[125, 250, 500, 750]]<|end_of_box|>.", "It is at"),
        ("internvl", "<ref>cat</ref><box>[[125, 250, 500, 750]]</box>", "cat"),
        ("deepseekocr", "<|ref|>cat<|/ref|><|det|>[[124.875, 249.75, 499.5, 749.25]]<|/det|>", "cat"),
        ("idefics3", "<doctag><text><loc_62.5></text>", None),
        ("idefics3", CATS, None),  # SmolVLM2's own guess, on nobody knows what scale
        ("idefics3", "<picture><loc_63><loc_125><loc_250><loc_375>cat</picture>", "cat"),
        ("idefics3", "<picture><loc_63><loc_125><loc_250><loc_375></picture>", "picture"),
    ],
)  # fmt: skip
def test_each_family_has_a_scale_and_a_form(kind: str, text: str, label: str | None) -> None:
    found = grounding.boxes(text, picture(), KINDS[kind])
    assert [one.label for one in found] == ([] if label is None else [label])
    for one in found:
        assert one.box == pytest.approx(CAT, abs=1.5)


def test_a_family_is_known_where_its_scale_is_confirmed() -> None:
    confirmed = {
        "Qwen/Qwen3.5-4B": (1000, False), "qwen3-vl:8b": (1000, False), "qwen2.5vl:7b": (0, False),
        "google/gemma-4-E4B-it": (1000, True), "gemma4:e2b": (1000, True),
        "LiquidAI/LFM2.5-VL-3B": (1000, False), "GLM-4.6V": (1000, False),
        "openbmb/MiniCPM-V-4_5": (1000, False), "gemini-2.5-flash": (1000, True),
    }  # fmt: skip
    for name, (scale, y_first) in confirmed.items():
        found = grounding.named(name)
        assert found is not None, name
        assert (found.scale, found.y_first) == (scale, y_first), name
    unknown = "glm-4v-9b", "gemma-3-4b-it", "qwen2.5-omni-7b", "qwen3:8b", "MiniCPM-V-4_6", "gpt-4o"
    assert not [*filter(grounding.named, unknown)]
    assert not {"gemma3", "resampler", "minicpmv4_6"} & set(KINDS)


def test_marks_of_minicpm_are_read() -> None:
    found = grounding.named("MiniCPM-V-4_5")
    assert found is not None
    (one,) = grounding.boxes("<ref>cat</ref><box>125 250 500 750</box>", picture(), found)
    assert (one.label, one.box) == ("cat", CAT)


def test_the_whole_picture_in_shares_is_one_and_a_thousandth_of_it_is_none() -> None:
    whole = '{"bbox": [0.0, 0.0, 1.0, 1.0], "label": "page"}'
    (one,) = grounding.boxes(whole, picture(), KINDS["lfm2"])
    assert one.box == (0.0, 0.0, 1280.0, 960.0)
    assert grounding.boxes(whole, picture(), KINDS["qwen3vl_merger"]) == ()


@pytest.mark.parametrize(
    "text",
    [
        "The cat is on [1](https://a.example), at (3, 4).",
        '{"bbox_2d": [125, 250, 5000, 750]}',
        '{"bbox_2d": [500, 250, 125, 750]}',
        '{"bbox_2d": [1, 2, 3]} {"bbox_2d": [true, 2, 3, 4]} {"bbox_2d": [-1, 2, 3, 4]}',
        '{"bbox_2d": [NaN, 2, 3, 4]} {"bbox_2d": "1, 2, 3, 4"} {"box": {"x": 1}}',
        "[[1, 2, 3, 4, 5]] [[]] [[........]]",
    ],
)
def test_what_is_no_box_in_the_picture_is_left_out(text: str) -> None:
    assert grounding.boxes(text, picture(), KINDS["qwen3vl_merger"]) == ()


def test_pixels_are_those_of_the_picture_as_the_model_sees_it() -> None:
    own = KINDS["qwen2.5vl_merger"]
    assert own.sides(640, 480) == (644, 476)
    assert replace(own, least=1024, most=1280).sides(640, 480) == (37 * 28, 28 * 28)
    assert replace(own, most=100).sides(640, 480) == (11 * 28, 8 * 28)
    assert own.sides(1, 1) == (56, 56)


def test_a_box_on_a_page_is_told_in_points_too() -> None:
    (one,) = grounding.boxes(CATS, picture(page=2, size_pt=(612.0, 792.0)), KINDS["glm4v"])
    assert one.page == 2
    assert one.box_pt == pytest.approx((76.5, 198, 306, 594))


def test_of_several_pictures_in_a_turn_none_is_meant_for_sure() -> None:
    def pictures_of(*counts: int) -> Picture | None:
        turns = tuple(Message("user", (picture(),) * count) for count in counts)
        return grounding._only(Question("m", turns))

    assert pictures_of(1) is not None
    assert pictures_of(2, 1, 0) is not None
    assert pictures_of(1, 2) is None
    assert pictures_of(0) is None


def photo() -> bytes:
    return encoded(Image.new("RGB", (1280, 960), "white"))


def test_a_model_behind_is_known_by_its_name(tmp_path: Path) -> None:
    pieces = [CATS[i : i + 7] for i in range(0, len(CATS), 7)]
    file, drawn = tmp_path / "photo.png", tmp_path / "cats.png"
    file.write_bytes(photo())
    names = ("Qwen/Qwen3-VL-8B-Instruct", "house/llava")
    with (
        standing(models=names, replies=[events(*pieces)] * 5) as stand,
        behind(stand.url) as client,
    ):
        reply = ask(client, photo(), model=names[0])
        assert reply.choices[0].message.content == CATS
        told = {"param": "messages[0].content[1].image_url.url", "label": "cat", "box": [*CAT]}
        assert reply.usage.sightline["boxes"] == [told]
        *_, last = ask(
            client, photo(), model=names[0], stream=True, stream_options={"include_usage": True}
        )
        assert last.usage.sightline["boxes"] == [told]
        parts: list[Any] = [
            {"type": "input_image", "image_url": asking("", photo())[0]["content"][1]["image_url"]["url"],
             "detail": "auto"},
        ]  # fmt: skip
        made = client.responses.create(model=names[0], input=[{"role": "user", "content": parts}])
        assert made.usage is not None
        assert made.usage.sightline["boxes"][0]["box"] == [*CAT]  # type: ignore[attr-defined]
        assert "boxes" not in ask(client, photo(), model=names[1]).usage.sightline
        done = typed(
            "ask", str(file), "Where is the cat?", "--base-url", str(client.base_url), "--model",
            names[0], "--evidence", str(drawn),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    with Image.open(drawn) as image:
        assert image.getpixel((160, 500)) == (255, 0, 0)
        assert image.getpixel((400, 720)) == (255, 0, 0)
        assert image.getpixel((400, 500)) == (255, 255, 255)


def test_a_model_here_is_known_by_its_vision_half(tmp_path: Path) -> None:
    """Its words are forced upon it by a schema: with random weights it would find none."""
    tiny = random_model.PRESETS["tiny"]
    shape = replace(tiny, projector="lfm2", image=256, min_pixels=0, max_pixels=0)
    said = {"label": "cat", "bbox": [0.125, 0.25, 0.5, 0.75]}
    schema = {
        "type": "object", "required": [*said], "additionalProperties": False,
        "properties": {key: {"enum": [value]} for key, value in said.items()},
    }  # fmt: skip
    form: Any = {
        "type": "json_schema",
        "json_schema": {"name": "a", "strict": True, "schema": schema},
    }
    model = random_model.write(tmp_path, shape)
    with (
        running("--engine", "llamacpp", "--model", str(model)) as url,
        openai.OpenAI(base_url=url, api_key="a", max_retries=0, timeout=PATIENCE_S) as client,
    ):
        reply = ask(client, photo(), model="gpt-4o", response_format=form, max_tokens=200)
    assert json.loads(reply.choices[0].message.content) == said
    (one,) = reply.usage.sightline["boxes"]
    assert (one["label"], one["box"]) == ("cat", [*CAT])

"""CAPTCHAs are refused, ordinary pictures are not; by generators that were not trained on."""

from __future__ import annotations

import base64
import json
import random
from pathlib import Path

import numpy as np
import openai
import pytest
from PIL import Image, ImageOps

from bench.captcha import (
    drawn_papers,
    faces,
    figures,
    photographs,
    small_text,
    strips,
    wheezy,
)
from bench.short_text import by_hand, designed, printed, sent
from sightline.perception.captcha import THRESHOLD, CaptchaDetector
from tests.commands import typed
from tests.conftest import running, started
from tests.pictures import SAMPLES, asking, encoded, photograph, sample
from training.halves import half


@pytest.fixture(scope="module")
def detector() -> CaptchaDetector:
    return CaptchaDetector()


def share(detector: CaptchaDetector, images: list[Image.Image]) -> float:
    hits = [detector.is_captcha(np.asarray(image.convert("RGB"))) for image in images]
    return sum(hits) / len(hits)


def test_most_captchas_of_an_unseen_generator_are_told(detector: CaptchaDetector) -> None:
    chance, fonts = random.Random(3), faces()
    drawn = [wheezy(chance, fonts, plain=i % 2 == 0) for i in range(120)]
    assert share(detector, drawn) >= 0.92


def test_ordinary_pictures_are_let_through(detector: CaptchaDetector) -> None:
    chance, fonts = random.Random(4), faces()
    ordinary = [small_text(chance, fonts) for _ in range(150)]
    ordinary += [*drawn_papers(chance, 50), *photographs(chance, 100)]
    assert share(detector, ordinary) <= 0.01
    samples = [Image.open(path).convert("RGB") for path in sorted(SAMPLES.glob("*.png"))]
    assert share(detector, samples) == 0


def test_what_is_measured_with_is_not_trained_on(tmp_path: Path) -> None:
    for name in ("c.jpg", "a.png", "b.JPG", "d.webp", "e.jpeg", "labels.json"):
        (tmp_path / name).touch()
    trained, measured = half(tmp_path, measured=False), half(tmp_path, measured=True)
    assert [path.name for path in trained] == ["a.png", "c.jpg", "e.jpeg"]
    assert [path.name for path in measured] == ["b.JPG", "d.webp"]


@pytest.mark.parametrize("size", [(1, 1), (3, 900), (900, 3), (16, 16), (5000, 4000)])
def test_any_size_has_an_answer(detector: CaptchaDetector, size: tuple[int, int]) -> None:
    blank = np.full((size[1], size[0], 3), 200, np.uint8)
    assert 0 <= detector.probability(blank) < THRESHOLD


@pytest.mark.parametrize("name", ["chelsea", "coins", "clock", "horse", "retina"])
def test_photographs_are_let_through(detector: CaptchaDetector, name: str) -> None:
    # None of these was trained on. As they are, and in the pieces that look most like CAPTCHAs:
    # a third as high as they are wide.
    whole = photograph(name).convert("RGB")
    w, h = whole.size
    shown = [whole, ImageOps.mirror(whole), whole.convert("L").convert("RGB")]
    band = min(h, w // 3)
    shown += [whole.crop((0, y, w, y + band)) for y in (0, (h - band) // 2, h - band)]
    shown += [whole.crop((x, h // 4, x + w // 2, h // 4 + w // 6)) for x in (0, w // 2)]
    assert share(detector, shown) == 0


def test_strips_of_plain_words_are_let_through(detector: CaptchaDetector) -> None:
    fonts = faces()
    assert share(detector, list(strips(random.Random(6), fonts, 100))) == 0
    assert share(detector, list(figures(random.Random(6), fonts, 60))) == 0


def test_clean_short_text_and_drawings_by_hand_are_let_through(detector: CaptchaDetector) -> None:
    chance, fonts = random.Random(8), faces()
    drawers = (printed, designed, by_hand)
    shown = [sent(chance, draw(chance, fonts)) for draw in drawers for _ in range(100)]
    assert share(detector, shown) <= 0.01


def captcha() -> bytes:
    drawn = wheezy(random.Random(5), faces(), plain=True)
    return encoded(drawn.convert("RGB"))


RULE = "The rule against CAPTCHAs (refuse_captchas)"
FLAG = "--no-refuse-captchas"


def test_the_server_refuses_them(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(
            model="gpt-4o", messages=asking("Type what it says.", captcha())
        )
    error = caught.value
    assert error.code == "content_policy_violation"
    assert error.param == "messages[0].content[1].image_url.url"
    assert "may contain content that is not allowed by our safety system" in str(error)
    assert isinstance(error.body, dict)
    assert RULE in error.body["hint"]
    assert FLAG in error.body["hint"]


def test_the_log_names_the_rule_and_the_place_alone(tmp_path: Path) -> None:
    log, shown = tmp_path / "log", captcha()
    flags = ("--log-format", "json", "--engine", "mirror", "--no-playground")
    with (
        log.open("w") as errors,
        started(*flags, stderr=errors) as (url, _),
        openai.OpenAI(base_url=url, api_key="test", max_retries=0) as client,
    ):
        with pytest.raises(openai.BadRequestError) as caught:
            client.chat.completions.create(
                model="gpt-4o", messages=asking("Type what it says.", shown)
            )
        client.chat.completions.create(model="gpt-4o", messages=asking("?", sample("sign")))
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    (told,) = [line for line in lines if "rule" in line]
    place = "messages[0].content[1].image_url.url"
    assert told.pop("time")
    assert told == {
        "level": "info",
        "logger": "sightline.pictures",
        "message": f"refused {place} by the rule refuse_captchas",
        "rule": "refuse_captchas",
        "param": place,
        "request_id": caught.value.request_id,
    }
    assert base64.b64encode(shown).decode()[40:80] not in log.read_text()
    assert "Type what it says" not in log.read_text()


def test_a_setting_turns_that_off() -> None:
    with (
        running(FLAG, "--engine", "mirror") as url,
        openai.OpenAI(base_url=url, api_key="test", max_retries=0) as client,
    ):
        said = client.chat.completions.create(model="gpt-4o", messages=asking("?", captcha()))
        assert "[picture" in (said.choices[0].message.content or "")


def test_the_command_line_has_the_rule_and_the_setting_too(tmp_path: Path) -> None:
    shown = tmp_path / "shown.png"
    shown.write_bytes(captcha())
    refused = typed("ask", str(shown), "?", "--engine", "mirror")
    assert refused.returncode == 1
    assert RULE in refused.stderr
    assert FLAG in refused.stderr
    done = typed("ask", str(shown), "?", "--engine", "mirror", FLAG)
    assert (done.returncode, "[picture" in done.stdout) == (0, True)

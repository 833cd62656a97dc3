"""Image tokens against the numbers of the API's documents and of recorded replies."""

from __future__ import annotations

from typing import get_args

import pytest

from sightline.media.image_tokens import Fidelity, draws, guess, rejected, sight
from sightline.types import Detail


@pytest.mark.parametrize(
    ("model", "width", "height", "detail", "tokens"),
    [
        ("gpt-4-vision-preview", 1024, 1024, "high", 765),
        ("gpt-4-vision-preview", 2048, 4096, "high", 1105),
        ("gpt-4-vision-preview", 4096, 8192, "low", 85),
        ("gpt-4-vision-preview", 800, 400, "auto", 425),
        ("gpt-4o", 2560, 1700, "auto", 1105),
        ("gpt-4o", 597, 566, "auto", 765),
        ("gpt-4.1", 460, 460, "auto", 255),
        ("gpt-4o", 128, 64, "high", 255),
        ("gpt-4o", 128, 64, "low", 85),
        ("gpt-4.1", 1800, 2400, "auto", 765),
        ("gpt-4o", 1, 1, "high", 255),
        ("gpt-4o", 512, 512, "high", 255),
        ("gpt-4o", 513, 513, "high", 765),
        ("gpt-4o", 640, 480, "high", 425),
        ("gpt-4o", 512, 1025, "high", 595),
        ("gpt-4o", 768, 768, "auto", 765),
        ("gpt-4o", 1280, 720, "high", 1105),
        ("gpt-4o", 1920, 1080, "high", 1105),
        ("gpt-4o", 3840, 2160, "high", 1105),
        ("gpt-4o", 1024, 1536, "high", 1105),
        ("gpt-4o", 2048, 768, "high", 1445),
        ("gpt-4o", 4000, 500, "high", 765),
        ("gpt-4o", 1537, 1152, "high", 765),
        ("gpt-4o", 2050, 513, "high", 765),
        ("gpt-4o-mini", 1024, 1024, "high", 25501),
        ("gpt-4o-mini", 128, 64, "high", 8500),
        ("gpt-4o-mini", 128, 64, "low", 2833),
        ("gpt-4o-mini", 2048, 4096, "high", 36835),
        ("o3", 460, 460, "auto", 225),
        ("o1", 2048, 4096, "high", 975),
        ("gpt-5", 1024, 1024, "high", 630),
        ("gpt-5", 1024, 1024, "low", 70),
        ("gpt-5.1", 1024, 1024, "high", 630),
        ("gpt-5.1", 1024, 1024, "low", 70),
        ("computer-use-preview", 1024, 768, "high", 581),
        ("gpt-4.1-mini", 1024, 1024, "high", 1659),
        ("gpt-4.1-mini", 1800, 2400, "high", 2353),
        ("gpt-4.1-mini", 460, 460, "low", 365),
        ("gpt-4.1-nano", 128, 64, "high", 20),
        ("gpt-4.1-nano", 1024, 1024, "high", 2520),
        ("o4-mini", 1024, 1024, "high", 1762),
        ("o4-mini", 460, 460, "high", 387),
        ("gpt-5-mini", 1024, 1024, "high", 1229),
        ("gpt-5-nano", 1024, 1024, "high", 1536),
        ("gpt-5.4", 1024, 1024, "high", 1229),
        ("gpt-5.4", 2048, 2048, "high", 3000),
        ("gpt-5.4", 2048, 2048, "low", 4916),
        ("gpt-5.4", 4096, 4096, "original", 12000),
        ("gpt-5.5", 1024, 1024, "low", 308),
        ("gpt-5.5", 3840, 2160, "auto", 9792),
        ("gpt-5.6-sol", 1920, 1080, "auto", 2448),
        ("gpt-5.6-sol", 4096, 512, "high", 615),
        ("gpt-5.6-sol", 6400, 4800, "original", 36000),
        ("gpt-6-astra", 1024, 1024, "high", 1229),
        ("gpt-6-astra", 2048, 2048, "high", 3000),
        ("gpt-6-astra", 4096, 512, "high", 2458),
        ("gpt-6-astra", 640, 480, "low", 231),
        ("gpt-6-astra", 640, 480, "high", 360),
        # Strips thinner than a patch: one row of them, as long as the budget is.
        ("gpt-4.1-mini", 100_000, 1, "auto", 2489),
        ("gpt-4.1-mini", 1, 100_000, "auto", 2489),
    ],
)
def test_tokens(model: str, width: int, height: int, detail: Detail, tokens: int) -> None:
    assert sight(model, width, height, detail).tokens == tokens


@pytest.mark.parametrize(
    ("model", "width", "height", "detail", "seen"),
    [
        ("gpt-4.1-mini", 100_000, 1, "auto", (49_152, 1)),
        ("gpt-4.1-mini", 1, 100_000, "auto", (1, 49_152)),
        ("gpt-4.1-mini", 40, 60_000, "auto", (32, 48_000)),
        ("gpt-4.1-mini", 90_000, 64, "auto", (45_000, 32)),
        ("gpt-5.4", 20_000, 1, "high", (2048, 1)),
        ("gpt-5.4", 1, 20_000, "high", (1, 2048)),
        ("gpt-4o", 20_000, 1, "high", (2048, 1)),
    ],
)
def test_a_strip_is_seen_as_one(
    model: str, width: int, height: int, detail: Detail, seen: tuple[int, int]
) -> None:
    found = sight(model, width, height, detail)
    assert (found.width, found.height) == seen


@pytest.mark.parametrize(("fidelity", "tokens"), [("low", 194), ("high", 4354)])
def test_fidelity(fidelity: Fidelity, tokens: int) -> None:
    assert sight("gpt-image-1", 1024, 1024, "high", fidelity=fidelity).tokens == tokens
    more = 6240 if fidelity == "high" else 0  # of one that is no square
    assert sight("gpt-image-1", 512, 1024, "high", fidelity=fidelity).tokens == 65 + 2 * 129 + more
    # No other model has it.
    assert sight("gpt-4o", 1024, 1024, "high", fidelity=fidelity).tokens == 765
    assert sight("gpt-4.1-mini", 1024, 1024, "high", fidelity=fidelity).tokens == 1659


@pytest.mark.parametrize(
    ("model", "drawing"), [("gpt-image-1", True), ("gpt-4o", False), ("gpt-5.5", False)]
)
def test_which_models_draw(model: str, drawing: bool) -> None:
    assert draws(model) is drawing


def test_what_is_published_nowhere_is_told_as_a_guess() -> None:
    assert guess("gpt-4o") == ""
    assert "gpt-6-astra alone" in guess("gpt-6-sol")


@pytest.mark.parametrize(
    ("width", "height", "patches", "refused"),
    [(6400, 4800, 30_000, False), (6432, 4800, 30_150, True)],
)
def test_refusal_by_patches(width: int, height: int, patches: int, refused: bool) -> None:
    for model in ("gpt-5.6-sol", "gpt-6-astra"):
        seen = sight(model, width, height, "original")
        assert (seen.patches, rejected(seen)) == (patches, refused)


def test_the_documents_patches() -> None:
    assert sight("gpt-4.1-mini", 1024, 1024, "auto").patches == 1024
    assert sight("gpt-4.1-mini", 1800, 2400, "auto").patches == 1452
    # The same at every level.
    levels = {sight("o4-mini", 1800, 2400, level).tokens for level in get_args(Detail)}
    assert len(levels) == 1

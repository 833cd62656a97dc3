"""What sizing promises for every size there is."""

from __future__ import annotations

import math
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sightline.api_models import Patches, Tiles, api_models
from sightline.media.image_tokens import MOST_PATCHES, PATCH, TILE, rejected, sight, tiles
from sightline.media.prepare import views
from sightline.types import Detail

SIDE = st.integers(1, 70_000)
DETAIL = st.sampled_from(get_args(Detail))
MODEL = st.sampled_from([
    "gpt-4-vision-preview", "gpt-4o", "gpt-4o-mini", "gpt-4.1-mini", "gpt-4.1-nano", "o1", "o3",
    "o4-mini", "computer-use-preview", "gpt-image-1", "gpt-5", "gpt-5-mini", "gpt-5-nano", "gpt-5.1",
    "gpt-5.2", "gpt-5.4", "gpt-5.4-mini", "gpt-5.5", "gpt-5.6-sol", "gpt-6-astra",
    "sightline-reader", "ft:gpt-4o:acme::x",
])  # fmt: skip


@given(MODEL, SIDE, SIDE, DETAIL)
def test_never_enlarged_and_never_nothing(model: str, w: int, h: int, detail: Detail) -> None:
    seen = sight(model, w, h, detail)
    assert 1 <= seen.width <= w
    assert 1 <= seen.height <= h
    assert seen.tokens >= 1


@given(MODEL, SIDE, SIDE, DETAIL)
def test_a_quarter_turn_costs_the_same(model: str, w: int, h: int, detail: Detail) -> None:
    one, other = sight(model, w, h, detail), sight(model, h, w, detail)
    assert (one.width, one.height, one.tokens) == (other.height, other.width, other.tokens)


@given(MODEL, SIDE, SIDE, DETAIL)
def test_sides_keep_their_ratio(model: str, w: int, h: int, detail: Detail) -> None:
    seen = sight(model, w, h, detail)
    # As well as whole pixels let them, rounded down twice at most.
    slack = 2.1 / min(seen.width, seen.height)
    assert math.isclose(seen.width / seen.height, w / h, rel_tol=min(slack * 2, 1)) or slack > 0.5


@given(MODEL, SIDE, SIDE, DETAIL)
def test_sizing_again_changes_nothing(model: str, w: int, h: int, detail: Detail) -> None:
    once = sight(model, w, h, detail)
    again = sight(model, once.width, once.height, detail)
    assert (again.width, again.height) == (once.width, once.height)
    assert again.tokens == once.tokens


@given(SIDE, SIDE)
def test_low_fits_512(w: int, h: int) -> None:
    for model in ("gpt-4o", "o3", "gpt-5", "gpt-5.5", "gpt-6-astra"):
        seen = sight(model, w, h, "low")
        assert max(seen.width, seen.height) <= 512
        assert max(seen.width, seen.height) == min(512, max(w, h))


@given(MODEL, SIDE, SIDE, st.sampled_from(["high", "auto", "original"]))
def test_bounds_of_each_family(model: str, w: int, h: int, detail: Detail) -> None:
    seen, found = sight(model, w, h, detail), api_models().sizing(model)
    if isinstance(found, Tiles):
        assert max(seen.width, seen.height) <= 2048
        assert min(seen.width, seen.height) <= found.short
        assert seen.tiles == (math.ceil(seen.width / TILE), math.ceil(seen.height / TILE))
        assert seen.tiles[0] * seen.tiles[1] <= 8
        assert seen.tokens == found.base + found.tile * seen.tiles[0] * seen.tiles[1]
    else:
        assert isinstance(found, Patches)
        cap = getattr(found, detail)
        assert seen.patches == math.ceil(seen.width / PATCH) * math.ceil(seen.height / PATCH)
        assert cap.budget is None or seen.patches <= cap.budget
        assert cap.side is None or max(seen.width, seen.height) <= cap.side
        assert rejected(seen) == (seen.patches > MOST_PATCHES)
        if cap.budget is not None and cap.budget <= MOST_PATCHES:
            assert not rejected(seen)


@given(st.integers(1, 9000), st.integers(1, 9000))
def test_tiles_cover_the_picture_once_in_reading_order(w: int, h: int) -> None:
    seen = sight("gpt-4o", w, h, "high")
    boxes = tiles(seen)
    assert sum((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in boxes) == seen.width * seen.height
    assert boxes == sorted(boxes, key=lambda box: (box[1], box[0]))
    assert all(0 < x1 - x0 <= TILE and 0 < y1 - y0 <= TILE for x0, y0, x1, y1 in boxes)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 2100), st.integers(1, 2100))
def test_views_are_the_picture_cut_up(w: int, h: int) -> None:
    seen = sight("gpt-4o", w, h, "high")
    numbers = np.random.default_rng(w * h)
    pixels = numbers.integers(0, 255, (seen.height, seen.width, 3), dtype=np.uint8)
    first, *rest = views(pixels, seen)
    assert max(first.shape[:2]) <= TILE
    if not rest:
        assert first is pixels
        return
    assert seen.tiles is not None
    columns = seen.tiles[0]
    rows = [np.hstack(rest[i : i + columns]) for i in range(0, len(rest), columns)]
    assert np.array_equal(np.vstack(rows), pixels)


@pytest.mark.parametrize("name", api_models().sizings)
def test_every_sizing_has_an_id_that_leads_to_it(name: str) -> None:
    known = api_models()
    listed = {m.sizing for m in known.models.values()} | {known.describe("sightline-nano").sizing}
    assert name in listed

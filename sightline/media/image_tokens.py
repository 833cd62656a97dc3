"""Detail levels: the size at which a model sees a picture, and what that costs in tokens.

Two families. Tile models: a base and so much for each 512-pixel tile. Patch models: 32-pixel
patches within a budget, times a factor. Which model is of which, and its numbers, stand in
`api_models.toml`. It knows sizes only, no pixels.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Literal

from sightline.api_models import Cap, Patches, Tiles, api_models
from sightline.types import Detail, Sizing

TILE = 512
PATCH = 32
MOST_PATCHES = 30_000  # a picture with more after sizing is refused
Fidelity = Literal["low", "high"]


def _tiled(model: Tiles, width: int, height: int, detail: Detail) -> Sizing:
    """Size a picture for a tile model; never enlarged, rounded down."""
    if detail == "low":
        return Sizing(*_fit(width, height, TILE), model.base)
    w, h = _fit(width, height, 2048)
    if min(w, h) > model.short:
        scale = model.short / min(w, h)
        w, h = int(w * scale + 1e-9), int(h * scale + 1e-9)
    columns, rows = math.ceil(w / TILE), math.ceil(h / TILE)
    return Sizing(w, h, model.base + model.tile * columns * rows, tiles=(columns, rows))


def _patched(model: Patches, width: int, height: int, detail: Detail) -> Sizing:
    """Size a picture for a patch model; more than `MOST_PATCHES` are the caller's to refuse."""
    cap: Cap = getattr(model, detail)
    w, h = float(width), float(height)
    if cap.side is not None and max(w, h) > cap.side:
        scale = cap.side / max(w, h)
        w, h = max(1.0, float(round(w * scale))), max(1.0, float(round(h * scale)))
    if cap.budget is not None and _count(w, h) > cap.budget:
        w, h = _within(w, h, cap.budget)
    count = _count(w, h)
    return Sizing(int(w), int(h), math.ceil(count * model.factor), patches=count)


def _fit(width: int, height: int, side: int) -> tuple[int, int]:
    scale = min(1.0, side / max(width, height))
    return max(1, int(width * scale + 1e-9)), max(1, int(height * scale + 1e-9))


def _within(w: float, h: float, budget: int) -> tuple[float, float]:
    """Shrink so that whole patches fill the budget: the guide's formula, step B.

    A strip thinner than one patch cannot shrink to fewer rows than one; its length alone gives.
    """
    scale = math.sqrt(PATCH**2 * budget / (w * h))
    across, down = w * scale / PATCH, h * scale / PATCH
    if min(across, down) < 1:
        scale = PATCH * budget / max(w, h)
    else:
        scale *= min(math.floor(across) / across, math.floor(down) / down)
    # Full precision until here; the guard keeps 1599.9999 from becoming 1599.
    return max(1.0, float(math.floor(w * scale + 1e-6))), max(
        1.0, float(math.floor(h * scale + 1e-6))
    )


def _count(w: float, h: float) -> int:
    return math.ceil(w / PATCH) * math.ceil(h / PATCH)


def sight(
    model: str, width: int, height: int, detail: Detail, *, fidelity: Fidelity = "low"
) -> Sizing:
    """Say how `model` sees a picture of `width` × `height` pixels, upright, at `detail`.

    `fidelity` is the `input_fidelity` of models that draw, such as gpt-image-1; no other has it.
    """
    sizing = api_models().sizing(model)
    if isinstance(sizing, Patches):
        return _patched(sizing, width, height, detail)
    seen = _tiled(sizing, width, height, detail)
    if fidelity == "high" and sizing.fidelity is not None:
        square, other = sizing.fidelity
        seen = replace(seen, tokens=seen.tokens + (square if width == height else other))
    return seen


def draws(model: str) -> bool:
    """Say whether a model draws after pictures that it is given, and answers no question."""
    sizing = api_models().sizing(model)
    return isinstance(sizing, Tiles) and sizing.fidelity is not None


def guess(model: str) -> str:
    """Say why it is a guess how a model sizes pictures; empty where it is published."""
    source = api_models().source(api_models().describe(model), "sizing")
    return source.about if source.guess else ""


def rejected(seen: Sizing) -> bool:
    """Say whether the API would refuse the picture for having too many patches."""
    return seen.patches is not None and seen.patches > MOST_PATCHES


def tiles(seen: Sizing) -> list[tuple[int, int, int, int]]:
    """Give the boxes (left, top, right, bottom) of the tiles in reading order, in pixels.

    Empty where the model looks at no tiles. Tiles at the right and bottom edge may be smaller.
    """
    if seen.tiles is None:
        return []
    columns, rows = seen.tiles
    return [
        (x * TILE, y * TILE, min((x + 1) * TILE, seen.width), min((y + 1) * TILE, seen.height))
        for y in range(rows)
        for x in range(columns)
    ]

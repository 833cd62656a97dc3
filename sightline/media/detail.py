"""Detail levels: the size at which a model sees a picture, and what that costs in tokens.

Two families. Tile models: a base and so much for each 512-pixel tile. Patch models: 32-pixel
patches within a budget, times a factor. It knows sizes only, no pixels.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import Literal

from sightline.types import Detail, Sight

SOURCE = 'the API\'s guide "Images and vision", section "Calculating costs"'
AS_OF = "2026-10"  # the newest copy of the guide that the table was read from
TILE = 512
PATCH = 32
MOST_PATCHES = 30_000  # a picture with more after sizing is refused
Fidelity = Literal["low", "high"]


@dataclass(frozen=True, slots=True)
class Tiles:
    """A tile model: `low` costs `base`, `high` and `auto` add `tile` for each tile.

    `short` is the shortest side in pixels above which a picture is scaled down.
    """

    base: int
    tile: int
    short: int = 768

    def sight(self, width: int, height: int, detail: Detail) -> Sight:
        """Size a picture; never enlarged, rounded down."""
        if detail == "low":
            return Sight(*_fit(width, height, TILE), self.base)
        w, h = _fit(width, height, 2048)
        if min(w, h) > self.short:
            scale = self.short / min(w, h)
            w, h = int(w * scale + 1e-9), int(h * scale + 1e-9)
        columns, rows = math.ceil(w / TILE), math.ceil(h / TILE)
        return Sight(w, h, self.base + self.tile * columns * rows, tiles=(columns, rows))


@dataclass(frozen=True, slots=True)
class Cap:
    """One detail level of a patch model: fit into `side` pixels, then into `budget` patches."""

    side: int | None
    budget: int | None


@dataclass(frozen=True, slots=True)
class Patches:
    """A patch model: a cap for each detail level, and the factor from patches to tokens."""

    factor: float
    low: Cap
    high: Cap
    original: Cap
    auto: Cap

    def sight(self, width: int, height: int, detail: Detail) -> Sight:
        """Size a picture; never enlarged. More than `MOST_PATCHES` are the caller's to refuse."""
        cap: Cap = getattr(self, detail)
        w, h = float(width), float(height)
        if cap.side is not None and max(w, h) > cap.side:
            scale = cap.side / max(w, h)
            w, h = max(1.0, float(round(w * scale))), max(1.0, float(round(h * scale)))
        if cap.budget is not None and _count(w, h) > cap.budget:
            w, h = _within(w, h, cap.budget)
        count = _count(w, h)
        return Sight(int(w), int(h), math.ceil(count * self.factor), patches=count)


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


def _same(factor: float, side: int | None, budget: int) -> Patches:
    cap = Cap(side, budget)
    return Patches(factor, cap, cap, cap, cap)


Profile = Tiles | Patches
_LOW512 = Cap(512, None)
_HIGH = Cap(2048, 2500)
_ORIGINAL = Cap(6000, 10_000)
_UNBOUNDED = Cap(65_535, None)
_WIDE = Cap(2048, 6144)

# The first pattern that starts the model's id decides; the last row takes the rest.
PROFILES: tuple[tuple[str, Profile], ...] = (
    (r"gpt-4o-mini", Tiles(2833, 5667)),
    # The guide of mid-2026 gives gpt-4.1-mini 2048 px and 6,144 patches; bills say this.
    (r"gpt-4\.1-mini", _same(1.62, None, 1536)),
    (r"gpt-4\.1-nano", _same(2.46, None, 1536)),
    (r"o4-mini", _same(1.72, None, 1536)),
    (r"(o1|o3)", Tiles(75, 150)),
    (r"computer-use", Tiles(65, 129)),
    (r"gpt-image-1", Tiles(65, 129, short=512)),
    (r"gpt-5-mini", _same(1.2, None, 1536)),
    (r"gpt-5-nano", _same(1.5, None, 1536)),
    (r"gpt-5\.2", Patches(1.2, _WIDE, _WIDE, _WIDE, _WIDE)),
    (r"gpt-5\.4", Patches(1.2, _WIDE, _HIGH, _ORIGINAL, _HIGH)),
    (r"gpt-5\.5", Patches(1.2, _LOW512, _HIGH, _ORIGINAL, _ORIGINAL)),
    (r"gpt-5\.[6-9]", Patches(1.2, _LOW512, _HIGH, _UNBOUNDED, _UNBOUNDED)),
    (r"gpt-5", Tiles(70, 140)),
    # Documented for gpt-6-astra alone; its siblings are taken to be alike.
    (r"gpt-6", Patches(1.2, _LOW512, Cap(65_535, 2500), _UNBOUNDED, _UNBOUNDED)),
    # Sightline's own: pictures as they are, up to a page of small print.
    (r"sightline", Patches(1.2, _LOW512, _HIGH, _ORIGINAL, _ORIGINAL)),
    (r"", Tiles(85, 170)),
)


def profile(model: str) -> Profile:
    """Find the profile of a model by its id; fine-tuned ids go by their base."""
    name = model.removeprefix("ft:")
    return next(found for pattern, found in PROFILES if re.match(pattern, name))


def sight(
    model: str, width: int, height: int, detail: Detail, *, fidelity: Fidelity = "low"
) -> Sight:
    """Say how `model` sees a picture of `width` × `height` pixels, upright, at `detail`.

    `fidelity` is the `input_fidelity` of gpt-image-1 and changes nothing else: "high" adds 4,160
    tokens to a square picture and 6,240 to any other.
    """
    seen = profile(model).sight(width, height, detail)
    if fidelity == "high" and model.startswith("gpt-image-1"):
        seen = replace(seen, tokens=seen.tokens + (4160 if width == height else 6240))
    return seen


def rejected(seen: Sight) -> bool:
    """Say whether the API would refuse the picture for having too many patches."""
    return seen.patches is not None and seen.patches > MOST_PATCHES


def tiles(seen: Sight) -> list[tuple[int, int, int, int]]:
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

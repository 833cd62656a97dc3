"""What a picture costs in tokens, by the API's documents, for each model.

Two families. Tile models: a base and so much for each 512-pixel tile. Patch models: 32-pixel
patches within a budget, times a factor. Source: the API's "Images and vision" guide as of
October 2026, section "Calculating costs". It knows sizes only, no pixels.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from sightline.types import Detail

TILE = 512
_FIT, _SHORT = 2048, 768
_PATCH = 32


@dataclass(frozen=True, slots=True)
class Tiles:
    """A tile model: `low` costs `base`, `high` and `auto` add `tile` for each tile."""

    base: int
    tile: int

    def tokens(self, width: int, height: int, detail: Detail) -> int:
        """Count the tokens of one picture of `width` × `height` pixels."""
        if detail == "low":
            return self.base
        w, h = tile_size(width, height)
        return self.base + self.tile * math.ceil(w / TILE) * math.ceil(h / TILE)


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

    def tokens(self, width: int, height: int, detail: Detail) -> int:
        """Count the tokens of one picture of `width` × `height` pixels."""
        cap: Cap = getattr(self, detail)
        return math.ceil(patches(width, height, cap) * self.factor)


def tile_size(width: int, height: int) -> tuple[int, int]:
    """Size a picture as tile models see it at `high`: never enlarged, rounded down.

    Fit into 2048×2048, then the short side down to 768.
    """
    scale = min(1.0, _FIT / max(width, height))
    w, h = max(1, int(width * scale + 1e-9)), max(1, int(height * scale + 1e-9))
    if min(w, h) > _SHORT:
        scale = _SHORT / min(w, h)
        w, h = int(w * scale + 1e-9), int(h * scale + 1e-9)
    return w, h


def patches(width: int, height: int, cap: Cap) -> int:
    """Count the 32-pixel patches of a picture after `cap` has sized it (never enlarged)."""
    w, h = float(width), float(height)
    if cap.side is not None and max(w, h) > cap.side:
        scale = cap.side / max(w, h)
        w, h = max(1.0, float(round(w * scale))), max(1.0, float(round(h * scale)))
    if cap.budget is not None and _count(w, h) > cap.budget:
        scale = math.sqrt(_PATCH**2 * cap.budget / (w * h))
        across, down = w * scale / _PATCH, h * scale / _PATCH
        scale *= min(math.floor(across) / across, math.floor(down) / down)
        w, h = float(math.floor(w * scale + 1e-6)), float(math.floor(h * scale + 1e-6))
    return _count(max(w, 1.0), max(h, 1.0))


def _count(w: float, h: float) -> int:
    return math.ceil(w / _PATCH) * math.ceil(h / _PATCH)


def _same(factor: float, side: int | None, budget: int) -> Patches:
    cap = Cap(side, budget)
    return Patches(factor, cap, cap, cap, cap)


_LOW512 = Cap(512, None)
_HIGH = Cap(2048, 2500)
_ORIGINAL = Cap(6000, 10_000)
_UNBOUNDED = Cap(65_535, None)
_WIDE = Cap(2048, 6144)

# The first pattern that starts the model's id decides; the last row takes the rest.
_PROFILES: tuple[tuple[str, Tiles | Patches], ...] = (
    (r"gpt-4o-mini", Tiles(2833, 5667)),
    (r"gpt-4\.1-mini", _same(1.62, None, 1536)),
    (r"gpt-4\.1-nano", _same(2.46, None, 1536)),
    (r"o4-mini", _same(1.72, None, 1536)),
    (r"o[13]", Tiles(75, 150)),
    (r"computer-use", Tiles(65, 129)),
    (r"gpt-5-mini", _same(1.2, None, 1536)),
    (r"gpt-5-nano", _same(1.5, None, 1536)),
    (r"gpt-5\.2", Patches(1.2, _WIDE, _WIDE, _WIDE, _WIDE)),
    (r"gpt-5\.4", Patches(1.2, _WIDE, _HIGH, _ORIGINAL, _HIGH)),
    (r"gpt-5\.5", Patches(1.2, _LOW512, _HIGH, _ORIGINAL, _ORIGINAL)),
    (r"gpt-5\.[6-9]", Patches(1.2, _LOW512, _HIGH, _UNBOUNDED, _UNBOUNDED)),
    (r"gpt-5", Tiles(70, 140)),
    (r"gpt-6", Patches(1.2, _LOW512, Cap(65_535, 2500), _UNBOUNDED, _UNBOUNDED)),
    (r"", Tiles(85, 170)),
)


def image_tokens(model: str, width: int, height: int, detail: Detail) -> int:
    """Count what one picture of `width` × `height` pixels costs on `model` at `detail`."""
    name = model.removeprefix("ft:")
    profile = next(p for pattern, p in _PROFILES if re.match(pattern, name))
    return profile.tokens(width, height, detail)

"""Photographs whose things are known: COCO pictures with `labels.json` beside them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# The detector's data call some things otherwise than people do.
_CALLED = {
    "sports ball": "ball", "tv": "television", "mouse": "computer mouse", "remote": "remote control",
    "scissors": "pair of scissors", "hair drier": "hair dryer",
}  # fmt: skip
Corners = tuple[float, float, float, float]


@dataclass(frozen=True)
class Labelled:
    """A thing as people marked it: x0, y0, x1, y1 in pixels, its share; or a crowd of them."""

    name: str
    box: Corners
    share: float
    crowd: bool


@dataclass(frozen=True)
class Photograph:
    """A picture, the things that were marked in it, and what five people wrote about it."""

    file: Path
    size: tuple[int, int]
    things: tuple[Labelled, ...]
    captions: tuple[str, ...]

    def pixels(self) -> NDArray[np.uint8]:
        """Read it as RGB."""
        return read_pixels(self.file)


def read_pixels(file: Path) -> NDArray[np.uint8]:
    """Read a picture as RGB of shape (height, width, 3)."""
    with Image.open(file) as image:
        return np.asarray(image.convert("RGB"))


def photographs(folder: Path) -> list[Photograph]:
    """Read a folder's photographs, by name."""
    told = json.loads((folder / "labels.json").read_text("utf-8"))
    return sorted((_photograph(folder, one) for one in told), key=lambda p: p.file.name)


def _photograph(folder: Path, told: dict[str, Any]) -> Photograph:
    area = told["width"] * told["height"]
    things = []
    for one in told["things"]:
        x, y, wide, high = one["box_xywh"]
        name = _CALLED.get(one["name"], one["name"])
        things.append(
            Labelled(name, (x, y, x + wide, y + high), wide * high / area, bool(one["crowd"]))
        )
    return Photograph(
        folder / told["file"],
        (told["width"], told["height"]),
        tuple(things),
        tuple(told["captions"]),
    )


def overlap(first: Corners, second: Corners) -> float:
    """Give the intersection of two boxes over their union."""
    wide = max(0.0, min(first[2], second[2]) - max(first[0], second[0]))
    high = max(0.0, min(first[3], second[3]) - max(first[1], second[1]))
    shared = wide * high
    areas = [(b[2] - b[0]) * (b[3] - b[1]) for b in (first, second)]
    return shared / (sum(areas) - shared)

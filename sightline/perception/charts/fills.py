"""The plain colours of a drawing, and what is filled with each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice

import cv2
import numpy as np
from numpy.typing import NDArray

from sightline.perception.rows import Box

_MOST_SIDE = 1600  # pixels: larger pages are made smaller
_ALIKE = 22  # of 255 in each channel, within which colours are one
_APART = 30  # from which on two are different
_LEAST_SHARE = 0.00025  # of the area, of a colour that is looked at
_MOST_COLOURS = 18
_LEAST_SIDE = 5
_EDGE = 0.7  # share of each side of a rectangle that is filled
_FULL = 0.55  # share of it that is: what is printed on it takes some
_MOST_FILLS = 400
_WHOLE = 0.45  # share of the page from which on a fill is a ground
_INKED = 18  # of 255, from which on a pixel is not of the ground
_EACH = 2  # every other pixel, and row, is enough to count colours by
Mask = NDArray[np.uint8]
Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Fill:
    """A rectangle in one colour, in pixels of the canvas."""

    colour: Colour
    box: Box

    @property
    def hex(self) -> str:
        """The colour as #rrggbb."""
        return hex_of(self.colour)


def hex_of(colour: Colour) -> str:
    """Write a colour as #rrggbb."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


class Canvas:
    """A page with its plain colours, `scale` times as large as the page."""

    def __init__(self, pixels: NDArray[np.uint8], scale: float) -> None:
        """Look at `pixels`, (height, width, 3)."""
        self.pixels, self.scale = pixels, scale

    @property
    def height(self) -> int:
        """Its height in pixels."""
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        """Its width in pixels."""
        return int(self.pixels.shape[1])

    def turned(self) -> Canvas:
        """Give it turned to the left by 90 degrees, so that bars that lie stand."""
        turned = cv2.rotate(self.pixels, cv2.ROTATE_90_COUNTERCLOCKWISE)
        made = Canvas(np.asarray(turned, np.uint8), self.scale)
        made.__dict__["colours"], made.__dict__["ground"] = self.colours, self.ground
        return made

    @cached_property
    def ground(self) -> Colour:
        """The colour that most of it has."""
        return self._common[0]

    @cached_property
    def colours(self) -> tuple[Colour, ...]:
        """Its plain colours but that of the ground, the commonest first."""
        return self._common[1:]

    @cached_property
    def inked(self) -> NDArray[np.bool_]:
        """Which of its pixels are not of the ground's colour."""
        return np.asarray(_within(self.pixels, self.ground, _INKED) == 0)

    @cached_property
    def _some(self) -> NDArray[np.uint8]:
        """Every other pixel of every other row."""
        height, width = max(1, self.height // _EACH), max(1, self.width // _EACH)
        whole = self.pixels[: height * _EACH, : width * _EACH]
        some = cv2.resize(whole, (width, height), interpolation=cv2.INTER_NEAREST)
        return np.asarray(some, np.uint8)

    @cached_property
    def _common(self) -> tuple[Colour, ...]:
        some = self._some
        codes = (some >> 3).astype(np.uint16)
        flat = ((codes[..., 0] << 10) | (codes[..., 1] << 5) | codes[..., 2]).ravel()
        counts = np.bincount(flat, minlength=1 << 15)
        least = max(40 / _EACH**2, _LEAST_SHARE * flat.size)
        sums = [np.bincount(flat, some[..., channel].ravel(), 1 << 15) for channel in range(3)]
        made: list[Colour] = []
        common = np.flatnonzero(counts >= min(least, counts.max()))
        for code in common[np.argsort(counts[common])[::-1]]:
            if len(made) > _MOST_COLOURS:
                break
            colour = [round(float(each[code] / counts[code])) for each in sums]
            if all(max(abs(a - b) for a, b in zip(colour, c, strict=True)) >= _APART for c in made):
                made.append((colour[0], colour[1], colour[2]))
        return tuple(made)

    def mask(self, colour: Colour) -> Mask:
        """Say which pixels have a colour, 1 or 0."""
        return _within(self.pixels, colour, _ALIKE)

    def closed(self, colour: Colour) -> Mask:
        """Say which pixels have a colour, or lie on a line of a grid that is drawn over it."""
        upright = np.ones((5, 1), np.uint8)
        return np.asarray(cv2.morphologyEx(self.mask(colour), cv2.MORPH_CLOSE, upright), np.uint8)

    def rectangles(self, width: int, height: int) -> list[Fill]:
        """Give what is filled evenly and has four straight sides, in all its colours.

        Nothing is given where none is as large as this.
        """
        large = [c for c in self.colours if self._holds(c, width, height)]
        filled = {c: [*islice(self._filled(c), _MOST_FILLS)] for c in large}
        sizes = (one.box for fills in filled.values() for one in fills)
        if not any(box.width >= width and box.height >= height for box in sizes):
            return []
        each = (filled[c] if c in filled else self._filled(c) for c in self.colours)
        return [*islice(chain.from_iterable(each), _MOST_FILLS)]

    def _holds(self, colour: Colour, width: int, height: int) -> bool:
        """Say whether an area as large as this may be filled with a colour.

        Every other pixel tells: what is filled there is at least half as wide and high.
        """
        kernel = np.ones((max(1, height // _EACH), width // _EACH), np.uint8)
        over = np.ones((3, 1), np.uint8)  # a line of a grid
        closed = cv2.morphologyEx(_within(self._some, colour, _ALIKE), cv2.MORPH_CLOSE, over)
        return bool(cv2.erode(closed, kernel).any())

    def _filled(self, colour: Colour) -> Iterator[Fill]:
        closed = self.closed(colour)
        left, top, *size = cv2.boundingRect(closed)
        closed = closed[top : top + size[1], left : left + size[0]]
        if not cv2.erode(closed, np.ones((_LEAST_SIDE, _LEAST_SIDE), np.uint8)).any():
            return  # print, and lines
        _, labels, stats, _ = cv2.connectedComponentsWithStats(closed, connectivity=4)
        wide, high, areas = stats[:, 2], stats[:, 3], stats[:, 4]
        likely = (wide >= _LEAST_SIDE) & (high >= 2) & (areas >= _FULL * wide * high)
        likely[0] = False
        least = areas <= _WHOLE * self.width * self.height
        for number in np.flatnonzero(likely & least).tolist():
            x, y, width, height, _ = stats[number].tolist()
            part = labels[y : y + height, x : x + width] == number
            sides = part[:, 0], part[:, -1], part[-1], part[0]
            if height > 4 and min(side.mean() for side in sides) < _EDGE:
                # Corners may be round at one end.
                inner = part[:, 1], part[:, -2], part[-2], part[min(3, height - 1)]
                if width < 6 or min(side.mean() for side in inner) < _EDGE - 0.2:
                    continue
            x, y = left + x, top + y
            yield Fill(colour, Box(x, y, x + width, y + height))


def _within(pixels: NDArray[np.uint8], colour: Colour, most: int) -> Mask:
    """Say which pixels differ from a colour by no more than this in each channel, 1 or 0."""
    low = np.clip(np.array(colour) - most, 0, 255)
    high = np.clip(np.array(colour) + most, 0, 255)
    told = np.asarray(cv2.inRange(pixels, low, high), np.uint8)
    return np.right_shift(told, 7, dtype=np.uint8)  # of 255


def canvas(page: NDArray[np.uint8]) -> Canvas:
    """Make a page what is looked at: of `_MOST_SIDE` pixels at most."""
    scale = min(1.0, _MOST_SIDE / max(page.shape[:2]))
    if scale < 1:
        size = round(page.shape[1] * scale), round(page.shape[0] * scale)
        page = np.asarray(cv2.resize(page, size, interpolation=cv2.INTER_AREA), np.uint8)
    return Canvas(page, scale)

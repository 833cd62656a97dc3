"""Plain drawn shapes on an even ground: their kind, colour and place, by their contours.

Nothing is learned here: a circle is what has a circle's outline. Where a drawing is anything but
plain shapes (a photograph, a chart with print, an icon), nothing is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from sightline.perception import colours
from sightline.perception.colours import Colour
from sightline.perception.rows import Box

Kind = Literal[
    "circle", "oval", "square", "rectangle", "triangle", "diamond", "star", "arrow", "cross",
    "pentagon", "hexagon",
]  # fmt: skip
Contour = NDArray[np.integer[Any] | np.floating[Any]]
_SIDE = 640  # pixels of the longer side that are looked at
_EVEN = 0.9  # share of the rim that has to be of one colour
_NEAR = 24  # of 255: as near colours of the ground are
_LEAST_AREA = 0.0012  # of the picture
_LEAST_PIXELS = 80
_MOST = 60
_SAME_COLOUR = 40  # of 255, between the parts of one shape


@dataclass(frozen=True, slots=True)
class Shape:
    """A drawn shape. `box` is in pixels of the picture."""

    kind: Kind
    colour: Colour
    box: Box


def shapes(pixels: NDArray[np.uint8]) -> tuple[Shape, ...]:
    """Find the shapes of a plain drawing, (height, width, 3); none in any other picture."""
    height, width = pixels.shape[:2]
    scale = min(1.0, _SIDE / max(height, width))
    if min(height, width) * scale < 16:
        return ()
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = pixels
    if scale < 1:
        small = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    rim = np.concatenate([small[0], small[-1], small[:, 0], small[:, -1]]).astype(np.int16)
    ground = np.median(rim, axis=0)
    if (np.abs(rim - ground).max(axis=1) < _NEAR).mean() < _EVEN:
        return ()
    drawn = (np.abs(small.astype(np.int16) - ground).max(axis=2) >= _NEAR).astype(np.uint8)
    found: list[Shape] = []
    for mask in _parts(small, drawn):
        shape = _shape(pixels, small, mask, scale)
        if shape is None or len(found) == _MOST:
            return ()
        found.append(shape)
    return tuple(found)


def _parts(small: NDArray[np.uint8], drawn: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """Cut what is drawn into pieces of one colour each, by place and then by colour."""
    least = max(_LEAST_PIXELS, round(_LEAST_AREA * drawn.size))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(drawn, connectivity=8)
    made: list[NDArray[np.uint8]] = []
    for number in range(1, count):
        if stats[number, cv2.CC_STAT_AREA] < least:
            continue
        whole = (labels == number).astype(np.uint8)
        inner = cv2.erode(whole, np.ones((3, 3), np.uint8))
        seen = small[inner.astype(bool)] if inner.any() else small[whole.astype(bool)]
        tones = _tones(seen)
        if len(tones) == 1:
            made.append(whole)
            continue
        for tone in tones:
            near = (np.abs(small.astype(np.int16) - tone).max(axis=2) < _SAME_COLOUR) & (whole > 0)
            pieces, places, sizes, _ = cv2.connectedComponentsWithStats(
                near.astype(np.uint8), connectivity=4
            )
            made += [
                (places == i).astype(np.uint8)
                for i in range(1, pieces)
                if sizes[i, cv2.CC_STAT_AREA] >= least
            ]
    return made


def _tones(seen: NDArray[np.uint8]) -> list[NDArray[np.int16]]:
    """List the colours that have a good part of some pixels each."""
    rest = seen.astype(np.int16)
    found: list[NDArray[np.int16]] = []
    while len(rest) >= 0.12 * len(seen) and len(found) < 6:
        coarse = (rest >> 5).astype(np.int32)
        keys = coarse[:, 0] << 6 | coarse[:, 1] << 3 | coarse[:, 2]
        most = np.bincount(keys, minlength=512).argmax()
        tone = np.median(rest[keys == most], axis=0).astype(np.int16)
        near = np.abs(rest - tone).max(axis=1) < _SAME_COLOUR
        if near.sum() < 0.12 * len(seen):
            break
        found.append(tone)
        rest = rest[~near]
    return found or [np.median(seen, axis=0).astype(np.int16)]


def _shape(
    pixels: NDArray[np.uint8], small: NDArray[np.uint8], mask: NDArray[np.uint8], scale: float
) -> Shape | None:
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    contour = max(contours, key=cv2.contourArea)
    kind = _kind(contour)
    if kind is None:
        return None
    x, y, wide, high = cv2.boundingRect(contour)
    inner = cv2.erode(mask, np.ones((3, 3), np.uint8))
    chosen = (inner if inner.any() else mask).astype(bool)
    tone = np.median(small[chosen], axis=0).astype(np.uint8)
    colour = colours.dominant(np.tile(tone, (8, 8, 1)))[0]
    box = Box(x / scale, y / scale, (x + wide) / scale, (y + high) / scale)
    return Shape(kind, colour, box)


def _kind(contour: Contour) -> Kind | None:
    """Tell a closed outline's kind; None for any other than those that are known."""
    area = cv2.contourArea(contour)
    hull = cv2.convexHull(contour)
    full = cv2.contourArea(hull)
    if area < 30 or full <= 0:
        return None
    solid = area / full
    (_, (wide, high), angle) = cv2.minAreaRect(contour)
    if min(wide, high) < 4:
        return None
    aspect = max(wide, high) / min(wide, high)
    filled = area / (wide * high)
    if solid > 0.93:
        return _convex(hull, full, aspect, filled, angle)
    if 0.42 < solid < 0.85:
        return _hollow(contour, solid, aspect)
    return None


def _convex(hull: Contour, area: float, aspect: float, filled: float, angle: float) -> Kind | None:
    around = cv2.arcLength(hull, True)
    sides = len(cv2.approxPolyDP(hull, 0.03 * around, True))
    round_ = 4 * np.pi * area / around**2
    # Of the smallest box around it a circle fills pi / 4, a triangle half, a rectangle all.
    if filled > 0.92:
        if aspect < 1.12:
            turned = min(abs(angle % 90), 90 - abs(angle % 90))
            return "diamond" if turned > 35 else "square"
        return "rectangle"
    if sides == 3 and filled < 0.62:
        return "triangle"
    finely = len(cv2.approxPolyDP(hull, 0.015 * around, True))
    if abs(filled - np.pi / 4) < 0.045 and (round_ > 0.86 or aspect >= 1.12) and finely > 6:
        return "circle" if aspect < 1.12 else "oval"
    if sides == 4 and filled < 0.8:
        return "diamond" if filled > 0.4 else None
    if sides == 5 and aspect < 1.25:
        return "pentagon"
    if sides == 6 and aspect < 1.3:
        return "hexagon"
    return None


def _hollow(contour: Contour, solid: float, aspect: float) -> Kind | None:
    """Tell those that are not convex by the bays in their outline."""
    indices = cv2.convexHull(contour, returnPoints=False)
    found = cv2.convexityDefects(contour, np.sort(indices, axis=0)[::-1])
    defects = np.empty((0, 4), np.int32) if found is None else np.asarray(found).reshape(-1, 4)
    size = np.sqrt(cv2.contourArea(contour))
    deep = [d for d in defects if d[3] / 256 > 0.14 * size]
    if len(deep) == 5 and solid < 0.75:
        return "star"
    if len(deep) == 4 and aspect < 1.25:
        return "cross"
    if len(deep) == 2 and aspect > 1.1:
        return "arrow"
    return None

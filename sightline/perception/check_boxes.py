"""Boxes to tick on a form: small squares and rings beside print, and whether they are ticked.

Nothing is learned: a box is what has four straight dark sides about as long as a letter is high, or
a ring as round, and light within; ticked is what has ink within. What is neither is not told.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sightline.perception.rows import Box, Piece, Row

_LEAST, _MOST = 0.45, 1.6  # of the height of a line of print, that a side is long
_LEAST_PIXELS = 7
_SQUARE = 1.25  # times as long as the other side, at most
_SIDES = 0.8  # share of a side that is dark
_CORNER = 0.18  # share of ink: more than a line a pixel wide, around the inside of a box
_EMPTY, _TICKED = 0.05, 0.09  # share of ink within
_SOLID = 0.88  # from which on it is a bullet
_NEAR = 3.0  # sides, to the print that it belongs to
_STRAIGHT = 0.35  # of the height of a line, from which on a stroke may be a side
_DARKER = 18  # of 255, than what is around
_MOST_BOXES = 200
_ALIKE = 0.2  # of its side, by which boxes of one form differ
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class CheckBox:
    """A box to tick, in pixels of the page; `row` numbers the row of print that it stands in."""

    box: Box
    ticked: bool
    row: int


def check_boxes(page: NDArray[np.uint8], rows: Sequence[Row]) -> tuple[CheckBox, ...]:
    """Find the boxes to tick beside the print of a page, (height, width, 3), from the top left."""
    tall = statistics.median([row.box.height for row in rows]) if rows else 0.0
    if tall * _MOST < _LEAST_PIXELS:
        return ()
    grey = cv2.cvtColor(page, cv2.COLOR_RGB2GRAY)
    around = 2 * round(tall) + 1
    ink = cv2.adaptiveThreshold(
        grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, max(3, around), _DARKER
    )
    # A cross or a tick drawn by hand goes beyond its box, whose sides alone are straight.
    length = max(3, round(_STRAIGHT * tall))
    level, upright = (
        cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones(size, np.uint8))
        for size in ((1, length), (length, 1))
    )
    straight = cv2.bitwise_or(level, upright)
    made: list[CheckBox] = []
    for mask, round_ in ((straight, False), (ink, True)):
        found, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
        for contour in found:
            x, y, width, height = cv2.boundingRect(contour)
            short, long = min(width, height), max(width, height)
            if not max(_LEAST_PIXELS, _LEAST * tall) <= short <= long <= _MOST * tall:
                continue
            if long > _SQUARE * short or len(made) >= _MOST_BOXES:
                continue
            part = slice(y, y + height), slice(x, x + width)
            if round_ and not _is_ring(ink[part] > 0, contour):
                continue
            if not round_ and not _is_square(straight[part] > 0):
                continue
            ticked = _ticked(ink[part] > 0, round_=round_)
            box = Box(x, y, x + width, y + height)
            row = None if ticked is None else _row(box, rows)
            if ticked is not None and row is not None:
                made.append(CheckBox(box, ticked, row))
    return _each_once(made)


def _ticked(ink: Mask, *, round_: bool) -> bool | None:
    """Say whether there is ink within a box; None where that is in doubt."""
    height, width = ink.shape
    short = min(height, width)
    inset = round(0.28 * short) if round_ else max(2, round(0.26 * short))
    within = ink[inset : height - inset, inset : width - inset]
    if within.size < 4:
        return None
    share = float(within.mean())
    if share <= _EMPTY:
        return False
    return True if _TICKED <= share < _SOLID else None


def _is_square(ink: Mask) -> bool:
    """Say whether a mark has four sides, and ink in all its corners, which no letter has."""
    edge = max(1, round(0.16 * min(ink.shape)))
    sides = (
        ink[:edge].any(axis=0), ink[-edge:].any(axis=0),
        ink[:, :edge].any(axis=1), ink[:, -edge:].any(axis=1),
    )  # fmt: skip
    return min(side.mean() for side in sides) >= _SIDES and _corners(ink, edge)


def _corners(ink: Mask, edge: int) -> bool:
    """Say whether there is ink in all corners: a letter's are round, or open."""
    part = 2 * edge
    corners = ink[:part, :part], ink[:part, -part:], ink[-part:, :part], ink[-part:, -part:]
    return all(corner.mean() > _CORNER for corner in corners)


def _is_ring(ink: Mask, contour: NDArray[np.integer[Any] | np.floating[Any]]) -> bool:
    """Say whether a mark is round, with a thin line around an even inside or a dot."""
    (_, radius), area = cv2.minEnclosingCircle(contour), cv2.contourArea(contour)
    height, width = ink.shape
    if radius < _LEAST_PIXELS / 2 or area < 0.8 * np.pi * radius * radius:
        return False
    if max(height, width) > 1.1 * min(height, width):
        return False
    y, x = np.ogrid[:height, :width]
    far = np.hypot((y - (height - 1) / 2) / (height / 2), (x - (width - 1) / 2) / (width / 2))
    rim, gap, dot = ink[(far > 0.8) & (far <= 1)], ink[(far > 0.55) & (far < 0.72)], ink[far < 0.4]
    even = dot.mean() < 0.1 or dot.mean() > 0.7
    return bool(rim.mean() > 0.6 and gap.mean() < 0.25 and even)


def _row(box: Box, rows: Sequence[Row]) -> int | None:
    """Give the row of print in which a box stands with a word near, that it is no letter of."""
    middle, side = box.centre[1], max(box.width, box.height)
    for number, row in enumerate(rows):
        if not row.box.y0 - 0.3 * side <= middle <= row.box.y1 + 0.3 * side:
            continue
        for piece in row.pieces:
            if not piece.box.y0 - 0.4 * side <= middle <= piece.box.y1 + 0.4 * side:
                continue
            if _of_a_word(box, piece):
                return None
            if piece.box.x0 - _NEAR * side <= box.x0 and box.x1 <= piece.box.x1 + _NEAR * side:
                return number
    return None


def _of_a_word(box: Box, piece: Piece) -> bool:
    """Say whether a mark is a sign of a word, and not one that stands by itself."""
    text, spans = piece.text, piece.spans
    if len("".join(text.split())) != len(spans):
        return piece.box.x0 <= box.centre[0] <= piece.box.x1
    at = 0
    for word in text.split():
        inside = spans[at][0] <= box.centre[0] <= spans[at + len(word) - 1][1]
        if inside and len([sign for sign in word if sign.isalnum()]) > 1:
            first, last = spans[at], spans[at + len(word) - 1]
            # A sign that is read for the box may stick to the word after it.
            return not (box.x1 <= first[1] + 1 and not word[0].isalnum()) and not (
                box.x0 >= last[0] - 1 and not word[-1].isalnum()
            )
        at += len(word)
    return False


def _each_once(made: Sequence[CheckBox]) -> tuple[CheckBox, ...]:
    """Keep the outer of the contours of a box, in reading order; one alone of its size is none."""
    kept: list[CheckBox] = []
    for one in sorted(made, key=lambda each: -each.box.width * each.box.height):
        if not any(other.box.holds(one.box) for other in kept):
            kept.append(one)
    sizes = [max(each.box.width, each.box.height) for each in kept]
    alike = [sum(abs(a - b) <= _ALIKE * max(a, b) for b in sizes) > 1 for a in sizes]
    kept = [each for each, several in zip(kept, alike, strict=True) if several]
    return tuple(sorted(kept, key=lambda each: (each.row, each.box.x0)))

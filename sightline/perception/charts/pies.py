"""Pies and rings: slices of a circle, their names, and their shares as printed or as drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from sightline.perception.charts import legend
from sightline.perception.charts.fills import Canvas, Colour, Mask, hex_of
from sightline.perception.charts.marks import Mark, PrintedNumber, by_piece, joined, number
from sightline.perception.charts.types import Chart, Point, Series
from sightline.perception.rows import Box

_LEAST_RADIUS = 0.1  # of the shorter side
_ROUND = 0.93  # share of its circle that a pie fills
_LEAST_SLICE = 0.006  # share of a pie
_WHOLE = 0.6  # share of a slice that is one piece
_COVERED = 0.85  # share of a pie that its slices cover
_BESIDE = 0.35  # radians, beside its slice
_AROUND = 1.5  # radii, within which names stand
_SAME = 0.025  # by which a printed share differs from the drawn one
_NAMED = 0.6


@dataclass
class _Slice:
    colour: Colour
    share: float
    mask: Mask
    angle: float  # of its middle
    box: Box
    marks: list[Mark] = field(default_factory=list)
    name: str = ""
    row: int = -1


def find(drawn: Canvas, found: Sequence[Mark]) -> Chart | None:
    """Find a pie and name its slices; None where there is none, or most cannot be named."""
    circle = _circle(drawn)
    slices = [] if circle is None else _slices(drawn, circle)
    if circle is None or len(slices) < 2:
        return None
    _give_print(slices, circle, found)
    x, y, radius = circle
    around = Box(x - radius, y - radius, x + radius, y + radius)
    told = legend.entries(drawn, found, [one.colour for one in slices], [around])
    for one in slices:
        beside = [mark for mark in one.marks if number(mark.text) is None]
        if one.colour in told:
            one.name, one.row = told[one.colour].name, told[one.colour].row
        elif beside:
            one.name, one.row = joined(beside), beside[0].row
    if sum(bool(one.name) for one in slices) < _NAMED * len(slices):
        return None
    slices.sort(key=lambda one: (math.pi / 2 - one.angle) % math.tau)  # as a clock goes
    points = _points(slices)
    names = [
        _without_number(one.name) if point.printed else one.name
        for one, point in zip(slices, points, strict=True)
    ]
    return Chart(
        "pie", tuple(names), tuple(one.row for one in slices),
        (Series("", hex_of(slices[0].colour), tuple(points)),),
        tuple(hex_of(one.colour) for one in slices),
    )  # fmt: skip


def is_drawn(drawn: Canvas) -> bool:
    """Say whether there is a circle with slices."""
    circle = _circle(drawn)
    return circle is not None and len(_slices(drawn, circle)) > 1


def _circle(drawn: Canvas) -> tuple[float, float, float] | None:
    """Find the largest round thing that is not of the ground's colour: its middle and radius."""
    inked = drawn.inked.astype(np.uint8)
    closed = cv2.morphologyEx(inked, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    contours, _ = cv2.findContours(closed, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    best: tuple[float, float, float] | None = None
    for contour in contours:
        _, _, width, height = cv2.boundingRect(contour)
        least = 2 * _LEAST_RADIUS * min(drawn.width, drawn.height)
        if min(width, height) < max(least, 40) or max(width, height) > 1.12 * min(width, height):
            continue
        (x, y), radius = cv2.minEnclosingCircle(contour)
        full = cv2.contourArea(contour) >= _ROUND * math.pi * radius**2
        if full and (best is None or radius > best[2]):
            best = float(x), float(y), float(radius)
    return best


def _slices(drawn: Canvas, circle: tuple[float, float, float]) -> list[_Slice]:
    x, y, radius = circle
    down, across = np.mgrid[: drawn.height, : drawn.width]
    inside = (across - x) ** 2 + (down - y) ** 2 <= (0.985 * radius) ** 2
    filled = int((inside & drawn.inked).sum())
    made: list[_Slice] = []
    for colour in drawn.colours:
        mask = np.asarray(drawn.mask(colour) & inside, np.uint8)
        count, labels, stats, middles = cv2.connectedComponentsWithStats(mask, connectivity=4)
        if count < 2:
            continue
        best = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
        area, whole = int(stats[best, cv2.CC_STAT_AREA]), int(mask.sum())
        if area < max(12, _LEAST_SLICE * filled) or area < _WHOLE * whole:
            continue
        left, top, width, height = stats[best, :4].tolist()
        own = np.asarray(labels == best, np.uint8)
        middle = middles[best]
        made.append(
            _Slice(
                colour, whole / max(1, filled), own, math.atan2(y - middle[1], middle[0] - x),
                Box(left, top, left + width, top + height),
            )
        )  # fmt: skip
    covered = sum(one.share for one in made)
    if covered < _COVERED:
        return []
    for one in made:
        one.share /= covered
    return made


def _give_print(
    slices: Sequence[_Slice], circle: tuple[float, float, float], found: Sequence[Mark]
) -> None:
    """Give each slice the print on it, and that which stands outside in its direction."""
    x, y, radius = circle
    outside: dict[int, list[tuple[float, list[Mark]]]] = {}
    for marks in by_piece(found):
        x0, x1 = marks[0].box.x0, marks[-1].box.x1
        y0, y1 = marks[0].box.y0, marks[0].box.y1
        # Of a name outside that end counts which is turned to the circle.
        near = min(max(x, x0), x1), min(max(y, y0), y1)
        away = math.hypot(near[0] - x, near[1] - y) / radius
        if away > _AROUND:
            continue
        if away < 1:
            part = slice(max(0, int(y0) - 2), int(y1) + 3), slice(max(0, int(x0) - 2), int(x1) + 3)
            owner = max(slices, key=lambda one: int(one.mask[part].sum()))
            if owner.mask[part].sum():  # else it stands in the middle of a ring
                owner.marks += marks
            continue
        angle = math.atan2(y - (y0 + y1) / 2, near[0] - x)
        owner = min(slices, key=lambda one: _turn(one, angle))
        if _turn(owner, angle) <= _BESIDE:
            outside.setdefault(id(owner), []).append((away, marks))
    for one in slices:
        beside: list[Mark] = []
        for _, marks in sorted(outside.get(id(one), ()), key=lambda pair: pair[0]):
            if not beside or any(_joins(marks, mark) for mark in beside):
                beside += marks
        one.marks += beside


def _joins(marks: Sequence[Mark], other: Mark) -> bool:
    """Say whether a line of print is of the same name as another: close over or under it."""
    first, last = marks[0].box, marks[-1].box
    across = min(last.x1, other.box.x1) - max(first.x0, other.box.x0)
    down = max(first.y0, other.box.y0) - min(first.y1, other.box.y1)
    return across > 0 and down < 0.6 * first.height


def _turn(one: _Slice, angle: float) -> float:
    """Say by how much of a slice's half width an angle lies beside its middle, over its end."""
    apart = abs((one.angle - angle + math.pi) % math.tau - math.pi)
    return max(0.0, apart - one.share * math.pi) + 0.05 * apart


def _points(slices: Sequence[_Slice]) -> list[Point]:
    """Give the value of each slice: as printed where all that is fits what is drawn."""
    told = [_printed(one) for one in slices]
    numbers = [one[1].value for one in told if one is not None]
    whole = 100.0 if all(one is None or one[1].after == "%" for one in told) else sum(numbers)
    fits = len(numbers) == len(slices) or (whole == 100.0 and bool(numbers))
    fits = fits and all(
        one is None or abs(one[1].value / whole - part.share) <= _SAME
        for one, part in zip(told, slices, strict=True)
    )
    made = []
    for one, part in zip(told, slices, strict=True):
        if fits and one is not None:
            mark, read = one
            made.append(Point(read.value, mark.text, part.box, (mark.row,)))
        else:
            share = 100 * part.share
            text = f"{share:.0f}%" if share >= 1 else f"{share:.1f}%"
            made.append(Point(share, text, part.box, (), printed=False))
    return made


def _printed(one: _Slice) -> tuple[Mark, PrintedNumber] | None:
    marks = [*one.marks]
    if one.name:
        marks += [Mark(word.strip("(),;:"), one.box, one.row, -1) for word in one.name.split()]
    read = [(mark, told) for mark in marks if (told := number(mark.text)) is not None]
    percent = [pair for pair in read if pair[1].after == "%"]
    chosen = percent or read
    near = sorted(chosen, key=lambda pair: abs(pair[1].value / 100 - one.share))
    return near[0] if near else None


def _without_number(name: str) -> str:
    words = [word for word in name.split() if number(word.strip("(),;:")) is None]
    return " ".join(words).strip(" (),;:-–") or name

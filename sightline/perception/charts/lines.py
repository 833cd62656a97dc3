"""Lines: strokes of a colour from left to right, read at the names along the lower axis."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sightline.perception.charts import legend
from sightline.perception.charts.fills import Canvas, Colour, Mask, hex_of
from sightline.perception.charts.marks import Mark, Scale, by_piece, joined, number, scale
from sightline.perception.charts.types import Chart, Point, Series
from sightline.perception.rows import Box

_LEAST_NAMES = 3
_SHORT = 4  # letters of a name that several of are read as one: "Jan Feb"
_ONE = 0.7  # share of its width in which nothing else has its colour
_COVERED = 0.6  # share of its width in which a line is seen
_THICK = 0.06  # of the height of the plot, that a line is thick at most
_FLAT = 1.5  # pixels, within which a line of a grid lies
_LEVEL = 1.2  # heights of a letter, from the end of a line to its name


def find(drawn: Canvas, found: Sequence[Mark]) -> Chart | None:
    """Find lines over named places; None where there are none, or no axis tells their values."""
    named = _along(found, drawn.width)
    if named is None:
        return None
    middles = [(marks[0].box.x0 + marks[-1].box.x1) / 2 for marks in named]
    top = min(marks[0].box.y0 for marks in named)
    pitch = float(np.median(np.diff(middles)))
    beside = [mark for mark in found if mark.box.y0 < top + 2 * mark.box.height]
    axis = scale(beside, middles[0] + 0.5) or scale(beside, middles[-1], left=False)
    if axis is None:
        return None
    lines: list[tuple[Colour, list[float | None]]] = []
    told = legend.entries(drawn, found, drawn.colours, [])
    # Neither print nor what a legend shows is a line.
    blank = [one.patch for one in told.values()] + [mark.box for mark in found]
    for colour in drawn.colours:
        mask = drawn.mask(colour)[: int(top)]
        for x0, y0, x1, y1 in blank:
            mask[max(0, int(y0) - 1) : int(y1) + 2, max(0, int(x0) - 1) : int(x1) + 2] = 0
        heights = _heights(mask, middles, pitch)
        if heights is not None:
            lines.append((colour, heights))
    if not lines:
        return None
    series = tuple(
        Series(
            told[colour].name
            if colour in told
            else _at_end(found, middles, heights)
            if len(lines) > 1
            else "",
            hex_of(colour),
            tuple(_point(axis, x, y) for x, y in zip(middles, heights, strict=True)),
        )
        for colour, heights in lines
    )
    names = tuple(joined(marks) for marks in named)
    shown = {one.name for one in series}
    others = {one.name for one in told.values()} | set(_ends(found, middles, beside))
    return Chart(
        "lines", names, tuple(marks[0].row for marks in named), series,
        others=tuple(sorted(others - shown)) if any(shown) else (),
    )  # fmt: skip


def _point(axis: Scale, x: float, y: float | None) -> Point | None:
    if y is None:
        return None
    value = axis.at(y)
    return Point(value, axis.text(value), Box(x - 4, y - 4, x + 4, y + 4), (), printed=False)


def _along(found: Sequence[Mark], width: float) -> list[list[Mark]] | None:
    """Give the names of the lower axis: the lowest line of print with several, evenly apart."""
    rows: dict[int, list[Mark]] = {}
    for mark in found:
        rows.setdefault(mark.row, []).append(mark)
    for _, marks in sorted(rows.items(), key=lambda pair: -pair[1][0].box.y0):
        groups = _together(marks)
        if len(groups) < _LEAST_NAMES:
            continue
        middles = np.array([(g[0].box.x0 + g[-1].box.x1) / 2 for g in groups])
        gaps = np.diff(middles)
        if gaps.max() > 1.25 * gaps.min() + 3 or np.ptp(middles) < 0.35 * width:
            # The number of the other axis may stand in the same line.
            gaps, groups = gaps[1:], groups[1:]
            if len(groups) < _LEAST_NAMES or gaps.max() > 1.25 * gaps.min() + 3:
                continue
        return groups
    return None


def _together(marks: Sequence[Mark]) -> list[list[Mark]]:
    """Put words of one name together: a run, or each word where several names were read as one."""
    groups = by_piece(sorted(marks, key=lambda m: m.box.x0))
    each = [[mark] for group in groups for mark in group]
    short = all(number(mark.text) is not None or len(mark.text) <= _SHORT for (mark,) in each)
    return each if len(groups) < _LEAST_NAMES and short else groups


def _heights(mask: Mask, middles: Sequence[float], pitch: float) -> list[float | None] | None:
    """Give where a line is over each place, by pixels of its colour; None where it is none."""
    left, right = (min(mask.shape[1] - 1, max(0, round(x))) for x in (middles[0], middles[-1]))
    part = mask[:, left : right + 1]
    seen = part.any(0)
    if seen.mean() < _COVERED:
        return None
    thick = part.sum(0)[seen]
    if np.median(thick) > max(6.0, _THICK * len(mask)):
        return None
    rows = np.array([np.median(np.flatnonzero(column)) for column in part.T[seen]])
    begins = (np.diff(part[:, seen].astype(np.int8), axis=0, prepend=0) == 1).sum(0)
    if np.ptp(rows) < _FLAT or (begins == 1).mean() < _ONE:
        return None  # a grid, or several things in one colour
    return [_height(mask, x, pitch) for x in middles]


def _height(mask: Mask, x: float, pitch: float) -> float | None:
    """Give where a line is in a few columns: the middle of its longest run."""
    reach = max(1, round(0.02 * pitch))
    columns = mask[:, max(0, round(x) - reach) : round(x) + reach + 1].any(1)
    filled = np.flatnonzero(columns)
    if not len(filled):
        return None
    runs = np.split(filled, np.flatnonzero(np.diff(filled) > 1) + 1)
    best = max(runs, key=len)
    return float(best.mean()) + 0.5


def _ends(found: Sequence[Mark], middles: Sequence[float], beside: Sequence[Mark]) -> list[str]:
    """Give what stands in words to the right of the plot: names of lines, whether they are seen."""
    over = max((mark.box.y0 for mark in beside), default=0.0)
    beyond = [
        mark
        for mark in found
        if mark.box.x0 > middles[-1] + 2 and mark.box.y0 < over and number(mark.text) is None
    ]
    return [joined(marks) for marks in by_piece(beyond)]


def _at_end(
    found: Sequence[Mark], middles: Sequence[float], heights: Sequence[float | None]
) -> str:
    """Give what stands at the right end of a line, level with it."""
    last = heights[-1]
    if last is None:
        return ""
    near = [
        mark
        for mark in found
        if mark.box.x0 > middles[-1] - 2
        and abs(mark.box.centre[1] - last) <= _LEVEL * mark.box.height
    ]
    if not near:
        return ""
    first = min(near, key=lambda mark: abs(mark.box.centre[1] - last))
    return joined([mark for mark in near if mark.row == first.row])

"""Bars: rectangles that begin in one line, with a name each, as long as print or an axis tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from sightline.perception.charts import legend
from sightline.perception.charts.fills import Canvas, Colour, Fill, hex_of
from sightline.perception.charts.marks import (
    Mark,
    PrintedNumber,
    Scale,
    by_piece,
    fitted,
    joined,
    number,
    scale,
)
from sightline.perception.charts.types import Chart, Kind, Point, Series
from sightline.perception.rows import Box

_LEAST_BARS = 2
_SAME = 3.0  # pixels, by which ends of bars in one line differ
_WIDE = 0.2  # of the width of bars, by which they differ
_NAMED = 0.6  # share of bars that have a name, and a value
_FAR = 4.0  # heights of a letter, from the bars to their names
_CLOSE = 0.3  # heights of a letter, between lines of one name
_LEAST_AREA, _LEAST_TALL = 0.015, 0.08  # share of the page that bars take, and the tallest's height
_LEAST_WIDE = 5  # pixels
_MOST_BARS = 120


def find(drawn: Canvas, found: Sequence[Mark]) -> tuple[Chart | None, int]:
    """Find bars that stand, or that lie; None where they cannot be read, and how many stand."""
    best: tuple[float, Chart] | None = None
    upright = 0
    for lies in (False, True):
        turned = drawn.turned() if lies else drawn
        marks = [mark.turned(drawn.width) for mark in found] if lies else list(found)
        standing = _standing(turned)
        upright = upright if lies else len(standing)
        entries = _legend(drawn, found, standing, lies=lies)
        made = _read(turned, marks, standing, entries, lies=lies) if standing else None
        if made is not None and (best is None or len(standing) > best[0]):
            best = len(standing), made
    return None if best is None else best[1], upright


def count(drawn: Canvas) -> int:
    """Count the bars that stand on one line."""
    return len(_standing(drawn))


def _standing(drawn: Canvas) -> list[Fill]:
    """Give the bars that begin in one line, up or down from it, with what is stacked on them."""
    fills = drawn.rectangles(_LEAST_WIDE, round(_LEAST_TALL * drawn.height) - 4)
    fills = [one for one in fills if one.box.width >= _LEAST_WIDE]
    best: list[Fill] = []
    area = 0.0
    for base in {round(one.box.y1) for one in fills}:
        found = [one for one in fills if abs(one.box.y1 - base) <= _SAME]
        if len(found) < _LEAST_BARS:
            continue
        below = [one for one in fills if abs(one.box.y0 - base) <= _SAME]
        kept = _alike([*found, *below])
        size = sum(one.box.height for one in kept) * min(4, len(kept))
        if not _are_bars(kept, drawn):
            continue
        if len(kept) >= _LEAST_BARS and size > area:
            best, area = kept, size
    stacked = list(best)
    for one in stacked:
        if len(stacked) > _MOST_BARS:
            break
        on = (
            other
            for other in fills
            if abs(other.box.y1 - one.box.y0) <= _SAME
            and abs(other.box.x0 - one.box.x0) <= _SAME
            and abs(other.box.x1 - one.box.x1) <= _SAME
            and other not in stacked
        )
        stacked += list(on)[:1]
    return stacked


def _are_bars(fills: Sequence[Fill], drawn: Canvas) -> bool:
    """Say whether rectangles are as large as bars, and not all as long: rows of a table are."""
    if not fills:
        return False
    heights = [one.box.height for one in fills]
    area = sum(one.box.height * one.box.width for one in fills)
    large = area >= _LEAST_AREA * drawn.width * drawn.height
    return (
        large and max(heights) >= _LEAST_TALL * drawn.height and max(heights) - min(heights) > _SAME
    )


def _alike(fills: Sequence[Fill]) -> list[Fill]:
    """Keep those of the commonest width."""
    widths = np.array([one.box.width for one in fills])
    best = max(widths, key=lambda w: (np.abs(widths - w) <= max(_SAME, _WIDE * w)).sum())
    kept = [one for one in fills if abs(one.box.width - best) <= max(_SAME, _WIDE * best)]
    tallest = max(one.box.height for one in kept)
    return kept if tallest >= 12 else []


def _legend(
    drawn: Canvas, found: Sequence[Mark], bars: Sequence[Fill], *, lies: bool
) -> dict[Colour, legend.LegendEntry]:
    """Give what the colours of bars stand for; a legend is not turned with bars that lie."""
    places = [_back(bar.box, drawn.width) if lies else bar.box for bar in bars]
    return legend.entries(drawn, found, drawn.colours, places) if bars else {}


def _back(box: Box, width: float) -> Box:
    x0, y0, x1, y1 = box
    return Box(width - y1, x0, width - y0, x1)


def _read(
    drawn: Canvas,
    found: list[Mark],
    bars: list[Fill],
    told: dict[Colour, legend.LegendEntry],
    *,
    lies: bool,
) -> Chart | None:
    columns = _columns(bars)
    base = _base(bars)
    colours = list(dict.fromkeys(one.colour for column in columns for one in column))
    stacked = any(len(column) > 1 for column in columns)
    groups = [[column] for column in columns] if stacked else _groups([c[0] for c in columns])
    several = stacked or any(len(group) > 1 for group in groups)
    if len(columns) < _LEAST_BARS or len(groups) < (2 if not several else 1):
        return None
    named = _named(groups, base, found, drawn.height)
    texts = [name for name, _ in named if name]
    if _touch(bars) and all(number(text) is not None for text in texts):
        return None  # a histogram, whose numbers stand between its bars
    if len(texts) < _NAMED * len(groups) or len(set(texts)) < len(texts):
        return None
    axis = _level_scale(found, bars) if lies else _upright_scale(found, bars)
    points = _points(bars, base, found, axis, stacked=stacked)
    if sum(one is not None for one in points.values()) < _NAMED * len(bars):
        return None
    if several:
        series = tuple(
            Series(
                told[colour].name if colour in told else "",
                hex_of(colour),
                tuple(_of_colour(group, colour, points) for group in groups),
            )
            for colour in colours
        )
        tints: tuple[str, ...] = ()
    else:
        series = (Series("", bars[0].hex, tuple(points[id(group[0][0])] for group in groups)),)
        tints = tuple(group[0][0].hex for group in groups) if len(colours) > 1 else ()
    kind: Kind = "stacked bars" if stacked else "bars"
    names, rows = tuple(name for name, _ in named), tuple(row for _, row in named)
    others = tuple(one.name for colour, one in told.items() if colour not in colours)
    others = others if len(others) < len(told) else ()  # no legend of bars
    made = Chart(kind, names, rows, series, tints, others)
    return _turned_back(made, drawn) if lies else made


def _turned_back(made: Chart, drawn: Canvas) -> Chart:
    def back(point: Point | None) -> Point | None:
        if point is None:
            return None
        return replace(point, box=_back(point.box, drawn.height))

    series = tuple(replace(s, points=tuple(map(back, s.points))) for s in made.series)
    return replace(made, series=series)


def _touch(bars: Sequence[Fill]) -> bool:
    """Say whether bars stand side by side without a gap."""
    level = sorted({bar.box.x0: bar for bar in bars}.values(), key=lambda bar: bar.box.x0)
    gaps = [b.box.x0 - a.box.x1 for a, b in pairwise(level)]
    return bool(gaps) and float(np.median(gaps)) <= _SAME


def _base(bars: Sequence[Fill]) -> float:
    ends = [one.box.y1 for one in bars]
    return float(max(ends, key=lambda y: sum(abs(y - other) <= _SAME for other in ends)))


def _columns(bars: Sequence[Fill]) -> list[list[Fill]]:
    """Put what is stacked together, from the left; each from the bottom."""
    made: list[list[Fill]] = []
    for bar in sorted(bars, key=lambda one: (one.box.centre[0], -one.box.y1)):
        if made and abs(made[-1][0].box.centre[0] - bar.box.centre[0]) <= _SAME:
            made[-1].append(bar)
        else:
            made.append([bar])
    return made


def _groups(bars: Sequence[Fill]) -> list[list[list[Fill]]]:
    """Put bars of several series beside each other together: each colour stands once in a group."""
    colours = [bar.colour for bar in bars]
    repeats = len(set(colours)) > 1 and len(colours) > len(set(colours))
    gaps = [b.box.x0 - a.box.x1 for a, b in pairwise(bars)]
    uneven = bool(gaps) and max(gaps) > min(gaps) + max(4.0, 0.25 * bars[0].box.width)
    if not (repeats and uneven):
        return [[[bar]] for bar in bars]
    wide = (max(gaps) + min(gaps)) / 2
    made = [[[bars[0]]]]
    for gap, bar in zip(gaps, bars[1:], strict=True):
        seen = {column[0].colour for column in made[-1]}
        if gap > wide or bar.colour in seen:
            made.append([])
        made[-1].append([bar])
    return made


def _of_colour(
    group: Sequence[Sequence[Fill]], colour: Colour, points: dict[int, Point | None]
) -> Point | None:
    for column in group:
        for bar in column:
            if bar.colour == colour:
                return points[id(bar)]
    return None


def _named(
    groups: Sequence[Sequence[Sequence[Fill]]], base: float, found: Sequence[Mark], end: float
) -> list[tuple[str, int]]:
    """Give the name under each group of bars, and the line of the page that it stands in."""
    middles = [(min(c[0].box.x0 for c in g) + max(c[0].box.x1 for c in g)) / 2 for g in groups]
    lowest = max([base, *(bar.box.y1 for g in groups for c in g for bar in c)])
    pitch = min((b - a for a, b in pairwise(middles)), default=end)
    for begin in dict.fromkeys((base, lowest)):
        below = [mark for mark in found if mark.box.centre[1] > begin + 1]
        near = [mark.box.y0 for mark in below if _near(mark, middles, pitch) is not None]
        if not near or min(near) - begin > _FAR * below[0].box.height:
            continue
        tall = float(np.median([mark.box.height for mark in below]))
        line = [mark for mark in below if mark.box.y0 < min(near) + 2.6 * tall]
        line = _untitled(line, min(near) + 0.7 * tall, (middles[0] + middles[-1]) / 2, pitch)
        own = [_first(marks, tall) for marks in _assigned(line, middles, pitch)]
        worded = _assigned(_worded(line), middles, pitch)
        if all(worded):  # else numbers are names: years
            own = [_first(marks, tall) for marks in worded]
        for at, group in enumerate(groups):
            down = group[0][0].box.y0 >= base - _SAME
            if not _worded(own[at]) and begin == base and down:
                own[at] = _above(found, base, middles[at], tall) or own[at]
        if sum(bool(marks) for marks in own) >= _NAMED * len(groups):
            return [(joined(marks), marks[0].row if marks else -1) for marks in own]
    return [("", -1)] * len(groups)


def _above(found: Sequence[Mark], base: float, middle: float, tall: float) -> list[Mark]:
    """Give the name of a bar that goes down, where it stands over it."""
    near = [
        mark
        for mark in found
        if number(mark.text) is None and 0 <= base - mark.box.centre[1] < 2 * tall
    ]
    for marks in by_piece(near):
        if abs((marks[0].box.x0 + marks[-1].box.x1) / 2 - middle) < tall:
            return marks
    return []


def _untitled(line: list[Mark], under: float, middle: float, pitch: float) -> list[Mark]:
    """Leave out the title of the axis: what stands alone under the names, in the middle."""
    lower = [mark for mark in line if mark.box.y0 > under]
    if not lower or len({mark.piece for mark in lower}) > 1:
        return line
    x = (min(m.box.x0 for m in lower) + max(m.box.x1 for m in lower)) / 2
    return [m for m in line if m not in lower] if abs(x - middle) < 0.55 * pitch else line


def _first(marks: list[Mark], tall: float) -> list[Mark]:
    """Keep the uppermost line of a name, and those that follow it closely: a title stands apart."""
    kept: list[Mark] = []
    for mark in sorted(marks, key=lambda m: m.box.y0):
        if not kept or mark.box.y0 - max(m.box.y1 for m in kept) < _CLOSE * tall:
            kept.append(mark)
    return kept


def _worded(line: Sequence[Mark]) -> list[Mark]:
    """Leave out what is a number alone: a value that stands under a bar."""
    words = {mark.piece for mark in line if number(mark.text) is None}
    return [mark for mark in line if mark.piece in words]


def _near(mark: Mark, middles: Sequence[float], pitch: float) -> int | None:
    at = int(np.abs(np.array(middles) - mark.box.centre[0]).argmin())
    return at if abs(middles[at] - mark.box.centre[0]) <= 0.5 * pitch else None


def _assigned(line: Sequence[Mark], middles: Sequence[float], pitch: float) -> list[list[Mark]]:
    """Give each group its words: runs that are no wider than a group, others word by word."""
    made: list[list[Mark]] = [[] for _ in middles]
    for marks in by_piece(line):
        wide = marks[-1].box.x1 - marks[0].box.x0
        middle = (marks[-1].box.x1 + marks[0].box.x0) / 2
        if wide <= 1.15 * pitch or len(marks) == 1:
            at = int(np.abs(np.array(middles) - middle).argmin())
            if abs(middles[at] - middle) <= 0.5 * pitch:
                made[at] += marks
            continue
        for mark in marks:
            near = _near(mark, middles, pitch)
            if near is not None:
                made[near].append(mark)
    return made


def _points(
    bars: Sequence[Fill], base: float, found: Sequence[Mark], axis: Scale | None, *, stacked: bool
) -> dict[int, Point | None]:
    """Give the value of each bar by its `id`: as printed where that fits its length, or by axis."""
    told = {id(bar): _printed(bar, base, found, stacked=stacked) for bar in bars}
    kept = {key: one for key, one in told.items() if one is not None}
    if len(kept) >= _NAMED * len(bars) and _fits(bars, base, told):
        return {
            id(bar): None
            if (one := told[id(bar)]) is None
            else Point(one[1].value, one[0].text, bar.box, (one[0].row,))
            for bar in bars
        }
    ends = [end for bar in bars for end in (bar.box.y0, bar.box.y1)]
    if axis is None or not axis.covers(base, *ends):
        return dict.fromkeys(told)
    made: dict[int, Point | None] = {}
    for bar in bars:
        down = bar.box.y0 >= base - _SAME and bar.box.y1 > base + _SAME
        value = axis.at(bar.box.y1 if down else bar.box.y0)
        if stacked:
            value -= axis.at(bar.box.y1)
        made[id(bar)] = Point(value, axis.text(value), bar.box, (), printed=False)
    return made


def _printed(
    bar: Fill, base: float, found: Sequence[Mark], *, stacked: bool
) -> tuple[Mark, PrintedNumber] | None:
    """Give the number at the end of a bar, or on it."""
    best: tuple[float, Mark, PrintedNumber] | None = None
    down = bar.box.y0 >= base - _SAME
    for mark in found:
        read = number(mark.text)
        x, y = mark.box.centre
        if read is None or abs(x - bar.box.centre[0]) > max(
            0.6 * bar.box.width, 0.6 * mark.box.width
        ):
            continue
        if not bar.box.x0 - mark.box.width / 2 <= x <= bar.box.x1 + mark.box.width / 2:
            continue
        end = bar.box.y1 if down else bar.box.y0
        within = bar.box.y0 <= y <= bar.box.y1
        tall = mark.box.height
        beyond = y - end if down else end - y
        if not within and (stacked or not 0 <= beyond <= 1.8 * tall + 6):
            continue
        away = (
            abs(y - bar.box.centre[1])
            if stacked
            else min(abs(beyond), abs(y - bar.box.centre[1]) + 3)
        )
        if best is None or away < best[0]:
            best = away, mark, read
    return None if best is None else (best[1], best[2])


def _fits(
    bars: Sequence[Fill], base: float, told: dict[int, tuple[Mark, PrintedNumber] | None]
) -> bool:
    """Say whether printed numbers grow as the bars do."""
    pairs = []
    for bar in bars:
        one = told[id(bar)]
        if one is None:
            continue
        down = bar.box.y0 >= base - _SAME
        length = bar.box.height * (-1 if down and bar.box.y1 > base + _SAME else 1)
        pairs.append((length, one[1].value))
    lengths, values = np.array(pairs, float).T
    if len(pairs) < 3:
        return bool((np.diff(values[np.argsort(lengths)]) >= 0).all())
    if np.ptp(values) == 0:
        return bool(np.ptp(lengths) <= 2 * _SAME)
    each, begin = np.polyfit(values, lengths, 1)
    off = np.abs(each * values + begin - lengths).max()
    return bool(each > 0 and off <= max(3.0, 0.04 * np.abs(lengths).max()))


def _upright_scale(found: Sequence[Mark], bars: Sequence[Fill]) -> Scale | None:
    """Find the axis of bars that stand, to their left or to their right."""
    left, right = min(one.box.x0 for one in bars), max(one.box.x1 for one in bars)
    return scale(found, left) or scale(found, right, left=False)


def _level_scale(found: Sequence[Mark], bars: Sequence[Fill]) -> Scale | None:
    """Find the axis of bars that lie, whose numbers stand side by side over or under them.

    Turned to the left, they stand to the left or the right of the bars, one over the other.
    """
    edges = min(one.box.x0 for one in bars), max(one.box.x1 for one in bars)
    told = [(mark, read) for mark in found if (read := number(mark.text)) is not None]
    best: Scale | None = None
    most = 0
    for mark, _ in told:
        if edges[0] + 2 < mark.box.centre[0] < edges[1] - 2:
            continue
        column = [
            one
            for one in told
            if abs(one[0].box.centre[0] - mark.box.centre[0]) <= 0.6 * mark.box.width + 3
        ]
        made = fitted(column) if len(column) > max(2, most) else None
        if made is not None:
            best, most = made, len(column)
    return best

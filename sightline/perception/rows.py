"""Text with its places: pieces beside each other in rows, columns of prose in turn."""

from __future__ import annotations

import bisect
import itertools
import math
import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

# Columns of prose: so many lines, so wide in heights of a line, most of them so full, and so many
# of which go on below in the midst of a sentence.
_LEAST_LINES, _LEAST_WIDE, _FULL, _FOLLOWS = 3, 6.0, 0.8, 0.5
_LEAST_PAIRS = 2  # rows in which two lists stand beside each other


class Box(NamedTuple):
    """A rectangle in pixels; x1 and y1 lie just outside."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def height(self) -> float:
        """Height in pixels."""
        return self.y1 - self.y0

    @property
    def width(self) -> float:
        """Width in pixels."""
        return self.x1 - self.x0

    @property
    def centre(self) -> tuple[float, float]:
        """The middle, (x, y)."""
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    def holds(self, other: Box) -> bool:
        """Whether the middle of another lies in it."""
        x, y = other.centre
        return self.x0 <= x <= self.x1 and self.y0 <= y <= self.y1


def around(boxes: Sequence[Box]) -> Box:
    """Give the box around boxes."""
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return Box(min(x0), min(y0), max(x1), max(y1))


@dataclass(frozen=True, slots=True)
class Piece:
    """Text without a wide gap in it: a line, or one column's part of a line.

    `spans` are where its characters but spaces begin and end, from the left; none where that was
    not seen.
    """

    text: str
    box: Box
    score: float
    spans: tuple[tuple[float, float], ...] = ()

    def between(self, begin: int, end: int) -> Box:
        """Give where `text[begin:end]` stands: as it was seen, else by the share of characters."""
        first, last = (len("".join(self.text[:at].split())) for at in (begin, end))
        if not first < last <= len(self.spans):
            length = max(1, len(self.text))
            x0, x1 = (self.box.x0 + self.box.width * at / length for at in (begin, end))
            return Box(x0, self.box.y0, x1, self.box.y1)
        # Half of the gap to what stands beside it: what was seen is where its middle is.
        x0, x1 = self.box.x0, self.box.x1
        if first:
            x0 = (self.spans[first - 1][1] + self.spans[first][0]) / 2
        if last < len(self.spans):
            x1 = (self.spans[last - 1][1] + self.spans[last][0]) / 2
        return Box(x0, self.box.y0, max(x0, x1), self.box.y1)

    def scaled(self, by: float) -> Piece:
        """Give it on a page so many times as large."""
        spans = tuple((begin * by, end * by) for begin, end in self.spans)
        return replace(self, box=Box(*(by * side for side in self.box)), spans=spans)


@dataclass(frozen=True, slots=True)
class Row:
    """Pieces that stand side by side, left to right."""

    pieces: tuple[Piece, ...]

    def scaled(self, by: float) -> Row:
        """Give it on a page so many times as large."""
        return Row(tuple(piece.scaled(by) for piece in self.pieces))

    @property
    def text(self) -> str:
        """The whole row, columns parted by two spaces."""
        return "  ".join(piece.text for piece in self.pieces)

    @property
    def box(self) -> Box:
        """The rectangle around the row."""
        return around([piece.box for piece in self.pieces])


def rows(pieces: list[Piece], slope: float = 0.0) -> tuple[Row, ...]:
    """Put pieces into rows: those that overlap in height by half stand side by side.

    `slope` is how far a line falls for each pixel to the right; heights are compared along it.
    """

    def level(piece: Piece) -> float:
        x, y = piece.box.centre
        return y - slope * x

    def height(piece: Piece) -> float:
        return max(1.0, piece.box.height - abs(slope) * piece.box.width)

    gathered: list[list[Piece]] = []
    for piece in sorted(pieces, key=level):
        for row in reversed(gathered[-4:]):
            # The nearest in x decides, so that a bent row stays one row.
            near = min(row, key=lambda p: abs(p.box.centre[0] - piece.box.centre[0]))
            apart = abs(level(near) - level(piece))
            shared = (height(near) + height(piece)) / 2 - apart
            # Boxes are drawn wide, so neighbours may overlap a little.
            overlap = min(near.box.x1, piece.box.x1) - max(near.box.x0, piece.box.x0)
            beside = overlap <= 0.35 * min(near.box.width, piece.box.width)
            if beside and shared >= 0.5 * min(height(near), height(piece)):
                row.append(piece)
                break
        else:
            gathered.append([piece])
    gathered.sort(key=lambda row: sum(map(level, row)) / len(row))
    return tuple(Row(tuple(sorted(row, key=lambda p: p.box.x0))) for row in gathered)


def in_turn(found: Sequence[Row]) -> tuple[Row, ...]:
    """Give what stands beside something else one after the other: see `_apart`, `_turned`."""
    parted = _apart(found)
    if parted is None:
        return _turned(found)
    begin, end, left, right = parted
    sides = (*in_turn(left), *in_turn(right))
    return (*_turned(found[:begin]), *sides, *in_turn(found[end:]))


# Two columns that have nothing to do with each other: so many lines in each, so wide a gap between,
# from how far to how far lines stand off those beside them, in heights of a line.
_LEAST_BESIDE, _GUTTER, _OFF = 4, 1.0, (0.35, 1.2)
_TEXTS = 0.6  # of the lines of a column, which say something and begin in line
_MIDDLE = 0.1  # height of a line, by which a cell beside two lines may be off their middle
_OF_THEM = 1 / 3  # of the lines with another beside them


def _apart(found: Sequence[Row]) -> tuple[int, int, tuple[Row, ...], tuple[Row, ...]] | None:
    """Find the most rows of columns that have nothing to do with each other; None without.

    Cells of a table are level with each other, on a bent page nearly so; lines of a sidebar stand
    off those beside it. Gives where the rows begin and end, and what stands left and right.
    """
    best: tuple[int, int, float] | None = None
    gaps = {
        round((one.box.x1 + after.box.x0) / 2 / after.box.height) * after.box.height
        for row in found
        for one, after in itertools.pairwise(row.pieces)
        if after.box.x0 - one.box.x1 >= _GUTTER * after.box.height
    }
    for x in sorted(gaps):
        for begin, end in _runs(found, x):
            if (best is None or end - begin > best[1] - best[0]) and _is_gutter(
                found[begin:end], x
            ):
                best = begin, end, x
    if best is None:
        return None
    begin, end, x = best
    left, right = _sides(found[begin:end], x)
    return begin, end, rows(left), rows(right)


def _sides(found: Sequence[Row], x: float) -> tuple[list[Piece], list[Piece]]:
    """Give the pieces left and right of a line down the page, which lies across none."""
    pieces = [piece for row in found for piece in row.pieces]
    left = [piece for piece in pieces if piece.box.x1 <= x]
    return left, [piece for piece in pieces if piece.box.x1 > x]


def _runs(found: Sequence[Row], x: float) -> list[tuple[int, int]]:
    """Give the runs of rows in which no piece lies across a line down the page."""
    made: list[tuple[int, int]] = []
    begin = 0
    for at, row in enumerate(found):
        if any(piece.box.x0 < x < piece.box.x1 for piece in row.pieces):
            made.append((begin, at))
            begin = at + 1
    return [(a, b) for a, b in (*made, (begin, len(found))) if b - a >= _LEAST_BESIDE]


def _is_gutter(found: Sequence[Row], x: float) -> bool:
    """Say whether lines left and right of one down the page stand off each other."""
    sides = _sides(found, x)
    if min(map(len, sides)) < _LEAST_BESIDE or not all(map(_are_texts, sides)):
        return False
    left, right = ([piece.box for piece in side] for side in sides)
    tall = statistics.median(box.height for box in (*left, *right))
    if min(box.x0 for box in right) - max(box.x1 for box in left) < _GUTTER * tall:
        return False
    levels = sorted(box.centre[1] for box in right)
    beside = stands_off = 0
    for box in left:
        level = box.centre[1]
        at = bisect.bisect(levels, level)
        apart = sorted((y - level for y in levels[max(0, at - 2) : at + 2]), key=abs)
        near, further = apart[0] / tall, apart[1] / tall
        beside += abs(near) < _OFF[1]
        # A cell may stand in the middle of two lines of the next.
        middle = near * further < 0 and abs(abs(near) - abs(further)) < _MIDDLE
        stands_off += _OFF[0] < abs(near) < _OFF[1] and not middle
    return stands_off >= max(_LEAST_BESIDE, _OF_THEM * beside)


def _are_texts(pieces: Sequence[Piece]) -> bool:
    """Say whether a column is text that begins in line."""
    tall = statistics.median(piece.box.height for piece in pieces)
    begins = statistics.median_low([piece.box.x0 for piece in pieces])
    level = sum(abs(piece.box.x0 - begins) < tall for piece in pieces)
    told = sum(len(re.findall(r"[^\W\d_]", piece.text)) > 2 for piece in pieces)
    return min(level, told) >= _TEXTS * len(pieces)


def _turned(found: Sequence[Row]) -> tuple[Row, ...]:
    """Give columns of prose one after the other, where rows of two or more are sentences that go on
    below each other and not beside each other, and lists that stand beside each other too, as those
    of a menu do. Tables stay as they are."""
    made: list[Row] = []
    at = 0
    while at < len(found):
        if (end := _ends_lists(found, at)) is not None:
            made += _listed(found[at:end])
            at = end
            continue
        if (points := _points(found, at)) is not None:
            at, lines = points
            made += [Row((piece,)) for piece in lines]
            continue
        end = at
        while end < len(found) and len(found[end].pieces) == len(found[at].pieces) > 1:
            end += 1
        columns = list(zip(*(row.pieces for row in found[at:end]), strict=True))
        if end - at < _LEAST_LINES or not _are_prose(columns):
            made.append(found[at])
            at += 1
            continue
        # The last lines of a longer column stand alone.
        while end < len(found) and (column := _goes_on(found[end], columns)) is not None:
            columns[column] = (*columns[column], found[end].pieces[0])
            end += 1
        made += [Row((piece,)) for column in columns for piece in column]
        at = end
    return tuple(made)


# "11.60", "€ 4", "250 ml"; not what begins with a word.
_AMOUNT = re.compile(r"[^\w\s]?\s?(?:[A-Z]{3}\s)?\d[\d.,:]*(?:\s?[^\W\d_]{1,3}|\s?%|\s?[€$£])?\W?")


def _ends_lists(found: Sequence[Row], at: int) -> int | None:
    """Say where two lists of names with numbers end that begin beside each other in a row.

    None where none begin there, or heads of columns, three at least, stand over them.
    """
    first = next((row for row in found[at : at + 2] if _is_pair(row.pieces)), None)
    if first is None or (at and _is_head(found[at - 1])):
        return None
    left, right = first.pieces[0].box, first.pieces[2].box
    end, pairs = at, 0
    while end < len(found):
        pieces = found[end].pieces
        begins = [box for box in (left, right) if any(_begins_at(p.box, box) for p in pieces)]
        heads = len(pieces) == 2 and len(begins) == 2 and not any(map(_is_amount, pieces))
        if not (len(begins) == 2 and _is_pair(pieces)) and not heads:
            break
        pairs += not heads
        end += 1
    return end if pairs >= _LEAST_PAIRS else None


def _listed(found: Sequence[Row]) -> list[Row]:
    """Give the rows of two lists beside each other, one list after the other."""
    halves = [len(row.pieces) // 2 for row in found]
    left = [Row(row.pieces[:half]) for row, half in zip(found, halves, strict=True)]
    return left + [Row(row.pieces[half:]) for row, half in zip(found, halves, strict=True)]


# What begins a point of a list: a dot, a dash, a number.
_MARK = re.compile(r"\s*(?:[•·*▪●◦○‣–-]\s?(?=\S)|[☐☑☒✓✔]|\(?(?:\d{1,2}|[a-z])[.)]\s+(?=[^\W\d_]))")
_INDENT = 3.0  # heights of a line, by which a point may go on further right than it begins


def _points(found: Sequence[Row], at: int) -> tuple[int, list[Piece]] | None:
    """Say where two lists of points end that begin beside each other, and give their lines in turn.

    The lines may stand level by chance: things of a recipe on the left, its steps on the right.
    A row before the first may hold their heads. None where no such lists begin.
    """
    first = next((row for row in found[at : at + 2] if _are_points(row.pieces)), None)
    if first is None:
        return None
    begins = [piece.box for piece in first.pieces]
    columns: tuple[list[Piece], list[Piece]] = ([], [])
    end = at
    while end < len(found):
        sides = [_side(piece, begins) for piece in found[end].pieces]
        if None in sides or len(set(sides)) < len(sides) or (len(sides) < 2 and end == at):
            break
        if end > at and len(sides) < 2 and _stands_apart(found, at, end):
            break
        for piece, side in zip(found[end].pieces, sides, strict=True):
            columns[side or 0].append(piece)
        end += 1
    marks = [sum(_MARK.match(piece.text) is not None for piece in column) for column in columns]
    return (end, [*columns[0], *columns[1]]) if min(marks) >= _LEAST_PAIRS else None


def _stands_apart(found: Sequence[Row], at: int, end: int) -> bool:
    """Say whether a row stands further below the last than the rows before it do."""
    gaps = [after.box.y0 - row.box.y1 for row, after in itertools.pairwise(found[at : end + 1])]
    return gaps[-1] > max(gaps[:-1], default=gaps[-1]) + 0.3 * found[end].box.height


def _are_points(pieces: Sequence[Piece]) -> bool:
    return len(pieces) == 2 and all(_MARK.match(piece.text) for piece in pieces)


def _side(piece: Piece, begins: Sequence[Box]) -> int | None:
    """Say in which of two columns a piece begins; None where in neither."""
    for side in (1, 0):
        indent = piece.box.x0 - begins[side].x0
        if -1.5 * begins[side].height < indent < _INDENT * begins[side].height:
            return side if side or piece.box.x1 < begins[1].x0 else None
    return None


def _is_pair(pieces: Sequence[Piece]) -> bool:
    """Say whether pieces are a name, a number, and both again."""
    return len(pieces) == 4 and [_is_amount(p) for p in pieces] == [False, True, False, True]


def _is_head(row: Row) -> bool:
    return len(row.pieces) >= 3 and not any(map(_is_amount, row.pieces))


def _is_amount(piece: Piece) -> bool:
    return _AMOUNT.fullmatch(piece.text.strip()) is not None


def _begins_at(box: Box, other: Box) -> bool:
    return abs(box.x0 - other.x0) < other.height


def _are_prose(columns: Sequence[Sequence[Piece]]) -> bool:
    """Say whether columns hold running text: lines that fill them and go on in the next."""
    follows = pairs = 0
    right = -math.inf
    for column in columns:
        lefts, widths = [p.box.x0 for p in column], [p.box.width for p in column]
        tall = statistics.median(p.box.height for p in column)
        if max(lefts) - min(lefts) > 1.5 * tall or min(lefts) <= right:
            return False
        right = max(p.box.x1 for p in column)
        if statistics.median(widths) < _FULL * max(widths) or max(widths) < _LEAST_WIDE * tall:
            return False
        if any(not re.search(r"[^\W\d_]", p.text) or p.text.endswith(":") for p in column):
            return False
        for one, after in itertools.pairwise(column):
            pairs += 1
            begins = after.text.lstrip()[0]  # of a script without capitals any letter goes on
            goes_on = begins.isalpha() and not begins.isupper()
            follows += goes_on and one.text.rstrip()[-1] not in ".!?:。"
    return follows >= _FOLLOWS * pairs


def _goes_on(row: Row, columns: Sequence[Sequence[Piece]]) -> int | None:
    """Give the column that a row of one piece is the next line of; None where it is of none."""
    if len(row.pieces) != 1:
        return None
    (piece,) = row.pieces
    for number, column in enumerate(columns):
        last = column[-1].box
        near = piece.box.y0 - last.y1 < last.height
        wide = max(p.box.x1 for p in column) + last.height
        if near and abs(piece.box.x0 - last.x0) < last.height and piece.box.x1 <= wide:
            return number
    return None

"""The print of a chart: words with their places, numbers, and the scale of an axis."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sightline.perception.rows import Box, Row

_NUMBER = re.compile(
    r"(?P<sign>[-−–+]?)(?P<before>[$€£¥]?)\s?(?P<figures>\d[\d.,' ]*\d|\d)"
    r"(?P<after>\s?(?:%|[kKmM](?:n|io)?\b|bn\b|[$€£¥]|°C?|[a-zA-Z]{1,3}\b)?)"
)
_SWAPPED = str.maketrans(",.", ".,")
_THOUSANDS = re.compile(r"\d{1,3}(?:[.,' ]\d{3})+")


@dataclass(frozen=True, slots=True)
class Mark:
    """A word, or what stands together, with its place; `row` numbers the line, `piece` the run."""

    text: str
    box: Box
    row: int
    piece: int

    def turned(self, width: float) -> Mark:
        """Give it as it lies where the page of this width is turned to the left by 90 degrees."""
        x0, y0, x1, y1 = self.box
        return replace(self, box=Box(y0, width - x1, y1, width - x0))


@dataclass(frozen=True, slots=True)
class PrintedNumber:
    """A printed number, what stands before and after it, and how many decimals it has."""

    value: float
    before: str
    after: str
    decimals: int
    grouped: str = ""  # what parts its thousands
    apart: bool = False  # a space stands before what is after it


def marks(rows: Sequence[Row]) -> list[Mark]:
    """Cut what was read into words, from the top."""
    made: list[Mark] = []
    piece_number = 0
    for at, row in enumerate(rows):
        for piece in row.pieces:
            for found in re.finditer(r"\S+", piece.text):
                box = piece.between(*found.span())
                made.append(Mark(found[0], box, at, piece_number))
            piece_number += 1
    return made


def by_piece(found: Sequence[Mark]) -> list[list[Mark]]:
    """Put words of one run together."""
    pieces: dict[int, list[Mark]] = {}
    for mark in found:
        pieces.setdefault(mark.piece, []).append(mark)
    return list(pieces.values())


def joined(found: Sequence[Mark]) -> str:
    """Write marks in reading order."""
    return " ".join(one.text for one in sorted(found, key=lambda m: (m.row, m.box.x0)))


def number(text: str) -> PrintedNumber | None:
    """Read a text that is one number, with a sign of a unit at most; None where it is none."""
    found = _NUMBER.fullmatch(text.strip().strip("()~≈").strip())
    if found is None:
        return None
    figures, grouped = found["figures"].replace(" ", ""), ""
    if _THOUSANDS.fullmatch(found["figures"]):
        grouped = next(sign for sign in found["figures"] if not sign.isdigit())
        figures, decimals = re.sub(r"[^\d]", "", figures), 0
    else:
        figures = re.sub(r"[',](?=\d{3})", "", figures) if "." in figures else figures
        grouped = "." if re.search(r",\d+$", figures) and "." not in figures else ""  # 3,50
        figures = figures.replace(",", ".").replace("'", "")
        decimals = len(figures.partition(".")[2])
    try:
        value = float(figures)
    except ValueError:
        return None
    negative = found["sign"] in ("-", "−", "–")
    return PrintedNumber(
        -value if negative else value, found["before"], found["after"].strip(), decimals, grouped,
        found["after"].startswith(" "),
    )  # fmt: skip


def written(value: float, like: PrintedNumber, decimals: int | None = None) -> str:
    """Write a number as another is."""
    text = f"{abs(value):,.{like.decimals if decimals is None else decimals}f}"
    swaps = like.grouped == "."
    text = text.translate(_SWAPPED) if swaps else text.replace(",", like.grouped)
    unit = like.after[:1].isalpha() and len(like.after) > 1
    gap = " " if like.apart or unit else ""
    sign = "-" if value < 0 and any(c in "123456789" for c in text) else ""
    return f"{sign}{like.before}{text}{gap}{like.after}"


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis: the value at a height is `begin` + `each` times it; `like` is one of its numbers.

    Its numbers stand from `top` down to `bottom`, in pixels.
    """

    begin: float
    each: float
    step: float
    like: PrintedNumber
    top: float
    bottom: float

    def covers(self, *heights: float) -> bool:
        """Say whether heights lie along it, at most a step beyond its ends."""
        beyond = abs(self.step / self.each)
        return all(self.top - beyond <= y <= self.bottom + beyond for y in heights)

    def at(self, y: float) -> float:
        """Give the value at a height in pixels."""
        return self.begin + self.each * y

    def text(self, value: float) -> str:
        """Write a value that was measured, no finer than its pixels tell."""
        pixel = max(abs(self.each), 1e-9)
        fine = 10.0 ** math.ceil(math.log10(1.5 * pixel))
        if fine > 4 * pixel:
            fine /= 2
        value = round(value / fine) * fine
        whole = abs(value - round(value)) < fine / 10
        return written(value, self.like, 0 if whole else max(0, math.ceil(-math.log10(fine))))


_LEAST_TICKS = 3


def scale(found: Sequence[Mark], beyond: float, *, left: bool = True) -> Scale | None:
    """Find the axis of numbers beside a chart that begins (or ends) at x = `beyond`."""
    told = []
    for mark in _runs(found):
        read = number(mark.text)
        outside = mark.box.x1 <= beyond + 4 if left else mark.box.x0 >= beyond - 4
        if read is not None and outside:
            told.append((mark, read))
    best: list[tuple[Mark, PrintedNumber]] = []
    for mark, _ in told:
        for side in (0, 2):  # numbers of an axis end, or begin, in one line
            near = max(4.0, 0.5 * mark.box.height)
            column = [one for one in told if abs(one[0].box[side] - mark.box[side]) <= near]
            if len(column) > len(best):
                best = column
    for drop in (None, *range(len(best))):
        ticks = [one for at, one in enumerate(best) if at != drop]
        made = fitted(ticks) if len(ticks) >= _LEAST_TICKS else None
        if made is not None:
            return made
    return None


def _runs(found: Sequence[Mark]) -> list[Mark]:
    """Put together what one piece has side by side, as "1 000" and "20 %" are."""
    made: list[Mark] = []
    for mark in found:
        last = made[-1] if made else None
        if last is not None and last.piece == mark.piece:
            box = Box(last.box.x0, last.box.y0, mark.box.x1, last.box.y1)
            made[-1] = Mark(f"{last.text} {mark.text}", box, last.row, last.piece)
        else:
            made.append(mark)
    return made


def fitted(ticks: Sequence[tuple[Mark, PrintedNumber]]) -> Scale | None:
    """Fit an axis to numbers that stand over each other; None where they rise unevenly."""
    heights = np.array([mark.box.centre[1] for mark, _ in ticks])
    values = np.array([read.value for _, read in ticks])
    if len({*values.tolist()}) < _LEAST_TICKS or np.ptp(heights) < 4 * ticks[0][0].box.height:
        return None
    each, begin = np.polyfit(heights, values, 1)
    off = np.abs(begin + each * heights - values).max()
    gaps = np.diff(np.sort(values))
    if each >= 0 or off > 0.12 * gaps.min():
        return None
    like = max(
        (read for _, read in ticks),
        key=lambda r: (bool(r.before or r.after), bool(r.grouped), r.decimals),
    )
    return Scale(
        float(begin), float(each), float(np.median(gaps)), like,
        float(heights.min()), float(heights.max()),
    )  # fmt: skip

"""Text in a picture: what it says and where, in reading order.

`ocr` finds and reads lines. This module cuts them at wide gaps (the columns of a receipt), puts
pieces into rows, and keeps boxes in pixels of the picture. It knows nothing of what a text means.
"""

from __future__ import annotations

import math
import re
import statistics
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sightline.errors import EngineError
from sightline.perception import preload
from sightline.perception.image_background import content, edge_colour
from sightline.perception.page_rotation import Places, Turn
from sightline.perception.rows import Box, Piece, Row, in_turn, rows
from sightline.workers import Stop

Pixels = NDArray[np.uint8]
_LEAST_SCORE = 0.6
_ROW_SHARE = 0.75  # of the higher of two lines: both have that in common where they are of one row
_LEAST_LINE, _LONG = 14, 1.6  # pixels, and heights, of what may be a line that is not read
_LEAST_SIDE = 8  # pixels; no letter is legible in less
_MOST_SIDE = 2000  # pixels; larger pictures are read scaled down
_MOST_PIXELS = 4 * _MOST_SIDE**2  # of a page that is searched for a lone line
_SQUARE = 300  # pixels; strips are widened to a square up to this
# Pixels of the shorter side up to which letters are looked for as they are before the detector,
# which needs ten times as long for that, enlarges what it looks at.
_GLANCED = 500
_MOST_SLOPE = 0.35  # about 19 degrees
# A page whose lines fall or rise by more degrees is turned before its rows are put together.
_LEVEL = 2.5
_STANDS = 1.5  # times as high as wide, from which on a line is read as one that runs down
_LEAST_SIGNS = 3  # of a line that tells how a page lies
_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
# A gap this many text heights wide parts two columns; words of a line are about 0.3 apart.
_COLUMN_GAP = 0.85
# Two neighbouring digits whose centres lie this many usual distances apart had a space between.
_DIGIT_GAP = 1.55


@dataclass(frozen=True, slots=True)
class PageText:
    """What was read: rows in pixels of the page, which is the picture turned, or as it is.

    `unread` counts what looks like lines of letters and could not be read.
    """

    rows: tuple[Row, ...]
    turn: Turn | None
    unread: int = 0


@dataclass(frozen=True, slots=True)
class _TextLine:
    """A line as it was read: its corners (4, 2) from its beginning on, and its characters'."""

    text: str
    score: float
    quad: Places
    signs: tuple[tuple[str, Places], ...]

    @property
    def stands(self) -> bool:
        """Whether it runs up or down."""
        across, down = self.quad[1] - self.quad[0], self.quad[3] - self.quad[0]
        return float(np.hypot(*down)) > _STANDS * float(np.hypot(*across))

    @property
    def length(self) -> float:
        """Its length in pixels."""
        return float(np.hypot(*(self.quad[3 if self.stands else 1] - self.quad[0])))

    @property
    def slant(self) -> float:
        """By how many degrees it falls to the right, or what runs down turns to the left."""
        x, y = self.quad[3 if self.stands else 1] - self.quad[0]
        return math.degrees(math.atan2(-x, y) if self.stands else math.atan2(y, x))

    def moved(self, x: float, y: float) -> _TextLine:
        """Give it at another place."""
        by = np.array([x, y], float)
        return replace(
            self, quad=self.quad + by, signs=tuple((sign, at + by) for sign, at in self.signs)
        )

    def turned(self, turn: Turn) -> _TextLine:
        """Give it on the turned page."""
        signs = tuple((sign, turn.places(at)) for sign, at in self.signs)
        return replace(self, quad=turn.places(self.quad), signs=signs)

    def pieces(self) -> list[Piece]:
        """Cut it where its characters stand far apart."""
        return _cut(self.text, box_of(self.quad), self.score, self.signs)


class TextReader:
    """The OCR models, loaded once; `read` may run on several threads at a time."""

    def __init__(self, threads: int) -> None:
        """Load the models. Raises `EngineError` when they are not where `sightline-weights` is."""
        self._local = threading.local()
        try:
            self._ocr = preload.ocr(threads)
        except (ImportError, OSError, RuntimeError, ValueError) as error:
            raise EngineError(
                "The text reader could not be loaded.",
                hint="Install Sightline again: a file of its weights is missing or damaged.",
            ) from error

    def read(self, pixels: Pixels, stop: Stop, *, glance: bool = False) -> PageText:
        """Read all text of an RGB picture, rows from top to bottom. Raises `Stopped`.

        With `glance` a small picture in which no line is found as it is is not enlarged to find
        one: most frames of films have none.
        """
        self._local.stop = stop
        height, width = pixels.shape[:2]
        if min(height, width) < _LEAST_SIDE:
            return PageText((), None)
        if glance and min(height, width) < _GLANCED and not self._glanced(pixels, stop):
            return PageText((), None)
        lines = self._lines(pixels, stop)
        if not lines and (found := _lone(pixels)) is not None:
            # A lone short line on a large page may be missed, and is found near by.
            part, left, top = found
            lines = [line.moved(left, top) for line in self._lines(part, stop)]
        turn = _turn(lines, self._local.flipped, (width, height))
        if turn is not None and turn.lies:
            # The recogniser knows most of upright lines, and sees which characters stand where.
            lines = self._lines(turn.pixels(pixels), stop)
        elif turn is not None:
            lines = [line.turned(turn) for line in lines]
        pieces = [piece for line in lines for piece in line.pieces()]
        if _are_vertical(lines):
            # Columns of Japanese or Chinese: each is read from the top, the right one first.
            pieces.sort(key=lambda piece: (-piece.box.centre[0], piece.box.y0))
            columns = tuple(Row((piece,)) for piece in pieces)
            return PageText(columns, None, self._local.unread)
        return PageText(in_turn(rows(pieces, _slope(lines))), turn, self._local.unread)

    def _glanced(self, pixels: Pixels, stop: Stop) -> bool:
        """Say whether any text is found in a picture as it is."""
        found = self._ocr.read(np.ascontiguousarray(pixels[:, :, ::-1]), stop.check, enlarge=False)
        return any(line.text and line.score >= _LEAST_SCORE for line in found)

    def _lines(self, pixels: Pixels, stop: Stop) -> list[_TextLine]:
        """Read all lines of a picture, part by part; notes which of them lie upside down."""
        lines: list[_TextLine] = []
        self._local.flipped = []
        self._local.unread = 0
        for top, bottom, core_top, core_bottom in windows(*pixels.shape[:2]):
            stop.check()
            for line in self._read_window(pixels[top:bottom], stop):
                moved = line.moved(0, top)
                if core_top <= moved.quad[:, 1].mean() < core_bottom:
                    lines.append(moved)
        return lines

    def _read_window(self, pixels: Pixels, stop: Stop) -> list[_TextLine]:
        """Read one part."""
        height, width = pixels.shape[:2]
        scale = min(1.0, _MOST_SIDE / max(height, width))
        if scale < 1:
            size = (max(1, round(width * scale)), max(1, round(height * scale)))
            pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
        pixels, left, above = _padded(pixels)
        lines: list[_TextLine] = []
        doubted: list[_TextLine] = []
        for found in self._ocr.read(np.ascontiguousarray(pixels[:, :, ::-1]), stop.check):
            self._local.flipped.append(found.flipped)
            text = as_written(found.text.strip())
            if not text or found.score < _LEAST_SCORE:
                long = found.width >= _LONG * found.height >= _LONG * _LEAST_LINE
                self._local.unread += long
                continue
            place = (_quad(found.quad) - (left, above)) / scale
            each = "".join(text.split())
            if len(each) != len(found.signs):
                each = "".join(sign for sign, _ in found.signs)
            signs = tuple(
                (sign, (_quad(at) - (left, above)) / scale)
                for sign, (_, at) in zip(each, found.signs, strict=True)
            )
            line = _TextLine(text, found.score, place, signs)
            (doubted if _is_texture(text, found.score) else lines).append(line)
        clear = [box_of(line.quad) for line in lines if len(line.text) >= _LEAST_SIGNS]
        # A number in a row of a table is short and print all the same.
        return lines + [one for one in doubted if _in_row(one, clear)]


def windows(height: int, width: int) -> list[tuple[int, int, int, int]]:
    """Cut a long strip (a till receipt) into parts that are read at full size.

    Returns (top, bottom, core top, core bottom) in pixels: parts overlap, cores do not, and a line
    belongs to the part in whose core its middle lies.
    """
    if height <= _MOST_SIDE or height <= 2 * width:
        return [(0, height, 0, height)]
    length = min(_MOST_SIDE, max(2 * width, 1200))
    overlap = length // 6
    count = -(-(height - overlap) // (length - overlap))
    step = (height - length) / max(1, count - 1)
    tops = [round(i * step) for i in range(count)]
    parts = []
    for i, top in enumerate(tops):
        core_top = 0 if i == 0 else (top + tops[i - 1] + length) // 2
        core_bottom = height if i == count - 1 else (tops[i + 1] + top + length) // 2
        parts.append((top, min(height, top + length), core_top, core_bottom))
    return parts


def _lone(pixels: Pixels) -> tuple[Pixels, int, int] | None:
    """Cut out what is not of an even ground's colour; give it with where it begins, (x, y).

    None where that is most of the picture, or nothing.
    """
    height, width = pixels.shape[:2]
    if height * width > _MOST_PIXELS:
        return None
    rows_, columns = content(pixels, edge_colour(pixels))
    if not len(rows_):
        return None
    margin = max(_LEAST_SIDE, int(rows_[-1] - rows_[0]) // 2)
    left, top = max(0, int(columns[0]) - margin), max(0, int(rows_[0]) - margin)
    part = pixels[top : int(rows_[-1]) + 1 + margin, left : int(columns[-1]) + 1 + margin]
    return (part, left, top) if 2 * part.shape[0] * part.shape[1] < width * height else None


def _padded(pixels: Pixels) -> tuple[Pixels, int, int]:
    """Widen a strip to at most 3 to 1, and a small one to a square, in the colour of its edge.

    The text detector scales the short side up to 736 pixels, so a strip would become enormous. From
    300 it still sees the slant of short words.
    """
    height, width = pixels.shape[:2]
    tall = max(height, -(-width // 3), min(width, _SQUARE))
    wide = max(width, -(-height // 3), min(height, _SQUARE))
    if (tall, wide) == (height, width):
        return pixels, 0, 0
    above, left = (tall - height) // 2, (wide - width) // 2
    padded = np.empty((tall, wide, 3), dtype=np.uint8)
    padded[:] = edge_colour(pixels).astype(np.uint8)
    padded[above : above + height, left : left + width] = pixels
    return padded, left, above


def _turn(
    lines: Sequence[_TextLine], flipped: Sequence[bool], size: tuple[int, int]
) -> Turn | None:
    """Say how a page has to be turned for its lines to lie level; None where they do as it is.

    `flipped` says of each line, in any order, whether it had to be read upside down.
    """
    long = [line for line in lines if len(line.text) >= _LEAST_SIGNS]
    if not long or _are_vertical(lines):
        return None
    standing = sum(line.length for line in long if line.stands)
    sideways = 2 * standing > sum(line.length for line in long)
    over = 2 * sum(flipped) > len(flipped)
    slants = [(line.slant, line.length) for line in long if line.stands == sideways]
    degrees = _median(slants)
    if sideways:
        # One that reads downwards has its lines turned against the clock before they are read.
        return Turn(size, degrees + (270 if over else 90))
    if over:
        return Turn(size, degrees + 180)
    level = math.tan(math.radians(_LEVEL))
    return Turn(size, degrees) if abs(math.tan(math.radians(degrees))) > level else None


def _are_vertical(lines: Sequence[_TextLine]) -> bool:
    """Say whether most of a page is written in columns, as Chinese and Japanese may be."""
    long = [line for line in lines if len(line.text) > 1]
    standing = [line for line in long if line.stands]
    signs = "".join(line.text for line in standing)
    return 2 * len(standing) > len(long) and 2 * len(_HAN.findall(signs)) > len(signs)


def _slope(lines: Sequence[_TextLine]) -> float:
    """Give the slant of the whole page: the median of its lines' slopes, by width."""
    slants = [(line.slant, line.length) for line in lines if not line.stands]
    slope = math.tan(math.radians(_median(slants)))
    return slope if abs(slope) < _MOST_SLOPE else 0.0


def _median(values: Sequence[tuple[float, float]]) -> float:
    """Give the median of values by weight; 0 of none."""
    half, seen = sum(weight for _, weight in values) / 2, 0.0
    for value, weight in sorted(values):
        seen += weight
        if seen >= half:
            return value
    return 0.0


# A zero that begins a word in small letters, but for numbers of programs; a capital after litres.
_ZERO = re.compile(r"(?<!\w)0(?![xbo][\da-f])(?=[a-zß-öø-ÿ]{3})")
_LITRES = re.compile(r"(?:(?<=\d[.,]\d )|(?<=[.,]\d\d ))I(?![\w'’.])")


def as_written(text: str) -> str:
    """Give a text with signs that look alike as they must be meant: "0slo", "1.5 I" of water."""
    return _LITRES.sub("l", _ZERO.sub("O", text))


def _is_texture(line: str, score: float) -> bool:
    """Say whether a short, doubtful reading is more likely a button or a pattern than text."""
    letters = re.sub(r"\W", "", line)
    if not letters:
        return True
    if len(letters) <= 2 or len(set(letters.lower())) == 1:
        return score < 0.93
    return len(letters) <= 4 and score < 0.72


def _in_row(line: _TextLine, others: Sequence[Box]) -> bool:
    """Say whether a line that says something stands in a row with others, as high as it is."""
    if not re.search(r"[^\W_]", line.text):
        return False
    box = box_of(line.quad)
    for other in others:
        low, high = sorted((box.height, other.height))
        shared = min(box.y1, other.y1) - max(box.y0, other.y0)
        if shared >= _ROW_SHARE * high and low >= _ROW_SHARE * high:
            return True
    return False


def _quad(points: Any) -> Places:
    return np.asarray(points, dtype=float).reshape(-1, 2)


def box_of(points: Places) -> Box:
    """Give the box around places of shape (n, 2)."""
    (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
    return Box(float(x0), float(y0), float(x1), float(y1))


# What has no space within its numbers: dates, times of day, a day before its month.
_DATES = re.compile(
    r"(?<!\d)(?:\d{1,2}([/.-])\d{1,2}\1\d{2,4}|\d{4}-\d{2}-\d{2}|\d{1,2}:\d{2}(?::\d{2})?"
    r"|\d{1,2}(?= ?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)))(?!\d)",
    re.IGNORECASE,
)


def _cut(line: str, box: Box, score: float, characters: Any) -> list[Piece]:
    """Cut one read line where its characters stand far apart, and mend lost spaces.

    `characters` are (text, corners) for each character but spaces.
    """
    places = [(sign, box_of(place)) for sign, place in characters]
    if "".join(c for c, _ in places) != re.sub(r"\s+", "", line) or len(places) < 2:
        return [Piece(line, box, score)] if line else []
    if box.height > 1.5 * box.width:
        return [Piece(line, box, score)]  # upright text: gaps run the other way
    centres = [b.centre[0] for _, b in places]
    steps = [
        b - a
        for a, b, (x, _), (y, _) in zip(centres, centres[1:], places, places[1:], strict=False)
        if x.isdigit() and y.isdigit()
    ]
    step = statistics.median(steps) if steps else 0.0
    whole = [found.span() for found in _DATES.finditer(line)]
    runs: list[tuple[int, int]] = []
    begin, position, text = 0, 0, ""
    spaced: list[str] = []
    for i, (character, place) in enumerate(places):
        at = line.index(character, position)
        had_space = at > position and i > 0
        position = at + len(character)
        if i:
            gap = place.x0 - places[i - 1][1].x1
            far = centres[i] - centres[i - 1]
            if gap > _COLUMN_GAP * box.height:
                spaced.append(text)
                runs.append((begin, i))
                begin, text = i, ""
            elif had_space or (
                not any(a < at < b for a, b in whole)
                and character.isdigit()
                and places[i - 1][0].isdigit()
                and len(steps) >= 4
                and far > _DIGIT_GAP * step
            ):
                text += " "
        text += character
    spaced.append(text)
    runs.append((begin, len(places)))
    spans = [(place.x0, place.x1) for _, place in places]
    if len(runs) == 1:
        return [Piece(spaced[0], box, score, tuple(spans))]
    return [
        Piece(
            text,
            Box(
                box.x0 if begin == 0 else places[begin][1].x0,
                box.y0,
                box.x1 if end == len(places) else places[end - 1][1].x1,
                box.y1,
            ),
            score,
            tuple(spans[begin:end]),
        )
        for text, (begin, end) in zip(spaced, runs, strict=True)
    ]

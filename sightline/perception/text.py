"""Text in a picture: what it says and where, in reading order.

RapidOCR finds and reads lines; its models come inside its wheel, so nothing is downloaded. This
module cuts lines at wide gaps (the columns of a receipt), puts pieces into rows, and keeps boxes
in pixels of the picture. It knows nothing of what a text means.
"""

from __future__ import annotations

import itertools
import math
import re
import statistics
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from sightline.errors import EngineError
from sightline.workers import Stop

Pixels = NDArray[np.uint8]
_LEAST_SCORE = 0.6
_LEAST_SIDE = 8  # pixels; no letter is legible in less
_MOST_SIDE = 2000  # pixels; larger pictures are read scaled down
_SQUARE = 300  # pixels; strips are widened to a square up to this
_MOST_SLOPE = 0.35  # about 19 degrees
# A gap this many text heights wide parts two columns; words of a line are about 0.3 apart.
_COLUMN_GAP = 0.85
# Two neighbouring digits whose centres lie this many usual distances apart had a space between.
_DIGIT_GAP = 1.55
# Columns of prose: so many lines, so wide in heights of a line, most of them so full, and so many
# of which go on below in the midst of a sentence.
_LEAST_LINES, _LEAST_WIDE, _FULL, _FOLLOWS = 3, 6.0, 0.8, 0.5


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


@dataclass(frozen=True, slots=True)
class Piece:
    """Text without a wide gap in it: a line, or one column's part of a line."""

    text: str
    box: Box
    score: float


@dataclass(frozen=True, slots=True)
class Row:
    """Pieces that stand side by side, left to right."""

    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """The whole row, columns parted by two spaces."""
        return "  ".join(piece.text for piece in self.pieces)

    @property
    def box(self) -> Box:
        """The rectangle around the row."""
        boxes = [piece.box for piece in self.pieces]
        return Box(
            min(b.x0 for b in boxes),
            min(b.y0 for b in boxes),
            max(b.x1 for b in boxes),
            max(b.y1 for b in boxes),
        )


class _Stoppable:
    """An inference session that gives up between two batches when its thread's `Stop` is set."""

    def __init__(self, session: Any, local: threading.local) -> None:
        self._session = session
        self._local = local

    def __call__(self, batch: NDArray[np.float32]) -> Any:
        self._local.stop.check()
        return self._session(batch)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)


@cache
def _wait_without_spinning() -> None:
    """Have the threads of OCR wait idly for each other.

    They spin by default, which is a fourth of the processor time where other work runs beside them.
    RapidOCR has no setting for it.
    """
    from rapidocr.inference_engine.onnxruntime import main

    session: Any = main.OrtInferSession
    made = session._init_sess_opts
    if getattr(made, "waits", False):  # of a reader that was loaded before
        return

    def options(config: Any) -> Any:
        given = made(config)
        given.add_session_config_entry("session.intra_op.allow_spinning", "0")
        return given

    options.waits = True  # type: ignore[attr-defined]
    session._init_sess_opts = staticmethod(options)


class TextReader:
    """The OCR models, loaded once; `read` may run on several threads at a time."""

    def __init__(self, threads: int) -> None:
        """Load the models. Raises `EngineError` when they are not where the wheel puts them."""
        # Here, since it takes half a second to import: what only shares boxes starts without it.
        from rapidocr import RapidOCR

        _wait_without_spinning()
        self._local = threading.local()
        try:
            # Typed loosely: what a call returns depends on flags that never change here.
            self._ocr: Any = RapidOCR(
                params={
                    "Global.log_level": "critical",
                    "Global.return_word_box": True,
                    "Global.return_single_char_box": True,
                    "Global.text_score": _LEAST_SCORE,
                    "EngineConfig.onnxruntime.intra_op_num_threads": threads,
                    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
                }
            )
            for load in ("_load_det_model", "_load_cls_model", "_load_rec_model"):
                getattr(self._ocr, load)()  # else the first picture would pay for it
            parts: list[Any] = [self._ocr.text_det, self._ocr.text_cls, self._ocr.text_rec]
            for part in parts:
                part.session = _Stoppable(part.session, self._local)
        except (OSError, RuntimeError, ValueError) as error:
            raise EngineError(
                "The text reader could not be loaded.",
                hint="Reinstall it: pip install --force-reinstall rapidocr onnxruntime",
            ) from error

    def read(self, pixels: Pixels, stop: Stop) -> tuple[Row, ...]:
        """Read all text of an RGB picture, rows from top to bottom. Raises `Stopped`."""
        self._local.stop = stop
        height, width = pixels.shape[:2]
        if min(height, width) < _LEAST_SIDE:
            return ()
        pieces: list[Piece] = []
        slopes: list[tuple[float, float]] = []
        for top, bottom, core_top, core_bottom in windows(height, width):
            stop.check()
            found, slanted = self._read_window(pixels[top:bottom])
            slopes += slanted
            for piece in found:
                box = piece.box
                moved = Box(box.x0, box.y0 + top, box.x1, box.y1 + top)
                if core_top <= moved.centre[1] < core_bottom:
                    pieces.append(Piece(piece.text, moved, piece.score))
        return in_turn(rows(pieces, _slope(slopes)))

    def _read_window(self, pixels: Pixels) -> tuple[list[Piece], list[tuple[float, float]]]:
        """Read one part; also give the slope of each line with its width in pixels."""
        height, width = pixels.shape[:2]
        scale = min(1.0, _MOST_SIDE / max(height, width))
        if scale < 1:
            size = (max(1, round(width * scale)), max(1, round(height * scale)))
            pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
        pixels, left, above = _padded(pixels)
        found = self._ocr(np.ascontiguousarray(pixels[:, :, ::-1]))
        if found.boxes is None or found.txts is None:
            return [], []
        pieces: list[Piece] = []
        slopes: list[tuple[float, float]] = []
        words = found.word_results or [()] * len(found.txts)
        for quad, line, score, characters in zip(
            found.boxes, found.txts, found.scores, words, strict=False
        ):
            if _is_texture(line.strip(), float(score)):
                continue
            corners = np.asarray(quad, dtype=float).reshape(-1, 2)
            across = corners[1] - corners[0]
            if across[0] > 2.5 * abs(corners[3][1] - corners[0][1]):
                slopes.append((float(across[1] / across[0]), float(across[0])))
            for piece in _cut(line.strip(), _around(quad), float(score), characters or ()):
                b = piece.box
                box = Box(
                    (b.x0 - left) / scale,
                    (b.y0 - above) / scale,
                    (b.x1 - left) / scale,
                    (b.y1 - above) / scale,
                )
                pieces.append(Piece(piece.text, box, piece.score))
        return pieces, slopes


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
    ground = np.median(np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]]), axis=0)
    padded = np.empty((tall, wide, 3), dtype=np.uint8)
    padded[:] = ground.astype(np.uint8)
    padded[above : above + height, left : left + width] = pixels
    return padded, left, above


def _slope(slopes: list[tuple[float, float]]) -> float:
    """Give the slant of the whole page: the median of its lines' slopes, by width."""
    if not slopes:
        return 0.0
    ordered = sorted(slopes)
    half, seen = sum(width for _, width in ordered) / 2, 0.0
    for slope, width in ordered:
        seen += width
        if seen >= half:
            return slope if abs(slope) < _MOST_SLOPE else 0.0
    return 0.0


def _is_texture(line: str, score: float) -> bool:
    """Say whether a short, doubtful reading is more likely a button or a pattern than text."""
    letters = re.sub(r"\W", "", line)
    if not letters:
        return True
    if len(letters) <= 2 or len(set(letters.lower())) == 1:
        return score < 0.93
    return len(letters) <= 4 and score < 0.72


def _around(quad: Any) -> Box:
    points = np.asarray(quad, dtype=float).reshape(-1, 2)
    (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
    return Box(float(x0), float(y0), float(x1), float(y1))


def _cut(line: str, box: Box, score: float, characters: Any) -> list[Piece]:
    """Cut one read line where its characters stand far apart, and mend lost spaces.

    `characters` are (text, score, quad) for each character but spaces, as RapidOCR gives them.
    """
    places = [(str(c[0]), _around(c[2])) for c in characters if str(c[0]).strip()]
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
                character.isdigit()
                and places[i - 1][0].isdigit()
                and len(steps) >= 4
                and far > _DIGIT_GAP * step
            ):
                text += " "
        text += character
    spaced.append(text)
    runs.append((begin, len(places)))
    if len(runs) == 1:
        return [Piece(spaced[0], box, score)]
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
        )
        for text, (begin, end) in zip(spaced, runs, strict=True)
    ]


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
    """Give columns of prose one after the other, where rows of two or more are sentences that go on
    below each other and not beside each other. Tables stay as they are."""
    made: list[Row] = []
    at = 0
    while at < len(found):
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

"""PP-OCR: finds lines of print in a picture, sees which lie upside down, and reads them.

Three networks of PaddlePaddle's, which `sightline-weights` brings. What surrounds them follows
RapidOCR 3.10, whose reading a test compares: sizes, thresholds, and where characters are. Lines are
given as wide as they are, not as the widest of six, and pages of large print as they are
(`print_size`).
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sightline import allocator
from sightline.perception.line_signs import STANDS, Quad, onto, spaced
from sightline.perception.line_signs import signs as line_signs
from sightline.perception.neural_networks import (
    is_hurried,
    leave_as_laid_out,
    session,
    session_options,
    whole,
)
from sightline.perception.print_size import marks

Pixels = NDArray[np.uint8]  # (height, width, 3)
Check = Callable[[], None]  # raises to give up; called before each batch
# Text, score, the column of each sign, and how many columns the line has.
_Reading = tuple[str, float, list[int], float]

# Weights lie beside a graph where they are mapped: what of them is used is in memory, once it is.
FILES = {
    "PP-OCRv6_det_small.onnx": "0924dc7df44a3672997edd42ce302d85eaa9007346e195770dc50a085ad203b4",
    "PP-OCRv6_det_small.weights": (
        "fb5f1f8583a8b239b162e2d220a4a362e6e9f7967c0207b5952080706704c8ed"
    ),
    "ch_ppocr_mobile_v2.0_cls_mobile.onnx": (
        "e47acedf663230f8863ff1ab0e64dd2d82b838fceb5957146dab185a89d6215c"
    ),
    "PP-OCRv6_rec_small.onnx": "579363b1955bc3c8d402ae6a45674f9d9d51f5c1c9fef83b8f344743e44de1f0",
    "PP-OCRv6_rec_small.weights": (
        "480216b581ef9af7cd84e9204c00f9aec99339be7f5adf3572786b6eb0b7c8c7"
    ),
}
_NETWORKS = [name for name in FILES if name.endswith(".onnx")]
_LEAST_SIDE, _STEP, _FOUND_AT = 30, 32, 736  # pixels
_WORTH = 1.05  # times as large at which lines are found, from which on it is worth not to enlarge
_INK, _LINE = 0.3, 0.5  # of what the detector tells of a pixel, and of the mean over a line
_MOST_LINES, _LEAST_HEIGHT = 1000, 3
_AROUND = 1.6  # how far the detector's core of a line is widened, of its area by its length
_SAME_ROW = 10  # pixels between the tops of lines of one row
_BATCH = 6  # lines
_FLIP_SIZE, _FLIPPED = (48, 192), 0.9
_TELLS = 3.0  # times as wide as high, from which on a line tells how its page lies
# By how much a line's score is higher where it lies against its page: upright "9 %" and "7x" are
# read worse than "% 6" and "XL", by up to 0.2, so that it takes more to turn a short one.
_BETTER, _FAR_BETTER = 0.1, 0.3
_HEIGHT, _WIDTH = 48, 96  # of a line that is read; wider ones are wider, in such steps
_WIDER = 32
_IDLE_S = 1.0  # after the last page, until what they were computed in is given back
_WIDE, _FEW = 320, 2  # of a line of so few different signs
_ROUND = np.array([(math.cos(a), math.sin(a)) for a in np.linspace(0, 2 * math.pi, 32, False)])


@dataclass(frozen=True, slots=True)
class OcrLine:
    """A line: its corners in the picture, what it says, how sure that is, where each sign is.

    `flipped` says that it lies upside down, `height` and `width` are those of its cut, in pixels,
    laid level. Signs are without spaces.
    """

    quad: Quad
    text: str
    score: float
    signs: tuple[tuple[str, Quad], ...]
    flipped: bool
    height: int
    width: int


class Ocr:
    """The three networks, loaded; one may be used from several threads."""

    def __init__(self, folder: Path, threads: int, *, lines_first: bool = False) -> None:
        """Load them, all at a time. Raises `OSError` where one is missing or damaged.

        With `lines_first` what reads is loaded once a line is found: most photographs have none.
        """
        self._hurried = is_hurried()  # what they are run with goes by how they were loaded
        # New memory for each page would take a fifth of the time; it is kept until none comes.
        self._keeps = not self._hurried and allocator.is_settled()
        self._reading = 0
        self._idle: threading.Timer | None = None
        self._lock = threading.Lock()

        def load(file: str) -> Any:
            path = whole(folder / file, FILES[file])
            if (weights := path.with_suffix(".weights").name) in FILES:
                whole(folder / weights, FILES[weights])
            options = session_options(threads)
            # It keeps what the largest page took until it is told to let go.
            options.enable_cpu_mem_arena = self._hurried or self._keeps
            if self._hurried and file == _NETWORKS[0]:
                leave_as_laid_out(options)
            return session(path, options)

        self._load = load
        with ThreadPoolExecutor(len(_NETWORKS)) as pool:
            detector = pool.submit(load, _NETWORKS[0])
            if not lines_first:
                self._readers  # noqa: B018 - loads them beside
            self._detector = detector.result()

    @cached_property
    def _readers(self) -> tuple[Any, Any, tuple[str, ...]]:
        """What tells which way up a line lies, what reads it, and the signs that it knows."""
        with ThreadPoolExecutor(2) as pool:
            classifier, recogniser = pool.map(self._load, _NETWORKS[1:])
        signs = recogniser.get_modelmeta().custom_metadata_map["character"].splitlines()
        return classifier, recogniser, ("", *signs, " ")

    def give_back(self) -> None:
        """Let go of what pages were computed in, where none is being read."""
        with self._lock:
            if self._reading:
                return
        for network, (height, width) in (
            (self._detector, (_STEP, _STEP)),
            (self._readers[0], _FLIP_SIZE),
            (self._readers[1], (_HEIGHT, _WIDTH)),
        ):
            _run(network, np.zeros((1, 3, height, width), np.float32), gives_back=True)

    def read(self, pixels: Pixels, check: Check, *, enlarge: bool = True) -> list[OcrLine]:
        """Read all lines of BGR pixels, row by row, those that say nothing too.

        Small letters may be missed where a small picture is not enlarged to find them.
        """
        with self._lock:
            self._reading += 1
            if self._idle is not None:
                self._idle.cancel()
                self._idle = None
        try:
            return self._found(pixels, check, enlarge=enlarge)
        finally:
            with self._lock:
                self._reading -= 1
                if self._keeps and not self._reading:
                    self._idle = threading.Timer(_IDLE_S, self.give_back)
                    self._idle.daemon = True
                    self._idle.start()

    def _found(self, pixels: Pixels, check: Check, *, enlarge: bool) -> list[OcrLine]:
        sized, scale = _enlarged(pixels)
        check()
        quads = self._all_lines(sized) if enlarge else self._lines(sized, 0)
        cuts = [_cut(sized, quad) for quad in quads]
        flipped, read = self._read_upright(cuts, [_stands(quad) for quad in quads], check)
        most = np.array(pixels.shape[1::-1], np.float32)
        found = []
        for quad, cut, over, (text, score, columns, length) in zip(
            quads, cuts, flipped, read, strict=True
        ):
            high, wide = cut.shape[:2]
            place = np.clip(quad * scale, 0, most)
            size = round(wide * float(scale[0])), round(high * float(scale[1]))
            signs = line_signs(place, size, text, columns, length)
            found.append(OcrLine(place, text, score, tuple(signs), over, high, wide))
        return found

    def _all_lines(self, pixels: Pixels) -> list[Quad]:
        """Find the lines, enlarging the picture for it where some of them may be too small."""
        if min(pixels.shape[:2]) * _WORTH < _FOUND_AT:
            marked = marks(pixels)
            if marked is not None and marked.cover(quads := self._lines(pixels, 0)):
                return quads
        return self._lines(pixels, _FOUND_AT)

    def _lines(self, pixels: Pixels, least: int) -> list[Quad]:
        """Find the lines, at `least` so many pixels to a side: corners in whole pixels."""
        height, width = pixels.shape[:2]
        ratio = max(1.0, least / min(height, width))
        size = [round(int(side * ratio) / _STEP) * _STEP for side in (width, height)]
        if not all(size):
            return []
        run = _run_once if self._hurried else _run
        told = run(self._detector, _levelled(cv2.resize(pixels, size))[None])[0, 0]
        mask = cv2.dilate((told > _INK).astype(np.uint8), np.ones((2, 2), np.uint8))
        contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
        quads = []
        for contour in contours[:_MOST_LINES]:
            box, side = _rectangle(contour)
            if side < _LEAST_HEIGHT or _mean(told, box) < _LINE:
                continue
            box, side = _rectangle(_widened(box))
            if side < _LEAST_HEIGHT + 2:
                continue
            most = np.array((width, height))
            quad = np.clip(np.round(box / told.shape[::-1] * most), 0, most)
            quad = np.clip(_clockwise(quad), 0, most - 1).astype(np.float32)
            sides = np.linalg.norm(quad[0] - quad[1]), np.linalg.norm(quad[0] - quad[3])
            if min(map(int, sides)) > _LEAST_HEIGHT:
                quads.append(quad)
        return _in_rows(quads)

    def _read_upright(
        self, cuts: Sequence[Pixels], stand: Sequence[bool], check: Check
    ) -> tuple[list[bool], list[_Reading]]:
        """Read lines the way up that they are; say which lie upside down.

        The classifier takes short ones for either: 66 and 99, NOON. So each lies as most of its
        page does, unless it is read better the other way.
        """
        told = self._flipped(cuts, check)
        flipped, pages_tell = _as_most(cuts, stand, told)
        read = self._read([_turned(*each) for each in zip(cuts, flipped, strict=True)], check)
        doubted = [i for i, over in enumerate(told) if over != flipped[i]]
        others = self._read([_turned(cuts[i], told[i]) for i in doubted], check)
        for i, other in zip(doubted, others, strict=True):
            short = cuts[i].shape[1] < _TELLS * cuts[i].shape[0]
            least = _FAR_BETTER if short and pages_tell[i] else _BETTER
            if other[1] > read[i][1] + least:
                flipped[i], read[i] = told[i], other
        return flipped, read

    def _flipped(self, cuts: Sequence[Pixels], check: Check) -> list[bool]:
        """Say of each line whether the classifier takes it to lie upside down."""
        found = [False] * len(cuts)
        high, wide = _FLIP_SIZE
        for batch in _batches(cuts):
            check()
            given = np.stack([_fitted(cuts[i], high, wide) for i in batch])
            for i, (_, over) in zip(batch, _run(self._readers[0], given), strict=True):
                found[i] = bool(over > _FLIPPED)
        return found

    def _read(self, cuts: Sequence[Pixels], check: Check) -> list[_Reading]:
        """Read lines; those of a sign or two with as much empty beside them as scores are told by.

        Less of it makes the recogniser surer of what is none.
        """
        found = self._read_padded(cuts, _WIDTH, check)
        short = [i for i, (text, *_) in enumerate(found) if text and len(set(text)) <= _FEW]
        again = self._read_padded([cuts[i] for i in short], _WIDE, check)
        for i, one in zip(short, again, strict=True):
            found[i] = one
        return found

    def _read_padded(self, cuts: Sequence[Pixels], least: int, check: Check) -> list[_Reading]:
        """Read lines: text, score, the column of each sign, and how many columns the line has."""
        found: list[_Reading] = [("", 0.0, [], 0.0)] * len(cuts)
        if not cuts:
            return found
        _, recogniser, known = self._readers
        batches = list(_by_width(cuts, least))
        for batch in batches:
            width, lines = batch
            check()
            given = np.stack([_fitted(cuts[i], _HEIGHT, width) for i in lines])
            done = self._hurried and batch is batches[-1]
            read = _run(recogniser, given, gives_back=done)
            for i, told in zip(lines, read, strict=True):
                # Of one sign in several columns the first counts; the first class is no sign.
                best = told.argmax(axis=1)
                kept = np.flatnonzero((best != 0) & np.append(True, best[1:] != best[:-1]))
                signs = [known[best[at]] for at in kept]
                text, columns = spaced(signs, kept.tolist(), told[:, -1])
                score = float(told[kept, best[kept]].mean()) if len(kept) else 0.0
                shape = cuts[i].shape[1] / cuts[i].shape[0]
                found[i] = text, round(score, 5), columns, len(told) * shape * _HEIGHT / width
        return found


def _run(
    network: Any, given: NDArray[np.float32], *, gives_back: bool = False
) -> NDArray[np.float32]:
    """Run a network; one with an arena may give back what it computed with."""
    how = _giving_back() if gives_back else None
    found: NDArray[np.float32] = network.run(None, {network.get_inputs()[0].name: given}, how)[0]
    return found


def _run_once(network: Any, given: NDArray[np.float32]) -> NDArray[np.float32]:
    """Run the detector, and give back what it computed with.

    What it tells lies elsewhere, or the part of the arena would be kept in which that does.
    """
    from onnxruntime import OrtValue

    told = np.empty((1, 1, *given.shape[2:]), np.float32)
    bound = network.io_binding()
    bound.bind_ortvalue_input(network.get_inputs()[0].name, OrtValue.ortvalue_from_numpy(given))
    bound.bind_ortvalue_output(network.get_outputs()[0].name, OrtValue.ortvalue_from_numpy(told))
    network.run_with_iobinding(bound, _giving_back())
    return told


def _giving_back() -> Any:
    """Give how a network is run that lets its arena go afterwards."""
    from onnxruntime import RunOptions

    how = RunOptions()
    how.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    return how


def _levelled(pixels: Any) -> NDArray[np.float32]:
    """Bring pixels to -1 to 1, and their channels first."""
    laid = np.array(np.asarray(pixels).transpose(2, 0, 1), np.float32, order="C")
    laid /= 255
    laid -= 0.5
    laid /= 0.5
    return laid


def _fitted(pixels: Pixels, height: int, width: int) -> NDArray[np.float32]:
    """Bring a line to a height, at most to a width; what is left over on the right is empty."""
    high, wide = pixels.shape[:2]
    used = min(width, math.ceil(height * wide / high))
    laid = np.zeros((3, height, width), np.float32)
    laid[:, :, :used] = _levelled(cv2.resize(pixels, (used, height)))
    return laid


def _enlarged(pixels: Pixels) -> tuple[Pixels, NDArray[np.float32]]:
    """Enlarge a tiny picture; give by how much its places are to be multiplied, for x and y."""
    height, width = pixels.shape[:2]
    if min(height, width) >= _LEAST_SIDE:
        return pixels, np.ones(2, np.float32)
    ratio = _LEAST_SIDE / min(height, width)
    size = [round(int(side * ratio) / _STEP) * _STEP for side in (width, height)]
    scale = np.array((width / size[0], height / size[1]), np.float32)
    return np.asarray(cv2.resize(pixels, size), np.uint8), scale


def _batches(cuts: Sequence[Pixels]) -> Iterator[list[int]]:
    """Put lines of about one shape together."""
    order = np.argsort([cut.shape[1] / cut.shape[0] for cut in cuts]).tolist()
    for at in range(0, len(order), _BATCH):
        yield order[at : at + _BATCH]


def _by_width(cuts: Sequence[Pixels], least: int) -> Iterator[tuple[int, list[int]]]:
    """Put lines together that are as wide as each other, at `least` so wide, at one height.

    To read takes as long as all that is given is wide: what is empty beside a line, too.
    """
    lines: dict[int, list[int]] = {}
    for i, cut in enumerate(cuts):
        wide = _HEIGHT * cut.shape[1] / cut.shape[0]
        lines.setdefault(max(least, math.ceil(wide / _WIDER) * _WIDER), []).append(i)
    for width, these in sorted(lines.items()):
        for at in range(0, len(these), _BATCH):
            yield width, these[at : at + _BATCH]


def _rectangle(points: Any) -> tuple[Quad, float]:
    """Give the least rectangle around points, from the top left on, and its shorter side."""
    around = cv2.minAreaRect(points)
    by_x = sorted(cv2.boxPoints(around), key=lambda point: float(point[0]))
    left = sorted(by_x[:2], key=lambda point: float(point[1]))
    right = sorted(by_x[2:], key=lambda point: float(point[1]))
    return np.array([left[0], right[0], right[1], left[1]], np.float32), min(around[1])


def _clockwise(quad: NDArray[Any]) -> NDArray[Any]:
    by_x = quad[np.argsort(quad[:, 0], kind="stable")]
    left = by_x[:2][np.argsort(by_x[:2, 1], kind="stable")]
    right = by_x[2:][np.argsort(by_x[2:, 1], kind="stable")]
    return np.array([left[0], right[0], right[1], left[1]])


def _mean(told: NDArray[np.float32], box: Quad) -> float:
    """Give the mean of what the detector tells within a box."""
    high, wide = told.shape
    x0, y0 = (np.clip(math.floor(box[:, i].min()), 0, (wide, high)[i] - 1) for i in (0, 1))
    x1, y1 = (np.clip(math.ceil(box[:, i].max()), 0, (wide, high)[i] - 1) for i in (0, 1))
    mask = np.zeros((y1 - y0 + 1, x1 - x0 + 1), np.uint8)
    cv2.fillPoly(mask, (box - (x0, y0)).reshape(1, -1, 2).astype(np.int32), (1,))
    return float(cv2.mean(told[y0 : y1 + 1, x0 : x1 + 1], mask)[0])


def _widened(box: Quad) -> NDArray[np.int32]:
    """Give points whose outline is that of a box, as far around it as its print reaches."""
    sides = np.roll(box, -1, axis=0) - box
    lengths = np.linalg.norm(sides, axis=1)
    far = float(cv2.contourArea(box)) * _AROUND / float(lengths.sum())
    across = np.stack([sides[:, 1], -sides[:, 0]], axis=1) / np.maximum(lengths, 1e-6)[:, None]
    points = box.astype(np.int32)[:, None] + far * np.concatenate([across, _ROUND])[None]
    return np.rint(points).astype(np.int32).reshape(-1, 1, 2)


def _in_rows(quads: list[Quad]) -> list[Quad]:
    """Order lines by row from the top, and from the left within one."""
    quads.sort(key=lambda quad: float(quad[0, 1]))
    row, rows = 0, [0] * len(quads)
    for i in range(1, len(quads)):
        row += bool(quads[i][0, 1] - quads[i - 1][0, 1] >= _SAME_ROW)
        rows[i] = row
    order = sorted(range(len(quads)), key=lambda i: (rows[i], float(quads[i][0, 0])))
    return [quads[i] for i in order]


def _as_most(
    cuts: Sequence[Pixels], stand: Sequence[bool], told: Sequence[bool]
) -> tuple[list[bool], list[bool]]:
    """Say of each line whether most of those that lie or stand as it does are upside down.

    Say also whether these tell: the longer a line the more it does. Where none is long, level lines
    are taken to be upright, as pictures are, and standing ones to be as they were `told`.
    """
    most, tell = list(told), [False] * len(told)
    for standing in (False, True):
        these = [i for i, stands in enumerate(stand) if stands == standing]
        shapes = {i: cuts[i].shape[1] / cuts[i].shape[0] for i in these}
        telling = sum(
            shape * (1 if told[i] else -1) for i, shape in shapes.items() if shape >= _TELLS
        )
        if telling or not standing:
            for i in these:
                most[i], tell[i] = telling > 0, telling != 0
    return most, tell


def _turned(cut: Pixels, over: bool) -> Pixels:
    return np.asarray(cv2.rotate(cut, cv2.ROTATE_180), np.uint8) if over else cut


def _size(quad: Quad) -> tuple[int, int]:
    """Give how wide and high a line is as it lies in the picture."""
    a, b, c, d = quad
    wide = int(max(np.linalg.norm(a - b), np.linalg.norm(c - d)))
    return wide, int(max(np.linalg.norm(a - d), np.linalg.norm(b - c)))


def _stands(quad: Quad) -> bool:
    wide, high = _size(quad)
    return high / wide >= STANDS


def _cut(pixels: Pixels, quad: Quad) -> Pixels:
    """Cut a line out, laid level; what stands is turned against the clock."""
    wide, high = _size(quad)
    cut = cv2.warpPerspective(
        pixels, onto(quad, wide, high), (wide, high),
        flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    return np.asarray(np.rot90(cut) if _stands(quad) else cut, np.uint8)

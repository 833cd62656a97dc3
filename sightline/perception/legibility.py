"""Lettering by its shape: where lines of letters stand, how high they are and which way up.

Nothing is read. Letters are found as small connected shapes that stand in rows; a small network,
trained by `training/lettering.py` on drawn lines in many typefaces and scripts, then says of each
row whether it is writing at all, whether it is in Latin script, and whether it is upside down. It
takes some tens of milliseconds, where reading takes a second.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from sightline.perception.neural_networks import session, session_options

Turn = Literal[0, 90, 180, 270]
CROP_WIDTH, CROP_HEIGHT = 160, 32
_MODEL = Path(__file__).with_name("lettering.onnx")
_LEAST_HEIGHT, _MOST_HEIGHT = 4, 72  # pixels of a letter at one scale
_CONTRAST = 20  # how far from the brightness around it ink must be, of 255
_WINDOW = 640  # pixels; neighbours are looked for within windows of this size
_MOST_WINDOWS = 8
_MOST_IN_WINDOW = 400
_MOST_LINES = 12  # looked at by the network
_LEAST_LETTERS = 4
_IS_WRITING, _IS_TURNED = 0.6, 0.5


@dataclass(frozen=True, slots=True)
class Run:
    """A row of shapes that may be letters: `box` is (x0, y0, x1, y1) in pixels.

    `letter` is the height of its taller letters in pixels; `upright` says that it runs from left
    to right rather than up or down.
    """

    box: tuple[int, int, int, int]
    letter: float
    letters: int
    upright: bool


@dataclass(frozen=True, slots=True)
class Lettering:
    """What was found. Heights are those of capital letters, in pixels of the picture measured.

    `turn` is by how many degrees, clockwise, most of the lines are turned from upright;
    `foreign` is how likely the script is another than Latin, 0 to 1, over all lines.
    """

    lines: int
    smallest: float
    median: float
    turn: Turn
    foreign: float

    def scaled(self, scale: float) -> Lettering:
        """Give the same in pixels of a picture `scale` times as large."""
        return replace(self, smallest=self.smallest * scale, median=self.median * scale)


NONE = Lettering(0, 0.0, 0.0, 0, 0.0)


def runs(pixels: NDArray[np.uint8]) -> list[Run]:
    """Find rows of letter-like shapes in RGB pixels, at full and at a quarter of the size."""
    luma = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    found = _runs(luma, 1)
    if max(luma.shape) > 400:
        small = (max(1, luma.shape[1] // 4), max(1, luma.shape[0] // 4))
        coarse = np.asarray(cv2.resize(luma, small, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        found += [run for run in _runs(coarse, 4) if run.letter > 0.8 * _MOST_HEIGHT]
    return found


def _runs(luma: NDArray[np.uint8], scale: int) -> list[Run]:
    around = cv2.blur(luma, (31, 31))
    found: list[Run] = []
    # Saturating differences: dark ink, then light.
    for differs in (cv2.subtract(around, luma), cv2.subtract(luma, around)):
        ink = np.asarray(differs) > _CONTRAST
        shapes = _shapes(ink)
        for window in _windows(shapes):
            found += [
                Run((x0 * scale, y0 * scale, x1 * scale, y1 * scale), h * scale, n, upright)
                for (x0, y0, x1, y1), h, n, upright in _rows(window)
            ]
    return found


def _shapes(ink: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Give the shapes that could be letters, as rows of x, y, width, height."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink.view(np.uint8), connectivity=8)
    stats = np.asarray(stats[1:], dtype=np.int32)
    w, h, area = stats[:, 2], stats[:, 3], stats[:, 4]
    long, short = np.maximum(w, h), np.minimum(w, h)
    fill = area / np.maximum(1, w * h)
    kept = (long >= _LEAST_HEIGHT) & (long <= _MOST_HEIGHT) & (long <= 8 * short) & (fill > 0.12)
    return np.asarray(stats[kept][:, :4], dtype=np.int32)


def _windows(shapes: NDArray[np.int32]) -> list[NDArray[np.int32]]:
    """Part the shapes by place; the fullest windows first."""
    if not len(shapes):
        return []
    places = (shapes[:, 0] // _WINDOW) * 1000 + shapes[:, 1] // _WINDOW
    names, counts = np.unique(places, return_counts=True)
    fullest = names[np.argsort(-counts)][:_MOST_WINDOWS]
    parts = []
    for name in fullest:
        part = shapes[places == name]
        if len(part) > _MOST_IN_WINDOW:  # a band of it, so that neighbours stay together
            order = np.argsort(part[:, 1], kind="stable")
            middle = len(part) // 2
            part = part[order[middle - _MOST_IN_WINDOW // 2 : middle + _MOST_IN_WINDOW // 2]]
        parts.append(part)
    return parts


def _rows(
    shapes: NDArray[np.int32],
) -> list[tuple[tuple[int, int, int, int], float, int, bool]]:
    """Chain neighbours of like height into rows; the direction with more letters in rows counts."""
    level = _chains(shapes)
    turned = _chains(shapes[:, [1, 0, 3, 2]])
    rows = []
    upright = sum(map(len, level)) >= sum(map(len, turned))
    for chain in level if upright else turned:
        part = shapes[chain]
        x0, y0 = part[:, 0].min(), part[:, 1].min()
        x1, y1 = (part[:, 0] + part[:, 2]).max(), (part[:, 1] + part[:, 3]).max()
        letter = float(np.percentile(part[:, 3 if upright else 2], 75))
        rows.append(((int(x0), int(y0), int(x1), int(y1)), letter, len(part), upright))
    return rows


def _chains(shapes: NDArray[np.int32]) -> list[list[int]]:
    x, y, w, h = (shapes[:, i].astype(np.float32) for i in range(4))
    high = np.maximum(h[:, None], h[None, :])
    gap = x[None, :] - (x + w)[:, None]
    middle = np.abs((y + h / 2)[:, None] - (y + h / 2)[None, :])
    like = np.minimum(h[:, None], h[None, :]) > 0.45 * high
    near = like & (gap > -0.25 * high) & (gap < 0.8 * high) & (middle < 0.45 * high)
    np.fill_diagonal(near, False)
    chains = []
    for members in _components(near):
        width = (x + w)[members].max() - x[members].min()
        tall = (y + h)[members].max() - y[members].min()
        # A row is long and thin, and its letters do not lie on one another.
        if width > 2.2 * tall and w[members].sum() < 1.3 * width:
            chains.append(members)
    return chains


def _components(near: NDArray[np.bool_]) -> list[list[int]]:
    """Give the connected parts of a graph, by its matrix, that could be rows of letters."""
    leader = list(range(len(near)))

    def find(i: int) -> int:
        while leader[i] != i:
            leader[i] = leader[leader[i]]
            i = leader[i]
        return i

    for i, j in np.argwhere(near).tolist():
        leader[find(i)] = find(j)
    parts: dict[int, list[int]] = {}
    for i in range(len(near)):
        parts.setdefault(find(i), []).append(i)
    return [part for part in parts.values() if len(part) >= _LEAST_LETTERS]


def crop(pixels: NDArray[np.uint8], run: Run) -> NDArray[np.float32]:
    """Cut a run out as the network sees it: level, of shape (1, CROP_HEIGHT, CROP_WIDTH).

    A run up or down is turned a quarter clockwise first. Brightness is about 0, its spread 1.
    """
    x0, y0, x1, y1 = run.box
    margin = int(run.letter * 0.35) + 1
    height, width = pixels.shape[:2]
    part = pixels[
        max(0, y0 - margin) : min(height, y1 + margin),
        max(0, x0 - margin) : min(width, x1 + margin),
    ]
    luma = cv2.cvtColor(np.ascontiguousarray(part), cv2.COLOR_RGB2GRAY)
    if not run.upright:
        luma = cv2.rotate(luma, cv2.ROTATE_90_CLOCKWISE)
    scale = CROP_HEIGHT / luma.shape[0]
    across = max(1, round(luma.shape[1] * scale))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    fitted = cv2.resize(luma, (across, CROP_HEIGHT), interpolation=way)[:, :CROP_WIDTH]
    laid = np.full((CROP_HEIGHT, CROP_WIDTH), float(np.median(fitted)), np.float32)
    laid[:, : fitted.shape[1]] = fitted
    laid = (laid - laid.mean()) / max(8.0, float(laid.std()))
    return np.asarray(laid[None], dtype=np.float32)


class LetteringFinder:
    """The loaded network; one may be used from several threads."""

    def __init__(self) -> None:
        # One thread: it is small, and requests run beside each other.
        self._session = session(_MODEL, session_options(1))

    def find(self, pixels: NDArray[np.uint8]) -> Lettering:
        """Measure the lettering of RGB pixels of shape (height, width, 3)."""
        candidates = sorted(runs(pixels), key=lambda run: -run.letters)[:_MOST_LINES]
        if not candidates:
            return NONE
        crops = np.stack([crop(pixels, run) for run in candidates])
        (logits,) = self._session.run(None, {"lines": crops})
        writing, turned, foreign = (1 / (1 + np.exp(-np.asarray(logits, np.float64)))).T
        kept = [i for i in range(len(candidates)) if writing[i] >= _IS_WRITING]
        if not kept:
            return NONE
        heights = sorted(candidates[i].letter for i in kept)
        weights = np.array([min(30, candidates[i].letters) for i in kept], float)
        level = np.array([candidates[i].upright for i in kept])
        over = np.average(turned[kept], weights=weights) >= _IS_TURNED
        if np.average(level, weights=weights) >= 0.5:
            turn: Turn = 180 if over else 0
        else:
            # A crop of a vertical run was turned clockwise to be level.
            turn = 90 if over else 270
        share = float(np.average(foreign[kept], weights=weights))
        return Lettering(len(kept), heights[0], float(np.median(heights)), turn, share)

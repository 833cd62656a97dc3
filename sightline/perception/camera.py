"""How the view moves from one frame of a film to the next: to a side, nearer, or not at all.

A thing that moves in the picture may be one past which the camera turns. Points that both frames
have in common tell the two apart, where they are spread over the picture; where they are not,
nothing is told.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

_SIDE = 320  # pixels of the longer side, at which frames are compared
_CELLS_X, _CELLS_Y = 16, 9
_TEXTURED, _LEAST_TEXTURED = 8.0, 10  # deviation of a cell, of 255; cells that have so much
_SAME, _SAME_SHARE = 3.0, 0.35  # of 255, and of a cell's deviation, by which it may differ
_STILL = 0.6  # share of the cells that are the same where the view stands still
_UNCHANGED, _MOST = 1.5, 0.75  # of 255; share of all cells, before an even ground
_POINTS, _LEAST_MATCHED = 500, 16
_AGREED = 0.4  # share of the points in common that have to move alike
_WIDE, _HIGH = 0.5, 0.4  # of the picture, over which these have to be spread
_MOST_ZOOM, _MOST_TURN = 3.0, 0.3  # times, and radians, in one step


@dataclass(frozen=True, slots=True)
class Shift:
    """How what is seen moves from one frame to the next.

    `x` and `y` are by how much the middle moves to the right and down, as shares of width and
    height; `zoom` is how much larger everything becomes.
    """

    x: float = 0.0
    y: float = 0.0
    zoom: float = 1.0

    def moved(self, x: float, y: float) -> tuple[float, float]:
        """Say where a place, in shares of width and height, of the frame before is now."""
        return 0.5 + (x - 0.5) * self.zoom + self.x, 0.5 + (y - 0.5) * self.zoom + self.y


STILL = Shift()


def shift(before: NDArray[np.uint8], now: NDArray[np.uint8]) -> Shift | None:
    """Compare two RGB frames of one size; None where they have too little in common to tell."""
    if before is now or before.shape != now.shape:
        return STILL if before is now else None
    first, second = _grey(before), _grey(now)
    if _stands(first, second):
        return STILL
    return _by_points(first, second)


def likeness(before: NDArray[np.uint8], now: NDArray[np.uint8]) -> float:
    """Say how alike light and dark are laid out in two RGB frames: 1 for the same, about 0 else."""
    first, second = (_cells(_grey(each).astype(np.float32)).ravel() for each in (before, now))
    first, second = first - first.mean(), second - second.mean()
    length = float(np.linalg.norm(first) * np.linalg.norm(second))
    return float(first @ second) / length if length else float(np.allclose(first, second))


def _grey(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    scale = min(1.0, _SIDE / max(height, width))
    size = max(_CELLS_X, round(width * scale)), max(_CELLS_Y, round(height * scale))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)


def _cells(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    cells = cv2.resize(grey, (_CELLS_X, _CELLS_Y), interpolation=cv2.INTER_AREA)
    return np.asarray(cells, np.float32)


def _stands(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> bool:
    """Say whether most of what can be told apart is where it was."""
    grey = first.astype(np.float32)
    spread = np.sqrt(np.maximum(_cells(grey * grey) - _cells(grey) ** 2, 0))
    differs = _cells(np.asarray(cv2.absdiff(first, second), np.float32))
    textured = spread >= _TEXTURED
    if int(textured.sum()) < _LEAST_TEXTURED:
        textured = np.ones_like(textured)
    if float((differs <= _UNCHANGED).mean()) >= _MOST:
        return True
    same = differs <= _SAME + _SAME_SHARE * spread
    return float(same[textured].mean()) >= _STILL


def _by_points(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> Shift | None:
    # Corners of letters and leaves alike; each is described by what is around it.
    finder = cv2.ORB.create(nfeatures=_POINTS, fastThreshold=8)
    places, told = finder.detectAndCompute(first, np.empty(0, np.uint8))
    others, known = finder.detectAndCompute(second, np.empty(0, np.uint8))
    if min(len(places), len(others)) < _LEAST_MATCHED:
        return None
    pairs = cv2.BFMatcher(cv2.NORM_HAMMING, crossCheck=True).match(told, known)
    if len(pairs) < _LEAST_MATCHED:
        return None
    old = np.array([places[pair.queryIdx].pt for pair in pairs], np.float32)
    new = np.array([others[pair.trainIdx].pt for pair in pairs], np.float32)
    matrix, agreed = cv2.estimateAffinePartial2D(old, new, ransacReprojThreshold=2.5)
    if np.shape(matrix) != (2, 3):  # None where they agree on nothing
        return None
    kept = old[agreed.ravel().astype(bool)]
    height, width = first.shape
    spread = np.ptp(kept, axis=0) / (width, height) if len(kept) else np.zeros(2)
    enough = len(kept) >= max(_LEAST_MATCHED, _AGREED * len(pairs))
    zoom = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    turn = abs(float(np.arctan2(matrix[1, 0], matrix[0, 0])))
    plain = 1 / _MOST_ZOOM < zoom < _MOST_ZOOM and turn < _MOST_TURN
    if not (enough and plain and spread[0] >= _WIDE and spread[1] >= _HIGH):
        return None
    x, y = matrix @ (width / 2, height / 2, 1)
    return Shift(float(x / width) - 0.5, float(y / height) - 0.5, zoom)

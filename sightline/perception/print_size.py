"""Whether print is large enough to be found as it is, so that a picture need not be enlarged.

The detector takes as long as what it is given has pixels. What stands out of its ground, and lies
in no line that was found, says whether anything may have been missed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

_LEAST_STEP, _GRAIN = 8, 4  # of 255, between neighbours; and times what most of a page has
_MOST_GRAIN = 8  # of 255: what has more may hide faint print
_SPECK, _LARGE = 5, 60  # pixels: what is thinner is no sign, what is thicker no line
_MOST_SPECKS = 40  # photographs, and prints that may be too small, have more
_MOST_MARKED = 0.25  # share of the picture
_LEAST_LINE = 20  # pixels, with what is around its letters
_MOST_LINE = 0.3  # of the shorter side: what is larger may be no line, and covers what is
_LONG, _EVEN = 8, 0.1  # times as long as thick; of what a rule stands out, differing along it


@dataclass(frozen=True, slots=True)
class PrintMarks:
    """Where something stands out of its ground (1, else 0), and the grey of the picture."""

    marked: NDArray[np.uint8]
    grey: NDArray[np.uint8]

    def cover(self, lines: Sequence[NDArray[np.float32]]) -> bool:
        """Say whether lines, of (4, 2) corners, are all that may be print, and none is small."""
        if not lines:
            return False
        rest = self.marked.copy()
        most = _MOST_LINE * min(rest.shape)
        for line in lines:
            sides = np.linalg.norm(line[0] - line[1]), np.linalg.norm(line[0] - line[3])
            if not _LEAST_LINE <= min(sides) <= most:
                return False
            cv2.fillPoly(rest, [np.rint(line).astype(np.int32)], (0,))
        boxes = _boxes(rest)
        thick = boxes[:, 2:].min(axis=1)
        like_print = boxes[(thick >= _SPECK) & (thick <= _LARGE)]
        return all(self._is_rule(*map(int, box)) for box in like_print)

    def _is_rule(self, x: int, y: int, wide: int, high: int) -> bool:
        """Say whether a thing is a line that was drawn: long, and alike all along."""
        if max(wide, high) < _LONG * min(wide, high):
            return False
        along = self.grey[y : y + high, x : x + wide].mean(axis=0 if wide > high else 1)
        stands_out = abs(float(np.median(along)) - float(np.median(self.grey[::8, ::8])))
        return float(along[_SPECK:-_SPECK].std()) < _EVEN * stands_out


def marks(pixels: Pixels) -> PrintMarks | None:
    """Mark what stands out of its ground; None where it is not like print of a fair size alone."""
    grey = np.asarray(cv2.blur(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), (3, 3)), np.uint8)
    steps = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    grain = float(np.median(steps[::4, ::4]))
    marked = np.asarray(steps > max(_LEAST_STEP, _GRAIN * grain), np.uint8)
    if grain > _MOST_GRAIN or marked.mean() > _MOST_MARKED:
        return None
    specks = np.count_nonzero(_boxes(marked)[:, 2:].min(axis=1) < _SPECK)
    return PrintMarks(marked, grey) if specks <= _MOST_SPECKS else None


def _boxes(marked: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Give x, y, width and height of each thing that is marked."""
    _, _, found, _ = cv2.connectedComponentsWithStats(marked, connectivity=8)
    return np.asarray(found[1:, : cv2.CC_STAT_AREA], np.int32)

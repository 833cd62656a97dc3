"""The ground that a picture stands on: the colour of its edge, and what differs from it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
_APART = 24  # how far from the ground a pixel must be to count as content, of 255


def edge_colour(pixels: Pixels) -> NDArray[np.float32]:
    """Give the median of the outermost pixels of (height, width, 3), of shape (3,), 0 to 255."""
    sides = (pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1])
    return np.asarray(np.median(np.concatenate(sides), axis=0), dtype=np.float32)


def content(
    pixels: Pixels, ground: NDArray[np.float32]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Number the rows and the columns in which something differs from a ground's colour."""
    levels = [int(level) for level in ground.astype(np.uint8)]
    least, most = ([level + by for level in levels] for by in (-_APART, _APART))
    near = cv2.inRange(pixels, np.maximum(least, 0), np.minimum(most, 255))
    return np.flatnonzero(near.min(axis=1) == 0), np.flatnonzero(near.min(axis=0) == 0)

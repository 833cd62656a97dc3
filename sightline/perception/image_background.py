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
    first, second, third = cv2.split(
        cv2.absdiff(pixels, np.full_like(pixels, ground.astype(np.uint8)))
    )
    there = cv2.max(cv2.max(first, second), third) > _APART
    return np.flatnonzero(there.any(axis=1)), np.flatnonzero(there.any(axis=0))

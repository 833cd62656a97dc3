"""Pages that lie askew or upside down, set upright: as pixels, as places, and places back again."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sightline.perception.image_background import edge_colour

Pixels = NDArray[np.uint8]
Places = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn of a picture of `size` (width, height) by `degrees` against the clock.

    The canvas grows so that nothing is cut off.
    """

    size: tuple[int, int]
    degrees: float

    @property
    def lies(self) -> bool:
        """Whether the picture lies on its side or upside down."""
        return abs((self.degrees + 180) % 360 - 180) > 45

    @property
    def _matrix(self) -> Places:
        """The affine map from the picture to the page, of (2, 3)."""
        cos, sin = math.cos(math.radians(self.degrees)), math.sin(math.radians(self.degrees))
        width, height = self.size
        wide, high = self.canvas
        # Image axes: y goes down, so that a turn against the clock is (cos, sin; -sin, cos).
        turn = np.array([[cos, sin], [-sin, cos]])
        middle = np.array([wide, high]) / 2 - turn @ np.array([width, height]) / 2
        return np.column_stack((turn, middle))

    @property
    def canvas(self) -> tuple[int, int]:
        """The size of the page, (width, height)."""
        angle = math.radians(self.degrees)
        cos, sin = abs(math.cos(angle)), abs(math.sin(angle))
        width, height = self.size
        return round(width * cos + height * sin), round(width * sin + height * cos)

    def places(self, points: Places) -> Places:
        """Bring places (…, 2) in the picture to the page."""
        matrix = self._matrix
        return np.asarray(points @ matrix[:, :2].T + matrix[:, 2])

    def back(self, points: Places) -> Places:
        """Bring places (…, 2) on the page to the picture."""
        matrix = self._matrix
        return np.asarray((points - matrix[:, 2]) @ matrix[:, :2])

    def pixels(self, pixels: Pixels) -> Pixels:
        """Turn a picture; what comes to lie outside of it is of the colour of its edge."""
        ground = [float(c) for c in edge_colour(pixels)]
        # Pixels have their middles at halves, places do not.
        half = np.array([0.5, 0.5])
        matrix = self._matrix
        matrix[:, 2] += matrix[:, :2] @ half - half
        made = cv2.warpAffine(
            pixels, matrix, self.canvas, flags=cv2.INTER_LINEAR, borderValue=ground
        )
        return np.asarray(made, np.uint8)

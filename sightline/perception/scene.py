"""What a photograph shows as a whole, where that is sure: snow.

Snow is told where the classifier sees what is only seen in it and the lower half is white; on 384
photographs that were looked at for it, of COCO and of one kind each, that was so of six, rightly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sightline.perception.vocabulary import Vocabulary

_SNOWY = frozenset(
    ("dogsled", "ski", "snowmobile", "snowplow", "bobsled", "alp", "ice bear", "ptarmigan")
)
_LEAST_MASS, _LEAST_WHITE = 0.35, 0.3
_PALE, _BRIGHT = 50, 150  # saturation below which, and brightness above which white begins, of 255


@dataclass(frozen=True, slots=True)
class Scene:
    """How likely kinds are that are seen in snow alone, and the white share of the lower half."""

    snowy: float
    white: float

    @property
    def is_snow(self) -> bool:
        """Whether snow is told."""
        return self.snowy >= _LEAST_MASS and self.white >= _LEAST_WHITE


def scene(
    vocabulary: Vocabulary, probabilities: NDArray[np.float32], pixels: NDArray[np.uint8]
) -> Scene:
    """Measure one picture, of shape (height, width, 3)."""
    snowy = [i for i, (name, _) in enumerate(vocabulary.classes) if name in _SNOWY]
    lower = pixels[pixels.shape[0] // 2 :]
    step = max(1, max(lower.shape[:2]) // 256)
    seen = cv2.cvtColor(np.ascontiguousarray(lower[::step, ::step]), cv2.COLOR_RGB2HSV)
    white = (seen[:, :, 1] < _PALE) & (seen[:, :, 2] > _BRIGHT)
    return Scene(float(probabilities[snowy].sum()), float(white.mean()))


def over(scenes: Sequence[Scene]) -> Scene | None:
    """Average the scenes of a film's frames; None of none."""
    if not scenes:
        return None
    return Scene(
        float(np.mean([one.snowy for one in scenes])), float(np.mean([one.white for one in scenes]))
    )

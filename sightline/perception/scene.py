"""What a photograph shows as a whole, where that is sure: indoors or outdoors, sky, snow.

Indoors, outdoors and sky are told by logistic regressions over what the classifier thinks of the
picture, what the detector found, and colours by height; `training/eyes/scenes.py` fits them and
tells how sure they are on photographs that they were not fitted on. Water, grass, trees, streets
and rooms were tried in the same way and were right too seldom to be told.

Snow is told where the classifier sees what is only seen in it and the lower half is white; on 384
photographs that were looked at for it, of COCO and of one kind each, that was so of six, rightly.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sightline.perception.vocabulary import Vocabulary

_SNOWY = frozenset(
    ("dogsled", "ski", "snowmobile", "snowplow", "bobsled", "alp", "ice bear", "ptarmigan")
)
_LEAST_MASS, _LEAST_WHITE = 0.35, 0.3
_PALE, _BRIGHT = 50, 150  # saturation below which, and brightness above which white begins, of 255
_SIDE = 96  # pixels, in which colours are measured
_GREY = 6.0  # of 255: mean distance of a pixel's channels in a picture without colours
_SMOOTH = 6  # of 255, by which neighbours differ at most in a smooth part
# Broader kinds whose share of the classifier's probability says something about a place.
_BROAD = (
    "animal", "bird", "fish", "vehicle", "furniture", "container", "structure", "building",
    "clothing", "food", "plant", "geological formation", "electronic equipment", "home appliance",
    "musical instrument", "sports equipment", "boat", "dog", "insect", "device", "tool",
    "toiletry", "kitchen appliance", "utensil", "equipment",
)  # fmt: skip
INDOOR_THINGS = frozenset(
    ("couch", "bed", "television", "microwave", "oven", "toaster", "sink", "refrigerator", "toilet",
     "laptop", "keyboard", "computer mouse", "hair dryer", "toothbrush", "remote control",
     "dining table", "chair", "bowl", "cup", "bottle", "book", "vase", "wine glass", "fork",
     "knife", "spoon", "cell phone")
)  # fmt: skip
OUTDOOR_THINGS = frozenset(
    ("car", "bus", "train", "truck", "boat", "airplane", "traffic light", "fire hydrant",
     "stop sign", "parking meter", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe",
     "skis", "snowboard", "surfboard", "kite", "motorcycle", "baseball bat", "baseball glove",
     "tennis racket", "frisbee", "skateboard", "bicycle", "bird")
)  # fmt: skip
_FILE = Path(__file__).with_name("scene.json")
# Probabilities from which on a thing is told, and up to which it is denied.
_OUTDOORS, _INDOORS = 0.8, 0.08
_SKY, _NO_SKY = 0.75, 0.08


@dataclass(frozen=True, slots=True)
class Scene:
    """How likely a photograph was taken outdoors and shows sky; and what tells of snow.

    `snowy` is how likely kinds are that are seen in snow alone, `white` the white share of the
    lower half.
    """

    snowy: float
    white: float
    outdoors: float
    sky: float

    @property
    def is_snow(self) -> bool:
        """Whether snow is told."""
        return self.snowy >= _LEAST_MASS and self.white >= _LEAST_WHITE

    @property
    def place(self) -> str:
        """Give "outdoors" or "indoors"; "" where neither is sure."""
        if self.outdoors >= _OUTDOORS or self.is_snow:
            return "outdoors"
        return "indoors" if self.outdoors <= _INDOORS else ""

    @property
    def shows_sky(self) -> bool | None:
        """Whether there is sky; None where that is not sure."""
        if self.sky >= _SKY:
            return True
        return False if self.sky <= _NO_SKY else None


def scene(
    vocabulary: Vocabulary,
    probabilities: NDArray[np.float32],
    pixels: NDArray[np.uint8],
    things: Collection[str],
) -> Scene:
    """Measure one picture of shape (height, width, 3), with the names of the things found in it."""
    snowy = [i for i, (name, _) in enumerate(vocabulary.classes) if name in _SNOWY]
    lower = pixels[pixels.shape[0] // 2 :]
    step = max(1, max(lower.shape[:2]) // 256)
    seen = cv2.cvtColor(np.ascontiguousarray(lower[::step, ::step]), cv2.COLOR_RGB2HSV)
    white = (seen[:, :, 1] < _PALE) & (seen[:, :, 2] > _BRIGHT)
    # Of a picture without colours half of what they weigh is missing: it tells neither.
    outdoors = sky = 0.5
    if _is_coloured(pixels):
        measured = features(vocabulary, probabilities, pixels, things)
        outdoors, sky = (float(1 / (1 + np.exp(-measured @ _weights()[name]))) for name in NAMES)
    return Scene(float(probabilities[snowy].sum()), float(white.mean()), outdoors, sky)


NAMES = ("outdoors", "sky")
COUNT = 25 + len(_BROAD)  # of features


def features(
    vocabulary: Vocabulary,
    probabilities: NDArray[np.float32],
    pixels: NDArray[np.uint8],
    things: Collection[str],
) -> NDArray[np.float64]:
    """Measure what the regressions weigh; the first is 1.

    Shares of colours stand for the top, the middle and the bottom third each.
    """
    small = cv2.resize(pixels, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    hue, saturation, value = np.moveaxis(cv2.cvtColor(small, cv2.COLOR_RGB2HSV).astype(int), 2, 0)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(float)
    smooth = np.ones((_SIDE, _SIDE), bool)
    smooth[:, 1:] = np.abs(np.diff(grey, axis=1)) < _SMOOTH
    blue = (hue > 90) & (hue < 130) & (saturation > 40) & (value > 80)
    green = (hue > 30) & (hue < 85) & (saturation > 50) & (value > 40)
    pale = (saturation < 50) & (value > 170)
    warm = ((hue < 22) | (hue > 170)) & (saturation > 50)
    dark = value < 50
    made = [1.0]
    for mask in (blue, green, pale, warm, dark):
        made += [float(third.mean()) for third in np.split(mask, 3)]
    top, _, bottom = np.split(smooth, 3)
    made += [float((mask & smooth)[: _SIDE // 3].mean()) for mask in (blue, pale)]
    made += [float(grey.mean() / 255), float(saturation.mean() / 255)]
    made += [float(top.mean()), float(bottom.mean())]
    inside = sum(name in INDOOR_THINGS for name in things)
    made += [float(inside > 0), float(any(name in OUTDOOR_THINGS for name in things)), inside / 3]
    made += [float(probabilities[members].sum()) for members in _members(vocabulary)]
    return np.array(made)


def _is_coloured(pixels: NDArray[np.uint8]) -> bool:
    small = cv2.resize(pixels, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    return float(np.ptp(small.astype(int), axis=2).mean()) >= _GREY


def over(scenes: Sequence[Scene]) -> Scene | None:
    """Average the scenes of a film's frames; None of none."""
    if not scenes:
        return None
    told = np.mean([(s.snowy, s.white, s.outdoors, s.sky) for s in scenes], axis=0)
    return Scene(*map(float, told))


@cache
def _weights() -> dict[str, NDArray[np.float64]]:
    return {name: np.array(told) for name, told in json.loads(_FILE.read_text("utf-8")).items()}


def _members(vocabulary: Vocabulary) -> tuple[NDArray[np.intp], ...]:
    return tuple(vocabulary.members(word) for word in _BROAD)

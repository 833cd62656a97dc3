"""Things in a picture: kind, place, how sure; and what the whole is a picture of.

A detector proposes things of 80 kinds. It knows no others, and takes a tiger shark for an
airplane, so a classifier of 1,000 kinds looks at what it proposes; what becomes of both is how
likely the thing is what it is called. The bounds and weights are those that `training/eyes`
calibrated, on one half of the pictures with which `bench/eyes.py` measures.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from sightline import allocator
from sightline.perception.colours import Colour
from sightline.perception.look import insets
from sightline.perception.neural_networks import Classifier, Detector, Pixels
from sightline.perception.rows import Box
from sightline.perception.scene import Scene, scene
from sightline.perception.shapes import shapes
from sightline.perception.thing_colour import colour_of
from sightline.perception.vocabulary import ThingKind, Vocabulary, vocabulary
from sightline.workers import Stop

log = logging.getLogger("sightline.perception")

_PROPOSED = 0.12  # score from which on the detector's boxes are looked at
_SAME, _SAME_PLACE = 0.5, 0.75  # overlap of two boxes of one kind, and of two kinds
# Share of a box within another of its kind from which on it is a part of that; if one is a tile's.
_PART, _PART_OF_WHOLE = 0.7, 0.5
_TILE = 0.6  # of each side; four of them overlap
_RIM = 0.02  # of a tile: what reaches its inner rim is cut off there
_TILED_FROM = 360  # pixels of the longer side; smaller pictures have nothing more to show
_PANORAMA, _MOST_PIECES = 3, 8  # sides to one from which on a picture is seen in pieces; of those
_MOST_CHECKED = 4
_LEAST_CHECKED = 0.015  # share of the picture
_AROUND = 0.08  # of a box, on each side, for the classifier
_MOST_THINGS = 60
_BLOCK, _NOISE = 8, 0.25  # pixels; share of the contrast that is left where there is no noise
_SURE = 0.55  # probability from which on a thing is told
_DOUBTFUL = 0.1  # from which on its absence is not told


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing that was found. `box` is in pixels of the picture, `probability` calibrated.

    `finer` is a narrower name where the classifier is sure of one ("beagle" of a dog).
    """

    kind: ThingKind
    probability: float
    box: Box
    share: float
    colour: Colour | None
    finer: str = ""

    @property
    def name(self) -> str:
        """What it is called."""
        return self.kind.name


@dataclass(frozen=True)
class Kinds:
    """What the whole picture may be of, from the classifier."""

    vocabulary: Vocabulary
    probabilities: NDArray[np.float32]

    @cached_property
    def best(self) -> tuple[str, float] | None:
        """The narrowest kind that is sure enough, and its probability."""
        return narrowest(self.vocabulary, self.probabilities, _SURE_KIND)

    def mass(self, word: str) -> float:
        """Say how likely the picture is of a kind that a word names; 0 for unknown words."""
        return mass(self.vocabulary, self.probabilities, word)


_SURE_KIND = 0.7


def narrowest(
    vocabulary: Vocabulary, probabilities: NDArray[np.float32], bound: float
) -> tuple[str, float] | None:
    """Name the narrowest kind whose probability reaches a bound: a class, or the sum of several."""
    top = int(probabilities.argmax())
    if probabilities[top] >= bound:
        return vocabulary.classes[top][0], float(probabilities[top])
    best: tuple[int, str, float] | None = None
    for node in vocabulary.nodes:
        if node.name and (best is None or len(node.members) < best[0]):
            found = float(probabilities[node.members].sum())
            if found >= bound:
                best = len(node.members), node.name, found
    return None if best is None else best[1:]


def mass(vocabulary: Vocabulary, probabilities: NDArray[np.float32], word: str) -> float:
    """Sum the probabilities of all classes that a word names, alone or as a broader kind."""
    return float(probabilities[vocabulary.members(word)].sum())


@dataclass(frozen=True)
class Sighting:
    """What the eyes see.

    `perhaps` are those that may be there, which are not told. `kinds` is None where there is no
    classifier. `drawn` marks the shapes of a plain drawing, of which none is missed. `within` are
    the photographs on a page of text, in which alone was looked; empty for a photograph.
    """

    things: tuple[Thing, ...]
    kinds: Kinds | None
    perhaps: tuple[Thing, ...] = ()
    scene: Scene | None = None
    drawn: bool = False
    within: tuple[Box, ...] = ()

    @property
    def best(self) -> tuple[str, float] | None:
        """The narrowest kind of the whole that is sure enough, and its probability."""
        return None if self.kinds is None else self.kinds.best

    @property
    def doubtful(self) -> frozenset[str]:
        """Kinds of which something may be there, of which nothing is told."""
        told = {thing.name for thing in self.things}
        return frozenset(thing.name for thing in self.perhaps if thing.name not in told)

    @property
    def is_snow(self) -> bool:
        """Whether snow is seen."""
        return self.scene is not None and self.scene.is_snow


def drawn(pixels: Pixels) -> Sighting | None:
    """Give the shapes of a plain drawing as things; None of any other picture."""
    height, width = pixels.shape[:2]
    nothing = np.empty(0, np.intp)
    found = tuple(
        Thing(
            ThingKind(shape.kind, frozenset((shape.kind,)), frozenset(("shape",)), nothing),
            1.0,
            shape.box,
            shape.box.width * shape.box.height / (width * height),
            shape.colour,
        )
        for shape in shapes(pixels)
    )
    return Sighting(found, None, drawn=True) if found else None


def _is_noise(pixels: Pixels) -> bool:
    """Say whether nothing is left of a picture once neighbours are averaged: networks see birds."""
    grey = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY)
    size = max(1, grey.shape[1] // _BLOCK), max(1, grey.shape[0] // _BLOCK)
    rest = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    return float(rest.std()) < _NOISE * float(grey.std())


class Eyes:
    """Both networks, or neither where weights are missing; usable from several threads."""

    def __init__(self, threads: int) -> None:
        self._vocabulary = vocabulary()
        self._detector: Detector | None = None
        self._classifier: Classifier | None = None
        if self._vocabulary is None:
            log.warning("the weights of the eyes are missing or damaged: things are not seen")
            return
        from sightline_weights import FOLDER

        try:
            self._classifier = Classifier(FOLDER, self._vocabulary, threads)
        except Exception:  # noqa: BLE001 - as above
            log.warning("the classifier's weights are missing or damaged: kinds are not told apart")
        allocator.trim()  # to load a network takes twice its size
        try:
            self._detector = Detector(FOLDER, self._vocabulary, threads)
        except Exception:  # noqa: BLE001 - the runtime raises its own for a damaged file
            log.warning("the detector's weights are missing or damaged: things are not seen")
        allocator.trim()

    @property
    def can_see(self) -> bool:
        """Whether the detector is there, without which nothing is seen."""
        return self._detector is not None

    @property
    def knows_kinds(self) -> bool:
        """Whether the classifier is there, which tells kinds apart."""
        return self._classifier is not None

    def see(
        self, pixels: Pixels, *, closely: bool, stop: Stop, only: tuple[Box, ...] = ()
    ) -> Sighting:
        """Look at RGB pixels; `closely` at tiles as well, which shows smaller things.

        `only` are the photographs on a page of text, beside which nothing is looked at.
        """
        if self._vocabulary is None or self._detector is None or _is_noise(pixels):
            return Sighting((), None)
        within = only or insets(pixels)
        views = views_of(pixels, within, closely=closely, only=bool(only))
        proposed = propose(self._detector, self._vocabulary, pixels, views, stop=stop)
        stop.check()
        checked = to_check(proposed, pixels.shape[0] * pixels.shape[1])
        kinds, shows = None, None
        if self._classifier is not None:
            whole = _cut(pixels, within[0]) if len(within) == 1 else pixels
            crops = [whole, *(around(pixels, proposed[i].box) for i in checked)]
            told = self._classifier.probabilities(crops)
            if len(only) < 2:
                kinds = Kinds(self._vocabulary, told[0])
            for row, i in enumerate(checked, 1):
                proposed[i] = judged(self._vocabulary, proposed[i], told[row])
        sure = [p for p in proposed if probability(p) >= _SURE][:_MOST_THINGS]
        height, width = pixels.shape[:2]
        found = tuple(_thing(pixels, width * height, self._vocabulary, p) for p in sure)
        if kinds is not None and not only:
            names = [thing.name for thing in found]
            shows = scene(self._vocabulary, kinds.probabilities, pixels, names)
        doubtful = [p for p in proposed if _DOUBTFUL <= probability(p) < _SURE][:_MOST_THINGS]
        perhaps = tuple(_thing(pixels, width * height, self._vocabulary, p) for p in doubtful)
        return Sighting(found, kinds, perhaps, shows, within=only)

    def people(self, pixels: Pixels, stop: Stop) -> list[Box]:
        """Give boxes around all that may be people, in pixels; rather too many than too few.

        Only where the detector can see.
        """
        assert self._detector is not None  # noqa: S101 - whoever asks has asked `can_see`
        found: list[Box] = []
        for x, y, wide, high, _ in views_of(pixels, insets(pixels), closely=True):
            stop.check()
            where, told = self._detector.find(pixels[y : y + high, x : x + wide])
            kept = np.clip(where[told[:, _PERSON] >= _PROPOSED], 0, 1)
            found += [
                Box(*map(float, box)) for box in kept * (wide, high, wide, high) + (x, y, x, y)
            ]
        return _outermost(found)


_PERSON = 1


def _outermost(boxes: Sequence[Box]) -> list[Box]:
    """Leave out boxes that lie wholly, but for a few pixels, in one that is kept."""
    kept: list[Box] = []
    for box in sorted(boxes, key=lambda b: -b.width * b.height):
        near = max(2.0, 0.02 * max(box.width, box.height))
        if not any(
            other.x0 - near <= box.x0
            and other.y0 - near <= box.y0
            and other.x1 + near >= box.x1
            and other.y1 + near >= box.y1
            for other in kept
        ):
            kept.append(box)
    return kept


class Crop(NamedTuple):
    """A part of a picture to look at, in pixels. `cuts` says that things may go on beyond it."""

    x: int
    y: int
    width: int
    height: int
    cuts: bool = True


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the detector proposes, and what the classifier says of it, if it was asked.

    `same` is the probability of the classes that are of its kind, `other` the highest of one that
    is not; `known` whether the classifier knows the kind at all.
    """

    number: int
    score: float
    box: Box
    closely: bool = False
    checked: bool = False
    known: bool = False
    same: float = 0.0
    other: float = 0.0
    finer: str = ""


def to_check(proposed: list[Proposal], area: int) -> list[int]:
    """Choose, of proposals in a picture of `area` pixels, those that the classifier looks at."""
    large = [
        (p.box.width * p.box.height, i)
        for i, p in enumerate(proposed)
        if p.number != _PERSON and p.box.width * p.box.height >= _LEAST_CHECKED * area
    ]
    return [i for _, i in sorted(large, reverse=True)[:_MOST_CHECKED]]


def _cut(pixels: Pixels, box: Box) -> Pixels:
    return pixels[round(box.y0) : round(box.y1), round(box.x0) : round(box.x1)]


def propose(
    detector: Detector,
    vocabulary: Vocabulary,
    pixels: Pixels,
    views: Sequence[Crop],
    *,
    stop: Stop,
) -> list[Proposal]:
    """Find what may be a thing in views of a picture, the surest first."""
    height, width = pixels.shape[:2]
    numbers = np.array(sorted(vocabulary.things))
    boxes, kinds, scores = [], [], []
    for x, y, wide, high, cuts in views:
        stop.check()
        where, told = detector.find(pixels[y : y + high, x : x + wide])
        told = told[:, numbers]
        best = told.max(axis=1)
        where = np.clip(where, 0, 1)
        kept = best >= _PROPOSED
        # What reaches the rim of a tile goes on beyond it, unless the picture ends there too.
        if cuts:
            kept &= (x == 0) | (where[:, 0] > _RIM)
            kept &= (y == 0) | (where[:, 1] > _RIM)
            kept &= (x + wide == width) | (where[:, 2] < 1 - _RIM)
            kept &= (y + high == height) | (where[:, 3] < 1 - _RIM)
        boxes.append(where[kept] * (wide, high, wide, high) + (x, y, x, y))
        kinds.append(told[kept].argmax(axis=1))
        scores.append(best[kept])
    all_boxes, all_kinds = np.concatenate(boxes), np.concatenate(kinds)
    all_scores = np.concatenate(scores)
    found = []
    for i in _distinct(all_boxes, all_kinds, all_scores, len(scores[0])):
        box = Box(*map(float, all_boxes[i]))
        number = int(numbers[all_kinds[i]])
        found.append(Proposal(number, float(all_scores[i]), box, len(views) > 1))
    return found


def views_of(
    pixels: Pixels, within: Sequence[Box] = (), *, closely: bool, only: bool = False
) -> list[Crop]:
    """List the parts to look at: whole, tiles, pieces, photographs `within`, or these `only`."""
    height, width = pixels.shape[:2]
    single = [
        Crop(round(b.x0), round(b.y0), round(b.width), round(b.height), cuts=False) for b in within
    ]
    if only:
        return single
    views = [Crop(0, 0, width, height)]
    if closely and max(height, width) >= _TILED_FROM:
        wide, high = round(width * _TILE), round(height * _TILE)
        views += [Crop(x, y, wide, high) for y in (0, height - high) for x in (0, width - wide)]
    return views + _along(width, height) + single


def _along(width: int, height: int) -> list[Crop]:
    """Part a panorama into pieces that overlap: as a whole its things are too small to be seen."""
    long, short = max(width, height), min(width, height)
    if long < _PANORAMA * short:
        return []
    count = min(_MOST_PIECES, math.ceil(long / (1.5 * short)))
    size = min(long, round(1.4 * long / count))
    starts = [round(at * (long - size) / max(1, count - 1)) for at in range(count)]
    if width >= height:
        return [Crop(at, 0, size, height) for at in starts]
    return [Crop(0, at, width, size) for at in starts]


def judged(
    vocabulary: Vocabulary, proposal: Proposal, probabilities: NDArray[np.float32]
) -> Proposal:
    """Put to a proposal what the classifier says of its box."""
    kind = vocabulary.things[proposal.number]
    others = probabilities.copy()
    others[kind.classes] = 0
    same = probabilities[kind.classes]
    finer = ""
    if len(same) > 1 and same.max() >= _SURE_KIND:
        finer = vocabulary.classes[int(kind.classes[int(same.argmax())])][0]
    return replace(
        proposal,
        checked=True,
        known=len(kind.classes) > 0,
        same=float(same.sum()),
        other=float(others.max()),
        finer="" if finer == kind.name else finer,
    )


def features(proposal: Proposal) -> tuple[float, ...]:
    """Give what `probability` weighs: the detector's score and what the classifier says."""
    unknown = proposal.checked and not proposal.known
    return (
        1.0,
        _logit(proposal.score),
        float(proposal.closely),
        float(proposal.number == _PERSON),
        float(proposal.checked and proposal.known),
        float(unknown),
        _logit(proposal.same) if proposal.checked and proposal.known else 0.0,
        _logit(proposal.other) if proposal.checked and proposal.known else 0.0,
        _logit(proposal.other) if unknown else 0.0,
    )


# Of `features`, by logistic regression: `python -m training.eyes.calibrate`.
WEIGHTS = (0.23, 0.749, -0.007, 0.793, -0.709, -1.286, 0.423, -0.997, 0.151)


def probability(proposal: Proposal) -> float:
    """Say how likely a proposal is right, 0 to 1."""
    told = sum(w * f for w, f in zip(WEIGHTS, features(proposal), strict=True))
    return float(1 / (1 + np.exp(-told)))


def _logit(share: float) -> float:
    held = min(max(share, 0.002), 0.998)
    return float(np.log(held / (1 - held)))


def _distinct(
    boxes: NDArray[np.float64], kinds: NDArray[np.intp], scores: NDArray[np.float32], whole: int
) -> list[int]:
    """Choose of boxes on one place the surest (non-maximum suppression).

    The first `whole` are of the whole picture, the others of tiles.
    """
    kept: list[int] = []
    areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    for i in map(int, np.argsort(-scores, kind="stable")[:400]):
        if not kept:
            kept.append(i)
            continue
        others = boxes[kept]
        low, high = np.maximum(others[:, :2], boxes[i, :2]), np.minimum(others[:, 2:], boxes[i, 2:])
        shared = np.prod(np.clip(high - low, 0, None), axis=1)
        overlap = shared / np.maximum(areas[kept] + areas[i] - shared, 1e-9)
        # A part of a thing is no other, least of all where a tile shows what was found whole.
        bound = np.where((np.array(kept) < whole) == (i < whole), _PART, _PART_OF_WHOLE)
        within = shared / np.maximum(np.minimum(areas[kept], areas[i]), 1e-9) > bound
        same = kinds[kept] == kinds[i]
        if not ((same & ((overlap > _SAME) | within)) | (overlap > _SAME_PLACE)).any():
            kept.append(i)
    return kept


def around(pixels: Pixels, box: Box) -> Pixels:
    """Cut out a thing as a square with something around it, as far as there is."""
    height, width = pixels.shape[:2]
    half = max(box.width, box.height) * (0.5 + _AROUND)
    x, y = box.centre
    x0, y0 = max(0, round(x - half)), max(0, round(y - half))
    x1, y1 = min(width, max(x0 + 1, round(x + half))), min(height, max(y0 + 1, round(y + half)))
    return pixels[y0:y1, x0:x1]


def _thing(pixels: Pixels, area: int, vocabulary: Vocabulary, proposal: Proposal) -> Thing:
    box = proposal.box
    share = box.width * box.height / area
    return Thing(
        vocabulary.things[proposal.number], probability(proposal), box, share,
        colour_of(pixels, box),
        proposal.finer,
    )  # fmt: skip

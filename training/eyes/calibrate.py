"""Weigh what the detector and the classifier say, so that probabilities are those of being right.

    python -m training.eyes.calibrate --photos FOLDER --singles FOLDER

`--photos` has COCO pictures with `labels.json`, `--singles` pictures of one kind each, named by its
synset. Of both every other picture is used, those at even places by name; `bench/eyes.py` measures
on the rest. Prints the weights for `sightline/perception/things.py`, and how well they fit.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.photographs import Photograph, overlap, photographs, read_pixels
from sightline.perception import things
from sightline.perception.neural_networks import Classifier, Detector
from sightline.perception.things import Proposal, features, judged, propose
from sightline.perception.vocabulary import Vocabulary, vocabulary
from sightline.workers import Stop

# Of these there may be one in a picture that is named after something else.
_BESIDE = frozenset(
    ("person", "dining table", "chair", "couch", "bed", "bench", "tie", "potted plant")
)
_LARGE = 0.2  # share from which on a proposal is about what a picture is named after


def _proposals(
    detector: Detector,
    classifier: Classifier,
    known: Vocabulary,
    pixels: NDArray[np.uint8],
    *,
    closely: bool,
) -> list[Proposal]:
    views = things.views_of(pixels, closely=closely)
    found = propose(detector, known, pixels, views, stop=Stop())
    area = pixels.shape[0] * pixels.shape[1]
    checked = things.to_check(found, area)
    if checked:
        told = classifier.probabilities([things.around(pixels, found[i].box) for i in checked])
        for row, i in enumerate(checked):
            found[i] = judged(known, found[i], told[row])
    return found


def _is_right(known: Vocabulary, proposal: Proposal, photograph: Photograph) -> bool:
    name = known.things[proposal.number].name
    return any(
        thing.name == name and (thing.crowd or overlap(tuple(proposal.box), thing.box) >= 0.4)
        for thing in photograph.things
    )


def _cases(photos: Path, singles: Path) -> Iterator[tuple[tuple[float, ...], bool]]:
    from sightline_weights import FOLDER

    known = vocabulary()
    assert known is not None
    detector, classifier = Detector(FOLDER, known, 2), Classifier(FOLDER, known, 2)
    for photograph in photographs(photos)[::2]:
        for closely in (False, True):
            for one in _proposals(
                detector, classifier, known, photograph.pixels(), closely=closely
            ):
                yield features(one), _is_right(known, one, photograph)
    for file in sorted(singles.glob("*.jpg"))[::2]:
        synset = file.name.split("_")[0]
        number = next(i for i, id in enumerate(known.ids) if id == synset)
        pixels = read_pixels(file)
        for one in _proposals(detector, classifier, known, pixels, closely=False):
            kind = known.things[one.number]
            share = one.box.width * one.box.height / (pixels.shape[0] * pixels.shape[1])
            if share >= _LARGE and kind.name not in _BESIDE:
                yield features(one), number in kind.classes


def fit(
    rows: NDArray[np.float64], right: NDArray[np.float64], penalty: float = 1.0
) -> NDArray[np.float64]:
    """Fit a logistic regression by Newton's method, with a quadratic penalty on all but the first."""
    weights = np.zeros(rows.shape[1])
    held = np.full(rows.shape[1], penalty)
    held[0] = 1e-6
    for _ in range(50):
        told = 1 / (1 + np.exp(-rows @ weights))
        slope = rows.T @ (right - told) - held * weights
        bend = (rows * (told * (1 - told))[:, None]).T @ rows + np.diag(held)
        step = np.linalg.solve(bend, slope)
        weights += step
        if np.abs(step).max() < 1e-8:
            break
    return weights


def main() -> None:
    """Print the weights."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--singles", type=Path, required=True)
    args = parser.parse_args()
    cases = list(_cases(args.photos, args.singles))
    rows, right = np.array([c[0] for c in cases]), np.array([c[1] for c in cases], float)
    weights = fit(rows, right)
    told = 1 / (1 + np.exp(-rows @ weights))
    print(f"{len(rows)} proposals, {right.mean():.0%} of them right")
    for low in np.arange(0, 1, 0.1):
        here = (told >= low) & (told < low + 0.1)
        if here.any():
            print(f"  {low:.1f} to {low + 0.1:.1f}: {right[here].mean():.2f} of {here.sum()}")
    print("WEIGHTS =", tuple(round(float(w), 3) for w in weights))


if __name__ == "__main__":
    main()

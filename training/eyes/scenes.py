"""Fit what tells indoors from outdoors, and whether there is sky.

    python -m training.eyes.scenes --photos FOLDER --singles FOLDER

`scenes.json` beside this file holds what a person said of each picture: `out` or `in` (nothing where
it cannot be told), and whether at least a twentieth of it is sky (null in doubt). Pictures at even
places by name are fitted on, the others told. Writes `sightline/perception/scene.json`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bench.photographs import read_pixels
from sightline.media.image import shrink
from sightline.perception import scene
from sightline.perception.things import Eyes
from sightline.perception.vocabulary import vocabulary
from sightline.workers import Stop
from training.eyes.calibrate import fit

LABELS = Path(__file__).with_name("scenes.json")
OUT = Path(scene.__file__).with_name("scene.json")
_SIDE = 512  # pixels, as `detail: low` has them
_PENALTY = 3.0


def labelled(folders: dict[str, Path]) -> Iterator[tuple[Path, bool, dict[str, bool | None]]]:
    """Give each picture, whether it is one to fit on, and what is true of it."""
    said = json.loads(LABELS.read_text("utf-8"))
    for name, folder in folders.items():
        for place, (file, told) in enumerate(sorted(said[name].items())):
            where = {"out": True, "in": False}.get(told[0])
            yield folder / file, place % 2 == 0, {"outdoors": where, "sky": told[1]}


def main() -> None:
    """Fit, print how sure the told half is, write the weights."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--singles", type=Path, required=True)
    args = parser.parse_args()
    known, eyes = vocabulary(), Eyes(2)
    assert known is not None
    # The eyes measure scenes too, with what is here; it may have been for other features.
    OUT.write_text(json.dumps(dict.fromkeys(scene.NAMES, [0.0] * scene.COUNT)), "utf-8")
    rows = []
    for file, fits, truth in labelled({"photos": args.photos, "singles": args.singles}):
        pixels = read_pixels(file)
        scale = min(1.0, _SIDE / max(pixels.shape[:2]))
        size = round(pixels.shape[1] * scale), round(pixels.shape[0] * scale)
        small = shrink(pixels, size)
        seen = eyes.see(small, closely=False, stop=Stop())
        assert seen.kinds is not None
        names = [thing.name for thing in seen.things]
        measured = scene.features(known, seen.kinds.probabilities, small, names)
        rows.append((measured, fits, truth))
    made = {}
    for name in scene.NAMES:
        sure = [(m, fits, truth[name]) for m, fits, truth in rows if truth[name] is not None]
        fitted = np.array([m for m, fits, _ in sure if fits])
        right = np.array([t for _, fits, t in sure if fits], float)
        middle, spread = fitted.mean(axis=0), fitted.std(axis=0) + 1e-6
        middle[0], spread[0] = 0.0, 1.0
        scaled = fit((fitted - middle) / spread, right, _PENALTY)
        weights = scaled / spread
        weights[0] -= float(scaled[1:] @ (middle[1:] / spread[1:]))
        others = np.array([m for m, fits, _ in sure if not fits])
        truth = np.array([t for _, fits, t in sure if not fits], float)
        told = 1 / (1 + np.exp(-others @ weights))
        print(f"{name}: {len(truth)} told, {truth.mean():.0%} of them so")
        for low in (0.0, 0.08, 0.15, 0.3, 0.5, 0.7, 0.75, 0.8, 0.9):
            yes, no = told >= low, told <= low
            print(
                f"  from {low:.2f} on: {truth[yes].mean():.2f} of {yes.sum()};"
                f" up to it: {truth[no].mean() if no.any() else 0:.2f} of {no.sum()}"
            )
        made[name] = [round(float(w), 4) for w in weights]
    OUT.write_text(json.dumps(made) + "\n", "utf-8")


if __name__ == "__main__":
    main()

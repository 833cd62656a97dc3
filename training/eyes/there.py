"""Weigh how likely a kind of thing is in a picture at all, by the surest thing found of it.

    python -m training.eyes.there --photos FOLDER

That of several things one is right is likelier than that the surest is. `--photos` has COCO pictures
with `labels.json`; those at even places by name are weighed, the others measured. Prints the weights
for `sightline/engines/embedded/eyes/likelihood.py`.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bench.photographs import photographs
from sightline.perception.things import Eyes
from sightline.perception.vocabulary import vocabulary
from sightline.workers import Stop
from training.eyes.calibrate import fit

_BINS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
Case = tuple[float, bool, bool]


def cases(photos: Path, *, held_out: bool) -> Iterator[Case]:
    """Give for each kind in each picture, at both details, the surest and whether it was marked.

    The last says whether anything was found that may be one.
    """
    known, eyes = vocabulary(), Eyes(2)
    assert known is not None
    for photograph in photographs(photos)[1 if held_out else 0 :: 2]:
        marked = {thing.name for thing in photograph.things}
        for closely in (False, True):
            seen = eyes.see(photograph.pixels(), closely=closely, stop=Stop())
            for kind in known.things.values():
                found = [t.probability for t in (*seen.things, *seen.perhaps) if t.kind is kind]
                yield max(found, default=0.0), kind.name in marked, bool(found)


def main() -> None:
    """Print the weights, and how they fit pictures that were not weighed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--photos", type=Path, required=True)
    args = parser.parse_args()
    weighed = list(cases(args.photos, held_out=False))
    found = [(p, there) for p, there, any_ in weighed if any_]
    rows = np.array([[1.0, np.log(p / (1 - p))] for p, _ in found])
    weights = fit(rows, np.array([there for _, there in found], float))
    unseen = [there for _, there, any_ in weighed if not any_]
    missed = (sum(unseen) + 1) / (len(unseen) + 2)
    print(f"WEIGHTS = {tuple(round(float(w), 3) for w in weights)}")
    print(f"MISSED = {missed:.4f}  # {sum(unseen)} of {len(unseen)}")
    held = list(cases(args.photos, held_out=True))
    told = [
        (1 / (1 + np.exp(-(weights[0] + weights[1] * np.log(p / (1 - p))))), there)
        for p, there, any_ in held
        if any_
    ]
    for low, high in zip(_BINS, _BINS[1:], strict=False):
        here = [(p, there) for p, there in told if low <= p < high]
        if here:
            mean, right = (sum(v[i] for v in here) / len(here) for i in (0, 1))
            print(f"  {low:.1f} to {high:.1f}: told {mean:.2f}, there {right:.2f} of {len(here)}")
    left = [there for _, there, any_ in held if not any_]
    print(f"  nothing found: there {sum(left)} of {len(left)}")


if __name__ == "__main__":
    main()

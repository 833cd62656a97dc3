"""Fit how likely a value that the ear reads is the right one of several choices.

    python -m training.ear.deciding

Asks as `bench/decisions.py` does, about the kinds of page between those that it measures, and prints
the weights for `sightline/engines/embedded/deciding.py`.
"""

from __future__ import annotations

import math

import numpy as np

from bench.decisions import choices, pages
from sightline.engines.embedded import deciding, words
from training.ear.bounds import fitted


def main() -> None:
    """Print the weights."""
    told: list[list[float]] = []
    right: list[bool] = []
    for exhibit, asked in pages(measured=False):
        for each, labels in choices(asked):
            found = deciding.read(each.text.rstrip("?.! "), exhibit)
            if found is None:
                continue
            value, sure, _ = found
            held = min(max(sure, 0.001), 0.999)
            if words.squash(value) in {words.squash(label) for label in labels}:
                told.append([1.0, math.log(held / (1 - held))])
                right.append(words.squash(value) in {words.squash(v) for v in each.right[0]})
    counts = np.ones(len(right))
    weights = fitted(np.array(told), np.array(right, float), counts)
    print(f"QUOTED = {tuple(round(float(w), 3) for w in weights)}  # {sum(right)} of {len(right)}")


if __name__ == "__main__":
    main()

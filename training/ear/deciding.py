"""Fit how likely what the ear reads on a page is right, for decisions.

    python -m training.ear.deciding

Asks as `bench/decisions.py` does, about the kinds of page between those that it measures, and prints
the weights for `sightline/engines/embedded/deciding.py`: of values as choices, and of yes or no.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from bench.decisions import Page, choices, pages
from sightline.engines.embedded import deciding, languages, words
from training.ear.bounds import fitted

_Row = tuple[Sequence[float], bool]  # what tells how likely it is right, and whether it is


def quoted(page: Page) -> Iterator[_Row]:
    """Give a row for each value that is read and is among the choices."""
    for each, labels in choices(page.values):
        found = deciding.read(each.text.rstrip("?.! "), page.exhibit)
        if found is None:
            continue
        value, sure, _ = found
        if words.squash(value) in {words.squash(label) for label in labels}:
            right = words.squash(value) in {words.squash(v) for v in each.right[0]}
            yield (1.0, deciding.log_odds(sure)), right


def judged(page: Page) -> Iterator[_Row]:
    """Give a row for each predicate to which the ear says yes or no."""
    for text, so in page.predicates:
        plain = languages.english(words.tidy(text)).strip().rstrip("?.! ")
        found = deciding.judged(plain, page.exhibit)
        if found is not None:
            yield found[0].features, found[0].so is so


def weights(rows: Sequence[_Row]) -> str:
    """Fit the weights, and write them with how many rows are right."""
    told, right = zip(*rows, strict=True)
    found = fitted(np.array(told), np.array(right, float), np.ones(len(right)))
    return f"{tuple(round(float(w), 3) for w in found)}  # {sum(right)} of {len(right)}"


def main() -> None:
    """Print the weights."""
    values, predicates = list[_Row](), list[_Row]()
    for page in pages(measured=False):
        values += quoted(page)
        predicates += judged(page)
    print(f"QUOTED = {weights(values)}")
    print(f"JUDGED = {weights(predicates)}")


if __name__ == "__main__":
    main()

"""The cell of a table that a question means by the head of its column.

Numbers of one row look alike, and the network parts what it believes among them: "How much salt per
100 g?" of a table with a column for 30 g beside it. Where the question names one head alone, it means
that column.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sightline.engines.embedded import words
from sightline.engines.embedded.ear.facts import Fact, by_row

Scores = NDArray[np.float64]
_NEVER = -30.0  # a logit


def by_column(question: str, told: Sequence[Fact], scores: Scores) -> Scores:
    """Give the facts' scores, logits, with those of one row at the column that the question names."""
    asked = [word for word in words.tokens(question) if word not in words.STOP]
    numbers = {id(fact): number for number, fact in enumerate(told)}
    known: dict[tuple[str, ...], int | None] = {}  # the rows of a table have the same heads
    made = scores
    for row in by_row(told).values():
        alike = [
            fact for fact in row if {"label", "column"} <= fact.around.keys() and _digits(fact)
        ]
        heads = tuple(fact.around["column"] for fact in alike)
        if heads not in known:
            known[heads] = _named(asked, heads)
        if (named := known[heads]) is None:
            continue
        if made is scores:
            made = scores.copy()
        these = [numbers[id(fact)] for fact in alike]
        whole = float(np.logaddexp.reduce(scores[these]))
        made[these] = _NEVER
        made[these[named]] = whole
    return made


def _digits(fact: Fact) -> bool:
    return any(sign.isdigit() for sign in fact.text)


def _named(asked: Sequence[str], heads: Sequence[str]) -> int | None:
    """Say which of some heads is named by a word that the others lack; None unless it is one."""
    if len(heads) < 2:
        return None
    split = [set(words.tokens(head)) - words.STOP for head in heads]
    shared = set.intersection(*split)
    found = [
        number
        for number, head in enumerate(split)
        if any(_same(word, token) for token in head - shared for word in asked)
    ]
    return found[0] if len(found) == 1 else None


def _same(one: str, other: str) -> bool:
    digits = one.isdigit() or other.isdigit()
    return one == other if digits else words.alike(one, other)

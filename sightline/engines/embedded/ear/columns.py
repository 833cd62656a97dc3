"""The cell of a table that a question means by the head of its column.

Numbers of one row look alike, and the network parts what it believes among them: "How much salt per
100 g?" of a table with a column for 30 g beside it. Where the question names one head alone, it means
that column.
"""

from __future__ import annotations

import re
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
    much = _HOW_MUCH.search(question) is not None
    comes_to = much and EACH.search(question) is None
    of_one = much and _FOR_ONE.search(question) is not None
    numbers = {id(fact): number for number, fact in enumerate(told)}
    known: dict[tuple[str, ...], tuple[list[int], list[int]]] = {}  # rows of a table share heads
    made = scores
    for row in by_row(told).values():
        alike = [
            fact for fact in row if {"label", "column"} <= fact.around.keys() and _digits(fact)
        ]
        heads = tuple(fact.around["column"] for fact in alike)
        if heads not in known:
            known[heads] = _meant(asked, heads, comes_to=comes_to, of_one=of_one)
        named, unnamed = known[heads]
        if named and _is_row(row, [word for word in asked if _names(word, heads, named)]):
            named = []  # "the base charge" names a row, no column of charges
        found = named or unnamed
        if len(found) != 1:
            continue
        if made is scores:
            made = scores.copy()
        these = [numbers[id(fact)] for fact in alike]
        whole = float(np.logaddexp.reduce(scores[these]))
        made[these] = _NEVER
        made[these[found[0]]] = whole
    return made


_RESULT = re.compile(r"(?:your |test )?results?\W*", re.IGNORECASE)
_HOW_MUCH = re.compile(
    r"\bhow much\b|\bcosts?\b|\bpaid\b|\bpay\b|\bprices?d?\b|\b(?:charge|want|ask|take)\b",
    re.IGNORECASE,
)
_FOR_ONE = re.compile(
    r"\b(?:each|apiece|a piece|per (?:piece|unit|item|head|person)|(?:for|of|is|does|would) (?:a single|just one|only one|one|a))\b(?! total)",
    re.IGNORECASE,
)
EACH = re.compile(
    r"\b(?:each|per|a piece|apiece|single|one|an?|unit|rate|price)\b(?! total)", re.IGNORECASE
)
COSTS = frozenset(("cost", "costs"))
_OF_ONE = re.compile(r"\b(?:price|rate|each|unit)\b", re.IGNORECASE)
COMES_TO = re.compile(r"\b(?:amount|total|sum)\b", re.IGNORECASE)


def _meant(
    asked: Sequence[str], heads: Sequence[str], *, comes_to: bool, of_one: bool
) -> tuple[list[int], list[int]]:
    """Give the columns that a question names, and those that it means where it names none."""
    named = _named(asked, heads)
    amount = _amount(heads) if comes_to else []
    if of_one and not named and _amount(heads):
        amount = [at for at, head in enumerate(heads) if _OF_ONE.search(head)]
    if amount:
        named = [at for at in named if not _names_cost(asked, heads[at])]
    results = [at for at, head in enumerate(heads) if _RESULT.fullmatch(head.strip())]
    return named, results or amount


def _amount(heads: Sequence[str]) -> list[int]:
    """Give the column of what rows come to, where another has the price of one."""
    whole = [
        at for at, head in enumerate(heads) if COMES_TO.search(head) and not _OF_ONE.search(head)
    ]
    return whole if any(_OF_ONE.search(head) for head in heads) else []


def _names_cost(asked: Sequence[str], head: str) -> bool:
    """Say whether a question names a column by what it costs alone, which what it comes to is too."""
    named = [word for word in asked if any(_same(word, token) for token in words.tokens(head))]
    return all(word in COSTS for word in named)


def _names(word: str, heads: Sequence[str], found: Sequence[int]) -> bool:
    return any(_same(word, token) for at in found for token in words.tokens(heads[at]))


def _is_row(row: Sequence[Fact], named: Sequence[str]) -> bool:
    """Say whether the words that name a column are words of the row's name too."""
    name = words.tokens(" ".join(fact.text for fact in row if not _digits(fact)))
    return bool(named) and all(any(_same(word, token) for token in name) for word in named)


def _digits(fact: Fact) -> bool:
    return any(sign.isdigit() for sign in fact.text)


def _named(asked: Sequence[str], heads: Sequence[str]) -> list[int]:
    """List which of some heads are named by a word that the others lack."""
    if len(heads) < 2:
        return []
    split = [set(words.tokens(head)) - words.STOP for head in heads]
    shared = set.intersection(*split)
    return [
        number
        for number, head in enumerate(split)
        if any(_same(word, token) for token in head - shared for word in asked)
    ]


def _same(one: str, other: str) -> bool:
    digits = one.isdigit() or other.isdigit()
    return one == other if digits else words.alike(one, other)

"""What a question asks of a page: the facts that answer it, and what is to be done with them.

MiniLM's lower layers read the question and the page each alone, the page once for all questions
about it; its upper layers, which were trained for it, read both beside each other. What the network
is sure of is chosen here; how sure it has to be is decided where answers are made.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sightline.engines.embedded.ear.columns import by_column
from sightline.engines.embedded.ear.facts import Fact
from sightline.engines.embedded.ear.intents import INTENTS, Intent
from sightline.engines.embedded.ear.layout import Layout
from sightline.engines.embedded.ear.linearised import (
    SHARED,
    SHOWN,
    Stems,
    TokenWindow,
    question_pieces,
    shared,
    shown,
    stemmed,
    windows,
)
from sightline.engines.embedded.ear.operations import OPERATIONS, Operation
from sightline.engines.embedded.ear.tokens import WordPieces
from sightline.perception.neural_networks import session, session_options

Numbers = NDArray[np.float32]
FILES = ("ear.onnx", "ear.weights", "answers.onnx", "ear.txt")  # in the folder of weights
_CHOSEN = 0.5  # probability from which on a word of a fact is of the answer
_TOO = 0.75  # from which on a fact answers beside one that is likelier
MOST_FACTS = 400  # of one page, the upper ones: a question is answered in bounded time


@dataclass(frozen=True, slots=True)
class Page:
    """A page as the lower layers read it, for all questions about it.

    `said` are the facts in English. `states` has for each window (pieces, width), `shown` (facts,
    SHOWN) what shows of its facts, `stems` what they share words by.
    """

    facts: tuple[Fact, ...]
    said: tuple[Fact, ...]
    windows: tuple[TokenWindow, ...]
    states: tuple[Numbers, ...]
    shown: Numbers
    stems: Stems


@dataclass(frozen=True, slots=True)
class Part:
    """Words of one fact that answer, by number, and how likely the fact does."""

    fact: Fact
    words: tuple[int, ...]
    likely: float


@dataclass(frozen=True, slots=True)
class Match:
    """What was understood.

    `parts` are what answers, in reading order. Probabilities: `named` of the operation, `there`
    that anything on the page answers, `first` that the likeliest fact does rather than another,
    `share` that one of the parts does rather than another fact, `found` of the least likely part, `missed` of the likeliest fact that is none, `cut` of the
    least sure word.
    """

    operation: Operation
    parts: tuple[Part, ...]
    named: float
    there: float
    first: float
    share: float
    found: float
    missed: float
    cut: float

    @property
    def best(self) -> Part:
        """The part that answers most likely."""
        return max(self.parts, key=lambda part: part.likely)


class Matcher:
    """The network and its vocabulary; usable from several threads."""

    def __init__(self, folder: Path, threads: int) -> None:
        """Load `ear.onnx` (the lower layers), `ear.txt` and `answers.onnx` (the upper ones)."""
        options = session_options(threads)
        self._alone = session(folder / "ear.onnx", options)
        self._together = session(folder / "answers.onnx", options)
        self._vocabulary = WordPieces((folder / "ear.txt").read_text("utf-8").split("\n"))

    def page(self, layout: Layout, width: float, height: float) -> Page | None:
        """Read a page of `width` × `height` pixels, for all questions about it; None without."""
        told = layout.facts[:MOST_FACTS]
        if not told:
            return None
        words, said = layout.in_english
        said = said[:MOST_FACTS]
        made = windows(said, words, self._vocabulary)
        states = tuple(self._read(window.ids) for window in made)
        looks = shown(told, width, height)
        return Page(tuple(told), tuple(said), tuple(made), states, looks, stemmed(said))

    def meaning(self, question: str) -> Numbers:
        """Read a question, for all that is asked of it: (pieces, width)."""
        return self._read(np.array(question_pieces(question, self._vocabulary)))

    def intents(self, meaning: Numbers) -> dict[Intent, float]:
        """Tell what a question may ask of photographs, and how likely each is."""
        length = len(meaning)
        *_, scores = self._beside(
            meaning, np.zeros(length, np.int64), np.zeros((length, SHOWN + SHARED), np.float32),
            np.zeros((1, length), np.float32),
        )  # fmt: skip
        return dict(zip(INTENTS, map(float, _softmax(scores)), strict=True))

    def match(self, question: str, meaning: Numbers, page: Page) -> Match:
        """Match a question, which was read, with a page."""
        looks = np.concatenate((page.shown, shared(question, page.stems)), axis=1)
        relevance = np.full(len(page.facts), -30.0)
        marks: dict[int, float] = {}  # of words, by number
        operations: list[tuple[float, NDArray[np.float64]]] = []
        nothing = 0.0
        for window, states in zip(page.windows, page.states, strict=True):
            asked, first = len(meaning), int(window.facts[0])
            share = np.pad(window.share, ((0, 0), (asked, 0)))
            unseen = np.zeros((asked, looks.shape[1]), np.float32)
            found, absent, words, told, _ = self._beside(
                np.concatenate((meaning, states)),
                np.concatenate((np.zeros(asked, np.int64), window.parts)),
                np.concatenate((unseen, looks[window.facts])),
                share,
            )
            # Beside that nothing answers, scores of different windows are alike.
            relevance[first : first + len(found)] = found
            nothing += float(np.log1p(np.exp(found.astype(np.float64) - absent[0]).sum()))
            operations.append((float(found.max() - absent[0]), told.astype(np.float64)))
            for at in np.flatnonzero(window.words >= 0):
                marks[int(window.words[at])] = float(_sigmoid(words[asked + at]))
        _, named = max(operations, key=lambda pair: pair[0])
        relevance = by_column(question, page.said, relevance)
        return _match(page, relevance, marks, _softmax(named), 1 - float(np.exp(-nothing)))

    def _read(self, ids: NDArray[np.int64]) -> Numbers:
        (states,) = self._alone.run(None, {"ids": ids[None]})
        return np.asarray(states[0])

    def _beside(
        self, states: Numbers, parts: NDArray[np.int64], looks: Numbers, share: Numbers
    ) -> tuple[Numbers, ...]:
        given = {
            "states": states[None], "parts": parts[None],
            "looks": looks[None], "share": share[None],
        }  # fmt: skip
        return tuple(one[0] for one in self._together.run(None, given))


def _match(
    page: Page,
    relevance: NDArray[np.float64],
    marks: dict[int, float],
    named: NDArray[np.float64],
    there: float,
) -> Match:
    likely = _sigmoid(relevance)
    # The likeliest, with all that surely answer too: one value beside another is seldom wanted.
    chosen = np.union1d(np.flatnonzero(likely >= _TOO), [int(likely.argmax())])
    parts, cut = [], 1.0
    for i in chosen:
        fact = page.facts[i]
        mine, sure = _run(np.array([marks.get(number, 0.0) for number in fact.words]))
        parts.append(Part(fact, tuple(fact.words[n] for n in mine), float(likely[i])))
        cut = min(cut, sure)
    others = np.delete(likely, chosen)
    best, shares = int(named.argmax()), _softmax(relevance)
    return Match(
        OPERATIONS[best], tuple(parts), float(named[best]), there,
        float(shares.max()), min(1.0, float(shares[chosen].sum())), float(likely[chosen].min()),
        float(others.max()) if len(others) else 0.0, cut,
    )  # fmt: skip


def _run(likely: NDArray[np.float64]) -> tuple[list[int], float]:
    """Choose the words from the first that is likely to the last, and say how sure that is."""
    chosen = np.flatnonzero(likely >= _CHOSEN)
    if not len(chosen):
        best = int(likely.argmax())
        return [best], float(likely[best])
    run = list(range(int(chosen[0]), int(chosen[-1]) + 1))
    sure = float(likely[chosen].min())
    rest = np.delete(likely, run)
    return run, min(sure, 1 - float(rest.max())) if len(rest) else sure


def _sigmoid(x: NDArray[np.floating]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-np.asarray(x, np.float64))))


def _softmax(x: NDArray[np.floating]) -> NDArray[np.float64]:
    raised = np.exp(np.asarray(x, np.float64) - float(x.max()))
    return np.asarray(raised / raised.sum())

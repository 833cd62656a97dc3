"""What a question asks of a page: the facts that answer it, and what is to be done with them.

A small network reads the question with each fact of the page. What it is sure of is chosen here;
how sure it has to be is decided where answers are made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sightline.engines.embedded.encoding import PARTS, SHOWN, WIDTH, Encoder, Numbers, Told, beside
from sightline.engines.embedded.facts import Fact
from sightline.engines.embedded.intents import INTENTS, Intent
from sightline.engines.embedded.operations import OPERATIONS, Operation
from sightline.engines.embedded.tokens import Word
from sightline.perception.networks import session_options

_CHOSEN = 0.5  # probability from which on a fact, or a word of one, is of the answer
MOST_FACTS = 400  # of one page, the upper ones: a question is answered in bounded time


@dataclass(frozen=True, slots=True)
class Part:
    """Words of one fact that answer, by number, and how likely the fact does."""

    fact: Fact
    words: tuple[int, ...]
    likely: float


@dataclass(frozen=True, slots=True)
class Match:
    """What was understood.

    `parts` are what answers, in reading order. Probabilities: `named` of the operation, `found` of
    the least likely part, `missed` of the likeliest fact that is none, `cut` of the least sure
    word.
    """

    operation: Operation
    parts: tuple[Part, ...]
    named: float
    found: float
    missed: float
    cut: float

    @property
    def best(self) -> Part:
        """The part that answers most likely."""
        return max(self.parts, key=lambda part: part.likely)


class Matcher:
    """The encoder with what was trained on it; usable from several threads."""

    def __init__(self, folder: Path, threads: int) -> None:
        """Load `ear.onnx`, `ear.txt` and `heads.onnx`."""
        import onnxruntime

        self._encoder = Encoder(folder / "ear.onnx", folder / "ear.txt", threads)
        self._heads = onnxruntime.InferenceSession(
            str(folder / "heads.onnx"), session_options(threads), providers=["CPUExecutionProvider"]
        )

    def page(self, words: Sequence[Word], width: float, height: float) -> Told | None:
        """Encode a page of `width` × `height` pixels, for all questions about it."""
        return self._encoder.page(words, width, height, MOST_FACTS)

    def meaning(self, question: str) -> Numbers:
        """Encode a question, for all that is asked of it."""
        return self._encoder.question(question)

    def intents(self, meaning: Numbers) -> dict[Intent, float]:
        """Tell what a question of a meaning may ask of photographs, and how likely each is."""
        given = {
            "question": meaning[None], "meanings": np.zeros((1, PARTS, WIDTH), np.float32),
            "shown": np.zeros((1, SHOWN), np.float32), "states": np.zeros((1, WIDTH), np.float32),
        }  # fmt: skip
        (scores,) = self._heads.run(["seen"], given)
        return dict(zip(INTENTS, map(float, _softmax(scores)), strict=True))

    def match(self, question: str, meaning: Numbers, told: Told) -> Match:
        """Match a question, whose meaning is encoded, with a page."""
        operations, relevance, marks, of_facts, _ = self._heads.run(
            None,
            {
                "question": meaning[None], "meanings": told.meanings,
                "shown": beside(question, meaning, told), "states": np.concatenate(told.states),
            },
        )  # fmt: skip
        likely = _sigmoid(relevance)
        chosen = np.flatnonzero(likely >= _CHOSEN)
        if not len(chosen):
            chosen = np.array([int(likely.argmax())])
        named = _softmax(operations + of_facts[chosen].mean(0))
        best = int(named.argmax())
        starts = np.cumsum([0, *(len(one) for one in told.states)])
        parts, cut = [], 1.0
        for i in chosen:
            mine, sure = _run(_sigmoid(marks[starts[i] : starts[i + 1]]))
            fact = told.facts[i]
            parts.append(Part(fact, tuple(fact.words[n] for n in mine), float(likely[i])))
            cut = min(cut, sure)
        others = np.delete(likely, chosen)
        return Match(
            OPERATIONS[best], tuple(parts), float(named[best]), float(likely[chosen].min()),
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


def _sigmoid(x: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-x.astype(np.float64))))


def _softmax(x: NDArray[np.float32]) -> NDArray[np.float64]:
    raised = np.exp(x.astype(np.float64) - float(x.max()))
    return np.asarray(raised / raised.sum())

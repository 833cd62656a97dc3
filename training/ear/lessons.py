"""Papers drawn and asked about, as pieces that the ear learns from."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sightline.engines.embedded.ear.facts import facts
from sightline.engines.embedded.ear.linearised import (
    TokenWindow,
    question_pieces,
    shared,
    shown,
    stemmed,
    windows,
)
from sightline.engines.embedded.ear.operations import OPERATIONS
from sightline.engines.embedded.ear.tokens import WordPieces
from training.ear.examples import Asker, Example, Page, page_of, worn
from training.ear.paper import Paper, draw, kinds

_A_PAGE = 12  # questions
_REAL, _OWN = 0.05, 0.7  # shares of pages that are real receipts, or of `subjects`
_WHOLE = 0.7  # share of these that are whole papers
_MOST_FACTS = 160


@dataclass(frozen=True, slots=True)
class Question:
    """A question about a page, in pieces.

    `shared` is (facts, SHARED), `answers` (facts,) says which facts hold words of the answer,
    `marks` numbers these words. `operation` is -1 where it is not known: what is not on a page may
    have been asked for in any way.
    """

    ids: NDArray[np.int64]
    shared: NDArray[np.float16]
    answers: NDArray[np.bool_]
    marks: NDArray[np.int64]
    operation: int


@dataclass(frozen=True, slots=True)
class Lesson:
    """A page in pieces, `shown` of (facts, SHOWN), with its questions."""

    windows: tuple[TokenWindow, ...]
    shown: NDArray[np.float16]
    questions: tuple[Question, ...]


def operation_of(example: Example) -> int:
    """Number what is done; whether something is there at all follows from whether it is found."""
    if example.sort in ("absent", "blank cell"):
        return -1
    operation = example.operation
    if example.sort in ("present", "has"):
        there = bool(example.marks)
        operation = "has" if there == (operation == "yes") else "lacks"
    return OPERATIONS.index(operation)


def lesson(page: Page, asker: Asker, vocabulary: WordPieces) -> Lesson | None:
    """Ask about a page; None where nothing is on it, or nothing can be asked."""
    told = facts(page.words)[:_MOST_FACTS]
    if not told:
        return None
    stems, questions = stemmed(told), []
    for example in asker.examples(page, _A_PAGE):
        answers = np.array([any(n in example.marks for n in fact.words) for fact in told])
        if answers.any() or not example.marks:
            questions.append(
                Question(
                    np.array(question_pieces(example.question, vocabulary)),
                    shared(example.question, stems).astype(np.float16), answers,
                    np.array(sorted(example.marks), np.int64), operation_of(example),
                )
            )  # fmt: skip
    if not questions:
        return None
    look = shown(told, page.width, page.height).astype(np.float16)
    return Lesson(tuple(windows(told, page.words, vocabulary)), look, tuple(questions))


def lessons(
    vocabulary: WordPieces, seed: int, real: Sequence[Paper] = (), only: str = ""
) -> Iterator[Lesson]:
    """Draw without end; a seed gives the same again. `real` are receipts that were read.

    `only` names the one kind of paper to draw.
    """
    dice = random.Random(seed)
    asker = Asker(dice)
    own = [name for name in kinds() if name.startswith("own_")]
    others = [name for name in kinds() if not name.startswith(("own_", "held_"))]
    while True:
        if only:
            paper = draw(only, dice.randrange(1 << 40))
        elif real and dice.random() < _REAL:
            paper = dice.choice(real)
        else:
            chosen = own if dice.random() < _OWN else others
            if chosen is own and dice.random() < _WHOLE:
                chosen = ["own_document"]
            paper = draw(dice.choice(chosen), dice.randrange(1 << 40))
        made = lesson(worn(page_of(paper, dice), dice), asker, vocabulary)
        if made is not None:
            yield made

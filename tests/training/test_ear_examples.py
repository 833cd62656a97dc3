"""Questions about drawn papers: the marked words are those that answer."""

from __future__ import annotations

import random
import re

import numpy as np
import pytest

from sightline.perception.text import Box
from training.ear.composed import compose, grouped
from training.ear.encoding import BUCKETS, LIMIT, Vocabulary, Word, encode, split
from training.ear.examples import Asker, Example, page_of
from training.ear.matcher import Match
from training.ear.paper import draw, kinds

VOCABULARY = Vocabulary([*[f"[unused{i}]" for i in range(103)], *"abcdefghijklmnopqrstuvwxyz0123456789",
                         *[f"##{c}" for c in "abcdefghijklmnopqrstuvwxyz0123456789"], ".", ",", "total"])  # fmt: skip


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    dice = random.Random(5)
    asker = Asker(dice)
    names = kinds()
    return [
        example
        for seed in range(60)
        for example in asker.examples(page_of(draw(dice.choice(names), seed), dice), 8)
    ]


def test_the_same_seed_asks_the_same(examples: list[Example]) -> None:
    dice = random.Random(5)
    page = page_of(draw(dice.choice(kinds()), 0), dice)
    again = list(Asker(dice).examples(page, 8))
    assert [e.question for e in again] == [e.question for e in examples[:8]]


def test_marked_words_are_the_facts_values(examples: list[Example]) -> None:
    facts = [e for e in examples if e.sort == "fact"]
    assert len(facts) > 50
    for example in facts:
        said = re.sub(
            r"\W", "", " ".join(example.page.words[n].text for n in sorted(example.marks))
        )
        values = {re.sub(r"\W", "", fact.value) for fact in example.page.paper.facts}
        spans = {
            re.sub(r"\W", "", " ".join(c.text[s.start : s.end]))
            for fact in example.page.paper.facts
            for s in fact.spans
            for c in [example.page.paper.cells[s.cell]]
        }
        assert any(part and part in said for part in values | spans), (example.question, said)


def test_what_is_not_told_marks_nothing(examples: list[Example]) -> None:
    for example in examples:
        if example.operation == "none":
            assert not example.marks
        if example.operation in ("quote", "count", "sum", "difference", "most", "least"):
            assert example.marks
        assert "{" not in example.question or example.sort in ("whole", "unanswerable")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Total: 12.50", ["Total:", "12.50"]),
        ("Total:12.50", ["Total:", "12.50"]),
        ("at 12:30:15 h", ["at", "12:30:15", "h"]),
        ("合計 1,200円", ["合", "計", "1,200", "円"]),
    ],
)
def test_words_are_parted(text: str, words: list[str]) -> None:
    assert [text[a:b] for a, b in split(text)] == words


def page(*rows: str) -> list[Word]:
    """Words of rows whose pieces are parted by two spaces."""
    made: list[Word] = []
    piece = 0
    for row, line in enumerate(rows):
        x = 10.0
        for part in line.split("  "):
            for begin, end in split(part):
                box = Box(x + 10 * begin, 30.0 * row, x + 10 * end, 30.0 * row + 20)
                made.append(Word(part[begin:end], box, row, piece, begin))
            x += 10 * len(part) + 60
            piece += 1
    return made


def test_a_page_is_encoded_with_how_its_words_lie() -> None:
    words = page("tea  2.50", "milk  1.20")
    (made,) = encode(VOCABULARY, "total?", words, 200, 100)
    assert list(made.words[made.firsts]) == [0, 1, 2, 3]
    assert made.lies.shape == (len(made.ids),) * 2
    assert 0 < made.lies.max() < BUCKETS
    assert (made.lies[0] == 0).all()  # what is not of the page lies nowhere
    first = dict(zip(made.words[made.firsts], made.firsts, strict=True))
    beside, under = made.lies[first[0], first[1]], made.lies[first[0], first[2]]
    assert beside != under
    assert made.lies[first[2], first[3]] == beside  # the same in each row


def test_a_long_page_is_encoded_in_parts_that_hold_all_of_it() -> None:
    words = page(*[f"thing {i}  {i}.50" for i in range(300)])
    parts = encode(VOCABULARY, "total?", words, 200, 9000)
    assert len(parts) > 1
    assert all(len(part.ids) <= LIMIT for part in parts)
    held = np.unique(np.concatenate([part.words[part.words >= 0] for part in parts]))
    assert list(held) == list(range(len(words)))


@pytest.mark.parametrize(
    ("operation", "marked", "question", "value", "note"),
    [
        ("quote", (1,), "How much is tea?", "2.50", ""),
        ("count", (0, 2, 4), "How many things?", "3", "tea, milk and rice"),
        ("sum", (1, 3), "Both together?", "3.70", "2.50 + 1.20"),
        ("difference", (1, 3), "How much more?", "1.30", "2.50 − 1.20"),
        ("average", (1, 3, 5), "On average?", "2.23", "2.50, 1.20, 3.00"),
        ("most", (1, 3, 5), "What is dearest?", "rice", "3.00"),
        ("least", (1, 3, 5), "What is cheapest?", "milk", "1.20"),
        ("highest", (1, 3, 5), "The highest price?", "3.00", ""),
        ("over", (5,), "Is rice over 2?", "Yes", "3.00"),
        ("under", (5,), "Is rice under 2?", "No", "3.00"),
        ("count over", (1, 3, 5), "How many over 2?", "2", "2.50 and 3.00"),
        ("no", (0,), "Is tea free?", "No", "tea"),
    ],
)  # fmt: skip
def test_answers_are_worked_out_of_marked_words(
    operation: str, marked: tuple[int, ...], question: str, value: str, note: str
) -> None:
    words = page("tea  2.50", "milk  1.20", "rice  3.00")
    made = compose(question, Match(operation, marked, 1.0), words)  # type: ignore[arg-type]
    assert made is not None
    assert (made.value, made.note) == (value, note)


def test_what_cannot_be_worked_out_is_not_answered() -> None:
    words = page("tea  free", "milk  1.20")
    assert compose("Sum?", Match("sum", (1, 3), 1.0), words) is None
    assert compose("Is it more?", Match("over", (3,), 1.0), words) is None


def test_words_of_one_value_stay_together() -> None:
    words = page("Ship to:  12 Mill Lane", "  Leeds LS1")
    told = grouped((2, 3, 4, 5, 6), words)
    assert [one.text for one in told] == ["12 Mill Lane", "Leeds LS1"]

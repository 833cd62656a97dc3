"""Questions about drawn papers: the marked words are those that answer."""

from __future__ import annotations

import random
import re

import pytest

from sightline.engines.embedded.ear.intents import INTENTS
from training.ear import asks
from training.ear.examples import Asker, Example, page_of
from training.ear.paper import draw, kinds


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


def test_own_questions_are_answered_by_the_words_of_their_slot() -> None:
    dice = random.Random(3)
    asker = Asker(dice)
    seen = 0
    for seed in range(30):
        page = page_of(draw(("own_prose", "own_form")[seed % 2], seed), dice)
        for example in asker.examples(page, 8):
            assert "{" not in example.question
            if example.sort == "own":
                assert example.marks
                seen += 1
    assert seen > 60


def test_questions_about_photographs_are_of_every_sort() -> None:
    source = asks.asked(random.Random(1))
    found = [next(source) for _ in range(4000)]
    assert {intent for intent, _ in found} == set(range(len(INTENTS)))
    assert not any("{" in text for _, text in found)
    assert len({text for _, text in found}) > 2500


def test_what_several_places_tell_is_counted_added_and_compared() -> None:
    dice = random.Random(3)
    asker = Asker(dice)
    found: dict[str, Example] = {}
    for seed in range(400):
        page = page_of(draw("own_document", seed), dice)
        for example in asker.examples(page, 20):
            if example.sort in ("own count", "own sum", "own difference", "own most", "own least"):
                found[example.operation] = example
    assert set(found) == {"count", "sum", "difference", "most", "least"}
    for operation in ("sum", "most", "least"):
        example = found[operation]
        said = [example.page.words[n].text for n in sorted(example.marks)]
        assert sum(any(map(str.isdigit, word)) for word in said) >= 2, example

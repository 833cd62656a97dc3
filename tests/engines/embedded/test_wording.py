"""The form of a question and of its answer, read once for all who answer."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import sightline
from sightline.engines.embedded import question_form
from sightline.engines.embedded.ask import understand
from sightline.engines.embedded.question_form import QuestionForm


@pytest.mark.parametrize(
    ("question", "form"),
    [
        ("What is the total?", QuestionForm()),
        ("What is the total? Only the number.", QuestionForm(terse=True)),
        ("Answer with one word: which animal is it?", QuestionForm(terse=True)),
        ("Answer yes or no: is it open?", QuestionForm(terse=True, yes_or_no=True)),
        ("Is it open (y/n)", QuestionForm(terse=True, yes_or_no=True)),
        ("Is it open? yes/no.", QuestionForm(terse=True, yes_or_no=True)),
        ("Tell me, yes or no, whether it is open", QuestionForm(yes_or_no=True)),
        ("The total, as JSON", QuestionForm(json=True)),
        ('Fill this: {"total": ""}', QuestionForm(json=True)),
        ("Describe it in at most 12 words.", QuestionForm(most_words=12, briefly=True)),
        ("Describe it in one sentence.", QuestionForm(most_words=25, briefly=True)),
        ("What happens, in two sentences?", QuestionForm(most_sentences=2, briefly=True)),
    ],
)
def test_how_an_answer_is_wanted(question: str, form: QuestionForm) -> None:
    assert understand(question, 1).form == form


@pytest.mark.parametrize(
    ("question", "begins", "judged", "wants"),
    [
        ("Is it open?", True, True, True),
        ("Isn't it open?", True, True, True),
        ("may I bring a dog", True, True, True),
        ("Can you tell me the total?", True, False, True),
        ("Do you know the total?", True, False, True),
        ("Do you take cards?", True, True, True),
        ("Any dogs?", False, False, True),
        ("Tell me whether it is open", False, False, True),
        ("What is the total?", False, False, False),
        ("Island or sea?", False, False, False),
    ],
)
def test_which_questions_are_of_yes_or_no(
    question: str, begins: bool, judged: bool, wants: bool
) -> None:
    assert question_form.begins_as_yes_or_no(question) is begins
    assert question_form.is_yes_or_no(question) is judged
    assert question_form.wants_yes_or_no(question) is wants


def test_a_sentence_that_only_offers_yes_or_no_asks_nothing() -> None:
    asked = understand("Is there a dog? A simple yes or no.", 1)
    assert [clause.text for clause in asked.clauses] == ["Is there a dog?"]


def test_nobody_else_reads_whether_yes_or_no_is_offered() -> None:
    engines = Path(sightline.__file__).parent / "engines"
    for path in engines.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        reads = re.search(r"(?:r|rf)\".*\byes or no\b|_YES_OR_NO|\"yes or no\" in", source)
        assert reads is None or path.name == "question_form.py", path


@pytest.mark.parametrize("question", ["When and where is dinner?", "who and when"])
def test_what_is_asked_for_in_two_ways_is_one_question(question: str) -> None:
    assert len(understand(question, 1).clauses) == 1


def test_two_questions_are_two() -> None:
    assert len(understand("What is the total and when is it due?", 1).clauses) == 2

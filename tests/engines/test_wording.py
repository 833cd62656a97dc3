"""The form of a question and of its answer, read once for all who answer."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import sightline
from sightline.engines.embedded import wording
from sightline.engines.embedded.ask import understand
from sightline.engines.embedded.wording import Form


@pytest.mark.parametrize(
    ("question", "form"),
    [
        ("What is the total?", Form()),
        ("What is the total? Only the number.", Form(terse=True)),
        ("Answer with one word: which animal is it?", Form(terse=True)),
        ("Answer yes or no: is it open?", Form(terse=True, yes_or_no=True)),
        ("Is it open (y/n)", Form(terse=True, yes_or_no=True)),
        ("Is it open? yes/no.", Form(terse=True, yes_or_no=True)),
        ("Tell me, yes or no, whether it is open", Form(yes_or_no=True)),
        ("The total, as JSON", Form(json=True)),
        ('Fill this: {"total": ""}', Form(json=True)),
        ("Describe it in at most 12 words.", Form(most_words=12, briefly=True)),
        ("Describe it in one sentence.", Form(most_words=25, briefly=True)),
        ("What happens, in two sentences?", Form(most_sentences=2, briefly=True)),
    ],
)
def test_how_an_answer_is_wanted(question: str, form: Form) -> None:
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
    assert wording.begins_as_yes_or_no(question) is begins
    assert wording.is_yes_or_no(question) is judged
    assert wording.wants_yes_or_no(question) is wants


def test_a_sentence_that_only_offers_yes_or_no_asks_nothing() -> None:
    asked = understand("Is there a dog? A simple yes or no.", 1)
    assert [clause.text for clause in asked.clauses] == ["Is there a dog?"]


def test_nobody_else_reads_whether_yes_or_no_is_offered() -> None:
    engines = Path(sightline.__file__).parent / "engines"
    for path in engines.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        reads = re.search(r"(?:r|rf)\".*\byes or no\b|_YES_OR_NO|\"yes or no\" in", source)
        assert reads is None or path.name == "wording.py", path

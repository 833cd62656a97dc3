"""Questions that go on from another, and several in one, about photographs."""

from __future__ import annotations

import openai
import pytest

from sightline.engines.embedded.eyes.follow_up import carried
from tests.pictures import asking, encoded, photograph


@pytest.mark.parametrize(
    ("text", "before", "whole"),
    [
        ("How many?", ["Are there dogs?"], "how many dogs are there?"),
        ("and where exactly?", ["Do you see a bus?"], "where is the bus?"),
        ("What colour?", ["Is there a car or a bus?"], "what colour is the bus?"),
        ("Where are they?", ["I like cows.", "Any sheep here?"], "Where are the sheep?"),
        ("what is behind her", ["What is the girl holding"], "what is behind the girl"),
        ("What's on its left?", ["Is the dog next to a man?"], "What's on the dog's left?"),
        ("is he tall", ["What is on the table?"], "is the person tall"),
        # These leave nothing out, or nothing that is known.
        ("How many legs does it have?", ["What is this?"], "How many legs does it have?"),
        ("How many cats are there?", ["Are there dogs?"], "How many cats are there?"),
        ("When is it due?", ["What is the total?"], "When is it due?"),
    ],
)
def test_what_is_left_out_comes_from_before(text: str, before: list[str], whole: str) -> None:
    assert carried(text, reversed(before)) == whole


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("Are there any cats and any dogs?", ["a cat", "no dogs"]),
        ("What animal is this, and how many are there?", ["cat", "one"]),
        ("Is there a cat, and where is it?", ["Yes", "The cat is"]),
        ("Count the cats and the dogs.", ["one cat", "no dogs"]),
        ("Count the beagles and the cats.", ["can't tell how many beagles", "one cat"]),
        ("is the cat at the top or at the bottom", ["The cat is"]),
        ("Does she have a dog too?", ["No", "dogs"]),
        ("Is there somewhere to sit?", ["seats"]),
        ("Are there any dogs and any cars?", ["No", "dogs"]),
        ("Is there a beagle and a sundial?", ["beagle"]),
    ],
)
def test_several_things_are_answered_each(
    client: openai.OpenAI, question: str, told: list[str]
) -> None:
    pytest.importorskip("skimage")
    messages = asking(question, encoded(photograph("chelsea")))
    said = client.chat.completions.create(model="gpt-4o", messages=messages)
    text = said.choices[0].message.content or ""
    assert all(part in text for part in told), text

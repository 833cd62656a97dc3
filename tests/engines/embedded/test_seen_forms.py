"""Photographs on pages of text, colours of things, and the form that an answer is wanted in."""

from __future__ import annotations

import json

import numpy as np
import openai
import pytest
from PIL import Image, ImageDraw, ImageFont

from sightline.engines.embedded.structured.json_from_prompt import named_in_quotes
from sightline.perception.colours import Colour, name_of
from sightline.perception.look import parted
from sightline.perception.rows import Box
from tests.pictures import asking, encoded, photograph

pytest.importorskip("skimage")


def page(*names: str) -> bytes:
    """A page of prose with photographs beside each other below its title."""
    made = Image.new("RGB", (1000, 1300), "white")
    pen = ImageDraw.Draw(made)
    pen.text((60, 40), "Friends of the village", "black", ImageFont.load_default(44))
    wide = 880 // len(names) - 20
    for at, name in enumerate(names):
        shown = photograph(name)
        shown.thumbnail((wide, 440))
        made.paste(shown, (60 + at * (wide + 40), 140))
    for line in range(14):
        text = f"Line {line}: the meeting is in the hall at noon"
        pen.text((60, 620 + 44 * line), text, "black", ImageFont.load_default(24))
    return encoded(made)


@pytest.mark.parametrize(
    ("names", "question", "answer"),
    [
        (("chelsea",), "Is there a cat?", "Yes, "),
        (("chelsea",), "What is the photo of?", "a cat"),
        (
            ("chelsea",),
            "Is there a picture on this page?",
            "Yes. The photograph at the top left: a cat",
        ),
        (("chelsea",), "Describe this document.", "On it is a photograph."),
        (("chelsea",), "What does the title say?", "Friends of the village"),
        (("chelsea", "astronaut"), "How many photos are on the page?", "Two."),
        (("chelsea", "astronaut"), "Describe the photos.", "The photograph at the top left: a cat"),
        (("chelsea", "astronaut"), "Is there a person in the photo?", "Yes, I see a person"),
    ],
)
def test_photographs_on_a_page_of_text(
    client: openai.OpenAI, names: tuple[str, ...], question: str, answer: str
) -> None:
    said = client.chat.completions.create(model="gpt-4o", messages=asking(question, page(*names)))
    assert answer in (said.choices[0].message.content or "")


def test_an_area_is_parted_at_bare_strips() -> None:
    pixels = np.full((200, 300, 3), 255, np.uint8)
    noise = np.random.default_rng(1).integers(0, 200, (100, 100, 3), np.uint8)
    pixels[40:140, 20:120], pixels[40:140, 160:260] = noise, noise
    found = parted(pixels, Box(0, 10, 300, 190))
    assert sorted((b.x0, b.y0, b.x1, b.y1) for b in found) == [
        (20, 40, 120, 140),
        (160, 40, 260, 140),
    ]
    assert parted(pixels, Box(270, 150, 290, 190)) == ()


def colour(hex: str) -> Colour:
    rgb = tuple(int(hex[i : i + 2], 16) for i in (1, 3, 5))
    return Colour(name_of((rgb[0], rgb[1], rgb[2])), hex, 1.0)


@pytest.mark.parametrize(
    ("hex", "said", "may_be", "is_not"),
    [
        ("#c0c1b9", "white or light grey", "white", "red"),
        ("#cdd0d2", "white", "white", "black"),
        ("#f8f8f8", "white", "white", "black"),
        ("#dccea6", "beige", "white", "blue"),
        ("#555555", "grey", "black", "yellow"),
        ("#c04939", "red", "orange", "green"),
        ("#2040c0", "blue", "purple", "white"),
    ],
)
def test_what_a_thing_of_a_colour_may_be_called(
    hex: str, said: str, may_be: str, is_not: str
) -> None:
    assert colour(hex).of_thing == said
    assert colour(hex).may_be(may_be)
    assert not colour(hex).may_be(is_not)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How many people are smiling?", "can't tell which are meant"),
        ("How many people wearing a helmet are there?", "can't tell which are meant"),
        ("How many people have glasses?", "can't tell which are meant"),
        ("How many people does the picture have?", "I count"),
        ("How many players are there?", "can't tell how many of them are players"),
        ("How many people are there?", "I count"),
        ("How many dogs and people are there?", "I count no dogs and one person."),
        ("What is the dog carrying?", "I can't tell that."),
    ],
)
def test_what_selects_among_things_is_not_passed_over(
    client: openai.OpenAI, question: str, answer: str
) -> None:
    picture = encoded(photograph("astronaut"))
    said = client.chat.completions.create(model="gpt-4o", messages=asking(question, picture))
    assert answer in (said.choices[0].message.content or "")


@pytest.mark.parametrize(
    ("prompt", "names"),
    [
        ('Return JSON with a single key "dish".', ["dish"]),
        ('Return JSON with the keys "object" and "color".', ["object", "color"]),
        ("JSON please, fields: 'first name', 'total'", ["first name", "total"]),
        ('Give me JSON with keys "total" (number), "date" (string)', []),
        ('What does the sign say about "key"?', []),
        ('The key "total" must be a number. Return JSON with total and date.', []),
        ('JSON with keys "total", "date" and currency', []),
    ],
)
def test_attributes_in_quotes_are_taken_as_they_are(prompt: str, names: list[str]) -> None:
    assert named_in_quotes(prompt) == names


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("Tags as a JSON array", ["cat"]),
        ("Detect the cat and give its box as JSON with keys x, y, width, height.", {"x", "y"}),
        ("Give me a JSON array of the animals, each with name and color.", [{"name": "cat"}]),
    ],
)
def test_json_about_things_in_the_form_asked_for(
    client: openai.OpenAI, prompt: str, answer: object
) -> None:
    messages = asking(prompt, encoded(photograph("chelsea")))
    said = client.chat.completions.create(model="gpt-4o", messages=messages)
    value = json.loads(said.choices[0].message.content or "")
    if isinstance(answer, set):
        assert answer < set(value) == {"x", "y", "width", "height"}
    elif prompt.startswith("Tags"):
        assert value[:1] == answer
    else:
        assert [row["name"] for row in value] == ["cat"]
        assert set(value[0]) == {"name", "color"}


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Describe in one word", "Cat"),
        ("Which animal is this? One word only.", "Cat"),
        ("What is this? Answer in one word.", "Cat"),
    ],
)
def test_one_word_is_one_word(client: openai.OpenAI, question: str, answer: str) -> None:
    messages = asking(question, encoded(photograph("chelsea")))
    said = client.chat.completions.create(model="gpt-4o", messages=messages)
    assert said.choices[0].message.content == answer


def test_so_many_sentences_are_so_many(client: openai.OpenAI) -> None:
    messages = asking("Describe this picture in two sentences.", encoded(photograph("chelsea")))
    said = client.chat.completions.create(model="gpt-4o", messages=messages)
    text = said.choices[0].message.content or ""
    assert text.startswith("A photograph of a cat")
    assert text.count(".") == 2

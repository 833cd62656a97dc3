"""Charts asked about, through the public door: values, extremes, sums, colours, what is not told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import openai
import pytest
from PIL import Image, ImageDraw, ImageFont

from tests.pictures import data_url, encoded

BLUE, RUST = (50, 90, 170), (200, 100, 40)
ITEMS = (("Apples", 60, 90), ("Pears", 110, 30), ("Plums", 20, 75))


def _write(pen: ImageDraw.ImageDraw, x: float, y: float, text: str, size: int = 22) -> None:
    pen.text((x, y), text, fill="black", font=ImageFont.load_default(size), anchor="mm")


def grouped() -> str:
    """Two series of bars by an axis, with a legend."""
    image = Image.new("RGB", (860, 560), "white")
    pen = ImageDraw.Draw(image)
    _write(pen, 430, 36, "Fruit sold in kg", 30)
    for tick in range(0, 151, 50):
        _write(pen, 70, 440 - 2.4 * tick, str(tick))
    for at, (name, one, other) in enumerate(ITEMS):
        x = 140 + 220 * at
        pen.rectangle((x, 440 - 2.4 * one, x + 59, 439), fill=BLUE)
        pen.rectangle((x + 60, 440 - 2.4 * other, x + 119, 439), fill=RUST)
        _write(pen, x + 60, 466, name)
    for x, colour, name in ((300, BLUE, "2023"), (450, RUST, "2024")):
        pen.rectangle((x, 510, x + 17, 527), fill=colour)
        _write(pen, x + 52, 519, name)
    return data_url(encoded(image))


@pytest.fixture(scope="module")
def ask(client: openai.OpenAI) -> Callable[[str], str]:
    url = grouped()

    def ask(question: str) -> str:
        content: Any = [
            {"type": "text", "text": question},
            {"type": "image_url", "image_url": {"url": url}},
        ]
        messages: Any = [{"role": "user", "content": content}]
        made = client.chat.completions.create(model="gpt-4o", messages=messages)
        return made.choices[0].message.content or ""

    return ask


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How many kg of plums were sold in 2024?", "Plums, 2024: about 75"),
        ("Which fruit sold most in 2023?", "Pears: about 110"),
        ("What does the blue bar stand for?", "2023"),
        ("How much more apples in 2024 than in 2023?", "about 30 (about 90 − about 60)."),
        ("Were more pears than plums sold in 2024?", "No: Pears: about 30, Plums: about 75"),
        ("List the fruits", "Apples, Pears, Plums"),
        ("what did all the fruit of 2024 add up to?", "about 195 (about 90 + about 30 + about 75)."),
    ],
)  # fmt: skip
def test_a_chart_answers(ask: Callable[[str], str], question: str, answer: str) -> None:
    assert ask(question) == answer


def test_what_it_shows_is_told(ask: Callable[[str], str]) -> None:
    said = ask("What is this chart about?")
    assert said.startswith("It is a bar chart, “Fruit sold in kg”: Apples, 2023: about 60; ")
    assert "It shows a bar chart, “Fruit sold in kg”" in ask("Describe this picture.")


@pytest.mark.parametrize(
    "question",
    [
        "What did a kilo of plums cost in 2024?",
        "How many pears were sold in 2022?",
        "Why were so few plums sold?",
        "Who sold the apples?",
    ],
)
def test_what_it_does_not_tell_is_declined(ask: Callable[[str], str], question: str) -> None:
    said = ask(question)
    assert "about" not in said
    assert said.startswith(("The text in the picture does not tell", "I can't tell"))

"""Boxes to tick on drawn forms: found beside print, ticked or not, and asked about."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import openai
import pytest
from PIL import Image, ImageDraw, ImageFont

from sightline.perception.check_boxes import check_boxes
from tests.engines.embedded.pages import rows
from tests.pictures import data_url, encoded

SIDE = 22
Mark = str  # " " empty, "x" crossed, "v" ticked beyond the box, "o" a ring, "O" one with a dot


def form(*lines: Sequence[str | tuple[Mark, str]]) -> Image.Image:
    """Draw a form: words, and boxes with the words beside them."""
    image = Image.new("RGB", (1000, 70 + 56 * len(lines)), "white")
    draw, face = ImageDraw.Draw(image), ImageFont.load_default(26)
    for number, line in enumerate(lines):
        x, y = 40, 40 + 56 * number
        for part in line:
            if isinstance(part, tuple):
                _box(draw, x, y + 4, part[0])
                x += SIDE + 12
            text = part[1] if isinstance(part, tuple) else part
            draw.text((x, y), text, fill="black", font=face)
            x += round(draw.textlength(text, font=face)) + 44
    return image


def _box(draw: ImageDraw.ImageDraw, x: int, y: int, mark: Mark) -> None:
    place = (x, y, x + SIDE, y + SIDE)
    if mark in "oO":
        draw.ellipse(place, outline="black", width=2)
        if mark == "O":
            draw.ellipse((x + 6, y + 6, x + SIDE - 6, y + SIDE - 6), fill="black")
        return
    draw.rectangle(place, outline="black", width=2)
    if mark == "x":
        draw.line((x + 4, y + 4, x + SIDE - 4, y + SIDE - 4), fill="navy", width=3)
        draw.line((x + 4, y + SIDE - 4, x + SIDE - 4, y + 4), fill="navy", width=3)
    if mark == "v":
        draw.line((x + 4, y + 10, x + 9, y + 18, x + SIDE + 8, y - 8), fill="navy", width=3)


CLUB = form(
    ["Rowing club, form to join"], ["Surname: Achebe"],
    ["Membership:", (" ", "Adult (40.00)"), ("x", "Student (15.00)"), (" ", "Family (70.00)")],
    ["Newsletter:", (" ", "yes"), ("x", "no")], ["How did you hear of us?"], [("o", "Friends")], [("O", "Radio")],
    [("o", "Poster")], ["Equipment"], [("v", "oars"), (" ", "boat"), ("v", "jacket")],
)  # fmt: skip


def ask(client: openai.OpenAI, question: str, *, picture: Image.Image = CLUB, **more: Any) -> str:
    content: list[Any] = [
        {"type": "image_url", "image_url": {"url": data_url(encoded(picture))}},
        {"type": "text", "text": question},
    ]
    made = client.chat.completions.create(
        model="gpt-4o", messages=[{"role": "user", "content": content}], **more
    )
    return made.choices[0].message.content or ""


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Which membership was chosen?", "Student (15.00)"), ("Is the family box ticked?", "No: Family (70.00) is not ticked."),
        ("Does she want the newsletter?", "No (Newsletter)."), ("How did they hear of us?", "Radio"),
        ("What equipment is ticked?", "oars and jacket"), ("How much is the adult membership?", "40.00"),
        ("Which membership boxes are not ticked?", "Adult (40.00) and Family (70.00)"),
        ("Is the boat ticked?", "No: boat is not ticked."), ("Is Radio ticked?", "Yes: Radio is ticked."),
    ],
)  # fmt: skip
def test_boxes_are_asked_about(client: openai.OpenAI, question: str, answer: str) -> None:
    assert ask(client, question) == answer


def test_boxes_fill_json(client: openai.OpenAI) -> None:
    text, flag = {"type": ["string", "null"]}, {"type": ["boolean", "null"]}
    properties = {
        "surname": text,
        "membership": text,
        "newsletter": flag,
        "boat": flag,
        "equipment": {"type": "array", "items": {"type": "string"}},
    }
    schema = {
        "type": "object", "properties": properties, "required": list(properties), "additionalProperties": False,
    }  # fmt: skip
    form_ = {"type": "json_schema", "json_schema": {"name": "x", "strict": True, "schema": schema}}
    assert json.loads(ask(client, "Fill it in.", response_format=form_)) == {
        "surname": "Achebe", "membership": "Student", "newsletter": False, "boat": False,
        "equipment": ["oars", "jacket"],
    }  # fmt: skip


def test_letters_are_no_boxes(client: openai.OpenAI) -> None:
    lines = ["BOARD OF DIRECTORS"], ["ODD BOOK, 0800 808 800"], ["Box 8, DOOR D"]
    said = ask(client, "Which boxes are ticked?", picture=form(*lines))
    assert not said.startswith(("No box", "BOARD"))
    found = rows("BOARD OF DIRECTORS", "ODD BOOK, 0800 808 800", "Box 8, DOOR D")
    assert check_boxes(np.asarray(form(*lines)), found) == ()

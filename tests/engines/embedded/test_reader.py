"""The reader's answers, through the pipeline that the server and the command line use."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from sightline.api import chat
from sightline.pipeline import Pipeline, collect
from sightline.settings import Settings
from sightline.types import Choice
from tests.pictures import asking, encoded, photograph, sample, written


class Desk:
    """One pipeline for a module's questions, on a loop of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.pipeline = self.loop.run_until_complete(self._open())

    async def _open(self) -> Pipeline:
        return await Pipeline(Settings()).__aenter__()

    def choice(self, body: dict[str, Any]) -> Choice:
        async def run() -> Choice:
            asked = chat.parse({"model": "sightline-reader", **body})
            question = await self.pipeline.prepare(asked.question)
            choice, _, _ = await collect(self.pipeline.answer(question))
            return choice

        return self.loop.run_until_complete(run())

    def ask(self, question: str, *pictures: bytes) -> str:
        return self.choice({"messages": asking(question, *pictures)}).text

    def close(self) -> None:
        self.loop.run_until_complete(self.pipeline.__aexit__(None, None, None))
        self.loop.close()


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.close()


@pytest.mark.parametrize(
    ("name", "question", "answer"),
    [
        ("receipt", "What is the total?", "The total is $16.20."),
        ("receipt", "How much was the muffin?", "2.95"),
        ("receipt", "How many flat whites were bought?", ": 2."),
        ("receipt", "Who is the cashier?", "Maria"),
        ("receipt", "What's the restaurant called?", "HARBOUR CAFE"),
        ("receipt", "Where is the cafe?", "27 Quay Street, Portland"),
        ("receipt", "When was this bought?", "2026-03-14"),
        ("receipt", "How was it paid?", "VISA"),
        ("receipt", "What is the total, the date and the phone number?", "503-555-0123"),
        ("receipt", "What is the most expensive item? Just the name.", "Flat White"),
        ("receipt", "How many items are there?", "3 items"),
        ("receipt", "How many lines of text are there?", "14 lines"),
        ("receipt", "Does it mention porridge?", "Yes"),
        ("receipt", "Does it say 'croissant'?", "No"),
        ("receipt", "Is there a phone number?", "Yes: 503-555-0123"),
        ("receipt", "Is there a QR code?", "No"),
        ("receipt", "What's the subtotal? Answer with just the value.", "15.00"),
        ("receipt", "What is the first line?", "HARBOUR CAFE"),
        ("receipt", "Is this a photo or a document?", "document"),
        ("receipt", "Can you read the text in this image?", "Receipt No: 004817"),
        ("receipt", "How much did they spend?", "$16.20"),
        ("receipt", "Where is the total?", "at the bottom left"),
        ("receipt", "1. What is the total? 2. What is the date?", "2026-03-14"),
        ("receipt", "List every item with its price.", "Flat White × 2: 6.80"),
        ("receipt", "What is the currency?", "$"),
        ("sign", "Is there any text?", "Yes"),
        ("sign", "What does this street sign say?", "MAPLE AVENUE"),
        ("chart", "What are the values for each month?", "March: 210"),
        ("sign", "What colour is the sign?", "mostly green"),
        ("sign", "What colour is the text?", "white"),
        ("sign", "How far is the hospital?", "3 km"),
        ("sign", "How big is the image?", "800 × 420"),
        ("sign", "How many megapixels does it have?", "0.34 megapixels"),
        ("sign", "How many pixels has this image? Just the number.", "336000"),
        ("sign", "Is it blue?", "No"),
        ("poster", "What does the QR code contain?", "https://cinema.example/riverside"),
        ("poster", "When is the event?", "Saturday, 18 July 2026, 20:30"),
        ("poster", "Where does it take place?", "Riverside Park"),
        ("poster", "What is the background colour?", "yellow"),
        ("poster", "How many codes are there?", "1 code"),
        ("chart", "Which month had the most visitors?", "April"),
        ("chart", "How many visitors were there in February?", "95"),
        ("chart", "What colour is the bar for April?", "red"),
        ("chart", "What is the title?", "Visitors per month"),
        ("before", "When does the bakery open?", "8:00"),
        ("before", "When is it closed?", "Closed on Mondays"),
    ],
)
def test_answers(desk: Desk, name: str, question: str, answer: str) -> None:
    assert answer in desk.ask(question, sample(name))


@pytest.mark.parametrize(
    "question",
    ["Is there a cat in the picture?", "What is the person doing?", "Where was this photo taken?"],
)
def test_what_it_cannot_see_it_says(desk: Desk, question: str) -> None:
    """Brick, in which nothing is to be recognised."""
    said = desk.ask(question, encoded(photograph("brick")))
    assert said.startswith("No, I see none") or "I can't tell" in said


def test_a_colour_is_no_proof_of_a_thing(desk: Desk) -> None:
    for question in ("Is there a green triangle?", "Do you see a green frog?", "Is the hat green?"):
        said = desk.ask(question, sample("sign"))
        assert not said.startswith("Yes")
        assert "I can't tell" in said
    assert desk.ask("Is anything green?", sample("sign")).startswith("Yes: green covers")
    assert desk.ask("Is there purple in it?", sample("sign")).startswith("No")


@pytest.mark.parametrize(
    "question",
    ["What is the tip?", "What is the table number?", "What is the customer's name?",
     "What is the due date?", "What's the email address?", "How much is the lasagne?"],
)  # fmt: skip
def test_what_is_not_printed_is_not_invented(desk: Desk, question: str) -> None:
    said = desk.ask(question, sample("receipt"))
    assert "does not tell" in said
    assert not any(value in said for value in ("16.20", "15.00", "Maria", "2026", "6.80"))


def test_description_has_every_line(desk: Desk) -> None:
    said = desk.ask("What's in this image?", sample("poster"))
    for line in ("OPEN AIR CINEMA", "Riverside Park", "Tickets: $12.50", "Scan for tickets"):
        assert line in said
    assert "QR code" in said
    assert "yellow" in said


def test_words_bound_is_kept(desk: Desk) -> None:
    said = desk.ask("Describe it in no more than 12 words.", sample("receipt"))
    assert len(said.split()) <= 12


def test_differences(desk: Desk) -> None:
    said = desk.ask("What is different?", sample("before"), sample("after"))
    assert "one place" in said
    assert "“Opens 8:00” in image 1, “Opens 9:30” in image 2" in said
    same = desk.ask("Are they the same?", sample("sign"), sample("sign"))
    assert "identical" in same
    alone = desk.ask("What are the differences?", sample("sign"))
    assert "two to compare" in alone


def test_a_numbered_picture_is_asked(desk: Desk) -> None:
    assert "9:30" in desk.ask("When does it open in image 2?", sample("before"), sample("after"))
    assert "8:00" in desk.ask("Read the first picture", sample("before"), sample("after"))


def test_forms_with_empty_fields(desk: Desk) -> None:
    picture = encoded(written("Name: Ada Byron", "Referred by:", "Phone: +44 20 7946 0958"))
    assert "Ada Byron" in desk.ask("What is the name?", picture)
    assert "+44 20 7946 0958" in desk.ask("Phone?", picture)
    assert "does not tell" in desk.ask("Who referred them?", picture)


def test_attributes_in_words(desk: Desk) -> None:
    wanted = "Return JSON with keys merchant, total and waiter"
    found = json.loads(desk.ask(wanted, sample("receipt")))
    assert found == {"merchant": "HARBOUR CAFE", "total": "$16.20", "waiter": "Maria"}
    wanted = 'Fill this JSON: {"title": "", "qr_code": "", "ticket_price": 0, "speaker": null}'
    found = json.loads(desk.ask(wanted, sample("poster")))
    assert found == {
        "title": "OPEN AIR CINEMA",
        "qr_code": "https://cinema.example/riverside",
        "ticket_price": 12.5,
        "speaker": None,
    }


def test_schema_with_references_enums_and_measures(desk: Desk) -> None:
    schema: dict[str, Any] = {
        "type": "object",
        "$defs": {"money": {"anyOf": [{"type": "number"}, {"type": "null"}]}},
        "properties": {
            "total": {"$ref": "#/$defs/money"},
            "tip": {"$ref": "#/$defs/money"},
            "payment": {"type": "string", "enum": ["cash", "visa", "amex"]},
            "imageWidth": {"type": "integer"},
            "has_qr_code": {"type": "boolean"},
            "lines": {"type": "array", "items": {"type": "string"}, "maxItems": 2},
            "colors": {"type": "array", "items": {"type": "string"}},
            "kind": {"enum": ["photo", "document"]},
            "merchant": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "phone": {"type": "string"}},
            },
        },
    }
    wanted = {"type": "json_schema", "json_schema": {"name": "r", "schema": schema}}
    body = {"messages": asking("Fill it.", sample("receipt")), "response_format": wanted}
    assert json.loads(desk.choice(body).text) == {
        "total": 16.2,
        "tip": None,
        "payment": "visa",
        "imageWidth": 520,
        "has_qr_code": False,
        "lines": ["HARBOUR CAFE", "27 Quay Street, Portland"],
        "colors": ["white", "black", "grey"],
        "kind": "document",
        "merchant": {"name": "HARBOUR CAFE", "phone": "503-555-0123"},
    }


def test_codes_in_a_schema(desk: Desk) -> None:
    schema = {
        "type": "object",
        "properties": {
            "codes": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"type": {"type": "string"}, "content": {"type": "string"}},
                },
            }
        },
    }
    wanted = {"type": "json_schema", "json_schema": {"name": "r", "schema": schema}}
    body = {"messages": asking("Codes?", sample("poster")), "response_format": wanted}
    assert json.loads(desk.choice(body).text) == {
        "codes": [{"type": "QR code", "content": "https://cinema.example/riverside"}]
    }


def test_a_schema_that_refers_to_itself_ends(desk: Desk) -> None:
    node = {
        "type": "object",
        "properties": {
            "total": {"type": "number"},
            "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]},
            "others": {"type": "array", "items": {"$ref": "#/$defs/node"}},
        },
    }
    schema = {
        "type": "object",
        "$defs": {"node": node},
        "properties": {"a": {"$ref": "#/$defs/node"}},
    }
    wanted = {"type": "json_schema", "json_schema": {"name": "r", "schema": schema}}
    body = {"messages": asking("Fill it.", sample("receipt")), "response_format": wanted}
    found = json.loads(desk.choice(body).text)
    assert found["a"]["total"] == 16.2
    assert found["a"]["next"] is None


@pytest.mark.parametrize(
    "piece", ["a ", "1,", "\n", "a, ", "- a: b\n", "is there ", "what ", '"', "{"]
)
def test_long_questions_take_bounded_time(desk: Desk, piece: str) -> None:
    said = desk.ask("Return json with keys " + piece * 50_000, sample("sign"))
    assert said


def test_tables_tickets_and_cards(desk: Desk) -> None:
    picture = encoded(table())
    for question, answer in (
        ("When does the train to Leeds leave?", "09:12"),
        ("Which platform does the Bristol train leave from?", "7"),
        ("What is the status of the Bristol train?", "Cancelled"),
    ):
        assert answer in desk.ask(question, picture)
    assert "Cancelled" in desk.ask("Is the Bristol train on time?", picture)


def table() -> Image.Image:
    """A timetable: a row of headings, rows of values."""
    image = Image.new("RGB", (900, 260), "white")
    draw = ImageDraw.Draw(image)
    rows = (
        ("Time", "Destination", "Platform", "Status"),
        ("09:12", "Leeds", "4", "On time"),
        ("09:47", "Bristol", "7", "Cancelled"),
    )
    for i, row in enumerate(rows):
        for x, text in zip((40, 220, 520, 720), row, strict=True):
            draw.text((x, 40 + 60 * i), text, fill="black", font=ImageFont.load_default(30))
    return image

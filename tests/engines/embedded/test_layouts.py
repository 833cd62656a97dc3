"""Tables and pages given as Markdown, CSV and rows of JSON, through the official client."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import openai
import pytest
from PIL import Image, ImageDraw, ImageFont

from tests.pictures import data_url, encoded, sample

FERRIES = [
    ["Ferry", "Leaves", "From", "Fare", "Cars"],
    ["Heron", "07:15", "North pier", "12.50", "yes"],
    ["Tern", "08:40", "", "9.00", "no"],
    ["Puffin", "11:05", "South pier", "14.25", "yes"],
]


def grid(rows: list[list[str]], *above: str, wide: int = 190) -> bytes:
    """Draw rows of cells under lines of text, the first of them large."""
    image = Image.new(
        "RGB", (wide * len(rows[0]) + 40, 60 * (len(rows) + len(above)) + 60), "white"
    )
    draw = ImageDraw.Draw(image)
    y = 20
    for at, text in enumerate(above):
        draw.text((24, y), text, "black", ImageFont.load_default(42 if at == 0 else 24))
        y += 70
    for row in rows:
        for at, text in enumerate(row):
            draw.text((24 + wide * at, y), text, "black", ImageFont.load_default(24))
        y += 44
    return encoded(image)


def ask(client: openai.OpenAI, question: str, picture: bytes, **more: Any) -> str:
    content: list[Any] = [
        {"type": "text", "text": question},
        {"type": "image_url", "image_url": {"url": data_url(picture)}},
    ]
    reply = client.chat.completions.create(
        model="gpt-4o", messages=[{"role": "user", "content": content}], **more
    )
    return reply.choices[0].message.content or ""


@pytest.mark.parametrize(
    "question", ["Give me the table as CSV.", "csv pls", "to comma-separated values"]
)
def test_a_table_as_csv(client: openai.OpenAI, question: str) -> None:
    said = ask(client, question, grid(FERRIES))
    assert list(csv.reader(io.StringIO(said))) == FERRIES


def test_other_marks_of_csv(client: openai.OpenAI) -> None:
    assert ask(client, "as tsv", grid(FERRIES)).split("\n")[0].split("\t") == FERRIES[0]


@pytest.mark.parametrize("question", ["Extract the table.", "Show it as a table", "table please"])
def test_a_table_as_markdown(client: openai.OpenAI, question: str) -> None:
    lines = ask(client, question, grid(FERRIES)).split("\n")
    assert lines[0] == "| Ferry | Leaves | From | Fare | Cars |"
    assert lines[1] == "| --- | --- | --- | --- | --- |"
    assert lines[3] == "| Tern | 08:40 |  | 9.00 | no |"


def test_a_page_as_markdown(client: openai.OpenAI) -> None:
    picture = grid(FERRIES, "Harbour ferries", "- No dogs on board", "- Pay on the ship")
    said = ask(client, "Convert this document to Markdown", picture)
    blocks = said.split("\n\n")
    assert blocks[0] == "# Harbour ferries"
    assert "- No dogs on board" in said
    assert "- Pay on the ship" in said
    assert blocks[-1].startswith("| Ferry | Leaves |")


def test_what_a_receipt_lists_as_csv(client: openai.OpenAI) -> None:
    rows = list(csv.DictReader(io.StringIO(ask(client, "as csv", sample("receipt")))))
    assert [row["name"] for row in rows] == ["Flat White", "Oat Porridge", "Blueberry Muffin"]
    assert [row["price"] for row in rows] == ["6.80", "5.25", "2.95"]


def test_what_amounts_come_to_ends_their_list(client: openai.OpenAI) -> None:
    rows = [
        ["Planks", "12.50"],
        ["Nails", "3.25"],
        ["Glue", "4.00"],
        ["Goods", "19.75"],
        ["Lorry", "9.00"],
    ]
    said = json.loads(ask(client, "a JSON array with name and price of each item", grid(rows)))
    assert [row["name"] for row in said] == ["Planks", "Nails", "Glue"]


def test_no_table_is_said(client: openai.OpenAI) -> None:
    assert ask(client, "as csv", sample("sign")) == "I see no table in the picture."


def test_rows_of_a_table_as_json(client: openai.OpenAI) -> None:
    text, number = {"type": ["string", "null"]}, {"type": ["number", "null"]}
    row = {
        "type": "object", "additionalProperties": False,
        "properties": {"ferry": text, "leaves": text, "from": text, "fare": number},
        "required": ["ferry", "leaves", "from", "fare"],
    }  # fmt: skip
    schema = {
        "type": "object", "properties": {"departures": {"type": "array", "items": row}},
        "required": ["departures"], "additionalProperties": False,
    }  # fmt: skip
    said = ask(
        client, "List the departures.", grid(FERRIES),
        response_format={
            "type": "json_schema", "json_schema": {"name": "d", "schema": schema, "strict": True}
        },
    )  # fmt: skip
    assert json.loads(said)["departures"] == [
        {"ferry": "Heron", "leaves": "07:15", "from": "North pier", "fare": 12.5},
        {"ferry": "Tern", "leaves": "08:40", "from": None, "fare": 9.0},
        {"ferry": "Puffin", "leaves": "11:05", "from": "South pier", "fare": 14.25},
    ]


def test_rows_of_a_table_as_json_by_words(client: openai.OpenAI) -> None:
    """A sentence under the table is none of its rows."""
    rows = [["Ferry", "Leaves", "Fare"], ["Heron", "07:15", "12.50"], ["Tern", "08:40", "9.00"]]
    picture = grid(rows, "Harbour ferries")
    said = json.loads(ask(client, "Make JSON rows of the table: ferry, fare", picture))
    assert said == [{"ferry": "Heron", "fare": "12.50"}, {"ferry": "Tern", "fare": "9.00"}]
    whole = json.loads(ask(client, "Give me the table as JSON rows", picture))
    assert whole[1] == {"Ferry": "Tern", "Leaves": "08:40", "Fare": "9.00"}


LEFT = [
    "The museum shows ships from",
    "the eighteenth century and the",
    "tools with which they were",
    "built by hand in this town.",
]
RIGHT = [
    "Children may steer the small",
    "model boats in the pond on",
    "the roof, which is open when",
    "there is no wind.",
]


def test_columns_of_prose_are_read_in_turn(client: openai.OpenAI) -> None:
    picture = grid(list(map(list, zip(LEFT, RIGHT, strict=True))), wide=440)
    assert ask(client, "What does it say?", picture).split("\n") == [*LEFT, *RIGHT]
    said = ask(client, "as markdown", picture)
    assert [block.split("  \n") for block in said.split("\n\n")] == [LEFT, RIGHT]


def test_words_in_cells_are_no_columns_of_prose(client: openai.OpenAI) -> None:
    rows = [["Where you are", "What to do there"], ["On the platform", "Wait behind the line"],
            ["In the carriage", "Keep the doors free"], ["At the counter", "Have your card ready"]]  # fmt: skip
    said = ask(client, "What does it say?", grid(rows, wide=440))
    assert said.split("\n")[1].split("  ") == rows[1]


PROGRAM = [
    "def fee(days):",
    "    total = 0",
    "    if days > 3:",
    "        total = 12.5",
    "    return total",
]


@pytest.mark.parametrize("question", ["Transcribe the code.", "What does it say?", "Read the text"])
def test_a_program_keeps_its_indentation(client: openai.OpenAI, question: str) -> None:
    image = Image.new("RGB", (700, 420), (24, 26, 38))
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(26)
    wide = sum(font.getlength(line.strip()) / len(line.strip()) for line in PROGRAM) / len(PROGRAM)
    for at, line in enumerate(PROGRAM):
        x = 40 + wide * (len(line) - len(line.lstrip()))  # as in a typeface of programs
        draw.text((x, 30 + 52 * at), line.strip(), (220, 220, 230), font)
    said = ask(client, question, encoded(image)).split("\n")
    assert [len(line) - len(line.lstrip()) for line in said] == [0, 4, 4, 8, 4]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("When does the Heron leave?", "07:15"),
        ("What is the fare of the Puffin?", "14.25"),
        ("Which ferry leaves at 08:40?", "Tern"),
        ("Where does the Tern leave from?", "That cell of the table is blank."),
        ("Which ferry goes from the South pier?", "Puffin"),
    ],
)
def test_a_cell_of_a_table_is_found_by_another_of_its_row(
    client: openai.OpenAI, question: str, answer: str
) -> None:
    assert ask(client, question, grid(FERRIES)) == answer


def test_rows_of_a_value_are_counted(client: openai.OpenAI) -> None:
    rows = [["Job", "Town", "State"], ["Roof", "Lund", "done"], ["Gate", "Ystad", "open"],
            ["Wall", "Lund", "late"]]  # fmt: skip
    said = ask(client, "How many jobs are in Lund?", grid(rows))
    assert said == "2: Roof and Wall."

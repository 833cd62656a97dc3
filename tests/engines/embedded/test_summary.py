"""Pages in short: what they are about, and the lines that matter; what denies is no "yes"."""

from __future__ import annotations

import openai
import pytest
from PIL import Image, ImageDraw, ImageFont, ImageOps

from sightline.engines.embedded.ear.compose import denies
from tests.pictures import asking, encoded, written

LETTER = (
    "Water Works of Lindenau",
    "",
    "Subject: New meters in your street",
    "",
    "Dear customer, we are going to change the water meters in your street.",
    "The old meters are more than fifteen years old and no longer exact.",
    "Our fitters will change the meters in Mill Street on 14 May from 8:00.",
    "Please keep the way to the meter in your cellar clear on that day.",
    "A cat may be kept in another room, as the door has to stay open.",
    "The change costs you nothing, and the water is off for 20 minutes.",
    "",
    "Kind regards, Irma Falk",
)


def page(lines: tuple[str, ...]) -> bytes:
    image = Image.new("RGB", (900, 60 + 36 * len(lines)), "white")
    draw = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        draw.text((40, 30 + 36 * number), line, "black", ImageFont.load_default(22))
    return encoded(image)


def ask(client: openai.OpenAI, question: str, lines: tuple[str, ...] = LETTER) -> str:
    said = client.chat.completions.create(model="gpt-4o", messages=asking(question, page(lines)))
    return said.choices[0].message.content or ""


@pytest.mark.parametrize("question", ["What is this letter about?", "What's the subject?"])
def test_a_letter_is_about_its_subject(client: openai.OpenAI, question: str) -> None:
    assert ask(client, question) == "New meters in your street"


@pytest.mark.parametrize("question", ["Summarize the letter.", "tl;dr", "Give me the key points."])
def test_a_page_is_summed_up_by_the_sentences_that_matter(
    client: openai.OpenAI, question: str
) -> None:
    said = ask(client, question)
    assert "New meters in your street" in said
    assert "14 May" in said
    assert "cat" not in said
    assert len(said.splitlines()) <= 5


def test_a_summary_keeps_to_its_number_of_words(client: openai.OpenAI) -> None:
    said = ask(client, "Summarize the letter in at most 25 words.")
    assert len(said.split()) <= 25
    assert "meters" in said


@pytest.mark.parametrize(
    ("line", "so"),
    [
        ("3 received, 0% loss", True), ("no dogs on the lawn", True), ("Hunde verboten, kein Eis", True),
        ("we don't deliver", True), ("10% off? 30 % loss", True), ("open daily", False),
        ("100% wool", False), ("Knotted rope", False), ("noon", False),
    ],
)  # fmt: skip
def test_what_denies_is_told_apart(line: str, so: bool) -> None:
    assert denies(line) is so


@pytest.mark.parametrize(
    ("line", "question", "so"),
    [
        ("Ticket desk out of service", "Is the ticket desk working?", True),
        ("LH 481 cancelled", "Does the LH 481 fly?", True), ("Walnut cake: sold out", "Do they have walnut cake?", True),
        ("Sundays closed", "Is it closed on Sundays?", False), ("LH 481 cancelled", "Was it cancelled?", False),
        ("Payment failed", "Did the payment fail?", True),
    ],
)  # fmt: skip
def test_a_state_denies_unless_it_is_what_is_asked(line: str, question: str, so: bool) -> None:
    assert denies(line, question) is so


def test_rows_of_what_a_paper_tells_of_are_no_lines_of_text(client: openai.OpenAI) -> None:
    lines = ("Scarf in moss stitch", "Work until it is 30 cm long (64 rows).", "Bind off.")
    said = ask(client, "About how many rows is that?", lines)
    assert "lines" not in said
    assert "3 lines" in ask(
        client, "How many lines of text are there?", ("A bench", "A tree", "A cat")
    )


def test_what_denies_is_quoted_and_not_a_yes(client: openai.OpenAI) -> None:
    said = ask(
        client, "Does she want a new car park?", ("Irma Falk", "No new car park on the meadow")
    )
    assert not said.startswith("Yes")


@pytest.mark.parametrize("question", ["What does it say?", "Describe it.", "Who signed it?"])
def test_letters_that_cannot_be_read_are_told_of(client: openai.OpenAI, question: str) -> None:
    mirrored = encoded(ImageOps.mirror(written("Seventeen", size=44)))
    said = client.chat.completions.create(model="gpt-4o", messages=asking(question, mirrored))
    told = said.choices[0].message.content or ""
    assert "1 line of it is in letters that I cannot read." in told

"""Questions for several values of a paper, and lines that answer a question of yes or no with no."""

from __future__ import annotations

import openai
import pytest

from sightline.engines.embedded.paper.denials import denying
from sightline.engines.embedded.paper.field import FieldAnswer
from sightline.engines.embedded.paper.phrasing import told, under
from sightline.engines.embedded.paper.several_questions import operands, parts
from tests.pictures import asking, encoded, written


@pytest.mark.parametrize(
    ("question", "each"),
    [
        ("sender, subject and the date please", ("sender", "subject", "date")),
        ("I need the IBAN, BIC and account holder", ("IBAN", "BIC", "account holder")),
        ("name and address of the shop", ("name of the shop", "address of the shop")),
        ("the price of the soup and of the salad", ("price of soup", "price of salad")),
        ("When and where is lunch?", ("When is lunch?", "where is lunch?")),
        ("who paid and when?", ("who paid?", "when paid?")),
        ("what did it cost, and who paid", ("what did it cost?", "who paid?")),
        # These ask for one thing.
        ("What is the total?", ()),
        ("What does the bus and train ticket cost?", ()),
        ("Is it open on Saturday and Sunday?", ()),
        ("List the ingredients", ()),
        ("Look carefully, what is the total?", ()),
        ("Total, and nothing else", ()),
        ("thanks, the date", ()),
        ("how many apples and pears were ordered", ()),
    ],
)
def test_questions_for_several_values_are_parted(question: str, each: tuple[str, ...]) -> None:
    assert parts(question) == each


NOTICE = [
    "No dogs",
    "Smoking is not permitted anywhere in the building.",
    "Do not tumble dry.  Iron low",
    "Breakfast is not included. Towels are.",
    "No refunds after 14 days",
    "Not suitable for vegetarians",
    "No sugar added",
]


@pytest.mark.parametrize(
    ("question", "line"),
    [
        ("Can I bring my dog?", "No dogs"),
        ("May I smoke here?", "Smoking is not permitted anywhere in the building."),
        ("can i tumble dry this", "Do not tumble dry."),
        ("Is breakfast included?", "Breakfast is not included."),
        ("Is it suitable for vegetarians?", "Not suitable for vegetarians"),
        ("Are towels included?", None),
        ("Is it sugar free?", None),
        ("do i get a refund", None),  # for a while one does
        ("Is smoking forbidden?", None),
        ("Are there dogs or cats?", None),
    ],
)
def test_lines_that_deny_what_is_asked(question: str, line: str | None) -> None:
    assert denying(NOTICE, question) == line


SLIP = (
    "CLEARWATER DRY CLEANING",
    "Ticket: 48213",
    "Customer: Ines Falk",
    "Ready: 12 May 2025",
    "Paid: 31.50",
    "No refunds",
)


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("ticket, customer and the amount paid", ["48213", "Ines Falk", "31.50"]),
        ("Give me the ticket and the chassis number", ["48213", "chassis"]),
        ("Is there any refund?", ["No", "No refunds"]),
    ],
)
def test_each_is_answered_and_what_is_not_told_is_named(
    client: openai.OpenAI, question: str, told: list[str]
) -> None:
    said = client.chat.completions.create(
        model="gpt-4o", messages=asking(question, encoded(written(*SLIP)))
    )
    text = said.choices[0].message.content or ""
    assert all(part in text for part in told), text


@pytest.mark.parametrize(
    ("question", "reading", "sentence", "listed"),
    [
        ("What is the total?", FieldAnswer("5.00", "Sum", "total"), "The total is 5.00.", "Total: 5.00."),
        ("What are the fees?", FieldAnswer("5.00", "", "fees"), "The fees are 5.00.", "Fees: 5.00."),
        ("when is it", FieldAnswer("5 May", "Day", "date"), "Day: 5 May.", "Day: 5 May."),
        ("when is it", FieldAnswer("5 May", "", "date"), "5 May.", "Date: 5 May."),
        ("when is it open", FieldAnswer("Mon: 9-5", "", "hours"), "Mon: 9-5.", "Mon: 9-5."),
        ("how much", FieldAnswer("3.00", "3.00 per hour", "fee"), "3.00 per hour.", "Fee: 3.00 per hour."),
    ],
)  # fmt: skip
def test_a_value_is_written_once_and_kept_beside_its_sentence(
    question: str, reading: FieldAnswer, sentence: str, listed: str
) -> None:
    said = told(question, [reading])
    assert said == sentence
    assert under(reading.asked, said) == listed
    assert said.number == 1


def test_a_sentence_knows_of_how_many_things_it_tells() -> None:
    readings = [FieldAnswer("5.00", "Total", "total"), FieldAnswer("0.40", "Tax", "tax")]
    said = told("What are the total, the tax and the tip?", readings, ["tip"])
    assert said == "The total is 5.00. The tax is 0.40. The text does not tell the tip."
    assert (said.number, said.subject) == (3, "total")


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("Permit and hauling together?", ("sum", ("Permit", "hauling"))),
        ("Price and deposit together make how much?", ("sum", ("Price", "deposit"))),
        ("What is the sum of the fee and the deposit?", ("sum", ("fee", "deposit"))),
        ("How much more was the labour than the parts?", ("difference", ("labour", "parts"))),
        ("difference between gross and net pay", ("difference", ("gross", "net pay"))),
        ("How much did they pay in all?", None),
        ("What is the name and the date?", None),
    ],
)
def test_what_a_sum_or_difference_is_of(question: str, named: object) -> None:
    assert operands(question) == named

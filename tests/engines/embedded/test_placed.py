"""What is told by where it stands: trips of a timetable, what a schedule has when, who said what."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from sightline.engines.embedded import words
from sightline.engines.embedded.ask import understand
from sightline.engines.embedded.ear.layout import Layout
from sightline.engines.embedded.paper import (
    arithmetic,
    cells,
    dialogs,
    field,
    schedules,
    text_answers,
    timetable,
    units,
)
from sightline.engines.embedded.paper.sheet import Sheet
from sightline.engines.embedded.question_form import works_out
from sightline.perception.rows import Box, Piece, in_turn
from sightline.perception.rows import rows as found_rows
from sightline.perception.text import as_written
from tests.engines.embedded.pages import exhibit, rows

FERRY = exhibit(
    "Pier North|6:10|7:40|9:10|21:30", "Gull Island|6:32|8:02|9:32|21:52",
    "Lighthouse|6:55|8:25|9:55|22:15", "Child tickets 3.20, adult tickets 6.40",
)  # fmt: skip
NIGHT = exhibit("Depart|Kiel|Oslo", "Alba|21:00|07:30", "Boreal|22:15|08:45")
WEEK = exhibit(
    "|Mon 3|Tue 4|Wed 5", "08:30|Maths|Physics|Maths", "10:00|Interview: Ruiz|Choir|",
    "14:00||Fire drill|Lunch with Kenji",
)  # fmt: skip
CHAT = exhibit(
    "Moving day", "Petra", "The van is booked for nine", "18:02", "I bring the boxes", "18:05",
    "Yusuf", "Lift is broken on Sunday", "sorry", "18:11",
)  # fmt: skip
SHOP = exhibit("Ines", "I need the keys by noon", "11:02", "Per", "The milk is in the van", "11:09")
PLAY = exhibit(
    "ANNA: Did you feed the goat?", "BORIS: It ate the map.", "ANNA: Then we walk to Lund.",
)  # fmt: skip
ACCOUNT = exhibit(
    "Date|Details|Out|In|Balance", "02 Sep|Rent Krug|890.00||952.17", "05 Sep|Market Frisch|64.35||887.82",
    "25 Sep|Salary Datafold||2615.00|3502.82",
)  # fmt: skip
BILL = exhibit(
    "Item|Quantity|Price|Amount", "Base charge|12 months|9.50|114.00", "Energy|2840 kWh|0.29|823.60",
)  # fmt: skip
PARCEL = exhibit("Weight 1.35 kg|Parcel 1 of 2", "Contents|frames")
KETTLE = exhibit(
    "Kettle KX", "How to descale", "Fill with vinegar, leave for 30 minutes.", "Do not use",
    "for milk and soup.", "Data", "2200 W, cord 0.75 m.",
)  # fmt: skip
LEAGUE = exhibit("#|Team|Lost|Points", "1|Rovers|2|32", "2|Albion|3|30", "3|Corvo|9|11")


@pytest.mark.parametrize(
    ("page", "question", "answer"),
    [
        (FERRY, "When does the first ferry leave Pier North?", "6:10"),
        (FERRY, "What time does the last one arrive at the lighthouse?", "22:15"),
        (FERRY, "When does the 7:40 from Pier North reach the lighthouse?", "8:25"),
        (FERRY, "When is the next ferry from Gull Island after 8:10?", "9:32"),
        (FERRY, "What time is the first one from Gull Island after 9?", "9:32"),
        (FERRY, "How long does it take from Pier North to Gull Island?", "22 minutes."),
        (FERRY, "When does the ferry leave Pier North?", None),
        (FERRY, "When does the first ferry leave Skagen?", None),
        (NIGHT, "How long is the journey?", None),
        (NIGHT, "How long does Boreal take from Kiel to Oslo?", "10 hours 30 minutes."),
    ],
)
def test_a_trip_is_told_by_its_stop_and_its_place(
    page: Any, question: str, answer: str | None
) -> None:
    assert timetable.look_up(question, page) == answer


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("When is the fire drill?", "Tue 4, 14:00"),
        ("On which day is choir?", "Tue 4"),
        ("What time is physics?", "08:30"),
        ("When is maths?", "Mon 3, 08:30; Wed 5, 08:30"),
        ("Who is interviewed on Monday?", "Ruiz"),
        ("With whom is lunch?", "Kenji"),
        ("When is swimming?", None),
        ("When is the fire drill in the gym?", None),
        ("How long is choir?", None),
    ],
)
def test_a_cell_of_a_schedule_is_told_by_its_day_and_hour(
    question: str, answer: str | None
) -> None:
    assert schedules.look_up(question, WEEK) == answer


@pytest.mark.parametrize(
    ("page", "question", "answer"),
    [
        (CHAT, "Who wrote that the lift is broken?", "Yusuf"),
        (CHAT, "Who wrote at 18:02?", "Petra"),
        (CHAT, "What did Yusuf write?", "Lift is broken on Sunday sorry"),
        (CHAT, "When did Petra write?", "18:02"),
        (CHAT, "Who said they bring the boxes?", None),  # whoever owns the screen
        (CHAT, "Who said hello?", None),
        (SHOP, "Who needs the keys?", "Ines"),
        (SHOP, "Who has the milk?", None),
        (PLAY, "Who asked about the goat?", "ANNA"),
        (PLAY, "What did Boris say?", "It ate the map."),
        (PLAY, "What did Anna say about Lund?", "Then we walk to Lund."),
        (WEEK, "Who said physics?", None),
    ],
)
def test_who_said_what(page: Any, question: str, answer: str | None) -> None:
    assert dialogs.look_up(question, page) == answer


@pytest.mark.parametrize(
    ("page", "question", "answer"),
    [
        (ACCOUNT, "How much did she spend at the market?", "64.35"),
        (ACCOUNT, "How much is the rent?", "890.00"),
        (ACCOUNT, "How much salary was received?", "2615.00"),
        (ACCOUNT, "How much did the haircut cost?", None),
        (BILL, "How much is the base charge?", "114.00"),
        (BILL, "How much did the energy cost?", "823.60"),
    ],
)
def test_an_amount_is_that_of_the_row_and_no_balance(
    page: Any, question: str, answer: str | None
) -> None:
    assert cells.look_up(question, page) == answer


@pytest.mark.parametrize(
    ("page", "question", "answer"),
    [
        (PARCEL, "How many parcels are there?", "2"),
        (PARCEL, "How many pages does it have?", None),
        (KETTLE, "How many watts does it have?", "2200 W"),
        (KETTLE, "How many minutes does it take to descale?", "30 minutes"),
        (KETTLE, "How many grams does it weigh?", None),
    ],
)
def test_numbers_of_a_unit_and_of_so_many(page: Any, question: str, answer: str | None) -> None:
    numbered = text_answers._of_so_many(question.lower(), page.sheet)
    assert (numbered or units.look_up(question, page)) == answer


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How do I descale it?", "Fill with vinegar, leave for 30 minutes."),
        ("What should I not use it for?", "for milk and soup."),
        ("What is it used for?", None),
        ("Where was it made?", None),
    ],
)
def test_what_stands_under_a_heading_is_quoted(question: str, answer: str | None) -> None:
    assert text_answers.under_its_heading(question, KETTLE) == answer


def test_rows_are_named_by_words_and_not_by_their_numbers() -> None:
    assert arithmetic.look_up("Who lost the most games?", LEAGUE) == "Corvo: 9"
    assert cells.look_up("How many goals did Albion score?", LEAGUE) is None
    assert cells.look_up("How many points does Corvo have?", LEAGUE) == "11"


def test_what_is_told_before_a_question_is_no_question() -> None:
    asked = understand("I take the 7:40 from Pier North. When am I at the lighthouse?", 1)
    assert [clause.text for clause in asked.clauses] == ["When am I at the lighthouse?"]
    assert timetable.look_up(f"{asked.given} {asked.clauses[0].text}", FERRY) == "8:25"
    assert not understand("I need the total.", 1).given


def test_what_is_printed_is_not_worked_out() -> None:
    assert works_out("What is the average basket?")
    assert not works_out("What is the average basket?", "Orders 12 Average basket $46.70")


def test_signs_that_look_alike_are_read_as_they_must_be_meant() -> None:
    assert as_written("Mr 0konkwo, 0slo: 1.5 I") == "Mr Okonkwo, Oslo: 1.5 l"
    assert as_written("0xbeef, 0bad1, 100abc, 5 I") == "0xbeef, 0bad1, 100abc, 5 I"


def test_amounts_in_a_row_have_labels_of_their_own() -> None:
    text = "Child tickets 3.20, adult tickets 6.40"
    assert [text[at:] for at in words.further_labels(text)] == ["adult tickets 6.40"]
    assert not words.further_labels("In 2019, the firm had 40 people, and 3.50 was paid")
    (found,) = field.read_field(FERRY.sheet, "How much is an adult ticket?")
    assert found.value == "6.40"
    assert works_out("How much cheaper is a child's ticket than an adult's?")


def test_a_sidebar_is_read_by_itself() -> None:
    def column(x: int, *lines: tuple[int, str]) -> list[Piece]:
        return [Piece(t, Box(x, y, x + 9 * len(t), y + 20), 1.0) for y, t in lines]

    side = (
        (0, "Mara Ilves"),
        (52, "Contact"),
        (84, "Tartu"),
        (128, "Languages"),
        (160, "Estonian"),
    )
    main = (
        (8, "Work"),
        (40, "Ferry pilot, Saaremaa"),
        (66, "since 2021"),
        (106, "Education"),
        (142, "Sea school"),
    )
    level = [(y, text) for y, (_, text) in zip((8, 40, 66, 106, 142), side, strict=True)]
    apart = in_turn(found_rows([*column(30, *side), *column(400, *main)]))
    assert [row.text for row in apart] == [text for _, text in (*side, *main)]
    table = in_turn(found_rows([*column(30, *level), *column(400, *main)]))
    assert all(len(row.pieces) == 2 for row in table)
    amounts = [(y, f"{y}.50") for y, _ in main]
    assert any(
        len(r.pieces) > 1 for r in in_turn(found_rows([*column(30, *side), *column(400, *amounts)]))
    )


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Which red wines are there?", "Rioja, Barolo"),
        ("How many white wines are listed?", "2: Riesling and Veltliner."),
        ("Which rosé wines are there?", None),
    ],
)
def test_a_kind_of_thing_is_listed_by_its_heading(question: str, answer: str | None) -> None:
    page = exhibit(
        "Wines", "White", "Riesling|7.50", "Veltliner|6.80", "Red", "Rioja|7.90", "Barolo|14.50"
    )
    assert text_answers.under_heading(question, page) == answer


def test_short_lines_under_the_very_word_are_listed() -> None:
    page: Any = exhibit("Mara Ilves", "Languages", "Estonian (native)", "• Finnish (B2)", "Skills")
    assert text_answers.listed_under("Which languages does she speak?", page) == (
        "Estonian (native), Finnish (B2), Skills"  # lines as close as the others
    )
    apart = tuple(
        row
        for n, row in enumerate(rows("Languages", "Estonian", "Finnish", "", "Skills"))
        if n != 3
    )
    page = SimpleNamespace(layout=Layout(apart), sheet=Sheet(apart))
    assert text_answers.listed_under("What are her languages?", page) == "Estonian, Finnish"
    assert text_answers.listed_under("What are her hobbies?", page) is None
    assert (
        text_answers.listed_under("Which languages are hardest to learn here?", exhibit("Mara"))
        is None
    )


def test_points_beside_each_other_are_read_one_list_after_the_other() -> None:
    page = rows(
        "Barley soup", "Needed|Steps", "• 200 g barley|1. Rinse the barley for two", "• 1 leek|minutes.",
        "• salt|2. Boil it with the leek.", width=240,
    )  # fmt: skip
    assert [row.text for row in in_turn(page)] == [
        "Barley soup", "Needed", "• 200 g barley", "• 1 leek", "• salt",
        "Steps", "1. Rinse the barley for two", "minutes.", "2. Boil it with the leek.",
    ]  # fmt: skip

"""The ear's own parts: words, facts with their surroundings, what is worked out of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sightline.engines.embedded import values
from sightline.engines.embedded.ear.columns import by_column
from sightline.engines.embedded.ear.compose import compose, gathered, of_two, written
from sightline.engines.embedded.ear.confidence import form, widened
from sightline.engines.embedded.ear.facts import Fact, facts, text_of
from sightline.engines.embedded.ear.linearised import LONGEST, shared, stemmed, windows
from sightline.engines.embedded.ear.matcher import Match, Part
from sightline.engines.embedded.ear.tokens import Word, WordPieces, split
from sightline.perception.rows import Box


def page(*rows: str) -> list[Word]:
    """Words of rows whose pieces are parted by two spaces; a piece begins in a column of 200."""
    made: list[Word] = []
    piece = 0
    for row, line in enumerate(rows):
        for column, part in enumerate(line.split("  ")):
            if not part:
                continue
            x = 10.0 + 200 * column
            for begin, end in split(part):
                box = Box(x + 9 * begin, 30.0 * row, x + 9 * end, 30.0 * row + 20)
                made.append(Word(part[begin:end], box, row, piece, begin))
            piece += 1
    return made


def fact(words: list[Word], text: str) -> Fact:
    return next(one for one in facts(words) if one.text == text)


def matched(operation: Any, parts: tuple[Part, ...]) -> Match:
    """A match that the network is sure of."""
    return Match(
        operation, parts, named=1.0, there=1.0, first=1.0, share=1.0, found=1.0, missed=0.0, cut=1.0
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Total: 12.50", ["Total:", "12.50"]),
        ("Total:12.50", ["Total:", "12.50"]),
        ("at 12:30:15 h", ["at", "12:30:15", "h"]),
        ("合計 1,200円", ["合", "計", "1,200", "円"]),
    ],
)
def test_words_are_parted(text: str, words: list[str]) -> None:
    assert [text[a:b] for a, b in split(text)] == words


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ("Serving size 30 g. Servings per bag: 5", ["Serving size 30 g.", "Servings per bag:", "5"]),
        ("Present: 14 members. Apologies: Ash", ["Present:", "14 members.", "Apologies:", "Ash"]),
        ("Pieces: 3, Weight: 41 kg", ["Pieces:", "3,", "Weight:", "41 kg"]),
        ("Arrival: 14 Mar 2026 Departure: 17 Mar", ["Arrival:", "14 Mar 2026", "Departure:", "17 Mar"]),
        ("Open at 10:30 in Dr. Smith: yes", ["Open at 10:30 in Dr.", "Smith:", "yes"]),
        ("1. Water: off, as it was: in May", ["1. Water:", "off, as it was:", "in May"]),
    ],
)  # fmt: skip
def test_labels_part_what_stands_in_one_line(line: str, cells: list[str]) -> None:
    assert [one.text for one in facts(page(line))] == cells


def test_numbers_with_units_and_years_have_the_heads_of_their_columns() -> None:
    eaten = page("Oats  per 30 g  per 100 g", "Energy  124 kcal  413 kcal", "Salt  0.28 g  0.93 g")
    assert fact(eaten, "0.93 g").around["column"] == "per 100 g"
    seen = page("Visitors of the old museum", "  2023  2024", "May  410  388", "June  402  377")
    assert fact(seen, "377").around["column"] == "2024"


def test_a_question_means_the_column_that_it_names() -> None:
    told = facts(page("Oats  per 30 g  per 100 g", "Salt  0.28 g  0.93 g", "Fat  4.1 g  13.7 g"))
    scores = np.array([2.0 if one.text == "0.28 g" else -4.0 for one in told])

    def best(question: str) -> str:
        return told[int(by_column(question, told, scores).argmax())].text

    assert best("How much salt per 100 grams?") == "0.93 g"
    assert best("How much salt is in 30 g?") == "0.28 g"
    assert by_column("How much salt is in it?", told, scores) is scores
    assert by_column("Is it more in 30 g or in 100 g?", told, scores) is scores


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("What do they want for one board?", "9.50"), ("How much is a single board?", "9.50"),
        ("How much is each board?", "9.50"), ("How much do the boards cost?", "57.00"),
        ("price per piece of the board?", "9.50"),
    ],
)  # fmt: skip
def test_what_one_costs_stands_in_its_own_column(question: str, meant: str) -> None:
    told = facts(
        page("Item  Qty  Unit price  Amount", "Board  6  9.50  57.00", "Nail  40  0.20  8.00")
    )
    scores = np.array([{"9.50": 1.0, "57.00": 1.1}.get(one.text, -4.0) for one in told])
    assert told[int(by_column(question, told, scores).argmax())].text == meant


def test_bars_part_what_stands_in_one_line() -> None:
    words = page("55-20841·till 3 · Maeve", "Single 2.40 | Day 5.60")
    assert [one.text.strip(" ·|") for one in facts(words)] == [
        "55-20841", "till 3", "Maeve", "Single 2.40", "Day 5.60",
    ]  # fmt: skip


def test_every_word_is_of_one_fact() -> None:
    words = page(
        "Harbour Kiosk",
        "Receipt: 118  Till: 4",
        "Tea  2  5.00",
        "a long line of prose that goes on " * 4,
    )
    numbers = sorted(number for one in facts(words) for number in one.words)
    assert numbers == list(range(len(words)))


def test_a_value_knows_its_label_wherever_that_stands() -> None:
    words = page("Due: 4 May", "Sum  12.50", "Weight", "2.4 kg")
    assert fact(words, "4 May").around["label"] == "Due"
    assert fact(words, "12.50").around["label"] == "Sum"
    assert fact(words, "2.4 kg").around["above"] == "Weight"
    assert fact(words, "Weight").around["below"] == "2.4 kg"


def test_a_cell_knows_its_row_and_its_column() -> None:
    words = page("Item  Count  Price", "Tea  2  2.50", "Rice  1  3.00")
    told = fact(words, "3.00")
    assert told.around["label"] == "Rice"
    assert told.around["column"] == "Price"
    assert (told.nth, told.last) == (2, 0)
    assert fact(words, "2.50").around["column"] == "Price"
    assert fact(words, "1").around["column"] == "Count"


def test_a_heading_names_what_stands_under_it() -> None:
    words = page("OPENING HOURS", "Monday  9-5", "Tuesday  10-4")
    assert fact(words, "10-4").around["section"] == "OPENING HOURS"


def part(words: list[Word], text: str) -> Part:
    found = fact(words, text)
    return Part(found, found.words, 1.0)


@pytest.mark.parametrize(
    ("operation", "marked", "question", "value", "note"),
    [
        ("quote", "2.50", "How much is tea?", "2.50", ""),
        ("count", "tea milk rice", "How many things?", "3", "tea, milk and rice"),
        ("sum", "2.50 1.20", "Both together?", "3.70", "2.50 + 1.20"),
        ("difference", "2.50 1.20", "How much more?", "1.30", "2.50 − 1.20"),
        ("average", "2.50 1.20 3.00", "On average?", "2.23", "2.50, 1.20, 3.00"),
        ("most", "2.50 1.20 3.00", "What is dearest?", "rice", "3.00"),
        ("least", "2.50 1.20 3.00", "What is cheapest?", "milk", "1.20"),
        ("highest", "2.50 1.20 3.00", "The highest price?", "3.00", ""),
        ("over", "3.00", "Is rice over 2?", "Yes", "3.00"),
        ("under", "3.00", "Is rice under 2?", "No", "3.00"),
        ("count over", "2.50 1.20 3.00", "How many over 2?", "2", "tea 2.50 and rice 3.00"),
        ("no", "tea", "Is tea free?", "No", "tea"),
        ("has", "milk", "Is milk on it?", "Yes", "milk"),
        ("lacks", "milk", "Is milk missing?", "No", "milk"),
    ],
)  # fmt: skip
def test_answers_are_worked_out_of_what_was_found(
    operation: str, marked: str, question: str, value: str, note: str
) -> None:
    words = page("tea  2.50", "milk  1.20", "rice  3.00")
    parts = tuple(part(words, text) for text in marked.split())
    made = compose(question, matched(operation, parts), words)
    assert made is not None
    assert (made.value, made.note) == (value, note)
    assert [one.box for one in made.told]


def test_what_cannot_be_worked_out_is_not_answered() -> None:
    words = page("tea  free", "milk  1.20")
    cases = (("sum", "free 1.20"), ("over", "1.20"), ("difference", "1.20"), ("count", "1.20"))
    for operation, marked in cases:
        parts = tuple(part(words, text) for text in marked.split())
        match = matched(operation, parts)
        assert compose("Is it more?", match, words) is None


def test_prose_that_goes_on_in_the_next_line_is_one_value() -> None:
    words = page("The road is closed because of a", "burst water main. Take the bus.")
    first, second = facts(words)
    marked = (Part(first, first.words[5:], 0.9), Part(second, second.words[:3], 0.9))
    (told,) = gathered(marked, words)
    assert told.text == "of a burst water main"


@pytest.mark.parametrize(
    ("line", "marked", "whole"),
    [
        ("Meet us in front of the old post office, at noon", "in front of the", "in front of the old post office"),
        ("Painting the front € 18,400", "€", "€ 18,400"),
        ("We leave from platform 5 at noon", "platform 5", "platform 5"),
    ],
)  # fmt: skip
def test_a_phrase_that_was_cut_goes_on_to_its_end(line: str, marked: str, whole: str) -> None:
    words = page(line)
    (only,) = facts(words)
    texts = [words[n].text for n in only.words]
    wanted = marked.split()
    at = next(i for i in range(len(texts)) if texts[i : i + len(wanted)] == wanted)
    (told,) = gathered((Part(only, only.words[at : at + len(wanted)], 0.9),), words)
    assert told.text == whole


def test_a_value_stands_alone_and_what_is_worked_out_with_its_numbers() -> None:
    words = page("tea  2.50", "milk  1.20")
    parts = (part(words, "2.50"), part(words, "1.20"))
    summed = compose("Together?", matched("sum", parts), words)
    assert summed is not None
    assert written(summed, "sum", terse=False) == "3.70 (2.50 + 1.20)."
    assert written(summed, "sum", terse=True) == "3.70"


@pytest.mark.parametrize(
    ("question", "value", "fits"),
    [
        ("When is it open?", "9:00 - 17:00", 1),
        ("When is it open?", "Maria", -1),
        ("Who is the doctor?", "Dr. Vega", 1),
        ("Who is the doctor?", "020 7946 0171", -1),
        ("How much is it?", "2.50", 1),
        ("How much is it?", "Tea", -1),
        ("What does a ticket cost?", "2.50", 1),
        ("What does a ticket cost?", "€ 12,-", 1),
        ("What does a ticket cost?", "45 minutes", -1),
        ("What does a ticket cost?", "100 % wool", -1),
        ("Who wrote it?", "mail@wool.example", -1),
        ("Why is it closed?", "burst pipe", 1),
        ("Which colour?", "red", 0),
    ],
)
def test_the_question_word_binds_the_form(question: str, value: str, fits: int) -> None:
    assert form(question, value) == fits


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("at half past two in the afternoon", ["half past two"]), ("nine o'clock sharp", ["nine o'clock"]),
        ("from noon", ["noon"]), ("in the afternoon", []), ("one of two", []), ("18:40", ["18:40"]),
    ],
)  # fmt: skip
def test_times_are_told_in_words_and_figures(text: str, times: list[str]) -> None:
    assert values.find(text, "time") == times


@pytest.mark.parametrize(
    ("text", "marked", "whole"),
    [
        ("open from 7 am to 10 pm daily", "10", "10 pm"),
        ("due 11 June 2025 at the desk", "June", "11 June 2025"),
        ("weighs 2.4 kg", "2.4", "2.4 kg"),
        ("Room 14", "14", "14"),
    ],
)
def test_a_value_is_told_whole(text: str, marked: str, whole: str) -> None:
    begin = text.rindex(marked)
    a, b = widened(text, begin, begin + len(marked))
    assert text[a:b].strip() == whole


VOCABULARY = WordPieces(
    ["[PAD]", *(f"[unused{n}]" for n in range(99)), "[UNK]", "[CLS]", "[SEP]", "|", ":", "item",
     "count", "price", "tea", "rice", "2", "1", "3", "due", "may", "4"]
)  # fmt: skip


def told(words: list[Word]) -> list[str]:
    """Write the pieces of a page's windows."""
    names = [*["?"] * 100, "?", "[CLS]", "[SEP]", "|", ":", *"item count price tea rice 2 1 3 due may 4".split()]  # fmt: skip
    return [
        " ".join(names[number] for number in window.ids)
        for window in windows(facts(words), words, VOCABULARY)
    ]


def test_a_page_is_told_in_reading_order_with_the_heads_of_its_columns() -> None:
    words = page("Due: 4 May", "", "Item  Count  Price", "Tea  2  3", "Rice  1  4")
    (pieces,) = told(words)
    assert pieces.startswith("due : | 4 may [SEP]")
    assert "tea | count : 2 | price : 3 [SEP]" in pieces
    assert pieces.endswith("price : 4 [SEP]")


def test_a_long_page_is_told_in_windows_that_cut_no_fact() -> None:
    words = page(*(["Tea  2  3"] * 120))
    made = windows(facts(words), words, VOCABULARY)
    assert len(made) > 1
    assert all(len(window.ids) <= LONGEST for window in made)
    assert [n for window in made for n in window.words if n >= 0] == list(range(len(words)))


def test_a_network_is_told_what_a_question_and_a_fact_share() -> None:
    words = page("Due: 4 May", "Tea  2")
    found = shared("When is it due?", stemmed(facts(words)))
    rows = {one.text: row for one, row in zip(facts(words), found, strict=True)}
    assert rows["4 May"][0] == 1.0  # of its label
    assert not rows["2"].any()


@pytest.mark.parametrize(
    ("question", "row", "value", "answer"),
    [
        ("Is it more than 30 pounds?", "Paid  31.58", "31.58", "Yes"),
        ("Is it less than 30 pounds?", "Paid  31.58", "31.58", "No"),
        ("When does it close on Monday?", "Monday:  6:30 - 21:00", "6:30 - 21:00", "21:00"),
        ("What time does it open on Monday?", "Monday:  6:30 - 21:00", "6:30 - 21:00", "6:30"),
        ("What are the hours on Monday?", "Monday:  6:30 - 21:00", "6:30 - 21:00", "6:30 - 21:00"),
    ],
)
def test_numbers_are_compared_and_hours_cut_to_the_end_asked_for(
    question: str, row: str, value: str, answer: str
) -> None:
    words = page(row)
    found = fact(words, value)
    operation = "yes" if question.startswith("Is") else "quote"
    made = compose(question, matched(operation, (Part(found, found.words, 1.0),)), words)
    assert made is not None
    assert made.value == answer


@pytest.mark.parametrize(
    ("question", "row", "value", "answer"),
    [
        ("How many books can I take?", "Up to 8 books a month", "books", "8 books"),
        ("What may I take?", "Up to 8 books a month", "books", "books"),
        ("What's the serial?", "QK 304 88 210", "304 88 210", "QK 304 88 210"),
        ("What's the fare?", "VAT 12.50", "12.50", "12.50"),
        ("What do they ask an hour?", "Plumber $90 $540.00", "$90 $540.00", None),
        ("rates and amounts?", "Plumber $90 $540.00", "$90 $540.00", "$90 $540.00"),
        ("How many songs are there?", "Songs 31.5 GB", "31.5 GB", None),
        ("How many GB do the songs take?", "Songs 31.5 GB", "31.5 GB", "31.5 GB"),
        ("How many grams of flour?", "Flour 250 g", "250 g", "250 g"),
        ("What did one tart cost?", "3 Plum tart  12.60", "12.60", "4.20"),
        ("How much were the tarts?", "3 Plum tart  12.60", "12.60", "12.60"),
        ("What did one of them pay?", "3 Plum tart  12.60", "12.60", "12.60"),
        ("What did each coffee cost?", "3 coffees  10.00", "10.00", "10.00"),
        (
            "Guarantee?",
            "Guarantee  5 years (frame 10 years)",
            "5 years (frame 10",
            "5 years (frame 10 years)",
        ),
        ("How much is left?", "Used: 140.5 GB of 256 GB", "140.5 GB of 256 GB", "115.5 GB"),
        (
            "How much is used?",
            "Used: 140.5 GB of 256 GB",
            "140.5 GB of 256 GB",
            "140.5 GB of 256 GB",
        ),
    ],
)
def test_a_value_is_neither_cut_nor_two_nor_of_another_unit(
    question: str, row: str, value: str, answer: str | None
) -> None:
    words = page(row)
    (whole,) = (fact for fact in facts(words) if value in text_of(words, fact.words))
    texts = [words[number].text for number in whole.words]
    size = len(value.split())
    at = next(n for n in range(len(texts)) if texts[n : n + size] == value.split())
    found = Part(whole, whole.words[at : at + size], 1.0)
    made = compose(question, matched("quote", (found,)), words)
    assert (None if made is None else made.value) == answer


def test_values_that_were_asked_for_one_by_one_are_added_where_they_are_of_one_kind() -> None:
    assert of_two("sum", ["€29.50", "€3.00"]) == "32.50 (€29.50 + €3.00)."
    assert of_two("difference", ["96.10", "118.50"]) == "22.40 (118.50 − 96.10)."
    assert of_two("difference", ["15:09", "15:27"]) == "18 minutes (15:09 and 15:27)."
    assert of_two("sum", ["29.50", "two bags"]) is None
    assert of_two("sum", ["3 kg", "4 m"]) is None

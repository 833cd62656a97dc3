"""Numbers of tables and lists worked out, of rows as they are read."""

from __future__ import annotations

from typing import Any

import pytest

from sightline.engines.embedded.paper import arithmetic, cells, text_answers
from tests.engines.embedded.pages import exhibit

PRICES = exhibit(
    "Room|Weekday|Weekend", "Attic|€80|€95", "Garden|€120|€140", "Harbour view|€110|€150",
)  # fmt: skip
LIST = exhibit("Green tea|2.50", "Fish & Chips|19.75", "Lobster roll|28.50", "Total|50.75")
MEALS = exhibit("Animal|Food", "Otter|900 g", "Bear|4 kg", "Owl|120 g")
MENU = exhibit(
    "Soups", "Lentil|6.20", "Fish|8.90", "Sweets", "Plum cake|5.10", "Sorbet|4.40",
    "Cutlery charge 1.00 each, no cards.",
)  # fmt: skip
PEAKS = exhibit(
    "Mountain|Country|Height|First climbed", "Corno|Italy|2.912 m|1573", "Alto|Chile|2.100 m|1901",
    "Monte Bello|Chile|1.460 m|1899",
)  # fmt: skip
SHIPS = exhibit("Ship|Pier|Leaves", "Tern|A|~07:05", "Gull|B|(06:10)", "Puffin|C|08:20")
RUN = exhibit("Runner|Club|Time", "Ann|Harriers|18:21", "Bo|Striders|17:50", "Cy|Harriers|19:04")
FARES = exhibit("Zone|Single", "One|2,90 €", "Two|4,10 €", "Three|6,40 €")
PLANS = exhibit(
    "|Mini|Plus|Max", "Monthly price|£7.99|£18.99|£34.99", "Minutes|100|500|5,000",
    "Contract|none|12 months|24 months",
)  # fmt: skip
BUDGET = exhibit(
    "|A|B|C", "1|Month|Rent|Food", "2|May|820|312", "3|June|850|287", "4|July|850|345",
)  # fmt: skip
VOTES = exhibit(  # the sign over the last column was not read
    "Mayor of Hartwell: votes in May", "Candidate|Party|Votes", "Helen Marsh|Green|184|54.6", "Ann Finlay|Union|122|36.2",
    "Tom Karim|Front|31|9.2", "Valid votes||337|100.0",
)  # fmt: skip
TRAINS = exhibit(
    "Stop|501|503|505", "Easton|06:10|07:05|08:20", "Mill|06:18|07:14|08:29", "Pier|06:41|07:44|08:59",
)  # fmt: skip


@pytest.mark.parametrize(
    ("page", "question", "answer"),
    [
        (PRICES, "Which is the cheapest room at the weekend?", "Attic: €95"),
        (PRICES, "Which room costs most on a weekday?", "Garden: €120"),
        (PRICES, "Which room is the dearest?", None),
        (PRICES, "How much more is the harbour view than the attic on a weekday?", "€30 (€110 − €80)."),
        (LIST, "Fish and chips and green tea together?", "22.25 (2.50 + 19.75)."),
        (LIST, "Which is cheaper, the lobster roll or the green tea?", "Green tea: 2.50, beside 28.50"),
        (LIST, "What is the difference between tea and cake?", None),
        (TRAINS, "How long does it take from Easton to the pier on the 503?", "39 minutes (07:05 and 07:44)."),
        (LIST, "Who signed it?", None),
        (LIST, "What is the dearest item?", "Lobster roll: 28.50"),
        (MEALS, "Who gets the most food?", None),
        (MENU, "What is the cheapest soup?", "Lentil: 6.20"),
        (MENU, "Which sweet is the dearest?", "Plum cake: 5.10"),
        (MENU, "Which soups are under 7?", "Lentil"),
        (LIST, "What costs less than 20?", "Green tea, Fish & Chips"),
        (LIST, "How many items are at least 19.75?", "2: Fish & Chips, Lobster roll"),
        (LIST, "What costs more than 3 but less than 20?", None),
        (LIST, "Is the tea cheaper than the lobster?", "Yes: Green tea: 2.50, Lobster roll: 28.50"),
        (LIST, "A lobster roll and a green tea, what does that come to?", "31.00 (2.50 + 28.50)."),
        (LIST, "What is the second most expensive?", "Fish & Chips: 19.75"),
        (LIST, "What do I have to pay in all?", None),
        (LIST, "How much is the tea with milk?", None),
        (PEAKS, "What is the tallest mountain?", "Corno: 2.912 m"),
        (PEAKS, "What is the tallest in Chile?", "Alto: 2.100 m"),
        (PEAKS, "How much higher is Corno than Monte Bello?", "1.452 m (2.912 m − 1.460 m)."),
        (PEAKS, "Which is the best?", None),
        (RUN, "Who was the fastest?", "Bo: 17:50"),
        (RUN, "Who took under 18 minutes?", None),
        (SHIPS, "Which ship is the earliest?", "Gull: (06:10)"),
        (PLANS, "Which plan is the cheapest?", "Mini: £7.99"),
        (PLANS, "Is Max dearer than Plus?", "Yes: Max: £34.99, Plus: £18.99"),
        (BUDGET, "Which month had the cheapest food?", "June: 287"),
        (BUDGET, "How much is the rent in July?", "850"),
        (VOTES, "Who got the most votes?", "Helen Marsh: 184"),
        (VOTES, "How many more votes did Marsh get than Finlay?", "62 (184 − 122)."),
        (VOTES, "Who got the most money?", None),
        (MEALS, "How often is the otter fed?", None),
        (MEALS, "How many otters are there?", None),
        (FARES, "What do all zones add up to?", "13,40 € (2,90 € + 4,10 € + 6,40 €)."),
    ],
)  # fmt: skip
def test_numbers_are_worked_out_where_rows_and_columns_are_told(
    page: Any, question: str, answer: str | None
) -> None:
    assert (arithmetic.look_up(question, page) or arithmetic.value(question, page)) == answer


def test_trains_head_a_timetable() -> None:
    (table,) = TRAINS.layout.tables
    assert table.heads == ("Stop", "501", "503", "505")
    assert cells.look_up("When does train 505 leave Mill?", TRAINS) == "08:29"


def test_a_table_begins_at_the_row_that_heads_most_columns_and_ends_before_its_sums() -> None:
    page = exhibit(
        "Bill to|Invoice|Terms", "Oak School|Date|today", "Station Road|Due|later",
        "Item|Number|Each|Sum", "Spade|2|4.00|8.00", "Rake|1|5.00|5.00", "Soil|3|2.00|6.00",
        "||Goods|19.00", "||Tax|1.90",
    )  # fmt: skip
    table = page.layout.tables[-1]
    assert table.heads == ("Item", "Number", "Each", "Sum")
    assert [table.text(row, 0) for row in range(len(table.rows))] == ["Spade", "Rake", "Soil"]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Which soups are there?", "Lentil, Fish"),
        ("What sweets do they have?", "Plum cake, Sorbet"),
        ("Which cakes are there?", None),
        ("How many soups are there?", "2: Lentil and Fish."),
        ("How many soups were sold in May?", None),
    ],
)
def test_what_stands_under_a_heading_is_listed(question: str, answer: str | None) -> None:
    assert text_answers.under_heading(question, MENU) == answer

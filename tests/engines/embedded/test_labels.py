"""Values by the very label that is asked for, and what needs none: where they begin and where they end."""

from __future__ import annotations

import pytest

from sightline.engines.embedded.convert import words_of
from sightline.engines.embedded.paper import alone, labels, legends
from sightline.engines.embedded.paper.sheet import FoundValue
from tests.engines.embedded.pages import exhibit

LINES = exhibit(
    "Fog and drizzle · Feels like 4°", "Adult ticket 5.20, child ticket 2.60",
    "Account holder: Ada Novak Account no. 2200 9134 07", "Opening balance 3 May: 1,204.50",
    "Sort code 40-22-19, account 5512 0098. Late payments bear 6% interest",
    "Rest 20 min Bake 45 min", "Guest: Fam. Weber Room 208 4 nights", "Arrival 02.05.2026 Departure 06.05.2026",
    "Breakfast, 8 at 12.50|100.00", "VAT 20 %|33.40", "Vehicle: Fiat Panda, plate KL-220-RB",
    "Registration GB19 ZTR", "Card: 3300 5512", "Fees open: 1.50", "Data used: 7.4 of 10 GB. Your contract ends in May", "At the clinic your pulse rate was 64 and your weight 70 kg, which is well",
)  # fmt: skip
TILES = exhibit(
    "Humidity|Wind|Rain", "71 %|4 m/s N|3 mm", "Sunrise|Sunset|UV index", "06:12|20:41|5"
)
SLIDE = exhibit("€ 3.1 m|204|1.8 %", "Revenue|New customers|Churn", "+9 % vs Q1|+17|-0.2 points")
LAB = exhibit("Test|Result|Unit|Reference", "CRP|31 H|mg/l|< 5", "Sodium|139|mmol/l|135 - 145")
LIST = exhibit("Font size|Large", "Refresh rate|60 Hz", "Brightness|48 %")
CAST = exhibit("Captain Ola|INES ROWE", "The Cook|TAM BELL", "First Mate Jo|LEA FORD", "Stunts 4")
TWICE = exhibit("Deposit: 200.00", "Deposit: 350.00")


def found(page: object, name: str) -> str | None:
    value: FoundValue | None = labels.look_up(page.sheet, words_of(name))  # type: ignore[attr-defined]
    return None if value is None else value.value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("feels_like", "4°"), ("child_ticket", "2.60"), ("adult_ticket", "5.20"), ("account_holder", "Ada Novak"),
        ("account_number", "2200 9134 07"), ("opening_balance", "1,204.50"), ("sort_code", "40-22-19"),
        ("bake", "45 min"), ("guest", "Fam. Weber"), ("room", "208"), ("arrival_date", "02.05.2026"), ("arrival", None),
        ("breakfast", "100.00"), ("vat", "33.40"), ("vehicle", "Fiat Panda"), ("registration", "GB19 ZTR"),
        ("pulse_rate", "64"), ("head_waiter", None), ("card_number", "3300 5512"), ("open_fees", "1.50"), ("data_used", "7.4 of 10 GB"),
    ],
)  # fmt: skip
def test_a_value_ends_where_its_form_does(name: str, value: str | None) -> None:
    assert found(LINES, name) == value


@pytest.mark.parametrize(
    ("page", "name", "value"),
    [
        (TILES, "wind", "4 m/s"), (TILES, "sunrise", "06:12"), (TILES, "uv_index", "5"), (TILES, "rain", "3 mm"),
        (SLIDE, "revenue", "€ 3.1"), (SLIDE, "new_customers", "204"), (SLIDE, "churn", "1.8 %"),
        (LAB, "crp", "31 H"), (LAB, "sodium", "139"), (LIST, "refresh_rate", "60 Hz"), (CAST, "captain", "INES ROWE"),
        (CAST, "cook", "TAM BELL"),
    ],
)  # fmt: skip
def test_labels_stand_over_under_and_beside_their_values(
    page: object, name: str, value: str
) -> None:
    assert (found(page, name) or "").startswith(value)


def test_nothing_is_told_where_a_label_has_two_values() -> None:
    assert found(TWICE, "deposit") is None


@pytest.mark.parametrize(
    ("lines", "name", "value"),
    [
        (("Fill with 1.7 l of water",), "capacity", "1.7 l"), (("0.5 l vinegar", "1.7 l"), "capacity", None),
        (("Fam. Weber 4 nights",), "nights", "4"), (("Five arches of stone",), "arches", "Five"),
        (("Seen by Dr. Mira Holt on Monday",), "doctor", "Dr. Mira Holt"), (("Dear Ms Okafor,",), "patient", "Ms Okafor"),
        (("Hotel Meerblick", "Bill 22"), "hotel", "Hotel Meerblick"), (("Pay slip", "Finch & Wren Ltd"), "employer", "Finch & Wren Ltd"),
        (("Ole Brandt", "Baker", "ole.brandt@mail.example"), "name", "Ole Brandt"),
        (("To AT61 1904 3002 3457 3201 by Friday",), "iban", "AT61 1904 3002 3457 3201"),
        (("Hotel Meerblick",), "garage", None), (("Dr. Holt", "Dr. Vane"), "doctor", None),
    ],
)  # fmt: skip
def test_what_is_alone_of_its_kind_needs_no_label(
    lines: tuple[str, ...], name: str, value: str | None
) -> None:
    told = alone.look_up(exhibit(*lines).sheet, words_of(name))
    assert (None if told is None else told.value) == value


LEGEND = exhibit(
    "k = knit  p = purl  sl1 = slip one stitch", "RSVP = please answer", "Row 3: k2, p2"
)


@pytest.mark.parametrize(
    ("question", "meaning"),
    [
        ("What does sl1 stand for?", "slip one stitch"), ("what does \"p\" mean", "purl"), ("meaning of RSVP?", "please answer"),
        ("What does Row stand for?", None), ("What is sl1?", None), ("What does it say?", None),
    ],
)  # fmt: skip
def test_a_legend_says_what_signs_stand_for(question: str, meaning: str | None) -> None:
    assert legends.look_up(question, LEGEND) == meaning

"""Who issued a paper and what is to be paid, of rows as they are read."""

from __future__ import annotations

import pytest

from sightline.engines.embedded.paper.issuer import issuer
from sightline.engines.embedded.paper.sheet import Sheet
from sightline.engines.embedded.paper.total_due import payable
from sightline.perception.rows import Box, Piece, Row


def sheet(*lines: str, tall: tuple[int, ...] = ()) -> Sheet:
    """Rows whose cells are parted by two blanks; `tall` are set larger."""
    rows = []
    for number, line in enumerate(lines):
        high = 34 if number in tall else 20
        pieces = [
            Piece(
                text,
                Box(40 + 200 * at, 40 * number, 40 + 200 * at + 9 * len(text), 40 * number + high),
                1.0,
            )
            for at, text in enumerate(line.split("  "))
        ]
        rows.append(Row(tuple(pieces)))
    return Sheet(tuple(rows))


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (("HARBOUR BOOKS LTD (90017-K)", "12 Mill Street", "Tel: 020 7946 0011"), "HARBOUR BOOKS LTD"),
        (("A00412", "Café Lindenau", "Hauptstraße 4", "04177 Leipzig"), "Café Lindenau"),
        (("NORTHERN LIGHT", "TRADING CO. LTD", "(Reg No 118822-A)", "Lot 4, Jalan 3"), "NORTHERN LIGHT TRADING CO. LTD"),
        (("RECEIPT", "Table: 4", "Osteria da Nonna", "Via Roma 12", "Cashier: Rita"), "Osteria da Nonna"),
        (("99 Corner Mart", "Lot 12, High Road", "12/05/2024  10:41"), "99 Corner Mart"),
        (("Total: 4.00", "Cash: 5.00", "Change: 1.00"), None),
        (("12.05.2024", "4711"), None),
    ],
)  # fmt: skip
def test_the_name_at_the_head_is_the_issuer(lines: tuple[str, ...], name: str | None) -> None:
    found = issuer(sheet(*lines))
    assert (found.value if found is not None else None) == name


@pytest.mark.parametrize(
    ("lines", "amount", "sure"),
    [
        (("Tea  3.00", "Total  3.00", "Cash  5.00", "Change  2.00"), "3.00", True),
        (("Subtotal  9.00", "Tax  0.90", "Total  9.90", "Visa  9.90"), "9.90", True),
        (("Total Sales Excl GST  20.00", "Total GST  1.20", "Total Incl GST  21.20", "GST Summary", "Total:  20.00  1.20"), "21.20", False),
        (("Total  13.58", "Rounding Adj  0.02", "Total Rounded  13.60", "Cash  20.00", "Change  6.40"), "13.60", True),
        (("Zwischensumme  8,00", "MwSt 19 %  1,52", "Gesamtbetrag  9,52 €"), "9,52 €", False),
        (("TOTAL AMOUNT", "CASH  $ 50.00"), "$ 50.00", False),
        (("Total items: 3", "You saved 2.00", "Grand total 17.25"), "17.25", False),
        (("Tea  3.00",), None, False),
        (("Opening hours", "9:00 - 17:00"), None, False),
    ],
)  # fmt: skip
def test_what_is_to_be_paid_is_found_among_all_totals(
    lines: tuple[str, ...], amount: str | None, sure: bool
) -> None:
    found = payable(sheet(*lines))
    assert (found.value if found is not None else None) == amount
    assert (found is not None and found.fit > 0.9) == sure

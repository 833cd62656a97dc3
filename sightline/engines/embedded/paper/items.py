"""The rows of a receipt, menu or table that list something: name, quantity, unit price, price."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from sightline.engines.embedded import values, words
from sightline.engines.embedded.convert import words_of as name_words
from sightline.engines.embedded.ear.tables import Table
from sightline.engines.embedded.evidence import Exhibit
from sightline.engines.embedded.paper.sheet import Sheet, is_meta

# The names under which the parts of a listed item are asked for.
ROLES: dict[str, set[str]] = {
    role: {words.stem(word) for word in names.split()}
    for role, names in {
        "quantity": "quantity qty count",
        "unit_price": "unit each",
        "name": "name item description product label title article category month",
        "price": "price amount total cost value sum subtotal",
    }.items()
}


def line_items(sheet: Sheet) -> list[dict[str, Any]]:
    """Give the rows that list something with a price: name, quantity, unit price, price."""
    rows: list[dict[str, Any]] = _of_two_lines(sheet)
    if len(rows) > 1:
        return rows
    # Where prices have a column of their own, a sentence with an amount is no item.
    apart = sum(len(row) > 1 and bool(_AMOUNT.fullmatch(row[-1].text)) for row in sheet.rows)
    for row in sheet.rows:
        if apart >= _COLUMN and len(row) == 1:
            continue
        tokens = [t for cell in row for t in cell.tokens]
        line = "  ".join(cell.text for cell in row)
        amounts = values.find(line, "money")
        if not amounts or is_meta(tokens) or values.find(line, "date"):
            continue
        name = line[: line.find(amounts[0])]
        quantity = re.search(
            r"(?<![\w.,])(\d{1,4})\s*[x×@](?!\w)|(?<!\w)[x×]\s?(\d{1,4})(?!\w)", name, re.I
        )
        leading = re.match(r"\W*(\d{1,3})\s+(?=[^\W\d])", name)
        if quantity:
            name = name[: quantity.start()] + " " + name[quantity.end() :]
        elif leading:
            name = name[leading.end() :]
        elif len(amounts) >= 2 or len(row) >= 3:
            bare = re.search(r"\s{2}(\d{1,3})\s*$", name)
            if bare:
                quantity, name = bare, name[: bare.start()]
        name = name.strip(" \t.:-–…@$€£")
        if sum(c.isalpha() for c in name) < 2:
            continue
        if len(rows) > 1 and _sums_up(amounts[-1], rows):
            break  # what they come to ends the list
        item: dict[str, Any] = {"name": re.sub(r"\s+", " ", name), "price": amounts[-1]}
        match = quantity or leading
        if match is not None:
            item["quantity"] = next(g for g in match.groups() if g)
        if len(amounts) > 1:
            item["unit_price"] = amounts[0]
        rows.append(item)
    if rows:
        return rows
    return [{"name": label, "price": value, "value": value} for label, value, _ in sheet.pairs()]


def _sums_up(amount: str, rows: Sequence[dict[str, Any]]) -> bool:
    """Say whether an amount is what all before it come to."""
    told = [values.number_in(str(row["price"])) for row in rows]
    whole = values.number_in(amount)
    return whole is not None and None not in told and abs(sum(filter(None, told)) - whole) < _CENT


_CENT = 0.005
_COLUMN = 3  # amounts under each other
_AMOUNT = re.compile(r"\W{0,2}\d[\d.,' ]*[.,]\d\d\W{0,2}[A-Z]{0,3}")
_QUANTITY = re.compile(
    r"\W{0,3}(?:qty|quantity|menge|anzahl|pcs)\b\W{0,3}(\d{1,4})\W{1,5}(?=\D{0,3}\d)|\W{0,2}(\d{1,4}) ?[x×@] ?(?=\D{0,3}\d)",
    re.IGNORECASE,
)


def _of_two_lines(sheet: Sheet) -> list[dict[str, Any]]:
    """Give what is listed with its quantity and price in the line below its name."""
    rows: list[dict[str, Any]] = []
    for name, line in pairwise(sheet.lines):
        found = _QUANTITY.match(line)
        amounts = values.find(line[found.end(found.lastindex or 1) :], "money") if found else []
        if found is None or not amounts or values.find(name, "money"):
            continue
        number = found[1] or found[2]
        rows.append({"name": name, "quantity": number, "price": amounts[-1]})
    return rows


def table_rows(exhibit: Exhibit, names: Sequence[str]) -> list[dict[str, Any]]:
    """Give the rows of the table whose heads say most of the names, its cells by them.

    None where no table has a head for half of the names; a blank cell is not told.
    """
    best: list[dict[str, Any]] = []
    most = 0.0
    for table in exhibit.layout.tables:
        columns = _columns(names, table)
        told = sum(score for _, score in columns.values())
        if 2 * len(columns) < len(names) or told <= most:
            continue
        most = told
        best = [
            {name: text for name, (at, _) in columns.items() if (text := table.text(row, at))}
            for row in range(len(table.rows))
            if not is_meta(words.tokens(table.text(row, 0)))
        ]
    return best


def whole_rows(exhibit: Exhibit) -> list[dict[str, Any]]:
    """Give the rows of all tables, each cell by the head of its column; else what is listed with a price."""
    rows = [
        {
            head or "name": text
            for at, head in enumerate(table.heads)
            if (text := table.text(row, at))
        }
        for table in exhibit.layout.tables
        for row in range(len(table.rows))
        if not is_meta(words.tokens(table.text(row, 0)))
    ]
    return rows or line_items(exhibit.sheet)


def _columns(names: Sequence[str], table: Table) -> dict[str, tuple[int, float]]:
    """Give each name the column whose head says it best, with how well; each column once."""
    scored = []
    for name in names:
        asked = {words.stem(word) for word in name_words(name)}
        for at, head in enumerate(table.heads):
            said = {words.stem(word) for word in words.tokens(head)}
            score = len(asked & said) / max(1, len(asked | said))
            if words.squash(name) == words.squash(head):
                score = 1.0  # "per_100g" of "per 100 g"
            if not score:
                alike = any(asked & role and said & role for role in ROLES.values())
                score = 0.3 if alike else 0.0
            scored.append((score, name, at))
    # What no head says may be the rows' own name: the first column, which often has no head.
    made: dict[str, tuple[int, float]] = {}
    for score, name, at in sorted(scored, key=lambda one: -one[0]):
        if score and name not in made and at not in {column for column, _ in made.values()}:
            made[name] = at, score
    rest = [name for name in names if name not in made]
    if len(rest) == 1 and 0 not in {column for column, _ in made.values()}:
        made[rest[0]] = 0, 0.1
    return made

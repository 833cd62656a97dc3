"""The rows of a receipt, menu or table that list something: name, quantity, unit price, price."""

from __future__ import annotations

import re
from typing import Any

from sightline.engines.reader import values, words
from sightline.engines.reader.sheet import Sheet, is_meta

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
    rows: list[dict[str, Any]] = []
    for row in sheet.rows:
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

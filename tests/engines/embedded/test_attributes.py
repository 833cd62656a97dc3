"""JSON asked for in words: which attributes a prompt lists."""

from __future__ import annotations

import pytest

from sightline.engines.embedded.structured.json_from_prompt import listed


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("As JSON with keys vendor, date and total", ["vendor", "date", "total"]),
        ("title, author, year → json", ["title", "author", "year"]),
        ("driver, stops, area. As JSON", ["driver", "stops", "area"]),
        ("JSON please: plot, rent, warden", ["plot", "rent", "warden"]),
        ("the tenant's name and the rent in JSON please", ["tenant name", "rent"]),
        ("sender and date as json, and phone if there is one", ["sender", "date", "phone"]),
        ("Read the label. Put maker, weight and price into JSON.", ["maker", "weight", "price"]),
        ("Describe this as JSON", None),
        ("Turn the table into JSON", None),
        ("What is it? Answer in JSON", None),
        ("json: from, to, subject, date", ["from", "to", "subject", "date"]),
        ("Extract the shop, date and all items as JSON", ["shop", "date", "items"]),
    ],
)
def test_attributes_are_listed_as_people_do(text: str, names: list[str] | None) -> None:
    found = listed(text)
    assert (found and list(found["properties"])) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("names and prices as a JSON array", ["names", "prices"]),
        ("Make JSON rows of the table: month, reading, cost", ["month", "reading", "cost"]),
        ("Give me the table as JSON rows with part, qty and price", ["part", "qty", "price"]),
        ("return a list of objects (line, platform) in json", ["line", "platform"]),
        ("I need the entries as a JSON array, each with date and payee", ["date", "payee"]),
        ("For each flight give number, destination and gate, as JSON", ["number", "destination", "gate"]),
        ("Put every line item into JSON: description, amount", ["description", "amount"]),
        ("a JSON array with the name and calories of each product", ["name", "calories"]),
        ("List every dish with its price as JSON", ["dish", "price"]),
        ("one JSON object per row, with team and points", ["team", "points"]),
        ("extract all the transactions to json", None),
        ("JSON array of all rows please", None),
    ],
)  # fmt: skip
def test_rows_are_asked_for_as_people_do(text: str, names: list[str] | None) -> None:
    found = listed(text)
    assert found is not None
    assert found["type"] == "array"
    assert list(found["items"].get("properties", ())) == (names or [])


def test_what_a_list_has_is_told_in_brackets() -> None:
    found = listed("the merchant, the total and the items (name, price) as JSON")
    assert found is not None
    assert list(found["properties"]) == ["merchant", "total", "items"]
    assert list(found["properties"]["items"]["items"]["properties"]) == ["name", "price"]

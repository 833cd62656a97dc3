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
        ("names and prices as a JSON array", None),
    ],
)
def test_attributes_are_listed_as_people_do(text: str, names: list[str] | None) -> None:
    found = listed(text)
    assert (found and list(found["properties"])) == names

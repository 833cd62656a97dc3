"""Sentences, entries, tables and whole papers with questions of their own: `subjects/*.toml`.

Where `wordings` asks for a meaning wherever it stands, these ask for what one sentence or one entry
of a form tells. In a sentence's text `{name:choice|choice}` is a slot, `{name:@date}` one that is
filled with a date; `ask` has the questions that each slot answers, in which other slots may stand.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from sightline.engines.embedded.ear.operations import Operation
from training.ear.words import World

PREFIX = "own"  # of meanings: own/KIND/NUMBER/SLOT
_SLOT = re.compile(r"\{(\w+):([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with slots; `ask` has questions by slot, and `yes` and `no`."""

    theme: str
    text: str
    ask: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Entry:
    """A label with a value, as forms have them."""

    theme: str
    labels: list[str]
    value: str
    questions: list[str]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; the first cell names its row.

    `ask`, `which`, `most` and `least` have questions by column: for the cell of a row, the row of a
    value, the row with the most and the least. `other` has `count` and `list`.
    """

    theme: str
    columns: list[str]
    rows: list[list[str]]
    ask: dict[str, list[str]] = field(default_factory=dict)
    which: dict[str, list[str]] = field(default_factory=dict)
    most: dict[str, list[str]] = field(default_factory=dict)
    least: dict[str, list[str]] = field(default_factory=dict)
    other: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Document:
    """A whole paper; its `page` has slots as a sentence has.

    A line of the page is a heading (`# `, `## `), a label with its value (`Label: value`), columns
    (`one | two`), a row of a table (`| one | two |`, heads first), a gap (empty) or prose. `ask`
    has the questions that each slot answers, `both` those that several answer together (`a+b`),
    `yes` and `no` those that slots prove or deny, `absent` those that nothing on it answers.
    `count`, `sum`, `difference`, `most` and `least` have those that are worked out from all of
    several slots: how many there are, what their amounts make, whose amount is the greatest.
    """

    kind: str
    page: str
    absent: list[str]
    held: bool = False  # not learned from: its file is called `held_…`
    near: bool = False  # held, and by writers from whom others are learned: `held_various_…`
    ask: dict[str, list[str]] = field(default_factory=dict)
    both: dict[str, list[str]] = field(default_factory=dict)
    yes: dict[str, list[str]] = field(default_factory=dict)
    no: dict[str, list[str]] = field(default_factory=dict)
    count: dict[str, list[str]] = field(default_factory=dict)
    sum: dict[str, list[str]] = field(default_factory=dict)
    difference: dict[str, list[str]] = field(default_factory=dict)
    most: dict[str, list[str]] = field(default_factory=dict)
    least: dict[str, list[str]] = field(default_factory=dict)

    @property
    def worked_out(self) -> dict[Operation, dict[str, list[str]]]:
        """Give the questions that are worked out from slots, by how."""
        return {
            "count": self.count, "sum": self.sum, "difference": self.difference,
            "most": self.most, "least": self.least,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Told:
    sentences: list[Sentence] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)


@cache
def _told() -> _Told:
    told = _Told()
    for path in sorted((Path(__file__).parent / "subjects").glob("*.toml")):
        table = tomllib.loads(path.read_text("utf-8"))
        told.sentences.extend(Sentence(**one) for one in table.get("sentence", ()))
        told.entries.extend(Entry(**one) for one in table.get("entry", ()))
        told.grids.extend(Grid(**one) for one in table.get("grid", ()))
        held, near = (path.stem.startswith(name) for name in ("held_", "held_various_"))
        documents = (Document(**one, held=held, near=near) for one in table.get("document", ()))
        told.documents.extend(documents)
    return told


def documents() -> list[Document]:
    """Give all whole papers; a meaning numbers them."""
    return _told().documents


def grids() -> list[Grid]:
    """Give all tables; the noun of one on a paper numbers it."""
    return _told().grids


def sentences() -> list[Sentence]:
    """Give all sentences; a meaning numbers them."""
    return _told().sentences


def entries() -> list[Entry]:
    """Give all entries; a meaning numbers them."""
    return _told().entries


def meaning(kind: str, number: int, slot: str) -> str:
    """Name what a slot of a sentence (`s`), an entry (`e`) or a whole paper (`d`) tells."""
    return f"{PREFIX}/{kind}/{number}/{slot}"


def parsed(name: str) -> tuple[str, int, str] | None:
    """Undo `meaning`; None where it is one of `wordings`."""
    parts = name.split("/")
    return (parts[1], int(parts[2]), parts[3]) if parts[0] == PREFIX else None


def filled(world: World, value: str) -> str:
    """Choose a value, or make one: `@date`."""
    if not value.startswith("@"):
        return world.of(value).strip()
    w = world
    makers = {
        "date": w.date, "day": lambda: w.date(w.n(-60, 60), w.of("%D %B|%B %D|%D %b")),
        "weekday": lambda: w.pick(w.weekdays()), "month": lambda: w.pick(w.months()),
        "year": lambda: str(w.n(1890, 2027)), "time": lambda: w.clock(w.n(6, 22) * 60 + w.n(0, 11) * 5),
        "money": lambda: w.money(w.price(w.pick((3, 12, 60, 400, 2500))), True),
        "number": lambda: w.num(w.n(3, 9000)), "small": lambda: str(w.n(1, 60)),
        "person": lambda: w.person(0.3), "first_name": lambda: w.first, "phone": lambda: w.phone,
        "email": lambda: f"{w.of('info|office|hello|contact|booking')}@{w.domain(w.company())}",
        "web": lambda: "www." + w.domain(w.company()), "street": w.street, "town": lambda: w.town,
        "company": w.company, "percent": lambda: w.percent(w.n(1, 95)),
        "code": lambda: w.fill("@@-####|####-##|@###|######|@@@@##|#@##-###"),
        "duration": lambda: f"{w.n(2, 12)} {w.of('weeks|days|months|hours|minutes|years')}",
        "distance": lambda: f"{w.n(1, 90)} {w.of('km|m|miles')}",
        "weight": lambda: f"{w.n(1, 900)} {w.of('g|kg')}", "temperature": lambda: f"{w.n(-18, 90)} °C",
    }  # fmt: skip
    return str(makers[value[1:]]())


def slots(text: str) -> dict[str, str]:
    """Give the slots of a text with what fills them."""
    return dict(_SLOT.findall(text))


def written(text: str, values: dict[str, str]) -> str:
    """Write a text with values, which may be marked."""
    return _SLOT.sub(lambda found: values[found[1]], text)

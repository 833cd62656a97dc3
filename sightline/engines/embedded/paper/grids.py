"""Numbers by row and column: the tables of a page, and its lists with prices, each as one grid."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sightline.engines.embedded import values, words
from sightline.engines.embedded.evidence import Exhibit
from sightline.engines.embedded.paper.cells import named, tokens
from sightline.engines.embedded.paper.items import line_items
from sightline.engines.embedded.paper.sheet import Sheet, is_meta
from sightline.perception.charts import Chart, Point, Series
from sightline.perception.charts.marks import number
from sightline.perception.rows import Box

_UNIT = re.compile(r"\d[\d.,' ]*")
TIME = re.compile(r"\W*(\d{1,2}):(\d{2})\W*")
_NOWHERE = Box(0, 0, 0, 0)  # cells have their lines; no place of theirs is drawn
_PRICE = re.compile(r"\b(?:prices?|costs?|fares?|fees?|wages?|pay|rent|spent)\b|[$€£¥]", re.I)


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows by name, columns by head; an empty head is that of a list's prices.

    `lines` numbers the line of the page that a row stands in, -1 where that is not known; `chosen`
    are the words of the question that chose these rows, `kind` what heads their names.
    """

    names: tuple[str, ...]
    heads: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    chosen: frozenset[str] = frozenset()
    kind: str = ""

    def column(self, at: int) -> list[str]:
        """Give what the cells of a column say."""
        return [row[at] for row in self.cells]

    def is_numbers(self, at: int) -> bool:
        """Say whether a column has numbers of one unit, that are no ranks."""
        told = [text for text in self.column(at) if text]
        if _RANK.fullmatch(self.heads[at].strip()) or _counts(told):
            return False
        units = {re.sub(r"[\W\d_]", "", text).lower() for text in told}
        # 2 kg are more than 120 g.
        return len(told) > 1 and len(units) < 2 and all(number_of(t) is not None for t in told)

    def upright(self) -> Grid:
        """Give it with its rows as columns, where each row has numbers of a kind and no column has."""
        across = Grid(
            self.heads, self.names, tuple(zip(*self.cells, strict=True)), (-1,) * len(self.heads),
            self.chosen,
        )  # fmt: skip
        if any(map(self.is_numbers, range(len(self.heads)))) or len(self.heads) < _FEW:
            return self
        return across if any(map(across.is_numbers, range(len(across.heads)))) else self

    def is_money(self, at: int) -> bool:
        """Say whether a column has amounts of money."""
        told = [text for text in self.column(at) if text]
        by_head = _PRICE.search(self.heads[at]) is not None
        return by_head or all(values.find(text, "money") for text in told)

    def unit(self, at: int) -> str:
        """Give the letters that all numbers of a column have."""
        return next((re.sub(r"[\W\d_]", "", text).lower() for text in self.column(at) if text), "")

    def chart(self, at: int) -> Chart:
        """Give a column as a chart of one series."""
        points = tuple(
            None
            if not row[at]
            else Point(number_of(row[at]) or 0.0, row[at], _NOWHERE, (line,) if line >= 0 else ())
            for row, line in zip(self.cells, self.lines, strict=True)
        )
        return Chart("table", self.names, self.lines, (Series(self.heads[at], "", points),))


_RANK = re.compile(r"#|№|no\.?|nr\.?|pos(?:ition)?\.?|rank|place", re.I)


def _counts(told: Sequence[str]) -> bool:
    """Say whether cells number their rows: 1, 2, 3."""
    return len(told) > 1 and list(told) == [str(number) for number in range(1, len(told) + 1)]


def grids(exhibit: Exhibit, asked: list[str]) -> list[Grid]:
    """Give the grids of a page, of the rows that the words of a question choose."""
    made = []
    for table in exhibit.layout.tables:
        if len(table.heads) < 2:
            continue
        # Only the rows of what is named ("the cheapest on Monday"), but not by their names.
        texts = list(enumerate(table.texts()))
        name = _name_column([row for _, row in texts])
        cells = {at: cell for at, cell in named(table, asked).items() if at != name}
        texts = [
            (at, row)
            for at, row in texts
            if all(tokens(row[c]) == cell for c, cell in cells.items())
        ]
        texts = [
            (at, row) for at, row in texts if row[name] and not is_meta(words.tokens(row[name]))
        ]
        if _sums_up([row for _, row in texts], name):
            texts.pop()
        if len(texts) > 1:
            made.append(
                Grid(
                    tuple(row[name] for _, row in texts),
                    (*table.heads[:name], *table.heads[name + 1 :]),
                    tuple((*row[:name], *row[name + 1 :]) for _, row in texts),
                    tuple(table.line(at) for at, _ in texts),
                    frozenset(t for cell in cells.values() for t in cell)
                    | {t for at in cells for t in tokens(table.heads[at])},
                    table.heads[name],
                )
            )
    made = [grid.upright() for grid in made]
    # What has a value and no price is of a chart, or a label with its value.
    content = [word for word in asked if word not in words.STOP]
    section = exhibit.sheet.section(content)
    listed = _listed(section) if section else []
    if len(listed) < 2:  # no heading of a list: "PLEASE KEEP YOUR RECEIPT"
        section, listed = None, _listed(exhibit.sheet)
    numbers = any(grid.is_numbers(at) for grid in made for at in range(len(grid.heads)))
    if len(listed) > 1 and not numbers:
        names, prices = (tuple(row[key] for row in listed) for key in ("name", "price"))
        heading = frozenset(content) if section else frozenset()
        lines = (-1,) * len(listed)
        made.append(Grid(names, ("",), tuple((price,) for price in prices), lines, heading))
    return made


def _listed(sheet: Sheet) -> list[dict[str, Any]]:
    """Give what is listed with a price, without sums and what is taken off."""
    listed = [row for row in line_items(sheet) if "price" in row and "value" not in row]
    return [r for r in listed if not _is_sum(r, listed) and (number_of(r["price"]) or -1) > 0]


def _name_column(texts: Sequence[Sequence[str]]) -> int:
    """Give the column that names the rows: the first that has words rather than codes or times."""
    for letters in (3, 2):
        for at in range(len(texts[0]) if texts else 0):
            column = [row[at] for row in texts]
            worded = sum(re.search(rf"[^\W\d_]{{{letters}}}", text) is not None for text in column)
            if worded > len(column) / 2 and (len(set(column)) == len(column) or at == 0):
                return at
    return 0


def _sums_up(texts: Sequence[Sequence[str]], name: int) -> bool:
    """Say whether the last row is the sum of those above it, in each column where it has a number."""
    if len(texts) <= _FEW + 1:
        return False
    columns = [
        [number_of(row[at]) for row in texts]
        for at in range(len(texts[0]))
        if at != name and number_of(texts[-1][at]) is not None
    ]
    return bool(columns) and all(_is_last_of(column) for column in columns)


def _is_last_of(column: Sequence[float | None]) -> bool:
    *parts, whole = [number for number in column if number is not None]
    return len(parts) == len(column) - 1 and abs(sum(parts) - whole) <= _ROUNDED * abs(whole)


_ROUNDED = 0.003


def _is_sum(row: dict[str, Any], listed: Sequence[dict[str, Any]]) -> bool:
    """Say whether a row is no item but the sum of those beside it."""
    amount = number_of(row["price"]) or 0.0
    others = [number_of(other["price"]) or 0.0 for other in listed if other is not row]
    least, most = (share * sum(others) for share in _NEARLY)
    return len(others) > _FEW and least <= amount <= most and amount > 0


_FEW = 2
_NEARLY = 0.8, 1.25  # taxes and discounts may stand between


def number_of(text: str) -> float | None:
    """Read the only number of a cell, or a time in minutes."""
    time = TIME.fullmatch(text)
    if time and not re.search(r"[$€£¥]", text):
        return 60.0 * int(time[1]) + int(time[2])
    if len(_UNIT.findall(text)) != 1:
        return None
    read_ = number(text)
    return values.number_in(text) if read_ is None else read_.value

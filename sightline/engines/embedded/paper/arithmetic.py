"""Numbers of a table or a list worked out: the most and the least, sums, differences, comparisons.

Which rows and which column are meant is read from the question; where either is in doubt nothing is
worked out. The numbers that were used stand beside every answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sightline.engines.embedded import values, words
from sightline.engines.embedded.evidence import Exhibit
from sightline.engines.embedded.paper.cells import named, says, tokens
from sightline.engines.embedded.paper.items import line_items
from sightline.engines.embedded.passages import Said, quote

_MOST = re.compile(
    r"\b(?:most|highest|largest|biggest|greatest|maximum|max|dearest|priciest|longest|tallest|heaviest|latest)\b",
    re.IGNORECASE,
)
_LEAST = re.compile(
    r"\b(?:least|lowest|smallest|fewest|minimum|min|cheapest|shortest|lightest|earliest|quickest|fastest)\b",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"\b(?:more|dearer|higher|larger|bigger|longer|pricier|later|heavier|greater)\b", re.I
)
_LESS = re.compile(r"\b(?:less|cheaper|lower|smaller|shorter|fewer|earlier|lighter)\b", re.I)
_APART = re.compile(
    r"\bdifference\b|\bhow (?:much|many|far) (?:\w+ ){0,3}?(?:more|less|fewer|cheaper|dearer|longer|higher|lower|apart)\b"
    r"|\bby how (?:much|many)\b|\bhow long\b.*\b(?:from|between)\b",
    re.IGNORECASE,
)
_SUM = re.compile(
    r"\b(?:together|combined|altogether|in all|in total|add(?:ed)? up|sum|plus|both)\b",
    re.IGNORECASE,
)
_WHICH = re.compile(r"\b(?:which|who|what|whose)\b", re.IGNORECASE)
_OF_MONEY = re.compile(r"\b(?:cheap|dear|expens|price|pricey|cost|pay|money)\w*", re.IGNORECASE)
_OF_TIME = re.compile(r"\b(?:early|earli|late|first|last)\w*", re.IGNORECASE)
_UNIT = re.compile(r"\d[\d.,' ]*")
_COMMON = frozenset("the and of for in on at to with a an per x".split())


@dataclass(frozen=True, slots=True)
class _Grid:
    """Rows by name, columns by head; an empty head is that of a list's prices."""

    names: tuple[str, ...]
    heads: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]

    def column(self, at: int) -> list[str]:
        return [row[at] for row in self.cells]

    def is_numbers(self, at: int) -> bool:
        told = [text for text in self.column(at) if text]
        return len(told) >= 2 and all(_number(text) is not None for text in told)


def look_up(text: str, exhibit: Exhibit) -> str | None:
    """Work an answer out; None where the question asks for nothing of the kind, or is in doubt."""
    apart, summed = _APART.search(text), _SUM.search(text)
    extreme = _MOST.search(text) or _LEAST.search(text)
    compared = _MORE.search(text) or _LESS.search(text)
    if not (apart or summed or extreme or compared):
        return None
    asked = tokens(text)
    for grid in _grids(exhibit, asked):
        rows = _named(grid, asked)
        column = _column(grid, text, asked)
        if column is None:
            continue
        if len(rows) == 2 and (apart or summed):
            return _two(grid, rows, column, apart=apart is not None)
        if len(rows) == 2 and compared and _WHICH.search(text):
            return _compared(grid, rows, column, most=_MORE.search(text) is not None)
        plain = not re.search(r"\bat (?:least|most)\b", text, re.IGNORECASE)
        if not rows and extreme and not apart and plain and _is_simple(grid, column, text):
            return _extreme(grid, column, most=_MOST.search(text) is not None)
    return None


def doubtful(text: str, exhibit: Exhibit) -> bool:
    """Say whether an extreme is asked for of a table whose column is not told."""
    if not (_MOST.search(text) or _LEAST.search(text)):
        return False
    for grid in _grids(exhibit, tokens(text)):
        numbers = [at for at in range(len(grid.heads)) if grid.is_numbers(at)]
        if len(numbers) > 1 and _column(grid, text, tokens(text)) is None:
            return True
    return False


def _grids(exhibit: Exhibit, asked: list[str]) -> list[_Grid]:
    made = []
    for table in exhibit.layout.tables:
        texts = table.texts()
        if len(table.heads) > 1:
            # Only the rows of what is named ("the cheapest on Monday").
            cells = {at: cell for at, cell in named(table, asked).items() if at}
            texts = [
                row for row in texts if all(tokens(row[at]) == cell for at, cell in cells.items())
            ]
            name = _name_column(texts)
            made.append(
                _Grid(
                    tuple(row[name] for row in texts),
                    (*table.heads[:name], *table.heads[name + 1 :]),
                    tuple((*row[:name], *row[name + 1 :]) for row in texts),
                )
            )
    # What has a value and no price is of a chart, or a label with its value.
    content = [word for word in asked if word not in words.STOP]
    sheet = exhibit.sheet.section(content) or exhibit.sheet
    listed = [row for row in line_items(sheet) if "price" in row and "value" not in row]
    listed = [row for row in listed if not _is_sum(row, listed)]
    if len(listed) > 1 and not made:
        names, prices = (tuple(row[key] for row in listed) for key in ("name", "price"))
        made.append(_Grid(names, ("",), tuple((price,) for price in prices)))
    return made


def _name_column(texts: Sequence[Sequence[str]]) -> int:
    """Give the column that names the rows: the first, or the second where that numbers them."""
    numbered = [re.fullmatch(r"\W*(\d{1,3})\W*", row[0]) for row in texts]
    counted = [int(found[1]) for found in numbered if found]
    rises = len(counted) == len(texts) and all(b - a == 1 for a, b in pairwise(counted))
    named = rises and len(texts) > 1 and all(re.search(r"[^\W\d_]", row[1]) for row in texts)
    return 1 if named else 0


def _is_sum(row: dict[str, Any], listed: Sequence[dict[str, Any]]) -> bool:
    """Say whether a row is no item but the sum of those beside it."""
    amount = _number(row["price"]) or 0.0
    others = [_number(other["price"]) or 0.0 for other in listed if other is not row]
    least, most = (share * sum(others) for share in _NEARLY)
    return len(others) > _FEW and least <= amount <= most and amount > 0


_FEW = 2
_NEARLY = 0.8, 1.25  # taxes and discounts may stand between


def _number(text: str) -> float | None:
    """Read the only number of a cell, or a time in minutes."""
    time = re.fullmatch(r"\W*(\d{1,2})[:.h](\d{2})\W*", text)
    if time and not re.search(r"[$€£¥]", text) and int(time[1]) < 25 and ":" in text:
        return 60.0 * int(time[1]) + int(time[2])
    return values.number_in(text) if len(_UNIT.findall(text)) == 1 else None


def _named(grid: _Grid, asked: Sequence[str]) -> list[int]:
    """Give the rows that a question names, none of a name that is part of another's."""
    said = {words.stem(token) for token in asked}
    found = []
    for row, name in enumerate(grid.names):
        stems = {words.stem(t) for t in tokens(name) if t not in _COMMON and not t.isdigit()}
        if stems and stems <= said:
            found.append((row, stems))
    return [row for row, stems in found if not any(stems < other for _, other in found)]


def _column(grid: _Grid, text: str, asked: Sequence[str]) -> int | None:
    """Give the column of numbers that a question is about; None where that is in doubt."""
    numbers = [at for at in range(len(grid.heads)) if grid.is_numbers(at)]
    said = [at for at in numbers if grid.heads[at] and says(grid.heads[at], asked)]
    if len(said) == 1:
        return said[0]
    if said:
        return None
    if _OF_MONEY.search(text):
        money = [at for at in numbers if all(values.find(t, "money") for t in grid.column(at) if t)]
        numbers = money or numbers
    elif _OF_TIME.search(text):
        numbers = [at for at in numbers if all(":" in t for t in grid.column(at) if t)]
    return numbers[0] if len(numbers) == 1 else None


_SAYS_NOTHING = frozenset(
    "item items product products thing things one ones row rows entry entries column value values"
    " number price prices cost costs amount list listed table chart page expensive cheap dear money"
    " time much many does do offer offered sold available them these those all here".split()
)
_MOST_LEFT = 1  # word for what the rows are: a dish, a train


def _is_simple(grid: _Grid, column: int, text: str) -> bool:
    """Say whether a question asks for an extreme of a column and nothing beside."""
    head = {words.stem(token) for token in tokens(grid.heads[column])}
    left = [
        word
        for word in words.content(text)
        if word not in _SAYS_NOTHING
        and words.stem(word) not in head
        and not _MOST.fullmatch(word)
        and not _LEAST.fullmatch(word)
    ]
    return len(left) <= _MOST_LEFT


def _two(grid: _Grid, rows: Sequence[int], column: int, *, apart: bool) -> str | None:
    told = [grid.cells[row][column] for row in rows]
    numbers = [_number(text) for text in told]
    if None in numbers:
        return None
    one, other = (number for number in numbers if number is not None)
    if ":" in told[0]:
        minutes = abs(one - other) if apart else one + other
        both = quote(f"{told[0]} and {told[1]}")
        return Said.of(f"{minutes:.0f} minutes (", both, ").") if apart else None
    result = abs(one - other) if apart else one + other
    places = max(len(m[1]) if (m := re.search(r"[.,](\d{1,2})\D*$", t)) else 0 for t in told)
    sign = " − " if apart else " + "
    pair = sorted(zip(numbers, told, strict=True), reverse=True, key=lambda p: p[0] or 0)
    shown = sign.join(text for _, text in pair) if apart else sign.join(told)
    return Said.of(_like(told[0], f"{result:.{places}f}"), " (", quote(shown), ").")


def _like(text: str, number: str) -> str:
    """Write a number with the sign of a currency that another has."""
    before, after = re.match(r"\s*([$€£¥]?)", text), re.search(r"([€$£¥]?)\s*$", text)
    if before and before[1]:
        return f"{before[1]}{number}"
    return f"{number} {after[1]}" if after and after[1] else number


def _compared(grid: _Grid, rows: Sequence[int], column: int, *, most: bool) -> str | None:
    told = [(_number(grid.cells[row][column]), row) for row in rows]
    if any(number is None for number, _ in told) or told[0][0] == told[1][0]:
        return None
    _, best = (max if most else min)(told, key=lambda pair: pair[0] or 0)
    other = next(row for row in rows if row != best)
    found = quote(f"{grid.names[best]}: {grid.cells[best][column]}")
    return Said.of(found, ", beside ", quote(grid.cells[other][column]), ".")


def _extreme(grid: _Grid, column: int, *, most: bool) -> str | None:
    told = [(_number(text), row) for row, text in enumerate(grid.column(column)) if text]
    numbers = [number for number, _ in told if number is not None]
    units = {re.sub(r"[\W\d_]", "", text).lower() for text in grid.column(column) if text}
    if len(numbers) < 2 or len(units) > 1:
        return None  # 2 kg are more than 120 g
    best = (max if most else min)(numbers)
    rows = [row for number, row in told if number == best]
    names = [grid.names[row] for row in rows]
    if not all(names):
        return None
    return f"{words.joined(names)}: {grid.cells[rows[0]][column]}."

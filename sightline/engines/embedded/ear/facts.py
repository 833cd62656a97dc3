"""What a page tells, as facts: each printed value with all that says what it is.

A fact is a run of words that stands by itself (a cell of a table, what follows a colon, a line of
prose) with its surroundings by role: the label beside it, what begins its row, the head of its
column, what stands over and under it, the heading of its part of the page. Nothing is inferred from
what words mean; where they stand decides.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from sightline.engines.embedded.ear.tokens import BARS, Word
from sightline.engines.embedded.words import further_labels
from sightline.perception.rows import Box, around

Role = Literal["value", "label", "row", "column", "above", "below", "section", "after"]
ROLES: tuple[Role, ...] = get_args(Role)

_WORDY = re.compile(r"[^\W\d_]{2}")
_WITH_UNIT = re.compile(r"[<>≤≥~±+−-]?\d[\d.,]* ?[^\W\d_]{2,5}\.?")  # "124 kcal", "2.5 mmol"
_YEAR = re.compile(r"(?:1[89]|20)\d\d")
_MOST_WORDS = 18  # of one fact: a longer line is told in parts


@dataclass(frozen=True, slots=True)
class Fact:
    """A value and its surroundings.

    `words` number the words of the value. `around` gives texts by role. `nth` counts facts of the
    same column from the top, `last` from its end; both begin at 0.
    """

    words: tuple[int, ...]
    text: str
    box: Box
    row: int
    around: dict[Role, str] = field(default_factory=dict)
    nth: int = 0
    last: int = 0


@dataclass(slots=True)
class _Cell:
    words: list[int]
    text: str
    box: Box
    label: str = ""  # in the same piece, before a colon
    is_label: bool = False
    at: int = 0  # the number of its row, from 0
    index: int = 0  # in its row

    @property
    def wordy(self) -> bool:
        return _WORDY.search(self.text) is not None

    @property
    def numeric(self) -> bool:
        """Whether it reads as a number, with a unit at most."""
        if self.wordy:
            return _WITH_UNIT.fullmatch(self.text) is not None
        return any(sign.isdigit() for sign in self.text)


def text_of(words: Sequence[Word], numbers: Sequence[int]) -> str:
    """Write words as they stood: without a blank where one piece had none."""
    made = ""
    for at, number in enumerate(numbers):
        word = words[number]
        if at:
            before = words[numbers[at - 1]]
            joined = before.piece == word.piece and word.start == before.start + len(before.text)
            made += "" if joined else " "
        made += word.text
    return made


def by_row(told: Sequence[Fact]) -> dict[int, list[Fact]]:
    """Give the facts of each row, by its number."""
    rows: dict[int, list[Fact]] = {}
    for fact in told:
        rows.setdefault(fact.row, []).append(fact)
    return rows


def facts(words: Sequence[Word]) -> list[Fact]:
    """Tell what a page says; every word is of exactly one fact."""
    rows = _cells(words)
    if not rows:
        return []
    tall = statistics.median(cell.box.height for row in rows for cell in row)
    under = _columns(rows)
    over = {id(below): cell for row in rows for cell in row for below in under.get(id(cell), ())}
    sections = _sections(rows, tall)
    made: list[Fact] = []
    for number, row in enumerate(rows):
        for cell in row:
            told = _around(cell, rows, number, over, under, tall)
            section = sections[number]
            if section and section not in told.values() and section != cell.text:
                told["section"] = section
            nth, last = _counted(cell, over, under)
            parts = [
                cell.words[at : at + _MOST_WORDS] for at in range(0, len(cell.words), _MOST_WORDS)
            ]
            for part in parts:
                box = around([words[n].box for n in part])
                made.append(
                    Fact(tuple(part), text_of(words, part), box, number, dict(told), nth, last)
                )
    return made


def _cells(words: Sequence[Word]) -> list[list[_Cell]]:
    """Part each row into cells: pieces, cut after bars and a colon that does not end them."""
    rows: dict[int, list[_Cell]] = {}
    begin = 0
    while begin < len(words):
        end = begin
        while end < len(words) and words[end].piece == words[begin].piece:
            end += 1
        row = rows.setdefault(words[begin].row, [])
        label = ""
        run: list[int] = []
        further = _further(words, range(begin, end))
        for number in range(begin, end):
            if run and number in further:
                row.append(_cell(words, run, label))
                label, run = "", []
            run.append(number)
            closes = words[number].text[-1] in ":：" and number < end - 1
            if closes and len(run) <= 6:
                made = _cell(words, run, label)
                made.is_label = True
                row.append(made)
                label, run = made.text.strip(" :："), []
            elif words[number].text[0] in BARS and begin < number < end - 1:
                row.append(_cell(words, run, label))
                label, run = "", []
        if run:
            made = _cell(words, run, label)
            made.is_label = made.text[-1:] in (":", "：") and made.text not in (":", "：")
            row.append(made)
        begin = end
    made_rows = [sorted(row, key=lambda c: c.box.x0) for _, row in sorted(rows.items())]
    for number, row in enumerate(made_rows):
        for index, cell in enumerate(row):
            cell.at, cell.index = number, index
    return made_rows


def _further(words: Sequence[Word], piece: range) -> set[int]:
    """Give the words of a piece with which labels of their own begin, after the first."""
    begins = further_labels(text_of(words, piece))
    if not begins:
        return set()
    ends = (len(text_of(words, piece[:end])) for end in range(1, len(piece) + 1))
    return {n for n, end in zip(piece, ends, strict=True) if end - len(words[n].text) in begins}


def _cell(words: Sequence[Word], run: list[int], label: str) -> _Cell:
    box = around([words[n].box for n in run])
    return _Cell(list(run), text_of(words, run), box, label)


def _columns(rows: Sequence[Sequence[_Cell]]) -> dict[int, list[_Cell]]:
    """Find for each cell those that stand next under it, by `id`."""
    made: dict[int, list[_Cell]] = {}
    for number, row in enumerate(rows):
        for cell in row:
            best = _over(cell, rows, number)
            if best is not None:
                made.setdefault(id(best), []).append(cell)
    return made


def _over(cell: _Cell, rows: Sequence[Sequence[_Cell]], number: int) -> _Cell | None:
    """Give the nearest cell over this one that is in line with it."""
    for above in range(number - 1, -1, -1):
        found = [(_in_line(cell.box, other.box), other) for other in rows[above]]
        score, best = max(found, key=lambda pair: pair[0])
        if score > 0:
            return best
    return None


def _in_line(one: Box, other: Box) -> float:
    """Say how well two boxes stand in one column: 0 where they do not."""
    shared = min(one.x1, other.x1) - max(one.x0, other.x0)
    if shared <= 0:
        return 0.0
    tall = max(one.height, other.height)
    aligned = min(
        abs(one.x0 - other.x0), abs(one.x1 - other.x1), abs(one.centre[0] - other.centre[0])
    )
    part = shared / max(1.0, min(one.width, other.width))
    if part < 0.5 and aligned > 0.8 * tall:
        return 0.0
    return part + (1.0 if aligned < 0.8 * tall else 0.0)


def _sections(rows: Sequence[Sequence[_Cell]], tall: float) -> list[str]:
    """Give the heading that each row stands under."""
    made: list[str] = []
    held = ""
    for number, row in enumerate(rows):
        made.append(held)
        if len(row) != 1:
            continue
        (cell,) = row
        short = len(cell.words) <= 6 and cell.wordy and not re.search(r"\d{2}", cell.text)
        before = rows[number - 1][-1].box.y1 if number else cell.box.y0 - 2 * tall
        apart = cell.box.y0 - before > 0.9 * tall
        stands = cell.box.height > 1.18 * tall or cell.is_label or cell.text.isupper()
        if short and (stands or apart):
            held = cell.text.strip(" :：")
    return made


def _around(
    cell: _Cell,
    rows: Sequence[Sequence[_Cell]],
    number: int,
    over: dict[int, _Cell],
    under: dict[int, list[_Cell]],
    tall: float,
) -> dict[Role, str]:
    made: dict[Role, str] = {}
    row = rows[number]
    left = row[: cell.index]
    before = [other for other in left if other.wordy]
    if cell.label:
        made["label"] = cell.label
        before = [other for other in before if other.text.strip(" :：") != cell.label]
    elif before:
        made["label"] = before[-1].text.strip(" :：")
        before = before[:-1]
    elif left:
        made["row"] = left[0].text.strip(" :：")
    if before:
        made["row"] = before[0].text.strip(" :：")
    above = over.get(id(cell))
    if above is not None:
        head = _head(cell, above, over, rows)
        if head is not None:
            made["column"] = head.text.strip(" :：")
        if above is not head and cell.box.y0 - above.box.y1 < 2.5 * tall:
            made["above"] = above.text
    below = under.get(id(cell))
    if below:
        next_ = below[0]
        if next_.box.y0 - cell.box.y1 < 1.6 * tall or (not cell.wordy and next_.wordy):
            made["below"] = next_.text
    after = row[cell.index + 1 :]
    if after:
        made["after"] = after[0].text
    return made


def _head(
    cell: _Cell, above: _Cell, over: dict[int, _Cell], rows: Sequence[Sequence[_Cell]]
) -> _Cell | None:
    """Give the head of a cell's column: over numbers the first words, else the top of the table."""
    seen = above
    if len(rows[cell.at]) < 2 and (cell.wordy or not cell.numeric):  # "2.4 kg" under "Weight"
        return None
    if cell.numeric:
        while seen.numeric and not _heads_years(seen, rows):
            further = over.get(id(seen))
            if further is None:
                return None
            seen = further
        return seen
    while True:
        further = over.get(id(seen))
        if further is None or len(rows[further.at]) < 2:
            break
        if seen.box.y0 - further.box.y1 > 4 * seen.box.height:
            break
        seen = further
    return seen if len(rows[seen.at]) >= 2 else None


def _heads_years(cell: _Cell, rows: Sequence[Sequence[_Cell]]) -> bool:
    """Say whether a cell is a year among the years that head columns."""
    numbers = [other.text for other in rows[cell.at] if other.numeric]
    return len(numbers) > 1 and all(map(_YEAR.fullmatch, numbers))


def _counted(cell: _Cell, over: dict[int, _Cell], under: dict[int, list[_Cell]]) -> tuple[int, int]:
    nth, seen = 0, cell
    while (above := over.get(id(seen))) is not None and nth < 40:
        nth, seen = nth + 1, above
    last, seen = 0, cell
    while (below := under.get(id(seen))) and last < 40:
        last, seen = last + 1, below[0]
    return nth, last

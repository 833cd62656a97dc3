"""Tables of a page: rows whose cells stand under the heads of one row."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from sightline.engines.embedded.ear.facts import Fact, by_row

_LEAST_ROWS = 2
_APART = 3.0  # heights of a line, from which on a row is not of the table above it
_BESIDE = 15.0  # heights of a line, from the last head to numbers whose head was not read
_NUMBER = re.compile(r"\W{0,2}\d[\d.,]*\W{0,2}")
_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"^\D*[^\W\d_]{2}\D*$")  # "€ 4.2 m" is none


@dataclass(frozen=True, slots=True)
class Table:
    """Heads, and rows of as many cells; a cell holds the facts that stand there, none if blank.

    `first` and `last` number the rows of the page that it takes, its heads among them.
    """

    heads: tuple[str, ...]
    rows: tuple[tuple[tuple[Fact, ...], ...], ...]
    first: int
    last: int

    def text(self, row: int, column: int) -> str:
        """Give what a cell says."""
        return " ".join(fact.text for fact in self.rows[row][column])

    def line(self, row: int) -> int:
        """Number the row of the page that a row stands in, -1 for a blank one."""
        return next((fact.row for cell in self.rows[row] for fact in cell), -1)

    def texts(self) -> list[list[str]]:
        """Give what all cells say, row by row."""
        width = range(len(self.heads))
        return [[self.text(row, at) for at in width] for row in range(len(self.rows))]

    def grid(self) -> list[list[str]]:
        """Give the heads and what all cells say."""
        return [list(self.heads), *self.texts()]


def tables(told: Sequence[Fact]) -> list[Table]:
    """Find the tables of a page, from the top; each row is of one at most."""
    rows = by_row(told)
    numbers = sorted(rows)
    under = [_under(numbers, at, rows) for at in range(len(numbers))]  # what each row heads
    made: list[Table] = []
    at = 0
    while at < len(numbers):
        table = under[at]
        end = at + 1 if table is None else bisect_right(numbers, table.last)
        # A row within that heads more columns begins the table.
        if table is None or any(o and len(o.heads) > len(table.heads) for o in under[at + 1 : end]):
            at += 1
            continue
        made.append(table)
        at = end
    return made


def _under(numbers: Sequence[int], at: int, rows: dict[int, list[Fact]]) -> Table | None:
    """Read a table whose heads stand in a row; None where that heads none."""
    heads = rows[numbers[at]]
    # A head says in words what is under it; a row with numbers, or of one cell, is none.
    if len(heads) < 2 or not (_are_words(heads) or _are_numbers(numbers, at, rows)):
        return None
    if any(map(_is_label, heads)):
        return None
    found: list[list[list[Fact]]] = []
    above, last = heads, numbers[at]
    names = [fact.text for fact in heads]
    left = False  # cells left of all heads: the rows' names, whose head is blank
    for number in numbers[at + 1 :]:
        row = rows[number]
        tall = max(fact.box.height for fact in row)
        if min(f.box.y0 for f in row) - max(f.box.y1 for f in above) > _APART * tall:
            break
        placed = _placed(row, heads)
        if placed is None or sum(map(bool, placed)) < 2:
            break
        if placed[-1] and found and not found[0][-1]:
            break  # right of all heads stands something else
        if len(found) >= _LEAST_ROWS and _is_label(row[0]) and not _begins_with_label(found[-1]):
            break  # a note under the table
        if any(_spans(fact, heads) for fact in row):
            break  # a sentence under the table
        if len(found) >= _LEAST_ROWS and _sums(placed, found):
            break
        if placed[0]:
            left = True
        found.append(placed)
        above, last = row, number
    if found and found[0][-1]:
        names.append("")
    filled = [sum(bool(row[at + 1]) for row in found) for at in range(len(heads))]
    # Two columns are as often labels with their values; a table has a value in most of its cells.
    dense = sum(filled) >= 0.6 * len(found) * len(heads)
    if len(found) < _LEAST_ROWS or not dense or (len(heads) < 3 and not left and not _named(found)):
        return None
    cells = [row[0 if left else 1 : len(names) + 1] for row in found]
    names, cells = _lettered(["", *names] if left else names, cells)
    return Table(
        tuple(names),
        tuple(tuple(tuple(cell) for cell in row) for row in cells),
        numbers[at],
        last,
    )


def _lettered(
    names: list[str], cells: list[list[list[Fact]]]
) -> tuple[list[str], list[list[list[Fact]]]]:
    """Leave out the letters of a spreadsheet's columns, and the numbers of its rows."""
    bare = names[1:] if names[0] == "" else names
    if len(bare) < 2 or bare != [chr(ord("A") + at) for at in range(len(bare))]:
        return names, cells
    first = [" ".join(fact.text for fact in row[0]) for row in cells]
    begin = int(len(bare) < len(names) and all(text.isdigit() for text in first))
    if len(cells) <= _LEAST_ROWS or not all(row[begin:] and row[begin] for row in cells):
        return names, cells
    heads = [" ".join(fact.text for fact in cell) for cell in cells[0][begin:]]
    return heads, [row[begin:] for row in cells[1:]]


def _is_label(fact: Fact) -> bool:
    return fact.text.rstrip().endswith((":", "："))


def _begins_with_label(cells: Sequence[Sequence[Fact]]) -> bool:
    return any(_is_label(fact) for cell in cells[:2] for fact in cell[:1])


def _spans(fact: Fact, heads: Sequence[Fact]) -> bool:
    """Say whether a cell stands under two heads and more from end to end."""
    within = (fact.box.x0 <= h.box.x0 and h.box.x1 <= fact.box.x1 for h in heads)
    return len(heads) > 2 and sum(within) > 1


def _sums(placed: Sequence[Sequence[Fact]], found: Sequence[Sequence[Sequence[Fact]]]) -> bool:
    """Say whether a row is of the sums under a table: it has no name where all others have one."""
    first = 0 if all(row[0] for row in found) else 1
    named = all(row[first] for row in found)
    return named and not placed[first] and sum(map(bool, placed)) <= 2


def _are_words(heads: Sequence[Fact]) -> bool:
    """Say whether all say in words what is under them: no number of a paper among them."""
    return all(
        (_LETTER.search(f.text) or f.text in "#№") and not re.search(r"\d\D*\d\D*\d", f.text)
        for f in heads
    )


def _are_numbers(numbers: Sequence[int], at: int, rows: dict[int, list[Fact]]) -> bool:
    """Say whether heads are numbers (trains, years) over values of another form, after a word."""
    first, *rest = rows[numbers[at]]
    under = [rows[number] for number in numbers[at + 1 : at + 3]]
    if len(rest) < 2 or not _WORD.search(first.text) or len(under) < 2:
        return False
    if not all(any(sign.isdigit() for sign in fact.text) for fact in rest):
        return False
    if any(len(row) != len(rest) + 1 or not _LETTER.search(row[0].text) for row in under):
        return False
    pairs = [(row[at + 1], head) for row in under for at, head in enumerate(rest)]
    other = sum(_form(cell.text) != _form(head.text) for cell, head in pairs)
    return other >= 1.5 * len(rest)


def _form(text: str) -> str:
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d", "9", text))


def _named(found: Sequence[Sequence[Sequence[Fact]]]) -> bool:
    """Say whether the rows of two columns have values of one form: numbers, times."""
    last = [" ".join(fact.text for fact in row[2]) for row in found if row[2]]
    forms = [re.sub(r"[9.,:' ]*9", "9", _form(text)) for text in last]
    alike = max((forms.count(form) for form in set(forms)), default=0)
    digits = all(any(sign.isdigit() for sign in text) for text in last)
    return bool(last) and digits and alike > len(last) / 2


def _placed(row: Sequence[Fact], heads: Sequence[Fact]) -> list[list[Fact]] | None:
    """Put the cells of a row under heads, those left of all first; None where one fits nowhere.

    A number to the right of all heads comes last: the sign of its head ("%") may not have been read.
    """
    made: list[list[Fact]] = [[] for _ in range(len(heads) + 2)]
    before: Fact | None = None
    at = 0  # where that is
    for fact in row:
        shares = [_shared(fact, head) for head in heads]
        best = max(range(len(heads)), key=shares.__getitem__)
        # "Interview: Ruiz" is one cell, of which a part stands beside the head.
        if (
            before is not None
            and shares[best] <= 0
            and fact.box.x0 - before.box.x1 < fact.box.height
        ):
            made[at].append(fact)
            before = fact
            continue
        before = fact
        if shares[best] <= 0:
            if fact.box.x1 < heads[0].box.x0:
                at = 0
                made[0].append(fact)
                continue
            best = _between(fact, heads)
            gap = (fact.box.x0 - heads[-1].box.x1) / fact.box.height
            if best < 0 and not (0 < gap < _BESIDE and _NUMBER.fullmatch(fact.text)):
                return None
            best = best if best >= 0 else len(heads)
        at = best + 1
        made[at].append(fact)
    return made


def _shared(fact: Fact, head: Fact) -> float:
    """Say by how much of the narrower one two stand over each other; 0 where they do not."""
    shared = min(fact.box.x1, head.box.x1) - max(fact.box.x0, head.box.x0)
    return shared / max(1.0, min(fact.box.width, head.box.width))


def _between(fact: Fact, heads: Sequence[Fact]) -> int:
    """Give the nearest head to a cell, of a column that is wider than its head; -1 for none."""
    gaps = [max(fact.box.x0 - h.box.x1, h.box.x0 - fact.box.x1) for h in heads]
    best = min(range(len(heads)), key=gaps.__getitem__)
    return best if gaps[best] < 2.5 * fact.box.height else -1

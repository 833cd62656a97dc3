"""The text of a picture as a sheet of cells, and the value that belongs to a label on it.

A label is matched by its words; its value stands after it in the same cell, to its right in the
row, below it, or (under a chart's bar) above it. Nothing is inferred: what is returned is printed.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from sightline.engines.embedded import values, words
from sightline.engines.embedded.values import Kind
from sightline.perception.rows import Box, Row

_LABEL_COLON = re.compile(r"(?<!\d):(?!//)|:(?!\d|//)")
_MOST_HEAD = 4  # words of a heading
_APART = 0.5  # height of a line, by which lines of one part are further apart at most
_FULL = 0.8  # of the width of a page, from which on a line goes on in the next
_LARGE = 1.3  # times as high, from which on a number over its label is told before one under it
_LEADERS = " \t:.…·_-–—=>|#"


@dataclass(frozen=True, slots=True)
class Cell:
    """One piece of text with its place: row and column count from 0; `score` of its reading.

    `inner` says that it is the part of one that ends where another label begins.
    """

    text: str
    box: Box
    row: int
    column: int
    tokens: tuple[str, ...]
    score: float = 1.0
    inner: bool = False

    @property
    def has_digit(self) -> bool:
        """Whether there is a digit in it."""
        return any(map(str.isdigit, self.text))

    @property
    def is_label(self) -> bool:
        """Whether it reads like a label that waits for a value: it ends in a colon."""
        return self.text.rstrip().endswith(":")


@dataclass(frozen=True, slots=True)
class FoundValue:
    """A value as printed, the label it belongs to, and how well that label fits (0 to 1)."""

    value: str
    label: str
    row: int
    fit: float


class Sheet:
    """The rows of one picture, ready to be searched."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._found = rows
        self.rows: list[list[Cell]] = [
            [
                Cell(p.text, p.box, i, j, tuple(words.tokens(p.text)), p.score)
                for j, p in enumerate(row.pieces)
            ]
            for i, row in enumerate(rows)
        ]

    @property
    def cells(self) -> Iterator[Cell]:
        """Every cell in reading order."""
        for row in self.rows:
            yield from row

    @cached_property
    def lines(self) -> list[str]:
        """The text of each row."""
        return ["  ".join(cell.text for cell in row) for row in self.rows]

    @property
    def text(self) -> str:
        """All text, a line for each row."""
        return "\n".join(self.lines)

    def heading(self) -> str | None:
        """Give the text that stands out as a heading; None where there are no words."""
        return self._heading

    @cached_property
    def _heading(self) -> str | None:
        """Give the text that is set largest, the upper the likelier; else the first of words."""
        cells = [
            c
            for c in self.cells
            if sum(ch.isalpha() for ch in c.text) >= 2 and not _META & set(c.tokens)
        ]
        if not cells:
            return None
        top = min(cell.box.y0 for cell in cells)
        span = max(cell.box.y1 for cell in cells) - top

        def weight(cell: Cell) -> float:
            return cell.box.height * (1 - 0.4 * (cell.box.y0 - top) / span)

        median = statistics.median(cell.box.height for cell in cells)
        tallest = max(cells, key=weight)
        if tallest.box.height < 1.2 * median:
            return cells[0].text
        # A heading may run over several lines of the same size; without long letters one is less high.
        group, right = [tallest], max(cell.box.x1 for cell in cells)
        for cell in cells[cells.index(tallest) + 1 :]:
            near = cell.box.y0 - group[-1].box.y1 < 1.2 * tallest.box.height
            full = group[-1].box.x1 > _FULL * right and cell.box.height > _LARGE * median
            if cell.box.height > (0.6 if full else 0.85) * tallest.box.height and near:
                group.append(cell)
            else:
                break
        return " ".join(cell.text for cell in group)

    def section(self, asked: Sequence[str]) -> Sheet | None:
        """Give the part under the last heading that has one of the words; None without."""
        named = [i for i in self.heads if words.covers(self.rows[i][0].tokens, asked)]
        return Sheet(self._found[self.under(named[-1])]) if named else None

    @cached_property
    def heads(self) -> list[int]:
        """The rows that read like headings of what follows."""
        return [i for i, row in enumerate(self.rows) if len(row) == 1 and _is_head(row[0])]

    def under(self, head: int) -> slice:
        """Give the rows from a heading to the next."""
        return slice(head + 1, next((i for i in self.heads if i > head), len(self.rows)))

    def block(self, row: int) -> list[str]:
        """Give the lines under a row, as far as they stand close under each other."""
        boxes = [each.box for each in self._found]
        end = row + 1
        first = boxes[end].y0 - boxes[row].y1 if end < len(boxes) else 0.0
        while end < len(boxes):
            gap = boxes[end].y0 - boxes[end - 1].y1
            if gap > max(first, 0.0) + _APART * boxes[end].height or gap < -boxes[end].height:
                break  # a new part, or the top of the next column
            end += 1
        return self.lines[row + 1 : end]

    def every(self, kind: Kind) -> list[str]:
        """Give every value of a kind, in reading order, each once."""
        every = list(dict.fromkeys(v for line in self.lines for v in values.find(line, kind)))
        # Where one begins as numbers to call do, "2100 4488" is another.
        called = [v for v in every if v[0] in "0+("] if kind == "phone" else []
        return called or every

    def currency(self) -> str | None:
        """Give the first sign or code of a currency beside an amount."""
        for amount in self.every("money"):
            sign = re.search(r"[$€£¥₹]|[A-Z]{3}", amount)
            if sign:
                return sign.group()
        return None

    def find(
        self,
        asked: Sequence[str],
        kind: Kind | None,
        *,
        avoid: frozenset[str] = frozenset(),
        last: bool = False,
        single: bool = False,
    ) -> FoundValue | None:
        """Find the value that belongs to the label made of the words `asked`.

        Every asked word that is not optional must be printed. `kind` is the form that the value
        must have, None for any text. Labels with a word of `avoid` are passed over. Of labels that
        fit equally the first is taken, or the `last`. `single` takes a row's first amount (the
        price of one), not its last.
        """
        needed = _needed(asked)
        best: FoundValue | None = None
        for cell in self.parts:
            place = self._matched(cell, asked, needed)
            if place is None:
                continue
            found = self._value(cell, place, asked, kind, avoid, single=single)
            if found is None:
                continue
            if best is None or found.fit > best.fit + 1e-9 or (last and found.fit == best.fit):
                best = found
        return best or self.crossing(asked, kind)

    @cached_property
    def parts(self) -> list[Cell]:
        """The cells, parted where labels of their own begin: "Pieces: 3, Weight: 41 kg"."""
        return [part for cell in self.cells for part in _parted(cell)]

    def mentions(self, asked: Sequence[str]) -> list[str]:
        """Give the lines that hold all the asked words."""
        return [
            line
            for row, line in zip(self.rows, self.lines, strict=True)
            if asked and words.covers([t for c in row for t in c.tokens], asked) == len(asked)
        ]

    def pairs(self) -> list[tuple[str, str, float]]:
        """Give what the sheet lists as (label, value as printed, number): rows, or chart bars."""
        listed = []
        for row in self.rows:
            if len(row) < 2 or not _wordy(row[0].text) or _META & set(row[0].tokens):
                continue
            numbers = values.find(row[-1].text, "money") or values.find(row[-1].text, "number")
            number = values.number_in(numbers[-1]) if numbers else None
            if number is not None and _mostly(numbers[-1], row[-1].text):
                listed.append((row[0].text, row[-1].text, number))
        return listed if len(listed) >= 2 else self._bars()

    def _bars(self) -> list[tuple[str, str, float]]:
        for row in reversed(self.rows):
            named = [cell for cell in row if _wordy(cell.text)]
            if len(named) < 3:
                continue
            found = [(cell.text, self.above(cell)) for cell in named]
            bars = [
                (name, value.text, number)
                for name, value in found
                if value is not None and (number := values.number_in(value.text)) is not None
            ]
            if len(bars) >= 2:
                return bars
        return []

    @staticmethod
    def _matched(cell: Cell, asked: Sequence[str], needed: Sequence[str]) -> tuple[int, int] | None:
        """Return where in the cell's text the label begins and ends; None where it is not there."""
        if words.covers(cell.tokens, needed) < len(needed):
            return None
        matches = list(words.WORD.finditer(cell.text))
        plain = {w for w in asked if any(words.alike(t, w) for t in cell.tokens)}
        hits = [
            match
            for match, token in zip(matches, cell.tokens, strict=False)
            if any(words.alike(token, word) for word in plain)
            or any(len(w) > 5 and token in w and len(token) > 2 for w in asked if w not in plain)
            or any(len(w) > 5 and w in token for w in asked)  # "AccountNo", read without its gap
        ]
        colon = next((c for c in _LABEL_COLON.finditer(cell.text)), None)
        if colon is not None and hits and hits[0].start() < colon.start():
            hits = [hit for hit in hits if hit.start() < colon.start()]
        if not hits:
            return None
        # "Bank: First National, IBAN GB29": a label may begin after a comma.
        begin = max((cell.text.rfind(mark, 0, hits[0].start()) for mark in ",;|•·"), default=-1) + 1
        return begin, hits[-1].end()

    def _value(
        self,
        cell: Cell,
        place: tuple[int, int],
        asked: Sequence[str],
        kind: Kind | None,
        avoid: frozenset[str],
        *,
        single: bool,
    ) -> FoundValue | None:
        row = self.rows[cell.row]
        begin, end = place
        # A row of headings has its values below, not beside.
        none = cell.inner or self.is_heads(cell.row)
        after = [] if none else [c.text for c in row[cell.column + 1 :]]
        tail, label_end = cell.text[end:], end
        colon = _LABEL_COLON.search(cell.text, max(0, end - 1))
        if colon is not None:
            tail, label_end = cell.text[colon.end() :], colon.start()
        elif kind is not None:
            first = values.PATTERNS[kind].search(tail)
            label_end = end + first.start() if first else len(cell.text)
        elif self._is_phrase(cell, tail):
            return None
        printed = words.tokens(cell.text[begin:label_end])
        if avoid & {words.stem(token) for token in printed}:
            return None
        named = [token for token in printed if not token.isdigit()] or printed
        fit = min(1.0, words.covers(named, asked) / max(len(named), len(asked), 1))
        label = cell.text[begin:label_end].strip(_LEADERS)
        loose = [t for t in cell.tokens if t not in words.STOP and t not in words.OPTIONAL]
        whole = cell.is_label or words.covers(list(asked), loose) == len(loose)
        value = (
            self._text_after(cell, tail, after, whole=whole)
            if kind is None
            else self._kind_after(cell, tail, after, kind, single=single)
        )
        return None if not value else FoundValue(value, label, cell.row, fit)

    def is_heads(self, index: int) -> bool:
        """Say whether a row holds column headings: words alone, with cells aligned below."""
        row = self.rows[index]
        if len(row) < 2 or index + 1 >= len(self.rows):
            return False
        if any(c.has_digit or ":" in c.text for c in row):
            return False
        below = self.rows[index + 1]
        tall = max(c.box.height for c in row)
        if min(c.box.y0 for c in below) - max(c.box.y1 for c in row) > 2.6 * tall:
            return False
        under = [self._below(cell) for cell in row]
        found = [cell for cell in under if cell is not None]
        if len(found) < max(2, 0.6 * len(row)):
            return False
        larger = min(c.box.height for c in found) > 1.15 * tall
        # A label set close above its value, with more room before the next label.
        gap = min(c.box.y0 for c in below) - max(c.box.y1 for c in row)
        after = self.rows[index + 2] if index + 2 < len(self.rows) else []
        room = min((c.box.y0 for c in after), default=0.0) - max(c.box.y1 for c in below)
        larger = larger or (bool(after) and room > 2 * max(gap, 0.25 * tall))
        return len(row) >= 3 or larger or any(c.has_digit for c in found)

    def _is_phrase(self, cell: Cell, tail: str) -> bool:
        """Say whether the words after a label go on with it, as in a heading's name."""
        if not tail[:1].isspace() or not tail.strip():
            return False
        if tail.strip()[0].islower():
            return True
        return cell.text in (self.heading() or "") and not any(ch.isdigit() for ch in tail)

    def _text_after(
        self, cell: Cell, tail: str, after: Sequence[str], *, whole: bool
    ) -> str | None:
        if re.match(r"[:.,/-]\d", tail):
            return None  # the label's last word is part of a number or a time
        own = tail.strip(_LEADERS)
        if not own and sum(_wordy(c.text) for c in self.rows[cell.row]) >= 3:
            over = self.above(cell)  # a label on the axis of a chart
            if over is not None:
                return over.text
        if own and not re.fullmatch(r"[\W_]*", own):
            return " ".join([own, *(() if _LABEL_COLON.search(" ".join(after)) else after)])
        if after:
            # A second label in the row ends the value of the first.
            kept = [after[0]] if any(_LABEL_COLON.search(a) for a in after[1:]) else list(after)
            if _LABEL_COLON.search(kept[0]):
                return None
            return " ".join(kept).strip(_LEADERS) or None
        below = self._below(cell)
        if below is None or _LABEL_COLON.search(below.text):
            return None
        # Only a whole cell is a label for what stands below it, and a value is not set smaller.
        if not whole or below.box.height < 0.8 * cell.box.height:
            return None
        return below.text

    def _kind_after(
        self, cell: Cell, tail: str, after: Sequence[str], kind: Kind, *, single: bool
    ) -> str | None:
        for text in (tail, "  ".join(after)):
            found = values.find(text, kind)
            if kind == "name":
                found = [f for f in found if _wordy(f)]
            if found:
                last = kind == "money" and not single
                return found[-1] if last else found[0]
        before = "  ".join(c.text for c in self.rows[cell.row][: cell.column])
        lead = values.find(before, kind) or values.find(cell.text, kind)
        below, above = self._below(cell), self.above(cell)
        large = (
            above is not None and below is not None and above.box.height > _LARGE * below.box.height
        )
        for other in (above, below) if large else (below, above):
            if other is not None and (not lead or kind in ("name", "id")):
                found = values.find(other.text, kind)
                if found and _mostly(found[0], other.text):
                    return found[0]
        return lead[-1] if lead and kind not in ("name", "id", "integer") else None

    def _below(self, cell: Cell) -> Cell | None:
        """Give the nearest cell under `cell` that starts or centres where it does."""
        for row in self.rows[cell.row + 1 : cell.row + 3]:
            for other in row:
                gap = other.box.y0 - cell.box.y1
                aligned = abs(other.box.x0 - cell.box.x0) < 1.2 * cell.box.height
                centred = abs(other.box.centre[0] - cell.box.centre[0]) < cell.box.height
                if (aligned or centred) and gap < 2.6 * cell.box.height:
                    return other
        return None

    def above(self, cell: Cell) -> Cell | None:
        """Give the nearest number over `cell`, however tall the bar between them."""
        for row in reversed(self.rows[: cell.row]):
            for other in row:
                near = abs(other.box.centre[0] - cell.box.centre[0])
                if near < 0.6 * max(cell.box.width, other.box.width) and re.fullmatch(
                    r"\W*(?:[A-Z]{3} )?\d[\d.,]*\s?(?:%|[^\W\d]{0,3})\W*", other.text
                ):
                    return other
        return None

    def crossing(self, asked: Sequence[str], kind: Kind | None) -> FoundValue | None:
        """Look in a table: some words head a column, the others name a row."""
        needed = _needed(asked)
        if len(asked) < 2:
            return None
        for head in self.cells:
            heads = [w for w in asked if any(words.alike(w, t) for t in head.tokens)]
            if not heads or len(self.rows[head.row]) < 2:  # a title heads no column
                continue
            rest = [w for w in needed if w not in heads]
            if not rest:
                continue
            for row in self.rows[head.row + 1 :]:
                named = [t for c in row for t in c.tokens]
                if words.covers(named, rest) < len(rest):
                    continue
                for cell in row:
                    shared = min(cell.box.x1, head.box.x1) - max(cell.box.x0, head.box.x0)
                    if shared <= 0 or words.covers(cell.tokens, rest):
                        continue
                    found = [cell.text] if kind is None else values.find(cell.text, kind)
                    if not found and kind in ("money", "number", "integer"):
                        found = values.find(cell.text, "number")
                    if found:
                        return FoundValue(found[0], f"{head.text}, {row[0].text}", cell.row, 0.9)
        return None


def _is_head(cell: Cell) -> bool:
    """Say whether a cell that stands alone in its row reads like the heading of what follows."""
    plain = not any(sign.isdigit() or sign in ".,;!?" for sign in cell.text)
    return plain and _wordy(cell.text) and len(cell.tokens) <= _MOST_HEAD


# Rows that sum a list up are no items of it.
_META = frozenset(
    """
    total subtotal sub gross net items delivery voucher shipping postage tax vat gst hst cash change tip gratuity discount card visa mastercard
    amex paid balance due date time tel phone table order invoice receipt amount savings sum qty
    rounding tendered debit credit number no payment
    """.split()
)


def _parted(cell: Cell) -> Iterator[Cell]:
    begins = [0, *words.further_labels(cell.text)]
    if len(begins) == 1:
        yield cell
        return
    for begin, end in pairwise([*begins, len(cell.text)]):
        text = cell.text[begin:end].rstrip(" .;,|·•")
        tokens = tuple(words.tokens(text))
        yield replace(cell, text=text, tokens=tokens, inner=end < len(cell.text))


def _needed(asked: Sequence[str]) -> list[str]:
    return [word for word in asked if word not in words.OPTIONAL] or list(asked)


def _wordy(text: str) -> bool:
    letters = sum(c.isalpha() for c in text)
    return letters >= 2 and letters >= 0.5 * len(text.replace(" ", ""))


def _mostly(value: str, text: str) -> bool:
    return len(value) >= 0.6 * len(text.strip())


def is_meta(tokens: Sequence[str]) -> bool:
    """Say whether a row's words are those of sums and payments, not of a listed item."""
    return bool(_META & set(tokens))

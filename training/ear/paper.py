"""A drawn paper: its words with their places, and all that it tells.

`Draft` is what papers are written with: a pen that goes down the page, pairs of label and value,
tables, paragraphs, frames. What is told is marked where it is written: `tell("total", "12.50")`
gives a text that is a fact once it is on the paper, and `label("Total")` one that names the next.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from training.ear import faces, wordings, words

Box = tuple[float, float, float, float]  # x0, y0, x1, y1 in pixels


@dataclass(frozen=True, slots=True)
class Cell:
    """A piece of text as a line recogniser returns it: a run with no wide gap in it."""

    text: str
    box: Box
    size: float = 20  # letter height in pixels
    font: str = "sans"  # one of `faces.FACES`
    bold: bool = False
    colour: str = "black"


@dataclass(frozen=True, slots=True)
class Span:
    """Part of a cell's text: the cell's index, the start and the end of its characters."""

    cell: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that the paper tells and that can be asked for."""

    meaning: str
    spans: tuple[Span, ...]  # words of the value, in reading order, never the label
    value: str  # the answer as a person would give it
    kind: str
    label: tuple[Span, ...] = ()  # words of its label where printed


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: what it means, its printed head, what kind of thing stands in it."""

    meaning: str
    head: Span | None
    kind: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of things: items of a receipt, flights, days."""

    noun: str
    nouns: str
    columns: tuple[Column, ...]  # the first names the row
    rows: tuple[tuple[tuple[Span, ...], ...], ...]  # rows[r][c]: spans of the cell, () where blank


@dataclass(frozen=True, slots=True)
class Mark:
    """A shape without words: a rule, a frame, a bar of a chart, a ground."""

    box: Box
    fill: str = ""
    outline: str = ""
    shape: str = "box"  # box | oval | line | pie:START:END in degrees


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper with all its words, all that it tells, and what it does not tell."""

    kind: str
    language: str
    width: int
    height: int
    cells: tuple[Cell, ...]
    facts: tuple[Fact, ...]
    tables: tuple[Table, ...]
    absent: frozenset[str]  # meanings that this paper could have had and has not
    ground: str = "white"
    marks: tuple[Mark, ...] = ()


# A meaning is not called absent where another that people may take for it is told.
TAKEN_FOR: dict[str, str] = {
    "total": "balance_due amount_paid price fee rent closing_balance fine_amount salary_net refund_amount minimum_payment",
    "balance_due": "total amount_paid closing_balance minimum_payment", "amount_paid": "total balance_due deposit cash_given",
    "subtotal": "net_amount salary_gross", "tax": "tax_rate deduction", "tax_rate": "tax percentage", "discount": "savings deduction percentage", "savings": "discount",
    "tip": "service_charge", "service_charge": "tip fee", "fee": "service_charge price shipping", "price": "total unit_price fee",
    "unit_price": "price", "cash_given": "amount_paid", "deposit": "deposit_held amount_paid", "fine_amount": "total",
    "date": "manufacture_date sample_date issue_date due_date start_date end_date delivery_date expiry_date deadline next_appointment period departure_time",
    "issue_date": "date start_date", "due_date": "deadline date", "deadline": "due_date expiry_date", "best_before": "expiry_date",
    "expiry_date": "best_before end_date period", "start_date": "date period", "end_date": "period expiry_date due_date",
    "delivery_date": "date arrival_time", "time": "period departure_time arrival_time opening_hours closing_time start_date", "period": "start_date end_date date duration",
    "duration": "period", "closing_time": "opening_hours", "departure_time": "time", "arrival_time": "departure_time time",
    "opening_hours": "closing_time time", "next_appointment": "date",
    "seller": "sender employer landlord brand author venue", "buyer": "recipient tenant employee passenger", "cashier": "server manager contact_person signature_name",
    "server": "cashier", "sender": "seller author signature_name", "recipient": "buyer passenger employee tenant", "author": "sender signature_name",
    "title": "subject heading event subtitle topic", "heading": "title subject event", "subtitle": "slogan", "topic": "title subject heading", "subject": "title topic heading",
    "manager": "signature_name contact_person cashier", "contact_person": "sender manager signature_name cashier doctor", "doctor": "signature_name sender",
    "signature_name": "sender author manager doctor landlord", "brand": "seller product_name", "product_name": "brand title", "venue": "address city seller room",
    "origin": "destination city address made_in", "destination": "origin recipient destination_city", "destination_city": "destination city", "department": "category",
    "invoice_number": "receipt_number order_number", "receipt_number": "invoice_number ticket_number order_number approval_code", "order_number": "booking_reference invoice_number tracking_number",
    "booking_reference": "order_number ticket_number", "ticket_number": "booking_reference receipt_number", "account_number": "iban customer_number", "customer_number": "account_number",
    "serial_number": "batch_number article_number", "article_number": "serial_number", "batch_number": "serial_number", "policy_number": "customer_number",
    "tracking_number": "order_number", "phone": "mobile fax", "mobile": "phone", "city": "address postcode", "address": "city", "postcode": "address", "country": "made_in origin address",
    "made_in": "country origin", "weight": "quantity size volume", "volume": "weight size quantity", "size": "weight volume capacity", "quantity": "total_quantity count_of_people",
    "total_quantity": "quantity", "dose": "dose_frequency instruction", "dose_frequency": "dose instruction", "instruction": "warning note dose storage", "warning": "note instruction",
    "note": "instruction warning slogan", "payment_method": "card_last_digits cash_given", "reason": "note subject", "status": "reason", "percentage": "tax_rate discount",
    "count_of_people": "quantity", "slogan": "note subtitle", "category": "department", "greeting": "recipient", "closing": "signature_name", "room": "table_number seat",
    "seat": "room table_number", "terminal": "gate", "gate": "platform terminal", "platform": "gate", "train_number": "line_or_route flight_number", "line_or_route": "train_number flight_number",
}  # fmt: skip
_OPEN, _VALUE, _SHUT, _LABEL, _LABELLED = "\x01", "\x02", "\x03", "\x04", "\x05"
_MARKED = frozenset((_OPEN, _LABEL))


def tell(meaning: str, value: str) -> str:
    """Mark a text as a fact; facts may lie within facts."""
    return f"{_OPEN}{meaning}{_VALUE}{value}{_SHUT}"


def label(text: str) -> str:
    """Mark a text as the label of the fact that is written next."""
    return f"{_LABEL}{text}{_LABELLED}"


def plain(marked: str) -> str:
    """Take the marks off a text."""
    return _parsed(marked)[0] if _MARKED & set(marked) else marked


def _parsed(marked: str) -> tuple[str, list[tuple[str, int, int]]]:
    """Give the text without marks, and what is marked in it: meaning ("" for a label), start, end."""
    text, found, depth, i = "", list[tuple[str, int, int]](), list[int](), 0
    while i < len(marked):
        letter = marked[i]
        if letter == _OPEN:
            end = marked.index(_VALUE, i)
            depth.append(len(found))
            found.append((marked[i + 1 : end], len(text), 0))
            i = end
        elif letter == _LABEL:
            depth.append(len(found))
            found.append(("", len(text), 0))
        elif letter in (_SHUT, _LABELLED):
            at = depth.pop()
            found[at] = (found[at][0], found[at][1], len(text))
        else:
            text += letter
        i += 1
    return text, found


Maker = Callable[["Draft"], None]
_MAKERS: dict[str, tuple[Maker, dict[str, Any]]] = {}


def kind(name: str, **style: Any) -> Callable[[Maker], Maker]:
    """Register a kind of paper under its name; the style is what `Draft` takes."""

    def register(maker: Maker) -> Maker:
        _MAKERS[name] = maker, style
        return maker

    return register


def kinds() -> tuple[str, ...]:
    """Name every kind of paper, in order."""
    if not _MAKERS:
        for path in sorted((Path(__file__).parent / "papers").glob("[a-z]*.py")):
            import_module(f"training.ear.papers.{path.stem}")
    return tuple(sorted(_MAKERS))


def draw(kind: str, seed: int) -> Paper:
    """Draw a paper of a kind; a seed gives the same paper always."""
    kinds()
    maker, style = _MAKERS[kind]
    draft = Draft(kind, seed, **style)
    maker(draft)
    return draft.done()


Pair = tuple[str, str] | tuple[str, str, str]  # meaning, value, label
_LAYOUTS = ("wide", "tab", "colon", "above", "head", "none")


class Draft(words.World):
    """A paper being written: a pen within a region, which goes down as it writes."""

    def __init__(
        self, kind: str, seed: int, *, width: tuple[int, int] = (760, 1240), size: tuple[int, int] = (17, 25),
        langs: str = "en", fonts: str = "sans sans sans2 serif narrow", colours: float = 0.15, dark: float = 0.0,
        could: str = "", tall: float = 0,
    ) -> None:  # fmt: skip
        super().__init__(random.Random(f"{kind} {seed}"), langs)
        self.kind, chance = kind, self.chance
        self.width = chance.randint(*width)
        self.size = min(chance.uniform(*size), self.width / 20)
        self.font = chance.choice(fonts.split())
        self.ground, self.ink, self.accent = "white", "black", "black"
        if chance.random() < dark:
            self.ground, self.ink, self.accent = chance.choice(words.DARK)
        elif chance.random() < colours:
            self.ground, self.ink, self.accent = chance.choice(words.LIGHT)
        margin = self.width * chance.uniform(0.035, 0.09)
        self.x, self.y, self.w = margin, margin * chance.uniform(0.6, 1.1), self.width - 2 * margin
        self.leading = chance.uniform(1.22, 1.5)
        self.least = self.width * tall * chance.choice([1, 1, 0.6, 0])
        self.cells: list[Cell] = []
        self.facts: list[Fact] = []
        self.tables: list[Table] = []
        self.marks: list[Mark] = []
        self.could: set[str] = set(could.split())
        self._label: tuple[Span, ...] = ()
        self._used: set[str] = set()

    # What is on it

    def maybe(self, meaning: str, odds: float = 0.6) -> bool:
        """Decide whether a thing is told; when not, it is known to be absent."""
        self.could.add(meaning)
        return self.chance.random() < odds

    def name(self, meaning: str, *own: str, never: str = "") -> str:
        """Choose a label that this paper has not used, from one's own or from the wordings."""
        found: Sequence[str] = wordings.labels(meaning, self.lang)
        own_first = meaning in _OF_ITS_KIND
        if own and (self.lang == "en" or not found):
            found = own if not found or own_first or self.chance.random() < 0.65 else found
        if never:
            found = [text for text in found if not re.search(never, text.lower())] or found
        fresh = [text for text in found if text.lower().rstrip(":. ") not in self._used] or found
        text = self.chance.choice(fresh).rstrip(": ").translate(_PLAIN) if fresh else meaning
        self._used.add(text.lower().rstrip(". "))
        return text

    def absent(self, *meanings: str) -> None:
        """Say that the paper does not tell a thing that others of its kind do."""
        self.could.update(meanings)

    # Writing

    def write(
        self, marked: str, x: float, y: float, *, w: float | None = None, align: str = "l", size: float = 1,
        bold: bool = False, font: str = "", colour: str = "", leading: float = 0,
    ) -> tuple[list[Span], float]:  # fmt: skip
        """Write a text at a place, within a width; give its spans and where the next line would be."""
        text, found = _parsed(marked) if _MARKED & set(marked) else (marked, [])
        font, colour, points = font or self.font, colour or self.ink, size * self.size
        w = self.w if w is None else w
        lines: list[tuple[int, int, float]] = []  # start, end, width
        for start, end in _lines(text):
            lines += _wrapped(text, start, end, w, points, font, bold)
        widest = max((wide for _, _, wide in lines), default=0)
        if widest > w:  # a word that is too long
            points *= w / widest
            lines = [(start, end, wide * w / widest) for start, end, wide in lines]
        pitch = points * (leading or self.leading)
        placed: list[tuple[int, int, int]] = []
        for start, end, wide in lines:
            left = x if align == "l" else x + w - wide if align == "r" else x + (w - wide) / 2
            if text[start:end].strip():
                placed.append((len(self.cells), start, end))
                self.cells.append(
                    Cell(
                        text[start:end],
                        (left, y, left + wide, y + points * 1.15),
                        points,
                        font,
                        bold,
                        colour,
                    )
                )
            y += pitch
        for meaning, start, end in found:
            spans = tuple(
                [
                    Span(cell, max(start, a) - a, min(end, b) - a)
                    for cell, a, b in placed
                    if a < end and b > start
                ]
            )
            if not spans:
                continue
            if not meaning:
                self._label = spans
                continue
            self.facts.append(
                Fact(meaning, spans, self._value(spans), wordings.kind(meaning), self._label)
            )
            self._label = ()
        return [Span(cell, 0, b - a) for cell, a, b in placed], y

    def _value(self, spans: Sequence[Span]) -> str:
        return " ".join([self.cells[s.cell].text[s.start : s.end] for s in spans])

    def line(self, marked: str, align: str = "l", **style: Any) -> list[Span]:
        """Write a text across the region, as many lines as it takes, and go on below."""
        self._label = ()
        spans, self.y = self.write(marked, self.x, self.y, align=align, **style)
        return spans

    def row(self, *parts: str, keep: bool = False, **style: Any) -> None:
        """Write two or more texts in one row: the first to the left, the last to the right."""
        if not keep:
            self._label = ()
        points = style.get("size", 1) * self.size
        font, bold = style.get("font") or self.font, style.get("bold", False)
        wides = [faces.width(plain(part), points, font, bold) for part in parts]
        if len(parts) == 2:
            room = self.w - wides[1] - points * 1.6
            if room < min(wides[0], points * 5):
                _, self.y = self.write(parts[0], self.x, self.y, **style)
                _, self.y = self.write(parts[1], self.x, self.y, align="r", **style)
                return
            _, low = self.write(parts[0], self.x, self.y, w=room, **style)
            _, below = self.write(parts[1], self.x, self.y, align="r", **style)
            self.y = max(low, below)
            return
        if sum(wides) + points * 1.6 * len(parts) > self.w:
            for part in parts:
                _, self.y = self.write(part, self.x, self.y, **style)
            return
        space, left, low = (self.w - sum(wides)) / (len(parts) - 1), self.x, self.y
        for part, wide in zip(parts, wides, strict=True):
            _, below = self.write(part, left, self.y, w=wide + 1, **style)
            left, low = left + wide + space, max(low, below)
        self.y = low

    def gap(self, lines: float = 0.6) -> None:
        """Leave some room, in lines."""
        self.y += lines * self.size

    def rule(self, style: str = "") -> None:
        """Draw a line across the region, as a stroke or as a row of signs, or leave room only."""
        style = style or self.chance.choice(["stroke", "stroke", "gap"])
        if style == "stroke":
            self.y += self.size * 0.3
            self.marks.append(
                Mark(
                    (self.x, self.y, self.x + self.w, self.y + self.chance.choice([0, 0, 1, 2])),
                    self.ink,
                    shape="line",
                )
            )
            self.y += self.size * 0.5
        elif style == "gap":
            self.gap(0.7)
        else:
            self.line(style * int(self.w / faces.width(style, self.size, self.font)))

    @contextmanager
    def region(self, x: float, w: float) -> Iterator[None]:
        """Write within another column."""
        before = self.x, self.w
        self.x, self.w = x, w
        yield
        self.x, self.w = before

    def beside(
        self, *parts: Callable[[], object], weights: Sequence[float] = (), gap: float = 2
    ) -> None:
        """Write blocks side by side; go on below the lowest."""
        weights, space = weights or [1] * len(parts), gap * self.size
        room, x, top, low = self.w - space * (len(parts) - 1), self.x, self.y, self.y
        for part, weight in zip(parts, weights, strict=True):
            wide = room * weight / sum(weights)
            self.y = top
            with self.region(x, wide):
                part()
            x, low = x + wide + space, max(low, self.y)
        self.y = low

    @contextmanager
    def frame(
        self, fill: str = "", outline: str = "", pad: float = 0.6, shape: str = "box"
    ) -> Iterator[None]:
        """Write within a frame."""
        top, room = self.y, pad * self.size
        self.y += room
        with self.region(self.x + room, self.w - 2 * room):
            yield
        self.y += room * 0.7
        self.marks.append(Mark((self.x, top, self.x + self.w, self.y), fill, outline, shape))
        self.y += room * 0.6

    def stamp(self, marked: str, **style: Any) -> None:
        """Set a framed text somewhere in a row of its own."""
        colour = self.chance.choice(["#b02020", "#1a3c8c", "#207030", self.ink])
        wide = faces.width(plain(marked), self.size * 1.4, self.font, True) + self.size * 2
        wide = min(wide, self.w)
        left = self.x + (self.w - wide) * self.chance.choice([0, 0.5, 1])
        with self.region(left, wide), self.frame(outline=colour, pad=0.5):
            self.line(marked, "c", size=1.4, bold=True, colour=colour, **style)

    # Pairs of label and value

    def pairs(
        self,
        items: Sequence[Pair | None],
        layout: str = "",
        *,
        columns: int = 0,
        bold: bool | None = None,
        **style: Any,
    ) -> None:
        """Write labels with their values in one of the ways that papers have."""
        chance, found = self.chance, [item for item in items if item]
        layout = layout or chance.choice(_LAYOUTS[:5])
        strong, capitals = (chance.random() < 0.2 if bold is None else bold), chance.random() < 0.15
        colon = (
            chance.choice([":", ":", ":", "", "", " :"])
            if layout != "colon"
            else chance.choice([":", ":", ":", " :", "", " -", "."])
        )
        named = []
        for item in found:
            text = item[2] if len(item) > 2 else self.name(item[0])
            named.append((item[0], item[1], text.upper() if capitals else text))
        self._label = ()
        if layout in ("above", "head") and found:
            self._grid(
                named,
                columns or (len(named) if layout == "head" else chance.randint(2, 4)),
                framed=layout == "head",
                **style,
            )
            return
        points = style.get("size", 1) * self.size
        tab = max(
            (faces.width(text + colon, points, self.font, strong) for _, _, text in named),
            default=0,
        ) + points * chance.uniform(1.6, 4)
        for meaning, value, text in named:
            told, name = tell(meaning, value) if meaning else value, label(text)
            if layout == "none":
                self.line(told, **style)
            elif layout == "colon":
                self.line(f"{name}{colon} {told}", **style)
            elif layout == "wide" or tab > self.w * 0.6:
                self.row(name + colon, told, bold=strong, **style)
            else:
                self._label = ()
                _, low = self.write(name + colon, self.x, self.y, bold=strong, **style)
                _, below = self.write(told, self.x + tab, self.y, w=self.w - tab, **style)
                self.y = max(low, below)

    def _grid(
        self, named: Sequence[tuple[str, str, str]], columns: int, *, framed: bool, **style: Any
    ) -> None:
        points, framed = style.pop("size", 1) * self.size, framed and self.chance.random() < 0.7
        small = self.chance.choice([0.75, 0.85, 1]) * points / self.size
        need = max(
            faces.width(text, points * 1.1, self.font)
            for n in named
            for text in (plain(n[1]), n[2])
        )
        while columns > 1 and need + points * 2 > self.w / columns:
            columns -= 1
        wide = self.w / columns
        faint, inset = (
            self.chance.choice(
                [self.ink, self.accent, "#666666" if self.ground == "white" else self.ink]
            ),
            points * 0.4 if framed else 0,
        )
        for start in range(0, len(named), columns):
            some, top = named[start : start + columns], self.y
            lows = []
            for i, (meaning, value, text) in enumerate(some):
                x = self.x + i * wide + inset
                self._label = ()
                _, low = self.write(
                    label(text), x, top + inset * 0.5, w=wide - points, size=small, colour=faint
                )
                _, low = self.write(
                    tell(meaning, value) if meaning else value,
                    x,
                    low + inset * 0.3,
                    w=wide - points,
                    size=points / self.size,
                    **style,
                )
                lows.append(low)
                if framed:
                    self.marks.append(
                        Mark(
                            (self.x + i * wide, top, self.x + (i + 1) * wide, low), outline=self.ink
                        )
                    )
            self.y = max(lows) + (0 if framed else points * 0.4)

    # Tables

    def table(
        self, noun: str, nouns: str, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[str]], *,
        rules: str = "", heads: bool | None = None, size: float = 1, grow: int = 0, key: int = -1, spread: bool | None = None,
        align: str = "", bold: bool | None = None,
    ) -> None:  # fmt: skip
        """Write rows of things under heads; what is "" in a row is blank.

        One column takes what room is left, and one names the row: the same, if not told.
        """
        chance = self.chance
        rules = rules or chance.choice(["none", "none", "head", "head", "rows", "grid", "stripes"])
        heads = chance.random() < 0.85 if heads is None else heads
        heads = heads and any(head for _, head in columns)
        strong = chance.random() < 0.6 if bold is None else bold
        spread = chance.random() < 0.4 if spread is None else spread
        naturals = [max(4.0, *(faces.width(plain(row[i]), self.size, self.font) for row in rows),
                        faces.width(columns[i][1], self.size, self.font, strong) if heads else 0) for i in range(len(columns))]  # fmt: skip
        gap, fixed = 1.7, sum(naturals) - naturals[grow]
        least = min(naturals[grow], self.size * 8)
        room = self.w - gap * self.size * size * (len(columns) - 1) - self.size * 0.6
        size = min(size, max(0.45, room / (fixed + least)))
        points = size * self.size
        room = self.w - points * (gap * (len(columns) - 1) + 0.6)
        wides = [n * size for n in naturals]
        spare = room - sum(wides)
        if spare < 0:
            wides[grow] = max(points * 3, wides[grow] + spare)
        elif spread:
            wides = [w + spare / len(wides) for w in wides]
        else:
            wides[grow] += spare
        sides = align or "".join(
            "r" if i and wordings.kind(m) in ("money", "number", "share") else "l"
            for i, (m, _) in enumerate(columns)
        )
        if not align and chance.random() < 0.15:
            sides = sides[0] + sides[1:].replace("r", "c").replace("l", "c")
        lefts = [self.x + points * 0.3]
        for wide in wides[:-1]:
            lefts.append(lefts[-1] + wide + gap * points)
        top, pad = self.y, points * chance.choice([0, 0, 0.2, 0.4])
        filled = rules in ("grid", "stripes", "head") and chance.random() < 0.4
        ground, ink = (
            (chance.choice(["#dddddd", "#e8eef8", "#333333", "#1f4e79"]) if filled else ""),
            "",
        )
        if ground in ("#333333", "#1f4e79"):
            ink = "white"
        spans: list[Span | None] = [None] * len(columns)
        if heads:
            lows = [self.y]
            for i, (_, head) in enumerate(columns):
                if head:
                    made, low = self.write(
                        head,
                        lefts[i],
                        self.y + pad / 2,
                        w=wides[i] + 2,
                        align=sides[i],
                        size=size,
                        bold=strong,
                        colour=ink,
                    )
                    spans[i], lows = made[0], [*lows, low]
            if ground:
                self.marks.append(Mark((self.x, self.y, self.x + self.w, max(lows) + pad), ground))
            self.y = max(lows) + pad
            if rules in ("head", "rows", "grid"):
                self._stroke(self.y - points * 0.1)
                self.y += points * 0.2
        made_rows: list[tuple[tuple[Span, ...], ...]] = []
        for r, row in enumerate(rows):
            begin, lows, made_row = self.y, [self.y + points * self.leading], []
            for i, text in enumerate(row):
                self._label = ()
                made, low = (
                    self.write(
                        text, lefts[i], self.y + pad / 2, w=wides[i] + 2, align=sides[i], size=size
                    )
                    if text
                    else ([], self.y)
                )
                made_row.append(tuple(made))
                lows.append(low)
            made_rows.append(tuple(made_row))
            self.y = max(lows) + pad
            if rules == "stripes" and r % 2 and self.ground == "white":
                self.marks.append(Mark((self.x, begin, self.x + self.w, self.y), "#eeeeee"))
            if rules in ("rows", "grid"):
                self._stroke(self.y - points * 0.08)
                self.y += points * 0.15
        if rules == "grid":
            for left in [self.x, *[at - gap * points / 2 for at in lefts[1:]], self.x + self.w]:
                low = self.y - points * (0.23 if rows else 0)
                self.marks.append(Mark((left, top, left, low), self.ink, shape="line"))
            self._stroke(top)
        key = grow if key < 0 else key  # the column that names the row comes first
        order = [key, *[i for i in range(len(columns)) if i != key]]
        kinds = [wordings.kind(meaning) for meaning, _ in columns]
        self.tables.append(
            Table(
                noun,
                nouns,
                tuple(Column(columns[i][0], spans[i], kinds[i]) for i in order),
                tuple(tuple(row[i] for i in order) for row in made_rows),
            )
        )
        self._label = ()

    def listed(
        self,
        noun: str,
        nouns: str,
        columns: Sequence[tuple[str, Span | None]],
        rows: Sequence[tuple[tuple[Span, ...], ...]],
    ) -> None:
        """Tell that things that are written already are rows of a table."""
        made = tuple(Column(meaning, head, wordings.kind(meaning)) for meaning, head in columns)
        self.tables.append(Table(noun, nouns, made, tuple(rows)))

    def forget(self) -> None:
        """Let no label that is written name what comes next."""
        self._label = ()

    def named_below(self) -> None:
        """Let the label that is written last name the fact before it."""
        self.facts[-1] = replace(self.facts[-1], label=self._label)
        self._label = ()

    def _stroke(self, y: float) -> None:
        self.marks.append(Mark((self.x, y, self.x + self.w, y), self.ink, shape="line"))

    # The end

    def done(self) -> Paper:
        """Give the paper: runs that lie close are one, and all that is not told is known."""
        height = int(
            max(
                self.y + self.size,
                self.least,
                max((c.box[3] for c in self.cells), default=0) + self.size,
            )
        )
        cells, moved = _joined(self.cells)

        def spans(some: tuple[Span, ...]) -> tuple[Span, ...]:
            return tuple(
                [
                    Span(moved[s.cell][0], s.start + moved[s.cell][1], s.end + moved[s.cell][1])
                    for s in some
                ]
            )

        facts = [replace(f, spans=spans(f.spans), label=spans(f.label)) for f in self.facts]
        tables = [
            replace(
                t, columns=tuple(replace(c, head=spans((c.head,))[0]) if c.head else c for c in t.columns),
                rows=tuple(tuple(spans(cell) for cell in row) for row in t.rows),
            )
            for t in self.tables
        ]  # fmt: skip
        told = {f.meaning for f in facts} | {c.meaning for t in tables for c in t.columns}
        absent = {
            m for m in self.could - told if not told.intersection(TAKEN_FOR.get(m, "").split())
        }
        return Paper(
            self.kind,
            self.lang,
            self.width,
            height,
            tuple(cells),
            tuple(facts),
            tuple(tables),
            frozenset(absent),
            self.ground,
            tuple(self.marks),
        )


# Things that every kind of paper calls differently.
_OF_ITS_KIND = frozenset(
    "period time date start_date end_date expiry_date issue_date delivery_date price fee score category size version reason status "
    "duration origin destination venue departure_time arrival_time order_number receipt_number ticket_number distance capacity "
    "weight total_quantity count_of_people opening_balance closing_balance address note product_name city contact_person amount".split()
)
# What a total is not called where another amount is what has to be paid.
PAYABLE = r"pa[iy]|due|owe|zahl|payer|pagar|pagare|betal|outstanding|charge"
_PLAIN = {ord("["): "(", ord("]"): ")"}


def _lines(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for part in text.split("\n"):
        yield start, start + len(part)
        start += len(part) + 1


def _wrapped(
    text: str, start: int, end: int, w: float, points: float, font: str, bold: bool
) -> list[tuple[int, int, float]]:
    wide = faces.width(text[start:end], points, font, bold)
    if wide <= w + 0.5:
        return [(start, end, wide)]
    lines, at, width = [], start, 0.0
    blank = faces.width(" ", points, font, bold)
    i, stop = start, start
    for word in text[start:end].split(" "):
        long = faces.width(word, points, font, bold)
        if i > at and width + blank + long > w:
            lines.append((at, stop, width))
            at, width = i, long
        else:
            width += long + (blank if i > at else 0)
        stop = i + len(word)
        i = stop + 1
    return [*lines, (at, stop, width)]


def _joined(cells: list[Cell]) -> tuple[list[Cell], list[tuple[int, int]]]:
    """Join runs of one row that lie closer than a recogniser would part; give where each went."""
    moved = [(i, 0) for i in range(len(cells))]
    order = sorted(range(len(cells)), key=lambda i: (round(cells[i].box[3]), cells[i].box[0]))
    made: list[Cell] = []
    last = -1
    for i in order:
        cell, before = cells[i], cells[last] if last >= 0 else None
        if (
            before
            and round(before.box[3]) == round(cell.box[3])
            and cell.box[0] - before.box[2] < 0.9 * cell.size
            and cell.colour == before.colour
        ):
            at, offset = moved[last][0], len(made[moved[last][0]].text) + 1
            moved[i] = at, offset
            held = made[at]
            made[at] = replace(
                held,
                text=f"{held.text} {cell.text}",
                box=(
                    held.box[0],
                    min(held.box[1], cell.box[1]),
                    cell.box[2],
                    max(held.box[3], cell.box[3]),
                ),
            )
        else:
            moved[i] = len(made), 0
            made.append(cell)
        last = i
    return made, moved


# Pictures


def render(paper: Paper) -> Image.Image:
    """Draw a paper as a picture."""
    image = Image.new("RGB", (paper.width, paper.height), paper.ground)
    pen = ImageDraw.Draw(image)
    for mark in sorted(paper.marks, key=lambda m: -(m.box[2] - m.box[0]) * (m.box[3] - m.box[1])):
        x0, y0, x1, y1 = mark.box
        if mark.shape == "line":
            pen.line(
                (x0, y0, x1, y0 if abs(y1 - y0) < 3 else y1),
                mark.fill or "black",
                1 + int(0 < y1 - y0 < 3) * int(y1 - y0),
            )
        elif mark.shape == "oval":
            pen.ellipse(mark.box, mark.fill or None, mark.outline or None, 2)
        elif mark.shape.startswith("pie"):
            start, end = mark.shape.split(":")[1:]
            pen.pieslice(mark.box, float(start), float(end), mark.fill, "white")
        else:
            pen.rectangle(
                (x0, y0, max(x0, x1), max(y0, y1)), mark.fill or None, mark.outline or None, 2
            )
    for cell in paper.cells:
        font = faces.face(cell.font, cell.bold, max(6, round(cell.size)))
        pen.text(
            (cell.box[0], cell.box[1] + cell.size * 0.92), cell.text, cell.colour, font, anchor="ls"
        )
    return image


def wear(image: Image.Image, seed: int) -> Image.Image:
    """Make a picture look scanned or photographed."""
    chance = random.Random(seed)
    noise = np.random.default_rng(seed)
    ground = image.getpixel((0, 0))
    turn = chance.gauss(0, 0.7) if chance.random() < 0.7 else 0
    if chance.random() < 0.5:  # a scan
        image = image.convert("L").convert("RGB") if chance.random() < 0.6 else image
        image = image.rotate(turn, Image.Resampling.BICUBIC, expand=True, fillcolor=ground)
        if chance.random() < 0.3:
            fold = Image.new("RGB", image.size, "white")
            at = int(image.height * chance.uniform(0.2, 0.8))
            ImageDraw.Draw(fold).rectangle(
                (0, at, image.width, at + chance.randint(1, 5)), (190, 190, 190)
            )
            image = ImageChops.multiply(image, fold.filter(ImageFilter.GaussianBlur(2)))
        deep = chance.uniform(0, 10)
    else:  # a photograph
        w, h = image.size
        bend = [chance.uniform(0, 0.035) for _ in range(8)]
        quad = (
            -bend[0] * w,
            -bend[1] * h,
            -bend[2] * w,
            h + bend[3] * h,
            w + bend[4] * w,
            h + bend[5] * h,
            w + bend[6] * w,
            -bend[7] * h,
        )
        desk = (chance.randint(60, 210),) * 3
        image = image.rotate(turn * 2, Image.Resampling.BICUBIC, expand=True, fillcolor=desk)
        image = image.transform(
            image.size, Image.Transform.QUAD, quad, Image.Resampling.BICUBIC, fillcolor=desk
        )
        dark, slope = chance.uniform(0.6, 0.95), chance.choice([(0, 1), (1, 0), (0.5, 0.5)])
        grey = np.add.outer(
            slope[0] * np.linspace(0, 1, image.height), slope[1] * np.linspace(0, 1, image.width)
        )
        shade = (255 * (dark + (1 - dark) * grey)).astype(np.uint8)
        image = ImageChops.multiply(image, Image.fromarray(shade).convert("RGB"))
        deep = chance.uniform(2, 14)
    if chance.random() < 0.6:
        image = image.filter(ImageFilter.GaussianBlur(chance.uniform(0.3, 1.1)))
    pixels = np.asarray(image, np.float32) + noise.normal(0, deep, (image.height, image.width, 1))
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))

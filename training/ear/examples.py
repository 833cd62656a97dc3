"""Questions about drawn papers with the words that answer them: what the ear is trained on.

A paper is drawn, read as a worn page is (letters confused, words run together, places a little
off), and asked about in wordings of `wordings/`. Each example marks words and names an operation.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from sightline.engines.embedded.ear.operations import OPERATIONS, Operation
from sightline.engines.embedded.ear.tokens import Word, words_of
from sightline.engines.embedded.values import number_in
from sightline.perception.rows import Box, Piece, rows
from training.ear import subjects, wordings
from training.ear.paper import TAKEN_FOR, Fact, Paper, Span, Table, draw

_OVER = re.compile(
    r"\b(?:more|over|above|exceed\w*|at least|beyond|greater|higher|reach|past|later|after|longer|older|bigger)\b", re.I
)  # fmt: skip
_UNDER = re.compile(
    r"\b(?:less|under|below|at most|fewer|cheaper|lower|within|before|earlier|shorter|smaller|up to)\b", re.I
)  # fmt: skip
_NOT = re.compile(r"\b(?:not?|isn't|never|n't)\b|n't\b", re.I)
_UNANSWERABLE = (
    "judgement", "advice", "guessed_person", "picture", "surroundings", "future", "outside",
    "hidden", "to_the_reader", "other_languages",
)  # fmt: skip
_NTH = "first second third fourth fifth sixth seventh eighth ninth tenth".split()
_CONFUSED = {
    "0": "O", "O": "0", "1": "l", "l": "1", "5": "S", "S": "5", "8": "B", "B": "8", "m": "rn", "é": "e", "ü": "u", "ö": "o",
    "ä": "a", "i": "l", "I": "l", "Z": "2", "g": "q", "e": "c", ",": ".", ".": ",", "ß": "B", "€": "E", "£": "E",
}  # fmt: skip
_WORN = 0.008  # share of words with a confused letter
_LOST = 0.01  # share of cells that are not read
# What nearly every paper has is asked about less often.
_SELDOM = {"title": 0.25, "heading": 0.3, "city": 0.5, "address": 0.6, "note": 0.5, "time": 0.7}


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it is read, and which words each span of its paper is made of."""

    paper: Paper
    words: tuple[Word, ...]
    cells: dict[int, tuple[int, ...]]  # the words of each cell
    width: float
    height: float

    def marked(self, spans: Sequence[Span]) -> frozenset[int]:
        """Number the words of spans: those of which half the letters are in one."""
        found = set()
        for span in spans:
            for number in self.cells.get(span.cell, ()):
                word = self.words[number]
                begin, end = word.start, word.start + len(word.text)
                shared = min(end, span.end) - max(begin, span.start)
                if 2 * shared >= end - begin:
                    found.add(number)
        return frozenset(found)


@dataclass(frozen=True, slots=True)
class Example:
    """A question about a page: the words to mark, and what to do with them.

    `result` is the number that is worked out, or the greatest or least; None where none is.
    """

    question: str
    page: Page
    marks: frozenset[int]
    operation: Operation
    sort: str  # what kind of question it is, for telling
    result: float | None = None


def page_of(paper: Paper, dice: random.Random) -> Page:
    """Read a paper's cells into rows as the product does, without its OCR's faults."""
    size = sorted(cell.size for cell in paper.cells)[len(paper.cells) // 2]
    slope = dice.gauss(0, 0.002)
    pieces = []
    for number, cell in enumerate(paper.cells):
        if not cell.text.strip() or dice.random() < _LOST:
            continue
        x0, y0, x1, y1 = cell.box
        dx, dy = (dice.gauss(0, 0.04) * size for _ in range(2))
        dy += slope * x0
        box = Box(x0 + dx, y0 + dy, x1 + dx, y1 + dy)
        pieces.append(Piece(cell.text, box, float(number)))  # its number, to find it again
    lines = rows(pieces)
    order = [int(piece.score) for line in lines for piece in line.pieces]
    words = words_of(lines)
    cells: dict[int, list[int]] = {}
    for number, word in enumerate(words):
        cells.setdefault(order[word.piece], []).append(number)
    return Page(
        paper, tuple(words), {cell: tuple(found) for cell, found in cells.items()},
        float(paper.width), float(paper.height),
    )  # fmt: skip


def worn(page: Page, dice: random.Random) -> Page:
    """Give a page as a recogniser may read it: letters are confused here and there."""
    words = []
    for word in page.words:
        text = word.text
        if dice.random() < _WORN:
            at = dice.randrange(len(text))
            text = text[:at] + _CONFUSED.get(text[at], text[at]) + text[at + 1 :]
        words.append(replace(word, text=text))
    return replace(page, words=tuple(words))


@cache
def _said() -> dict[str, dict[str, object]]:
    return {name: entry for name, entry in wordings.table().items() if "kind" in entry}


@cache
def _section(name: str) -> dict[str, object]:
    return dict(wordings.table()[name])


def _listed(entry: dict[str, object], key: str) -> list[str]:
    found = entry.get(key)
    return [str(text) for text in found] if isinstance(found, list) else []


def _questions(entry: dict[str, object], language: str, dice: random.Random) -> list[str]:
    """Choose the language: English mostly, sometimes the paper's, seldom another."""
    others = [key for key in entry if key.startswith("questions_")]
    own = f"questions_{language}"
    if own in entry and dice.random() < 0.5:
        return _listed(entry, own)
    if others and dice.random() < 0.1:
        return _listed(entry, dice.choice(others))
    return _listed(entry, "questions")


class Asker:
    """Asks about papers, at random by `dice`."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice

    def examples(self, page: Page, count: int) -> Iterator[Example]:
        """Give questions about a page, of all kinds."""
        sorts: tuple[tuple[Callable[[Page], Example | None], int], ...] = (
            (self._fact, 46), (self._by_label, 10), (self._absent, 18), (self._unanswerable, 5),
            (self._yes_no, 14), (self._table, 110 if page.paper.tables else 0), (self._whole, 4),
        )  # fmt: skip
        if page.paper.kind == "own_grid":
            sorts = ((self._grid, 80), (self._absent, 8), (self._unanswerable, 4), (self._whole, 2))
        elif page.paper.kind in ("own_document", "held_document"):
            sorts = ((self._own, 60), (self._own_both, 8), (self._worked_out, 8), (self._proved, 9), (self._not_told, 16),
                     (self._by_label, 5), (self._unanswerable, 3), (self._whole, 1),
                     (self._table, 8 if page.paper.tables else 0))  # fmt: skip
        elif any(subjects.parsed(fact.meaning) for fact in page.paper.facts):
            sorts = ((self._own, 60), (self._own_yes_no, 8), (self._own_absent, 14), (self._by_label, 8), (self._absent, 6),
                     (self._unanswerable, 3), (self._yes_no, 5), (self._whole, 1))  # fmt: skip
        makers = [maker for maker, _ in sorts]
        weights = [weight for _, weight in sorts]
        made = tries = 0
        while made < count and tries < 4 * count:
            tries += 1
            (maker,) = self._dice.choices(makers, weights)
            example = maker(page)
            if example is not None:
                yield replace(example, question=self._roughened(example.question))
                made += 1

    def _roughened(self, question: str) -> str:
        """Ask politely, in haste, or with a slip of the finger."""
        dice = self._dice
        if dice.random() < 0.08:
            openings = _listed(_section("polite"), "openings")
            question = f"{dice.choice(openings)} {question}"
        elif dice.random() < 0.06:
            question = f"{question} {dice.choice(_listed(_section('polite'), 'endings'))}"
        elif dice.random() < 0.06:
            question = f"{question} {dice.choice(_listed(_section('only_value'), 'questions'))}"
        if dice.random() < 0.2:
            question = question.lower()
        if dice.random() < 0.2:
            question = question.rstrip("?.! ")
        if dice.random() < 0.1 and len(question) > 8:
            at = dice.randrange(1, len(question) - 2)
            slip = dice.random()
            if slip < 0.4:
                question = question[:at] + question[at + 1] + question[at] + question[at + 2 :]
            elif slip < 0.7:
                question = question[:at] + question[at + 1 :]
            else:
                question = question[:at] + question[at] + question[at:]
        return question

    def _all_of(self, page: Page, fact: Fact) -> frozenset[int]:
        """Mark every fact of a meaning: whoever asks for the phone means any that is there."""
        same = [other for other in page.paper.facts if other.meaning == fact.meaning]
        return page.marked([span for other in same for span in other.spans])

    def _fact(self, page: Page) -> Example | None:
        facts = [fact for fact in page.paper.facts if fact.meaning in _said()]
        if not facts:
            return None
        by_meaning = {fact.meaning: fact for fact in facts}
        meanings = sorted(by_meaning)
        weights = [_SELDOM.get(meaning, 1.0) for meaning in meanings]
        (meaning,) = self._dice.choices(meanings, weights)
        fact = by_meaning[meaning]
        entry = _said()[fact.meaning]
        keys = _listed(entry, "keys")
        if keys and self._dice.random() < 0.15:
            question = self._dice.choice(keys)
            if self._dice.random() < 0.7:
                question = re.sub(r"([a-z])([A-Z])", r"\1 \2", question).replace("_", " ")
        else:
            question = self._dice.choice(_questions(entry, page.paper.language, self._dice))
        if "{" in question:
            return None
        marks = self._all_of(page, fact)
        return Example(question, page, marks, "quote", "fact") if marks else None

    def _name_of(self, page: Page, fact: Fact) -> str:
        """Call a meaning by its printed label, or by its id."""
        printed = "".join(
            page.paper.cells[span.cell].text[span.start : span.end] for span in fact.label[:1]
        ).strip(" :.#-*")
        if printed and (subjects.parsed(fact.meaning) or self._dice.random() < 0.75):
            return printed.lower() if self._dice.random() < 0.5 else printed
        return fact.meaning.replace("_", " ") if not subjects.parsed(fact.meaning) else "value"

    def _by_label(self, page: Page) -> Example | None:
        facts = [f for f in page.paper.facts if f.label or not subjects.parsed(f.meaning)]
        if not facts:
            return None
        fact = self._dice.choice(facts)
        name = self._name_of(page, fact)
        pattern = self._dice.choice(_listed(_section("ask_meaning"), "questions"))
        marks = self._all_of(page, fact)
        question = pattern.replace("{meaning}", name)
        return Example(question, page, marks, "quote", "label") if marks else None

    # --- sentences and entries with questions of their own ---------------------------------------

    def _filled_in(self, page: Page, question: str, kind: str, number: int) -> str | None:
        """Put in the values of the same sentence's other slots."""
        for fact in page.paper.facts:
            own = subjects.parsed(fact.meaning)
            if own is not None and own[:2] == (kind, number):
                question = question.replace("{" + own[2] + "}", fact.value)
        return None if "{" in question else question

    def _own(self, page: Page) -> Example | None:
        facts = [fact for fact in page.paper.facts if subjects.parsed(fact.meaning)]
        fact = self._dice.choice(facts)
        kind, number, slot = subjects.parsed(fact.meaning) or ("", 0, "")
        if kind == "e":
            questions = subjects.entries()[number].questions
        elif kind == "d":
            questions = subjects.documents()[number].ask.get(slot, [])
        else:
            questions = subjects.sentences()[number].ask.get(slot, [])
        if not questions:
            return None
        question = self._filled_in(page, self._dice.choice(questions), kind, number)
        marks = self._all_of(page, fact)
        return Example(question, page, marks, "quote", "own") if question and marks else None

    # --- whole papers ----------------------------------------------------------------------------

    def _document(self, page: Page) -> tuple[int, subjects.Document] | None:
        own = [subjects.parsed(fact.meaning) for fact in page.paper.facts]
        number = next((one[1] for one in own if one and one[0] == "d"), None)
        return None if number is None else (number, subjects.documents()[number])

    def _of_slots(
        self, page: Page, number: int, asked: dict[str, list[str]]
    ) -> tuple[str, frozenset[int], list[str]] | None:
        """Choose a question of slots that are joined by plus signs; give it, their words and values."""
        if not asked:
            return None
        key = self._dice.choice(sorted(asked))
        question = self._filled_in(page, self._dice.choice(asked[key]), "d", number)
        meant = {subjects.meaning("d", number, slot) for slot in key.split("+")}
        facts = [fact for fact in page.paper.facts if fact.meaning in meant]
        parts = [page.marked(fact.spans) for fact in facts]
        if question is None or len({fact.meaning for fact in facts}) < len(meant) or not all(parts):
            return None
        return question, frozenset[int]().union(*parts), [fact.value for fact in facts]

    def _own_both(self, page: Page) -> Example | None:
        """Ask for what several places tell together."""
        found = self._document(page)
        made = self._of_slots(page, found[0], found[1].both) if found else None
        return Example(made[0], page, made[1], "quote", "own list") if made else None

    def _worked_out(self, page: Page) -> Example | None:
        """Ask for what is worked out from what several places tell."""
        found = self._document(page)
        ways = [] if found is None else [way for way in found[1].worked_out.items() if way[1]]
        if found is None or not ways:
            return None
        operation, asked = self._dice.choice(ways)
        made = self._of_slots(page, found[0], asked)
        result = _result(operation, made[2]) if made else None
        if made is None or result is None:
            return None
        return Example(made[0], page, made[1], operation, f"own {operation}", result)

    def _proved(self, page: Page) -> Example | None:
        """Ask what a place proves or denies."""
        found = self._document(page)
        if found is None:
            return None
        operation: Operation = self._dice.choice(("yes", "no"))  # type: ignore[assignment]
        asked = found[1].yes if operation == "yes" else found[1].no
        made = self._of_slots(page, found[0], asked)
        return Example(made[0], page, made[1], operation, "own yes or no") if made else None

    def _not_told(self, page: Page) -> Example | None:
        """Ask what fits a paper and is not on it; at times, what another one tells."""
        found = self._document(page)
        if found is None:
            return None
        number, document = found
        questions = document.absent
        if self._dice.random() < 0.2:
            other = self._dice.choice(subjects.documents())
            if other is document or other.held:
                return None
            # Long ones only: "how much is it?" may well be answered here.
            questions = [q for each in other.ask.values() for q in each if len(q.split()) > 6]
        if not questions:
            return None
        question = self._filled_in(page, self._dice.choice(questions), "d", number)
        return Example(question, page, frozenset(), "none", "absent") if question else None

    def _grid(self, page: Page) -> Example | None:
        """Ask about a cell, a row, the most or the least, all rows or how many."""
        dice, table = self._dice, page.paper.tables[0]
        grid = subjects.grids()[(subjects.parsed(table.noun) or ("", 0, ""))[1]]
        (sort,) = dice.choices(
            ("ask", "which", "most", "least", "count", "list"), (50, 16, 8, 8, 4, 5)
        )
        if sort in ("count", "list"):
            questions = grid.other.get(sort)
            operation: Operation = "count" if sort == "count" else "quote"
            if not questions:
                return None
            return Example(dice.choice(questions), page, self._heads(page, table), operation, f"own {sort}")  # fmt: skip
        asked: dict[str, list[str]] = getattr(grid, sort)
        if not asked:
            return None
        head = dice.choice(sorted(asked))
        column, question = grid.columns.index(head), dice.choice(asked[head])
        if sort in ("most", "least"):
            marks = self._of_column(page, table, column)
            return Example(question, page, marks, sort, f"own {sort}") if marks else None  # type: ignore[arg-type]
        row = dice.randrange(len(table.rows))
        value = self._text(page, table.rows[row][column])
        if sort == "ask":
            question = question.replace("{row}", self._text(page, table.rows[row][0]))
            marks = page.marked(table.rows[row][column])
        else:
            question = question.replace("{value}", value)
            same = [r for r in table.rows if self._text(page, r[column]) == value]
            marks = page.marked([span for r in same for span in r[0]])
        return Example(question, page, marks, "quote", f"own {sort}") if marks else None

    def _own_yes_no(self, page: Page) -> Example | None:
        """Ask what a sentence says yes or no to; its slots are what says so."""
        facts = [fact for fact in page.paper.facts if subjects.parsed(fact.meaning)]
        kind, number, _ = subjects.parsed(self._dice.choice(facts).meaning) or ("", 0, "")
        if kind != "s":
            return None
        ask = subjects.sentences()[number].ask
        operation: Operation = self._dice.choice(("yes", "no"))  # type: ignore[assignment]
        if not ask.get(operation):
            return None
        question = self._filled_in(page, self._dice.choice(ask[operation]), kind, number)
        mine = [f for f in facts if (subjects.parsed(f.meaning) or ())[:2] == ("s", number)]
        marks = page.marked([span for fact in mine for span in fact.spans])
        return (
            Example(question, page, marks, operation, "own yes or no")
            if question and marks
            else None
        )

    def _own_absent(self, page: Page) -> Example | None:
        """Ask for what stands on other papers of the same subject, and not on this one."""
        told = {subjects.parsed(fact.meaning) for fact in page.paper.facts}
        themes = {subjects.entries()[own[1]].theme for own in told if own and own[0] == "e"}
        numbers = {own[1] for own in told if own and own[0] == "e"}
        text = _whole_text(page)
        pool = [
            entry
            for number, entry in enumerate(subjects.entries())
            if number not in numbers
            and (entry.theme in themes) == (self._dice.random() < 0.7)
            and not any(label.lower() in text for label in entry.labels)
        ]
        if not pool:
            return None
        question = self._dice.choice(self._dice.choice(pool).questions)
        return Example(question, page, frozenset(), "none", "absent")

    def _missing(self, page: Page) -> str | None:
        """Name a meaning that the paper does not tell, nor anything taken for it."""
        told = {fact.meaning for fact in page.paper.facts}
        told |= {column.meaning for table in page.paper.tables for column in table.columns}
        pool = sorted(page.paper.absent) if self._dice.random() < 0.6 else sorted(_said())
        meaning = self._dice.choice(pool or sorted(_said()))
        alike = set(TAKEN_FOR.get(meaning, "").split())
        alike |= {other for other, taken in TAKEN_FOR.items() if meaning in taken.split()}
        if meaning in told or (alike & told and meaning not in page.paper.absent):
            return None
        return meaning if meaning in _said() else None

    def _absent(self, page: Page) -> Example | None:
        meaning = self._missing(page)
        if meaning is None:
            return None
        entry = _said()[meaning]
        question = self._dice.choice(_questions(entry, page.paper.language, self._dice))
        return None if "{" in question else Example(question, page, frozenset(), "none", "absent")

    def _unanswerable(self, page: Page) -> Example | None:
        questions = _listed(_section(self._dice.choice(_UNANSWERABLE)), "questions")
        if not questions:
            return None
        return Example(self._dice.choice(questions), page, frozenset(), "none", "unanswerable")

    def _yes_no(self, page: Page) -> Example | None:
        dice = self._dice
        if dice.random() < 0.3:
            return self._present(page)
        facts = [f for f in page.paper.facts if f.meaning in _said()]
        if not facts:
            return None
        fact = dice.choice(facts)
        several = [f for f in page.paper.facts if f.meaning == fact.meaning]
        if len({f.value for f in several}) > 1:
            return None
        patterns = _listed(_said()[fact.meaning], "yes_no")
        name = fact.meaning.replace("_", " ")
        if not patterns or dice.random() < 0.3:
            section = "yes_no_number" if dice.random() < 0.4 else "yes_no_value"
            patterns = [
                text.replace("{meaning}", name) for text in _listed(_section(section), "questions")
            ]
        question = dice.choice(patterns)
        marks = self._all_of(page, fact)
        if not marks:
            return None
        denied = _NOT.search(question) is not None
        if re.search(r"\{(?:less|more|number)\}", question):
            return self._bounded(question, page, fact, marks)
        if "{other}" in question:
            others = self._others(page, fact)
            if not others:
                return None
            question = question.replace("{other}", dice.choice(others))
            return Example(question, page, marks, "yes" if denied else "no", "yes or no")
        if "{value}" in question:
            value = fact.value
            if dice.random() < 0.5 and section_is_plain(question):
                others = self._others(page, fact)
                if not others:
                    return None
                question = question.replace("{value}", dice.choice(others))
                return Example(question, page, marks, "yes" if denied else "no", "yes or no")
            question = question.replace("{value}", value)
            return Example(question, page, marks, "no" if denied else "yes", "yes or no")
        if "{" in question:
            return None
        return Example(question, page, marks, "no" if denied else "yes", "yes or no")

    def _others(self, page: Page, fact: Fact) -> list[str]:
        kind = fact.kind
        here = [f.value for f in page.paper.facts if f.kind == kind and f.value != fact.value]
        return here or [value for value in _seen_values().get(kind, ()) if value != fact.value]

    def _bounded(
        self, question: str, page: Page, fact: Fact, marks: frozenset[int]
    ) -> Example | None:
        """Ask whether a number is over or under another: the matcher finds it, code compares."""
        over, under = _OVER.search(question), _UNDER.search(question)
        amount = number_of(fact.value)
        if (over is None) == (under is None) or amount is None or _NOT.search(question):
            return None
        bound = amount * self._dice.choice((0.5, 0.7, 0.9, 1.1, 1.3, 2.0))
        text = f"{bound:.2f}" if bound < 10 else str(round(bound))
        question = re.sub(r"\{(?:less|more|number)\}", text, question)
        return Example(question, page, marks, "over" if over else "under", "bound")

    def _present(self, page: Page) -> Example | None:
        """Ask whether a meaning is told at all."""
        there = self._dice.random() < 0.5
        section = _section(self._dice.choice(("yes_no_present", "yes_no_missing")))
        turned = section is _section("yes_no_missing")
        pattern = self._dice.choice(_listed(section, "questions"))
        if there:
            facts = [f for f in page.paper.facts if f.label or not subjects.parsed(f.meaning)]
            if not facts:
                return None
            fact = self._dice.choice(facts)
            question = pattern.replace("{meaning}", self._name_of(page, fact))
            marks = self._all_of(page, fact)
            if not marks or "{" in question:
                return None
            return Example(question, page, marks, "no" if turned else "yes", "present")
        meaning = self._missing(page)
        if meaning is None:
            return None
        question = pattern.replace("{meaning}", meaning.replace("_", " "))
        if "{" in question:
            return None
        return Example(question, page, frozenset(), "yes" if turned else "no", "present")

    def _whole(self, page: Page) -> Example | None:
        names = ("transcribe", "summarise", "what_is_it", "convert_markdown", "convert_table",
                 "convert_csv", "convert_json", "language")  # fmt: skip
        section = _section(self._dice.choice(names))
        questions = _questions(section, page.paper.language, self._dice)
        if not questions:
            return None
        return Example(self._dice.choice(questions), page, frozenset(), "whole", "whole")

    # --- tables -----------------------------------------------------------------------------

    def _table(self, page: Page) -> Example | None:
        table = self._dice.choice(page.paper.tables)
        if len(table.rows) < 2:
            return None
        maker = self._dice.choice(
            (self._cell, self._cell, self._cell, self._cell, self._row_of, self._row_of,
             self._count_rows, self._count_where, self._list, self._column, self._extreme,
             self._extreme, self._added, self._two, self._has_row, self._nth, self._counted)
        )  # fmt: skip
        return maker(page, table)

    def _text(self, page: Page, spans: Sequence[Span]) -> str:
        cells = page.paper.cells
        return " ".join(cells[s.cell].text[s.start : s.end].strip() for s in spans)

    def _row_name(self, page: Page, table: Table, row: int) -> str:
        """Call a row as people do: as printed, in lower case, or by its first words."""
        text = self._text(page, table.rows[row][0])
        words = text.split()
        roll = self._dice.random()
        if roll < 0.25 and len(words) > 1:
            short = " ".join(words[: self._dice.randrange(1, len(words))])
            names = [self._text(page, r[0]).lower() for r in table.rows]
            if sum(short.lower() in name for name in names) == 1:
                text = short
        return text.lower() if self._dice.random() < 0.5 else text

    def _column_name(self, page: Page, table: Table, column: int) -> str:
        of = table.columns[column]
        printed = self._text(page, [of.head]) if of.head is not None else ""
        asked = _listed(_section("ask"), of.meaning)
        if asked and (not printed or self._dice.random() < 0.6):
            return self._dice.choice(asked)
        if printed:
            return printed.lower() if self._dice.random() < 0.5 else printed
        return of.meaning.replace("_", " ")

    def _filled(self, pattern: str, page: Page, table: Table, **more: str) -> str | None:
        nouns = _listed(_section("nouns"), table.noun) or [table.nouns]
        nouns = nouns if self._dice.random() < 0.4 else [table.nouns]
        given = {"noun": table.noun, "nouns": self._dice.choice(nouns), **more}
        text = re.sub(r"\{(\w+)\}", lambda m: given.get(m[1], m[0]), pattern)
        return None if re.search(r"\{\w+\}", text) else text

    def _pattern(self, page: Page, *names: str) -> str:
        section = _section(self._dice.choice(names))
        return self._dice.choice(_questions(section, page.paper.language, self._dice) or [""])

    def _unique(self, page: Page, table: Table, row: int) -> bool:
        names = [self._text(page, r[0]) for r in table.rows]
        return names.count(names[row]) == 1

    def _cell(self, page: Page, table: Table) -> Example | None:
        row = self._dice.randrange(len(table.rows))
        if len(table.columns) < 2 or not self._unique(page, table, row):
            return None
        column = self._dice.randrange(1, len(table.columns))
        kind = table.columns[column].kind
        special = {"money": "cell_money", "time": "cell_time", "number": "cell_count"}.get(kind)
        same = [c for c in table.columns if c.kind == kind]
        names = ["cell"]
        if special and len(same) == 1:
            names = ["cell", special]
        question = self._filled(
            self._pattern(page, *names), page, table,
            row=self._row_name(page, table, row), column=self._column_name(page, table, column),
        )  # fmt: skip
        if question is None:
            return None
        spans = table.rows[row][column]
        marks = page.marked(spans)
        if not marks:
            return Example(question, page, frozenset(), "none", "blank cell") if not spans else None
        return Example(question, page, marks, "quote", "cell")

    def _row_of(self, page: Page, table: Table) -> Example | None:
        if len(table.columns) < 2:
            return None
        column = self._dice.randrange(1, len(table.columns))
        values = [self._text(page, row[column]) for row in table.rows]
        row = self._dice.randrange(len(table.rows))
        if not values[row]:
            return None
        rows_ = [i for i, value in enumerate(values) if value == values[row]]
        question = self._filled(
            self._pattern(page, "row_of"), page, table, value=values[row],
            column=self._column_name(page, table, column),
        )  # fmt: skip
        marks = page.marked([span for i in rows_ for span in table.rows[i][0]])
        if question is None or not marks:
            return None
        return Example(question, page, marks, "quote", "row")

    def _heads(self, page: Page, table: Table) -> frozenset[int]:
        return page.marked([span for row in table.rows for span in row[0]])

    def _count_rows(self, page: Page, table: Table) -> Example | None:
        question = self._filled(self._pattern(page, "count_rows"), page, table)
        if question is None or len(page.paper.tables) > 1:
            return None
        return Example(question, page, self._heads(page, table), "count", "count")

    def _count_where(self, page: Page, table: Table) -> Example | None:
        if len(table.columns) < 2:
            return None
        column = self._dice.randrange(1, len(table.columns))
        values = [self._text(page, row[column]) for row in table.rows]
        value = self._dice.choice(values)
        if not value or (values.count(value) == 1 and table.columns[column].kind != "choice"):
            return None
        where = [row[0] for row, told in zip(table.rows, values, strict=True) if told == value]
        question = self._filled(
            self._pattern(page, "count_where"), page, table, value=value,
            column=self._column_name(page, table, column),
        )  # fmt: skip
        marks = page.marked([span for spans in where for span in spans])
        if question is None or not marks:
            return None
        return Example(question, page, marks, "count", "count where")

    def _list(self, page: Page, table: Table) -> Example | None:
        question = self._filled(self._pattern(page, "list_rows"), page, table)
        if question is None or len(page.paper.tables) > 1:
            return None
        return Example(question, page, self._heads(page, table), "quote", "list")

    def _of_column(self, page: Page, table: Table, column: int) -> frozenset[int]:
        return page.marked([span for row in table.rows for span in row[column]])

    def _column(self, page: Page, table: Table) -> Example | None:
        if len(table.columns) < 2:
            return None
        column = self._dice.randrange(1, len(table.columns))
        question = self._filled(
            self._pattern(page, "list_column"), page, table,
            column=self._column_name(page, table, column),
        )  # fmt: skip
        marks = self._of_column(page, table, column)
        if question is None or not marks:
            return None
        return Example(question, page, marks, "quote", "column")

    def _measured(self, table: Table, *kinds: str) -> int | None:
        found = [
            i for i, c in enumerate(table.columns) if i and c.kind in (kinds or ("money", "number", "unit", "share"))
        ]  # fmt: skip
        return self._dice.choice(found) if found else None

    def _extreme(self, page: Page, table: Table) -> Example | None:
        column = self._measured(table, "money", "number", "unit", "share", "time")
        if column is None:
            return None
        kind = table.columns[column].kind
        most = self._dice.random() < 0.5
        if kind != "time" and self._dice.random() < 0.3:
            names, operation = ("max_value", "highest") if most else ("min_value", "lowest")
        else:
            sort = {"money": "money", "time": "time"}.get(kind, "number")
            names = f"arg{'max' if most else 'min'}_{sort}"
            operation = "most" if most else "least"
        question = self._filled(
            self._pattern(page, names), page, table,
            column=self._column_name(page, table, column),
        )  # fmt: skip
        marks = self._of_column(page, table, column)
        if question is None or not marks:
            return None
        return Example(question, page, marks, operation, "extreme")  # type: ignore[arg-type]

    def _added(self, page: Page, table: Table) -> Example | None:
        column = self._measured(table)
        if column is None:
            return None
        average = self._dice.random() < 0.35
        question = self._filled(
            self._pattern(page, "average_column" if average else "sum_column"), page, table,
            column=self._column_name(page, table, column),
        )  # fmt: skip
        marks = self._of_column(page, table, column)
        if question is None or not marks:
            return None
        return Example(question, page, marks, "average" if average else "sum", "added")

    def _two(self, page: Page, table: Table) -> Example | None:
        column = self._measured(table)
        if column is None:
            return None
        first, second = self._dice.sample(range(len(table.rows)), 2)
        if not (self._unique(page, table, first) and self._unique(page, table, second)):
            return None
        apart = self._dice.random() < 0.6
        question = self._filled(
            self._pattern(page, "difference" if apart else "sum_two"), page, table,
            row=self._row_name(page, table, first), row2=self._row_name(page, table, second),
            column=self._column_name(page, table, column),
        )  # fmt: skip
        spans = [*table.rows[first][column], *table.rows[second][column]]
        marks = page.marked(spans)
        if question is None or not table.rows[first][column] or not table.rows[second][column]:
            return None
        return Example(question, page, marks, "difference" if apart else "sum", "two")

    def _has_row(self, page: Page, table: Table) -> Example | None:
        row = self._dice.randrange(len(table.rows))
        name = self._row_name(page, table, row)
        there = self._dice.random() < 0.5
        turned = self._dice.random() < 0.25
        if not there:
            pool = [n for n in _seen_rows() if n.lower() not in _whole_text(page)]
            if not pool:
                return None
            name = self._dice.choice(pool)
        _remember(self._text(page, table.rows[row][0]))
        pattern = self._pattern(page, "has_not_row" if turned else "has_row")
        question = self._filled(pattern, page, table, row=name)
        if question is None:
            return None
        marks = page.marked(table.rows[row][0]) if there else frozenset[int]()
        return Example(question, page, marks, "yes" if there != turned else "no", "has")

    def _nth(self, page: Page, table: Table) -> Example | None:
        roll = self._dice.random()
        row = self._dice.randrange(min(10, len(table.rows)))
        name = "nth_row"
        if roll < 0.3:
            name, row = "first_row", 0
        elif roll < 0.6:
            name, row = "last_row", len(table.rows) - 1
        question = self._filled(
            self._pattern(page, name), page, table, nth=_NTH[row % 10], n=str(row + 1)
        )
        marks = page.marked(table.rows[row][0])
        if question is None or not marks or len(page.paper.tables) > 1:
            return None
        return Example(question, page, marks, "quote", "nth")

    def _counted(self, page: Page, table: Table) -> Example | None:
        """Ask how many are over or under a number: the matcher finds them, code counts."""
        column = self._measured(table)
        if column is None:
            return None
        amounts = [number_of(self._text(page, row[column])) for row in table.rows]
        known = [amount for amount in amounts if amount is not None]
        if not known:
            return None
        more = self._dice.random() < 0.5
        bound = self._dice.choice(known) * self._dice.choice((0.8, 1.0, 1.2))
        question = self._filled(
            self._pattern(page, "count_more" if more else "count_less"), page, table,
            number=f"{bound:.2f}" if bound < 10 else str(round(bound)),
            column=self._column_name(page, table, column),
        )  # fmt: skip
        marks = self._of_column(page, table, column)
        if question is None or not marks:
            return None
        return Example(question, page, marks, "count over" if more else "count under", "counted")


def section_is_plain(question: str) -> bool:
    """Say whether a question about a value stays one with any other value in it."""
    return re.search(r"still|really|also", question) is None


def _result(operation: Operation, told: Sequence[str]) -> float | None:
    """Work out what an operation makes of values; None where one of them is no number."""
    if operation == "count":
        return float(len(told))
    amounts = [number_of(value) for value in told]
    if any(amount is None for amount in amounts):
        return None
    known = [amount for amount in amounts if amount is not None]
    if operation == "difference":
        return abs(known[0] - known[1]) if len(known) == 2 else None
    return {"sum": sum, "most": max, "least": min}[operation](known)


def number_of(text: str) -> float | None:
    """Read the only number of a text; None where there is none, or several."""
    return number_in(text) if len(re.findall(r"\d[\d.,' ]*", text)) == 1 else None


_ROWS_SEEN: list[str] = []
_MOST_ROWS_SEEN = 2000


def _remember(name: str) -> None:
    if name and len(_ROWS_SEEN) < _MOST_ROWS_SEEN:
        _ROWS_SEEN.append(name)


def _seen_rows() -> list[str]:
    return _ROWS_SEEN[-50:]


def _whole_text(page: Page) -> str:
    return " ".join(cell.text for cell in page.paper.cells).lower()


@cache
def _seen_values() -> dict[str, list[str]]:
    """Collect values of each kind from a few papers of every kind."""
    from training.ear.paper import kinds

    found: dict[str, list[str]] = {}
    for kind in kinds():
        for fact in draw(kind, 1).facts:
            found.setdefault(fact.kind, []).append(fact.value)
    return found


__all__ = ["OPERATIONS", "Asker", "Example", "Page", "page_of", "worn"]

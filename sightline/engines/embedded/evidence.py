"""What the reader knows when it answers: each picture's number, its survey, its text as a sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

from sightline.engines.embedded.ear.layout import Layout
from sightline.engines.embedded.ear.listening import Ear, Listening
from sightline.engines.embedded.paper.sheet import Sheet
from sightline.engines.embedded.passages import Passage, Said
from sightline.perception.survey import Perceived, Survey
from sightline.types import Picture

CANNOT = (
    "I recognise text, codes, colours, what changed and ordinary things, not who people are, places "
    "or actions."
)
BLIND = (
    "What sees things in photographs is missing or damaged: install Sightline again, "
    "`sightline-weights` with it."
)
HOW = "An open model sees more: `sightline pull`, then `sightline use NAME`."


_FEW_LINES = 3


class Noted(Said):
    """What is answered, beside which belongs the note on what the engine can do."""

    __slots__ = ()


class Declined(Noted):
    """An answer that says what cannot be told, so that none of its words tell what is printed."""

    __slots__ = ()

    def __new__(cls, text: str, passages: Sequence[Passage] | None = None) -> Self:
        """Make one of its words."""
        return super().__new__(cls, text, ())


def together(text: Said, blocks: Sequence[str]) -> Said:
    """Give a text that blocks were put together to, declined where all of them are."""
    if all(isinstance(block, Declined) for block in blocks):
        return Declined(text)
    return Noted(text) if any(isinstance(block, Noted) for block in blocks) else text


def note(exhibits: Sequence[Exhibit]) -> str:
    """Say what the engine can do, and what to take for more."""
    blind = any(exhibit.survey.blind for exhibit in exhibits)
    return f"{BLIND} {CANNOT} {HOW}" if blind else f"{CANNOT} {HOW}"


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One picture: `number` counts from 1 in the order in which the conversation sent them.

    `label` is what it is called in an answer, "" for its number. `layout` has what is printed; `ear` understands questions about it, None where its weights are
    missing.
    """

    number: int
    survey: Survey
    sheet: Sheet = field(repr=False)
    layout: Layout = field(repr=False)
    ear: Listening | None = field(default=None, repr=False)
    label: str = ""

    @property
    def title(self) -> str:
        """What it is called where an answer is of several."""
        return self.label or f"Image {self.number}"

    @property
    def has_few_lines(self) -> bool:
        """Whether it has few lines of text, which seldom are what a photograph is about."""
        return len(self.sheet.rows) <= _FEW_LINES

    @property
    def shows_things(self) -> bool:
        """Whether it is a photograph of things, whose few lines of text are not what it is about."""
        seen = self.survey.seen
        shown = seen is not None and not seen.drawn and not seen.within and bool(seen.things)
        return shown and self.has_few_lines


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a picture without its pixels, for who asks about the same one again."""

    perceived: Perceived
    sheet: Sheet
    layout: Layout

    def exhibit(self, number: int, picture: Picture, ear: Ear | None) -> Exhibit:
        """Make an exhibit of it, with the picture that it is known of."""
        survey = self.perceived.of(picture)
        listening = None if ear is None else Listening(ear, survey, self.layout)
        return Exhibit(number, survey, self.sheet, self.layout, listening)


def exhibit(number: int, survey: Survey, ear: Ear | None = None) -> Exhibit:
    """Make an exhibit of a survey."""
    layout = Layout(survey.rows)
    listening = None if ear is None else Listening(ear, survey, layout)
    return Exhibit(number, survey, Sheet(survey.rows), layout, listening)


def known(exhibit: Exhibit) -> Known:
    """Give what is known of an exhibit's picture; what is made out of it later is known, too."""
    return Known(exhibit.survey.perceived, exhibit.sheet, exhibit.layout)


def count(number: int, noun: str) -> str:
    """Write a number with its noun: 1 line, 3 lines, no lines."""
    plural = noun if number == 1 else noun + "s"
    return f"{number or 'no'} {plural}"

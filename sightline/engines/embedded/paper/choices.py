"""What is ticked on a form: "Membership: ☐ Adult ☒ Student", boxes in a row or under each other.

What a box belongs to is told by where print stands: right of it, or left where nothing stands right of
any. A choice is named by what begins its row, or by the line over it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from sightline.engines.embedded import values, words
from sightline.engines.embedded.ask import Asked, Clause
from sightline.engines.embedded.ear.facts import text_of
from sightline.engines.embedded.evidence import Declined, Exhibit
from sightline.engines.embedded.passages import Said, joined_by, own, quote
from sightline.engines.embedded.question_form import is_yes_or_no
from sightline.perception.check_boxes import CheckBox, check_boxes
from sightline.perception.rows import Box

_TICKED = re.compile(
    r"\b(?:tick|check|mark|cross|select|choose|chose|chosen|picked)(?:ed|s|ing|mark(?:ed)?)?\b|\bbox(?:es)?\b|\boptions?\b",
    re.IGNORECASE,
)
_HOW_MUCH = re.compile(r"\W*(?:how much|what (?:does|do|is) .*\b(?:costs?|price)\b)", re.IGNORECASE)
_HOW = re.compile(r"\W*(?:how (?:much|many|long|old)|when|where|until)\b", re.IGNORECASE)
_NOT = re.compile(
    r"\b(?:not|un(?:tick|check|select|mark)ed|empty|blank|left out)\b|n't\b", re.IGNORECASE
)
_ASKING = frozenset(
    "tick ticked check checked mark marked cross crossed select selected choose chose chosen picked box boxes option options form choice item items thing things one ones entry entries point points".split()
)
_SLACK = 3  # pixels
_ALIKE = 0.6  # share of all words of two that both have
_MARKS = str.maketrans("", "", "⊠☒☑☐□■✓✔✗✘")  # a box that was read as a sign
_YES, _NO = frozenset(("yes", "ja", "oui", "si", "y")), frozenset(("no", "nein", "non", "n"))


@dataclass(frozen=True, slots=True)
class FormOption:
    """What stands beside a box, in a row of the page, and whether that is ticked."""

    text: str
    ticked: bool
    row: int

    @property
    def said(self) -> Said:
        """Its text, as an answer quotes it."""
        return quote(self.text, (self.row,))

    @property
    def short(self) -> str:
        """Its text without what is added in brackets at its end."""
        return re.sub(r"\s*\([^()]*\)$", "", self.text) or self.text


@dataclass(frozen=True, slots=True)
class FormChoice:
    """Options that belong together, and what is chosen; "" where the form does not say."""

    label: str
    options: tuple[FormOption, ...]

    @property
    def ticked(self) -> list[FormOption]:
        """Those whose box is ticked."""
        return [each for each in self.options if each.ticked]

    @property
    def yes(self) -> bool | None:
        """Whether yes is ticked, of yes and no; None where these are not what is offered."""
        said = {words.squash(each.text): each.ticked for each in self.options}
        if len(said) != 2 or not (_YES & set(said) and _NO & set(said)):
            return None
        yes = next(value for key, value in said.items() if key in _YES)
        return None if sum(said.values()) != 1 else yes


def choices(exhibit: Exhibit) -> list[FormChoice]:
    """Give the choices of a form from its top; none where a page has no boxes to tick."""
    layout = exhibit.layout
    if layout.check_boxes is None:
        layout.check_boxes = check_boxes(exhibit.survey.page, exhibit.survey.rows)
    made: list[FormChoice] = []
    above: int | None = None
    for row, grouped in groupby(layout.check_boxes, key=lambda each: each.row):
        label, options = _of_row(exhibit, row, list(grouped))
        if len(options) == 1 and not label and made and above == row - 1:
            made[-1] = FormChoice(made[-1].label, (*made[-1].options, *options))
        else:
            if not label and row and above != row - 1:
                label = exhibit.sheet.lines[row - 1].strip(" :?")
            made.append(FormChoice(label, options))
        above = row
    return [one for one in made if one.options]


def _of_row(
    exhibit: Exhibit, row: int, boxes: Sequence[CheckBox]
) -> tuple[str, tuple[FormOption, ...]]:
    """Give what begins a row before its boxes, and what stands beside each."""
    layout = exhibit.layout
    placed = [
        (number, word.box)
        for number, word in enumerate(layout.words)
        if word.row == row and any(map(str.isalnum, word.text))
    ]

    def between(after: Box | None, end: float) -> str:
        # A box may be read as a sign of the word behind it.
        within = [
            n
            for n, box in placed
            if box.centre[0] < end
            and (
                after is None
                or box.centre[0] > after.x1
                or (box.x0 > after.x0 - _SLACK and box.x1 > after.x1 + _SLACK)
            )
        ]
        return text_of(layout.words, within).translate(_MARKS).strip(" :,;")

    places = [box.box for box in boxes]
    starts = [place.x0 for place in places]
    right = [between(a, b) for a, b in zip(places, [*starts[1:], float("inf")], strict=True)]
    if all(right):
        options = [
            FormOption(text, box.ticked, row) for text, box in zip(right, boxes, strict=True)
        ]
        return between(None, starts[0]), tuple(options)
    left = [between(a, b) for a, b in zip([None, *places[:-1]], starts, strict=True)]
    if not all(left):
        return "", ()
    label, colon, first = left[0].rpartition(":")
    left[0] = first.strip() if colon else left[0]
    return label, tuple(
        FormOption(text, box.ticked, row) for text, box in zip(left, boxes, strict=True)
    )


def about(clause: Clause, asked: Asked, exhibit: Exhibit) -> str | None:
    """Answer what is asked of boxes to tick; None where nothing is, or a page has none."""
    named = [w for w in words.content(clause.text) if w not in _ASKING]
    of_boxes = _TICKED.search(clause.text) is not None
    if clause.topic not in ("field", "contains", "count", "items", "extreme"):
        return None
    made = choices(exhibit)
    if not made:
        return None
    if is_yes_or_no(clause.text):
        return _judged(made, named, of_boxes=of_boxes, terse=asked.terse)
    told = [one for one in made if one.label and _names(one.label, named)]
    told = told or [one for one in made if _asks_as(one.label, clause.text)]
    # "Delivery or pick-up?" names what is offered.
    offered = [one for one in made if all(_names(each.text, named) for each in one.options)]
    told = told or offered or (made if of_boxes and not named else [])
    # "How much is the adult membership?" asks of what stands beside a box.
    others = [
        each for one in told for each in one.options if set(named) & set(words.content(each.text))
    ]
    if not of_boxes and _HOW_MUCH.match(clause.text):
        return _price(made, named)
    if told != offered and not of_boxes and (others or _HOW.match(clause.text)):
        return None
    if not told:
        return None
    empty = _NOT.search(clause.text) is not None and of_boxes
    said = [_said(one, empty=empty) for one in told]
    if len(told) == 1 and said[0] is None:
        return Declined(f"No box is ticked there ({told[0].label}).")
    if len(told) == 1:
        return said[0]
    lines = [
        Said.of(f"{one.label}: " if one.label else "", text)
        for one, text in zip(told, said, strict=True)
        if text
    ]
    return joined_by("; ", lines) if lines else Declined("No box is ticked.")


def _price(made: Sequence[FormChoice], named: Sequence[str]) -> str | None:
    """Give the amount beside the one option that a question names: "Adult (18.00 a year)"."""
    options = [each for one in made for each in one.options if _names(each.short, named)]
    amounts = values.find(options[0].text, "money") if len(options) == 1 else []
    return quote(amounts[0], (options[0].row,)) if len(amounts) == 1 else None


def _said(choice: FormChoice, *, empty: bool) -> Said | None:
    told = [each.said for each in choice.options if each.ticked != empty]
    if len(told) < 2:
        return told[0] if told else None
    return Said.of(joined_by(", ", told[:-1]), " and ", told[-1])


def _judged(
    made: Sequence[FormChoice], named: Sequence[str], *, of_boxes: bool, terse: bool
) -> str | None:
    """Say yes or no: whether an option is ticked, or which of yes and no is."""
    every = [each for one in made for each in one.options]
    options = [each for each in every if _names(each.text, named)]
    if not options and of_boxes and named:
        options = [each for each in every if _names(" ".join(named), words.content(each.text))]
    asked = [one for one in made if one.label and _names(one.label, named) and one.yes is not None]
    options = options if of_boxes or not asked else []
    if len(options) == 1:
        told, so = options[0].said, options[0].ticked
    elif len(asked) == 1:
        told, so = quote(asked[0].label), bool(asked[0].yes)
    else:
        return None
    word = "Yes" if so else "No"
    if terse:
        return own(word)
    if not options:
        return Said.of(f"{word} (", told, ").")
    return Said.of(f"{word}: ", told, f" is {'' if so else 'not '}ticked.")


def _asks_as(label: str, text: str) -> bool:
    """Say whether a question is the one that is printed: "How did you (they) find us?"."""
    own, asked = set(words.tokens(label)), set(words.tokens(text))
    return len(own) > 2 and len(own & asked) >= _ALIKE * len(own | asked)


def _names(text: str, named: Sequence[str]) -> bool:
    """Say whether words name a text: they have all of its words, but for what is in brackets."""
    own = [w for w in words.content(re.sub(r"\([^()]*\)", "", text)) if not w.isdigit()]
    return bool(own) and words.covers(list(named), own) == len(own)


def field(exhibit: Exhibit, name: Sequence[str], kind: str | None) -> str | bool | None:
    """Give what is ticked for a field of JSON by its name; None where the form does not tell.

    Of a boolean, whether yes is ticked, or the box of what it names.
    """
    made = choices(exhibit)
    told = [one for one in made if one.label and _names(one.label, name)]
    if kind == "boolean":
        options = [each for one in made for each in one.options if _names(each.text, name)]
        if len(told) == 1 and told[0].yes is not None:
            return told[0].yes
        return options[0].ticked if len(options) == 1 and not told else None
    return ", ".join(_ticked(told)) or None


def ticked(exhibit: Exhibit, name: Sequence[str]) -> list[str]:
    """Give what is ticked of the choice that is called so; nothing where the form does not tell."""
    return _ticked([one for one in choices(exhibit) if one.label and _names(one.label, name)])


def _ticked(told: Sequence[FormChoice]) -> list[str]:
    return [each.short for each in told[0].ticked] if len(told) == 1 else []

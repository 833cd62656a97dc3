"""Answers about a picture of one colour, on which nothing is: there is none of whatever is asked."""

from __future__ import annotations

import re

from sightline.engines.embedded.ask import Asked, Clause
from sightline.engines.embedded.evidence import Declined, Exhibit
from sightline.engines.embedded.eyes import describe
from sightline.engines.embedded.question_form import wants_yes_or_no

_SAYS_SO = re.compile(
    r"\b(?:blank|empty|plain|uniform|solid|featureless|one colou?r|single colou?r|same colou?r|nothing)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\bhow many\b|\bnumber of\b|\bcount\b", re.IGNORECASE)
_OF_WHOLE = frozenset(("size", "colour", "look", "code", "read", "compare"))


def about(clause: Clause, asked: Asked, exhibit: Exhibit) -> str | None:
    """Answer about a picture that is blank; None for another, and for what is asked of its whole."""
    survey = exhibit.survey
    if survey.look.kind != "blank" or survey.codes or exhibit.sheet.rows:
        return None
    text = clause.text
    colour = survey.colours[0].full_name
    because = f"The picture is blank: {colour} all over."
    if _SAYS_SO.search(text) and wants_yes_or_no(text):
        return "Yes" if asked.terse else f"Yes. {because}"
    if clause.topic in _OF_WHOLE:
        return None
    if clause.topic == "describe":
        return f"A blank picture, {colour} all over, of {describe.size(survey)}."
    if clause.topic == "count" or _NUMBER.search(text):
        return "0" if asked.terse else f"None. {because}"
    if wants_yes_or_no(text) and not re.search(r"\bor\b(?! no\b)", text, re.IGNORECASE):
        return "No" if asked.terse else f"No. {because}"
    return Declined(f"Nothing in the picture tells that. {because}")

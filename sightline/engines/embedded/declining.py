"""What is said where a question is not answered: that it is not told, or what line is nearest."""

from __future__ import annotations

from sightline.engines.embedded.ask import Clause
from sightline.engines.embedded.evidence import Declined, Exhibit
from sightline.engines.embedded.eyes import describe, phrases
from sightline.engines.embedded.paper import concepts, field


def declined(clause: Clause, exhibit: Exhibit) -> str:
    """Say that a question about a page is not answered, and what comes nearest."""
    subject = field.phrase(clause.text)
    if exhibit.survey.seen is not None and exhibit.survey.seen.things:
        cannot = (
            "I can't tell that, nor does the text." if exhibit.sheet.rows else "I can't tell that."
        )
        return Declined(f"{cannot} {phrases.instead(exhibit.survey.seen, exhibit)}")
    unread = describe.unread(exhibit.survey)
    if exhibit.sheet.rows:
        said = f"The text in the picture does not tell me that ({subject})."
        nearest = _nearest(clause, exhibit)
        if nearest:
            said = f"I can't tell that for sure. The nearest line: “{nearest}”."
        return Declined(f"{said} {unread}".strip())
    if unread:
        return Declined(f"I can't tell that from what I can read. {unread}")
    return Declined("I can't tell that from what I measure; the picture holds no text.")


# From which on the ear believes that something on the page answers, and that it is this.
_THERE, _FIRST = 0.9, 0.6


def _nearest(clause: Clause, exhibit: Exhibit) -> str:
    """Give the line that most likely answers; "" where the ear believes that none does."""
    heard = None if exhibit.ear is None else exhibit.ear.hear(clause.text)
    if heard is None or heard.blank or concepts.named(clause.text) is not None:
        return ""
    if heard.match.there < _THERE or heard.match.first < _FIRST:
        return ""
    row = heard.match.best.fact.row
    return exhibit.sheet.lines[row] if 0 <= row < len(exhibit.sheet.lines) else ""

"""Whether what is printed settles a question, rather than being near to it."""

from __future__ import annotations

import re

from sightline.engines.embedded.ask import Clause
from sightline.engines.embedded.ear.compose import Composed, compares
from sightline.engines.embedded.ear.linearised import stems_of
from sightline.engines.embedded.evidence import Exhibit


def is_of_bar(said: str, clause: Clause, exhibit: Exhibit) -> bool:
    """Say whether a value is that of the very bar of several that a question names."""
    bars = [label for label, _, _ in exhibit.sheet.pairs()]
    label = said.rpartition(": ")[0]
    return len(bars) > 2 and bars.count(label) == 1 and stems_of(label) <= stems_of(clause.text)


def is_proved(answer: Composed, sure: float, clause: Clause, exhibit: Exhibit) -> bool:
    """Say whether a line settles a question of yes or no, rather than being near to it.

    Which of both it is costs more to get wrong than what is printed: the line has to have every
    number and day of the question, for a yes more than nothing, and where it is lettering in a
    photograph a word of the question.
    """
    if exhibit.ear is None or sure < exhibit.ear.bound("judged"):
        return False
    note, asked = answer.note.lower(), clause.text.lower()
    if answer.so and _NONE.search(note):
        return False
    lines = [exhibit.sheet.lines[one.row].lower() for one in answer.told]
    named = compares(asked) or all(
        any(word in line for line in lines) for word in _EXACTLY.findall(asked)
    )
    return named and (not exhibit.shows_things or bool(stems_of(asked) & stems_of(note)))


_EXACTLY = re.compile(r"\b\d+\b|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b")
_NONE = re.compile(r"(?:^|[:\s])(?:0|none|nil|n/a|_+|-+)\W*$")

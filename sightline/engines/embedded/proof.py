"""Whether what is printed settles a question, rather than being near to it."""

from __future__ import annotations

import re

from sightline.engines.embedded.ask import Clause
from sightline.engines.embedded.ear.compose import Composed, compares
from sightline.engines.embedded.ear.linearised import stems_of
from sightline.engines.embedded.evidence import Exhibit


def is_of_bar(said: str, clause: Clause, exhibit: Exhibit) -> bool:
    """Say whether a value is that of the very bar of several that a question names.

    What is asked of the bar has to be what the chart tells of it, in its own words.
    """
    bars = [label for label, _, _ in exhibit.sheet.pairs()]
    label, asked = said.rpartition(": ")[0], stems_of(clause.text)
    if len(bars) < _FEWEST_BARS or bars.count(label) != 1 or not stems_of(label) <= asked:
        return False
    return asked <= stems_of(exhibit.sheet.text) | _OF_CHARTS


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


_FEWEST_BARS = 3
_OF_CHARTS = stems_of("there values bars numbers amounts figures counts high tall")
_EXACTLY = re.compile(r"\b\d+\b|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b")
_NONE = re.compile(r"(?:^|[:\s])(?:0|none|nil|n/a|_+|-+)\W*$")

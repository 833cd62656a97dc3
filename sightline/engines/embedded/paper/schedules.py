"""Questions about a schedule whose columns are days and whose rows are times, or the other way round.

What is in a cell is known by where it stands: "When is the dentist?" asks for the head of its column and
the name of its row, "Which day is choir?" for one of them, "Who is interviewed on Wednesday?" for the cell.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sightline.engines.embedded import values, words
from sightline.engines.embedded.evidence import Exhibit

_DAY = re.compile(
    r"\b(?:mon|tue|wed|thu|fri|sat|sun)(?:s|nes|rs|ur)?(?:day)?s?\b|\b(?:today|tomorrow)\b",
    re.IGNORECASE,
)
_WHEN = re.compile(r"\bwhen\b", re.IGNORECASE)
_WHAT_DAY = re.compile(r"\b(?:what|which) (?:week)?days?\b|\bwhat date\b", re.IGNORECASE)
_WHAT_TIME = re.compile(r"\b(?:what|which) (?:time|hour|lesson|period|slot)\b", re.IGNORECASE)
_WHO = re.compile(r"\bwho(?:m)?\b", re.IGNORECASE)
_ORDER = re.compile(
    r"\b(?:first|last|next|how (?:many|long|often)|before|after|between)\b", re.IGNORECASE
)
_OF = frozenset(
    "take place takes happen happens happening scheduled planned appointment day days time week being".split()
)


def look_up(text: str, exhibit: Exhibit) -> str | None:
    """Answer from a schedule; None where the question asks for no cell of one, or for several."""
    if _ORDER.search(text):
        return None
    for table in exhibit.layout.tables:
        texts = table.texts()
        across, times = _sides(table.heads, texts)
        if across is None:
            continue
        said = _in(table.heads, texts, text, days_across=across, times=times)
        if said is not None:
            return said
    return None


def _sides(heads: Sequence[str], texts: Sequence[Sequence[str]]) -> tuple[bool | None, bool]:
    """Say whether days stand in the heads (else down the rows), and times on the other side."""
    over, names = list(heads[1:]), [row[0] for row in texts]
    for across, days, other in ((True, over, names), (False, names, over)):
        if len(days) >= 2 and sum(_DAY.search(day) is not None for day in days) >= 0.7 * len(days):
            timed = sum(
                bool(values.find(one, "time") or values.find(one, "hours")) for one in other
            )
            return across, timed >= 0.7 * len(other)
    return None, False


def _in(
    heads: Sequence[str],
    texts: Sequence[Sequence[str]],
    text: str,
    *,
    days_across: bool,
    times: bool,
) -> str | None:
    asked = [w for w in words.content(text) if w not in _OF]
    places = [
        (row, at) for row, cells in enumerate(texts) for at in range(1, len(heads)) if cells[at]
    ]
    sides = [*heads, *(row[0] for row in texts)]
    outer = {w for w in asked if any(_has(side, w) for side in sides)}
    inner = [w for w in asked if w not in outer and any(_has(texts[r][c], w) for r, c in places)]
    if not inner or len(inner) + len(outer) < len(asked):
        return None
    found = [
        (r, c)
        for r, c in places
        if all(_has(heads[c], w) or _has(texts[r][0], w) for w in outer)
        and all(_has(texts[r][c], w) for w in inner)
    ]
    if not found:
        return None
    days = [heads[c] if days_across else texts[r][0] for r, c in found]
    hours = [texts[r][0] if days_across else heads[c] for r, c in found]
    if _WHAT_DAY.search(text):
        return ", ".join(dict.fromkeys(days))
    if _WHAT_TIME.search(text):
        return ", ".join(dict.fromkeys(hours)) if times else None
    if _WHEN.search(text):
        both = zip(days, hours, strict=True)
        return "; ".join(f"{day}, {hour}" for day, hour in both if day and hour) or None
    if len(found) > 1 or not _WHO.search(text):
        return None
    cell = texts[found[0][0]][found[0][1]]
    _, _, after = cell.rpartition(":") if ":" in cell else cell.partition(" with ")
    return after.strip() or None


def _has(text: str, word: str) -> bool:
    return any(words.forms(token, word) for token in words.tokens(text))

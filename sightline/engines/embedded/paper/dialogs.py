"""Questions about who said what: chats, interviews, plays, minutes with a name before each line.

A message begins with a name alone in its line, or with one and a colon; what stands under it until the
next, or until a time alone in its line, is of that speaker.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sightline.engines.embedded import words
from sightline.engines.embedded.evidence import Exhibit

_LEAST = 2  # speakers' lines of a dialog
_NAME = re.compile(r"(?:(?:Mr|Mrs|Ms|Dr)\.? )?[A-ZÀ-ÞА-Я][\w'’.-]*(?: [A-ZÀ-ÞА-Я][\w'’.-]*){0,2}")
_INLINE = re.compile(rf"(?P<name>{_NAME.pattern}|[A-Z]{{2,}})\s?: (?P<said>\S.*)")
_STAMP = re.compile(r"(?P<time>[0-2]?\d[:.][0-5]\d(?:\s?[AaPp]\.?[Mm]\.?)?)\W{0,4}")
_VERB = (
    r"(?:said|says?|wrote|writes?|write|ask(?:s|ed)?|suggest(?:s|ed)?|mention(?:s|ed)?|sent|sends?|send|repl(?:y|ies|ied)"
    r"|answer(?:s|ed)?|post(?:s|ed)?|told|tells?|tell|propos(?:es?|ed)|announc(?:es?|ed)|want(?:s|ed)?|offer(?:s|ed)?)"
)
_WHO = re.compile(
    rf"^\W*who(?: was (?:it|the one) (?:that|who))? (?:is (?:saying|asking|writing)|{_VERB})\b(?P<what>.*)",
    re.I,
)
_WHAT = re.compile(rf"^\W*what (?:did|does|do) (?P<name>.+?) {_VERB}\b(?P<what>.*)", re.I)
_WHEN = re.compile(
    rf"^\W*(?:when|(?:at )?what time) (?:did|does|do) (?P<name>.+?) {_VERB}\b(?P<what>.*)", re.I
)
# "Who needs the slides?" of one who says so of themselves.
_DOES = re.compile(r"^\W*who (?!(?:is|was|are|were|sent|made) (?:this|it|the)\b)(?P<what>.*)", re.I)
_SELF = re.compile(r"\b(?:I|I'(?:m|ll|ve|d)|my|me|we|our)\b")
_AT = re.compile(r"\bat (?P<time>[0-2]?\d[:.][0-5]\d)\b")
_NOBODY = frozenset("the to that about when where how what was it be it's".split())


@dataclass(slots=True)
class _Message:
    speaker: str
    lines: list[str]
    time: str = ""

    @property
    def text(self) -> str:
        return " ".join(self.lines)


def look_up(text: str, exhibit: Exhibit) -> str | None:
    """Answer who said something, what somebody said, or when; None where it is not told by one message."""
    who, what, when = _WHO.match(text), _WHAT.match(text), _WHEN.match(text)
    of_self = None if who else _DOES.match(text)
    if not (who or what or when or of_self):
        return None
    told = messages(exhibit.sheet.lines)
    if len(told) < _LEAST:
        return None
    if of_self:
        asked = _telling(of_self["what"])
        fits = [one for one in told if _SELF.search(one.text) and asked and _all(one.text, asked)]
        return fits[0].speaker or None if len(fits) == 1 else None
    if who:
        found = _about(told, who["what"])
        return None if found is None or not found.speaker else found.speaker
    of_one = what or when
    if of_one is None:
        return None
    mine = [one for one in told if _is(one.speaker, of_one["name"])]
    one = (
        mine[0] if len(mine) == 1 and not _telling(of_one["what"]) else _about(mine, of_one["what"])
    )
    if one is None:
        return None
    return one.time or None if when else one.text


def _all(text: str, asked: Sequence[str]) -> bool:
    said = words.tokens(text)
    return all(any(words.forms(word, token) for token in said) for word in asked)


def _is(speaker: str, asked: str) -> bool:
    name = words.tokens(asked)
    return bool(name) and bool(speaker) and words.covers(words.tokens(speaker), name) == len(name)


def _telling(what: str) -> list[str]:
    return [word for word in words.content(what) if word not in _NOBODY]


def _about(told: Sequence[_Message], what: str) -> _Message | None:
    """Give the message that alone has most of the words, or was sent at the time that is named."""
    at = _AT.search(what)
    if at is not None:
        same = [one for one in told if one.time.startswith(at["time"])]
        return same[0] if len(same) == 1 else None
    asked = _telling(what)
    if not asked:
        return None
    counts = [words.covers(words.tokens(one.text), asked) for one in told]
    best = max(counts, default=0)
    if best < max(1, 0.5 * len(asked)) or counts.count(best) > 1:
        return None
    return told[counts.index(best)]


def messages(lines: Sequence[str]) -> list[_Message]:
    """Part the lines of a page into messages; none where fewer than two have a speaker."""
    inline = [_INLINE.fullmatch(line.strip()) for line in lines]
    spoken = [found["name"] for found in inline if found]
    made: list[_Message] = []
    if len(spoken) >= _LEAST + 1 and len(set(spoken)) < len(spoken):
        for line, found in zip(lines, inline, strict=True):
            if found:
                made.append(_Message(found["name"], [found["said"]]))
            elif made:
                made[-1].lines.append(line.strip())
        return made
    if sum(_STAMP.fullmatch(line.strip()) is not None for line in lines) < _LEAST:
        return []
    return _under_names(lines)


def _under_names(lines: Sequence[str]) -> list[_Message]:
    """Part a chat: a name, what is said, a time; what has no name is of whoever owns the screen."""
    made: list[_Message] = []
    ended = True
    for line in map(str.strip, lines):
        stamp = _STAMP.fullmatch(line)
        if stamp is not None:
            if made and not ended:
                made[-1].time = stamp["time"]
            ended = True
        elif _NAME.fullmatch(line):
            made.append(_Message(line, []))
            ended = False
        elif ended:
            made.append(_Message("", [line]))
            ended = False
        else:
            made[-1].lines.append(line)
    kept = [one for one in made if one.lines and one.time]
    return kept if sum(bool(one.speaker) for one in kept) >= _LEAST else []

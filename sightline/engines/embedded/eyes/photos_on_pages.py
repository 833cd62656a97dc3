"""Photographs that lie on a page of text: whether there are any, how many, where, and of what."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from sightline.engines.embedded.ask import Asked, Clause
from sightline.engines.embedded.evidence import Exhibit
from sightline.engines.embedded.eyes import phrases
from sightline.engines.embedded.eyes.lexicon import meant, number
from sightline.perception.things import Sighting

_NAMED = r"(?:photo(?:graph)?s?|pics?|pictures?|images?|illustrations?)"
_PAGE = r"(?:page|flyer|leaflet|poster|article|advert(?:isement)?|ad|document|paper|card|menu|label|slide|screen(?:shot)?|website|it|there|here)"
# "the photo on this page", "is there a picture here?"; "this picture" is the page itself.
_SPOKEN_OF = re.compile(
    rf"\b{_NAMED}\b[\w, ]{{0,20}}\b(?:on|in|of|at) (?:the |this |that |your )?{_PAGE}\b"
    rf"|\b(?:on|in) (?:the|this|that) {_PAGE}\b[\w, ]{{0,30}}\b{_NAMED}\b"
    r"|\b(?:the|a|an|any|each|every|its|both|all|which|what|how many|(?:two|three|four)|left|right|upper|lower|top|bottom|first|second)\s+"
    r"(?:(?:left|right|upper|lower|top|bottom|first|second|of the)\s+)?photo(?:graph)?s?\b(?! (?:id|number|credit|caption))",
    re.IGNORECASE,
)
_IS_THERE = re.compile(
    rf"^(?:is|are) there (?:a|an|any|some) {_NAMED}\b|^does (?:it|the \w+|this \w+) (?:have|contain|show|include) (?:a|an|any|some) {_NAMED}\b",
    re.IGNORECASE,
)
_SIDE = re.compile(r"\b(left|right|top|bottom)\b")
_HOW_MANY = re.compile(rf"\bhow many {_NAMED}\b", re.IGNORECASE)


def about(clause: Clause, asked: Asked, exhibit: Exhibit) -> str | None:
    """Answer what is asked of the photographs on a page; None where something else is asked."""
    seen = exhibit.survey.seen
    if seen is None or not seen.within or not _SPOKEN_OF.search(clause.text):
        return None
    text = clause.text.strip()
    count = len(seen.within)
    if _IS_THERE.match(text) and not meant(text):
        return "Yes" if asked.terse else f"Yes. {shown(exhibit)}"
    if _HOW_MANY.search(text):
        return str(count) if asked.terse else f"{number(count).capitalize()}."
    if meant(text):
        return None
    return shown(exhibit, _SIDE.findall(text.lower()))


def told(exhibit: Exhibit) -> str:
    """Write that there are photographs on a page, and where: "On it, one at the top: …"."""
    seen = exhibit.survey.seen
    if seen is None or not seen.within:
        return ""
    return f"On it {'is a photograph' if len(seen.within) == 1 else 'are photographs'}. {shown(exhibit)}"


def shown(exhibit: Exhibit, sides: Sequence[str] = ()) -> str:
    """Say what each photograph shows, in the order in which they are read; or those at `sides`."""
    survey = exhibit.survey
    seen = survey.seen
    assert seen is not None  # noqa: S101 - its callers have looked
    picture = survey.picture
    size = picture.width, picture.height
    places = sorted(seen.within, key=lambda box: (round(4 * box.y0 / picture.height), box.x0))
    lines = []
    named = [b for b in places if all(s in phrases.where(b, *size) for s in sides)]
    for box in named or places:
        part = replace(seen, things=tuple(t for t in seen.things if box.holds(t.box)))
        where = phrases.where(box, *size)
        lines.append(f"The photograph {where}: {_brief(part)}.")
    return " ".join(lines)


def _brief(seen: Sighting) -> str:
    if not seen.things and not (seen.kinds and seen.kinds.best):
        return "I recognise nothing in it that I know"
    return phrases.brief(seen).removeprefix("A photograph of ")

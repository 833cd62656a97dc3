"""How things that are seen stand to each other: larger, further, beside, on."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from sightline.engines.embedded.ask import Asked
from sightline.engines.embedded.evidence import Exhibit
from sightline.engines.embedded.eyes import phrases, presence
from sightline.engines.embedded.eyes.lexicon import (
    Meant,
    meant,
    number,
    plural,
)
from sightline.engines.embedded.words import joined
from sightline.perception.things import Sighting, Thing

_WITHIN = 0.1  # of a base's height, by which what stands on it ends above its foot
_APART = 0.06  # of a side, by which one has to lie further than the other
_FURNITURE = frozenset(
    ("chair", "couch", "bed", "bench", "dining table", "toilet", "oven", "refrigerator", "sink")
)
_BESIDE = re.compile(
    r"\b(?P<how>left of|to the left of|right of|to the right of|next to|beside|near|by|above|over|below|under|underneath|on top of|on|in front of|behind|around)\s+(?:the|a|an|this|that)\s+",
    re.IGNORECASE,
)
LARGER = re.compile(
    r"\b(?:larger|bigger|smaller|taller|shorter|wider|tallest|largest|biggest|smallest)\b",
    re.IGNORECASE,
)
_FURTHER = re.compile(
    r"\b(?:further|farther|more|furthest|farthest|most)\b.*\b(?P<side>left|right|up|down|top|bottom)\b|\b(?P<most>left|right)most\b",
    re.IGNORECASE,
)
_EITHER = re.compile(
    r"\b(left|right|above|below|over|under)\b(?: of)? or (?:to the |on the )?(?:left|right|above|below|over|under)\b",
    re.IGNORECASE,
)
_ASKS = re.compile(r"\s*(?:and )?(?:what|which|who)", re.IGNORECASE)
# "what are the dogs next to?" is what is next to the dogs
_TURNED = re.compile(
    r"\bwhat(?:'s| is| are) (?P<thing>(?:the|this|that|these|those) [\w' ]+?)"
    r" (?:(?:sitting|standing|lying|placed|located) )?(?P<how>next to|beside|near|close to|by)\W*$",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"\b(?P<how>more|fewer|less)\b.*\bthan\b|\b(?P<same>as many|same number)\b", re.IGNORECASE
)


def related(
    text: str, wanted: Sequence[Meant], things: Sequence[Thing], exhibit: Exhibit, asked: Asked
) -> str | None:
    """Compare two things by size or place, or say what is beside one."""
    pairs = [(one, phrases.of(one, things)) for one in wanted]
    more = _MORE.search(text)
    if more is not None and len(pairs) >= 2:
        if re.search(r"\bhow many\b", text, re.IGNORECASE):
            return difference(wanted, things, asked)
        return _more_of(more, pairs, asked)
    if len(pairs) >= 2 and (LARGER.search(text) or _FURTHER.search(text)):
        return _compared(text, pairs, exhibit)
    sides = _EITHER.search(text)
    if sides is not None and len(pairs) >= 2 and pairs[0][1] and pairs[-1][1]:
        pair = _two(pairs[0][1], pairs[-1][1])
        if pair is None:
            return _ONE_OF_THEM
        x, y = pair
        how = _how(x, y, across=sides[1].lower() in ("left", "right"))
        return f"The {x.name} is {how} the {y.name}."
    if len(pairs) < 2 and _ASKS.match(text) and (side := _FURTHER.search(text)) is not None:
        pool = pairs[0][1] if pairs else list(things)
        if pool:
            chosen = _furthest(pool, side)
            return f"{phrases.called(chosen).capitalize()}, {phrases.place(chosen, exhibit)}."
    text = _TURNED.sub(r"what is \g<how> \g<thing>", text)
    beside = _BESIDE.search(text)
    if beside is None or not wanted:
        return None
    return _beside(text, beside, things, exhibit, asked)


def _more_of(
    more: re.Match[str], pairs: Sequence[tuple[Meant, Sequence[Thing]]], asked: Asked
) -> str:
    """Say whether there are more, fewer or as many of one thing as of another."""
    first, second = len(pairs[0][1]), len(pairs[1][1])
    if more.group("same"):
        is_so = first == second
    else:
        is_so = first > second if more.group("how").lower() == "more" else first < second
    so = "Yes" if is_so else "No"
    if asked.terse:
        return so
    counted = joined([phrases.number_of(len(found), one.word) for one, found in pairs[:2]])
    return f"{so}: I count {counted}."


def _compared(text: str, pairs: Sequence[tuple[Meant, Sequence[Thing]]], exhibit: Exhibit) -> str:
    """Say which of two things is larger, or further to a side."""
    for one, found in pairs[:2]:
        if not found:
            return f"{phrases.none(one, exhibit)}, so I can't compare."
    pair = _two(pairs[0][1], pairs[1][1])
    if pair is None:
        return _ONE_OF_THEM
    x, y = pair
    side = _FURTHER.search(text)
    if LARGER.search(text) or side is None:
        said, size = _measured(text)
        smaller = said in ("smaller", "shorter")
        large, small = (x, y) if size(x) >= size(y) else (y, x)
        return f"The {(small if smaller else large).name} is {said} in the picture."
    which = _side(side)
    to = "to the " if which in ("left", "right") else ""
    return f"The {_furthest((x, y), side).name} is further {to}{which}."


def _beside(
    text: str, beside: re.Match[str], things: Sequence[Thing], exhibit: Exhibit, asked: Asked
) -> str | None:
    """Say what is beside, on or under a thing, or whether something is."""
    seen = exhibit.survey.seen or Sighting((), None)
    drawn = seen.drawn
    last = meant(text[beside.end() :], drawn=drawn)
    if not last:
        return None
    centre = phrases.of(last[0], things)
    if not centre:
        return f"{phrases.none(last[0], exhibit)}." if last[0].things else None
    rest = presence.unsaid(text[beside.end() :], last)
    if [word for word in rest if word not in ("side", "that", "this")]:
        return f"I can't tell that. I see {phrases.called(centre[0])}."  # of a part of it, or of one of several
    before = meant(text[: beside.start()], drawn=drawn)
    picture = exhibit.survey.picture
    how = beside.group("how").lower()
    if how in ("in front of", "behind", "around"):  # a flat picture does not tell it
        return f"I can't tell what is {how} the {centre[0].name}. {phrases.instead(seen, exhibit)}"
    together = last[0].plural and len(centre) > 1
    the = plural(centre[0].name) if together else centre[0].name
    bases = centre if together else centre[:1]
    near = [
        t
        for t in things
        if not any(t is base for base in bases)
        and any(_lies(t, base, how, picture.width, picture.height) for base in bases)
    ]
    if before and presence.EXISTS.match(text.strip()):
        if not phrases.of(before[0], things):
            return phrases.absent(before[0], things, seen, exhibit, asked)
        return _lies_there(before[0], near, how, centre[0].name, asked)
    if before and before[0].things and not before[0].plural and phrases.of(before[0], things):
        near = [t for t in near if t.name in before[0].things] or near
    if not near:
        return f"I recognise nothing {how} the {the}."
    verb = "is" if len(near) == 1 else "are"
    groups = joined(phrases.grouped(near)[:4])
    return f"{groups[0].upper()}{groups[1:]} {verb} {how} the {the}."


def _lies_there(one: Meant, near: Sequence[Thing], how: str, centre: str, asked: Asked) -> str:
    """Say whether a thing that is seen is where a question has it; `centre` is what it is beside."""
    found = any(t.name in one.things for t in near)
    upon = how in ("on", "on top of")
    if upon and not found:
        return f"I can't tell whether the {one.word} is {how} the {centre}."
    if one.things & {centre}:
        return f"I can't tell which {centre} is meant."
    if asked.terse:
        return "Yes" if found else "No"
    name, lies = one.word, ("seems to be" if upon else "is") if found else "is not"
    if one.plural:
        name, lies = plural(name), lies.replace("seems", "seem").replace("is", "are")
    return f"{'Yes' if found else 'No'}, the {name} {lies} {how} the {centre}."


def _measured(text: str) -> tuple[str, Callable[[Thing], float]]:
    """Give by which word two things are compared, and what of them."""
    lower = text.lower()
    if re.search(r"\b(?:tall|short)", lower):
        return ("shorter" if "short" in lower else "taller"), lambda thing: thing.box.height
    if "wide" in lower:
        return "wider", lambda thing: thing.box.width
    return ("smaller" if re.search(r"\bsmall", lower) else "larger"), lambda thing: thing.share


_ONE_OF_THEM = "I can't tell the two apart: what I see could be either."


def _two(some: Sequence[Thing], others: Sequence[Thing]) -> tuple[Thing, Thing] | None:
    """Choose one of each; None where no two are of different names."""
    pairs = ((x, y) for x in some for y in others)
    return next(((x, y) for x, y in pairs if x is not y and x.name != y.name), None)


def _how(thing: Thing, other: Thing, *, across: bool) -> str:
    """Say on which side of another a thing lies."""
    (x, y), (cx, cy) = thing.box.centre, other.box.centre
    if across:
        return "to the left of" if x < cx else "to the right of"
    return "above" if y < cy else "below"


def _side(found: re.Match[str]) -> str:
    return str(found["side"] or found["most"]).lower()


def _furthest(things: Sequence[Thing], found: re.Match[str]) -> Thing:
    """Choose the thing that lies furthest to a side."""
    which = _side(found)
    axis, low = (0, which == "left") if which in ("left", "right") else (1, which in ("up", "top"))
    return min(things, key=lambda t: t.box.centre[axis] if low else -t.box.centre[axis])


def difference(wanted: Sequence[Meant], things: Sequence[Thing], asked: Asked) -> str:
    """Say how many more there are of the first of two kinds than of the second, or fewer."""
    first, second = (len(phrases.of(one, things)) for one in wanted[:2])
    apart = abs(first - second)
    if asked.terse:
        return str(apart)
    counted = f"{phrases.number_of(first, wanted[0].word)} and {phrases.number_of(second, wanted[1].word)}"
    return f"{number(apart).capitalize()}: I count {counted}."


def _rests(thing: Thing, base: Thing) -> bool:
    """Say whether a thing stands on another: it is smaller, over it, and ends within it."""
    top, low = thing.box, base.box
    across = min(top.x1, low.x1) - max(top.x0, low.x0)
    ends = low.y0 < top.y1 < low.y1 - _WITHIN * low.height
    stands = thing.share < base.share and thing.name not in _FURNITURE
    return stands and across > 0.6 * top.width and ends


def _lies(thing: Thing, centre: Thing, how: str, width: int, height: int) -> bool:
    (x, y), (cx, cy) = thing.box.centre, centre.box.centre
    if "left" in how:
        return x < cx - _APART * width
    if "right" in how:
        return x > cx + _APART * width
    if how in ("above", "over"):
        return y < cy - _APART * height
    if how in ("below", "under", "underneath"):
        return y > cy + _APART * height
    if how in ("on", "on top of"):
        return _rests(thing, centre)
    gap_x = max(0.0, max(thing.box.x0, centre.box.x0) - min(thing.box.x1, centre.box.x1)) / width
    gap_y = max(0.0, max(thing.box.y0, centre.box.y0) - min(thing.box.y1, centre.box.y1)) / height
    return gap_x < 0.1 and gap_y < 0.1

"""Answers about photographs by what a question asks for, as the ear tells it.

The ear says what kind of question it is; which things, colours, sides and numbers it names is read
here. `seen`, `presence` and `relations` answer each kind.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sightline.engines.embedded.ask import Asked, Clause
from sightline.engines.embedded.ear.intents import Intent
from sightline.engines.embedded.evidence import Exhibit
from sightline.engines.embedded.eyes import box_formats, phrases, presence, relations
from sightline.engines.embedded.eyes import objects as eyes
from sightline.engines.embedded.eyes.lexicon import Meant, a, meant, number, plural
from sightline.engines.embedded.words import joined
from sightline.perception.things import Sighting, Thing

_SIDE = re.compile(r"\b(left|right|top|upper|bottom|lower|middle|cent(?:re|er))\b", re.IGNORECASE)
_SIDE_OR_SIDE = re.compile(
    r"\b(?:left|right|top|bottom|middle|cent(?:re|er)|upper|lower)\b[\w ]{0,24}\bor\b[\w ]{0,24}\b(?:left|right|top|bottom|middle|cent(?:re|er)|upper|lower)\b",
    re.IGNORECASE,
)
_PLACE_OR_PLACE = re.compile(  # which of two places it is in, not where in the picture
    r"\b(?:in|on|at|inside)\b (?!the (?:left|right|top|bottom|middle|cent(?:re|er)|upper|lower|fore|back|front))[\w ]{1,24}\bor\b"
    r" (?:in|on|at|inside) ",
    re.IGNORECASE,
)
_SIDES = {"upper": "top", "lower": "bottom", "centre": "middle", "center": "middle"}
_BOX = re.compile(r"\bbounding box(?:es)?\b|\bbbox(?:es)?\b|\bbox(?:es)?\b", re.IGNORECASE)
_BARE_NAME = re.compile(
    r"\b(?:image|picture|photo(?:graph)?|pic|shot|scene|frame)s?\b", re.IGNORECASE
)
_KINDS = re.compile(r"\b(?:kinds?|types?|sorts?|species|different)\b", re.IGNORECASE)
_PERSONAL = re.compile(r"\b(?:he|she|they|him|her|his|their|who|whom|whose)\b", re.IGNORECASE)
_GOES = re.compile(
    r"\bwhere\b.*\b(?:going|headed|heading|bound|coming|travell?ing|flying|driving|sailing|from|off to)\b"
    r"|\bwhere (?:do|does|did|will)\b.*\b(?:go|come|travel|fly|drive|sail|lead)\b",
    re.IGNORECASE,
)
_HAS = re.compile(r"\b(?:has|have|having|got)\b", re.IGNORECASE)
_LIES = re.compile(
    r"\b(?:left|right) of\b|\b(?:next to|beside|near|above|below|over|under|underneath|on|behind|in front of)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Request:
    text: str
    wanted: list[Meant]
    things: list[Thing]
    seen: Sighting
    exhibit: Exhibit
    asked: Asked


# Of a picture with text these are about what it says, unless things are named or seen.
_OF_ANYTHING: frozenset[Intent] = frozenset(
    ("main", "list", "which", "part", "doing", "room", "count_all", "which_side", "larger", "held")
)
SURE = 0.93  # from which on the ear is believed
_SAID = 0.1  # the same, where several pictures are spoken of


_SHAPE = re.compile(r"\bwhat shapes?\b(?!.*\b(?:image|picture|photo)\b)", re.IGNORECASE)
_MADE_BY = re.compile(
    r"\b(?:brands?|manufacturers?|made by|who (?:made|makes|built)|make and model|(?:what|which) (?:make|model))\b",
    re.IGNORECASE,
)


def about(clause: Clause, asked: Asked, exhibit: Exhibit) -> str | None:
    """Answer a question about what is seen; None where it is about something else, or not sure."""
    seen, text = exhibit.survey.seen, eyes.simplified(clause.text)
    if seen is None or exhibit.ear is None:
        return None
    wanted = meant(_BOX.sub(" ", text), drawn=seen.drawn)
    things = sorted(seen.things, key=lambda t: -t.share)
    if seen.within and not any(phrases.shows(one, seen) for one in wanted):
        return None
    somebody = presence.who(text, wanted, things)
    if somebody is not None:
        return somebody
    there = [one for one in wanted if phrases.of(one, things)]
    if len(there) == 1 and there[0] is wanted[0] and _SIDE_OR_SIDE.search(text):
        return presence.where_is(there, things, seen, exhibit)
    if clause.topic == "size" and seen.drawn and things and _SHAPE.search(text):
        return f"{joined(phrases.grouped(things)[:6]).capitalize()}."
    if clause.topic in ("read", "code", "size"):
        return None
    if _MADE_BY.search(text) and not exhibit.sheet.rows and things:
        return phrases.undecided(seen, exhibit)
    intent, sure = exhibit.ear.intent(text)
    handler = _HANDLERS.get(intent)
    if _PLACE_OR_PLACE.search(text) and intent == "where" and len(wanted) < 2:
        return _other(_Request(text, wanted, things, seen, exhibit, asked))
    if handler is None or sure < SURE or (seen.drawn and intent in ("main", "list")):
        return None
    of_whole = exhibit.has_few_lines and any(phrases.shows(one, seen) for one in wanted)
    shown = there or of_whole or (things and not wanted)
    if intent == "which_side" and exhibit.has_few_lines:
        shown = True  # what lies there is a thing, where one does
    if exhibit.sheet.rows and not shown and (intent in _OF_ANYTHING or not wanted):
        return None
    if intent == "private" and exhibit.sheet.rows and not shown:
        return None
    if box_formats.asked(asked.text) and shown:
        handler = _boxes
    return handler(_Request(text, wanted, things, seen, exhibit, asked))


def _exists(r: _Request) -> str | None:
    if not r.wanted:
        return None
    if len(r.wanted) >= 2 and (lies := _LIES.search(r.text)) is not None:
        offered = meant(r.text[: lies.start()], drawn=r.seen.drawn)
        if len(offered) > 1 and re.search(r"\bor\b", r.text[: lies.start()]):
            there = [one for one in offered if phrases.of(one, r.things)]
            if not there:
                return presence.choice(offered, r.things, r.seen, r.exhibit, r.asked)
            text = f"is there {a(there[0].word)} {r.text[lies.start() :]}"
            wanted = [there[0], *r.wanted[len(offered) :]]
            return relations.related(text, wanted, r.things, r.exhibit, r.asked)
        return relations.related(r.text, r.wanted, r.things, r.exhibit, r.asked)
    return presence.exists(r.wanted, r.text, r.things, r.seen, r.exhibit, r.asked)


def _not(r: _Request) -> str | None:
    if len(r.wanted) != 1:
        return None
    return presence.denied(r.wanted[0], r.text, r.things, r.seen, r.exhibit, r.asked)


def _count(r: _Request) -> str | None:
    if not r.wanted:
        return None
    if _KINDS.search(r.text):
        return _kinds(phrases.of(r.wanted[0], r.things), r)
    if presence.of_part(r.text, r.wanted):
        return _undecided(r)
    if len(r.wanted) == 1 or not presence.LISTED.search(r.text):
        return presence.count(r.wanted[0], r.text, r.things, r.seen, r.asked)
    return presence.count_each(r.wanted, r.things, r.seen, r.asked)


def _count_all(r: _Request) -> str | None:
    if not r.things or r.wanted:
        return _count(r) if r.wanted else phrases.instead(r.seen, r.exhibit)
    living = re.search(r"\b(?:living|alive|beings?|creatures?)\b", r.text, re.IGNORECASE)
    found = [t for t in r.things if not living or t.kind.above & {"living thing", "animal", "person"} or t.name == "person"]  # fmt: skip
    if _KINDS.search(r.text):
        return _kinds(found, r)
    if r.asked.terse or not found:
        return str(len(found))
    return f"I count {'' if r.seen.drawn else 'at least '}{number(len(found))}: {joined(phrases.grouped(found))}."


def _kinds(found: Sequence[Thing], r: _Request) -> str:
    names = list(dict.fromkeys(t.name for t in found))
    if r.asked.terse or not names:
        return (
            str(len(names))
            if r.asked.terse
            else f"None that I know. {phrases.instead(r.seen, r.exhibit)}"
        )
    return f"I count {number(len(names))}: {joined(names)}."


def _difference(r: _Request) -> str | None:
    return relations.difference(r.wanted, r.things, r.asked) if len(r.wanted) > 1 else None


def _where(r: _Request) -> str | None:
    if _GOES.search(r.text):
        return _other(r)
    return presence.where_is(r.wanted, r.things, r.seen, r.exhibit) if r.wanted else None


def _colour(r: _Request) -> str | None:
    if presence.of_part(r.text, r.wanted):
        return _undecided(r)
    if r.wanted:
        return presence.colour_of(r.wanted[0], r.things, r.seen, r.exhibit, r.asked)
    return None


def _which(r: _Request) -> str | None:
    """Name the narrower kind of what is asked for."""
    best = r.seen.best
    if not r.wanted:
        finer = [t for t in r.things if t.finer]
        if finer:
            return f"I see {joined(phrases.grouped(finer)[:6])}."
        return f"It looks like {a(best[0])}." if best is not None else _undecided(r)
    wanted = r.wanted[0]
    found = phrases.of(wanted, r.things)
    if re.search(r"\b(?:breed|species|race|variety|make|model|brand)\b", r.text, re.IGNORECASE):
        finer = [t for t in found if t.finer] or []
        if not finer and not (
            best and best[0] != wanted.word and phrases.mass(wanted, r.seen) >= phrases.KIND
        ):
            return _undecided(r)
    sides = [_SIDES.get(m.lower(), m.lower()) for m in _SIDE.findall(r.text)]
    if found and sides:
        found = [t for t in found if all(side in phrases.place(t, r.exhibit) for side in sides)]
        if not found:
            return presence.where_is(r.wanted, r.things, r.seen, r.exhibit)
    if found and r.asked.terse:
        return phrases.named(found)
    if found:
        return f"I see {joined(phrases.grouped(found)[:6])}."
    if best is not None and phrases.mass(wanted, r.seen) >= phrases.KIND:
        return f"It looks like {a(best[0])}."
    return f"I see no {wanted.word} that I could name. {phrases.instead(r.seen, r.exhibit)}"


def _which_colour(r: _Request) -> str | None:
    named = presence.NAMED_COLOUR.search(r.text)
    if named is None:
        return None
    pool = phrases.of(r.wanted[0], r.things) if r.wanted else r.things
    found = phrases.coloured(pool, named[0]) or []
    if not found:
        return f"Of the things that I see, none is {named[0].lower()} as far as I can tell. {phrases.instead(r.seen, r.exhibit)}"
    return f"{joined(phrases.grouped(found)[:6]).capitalize()}."


def _which_side(r: _Request) -> str | None:
    named = [_SIDES.get(m.lower(), m.lower()) for m in _SIDE.findall(r.text)]
    if not named:
        return None
    found = [t for t in r.things if all(side in phrases.place(t, r.exhibit) for side in named)]
    where = " ".join(dict.fromkeys(named))
    if not found and r.exhibit.sheet.rows:
        return None
    if not found:
        return f"I recognise nothing at the {where}. {phrases.instead(r.seen, r.exhibit)}"
    return f"{joined(phrases.grouped(found)[:6]).capitalize()}."


def _choice(r: _Request) -> str | None:
    """Choose among the things that are offered: the one that is there."""
    if len(r.wanted) < 2:
        return None
    if presence.EXISTS.match(r.text.strip()) or r.asked.form.yes_or_no:
        return _exists(r)
    return presence.choice(r.wanted, r.things, r.seen, r.exhibit, r.asked)


def _more(r: _Request) -> str | None:
    return _difference(r) if re.search(r"\bhow many\b", r.text, re.IGNORECASE) else _related(r)


def _main(r: _Request) -> str | None:
    if not phrases.is_told(r.seen):
        return None
    return phrases.in_a_word(r.seen) if r.asked.terse else phrases.main(r.seen, r.exhibit)


def _related(r: _Request) -> str | None:
    if not r.wanted:
        return None
    return relations.related(r.text, r.wanted, r.things, r.exhibit, r.asked)


def _larger(r: _Request) -> str | None:
    if len(r.wanted) >= 2:
        return _related(r)
    if not r.things:
        return None
    pool = phrases.of(r.wanted[0], r.things) if r.wanted else r.things
    if not pool:
        return f"I see no {r.wanted[0].word}. {phrases.instead(r.seen, r.exhibit)}"
    small = re.search(r"\b(?:small|tini|little|short)(?:er|est)\b", r.text, re.IGNORECASE)
    thing = pool[-1] if small else pool[0]
    return f"{phrases.called(thing).capitalize()}, {phrases.place(thing, r.exhibit)}."


def _held(r: _Request) -> str | None:
    if r.wanted and "person" not in r.wanted[0].things and not _PERSONAL.search(r.text):
        return _undecided(r)  # what a dog carries is not known as what people carry is
    return presence.held(r.text, r.things, r.seen, r.exhibit)


def _list(r: _Request) -> str | None:
    if _BOX.search(r.text):
        return _boxes(r)
    if not phrases.is_told(r.seen):
        return None
    found = [t for w in r.wanted for t in phrases.of(w, r.things)]
    if found:
        return f"I see {joined(phrases.grouped(found))}."
    return phrases.instead(r.seen, r.exhibit)


def _boxes(r: _Request) -> str | None:
    if r.wanted:
        return eyes.boxes(r.wanted[0], r.things, r.exhibit, r.asked)
    if not r.things:
        return None
    every = Meant("thing", True, frozenset(t.name for t in r.things), frozenset())
    return eyes.boxes(every, r.things, r.exhibit, r.asked)


def _state(r: _Request) -> str | None:
    """Decline what is asked of a part or a state of a thing, unless it is how two things lie.

    Whether somebody has a thing that is seen by itself is whether it is there.
    """
    others = [one for one in r.wanted if "person" not in one.things and one.things]
    somebody = len(others) < len(r.wanted) or _PERSONAL.search(r.text)
    if somebody and len(others) == 1 and _HAS.search(r.text):
        return _exists(replace(r, wanted=others))
    if len(r.wanted) >= 2:
        told = relations.related(r.text, r.wanted, r.things, r.exhibit, r.asked)
        if told is not None:
            return told
    return _undecided(r)


def _undecided(r: _Request) -> str | None:
    return phrases.undecided(r.seen, r.exhibit)


def _other(r: _Request) -> str | None:
    """Decline what seeing does not answer, unless the picture has text that may."""
    return _undecided(r) if r.exhibit.has_few_lines else None


def _doing(r: _Request) -> str | None:
    return f"I can't tell what happens. {phrases.instead(r.seen, r.exhibit)}"


def _room(r: _Request) -> str | None:
    return eyes.room_of(r.things, r.seen, r.exhibit)


def _inside(r: _Request) -> str | None:
    return eyes.inside(r.text, r.seen, r.asked, r.exhibit)


# What may be asked of people that only guessing at them would answer.
_GUESSES = re.compile(
    r"\bwho(?:se|m)?\b|\b(?:name|called|age|aged|old(?:er|est)?|young(?:er|est)?|adults?|teen\w*|minors?|gender|sex|male|female|man or|woman or|boy or|girl or"
    r"|happy|sad|angry|bored|tired|worried|scared|nervous|smil\w*|laugh\w*|cry\w*|feel\w*|emotion\w*|mood|express\w*|race|ethnic\w*|nation\w*|country|from|religio\w*"
    r"|famous|celebrity|actor|actress|president|politician|identify|identity|recogni[sz]e|know|beautiful|attractive|pretty|handsome|ugly|rich|poor|married|pregnant|gay|drunk|ill|sick|healthy"
    r"|personality|intelligent|criminal|weight|tall)\b"
    r"|\b(?:is|are|was|were|see|how many|any)\b(?: \w+){0,3}? (?:m[ae]n|wom[ae]n|girls?|boys?|lady|ladies|gentlem[ae]n|guys?)\b(?! \w+)",
    re.IGNORECASE,
)


def _private(r: _Request) -> str | None:
    return phrases.private(r.things) if _GUESSES.search(r.text) else _undecided(r)


_HANDLERS: dict[Intent, Callable[[_Request], str | None]] = {
    "exists": _exists, "exists_not": _not, "exists_number": _exists, "exists_colour": _exists,
    "exists_side": _exists, "count": _count, "count_colour": _count, "count_all": _count_all,
    "count_difference": _difference, "more_of": _more, "where": _where, "colour": _colour,
    "which": _which, "which_colour": _which_colour, "which_side": _which_side, "choice": _choice,
    "main": _main, "beside": _related, "beside_yes": _related, "larger": _larger,
    "further": _related, "held": _held, "list": _list, "boxes": _boxes, "doing": _doing,
    "room": _room, "inside": _inside, "private": _private, "part": _state,
    "other": _other,
}  # fmt: skip


_OF_SEVERAL = re.compile(
    r"\b(?:both|either|each|every|all|any|none|neither|which|what) (?:ones?|of|images?|pictures?|photos?|shots?)\b",
    re.IGNORECASE,
)
_WHICH_ONE = re.compile(
    r"\s*(?:and |so )?(?:in |on )?(?:where (?:are|is)(?: there)? (?:more|most|fewer|fewest|less)\b|which (?:ones?\b|of (?:them|these|those|the (?:two|three|four))\b|images?\b|pictures?\b|photos?\b))",
    re.IGNORECASE,
)
_MORE = re.compile(r"\b(?:more|most|fewer|fewest|least|less)\b", re.IGNORECASE)


def _counted(wanted: Meant, exhibits: Sequence[Exhibit], *, fewest: bool) -> str:
    """Say which picture has the most or the fewest of a thing."""
    counts = {
        e.number: len(phrases.of(wanted, e.survey.seen.things)) if e.survey.seen is not None else 0
        for e in exhibits
    }
    told = joined([f"{phrases.number_of(n, wanted.word)} in image {i}" for i, n in counts.items()])
    best = (min if fewest else max)(counts.values())
    most = [e for e in exhibits if counts[e.number] == best]
    if len(most) == len(counts):
        return f"I count as many in each: {told}."
    names = joined([f"image {e.number}" for e in most]).capitalize()
    return f"{most[0].title if len(most) == 1 else names}: I count {told}."


def across(text: str, asked: Asked, exhibits: Sequence[Exhibit]) -> str | None:
    """Say which of several pictures shows something, or whether all or any do; None for the rest."""
    heard = next((e.ear for e in exhibits if e.ear is not None), None)
    if heard is None or len(exhibits) < 2:
        return None
    likely = heard.intents(text)
    wanted = meant(_BARE_NAME.sub(" ", text))
    least = _SAID if _OF_SEVERAL.search(text) else SURE
    which, every = likely["which_picture"], likely["every_picture"]
    named = _WHICH_ONE.match(text) is not None
    if not wanted or (which + every < least and not named):
        return None
    intent = "which_picture" if named or which > every else "every_picture"
    if intent == "which_picture" and (more := _MORE.search(text)) is not None:
        return _counted(
            wanted[0], exhibits, fewest=more[0].lower() in ("fewer", "fewest", "least", "less")
        )
    there, perhaps = [], []
    for e in exhibits:
        seen = e.survey.seen
        if seen is None:
            continue
        if all(phrases.shows(w, seen) for w in wanted):
            there.append(e)
        elif any(w.things & seen.doubtful or not w.things for w in wanted):
            perhaps.append(e)
    names = joined([plural(w.word) for w in wanted])
    if perhaps and not there:
        return f"I'm not sure whether any of them shows {names}."
    if intent == "which_picture":
        if not there:
            return f"None of them, as far as I see (I looked for {names})."
        told = joined([f"image {e.number}" for e in there])
        return f"{told[0].upper()}{told[1:]}."
    of_all = re.search(r"\b(?:both|all|each|every|neither|none)\b", text, re.IGNORECASE) is not None
    so = len(there) == len(exhibits) if of_all else bool(there)
    if perhaps and of_all and len(there) + len(perhaps) == len(exhibits):
        return f"I'm not sure: I see {names} in {joined([f'image {e.number}' for e in there])}."
    if re.search(r"\b(?:neither|none)\b", text, re.IGNORECASE):
        so = not there
    if asked.terse:
        return "Yes" if so else "No"
    told = joined([f"image {e.number}" for e in there]) if there else "none of them"
    return f"{'Yes' if so else 'No'}, I see {names} in {told}."

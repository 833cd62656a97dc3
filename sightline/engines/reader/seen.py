"""Answers about what is seen in photographs: which things, how many, where, of what colour.

Only what the eyes are sure of is told; what they do not know is declined, with what was seen.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sightline.engines.reader import boxes as boxforms
from sightline.engines.reader import describe as measured
from sightline.engines.reader import words
from sightline.engines.reader.ask import Asked, Clause
from sightline.engines.reader.evidence import Exhibit
from sightline.engines.reader.lexicon import (
    GUESSED,
    NUMBERS,
    Meant,
    a,
    meant,
    number,
    plural,
    singular,
)
from sightline.engines.reader.words import joined
from sightline.perception import colours
from sightline.perception.things import Seen, Thing

KIND = 0.6  # probability from which on the whole picture is of a kind that is asked for
_PLAIN = 0.8  # probability from which on "probably" is left out
_AT_LEAST = 6  # more of a kind are seldom all found
_MOST_KINDS = 12
_MOST_PLACED = 6
_WITHIN = 0.1  # of a base's height, by which what stands on it ends above its foot
_APART = 0.06  # of a side, by which one has to lie further than the other
_THIN = frozenset(
    ("bicycle", "skis", "fork", "knife", "spoon", "tennis racket", "baseball bat", "pair of scissors", "toothbrush",
     "chair", "bench", "kite", "parking meter", "traffic light", "wine glass")
)  # fmt: skip
_FURNITURE = frozenset(
    ("chair", "couch", "bed", "bench", "dining table", "toilet", "oven", "refrigerator", "sink")
)
_RIDDEN = frozenset(
    (
        "bicycle",
        "motorcycle",
        "horse",
        "elephant",
        "skis",
        "snowboard",
        "skateboard",
        "surfboard",
        "bench",
        "chair",
        "couch",
    )
)
_CARRIED = frozenset(
    ("backpack", "umbrella", "handbag", "tie", "suitcase", "frisbee", "baseball bat", "baseball glove", "tennis racket",
     "cell phone", "remote control", "kite", "wine glass", "cup", "teddy bear", "laptop", "book", "banana", "hot dog", "donut", "pizza")
)  # fmt: skip

_PRIVATE = re.compile(
    r"\bwho(?:'s| is| are|s)\b(?!.*\b(?:author|sender|issuer|from|vendor)\b)|\bhow old\b|\b(?:age|gender|sex|ethnicity|race|nationality|religion)\b(?! of (?:the )?(?:photo|picture))"
    r"|\b(?:male or female|man or (?:a )?woman|boy or (?:a )?girl)\b|\b(?:happy|sad|angry|smiling|crying|afraid|emotions?|mood|feeling|feelings|expression|attractive|beautiful person)\b|\b(?:he|she|they|person|man|woman|boy|girl|child)\b[\w ]{0,20}\b(?:male|female|pretty|handsome|beautiful|ugly|rich|poor|single|married|pregnant|gay|straight)\b|\b(?:male|female)\?|\b(?:his|her|their|the (?:man|woman|boy|girl|person)'s) (?:name|age|job|religion|nationality)\b|\brecogni[sz]e (?:this|the|that) (?:man|woman|person|people|face)\b|\bidentify the (?:person|people|man|woman)\b",
    re.IGNORECASE,
)
_EXISTS = re.compile(
    r"^(?:(?:please )?(?:tell me|check|say|see) (?:if|whether) )?(?:(?:is|are|was|were) (?:there|it|this|that|these|they)\b|(?:do|did|can|could) (?:you|we|i) (?:see|find|spot|notice|make out|detect|recogni[sz]e)\b"
    r"|(?:does|do|has|have) (?:it|this|that|they|there|the [\w ]*?(?:image|picture|photo|photograph|scene|frame)|anyone|anybody)\b|any\b|(?:so |and )?there(?:'s| is| are)\b|(?:is|are) (?:a|an|any|some|the)\b|(?:is|are) (?:anyone|anybody|someone|somebody)\b)",
    re.IGNORECASE,
)
_COUNT = re.compile(r"\bhow many\b|\bnumber of\b|\bcount\b", re.IGNORECASE)
_WHERE = re.compile(
    r"^(?:and )?where(?:s|'s)?\b|\b(?:position|location|placed?|located|which (?:side|part|corner))\b",
    re.IGNORECASE,
)
_COLOUR = re.compile(r"\bcolou?rs?\b", re.IGNORECASE)
NAMED_COLOUR = re.compile(rf"\b({'|'.join(colours.NAMES)}|gray)\b", re.IGNORECASE)
_WHICH = re.compile(
    r"\b(?:what|which)\b[\w' ]*\b(?:kinds?|types?|sorts?|breeds?|species|makes?)\b|^(?:and )?(?:what|which)\b",
    re.IGNORECASE,
)
_LIST = re.compile(
    r"\b(?:list|name|enumerate|identify|what|which)\b[\w,' ]*\b(?:objects?|things?|items?|contents?|everything|elements?|stuff)\b",
    re.IGNORECASE,
)
_MAIN = re.compile(
    r"\bmain (?:subject|object|thing|focus)|\bsubject of\b|\bforeground\b|\b(?:largest|biggest|most prominent) (?:object|thing)|\bfocus of\b"
    r"|^what(?:'s| is| are)? (?:this|that|it|these|they)\W*$|^what (?:am i|are we) looking at",
    re.IGNORECASE,
)
_BESIDE = re.compile(
    r"\b(?P<how>left of|to the left of|right of|to the right of|next to|beside|near|by|above|over|below|under|underneath|on top of|on|in front of|behind|around)\s+(?:the|a|an|this|that)\s+",
    re.IGNORECASE,
)
_LARGER = re.compile(
    r"\b(?:larger|bigger|smaller|tallest|largest|biggest|smallest)\b", re.IGNORECASE
)
_FURTHER = re.compile(
    r"\b(?:further|farther|more|furthest|farthest|most)\b.*\b(?P<side>left|right|up|down|top|bottom)\b|\b(?P<most>left|right)most\b",
    re.IGNORECASE,
)
_INSIDE = re.compile(
    r"\b(?:in|out) ?doors?\b|\b(?:taken|shot|is (?:it|this|that)) (?:in|out)side\b|\boutside or\b|\binside or\b|\bor (?:in|out)side\b",
    re.IGNORECASE,
)
_PRONOUN = re.compile(
    r"\b(?:it|its|they|them|their|he|she|that)\b(?! (?:image|picture|photo))", re.IGNORECASE
)
_BOX = re.compile(r"\bbounding box|\bboxes\b|\bcoordinates?\b|\bbbox", re.IGNORECASE)
_SKY = re.compile(r"\bsk(?:y|ies)\b", re.IGNORECASE)
_ROOM = re.compile(
    r"\b(?:what|which|kind of|type of) (?:room|place)\b|\b(?:room|kitchen|bathroom|bedroom|living room|office|street)\b",
    re.IGNORECASE,
)
_TITLE = re.compile(
    r"\b(?:title|caption|alt(?:ernative)?[- ]text|headline|file ?name|tags?|keywords?|label)\b(?! (?:of|on) (?:the|this) (?:sign|book|poster|page|document))",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"\b(?P<how>more|fewer|less)\b.*\bthan\b|\b(?P<same>as many|same number)\b", re.IGNORECASE
)
_HOLDS = re.compile(
    r"\b(?:hold|holds|holding|held|carry|carries|carrying|carried|rid(?:e|es|ing)|using|playing with|wear|wears|wearing|with|sitting on|standing on|on)\b",
    re.IGNORECASE,
)
_MANY = re.compile(
    r"\b(?:(?P<how>at least|at most|(?:no |not )?more than|no (?:fewer|less) than|fewer than|less than|over|under|up to"
    r"|exactly|only|just)\s+)?(?:(?P<number>\d{1,2}|"
    + "|".join(NUMBERS[1:])
    + r")\b|(?P<single>a single|a lone)\b)",
    re.IGNORECASE,
)
# A question that says no: "is there no cat?", "isn't there a dog?", "no people, right?".
_NEGATED = re.compile(
    r"^(?:is|are|was|were|do|does|did|can|has|have)(?:n't| not)\b|^(?:is|are) there (?:no|not (?:a|any))\b"
    r"|^(?:so |and |but )?(?:there(?:'s| is| are)(?: no|n't| not)|no\b|this is(?:n't| not)|these are(?:n't| not)|i (?:don't|do not) see|you (?:don't|do not) see)\b",
    re.IGNORECASE,
)
_ASKS = re.compile(r"\s*(?:and )?(?:what|which|who|whose|how|why|when|where)", re.IGNORECASE)
_SAID_AGAIN = frozenset(
    "right correct ok not no isnt arent wasnt dont doesnt isn aren wasn weren don doesn t isn't aren't wasn't".split()
)
_EXCEPT = re.compile(
    r"\b(?:except|besides|apart from|other than|but not|not (?:on|in|at|with))\b", re.IGNORECASE
)
# What may stand in a question about whether something is there, beside its name.
_FRAME = frozenset(
    """
    visible here background foreground scene anywhere somewhere present shown shot frame least one
    single pairs kind sort type living real other else only just also now there spot notice detect find
    recognize recognise contain contains include includes feature features has have existence exist
    exists image view two three four five several multiple many group pair nearby around look looks
    anything something anybody somebody actual tell check say whether kinds types seen depicted main subject
    """.split()
)
_TELLS = re.compile(r"\b(?:doing|happening|going on|activity|action)\b", re.IGNORECASE)


def about(clause: Clause, asked: Asked, exhibit: Exhibit) -> str | None:
    """Answer a question about things; None where it is about something else."""
    seen, text = exhibit.survey.seen, unconfirmed(clause.text)
    if seen is None:
        return None
    things = sorted(seen.things, key=lambda t: -t.share)
    wanted = meant(_BOX.sub(" ", text), drawn=seen.drawn)  # a bounding box is no box
    if _PRIVATE.search(text) and (
        not exhibit.sheet.rows or wanted or any(t.name == "person" for t in things)
    ):
        return private(things)
    if clause.topic in ("read", "code", "size", "extreme") and not (
        wanted and (_LARGER.search(text) or _BOX.search(text))
    ):
        return None
    if seen.drawn and _MAIN.search(text):
        return main(seen, exhibit)
    if clause.topic == "describe":
        return describe(exhibit) if is_told(seen) else None
    if _TITLE.search(text) and not wanted and is_told(seen):
        return _titled(text, seen)
    if _INSIDE.search(text):
        return inside(text, seen, asked, exhibit)
    if _SKY.search(text) and _EXISTS.match(text.strip()):
        return _sky(seen, asked, exhibit)
    if _ROOM.search(text) and not wanted:
        return room_of(things, seen, exhibit)
    if wanted and _EXCEPT.search(text):
        return f"I can't tell that. {instead(seen, exhibit)}"
    answered = related(text, wanted, things, exhibit, asked)
    if answered is not None:
        return answered
    if re.search(r"\bsnow(?:y|ing)?\b", text, re.IGNORECASE) and _EXISTS.match(text.strip()):
        if seen.is_snow:
            return "Yes" if asked.terse else f"Yes, it looks like snow. {instead(seen, exhibit)}"
        return f"I can't tell whether there is snow. {instead(seen, exhibit)}"
    if _MAIN.search(text):
        return main(seen, exhibit) if is_told(seen) else None
    if _LIST.search(text) and not wanted:
        return _listed(seen, exhibit)
    if not wanted and not seen.drawn and _COLOUR.search(text) and _PRONOUN.search(text) and things:
        kinds = {thing.name for thing in things}
        if len(kinds) > 1:
            return f"I can't tell which thing is meant. {instead(seen, exhibit)}"
        return colour_of(
            Meant(things[0].name, False, frozenset(kinds), frozenset()),
            things,
            seen,
            exhibit,
            asked,
        )
    if not wanted:
        if clause.topic in ("contains", "field", "count") and is_told(seen):
            asks = _EXISTS.match(text.strip()) or _COUNT.search(text) or _WHERE.search(text)
            if (asks or _TELLS.search(text)) and not exhibit.sheet.rows:
                return f"I can't tell that. {instead(seen, exhibit)}"
        return None
    if _BOX.search(text) or boxforms.asked(asked.text):
        return boxes(wanted[0], things, exhibit, asked)
    if _COUNT.search(text):
        return count(wanted[0], text, things, seen, asked)
    if _WHERE.search(text):
        return where_is(wanted, things, seen, exhibit)
    if _COLOUR.search(text):
        return colour_of(wanted[0], things, seen, exhibit, asked)
    if _NEGATED.match(text.strip()) and len(wanted) == 1:
        return denied(wanted[0], text, things, seen, exhibit, asked)
    is_bare = not _ASKS.match(text) and not _bare(text, wanted)
    # A bare name asks whether there is one: "bird?", "at least two bicycles?".
    if _EXISTS.match(text.strip()) or clause.topic == "contains" or is_bare:
        return exists(wanted, text, things, seen, exhibit, asked)
    if _HOLDS.search(text) and any(one.things == {"person"} for one in wanted):
        return held(text, things, seen, exhibit)
    if _TELLS.search(text):
        return f"I can't tell what happens. {instead(seen, exhibit)}"
    if _WHICH.search(text) and (not exhibit.sheet.rows or of(wanted[0], things)):
        return _which(wanted[0], text, things, seen, exhibit)
    return None


def unconfirmed(text: str) -> str:
    """Take off what asks to confirm: "there's a cat, right?" names no side."""
    return re.sub(
        r",\s*(?:right|correct|yes|no|is that so|am i right)\s*[?!.]*\s*$", "?", text, flags=re.I
    )


def describe(exhibit: Exhibit) -> str:
    """Write what a photograph shows: things, where they are, its text, its colours last."""
    survey = exhibit.survey
    seen = survey.seen
    assert seen is not None  # noqa: S101 - its callers have looked
    said = [brief(seen) + "."]
    placed = _placed(seen.things, exhibit)
    if placed:
        said.append(placed)
    if seen.scene is not None and seen.scene.place:
        said.append(f"It looks {seen.scene.place}.")
    blocks = [" ".join(said)]
    if survey.rows:
        quoted = joined([f"“{line}”" for line in survey.lines[:12]])
        blocks.append(f"Its text reads {quoted}.")
    blocks += [measured.code_sentence(survey, i) for i in range(len(survey.codes))]
    colours = joined([c.full_name for c in survey.colours[:3]])
    light = {"dark": "dark", "bright": "bright"}.get(survey.look.light)
    tail = f"It is {light}, mostly {colours}" if light else f"It is mostly {colours}"
    blocks.append(f"{tail}{', and blurred' if not survey.look.is_sharp else ''}.")
    return "\n\n".join(blocks)


def brief(seen: Seen) -> str:
    """Write the most important in a phrase: a photograph of two people and a dog."""
    groups = grouped(seen.things)
    best = seen.best
    snow = " in snow" if seen.is_snow else ""
    if seen.drawn:
        return f"A drawing of {joined(_shaped(seen.things))}"
    if not groups:
        return f"A photograph of {a(best[0])}{snow}" if best else f"A photograph{snow}"
    return f"A photograph of {joined(groups[:_MOST_KINDS])}{snow}"


def main(seen: Seen, exhibit: Exhibit) -> str:
    """Say what a photograph is of."""
    things = sorted(seen.things, key=_prominence, reverse=True)
    best = seen.best
    if seen.drawn:
        said = joined(_shaped(things))
        return f"{said[0].upper()}{said[1:]}."
    if not things:
        return f"It looks like {a(best[0])}." if best else instead(seen, exhibit)
    same = [thing for thing in things if thing.name == things[0].name]
    if best and best[1] >= _PLAIN and things[0].name == "person":
        # Somebody beside what the whole is a picture of.
        return f"It looks like {a(best[0])}, with {joined(grouped(things)[:4])}."
    first = _counted(things[0].name, same)
    rest = grouped([thing for thing in things if thing not in same])
    return f"{first[0].upper()}{first[1:]}{', with ' + joined(rest[:4]) if rest else ''}."


def listing(seen: Seen) -> list[tuple[str, int]]:
    """Count the things of each kind, the most prominent first."""
    things = sorted(seen.things, key=_prominence, reverse=True)
    return list(Counter(thing.name for thing in things).items())


def is_told(seen: Seen) -> bool:
    """Say whether anything is seen that can be told."""
    return bool(seen.things) or seen.is_snow or seen.best is not None


def _prominence(thing: Thing) -> float:
    return thing.share * thing.probability * (1.5 if thing.name == "person" else 1.0)


def called(thing: Thing) -> str:
    """Name one thing, with what is narrower where that is known, and "probably" in doubt."""
    name = a(thing.name)
    if thing.finer and thing.finer.lower() != thing.name:
        name += f" ({thing.finer})"
    return name if thing.probability >= _PLAIN else f"probably {name}"


def grouped(things: Iterable[Thing]) -> list[str]:
    """Write things by kind: two people, probably a bench."""
    ordered = sorted(things, key=_prominence, reverse=True)
    if ordered and "shape" in ordered[0].kind.above:
        return _shaped(ordered)
    kinds: dict[str, list[Thing]] = {}
    for thing in ordered:
        kinds.setdefault(thing.name, []).append(thing)
    return [_counted(name, found) for name, found in kinds.items()]


def _shaped(things: Iterable[Thing]) -> list[str]:
    """Write shapes by colour and kind: two red circles."""
    found = Counter(
        f"{t.colour.full_name} {t.name}" if t.colour is not None else t.name
        for t in sorted(things, key=lambda t: -t.share)
    )
    return [a(name) if n == 1 else f"{number(n)} {plural(name)}" for name, n in found.items()]


def _counted(name: str, found: Sequence[Thing]) -> str:
    if len(found) == 1:
        return called(found[0])
    sure = sum(thing.probability >= _PLAIN for thing in found)
    many = "at least " if len(found) >= _AT_LEAST else ""
    text = f"{many}{number(len(found))} {plural(name)}"
    return text if sure else f"probably {text}"


def place(thing: Thing, exhibit: Exhibit) -> str:
    """Say where a thing is."""
    picture = exhibit.survey.picture
    if thing.share > 0.5:
        return "filling most of it"
    return measured.place(thing.box, picture.width, picture.height)


def _placed(things: Sequence[Thing], exhibit: Exhibit) -> str:
    """Say where the main things are, and what people are on or with."""
    chosen = sorted(things, key=_prominence, reverse=True)[:_MOST_PLACED]
    if not chosen:
        return ""
    told: list[str] = []
    with_people: set[int] = set()
    people = [t for t in chosen if t.name == "person"]
    for thing in things:
        near = [p for p in people if _touches(p, thing)]
        if near and thing.name in _RIDDEN and thing.name not in ("bench", "chair", "couch"):
            told.append(f"a person is on {a(thing.name)}")
            with_people.add(id(thing))
        elif near and thing.name in _CARRIED:
            told.append(f"a person is with {a(thing.name)}")
            with_people.add(id(thing))
    lone = [
        t for t in chosen if id(t) not in with_people and sum(o.name == t.name for o in things) == 1
    ]
    told = list(dict.fromkeys(told))[:4]
    told += [f"the {t.name} is {place(t, exhibit)}" for t in lone if t.share <= 0.5][:4]
    if not told:
        return ""
    text = "; ".join(told)
    return f"{text[0].upper()}{text[1:]}."


def _touches(first: Thing, second: Thing) -> bool:
    a_, b = first.box, second.box
    return a_.x0 < b.x1 and b.x0 < a_.x1 and a_.y0 < b.y1 and b.y0 < a_.y1


def of(wanted: Meant, things: Iterable[Thing]) -> list[Thing]:
    """Choose the things that a word means."""
    return [
        thing
        for thing in things
        if thing.name in wanted.things or thing.finer.lower() == wanted.word
    ]


def mass(wanted: Meant, seen: Seen) -> float:
    """Say how likely the whole picture is of what a word means."""
    if seen.kinds is None or not wanted.classes:
        return 0.0
    return float(seen.kinds.probabilities[sorted(wanted.classes)].sum())


def shows(wanted: Meant, seen: Seen) -> bool:
    """Say whether what a word means is seen: as a thing, or as what the whole is a picture of."""
    return bool(of(wanted, seen.things)) or mass(wanted, seen) >= KIND


def instead(seen: Seen, exhibit: Exhibit) -> str:
    """Say what was seen, where something else was asked for."""
    groups = grouped(seen.things)
    if groups:
        return f"I see {joined(groups[:_MOST_KINDS])}."
    best = seen.best
    if best:
        return f"It looks like {a(best[0])}."
    colours = joined([c.full_name for c in exhibit.survey.colours[:2]])
    return (
        f"I recognise none of the things that I know in this photograph, which is mostly {colours}."
    )


def private(things: Sequence[Thing]) -> str:
    """Decline to guess who people are; say that they are there."""
    people = [t for t in things if t.name == "person"]
    seen = f" I see {_counted('person', people)}." if people else " I see nobody in the picture."
    return f"I'm sorry, I can't identify people or guess their age, gender or feelings.{seen}"


def _is_private(wanted: Meant) -> bool:
    return wanted.word in GUESSED


def exists(
    wanted: Sequence[Meant],
    text: str,
    things: Sequence[Thing],
    seen: Seen,
    exhibit: Exhibit,
    asked: Asked,
) -> str:
    """Say whether something is there; whether it is as the question has it only where that is seen."""
    if re.search(r"\bor\b", text) and len(wanted) > 1:
        return choice(wanted, things, seen, exhibit, asked)
    missing = next((one for one in wanted if not of(one, things)), None)
    if missing is not None:
        return _absent(missing, things, seen, exhibit, asked)
    found = of(wanted[0], things)
    if len(wanted) > 1 and not re.search(r"\band\b|,", text):
        others = of(wanted[1], things)
        meet = [t for t in found if any(o is not t and _touches(t, o) for o in others)]
        if meet and _HOLDS.search(text):
            return (
                "Yes"
                if asked.terse
                else f"It looks so: {called(meet[0])} and {a(others[0].name)} are at one place."
            )
        both = joined(grouped([*found, *(t for t in others if t not in found)]))
        return f"I see {both}, but can't tell whether that is so."
    left = _unsaid(text, wanted)
    colours = [word for word in left if NAMED_COLOUR.fullmatch(word)]
    if colours:
        named = coloured(found, colours[0])
        if named is None:
            return f"I see {called(found[0])}, but can't tell its colour: no single one fills the middle of it."
        found, left = named, [word for word in left if word not in colours]
        if not found:
            return (
                "No"
                if asked.terse
                else f"No, I see {joined(grouped(of(wanted[0], things)))}, but not {colours[0]}."
            )
    sides = [
        word
        for word in left
        if word in ("left", "right", "top", "bottom", "middle", "centre", "center")
    ]
    if sides:
        side = sides[0].replace("centre", "middle").replace("center", "middle")
        found, left = (
            [t for t in found if side in place(t, exhibit)],
            [w for w in left if w not in sides],
        )
        if not found:
            return (
                "No"
                if asked.terse
                else f"No, not there. {where_is(wanted[:1], things, seen, exhibit)}"
            )
    many = _number(text)
    if many is not None and len(wanted) == 1:
        if len(found) >= _AT_LEAST and many.how != "at least":
            return f"I count {_counted(found[0].name, found)}, and may have missed some."
        so = "Yes" if many.holds(len(found)) else "No"
        return so if asked.terse else f"{so}, I count {number_of(len(found), wanted[0].word)}."
    groups = joined(grouped(found)[:6])
    if _is_private(wanted[0]):
        return f"I see {groups}, and do not guess anybody's age or gender."
    if [word for word in left if word not in ("side", "corner", "half", "part")]:
        return f"I see {groups}, but can't tell whether that is so."
    if asked.terse:
        return "Yes"
    where = f", {place(found[0], exhibit)}" if len(found) == 1 else ""
    return f"Yes, I see {groups}{where}."


def choice(
    wanted: Sequence[Meant], things: Sequence[Thing], seen: Seen, exhibit: Exhibit, asked: Asked
) -> str:
    """Choose among the things that are offered: those that are there."""
    there = [one for one in wanted if shows(one, seen)]
    found = [thing for one in there for thing in of(one, things)]
    if asked.terse and there:
        return ", ".join(one.word.capitalize() for one in there)
    if there:
        said = joined(grouped(found)[:6]) if found else a(there[0].word)
        return f"{said[0].upper()}{said[1:]}."
    names = joined([plural(one.word) for one in wanted[:6]])
    return f"No, I see none (I looked for {names}). {instead(seen, exhibit)}"


def _bare(text: str, wanted: Sequence[Meant]) -> list[str]:
    """Give what a question says beside the names of things and how many of them."""
    return [word for word in _unsaid(_MANY.sub(" ", text), wanted) if word not in ("any", "please")]


def denied(
    wanted: Meant, text: str, things: Sequence[Thing], seen: Seen, exhibit: Exhibit, asked: Asked
) -> str:
    """Answer a question that says no: whether there is one, without a yes that could mean either."""
    found = of(wanted, things)
    left = _unsaid(text, [wanted])
    if [word for word in left if word not in _SAID_AGAIN]:
        return f"I can't tell that. {instead(seen, exhibit)}"
    if found:
        return f"There {'are' if len(found) > 1 else 'is'}: I see {joined(grouped(found)[:4])}."
    return re.sub(
        r"^No, ", "Right, ", _absent(wanted, things, seen, exhibit, replace(asked, terse=False))
    )


@dataclass(frozen=True, slots=True)
class _Many:
    """How many a question asks for: "exactly", "at least" or "at most" so many."""

    how: str
    count: int

    def holds(self, count: int) -> bool:
        """Say whether so many are."""
        if self.how == "exactly":
            return count == self.count
        return count >= self.count if self.how == "at least" else count <= self.count


def _number(text: str) -> _Many | None:
    """Read how many things a question asks for: two dogs, at least 3 cars, only one, a single one."""
    found = _MANY.search(text)
    if found is None:
        return None
    word = (found["number"] or "one").lower()
    count = int(word) if word.isdigit() else NUMBERS.index(word)
    how = " ".join((found["how"] or "").lower().split())
    if how in ("more than", "over"):
        return _Many("at least", count + 1)
    if how in ("fewer than", "less than", "under"):
        return _Many("at most", count - 1)
    if how in ("at least", "no fewer than", "no less than"):
        return _Many("at least", count)
    if how in ("at most", "no more than", "not more than", "up to"):
        return _Many("at most", count)
    if word == "one" and not how and not found["single"]:
        return None  # "is there one dog": a dog
    return _Many("exactly", count)


def _absent(
    wanted: Meant, things: Sequence[Thing], seen: Seen, exhibit: Exhibit, asked: Asked
) -> str:
    best = seen.best
    if mass(wanted, seen) >= KIND:
        return (
            "Yes" if asked.terse else f"Yes, it looks like {a(best[0] if best else wanted.word)}."
        )
    name = plural(wanted.word)
    if wanted.things & seen.doubtful:
        return f"I'm not sure whether there is {a(wanted.word)}: something may be one. {instead(seen, exhibit)}"
    if wanted.things:
        none = "I see none that I know" if wanted.is_broad and not seen.drawn else "No, I see none"
        return "No" if asked.terse else f"{none} (I looked for {name}). {instead(seen, exhibit)}"
    return f"I can't tell whether there is {a(wanted.word)}. {instead(seen, exhibit)}"


def _unsaid(text: str, wanted: Sequence[Meant]) -> list[str]:
    """Give the words of a question that are neither its frame nor the things that it names."""
    named = {word for one in wanted for word in one.word.split()}
    return [
        word
        for word in words.content(text)
        if word not in _FRAME and singular(word) not in named and word not in named
    ]


def coloured(found: Sequence[Thing], colour: str) -> list[Thing] | None:
    """Choose those of a colour; None where no colour is known."""
    wanted = colour.lower().replace("gray", "grey")
    known = _of_known_colour(found)
    return [t for t, name in known if wanted in name] if known else None


def _of_known_colour(found: Iterable[Thing]) -> list[tuple[Thing, str]]:
    """Give things with their colours, but for those whose middle does not tell it."""
    return [
        (t, t.colour.full_name)
        for t in found
        if t.colour is not None and t.name not in _THIN and t.name != "person"
    ]


def held(text: str, things: Sequence[Thing], seen: Seen, exhibit: Exhibit) -> str:
    """Say what people are with or on: things that overlap them and that people hold or ride."""
    people = [t for t in things if t.name == "person"]
    if not people:
        none = "No, I see nobody" if _EXISTS.match(text.strip()) else "I see nobody"
        return f"{none}. {instead(seen, exhibit)}"
    ridden = re.search(r"\brid(?:e|es|ing|den)\b|\bon\b", text, re.IGNORECASE) is not None
    worn = re.search(r"\bwear", text, re.IGNORECASE) is not None
    kinds = _RIDDEN if ridden else (frozenset(("tie", "backpack", "handbag")) if worn else _CARRIED)
    near = [t for t in things if t.name in kinds and any(_touches(t, p) for p in people)]
    if not near:
        return f"I can't tell that. {instead(seen, exhibit)}"
    return f"At {'a' if len(people) > 1 else 'the'} person I see {joined(grouped(near)[:4])}."


def _titled(text: str, seen: Seen) -> str:
    """Write a title, a caption, or words to find it by."""
    groups = [re.sub(r"^probably ", "", group) for group in grouped(seen.things)]
    best = seen.best
    if re.search(r"\btags?\b|\bkeywords?\b", text, re.IGNORECASE):
        return ", ".join(name for name, _ in listing(seen)) or (best[0] if best else "")
    if re.search(r"\btitle\b|\bheadline\b|\bfile ?name\b", text, re.IGNORECASE):
        said = joined(groups[:3]) if groups else a(best[0] if best else "photograph")
        return f"{said[0].upper()}{said[1:]}"
    return f"{brief(seen)}."


_ROOMS = {
    "bathroom": frozenset(("toilet", "hair dryer", "toothbrush")),
    "kitchen": frozenset(("oven", "refrigerator", "microwave", "toaster")),
    "bedroom": frozenset(("bed",)),
    "living room": frozenset(("couch", "television")),
    "street": frozenset(("traffic light", "stop sign", "fire hydrant", "parking meter", "bus")),
}


def room_of(things: Sequence[Thing], seen: Seen, exhibit: Exhibit) -> str:
    """Say what place it looks like, by things that stand in one kind of place alone."""
    for room, signs in _ROOMS.items():
        found = [t for t in things if t.name in signs and t.probability >= _PLAIN]
        if found:
            return f"It looks like a {room}: I see {joined(grouped(found)[:3])}."
    return f"I can't tell what place that is. {instead(seen, exhibit)}"


def count(wanted: Meant, text: str, things: Sequence[Thing], seen: Seen, asked: Asked) -> str:
    """Say how many there are of what is meant."""
    found = of(wanted, things)
    name = wanted.word if wanted.word not in GUESSED else "person"
    colour = NAMED_COLOUR.search(text)
    if found and colour is not None:
        chosen = coloured(found, colour[0])
        if chosen is None:
            return f"I see {joined(grouped(found))}, but can't tell which are {colour[0]}."
        found, name = chosen, f"{colour[0].lower()} {name}"
    if not found:
        if mass(wanted, seen) >= KIND:
            return "1" if asked.terse else f"I see at least one {name}."
        if wanted.things & seen.doubtful:
            return f"I'm not sure whether there are {plural(name)}."
        if not wanted.things:
            return f"I can't tell how many {plural(name)} there are. I see {joined(grouped(things)) if things else 'nothing that I know'}."
        return "0" if asked.terse else f"I see none (I looked for {plural(name)})."
    if asked.terse:
        return str(len(found))
    many = "at least " if len(found) >= _AT_LEAST and not seen.drawn else ""
    kinds = grouped(found)
    detail = f": {joined(kinds)}" if len(kinds) > 1 else ""
    private = " I do not guess anybody's age or gender." if _is_private(wanted) else ""
    return f"I count {many}{number(len(found))} {name if len(found) == 1 else plural(name)}{detail}.{private}"


def where_is(
    wanted: Sequence[Meant], things: Sequence[Thing], seen: Seen, exhibit: Exhibit
) -> str | None:
    """Say where things are that are meant."""
    said = []
    for one in wanted[:3]:
        found = of(one, things)
        if not found:
            perhaps = max(of(one, seen.perhaps), key=lambda t: t.probability, default=None)
            said.append(
                f"I see no {one.word}."
                if perhaps is None
                else f"I'm not sure: what may be {a(one.word)} is {place(perhaps, exhibit)}."
            )
        elif len(found) == 1:
            said.append(f"The {found[0].name} is {place(found[0], exhibit)}.")
        else:
            places = Counter(place(t, exhibit) for t in found)
            told = joined([f"{number(n)} {where}" for where, n in places.items()])
            said.append(
                f"I see {_counted(found[0].name, found) if len({t.name for t in found}) == 1 else joined(grouped(found))}: {told}."
            )
    text = " ".join(said)
    return text if any(of(one, things) for one in wanted) else f"{text} {instead(seen, exhibit)}"


def colour_of(
    wanted: Meant, things: Sequence[Thing], seen: Seen, exhibit: Exhibit, asked: Asked
) -> str | None:
    """Say which colour the thing has that is meant; None where it is no thing."""
    found = of(wanted, things)
    if not found:
        if wanted.things:
            return f"I see no {wanted.word}. {instead(seen, exhibit)}"
        return None
    thing = found[0]
    named = list(dict.fromkeys(name for _, name in _of_known_colour(found)))
    if not named:
        return f"I see {called(thing)}, but can't tell its colour: no single one fills the middle of it."
    if asked.terse:
        return named[0]
    subject = f"The {thing.name} is" if len(found) == 1 else f"The {plural(thing.name)} are"
    return f"{subject} {joined(named[:4])}."


_KIND_WORDS = frozenset("breed species mode make model brand name race variety kinds types".split())


def _which(
    wanted: Meant, text: str, things: Sequence[Thing], seen: Seen, exhibit: Exhibit
) -> str | None:
    """Say which animal, vehicle or kind of dog it is."""
    found = of(wanted, things)
    asks = [word for word in _unsaid(text, [wanted]) if word not in _KIND_WORDS]
    colour = NAMED_COLOUR.search(text)
    if [word for word in asks if colour is None or word != colour[0].lower()]:
        return f"I can't tell that. {instead(seen, exhibit)}"
    if found and colour is not None:
        found = coloured(found, colour[0]) or []
        if not found:
            return f"None that I see is {colour[0].lower()}. {instead(seen, exhibit)}"
    best = seen.best
    if found:
        return f"I see {joined(grouped(found)[:6])}."
    if best is not None and mass(wanted, seen) >= KIND:
        return f"It looks like {a(best[0])}."
    if wanted.things or wanted.classes:
        return f"I see no {wanted.word} that I could name. {instead(seen, exhibit)}"
    return None


def _listed(seen: Seen, exhibit: Exhibit) -> str:
    groups = grouped(seen.things)
    if not groups:
        return instead(seen, exhibit)
    return f"I see {joined(groups)}."


def inside(text: str, seen: Seen, asked: Asked, exhibit: Exhibit) -> str:
    """Say whether it is indoors or outdoors, as the question asks."""
    place = "" if seen.scene is None else seen.scene.place
    if not place:
        return f"I can't tell whether that is indoors or outdoors. {instead(seen, exhibit)}"
    indoors, outdoors = (bool(re.search(rf"\b{way} ?(?:side|doors?)\b", text, re.IGNORECASE)) for way in ("in", "out"))  # fmt: skip
    if indoors != outdoors and _EXISTS.match(text.strip()):
        said = "Yes" if indoors == (place == "indoors") else "No"
        return said if asked.terse else f"{said}, it looks {place}."
    return place.capitalize() if asked.terse else f"It looks {place}. {instead(seen, exhibit)}"


def boxes(wanted: Meant, things: Sequence[Thing], exhibit: Exhibit, asked: Asked) -> str:
    """Give places in pixels of the picture as it was sent, or in the form that a question names."""
    found = of(wanted, things)
    if not found:
        return f"{_none(wanted, exhibit)}."
    picture = exhibit.survey.picture
    form = boxforms.form_of(asked.text)
    if boxforms.asked(asked.text) or form.scale is not None:
        lines = []
        for thing in found[:_MOST_KINDS]:
            placed = boxforms.Placed(picture.as_sent(thing.box), *picture.original_size)
            numbers = ", ".join(f"{number:g}" for number in placed.listed(form))
            lines.append(numbers if asked.terse else f"{thing.name}: {numbers}")
        return "\n".join(lines)
    said = []
    for thing in found[:_MOST_KINDS]:
        x0, y0, x1, y1 = (round(side) for side in picture.as_sent(thing.box))
        said.append(f"The {thing.name}: x {x0} to {x1}, y {y0} to {y1}.")
    wide, high = picture.original_size
    return " ".join([*said, f"The picture is {wide} × {high} pixels."])


def _sky(seen: Seen, asked: Asked, exhibit: Exhibit) -> str:
    shown = None if seen.scene is None else seen.scene.shows_sky
    if shown is None:
        return f"I can't tell whether there is sky. {instead(seen, exhibit)}"
    if asked.terse:
        return "Yes" if shown else "No"
    return "Yes, I see sky." if shown else f"No, I see no sky. {instead(seen, exhibit)}"


def related(
    text: str, wanted: Sequence[Meant], things: Sequence[Thing], exhibit: Exhibit, asked: Asked
) -> str | None:
    """Compare two things by size or place, or say what is beside one."""
    pairs = [(one, of(one, things)) for one in wanted]
    more = _MORE.search(text)
    if more is not None and len(pairs) >= 2:
        first, second = len(pairs[0][1]), len(pairs[1][1])
        counted = joined([number_of(len(found), one.word) for one, found in pairs[:2]])
        if re.search(r"\bhow many\b", text, re.IGNORECASE):
            return difference(wanted, things, asked)
        if more.group("same"):
            is_so = first == second
        else:
            is_so = first > second if more.group("how").lower() == "more" else first < second
        return (
            ("Yes" if is_so else "No")
            if asked.terse
            else f"{'Yes' if is_so else 'No'}: I count {counted}."
        )
    if len(pairs) >= 2 and (_LARGER.search(text) or _FURTHER.search(text)):
        (_, some), (_, others) = pairs[0], pairs[1]
        for one, found in pairs[:2]:
            if not found:
                return f"{_none(one, exhibit)}, so I can't compare."
        x, y = some[0], others[0]
        if _LARGER.search(text):
            smaller = re.search(r"\bsmall", text, re.IGNORECASE) is not None
            large, small = (x, y) if x.share >= y.share else (y, x)
            chosen = small if smaller else large
            return f"The {chosen.name} is {'smaller' if smaller else 'larger'} in the picture."
        side = _FURTHER.search(text)
        assert side is not None  # noqa: S101 - one of the two was found
        which = (side.group("side") or side.group("most")).lower()
        axis, low = (
            (0, which == "left") if which in ("left", "right") else (1, which in ("up", "top"))
        )
        nearer = min((x, y), key=lambda t: t.box.centre[axis] if low else -t.box.centre[axis])
        return f"The {nearer.name} is further {'to the ' if axis == 0 else ''}{which}."
    beside = _BESIDE.search(text)
    if beside is None or not wanted:
        return None
    drawn = exhibit.survey.seen is not None and exhibit.survey.seen.drawn
    last = meant(text[beside.end() :], drawn=drawn)
    if not last:
        return None
    centre = of(last[0], things)
    if not centre:
        return f"{_none(last[0], exhibit)}." if last[0].things else None
    rest = _unsaid(text[beside.end() :], last)
    if [word for word in rest if word not in ("side", "that", "this")]:
        return f"I can't tell that. I see {called(centre[0])}."  # of a part of it, or of one of several
    before = meant(text[: beside.start()], drawn=drawn)
    picture = exhibit.survey.picture
    how = beside.group("how").lower()
    if how in ("in front of", "behind", "around"):  # a flat picture does not tell it
        return f"I can't tell what is {how} the {centre[0].name}. {instead(exhibit.survey.seen or Seen((), None), exhibit)}"
    near = [
        t
        for t in things
        if t is not centre[0] and _lies(t, centre[0], how, picture.width, picture.height)
    ]
    if before and _EXISTS.match(text.strip()):
        found = [t for t in near if t.name in before[0].things]
        if not of(before[0], things):
            return _absent(before[0], things, exhibit.survey.seen or Seen((), None), exhibit, asked)
        if how in ("on", "on top of") and not found:
            return f"I can't tell whether the {before[0].word} is {how} the {centre[0].name}."
        if before[0].things & {centre[0].name}:
            return f"I can't tell which {centre[0].name} is meant."
        if asked.terse:
            return "Yes" if found else "No"
        seems = "seems to be" if how in ("on", "on top of") else "is"
        name, lies = before[0].word, seems if found else "is not"
        if before[0].plural:
            name, lies = plural(name), lies.replace("seems", "seem").replace("is", "are")
        return f"{'Yes' if found else 'No'}, the {name} {lies} {how} the {centre[0].name}."
    if before and before[0].things and not before[0].plural and of(before[0], things):
        near = [t for t in near if t.name in before[0].things] or near
    if not near:
        return f"I recognise nothing {how} the {centre[0].name}."
    verb = "is" if len(near) == 1 else "are"
    groups = joined(grouped(near)[:4])
    return f"{groups[0].upper()}{groups[1:]} {verb} {how} the {centre[0].name}."


def difference(wanted: Sequence[Meant], things: Sequence[Thing], asked: Asked) -> str:
    """Say how many more there are of the first of two kinds than of the second, or fewer."""
    first, second = (len(of(one, things)) for one in wanted[:2])
    apart = abs(first - second)
    if asked.terse:
        return str(apart)
    counted = f"{number_of(first, wanted[0].word)} and {number_of(second, wanted[1].word)}"
    return f"{number(apart).capitalize()}: I count {counted}."


def _none(wanted: Meant, exhibit: Exhibit) -> str:
    """Say that a thing is not seen, or that this is not sure; without a full stop."""
    seen = exhibit.survey.seen
    if seen is not None and wanted.things & seen.doubtful:
        return f"I'm not sure whether there is {a(wanted.word)}"
    return f"I see no {wanted.word}"


def number_of(count: int, name: str) -> str:
    """Write so many of something: two dogs."""
    return f"{number(count)} {name if count == 1 else plural(name)}"


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

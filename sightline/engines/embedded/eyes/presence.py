"""Whether things are there, how many, where and of which colour."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace

from sightline.engines.embedded import words
from sightline.engines.embedded.ask import Asked
from sightline.engines.embedded.evidence import Exhibit
from sightline.engines.embedded.eyes import phrases
from sightline.engines.embedded.eyes.lexicon import (
    NUMBERS,
    Meant,
    a,
    number,
    plural,
    singular,
)
from sightline.engines.embedded.question_form import QuestionForm
from sightline.engines.embedded.words import joined
from sightline.perception import colours
from sightline.perception.things import Sighting, Thing

EXISTS = re.compile(
    r"^(?:(?:please )?(?:tell me|check|say|see) (?:if|whether) )?(?:(?:is|are|was|were) (?:there|it|this|that|these|they)\b|(?:do|did|can|could) (?:you|we|i) (?:see|find|spot|notice|make out|detect|recogni[sz]e)\b"
    r"|(?:does|do|has|have) (?:it|this|that|they|there|the [\w ]*?(?:image|picture|photo|photograph|scene|frame)|anyone|anybody|he|she)\b|any\b|(?:so |and )?there(?:'s| is| are)\b|(?:is|are) (?:a|an|any|some|the)\b|(?:is|are) (?:anyone|anybody|someone|somebody)\b)",
    re.IGNORECASE,
)
_MOST_OFFERED = 6  # things of which one is told that none is there
LISTED = re.compile(r"\band\b|,", re.IGNORECASE)
NAMED_COLOUR = re.compile(rf"\b({'|'.join(colours.NAMES)}|gray)\b", re.IGNORECASE)
HOLDS = re.compile(
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
_SAID_AGAIN = frozenset(
    "right correct ok not no isnt arent wasnt dont doesnt isn aren wasn weren don doesn t isn't aren't wasn't".split()
)
# What may stand in a question about whether something is there, beside its name.
_FRAME = frozenset(
    """
    visible here background foreground scene anywhere somewhere present shown shot frame least one
    single pairs kind sort type living real other else only just also now there spot notice detect find
    recognize recognise contain contains include includes feature features has have existence exist
    exists image view two three four five several multiple many group pair nearby around look looks
    anything something anybody somebody actual tell check say whether kinds types seen depicted main subject each every both room
    """.split()
)


_PLACES = frozenset(("side", "corner", "half", "part"))  # words of where, beside left and right
_PARTS = re.compile(
    r"\b(?:legs?|arms?|eyes?|ears?|tails?|heads?|paws?|fingers?|teeth|wheels?|doors?|windows?|wings?|buttons?|pages?|"
    r"slices?|floors?|branches|leaves|petals|strings?|keys|handles?|seats?|feet|foot|hair|beaks?|noses?|mouths?|hands?"
    r"|roofs?|lids?|collars?|tires?|tyres?)\b",
    re.IGNORECASE,
)


def of_part(text: str, wanted: Sequence[Meant]) -> bool:
    """Say whether a question is about a part of a thing, as its feet, which is not seen by itself."""
    return _PARTS.search(text) is not None and not any(_PARTS.search(one.word) for one in wanted)


def exists(
    wanted: Sequence[Meant],
    text: str,
    things: Sequence[Thing],
    seen: Sighting,
    exhibit: Exhibit,
    asked: Asked,
) -> str:
    """Say whether something is there; whether it is as the question has it only where that is seen."""
    if re.search(r"\bor\b", text) and len(wanted) > 1:
        if asked.terse and any(phrases.shows(one, seen) for one in wanted):
            return "Yes"
        if asked.terse and not _told_apart(wanted[:_MOST_OFFERED], seen)[1]:
            return "No"
        return choice(wanted, things, seen, exhibit, asked)
    if re.search(r"\bor (?:an?|the) \w", text) and phrases.shows(wanted[0], seen):
        return phrases.instead(seen, exhibit)  # one of the two has no name that is known
    lacking = [one for one in wanted if not phrases.of(one, things)]
    listed = len(wanted) > 1 and LISTED.search(text) is not None
    if listed and not asked.terse:
        return _each(wanted, lacking, things, seen, exhibit, asked)
    if lacking and lacking[0] is not wanted[0] and not listed:
        # "people in the boat": what they are in may not be known for one.
        there = joined(phrases.grouped(phrases.of(wanted[0], things))[:4])
        return f"I see {there}, but no {lacking[0].word}, so I can't tell whether that is so."
    if lacking:
        return phrases.absent(lacking[0], things, seen, exhibit, asked)
    found = phrases.of(wanted[0], things)
    if phrases.is_narrower(wanted[0], found):
        one = "it is one" if len(found) == 1 else "one of them is one"
        return f"I see {joined(phrases.grouped(found))}, but can't tell whether {one}."
    if len(wanted) > 1 and not listed:
        return _together(found, phrases.of(wanted[1], things), text, asked)
    return _as_told(wanted, text, found, things, seen, exhibit, asked)


def _together(found: Sequence[Thing], others: Sequence[Thing], text: str, asked: Asked) -> str:
    """Say of two things that are both seen what can be told of them together."""
    meet = [t for t in found if any(o is not t and phrases.touches(t, o) for o in others)]
    if meet and HOLDS.search(text):
        if asked.terse:
            return "Yes"
        return f"It looks so: {phrases.called(meet[0])} and {a(others[0].name)} are at one place."
    both = joined(phrases.grouped([*found, *(t for t in others if t not in found)]))
    return f"I see {both}, but can't tell whether that is so."


def _as_told(
    wanted: Sequence[Meant],
    text: str,
    found: Sequence[Thing],
    things: Sequence[Thing],
    seen: Sighting,
    exhibit: Exhibit,
    asked: Asked,
) -> str:
    """Say whether what is seen has the colour, the place and the number that a question tells."""
    left = unsaid(text, wanted)
    colours = [word for word in left if NAMED_COLOUR.fullmatch(word)]
    if colours:
        named = phrases.coloured(found, colours[0])
        if named is None:
            return phrases.unsure_colour(found)
        found, left = named, [word for word in left if word not in colours]
        if not found:
            return (
                "No"
                if asked.terse
                else f"No, I see {joined(phrases.grouped(phrases.of(wanted[0], things)))}, but not {colours[0]}."
            )
    sides = [
        word
        for word in left
        if word in ("left", "right", "top", "bottom", "middle", "centre", "center")
    ]
    if sides:
        side = sides[0].replace("centre", "middle").replace("center", "middle")
        found, left = (
            [t for t in found if side in phrases.place(t, exhibit)],
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
        return _so_many(many, wanted[0], found, set(left) & set(bare(text, wanted)), asked)
    groups = joined(phrases.grouped(found)[:6])
    if phrases.is_private(wanted[0]):
        return f"I see {groups}, and do not guess anybody's age or gender."
    if set(left) - _PLACES:
        return f"I see {groups}, but can't tell whether that is so."
    if asked.terse:
        return "Yes"
    where = f", {phrases.place(found[0], exhibit)}" if len(found) == 1 else ""
    return f"Yes, I see {groups}{where}."


def _so_many(many: _Many, one: Meant, found: Sequence[Thing], left: Set[str], asked: Asked) -> str:
    """Say whether as many are seen as a question tells; `left` are its words not understood."""
    if len(found) >= phrases.AT_LEAST and many.how != "at least":
        return f"I count {phrases.counted(found[0].name, found)}, and may have missed some."
    if left - _PLACES:
        return f"I see {joined(phrases.grouped(found))}, but can't tell whether that is so."
    so = "Yes" if many.holds(len(found)) else "No"
    return so if asked.terse else f"{so}, I count {phrases.number_of(len(found), one.word)}."


def _each(
    wanted: Sequence[Meant],
    lacking: Sequence[Meant],
    things: Sequence[Thing],
    seen: Sighting,
    exhibit: Exhibit,
    asked: Asked,
) -> str:
    """Say of several kinds of things which are there; `lacking` are those of which none is."""
    there = [t for t in things if any(phrases.of(one, [t]) for one in wanted)]
    if not there:
        return phrases.absent(lacking[0], things, seen, exhibit, asked)
    groups = joined(phrases.grouped(there))
    if not lacking:
        private = any(phrases.is_private(one) for one in wanted)
        guess = ", and do not guess anybody's age or gender" if private else ""
        return f"Yes, I see {groups}{guess}."
    none, unsure = _told_apart(lacking, seen)
    said = f"I see {groups}"
    said += f", but no {joined(none)}" if none else ""
    return f"{said}{'; I am not sure about ' + joined(unsure) if unsure else ''}."


_WHO = re.compile(
    r"^(?:and |so )?who(?:'s| is|s| are)? (?:holding|carrying|riding|on|in|with|at|near|by|next to|beside|sitting on|standing on|using|pushing|driving|petting|feeding|walking)\b",
    re.IGNORECASE,
)


def who(text: str, wanted: Sequence[Meant], things: Sequence[Thing]) -> str | None:
    """Say that somebody is at a thing, and not who it is; None where that is not asked."""
    if not _WHO.match(text) or not wanted:
        return None
    found = phrases.of(wanted[0], things)
    people = [t for t in things if t.name == "person"]
    near = [p for p in people if any(f is not p and phrases.touches(p, f) for f in found)]
    if not near:
        return None
    return f"{joined(phrases.grouped(near)).capitalize()}, it seems; I do not say who that is."


def choice(
    wanted: Sequence[Meant], things: Sequence[Thing], seen: Sighting, exhibit: Exhibit, asked: Asked
) -> str:
    """Choose among the things that are offered: those that are there."""
    there = [one for one in wanted if phrases.shows(one, seen)]
    found = [thing for one in there for thing in phrases.of(one, things)]
    if asked.terse and there:
        return ", ".join(one.word.capitalize() for one in there)
    if there:
        said = joined(phrases.grouped(found)[:6]) if found else a(there[0].word)
        return f"{said[0].upper()}{said[1:]}."
    none, unsure = _told_apart(wanted[:_MOST_OFFERED], seen)
    if not unsure:
        if asked.terse:
            return "None"
        return f"No, I see none (I looked for {joined(none)}). {phrases.instead(seen, exhibit)}"
    said = f"I see no {joined(none)}, and can't tell about {joined(unsure)}" if none else (
        f"I can't tell whether there are {joined(unsure)}"
    )  # fmt: skip
    return f"{said}. {phrases.instead(seen, exhibit)}"


def _told_apart(lacking: Sequence[Meant], seen: Sighting) -> tuple[list[str], list[str]]:
    """Give which of the kinds that were not found are none for sure, and which could be there."""
    none = [plural(one.word) for one in lacking if one.things and not one.things & seen.doubtful]
    return none, [name for one in lacking if (name := plural(one.word)) not in none]


def bare(text: str, wanted: Sequence[Meant]) -> list[str]:
    """Give what a question says beside the names of things and how many of them."""
    return [word for word in unsaid(_MANY.sub(" ", text), wanted) if word not in ("any", "please")]


def denied(
    wanted: Meant,
    text: str,
    things: Sequence[Thing],
    seen: Sighting,
    exhibit: Exhibit,
    asked: Asked,
) -> str:
    """Answer a question that says no: whether there is one, without a yes that could mean either."""
    found = phrases.of(wanted, things)
    left = unsaid(text, [wanted])
    if [word for word in left if word not in _SAID_AGAIN]:
        return phrases.undecided(seen, exhibit)
    if found:
        return f"There {'are' if len(found) > 1 else 'is'}: I see {joined(phrases.grouped(found)[:4])}."
    whole = replace(asked, form=QuestionForm())  # "no" alone could mean either
    return phrases.absent(wanted, things, seen, exhibit, whole, no="Right")


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


def unsaid(text: str, wanted: Sequence[Meant]) -> list[str]:
    """Give the words of a question that are neither its frame nor the things that it names."""
    named = {word for one in wanted for word in one.word.split()}
    return [
        word
        for word in words.content(text)
        if word not in _FRAME and singular(word) not in named and word not in named
    ]


def held(text: str, things: Sequence[Thing], seen: Sighting, exhibit: Exhibit) -> str:
    """Say what people are with or on: things that overlap them and that people hold or ride."""
    people = [t for t in things if t.name == "person"]
    if not people:
        none = "No, I see nobody" if EXISTS.match(text.strip()) else "I see nobody"
        return f"{none}. {phrases.instead(seen, exhibit)}"
    ridden = re.search(r"\brid(?:e|es|ing|den)\b|\bon\b", text, re.IGNORECASE) is not None
    worn = re.search(r"\bwear", text, re.IGNORECASE) is not None
    kinds = (
        phrases.RIDDEN
        if ridden
        else (frozenset(("tie", "backpack", "handbag")) if worn else phrases.CARRIED)
    )
    near = [t for t in things if t.name in kinds and any(phrases.touches(t, p) for p in people)]
    if not near or (worn and ridden):  # "the man on it wearing a hat": of what he wears
        return phrases.undecided(seen, exhibit)
    return (
        f"At {'a' if len(people) > 1 else 'the'} person I see {joined(phrases.grouped(near)[:4])}."
    )


def count(wanted: Meant, text: str, things: Sequence[Thing], seen: Sighting, asked: Asked) -> str:
    """Say how many there are of what is meant."""
    found = phrases.of(wanted, things)
    people = bool(found) and all(t.name == "person" for t in found)
    name = "person" if people and wanted.word not in _ANYBODY else wanted.word
    colour = NAMED_COLOUR.search(text)
    if found and colour is not None:
        chosen = phrases.coloured(found, colour[0])
        if chosen is None:
            return f"I see {joined(phrases.grouped(found))}, but can't tell which are {colour[0]}."
        found, name = chosen, f"{colour[0].lower()} {name}"
    if not found:
        if phrases.mass(wanted, seen) >= phrases.KIND:
            return "1" if asked.terse else f"I see at least one {name}."
        if wanted.things & seen.doubtful:
            return f"I'm not sure whether there are {plural(name)}."
        if not wanted.things:
            return f"I can't tell how many {plural(name)} there are. I see {joined(phrases.grouped(things)) if things else 'nothing that I know'}."
        return "0" if asked.terse else f"I see none (I looked for {plural(name)})."
    if phrases.is_narrower(wanted, found):
        of = joined(phrases.grouped(found))
        return f"I see {of}, but can't tell how many of them are {plural(wanted.word)}."
    chosen_by = _SELECTS.search(text)
    if chosen_by is not None and not seen.drawn:
        in_all = joined(phrases.grouped(found))
        return f"I see {in_all} in all, but can't tell which are meant (“{chosen_by[0].strip()}”)."
    if asked.terse:
        return str(len(found))
    many = "at least " if len(found) >= phrases.AT_LEAST and not seen.drawn else ""
    kinds = phrases.grouped(found)
    detail = f": {joined(kinds)}" if len(kinds) > 1 else ""
    private = " I do not guess anybody's age or gender." if phrases.is_private(wanted) else ""
    return f"I count {many}{number(len(found))} {name if len(found) == 1 else plural(name)}{detail}.{private}"


def count_each(
    wanted: Sequence[Meant], things: Sequence[Thing], seen: Sighting, asked: Asked
) -> str:
    """Say how many there are of each of several kinds."""
    counts = [(len(phrases.of(one, things)), one.word) for one in wanted]
    # None found is none only of what the detector knows and does not take for doubtful.
    unsure = (
        not n and (not one.things or one.things & seen.doubtful)
        for (n, _), one in zip(counts, wanted, strict=True)
    )
    if any(unsure):
        return " ".join(count(one, "", things, seen, asked) for one in wanted)
    if asked.terse:
        return ", ".join(str(number) for number, _ in counts)
    return f"I count {joined([phrases.number_of(*one) for one in counts])}."


# Words that leave nothing open about who is counted.
_ANYBODY = frozenset(
    "person people human individual somebody someone anybody anyone one folk".split()
)
# "How many people are watching?": of those that are there, some are meant.
_SELECTS = re.compile(
    r"\b(?:is|are|were|was|who|that|which)\s+(?:all\s+|both\s+|not\s+|also\s+)*"
    r"(?!(?:being|showing|appearing|including|visible)\b)[a-z]+ing\b(?! (?:here|there)\b)[\w ]{0,24}"
    r"|\b(?:wear|hold|carry|ride|face|watch|hang|lean|look at|belong)s?\b[\w ]{0,24}"
    r"|\b(?:wearing|holding|carrying|riding|facing|watching|hanging|leaning|looking at)\b[\w ]{0,24}"
    r"|\b(?:with|without|have|has)\s+(?!in\b|on\b|at\b|got\b|this\b|the (?:picture|image|photo))\w+[\w ]{0,20}",
    re.IGNORECASE,
)


def where_is(
    wanted: Sequence[Meant], things: Sequence[Thing], seen: Sighting, exhibit: Exhibit
) -> str | None:
    """Say where things are that are meant."""
    said = []
    for one in wanted[:3]:
        found = phrases.standing_for(one, things, seen)
        if not found:
            perhaps = max(phrases.of(one, seen.perhaps), key=lambda t: t.probability, default=None)
            said.append(
                f"I see no {one.word}."
                if perhaps is None
                else f"I'm not sure: what may be {a(one.word)} is {phrases.place(perhaps, exhibit)}."
            )
        elif len(found) == 1:
            said.append(f"The {found[0].name} is {phrases.place(found[0], exhibit)}.")
        else:
            places = Counter(phrases.place(t, exhibit) for t in found)
            told = joined([f"{number(n)} {where}" for where, n in places.items()])
            said.append(
                f"I see {phrases.counted(found[0].name, found) if len({t.name for t in found}) == 1 else joined(phrases.grouped(found))}: {told}."
            )
    text = " ".join(said)
    return (
        text
        if any(phrases.standing_for(one, things, seen) for one in wanted)
        else f"{text} {phrases.instead(seen, exhibit)}"
    )


def colour_of(
    wanted: Meant, things: Sequence[Thing], seen: Sighting, exhibit: Exhibit, asked: Asked
) -> str | None:
    """Say which colour the thing has that is meant; None where it is no thing."""
    found = phrases.standing_for(wanted, things, seen)
    if not found:
        if wanted.things:
            return f"I see no {wanted.word}. {phrases.instead(seen, exhibit)}"
        return None
    thing = found[0]
    named = list(dict.fromkeys(name for _, name in phrases.of_known_colour(found)))
    if not named:
        return phrases.unsure_colour(found)
    if asked.terse:
        return named[0]
    subject = f"The {thing.name} is" if len(found) == 1 else f"The {plural(thing.name)} are"
    return f"{subject} {joined(named[:4])}."

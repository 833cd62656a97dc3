"""What is seen, in words: things named, counted, placed, and what is said where nothing is sure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from sightline.engines.embedded.ask import Asked
from sightline.engines.embedded.evidence import Exhibit
from sightline.engines.embedded.eyes.lexicon import (
    GUESSED,
    NARROWER,
    Meant,
    a,
    number,
    plural,
)
from sightline.engines.embedded.words import joined
from sightline.perception.rows import Box
from sightline.perception.things import Sighting, Thing
from sightline.perception.vocabulary import vocabulary

KIND = 0.6  # probability from which on the whole picture is of a kind that is asked for
PLAIN = 0.8  # probability from which on "probably" is left out
AT_LEAST = 6  # more of a kind are seldom all found
MOST_KINDS = 12
_MOST_PLACED = 6
_THIN = frozenset(
    ("bicycle", "skis", "fork", "knife", "spoon", "tennis racket", "baseball bat", "pair of scissors", "toothbrush",
     "chair", "bench", "kite", "parking meter", "traffic light", "wine glass")
)  # fmt: skip
RIDDEN = frozenset(
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
CARRIED = frozenset(
    ("backpack", "umbrella", "handbag", "tie", "suitcase", "frisbee", "baseball bat", "baseball glove", "tennis racket",
     "cell phone", "remote control", "kite", "wine glass", "cup", "teddy bear", "laptop", "book", "banana", "hot dog", "donut", "pizza", "cat", "dog", "bird")
)  # fmt: skip


def brief(seen: Sighting) -> str:
    """Write the most important in a phrase: a photograph of two people and a dog."""
    groups = grouped(seen.things)
    best = seen.best
    snow = " in snow" if seen.is_snow else ""
    if seen.drawn:
        return f"A drawing of {joined(_shaped(seen.things))}"
    if not groups:
        return f"A photograph of {a(best[0])}{snow}" if best else f"A photograph{snow}"
    return f"A photograph of {joined(groups[:MOST_KINDS])}{snow}"


def main(seen: Sighting, exhibit: Exhibit) -> str:
    """Say what a photograph is of."""
    things = sorted(seen.things, key=_prominence, reverse=True)
    best = seen.best
    if seen.drawn:
        said = joined(_shaped(things))
        return f"{said[0].upper()}{said[1:]}."
    if not things:
        return f"It looks like {a(best[0])}." if best else instead(seen, exhibit)
    same = [thing for thing in things if thing.name == things[0].name]
    if best and best[1] >= PLAIN and things[0].name == "person":
        # Somebody beside what the whole is a picture of.
        return f"It looks like {a(best[0])}, with {joined(grouped(things)[:4])}."
    first = counted(things[0].name, same)
    rest = grouped([thing for thing in things if thing not in same])
    return f"{first[0].upper()}{first[1:]}{', with ' + joined(rest[:4]) if rest else ''}."


def in_a_word(seen: Sighting) -> str:
    """Name the main thing, or what the whole is a picture of, by its name alone."""
    named = listing(seen)
    best = seen.best
    name = named[0][0] if named else best[0] if best else "snow"
    return f"{name[:1].upper()}{name[1:]}"


def named(things: Iterable[Thing]) -> str:
    """Name things by their names alone: Dog, cat."""
    text = ", ".join(dict.fromkeys(thing.name for thing in things))
    return f"{text[:1].upper()}{text[1:]}"


def listing(seen: Sighting) -> list[tuple[str, int]]:
    """Count the things of each kind, the most prominent first."""
    things = sorted(seen.things, key=_prominence, reverse=True)
    return list(Counter(thing.name for thing in things).items())


def is_told(seen: Sighting) -> bool:
    """Say whether anything is seen that can be told."""
    return bool(seen.things) or seen.is_snow or seen.best is not None


def _prominence(thing: Thing) -> float:
    return thing.share * thing.probability * (1.5 if thing.name == "person" else 1.0)


def called(thing: Thing, *, plain: bool = False) -> str:
    """Name one thing, with what is narrower where that is known, and "probably" in doubt.

    `plain` leaves the doubt out.
    """
    name = a(thing.name)
    if thing.finer and thing.finer.lower() != thing.name:
        name += f" ({thing.finer})"
    return name if plain or thing.probability >= PLAIN else f"probably {name}"


def grouped(things: Iterable[Thing], *, plain: bool = False) -> list[str]:
    """Write things by kind: two people, probably a bench; `plain` leaves the doubt out."""
    ordered = sorted(things, key=_prominence, reverse=True)
    if ordered and "shape" in ordered[0].kind.above:
        return _shaped(ordered)
    kinds: dict[str, list[Thing]] = {}
    for thing in ordered:
        kinds.setdefault(thing.name, []).append(thing)
    return [counted(name, found, plain=plain) for name, found in kinds.items()]


def _shaped(things: Iterable[Thing]) -> list[str]:
    """Write shapes by colour and kind: two red circles."""
    found = Counter(
        f"{t.colour.full_name} {t.name}" if t.colour is not None else t.name
        for t in sorted(things, key=lambda t: -t.share)
    )
    return [a(name) if n == 1 else f"{number(n)} {plural(name)}" for name, n in found.items()]


def counted(name: str, found: Sequence[Thing], *, plain: bool = False) -> str:
    """Count a kind of things in words: two dogs, at least six chairs; `plain` without doubt."""
    if len(found) == 1:
        return called(found[0], plain=plain)
    sure = sum(thing.probability >= PLAIN for thing in found)
    many = "at least " if len(found) >= AT_LEAST else ""
    text = f"{many}{number(len(found))} {plural(name)}"
    return text if plain or sure else f"probably {text}"


def place(thing: Thing, exhibit: Exhibit) -> str:
    """Say where a thing is."""
    picture = exhibit.survey.picture
    if thing.share > 0.5:
        return "filling most of it"
    return where(thing.box, picture.width, picture.height)


def placed(things: Sequence[Thing], exhibit: Exhibit) -> str:
    """Say where the main things are, and what people are on or with."""
    chosen = sorted(things, key=_prominence, reverse=True)[:_MOST_PLACED]
    if not chosen:
        return ""
    told: list[str] = []
    with_people: set[int] = set()
    people = [t for t in chosen if t.name == "person"]
    for thing in things:
        near = [p for p in people if touches(p, thing)]
        if near and thing.name in RIDDEN and thing.name not in ("bench", "chair", "couch"):
            told.append(f"a person is on {a(thing.name)}")
            with_people.add(id(thing))
        elif near and thing.name in CARRIED:
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


def touches(first: Thing, second: Thing) -> bool:
    """Say whether the boxes of two things overlap."""
    a_, b = first.box, second.box
    return a_.x0 < b.x1 and b.x0 < a_.x1 and a_.y0 < b.y1 and b.y0 < a_.y1


def of(wanted: Meant, things: Iterable[Thing]) -> list[Thing]:
    """Choose the things that a word means."""
    return [
        thing
        for thing in things
        if thing.name in wanted.things or thing.finer.lower() == wanted.word
    ]


def standing_for(wanted: Meant, things: Sequence[Thing], seen: Sighting) -> list[Thing]:
    """Choose the things that a word means, or those that are what the whole is a picture of.

    A fire engine is no kind of the detector, which finds a truck where the whole shows one.
    """
    found = of(wanted, things)
    if found or wanted.things or mass(wanted, seen) < KIND:
        return found
    return [t for t in things if not wanted.classes.isdisjoint(t.kind.classes.tolist())][:1]


def is_narrower(wanted: Meant, found: Sequence[Thing]) -> bool:
    """Say whether what was found may be of another kind than the narrow one that was asked for."""
    return wanted.word in NARROWER and not any(t.finer.lower() == wanted.word for t in found)


def mass(wanted: Meant, seen: Sighting) -> float:
    """Say how likely the whole picture is of what a word means."""
    if seen.kinds is None or not wanted.classes:
        return 0.0
    return float(seen.kinds.probabilities[sorted(wanted.classes)].sum())


def shows(wanted: Meant, seen: Sighting) -> bool:
    """Say whether what a word means is seen: as a thing, or as what the whole is a picture of."""
    return bool(of(wanted, seen.things)) or mass(wanted, seen) >= KIND


def undecided(seen: Sighting, exhibit: Exhibit) -> str:
    """Decline what seeing does not answer, and say what was seen."""
    return f"I can't tell that. {instead(seen, exhibit)}"


def instead(seen: Sighting, exhibit: Exhibit) -> str:
    """Say what was surely seen, where something else was asked for."""
    groups = grouped([t for t in seen.things if t.probability >= PLAIN])
    if groups:
        return f"I see {joined(groups[:MOST_KINDS])}."
    best = seen.best
    if best:
        return f"It looks like {a(best[0])}."
    colours = joined([c.full_name for c in exhibit.survey.colours[:2]])
    if seen.things:
        return f"The picture is mostly {colours}."
    return (
        f"I recognise none of the things that I know in this photograph, which is mostly {colours}."
    )


def private(things: Sequence[Thing]) -> str:
    """Decline to guess who people are; say that they are there."""
    people = [t for t in things if t.name == "person"]
    seen = f" I see {counted('person', people)}." if people else " I see nobody in the picture."
    return f"I'm sorry, I can't identify people or guess their age, gender or feelings.{seen}"


def is_private(wanted: Meant) -> bool:
    """Say whether a word is one that only guessing at a person could answer."""
    return wanted.word in GUESSED


def absent(
    wanted: Meant,
    things: Sequence[Thing],
    seen: Sighting,
    exhibit: Exhibit,
    asked: Asked,
    *,
    no: str = "No",
) -> str:
    """Say what is known of a thing that was not found as one: no, not sure, or the whole is one.

    `no` is the word for that it is not there.
    """
    best = seen.best
    if mass(wanted, seen) >= KIND:
        return "Yes" if asked.terse else f"Yes, it looks like {a(_narrowest(wanted, best))}."
    name = plural(wanted.word)
    if wanted.things & seen.doubtful:
        return f"I'm not sure whether there is {a(wanted.word)}: something may be one. {instead(seen, exhibit)}"
    if wanted.things:
        none = (
            "I see none that I know" if wanted.is_broad and not seen.drawn else f"{no}, I see none"
        )
        return no if asked.terse else f"{none} (I looked for {name}). {instead(seen, exhibit)}"
    return f"I can't tell whether there is {a(wanted.word)}. {instead(seen, exhibit)}"


def _narrowest(wanted: Meant, best: tuple[str, float] | None) -> str:
    """Give the narrower of what was asked for and what the whole is a picture of."""
    known = vocabulary()
    if best is None or known is None:
        return wanted.word
    return best[0] if set(known.members(best[0]).tolist()) <= wanted.classes else wanted.word


def coloured(found: Sequence[Thing], colour: str) -> list[Thing] | None:
    """Choose those of a colour; None where that is not known of any, or not sure of one."""
    wanted = colour.lower().replace("gray", "grey")
    known = of_known_colour(found)
    chosen = [t for t, name in known if name.rsplit(maxsplit=1)[-1] == wanted or name == wanted]
    near = (t.colour is not None and t.colour.may_be(wanted) for t, _ in known if t not in chosen)
    return chosen if known and (chosen or not any(near)) else None


def unsure_colour(found: Sequence[Thing]) -> str:
    """Say that a colour is not sure, and what it looks like where any is known."""
    known = list(dict.fromkeys(name for _, name in of_known_colour(found)))
    if known:
        looks = "looks" if len(found) == 1 else "look"
        subject = f"the {found[0].name if len(found) == 1 else plural(found[0].name)}"
        return f"I'm not sure: {subject} {looks} {joined(known[:3])}."
    return f"I see {called(found[0])}, but can't tell its colour: no single one fills the middle of it."


def of_known_colour(found: Iterable[Thing]) -> list[tuple[Thing, str]]:
    """Give things with their colours, but for those whose middle does not tell it."""
    return [
        (t, t.colour.of_thing)
        for t in found
        if t.colour is not None and t.name not in _THIN and t.name != "person"
    ]


def none(wanted: Meant, exhibit: Exhibit) -> str:
    """Say that a thing is not seen, or that this is not sure; without a full stop."""
    seen = exhibit.survey.seen
    if seen is not None and wanted.things & seen.doubtful:
        return f"I'm not sure whether there is {a(wanted.word)}"
    return f"I see no {wanted.word}"


def number_of(count: int, name: str) -> str:
    """Write so many of something: two dogs."""
    return f"{number(count)} {name if count == 1 else plural(name)}"


def where(box: Box, width: int, height: int) -> str:
    """Say where a box lies: top left, centre, bottom and so on."""
    x, y = box.centre[0] / width, box.centre[1] / height
    across = "left" if x < 0.36 else ("right" if x > 0.64 else "")
    down = "top" if y < 0.34 else ("bottom" if y > 0.66 else "")
    wide = box.width > 0.6 * width
    if wide or not across:
        return {"top": "at the top", "bottom": "at the bottom"}.get(down, "in the middle")
    return f"at the {down or 'middle'} {across}"

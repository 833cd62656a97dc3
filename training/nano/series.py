"""Several pictures at once: frames of a film, pairs that differ in one thing, and a few of many."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from training.nano.questions import CANNOT, Asked, a, listed
from training.nano.things import Sprite
from training.nano.world import COLOURS, Scene, Thing, apart, scene

Sets = Sequence[Mapping[str, Sequence[Sprite]]]
_ORDINALS = ("first", "second", "third", "fourth")
_WAYS = {"to the left": (-1, 0), "to the right": (1, 0), "up": (0, -1), "down": (0, 1)}


@dataclass(frozen=True)
class Series:
    """Scenes in their order, and questions about them together."""

    scenes: tuple[Scene, ...]
    asked: tuple[Asked, ...]


def _pick(chance: random.Random, *wordings: str) -> str:
    return chance.choice(wordings)


def _upper(words: str) -> str:
    return words[0].upper() + words[1:]


def _unlike(chance: random.Random, sets: Sets, most: int) -> Scene:
    """Make a scene in which no two things have one name."""
    while True:
        made = scene(chance, sets, most=most)
        names = [thing.name for thing in made.things]
        if len(set(names)) == len(names):
            return made


def _free(thing: Thing, others: Sequence[Thing]) -> bool:
    half = thing.side / 2
    inside = half < thing.x < 1 - half and half < thing.y < 1 - half
    return inside and all(apart(thing.x, thing.y, thing.side, o) > 0.5 for o in others)


def frames(chance: random.Random, sets: Sets, count: int) -> Series:
    """Draw a short film: one thing moves, comes or goes, or nothing does."""
    while True:
        made = _unlike(chance, sets, 3)
        number = chance.randrange(len(made.things))
        thing = made.things[number]
        kind = chance.choice(("moves", "moves", "moves", "comes", "goes", "stays"))
        found = _moved(chance, made, number, count) if kind == "moves" else None
        if kind != "moves" or found is not None:
            break
    others = [t for t in made.things if t is not thing]
    name = thing.name
    asked: list[Asked] = []

    def ask(question: str, answer: str) -> None:
        asked.append(Asked(question, answer, "frames"))

    what = (
        "What happens?", "What is happening in this video?", "What happens in these frames?",
        "Describe the video.", "These are frames of a video. Describe it.", "What changes?",
    )  # fmt: skip
    if found is not None:
        shown, way = found
        ask(_pick(chance, *what), f"The {name} moves {way}.")
        ask(_pick(chance, "What moves?", "Which thing moves?"), f"The {name}.")
        ask(
            _pick(chance, f"Which way does the {name} move?", f"Where does the {name} go?"),
            f"{_upper(way)}.",
        )
        for other in others[:1]:
            ask(f"Does the {other.name} move?", "No.")
        ask(f"Does the {name} move?", "Yes.")
    elif kind == "stays":
        shown = [made] * count
        ask(_pick(chance, *what), "Nothing changes.")
        ask("What moves?", "Nothing.")
        ask(f"Does the {name} move?", "No.")
    else:
        at = chance.randint(1, count - 1)
        without = replace(made, things=tuple(others))
        first, then = (without, made) if kind == "comes" else (made, without)
        shown = [first] * at + [then] * (count - at)
        if kind == "comes":
            ask(_pick(chance, *what), f"{_upper(a(thing.words))} appears.")
            ask(_pick(chance, "What appears?", "What comes in?"), f"{_upper(a(thing.words))}.")
            ask(f"In which picture does the {name} appear?", f"In the {_ORDINALS[at]}.")
        else:
            ask(_pick(chance, *what), f"The {name} disappears.")
            ask(_pick(chance, "What disappears?", "What leaves?"), f"The {name}.")
            ask(f"In which picture is the {name} gone?", f"In the {_ORDINALS[at]}.")
        ask(
            f"Is there {a(thing.words)} in the first picture?", "No." if kind == "comes" else "Yes."
        )
        ask(f"Is there {a(thing.words)} in the last picture?", "Yes." if kind == "comes" else "No.")
    chance.shuffle(asked)
    ask(_pick(chance, "How many pictures are there?", "How many frames are there?"), str(count))
    return Series(tuple(shown), tuple(asked))


def _moved(
    chance: random.Random, made: Scene, number: int, count: int
) -> tuple[list[Scene], str] | None:
    thing = made.things[number]
    others = [t for t in made.things if t is not thing]
    way = chance.choice(list(_WAYS))
    step = chance.uniform(0.09, 0.2)
    across, down = _WAYS[way]
    path = [
        replace(thing, x=thing.x + i * step * across, y=thing.y + i * step * down)
        for i in range(count)
    ]
    if not all(_free(each, others) for each in path):
        return None
    scenes = []
    for each in path:
        things = list(made.things)
        things[number] = each
        scenes.append(replace(made, things=tuple(things)))
    return scenes, way


def pair(chance: random.Random, sets: Sets) -> Series:
    """Draw two pictures that differ in one thing, or do not."""
    while True:
        made = _unlike(chance, sets, 4)
        kind = chance.choice(("colour", "place", "gone", "new", "other", "size", "same"))
        number = chance.randrange(len(made.things))
        found = _changed(chance, sets, made, number, kind)
        if found is not None:
            break
    first, second, said = found
    same = kind == "same"
    asked = [
        Asked(
            _pick(chance, "What changed?", "What is different?", "Find the difference.",
                  "What is the difference between the two pictures?", "What has changed in the second picture?"),
            said, "differences",
        ),
        Asked(
            _pick(chance, "Are the two pictures the same?", "Are both pictures equal?"),
            "Yes." if same else "No.", "differences",
        ),
        Asked(
            _pick(chance, "Is there a difference between the pictures?", "Do the pictures differ?"),
            "No." if same else "Yes.", "differences",
        ),
    ]  # fmt: skip
    head, *rest = asked
    number = chance.randrange(2)
    shown = (first, second)[number]
    each = Asked(
        _pick(chance, f"What is in the {_ORDINALS[number]} picture?", f"What does the {_ORDINALS[number]} image show?"),
        f"{_upper(listed(shown))}.", "several",
    )  # fmt: skip
    return Series((first, second), (head, chance.choice(rest), each))


def _changed(
    chance: random.Random, sets: Sets, made: Scene, number: int, kind: str
) -> tuple[Scene, Scene, str] | None:
    """Give what it was, what it is, and what changed."""
    thing = made.things[number]
    others = [t for t in made.things if t is not thing]
    if kind == "same":
        return made, made, "Nothing changed."
    if kind in ("gone", "new"):
        if not others:
            return None
        less = replace(made, things=tuple(others))
        if kind == "gone":
            return made, less, f"The {thing.name} is gone."
        return less, made, f"{_upper(a(thing.words))} was added."
    if kind == "colour":
        far = [c for c in COLOURS if c not in (thing.colour, made.ground)]
        if thing.colour is None:
            return None
        changed = replace(thing, colour=chance.choice(far))
        said = f"The {thing.name} changed from {thing.colour} to {changed.colour}."
    elif kind == "place":
        way = chance.choice(list(_WAYS))
        across, down = _WAYS[way]
        step = chance.uniform(0.18, 0.5)
        changed = replace(thing, x=thing.x + step * across, y=thing.y + step * down)
        if not _free(changed, others):
            return None
        said = f"The {thing.name} moved {way}."
    elif kind == "size":
        factor = chance.choice((0.5, 0.6, 1.7, 2.0))
        changed = replace(thing, side=thing.side * factor)
        if not 0.09 < changed.side < 0.5 or not _free(changed, others):
            return None
        said = f"The {thing.name} became {'larger' if factor > 1 else 'smaller'}."
    else:
        name = chance.choice(sorted(sets[0]))
        if thing.colour is not None or any(name == t.name for t in made.things):
            return None
        changed = replace(thing, name=name)
        said = f"The {thing.name} became {a(name)}."
    things = list(made.things)
    things[number] = changed
    return made, replace(made, things=tuple(things)), said


def several(chance: random.Random, sets: Sets, count: int) -> Series:
    """Draw pictures that have nothing to do with each other."""
    scenes = [_unlike(chance, sets, 2) for _ in range(count)]
    asked = [
        Asked(_pick(chance, "How many pictures are there?", "How many images did I send?"),
              str(count), "several"),
    ]  # fmt: skip
    asked += [
        Asked(
            _pick(chance, f"What is in the {_ORDINALS[i]} picture?", f"What does the {_ORDINALS[i]} image show?"),
            f"{_upper(listed(scenes[i]))}.", "several",
        )
        for i in chance.sample(range(count), 2)
    ]  # fmt: skip
    i = chance.randrange(count)
    thing = chance.choice(scenes[i].things)
    where = [n for n in range(count) if any(t.words == thing.words for t in scenes[n].things)]
    if len(where) == 1:
        asked.append(Asked(
            _pick(chance, f"Which picture shows {a(thing.words)}?", f"In which picture is {a(thing.words)}?"),
            f"The {_ORDINALS[i]}.", "several",
        ))  # fmt: skip
    other = chance.randrange(count)
    asked.append(Asked(
        f"Is there {a(thing.words)} in the {_ORDINALS[other]} picture?",
        "Yes." if other in where else "No.", "several",
    ))  # fmt: skip
    asked.append(Asked(
        _pick(chance, "What do the pictures show?", "What are in these images?", "Describe the pictures."),
        " ".join(f"{_upper(_ORDINALS[n])}: {listed(scenes[n])}." for n in range(count)), "several",
    ))  # fmt: skip
    if chance.random() < 0.15:
        asked.append(Asked("When were these pictures made?", CANNOT, "can't tell"))
    head = asked.pop()
    chance.shuffle(asked)
    return Series(tuple(scenes), (head, *asked))

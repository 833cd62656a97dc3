"""Things in a film: what holds over several frames, with times.

One frame proves little: a bison in the mist is a cow in one and a dog in the next. So a thing is
told that is seen in two frames at least, and animals that are named differently are animals.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from sightline.engines.embedded.evidence import Exhibit
from sightline.engines.embedded.eyes.lexicon import a, meant, plural
from sightline.engines.embedded.words import joined
from sightline.perception import scene
from sightline.perception.things import Thing

_MOST = 8
_LEAST_SHARE = 0.01  # of the picture, once at least: a far animal is a person to the detector
_GAP = 2  # frames in which a thing may be missed
_AGREED = 0.7  # share of the frames with animals that have to name the same one
ANIMALS = frozenset(
    ("bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe")
)
_ANIMAL, _PERSON = "animal", "person"
_FAR = 0.05  # of the picture
_LEAST_FRAMES = 3  # with animals that nobody tells apart
_ALL_MASS = 0.3  # the classifier's for animals, on average
_KIND_MASS = 0.2  # and for the one that is named, in the frames with it


class Frames(Protocol):
    """What is told of a film's frames."""

    @property
    def exhibits(self) -> tuple[Exhibit, ...]:
        """What was measured in each."""

    def is_cut(self, place: int) -> bool:
        """Say whether another scene begins with a frame."""

    def span(self, first: int, last: int) -> str:
        """Say from when to when something is seen in the frames `first` to `last`."""


@dataclass(slots=True)
class LastingThing:
    """A kind of thing that holds from frame `first` to `last`, seen in `frames` of them.

    `most` is how many of it were seen at once.
    """

    name: str
    first: int
    last: int
    frames: int
    most: int

    @property
    def is_plural(self) -> bool:
        """Whether there are several, or animals that nobody told apart."""
        return self.most > 1 or self.name == _ANIMAL

    @property
    def noun(self) -> str:
        """Its name, as many as there are."""
        return plural(self.name) if self.is_plural else self.name


def things(shown: Frames) -> str:
    """Say which things are seen when; nothing where none holds."""
    held = stretches(shown)
    told = [f"{named(one)} {shown.span(one.first, one.last)}" for one in held[:_MOST]]
    snow = "It looks like snow. " if is_snow(shown) else ""
    if not told:
        return snow.strip()
    return f"{snow}I see {joined(told)}."


def brief(shown: Frames) -> str:
    """Name what is seen in a phrase; nothing where nothing holds."""
    names = list(dict.fromkeys(named(one) for one in stretches(shown)))[:4]
    snow = " in snow" if is_snow(shown) else ""
    if not names:
        return "Snow" if snow else ""
    text = joined(names)
    return f"{text[0].upper()}{text[1:]}{snow}"


def answer(text: str, shown: Frames) -> str | None:
    """Answer whether, when and how many of a thing are seen; None for other questions."""
    wanted = meant(text)
    if not wanted or not any(exhibit.survey.seen for exhibit in shown.exhibits):
        return None
    asks = re.match(
        r"\s*(?:is|are|do|does|can|did|was|were|any|when|at what time|how many|what|which|where)\b",
        text,
        re.IGNORECASE,
    )
    first = wanted[0]
    if not asks or not (first.things or first.word == _ANIMAL):
        return None
    names = first.things | ({_ANIMAL} if first.things & ANIMALS else frozenset())
    found = [one for one in stretches(shown) if one.name in names]
    if not found:
        seen = things(shown)
        return f"I see no {first.word} in more than one frame. {seen}".strip()
    if found[0].name == _ANIMAL and first.word != _ANIMAL and not first.things >= ANIMALS:
        return f"I see animals, but can't tell which. {things(shown)}"
    told = joined([f"{named(one)} {shown.span(one.first, one.last)}" for one in found[:4]])
    return f"I see {told}."


def named(one: LastingThing) -> str:
    """Write a thing for the first time: a bus, people."""
    return one.noun if one.is_plural else a(one.name)


def is_snow(shown: Frames) -> bool:
    """Say whether most frames together look like snow."""
    seen = [e.survey.seen.scene for e in shown.exhibits if e.survey.seen and e.survey.seen.scene]
    whole = scene.over(seen)
    return whole is not None and 2 * len(seen) >= len(shown.exhibits) and whole.is_snow


def stretches(shown: Frames) -> list[LastingThing]:
    """Follow kinds of things over the frames, those that are seen the longest first."""
    large = {
        thing.name
        for exhibit in shown.exhibits
        for thing in (exhibit.survey.seen.things if exhibit.survey.seen else ())
        if thing.share >= _LEAST_SHARE
    }
    by_frame = [
        Counter(thing.name for thing in exhibit.survey.seen.things if thing.name in large)
        if exhibit.survey.seen
        else Counter[str]()
        for exhibit in shown.exhibits
    ]
    for begin, end in _scenes(shown):
        _agree(by_frame[begin:end], shown.exhibits[begin:end])
    found: list[LastingThing] = []
    for place, names in enumerate(by_frame):
        for name, count in names.items():
            for one in found:
                if one.name == name and one.last >= place - 1 - _GAP:
                    one.last, one.frames, one.most = place, one.frames + 1, max(one.most, count)
                    break
            else:
                found.append(LastingThing(name, place, place, 1, count))
    least = 2 if len(shown.exhibits) > 2 else 1
    return sorted((s for s in found if s.frames >= least), key=lambda s: -s.frames)


def _scenes(shown: Frames) -> list[tuple[int, int]]:
    """Give the runs of frames that show one scene each; those of a scene show the same animals."""
    starts = [i for i in range(len(shown.exhibits)) if i == 0 or shown.is_cut(i)]
    return list(zip(starts, [*starts[1:], len(shown.exhibits)], strict=True))


def is_alive(name: str) -> bool:
    """Say whether a kind is of people or animals: of those one stands before another."""
    return name == _PERSON or name in ANIMALS


def is_far(name: str, share: float) -> bool:
    """Say whether somebody is so small that a far animal would be taken for him too."""
    return name == _PERSON and share < _FAR


def animals(exhibits: Sequence[Exhibit], sure: Collection[int]) -> dict[int, list[Thing]] | None:
    """Find the frames of one scene with animals whose kind is not sure, and these, the largest first.

    `sure` are the ids of those whose kind is. None where too few are seen, or nothing else says
    that they are animals.
    """
    found: dict[int, list[Thing]] = {}
    others: list[list[Thing]] = []
    for place, exhibit in enumerate(exhibits):
        seen = exhibit.survey.seen.things if exhibit.survey.seen else ()
        there = [t for t in seen if t.name in ANIMALS and id(t) not in sure]
        if any(thing.share >= _LEAST_SHARE for thing in there):
            found[place] = sorted(there, key=lambda thing: -thing.share)
        others.append([thing for thing in seen if thing.name == _PERSON])
    kinds = [e.survey.seen.kinds for e in exhibits if e.survey.seen and e.survey.seen.kinds]
    likely = sum(one.mass(_ANIMAL) for one in kinds) / len(kinds) if kinds else 0.0
    if len(found) < _LEAST_FRAMES or likely < _ALL_MASS:
        return None
    for place, people in enumerate(others):
        if people and place not in found and all(t.share < _FAR for t in people):
            found[place] = people[:1]  # a far animal is a person to the detector
    return found


def _are_far(by_frame: Sequence[Counter[str]], exhibits: Sequence[Exhibit], frames: int) -> bool:
    """Say whether people are small and seen in fewer frames than animals that nobody told apart.

    A far animal that runs is a person to the detector as easily as a dog.
    """
    shares = [
        thing.share
        for exhibit in exhibits
        for thing in (exhibit.survey.seen.things if exhibit.survey.seen else ())
        if thing.name == _PERSON
    ]
    with_people = sum(_PERSON in names for names in by_frame)
    return max(shares, default=0.0) < _FAR and with_people <= frames


def _agree(by_frame: list[Counter[str]], exhibits: Sequence[Exhibit]) -> None:
    """Call animals so where the frames do not agree on what they are."""
    seen = Counter(name for names in by_frame for name in names if name in ANIMALS)
    if not seen:
        return
    if len(by_frame) == 1:
        return  # there is nothing to agree with
    frames = sum(any(name in ANIMALS for name in names) for names in by_frame)
    kinds = [e.survey.seen.kinds for e in exhibits if e.survey.seen and e.survey.seen.kinds]
    likely = sum(one.mass(_ANIMAL) for one in kinds) / len(kinds) >= _ALL_MASS if kinds else False
    name, most = seen.most_common(1)[0]
    there = [
        e.survey.seen.kinds.mass(name)
        for e, names in zip(exhibits, by_frame, strict=True)
        if name in names and e.survey.seen and e.survey.seen.kinds
    ]
    # The classifier, who tells animals apart far better, has to think so too where it sees any.
    agrees = not likely or sum(there) >= _KIND_MASS * len(there)
    if most >= 2 and most >= _AGREED * frames and agrees:
        return
    known = ANIMALS
    if likely and _are_far(by_frame, exhibits, frames):
        known = ANIMALS | {_PERSON}
    for names in by_frame:
        several = sum(names.pop(name) for name in list(names) if name in known)
        if several:
            names[_ANIMAL] = several
    if likely and frames >= 2:  # those between are of the same animals, which the detector missed
        first = min(i for i, names in enumerate(by_frame) if _ANIMAL in names)
        last = max(i for i, names in enumerate(by_frame) if _ANIMAL in names)
        for i in range(first, last + 1):
            by_frame[i].setdefault(_ANIMAL, 1)

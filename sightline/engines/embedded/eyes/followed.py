"""Things followed from frame to frame of a film: each with its places, its name, how sure it is.

The view is followed too, so that what moves is told apart from what the camera passes by.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from sightline.engines.embedded.evidence import Exhibit
from sightline.engines.embedded.eyes import film_objects
from sightline.engines.embedded.eyes.film import FilmExhibit
from sightline.perception import camera, things
from sightline.perception.camera import Shift
from sightline.perception.rows import Box
from sightline.perception.things import Thing

_GAP = 2  # frames in which a thing may be missed
_NEAR, _ALIKE = 0.16, 2.6  # of the width, and times the size, by which it may differ a frame later
_OVERLAPS = 0.3
# Mean probability of living things, and of all else, that are told; share of the picture, at least.
_SURE_ALIVE, _SURE, _LEAST_SHARE = 0.68, 0.75, 0.012
_CERTAIN = 0.85  # mean probability of an animal that keeps its name whatever the others are
_AGREED = 0.7
_FOLLOWED = 0.6  # share of the frames with animals in which it is one and the same
_OWN_MASS = 0.2  # the classifier's for what it is called
_KIND, _SURE_KIND = 0.7, 0.85  # mean probability of what the whole is of: animals, all else
_SINGLE = 0.5  # of one kind of animal, where the whole surely is of animals
_STEADY = 0.008  # of the width, by which the view seems to move though it stands
_CHANGED = 14.0  # of 255: mean difference of a place in which something has come or gone
# Likeness of two frames below which a change is a cut, and where none was measured.
_SAME_SCENE, _OTHER_SCENE = 0.6, 0.1
# Kinds that only books call animals by.
SCHOLARLY = frozenset(
    "animal mammal carnivore vertebrate invertebrate arthropod canine feline ungulate ruminant "
    "placental chordate primate".split()
) | {"hoofed animal", "even-toed ungulate", "domestic animal", "aquatic mammal"}
_WORN = frozenset(("tie",))  # things that the detector sees in seams and belts
_ANIMAL = "animal"


@dataclass(slots=True)
class Followed:
    """One thing: the frames in which it was found, and as what; both of one length.

    Animals that nobody tells apart are one without `centres`; `most` are how many were seen at once.
    """

    places: list[int]
    things: list[Thing]
    name: str = ""
    centres: list[tuple[float, float]] = field(default_factory=list)
    most: int = 1

    @property
    def first(self) -> int:
        """The first frame with it."""
        return self.places[0]

    @property
    def last(self) -> int:
        """The last frame with it."""
        return self.places[-1]

    @property
    def probability(self) -> float:
        """How sure it is, over its frames."""
        return statistics.fmean(thing.probability for thing in self.things)

    @property
    def share(self) -> float:
        """The largest share of the picture that it takes."""
        return max(thing.share for thing in self.things)


@dataclass(frozen=True, slots=True)
class Take:
    """Frames `first` to `last`, which show one scene without a cut, and what is followed in them.

    `shifts` are how the view moves from each frame to the next, None where that is not known;
    `kind` is what the whole is a picture of, where that is sure.
    """

    first: int
    last: int
    shifts: tuple[Shift | None, ...]
    things: tuple[Followed, ...]
    kind: str

    def stands(self, first: int, last: int) -> bool:
        """Say whether the view surely stands still from one frame to another."""
        steps = self.shifts[max(first, self.first) - self.first : last - self.first]
        return all(s is not None and max(abs(s.x), abs(s.y), abs(s.zoom - 1)) < 0.01 for s in steps)

    def path(self, first: int, last: int) -> Shift | None:
        """Add up how the view moves from one frame to another; None where a step is not known."""
        x = y = 0.0
        zoom = 1.0
        for step in self.shifts[first - self.first : last - self.first]:
            if step is None:
                return None
            x, y, zoom = x * step.zoom + step.x, y * step.zoom + step.y, zoom * step.zoom
        return Shift(x, y, zoom)


def takes(shown: FilmExhibit) -> list[Take]:
    """Part a film at its cuts, and where scenes blend, and follow what is in each part.

    Frames that are blended of two scenes end the earlier one, and nothing in them is followed.
    """
    exhibits, blended = shown.exhibits, shown.blended
    pixels = [exhibit.survey.picture.pixels for exhibit in exhibits]
    steps: list[Shift | None] = []
    for place in range(1, len(pixels)):
        mixed = blended[place - 1] or blended[place]
        steps.append(None if mixed else camera.shift(pixels[place - 1], pixels[place]))
    cuts = [
        place
        for place, step in enumerate(steps, 1)
        if step is None and not blended[place] and (shown.is_blend(place) or _is_cut(shown, place))
    ]
    found = []
    for first, end in zip([0, *cuts], [*cuts, len(exhibits)], strict=True):
        shifts = tuple(steps[first : end - 1])
        part = exhibits[first:end]
        kind = _kind(part)
        found.append(Take(first, end - 1, shifts, _named(part, first, shifts, kind), kind))
    return found


def covered(one: Followed, all_: Sequence[Followed]) -> float:
    """Give how much of a thing's box, where it is first seen, boxes of the others lie over."""
    box = one.things[0].box
    free = np.ones((max(1, round(box.height)), max(1, round(box.width))), np.bool_)
    for other in all_:
        if other is not one and other.first <= one.first <= other.last:
            near = min(range(len(other.places)), key=lambda i: abs(other.places[i] - one.first))
            over = other.things[near].box
            left, right = (max(0, round(x - box.x0)) for x in (over.x0, over.x1))
            top, bottom = (max(0, round(y - box.y0)) for y in (over.y0, over.y1))
            free[top:bottom, left:right] = False
    return 1.0 - float(free.mean())


def _is_cut(shown: FilmExhibit, place: int) -> bool:
    """Say whether another scene begins with a frame that has no points in common with the last.

    What moves past the camera fast is no cut, nor what is laid over the picture.
    """
    before, now = (shown.exhibits[at].survey.picture.pixels for at in (place - 1, place))
    if before.shape != now.shape:
        return True
    likeness = camera.likeness(before, now)
    return likeness < (_SAME_SCENE if shown.is_cut(place) else _OTHER_SCENE)


def changed(shown: FilmExhibit, box: Box, before: int, after: int) -> bool:
    """Say whether a place of the picture looks different in two frames, as what came or went."""
    first, second = (_cut(shown.exhibits[place], box) for place in (before, after))
    if first.shape != second.shape or not first.size:
        return False
    return float(cv2.absdiff(first, second).mean()) >= _CHANGED


def _cut(exhibit: Exhibit, box: Box) -> np.ndarray:
    pixels = exhibit.survey.picture.pixels
    return np.ascontiguousarray(
        pixels[max(0, int(box.y0)) : int(box.y1), max(0, int(box.x0)) : int(box.x1)]
    )


def _kind(part: Sequence[Exhibit]) -> str:
    """Name what all frames together are a picture of; "" where that is not sure."""
    kinds = [e.survey.seen.kinds for e in part if e.survey.seen and e.survey.seen.kinds]
    if not kinds or 2 * len(kinds) < len(part):
        return ""
    mean = np.asarray(np.mean([one.probabilities for one in kinds], axis=0), np.float32)
    best = things.narrowest(kinds[0].vocabulary, mean, _KIND)
    if best is None or (best[1] < _SURE_KIND and not is_animal(part, best[0])):
        return ""  # rooms and streets look like many things
    single = things.narrowest(kinds[0].vocabulary, mean, _SINGLE)
    if best[0] in SCHOLARLY and single is not None and is_animal(part, single[0]):
        return best[0] if single[0] in SCHOLARLY else single[0]
    return best[0]


def _named(
    part: Sequence[Exhibit], first: int, shifts: Sequence[Shift | None], kind: str
) -> tuple[Followed, ...]:
    """Follow what is seen and choose what is sure enough to be told, the largest first."""
    least = 2 if len(part) > 2 else 1
    found = [each for each in _follow(part, shifts) if len(each.places) >= least]
    animals, others = [], []
    for each in found:
        names = Counter(thing.name for thing in each.things)
        each.name, most = names.most_common(1)[0]
        if each.name in film_objects.ANIMALS:
            animals.append((each, most))
        else:
            colour = each.things[0].colour
            if colour is not None and "shape" in each.things[0].kind.above:
                each.name = f"{colour.full_name} {each.name}"
            others.append(each)
    kept = [e for e in others if e.probability >= _bound(e.name) and e.name not in _WORN]
    for each, most in animals:
        each.name = _animal(each, most, part, kind)
        if each.probability >= (_SURE_ALIVE if each.name != _ANIMAL else 0.0):
            kept.append(each)
    loose = _unnamed(part, [e for e, _ in animals], kind)
    one = next((e for e in kept if e.name == _ANIMAL), None)
    if loose and one is not None and len(one.places) >= _FOLLOWED * len(loose[0].places):
        loose = []  # it is one that is followed, whatever it is
    if loose:
        kept = [e for e in kept if e.name != _ANIMAL and not film_objects.is_far(e.name, e.share)]
    kept += loose
    kept = [e for e in kept if e.share >= _LEAST_SHARE or not e.centres]
    for each in kept:
        each.places = [place + first for place in each.places]
    return tuple(sorted(kept, key=lambda e: (-e.share * len(e.places), e.first)))


def _bound(name: str) -> float:
    return _SURE_ALIVE if name == "person" else _SURE


def _animal(one: Followed, most: int, part: Sequence[Exhibit], kind: str) -> str:
    """Name an animal as its frames and the classifier agree; an animal where they do not."""
    seen = [part[place].survey.seen for place in one.places]
    kinds = [each.kinds for each in seen if each is not None and each.kinds is not None]
    likely = statistics.fmean(k.mass(_ANIMAL) for k in kinds) if kinds else 0.0
    own = statistics.fmean(k.mass(one.name) for k in kinds) if kinds else 0.0
    agreed = most >= _AGREED * len(one.places)
    if agreed and one.probability >= _CERTAIN and len(one.places) > 2:
        return one.name
    if own < _OWN_MASS and likely >= _KIND and is_animal(part, kind) and kind not in SCHOLARLY:
        return kind  # the whole is a picture of one that the detector does not know
    if agreed and (own >= _OWN_MASS or likely < 0.3):
        return one.name
    return _ANIMAL


def _unnamed(part: Sequence[Exhibit], followed: Sequence[Followed], kind: str) -> list[Followed]:
    """Find animals that come and go too fast to be followed, of which no kind is sure.

    They are what the whole is a picture of, where that is one kind.
    """
    sure = {id(thing) for each in followed if each.name != _ANIMAL for thing in each.things}
    found = film_objects.animals(part, sure)
    if found is None:
        return []
    places = sorted(found)
    name = kind if is_animal(part, kind) and kind not in SCHOLARLY else _ANIMAL
    most = max(len(there) for there in found.values())
    return [Followed(places, [found[place][0] for place in places], name, most=most)]


def is_animal(part: Sequence[Exhibit], kind: str) -> bool:
    """Say whether a kind is one of animals."""
    known = next(
        (e.survey.seen.kinds.vocabulary for e in part if e.survey.seen and e.survey.seen.kinds),
        None,
    )
    if known is None or not kind:
        return False
    return set(known.members(kind).tolist()) <= set(known.members(_ANIMAL).tolist())


def is_broad(shown: FilmExhibit, kind: str) -> bool:
    """Say whether a kind is one above others, not the name of one."""
    kinds: Iterable[object] = ()
    for exhibit in shown.exhibits:
        seen = exhibit.survey.seen
        if seen is not None and seen.kinds is not None:
            kinds = seen.kinds.vocabulary.members(kind)
            break
    return len(list(kinds)) != 1


def seen_at_once(exhibits: Sequence[Exhibit], name: str) -> int:
    """Count the things of a kind, sure or not, that most of some frames show."""
    counts = []
    for exhibit in exhibits:
        seen = exhibit.survey.seen
        boxes = [thing.box for thing in (seen.things if seen else ()) if thing.name == name]
        # One box over the middle of another is of the same thing, or of a part of it.
        counts.append(sum(not any(_over(b, o) for o in boxes[:i]) for i, b in enumerate(boxes)))
    return statistics.median_low(counts)


def _over(one: Box, other: Box) -> bool:
    return any(
        box.x0 <= x <= box.x1 and box.y0 <= y <= box.y1
        for box, (x, y) in ((one, other.centre), (other, one.centre))
    )


def is_moved(step: Shift | None) -> bool:
    """Say whether the view is known to have moved in a step."""
    return step is not None and max(abs(step.x), abs(step.y), abs(step.zoom - 1)) >= _STEADY


def _follow(part: Sequence[Exhibit], shifts: Sequence[Shift | None]) -> list[Followed]:
    """Link what is found in frames to things, by where they should be by then."""
    found: list[Followed] = []
    for place, exhibit in enumerate(part):
        seen = exhibit.survey.seen
        picture = exhibit.survey.picture
        free = [f for f in found if f.last >= place - 1 - _GAP]
        expected = {id(f): _expected(f, place, shifts) for f in free}
        for thing in sorted(seen.things if seen else (), key=lambda t: -t.probability):
            centre = thing.box.centre[0] / picture.width, thing.box.centre[1] / picture.height
            near = [
                (gap, i)
                for i, one in enumerate(free)
                if _may_be(one.things[-1], thing)
                and (gap := _gap(expected[id(one)], centre, one, thing, place)) is not None
            ]
            if near:
                one = free.pop(min(near)[1])
                one.places.append(place)
                one.things.append(thing)
                one.centres.append(centre)
            else:
                found.append(Followed([place], [thing], centres=[centre]))
    return found


def _may_be(first: Thing, second: Thing) -> bool:
    if first.name != second.name:
        return first.name in film_objects.ANIMALS and second.name in film_objects.ANIMALS
    same = first.colour is None or second.colour is None
    return "shape" not in first.kind.above or same or first.colour == second.colour


def _expected(one: Followed, place: int, shifts: Sequence[Shift | None]) -> tuple[float, float]:
    """Say where a thing would be by now that stays where it is."""
    x, y = one.centres[-1]
    for step in shifts[one.last : place]:
        if step is not None:
            x, y = step.moved(x, y)
    return x, y


def _gap(
    expected: tuple[float, float],
    centre: tuple[float, float],
    one: Followed,
    thing: Thing,
    place: int,
) -> float | None:
    """Say how far a thing is from where it was expected; None where it is another."""
    before = one.things[-1]
    gap = float(np.hypot(centre[0] - expected[0], centre[1] - expected[1]))
    larger = max(thing.share, before.share) / max(min(thing.share, before.share), 1e-6)
    reach = _NEAR * (place - one.last) + 0.25 * min(thing.share, before.share) ** 0.5
    if _overlap(before.box, thing.box) >= _OVERLAPS:
        return gap
    return gap if gap <= reach and larger <= _ALIKE else None


def _overlap(a: Box, b: Box) -> float:
    across = min(a.x1, b.x1) - max(a.x0, b.x0)
    down = min(a.y1, b.y1) - max(a.y0, b.y0)
    shared = max(0.0, across) * max(0.0, down)
    return shared / max(a.width * a.height + b.width * b.height - shared, 1e-9)

"""A film's narration: a text for each stretch, which tells what is new in it.

It says what is seen when it comes into view, what is written, where things are by then and when
they are gone, each once. A stretch in which nothing changes stays silent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sightline.engines.embedded.eyes import film
from sightline.engines.embedded.eyes.film import FilmExhibit
from sightline.engines.embedded.eyes.film_objects import LastingThing, is_snow, named, stretches
from sightline.engines.embedded.words import joined
from sightline.notes import Amount, SceneMovement
from sightline.types import Slot

_MOST_NAMES = 4
_MOST_LINES = 2
_SIDE = 0.2  # of the width, by which a thing has to have moved to be told


def narrate(shown: FilmExhibit, slots: Sequence[Slot]) -> list[str]:
    """Write a text for each slot, at most `words` long; "" where there is nothing to say."""
    teller = _Teller(shown)
    return [teller.tell(slot, last=i == len(slots) - 1) for i, slot in enumerate(slots)]


class _Teller:
    """Writes slot after slot and remembers what was said."""

    def __init__(self, shown: FilmExhibit) -> None:
        self._shown = shown
        self._held = stretches(shown)
        self._tracks = film.tracks(shown)
        self._snow = is_snow(shown)
        self._known: set[str] = set()  # names that were told
        self._visible: dict[str, LastingThing] = {}
        self._sides: dict[str, str] = {}
        self._read: set[str] = set()
        self._movement: Amount | None = None
        self._colours: list[str] = []
        self._begun = False

    def tell(self, slot: Slot, *, last: bool) -> str:
        """Write one slot's text."""
        places = [
            i
            for i, time_s in enumerate(self._shown.times)
            if time_s is not None
            and slot.start_s <= time_s + 1e-6
            and (time_s < slot.end_s or last)
        ]
        if not places:
            return ""
        now = {
            one.name: one
            for one in reversed(self._held)
            if any(one.first <= place <= one.last for place in places)
        }
        steps: tuple[Callable[[], str], ...] = (
            lambda: self._new(now),
            lambda: self._written(places),
            lambda: self._gone(now),
            lambda: self._moved(now, places),
        )
        said = [text for step in steps if (text := step())]
        if not now and not said:
            said = self._coloured(places)
        said.append(self._moving(slot))
        self._visible = now
        self._begun = True
        return _fitting([text for text in said if text], slot.words)

    def _new(self, now: dict[str, LastingThing]) -> str:
        new = [one for name, one in now.items() if name not in self._visible]
        new.sort(key=lambda one: -one.frames)
        back = [one for one in new if one.name in self._known][:_MOST_NAMES]
        fresh = [one for one in new if one.name not in self._known][:_MOST_NAMES]
        self._known.update(one.name for one in new)
        said = []
        if fresh:
            names = joined([named(one) for one in fresh])
            several = len(fresh) > 1 or fresh[0].is_plural
            if not self._begun:
                where = "In the snow there" if self._snow else "There"
                said.append(f"{where} {'are' if several else 'is'} {names}.")
            else:
                verb = "come" if several else "comes"
                said.append(f"{names[0].upper()}{names[1:]} {verb} into view.")
        elif self._snow and not self._begun:
            said.append("It looks like snow.")
        if back:
            names = joined([f"the {one.noun}" for one in back])
            several = len(back) > 1 or back[0].is_plural
            said.append(f"{names[0].upper()}{names[1:]} {'are' if several else 'is'} back.")
        return " ".join(said)

    def _gone(self, now: dict[str, LastingThing]) -> str:
        gone = [one for name, one in self._visible.items() if name not in now][:_MOST_NAMES]
        if not gone:
            return ""
        names = joined([f"the {one.noun}" for one in gone])
        several = len(gone) > 1 or gone[0].is_plural
        return f"{names[0].upper()}{names[1:]} {'are' if several else 'is'} out of sight."

    def _written(self, places: Sequence[int]) -> str:
        lines = [
            track.text
            for track in self._tracks
            if any(track.first <= place <= track.last for place in places)
            and track.text not in self._read
        ][:_MOST_LINES]
        self._read.update(lines)
        return f"It reads {joined([f'“{line}”' for line in lines])}." if lines else ""

    def _moved(self, now: dict[str, LastingThing], places: Sequence[int]) -> str:
        """Say where the thing that is seen longest is by then, if that is another side."""
        for name, one in now.items():
            if one.is_plural:
                continue
            side = self._side(name, places)
            before = self._sides.get(name)
            if side:
                self._sides[name] = side
            if before and side and side != before:
                return f"The {one.noun} is now {side}."
        return ""

    def _side(self, name: str, places: Sequence[int]) -> str:
        for place in reversed(places):
            exhibit = self._shown.exhibits[place]
            seen = exhibit.survey.seen
            found = [t for t in (seen.things if seen is not None else ()) if t.name == name]
            if len(found) == 1:
                middle = found[0].box.centre[0] / exhibit.survey.picture.width
                if middle < 0.5 - _SIDE:
                    return "on the left"
                return "on the right" if middle > 0.5 + _SIDE else "in the middle"
        return ""

    def _moving(self, slot: Slot) -> str:
        about = self._shown.about

        def shared_s(scene: SceneMovement) -> float:
            return min(scene.end_s, slot.end_s) - max(scene.start_s, slot.start_s)

        scene = max(about.movement if about is not None else (), key=shared_s, default=None)
        if scene is None or shared_s(scene) <= 0 or scene.amount == self._movement:
            return ""
        self._movement = scene.amount
        told = film.moves(scene)
        return f"{told[0].upper()}{told[1:]}."

    def _coloured(self, places: Sequence[int]) -> list[str]:
        colours = film.main_colours([self._shown.exhibits[place] for place in places])
        if colours == self._colours:
            return []
        first, self._colours = not self._colours, colours
        if first:
            return [f"It is mostly {joined(colours)}.", "I know nothing of it by name."]
        return [f"Now it is mostly {joined(colours)}."]


def _fitting(said: Sequence[str], words: int) -> str:
    """Keep the sentences that fit; of the first, which matters most, as much as does."""
    kept: list[str] = []
    for text in said:
        if len(" ".join([*kept, text]).split()) <= words:
            kept.append(text)
    if not kept and said:
        short = " ".join(said[0].split()[:words]).rstrip(",;. ")
        kept = [short.removesuffix(" and").rstrip(",") + "."]
    return " ".join(kept)

"""A film's narration: a text for each stretch, which tells what has happened by then.

A stretch is a moment from which on so many words may be said. Where stretches overlap, one begins
only when the words of the one before have been said, and a pause after them has passed, which is
the film's own. Nothing is said twice, and a scene in which nothing changes stays silent.
"""

from __future__ import annotations

from collections.abc import Sequence

from sightline.engines.embedded.eyes.film import FilmExhibit
from sightline.engines.embedded.eyes.happening import Happening
from sightline.engines.embedded.eyes.happenings import happenings
from sightline.engines.embedded.eyes.telling import Teller, spoken
from sightline.types import Slot

# After what was said: before what cannot wait, else in a silent film and in one with sound.
_GAP_S, _BREATH_S, _PAUSE_S = 0.1, 0.5, 1.0
# For which what is said of a scene may go on in the next, and what matters less.
_AFTER_CUT_S, _LESS_AFTER_S = 1.4, 0.2
_LEAST_WORDS = 3
_URGENT = 8  # weight from which on it waits for no pause
_MOST_SENTENCES = 4  # in a slot beside others; where slots overlap there is one for each
_SOON_S = 0.3  # by which a sentence may be early: frames are no closer than that
_OPENS = ("opens", "returns", "reads")  # which others make room for


def narrate(shown: FilmExhibit, slots: Sequence[Slot]) -> list[str]:
    """Write a text for each slot, at most `words` long; "" where there is nothing to say."""
    return _Script(shown).written(slots)


class _Script:
    """Goes through a film slot by slot and tells what waits to be told."""

    def __init__(self, shown: FilmExhibit) -> None:
        self._waiting = happenings(shown)
        self._teller = Teller()
        about = shown.about
        self._pause_s = _PAUSE_S if about is not None and about.audio else _BREATH_S
        self._ends = sorted({h.at_s for h in self._waiting if h.what in _OPENS})
        self._free_s = self._paused_s = 0.0

    def written(self, slots: Sequence[Slot]) -> list[str]:
        """Write all."""
        texts = []
        for i, slot in enumerate(slots):
            following = slots[i + 1].start_s if i + 1 < len(slots) else slot.end_s
            if slot.start_s < self._free_s - 1e-6:
                texts.append("")
                continue
            overlaps = following < slot.end_s
            text = self._next(slot) if overlaps else self._all(slot)
            if text:
                rate = slot.words / max(0.1, slot.end_s - slot.start_s)
                self._free_s = slot.start_s + spoken(text) / rate + _GAP_S
                if not overlaps:  # each of them has a text, however long it is
                    self._free_s = min(self._free_s, slot.end_s)
                self._paused_s = self._free_s + self._pause_s - _GAP_S
            texts.append(text)
        return texts

    def _all(self, slot: Slot) -> str:
        """Tell what happens in a slot that no other overlaps, in order."""
        said: list[str] = []
        for each in [h for h in self._waiting if slot.start_s < h.until_s and h.at_s < slot.end_s]:
            left = slot.words - spoken(" ".join(said))
            text = self._teller.sentence(each, left) if left >= _LEAST_WORDS or not said else ""
            if text:
                said.append(text)
                self._waiting.remove(each)
            if len(said) == _MOST_SENTENCES:
                break
        return " ".join(said)

    def _next(self, slot: Slot) -> str:
        """Tell what has waited and matters most, where there is time for it."""
        self._waiting = [h for h in self._waiting if h.until_s > slot.start_s]
        now = [h for h in self._waiting if h.at_s <= slot.start_s + _SOON_S]
        if slot.start_s < self._paused_s - 1e-6:
            now = [h for h in now if h.weight >= _URGENT]
        for each in sorted(self._latest(now), key=lambda h: (-h.weight, h.at_s)):
            room = self._room(slot, _AFTER_CUT_S if each.weight >= _URGENT else _LESS_AFTER_S)
            text = self._teller.sentence(each, room) if room >= _LEAST_WORDS else ""
            if text:
                self._waiting.remove(each)
                return text
        return ""

    def _latest(self, now: Sequence[Happening]) -> list[Happening]:
        """Leave out what belongs to a scene that is over."""
        if not now:
            return []
        scene = max(h.scene for h in now)
        return [h for h in now if h.scene == scene or h.what in ("reads", "signs")]

    def _room(self, slot: Slot, after_s: float) -> int:
        """Say how many words are left until `after_s` seconds after the next scene has begun."""
        rate = slot.words / max(0.1, slot.end_s - slot.start_s)
        soon_s = slot.start_s + after_s - _LESS_AFTER_S
        cut = next((end for end in self._ends if end > soon_s), slot.end_s)
        fitting = int(rate * (min(cut + after_s, slot.end_s) - slot.start_s) + 1e-6)
        return max(1, min(slot.words, fitting))

"""Lines of text in a film, followed from frame to frame."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sightline.engines.embedded import words
from sightline.engines.embedded.evidence import Exhibit

_ALIKE = 0.8  # two lines that OCR may have read from the same print


@dataclass(slots=True)
class Track:
    """A line of text, and the frames from `first` to `last` that show it."""

    first: int
    last: int
    variants: Counter[str]

    @property
    def text(self) -> str:
        """As it was read most often."""
        return self.variants.most_common(1)[0][0]


def tracks(exhibits: Sequence[Exhibit]) -> list[Track]:
    """Follow lines of text over a film's frames; one that is missed in one frame goes on."""
    tracks: list[Track] = []
    for place, exhibit in enumerate(exhibits):
        for line in exhibit.sheet.lines:
            for track in reversed(tracks):
                if track.last >= place - 2 and _alike(track.text, line):
                    track.last = place
                    track.variants[line] += 1
                    break
            else:
                tracks.append(Track(place, place, Counter([line])))
    # What OCR sees once in leaves and fur is short; print that is there is there for longer.
    return [t for t in tracks if t.last > t.first or len(words.squash(t.text)) > 2]


def _alike(a: str, b: str) -> bool:
    x, y = words.squash(a), words.squash(b)
    if x == y:
        return True
    # Counters and clocks differ by a digit, and that is what they say.
    if re.sub(r"\D", "", x) != re.sub(r"\D", "", y):
        return False
    return difflib.SequenceMatcher(None, x, y).ratio() >= _ALIKE

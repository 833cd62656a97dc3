"""Text on a film's screen that is worth reading out: what lasts, is sure, and is whole by then."""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from sightline.engines.embedded import words
from sightline.engines.embedded.eyes import text_tracks
from sightline.engines.embedded.eyes.film import FilmExhibit
from sightline.engines.embedded.eyes.text_tracks import Track
from sightline.perception.rows import Row

_MOST_LINES = 3
_SURE = 0.8  # mean score of a line's pieces
_TOGETHER = 1  # frames within which lines appear as one
_WORD = re.compile(r"[^\W\d_]{3,}|\d{2,}")
# Of small letters, or two digits, with nothing beside it.
_FRAGMENT = re.compile(r"\W*(?:[^\W\d_]*[a-z][^\W\d_]*|\d{1,2})\W*")
_BEGUN = 0.7  # of the letters that are left of a line, which are its own
_LEAST_LETTERS = 4  # of a fragment on a thing: shorter ones are parts of what is turned away


@dataclass(frozen=True, slots=True)
class Printed:
    """Lines that appear together, in reading order, and the frames from `first` to `last`."""

    first: int
    last: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    first: int
    last: int
    text: str
    top: float
    height: float
    scrolled: int  # the frame with which it came in, 0 where it stands


def printed(shown: FilmExhibit) -> list[Printed]:
    """Find what is to be read out, in order."""
    lines = _lines(shown)
    groups: list[list[_Line]] = []
    for line in lines:
        if groups and line.first - groups[-1][0].first <= _TOGETHER:
            groups[-1].append(line)
        else:
            groups.append([line])
    found = []
    for group in groups:
        chosen = sorted(group, key=lambda line: -line.height)[:_MOST_LINES]
        chosen.sort(key=lambda line: (line.scrolled, line.top))
        last = max(line.last for line in chosen)
        found.append(Printed(group[-1].first, last, tuple(line.text for line in chosen)))
    return found


def _lines(shown: FilmExhibit) -> list[_Line]:
    least = 2 if len(shown.exhibits) > 3 else 1
    found: list[_Line] = []
    tracks = text_tracks.tracks(shown.exhibits)
    for track in tracks:
        rows = _rows(shown, track)
        if len(rows) < least or not _WORD.search(track.text) or _goes_on(track, tracks):
            continue
        if is_fragment(track.text) and _is_on_a_thing(shown, track):
            continue
        score = statistics.fmean(p.score for _, row in rows for p in row.pieces)
        if score < _SURE or any(_holds(line.text, track.text) for line in found):
            continue
        whole = words.squash(track.text)
        exact = [place for place, row in rows if words.squash(row.text) == whole]
        box = rows[0][1].box
        height = shown.exhibits[rows[0][0]].survey.picture.height
        others = [each.text for each in tracks if each is not track]
        text = fresh(track.text, others).strip('“”"•·▪ ')
        first = exact[0] if exact else track.first
        scrolled = track.first if abs(rows[-1][1].box.y0 - box.y0) > box.height else 0
        found.append(_Line(first, track.last, text, box.y0 / height, box.height / height, scrolled))
    return sorted(found, key=lambda line: (line.first, line.top))


def _rows(shown: FilmExhibit, track: Track) -> list[tuple[int, Row]]:
    """Give the rows in which a line was read, with their frames."""
    read = {words.squash(text) for text in track.variants}
    return [
        (place, row)
        for place in range(track.first, track.last + 1)
        for row in shown.exhibits[place].survey.rows
        if words.squash(row.text) in read
    ]


def is_fragment(text: str) -> bool:
    """Say whether a text is a few small letters or digits, as are left of what is mostly hidden."""
    return len(words.squash(text)) < _LEAST_LETTERS and _FRAGMENT.fullmatch(text) is not None


def _is_on_a_thing(shown: FilmExhibit, track: Track) -> bool:
    return shown.exhibits[track.first].survey.look.kind == "photograph"


def _goes_on(track: Track, tracks: Sequence[Track]) -> bool:
    """Say whether a line is one that is being written, and is longer a moment later."""
    begun = words.squash(track.text)
    return any(
        other is not track
        and track.first <= other.first <= track.last + 2
        and words.squash(other.text) != begun
        and words.squash(other.text).startswith(begun)
        for other in tracks
    )


def fresh(line: str, others: Sequence[str]) -> str:
    """Leave out what is left of another line beside one that covers it, as a dialogue box does."""
    known = [words.squash(other) for other in others]
    cells = re.split(r"\s{2,}", line)
    left = [cell for cell in cells if not any(_begins(each, words.squash(cell)) for each in known)]
    return "  ".join(left if any(map(_WORD.search, left)) else cells)


def _begins(line: str, begun: str) -> bool:
    """Say whether a line begins so; where it is cut off the last letters may be read otherwise."""
    if len(line) < len(begun):
        return False
    pairs = enumerate(zip(line, begun, strict=False))
    return next((i for i, (a, b) in pairs if a != b), len(begun)) >= _BEGUN * len(begun)


def _holds(line: str, text: str) -> bool:
    """Say whether a line has been read that says this too, as one that leaves the picture does."""
    return words.squash(text) in words.squash(line)

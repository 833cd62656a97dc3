"""Which frames of a film are looked at: the one place where a plan becomes frames.

A plan is told in the user's terms and said back in them; what comes out are places in
presentation order.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from sightline.errors import InvalidRequest
from sightline.media.scene_changes import Changes
from sightline.media.video import Film
from sightline.types import Sampling

# Unless told otherwise no more than these many a second: they would hardly differ.
_USUAL_FPS = 2.0


_UNKNOWN = Changes()


def looks_for_changes(sampling: Sampling) -> bool:
    """Say whether a plan depends on what happens in the film."""
    return not (sampling.frames or sampling.every_s or sampling.fps or sampling.stride)


def chosen(
    film: Film, sampling: Sampling, frame_tokens: int, changes: Changes = _UNKNOWN
) -> tuple[int, ...]:
    """Give the places of the frames to look at, rising, each once.

    `frame_tokens` is what one frame costs; `changes` is what happens in the stretch asked for.
    Raises `InvalidRequest` for a stretch of time in which there is no frame.
    """
    first, last = stretch(film, sampling)
    if sampling.stride is not None:
        found = list(range(first, last, sampling.stride))
    elif sampling.every_s is not None or sampling.fps is not None:
        step = sampling.every_s if sampling.every_s is not None else 1 / (sampling.fps or 1)
        found = _every(film, first, last, step)
    elif sampling.scenes:
        found = _happenings(first, last, sampling.most, changes)
    elif sampling.frames is not None:
        found = _evenly(film, first, last, sampling.frames)
    else:
        length = film.time_s(last - 1) - film.time_s(first)
        affordable = max(1, sampling.budget // max(1, frame_tokens))
        count = max(1, min(affordable, sampling.most, math.ceil(length * _USUAL_FPS)))
        found = _scene_aware(film, first, last, count, changes.cuts)
    if sampling.nearest_key:
        found = [_key_before(film, place) for place in found]
    return tuple(_thinned(sorted(set(found)), sampling.most))


def _thinned(found: list[int], most: int) -> list[int]:
    if len(found) <= most:
        return found
    return [found[round(i * (len(found) - 1) / (most - 1 or 1))] for i in range(most)]


def _happenings(first: int, last: int, most: int, changes: Changes) -> list[int]:
    """Give where scenes begin, and of where much happens as many as there is room for."""
    cuts = [first, *(cut for cut in changes.cuts if first < cut < last)]
    others = [m for m in changes.moments if first < m < last and m not in set(cuts)]
    room = most - len(cuts)
    return [*cuts, *(_thinned(others, room) if room > 0 else [])]


def _key_before(film: Film, place: int) -> int:
    key = bisect_right(film.keys, film.pts[place]) - 1
    return bisect_left(film.pts, film.keys[key]) if key >= 0 else place


def stretch(film: Film, sampling: Sampling) -> tuple[int, int]:
    """Give the first place of the stretch asked for, and the one after its last."""
    first = bisect_right(film.pts, _pts(film, sampling.start_s) - 1) if sampling.start_s > 0 else 0
    last = film.frames
    if sampling.end_s is not None:
        last = bisect_right(film.pts, _pts(film, sampling.end_s))
    if first >= last:
        raise InvalidRequest(
            f"The film has no frame from {sampling.start_s:g} s to "
            f"{film.duration_s if sampling.end_s is None else sampling.end_s:g} s.",
            hint=f"It lasts {film.duration_s:.1f} s.",
        )
    return first, last


def _pts(film: Film, time_s: float) -> int:
    # A hair on, so that a time that was printed rounded finds its own frame.
    return film.pts[0] + math.floor(time_s / float(film.time_base) + 0.01)


def _shown_at(film: Film, time_s: float, first: int, last: int) -> int:
    place = bisect_right(film.pts, _pts(film, time_s)) - 1
    return min(max(place, first), last - 1)


def _every(film: Film, first: int, last: int, step: float) -> list[int]:
    begun, end = film.time_s(first), film.time_s(last - 1)
    count = min(film.frames, math.floor((end - begun) / step + 1e-6) + 1)
    return [_shown_at(film, begun + i * step, first, last) for i in range(count)]


def _evenly(film: Film, first: int, last: int, count: int) -> list[int]:
    """Give the frames in the middle of `count` equal stretches of time."""
    if count >= last - first:
        return list(range(first, last))
    begun = film.time_s(first)
    end = film.duration_s if last == film.frames else film.time_s(last)
    step = (end - begun) / count
    found = {_shown_at(film, begun + (i + 0.5) * step, first, last) for i in range(count)}
    spare = (place for place in range(first, last) if place not in found)
    while len(found) < count:  # of frames at uneven times two stretches may show the same one
        found.add(next(spare))
    return sorted(found)


def _scene_aware(film: Film, first: int, last: int, count: int, cuts: Sequence[int]) -> list[int]:
    """Give a frame for each of `count` stretches: where a scene begins in it, else its middle."""
    begun = film.time_s(first)
    end = film.duration_s if last == film.frames else film.time_s(last)
    step = (end - begun) / count
    inside = [cut for cut in cuts if first <= cut < last]
    found = []
    for i in range(count):
        middle = _shown_at(film, begun + (i + 0.5) * step, first, last)
        low, high = begun + i * step, begun + (i + 1) * step
        here = [cut for cut in inside if low <= film.time_s(cut) < high]
        found.append(here[-1] if here else middle)
    return found

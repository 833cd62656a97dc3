"""Where a narration may be heard in a film in which somebody speaks: in the pauses. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from sightline.errors import SightlineError

Pause = tuple[float, float]  # from when to when nobody speaks, in seconds

# The film's sound comes back after a narration before it is needed, and is never ducked while
# somebody speaks: `media/mixing` takes 0.12 s to lower it and 0.35 s to bring it back.
_AFTER_S, _BEFORE_S = 0.2, 0.4
LEAST_S = 1.2  # a shorter pause has no room for a sentence


def pauses(speech: Sequence[tuple[float, float]], end_s: float) -> tuple[Pause, ...]:
    """Give the stretches of a film in which a narration may be heard.

    `speech` is from when to when somebody speaks, in order; `end_s` is the film's end. A film
    without speech is one pause.
    """
    found: list[Pause] = []
    begin = 0.0
    for start_s, stop_s in speech:
        if start_s - _BEFORE_S - begin >= LEAST_S:
            found.append((begin, start_s - _BEFORE_S))
        begin = max(begin, stop_s + _AFTER_S)
    if end_s - begin >= LEAST_S or not speech:
        found.append((begin, end_s))
    return tuple(found)


def between(stretches: Sequence[Pause], free: Sequence[Pause]) -> list[Pause]:
    """Cut stretches of a film to its pauses; what is too short then is left out."""
    cut = [
        (max(start_s, begin), min(end_s, stop))
        for start_s, end_s in stretches
        for begin, stop in free
        if min(end_s, stop) - max(start_s, begin) >= min(LEAST_S, end_s - start_s)
    ]
    return sorted(cut)


def no_pause() -> SightlineError:
    """Say that there is none."""
    return SightlineError(
        "Somebody speaks all through the film: there is no pause for a narration.",
        hint="With listen off it is spoken over the film's sound; or drop that sound.",
    )

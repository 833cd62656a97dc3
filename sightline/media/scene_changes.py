"""What happens in a film, by cheap differences between small grey pictures.

Where the frames are few enough every one is compared with the one before; of long films the key
frames are, which encoders put where scenes change.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import get_args

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from sightline.media.frames import laid
from sightline.media.video import Film, Source, decoder, opened, packets, picture_stream
from sightline.types import About, Amount, Place, SceneMovement

Grey = NDArray[np.uint8]

_SIDE = 64
_MOST_PIXELS = 2_000_000_000  # of all frames together, if every one is to be compared
# Differences are means over the picture, of 255.
_CUT = 12.0
_CUT_OVER_USUAL = 4.0
_MUCH = 14.0
_MOVES = 0.35
_SAME = 0.7
_BLACK, _BLACK_SPREAD = 20.0, 6.0
_APART_S = 0.25  # two cuts closer than this are a flash
_PUSHED_S = 0.1  # between frames in which one scene pushes another aside
_MOMENTS_APART_S = 0.5
_STRETCH_S = 0.5
_STILL_S = 1.0
_USUAL = 60  # frames over which a difference is usual
_PLACES: tuple[Place, ...] = get_args(Place)
_LEAST_SHARE = 0.2  # of nine cells: less is everywhere


@dataclass(frozen=True, slots=True)
class Movement:
    """How much moves in one scene.

    `amount` is the mean difference between neighbouring frames, of 255; `place` is the cell of
    three by three, from the top left, with most of it and `share` that cell's part of the whole.
    """

    start_s: float
    end_s: float
    amount: float
    place: int
    share: float


@dataclass(frozen=True, slots=True)
class Changes:
    """What was found in the stretch from one place to another.

    `cuts` are the places where a scene begins, but for the first. `moments` are where the picture
    has become another since the moment before, cuts among them. `black` and `still` are stretches
    in seconds. `movement` is told of each scene where every frame was compared (`whole`).
    """

    cuts: tuple[int, ...] = ()
    moments: tuple[int, ...] = ()
    black: tuple[tuple[float, float], ...] = ()
    still: tuple[tuple[float, float], ...] = ()
    movement: tuple[Movement, ...] = ()
    whole: bool = False


def changes(source: Source, film: Film, first: int = 0, last: int | None = None) -> Changes:
    """Compare the frames from place `first` up to, but without, `last`.

    Raises what FFmpeg raises when the film cannot be opened again.
    """
    last = film.frames if last is None else last
    whole = (last - first) * film.width * film.height <= _MOST_PIXELS
    finder = _Finder(film, first, whole)
    for place, grey in _greys(source, film, first, last, whole):
        finder.take(place, grey)
    return finder.found(last)


class _Finder:
    """Takes the grey frames one after the other; holds a few of them at most."""

    def __init__(self, film: Film, first: int, whole: bool) -> None:
        self._film, self._first, self._whole = film, first, whole
        self._before: Grey | None = None
        self._moment: Grey | None = None
        self._anchor: Grey | None = None
        self._anchor_s = 0.0
        self._gaps: deque[float] = deque(maxlen=_USUAL)
        self._pushed = 0.0  # the difference with which a scene began that is still on its way
        self._cuts: list[int] = []
        self._moments: list[int] = []
        self._black = _Stretches(_STRETCH_S)
        self._still = _Stretches(_STILL_S)
        self._movement: list[Movement] = []
        self._cells = np.zeros((3, 3))
        self._compared = 0

    def take(self, place: int, grey: Grey) -> None:
        """Take the next frame."""
        time_s = self._film.time_s(place)
        dark = float(grey.mean()) < _BLACK and float(grey.std()) < _BLACK_SPREAD
        self._black.take(time_s, dark, time_s)
        if self._before is None or self._moment is None or self._anchor is None:
            self._before = self._moment = self._anchor = grey
            self._anchor_s = time_s
            return
        difference = np.asarray(cv2.absdiff(grey, self._before), np.uint8)
        gap = float(difference.mean())
        usual = float(np.median(self._gaps)) if self._gaps else 0.0
        self._gaps.append(gap)
        over, since_s = gap > max(_CUT, _CUT_OVER_USUAL * usual), self._since(self._cuts, place)
        if over and 0 < self._pushed <= 2 * gap and since_s <= _PUSHED_S:
            self._goes_on(place, time_s, grey)
        elif over and since_s > _APART_S:
            self._scene_ends(place)
            self._cuts.append(place)
            self._mark(place, grey)
            self._pushed = gap
        else:
            self._pushed = 0.0
            self._cells += _cells(difference)
            self._compared += 1
            if (
                self._since(self._moments, place) > _MOMENTS_APART_S
                and float(cv2.absdiff(grey, self._moment).mean()) > _MUCH
            ):
                self._mark(place, grey)
        same = float(cv2.absdiff(grey, self._anchor).mean()) < _SAME
        if not same:
            self._anchor = grey
            self._anchor_s = time_s
        self._still.take(time_s, same, self._anchor_s)
        self._before = grey

    def found(self, last: int) -> Changes:
        """Give what was found, the last frame being before place `last`."""
        film = self._film
        end = film.duration_s if last >= film.frames else film.time_s(last)
        self._scene_ends(last)
        return Changes(
            tuple(self._cuts),
            tuple(self._moments),
            self._black.ended(end),
            # Two key frames that are alike say nothing of what is between them.
            self._still.ended(end) if self._whole else (),
            tuple(self._movement) if self._whole else (),
            self._whole,
        )

    def _since(self, places: list[int], place: int) -> float:
        before = places[-1] if places else self._first
        return self._film.time_s(place) - self._film.time_s(before)

    def _mark(self, place: int, grey: Grey) -> None:
        self._moments.append(place)
        self._moment = grey

    def _goes_on(self, place: int, time_s: float, grey: Grey) -> None:
        """Let the scene begin here, as it has not come whole before: it is pushed or whipped in."""
        self._cuts[-1] = self._moments[-1] = place
        self._movement[-1] = replace(self._movement[-1], end_s=time_s)
        self._moment = grey

    def _scene_ends(self, place: int) -> None:
        film = self._film
        begun = film.time_s(self._cuts[-1] if self._cuts else self._first)
        end = film.duration_s if place >= film.frames else film.time_s(place)
        total = float(self._cells.sum())
        amount = total / 9 / self._compared if self._compared else 0.0
        strongest = int(self._cells.argmax())
        share = float(self._cells.max()) / total if total else 0.0
        self._movement.append(Movement(begun, end, amount, strongest, share))
        self._cells = np.zeros((3, 3))
        self._compared = 0


class _Stretches:
    """Joins the times at which something holds to stretches of at least some length."""

    def __init__(self, least_s: float) -> None:
        self._least = least_s
        self._found: list[tuple[float, float]] = []
        self._begun: float | None = None

    def take(self, time_s: float, holds: bool, since_s: float) -> None:
        """Say whether it holds at a time, and since when if it does."""
        if holds and self._begun is None:
            self._begun = since_s
        elif not holds and self._begun is not None:
            self._close(time_s)

    def ended(self, end_s: float) -> tuple[tuple[float, float], ...]:
        """Give the stretches, the last of which lasts to the end if it lasts."""
        if self._begun is not None:
            self._close(end_s)
        return tuple(self._found)

    def _close(self, time_s: float) -> None:
        if self._begun is not None and time_s - self._begun >= self._least:
            self._found.append((self._begun, time_s))
        self._begun = None


def _cells(difference: Grey) -> NDArray[np.float64]:
    return np.asarray(
        cv2.resize(difference.astype(np.float64), (3, 3), interpolation=cv2.INTER_AREA)
    )


def summary(film: Film, found: Changes | None, first_s: float = 0.0) -> About:
    """Put together what is known of a film; what was found begins at `first_s`."""
    size = film.width, film.height
    told = About(film.duration_s, film.frames, size, film.audio, film.damaged)
    if found is None:
        return told
    return replace(
        told,
        scenes=(first_s, *(film.time_s(cut) for cut in found.cuts)),
        black=found.black,
        still=found.still,
        movement=tuple(
            SceneMovement(m.start_s, m.end_s, _amount(m), _where(m)) for m in found.movement
        ),
    )


def _amount(movement: Movement) -> Amount:
    if movement.amount < _MOVES:
        return "none"
    return "little" if movement.amount < 1.5 else "moderate" if movement.amount < 5 else "strong"


def _where(movement: Movement) -> Place | None:
    return _PLACES[movement.place] if movement.share >= _LEAST_SHARE else None


def _greys(
    source: Source, film: Film, first: int, last: int, whole: bool
) -> Iterator[tuple[int, Grey]]:
    place_of = {pts: place for place, pts in enumerate(film.pts)}
    with opened(source) as container:
        stream = picture_stream(container)
        stream.thread_type = "AUTO"
        context = decoder(stream)
        if not whole:
            context.skip_frame = "NONKEY"
        if first > 0 and not film.stamps:
            container.seek(film.pts[first], stream=stream, backward=True)
        for packet in chain(packets(container, stream, film), [None]):
            try:
                shown = context.decode(packet)
            except av.error.FFmpegError:
                continue
            for frame in shown:
                place = place_of.get(frame.pts or 0)
                if place is None or place < first:
                    continue
                if place >= last:
                    return
                small = laid(frame).reformat(_SIDE, _SIDE, "gray8", interpolation="AREA")
                yield place, np.ascontiguousarray(small.to_ndarray())

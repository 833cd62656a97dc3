"""What is told of a film or a page beside its pictures: facts, written where they leave.

A film or a document of a request becomes pictures with these between them. `api/notes` has the
words for servers and models, the embedded engine answers from the facts themselves.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Amount = Literal["none", "little", "moderate", "strong"]
Place = Literal[
    "at the top left", "at the top", "at the top right", "at the left", "in the middle",
    "at the right", "at the bottom left", "at the bottom", "at the bottom right",
]  # fmt: skip
Stretch = tuple[float, float]


@dataclass(frozen=True, slots=True)
class SceneMovement:
    """How much moves in a scene, and the place that has most of it; None where it is all over."""

    start_s: float
    end_s: float
    amount: Amount
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class About:
    """A film in short; times are in seconds.

    `size` is (width, height) in pixels. `scenes` are the times at which scenes begin, the first
    among them; None where nobody looked. In `black` stretches the picture is black, in `still` ones
    nothing changes. `looked` are how many frames were looked at in parts, where the whole is told
    of with fewer beside it.
    """

    duration_s: float
    total: int
    size: tuple[int, int]
    audio: bool
    damaged: bool
    scenes: tuple[float, ...] | None = None
    black: tuple[Stretch, ...] = ()
    still: tuple[Stretch, ...] = ()
    movement: tuple[SceneMovement, ...] = ()
    looked: int = 0


@dataclass(frozen=True, slots=True)
class FilmNote:
    """A film whose frames follow; `heard` says that what is said in it is told."""

    about: About
    heard: bool = False


@dataclass(frozen=True, slots=True)
class FrameNote:
    """When the frame that follows is shown, in seconds from the film's first."""

    time_s: float


@dataclass(frozen=True, slots=True)
class SaidNote:
    """What is said in a film around here: from when to when, in seconds, and the words.

    The words are somebody else's, as `quoting.tamed` leaves them, each in one line.
    """

    said: tuple[tuple[float, float, str], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class PageNote:
    """The page that follows, the first of which is 1: of how many, of which file, with which text.

    `name` and `text` are somebody else's, as `quoting.tamed` leaves them.
    """

    page: int
    of: int
    name: str = field(repr=False)
    text: str = field(repr=False)


Note = FilmNote | FrameNote | SaidNote | PageNote

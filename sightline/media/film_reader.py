"""Reading a film in a process of its own: the order, the process, what it tells, its frames."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from sightline.errors import ImageError, UnreadFilm
from sightline.media.film_json import from_plain
from sightline.processes import Ended, Process, running
from sightline.settings import Settings
from sightline.types import About, Detail, Frame, Sampling

_MOST_LINE = 1 << 20


@dataclass(frozen=True, slots=True)
class FilmOrder:
    """What is to be read of a film, and within which bounds.

    Frames are sized for `detail` by the formula of `profile`. With `survey` what happens in the
    film is looked for, also where the plan does not need it; without `decode` no frame is decoded.
    Bounds of 0 are none: seconds of processor time, the film's seconds, pixels of one frame, and
    of all frames chosen together.
    """

    sampling: Sampling
    profile: str
    detail: Detail
    survey: bool = False
    decode: bool = True
    threads: int = 1
    cpu_s: float = 0.0
    most_s: float = 0.0
    most_frame_pixels: int = 0
    most_pixels: int = 0


@dataclass(slots=True)
class DecodedFilm:
    """A film being read: what is told of it, places and times of the frames chosen, the frames."""

    about: About
    chosen: tuple[tuple[int, float], ...]
    tokens: int
    param: str
    _process: Process = field(repr=False)

    async def frames(self) -> AsyncIterator[Frame]:
        """Give the frames chosen, in order; those that cannot be decoded are left out.

        Raises `ImageError` where the reading process ended.
        """
        while True:
            try:
                told = await self._process.line()
                if "end" in told:
                    return
                shape = told["height"], told["width"], 3
                pixels = await self._process.read(shape[0] * shape[1] * 3)
            except Ended:
                raise _ended(self.param) from None
            yield Frame(
                told["index"], told["time_s"], np.frombuffer(pixels, np.uint8).reshape(shape)
            )


@asynccontextmanager
async def reading(
    film: Path | bytes | list[bytes], order: FilmOrder, param: str
) -> AsyncIterator[DecodedFilm]:
    """Start reading a film; leaving the context ends the process.

    A film in pieces is taken out of its list as it goes there, so that it is not held twice. Raises
    `ImageError` with `param` for what is no film, or over a bound.
    """
    head: dict[str, Any] = asdict(order)
    if isinstance(film, Path):
        head["path"] = str(film)
        pieces = []
    else:
        pieces = [film] if isinstance(film, bytes) else film
        head["bytes"] = sum(map(len, pieces))
    module = "sightline.media.film_child"
    async with running(module, head, _taken(pieces), longest_line=_MOST_LINE) as process:
        try:
            told = await process.line()
        except Ended:
            raise _ended(param) from None
        if "error" in told:
            raise (UnreadFilm if told["is_film"] else ImageError)(
                told["error"], param=param, code=told["code"] or "invalid_value", hint=told["hint"]
            )
        chosen = tuple((place, time_s) for place, time_s in told["chosen"])
        yield DecodedFilm(from_plain(told["about"]), chosen, told["tokens"], param, process)


def _taken(pieces: list[bytes]) -> Iterator[bytes]:
    while pieces:
        yield pieces.pop(0)


def _ended(param: str) -> ImageError:
    return ImageError(
        "The video cannot be decoded.",
        param=param,
        code="invalid_video",
        hint="It ended its decoder, or took more memory or time than it may.",
    )


def bounded(sampling: Sampling, most: int) -> Sampling:
    """Give a plan that takes no more than `most` frames."""
    return replace(sampling, most=min(sampling.most, most))


def within(order: FilmOrder, settings: Settings, films: int = 1) -> FilmOrder:
    """Hold an order to the bounds of the settings, of which it has a share among `films`."""
    return replace(
        order,
        sampling=bounded(order.sampling, settings.max_video_frames),
        cpu_s=settings.video_decode_s,
        most_s=settings.max_video_s,
        most_frame_pixels=settings.max_image_pixels,
        most_pixels=settings.max_images_pixels // max(1, films),
    )

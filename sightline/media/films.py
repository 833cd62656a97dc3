"""Films of a question to frames: fetched as pictures are, decoded in a process of its own.

Each film becomes its frames in order, every one after a note that says when it was shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sightline.errors import ImageError
from sightline.media import data_url, file_kinds
from sightline.media import image as images
from sightline.media import image_tokens as details
from sightline.media.as_sent import Guard
from sightline.media.fetch import Fetcher
from sightline.media.film_reader import DecodedFilm, FilmOrder, reading, within
from sightline.media.prepare import FilmGuard
from sightline.media.request_limits import check_parts, holding
from sightline.media.subtitles import Cue
from sightline.media.unreadable_film import refusal
from sightline.quoting import tamed
from sightline.settings import Settings
from sightline.types import (
    Detail,
    FilmNote,
    FrameNote,
    Hold,
    Part,
    Picture,
    Question,
    SaidNote,
    Url,
    VideoRef,
    VideoReport,
    unheld,
)

# Told the pieces of a film, and up to which second it matters (None for its end), gives what is
# said in it; None where it was not listened to.
Hear = Callable[[list[bytes], float | None], Awaitable[Sequence[Cue] | None]]


class Films:
    """Turns the films of questions into frames."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._fetcher = Fetcher.of(settings, "video")
        self._gate = asyncio.Semaphore(settings.worker_threads)

    async def close(self) -> None:
        """Close the fetcher's connections."""
        await self._fetcher.close()

    async def expand(
        self,
        question: Question,
        guard: Guard | None,
        *,
        survey: bool = False,
        hear: Hear | None = None,
        hold: Hold = unheld,
    ) -> Question:
        """Put frames where films were; with `survey` also what happens in the films is told.

        What `hear` says is said in them stands beside the frames. `hold` is told of each film while
        it is read, and of the frames that are taken of it. Raises `ImageError` that names the film
        that cannot be had, is none, or is too large.
        """
        if not question.videos:
            return question
        check_parts(question, self._settings)
        films, profile = question.videos, question.profile
        made: dict[int, list[Part]] = {}
        viewed: list[VideoReport] = []
        for ref in films:
            order = self._order(ref, profile, len(films), survey=survey, decode=True)
            made[id(ref)], told = await self._frames(ref, order, guard, hear, hold)
            viewed.append(told)
        question = question.with_parts(lambda part: made.get(id(part), [part]))
        return replace(question, viewed=tuple(viewed))

    async def measure(self, question: Question, hold: Hold = unheld) -> tuple[VideoReport, ...]:
        """Say which frames would be taken of each film, and what they cost; none is decoded."""
        check_parts(question, self._settings)
        many = len(question.videos)
        measured = []
        for ref in question.videos:
            order = self._order(ref, question.profile, many, survey=False, decode=False)
            async with self._held(ref, hold) as pieces, self._reading(ref, order, pieces) as film:
                measured.append(_viewed(film, ref))
        return tuple(measured)

    async def _frames(
        self,
        ref: VideoRef,
        order: FilmOrder,
        guard: Guard | None,
        hear: Hear | None,
        hold: Hold,
    ) -> tuple[list[Part], VideoReport]:
        frames: list[tuple[FrameNote, Picture]] = []
        film_guard = FilmGuard(guard)
        said = None
        async with self._held(ref, hold) as pieces:
            async with self._reading(ref, order, [*pieces]) as film:
                about, viewed = film.about, _viewed(film, ref)
                async for frame in film.frames():
                    hold(frame.pixels.nbytes)
                    await asyncio.to_thread(film_guard.look, frame.pixels, ref.param)
                    picture = await asyncio.to_thread(
                        pictured, frame.pixels, about.size, order.profile, ref.detail, ref.param
                    )
                    frames.append((FrameNote(frame.time_s), picture))
            if not frames:
                raise ImageError(
                    "No frame of the video can be decoded.", param=ref.param, code="invalid_video"
                )
            film_guard.settle()
            if hear is not None and about.audio:
                end_s = ref.sampling.end_s
                last_s = about.duration_s if end_s is None else min(end_s, about.duration_s)
                said = await hear(pieces, last_s)
        mine = [cue for cue in said or () if cue.end_s > ref.sampling.start_s]
        parts: list[Part] = [FilmNote(about, bool(mine)), *beside(frames, mine)]
        damaged = viewed.damaged or len(frames) < len(viewed.frames)
        return parts, replace(viewed, damaged=damaged, heard=said is not None)

    @asynccontextmanager
    async def _held(self, ref: VideoRef, hold: Hold) -> AsyncIterator[list[bytes]]:
        """Get a film's bytes. Only as many films are held as are read at once."""
        async with self._gate:
            with holding(hold) as take:
                yield await self._data(ref, take)

    @asynccontextmanager
    async def _reading(
        self, ref: VideoRef, order: FilmOrder, pieces: list[bytes]
    ) -> AsyncIterator[DecodedFilm]:
        try:
            async with (
                asyncio.timeout(2 * self._settings.video_decode_s),
                reading(pieces, order, ref.param) as film,
            ):
                yield film
        except TimeoutError:
            raise ImageError(
                "The video takes too long to decode.",
                param=ref.param,
                code="video_too_large",
                hint="Send a shorter part of it, or ask for fewer frames.",
            ) from None

    async def _data(self, ref: VideoRef, take: Hold) -> list[bytes]:
        """Give a film's bytes, in pieces."""

        def most(head: bytes) -> int:
            if not file_kinds.may_be_film(head):
                raise refusal(head, ref.param)
            return self._settings.max_video_bytes

        if isinstance(ref.source, Url):
            return await self._fetcher.pieces(ref.source.url, ref.param, take, most)
        url = data_url.inline(ref.source, ref.param, "video")
        take(data_url.decoded_bytes(url))
        whole = await asyncio.to_thread(
            data_url.from_data_url, url, ref.param, self._settings.max_video_bytes, "video"
        )
        return [whole]

    def _order(
        self, ref: VideoRef, profile: str, videos: int, *, survey: bool, decode: bool
    ) -> FilmOrder:
        order = FilmOrder(
            ref.sampling,
            profile,
            ref.detail,
            survey=survey,
            decode=decode,
            threads=self._settings.worker_threads,
        )
        return within(order, self._settings, videos)


def beside(frames: Sequence[tuple[FrameNote, Picture]], cues: Sequence[Cue]) -> list[Part]:
    """Make parts of a message of frames, each after its time, and what is said at its time."""
    parts: list[Part] = []
    left = list(cues)
    for note, picture in frames:
        before = [cue for cue in left if cue.start_s <= note.time_s]
        left = left[len(before) :]
        parts += (*_said(before), note, picture)
    return [*parts, *_said(left)]


def _said(cues: Sequence[Cue]) -> tuple[SaidNote, ...]:
    said = tuple((c.start_s, c.end_s, tamed(" ".join(c.text.split()))) for c in cues)
    return (SaidNote(said),) if said else ()


def pictured(
    pixels: NDArray[np.uint8],
    size: tuple[int, int],
    profile: str,
    detail: Detail,
    param: str = "video",
) -> Picture:
    """Make a picture of a frame that is sized for its detail; `size` is the film's."""
    return Picture(
        pixels=pixels,
        views=(pixels,),
        original_size=size,
        sight=details.sight(profile, *size, detail),
        digest=images.digest(pixels),
        param=param,
        detail=detail,
        film=True,
    )


def _viewed(film: DecodedFilm, ref: VideoRef) -> VideoReport:
    told = film.about
    return VideoReport(
        ref.param, ref.detail, told.size, told.duration_s, told.total, told.audio, told.damaged,
        film.chosen, film.tokens,
    )  # fmt: skip

"""Watching a live source: the newest frame is asked about, again and again, or many at the end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sightline.errors import SightlineError
from sightline.jobs import ask as asking
from sightline.jobs.ask import Asker
from sightline.media.films import pictured
from sightline.media.live import BrokeOff, LiveFrame, LiveSource, Watched
from sightline.types import Detail, FrameNote, Part, Picture, Question, Text
from sightline.workers import cancel

PROMPT = "Describe in one sentence what is to be seen."
COLLECTED = "These are frames of a camera, in order. Describe what happens."
_POLL_S = 0.2
_BACK_OFF_S = 1.0
_MOST_BACK_OFF_S = 30.0
_STABLE_S = 10.0  # a connection that lasted so long begins the back-off anew
_GREY = (64, 64)
_CELLS = (8, 8)
_CELL_CHANGED = 5  # times as much in one of 64 cells as over the picture is a change too


@dataclass(frozen=True, slots=True)
class WatchOptions:
    """What is watched, and how often it is asked about.

    A question is asked every `every_s` seconds at most; with `change`, the mean difference of grey
    values (of 255) from the picture asked about last, only where it is reached. `collect` frames at
    intervals of `every_s` are asked about together instead, once. `count` questions are asked at
    most. `clip` is a file to which what is seen is written.
    """

    source: LiveSource
    prompt: str | None = None
    every_s: float = 2.0
    change: float | None = None
    collect: int | None = None
    count: int | None = None
    detail: Detail = "low"
    reconnect: bool = True
    clip: Path | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """One answer: when the frame came, its time in the source, how late the answer is, the text."""

    at: datetime
    time_s: float
    lag_s: float
    text: str
    spent: dict[str, Any]


@dataclass(slots=True)
class WatchCallbacks:
    """Who hears of it: each answer, and what happens to the connection."""

    seen: Callable[[Observation], None] = field(default=lambda seen: None)
    note: Callable[[str], None] = field(default=lambda line: None)


async def watch(
    options: WatchOptions, asker: Asker, callbacks: WatchCallbacks, stop: asyncio.Event
) -> int:
    """Watch until the source ends, all is asked or `stop` is set; give how many answers there were.

    Raises `SightlineError` where the source cannot be had, or an answer.
    """
    profile = (await asker.answerer()).profile
    frames = _Frames(options, profile, callbacks, stop)
    if options.collect is not None:
        return await _collected(options, options.collect, asker, callbacks, frames, profile)
    answered, pause, least = 0, _BACK_OFF_S, options.change
    asked: NDArray[np.uint8] | None = None
    async with aclosing(frames.newest()) as coming:  # what watches ends before this does
        async for frame in coming:
            grey = await asyncio.to_thread(_grey, frame.pixels)
            if least is not None and asked is not None and not _changed(asked, grey, least):
                frames.wait(_POLL_S)
                continue
            asked = grey
            begun = time.monotonic()
            frames.wait(options.every_s)
            picture = await _picture(frame, profile, options.detail)
            question = asking.question(Text(options.prompt or PROMPT), picture)
            try:
                seen = await _answer(asker, question, frame, begun, stop)
            except SightlineError as error:
                if not answered:
                    raise  # whoever answers was never there
                callbacks.note(f"No answer: {error.message} Trying again in {pause:.0f} s")
                frames.wait(pause)
                pause = min(2 * pause, _MOST_BACK_OFF_S)
                continue
            if seen is None:
                break
            pause = _BACK_OFF_S
            callbacks.seen(seen)
            answered += 1
            if answered == options.count:
                break
    return answered


async def _collected(
    options: WatchOptions,
    many: int,
    asker: Asker,
    callbacks: WatchCallbacks,
    frames: _Frames,
    profile: str,
) -> int:
    """Collect frames at their interval, then ask about all of them together."""
    parts: list[Part] = [Text(options.prompt or COLLECTED)]
    first: float | None = None
    last: LiveFrame | None = None
    begun = time.monotonic()
    count = 0
    async with aclosing(frames.newest()) as coming:
        async for frame in coming:
            now = time.monotonic() - frame.age_s
            first = now if first is None else first
            parts += (FrameNote(now - first), await _picture(frame, profile, options.detail))
            last, begun, count = frame, time.monotonic(), count + 1
            if count == many:
                break
            frames.wait(options.every_s)
    if last is None:
        return 0
    callbacks.note(
        f"{count} frame{'' if count == 1 else 's'} collected over {begun - (first or begun):.1f} s"
    )
    seen = await _answer(asker, asking.question(*parts), last, begun, asyncio.Event())
    if seen is not None:
        callbacks.seen(seen)
    return 1


class _Frames:
    """The newest frames of a source, over as many connections as it takes."""

    def __init__(
        self, options: WatchOptions, profile: str, callbacks: WatchCallbacks, stop: asyncio.Event
    ) -> None:
        self._options, self._profile, self._callbacks, self._stop = (
            options,
            profile,
            callbacks,
            stop,
        )
        self._next = 0.0

    def wait(self, seconds: float) -> None:
        """Let the next frame be one of at least so many seconds from now."""
        self._next = time.monotonic() + seconds

    async def newest(self) -> AsyncGenerator[LiveFrame]:
        """Give a frame whenever one is due, until the source ends or `stop` is set."""
        options, pause, connection = self._options, _BACK_OFF_S, 0
        while not self._stop.is_set():
            connection += 1
            begun, got = time.monotonic(), 0
            clip = _numbered(options.clip, connection)
            try:
                async with Watched(options.source, self._profile, options.detail, clip) as watched:
                    while not await self._stopped_within(self._next - time.monotonic()):
                        frame = await self._unless_stopped(watched, got)
                        if frame is None:
                            return
                        if connection > 1 and not got:
                            self._callbacks.note(f"{options.source.name} is back")
                        got = frame.number
                        yield frame
                    return
            except BrokeOff as error:
                if not options.reconnect or (connection == 1 and not got):
                    raise
                if got and time.monotonic() - begun > _STABLE_S:
                    pause = _BACK_OFF_S
                self._callbacks.note(f"{error.message} Trying again in {pause:.0f} s")
            if await self._stopped_within(pause):
                return
            pause = min(2 * pause, _MOST_BACK_OFF_S)

    async def _unless_stopped(self, watched: Watched, after: int) -> LiveFrame | None:
        coming = asyncio.ensure_future(watched.newest(after))
        stopping = asyncio.ensure_future(self._stop.wait())
        try:
            await asyncio.wait((coming, stopping), return_when=asyncio.FIRST_COMPLETED)
            return coming.result() if coming.done() else None
        finally:
            await cancel(coming, stopping)

    async def _stopped_within(self, seconds: float) -> bool:
        if seconds <= 0:
            return self._stop.is_set()
        try:
            async with asyncio.timeout(seconds):
                await self._stop.wait()
        except TimeoutError:
            return False
        return True


async def _answer(
    asker: Asker, question: Question, frame: LiveFrame, begun: float, stop: asyncio.Event
) -> Observation | None:
    """Ask; None where it was stopped meanwhile."""
    spent: dict[str, Any] = {}
    at = datetime.fromtimestamp(time.time() - frame.age_s).astimezone()
    answering = asyncio.ensure_future(asker.text(question, spent))
    stopping = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait((answering, stopping), return_when=asyncio.FIRST_COMPLETED)
        if not answering.done():
            return None
        text = answering.result()
    finally:
        await cancel(answering, stopping)
    return Observation(at, frame.time_s, frame.age_s + time.monotonic() - begun, text, spent)


async def _picture(frame: LiveFrame, profile: str, detail: Detail) -> Picture:
    height, width = frame.pixels.shape[:2]
    return await asyncio.to_thread(pictured, frame.pixels, (width, height), profile, detail)


def _grey(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    small = cv2.resize(pixels, _GREY, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)


def _changed(before: NDArray[np.uint8], now: NDArray[np.uint8], least: float) -> bool:
    difference = np.asarray(cv2.absdiff(before, now), np.float32)
    cells = cv2.resize(difference, _CELLS, interpolation=cv2.INTER_AREA)
    return float(difference.mean()) >= least or float(cells.max()) >= _CELL_CHANGED * least


def _numbered(clip: Path | None, connection: int) -> Path | None:
    if clip is None or connection == 1:
        return clip
    return clip.with_stem(f"{clip.stem}-{connection}")

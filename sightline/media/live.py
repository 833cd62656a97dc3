"""Live sources: a camera, a stream, the screen, or a file played at its own pace.

Each is watched in a process of its own, started again when a stream breaks off, by which nothing
that leaks can add up over days.
"""

from __future__ import annotations

import asyncio
import re
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from sightline.errors import SightlineError, UsageError
from sightline.media.live_child import MOST_PIXELS
from sightline.processes import Ended, Process, environment, named_files
from sightline.types import Detail

Kind = Literal["camera", "stream", "screen", "file"]
_SCHEMES = ("rtsp", "rtsps", "http", "https", "udp", "rtp", "tcp", "rtmp", "rtmps", "srt")
_PATIENCE_S = 15.0  # with a source that gives no picture
_ANSWER_S = 2.0
_CLOSE_S = 6.0


@dataclass(frozen=True, slots=True)
class LiveSource:
    """What is watched: `where` is a device, a URL, a region of the screen or a path."""

    kind: Kind
    where: str = field(repr=False)  # a stream's URL may hold a password

    @property
    def name(self) -> str:
        """What it is called in messages: without a password."""
        if self.kind != "stream":
            return self.where or "the screen"
        parts = urlsplit(self.where)
        return f"{parts.scheme}://{parts.hostname or ''}" + (f":{parts.port}" if parts.port else "")


def source(text: str) -> LiveSource:
    """Understand what a user calls a source. Raises `UsageError`."""
    if text.isdigit():
        return LiveSource("camera", f"/dev/video{text}" if sys.platform == "linux" else text)
    if text.startswith("/dev/video") or text.startswith("camera:"):
        return LiveSource("camera", text.removeprefix("camera:"))
    if text == "screen" or re.fullmatch(r"screen:\d+,\d+,\d+x\d+", text):
        return LiveSource("screen", text.removeprefix("screen").removeprefix(":"))
    scheme = text.partition("://")[0].lower()
    if "://" in text:
        if scheme not in _SCHEMES:
            raise UsageError(
                f"A source of {scheme}:// cannot be watched.",
                hint=f"Streams begin with {', '.join(_SCHEMES)}.",
            )
        return LiveSource("stream", text)
    if not Path(text).is_file():
        raise UsageError(
            f"There is no file {text}.",
            hint="A source is a camera's number, a stream's URL, screen, screen:X,Y,WIDTHxHEIGHT "
            "or a film's file.",
        )
    return LiveSource("file", text)


@dataclass(frozen=True, slots=True)
class LiveFrame:
    """A frame as it was newest: its number, its time in the source, how old it is, its pixels.

    Times are in seconds; `pixels` are upright RGB, sized for the level of detail.
    """

    number: int
    time_s: float
    age_s: float
    pixels: NDArray[np.uint8] = field(repr=False)


class BrokeOff(SightlineError):
    """The source gives nothing any more; trying again may help."""


class Watched:
    """One connection to a source. Use as an async context manager."""

    def __init__(
        self,
        source: LiveSource,
        profile: str,
        detail: Detail,
        clip: Path | None,
        *,
        patience_s: float = _PATIENCE_S,
    ) -> None:
        self._source, self._profile, self._detail, self._clip = source, profile, detail, clip
        self._patience_s = patience_s
        self._process: Process
        self._hangs = self._makes_clip = False

    async def __aenter__(self) -> Watched:
        """Start watching; that the source can be had shows with the first frame."""
        order = {
            "kind": self._source.kind,
            "where": self._source.where,
            "clip": str(self._clip) if self._clip else "",
            "named": named_files() if self._source.kind in ("stream", "screen") else [],
        }
        self._makes_clip = self._clip is not None and not self._clip.exists()
        module = "sightline.media.live_child"
        self._process = await Process.start(module, environment(outward=True))
        try:
            with suppress(Ended):
                await self._process.send(order)
        except BaseException:
            await self._process.end()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """End it; a clip is finished first."""
        await self._process.end(0 if self._hangs else _CLOSE_S)
        if self._clip is not None and self._makes_clip:
            await asyncio.to_thread(_drop_empty, self._clip)

    async def newest(self, after: int) -> LiveFrame | None:
        """Give the newest frame that came after the one numbered `after`; None once it has ended.

        Raises `BrokeOff` where it gave up, and `UsageError` for a source that is not there.
        """
        try:
            # Its own clock tells of a source that is silent; this one of a decoder that hangs.
            async with asyncio.timeout(2 * self._patience_s + _ANSWER_S):
                told = await self._asked(after)
        except TimeoutError:
            self._hangs = True
            told = {"end": "broke off"}
        except (Ended, ValueError):
            told = {"end": "broke off"}
        if isinstance(told, LiveFrame):
            return told
        if told["end"] == "ended":
            return None
        name = self._source.name
        if told["end"] == "absent":
            raise UsageError(f"There is no {name}.", hint="Is the camera plugged in?")
        if told["end"] == "unopened":
            if self._source.kind == "file":
                raise SightlineError(f"{name} is no film that can be read.")
            raise BrokeOff(f"{name} cannot be opened.", hint=_HINTS[self._source.kind])
        raise BrokeOff(f"{name} gives no pictures any more.")

    async def _asked(self, after: int) -> LiveFrame | dict[str, Any]:
        asked = {
            "after": after,
            "profile": self._profile,
            "detail": self._detail,
            "wait_s": self._patience_s,
        }
        await self._process.send(asked)
        told = await self._process.line()
        if "end" in told:
            return told
        shape = told["height"], told["width"], 3
        if shape[0] * shape[1] > MOST_PIXELS:
            raise ValueError("no decoder of ours gives so much")
        data = await self._process.read(shape[0] * shape[1] * 3)
        pixels = np.frombuffer(data, np.uint8).reshape(shape)
        return LiveFrame(told["number"], told["time_s"], told["age_s"], pixels)


def _drop_empty(clip: Path) -> None:
    """Remove a clip that nothing came for."""
    with suppress(OSError):
        if clip.stat().st_size == 0:
            clip.unlink()


_HINTS = {
    "camera": "Is another program using the camera?",
    "stream": "Is the address right, and is something sent there?",
    "screen": "The screen can be watched where X11, Windows or macOS allow it.",
    "file": "",
}

"""Films of a question to frames: fetched as pictures are, decoded in a process of its own.

Each film becomes its frames in order, every one after a text that says when it was shown.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from sightline.errors import EngineBusy, ImageError, InvalidRequest
from sightline.media import detail as details
from sightline.media import image as images
from sightline.media import source
from sightline.media.fetch import Fetcher
from sightline.media.prepare import Guard
from sightline.settings import Settings
from sightline.types import Part, Picture, Question, Text, VideoRef, Viewed

_MOST_LINE = 1 << 20


class Films:
    """Turns the films of questions into frames."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._fetcher = Fetcher(
            timeout_s=settings.fetch_timeout_s * 3,
            max_bytes=settings.max_video_bytes,
            allow_private=settings.allow_private_urls,
            allowed_hosts=settings.hosts,
            private_networks=settings.networks,
            noun="video",
        )
        self._gate = asyncio.Semaphore(settings.workers)

    async def close(self) -> None:
        """Close the fetcher's connections."""
        await self._fetcher.close()

    async def expand(self, question: Question, guard: Guard | None) -> Question:
        """Put frames where films were.

        Raises `ImageError` that names the film that cannot be had, is none, or is too large.
        """
        if not question.videos:
            return question
        self._bounded(question)
        viewed: list[Viewed] = []
        messages = []
        for message in question.messages:
            parts: list[Part] = []
            for part in message.parts:
                if isinstance(part, VideoRef):
                    frames, told = await self._frames(
                        part, question.profile, len(question.videos), guard
                    )
                    parts += frames
                    viewed.append(told)
                else:
                    parts.append(part)
            messages.append(replace(message, parts=tuple(parts)))
        return replace(question, messages=tuple(messages), viewed=tuple(viewed))

    async def measure(self, question: Question) -> tuple[Viewed, ...]:
        """Say which frames would be taken of each film, and what they cost; none is decoded."""
        self._bounded(question)
        many = len(question.videos)
        return tuple(
            [(await self._ordered(ref, question.profile, many))[0] for ref in question.videos]
        )

    def _bounded(self, question: Question) -> None:
        most = self._settings.max_videos
        if len(question.videos) > most:
            raise InvalidRequest(
                f"Too many videos in the request: at most {most} are allowed, but got "
                f"{len(question.videos)}.",
                param="messages",
                code="too_many_videos",
            )

    async def _frames(
        self, ref: VideoRef, profile: str, videos: int, guard: Guard | None
    ) -> tuple[list[Part], Viewed]:
        parts: list[Part] = []
        refused: ImageError | None = None
        checking = guard is not None

        def take(told: dict[str, Any], pixels: bytes, whole: tuple[int, int]) -> None:
            nonlocal refused, checking
            shape = told["height"], told["width"], 3
            frame = np.frombuffer(pixels, np.uint8).reshape(shape)
            if guard is not None and checking:
                # A CAPTCHA stays one all through. Of the many frames of an honest film a few would
                # be taken for one.
                try:
                    guard(frame, ref.param)
                    checking = False
                except ImageError as error:
                    refused = error
            picture = Picture(
                pixels=frame,
                views=(frame,),
                original_size=whole,
                sight=details.sight(profile, *whole, ref.detail),
                digest=images.digest(frame),
                param=ref.param,
                detail=ref.detail,
                film=True,
            )
            parts.extend((Text(f"Frame at {told['time_s']:.1f} s:", ours=True), picture))

        viewed, count = await self._ordered(ref, profile, videos, take)
        if not count:
            raise ImageError(
                "No frame of the video can be decoded.", param=ref.param, code="invalid_video"
            )
        if refused is not None and checking:
            raise refused
        return parts, replace(viewed, damaged=viewed.damaged or count < len(viewed.frames))

    async def _ordered(
        self,
        ref: VideoRef,
        profile: str,
        videos: int,
        take: Callable[[dict[str, Any], bytes, tuple[int, int]], None] | None = None,
    ) -> tuple[Viewed, int]:
        """Have a film read in a process of its own; give what was told and the frames taken."""
        if source.is_web(ref.url):
            data = await self._fetcher.get(ref.url, ref.param)
        else:
            data = await asyncio.to_thread(
                source.from_data_url, ref.url, ref.param, self._settings.max_video_bytes, "video"
            )
        sampling = replace(
            ref.sampling, most=min(ref.sampling.most, self._settings.max_video_frames)
        )
        order = {
            "bytes": len(data),
            "sampling": asdict(sampling),
            "profile": profile,
            "detail": ref.detail,
            "decode": take is not None,
            "cpu_s": int(self._settings.video_decode_s),
            "most_s": self._settings.max_video_s,
            "most_frame_pixels": self._settings.max_image_pixels,
            "most_pixels": self._settings.max_images_pixels // max(1, videos),
        }
        async with self._gate:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "sightline.media.film_child",
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL, limit=_MOST_LINE,
            )  # fmt: skip
            try:
                async with asyncio.timeout(2 * self._settings.video_decode_s):
                    return await _talk(process, order, data, ref, profile, take)
            except TimeoutError:
                raise ImageError(
                    "The video takes too long to decode.",
                    param=ref.param,
                    code="video_too_large",
                    hint="Send a shorter part of it, or ask for fewer frames.",
                ) from None
            finally:
                if process.returncode is None:
                    process.kill()
                await process.wait()


async def _talk(
    process: asyncio.subprocess.Process,
    order: dict[str, Any],
    data: bytes,
    ref: VideoRef,
    profile: str,
    take: Callable[[dict[str, Any], bytes, tuple[int, int]], None] | None,
) -> tuple[Viewed, int]:
    sent, given = process.stdin, process.stdout
    if sent is None or given is None:
        raise EngineBusy("The video cannot be read now.")
    feeding = asyncio.create_task(_feed(sent, json.dumps(order).encode() + b"\n", data))
    try:
        told = await _line(given, ref)
        if "error" in told:
            raise ImageError(
                told["error"], param=ref.param, code=told["code"] or "invalid_video",
                hint=told["hint"],
            )  # fmt: skip
        whole = told["size"][0], told["size"][1]
        chosen = tuple((place, time_s) for place, time_s in told["chosen"])
        cost = details.sight(profile, *whole, ref.detail).tokens * len(chosen)
        viewed = Viewed(
            ref.param, ref.detail, whole, told["duration_s"], told["frames"], told["audio"],
            told["damaged"], chosen, cost,
        )  # fmt: skip
        count = 0
        while take is not None:
            frame = await _line(given, ref)
            if "end" in frame:
                break
            pixels = await given.readexactly(frame["width"] * frame["height"] * 3)
            await asyncio.to_thread(take, frame, pixels, whole)
            count += 1
        return viewed, count
    except asyncio.IncompleteReadError:
        raise _ended(ref) from None
    finally:
        feeding.cancel()
        await asyncio.gather(feeding, return_exceptions=True)


async def _feed(sent: asyncio.StreamWriter, head: bytes, data: bytes) -> None:
    try:
        sent.write(head)
        for at in range(0, len(data), _MOST_LINE):
            sent.write(data[at : at + _MOST_LINE])
            await sent.drain()
        sent.close()
    except ConnectionError:
        return  # it has ended, and the reader says how


async def _line(given: asyncio.StreamReader, ref: VideoRef) -> dict[str, Any]:
    line = await given.readline()
    if not line:
        raise _ended(ref)
    said: dict[str, Any] = json.loads(line)
    return said


def _ended(ref: VideoRef) -> ImageError:
    return ImageError(
        "The video cannot be decoded.",
        param=ref.param,
        code="invalid_video",
        hint="It ended its decoder, or took more memory or time than it may.",
    )

"""The speech of a narration: each segment spoken so that it fits, and placed in the film.

How fast the voice speaks is measured, and every piece of speech before it is placed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sightline.jobs.narration_pauses import Pause
from sightline.jobs.narration_script import PAUSE_S, ScriptSegment
from sightline.jobs.speak import Speaker
from sightline.voices.voice import Voice

RATE = 48_000
Sound = NDArray[np.int16]
Placed = tuple[int, int, int]

_PACE_TEXT = (
    "The river bends slowly past the old mill, and nobody in the village remembers who built the "
    "bridge that leads across it."
)
_FASTEST = 1.15
_NO_TIME = "there is no time for it"
_NO_PAUSE = "somebody speaks in the film then"
_MOST_LATE_S = 4.0  # after its pictures


class Voiceover:
    """Speaks a script by one voice.

    `shorter` has a text put into fewer words, None where nobody can. `report` gets what was done to
    segments that did not fit.
    """

    def __init__(
        self,
        speaker: Speaker,
        voice: Voice,
        *,
        speed: float,
        language: str,
        report: list[str],
    ) -> None:
        self._speaker, self._voice = speaker, voice
        self._speed, self._language, self._report = speed, language, report
        self._end_s, self._free = 0.0, tuple[Pause, ...]()
        self.shorter: Callable[[str, int], Awaitable[str]] | None = None

    async def pace(self) -> float:
        """Measure how many words a second the voice speaks."""
        sound = await self._sound(_PACE_TEXT, self._speed)
        return len(_PACE_TEXT.split()) / max(0.1, _seconds(sound))

    async def spoken(
        self,
        segments: Sequence[ScriptSegment],
        end_s: float,
        free: Sequence[Pause],
        path: Path,
        step: Callable[[str, float], None],
    ) -> tuple[list[Placed], list[ScriptSegment]]:
        """Speak the segments, each so that it fits; write their samples to a file.

        The film ends at `end_s`; they may be heard in its `free` pauses, of which there is one.
        Give first sample, place in the file and length of each, and the segments as they are heard.
        """
        self._end_s, self._free = end_s, tuple(free)
        placed: list[Placed] = []
        heard: list[ScriptSegment] = []
        free_s, offset = 0.0, 0
        with path.open("wb") as file:
            for number, segment in enumerate(segments, 1):
                step("Speaking", (number - 1) / len(segments))
                following = segments[number].start_s if number < len(segments) else end_s
                fitted = await self._fitted(number, segment, free_s, following)
                if fitted is None:
                    continue
                start_s, text, sound = fitted
                await asyncio.to_thread(file.write, sound.tobytes())
                first = round(start_s * RATE)
                placed.append((first, offset, len(sound)))
                offset += len(sound)
                stop_s = (first + len(sound)) / RATE
                heard.append(ScriptSegment(first / RATE, stop_s, text))
                free_s = stop_s + PAUSE_S
        step("Speaking", 1.0)
        return placed, heard

    async def _fitted(
        self, number: int, segment: ScriptSegment, free_s: float, following_s: float
    ) -> tuple[float, str, Sound] | None:
        """Make a segment fit: faster, then shorter, then moved, at last cut.

        It may begin from `free_s` on, and should end before `following_s`; the end of the pause in
        which it is heard is hard.
        """
        sound = await self._sound(segment.text, self._speed)
        pause = _pause(segment, free_s, _seconds(sound) / _FASTEST, self._free)
        if pause is None:
            late = max(segment.start_s, free_s) >= self._end_s
            self._note(number, f"is left out: {_NO_TIME if late else _NO_PAUSE}")
            return None
        earliest_s, end_s = max(free_s, pause[0]), pause[1]
        start_s = max(segment.start_s, earliest_s)
        if start_s > segment.start_s + 0.02:
            self._note(number, f"begins {start_s - segment.start_s:.1f} s later")
        moved = pause[0] > segment.start_s  # somebody speaks where it should begin
        wanted_s = max(0.3, (end_s if moved else min(segment.end_s, end_s)) - start_s)
        room_s = min(following_s, end_s) - PAUSE_S - start_s
        text, speed, sound = await self._pressed(number, segment.text, sound, (wanted_s, room_s))
        if _seconds(sound) > room_s and start_s > earliest_s:
            earlier = min(start_s - earliest_s, _seconds(sound) - room_s)
            start_s -= earlier
            self._note(number, f"begins {earlier:.1f} s earlier")
        # What follows is moved by what is over; who speaks in the film, and its end, cannot be.
        most_s = end_s - PAUSE_S / 3 - start_s
        last = end_s == self._end_s
        while _seconds(sound) > most_s:
            kept = _cut(text, most_s / _seconds(sound), whole=not last)
            if not kept or most_s < 0.3:
                self._note(number, f"is left out: {_NO_TIME if last else _NO_PAUSE}")
                return None
            where = "the film's end" if last else "what is said in the film"
            self._note(number, f"was cut to {len(kept.split())} words at {where}")
            text = kept
            sound = await self._sound(text, speed)
        return start_s, text, sound

    async def _pressed(
        self, number: int, text: str, sound: Sound, lasts: tuple[float, float]
    ) -> tuple[str, float, Sound]:
        """Speak a text faster, and in fewer words where that helps; `sound` is it as usual.

        `lasts` is how long it should take, and how long it may, in seconds.
        """
        speed = self._speed
        wanted_s, room_s = lasts
        if _seconds(sound) > wanted_s:
            faster = min(_FASTEST, _seconds(sound) / wanted_s * 1.01)
            sound = await self._sound(text, speed * faster)
            self._note(number, f"is spoken {faster:.2f} times as fast")
            speed *= faster
        most_s = max(wanted_s, room_s)
        if _seconds(sound) > most_s and self.shorter is not None:
            words = max(1, int(len(text.split()) * most_s / _seconds(sound) * 0.95))
            shorter = await self.shorter(text, words)
            if shorter and len(shorter.split()) < len(text.split()):
                text = shorter
                sound = await self._sound(text, speed)
                self._note(number, f"was shortened to {len(text.split())} words")
        return text, speed, sound

    def _note(self, number: int, what: str) -> None:
        self._report.append(f"segment {number} {what}")

    async def _sound(self, text: str, speed: float) -> Sound:
        """Speak a text: samples of 48 kHz, without silence at the ends."""
        said = bytearray()
        given = self._speaker.samples(text, self._voice, speed=speed, language=self._language)
        async with aclosing(given) as blocks:
            async for block in blocks:
                said += block
        return await asyncio.to_thread(_at_48k, bytes(said), self._speaker.voices.rate)


def _pause(
    segment: ScriptSegment, free_s: float, least_s: float, free: Sequence[Pause]
) -> Pause | None:
    """Choose the pause to speak in: the first with room enough, else the one with most.

    None where there is none, from `free_s` on, while the segment's pictures are seen or soon after.
    """
    start_s = max(segment.start_s, free_s)
    late_s = max(segment.end_s, start_s) + _MOST_LATE_S
    room = {
        pause: pause[1] - PAUSE_S - max(pause[0], start_s)
        for pause in free
        if pause[1] > start_s and pause[0] < late_s
    }
    fits = (pause for pause, seconds in room.items() if seconds >= least_s)
    return next(fits, None) or max(room, key=lambda pause: room[pause], default=None)


def _cut(text: str, share: float, *, whole: bool) -> str:
    """Keep about a share of a text: sentences where that leaves enough, else words.

    With `whole` it is sentences or nothing.
    """
    words = text.split()
    most = min(len(words) - 1, int(len(words) * share))
    if most < 1:
        return ""
    kept = " ".join(words[:most])
    end = max(kept.rfind(mark) for mark in ".!?…")
    if whole or end >= len(kept) // 2:
        return kept[: end + 1]
    return kept.rstrip(",;:–— ") + "."


def _seconds(sound: Sound) -> float:
    return len(sound) / RATE


def _at_48k(samples: bytes, rate: int) -> Sound:
    import av

    if not samples:
        return np.zeros(0, np.int16)
    frame = av.AudioFrame.from_ndarray(
        np.frombuffer(samples, np.int16)[None], format="s16", layout="mono"
    )
    frame.sample_rate = rate
    resampler = av.AudioResampler("s16", "mono", RATE)
    made = [*resampler.resample(frame), *resampler.resample(None)]
    sound = np.concatenate([f.to_ndarray().reshape(-1) for f in made])
    loud = np.flatnonzero(np.abs(sound.astype(np.int32)) > 150)
    if not len(loud):
        return np.zeros(0, np.int16)
    return np.asarray(sound[max(0, loud[0] - 240) : loud[-1] + 960], np.int16)

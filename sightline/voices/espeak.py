"""The embedded voices: espeak-ng, in processes of its own. They work at once and offline.

Each of the API's names is a speaker that a listener can tell from the others: by sex, pitch
(measured, in `_TABLE`'s descriptions) and accent.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import numpy as np

from sightline.errors import EngineError
from sightline.processes import Ended, Process
from sightline.voices.voice import NAMES, Manner, Voice, VoiceOptions, Voices

_WORDS_A_MINUTE = 175
_START_S = 30.0  # on a machine that does much else; it takes a tenth of a second else
_SILENT_S = 30.0
_MOST_PROCESSES = 4


@dataclass(frozen=True, slots=True)
class _Speaker:
    accent: str
    variant: str
    pitch: int
    gain: float  # brings all to one loudness; measured on a sentence
    description: str


_TABLE = {
    "alloy": _Speaker("en-us", "f5", 25, 1.40, "between low and high (163 Hz), American"),
    "ash": _Speaker("en-us", "m3", 58, 1.17, "a man (115 Hz), American"),
    "ballad": _Speaker("en-gb-x-rp", "m7", 50, 0.86, "a man (109 Hz), British"),
    "coral": _Speaker("en-us", "f2", 50, 0.98, "a woman (197 Hz), American"),
    "echo": _Speaker("en-us", "m1", 80, 1.19, "a bright man (129 Hz), American"),
    "fable": _Speaker("en", "m8", 98, 1.39, "a soft man (130 Hz), British"),
    "onyx": _Speaker("en-us", "m6", 8, 1.47, "a deep man (72 Hz), American"),
    "nova": _Speaker("en-us", "f3", 72, 1.03, "a bright woman (262 Hz), American"),
    "sage": _Speaker("en-gb-x-rp", "f5", 45, 1.09, "a woman (205 Hz), British"),
    "shimmer": _Speaker("en-us", "f4", 95, 0.79, "a high woman (294 Hz), American"),
    "verse": _Speaker("en-gb-scotland", "m4", 45, 1.16, "a man (91 Hz), Scottish"),
    "marin": _Speaker("en", "Alicia", 38, 1.05, "a woman (230 Hz), British"),
    "cedar": _Speaker("en-us", "Michael", 25, 0.95, "a deep man (95 Hz), American, another timbre"),
}


class Espeak(Voices):
    """espeak-ng: every language it knows, robotic, and several hundred times as fast as speech."""

    name = "espeak"
    rate = 22_050
    # Below 80 words a minute it speaks no slower.
    speeds = (0.5, 4.0)
    note = (
        "These are espeak-ng's: robotic, but at hand at once. Voices to enjoy:\n"
        "  sightline pull kokoro; or another server's with --speech upstream."
    )

    def __init__(self, options: VoiceOptions) -> None:
        self._idle: list[Process] = []
        self._closed = False
        self._gate = asyncio.Semaphore(min(options.worker_threads, _MOST_PROCESSES))

    def voices(self) -> tuple[Voice, ...]:
        """List the API's names."""
        return tuple(
            Voice(name, f"{row.accent}+{row.variant}", row.description, "en")
            for name, row in ((name, _TABLE[name]) for name in NAMES)
        )

    async def speak(self, text: str, voice: Voice, manner: Manner) -> AsyncGenerator[bytes]:
        """Speak a text, some 60 ms of samples at a time."""
        speaker = _TABLE[voice.name]
        order = {
            "text": text, "rate": round(_WORDS_A_MINUTE * manner.speed), "pitch": speaker.pitch,
            "range": 50, "phonemes": False,
        }  # fmt: skip
        for accent in _accents(speaker.accent, manner.language):
            said = False
            asked = {**order, "voice": f"{accent}+{speaker.variant}"}
            async with aclosing(self._ordered(asked)) as blocks:
                async for block in blocks:
                    said = True
                    yield _louder(block, speaker.gain)
            if said:
                return

    async def phonemes(self, text: str, language: str) -> str:
        """Write a text in the International Phonetic Alphabet. Raises `EngineError`."""
        order = {"text": text, "voice": language, "phonemes": True}
        blocks = [block async for block in self._ordered(order)]
        return " ".join(block.decode("utf-8", "replace") for block in blocks)

    async def close(self) -> None:
        """End the processes; one that still speaks ends with its text."""
        self._closed = True
        while self._idle:
            await self._idle.pop().end()

    async def _ordered(self, order: dict[str, Any]) -> AsyncGenerator[bytes]:
        """Give the blocks of an order's answer; nothing where there is no such voice."""
        async with self._gate:
            process = self._idle.pop() if self._idle else await _started()
            kind = b""
            try:
                await process.send(order)
                while kind != b"e":
                    kind, data = await _block(process, _SILENT_S)
                    if kind in (b"a", b"p"):
                        yield data
            except Ended:
                raise _broken() from None
            finally:
                # One that was left in the middle of a sentence would go on with it.
                if kind == b"e" and not self._closed:
                    self._idle.append(process)
                else:
                    await process.end()


async def _started() -> Process:
    process = await Process.start("sightline.voices.espeak_child")
    try:
        await _block(process, _START_S)
    except BaseException:  # whoever asked may be gone before it can speak
        await process.end()
        raise
    return process


async def _block(process: Process, patience_s: float) -> tuple[bytes, bytes]:
    """Read the next block. Raises `EngineError` where the process is gone or hangs."""
    try:
        async with asyncio.timeout(patience_s):
            head = await process.read(5)
            return head[:1], await process.read(int.from_bytes(head[1:], "little"))
    except (Ended, TimeoutError):
        raise _broken() from None


def _accents(own: str, language: str) -> list[str]:
    """Give the languages to try: the one asked for, its base, and the voice's own accent."""
    asked = language.lower().replace("_", "-")
    if not asked or asked.split("-")[0] == "en":
        return [own]
    called = named(asked)
    return list(dict.fromkeys([called, called.split("-")[0], own]))


def named(language: str) -> str:
    """Give espeak-ng's name of a language."""
    return _NAMED.get(language.lower(), language.lower())


_NAMED = {"zh": "cmn", "zh-cn": "cmn", "zh-tw": "cmn", "zh-hk": "yue", "no": "nb", "fr-fr": "fr"}


def _louder(block: bytes, gain: float) -> bytes:
    samples = np.frombuffer(block, np.int16).astype(np.float32) * gain
    return bytes(np.clip(samples, -32_768, 32_767).astype(np.int16).tobytes())


def _broken() -> EngineError:
    return EngineError("The voice broke off.", hint="Try again.")

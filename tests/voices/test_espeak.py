"""Processes of espeak-ng: none is left behind, whenever those that it speaks for go."""

from __future__ import annotations

import asyncio

import psutil

from sightline.voices.espeak import Espeak
from sightline.voices.voice import Manner, VoiceOptions


def _speaking() -> set[int]:
    found = set()
    for child in psutil.Process().children():
        if child.status() != psutil.STATUS_ZOMBIE and any("espeak" in w for w in child.cmdline()):
            found.add(child.pid)
    return found


def test_one_that_is_not_ready_ends_with_whoever_asked() -> None:
    async def leave() -> set[int]:
        espeak, before = Espeak(VoiceOptions()), _speaking()
        for turns in (0, 2, 4, 8, 16):  # it is being started, and then is to say that it is ready
            asked = asyncio.create_task(espeak.phonemes("Hello", "en-us"))
            while not _speaking() - before and not asked.done():  # noqa: ASYNC110 - a process shows so
                await asyncio.sleep(0)
            for _ in range(turns):
                await asyncio.sleep(0)
            asked.cancel()
            await asyncio.gather(asked, return_exceptions=True)
        await espeak.close()
        return _speaking() - before

    assert not asyncio.run(leave())


def test_one_that_still_speaks_as_voices_close_ends_with_its_text() -> None:
    async def closed() -> tuple[int, set[int]]:
        espeak, before = Espeak(VoiceOptions()), _speaking()
        heard = 0
        async for block in espeak.speak("Hello. " * 20, espeak.voices()[0], Manner()):
            if not heard:
                await espeak.close()
            heard += len(block)
        return heard, _speaking() - before

    heard, left = asyncio.run(closed())
    assert heard > 10 * Espeak.rate  # it was spoken to the end
    assert not left

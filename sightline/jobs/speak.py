"""Speaking: a text, sentence by sentence, by one of the voices, in the form that was asked for."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import replace

from sightline.errors import EngineBusy, InvalidRequest
from sightline.media.audio import Encoder, Tempo
from sightline.settings import Settings
from sightline.types import Speech
from sightline.voices.guarded import GuardedVoices
from sightline.voices.language import stretches
from sightline.voices.plain_text import plain
from sightline.voices.sentences import sentences
from sightline.voices.spelled import spelled
from sightline.voices.voice import Manner, Voice, make

_LATER_BYTES = 12_000  # a quarter of a second: what is encoded at once after the first sound
_TOKENS_A_SECOND = 20  # of sound; the API counts about so many
_GAP_S = 0.12  # between two sentences


class Speaker:
    """The voices with what they need around them."""

    def __init__(self, settings: Settings) -> None:
        self._most = settings.max_speeches
        self._active = 0
        self.voices = GuardedVoices(make(settings.speech, settings))

    async def close(self) -> None:
        """End the voices' processes and connections."""
        await self.voices.close()

    def voice(self, name: str) -> Voice:
        """Give a voice by name. Raises `InvalidRequest`."""
        found = self.voices.find(name)
        if found is None:
            raise InvalidRequest(
                f"There is no voice {name!r}.", param="voice", hint="`sightline voices` lists them."
            )
        return found

    async def samples(
        self,
        text: str,
        voice: Voice,
        *,
        speed: float = 1.0,
        language: str = "",
        instructions: str = "",
    ) -> AsyncGenerator[bytes]:
        """Speak a text; give samples of 16 bits, mono, at the voices' rate, as they are spoken.

        What is for the eye alone is not read out (`voices.plain_text`). Without a `language` each
        stretch is spoken in the one that its letters tell, and money, dates and units in its words.

        Raises `EngineError`.
        """
        slowest, fastest = self.voices.speeds
        own = min(max(speed, slowest), fastest)
        tempo = Tempo(self.voices.rate, speed / own)
        manner = Manner(own, language, instructions)
        gap = bytes(2 * int(_GAP_S * self.voices.rate))
        text = plain(text)
        for number, sentence in enumerate(sentences(text)):
            if number:
                yield tempo.push(gap)
            for words, how in self._stretches(sentence, text, manner, voice.language):
                async with aclosing(self.voices.speak(words, voice, how)) as blocks:
                    async for block in blocks:
                        yield tempo.push(block)
        yield tempo.close()

    def _stretches(
        self, sentence: str, text: str, manner: Manner, own: str
    ) -> Iterator[tuple[str, Manner]]:
        """Cut a sentence where its letters become those of another language, and write it out.

        A language that was asked for stays: but no English is written in other letters. Without
        one it is the voice's `own`.
        """
        if not self.voices.told_language:
            yield sentence, manner
        elif manner.language[:2].lower() not in ("", "en"):
            yield spelled(sentence, manner.language), manner
        else:
            for language, words in stretches(sentence, text):
                how = replace(manner, language=language or manner.language)
                yield spelled(words, how.language or own), how

    async def encoded(self, speech: Speech) -> AsyncGenerator[bytes]:
        """Speak in the form that was asked for; the first piece comes with the first sound.

        Raises `EngineBusy` where too many texts are spoken, and `EngineError`.
        """
        if self._active >= self._most:
            raise EngineBusy(
                "The voices are currently overloaded, please try again later.",
                hint="Try again in a few seconds.",
            )
        self._active += 1
        try:
            encoder = await asyncio.to_thread(Encoder, speech.form, self.voices.rate)
            waiting, begun = bytearray(), False
            given = self.samples(
                speech.text,
                self.voice(speech.voice),
                speed=speech.speed,
                language=speech.language,
                instructions=speech.instructions,
            )
            async with aclosing(given) as blocks:
                async for block in blocks:
                    waiting += block
                    if begun and len(waiting) < _LATER_BYTES:
                        continue
                    piece = await asyncio.to_thread(encoder.push, bytes(waiting))
                    waiting.clear()
                    if piece:
                        begun = True
                        yield piece
            piece = await asyncio.to_thread(encoder.push, bytes(waiting))
            rest = await asyncio.to_thread(encoder.close)
            yield piece + rest
        finally:
            self._active -= 1


def tokens(text: str, sound_s: float) -> tuple[int, int]:
    """Estimate a text's and its sound's tokens, for the usage that streams of events end with."""
    return max(1, math.ceil(len(text) / 4)), math.ceil(sound_s * _TOKENS_A_SECOND)

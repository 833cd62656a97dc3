"""`POST /v1/audio/speech`: sound as it is spoken, or events that carry it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from sightline.api import speech as wire
from sightline.api.fields import Object
from sightline.jobs.speak import Speaker, tokens
from sightline.media.audio import FORMATS, RATE, mime
from sightline.server.admission import Admission
from sightline.server.auth import check_model
from sightline.server.stream import while_connected
from sightline.settings import Settings
from sightline.types import Speech
from sightline.voices.voice import NAMES

_PLAIN = " !#$&'()*+,/:;=?@[]"  # of a header, beside letters and digits
_MOST_BYTES_A_CHARACTER = 12  # \\u and surrogates


class SpeechEndpoint:
    """Speaks texts."""

    def __init__(self, settings: Settings, admission: Admission) -> None:
        self._settings = settings
        self._admission = admission
        self.speaker = Speaker(settings)

    def fields(self) -> Object[dict[str, Any]]:
        """Give the fields that a request has, of this server's voices."""
        voices = self.speaker.voices
        known = [name for voice in voices.voices() for name in (voice.name, voice.own)]
        return wire.request(
            voices=NAMES,
            others=None if voices.takes_any else known,
            formats=FORMATS,
            most=self._settings.max_speech_chars,
        )

    async def speak(self, request: Request) -> Response:
        """Speak one text. Raises `SightlineError`s before the first sound."""
        self._admission.enter(request)
        voices = self.speaker.voices
        parse = partial(wire.parse, of=self.fields(), any_model=voices.takes_any)
        most = self._settings.max_speech_chars
        bound = _MOST_BYTES_A_CHARACTER * max(most, 4096) + 100_000
        asked = await self._admission.read(request, bound, parse)
        check_model(request, asked.model)
        voice = self.speaker.voice(asked.voice)
        ticket = await self._admission.ticket(request, asked.model)
        await ticket.reserve(partial(_count, asked.text), 0)
        # A voice may have any name; a header holds no line's end, nor letters beyond Latin ones.
        headers = {"x-sightline-voice": f"{voices.name} {quote(voice.own, safe=_PLAIN)}"}
        given = self.speaker.encoded(asked)
        first = await while_connected(request, _next(given))
        if asked.events:
            return self._admission.stream(_events(asked, first, given), ticket, headers=headers)
        return self._admission.stream(_whole(first, given), ticket, mime(asked.form), headers)


async def _count(text: str) -> int:
    return len(text) // 4 + 1


async def _next(given: AsyncGenerator[bytes]) -> bytes:
    return await anext(given, b"")


async def _whole(first: bytes, rest: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    async with aclosing(rest):
        yield first
        async for piece in rest:
            yield piece


async def _events(
    asked: Speech, first: bytes, rest: AsyncGenerator[bytes]
) -> AsyncGenerator[bytes]:
    size = 0
    async with aclosing(_whole(first, rest)) as pieces:
        async for piece in pieces:
            if piece:
                size += len(piece)
                yield wire.delta(piece)
    # The length is that of the words, whatever the form they are carried in.
    seconds = size / (2 * RATE) if asked.form in ("pcm", "wav") else len(asked.text) / 15
    yield wire.done(*tokens(asked.text, seconds / asked.speed))

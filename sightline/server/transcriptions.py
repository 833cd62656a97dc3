"""`POST /v1/audio/transcriptions` and `/translations`: what is said, whole or as it is heard."""

from __future__ import annotations

import shlex
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from sightline.api import transcriptions as wire
from sightline.api.transcriptions import Transcribe
from sightline.errors import InvalidRequest, ModelNotFound, UsageError
from sightline.hearing.listen import Hearing, SpeechListener
from sightline.media.soundtrack import Order
from sightline.media.subtitles import Cue
from sightline.media.subtitles import write as subtitles
from sightline.server import forms
from sightline.server.admission import Admission, Ticket
from sightline.server.auth import check_model
from sightline.server.stream import json_reply, while_connected
from sightline.settings import Settings
from sightline.types import Usage
from sightline.types.transcripts import Segment, Transcript

_MOST_FIELDS, _MOST_FIELD = 1100, 20_000  # keywords are many, and short
_LEAST_S = 0.1  # the API's own


class TranscriptionsEndpoint:
    """Writes down what is said in sounds."""

    def __init__(self, listener: SpeechListener, settings: Settings, admission: Admission) -> None:
        self._settings, self._admission = settings, admission
        self.listener = listener

    async def transcribe(self, request: Request) -> Response:
        """Write what is said in the language that it is said in."""
        return await self._heard(request, translate=False)

    async def translate(self, request: Request) -> Response:
        """Write what is said in English."""
        return await self._heard(request, translate=True)

    async def _heard(self, request: Request, *, translate: bool) -> Response:
        self._admission.enter(request)
        asked, listening = await self._read(request, translate)
        check_model(request, asked.model)
        ticket = await self._admission.ticket(request, asked.model)
        await ticket.reserve(_unknown, 0)  # how long it lasts is known once it was heard
        if asked.events:
            told = _events(asked, listening, ticket)
            first = await while_connected(request, anext(told))
            return self._admission.stream(_with(first, told), ticket)
        found = await while_connected(request, _transcript(listening))
        _settle(ticket, found)
        headers = ticket.headers()
        if asked.form in ("json", "verbose_json"):
            return json_reply(wire.body(asked, found), headers=headers)
        return PlainTextResponse(_text(asked, found), headers=headers)

    async def _read(self, request: Request, translate: bool) -> tuple[Transcribe, Hearing]:
        settings, heard = self._settings, self.listener.transcriber
        bounds = forms.UploadBounds(
            settings.max_audio_bytes, _MOST_FIELDS, _MOST_FIELD, settings.body_timeout_s
        )
        parse = partial(wire.parse, translate=translate, any_model=heard.takes_any)
        async with forms.read_form(request, bounds, self._admission.held.of(request)) as form:
            _check_hears(self.listener)
            asked = parse(form.items, own=heard.models())
            sound = [form.file.read()]
        order = Order(settings.video_decode_s, settings.max_audio_s)
        return asked, self.listener.listen(
            sound, asked.task, order, model=asked.model, param="file"
        )


def _check_hears(listener: SpeechListener) -> None:
    """Refuse where nothing here hears, and say what to install. Raises `ModelNotFound`."""
    try:
        listener.transcriber.check()
    except UsageError as error:
        # Where Python lies is nobody's business.
        hint = error.hint.replace(shlex.quote(sys.executable), "python")
        raise ModelNotFound(
            f"This server does not transcribe. {error.message}", param="model", hint=hint
        ) from None


async def _unknown() -> int:
    return 1


async def _transcript(listening: Hearing) -> Transcript:
    found = await listening.transcript()
    _check_length(found)
    return found


def _check_length(found: Transcript) -> None:
    if found.duration_s < _LEAST_S:
        raise InvalidRequest(
            "Audio file is too short. Minimum audio length is 0.1 seconds.",
            param="file",
            code="audio_too_short",
        )


def _settle(ticket: Ticket, found: Transcript) -> None:
    heard, said = wire.counted(found)
    ticket.spent(Usage(heard, said), said)


def _text(asked: Transcribe, found: Transcript) -> str:
    if asked.form == "text":
        return found.text + "\n"
    cues = [Cue(each.start_s, each.end_s, each.text) for each in found.segments]
    return subtitles(cues, "srt" if asked.form == "srt" else "vtt")


async def _with(first: bytes, rest: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    async with aclosing(rest):
        yield first
        async for piece in rest:
            yield piece


async def _events(asked: Transcribe, listening: Hearing, ticket: Ticket) -> AsyncGenerator[bytes]:
    found: list[Segment] = []
    async with aclosing(listening.segments()) as segments:
        async for segment in segments:
            yield wire.delta(segment.text if found else segment.text.lstrip())
            found.append(segment)
    whole = Transcript(tuple(found), listening.seconds)
    _check_length(whole)
    _settle(ticket, whole)
    yield wire.done(asked, whole)

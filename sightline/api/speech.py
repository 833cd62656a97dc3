"""`POST /v1/audio/speech`: its JSON, its errors and its events, in the API's words."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast, get_args

from sightline.api import models, reply
from sightline.api.audio_errors import Faults, either
from sightline.api.fields import Enum, Field, Number, Object, Schema, Schemas, String, whole
from sightline.api_models import SPEECH, api_models
from sightline.errors import InvalidRequest
from sightline.types import SoundFormat, Speech

_MOST_TEXT = 10_000  # of a text that has no bound of its own
_LANGUAGE = r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,2}"


@dataclass(frozen=True, slots=True)
class VoiceField(Field[str]):
    """A voice, by its name or as an object with its id.

    `told` are the names told where one is wrong, `others` are taken too, None for any.
    """

    told: Sequence[str]
    others: Sequence[str] | None

    def check(self, value: object, path: str) -> str:
        """Return the name. Raises `InvalidRequest`."""
        if isinstance(value, Mapping) and isinstance(value.get("id"), str):
            value = value["id"]
        named = isinstance(value, str) and (self.others is None or value in self.names)
        if not named:
            raise InvalidRequest(f"Input should be {either(self.told)}", param=path)
        return str(value)

    @property
    def names(self) -> list[str]:
        """Those that are known."""
        return [*self.told, *(other for other in self.others or () if other not in self.told)]

    def schema(self, named: Schemas) -> Schema:
        """Describe it."""
        name: Schema = {"type": "string", "examples": [*self.told][:1]}
        if self.others is not None:
            name["enum"] = self.names
        by_id = {"type": "object", "required": ["id"], "properties": {"id": name}}
        return {"anyOf": [name, by_id]}


def request(
    *,
    voices: Sequence[str] = ("alloy",),
    others: Sequence[str] | None = None,
    formats: Sequence[str] = get_args(SoundFormat),
    most: int = 4096,
) -> Object[dict[str, Any]]:
    """Make the fields of a request to a server with these voices, sounds, and characters of a text.

    `voices` are the names told where one is wrong, `others` are taken too, None for any.
    """
    return Object(
        {
            "model": String(most=_MOST_TEXT, examples=("tts-1",)),
            "input": String(least=1, most=most),
            "voice": VoiceField(voices, others),
            "instructions": String(most=4096),
            "response_format": Enum(formats),
            "stream_format": Enum(("audio", "sse")),
            "speed": Number(0.25, 4.0),
            "language": String(most=_MOST_TEXT, looks=f"^({_LANGUAGE})?$"),
        },
        whole,
        required=("model", "input", "voice"),
        closed=True,
    )


def parse(body: Mapping[str, Any], *, of: Object[Any], any_model: bool) -> Speech:
    """Read a request for speech with the fields that `request` makes.

    With `any_model` another server knows the models. Raises `InvalidRequest` with every fault, and
    `ModelNotFound`.
    """
    faults = Faults(of.given(body))
    read = {name: faults.read(name) for name in of.fields}
    language = read["language"] or ""
    if isinstance(language, str) and language and not re.fullmatch(_LANGUAGE, language):
        faults.add("string_pattern_mismatch", "language", "Input should be as 'en' or 'pt-BR'")
    faults.settle()
    model, kind = read["model"], read["stream_format"]
    speaker = api_models().speaks(model)
    if not any_model and speaker is None:
        missing = models.not_found(model)
        missing.hint = f"Models that speak are {_speakers()}."
        raise missing
    if kind == "sse" and speaker is not None and not speaker.sse:
        raise InvalidRequest(
            f"stream_format 'sse' is not supported for model '{model}'.",
            param="stream_format",
            code="unsupported_value",
            hint="Take gpt-4o-mini-tts, or stream_format 'audio'.",
        )
    return Speech(
        read["input"],
        model,
        read["voice"],
        cast(SoundFormat, read["response_format"] or "mp3"),
        1.0 if read["speed"] is None else float(read["speed"]),
        read["instructions"] or "",
        kind == "sse",
        language,
    )


def _speakers() -> str:
    *first, last = (m.id for m in api_models().models.values() if m.kind == SPEECH and m.dated)
    return f"{', '.join(first)} and {last}"


def delta(sound: bytes) -> bytes:
    """Write a piece of sound as an event."""
    return reply.event({"type": "speech.audio.delta", "audio": base64.b64encode(sound).decode()})


def done(input_tokens: int, output_tokens: int) -> bytes:
    """Write the last event, with the usage."""
    usage = {
        "input_tokens": input_tokens,
        "output_tokens": output_tokens,
        "total_tokens": input_tokens + output_tokens,
    }
    return reply.event({"type": "speech.audio.done", "usage": usage})

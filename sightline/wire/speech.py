"""`POST /v1/audio/speech`: its JSON, its errors and its events, in the API's words."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from sightline.api_models import SPEECH, api_models
from sightline.errors import InvalidRequest
from sightline.types import SoundFormat, Speech
from sightline.wire import models, reply

_FIELDS = (
    "model", "input", "voice", "instructions", "response_format", "speed", "stream_format",
    "language",
)  # fmt: skip
_MOST_INSTRUCTIONS = 4096
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,2}")
_MOST_SHOWN = 100


def parse(
    body: Mapping[str, Any],
    *,
    voices: Sequence[str],
    others: Sequence[str] | None,
    formats: Sequence[str],
    most: int,
    any_model: bool,
) -> Speech:
    """Read a request for speech.

    `voices` are the names told where one is wrong, `others` are taken too, None for any. `most` is
    how many characters the text may have; with `any_model` another server knows the models.
    Raises `InvalidRequest` with every fault, and `ModelNotFound`.
    """
    faults = _Faults(body)
    for name in body:
        if name not in _FIELDS:
            faults.add("extra_forbidden", name, "Extra inputs are not permitted")
    model = faults.text("model", needed=True)
    text = faults.text("input", needed=True, least=1, most=most)
    voice = faults.voice(None if others is None else [*voices, *others], voices)
    instructions = faults.text("instructions", most=_MOST_INSTRUCTIONS)
    form = faults.choice("response_format", formats, "mp3")
    kind = faults.choice("stream_format", ("audio", "sse"), "audio")
    speed = faults.number("speed", 0.25, 4.0, 1.0)
    language = faults.text("language")
    if language and not _LANGUAGE.fullmatch(language):
        faults.add("string_pattern_mismatch", "language", "Input should be as 'en' or 'pt-BR'")
    faults.settle()
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
        text, model, voice, cast(SoundFormat, form), speed, instructions, kind == "sse", language
    )


def _speakers() -> str:
    *first, last = (m.id for m in api_models().models.values() if m.kind == SPEECH and m.dated)
    return f"{', '.join(first)} and {last}"


class _Faults:
    """Gathers what is wrong with a body, to tell all of it at once, as the API does."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self._body = body
        self._found: list[dict[str, Any]] = []

    def add(self, kind: str, name: str, said: str, **context: Any) -> None:
        """Note a fault of a field."""
        value = self._body.get(name)
        shown = value[:_MOST_SHOWN] if isinstance(value, str) else value
        plain = shown is None or isinstance(shown, str | int | float | bool)
        fault = {"type": kind, "loc": ("body", name), "msg": said}
        self._found.append({**fault, "input": shown if plain else "…", **context})

    def settle(self) -> None:
        """Raise what was noted."""
        if self._found:
            first = self._found[0]
            code = "missing_required_parameter" if first["type"] == "missing" else "invalid_value"
            raise InvalidRequest(str(self._found), param=first["loc"][1], code=code)

    def text(self, name: str, *, needed: bool = False, least: int = 0, most: int = 10_000) -> str:
        """Read a string."""
        value = self._body.get(name)
        if value is None:
            if needed:
                self.add("missing", name, "Field required")
            return ""
        if not isinstance(value, str):
            self.add("string_type", name, "Input should be a valid string")
            return ""
        if len(value) < least:
            told = f"String should have at least {least} character"
            self.add("string_too_short", name, told, ctx={"min_length": least})
        if len(value) > most:
            told = f"String should have at most {most} characters"
            self.add("string_too_long", name, told, ctx={"max_length": most})
        return value

    def voice(self, known: Sequence[str] | None, told: Sequence[str]) -> str:
        """Read a voice, by its name or as an object with its id."""
        value = self._body.get("voice")
        if isinstance(value, Mapping) and isinstance(value.get("id"), str):
            value = value["id"]
        if value is None:
            self.add("missing", "voice", "Field required")
        elif not isinstance(value, str) or (known is not None and value not in known):
            self.add("enum", "voice", f"Input should be {_or(told)}")
        return value if isinstance(value, str) else ""

    def choice(self, name: str, allowed: Sequence[str], usual: str) -> str:
        """Read one of several words."""
        value = self._body.get(name)
        if value is None:
            return usual
        if value not in allowed:
            self.add("enum", name, f"Input should be {_or(allowed)}")
        return str(value)

    def number(self, name: str, least: float, most: float, usual: float) -> float:
        """Read a number within bounds."""
        value = self._body.get(name)
        if value is None:
            return usual
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.add("float_type", name, "Input should be a valid number")
            return usual
        if value > most:
            told = f"Input should be less than or equal to {most:g}"
            self.add("less_than_equal", name, told, ctx={"le": most})
        if not value >= least:
            told = f"Input should be greater than or equal to {least:g}"
            self.add("greater_than_equal", name, told, ctx={"ge": least})
        return float(value)


def _or(names: Sequence[str]) -> str:
    quoted = [f"'{name}'" for name in names]
    return ", ".join(quoted[:-1]) + f" or {quoted[-1]}"


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

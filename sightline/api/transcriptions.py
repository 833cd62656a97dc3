"""`POST /v1/audio/transcriptions` and `/translations`: their forms, errors, replies and events.

Errors are in the API's words. Subtitles are written by `media/subtitles`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, cast, get_args

from sightline.api import models, reply
from sightline.api.audio_errors import Faults
from sightline.api.fields import (
    Array,
    Enum,
    Field,
    Given,
    Number,
    Object,
    String,
    by_type,
    whole,
)
from sightline.api.forms import Binary, Flag
from sightline.api.languages import NAMES
from sightline.api_models import TRANSCRIPTION, ApiModel, api_models
from sightline.errors import InvalidRequest
from sightline.types.transcripts import Segment, Task, Transcript, VoiceDetection

Form = Literal["json", "text", "srt", "verbose_json", "vtt"]
FORMS: tuple[Form, ...] = get_args(Form)
_GRANULARITIES = ("word", "segment")
_TOKENS_A_SECOND = 10  # of sound; the API counts about so many
_MOST_TEXT = 10_000
_FEW, _MOST_WORDS = 20, 1000
# What of the API cannot be done here, and what to do instead.
_NOT_HERE = {
    "known_speaker_names": "Speakers are not told apart here.",
    "known_speaker_references": "Speakers are not told apart here.",
    "include": "The probabilities of tokens are not known here; verbose_json tells those of "
    "segments.",
}


def _detection(given: Given) -> VoiceDetection:
    given.needed("type")
    silence, padding = given("silence_duration_ms"), given("prefix_padding_ms")
    return VoiceDetection(
        given("threshold"),
        None if silence is None else int(silence),
        None if padding is None else int(padding),
    )


_VAD: Object[VoiceDetection] = Object(
    {
        "type": Enum(("server_vad",)),
        "threshold": Number(0.0, 1.0),
        "silence_duration_ms": Number(0, 60_000),
        "prefix_padding_ms": Number(0, 60_000),
    },
    _detection,
    required=("type",),
    closed=True,
)
_OF_FORMS: dict[str, Field[Any]] = {
    "file": Binary(),
    "model": String(most=_MOST_TEXT, examples=("whisper-1",)),
    "prompt": String(most=_MOST_TEXT),
    "response_format": Enum(FORMS),
    "temperature": Number(0.0, 1.0),
}
_TRANSCRIBED: dict[str, Field[Any]] = {
    **_OF_FORMS,
    "response_format": Enum((*FORMS, "diarized_json")),
    "language": String(most=_MOST_TEXT, examples=("en",)),
    "languages": Array(String(most=20), most=_FEW, noun="strings"),
    "keywords": Array(String(most=200), most=_MOST_WORDS, noun="strings"),
    "timestamp_granularities": Array(Enum(_GRANULARITIES), most=_FEW, noun="strings"),
    "stream": Flag(),
    "chunking_strategy": by_type(
        "one of 'auto' or an object of type 'server_vad'", string=Enum(("auto",)), object=_VAD
    ),
    "include": Array(Enum(("logprobs",)), most=_FEW, noun="strings"),
    "known_speaker_names": Array(String(most=200), most=4, noun="strings"),
    "known_speaker_references": Array(String(), most=4, noun="strings"),
}
_REQUIRED = ("file", "model")
TRANSCRIPTION_FORM: Object[dict[str, Any]] = Object(
    _TRANSCRIBED, whole, required=_REQUIRED, closed=True
)
TRANSLATION_FORM: Object[dict[str, Any]] = Object(_OF_FORMS, whole, required=_REQUIRED, closed=True)


@dataclass(frozen=True, slots=True)
class Transcribe:
    """What is asked about a sound: of which model, in which form, with the times of what.

    `events` says that it is to be told as it is heard.
    """

    model: str
    form: Form
    task: Task
    events: bool = False
    granularities: tuple[str, ...] = ("segment",)


def parse(
    sent: Iterable[tuple[str, str]], *, translate: bool, own: Sequence[str], any_model: bool
) -> Transcribe:
    """Read a form's fields beside its file.

    `own` are models by names that are not the API's; with `any_model` another server knows the
    models. Raises `InvalidRequest` with every fault, and `ModelNotFound`.
    """
    form = TRANSLATION_FORM if translate else TRANSCRIPTION_FORM
    value = _gathered(form, sent)
    faults = Faults(form.given({**value, "file": ""}))
    read = {name: faults.read(name) for name in form.fields}
    faults.settle()
    model = read["model"]
    row = _row(model, own, any_model)
    asked = cast(Form, read["response_format"] or "json")
    _check_form(model, row, asked)
    for name, said in _NOT_HERE.items():
        if read.get(name):
            raise InvalidRequest(
                f"'{name}' is not supported by this server.",
                param=name,
                code="unsupported_value",
                hint=said,
            )
    kinds = tuple(dict.fromkeys(read.get("timestamp_granularities") or ()))
    if kinds and asked != "verbose_json":
        raise InvalidRequest(
            f"timestamp_granularities is not compatible with response_format '{asked}'. "
            "Use 'verbose_json' instead.",
            param="timestamp_granularities",
            code="unsupported_value",
        )
    languages = (read.get("language"), *(read.get("languages") or ()))
    first, *others = [_language(code) for code in languages]
    task = Task(
        first,
        () if first else tuple(filter(None, others)),
        translate,
        read["prompt"] or "",
        tuple(read.get("keywords") or ()),
        read["temperature"],
        words=asked not in ("json", "text"),  # they tell the times of segments too
    )
    told_at_once = row is not None and not row.sse  # the API passes over a stream of such a model
    chunked = read.get("chunking_strategy")
    if isinstance(chunked, VoiceDetection):
        task = replace(task, detection=chunked)
    events = bool(read.get("stream")) and not told_at_once and asked in ("json", "text")
    return Transcribe(model, asked, task, events, kinds or ("segment",))


def _gathered(form: Object[Any], sent: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Put a form's fields together: lists come as one field for each value, with [] or without."""
    found: dict[str, Any] = {}
    for key, text in sent:
        name, part = key.removesuffix("[]"), _PART.fullmatch(key)
        if isinstance(form.fields.get(name), Array):
            found.setdefault(name, []).append(text)
        elif part is not None and part[1] in form.fields:
            whole = found.setdefault(part[1], {})
            if isinstance(whole, dict):
                whole[part[2]] = _number(text) if part[2] != "type" else text
        elif isinstance(form.fields.get(key), Number):
            found[key] = _number(text)
        elif key == "language" or text:  # an empty field is none
            found[key] = text
    return found


_PART = re.compile(r"(chunking_strategy)\[(\w{1,40})\]")


def _number(text: str) -> object:
    """Read a number of a form; what is none stays what it is."""
    try:
        return float(text)
    except ValueError:
        return text


def _row(model: str, own: Sequence[str], any_model: bool) -> ApiModel | None:
    row = api_models().hears(model)
    if row is None and model not in own and not any_model:
        missing = models.not_found(model)
        *first, last = (m.id for m in api_models().models.values() if m.kind == TRANSCRIPTION)
        missing.hint = f"Models that transcribe are {', '.join([*first, *own])} and {last}."
        raise missing
    return row


def _check_form(model: str, row: ApiModel | None, form: str) -> None:
    known = FORMS if row is None else row.formats
    if form in known:
        return
    *first, last = (f"'{each}'" for each in known)
    raise InvalidRequest(
        f"response_format '{form}' is not compatible with model '{model}'. "
        f"Use {', '.join(first)} or {last} instead.",
        param="response_format",
        code="unsupported_value",
        hint="Speakers are not told apart here."
        if form == "diarized_json"
        else "whisper-1 writes every form.",
    )


def _language(code: str | None) -> str:
    if not code:
        return ""
    if code.lower() not in NAMES:
        raise InvalidRequest(
            f"Invalid language '{code[:100]}'. Language parameter must be specified in ISO-639-1 "
            "format.",
            param="language",
            code="invalid_language_format",
            hint="It is as 'en' or 'de'.",
        )
    return code.lower()


def body(asked: Transcribe, found: Transcript) -> dict[str, Any]:
    """Write the reply of json and verbose_json."""
    if asked.form == "verbose_json":
        return _verbose(asked, found)
    if asked.task.translate:
        return {"text": found.text}
    told: dict[str, Any] = {"text": found.text}
    if asked.model == "gpt-transcribe":
        told["languages"] = languages(found)
    return {**told, "usage": usage(asked, found)}


def _verbose(asked: Transcribe, found: Transcript) -> dict[str, Any]:
    code = "en" if asked.task.translate else found.language or asked.task.language
    told: dict[str, Any] = {
        "task": "translate" if asked.task.translate else "transcribe",
        "language": NAMES.get(code, code or "unknown"),
        "duration": round(found.duration_s, 3),
        "text": found.text,
    }
    if "word" in asked.granularities:
        told["words"] = [
            {"word": word.text, "start": round(word.start_s, 3), "end": round(word.end_s, 3)}
            for segment in found.segments
            for word in segment.words
        ]
    if "segment" in asked.granularities:
        told["segments"] = [_segment(i, each) for i, each in enumerate(found.segments)]
    return told if asked.task.translate else {**told, "usage": _seconds(found)}


def _segment(number: int, segment: Segment) -> dict[str, Any]:
    return {
        "id": number,
        "seek": segment.seek,
        "start": round(segment.start_s, 3),
        "end": round(segment.end_s, 3),
        "text": segment.text,
        "tokens": list(segment.tokens),
        "temperature": segment.temperature,
        "avg_logprob": segment.avg_logprob,
        "compression_ratio": segment.compression_ratio,
        "no_speech_prob": segment.no_speech_prob,
    }


def languages(found: Transcript) -> list[dict[str, str]]:
    """Write the languages that were heard."""
    codes = dict.fromkeys(each.language for each in found.segments if each.language)
    return [{"code": code} for code in codes]


def counted(found: Transcript) -> tuple[int, int]:
    """Count the tokens of a sound and of what is said in it."""
    tokens = sum(len(s.tokens) or math.ceil(len(s.text) / 4) for s in found.segments)
    return math.ceil(found.duration_s * _TOKENS_A_SECOND), tokens


def usage(asked: Transcribe, found: Transcript) -> dict[str, Any]:
    """Write the usage: in seconds of a model that is paid by them, else in tokens."""
    row = api_models().hears(asked.model)
    if row is None or len(row.formats) == len(FORMS):
        return _seconds(found)
    heard, said = counted(found)
    text = math.ceil(len(asked.task.prompt) / 4)
    return {
        "type": "tokens",
        "input_tokens": heard + text,
        "input_token_details": {"text_tokens": text, "audio_tokens": heard},
        "output_tokens": said,
        "total_tokens": heard + text + said,
    }


def _seconds(found: Transcript) -> dict[str, Any]:
    return {"type": "duration", "seconds": math.ceil(found.duration_s)}


def delta(text: str) -> bytes:
    """Write what was heard next as an event."""
    return reply.event({"type": "transcript.text.delta", "delta": text})


def done(asked: Transcribe, found: Transcript) -> bytes:
    """Write the last event, with all that was said."""
    told: dict[str, Any] = {"type": "transcript.text.done", "text": found.text}
    if asked.model == "gpt-transcribe":
        told["languages"] = languages(found)
    counted_in_tokens = usage(asked, found)
    if counted_in_tokens["type"] == "tokens":  # of an event it is nothing else
        told["usage"] = counted_in_tokens
    return reply.event(told)

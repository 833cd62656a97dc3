"""The transcripts of another OpenAI-compatible server."""

from __future__ import annotations

import io
import warnings
import wave
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sightline import remote
from sightline.api.languages import CODES
from sightline.errors import EngineError, UsageError
from sightline.hearing.transcriber import Options, Transcriber
from sightline.types.transcripts import RATE, Segment, SpokenWord, Task, VoiceDetection

_TIMEOUT_S = 600.0
_TELLS_TIMES = "whisper"  # of the API's models those alone; others refuse to be asked
_OWN = ("gpt-", "whisper-1")
_FAILED = remote.failed("The server that hears", "--hearing-url")


@dataclass(frozen=True, slots=True)
class UpstreamHearingOptions(Options):
    """The settings of another server, by their names."""

    hearing_url: str = ""
    hearing_key: str = field(default="", repr=False)


class UpstreamTranscriber(Transcriber):
    """Passes each stretch on as a WAV, which every such server takes."""

    name = "upstream"
    takes_any = True
    most_s = 600.0  # 19 MB, of the 25 MB that the API takes
    options_class = UpstreamHearingOptions
    tells_times = True

    def __init__(self, options: UpstreamHearingOptions) -> None:
        self._options = options
        self._client: Any = None
        self._untimed = not self.tells_times  # found out by asking

    def models(self) -> tuple[str, ...]:
        """List none: the server knows."""
        return ()

    def check(self) -> None:
        """See that there is an address. Raises `UsageError`."""
        if not self._options.hearing_url:
            raise UsageError(
                "The transcripts of another server need its address.",
                hint="Give --hearing-url, for example http://127.0.0.1:8001/v1.",
            )

    async def transcribe(self, samples: bytes, model: str, task: Task) -> AsyncGenerator[Segment]:
        """Have a stretch listened to there."""
        self.check()
        seconds = len(samples) / 2 / RATE
        sound = ("sound.wav", _wav(samples), "audio/wav")
        asked = self._asked(self._options.hearing_model or model, task, seconds)
        try:
            found = await self._answer(sound, asked, translate=task.translate)
        except _TimesRefused:
            self._untimed = True
            asked = self._asked(self._options.hearing_model or model, task, seconds)
            found = await self._answer(sound, asked, translate=task.translate)
        for segment in _segments(found, seconds, task):
            yield segment

    async def _answer(
        self, sound: tuple[str, bytes, str], asked: Mapping[str, Any], *, translate: bool
    ) -> Any:
        """Ask, and give the SDK's reply. Raises `EngineError`."""
        if self._client is None:
            self._client = remote.client(
                self._options.hearing_url,
                self._options.hearing_key or "none",
                timeout=_TIMEOUT_S,
                max_retries=1,
            )
        audio = self._client.audio
        ask = audio.translations if translate else audio.transcriptions
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            asking = ask.create(file=sound, **asked)  # the SDK warns of models that end
        timed = asked["response_format"] != "json"
        with remote.faults(_told_of_times if timed else _FAILED):
            return await asking

    def _asked(self, model: str, task: Task, seconds: float) -> dict[str, Any]:
        """Write what is asked of so many seconds: with times, unless none are told."""
        timed = _TELLS_TIMES in model or not model.startswith(_OWN)
        return _asked(model, task, timed=timed and not self._untimed)

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()


def _asked(model: str, task: Task, *, timed: bool) -> dict[str, Any]:
    """Write what is asked, with times or without."""
    asked: dict[str, Any] = {"model": model, "response_format": "verbose_json" if timed else "json"}
    if task.prompt:
        asked["prompt"] = task.prompt
    if task.temperature is not None:
        asked["temperature"] = task.temperature
    if not task.translate:
        if not timed and (strategy := _strategy(task.detection)):
            asked["chunking_strategy"] = strategy
        if timed:
            kinds = ["word", "segment"] if task.words else ["segment"]
            asked["timestamp_granularities"] = kinds
        if task.language:
            asked["language"] = task.language
        more = {"languages": list(task.languages), "keywords": list(task.keywords)}
        asked |= {name: value for name, value in more.items() if value}
    return asked


def _strategy(detection: VoiceDetection) -> dict[str, Any]:
    """Write how voices are told from silence; nothing where that is as usual."""
    told = {
        "threshold": detection.threshold,
        "silence_duration_ms": detection.silence_ms,
        "prefix_padding_ms": detection.padding_ms,
    }
    given = {name: value for name, value in told.items() if value is not None}
    return {"type": "server_vad", **given} if given else {}


def _wav(samples: bytes) -> bytes:
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples)
    return made.getvalue()


def _segments(found: Any, seconds: float, task: Task) -> list[Segment]:
    """Read a reply; one without times is one segment. Raises `EngineError` for what is none."""
    text = getattr(found, "text", None)
    if not isinstance(text, str):
        raise _strange()
    told = getattr(found, "segments", None) or []
    language = _code(getattr(found, "language", None)) or task.language
    words = _words(getattr(found, "words", None) or [])
    try:
        made = [_segment(each, language, words) for each in told]
    except (AttributeError, TypeError, ValueError):
        raise _strange() from None
    if made or not text.strip():
        return made
    return [Segment(0.0, seconds, f" {text.strip()}", language, words)]


def _segment(each: Any, language: str, words: Sequence[SpokenWord]) -> Segment:
    start_s, end_s = float(each.start), float(each.end)
    return Segment(
        start_s,
        end_s,
        str(each.text),
        language,
        tuple(word for word in words if start_s <= (word.start_s + word.end_s) / 2 < end_s),
        tuple(getattr(each, "tokens", None) or ()),
        _number(each, "temperature", 0.0),
        _number(each, "avg_logprob", 0.0),
        _number(each, "compression_ratio", 1.0),
        _number(each, "no_speech_prob", 0.0),
    )


def _number(each: Any, name: str, usual: float) -> float:
    """Read what not every server tells of a segment."""
    value = getattr(each, name, None)
    return usual if value is None else float(value)


def _words(told: Sequence[Any]) -> tuple[SpokenWord, ...]:
    try:
        return tuple(SpokenWord(float(w.start), float(w.end), str(w.word).strip()) for w in told)
    except (AttributeError, TypeError, ValueError):
        raise _strange() from None


def _code(name: object) -> str:
    """Give a language's code, of what the API writes as "english"."""
    return CODES.get(str(name).lower(), "") if isinstance(name, str) else ""


def _strange() -> EngineError:
    return EngineError(
        "The server that hears gave what is no transcript.",
        hint="Is it the API's at --hearing-url?",
    )


class _TimesRefused(EngineError):
    """A server that writes plain JSON alone, as llama.cpp's, refused to tell times."""


def _told_of_times(found: remote.Fault, error: Exception) -> EngineError:
    if found is remote.Fault.REFUSED and remote.status(error) == 400:
        return _TimesRefused("The server that hears tells no times.")
    return _FAILED(found, error)

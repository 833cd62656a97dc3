"""Checks of transcriptions: sound in, what was said in it as words, subtitles or JSON out."""

from __future__ import annotations

import io
import json
import math
import re
import struct
import wave
from functools import cache

from sightline_conformance.kit import NO_CALL, Json, Kit, NotApplicable, Reply, check

_GROUP = "transcriptions"
_REFERENCE = "OpenAI API reference, audio/transcriptions"
_PATH = "/audio/transcriptions"
_SAID = "one two three four five six seven"
_TIME = r"\d\d:\d\d:\d\d[,.]\d{3}"


@cache
def _tone(seconds: float = 1.5) -> bytes:
    """Make a WAV file of a tone, in which nothing is said."""
    stored = io.BytesIO()
    with wave.open(stored, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        beats = (math.sin(2 * math.pi * 440 * i / 16_000) for i in range(int(seconds * 16_000)))
        file.writeframes(b"".join(struct.pack("<h", int(8000 * beat)) for beat in beats))
    return stored.getvalue()


def _heard(kit: Kit, data: bytes | None = None, /, **fields: str) -> Reply:
    if _PATH in kit.missing:  # a gateway may stop asking what is behind it
        raise NotApplicable(f"there is no POST {_PATH}")
    file = "a.wav", _tone() if data is None else data
    reply = kit.upload(_PATH, {"model": "whisper-1", **fields}, file)
    if reply.status in NO_CALL:
        kit.missing.add(_PATH)
        raise NotApplicable(f"there is no POST {_PATH}: {reply}")
    return reply


def _there(kit: Kit) -> None:
    """See that the call is there at all: what refuses everything is not judged by its refusals."""
    kit.taken(_heard(kit))


def _spoken(kit: Kit) -> bytes:
    """Have the server itself speak what it is to hear. Raises `NotApplicable`."""
    body = {"model": "tts-1", "input": _SAID, "voice": "alloy", "response_format": "wav"}
    reply = kit.send("POST", "/audio/speech", body)
    if reply.status != 200 or not reply.data.startswith(b"RIFF"):
        raise NotApplicable("it does not speak, and there is nothing else to be heard")
    return reply.data


@check(_GROUP, "JSON with the text", _REFERENCE)
def _(kit: Kit) -> None:
    told = kit.taken(_heard(kit))
    kit.expect(isinstance(told.get("text"), str), "a text", told)


@check(_GROUP, "the text alone", f"{_REFERENCE}: response_format text")
def _(kit: Kit) -> None:
    reply = _heard(kit, response_format="text")
    plain = reply.headers.get("content-type", "").startswith("text/plain")
    kit.expect(reply.status == 200 and plain, "200 as text/plain", f"{reply.headers} {reply}")


@check(_GROUP, "JSON with duration, language and segments", f"{_REFERENCE}: verbose_json")
def _(kit: Kit) -> None:
    told = kit.taken(_heard(kit, response_format="verbose_json"))
    long = float(told["duration"])
    kit.expect(1.3 < long < 1.7, "a duration of 1.5 seconds", long)
    kit.expect(isinstance(told.get("language"), str), "a language", told)
    kit.expect(isinstance(told.get("segments"), list), "segments", told)


@check(_GROUP, "what is spoken is heard", "a text that the server spoke itself")
def _(kit: Kit) -> None:
    _there(kit)
    told = str(kit.taken(_heard(kit, _spoken(kit), language="en")).get("text", "")).lower()
    words = zip(_SAID.split(), "1234567", strict=True)
    found = sum(word in told or digit in told for word, digit in words)
    kit.judge()
    kit.expect(found >= 5, f"most words of {_SAID!r}", told)


@check(
    _GROUP, "words have their times, one after the other", f"{_REFERENCE}: timestamp_granularities"
)
def _(kit: Kit) -> None:
    _there(kit)
    timed = {"timestamp_granularities[]": "word"}
    told = kit.taken(_heard(kit, _spoken(kit), response_format="verbose_json", **timed))
    words: list[Json] = told.get("words") or []
    kit.judge()
    times = [float(each[end]) for each in words for end in ("start", "end")]
    kit.expect(times and times == sorted(times), "words with start and end, in order", words)
    kit.expect(times[-1] <= float(told["duration"]) + 0.5, "times within it", times[-1])


def _subtitles(form: str, start: str) -> None:
    def run(kit: Kit) -> None:
        _there(kit)
        reply = _heard(kit, _spoken(kit), response_format=form)
        kit.expect(reply.status == 200, "200", reply)
        kit.judge()
        good = reply.text.startswith(start) and re.search(f"{_TIME} --> {_TIME}", reply.text)
        kit.expect(good, f"{form} with times", reply.text[:200])

    check(_GROUP, f"subtitles as {form}", f"{_REFERENCE}: response_format {form}")(run)


_subtitles("srt", "1")
_subtitles("vtt", "WEBVTT")


@check(_GROUP, "a stream of what is heard", f"{_REFERENCE}: stream")
def _(kit: Kit) -> None:
    _there(kit)
    reply = _heard(kit, model="gpt-4o-transcribe", stream="true")
    if 400 <= reply.status < 500:
        raise NotApplicable(f"it does not stream what it hears: {reply}")
    data = re.findall(r"^data: ?({.*)$", reply.text, re.MULTILINE)
    kinds = [json.loads(event).get("type") for event in data]
    done = "transcript.text.done"
    kit.expect(kinds and kinds[-1] == done and kinds.count(done) == 1, f"{done} last", kinds[-3:])


@check(_GROUP, "a file that is no sound is refused", _REFERENCE)
def _(kit: Kit) -> None:
    _there(kit)
    kit.refuses(_heard(kit, b"This is a text and no sound."), "a text")


@check(_GROUP, "no file is refused", _REFERENCE)
def _(kit: Kit) -> None:
    _there(kit)
    kit.refuses(kit.upload(_PATH, {"model": "whisper-1"}, None), "no file")


def _refused(what: str, **fields: str) -> None:
    def run(kit: Kit) -> None:
        _there(kit)
        kit.refuses(_heard(kit, **fields), what)

    check(_GROUP, f"{what} is refused", _REFERENCE)(run)


_refused("an unknown response_format", response_format="poem")
_refused("a temperature of 2", temperature="2")
_refused("a language that does not exist", language="klingon")

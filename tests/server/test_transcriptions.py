"""`POST /v1/audio/transcriptions` and `/translations` through the real client, by real weights."""

from __future__ import annotations

import io
import json
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import openai
import pysubs2
import pytest
import requests

from tests import whisper
from tests.conftest import running
from tests.waiting import PATIENCE_S

WHOLE = " ".join(whisper.SAID)
SECOND = ("second.wav", whisper.second())  # half the work, where one sentence is enough


@pytest.fixture(scope="module")
def heard(ear: Path) -> Iterator[str]:
    with running("--no-playground", "--hearing-model", str(ear)) as url:
        yield url


@pytest.fixture(scope="module")
def hearing(heard: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=heard, api_key="test", max_retries=0, timeout=PATIENCE_S) as made:
        yield made


def transcribed(client: openai.OpenAI, **asked: Any) -> Any:
    usual = {"model": "whisper-1", "file": whisper.SPEECH}
    return client.audio.transcriptions.create(**{**usual, **asked})


def translated(client: openai.OpenAI, **asked: Any) -> Any:
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):  # the SDK's own
        return client.audio.translations.create(
            **{"model": "whisper-1", "file": whisper.SPEECH, **asked}
        )


def test_real_speech_is_written_down_word_for_word(hearing: openai.OpenAI) -> None:
    found = transcribed(hearing)
    assert whisper.words(found.text) == whisper.words(WHOLE)
    assert found.usage.type == "duration"
    assert found.usage.seconds == 13


def test_text_is_text(hearing: openai.OpenAI) -> None:
    found = transcribed(
        hearing, file=SECOND, response_format="text", model="gpt-4o-transcribe", language="en"
    )
    assert isinstance(found, str)
    assert found.endswith("\n")
    assert whisper.words(found) == whisper.words(whisper.SAID[1])


@pytest.mark.parametrize("form", ["srt", "vtt"])
def test_subtitles_are_at_the_times_of_the_speech(hearing: openai.OpenAI, form: str) -> None:
    cues = pysubs2.SSAFile.from_string(transcribed(hearing, response_format=form), format_=form)
    assert whisper.words(" ".join(cue.plaintext for cue in cues)) == whisper.words(WHOLE)
    whisper.hold_to_times((cue.start / 1000, cue.end / 1000) for cue in cues)


def test_verbose_json_has_segments_and_words_with_their_times(hearing: openai.OpenAI) -> None:
    found = transcribed(
        hearing, response_format="verbose_json", timestamp_granularities=["word", "segment"]
    )
    assert found.language == "english"
    assert found.duration == pytest.approx(whisper.LENGTH_S, abs=0.05)
    assert found.usage.seconds == 13
    assert [each.id for each in found.segments] == list(range(len(found.segments)))
    assert "".join(each.text for each in found.segments).strip() == found.text
    for each in found.segments:
        assert each.tokens
        assert each.avg_logprob < 0
        assert 0 <= each.no_speech_prob < 0.6
    assert whisper.words(" ".join(word.word for word in found.words)) == whisper.words(WHOLE)
    times = [time for word in found.words for time in (word.start, word.end)]
    assert times == sorted(times)
    (first, last), (again, end) = whisper.TIMES
    assert times[0] == pytest.approx(first, abs=0.3)
    assert times[-1] == pytest.approx(end, abs=0.3)
    pause = next(b.start - a.end for a, b in zip(found.words, found.words[1:], strict=False)
                 if b.start > last)  # fmt: skip
    assert pause == pytest.approx(again - last, abs=0.4)


def test_words_and_segments_come_where_they_are_asked_for(hearing: openai.OpenAI) -> None:
    found = transcribed(hearing, response_format="verbose_json")
    assert found.words is None
    assert found.segments
    found = transcribed(hearing, response_format="verbose_json", timestamp_granularities=["word"])
    assert found.words
    assert found.segments is None


def test_what_is_heard_is_streamed(hearing: openai.OpenAI) -> None:
    with transcribed(hearing, model="gpt-4o-mini-transcribe", stream=True) as events:
        told = list(events)
    *deltas, done = told
    assert len(deltas) >= 2
    assert {each.type for each in deltas} == {"transcript.text.delta"}
    assert done.type == "transcript.text.done"
    assert "".join(each.delta for each in deltas) == done.text
    assert whisper.words(done.text) == whisper.words(WHOLE)
    assert done.usage.input_token_details.audio_tokens == 128
    assert done.usage.total_tokens == done.usage.input_tokens + done.usage.output_tokens
    # The API passes over it for whisper-1.
    reply = hearing.audio.transcriptions.with_raw_response.create(
        model="whisper-1", file=whisper.SPEECH, stream=True
    )
    assert reply.headers["content-type"] == "application/json"


def test_the_newest_model_tells_its_languages(hearing: openai.OpenAI) -> None:
    found = transcribed(
        hearing, file=SECOND, model="gpt-transcribe", keywords=["ill-disposed"],
        extra_body={"languages": ["en", "de"]},
    )  # fmt: skip
    assert [each.code for each in found.languages] == ["en"]
    assert found.usage.type == "tokens"


def test_voices_are_told_from_silence_as_is_asked(hearing: openai.OpenAI) -> None:
    found = transcribed(hearing, chunking_strategy="auto", response_format="verbose_json")
    assert whisper.words(found.text) == whisper.words(WHOLE)
    long = {"type": "server_vad", "silence_duration_ms": 4000}
    found = transcribed(hearing, file=SECOND, chunking_strategy=long, language="en")
    assert whisper.words(found.text) == whisper.words(whisper.SAID[1])
    strict = {"type": "server_vad", "threshold": 1.0}
    assert transcribed(hearing, chunking_strategy=strict).text == ""
    for wrong in ({"type": "other"}, {"type": "server_vad", "threshold": 7}, {"threshold": 0.5}):
        with pytest.raises(openai.BadRequestError) as raised:
            transcribed(hearing, chunking_strategy=wrong)
        assert raised.value.param == "chunking_strategy"


def test_what_is_said_is_translated(hearing: openai.OpenAI) -> None:
    found = translated(hearing, file=SECOND)
    assert whisper.words(found.text) == whisper.words(whisper.SAID[1])
    assert set(found.to_dict()) == {"text"}
    verbose = translated(hearing, file=SECOND, response_format="verbose_json")
    assert verbose.language == "english"
    assert verbose.segments
    assert "-->" in translated(hearing, file=SECOND, response_format="srt")


def test_a_recording_of_a_telephone_is_heard(hearing: openai.OpenAI) -> None:
    memo = whisper.sound("ipod", "aac", 24_000, begin_s=whisper.SECOND_S)
    found = transcribed(hearing, file=("memo.m4a", memo), language="en")
    assert whisper.words(found.text) == whisper.words(whisper.SAID[1])


def test_silence_says_nothing(hearing: openai.OpenAI) -> None:
    quiet = (np.random.default_rng(0).normal(0, 20, 16_000 * 5)).astype(np.int16)
    found = transcribed(hearing, file=("quiet.wav", wav(quiet)), response_format="verbose_json")
    assert found.text == ""
    assert found.segments == []
    assert found.duration == pytest.approx(5)


def wav(samples: Any) -> bytes:
    import wave

    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(samples.tobytes())
    return made.getvalue()


FORMATS = "['flac', 'm4a', 'mp3', 'mp4', 'mpeg', 'mpga', 'oga', 'ogg', 'wav', 'webm']"
REFUSED: dict[str, tuple[dict[str, Any], str, str | None, str | None]] = {
    "no sound at all": ({"file": ("a.mp3", b"What?" * 999)},
                        f"Invalid file format. Supported formats: {FORMATS}", "file", None),
    "a playlist": ({"file": ("a.m3u8", b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n")},
                   f"Invalid file format. Supported formats: {FORMATS}", "file", None),
    "too short": ({"file": ("a.wav", wav(np.zeros(800, np.int16)))},
                  "Audio file is too short. Minimum audio length is 0.1 seconds.", "file",
                  "audio_too_short"),
    "another form": ({"response_format": "xml"}, "Input should be 'json', 'text'",
                     "response_format", "invalid_value"),
    "a form of another model": (
        {"model": "gpt-4o-transcribe", "response_format": "verbose_json"},
        "response_format 'verbose_json' is not compatible with model 'gpt-4o-transcribe'. "
        "Use 'json' or 'text' instead.", "response_format", "unsupported_value"),
    "speakers": (
        {"model": "gpt-4o-transcribe-diarize", "response_format": "diarized_json"},
        "response_format 'diarized_json' is not compatible", "response_format",
        "unsupported_value"),
    "times without a place": ({"timestamp_granularities": ["word"]},
                              "Use 'verbose_json' instead.", "timestamp_granularities",
                              "unsupported_value"),
    "other times": ({"timestamp_granularities": ["letter"], "response_format": "verbose_json"},
                    "letter", "timestamp_granularities", "invalid_value"),
    "a language by its name": ({"language": "english"},
                               "Invalid language 'english'. Language parameter must be specified "
                               "in ISO-639-1 format.", "language", "invalid_language_format"),
    "too hot": ({"temperature": 2}, "less than or equal to 1", "temperature", "invalid_value"),
    "probabilities of tokens": ({"model": "gpt-4o-transcribe", "include": ["logprobs"]},
                                "'include' is not supported", "include", "unsupported_value"),
    "an unknown field": ({"extra_body": {"speed": 2}}, "Extra inputs are not permitted", "speed",
                         "invalid_value"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_wrong_is_refused_in_the_apis_words(hearing: openai.OpenAI, what: str) -> None:
    asked, said, param, code = REFUSED[what]
    with pytest.raises(openai.BadRequestError) as raised:
        transcribed(hearing, **asked)
    error: Any = raised.value.body
    assert said in error["message"]
    assert (error["param"], error["code"]) == (param, code)
    assert error["type"] == "invalid_request_error"


def test_a_model_that_does_not_hear_is_not_found(hearing: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as raised:
        transcribed(hearing, model="gpt-4o")
    assert raised.value.code == "model_not_found"
    found = transcribed(hearing, model=whisper.NAME, response_format="srt")
    assert "-->" in found


def test_a_file_may_have_25_mb(heard: str) -> None:
    reply = requests.post(
        f"{heard}/audio/transcriptions",
        files={"file": ("a.wav", bytes(26_214_401))},
        data={"model": "whisper-1"},
        timeout=PATIENCE_S,
    )
    assert reply.status_code == 413
    assert "Maximum content size limit (26214400) exceeded" in reply.json()["error"]["message"]


def test_a_form_has_to_have_a_file_and_a_model(heard: str) -> None:
    url = f"{heard}/audio/transcriptions"
    reply = requests.post(
        url, data={"model": "whisper-1"}, files={"x": ("", "")}, timeout=PATIENCE_S
    )
    assert reply.json()["error"]["param"] == "file"
    reply = requests.post(url, files={"file": ("a.wav", b"RIFF")}, timeout=PATIENCE_S)
    assert reply.json()["error"]["param"] == "model"
    assert reply.json()["error"]["code"] == "missing_required_parameter"


def test_limits_and_metrics_count_what_is_heard(heard: str, hearing: openai.OpenAI) -> None:
    transcribed(hearing)
    told = requests.get(heard.removesuffix("/v1") + "/metrics", timeout=PATIENCE_S).text
    count = re.search(r'sightline_tokens_total\{kind="prompt",model="other"\} (\S+)', told)
    assert count is not None
    assert float(count[1]) >= 128


def test_a_server_that_cannot_hear_says_what_to_install(tmp_path: Path) -> None:
    with running("--no-playground", "--models-dir", str(tmp_path)) as url:
        reply = requests.post(
            f"{url}/audio/transcriptions",
            files={"file": ("a.ogg", whisper.SPEECH.read_bytes())},
            data={"model": "whisper-1"},
            timeout=PATIENCE_S,
        )
    assert reply.status_code == 404
    error = reply.json()["error"]
    assert error["code"] == "model_not_found"
    assert "sightline pull whisper-base" in error["hint"]
    assert "/bin/" not in json.dumps(error)
    assert "/bin/" not in reply.text

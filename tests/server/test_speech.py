"""`POST /v1/audio/speech` through the real client: voices, formats, speed, streams, errors."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import openai
import pytest
import requests

from sightline.voices.kokoro_files import Packaged
from tests import tiny_voice
from tests.commands import typed
from tests.conftest import running
from tests.engines.test_upstream import Endless, raw
from tests.hearing import decoded, pitch
from tests.hub import Hub
from tests.waiting import PATIENCE_S

TEXT = "The river bends past the old mill. Nobody remembers who built the bridge!"
NAMES = (
    "alloy", "ash", "ballad", "coral", "echo", "fable", "onyx", "nova", "sage", "shimmer", "verse",
    "marin", "cedar",
)  # fmt: skip
RATES = {"mp3": 24_000, "opus": 48_000, "aac": 24_000, "flac": 24_000, "wav": 24_000}


def speak(client: openai.OpenAI, **asked: Any) -> Any:
    usual = {"model": "tts-1", "voice": "alloy", "input": TEXT, "response_format": "wav"}
    return client.audio.speech.with_raw_response.create(**{**usual, **asked})


@pytest.mark.parametrize("form", ["mp3", "opus", "aac", "flac", "wav", "pcm"])
def test_every_format_carries_the_same_words(client: openai.OpenAI, form: str) -> None:
    reply = speak(client, response_format=form)
    assert reply.headers["content-type"] == {"mp3": "audio/mpeg"}.get(form, f"audio/{form}")
    assert reply.headers["x-sightline-voice"] == "espeak en-us+f5"
    if form == "pcm":
        raw = np.frombuffer(reply.content, np.int16)
        samples, rate = (raw / 32768).astype(np.float32), 24_000
    else:
        samples, rate = decoded(reply.content)
        assert rate == RATES[form]
    assert 3.5 < len(samples) / rate < 6.5
    assert np.abs(samples).max() > 0.2


def test_mp3_is_what_comes_unasked(client: openai.OpenAI) -> None:
    reply = client.audio.speech.with_raw_response.create(
        model="tts-1-hd", voice="nova", input="Hi."
    )
    assert reply.headers["content-type"] == "audio/mpeg"
    assert "content-length" not in reply.headers


def test_voices_differ_to_the_ear(client: openai.OpenAI) -> None:
    told = set()
    for name in NAMES:
        reply = speak(client, voice=name, model="gpt-4o-mini-tts")
        samples, rate = decoded(reply.content)
        told.add((round(pitch(samples, rate) / 12), reply.headers["x-sightline-voice"]))
        loudness = float(np.sqrt(np.mean(samples**2)))
        assert 0.07 < loudness < 0.16, (name, loudness)
    assert len({voice for _, voice in told}) == 13
    assert len({height for height, _ in told}) >= 9


@pytest.mark.parametrize("speed", [0.25, 0.5, 1.5, 4.0])
def test_speed_is_kept(client: openai.OpenAI, speed: float) -> None:
    usual, rate = decoded(speak(client).content)
    other, _ = decoded(speak(client, speed=speed).content)
    assert len(other) / len(usual) == pytest.approx(1 / speed, rel=0.12)
    assert pitch(other, rate) == pytest.approx(pitch(usual, rate), rel=0.15)


def test_dated_models_and_instructions(client: openai.OpenAI) -> None:
    for model in ("tts-1-1106", "tts-1-hd-1106", "gpt-4o-mini-tts", "gpt-4o-mini-tts-2025-12-15"):
        reply = speak(client, model=model, instructions="Speak like a pirate.", input="Ahoy.")
        assert len(reply.content) > 10_000


def test_the_two_ways_of_the_documents(
    base_url: str, client: openai.OpenAI, tmp_path: Path
) -> None:
    response = requests.post(
        f"{base_url}/audio/speech",
        headers={"Authorization": "Bearer test"},
        json={"model": "tts-1-1106", "input": TEXT, "voice": "onyx"},
        timeout=PATIENCE_S,
    )
    audio = b""
    for chunk in response.iter_content(chunk_size=1024 * 1024):
        audio += chunk
    assert len(decoded(audio)[0]) > 24_000
    path = tmp_path / "speech.mp3"
    with client.audio.speech.with_streaming_response.create(
        model="tts-1", voice="alloy", input=TEXT
    ) as reply:
        reply.stream_to_file(path)
    assert len(decoded(path.read_bytes())[0]) > 24_000


def test_sound_comes_before_all_is_spoken(base_url: str) -> None:
    text = " ".join(f"This is sentence number {i} of a long text." for i in range(90))[:4096]
    asked = {"model": "tts-1", "voice": "echo", "input": text, "response_format": "pcm"}
    with requests.post(
        f"{base_url}/audio/speech", json=asked, stream=True, timeout=PATIENCE_S
    ) as reply:
        pieces = [len(piece) for piece in reply.raw.read_chunked(amt=None)]
    assert len(pieces) > 20
    assert pieces[0] < sum(pieces) / 20


def test_events(base_url: str) -> None:
    asked = {
        "model": "gpt-4o-mini-tts", "voice": "sage", "input": TEXT, "stream_format": "sse",
        "response_format": "pcm",
    }  # fmt: skip
    reply = requests.post(f"{base_url}/audio/speech", json=asked, timeout=PATIENCE_S)
    assert reply.headers["content-type"].startswith("text/event-stream")
    events = [json.loads(line[6:]) for line in reply.text.splitlines() if line.startswith("data:")]
    assert {event["type"] for event in events[:-1]} == {"speech.audio.delta"}
    size = sum(len(base64.b64decode(event["audio"])) for event in events[:-1])
    assert events[-1]["type"] == "speech.audio.done"
    usage = events[-1]["usage"]
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
    assert usage["output_tokens"] == pytest.approx(size / 48_000 * 20, abs=2)


@pytest.mark.parametrize(
    ("wrong", "status", "words"),
    [
        ({"voice": "bob"}, 400, r"'type': 'enum'.*'voice'.*Input should be 'alloy', .* or 'cedar'"),
        ({"response_format": "ogg"}, 400, "Input should be 'mp3', 'opus'"),
        ({"input": "x" * 5000}, 400, "String should have at most 4096 characters"),
        ({"input": ""}, 400, "at least 1 character"),
        ({"speed": 4.5}, 400, "Input should be less than or equal to 4"),
        ({"speed": 0.2}, 400, "Input should be greater than or equal to 0.25"),
        ({"speed": "fast"}, 400, "Input should be a valid number"),
        ({"model": "tts-9"}, 404, "The model `tts-9` does not exist"),
        ({"extra_body": {"stream_format": "sse"}}, 400, "not supported for model 'tts-1'"),
        ({"extra_body": {"surprise": 1}}, 400, "Extra inputs are not permitted"),
        ({"extra_body": {"input": None}}, 400, "Field required"),
    ],
)
def test_errors(client: openai.OpenAI, wrong: dict[str, Any], status: int, words: str) -> None:
    with pytest.raises(openai.APIStatusError) as caught:
        speak(client, **wrong)
    assert caught.value.status_code == status
    assert re.search(words, caught.value.message)
    assert len(caught.value.message) < 900


def test_a_longer_text_where_the_operator_allows_it() -> None:
    text = "One more sentence is spoken here. " * 150
    with (
        running("--max-speech-chars", "20000") as url,
        openai.OpenAI(base_url=url, api_key="a") as client,
    ):
        sound = speak(client, input=text, response_format="pcm", speed=4.0).content
        assert len(sound) / 48_000 > 60


def test_other_languages(client: openai.OpenAI) -> None:
    german = speak(client, input="Guten Morgen, liebe Leute.", extra_body={"language": "de"})
    english = speak(client, input="Guten Morgen, liebe Leute.")
    assert german.content != english.content
    assert len(german.content) > 20_000
    with pytest.raises(openai.BadRequestError, match="language"):
        speak(client, extra_body={"language": "../../etc"})


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ar", "مرحبا بكم في الميناء."), ("fa", "سلام، حال شما چطور است؟"), ("ru", "Привет, мир! Как дела?"),
        ("uk", "Її звати Оля, і вона їде."), ("bg", "Добър ден, къде е гарата?"), ("zh", "港口今天关闭。"),
        ("ja", "港は今日閉まっています。"), ("ko", "항구는 오늘 닫혀 있습니다."), ("el", "Το λιμάνι είναι κλειστό."),
        ("he", "הנמל סגור היום."), ("hi", "बंदरगाह आज बंद है।"), ("th", "วันนี้ท่าเรือปิด"),
    ],
)  # fmt: skip
def test_letters_tell_the_language(client: openai.OpenAI, language: str, text: str) -> None:
    def lasting(**asked: str) -> int:
        return len(speak(client, input=text, extra_body=asked).content)

    told = lasting(language=language)
    assert lasting() == pytest.approx(told, rel=0.02)  # other voices spell letters, for long
    assert lasting(language="en") == pytest.approx(told, rel=0.02)
    assert lasting(language="de") != pytest.approx(told, rel=0.03)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "The **harbour** is _closed_ today, `pier 4` too.",
            "The harbour is closed today, pier 4 too.",
        ),
        ("# Closed\nThe harbour is closed.", "Closed\n\nThe harbour is closed."),
        ("* one ship\n* two boats", "one ship\n\ntwo boats"),
        ("See [the plan](https://example.com/a/plan?x=1) now.", "See the plan now."),
        ("A ship 🚢 leaves 👩‍✈️ at 9 ✅.", "A ship leaves at 9 ."),
        ("<p>The <b>harbour</b> &amp; pier</p>", "The harbour & pier"),
        ("| Ship | Pier |\n|---|---|\n| Anna | 4 |", "Ship, Pier.\n\nAnna, 4."),
    ],
)
def test_what_is_for_the_eye_is_not_read_out(client: openai.OpenAI, text: str, said: str) -> None:
    lasting = [len(speak(client, input=each).content) for each in (text, said)]
    assert lasting[0] == pytest.approx(lasting[1], rel=0.07)  # a pause may be a block longer


def test_a_client_that_leaves_frees_its_voice(base_url: str, client: openai.OpenAI) -> None:
    text = "This is one of very many sentences that nobody will hear. " * 70
    for _ in range(12):  # more than are spoken at once
        asked = {"model": "tts-1", "voice": "echo", "input": text[:4000], "speed": 0.25}
        with requests.post(
            f"{base_url}/audio/speech", json=asked, stream=True, timeout=PATIENCE_S
        ) as reply:
            reply.raw.read(1000)
    assert speak(client, input="Still here.").content


# --- neural voices --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def neural(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tiny_voice.write(tmp_path_factory.mktemp("kokoro"))
    with running("--speech", "kokoro", "--speech-model", str(folder)) as url:
        yield url


def test_neural_voices_speak(neural: str) -> None:
    with openai.OpenAI(base_url=neural, api_key="a", max_retries=0) as client:
        reply = speak(client, voice="onyx")
        assert reply.headers["x-sightline-voice"] == "kokoro am_onyx"
        samples, rate = decoded(reply.content)
        assert pitch(samples, rate) == pytest.approx(100, rel=0.05)
        high, _ = decoded(speak(client, voice="alloy").content)
        assert pitch(high, rate) == pytest.approx(200, rel=0.05)
        quick, _ = decoded(speak(client, voice="onyx", speed=4.0).content)
        assert len(quick) == pytest.approx(len(samples) / 4, rel=0.1)
        own, _ = decoded(speak(client, voice="if_sara", input="Buongiorno a tutti.").content)
        assert pitch(own, rate) == pytest.approx(260, rel=0.05)
        long, _ = decoded(speak(client, voice="onyx", input="word " * 390).content)
        assert len(long) > 30 * rate
        with pytest.raises(openai.BadRequestError, match="enum"):
            speak(client, voice="zf_nobody")


def test_neural_voices_are_pulled_and_locked(tmp_path: Path) -> None:
    hub = Hub("onnx-community/Kokoro-82M-v1.0-ONNX", "d" * 40)
    hub.files = {**tiny_voice.files(), "onnx/model.onnx": b"the large one"}
    hub.small = {"tokenizer.json"}
    folder = tmp_path / "models"
    env = {
        "SIGHTLINE_MODELS_DIR": str(folder), "HF_HUB_DISABLE_XET": "1", "PATH": "/usr/bin:/bin",
        "HF_HOME": str(tmp_path / "hf"), "HOME": str(tmp_path), "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    }  # fmt: skip

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        if words[0] != "pull":
            return typed(*words, env=env)
        # In a process of its own: the library that downloads reads its settings when imported.
        return subprocess.run(
            [sys.executable, "-m", "sightline.cli.main", *words],
            capture_output=True, text=True, timeout=PATIENCE_S, env={**env, "HF_ENDPOINT": hub.url},
        )  # fmt: skip

    with hub.serving():
        missing = run("voices", "--speech", "kokoro")
        if Packaged.is_here():
            assert "ax_alloy" in missing.stdout
        else:
            assert missing.returncode == 2
            assert "sightline pull kokoro" in missing.stderr
        done = run("pull", "kokoro")
        assert done.returncode == 0, done.stderr
        assert "they speak where --speech names no others" in done.stdout
        assert not (folder / "kokoro" / "onnx" / "model.onnx").exists()
        hub.files["tokenizer.json"] += b" "
        (folder / "kokoro" / "tokenizer.json").unlink()
    hub.asked.clear()
    damaged = run("voices", "--speech", "kokoro")
    assert damaged.returncode == 2
    assert "is not the file that was pulled" in damaged.stderr
    with hub.serving():
        run("pull", "kokoro", "--update")
    listed = json.loads(run("voices", "--speech", "kokoro", "--json").stdout)
    assert listed["source"] == "kokoro"
    assert [v["name"] for v in listed["voices"]][:3] == ["alloy", "onyx", "marin"]
    done = run(
        "voices", "onyx", "--speech", "kokoro", "--sample", str(tmp_path / "s"), "--format", "wav"
    )
    assert done.returncode == 0, done.stderr
    samples, rate = decoded((tmp_path / "s" / "onyx.wav").read_bytes())
    assert pitch(samples, rate) == pytest.approx(100, rel=0.05)


def test_voices_of_another_server(base_url: str) -> None:
    with (
        running("--speech", "upstream", "--speech-url", base_url) as url,
        openai.OpenAI(base_url=url, api_key="a", max_retries=0) as client,
    ):
        reply = speak(client, voice="onyx")
        assert reply.headers["x-sightline-voice"] == "upstream onyx"
        samples, rate = decoded(reply.content)
        assert pitch(samples, rate) == pytest.approx(72, rel=0.15)
        with pytest.raises(openai.InternalServerError, match="answers with status 400"):
            speak(client, voice="nobody")


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-type: audio/pcm\r\n\r\n", "more than the text can take"),
        (b"HTTP/1.1 400 No\r\ncontent-type: application/json\r\n\r\n", "answers with status 400"),
    ],
)
def test_a_server_that_never_stops_speaking_is_hung_up(head: bytes, words: str) -> None:
    endless = Endless(b"\0" * 65536, head)
    with (
        raw(endless) as speaking,
        running("--speech", "upstream", "--speech-url", speaking) as url,
        openai.OpenAI(base_url=url, api_key="a", max_retries=0) as client,
    ):
        events = client.audio.speech.with_streaming_response.create(
            model="gpt-4o-mini-tts", voice="onyx", input="Hello.", stream_format="sse"
        )
        try:
            with events as reply:
                told = reply.read().decode()
        except openai.APIStatusError as error:
            told = str(error.body)
        assert words in told
        assert endless.ended.wait(PATIENCE_S)


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--speech", "nonsense"), "no voices called 'nonsense'"),
        (("--speech", "upstream"), "--speech-url"),
        (("--speech", "kokoro", "--speech-model", "/nowhere"), "no such folder of voices"),
    ],
)
def test_what_is_wrong_with_the_voices_is_told_at_the_start(
    flags: tuple[str, ...], words: str
) -> None:
    done = typed("serve", "--port", "0", *flags)
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


def test_samples_of_every_voice(tmp_path: Path) -> None:
    done = typed("voices", "--sample", str(tmp_path), "--format", "wav")
    assert done.returncode == 0, done.stderr
    assert sorted(path.stem for path in tmp_path.iterdir()) == sorted(NAMES)
    assert "robotic" in done.stdout
    with wave.open(str(tmp_path / "onyx.wav")) as sample:
        assert sample.getframerate() == 24_000

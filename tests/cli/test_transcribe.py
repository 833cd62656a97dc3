"""`sightline transcribe`, and `describe` of a film in which somebody speaks, by real weights."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pysubs2

from tests import whisper
from tests.chatting import chatting
from tests.commands import typed
from tests.hub import Hub
from tests.models.test_pull import sightline as pulling

WHOLE = " ".join(whisper.SAID)


def sightline(ear: Path | str, *words: str) -> subprocess.CompletedProcess[str]:
    return typed(*words, env={"SIGHTLINE_HEARING_MODEL": str(ear)})


def test_what_is_said_in_a_sound_is_printed(ear: Path, tmp_path: Path) -> None:
    done = sightline(ear, "transcribe", str(whisper.SPEECH))
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [whisper.words(line) for line in lines] == [whisper.words(s) for s in whisper.SAID]
    second = tmp_path / "second.wav"
    second.write_bytes(whisper.second())
    done = sightline(ear, "transcribe", str(second), "--language", "english")
    assert whisper.words(done.stdout) == whisper.words(whisper.SAID[1])


def test_a_films_subtitles_are_at_its_times(ear: Path, spoken_film: Path) -> None:
    done = sightline(ear, "transcribe", str(spoken_film), "--format", "srt")
    assert done.returncode == 0, done.stderr
    cues = pysubs2.SSAFile.from_string(done.stdout)
    assert whisper.words(" ".join(cue.plaintext for cue in cues)) == whisper.words(WHOLE)
    whisper.hold_to_times((cue.start / 1000, cue.end / 1000) for cue in cues)


def test_json_has_words(ear: Path) -> None:
    done = sightline(ear, "transcribe", str(whisper.SPEECH), "--format", "json")
    told = json.loads(done.stdout)
    assert told["language"] == "en"
    assert told["segments"][0]["words"][0]["text"] == "He"
    named = sightline(ear, "transcribe", str(whisper.SPEECH), "--language", "english")
    assert whisper.words(named.stdout) == whisper.words(WHOLE)


def test_describe_puts_what_is_said_beside_the_frames(ear: Path, spoken_film: Path) -> None:
    bodies: list[dict[str, Any]] = []

    def answer(body: dict[str, Any]) -> str:
        bodies.append(body)
        return "A talk."

    with chatting(answer) as url:
        done = sightline(
            ear, "describe", str(spoken_film), "--every", "4", "--base-url", url, "--model", "m"
        )
    assert done.returncode == 0, done.stderr
    content = bodies[0]["messages"][0]["content"]
    assert "what is said in it was heard" in done.stderr
    texts = [part["text"] for part in content if part["type"] == "text"]
    heard = [i for i, text in enumerate(texts) if text.startswith("Said in the film")]
    frames = {text: i for i, text in enumerate(texts) if text.startswith("Frame at")}
    assert len(heard) == 2
    assert frames["Frame at 0.0 s:"] < heard[0] < frames["Frame at 4.0 s:"]
    assert frames["Frame at 4.0 s:"] < heard[1] < frames["Frame at 8.0 s:"]
    assert "young man" in texts[heard[0]]
    assert "selfish" in texts[heard[1]]


def test_describe_without_a_model_tells_of_what_is_said(ear: Path, spoken_film: Path) -> None:
    done = sightline(ear, "describe", str(spoken_film), "--every", "4", "--engine", "reader")
    assert done.returncode == 0, done.stderr
    assert "What is said:" in done.stdout
    assert whisper.SAID[0] in done.stdout
    off = sightline(ear, "describe", str(spoken_film), "--every", "4", "--engine", "reader",
                    "--listen", "off")  # fmt: skip
    assert "What is said:" not in off.stdout
    assert "which is not heard" in off.stderr


def test_what_is_lacking_is_said(spoken_film: Path, tmp_path: Path) -> None:
    nothing = tmp_path / "none"
    for words in (
        ("transcribe", str(spoken_film)),
        ("describe", str(spoken_film), "--listen", "on"),
    ):
        done = sightline(nothing, *words)
        assert done.returncode == 2
        assert "faster-whisper" in done.stderr or "--hearing-model" in done.stderr
    done = sightline(nothing, "describe", str(spoken_film), "--every", "4", "--engine", "reader")
    assert done.returncode == 0, done.stderr
    assert "which is not heard" in done.stderr
    done = sightline(nothing, "transcribe", "nothing.mp3")
    assert done.returncode == 2


def test_a_pulled_model_hears(ear: Path, tmp_path: Path) -> None:
    hub = Hub("Systran/faster-whisper-base", "a" * 40)
    hub.files = {path.name: path.read_bytes() for path in sorted(ear.iterdir())}
    hub.stated = {name: hub.sha(name) for name in hub.files}  # once, of what is large
    hub.small = {name for name in hub.files if name != "model.bin"}
    with hub.serving():
        done = pulling(tmp_path, hub, "pull", whisper.NAME, HF_HUB_DOWNLOAD_TIMEOUT="120")
    assert done.code == 0, done.err
    assert f"serve --hearing-model {whisper.NAME}" in done.out
    done = pulling(tmp_path, None, "transcribe", str(whisper.SPEECH))
    assert whisper.words(done.out) == whisper.words(WHOLE)
    with (tmp_path / whisper.NAME / "model.bin").open("r+b") as weights:
        weights.write(b"none")
    done = pulling(tmp_path, None, "transcribe", str(whisper.SPEECH))
    assert done.code == 2
    assert "is not the file that was pulled" in done.err

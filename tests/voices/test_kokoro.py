"""Kokoro by its real weights, of the packages of the extra `voice`: thirteen voices in English."""

from __future__ import annotations

import asyncio
import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from sightline.hearing.listen import SpeechListener
from sightline.jobs.speak import Speaker
from sightline.settings import load
from sightline.types import Speech
from sightline.types.transcripts import Task
from sightline.voices.kokoro_files import Packaged
from sightline.voices.voice import NAMES
from tests import whisper
from tests.commands import typed
from tests.hearing import pitch

RATE = 24_000
WORDS = "The clown fell into the water."
NUMBERS = "It costs $16.20 and takes 25 minutes. It was 3.14 miles on March 5, 1984."

pytestmark = pytest.mark.skipif(
    not Packaged.is_here(), reason="the weights are not installed: see the extra voice"
)


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The same words by every voice, and numbers by one, as WAV: a second each for one of sound."""
    flags = {"speech": "kokoro", "models_dir": str(tmp_path_factory.mktemp("none")), "threads": 1}

    async def all_of_them() -> dict[str, bytes]:
        speaker = Speaker(load(flags, environment={}))
        speaker.voices.check()
        assert [voice.name for voice in speaker.voices.voices()][: len(NAMES)] == list(NAMES)
        found = {}
        for text, name in ((NUMBERS, "onyx"), *((WORDS, name) for name in NAMES)):
            speech = Speech(text, "tts-1", name, "wav")
            wav = b"".join([piece async for piece in speaker.encoded(speech)])
            found[name if text == WORDS else text] = wav
        await speaker.close()
        return found

    return asyncio.run(all_of_them())


@pytest.fixture(scope="module")
def understood(said: dict[str, bytes], ear: Path) -> dict[str, str]:
    """What is heard of each, by one process that hears."""

    async def written() -> dict[str, str]:
        flags = {"hearing_model": str(ear), "threads": 1}
        listener = SpeechListener(load(flags, environment={}))
        task = Task("en", words=False)
        found = {
            each: (await listener.listen(wav, task).transcript()).text for each, wav in said.items()
        }
        await listener.close()
        return found

    return asyncio.run(written())


def heard(wav: bytes) -> NDArray[np.float32]:
    whole = np.frombuffer(wav[44 + len(wav) % 2 :], np.int16)
    return whole.astype(np.float32) / np.float32(32_768)


def brightness(sound: NDArray[np.float32]) -> float:
    """The middle of a sound's spectrum, in Hz."""
    frames = sound[: len(sound) // 512 * 512].reshape(-1, 512) * np.hanning(512)
    power = np.abs(np.fft.rfft(frames, axis=1)).mean(0)
    return float((power * np.fft.rfftfreq(512, 1 / RATE)).sum() / power.sum())


def test_thirteen_voices_can_be_told_apart(said: dict[str, bytes]) -> None:
    told = {}
    for name in NAMES:
        sound = heard(said[name])
        assert 1.5 < len(sound) / RATE < 4, name
        assert np.abs(sound).max() > 0.1, name
        told[name] = pitch(sound, RATE), brightness(sound)
    assert max(height for height, _ in told.values()) > 2.5 * min(h for h, _ in told.values())
    for one, other in combinations(NAMES, 2):
        (height, bright), (high, clear) = told[one], told[other]
        apart = abs(np.log2(height / high)) > 0.06 or abs(np.log2(bright / clear)) > 0.06
        assert apart, (one, other, told[one], told[other])


def test_it_speaks_unless_told_otherwise_and_leaves_what_it_cannot_say(tmp_path: Path) -> None:
    done = typed("voices", "--json", env={"SIGHTLINE_SPEECH": "auto", "HOME": str(tmp_path)})
    assert json.loads(done.stdout)["source"] == "kokoro"

    async def spoken(source: str) -> NDArray[np.int16]:
        flags = {"speech": source, "models_dir": str(tmp_path), "threads": 1}
        speaker = Speaker(load(flags, environment={}))
        given = speaker.samples("今天天气很好。", speaker.voice("onyx"))
        said = b"".join([block async for block in given])
        await speaker.close()
        return np.frombuffer(said, np.int16)

    own, other = asyncio.run(spoken("auto")), asyncio.run(spoken("espeak"))
    assert len(own) / 24_000 == pytest.approx(len(other) / 22_050, abs=0.1)
    assert np.abs(own.astype(np.int32)).max() > 3000


def test_numbers_are_said_in_words(understood: dict[str, str]) -> None:
    for part in ("16", "20", "25", "3.14", "March 5", "1984"):
        assert part in understood[NUMBERS], understood[NUMBERS]


def test_what_it_says_is_understood(understood: dict[str, str]) -> None:
    words, right = set(whisper.words(WORDS)), 0
    for name in NAMES:
        right += len(words & set(whisper.words(understood[name])))
    assert right / (len(NAMES) * len(words)) > 0.85

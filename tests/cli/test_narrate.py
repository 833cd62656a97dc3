"""`sightline narrate`: the finished film is decoded again, and looked at and listened to."""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

import sightline
from sightline.errors import UsageError
from tests.chatting import chatting
from tests.commands import typed
from tests.films import beeping, film, number
from tests.serving import Server
from tests.surroundings import uncounted
from tests.waiting import PATIENCE_S

BISON = Path(__file__).parents[3] / "shared" / "data" / "bison.mp4"
RATE = 48_000
SCRIPT = {
    "segments": [
        {"start_s": 0.5, "end_s": 3.0, "text": "A number counts up."},
        {"start_s": 4.0, "end_s": 6.5, "text": "A red square runs to the right."},
        {"start_s": 7.5, "end_s": 9.6, "text": "And here it ends."},
    ]
}


def narrate(*words: str) -> subprocess.CompletedProcess[str]:
    return typed("narrate", *words)


def scripted(folder: Path, script: object = SCRIPT) -> str:
    path = folder / "script.json"
    path.write_text(json.dumps(script))
    return str(path)


def packets(path: Path) -> list[bytes]:
    with av.open(str(path), "r") as container:
        return [bytes(p) for p in container.demux(container.streams.video[0]) if p.size]


def times(path: Path) -> list[float]:
    with av.open(str(path), "r") as container:
        stream = container.streams.video[0]
        base = stream.time_base or Fraction(1)
        found = [p.pts for p in container.demux(stream) if p.size and p.pts is not None]
        return sorted(float(pts * base) for pts in found)


def heard(path: Path) -> NDArray[np.float32]:
    """All of a film's sound, each sample at its time: (samples, 2)."""
    with av.open(str(path), "r") as container:
        stream = container.streams.audio[0]
        resampler = av.AudioResampler("fltp", "stereo", RATE)
        blocks: list[tuple[int, NDArray[np.float32]]] = []
        for frame in container.decode(stream):
            for made in resampler.resample(frame):
                at = round(float((made.pts or 0) * (made.time_base or 0)) * RATE)
                blocks.append((at, np.asarray(made.to_ndarray().T, np.float32)))
    whole = np.zeros((max(at + len(block) for at, block in blocks), 2), np.float32)
    for at, block in blocks:
        begin = max(0, -at)
        whole[at + begin : at + len(block)] = block[begin:]
    return whole


def loudness(path: Path) -> float:
    """Integrated loudness by FFmpeg's own meter, in LUFS."""
    graph: Any = av.filter.Graph()
    with av.open(str(path), "r") as container:
        stream = container.streams.audio[0]
        source = graph.add_abuffer(template=stream)
        graph.link_nodes(
            source, graph.add("ebur128", "metadata=1"), graph.add("abuffersink")
        ).configure()
        told: dict[str, str] = {}
        for frame in container.decode(stream):
            graph.push(frame)
            while True:
                try:
                    told = dict(graph.pull().metadata)
                except av.error.BlockingIOError:
                    break
    return float(told["lavfi.r128.I"])


def subtitles(path: Path) -> list[tuple[float, str]]:
    with av.open(str(path), "r") as container:
        stream = next(s for s in container.streams if s.type == "subtitle")
        base = stream.time_base or Fraction(1)
        return [
            (float((p.pts or 0) * base), bytes(p)[2:].decode())
            for p in container.demux(stream)
            if p.size > 2
        ]


def speech(sound: NDArray[np.float32], start_s: float, end_s: float) -> float:
    """Energy between 300 and 3,400 Hz, without the beeps at 1,000."""
    piece = sound[int(start_s * RATE) : int(end_s * RATE)].mean(axis=1)
    power = np.abs(np.fft.rfft(piece)) ** 2
    pitch = np.fft.rfftfreq(len(piece), 1 / RATE)
    kept = (pitch > 300) & (pitch < 3400) & (np.abs(pitch - 1000) > 60)
    return float(np.sqrt(power[kept].sum()) / len(piece))


def beeps(sound: NDArray[np.float32]) -> list[float]:
    """When the beeps of 1,000 Hz begin, in seconds."""
    hop = RATE // 1000
    mono = np.concatenate([np.zeros(100 * hop), sound.mean(axis=1)])
    windows = mono[: len(mono) // hop * hop].reshape(-1, hop)
    tone = np.exp(-2j * np.pi * 1000 * np.arange(hop) / RATE)
    level = np.convolve(np.abs(windows @ tone), np.ones(20) / 20, "same")
    on = level > 0.4 * np.percentile(level, 99)
    starts = np.flatnonzero(on[1:] & ~on[:-1]) / 1000 - 0.1
    return [float(s) for i, s in enumerate(starts) if i == 0 or s - starts[i - 1] > 0.5]


@pytest.fixture(scope="module")
def beeped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return beeping(tmp_path_factory.mktemp("beeped") / "beeped.mp4", 10)


def test_the_finished_film(beeped: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    done = narrate(
        str(beeped), "-o", str(out), "--script", scripted(tmp_path), "--voice", "onyx",
        "--also", "srt,vtt,json,mp3", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["pictures_copied"] is True
    assert sorted(Path(f).name for f in told["files"]) == [
        "out.json", "out.mp3", "out.mp4", "out.srt", "out.vtt",
    ]  # fmt: skip
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "out.json", "out.mp3", "out.mp4", "out.srt", "out.vtt", "script.json",
    ]  # fmt: skip
    # The pictures are the same bits at the same times.
    assert packets(out) == packets(beeped)
    assert times(out) == pytest.approx(times(beeped), abs=0.001)
    sound, before = heard(out), heard(beeped)
    assert len(sound) / RATE == pytest.approx(10.0, abs=0.05)
    assert np.abs(sound).max() < 0.98
    assert loudness(out) == pytest.approx(-16, abs=1.5)
    # The film's own sound is where it was, at the start, in the middle and at the end.
    own = beeps(before)
    kept = [t for t in beeps(sound) if min(abs(t - o) for o in own) < 0.1]
    assert {round(t) for t in kept} >= {0, 3, 7}
    for t in kept:
        assert min(abs(t - o) for o in own) < 0.04
    # Speech is heard where the script says, and nowhere else; the sound is ducked under it.
    segments = told["segments"]
    assert [s["start_s"] for s in segments] == [0.5, 4.0, 7.5]
    pauses = [(0.1, 0.45), (3.3, 3.9), (6.9, 7.4)]
    quiet = max(speech(sound, a, b) for a, b in pauses)
    for segment in segments:
        assert speech(sound, segment["start_s"], segment["end_s"]) > 5 * quiet
    hum = [np.abs(np.fft.rfft(sound[int(a * RATE) : int(a * RATE) + 9600].mean(axis=1)))[30]
           for a in (3.4, 4.6)]  # fmt: skip
    assert 20 * np.log10(hum[0] / hum[1]) > 8
    # Subtitles and the files beside tell the same times and words.
    words = [(s["start_s"], s["text"]) for s in segments]
    assert [(pytest.approx(t, abs=0.002), text) for t, text in subtitles(out)] == words
    assert json.loads((tmp_path / "out.json").read_text()) == {"segments": segments}
    assert (tmp_path / "out.srt").read_text().count("-->") == 3
    assert (tmp_path / "out.vtt").read_text().startswith("WEBVTT")
    with av.open(str(tmp_path / "out.mp3"), "r") as container:
        length = sum(f.samples for f in container.decode(audio=0)) / container.streams.audio[0].rate
    assert length == pytest.approx(10, abs=0.2)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("silent.mp4", {}),
        ("turned.mov", {"turn": 90, "sound": True}),
        ("nine.webm", {"codec": "libvpx-vp9"}),
        ("eight.webm", {"codec": "libvpx"}),
        ("uneven.mkv", {"times": [i * 100 + (i % 3) * 30 for i in range(90)]}),
        ("short.mp4", {"frames": 15}),
        ("stream.ts", {"codec": "libx264", "sound": True}),
        ("moving.gif", {"codec": "gif", "pixel_format": "rgb8"}),
    ],
)
def test_films_of_every_kind(tmp_path: Path, name: str, options: dict[str, Any]) -> None:
    path = film(tmp_path / name, **options)
    script = {"segments": [{"start_s": 0.1, "end_s": 1.0, "text": "Look."}]}
    out = tmp_path / "out.mp4"
    done = narrate(str(path), "-o", str(out), "--script", scripted(tmp_path, script), "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    made = Path(told["files"][0])
    assert made.suffix == (".mkv" if name == "eight.webm" else ".mp4")
    assert told["pictures_copied"] is (name != "moving.gif")
    if name not in ("moving.gif", "stream.ts"):  # a stream's packets are framed in another way
        assert packets(made) == packets(path)
    begin, ours = times(path), times(made)
    assert len(begin) == len(ours)
    assert ours[-1] - ours[0] == pytest.approx(begin[-1] - begin[0], abs=0.02)
    sound = heard(made)
    assert np.abs(sound[int(0.15 * RATE) : int(0.4 * RATE)]).max() > 0.05
    assert len(sound) / RATE == pytest.approx(ours[-1] + 1 / 30, abs=0.1)
    if name == "turned.mov":
        with av.open(str(made), "r") as container:
            frame = next(container.decode(video=0))
            assert abs(frame.rotation) == 90


@dataclass
class Writer:
    """A server of the API that writes scripts."""

    url: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list)
    text: str = "The square moves on."
    shorter: str = "It moves."


@pytest.fixture
def writer() -> Iterator[Writer]:
    made = Writer()

    def answer(body: dict[str, Any]) -> str:
        made.bodies.append(body)
        if "response_format" not in body:
            return made.shorter
        names = body["response_format"]["json_schema"]["schema"]["required"]
        return json.dumps(dict.fromkeys(names, made.text))

    with chatting(answer) as url:
        made.url = url
        yield made


STYLE = "in the style of David Attenborough. Only include the narration."


def test_a_script_is_asked_for_in_words_that_fit(
    writer: Writer, beeped: Path, tmp_path: Path
) -> None:
    out = tmp_path / "script.json"
    done = narrate(
        str(beeped), "--script-only", "-o", str(out), "--style", STYLE, "--frames", "8",
        "--base-url", writer.url, "--model", "m",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    script = json.loads(out.read_text())
    first, *_, last = script["segments"]
    assert (first["start_s"], last["end_s"]) == (0.0, 10.0)
    assert first["text"] == "The square moves on."
    (body,) = writer.bodies
    prompt = body["messages"][0]["content"][0]["text"]
    assert STYLE in prompt
    budgets = re.findall(r"from (\d+\.\d) to (\d+\.\d) s, at most (\d+) words", prompt)
    assert len(budgets) == len(script["segments"])
    for begin, end, words in budgets:
        assert 1.5 < int(words) / (float(end) - float(begin)) < 4
    pictures = [p for p in body["messages"][0]["content"] if p["type"] == "image_url"]
    assert len(pictures) == 8
    # The script goes in again, edited, and nothing is asked.
    script["segments"][0]["text"] = "Edited by hand."
    out.write_text(json.dumps(script))
    film_out = tmp_path / "out.mp4"
    done = narrate(str(beeped), "-o", str(film_out), "--script", str(out))
    assert done.returncode == 0, done.stderr
    assert subtitles(film_out)[0][1] == "Edited by hand."
    assert len(writer.bodies) == 1


def test_what_runs_over_is_made_to_fit(writer: Writer, beeped: Path, tmp_path: Path) -> None:
    writer.text = "This sentence is very much longer than ten seconds of film can ever hold. " * 5
    writer.shorter = "The square moves on and on."
    done = narrate(
        str(beeped), "-o", str(tmp_path / "out.mp4"), "--base-url", writer.url, "--model", "m",
        "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert {s["text"] for s in told["segments"]} == {"The square moves on and on."}
    assert any("1.15 times as fast" in line for line in told["report"])
    assert any("shortened to 6 words" in line for line in told["report"])
    assert "at most" in writer.bodies[-1]["messages"][0]["content"]


def test_a_script_of_ones_own_is_moved_and_cut(beeped: Path, tmp_path: Path) -> None:
    long = "These are rather many words for so short a time, and they go on for a while. " * 2
    script = {
        "segments": [
            {"start_s": 1.0, "end_s": 3.0, "text": long},
            {"start_s": 3.0, "end_s": 5.0, "text": "This comes after it."},
            {"start_s": 9.0, "end_s": 10.0, "text": long},
        ]
    }
    done = narrate(
        str(beeped), "-o", str(tmp_path / "o.mp4"), "--script", scripted(tmp_path, script), "--json"
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    segments = told["segments"]
    for before, after in zip(segments, segments[1:], strict=False):
        assert before["end_s"] <= after["start_s"]
    assert segments[-1]["end_s"] <= 10.0
    said = "\n".join(told["report"])
    assert "segment 1 begins" in said
    assert re.search(r"segment 2 begins \d\.\d s later", said)
    assert "segment 3 was cut" in said


def test_the_reader_tells_what_it_measured(tmp_path: Path) -> None:
    path = film(tmp_path / "film.mp4")
    done = narrate(str(path), "--script-only", "--frames", "3")
    assert done.returncode == 0, done.stderr
    (segment,) = json.loads(done.stdout)["segments"]
    assert re.search("black|white|grey", segment["text"])
    assert len(segment["text"].split()) < 12


def test_subtitles_in_every_way(beeped: Path, tmp_path: Path) -> None:
    script = scripted(tmp_path)
    burned = tmp_path / "burned.mp4"
    done = narrate(str(beeped), "-o", str(burned), "--script", script, "--subtitles", "burn")
    assert done.returncode == 0, done.stderr
    with av.open(str(burned), "r") as container:
        assert [s.type for s in container.streams] == ["video", "audio"]
        shown = {round(float(f.time or 0), 2): f.to_ndarray(format="rgb24")
                 for f in container.decode(video=0)}  # fmt: skip
    assert len(shown) == 300
    with_words, without = shown[1.0], shown[3.5]
    assert number(np.asarray(with_words, np.uint8)) == 30
    foot = slice(104, 122)
    assert (with_words[foot, 60:200].min(axis=-1) > 180).sum() > 40
    assert (without[foot, 60:200].min(axis=-1) > 180).sum() == 0
    files = tmp_path / "files.mp4"
    done = narrate(str(beeped), "-o", str(files), "--script", script, "--subtitles", "file")
    assert done.returncode == 0
    assert (tmp_path / "files.srt").exists()
    assert (tmp_path / "files.vtt").exists()
    none = tmp_path / "none.mp4"
    assert narrate(str(beeped), "-o", str(none), "--script", script, "--subtitles", "none",
                   "--replace-audio").returncode == 0  # fmt: skip
    with av.open(str(none), "r") as container:
        assert not [s for s in container.streams if s.type == "subtitle"]
    assert np.abs(heard(none)[: int(0.4 * RATE)]).max() < 0.001


def test_what_cannot_be_done_leaves_nothing(beeped: Path, tmp_path: Path) -> None:
    script = scripted(tmp_path)
    audio = tmp_path / "sound.m4a"
    with av.open(str(audio), "w") as out:
        stream: Any = out.add_stream("aac", rate=16000)
        quiet = av.AudioFrame.from_ndarray(np.zeros((1, 16000), np.int16), "s16", "mono")
        quiet.sample_rate, quiet.pts = 16000, 0
        out.mux(stream.encode(quiet))
        out.mux(stream.encode(None))
    taken = tmp_path / "taken.mp4"
    taken.write_bytes(b"mine")
    target = tmp_path / "never" / "out.mp4"
    here = {p.name for p in tmp_path.iterdir()}
    wrong = {"segments": [{"start_s": 3, "end_s": 2, "text": "x"}]}
    late = {"segments": [{"start_s": 99, "end_s": 100, "text": "x"}]}
    for words, said in (
        ((str(tmp_path / "away.mp4"),), "There is no file"),
        (("README.md", "-o", str(tmp_path / "o.mp4"), "--script", script), "is no film"),
        ((str(audio), "-o", str(tmp_path / "o.mp4"), "--script", script), "is no film"),
        ((str(beeped), "-o", str(taken), "--script", script), "exists"),
        ((str(beeped), "-o", str(beeped), "--script", script, "--force"), "over itself"),
        ((str(beeped), "-o", str(target), "--script", script), "cannot be written"),
        ((str(beeped), "-o", str(tmp_path / "o.avi"), "--script", script), "Name it .mp4"),
        ((str(beeped), "-o", str(tmp_path / "o.mp4"), "--script", str(taken)), "is not JSON"),
        ((str(beeped), "-o", str(tmp_path / "o.mp4"), "--voice", "bob", "--script", script), "no voice 'bob'"),
    ):  # fmt: skip
        done = narrate(*words)
        assert done.returncode in (1, 2), (words, done.stderr)
        last = [line for line in done.stderr.splitlines() if line.startswith("sightline")]
        assert len(last) == 1
        assert said in last[0], done.stderr
        assert "Traceback" not in done.stderr
    for told, said in ((wrong, "Segment 1 of the script ends before it begins"),
                       (late, "after the film's end"), ({}, 'no "segments"')):  # fmt: skip
        given = scripted(tmp_path, told)
        done = narrate(str(beeped), "-o", str(tmp_path / "o.mp4"), "--script", given)
        assert said in done.stderr
    assert {p.name for p in tmp_path.iterdir()} == here
    assert taken.read_bytes() == b"mine"


def test_a_disk_that_fills_up_leaves_nothing(beeped: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sightline.cli.main", "narrate", str(beeped), "-o",
         str(tmp_path / "out.mp4"), "--script", scripted(tmp_path)],
        capture_output=True, text=True, timeout=PATIENCE_S, env=uncounted(),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (90_000, 90_000)),
    )  # fmt: skip
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["script.json"]


def test_a_voice_that_fails_half_way_leaves_nothing(beeped: Path, tmp_path: Path) -> None:
    spoken = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            spoken.append(1)
            data = b"\x00\x10" * 12_000 if len(spoken) == 1 else b"{}"
            self.send_response(200 if len(spoken) == 1 else 400)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    done = narrate(
        str(beeped), "-o", str(tmp_path / "out.mp4"), "--script", scripted(tmp_path), "--speech",
        "upstream", "--speech-url", f"http://127.0.0.1:{server.server_address[1]}/v1",
    )  # fmt: skip
    server.shutdown()
    server.server_close()
    assert done.returncode == 1
    assert "answers with status 400" in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["script.json"]


def test_from_python(beeped: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    found = sightline.narrate(beeped, out, script=SCRIPT, voice="nova", also=["srt"])
    assert [f.name for f in found.files] == ["out.mp4", "out.srt"]
    assert found.copied
    assert len(found.segments) == 3
    with pytest.raises(UsageError, match="exists"):
        sightline.narrate(beeped, out, script=SCRIPT)


@pytest.mark.skipif(not BISON.exists(), reason="the film is not here")
def test_the_documents_film(tmp_path: Path) -> None:
    out = tmp_path / "bison.mp4"
    script = {"segments": [
        {"start_s": 0.5, "end_s": 6.0, "text": "In the frozen north, a battle unfolds."},
        {"start_s": 8.0, "end_s": 19.0, "text": "The wolves close in on the mighty bison."},
    ]}  # fmt: skip
    done = narrate(str(BISON), "-o", str(out), "--script", scripted(tmp_path, script), "--json")
    assert done.returncode == 0, done.stderr
    assert packets(out) == packets(BISON)
    assert len(packets(out)) == 618
    assert times(out) == pytest.approx(times(BISON), abs=0.001)
    assert loudness(out) == pytest.approx(-16, abs=1.5)
    assert np.abs(heard(out)).max() < 0.98
    sound = heard(out)
    assert speech(sound, 0.6, 2.5) > 3 * speech(sound, 14.0, 19.0)

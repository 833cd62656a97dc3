"""`sightline describe`: timelines, transcripts, films in parts, and going on after a break."""

from __future__ import annotations

import json
import re
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from PIL import Image

from sightline.cli.describe import _ordinal
from tests.chatting import chatting
from tests.commands import typed
from tests.films import film, scenes
from tests.waiting import PATIENCE_S


def sightline(*words: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    return typed(*words, env={"XDG_STATE_HOME": str(folder)} if folder else None)


@dataclass
class Teller:
    """A server of the API that says how many pictures it was sent, and can take only so many."""

    url: str = ""
    most: int = 1000
    fails_after: int | None = None
    bodies: list[dict[str, Any]] = field(default_factory=list)
    answered: int = 0
    at_once: int = 0
    most_at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    together: threading.Barrier | None = None

    def answer(self, body: dict[str, Any]) -> str | tuple[int, dict[str, Any]]:
        with self.lock:
            self.bodies.append(body)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        if self.together is not None and len(self.bodies) <= self.together.parties:
            self.together.wait(PATIENCE_S)
        with self.lock:
            self.at_once -= 1
            if pictures(body) > self.most:
                return 400, {"code": "context_length_exceeded", "message": "This model's maximum"}
            if self.fails_after is not None and self.answered >= self.fails_after:
                return 401, {"code": "invalid_api_key", "message": "No more of this."}
            self.answered += 1
        return f"Title\n{pictures(body)} pictures."


def data(told: str) -> str:
    """What stands between the marks of a text that was put into a prompt as data."""
    found = re.fullmatch(
        r"[^\n]+ data [^\n]+:\n\[data (\d+)\]\n(.*)\n\[end \1\]\n", told, re.DOTALL
    )
    assert found is not None, told
    return found[2]


def pictures(body: dict[str, Any]) -> int:
    parts = [p for m in body["messages"] if isinstance(m["content"], list) for p in m["content"]]
    return sum(part["type"] == "image_url" for part in parts)


@pytest.fixture
def teller() -> Iterator[Teller]:
    made = Teller()
    with chatting(made.answer) as url:
        made.url = url
        yield made


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ninety frames, three seconds."""
    return film(tmp_path_factory.mktemp("clip") / "clip.mp4")


@pytest.fixture(scope="module")
def scened(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second of black, four of blue with words, three of red that are still, four of green."""
    return scenes(tmp_path_factory.mktemp("scened") / "scened.mp4")


def to(teller: Teller, *more: str) -> tuple[str, ...]:
    return ("--base-url", teller.url, "--model", "m", *more)


def test_a_film_that_fits_is_asked_about_once(teller: Teller, clip: Path) -> None:
    done = sightline("describe", str(clip), "--frames", "5", "--json", *to(teller))
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["title"], told["text"]) == ("Title", "Title\n5 pictures.")
    assert told["usage"]["requests"] == 1
    assert len(teller.bodies) == 1
    content = teller.bodies[0]["messages"][0]["content"]
    assert "The film lasts 3.0 s and has 90 frames of 256 × 128 pixels, without sound." in (
        part.get("text") for part in content
    )


def test_parts_are_described_and_then_the_whole(teller: Teller, clip: Path, tmp_path: Path) -> None:
    # A picture costs 85 tokens and 12 for its time; three quarters of the context are for them.
    done = sightline(
        "describe", str(clip), "Who wins?", "--frames", "12", "--context", "400", "--json",
        "--parallel", "1",
        *to(teller), folder=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert len(told["frames"]) == 12
    assert "title" not in told
    assert [pictures(b) for b in teller.bodies[:-1]] == [3, 3, 3, 3]
    assert told["usage"] == {
        "prompt_tokens": 50, "completion_tokens": 10, "total_tokens": 60, "requests": 5,
    }  # fmt: skip
    first, whole = teller.bodies[0]["messages"], teller.bodies[-1]["messages"]
    assert "from 0:00.1 to 0:00.9" in first[0]["content"][0]["text"]
    assert "Who wins?" in first[0]["content"][0]["text"]
    (turn,) = whole
    assert turn["content"][0]["text"] == "Who wins?"
    assert data(turn["content"][1]["text"]).count("3 pictures.") == 4
    assert pictures(teller.bodies[-1]) == 4
    assert not list(tmp_path.rglob("*.jsonl"))


def test_a_part_that_is_too_long_is_halved(teller: Teller, clip: Path) -> None:
    teller.most = 3
    done = sightline("describe", str(clip), "--frames", "10", "--json", *to(teller))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["text"].startswith("Title")
    taken = [pictures(body) for body in teller.bodies if pictures(body) <= 3]
    assert sum(taken[:-1]) == 10  # each frame was seen once, before the whole
    assert len(json.loads(done.stdout)["frames"]) == 10


def test_parts_are_asked_about_together(teller: Teller, clip: Path) -> None:
    teller.together = threading.Barrier(3)
    done = sightline(
        "describe", str(clip), "--frames", "9", "--context", "400", "--parallel", "3",
        *to(teller),
    )  # fmt: skip
    assert teller.most_at_once == 3
    assert "3 of 3 parts described" in done.stderr


def test_an_interrupted_run_goes_on(teller: Teller, clip: Path, tmp_path: Path) -> None:
    words = (
        "describe", str(clip), "--frames", "12", "--context", "400", "--parallel", "1", *to(teller),
    )  # fmt: skip
    teller.fails_after = 2
    broken = sightline(*words, folder=tmp_path)
    assert broken.returncode == 1
    assert "No more of this." in broken.stderr
    assert "the same command goes on there" in broken.stderr
    kept = list(tmp_path.rglob("*.jsonl"))
    assert len(kept) == 1
    assert kept[0].stat().st_mode & 0o777 == 0o600
    teller.fails_after = None
    teller.bodies.clear()
    other = sightline(*words[:2], "Another question?", *words[2:], folder=tmp_path)
    assert other.returncode == 0
    assert len(teller.bodies) == 5  # what was said to one question answers no other
    # The film's file of parts was of both; a new break, and then the rest alone is asked.
    teller.bodies.clear()
    teller.fails_after = teller.answered + 2
    assert sightline(*words, folder=tmp_path).returncode == 1
    teller.fails_after = None
    teller.bodies.clear()
    done = sightline(*words, folder=tmp_path)
    assert done.returncode == 0
    assert [pictures(body) for body in teller.bodies] == [3, 3, 4]
    assert not list(tmp_path.rglob("*.jsonl"))


def test_a_transcript_stands_beside_the_frames(teller: Teller, clip: Path, tmp_path: Path) -> None:
    heard = tmp_path / "said.vtt"
    heard.write_text(
        "WEBVTT\n\n00:00.200 --> 00:00.900\n<v Ann>Look &amp; see\n\n"
        "00:02.000 --> 00:02.500\nGone.\n"
    )
    done = sightline("describe", str(clip), "--every", "1", "--transcript", str(heard), *to(teller))
    assert done.returncode == 0, done.stderr
    content = teller.bodies[0]["messages"][0]["content"]
    texts = [part["text"] for part in content if part["type"] == "text"][2:]
    assert texts[0::2] == ["Frame at 0.0 s:", "Frame at 1.0 s:", "Frame at 2.0 s:"]
    assert list(map(data, texts[1::2])) == ["0.2 to 0.9: Look & see", "2.0 to 2.5: Gone."]
    heard.write_text("no subtitles at all")
    done = sightline("describe", str(clip), "--transcript", str(heard), *to(teller))
    assert done.returncode == 2
    assert "holds no subtitles" in done.stderr


@pytest.mark.slow
def test_a_timeline_in_every_form(scened: Path) -> None:
    done = sightline("describe", str(scened), "--every", "2", "--timeline", "json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    spans = [(scene["start_s"], scene["end_s"]) for scene in told["scenes"]]
    assert spans == [(0.0, 1.0), (1.0, 5.0), (5.0, 8.0), (8.0, 12.0)]
    said = [scene["text"] for scene in told["scenes"]]
    assert "black" in said[0].lower()
    assert "HARBOUR TOWN" in said[1]
    assert "nothing moves" in said[2]
    assert "THE END" in said[3]
    mirror = ("describe", str(scened), "--every", "2", "--engine", "mirror", "--timeline")
    srt = sightline(*mirror, "srt").stdout
    assert srt.startswith("1\n00:00:00,000 --> 00:00:01,000\n")
    assert srt.count("-->") == 4
    assert sightline(*mirror, "vtt").stdout.startswith("WEBVTT\n")
    text = sightline(*mirror).stdout
    assert re.search(r"^0:05\.0 – 0:08\.0  \S", text, re.MULTILINE)


@pytest.mark.slow
def test_all_frames_of_all_parts_are_said_to_be_looked_at(scened: Path) -> None:
    done = sightline("describe", str(scened), "--every", "0.6", "--timeline")
    assert done.returncode == 0, done.stderr
    assert "I looked at 20 frames of it." in done.stdout


def test_scenes_are_listed_where_asked_for(scened: Path) -> None:
    done = sightline("describe", str(scened), "--scenes", "--json", "--engine", "mirror")
    told = json.loads(done.stdout)
    assert told["scenes"][1] == {"start_s": 1.0, "end_s": 5.0}
    assert [f["time_s"] for f in told["frames"]] == [0.0, 1.0, 5.0, 8.0]
    done = sightline("describe", str(scened), "--frames", "2", "--json", "--engine", "mirror")
    assert "scenes" not in json.loads(done.stdout)


def test_an_animated_webp_is_a_film(tmp_path: Path) -> None:
    pages = [Image.new("RGB", (96, 64), (40 * i, 0, 200)) for i in range(6)]
    path = tmp_path / "moving.webp"
    pages[0].save(path, save_all=True, append_images=pages[1:], duration=200, lossless=True)
    done = sightline("describe", str(path), "--stride", "2", "--json", "--engine", "mirror")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["duration_s"], told["total_frames"]) == (1.2, 6)
    assert [f["time_s"] for f in told["frames"]] == [0.0, 0.4, 0.8]
    path.write_bytes(path.read_bytes()[:120])
    done = sightline("describe", str(path))
    assert done.returncode == 1
    assert "no film that can be read" in done.stderr


def test_a_stride_is_told_as_a_number_is_said(clip: Path) -> None:
    for stride, words in ((1, "every one"), (2, "every 2nd")):
        done = sightline("describe", str(clip), "--stride", str(stride), "--engine", "mirror")
        assert f"({words})" in done.stderr + done.stdout
    told = {3: "3rd", 4: "4th", 11: "11th", 12: "12th", 13: "13th", 21: "21st", 111: "111th"}
    assert {number: _ordinal(number) for number in told} == told


def test_key_frames_stand_in_with_their_own_times(clip: Path) -> None:
    done = sightline(
        "describe", str(clip), "--every", "0.4", "--nearest-key", "--json", "--engine", "mirror"
    )
    told = json.loads(done.stdout)
    assert [(f["index"], f["time_s"]) for f in told["frames"]] == [(0, 0.0), (30, 1.0), (60, 2.0)]
    assert "the key frame before each" in told["plan"]


def test_a_film_of_one_picture_shown_for_long_is_still(tmp_path: Path) -> None:
    path = tmp_path / "slide.mp4"
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        page = np.full((240, 320, 3), 240, np.uint8)
        cv2.putText(page, "SLIDE ONE", (20, 120), 0, 1.4, (0, 0, 0), 3, cv2.LINE_AA)
        for _ in range(50):
            frame = av.VideoFrame.from_ndarray(page, "rgb24").reformat(format="yuv420p")
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    done = sightline("describe", str(path))
    title = done.stdout.splitlines()[0]
    assert title.startswith("This is a film of 5.0 s, mostly")
    assert title.endswith("its first large text is “SLIDE ONE”.")
    assert "Nothing changes from 0.0 to 5.0 s." in done.stdout
    assert "“SLIDE ONE” from" in done.stdout

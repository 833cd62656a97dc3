"""Scripts that the embedded engine writes for films, and one of them played back.

The films are made here, of drawings and of scikit-image's photographs, but for the documents' own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from sightline.engines.embedded.eyes.followed import Followed, covered
from sightline.engines.embedded.eyes.lexicon import meant
from sightline.engines.embedded.eyes.printed import fresh, is_fragment
from sightline.perception import camera
from sightline.perception.rows import Box
from sightline.perception.things import Eyes, Thing
from sightline.perception.vocabulary import vocabulary
from sightline.workers import Stop
from tests.commands import typed
from tests.pictures import photograph

BISON = Path(__file__).parents[4] / "shared" / "data" / "bison.mp4"
RATE, WIDTH, HEIGHT = 10, 336, 252
PACE = 3.44  # words a second, of the voice that is the default
Pixels = NDArray[np.uint8]


def made(path: Path, frames: Iterator[Pixels]) -> Path:
    """Write a film without sound."""
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number, frame in enumerate(frames):
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), "rgb24")
            picture.pts, picture.time_base = number, Fraction(1, RATE)
            out.mux(stream.encode(picture.reformat(format="yuv420p")))
        out.mux(stream.encode(None))
    return path


def slides() -> Iterator[Pixels]:
    """Three slides of four seconds, on grounds so alike that no cut is seen between them."""
    for text, shade in (("THE OLD HARBOUR", 240), ("Ships came in", 232), ("THE END", 236)):
        image = np.full((HEIGHT, WIDTH, 3), shade, np.uint8)
        cv2.putText(image, text, (40, 130), 0, 1.0, (20, 20, 20), 2, cv2.LINE_AA)
        yield from [image] * 4 * RATE


def moved(image: Pixels, x: float, zoom: float) -> Pixels:
    """What a camera sees of a picture from so far to the right, so client."""
    height, width = image.shape[:2]
    wide = min(width, height * WIDTH / HEIGHT) / zoom
    left, top = x * (width - wide), (height - wide * HEIGHT / WIDTH) / 2
    scale = WIDTH / wide
    matrix = np.array([[scale, 0, -left * scale], [0, scale, -top * scale]], np.float32)
    return np.asarray(cv2.warpAffine(image, matrix, (WIDTH, HEIGHT)), np.uint8)


def photographs() -> Iterator[Pixels]:
    """A cat from left to right, and a cup that comes nearer, five seconds each."""
    pytest.importorskip("skimage")
    cat, cup = (np.asarray(photograph(name).convert("RGB")) for name in ("chelsea", "coffee"))
    for i in range(5 * RATE):
        yield moved(cat, i / (5 * RATE), 1.25)
    for i in range(5 * RATE):
        yield moved(cup, 0.5, 1 + 0.8 * i / (5 * RATE))


def dissolved() -> Iterator[Pixels]:
    """A cat for four seconds, which becomes a cup in two, that stands for four."""
    pytest.importorskip("skimage")
    cat, cup = (
        moved(np.asarray(photograph(name).convert("RGB")), 0.5, 1.0)
        for name in ("chelsea", "coffee")
    )
    for i in range(10 * RATE):
        share = min(max(0.0, (i / RATE - 4) / 2), 1.0)
        yield np.asarray(cv2.addWeighted(cat, 1 - share, cup, share, 0), np.uint8)


def drawn() -> Iterator[Pixels]:
    """A red circle that stands for three seconds and then goes to the right."""
    for i in range(9 * RATE):
        image = np.full((HEIGHT, WIDTH, 3), 245, np.uint8)
        x = 60 + max(0, i - 3 * RATE) * (WIDTH - 120) // (6 * RATE)
        cv2.circle(image, (x, 120), 40, (200, 40, 40), -1, cv2.LINE_AA)
        yield image


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("dis", True),
        ("ut.", True),
        ("BUS", False),
        ("to go", False),
        ("1 km", False),
        ("40", True),
        ("404", False),
    ],
)
def test_a_piece_of_a_word_is_not_read_out(text: str, is_one: bool) -> None:
    """As of a label that is turned away; short signs are of capitals."""
    assert is_fragment(text) is is_one


def test_what_is_left_of_a_covered_line_is_not_read_again() -> None:
    assert (
        fresh("Total: 14.50  Save changes?", ["Total: 14.50 EUR", "two lemons"]) == "Save changes?"
    )
    assert fresh("$ deploy --1  Really?", ["$ deploy --to harbour"]) == "Really?"
    assert fresh("Coffee  2.50", ["Tea  1.80"]) == "Coffee  2.50"


def script(path: Path) -> list[dict[str, Any]]:
    done = typed("narrate", str(path), "--script-only")
    assert done.returncode == 0, done.stderr
    segments: list[dict[str, Any]] = json.loads(done.stdout)["segments"]
    return segments


def frames(path: Path, every_s: float) -> list[Pixels]:
    """Frames so far apart."""
    with av.open(str(path), "r") as container:
        rate = round(float(container.streams.video[0].average_rate or RATE) * every_s)
        return [
            np.asarray(frame.to_ndarray(format="rgb24", width=512, height=288), np.uint8)
            for i, frame in enumerate(container.decode(video=0))
            if i % rate == 0
        ]


def unmeasured(texts: list[str], path: Path, every_s: float = 0.5) -> list[str]:
    """Names in a script, but for what it reads out, of which the eyes see nothing in the film."""
    eyes = Eyes(1)
    seen = [eyes.see(pixels, closely=False, stop=Stop()) for pixels in frames(path, every_s)]
    names = {thing.name for each in seen for thing in each.things}
    told = [word for text in texts for word in meant(re.sub("“[^”]*”", "", text))]
    return [
        word.word
        for word in told
        if not names & word.things
        and not any(s.kinds is not None and s.kinds.mass(word.word) > 0.2 for s in seen)
    ]


def assert_well_formed(segments: list[dict[str, Any]], length_s: float) -> None:
    """Hold a script to its form: distinct, in time, not said over one another or over the end."""
    texts = [segment["text"] for segment in segments]
    sentences = [s for text in texts for s in re.split(r"(?<=[.!?…])\s+", text)]
    assert len(set(sentences)) == len(sentences)
    openings = [text.split()[0] for text in texts]
    assert all(a != b for a, b in zip(openings, openings[1:], strict=False)), texts
    starts = [*(segment["start_s"] for segment in segments[1:]), length_s]
    for segment, after in zip(segments, starts, strict=True):
        assert segment["end_s"] <= after + 0.01
        assert len(segment["text"].split()) <= PACE * (after - segment["start_s"]), segment
        assert re.fullmatch(r"[A-Z].*[.…]", segment["text"])


@pytest.mark.parametrize(
    ("film", "length_s", "told"),
    [
        (slides, 12, [r"“THE OLD HARBOUR”", r"“Ships came in”", r"“THE END”"]),
        (photographs, 10, [r"a cat\b", r"view|further", r"a cup\b", r"closes in|closer"]),
        (dissolved, 10, [r"a cat\b", r"(?:Then|changes|Next|Now|After|Here).*\bcup\b"]),
        (drawn, 9, [r"a red circle on the left", r"(?:circle|It) moves to the right"]),
    ],
)
def test_a_script_tells_what_is_there_and_what_changes(
    tmp_path: Path, film: Callable[[], Iterator[Pixels]], length_s: float, told: list[str]
) -> None:
    path = made(tmp_path / "film.mp4", film())
    segments = script(path)
    assert_well_formed(segments, length_s)
    texts = [segment["text"] for segment in segments]
    found = "\n".join(texts)
    assert re.search(".*\n?.*".join(told), found, re.DOTALL), found
    if film in (photographs, dissolved):
        assert unmeasured(texts, path, every_s=1) == []
        assert not re.search("near|large|close", found) or film is photographs
    if film is photographs:
        assert "right" in found  # where the view goes


def test_a_finished_film_says_what_its_subtitles_do(tmp_path: Path) -> None:
    path, out = made(tmp_path / "film.mp4", slides()), tmp_path / "out.mp4"
    done = typed("narrate", str(path), "-o", str(out), "--json")
    assert done.returncode == 0, done.stderr
    segments = json.loads(done.stdout)["segments"]
    with av.open(str(out), "r") as container:
        sound = np.concatenate([f.to_ndarray()[0] for f in container.decode(audio=0)])
        rate = container.streams.audio[0].rate
    spoken = np.zeros(len(sound), bool)
    for segment in segments:
        begin, end = (round(segment[key] * rate) for key in ("start_s", "end_s"))
        spoken[max(0, begin - rate // 20) : end + rate // 20] = True
        assert float(np.sqrt((sound[begin:end] ** 2).mean())) > 0.02, segment
    assert segments[-1]["end_s"] <= 12
    # The film has no sound of its own: where nobody speaks there is none.
    assert float(np.sqrt((sound[~spoken] ** 2).mean())) < 0.002
    with av.open(str(out), "r") as container:
        stream = next(s for s in container.streams if s.type == "subtitle")
        base = stream.time_base or Fraction(1)
        shown = [
            (float((p.pts or 0) * base), float(((p.pts or 0) + (p.duration or 0)) * base),
             bytes(p)[2:].decode())
            for p in container.demux(stream) if p.size > 2
        ]  # fmt: skip
    assert " ".join(text for _, _, text in shown) == " ".join(s["text"] for s in segments)
    begun = [begin for begin, _, _ in shown]
    assert all(min(abs(s["start_s"] - t) for t in begun) < 0.01 for s in segments)
    ended = [end for _, end, _ in shown]
    assert all(min(abs(s["end_s"] - t) for t in ended) < 0.01 for s in segments)


@pytest.mark.skipif(not BISON.exists(), reason="the film is not here")
def test_the_documents_film_is_told_as_animals_in_snow() -> None:
    segments = script(BISON)
    assert_well_formed(segments, 20.6)
    texts = [segment["text"] for segment in segments]
    found = " ".join(texts).lower()
    assert "snow" in found
    assert "animals" in found
    assert not re.search(r"elephant|sled|cow|dog|people|person|bird", found)
    assert unmeasured(texts, BISON) == []


def test_the_view_is_told_from_what_moves_in_it() -> None:
    wood = np.random.default_rng(5).normal(0, 40, (HEIGHT, WIDTH, 3)).astype(np.float32)
    grain = cv2.GaussianBlur(wood, (0, 0), 2) * 4 + 128
    whole = np.clip(grain, 0, 255).astype(np.uint8)
    walker = whole.copy()
    cv2.circle(walker, (100, 120), 40, (250, 250, 250), -1)
    assert camera.shift(whole, walker) == camera.STILL
    panned = camera.shift(moved(whole, 0.0, 1.3), moved(whole, 0.3, 1.3))
    assert panned is not None
    assert panned.x == pytest.approx(-0.09, abs=0.02)
    nearer = camera.shift(moved(whole, 0.5, 1.0), moved(whole, 0.5, 1.3))
    assert nearer is not None
    assert nearer.zoom == pytest.approx(1.3, abs=0.03)
    other = np.ascontiguousarray(np.rot90(np.rot90(whole)))
    assert camera.shift(whole, other) is None


def test_a_box_over_two_things_is_not_a_third() -> None:
    """As the detector gives it of two dogs, one before the other."""
    known = vocabulary()
    assert known is not None
    dog = next(kind for kind in known.things.values() if kind.name == "dog")

    def seen(x0: float, y0: float, x1: float, y1: float) -> Followed:
        return Followed([0], [Thing(dog, 0.97, Box(x0, y0, x1, y1), 0.1, None)], "dog")

    over, behind, before = seen(4, 46, 124, 225), seen(6, 0, 130, 161), seen(0, 157, 124, 273)
    assert covered(over, [over, behind, before]) > 0.95
    assert covered(behind, [over, behind, before]) < 0.7
    assert covered(over, [over]) == 0

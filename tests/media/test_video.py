"""Frames of films: exactly those asked for, from every kind of film, whole or not."""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from av.stream import Disposition

from sightline.errors import ImageError, InvalidRequest
from sightline.media.frame_selection import chosen
from sightline.media.frames import frames
from sightline.media.scene_changes import changes
from sightline.media.video import Film, probe
from sightline.types import Sampling
from tests.commands import typed
from tests.films import film, number, numbered

BISON = Path(__file__).parent.parent.parent.parent / "shared" / "data" / "bison.mp4"
KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "h264 short gops.mp4": ("libx264", {"gop": 12}),
    "h264 one gop.mp4": ("libx264", {"gop": 250}),
    "h264 open gops.mkv": ("libx264", {"gop": 20, "options": {"x264-params": "open-gop=1:bframes=3"}}),
    "hevc.mp4": ("libx265", {"options": {"x265-params": "log-level=none"}}),
    "vp8.webm": ("libvpx", {"options": {"auto-alt-ref": "1"}}),
    "vp9.webm": ("libvpx-vp9", {"options": {"cpu-used": "8"}}),
    "av1.mp4": ("libsvtav1", {"options": {"preset": "12", "svtav1-params": "log-level=0"}}),
    "mpeg2.ts": ("mpeg2video", {"gop": 15}),
    "h264.ts": ("libx264", {"gop": 30}),
    "mpeg2.mpg": ("mpeg2video", {"gop": 15}),
    "mjpeg.avi": ("mjpeg", {"pixel_format": "yuvj420p"}),
    "frames.gif": ("gif", {"pixel_format": "rgb8"}),
    "h264.flv": ("libx264", {}),
    "ten bits.mp4": ("libx264", {"pixel_format": "yuv420p10le"}),
}  # fmt: skip


def seen(path: Path, places: list[int], made: Film | None = None) -> list[int]:
    made = made or probe(path, "film")
    got = list(frames(path, made, places, (made.width, made.height)))
    assert [frame.index for frame in got] == places
    return [number(frame.pixels) for frame in got]


@pytest.mark.parametrize("name", KINDS)
def test_frames_are_exactly_those_asked_for(name: str, tmp_path: Path) -> None:
    codec, options = KINDS[name]
    path = film(tmp_path / name, codec, **options)
    made = probe(path, "film")
    assert made.frames == 90
    with av.open(str(path)) as whole:
        shown = (np.asarray(f.to_ndarray(format="rgb24"), np.uint8) for f in whole.decode(video=0))
        truth = [number(pixels) for pixels in shown]
    assert sum(a == b for a, b in zip(truth, range(90), strict=True)) > 80  # some codecs smear
    chance = random.Random(name)
    for _ in range(4):
        places = sorted(chance.sample(range(90), 7))
        assert seen(path, places, made) == [truth[place] for place in places]
    assert seen(path, [0, 1, 2, 88, 89], made) == [truth[i] for i in (0, 1, 2, 88, 89)]
    assert seen(path, list(range(90)), made) == truth


def test_uneven_times_are_kept(tmp_path: Path) -> None:
    chance, times = random.Random(3), [0]
    for _ in range(59):
        times.append(times[-1] + chance.choice([20, 33, 100, 700]))
    path = film(tmp_path / "uneven.mkv", frames=60, times=times)
    made = probe(path, "film")
    got = list(frames(path, made, range(60), (made.width, made.height)))
    assert [number(frame.pixels) for frame in got] == list(range(60))
    assert [round(frame.time_s * 1000) for frame in got] == pytest.approx(times, abs=1)
    for place in chosen(made, Sampling(every_s=1.0), 1):
        # The frame that is on the screen at each second.
        shown = made.time_s(place)
        later = made.time_s(place + 1) if place + 1 < 60 else made.duration_s
        assert any(shown <= s + 0.002 and s < later + 0.002 for s in range(100))


def test_pixels_that_are_not_square_and_turned_films(tmp_path: Path) -> None:
    wide = probe(film(tmp_path / "wide.mp4", aspect=Fraction(4, 3), frames=5), "film")
    assert (wide.width, wide.height) == (341, 128)
    turned = film(tmp_path / "turned.mov", frames=10, turn=90)
    made = probe(turned, "film")
    assert (made.width, made.height) == (128, 256)
    (first,) = frames(turned, made, [5], (made.width, made.height))
    shown = [np.rot90(first.pixels, k) for k in range(4)]
    assert 5 in [number(np.ascontiguousarray(each)) for each in shown if each.shape[1] == 256]


def through(name: str, options: str) -> Callable[[av.VideoFrame], Iterator[av.VideoFrame]]:
    """Send frames through one of FFmpeg's filters."""
    graph = av.filter.Graph()
    base = Fraction(1, 25)
    kind: Any = "yuv420p"
    begin: Any = graph.add_buffer(width=256, height=128, format=kind, time_base=base)
    middle: Any = graph.add(name, options)
    end: Any = graph.add("buffersink")
    begin.link_to(middle)
    middle.link_to(end)
    graph.configure()

    def pass_on(frame: av.VideoFrame) -> Iterator[av.VideoFrame]:
        graph.push(frame)
        while True:
            try:
                made: Any = graph.pull()
            except (av.error.BlockingIOError, EOFError):
                return
            yield made

    return pass_on


def test_one_field_is_taken_of_interlaced_frames(tmp_path: Path) -> None:
    path = tmp_path / "interlaced.mpg"
    field = through("setfield", "mode=tff")
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream("mpeg2video", rate=25, options={"flags": "+ildct+ilme"})
        stream.width, stream.height, stream.pix_fmt = 256, 128, "yuv420p"
        stream.bit_rate = 8_000_000
        for i in range(8):
            image = numbered(2 * i)
            image[1::2] = numbered(2 * i + 1)[1::2]
            frame = av.VideoFrame.from_ndarray(image, "rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = i, Fraction(1, 25)
            for marked in field(frame):
                out.mux(stream.encode(marked))
        out.mux(stream.encode(None))
    made = probe(path, "film")
    for got in frames(path, made, [2, 5], (256, 128)):
        rows = got.pixels.astype(int)
        # No comb: neighbouring rows of the moving half are alike.
        assert np.abs(rows[80:110:2] - rows[81:111:2]).mean() < 6


def test_hdr_is_brought_to_standard_range(tmp_path: Path) -> None:
    path = tmp_path / "hdr.mp4"
    with av.open(str(path), "w") as out:
        params = "log-level=none:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc"
        stream: Any = out.add_stream("libx265", rate=25, options={"x265-params": params})
        stream.width, stream.height, stream.pix_fmt = 128, 128, "yuv420p10le"
        grey = np.zeros((192, 128), np.uint16)
        # 203 nits, the white of paper, has the code 0.58 in PQ; limited range of 10 bits.
        grey[:128] = round(64 + 876 * 0.5807)
        grey[128:] = 512
        frame = av.VideoFrame.from_ndarray(grey, "yuv420p10le")
        for i in range(3):
            frame.pts = i
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    made = probe(path, "film")
    (first,) = frames(path, made, [0], (128, 128))
    assert 225 <= first.pixels.mean() <= 255  # plain conversion gives 148


def test_plans(tmp_path: Path) -> None:
    made = probe(film(tmp_path / "plain.mp4", sound=True), "film")
    assert (made.audio, round(made.duration_s, 2)) == (True, 3.0)
    assert chosen(made, Sampling(stride=50), 1) == (0, 50)
    assert chosen(made, Sampling(frames=3), 1) == (15, 45, 75)
    assert chosen(made, Sampling(every_s=1), 1) == (0, 30, 60)
    assert chosen(made, Sampling(fps=2, start_s=1, end_s=2), 1) == (30, 45, 60)
    assert chosen(made, Sampling(frames=500), 1) == tuple(range(90))
    assert len(chosen(made, Sampling(stride=1, most=7), 1)) == 7
    assert len(chosen(made, Sampling(budget=255), 85)) == 3
    assert len(chosen(made, Sampling(), 85)) == 6  # two a second are enough
    with pytest.raises(InvalidRequest, match="no frame from 5 s"):
        chosen(made, Sampling(start_s=5), 1)


def test_scenes(tmp_path: Path) -> None:
    path = tmp_path / "scenes.mp4"
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 128, 128, "yuv420p"
        for i in range(120):
            image = np.full((128, 128, 3), [(30, 200, 90, 160)[i // 30]], np.uint8)
            image[i % 128 : i % 128 + 9] = 255
            frame = av.VideoFrame.from_ndarray(image, "rgb24").reformat(format="yuv420p")
            frame.pts = i
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    made = probe(path, "film")
    found = changes(path, made)
    assert found.cuts == (30, 60, 90)
    assert {0, 30, 60, 90} <= set(chosen(made, Sampling(scenes=True), 1, found))
    assert chosen(made, Sampling(scenes=True, most=4), 1, found) == (0, 30, 60, 90)
    assert 60 in chosen(made, Sampling(budget=300), 85, found)


def test_a_scene_that_is_pushed_in_begins_once_it_is_there(tmp_path: Path) -> None:
    path = tmp_path / "pushed.mp4"
    noise = np.random.default_rng(1).integers(0, 255, (9, 16, 3), np.uint8)
    before, after = (np.kron(n, np.ones((8, 8, 1), np.uint8)) for n in (noise, noise[::-1, ::-1]))
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 128, 72, "yuv420p"
        for i in range(90):
            x = min(max(0, i - 29) * 8, 128)  # pixels, in frames 30 to 45
            image = np.concatenate([before, after], 1)[:, x : x + 128]
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), "rgb24")
            frame.pts = i
            out.mux(stream.encode(frame.reformat(format="yuv420p")))
        out.mux(stream.encode(None))
    found = changes(path, probe(path, "film"))
    assert found.cuts == (45,)
    assert [round(one.end_s, 2) for one in found.movement] == [1.8, 3.6]


def test_films_that_are_none(tmp_path: Path) -> None:
    whole = film(tmp_path / "whole.mp4", options={"movflags": "faststart"})
    sound = tmp_path / "sound.m4a"
    with av.open(str(sound), "w") as out:
        stream: Any = out.add_stream("aac", rate=16000)
        quiet = av.AudioFrame.from_ndarray(np.zeros((1, 16000), np.int16), "s16", "mono")
        quiet.sample_rate, quiet.pts = 16000, 0
        out.mux(stream.encode(quiet))
        out.mux(stream.encode(None))
    secret = tmp_path / "secret.txt"
    secret.write_text("nobody reads this")
    playlist = f"#EXTM3U\n#EXTINF:9,\nfile://{secret}\n#EXT-X-ENDLIST\n".encode()
    concat = f"ffconcat version 1.0\nfile '{whole}'\n".encode()
    session = b"v=0\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n"
    for name, data in {
        "empty.mp4": b"", "zeros.mp4": b"\0" * 5000, "text.mp4": b"words " * 900,
        "headless.mp4": whole.read_bytes()[3000:], "sound.mp4": sound.read_bytes(),
        "list.m3u8": playlist, "list.mp4": playlist, "concat.mp4": concat, "session.sdp": session,
    }.items():  # fmt: skip
        path = tmp_path / ("x" + name)
        path.write_bytes(data)
        with pytest.raises(ImageError):
            probe(path, "film")


def sound(path: Path, codec: str = "aac") -> Path:
    """A second of silence."""
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream(codec, rate=16000)
        quiet = av.AudioFrame.from_ndarray(np.zeros((1, 16000), np.int16), "s16", "mono")
        quiet.sample_rate, quiet.pts = 16000, 0
        for frame in [*av.AudioResampler(stream.format, "mono", 16000).resample(quiet), None]:
            out.mux(stream.encode(frame))
    return path


def test_why_a_film_cannot_be_read_is_told(tmp_path: Path) -> None:
    whole = film(tmp_path / "whole.mp4")
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole.read_bytes()[:3000])
    headless = tmp_path / "headless.mkv"
    headless.write_bytes(film(tmp_path / "whole.mkv").read_bytes()[:60])
    tape = tmp_path / "tape.dv"
    tape.write_bytes(b"\x1f\x07\0\xbf" + bytes(100_000))
    real = tmp_path / "old.rm"
    real.write_bytes(b".RMF" + bytes(100_000))
    for path, said in {
        film(tmp_path / "huff.avi", "huffyuv", 5, pixel_format="yuv422p"): "pictures are coded as huffyuv",
        film(tmp_path / "old.avi", "msmpeg4v2", 5): "pictures are coded as msmpeg4v2",
        film(tmp_path / "old.wmv", "msmpeg4v2", 5): "It is a film, but its pictures are coded as msmpeg4v2",
        tape: "in a container that is not read here: DV", real: "not read here: RealMedia",
        cut: "It is a film, but its file is damaged", headless: "It is a film, but its file is damaged",
        sound(tmp_path / "sound.m4a"): "sound alone", sound(tmp_path / "sound.mka"): "sound alone",
        sound(tmp_path / "sound.mp3", "libmp3lame"): "sound alone",
        sound(tmp_path / "sound.wav", "pcm_s16le"): "sound alone",
        sound(tmp_path / "sound.flac", "flac"): "sound alone",
        sound(tmp_path / "sound.ogg", "libopus"): "sound alone",
    }.items():  # fmt: skip
        with pytest.raises(ImageError, match=said) as refused:
            probe(path, "film")
        assert (refused.value.code, refused.value.param) == ("invalid_video", "film")
        assert refused.value.hint


@pytest.mark.parametrize(
    ("name", "codec", "options"),
    [
        ("bare.h264", "libx264", {"options": {"x264-params": "bframes=3"}}),
        ("short gops.h264", "libx264", {"gop": 12}),
        ("none are reordered.h264", "libx264", {"options": {"x264-params": "bframes=0"}}),
        ("bare.hevc", "libx265", {"gop": 20, "options": {"x265-params": "log-level=none"}}),
    ],
)
def test_a_bare_stream_without_times_is_counted(
    name: str, codec: str, options: dict[str, Any], tmp_path: Path
) -> None:
    path = film(tmp_path / name, codec, **options)
    made = probe(path, "film")
    assert (made.frames, round(made.duration_s, 2)) == (90, 3.0)
    places = list(chosen(made, Sampling(frames=3), 1))
    assert [round(made.time_s(place), 2) for place in places] == [0.5, 1.5, 2.5]
    assert seen(path, places, made) == places
    assert seen(path, [0, 13, 14, 70, 89], made) == [0, 13, 14, 70, 89]
    assert seen(path, list(range(90)), made) == list(range(90))
    size = made.width, made.height
    assert [f.index for f in frames(path, made, [3, 40, 41, 88], size, threads=2)] == [
        3,
        40,
        41,
        88,
    ]
    same = film(tmp_path / "same.mp4", codec, **options)
    told = changes(same, probe(same, "film"), 30, 60)
    assert changes(path, made, 30, 60).cuts == told.cuts


@pytest.mark.parametrize(
    ("name", "codec", "options"),
    [
        ("one key frame.mp4", "libx264", {"gop": 250, "options": {"x264-params": "bframes=3"}}),
        ("many.mp4", "libx264", {"gop": 12, "options": {"x264-params": "bframes=3"}}),
        (
            "one key frame.mkv",
            "libx265",
            {"gop": 250, "options": {"x265-params": "log-level=none"}},
        ),
        ("one key frame.webm", "libvpx-vp9", {"gop": 250}),
        ("one key frame.avi", "mpeg4", {"gop": 250}),
    ],
)
def test_frames_are_the_same_however_many_threads_read(
    name: str, codec: str, options: dict[str, Any], tmp_path: Path
) -> None:
    path = film(tmp_path / name, codec, **options)
    made = probe(path, "film")
    size = made.width, made.height
    for places in ([0], [88], list(range(7, 90, 20)), [3, 40, 41, 88], list(range(90))):
        alone = list(frames(path, made, places, size))
        assert [frame.index for frame in alone] == places
        for threads in (2, 3):
            beside = list(frames(path, made, places, size, threads))
            assert [frame.index for frame in beside] == places
            for one, other in zip(alone, beside, strict=True):
                assert np.array_equal(one.pixels, other.pixels)


@pytest.mark.parametrize(
    ("name", "codec", "format"),
    [("a.webm", "libvpx-vp9", "yuva420p"), ("b.webm", "libvpx", "yuva420p"), ("c.mov", "png", "rgba"),
     ("d.mkv", "ffv1", "bgra"), ("e.mov", "prores_ks", "yuva444p10le")],
)  # fmt: skip
def test_what_can_be_seen_through_lies_on_white(
    name: str, codec: str, format: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    options = {"auto-alt-ref": "0"} if codec == "libvpx" else {}
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream(codec, rate=10, options=options)
        stream.width, stream.height, stream.pix_fmt = 128, 96, format
        for i in range(8):
            image = np.zeros((96, 128, 4), np.uint8)
            image[32:64, 32:96] = (220, 20, 20, 255)
            frame = av.VideoFrame.from_ndarray(image, "rgba").reformat(format=format)
            frame.pts, frame.time_base = i, Fraction(1, 10)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    made = probe(path, "film")
    assert made.frames == 8
    for got in frames(path, made, [1, 6], (128, 96)):
        assert got.pixels[4, 4].min() > 245
        assert np.abs(got.pixels[48, 64].astype(int) - (220, 20, 20)).max() < 30
    (small,) = frames(path, made, [3], (64, 48))
    assert small.pixels[2, 2].min() > 245
    assert changes(path, made).black == ()


@pytest.mark.parametrize(
    ("codec", "options"),
    [("libx264", {}), ("libx264", {"x264-params": "open-gop=1:bframes=3"}), ("mpeg2video", {"bf": "2"}),
     ("libx265", {"x265-params": "log-level=none:open-gop=1"})],
)  # fmt: skip
def test_of_a_film_cut_in_the_middle_what_can_be_decoded_counts(
    codec: str, options: dict[str, str], tmp_path: Path
) -> None:
    whole = film(tmp_path / "whole.ts", codec, gop=20, options=options)
    data, damaged = whole.read_bytes(), set()
    for share in (0.3, 0.45, 0.6):
        cut = tmp_path / "cut.ts"
        cut.write_bytes(data[int(len(data) * share) :])
        made = probe(cut, "film")
        assert 10 < made.frames < 90
        damaged.add(made.damaged)
        got = list(frames(cut, made, range(made.frames), (made.width, made.height)))
        assert [frame.index for frame in got] == list(range(made.frames))
        first = number(got[0].pixels)
        assert [number(frame.pixels) for frame in got] == list(range(first, 90))
    assert True in damaged  # cut right before a key frame nothing more is lost
    assert not probe(whole, "film").damaged


@pytest.mark.parametrize("name", ["film.mp4", "film.mkv", "film.webm", "film.avi"])
def test_a_film_that_breaks_off_is_damaged(name: str, tmp_path: Path) -> None:
    codec = {"film.webm": "libvpx", "film.avi": "mjpeg"}.get(name, "libx264")
    pixels = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    options = {"movflags": "faststart"} if name == "film.mp4" else {}
    path = tmp_path / name
    with av.open(str(path), "w", options=options) as out:
        stream: Any = out.add_stream(codec, rate=30)
        stream.width, stream.height, stream.pix_fmt = 256, 128, pixels
        for i in range(90):
            frame = av.VideoFrame.from_ndarray(numbered(i), "rgb24").reformat(format=pixels)
            frame.pts, frame.time_base = i, Fraction(1, 30)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    assert not probe(path, "film").damaged
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    made = probe(path, "film")
    assert made.damaged
    assert 10 < made.frames < 80


def test_of_several_pictures_the_default_one_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "cover first.mkv"
    with av.open(str(path), "w") as out:
        cover: Any = out.add_stream("mjpeg", rate=30)
        cover.width, cover.height, cover.pix_fmt = 300, 300, "yuvj420p"
        stream: Any = out.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 256, 128, "yuv420p"
        stream.disposition = Disposition.default
        blue = av.VideoFrame.from_ndarray(np.full((300, 300, 3), (0, 0, 255), np.uint8), "rgb24")
        blue = blue.reformat(format="yuvj420p")
        blue.pts, blue.time_base = 0, Fraction(1, 30)
        out.mux(cover.encode(blue))
        out.mux(cover.encode(None))
        for i in range(90):
            frame = av.VideoFrame.from_ndarray(numbered(i), "rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = i, Fraction(1, 30)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    made = probe(path, "film")
    assert (made.width, made.height, made.frames, round(made.duration_s, 1)) == (256, 128, 90, 3.0)
    assert seen(path, [15, 45, 75], made) == [15, 45, 75]


def test_the_readable_part_of_a_broken_film_is_seen(tmp_path: Path) -> None:
    whole = film(tmp_path / "whole.ts", "mpeg2video", gop=10).read_bytes()
    cut = tmp_path / "cut.ts"
    cut.write_bytes(whole[: len(whole) // 2])
    made = probe(cut, "film")
    assert 20 < made.frames < 90
    got = list(frames(cut, made, range(0, made.frames, 5), (256, 128)))
    assert [number(f.pixels) for f in got[:-1]] == [f.index for f in got[:-1]]
    flipped = bytearray(whole)
    for at in range(len(flipped) // 3, len(flipped) // 2, 97):
        flipped[at] ^= 0x55
    broken = tmp_path / "broken.ts"
    broken.write_bytes(flipped)
    made = probe(broken, "film")
    assert list(frames(broken, made, [0, 5], (256, 128)))


def sightline(*words: str) -> subprocess.CompletedProcess[str]:
    return typed(*words)


def test_describe_says_what_it_saw(tmp_path: Path) -> None:
    path, strip = film(tmp_path / "film.mp4", sound=True), tmp_path / "strip.png"
    done = sightline("describe", str(path), "What?", "--stride", "30", "--json", "--engine", "mirror",
                     "--filmstrip", str(strip))  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["frames"] == [
        {"index": 0, "time_s": 0.0}, {"index": 30, "time_s": 1.0}, {"index": 60, "time_s": 2.0},
    ]  # fmt: skip
    assert told["audio"] is True
    assert "every 30th" in told["plan"]
    assert told["text"].index("Frame at 0.0 s:") < told["text"].index("Frame at 2.0 s:")
    assert told["usage"]["sightline"]["images"][0]["detail"] == "low"
    shown = cv2.imread(str(strip))
    assert shown is not None
    assert shown.shape[1] == 3 * 240


def test_describe_in_words_and_what_is_no_film(tmp_path: Path) -> None:
    path = film(tmp_path / "film.mp4")
    done = sightline("describe", str(path), "--frames", "2", "--start", "0:01", "--end", "2.5")
    assert done.returncode == 0
    assert "2 of 90 frames (evenly) from 1.0 to 2.5 s; without sound" in done.stderr
    assert done.stdout.strip()
    for words, said in (
        ((str(tmp_path / "away.mp4"),), "There is no file"),
        (("README.md",), "is no film"),
        ((str(path), "--start", "99"), "no frame from 99 s"),
        ((str(path), "--filmstrip", str(tmp_path / "no" / "strip.png")), "cannot be written"),
    ):
        done = sightline("describe", *words)
        assert done.returncode in (1, 2)
        assert said in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.skipif(not BISON.exists(), reason="the film is not here")
def test_the_recipes_frames_are_those_of_a_stride() -> None:
    made = probe(BISON, "film")
    capture, recipe, place = cv2.VideoCapture(str(BISON)), [], 0
    while True:
        more, image = capture.read()
        if not more:
            break
        if place % 50 == 0:
            recipe.append(cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
        place += 1
    places = chosen(made, Sampling(stride=50), 1)
    ours = list(frames(BISON, made, places, (made.width, made.height)))
    assert len(ours) == len(recipe) == 13
    for frame, image in zip(ours, recipe, strict=True):
        assert np.array_equal(frame.pixels, image), frame.index

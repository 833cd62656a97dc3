"""Which decoders a film or a stream reaches: those that are named, and no other."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from sightline.errors import ImageError
from sightline.media import muxing
from sightline.media.video import _OPTIONS, LIVE_OPTIONS, opened, probe
from tests.films import numbered
from tests.rtsp import camera, packet
from tests.starting import python
from tests.waiting import PATIENCE_S


def written(path: Path, video: str, form: str, sound: str | None = None) -> Path:
    """A film of three pictures in any codec, with a second of sound in any other."""
    container: Any
    with av.open(str(path), "w") as container:
        stream = container.add_stream(video, rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 64, form
        heard = container.add_stream(sound, rate=44_100, layout="mono") if sound else None
        for _ in range(3):
            frame = av.VideoFrame.from_ndarray(numbered(1, 64, 64), "rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if heard is not None:
            silence = av.AudioFrame.from_ndarray(np.zeros((1, 44_100), np.float32), "fltp", "mono")
            silence.sample_rate = 44_100
            container.mux(heard.encode(silence))
            container.mux(heard.encode(None))
    return path


@pytest.mark.parametrize(
    ("codec", "form"), [("magicyuv", "gbrp"), ("huffyuv", "rgb24"), ("cinepak", "rgb24")]
)
def test_other_decoders_are_not_even_tried(codec: str, form: str, tmp_path: Path) -> None:
    """FFmpeg decodes a little of each stream while it opens a file, before anyone is asked."""
    path = written(tmp_path / "film.avi", codec, form)
    with opened(path) as container:
        found: Any = container.streams[0].codec_context
        assert found.name == codec
        assert found.pix_fmt is None, "it was decoded to know that"
    with pytest.raises(ImageError):
        probe(path, "film")


def test_sound_that_is_not_decoded_is_as_none(tmp_path: Path) -> None:
    path = written(tmp_path / "film.flv", "flv", "yuv420p", "nellymoser")
    assert not muxing.shape(path).sounds
    muxing.write_bed(path, tmp_path / "bed")
    assert not (tmp_path / "bed").read_bytes()


def test_usual_films_keep_their_sound(tmp_path: Path) -> None:
    path = written(tmp_path / "film.mp4", "libx264", "yuv420p", "aac")
    assert muxing.shape(path).sounds
    muxing.write_bed(path, tmp_path / "bed")
    assert (tmp_path / "bed").read_bytes()


def test_a_camera_is_seen_and_its_sound_never_asked_for() -> None:
    """What unpacks sound from RTP has had holes of its own."""
    _, data = cv2.imencode(".jpg", numbered(7), [cv2.IMWRITE_JPEG_QUALITY, 50])
    scan = data.tobytes()
    scan = scan[scan.index(b"\xff\xda") + 14 :]
    payload = bytes([0, 0, 0, 0, 1, 50, 320 // 8, 240 // 8]) + scan  # RFC 2435
    media = (
        "m=video 0 RTP/AVP 26\r\na=control:pictures\r\n"
        "m=audio 0 RTP/AVP 97\r\na=rtpmap:97 mpeg4-generic/44100/2\r\na=control:sound\r\n"
    )
    with camera(media, [packet(n, payload, 26) for n in range(1, 40)]) as (url, asked):
        done = subprocess.run(
            [sys.executable, "-m", "sightline.cli.main", "watch", url, "What?",
             "--engine", "mirror", "--count", "1"],
            capture_output=True, text=True, timeout=PATIENCE_S,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "picture" in done.stdout
    assert [line for line in asked if line.startswith("SETUP")] == [f"SETUP {url}/pictures"]


def test_av1_over_rtp_stays_within_its_buffer() -> None:
    """A temporal delimiter moved the place that is written to, in FFmpeg before 8.1.2."""
    delimiter, frame = b"\x10" + bytes(60_000), b"\x30" + bytes(3000)
    payload = b"\x08" + b"\xe1\xd4\x03" + delimiter + b"\xb9\x17" + frame
    media = "m=video 0 RTP/AVP 96\r\na=rtpmap:96 AV1/90000\r\na=control:pictures\r\n"
    code = (
        "import av, sys; from sightline.media.video import LIVE_OPTIONS\n"
        "given = {**LIVE_OPTIONS, 'rtsp_transport': 'tcp'}\n"
        "with av.open(sys.argv[1], options=given, timeout=3) as source:\n"
        "    for packet, _ in zip(source.demux(), range(20)): print(packet.size)\n"
    )
    with camera(media, [packet(n, payload, 96) for n in range(1, 60)]) as (url, _):
        done = python(code, url)
    assert done.returncode == 0, done.returncode
    assert done.stdout.split()[0] == "3003"


def test_what_is_reached_of_ffmpeg() -> None:
    """Formats and decoders that FFmpeg has, none of hardware, and no playlist in a film."""
    films, live = (str(given["format_whitelist"]).split(",") for given in (_OPTIONS, LIVE_OPTIONS))
    assert not {"hls", "rtsp", "rtp"} & set(films)
    assert not {"vobsub", "concat", "concatf", "dash", "sdp", "lavfi", "imf"} & {*films, *live}
    for given in (_OPTIONS, LIVE_OPTIONS):
        for name in str(given["codec_whitelist"]).split(","):
            assert not name.endswith(
                ("_cuvid", "_qsv", "_vulkan", "_v4l2m2m", "_amf", "_mediacodec")
            )
            av.codec.Codec(name, "r")
    assert _OPTIONS["protocol_whitelist"] == "file"
    assert "file" not in LIVE_OPTIONS["protocol_whitelist"].split(",")

"""`sightline watch`: files at their own pace, streams that are cut and come back, what is asked."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import os
import signal
import struct
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import psutil
import pytest

from sightline.media.confined import in_force
from sightline.media.live import BrokeOff, Watched, source
from tests.chatting import chatting
from tests.commands import typed
from tests.films import film, number, numbered
from tests.processes import alive, running_module, status
from tests.serving import Server
from tests.waiting import PATIENCE_S, until


@contextmanager
def watching(*words: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "sightline.cli.main", "watch", *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=PATIENCE_S)


def watched(*words: str) -> subprocess.CompletedProcess[str]:
    """Watch until it ends by itself."""
    return typed("watch", *words)


def line(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    told: dict[str, Any] = json.loads(process.stdout.readline())
    return told


@dataclass
class Camera:
    """A camera on the network: numbered pictures, as Motion JPEG."""

    url: str = ""
    still: threading.Event = field(default_factory=threading.Event)
    cut: threading.Event = field(default_factory=threading.Event)
    closed: threading.Event = field(default_factory=threading.Event)
    far: threading.Event = field(default_factory=threading.Event)
    connections: int = 0
    shown: int = 0


@pytest.fixture
def camera() -> Iterator[Camera]:
    made = Camera()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.connections += 1
            self.send_response(200)
            self.send_header("content-type", "multipart/x-mixed-replace; boundary=frame")
            self.end_headers()
            try:
                while not made.closed.wait(0.03):
                    if made.cut.is_set():
                        made.cut.clear()
                        return
                    if not made.still.is_set():
                        made.shown += 1
                    if made.shown >= 45:
                        made.far.set()
                    _, data = cv2.imencode(".jpg", numbered(made.shown % 256)[..., ::-1])
                    head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {data.size}\r\n\r\n"
                    self.wfile.write(head.encode() + data.tobytes() + b"\r\n")
            except ConnectionError:
                return

        def log_message(self, *_: Any) -> None:
            pass

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made.url = f"http://ann:secret@127.0.0.1:{server.server_address[1]}/camera"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    made.closed.set()
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_film_is_watched_at_its_own_pace_and_ends(tmp_path: Path) -> None:
    path = film(tmp_path / "film.mp4")
    done = watched(str(path), "--every", "500ms", "--json", "--engine", "mirror")
    assert done.returncode == 0, done.stderr
    told = [json.loads(each) for each in done.stdout.splitlines()]
    times = [each["time_s"] for each in told]
    assert len(times) >= 2
    assert times == sorted(times)
    assert times[-1] <= 3.0
    assert all(each["lag_s"] >= 0 and each["usage"]["prompt_tokens"] > 85 for each in told)


def test_a_line_has_its_time_and_lag(tmp_path: Path) -> None:
    path = film(tmp_path / "film.mp4", frames=20)
    done = watched(str(path), "What?", "--count", "1", "--engine", "mirror")
    assert done.returncode == 0
    clock, lag, unit, *text = done.stdout.split()
    assert len(clock) == len("12:00:00.0")
    assert lag.startswith("+")
    assert unit == "s"
    assert "What?" in " ".join(text)


def test_a_stream_that_is_cut_comes_back(camera: Camera, tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    with watching(
        camera.url, "--every", "100ms", "--json", "--engine", "mirror", "--save-clip", str(clip)
    ) as process:
        for _ in range(3):
            line(process)
        camera.cut.set()
        while camera.connections < 2:
            line(process)
        line(process)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0
    assert "gives no pictures any more. Trying again in 1 s" in said
    assert "is back" in said
    assert "secret" not in said
    for part in (clip, tmp_path / "clip-2.mp4"):
        with av.open(str(part)) as container:
            assert sum(1 for _ in container.decode(video=0)) > 1


def test_without_reconnecting_a_cut_ends_it(camera: Camera) -> None:
    with watching(
        camera.url, "--every", "100ms", "--engine", "mirror", "--no-reconnect"
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        camera.cut.set()
        _, said = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 1
        assert "gives no pictures any more" in said


def test_only_changes_are_asked_about(camera: Camera) -> None:
    camera.still.set()
    with watching(
        camera.url, "--every", "50ms", "--on-change", "--json", "--engine", "mirror"
    ) as process:
        first = line(process)
        camera.shown = 90  # all its fields are others
        second = line(process)
        assert second["time_s"] > first["time_s"]
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=PATIENCE_S)
        assert rest == ""  # for as long as nothing changed, nothing was asked


def test_frames_are_collected_for_one_question(camera: Camera) -> None:
    done = watched(
        camera.url, "--collect", "6", "--interval", "0.05", "--json", "--engine", "mirror"
    )
    assert done.returncode == 0, done.stderr
    (told,) = (json.loads(each) for each in done.stdout.splitlines())
    assert told["text"].count("[picture") == 6
    assert told["text"].count("Frame at ") == 6
    assert "6 frames collected" in done.stderr
    one = watched(camera.url, "--collect", "1", "--engine", "mirror")
    assert "1 frame collected" in one.stderr


def test_the_newest_frame_wins_while_the_engine_is_busy(camera: Camera) -> None:
    numbers: list[int] = []

    def answer(body: dict[str, Any]) -> str:
        url = body["messages"][0]["content"][1]["image_url"]["url"]
        data = np.frombuffer(base64.b64decode(url.partition(",")[2]), np.uint8)
        pixels = cv2.imdecode(data, cv2.IMREAD_COLOR)
        assert pixels is not None
        numbers.append(number(np.asarray(pixels, np.uint8)))
        camera.far.wait(PATIENCE_S)
        return "ok"

    with chatting(answer) as url:
        done = watched(
            camera.url, "--every", "1ms", "--count", "2", "--base-url", url, "--model", "m"
        )
    assert done.returncode == 0, done.stderr
    assert numbers[0] < 40 <= numbers[1]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("97", "Is the camera plugged in?"),
        ("away.mp4", "There is no file away.mp4"),
        ("ftp://host/film", "ftp:// cannot be watched"),
        ("README.md", "is no film that can be read"),
        ("http://127.0.0.1:9/camera", "cannot be opened"),
    ],
)
def test_sources_that_are_not_there(source: str, words: str) -> None:
    done = watched(source, "--engine", "mirror")
    assert done.returncode in (1, 2)
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_what_watches_a_stream_is_bound_and_a_host_is_found_by_name(camera: Camera) -> None:
    url = camera.url.replace("127.0.0.1", "localhost")
    with watching(url, "--every", "50ms", "--json", "--engine", "mirror") as process:
        line(process)
        (pid,) = running_module(process.pid, "sightline.media.live_child")
        bounds = psutil.Process(pid)
        if hasattr(bounds, "rlimit"):
            assert bounds.rlimit(psutil.RLIMIT_AS)[1] != psutil.RLIM_INFINITY
            assert bounds.rlimit(psutil.RLIMIT_FSIZE) == (0, 0)
            assert bounds.rlimit(psutil.RLIMIT_CORE) == (0, 0)
            # Of processor time so much as it may take for one picture, again with each.
            first = bounds.rlimit(psutil.RLIMIT_CPU)[0]
            assert 0 < first < 60
        if in_force().network:
            assert status(pid)["Seccomp"] == "2"
            assert status(pid)["NoNewPrivs"] == "1"
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0
        until(lambda: not alive(pid))


def black(side: int) -> bytes:
    """A film of one black picture so many pixels wide and high; a thousandth of them in bytes."""
    row = zlib.compress(bytes((side + 1) * side), 1)
    parts = ((b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)), (b"IDAT", row), (b"IEND", b""))  # fmt: skip
    picture = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
    out = io.BytesIO()
    fragments = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
    with av.open(out, "w", format="mov", options=fragments) as container:
        stream = container.add_stream("png", rate=1)
        stream.width = stream.height = side
        stream.pix_fmt = "gray"
        for at in range(2):
            packet = av.Packet(picture)
            packet.stream, packet.pts, packet.dts = stream, at, at
            packet.time_base, packet.is_keyframe = Fraction(1), True
            container.mux(packet)
    return out.getvalue()


@pytest.mark.parametrize(("side", "answers"), [(500, 1), (9000, 0)])
def test_a_source_of_small_bytes_and_huge_frames_is_not_decoded(
    tmp_path: Path, side: int, answers: int
) -> None:
    path = tmp_path / "black.mov"
    path.write_bytes(black(side))
    done = watched(str(path), "--engine", "mirror", "--count", "1", "--json")
    assert len(done.stdout.splitlines()) == answers, done.stderr


def test_a_decoder_that_hangs_is_given_up(camera: Camera) -> None:
    async def watch() -> None:
        given = Watched(source(camera.url), "gpt-4o", "low", None, patience_s=4)
        async with given as watched:
            first = await watched.newest(0)
            assert first is not None
            (pid,) = running_module(os.getpid(), "sightline.media.live_child")
            os.kill(pid, signal.SIGSTOP)
            with pytest.raises(BrokeOff):
                await watched.newest(first.number)
        assert not alive(pid)

    asyncio.run(watch())


def test_a_clip_of_nothing_is_not_left(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    done = watched("http://127.0.0.1:9/none", "--engine", "mirror", "--save-clip", str(clip))
    assert done.returncode == 1
    assert not clip.exists()


def test_a_clip_that_cannot_be_written(tmp_path: Path) -> None:
    done = watched("0", "--save-clip", str(tmp_path / "no" / "clip.mp4"))
    assert done.returncode == 2
    assert "cannot be written" in done.stderr

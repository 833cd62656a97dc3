"""The process that watches a source: `python -m sightline.media.live_child`.

A thread reads and decodes all that comes and keeps the newest frame alone; asked by a line on
stdin, it is written to stdout, a line of JSON and its RGB pixels. So nothing queues up while an
engine thinks, and a decoder that hangs or leaks is ended with its process.

It watches for as long as somebody wants, so that its processor time is bounded not in all but for
each stretch in which no picture comes. It may use the network where its source lies there, and
reach no file but the one that it plays and the one that it writes.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

from sightline.media.confined import limit, renew_cpu, say

_ADDRESS_SPACE = 6 << 30
_TIMEOUT_S = 10.0
_STUCK_CPU_S = 30  # of processor time without a picture
_RENEW_S = 1.0
MOST_PIXELS = 1 << 26  # of a frame: twice what 8K has
_MOST_STREAMS = 64
_COPIED = frozenset("h264 hevc av1 libdav1d vp9 vp8 mpeg4 mjpeg".split())
_QUICK = {"fflags": "nobuffer", "flags": "low_delay"}
# How much of a stream may be read and kept before it is known what it is.
_BOUNDED = {"probesize": "5000000", "analyzeduration": "5000000", "max_streams": str(_MOST_STREAMS)}
# What finds a host by its name, and its certificate's authority.
_RESOLVING = (
    "/etc/resolv.conf", "/etc/hosts", "/etc/host.conf", "/etc/nsswitch.conf", "/etc/gai.conf",
    "/etc/services", "/etc/protocols", "/etc/ssl", "/etc/pki", "/etc/ca-certificates",
    "/run/systemd/resolve", "/run/nscd", "/var/run/nscd",
)  # fmt: skip


def main() -> None:
    """Watch what the order says, and give frames as they are asked for."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started this ends it
    order = json.loads(sys.stdin.readline())
    _bind(order)
    watching = _Watching(order)
    thread = threading.Thread(target=watching.run, daemon=True)
    thread.start()
    for line in sys.stdin:
        watching.give(json.loads(line))
    watching.stopped.set()
    thread.join(5)  # a clip is to be whole


def _bind(order: Mapping[str, Any]) -> None:
    kind, where, clip = order["kind"], order["where"], order["clip"]
    if clip:  # a file can be named to the kernel once it is there
        with suppress(OSError):
            os.close(os.open(clip, os.O_WRONLY | os.O_CREAT, 0o666))
    outward = kind in ("stream", "screen")
    readable = {"file": [where], "stream": [*_RESOLVING], "screen": ["/tmp/.X11-unix"]}  # noqa: S108
    limit(
        0,
        _ADDRESS_SPACE,
        readable=[*readable.get(kind, []), *order["named"]],
        writable=[where] * (kind == "camera") + [clip] * bool(clip),
        network=outward,
        file_bytes=None if clip else 0,
    )
    renew_cpu(_STUCK_CPU_S)


class _Watching:
    def __init__(self, order: Mapping[str, Any]) -> None:
        self._order = order
        self._changed = threading.Condition()
        self._frame: Any = None
        self._number = 0
        self._time_s = 0.0
        self._at = 0.0
        self._end: dict[str, Any] | None = None
        self._shape: tuple[int, int, int] = (0, 0, 0)
        self.stopped = threading.Event()

    def give(self, asked: Mapping[str, Any]) -> None:
        """Write the newest frame after the one numbered `after`, or why there is none."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._number > asked["after"] or self._end, asked["wait_s"]
            )
            frame, number, time_s, at = self._frame, self._number, self._time_s, self._at
            end = self._end
        if number <= asked["after"]:
            say(end or {"end": "silent"})
            return
        from sightline.media import image_tokens as details
        from sightline.media.frames import upright

        width, height, turn = self._shape
        sight = details.sight(asked["profile"], width, height, asked["detail"])
        pixels = upright(frame, turn, (sight.width, sight.height))
        say(
            {
                "number": number, "time_s": time_s, "age_s": time.monotonic() - at,
                "width": pixels.shape[1], "height": pixels.shape[0], "size": [width, height],
            }
        )  # fmt: skip
        sys.stdout.buffer.write(pixels.tobytes())
        sys.stdout.buffer.flush()

    def run(self) -> None:
        """Read until the source ends, breaks off, or nobody watches any more."""
        import av

        end = "ended"
        try:
            with self._opened() as container:
                finite = self._read(container)
            end = "ended" if finite else "broke off"
        except FileNotFoundError:
            end = "absent"
        except (av.error.FFmpegError, OSError, ValueError, IndexError):
            end = "broke off" if self._number else "unopened"
        with self._changed:
            self._end = {"end": end}
            self._changed.notify_all()

    def _opened(self) -> Any:
        import av

        from sightline.media.video import LIVE_OPTIONS, opened

        kind, where = self._order["kind"], self._order["where"]
        if kind == "file":
            return opened(Path(where))
        if kind == "camera":
            options, form = {"framerate": "30"}, {"linux": "v4l2", "darwin": "avfoundation"}
            name = f"video={where}" if sys.platform == "win32" else where
            try:
                return av.open(name, format=form.get(sys.platform, "dshow"), options=options)
            except (av.error.FFmpegError, ValueError):  # a camera that has no such rate
                return av.open(name, format=form.get(sys.platform, "dshow"))
        if kind == "screen":
            return _screen(where)
        options = {**_QUICK, **_BOUNDED, **LIVE_OPTIONS, "rtsp_transport": "tcp"}
        if where.startswith("udp:"):
            options |= {"probesize": "200000", "analyzeduration": "1000000"}
        return av.open(where, options=options, timeout=_TIMEOUT_S)

    def _read(self, container: Any) -> bool:
        """Read frames; say whether the source came to an end of its own."""
        import av

        from sightline.media.video import picture_stream

        stream = picture_stream(container, live=True)
        stream.thread_type = "SLICE"
        stream.codec_context.options = {"max_pixels": str(MOST_PIXELS)}
        aspect = stream.sample_aspect_ratio or Fraction(1)
        paced = self._order["kind"] == "file"
        finite = paced or bool(container.duration)
        begun: float | None = None
        renewed = time.monotonic()
        first: int | None = None
        clip = _Clip(self._order["clip"], stream) if self._order["clip"] else None
        try:
            for packet in container.demux(stream):
                if self.stopped.is_set():
                    return True
                try:
                    shown = packet.decode()
                except av.error.FFmpegError:
                    continue
                finally:
                    if clip is not None:
                        clip.packet(packet)
                if shown and time.monotonic() - renewed > _RENEW_S:
                    renew_cpu(_STUCK_CPU_S)
                    renewed = time.monotonic()
                for frame in shown:
                    if frame.width * frame.height > MOST_PIXELS:
                        return False
                    if first is None:
                        first, begun = frame.pts or 0, time.monotonic()
                    time_s = float(((frame.pts or 0) - first) * (stream.time_base or 0))
                    if paced and begun is not None:
                        self.stopped.wait(max(0.0, begun + time_s - time.monotonic()))
                    if clip is not None:
                        clip.frame(frame, time_s)
                    turn = (int(getattr(frame, "rotation", 0)) // 90) % 4
                    wide = max(1, round(frame.width * aspect)) if aspect > 0 else frame.width
                    shape = (wide, frame.height, turn)
                    if turn % 2:
                        shape = (frame.height, wide, turn)
                    with self._changed:
                        self._frame, self._shape = frame, shape
                        self._number += 1
                        self._time_s, self._at = time_s, time.monotonic()
                        self._changed.notify_all()
        finally:
            if clip is not None:
                clip.close()
        return finite


class _Clip:
    """What was watched, written as it comes: as it is where a file can hold that, else encoded."""

    def __init__(self, path: str, stream: Any) -> None:
        import av

        quick = Path(path).suffix.lower() in (".mp4", ".mov", ".m4v")
        # In fragments, so that nothing grows with it, and a clip that breaks off can be played.
        options = {"movflags": "frag_keyframe+empty_moov+default_base_moof"} if quick else {}
        self._out = av.open(path, "w", options=options)
        self._copies = stream.codec_context.name in _COPIED
        self._stream: Any
        if self._copies:
            self._stream = self._out.add_stream_from_template(stream)
        else:
            options = {"preset": "ultrafast", "tune": "zerolatency"}
            self._stream = self._out.add_stream("libx264", rate=30, options=options)
            self._stream.width = stream.width // 2 * 2
            self._stream.height = stream.height // 2 * 2
            self._stream.pix_fmt = "yuv420p"
            self._stream.codec_context.time_base = Fraction(1, 1000)
        self._first: int | None = None
        self._before = -1

    def packet(self, packet: Any) -> None:
        """Copy a packet, from the first key frame on."""
        if not self._copies or packet.dts is None or packet.pts is None:
            return
        if self._first is None:
            if not packet.is_keyframe:
                return
            self._first = packet.dts
        dts = packet.dts - self._first
        if dts <= self._before:
            return
        self._before = dts
        packet.pts, packet.dts, packet.stream = packet.pts - self._first, dts, self._stream
        self._out.mux(packet)

    def frame(self, frame: Any, time_s: float) -> None:
        """Encode a frame, where packets cannot be copied."""
        if self._copies:
            return
        pts = round(time_s * 1000)
        if pts <= self._before:
            return
        self._before = pts
        made = frame.reformat(self._stream.width, self._stream.height, "yuv420p")
        made.pts, made.time_base = pts, Fraction(1, 1000)
        self._out.mux(self._stream.encode(made))

    def close(self) -> None:
        """Write what is left."""
        if not self._copies:
            self._out.mux(self._stream.encode(None))
        self._out.close()


def _screen(where: str) -> Any:
    """Open the screen, or a region of it told as X,Y,WIDTHxHEIGHT. Raises what PyAV raises."""
    import av

    region = re.fullmatch(r"(\d+),(\d+),(\d+)x(\d+)", where)
    options = {"framerate": "10"}
    if sys.platform == "darwin":
        return av.open("Capture screen 0", format="avfoundation", options=options)
    # Without a name it is the user's own display.
    name = "desktop" if sys.platform == "win32" else "+0,0"
    if region is not None:
        x, y, width, height = region.groups()
        options["video_size"] = f"{width}x{height}"
        if sys.platform == "win32":
            options |= {"offset_x": x, "offset_y": y}
        else:
            name = f"+{x},{y}"
    form = "gdigrab" if sys.platform == "win32" else "x11grab"
    return av.open(name, format=form, options=options)


if __name__ == "__main__":
    main()

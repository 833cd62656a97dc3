"""Films for tests, made on the spot: each frame carries its number in black and white fields."""

from __future__ import annotations

import struct
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, Concatenate, ParamSpec

import av
import cv2
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT, BITS = 256, 128, 8
P = ParamSpec("P")
_DRAWN: dict[tuple[str, ...], bytes] = {}


def once(draw: Callable[Concatenate[Path, P], Path]) -> Callable[Concatenate[Path, P], Path]:
    """Have each film of a kind (its container is in its name) drawn once, and copied after that."""

    def drawn(path: Path, /, *args: P.args, **options: P.kwargs) -> Path:
        key = draw.__name__, path.suffix, repr(args), repr(sorted(options.items()))
        if key not in _DRAWN:
            _DRAWN[key] = draw(path, *args, **options).read_bytes()
        path.write_bytes(_DRAWN[key])
        return path

    return drawn


def numbered(number: int, width: int = WIDTH, height: int = HEIGHT) -> NDArray[np.uint8]:
    """A picture with a number in its upper half and something that moves in its lower."""
    image = np.full((height, width, 3), 128, np.uint8)
    field = width // BITS
    for bit in range(BITS):
        image[: height // 2, bit * field : (bit + 1) * field] = 235 if number >> bit & 1 else 16
    x = number * 7 % (width - 32)
    image[height * 5 // 8 : height * 7 // 8, x : x + 32] = (200, 40, 40)
    return image


def number(pixels: NDArray[np.uint8]) -> int:
    """Read the number back."""
    height, width = pixels.shape[:2]
    field = width / BITS
    row = pixels[height // 4].mean(axis=-1)
    return sum((row[int((bit + 0.5) * field)] > 128) << bit for bit in range(BITS))


@once
def film(
    path: Path, codec: str = "libx264", frames: int = 90, *, gop: int = 30, times: list[int] | None = None,
    pixel_format: str = "yuv420p", aspect: Fraction | None = None, turn: int = 0, sound: bool = False,
    options: dict[str, str] | None = None, size: tuple[int, int] = (WIDTH, HEIGHT),
) -> Path:  # fmt: skip
    """Write a film of 30 frames a second, or at `times` in thousandths of a second."""
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream(codec, rate=30, options=options or {})
        stream.width, stream.height = size
        stream.pix_fmt = pixel_format
        stream.codec_context.gop_size = gop
        if times is not None:
            stream.codec_context.time_base = Fraction(1, 1000)
        if aspect is not None:
            stream.codec_context.sample_aspect_ratio = aspect
        audio: Any = out.add_stream("aac", rate=16000) if sound else None
        for i in range(frames):
            frame = av.VideoFrame.from_ndarray(numbered(i, *size), "rgb24").reformat(
                format=pixel_format
            )
            frame.pts = i if times is None else times[i]
            frame.time_base = Fraction(1, 30) if times is None else Fraction(1, 1000)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
        if audio is not None:
            quiet = av.AudioFrame.from_ndarray(np.zeros((1, 16000), np.int16), "s16", "mono")
            quiet.sample_rate, quiet.pts = 16000, 0
            out.mux(audio.encode(quiet))
            out.mux(audio.encode(None))
    if turn:  # the matrix of the track's header, in 16.16 fixed point: a quarter turn
        data = bytearray(path.read_bytes())
        at = data.index(b"tkhd") + 4 + 40
        data[at : at + 36] = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30)
        path.write_bytes(data)
    return path


@once
def scenes(path: Path) -> Path:
    """Write four scenes: 1 s black, 4 s blue, 3 s red and still, 4 s green, with words and a ball."""
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream("libx264", rate=15)
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for colour, count, text, first, last in (
            ((0, 0, 0), 15, "", 0, 0), ((20, 60, 160), 60, "HARBOUR TOWN", 15, 45),
            ((150, 40, 30), 45, "", 0, 0), ((40, 120, 40), 60, "THE END", 0, 60),
        ):  # fmt: skip
            for i in range(count):
                image = np.full((360, 640, 3), colour, np.uint8)
                if text:
                    cv2.circle(image, (60 + 6 * i % 200, 80), 40, (255, 255, 255), -1)
                if first <= i < last:
                    cv2.putText(image, text, (60, 300), 0, 1.6, (255, 255, 255), 3, cv2.LINE_AA)
                frame = av.VideoFrame.from_ndarray(image, "rgb24").reformat(format="yuv420p")
                out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


@once
def beeping(path: Path, seconds: int, codec: str = "libx264") -> Path:
    """Write a film with a quiet hum and a loud beep of 50 ms at each second."""
    rate = 48_000
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream(codec, rate=30)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        audio: Any = out.add_stream("aac" if path.suffix == ".mp4" else "libopus", rate=rate)
        audio.layout = "mono"
        for i in range(30 * seconds):
            frame = av.VideoFrame.from_ndarray(numbered(i % 256), "rgb24").reformat(
                format="yuv420p"
            )
            frame.pts = i
            out.mux(stream.encode(frame))
            if i % 30 == 0:
                t = np.arange(rate) / rate
                second = 0.05 * np.sin(2 * np.pi * 150 * t)
                second[:2400] += 0.5 * np.sin(2 * np.pi * 1000 * t[:2400])
                for at in range(0, rate, 960):
                    block = (second[at : at + 960] * 32_000).astype(np.int16)[None]
                    sound = av.AudioFrame.from_ndarray(block, "s16", "mono")
                    sound.sample_rate, sound.pts = rate, i // 30 * rate + at
                    sound.time_base = Fraction(1, rate)
                    out.mux(audio.encode(sound))
        out.mux(stream.encode(None))
        out.mux(audio.encode(None))
    return path

"""A film written again: its pictures as they are, another sound, subtitles, chapters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.resampler import AudioResampler

from sightline.media.captions import CaptionDrawer
from sightline.media.frames import upright
from sightline.media.mixing import RATE, Sound
from sightline.media.subtitles import Cue
from sightline.media.video import Film, opened, picture_stream, probe, sound_stream

# What each container holds as it is; anything else is encoded again, as H.264.
_MP4 = frozenset("h264 hevc av1 vp9 mpeg4 mpeg2video mpeg1video".split())
_MKV = _MP4 | frozenset("vp8 mjpeg theora prores ffv1 wmv2 wmv3 vc1 msmpeg4v3 flv h263".split())
_BIT_RATE = 128_000
_FRAME = 1024
_MILLISECONDS, _TICK = Fraction(1, 1000), Fraction(1, 90_000)
# What the encoder of MP4 subtitles needs before it opens: a style.
_STYLE = (
    b"[Script Info]\r\nScriptType: v4.00+\r\nPlayResX: 384\r\nPlayResY: 288\r\n\r\n"
    b"[V4+ Styles]\r\nFormat: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, "
    b"OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, "
    b"Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding\r\n"
    b"Style: Default,Arial,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,1"
    b"\r\n\r\n[Events]\r\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, "
    b"Effect, Text\r\n"
)


@dataclass(frozen=True, slots=True)
class VideoShape:
    """What is known of a film before it is written.

    `end_s` is when the last picture ends, in seconds from the earliest of its streams; `codec` is
    the pictures', and `sounds` says whether there is sound.
    """

    film: Film
    end_s: float
    codec: str
    sounds: bool


def shape(path: Path) -> VideoShape:
    """Read through a film. Raises `ImageError` for what is none."""
    film = probe(path, path.name)
    with opened(path) as container:
        stream = picture_stream(container)
        begins = float(film.pts[0] * film.time_base - _offset(container))
        return VideoShape(
            film, begins + film.duration_s, _name(stream), sound_stream(container) is not None
        )


def container_for(codec: str, wanted: str) -> tuple[str, bool]:
    """Give the container in which pictures of a codec can stay as they are, and whether they can.

    `wanted` is mp4, mov or mkv.
    """
    if codec in _MP4:
        return wanted, True
    if codec in _MKV:
        return "mkv", True
    return wanted, False


def write_bed(path: Path, out: Path) -> None:
    """Decode a film's first sound to samples of 16 bits, 48 kHz, two channels, each at its time."""
    with opened(path) as container, out.open("wb") as file:
        stream = sound_stream(container)
        if stream is None:
            return
        offset = _offset(container)
        resampler = AudioResampler("s16", "stereo", RATE)
        at = 0

        def put(frames: list[Any]) -> None:
            nonlocal at
            for frame in frames:
                place = at
                if frame.pts is not None and frame.time_base is not None:
                    place = round((frame.pts * frame.time_base - offset) * RATE)
                # A container's clock of milliseconds is no reason to click.
                place = at if abs(place - at) < RATE // 200 else place
                data = bytes(frame.planes[0])[: frame.samples * 4]
                if place < 0:
                    data, place = data[-place * 4 :], 0
                file.seek(place * 4)
                file.write(data)
                at = place + len(data) // 4

        packets = container.demux(stream)
        while True:
            try:
                packet = next(packets)
                for frame in packet.decode():
                    put(resampler.resample(frame))
            except av.error.InvalidDataError:
                continue
            except (StopIteration, av.error.FFmpegError, IndexError):
                break
        put(resampler.resample(None))


@dataclass(frozen=True, slots=True)
class Writing:
    """What is to be written beside the pictures.

    `chapters` are starts in seconds with titles. `burned` are cues that become part of the
    pictures, `cues` those of a track of their own, in `language` (three letters).
    """

    sound: Iterator[Sound]
    cues: Sequence[Cue] = ()
    burned: Sequence[Cue] = ()
    chapters: Sequence[tuple[float, str]] = ()
    language: str = "eng"


def write_film(
    path: Path,
    out: Path,
    known: VideoShape,
    writing: Writing,
    *,
    copies: bool,
    progress: Callable[[float], None],
) -> None:
    """Write the film. `progress` is told the share that is done. Raises what PyAV raises."""
    flags = {"movflags": "+faststart"} if out.suffix.lower() in (".mp4", ".mov", ".m4v") else {}
    with opened(path) as source, av.open(str(out), "w", options=flags) as made:
        stream = picture_stream(source)
        pictures = (
            _Copied(made, stream, _offset(source))
            if copies and not writing.burned and not known.film.stamps  # those have to be timed
            else _Encoded(made, stream, _offset(source), known.film, writing.burned)
        )
        sound: Any = made.add_stream("aac", rate=RATE)
        sound.layout, sound.bit_rate = "stereo", _BIT_RATE
        sound.metadata["language"] = writing.language
        subtitles = _Subtitles(made, writing, out.suffix.lower()) if writing.cues else None
        if writing.chapters:
            made.set_chapters(_chapters(writing.chapters, known.end_s))
        audio = _Audio(made, sound, writing.sound)
        told = 0.0
        for time_s, packets in pictures.packets(source):
            audio.until(time_s)
            if subtitles is not None:
                subtitles.until(time_s)
            for packet in packets:
                made.mux(packet)
            share = time_s / max(known.end_s, 1e-6)
            if share - told >= 0.02:
                told = share
                progress(min(share, 1.0))
        audio.finish()
        if subtitles is not None:
            subtitles.until(known.end_s + 1)
    progress(1.0)


class _Copied:
    """Pictures as they are: not a bit of a packet's payload changes."""

    def __init__(self, made: Any, stream: Any, offset: Fraction) -> None:
        self._stream = stream
        self._out = made.add_stream_from_template(stream, opaque=True)
        self._out.time_base = stream.time_base
        if _name(stream) == "hevc" and made.format.name in ("mp4", "mov"):
            self._out.codec_context.codec_tag = "hvc1"  # the one that Apple's players know
        self._base = stream.time_base or Fraction(1, 25)
        self._shift = round(offset / self._base)
        self._step = max(1, round(1 / (stream.average_rate or 25) / self._base))

    def packets(self, source: Any) -> Iterator[tuple[float, list[Any]]]:
        """Give each packet with the time from which on it is needed."""
        held: list[Any] = []
        packets = source.demux(self._stream)
        while True:
            try:
                packet = next(packets)
            except (StopIteration, IndexError, av.error.FFmpegError):
                break
            if packet.size == 0 or (packet.pts is None and packet.dts is None):
                continue
            if packet.dts is None:
                held.append(packet)  # Matroska keeps none for the first of reordered pictures
                continue
            for i, early in enumerate(held):
                early.dts = packet.dts - (len(held) - i) * self._step
            yield from (self._placed(p) for p in [*held, packet])
            held = []
        for packet in held:
            packet.dts = packet.pts
        yield from (self._placed(p) for p in held)

    def _placed(self, packet: Any) -> tuple[float, list[Any]]:
        if packet.pts is None:
            packet.pts = packet.dts
        packet.pts -= self._shift
        packet.dts -= self._shift
        packet.stream = self._out
        return float(packet.dts * self._base), [packet]


class _Encoded:
    """Pictures encoded again, as H.264, upright, with subtitles in them where there are any."""

    def __init__(
        self, made: Any, stream: Any, offset: Fraction, film: Film, burned: Sequence[Cue]
    ) -> None:
        self._stream, self._offset, self._turn = stream, offset, film.turn
        self._stamps = iter(film.stamps)
        self._size = max(2, film.width // 2 * 2), max(2, film.height // 2 * 2)
        self._lettering = CaptionDrawer(burned, self._size) if burned else None
        options = {"preset": "veryfast", "crf": "20"}
        self._out = made.add_stream("libx264", rate=stream.average_rate or 25, options=options)
        self._out.width, self._out.height = self._size
        self._out.pix_fmt = "yuv420p"
        self._out.codec_context.time_base = _TICK
        self._out.time_base = _TICK
        # The colours that `upright` and the encoding below agree on.
        self._matrix = 1 if self._size[1] >= 720 else 5

    def packets(self, source: Any) -> Iterator[tuple[float, list[Any]]]:
        """Decode, draw and encode."""
        self._stream.thread_type = "AUTO"
        base, before, time_s = self._stream.time_base or Fraction(1, 25), -1, 0.0
        for frame in _frames(source, self._stream, self._stamps):
            time_s = float((frame.pts or 0) * base - self._offset)
            pixels = upright(frame, self._turn, self._size)
            if self._lettering is not None:
                pixels = self._lettering.drawn(pixels, time_s)
            again = av.VideoFrame.from_ndarray(pixels, "rgb24").reformat(
                format="yuv420p", dst_colorspace=self._matrix
            )
            before = max(round(time_s / _TICK), before + 1)
            again.pts, again.time_base = before, _TICK
            yield time_s, self._out.encode(again)
        yield time_s, self._out.encode(None)


def _frames(source: Any, stream: Any, stamps: Iterator[int]) -> Iterator[Any]:
    packets = source.demux(stream)
    while True:
        try:
            packet = next(packets)
            if packet.pts is None:
                packet.pts = next(stamps, None)
            yield from packet.decode()
        except av.error.InvalidDataError:
            continue
        except (StopIteration, IndexError, av.error.FFmpegError):
            return


class _Audio:
    """Encodes the sound as far as the pictures have come."""

    def __init__(self, made: Any, stream: Any, sound: Iterator[Sound]) -> None:
        self._made, self._stream, self._sound = made, stream, sound
        self._rest: Sound = np.zeros((0, 2), np.float32)
        self._at = 0
        self._ended = False

    def until(self, time_s: float) -> None:
        """Encode up to a time."""
        while not self._ended and self._at < time_s * RATE:
            self._one()

    def finish(self) -> None:
        """Encode the rest."""
        while not self._ended:
            self._one()
        for packet in self._stream.encode(None):
            self._made.mux(packet)

    def _one(self) -> None:
        while len(self._rest) < _FRAME and not self._ended:
            block = next(self._sound, None)
            if block is None:
                self._ended = True
            else:
                self._rest = np.concatenate([self._rest, block])
        taken, self._rest = self._rest[:_FRAME], self._rest[_FRAME:]
        if not len(taken):
            return
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(taken.T, np.float32), format="fltp", layout="stereo"
        )
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._at, Fraction(1, RATE)
        self._at += len(taken)
        for packet in self._stream.encode(frame):
            self._made.mux(packet)
        if self._ended and len(self._rest):
            self._ended = False


class _Subtitles:
    """A track of subtitles, written where the pictures have come to."""

    def __init__(self, made: Any, writing: Writing, suffix: str) -> None:
        self._made = made
        self._is_mp4 = suffix in (".mp4", ".mov", ".m4v")
        self._stream: Any = made.add_stream("mov_text" if self._is_mp4 else "subrip")
        self._stream.codec_context.subtitle_header = _STYLE
        self._stream.time_base = _MILLISECONDS
        self._stream.metadata["language"] = writing.language
        self._cues = list(writing.cues)

    def until(self, time_s: float) -> None:
        """Write the cues that begin by a time."""
        while self._cues and self._cues[0].start_s <= time_s:
            cue = self._cues.pop(0)
            text = cue.text.encode()
            # An MP4's text says how long it is (3GPP TS 26.245).
            packet: Any = av.Packet(len(text).to_bytes(2, "big") + text if self._is_mp4 else text)
            packet.stream, packet.time_base = self._stream, _MILLISECONDS
            packet.pts = packet.dts = round(cue.start_s * 1000)
            packet.duration = round((cue.end_s - cue.start_s) * 1000)
            self._made.mux(packet)


def _chapters(marks: Sequence[tuple[float, str]], end_s: float) -> list[Any]:
    starts = [start for start, _ in marks]
    ends = [*starts[1:], end_s]
    return [
        {
            "id": i,
            "start": round(start * 1000),
            "end": round(max(end, start + 0.001) * 1000),
            "time_base": _MILLISECONDS,
            "metadata": {"title": title},
        }
        for i, ((start, title), end) in enumerate(zip(marks, ends, strict=True))
    ]


def _offset(container: Any) -> Fraction:
    """Give when the earliest of a container's streams begins, in seconds."""
    return Fraction(container.start_time or 0, 1_000_000)


def _name(stream: Any) -> str:
    codec = stream.codec_context.codec
    return str(getattr(codec, "canonical_name", None) or codec.name)

"""Samples to the six formats of the speech endpoint, as they come, and other work on samples."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, get_args

import av
import numpy as np
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from sightline.types import SoundFormat

Samples = NDArray[np.int16]
RATE = 24_000


@dataclass(frozen=True, slots=True)
class _Form:
    mime: str
    container: str = ""
    codec: str = ""
    sample: str = "s16"
    rate: int = RATE
    bit_rate: int | None = None
    options: tuple[tuple[str, str], ...] = ()


# Rates and types: the API's. Opus pages are short: a page is how long one waits for sound.
_FORMS: dict[str, _Form] = {
    "mp3": _Form(
        "audio/mpeg", "mp3", "libmp3lame", "s16p", bit_rate=128_000,
        options=(("write_xing", "0"), ("id3v2_version", "0")),
    ),
    "opus": _Form(
        "audio/opus", "ogg", "libopus", rate=48_000, bit_rate=48_000,
        options=(("page_duration", "20000"),),
    ),
    "aac": _Form("audio/aac", "adts", "aac", "fltp", bit_rate=96_000),
    "flac": _Form("audio/flac", "flac", "flac"),
    "wav": _Form("audio/wav", "wav", "pcm_s16le"),
    "pcm": _Form("audio/pcm"),
}  # fmt: skip
FORMATS: tuple[SoundFormat, ...] = get_args(SoundFormat)


def mime(form: SoundFormat) -> str:
    """Give a format's content type."""
    return _FORMS[form].mime


class _Sink:
    """Takes what a container writes; it cannot be sought in, as a reply cannot."""

    def __init__(self) -> None:
        self._given = bytearray()

    def write(self, data: bytes) -> int:
        """Take bytes."""
        self._given += data
        return len(data)

    def taken(self) -> bytes:
        """Give what came since the last time."""
        given = bytes(self._given)
        self._given.clear()
        return given


class Encoder:
    """Encodes mono samples of one rate as they come; holds no more than a frame."""

    def __init__(self, form: SoundFormat, rate: int) -> None:
        self._form = _FORMS[form]
        self._rate = rate
        self._sink = _Sink()
        self._container: Any = None
        self._pts = 0
        frame_size = None
        if self._form.container:
            options = {**dict(self._form.options), "flush_packets": "1"}
            self._container = av.open(self._sink, "w", format=self._form.container, options=options)
            self._stream: Any = self._container.add_stream(self._form.codec, rate=self._form.rate)
            self._stream.layout = "mono"
            if self._form.bit_rate:
                self._stream.bit_rate = self._form.bit_rate
            self._container.start_encoding()
            frame_size = self._stream.codec_context.frame_size or None
        self._resampler = AudioResampler(
            self._form.sample, "mono", self._form.rate, frame_size=frame_size
        )

    def push(self, samples: bytes) -> bytes:
        """Take samples of 16 bits; give what is encoded by now."""
        if samples:
            frame = av.AudioFrame.from_ndarray(
                np.frombuffer(samples, np.int16)[None], format="s16", layout="mono"
            )
            frame.sample_rate = self._rate
            frame.pts = None
            self._put(self._resampler.resample(frame))
        return self._sink.taken()

    def close(self) -> bytes:
        """Give the rest."""
        self._put(self._resampler.resample(None))
        if self._container is not None:
            if self._pts == 0:  # some encoders write no header for nothing
                self._put([_silence(self._form)])
            self._container.mux(self._stream.encode(None))
            self._container.close()
        return self._sink.taken()

    def _put(self, frames: list[Any]) -> None:
        for frame in frames:
            if self._container is None:
                self._sink.write(bytes(frame.planes[0])[: frame.samples * 2])
                continue
            frame.pts, frame.time_base = self._pts, Fraction(1, self._form.rate)
            self._pts += frame.samples
            self._container.mux(self._stream.encode(frame))


def _silence(form: _Form) -> Any:
    kind = np.float32 if form.sample == "fltp" else np.int16
    frame = av.AudioFrame.from_ndarray(
        np.zeros((1, form.rate // 100), kind), format=form.sample, layout="mono"
    )
    frame.sample_rate = form.rate
    return frame


class Resampler:
    """Brings mono samples of 16 bits from one rate to another as they come."""

    def __init__(self, rate: int, wanted: int) -> None:
        self._rate = rate
        self._resampler = AudioResampler("s16", "mono", wanted)

    def push(self, samples: bytes) -> bytes:
        """Take samples; give what came out by now."""
        if not samples:
            return b""
        frame = av.AudioFrame.from_ndarray(
            np.frombuffer(samples, np.int16)[None], format="s16", layout="mono"
        )
        frame.sample_rate, frame.pts = self._rate, None
        return _joined(self._resampler.resample(frame))

    def close(self) -> bytes:
        """Give the rest."""
        return _joined(self._resampler.resample(None))


def _joined(frames: list[Any]) -> bytes:
    return b"".join(bytes(frame.planes[0])[: frame.samples * 2] for frame in frames)


class Tempo:
    """Speaks samples faster or slower without another pitch (FFmpeg's atempo)."""

    def __init__(self, rate: int, factor: float) -> None:
        self._rate = rate
        self._graph: Any = None
        self._pts = 0
        if abs(factor - 1.0) < 1e-3:
            return
        graph: Any = av.filter.Graph()
        source = graph.add_abuffer(
            sample_rate=rate, format="s16", layout="mono", time_base=Fraction(1, rate)
        )
        nodes = [source]
        while factor < 0.5:
            nodes.append(graph.add("atempo", "0.5"))
            factor /= 0.5
        nodes.append(graph.add("atempo", f"{factor:.6f}"))
        nodes.append(graph.add("aformat", "sample_fmts=s16:channel_layouts=mono"))
        nodes.append(graph.add("abuffersink"))
        graph.link_nodes(*nodes).configure()
        self._graph = graph

    def push(self, samples: bytes) -> bytes:
        """Take samples of 16 bits; give what came out by now."""
        if self._graph is None or not samples:
            return samples
        frame = av.AudioFrame.from_ndarray(
            np.frombuffer(samples, np.int16)[None], format="s16", layout="mono"
        )
        frame.sample_rate, frame.pts = self._rate, self._pts
        frame.time_base = Fraction(1, self._rate)
        self._pts += frame.samples
        self._graph.push(frame)
        return self._pulled()

    def close(self) -> bytes:
        """Give the rest."""
        if self._graph is None:
            return b""
        self._graph.push(None)
        return self._pulled()

    def _pulled(self) -> bytes:
        given = bytearray()
        while True:
            try:
                frame = self._graph.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return bytes(given)
            given += bytes(frame.planes[0])[: frame.samples * 2]

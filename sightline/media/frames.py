"""Frames of a film, exactly those wanted, upright RGB in the size wanted.

For each run of wanted frames the film is read from the key frame before it; pictures that no other
is made from, and that are not wanted, are not decoded, which changes nothing in the rest. Frames
come out one by one, so that memory does not grow with the film.
"""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from sightline.media.video import Film, Source, opened, picture_stream

_AHEAD = 8  # frames that a thread may be ahead of who takes them
_STEPS_BACK = 8
_LEADING = 32  # pictures after a key frame that may belong before it
_HDR = (16, 18)  # PQ and HLG, as FFmpeg numbers transfer curves
_BT2020, _BT709, _BT601 = 9, 1, 5


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame: its place in presentation order, its time from the start, its RGB pixels."""

    index: int
    time_s: float
    pixels: NDArray[np.uint8]


def frames(
    source: Source, film: Film, places: Sequence[int], size: tuple[int, int], threads: int = 1
) -> Iterator[Frame]:
    """Give the frames at `places` (rising), as (width, height) `size`, in order.

    With several `threads` a file is read in as many places at once; the interpreter's lock is free
    while FFmpeg decodes. A damaged frame is left out. Raises what FFmpeg raises when the film
    cannot be opened again.
    """
    shares = min(threads, len(places) // 2) if isinstance(source, Path) else 1
    if shares < 2:
        yield from _share(source, film, list(places), size)
        return
    bounds = [round(i * len(places) / shares) for i in range(shares + 1)]
    queues = [Queue[Frame | BaseException | None](_AHEAD) for _ in range(shares)]
    stopped = threading.Event()

    def work(number: int) -> None:
        mine = list(places[bounds[number] : bounds[number + 1]])
        try:
            for frame in _share(source, film, mine, size):
                if stopped.is_set():
                    return
                queues[number].put(frame)
        except (av.error.FFmpegError, OSError, ValueError) as error:
            queues[number].put(error)
        queues[number].put(None)

    for number in range(shares):
        threading.Thread(target=work, args=(number,), daemon=True).start()
    try:
        for queue in queues:
            while (given := queue.get()) is not None:
                if isinstance(given, BaseException):
                    raise given
                yield given
    finally:
        stopped.set()
        for queue in queues:  # whoever waits to put one more sees that nobody takes it
            while not queue.empty():
                queue.get_nowait()


def _share(source: Source, film: Film, places: list[int], size: tuple[int, int]) -> Iterator[Frame]:
    for place, frame in _decoded(source, film, places):
        yield Frame(place, film.time_s(place), upright(frame, film, size))


def _decoded(source: Source, film: Film, places: list[int]) -> Iterator[tuple[int, av.VideoFrame]]:
    place_of = {pts: place for place, pts in enumerate(film.pts)}
    reader = _Reader(source)
    try:
        at = 0
        while at < len(places):
            packets, until = reader.run(film, film.pts[places[at]])
            wanted: set[int] = set()
            while at < len(places) and (
                until is None or film.pts[places[at]] < until or not wanted
            ):
                wanted.add(film.pts[places[at]])
                at += 1
            for frame in _pictures(reader.context, packets, wanted):
                yield place_of[frame.pts or 0], frame
            reader.context.flush_buffers()
    finally:
        reader.close()


class _Reader:
    """A film open for reading, which finds the packets that a frame is made from."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._open()

    def _open(self) -> None:
        self._container = opened(self._source)
        self._stream = picture_stream(self._container)
        self._stream.thread_type = "NONE"

    @property
    def context(self) -> Any:
        """The decoder."""
        return self._stream.codec_context

    def close(self) -> None:
        """Close the film."""
        self._container.close()

    def run(self, film: Film, wanted: int) -> tuple[list[Any], int | None]:
        """Read the packets from the key frame before `wanted` to the next one.

        Also give the time from which on the following run is needed; None at the end.
        """
        first, packets = self._found(film, wanted)
        if first is None:
            return [], None
        run = [first]
        until: int | None = None
        tail = 0
        for packet in packets:
            if until is None:
                if packet.is_keyframe:
                    if packet.pts <= wanted:
                        run = [packet]
                        continue
                    until = packet.pts
                run.append(packet)
            else:
                # Leading pictures: they come after the next key frame and are shown before it.
                if packet.is_keyframe or (packet.dts is not None and packet.dts >= until):
                    break
                run.append(packet)
                tail += 1
                if tail > _LEADING:
                    break
        return run, until

    def _found(self, film: Film, wanted: int) -> tuple[Any, Iterator[Any]]:
        """Seek to a key frame at or before `wanted`; where that fails, read from the beginning."""
        target = wanted
        for attempt in range(_STEPS_BACK):
            try:
                self._container.seek(target, stream=self._stream, backward=True)
            except av.error.FFmpegError:
                break
            packets = _packets(self._container, self._stream)
            first = next((packet for packet in packets if packet.is_keyframe), None)
            # In some containers times are guessed after a seek; those are known by not being there.
            if first is not None and first.pts <= wanted and _is_in(film.keys, first.pts):
                return first, packets
            # MPEG streams have no index and land late: a tick back, then 1, 2, 4 … seconds.
            if first is not None and first.dts is not None:
                target = min(target, first.dts)
            target -= int((1 << (attempt - 1)) / film.time_base) if attempt else 1
        self._container.close()
        self._open()
        packets = _packets(self._container, self._stream)
        return next(packets, None), packets


def _is_in(ordered: Sequence[int], value: int) -> bool:
    place = bisect_left(ordered, value)
    return place < len(ordered) and ordered[place] == value


def _packets(container: av.container.InputContainer, stream: Any) -> Iterator[Any]:
    counted = 0
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except (StopIteration, IndexError, av.error.FFmpegError):
            return
        if packet.size == 0:
            return
        if packet.pts is None:
            packet.pts = packet.dts if packet.dts is not None else counted
        counted += 1
        yield packet


def _pictures(context: Any, packets: list[Any], wanted: set[int]) -> Iterator[av.VideoFrame]:
    """Decode a run as far as the last wanted picture; give the wanted ones in order."""
    last = max((i for i, packet in enumerate(packets) if packet.pts in wanted), default=-1)
    left = set(wanted)
    for packet in [*packets[: last + 1], None]:
        if packet is not None:
            needed = packet.pts in left or packet.is_keyframe
            context.skip_frame = "DEFAULT" if needed else "NONREF"
        try:
            shown = context.decode(packet)
        except av.error.FFmpegError:
            continue  # one damaged packet; what follows may be whole
        for frame in shown:
            if frame.pts in left:
                left.discard(frame.pts)
                yield frame


def upright(frame: av.VideoFrame, film: Film, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Turn a decoded frame into upright RGB of (width, height) `size`, in sRGB.

    Pixels that are not square are made so by the size; of interlaced frames one field is taken.
    """
    width, height = size if film.turn % 2 == 0 else size[::-1]
    if int(frame.color_trc) in _HDR:
        pixels = _standard_range(frame, width, height)
    elif frame.interlaced_frame and frame.height > 2:
        whole = _rgb(frame, frame.width, frame.height)
        way = cv2.INTER_AREA if height < frame.height // 2 else cv2.INTER_LINEAR
        pixels = np.asarray(cv2.resize(whole[::2], (width, height), interpolation=way), np.uint8)
    else:
        pixels = _rgb(frame, width, height)
    return np.ascontiguousarray(np.rot90(pixels, film.turn)) if film.turn else pixels


def _rgb(frame: av.VideoFrame, width: int, height: int) -> NDArray[np.uint8]:
    same = (width, height) == (frame.width, frame.height)
    made = frame.reformat(
        width,
        height,
        "rgba",
        interpolation="BILINEAR" if same else "AREA",
        src_colorspace=_matrix(frame),
        threads=1,
    )
    # RGBA and then RGB is several times as fast as RGB at once.
    return np.asarray(cv2.cvtColor(np.asarray(made.to_ndarray()), cv2.COLOR_RGBA2RGB), np.uint8)


def _matrix(frame: av.VideoFrame) -> int | None:
    # Where a film does not say, players take the matrix of its size.
    if int(frame.colorspace) not in (0, 2):
        return None
    return _BT709 if frame.height >= 720 or frame.width >= 1280 else _BT601


# BT.2020 to BT.709 primaries, linear light (ITU-R BT.2087-0, table 4 inverted).
_TO_709 = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]],
    np.float32,
)
_WHITE_NITS = 203.0  # diffuse white of HDR (ITU-R BT.2408)


def _standard_range(frame: av.VideoFrame, width: int, height: int) -> NDArray[np.uint8]:
    """Bring HDR to standard range: diffuse white to white, highlights rolled off above."""
    made = frame.reformat(
        width, height, "rgb48le", interpolation="AREA", src_colorspace=_BT2020, threads=1
    )
    light = _curve(int(frame.color_trc))[made.to_ndarray()]
    linear = np.maximum(light @ _TO_709.T, 0.0)
    peak = linear.max(axis=-1, keepdims=True)
    linear = linear * np.where(peak > 0.8, _knee(peak) / np.maximum(peak, 1e-6), 1.0)
    coded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(np.clip(coded * 255 + 0.5, 0, 255), np.uint8)


def _knee(peak: NDArray[np.float32]) -> NDArray[np.float32]:
    # Up to 0.8 as it is; from there on towards 1 without ever reaching it.
    over = np.maximum(peak - 0.8, 0.0)
    return np.asarray(np.minimum(peak, 0.8) + 0.2 * over / (over + 0.2), np.float32)


def _curve(transfer: int) -> NDArray[np.float32]:
    """Give linear light, 1 at diffuse white, for each 16-bit code (SMPTE ST 2084, ARIB B67)."""
    code = np.linspace(0, 1, 65536, dtype=np.float64)
    if transfer == 16:
        m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
        power = code ** (1 / m2)
        nits = 10_000 * (np.maximum(power - c1, 0) / (c2 - c3 * power)) ** (1 / m1)
    else:
        a, b, c = 0.17883277, 0.28466892, 0.55991073
        scene = np.where(code <= 0.5, code**2 / 3, (np.exp((code - c) / a) + b) / 12)
        nits = 1000 * scene**1.2
    return np.asarray(nits / _WHITE_NITS, np.float32)


def cuts(source: Source, film: Film) -> tuple[int, ...]:
    """Give the places where scenes begin, by cheap differences of small grey pictures.

    Up to two minutes every frame is compared; of longer films the key frames, which encoders put
    where scenes change.
    """
    found: list[int] = []
    before: NDArray[np.uint8] | None = None
    gaps: list[float] = []
    for place, grey in _greys(source, film):
        if before is not None:
            gap = float(cv2.absdiff(grey, before).mean())
            usual = float(np.median(gaps[-60:])) if gaps else 0.0
            if gap > max(_CUT, 4 * usual):
                found.append(place)
            gaps.append(gap)
        before = grey
    return tuple(found)


_CUT = 12.0  # mean difference of grey values, of 255
_COMPARED_WHOLE_S = 120.0


def _greys(source: Source, film: Film) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    place_of = {pts: place for place, pts in enumerate(film.pts)}
    whole = film.duration_s <= _COMPARED_WHOLE_S
    with opened(source) as container:
        stream = picture_stream(container)
        context = stream.codec_context
        stream.thread_type = "AUTO"
        if not whole:
            context.skip_frame = "NONKEY"
        for packet in _packets(container, stream):
            try:
                shown = context.decode(packet)
            except av.error.FFmpegError:
                continue
            for frame in shown:
                place = bisect_right(film.pts, frame.pts or 0) - 1
                if (frame.pts or 0) in place_of:
                    small = frame.reformat(64, 64, "gray8", interpolation="AREA")
                    yield place, np.ascontiguousarray(small.to_ndarray())

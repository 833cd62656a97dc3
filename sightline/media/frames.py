"""Frames of a film, exactly those wanted, upright RGB in the size wanted.

For each run of wanted frames the film is read from the key frame before it; pictures that no other
is made from, and that are not wanted, are not decoded, which changes nothing in the rest. Frames
come out one by one, so that memory does not grow with the film.
"""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import chain
from queue import Queue
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from sightline.media.video import Film, Source, decoder, opened, packets, picture_stream
from sightline.types import Frame

_AHEAD = 8  # frames that a thread may be ahead of who takes them
_GAINS = 0.75  # a share of all pictures, below which reading in several places is worth it
_STEPS_BACK = 8
_LEADING = 32  # pictures after a key frame that may belong before it
_HDR = (16, 18)  # PQ and HLG, as FFmpeg numbers transfer curves
_BT2020, _BT709, _BT601 = 9, 1, 5


def frames(
    source: Source, film: Film, places: Sequence[int], size: tuple[int, int], threads: int = 1
) -> Iterator[Frame]:
    """Give the frames at `places` (rising), as (width, height) `size`, in order.

    With several `threads` the film is read in as many places at once, or, where that gains little
    because most of it hangs on one key frame, once by a decoder with so many; the interpreter's
    lock is free while FFmpeg decodes. A damaged frame is left out. Raises what FFmpeg raises when
    the film cannot be opened again.
    """
    shares = _shares(film, list(places), threads)
    if len(shares) < 2:
        yield from _share(source, film, list(places), size, threads)
        return
    queues = [Queue[Frame | BaseException | None](_AHEAD) for _ in shares]
    stopped = threading.Event()

    def work(number: int) -> None:
        try:
            for frame in _share(source, film, shares[number], size):
                if stopped.is_set():
                    return
                queues[number].put(frame)
        except (av.error.FFmpegError, OSError, ValueError) as error:
            queues[number].put(error)
        queues[number].put(None)

    for number in range(len(shares)):
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


def _shares(film: Film, places: list[int], most: int) -> list[list[int]]:
    """Cut the places into at most `most` shares, so that the longest one decodes least.

    One share where that would be little less than all: two that begin at one key frame decode the
    same pictures.
    """
    if most < 2 or len(places) < 2:
        return [places]
    keys = [bisect_left(film.pts, key) for key in film.keys]
    low, high = 1, sum(more for _, more in _costs(places, keys))
    whole = high
    while low < high:
        middle = (low + high) // 2
        if len(_cut(places, keys, middle)) <= most:
            high = middle
        else:
            low = middle + 1
    return _cut(places, keys, high) if high < _GAINS * whole else [places]


def _costs(places: list[int], keys: list[int]) -> Iterator[tuple[int, int]]:
    """Count for each place the pictures decoded for it: by itself, and after the place before."""
    before, group = 0, -2
    for place in places:
        key = bisect_right(keys, place) - 1
        alone = place - (keys[key] if key >= 0 else 0) + 1
        yield alone, place - before if key == group else alone
        before, group = place, key


def _cut(places: list[int], keys: list[int], most: int) -> list[list[int]]:
    """Fill shares one after the other with what at most `most` pictures are decoded for."""
    shares: list[list[int]] = []
    cost = most + 1
    for place, (alone, more) in zip(places, _costs(places, keys), strict=True):
        if cost + more > most:
            shares.append([place])
            cost = alone
        else:
            shares[-1].append(place)
            cost += more
    return shares


def _share(
    source: Source, film: Film, places: list[int], size: tuple[int, int], threads: int = 1
) -> Iterator[Frame]:
    for place, frame in _decoded(source, film, places, threads):
        yield Frame(place, film.time_s(place), upright(frame, film.turn, size))


def _decoded(
    source: Source, film: Film, places: list[int], threads: int
) -> Iterator[tuple[int, av.VideoFrame]]:
    place_of = {pts: place for place, pts in enumerate(film.pts)}
    reader = _Reader(source, film, threads)
    try:
        at = 0
        while at < len(places):
            begin = film.pts[places[at]]
            following = bisect_right(film.keys, begin)
            until = film.keys[following] if following < len(film.keys) else None
            wanted: set[int] = set()
            while at < len(places) and (until is None or film.pts[places[at]] < until):
                wanted.add(film.pts[places[at]])
                at += 1
            run = _run(reader.packets(film, begin), until)
            for frame in _pictures(reader.context, run, wanted):
                yield place_of[frame.pts or 0], frame
            reader.context.flush_buffers()
    finally:
        reader.close()


class _Reader:
    """A film open for reading, which finds the packets that a frame is made from."""

    def __init__(self, source: Source, film: Film, threads: int) -> None:
        self._source, self._threads = source, threads
        self._seeks = not film.stamps
        self._open()
        self._rest = _Rest(packets(self._container, self._stream, film))

    def _open(self) -> None:
        self._container = opened(self._source)
        self._stream = picture_stream(self._container)
        self.context: Any = decoder(self._stream)
        self.context.thread_type = "AUTO" if self._threads > 1 else "NONE"
        self.context.thread_count = self._threads

    def close(self) -> None:
        """Close the film."""
        self._container.close()

    def packets(self, film: Film, wanted: int) -> Iterator[Any]:
        """Give the packets from the key frame before `wanted` on; `wanted` rises with each call."""
        if self._seeks:
            found = self._found(film, wanted)
            if found is not None:
                return found
            # It is read on from here, once through.
            self._seeks = False
            self._container.close()
            self._open()
            self._rest = _Rest(packets(self._container, self._stream))
        return self._rest.since(film, wanted)

    def _found(self, film: Film, wanted: int) -> Iterator[Any] | None:
        """Seek to a key frame at or before `wanted`."""
        target = wanted
        for attempt in range(_STEPS_BACK if film.keys else 0):
            try:
                self._container.seek(target, stream=self._stream, backward=True)
            except av.error.FFmpegError:
                return None
            given = packets(self._container, self._stream)
            first = next((packet for packet in given if packet.is_keyframe), None)
            # In some containers times are guessed after a seek; those are known by not being there.
            if first is not None and first.pts <= wanted and _is_in(film.keys, first.pts):
                return _from_last_key(first, given, film, wanted)
            # MPEG streams have no index and land late: a tick back, then 1, 2, 4 … seconds.
            if first is not None and first.dts is not None:
                target = min(target, first.dts)
            target -= int((1 << (attempt - 1)) / film.time_base) if attempt else 1
        return None


class _Rest:
    """The packets of a film that cannot be sought in, each read once."""

    def __init__(self, given: Iterator[Any]) -> None:
        self._given = given
        self._since_key: list[Any] = []

    def since(self, film: Film, wanted: int) -> Iterator[Any]:
        """Give the packets from the key frame before `wanted` on, or those from here on."""
        key = film.keys[max(0, bisect_right(film.keys, wanted) - 1)] if film.keys else None
        # The run before may have taken this one's key frame, and leading pictures after it.
        given = chain(self._since_key, self._read())
        first = next((p for p in given if key is None or (p.is_keyframe and p.pts >= key)), None)
        return iter(()) if first is None else chain([first], given)

    def _read(self) -> Iterator[Any]:
        for packet in self._given:
            if packet.is_keyframe:
                self._since_key = []
            if len(self._since_key) <= _LEADING:
                self._since_key = [*self._since_key, packet]
            yield packet


def _from_last_key(first: Any, given: Iterator[Any], film: Film, wanted: int) -> Iterator[Any]:
    """Drop the packets before the last key frame that is not after `wanted`."""
    last = film.keys[bisect_right(film.keys, wanted) - 1]
    if first.pts >= last:
        yield first
    else:
        yield next((p for p in given if p.is_keyframe and p.pts >= last), first)
    yield from given


def _is_in(ordered: Sequence[int], value: int) -> bool:
    place = bisect_left(ordered, value)
    return place < len(ordered) and ordered[place] == value


def _run(given: Iterator[Any], until: int | None) -> Iterator[Any]:
    """Give packets up to the key frame at `until`, that, and the leading pictures after it.

    Those come after the key frame and are shown before it.
    """
    leading = 0
    for packet in given:
        if leading:
            late = packet.dts is not None and until is not None and packet.dts >= until
            if packet.is_keyframe or late or leading > _LEADING:
                return
            leading += 1
        elif until is not None and packet.is_keyframe and packet.pts >= until:
            leading = 1
        yield packet


def _pictures(context: Any, given: Iterator[Any], wanted: set[int]) -> Iterator[av.VideoFrame]:
    """Decode a run as far as the last wanted picture; give the wanted ones in order."""
    ahead, left = set(wanted), set(wanted)
    for packet in chain(given, [None]):
        if packet is not None:
            needed = packet.pts in ahead or packet.is_keyframe
            context.skip_frame = "DEFAULT" if needed else "NONREF"
            ahead.discard(packet.pts)
        try:
            shown = context.decode(packet)
        except av.error.FFmpegError:
            continue  # one damaged packet; what follows may be whole
        for frame in shown:
            if frame.pts in left:
                left.discard(frame.pts)
                yield frame
        if packet is not None and not ahead:
            break
    else:
        return
    with suppress(av.error.FFmpegError):
        for frame in context.decode(None):
            if frame.pts in left:
                yield frame


def laid(frame: av.VideoFrame) -> av.VideoFrame:
    """Lay a frame that can be seen through on white, as still pictures are; others stay."""
    if not (frame.format.has_palette or any(c.is_alpha for c in frame.format.components)):
        return frame
    made = frame.reformat(format="rgba", src_colorspace=_matrix(frame), threads=1).to_ndarray()
    alpha = made[..., 3:].astype(np.uint16)
    if alpha.min() == 255:
        return frame
    mixed = (made[..., :3] * alpha + (255 - alpha) * 255 + 127) // 255
    whole = av.VideoFrame.from_ndarray(mixed.astype(np.uint8), "rgb24")
    whole.pts = frame.pts
    return whole


def upright(frame: av.VideoFrame, turn: int, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Turn a decoded frame into upright RGB of (width, height) `size`, in sRGB.

    Pixels that are not square are made so by the size; of interlaced frames one field is taken;
    what can be seen through lies on white.
    """
    frame = laid(frame)
    width, height = size if turn % 2 == 0 else size[::-1]
    if int(frame.color_trc) in _HDR:
        pixels = _standard_range(frame, width, height)
    elif frame.interlaced_frame and frame.height > 2:
        whole = _rgb(frame, frame.width, frame.height)
        way = cv2.INTER_AREA if height < frame.height // 2 else cv2.INTER_LINEAR
        pixels = np.asarray(cv2.resize(whole[::2], (width, height), interpolation=way), np.uint8)
    else:
        pixels = _rgb(frame, width, height)
    return np.ascontiguousarray(np.rot90(pixels, turn)) if turn else pixels


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
    # RGBA and then RGB is several times as fast as RGB at once; looked at where it lies, since a
    # copy of a large frame takes as long, and the memory of one more.
    (plane,) = made.planes
    steps = (plane.line_size, 4, 1)
    seen = np.ndarray((height, width, 4), np.uint8, memoryview(plane), strides=steps)
    return np.asarray(cv2.cvtColor(seen, cv2.COLOR_RGBA2RGB), np.uint8)


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

"""The process in which pictures are decoded: `python -m sightline.media.picture_child`.

Its arguments are its parent's number, the bytes of memory that it may take, and the descriptor of
what it shares with its parent, if anything. It decodes one picture after the other for
`decoding.Decoders`, whose `ORDER` it reads from stdin. The file lies in the shared memory, or
follows; the pixels go the same way after a `REPLY`. It ends with stdin, and the timer that is set
for each picture ends it where the picture takes too long.
"""

from __future__ import annotations

import mmap
import os
import select
import signal
import sys

import numpy as np
from numpy.typing import NDArray

from sightline import allocator
from sightline.media import image
from sightline.media.confined import limit
from sightline.media.decoding import (
    DAMAGED,
    DONE,
    FORMATS,
    NO_MEMORY,
    ORDER,
    PIXEL_BYTES,
    REPLY,
    SHARED_BYTES,
)  # fmt: skip

_NICE = 5
_KEPT_BYTES = 64 << 20
_QUIET_MS = 1000


def main() -> None:
    """Decode until nothing more is asked for."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started this ends it
    if hasattr(os, "nice"):
        os.nice(_NICE)  # whoever asks whether the server is well is not to wait for a picture
    image.prepare()
    shared = mmap.mmap(int(sys.argv[3]), SHARED_BYTES) if len(sys.argv) > 3 else None
    # To get a picture's memory anew takes a third of the time.
    allocator.keep(_KEPT_BYTES)
    limit(0, int(sys.argv[2]))
    while order := _next():
        length, *sizes, orientation, format, seconds = ORDER.unpack(order)
        stored, size = (sizes[0], sizes[1]), (sizes[2], sizes[3])
        data = _read(length) if shared is None or length > SHARED_BYTES else shared[:length]
        _allow(seconds)
        out = _room(shared, size)
        status, pixels = _decoded(data, FORMATS[format], stored, orientation, size, out)
        _allow(0)
        height, width = pixels.shape[:2]
        _write(REPLY.pack(status, height, width))
        if out is None and status == DONE:
            _write(np.ascontiguousarray(pixels).data.cast("B"))
        del data, pixels, out


def _next() -> bytes:
    """Wait for an order; memory that was kept is given back when none comes for a second."""
    waiting = select.poll()
    waiting.register(0, select.POLLIN)
    if not waiting.poll(_QUIET_MS):
        allocator.trim()
    return _read(ORDER.size)


def _room(shared: mmap.mmap | None, size: tuple[int, int]) -> NDArray[np.uint8] | None:
    """Give the shared memory as a picture of that (width, height); None where it does not fit."""
    width, height = size
    if shared is None or width * height * 3 > SHARED_BYTES:
        return None
    return np.frombuffer(shared, np.uint8, width * height * 3).reshape(height, width, 3)


def _decoded(
    data: bytes,
    format: str,
    stored: tuple[int, int],
    orientation: int,
    size: tuple[int, int],
    out: NDArray[np.uint8] | None,
) -> tuple[int, NDArray[np.uint8]]:
    nothing = np.empty((0, 0, 3), np.uint8)
    try:
        return DONE, image.render(data, format, stored, orientation, size, out)
    except MemoryError:
        return NO_MEMORY, nothing
    except Exception:  # noqa: BLE001 - a decoder may raise anything on hostile bytes
        return DAMAGED if _has_room(stored) else NO_MEMORY, nothing


def _has_room(stored: tuple[int, int]) -> bool:
    """Say whether there was memory enough; not every decoder tells that from damage."""
    try:
        np.empty(stored[0] * stored[1] * PIXEL_BYTES, np.uint8)
    except MemoryError:
        return False
    return True


def _allow(seconds: float) -> None:
    """Let the work take so many seconds of processor time from now on; 0 takes the limit away."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)  # its signal ends the process


def _read(length: int) -> bytes:
    """Read so many bytes from stdin; fewer, or none, at its end."""
    return sys.stdin.buffer.read(length)


def _write(data: bytes | memoryview) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(1, rest) :]


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:
        os._exit(0)

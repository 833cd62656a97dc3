"""The process in which pictures are decoded: `python -m sightline.media.picture_child`.

Its arguments are its parent's number, the bytes of memory that it may take, and the descriptor of
what it shares with its parent, if anything. It decodes one picture after the other for
`decoding.Decoders`, whose `ORDER` it reads from stdin. The file lies in the shared memory, or
follows; the pixels go the same way after a `REPLY`. It ends with stdin, and the timer that is set
for each picture ends it where the picture takes too long. What decoders warn of they write to
stderr, which leads back here: of a picture that is glanced at it has to be known.
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
from sightline.media import glance, image
from sightline.media.confined import limit
from sightline.media.picture_orders import (
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
    warnings = _Warnings()
    shared = mmap.mmap(int(sys.argv[3]), SHARED_BYTES) if len(sys.argv) > 3 else None
    # To get a picture's memory anew takes a third of the time.
    allocator.keep(_KEPT_BYTES)
    limit(0, int(sys.argv[2]))
    while order := _next():
        length, *sizes, orientation, format, seconds = ORDER.unpack(order)
        stored, size = (sizes[0], sizes[1]), (sizes[2], sizes[3])
        data = _read(length) if shared is None or length > SHARED_BYTES else shared[:length]
        _allow(seconds)
        out = _room(shared, size) if any(size) else None
        if any(size):
            status, pixels = _decoded(data, FORMATS[format], stored, orientation, size, out)
        else:
            status, pixels = _glanced(data, FORMATS[format], stored, warnings)
            out = _laid(shared, pixels)
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


class _Warnings:
    """What the libraries of decoders write to stderr; on Windows, where that is not read, always.

    Its bytes are thrown away, and what is more than a pipe holds is never written.
    """

    def __init__(self) -> None:
        self._read = -1
        if hasattr(os, "set_blocking"):
            self._read, write = os.pipe()
            os.dup2(write, 2)
            os.close(write)
            os.set_blocking(self._read, False)
            os.set_blocking(2, False)

    def came(self) -> bool:
        """Say whether there were any since this was last asked."""
        found = self._read < 0
        while self._read >= 0:
            try:
                os.read(self._read, 1 << 16)
            except BlockingIOError:
                break
            found = True
        return found


def _glanced(
    data: bytes, format: str, stored: tuple[int, int], warnings: _Warnings
) -> tuple[int, NDArray[np.uint8]]:
    nothing = np.empty((0, 0, 3), np.uint8)
    warnings.came()
    try:
        pixels = glance.glance(data, format, stored, warnings.came)
    except MemoryError:
        return NO_MEMORY, nothing
    except Exception:  # noqa: BLE001 - a decoder may raise anything on hostile bytes
        return DAMAGED if _has_room(stored) else NO_MEMORY, nothing
    return (DAMAGED, nothing) if pixels is None else (DONE, pixels)


def _laid(shared: mmap.mmap | None, pixels: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """Lay pixels into the shared memory; None where they do not fit."""
    out = _room(shared, (pixels.shape[1], pixels.shape[0])) if pixels.size else None
    if out is not None:
        out[:] = pixels
    return out


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

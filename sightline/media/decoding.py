"""Decoding pictures in child processes that can be ended.

A picture is made by whoever sends it. Its decoder is native code that nothing in Python can
interrupt, so it runs in a process of its own, with limits on memory and processor time and nothing
to reach for (`confined`). The processes are kept, one for each thread that decodes, and started
anew when one was ended: because its picture took too long, or because nobody waits for it any more.

Bytes travel through memory that both sides share where the platform has it, since a picture of
three megapixels is decoded in some milliseconds; else, and where they are many, through pipes.
"""

from __future__ import annotations

import asyncio
import mmap
import os
import select
import signal
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sightline.errors import EngineBusy, ImageError
from sightline.media.container import Container
from sightline.media.image import damaged
from sightline.media.picture_orders import (
    DONE,
    FORMATS,
    NO_MEMORY,
    ORDER,
    PIXEL_BYTES,
    REPLY,
    SHARED_BYTES,
)
from sightline.processes import spawn
from sightline.workers import Stop

LARGE_PIXELS = 16_000_000
_BASE_BYTES = 2 << 30  # addresses of libraries, most of which are never touched
_PER_PIXEL_S = 0.1e-6  # thrice what the slowest honest picture takes, lossless WebP
_OVERTIME = getattr(signal, "SIGPROF", None)  # what its timer ends it with
_GRACE_S = 0.25
_PATIENCE = 10  # seconds of waiting for each of the work's: the machine may be busy


@dataclass(frozen=True, slots=True)
class DecodeLimits:
    """What decoding one picture may take.

    `cpu_s` seconds of processor time, and a tenth of a second for each megapixel of its file;
    files of up to `max_pixels` have to fit into memory.
    """

    cpu_s: float
    max_pixels: int

    def seconds(self, pixels: int) -> float:
        """Give the seconds for a file of so many pixels."""
        return self.cpu_s + pixels * _PER_PIXEL_S

    @property
    def memory(self) -> int:
        """The bytes of addresses of one process."""
        return _BASE_BYTES + self.max_pixels * PIXEL_BYTES


class PixelBudget:
    """Bounds how many pixels the large pictures have that are decoded at the same time.

    Others pass: there are never more of them at once than threads, and each takes little memory.
    """

    def __init__(self, most: int, at_once: int) -> None:
        self._most, self._left, self._places = most, most, at_once
        self._waiting: list[asyncio.Future[None]] = []

    @asynccontextmanager
    async def hold(self, pixels: int) -> AsyncIterator[None]:
        """Wait until a picture of so many pixels may be decoded, within the context."""
        if pixels <= LARGE_PIXELS:
            yield
            return
        wanted = min(pixels, self._most)
        while self._places < 1 or self._left < wanted:
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            await turn
        self._left, self._places = self._left - wanted, self._places - 1
        try:
            yield
        finally:
            self._left, self._places = self._left + wanted, self._places + 1
            waiting, self._waiting = self._waiting, []
            for turn in waiting:  # who came first looks first; who has gone is passed over
                if not turn.done():
                    turn.set_result(None)


class Decoders:
    """Child processes that decode; as many as there are threads that ask at once."""

    def __init__(self, limits: DecodeLimits, *, shared: bool = hasattr(os, "memfd_create")) -> None:
        self._limits, self._shared = limits, shared
        self._lock = threading.Lock()
        self._idle: list[_Child] = []
        self._busy: set[_Child] = set()
        self._closed = False

    def warm(self) -> None:
        """Start one ahead of the first picture; it gets ready by itself."""
        with self._lock:
            if not self._idle and not self._busy and not self._closed:
                self._idle.append(_Child(self._limits.memory, shared=self._shared))

    def decode(
        self, picture: Container, size: tuple[int, int], param: str, stop: Stop
    ) -> NDArray[np.uint8]:
        """Decode a picture to upright RGB of shape (height, width, 3); blocks.

        `size` is the (width, height) wanted, upright. Raises `ImageError` with `param` for damage
        and for a picture that takes too long, `EngineBusy` where there is no memory for it, and
        `Stopped` once `stop` is set, which ends the work within a quarter of a second.
        """
        try:
            return self._asked(picture, size, stop)
        except _Ended as ended:
            raise _refusal(ended, param) from None

    def glance(self, picture: Container, param: str, stop: Stop) -> NDArray[np.uint8] | None:
        """Look at a picture whose pieces `stripped.strip` gave, as `glance.glance` does; blocks.

        None where it has to be decoded and encoded anew. Raises as `decode`, but for damage.
        """
        try:
            return self._asked(picture, (0, 0), stop)
        except _Ended as ended:
            if ended.reason == "damage":
                return None
            raise _refusal(ended, param) from None

    def _asked(self, picture: Container, size: tuple[int, int], stop: Stop) -> NDArray[np.uint8]:
        """Have one of the processes do it. Raises `_Ended`, `EngineBusy` and `Stopped`."""
        child = self._lease()
        seconds = self._limits.seconds(picture.size[0] * picture.size[1])
        # Most are done in a moment, and a new process takes longer than that.
        ending = threading.Timer(_GRACE_S, child.kill)
        ending.daemon = True
        try:
            with stop.calling(ending.start):
                return child.decode(picture, size, seconds)
        except _Ended:
            stop.check()
            raise
        finally:
            ending.cancel()
            self._give_back(child)

    def close(self) -> None:
        """End all of them, those at work too."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
            for child in self._busy:
                child.kill()
        for child in idle:
            child.end()

    def _lease(self) -> _Child:
        with self._lock:
            if self._closed:
                raise EngineBusy("The server is ending.")
            while self._idle:
                child = self._idle.pop()
                if child.is_alive:
                    break
                child.end()
            else:
                child = _Child(self._limits.memory, shared=self._shared)
            self._busy.add(child)
            return child

    def _give_back(self, child: _Child) -> None:
        with self._lock:
            self._busy.discard(child)
            kept = child.usable and not self._closed
            if kept:
                self._idle.append(child)
        if not kept:
            child.end()


def _refusal(ended: _Ended, param: str) -> ImageError | EngineBusy:
    if ended.reason == "time":
        return ImageError(
            "The image takes too long to decode.",
            param=param,
            code="invalid_image",
            hint="Save it anew as an ordinary JPEG or PNG.",
        )
    if ended.reason == "memory":
        return EngineBusy("There is not enough memory for the image at the moment.", retry_s=2)
    return damaged(param)


class _Ended(Exception):
    """No pixels came: `reason` is damage, memory or time."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _shared_memory() -> tuple[int, mmap.mmap] | None:
    """Make memory to share, as a file and mapped; None where there is none to be had.

    A limit on the size of files (`ulimit -f`) is one on this memory too.
    """
    import fcntl

    file = -1
    try:
        file = os.memfd_create("sightline-picture", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(file, SHARED_BYTES)
        # Its size is fixed: whoever shortens a mapped file ends who reads it.
        seals = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL
        fcntl.fcntl(file, fcntl.F_ADD_SEALS, seals)
        return file, mmap.mmap(file, SHARED_BYTES)
    except OSError:
        if file >= 0:
            os.close(file)
        return None


class _Child:
    """One process. `usable` says whether it can be given the next picture."""

    def __init__(self, memory: int, *, shared: bool) -> None:
        self._memory: mmap.mmap | None = None
        passed: tuple[int, ...] = ()
        if shared and (made := _shared_memory()) is not None:
            file, self._memory = made
            passed = (file,)
        try:
            module = "sightline.media.picture_child"
            self._process = spawn(module, str(memory), *map(str, passed), pass_fds=passed)
        except OSError:
            raise EngineBusy("The image cannot be decoded at the moment.", retry_s=2) from None
        finally:
            for file in passed:
                os.close(file)
        self._ready, self._killed, self._late = True, False, False

    @property
    def usable(self) -> bool:
        return self._ready and not self._killed

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def decode(
        self, picture: Container, size: tuple[int, int], seconds: float
    ) -> NDArray[np.uint8]:
        """Have a picture decoded, or glanced at where no size is wanted. Raises `_Ended`."""
        self._ready = False
        length = sum(map(len, picture.pieces))
        order = ORDER.pack(
            length,
            *picture.size,
            *size,
            picture.orientation,
            FORMATS.index(picture.format),
            seconds,
        )
        try:
            self._send(order, picture, length)
            status, height, width = REPLY.unpack(self._read(REPLY.size, _PATIENCE * (1 + seconds)))
            pixels = self._pixels(height, width) if status == DONE else None
        except (OSError, EOFError):
            raise _Ended(self._how()) from None
        # One that had too little may hold pieces of what it had: the next picture gets a new one.
        self._ready = status != NO_MEMORY
        if pixels is None or (any(size) and (width, height) != size):
            raise _Ended("memory" if status == NO_MEMORY else "damage")
        return pixels

    def kill(self) -> None:
        """End it at once; whoever reads from it is told. May be called from any thread."""
        self._killed = True
        with suppress(ProcessLookupError):
            self._process.kill()

    def end(self) -> None:
        """End it, and take it away."""
        self.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        if self._memory is not None:
            self._memory.close()

    def _send(self, order: bytes, picture: Container, length: int) -> None:
        fits = self._memory is not None and length <= SHARED_BYTES
        if fits and self._memory is not None:
            self._memory.seek(0)
            for piece in picture.pieces:
                self._memory.write(piece)
        self._write(order)
        if not fits:
            for piece in picture.pieces:
                self._write(piece)

    def _pixels(self, height: int, width: int) -> NDArray[np.uint8]:
        shape, length = (height, width, 3), height * width * 3
        if self._memory is not None and length <= SHARED_BYTES:
            # A copy: the process is at the next picture before this one has been looked at.
            return np.frombuffer(self._memory, np.uint8, length).reshape(shape).copy()
        return np.frombuffer(self._read(length), np.uint8).reshape(shape)

    def _comes(self, patience_s: float) -> bool:
        """Wait until there is something to be read; False where the wait was in vain."""
        if not hasattr(select, "poll"):
            return True  # Windows: a reply is waited for until the client goes
        waiting = select.poll()
        waiting.register(self._process.stdout or -1, select.POLLIN)
        return bool(waiting.poll(patience_s * 1000))

    def _how(self) -> str:
        """Say why the process ended: the time that it had, no memory, or damage in the picture."""
        if self._late:
            self.kill()
        code = self._process.wait()
        if self._late or (_OVERTIME is not None and code == -_OVERTIME):
            return "time"
        # Killed from outside is by the kernel, which had no memory left; and a number that is not a
        # signal's is of a process that could not begin.
        return "memory" if code >= 0 or code == -getattr(signal, "SIGKILL", 9) else "damage"

    def _write(self, data: bytes | memoryview) -> None:
        assert self._process.stdin is not None  # noqa: S101 - a pipe was asked for
        rest = memoryview(data)
        while rest:
            rest = rest[self._process.stdin.write(rest) or 0 :]

    def _read(self, length: int, patience_s: float | None = None) -> bytearray:
        assert self._process.stdout is not None  # noqa: S101 - as above
        if patience_s is not None and not self._comes(patience_s):
            self._late = True
            raise EOFError
        data = bytearray(length)
        rest = memoryview(data)
        while rest:
            count = self._process.stdout.readinto(rest)  # type: ignore[attr-defined]
            if not count:
                raise EOFError
            rest = rest[count:]
        return data

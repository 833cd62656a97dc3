"""The child processes of one model: which of them takes a request, and what follows a crash.

While llama.cpp looks at a picture, every other answer of that process stands still. So with two
processes a picture goes to the one where it holds up least, text to one where none is looked at,
and in each one picture is looked at at a time, with pauses in which the others get on.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from sightline import telemetry
from sightline.engines.llamacpp.child_process import Child
from sightline.errors import EngineBusy, EngineError, ImageError, SightlineError
from sightline.types import Picture
from sightline.workers import cancel

log = logging.getLogger("sightline.llamacpp")

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.2, 30.0
_WAIT_FOR_RESTART_S = 20.0
_LONGEST_BREATH_S = 2.0
_REMEMBERED = 4096
_CRASHES = 2

Start = Callable[[], Awaitable[Child]]


class Seat:
    """One place for a child: the child that runs in it now, and its load."""

    def __init__(self, index: int, slots: int) -> None:
        self.index = index
        self.child: Child | None = None
        self.running = asyncio.Event()
        self.free = asyncio.Semaphore(slots)
        self.active = 0
        self.slots = slots
        self.looking = asyncio.Lock()
        self.looks = 0
        self.breathe_until = 0.0
        self.last_used = time.monotonic()


class Lease:
    """A request's stay in a seat; it says when the pictures have been looked at."""

    def __init__(self, seat: Seat, child: Child, pictures: Sequence[Picture]) -> None:
        self.seat = seat
        self.child = child
        self.pictures = pictures
        self.begun = False


class Pool:
    """As many children as were planned, each started again when it has ended."""

    def __init__(self, start: Start, replicas: int, slots: int, idle_s: float) -> None:
        self._start = start
        self._seats = [Seat(i, slots) for i in range(replicas)]
        self._keeping: list[asyncio.Task[None]] = []
        self._crashes: OrderedDict[str, int] = OrderedDict()
        self._known: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._idle_s = idle_s

    async def open(self) -> None:
        """Start all children. Raises `EngineError` where one cannot load the model."""
        begun = time.monotonic()
        # The first tells whether the model loads at all, and brings its file into memory.
        for seat in self._seats:
            seat.child = await self._start()
            seat.running.set()
            self._keeping.append(asyncio.create_task(self._keep(seat)))
        log.info("ready after %.1f s, %d processes", time.monotonic() - begun, len(self._seats))

    async def close(self) -> None:
        """End all children."""
        await cancel(*self._keeping)
        children = [seat.child for seat in self._seats if seat.child is not None]
        await asyncio.gather(*(child.stop() for child in children))

    @property
    def ready(self) -> bool:
        """Whether any child runs."""
        return any(seat.running.is_set() for seat in self._seats)

    @property
    def pids(self) -> list[int]:
        """The numbers of the processes that run."""
        return [s.child.pid for s in self._seats if s.child is not None and s.running.is_set()]

    async def _keep(self, seat: Seat) -> None:
        """Start a seat's child again whenever it has ended; sooner or later by how often it did."""
        pause = _FIRST_PAUSE_S
        while True:
            child, since = seat.child, time.monotonic()
            if child is not None:
                await self._until_gone(seat, child)
            seat.running.clear()
            seat.child = None
            if child is not None:
                await child.stop()
            if time.monotonic() - since > 60:
                pause = _FIRST_PAUSE_S
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_S)
            try:
                seat.child = await self._start()
            except SightlineError as error:
                log.error("cannot start again: %s", error.message)
                continue
            seat.running.set()

    async def _until_gone(self, seat: Seat, child: Child) -> None:
        """Wait for the child's end; one that has long been idle is ended, for what it remembers."""
        while not child.exited.is_set():
            try:
                async with asyncio.timeout(min(self._idle_s, 60.0)):
                    await child.exited.wait()
                log.warning("a process ended; it is started again")
                telemetry.count("engine_restarts", engine="llamacpp")
            except TimeoutError:
                idle = time.monotonic() - seat.last_used
                if seat.looks and not seat.active and idle > self._idle_s:
                    log.info("what was looked at is forgotten after %.0f s", idle)
                    seat.looks = 0
                    return

    @asynccontextmanager
    async def turn(self, pictures: Sequence[Picture], owner: str) -> AsyncGenerator[Lease]:
        """Find a seat for a request with these pictures and keep it while the block runs.

        Raises `EngineBusy` while nothing runs, and `ImageError` for a picture that has ended
        processes before.
        """
        for picture in pictures:
            if self._crashes.get(picture.digest, 0) >= _CRASHES:
                raise ImageError(
                    "The engine cannot take this image.",
                    param=picture.param,
                    code="invalid_image",
                    hint="It has stopped the engine before. Send it in another size or crop.",
                )
        seat = await self._seat(pictures, owner)
        seat.active += 1
        try:
            async with seat.free:
                child = seat.child
                if child is None or not seat.running.is_set():
                    raise EngineBusy("The engine is starting again.", hint="Try again shortly.")
                taken = Lease(seat, child, pictures)
                try:
                    yield taken
                except EngineError:
                    await self._blame(taken)
                    raise
                for picture in pictures:
                    self._crashes.pop(picture.digest, None)
        finally:
            seat.active -= 1
            seat.last_used = time.monotonic()

    async def child(self) -> Child:
        """Give a child that runs, for what takes no slot. Raises `EngineBusy`."""
        child = (await self._seat((), "")).child
        if child is None:
            raise EngineBusy("The engine is starting again.", hint="Try again shortly.")
        return child

    async def _seat(self, pictures: Sequence[Picture], owner: str) -> Seat:
        running = [seat for seat in self._seats if seat.running.is_set()]
        if not running:
            waits = [asyncio.create_task(seat.running.wait()) for seat in self._seats]
            try:
                async with asyncio.timeout(_WAIT_FOR_RESTART_S):
                    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            except TimeoutError:
                raise EngineBusy(
                    "The engine is starting again.", hint="Try again shortly."
                ) from None
            finally:
                for wait in waits:
                    wait.cancel()
            running = [seat for seat in self._seats if seat.running.is_set()] or self._seats
        if not pictures:
            # Where nothing is being looked at, and rather together than apart.
            return min(running, key=lambda s: (s.active >= s.slots, s.looking.locked(), s.index))
        known = self._known.get((owner, pictures[0].digest))
        seat = next((s for s in running if s.index == known), None)
        if seat is None:
            seat = min(running, key=lambda s: (s.active, -s.index))
        self._remember(seat, pictures, owner)
        return seat

    def _remember(self, seat: Seat, pictures: Sequence[Picture], owner: str) -> None:
        for picture in pictures:
            key = (owner, picture.digest)
            self._known[key] = seat.index
            self._known.move_to_end(key)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)

    @asynccontextmanager
    async def look(self, turn: Lease) -> AsyncGenerator[Callable[[], None]]:
        """Hold a process's eye while pictures are looked at; the given function lets go of it."""
        seat = turn.seat
        if not turn.pictures:
            yield lambda: None
            return
        await seat.looking.acquire()
        held = True

        def let_go() -> None:
            nonlocal held
            if held:
                held = False
                if seat.active > 1:  # the others get on for as long as they were held up
                    took = time.monotonic() - begun
                    seat.breathe_until = time.monotonic() + min(took, _LONGEST_BREATH_S)
                seat.looking.release()

        try:
            begun = time.monotonic()
            pause = seat.breathe_until - begun
            if pause > 0 and seat.active > 1:
                await asyncio.sleep(pause)
            begun = time.monotonic()
            seat.looks += 1
            yield let_go
        finally:
            let_go()

    async def _blame(self, turn: Lease) -> None:
        """Count a crash against the pictures that were being looked at."""
        if not await turn.child.is_ending() or turn.begun:  # it failed, but it lives
            return
        for picture in turn.pictures:
            self._crashes[picture.digest] = self._crashes.get(picture.digest, 0) + 1
            self._crashes.move_to_end(picture.digest)
        while len(self._crashes) > _REMEMBERED:
            self._crashes.popitem(last=False)

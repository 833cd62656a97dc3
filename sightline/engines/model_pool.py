"""Engines as a server has them: loaded when they are wanted, those with models within one memory.

Of an engine that says how much memory it takes, the model is loaded for the first request that asks
for it. It is let go once nobody has asked for a while, or when another is asked for and there is no
room for both: then that goes which was asked for longest ago, and never one that is answering.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import psutil

from sightline import telemetry
from sightline.engines.guarded import Guarded
from sightline.errors import EngineBusy, EngineError, SightlineError, UsageError
from sightline.settings import Settings

log = logging.getLogger("sightline.engines")

KEPT_FREE = 0.1  # of the memory that is available
GIB = 1 << 30
_GROUP = Path("/sys/fs/cgroup")


def available_memory() -> int:
    """Say how many bytes may still be taken, by the machine and by the control group."""
    free = int(psutil.virtual_memory().available)
    try:
        limit = (_GROUP / "memory.max").read_text(encoding="ascii").strip()
        if limit != "max":
            used = int((_GROUP / "memory.current").read_text(encoding="ascii"))
            told = (_GROUP / "memory.stat").read_text(encoding="ascii").splitlines()
            # What files left in memory, as those of a model that was let go, makes room.
            kept = sum(int(line.split()[1]) for line in told if line.startswith(_FILES))
            free = min(free, int(limit) - used + kept)
    except (OSError, ValueError):  # no control groups here
        pass
    return max(0, free)


_FILES = ("inactive_file ", "active_file ")


class Memory:
    """The memory that the models of a server share: `most` bytes, by what they say they take.

    With `measured` there must also be as much free on the machine. `alone` says that there is one
    model, which stays whether it is asked or not.
    """

    def __init__(self, most: int, *, measured: bool) -> None:
        self.most = most
        self.alone = True
        self._measured = measured
        self._loaded: dict[ModelPool, None] = {}  # the one asked for longest ago first
        self._loading = asyncio.Lock()  # one is loaded, or let go, at a time
        self._wanting: ModelPool | None = None
        self._changed = asyncio.Event()

    @property
    def models(self) -> int:
        """How many are loaded."""
        return len(self._loaded)

    @property
    def bytes(self) -> int:
        """How much those take."""
        return sum(served.engine.memory for served in self._loaded)

    def used(self, served: ModelPool) -> None:
        """Note that an engine was asked, or is not any more."""
        if served in self._loaded:
            self._loaded[served] = self._loaded.pop(served)
        self.change()

    def change(self) -> None:
        """Have those who wait look again."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def admitted(self, served: ModelPool, wait_s: float) -> None:
        """Wait while room is made for another engine. Raises `EngineBusy`."""
        with _patience(wait_s):
            async with asyncio.timeout(wait_s):
                while self._wanting not in (None, served):
                    await self._changed.wait()

    @asynccontextmanager
    async def room(self, served: ModelPool, wait_s: float) -> AsyncGenerator[None]:
        """Have room for an engine, which the block loads. Raises `EngineBusy` where there is none.

        Waits at most so long for others to have answered.
        """
        async with self._loading:
            self._wanting = served
            try:
                with _patience(wait_s):
                    async with asyncio.timeout(wait_s):
                        await self._make_room(served.engine.memory)
            finally:
                self._wanting = None
                self.change()
            self._loaded[served] = None
            try:
                yield
            except BaseException:
                del self._loaded[served]
                raise

    async def _make_room(self, wanted: int) -> None:
        while not self._has_room(wanted):
            idle = next((served for served in self._loaded if not served.users), None)
            if idle is not None:
                await self._let_go(idle, "memory")
            elif self._loaded:
                await self._changed.wait()
            else:
                raise EngineBusy(
                    f"The model needs about {wanted / GIB:.1f} GiB of memory; "
                    f"{available_memory() / GIB:.1f} GiB are free.",
                    hint="Try again when other programs need less, or ask a smaller model.",
                )

    def _has_room(self, wanted: int) -> bool:
        fits = self.bytes + wanted <= self.most or not self._loaded
        return fits and (not self._measured or wanted <= available_memory())

    async def forget(self, served: ModelPool) -> None:
        """Let an engine go that nobody has asked for a while, unless somebody does just now."""
        async with self._loading:
            if served in self._loaded and not served.users:
                await self._let_go(served, "idle")

    async def _let_go(self, served: ModelPool, reason: str) -> None:
        del self._loaded[served]
        log.info("%s is unloaded (%s)", served.named, reason)
        telemetry.count("model_unloads", reason=reason)
        with suppress(SightlineError):  # it is told in the log
            await served.unload()


@contextmanager
def _patience(wait_s: float) -> Iterator[None]:
    try:
        yield
    except TimeoutError:
        raise EngineBusy(
            "Other models are answering, and there is no memory for this one beside them.",
            retry_s=min(60.0, wait_s),
            hint="Try again shortly.",
        ) from None


class ModelPool:
    """One engine and how far it is; it loads when it is first wanted.

    `users` counts those who ask it; while there are any it stays loaded.
    """

    def __init__(self, engine: Guarded, memory: Memory, settings: Settings) -> None:
        self.engine = engine
        self.users = 0
        self._memory = memory
        self._keep_s, self._wait_s = settings.model_keep_s, settings.max_queue_s
        self._silence_s = settings.engine_silence_s
        self._checked = False
        self._was_loaded = False
        self._loading: asyncio.Task[None] | None = None
        self._leaving: asyncio.TimerHandle | None = None
        self._forgetting: asyncio.Task[None] | None = None

    @property
    def named(self) -> str:
        """What the log calls it."""
        return next(iter(self.engine.serves), self.engine.name)

    def check(self) -> None:
        """Find out what is wrong with the engine's settings. Raises `UsageError`."""
        self.engine.check()
        self._checked = True

    def start(self) -> asyncio.Task[None]:
        """Begin to load, once; a model that could not be loaded is tried again."""
        if self._loading is None or (self.engine.exclusive and self.state == "failed"):
            self._loading = asyncio.create_task(self._load())
        return self._loading

    async def _load(self) -> None:
        try:
            await self._check()
            if not self.engine.memory:
                await self.engine.load()
            else:
                async with self._memory.room(self, self._wait_s):
                    await self._load_model()
        except SightlineError as error:
            log.error("%s did not start: %s", self.named, error.message)
            raise
        self._was_loaded = True
        self._await_leave()

    async def _load_model(self) -> None:
        try:
            async with asyncio.timeout(self._silence_s):  # nothing else loads meanwhile
                await self.engine.load()
        except BaseException as error:
            with suppress(SightlineError):
                await self.engine.close()
            if isinstance(error, TimeoutError):
                raise EngineError("The model took too long to load.") from None
            raise
        telemetry.count("model_loads", engine=self.engine.name)

    async def _check(self) -> None:
        """See, where that is worth knowing before it loads, what its settings come to."""
        if self.engine.exclusive and not self._checked:
            try:
                await asyncio.to_thread(self.check)
            except UsageError as error:
                if self._memory.alone:  # it is of whoever started this
                    raise
                raise EngineError(error.message, hint=error.hint) from None

    async def known(self) -> Guarded:
        """Give the engine once its capabilities are known; what it has to load is begun.

        Raises what checking or loading raised.
        """
        await self._check()
        if not self.engine.memory:
            return await self.loaded()
        self.start()
        return self.engine

    async def loaded(self) -> Guarded:
        """Give the engine once it is loaded. Raises what loading raised."""
        await asyncio.shield(self.start())
        return self.engine

    @asynccontextmanager
    async def using(self) -> AsyncGenerator[Guarded]:
        """Give the engine once it is loaded, and keep it loaded while the block runs."""
        self._taken()
        try:
            yield await self.loaded()
        finally:
            self._left()

    async def enter(self) -> Callable[[], None]:
        """Keep the engine loaded from now on; give what ends that, which may be called twice.

        Waits where room is being made for another's model, so that a busy one does not hold it up
        for ever. Raises `EngineBusy`.
        """
        if self.engine.memory:
            await self._memory.admitted(self, self._wait_s)
        self._taken()
        left = False

        def leave() -> None:
            nonlocal left
            if not left:
                left = True
                self._left()

        return leave

    def _taken(self) -> None:
        self.users += 1
        if self._leaving is not None:
            self._leaving.cancel()
            self._leaving = None
        self._memory.used(self)

    def _left(self) -> None:
        self.users -= 1
        self._await_leave()
        self._memory.used(self)

    def _await_leave(self) -> None:
        """Have a model that nobody asks go after a while."""
        if self.users or not self.engine.memory or self._keep_s < 0 or self._memory.alone:
            return
        loop = asyncio.get_running_loop()
        if self._leaving is not None:
            self._leaving.cancel()
        self._leaving = loop.call_later(self._keep_s, self._forget)

    def _forget(self) -> None:
        self._forgetting = asyncio.create_task(self._memory.forget(self))

    async def unload(self) -> None:
        """Let the model go; the next who asks has it loaded again."""
        self._loading, self._checked = None, False
        await self.engine.close()

    async def close(self) -> None:
        """End the engine."""
        if self._leaving is not None:
            self._leaving.cancel()
        ending = [task for task in (self._loading, self._forgetting) if task is not None]
        for task in ending:
            task.cancel()
        try:
            await asyncio.gather(*ending, return_exceptions=True)
        finally:
            await self.engine.close()

    @property
    def is_loaded(self) -> bool:
        """Whether it has been loaded, and not let go since."""
        task = self._loading
        return bool(task and task.done() and not task.cancelled() and task.exception() is None)

    @property
    def state(self) -> str:
        """Say how far it is: waiting to be asked, loading, ready, restarting or failed."""
        if self._loading is None:
            return "waiting"
        if not self._loading.done():
            return "loading"
        if not self.is_loaded:
            return "failed"
        return "ready" if self.engine.ready else "restarting"

    @property
    def readiness(self) -> str:
        """Say the same of a server: one that had a model loaded can have it loaded again."""
        return "ready" if self._was_loaded and not self.is_loaded else self.state

"""Where work is done: a bounded pool of threads, the flag that stops them.

Decoding (Pillow) and reading (ONNX Runtime, OpenCV) release the interpreter's lock, so threads
are enough to keep the event loop free, and nothing has to be copied between processes. Work is
stopped between its steps: whoever runs long calls `Stop.check` where giving up is cheap.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from typing import Any, TypeVar

T = TypeVar("T")
# So many bytes or signs are worked through sooner than another thread takes its turn.
AT_ONCE = 4096


class Stopped(Exception):
    """Raised inside a worker whose result nobody waits for any more."""


class Stop:
    """Says to running work that its result is no longer wanted."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._call: Callable[[], None] | None = None

    def set(self) -> None:
        """Ask the work to end."""
        with self._lock:
            self._event.set()
            if self._call is not None:
                self._call()

    @contextmanager
    def calling(self, end: Callable[[], None]) -> Iterator[None]:
        """Have `end` called where the work is asked to end within the context, from any thread.

        For work that cannot check: `end` ends what it waits for. Raises `Stopped` where that has
        been asked before.
        """
        with self._lock:
            self.check()
            self._call = end
        try:
            yield
        finally:
            with self._lock:
                self._call = None

    def check(self) -> None:
        """Raise `Stopped` once `set` has been called."""
        if self._event.is_set():
            raise Stopped


class Workers:
    """At most `count` pieces of work at once, on threads of their own."""

    def __init__(self, count: int) -> None:
        self._pool = ThreadPoolExecutor(max_workers=count, thread_name_prefix="sightline")
        self._stops: set[Stop] = set()

    @property
    def busy(self) -> int:
        """How many pieces of work run or wait."""
        return len(self._stops)

    async def run(self, work: Callable[[Stop], T]) -> T:
        """Run `work` off the event loop and wait for it.

        Cancelling the wait sets the `Stop` that `work` was given, and takes it out of the queue
        if it has not begun.
        """
        stop = Stop()
        self._stops.add(stop)
        future = self._pool.submit(copy_context().run, _guarded, work, stop)
        # Not when the wait ends: cancelled work still holds its thread until its next check.
        future.add_done_callback(lambda _: self._stops.discard(stop))
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            stop.set()
            raise

    def close(self) -> None:
        """Stop what runs and take no more."""
        for stop in tuple(self._stops):
            stop.set()
        self._pool.shutdown(wait=False, cancel_futures=True)


def _guarded(work: Callable[[Stop], T], stop: Stop) -> T:
    """Run work so that whatever it raises can reach a coroutine.

    A StopIteration cannot be set on an asyncio future: its waiter would wait for ever.
    """
    try:
        return work(stop)
    except StopIteration as error:
        raise RuntimeError("work raised StopIteration") from error


async def cancel(*tasks: asyncio.Future[Any] | None) -> list[Any]:
    """End tasks, and wait until they have ended; give what each returned or raised."""
    begun = [task for task in tasks if task is not None]
    for task in begun:
        task.cancel()
    return await asyncio.gather(*begun, return_exceptions=True)


async def all_of(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Do all at once; the first failure in their order is raised, and the rest ended."""
    tasks = [asyncio.create_task(each) for each in work]
    try:
        return [await task for task in tasks]
    finally:
        await cancel(*tasks)

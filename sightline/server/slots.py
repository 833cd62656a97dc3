"""Whose turn it is at an engine: so many at once, so many waiting, each key in its turn."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable

from sightline import telemetry
from sightline.errors import EngineBusy

_USUAL_S = 2.0  # of a request, before any was answered


class Slots:
    """The turns at one engine.

    Of those who wait the keys take turns, so that one that sends hundreds of requests does not
    keep another's single one waiting for them all.
    """

    def __init__(self, running: int, waiting: int, wait_s: float) -> None:
        self._most, self._most_waiting, self._wait_s = running, waiting, wait_s
        self.running = 0
        self._queues: dict[str, deque[asyncio.Future[None]]] = {}
        self._usual_s = _USUAL_S

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(len(queue) for queue in self._queues.values())

    async def take(self, owner: str) -> Callable[[], None]:
        """Wait for a turn; give what ends it. Raises `EngineBusy`.

        What is given may be called more than once.
        """
        if self.running >= self._most or self._queues:
            if self.waiting >= self._most_waiting:
                telemetry.count("refused", reason="queue")
                raise EngineBusy(retry_s=self._guess())
            await self._wait(owner)
        else:
            self.running += 1
        began, left = time.monotonic(), False

        def leave() -> None:
            nonlocal left
            if not left:
                left = True
                self._usual_s += 0.1 * (time.monotonic() - began - self._usual_s)
                self._pass_on()

        return leave

    async def _wait(self, owner: str) -> None:
        ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queues.setdefault(owner, deque()).append(ready)
        try:
            with telemetry.stage("queue"):
                async with asyncio.timeout(self._wait_s):
                    await ready
        except BaseException as error:
            if ready.done() and not ready.cancelled():
                self._pass_on()  # the turn had come in the very moment
            elif owner in self._queues:
                self._queues[owner].remove(ready)
                if not self._queues[owner]:
                    del self._queues[owner]
            if isinstance(error, TimeoutError):
                telemetry.count("refused", reason="queue_time")
                raise EngineBusy(retry_s=self._guess()) from None
            raise

    def _pass_on(self) -> None:
        """Give the turn to the owner who has waited for one the longest, or take it back."""
        while self._queues:
            owner = next(iter(self._queues))
            queue = self._queues.pop(owner)
            ready = queue.popleft()
            if queue:
                self._queues[owner] = queue  # behind the others now
            if not ready.done():
                ready.set_result(None)
                return
        self.running -= 1

    def _guess(self) -> float:
        """Say in how many seconds there may be room: 1 to 60."""
        rounds = (self.waiting + 1) / max(1, self._most)
        return float(min(60, max(1, math.ceil(rounds * self._usual_s))))

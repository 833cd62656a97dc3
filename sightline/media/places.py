"""Places for work of which most is short and some is made to be long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sightline.workers import cancel


class Places:
    """At most `count` pieces of work at once, and `count` more that have gone on for long.

    One that takes longer than `short_s` gives its place to the next as soon as one of those that
    are for long work is free; so that a few of them do not hold up all others.
    """

    def __init__(self, count: int, short_s: float) -> None:
        self._short_s = short_s
        self._places, self._long = asyncio.Semaphore(count), asyncio.Semaphore(count)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait for a place, and hold one until the end."""
        await self._places.acquire()
        held = self._places

        async def move() -> None:
            nonlocal held
            await asyncio.sleep(self._short_s)
            await self._long.acquire()
            held.release()
            held = self._long

        moving = asyncio.create_task(move())
        try:
            yield
        finally:
            await cancel(moving)
            held.release()

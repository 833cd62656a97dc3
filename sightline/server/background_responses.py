"""Responses that are made while nobody waits: begun, followed, cancelled.

One that was begun goes on when its client goes; it holds its place, its turn and its memory as any
request does, until it is over.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing

from starlette.requests import Request

from sightline.api.response_reply import Answer
from sightline.errors import EngineError
from sightline.server.lifecycle import detach, finish
from sightline.workers import cancel

log = logging.getLogger("sightline.server")


class Background:
    """The responses that are being made."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._grown: dict[str, asyncio.Event] = {}

    async def start(self, request: Request, answer: Answer, events: AsyncGenerator[bytes]) -> None:
        """Have a response made by reading its events, which outlives the request."""
        scope = detach(request)

        async def make() -> None:
            try:
                async with aclosing(events) as pieces:
                    async for _ in pieces:
                        self._tell(answer.id)
            except Exception:  # the last resort, as of a request that somebody waits for
                log.exception("a response in the background failed")
                answer.failed(EngineError("The server had an error while processing the request."))
            finally:
                del self._tasks[answer.id]
                self._tell(answer.id)
                del self._grown[answer.id]
                await finish(scope)

        self._grown[answer.id] = asyncio.Event()
        self._tasks[answer.id] = asyncio.create_task(make())
        await asyncio.sleep(0)  # begun, so that whatever ends it lets go of what it holds

    async def cancel(self, answer: Answer) -> None:
        """End a response that is being made; one that is over stays as it is."""
        task = self._tasks.get(answer.id)
        if task is not None:
            answer.status = "cancelled"
            await cancel(task)

    async def follow(self, answer: Answer, after: int = -1) -> AsyncGenerator[bytes]:
        """Give the events of a response that come after a number, those to come too."""
        place = after + 1
        while True:
            grown = self._grown.get(answer.id)
            while place < len(answer.log):
                yield answer.log[place]
                place += 1
            if grown is None:
                return
            await grown.wait()

    async def close(self) -> None:
        """End all."""
        await cancel(*self._tasks.values())

    def _tell(self, id: str) -> None:
        self._grown[id].set()
        self._grown[id] = asyncio.Event()

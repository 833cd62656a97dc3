"""An engine as the rest of Sightline meets it: whoever wrote it, it keeps to the seam.

What it raises is of our tree, with no text of its own but that of our errors: the log says what was
raised and where, never what it said, which may be of a request. An answer ends with its reason.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sightline import plugins
from sightline.engines.engine import Capabilities, Engine
from sightline.types import Decided, Delta, Question
from sightline.workers import Stopped

log = logging.getLogger("sightline.engines")
plugins.leads(__file__)


class Guarded(plugins.Wrapper):
    """One engine, guarded. Its attributes and methods are those of `Engine`; `engine` is itself."""

    embedded: bool
    local: bool
    exclusive: bool
    capabilities: Capabilities
    serves: tuple[str, ...]
    takes_any: bool
    ready: bool

    def __init__(self, engine: Engine) -> None:
        # Work that nobody waits for any more has not failed.
        super().__init__(engine, f"engine {engine.name}", "The engine", Stopped)
        self.engine = engine

    @property
    def memory(self) -> int:
        """How many bytes it takes while it is loaded; 0 where it does not say."""
        return self.engine.memory if self.engine.exclusive else 0

    async def load(self) -> None:
        """Load what answering needs. Raises `SightlineError`."""
        with self.guarding("cannot be loaded"):
            await self.engine.load()

    async def answer(self, question: Question) -> AsyncGenerator[Delta]:
        """Answer; the last delta, and no other, carries `finish`. Raises `SightlineError`.

        Closing the generator ends the work.
        """
        with self.guarding("failed on a request"):
            async with _closing(self.engine.answer(question)) as deltas:
                async for delta in deltas:
                    finish = delta.finish  # raises here for what is no delta
                    yield delta
                    if finish is not None:
                        return
        log.error("the engine %s ended an answer without saying why", self.name)
        raise self.failed()

    async def decide(self, question: Question) -> Decided:
        """Decide what is asked in `question.decide`. Raises `SightlineError`."""
        with self.guarding("failed on a request"):
            return await self.engine.decide(question)

    async def relay(self, path: str, body: Mapping[str, Any]) -> Any:
        """Have the server behind answer a request that is no question. Raises `SightlineError`."""
        with self.guarding("failed on a request"):
            return await self.engine.relay(path, body)

    async def count(self, texts: Sequence[str]) -> int:
        """Count the tokens of texts. Raises `SightlineError`."""
        with self.guarding("failed to count"):
            return await self.engine.count(texts)


@asynccontextmanager
async def _closing(deltas: AsyncIterator[Delta]) -> AsyncIterator[AsyncIterator[Delta]]:
    """Close an iterator at the end, where it can be closed: an engine may give any."""
    try:
        yield deltas
    finally:
        close = getattr(deltas, "aclose", None)
        if close is not None:
            await close()

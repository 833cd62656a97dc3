"""The job of asking: a question from the wire, its pictures made ready, an engine's answer.

The server, the command line and the Python API all go through `Pipeline`; none of them knows an
engine or a decoder.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from types import TracebackType

from sightline.engines import engine as engines
from sightline.errors import SightlineError
from sightline.media.cost import image_tokens
from sightline.media.prepare import Preparer
from sightline.settings import Settings
from sightline.types import Choice, Delta, Question, Text, ToolCall, Usage
from sightline.wire import check, reply
from sightline.workers import Workers

# One message costs 3 tokens and its role 1; the reply is primed with 3 (observed usage).
_PER_MESSAGE, _PRIMING = 4, 3


class Pipeline:
    """One engine with what it needs around it. Use as an async context manager."""

    def __init__(self, settings: Settings) -> None:
        self._workers = Workers(settings.workers)
        self._preparer = Preparer(settings, self._workers)
        self.engine = engines.make(settings.engine, settings, self._workers)
        self._loading: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Pipeline:
        """Start loading the engine in the background."""
        self._loading = asyncio.create_task(self.engine.load())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the engine, the workers and the connections."""
        self._workers.close()
        if self._loading is not None:
            self._loading.cancel()
            await asyncio.gather(self._loading, return_exceptions=True)
        await self.engine.close()
        await self._preparer.close()

    @property
    def state(self) -> str:
        """Say how far the engine is: loading, ready or failed."""
        if self._loading is None or not self._loading.done():
            return "loading"
        failed = self._loading.cancelled() or self._loading.exception() is not None
        return "failed" if failed else "ready"

    def counts(self) -> dict[str, int]:
        """Say how much is going on: pieces of work running or waiting for a thread."""
        return {"working": self._workers.busy}

    async def prepare(self, question: Question) -> Question:
        """Make a question ready for the engine: everything that can be refused is refused here."""
        if question.logprobs and not self.engine.capabilities.logprobs:
            raise check.unsupported("logprobs")
        return await self._preparer.prepare(question)

    async def answer(self, question: Question) -> AsyncGenerator[Delta]:
        """Answer a prepared question. Closing the iterator cancels the work."""
        if self._loading is not None:
            await asyncio.shield(self._loading)
        async with aclosing(_generator(self.engine, question)) as deltas:
            async for delta in deltas:
                yield delta

    def usage(self, question: Question, completion_tokens: int) -> Usage:
        """Count a prepared question's tokens: text by the engine, pictures by the API's formula."""
        text = _PRIMING + sum(
            _PER_MESSAGE + sum(self.engine.count(p.text) for p in m.parts if isinstance(p, Text))
            for m in question.messages
        )
        images = sum(
            image_tokens(question.model, *picture.original_size, picture.detail)
            for picture in question.pictures
        )
        return Usage(text + images, completion_tokens, image_tokens=images)


async def _generator(engine: engines.Engine, question: Question) -> AsyncGenerator[Delta]:
    # An engine may return any async iterator; this makes it one that can be closed.
    async for delta in engine.answer(question):
        yield delta


async def collect(deltas: AsyncIterator[Delta]) -> tuple[Choice, int]:
    """Put an answer together; also give its tokens. Raises what the engine raises."""
    text, refusal, calls, tokens = "", "", [], 0
    async for delta in deltas:
        text += delta.text
        refusal += delta.refusal
        tokens += delta.tokens
        if delta.tool is not None:
            calls.append(ToolCall(reply.call_id(), delta.tool, delta.arguments))
        if delta.finish is not None:
            return Choice(text, delta.finish, refusal or None, tuple(calls)), tokens
    raise SightlineError("The engine ended its answer without saying why.")

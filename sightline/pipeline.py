"""The job of asking: a question from the wire, its pictures made ready, an engine's answer.

The server, the command line and the Python API all go through `Pipeline`; none of them knows an
engine or a decoder.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from types import TracebackType
from typing import TYPE_CHECKING

from sightline.engines import engine as engines
from sightline.errors import ImageError, InvalidRequest, SightlineError
from sightline.media.prepare import Fetched, Preparer
from sightline.settings import Settings
from sightline.types import Choice, Delta, Question, Text, ToolCall, Usage, Used
from sightline.wire import check, models, reply
from sightline.workers import Workers

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sightline.perception.captcha import CaptchaDetector

# One message costs 3 tokens and its role 1; the reply is primed with 3 (observed usage).
_PER_MESSAGE, _PRIMING = 4, 3


class Pipeline:
    """One engine with what it needs around it. Use as an async context manager."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._workers = Workers(settings.workers)
        self._preparer = Preparer(settings, self._workers)
        self.engine = engines.make(settings.engine, settings, self._workers)
        self._guard = _CaptchaGuard() if settings.refuse_captchas else None
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
        fetched = await self._preparer.fetch(question)
        fetched = await asyncio.to_thread(self._fitted, question, fetched)
        can = self.engine.capabilities
        form = can.views if self._settings.views == "auto" else self._settings.views
        return await self._preparer.decode(
            question,
            fetched,
            tiles=form == "tiles",
            labels=not can.interleaves,
            guard=self._guard,
        )

    async def measure(self, question: Question) -> Usage:
        """Count what a question would cost, without decoding a picture or asking the engine."""
        fetched = await self._preparer.fetch(question)
        text = await asyncio.to_thread(self._text_tokens, question)
        images = sum(item.sight.tokens for item in fetched)
        return Usage(
            text + images,
            0,
            image_tokens=images,
            engine=self.engine.name,
            seen=tuple(item.seen for item in fetched),
        )

    def _fitted(self, question: Question, fetched: list[Fetched]) -> list[Fetched]:
        """Check that the question fits the model's context, or make it fit where that is allowed.

        Detail is lowered for the costliest pictures first, as few as it takes.
        """
        model = models.find(question.model)
        text = self._text_tokens(question)
        room = model.context - (question.max_tokens or 0)
        total = text + sum(item.sight.tokens for item in fetched)
        if total > room and self._settings.lower_detail:
            dearest = sorted(range(len(fetched)), key=lambda i: -fetched[i].sight.tokens)
            for i in dearest:
                low = fetched[i].at(question.model, "low")
                if total <= room or low.sight.tokens >= fetched[i].sight.tokens:
                    continue
                total -= fetched[i].sight.tokens - low.sight.tokens
                fetched[i] = low
        if total <= room:
            return fetched
        message = f"This model's maximum context length is {model.context} tokens. However, "
        if total > model.context:
            message += f"your messages resulted in {total} tokens. "
            message += "Please reduce the length of the messages."
        else:
            message += (
                f"you requested {total + (question.max_tokens or 0)} tokens ({total} in the "
                f"messages, {question.max_tokens} in the completion). Please reduce the length of "
                "the messages or completion."
            )
        raise InvalidRequest(
            message,
            param="messages",
            code="context_length_exceeded",
            hint="Send fewer pictures or with detail low; sightline tokens tells what each costs."
            if fetched
            else "",
        )

    async def answer(self, question: Question) -> AsyncGenerator[Delta]:
        """Answer a prepared question. Closing the iterator cancels the work."""
        if self._loading is not None:
            await asyncio.shield(self._loading)
        async with aclosing(_generator(self.engine, question)) as deltas:
            async for delta in deltas:
                yield delta

    def usage(self, question: Question, completion_tokens: int, used: Used | None = None) -> Usage:
        """Count a prepared question's tokens: text by the engine, pictures by the API's formula."""
        images = sum(picture.sight.tokens for picture in question.pictures)
        return Usage(
            self._text_tokens(question) + images,
            completion_tokens,
            image_tokens=images,
            engine=self.engine.name,
            used=used,
            seen=tuple(picture.seen for picture in question.pictures),
        )

    def _text_tokens(self, question: Question) -> int:
        return _PRIMING + sum(
            _PER_MESSAGE + sum(self.engine.count(p.text) for p in m.parts if isinstance(p, Text))
            for m in question.messages
        )


class _CaptchaGuard:
    """Refuses CAPTCHAs; the network is loaded with the first picture, on a worker."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._detector: CaptchaDetector | None = None

    def __call__(self, pixels: NDArray[np.uint8], param: str) -> None:
        with self._lock:
            if self._detector is None:
                from sightline.perception.captcha import CaptchaDetector

                self._detector = CaptchaDetector()
        if self._detector.is_captcha(pixels):
            raise ImageError(
                "Your input image may contain content that is not allowed by our safety system.",
                param=param,
                code="content_policy_violation",
                hint="It looks like a CAPTCHA, which is refused as the API does; the operator can "
                "turn that off with --no-refuse-captchas.",
            )


async def _generator(engine: engines.Engine, question: Question) -> AsyncGenerator[Delta]:
    # An engine may return any async iterator; this makes it one that can be closed.
    async for delta in engine.answer(question):
        yield delta


async def collect(deltas: AsyncIterator[Delta]) -> tuple[Choice, int, Used | None]:
    """Put an answer together; also give its tokens and what its prompt cost the engine.

    Raises what the engine raises.
    """
    text, refusal, calls, tokens = "", "", [], 0
    async for delta in deltas:
        text += delta.text
        refusal += delta.refusal
        tokens += delta.tokens
        if delta.tool is not None:
            calls.append(ToolCall(reply.call_id(), delta.tool, delta.arguments))
        if delta.finish is not None:
            choice = Choice(text, delta.finish, refusal or None, tuple(calls))
            return choice, tokens, delta.used
    raise SightlineError("The engine ended its answer without saying why.")

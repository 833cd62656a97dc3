"""`POST /v1/chat/completions`: whole replies, and streams of server-sent events.

Everything that can be refused is refused before the first byte. A client that goes away ends the
work: the task that computes its answer is cancelled, and the engine's iterator closed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from sightline.errors import EngineBusy
from sightline.pipeline import Pipeline, collect
from sightline.server.body import read_json
from sightline.server.stream import Stream, while_connected
from sightline.settings import Settings
from sightline.types import Choice, Delta, Question, Usage, Used
from sightline.wire import chat, reply

T = TypeVar("T")


class ChatEndpoint:
    """Answers chat completions from one pipeline, at most `max_active` at once."""

    def __init__(self, pipeline: Pipeline, settings: Settings, fingerprint: str) -> None:
        self._pipeline = pipeline
        self._settings = settings
        self._fingerprint = fingerprint
        self.active = 0

    async def count(self, request: Request) -> Response:
        """Count what a request would cost; nothing is asked of the engine."""
        self._enter()
        try:
            asked = await self._parsed(request)
            usage = await while_connected(request, self._pipeline.measure(asked.question))
        finally:
            self._leave()
        return Response(reply.encode(reply.input_tokens(usage)), media_type="application/json")

    async def complete(self, request: Request) -> Response:
        """Answer one request. Raises `SightlineError`s, which the app turns into envelopes."""
        self._enter()
        try:
            response = await self._respond(request)
        except BaseException:
            self._leave()
            raise
        if isinstance(response, Stream):
            response.on_close = self._leave  # a stream is active until its last byte
        else:
            self._leave()
        return response

    def _enter(self) -> None:
        if self.active >= self._settings.max_active:
            raise EngineBusy(
                "The engine is currently overloaded, please try again later.",
                hint="Try again in a few seconds.",
            )
        self.active += 1

    def _leave(self) -> None:
        self.active -= 1

    async def _parsed(self, request: Request) -> chat.ChatRequest:
        body = await read_json(request, self._settings.max_request_bytes)
        asked = await asyncio.to_thread(chat.parse, body, self._pipeline.routing.find)
        owner = self._pipeline.owner(request.headers.get("authorization", ""))
        return replace(asked, question=replace(asked.question, owner=owner))

    async def _respond(self, request: Request) -> Response:
        asked = await self._parsed(request)
        question = await while_connected(request, self._pipeline.prepare(asked.question))
        heading = reply.Heading(
            id=reply.completion_id(),
            created=int(time.time()),
            model=asked.model,
            fingerprint=self._fingerprint,
            legacy_functions=asked.legacy_functions,
        )
        if asked.stream:
            events = self._events(heading, asked, question)
            response: Response = Stream(
                events, "text/event-stream", keep_alive_s=self._settings.keep_alive_s
            )
        else:
            choices, usage = await while_connected(request, self._choices(question, asked.n))
            said = reply.encode(reply.completion(heading, choices, usage))
            response = Response(said, media_type="application/json")
        lowered = sum(picture.lowered for picture in question.pictures)
        if lowered:  # said here too, since a stream need not carry usage
            response.headers["x-sightline-lowered-images"] = str(lowered)
        return response

    async def _choices(self, question: Question, n: int) -> tuple[list[Choice], Usage]:
        done = await _all([self._choice(question, i) for i in range(n)])
        choices = [choice for choice, _, _ in done]
        tokens = sum(said for _, said, _ in done)
        used = _together([spent for _, _, spent in done])
        return choices, await self._pipeline.usage(question, tokens, used)

    async def _choice(self, question: Question, index: int) -> tuple[Choice, int, Used | None]:
        async with aclosing(self._pipeline.answer(_varied(question, index))) as deltas:
            return await collect(deltas)

    async def _events(
        self, heading: reply.Heading, asked: chat.ChatRequest, question: Question
    ) -> AsyncGenerator[bytes]:
        tokens, used = 0, []
        answers = [self._pipeline.answer(_varied(question, i)) for i in range(asked.n)]
        choices = [
            reply.Chunks(heading, i, include_usage=asked.include_usage) for i in range(asked.n)
        ]
        for chunks in choices:
            yield chunks.opening()
        async with aclosing(_side_by_side(answers)) as deltas:
            async for index, delta in deltas:
                tokens += delta.tokens
                piece = choices[index].piece(delta)
                if piece:
                    yield piece
                if delta.finish is not None:
                    used.append(delta.used)
                    yield choices[index].closing(delta.finish)
        if asked.include_usage:
            usage = await self._pipeline.usage(question, tokens, _together(used))
            yield reply.usage_chunk(heading, usage)
        yield reply.DONE


def _varied(question: Question, index: int) -> Question:
    """Give the question for one of several choices: the same seed would give the same answer."""
    if not index or question.seed is None:
        return question
    return replace(question, seed=question.seed + index)


def _together(spent: list[Used | None]) -> Used | None:
    """Add up what several choices cost; their prompt is counted once, as the API does."""
    known = [used for used in spent if used is not None]
    if not known:
        return None
    said = [used.completion_tokens for used in known if used.completion_tokens is not None]
    return replace(known[0], completion_tokens=sum(said) if said else None)


async def _side_by_side(
    answers: Sequence[AsyncGenerator[Delta]],
) -> AsyncGenerator[tuple[int, Delta]]:
    """Give the deltas of several answers as they come, each with its answer's place."""
    if len(answers) == 1:  # the way of nearly every request, without a queue
        async with aclosing(answers[0]) as deltas:
            async for delta in deltas:
                yield 0, delta
        return
    queue: asyncio.Queue[tuple[int, Delta | None]] = asyncio.Queue()

    async def drain(index: int, answer: AsyncGenerator[Delta]) -> None:
        try:
            async with aclosing(answer) as deltas:
                async for delta in deltas:
                    queue.put_nowait((index, delta))
        finally:
            queue.put_nowait((index, None))

    tasks = [asyncio.create_task(drain(i, answer)) for i, answer in enumerate(answers)]
    try:
        left = len(answers)
        while left:
            index, piece = await queue.get()
            if piece is None:
                await tasks[index]  # raises what ended it early
                left -= 1
            else:
                yield index, piece
    finally:
        await _ended(tasks)


async def _all(work: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    """Do all at once; where one fails the others are ended."""
    tasks = [asyncio.create_task(each) for each in work]
    try:
        return [await task for task in tasks]
    finally:
        await _ended(tasks)


async def _ended(tasks: Sequence[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

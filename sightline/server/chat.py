"""`POST /v1/chat/completions`: whole replies, and streams of server-sent events.

Everything that can be refused is refused before the first byte. A client that goes away ends the
work: the task that computes its answer is cancelled, and the engine's iterator closed.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from sightline.errors import EngineBusy, EngineError, SightlineError
from sightline.pipeline import Pipeline, collect
from sightline.server.body import read_json
from sightline.settings import Settings
from sightline.types import Choice, Delta, Question, Usage, Used
from sightline.wire import chat, reply

log = logging.getLogger("sightline.server")
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
            usage = await _while_connected(request, self._pipeline.measure(asked.question))
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
        if isinstance(response, EventStream):
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
        question = await _while_connected(request, self._pipeline.prepare(asked.question))
        heading = reply.Heading(
            id=reply.completion_id(),
            created=int(time.time()),
            model=asked.model,
            fingerprint=self._fingerprint,
            legacy_functions=asked.legacy_functions,
        )
        if asked.stream:
            events = self._events(heading, asked, question)
            response: Response = EventStream(events, self._settings.keep_alive_s)
        else:
            choices, usage = await _while_connected(request, self._choices(question, asked.n))
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
    ) -> AsyncIterator[bytes]:
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


class EventStream(Response):
    """Sends server-sent events, a comment after each silence, and stops when the client goes."""

    media_type = "text/event-stream"

    def __init__(self, events: AsyncIterator[bytes], keep_alive_s: float) -> None:
        super().__init__(
            headers={"cache-control": "no-cache, must-revalidate", "x-accel-buffering": "no"}
        )
        del self.headers["content-length"]
        self._events = events
        self._keep_alive_s = keep_alive_s
        self.on_close: Callable[[], None] = lambda: None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the stream; return early, with its work cancelled, when the client goes away."""
        sending = asyncio.ensure_future(self._send(send))
        leaving = asyncio.ensure_future(_disconnected(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            sending.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)
            self.on_close()

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        queue: asyncio.Queue[bytes | None] = asyncio.Queue(maxsize=64)
        making = asyncio.ensure_future(self._make(queue))
        try:
            while True:
                try:
                    async with asyncio.timeout(self._keep_alive_s):
                        block = await queue.get()
                except TimeoutError:
                    block = reply.KEEP_ALIVE
                if block is None:
                    break
                await send({"type": "http.response.body", "body": block, "more_body": True})
        finally:
            making.cancel()
            await asyncio.gather(making, return_exceptions=True)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _make(self, queue: asyncio.Queue[bytes | None]) -> None:
        try:
            async for block in self._events:
                await queue.put(block)
        except SightlineError as error:
            await queue.put(reply.event(reply.error_body(error)))
        except Exception:  # the last resort of a stream that has begun
            log.exception("a stream failed")
            failure = EngineError("The server had an error while processing your request.")
            await queue.put(reply.event(reply.error_body(failure)))
        await queue.put(None)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _while_connected(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Run `work`, cancelling it when the client goes away (then `ClientDisconnect` is raised)."""
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_disconnected(request.receive))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientDisconnect
        return working.result()
    finally:
        leaving.cancel()
        working.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)

"""`POST /v1/chat/completions` and `/v1/completions`: whole replies, and streams of events.

Everything that can be refused is refused before the first byte. A client that goes away ends the
work: the task that computes its answer is cancelled, and the engine's iterator closed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from sightline.pipeline import Count, Pipeline, collect, put_together
from sightline.server.files import FilesEndpoint
from sightline.server.gate import check_model, client_of, owner_of
from sightline.server.house import Bill, House, deadline
from sightline.server.stored import StoredEndpoint
from sightline.server.stream import json_reply, while_connected
from sightline.settings import Settings
from sightline.types import Choice, Delta, Hold, Question, Usage, Used
from sightline.wire import chat, completions, notes, reply

T = TypeVar("T")


@dataclass(frozen=True)
class Form:
    """How requests are read and replies written: with messages, or with a prompt."""

    parse: Callable[..., chat.ChatRequest]
    id: Callable[[], str]
    whole: Callable[[reply.Heading, Sequence[Choice], Usage], dict[str, Any]]
    chunks: type[reply.Chunks] | type[completions.Chunks]
    usage: Callable[[reply.Heading, Usage], bytes]


_CHAT = Form(chat.parse, reply.completion_id, reply.completion, reply.Chunks, reply.usage_chunk)
_TEXT = Form(
    completions.parse,
    completions.completion_id,
    completions.completion,
    completions.Chunks,
    completions.usage_chunk,
)


class ChatEndpoint:
    """Answers chat completions from one pipeline, each in its turn at its engine."""

    def __init__(
        self,
        pipeline: Pipeline,
        settings: Settings,
        house: House,
        files: FilesEndpoint,
        stored: StoredEndpoint,
        fingerprint: str,
    ) -> None:
        self._pipeline = pipeline
        self._settings = settings
        self._house = house
        self._files = files
        self._stored = stored
        self._fingerprint = fingerprint

    async def count(self, request: Request) -> Response:
        """Count what a request would cost; nothing is asked of the engine."""
        self._house.enter(request)
        asked = await self.parsed(request, _CHAT.parse)
        usage = await while_connected(
            request, self._pipeline.measure(asked.question, self._house.held.of(request))
        )
        return json_reply(reply.input_tokens(usage))

    async def complete(self, request: Request) -> Response:
        """Answer a request with messages. Raises `SightlineError`s, which the app writes."""
        return await self._complete(request, _CHAT)

    async def complete_text(self, request: Request) -> Response:
        """Answer a request with a prompt. Raises `SightlineError`s, which the app writes."""
        return await self._complete(request, _TEXT)

    async def _complete(self, request: Request, form: Form) -> Response:
        self._house.enter(request)
        asked = await self.parsed(request, form.parse)
        bill = await self._house.bill(request, asked.model.id)
        until = deadline(request)
        ready = self.ready(asked, bill, self._house.held.of(request))
        question = await while_connected(request, ready, until=until)
        questions = [question, *await self._others(request, asked)]
        turns = asked.question.messages if asked.store else ()
        asked = replace(asked, question=question)  # the text of pictures is not needed any more
        self._house.forget_body(request)
        keep = partial(self._stored.keep, owner_of(request), asked, turns)
        heading = reply.Heading(
            id=form.id(),
            created=int(time.time()),
            model=asked.model,
            fingerprint=self._fingerprint,
            legacy_functions=asked.legacy_functions,
        )
        if asked.stream:
            response: Response = self._house.stream(
                self._events(form, heading, asked, questions, bill, keep), bill
            )
        else:
            work = self._choices(questions, asked, bill)
            choices, usage = await while_connected(request, work, until=until)
            said = form.whole(heading, choices, usage)
            keep(said)
            response = json_reply(said, headers=bill.headers())
        lowered = sum(picture.lowered for picture in question.pictures)
        if lowered:  # said here too, since a stream need not carry usage
            response.headers["x-sightline-lowered-images"] = str(lowered)
        return response

    async def _others(self, request: Request, asked: chat.ChatRequest) -> list[Question]:
        """Prepare further prompts, whose tokens are settled with those of the first."""
        hold = self._house.held.of(request)
        owner = asked.question.owner
        return [
            await self._pipeline.prepare(replace(other, owner=owner), None, hold)
            for other in asked.others
        ]

    async def ready(self, asked: chat.ChatRequest, bill: Bill, hold: Hold) -> Question:
        """Prepare a question, once its cost is reserved and its turn has come."""
        most = (asked.question.max_tokens or 0) * asked.n

        async def admit(count: Count) -> None:
            await bill.reserve(count, most)
            await bill.turn(self._pipeline.routing.route(asked.question.model))

        question = await self._pipeline.prepare(asked.question, admit, hold)
        bill.images = sum(picture.sight.tokens for picture in question.pictures)
        bill.pictures = len(question.pictures)
        if self._settings.otel and self._settings.otel_content:
            bill.asked = list(notes.texts(asked.question))
        return question

    async def parsed(
        self, request: Request, parse: Callable[..., chat.ChatRequest]
    ) -> chat.ChatRequest:
        """Read a request of any form that is a question, with its uploaded files placed."""
        find = partial(parse, find=self._pipeline.routing.find)
        asked = await self._house.read(request, self._settings.max_request_bytes, find)
        check_model(request, asked.model.id)
        owner = self._pipeline.owner(client_of(request))
        question = await self._files.placed(request, asked.question)
        return replace(asked, question=replace(question, owner=owner))

    async def _choices(
        self, questions: Sequence[Question], asked: chat.ChatRequest, bill: Bill
    ) -> tuple[list[Choice], Usage]:
        n = asked.n
        done = await _all([self._choice(q, i, bill) for q in questions for i in range(n)])
        choices = [choice for choice, _, _ in done]
        if asked.echoed:
            choices = [
                replace(choice, text=asked.echoed[place // n] + choice.text)
                for place, choice in enumerate(choices)
            ]
        spent = [(said, used) for _, said, used in done]
        return choices, await self._spent(questions, spent, bill)

    async def _spent(
        self, questions: Sequence[Question], spent: Sequence[tuple[int, Used | None]], bill: Bill
    ) -> Usage:
        """Count what the choices of each question cost, and all together."""
        n, usages = len(spent) // len(questions), []
        for place, question in enumerate(questions):
            own = spent[place * n : (place + 1) * n]
            tokens = sum(said for said, _ in own)
            used = _together([each for _, each in own])
            usages.append(await self._pipeline.usage(question, tokens, used))
        usage = replace(
            usages[0],
            prompt_tokens=sum(each.prompt_tokens for each in usages),
            completion_tokens=sum(each.completion_tokens for each in usages),
            image_tokens=sum(each.image_tokens for each in usages),
            cached_tokens=sum(each.cached_tokens for each in usages),
            reasoning_tokens=sum(each.reasoning_tokens for each in usages),
        )
        bill.spent(usage)
        return usage

    async def _choice(
        self, question: Question, index: int, bill: Bill
    ) -> tuple[Choice, int, Used | None]:
        answer = bill.timed(self._pipeline.answer(_varied(question, index)))
        async with aclosing(answer) as deltas:
            return await collect(deltas)

    async def _events(
        self,
        form: Form,
        heading: reply.Heading,
        asked: chat.ChatRequest,
        questions: Sequence[Question],
        bill: Bill,
        keep: Callable[[dict[str, Any]], None],
    ) -> AsyncGenerator[bytes]:
        answers = [
            bill.timed(self._pipeline.answer(_varied(question, i)))
            for question in questions
            for i in range(asked.n)
        ]
        count = len(answers)
        heard: list[list[Delta]] = [[] for _ in range(count)]  # of one that is kept
        spent: list[tuple[int, Used | None]] = [(0, None)] * count
        choices = [form.chunks(heading, i, include_usage=asked.include_usage) for i in range(count)]
        for place, chunks in enumerate(choices):
            if opening := chunks.opening():
                yield opening
            if asked.echoed:
                yield chunks.piece(Delta(text=asked.echoed[place // asked.n]))
        async with aclosing(_side_by_side(answers)) as deltas:
            async for index, delta in deltas:
                spent[index] = spent[index][0] + delta.tokens, delta.used
                if asked.store:
                    heard[index].append(delta)
                piece = choices[index].piece(delta)
                if piece:
                    yield piece
                if delta.finish is not None:
                    yield choices[index].closing(delta.finish)
        if asked.include_usage or asked.store:
            usage = await self._spent(questions, spent, bill)
            if asked.include_usage:
                yield form.usage(heading, usage)
            if asked.store:
                said = [
                    _called(put_together(each)[0], chunks.calls)
                    for each, chunks in zip(heard, choices, strict=True)
                ]
                keep(form.whole(heading, said, usage))
        yield reply.DONE


def _varied(question: Question, index: int) -> Question:
    """Give the question for one of several choices: the same seed would give the same answer."""
    if not index or question.seed is None:
        return question
    return replace(question, seed=question.seed + index)


def _called(choice: Choice, ids: Sequence[str]) -> Choice:
    """Give the calls of a choice the ids that they had in its stream."""
    calls = [replace(call, id=id) for call, id in zip(choice.calls, ids, strict=False)]
    return replace(choice, calls=tuple(calls) or choice.calls)


def _together(spent: list[Used | None]) -> Used | None:
    """Add up what several choices cost; their prompt is counted once, as the API does."""
    known = [used for used in spent if used is not None]
    if not known:
        return None
    said = [used.completion_tokens for used in known if used.completion_tokens is not None]
    return replace(
        known[0],
        completion_tokens=sum(said) if said else None,
        reasoning_tokens=sum(used.reasoning_tokens for used in known),
    )


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

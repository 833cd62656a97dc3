"""`POST /v1/chat/completions` and `/v1/completions`: whole replies, and streams of events."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sightline.api import chat, completions, reply
from sightline.pipeline import collect, put_together
from sightline.server.answering import Admitted, Answering
from sightline.server.auth import owner_of
from sightline.server.stored_completions import StoredEndpoint
from sightline.types import Choice, Delta, Question, Usage, Used
from sightline.workers import all_of, cancel


@dataclass(frozen=True)
class ChatVariant:
    """How requests are read and replies written: with messages, or with a prompt."""

    parse: Callable[..., chat.ChatRequest]
    id: Callable[[], str]
    whole: Callable[[reply.Heading, Sequence[Choice], Usage], dict[str, Any]]
    chunks: type[reply.Chunks] | type[completions.TextChunks]
    usage: Callable[[reply.Heading, Usage], bytes]


_CHAT = ChatVariant(
    chat.parse, reply.completion_id, reply.completion, reply.Chunks, reply.usage_chunk
)
_TEXT = ChatVariant(
    completions.parse,
    completions.completion_id,
    completions.completion,
    completions.TextChunks,
    completions.usage_chunk,
)


class ChatEndpoint:
    """Answers chat completions, and those of text."""

    def __init__(self, answering: Answering, stored: StoredEndpoint, fingerprint: str) -> None:
        self._answering, self._stored, self._fingerprint = answering, stored, fingerprint

    async def count(self, request: Request) -> Response:
        """Count what a request would cost; nothing is asked of the engine."""
        asked = await self._answering.read(request, _CHAT.parse)
        return await self._answering.count(request, asked.question)

    async def complete(self, request: Request) -> Response:
        """Answer a request with messages. Raises `SightlineError`s, which the app writes."""
        return await self._complete(request, _CHAT)

    async def complete_text(self, request: Request) -> Response:
        """Answer a request with a prompt. Raises `SightlineError`s, which the app writes."""
        return await self._complete(request, _TEXT)

    async def _complete(self, request: Request, form: ChatVariant) -> Response:
        admitted = await self._answering.admit(
            request, await self._answering.read(request, form.parse)
        )
        questions = [admitted.question, *await admitted.others()]
        turns = admitted.asked.question.messages if admitted.asked.store else ()
        admitted.forget_body()
        asked = admitted.asked
        keep = partial(self._stored.keep, owner_of(request), asked, turns)
        heading = reply.Heading(
            id=form.id(),
            created=int(time.time()),
            model=asked.model,
            fingerprint=self._fingerprint,
            legacy_functions=asked.legacy_functions,
        )
        if asked.stream:
            return admitted.stream(_events(form, heading, admitted, questions, keep))
        choices, usage = await admitted.wait(_choices(admitted, questions))
        said = form.whole(heading, choices, usage)
        keep(said)
        return admitted.whole(said)


def _answers(admitted: Admitted, questions: Sequence[Question]) -> list[AsyncGenerator[Delta]]:
    n = admitted.asked.n
    return [admitted.answer(_varied(question, i)) for question in questions for i in range(n)]


async def _choices(admitted: Admitted, questions: Sequence[Question]) -> tuple[list[Choice], Usage]:
    asked = admitted.asked
    done = await all_of(map(collect, _answers(admitted, questions)))
    choices = [choice for choice, _, _ in done]
    if asked.echoed:
        choices = [
            replace(choice, text=asked.echoed[place // asked.n] + choice.text)
            for place, choice in enumerate(choices)
        ]
    spent = [(said, used) for _, said, used in done]
    return choices, await _spent(admitted, questions, spent)


async def _spent(
    admitted: Admitted, questions: Sequence[Question], spent: Sequence[tuple[int, Used | None]]
) -> Usage:
    """Count what the choices of each question cost, and all together."""
    n, usages = len(spent) // len(questions), []
    for place, question in enumerate(questions):
        own = spent[place * n : (place + 1) * n]
        tokens = sum(said for said, _ in own)
        used = _together([each for _, each in own])
        usages.append(await admitted.pipeline.usage(question, tokens, used))
    usage = replace(
        usages[0],
        prompt_tokens=sum(each.prompt_tokens for each in usages),
        completion_tokens=sum(each.completion_tokens for each in usages),
        image_tokens=sum(each.image_tokens for each in usages),
        cached_tokens=sum(each.cached_tokens for each in usages),
        reasoning_tokens=sum(each.reasoning_tokens for each in usages),
    )
    admitted.ticket.spent(usage)
    return usage


async def _events(
    form: ChatVariant,
    heading: reply.Heading,
    admitted: Admitted,
    questions: Sequence[Question],
    keep: Callable[[dict[str, Any]], None],
) -> AsyncGenerator[bytes]:
    asked, answers = admitted.asked, _answers(admitted, questions)
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
        usage = await _spent(admitted, questions, spent)
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
        await cancel(*tasks)

"""What all routes that answer share: read → measure → admit → decode → answer, in a row.

An endpoint says how requests are read and replies written. Everything that can be refused is
refused before the first byte, and a client that goes away ends the work: the task that computes its
answer is cancelled, and the engine's iterator closed.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from sightline.api import notes, reply
from sightline.api.chat import ChatRequest
from sightline.pipeline import Pipeline
from sightline.server.admission import Admission, Ticket, deadline
from sightline.server.auth import check_model, client_of
from sightline.server.files import FilesEndpoint
from sightline.server.stream import json_reply, while_connected
from sightline.settings import Settings
from sightline.types import Delta, Hold, Question, Usage, Used

T = TypeVar("T")


class Answering:
    """Takes questions of any form from requests, each to its turn at its engine."""

    def __init__(
        self, pipeline: Pipeline, settings: Settings, admission: Admission, files: FilesEndpoint
    ) -> None:
        self._pipeline, self._settings = pipeline, settings
        self._admission, self._files = admission, files

    async def read(self, request: Request, parse: Callable[..., ChatRequest]) -> ChatRequest:
        """Read a request, with its uploaded files placed.

        Raises what `parse` does, and `EngineBusy` where too many are in.
        """
        self._admission.enter(request)
        find = partial(parse, find=self._pipeline.routing.find)
        asked = await self._admission.read(request, self._settings.max_request_bytes, find)
        check_model(request, asked.model.id)
        return replace(asked, question=await self.placed(request, asked.question))

    async def placed(self, request: Request, question: Question) -> Question:
        """Put a client's uploaded files where their ids stand. Raises `InvalidRequest`."""
        question = await self._files.placed(request, question)
        return replace(question, owner=self._pipeline.owner(client_of(request)))

    async def count(self, request: Request, question: Question) -> Response:
        """Count what a question would cost; nothing is asked of the engine."""
        hold = self._admission.held.of(request)
        usage = await while_connected(request, self._pipeline.cost(question, hold))
        return json_reply(reply.input_tokens(usage))

    async def admit(self, request: Request, asked: ChatRequest) -> Admitted:
        """Have a question ready for its engine, once its cost is reserved and its turn has come."""
        ticket = await self._admission.ticket(request, asked.model.id)
        until = deadline(request)
        hold = self._admission.held.of(request)
        ready = self.ready(asked, ticket, hold)
        question = await while_connected(request, ready, until=until)
        return Admitted(request, asked, question, ticket, until, self._pipeline, self._admission)

    async def ready(self, asked: ChatRequest, ticket: Ticket, hold: Hold) -> Question:
        """Measure a question, and decode it once its cost is reserved and its turn has come."""
        measured = await self._pipeline.measure(asked.question, hold)
        await ticket.reserve(measured.count, (asked.question.max_tokens or 0) * asked.n)
        await ticket.turn(measured.route)
        question = await self._pipeline.decode(measured, hold)
        ticket.took(question)
        if self._settings.otel and self._settings.otel_content:
            ticket.asked = list(notes.texts(asked.question))
        return question


@dataclass(slots=True)
class Admitted:
    """A request whose turn it is: what was `asked`, and its `question` with the pictures made."""

    request: Request
    asked: ChatRequest
    question: Question
    ticket: Ticket
    until: float | None
    pipeline: Pipeline
    _admission: Admission

    def forget_body(self) -> None:
        """Let go of what the request was sent as: the text of pictures is not needed any more."""
        self.asked = replace(self.asked, question=self.question)
        self._admission.forget_body(self.request)

    async def others(self) -> list[Question]:
        """Make further prompts ready, whose tokens are settled with those of the first."""
        hold, owner = self._admission.held.of(self.request), self.question.owner
        return [
            await self.pipeline.prepare(replace(other, owner=owner), hold)
            for other in self.asked.others
        ]

    def answer(self, question: Question | None = None) -> AsyncGenerator[Delta]:
        """Give the answer's deltas, timed; of another `question` where one varies it."""
        return self.ticket.timed(self.pipeline.answer(question or self.question))

    async def usage(self, tokens: int, used: Used | None, *, timed: bool = True) -> Usage:
        """Count what it took; not `timed` is what did not come by `answer`."""
        usage = await self.pipeline.usage(self.question, tokens, used)
        self.ticket.spent(usage, None if timed else usage.completion_tokens)
        return usage

    async def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Work while the client is there and waits. Raises as `while_connected` does."""
        return await while_connected(self.request, work, until=self.until)

    def stream(self, events: AsyncGenerator[bytes]) -> Response:
        """Reply with events as they come."""
        return self._admission.stream(events, self.ticket)

    def whole(self, body: Mapping[str, Any]) -> Response:
        """Reply with JSON."""
        return json_reply(body, headers=self.ticket.headers())

"""`/v1/responses`: the same question as a chat completion's, in its newer spelling."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from sightline.errors import InvalidRequest, RouteNotFound, SightlineError
from sightline.pipeline import Pipeline
from sightline.server.chat import ChatEndpoint
from sightline.server.files import FilesEndpoint
from sightline.server.gate import check_model, client_of, clients_of
from sightline.server.house import Bill, House, deadline
from sightline.server.kept import Kept
from sightline.server.kept import Response as KeptResponse
from sightline.server.stream import json_reply, while_connected
from sightline.settings import Settings
from sightline.types import Question, Used
from sightline.wire import reply, response_reply
from sightline.wire import responses as wire


class ResponsesEndpoint:
    """Answers responses; keeps them for those that follow, unless told otherwise."""

    def __init__(
        self,
        pipeline: Pipeline,
        settings: Settings,
        house: House,
        chat: ChatEndpoint,
        files: FilesEndpoint,
    ) -> None:
        self._files = files
        self._pipeline, self._settings = pipeline, settings
        self._house, self._chat = house, chat
        self._kept = Kept(settings.responses_keep_s, settings.max_kept_bytes)
        house.metrics.gauge("kept_bytes", "Bytes of responses kept.", lambda: self._kept.bytes)

    async def create(self, request: Request) -> Response:
        """Answer. Raises `SightlineError`s before the first byte."""
        self._house.enter(request)
        asked = await self._parsed(request)
        model = asked.chat.model.id
        owner = asked.chat.question.owner
        bill = await self._house.bill(request, model)
        until = deadline(request)
        ready = self._chat.ready(asked.chat, bill, self._house.held.of(request))
        question = await while_connected(request, ready, until=until)
        answer = response_reply.Answer(asked, int(time.time()), self._keeps(asked))
        if asked.stream:
            return self._house.stream(self._events(answer, question, bill, owner), bill)
        await while_connected(request, self._whole(answer, question, bill, owner), until=until)
        return json_reply(answer.body(), headers=bill.headers())

    async def count(self, request: Request) -> Response:
        """Count the tokens of a request's input; nothing is asked of the engine."""
        self._house.enter(request)
        asked = await self._parsed(request)
        usage = await while_connected(
            request, self._pipeline.measure(asked.chat.question, self._house.held.of(request))
        )
        return json_reply(reply.input_tokens(usage))

    async def show(self, request: Request) -> Response:
        """Give a response that is kept."""
        return json_reply(self._found(request).body)

    async def items(self, request: Request) -> Response:
        """Give what a response was asked."""
        return json_reply(response_reply.listed(self._found(request).items))

    async def delete(self, request: Request) -> Response:
        """Forget a response."""
        self._found(request)
        id = request.path_params["id"]
        self._kept.remove(id)
        return json_reply(response_reply.deleted(id))

    async def cancel(self, request: Request) -> Response:
        """Refuse: what can be cancelled runs in the background, and nothing does."""
        self._found(request)
        raise InvalidRequest("Cannot cancel a synchronous response.")

    def _keeps(self, asked: wire.ResponsesRequest) -> bool:
        return asked.store and not self._settings.zero_retention

    def _found(self, request: Request) -> KeptResponse:
        id = request.path_params["id"]
        found = self._kept.find(id, self._owners(request))
        if found is None:
            raise RouteNotFound(f"Response with id '{id[:80]}' not found.")
        return found

    def _owners(self, request: Request) -> frozenset[str]:
        return frozenset(self._pipeline.owner(client) for client in clients_of(request))

    async def _parsed(self, request: Request) -> wire.ResponsesRequest:
        parse = partial(wire.parse, find=self._pipeline.routing.find)
        asked = await self._house.read(request, self._settings.max_request_bytes, parse)
        check_model(request, asked.chat.model.id)
        owner = self._pipeline.owner(client_of(request))
        if asked.previous is not None:
            before = self._kept.find(asked.previous, self._owners(request))
            if before is None:
                raise InvalidRequest(
                    f"Previous response with id '{asked.previous[:80]}' not found.",
                    param="previous_response_id",
                    code="previous_response_not_found",
                    hint="This server keeps nothing."
                    if self._settings.zero_retention
                    else f"Responses are kept for {self._settings.responses_keep_s:g} s.",
                )
            asked = asked.after(before.turns)
        question = await self._files.placed(request, asked.chat.question)
        question = replace(question, owner=owner)
        return replace(asked, chat=replace(asked.chat, question=question))

    async def _whole(
        self, answer: response_reply.Answer, question: Question, bill: Bill, owner: str
    ) -> None:
        events = self._events(answer, question, bill, owner)
        async with aclosing(events) as pieces:
            async for _ in pieces:
                pass
        if answer.error is not None:
            raise answer.error

    async def _events(
        self, answer: response_reply.Answer, question: Question, bill: Bill, owner: str
    ) -> AsyncGenerator[bytes]:
        yield answer.opening()
        tokens, used, reason = 0, None, "stop"
        try:
            async with aclosing(bill.timed(self._pipeline.answer(question))) as deltas:
                async for delta in deltas:
                    tokens += delta.tokens
                    events = answer.piece(delta)
                    if events:
                        yield events
                    if delta.finish is not None:
                        used, reason = delta.used, delta.finish
                        break
        except SightlineError as error:
            yield answer.failed(error)
            return
        yield await self._closed(answer, question, bill, owner, tokens, used, reason)

    async def _closed(
        self,
        answer: response_reply.Answer,
        question: Question,
        bill: Bill,
        owner: str,
        tokens: int,
        used: Used | None,
        reason: str,
    ) -> bytes:
        usage = await self._pipeline.usage(question, tokens, used)
        bill.spent(usage)
        events = answer.closing(reason, usage)
        if answer.stored:
            asked = answer.asked
            # The instructions are this request's own; what follows brings its own.
            turns = asked.chat.question.messages[1 if asked.instructions else 0 :]
            kept = KeptResponse(owner, answer.body(), asked.items, (*turns, *answer.turns()))
            self._kept.add(answer.id, kept)
        return events

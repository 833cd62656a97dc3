"""`/v1/responses`: the same question as a chat completion's, in its newer spelling."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sightline.api import compaction, items, response_reply
from sightline.api import responses as wire
from sightline.api.response_reply import Answer
from sightline.errors import InvalidRequest, RouteNotFound, SightlineError
from sightline.pipeline import Pipeline
from sightline.server.admission import Admission, Ticket, deadline
from sightline.server.answering import Answering
from sightline.server.auth import check_model, owner_of
from sightline.server.background_responses import Background
from sightline.server.conversations import ConversationsEndpoint
from sightline.server.response_store import ResponseStore
from sightline.server.stream import EVENTS, Stream, json_reply, while_connected
from sightline.settings import Settings
from sightline.types import Hold, Message, Question, Usage, Used


class ResponsesEndpoint:
    """Answers responses; keeps them for those that follow, unless told otherwise."""

    def __init__(
        self,
        pipeline: Pipeline,
        settings: Settings,
        admission: Admission,
        answering: Answering,
        kept: ResponseStore,
        conversations: ConversationsEndpoint,
    ) -> None:
        self._pipeline, self._settings = pipeline, settings
        self._admission, self._answering = admission, answering
        self._kept, self._conversations = kept, conversations
        self.background = Background()

    async def create(self, request: Request) -> Response:
        """Answer. Raises `SightlineError`s before the first byte."""
        self._admission.enter(request)
        asked = await self._parsed(request)
        ticket = await self._admission.ticket(request, asked.chat.model.id)
        hold = self._admission.held.of(request)
        answer = Answer(asked, int(time.time()), self._keeps(asked), owner_of(request))
        if asked.background:
            return await self._begun(request, answer, ticket, hold)
        until = deadline(request)
        ready = self._ready(asked, ticket, hold)
        question = await while_connected(request, ready, until=until)
        if asked.stream:
            return self._admission.stream(self._events(answer, question, ticket), ticket)
        await while_connected(request, self._whole(answer, question, ticket), until=until)
        return json_reply(answer.body(), headers=ticket.headers())

    async def _begun(
        self, request: Request, answer: Answer, ticket: Ticket, hold: Hold
    ) -> Response:
        """Have a response made in the background; give what there is of it."""
        if not answer.stored:
            raise InvalidRequest(
                "Background mode is not supported: this server keeps nothing.",
                param="background",
                code="unsupported_parameter",
            )
        answer.queued()
        headers, said = ticket.headers(), answer.body()
        self._kept.add(answer.id, answer)
        await self.background.start(request, answer, self._waited(answer, ticket, hold))
        if answer.asked.stream:
            return self._stream(self.background.follow(answer), headers)
        return json_reply(said, headers=headers)

    async def _ready(self, asked: wire.ResponsesRequest, ticket: Ticket, hold: Hold) -> Question:
        try:
            return await self._answering.ready(asked.chat, ticket, hold)
        except InvalidRequest as error:
            raise asked.spelled(error) from None

    async def _waited(self, answer: Answer, ticket: Ticket, hold: Hold) -> AsyncGenerator[bytes]:
        """Give the events of a response that waits for its turn first."""
        try:
            question = await self._ready(answer.asked, ticket, hold)
        except SightlineError as error:
            yield answer.failed(error)
            return
        async with aclosing(self._events(answer, question, ticket)) as events:
            async for event in events:
                yield event

    async def count(self, request: Request) -> Response:
        """Count the tokens of a request's input; nothing is asked of the engine."""
        self._admission.enter(request)
        asked = await self._parsed(request)
        return await self._answering.count(request, asked.chat.question)

    async def compact(self, request: Request) -> Response:
        """Make a conversation shorter: one item for what was asked, and what came of it."""
        self._admission.enter(request)
        asked = await self._parsed(request, wire.parse_compact)
        turns = asked.chat.question.messages[1 if asked.instructions else 0 :]
        hold, until = self._admission.held.of(request), deadline(request)
        ticket = await self._admission.ticket(request, asked.chat.model.id)
        route = self._pipeline.routing.route(asked.chat.model.id)
        if route.served.engine.embedded:
            summary = compaction.word_for_word(turns)
            usage = await while_connected(
                request, self._pipeline.cost(asked.chat.question, hold), until=until
            )
            ticket.spent(usage, 0)
        else:
            work = self._summary(asked, ticket, hold)
            summary, usage = await while_connected(request, work, until=until)
        made = compaction.body(compaction.item(turns, summary), int(time.time()), usage)
        return json_reply(made, headers=ticket.headers())

    async def _summary(
        self, asked: wire.ResponsesRequest, ticket: Ticket, hold: Hold
    ) -> tuple[str, Usage]:
        """Have a model tell what was answered. Raises `SightlineError`."""
        asking = replace(asked.chat, question=compaction.asking(asked.chat.question))
        question = await self._ready(replace(asked, chat=asking), ticket, hold)
        said, tokens, used = list[str](), 0, None
        async with aclosing(ticket.timed(self._pipeline.answer(question))) as deltas:
            async for delta in deltas:
                said.append(delta.text)
                tokens += delta.tokens
                used = delta.used or used
        usage = await self._pipeline.usage(question, tokens, used)
        ticket.spent(usage)
        return "".join(said).strip(), usage

    async def show(self, request: Request) -> Response:
        """Give a response that is kept: as it is, or by its events, those to come too."""
        query = wire.QUERY.given(request.query_params).all(wire.QUERY.fields)
        answer = self._found(request)
        if query.get("stream"):
            events = self.background.follow(answer, query.get("starting_after", -1))
            return self._stream(events, {})
        return json_reply(answer.body())

    def _stream(self, events: AsyncGenerator[bytes], headers: Mapping[str, str]) -> Stream:
        made = Stream(events, EVENTS, keep_alive_s=self._settings.keep_alive_s, headers=headers)
        made.ending, made.write_s = self._admission.lifecycle.ending, self._settings.body_timeout_s
        return made

    async def items(self, request: Request) -> Response:
        """Give what a response was asked, page by page."""
        return json_reply(items.page(self._found(request).asked.items, request.query_params))

    async def delete(self, request: Request) -> Response:
        """Forget a response; one that is being made is ended."""
        answer = self._found(request)
        await self.background.cancel(answer)
        self._kept.remove(answer.id)
        return json_reply(response_reply.deleted(answer.id))

    async def cancel(self, request: Request) -> Response:
        """End a response that is made in the background; one that is over stays as it is."""
        answer = self._found(request)
        if not answer.asked.background:
            raise InvalidRequest("Cannot cancel a synchronous response.")
        await self.background.cancel(answer)
        return json_reply(answer.body())

    def _keeps(self, asked: wire.ResponsesRequest) -> bool:
        return asked.store and not self._settings.zero_retention

    def _found(self, request: Request) -> Answer:
        id = request.path_params["id"]
        found = self._kept.find(id, owner_of(request), Answer)
        if found is None:
            raise RouteNotFound(f"Response with id '{id[:80]}' not found.")
        return found

    async def _parsed(
        self, request: Request, parse: Callable[..., wire.ResponsesRequest] = wire.parse
    ) -> wire.ResponsesRequest:
        read = partial(parse, find=self._pipeline.routing.find)
        asked = await self._admission.read(request, self._settings.max_request_bytes, read)
        check_model(request, asked.chat.model.id)
        if asked.follows:
            before = self._before(asked, owner_of(request))
            found = self._items(owner_of(request)) if asked.refers else {}
            asked = asked.after(before, found.get)
        question = await self._answering.placed(request, asked.chat.question)
        return replace(asked, chat=replace(asked.chat, question=question))

    def _before(self, asked: wire.ResponsesRequest, owner: str) -> tuple[Message, ...]:
        """Give what was said before a request. Raises `SightlineError`."""
        if asked.conversation is not None:
            talk = self._conversations.found(asked.conversation, owner)
            items.check_ids((*talk.items, *asked.items))
            return talk.turns()
        if asked.previous is None:
            return ()
        before = self._kept.find(asked.previous, owner, Answer)
        if before is not None and before.running:
            raise InvalidRequest(
                f"Previous response with id '{asked.previous[:80]}' is still being made.",
                param="previous_response_id",
                hint=f"GET /v1/responses/{before.id} tells when it is over.",
            )
        if before is None:
            raise InvalidRequest(
                f"Previous response with id '{asked.previous[:80]}' not found.",
                param="previous_response_id",
                code="previous_response_not_found",
                hint="This server keeps nothing."
                if self._settings.zero_retention
                else f"Responses are kept for {self._settings.responses_keep_s:g} s.",
            )
        return before.turns()

    def _items(self, owner: str) -> dict[str, Mapping[str, Any]]:
        """Give all items of an owner's responses and conversations by their ids."""
        found = self._conversations.items(owner)
        for answer in self._kept.all(owner, Answer):
            said: tuple[dict[str, Any], ...] = (*answer.asked.items, *answer.body()["output"])
            found |= {item["id"]: item for item in said if item["type"] != "item_reference"}
        return found

    async def _whole(self, answer: Answer, question: Question, ticket: Ticket) -> None:
        events = self._events(answer, question, ticket)
        async with aclosing(events) as pieces:
            async for _ in pieces:
                pass
        if isinstance(answer.error, InvalidRequest):
            raise answer.asked.spelled(answer.error)
        if answer.error is not None:
            raise answer.error

    async def _events(
        self, answer: Answer, question: Question, ticket: Ticket
    ) -> AsyncGenerator[bytes]:
        yield answer.opening()
        tokens, used, reason = 0, None, "stop"
        try:
            async with aclosing(ticket.timed(self._pipeline.answer(question))) as deltas:
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
        yield await self._closed(answer, question, ticket, tokens, used, reason)

    async def _closed(
        self,
        answer: Answer,
        question: Question,
        ticket: Ticket,
        tokens: int,
        used: Used | None,
        reason: str,
    ) -> bytes:
        usage = await self._pipeline.usage(question, tokens, used)
        ticket.spent(usage)
        events = answer.closing(reason, usage)
        if answer.stored:
            self._kept.add(answer.id, answer)
        if answer.asked.conversation is not None:
            said = (*answer.asked.items, *answer.body()["output"])
            self._conversations.extend(answer.asked.conversation, answer.owner, said)
        return events

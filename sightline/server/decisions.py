"""`POST /v1/decisions` and `/v1/systemone`: how likely answers are, many questions of one input.

The input's pictures are fetched, prepared and looked at once for all questions. Admission, limits
and costs are a chat's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sightline.pipeline import Pipeline
from sightline.server.chat import ChatEndpoint
from sightline.server.house import Bill, House, deadline
from sightline.server.stream import json_reply, while_connected
from sightline.types import Decided, Question, Usage
from sightline.wire import chat, decisions, models, systemone, verdicts


@dataclass(frozen=True)
class Form:
    """How requests are read and replies written: with listed questions, or with named ones."""

    parse: Callable[..., chat.ChatRequest]
    body: Callable[[Question, Decided, Usage, models.Model], dict[str, Any]]


_LISTED = Form(decisions.parse, verdicts.body)
_NAMED = Form(systemone.parse, verdicts.systemone)


class DecisionsEndpoint:
    """Decides from one pipeline, each request in its turn at its engine."""

    def __init__(self, pipeline: Pipeline, house: House, chat: ChatEndpoint) -> None:
        self._pipeline, self._house, self._chat = pipeline, house, chat

    async def create(self, request: Request) -> Response:
        """Decide listed questions. Raises `SightlineError`s, which the app writes."""
        return await self._create(request, _LISTED)

    async def create_named(self, request: Request) -> Response:
        """Decide named questions. Raises `SightlineError`s, which the app writes."""
        return await self._create(request, _NAMED)

    async def _create(self, request: Request, form: Form) -> Response:
        self._house.enter(request)
        asked = await self._chat.parsed(request, form.parse)
        bill = await self._house.bill(request, asked.model.id)
        until = deadline(request)
        ready = self._chat.ready(asked, bill, self._house.held.of(request))
        question = await while_connected(request, ready, until=until)
        asked = replace(asked, question=question)  # the text of pictures is not needed any more
        self._house.forget_body(request)
        work = self._decided(question, bill)
        decided, usage = await while_connected(request, work, until=until)
        response = json_reply(
            form.body(question, decided, usage, asked.model), headers=bill.headers()
        )
        lowered = sum(picture.lowered for picture in question.pictures)
        if lowered:
            response.headers["x-sightline-lowered-images"] = str(lowered)
        return response

    async def _decided(self, question: Question, bill: Bill) -> tuple[Decided, Usage]:
        decided = await self._pipeline.decide(question)
        usage = await self._pipeline.usage(question, decided.answered, decided.used)
        bill.spent(usage, usage.completion_tokens)
        return decided, usage

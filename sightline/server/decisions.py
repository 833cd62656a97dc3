"""`POST /v1/decisions` and `/v1/systemone`: how likely answers are, many questions of one input.

The input's pictures are fetched, prepared and looked at once for all questions. Admission, limits
and costs are a chat's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sightline.api import chat, decision_replies, decisions, models, systemone
from sightline.pipeline import Pipeline
from sightline.server.answering import Admitted, Answering
from sightline.types import Decided, Question, Usage


@dataclass(frozen=True)
class DecisionVariant:
    """How requests are read and replies written: with listed questions, or with named ones."""

    parse: Callable[..., chat.ChatRequest]
    body: Callable[[Question, Decided, Usage, models.Model], dict[str, Any]]


_LISTED = DecisionVariant(decisions.parse, decision_replies.body)
_NAMED = DecisionVariant(systemone.parse, decision_replies.systemone)


class DecisionsEndpoint:
    """Decides from one pipeline, each request in its turn at its engine."""

    def __init__(self, pipeline: Pipeline, answering: Answering) -> None:
        self._pipeline, self._answering = pipeline, answering

    async def create(self, request: Request) -> Response:
        """Decide listed questions. Raises `SightlineError`s, which the app writes."""
        return await self._create(request, _LISTED)

    async def create_named(self, request: Request) -> Response:
        """Decide named questions. Raises `SightlineError`s, which the app writes."""
        return await self._create(request, _NAMED)

    async def _create(self, request: Request, form: DecisionVariant) -> Response:
        admitted = await self._answering.admit(
            request, await self._answering.read(request, form.parse)
        )
        admitted.forget_body()
        decided, usage = await admitted.wait(self._decided(admitted))
        return admitted.whole(form.body(admitted.question, decided, usage, admitted.asked.model))

    async def _decided(self, admitted: Admitted) -> tuple[Decided, Usage]:
        decided = await self._pipeline.decide(admitted.question)
        return decided, await admitted.usage(decided.answered, decided.used, timed=False)

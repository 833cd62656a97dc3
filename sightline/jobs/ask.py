"""Who answers a question: an engine here, or another OpenAI-compatible server.

Commands and programs ask typed questions and do not know which of the two it is; JSON is made of
them towards a server alone.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sightline import remote
from sightline.api import chat, decision_replies, outgoing, outgoing_decisions, reply
from sightline.api.models import EMBEDDED, Model
from sightline.errors import SightlineError, UpstreamError, UsageError
from sightline.media import container
from sightline.media.data_url import data_url
from sightline.media.encode import urls
from sightline.media.file_kinds import is_pdf
from sightline.media.request_limits import holding
from sightline.settings import Settings
from sightline.types import (
    Detail,
    FileRef,
    Hold,
    ImageRef,
    Inline,
    JsonFormat,
    Message,
    Part,
    Question,
    unheld,
)

if TYPE_CHECKING:
    from sightline.pipeline import Pipeline
    from sightline.redaction.outgoing_question import Outward


@dataclass(frozen=True, slots=True)
class Answerer:
    """What is known of who answers.

    `name` tells it from others; `profile` is the id by whose formula its pictures cost; `context`
    the most tokens of an exchange; `surveys` says that it has to be told what happens in a film;
    `parallel` how many questions it works on at once, None where that is not known.
    """

    name: str
    profile: str
    context: int
    surveys: bool
    parallel: int | None = None


_UNKNOWN_CONTEXT = 128_000
# What servers take that are not known: the API's own form.
_FORM = outgoing.ServerDialect("max_completion_tokens", developer=True, detail=True)
_TOO_LONG = re.compile(
    r"context[ _](?:length|size|window)|maximum context|too many (?:images|tokens)"
    r"|exceeds? the (?:available )?context|at most \d+ image",
    re.IGNORECASE,
)


def is_too_long(error: SightlineError) -> bool:
    """Say whether a request failed because it was too long for the model."""
    return error.code in ("context_length_exceeded", "too_many_images") or (
        isinstance(error, UpstreamError) and _TOO_LONG.search(error.message) is not None
    )


# The wording under which vision models have been asked for attributes since 2023.
_ATTRIBUTES = "{question}\n\nReturn in JSON format and include the following attributes:\n\n{list}"


def with_attributes(question: str, names: Iterable[str]) -> str:
    """Ask for an answer in JSON with these attributes."""
    listed = "\n".join(f"- {name.strip()}" for name in names)
    return _ATTRIBUTES.format(question=question, list=listed)


def beside(spent: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give what a server of ours tells beside an answer, of its usage; another tells nothing."""
    own = spent.get("sightline")
    return own if isinstance(own, dict) else {}


def _tell_redacted(spent: dict[str, Any], question: Question) -> None:
    """Put what was covered beside what the server tells of itself."""
    if question.redacted is not None:
        spent["sightline"] = {**beside(spent), "redacted": dict(question.redacted)}


def question(
    *parts: Part, json: JsonFormat | None = None, max_tokens: int | None = None
) -> Question:
    """Make a question of one turn, for whoever the asker asks."""
    return Question("", (Message("user", parts),), json=json, max_tokens=max_tokens)


def attached(data: bytes) -> str:
    """Write a picture of the API's formats, or a PDF, as a data URL."""
    kind = "application/pdf" if is_pdf(data) else f"image/{container.format_of(data) or 'unknown'}"
    return data_url(data, kind.lower())


def part(url: str, place: int, detail: Detail = "auto", turn: int = 0) -> Part:
    """Make part `place` of a turn: a picture, or a PDF, by its data URL."""
    at = f"messages[{turn}].content[{place}]"
    if url.startswith("data:application/pdf"):
        return FileRef(Inline(url), f"{at}.file.file_data", name="document.pdf")
    return ImageRef(Inline(url), f"{at}.image_url.url", detail)


class Asker:
    """Has questions answered. Use as an async context manager.

    `owner` tells whose questions they are, by any text, where they are all one's: what was
    perceived in a picture is then known for the next about it. "" keeps nothing of any.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        base_url: str | None = None,
        api_key: str | None = None,
        model: str | None = None,
        retries: int = 1,
        owner: str = "",
    ) -> None:
        self._retries, self._owner = retries, owner
        self._settings = settings
        self._base_url, self._api_key, self._model = base_url, api_key, model
        self._pipeline: Pipeline | None = None
        self._shared = False
        self._hold: Hold = unheld
        self._client: Any = None
        self._outward: Outward | None = None  # covers what is sent elsewhere

    @classmethod
    def within(
        cls,
        pipeline: Pipeline,
        settings: Settings,
        model: str | None,
        hold: Hold = unheld,
        *,
        owner: str = "",
    ) -> Asker:
        """Make one that asks a pipeline that runs already, and goes on running."""
        made = cls(settings, model=model, owner=owner)
        made._pipeline, made._shared, made._hold = pipeline, True, hold
        return made

    async def __aenter__(self) -> Asker:
        """Start the engine, or make the client."""
        if self._shared:
            return self
        if self._base_url is None:
            from sightline.pipeline import Pipeline  # here: who asks a server has no engine

            self._pipeline = await Pipeline(self._settings, ahead=True).__aenter__()
        else:
            if self._settings.redact:
                from sightline.redaction.outgoing_question import (
                    Outward,  # what measures is no part of asking
                )
                from sightline.redaction.rules import wanted

                self._outward = Outward(self._settings, wanted(self._settings.redact))
            self._client = remote.client(self._base_url, self._api_key, max_retries=self._retries)
        return self

    async def __aexit__(self, *_: object) -> None:
        """End the engine, or the connections."""
        if self._pipeline is not None and not self._shared:
            await self._pipeline.__aexit__()
        if self._client is not None:
            await self._client.close()
        if self._outward is not None:
            await self._outward.close()

    async def answerer(self) -> Answerer:
        """Say what is known of who answers. Raises `SightlineError` where no engine loads."""
        if self._pipeline is None:
            with remote.translating(str(self._base_url)):
                name = self._model = self._model or await self._only_model()
            # Our own engines have names of their own on every server that has them.
            surveys = name in EMBEDDED
            return Answerer(f"{self._base_url} {name}", name, _UNKNOWN_CONTEXT, surveys)
        routing = self._pipeline.routing
        name = await self._own_model(self._pipeline)
        found = routing.find(name)
        can = (await routing.route(name).served.loaded()).capabilities
        context = found.context if can.context is None else min(found.context, can.context)
        parallel = can.parallel or self._settings.worker_threads
        return Answerer(name, found.profile or name, context, can.surveys, parallel)

    async def text(self, question: Question, spent: dict[str, Any] | None = None) -> str:
        """Give a whole answer; see `pieces`."""
        return "".join([piece async for piece in self.pieces(question, spent)])

    async def pieces(
        self, question: Question, spent: dict[str, Any] | None = None, *, stream: bool = True
    ) -> AsyncIterator[str]:
        """Give the answer piece by piece; the usage is put into `spent` at its end.

        Who is asked is the asker's own: no model has to be named. Pictures may be decoded, those of
        films, or to be fetched. Raises `SightlineError`.
        """
        kept = {} if spent is None else spent
        pipeline = self._pipeline
        given = (
            self._there(question, kept, stream)
            if pipeline is None
            else self._here(pipeline, question, kept)
        )
        async with aclosing(given) as pieces:
            async for piece in pieces:
                yield piece

    async def decide(self, question: Question) -> dict[str, Any]:
        """Give the API's reply to what is to be decided. Raises `SightlineError`."""
        pipeline = self._pipeline
        if pipeline is None:
            return await self._decided_there(question)
        asked, model = await self._addressed(pipeline, question)
        with holding(self._hold) as hold:
            prepared = await pipeline.prepare(asked, hold)
            decided = await pipeline.decide(prepared)
            usage = await pipeline.usage(prepared, decided.answered, decided.used)
        return decision_replies.body(prepared, decided, usage, model)

    async def _decided_there(self, question: Question) -> dict[str, Any]:
        if self._outward is not None:
            question = await self._outward.cover(question)
        with remote.translating(str(self._base_url)):
            model = self._model or await self._only_model()
            body = await asyncio.to_thread(outgoing_decisions.body, question, model, urls)
            made = await self._client.decisions.create(**body)
        if not getattr(made, "answers", None):
            raise UpstreamError("The server's answer is no decision.", hint="Is it the API's?")
        told: dict[str, Any] = made.model_dump()
        if isinstance(told.get("usage"), dict):
            _tell_redacted(told["usage"], question)
        return told

    async def _addressed(self, pipeline: Pipeline, question: Question) -> tuple[Question, Model]:
        """Put in who is asked here. Raises `ModelNotFound`, and `InvalidRequest` for too much."""
        model = pipeline.routing.find(await self._own_model(pipeline))
        if question.max_tokens is not None:
            chat.check_most("max_completion_tokens", question.max_tokens, model)
        most = question.max_tokens or model.default_max_tokens
        profile = model.profile or model.id
        addressed = replace(
            question, model=model.id, profile=profile, max_tokens=most, owner=self._owner
        )
        return addressed, model

    async def _here(
        self, pipeline: Pipeline, question: Question, spent: dict[str, Any]
    ) -> AsyncGenerator[str]:
        asked, _ = await self._addressed(pipeline, question)
        with holding(self._hold) as hold:
            prepared = await pipeline.prepare(asked, hold)
            tokens = 0
            async with aclosing(pipeline.answer(prepared)) as deltas:
                async for delta in deltas:
                    tokens += delta.tokens
                    yield delta.text or delta.refusal
                    if delta.finish is not None:
                        usage = await pipeline.usage(prepared, tokens, delta.used)
                        spent.update(reply.usage_body(usage))

    async def _there(
        self, question: Question, spent: dict[str, Any], stream: bool
    ) -> AsyncGenerator[str]:
        if self._client is None:
            raise UsageError("The engine is not started.")
        if self._outward is not None:
            question = await self._outward.cover(question)
        with remote.translating(str(self._base_url)):
            model = self._model or await self._only_model()
            asked = await asyncio.to_thread(outgoing.body, question, model, _FORM, urls)
            if stream:
                async for chunk in await self._client.chat.completions.create(**asked):
                    if chunk.usage is not None:
                        spent.update(chunk.usage.model_dump(exclude_none=True))
                    if chunk.choices:
                        delta = chunk.choices[0].delta
                        yield delta.content or delta.refusal or ""
            else:
                del asked["stream"], asked["stream_options"]
                whole = await self._client.chat.completions.create(**asked)
                if whole.usage is not None:
                    spent.update(whole.usage.model_dump(exclude_none=True))
                yield remote.message(whole)
        _tell_redacted(spent, question)

    async def _own_model(self, pipeline: Pipeline) -> str:
        # What one names for an engine of one's own is what it loads, not what it answers as.
        return (self._model if self._shared else None) or await pipeline.routing.only_model()

    async def _only_model(self) -> str:
        # A server that is not there is to be told of at once, however patient one is later.
        listing = self._client.with_options(max_retries=1).models.list()
        found = [model.id async for model in listing]
        for name in EMBEDDED:
            if name in found:
                return name
        if len(found) == 1:
            return str(found[0])
        raise UsageError(
            f"The server has {len(found)} models.",
            hint=f"Name one with --model: {', '.join(sorted(found)[:12])}",
        )

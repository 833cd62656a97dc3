"""Who answers the JSON of a request: an engine here, or another OpenAI-compatible server.

Commands and programs enter where every client does, with the JSON that goes over HTTP, and do not
know which of the two it is.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any

from sightline import remote
from sightline.errors import SightlineError, UpstreamError, UsageError
from sightline.media.bounds import holding
from sightline.pipeline import Pipeline
from sightline.settings import Settings
from sightline.types import Hold, ImageRef, Part, Question, unheld
from sightline.wire import chat, decisions, reply, verdicts
from sightline.wire.models import EMBEDDED


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


class Asker:
    """Has requests answered. Use as an async context manager."""

    def __init__(
        self,
        settings: Settings,
        *,
        base_url: str | None = None,
        api_key: str | None = None,
        model: str | None = None,
        retries: int = 1,
    ) -> None:
        self._retries = retries
        self._settings = settings
        self._base_url, self._api_key, self._model = base_url, api_key, model
        self._pipeline: Pipeline | None = None
        self._shared = False
        self._hold: Hold = unheld
        self._client: Any = None

    @classmethod
    def within(
        cls, pipeline: Pipeline, settings: Settings, model: str | None, hold: Hold = unheld
    ) -> Asker:
        """Make one that asks a pipeline that runs already, and goes on running."""
        made = cls(settings, model=model)
        made._pipeline, made._shared, made._hold = pipeline, True, hold
        return made

    async def __aenter__(self) -> Asker:
        """Start the engine, or make the client."""
        if self._shared:
            return self
        if self._base_url is None:
            self._pipeline = await Pipeline(self._settings).__aenter__()
        else:
            self._client = remote.client(self._base_url, self._api_key, max_retries=self._retries)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the engine, or the connections."""
        if self._pipeline is not None and not self._shared:
            await self._pipeline.__aexit__(kind, error, traceback)
        if self._client is not None:
            await self._client.close()

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

    async def text(
        self, body: dict[str, Any], spent: dict[str, Any] | None = None, *, frames: bool = False
    ) -> str:
        """Give a whole answer; see `pieces`."""
        return "".join([piece async for piece in self.pieces(body, spent, frames=frames)])

    async def pieces(
        self,
        body: dict[str, Any],
        spent: dict[str, Any] | None = None,
        *,
        stream: bool = True,
        frames: bool = False,
    ) -> AsyncIterator[str]:
        """Give the answer piece by piece; the usage is put into `spent` at its end.

        `frames` says that the body's pictures are frames which were decoded from a film here; to
        another server they are pictures like others. Raises `SightlineError`.
        """
        kept = {} if spent is None else spent
        here = self._pipeline is not None
        given = self._here(body, kept, frames) if here else self._there(body, kept, stream)
        async with aclosing(given) as pieces:
            async for piece in pieces:
                yield piece

    async def decide(self, body: dict[str, Any]) -> dict[str, Any]:
        """Give the reply to a request for decisions. Raises `SightlineError`."""
        if self._pipeline is None:
            return await self._decided_there(body)
        pipeline = self._pipeline
        asked_for = {**body, "model": await self._own_model(pipeline)}
        asked = await asyncio.to_thread(decisions.parse, asked_for, pipeline.routing.find)
        with holding(self._hold) as hold:
            question = await pipeline.prepare(asked.question, hold=hold)
            decided = await pipeline.decide(question)
            usage = await pipeline.usage(question, decided.answered, decided.used)
        return verdicts.body(question, decided, usage, asked.model)

    async def _decided_there(self, body: dict[str, Any]) -> dict[str, Any]:
        with remote.translating(str(self._base_url)):
            model = self._model or await self._only_model()
            made = await self._client.decisions.create(**body, model=model)
        if not getattr(made, "answers", None):
            raise UpstreamError("The server's answer is no decision.", hint="Is it the API's?")
        found: dict[str, Any] = made.model_dump()
        return found

    async def _here(self, body: dict[str, Any], spent: dict[str, Any], frames: bool) -> Any:
        if self._pipeline is None:
            raise UsageError("The engine is not started.")
        pipeline = self._pipeline
        model = await self._own_model(pipeline)
        asked = await asyncio.to_thread(chat.parse, {**body, "model": model}, pipeline.routing.find)
        with holding(self._hold) as hold:
            question = from_film(asked.question) if frames else asked.question
            question = await pipeline.prepare(question, hold=hold)
            tokens = 0
            async for delta in pipeline.answer(question):
                tokens += delta.tokens
                yield delta.text or delta.refusal
                if delta.finish is not None:
                    usage = await pipeline.usage(question, tokens, delta.used)
                    spent.update(reply.usage_body(usage))

    async def _there(self, body: dict[str, Any], spent: dict[str, Any], stream: bool) -> Any:
        with remote.translating(str(self._base_url)):
            asked = {**body, "model": self._model or await self._only_model()}
            if "sightline" in asked:  # no field of the API: the client sends it as it is
                asked["extra_body"] = {"sightline": asked.pop("sightline")}
            if stream:
                asked |= {"stream": True, "stream_options": {"include_usage": True}}
                async for chunk in await self._client.chat.completions.create(**asked):
                    if chunk.usage is not None:
                        spent.update(chunk.usage.model_dump(exclude_none=True))
                    if chunk.choices:
                        delta = chunk.choices[0].delta
                        yield delta.content or delta.refusal or ""
            else:
                whole = await self._client.chat.completions.create(**asked)
                if whole.usage is not None:
                    spent.update(whole.usage.model_dump(exclude_none=True))
                yield remote.message(whole)

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


def from_film(question: Question) -> Question:
    """Mark a question's pictures as frames that were decoded from a film here."""

    def marked(part: Part) -> tuple[Part]:
        return (replace(part, from_film=True) if isinstance(part, ImageRef) else part,)

    return question.with_parts(marked)

"""Another server behind the engine seam: what it is, what it takes, its answer by tokens."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from sightline.api import outgoing, outgoing_decisions
from sightline.engines import grounding, http_transport, letter_choices, schemas
from sightline.engines.engine import Capabilities, Engine, EngineOptions
from sightline.engines.upstream.kinds import KINDS, Kind, recognise
from sightline.engines.upstream_client import ChatClient, Unreachable
from sightline.errors import RouteNotFound, SightlineError, UpstreamError, UsageError
from sightline.media.encode import files
from sightline.types import Decided, Delta, Picture, Question
from sightline.workers import Stop, Workers

log = logging.getLogger("sightline.upstream")

_PROBE_S = 5.0
_ASIDE_S = 30.0
# The API tells 20 alternatives of a token; a model that means to decide says a letter first.
_LETTERS, _AT_ONCE = letter_choices.LetterReader(tops=20, least=0.5), 8
_MOST_DECIDED = 16 << 20  # bytes of an answer
_MOST_RELAYED = 128 << 20  # 2,048 vectors of 3,072 numbers
_MOST_MODELS, _LONGEST_NAME = 10_000, 256


@dataclass(frozen=True, slots=True)
class UpstreamOptions(EngineOptions):
    """The settings of upstream, by their names."""

    upstream_url: str = ""
    upstream_key: str = field(default="", repr=False)
    upstream_kind: str = "auto"
    engine_silence_s: float = 600.0

    @property
    def urls(self) -> tuple[str, ...]:
        """The upstream's base URLs, in the order in which they are tried."""
        return tuple(u.strip().rstrip("/") for u in self.upstream_url.split(",") if u.strip())


class _Server:
    """One of the addresses, and until when it is passed over since it could not be reached."""

    def __init__(self, url: str, key: str) -> None:
        self.url = url
        self.aside_until = 0.0
        headers = {"authorization": f"Bearer {key}"} if key else {}
        self.chat = ChatClient(http_transport.client(headers), url, name="The upstream")


class Upstream(Engine):
    """Passes questions on, with their pictures inline and sized."""

    name = "upstream"
    options_class = UpstreamOptions
    capabilities = Capabilities(decides=True, relays=True)  # until it is known what the server is

    def __init__(self, options: UpstreamOptions, workers: Workers) -> None:
        self._options = options
        self._workers = workers
        self._servers = [_Server(url, options.upstream_key) for url in options.urls]
        self._kind: Kind | None = None
        self.serves = (options.model,) if options.model else ()
        self.takes_any = not options.model
        if options.upstream_kind != "auto":
            self._is(KINDS[options.upstream_kind])

    def check(self) -> None:
        """See that the upstream is one, and knows the model, if it can be reached by now."""
        if not self._servers:
            raise UsageError(
                "The engine upstream needs an address.",
                hint="Name it with --upstream-url, for example http://127.0.0.1:11434/v1.",
            )
        for server in self._servers:
            if not re.match(r"https?://[^/\s]+", server.url):
                raise UsageError(
                    "--upstream-url is not an http(s) URL.",
                    hint="For example http://127.0.0.1:11434/v1.",
                )

        async def look() -> None:
            probing = Upstream(self._options, self._workers)
            try:
                await probing.load()
            finally:
                await probing.close()

        asyncio.run(look())

    async def load(self) -> None:
        """Find out what the upstream is and which models it has; one that is away is tried later.

        Raises `UpstreamError` for something that is no such server, `UsageError` for a model that
        it does not have.
        """
        try:
            await self._probe()
        except Unreachable:
            log.warning("the upstream cannot be reached yet; requests will try it again")

    async def _probe(self) -> None:
        for server in self._up():
            try:
                told = await server.chat.get("/models", timeout_s=_PROBE_S)
            except Unreachable:
                self._put_aside(server)
                if server is self._servers[-1]:
                    raise
                continue
            models = [m for m in _listed(told) if isinstance(m, dict)][:_MOST_MODELS]
            if self._options.upstream_kind == "auto":
                self._is(recognise(server.url, models))
            names = tuple(str(model.get("id", ""))[:_LONGEST_NAME] for model in models)
            wanted = self._options.model
            if wanted and names and not _has(names, wanted):
                raise UsageError(
                    f"The upstream has no model {wanted!r}.",
                    hint=f"It has: {', '.join(sorted(names)[:12])}.",
                )
            if not wanted:
                self.serves = names
            return

    def _is(self, kind: Kind) -> None:
        self._kind = kind
        self.capabilities = Capabilities(
            lacks=kind.can.lacks,
            interleaves=kind.can.interleaves,
            views=kind.can.views,
            decides=kind.decides or kind.tells_tokens,
            relays=True,
            files=kind.can.files,
        )

    async def close(self) -> None:
        """Close the connections."""
        await asyncio.gather(*(server.chat.close() for server in self._servers))

    async def count(self, texts: Sequence[str]) -> int:
        """Estimate a token for every four bytes, as is usual where the tokenizer is not at hand."""
        return sum(-(-len(text.encode("utf-8", "replace")) // 4) for text in texts)

    async def answer(self, question: Question) -> AsyncIterator[Delta]:
        """Have the upstream answer."""
        kind = await self._known()
        body = await self._workers.run(lambda stop: self._body(question, kind))
        checked = question.json
        family = grounding.named(self._options.model or question.model)
        places = grounding.BoxReader(family, question)
        said: list[str] = []
        called = False
        async with aclosing(self._deltas(body, question)) as deltas:
            async for each in deltas:
                delta = places.take(each)
                called = called or delta.tool is not None
                if checked is not None:
                    if delta.finish == "stop" and not called and said:
                        await schemas.check_answer(checked, "".join(said))
                    said.append(delta.text)
                yield delta

    async def decide(self, question: Question) -> Decided:
        """Have the upstream decide, by its own route or by how likely its tokens are."""
        kind = await self._known()
        if kind.decides:
            try:
                return await self._passed(question)
            except RouteNotFound:
                if not kind.tells_tokens:
                    raise
        return await letter_choices.decide(self.answer, question, _LETTERS, at_once=_AT_ONCE)

    async def _passed(self, question: Question) -> Decided:
        model = self._options.model or question.model

        def written(stop: Stop) -> bytes:
            inlined = outgoing.Inlined()
            body = outgoing_decisions.body(question, model, _encoder(inlined))
            return outgoing.write(body, inlined)

        made = await self._workers.run(written)
        return outgoing_decisions.read(
            await self._asked("/decisions", made, _MOST_DECIDED), question
        )

    async def relay(self, path: str, body: Mapping[str, Any]) -> Any:
        """Have the upstream answer, under the model that was named for it, else under its own."""
        named = {**body, "model": self._options.model or body["model"]}
        made = await self._workers.run(lambda stop: outgoing.write(named))
        return await self._asked(path, made, _MOST_RELAYED)

    async def _asked(self, path: str, body: bytes, most_bytes: int) -> Any:
        """Give the JSON that the first server that can be reached answers."""
        for server in self._up():
            try:
                silence_s = self._options.engine_silence_s
                return await server.chat.ask(path, body, silence_s, most_bytes=most_bytes)
            except Unreachable:
                self._put_aside(server)
        raise _nobody()

    async def _known(self) -> Kind:
        """Give what the upstream is. Raises `UpstreamError` where it cannot be reached."""
        if self._kind is None:
            try:
                await self._probe()
            except Unreachable:
                raise _nobody() from None
        return self._kind or KINDS["other"]

    def _body(self, question: Question, kind: Kind) -> bytes:
        model = self._options.model or question.model
        inlined = outgoing.Inlined()
        return outgoing.write(outgoing.body(question, model, kind.form, _encoder(inlined)), inlined)

    async def _deltas(self, body: bytes, question: Question) -> AsyncGenerator[Delta]:
        tokens, tops = question.max_tokens, question.top_logprobs
        most = outgoing.most_bytes(tokens, tops)
        for server in self._up():
            reading = outgoing.StreamParser(tops, tokens)
            try:
                async with aclosing(
                    server.chat.stream(body, self._options.engine_silence_s, most_bytes=most)
                ) as events:
                    async for event in events:
                        if event.get("error"):
                            raise server.chat.failed(event["error"])
                        for delta in reading.take(event):
                            yield delta
                        if reading.full:  # it does not keep to what was asked for
                            break
            except Unreachable:
                self._put_aside(server)
                continue
            yield reading.closing()
            return
        raise _nobody()

    def _up(self) -> list[_Server]:
        """Give the servers in the order in which they are tried: those put aside are tried last."""
        now = time.monotonic()
        return sorted(self._servers, key=lambda server: server.aside_until > now)

    def _put_aside(self, server: _Server) -> None:
        server.aside_until = time.monotonic() + _ASIDE_S


def _nobody() -> SightlineError:
    return UpstreamError(
        "The upstream cannot be reached.", hint="The operator can see whether it runs."
    )


def _listed(told: Any) -> list[Any]:
    data = told.get("data") if isinstance(told, Mapping) else None
    if not isinstance(data, list):
        raise UpstreamError(
            "The upstream does not list models as the API does.",
            hint="The base URL usually ends with /v1.",
        )
    return data


def _has(names: Sequence[str], wanted: str) -> bool:
    # Ollama calls "llava" what it lists as "llava:latest".
    return wanted in names or f"{wanted}:latest" in names


def _encoder(inlined: outgoing.Inlined) -> outgoing.Urls:
    """Make what gives the data URLs of a picture's views, and encodes each once."""
    encoded: dict[str, list[str]] = {}

    def once(picture: Picture) -> list[str]:
        if picture.digest not in encoded:
            encoded[picture.digest] = [inlined.put(file) for file in files(picture)]
        return encoded[picture.digest]

    return once

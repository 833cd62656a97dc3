"""Admission, the same on every route: how many requests may be in, what each may cost, when.

A request enters, has its body read, gets a ticket, and with it a slot at an engine. All that it
holds is let go after its last byte, whatever ended it.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any, TypeVar

from starlette.requests import Request

from sightline import telemetry
from sightline.engines.model_pool import ModelPool
from sightline.engines.routing import Route
from sightline.errors import EngineBusy, SightlineError
from sightline.keys import Key
from sightline.pipeline import Count
from sightline.server.auth import key_of
from sightline.server.lifecycle import Held, Lifecycle, after
from sightline.server.metrics import Metrics
from sightline.server.rate_limits import RateLimits, Reservation
from sightline.server.request_body import read_json
from sightline.server.slots import Slots
from sightline.server.stream import EVENTS, Stream
from sightline.settings import Settings
from sightline.types import Delta, Question, Usage
from sightline.workers import AT_ONCE

T = TypeVar("T")
_ELSEWHERE = 256  # questions at once for an engine that has no bound of its own
_COUNTING_S = 2.0  # for a prompt whose answer is out
_AHEAD = 2  # of an engine with slots, those whose pictures are made ready meanwhile
# What clients say of how long they wait: the official one, and a plain name for others.
_WAITS = ("x-stainless-read-timeout", "x-stainless-timeout", "x-request-timeout")


class Admission:
    """What the routes of one server share."""

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self._settings = settings
        self.metrics = metrics
        self.lifecycle = Lifecycle()
        self.limits = RateLimits(settings)
        self.held = Held(settings.max_held_bytes, settings.max_request_held_bytes)
        self.active = 0
        self._slots: dict[ModelPool, Slots] = {}
        self.models: frozenset[str] = frozenset()  # those that metrics name
        metrics.gauge("active_requests", "Requests that are in.", lambda: self.active)
        metrics.gauge("held_bytes", "Bytes that requests hold.", lambda: self.held.bytes)
        metrics.gauge(
            "running_requests", "Requests at engines.",
            lambda: sum(slots.running for slots in self._slots.values()),
        )  # fmt: skip
        metrics.gauge(
            "queued_requests", "Requests that wait for engines.",
            lambda: sum(slots.waiting for slots in self._slots.values()),
        )  # fmt: skip

    def enter(self, request: Request) -> None:
        """Count a request in. Raises `EngineBusy`."""
        if self.active >= self._settings.max_active:
            telemetry.count("refused", reason="active")
            raise EngineBusy(retry_s=2)
        self.active += 1
        after(request, self._leave)

    def _leave(self) -> None:
        self.active -= 1

    async def read(self, request: Request, most: int, parse: Callable[[dict[str, Any]], T]) -> T:
        """Read a body as JSON and parse it. Raises as `read_json` and `parse` do."""
        with telemetry.stage("upload"):
            body = await read_json(
                request, most, self.held.of(request), self._settings.body_timeout_s
            )
        request.state.body_bytes = body.weight
        with telemetry.stage("parse"):
            if body.size <= AT_ONCE:
                return parse(body.value)
            return await asyncio.to_thread(parse, body.value)

    def forget_body(self, request: Request) -> None:
        """Count the parsed body no longer: what was needed of it is made ready."""
        self.held.of(request)(-request.state.body_bytes)
        request.state.body_bytes = 0

    async def ticket(self, request: Request, model: str) -> Ticket:
        """Begin the ticket of a request to a model. Raises `RateLimited`."""
        key = key_of(request)
        held = self.limits.of(key, model)
        ticket = Ticket(self, key, model, held)
        request.state.ticket = ticket  # a refusal tells of the limits too
        after(request, ticket.close)
        await held.begin()
        return ticket

    def slots(self, route: Route) -> Slots:
        """Give the turns at a route's engine."""
        if route.served not in self._slots:
            own = route.settings
            engine = route.served.engine
            parallel = engine.capabilities.parallel
            usual = _ELSEWHERE if parallel is None else parallel + _AHEAD
            if engine.embedded:
                usual = 4 * own.worker_threads
            self._slots[route.served] = Slots(
                own.max_running or usual, own.max_queue, own.max_queue_s
            )
        return self._slots[route.served]

    def stream(
        self,
        pieces: AsyncGenerator[bytes],
        ticket: Ticket,
        media_type: str = EVENTS,
        headers: Mapping[str, str] | None = None,
    ) -> Stream:
        """Make a stream, of events unless told otherwise, that ends when the server does."""
        made = Stream(
            pieces,
            media_type,
            keep_alive_s=self._settings.keep_alive_s if media_type == EVENTS else None,
            headers={**(headers or {}), **ticket.headers()},
        )
        made.ending, made.write_s = self.lifecycle.ending, self._settings.body_timeout_s
        return made


class Ticket:
    """What one request reserves, uses and holds."""

    def __init__(
        self, admission: Admission, key: Key | None, model: str, held: Reservation
    ) -> None:
        self._admission, self._key, self.model = admission, key, model
        self._held = held
        self._began = time.perf_counter()
        self._prompt = 0
        self._count: Count | None = None  # of the prompt, still to be done
        self._said = 0
        self.images = self.pictures = self.lowered = 0
        self.asked: list[str] | None = None  # texts, only where traces are to hold them
        self.answered: list[str] = []
        self._leave: Callable[[], None] = lambda: None
        self._served: ModelPool | None = None
        self._let_go: Callable[[], None] = lambda: None  # of the engine

    async def reserve(self, count: Count, most: int) -> None:
        """Reserve a prompt's tokens and the most that may be said. Raises `RateLimited`.

        Where tokens have no limit they are counted last: no answer has to wait for that.
        """
        if "tokens" not in self._held.windows:
            self._count = count
            return
        self._prompt = await count()
        await self._held.tokens(self._prompt + most)

    def spent(self, usage: Usage, said: int | None = None) -> None:
        """Take the prompt's tokens from usage that was counted for the client.

        `said` is how many were answered, where the answer did not go through `timed`.
        """
        self._prompt, self._count = usage.prompt_tokens, None
        self._said = self._said if said is None else said

    async def turn(self, route: Route) -> None:
        """Wait for a slot at an engine, which is held until the ticket is closed.

        Raises `EngineBusy`.
        """
        owner = "" if self._key is None else self._key.id
        self._served = route.served
        self._leave = await self._admission.slots(route).take(owner)
        self._let_go = await route.served.enter()

    def took(self, question: Question) -> None:
        """Note the pictures of a question that is ready, and what they cost."""
        self.images = sum(picture.sight.tokens for picture in question.pictures)
        self.pictures = len(question.pictures)
        self.lowered = sum(picture.lowered for picture in question.pictures)

    async def timed(self, answer: AsyncGenerator[Delta]) -> AsyncGenerator[Delta]:
        """Pass an answer on, noting its tokens and their times."""
        began, last, first = time.time(), time.perf_counter(), True
        metrics = self._admission.metrics
        try:
            async with contextlib.aclosing(answer) as deltas:
                async for delta in deltas:
                    now = time.perf_counter()
                    if first:
                        metrics.first_token.observe(now - self._began)
                        telemetry.staged("first_token", began, now - last)
                    elif delta.tokens:
                        metrics.per_token.observe((now - last) / delta.tokens)
                    first, last = False, now
                    self._said += delta.tokens
                    if self.asked is not None:
                        self.answered.append(delta.text)
                    if delta.used is not None and delta.used.completion_tokens is not None:
                        self._said = max(self._said, delta.used.completion_tokens)
                    yield delta
        finally:  # whoever reads it stops at its last piece
            telemetry.staged("answer", began, time.time() - began)

    @property
    def tokens(self) -> tuple[int, int]:
        """The tokens of the prompt and of the answer, so far."""
        return self._prompt, self._said

    def headers(self) -> dict[str, str]:
        """Write the headers that tell of the limits, and of pictures whose detail was lowered."""
        # Here too, since a stream need not carry usage.
        lowered = {"x-sightline-lowered-images": str(self.lowered)} if self.lowered else {}
        return {**self._held.headers(), **lowered}

    async def close(self) -> None:
        """Settle, and let the next have the turn."""
        self._leave()
        try:
            # For that alone no model is loaded.
            if self._count is not None and self._served is not None and self._served.is_loaded:
                with contextlib.suppress(SightlineError, TimeoutError):  # the engine may have gone
                    async with asyncio.timeout(_COUNTING_S):
                        self._prompt = await self._count()
        finally:
            self._let_go()
        metrics = self._admission.metrics
        model = self.model if self.model in self._admission.models else "other"
        kinds = {"prompt": self._prompt, "image": self.images, "completion": self._said}
        for kind, count in kinds.items():
            if count:
                metrics.tokens.labels(kind, model).inc(count)
        if self.pictures:
            metrics.images.labels(model).inc(self.pictures)
        try:
            await self._held.settle(self._prompt + self._said)
        except EngineBusy:
            return  # Redis is away; it counts anew when it is back


def deadline(request: Request) -> float | None:
    """Give the time of the event loop at which the client stops waiting, None for never."""
    for name in _WAITS:
        try:
            seconds = float(request.headers.get(name, ""))
        except ValueError:
            continue
        if 0 < seconds < math.inf:
            return asyncio.get_running_loop().time() + seconds
    return None

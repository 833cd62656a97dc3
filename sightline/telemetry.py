"""What is told about the work while it goes on: stages with their times, and things counted.

Whoever works says `with stage("decode"):` and `count("fetch_failures", reason="timeout")`; who
listens (metrics, traces) is set by the server, for all that it does: servers of one process hear
nothing of each other. Where nobody listens, as on the command line, it costs nothing. No content
passes here: names are ours, and so are the labels' values.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Protocol


class Listener(Protocol):
    """Who hears of it. Called from the event loop and from workers."""

    def staged(self, name: str, began: float, seconds: float) -> None:
        """A stage is over; `began` is in Unix seconds."""

    def counted(self, name: str, amount: float, labels: dict[str, str]) -> None:
        """Something was counted."""


@dataclass(slots=True)
class RequestRecord:
    """The stages of one request, in seconds: a stage that comes again adds up."""

    id: str
    stages: dict[str, float] = field(default_factory=dict)
    spans: list[tuple[str, float, float]] = field(default_factory=list)


_listeners: ContextVar[tuple[Listener, ...]] = ContextVar("sightline_listeners", default=())
_request: ContextVar[RequestRecord | None] = ContextVar("sightline_request", default=None)
_MOST_SPANS = 200


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Have a listener told meanwhile, of what this task does and those that it starts."""
    heard = _listeners.get()
    token = _listeners.set(heard if listener in heard else (*heard, listener))
    try:
        yield
    finally:
        _listeners.reset(token)


def begin(id: str) -> RequestRecord:
    """Begin to note the stages of a request, for this task and those that it starts."""
    request = RequestRecord(id)
    _request.set(request)
    return request


def current() -> RequestRecord | None:
    """Give the request that this task works for."""
    return _request.get()


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Time a stage of the work."""
    began, started = time.time(), time.perf_counter()
    try:
        yield
    finally:
        staged(name, began, time.perf_counter() - started)


def staged(name: str, began: float, seconds: float) -> None:
    """Tell of a stage that was timed elsewhere."""
    request = _request.get()
    if request is not None:
        request.stages[name] = request.stages.get(name, 0.0) + seconds
        if len(request.spans) < _MOST_SPANS:
            request.spans.append((name, began, seconds))
    for listener in _listeners.get():
        listener.staged(name, began, seconds)


def count(name: str, amount: float = 1, **labels: str) -> None:
    """Count something."""
    for listener in _listeners.get():
        listener.counted(name, amount, labels)

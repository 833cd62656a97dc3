"""A stand-in for a slow model: its answers wait until the test lets them go."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.chatting import Body, chatting


@dataclass
class Slow:
    """What was asked, in order, and a gate that each answer waits at."""

    url: str = ""
    asked: list[str] = field(default_factory=list)
    arrived: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    gate: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def answer(self, body: Body) -> str:
        """Note the question and wait."""
        content = body["messages"][-1]["content"]
        said = content if isinstance(content, str) else content[0]["text"]
        self.asked.append(said)
        self.arrived.release()
        self.gate.acquire(timeout=60)
        return f"re: {said}"

    def let_go(self, count: int = 1) -> None:
        """Let so many answers go."""
        self.gate.release(count)

    def wait(self) -> None:
        """Wait until one more question has arrived."""
        assert self.arrived.acquire(timeout=30)


@contextmanager
def slow_model() -> Iterator[Slow]:
    """Serve one under the name `slow`; at the end everything is let go."""
    made = Slow()
    with chatting(made.answer, "slow") as url:
        made.url = url
        yield made
        made.let_go(1000)

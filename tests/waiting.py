"""Waiting for what a test has set going, and a slow model whose answers wait for the test."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from tests.chatting import Body, chatting

# How long a test waits for what has to come: a net for what never does, far more than it takes on
# a machine that does much else.
PATIENCE_S = 240.0
T = TypeVar("T")


def until(what: Callable[[], T], told: Callable[[], object] = lambda: "it did not happen") -> T:
    """Wait for something to become true; give it. `told` says what there was instead.

    It is looked for ever less often: a look may ask a server, which takes what it waits for the time.
    """
    end, pause = time.monotonic() + PATIENCE_S, 0.01
    while not (found := what()):
        assert time.monotonic() < end, told()
        time.sleep(pause)
        pause = min(1.3 * pause, 0.1)
    return found


@contextmanager
def free_port() -> Iterator[int]:
    """A port where nothing listens, which nobody else is given meanwhile; a server may listen on it.

    It stays bound: a port that is merely looked up and let go may be another's a moment later.
    """
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


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
        self.gate.acquire(timeout=2 * PATIENCE_S)
        return f"re: {said}"

    def let_go(self, count: int = 1) -> None:
        """Let so many answers go."""
        self.gate.release(count)

    def wait(self) -> None:
        """Wait until one more question has arrived."""
        assert self.arrived.acquire(timeout=PATIENCE_S)


@contextmanager
def slow_model() -> Iterator[Slow]:
    """Serve one under the name `slow`; at the end everything is let go."""
    made = Slow()
    with chatting(made.answer, "slow") as url:
        made.url = url
        yield made
        made.let_go(1000)

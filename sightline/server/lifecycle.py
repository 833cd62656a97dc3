"""What a server holds for a request and lets go after it; and the server's own end."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from starlette.requests import Request
from starlette.types import Scope

from sightline import telemetry
from sightline.errors import EngineBusy, RequestTooLarge
from sightline.server.memory_trim import Trimmer
from sightline.settings import MIB
from sightline.types import Hold

log = logging.getLogger("sightline.server")
_AFTER = "sightline.after"
_HOLD = "sightline.hold"
_LARGE = 4 * MIB  # what is worth giving back to the system
_SMALL = 64 * 1024  # bytes that a request may always hold: small ones pass whatever others do
After = Callable[[], Awaitable[None] | None]


class Lifecycle:
    """How far the server is: serving, draining (no longer ready), ending (nothing goes on)."""

    def __init__(self) -> None:
        self.draining = False
        self.ending = asyncio.Event()


class Held:
    """Bounds the bytes that requests hold: each `each`, all together `most`.

    Those are their bodies, what is fetched for them or read from the disk, what is decoded of it,
    and the pixels made of that.
    """

    def __init__(self, most: int, each: int) -> None:
        self._most, self._each = most, min(each, most)
        self.trimmer = Trimmer()
        self.bytes = 0

    def of(self, request: Request) -> Hold:
        """Give what counts the bytes of a request; they are let go after it.

        What is given raises `EngineBusy` where others hold too much, and `RequestTooLarge` where
        the request itself does.
        """
        scope = request.scope
        if _HOLD not in scope:
            scope[_HOLD] = share = _Share(self, bounded=True)
            after(request, share.close)
        hold: Hold = scope[_HOLD].take
        return hold

    @contextmanager
    def apart(self) -> Iterator[Hold]:
        """Count what is held for work that has been taken on already: it is never refused."""
        share = _Share(self, bounded=False)
        try:
            yield share.take
        finally:
            share.close()

    def check(self, taken: int, count: int) -> None:
        """See that who holds `taken` bytes may hold `count` more."""
        if taken + count <= _SMALL:
            return
        if taken + count > self._each:
            telemetry.count("refused", reason="size")
            raise RequestTooLarge(
                "The request takes too much memory: with what is fetched and decoded for it more "
                f"than {self._each // MIB} MiB.",
                hint="Send fewer or smaller pictures, films or documents, or with detail low.",
            )
        if self.bytes + count > self._most:
            telemetry.count("refused", reason="memory")
            raise EngineBusy("The server holds too much at the moment.", retry_s=2)


class _Share:
    """What one request holds."""

    def __init__(self, held: Held, *, bounded: bool) -> None:
        self._held, self._bounded = held, bounded
        self._taken = self._peak = 0
        self._closed = False

    def take(self, count: int) -> None:
        if self._closed:  # who takes so late has been cancelled, and lets go at once
            return
        if count > 0 and self._bounded:
            self._held.check(self._taken, count)
        self._taken += count
        self._peak = max(self._peak, self._taken)
        self._held.bytes += count

    def close(self) -> None:
        self._held.bytes -= self._taken
        self._taken, self._closed = 0, True
        if self._bounded and self._peak > _LARGE:
            self._held.trimmer.soon()


def after(request: Request, work: After) -> None:
    """Have something done once the reply is sent, or the client gone."""
    request.scope.setdefault(_AFTER, []).append(work)


def detach(request: Request) -> Scope:
    """Have what was to be done after a request done by `finish`, of the scope that is given."""
    return {_AFTER: request.scope.pop(_AFTER, [])}


async def finish(scope: Scope) -> None:
    """Do what was to be done after a request; the last that was asked for comes first."""
    works: list[After] = scope.get(_AFTER, [])
    while works:
        try:
            done = works.pop()()
            if inspect.isawaitable(done):
                await done
        except Exception:
            log.exception("what is done after a request failed")

"""What a server holds for a request and lets go after it; and the server's own end."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.types import Scope

from sightline import telemetry
from sightline.errors import EngineBusy

log = logging.getLogger("sightline.server")
_AFTER = "sightline.after"
After = Callable[[], Awaitable[None] | None]


class Lifecycle:
    """How far the server is: serving, draining (no longer ready), ending (nothing goes on)."""

    def __init__(self) -> None:
        self.draining = False
        self.leaving = asyncio.Event()  # set as soon as it drains
        self.ending = asyncio.Event()


class Held:
    """Bounds the bytes of all request bodies together."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.bytes = 0

    def of(self, request: Request) -> Callable[[int], None]:
        """Give what takes bytes for a request; they are let go after it.

        What is given raises `EngineBusy`.
        """
        taken = 0

        def take(count: int) -> None:
            nonlocal taken
            if self.bytes + count > self._most and self.bytes > taken:
                telemetry.count("refused", reason="memory")
                raise EngineBusy("The server holds too much at the moment.", retry_s=2)
            self.bytes += count
            taken += count

        def let_go() -> None:
            self.bytes -= taken

        after(request, let_go)
        return take


def after(request: Request, work: After) -> None:
    """Have something done once the reply is sent, or the client gone."""
    request.scope.setdefault(_AFTER, []).append(work)


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

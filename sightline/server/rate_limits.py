"""Rate limits as the API has them: requests and tokens a minute, for each key and model.

A request reserves what it may cost at most and settles on what it cost. Counting is the `limits`
library's, in memory or in Redis; windows are of one minute and begin with their first request.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from dataclasses import dataclass, field
from typing import Any, Literal

from limits.aio.storage import MemoryStorage, Storage
from limits.errors import ConfigurationError, StorageError
from limits.storage import storage_from_string

from sightline import extras
from sightline.errors import EngineBusy, RateLimited, UsageError
from sightline.keys import Key
from sightline.settings import Settings

log = logging.getLogger("sightline.limits")
Kind = Literal["requests", "tokens"]
_WINDOW_S = 60
_AWAY_S = 1.0  # how long Redis is left alone after it failed
_REDIS_S = 0.5
_PER = {"requests": "requests per min (RPM)", "tokens": "tokens per min (TPM)"}


@dataclass(slots=True)
class RateWindow:
    """One limit as a request finds it: of how much, how much of it is left, and until when."""

    kind: Kind
    limit: int
    key: str
    left: int = 0
    reset_s: float = 0.0
    until: float = 0.0
    reserved: int = 0


@dataclass(slots=True)
class Reservation:
    """What one request has reserved."""

    limits: RateLimits | None = None
    model: str = ""
    org: str = ""
    windows: dict[Kind, RateWindow] = field(default_factory=dict)

    async def begin(self) -> None:
        """Reserve one request, and see what is left of tokens. Raises `RateLimited`."""
        refused: RateLimited | None = None
        for kind, window in self.windows.items():
            if self.limits is not None:
                try:
                    await self.limits.take(self, window, 1 if kind == "requests" else 0)
                except RateLimited as error:
                    refused = refused or error
        if refused is not None:
            raise refused

    async def tokens(self, amount: int) -> None:
        """Reserve tokens. Raises `RateLimited`."""
        window = self.windows.get("tokens")
        if window is not None and self.limits is not None:
            await self.limits.take(self, window, amount)

    async def settle(self, used: int) -> None:
        """Give back what was reserved and not used, or take what was used besides."""
        window = self.windows.get("tokens")
        if window is not None and self.limits is not None and window.reserved:
            await self.limits.correct(window, used - window.reserved)
            window.reserved = used

    def headers(self) -> dict[str, str]:
        """Write the six headers, or those of the limits that there are."""
        told = {}
        for kind, window in self.windows.items():
            told[f"x-ratelimit-limit-{kind}"] = str(window.limit)
            told[f"x-ratelimit-remaining-{kind}"] = str(max(0, window.left))
            told[f"x-ratelimit-reset-{kind}"] = duration(window.reset_s)
        return told


class RateLimits:
    """The limits of a server."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._storage = _storage(settings.limits_url)
        self._away_until = 0.0
        self._is_away = False

    def of(self, key: Key | None, model: str) -> Reservation:
        """Give what holds for a key and a model; nothing is reserved yet."""
        most: dict[Kind, int] = {
            "requests": self._settings.requests_per_minute,
            "tokens": self._settings.tokens_per_minute,
        }
        if key is not None:
            most["requests"] = key.requests_per_minute or most["requests"]
            most["tokens"] = key.tokens_per_minute or most["tokens"]
        who = "anyone" if key is None else key.id
        made = Reservation(self, model, f"org-{who}")
        for kind, limit in most.items():
            if limit:
                name = f"sightline/{kind}/{who}/{model}"
                made.windows[kind] = RateWindow(kind, limit, name, left=limit)
        return made

    async def take(self, made: Reservation, window: RateWindow, amount: int) -> None:
        """Take an amount of a window, or nothing. Raises `RateLimited`."""
        what = f"{made.model} in organization {made.org} on {_PER[window.kind]}"
        if amount > window.limit:
            raise RateLimited.too_large(what, kind=window.kind, limit=window.limit, asked=amount)
        used = await self._add(window, amount)
        if used is None or used <= window.limit:
            window.reserved += amount
            return
        await self._add(window, -amount)
        reset = window.reset_s
        raise RateLimited.reached(
            what,
            kind=window.kind,
            limit=window.limit,
            used=used - amount,
            asked=amount,
            wait=duration(reset),
            retry_s=min(120.0, max(1.0, reset)),
        )

    async def correct(self, window: RateWindow, by: int) -> None:
        """Change what a window has counted, unless it is over: the next owes it nothing."""
        if by and time.monotonic() < window.until:
            await self._add(window, by)

    async def _add(self, window: RateWindow, amount: int) -> int | None:
        """Count; give the sum. None where Redis is away and that is let pass.

        Raises `EngineBusy` where it is not.
        """
        if time.monotonic() < self._away_until:
            self._without()
            return None
        try:
            async with asyncio.timeout(2 * _REDIS_S):
                used = await self._storage.incr(window.key, _WINDOW_S, amount=amount)
                ends = await self._storage.get_expiry(window.key) - time.time()
                if not -1 <= ends <= _WINDOW_S + 1:
                    # The machine's clock was moved: a window that began then would never end.
                    await self._storage.clear(window.key)
                    used = await self._storage.incr(window.key, _WINDOW_S, amount=max(0, amount))
                    ends = float(_WINDOW_S)
        except (StorageError, TimeoutError):
            self._away_until = time.monotonic() + _AWAY_S
            if not self._is_away:
                log.error(
                    "rate limits cannot be counted, Redis is away; requests are %s meanwhile",
                    "answered" if self._settings.limits_away == "open" else "refused",
                )
            self._is_away = True
            self._without()
            return None
        if self._is_away:
            log.warning("rate limits are counted again")
            self._is_away = False
        window.left = window.limit - used
        window.reset_s = max(0.0, ends)
        window.until = time.monotonic() + window.reset_s
        return int(used)

    def _without(self) -> None:
        if self._settings.limits_away == "closed":
            raise EngineBusy("The server cannot count its rate limits now.", retry_s=2)

    async def close(self) -> None:
        """Let go of Redis."""
        bridge = getattr(self._storage, "bridge", None)
        if bridge is not None:  # the library lets go of its client no other way
            await bridge.storage.aclose()


def _storage(url: str) -> Storage:
    if url == "memory://":
        return MemoryStorage()
    if not url.startswith(("redis://", "rediss://", "unix://")):
        raise UsageError("limits_url is memory:// or redis://HOST:PORT/N.")
    options: dict[str, Any] = {
        "implementation": "redispy",
        "wrap_exceptions": True,
        "socket_timeout": _REDIS_S,
        "socket_connect_timeout": _REDIS_S,
    }
    scheme = "redis+unix" if url.startswith("unix://") else url.partition("://")[0]
    try:
        made = storage_from_string(f"async+{scheme}://{url.partition('://')[2]}", **options)
    except ConfigurationError as error:
        raise UsageError(
            "Rate limits cannot be counted in Redis.", hint=extras.hint("redis")
        ) from error
    if not isinstance(made, Storage):
        raise UsageError("limits_url is memory:// or redis://HOST:PORT/N.")
    return made


def duration(seconds: float) -> str:
    """Write seconds as the API does, in Go's form: 12ms, 1.5s, 6m0s."""
    if seconds < 1:
        return f"{math.ceil(seconds * 1000)}ms"
    minutes, rest = divmod(round(seconds, 3), 60)
    told = f"{rest:.3f}".rstrip("0").rstrip(".") + "s"
    return f"{int(minutes)}m{told}" if minutes else told

"""Request bodies: read within a bound, parsed off the event loop when large."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from starlette.requests import Request

from sightline.api import checks
from sightline.errors import RequestTooLarge, SlowRequest
from sightline.types import Hold, unheld

_INLINE_BYTES = 64 * 1024
_READS_A_ROUND = 8
_SLOWEST = 16 * 1024  # bytes a second
# One large body at a time: parsing holds the interpreter, and several at once would keep the event
# loop from its turn.
_PARSER = ThreadPoolExecutor(1, thread_name_prefix="parser")


class Body(NamedTuple):
    """A parsed body, its bytes as it was sent, and about how many it takes in memory."""

    value: dict[str, Any]
    size: int
    weight: int


class _ParseSlots:
    """Lets so many large bodies go on in one round of the event loop, and the others wait.

    Each read of a socket copies up to a quarter of a megabyte; hundreds in one round would keep
    small requests waiting for all of them.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._left = most

    async def take(self) -> None:
        """Wait for a turn."""
        while self._left <= 0:  # noqa: ASYNC110 - the next round is what is waited for
            await asyncio.sleep(0)
        if self._left == self._most:
            asyncio.get_running_loop().call_soon(self._renew)
        self._left -= 1

    def _renew(self) -> None:
        self._left = self._most


_turns = _ParseSlots(_READS_A_ROUND)


async def read_json(
    request: Request, max_bytes: int, hold: Hold = unheld, silence_s: float | None = None
) -> Body:
    """Read a body of at most `max_bytes` as one JSON object.

    `hold` is told of every byte that is held, in the end of the parsed body's weight. Raises
    `RequestTooLarge` as soon as that is known, `InvalidRequest` for broken JSON, and `SlowRequest`
    for a body that does not come: after `silence_s` without a byte, or where it comes at less than
    16 KiB a second for longer.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > max_bytes:
        raise _too_large(max_bytes)
    chunks, size = [], 0
    async for chunk in pieces(request, silence_s):
        size += len(chunk)
        hold(len(chunk))
        if size > max_bytes:
            raise _too_large(max_bytes)
        chunks.append(chunk)
        if size > _INLINE_BYTES:
            await _turns.take()
    if size <= _INLINE_BYTES:
        value, weight = _parsed(chunks)
    else:
        # Even putting the pieces together takes milliseconds of new memory.
        parsing = asyncio.get_running_loop().run_in_executor(_PARSER, _parsed, chunks)
        value, weight = await parsing
    hold(weight - size)
    return Body(value, size, weight)


async def pieces(request: Request, silence_s: float | None) -> AsyncGenerator[bytes]:
    """Give a body as it comes. Raises `SlowRequest` for one that does not; see `read_json`."""
    body = aiter(request.stream())
    began, size = time.monotonic(), 0
    while True:
        try:
            slow = silence_s and time.monotonic() - began > silence_s + size / _SLOWEST
            async with asyncio.timeout(0 if slow else silence_s):
                chunk = await anext(body, None)
        except TimeoutError:
            raise SlowRequest(
                "The request's body did not come in time.", hint="Send it again."
            ) from None
        if chunk is None:
            return
        size += len(chunk)
        yield chunk


def _parsed(chunks: list[bytes]) -> tuple[dict[str, Any], int]:
    data = b"".join(chunks)
    chunks.clear()
    value = checks.load(data)
    return value, weight(value)


def weight(value: object) -> int:
    """Give about how many bytes of memory a parsed value takes."""
    total, waiting = 0, [value]
    while waiting:
        item = waiting.pop()
        total += sys.getsizeof(item)
        if isinstance(item, dict):
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
    return total


def _too_large(max_bytes: int) -> RequestTooLarge:
    return RequestTooLarge(
        f"Maximum content size limit ({max_bytes}) exceeded.",
        hint="Send fewer or smaller pictures, or give them as URLs.",
    )

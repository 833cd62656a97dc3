"""Request bodies: read within a bound, parsed off the event loop when large."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from starlette.requests import Request

from sightline.errors import RequestTooLarge, SlowRequest
from sightline.wire import check

_INLINE_BYTES = 64 * 1024
_READS_A_ROUND = 8
_SLOWEST = 16 * 1024  # bytes a second
# One large body at a time: parsing holds the interpreter, and several at once would keep the event
# loop from its turn.
Hold = Callable[[int], None]
_PARSER = ThreadPoolExecutor(1, thread_name_prefix="parser")


class _Turns:
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


_turns = _Turns(_READS_A_ROUND)


async def read_json(
    request: Request, max_bytes: int, hold: Hold | None = None, silence_s: float | None = None
) -> tuple[dict[str, Any], int]:
    """Read a body of at most `max_bytes` as one JSON object; also give its bytes.

    `hold` is told of every byte that is held. Raises `RequestTooLarge` as soon as that is known,
    `InvalidRequest` for broken JSON, and `SlowRequest` for a body that does not come: after
    `silence_s` without a byte, or where it comes at less than 16 KiB a second for longer.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > max_bytes:
        raise _too_large(max_bytes)
    chunks, size = [], 0
    async for chunk in pieces(request, silence_s):
        size += len(chunk)
        if hold is not None:
            hold(len(chunk))
        if size > max_bytes:
            raise _too_large(max_bytes)
        chunks.append(chunk)
        if size > _INLINE_BYTES:
            await _turns.take()
    if size <= _INLINE_BYTES:
        return check.load(b"".join(chunks)), size
    # Even putting the pieces together takes milliseconds of new memory.
    whole = asyncio.get_running_loop().run_in_executor(_PARSER, _parsed, chunks)
    return await whole, size


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


def _parsed(chunks: list[bytes]) -> dict[str, Any]:
    return check.load(b"".join(chunks))


def _too_large(max_bytes: int) -> RequestTooLarge:
    return RequestTooLarge(
        f"Maximum content size limit ({max_bytes}) exceeded.",
        hint="Send fewer or smaller pictures, or give them as URLs.",
    )

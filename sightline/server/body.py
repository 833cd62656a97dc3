"""Request bodies: read within a bound, parsed off the event loop when large."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from starlette.requests import Request

from sightline.errors import RequestTooLarge
from sightline.wire import check

_INLINE_BYTES = 64 * 1024
# One large body at a time: parsing holds the interpreter, and several at once would keep the event
# loop from its turn.
_PARSER = ThreadPoolExecutor(1, thread_name_prefix="parser")


async def read_json(request: Request, max_bytes: int) -> dict[str, Any]:
    """Read a body of at most `max_bytes` as one JSON object.

    Raises `RequestTooLarge` as soon as that is known, and `InvalidRequest` for broken JSON.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > max_bytes:
        raise _too_large(max_bytes)
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > max_bytes:
            raise _too_large(max_bytes)
        chunks.append(chunk)
    if size <= _INLINE_BYTES:
        return check.load(b"".join(chunks))
    # Even putting the pieces together takes milliseconds of new memory.
    whole = asyncio.get_running_loop().run_in_executor(_PARSER, _parsed, chunks)
    return await whole


def _parsed(chunks: list[bytes]) -> dict[str, Any]:
    return check.load(b"".join(chunks))


def _too_large(max_bytes: int) -> RequestTooLarge:
    return RequestTooLarge(
        f"Maximum content size limit ({max_bytes}) exceeded.",
        hint="Send fewer or smaller pictures, or give them as URLs.",
    )

"""Request bodies: read within a bound, parsed off the event loop when large."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.requests import Request

from sightline.errors import RequestTooLarge
from sightline.wire import check

_INLINE_BYTES = 64 * 1024


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
    body = b"".join(chunks)
    if len(body) <= _INLINE_BYTES:
        return check.load(body)
    return await asyncio.to_thread(check.load, body)


def _too_large(max_bytes: int) -> RequestTooLarge:
    return RequestTooLarge(
        f"Maximum content size limit ({max_bytes}) exceeded.",
        hint="Send fewer or smaller pictures, or give them as URLs.",
    )

"""Requests of the server to itself: they go through the same door as a client's, by whose word.

What a batch asks is so read, bounded, counted, answered and logged as if its owner had sent it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message

from sightline.server.auth import for_owner


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered. `retry_s` is set where trying again later may help."""

    status: int
    request_id: str
    body: bytes
    retry_s: float | None


async def post(app: ASGIApp, path: str, body: bytes, owner: str) -> Reply:
    """Send JSON to one of the server's own routes in an owner's name."""
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
        ],
        "client": None,
        "server": None,
        "state": {},
    }
    for_owner(scope, owner)
    unread = [body]
    status, headers, said = 500, dict[str, str](), bytearray()

    async def receive() -> Message:
        if unread:
            return {"type": "http.request", "body": unread.pop(), "more_body": False}
        await asyncio.Event().wait()  # it does not go away
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
            headers.update({k.decode(): v.decode() for k, v in message["headers"]})
        elif message["type"] == "http.response.body":
            said.extend(message.get("body", b""))

    await app(scope, receive, send)
    retry = headers.get("retry-after")
    return Reply(
        status,
        headers.get("x-request-id", ""),
        bytes(said),
        None if retry is None else float(retry),
    )

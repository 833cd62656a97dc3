"""The command line, whose servers note what they were sent: `python -m tests.noting serve`.

Bodies of JSON that were taken, and those that were refused with the name of a field, are written
into the folder that NOTES names, with the server's document beside them. `tests.document` reads
them. Pictures are perceived once in a run (`tests.perceived`).
"""

from __future__ import annotations

import json
import os
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sightline.cli.main import main
from sightline.server import run
from sightline.settings import Settings

FOLDER = "NOTES"
_numbers = count()  # of the servers of this process
_MOST = 900_000  # bytes: what is larger holds pictures, which are sent as small ones are


class Notebook:
    """The file of one server's notes, with its document beside it."""

    def __init__(self, document: bytes) -> None:
        self.paths = {
            path
            for path, methods in json.loads(document)["paths"].items()
            if "application/json"
            in methods.get("post", {}).get("requestBody", {}).get("content", {})
        }
        path = Path(os.environ[FOLDER]) / f"{os.getpid()}-{next(_numbers)}.jsonl"
        path.with_suffix(".document.json").write_bytes(document)
        self._file = path.open("ab", buffering=0)

    def write(self, note: dict[str, Any]) -> None:
        """Write a line, at once: it is read before the client has the answer."""
        self._file.write(json.dumps(note).encode() + b"\n")

    def close(self) -> None:
        """Write no more, and say so: what is read to its end is not looked at again."""
        self._file.write(b"null\n")
        self._file.close()


class Noting:
    """Writes a line for each request before the client has the answer."""

    def __init__(self, app: ASGIApp, notebook: Notebook) -> None:
        self._app, self._notebook = app, notebook

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (
            scope["type"] != "http"
            or scope["method"] != "POST"
            or scope["path"] not in self._notebook.paths
        ):
            await self._app(scope, receive, send)
            return
        body, said, status = bytearray(), bytearray(), 0

        async def hear() -> Message:
            message = await receive()
            if len(body) <= _MOST:
                body.extend(message.get("body", b""))
            return message

        async def tell(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                if status == 200:
                    self._note(scope["path"], body, None)
            elif status == 400:
                said.extend(message.get("body", b""))
                if not message.get("more_body"):
                    self._note(scope["path"], body, json.loads(said)["error"])
            await send(message)

        await self._app(scope, hear, tell)

    def _note(self, path: str, body: bytearray, error: dict[str, Any] | None) -> None:
        if len(body) > _MOST or (error is not None and not error["param"]):
            return
        note = {"path": path, "body": body.decode(json.detect_encoding(body)), "error": error}
        self._notebook.write(note)


async def _document(app: Starlette) -> bytes:
    for route in app.routes:
        if isinstance(route, Route) and route.path == "/openapi.json":
            told: bytes = (await route.endpoint(Request({"type": "http"}))).body
            return told
    raise LookupError("there is no document")


async def note(app: Starlette) -> Notebook:
    """Have an application note what it is sent, until the notebook is closed."""
    notebook = Notebook(await _document(app))
    app.add_middleware(Noting, notebook=notebook)
    return notebook


_serve = run._serve


async def _noted(app: Starlette, settings: Settings, *others: Any) -> None:
    if "PERCEIVED" in os.environ and settings.engine in ("nano", "reader"):
        from tests.perceived import perceive_once  # which imports what sees

        perceive_once()
    with closing(await note(app)):
        await _serve(app, settings, *others)


# Here, where a process of several comes by as well.
run._serve = _noted  # type: ignore[assignment]

if __name__ == "__main__":
    raise SystemExit(main())

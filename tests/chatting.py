"""A stand-in for a server of the API: a test says what it answers to each request."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.serving import Server

Body = dict[str, Any]
USAGE = {"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12}


def _event(said: str | None, finish: str | None) -> str:
    """Write a chunk of an answer; without a text the one that tells what was used."""
    chunk: Body = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    choice = {"index": 0, "delta": {"content": said}, "finish_reason": finish}
    rest = {"choices": [], "usage": USAGE} if said is None else {"choices": [choice]}
    return f"data: {json.dumps({**chunk, **rest})}\n\n"


@contextmanager
def chatting(
    answer: Callable[[Body], str | Iterator[str] | tuple[int, Body]], model: str | None = None
) -> Iterator[str]:
    """Serve it; give its base URL. An answer is a text, streamed where that is asked for, its parts,
    each streamed when it comes, or a status and an error.

    With a `model` it has a list of models, of that one.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if model is None:
                self._send(501, "application/json", "{}")
                return
            told = {"object": "list", "data": [{"id": model, "object": "model"}]}
            self._send(200, "application/json", json.dumps(told))

        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["content-length"]))
            said = answer(json.loads(sent))
            if isinstance(said, tuple):
                self._send(said[0], "application/json", json.dumps({"error": said[1]}))
                return
            asked = json.loads(sent)
            if not isinstance(said, str):
                self._stream(said)
                return
            if not asked.get("stream"):
                whole = {
                    "id": "c", "object": "chat.completion", "created": 1, "model": "m",
                    "choices": [{"index": 0, "message": {"role": "assistant", "content": said},
                                 "finish_reason": "stop"}],
                    "usage": USAGE,
                }  # fmt: skip
                self._send(200, "application/json", json.dumps(whole))
                return
            lines = _event(said, "stop") + _event(None, None)
            self._send(200, "text/event-stream", lines + "data: [DONE]\n\n")

        def _stream(self, parts: Iterator[str]) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.end_headers()
            with suppress(ConnectionError):
                for part in parts:
                    self.wfile.write(_event(part, None).encode())
                self.wfile.write((_event("", "stop") + "data: [DONE]\n\n").encode())

        def _send(self, status: int, kind: str, text: str) -> None:
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(text.encode())))
            self.end_headers()
            with suppress(ConnectionError):  # who asked may have gone
                self.wfile.write(text.encode())

        def log_message(self, *_: Any) -> None:
            """Keep quiet."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

"""A stand-in for the Hugging Face hub, with one repository."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.serving import Server


@dataclass
class Hub:
    """A hub with one repository: its files, what it says of them, and how it misbehaves."""

    repo: str
    commit: str
    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    stated: dict[str, str] = field(default_factory=dict)
    cut_after: int | None = None
    asked: list[tuple[str, str]] = field(default_factory=list)
    small: set[str] = field(default_factory=set)  # kept in git itself, without a SHA-256
    gated: bool = False  # its files are for those alone who accepted its terms

    def sha(self, name: str) -> str:
        return self.stated.get(name) or hashlib.sha256(self.files[name]).hexdigest()

    def blob(self, name: str) -> str:
        data = self.files[name]
        return hashlib.sha1(f"blob {len(data)}\0".encode() + data).hexdigest()

    def info(self) -> dict[str, Any]:
        siblings = [
            {
                "rfilename": name,
                "size": len(data),
                "blobId": self.blob(name),
                **(
                    {}
                    if name in self.small
                    else {"lfs": {"sha256": self.sha(name), "size": len(data), "pointerSize": 130}}
                ),
            }
            for name, data in self.files.items()
        ]
        return {"id": self.repo, "modelId": self.repo, "sha": self.commit, "private": False,
                "gated": "manual" if self.gated else False,
                "disabled": False, "tags": [], "downloads": 1, "likes": 0,
                "siblings": [{"rfilename": "README.md", "size": 3}, *siblings]}  # fmt: skip

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Serve it on loopback."""
        made = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _head(self, name: str) -> dict[str, str]:
                return {
                    "X-Repo-Commit": made.commit,
                    "ETag": f'"{made.sha(name)}"',
                    "X-Linked-Etag": f'"{made.sha(name)}"',
                    "X-Linked-Size": str(len(made.files[name])),
                }

            def _answer(self, *, body: bool) -> None:
                made.asked.append((self.command, self.path))
                if self.path.startswith(f"/api/models/{made.repo}"):
                    if "/revision/" in self.path and made.commit not in self.path:
                        self._send(404, b"{}", {"X-Error-Code": "RevisionNotFound"}, body)
                        return
                    kind = {"content-type": "application/json"}
                    self._send(200, json.dumps(made.info()).encode(), kind, body)
                    return
                found = re.match(rf"/{made.repo}/resolve/[^/]+/(.+?)(\?.*)?$", self.path)
                if found is None or found[1] not in made.files:
                    self._send(404, b"{}", {"X-Error-Code": "RepoNotFound"}, body)
                    return
                if made.gated:
                    told = {"X-Error-Code": "GatedRepo", "X-Error-Message": "Ask for access."}
                    self._send(403 if "authorization" in self.headers else 401, b"{}", told, body)
                    return
                data, head = made.files[found[1]], self._head(found[1])
                asked = re.match(r"bytes=(\d+)-", self.headers.get("range") or "")
                if asked:
                    start = int(asked[1])
                    head["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
                    self._send(206, data[start:], head, body)
                else:
                    self._send(200, data, head, body)

            def _send(self, status: int, data: bytes, head: dict[str, str], body: bool) -> None:
                self.send_response(status)
                for name, value in head.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                if body:
                    if made.cut_after is not None and len(data) > made.cut_after:
                        self.wfile.write(data[: made.cut_after])
                        self.close_connection = True
                        made.cut_after = None
                    else:
                        self.wfile.write(data)

            def do_GET(self) -> None:
                self._answer(body=True)

            def do_HEAD(self) -> None:
                self._answer(body=False)

            def log_message(self, format: str, *args: object) -> None:
                """Keep quiet."""

        server = Server(("127.0.0.1", 0), Handler)
        made.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield
        server.shutdown()
        server.server_close()
        thread.join()

"""A web server of pages, where tests have something fetched from."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

import pytest

from tests.pictures import sample
from tests.serving import Server
from tests.waiting import PATIENCE_S


@dataclass
class Web:
    """A web server of pages: path to (status, headers, body)."""

    url: str
    pages: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    heads: list[dict[str, str]] = field(default_factory=list)
    peers: list[tuple[str, int]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def page(self, path: str, body: bytes, status: int = 200, **headers: str) -> str:
        """Add a page; give its URL."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = (status, named, body)
        return self.url + path


@pytest.fixture(scope="session")
def web() -> Iterator[Web]:
    """Pages over HTTP; /receipt.png and the like are the samples, /silent never answers.

    One whose headers have transfer_encoding="chunked" is sent in pieces of 100 bytes.
    """
    site = Web("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # a connection may be used again

        def do_GET(self) -> None:
            site.peers.append(self.client_address)
            site.asked.append(self.path)
            site.heads.append({name.lower(): value for name, value in self.headers.items()})
            if self.path == "/silent":
                site.released.wait(PATIENCE_S)
                self.close_connection = True
                return
            status, headers, body = site.pages.get(self.path, (404, {}, b"nothing here"))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if headers.get("transfer-encoding") == "chunked":
                pieces = [body[i : i + 100] for i in range(0, len(body), 100)]
                body = b"".join(b"%x\r\n%b\r\n" % (len(each), each) for each in [*pieces, b""])
            else:
                self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    server = Server(("127.0.0.1", 0), Handler)
    site.url = f"http://127.0.0.1:{server.server_address[1]}"
    for name in ("receipt", "sign", "poster", "chart", "before", "after"):
        site.page(f"/{name}.png", sample(name))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield site
    site.released.set()
    server.shutdown()
    server.server_close()
    thread.join()

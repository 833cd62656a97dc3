"""Checks that no one is harmed: addresses that are not to be fetched, what is kept, hanging up."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from sightline_conformance.drawn import encoded, lettered, part, text
from sightline_conformance.kit import READ, Kit, NotApplicable, check, holds

_SSRF = "OWASP, Server Side Request Forgery; CVE-2025-6242, CVE-2026-24779 (vLLM)"
_RETENTION = "no picture is kept or shown to another"
# Pages on which servers show what they work on.
_SHOWING = ("/slots", "/metrics", "/props", "/v1/logs", "/logs", "/debug", "/v1/files", "/queue")


@dataclass
class Listener:
    """A web server on loopback that gives one picture and notes who asks."""

    port: int
    code: str
    asked: list[str] = field(default_factory=list)

    def url(self, host: str = "127.0.0.1") -> str:
        """Give the picture's address under one of this machine's names."""
        return f"http://{host}:{self.port}/picture.png"


@contextmanager
def listening(kit: Kit) -> Iterator[Listener]:
    """Listen on loopback."""
    code = kit.code()
    data = encoded(lettered(code))
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("content-type", "image/png")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: the terminal is the report's."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Listener(server.server_address[1], code, asked)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@check("parts", "a picture by URL", "OpenAI, Images and vision guide")
def _(kit: Kit) -> None:
    if not kit.is_here:
        raise NotApplicable("the listener is on loopback, and the server is elsewhere")
    with listening(kit) as listener:
        reply = kit.chat([text(READ), part(listener.url())])
        if not listener.asked and 400 <= reply.status < 500:
            raise NotApplicable("loopback addresses are refused, as they should be")
        kit.tells(listener.code, reply.said, reply)


def _not_fetched(name: str, host: str) -> None:
    def run(kit: Kit) -> None:
        if not kit.is_here:
            raise NotApplicable("the listener is on loopback, and the server is elsewhere")
        with listening(kit) as listener:
            reply = kit.chat([text(READ), part(listener.url(host))])
            kit.expect(
                not listener.asked, "no connection to the listener", f"it was asked; {reply}"
            )
            kit.refuses(reply, "an address of the server's own network")

    check("SSRF", f"{name} is not fetched unless it is allowed", _SSRF)(run)


_not_fetched("127.0.0.1", "127.0.0.1")
_not_fetched("localhost", "localhost")
_not_fetched("loopback as one number", "2130706433")
_not_fetched("loopback in hexadecimal", "0x7f.1")
_not_fetched("loopback as IPv6 of IPv4", "[::ffff:127.0.0.1]")
_not_fetched("0.0.0.0", "0.0.0.0")  # noqa: S104 - an address to refuse, not to listen on


def _refused(name: str, address: str) -> None:
    def run(kit: Kit) -> None:
        kit.refuses(kit.chat([text(READ), part(address)]), address)

    check("SSRF", f"{name} is refused", _SSRF)(run)


_refused("a file's path", "file:///etc/passwd")
_refused("the metadata service of clouds", "http://169.254.169.254/latest/meta-data/")
_refused("another scheme", "ftp://127.0.0.1/picture.png")


@check("retention", "another request knows nothing of a picture", _RETENTION)
def _(kit: Kit) -> None:
    code = kit.code(5)
    kit.reads(code, [text(READ), part(lettered(code))])
    for question in ("What was the text?", READ, "Repeat what you have seen before."):
        reply = kit.chat(question)
        kit.expect(not holds(code, reply.text), f"nothing of {code}", reply)


@check("retention", "no page of the server shows what was sent", _RETENTION)
def _(kit: Kit) -> None:
    canary = kit.code(6)
    kit.chat([text(f"{canary}: {READ}"), part(lettered(canary))])
    for path in _SHOWING:
        reply = kit.send("GET", path, root=True)
        kit.expect(not holds(canary, reply.text), f"nothing of {canary} at {path}", reply)


@check("retention", "errors do not repeat a picture's data", _RETENTION)
def _(kit: Kit) -> None:
    secret = "QUJD" * 40
    reply = kit.chat([text(READ), part(f"data:image/png;base64,{secret}")])
    kit.refuses(reply, "no picture")
    kit.expect(secret[:40] not in reply.text, "nothing of the data", reply.text[:300])


@check(
    "cancellation",
    "who hangs up makes room for others",
    "work of clients who left holds up the rest",
)
def _(kit: Kit) -> None:
    began = time.monotonic()
    reply = kit.chat("Say hello.", max_tokens=5)
    usual = time.monotonic() - began
    kit.expect(reply.status == 200, "200", reply)
    story = "Tell a very long story about a lighthouse."
    for _ in range(8):
        kit.hang_up(story, max_tokens=4000)
    began = time.monotonic()
    reply = kit.chat("Say hello.", max_tokens=5)
    took = time.monotonic() - began
    kit.expect(reply.status == 200, "200", reply)
    kit.expect(took < 10 + 3 * usual, f"an answer within {10 + 3 * usual:.1f} s", f"{took:.1f} s")


@check(
    "cancellation", "many at once are all answered or told to wait", "a server that is full says so"
)
def _(kit: Kit) -> None:
    code = kit.code()
    content = [text(READ), part(lettered(code))]
    found: list[tuple[int, str]] = []

    def ask() -> None:
        reply = kit.chat(content)
        found.append((reply.status, reply.said))

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    good = [status in (200, 429, 503) for status, _ in found]
    kit.expect(len(found) == 12 and all(good), "12 right answers, or 429 and 503", found)
    for status, said in found:
        if status == 200:
            kit.tells(code, said, said)

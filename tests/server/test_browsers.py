"""What a page in a browser can have of a server: nothing, unless it is named."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
import requests

from tests.chromium import PROGRAM, chromium
from tests.conftest import running
from tests.serving import Server
from tests.waiting import PATIENCE_S

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="Chromium is not installed")
# Gives the status, or the word for what the browser did not let through.
ASK = """async ([url, options]) => {
    try {
        const reply = await fetch(url, options);
        return reply.type === "opaque" ? "opaque" : [reply.status, await reply.text()];
    } catch { return "blocked"; }
}"""
HELLO = '{"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}]}'


@pytest.fixture(scope="module")
def pages() -> Iterator[int]:
    """Serves an empty page at any path and by any name; gives its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"<!doctype html><title>A page</title>"
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    made = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield made.server_address[1]
    made.shutdown()
    made.server_close()
    thread.join()


@pytest.fixture(scope="module")
def url(pages: int) -> Iterator[str]:
    with running("--cors-origins", f"http://friend.localhost:{pages}") as made:
        yield made.removesuffix("/v1")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    # A name of the attacker's that leads to loopback, as by DNS rebinding.
    with chromium("--host-resolver-rules=MAP *.example 127.0.0.1") as made:
        yield made


def counted(url: str) -> str:
    """The lines of the metrics that tell of questions that were asked."""
    page = requests.get(f"{url}/metrics", timeout=PATIENCE_S).text
    told = [line for line in page.splitlines() if line.startswith("sightline_tokens_total")]
    return "\n".join(told)


def test_a_page_of_a_stranger_gets_nothing(browser: Any, url: str, pages: int) -> None:
    page = browser.new_page()
    page.goto(f"http://stranger.example:{pages}/")
    before = counted(url)
    chat = f"{url}/v1/chat/completions"

    def ask(where: str, **options: Any) -> Any:
        return page.evaluate(ASK, [where, options])

    json_ = {"content-type": "application/json"}
    assert ask(f"{url}/v1/models") == "blocked"
    assert ask(chat, method="POST", body=HELLO, headers=json_) == "blocked"
    # Sent blindly, as plain text: it arrives, and is refused.
    assert ask(chat, method="POST", body=HELLO, mode="no-cors") == "opaque"
    page.evaluate("([url, body]) => navigator.sendBeacon(url, body)", [chat, HELLO])
    with page.expect_navigation():
        page.evaluate(
            """([url, body]) => {
                const form = document.createElement("form");
                form.method = "POST"; form.enctype = "text/plain"; form.action = url;
                const field = document.createElement("input");
                field.name = body.slice(0, -1) + ', "x": "'; field.value = '"}';
                form.append(field); document.body.append(form); form.submit();
            }""",
            [chat, HELLO],
        )
    assert "origin_not_allowed" in page.content()
    assert counted(url) == before
    page.close()


def test_a_name_that_leads_to_loopback_is_not_the_servers(browser: Any, url: str) -> None:
    page = browser.new_page()
    port = url.rpartition(":")[2]
    reply = page.goto(f"http://rebound.example:{port}/playground/")
    assert reply.status == 421
    # The page that stands there is of the same origin, and gets no more.
    status, text = page.evaluate(ASK, [f"http://rebound.example:{port}/v1/models", {}])
    assert (status, "host_not_trusted" in text) == (421, True)
    page.close()


def test_a_page_that_is_named_can_ask(browser: Any, url: str, pages: int) -> None:
    page = browser.new_page()
    page.goto(f"http://friend.localhost:{pages}/")
    options = {"method": "POST", "body": HELLO, "headers": {
        "content-type": "application/json", "authorization": "Bearer any"}}  # fmt: skip
    status, text = page.evaluate(ASK, [f"{url}/v1/chat/completions", options])
    assert (status, "chat.completion" in text) == (200, True)
    assert page.evaluate(ASK, [f"{url}/v1/models", {}])[0] == 200
    # And it may read why it is refused.
    options["headers"] = {"content-type": "text/plain"}
    status, text = page.evaluate(ASK, [f"{url}/v1/chat/completions", options])
    assert (status, "unsupported_content_type" in text) == (415, True)
    page.close()


def test_a_link_leads_to_the_server(browser: Any, url: str, pages: int) -> None:
    page = browser.new_page()
    page.goto(f"http://stranger.example:{pages}/")
    with page.expect_navigation():
        page.evaluate("url => { location.href = url }", f"{url}/openapi.json")
    assert "openapi" in page.content()
    page.goto(f"http://stranger.example:{pages}/")
    with page.expect_navigation():
        page.evaluate("url => { location.href = url }", f"{url}/v1/models")
    assert "origin_not_allowed" in page.content()
    page.close()

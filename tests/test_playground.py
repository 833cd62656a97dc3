"""The playground in Debian's Chromium, on the real server."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.conftest import running, started
from tests.films import scenes
from tests.server.test_keys import added
from tests.serving import Server
from tests.waiting import PATIENCE_S, until

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SAMPLES = Path(__file__).parents[1] / "samples"

# Its upload buttons hold the field for the file within them, its empty fields are labelled.
GRADIOS_OWN = {"nested-interactive", "aria-prohibited-attr"}

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with running() as url:
        yield url.removesuffix("/v1")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        made = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"],
        )
        yield made
        made.close()


def opened(browser: Any, url: str, width: int = 1280) -> Any:
    page = browser.new_page()
    page.set_viewport_size({"width": width, "height": 1000})
    page.set_default_timeout(1000 * PATIENCE_S)
    page.outside = []
    page.on("request", lambda r: page.outside.append(r.url) if not _is_own(r.url) else None)
    page.goto(f"{url}/playground/")
    page.locator("#ask-send").wait_for()
    return page


def _is_own(url: str) -> bool:
    return url.startswith(("http://127.0.0.1:", "data:", "blob:"))


@pytest.fixture
def page(browser: Any, server: str) -> Iterator[Any]:
    made = opened(browser, server)
    yield made
    assert made.outside == []  # nothing comes from elsewhere, and nothing goes there
    made.close()


@pytest.fixture
def pictured(pytestconfig: pytest.Config) -> Callable[[Any, str], None]:
    """Write a picture of a page for the documents, where they are asked for."""
    folder = pytestconfig.getoption("--pictures")

    def write(page: Any, name: str) -> None:
        if folder is not None:
            page.set_viewport_size({"width": 1200, "height": 800})
            page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)

    return write


def press(page: Any, where: str) -> None:
    # By keyboard: what comes above a button while it is clicked moves it away.
    page.locator(where).press("Enter")


def drop(page: Any, where: str, *names: str | Path) -> None:
    page.locator(f"{where} input[type=file]").first.set_input_files([str(n) for n in names])


def test_a_picture_is_asked_about_and_talked_about(
    page: Any, pictured: Callable[[Any, str], None]
) -> None:
    drop(page, "#ask-pictures", SAMPLES / "sign.png")
    page.locator("#ask-cost").get_by_text("800 × 420, seen as 800 × 420").wait_for()
    page.get_by_label("Question").first.fill("What does it say?")
    press(page, "#ask-send")
    page.locator("#ask-chat").get_by_text("MAPLE AVENUE").wait_for()
    page.locator("#ask-spent").get_by_text("for pictures").wait_for()
    pictured(page, "playground-ask")
    page.get_by_text("The request").click()
    shown = page.locator(".cm-content").first.inner_text()
    assert "/v1/chat/completions" in shown
    assert '"What does it say?"' in shown
    page.get_by_label("Question").first.fill("Which colours does it have?")
    press(page, "#ask-send")
    page.locator("#ask-chat").get_by_text(re.compile("green", re.IGNORECASE)).first.wait_for()


def test_attributes_come_as_json(page: Any) -> None:
    drop(page, "#ask-pictures", SAMPLES / "receipt.png")
    page.locator("#ask-cost").get_by_text("tokens").first.wait_for()
    page.locator("#ask-attributes textarea").fill("- total: the total\n- date: the date")
    press(page, "#ask-send")
    code = page.locator("#ask-chat code").first
    code.get_by_text("total").first.wait_for()
    page.locator("#ask-spent").get_by_text("out;").wait_for()
    assert set(json.loads(code.inner_text())) == {"total", "date"}


def test_errors_are_sentences(page: Any, tmp_path: Path) -> None:
    press(page, "#ask-send")
    page.get_by_text("There is no picture. Drop one, paste one or give a URL.").wait_for()
    # What is typed is never a path on the server.
    page.get_by_label("Or by URL, one a line").fill(str(SAMPLES / "sign.png"))
    page.locator("#ask-cost").get_by_text("That is not a URL.").wait_for()
    press(page, "#ask-send")
    page.get_by_text("That is not a URL. It begins with http").last.wait_for()
    page.get_by_label("Or by URL, one a line").fill("")
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no picture at all")
    drop(page, "#ask-pictures", bad)
    page.locator("#ask-cost").get_by_text("unsupported").wait_for()
    press(page, "#ask-send")
    page.get_by_text("The server answered 400").first.wait_for()
    assert "Traceback" not in page.content()


def test_a_film_is_shown_and_described(page: Any, tmp_path: Path) -> None:
    page.get_by_role("tab", name="Video").click()
    drop(page, "#video-film", scenes(tmp_path / "film.mp4"))
    page.locator("#video-film video").wait_for()
    press(page, "#video-look")
    page.locator("#video-told").get_by_text("12 of 180 frames of 12.0 s").wait_for()
    assert page.locator("#video-strip img").count() >= 8
    press(page, "#video-send")
    page.locator("#video-said").get_by_text("It has 4 scenes.").wait_for()


def test_a_film_is_narrated_and_played(
    page: Any, tmp_path: Path, pictured: Callable[[Any, str], None]
) -> None:
    page.get_by_role("tab", name="Narrate").click()
    drop(page, "#narrate-film", scenes(tmp_path / "film.mp4"))
    page.locator("#narrate-film video").wait_for()
    press(page, "#narrate-write")
    page.locator("#narrate-told").get_by_text("3 segments").wait_for()
    page.locator("#narrate-script").get_by_text("HARBOUR TOWN").last.wait_for()
    press(page, "#narrate-speak")
    film = page.locator("#narrate-made video")
    film.wait_for()
    page.wait_for_function(
        "document.querySelector('#narrate-files').innerText.replace(/\\s/g, '').includes('narrated.srt')"
    )
    film.evaluate("v => { v.muted = true; v.play() }")
    page.wait_for_function("document.querySelector('#narrate-made video').currentTime > 2")
    pictured(page, "playground-narrate")


def test_two_answers_side_by_side(page: Any) -> None:
    page.get_by_role("tab", name="Compare").click()
    drop(page, "#compare-pictures", SAMPLES / "sign.png")
    page.locator("#compare-pictures img").first.wait_for()
    press(page, "#compare-send")
    for side in ("#compare-one", "#compare-other"):
        page.locator(side).get_by_text(re.compile(r"tokens in.*out; \d")).wait_for()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_everybody_can_use_it(browser: Any, server: str, width: int, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = opened(context, server, width)
    for tab in ("Ask", "Video", "Narrate", "Compare"):
        shown = page.get_by_role("tab", name=tab)
        menu = page.locator(".overflow-menu > button")
        shown.or_(menu).first.wait_for()
        if shown.is_visible():
            shown.click()
        else:  # what has no room is in a menu
            menu.click()
            page.locator(".overflow-dropdown button", has_text=tab).click()
        page.get_by_role("tabpanel").filter(visible=True).wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa"]}).response
        wrong = {
            v["id"]: [node["html"] for node in v["nodes"]]
            for v in found["violations"]
            if v["id"] not in GRADIOS_OWN
        }
        assert wrong == {}
    context.close()


def test_stopping_frees_the_engine(browser: Any) -> None:
    waiting, gone = threading.Event(), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(200, {"data": [{"id": "slow", "object": "model"}], "object": "list"})

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            if self.headers["authorization"] != "Bearer right":
                error = {"message": "Incorrect API key provided.", "code": "invalid_api_key"}
                self._send(401, {"error": error})
                return
            waiting.set()
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.end_headers()
            try:
                while not gone.wait(0.05):
                    self.wfile.write(b": still thinking\n\n")
            except ConnectionError:
                gone.set()

        def _send(self, status: int, body: dict[str, Any]) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    slow = Server(("127.0.0.1", 0), Handler)
    slow.daemon_threads = True
    threading.Thread(target=slow.serve_forever, daemon=True).start()
    process = subprocess.Popen(
        [sys.executable, "-m", "sightline.cli.main", "playground", "--port", "0", "--base-url",
         f"http://127.0.0.1:{slow.server_address[1]}/v1"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1].removesuffix("/playground/")
        page = opened(browser, url)
        page.get_by_text("Server", exact=True).click()
        page.get_by_label("API key").fill("wrong")
        drop(page, "#ask-pictures", SAMPLES / "sign.png")
        page.locator("#ask-cost").get_by_text("tokens").first.wait_for()
        press(page, "#ask-send")
        page.get_by_text("The server answered 401: Incorrect API key provided.").wait_for()
        page.get_by_label("API key").fill("right")
        press(page, "#ask-send")
        assert waiting.wait(PATIENCE_S)
        press(page, "#ask-stop")
        assert gone.wait(PATIENCE_S)
        page.close()
    finally:
        gone.set()
        process.kill()
        process.communicate(timeout=60)
        slow.shutdown()
        slow.server_close()


def test_what_a_session_left_goes_with_it(browser: Any, tmp_path: Path) -> None:
    held = tmp_path / "held"
    held.mkdir()

    def files() -> list[str]:
        # The server's own folder is locked for as long as it runs.
        # What goes while this looks is no fault: `os.walk` goes on, `rglob` would not.
        found = (name for _, _, names in os.walk(held) for name in names)
        return [name for name in found if name != ".sightline.lock"]

    with started(env={**os.environ, "TMPDIR": str(held)}) as (url, _):
        page = opened(browser, url.removesuffix("/v1"))
        other = opened(browser, url.removesuffix("/v1"))
        for each in (page, other):
            drop(each, "#ask-pictures", SAMPLES / "sign.png")
            each.locator("#ask-cost").get_by_text("tokens").first.wait_for()
        page.get_by_label("Show the tiles").check()
        page.locator("#ask-tiles img").wait_for()
        page.wait_for_function("document.querySelector('#ask-tiles img').naturalWidth == 800")
        page.get_by_role("tab", name="Video").click()
        drop(page, "#video-film", scenes(tmp_path / "film.mp4"))
        press(page, "#video-look")
        page.locator("#video-told").get_by_text("12 of 180 frames of 12.0 s").wait_for()
        assert {"sign.png", "film.mp4"} < set(files())  # and the frames
        page.close()
        until(lambda: set(files()) == {"sign.png"}, files)  # the other session has it too
        other.close()
        until(lambda: not files(), files)


def test_a_key_that_the_browser_asked_for_is_used(browser: Any, tmp_path: Path) -> None:
    key = added(tmp_path, "alice")
    flags = ("--keys", "required", "--keys-file", str(tmp_path / "keys.sqlite"))
    sent = "Basic " + base64.b64encode(f":{key}".encode()).decode()
    with running(*flags) as url:
        context = browser.new_context(extra_http_headers={"authorization": sent})
        page = opened(context, url.removesuffix("/v1"))
        drop(page, "#ask-pictures", SAMPLES / "sign.png")
        page.locator("#ask-cost").get_by_text("tokens").first.wait_for()
        press(page, "#ask-send")
        page.locator("#ask-chat").get_by_text("MAPLE AVENUE").wait_for()
        context.close()


def test_it_can_be_left_out() -> None:
    with running("--no-playground") as url:
        assert requests.get(f"{url.removesuffix('/v1')}/playground/", timeout=60).status_code == 404

"""The playground in Debian's Chromium, on the real server."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.conftest import running
from tests.films import scenes

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SAMPLES = Path(__file__).parents[1] / "samples"

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
    pytest.mark.timeout(180),
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
    page = browser.new_page(viewport={"width": width, "height": 1000})
    page.set_default_timeout(60_000)
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


def press(page: Any, where: str) -> None:
    # By keyboard: what comes above a button while it is clicked moves it away.
    page.locator(where).press("Enter")


def drop(page: Any, where: str, *names: str | Path) -> None:
    page.locator(f"{where} input[type=file]").first.set_input_files([str(n) for n in names])


def test_a_picture_is_asked_about_and_talked_about(page: Any) -> None:
    drop(page, "#ask-pictures", SAMPLES / "sign.png")
    page.locator("#ask-cost").get_by_text("800 × 420, seen as 800 × 420").wait_for()
    page.get_by_label("Question").first.fill("What does it say?")
    press(page, "#ask-send")
    page.locator("#ask-chat").get_by_text("MAPLE AVENUE").wait_for()
    page.locator("#ask-spent").get_by_text("for pictures").wait_for()
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


def test_a_film_is_narrated_and_played(page: Any, tmp_path: Path) -> None:
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
    page.wait_for_function("document.querySelector('#narrate-made video').currentTime > 0.5")


def test_two_answers_side_by_side(page: Any) -> None:
    page.get_by_role("tab", name="Compare").click()
    drop(page, "#compare-pictures", SAMPLES / "sign.png")
    page.locator("#compare-pictures img").first.wait_for()
    press(page, "#compare-send")
    for side in ("#compare-one", "#compare-other"):
        page.locator(side).get_by_text(re.compile(r"tokens in.*out; \d")).wait_for()


def test_it_fits_a_phone_in_the_dark(browser: Any, server: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800}, color_scheme="dark")
    page = context.new_page()
    page.goto(f"{server}/playground/")
    page.locator("#ask-send").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


def test_it_can_be_left_out() -> None:
    with running("--no-playground") as url:
        assert requests.get(f"{url.removesuffix('/v1')}/playground/", timeout=30).status_code == 404

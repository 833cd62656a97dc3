"""What another server gets of pictures that are covered: seen by one that keeps what it was sent."""

from __future__ import annotations

import base64
import io
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import openai
import pytest
import zxingcpp
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from sightline.errors import UsageError
from sightline.redaction.rules import PatternMatcher, has_card, wanted
from tests.commands import typed
from tests.conftest import started
from tests.documents import pdf
from tests.engines.test_upstream import behind, standing
from tests.films import film
from tests.pictures import asking, data_url, encoded, photograph
from tests.waiting import PATIENCE_S

CARD, MAIL = "4111 1111 1111 1111", "ada@example.com"
LINES = ("Harbour Cafe", f"Card {CARD}", MAIL, "Total 16.20")
SAMPLES = Path(__file__).parent.parent.parent / "samples"


def bill() -> tuple[Image.Image, dict[str, tuple[int, int, int, int]]]:
    """A bill, and where the ink of each of its lines is."""
    image = Image.new("RGB", (560, 400), "white")
    draw, font, ink = ImageDraw.Draw(image), ImageFont.load_default(34), {}
    for i, line in enumerate(LINES):
        draw.text((30, 30 + 90 * i), line, fill="black", font=font)
        x0, y0, x1, y1 = draw.textbbox((30, 30 + 90 * i), line, font=font)
        ink[line] = int(x0), int(y0), int(x1) + 1, int(y1) + 1
    return image, ink


def code(content: str = "https://example.com/7") -> Image.Image:
    """A page with a QR code and a bar code."""
    page = Image.new("RGB", (700, 420), "white")
    for kind, text, place in (
        (zxingcpp.BarcodeFormat.QRCode, content, (40, 60)),
        (zxingcpp.BarcodeFormat.EAN13, "4006381333931", (330, 80)),
    ):
        drawn = np.asarray(zxingcpp.create_barcode(text, kind).to_image(scale=3))
        page.paste(Image.fromarray(drawn).convert("RGB"), place)
    return page


def pictures(body: dict[str, Any]) -> list[NDArray[np.uint8]]:
    """The pictures of a request, of either endpoint."""
    found = []
    for turn in body.get("messages") or body["input"]:
        for part in turn["content"] if isinstance(turn["content"], list) else ():
            url = part.get("image_url")
            url = url["url"] if isinstance(url, dict) else url
            if url is not None:
                data = base64.b64decode(url.partition(",")[2])
                found.append(np.asarray(Image.open(io.BytesIO(data)).convert("RGB")))
    return found


def texts(body: dict[str, Any]) -> str:
    return str([turn["content"] for turn in body["messages"]]).partition("data:image")[0]


def ask(client: openai.OpenAI, *images: Image.Image, **more: Any) -> Any:
    return client.chat.completions.create(
        model="some-model", messages=asking("What is the total?", *map(encoded, images)), **more
    )


def test_lines_are_covered_and_nothing_else() -> None:
    image, ink = bill()
    sent = np.asarray(image)
    with standing() as stand, behind(stand.url, redact="text:card,text:email") as client:
        reply = ask(client, image)
        assert reply.usage.sightline["redacted"] == {"text": 2, "unread": 0}
        chunks = list(ask(client, image, stream=True, stream_options={"include_usage": True}))
        assert chunks[-1].usage.sightline["redacted"]["text"] == 2
        response = client.responses.create(
            model="some-model",
            input=[{"role": "user", "content": [{"type": "input_image", "image_url": data_url(
                encoded(image)), "detail": "high"}]}],
        )  # fmt: skip
        assert response.usage is not None
        assert response.usage.sightline["redacted"]["text"] == 2  # type: ignore[attr-defined]
    for body in stand.bodies:
        (got,) = pictures(body)
        assert got.shape == sent.shape
        changed = (got != sent).any(-1)
        assert not got[changed].any()
        for line in LINES:
            x0, y0, x1, y1 = ink[line]
            if line in (LINES[1], MAIL):
                assert not got[y0:y1, x0:x1].any(), line
            else:
                assert not changed[y0:y1, x0:x1].any(), line


def test_a_pattern_of_ones_own_codes_and_tiles() -> None:
    image, ink = bill()
    flags = {"redact": "text:^total [0-9]{1,2},codes", "views": "tiles"}
    with standing() as stand, behind(stand.url, **flags) as client:
        redacted = ask(client, image, code()).usage.sightline["redacted"]
        assert (redacted["text"], redacted["codes"]) == (1, 2)
        flags["redact"] = "text:^total [0-9]{1,2}"
    with standing() as second, behind(second.url, **flags) as client:
        assert ask(client, image).usage.sightline["redacted"]["text"] == 1
    for got in pictures(stand.bodies[0]):
        assert not [found for found in zxingcpp.read_barcodes(got) if found.valid]
    # The overview and the tiles are cut of what was covered.
    whole, *tiles = pictures(second.bodies[0])
    x0, y0, x1, y1 = ink["Total 16.20"]
    scale = whole.shape[1] / image.width
    middle = whole[round((y0 + y1) / 2 * scale), round(x0 * scale) + 2 : round(x1 * scale) - 2]
    assert not middle.any()
    assert any(not tile[y0:y1, x0:x1].any() for tile in tiles)


def test_people_are_covered_whole() -> None:
    pytest.importorskip("skimage")
    image = photograph("astronaut")
    with standing() as stand, behind(stand.url, redact="faces") as client:
        assert ask(client, image).usage.sightline["redacted"]["people"] >= 1
    (got,) = pictures(stand.bodies[0])
    face = got[80:190, 180:270]  # of 512
    assert face.max() <= 16  # a photograph goes as JPEG


def test_pages_are_covered_with_their_text() -> None:
    data = pdf(["Invoice", f"Card {CARD}"], ["Thank you"])
    name = f"{MAIL}.pdf"
    file = {"filename": name, "file_data": data_url(data, "application/pdf")}
    content: Any = [{"type": "text", "text": "?"}, {"type": "file", "file": file}]
    with standing() as stand, behind(stand.url, redact="text:card,text:email") as client:
        reply: Any = client.chat.completions.create(
            model="some-model", messages=[{"role": "user", "content": content}]
        )
        told = reply.usage.sightline["redacted"]
        assert (told["text"], told["page_text"]) == (1, 3)
        plain = {"filename": "a.txt", "file_data": data_url(f"a\n{CARD}".encode(), "text/plain")}
        content[1] = {"type": "file", "file": plain}
        client.chat.completions.create(
            model="some-model", messages=[{"role": "user", "content": content}]
        )
    first, second = stand.bodies
    assert "Invoice" in texts(first)
    for body in stand.bodies:
        assert "1111" not in str(body)
        assert MAIL not in str(body)
    assert "████" in texts(second)
    page, other = pictures(first)
    assert not page[page.shape[0] // 10 : page.shape[0] // 4].all()
    assert other.min() == 0  # its print is black, and stays


def test_what_is_said_in_a_film_is_covered(tmp_path: Path) -> None:
    spoken = tmp_path / "said.srt"
    spoken.write_text(
        f"1\n00:00:00,100 --> 00:00:01,000\nGood day.\n\n"
        f"2\n00:00:01,100 --> 00:00:02,000\nWrite to {MAIL}.\n"
    )
    path = film(tmp_path / "film.mp4")
    with standing() as stand:
        done = typed(
            "describe", str(path), "--frames", "2", "--transcript", str(spoken), "--base-url",
            stand.url, "--model", "m", "--redact", "text:email", "--json",
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (body,) = stand.bodies
    assert "Good day." in texts(body)
    assert MAIL not in str(body)
    assert "1.1 to 2.0: ████" in str(body)
    assert json.loads(done.stdout)["usage"]["sightline"]["redacted"]["said"] == 1


def test_decisions_are_of_covered_pictures() -> None:
    image, ink = bill()
    with standing(owner="vllm") as stand, behind(stand.url, redact="text:card") as client:
        answers = [{"type": "predicate", "name": None, "probability": 0.5}]
        body = {"model": "some-model", "answers": answers, "usage": {"input_tokens": 1}}
        stand.replies.append((200, "application/json", json.dumps(body).encode()))
        made: Any = client.decisions.create(
            model="some-model",
            input=[{"role": "user", "content": [
                {"type": "input_image", "image_url": data_url(encoded(image))}]}],
            questions=[{"type": "predicate", "instructions": "Is it paid?"}],
        )  # fmt: skip
        assert made.usage.sightline["redacted"]["text"] == 1
    (got,) = pictures(stand.bodies[0])
    x0, y0, x1, y1 = ink[LINES[1]]
    assert not got[y0:y1, x0:x1].any()


def test_it_may_differ_by_route_and_embedded_engines_see_all(tmp_path: Path) -> None:
    image, _ = bill()
    with standing() as stand:
        (tmp_path / "sightline.toml").write_text(
            f'redact = "text:card"\n[models.open]\nengine = "upstream"\nupstream_url = "{stand.url}"\n'
            f'model = "some-model"\nredact = ""\n[models.shut]\nengine = "upstream"\n'
            f'upstream_url = "{stand.url}"\nmodel = "some-model"\n'
        )
        with (
            started("--config", str(tmp_path / "sightline.toml")) as (url, _process),
            openai.OpenAI(base_url=url, api_key="x", max_retries=0, timeout=PATIENCE_S) as client,
        ):
            for model, covered in (("open", False), ("shut", True), ("gpt-4o", False)):
                reply: Any = client.chat.completions.create(
                    model=model, messages=asking("What does it say?", encoded(image))
                )
                assert ("redacted" in reply.usage.sightline) is covered, model
            assert CARD in str(reply.choices[0].message.content)
    opened, shut = stand.bodies
    assert (pictures(opened)[0] == np.asarray(image)).all()
    assert (pictures(shut)[0] != np.asarray(image)).any()


def test_what_cannot_be_looked_for_is_not_sent(tmp_path: Path) -> None:
    (tmp_path / "sightline_weights").mkdir()
    (tmp_path / "sightline_weights" / "__init__.py").write_text(
        "from pathlib import Path\nFOLDER = Path(__file__).parent\n"
    )
    paths = f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    image, _ = bill()
    with standing() as stand:
        flags = ("--engine", "upstream", "--upstream-url", stand.url, "--redact", "faces")
        with (
            started(*flags, env={**os.environ, "PYTHONPATH": paths}) as (url, _process),
            openai.OpenAI(base_url=url, api_key="x", max_retries=0, timeout=PATIENCE_S) as client,
            pytest.raises(openai.APIStatusError, match="People cannot be looked for"),
        ):
            ask(client, image)
    assert stand.bodies == []


def test_commands_that_ask_another_server(tmp_path: Path) -> None:
    image, ink = bill()
    path = tmp_path / "bill.png"
    path.write_bytes(encoded(image))
    (tmp_path / "page.pdf").write_bytes(pdf([f"Card {CARD}"]))
    with standing() as stand:
        there = ("--base-url", stand.url, "--model", "some-model", "--redact", "text:card")
        done = typed("ask", str(path), "What is it?", *there)
        assert (done.returncode, done.stdout) == (0, "fine\n")
        assert "Covered before it was sent: 1 line." in done.stderr
        done = typed("ask", str(tmp_path / "page.pdf"), "What is it?", *there)
        assert "1 line, 1 line of a page's own text." in done.stderr
        out = tmp_path / "out.jsonl"
        message = {"role": "assistant", "content": "fine"}
        whole = {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
        stand.replies.append((200, "application/json", json.dumps(whole).encode()))
        done = typed("bulk", str(path), "What is it?", "--out", str(out), *there)
        assert done.returncode == 0, done.stderr
        assert '"redacted": {"text": 1, "unread": 0}' in out.read_text()
        done = typed(
            "describe", str(SAMPLES / "film.mp4"), *there[:-1], "text:night", "--json",
            "--no-resume", "--frames", "2",
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert '"redacted"' in done.stdout
    x0, y0, x1, y1 = ink[LINES[1]]
    asked, page, rows, *films = stand.bodies
    for body in (asked, rows):
        (got,) = pictures(body)
        assert not got[y0:y1, x0:x1].any()
    assert "1111" not in texts(page)
    assert "file_data" not in str(page)
    assert all(pictures(body) for body in films)
    done = typed("ask", str(path), "?", *there[:-1], "text:\\bcard")
    assert (done.returncode, "no pattern that can be tried" in done.stderr) == (2, True)
    assert len(stand.bodies) == 3 + len(films)


@pytest.mark.parametrize(
    ("text", "line", "found"),
    [
        ("text:card", "VISA 4111-1111-1111-1111 12/28", True),
        ("text:card", "VISA 4111-1111-1111-1112 12/28", False),
        ("text:card", "3782 822463 10005", True),
        ("text:card", "Order 12345678", False),
        ("text:email", "Write to ada.l@mail.example.org today", True),
        ("text:phone", "Tel. +44 20 7946 0958", True),
        ("text:phone", "2026-03-14  16.20", False),
        ("text:a{2,3}b,codes", "xAAB", True),
        ("text:^iban", "my IBAN", False),
        ("text:IBAN,text:phone", "my iban", True),
        ("text:a b", "a    b", True),
        ("codes,faces", "anything", False),
        ("text:needle", "hay " * 2000 + "needle", True),
    ],
)
def test_lines_that_match(text: str, line: str, found: bool) -> None:
    assert PatternMatcher(wanted(text)).matches(line) is found


@pytest.mark.parametrize(
    "text", ["card", "text:", "text:(", "text:\\bx", "text:(?=a)b", "text:(a)\\1", "faces,foo"]
)
def test_what_cannot_be_wanted(text: str) -> None:
    with pytest.raises(UsageError):
        wanted(text)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*)*x", "(([a-z])+.)+[A-Z]"])
def test_no_pattern_holds_a_page_up(pattern: str) -> None:
    """Python's `re` would be at any of these for years."""
    matcher = PatternMatcher(wanted(f"text:{pattern}"))
    assert isinstance(matcher.matches("a" * 50_000 + "!"), bool)


def test_a_long_row_of_digits_is_read_in_time() -> None:
    assert has_card("1 " * 50_000) in (True, False)

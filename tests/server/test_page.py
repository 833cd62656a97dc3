"""The page's files: what is served, how, and what it may do in a browser."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from sightline.playground.page import MOST_BYTES, static_files
from sightline.voices.voice import NAMES
from tests.conftest import running
from tests.server.test_keys import added
from tests.waiting import PATIENCE_S

ROOT = Path(__file__).parents[2]
FILES = dict(static_files())


@pytest.fixture(scope="module")
def root() -> Iterator[str]:
    with running() as url:
        yield url.removesuffix("/v1")


def test_the_whole_page_is_small() -> None:
    assert sum(map(len, FILES.values())) <= MOST_BYTES


def test_doors_lead_to_the_page(root: str) -> None:
    for door in ("/", "/playground", "/playground/"):
        page = requests.get(root + door, timeout=PATIENCE_S)
        assert (page.status_code, page.url) == (200, f"{root}/playground/")
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert re.sub(rb'(href|src)="\w{12}/', rb'\1="', page.content) == FILES["index.html"]
        assert page.headers["cache-control"] == "no-cache"


def test_what_the_page_loads_is_kept_for_good(root: str) -> None:
    """Its address says which version it is, and what it loads itself stands beside it."""
    page = requests.get(f"{root}/playground/", timeout=PATIENCE_S).text
    (version,) = set(re.findall(r'(?:href|src)="(\w{12})/', page))
    for name, body in FILES.items():
        reply = requests.get(f"{root}/playground/{version}/{name}", timeout=PATIENCE_S)
        assert reply.content == body
        assert "immutable" in reply.headers["cache-control"]
    assert (
        requests.get(f"{root}/playground/{'0' * 12}/app.js", timeout=PATIENCE_S).status_code == 404
    )


@pytest.mark.parametrize("name", FILES)
def test_every_file_is_served_with_its_type_and_kept_by_its_hash(root: str, name: str) -> None:
    url = f"{root}/playground/{name}"
    reply = requests.get(url, timeout=PATIENCE_S)
    assert name == "index.html" or reply.content == FILES[name]
    kind = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml",
            "webp": "image/webp", "mp4": "video/mp4"}[name.rpartition(".")[2]]  # fmt: skip
    assert reply.headers["content-type"].partition(";")[0] == kind
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["cache-control"] == "no-cache"
    head = requests.head(url, timeout=PATIENCE_S)
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) == len(reply.content)
    tag = reply.headers["etag"]
    for sent in (tag, f'"other", W/{tag}'):
        kept = requests.get(url, headers={"if-none-match": sent}, timeout=PATIENCE_S)
        assert (kept.status_code, kept.content) == (304, b"")
    assert (
        requests.get(url, headers={"if-none-match": '"other"'}, timeout=PATIENCE_S).status_code
        == 200
    )


@pytest.mark.parametrize(
    "path", ["nothing.js", "../app.py", "..%2f__init__.py", "static/app.js", "vendor", "%00"]
)
def test_nothing_else_is_there(root: str, path: str) -> None:
    assert requests.get(f"{root}/playground/{path}", timeout=PATIENCE_S).status_code == 404


def test_it_takes_nothing(root: str) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert (
            requests.request(method, f"{root}/playground/", timeout=PATIENCE_S).status_code == 405
        )


def test_the_policy_lets_nothing_in_from_elsewhere(root: str) -> None:
    policy = requests.get(f"{root}/playground/", timeout=PATIENCE_S).headers[
        "content-security-policy"
    ]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == rules["frame-ancestors"] == rules["base-uri"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"
    assert rules["img-src"] == rules["media-src"] == "'self' blob: data:"
    assert "unsafe" not in policy
    assert "http" not in policy


def test_no_file_asks_elsewhere_or_runs_text() -> None:
    for name, body in FILES.items():
        if name.startswith("vendor/") or not name.endswith((".js", ".html", ".css")):
            continue
        text = body.decode()
        found = re.findall(r"https?://\w[\w.]*", text)
        assert set(found) <= {"https://example.com"}, name
        assert not re.search(r"\beval\(|new Function|document\.write|setTimeout\(\"", text), name
        # Markdown made safe is the one text that becomes elements.
        assert text.count("innerHTML") == (name == "answer.js"), name
        assert 'style="' not in text, name


def test_every_module_is_asked_for_at_once() -> None:
    """None waits for the one that imports it."""
    page = FILES["index.html"].decode()
    for name in FILES:
        assert not name.endswith(".js") or re.search(rf'(href|src)="{re.escape(name)}"', page), name


def test_what_others_wrote_is_named_with_its_hash_and_licence() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    for name, body in FILES.items():
        if name.startswith("vendor/"):
            told = notice.partition(f"sightline/playground/static/{name}\n")[2].split("\n\n")[0]
            assert hashlib.sha256(body).hexdigest() in told, name
            for line in ("What: ", "Origin: ", "Licence: "):
                assert line in told, name


def test_the_voices_of_the_page_are_those_of_the_server() -> None:
    told = FILES["narrate.js"].decode().partition("VOICES = [")[2].partition("]")[0]
    assert tuple(re.findall(r'"(\w+)"', told)) == NAMES


def test_it_needs_no_key(tmp_path: Path) -> None:
    added(tmp_path, "alice")
    with running("--keys", "required", "--keys-file", str(tmp_path / "keys.sqlite")) as url:
        assert requests.get(url.removesuffix("/v1") + "/", timeout=PATIENCE_S).status_code == 200
        assert requests.get(f"{url}/models", timeout=PATIENCE_S).status_code == 401


def test_it_can_be_left_out() -> None:
    with running("--no-playground") as url:
        for door in ("/", "/playground", "/playground/", "/playground/app.js"):
            assert (
                requests.get(url.removesuffix("/v1") + door, timeout=PATIENCE_S).status_code == 404
            )

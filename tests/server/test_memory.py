"""What a request may hold: bodies, what is fetched for it, what is decoded, all in one budget."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import platform
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import openai
import pytest
import requests
from PIL import Image
from starlette.requests import Request

from sightline.errors import EngineBusy, RequestTooLarge
from sightline.media import file_kinds
from sightline.server.lifecycle import Held, finish
from tests.conftest import running, started
from tests.films import film
from tests.pictures import sample
from tests.server.test_overload import gauge, shows
from tests.serving import Server
from tests.starting import python
from tests.waiting import PATIENCE_S, until

MIB = 1 << 20


@dataclass
class Host:
    """Bodies over HTTP: so many bytes that begin as a file does, and then silence for a while."""

    url: str = ""
    asked: list[str] = field(default_factory=list)
    heads: dict[str, bytes] = field(default_factory=dict)
    go_on: threading.Event = field(default_factory=threading.Event)

    def page(self, name: str, head: bytes, size: int, *, stalls: bool = False) -> str:
        """Add a page of `size` bytes; one that `stalls` says nothing after them until `go_on`."""
        path = f"/{name}{'?stalls' if stalls else ''}"
        self.heads[path] = head + bytes(max(0, size - len(head)))
        return self.url + path


@contextmanager
def hosting() -> Iterator[Host]:
    host = Host()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host.asked.append(self.path)
            body = host.heads[self.path]
            self.send_response(200)
            if not self.path.endswith("?stalls"):
                self.send_header("content-length", str(len(body)))
            self.end_headers()
            with suppress(OSError):  # who asked has enough
                self.wfile.write(body)
                if self.path.endswith("?stalls"):
                    host.go_on.wait(PATIENCE_S)

        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    host.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield host
    finally:
        host.go_on.set()
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def host() -> Iterator[Host]:
    with hosting() as made:
        yield made


PNG, PDF, FILM = sample("sign"), b"%PDF-1.4\n", b"\0\0\0\x18ftypmp42"


def picture(url: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url}}


def document(url: str) -> dict[str, Any]:
    return {"type": "file", "file": {"file_url": url}}


def video(url: str) -> dict[str, Any]:
    return {"type": "video_url", "video_url": {"url": url}}


KINDS = {"image": (picture, PNG), "file": (document, PDF), "video": (video, FILM)}
MIRROR = ("--engine", "mirror", "--allow-private-urls")


def body(*parts: dict[str, Any]) -> dict[str, Any]:
    content = [{"type": "text", "text": "What is it?"}, *parts]
    return {"model": "gpt-4o", "messages": [{"role": "user", "content": content}]}


def ask(url: str, *parts: dict[str, Any], route: str = "chat/completions") -> requests.Response:
    return requests.post(f"{url}/{route}", json=body(*parts), timeout=PATIENCE_S)


def held(url: str, least: int) -> None:
    """Wait until so many bytes are held."""
    until(lambda: gauge(url, "held_bytes") >= least)


@pytest.mark.parametrize("route", ["chat/completions", "chat/completions/input_tokens"])
def test_parts_are_counted_before_anything_is_fetched(host: Host, route: str) -> None:
    urls = {kind: host.page(kind, head, 2000) for kind, (_, head) in KINDS.items()}
    bounds = ("--max-images", "3", "--max-videos", "2", "--max-files", "4")
    with running(*MIRROR, *bounds) as url:
        for kind, most in (("image", 3), ("video", 2), ("file", 4)):
            others = [KINDS[other][0](urls[other]) for other in KINDS if other != kind]
            many = [KINDS[kind][0](urls[kind])] * (most + 1)
            error = ask(url, *others, *many, route=route).json()["error"]
            assert error["code"] == f"too_many_{kind}s"
            assert f"at most {most} are allowed, but got {most + 1}" in error["message"]
    assert host.asked == []


@pytest.mark.parametrize("route", ["chat/completions", "chat/completions/input_tokens"])
@pytest.mark.parametrize("kind", list(KINDS))
def test_what_is_fetched_is_in_the_budget(host: Host, kind: str, route: str) -> None:
    make, head = KINDS[kind]
    slow = make(host.page("slow", head, 3 * MIB, stalls=True))
    large = picture(host.page("large", PNG, 3 * MIB))
    with (
        running(*MIRROR, "--threads", "1", "--max-held-bytes", str(5 * MIB)) as url,
        ThreadPoolExecutor(1) as pool,
    ):
        first = pool.submit(ask, url, slow, route=route)
        held(url, 3 * MIB)
        refused = ask(url, large, route=route)
        assert refused.status_code == 503, refused.text
        assert refused.json()["error"]["code"] == "engine_busy"
        assert int(refused.headers["retry-after"]) >= 1
        assert ask(url, picture(f"data:image/png;base64,{base64.b64encode(PNG).decode()}")).ok
        host.go_on.set()
        first.result()
        shows(url, "held_bytes", 0)
        assert ask(url, large).ok
        shows(url, "held_bytes", 0)


def test_the_newer_responses_route_too_and_a_client_that_goes(host: Host) -> None:
    url_of = host.page("slow", PNG, 3 * MIB, stalls=True)
    content = [
        {"type": "input_text", "text": "What?"},
        {"type": "input_image", "image_url": url_of},
    ]
    asked = {"model": "gpt-4o", "input": [{"role": "user", "content": content}]}
    with running(*MIRROR) as url:
        for route in ("responses", "responses/input_tokens", "chat/completions"):
            leave(host, url, route, body(picture(url_of)) if route.startswith("chat") else asked)
            shows(url, "held_bytes", 0)


def leave(host: Host, url: str, route: str, sent: dict[str, Any]) -> None:
    """Send a request, and go once the host of its picture is asked."""
    before, there = len(host.asked), urlsplit(url)
    client = HTTPConnection(there.hostname or "", there.port, timeout=PATIENCE_S)
    heads = {"content-type": "application/json"}
    client.request("POST", f"{there.path}/{route}", json.dumps(sent), heads)
    until(lambda: len(host.asked) > before, lambda: host.asked)
    client.close()


def test_one_request_has_a_bound_of_its_own(host: Host) -> None:
    with running(*MIRROR, "--max-request-held-bytes", str(2 * MIB)) as url:
        refused = ask(url, picture(host.page("large", PNG, 3 * MIB)))
        assert refused.status_code == 413
        error = refused.json()["error"]
        assert "more than 2 MiB" in error["message"]
        assert "retry-after" not in refused.headers
        assert ask(url, picture(host.page("small", PNG, MIB))).ok
        # Pixels count: this one is a few kilobytes, and 9 MB when it is seen.
        stored = io.BytesIO()
        Image.new("L", (3000, 1000)).save(stored, "PNG")
        wide = f"data:image/png;base64,{base64.b64encode(stored.getvalue()).decode()}"
        part = {"type": "image_url", "image_url": {"url": wide, "detail": "original"}}
        sent = {**body(part), "model": "gpt-5.4"}
        assert (
            requests.post(f"{url}/chat/completions", json=sent, timeout=PATIENCE_S).status_code
            == 413
        )


@pytest.mark.parametrize("kind", list(KINDS))
def test_what_begins_as_no_known_format_is_dropped_at_once(host: Host, kind: str) -> None:
    make, _ = KINDS[kind]
    # Were it read on, the answer would be that it took too long.
    page = host.page("page", b"PK\x03\x04\0" + b"word " * 400, 5000, stalls=True)
    with running(*MIRROR, "--fetch-timeout-s", "10") as url:
        refused = ask(url, make(page))
    assert refused.status_code == 400
    message = refused.json()["error"]["message"]
    assert re.search("unsupported image|Unsupported file|neither a picture nor a film", message)


def test_a_picture_in_the_place_of_a_document_is_cut_at_a_pictures_bound(host: Host) -> None:
    page = host.page("page", PNG, 2 * MIB, stalls=True)
    with running(*MIRROR, "--fetch-timeout-s", "10", "--max-image-bytes", str(MIB)) as url:
        refused = ask(url, document(page))
    assert refused.status_code == 400
    assert "size exceeds the limit" in refused.json()["error"]["message"]


def test_only_as_many_films_are_fetched_as_are_decoded(host: Host) -> None:
    page = video(host.page("film", FILM, MIB, stalls=True))
    with running(*MIRROR, "--threads", "1") as url, ThreadPoolExecutor(4) as pool:
        going = [pool.submit(ask, url, page) for _ in range(4)]
        held(url, MIB)
        shows(url, "active_requests", 4)
        assert len(host.asked) == 1
        assert gauge(url, "held_bytes") < 2 * MIB
        host.go_on.set()
        assert {f.result().status_code for f in going} == {400}
        assert len(host.asked) == 4


def test_many_large_files_by_url_cost_little(host: Host) -> None:
    """The server's peak, by the kernel's own count."""
    pages = [document(host.page(f"{i}", PNG, 18 * MIB)) for i in range(3)] * 7
    with started(*MIRROR) as (url, process):
        ask(url, picture(host.page("small", PNG, 0)))

        def peak() -> float:
            told = Path(f"/proc/{process.pid}/status").read_text()
            return int(re.search(r"VmHWM:\s+(\d+)", told)[1]) / 1024  # type: ignore[index]

        before = peak()
        refused = ask(url, *pages)
        assert refused.status_code == 400
        assert refused.json()["error"]["code"] == "image_file_too_large"
        assert peak() - before < 250
    assert len(host.asked) <= 4


def test_json_of_brackets_alone_is_refused() -> None:
    with running(*MIRROR) as url:
        many = b'{"model": "gpt-4o", "messages": [' + b"[]," * 600_000 + b"[]]}"
        refused = requests.post(f"{url}/chat/completions", data=many, timeout=PATIENCE_S,
                                headers={"content-type": "application/json"})  # fmt: skip
        assert refused.status_code == 413
        assert "too many values" in refused.json()["error"]["message"]
        shows(url, "held_bytes", 0)
        long = json.dumps(body({"type": "text", "text": "word, " * 200_000}))
        counted = requests.post(f"{url}/chat/completions/input_tokens", data=long, timeout=PATIENCE_S,
                                headers={"content-type": "application/json"})  # fmt: skip
        assert counted.ok


def test_uploads_that_are_asked_about_are_in_the_budget(tmp_path: Path) -> None:
    flags = ("--files-dir", str(tmp_path), "--max-request-held-bytes", str(4 * MIB))
    with (
        running(*MIRROR, *flags) as url,
        openai.OpenAI(base_url=url, api_key="a", max_retries=0, timeout=PATIENCE_S) as client,
    ):
        large = client.files.create(file=("a.png", PNG + bytes(2 * MIB)), purpose="vision")
        content: list[Any] = [{"type": "input_image", "file_id": large.id, "detail": "auto"}]
        with pytest.raises(openai.APIStatusError) as refused:
            client.responses.create(model="gpt-4o", input=[{"role": "user", "content": content}])
        assert refused.value.status_code == 413
        assert client.files.content(large.id).content == PNG + bytes(2 * MIB)
        shows(url, "held_bytes", 0)


def test_small_requests_pass_a_full_budget_and_nothing_is_counted_after_the_end() -> None:
    first, second = Request({"type": "http"}), Request({"type": "http"})
    every = Held(MIB, MIB // 2)
    take = every.of(first)
    with every.apart() as apart:
        apart(MIB)
        take(60_000)
        with pytest.raises(EngineBusy):
            every.of(first)(60_000)
        with pytest.raises(RequestTooLarge):
            every.of(second)(MIB)
    every.of(first)(100_000)
    take(-100_000)
    assert every.bytes == 60_000
    asyncio.run(finish(first.scope))
    take(5)
    assert every.bytes == 0


def test_films_are_known_by_their_beginnings(tmp_path: Path) -> None:
    made = [
        film(tmp_path / "a.mp4"), film(tmp_path / "a.mkv"), film(tmp_path / "a.avi", "mpeg4"),
        film(tmp_path / "a.ts", "mpeg2video"), film(tmp_path / "a.mov"),
    ]  # fmt: skip
    for path in made:
        data = path.read_bytes()
        assert file_kinds.may_be_film(data[: file_kinds.HEAD]), path.name
        if path.suffix == ".ts":  # one that was cut out of a broadcast
            assert file_kinds.may_be_film(data[100 : 100 + file_kinds.HEAD])
    for none in (b"<html>" * 200, b"%PDF-1.4" * 100, b"G" + b"word " * 200, b"", b"GG", b"\0" * 99):
        assert not file_kinds.may_be_film(none), none[:9]


GIVES_BACK = """
import asyncio, pathlib, re, sys
from sightline.server.memory_trim import Trimmer

def mib():
    return int(re.search(r"VmRSS:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1]) >> 10

async def main():
    before = mib()
    pieces = [bytes([i % 256]) * 60_000 for i in range(4000)]
    behind = bytes(60_000)  # it keeps the heap from shrinking
    most = mib()
    pieces.clear()
    Trimmer().soon()
    for _ in range(600):
        await asyncio.sleep(0.1)
        if mib() - before < 60:
            break
    print(most - before, mib() - before)

asyncio.run(main())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="of glibc's allocator")
def test_memory_that_is_let_go_is_given_back() -> None:
    done = python(GIVES_BACK, check=True)
    most, after = map(int, done.stdout.split())
    assert most > 200
    assert after < 60

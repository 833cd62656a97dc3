"""What stands before the playground: no file of the server's, of another's or of a URL is had."""

from __future__ import annotations

import json
import os
import re
import resource
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests

from tests.conftest import running, started
from tests.server.test_keys import added
from tests.serving import Server

SAMPLES = Path(__file__).parents[1] / "samples"
PICTURE = (SAMPLES / "sign.png").read_bytes()
CANARY = "this-is-nobody's-business-" + secrets.token_hex(8)
META = {"_type": "gradio.FileData"}
TAKES_FILES = {"gallery", "video"}  # the page's inputs; no other takes one
MIB = 1 << 20

# Each route that Gradio has. After an update of Gradio a route that is new stands in neither set:
# see what it reads and gives before it is put into one.
NEEDED = {
    "GET /", "HEAD /", "GET /assets/{path:path}", "GET /favicon.ico", "GET /static/{path:path}",
    "GET /theme.css", "GET /gradio_api/heartbeat/{session_hash}", "GET /gradio_api/queue/data",
    "POST /gradio_api/cancel", "POST /gradio_api/queue/join", "POST /gradio_api/reset",
    "POST /gradio_api/run/{api_name}",
}  # fmt: skip
OURS = {  # answered before Gradio is asked
    "GET /gradio_api/file={path_or_url:path}", "HEAD /gradio_api/file={path_or_url:path}",
    "POST /gradio_api/upload",
}  # fmt: skip
REFUSED = {
    "GET /config", "GET /gradio_api/app_id", "GET /gradio_api/call/v2/{api_name}/{event_id}",
    "GET /gradio_api/call/{api_name}/{event_id}",
    "GET /gradio_api/custom_component/{id}/{environment}/{type}/{file_name}",
    "GET /gradio_api/deep_link", "GET /gradio_api/dev/reload", "GET /gradio_api/file/{path:path}",
    "GET /gradio_api/info", "GET /gradio_api/login_check", "GET /gradio_api/openapi.json",
    "GET /gradio_api/proxy={url_path:path}", "HEAD /gradio_api/proxy={url_path:path}",
    "GET /gradio_api/queue/status", "GET /gradio_api/runs", "GET /gradio_api/startup-events",
    "GET /gradio_api/stream/{session_hash}/{run}/{component_id}/playlist-file",
    "GET /gradio_api/stream/{session_hash}/{run}/{component_id}/playlist.m3u8",
    "GET /gradio_api/stream/{session_hash}/{run}/{component_id}/{segment_id}.{ext}",
    "GET /gradio_api/theme.css", "GET /gradio_api/token", "GET /gradio_api/upload_progress",
    "GET /gradio_api/user", "GET /gradio_api/vibe-code", "GET /logout", "GET /manifest.json",
    "GET /monitoring", "GET /monitoring/summary", "GET /monitoring/{key}", "GET /openapi.json",
    "HEAD /openapi.json", "GET /pwa_icon", "GET /pwa_icon/{size}", "GET /robots.txt",
    "GET /svelte/{path:path}", "POST /gradio_api/api/{api_name}",
    "POST /gradio_api/call/v2/{api_name}", "POST /gradio_api/call/{api_name}",
    "POST /gradio_api/component_server", "POST /gradio_api/process_recording",
    "POST /gradio_api/stream/{event_id}", "POST /gradio_api/stream/{event_id}/close",
    "POST /gradio_api/undo-vibe-edit", "POST /gradio_api/vibe-code", "POST /gradio_api/vibe-edit",
    "POST /gradio_api/vibe-starter-queries", "POST /login",
}  # fmt: skip


class Visitor:
    """A browser at the page, with one tab."""

    def __init__(self, root: str, **headers: str) -> None:
        self.root, self.tab = root, secrets.token_hex(5)
        self.http = requests.Session()
        self.http.headers.update(headers)
        page = self.http.get(f"{root}/", timeout=60)
        assert page.status_code == 200
        found = re.search(r"window\.gradio_config = (\{.*?\});</script>", page.text, re.DOTALL)
        assert found is not None
        self.config = json.loads(found[1])

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        return self.http.request(method, self.root + path, timeout=60, **options)

    def uploads(self, data: bytes = PICTURE, name: str = "sign.png") -> requests.Response:
        return self.send("POST", "/gradio_api/upload", files={"files": (name, data)})

    def upload(self, data: bytes = PICTURE, name: str = "sign.png") -> str:
        done = self.uploads(data, name)
        assert done.status_code == 200, done.text
        return str(done.json()[0])

    def file(self, path: str) -> requests.Response:
        return self.send("GET", f"/gradio_api/file={quote(path)}")

    def functions(self) -> list[tuple[int, list[dict[str, Any]]]]:
        """Give each function of the page: its number, and its inputs."""
        parts = {part["id"]: part for part in self.config["components"]}
        return [
            (each["id"], [parts[id] for id in each["inputs"]])
            for each in self.config["dependencies"]
        ]

    def bodies(self, value: Any) -> Iterator[dict[str, Any]]:
        """Give bodies that carry a value: in each input of each function that takes a file."""
        for number, inputs in self.functions():
            usual = [part["props"].get("value") for part in inputs]
            for place, part in enumerate(inputs):
                if part["type"] in TAKES_FILES:
                    shapes = [value] if part["type"] == "video" else _galleries(value)
                    for shape in shapes:
                        data = [*usual[:place], shape, *usual[place + 1 :]]
                        yield {"data": data, "fn_index": number, "session_hash": self.tab}


def _galleries(value: Any) -> list[Any]:
    return [
        [{"image": value, "caption": None}], [{"video": value, "caption": None}],
        [value], value, [[value, None]],
    ]  # fmt: skip


def upload_of(own: str, **more: Any) -> dict[str, Any]:
    return {"path": own, "orig_name": "sign.png", "meta": META, **more}


def lying(folder: Path, what: str) -> list[Path]:
    """Give the files below a folder that hold a text."""
    # What goes while this looks is no fault: `os.walk` goes on, `rglob` would not.
    paths = (Path(where) / name for where, _, names in os.walk(folder) for name in names)
    return [path for path in paths if what.encode() in _read(path)]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("held")


@pytest.fixture(scope="module")
def root(held: Path) -> Iterator[str]:
    env = {**os.environ, "TMPDIR": str(held), "CANARY": CANARY}
    with started("--playground-quota-bytes", str(16 * MIB), env=env) as (url, _):
        yield f"{url.removesuffix('/v1')}/playground"


@pytest.fixture
def visit() -> Iterator[Callable[..., Visitor]]:
    """Open the page as one browser more."""
    opened: list[Visitor] = []

    def visit(root: str, **headers: str) -> Visitor:
        opened.append(Visitor(root, **headers))
        return opened[-1]

    yield visit
    for each in opened:
        each.http.close()


@pytest.fixture
def visitor(root: str, visit: Callable[..., Visitor]) -> Visitor:
    return visit(root)


@pytest.fixture
def secret(tmp_path: Path) -> str:
    (tmp_path / "secret.png").write_text(CANARY)
    return str(tmp_path / "secret.png")


@pytest.fixture(scope="module")
def listener() -> Iterator[tuple[str, list[str]]]:
    """A server on loopback that nobody is to ask."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(PICTURE)

        do_HEAD = do_GET  # noqa: N815 - as the library asks by name

        def log_message(self, *_: Any) -> None:
            pass

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/sign.png", asked
    server.shutdown()
    thread.join()
    server.server_close()


CALLS = ["/gradio_api/run/predict", "/gradio_api/queue/join"]
OTHER_CALLS = [
    "/gradio_api/run/ask", "/gradio_api/api/ask", "/gradio_api/api/predict", "/gradio_api/call/ask",
    "/gradio_api/call/v2/ask", "/gradio_api/run/predict/", "/gradio_api/queue/join/",
    "/gradio_api/component_server", "/gradio_api/process_recording", "/run/predict", "/queue/join",
    "/gradio_api/stream/0123456789abcdef0123456789abcdef", "//gradio_api/queue/join",
]  # fmt: skip


# Gradio leaves an event loop open: a process of its own.
LOOK = """
import json, os, sys
from pathlib import Path
from sightline.playground.mount import Playground
from sightline.playground.shapes import CHECKS
from sightline.playground.visitors import Visitors
from sightline.settings import load

os.environ["GRADIO_TEMP_DIR"] = sys.argv[1]
app, page = Playground(load())._build(Visitors(Path(sys.argv[1]), 1 << 30))

def routes_of(routes):
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from routes_of(inner.routes)
        else:
            for method in route.methods or {"ALL"}:
                yield f"{method} {route.path.rstrip('/') or '/'}"

def takes_files(part):
    model = getattr(part, "data_model", None)
    return model is not None and '"is_stream"' in json.dumps(model.model_json_schema())

inputs = {part for function in page.fns.values() for part in function.inputs}
print(json.dumps({
    "routes": sorted({name for mount in app.routes for name in routes_of(mount.routes)}),
    "inputs": sorted({part.get_block_name() for part in inputs}),
    "takes": sorted({part.get_block_name() for part in inputs if takes_files(part)}),
    "parts": sorted({part.get_block_name() for part in page.blocks.values()}),
    "checks": sorted(CHECKS),
    "flags": [page.has_launched, page.is_running, page.allowed_paths],
}))
"""


def test_gradio_has_no_route_and_the_page_no_input_that_nobody_looked_at(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOOK, str(tmp_path)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert set(found["routes"]) == NEEDED | OURS | REFUSED
    assert found["flags"] == [True, True, []]
    assert set(found["inputs"]) <= set(found["checks"])
    assert set(found["takes"]) == TAKES_FILES
    # What is shown of a conversation is never asked for.
    assert "chatbot" in found["parts"]
    assert "chatbot" not in {*found["inputs"], *found["checks"]}


def test_only_the_routes_that_the_page_needs_are_there(visitor: Visitor) -> None:
    for route in REFUSED:
        method, _, path = route.partition(" ")
        path = re.sub(r"\{[^}]*\}", "predict", path)
        for tried in (path, path + "/", path + "?deep_link=x&url=http://127.0.0.1/"):
            answer = visitor.send(method, tried, json={"data": []} if method == "POST" else None)
            assert answer.status_code == 404, (route, answer.text)
    for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
        for path in ("/", "/gradio_api/upload", "/gradio_api/queue/join"):
            assert visitor.send(method, path).status_code == 404
    for path in ("/static/..%2f..%2froutes.py", "/assets/%2e%2e/%2e%2e/routes.py", "/static/.env"):
        assert visitor.send("GET", path).status_code == 404


@pytest.mark.parametrize("path", CALLS + OTHER_CALLS)
def test_no_file_of_the_server_is_had(visitor: Visitor, held: Path, secret: str, path: str) -> None:
    own = visitor.upload()
    folder = Path(own).parent
    link = folder / "link.png"
    link.symlink_to(secret)
    hostile = [
        "/etc/passwd", "/proc/self/environ", f"/proc/self/root{secret}", str(link), str(folder),
        f"{folder}/../../../../../../../../..{secret}", f"{own}/", f"{own}/.", f"{own}\0", f" {own}",
        f"{folder}/../{folder.name}/sign.png", own.replace("/sign", "//sign"), quote(secret),
        secret.replace("/", "%2f"), secret.replace("/", "\\"), f"file://{secret}", f"{secret}\0.png",
        "", ".", "sign.png", "~/.bashrc", "\u2024\u2024/secret.png", "\ud800", "C:\\secret.png",
        f"/playground/gradio_api/file={secret}", "data:text/plain,x", str(held), "/dev/zero",
    ]  # fmt: skip
    bodies = [*visitor.bodies(upload_of(secret)), *visitor.bodies(secret)]
    assert len(bodies) > 20
    for each in hostile:
        for value in (upload_of(each), upload_of(own, path=each, is_stream=True)):
            bodies += list(visitor.bodies(value))[:: 7 if path in CALLS else 100]
    for body in bodies:
        answer = visitor.send("POST", path, json=body)
        assert 400 <= answer.status_code < 500, (body, answer.text)
        assert CANARY not in answer.text
    assert [found for found in lying(held, CANARY) if found != link] == []
    link.unlink()


@pytest.mark.parametrize("path", CALLS)
def test_files_that_are_no_plain_upload_are_refused(
    visitor: Visitor, listener: tuple[str, list[str]], path: str
) -> None:
    url, asked = listener
    own = visitor.upload()
    shown = f"{visitor.root}/gradio_api/file={own}"
    wrong = [
        upload_of(url), upload_of(url, url=url), upload_of(own, url=url), upload_of(own, url=own),
        upload_of(own, url=f"file://{own}"), upload_of(own, url=shown + ".png"),
        upload_of(own, url=shown.replace("127.0.0.1", "localhost")), upload_of(own, url=[shown]),
        upload_of(own, url=url + f"?/gradio_api/file={own}"), upload_of(own, url="//127.0.0.1/x"),
        upload_of(own, url="HTTP://[/gradio_api/file=" + own), upload_of(own, is_stream=True),
        upload_of(own, meta=None), upload_of(own, meta={**META, "more": url}), {"path": own},
        upload_of(own, orig_name={"path": url}), upload_of(own, more=url), {"url": url}, [own],
        upload_of(own, path=[own]), {"meta": META}, json.dumps(upload_of(own)), {"video": url},
        {"path": None, "url": url, "meta": META},
    ]  # fmt: skip
    for value in wrong:
        for body in list(visitor.bodies(value))[::7]:
            answer = visitor.send("POST", path, json=body)
            assert 400 <= answer.status_code < 500, (body, answer.text)
            assert url not in answer.text
    assert asked == []


def test_ones_own_upload_is_taken_and_shown_in_part_as_well(visitor: Visitor) -> None:
    own = visitor.upload(name="a picture, of <b>%2e%2e</b>.png")
    assert re.fullmatch(r"[\w.-]+\.png", Path(own).name)
    taken = upload_of(own, url=f"{visitor.root}/gradio_api/file={own}", size=1, mime_type="x/y")
    number, inputs = next(
        (number, parts)
        for number, parts in visitor.functions()
        if [part["type"] for part in parts][:1] == ["gallery"]
    )
    data = [
        [{"image": taken, "caption": None}],
        *(part["props"].get("value") for part in inputs[1:]),
    ]
    body = {"data": data, "fn_index": number, "session_hash": visitor.tab, "event_data": taken}
    done = visitor.send("POST", CALLS[0], json=body)
    assert done.status_code == 200, done.text
    assert "800 × 420" in done.json()["data"][0]
    assert visitor.file(own).content == PICTURE
    part = visitor.send("GET", f"/gradio_api/file={own}", headers={"range": "bytes=1-3"})
    assert (part.status_code, part.content) == (206, PICTURE[1:4])


def test_what_a_browser_could_run_is_saved_and_not_shown(visitor: Visitor) -> None:
    for name in ("page.html", "picture.svg", "script.js", "none", ".htaccess", "text.xml"):
        answer = visitor.file(visitor.upload(b"<script>alert(1)</script>", name))
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith("attachment")
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_what_is_not_the_visitors_is_not_shown(
    visitor: Visitor, listener: tuple[str, list[str]], secret: str
) -> None:
    own = visitor.upload()
    url, asked = listener
    for path in (
        secret, "/etc/passwd", "/proc/self/environ", str(Path(own).parent), f"{own}/",
        url, f"file://{secret}", "http:/127.0.0.1/", "", "%2fetc%2fpasswd", own.lstrip("/"),
    ):  # fmt: skip
        for sent in (path, quote(path), quote(path, safe="")):
            answer = visitor.send("GET", f"/gradio_api/file={sent}")
            assert 400 <= answer.status_code < 500, (path, answer.text)
    for other in (
        "/gradio_api/file/" + own, "/file=" + own, "/gradio_api/stream/" + own,
        f"/gradio_api/proxy={url}", "/gradio_api/file=" + own + "?x", "/gradio_api/FILE=" + own,
    ):  # fmt: skip
        answer = visitor.send("GET", other)
        assert answer.status_code == 404 or other.endswith("?x")
    assert asked == []


def test_neither_another_browser_nor_another_key_has_ones_files(
    visitor: Visitor, visit: Callable[..., Visitor]
) -> None:
    own = visitor.upload()
    other = visit(visitor.root)
    other.tab = visitor.tab  # which a client chooses
    same = visit(visitor.root)
    same.http.cookies.update(visitor.http.cookies)
    assert same.file(own).status_code == 200
    same.http.headers["authorization"] = "Bearer another-key"
    for foreign in (other, same):
        assert foreign.file(own).status_code == 400
        for path in CALLS:
            for body in list(foreign.bodies(upload_of(own)))[::7]:
                assert foreign.send("POST", path, json=body).status_code == 400
    nobody = requests.get(f"{visitor.root}/gradio_api/file={own}", timeout=30)
    assert nobody.status_code == 403


def heard(visitor: Visitor, path: str) -> str:
    """Give the events of a stream, which Gradio breaks off where there is no such session."""
    pieces = []
    with suppress(requests.exceptions.ChunkedEncodingError):
        pieces = [*visitor.send("GET", path, stream=True).iter_content(None)]
    return b"".join(pieces).decode()


def test_neither_another_browser_nor_another_key_hears_of_ones_events(
    visitor: Visitor, visit: Callable[..., Visitor]
) -> None:
    # The conversation is of the tab that has it: another's, of the same name, is empty.
    number = next(n for n, parts in visitor.functions() if parts and parts[-1]["type"] == "state")
    values = [part["props"].get("value") for part in dict(visitor.functions())[number]]
    values[-1] = None
    body = {"data": values, "fn_index": number, "session_hash": visitor.tab}
    assert visitor.send("POST", CALLS[1], json=body).status_code == 200
    other = visit(visitor.root)
    query = f"/gradio_api/queue/data?session_hash={visitor.tab}"
    assert "process_completed" not in heard(other, query)
    assert "There is no picture" in heard(visitor, query)
    for crooked in ("", "a-b", f"{visitor.tab}&session_hash=b-c", "a%0ab", "a" * 40, "é"):
        assert "process_completed" not in heard(
            visitor, f"/gradio_api/queue/data?session_hash={crooked}"
        )
    # Words of a client's are never put into it.
    said = [{"role": "assistant", "content": "x"}]
    for value in (said, upload_of("/etc/passwd"), {"turns": said}):
        data = [*values[:-1], value]
        assert visitor.send("POST", CALLS[1], json={**body, "data": data}).status_code == 400
        longer = [*values, value]
        assert visitor.send("POST", CALLS[1], json={**body, "data": longer}).status_code == 400


def test_bodies_are_bounded_and_of_one_kind(visitor: Visitor) -> None:
    body = {"data": [""], "fn_index": 0, "session_hash": visitor.tab}
    text = json.dumps(body)
    for path in [*CALLS, "/gradio_api/cancel", "/gradio_api/reset"]:
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
            sent = visitor.send("POST", path, data=text, headers={"content-type": kind})
            assert sent.status_code == 415
        for data in (b"", b"[]", b"{", b"[" * 100_000, b'{"data": NaN}', b"\xff", b"null"):
            sent = visitor.send(
                "POST", path, data=data, headers={"content-type": "application/json"}
            )
            assert sent.status_code == 400
        large = iter([b" " * MIB, b" " * MIB])  # in chunks, without a length
        sent = visitor.send("POST", path, data=large, headers={"content-type": "application/json"})
        assert sent.status_code == 413
        assert requests.post(visitor.root + path, json=body, timeout=30).status_code == 403
    sent = visitor.send("POST", "/gradio_api/upload", json=body)
    assert sent.status_code == 415
    for form in (
        b"",
        b"--x",
        b"--x\r\n\r\n",
        b"--x--",
        b"--x\r\nContent-Disposition: form-data\r\n\r\n",
    ):
        for kind in (
            "multipart/form-data; boundary=x",
            "multipart/form-data",
            "multipart/form-data; boundary=",
        ):
            sent = visitor.send(
                "POST", "/gradio_api/upload", data=form, headers={"content-type": kind}
            )
            assert sent.status_code < 500
            assert sent.status_code >= 400 or sent.json() == []


def test_values_of_any_kind_are_never_an_error_of_the_server(visitor: Visitor) -> None:
    usual = ("textbox", "dropdown", "radio", "checkbox", "number", "slider", "dataframe")
    tried: list[Any] = [
        10**400, -1e308, 1e999, 0.5, True, None, "\ud800", "x" * 100_000, [], {}, [[]], {"path": "x"},
        [{"path": "/etc/passwd"}], {"data": [["\ud800"]], "headers": []},
        {"data": [[1, 2, upload_of("/etc/passwd")]], "headers": ["a"], "metadata": None},
    ]  # fmt: skip
    seen = set()
    for number, inputs in visitor.functions():
        for place, part in enumerate(inputs):
            if part["type"] in usual and part["type"] not in seen:
                seen.add(part["type"])
                for value in tried:
                    data = [each["props"].get("value") for each in inputs]
                    data[place] = value
                    body = {"data": data, "fn_index": number, "session_hash": visitor.tab}
                    text = json.dumps(body).replace("Infinity", "1e999")
                    kind = {"content-type": "application/json"}
                    codes = [
                        visitor.send("POST", path, data=text, headers=kind).status_code
                        for path in CALLS
                    ]
                    assert set(codes) <= {200, 400}, (part["type"], value)
                    assert 400 in codes  # each function is called in one way
    assert seen == set(usual)
    for name in ("fn_index", "trigger_id", "session_hash", "data", "event_id", "batched"):
        for value in (10**400, -1, 1.5, "x", [], {}, upload_of("/etc/passwd"), "\ud800"):
            body = {"data": [], "fn_index": 10**6, "session_hash": visitor.tab, name: value}
            assert visitor.send("POST", CALLS[0], json=body).status_code == 400


def test_uploads_are_under_a_quota_that_is_free_again_with_the_session(
    root: str, visitor: Visitor, visit: Callable[..., Visitor]
) -> None:
    heart = visitor.send("GET", f"/gradio_api/heartbeat/{visitor.tab}", stream=True)
    beats = heart.iter_content(5)  # held on to: it closes the connection when it goes
    assert next(beats) == b"data:"
    refused = visitor.uploads(bytes(9 * MIB))
    assert (refused.status_code, "more than the page takes" in refused.text) == (413, True)
    # It is refused by what it says of itself, before it is read.
    with socket.create_connection(_address(root), timeout=30) as client:
        cookies = "; ".join(f"{k}={v}" for k, v in visitor.http.cookies.items())
        head = (
            f"POST /playground/gradio_api/upload HTTP/1.1\r\nHost: {root.split('/')[2]}\r\n"
            f"Cookie: {cookies}\r\nContent-Type: multipart/form-data; boundary=x\r\n"
        )
        client.sendall(f"{head}Content-Length: {1 << 40}\r\n\r\n".encode())
        assert client.recv(100).startswith(b"HTTP/1.1 413")
    first = visitor.upload(bytes(5 * MIB), "film.mp4")
    refused = visitor.uploads(bytes(5 * MIB), "film.mp4")
    assert (refused.status_code, "as many files as it may" in refused.text) == (429, True)

    def broken() -> requests.Response:
        kind = {"content-type": "multipart/form-data; boundary=x"}
        return visitor.send("POST", "/gradio_api/upload", data=bytes(2 * MIB), headers=kind)

    # One that is under way counts as well.
    with socket.create_connection(_address(root), timeout=30) as client:
        client.sendall(f"{head}Content-Length: {2 * MIB}\r\n\r\n".encode())
        _until(lambda: broken().status_code == 429)
    _until(lambda: broken().status_code == 400)
    small = [visitor.uploads(b"x").status_code for _ in range(14)]
    assert small[-1] == 429  # their number is bounded too
    # And all visitors together.
    others = [visit(root) for _ in range(3)]
    codes = [other.uploads(bytes(7 * MIB)).status_code for other in others]
    assert codes[-1] == 429
    heart.close()
    _until(lambda: not Path(first).exists())
    assert visit(root).uploads(bytes(MIB)).status_code == 200


def _address(root: str) -> tuple[str, int]:
    host, _, port = root.split("/")[2].rpartition(":")
    return host, int(port)


def _until(true: Any) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_full_disk_is_said_in_words_and_leaves_nothing(
    tmp_path: Path, visit: Callable[..., Visitor]
) -> None:
    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (3 * MIB, 3 * MIB))

    env = {**os.environ, "TMPDIR": str(tmp_path)}
    with started(env=env, preexec_fn=small) as (url, _):
        visitor = visit(f"{url.removesuffix('/v1')}/playground")
        refused = visitor.uploads(bytes(4 * MIB))
        assert refused.status_code == 503
        assert refused.text.startswith("The server's disk is full, nothing was uploaded.")
        assert not list(tmp_path.rglob("sign*"))
        assert visitor.uploads().status_code == 200


def test_the_tiles_are_drawn_without_a_pixel_decoded(tmp_path: Path) -> None:
    from sightline.playground.client import tiled

    whole, header = tmp_path / "whole.png", tmp_path / "header.png"
    whole.write_bytes(PICTURE)
    header.write_bytes(PICTURE[:-8000])
    for path in (whole, header):
        drawn = tiled(str(path), "gpt-4o", "high")
        assert drawn.count("<rect") == 2
        assert f'src="gradio_api/file={path}"' in drawn
    assert tiled("https://example.com/sign.png", "gpt-4o", "high") == ""


def test_what_was_left_behind_is_swept(tmp_path: Path) -> None:
    from sightline.playground.visitors import KEPT_S, Visitors

    visitors = Visitors(tmp_path, 1 << 30)
    visitor = visitors.named("0" * 64, "")
    folder = visitors.made(visitors.session(visitor, "tab"))
    (folder / "frame.jpg").write_bytes(b"x")
    visitors.sweep()
    assert visitors.own(visitor, str(folder / "frame.jpg"))
    visitors.sweep(time.time() + KEPT_S + 60)
    assert list(tmp_path.iterdir()) == []


def test_a_key_that_the_server_keeps_is_not_had(
    tmp_path: Path, visit: Callable[..., Visitor]
) -> None:
    key = added(tmp_path, "alice")
    store = tmp_path / "keys.sqlite"
    with running("--keys", "required", "--keys-file", str(store)) as url:
        root = f"{url.removesuffix('/v1')}/playground"
        visitor = visit(root, authorization=f"Bearer {key}")
        for path in CALLS:
            for body in visitor.bodies(upload_of(str(store))):
                assert visitor.send("POST", path, json=body).status_code == 400
        assert visitor.file(str(store)).status_code == 400

"""Who may speak to the server: names, origins, and what bodies are sent as."""

from __future__ import annotations

import gzip
import http.client
import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import openai
import pytest
import requests

from sightline.errors import UsageError
from sightline.server.guard import Names, Reach, split
from sightline.settings import Settings, load
from tests.commands import typed
from tests.conftest import JSON, running, started
from tests.pictures import sample
from tests.server.test_keys import ROUTES, added, bearer
from tests.serving import Server
from tests.waiting import PATIENCE_S

HELLO = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}]}
EVIL = "https://evil.example"
OPEN = [("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/openapi.json"), ("GET", "/metrics"),
        ("GET", "/nothing"), ("POST", "/v1/nothing"), ("OPTIONS", "/v1/models")]  # fmt: skip
APP = "https://app.example"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A server without keys, behind a proxy by name, that one page may ask."""
    with running(
        "--trusted-hosts", "vision.example.com, *.lab.example", "--cors-origins", APP
    ) as made:
        yield made


def asked(
    url: str,
    method: str = "GET",
    path: str = "/v1/models",
    body: bytes | None = None,
    version: str = "1.1",
    **fields: Any,
) -> tuple[int, dict[str, str], dict[str, Any]]:
    """Ask with just these fields of a head; one that is None is left out, a list is sent often."""
    address = urlsplit(url)
    head: dict[str, Any] = {"Host": address.netloc}
    if body is not None:
        head["Content-Length"] = str(len(body))
    head |= {name.replace("_", "-"): value for name, value in fields.items()}
    lines = [f"{method} {path} HTTP/{version}", "Connection: close"]
    for name, value in head.items():
        values = value if isinstance(value, list) else [value] if value is not None else []
        lines += [f"{name}: {each}" for each in values]
    with socket.create_connection((str(address.hostname), address.port or 0), 60) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + (body or b""))
        answer = http.client.HTTPResponse(connection, method=method)
        answer.begin()
        text = answer.read()
    told = {name.lower(): value for name, value in answer.getheaders()}
    is_json = "json" in told.get("content-type", "")
    return answer.status, told, json.loads(text) if text and is_json else {}


def port(url: str) -> int:
    return urlsplit(url).port or 0


@pytest.mark.parametrize(("method", "path"), [*ROUTES, *OPEN])
def test_before_every_route(url: str, method: str, path: str) -> None:
    fields: dict[str, Any]
    for fields, status, code in (
        ({"Host": "evil.example"}, 421, "host_not_trusted"),
        ({"Host": f"rebound.evil.example:{port(url)}"}, 421, "host_not_trusted"),
        ({"Origin": EVIL}, 403, "origin_not_allowed"),
        ({"Origin": "null"}, 403, "origin_not_allowed"),
        ({"Sec_Fetch_Site": "cross-site"}, 403, "origin_not_allowed"),
        ({"Host": None}, 400, None),
        ({"Host": ["localhost", "localhost"]}, 400, None),
        ({"Host": ""}, 400, None),
    ):
        told, head, body = asked(url, method, path, **fields)
        assert (told, body["error"]["code"]) == (status, code), fields
        assert head["x-request-id"]
        assert "access-control-allow-origin" not in head
        assert "evil" not in json.dumps(body)
        if code == "host_not_trusted":
            assert "--trusted-hosts" in body["error"]["hint"]
        if code == "origin_not_allowed":
            assert "--cors-origins" in body["error"]["hint"]


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:1", "localhost.", "app.localhost:8000", "127.0.0.1", "127.9.8.7:80",
     "[::1]", "[::1]:8000", "[::ffff:127.0.0.1]", "vision.example.com", "Vision.Example.com:8443",
     "a.lab.example", "a.b.lab.example:1"],
)  # fmt: skip
def test_its_own_names(url: str, host: str) -> None:
    assert asked(url, Host=host)[0] == 200
    body = json.dumps(HELLO).encode()
    assert asked(url, "POST", "/v1/chat/completions", body, Host=host, Content_Type="application/json")[0] == 200  # fmt: skip


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.5", "0.0.0.0",
     "[::2]", "[::ffff:10.0.0.1]", "x.vision.example.com", "lab.example", "alab.example", "127.1",
     "2130706433", "notlocalhost", "evil"],
)  # fmt: skip
def test_names_of_others(url: str, host: str) -> None:
    for name in (host, f"{host}:{port(url)}", host.upper()):
        assert asked(url, Host=name)[0] == 421


@pytest.mark.parametrize(
    "host",
    ["a b", "localhost/", "localhost@evil.example", "localhost:8000:1", "localhost:x", "[::1",
     "::1", "[localhost]", "[127.0.0.1]", "löcalhost", "localhost,evil.example", "..", "http://x"],
)  # fmt: skip
def test_what_is_no_host(url: str, host: str) -> None:
    assert asked(url, Host=host)[0] == 400


def test_a_target_with_a_host_of_its_own(url: str) -> None:
    assert asked(url, path="http://evil.example/v1/models", Host="localhost")[0] == 421
    assert asked(url, path="http://localhost/v1/models", Host="evil.example")[0] == 200
    assert asked(url, path="http://localhost/v1/models", Host=None)[0] == 400


def test_redirects_name_no_host(url: str) -> None:
    status, told, _ = asked(url, path="/healthz/?a=b%2F")
    assert (status, told["location"]) == (307, "/healthz?a=b%2F")
    status, told, _ = asked(url, "POST", "/v1/responses/", b"{}", Content_Type="application/json")
    assert (status, told["location"]) == (307, "/v1/responses")


def test_health_is_asked_for_by_address(url: str) -> None:
    for path in ("/health", "/healthz", "/readyz"):
        for fields in ({"Host": "10.0.0.5:8000"}, {"Host": "[fd00::5]:8000"}):
            assert asked(url, path=path, **cast(Any, fields))[0] in (200, 503)
        # As HAProxy asks.
        assert asked(url, path=path, version="1.0", Host=None)[0] in (200, 503)
        assert asked(url, path=path, Host="evil.example")[0] == 421
    assert asked(url, path="/v1/models", Host="10.0.0.5:8000")[0] == 421


def test_pages_of_its_own_and_those_named(url: str) -> None:
    own = f"http://localhost:{port(url)}"
    for fields in (
        {"Host": f"localhost:{port(url)}", "Origin": own, "Sec-Fetch-Site": "same-origin"},
        {"Host": f"localhost:{port(url)}", "Origin": own},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "same-origin"},
        # Behind a proxy that speaks HTTPS, and passes Host on or does not.
        {"Host": "vision.example.com", "Origin": "https://vision.example.com"},
        {"Host": "vision.example.com:8443", "Origin": "https://vision.example.com:8443"},
        {"Host": "vision.example.com:443", "Origin": "https://vision.example.com"},
        {"Origin": "https://vision.example.com", "Sec-Fetch-Site": "same-origin"},
        {"Origin": APP, "Sec-Fetch-Site": "cross-site"},
    ):
        status, head, _ = asked(url, **cast(Any, fields))
        assert status == 200, fields
        assert head.get("access-control-allow-origin") == (
            APP if fields.get("Origin") == APP else None
        )
    for fields in (
        {"Origin": f"http://localhost:{port(url) + 1}", "Host": f"localhost:{port(url)}"},
        {"Origin": f"http://127.0.0.1:{port(url)}", "Host": f"localhost:{port(url)}"},
        {"Origin": own, "Host": f"localhost:{port(url)}", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "what next"},
        {"Origin": "https://vision.example.com:8443"},
        {"Origin": "https://a.lab.example"},  # another's, by the same pattern
        {"Origin": "https://vision.example.com.evil.example"},
        {"Origin": "https://vision.example.com", "Sec-Fetch-Site": "cross-site"},
        {"Origin": f"{APP}.evil.example"},
        {"Origin": f"{APP}, {EVIL}"},
        {"Origin": f"{APP}/"},
        {"Origin": "http://app.example"},
        {"Origin": "file://"},
        {"Origin": ""},
    ):
        assert asked(url, **cast(Any, fields))[0] == 403, fields
    for twice in ("Origin", "Sec-Fetch-Site", "Content-Type"):
        assert asked(url, **cast(Any, {twice: [APP, "same-origin"]}))[0] == 400


def test_links_lead_to_the_page_and_no_further(url: str) -> None:
    link: dict[str, Any] = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}  # fmt: skip
    for path in ("/healthz", "/openapi.json", "/", "/playground", "/playground/"):
        assert asked(url, path=path, **link)[0] in (200, 307)
    for path, method in (("/v1/models", "GET"), ("/playground/app.js", "GET"),
                         ("/playground/", "POST"), ("/v1/chat/completions", "POST")):  # fmt: skip
        assert asked(url, method, path, **link)[0] == 403
    framed = {**link, "Sec-Fetch-Dest": "iframe"}
    assert asked(url, path="/playground", **framed)[0] == 403


def test_preflights_by_the_named_pages(url: str) -> None:
    wanted: dict[str, Any] = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, content-type",
        "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors",
    }  # fmt: skip
    path = "/v1/chat/completions"
    status, head, _ = asked(url, "OPTIONS", path, Origin=APP, **wanted)
    assert (status, head["access-control-allow-origin"]) == (200, APP)
    status, head, _ = asked(url, "OPTIONS", path, Origin=EVIL, **wanted)
    assert status == 403
    assert "access-control-allow-origin" not in head
    # What such a page is refused for another reason it may read.
    status, head, _ = asked(url, "POST", path, b"x", Origin=APP, Content_Type="text/plain")
    assert (status, head["access-control-allow-origin"]) == (415, APP)


JSON_ROUTES = [path for method, path in ROUTES if method == "POST" and path.startswith("/v1/")
               and path not in ("/v1/files", "/v1/video/narrations")]  # fmt: skip


@pytest.mark.parametrize("path", JSON_ROUTES)
def test_json_routes_take_json_alone(url: str, path: str) -> None:
    body = json.dumps(HELLO).encode()
    for kind in ("text/plain", "text/plain; application/json", "application/x-www-form-urlencoded",
                 "multipart/form-data; boundary=x", "application/json, text/plain", "json", "",
                 "text/json", "application/jsonx", None):  # fmt: skip
        status, _, told = asked(url, "POST", path, body, Content_Type=kind)
        assert (status, told["error"]["code"]) == (415, "unsupported_content_type"), kind
        assert "Content-Type: application/json" in told["error"]["hint"]
    for kind in ("application/json", "Application/JSON; charset=utf-8", "application/json;x=y"):
        assert asked(url, "POST", path, body, Content_Type=kind)[0] != 415
    packed = gzip.compress(body)
    for coding in ("gzip", "br", "deflate, gzip", "x"):
        status, head, told = asked(
            url, "POST", path, packed, Content_Type="application/json", Content_Encoding=coding
        )
        assert (status, told["error"]["code"]) == (415, "unsupported_content_encoding")
        assert head["accept-encoding"] == "identity"


@pytest.mark.parametrize("path", ["/v1/files", "/v1/files/", "/v1/video/narrations"])
def test_forms_are_sent_as_such(url: str, path: str) -> None:
    for kind in ("application/json", "text/plain", "application/x-www-form-urlencoded", None):
        status, _, told = asked(url, "POST", path, b"{}", Content_Type=kind)
        assert (status, told["error"]["code"]) == (415, "unsupported_content_type")


def test_a_path_that_is_not_there_is_not_found_whatever_is_sent(url: str) -> None:
    for kind in ("multipart/form-data; boundary=x", "text/plain", "application/json", None):
        status, _, told = asked(url, "POST", "/v1/audio/nothing", b"{}", Content_Type=kind)
        assert (status, told["error"]["message"]) == (404, "Invalid URL (POST /v1/audio/nothing)")


def test_chunked_bodies_are_bodies(url: str) -> None:
    told = requests.post(f"{url}/chat/completions", data=iter([b"{}"]), timeout=PATIENCE_S)
    assert told.status_code == 415
    told = requests.post(
        f"{url}/chat/completions", data=iter([b"{}"]), headers=JSON, timeout=PATIENCE_S
    )
    assert told.status_code == 400


def test_refusals_are_counted_and_logged_once_in_our_own_words(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("w") as errors, started("--engine", "mirror", stderr=errors) as (url, _):
        for _ in range(3):
            assert asked(url, Host="canary.example")[0] == 421
            assert asked(url, Origin="https://canary.example")[0] == 403
            asked(url, path="/v1/canary")
            told = asked(url, "POST", "/v1/responses?canary", b"x", Content_Type="canary/x")
            assert told[0] == 415
            assert asked(url, path="/playground/canary?canary")[0] == 404
            asked(url, path="/v1/models/canary")
        page = requests.get(url.removesuffix("/v1") + "/metrics", timeout=PATIENCE_S).text
    lines = log.read_text()
    assert "canary" not in lines + page
    assert lines.count("refused with 421") == lines.count("refused with 403") == 1
    assert lines.count("GET other 421 ") == 3
    assert lines.count("GET /v1/models/{id:path} 404 ") == 3
    assert 'sightline_rejected_total{reason="host"} 3.0' in page
    assert 'sightline_rejected_total{reason="origin"} 3.0' in page


@pytest.fixture(scope="module")
def admin() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    with running("--admin-port", str(free)):
        yield f"http://127.0.0.1:{free}"


def test_the_admin_port_too(admin: str) -> None:
    for path in ("/metrics", "/healthz", "/nothing"):
        assert asked(admin, path=path, Host="evil.example")[0] == 421
        assert asked(admin, path=path, Origin=EVIL)[0] == 403
        assert asked(admin, path=path, Host=None)[0] == 400
    assert asked(admin, path="/metrics")[0] == 200


def test_with_keys(tmp_path: Path) -> None:
    key = added(tmp_path, "alice")
    flags = ("--keys-file", str(tmp_path / "keys.sqlite"), "--host", "0.0.0.0")
    with running(*flags) as told:
        url = f"http://127.0.0.1:{port(told)}/v1"
        # By whatever name: a page that is not the server's own has no key to send.
        sent = bearer(key)["authorization"]
        for host in ("vision.example.com", "10.0.0.5:8000"):
            assert asked(url, Host=host, Authorization=sent)[0] == 200
            assert asked(url, Host=host)[0] == 401
            assert asked(url, Host=host, Authorization=sent, Origin=EVIL)[0] == 403
    with running(*flags, "--trusted-hosts", "vision.example.com") as told:
        url = f"http://127.0.0.1:{port(told)}/v1"
        for host, status in (("vision.example.com", 200), ("10.0.0.5", 200), ("evil.example", 421)):
            assert asked(url, Host=host, Authorization=sent)[0] == status


@pytest.mark.parametrize(
    ("reach", "host", "taken"),
    [
        ("loopback", "10.0.0.5", False), ("loopback", "box", False), ("network", "10.0.0.5", True),
        ("network", "fd00::5", True), ("network", "sightline", True), ("network", "a.local", True),
        ("network", "evil.example", False), ("network", "127.0.0.1.evil.example", False),
        ("any", "evil.example", True),
    ],
)  # fmt: skip
def test_how_far_names_reach(reach: Reach, host: str, taken: bool) -> None:
    assert Names(reach).take(host) is taken


@pytest.mark.parametrize(
    ("flags", "reach"),
    [
        ({}, "loopback"), ({"host": "::1"}, "loopback"), ({"keys": "required"}, "loopback"),
        ({"host": "localhost"}, "loopback"), ({"uds": "/run/s"}, "network"),
        ({"host": "0.0.0.0"}, "any"), ({"host": "::", "keys": "off"}, "network"),
        ({"host": "0.0.0.0", "trusted_hosts": "a.example"}, "network"),
    ],
)  # fmt: skip
def test_what_a_server_goes_by(flags: dict[str, str], reach: Reach) -> None:
    names = Names.of(load(flags, environment={}))
    assert names.reach == reach
    if reach == "network":
        assert not names.take("evil.example")


def test_a_name_is_listened_on() -> None:
    assert Names.of(Settings(host="vision.example.com", keys="off")).take("vision.example.com")


@pytest.mark.parametrize("value", ["http://a.example", "a.example:80", "a/b", "*a.example", "a b"])
def test_names_are_checked_at_the_start(value: str) -> None:
    with pytest.raises(UsageError, match="trusted_hosts"):
        load({"trusted_hosts": value}, environment={})


@pytest.mark.parametrize("value", ["a.example", "https://a.example/page", "https://", "http://u@a"])
def test_origins_are_checked_at_the_start(value: str) -> None:
    with pytest.raises(UsageError, match="cors_origins"):
        load({"cors_origins": value}, environment={})


def test_a_host_is_split() -> None:
    assert split(b"A.example.:80") == ("a.example", "80")
    assert split(b"[::1]:80") == ("::1", "80")
    assert split(b"a.example") == ("a.example", "")
    assert split(b"\xff") is None


def test_the_official_client_and_files_go_on_working(url: str) -> None:
    with openai.OpenAI(base_url=url, api_key="any", max_retries=0) as client:
        assert client.chat.completions.create(**HELLO).choices  # type: ignore[call-overload]
        file = client.files.create(file=("a.png", sample("sign")), purpose="vision")
        assert client.files.delete(file.id).deleted
        said = client.responses.create(model="gpt-4o", input="Hello")
        with pytest.raises(openai.BadRequestError, match="synchronous"):
            client.responses.cancel(said.id)
        client.responses.delete(said.id)


class Proxy:
    """A proxy before a server that passes requests on, by the name that was asked or its own."""

    def __init__(self, url: str, host: str | None) -> None:
        address = urlsplit(url)

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                behind = http.client.HTTPConnection(
                    str(address.hostname), address.port, timeout=PATIENCE_S
                )
                headers = dict(self.headers.items())
                headers["Host"] = host or address.netloc
                behind.request("GET", self.path, headers=headers)
                answer = behind.getresponse()
                body = answer.read()
                self.send_response(answer.status)
                self.send_header("content-type", answer.headers["content-type"])
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                behind.close()

            def log_message(self, format: str, *args: object) -> None:
                """Keep quiet."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> str:
        self._thread.start()
        return self.url

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def doctor(*words: str) -> tuple[int, dict[str, Any]]:
    done = typed("doctor", "--json", *words)
    return done.returncode, json.loads(done.stdout)


def test_the_doctor_names_the_setting_that_is_missing(url: str) -> None:
    code, told = doctor("--url", url)
    assert (code, told) == (0, {"client": "200", "page": "200", "advice": []})
    code, told = doctor("--url", url, "--origin", "https://app.example/")
    assert (code, told["page of https://app.example"]) == (0, "200")
    code, told = doctor("--url", url, "--origin", EVIL)
    assert (code, told[f"page of {EVIL}"]) == (1, "403 origin_not_allowed")
    assert f"--cors-origins {EVIL} " in told["advice"][0]
    with Proxy(url, "other.example.com") as proxied:
        code, told = doctor("--url", proxied)
        assert (code, told["client"]) == (1, "421 host_not_trusted")
        assert "--trusted-hosts 127.0.0.1 " in told["advice"][0]
    with Proxy(url, None) as proxied:
        code, told = doctor("--url", f"{proxied}/v1")
        assert (told["client"], told["page"]) == ("200", "403 origin_not_allowed")
        assert "proxy_set_header Host $host;" in told["advice"][0]
    code, told = doctor("--url", "http://127.0.0.1:9/v1")
    assert (code, told["client"]) == (1, "not reachable")

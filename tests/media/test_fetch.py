"""Fetching: which addresses count as public, what is connected to, what is refused."""

from __future__ import annotations

import asyncio
import gzip
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
import trustme

from sightline import telemetry
from sightline.errors import ImageError
from sightline.media.fetch import Fetcher, is_public
from tests.media.test_addresses import Failures
from tests.serving import Server
from tests.waiting import PATIENCE_S
from tests.web import Web

LOOPBACK = ipaddress.ip_network("127.0.0.1/32")


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
     "0.0.0.0", "224.0.0.1", "239.1.1.1", "255.255.255.255", "198.18.0.1", "192.0.0.1",
     "::1", "::", "fe80::1", "fc00::1", "ff02::1", "ff0e::1", "2001:db8::1",
     "::ffff:127.0.0.1", "::ffff:100.64.0.1", "2002:7f00:1::", "2002:a9fe:a9fe::",
     "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1", "2001:0:4136:e378:8000:63bf:80ff:fffe",
     "::127.0.0.1", "::10.0.0.1"],
)  # fmt: skip
def test_private(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


def fetch(url: str, **options: Any) -> bytes:
    async def run() -> bytes:
        settings: dict[str, Any] = {"timeout_s": 30, "max_bytes": 1000, "allow_private": False}
        fetcher = Fetcher(**settings | options)
        try:
            return await fetcher.get(url, "here")
        finally:
            await fetcher.close()

    return asyncio.run(run())


def refused(url: str, **options: Any) -> ImageError:
    with pytest.raises(ImageError) as caught:
        fetch(url, **options)
    error = caught.value
    assert error.param == "here"
    # Neither an address nor a library's text reaches a client.
    told = error.message + error.hint
    assert not any(leak in told for leak in ("127.", "::1", "Errno", "httpx", "Connection"))
    return error


class Resolver:
    """A resolver of our own: names to the addresses of each look-up in turn."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answers: dict[str, list[list[str]]] = {}
        self.asked: list[str] = []
        real = socket.getaddrinfo

        def answer(host: Any, port: Any, *rest: Any, **named: Any) -> Any:
            if host not in self.answers:
                return real(host, port, *rest, **named)
            self.asked.append(host)
            turn = self.answers[host]
            found = turn.pop(0) if len(turn) > 1 else turn[0]
            return [entry for a in found for entry in real(a, port, type=socket.SOCK_STREAM)]

        monkeypatch.setattr(socket, "getaddrinfo", answer)


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Resolver:
    return Resolver(monkeypatch)


def test_the_checked_address_is_the_one_connected_to(web: Web, resolver: Resolver) -> None:
    # A second look-up would lead elsewhere, where nobody listens.
    resolver.answers["rebind.example"] = [["127.0.0.1"], ["127.0.0.9"]]
    web.page("/rebound", b"the picture")
    url = web.url.replace("127.0.0.1", "rebind.example") + "/rebound"
    assert fetch(url, private_networks=[LOOPBACK]) == b"the picture"
    assert resolver.asked == ["rebind.example"]


def test_every_address_of_a_name_must_be_allowed(resolver: Resolver) -> None:
    resolver.answers["mixed.example"] = [["127.0.0.1", "169.254.169.254"]]
    assert "public addresses" in refused("http://mixed.example/").hint
    assert "public" in refused("http://mixed.example/", private_networks=[LOOPBACK]).hint


def test_the_name_is_kept_for_the_host(web: Web, resolver: Resolver) -> None:
    resolver.answers["named.example"] = [["127.0.0.1"]]
    web.page("/named", b"x")
    port = web.url.rsplit(":", 1)[1]
    fetch(f"http://named.example:{port}/named", private_networks=[LOOPBACK])
    assert web.heads[-1]["host"] == f"named.example:{port}"


def test_nothing_of_ours_is_sent_along(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    web.page("/plain", b"x", set_cookie="id=7")
    for _ in range(2):
        assert fetch(f"{web.url}/plain", allow_private=True) == b"x"
    sent = {name.lower() for name in web.heads[-1]}
    assert not sent & {"cookie", "authorization", "referer", "x-forwarded-for", "proxy-connection"}
    assert web.heads[-1]["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.2/", "http://[::1]/", "http://169.254.169.254/latest/meta-data/",
     "http://[::ffff:10.0.0.1]/", "file:///etc/passwd", "gopher://127.0.0.1/", "//127.0.0.3/x",
     "http://user@127.0.0.1/", "http://127.0.0.1\\@127.0.0.1/", "data:image/png;base64,AAAA"],
)  # fmt: skip
def test_each_redirect_is_checked_anew(web: Web, target: str) -> None:
    web.page("/away", b"", 302, location=target)
    refused(f"{web.url}/away", private_networks=[LOOPBACK])


def test_redirects_are_followed_and_counted(web: Web) -> None:
    web.page("/end", b"arrived")
    for i in range(5):
        web.page(f"/hop{i}", b"", 302, location=f"/hop{i - 1}" if i else "/end")
    assert fetch(f"{web.url}/hop2", allow_private=True) == b"arrived"
    assert "redirects" in refused(f"{web.url}/hop3", allow_private=True).hint
    web.page("/loop", b"", 301, location="/loop")
    assert "redirects" in refused(f"{web.url}/loop", allow_private=True).hint


def test_only_listed_hosts(web: Web, resolver: Resolver) -> None:
    web.page("/listed", b"x")
    port = web.url.rsplit(":", 1)[1]
    for host in ("a.pics.example", "pics.example", "notpics.example", "evil.example"):
        resolver.answers[host] = [["127.0.0.1"]]
    allowed: dict[str, Any] = {
        "allow_private": True, "allowed_hosts": ("pics.example", "*.pics.example")
    }  # fmt: skip
    for host in ("pics.example", "a.pics.example", "PICS.example"):
        assert fetch(f"http://{host}:{port}/listed", **allowed) == b"x"
    for host in ("notpics.example", "evil.example", "127.0.0.1", "pics.example.evil.example"):
        assert "certain hosts" in refused(f"http://{host}:{port}/listed", **allowed).hint
    web.page("/leave", b"", 302, location=f"http://evil.example:{port}/listed")
    assert "certain hosts" in refused(f"http://pics.example:{port}/leave", **allowed).hint


def test_ports() -> None:
    assert "Only ports 80 and 443" in refused("http://8.8.8.8:22/").hint


def test_bodies_are_capped_and_not_unpacked(web: Web) -> None:
    web.page("/big", b"x" * 1001)
    assert refused(f"{web.url}/big", allow_private=True).code == "invalid_image"
    web.page("/bomb", gzip.compress(b"\0" * 10**7), content_encoding="gzip")
    refused(f"{web.url}/bomb", allow_private=True, max_bytes=10**8)
    web.page("/gone", b"", 404)
    assert "status code: 404" in refused(f"{web.url}/gone", allow_private=True).message


def test_time_is_capped_in_all(web: Web) -> None:
    error = refused(f"{web.url}/silent", allow_private=True, timeout_s=0.2)
    assert error.code == "invalid_image_url"


def test_no_connection_serves_a_second_fetch(web: Web) -> None:
    """It is bound to the address that was checked for one, and to the name in its certificate."""
    url = web.page("/twice", b"x")

    async def run() -> None:
        fetcher = Fetcher(timeout_s=30, max_bytes=10, allow_private=True)
        for _ in range(2):
            await fetcher.get(url, "here")
        await fetcher.close()
        await fetcher.close()  # and closes twice

    asyncio.run(run())
    assert web.peers[-1] != web.peers[-2]


class Hanging:
    """A resolver of names that does not answer until it is let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked, self.let_go, self.late = threading.Semaphore(0), threading.Event(), False
        self.count = 0
        monkeypatch.setattr(socket, "getaddrinfo", self._answer)

    def _answer(self, host: str, *rest: Any, **named: Any) -> Any:
        if host == "quick.example":
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", 80))]
        self.count += 1
        self.asked.release()
        self.late |= not self.let_go.wait(PATIENCE_S)
        raise OSError

    def wait(self, count: int) -> None:
        """Wait until so many look-ups hang."""
        for _ in range(count):
            assert self.asked.acquire(timeout=PATIENCE_S)


def test_look_ups_that_hang_hold_up_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    hanging = Hanging(monkeypatch)

    async def run() -> None:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
        fetcher = Fetcher(timeout_s=30, max_bytes=10, allow_private=False)

        def look() -> asyncio.Future[Any]:
            return asyncio.ensure_future(fetcher.check("http://a.example/", "a"))

        try:
            looked = [look() for _ in range(31)]
            await asyncio.to_thread(hanging.wait, 31)  # in the one thread that all others share
            assert (await fetcher.check("http://quick.example/", "b"))[1]["host"] == "quick.example"
            looked += [look(), look()]
            await asyncio.to_thread(hanging.wait, 1)
        finally:
            await fetcher.close()  # waits for none of them, and begins none that waits
            hanging.let_go.set()
        ended = await asyncio.gather(*looked, return_exceptions=True)
        assert [type(each) for each in ended] == [ImageError] * 32 + [asyncio.CancelledError]

    asyncio.run(run())
    assert (hanging.count, hanging.late) == (32, False)


@pytest.fixture
def secure() -> Iterator[tuple[int, ssl.SSLContext, list[str | None]]]:
    """A TLS server at secure.example; its port, who trusts it, the names it was asked by."""
    authority = trustme.CA()
    names: list[str | None] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            to = {"/down": "http://secure.example/", "/on": "/end"}.get(self.path)
            self.send_response(302 if to else 200)
            if to:
                self.send_header("location", to)
            self.send_header("content-length", "1")
            self.end_headers()
            self.wfile.write(b"s")

        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("secure.example").configure_cert(context)
    context.sni_callback = lambda sock, name, ctx: names.append(name)
    server = Server(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    yield server.server_address[1], trusting, names
    server.shutdown()
    server.server_close()


def test_tls_checks_the_name_and_never_falls_back(
    secure: tuple[int, ssl.SSLContext, list[str | None]], resolver: Resolver
) -> None:
    port, trusting, names = secure
    resolver.answers["secure.example"] = [["127.0.0.1"]]
    resolver.answers["other.example"] = [["127.0.0.1"]]
    options: dict[str, Any] = {"allow_private": True, "verify": trusting}
    assert fetch(f"https://secure.example:{port}/", **options) == b"s"
    assert names == ["secure.example"]
    refused(f"https://other.example:{port}/", **options)  # its certificate names another
    refused(f"https://secure.example:{port}/", allow_private=True)  # nobody vouches for it
    assert fetch(f"https://secure.example:{port}/on", **options) == b"s"
    heard = Failures()
    with telemetry.listening(heard):
        error = refused(f"https://secure.example:{port}/down", **options)
    assert error.hint == "Redirects from https to http are refused."
    assert heard.reasons == ["redirect"]

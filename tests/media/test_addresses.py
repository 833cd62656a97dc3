"""What the check before every fetch lets through, and what it makes of it; nothing is fetched."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import Any

import pytest

from sightline import telemetry
from sightline.errors import ImageError
from sightline.media.fetch import Fetcher, is_public
from sightline.settings import Settings

Checked = tuple[str, dict[str, str], dict[str, str]]
NET = [ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fd00::/8")]
PUBLIC = (
    "Only public addresses are fetched. For a trusted network start the server with "
    "--private-networks or --allow-private-urls, or send the picture as a base64 data URL."
)


class Failures:
    """Hears for which reasons addresses were refused."""

    def __init__(self) -> None:
        self.reasons: list[str] = []

    def staged(self, name: str, began: float, seconds: float) -> None:
        """No stage matters here."""

    def counted(self, name: str, amount: float, labels: dict[str, str]) -> None:
        assert name == "fetch_failures"
        self.reasons.append(labels["reason"])


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What names resolve to; numbers are what they say, and no other name is known."""
    known: dict[str, list[str]] = {}
    real = socket.getaddrinfo

    def answer(host: str, port: Any, *rest: Any, **named: Any) -> Any:
        named["flags"] = socket.AI_NUMERICHOST
        told = known.get(host, [host])
        return [entry for each in told for entry in real(each, port, *rest, **named)]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return known


def check(address: str, **options: Any) -> Checked:
    async def run() -> Checked:
        given: dict[str, Any] = {"timeout_s": 5, "max_bytes": 10, "allow_private": False}
        fetcher = Fetcher(**given | options)
        try:
            url, headers, extensions = await fetcher.check(address, "here")
        finally:
            await fetcher.close()
        return str(url), headers, extensions

    return asyncio.run(run())


def refused(address: str, hint: str, reason: str, **options: Any) -> None:
    heard = Failures()
    with telemetry.listening(heard), pytest.raises(ImageError) as caught:
        check(address, **options)
    error = caught.value
    assert (error.param, error.code) == ("here", "invalid_value")
    assert error.message == "Error while downloading file."
    assert error.hint == hint
    assert heard.reasons == [reason]


def test_the_request_goes_to_the_address_and_keeps_the_name(names: dict[str, list[str]]) -> None:
    names["pics.example"] = names["pics.example."] = ["8.8.8.8", "8.8.4.4"]
    assert check("http://pics.example/a/b.png?c=d") == (
        "http://8.8.8.8/a/b.png?c=d",
        {
            "host": "pics.example",
            "accept": "image/*",
            "accept-encoding": "identity",
            "user-agent": "sightline",
        },
        {"sni_hostname": "pics.example"},
    )
    url, headers, extensions = check("HTTPS://Pics.Example./A", noun="video")
    assert url == "https://8.8.8.8/A"
    assert headers["host"] == "pics.example."
    assert headers["accept"] == "video/*"
    assert extensions == {"sni_hostname": "pics.example"}
    assert check("http://pics.example/", noun="file")[1]["accept"] == "*/*"
    assert check("http://pics.example:443/")[1]["host"] == "pics.example:443"
    usual = "ABCXYZabcxyz012789-._~!$&'()*+,;=:@/?%41"
    assert check(f"http://pics.example/{usual}")[0] == f"http://8.8.8.8/{usual}"
    assert check("http://[2606:4700::1111]/")[0] == "http://[2606:4700::1111]/"


@pytest.mark.parametrize("odd", ["\\", "\r", "\n", "\t", " ", "\0", "\u2028", "\x7f"])
def test_characters_that_no_url_has_are_refused(odd: str) -> None:
    for address in (f"http://8.8.8.8/{odd}a", f"http://8.8.8.8{odd}@a.example/"):
        refused(address, "The URL has characters that no URL has.", "url")


def test_what_is_no_url_to_fetch_is_refused(names: dict[str, list[str]]) -> None:
    names["a.example"] = ["8.8.8.8"]
    for address in ("http://[::1/", "http://a.example:port/"):
        refused(address, "The URL is malformed.", "url")
    for address in ("ftp://a.example/", "file:///etc/passwd", "//a.example/", "http:///a", ""):
        refused(address, "Only http and https URLs are fetched.", "url")
    for address in ("http://me@a.example/", "http://me:pw@a.example/", "https://:pw@a.example/"):
        refused(address, "URLs with a user name or password are refused.", "url")
    refused("http://nobody.example/", "", "connection")
    names["empty.example"] = []
    refused("http://empty.example/", "", "connection")


def test_only_the_usual_ports_of_public_addresses(names: dict[str, list[str]]) -> None:
    names["a.example"] = ["8.8.8.8"]
    for port in (1, 22, 79, 81, 442, 444, 8080):
        refused(f"http://a.example:{port}/", "Only ports 80 and 443 are fetched from.", "address")
    for address in ("http://a.example:80/", "http://a.example:443/", "https://a.example:80/"):
        assert check(address)
    names["inner.example"] = ["10.1.1.1"]
    granted = check("http://inner.example:8080/", private_networks=NET)[0]
    assert granted == "http://10.1.1.1:8080/"
    assert check("http://a.example:8080/", allow_private=True)[0] == "http://8.8.8.8:8080/"


def test_every_address_of_a_name_has_to_be_allowed(names: dict[str, list[str]]) -> None:
    for found in (["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["127.0.0.1", "8.8.8.8"]):
        names["b.example"] = found
        refused("http://b.example/", PUBLIC, "address")
        assert check("http://b.example/", allow_private=True)[0] == f"http://{found[0]}/"
    names["c.example"] = ["10.0.0.1", "8.8.8.8"]  # a network is granted as a whole or not at all
    refused("http://c.example/", PUBLIC, "address", private_networks=NET)
    names["d.example"] = ["10.0.0.1", "fd00::1"]
    assert check("http://d.example/", private_networks=NET)[0] == "http://10.0.0.1/"
    names["e.example"] = ["fe80::1%1"]
    refused("http://e.example/", PUBLIC, "address")
    assert check("http://e.example/", allow_private=True)[0] == "http://[fe80::1]/"


def test_only_the_hosts_that_are_named(names: dict[str, list[str]]) -> None:
    hosts = ("pics.example", "*.cdn.example")
    for host in ("pics.example", "a.cdn.example", "b.a.cdn.example", "PICS.example"):
        names[host.lower()] = ["8.8.8.8"]
        assert check(f"http://{host}/", allowed_hosts=hosts)
    names["pics.example."] = ["8.8.8.8"]
    assert check("http://pics.example./", allowed_hosts=hosts)
    for host in ("cdn.example", "acdn.example", "a.pics.example", "xpics.example", "8.8.8.8"):
        names[host] = ["8.8.8.8"]
        hint = "This server fetches pictures from certain hosts alone."
        refused(f"http://{host}/", hint, "host", allowed_hosts=hosts)
        assert check(f"http://{host}/")


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True), ("100.63.255.255", True), ("100.64.0.0", False),
        ("100.128.0.0", True), ("172.15.0.1", True), ("172.16.0.0", False), ("172.32.0.0", True),
        ("224.0.0.1", False), ("232.1.1.1", False), ("ff0e::1", False),
        ("2000::1", True), ("1fff::1", False), ("3fff:ffff::1", True), ("4000::1", False),
        # IPv4 in IPv6: mapped, 6to4, NAT64, Teredo.
        ("::ffff:8.8.8.8", True), ("::ffff:10.0.0.1", False),
        ("2002:808:808::1", True), ("2002:a00:1::1", False),
        ("64:ff9b::808:808", True), ("64:ff9b::a00:1", False), ("64:ff9b::1:808:808", False),
        ("2001:0:102:304::f7f7:f7f7", True), ("2001:0:102:304::f5ff:fffe", False),
    ],
)  # fmt: skip
def test_public_is_what_the_internet_routes(address: str, public: bool) -> None:
    assert is_public(ipaddress.ip_address(address)) is public


def test_settings_say_what_may_be_fetched() -> None:
    def bounds(made: Fetcher, url: str) -> tuple[int, str]:
        async def run() -> str:
            try:
                return (await made.check(url, "here"))[1]["accept"]
            except ImageError as error:
                return error.hint
            finally:
                await made.close()

        return made.max_bytes, asyncio.run(run())

    told = Settings(
        max_image_bytes=11, max_video_bytes=22, max_file_bytes=33, allowed_hosts="8.8.8.8"
    )
    home, hosts = "http://127.0.0.1/", "This server fetches pictures from certain hosts alone."
    assert bounds(Fetcher.of(told), "http://8.8.8.8/") == (11, "image/*")
    assert bounds(Fetcher.of(told, "video"), "http://8.8.8.8/") == (22, "video/*")
    assert bounds(Fetcher.of(told, "file"), "http://8.8.8.8/") == (33, "*/*")
    assert bounds(Fetcher.of(told, "file", 7), home) == (7, hosts)
    assert bounds(Fetcher.of(told, own=True), home) == (11, "image/*")
    assert bounds(Fetcher.of(Settings()), home)[1] == PUBLIC
    assert bounds(Fetcher.of(Settings(allow_private_urls=True)), home)[1] == "image/*"
    assert bounds(Fetcher.of(Settings(private_networks="127.0.0.0/8")), home)[1] == "image/*"


@pytest.mark.parametrize(("noun", "seconds"), [("image", 7.0), ("file", 7.0), ("video", 21.0)])
def test_films_may_take_three_times_as_long(
    noun: str, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float | None] = []
    real = asyncio.timeout

    def noted(delay: float | None) -> asyncio.Timeout:
        waited.append(delay)
        return real(delay)

    monkeypatch.setattr(asyncio, "timeout", noted)

    async def run() -> None:
        fetcher = Fetcher.of(Settings(fetch_timeout_s=7), noun)
        with pytest.raises(ImageError):
            await fetcher.get("ftp://a.example/", "here")
        await fetcher.close()

    asyncio.run(run())
    assert waited == [seconds]

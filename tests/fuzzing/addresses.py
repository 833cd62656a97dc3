"""URLs that have fooled checks before, and data URLs: what is let through leads where it says."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from sightline.errors import ImageError
from sightline.media import data_url
from sightline.media.fetch import Fetcher, is_public

EXAMPLES = 150

HOSTS = st.one_of(
    st.sampled_from(
        ("8.8.8.8", "127.0.0.1", "localhost", "[::1]", "[::ffff:8.8.8.8]", "2130706433", "0x8080808",
         "010.8.8.8", "8.8.2056", "[2606:4700::1111]", "[64:ff9b::7f00:1]", "a.example", "①.1.1.1",
         "8.8.8.8.", "[fe80::1%25lo]", "8。8。8。8", "xn--a", "127.0.0.1%00.8.8.8.8")
    ),
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(lambda a: f"[{a}]"),
    st.text(max_size=12),
)  # fmt: skip
GLUE = st.sampled_from(("", "@", "\\", "\\@", "#", "?", "/", ":", ":80", ":443", ":22", "%40", "%2f",
                        "//", ";", "\t", "\r\n", " ", "user:pw@", ".", "..", "&", "\u2028"))  # fmt: skip


@st.composite
def addresses(draw: st.DrawFn) -> str:
    """A text that may or may not be a URL."""
    scheme = draw(
        st.sampled_from(
            ("http://", "https://", "http:", "http:/", "HTTP://", "https:\\\\", "//", "")
        )
    )
    pieces = [scheme]
    for _ in range(draw(st.integers(1, 3))):
        pieces += [draw(HOSTS), draw(GLUE)]
    return "".join(pieces) + draw(st.text(max_size=8))


def _resolve(host: str | bytes | None, port: object, *rest: object, **named: object) -> object:
    # Numbers resolve as the system has it; every name leads home, so none may come through.
    text = host.decode() if isinstance(host, bytes) else host or ""
    try:
        return REAL(text, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except OSError:
        return REAL("127.0.0.1", port, type=socket.SOCK_STREAM)


REAL: Callable[..., object] = socket.getaddrinfo


def check_address(address: str) -> None:
    """Check an address as the fetcher does before it connects; nothing is connected to."""

    async def run() -> None:
        fetcher = Fetcher(timeout_s=1, max_bytes=1, allow_private=False)
        try:
            url, headers, _ = await fetcher.check(address, "here")
        except ImageError as error:
            assert error.param == "here"
            return
        finally:
            await fetcher.close()
        target = ipaddress.ip_address(url.host)
        assert is_public(target), address
        assert (url.port or {"http": 80, "https": 443}[url.scheme]) in (80, 443), address
        # Another parser must see the same host: where two disagree, checks have been passed by.
        other = urlsplit(address).hostname or ""
        found = REAL(other, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        assert isinstance(found, list)
        assert ipaddress.ip_address(found[0][4][0]) == target, address
        assert not {"\r", "\n", " "} & set(headers["host"]), address

    socket.getaddrinfo = _resolve  # type: ignore[assignment]
    try:
        asyncio.run(run())
    finally:
        socket.getaddrinfo = REAL  # type: ignore[assignment]


def check_data_url(text: str) -> None:
    """Read a text as a data URL: bytes, or an `ImageError`."""
    for url in (text, "data:" + text, "data:image/png;base64," + text):
        try:
            assert data_url.from_data_url(url, "here", 1000)
        except ImageError as error:
            assert error.param == "here"


TARGETS: tuple[tuple[Callable[[str], None], st.SearchStrategy[str]], ...] = (
    (check_address, addresses()),
    (check_data_url, st.text()),
)


@contextmanager
def checking() -> Iterator[Callable[[bytes], None]]:
    """Check a round of either, of which the input is the seed."""

    def run(data: bytes, count: int = EXAMPLES) -> None:
        for check, inputs in TARGETS:
            quick = settings(
                max_examples=count, deadline=None, database=None,
                suppress_health_check=list(HealthCheck), phases=(Phase.generate, Phase.shrink),
            )  # fmt: skip
            seed(int.from_bytes(data, "big"))(quick(given(inputs)(check)))()

    # What Hypothesis makes of Unicode when it first draws a text, 150 MB, is no input's.
    run(bytes(8), count=1)
    yield run

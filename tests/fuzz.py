"""Fuzzing of the decoder and of the URL check: `make fuzz`, or `python -m tests.fuzz --seconds 60`.

The decoder is given real pictures that were cut, flipped, spliced and lied about, and may raise
`ImageError` and nothing else. The URL check is given texts made of what has fooled such checks
before, and may let through only what leads to a public address, on the one port and host that it
names. Each round draws from a new seed, which a failure prints.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import ipaddress
import random
import socket
import sys
import time
import warnings
from collections.abc import Callable
from urllib.parse import urlsplit

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from PIL import Image

from sightline.errors import ImageError
from sightline.media import source
from sightline.media.fetch import Fetcher, is_public
from sightline.media.image import Bounds, decode, look

BOUNDS = Bounds(max_bytes=5_000_000, max_pixels=4_000_000)
EXAMPLES = 300


def _pictures() -> list[bytes]:
    made = []
    chance = np.random.default_rng(0)
    for mode in ("RGB", "RGBA", "L", "P", "1", "CMYK", "I;16"):
        depth, top = (np.uint16, 65535) if mode == "I;16" else (np.uint8, 255)
        shape = (23, 31) if mode == "I;16" else (23, 31, 3)
        image = Image.fromarray(chance.integers(0, top, shape, depth))
        if mode != "I;16":
            image = image.convert(mode)
        for format in ("PNG", "JPEG", "WEBP", "GIF"):
            stored = io.BytesIO()
            exif = Image.Exif()
            exif[0x0112] = 6
            try:
                image.save(stored, format, **({} if format == "GIF" else {"exif": exif}))
            except (OSError, ValueError, KeyError):
                continue
            made.append(stored.getvalue())
    return made


PICTURES = _pictures()


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """A picture with a few things done to it."""
    data = bytearray(draw(st.sampled_from(PICTURES)))
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(data)))
        kind = draw(st.sampled_from(("flip", "cut", "insert", "copy", "number", "splice")))
        if kind == "flip" and at < len(data):
            data[at] ^= draw(st.integers(1, 255))
        elif kind == "cut":
            del data[at : at + draw(st.integers(1, 40))]
        elif kind == "insert":
            data[at:at] = draw(st.binary(min_size=1, max_size=30))
        elif kind == "copy":
            data[at:at] = data[at : at + 64]
        elif kind == "number":
            data[at : at + 4] = draw(st.sampled_from((b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff")))
        else:
            other = draw(st.sampled_from(PICTURES))
            data[at:] = other[draw(st.integers(0, len(other))) :]
    return bytes(data)


def check_decoder(data: bytes) -> None:
    """Look at a picture and decode it: a picture of the size asked for, or an `ImageError`."""
    try:
        width, height = look(data, "here", BOUNDS).size
        small = max(1, width // 2), max(1, height // 2)
        for size in (None, small):
            pixels = decode(data, "here", BOUNDS, size)
            wanted = size or (width, height)
            assert pixels.shape == (wanted[1], wanted[0], 3), (pixels.shape, wanted)
            assert pixels.dtype == np.uint8
    except ImageError as error:
        assert error.param == "here"
        assert "0x" not in error.message + error.hint


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
            assert source.from_data_url(url, "here", 1000)
        except ImageError as error:
            assert error.param == "here"


TARGETS = (
    (check_decoder, broken()),
    (check_address, addresses()),
    (check_data_url, st.text()),
)  # fmt: skip


def fuzz(seconds: float, first: int) -> int:
    """Run rounds over all targets until the time is up; give how many inputs were tried."""
    until, number, tried = time.monotonic() + seconds, first, 0
    while time.monotonic() < until:
        for check, inputs in TARGETS:
            quick = settings(
                max_examples=EXAMPLES, deadline=None, database=None,
                suppress_health_check=list(HealthCheck), phases=(Phase.generate, Phase.shrink),
            )  # fmt: skip
            seed(number)(quick(given(inputs)(check)))()
            tried += EXAMPLES
        number += 1
    return tried


def main() -> int:
    made = argparse.ArgumentParser(description=__doc__)
    made.add_argument("--seconds", type=float, default=60)
    made.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9))
    options = made.parse_args()
    warnings.simplefilter("ignore")
    tried = fuzz(options.seconds, options.seed)
    print(f"{tried} inputs from seed {options.seed} on: none got through.")
    return 0


if __name__ == "__main__":
    sys.exit(main())

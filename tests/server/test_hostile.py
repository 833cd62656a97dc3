"""More than 300 hostile inputs: each is refused by name, and the server neither falls nor swells."""

from __future__ import annotations

import base64
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests
from PIL import Image

from tests.conftest import JSON, Web, running, started
from tests.pictures import data_url, encoded, part
from tests.waiting import PATIENCE_S

SWELL_MB = 200  # while eight at once are refused
GROWTH_MB = 15  # with a hundred more


def noise(width: int = 90, height: int = 70) -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 255, (height, width, 3), np.uint8))


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, *chunks: bytes, depth: int = 8, kind: int = 2) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(chunks) + chunk(b"IEND", b"")


def gif_screen(width: int, height: int) -> bytes:
    return b"GIF89a" + struct.pack("<HH", width, height) + b"\x00\x00\x00;"


def moving(format: str) -> bytes:
    stored = io.BytesIO()
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "green", "blue")]
    frames[0].save(stored, format, save_all=True, append_images=frames[1:], duration=100)
    return stored.getvalue()


def archive() -> bytes:
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w") as made:
        made.writestr("x.txt", "x" * 1000)
    return stored.getvalue()


def truncated() -> Iterator[tuple[str, bytes]]:
    for format in ("PNG", "JPEG", "WEBP", "GIF"):
        for mode in ("RGB", "L"):
            data = encoded(noise().convert(mode), format)
            for tenth in range(10):
                yield f"{format} {mode} cut at {tenth}0%", data[: len(data) * tenth // 10]
    for extra in ({"progressive": True}, {"subsampling": 0}, {"quality": 5}):
        data = encoded(noise(), "JPEG", **extra)
        for tenth in range(1, 10):
            yield f"JPEG {extra} cut at {tenth}0%", data[: len(data) * tenth // 10]


def flipped() -> Iterator[tuple[str, bytes]]:
    # A PNG's checksums tell of any flip; the other formats may survive one.
    data = encoded(noise())
    for i, at in enumerate(np.linspace(0, len(data) - 17, 80).astype(int)):
        broken = bytearray(data)
        broken[at] ^= 0x55
        yield f"PNG flipped at {at} ({i})", bytes(broken)


@cache
def inflating() -> bytes:
    """200 kB of which 200 MB come."""
    return zlib.compress(b"\0" * 200_000_000, 9)


def bombs() -> Iterator[tuple[str, bytes]]:
    empty = chunk(b"IDAT", zlib.compress(b""))
    for size in ((50_000, 50_000), (12_000, 12_000), (65_535, 65_535), (70_000, 1), (1, 70_000),
                 (0, 10), (10, 0), (0x7FFFFFFF, 0x7FFFFFFF), (20_000, 20), (20, 20_000)):  # fmt: skip
        yield f"PNG of {size}", png(*size, empty)
    yield (
        "PNG with text that inflates",
        png(10, 10, chunk(b"zTXt", b"k\0\0" + inflating()), empty),
    )
    yield (
        "PNG with a profile that inflates",
        png(10, 10, chunk(b"iCCP", b"k\0\0" + inflating()), empty),
    )
    for size in ((65_535, 65_535), (30_000, 30_000), (0, 0)):
        yield f"GIF of {size}", gif_screen(*size)
    for dimension in (0, 65_535):
        data = bytearray(encoded(noise(), "JPEG"))
        at = data.index(b"\xff\xc0") + 5
        data[at : at + 4] = struct.pack(">HH", dimension, dimension)
        yield f"JPEG of {dimension}", bytes(data)
    webp = bytearray(encoded(noise(), "WEBP", lossless=True))
    webp[21:25] = b"\xff\xff\xff\x0f"
    yield "WEBP of 16384", bytes(webp)


def wrong() -> Iterator[tuple[str, bytes]]:
    good = encoded(noise())
    yield "nothing", b""
    yield "one byte", b"\x89"
    yield "only a signature", b"\x89PNG\r\n\x1a\n"
    for format in ("BMP", "TIFF", "PPM", "ICO", "TGA", "PCX", "SGI", "DDS", "JPEG2000", "AVIF",
                   "PDF", "EPS"):  # fmt: skip
        yield f"{format} labelled PNG", encoded(noise(), format)
    yield from {
        "SVG": b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>",
        "HTML": b"<!doctype html><img src=x>", "XML": b"<?xml version='1.0'?><a/>",
        "zip": archive(), "zip before a PNG": archive() + good, "PHP": b"<?php system('id');",
        "PostScript": b"%!PS-Adobe-3.0\n", "ELF": b"\x7fELF" + bytes(60), "JSON": b"{}",
        "playlist": b"#EXTM3U\nfile:///etc/passwd", "gzip": zlib.compress(good), "MP4":
        b"\x00\x00\x00\x20ftypisom" + bytes(64), "HEIC": b"\x00\x00\x00\x18ftypheic" + bytes(64),
        "WAV": b"RIFF" + bytes(4) + b"WAVEfmt ", "text": b"hello " * 99, "zeros": bytes(5000),
        "ones": b"\xff" * 5000, "a PNG after a word": b"png " + good, "a GIF without frames":
        gif_screen(10, 10), "two signatures": b"\x89PNG\r\n\x1a\n" * 2 + good[8:],
    }.items()  # fmt: skip
    for format in ("GIF", "WEBP", "PNG"):
        yield f"moving {format}", moving(format)
    yield "PNG without data", png(9, 9)
    yield "PNG of a depth that is none", png(9, 9, chunk(b"IDAT", b""), depth=7)
    yield "PNG of a kind that is none", png(9, 9, chunk(b"IDAT", b""), kind=5)
    yield "PNG with a palette for nothing", png(9, 9, chunk(b"IDAT", b""), kind=3)
    yield "PNG with a huge chunk", good[:33] + b"\xff\xff\xff\xffIDAT" + good[41:900]
    yield "PNG with a long header", b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", bytes(60_000))
    yield "JPEG of one marker", b"\xff\xd8" + b"\xff\xe1\xff\xff" * 3000
    yield "JPEG with endless comments", b"\xff\xd8" + (b"\xff\xfe\xff\xff" + bytes(65_533)) * 20
    jpeg = encoded(noise(), "JPEG")
    yield "PNG of a million chunks", good[:33] + chunk(b"prVt", b"") * 1_000_000 + good[33:]
    yield "PNG of a million texts", good[:33] + chunk(b"tEXt", b"a\0b") * 1_000_000 + good[33:]
    yield "JPEG of a million markers", jpeg[:2] + b"\xff\xfe\0\2" * 1_000_000 + jpeg[2:]
    yield "JPEG of much padding", jpeg[:2] + b"\xff" * 9_000_000 + jpeg[2:]
    random = np.random.default_rng(3)
    for i in range(40):
        head = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"RIFF\0\1\0\0WEBPVP8 ")[
            i % 4
        ]
        yield f"noise {i}", head + random.bytes(600)


URLS = (
    "http://127.0.0.1/a.png", "http://localhost/a.png", "http://2130706433/", "http://0x7f000001/",
    "http://0177.0.0.1/", "http://017700000001/", "http://127.1/", "http://127.0.1/", "http://0/",
    "http://0.0.0.0/", "http://[::1]/", "http://[::]/", "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/", "http://[0:0:0:0:0:ffff:127.0.0.1]/", "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/", "http://[fe80::1]/", "http://[fe80::1%25eth0]/", "http://[fc00::1]/",
    "http://[::127.0.0.1]/", "http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/",
    "http://172.16.0.1/", "http://192.168.0.1/", "http://100.64.0.1/", "http://224.0.0.1/",
    "http://255.255.255.255/", "http://user@8.8.8.8/", "http://user:secret@8.8.8.8/",
    "http://8.8.8.8@127.0.0.1/", "http://127.0.0.1\\@8.8.8.8/", "http://8.8.8.8\\.127.0.0.1/",
    "http:\\\\127.0.0.1\\", "http://127.0.0.1:80\\@8.8.8.8/", "http://8.8.8.8:22/",
    "http://8.8.8.8:99999/", "http://8.8.8.8:-1/", "http://8.8.8.8:80:80/", "http:///", "http://",
    "https://", "http:127.0.0.1", "http:/127.0.0.1/", "http://%31%32%37.0.0.1/", "http://[/",
    "http://]/", "http://[::1/", "http://[1.2.3.4]/", "http://a b/", "http://a\tb/", "http://a\nb/",
    "http://127.0.0.1\r\nHost: x/", "http://127.0.0.1#@8.8.8.8/", "http://127.0.0.1?@8.8.8.8/",
    "http://①②⑦.⓪.⓪.①/", "http://ⓛocalhost/", "http://localhost./", "http://LOCALHOST/",
    "http://" + "a" * 300 + ".example/", "http://.example/", "http://a..b/", "http://xn--/",
    "file:///etc/passwd", "file://localhost/etc/passwd", "FILE:///etc/passwd", "/etc/passwd",
    "../../etc/passwd", "C:\\Windows\\win.ini", "\\\\server\\share\\a.png", "ftp://8.8.8.8/a.png",
    "gopher://127.0.0.1:70/", "dict://127.0.0.1:11211/", "javascript:alert(1)", "ws://127.0.0.1/",
    "unix:///var/run/docker.sock", "s3://bucket/key", "//127.0.0.1/a.png", "about:blank", "blob:x",
    "", " ", "data:", "data:,", "data:image/png", "data:image/png;base64", "data:image/png;base64,",
    "data:image/png,hello", "data:text/html;base64,PGI+", "data:application/pdf;base64,JVBERi0=",
    "data:;base64,AAAA", "data:image/png;base64,@@@@", "data:image/png;base64,A", "data:image/png;"
    "base64,====", "data:image/svg+xml;base64,PHN2Zy8+", "data:image/png;base64,%zz",
    "data:image/png;base64,\x00", "data:image/png;base64,é",
)  # fmt: skip


def pictures() -> list[tuple[str, str]]:
    found = [*truncated(), *flipped(), *bombs(), *wrong()]
    return [(name, data_url(data)) for name, data in found] + [(f"URL {u!r}"[:80], u) for u in URLS]


def resident_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, int]]:
    with started("--fetch-timeout-s", "5") as (url, process):
        yield url, process.pid


@pytest.fixture(scope="module")
def decoding() -> Iterator[str]:
    """A server that decodes pictures and does not read what is in them, which takes far longer."""
    with running("--engine", "mirror") as url:
        yield url


def ask(url: str, body: bytes | dict[str, Any]) -> requests.Response:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    return requests.post(f"{url}/chat/completions", data=sent, headers=JSON, timeout=PATIENCE_S)


def question(address: str) -> dict[str, Any]:
    text = {"type": "text", "text": "What is it?"}
    return {"model": "gpt-4o", "messages": [{"role": "user", "content": [text, part(address)]}]}


def test_every_hostile_picture_is_refused_by_name(server: tuple[str, int]) -> None:
    url, pid = server
    good = question(data_url(encoded(noise())))
    cases = pictures()
    assert len(cases) >= 300
    with ThreadPoolExecutor(8) as pool:
        # What honest requests make the allocator keep is not the hostile ones' growth.
        assert all(
            reply.status_code == 200 for reply in pool.map(lambda _: ask(url, good), range(8))
        )
        resident = [resident_mb(pid)]
        replies = list(pool.map(lambda case: ask(url, question(case[1])), cases))
        resident.append(resident_mb(pid))
        # What is left of each request grows with every hundred of them; what the allocator keeps
        # of so many at once comes and goes.
        for start in range(3):
            again = list(pool.map(lambda case: ask(url, question(case[1])), cases[start::3]))
            assert {reply.status_code for reply in again} == {400}
            resident.append(resident_mb(pid))
    for (name, _), reply in zip(cases, replies, strict=True):
        assert reply.status_code == 400, (name, reply.status_code, reply.text[:300])
        error = reply.json()["error"]
        assert error["param"] == "messages[0].content[1].image_url.url", (name, error)
        told = json.dumps(error)
        for leak in ("BytesIO", "0x7f", "Traceback", "/work", "site-packages", "Errno", "PIL"):
            assert leak not in told, (name, error)
    assert resident[1] - resident[0] < SWELL_MB, resident
    assert min(after - before for before, after in pairwise(resident[1:])) < GROWTH_MB, resident
    assert ask(url, good).status_code == 200


def test_flips_that_a_format_survives_are_answered_or_refused(decoding: str) -> None:
    chance = np.random.default_rng(5)
    for format in ("JPEG", "WEBP", "GIF"):
        data = encoded(noise(), format)
        for _ in range(12):
            broken = bytearray(data)
            for at in chance.integers(0, len(data), 4):
                broken[at] ^= int(chance.integers(1, 255))
            assert ask(decoding, question(data_url(bytes(broken)))).status_code in (200, 400)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"[" * 100_000, 400),
        (b'{"messages":' * 50_000, 400),
        (b'{"model":"gpt-4o","messages":' + b"[" * 5000 + b"]" * 5000 + b"}", 400),
        (b"{" + b'"a":1,' * 100_000 + b'"b":2}', 400),
        (b'{"model":"gpt-4o","messages":[{"role":"user","content":NaN}]}', 400),
        (b'{"model":"gpt-4o","messages":[{"role":"user","content":"\xff\xfe"}]}', 400),
        (b"\x00" * 1000, 400),
        (b'"' + b"a" * 1_000_000, 400),
        (b"1" * 100_000, 400),
    ],
)
def test_hostile_bodies(server: tuple[str, int], body: bytes, status: int) -> None:
    reply = ask(server[0], body)
    assert reply.status_code == status
    assert reply.json()["error"]["type"] == "invalid_request_error"


def test_polyglots_are_what_they_begin_as(decoding: str) -> None:
    """A picture with something else behind it is that picture; the rest is dropped."""
    for tail in (archive(), b"<script>", b"%PDF-1.4", encoded(noise(), "PNG")):
        for format in ("PNG", "JPEG", "GIF"):
            address = data_url(encoded(noise(), format) + tail, "image/webp")
            assert ask(decoding, question(address)).status_code == 200
    zeros = zlib.compress(b"\0" * 40_000_000, 9)  # far more than its 10 × 10 pixels
    address = data_url(png(10, 10, chunk(b"IDAT", zeros)))
    assert ask(decoding, question(address)).status_code == 200


def test_the_worst_of_many_is_named(server: tuple[str, int]) -> None:
    good, bad = data_url(encoded(noise())), data_url(b"no picture")
    body = question(good)
    body["messages"][0]["content"] += [part(good), part(bad), part(good), part("file:///x")]
    error = ask(server[0], body).json()["error"]
    assert error["param"] == "messages[0].content[3].image_url.url"


def test_too_much_of_everything(server: tuple[str, int]) -> None:
    url, _ = server
    large = base64.b64encode(bytes(21 * 1024 * 1024)).decode()
    error = ask(url, question(f"data:image/png;base64,{large}")).json()["error"]
    assert "below 20 MB" in error["message"]
    small = part(data_url(encoded(Image.new("1", (1, 1)))))
    body = question("x")
    body["messages"][0]["content"] = [small] * 501
    error = ask(url, body).json()["error"]
    assert error["code"] == "too_many_images"
    assert ask(url, b" " * (73 * 1024 * 1024)).status_code == 413


def test_all_pictures_together_are_bounded(server: tuple[str, int]) -> None:
    data = encoded(noise(2300, 1900))  # 13 MB
    body = question("x")
    body["messages"][0]["content"] = [part(data_url(data))] * 4
    reply = ask(server[0], body)
    assert reply.status_code == 400
    assert "limit of 50 MB" in reply.json()["error"]["message"]


def test_slow_hosts_hold_up_nobody(web: Web) -> None:
    flags = ("--private-networks", "127.0.0.1/32", "--fetch-timeout-s", "90", "--engine", "mirror")
    with started(*flags) as (url, _), ThreadPoolExecutor(40) as pool:
        slow = [pool.submit(ask, url, question(f"{web.url}/silent")) for _ in range(40)]
        for _ in range(5):
            assert ask(url, question(data_url(encoded(noise())))).status_code == 200
        assert not any(waiting.done() for waiting in slow)
        web.released.set()
        assert {waiting.result().status_code for waiting in slow} == {400}
    web.released.clear()

"""Nothing of a picture is kept: a marked one is looked for everywhere after good and bad requests."""

from __future__ import annotations

import base64
import os
import signal
import struct
from pathlib import Path
from typing import Any

import numpy as np
import requests
from PIL import Image, PngImagePlugin

from tests.conftest import Web, started
from tests.pictures import data_url, encoded, part, written
from tests.waiting import PATIENCE_S

MARK = b"CANARY-7f3a91d2-kept-nowhere"
LATITUDE = 47.376888  # in EXIF as degrees, minutes, seconds


def marked(format: str) -> bytes:
    """A picture with the mark in its metadata and, as a block of pixels, in itself."""
    image = written("Invoice 20260314")
    block = np.frombuffer(MARK + bytes(-len(MARK) % 3), np.uint8).reshape(1, -1, 3)
    image.paste(Image.fromarray(block), (4, 4))
    exif = Image.Exif()
    exif[0x010E] = MARK.decode()
    exif.get_ifd(0x8825).update({1: "N", 2: (47.0, 22.0, 36.7968), 3: "E", 4: (8.0, 32.0, 30.0)})
    extra: dict[str, Any] = {"exif": exif}
    if format == "PNG":
        extra["pnginfo"] = PngImagePlugin.PngInfo()
        extra["pnginfo"].add_text("Comment", MARK.decode())
    if format == "JPEG":
        extra["comment"] = MARK
    return encoded(image, format, **extra)


def traces(data: bytes) -> list[bytes]:
    """What would give a picture away: the mark, and pieces of its file, raw and in base64."""
    found = [MARK, b"47.37688", struct.pack(">II", 367968, 10000)]
    for start in (0, len(data) // 3, len(data) // 2):
        piece = data[start + 60 : start + 120]
        found.append(piece)
        found += [base64.b64encode(data[start + 60 + i : start + 120 + i])[:40] for i in range(3)]
    return found


def test_a_marked_picture_is_found_nowhere(tmp_path: Path, web: Web) -> None:
    home, temp, work = (tmp_path / name for name in ("home", "temp", "work"))
    for folder in (home, temp, work):
        folder.mkdir()
    environment = {
        **os.environ, "HOME": str(home), "TMPDIR": str(temp), "XDG_CACHE_HOME": str(home),
        "PYTHONFAULTHANDLER": "1", "PYTHONDEVMODE": "0",
    }  # fmt: skip
    pictures = {format: marked(format) for format in ("PNG", "JPEG", "WEBP")}
    pieces = [piece for data in pictures.values() for piece in traces(data)]
    told: list[bytes] = []
    log = tmp_path / "log"
    flags = ("--log-level", "debug", "--private-networks", "127.0.0.1/32")
    with (
        log.open("wb") as stderr,
        started(*flags, stderr=stderr, env=environment, cwd=str(work), noted=False) as (
            url,
            process,
        ),
    ):

        def ask(*parts: Any, **extra: Any) -> int:
            content = [{"type": "text", "text": "What does it say?"}, *parts]
            body = {"model": "gpt-4o", "messages": [{"role": "user", "content": content}], **extra}
            reply = requests.post(f"{url}/chat/completions", json=body, timeout=PATIENCE_S)
            told.append(reply.content + str(reply.headers).encode())
            return reply.status_code

        for format, data in pictures.items():
            address = web.page(f"/{MARK.decode()}.{format}", data)
            assert ask(part(data)) == 200
            assert ask(part(data), stream=True) == 200
            assert ask(part(address)) == 200
            # And every way to fail, before, in and after the decoder.
            assert ask(part(data[: len(data) // 2])) == 400
            assert ask(part(data_url(data, "text/plain"))) == 400
            assert ask(part(data_url(MARK + data))) == 400
            assert ask(part(data), {"type": "image_url", "image_url": data_url(data) + "*"}) == 400
            assert ask(part(data), part(f"http://10.0.0.1/{MARK.decode()}")) == 400
            assert ask(part(f"{web.url}/missing-{MARK.decode()}")) == 400
            assert ask(part(data), max_tokens="many") == 400
            assert ask(part(data), part(data), temperature=9) == 400
            assert ask({"type": "image_url", "image_url": [data_url(data)]}) == 400
        told.append(requests.get(f"{url.removesuffix('/v1')}/healthz", timeout=PATIENCE_S).content)
        process.send_signal(signal.SIGABRT)  # what a crash leaves behind
        process.wait(PATIENCE_S)
    told.append(log.read_bytes())
    assert b"Fatal Python error: Aborted" in told[-1]
    left = [p for folder in (home, temp, work) for p in folder.rglob("*") if p.is_file()]
    told += [path.read_bytes() for path in left]
    assert not [path for path in left if "core" in path.name]
    for text in told:
        for piece in pieces:
            # The API's own words may name the host of a URL that was sent; the picture, never.
            assert piece not in text, (piece, text[:300])


def test_what_is_logged_of_a_picture_is_its_size_and_hash() -> None:
    from sightline.types import Encoded, ImageRef, Inline

    data = marked("PNG")
    shown = repr(Encoded(data)) + repr(ImageRef(Inline(data_url(data)), "here"))
    assert f"{len(data)} bytes" in shown
    assert len(shown) < 300
    assert not any(piece in shown.encode() for piece in traces(data))

"""The files that fuzzing begins with: `python -m tests.fuzzing.seeds` writes `tests/corpus` anew.

Small ones of every structure that a decoder here knows. Beside them stand inputs that once got
through, named `found-…`; add those by hand.
"""

from __future__ import annotations

import functools
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tests import films
from tests.documents import pdf

CORPUS = Path(__file__).parent.parent / "corpus"


@functools.cache
def seeds(kind: str) -> tuple[bytes, ...]:
    """The seeds of a kind: pictures, documents, films, heads or bodies."""
    return tuple(path.read_bytes() for path in sorted((CORPUS / kind).iterdir()))


def pictures() -> Iterator[tuple[str, bytes]]:
    chance = np.random.default_rng(0)
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x8769] = {0x9003: "2026:01:01 00:00:00"}
    for mode in ("RGB", "RGBA", "L", "P", "1", "CMYK", "I;16"):
        depth, top = (np.uint16, 65535) if mode == "I;16" else (np.uint8, 255)
        shape = (13, 17) if mode == "I;16" else (13, 17, 3)
        image = Image.fromarray(chance.integers(0, top, shape, depth))
        image = image if mode == "I;16" else image.convert(mode)
        for form in ("PNG", "JPEG", "WEBP", "GIF"):
            more: dict[str, Any] = {} if form == "GIF" else {"exif": exif}
            if (data := saved(image, form, **more)) is not None:
                yield f"{mode.replace(';', '')}.{form.lower()}", data
    colours = Image.fromarray(chance.integers(0, 255, (24, 32, 3), np.uint8))
    profile = b"\0\0\2\0" + bytes(28) + b"RGB XYZ " + bytes(600)
    for name, form, options in (
        ("progressive.jpeg", "JPEG", {"progressive": True}),
        ("restarts.jpeg", "JPEG", {"restart_marker_blocks": 1}),
        ("profile.jpeg", "JPEG", {"icc_profile": profile, "comment": b"made here"}),
        ("profile.png", "PNG", {"icc_profile": profile}),
        ("lossless.webp", "WEBP", {"lossless": True}),
        ("several.mpo", "MPO", {"save_all": True, "append_images": [colours.rotate(90)]}),
        ("moving.gif", "GIF", {"save_all": True, "append_images": [colours.rotate(90)]}),
        ("moving.webp", "WEBP", {"save_all": True, "append_images": [colours.rotate(90)]}),
        ("moving.png", "PNG", {"save_all": True, "append_images": [colours.rotate(90)]}),
    ):
        if (data := saved(colours, form, **options)) is not None:
            yield name, data
    yield "interlaced.gif", saved(colours, "GIF", interlace=1) or b""


def saved(image: Image.Image, form: str, **options: Any) -> bytes | None:
    stored = io.BytesIO()
    try:
        image.save(stored, form, **options)
    except (OSError, ValueError, KeyError):
        return None
    return stored.getvalue()


def documents() -> Iterator[tuple[str, bytes]]:
    yield "text.pdf", pdf(["One"], ["Two", "lines"])
    plain = pdf(["One"])
    drawn = b"/Contents 4 0 R /Annots [<< /Type /Annot /Subtype /Square /Rect [0 0 9 9] >>]"
    yield "annotated.pdf", plain.replace(b"/Contents 4 0 R", drawn)
    yield "shading.pdf", plain.replace(
        b"/Font <<", b"/Shading << /S << /ShadingType 2 /ColorSpace /DeviceRGB /Coords [0 0 9 9] "
        b"/Function << /FunctionType 2 /Domain [0 1] /C0 [0 0 0] /C1 [1 1 1] /N 1 >> >> >> /Font <<",
    )  # fmt: skip


def moving(folder: Path) -> Iterator[tuple[str, bytes]]:
    for name, codec in (("h264.mp4", "libx264"), ("vp9.webm", "libvpx-vp9"), ("old.avi", "mpeg4")):
        path = films.film(folder / name, codec, frames=6, gop=3, size=(64, 32))
        yield name, path.read_bytes()
    path = films.film(folder / "sound.mp4", frames=4, size=(64, 32), sound=True, turn=1)
    yield "sound.mp4", path.read_bytes()


HEADS = {
    "get": b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n",
    "old": b"GET /healthz HTTP/1.0\r\n\r\n",
    "post": b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
    b"application/json\r\nAuthorization: Bearer k\r\nContent-Length: 2\r\n\r\n{}",
    "chunks": b"POST /v1/responses HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n1;a=b\r\n{\r\n1\r\n}\r\n0\r\nX: y\r\n\r\n",
    "form": b"POST /v1/files HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; "
    b"boundary=X\r\nContent-Length: 121\r\n\r\n--X\r\nContent-Disposition: form-data; "
    b'name="purpose"\r\n\r\nvision\r\n--X\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--X--\r\n',
    "pipelined": b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" * 3,
    "expects": b"POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
    b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
    "upgrade": b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    "browser": b"OPTIONS /v1/models?limit=1&after=a HTTP/1.1\r\nHost: localhost\r\nOrigin: "
    b"http://a.example\r\nAccess-Control-Request-Method: GET\r\nCookie: a=b; c=d\r\n\r\n",
}  # fmt: skip


def bodies() -> Iterator[tuple[str, bytes]]:
    from tests.bodies import BODIES

    for path, several in BODIES.items():
        for i, body in enumerate(several):
            name = path.strip("/").replace("/", "-")
            yield f"{name}-{i}.json", json.dumps({"path": path, "body": body}).encode()


def write(folder: Path) -> None:
    """Write the seeds. `folder` takes films while they are made."""
    heads = ((name + ".http", data) for name, data in HEADS.items())
    for kind, made in (
        ("pictures", pictures()),
        ("documents", documents()),
        ("films", moving(folder)),
        ("heads", heads),
        ("bodies", bodies()),
    ):
        (CORPUS / kind).mkdir(parents=True, exist_ok=True)
        for name, data in made:
            (CORPUS / kind / name).write_bytes(data)


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as made:
        write(Path(made))

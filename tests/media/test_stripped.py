"""Files that may go on as they came: what is left of them, and which have to be encoded anew."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from sightline.errors import ImageError
from sightline.media import data_url
from sightline.media.as_sent import LookedAt
from sightline.media.container import Damaged, parse
from sightline.media.decoding import DecodeLimits, Decoders
from sightline.media.glance import glance
from sightline.media.image import ImageBounds, decode
from sightline.media.stripped import strip
from sightline.workers import Stop
from tests.pictures import encoded

SECRET = b"48.8584N 2.2945E"
BOUNDS = ImageBounds(max_bytes=20 << 20, max_pixels=100_000_000)


def noise(mode: str = "RGB", width: int = 90, height: int = 70) -> Image.Image:
    chance = np.random.default_rng(0)
    smooth = Image.fromarray(chance.integers(0, 255, (8, 9, 3), np.uint8))
    return smooth.resize((width, height), Image.Resampling.BICUBIC).convert(mode)


def stripped(data: bytes) -> bytes | None:
    found = parse(data)
    assert found is not None
    pieces = strip(data, found)
    return None if pieces is None else b"".join(pieces)


def segment(kind: int, body: bytes) -> bytes:
    return bytes((0xFF, kind)) + struct.pack(">H", len(body) + 2) + body


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def riff(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + bytes(len(body) & 1)


def srgb() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def wide() -> bytes:
    """A profile that calls itself by another name."""
    return srgb().replace("sRGB".encode("utf-16-be"), "P3 D".encode("utf-16-be"))


def marked_jpegs() -> Iterator[bytes]:
    data = encoded(noise(), "JPEG")
    exif = b"Exif\0\0II*\0\x08\0\0\0\0\0" + SECRET
    for kind, body in (
        (0xE1, exif), (0xE1, b"http://ns.adobe.com/xap/1.0/\0<x>" + SECRET + b"</x>"),
        (0xED, b"Photoshop 3.0\08BIM\x04\x04" + SECRET), (0xFE, SECRET), (0xE2, b"MPF\0" + SECRET),
        (0xE0, b"JFXX\0\x10" + SECRET), (0xEB, b"JP" + SECRET),
        (0xE0, b"JFIF\0\x01\x02\x01\0H\0H\x04\x01" + SECRET[:12]),
    ):  # fmt: skip
        yield data[:2] + segment(kind, body) + data[2:]
        end = data.index(b"\xff\xda")
        yield data[:end] + segment(kind, body) + data[end:]
    yield data + SECRET
    yield data + data[:2] + segment(0xE1, exif) + data[2:]  # a second picture
    yield encoded(noise(), "JPEG", icc_profile=srgb(), comment=SECRET)


def marked_pngs() -> Iterator[bytes]:
    data = encoded(noise())
    end = len(data) - 12
    for kind, body in (
        (b"tEXt", b"Comment\0" + SECRET), (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + SECRET),
        (b"zTXt", b"Comment\0\0" + zlib.compress(SECRET, 0)), (b"eXIf", b"II*\0\x08\0\0\0\0\0" + SECRET),
        (b"prVt", SECRET), (b"tIME", SECRET[:7]), (b"caBX", SECRET),
    ):  # fmt: skip
        yield data[:33] + chunk(kind, body) + data[33:]
        yield data[:end] + chunk(kind, body) + data[end:]
    yield data + SECRET
    yield data[:end] + chunk(b"IEND", SECRET)
    yield encoded(noise(), icc_profile=srgb())[:-12] + chunk(b"tEXt", SECRET) + data[-12:]


def marked_webps() -> Iterator[bytes]:
    for lossless in (False, True):
        data = encoded(
            noise(), "WEBP", lossless=lossless, exif=b"Exif\0\0II*\0\x08\0\0\0\0\0" + SECRET
        )
        yield data
        yield encoded(noise(), "WEBP", lossless=lossless, xmp=SECRET, icc_profile=srgb())
        yield encoded(noise(), "WEBP", lossless=lossless) + SECRET
        more = data + riff(b"XMP ", SECRET)
        yield more[:4] + struct.pack("<I", len(more) - 8) + more[8:]


@pytest.mark.filterwarnings("ignore:Image appears to be a malformed MPO")
@pytest.mark.parametrize("marked", [marked_jpegs, marked_pngs, marked_webps])
def test_no_metadata_is_left_and_every_pixel_is(marked: Any) -> None:
    count = 0
    for data in marked():
        left = stripped(data)
        assert left is not None
        for mark in (SECRET[:7], b"Exif", b"ICC", b"iCCP", b"JFXX", b"MPF"):
            assert mark not in left
        assert stripped(left) == left
        with Image.open(io.BytesIO(data)) as old, Image.open(io.BytesIO(left)) as new:
            assert old.convert("RGB").tobytes() == new.convert("RGB").tobytes()
            assert not {"exif", "xmp", "icc_profile", "comment", "photoshop", "mp"} & set(new.info)
        count += 1
    assert count >= 8


def test_what_has_nothing_to_be_left_out_is_the_same_bytes() -> None:
    for options in ({}, {"progressive": True}, {"optimize": True}, {"restart_marker_rows": 1}):
        for mode in ("RGB", "L"):
            data = encoded(noise(mode), "JPEG", **options)
            assert stripped(data) == data, (options, mode)
    for mode in ("RGB", "L", "P", "1", "RGBA"):
        data = encoded(noise(mode))
        assert stripped(data) == data, mode
    assert stripped(data := encoded(noise(), "WEBP")) == data


def unclear_jpegs() -> Iterator[tuple[str, bytes]]:
    data = encoded(noise(), "JPEG")
    scan = data.index(b"\xff\xda")
    frame = data.index(b"\xff\xc0")
    exif = Image.Exif()
    exif[0x0112] = 6
    yield "turned", encoded(noise(), "JPEG", exif=exif)
    yield "its own colours", encoded(noise(), "JPEG", icc_profile=wide())
    yield "a profile that is none", encoded(noise(), "JPEG", icc_profile=SECRET)
    yield "CMYK", encoded(noise("CMYK"), "JPEG")
    yield "RGB", encoded(noise(), "JPEG", keep_rgb=True)
    yield "Adobe's transform", data[:2] + segment(0xEE, b"Adobe\0d\0\0\0\0\0") + data[2:]
    yield "no end", data[:-2]
    yield "cut", data[: len(data) // 2]
    yield "padding", data[:scan] + b"\xff" + data[scan:]
    yield "padding before the end", data[:-2] + b"\xff" + data[-2:]
    yield "zeros between segments", data[:scan] + b"\0" + data[scan:]
    yield "a restart that there is no interval for", data[:-40] + b"\xff\xd0" + data[-40:]
    yield (
        "restarts out of step",
        encoded(noise(), "JPEG", restart_marker_rows=1).replace(b"\xff\xd1", b"\xff\xd2", 1),
    )
    yield "an interval without restarts", data[:scan] + segment(0xDD, b"\0\1") + data[scan:]
    yield "arithmetic coding", data[: frame + 1] + b"\xc9" + data[frame + 2 :]
    yield "12 bits", data[: frame + 4] + b"\x0c" + data[frame + 5 :]
    yield "a height that comes later", data[:-2] + segment(0xDC, b"\0F") + data[-2:]
    yield "a segment that is longer than told", data[:scan] + segment(0xF7, b"x") + data[scan:]
    cut = encoded(noise(), "JPEG", progressive=True)
    yield "passes that are missing", cut[: cut.rindex(b"\xff\xda")] + b"\xff\xd9"


def unclear_pngs() -> Iterator[tuple[str, bytes]]:
    data = encoded(noise())
    at, end = data.index(b"IDAT") - 4, len(data) - 12
    yield "its own colours", encoded(noise(), icc_profile=wide())
    yield "transparent by a table", encoded(noise(), transparency=(1, 2, 3))
    yield "16 bits", encoded(Image.fromarray(np.zeros((4, 4), np.uint16)))
    yield "an unknown chunk that has to be known", data[:at] + chunk(b"ABCD", b"") + data[at:]
    yield "another beginning", data[:at] + data[8:33] + data[at:]
    yield (
        "pixels in two places",
        data[:end] + chunk(b"tEXt", b"a\0b") + chunk(b"IDAT", b"") + data[end:],
    )
    yield "no end", data[:end]
    yield (
        "turned",
        data[:33] + chunk(b"eXIf", b"II*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\3\0\0\0") + data[33:],
    )


def unclear_webps() -> Iterator[tuple[str, bytes]]:
    data = encoded(noise(), "WEBP", exif=b"II*\0\x08\0\0\0\0\0")
    yield "its own colours", encoded(noise(), "WEBP", icc_profile=wide())
    see_through = noise("RGBA")
    see_through.putalpha(7)
    for lossless in (True, False):
        yield "transparent", encoded(see_through, "WEBP", lossless=lossless)
    yield "another canvas", data[:24] + b"\x7f" + data[25:]
    yield "cut", data[:-9]
    yield "an unknown chunk", _grown(data, riff(b"ABCD", b""))
    yield "two pictures", _grown(data, data[30 : data.index(b"EXIF")])


def _grown(data: bytes, more: bytes) -> bytes:
    return data[:4] + struct.pack("<I", len(data) + len(more) - 8) + data[8:] + more


@pytest.mark.parametrize("unclear", [unclear_jpegs, unclear_pngs, unclear_webps])
def test_what_decoders_may_read_differently_is_encoded_anew(unclear: Any) -> None:
    for what, data in unclear():
        try:
            assert stripped(data) is None, what
        except Damaged:
            assert what in ("arithmetic coding", "12 bits", "cut"), what
    assert stripped(encoded(noise("P"), "GIF")) is None


@pytest.fixture(scope="module")
def decoders() -> Iterator[Decoders]:
    made = Decoders(DecodeLimits(60.0, 100_000_000))
    yield made
    made.close()


def looked(decoders: Decoders, data: bytes) -> Any:
    found = parse(data)
    assert found is not None
    pieces = strip(data, found)
    assert pieces is not None
    return decoders.glance(replace(found, pieces=pieces), "here", Stop())


def test_a_glance_shows_the_picture(decoders: Decoders) -> None:
    for format in ("JPEG", "PNG", "WEBP"):
        for size in ((90, 70), (900, 700), (1300, 900)):
            data = encoded(noise("RGB", *size), format)
            pixels = looked(decoders, data)
            height, width = pixels.shape[:2]
            assert width <= 1024
            assert width >= min(400, size[0])
            there = decode(data, "p", BOUNDS, (width, height)).astype(int)
            assert np.abs(pixels - there).mean() < 3
    assert looked(decoders, encoded(noise("L"), "JPEG")).shape == (70, 90, 3)
    assert looked(decoders, encoded(noise("RGBA"))).shape == (70, 90, 3)


def test_what_a_decoder_has_to_guess_is_not_passed_on(decoders: Decoders) -> None:
    photo = encoded(noise("RGB", 640, 400), "JPEG")
    middle = len(photo) // 2
    see_through = noise("RGBA")
    see_through.putalpha(200)
    rows = b"".join(b"\0" + bytes(270) for _ in range(70))
    plain = encoded(noise())
    head = plain[:33]

    def png(packed: bytes) -> bytes:
        return head + chunk(b"IDAT", packed) + plain[-12:]

    assert looked(decoders, png(zlib.compress(rows))) is not None
    at = plain.index(b"IDAT") + 40
    for what, data in {
        "bytes that are missing": photo[:middle] + photo[-2:],
        "bytes too many": photo[:-2] + b"abcdefgh" * 9 + photo[-2:],
        "more behind the pixels": png(zlib.compress(rows) + SECRET),
        "more rows than there are": png(zlib.compress(rows + SECRET * 200)),
        "fewer rows": png(zlib.compress(rows[:-900])),
        "a wrong checksum": plain[:at] + bytes([plain[at] ^ 1]) + plain[at + 1 :],
        "alpha": encoded(see_through),
        "no colours": encoded(noise("P")).replace(b"PLTE", b"pLTE"),
    }.items():
        assert looked(decoders, data) is None, what
    assert looked(decoders, plain) is not None  # what was warned of before is forgotten


@pytest.mark.parametrize("size", [(1, 1), (3, 5), (9, 8), (8, 2)])
@pytest.mark.parametrize("depth", [1, 8])
def test_an_interlaced_png_has_the_rows_of_its_passes(size: tuple[int, int], depth: int) -> None:
    first = ((0, 8, 0, 8), (4, 8, 0, 8), (0, 4, 4, 8), (2, 4, 0, 4), (0, 2, 2, 4), (1, 2, 0, 2))
    rows = 0
    for left, across, top, down in (*first, (0, 1, 1, 2)):
        count = len(range(left, size[0], across))
        rows += len(range(top, size[1], down)) * (1 + (count * depth + 7) // 8 if count else 0)
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", *size, depth, 0, 0, 0, 1))
    for more in (0, 1, -1):
        packed = chunk(b"IDAT", zlib.compress(bytes(rows + more)))
        data = b"\x89PNG\r\n\x1a\n" + head + packed + chunk(b"IEND", b"")
        assert stripped(data) == data
        pixels = glance(data, "PNG", size, lambda: False)
        assert (pixels is not None) == (more == 0)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_what_is_cut_and_changed_is_refused_or_the_same_for_all(format: str) -> None:
    data, chance = encoded(noise(), format), np.random.default_rng(7)
    tried = [data[:cut] for cut in range(30, len(data), max(1, len(data) // 100))]
    for _ in range(300):
        changed = bytearray(data)
        for place in chance.integers(0, len(data), 3):
            changed[place] = chance.integers(0, 256)
        tried.append(bytes(changed))
    for each in tried:
        try:
            found = parse(each)
            left = found and strip(each, found)
        except Damaged:
            continue
        if found is None or not left:
            continue
        file = b"".join(left)
        try:
            pixels = glance(file, found.format, found.size, lambda: False)
        except (OSError, SyntaxError, ValueError):
            continue  # damage
        if pixels is not None:
            assert parse(file) is not None
            try:
                decode(file, "p", BOUNDS)
            except ImageError:
                assert format != "WEBP"  # Pillow minds what the other passes over


def test_the_text_of_a_request_is_taken_where_it_is_what_would_be_written() -> None:
    for data in (b"abc", b"abcd", b"abcde", bytes(range(256)) * 9, b"\xff\xfe\xfd"):
        url = data_url.data_url(data)
        text = url.partition(",")[2]
        assert data_url.payload(url, data) == text
        for other in (
            text.replace("A", "A\n", 1) if "A" in text else text + "\n",
            text.rstrip("=") if "=" in text else text + "==",
            text.replace("/", "_").replace("+", "-") if "/" in text else text + " ",
            text.replace("/", "%2F") if "/" in text else "%" + text,
        ):
            assert data_url.payload(f"data:image/png;base64,{other}", data) is None
    assert data_url.payload("data:image/png;base64,YR==", b"a") is None  # of a bit too many


def test_few_are_remembered_and_by_a_hash_alone() -> None:
    looked_at = LookedAt(2)
    one, two, three = (looked_at.digest(data, "a client") for data in (b"1", b"2", b"3"))
    looked_at.add(one)
    looked_at.add(two)
    assert one in looked_at
    looked_at.add(three)
    assert [each in looked_at for each in (one, two, three)] == [True, False, True]
    assert LookedAt().digest(b"1", "") != LookedAt().digest(b"1", "")  # nobody can tell by it
    assert looked_at.digest(b"3", "another") not in looked_at
    forgetful = LookedAt(0)
    forgetful.add(forgetful.digest(b"1", ""))
    assert forgetful.digest(b"1", "") not in forgetful

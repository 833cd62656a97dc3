"""Decoding: upright, in sRGB, on white; damage and bombs refused."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from sightline.errors import ImageError
from sightline.media.image import ImageBounds, decode, look
from tests.pictures import encoded, sample, written

BOUNDS = ImageBounds(max_bytes=20 * 1024 * 1024, max_pixels=100_000_000)


def corner(data: bytes) -> tuple[int, ...]:
    return tuple(int(v) for v in decode(data, "p", BOUNDS)[2, 2])


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied(orientation: int) -> None:
    upright = Image.new("RGB", (40, 20), "white")
    upright.paste((255, 0, 0), (0, 0, 20, 10))  # red at the top left
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = upright.transpose(undo[orientation]) if orientation in undo else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(stored, "PNG", exif=exif)
    assert look(data, "p", BOUNDS).size == (40, 20)
    assert np.array_equal(decode(data, "p", BOUNDS), np.asarray(upright))
    assert decode(data, "p", BOUNDS, (20, 10)).shape == (10, 20, 3)


def test_orientation_behind_the_pixels_is_applied() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(Image.new("RGB", (40, 20)), exif=exif)
    at = data.index(b"eXIf") - 4
    chunk = data[at : at + 12 + int.from_bytes(data[at : at + 4], "big")]
    end = data.index(b"IEND") - 4
    late = data[:at] + data[at + len(chunk) : end] + chunk + data[end:]
    assert look(late, "p", BOUNDS).size == (20, 40)
    assert decode(late, "p", BOUNDS).shape == (40, 20, 3)


def test_alpha_lies_on_white() -> None:
    assert corner(encoded(Image.new("RGBA", (8, 8), (0, 0, 0, 0)))) == (255, 255, 255)
    assert corner(encoded(Image.new("LA", (8, 8), (0, 0)))) == (255, 255, 255)
    palette = Image.new("P", (8, 8), 0)
    palette.putpalette([200, 0, 0] + [0] * 765)
    assert corner(encoded(palette)) == (200, 0, 0)
    assert corner(encoded(palette, "GIF", transparency=0)) == (255, 255, 255)


def drawing(ink: str, mode: str = "RGBA") -> Image.Image:
    """Words in one colour on nothing."""
    image = Image.new("RGBA", (320, 100), (0, 0, 0, 0))
    ImageDraw.Draw(image).text((20, 20), "ANCHOR 48", ink, ImageFont.load_default(48))
    return image.convert(mode) if mode != "P" else image.quantize(8)


@pytest.mark.parametrize(
    ("format", "mode"),
    [("PNG", "RGBA"), ("PNG", "LA"), ("PNG", "P"), ("WEBP", "RGBA"), ("GIF", "RGBA")],
)
def test_a_light_drawing_lies_on_black_and_a_dark_one_on_white(format: str, mode: str) -> None:
    for ink in ("white", "yellow", "#d8d8d8"):
        pixels = decode(encoded(drawing(ink, mode), format), "p", BOUNDS)
        assert pixels[2, 2].max() <= 8
        assert pixels.max() > 190
    for ink in ("black", "red", "blue", "#808080"):
        pixels = decode(encoded(drawing(ink, mode), format), "p", BOUNDS)
        assert pixels[2, 2].min() >= 247
        assert pixels.min() < 140
    # It is the same ground in every size.
    small = decode(encoded(drawing("white", mode), format), "p", BOUNDS, (160, 50))
    assert small[1, 1].max() <= 8


def test_a_ground_is_chosen_by_what_is_to_be_seen() -> None:
    signed = drawing("white")  # a coloured sign beside white words
    signed.paste((200, 20, 30, 255), (10, 80, 60, 95))
    assert corner(encoded(signed)) == (0, 0, 0)
    card = Image.new("RGBA", (320, 100), (0, 0, 0, 0))  # dark words on a white card
    ImageDraw.Draw(card).rounded_rectangle((4, 4, 316, 96), 16, fill="white")
    card.alpha_composite(drawing("black"))
    assert corner(encoded(card)) == (255, 255, 255)
    glass = Image.new("RGBA", (320, 100), (255, 255, 255, 60))
    glass.alpha_composite(drawing("black"))
    assert corner(encoded(glass)) == (255, 255, 255)
    shaded = drawing("black").filter(ImageFilter.GaussianBlur(4))  # white words that cast a shadow
    shaded.alpha_composite(drawing("white"))
    assert corner(encoded(shaded)) == (255, 255, 255)
    hidden = np.asarray(drawing("white")).copy()  # what is wholly transparent is not looked at
    hidden[..., :3], hidden[..., 3] = np.arange(100)[:, None, None], 0
    assert corner(encoded(Image.fromarray(hidden, "RGBA"))) == (255, 255, 255)
    keyed = Image.new("RGB", (80, 80))  # a colour that stands for nothing
    keyed.paste((250, 250, 250), (20, 20, 60, 60))
    assert corner(encoded(keyed, transparency=(0, 0, 0))) == (0, 0, 0)


def test_16_bits_grey_and_cmyk() -> None:
    deep = Image.fromarray(np.full((8, 8), 0x8080, dtype=np.uint16))
    assert corner(encoded(deep)) == (128, 128, 128)
    assert corner(encoded(Image.new("L", (8, 8), 77))) == (77, 77, 77)
    assert corner(encoded(Image.new("1", (8, 8), 1))) == (255, 255, 255)
    red, green, blue = corner(encoded(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG"))
    assert red > 230
    assert green < 40
    assert blue < 40


def test_one_pixel_works() -> None:
    assert decode(encoded(Image.new("RGB", (1, 1), "blue")), "p", BOUNDS).shape == (1, 1, 3)


@pytest.mark.parametrize(
    ("format", "mode"),
    [("PNG", "RGB"), ("PNG", "RGBA"), ("PNG", "L"), ("PNG", "P"), ("JPEG", "RGB"), ("JPEG", "L"),
     ("JPEG", "CMYK"), ("WEBP", "RGB"), ("WEBP", "RGBA"), ("GIF", "RGB"), ("GIF", "L")],
)  # fmt: skip
def test_pictures_come_in_the_size_asked_for(format: str, mode: str) -> None:
    data = encoded(Image.new(mode, (801, 602), 0), format)
    assert decode(data, "p", BOUNDS, (123, 77)).shape == (77, 123, 3)
    exif = Image.Exif()
    exif[0x0112] = 6
    if format != "GIF":
        turned = encoded(Image.new(mode, (801, 602), 0), format, exif=exif)
        assert look(turned, "p", BOUNDS).size == (602, 801)
        assert decode(turned, "p", BOUNDS, (77, 123)).shape == (123, 77, 3)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "GIF"])
def test_truncation_is_refused(format: str, share: float) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (90, 120, 3), dtype=np.uint8)
    data = encoded(Image.fromarray(noise), format)
    with pytest.raises(ImageError) as caught:
        decode(data[: int(len(data) * share)], "here", BOUNDS)
    assert caught.value.param == "here"


@pytest.mark.parametrize(
    "options",
    [{}, {"progressive": True}, {"quality": 100, "subsampling": 0}, {"restart_marker_blocks": 3},
     {"restart_marker_rows": 1}],
)  # fmt: skip
@pytest.mark.parametrize("drawn", ["noise", "flat", "letters"])
def test_a_jpeg_without_its_end_is_read_if_nothing_else_is_lost(
    drawn: str, options: dict[str, Any]
) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (60, 83, 3), dtype=np.uint8)
    kinds = {
        "noise": Image.fromarray(noise),
        "flat": Image.new("RGB", (83, 60), "white"),
        "letters": written("ANCHOR 4827").crop((0, 0, 640, 124)).resize((160, 31)),
    }
    data = encoded(kinds[drawn], "JPEG", **options)
    whole = decode(data, "p", BOUNDS)
    for end in (b"", b"\xff", b"\0" * 50, b"\n"):
        assert np.array_equal(decode(data[:-2] + end, "p", BOUNDS), whole)
    for cut in range(3, min(200, len(data) - data.index(b"\xff\xda"))):
        try:
            left = decode(data[:-cut], "p", BOUNDS)
        except ImageError:
            continue
        assert np.array_equal(left, whole), (
            f"{cut} bytes less"
        )  # of its last byte some bits tell nothing
    with pytest.raises(ImageError):
        decode(data[:-8], "p", BOUNDS)


def test_a_progressive_jpeg_that_was_cut_between_two_passes_is_refused() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (60, 83, 3), dtype=np.uint8)
    data = encoded(Image.fromarray(noise), "JPEG", progressive=True)
    at = data.index(b"\xff\xda")
    while (at := data.find(b"\xff\xda", at + 2)) > 0:
        last = data.rfind(b"\xff\xc4", 0, at)  # tables may stand before a pass
        for cut in {at, last if data.find(b"\xff\xda", last) == at else at}:
            with pytest.raises(ImageError):
                decode(data[:cut], "p", BOUNDS)


def test_a_picture_behind_a_jpeg_may_be_cut() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (60, 83, 3), dtype=np.uint8)
    whole = encoded(Image.fromarray(noise), "JPEG")
    for behind in ({}, {"progressive": True}):
        other = encoded(Image.fromarray(noise[::-1]), "JPEG", **behind)
        cut = whole + other[: len(other) // 2]
        assert np.array_equal(decode(cut, "p", BOUNDS), decode(whole, "p", BOUNDS))


def png_chunk(kind: bytes, body: bytes, crc: int | None = None) -> bytes:
    crc = zlib.crc32(kind + body) if crc is None else crc
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", crc)


def test_damage_beside_the_pixels_does_no_harm() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (60, 83, 3), dtype=np.uint8)
    image = Image.fromarray(noise)
    exif = Image.Exif()
    exif[0x010F] = "maker" * 20
    jpeg, webp = encoded(image, "JPEG"), encoded(image, "WEBP", lossless=True, exif=exif)
    png, gif = encoded(image), encoded(image, "GIF")
    pixels, table = png.index(b"IDAT") - 4, jpeg.index(b"\xff\xdb")
    palette = 13 + (3 << (gif[10] & 7) + 1)
    names = (b"tEXt", b"iTXt", b"gAMA", b"pHYs", b"eXIf", b"tIME", b"vpAg")
    harmless = {
        png: [
            *(png[:33] + png_chunk(name, b"\0\0\0\5ab\0\0\0", 7) + png[33:] for name in names),
            *(png[:-12] + png_chunk(name, b"\0\0\0\5ab\0\0\0", 7) + png[-12:] for name in names),
            png[:-12], png[:-5], png[:-1] + b"?", png + b"rubbish" * 50, b"\r\n" + png,
            png[:pixels] + b"\0\0\0\4tEXtab\0c" + b"\0\0\0\0" + png[pixels:],
            png[:-12] + b"\xff\xff\xff\xfftEXtcut",
        ],
        jpeg: [jpeg + b"\0" * 4096, b"\n" + jpeg, b"\xef\xbb\xbf" + jpeg, jpeg[:table] + b"\0\0" + jpeg[table:]],
        gif: [gif[:-1], gif + b"rubbish", gif[:palette] + b"\0" + gif[palette:], b" " + gif],
        webp: [webp[:-1], webp[:-60], webp + b"rubbish" * 9, webp[:4] + b"\0\0\0\0" + webp[8:]],
    }  # fmt: skip
    for whole, others in harmless.items():
        truth = decode(whole, "p", BOUNDS)
        for number, other in enumerate(others):
            assert np.array_equal(decode(other, "p", BOUNDS), truth), (whole[:4], number)


def test_flipped_bytes_never_escape() -> None:
    data = bytearray(sample("before"))
    chance = np.random.default_rng(1)
    for _ in range(60):
        broken = bytearray(data)
        for at in chance.integers(0, len(data), 6):
            broken[at] ^= 0xFF
        try:
            decode(bytes(broken), "p", BOUNDS)
        except ImageError:
            continue


def bomb(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds no pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(50_000, 50_000), (12_000, 12_000), (70_000, 1)])
def test_bombs_are_refused_by_their_header(size: tuple[int, int]) -> None:
    with pytest.raises(ImageError) as caught:
        decode(bomb(*size), "p", BOUNDS)
    assert caught.value.code == "invalid_image"


def test_too_many_bytes() -> None:
    with pytest.raises(ImageError) as caught:
        look(b"\0" * 2**20 * 3, "p", ImageBounds(max_bytes=2 * 2**20, max_pixels=10))
    assert caught.value.code == "invalid_image_format"
    assert "below 2 MB in size" in caught.value.message


def test_content_decides_not_the_name() -> None:
    svg = b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"
    for data in (svg, b"%PDF-1.4", encoded(written("x"), "TIFF"), encoded(written("x"), "PPM")):
        with pytest.raises(ImageError) as caught:
            decode(data, "p", BOUNDS)
        assert caught.value.code == "invalid_image_format"


def test_a_phones_jpeg_with_another_behind_it_is_a_jpeg() -> None:
    stored = io.BytesIO()
    first, depth = Image.new("RGB", (400, 300), "red"), Image.new("RGB", (40, 30))
    first.save(stored, "MPO", save_all=True, append_images=[depth])
    header = look(stored.getvalue(), "p", BOUNDS)
    assert (header.format, header.size) == ("JPEG", (400, 300))
    pixels = decode(stored.getvalue(), "p", BOUNDS, (200, 150))
    assert pixels.shape == (150, 200, 3)
    assert pixels[75, 100, 0] > 200

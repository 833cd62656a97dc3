"""Pictures that are drawn for a check: codes, colours, in any format and turn."""

from __future__ import annotations

import base64
import io
from functools import cache
from typing import Any

from PIL import Image, ImageDraw, ImageFont

COLOURS = {
    "red": (214, 40, 40), "green": (45, 160, 65), "blue": (45, 95, 215), "yellow": (245, 215, 50),
}  # fmt: skip
# How a picture must be stored so that it is upright after what its EXIF orientation asks for.
_STORED = {
    2: (Image.Transpose.FLIP_LEFT_RIGHT,),
    3: (Image.Transpose.ROTATE_180,),
    4: (Image.Transpose.FLIP_TOP_BOTTOM,),
    5: (Image.Transpose.TRANSPOSE,),
    6: (Image.Transpose.ROTATE_90,),
    7: (Image.Transpose.TRANSVERSE,),
    8: (Image.Transpose.ROTATE_270,),
}


@cache
def _font(size: int) -> Any:
    return ImageFont.load_default(size)


def lettered(*lines: str, size: int = 40, ink: str = "black", ground: str = "white") -> Image.Image:
    """Draw lines of print with room around them."""
    font = _font(size)
    wide = max(int(font.getlength(line)) for line in lines)
    image = Image.new("RGB", (wide + 2 * size, int((len(lines) * 1.6 + 1) * size)), ground)
    draw = ImageDraw.Draw(image)
    for i, line in enumerate(lines):
        draw.text((size, size * (0.7 + 1.6 * i)), line, fill=ink, font=font)
    return image


def clear(code: str) -> Image.Image:
    """Draw a code in black on a ground that is not there."""
    solid = lettered(code)
    image = Image.new("RGBA", solid.size, (0, 0, 0, 0))
    ink = solid.convert("L").point(lambda tone: 255 - tone)
    image.putalpha(ink)
    return image


def veiled(seen: str, unseen: str) -> Image.Image:
    """Draw one code to be seen, and one whose pixels are wholly transparent."""
    image = lettered(seen, unseen).convert("RGBA")
    alpha = Image.new("L", image.size, 255)
    ImageDraw.Draw(alpha).rectangle((0, image.height // 2, image.width, image.height), fill=0)
    image.putalpha(alpha)
    return image


def coloured(name: str, size: tuple[int, int] = (256, 256)) -> Image.Image:
    """Draw a picture of one colour."""
    return Image.new("RGB", size, COLOURS[name])


def encoded(image: Image.Image, form: str = "PNG", **more: Any) -> bytes:
    """Encode a picture."""
    stored = io.BytesIO()
    image.save(stored, form, **more)
    return stored.getvalue()


def turned(image: Image.Image, orientation: int) -> bytes:
    """Encode a picture as JPEG, stored another way up and with the EXIF tag that rights it."""
    for way in _STORED.get(orientation, ()):
        image = image.transpose(way)
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded(image, "JPEG", quality=92, exif=exif)


def noted(image: Image.Image, words: str) -> bytes:
    """Encode a picture as JPEG with words in its metadata."""
    exif = Image.Exif()
    for tag in (0x010E, 0x013B, 0x8298, 0x010F):  # description, artist, copyright, maker
        exif[tag] = words
    return encoded(image, "JPEG", quality=92, exif=exif, comment=words.encode())


def url(data: bytes, kind: str = "image/png") -> str:
    """Write a data URL."""
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def part(data: bytes | Image.Image | str, kind: str = "image/png", **more: Any) -> dict[str, Any]:
    """Make an image part of a picture, its bytes or its URL."""
    if isinstance(data, Image.Image):
        data = encoded(data)
    address = data if isinstance(data, str) else url(data, kind)
    return {"type": "image_url", "image_url": {"url": address, **more}}


def text(words: str) -> dict[str, Any]:
    """Make a text part."""
    return {"type": "text", "text": words}

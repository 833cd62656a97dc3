"""Pictures for tests: the shipped samples, and small ones drawn on the spot."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

SAMPLES = Path(__file__).parent.parent / "samples"
# A few kilobytes that take seconds to decode: 9,900 × 9,900 pixels of one colour with alpha, as WebP
# without loss. It is a file because it takes seconds to encode too.
SLOW = (Path(__file__).parent / "corpus" / "slow.webp").read_bytes()


def sample(name: str) -> bytes:
    """The bytes of a shipped sample."""
    return (SAMPLES / f"{name}.png").read_bytes()


def written(*lines: str, size: int = 36, ink: str = "black", ground: str = "white") -> Image.Image:
    """A picture with lines of text, and room for two at least.

    One that fills a strip takes fifteen times as long to find: strips are enlarged to find print.
    """
    image = Image.new("RGB", (640, 60 + 64 * max(2, len(lines))), ground)
    draw = ImageDraw.Draw(image)
    for i, line in enumerate(lines):
        draw.text((30, 30 + 64 * i), line, fill=ink, font=ImageFont.load_default(size))
    return image


def bill() -> bytes:
    """A small bill, which is read three times as soon as the receipt of the samples."""
    image = Image.new("RGB", (320, 256), "white")
    lines = ("Total: $16.20", "Date: 2026-03-14", "Cashier: Maria")
    for i, line in enumerate(lines):
        place = (24, 24 + 72 * i)
        ImageDraw.Draw(image).text(place, line, fill="black", font=ImageFont.load_default(30))
    return encoded(image)


def encoded(image: Image.Image, format: str = "PNG", **options: Any) -> bytes:
    stored = io.BytesIO()
    image.save(stored, format, **options)
    return stored.getvalue()


def photograph(name: str) -> Image.Image:
    """A photograph, or a drawing, that scikit-image ships; no one here made it."""
    from skimage import data

    pixels = getattr(data, name)()
    return Image.fromarray(pixels * np.uint8(255) if pixels.dtype == bool else pixels)


def data_url(data: bytes, mime: str = "image/png") -> str:
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"


def part(data: bytes | str, **extra: Any) -> dict[str, Any]:
    """An image_url part of bytes (as a data URL) or of a URL."""
    url = data if isinstance(data, str) else data_url(data)
    return {"type": "image_url", "image_url": {"url": url, **extra}}


def asking(question: str, *pictures: bytes | str) -> list[Any]:
    """The messages that ask a question about pictures."""
    parts = [{"type": "text", "text": question}, *map(part, pictures)]
    return [{"role": "user", "content": parts}]

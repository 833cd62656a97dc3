"""A text as pages: for engines that look, as a document's pages are drawn for them."""

from __future__ import annotations

import io
from collections.abc import Iterator

from PIL import Image, ImageDraw, ImageFont

_SIZE, _MARGIN = (1240, 1754), 80  # pixels: A4 at 150 dots an inch
_LETTERS, _LINE = 26, 40
_LINES = (_SIZE[1] - 2 * _MARGIN) // _LINE
_MOST = 10_000  # characters of a line that are looked at
# What the typeface has: Latin letters, general punctuation and signs of money.
_DRAWN = ((0x20, 0x7E), (0xA0, 0x17F), (0x2010, 0x2026), (0x20A0, 0x20BF), (0x2212, 0x2212))


def can(text: str) -> bool:
    """Say whether all of a text can be drawn."""
    return all(
        any(low <= ord(sign) <= high for low, high in _DRAWN) for sign in {*text} - {*"\t\n\r\f"}
    )


def count(text: str) -> int:
    """Say how many pages a text takes."""
    return -(-sum(1 for _ in _lines(text)) // _LINES)


def pages(text: str) -> Iterator[tuple[str, bytes]]:
    """Give each page of a text: what stands on it, and its picture as PNG."""
    lines = list(_lines(text))
    font = ImageFont.load_default(_LETTERS)
    for first in range(0, len(lines), _LINES):
        shown = lines[first : first + _LINES]
        page = Image.new("L", _SIZE, 255)
        draw = ImageDraw.Draw(page)
        for place, line in enumerate(shown):
            draw.text((_MARGIN, _MARGIN + place * _LINE), line, 0, font)
        written = io.BytesIO()
        page.save(written, "PNG")
        yield "\n".join(shown), written.getvalue()


def _lines(text: str) -> Iterator[str]:
    """Break a text into lines that fit, between words where that goes."""
    font = ImageFont.load_default(_LETTERS)
    most = _SIZE[0] - 2 * _MARGIN
    for line in text.expandtabs(8).splitlines() or [""]:
        left = line
        while len(left) > 0 and font.getlength(left[:_MOST]) > most:
            fits = _fitting(font, left[:_MOST], most)
            broken = left.rfind(" ", 1, fits + 1)
            at = broken if broken > 0 else fits
            yield left[:at]
            left = left[at:].lstrip(" ")
        yield left


def _fitting(font: ImageFont.FreeTypeFont | ImageFont.ImageFont, line: str, most: float) -> int:
    """Give how many characters of a line fit, one at least."""
    low, high = 1, len(line)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if font.getlength(line[:middle]) <= most else (low, middle - 1)
    return low

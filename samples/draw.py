"""Draws the samples: a receipt, a sign, a poster, a chart, a pair of notices, a film and a PDF.

Run `make samples` to draw them again. They use the typeface that comes inside Pillow, so the same
pictures come out on every machine. The page's examples are the same, smaller by having fewer
colours. The photograph among them, coffee.jpg, is Rachel Michetti's (NOTICE).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
import zxingcpp
from PIL import Image, ImageDraw, ImageFont

HERE = Path(__file__).parent
PAGE = HERE.parent / "sightline" / "playground" / "static" / "examples"
_INK = (24, 24, 28)


def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont)  # Pillow's wheels have FreeType
    return font


def receipt() -> Image.Image:
    """Draw a till receipt with items, tax and a total."""
    image = Image.new("RGB", (520, 760), (252, 251, 247))
    draw = ImageDraw.Draw(image)
    draw.text((260, 40), "HARBOUR CAFE", fill=_INK, font=_font(40), anchor="mt")
    draw.text((260, 98), "27 Quay Street, Portland", fill=_INK, font=_font(22), anchor="mt")
    draw.text((260, 128), "Tel: 503-555-0123", fill=_INK, font=_font(22), anchor="mt")
    draw.line((32, 172, 488, 172), fill=_INK, width=2)
    y = 192
    for left, right in (
        ("Date: 2026-03-14", "09:41"),
        ("Receipt No: 004817", ""),
        ("Cashier: Maria", ""),
    ):
        draw.text((32, y), left, fill=_INK, font=_font(24))
        draw.text((488, y), right, fill=_INK, font=_font(24), anchor="ra")
        y += 38
    y += 14
    for left, right in (
        ("2 x Flat White", "6.80"),
        ("1 x Oat Porridge", "5.25"),
        ("1 x Blueberry Muffin", "2.95"),
    ):
        draw.text((32, y), left, fill=_INK, font=_font(26))
        draw.text((488, y), right, fill=_INK, font=_font(26), anchor="ra")
        y += 44
    draw.line((32, y + 6, 488, y + 6), fill=_INK, width=2)
    y += 24
    for left, right, size in (
        ("Subtotal", "15.00", 26),
        ("Tax 8%", "1.20", 26),
        ("TOTAL", "$16.20", 36),
    ):
        draw.text((32, y), left, fill=_INK, font=_font(size))
        draw.text((488, y), right, fill=_INK, font=_font(size), anchor="ra")
        y += round(size * 1.7)
    draw.text((32, y + 4), "Paid by VISA **** 4242", fill=_INK, font=_font(24))
    draw.text((260, y + 74), "Thank you, see you soon!", fill=_INK, font=_font(24), anchor="mt")
    return image


def sign() -> Image.Image:
    """Draw a street sign."""
    image = Image.new("RGB", (800, 420), (200, 214, 226))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((40, 60, 760, 360), 36, fill=(0, 106, 62), outline="white", width=10)
    draw.text((400, 150), "MAPLE AVENUE", fill="white", font=_font(82), anchor="mm")
    draw.text((400, 258), "City Hospital 3 km", fill="white", font=_font(54), anchor="mm")
    return image


def poster() -> Image.Image:
    """Draw an event poster with a QR code."""
    image = Image.new("RGB", (700, 960), (250, 204, 60))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 700, 250), fill=(30, 50, 120))
    draw.text((350, 90), "OPEN AIR CINEMA", fill="white", font=_font(70), anchor="mm")
    draw.text((350, 180), "Riverside Park", fill=(250, 204, 60), font=_font(48), anchor="mm")
    y = 300
    for text in ("Date: Saturday, 18 July 2026", "Time: 20:30", "Tickets: $12.50"):
        draw.text((60, y), text, fill=(30, 30, 40), font=_font(38))
        y += 66
    code = zxingcpp.write_barcode_to_image(
        zxingcpp.create_barcode("https://cinema.example/riverside", zxingcpp.BarcodeFormat.QRCode),
        scale=10,
    )
    qr = (
        Image.fromarray(np.asarray(code))
        .convert("RGB")
        .resize((330, 330), Image.Resampling.NEAREST)
    )
    image.paste(qr, (185, 530))
    draw.text((350, 900), "Scan for tickets", fill=(30, 30, 40), font=_font(36), anchor="mm")
    return image


def chart() -> Image.Image:
    """Draw a bar chart with a label and a value for each bar."""
    image = Image.new("RGB", (860, 560), "white")
    draw = ImageDraw.Draw(image)
    draw.text((430, 44), "Visitors per month", fill=_INK, font=_font(40), anchor="mm")
    bars = (
        ("January", 120, (70, 110, 190)),
        ("February", 95, (70, 110, 190)),
        ("March", 210, (70, 110, 190)),
        ("April", 340, (200, 60, 50)),
        ("May", 275, (70, 110, 190)),
    )
    for i, (label, value, colour) in enumerate(bars):
        x = 70 + i * 155
        top = 480 - value
        draw.rectangle((x, top, x + 100, 480), fill=colour)
        draw.text((x + 50, top - 22), str(value), fill=_INK, font=_font(28), anchor="mm")
        draw.text((x + 50, 512), label, fill=_INK, font=_font(28), anchor="mm")
    draw.line((40, 480, 830, 480), fill=_INK, width=3)
    return image


def notice(time: str, ground: tuple[int, int, int]) -> Image.Image:
    """Draw a shop notice; two of them differ in one field."""
    image = Image.new("RGB", (640, 480), (238, 240, 242))
    draw = ImageDraw.Draw(image)
    draw.text((320, 70), "Bluebird Bakery", fill=(40, 60, 140), font=_font(58), anchor="mm")
    draw.text((320, 150), "Fresh bread every day", fill=_INK, font=_font(36), anchor="mm")
    draw.rounded_rectangle((150, 220, 490, 330), 20, fill=ground)
    draw.text((320, 275), time, fill="white", font=_font(48), anchor="mm")
    draw.text((320, 410), "Closed on Mondays", fill=_INK, font=_font(34), anchor="mm")
    return image


def scene(ground: str, sun: str, title: str, share: float) -> Image.Image:
    """Draw a moment of the film: the sun or the moon on its way over the sea, and a title."""
    image = Image.new("RGB", (480, 270), ground)
    draw = ImageDraw.Draw(image)
    x, y = 60 + 360 * share, 150 - 320 * share * (1 - share)
    draw.ellipse((x - 26, y - 26, x + 26, y + 26), fill=sun)
    draw.rectangle((0, 200, 480, 270), fill=(24, 74, 120))
    draw.text((240, 236), title, fill="white", font=_font(36), anchor="mm")
    return image


def film(path: Path) -> None:
    """Write a film of three scenes of two seconds each."""
    scenes = (
        ("#f4b27a", "#fff3d0", "MORNING"),
        ("#8ec9f0", "#ffd23c", "NOON"),
        ("#1a2148", "#e8e8f0", "NIGHT"),
    )
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream("libx264", rate=12, options={"crf": "30", "threads": "1"})
        stream.width, stream.height, stream.pix_fmt = 480, 270, "yuv420p"
        for ground, sun, title in scenes:
            for i in range(24):
                pixels = np.asarray(scene(ground, sun, title, i / 23))
                frame = av.VideoFrame.from_ndarray(pixels, "rgb24")
                out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def papers(path: Path, pages: Sequence[Image.Image]) -> None:
    """Write pages as a PDF, the same whenever it is written."""
    long_ago = time.gmtime(0)
    first, *others = pages
    first.save(
        path, save_all=True, append_images=others, quality=80, creationDate=long_ago,
        modDate=long_ago,
    )  # fmt: skip


def coarser(image: Image.Image) -> Image.Image:
    """Give a picture in 6 levels of each colour: smaller, and what is equal stays so."""
    return image.point(lambda level: round(level / 51) * 51)


def main() -> None:
    """Draw every sample beside this file, and the page's examples."""
    for folder in (HERE, PAGE):
        film(folder / "film.mp4")
    papers(HERE / "papers.pdf", [receipt(), poster()])
    for name, image in {
        "receipt": receipt(),
        "sign": sign(),
        "poster": poster(),
        "chart": chart(),
        "before": notice("Opens 8:00", (40, 130, 70)),
        "after": notice("Opens 9:30", (190, 60, 40)),
    }.items():
        image.save(HERE / f"{name}.png", optimize=True)
        if name != "sign":  # enough without it
            coarser(image).save(PAGE / f"{name}.webp", lossless=True, quality=100, method=6)
    photograph = Image.open(HERE / "coffee.jpg").resize((480, 320), Image.Resampling.LANCZOS)
    photograph.save(PAGE / "coffee.webp", quality=48, method=6)


if __name__ == "__main__":
    main()

"""Ordinary pictures with short text, and without: what must not be taken for a CAPTCHA.

Logos, signs, badges, receipts, notes by hand, windows on screens, charts, diagrams, icons, strips of
words, codes and plates; many with what makes CAPTCHAs look as they do: lines, noise, colours, slanted
letters. `photographs` has what a camera or a scanner made.
"""

from __future__ import annotations

import random
import string

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from training.captchas import Drawers, bezier, by_weight, colour

WORDS = (
    "open closed sale exit fresh bread coffee garden north river bank hotel studio market house "
    "music summer winter blue green super total cash card thank you please wait here water fire "
    "danger caution stop entrance push pull menu soup salad fish price free wifi parking taxi bus "
    "train gate ticket name date order invoice number street city office school library museum art "
    "Acme Globex Initech Umbra Nova Orion Delta Luna Solar Pixel Cloud Bright Swift Prime Vertex "
    "happy birthday welcome home party love peace best team world news today report chapter page"
).split()


def phrase(chance: random.Random, most: int = 4) -> str:
    text = " ".join(chance.choice(WORDS) for _ in range(chance.randint(1, most)))
    return chance.choice([str.upper, str.title, str.lower, str])(text)


def number(chance: random.Random) -> str:
    """A text of letters and digits as plates, labels and forms have them."""
    digits = string.digits
    form = chance.choice(["dd.dd", "dddd", "dd:dd", "AAA dddd", "AA-dd-AA", "dd/dd/dddd", "AdAd-dAdA",
                          "$d.dd", "ddd-dddd", "A-ddd", "dd%", "AAdd AAA", "Wd-dddd-dddd", "AdAAdd"])  # fmt: skip
    return "".join(
        chance.choice(digits)
        if c == "d"
        else chance.choice(string.ascii_uppercase)
        if c == "A"
        else c
        for c in form
    )


def face(chance: random.Random, fonts: list[str], size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(chance.choice(fonts), size)


def pair(chance: random.Random) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """Ground and ink that can be told apart."""
    if chance.random() < 0.5:
        return chance.choice([(255, 255, 255), colour(chance, 190, 255)]), colour(chance, 0, 120)
    return colour(chance, 0, 110), colour(chance, 180, 255)


def blank(
    chance: random.Random, width: int, height: int
) -> tuple[Image.Image, tuple[int, int, int]]:
    ground, ink = pair(chance)
    base = np.full((height, width, 3), ground, np.float32)
    if chance.random() < 0.25:
        base += np.linspace(-30, 30, width)[None, :, None]
    if chance.random() < 0.2:
        base += np.random.default_rng(chance.randint(0, 9**9)).normal(
            0, chance.uniform(2, 14), base.shape
        )
    return Image.fromarray(np.clip(base, 0, 255).astype(np.uint8)), ink


def lettered(
    chance: random.Random, draw: ImageDraw.ImageDraw, x: float, y: float, text: str,
    font: ImageFont.FreeTypeFont, ink: tuple[int, int, int],
) -> None:  # fmt: skip
    """Write plainly, or with a shadow, an outline, or hollow."""
    kind = chance.random()
    if kind < 0.25:
        draw.text(
            (x + chance.randint(1, 4), y + chance.randint(1, 4)),
            text,
            font=font,
            fill=colour(chance, 60, 200),
        )
    if kind > 0.92:
        draw.text(
            (x, y),
            text,
            font=font,
            fill=ink,
            stroke_width=chance.randint(1, 2),
            stroke_fill=colour(chance),
        )
    else:
        draw.text((x, y), text, font=font, fill=ink)


def logo(chance: random.Random, fonts: list[str]) -> Image.Image:
    image, ink = blank(chance, chance.randint(120, 420), chance.randint(50, 200))
    draw = ImageDraw.Draw(image)
    text = phrase(chance, 2)
    size = max(10, int(min(image.height * 0.6, image.width / max(1, len(text)) * 1.5)))
    font = face(chance, fonts, size)
    x, y = image.width * chance.uniform(0.03, 0.2), (image.height - size) / 2
    for _ in range(chance.randint(0, 3)):
        cx, cy, r = (
            chance.randint(0, image.width),
            chance.randint(0, image.height),
            chance.randint(5, image.height // 2),
        )
        shape = chance.choice([draw.ellipse, draw.rectangle])
        shape([cx - r, cy - r, cx + r, cy + r], fill=colour(chance) if chance.random() < 0.6 else None,
              outline=colour(chance), width=chance.randint(1, 5))  # fmt: skip
    if chance.random() < 0.25:
        draw.line(bezier([(0, image.height * 0.8), (image.width / 2, image.height), (image.width, image.height * 0.7)]),
                  fill=colour(chance), width=chance.randint(2, 6))  # fmt: skip
    if chance.random() < 0.35:
        draw.text(
            (x + chance.randint(1, 4), y + chance.randint(1, 4)),
            text,
            font=font,
            fill=colour(chance, 60, 200),
        )
    if chance.random() < 0.3:  # each letter its own colour
        for letter in text:
            draw.text((x, y), letter, font=font, fill=colour(chance, 0, 200))
            x += font.getlength(letter)
    else:
        draw.text((x, y), text, font=font, fill=ink, stroke_width=chance.choice([0, 0, 0, 1, 2]),
                  stroke_fill=colour(chance))  # fmt: skip
    if chance.random() < 0.2:
        image = image.rotate(
            chance.uniform(-12, 12), Image.Resampling.BICUBIC, fillcolor=image.getpixel((0, 0))
        )
    return image


def sign(chance: random.Random, fonts: list[str]) -> Image.Image:
    image, ink = blank(chance, chance.randint(140, 500), chance.randint(80, 400))
    draw = ImageDraw.Draw(image)
    inset = chance.randint(3, 14)
    draw.rounded_rectangle([inset, inset, image.width - inset, image.height - inset], chance.randint(0, 20),
                           outline=ink, width=chance.randint(1, 8))  # fmt: skip
    lines = [phrase(chance, 2) for _ in range(chance.randint(1, 3))] + (
        [number(chance)] if chance.random() < 0.4 else []
    )
    room = (image.height - 4 * inset) / len(lines)
    for i, line in enumerate(lines):
        size = max(8, int(min(room * 0.75, (image.width - 6 * inset) / max(1, len(line)) * 1.6)))
        font = face(chance, fonts, size)
        draw.text(
            ((image.width - font.getlength(line)) / 2, 2 * inset + i * room),
            line,
            font=font,
            fill=ink,
        )
    if chance.random() < 0.3:
        for x in range(0, image.width, 24):
            draw.polygon([(x, 0), (x + 12, 0), (x, 12), (x - 12, 12)], fill=(250, 210, 0))
    return image


def plate(chance: random.Random, fonts: list[str]) -> Image.Image:
    """A short code printed plainly: a plate, a serial number, a price, a clock."""
    kind = chance.random()
    text = number(chance) if kind < 0.55 else phrase(chance, 2) if kind < 0.8 else "".join(
        chance.choice(string.ascii_letters + string.digits) for _ in range(chance.randint(3, 8)))  # fmt: skip
    size = chance.randint(20, 70)
    font = face(chance, fonts, size)
    image, ink = blank(
        chance,
        int(font.getlength(text)) + chance.randint(8, 80),
        int(size * chance.uniform(1.2, 2.2)),
    )
    draw = ImageDraw.Draw(image)
    draw.text(
        ((image.width - font.getlength(text)) / 2, (image.height - size * 1.2) / 2),
        text,
        font=font,
        fill=ink,
    )
    if chance.random() < 0.4:
        draw.rectangle(
            [1, 1, image.width - 2, image.height - 2], outline=ink, width=chance.randint(1, 4)
        )
    if chance.random() < 0.2:
        image = image.rotate(
            chance.uniform(-12, 12),
            Image.Resampling.BICUBIC,
            expand=True,
            fillcolor=image.getpixel((0, 0)),
        )
        draw = ImageDraw.Draw(image)
    if chance.random() < 0.15:  # a price crossed out, a text underlined
        y = image.height * chance.choice([0.5, 0.85])
        draw.line([4, y, image.width - 4, y], fill=colour(chance), width=2)
    return image


def caption(chance: random.Random, fonts: list[str]) -> Image.Image:
    """A few letters, small or large, with all that designers do to them; slanted as one."""
    text = chance.choice([phrase(chance, 2), phrase(chance, 1), number(chance), number(chance)])
    size = chance.randint(11, 64)
    font = face(chance, fonts, size)
    width = int(font.getlength(text)) + chance.randint(8, 120)
    image, ink = blank(chance, width, int(size * chance.uniform(1.3, 3)))
    draw = ImageDraw.Draw(image)
    if chance.random() < 0.25:
        r = chance.randint(3, max(4, image.height // 2))
        x, y = chance.randint(0, image.width), chance.randint(0, image.height)
        draw.ellipse([x - r, y - r, x + r, y + r], fill=colour(chance))
    if chance.random() < 0.15:
        draw.rectangle(
            [0, 0, image.width * chance.uniform(0.2, 0.8), image.height], fill=colour(chance)
        )
    x, y = (image.width - font.getlength(text)) / 2, (image.height - size * 1.2) / 2
    if chance.random() < 0.45:
        reach = max(1, size // chance.randint(8, 24))
        draw.text((x + reach, y + reach), text, font=font, fill=colour(chance, 40, 220))
    draw.text(
        (x, y),
        text,
        font=font,
        fill=ink,
        stroke_width=chance.choice([0, 0, 0, 0, 1]),
        stroke_fill=colour(chance),
    )
    if chance.random() < 0.3:
        low = image.height - chance.randint(3, 8) if chance.random() < 0.7 else image.height * 0.55
        draw.line([5, low, image.width - 5, low], fill=ink, width=chance.randint(1, 3))
    if chance.random() < 0.4:
        image = image.rotate(
            chance.uniform(-14, 14),
            Image.Resampling.BICUBIC,
            expand=True,
            fillcolor=image.getpixel((0, 0)),
        )
    return image


def note(chance: random.Random, fonts: list[str]) -> Image.Image:
    """A note by hand on ruled or squared paper, or a signature on its line."""
    hands = [f for f in fonts if any(k in f for k in HANDS)] or fonts
    image = Image.new("RGB", (chance.randint(140, 520), chance.randint(50, 320)), chance.choice(
        [(255, 255, 255), (252, 248, 230), (255, 250, 170), (240, 246, 255)]))  # fmt: skip
    draw = ImageDraw.Draw(image)
    pitch = chance.randint(18, 44)
    if chance.random() < 0.6:
        for y in range(pitch, image.height, pitch):
            draw.line([0, y, image.width, y], fill=(170, 190, 230))
        if chance.random() < 0.4:
            for x in range(pitch, image.width, pitch):
                draw.line([x, 0, x, image.height], fill=(170, 190, 230))
    ink = chance.choice([(20, 20, 30), (20, 40, 140), (150, 20, 30), (40, 40, 40)])
    font = face(chance, hands, int(pitch * chance.uniform(0.8, 1.3)))
    for i, y in enumerate(range(2, image.height - pitch + 2, pitch)):
        if i and chance.random() < 0.25:
            break
        text = number(chance) if chance.random() < 0.2 else phrase(chance, 5)
        draw.text((chance.randint(3, 20), y + chance.randint(-2, 2)), text, font=font, fill=ink)
        if chance.random() < 0.1:
            draw.line(
                [5, y + pitch * 0.6, font.getlength(text), y + pitch * chance.uniform(0.5, 0.8)],
                fill=ink,
                width=2,
            )
    if chance.random() < 0.5:
        image = image.rotate(
            chance.uniform(-7, 7), Image.Resampling.BICUBIC, fillcolor=image.getpixel((0, 0))
        )
    return image


HANDS = ("omic", "umor", "reip", "emke", "and", "ufscript", "matic", "Virgil")


def paper(chance: random.Random, fonts: list[str]) -> Image.Image:
    """A receipt, a form, a table, a page, a listing of code."""
    width, height = chance.randint(160, 620), chance.randint(80, 760)
    image, ink = blank(chance, width, height)
    draw = ImageDraw.Draw(image)
    size = chance.randint(9, 26)
    font = face(chance, fonts, size)
    y = float(chance.randint(4, 30))
    while y < height - size:
        if chance.random() < 0.1:
            draw.line([6, y + size / 2, width - 6, y + size / 2], fill=ink)
        else:
            draw.text((8 + chance.choice([0, 0, 16]), y), phrase(chance, 6), font=font, fill=ink)
            if chance.random() < 0.5:
                value = number(chance)
                draw.text((width - 8 - font.getlength(value), y), value, font=font, fill=ink)
        y += size * chance.choice([1.2, 1.3, 1.6, 2.4])
    if chance.random() < 0.3:
        for x in range(width // 3, width, width // 3):
            draw.line([x, 4, x, height - 4], fill=ink)
    if chance.random() < 0.2:
        x = 10
        while x < width - 20:
            bar = chance.randint(1, 4)
            draw.rectangle([x, height - 40, x + bar, height - 8], fill=(0, 0, 0))
            x += bar + chance.randint(1, 4)
    return image


def window(chance: random.Random, fonts: list[str]) -> Image.Image:
    """A part of a screen: bars, buttons, fields, icons."""
    width, height = chance.randint(120, 640), chance.randint(40, 420)
    image = Image.new(
        "RGB", (width, height), chance.choice([(255, 255, 255), (245, 245, 247), (30, 32, 38)])
    )
    draw = ImageDraw.Draw(image)
    light = image.getpixel((0, 0)) == (30, 32, 38)
    ink = (230, 230, 230) if light else (30, 30, 40)
    draw.rectangle([0, 0, width, chance.randint(0, 34)], fill=colour(chance, 60, 240))
    for _ in range(chance.randint(1, 9)):
        x, y = chance.randint(0, width), chance.randint(0, height)
        size = chance.randint(10, 22)
        font = face(chance, fonts, size)
        text = phrase(chance, 2) if chance.random() < 0.8 else number(chance)
        if chance.random() < 0.6:
            box = [x, y, x + int(font.getlength(text)) + 24, y + size + 14]
            fill = colour(chance) if chance.random() < 0.5 else None
            draw.rounded_rectangle(box, chance.randint(0, 12), fill=fill, outline=(150, 150, 160))
        draw.text((x + 12, y + 6), text, font=font, fill=ink)
        if chance.random() < 0.3:
            r = chance.randint(4, 16)
            draw.ellipse([x - r, y - r, x + r, y + r], fill=colour(chance))
    return image


def chart(chance: random.Random, fonts: list[str]) -> Image.Image:
    """Lines, bars or spots with their labels; a map with names."""
    width, height = chance.randint(160, 520), chance.randint(90, 360)
    image = Image.new(
        "RGB", (width, height), chance.choice([(255, 255, 255), (250, 250, 245), (232, 240, 228)])
    )
    draw = ImageDraw.Draw(image)
    font = face(chance, fonts, chance.randint(9, 18))
    kind = chance.choice(["lines", "bars", "spots", "map"])
    for _ in range(chance.randint(1, 5)):
        hue, width_px = colour(chance, 0, 220), chance.randint(1, 4)
        count = chance.randint(4, 30)
        xs = np.linspace(20, width - 10, count)
        ys = [chance.uniform(10, height - 20) for _ in range(count)]
        if kind == "lines":
            draw.line(list(zip(xs.tolist(), ys, strict=True)), fill=hue, width=width_px)
        elif kind == "bars":
            for x, y in zip(xs, ys, strict=True):
                draw.rectangle([x, y, x + max(2, width / count / 2), height - 16], fill=hue)
        elif kind == "spots":
            for x, y in zip(xs, ys, strict=True):
                draw.ellipse([x - 3, y - 3, x + 3, y + 3], fill=hue)
        else:
            points = [(chance.uniform(0, width), chance.uniform(0, height)) for _ in range(4)]
            draw.line(bezier(points), fill=hue, width=width_px + 2)
    for _ in range(chance.randint(2, 9)):
        text = number(chance) if chance.random() < 0.5 else phrase(chance, 1)
        draw.text(
            (chance.uniform(0, width * 0.8), chance.uniform(0, height - 20)),
            text,
            font=font,
            fill=(40, 40, 40),
        )
    draw.line([18, 6, 18, height - 14, width - 6, height - 14], fill=(60, 60, 60))
    return image


def texture(chance: random.Random, fonts: list[str]) -> Image.Image:
    """What surfaces, skies and things under a microscope look like from afar; no text."""
    w, h = chance.randint(60, 420), chance.randint(40, 300)
    if chance.random() < 0.5:
        h = max(24, w // chance.randint(2, 5))
    numbers = np.random.default_rng(chance.randint(0, 9**9))
    kind = chance.choice(
        ["cloud", "cloud", "cells", "stars", "stars", "stars", "stripes", "leaves", "blobs"]
    )
    low, high = np.array(colour(chance), np.float32), np.array(colour(chance), np.float32)
    if kind == "stars" and chance.random() < 0.7:
        low, high = low * 0.1, 120 + high * 0.5
    if kind in ("cloud", "blobs", "stripes"):
        across, down = np.fft.fftfreq(w)[None, :], np.fft.fftfreq(h)[:, None]
        if kind == "stripes":
            down = down * chance.uniform(3, 12)
        power = 1 / np.maximum(1e-3, np.hypot(across, down)) ** chance.uniform(0.6, 2.2)
        field = np.fft.ifft2(np.fft.fft2(numbers.normal(size=(h, w))) * power).real
        field = (field - field.min()) / max(1e-6, float(np.ptp(field)))
        if kind == "blobs":
            field = 1 / (1 + np.exp(-chance.uniform(8, 60) * (field - chance.uniform(0.35, 0.65))))
        image = Image.fromarray((low + (high - low) * field[..., None]).astype(np.uint8))
    else:
        image = Image.new("RGB", (w, h), tuple(int(v) for v in low))
        draw = ImageDraw.Draw(image)
        for _ in range(chance.randint(20, 400)):
            x, y = chance.randint(0, w), chance.randint(0, h)
            tone = tuple(int(v) for v in np.clip(high + numbers.normal(0, 40, 3), 0, 255))
            if kind == "stars":
                r, q = chance.choice([0, 0, 1, 1, 2, 4]), chance.choice([0, 0, 0, 1, 3])
                draw.ellipse([x - r, y - r - q, x + r, y + r], fill=tone)
            elif kind == "cells":
                r, q = chance.randint(3, 24), chance.randint(3, 24)
                draw.ellipse([x - r, y - q, x + r, y + q], fill=tone, outline=colour(chance))
            else:
                points = [
                    (x + chance.randint(-22, 22), y + chance.randint(-22, 22))
                    for _ in range(chance.randint(3, 5))
                ]
                draw.polygon(points, fill=tone)
    if chance.random() < 0.5:
        image = image.filter(ImageFilter.GaussianBlur(chance.uniform(0.5, 2.5)))
    if chance.random() < 0.4:
        noise = numbers.normal(0, chance.uniform(3, 20), (h, w, 1))
        image = Image.fromarray(np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8))
    return image


def scrawl(chance: random.Random, fonts: list[str]) -> Image.Image:
    """Strokes, signs and figures by hand on ruled paper, seen by a camera at an angle."""
    w, h = chance.randint(300, 700), chance.randint(200, 500)
    image = Image.new("RGB", (w, h), colour(chance, 150, 235))
    draw = ImageDraw.Draw(image)
    if chance.random() < 0.5:
        image = Image.new("RGB", (w, h), (chance.randint(120, 240),) * 3)
        draw = ImageDraw.Draw(image)
    pitch = chance.randint(24, 70)
    faint = tuple(int(v * chance.uniform(0.5, 0.85)) for v in image.getpixel((0, 0)))
    for y in range(pitch, h, pitch):
        draw.line([0, y, w, y], fill=faint, width=chance.randint(1, 3))
    hands = [f for f in fonts if any(k in f for k in HANDS)] or fonts
    ink = colour(chance, 0, 80)
    font = face(chance, hands, int(pitch * chance.uniform(0.7, 1.2)))
    broad = chance.randint(2, 5)
    for y in range(0, h, pitch):
        x = chance.uniform(0, 60)
        while x < w:
            if chance.random() < 0.5:
                sign = chance.choice("=+-x()/<>~*") if chance.random() < 0.4 else number(chance)[:3]
                draw.text((x, y + chance.randint(-4, 4)), sign, font=font, fill=ink)
                x += font.getlength(sign)
            else:
                reach = [chance.uniform(-0.3, 1) * pitch for _ in range(8)]
                stroke = [(x + reach[i], y + reach[i + 4]) for i in range(4)]
                draw.line(bezier(stroke), fill=ink, width=broad)
            x += pitch * chance.uniform(0.3, 2.5)
    slope = chance.uniform(-0.6, 0.6)
    matrix = (1, slope, 0, chance.uniform(-0.4, 0.4), 1, 0, chance.uniform(-8e-4, 8e-4), 0)
    image = image.transform((w, h), Image.Transform.PERSPECTIVE, matrix, Image.Resampling.BICUBIC,
                            fillcolor=image.getpixel((0, 0)))  # fmt: skip
    lit = np.linspace(chance.uniform(0.6, 1.1), chance.uniform(0.6, 1.1), w)[None, :, None]
    grain = np.random.default_rng(chance.randint(0, 9**9)).normal(
        0, chance.uniform(1, 9), (h, w, 1)
    )
    image = Image.fromarray(np.clip(np.asarray(image) * lit + grain, 0, 255).astype(np.uint8))
    cut_w = chance.randint(100, w)
    cut_h = min(h, max(24, int(cut_w / chance.uniform(1.2, 7))))
    x, y = chance.randint(0, w - cut_w), chance.randint(0, h - cut_h)
    return image.crop((x, y, x + cut_w, y + cut_h))


def pattern(chance: random.Random, fonts: list[str]) -> Image.Image:
    """Shapes, scribbles, stripes or noise, without text."""
    image, ink = blank(chance, chance.randint(60, 400), chance.randint(40, 300))
    draw = ImageDraw.Draw(image)
    w, h = image.size
    for _ in range(chance.randint(1, 25)):
        x, y, r = chance.randint(0, w), chance.randint(0, h), chance.randint(2, 60)
        kind = chance.choice(["line", "ellipse", "box", "curve", "poly"])
        if kind == "line":
            draw.line(
                [x, y, chance.randint(0, w), chance.randint(0, h)],
                fill=colour(chance),
                width=chance.randint(1, 6),
            )
        elif kind == "ellipse":
            draw.ellipse([x - r, y - r, x + r, y + r], fill=colour(chance))
        elif kind == "box":
            draw.rectangle([x, y, x + r, y + r], outline=ink, width=2)
        elif kind == "curve":
            draw.line(
                bezier([(chance.uniform(0, w), chance.uniform(0, h)) for _ in range(4)]),
                fill=ink,
                width=3,
            )
        else:
            draw.polygon(
                [(x + chance.randint(-r, r), y + chance.randint(-r, r)) for _ in range(5)],
                fill=colour(chance),
            )
    return image


def badge(chance: random.Random, fonts: list[str]) -> Image.Image:
    """A badge, a stamp, a sticker: a shape with a name and a number in it."""
    w, h = chance.randint(120, 380), chance.randint(60, 260)
    image, _ = blank(chance, w, h)
    draw = ImageDraw.Draw(image)
    ground, ink = pair(chance)
    shape = chance.choice([draw.ellipse, lambda box, **k: draw.rounded_rectangle(box, 18, **k)])
    shape([4, 4, w - 4, h - 4], fill=ground, outline=ink, width=chance.randint(1, 6))
    for i, text in enumerate(
        [phrase(chance, 2), chance.choice([number(chance), phrase(chance, 1)])]
    ):
        font = face(chance, fonts, max(8, int(min(h / 4, w / len(text) * 1.1))))
        draw.text(((w - font.getlength(text)) / 2, h * (0.22 + 0.3 * i)), text, font=font, fill=ink)
    if chance.random() < 0.4:
        image = image.rotate(
            chance.uniform(-25, 25),
            Image.Resampling.BICUBIC,
            expand=True,
            fillcolor=(255, 255, 255),
        )
    return image


def decorated(chance: random.Random, fonts: list[str]) -> Image.Image:
    """A word whose letters stand a little crooked or coloured: a toy, a party, an arched title."""
    text = phrase(chance, 2)
    size = chance.randint(24, 70)
    image, ink = blank(
        chance, int(size * (len(text) * 0.75 + 1)), int(size * chance.uniform(1.6, 2.6))
    )
    coloured, arched = chance.random() < 0.5, chance.random() < 0.4
    font = face(chance, fonts, size)
    for i, letter in enumerate(text):
        glyph = Image.new("RGBA", (size * 2, size * 2))
        hue = colour(chance, 0, 210) if coloured else ink
        ImageDraw.Draw(glyph).text((size / 2, size / 3), letter, font=font, fill=hue)
        middle = (i - len(text) / 2) / len(text)
        angle = -40 * middle if arched else chance.uniform(-7, 7)
        glyph = glyph.rotate(angle, Image.Resampling.BICUBIC)
        lift = size * (1.2 * middle * middle if arched else chance.uniform(-0.06, 0.06))
        image.paste(
            glyph, (int(size * (0.1 + 0.72 * i)), int((image.height - 2 * size) / 2 + lift)), glyph
        )
    return image


def strip(chance: random.Random, fonts: list[str]) -> Image.Image:
    """A wide strip of plain words: a banner, a menu bar, steps, years, the head of a table."""
    size = chance.randint(14, 60)
    font = face(chance, fonts, size)
    count = chance.randint(2, 9)
    kind = chance.random()
    texts = [
        str(chance.randint(1900, 2030))
        if kind < 0.2
        else number(chance)
        if kind < 0.3
        else phrase(chance, 2)
        for _ in range(count)
    ]
    step = max(font.getlength(t) for t in texts) + size * chance.uniform(0.4, 6)
    height = int(size * chance.uniform(1.3, 8))
    image, ink = blank(chance, int(min(6000, step * count)), height)
    draw = ImageDraw.Draw(image)
    top = max(0, (height - size * 1.2) * chance.choice([0.5, 0.5, chance.random()]))
    here = chance.randrange(count)
    boxed = chance.random() < 0.3
    for i, text in enumerate(texts):
        x = i * step + (step - font.getlength(text)) * chance.choice([0, 0.5])
        if boxed and (i == here or kind > 0.7):
            draw.rounded_rectangle([x - size / 3, top - size / 4, x + font.getlength(text) + size / 3, top + size * 1.4],
                                   size // 4, outline=ink, width=2)  # fmt: skip
        draw.text((x, top), text, font=font, fill=ink)
        if chance.random() < 0.1:
            draw.line([i * step, 0, i * step, height], fill=ink)
    return image


def plot(chance: random.Random, fonts: list[str]) -> Image.Image:
    """A figure with axes, ticks, a grid, a legend and curves, as plotting programs draw them."""
    w, h = chance.randint(220, 800), chance.randint(120, 560)
    dark = chance.random() < 0.15
    image = Image.new("RGB", (w, h), (25, 28, 34) if dark else (255, 255, 255))
    draw = ImageDraw.Draw(image)
    ink, faint = ((220,) * 3, (70,) * 3) if dark else ((20,) * 3, (215,) * 3)
    font = face(chance, fonts, chance.randint(8, 15))
    left, top, right, bottom = w * 0.12, h * 0.12, w * 0.96, h * 0.85
    for i in range(chance.randint(4, 8)):
        x, y = left + (right - left) * i / 7, bottom - (bottom - top) * i / 7
        if chance.random() < 0.5:
            draw.line([x, top, x, bottom], fill=faint)
            draw.line([left, y, right, y], fill=faint)
        draw.line([x, bottom, x, bottom + 4], fill=ink)
        draw.text((x - 6, bottom + 5), f"{i * chance.choice([1, 2, 10])}", font=font, fill=ink)
        draw.text((2, y - 6), f"{i / chance.choice([1, 10]):g}", font=font, fill=ink)
    numbers = np.random.default_rng(chance.randint(0, 9**9))
    kind = chance.choice(["curve", "walk", "spots", "bars", "fill", "heat", "pie"])
    hues = [(31, 119, 180), (255, 127, 14), (44, 160, 44), (214, 39, 40), (148, 103, 189)]
    for hue in chance.sample(hues, chance.randint(1, 5)):
        count = chance.randint(8, 160)
        xs = np.linspace(left, right, count)
        if kind == "walk":
            rise = np.cumsum(numbers.normal(size=count))
        else:
            rise = np.sin(np.linspace(0, chance.uniform(1, 14), count) + chance.uniform(0, 6))
            rise = rise + numbers.normal(0, chance.choice([0, 0.05, 0.4]), count)
        spread = float(np.ptp(rise)) or 1.0
        ys = bottom - (rise - rise.min()) / spread * (bottom - top) * chance.uniform(0.3, 1)
        points = list(zip(xs.tolist(), ys.tolist(), strict=True))
        if kind in ("curve", "walk"):
            draw.line(points, fill=hue, width=chance.randint(1, 3))
        elif kind == "spots":
            reach = chance.randint(1, 4)
            for x, y in points:
                draw.ellipse([x - reach, y - reach, x + reach, y + reach], fill=hue)
        elif kind == "bars":
            for x, y in points[:: max(1, count // 12)]:
                draw.rectangle([x, y, x + (right - left) / 20, bottom], fill=hue)
        elif kind == "fill":
            draw.polygon([(left, bottom), *points, (right, bottom)], fill=hue)
        elif kind == "heat":
            cells = numbers.random((chance.randint(3, 12), chance.randint(3, 12)))
            tones = np.stack([cells * v for v in hue], 2).astype(np.uint8)
            grid = Image.fromarray(tones).resize((int(right - left), int(bottom - top)), 0)
            image.paste(grid, (int(left), int(top)))
        else:
            turn = chance.uniform(0, 300)
            draw.pieslice([w * 0.3, top, w * 0.3 + bottom - top, bottom], turn, turn + chance.uniform(20, 160), fill=hue)  # fmt: skip
    if kind != "pie":
        draw.rectangle([left, top, right, bottom], outline=ink)
    draw.text((w * 0.4, h * 0.02), phrase(chance, 4), font=font, fill=ink)
    draw.text((w * 0.45, h * 0.93), phrase(chance, 2), font=font, fill=ink)
    if chance.random() < 0.4:
        for i, hue in enumerate(hues[: chance.randint(1, 4)]):
            y = top + 6 + i * 16
            draw.line([right - 110, y + 6, right - 90, y + 6], fill=hue, width=2)
            draw.text((right - 84, y), phrase(chance, 1), font=font, fill=ink)
    return image


def diagram(chance: random.Random, fonts: list[str]) -> Image.Image:
    """Boxes, circles and arrows with names; or a drawing of lines without any."""
    w, h = chance.randint(180, 900), chance.randint(90, 560)
    image, ink = blank(chance, w, h)
    draw = ImageDraw.Draw(image)
    columns, rows = chance.randint(2, 5), chance.randint(1, 4)
    size = max(8, int(min(w / columns / 8, h / rows / 4)))
    font = face(chance, fonts, size)
    fill = colour(chance, 120, 255) if chance.random() < 0.5 else None
    broad = chance.randint(1, 4)
    middles = []
    for i in range(columns * rows):
        x, y = (i % columns + 0.5) * w / columns, (i // columns + 0.5) * h / rows
        reach, rise = w / columns * chance.uniform(0.25, 0.42), h / rows * chance.uniform(0.2, 0.38)
        box = [x - reach, y - rise, x + reach, y + rise]
        middles.append((x, y, reach))
        shape = chance.random()
        if shape < 0.5:
            draw.rounded_rectangle(
                box, chance.choice([0, 0, 8]), fill=fill, outline=ink, width=broad
            )
        elif shape < 0.75:
            draw.ellipse(box, fill=fill, outline=ink, width=broad)
        else:
            draw.polygon(
                [(x, y - rise), (x + reach, y), (x, y + rise), (x - reach, y)],
                fill=fill,
                outline=ink,
            )
        if chance.random() < 0.85:
            text = phrase(chance, 2) if chance.random() < 0.8 else number(chance)
            tone = (0, 0, 0) if fill else ink
            draw.text((x - font.getlength(text) / 2, y - size * 0.6), text, font=font, fill=tone)
    for (x, y, reach), (to_x, to_y, to_reach) in zip(middles, middles[1:], strict=False):
        if chance.random() < 0.7:
            end = to_x - to_reach if to_x > x else to_x
            draw.line([x + reach, y, end, to_y], fill=ink, width=broad)
            draw.polygon([(end, to_y), (end - 8, to_y - 5), (end - 8, to_y + 5)], fill=ink)
    return image


def icons(chance: random.Random, fonts: list[str]) -> Image.Image:
    """Icons: one, or some in a row or a grid, each of a few plain shapes."""
    size, count = chance.randint(24, 140), chance.choice([1, 1, 2, 3, 4, 5, 8])
    across = chance.choice([count, max(1, count // 2)])
    down = -(-count // across)
    image, ink = blank(chance, int(size * 1.4 * across), int(size * 1.4 * down))
    draw = ImageDraw.Draw(image)
    hues, named = chance.random() < 0.6, chance.random() < 0.5
    font = face(chance, fonts, max(8, size // chance.randint(4, 9)))
    paper = chance.random() < 0.4  # signs cut out in white
    for i in range(count):
        x, y = (i % across * 1.4 + 0.2) * size, (i // across * 1.4 + 0.2) * size
        if paper or chance.random() < 0.4:
            draw.rounded_rectangle([x, y, x + size, y + size], size // 4, fill=colour(chance))
        for _ in range(chance.randint(1, 5)):
            tone = (255, 255, 255) if paper else colour(chance) if hues else ink
            (a, c), (b, d) = (sorted(chance.uniform(0, size) for _ in range(2)) for _ in range(2))
            box, broad = [x + a, y + b, x + c + 2, y + d + 2], max(1, size // chance.randint(8, 20))
            kind = chance.choice(["ring", "disc", "box", "line", "arc", "poly", "letter"])
            if kind == "ring":
                draw.ellipse(box, outline=tone, width=broad)
            elif kind == "disc":
                draw.ellipse(box, fill=tone)
            elif kind == "box":
                draw.rectangle(box, fill=tone)
            elif kind == "line":
                draw.line(box, fill=tone, width=broad)
            elif kind == "arc":
                draw.arc(
                    box, chance.randint(0, 180), chance.randint(181, 360), fill=tone, width=broad
                )
            elif kind == "poly":
                spots = [
                    (x + chance.uniform(0, size), y + chance.uniform(0, size)) for _ in range(3)
                ]
                draw.polygon(spots, fill=tone)
            else:
                letter = chance.choice(string.ascii_uppercase)
                draw.text(
                    (x + size * 0.2, y),
                    letter,
                    font=face(chance, fonts, int(size * 0.8)),
                    fill=tone,
                )
        if named:
            draw.text((x, y + size * 1.03), phrase(chance, 2), font=font, fill=ink)
    return image


def screen(chance: random.Random, fonts: list[str]) -> Image.Image:
    """A program or a page as a whole: a bar above, a list beside, cards, lines of text."""
    w, h = chance.randint(320, 1280), chance.randint(180, 800)
    dark = chance.random() < 0.35
    ground, ink, panel = (
        ((28, 30, 36), (215, 215, 220), (46, 49, 58))
        if dark
        else ((255, 255, 255), (40, 42, 48), (240, 241, 244))
    )
    image = Image.new("RGB", (w, h), ground)
    draw = ImageDraw.Draw(image)
    hue, size = colour(chance, 40, 220), chance.randint(9, 18)
    font = face(chance, fonts, size)
    bar = int(size * chance.uniform(2, 4))
    draw.rectangle([0, 0, w, bar], fill=hue if chance.random() < 0.5 else panel)
    x = 12.0
    while x < w - 60:
        text = phrase(chance, 1)
        draw.text((x, (bar - size) / 2), text, font=font, fill=ink)
        x += font.getlength(text) + chance.randint(16, 60)
        if chance.random() < 0.15:
            break
    side = int(w * chance.choice([0, 0.18, 0.26]))
    draw.rectangle([0, bar, side, h], fill=panel)
    y = bar + size
    while y < h - size:
        if side and chance.random() < 0.7:
            draw.text((10, y), phrase(chance, 1), font=font, fill=ink)
        if chance.random() < 0.75:
            draw.text((side + 16, y), phrase(chance, 12), font=font, fill=ink)
        elif chance.random() < 0.5:
            right = min(w - 8, side + chance.randint(80, 400))
            if right > side + 20:
                draw.rounded_rectangle(
                    [side + 16, y, right, y + size * 3], 6, fill=panel, outline=hue
                )
            y += size * 3
        y += int(size * 1.7)
    return image


DRAWERS: Drawers = (
    (logo, 3),
    (sign, 2),
    (plate, 4),
    (caption, 7),
    (note, 3),
    (paper, 2),
    (window, 2.5),
    (chart, 2),
    (texture, 4),
    (scrawl, 2.5),
    (pattern, 1.5),
    (badge, 2),
    (decorated, 1.5),
    (strip, 4),
    (plot, 3),
    (diagram, 3),
    (icons, 2),
    (screen, 2.5),
)


def ordinary(chance: random.Random, fonts: list[str]) -> Image.Image:
    """One picture that is no CAPTCHA."""
    return by_weight(DRAWERS, chance, fonts)


def handled(chance: random.Random, image: Image.Image) -> Image.Image:
    """What happens to any picture on its way: scaling, JPEG, blur, grey, a margin, a camera."""
    image = image.convert("RGB")
    if chance.random() < 0.3:
        scale = chance.uniform(0.6, 2.5)
        size = max(24, int(image.width * scale)), max(16, int(image.height * scale))
        image = image.resize(size, Image.Resampling.BICUBIC)
    if chance.random() < 0.15:
        image = image.filter(ImageFilter.GaussianBlur(chance.uniform(0.4, 1.2)))
    if chance.random() < 0.15:
        image = image.convert("L").convert("RGB")
    if chance.random() < 0.12:
        around = chance.randint(4, 120)
        framed = Image.new(
            "RGB", (image.width + 2 * around, image.height + around), (255, 255, 255)
        )
        framed.paste(image, (around, around // 2))
        image = framed
    if chance.random() < 0.15:
        noise = np.random.default_rng(chance.randint(0, 9**9)).normal(
            0, chance.uniform(2, 9), (image.height, image.width, 1)
        )
        image = Image.fromarray(np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8))
    if chance.random() < 0.4:
        import io

        stored = io.BytesIO()
        image.save(stored, "JPEG", quality=chance.randint(35, 95))
        image = Image.open(stored).convert("RGB")
    return image

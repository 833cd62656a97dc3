"""Clean short text, and what is drawn by hand: ordinary pictures that a CAPTCHA guard may get wrong.

A word, a price, a sum, a button, a plate, a stamp, a sound in a comic, a signature, a sketch: few
shapes on an even ground, as CAPTCHAs have, but nothing that hides them. Typefaces, texts and code
are others than those that `training/` draws with.
"""

from __future__ import annotations

import io
import math
import random
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

Chance = random.Random
Hue = tuple[int, int, int]
Points = list[tuple[float, float]]

WORDS = (
    "OK|GO!|SALE|Hello|YES|no|Stop it|WOW|KAPOW!|Zack!|boom|Mist!|Ahoi|Kiosk|Nimbus|tavola|Zephyr|Orbit"
    "|Quantum|LOGIN|Sign up|Buy now|Weiter|Abbrechen|Submit|Next|Play|Menu|FAQ|Beta|NEW|Draft|PAID"
    "|APPROVED|COPY|Confidential|URGENT|Merci|Grazie|Prost!|I love you|Call mum|Milk, eggs|Bin day"
    "|Team Blue|Class 3b|Chapter 4|Page 12|The End|Loading|404|Untitled|IKARUS|pepper|Mango|Turnip"
    "|ABC|Zz|Q|R2|HELP|Exit 7|Taxi|POLIZEI|Bus 31|Kino|Eis|Zimmer frei|Happy 40th|Xmas|LOL|brb|hmm"
).split("|")
SUMS = (
    "3 + 4 = ?|E = mc²|7 × 8 = 56|a² + b² = c²|y = mx + b|F = ma|12 - 5 =|x² - 4 = 0|1/2 + 1/4|2ab"
    "|sin x = 0.5|100 : 4 = 25|V = I·R|9 > 6|4 · 4 = 16|f(x) = 3x|5! = 120|18 + 27 =|6 x 7 =|x > 2y"
).split("|")


def _hue(chance: Chance, low: int, high: int) -> Hue:
    return chance.randint(low, high), chance.randint(low, high), chance.randint(low, high)


def _text(chance: Chance) -> str:
    kind = chance.random()
    if kind < 0.5:
        return chance.choice(WORDS)
    if kind < 0.7:
        return chance.choice(SUMS)
    n = chance.randint
    return chance.choice(
        (
            f"{n(1, 99)},{n(0, 99):02} €", f"${n(1, 999)}", f"CHF {n(1, 90)}.-", f"{n(1, 23)}:{n(0, 59):02}",
            f"{n(1, 12)}.{n(1, 28)}.", f"{n(10, 999999)}", f"+{n(1, 90)} %", f"{n(5, 70)}%", f"#{n(1, 99)}",
            f"Nr. {n(1, 300)}", f"{n(1, 12)} am", f"{n(2, 40)} °C", f"v{n(1, 9)}.{n(0, 20)}", f"{n(1, 9)}:{n(0, 9)}",
        )
    )  # fmt: skip


def _colours(chance: Chance) -> tuple[Hue, Hue]:
    """An even ground and an ink."""
    kind = chance.random()
    if kind < 0.35:
        return (255, 255, 255), chance.choice([(0, 0, 0), _hue(chance, 0, 130)])
    if kind < 0.7:
        return _hue(chance, 170, 250), _hue(chance, 0, 90)
    strong = _hue(chance, 0, 200)
    return strong, (255, 255, 255) if sum(strong) < 420 else (0, 0, 0)


def _font(chance: Chance, fonts: list[str], size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(chance.choice(fonts), size)


def _centred(
    image: Image.Image, text: str, font: ImageFont.FreeTypeFont, ink: Hue, edge: int = 0,
    edge_ink: Hue | None = None,
) -> tuple[int, int, int, int]:  # fmt: skip
    """Write a text in the middle of a picture, and give its box."""
    left, top, right, bottom = font.getbbox(text)
    x, y = (image.width - right - left) / 2, (image.height - bottom - top) / 2
    ImageDraw.Draw(image).text((x, y), text, font=font, fill=ink, stroke_width=edge, stroke_fill=edge_ink)  # fmt: skip
    return int(x + left), int(y + top), int(x + right), int(y + bottom)


def printed(chance: Chance, fonts: list[str]) -> Image.Image:
    """A word, a price or a sum, large or small on an even ground; ruled, framed or struck out."""
    text, size = _text(chance), chance.randint(16, 120)
    font = _font(chance, fonts, size)
    ground, ink = _colours(chance)
    width = int(font.getlength(text) * chance.uniform(1.05, 2)) + 8
    height = int(size * chance.choice([chance.uniform(1.3, 2), chance.uniform(2, 6)]))
    image = Image.new("RGB", (max(24, width), height), ground)
    edge = max(1, size // 24) if chance.random() < 0.1 else 0
    box = _centred(image, text, font, ink, edge, _hue(chance, 0, 255))
    if chance.random() < 0.08:  # each letter of another colour
        x, y = (float(side) for side in (box[0] - font.getbbox(text)[0], box[1] - font.getbbox(text)[1]))  # fmt: skip
        image.paste(ground, (0, 0, *image.size))
        for letter in text:
            ImageDraw.Draw(image).text((x, y), letter, font=font, fill=_hue(chance, 0, 200))
            x += font.getlength(letter)
    draw, broad = ImageDraw.Draw(image), max(1, size // 16)
    mark = chance.random()
    if mark < 0.12:
        draw.line([box[0], box[3] + 2 * broad, box[2], box[3] + 2 * broad], fill=ink, width=broad)
    elif mark < 0.2:
        middle = (box[1] + box[3]) // 2
        draw.line([box[0], middle, box[2], middle], fill=_hue(chance, 0, 255), width=broad)
    elif mark < 0.3:
        gap = size // 3
        draw.rectangle([box[0] - gap, box[1] - gap, box[2] + gap, box[3] + gap], outline=ink, width=broad)  # fmt: skip
    elif mark < 0.36:
        gap = size // 2
        draw.ellipse([box[0] - gap, box[1] - gap, box[2] + gap, box[3] + gap], outline=_hue(chance, 0, 255), width=broad)  # fmt: skip
    return image


def _button(chance: Chance, fonts: list[str]) -> Image.Image:
    text, size = chance.choice(WORDS), chance.randint(14, 48)
    font = _font(chance, fonts, size)
    page, (fill, ink) = chance.choice([(255, 255, 255), (240, 240, 240), (34, 34, 40)]), _colours(chance)  # fmt: skip
    width, height = int(font.getlength(text) + size * chance.uniform(1, 4)), int(size * 2.2)
    image = Image.new("RGB", (width + 20, height + 20), page)
    draw = ImageDraw.Draw(image)
    radius = chance.choice([0, size // 4, height // 2])
    draw.rounded_rectangle([13, 14, width + 13, height + 13], radius, fill=tuple(v * 3 // 4 for v in page))  # fmt: skip
    draw.rounded_rectangle([10, 10, width + 10, height + 10], radius, fill=fill, outline=ink if chance.random() < 0.4 else None)  # fmt: skip
    _centred(image, text, font, ink)
    return image


def _number_plate(chance: Chance, fonts: list[str]) -> Image.Image:
    letters = "".join(chance.choice("ABCDEFGHJKLMNPRSTUVWXYZ") for _ in range(chance.randint(1, 3)))
    text = chance.choice((
        f"{letters} {chance.randint(1, 9999)}", f"{letters}-{chance.randint(10, 999)}-{chance.choice('KLMX')}",
        f"{chance.randint(1, 99):02} {letters} {chance.randint(1, 999):03}", f"{chance.randint(1, 9)}{letters}{chance.randint(100, 999)}",
    ))  # fmt: skip
    size = chance.randint(30, 90)
    font = _font(chance, fonts, size)
    fill, ink = chance.choice([((255, 255, 255), (10, 10, 10)), ((250, 205, 20), (10, 10, 10)), ((15, 15, 18), (240, 240, 240)), ((20, 60, 150), (255, 255, 255))])  # fmt: skip
    image = Image.new("RGB", (int(font.getlength(text) + size * 1.6), int(size * 1.5)), fill)
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle([2, 2, image.width - 3, image.height - 3], size // 6, outline=ink, width=max(2, size // 20))  # fmt: skip
    if chance.random() < 0.5:
        draw.rectangle([4, 4, size // 2, image.height - 5], fill=(20, 50, 160))
    _centred(image, text, font, ink)
    return image


def _card(chance: Chance, fonts: list[str]) -> Image.Image:
    """A flash card, a slide with one line, a note that sticks, a name on a tag."""
    width, height = chance.randint(160, 700), chance.randint(120, 480)
    ground = chance.choice([(255, 255, 255), (255, 242, 120), (255, 190, 210), (190, 235, 190), (30, 60, 45)])  # fmt: skip
    image = Image.new("RGB", (width, height), ground)
    ink = (250, 250, 250) if sum(ground) < 300 else _hue(chance, 0, 110)
    text = _text(chance)
    size = max(12, int(min(height * 0.5, width / max(2, len(text)) * 1.5)))
    _centred(image, text, _font(chance, fonts, size), ink)
    if chance.random() < 0.4:
        draw = ImageDraw.Draw(image)
        draw.rectangle([0, 0, width, height // 6], fill=_hue(chance, 0, 255))
    if chance.random() < 0.3:
        table = Image.new("RGB", (width + 60, height + 60), _hue(chance, 60, 240))
        table.paste(image, (30, 30))
        return table
    return image


def _stamp(chance: Chance, fonts: list[str]) -> Image.Image:
    text, size = chance.choice(WORDS).upper(), chance.randint(28, 80)
    font = _font(chance, fonts, size)
    ink = chance.choice([(190, 20, 30), (30, 60, 160), (20, 120, 60)])
    image = Image.new("RGB", (int(font.getlength(text) + size * 1.4), size * 2), (255, 255, 255))
    draw, broad = ImageDraw.Draw(image), max(2, size // 12)
    draw.rounded_rectangle([3, 3, image.width - 4, image.height - 4], size // 5, outline=ink, width=broad)  # fmt: skip
    _centred(image, text, font, ink)
    if chance.random() < 0.5:  # the rubber was worn
        pixels = np.asarray(image).copy()
        numbers = np.random.default_rng(chance.randint(0, 2**31))
        rough = numbers.random((image.height // 3 + 1, image.width // 3 + 1)).astype(np.float32)
        pixels[cv2.resize(rough, image.size, interpolation=cv2.INTER_CUBIC) > 0.9] = 255
        image = Image.fromarray(pixels)
    return image.rotate(chance.uniform(-18, 18), Image.Resampling.BICUBIC, expand=True, fillcolor=(255, 255, 255))  # fmt: skip


def _sound(chance: Chance, fonts: list[str]) -> Image.Image:
    """A comic's sound word in its burst, or the large white line of a meme."""
    text, size = chance.choice(WORDS).upper(), chance.randint(36, 90)
    font = _font(chance, fonts, size)
    width, height = int(font.getlength(text) + size * 3), int(size * 3)
    image = Image.new("RGB", (width, height), _hue(chance, 90, 255))
    draw = ImageDraw.Draw(image)
    if chance.random() < 0.6:
        spikes, star = chance.randint(10, 18), []
        for i in range(2 * spikes):
            reach = 0.5 if i % 2 else chance.uniform(0.36, 0.42)
            angle = math.pi * i / spikes
            star.append((width * (0.5 + reach * math.cos(angle)), height * (0.5 + reach * math.sin(angle))))  # fmt: skip
        draw.polygon(star, fill=_hue(chance, 150, 255), outline=(0, 0, 0))
    edge = max(2, size // 14)
    if chance.random() < 0.5:
        _centred(image, text, font, _hue(chance, 150, 255), edge, (0, 0, 0))
    else:
        _centred(image, text, font, (255, 255, 255), edge, (0, 0, 0))
    return image


def _line_of_screen(chance: Chance, fonts: list[str]) -> Image.Image:
    """One line cut from a screen: a tab, a prompt, a field, a subtitle, a label of two halves."""
    size = chance.randint(11, 26)
    font = _font(chance, fonts, size)
    text = chance.choice((
        "~ $ ls -la", ">>> print(7)", "https://kiosk.example", "user@host:~", "Password", "Search ...", "build | passing",
        "Error 0x80070057", "3 new messages", "Saved", "- Where is he?", "[door creaks]", "Ctrl + S", "127.0.0.1", "x = 42;",
    ))  # fmt: skip
    ground, ink = chance.choice([((255, 255, 255), (30, 30, 30)), ((12, 12, 14), (90, 230, 110)), ((40, 42, 54), (248, 248, 242)), ((0, 0, 0), (255, 235, 60))])  # fmt: skip
    image = Image.new("RGB", (int(font.getlength(text) + size * chance.uniform(1, 8)), int(size * chance.uniform(1.5, 3))), ground)  # fmt: skip
    if chance.random() < 0.3:
        ImageDraw.Draw(image).rectangle([0, 0, image.width - 1, image.height - 1], outline=_hue(chance, 90, 200))  # fmt: skip
    _centred(image, text, font, ink)
    return image


_DESIGNED: tuple[Callable[[Chance, list[str]], Image.Image], ...] = (
    _button, _number_plate, _card, _stamp, _sound, _line_of_screen,
)  # fmt: skip


def designed(chance: Chance, fonts: list[str]) -> Image.Image:
    """A button, a number plate, a card, a stamp, a comic's sound, a line of a screen."""
    return chance.choice(_DESIGNED)(chance, fonts)


def _sheet(chance: Chance, width: int, height: int) -> tuple[NDArray[np.uint8], Hue]:
    """Paper, plain or ruled, a white board or a black one, and the pen's colour."""
    kind = chance.random()
    dark = kind > 0.88
    tone = chance.choice([(28, 30, 30), (30, 66, 48)]) if dark else chance.choice(
        [(255, 255, 255), (255, 255, 255), (250, 246, 232), (236, 238, 240), (255, 244, 150)])  # fmt: skip
    sheet = np.full((height, width, 3), tone, np.uint8)
    pitch = chance.randint(18, 48)
    if kind < 0.3:
        sheet[pitch::pitch] = (180, 200, 230)
    if kind < 0.12:
        sheet[:, pitch::pitch] = (180, 200, 230)
    pens = [(245, 245, 245), (250, 230, 140)] if dark else [(15, 15, 20), (25, 50, 160), (190, 25, 35), (20, 120, 60), (90, 90, 95)]  # fmt: skip
    return sheet, chance.choice(pens)


def _stroke(sheet: NDArray[np.uint8], points: Points, ink: Hue, broad: int) -> None:
    curve = (np.asarray(points) * 8).astype(np.int32)
    cv2.polylines(sheet, [curve], False, ink, broad, cv2.LINE_AA, 3)


def _wobbling(chance: Chance, points: Points, shake: float) -> Points:
    """The line through points as a hand draws it: smooth, and never quite there."""
    around = np.asarray(points, np.float32)
    steps = np.linspace(0, len(around) - 1, len(around) * 6)
    dense = np.stack([np.interp(steps, np.arange(len(around)), around[:, i]) for i in (0, 1)], 1)
    numbers = np.random.default_rng(chance.randint(0, 2**31))
    drift = cv2.GaussianBlur(numbers.normal(0, shake * 4, dense.shape).astype(np.float32), (1, 9), 3)  # fmt: skip
    return [(float(x), float(y)) for x, y in dense + drift]


def _pen_written(chance: Chance, fonts: list[str]) -> Image.Image:
    """A line in one's own hand: a face worn down to the strokes of a pen, never twice the same."""
    from skimage.morphology import skeletonize

    text, size = _text(chance), chance.randint(40, 90)
    font = _font(chance, fonts, size)
    width, height = int(font.getlength(text) + size * 1.5), int(size * 1.9)
    mask = Image.new("L", (width, height))
    box = font.getbbox(text)
    ImageDraw.Draw(mask).text((size * 0.6, (height - box[3] - box[1]) / 2), text, font=font, fill=255)  # fmt: skip
    thin = skeletonize(np.asarray(mask) > 100).astype(np.uint8) * 255  # type: ignore[no-untyped-call]
    broad = chance.randint(2, max(3, size // 14))
    drawn = cv2.dilate(thin, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (broad, broad)))
    numbers = np.random.default_rng(chance.randint(0, 2**31))
    rough = numbers.normal(0, 1, (height // 24 + 2, width // 24 + 2, 2)).astype(np.float32)
    shift = cv2.resize(rough, (width, height), interpolation=cv2.INTER_CUBIC) * size * 0.02
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    drawn = cv2.remap(drawn, x + shift[..., 0], y + shift[..., 1], cv2.INTER_LINEAR)
    sheet, ink = _sheet(chance, width, height)
    inked = (drawn / 255.0)[..., None]
    image = Image.fromarray((sheet * (1 - inked) + np.asarray(ink) * inked).astype(np.uint8))
    if chance.random() < 0.25:
        draw = ImageDraw.Draw(image)
        draw.line([size * 0.5, height * 0.85, width - size * 0.6, height * 0.85 + chance.randint(-4, 4)], fill=ink, width=broad)  # fmt: skip
    return image


def _signature(chance: Chance, fonts: list[str]) -> Image.Image:
    width, height = chance.randint(160, 420), chance.randint(70, 180)
    sheet, ink = _sheet(chance, width, height)
    turns, points = chance.uniform(3, 9), []
    for i in range(160):
        t = i / 159
        reach = height * (0.32 * (1 - t) + 0.1) * (0.6 + 0.4 * math.sin(7 * t + turns))
        angle = 2 * math.pi * turns * t
        points.append((width * (0.12 + 0.72 * t) + reach * 0.5 * math.sin(angle), height / 2 + reach * math.cos(angle * 1.02 + turns)))  # fmt: skip
    _stroke(sheet, points, ink, chance.randint(1, 3))
    if chance.random() < 0.5:
        _stroke(sheet, [(width * 0.1, height * 0.85), (width * 0.92, height * chance.uniform(0.7, 0.88))], ink, 2)  # fmt: skip
    if chance.random() < 0.3:
        cv2.line(sheet, (8, height - 8), (width - 8, height - 8), (60, 60, 60), 1)
    return Image.fromarray(sheet)


def _scribble(chance: Chance, fonts: list[str]) -> Image.Image:
    """Loops, zigzags, spirals and walks of a pen that nobody guides."""
    width, height = chance.randint(100, 480), chance.randint(60, 360)
    sheet, ink = _sheet(chance, width, height)
    for _ in range(chance.choice([1, 1, 2, 3, 5])):
        cx, cy = width * chance.uniform(0.25, 0.75), height * chance.uniform(0.3, 0.7)
        reach, kind = min(width, height) * chance.uniform(0.15, 0.45), chance.randrange(4)
        turns = chance.uniform(2, 9)
        points: Points = []
        x, y, heading = cx, cy, chance.uniform(0, 6)
        for i in range(120):
            t = i / 119
            if kind == 0:
                points.append((cx + reach * t * math.cos(turns * 6.3 * t), cy + reach * t * math.sin(turns * 6.3 * t)))  # fmt: skip
            elif kind == 1:
                points.append((cx + reach * (2 * t - 1) * 1.6, cy + reach * 0.7 * (abs((turns * t * 2) % 2 - 1) * 2 - 1)))  # fmt: skip
            elif kind == 2:
                points.append((cx + reach * (1.5 * (2 * t - 1) + 0.5 * math.sin(turns * 6.3 * t)), cy + reach * 0.5 * math.cos(turns * 6.3 * t)))  # fmt: skip
            else:
                heading += chance.gauss(0, 0.5)
                x, y = x + reach * 0.08 * math.cos(heading), y + reach * 0.08 * math.sin(heading)
                points.append((x, y))
        _stroke(sheet, _wobbling(chance, points, 0.5), ink, chance.randint(1, 5))
    return Image.fromarray(sheet)


def _ring(x: float, y: float, rx: float, ry: float, start: float = 0, end: float = 2 * math.pi) -> Points:  # fmt: skip
    steps = np.linspace(start, end, 14)
    return [(x + rx * math.cos(a), y + ry * math.sin(a)) for a in steps]


def _shapes(chance: Chance, x: float, y: float, s: float) -> list[Points]:
    """The strokes of one thing that children draw, about `s` pixels high, in the middle at x, y."""
    house = [[(x - s / 2, y + s / 2), (x - s / 2, y - s / 8), (x, y - s / 2), (x + s / 2, y - s / 8), (x + s / 2, y + s / 2), (x - s / 2, y + s / 2)],
             [(x - s / 8, y + s / 2), (x - s / 8, y + s / 6), (x + s / 8, y + s / 6), (x + s / 8, y + s / 2)]]  # fmt: skip
    man = [_ring(x, y - s * 0.36, s * 0.13, s * 0.13), [(x, y - s * 0.22), (x, y + s * 0.15)], [(x - s / 4, y), (x, y - s * 0.1), (x + s / 4, y - s * 0.05)], [(x - s / 5, y + s / 2), (x, y + s * 0.15), (x + s / 5, y + s / 2)]]  # fmt: skip
    sun = [_ring(x, y, s / 4, s / 4)] + [[(x + s * 0.32 * math.cos(a), y + s * 0.32 * math.sin(a)), (x + s / 2 * math.cos(a), y + s / 2 * math.sin(a))] for a in np.arange(0, 6.2, 0.8)]  # fmt: skip
    smile = [_ring(x, y, s / 2, s / 2), _ring(x - s / 6, y - s / 8, s / 16, s / 12), _ring(x + s / 6, y - s / 8, s / 16, s / 12), _ring(x, y + s / 12, s / 4, s / 5, 0.2, 2.9)]  # fmt: skip
    tree = [[(x - s / 12, y + s / 2), (x - s / 12, y)], [(x + s / 12, y + s / 2), (x + s / 12, y)], _ring(x, y - s / 5, s / 3, s / 3.2)]  # fmt: skip
    heart = [[(x, y + s / 2), (x - s / 2, y - s / 8), (x - s / 3, y - s / 2), (x, y - s / 4), (x + s / 3, y - s / 2), (x + s / 2, y - s / 8), (x, y + s / 2)]]  # fmt: skip
    star = [[(x + s / 2 * math.sin(2.513 * i), y - s / 2 * math.cos(2.513 * i)) for i in range(6)]]
    arrow = [[(x - s / 2, y + s / 4), (x + s / 2, y - s / 4)], [(x + s / 5, y - s / 3), (x + s / 2, y - s / 4), (x + s / 3, y)]]  # fmt: skip
    crosses = [[(x - s / 6, y - s / 2), (x - s / 6, y + s / 2)], [(x + s / 6, y - s / 2), (x + s / 6, y + s / 2)], [(x - s / 2, y - s / 6), (x + s / 2, y - s / 6)], [(x - s / 2, y + s / 6), (x + s / 2, y + s / 6)], _ring(x, y, s / 10, s / 10)]  # fmt: skip
    tally = [[(x + s * (i / 6 - 0.4), y - s / 2), (x + s * (i / 6 - 0.42), y + s / 2)] for i in range(5)] + [[(x - s / 2, y + s / 3), (x + s / 2, y - s / 3)]]  # fmt: skip
    return chance.choice([house, man, sun, smile, tree, heart, star, arrow, crosses, tally])


def _sketch(chance: Chance, fonts: list[str]) -> Image.Image:
    """One to four things drawn with a pen, one of them perhaps named."""
    count, size = chance.choice([1, 1, 2, 3, 4]), chance.randint(50, 200)
    sheet, ink = _sheet(chance, int(size * (1.4 * count + 0.4)), int(size * chance.uniform(1.3, 2)))
    broad = chance.randint(1, max(2, size // 25))
    for i in range(count):
        for stroke in _shapes(chance, size * (0.9 + 1.4 * i), sheet.shape[0] / 2, size):
            _stroke(sheet, _wobbling(chance, stroke, size / 120), ink, broad)
    image = Image.fromarray(sheet)
    if chance.random() < 0.3:
        font = _font(chance, fonts, size // 5 + 6)
        ImageDraw.Draw(image).text((6, 2), chance.choice(WORDS), font=font, fill=ink)
    return image


_BY_HAND: tuple[Callable[[Chance, list[str]], Image.Image], ...] = (
    _pen_written, _pen_written, _signature, _scribble, _sketch,
)  # fmt: skip


def by_hand(chance: Chance, fonts: list[str]) -> Image.Image:
    """A line of handwriting, a signature, a scribble, a sketch."""
    return chance.choice(_BY_HAND)(chance, fonts)


def sent(chance: Chance, image: Image.Image) -> Image.Image:
    """What a picture goes through before it is sent: a slight turn, another size, blur, JPEG."""
    if chance.random() < 0.25:
        image = image.rotate(chance.uniform(-6, 6), Image.Resampling.BICUBIC, expand=True, fillcolor=image.getpixel((0, 0)))  # fmt: skip
    if chance.random() < 0.3:
        share = chance.uniform(0.5, 2)
        image = image.resize(
            (max(16, int(image.width * share)), max(12, int(image.height * share)))
        )
    if chance.random() < 0.1:
        image = image.filter(ImageFilter.BoxBlur(1))
    if chance.random() < 0.4:
        stored = io.BytesIO()
        image.save(stored, "JPEG", quality=chance.randint(25, 90))
        image = Image.open(stored).convert("RGB")
    return image

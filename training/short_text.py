"""Clean short text and drawings by hand: what people send that has as few shapes as a CAPTCHA has.

Words, prices, codes and formulas on even grounds, with what goes with them: rules, frames, shadows,
rings, highlights; labels, plates, stamps, sounds of comics; writing, signatures, scribbles and
sketches of a pen. What tells a CAPTCHA from them is that its characters are bent one by one and
hidden in clutter. `bench/short_text.py` draws the like by other code with other texts and typefaces.
"""

from __future__ import annotations

import math
import random
import string

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from training.captchas import Drawers, bezier, by_weight, code, colour, warped
from training.ordinary import HANDS, WORDS, face, number, pair, phrase

Hue = tuple[int, int, int]
_OWN = (
    "no way ha oh ok yeah bang crash splash pow zip whoosh ouch hi bye Ltd Co. vs. new old hot cold left "
    "right up down on off mon tue wed thu fri sat sun jan mar apr jul sep oct dec cat dog apple ball tree "
    "king queen nine seven three win lose draft void copy paid late rush fragile sold lot rent ask tip"
).split()
_SYLLABLES = "ba ko li mu ne pi ra so tu ve za xi qu fy gri str ing ast ell ump ock ley sha dre oth".split()  # fmt: skip
_PENCILS = ((20, 20, 26), (30, 48, 150), (170, 30, 34), (24, 110, 60), (80, 80, 86), (120, 40, 130))
_HANDED = (*HANDS, "indie", "shadows", "gloria", "satisfy", "sacramento", "architects", "rock-salt",
           "nothing", "reenie", "marker", "homemade")  # fmt: skip


def formula(chance: random.Random) -> str:
    """A sum, an equation or an expression of school."""
    a, b, c = (chance.randint(0, chance.choice([9, 20, 120])) for _ in range(3))
    x, y = chance.choice("xyzabtnkpq"), chance.choice("xyzabcmrsv")
    sign = chance.choice(["+", "-", "×", "*", "/", "·", "÷"])
    return chance.choice((
        f"{a} {sign} {b} =", f"{a}{sign}{b}={c}", f"{a} {sign} {b} = ?", f"{a}{x} {sign} {b} = {c}", f"{x}² {sign} {y}²",
        f"{y} = {a}{x} + {b}", f"{a} {chance.choice('<>=')} {b}", f"{x}({y}) = {a}{y}{sign}{b}", f"({a}{sign}{b}){sign}{c}",
        f"{x}={a}", f"{a}%", f"{a}.{b} {sign} {c}", f"d{x}/d{y}", f"{a}/{b + 1}", f"{x}³ = {c}", f"{a}:{b + 1} = {c}:{y}",
        f"{x.upper()} = {y.upper()} · {chance.choice('abcgh')}", f"{a} {sign} {b} {sign} {c} = {a + b + c}",
    ))  # fmt: skip


def words(chance: random.Random) -> str:
    """A short text of any kind, some of it no word: codes and made-up names must not decide."""
    kind = chance.random()
    if kind < 0.3:
        pool = _OWN if chance.random() < 0.6 else WORDS
        text = " ".join(chance.choice(pool) for _ in range(chance.choice([1, 1, 1, 2, 3])))
    elif kind < 0.45:
        text = "".join(chance.choice(_SYLLABLES) for _ in range(chance.randint(1, 4)))
    elif kind < 0.63:
        return formula(chance)
    elif kind < 0.78:
        return number(chance)
    elif kind < 0.9:
        return code(chance)
    else:
        text = chance.choice(string.ascii_letters + string.digits) * chance.choice([1, 1, 1, 2, 3])
    text = chance.choice([str.upper, str.title, str.lower, str])(text)
    return text + chance.choice(["", "", "", "", "!", "?", "!!", ".", "...", ":"])


def _inks(chance: random.Random) -> tuple[Hue, Hue]:
    """Ground and ink: black on white, two tones, or any two that can be told apart."""
    kind = chance.random()
    if kind < 0.3:
        return (255, 255, 255), (0, 0, 0)
    if kind < 0.65:
        return pair(chance)
    while True:
        ground, ink = colour(chance), colour(chance)
        if sum(abs(p - q) for p, q in zip(ground, ink, strict=True)) > 180:
            return ground, ink


def _turned(chance: random.Random, image: Image.Image, most: float) -> Image.Image:
    return image.rotate(chance.uniform(-most, most), Image.Resampling.BICUBIC, expand=True,
                        fillcolor=image.getpixel((0, 0)))  # fmt: skip


def _spread(
    chance: random.Random, draw: ImageDraw.ImageDraw, spot: tuple[float, float], text: str,
    font: ImageFont.FreeTypeFont, inks: tuple[Hue, ...], gap: float,
) -> float:  # fmt: skip
    """Write letter by letter, each in the next of the inks, and give where it ends."""
    x = spot[0]
    for i, letter in enumerate(text):
        draw.text((x, spot[1]), letter, font=font, fill=inks[i % len(inks)])
        x += font.getlength(letter) + gap
    return x


def line(chance: random.Random, fonts: list[str]) -> Image.Image:
    """One short text, or two under each other, with what designers and pens put about it."""
    ground, ink = _inks(chance)
    size = chance.randint(12, 130)
    font = face(chance, fonts, size)
    lines = [words(chance) for _ in range(chance.choice([1, 1, 1, 1, 2]))]
    gap = size * chance.choice([0, 0, 0, 0, 0.08, 0.3, -0.04])
    wide = max(font.getlength(t) + gap * len(t) for t in lines)
    width = int(wide + size * chance.choice([0.15, 0.5, 1, chance.uniform(0, 8)])) + 4
    room = size * chance.choice([1.15, 1.4, 2, chance.uniform(1.2, 6)])
    image = Image.new("RGB", (min(2400, width), int(room * len(lines)) + 2), ground)
    if chance.random() < 0.12:
        image = _shaded(chance, image)
    draw = ImageDraw.Draw(image)
    hued = chance.random()
    inks = (ink,) if hued < 0.85 else tuple(colour(chance, 0, 200) for _ in range(chance.choice([2, 3, 5, 9])))  # fmt: skip
    for i, text in enumerate(lines):
        length = font.getlength(text) + gap * len(text)
        x = (image.width - length) * chance.choice([0.5, 0.5, 0.5, 0.1])
        top, base = font.getbbox(text)[1], font.getbbox(text)[3]
        y = room * i + (room - top - base) / 2
        _about(chance, draw, (x, y + top, x + length, y + base), size, ink, before=True)
        if chance.random() < 0.15:
            reach = chance.uniform(0.02, 0.08) * size
            _spread(chance, draw, (x + reach, y + reach), text, font, (colour(chance, 40, 220),), gap)  # fmt: skip
        if gap or len(inks) > 1:
            _spread(chance, draw, (x, y), text, font, inks, gap)
        else:
            edge = max(1, size // chance.randint(14, 40)) if chance.random() < 0.12 else 0
            draw.text((x, y), text, font=font, fill=ink, stroke_width=edge, stroke_fill=colour(chance))  # fmt: skip
        _about(chance, draw, (x, y + top, x + length, y + base), size, ink, before=False)
    if chance.random() < 0.1:  # italics of a whole line
        lean = chance.uniform(-0.35, 0.35)
        image = image.transform(image.size, Image.Transform.AFFINE, (1, lean, -lean * image.height / 2, 0, 1, 0),
                                Image.Resampling.BICUBIC, fillcolor=image.getpixel((0, 0)))  # fmt: skip
    return _turned(chance, image, chance.choice([3, 8, 16])) if chance.random() < 0.3 else image


def _about(
    chance: random.Random, draw: ImageDraw.ImageDraw, box: tuple[float, float, float, float], size: int,
    ink: Hue, *, before: bool,
) -> None:  # fmt: skip
    """At most one thing about a text: behind it a highlight, or over it a rule, a frame, a ring."""
    left, top, right, bottom = box
    hue, broad = ink if chance.random() < 0.6 else colour(chance), max(1, size // chance.randint(10, 40))  # fmt: skip
    kind, gap = chance.random(), size * chance.uniform(0.05, 0.4)
    if before:
        if kind < 0.05:  # a marker's stroke
            draw.rectangle([left - gap, top, right + gap, bottom], fill=(250, 240, chance.randint(60, 150)))  # fmt: skip
        elif kind < 0.1:
            r = size * chance.uniform(0.3, 1.2)
            x, y = chance.uniform(left, right), chance.uniform(top, bottom)
            draw.ellipse([x - r, y - r, x + r, y + r], fill=colour(chance, 100, 255))
        return
    middle = top + (bottom - top) * chance.uniform(0.35, 0.65)
    tilt = chance.choice([0, 0, 0, size * chance.uniform(-0.3, 0.3)])
    if kind < 0.08:
        draw.line([left - gap, bottom + gap, right + gap, bottom + gap + tilt], fill=hue, width=broad)  # fmt: skip
    elif kind < 0.11:
        for i in (0, 1):
            draw.line([left, bottom + gap + i * 2.5 * broad, right, bottom + gap + i * 2.5 * broad], fill=hue, width=broad)  # fmt: skip
    elif kind < 0.18:
        draw.line([left - gap, middle + tilt, right + gap, middle - tilt], fill=hue, width=broad)
    elif kind < 0.21:  # crossed out
        draw.line([left, top, right, bottom], fill=hue, width=broad)
        draw.line([left, bottom, right, top], fill=hue, width=broad)
    elif kind < 0.27:
        draw.rounded_rectangle([left - gap, top - gap, right + gap, bottom + gap], chance.choice([0, gap]), outline=hue, width=broad)  # fmt: skip
    elif kind < 0.31:
        draw.ellipse([left - 2 * gap, top - 2 * gap, right + 2 * gap, bottom + 2 * gap], outline=hue, width=broad)  # fmt: skip
    elif kind < 0.34:
        curve = bezier([(left, bottom + gap), ((left + right) / 2, bottom + 2 * gap), (right, bottom)])  # fmt: skip
        draw.line(curve, fill=hue, width=broad)
    elif kind < 0.37:  # a dash at either side
        for x in (left - 3 * gap, right + gap):
            draw.line([x, middle, x + 2 * gap, middle], fill=hue, width=broad)
    elif kind < 0.4:
        draw.line([right + gap, middle, right + 4 * gap, middle], fill=hue, width=broad)
        draw.polygon([(right + 4 * gap, middle - gap), (right + 5.5 * gap, middle), (right + 4 * gap, middle + gap)], fill=hue)  # fmt: skip


def _shaded(chance: random.Random, image: Image.Image) -> Image.Image:
    """A ground that runs from one tone to another, or that has a fine grain."""
    base = np.asarray(image, np.float32)
    if chance.random() < 0.6:
        ramp = np.linspace(-1, 1, image.width)[None, :, None] if chance.random() < 0.5 else np.linspace(-1, 1, image.height)[:, None, None]  # fmt: skip
        base = base + ramp * np.array([chance.uniform(-50, 50) for _ in range(3)])
    else:
        numbers = np.random.default_rng(chance.randint(0, 9**9))
        base = base + numbers.normal(0, chance.uniform(2, 9), (*base.shape[:2], 1))
    return Image.fromarray(np.clip(base, 0, 255).astype(np.uint8))


def label(chance: random.Random, fonts: list[str]) -> Image.Image:
    """A button, a plate, a tag, a stamp, a sticker, a key: a text in its shape, perhaps a row of them."""
    page, size = chance.choice([(255, 255, 255), colour(chance)]), chance.randint(14, 72)
    font = face(chance, fonts, size)
    texts = [words(chance) for _ in range(chance.choice([1, 1, 1, 1, 2, 3]))]
    pad, gap = size * chance.uniform(0.2, 1.2), size * chance.uniform(0.05, 1)
    width = int(sum(font.getlength(t) + 2 * pad + gap for t in texts) + gap)
    tall = size * chance.uniform(1.3, 2.6)
    image = Image.new("RGB", (min(2400, width), int(tall + 2 * gap) + 1), page)
    draw = ImageDraw.Draw(image)
    worn, x = chance.random() < 0.2, gap
    radius = chance.choice([0, size * 0.2, tall / 2])
    for text in texts:
        fill, ink = _inks(chance)
        right, broad = x + font.getlength(text) + 2 * pad, chance.choice([0, 1, max(1, size // 12)])
        box = [x, gap, right, gap + tall]
        if chance.random() < 0.2:
            shifted = [v + size * 0.1 for v in box]
            draw.rounded_rectangle(shifted, radius, fill=(120, 120, 125))
        if chance.random() < 0.25:
            fill = page
            ink = (20, 20, 20) if sum(page) > 380 else (240, 240, 240)
            broad = max(1, size // 12)
        draw.rounded_rectangle(box, radius, fill=fill, outline=ink if broad else None, width=max(1, broad))  # fmt: skip
        if chance.random() < 0.2:
            inner = size * 0.12
            draw.rounded_rectangle([x + inner, gap + inner, right - inner, gap + tall - inner], max(0, radius - inner), outline=ink)  # fmt: skip
        if chance.random() < 0.15:
            draw.rectangle([x, gap, x + pad * 0.7, gap + tall], fill=colour(chance))
        spot = (x + pad, gap + (tall - font.getbbox(text)[1] - font.getbbox(text)[3]) / 2)
        draw.text(spot, text, font=font, fill=ink)
        x = right + gap
    if worn:
        image = _worn(chance, image, page)
    return _turned(chance, image, chance.choice([5, 15, 30])) if chance.random() < 0.3 else image


def _worn(chance: random.Random, image: Image.Image, page: Hue) -> Image.Image:
    """Ink that did not take everywhere, as a stamp's."""
    numbers = np.random.default_rng(chance.randint(0, 9**9))
    field = cv2.GaussianBlur(numbers.normal(size=(image.height, image.width)), (0, 0), chance.uniform(0.6, 2.5))  # fmt: skip
    pixels = np.asarray(image).copy()
    pixels[field > np.quantile(field, chance.uniform(0.85, 0.98))] = page
    return Image.fromarray(pixels)


def loud(chance: random.Random, fonts: list[str]) -> Image.Image:
    """A sound of a comic, a poster's word, the line of a meme: heavy letters with an edge."""
    text, size = words(chance).upper(), chance.randint(30, 110)
    font = face(chance, fonts, size)
    width, height = int(font.getlength(text) * chance.uniform(1.1, 2)) + size, int(size * chance.uniform(1.5, 4))  # fmt: skip
    image = Image.new("RGB", (min(2400, width), height), colour(chance))
    draw = ImageDraw.Draw(image)
    kind, middle = chance.random(), (image.width / 2, height / 2)
    if kind < 0.35:  # rays
        for i in range(0, 360, 20):
            draw.pieslice([-width, -width, 2 * width, 2 * width], i, i + 10, fill=colour(chance, 120, 255) if kind < 0.1 else (255, 235, 120))  # fmt: skip
    elif kind < 0.7:  # a cloud or a burst
        spots, count = [], chance.randint(7, 22)
        for i in range(count * 2):
            reach = 0.48 if i % 2 else chance.uniform(0.3, 0.45)
            turn = math.pi * i / count
            spots.append((middle[0] + width * reach * math.cos(turn), middle[1] + height * reach * math.sin(turn)))  # fmt: skip
        draw.polygon(spots, fill=colour(chance, 140, 255), outline=colour(chance, 0, 60))
    elif kind < 0.8:
        for x in range(0, image.width, 9):
            for y in range(0, height, 9):
                draw.ellipse([x, y, x + 3, y + 3], fill=(255, 255, 255))
    x, y = middle[0] - font.getlength(text) / 2, middle[1] - (font.getbbox(text)[1] + font.getbbox(text)[3]) / 2  # fmt: skip
    edge = max(1, size // chance.randint(8, 24))
    dark = chance.random() < 0.7
    draw.text((x, y), text, font=font, fill=(255, 255, 255) if chance.random() < 0.5 else colour(chance, 120, 255),
              stroke_width=edge, stroke_fill=(0, 0, 0) if dark else colour(chance, 0, 120))  # fmt: skip
    return _turned(chance, image, 15) if chance.random() < 0.3 else image


def _sheet(chance: random.Random, width: int, height: int) -> tuple[Image.Image, Hue]:
    """Paper or a board to write on, with a pen that shows on it."""
    if chance.random() < 0.14:
        tone = chance.choice([(24, 26, 28), (34, 70, 52), (40, 44, 80)])
        ink = chance.choice([(240, 240, 236), (244, 226, 130), (170, 210, 245)])
    else:
        tone = chance.choice([(255, 255, 255), (255, 255, 255), colour(chance, 225, 255), (255, 240, chance.randint(100, 200)), (232, 234, 238)])  # fmt: skip
        ink = chance.choice(_PENCILS)
    sheet = Image.new("RGB", (width, height), tone)
    draw, pitch = ImageDraw.Draw(sheet), chance.randint(14, 60)
    faint = tuple(int(0.8 * v + 0.2 * chance.randint(60, 200)) for v in tone)
    ruled = chance.random()
    if ruled < 0.35:
        for y in range(chance.randint(0, pitch), height, pitch):
            draw.line([0, y, width, y], fill=faint)
    if ruled < 0.15:
        for x in range(chance.randint(0, pitch), width, pitch):
            draw.line([x, 0, x, height], fill=faint)
    if chance.random() < 0.2:
        sheet = _shaded(chance, sheet)
    return sheet, ink


def _by_hand(chance: random.Random, sheet: Image.Image, points: list[tuple[float, float]], ink: Hue, broad: int) -> None:  # fmt: skip
    """A smooth stroke through points, with a tremor."""
    shaken = [(x + chance.gauss(0, 0.4), y + chance.gauss(0, 0.4)) for x, y in points]
    ImageDraw.Draw(sheet).line(shaken, fill=ink, width=broad, joint="curve")


def penned(chance: random.Random, fonts: list[str]) -> Image.Image:
    """Writing of a pen: letters that waver a little about their line, struck, underlined or ringed."""
    hands = [f for f in fonts if any(k in f for k in _HANDED)] or fonts
    text, size = words(chance), chance.randint(22, 90)
    font = face(chance, hands if chance.random() < 0.8 else fonts, size)
    width, height = int(font.getlength(text) * 1.15 + size * 1.2), int(size * chance.uniform(1.5, 3))  # fmt: skip
    sheet, ink = _sheet(chance, min(2400, width), height)
    x, y, rise = size * 0.5, (height - size * 1.2) / 2, chance.uniform(-0.03, 0.03)
    waver, lift = chance.choice([0, 2, 5]), size * chance.choice([0, 0.02, 0.05])
    for letter in text:
        glyph = Image.new("L", (size * 3, size * 3))
        ImageDraw.Draw(glyph).text((size, size * 0.8), letter, font=font, fill=255)
        if waver:
            glyph = glyph.rotate(chance.uniform(-waver, waver), Image.Resampling.BICUBIC)
        sheet.paste(ink, (int(x - size), int(y - size * 0.8 + rise * x + chance.uniform(-lift, lift))), glyph)  # fmt: skip
        x += font.getlength(letter)
    if chance.random() < 0.4:  # no two letters of a hand are the same
        sheet = warped(chance, sheet, chance.uniform(0.005, 0.025))
    broad, kind = max(1, size // chance.randint(12, 30)), chance.random()
    if not waver and kind < 0.04:  # struck out
        bend = [(size * 0.4, height * 0.5), (x / 2, height * chance.uniform(0.4, 0.6)), (x, height * 0.48)]  # fmt: skip
        _by_hand(chance, sheet, bezier(bend), ink, broad)
    elif kind < 0.2:
        bend = [(size * 0.4, height * 0.85), (x / 2, height * chance.uniform(0.8, 0.95)), (x, height * 0.84)]  # fmt: skip
        _by_hand(chance, sheet, bezier(bend), ink, broad)
    elif kind < 0.3:
        _by_hand(chance, sheet, _loop(chance, (x / 2 + size * 0.2, height / 2), x / 2 + size * 0.1, height * 0.42), colour(chance, 0, 200), broad)  # fmt: skip
    return _turned(chance, sheet, 8) if chance.random() < 0.3 else sheet


def _loop(chance: random.Random, middle: tuple[float, float], wide: float, tall: float) -> list[tuple[float, float]]:  # fmt: skip
    """A ring that does not quite close."""
    start = chance.uniform(0, 6)
    swell = [chance.uniform(-0.08, 0.08) for _ in range(3)]
    points = []
    for i in range(48):
        turn = start + i / 47 * 2 * math.pi * 1.03
        r = 1 + swell[0] * math.sin(turn) + swell[1] * math.sin(2 * turn) + swell[2] * math.cos(3 * turn)  # fmt: skip
        points.append((middle[0] + wide * r * math.cos(turn), middle[1] + tall * r * math.sin(turn)))  # fmt: skip
    return points


def worked(chance: random.Random, fonts: list[str]) -> Image.Image:
    """A formula as books and boards have it: fractions, roots, powers, a sum under each other."""
    size = chance.randint(20, 70)
    font, small = (lambda one: (ImageFont.truetype(one, size), ImageFont.truetype(one, max(8, size * 3 // 5))))(chance.choice(fonts))  # fmt: skip
    sheet, ink = _sheet(chance, size * chance.randint(5, 12), int(size * chance.uniform(2.6, 4.5)))
    draw, x, middle = ImageDraw.Draw(sheet), size * 0.4, sheet.height / 2
    broad = max(1, size // 18)
    if chance.random() < 0.2:  # written under each other
        for i, text in enumerate((f"{chance.randint(10, 999)}", f"+ {chance.randint(10, 999)}")):
            draw.text((sheet.width * 0.7 - font.getlength(text), middle + (i - 1.1) * size), text, font=font, fill=ink)  # fmt: skip
        draw.line([sheet.width * 0.2, middle + size * 1.2, sheet.width * 0.75, middle + size * 1.2], fill=ink, width=broad)  # fmt: skip
        return sheet
    while x < sheet.width - size * 1.5:
        one, two = (chance.choice(string.ascii_letters + string.digits * 3) for _ in range(2))
        kind = chance.random()
        if kind < 0.25:
            for text, at in ((one, -1.15), (two, 0.1)):
                draw.text((x, middle + at * size), text, font=font, fill=ink)
            draw.line([x - size * 0.1, middle, x + size * 0.7, middle], fill=ink, width=broad)
        elif kind < 0.4:
            draw.line([(x, middle), (x + size * 0.2, middle + size * 0.5), (x + size * 0.4, middle - size * 0.7), (x + size * 1.1, middle - size * 0.7)], fill=ink, width=broad)  # fmt: skip
            draw.text((x + size * 0.45, middle - size * 0.6), one, font=font, fill=ink)
            x += size * 0.4
        else:
            draw.text((x, middle - size * 0.6), one, font=font, fill=ink)
            if kind < 0.65:
                shift = chance.choice([-0.9, 0.15])
                draw.text((x + font.getlength(one), middle + shift * size), two, font=small, fill=ink)  # fmt: skip
                x += size * 0.3
        x += size
        if chance.random() < 0.7:
            draw.text((x, middle - size * 0.6), chance.choice("+-=×·<>"), font=font, fill=ink)
            x += size * 0.9
    if chance.random() < 0.15:
        draw.rectangle([3, 3, sheet.width - 4, sheet.height - 4], outline=ink, width=broad)
    return sheet


def scribble(chance: random.Random, fonts: list[str]) -> Image.Image:
    """A signature or a scribble: loops along a line, waves, coils, hatching, what a pen does idly."""
    sheet, ink = _sheet(chance, chance.randint(80, 500), chance.randint(50, 360))
    w, h = sheet.size
    for _ in range(chance.choice([1, 1, 1, 2, 3, 6])):
        kind, broad = chance.choice(["loops", "loops", "coil", "hatch", "walk", "wave"]), chance.randint(1, 6)  # fmt: skip
        hue = ink if chance.random() < 0.8 else colour(chance, 0, 200)
        x, y, reach = w * chance.uniform(0.05, 0.4), h * chance.uniform(0.3, 0.7), min(w, h) * chance.uniform(0.15, 0.5)  # fmt: skip
        along, count = w * chance.uniform(0.2, 0.6), chance.randint(60, 220)
        waves = [(chance.uniform(0.1, 1), chance.uniform(1, 14), chance.uniform(0, 6)) for _ in range(3)]  # fmt: skip
        points, at, heading = [], [x + along / 2, y], chance.uniform(0, 6)
        for i in range(count):
            t = i / count
            sway = sum(a * math.sin(6.28 * f * t + p) for a, f, p in waves) / 2
            pull = sum(a * math.cos(6.28 * f * t + p) for a, f, p in waves) / 2
            if kind == "loops":
                points.append((x + along * t + reach * 0.4 * pull, y + reach * sway * (1 - t / 2)))
            elif kind == "coil":
                points.append((x + along / 2 + reach * t * math.cos(waves[0][1] * 6.28 * t), y + reach * t * math.sin(waves[0][1] * 6.28 * t)))  # fmt: skip
            elif kind == "hatch":
                points.append((x + along * t, y + (reach if i % 2 else -reach) * chance.uniform(0.6, 1)))  # fmt: skip
            elif kind == "wave":
                points.append((x + along * t, y + reach * 0.5 * math.sin(6.28 * waves[0][1] * t)))
            else:
                heading += chance.gauss(0, 0.45)
                at = [at[0] + reach * 0.07 * math.cos(heading), at[1] + reach * 0.07 * math.sin(heading)]  # fmt: skip
                points.append((at[0], at[1]))
        if kind == "hatch":
            points = points[: chance.randint(6, 40)]
        _by_hand(chance, sheet, points, hue, broad)
        if chance.random() < 0.3:
            _by_hand(chance, sheet, bezier([(x, y + reach * 0.6), (x + along / 2, y + reach * chance.uniform(0.4, 0.8)), (x + along, y + reach * 0.5)]), hue, broad)  # fmt: skip
    return _turned(chance, sheet, 10) if chance.random() < 0.2 else sheet


def sketch(chance: random.Random, fonts: list[str]) -> Image.Image:
    """Things drawn with a pen: rings, boxes, rays, wings and legs put together; some have a name."""
    size, count = chance.randint(40, 220), chance.choice([1, 1, 1, 2, 3, 5])
    sheet, ink = _sheet(chance, int(size * (1.3 * count + 0.3)), int(size * chance.uniform(1.2, 2.2)))  # fmt: skip
    broad, coloured = max(1, size // chance.randint(18, 70)), chance.random() < 0.3
    for i in range(count):
        x, y = size * (0.8 + 1.3 * i), sheet.height / 2
        for _ in range(chance.randint(1, 7)):
            hue = colour(chance, 0, 210) if coloured else ink
            kind = chance.choice(["ring", "ring", "poly", "rays", "curve", "lines", "legs"])
            r, cx, cy = size * chance.uniform(0.06, 0.48), x + size * chance.uniform(-0.2, 0.2), y + size * chance.uniform(-0.25, 0.25)  # fmt: skip
            if kind == "ring":
                _by_hand(chance, sheet, _loop(chance, (cx, cy), r, r * chance.uniform(0.5, 1.2)), hue, broad)  # fmt: skip
            elif kind == "poly":
                corners = chance.randint(3, 6)
                turn = chance.uniform(0, 6)
                spots = [(cx + r * math.cos(turn + 6.283 * k / corners), cy + r * math.sin(turn + 6.283 * k / corners)) for k in range(corners + 1)]  # fmt: skip
                _by_hand(chance, sheet, spots, hue, broad)
            elif kind == "rays":
                for k in range(chance.randint(5, 12)):
                    turn = 6.283 * k / 10
                    _by_hand(chance, sheet, [(cx + r * math.cos(turn), cy + r * math.sin(turn)), (cx + 1.5 * r * math.cos(turn), cy + 1.5 * r * math.sin(turn))], hue, broad)  # fmt: skip
            elif kind == "curve":
                _by_hand(chance, sheet, bezier([(cx + chance.uniform(-r, r) * 2, cy + chance.uniform(-r, r)) for _ in range(4)]), hue, broad)  # fmt: skip
            elif kind == "lines":
                _by_hand(chance, sheet, [(cx - r, cy + chance.uniform(-r, r)), (cx + r, cy + chance.uniform(-r, r))], hue, broad)  # fmt: skip
            else:
                for side in (-1, 1):
                    _by_hand(chance, sheet, [(cx, cy), (cx + side * r * 0.5, cy + r * chance.uniform(0.5, 1.3))], hue, broad)  # fmt: skip
    if chance.random() < 0.3:
        font = face(chance, fonts, max(9, size // chance.randint(3, 8)))
        ImageDraw.Draw(sheet).text((size * 0.1, 2), phrase(chance, 1), font=font, fill=ink)
    return sheet.filter(ImageFilter.SMOOTH) if chance.random() < 0.3 else sheet


_DRAWERS: Drawers = (
    (line, 9),
    (label, 3),
    (loud, 2),
    (penned, 6),
    (worked, 1.5),
    (scribble, 3.5),
    (sketch, 2.5),
)


def short_text(chance: random.Random, fonts: list[str]) -> Image.Image:
    """One picture of clean short text, or drawn by hand."""
    return by_weight(_DRAWERS, chance, fonts)

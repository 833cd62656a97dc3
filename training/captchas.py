"""Pictures of CAPTCHAs: by open generators from PyPI, and by one of our own that varies freely.

`wheezy.captcha`, `gvcode` and `easy-captcha-python` of PyPI, `trek-captcha` and `captchapng` of npm are
not among them: `bench/captcha.py` keeps them for measuring on generators that were never trained on.
"""

from __future__ import annotations

import io
import math
import random
import string
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

Font = ImageFont.FreeTypeFont
Drawers = tuple[tuple[Callable[[random.Random, list[str]], Image.Image], float], ...]
LETTERS = string.ascii_letters + string.digits


def by_weight(drawers: Drawers, chance: random.Random, fonts: list[str]) -> Image.Image:
    """Draw by one of several, each as often as its weight says."""
    each, weights = zip(*drawers, strict=True)
    drawn: Image.Image = chance.choices(each, weights)[0](chance, fonts)
    return drawn


def code(chance: random.Random) -> str:
    """A text as CAPTCHAs have it."""
    kind = chance.random()
    if kind < 0.15:
        a, b = chance.randint(1, 20), chance.randint(1, 20)
        return f"{a}{chance.choice('+-x')}{b}=" + chance.choice(["", "?"])
    pools = (LETTERS, string.ascii_uppercase, string.digits, string.ascii_lowercase,
             string.ascii_uppercase + string.digits)  # fmt: skip
    pool = chance.choice(pools)
    return "".join(chance.choice(pool) for _ in range(chance.randint(3, 8)))


def _fix_old_pillow_calls() -> None:
    # claptcha and bettercaptcha call what Pillow 10 took away.
    if not hasattr(Font, "getsize"):
        Font.getsize = lambda self, text: self.getbbox(text)[2:]


def lepture(chance: random.Random, fonts: list[str]) -> Image.Image:
    from captcha.image import ImageCaptcha

    width = chance.choice([120, 160, 200, 240, 280])
    height = chance.choice([50, 60, 70, 80, 90])
    own = chance.random() < 0.4
    maker = ImageCaptcha(width, height, fonts=None if own else chance.sample(fonts, 3))
    return maker.generate_image(code(chance)[:6])


def multicolor(chance: random.Random, fonts: list[str]) -> Image.Image:
    from multicolorcaptcha import CaptchaGenerator

    maker = CaptchaGenerator(chance.randint(0, 3))
    level = chance.randint(0, 4)
    if chance.random() < 0.2:
        made: Any = maker.gen_math_captcha_image(
            difficult_level=level, multicolor=chance.random() < 0.5
        )
    else:
        mode = chance.choice(["nums", "hex", "ascii"])
        made = maker.gen_captcha_image(
            difficult_level=level, chars_mode=mode, multicolor=chance.random() < 0.6,
            margin=chance.random() < 0.6,
        )  # fmt: skip
    image: Image.Image = made.image
    if chance.random() < 0.5:  # most of its canvas may be empty: the band with the characters
        height = image.height
        image = image.crop((0, height // 6, image.width, height - height // 6))
    return image


def clap(chance: random.Random, fonts: list[str]) -> Image.Image:
    from claptcha import Claptcha

    _fix_old_pillow_calls()
    text = code(chance)
    maker = Claptcha(
        text, chance.choice(fonts), (40 * len(text), chance.randint(60, 110)),
        noise=chance.choice([0, 0.1, 0.2, 0.3, 0.5]),
    )  # fmt: skip
    image: Image.Image = maker.image[1]
    return image


def better(chance: random.Random, fonts: list[str]) -> Image.Image:
    from bettercaptcha import CaptchaImage
    from bettercaptcha.image import Background

    _fix_old_pillow_calls()
    random.seed(chance.random())
    return CaptchaImage(
        font=chance.choice(fonts), font_size=chance.randint(20, 40), text=code(chance),
        color=tuple(chance.randint(0, 140) for _ in range(3)),
        background=chance.choice([None, Background.RANDOM]),
        distortion=True, lines=chance.randint(2, 12), points=chance.randint(0, 40),
        frame=chance.random() < 0.4,
    ).create().convert("RGB")  # fmt: skip


def util(chance: random.Random, fonts: list[str]) -> Image.Image:
    from util_captcha import ImageCaptcha

    maker = ImageCaptcha()
    ground = chance.choice([(255, 255, 255, 255), (0, 0, 0, 33), (240, 240, 230, 255)])
    maker.redraw(width=chance.choice([120, 140, 160]), background=ground)
    maker.draw_chars(code(chance)[:5], space_evenly=chance.random() < 0.5)
    noise = chance.random()
    if noise < 0.7:
        maker.draw_noise_curve()
    if noise > 0.3:
        maker.draw_noise_dots(chance.randint(30, 300))
    image: Image.Image = maker.canvas
    flat = Image.new("RGB", image.size, "white")
    flat.paste(image, mask=image.getchannel("A"))
    return flat


def spotted(chance: random.Random, fonts: list[str]) -> Image.Image:
    from CaptchaGen import CaptchaConfig, CaptchaGenerator

    folder = str(Path(chance.choice([f for f in fonts if f.endswith(".ttf")])).parent)
    config = CaptchaConfig(
        width=chance.choice([160, 200, 240]), height=chance.choice([60, 80]), rotate=chance.random() < 0.7,
        noise=True, random_color=chance.random() < 0.5, dot_count=chance.randint(20, 220),
        line_count=chance.randint(1, 9),
    )  # fmt: skip
    maker = CaptchaGenerator(folder, config)
    maker.fonts = [f for f in maker.fonts if f in fonts]
    image: Image.Image = maker.generate()[0]
    return image


def scattered(chance: random.Random, fonts: list[str]) -> Image.Image:
    from pyimgcaptcha.module import generate_captcha

    # It saves under a name, from which Pillow takes the format; a buffer may have one too.
    stored = io.BytesIO()
    stored.name = "captcha.png"  # type: ignore[attr-defined]
    generate_captcha(stored)
    return Image.open(stored)


@cache
def _waver() -> Any:
    from light_captcha.generator import CaptchaGenerator

    return CaptchaGenerator()


def light(chance: random.Random, fonts: list[str]) -> Image.Image:
    image: Image.Image = _waver().generate(chance.choice(["english", "english", "persian"])).data
    return image


def colour(chance: random.Random, low: int = 0, high: int = 255) -> tuple[int, int, int]:
    return chance.randint(low, high), chance.randint(low, high), chance.randint(low, high)


def ours(chance: random.Random, fonts: list[str]) -> Image.Image:
    """Random characters, each turned and placed for itself, warped, among random clutter."""
    text = code(chance)
    size = chance.randint(24, 56)
    width = int(size * (len(text) * chance.uniform(0.6, 1.0) + 0.8))
    height = int(size * chance.uniform(1.3, 2.0))
    dark = chance.random() < 0.25
    ground = colour(chance, 0, 90) if dark else colour(chance, 170, 255)
    if chance.random() < 0.4:
        ground = (20, 20, 20) if dark else (255, 255, 255)
    image = _ground(chance, width, height, ground)
    one = colour(chance, 150, 255) if dark else colour(chance, 0, 140)
    many = chance.random() < 0.4
    faces = [chance.choice(fonts) for _ in range(chance.choice([1, 1, 3, 5]))]
    turn = chance.choice([8, 20, 35])
    x = size * chance.uniform(0.1, 0.4)
    step = (width - size * 0.6) / len(text)
    for letter in text:
        ink = (colour(chance, 150, 255) if dark else colour(chance, 0, 140)) if many else one
        glyph = _glyph(chance, letter, faces, size, ink, turn)
        top = (height - glyph.height) // 2 + chance.randint(-height // 8, height // 8)
        image.paste(glyph, (int(x), top), glyph)
        x += step * chance.uniform(0.85, 1.1)
    strength = chance.uniform(0.03, 0.09) if chance.random() < 0.6 else 0
    if strength:
        image = warped(chance, image, strength)
    # What is hardly bent needs something in the way to be a CAPTCHA; letters set by hand are none.
    least = 0 if strength > 0.05 and turn > 8 else 1 if strength or turn > 8 else 2
    _clutter(chance, image, one if chance.random() < 0.5 else None, least)
    if chance.random() < 0.25:
        image = image.filter(ImageFilter.SMOOTH)
    return image


def crossed(chance: random.Random, fonts: list[str]) -> Image.Image:
    """Characters bent each for itself and pushed together, crossed by a curve, with spots in them.

    Few and plain grounds: what tells them from a line of writing that is struck out is the bending.
    """
    text = code(chance)[:7]
    text += chance.choice(LETTERS) if len(text) < 4 else ""
    size = chance.randint(24, 60)
    dark = chance.random() < 0.2
    ground = colour(chance, 0, 90) if dark else colour(chance, 190, 255)
    ink = colour(chance, 150, 255) if dark else colour(chance, 0, 160)
    faces = [chance.choice(fonts) for _ in range(chance.choice([1, 3, 6, 9]))]
    turn, bend, squeeze = chance.choice([12, 20, 30]), chance.uniform(0.12, 0.3), chance.uniform(0.75, 1)  # fmt: skip
    masks = [_bent(chance, letter, faces, size, turn, bend) for letter in text]
    width = int(sum(m.width * squeeze for m in masks) + size)
    image = _ground(chance, width, int(size * chance.uniform(1.5, 2.2)), ground) if chance.random() < 0.4 else Image.new("RGB", (width, int(size * chance.uniform(1.5, 2.2))), ground)  # fmt: skip
    x, drift = size * chance.uniform(0.2, 0.6), chance.uniform(0, 0.2)
    for mask in masks:
        y = (image.height - mask.height) / 2 + chance.uniform(-drift, drift) * size
        image.paste(ink, (int(x), int(y)), mask)
        x += mask.width * squeeze
    if chance.random() < 0.25:
        image = warped(chance, image, chance.uniform(0.02, 0.05))
    draw, own = ImageDraw.Draw(image), chance.random() < 0.7
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        line = _curve(chance, image.width, image.height)
        draw.line(line, fill=ink if own else colour(chance), width=max(1, size // chance.randint(7, 18)))  # fmt: skip
    spots = ground if chance.random() < 0.6 else colour(chance)
    r = chance.choice([0, 1, 1, 2])
    for _ in range(chance.choice([0, 30, 60, 150])):
        x, y = chance.uniform(0, image.width), chance.uniform(0, image.height)
        draw.ellipse([x, y, x + r, y + r], fill=spots)
    return image.filter(ImageFilter.SMOOTH) if chance.random() < 0.5 else image


def _bent(chance: random.Random, letter: str, faces: list[str], size: int, turn: int, bend: float) -> Image.Image:  # fmt: skip
    """A character turned, and drawn into the corners of a crooked box, as a mask."""
    font = ImageFont.truetype(chance.choice(faces), int(size * chance.uniform(0.85, 1.25)))
    left, top, right, bottom = (int(side) for side in font.getbbox(letter))
    w, h = max(4, right - left), max(4, bottom - top)
    mask = Image.new("L", (w + 4, h + 4))
    ImageDraw.Draw(mask).text((2 - left, 2 - top), letter, font=font, fill=255)

    def off(side: int) -> float:
        return chance.uniform(-bend, bend) * side

    corners = (off(w), off(h), off(w), h + 4 + off(h), w + 4 + off(w), h + 4 + off(h), w + 4 + off(w), off(h))  # fmt: skip
    mask = mask.transform(mask.size, Image.Transform.QUAD, corners, Image.Resampling.BILINEAR)
    return mask.rotate(chance.uniform(-turn, turn), Image.Resampling.BILINEAR, expand=True)


def upright(chance: random.Random, fonts: list[str]) -> Image.Image:
    """Characters that stand nearly straight, of ornamental or mixed faces, with little clutter.

    What makes it none of the labels that look alike: characters that are no word, each of another
    size, place, colour or face, and what crosses them or eats at them. One line or one ring across
    characters of one face in a row is what a price struck out or a logo has, and is not drawn.
    """
    text = code(chance)
    size = chance.randint(22, 52)
    mixed, many = chance.random() < 0.5, chance.random() < 0.5
    shift = chance.uniform(0, 0.25)
    dark = chance.random() < 0.2
    ground = colour(chance, 0, 80) if dark else colour(chance, 205, 255)
    if chance.random() < 0.5:
        ground = (10, 10, 10) if dark else (255, 255, 255)
    one = colour(chance, 150, 255) if dark else colour(chance, 0, 150)
    font = chance.choice(fonts)
    glyphs = [
        ImageFont.truetype(chance.choice(fonts) if mixed else font, int(size * chance.uniform(0.85, 1.2)))
        for _ in text
    ]  # fmt: skip
    gap = size * chance.uniform(-0.12, 0.45)
    width = int(sum(f.getlength(c) + gap for f, c in zip(glyphs, text, strict=True)) + size * 0.6)
    height = int(size * chance.uniform(1.2, 1.8))
    image = _ground(chance, max(width, 2 * height), height, ground)
    draw = ImageDraw.Draw(image)
    x = size * chance.uniform(0.1, 0.5)
    for each, letter in zip(glyphs, text, strict=True):
        ink = (colour(chance, 150, 255) if dark else colour(chance, 0, 150)) if many else one
        y = (height - each.size * 1.2) / 2 + chance.uniform(-shift, shift) * size
        draw.text((x, y), letter, font=each, fill=ink)
        x += each.getlength(letter) + gap
    uneven = mixed or shift > 0.12
    clutter = chance.sample(
        ("curve", "rings", "dots", "line", "eaten"), chance.choice([1, 2, 3] if uneven else [2, 3])
    )
    if "eaten" in clutter:
        image = _eaten(chance, image, ground)
        draw = ImageDraw.Draw(image)

    def hue() -> tuple[int, int, int]:
        return one if chance.random() < 0.4 else colour(chance, 0, 200)

    if "curve" in clutter:
        for _ in range(chance.choice([1, 1, 2])):
            points = _curve(chance, image.width, height)
            draw.line(points, fill=hue(), width=chance.randint(1, 3))
    if "rings" in clutter:
        for _ in range(chance.randint(2, 6)):
            r, x, y = chance.randint(2, height // 2), chance.uniform(0, image.width), chance.uniform(0, height)  # fmt: skip
            draw.ellipse([x - r, y - r, x + r, y + r], outline=hue(), width=chance.randint(1, 2))
    if "dots" in clutter:
        for _ in range(chance.randint(50, 160)):
            draw.point((chance.uniform(0, image.width), chance.uniform(0, height)), fill=hue())
    if "line" in clutter:
        for _ in range(chance.randint(1, 4)):
            ends = [0, chance.uniform(0, height), image.width, chance.uniform(0, height)]
            draw.line(ends, fill=hue(), width=chance.randint(1, 2))
    return image


def _eaten(chance: random.Random, image: Image.Image, ground: tuple[int, int, int]) -> Image.Image:
    """Shift rows against each other, and eat at the edges of the characters."""
    pixels = np.asarray(image).copy()
    numbers = np.random.default_rng(chance.randint(0, 2**31))
    reach = chance.choice([0, 1, 1, 2])
    for y in range(len(pixels)):
        pixels[y] = np.roll(pixels[y], numbers.integers(-reach, reach + 1), axis=0)
    if chance.random() < 0.6:
        pixels[numbers.random(pixels.shape[:2]) < chance.uniform(0.03, 0.2)] = ground
    return Image.fromarray(pixels)


@cache
def _drawn(folder: str) -> tuple[str, ...]:
    return tuple(str(path) for path in sorted(Path(folder).glob("*.svg")))


def drawn(chance: random.Random, folder: str) -> Image.Image:
    """One of a folder of SVG documents, as `captchas.mjs` writes them."""
    import resvg_py

    path = chance.choice(_drawn(folder))
    width = chance.choice([None, None, 200, 300])
    made = resvg_py.svg_to_bytes(svg_path=path, width=width, background="white")
    return Image.open(io.BytesIO(bytes(made)))


def _ground(
    chance: random.Random, width: int, height: int, ground: tuple[int, int, int]
) -> Image.Image:
    base = np.full((height, width, 3), ground, np.float32)
    kind = chance.random()
    numbers = np.random.default_rng(chance.randint(0, 2**31))
    if kind < 0.2:
        base += np.linspace(-40, 40, width)[None, :, None]
    elif kind < 0.4:
        base += numbers.normal(0, chance.uniform(5, 40), base.shape)
    elif kind < 0.5:
        base[:: chance.randint(4, 9)] -= 60
        base[:, :: chance.randint(4, 9)] -= 60
    elif kind < 0.6:
        rough = Image.fromarray(numbers.integers(0, 255, (4, 9, 3), dtype=np.uint8))
        base = base * 0.6 + 0.4 * np.asarray(
            rough.resize((width, height), Image.Resampling.BICUBIC)
        )
    return Image.fromarray(np.clip(base, 0, 255).astype(np.uint8))


def _glyph(
    chance: random.Random, letter: str, faces: list[str], size: int, ink: tuple[int, int, int],
    turn: int,
) -> Image.Image:  # fmt: skip
    font = ImageFont.truetype(chance.choice(faces), int(size * chance.uniform(0.85, 1.15)))
    box = font.getbbox(letter)
    glyph = Image.new("RGBA", (int(box[2]) + 8, int(box[3]) + 8))
    draw = ImageDraw.Draw(glyph)
    if chance.random() < 0.1:  # hollow
        draw.text((4, 2), letter, font=font, fill=(0, 0, 0, 0), stroke_width=1, stroke_fill=ink)
    else:
        draw.text((4, 2), letter, font=font, fill=ink)
    if chance.random() < 0.4:
        shear = chance.uniform(-0.4, 0.4)
        glyph = glyph.transform(
            glyph.size, Image.Transform.AFFINE, (1, shear, -shear * glyph.height / 2, 0, 1, 0)
        )
    return glyph.rotate(chance.uniform(-turn, turn), Image.Resampling.BILINEAR, expand=True)


def warped(chance: random.Random, image: Image.Image, strength: float) -> Image.Image:
    """Shift rows and columns along sine waves of `strength` times the height."""
    import cv2

    height, width = image.height, image.width
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    reach = strength * height
    waves = chance.uniform(0.6, 2.2)
    dx = reach * np.sin(2 * math.pi * y / height * waves + chance.uniform(0, 6))
    dy = reach * 1.4 * np.sin(2 * math.pi * x / width * waves * 1.5 + chance.uniform(0, 6))
    moved = cv2.remap(np.asarray(image), (x + dx).astype(np.float32), (y + dy).astype(np.float32),
                      cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)  # fmt: skip
    return Image.fromarray(moved)


def _clutter(
    chance: random.Random, image: Image.Image, ink: tuple[int, int, int] | None, least: int
) -> None:
    draw = ImageDraw.Draw(image)
    width, height = image.size

    def hue() -> tuple[int, int, int]:
        return ink or colour(chance)

    kinds = chance.sample(["lines", "curves", "dots", "specks", "arcs"], chance.randint(least, 3))
    if "lines" in kinds:
        for _ in range(chance.randint(2, 9)):
            ends = [chance.randint(0, width), chance.randint(0, height),
                    chance.randint(0, width), chance.randint(0, height)]  # fmt: skip
            draw.line(ends, fill=hue(), width=chance.randint(1, 3))
    if "curves" in kinds:
        for _ in range(chance.randint(1, 4)):
            draw.line(_curve(chance, width, height), fill=hue(), width=chance.randint(1, 4))
    if "arcs" in kinds:
        for _ in range(chance.randint(1, 5)):
            x, y = chance.randint(-width // 2, width), chance.randint(-height, height)
            box = [x, y, x + chance.randint(10, width), y + chance.randint(10, 2 * height)]
            draw.arc(box, chance.randint(0, 180), chance.randint(181, 360), fill=hue(), width=2)
    if "dots" in kinds:
        for _ in range(chance.randint(10, 80)):
            x, y, r = chance.randint(0, width), chance.randint(0, height), chance.randint(1, 4)
            draw.ellipse([x - r, y - r, x + r, y + r], fill=hue())
    if "specks" in kinds:
        if chance.random() < 0.3:  # of the ground's colour, so that they eat into the letters
            ink = image.getpixel((0, 0))
        spots = [(chance.randrange(width), chance.randrange(height))
                 for _ in range(chance.randint(50, 700))]  # fmt: skip
        r = chance.choice([0, 0, 1])
        tone = hue()
        for x, y in spots[: 120 if r else 700]:
            draw.ellipse([x - r, y - r, x + r, y + r], fill=tone)


def _curve(chance: random.Random, width: int, height: int) -> list[tuple[float, float]]:
    points = [(chance.uniform(-0.1, 0.25) * width, chance.uniform(0, height))]
    points += [(chance.uniform(0.2, 0.8) * width, chance.uniform(0, height)) for _ in range(2)]
    points.append((chance.uniform(0.75, 1.1) * width, chance.uniform(0, height)))
    return bezier(points)


def bezier(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Points along the Bézier curve of control points."""
    n = len(points) - 1
    line = []
    for i in range(25):
        t = i / 24
        weights = [math.comb(n, k) * t**k * (1 - t) ** (n - k) for k in range(n + 1)]
        line.append((sum(w * p[0] for w, p in zip(weights, points, strict=True)),
                     sum(w * p[1] for w, p in zip(weights, points, strict=True))))  # fmt: skip
    return line


GENERATORS: Drawers = (
    (lepture, 3),
    (multicolor, 2),
    (clap, 2),
    (better, 1.5),
    (util, 1.5),
    (spotted, 1.5),
    (scattered, 1),
    (light, 0.5),
    (ours, 8),
    (crossed, 14),
    (upright, 5),
)


_DRAWN = 0.08  # of all, where there is a folder of them


def captcha(chance: random.Random, fonts: list[str], folder: str = "") -> Image.Image:
    """One CAPTCHA by a random generator, or of a folder of SVG documents."""
    if folder and chance.random() < _DRAWN:
        return drawn(chance, folder).convert("RGB")
    random.seed(chance.random())  # the generators draw from the module's own state
    return by_weight(GENERATORS, chance, fonts).convert("RGB")

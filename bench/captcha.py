"""How many CAPTCHAs are refused, and how many ordinary pictures wrongly: prints a table.

    python bench/captcha.py [--count 1000]

The CAPTCHAs are those of `wheezy.captcha`, a generator that the detector was not trained on, in
its own and in harder settings. The ordinary pictures are none that it was trained on either:
drawn receipts, signs and forms, the shipped samples, photographs that training left out, and small
pictures of text drawn here by other code than the training's.
"""

from __future__ import annotations

import argparse
import io
import random
import string
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.papers import papers
from sightline.perception.captcha import CaptchaDetector

HERE = Path(__file__).parent
Chance = random.Random


def faces() -> list[str]:
    """The typefaces of the development extras."""
    import font_amatic_sc
    import font_caladea
    import font_fredoka_one
    import font_hanken_grotesk
    import font_source_sans_pro
    import font_source_serif_pro

    kits = (font_amatic_sc, font_caladea, font_fredoka_one, font_hanken_grotesk,
            font_source_sans_pro, font_source_serif_pro)  # fmt: skip
    return [
        str(path)
        for kit in kits
        for end in ("*.ttf", "*.otf")
        for path in sorted(Path(kit.__path__[0]).rglob(end))
        if "Variable" not in path.name and "[" not in path.name
    ]


def hue(chance: Chance, low: int, high: int) -> tuple[int, int, int]:
    return chance.randint(low, high), chance.randint(low, high), chance.randint(low, high)


def hexed(colour: tuple[int, int, int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _made(image: object) -> Image.Image:
    assert isinstance(image, Image.Image)
    return image


def wheezy(chance: Chance, fonts: list[str], *, plain: bool) -> Image.Image:
    """A CAPTCHA of wheezy.captcha: as its documents show it, or with its settings varied."""
    from wheezy.captcha import image as kit

    random.seed(chance.random())
    text = "".join(chance.choice(string.ascii_uppercase + string.digits) for _ in range(4))
    if plain:
        steps = [kit.background(), kit.text(fonts=fonts, drawings=[kit.warp(), kit.rotate(), kit.offset()]),
                 kit.curve(), kit.noise(), kit.smooth()]  # fmt: skip
        return _made(kit.captcha(steps)(text))
    text += "".join(chance.choice(string.ascii_lowercase) for _ in range(chance.randint(0, 3)))
    ink = hexed(hue(chance, 0, 150))
    drawings = [
        kit.warp(chance.uniform(0.1, 0.4), chance.uniform(0.1, 0.3)),
        kit.rotate(chance.randint(10, 35)),
    ]
    if chance.random() < 0.7:
        drawings.append(kit.offset())
    steps = [kit.background(hexed(hue(chance, 200, 255))),
             kit.text(fonts=fonts, font_sizes=(40, 50, 60), drawings=drawings, color=ink, squeeze_factor=chance.uniform(0.7, 1.0))]  # fmt: skip
    if chance.random() < 0.8:
        steps.append(
            kit.curve(hexed(hue(chance, 0, 200)), chance.randint(2, 5), chance.randint(4, 8))
        )
    if chance.random() < 0.8:
        steps.append(
            kit.noise(chance.randint(30, 200), hexed(hue(chance, 0, 255)), chance.randint(1, 3))
        )
    if chance.random() < 0.5:
        steps.append(kit.smooth())
    width, height = chance.choice([160, 200, 240]), chance.choice([60, 75, 90])
    return _made(kit.captcha(steps, width=width, height=height)(text))


NAMES = "Harbour Café|Nordlicht|BLUE ORCHID|Miller & Sons|quick print|Lumen 7|A. Weber|Room 204|TOP DEAL"
NAMES += (
    "|Bäckerei Huber|Gleis 4|KEEP LEFT|Fire Door|Staff Only|Visitor|No. 4711|20% off|18:45|€ 3,20"
)
NAMES += (
    "|ZH 482 913|SN X9K4-77QA|Gate B12|Level 3|Wi-Fi: guest2026|PIN 8301|See you soon!|Dear Anna"
)
SHORT = NAMES.split("|")


def small_text(chance: Chance, fonts: list[str]) -> Image.Image:
    """A logo, a plate, a label, a button or a note: a few words on a plain or busy ground."""
    text = chance.choice(SHORT)
    size = chance.randint(18, 60)
    font = ImageFont.truetype(chance.choice(fonts), size)
    width, height = (
        int(font.getlength(text)) + chance.randint(16, 120),
        int(size * chance.uniform(1.4, 3)),
    )
    dark = chance.random() < 0.4
    image = Image.new(
        "RGB", (width, height), hue(chance, 0, 100) if dark else hue(chance, 190, 255)
    )
    draw = ImageDraw.Draw(image)
    style = chance.choice(["plain", "frame", "icon", "rule", "shadow", "split"])
    ink = hue(chance, 180, 255) if dark else hue(chance, 0, 120)
    if style == "frame":
        draw.rounded_rectangle(
            [2, 2, width - 3, height - 3],
            chance.randint(0, 14),
            outline=ink,
            width=chance.randint(1, 5),
        )
    if style == "icon":
        draw.ellipse([4, height // 4, 4 + height // 2, height * 3 // 4], fill=hue(chance, 0, 255))
    if style == "rule":
        draw.line([6, height - 6, width - 6, height - 6], fill=ink, width=2)
    if style == "split":
        draw.rectangle([0, 0, width // 2, height], fill=hue(chance, 120, 200))
    x, y = (width - font.getlength(text)) / 2, (height - size * 1.2) / 2
    if style == "shadow":
        draw.text((x + 2, y + 3), text, font=font, fill=hue(chance, 100, 160))
    draw.text((x, y), text, font=font, fill=ink)
    if chance.random() < 0.25:
        image = image.rotate(
            chance.uniform(-10, 10),
            Image.Resampling.BICUBIC,
            expand=True,
            fillcolor=image.getpixel((0, 0)),
        )
    if chance.random() < 0.4:
        stored = io.BytesIO()
        image.save(stored, "JPEG", quality=chance.randint(40, 90))
        image = Image.open(stored).convert("RGB")
    return image


def drawn_papers(chance: Chance, count: int) -> Iterator[Image.Image]:
    """Receipts, signs and forms, whole and in pieces of a few lines."""
    for paper in papers(chance.randint(0, 10**6), max(1, count // 5)):
        image = paper.image.convert("RGB")
        yield image
        for _ in range(4):
            w, h = (
                min(image.width, chance.randint(140, 400)),
                min(image.height, chance.randint(50, 160)),
            )
            x, y = chance.randint(0, image.width - w), chance.randint(0, image.height - h)
            yield image.crop((x, y, x + w, y + h))


def photographs(chance: Chance, count: int) -> Iterator[Image.Image]:
    """Pieces of photographs and scans that were not trained on."""
    from skimage import data
    from sklearn import datasets

    wholes = [getattr(data, name)() for name in ("chelsea", "text", "page", "clock", "coins", "horse", "hubble_deep_field", "immunohistochemistry", "retina")]  # fmt: skip
    wholes.append(datasets.load_sample_images().images[1])
    images = [
        Image.fromarray(p * np.uint8(255) if p.dtype == bool else p).convert("RGB") for p in wholes
    ]
    for _ in range(count):
        image = chance.choice(images)
        w, h = chance.randint(60, image.width), chance.randint(40, image.height)
        x, y = chance.randint(0, image.width - w), chance.randint(0, image.height - h)
        yield image.crop((x, y, x + w, y + h))


def samples() -> Iterator[Image.Image]:
    for path in sorted((HERE.parent / "samples").glob("*.png")):
        yield Image.open(path).convert("RGB")


def main() -> None:
    made = argparse.ArgumentParser()
    made.add_argument("--count", type=int, default=1000)
    made.add_argument("--seed", type=int, default=7)
    options = made.parse_args()
    chance, count, fonts = Chance(options.seed), options.count, faces()
    detector = CaptchaDetector()
    times: list[float] = []

    def refused(images: Iterator[Image.Image]) -> tuple[int, int]:
        hits = seen = 0
        for image in images:
            pixels = np.asarray(image.convert("RGB"))
            began = time.perf_counter()
            hits += detector.is_captcha(pixels)
            times.append(time.perf_counter() - began)
            seen += 1
        return hits, seen

    rows: list[tuple[str, Callable[[], Iterator[Image.Image]]]] = [
        ("CAPTCHAs as documented", lambda: (wheezy(chance, fonts, plain=True) for _ in range(count))),
        ("CAPTCHAs varied", lambda: (wheezy(chance, fonts, plain=False) for _ in range(count))),
        ("small pictures of text", lambda: (small_text(chance, fonts) for _ in range(2 * count))),
        ("papers and pieces", lambda: drawn_papers(chance, count)),
        ("photographs and scans", lambda: photographs(chance, count)),
        ("samples", samples),
    ]  # fmt: skip
    wrong = ordinary = 0
    for name, draw in rows:
        hits, seen = refused(draw())
        print(f"{name:<24} {hits:>5} of {seen:>5} refused  {hits / seen:7.2%}")
        if not name.startswith("CAPTCHAs"):
            wrong, ordinary = wrong + hits, ordinary + seen
    print(
        f"{'all ordinary pictures':<24} {wrong:>5} of {ordinary:>5} refused  {wrong / ordinary:7.2%}"
    )
    times.sort()
    print(
        f"one picture: {times[len(times) // 2] * 1000:.1f} ms median, {times[-1 - len(times) // 100] * 1000:.1f} ms at the 99th percentile"
    )


if __name__ == "__main__":
    main()

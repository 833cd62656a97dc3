"""How many CAPTCHAs are refused, and how many ordinary pictures wrongly: prints a table.

    python bench/captcha.py [--count 1000] [--photos FOLDER] [--singles FOLDER] [--receipts FOLDER]
                            [--symbols] [--captchas FOLDER ...]

The CAPTCHAs are those of generators that the detector was not trained on: `wheezy.captcha`, in its
own and in harder settings, and `gvcode` and `easy-captcha-python` where they are installed
(`pip install --no-deps gvcode==1.0.3 easy-captcha-python==1.0.0`), and those of a folder that
`training/captchas.mjs` drew with generators of npm. The ordinary pictures are none
that it was trained on either: drawn receipts, signs and forms, strips of words, plots and diagrams,
clean short text, what is written and drawn by hand, the shipped samples, photographs that training left out, and small pictures of text, drawn here by
other code than the training's. Of a folder that is named, of photographs of scenes, of single
things or of receipts, every other picture by its name is measured with, whole and in pieces, and
training takes those between. `--symbols` draws with icon sets, and with more typefaces, of npm that training leaves alone; it
needs resvg-py and fonttools.
"""

from __future__ import annotations

import argparse
import io
import random
import string
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.papers import papers
from bench.short_text import by_hand, designed, printed, sent
from sightline.perception.captcha import CaptchaDetector
from training.halves import half
from training.packages import typefaces

HERE = Path(__file__).parent
Chance = random.Random
Row = tuple[str, Callable[[], Iterator[Image.Image]]]


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


def gv(chance: Chance) -> Image.Image:
    """A CAPTCHA of gvcode: as its documents show it, or with its settings varied."""
    from gvcode import VFCode

    random.seed(chance.random())
    settings: dict[str, object] = {}
    if chance.random() < 0.5:
        settings = {
            "width": chance.choice([120, 160, 200]),
            "height": chance.choice([50, 60, 80]),
            "fontsize": chance.choice([30, 40, 50]),
            "draw_dots": chance.random() < 0.6,
            "lines_width": chance.randint(1, 3),
            "mask": chance.random() < 0.4,
            "font_background_value": chance.choice(["#ffffff", "#eeeeff", "#fff0d0"]),
        }
    maker = VFCode(**settings)
    kind = chance.choice(["generate_digit", "generate_alpha", "generate_mix", "generate_op"])
    getattr(maker, kind)()
    return Image.open(io.BytesIO(maker.get_img_bytes())).convert("RGB")


def easy(chance: Chance) -> Image.Image:
    """A CAPTCHA of easy-captcha-python: upright ornamental characters, a curve, two rings."""
    import easy_captcha

    random.seed(chance.random())
    size = chance.choice([(130, 48), (130, 48), (160, 48), (200, 60)])
    if chance.random() < 0.7:
        maker = easy_captcha.SpecCaptcha(*size, chance.randint(4, 6))
    else:
        maker = easy_captcha.ArithmeticCaptcha(*size)
    maker.set_font(chance.randint(0, 9))
    stored = io.BytesIO()
    maker.out(stored)
    return Image.open(stored).convert("RGB")


def strips(chance: Chance, fonts: list[str], count: int) -> Iterator[Image.Image]:
    """Plain words side by side in a wide strip, as banners, menus and time lines are."""
    words = "Monday Tuesday Wednesday Home Products Prices Contact Step one alpha beta gamma delta 1999 2004 2017 Zürich Basel North Start Finish Yes No Team About".split()
    for _ in range(count):
        size, columns = chance.randint(14, 80), chance.randint(2, 8)
        font = ImageFont.truetype(chance.choice(fonts), size)
        step = int(size * chance.uniform(6, 16))
        paper, ink = ("white", "black") if chance.random() < 0.6 else (hue(chance, 180, 255), hue(chance, 0, 90))  # fmt: skip
        image = Image.new("RGB", (step * columns, int(size * chance.uniform(1.5, 6))), paper)
        draw = ImageDraw.Draw(image)
        for i, word in enumerate(chance.sample(words, columns)):
            draw.text((step * i + size, (image.height - size) // 2), word, font=font, fill=ink)
        yield image


def figures(chance: Chance, fonts: list[str], count: int) -> Iterator[Image.Image]:
    """Curves with their axes, boxes joined by arrows, and rows of icons."""
    for i in range(count):
        image = Image.new("RGB", (chance.randint(240, 900), chance.randint(140, 600)), "white")
        draw = ImageDraw.Draw(image)
        font = ImageFont.truetype(chance.choice(fonts), chance.randint(10, 18))
        (_curves, _boxes, _icons)[i % 3](chance, draw, font, image.size)
        yield image


def _curves(
    chance: Chance, draw: ImageDraw.ImageDraw, font: ImageFont.FreeTypeFont, size: tuple[int, int]
) -> None:
    width, height = size
    draw.line([40, 10, 40, height - 30, width - 10, height - 30], fill="black")
    for tick in range(5):
        draw.text(
            (40 + tick * (width - 60) // 5, height - 26), str(tick * 5), font=font, fill="black"
        )
        draw.text((6, height - 40 - tick * (height - 60) // 5), str(tick), font=font, fill="black")
    for _ in range(chance.randint(1, 4)):
        turns, lift = chance.uniform(0.5, 9), chance.uniform(0.2, 0.45)
        rise = np.sin(np.linspace(0, turns, 80)) + np.cumsum(
            [chance.uniform(-0.2, 0.2) for _ in range(80)]
        )
        ys = height / 2 - rise / max(1e-6, float(np.abs(rise).max())) * height * lift
        xs = np.linspace(40, width - 10, 80)
        draw.line(
            list(zip(xs.tolist(), ys.tolist(), strict=True)), fill=hue(chance, 0, 200), width=2
        )
    draw.text((width // 3, 4), chance.choice(SHORT), font=font, fill="black")


def _boxes(
    chance: Chance, draw: ImageDraw.ImageDraw, font: ImageFont.FreeTypeFont, size: tuple[int, int]
) -> None:
    width, height = size
    count = chance.randint(2, 5)
    step = width / count
    for i in range(count):
        left, top = i * step + step * 0.1, height * chance.uniform(0.1, 0.5)
        box = [left, top, left + step * 0.7, top + height * 0.35]
        shape = chance.choice([draw.rectangle, draw.ellipse])
        shape(box, outline=hue(chance, 0, 160), fill=hue(chance, 200, 255), width=2)
        draw.text((left + 8, top + height * 0.15), chance.choice(SHORT), font=font, fill="black")
        if i:
            y = height * 0.45
            draw.line([left - step * 0.3, y, left, y], fill="black", width=2)
            draw.polygon([(left, y), (left - 9, y - 5), (left - 9, y + 5)], fill="black")


def _icons(
    chance: Chance, draw: ImageDraw.ImageDraw, font: ImageFont.FreeTypeFont, size: tuple[int, int]
) -> None:
    width, height = size
    side = min(height * 0.6, width / 4)
    for i in range(chance.randint(1, 3)):
        x, y = side * 0.2 + i * side * 1.3, height * 0.2
        draw.rounded_rectangle([x, y, x + side, y + side], side / 5, fill=hue(chance, 0, 255))
        draw.ellipse([x + side * 0.25, y + side * 0.25, x + side * 0.75, y + side * 0.75], outline="white", width=max(2, int(side / 12)))  # fmt: skip
        draw.line([x + side * 0.3, y + side * 0.7, x + side * 0.7, y + side * 0.3], fill="white", width=max(2, int(side / 14)))  # fmt: skip
        draw.text((x, y + side + 4), chance.choice(SHORT), font=font, fill="black")


def held(folder: Path) -> Iterator[Image.Image]:
    """The pictures of a folder that training leaves alone."""
    for path in half(folder, measured=True):
        yield Image.open(path).convert("RGB")


def pieces(chance: Chance, folder: Path) -> Iterator[Image.Image]:
    """Four pieces of each of them, most of the shape that CAPTCHAs have."""
    for image in held(folder):
        for _ in range(4):
            width = chance.randint(image.width // 4, image.width)
            height = min(image.height, max(24, int(width / chance.uniform(1, 5))))
            x, y = chance.randint(0, image.width - width), chance.randint(0, image.height - height)
            yield image.crop((x, y, x + width, y + height))


def samples() -> Iterator[Image.Image]:
    for path in sorted((HERE.parent / "samples").glob("*.png")):
        yield Image.open(path).convert("RGB")


def files(folder: Path) -> Iterator[Image.Image]:
    """Every picture of a folder, on white where it is transparent."""
    for path in sorted(folder.iterdir()):
        drawn = Image.open(path).convert("RGBA")
        ground = Image.new("RGB", drawn.size, "white")
        ground.paste(drawn, mask=drawn)
        yield ground


def short_text(
    chance: Chance, draw: Callable[[Chance, list[str]], Image.Image], fonts: list[str], count: int
) -> Iterator[Image.Image]:
    """Pictures of few shapes on an even ground, as people send them."""
    for _ in range(count):
        yield sent(chance, draw(chance, fonts))


def unseen_symbols(chance: Chance, fonts: list[str], count: int) -> Iterator[Image.Image]:
    """Icons, logos and flags of sets that training never sees: alone, named, in rows and lists."""
    from training.symbols import symbols

    for _ in range(count):
        yield symbols(chance, fonts, held=True)


def main() -> None:
    made = argparse.ArgumentParser()
    made.add_argument("--count", type=int, default=1000)
    made.add_argument("--seed", type=int, default=7)
    made.add_argument("--photos", type=Path, help="a folder of photographs of scenes")
    made.add_argument("--singles", type=Path, help="a folder of photographs of single things")
    made.add_argument("--receipts", type=Path, help="a folder of scanned receipts")
    made.add_argument("--captchas", type=Path, action="append", default=[],
                      help="a folder of CAPTCHAs that training/captchas.mjs drew")  # fmt: skip
    made.add_argument("--symbols", action="store_true", help="icons and logos of sets from npm too")
    options = made.parse_args()
    chance, count, fonts = Chance(options.seed), options.count, faces()
    more = fonts + typefaces(held=True) if options.symbols else fonts
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

    captchas: list[Row] = [
        ("wheezy as documented", lambda: (wheezy(chance, fonts, plain=True) for _ in range(count))),
        ("wheezy varied", lambda: (wheezy(chance, fonts, plain=False) for _ in range(count))),
    ]
    for name, package, draw in (("gvcode", "gvcode", gv), ("easy-captcha-python", "easy_captcha", easy)):  # fmt: skip
        if find_spec(package) is not None:
            captchas.append((name, lambda draw=draw: (draw(chance) for _ in range(count))))  # type: ignore[misc]
    captchas += [(each.name, partial(files, each)) for each in options.captchas]
    print(f"{'CAPTCHAs, by generator':<26}{'refused':>16}{'missed':>18}")
    for name, drawn in captchas:
        hits, seen = refused(drawn())
        print(f"{name:<26}{hits:>7}{hits / seen:9.2%}{seen - hits:>9}{1 - hits / seen:9.2%}")
    ordinary: list[Row] = [
        ("small pictures of text", lambda: (small_text(chance, fonts) for _ in range(2 * count))),
        ("strips of plain words", lambda: strips(chance, fonts, count)),
        ("plots, diagrams, icons", lambda: figures(chance, fonts, count)),
        ("papers and pieces", lambda: drawn_papers(chance, count)),
        ("photographs and scans", lambda: photographs(chance, count)),
        ("samples", samples),
        ("clean short text", lambda: short_text(Chance(options.seed), printed, more, count)),
        ("buttons, plates, cards", lambda: short_text(Chance(options.seed), designed, more, count)),
        ("by hand", lambda: short_text(Chance(options.seed), by_hand, more, count)),
    ]
    if options.symbols:
        ordinary.append(("icons, logos, flags", lambda: unseen_symbols(chance, fonts, count)))
    for name in ("photos", "singles", "receipts"):
        folder: Path | None = getattr(options, name)
        if folder is not None:
            ordinary.append((f"{name}, whole", lambda folder=folder: held(folder)))  # type: ignore[misc]
            ordinary.append((f"{name}, pieces", lambda folder=folder: pieces(chance, folder)))  # type: ignore[misc]
    print(f"{'ordinary pictures':<26}{'refused':>16}{'let through':>18}")
    wrong = total = 0
    for name, drawn in ordinary:
        hits, seen = refused(drawn())
        print(f"{name:<26}{hits:>7}{hits / seen:9.2%}{seen - hits:>9}{1 - hits / seen:9.2%}")
        wrong, total = wrong + hits, total + seen
    print(
        f"{'all of them':<26}{wrong:>7}{wrong / total:9.2%}{total - wrong:>9}{1 - wrong / total:9.2%}"
    )
    if options.photos or options.singles or options.receipts:
        print("of each folder the 2nd, 4th, ... picture by name; trained on were the 1st, 3rd, ...")
    times.sort()
    print(
        f"one picture: {times[len(times) // 2] * 1000:.1f} ms median, {times[-1 - len(times) // 100] * 1000:.1f} ms at the 99th percentile"
    )


if __name__ == "__main__":
    main()

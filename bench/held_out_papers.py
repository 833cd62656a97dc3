"""Pages of kinds that the ear is never trained on: slips, plates, boards, cards, notices, screens.

    python -m bench.held_out_papers FOLDER

Each kind has two pages with other words, numbers and wear; `held_out.toml` asks about them. A page
is named by its kind and 1 or 2. The same page is drawn again every time.
"""

from __future__ import annotations

import io
import math
import random
import sys
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

Colour = str | tuple[int, int, int]
Pairs = Sequence[tuple[str, str]]

_FACES = {
    "sans": ("font_source_sans_pro", "SourceSansPro-Regular.ttf"),
    "semi": ("font_source_sans_pro", "SourceSansPro-Semibold.ttf"),
    "bold": ("font_source_sans_pro", "SourceSansPro-Bold.ttf"),
    "black": ("font_source_sans_pro", "SourceSansPro-Black.ttf"),
    "light": ("font_source_sans_pro", "SourceSansPro-Light.ttf"),
    "slanted": ("font_source_sans_pro", "SourceSansPro-It.ttf"),
    "serif": ("font_source_serif_pro", "SourceSerifPro-Regular.ttf"),
    "serif bold": ("font_source_serif_pro", "SourceSerifPro-Bold.ttf"),
    "serif slanted": ("font_source_serif_pro", "SourceSerifPro-It.ttf"),
    "book": ("font_caladea", "Caladea-Regular.ttf"),
    "book bold": ("font_caladea", "Caladea-Bold.ttf"),
    "book slanted": ("font_caladea", "Caladea-Italic.ttf"),
    "grotesk": ("font_hanken_grotesk", "HankenGrotesk-Regular.otf"),
    "grotesk medium": ("font_hanken_grotesk", "HankenGrotesk-Medium.otf"),
    "grotesk bold": ("font_hanken_grotesk", "HankenGrotesk-Bold.otf"),
    "round": ("font_fredoka_one", "FredokaOne-Regular.ttf"),
    "hand": ("font_amatic_sc", "AmaticSC-Bold.ttf"),
}


@cache
def _font(face: str, size: int) -> ImageFont.FreeTypeFont:
    package, name = _FACES[face]
    origin = import_module(package).__file__
    assert origin is not None
    return ImageFont.truetype(next(Path(origin).parent.rglob(name)), size)


class Page:
    """A picture that is written on."""

    def __init__(
        self, width: int, height: int, ground: Colour = "white", face: str = "sans"
    ) -> None:
        self.image = Image.new("RGB", (width, height), ground)
        self.pen = ImageDraw.Draw(self.image)
        self.width, self.face = width, face

    def put(
        self,
        x: float,
        y: float,
        text: str,
        size: int = 24,
        face: str = "",
        colour: Colour = "black",
        anchor: str = "la",
    ) -> float:
        """Write a text; give where it ends."""
        font = _font(face or self.face, size)
        self.pen.text((x, y), text, fill=colour, font=font, anchor=anchor)
        return x + self.pen.textlength(text, font=font)

    def mid(
        self, y: float, text: str, size: int = 24, face: str = "", colour: Colour = "black"
    ) -> None:
        """Write a text in the middle."""
        self.put(self.width / 2, y, text, size, face, colour, "ma")

    def lines(
        self,
        x: float,
        y: float,
        texts: Sequence[str],
        size: int = 24,
        face: str = "",
        colour: Colour = "black",
        step: float = 1.4,
    ) -> float:
        """Write lines under each other; give where the next would be."""
        for text in texts:
            self.put(x, y, text, size, face, colour)
            y += size * step
        return y

    def pairs(
        self,
        x: float,
        y: float,
        right: float,
        texts: Pairs,
        size: int = 24,
        face: str = "",
        step: float = 1.5,
        bold: str = "",
        leader: bool = False,
    ) -> float:
        """Write labels to the left and values flush right; a pair that begins with ! is bold."""
        for left, value in texts:
            if left == "-":
                self.rule(y + size * 0.3, x, right)
                y += size * 0.8
                continue
            strong = left.startswith("!")
            used = bold if strong and bold else face
            end = self.put(x, y, left.removeprefix("!"), size, used)
            begin = right - self.pen.textlength(value, font=_font(used or self.face, size))
            self.put(right, y, value, size, used, anchor="ra")
            if leader and value:
                dot = end + 10
                while dot < begin - 10:
                    self.put(dot, y, ".", size, used)
                    dot += 10
            y += size * step
        return y

    def fields(
        self,
        x: float,
        y: float,
        at: float,
        texts: Pairs,
        size: int = 24,
        faces: tuple[str, str] = ("", "semi"),
        step: float = 1.5,
        colour: Colour = "black",
    ) -> float:
        """Write labels and, in a column of their own, values."""
        for left, value in texts:
            self.put(x, y, left, size, faces[0], colour)
            self.put(at, y, value, size, faces[1], colour)
            y += size * step
        return y

    def rule(
        self,
        y: float,
        left: float = 30,
        right: float = 0,
        width: int = 2,
        colour: Colour = "black",
        dashed: bool = False,
    ) -> None:
        """Draw a line across."""
        end = right or self.width - left
        if not dashed:
            self.pen.line((left, y, end, y), fill=colour, width=width)
            return
        x = left
        while x < end:
            self.pen.line((x, y, min(x + 10, end), y), fill=colour, width=width)
            x += 18

    def box(
        self,
        x0: float,
        y0: float,
        x1: float,
        y1: float,
        fill: Colour | None = None,
        outline: Colour | None = "black",
        width: int = 2,
        radius: int = 0,
    ) -> None:
        """Draw a box."""
        self.pen.rounded_rectangle((x0, y0, x1, y1), radius, fill, outline, width)

    def table(
        self,
        x: float,
        y: float,
        widths: Sequence[int],
        rows: Sequence[Sequence[str]],
        size: int = 22,
        step: int = 44,
        head: Colour | None = (225, 228, 232),
        face: str = "",
        bold: str = "semi",
        grid: Colour | None = (120, 120, 120),
        colour: Colour = "black",
        flush: frozenset[int] = frozenset(),
    ) -> float:
        """Draw a table whose first row is its head; columns in `flush` end at the right."""
        total = sum(widths)
        for number, row in enumerate(rows):
            if number == 0 and head is not None:
                self.pen.rectangle((x, y, x + total, y + step), fill=head)
            left = x
            for place, (wide, text) in enumerate(zip(widths, row, strict=True)):
                used = bold if number == 0 else face
                if place in flush:
                    self.put(left + wide - 12, y + step / 2, text, size, used, colour, "rm")
                else:
                    self.put(left + 12, y + step / 2, text, size, used, colour, "lm")
                left += wide
            y += step
        if grid is not None:
            top = y - step * len(rows)
            for number in range(len(rows) + 1):
                self.rule(top + number * step, x, x + total, 1, grid)
            left = x
            for wide in (*widths, 0):
                self.pen.line((left, top, left, y), fill=grid, width=1)
                left += wide
        return y

    def typed(
        self,
        x: float,
        y: float,
        text: str,
        size: int = 22,
        face: str = "",
        colour: Colour = "black",
    ) -> None:
        """Write with all letters equally wide, as terminals and old printers do."""
        wide = size * 0.58
        for sign in text:
            self.put(x + wide / 2, y, sign, size, face or "grotesk", colour, "ma")
            x += wide

    def cut(self, bottom: float) -> Image.Image:
        """Cut the picture below."""
        return self.image.crop((0, 0, self.width, int(bottom)))


# --- wear -------------------------------------------------------------------------------------


def scanned(image: Image.Image, chance: random.Random) -> Image.Image:
    """Make it look scanned: turned a little, soft, noisy, stored small."""
    ground = image.getpixel((2, 2))
    turned = image.rotate(
        chance.uniform(-1.3, 1.3), Image.Resampling.BICUBIC, expand=True, fillcolor=ground
    ).filter(ImageFilter.GaussianBlur(chance.uniform(0.4, 0.8)))
    noise = np.random.default_rng(chance.getrandbits(32)).normal(0, 5, (*turned.size[::-1], 1))
    grey = np.asarray(turned, dtype=np.float64) * 0.94 + 8 + noise
    return _stored(grey, chance.randint(62, 85))


def photographed(image: Image.Image, chance: random.Random) -> Image.Image:
    """Make it look photographed: on a table, seen a little from the side, lit from one corner."""
    table = chance.choice([(96, 72, 52), (58, 62, 68), (150, 140, 126)])
    margin = int(0.06 * max(image.size))
    width, height = image.width + 2 * margin, image.height + 2 * margin
    laid = Image.new("RGB", (width, height), table)
    laid.paste(image, (margin, margin))
    shift = [chance.uniform(0, 0.03) for _ in range(8)]
    quad = (
        width * shift[0], height * shift[1], width * shift[2], height * (1 - shift[3]),
        width * (1 - shift[4]), height * (1 - shift[5]), width * (1 - shift[6]), height * shift[7],
    )  # fmt: skip
    seen = laid.transform(
        (width, height), Image.Transform.QUAD, quad, Image.Resampling.BICUBIC
    ).filter(ImageFilter.GaussianBlur(0.6))
    down, across = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    angle = chance.uniform(0, 2 * math.pi)
    light = 0.9 + 0.13 * (math.cos(angle) * (across - 0.5) + math.sin(angle) * (down - 0.5)) * 2
    warm = np.array([1.0, 0.985, 0.95])
    lit = np.asarray(seen, dtype=np.float64) * light[..., None] * warm
    lit += np.random.default_rng(chance.getrandbits(32)).normal(0, 4, (height, width, 1))
    return _stored(lit, chance.randint(68, 88))


def _stored(pixels: np.ndarray[tuple[int, ...], np.dtype[np.float64]], quality: int) -> Image.Image:
    kept = io.BytesIO()
    Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(kept, "JPEG", quality=quality)
    return Image.open(kept).convert("RGB")


# --- what is drawn ----------------------------------------------------------------------------
# fmt: off

Draw = Callable[[int], Image.Image]
_KINDS: dict[str, tuple[Draw, tuple[str, str]]] = {}


def _kind(first: str = "", second: str = "") -> Callable[[Draw], Draw]:
    """Register a kind of page, with the wear of its two pages."""

    def register(draw: Draw) -> Draw:
        _KINDS[draw.__name__.strip("_")] = draw, (first, second)
        return draw

    return register


@_kind("scan", "photo")
def _car_service(v: int) -> Image.Image:
    page = Page(1000, 1120, (252, 250, 243))
    garage, where = (
        ("PENROSE & DAUGHTER MOTOR WORKS", "14 Tannery Row, Hexham · 01434 555 018"),
        ("BAY STREET AUTO CARE", "602 Bay Street, Dartmouth NS · (902) 555-0147"),
    )[v]
    page.box(30, 30, 970, 1090)
    page.box(30, 30, 970, 150, (33, 62, 84), None)
    page.put(55, 48, garage, 36, "bold", "white")
    page.put(55, 100, where, 22, "sans", "white")
    page.put(945, 60, "SERVICE RECORD", 26, "semi", (240, 200, 80), "ra")
    boxes: tuple[Pairs, Pairs] = (
        (
            ("Vehicle", "Volvo V60 B4"), ("Reg. mark", "NU19 KTX"), ("Odometer", "61,480 miles"),
            ("Booked in", "14 Oct 2024"), ("Job card", "8812"), ("Technician", "Callum Reith"),
        ),
        (
            ("Vehicle", "Toyota Corolla LE"), ("Plate", "GHK 482"), ("Mileage", "118,250 km"),
            ("Date in", "June 3, 2025"), ("Repair order", "RO-20517"), ("Mechanic", "Denise Arsenault"),
        ),
    )
    for number, (label, value) in enumerate(boxes[v]):
        x, y = 30 + 313.3 * (number % 3), 150.0 + 96 * (number // 3)
        page.box(x, y, x + 313.3, y + 96, width=1)
        page.put(x + 12, y + 8, label.upper(), 17, "sans", (90, 90, 90))
        page.put(x + 14, y + 38, value, 30, "book slanted", (20, 30, 110))
    work = (
        (
            ("Item", "Result", "Remark"),
            ("Oil and filter", "Changed", "5.2 litres 0W-20"),
            ("Front brake pads", "4 mm left", "replace at next visit"),
            ("Tyres", "OK", "5 mm all round"),
            ("Wiper blades", "Changed", "pair"),
            ("Coolant", "Topped up", "0.3 litres"),
            ("Battery", "OK", "12.6 V"),
        ),
        (
            ("Item", "Result", "Remark"),
            ("Engine oil", "Changed", "4.4 L 0W-16"),
            ("Cabin filter", "Changed", "was clogged"),
            ("Rear brakes", "OK", "6 mm remaining"),
            ("Battery", "Weak", "11.9 V, test again in fall"),
            ("Left headlight", "Replaced", "bulb H11"),
        ),
    )[v]
    y = page.table(55, 375, (280, 200, 410), work, 25, 52)
    more = (
        (("Labour 1.5 h", "£118.50"), ("Parts", "£96.10"), ("!Charged", "£214.60")),
        (("Labour 2.0 h", "$210.00"), ("Parts and fluids", "$128.39"), ("HST 15%", "$50.76"), ("!Amount charged", "$389.15")),
    )[v]
    page.pairs(560, y + 30, 945, more, 26, bold="bold")
    page.box(55, y + 36, 520, y + 180, (246, 236, 200), (160, 130, 40))
    page.put(75, y + 46, "NEXT SERVICE", 22, "bold")
    page.lines(
        75, y + 84,
        (("at 71,480 miles or in October 2025,", "whichever comes first"), ("at 126,250 km or by Dec 3, 2025,", "whichever comes first"))[
            v
        ],
        25,
    )
    page.put(60, 1010, ("Stamp and signature", "Signature")[v], 18, colour=(90, 90, 90))
    page.put(260, 992, ("C. Reith", "D. Arsenault")[v], 44, "hand", (20, 30, 110))
    return page.image


@_kind("photo", "scan")
def _library_slip(v: int) -> Image.Image:
    page = Page(480, 900, (250, 250, 248), "grotesk")
    if v == 0:
        page.mid(26, "WESTHAVEN PUBLIC LIBRARY", 28, "grotesk bold")
        page.mid(64, "Self-service kiosk 2", 22)
        page.mid(96, "22/03/2025  15:47", 22)
        page.rule(134, dashed=True)
        y = page.lines(30, 146, ("Borrower: ****4471", "You have borrowed"), 23)
        for title, due in (("The Salt Road", "12/04/2025"), ("Gardening with Moss", "12/04/2025"), ("Night Ferry (DVD)", "29/03/2025")):
            page.put(30, y + 8, title, 25, "grotesk medium")
            page.put(60, y + 40, f"due back {due}", 22)
            y += 78
        page.rule(y + 10, dashed=True)
        y = page.pairs(30, y + 24, 450, (("Items on loan", "3"), ("Charges outstanding", "£1.20")), 23)
        y = page.lines(30, y + 10, ("Renew by phone: 01632 960 144", "or at westhaven.example/renew"), 22)
        page.mid(y + 14, "The library is closed on 18 April.", 21)
        return page.cut(y + 70)
    page.mid(26, "Carrow Valley Libraries", 30, "grotesk bold")
    page.mid(68, "BRANCH: Otter Bridge", 23)
    page.mid(102, "RETURN RECEIPT", 26, "grotesk medium")
    page.rule(146)
    y = page.pairs(30, 160, 450, (("Card", "2 9071 004 118"), ("Date", "Nov 6, 2025"), ("Time", "6:12 PM")), 23)
    page.rule(y + 4)
    y = page.lines(30, y + 16, ("CHECKED IN",), 22, "grotesk bold")
    for title, late in (
        ("A Short History of Buttons", "on time"), ("Kites of the North", "3 days late"),
        ("Ukulele for Two Hands", "on time"), ("The Wrong Lighthouse", "3 days late"),
    ):
        page.put(30, y, title, 24)
        page.put(60, y + 32, late, 21, colour=(70, 70, 70))
        y += 68
    page.rule(y + 4)
    y = page.pairs(
        30, y + 18, 450,
        (("Late fee today", "$1.80"), ("Paid", "$1.00"), ("!Balance", "$0.80"), ("Still out", "2")),
        23,
        bold="grotesk bold",
    )
    page.mid(y + 10, "Holds ready for pickup: 1", 23)
    return page.cut(y + 70)


@_kind("", "photo")
def _ski_pass(v: int) -> Image.Image:
    page = Page(860, 540, ((214, 232, 245), (250, 236, 214))[v], "grotesk")
    if v == 0:
        page.pen.polygon([(0, 540), (210, 260), (330, 390), (520, 190), (860, 540)], (176, 208, 232))
        page.put(40, 28, "SNOWFALL RIDGE", 44, "black", (16, 46, 92))
        page.put(820, 40, "3-DAY PASS", 30, "grotesk bold", (180, 30, 40), "ra")
        page.put(40, 110, "08.02.2025 – 10.02.2025", 38, "grotesk bold")
        page.put(40, 172, "ADULT", 30, "grotesk medium")
        page.put(40, 226, "Mirela Costa", 32)
        page.put(40, 280, "CHF 186.00", 32, "grotesk bold")
        page.put(270, 288, "incl. CHF 5.00 card deposit", 22)
        page.put(40, 340, "All lifts · first chair 8:30 · last ride 16:15", 24)
        page.put(40, 384, "Piste rescue 144  ·  Ski school desk +41 27 555 01 60", 22)
        page.put(40, 486, "No. 0417 2290 8831", 24)
        page.put(820, 486, "not transferable", 22, "slanted", anchor="ra")
        return page.image
    page.box(0, 0, 860, 110, (150, 44, 30), None)
    page.put(40, 30, "Piana Bianca", 46, "round", "white")
    page.put(820, 38, "HALF DAY", 36, "black", "white", "ra")
    y = page.fields(
        40, 140, 330,
        (
            ("Category", "Junior (6–15)"), ("Valid on", "Sat 1 March 2025"), ("From", "12:30"),
            ("Area", "Valley and Middle station"), ("Price", "€ 29.50"), ("Chip deposit", "€ 3.00"),
        ),
        30,
        step=1.55,
    )
    page.rule(y + 6, 40, colour=(150, 44, 30))
    page.put(40, y + 22, "Serial PB 771 02 339 · sold at till 4", 24)
    page.put(40, y + 58, "Closed above 2,400 m in strong wind.", 22, "slanted")
    return page.image


@_kind("scan", "")
def _seed_packet(v: int) -> Image.Image:
    page = Page(640, 980, ((247, 241, 220), (232, 242, 226))[v], "book")
    if v == 0:
        page.mid(30, "THISTLE GATE SEEDS", 26, "semi", (60, 90, 40))
        page.mid(74, "CARROT", 60, "book bold", (190, 90, 20))
        page.mid(146, "‘Amber Lance’", 38, "book slanted")
        page.lines(
            50, 214,
            ("A sweet early carrot with long, smooth", "roots. Stores well in damp sand and is", "rarely troubled by root fly."),
            25,
        )
        page.box(40, 340, 600, 690, (255, 252, 240), (190, 90, 20), radius=14)
        page.fields(
            64, 360, 290,
            (
                ("Sow outdoors", "March to June"), ("Depth", "1 cm"), ("Thin to", "5 cm apart"),
                ("Row spacing", "30 cm"), ("Germination", "14–21 days"), ("Harvest", "July to October"),
                ("Position", "full sun"),
            ),
            26, ("book", "book bold"), 1.7,
        )
        page.lines(50, 716, ("Contents 2 g, about 1,200 seeds", "Sow before end of 12/2026", "Lot 7719C"), 25)
        page.put(590, 830, "£2.35", 46, "bold", anchor="ra")
        page.put(50, 862, "Packed in Wales", 22)
        page.put(50, 900, "Not treated. Keep cool and dry.", 22, "book slanted")
        return page.image
    page.box(0, 0, 640, 150, (46, 98, 60), None)
    page.put(34, 26, "Sweet Basil", 52, "round", "white")
    page.put(34, 92, "Ocimum basilicum · annual herb", 26, "book slanted", "white")
    months = "J F M A M J J A S O N D".split()
    for number, sign in enumerate(months):
        x = 150 + number * 38
        page.put(x + 19, 178, sign, 24, "semi", anchor="ma")
        for row, (first, last, colour) in enumerate(((2, 4, (210, 160, 40)), (4, 5, (120, 160, 60)), (6, 9, (60, 110, 60)))):
            fill = colour if first <= number <= last else None
            page.box(x, 216 + row * 40, x + 38, 250 + row * 40, fill, (150, 150, 150), 1)
    for row, word in enumerate(("Sow inside", "Plant out", "Pick")):
        page.put(30, 218 + row * 40, word, 22)
    y = page.lines(
        34, 370,
        (
            "HOW TO GROW", "Scatter on the surface of fine compost and",
            "press down; do not cover. Keep at 20 °C.", "Plants stand 25 cm apart and reach 40 cm.",
            "Pinch out the tips to delay flowering.",
        ),
        25,
    )
    page.rule(y + 14, 34, colour=(46, 98, 60))
    page.pairs(
        34, y + 34, 606,
        (
            ("Average contents", "450 seeds"), ("Germination rate", "88 %"), ("Batch", "BZ-40-118"),
            ("Tested", "August 2024"), ("Best sown by", "September 2027"), ("Produced in", "Italy"),
        ),
        26,
        leader=True,
    )
    page.put(34, y + 300, "Organic · control body XX-ORG-09", 22, "semi", (46, 98, 60))
    return page.image


@_kind("photo", "")
def _museum_label(v: int) -> Image.Image:
    page = Page(900, 560, ((255, 255, 252), (38, 40, 44))[v], "serif")
    if v == 0:
        page.put(60, 50, "Joanna Vance", 40, "serif bold")
        page.put(60, 106, "1871–1938", 26)
        page.put(60, 160, "The Ice Harvest, 1904", 34, "serif slanted")
        page.put(60, 214, "Oil on canvas, 92 × 130 cm", 26)
        page.lines(
            60, 282,
            (
                "Vance painted the ice cutters of Lake Orrin from a",
                "window of her brother’s boathouse. The red scarf of",
                "the foreman was added twelve years later.",
            ),
            26,
        )
        page.put(60, 440, "Gift of the Harlow family, 1951", 22)
        page.put(60, 474, "Inv. 1951.27", 22)
        page.put(840, 474, "Audio guide 118", 22, "semi", anchor="ra")
        return page.image
    white = (240, 238, 230)
    page.put(50, 44, "14", 60, "black", (226, 178, 74))
    page.put(150, 50, "Bridal chest", 44, "serif bold", white)
    page.put(150, 112, "Tyrol, about 1790", 28, "serif slanted", white)
    page.put(150, 156, "Spruce, painted; iron fittings", 26, "serif", white)
    page.put(150, 196, "H 64 cm  W 120 cm  D 58 cm", 26, "serif", white)
    page.lines(
        150, 260,
        ("Made for Anna Moser of Alpbach. The painter is not", "known. The lock was forced in 1848 and never mended."),
        26, "serif", white,
    )
    page.put(150, 380, "Purchased in 1986 with the help of the Friends", 24, "serif", white)
    page.put(150, 430, "F 203", 24, "semi", (226, 178, 74))
    page.put(850, 500, "Please do not touch", 26, "semi", white, "ra")
    return page.image


@_kind("scan", "photo")
def _gas_card(v: int) -> Image.Image:
    page = Page(820, 620, ((255, 255, 255), (255, 247, 214))[v])
    if v == 0:
        page.box(0, 0, 820, 90, (0, 96, 110), None)
        page.put(30, 20, "Sorry we missed you", 42, "bold", "white")
        page.put(30, 110, "NORTHMOOR GAS NETWORKS", 24, "semi", (0, 96, 110))
        y = page.lines(
            30, 150,
            (
                "We called on Tuesday 4 March at 10:25 to read your meter.",
                "Please write the reading into the boxes and post this card,",
                "or ring 0800 555 0133, by 18 March.",
            ),
            26,
        )
        page.fields(
            30, y + 16, 300,
            (
                ("Meter number", "G4-0093 2281"), ("Location", "cupboard under the stairs"),
                ("Previous reading", "04871"), ("Customer ref.", "55 718 204"),
            ),
            26,
        )
        for number in range(5):
            page.box(30 + number * 64, 500, 88 + number * 64, 575)
        page.put(370, 520, "m³   (leave out the red figures)", 24)
        return page.image
    page.put(30, 24, "METER CARD", 40, "black")
    page.put(790, 36, "Fenwick & Lowe Utilities", 24, "semi", anchor="ra")
    page.rule(84)
    page.fields(
        30, 100, 290,
        (("Flat", "3B, 27 Quarry Hill"), ("Read by", "tenant"), ("Date of reading", "30 September 2025"), ("Meter", "Gas, no. 7741-A")),
        27,
    )
    page.table(
        30, 286,
        (250, 170, 170, 170),
        (
            ("Quarter", "Reading", "Used", "Cost"),
            ("to 31 March", "21904", "412", "£370.80"),
            ("to 30 June", "22117", "213", "£191.70"),
            ("to 30 September", "22189", "72", "£64.80"),
        ),
        25, 50,
    )
    page.put(30, 506, "Price per unit: £0.90", 25)
    page.put(30, 546, "Smell gas? Ring 0800 555 0199 at once.", 27, "bold", (170, 20, 20))
    return page.image


@_kind("scan", "photo")
def _laundry_ticket(v: int) -> Image.Image:
    page = Page(520, 860, ((255, 244, 200), (255, 255, 255))[v], "semi")
    if v == 0:
        page.mid(24, "Pearl & Press", 46, "round")
        page.mid(84, "DRY CLEANERS · 5 Mast Street", 22)
        page.mid(128, "3346", 84, "black")
        page.rule(236)
        y = page.pairs(30, 252, 490, (("2 Shirts", "5.80"), ("1 Wool coat", "14.50"), ("1 Duvet, double", "21.00")), 27, "sans")
        page.rule(y + 4)
        y = page.pairs(30, y + 18, 490, (("4 pieces", "41.30"), ("On account", "20.00"), ("!TO COME", "21.30")), 27, "sans", bold="bold")
        page.lines(30, y + 20, ("Ready: Thu 17 April", "after 4 pm"), 32, "bold")
        page.put(30, y + 130, "coat: stain left cuff!", 44, "hand", (30, 30, 120))
        page.mid(y + 210, "Not collected in 60 days: given away.", 21, "slanted")
        return page.cut(y + 260)
    page.put(30, 24, "WASH HOUSE 9", 40, "black")
    page.put(30, 74, "collect & deliver", 24, "slanted")
    page.put(490, 34, "B-0827", 40, "bold", anchor="ra")
    page.rule(116, width=4)
    y = page.fields(
        30, 130, 220,
        (
            ("Name", "P. Oyelaran"), ("Bag", "blue, 6.5 kg"), ("Picked up", "Mon 11 Aug, 09:15"),
            ("Back on", "Wed 13 Aug"), ("Slot", "18:00–20:00"), ("Wash at", "40 °C"), ("Softener", "none"),
            ("Tumble dry", "yes, low"),
        ),
        26,
    )
    page.rule(y + 6, width=4)
    y = page.pairs(
        30, y + 22, 490,
        (("6.5 kg at 3.20", "20.80"), ("Ironing, 5 items", "7.50"), ("Delivery", "2.00"), ("!Sum $", "30.30")),
        26,
        bold="bold",
    )
    page.put(30, y + 14, "Paid by app", 26, "sans")
    return page.cut(y + 70)


@_kind("", "photo")
def _vending(v: int) -> Image.Image:
    dark, amber, green = (18, 20, 24), (255, 186, 60), (110, 240, 150)
    page = Page(900, 620, dark, "grotesk bold")
    if v == 0:
        page.box(40, 36, 860, 190, (6, 8, 10), (70, 70, 80), 4, 10)
        page.put(70, 56, "CREDIT  1.50", 46, "grotesk bold", amber)
        page.put(70, 122, "SELECTION B4   ADD 0.70", 40, "grotesk bold", amber)
        goods = (
            ("A1", "Cola", "2.00"),
            ("A2", "Lemon soda", "2.00"),
            ("A3", "Still water", "1.40"),
            ("B1", "Oat bar", "1.10"),
            ("B2", "Salted nuts", "1.80"),
            ("B4", "Trail mix", "2.20"),
            ("C1", "Crisps", "1.30"),
            ("C3", "Dark chocolate", "1.60"),
            ("C5", "Chewing gum", "0.90"),
        )
        for number, (code, name, price) in enumerate(goods):
            x, y = 40 + 278 * (number % 3), 220.0 + 124 * (number // 3)
            page.box(x, y, x + 262, y + 108, (40, 44, 52), None, radius=8)
            page.put(x + 14, y + 10, code, 30, "black", green)
            page.put(x + 14, y + 56, name, 26, "grotesk", "white")
            page.put(x + 248, y + 14, price, 28, "grotesk bold", "white", "ra")
        return page.image
    page.box(60, 50, 840, 560, (20, 60, 48), (90, 150, 120), 5, 16)
    page.put(450, 76, "HOT DRINKS", 50, "black", green, "ma")
    y = 156.0
    for key, name, price in (
        ("11", "Espresso", "1.20"),
        ("12", "Flat white", "1.70"),
        ("13", "Cocoa", "1.50"),
        ("14", "Black tea", "1.00"),
        ("15", "Chicken broth", "SOLD OUT"),
    ):
        page.put(110, y, key, 34, "grotesk bold", amber)
        page.put(200, y, name, 34, "grotesk", "white")
        page.put(790, y, price, 34, "grotesk bold", "white", "ra")
        y += 52
    page.rule(y + 8, 100, 800, colour=green)
    page.lines(110, y + 22, ("EXACT CHANGE ONLY", "Own cup: 0.20 less", "Fault? Call 555 0172, machine 3308"), 28, "grotesk medium", amber)
    return page.image


@_kind("scan", "")
def _tide_table(v: int) -> Image.Image:
    page = Page(1040, 640, face="serif")
    if v == 0:
        page.mid(24, "PORT ELLERY", 40, "serif bold")
        page.mid(76, "Tide times, July 2025. Heights in metres above chart datum", 24)
        rows = (
            ("Day", "High", "m", "Low", "m", "High", "m", "Low", "m"),
            ("Tue 1", "03:12", "4.6", "09:27", "1.1", "15:40", "4.4", "21:52", "1.3"),
            ("Wed 2", "03:50", "4.5", "10:03", "1.2", "16:20", "4.3", "22:34", "1.4"),
            ("Thu 3", "04:33", "4.3", "10:44", "1.4", "17:06", "4.2", "23:21", "1.5"),
            ("Fri 4", "05:24", "4.1", "11:33", "1.6", "18:02", "4.1", "", ""),
            ("Sat 5", "06:28", "4.0", "00:19", "1.6", "19:08", "4.1", "12:36", "1.7"),
            ("Sun 6", "07:41", "4.0", "01:29", "1.6", "20:17", "4.2", "13:51", "1.7"),
        )
        y = page.table(40, 130, (130, 130, 90, 130, 90, 130, 90, 100, 70), rows, 25, 54)
        page.put(40, y + 20, "Times are GMT. Add one hour for summer time.", 24, "serif slanted")
        page.put(40, y + 56, "Harbour office: VHF channel 12", 24)
        return page.image
    page.image.paste((20, 60, 110), (0, 0, 1040, 100))
    page.put(40, 24, "Skerry Bay surf & tides", 42, "bold", "white")
    page.put(1000, 36, "Week of 15 September", 26, "sans", "white", "ra")
    days = (
        ("", "Mon", "Tue", "Wed", "Thu", "Fri"),
        ("High water", "6:05 am", "6:58 am", "7:44 am", "8:26 am", "9:07 am"),
        ("Height (ft)", "7.1", "7.6", "8.2", "8.7", "8.9"),
        ("Low water", "12:14 pm", "1:03 pm", "1:49 pm", "2:33 pm", "3:16 pm"),
        ("Surf (ft)", "2", "3", "5", "4", "1"),
        ("Wind", "SW 12", "W 18", "W 22", "NW 9", "N 6"),
        ("Water temp.", "57 °F", "57 °F", "56 °F", "56 °F", "58 °F"),
        ("Sunrise", "6:49", "6:50", "6:51", "6:52", "6:53"),
    )
    y = page.table(40, 130, (190, 154, 154, 154, 154, 154), days, 25, 50, face="sans")
    page.put(40, y + 20, "Wind in knots. No lifeguards after September 20.", 24, "slanted")
    return page.image


@_kind("photo", "")
def _pool_rules(v: int) -> Image.Image:
    page = Page(860, 980, ((235, 247, 252), (252, 252, 250))[v], "grotesk")
    if v == 0:
        page.box(0, 0, 860, 110, (0, 110, 170), None)
        page.put(430, 30, "LINDEN BATHS", 48, "black", "white", "ma")
        y = page.lines(
            50, 140,
            (
                "1. Please shower before you enter the water.", "2. Children under 8 must be with an adult.",
                "3. No diving at the shallow end.", "4. No glass at the poolside.",
                "5. Swim caps are required in lanes 1 to 3.", "6. No running, no ball games.",
                "7. Valuables: use the lockers (£1 coin, returned).",
            ),
            29,
            step=1.6,
        )
        page.rule(y + 6, 50, colour=(0, 110, 170))
        page.table(
            50, y + 26,
            (260, 250, 250),
            (
                ("Open", "Lanes", "Family pool"),
                ("Mon–Fri", "6:30–21:00", "10:00–19:00"),
                ("Saturday", "8:00–18:00", "8:00–18:00"),
                ("Sunday", "8:00–16:00", "closed"),
            ),
            26, 50,
        )
        page.lines(50, y + 250, ("Water 27 °C · depth 0.9 m to 1.8 m · at most 60 bathers", "Duty manager: Hollis Grant, ext. 204"), 25)
        return page.image
    page.mid(36, "Sauna & Steam", 54, "book slanted", (120, 70, 30))
    page.mid(106, "at the Alder Court Hotel", 26, "book")
    page.rule(158, 60, colour=(120, 70, 30))
    y = page.lines(
        60, 180,
        (
            "Sit or lie on a towel at all times.", "Stay no longer than 15 minutes.",
            "Cool down before you use the plunge pool.", "Do not pour water onto the electric stove.",
            "Phones stay in the changing room.", "Quiet, please.",
        ),
        28, "book",
        step=1.6,
    )
    page.rule(y + 6, 60, colour=(120, 70, 30))
    page.pairs(
        60, y + 26, 800,
        (
            ("Finnish sauna", "85 °C"), ("Steam room", "45 °C"), ("Plunge pool", "12 °C"),
            ("Ladies only", "Tuesdays 17–20"), ("Open daily", "15:00 to 22:00"),
            ("Guests under", "16 not admitted"), ("Towel hire", "€4.00"), ("Hotel guests", "free"),
            ("Day visitors", "€18.00"),
        ),
        28, "book",
        leader=True,
    )
    return page.image


@_kind("scan", "photo")
def _lift_certificate(v: int) -> Image.Image:
    page = Page(900, 820, ((253, 251, 240), (205, 208, 212))[v], "book")
    if v == 0:
        page.box(24, 24, 876, 796, None, (130, 110, 50), 4)
        page.mid(50, "CERTIFICATE OF INSPECTION", 42, "book bold")
        page.mid(106, "Passenger lift", 30, "book slanted")
        y = page.fields(
            70, 176, 400,
            (
                ("Certificate", "LC 40-1187"), ("Building", "Mercer House, 9 Dock Road"),
                ("Lift", "Car 2 of 3"), ("Manufacturer", "Halvorsen Lifts, 2011"), ("Rated load", "630 kg"),
                ("Persons", "8"), ("Rated speed", "1.0 m/s"), ("Floors served", "B, G, 1 to 6"),
                ("Date of inspection", "9 January 2025"), ("Next inspection due", "9 July 2025"),
                ("Result", "Passed with one remark"),
            ),
            27, ("book", "book bold"), 1.6,
        )
        page.put(70, y + 4, "Remark: handrail loose, mend within 30 days.", 25, "book slanted")
        page.put(540, 710, "Priya Nandakumar", 46, "hand", (20, 30, 110))
        page.put(540, 762, "Inspector no. 308", 20)
        return page.image
    page.box(20, 20, 880, 800, None, (90, 90, 96), 5, 24)
    page.mid(60, "TORVIK", 84, "black", (40, 44, 60))
    page.mid(162, "GOODS LIFT", 40, "bold", (40, 44, 60))
    page.mid(240, "MAX. 2000 kg", 70, "black", (150, 20, 20))
    page.mid(330, "or 26 persons", 44, "bold")
    page.rule(406, 80, width=4, colour=(90, 90, 96))
    y = page.pairs(
        90, 426, 810,
        (("Serial no.", "TV 5520 814"), ("Year built", "2019"), ("Door width", "1400 mm"), ("Fork trucks", "not allowed")),
        36, "semi",
    )
    page.lines(90, y + 20, ("Emergency: press the bell for 3 seconds", "24 h service 0845 555 0160"), 32, "bold")
    return page.image


@_kind("photo", "")
def _bus_stop(v: int) -> Image.Image:
    page = Page(760, 1100, "white", "grotesk")
    if v == 0:
        page.box(0, 0, 760, 130, (204, 30, 40), None)
        page.put(30, 20, "Mill Bridge", 54, "grotesk bold", "white")
        page.put(30, 86, "Stop B · towards Harbour", 26, "grotesk", "white")
        page.put(730, 24, "14", 84, "black", "white", "ra")
        page.put(30, 150, "Monday to Friday", 28, "grotesk bold")
        hours = (
            ("6", "12 42"), ("7", "05 25 45"), ("8", "05 25 45"), ("9", "10 40"), ("16", "05 25 45"),
            ("17", "05 25 45"), ("18", "15 45"), ("19", "30"),
        )
        y = page.fields(40, 196, 140, hours, 30, ("grotesk bold", "grotesk"), 1.45)
        page.rule(y + 8)
        page.put(30, y + 22, "Saturday", 28, "grotesk bold")
        y = page.fields(
            40, y + 68, 140, (("8", "15"), ("10", "15"), ("12", "15"), ("14", "15"), ("17", "50")), 30, ("grotesk bold", "grotesk"), 1.45
        )
        page.put(30, y + 8, "No service on Sundays and public holidays.", 25)
        page.box(0, y + 58, 760, y + 170, (240, 240, 240), None)
        page.lines(30, y + 68, ("Single £2.40 · Day ticket £5.60 · under 5 free", "Questions? 01632 555 020"), 27, "grotesk medium")
        return page.cut(y + 170)
    page.box(0, 0, 760, 110, (255, 204, 0), None)
    page.put(30, 26, "NIGHT BUS N7", 54, "black")
    page.put(730, 40, "Fridays and Saturdays only", 24, "semi", anchor="ra")
    stops = (
        ("Central Station", "00:20"), ("Opera", "00:26"), ("Old Brewery", "00:33"),
        ("St Jude’s Hospital", "00:41"), ("University West", "00:48"), ("Pine Estate", "00:57"),
    )
    y = 160.0
    page.pen.line((60, 176, 60, 176 + 84 * 5), fill=(40, 40, 40), width=8)
    for name, at in stops:
        page.pen.ellipse((46, y + 2, 74, y + 30), "white", (40, 40, 40), 5)
        page.put(110, y - 4, name, 32, "grotesk medium")
        page.put(720, y - 4, at, 32, "grotesk bold", anchor="ra")
        y += 84
    page.rule(y)
    page.lines(
        30, y + 20,
        (
            "Then every 40 minutes until 04:20.", "Fare 3.50 flat, cards only. Board at the front.",
            "The stop Old Brewery moves to Kiln Street", "until 30 November because of roadworks.",
        ),
        27,
    )
    return page.cut(y + 190)


@_kind("scan", "")
def _election_leaflet(v: int) -> Image.Image:
    page = Page(820, 1080, ((255, 255, 255), (250, 244, 236))[v])
    if v == 0:
        page.box(0, 0, 820, 240, (120, 40, 110), None)
        page.put(40, 36, "Vote on 8 May", 34, "semi", "white")
        page.put(40, 84, "Rosalind Achterberg", 62, "black", "white")
        page.put(40, 168, "Green Towns · for Fernhill Ward", 32, "sans", "white")
        page.put(40, 270, "What I will work for", 34, "bold", (120, 40, 110))
        y = page.lines(
            40, 326,
            (
                "• a crossing at Mill Lane school", "• 200 affordable flats by 2028",
                "• later buses on weekdays, until 23:30", "• a swimming pool that stays open",
                "• no new car park on Fern Meadow",
            ),
            29,
            step=1.55,
        )
        page.rule(y + 10, 40, colour=(120, 40, 110))
        y = page.lines(
            40, y + 30,
            (
                "Rosalind, 44, is a nurse at Orchard Clinic, plays the",
                "tuba and has lived in Fernhill for nineteen years.",
                "Meet her: Saturday 26 April, 11 am, in front of the",
                "old post office. Bring questions, there will be cake.",
            ),
            27,
        )
        page.box(40, y + 24, 780, y + 130, (246, 236, 245), None)
        page.lines(60, y + 34, ("Polls are open from 7 am to 10 pm. Bring photo ID.", "rosalind@fernhill.example"), 27, "semi")
        page.put(40, y + 150, "Published by T. Imrie, 2 Garden Row, Fernhill", 18)
        return page.image
    page.mid(40, "REFERENDUM", 66, "black", (190, 60, 20))
    page.mid(124, "Sunday, 19 October 2025", 34, "semi")
    page.mid(190, "Should the town buy the Kessler brickworks?", 32, "serif bold")
    page.box(50, 260, 400, 600, "white", (60, 120, 60), 3)
    page.box(420, 260, 770, 600, "white", (170, 40, 40), 3)
    page.put(70, 276, "YES says", 32, "bold", (60, 120, 60))
    page.put(440, 276, "NO says", 32, "bold", (170, 40, 40))
    page.lines(70, 330, ("Room for 40 workshops", "A home for the band", "The river walk stays"), 28, step=1.6)
    page.lines(440, 330, ("It costs 3.2 million", "The roof is rotten", "Schools come first"), 28, step=1.6)
    y = page.lines(
        50, 640,
        (
            "Voters aged 16 and over may take part. The result",
            "binds the council if 25 % of all voters take part.",
            "Postal votes must arrive by Friday 17 October, noon.",
        ),
        27,
    )
    page.pairs(
        50, y + 20, 770,
        (
            ("Polling place", "Gymnasium, Brick Street 4"), ("Open", "8:00 to 17:00"),
            ("Hotline", "0711 555 0128"), ("Town clerk", "Margit Oswald"),
        ),
        28,
    )
    return page.image


@_kind("", "scan")
def _knitting(v: int) -> Image.Image:
    page = Page(900, 1060, ((255, 250, 252), (255, 255, 255))[v], "book")
    if v == 0:
        page.put(50, 40, "Harbour Hat", 60, "book slanted", (140, 40, 80))
        page.put(850, 60, "design: Elin Strand", 26, anchor="ra")
        y = page.fields(
            50, 140, 260,
            (
                ("Sizes", "S (M, L)"), ("To fit head", "52 (55, 58) cm"),
                ("Yarn", "Fjord Aran, 100 % wool, 50 g / 85 m"), ("Quantity", "2 (2, 3) balls, shade 417 rust"),
                ("Needles", "4 mm and 5 mm circular, 40 cm long"),
                ("Tension", "18 stitches and 24 rows to 10 cm"),
                ("You also need", "stitch marker, darning needle"), ("Difficulty", "easy"),
            ),
            26, ("book bold", "book"), 1.6,
        )
        page.rule(y + 10, 50, colour=(140, 40, 80))
        page.lines(
            50, y + 30,
            (
                "With the smaller needle cast on 84 (90, 96) stitches.",
                "Join in the round and place the marker.", "Rib k1, p1 for 6 cm. Change to the larger needle.",
                "Knit every round until the work measures 17 cm.",
                "Crown: *k4, k2tog* to the end of the round.", "Knit 2 rounds. *k3, k2tog* to the end.",
                "Break the yarn, draw through, fasten off.",
            ),
            27,
            step=1.55,
        )
        page.put(50, y + 370, "k = knit   p = purl   k2tog = knit two together", 23, "book slanted")
        return page.image
    page.put(50, 40, "MOSS DISHCLOTH", 50, "bold")
    page.put(50, 104, "Free pattern no. 62 from Woolshed Weekly, spring 2023", 24, "slanted")
    y = page.pairs(
        50, 170, 850,
        (("Finished size", "24 × 24 cm"), ("Cotton yarn, 8-ply", "40 g"), ("Needles", "4.5 mm"), ("Time", "about 3 hours")),
        28,
        leader=True,
    )
    y = page.lines(
        50, y + 20,
        (
            "Cast on 45 stitches.", "Row 1: *k1, p1*, k1.",
            "Repeat row 1 until the cloth is square (about 72 rows).",
            "Cast off loosely, leaving a 10 cm tail for a loop.",
        ),
        28,
        step=1.6,
    )
    page.box(50, y + 20, 850, y + 150, (240, 244, 238), None, radius=10)
    page.lines(70, y + 34, ("Wash at 60 °C. Do not bleach.", "Tip: two colours make a chequered cloth."), 27, step=1.7)
    page.put(50, y + 180, "Questions: patterns@woolshed.example", 24)
    return page.cut(y + 240)


@_kind("photo", "scan")
def _router_label(v: int) -> Image.Image:
    page = Page(760, 460, ((245, 245, 245), (28, 28, 30))[v], "grotesk")
    if v == 0:
        page.put(30, 24, "Zephyr HomeHub 4", 38, "grotesk bold")
        page.put(730, 34, "Model ZH-4120", 24, anchor="ra")
        page.rule(84)
        y = page.fields(
            30, 100, 260,
            (
                ("Network name", "ZEPHYR-7C1A"), ("Wireless key", "plum-river-4492"),
                ("Admin page", "http://192.168.8.1"), ("Admin password", "R7kd-22Qm"),
                ("MAC", "3C:A0:67:11:7C:1A"), ("S/N", "24K80931557"),
            ),
            26, ("grotesk", "grotesk medium"),
        )
        page.rule(y + 6)
        page.put(30, y + 20, "Power 12 V DC 1.5 A · Made in Vietnam", 24)
        return page.image
    white = (235, 235, 235)
    page.put(30, 20, "OKTAVE", 46, "black", white)
    page.put(30, 78, "Cable gateway CG-900 · Wi-Fi 6", 24, "grotesk", white)
    page.box(30, 124, 730, 290, None, white, 2, 10)
    page.put(50, 136, "SSID 2.4 GHz", 22, "grotesk", white)
    page.put(300, 134, "Oktave_2G_5519", 26, "grotesk bold", white)
    page.put(50, 186, "SSID 5 GHz", 22, "grotesk", white)
    page.put(300, 184, "Oktave_5G_5519", 26, "grotesk bold", white)
    page.put(50, 236, "Passphrase", 22, "grotesk", white)
    page.put(300, 234, "Hx8wTn3LpQ", 26, "grotesk bold", white)
    page.lines(
        30, 310,
        ("CM MAC 00:1E:58:A4:09:D2", "Serial 9001-7734-25   HW rev 3.1", "Input 15 V 2 A   Max. 22 W   Indoor use only"),
        24, "grotesk", white, 1.7,
    )
    return page.image


@_kind("", "photo")
def _donor_card(v: int) -> Image.Image:
    page = Page(820, 500, ((255, 255, 255), (255, 240, 240))[v])
    if v == 0:
        page.box(0, 0, 820, 84, (180, 16, 40), None)
        page.put(30, 16, "BLOOD DONOR", 44, "black", "white")
        page.put(790, 26, "Lowland Blood Service", 26, "semi", "white", "ra")
        page.put(600, 120, "O+", 130, "black", (180, 16, 40))
        page.fields(
            30, 112, 270,
            (
                ("Donor", "Wendel Okoro"), ("Donor no.", "77 140 228"), ("Donations", "14"),
                ("Last given", "11 Feb 2025"), ("May give again", "from 6 May 2025"), ("Kell", "negative"),
            ),
            28,
            step=1.6,
        )
        page.put(30, 400, "Please bring this card and a photo ID.", 24, "slanted")
        page.put(30, 440, "Appointments 0300 555 0111", 26, "semi")
        return page.image
    page.put(30, 24, "Plasma donor record", 40, "bold", (150, 16, 40))
    page.put(790, 34, "Centre: Eastgate", 26, "semi", anchor="ra")
    page.put(30, 84, "Blood group AB Rh negative · weight band 70–79 kg", 26)
    page.table(
        30, 130,
        (190, 190, 190, 190),
        (
            ("Visit", "Volume", "Hb (g/dl)", "Nurse"),
            ("3 April", "690 ml", "14.1", "Ines"),
            ("17 April", "690 ml", "13.8", "Bram"),
            ("2 May", "650 ml", "13.2", "Ines"),
            ("19 May", "690 ml", "13.9", "Tove"),
        ),
        26, 50,
        flush=frozenset({1, 2}),
    )
    page.put(30, 396, "Next visit: 4 June, 8:40", 30, "bold")
    page.put(30, 444, "Eat and drink before you come. Allowance 25 euros a visit.", 24)
    return page.image


@_kind("scan", "")
def _quote(v: int) -> Image.Image:
    page = Page(1000, 1120)
    if v == 0:
        page.put(50, 40, "Hammer & Oak", 50, "round", (150, 80, 20))
        page.put(50, 104, "Timber, tools, ironmongery · Unit 3, Weir Estate, Ludlow", 22)
        page.put(950, 50, "QUOTATION", 40, "light", anchor="ra")
        page.fields(
            560, 160, 760, (("Our ref.", "Q-2291"), ("Date", "02/06/2025"), ("Valid for", "30 days"), ("Prepared by", "Gethin Pryce")), 25
        )
        page.lines(50, 160, ("For", "Mrs A. Delacourt", "Kiln Cottage", "Bromfield"), 25)
        y = page.table(
            50, 340,
            (420, 130, 170, 180),
            (
                ("Goods", "Qty", "Each", "Amount"),
                ("Fence panel 6 × 5 ft", "12", "38.50", "462.00"),
                ("Concrete post 8 ft", "13", "24.00", "312.00"),
                ("Gravel board", "12", "14.75", "177.00"),
                ("Gate, side, oiled", "1", "129.00", "129.00"),
                ("Postcrete 20 kg", "26", "6.50", "169.00"),
            ),
            25, 50,
            flush=frozenset({1, 2, 3}),
        )
        y = page.pairs(
            540, y + 24, 938,
            (
                ("Goods", "1,249.00"), ("Trade discount 5 %", "-62.45"), ("Delivery", "45.00"),
                ("Net", "1,231.55"), ("VAT 20 %", "246.31"), ("!Total GBP", "1,477.86"),
            ),
            26,
            bold="bold",
        )
        page.lines(
            50, y + 20,
            ("Lead time for panels: 10 working days.", "A deposit of 25 % is asked for with the order.", "Fitting is not included."),
            25,
        )
        return page.cut(y + 170)
    page.box(0, 0, 16, 1120, (20, 110, 90), None)
    page.put(60, 50, "Cost estimate", 54, "light", (20, 110, 90))
    page.put(60, 120, "Bluewater Plumbing LLC · Tacoma, WA · Lic. BLUEWP*881KD", 23)
    page.fields(
        60, 180, 260,
        (
            ("Estimate #", "E-5108"), ("Customer", "Harriet Nguyen"),
            ("Job", "Replace water heater, move two valves"), ("Written", "Sep 12, 2025"),
            ("Good through", "Oct 12, 2025"),
        ),
        26,
    )
    y = page.pairs(
        60, 400, 930,
        (
            ("Water heater, 50 gal, electric", "$1,180.00"), ("Expansion tank", "$74.00"),
            ("Copper fittings and pipe", "$96.50"), ("Labor, 6 h at $135", "$810.00"),
            ("City permit", "$145.00"), ("Haul away old unit", "$60.00"), ("-", ""), ("Subtotal", "$2,365.50"),
            ("Senior courtesy", "-$100.00"), ("Sales tax 10.3 %", "$233.35"), ("!Estimated total", "$2,498.85"),
        ),
        27,
        bold="bold",
        step=1.6,
    )
    page.lines(
        60, y + 24,
        (
            "Warranty: tank 10 years, workmanship 2 years.",
            "Start: two days after you say yes. Takes one day.",
            "Half is due at the start, the rest when hot water runs.",
        ),
        25, "slanted",
    )
    return page.cut(y + 170)


@_kind("scan", "photo")
def _trip_letter(v: int) -> Image.Image:
    page = Page(900, 1160, face="serif")
    if v == 0:
        page.put(850, 40, "Larkfield Primary School", 30, "serif bold", anchor="ra")
        page.put(850, 82, "Year 4 · Room 12", 22, anchor="ra")
        page.put(60, 130, "28 March 2025", 25)
        page.put(60, 180, "Trip to the Blue Reef Aquarium", 34, "serif bold")
        y = page.lines(
            60, 244,
            (
                "Dear parents and carers,", "", "on Thursday 15 May the whole of Year 4 will visit the",
                "aquarium in Stanhope. The coach leaves school at 8:15",
                "sharp and will be back at about 4:30 in the afternoon.",
                "Please send a packed lunch without nuts, a drink and",
                "a rain coat. Pocket money is limited to £5.", "",
                "The cost is £18 per child, which covers the coach and",
                "the entry. Families who receive free school meals pay",
                "nothing. Please return the slip by 2 May.", "",
                "We still need two adults who can help on the day.", "", "Yours sincerely,",
                "Mrs Odette Farrow, class teacher",
            ),
            26,
        )
        page.rule(y + 16, 40, dashed=True)
        page.lines(60, y + 32, ("My child ____________________ may / may not take part.", "Signed ______________"), 25, step=1.8)
        return page.image
    page.mid(40, "Summit Hill Middle School", 38, "book bold", (30, 60, 110))
    page.mid(92, "PERMISSION FORM: OVERNIGHT CAMP", 28, "semi")
    y = page.fields(
        60, 160, 300,
        (
            ("Where", "Camp Tallgrass, Route 9"), ("Leave", "Wed, October 8, 7:45 am"),
            ("Return", "Fri, October 10, 2:30 pm"), ("Grade", "7"), ("Cost", "$140, or 4 payments of $35"),
            ("Lead teacher", "Mr. Quincy Abara"), ("On call", "555-0183 (day and night)"),
            ("Forms due", "September 19"),
        ),
        27, ("book bold", "book"), 1.6,
    )
    page.put(60, y + 16, "Bring", 30, "bold", (30, 60, 110))
    y = page.lines(60, y + 60, ("– sleeping bag and pillow", "– flashlight", "– two pairs of shoes", "– water bottle"), 27, "book")
    page.put(60, y + 10, "Leave at home", 30, "bold", (30, 60, 110))
    y = page.lines(60, y + 54, ("– phones and games", "– candy and gum", "– pocket knives"), 27, "book")
    page.put(60, y + 30, "Cabins hold 8 students and 1 adult.", 25, "book slanted")
    return page.cut(y + 100)


@_kind("photo", "scan")
def _camping_bill(v: int) -> Image.Image:
    page = Page(640, 980, ((255, 255, 250), (244, 249, 240))[v])
    if v == 0:
        page.mid(30, "Heron Lake Camping", 42, "round", (40, 100, 60))
        page.mid(88, "Pitch 47 · by the water", 26)
        y = page.fields(
            40, 140, 240,
            (
                ("Guest", "Fam. Ilves"), ("Arrived", "Fri 18 July 2025"), ("Left", "Mon 21 July 2025"),
                ("Car", "412 BTR"), ("Bill", "2025/0933"),
            ),
            26,
        )
        page.rule(y + 8, 40)
        y = page.pairs(
            40, y + 26, 600,
            (
                ("3 nights pitch at 24.00", "72.00"), ("2 adults × 3 at 7.50", "45.00"),
                ("1 child × 3 at 4.00", "12.00"), ("Dog × 3 at 2.00", "6.00"), ("Electricity 11 kWh", "6.60"),
                ("Visitors’ tax", "9.00"), ("-", ""), ("!Sum", "150.60"), ("Paid in advance", "-50.00"),
                ("!Please pay", "100.60 EUR"),
            ),
            26,
            bold="bold",
        )
        page.lines(40, y + 20, ("Cash or card at the kiosk, 8–11 and 16–19 h.", "Pitches are free again at noon."), 24)
        return page.cut(y + 120)
    page.put(40, 30, "CLIFFTOP RV PARK", 42, "black", (30, 80, 40))
    page.put(40, 84, "Guest folio", 28, "slanted")
    page.put(600, 40, "Site C-12", 36, "bold", anchor="ra")
    y = page.table(
        40, 140,
        (150, 280, 130),
        (
            ("Date", "What", "US$"),
            ("Aug 2", "Site, full hookup", "58.00"),
            ("Aug 2", "Extra vehicle", "10.00"),
            ("Aug 3", "Site, full hookup", "58.00"),
            ("Aug 3", "Firewood", "8.00"),
            ("Aug 4", "Site, full hookup", "64.00"),
            ("Aug 4", "Kayak, 2 hours", "30.00"),
            ("Aug 4", "Laundry tokens", "6.00"),
        ),
        25, 46,
        flush=frozenset({2}),
    )
    y = page.pairs(
        300, y + 20, 588,
        (("Charges", "234.00"), ("Member 10 %", "-18.00"), ("Lodging tax", "12.96"), ("!Balance", "228.96")),
        27,
        bold="bold",
    )
    page.lines(40, y + 14, ("Checkout 11:00 am · Quiet hours 10 pm–7 am", "Gate code 4471#  ·  Hosts: Bev and Luis"), 24)
    return page.cut(y + 110)


@_kind("", "scan")
def _vet_bill(v: int) -> Image.Image:
    page = Page(820, 1000, ((255, 255, 255), (250, 252, 255))[v], "grotesk")
    if v == 0:
        page.put(40, 36, "Paws & Whiskers", 44, "round", (70, 60, 130))
        page.put(40, 94, "Small animal practice · 31 Elm Parade", 22)
        page.box(40, 140, 780, 250, (236, 234, 247), None, radius=12)
        page.put(60, 152, "Biscuit", 40, "grotesk bold")
        page.put(60, 204, "cat, neutered male, 6 years, 4.6 kg", 25)
        page.put(760, 160, "owner: J. Whitlock", 25, anchor="ra")
        page.put(760, 204, "chip 981 020 004 417", 22, anchor="ra")
        page.put(40, 276, "Seen by Dr. Marisol Vega on 21 May 2025", 25)
        y = page.pairs(
            40, 326, 780,
            (
                ("Consultation", "42.00"), ("Booster vaccination", "28.50"),
                ("Dental scale and polish", "165.00"), ("Extraction, one tooth", "38.00"),
                ("Pain relief, 5 days", "19.80"), ("-", ""), ("Fees", "293.30"), ("Pet plan pays", "-120.00"),
                ("!You pay", "173.30"),
            ),
            27,
            bold="grotesk bold",
        )
        page.lines(
            40, y + 24,
            ("Soft food for 7 days. No dry food until 28 May.", "Check-up: Wednesday 4 June, 17:20", "Out of hours: 020 7946 0171"),
            26,
        )
        return page.cut(y + 160)
    page.mid(34, "LARGE ANIMAL VETERINARY SERVICE", 34, "grotesk bold", (30, 70, 120))
    page.mid(82, "Drs. Holm, Petty and Sayers · Farm visits day and night", 23)
    page.fields(
        40, 136, 260,
        (
            ("Farm", "Low Barn, Ketteridge"), ("Visit", "9 December 2024, 02:40"),
            ("Animal", "Holstein cow, tag 0551"), ("Reason", "difficult calving"),
            ("Outcome", "one live heifer calf, 38 kg"),
        ),
        26,
    )
    y = page.table(
        40, 346,
        (440, 140, 160),
        (
            ("Treatment", "Units", "£"),
            ("Call-out, night rate", "1", "145.00"),
            ("Mileage, 22 miles", "22", "26.40"),
            ("Calving, assisted", "1", "190.00"),
            ("Calcium 400 ml", "2", "31.00"),
            ("Anti-inflammatory injection", "1", "24.60"),
        ),
        26, 48,
        flush=frozenset({1, 2}),
    )
    y = page.pairs(440, y + 20, 768, (("Net", "417.00"), ("VAT", "83.40"), ("!Payable in 14 days", "500.40")), 26, bold="grotesk bold")
    page.lines(40, y + 16, ("Milk must not be sold for 4 days, meat for 12 days.", "Attended by Dr. L. Sayers"), 26, "grotesk medium")
    return page.cut(y + 120)


@_kind("", "photo")
def _agenda(v: int) -> Image.Image:
    page = Page(1100, 900, ((255, 255, 255), (248, 248, 242))[v])
    if v == 0:
        page.box(0, 0, 1100, 120, (30, 40, 70), None)
        page.put(40, 22, "Quiet Machines 2025", 48, "bold", "white")
        page.put(40, 80, "Day two: Friday, 3 October · Kornhaus, Bern", 25, "sans", "white")
        y = page.table(
            40, 150,
            (130, 520, 240, 130),
            (
                ("Time", "Talk", "Speaker", "Room"),
                ("09:00", "Listening to bearings", "Aiko Tanabe", "Aula"),
                ("09:50", "Fans that whisper", "Lars Bengtsson", "Aula"),
                ("10:40", "Coffee", "", "Foyer"),
                ("11:10", "The noise of heat pumps", "Chidi Anozie", "B2"),
                ("11:10", "Law and loudness", "Renata Kowal", "B4"),
                ("12:00", "Lunch", "", "Cellar"),
                ("13:30", "Workshop: measure it yourself", "Aiko Tanabe", "Lab"),
                ("16:00", "Panel: how silent is enough?", "four speakers", "Aula"),
            ),
            26, 58,
            head=(214, 220, 235),
        )
        page.put(40, y + 24, "Workshop places: 24, sign up at the desk.", 26)
        page.put(40, y + 62, "Wi-Fi: kornhaus-guest, no password. Dinner at 19:30 on the boat.", 26)
        return page.image
    page.mid(36, "Beekeepers’ Annual Gathering", 50, "book bold", (150, 100, 10))
    page.mid(100, "Saturday 7 February · Thornley Village Hall", 28, "book slanted")
    y = 160.0
    for at, what, who in (
        ("9:30", "Doors, tea and registration", ""),
        ("10:00", "Welcome by the chair", "Moira Tulloch"),
        ("10:15", "Winter losses: what the numbers say", "Dr. Ben Achebe"),
        ("11:15", "Queens by post", "Stella Marsh"),
        ("12:15", "Lunch (soup, 6 pounds)", ""),
        ("13:30", "Honey show: judging begins", "Old kitchen"),
        ("14:00", "Hands-on: candles", "Vera and Tim Lusk"),
        ("15:30", "Annual meeting, members only", ""),
        ("16:30", "Close", ""),
    ):
        page.put(60, y, at, 30, "bold", (150, 100, 10))
        page.put(190, y, what, 30, "book")
        page.put(1040, y + 2, who, 26, "book slanted", anchor="ra")
        y += 56
    page.rule(y + 6, 60, colour=(150, 100, 10))
    page.lines(
        60, y + 24,
        ("Entry 12 pounds, members 8, under 18 free. Please wear soft shoes.", "Parking behind the church. Contact: bees@thornley.example"),
        26, "book",
    )
    return page.cut(y + 120)


@_kind()
def _credits(v: int) -> Image.Image:
    page = Page(1000, 860, (8, 8, 10), "grotesk")
    roles = (
        (
            ("Directed by", "Noor Castellane"), ("Written by", "Tobias Wren"),
            ("Produced by", "Gwen Adeyemi, Pavel Horak"), ("Director of photography", "Sunniva Lie"),
            ("Edited by", "Marcel Duarte"), ("Music by", "The Copper Choir"), ("Costume design", "Irina Bell"),
            ("Sound", "Hamza Yilmaz"),
        ),
        (
            ("Captain Ansa", "LOTTE BREMER"), ("The Cook", "DIEGO SANTOS"), ("First Mate Pell", "OYVIND KRAG"),
            ("The Stowaway", "MAI LINH TRAN"), ("Harbour Master", "CEDRIC OBI"),
            ("Parrot (voice)", "JUNE ATTWOOD"),
        ),
    )[v]
    white = (235, 235, 235)
    page.put(500, 50, ("THE LAST LAMPLIGHTER", "SALT AND TIMBER")[v], 44, "grotesk bold", white, "ma")
    y = 150.0
    for role, name in roles:
        page.put(480, y, role, 27, "grotesk", (160, 160, 165), "ra")
        page.put(520, y, name, 27, "grotesk medium", white)
        y += 54
    tail = (
        ("Filmed on location in Lofoten and Porto", "© 2023 Tall Window Pictures", "No animals were harmed."),
        ("Stunts 4 · Ships 2 · Storms 1", "Based on the novel by Edda Kvist", "MMXXI  Driftwood Film and Ketch TV"),
    )[v]
    for text in tail:
        y += 46
        page.put(500, y, text, 25, "grotesk", (190, 190, 190), "ma")
    return page.image


@_kind("scan", "photo")
def _chess(v: int) -> Image.Image:
    page = Page(820, 1080, (252, 250, 240), "serif")
    page.mid(30, ("RIVERSIDE OPEN", "CLUB CHAMPIONSHIP")[v], 38, "serif bold")
    facts: Pairs = (
        (
            ("White", "Baumann, K."), ("Black", "Iyer, S."), ("Round", "5"), ("Board", "3"),
            ("Date", "16 Aug 2025"), ("Opening", "Caro-Kann"), ("Time control", "90 min + 30 s"),
            ("Result", "0–1"),
        ),
        (
            ("White", "Delgado, Ruth"), ("Black", "Fennimore, Abe"), ("Round", "2"), ("Table", "11"),
            ("Played", "Nov 21, 2024"), ("Arbiter", "M. Quist"), ("Rating W / B", "1742 / 1688"),
            ("Result", "1/2–1/2"),
        ),
    )[v]
    for number, (label, value) in enumerate(facts):
        x, y = 50 + 380 * (number % 2), 96.0 + 54 * (number // 2)
        page.put(x, y + 6, label, 21, "serif", (90, 80, 70))
        page.put(x + 140, y, value, 28, "book slanted", (20, 30, 120))
    moves = (
        "e4 c6 d4 d5 Nc3 dxe4 Nxe4 Bf5 Ng3 Bg6 h4 h6 Nf3 Nd7 h5 Bh7 Bd3 Bxd3 Qxd3 e6 Bf4 Qa5",
        "c4 e5 Nc3 Nf6 g3 d5 cxd5 Nxd5 Bg2 Nb6 Nf3 Nc6 O-O Be7 a3 O-O b4 Be6",
    )[v].split()
    rows = [("No.", "White", "Black")]
    rows += [(str(number + 1), moves[2 * number], moves[2 * number + 1]) for number in range(len(moves) // 2)]
    y = page.table(50, 330, (90, 315, 315), rows, 27, 50, face="book")
    page.put(50, y + 24, "Signed", 20, colour=(90, 80, 70))
    page.put(150, y + 6, ("K. Baumann", "R. Delgado")[v], 44, "hand", (20, 30, 120))
    page.put(460, y + 24, "Signed", 20, colour=(90, 80, 70))
    page.put(560, y + 6, ("S. Iyer", "A. Fennimore")[v], 44, "hand", (20, 30, 120))
    return page.cut(y + 80)


@_kind("photo", "")
def _feeding_plan(v: int) -> Image.Image:
    page = Page(1040, 720, ((232, 246, 250), (255, 255, 255))[v], "grotesk")
    if v == 0:
        page.put(40, 30, "Feeding plan, east wing", 42, "grotesk bold", (0, 70, 110))
        page.put(1000, 44, "week 23", 26, anchor="ra")
        y = page.table(
            40, 100,
            (220, 130, 250, 170, 190),
            (
                ("Tank", "Time", "Food", "Amount", "Keeper"),
                ("Rays", "10:00", "sardines", "4.5 kg", "Jonah"),
                ("Seahorses", "10:30", "mysis shrimp", "120 g", "Amrit"),
                ("Octopus", "11:15", "crab", "2 pieces", "Jonah"),
                ("Penguins", "14:00", "herring", "9 kg", "Saskia"),
                ("Reef sharks", "15:30", "mackerel", "6 kg", "Saskia"),
                ("Jellyfish", "16:00", "brine shrimp", "80 g", "Amrit"),
            ),
            26, 58,
        )
        page.lines(
            40, y + 22, ("Sharks fast on Mondays and Thursdays.", "Write every refusal into the red book. Vet: ext. 77 (Dr. Lund)"), 26
        )
        return page.image
    page.put(40, 30, "Who eats what?", 48, "round", (30, 120, 80))
    page.put(40, 96, "Animal kitchen, Birchwood City Farm", 26)
    y = page.table(
        40, 150,
        (230, 240, 240, 250),
        (
            ("Animal", "Morning", "Evening", "Never"),
            ("6 goats", "hay 9 kg", "pellets 1.2 kg", "bread"),
            ("2 donkeys", "straw, hay 5 kg", "hay 5 kg", "grass cuttings"),
            ("14 hens", "grain 1.4 kg", "greens", "avocado"),
            ("3 pigs", "bran 6 kg", "vegetables", "meat"),
            ("8 rabbits", "hay", "greens 2 kg", "potatoes"),
        ),
        26, 56,
        head=(214, 238, 222),
    )
    page.lines(
        40, y + 24,
        (
            "Water: fresh twice a day. Kitchen opens at 7:20.",
            "Visitors may feed the goats only, cup of feed 1.50.",
            "Questions to Petra (mornings) or Olu (evenings).",
        ),
        26,
    )
    return page.image


@_kind("", "photo")
def _paint_tin(v: int) -> Image.Image:
    page = Page(760, 920, ((238, 236, 228), (255, 255, 255))[v])
    if v == 0:
        page.box(0, 0, 760, 300, (92, 122, 116), None)
        page.put(40, 40, "Marlowe & Finch", 48, "serif slanted", "white")
        page.put(40, 120, "Estuary No. 38", 54, "serif bold", "white")
        page.put(40, 206, "Washable matt emulsion, interior", 30, "sans", "white")
        y = page.pairs(
            40, 330, 720,
            (
                ("Contents", "2.5 L"), ("Covers up to", "13 m² per litre"), ("Touch dry", "2 hours"),
                ("Second coat after", "4 hours"), ("Thin with", "water, at most 5 %"), ("VOC", "0.3 %"),
                ("Batch", "K2-0611"),
            ),
            30,
            leader=True,
        )
        page.lines(
            40, y + 16, ("Stir well. Do not use below 8 °C.", "Clean brushes with warm soapy water.", "Keep away from children."), 28
        )
        page.put(40, y + 150, "£46.00", 40, "bold")
        page.put(720, y + 160, "Made in England", 24, anchor="ra")
        return page.image
    page.box(0, 0, 760, 220, (196, 60, 30), None)
    page.put(380, 30, "RUSTSTOP", 84, "black", "white", "ma")
    page.put(380, 140, "Metal primer · signal red · 750 ml", 34, "semi", "white", "ma")
    page.put(40, 250, "DANGER", 44, "black", (180, 0, 0))
    y = page.lines(
        40, 310,
        ("Flammable liquid and vapour.", "Causes serious eye irritation.", "Use only outdoors or in a well-ventilated area."),
        29, "semi",
    )
    y = page.fields(
        40, y + 20, 330,
        (
            ("Ground", "iron and steel"), ("Apply by", "brush or roller"), ("Temperature", "5 to 30 °C"),
            ("Coverage", "9 m² per tin"), ("Dust dry", "45 minutes"), ("Overcoat after", "16 hours"),
            ("Thinner", "white spirit"), ("Shelf life", "36 months"), ("Lot", "L24-3307"),
        ),
        29,
    )
    page.put(40, y + 16, "Poison advice (24 h): +49 30 5550 0140", 27, "bold")
    return page.cut(y + 90)


@_kind()
def _seat_display(v: int) -> Image.Image:
    page = Page(1100, 560, (12, 16, 30), "grotesk medium")
    amber, white = (255, 190, 70), (238, 240, 245)
    if v == 0:
        page.put(40, 24, "RJ 166  Wien Hbf – Zürich HB", 40, "grotesk bold", white)
        page.put(1060, 30, "Coach 24", 40, "grotesk bold", amber, "ra")
        rows = (
            ("Seat", "", "Reserved"),
            ("61", "window", "Linz – Zürich HB"),
            ("62", "aisle", "free"),
            ("63", "window", "Wien Hbf – Salzburg"),
            ("64", "aisle", "Wien Hbf – Salzburg"),
            ("65", "window", "Innsbruck – Buchs"),
            ("66", "aisle", "may be reserved later"),
        )
        page.table(
            40, 100, (140, 220, 660), rows, 30, 56, None, "grotesk", "grotesk bold",
            (60, 70, 100), white,
        )  # fmt: skip
        page.put(40, 506, "Quiet zone · restaurant in coach 27", 28, "grotesk", amber)
        return page.image
    page.put(40, 24, "Next stop", 30, "grotesk", amber)
    page.put(40, 62, "Novara", 72, "grotesk bold", white)
    page.put(1060, 40, "14:38", 72, "grotesk bold", white, "ra")
    page.put(40, 160, "arrival 14:46   platform 5   delay 6 min", 34, "grotesk", amber)
    page.rule(222, 40, colour=(60, 70, 100))
    y = 244.0
    for name, at in (("Vercelli", "14:59"), ("Santhià", "15:09"), ("Chivasso", "15:27"), ("Torino Porta Nuova", "15:50")):
        page.put(80, y, name, 34, "grotesk", white)
        page.put(1060, y, at, 34, "grotesk medium", white, "ra")
        y += 56
    page.put(40, 490, "Speed 148 km/h · outside 23 °C · toilet in coach 2 out of order", 28, "grotesk", amber)
    return page.image


@_kind("scan", "photo")
def _kassenbon(v: int) -> Image.Image:
    page = Page(520, 980, (252, 252, 250), "grotesk")
    if v == 0:
        page.mid(24, "Gärtnerei Holler", 38, "round")
        page.mid(74, "Am Weiher 3 · 88045 Friedrichshafen", 21)
        page.mid(104, "Tel. 07541 555 0126", 21)
        page.rule(142, 24)
        y = page.pairs(
            24, 154, 496,
            (
                ("3 x Lavendel 4,90", "14,70 B"), ("1 Rosenerde 40 l", "9,95 A"),
                ("2 x Tontopf 18 cm", "13,00 A"), ("Pfand Palette", "2,00"), ("Treuerabatt 5 %", "-1,88"),
            ),
            24,
        )
        page.rule(y + 4, 24)
        y = page.pairs(24, y + 14, 496, (("!Zu zahlen EUR", "37,77"), ("Girocard", "37,77")), 28, bold="grotesk bold")
        y = page.table(
            24, y + 10,
            (110, 120, 120, 122),
            (("MwSt", "Netto", "Steuer", "Brutto"), ("A 19 %", "19,29", "3,66", "22,95"), ("B 7 %", "13,74", "0,96", "14,70")),
            21, 36, None,
            grid=None,
        )
        page.lines(
            24, y + 14, ("17.05.2025  11:26   Kasse 1", "Beleg 004417", "Bedienung: Fr. Amann", "Umtausch nur mit Bon binnen 14 Tagen"), 23
        )
        return page.cut(y + 160)
    page.put(24, 24, "GASTHAUS ZUR LINDE", 36, "grotesk bold")
    page.put(24, 72, "Inh. Veit Moosbrugger · Dorfplatz 1, Egg", 21)
    page.put(24, 112, "Tisch 7   Gäste 4   Rg. 20250802-31", 23)
    page.rule(152, 24, dashed=True)
    y = page.pairs(
        24, 166, 496,
        (
            ("4 Kässpätzle", "54,00"), ("2 Grüner Salat", "11,60"), ("1 Apfelstrudel", "5,90"),
            ("5 Mineralwasser 0,5", "19,50"), ("2 Espresso", "5,60"),
        ),
        25,
    )
    page.rule(y + 4, 24, dashed=True)
    y = page.pairs(24, y + 16, 496, (("Summe netto", "87,82"), ("10 % USt", "8,78"), ("!GESAMT", "96,60 €")), 26, bold="grotesk bold")
    page.lines(24, y + 12, ("2. August 2025, 13:05 Uhr", "Es bediente Sie Jana", "Trinkgeld ist nicht enthalten.", "Montag Ruhetag"), 24)
    return page.cut(y + 170)


@_kind("photo", "scan")
def _till_receipt(v: int) -> Image.Image:
    page = Page(560, 1080, (251, 251, 249), "grotesk")
    if v == 0:
        page.mid(24, "ORCHARD & SONS FARM SHOP", 32, "grotesk bold")
        page.mid(68, "Receipt 55-20841 · till 3 · Maeve", 22)
        page.mid(98, "Sat 30 Aug 2025 16:03", 22)
        page.rule(136, 24)
        y = page.pairs(
            24, 148, 536,
            (
                ("Cider 4 × 3.60", "14.40"), ("Cheddar 0.412 kg", "7.83"), ("Eggs, dozen", "4.20"),
                ("Honey 340 g", "6.75"), ("Total items 7", "33.18"), ("Multibuy cider", "-2.40"),
                ("Total after offers", "30.78"), ("Bottle deposit", "0.80"), ("!TOTAL TO PAY", "31.58"),
                ("Gift card", "10.00"), ("Card", "21.58"), ("Total paid", "31.58"),
                ("Total saved today", "2.40"), ("Gift card left", "15.00"), ("Points earned", "31"),
                ("Total points", "408"),
            ),
            25,
            bold="grotesk bold",
        )
        page.rule(y + 4, 24)
        page.mid(y + 16, "Card ending 9015 · auth 77K210", 22)
        page.mid(y + 48, "Refunds within 28 days", 22)
        return page.cut(y + 100)
    page.typed(30, 30, "MARQUEE BOWLING & BAR", 26)
    page.typed(30, 68, "LANE 08  PARTY OF 5", 22)
    page.typed(30, 98, "03-22-2025   9:41 PM", 22)
    page.rule(136, 24, dashed=True)
    y = 150.0
    for left, value in (
        ("5 SHOES", "22.50"), ("2 GAMES X 5", "65.00"), ("3 NACHOS", "31.50"), ("2 PITCHER ALE", "38.00"),
        ("1 GINGER BEER", "4.25"), ("", ""), ("FOOD TOTAL", "31.50"), ("BAR TOTAL", "42.25"),
        ("LANE TOTAL", "87.50"), ("SUB TOTAL", "161.25"), ("TAX 8.25%", "13.30"), ("SERVICE 18%", "29.03"),
        ("GRAND TOTAL", "203.58"), ("COUPON", "-20.00"), ("BALANCE DUE", "183.58"), ("EACH OF 5", "36.72"),
    ):
        page.typed(30, y, left.ljust(16) + value.rjust(20 - 2), 25)
        y += 38
    page.rule(y + 4, 24, dashed=True)
    page.typed(30, y + 20, "SERVER: TRENT  CHECK 1187", 22)
    page.typed(30, y + 52, "TIP NOT REQUIRED", 22)
    return page.cut(y + 100)


@_kind()
def _bar_chart(v: int) -> Image.Image:
    page = Page(1000, 680, "white", "grotesk")
    if v == 0:
        page.put(40, 26, "Visitors per month, in thousands", 36, "grotesk bold")
        for x, name, colour in ((560, "2023", (150, 170, 200)), (720, "2024", (220, 110, 50))):
            page.box(x, 84, x + 26, 110, colour, None)
            page.put(x + 38, 80, name, 26)
        y = 130.0
        for name, old, new in (
            ("Zoo", 42, 51),
            ("Castle", 30, 27),
            ("Science hall", 18, 33),
            ("Cable car", 25, 25),
            ("Open-air stage", 9, 14),
        ):
            page.put(230, y + 40, name, 26, anchor="rm")
            for row, (value, colour) in enumerate(((old, (150, 170, 200)), (new, (220, 110, 50)))):
                top = y + 2 + row * 38
                page.box(250, top, 250 + value * 13, top + 34, colour, None)
                page.put(260 + value * 13, top + 17, str(value), 24, anchor="lm")
            y += 100
        page.pen.line((250, 124, 250, y - 4), fill="black", width=3)
        page.put(40, 636, "Source: city tourist office", 22, "slanted")
        return page.image
    page.put(500, 20, "Rainfall at Kirkby Weir (mm)", 34, "grotesk bold", anchor="ma")
    for value in (0, 20, 40, 60, 80, 100):
        y = 560 - value * 4.4
        page.rule(y, 100, 960, 1, (205, 205, 205))
        page.put(88, y, str(value), 22, anchor="rm")
    for number, (name, value) in enumerate((("Jan", 92), ("Feb", 71), ("Mar", 58), ("Apr", 34), ("May", 47), ("Jun", 23))):
        x = 130 + number * 140
        page.box(x, 560 - value * 4.4, x + 86, 560, (60, 110, 180), None)
        page.put(x + 43, 560 - value * 4.4 - 34, str(value), 26, "grotesk bold", anchor="ma")
        page.put(x + 43, 572, name, 26, anchor="ma")
    page.put(100, 630, "Half-year sum: 325 mm. Wettest January since 1996.", 24, "slanted")
    return page.image


@_kind()
def _share_chart(v: int) -> Image.Image:
    page = Page(1000, 660, "white", "sans")
    if v == 0:
        page.put(40, 26, "How our 180 staff come to work", 38, "bold")
        shares = (
            ("Train", 38, (46, 96, 150)),
            ("Bicycle", 27, (70, 150, 90)),
            ("Car", 19, (200, 80, 60)),
            ("On foot", 11, (230, 180, 60)),
            ("Other", 5, (150, 150, 150)),
        )
        begin = -90.0
        for _, share, colour in shares:
            end = begin + share * 3.6
            page.pen.pieslice((60, 120, 540, 600), begin, end, colour, "white", 4)
            angle = math.radians((begin + end) / 2)
            reach = 160 if share > 8 else 205
            page.put(
                300 + reach * math.cos(angle), 360 + reach * math.sin(angle), f"{share}%", 30 if share > 8 else 22, "bold", "white", "mm"
            )
            begin = end
        for number, (name, _, colour) in enumerate(shares):
            page.box(620, 200 + number * 62, 656, 236 + number * 62, colour, None)
            page.put(676, 200 + number * 62, name, 30)
        page.put(620, 560, "Survey of March 2025", 24, "slanted")
        return page.image
    page.put(40, 24, "Coffee price, euros per kilo", 36, "bold")
    points = (("2019", 8), ("2020", 9), ("2021", 11), ("2022", 16), ("2023", 14), ("2024", 19))
    for value in (0, 5, 10, 15, 20):
        y = 580 - value * 22
        page.rule(y, 90, 960, 1, (210, 210, 210))
        page.put(76, y, str(value), 24, anchor="rm")
    spots = [(150 + n * 150, 580 - value * 22) for n, (_, value) in enumerate(points)]
    page.pen.line(spots, fill=(120, 60, 30), width=5)
    for (x, y), (name, value) in zip(spots, points, strict=True):
        page.pen.ellipse((x - 9, y - 9, x + 9, y + 9), (120, 60, 30))
        page.put(x, y - 44, f"{value}.00", 24, "semi", anchor="ma")
        page.put(x, 594, name, 26, anchor="ma")
    return page.image


@_kind()
def _spreadsheet(v: int) -> Image.Image:
    page = Page(1120, 600, "white")
    name = ("allotment_2025.xlsx", "band-tour-costs.ods")[v]
    page.box(0, 0, 1120, 50, (33, 115, 70), None)
    page.put(560, 25, name, 24, "semi", "white", "mm")
    rows: tuple[tuple[str, ...], ...] = (
        (
            ("", "A", "B", "C", "D", "E"),
            ("1", "Member", "Plot", "Size m²", "Rent", "Paid"),
            ("2", "Abbott", "4", "120", "36.00", "yes"),
            ("3", "Choi", "7", "95", "28.50", "yes"),
            ("4", "Dragomir", "11", "150", "45.00", "no"),
            ("5", "Eze", "12", "80", "24.00", "yes"),
            ("6", "Fitzroy", "15", "95", "28.50", "no"),
            ("7", "Sum", "", "540", "162.00", ""),
        ),
        (
            ("", "A", "B", "C", "D", "E"),
            ("1", "City", "Date", "Van", "Hotel", "Fee"),
            ("2", "Leeds", "2 Mar", "140", "210", "600"),
            ("3", "Ghent", "5 Mar", "260", "185", "750"),
            ("4", "Lille", "6 Mar", "70", "160", "500"),
            ("5", "Cologne", "8 Mar", "190", "", "900"),
            ("6", "Total", "", "660", "555", "2750"),
            ("7", "", "", "", "", ""),
        ),
    )[v]
    page.put(20, 64, ("D7", "E5")[v], 22, "semi")
    page.put(110, 64, "fx", 22, "serif slanted", (120, 120, 120))
    page.put(150, 64, ("=SUM(D2:D6)", "900")[v], 22)
    page.table(
        10, 104, (60, 260, 180, 190, 190, 190), rows, 25, 50, (236, 238, 240),
        grid=(190, 194, 198), flush=frozenset({3, 4}),
    )  # fmt: skip
    x, y = ((700, 454), (890, 354))[v]
    page.box(x, y, x + 190, y + 50, None, (33, 115, 70), 4)
    page.box(0, 540, 1120, 600, (240, 242, 244), None)
    page.put(30, 556, ("Plots   Waiting list   Keys", "Costs   Setlist   Contacts")[v], 24, "semi")
    page.put(1100, 558, ("Saved 14:02", "Zoom 110 %")[v], 22, anchor="ra")
    return page.image


@_kind()
def _settings_dialog(v: int) -> Image.Image:
    dark = v == 1
    ground, ink, faint = (((243, 243, 243), (25, 25, 25), (110, 110, 110)), ((32, 33, 38), (236, 236, 238), (150, 152, 160)))[v]
    page = Page(900, 660, ground, "grotesk")
    page.put(40, 28, ("Printer preferences", "Storage & backup")[v], 38, "grotesk bold", ink)
    rows: tuple[tuple[str, str], ...] = (
        (
            ("Default printer", "Orbit LaserMate 220"), ("Paper size", "A4"), ("Print on both sides", "on"),
            ("Quality", "Draft (300 dpi)"), ("Copies", "2"), ("Toner left", "35 %"), ("Save ink mode", "off"),
        ),
        (
            ("Used", "412.6 GB of 512 GB"), ("Backup to cloud", "on"), ("Last backup", "Yesterday, 23:10"),
            ("Keep versions for", "90 days"), ("Back up over mobile data", "off"),
            ("Account", "tilda.berg@postbox.example"), ("Photos", "187.3 GB"),
        ),
    )[v]
    y = 100.0
    for label, value in rows:
        page.put(40, y + 12, label, 27, "grotesk", ink)
        if value in ("on", "off"):
            fill = (40, 140, 90) if value == "on" else (140, 140, 145)
            page.box(760, y + 8, 840, y + 46, fill, None, radius=19)
            x = 804 if value == "on" else 764
            page.pen.ellipse((x, y + 11, x + 32, y + 43), "white")
        else:
            page.put(850, y + 12, value, 27, "grotesk medium", faint if dark else ink, "ra")
        page.rule(y + 62, 40, colour=(80, 80, 86) if dark else (215, 215, 215), width=1)
        y += 66
    for x, word in ((560, ("Cancel", "Back up now")[v]), (730, ("Apply", "Done")[v])):
        wide = 150 if word != "Back up now" else 160
        page.box(x, 586, x + wide, 636, (0, 95, 184) if x == 730 else None, faint, 2, 8)
        page.put(x + wide / 2, 611, word, 24, "grotesk medium", "white" if x == 730 else ink, "mm")
    return page.image


@_kind()
def _terminal(v: int) -> Image.Image:
    page = Page(1080, 560, (16, 18, 22))
    lines = (
        (
            "mara@birch:~$ df -h", "Filesystem   Size  Used  Avail  Use%  Mounted on",
            "/dev/sda2    120G   97G    17G   86%  /", "/dev/sdb1    2.0T  640G   1.3T   34%  /data",
            "tmpfs        7.8G  212M   7.6G    3%  /run", "mara@birch:~$ uptime",
            " 18:42:07 up 63 days, 4:11, 2 users, load 0.58", "mara@birch:~$ ping -c 3 relay.example",
            "3 packets transmitted, 3 received, 0% loss", "rtt min/avg/max = 11.2/14.9/19.4 ms",
            "mara@birch:~$ _",
        ),
        (
            "$ ./run_tests --all", "collected 148 tests", "parser ........... 61 passed",
            "network .......... 39 passed, 2 failed", "storage .......... 46 passed",
            "FAILED test_retry (timeout after 30 s)", "FAILED test_proxy (assert 407 == 200)",
            "146 passed, 2 failed in 93.4 s", "coverage: 81%   report: out/coverage.html", "exit code 1",
        ),
    )[v]
    y = 30.0
    for line in lines:
        colour = (120, 220, 140) if line.startswith(("mara@", "$")) else (222, 222, 222)
        if line.startswith("FAILED"):
            colour = (240, 100, 90)
        page.typed(36, y, line, 30, "sans", colour)
        y += 46
    return page.image


@_kind("scan", "photo")
def _lettre(v: int) -> Image.Image:
    page = Page(900, 1080, face="serif")
    if v == 0:
        page.lines(60, 50, ("Mairie de Valbrune", "Service des eaux", "2, place du Lavoir"), 25)
        page.put(840, 150, "Valbrune, le 6 janvier 2025", 25, anchor="ra")
        page.put(60, 220, "Objet : coupure d’eau", 27, "serif bold")
        page.put(60, 262, "Référence : EAU-118", 25)
        page.lines(
            60, 330,
            (
                "Madame, Monsieur,", "", "En raison de travaux rue des Tilleuls, l’eau sera",
                "coupée le mardi 14 janvier de 8 h 30 à 12 heures.",
                "Cent vingt foyers sont concernés. Une citerne sera", "placée devant l’école.", "",
                "Après la remise en service, laissez couler l’eau", "pendant cinq minutes avant de la boire.",
                "", "Pour toute question, appelez le 04 55 50 01 27.", "",
                "Veuillez agréer, Madame, Monsieur, nos salutations", "distinguées.", "",
                "Le responsable, Étienne Maurel",
            ),
            27,
        )
        return page.image
    page.put(60, 50, "Chorale Les Hirondelles", 40, "book slanted", (40, 70, 120))
    page.put(60, 110, "Chers amis,", 28, "book")
    y = page.lines(
        60, 170,
        (
            "notre concert de printemps aura lieu le samedi 5 avril",
            "à 20 h 30 à l’église Saint-Roch. Nous chanterons Fauré,",
            "Poulenc et quelques airs populaires sous la direction", "de Maëlle Kerbrat.", "",
            "Entrée : 12 euros, gratuit pour les moins de 14 ans.",
            "Les billets sont en vente à la boulangerie Picard.", "",
            "Nous cherchons encore trois ténors ! Les répétitions",
            "ont lieu le jeudi à 19 heures, salle des fêtes.", "", "À bientôt,", "Lucien Tavernier, président",
        ),
        28, "book",
    )
    page.put(60, y + 30, "hirondelles@choeur.example · 06 55 50 01 88", 25, "book")
    return page.cut(y + 100)


@_kind("photo", "")
def _aviso(v: int) -> Image.Image:
    page = Page(860, 900, ((255, 252, 240), (255, 255, 255))[v])
    if v == 0:
        page.box(0, 0, 860, 120, (180, 70, 20), None)
        page.put(430, 26, "AVISO A LOS VECINOS", 52, "black", "white", "ma")
        y = page.lines(
            50, 156,
            (
                "El ascensor del portal 4 no funcionará del lunes 10",
                "al viernes 14 de noviembre por cambio de cables.", "Use el ascensor del portal 6.", "",
                "La junta anual se celebra el jueves 27 de noviembre",
                "a las 19:30 en el garaje. Orden del día:",
            ),
            29,
        )
        y = page.lines(
            80, y + 6, ("1. Cuentas de 2025", "2. Pintura de la fachada (18.400 €)", "3. Placas solares", "4. Ruegos y preguntas"), 29
        )
        page.pairs(50, y + 24, 810, (("Administradora", "Pilar Echeverría"), ("Teléfono", "944 55 50 162"), ("Cuota mensual", "62 €")), 29)
        return page.image
    page.mid(40, "Biblioteca Municipal de Olmeda", 42, "serif bold", (40, 80, 60))
    page.mid(106, "HORARIO DE VERANO", 34, "bold")
    page.mid(152, "del 1 de julio al 31 de agosto", 28)
    y = page.pairs(
        80, 220, 780,
        (
            ("Lunes a jueves", "9:00 – 14:30"), ("Viernes", "9:00 – 13:00"), ("Sábados y domingos", "cerrado"),
            ("Sala infantil", "10:00 – 13:30"), ("Préstamo máximo", "8 libros"), ("Plazo", "30 días"),
            ("Carné nuevo", "gratis"), ("Carné perdido", "3,50 €"),
        ),
        30,
        leader=True,
    )
    page.lines(
        80, y + 24,
        ("El 15 de agosto la biblioteca no abre.", "Cuentacuentos: todos los miércoles a las 11:00.", "Directora: Amparo Lledó"),
        28,
    )
    return page.image


@_kind("scan", "photo")
def _aushang(v: int) -> Image.Image:
    page = Page(860, 960, ((255, 250, 225), (236, 246, 255))[v], "round")
    if v == 0:
        page.mid(36, "Kita Sonnenkäfer", 50, "round", (200, 90, 20))
        page.mid(110, "Laternenfest", 44, "round")
        y = page.lines(
            60, 190,
            (
                "Liebe Eltern,", "wir feiern am Dienstag, 11. November, ab 17 Uhr.",
                "Treffpunkt ist der Spielplatz am Mühlbach.", "Bitte bringen Sie eine Tasse je Kind mit.",
                "Kinderpunsch kostet 1 Euro, Brezeln sind frei.", "Die Wanderung dauert etwa 45 Minuten.",
                "Bei Regen basteln wir im Turnraum.",
            ),
            29, "semi",
            step=1.6,
        )
        y = page.lines(60, y + 20, ("Wir suchen noch Helfer für den Abbau.", "Liste hängt an der Garderobe."), 28, "sans")
        page.put(60, y + 20, "Ihre Frau Tomczak, Leitung", 30, "semi")
        page.put(60, y + 66, "Rückfragen: 0641 555 0139", 28, "sans")
        return page.cut(y + 140)
    page.mid(36, "Bärengruppe", 50, "round", (30, 90, 150))
    page.mid(104, "Speiseplan vom 8. bis 12. September", 30, "semi")
    y = page.table(
        50, 170,
        (180, 360, 220),
        (
            ("Tag", "Mittagessen", "Nachmittag"),
            ("Montag", "Linsensuppe", "Birne"),
            ("Dienstag", "Fischstäbchen", "Joghurt"),
            ("Mittwoch", "Nudeln mit Tomate", "Zwieback"),
            ("Donnerstag", "Hühnerfrikassee", "Melone"),
            ("Freitag", "Milchreis", "Karotten"),
        ),
        28, 62,
        face="sans",
    )
    page.lines(
        50, y + 24,
        (
            "Essen wird um 11:45 Uhr ausgegeben.", "Allergie? Bitte Herrn Brandl Bescheid geben.",
            "Monatsbeitrag Essen: 68 Euro", "Am Freitag schließen wir schon um 14 Uhr.",
        ),
        28, "semi",
    )
    return page.cut(y + 210)
# fmt: on


def names() -> list[str]:
    """Name all pages."""
    return [f"{kind}/{number}" for kind in _KINDS for number in (1, 2)]


def page(name: str) -> Image.Image:
    """Draw a page by its name."""
    kind, number = name.split("/")
    draw, wear = _KINDS[kind]
    image = draw(int(number) - 1)
    chance = random.Random(f"held out {name}")
    how = wear[int(number) - 1]
    if how == "scan":
        return scanned(image, chance)
    return photographed(image, chance) if how == "photo" else image


def main() -> None:
    """Draw all into a folder."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name in names():
        page(name).save(folder / f"{name.replace('/', '_')}.png")


if __name__ == "__main__":
    main()

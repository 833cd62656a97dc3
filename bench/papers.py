"""Twenty receipts, signs and forms with questions, drawn with typefaces the reader was not made on.

Each paper is drawn from seeded chance: words, numbers, layout, typeface, colours, a little noise,
slant and JPEG. The truth is what was drawn.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

_FACES = (
    ("font_source_sans_pro", "SourceSansPro-Regular.ttf"),
    ("font_source_sans_pro", "SourceSansPro-Semibold.ttf"),
    ("font_source_serif_pro", "SourceSerifPro-Regular.ttf"),
    ("font_source_serif_pro", "SourceSerifPro-Semibold.ttf"),
    ("font_caladea", "Caladea-Regular.ttf"),
    ("font_caladea", "Caladea-Italic.ttf"),
    ("font_hanken_grotesk", "HankenGrotesk-Regular.ttf"),
    ("font_fredoka_one", "FredokaOne-Regular.ttf"),
)


@dataclass
class Paper:
    """A picture with questions; an answer is right when it holds one of the accepted strings.

    None stands for "the paper does not tell": a right answer then declines.
    """

    name: str
    image: Image.Image
    questions: list[tuple[str, tuple[str, ...] | None]] = field(default_factory=list)


def face(chance: random.Random) -> Callable[[int], ImageFont.FreeTypeFont]:
    """Choose a typeface; the result gives it in a size."""
    package, name = chance.choice(_FACES)
    origin = import_module(package).__file__
    assert origin is not None
    files = sorted(Path(origin).parent.rglob("*.[ot]tf"))
    path = next((f for f in files if f.name == name), files[0])
    return lambda size: ImageFont.truetype(path, size)


def worn(image: Image.Image, chance: random.Random) -> Image.Image:
    """Slant a picture by up to 1.5 degrees, add noise, and store it as JPEG."""
    ground = image.getpixel((1, 1))
    image = image.rotate(
        chance.uniform(-1.5, 1.5), Image.Resampling.BICUBIC, expand=True, fillcolor=ground
    )
    noise = np.random.default_rng(chance.getrandbits(32)).normal(0, 4, (*image.size[::-1], 1))
    noisy = np.clip(np.asarray(image, dtype=np.float64) + noise, 0, 255).astype(np.uint8)
    stored = io.BytesIO()
    Image.fromarray(noisy).save(stored, "JPEG", quality=chance.randint(70, 92))
    return Image.open(stored).convert("RGB")


_SHOPS = (
    "Corner Pantry",
    "Nordic Books",
    "Silver Spoon Diner",
    "Green Valley Market",
    "Pixel Electronics",
    "La Piazza Trattoria",
    "Hilltop Hardware",
    "Morning Dew Florist",
    "Blue Anchor Fish Bar",
)
_GOODS = (
    "Espresso",
    "Tomato Soup",
    "Garden Hose",
    "Notebook A5",
    "Rye Bread",
    "Olive Oil",
    "USB Cable",
    "Tulips",
    "Apple Juice",
    "Batteries AA",
    "Wall Paint",
    "Fish and Chips",
    "Cheese Plate",
    "Desk Lamp",
    "Green Tea",
)
_PEOPLE = (
    "Ingrid Larsen",
    "Tomas Novak",
    "Amara Okafor",
    "Lucia Romano",
    "Kenji Mori",
    "Elena Petrova",
    "Samuel Wright",
    "Noor Haddad",
    "Paulo Mendes",
    "Greta Schmidt",
)
_STREETS = (
    "Willow Street",
    "Harbor Road",
    "Cedar Avenue",
    "Mill Lane",
    "King Street",
    "Station Road",
)
_CITIES = ("Springfield", "Lakewood", "Riverton", "Ashford", "Brookside")


def _money(cents: int, sign: str) -> str:
    return f"{sign}{cents // 100}.{cents % 100:02d}"


def receipt(chance: random.Random) -> Paper:
    """Draw a receipt."""
    size, sign = face(chance), chance.choice(("$", "", "€", "$"))
    width = chance.randint(460, 620)
    shop, person = chance.choice(_SHOPS), chance.choice(_PEOPLE).split()[0]
    goods = chance.sample(_GOODS, chance.randint(2, 5))
    lines: list[tuple[str, str, int]] = []
    date = chance.choice(
        (
            f"2025-{chance.randint(1, 12):02d}-{chance.randint(10, 28)}",
            f"{chance.randint(13, 28)}/{chance.randint(1, 12):02d}/2026",
            f"{chance.choice(('March', 'June', 'October'))} {chance.randint(10, 28)}, 2026",
        )
    )
    phone = f"({chance.randint(201, 989)}) 555-{chance.randint(1000, 9999)}"
    number = str(chance.randint(10000, 99999))
    prices = [chance.randint(150, 4999) for _ in goods]
    subtotal = sum(prices)
    tax = round(subtotal * 0.07)
    word = chance.choice(("TOTAL", "Total", "Grand Total", "Amount Due", "TOTAL DUE"))
    image = Image.new("RGB", (width, 1100), chance.choice(("white", "#fbfaf5", "#f4f4f4")))
    draw = ImageDraw.Draw(image)
    draw.text((width // 2, 36), shop, fill="#1a1a1a", font=size(40), anchor="mt")
    draw.text(
        (width // 2, 100),
        f"{chance.randint(2, 180)} {chance.choice(_STREETS)}",
        fill="#222",
        font=size(24),
        anchor="mt",
    )
    draw.text(
        (width // 2, 136),
        f"{chance.choice(('Tel:', 'Phone', 'Tel.'))} {phone}",
        fill="#222",
        font=size(24),
        anchor="mt",
    )
    lines += [
        (f"Date: {date}", "", 25),
        (f"{chance.choice(('Receipt #', 'Receipt No:'))} {number}", "", 25),
        (f"{chance.choice(('Cashier:', 'Served by'))} {person}", "", 25),
        ("", "", 14),
    ]
    lines += [(g, _money(p, ""), 27) for g, p in zip(goods, prices, strict=True)]
    lines += [
        ("", "", 14),
        ("Subtotal", _money(subtotal, ""), 26),
        (chance.choice(("Tax 7%", "Sales Tax", "VAT 7%")), _money(tax, ""), 26),
        (word, _money(subtotal + tax, sign), chance.choice((26, 34))),
    ]
    y = 200
    for left, right, points in lines:
        draw.text((30, y), left, fill="#1a1a1a", font=size(points))
        draw.text((width - 30, y), right, fill="#1a1a1a", font=size(points), anchor="ra")
        y += round(points * 1.65)
    draw.text((width // 2, y + 24), "Thank you!", fill="#222", font=size(26), anchor="mt")
    image = image.crop((0, 0, width, y + 90))
    total = _money(subtotal + tax, "")
    pick = chance.randrange(len(goods))
    return Paper(
        "receipt",
        worn(image, chance),
        [
            (
                chance.choice(
                    (
                        "What is the total?",
                        "How much was the total amount?",
                        "What's the amount due?",
                    )
                ),
                (total,),
            ),
            ("What is the date on this receipt?", (date,)),
            ("What is the phone number?", (phone,)),
            (f"How much was the {goods[pick]}?", (_money(prices[pick], ""),)),
            ("What is the name of the store?", (shop,)),
            ("What is the receipt number?", (number,)),
            ("Who is the cashier?", (person,)),
            ("How much tax was charged?", (_money(tax, ""),)),
            (f"Does it mention {chance.choice(goods)}?", ("yes",)),
            ("Does the receipt say 'Refund'?", ("no",)),
            ("What is the table number?", None),
        ],
    )


def street_sign(chance: random.Random) -> Paper:
    """Draw a sign: a street, a warning, opening hours or a direction."""
    size = face(chance)
    name, (ground, ink) = chance.choice(
        (
            ("green", ("#00693e", "white")),
            ("blue", ("#0a4fa0", "white")),
            ("red", ("#b81f2c", "white")),
            ("yellow", ("#f7c800", "#111111")),
            ("white", ("#ffffff", "#111111")),
            ("brown", ("#6b4423", "white")),
        )
    )
    image = Image.new("RGB", (900, 520), ground)
    draw = ImageDraw.Draw(image)
    draw.rectangle((14, 14, 886, 506), outline=ink, width=8)
    kind = chance.randrange(4)
    questions: list[tuple[str, tuple[str, ...] | None]] = []
    if kind == 0:
        limit = chance.choice((20, 30, 45, 60))
        lines = [("SPEED LIMIT", 90), (str(limit), 170)]
        questions = [
            ("What is the speed limit?", (str(limit),)),
            ("What does the sign say?", ("SPEED LIMIT",)),
        ]
    elif kind == 1:
        place, far = chance.choice(_CITIES), chance.randint(3, 80)
        exit_ = chance.randint(2, 60)
        lines = [(f"{place} {far} km", 84), (f"Exit {exit_}", 84)]
        questions = [
            (f"How far is it to {place}?", (f"{far}",)),
            ("Which exit number is it?", (str(exit_),)),
        ]
    elif kind == 2:
        opens, closes = chance.randint(7, 10), chance.randint(16, 21)
        shop = chance.choice(_SHOPS)
        lines = [(shop, 72), (f"Mon-Fri {opens}:00 - {closes}:30", 66), ("Closed on Sundays", 56)]
        questions = [
            (
                "What are the opening hours?",
                (f"{opens}:00 - {closes}:30", f"{opens}:00-{closes}:30"),
            ),
            ("When does it close?", (f"{closes}:30",)),
            ("What is the shop called?", (shop,)),
        ]
    else:
        fee = chance.randint(2, 9)
        lines = [("PARKING", 96), (f"${fee}.00 per hour", 74), ("8 AM - 6 PM", 74)]
        questions = [
            ("How much is parking per hour?", (f"{fee}.00",)),
            ("Does it say PARKING?", ("yes",)),
            ("What are the hours?", ("8 AM - 6 PM", "8AM-6PM", "8 AM-6 PM")),
        ]
    y = 520 // 2 - sum(round(s * 1.4) for _, s in lines) // 2
    for text, points in lines:
        draw.text((450, y), text, fill=ink, font=size(points), anchor="mt")
        y += round(points * 1.4)
    questions += [
        ("What colour is the sign?", (name,)),
        ("Is there a QR code?", ("no",)),
        ("What is the phone number on the sign?", None),
    ]
    return Paper("sign", worn(image, chance), questions)


def form(chance: random.Random) -> Paper:
    """Draw a filled form: labels before, or above, their values; one field is empty."""
    size = face(chance)
    person = chance.choice(_PEOPLE)
    values = {
        chance.choice(("Full Name", "Name", "Patient Name")): person,
        "Date of Birth": f"{chance.randint(10, 28)} {chance.choice(('May', 'July', 'November'))} {chance.randint(1950, 2004)}",
        chance.choice(
            ("Address", "Street Address")
        ): f"{chance.randint(2, 99)} {chance.choice(_STREETS)}, {chance.choice(_CITIES)}",
        chance.choice(
            ("Phone", "Telephone")
        ): f"+1 {chance.randint(201, 989)} 555 {chance.randint(1000, 9999)}",
        "Email": f"{person.split()[0].lower()}{chance.randint(1, 99)}@example.com",
        chance.choice(
            ("Member ID", "Policy Number", "Account No")
        ): f"{chance.choice('ABKX')}{chance.randint(10000, 99999)}",
        "Department": chance.choice(("Radiology", "Accounting", "Logistics", "Research")),
    }
    above = chance.random() < 0.4
    title = chance.choice(
        ("REGISTRATION FORM", "Membership Application", "Visitor Form", "Claim Form")
    )
    image = Image.new("RGB", (820, 1000), "white")
    draw = ImageDraw.Draw(image)
    draw.text((410, 40), title, fill="#102040", font=size(44), anchor="mt")
    y = 130
    for label, value in [*values.items(), ("Referred by", "")]:
        if above:
            draw.text((60, y), label, fill="#555", font=size(22))
            draw.text((60, y + 30), value, fill="#111", font=size(30))
            draw.line((60, y + 70, 760, y + 70), fill="#999")
            y += 92
        else:
            draw.text((60, y), f"{label}:", fill="#333", font=size(28))
            draw.text((330, y), value, fill="#111", font=size(28))
            draw.line((330, y + 38, 760, y + 38), fill="#bbb")
            y += 62
    image = image.crop((0, 0, 820, y + 40))
    labels = list(values)
    return Paper(
        "form",
        worn(image, chance),
        [
            (f"What is the {labels[0].lower()}?", (person,)),
            ("What is the date of birth?", (values["Date of Birth"],)),
            ("What is the phone number?", (values[labels[3]],)),
            ("What is the email address?", (values["Email"],)),
            (f"What is the {labels[5].lower().replace(' no', ' number')}?", (values[labels[5]],)),
            ("Which department is it?", (values["Department"],)),
            ("What is the address?", (values[labels[2]].split(",")[0],)),
            ("What kind of form is it? Read the title.", (title,)),
            ("What is the salary?", None),
        ],
    )


def papers(seed: int, count: int = 20) -> list[Paper]:
    """Draw `count` papers, in turn receipts, signs and forms."""
    chance = random.Random(seed)
    return [(receipt, street_sign, form)[i % 3](chance) for i in range(count)]

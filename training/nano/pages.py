"""Drawn papers and screens: words, tables, charts, interfaces, each with questions about it.

What is printed is known line by line, with its place, as the measuring part would read it. A model
that is told these lines answers from them; without them it says that it cannot read.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from training.nano.questions import Asked
from training.nano.world import COLOURS, Pixels

UNREAD = "There is writing, but I can't read it."
_READ = "Text read in this picture, with the place of each line:\n"
_STRAY = "NOILZXSTUVCBE0182347十口福品一o°*-=+"
_LEVEL = 0.025  # of the height: what differs by less stands in one row
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")
_LIGHT = ((255, 255, 255), (250, 250, 245), (240, 244, 250), (255, 250, 225), (232, 240, 228))
_HUES = tuple(colour for colour in COLOURS if colour not in ("white", "black", "gray"))
_WORDS = tuple(
    "open closed exit enter push pull stop sale coffee tea bread milk apple orange total price north "
    "south east west room floor station market river house garden school office hotel table window "
    "summer winter monday friday morning evening january march june august red blue green yellow "
    "quick brown light dark small large new old first last fresh daily free please thank you welcome "
    "do not touch keep left right parking platform gate flight train bus ticket menu soup salad fish "
    "rice water juice cake pizza pasta lunch dinner breakfast name date time place number code page "
    "north star moon sun bank street road city bridge park library museum music film book paper pen "
    "anna peter maria john emma paul clara tom berlin paris london rome madrid vienna oslo lima".split()
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A line of print, with its upper left corner in pixels."""

    text: str
    x: float
    y: float


@dataclass(frozen=True)
class Page:
    """A drawn page, what is printed on it from top to bottom, and questions about it.

    The questions in `told` can be answered by whoever was told the lines.
    """

    picture: Pixels
    lines: tuple[Line, ...]
    told: tuple[Asked, ...]
    seen: tuple[Asked, ...]

    def note(self) -> str:
        """Write what was read as `sightline.engines.assist` does: what stands on one height is one row."""
        height, width = self.picture.shape[:2]
        rows: list[list[Line]] = []
        for line in sorted(self.lines, key=lambda line: line.y):
            if rows and line.y - rows[-1][0].y < _LEVEL * height:
                rows[-1].append(line)
            else:
                rows.append([line])
        told = []
        for row in rows:
            x = max(0, round(100 * min(line.x for line in row) / width) - 1)
            y = max(0, round(100 * row[0].y / height) - 1)
            words = "  ".join(line.text for line in sorted(row, key=lambda line: line.x))
            told.append(f"({x}%, {y}%) {words}")
        return _READ + "\n".join(told) + "\n\n"


def stray(chance: random.Random) -> str:
    """Write what may be read where nothing is to be answered from: a rim taken for a letter, a label."""
    lines = sorted(
        (
            chance.randrange(95),
            chance.randrange(95),
            _phrase(chance, 2) if chance.random() < 0.3 else chance.choice(_STRAY),
        )
        for _ in range(chance.choice((1, 1, 1, 2)))
    )
    return _READ + "\n".join(f"({x}%, {y}%) {text}" for y, x, text in lines) + "\n\n"


@cache
def faces(held: bool) -> tuple[str, ...]:
    """Give typefaces to print with; a fifth of the families is held back for measuring."""
    found = []
    for folder in (
        "dejavu",
        "freefont",
        "lato",
        "liberation2",
        "open-sans",
        "roboto",
        "humor-sans",
    ):
        found += [
            str(path)
            for path in sorted(Path("/usr/share/fonts/truetype", folder).rglob("*.ttf"))
            if not any(thin in path.name for thin in ("Math", "Light", "Hair", "Thin"))
        ]
    split = [path for path in found if (sum(path.encode()) % 5 == 0) == held]
    if not split:
        raise SystemExit("No typefaces found: apt-get install fonts-dejavu fonts-freefont-ttf ...")
    return tuple(split)


@cache
def _font(path: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size)


class Sheet:
    """A page that is being drawn; it notes what is printed on it."""

    def __init__(self, chance: random.Random, size: tuple[int, int], held: bool) -> None:
        self.chance = chance
        self.width, self.height = size
        ground = chance.choice(_LIGHT)
        self.dark = chance.random() < 0.12
        self.ink = (20, 20, 24)
        if self.dark:
            ground, self.ink = (28, 30, 36), (235, 235, 235)
        self.image = Image.new("RGB", size, ground)
        self.draw = ImageDraw.Draw(self.image)
        self.face = chance.choice(faces(held))
        self.lines: list[Line] = []

    def font(self, size: int) -> ImageFont.FreeTypeFont:
        """Give the page's typeface in a size."""
        return _font(self.face, size)

    def print(
        self, x: float, y: float, text: str, size: int, *, anchor: str = "lt", ink: object = None
    ) -> None:
        """Print a line; what is printed later is not necessarily read later."""
        font = self.font(size)
        colour = self.ink if ink is None else ink
        box = self.draw.textbbox((x, y), text, font=font, anchor=anchor)
        self.draw.text((x, y), text, font=font, anchor=anchor, fill=colour)
        self.lines.append(Line(text, max(0.0, box[0]), max(0.0, box[1])))

    def page(self, told: Sequence[Asked], seen: Sequence[Asked]) -> Page:
        """Give the page with its lines in the order in which they are read."""
        order = sorted(self.lines, key=lambda line: (round(line.y / 10), line.x))
        return Page(np.asarray(self.image), tuple(order), tuple(told), tuple(seen))


def _phrase(chance: random.Random, most: int) -> str:
    words = " ".join(chance.choice(_WORDS) for _ in range(chance.randint(1, most)))
    return chance.choice((words, words.capitalize(), words.upper(), words.title()))


def _number(chance: random.Random) -> str:
    return chance.choice((
        str(chance.randint(1, 999)), f"{chance.randint(0, 99)}.{chance.randint(0, 99):02}",
        f"${chance.randint(1, 99)}.{chance.randint(0, 99):02}", f"{chance.randint(1, 99)}%",
        f"{chance.randint(1, 12)}:{chance.randint(0, 59):02}", str(chance.randint(1900, 2030)),
    ))  # fmt: skip


def _pick(chance: random.Random, *wordings: str) -> str:
    return chance.choice(wordings)


def words(chance: random.Random, size: tuple[int, int], held: bool = False) -> Page:
    """A sign or a note of one to four lines."""
    sheet = Sheet(chance, size, held)
    count = chance.randint(1, 4)
    big = sheet.height / (count + 1.5)
    y = chance.uniform(0.05, 0.25) * sheet.height
    for _ in range(count):
        text = _number(chance) if chance.random() < 0.25 else _phrase(chance, 3)
        high = max(11, min(round(big * chance.uniform(0.5, 0.9)), 40))
        while high > 10 and sheet.font(high).getlength(text) > sheet.width * 0.92:
            high -= 1
        if sheet.font(high).getlength(text) > sheet.width * 0.96 or y + high > sheet.height:
            continue
        x = chance.uniform(0.02, 0.97 - sheet.font(high).getlength(text) / sheet.width)
        sheet.print(x * sheet.width, y, text, high)
        y += high * chance.uniform(1.25, 1.8)
    texts = [line.text for line in sorted(sheet.lines, key=lambda line: line.y)]
    if not texts:
        return words(chance, size, held)
    told = [
        Asked(
            _pick(chance, "What does it say?", "Read it.", "Read the text.", "What is written here?",
                  "What text is in the picture?", "Transcribe the text."),
            "\n".join(texts), "reading",
        ),
        Asked(
            _pick(chance, "What is the first line?", "What does the first line say?"), texts[0],
            "reading",
        ),
        Asked(
            _pick(chance, "What is the last line?", "What does the last line say?"), texts[-1],
            "reading",
        ),
    ]  # fmt: skip
    figures = [text for text in texts if any(sign.isdigit() for sign in text)]
    if len(figures) == 1:
        told.append(
            Asked(
                _pick(chance, "Which number is shown?", "What number do you see?"),
                figures[0],
                "reading",
            )
        )
    seen = [
        Asked(
            _pick(chance, "Is there any text?", "Is there text in the picture?"),
            "Yes.",
            "yes or no",
        ),
        Asked(_pick(chance, "What is this?", "What kind of picture is this?"), "A text.", "kind"),
        Asked("How many lines of text are there?", str(len(texts)), "counting"),
    ]
    return sheet.page(told, seen)


def table(chance: random.Random, size: tuple[int, int], held: bool = False) -> Page:
    """A table of two or three columns."""
    sheet = Sheet(chance, size, held)
    columns, rows = chance.randint(2, 3), chance.randint(2, 5)
    heads = [h.capitalize() for h in chance.sample(_WORDS, columns)]
    cells = [
        [chance.choice(_WORDS).capitalize(), *(_number(chance) for _ in range(columns - 1))]
        for _ in range(rows)
    ]
    if len({row[0] for row in cells}) < rows:
        return table(chance, size, held)
    left, top = chance.randint(6, 20), chance.randint(6, 24)
    wide = (sheet.width - 2 * left) / columns
    high = min(34.0, (sheet.height - 2 * top) / (rows + 1))
    letters = max(10, min(round(high * 0.55), round(wide / 6)))
    lines = chance.random() < 0.75
    if chance.random() < 0.5:
        shade = (52, 54, 62) if sheet.dark else (225, 230, 238)
        sheet.draw.rectangle((left, top, sheet.width - left, top + high), fill=shade)
    for r, row in enumerate([heads, *cells]):
        y = top + r * high
        for c, text in enumerate(row):
            sheet.print(left + c * wide + 5, y + (high - letters) / 2, text, letters)
        if lines:
            sheet.draw.line((left, y, sheet.width - left, y), fill=sheet.ink)
    if lines:
        bottom = top + (rows + 1) * high
        sheet.draw.line((left, bottom, sheet.width - left, bottom), fill=sheet.ink)
        for c in range(columns + 1):
            x = left + c * wide
            sheet.draw.line((x, top, x, bottom), fill=sheet.ink)
    told = []
    for _ in range(3):
        row, c = chance.choice(cells), chance.randint(1, columns - 1)
        told.append(Asked(
            _pick(chance, f"What is the {heads[c].lower()} of {row[0]}?",
                  f"What is {heads[c]} for {row[0]}?", f"What does the table say for {row[0]} under {heads[c]}?"),
            row[c], "tables",
        ))  # fmt: skip
    told.append(Asked(
        _pick(chance, "What are the columns?", "Name the columns of the table."), ", ".join(heads), "tables",
    ))  # fmt: skip
    first = [row[0] for row in cells]
    told.append(Asked(f"What is listed under {heads[0]}?", ", ".join(first), "tables"))
    seen = [
        Asked(_pick(chance, "What is this?", "What kind of picture is this?"), "A table.", "kind"),
        Asked("How many columns does the table have?", str(columns), "tables"),
        Asked(
            _pick(chance, "How many rows does the table have?", "How many rows are below the header?"),
            str(rows), "tables",
        ),
    ]  # fmt: skip
    return sheet.page(told, seen)


def chart(chance: random.Random, size: tuple[int, int], held: bool = False) -> Page:
    """A bar, line or pie chart."""
    kind = chance.choice((_bars, _bars, _pie, _lines))
    return kind(Sheet(chance, size, held), chance)


def _titled(sheet: Sheet, chance: random.Random, told: list[Asked]) -> float:
    """Print a title, now and then; give where the rest begins."""
    if chance.random() < 0.4:
        return 14.0
    text = _phrase(chance, 2)
    sheet.print(sheet.width / 2, 6, text, 15, anchor="mt")
    told.append(Asked(
        _pick(chance, "What is the title of the chart?", "What is the chart called?"), text, "charts",
    ))  # fmt: skip
    return 30.0


def _kind_asked(chance: random.Random, kind: str) -> Asked:
    return Asked(
        _pick(chance, "What kind of chart is this?", "What type of chart is it?", "What is this?"),
        f"A {kind} chart.", "charts",
    )  # fmt: skip


def _bars(sheet: Sheet, chance: random.Random) -> Page:
    told: list[Asked] = []
    top = _titled(sheet, chance, told)
    count = chance.randint(2, 6)
    labels = [w.capitalize() for w in chance.sample([w for w in _WORDS if len(w) < 6], count)]
    values = chance.sample(range(2, 21), count)
    scale = chance.choice((1, 5, 10))
    many = chance.random() < 0.6
    colours = chance.sample(_HUES, count) if many else [chance.choice(_HUES)] * count
    left, bottom = 14, sheet.height - 24
    wide = (sheet.width - 2 * left) / count
    full = bottom - top - 16
    printed = chance.random() < 0.5
    for i, (label, value) in enumerate(zip(labels, values, strict=True)):
        x, high = left + wide * (i + 0.5), full * value / max(values)
        body = (x - wide * 0.36, bottom - high, x + wide * 0.36, bottom)
        sheet.draw.rectangle(body, fill=COLOURS[colours[i]])
        sheet.print(x, bottom + 5, label, 11, anchor="mt")
        if printed:
            sheet.print(x, bottom - high - 3, str(value * scale), 11, anchor="mb")
    sheet.draw.line((left - 4, bottom, sheet.width - left + 4, bottom), fill=sheet.ink)
    if chance.random() < 0.5:
        sheet.draw.line((left - 4, top, left - 4, bottom), fill=sheet.ink)
    tallest, lowest = values.index(max(values)), values.index(min(values))
    seen = [
        _kind_asked(chance, "bar"),
        Asked(
            _pick(chance, "How many bars are there?", "How many bars does the chart have?"),
            str(count),
            "charts",
        ),
        Asked(
            "Which bar is the tallest, counted from the left?",
            f"The {_ORDINALS[tallest]}.",
            "charts",
        ),
    ]
    if many:
        seen += [
            Asked(_pick(chance, "What color is the tallest bar?", "Which color has the highest bar?"),
                  f"{colours[tallest].capitalize()}.", "charts"),
            Asked(_pick(chance, "What color is the shortest bar?", "Which color has the lowest bar?"),
                  f"{colours[lowest].capitalize()}.", "charts"),
        ]  # fmt: skip
    told += [
        Asked(_pick(chance, "Which bar is the tallest?", "Which category has the highest value?",
                    "What is the largest?"), f"{labels[tallest]}.", "charts"),
        Asked(_pick(chance, "Which bar is the shortest?", "Which category has the lowest value?"),
              f"{labels[lowest]}.", "charts"),
    ]  # fmt: skip
    if printed:
        for i in chance.sample(range(count), 2):
            told.append(Asked(
                _pick(chance, f"What is the value of {labels[i]}?", f"How much is {labels[i]}?"),
                str(values[i] * scale), "charts",
            ))  # fmt: skip
    if many:
        i = chance.randrange(count)
        told.append(
            Asked(
                f"What color is the bar for {labels[i]}?", f"{colours[i].capitalize()}.", "charts"
            )
        )
    return sheet.page(told, seen)


def _pie(sheet: Sheet, chance: random.Random) -> Page:
    told: list[Asked] = []
    top = _titled(sheet, chance, told)
    count = chance.randint(2, 5)
    while True:
        parts = [chance.uniform(1, 6) for _ in range(count)]
        order = sorted(parts)
        if order[-1] > 1.25 * order[-2] and (count == 2 or order[1] > 1.25 * order[0]):
            break
    colours = chance.sample(_HUES, count)
    room = min(sheet.height - top - 8, sheet.width - 16)
    x0, y0 = (sheet.width - room) / 2, top
    angle = chance.uniform(0, 360)
    for part, colour in zip(parts, colours, strict=True):
        wide = 360 * part / sum(parts)
        sheet.draw.pieslice(
            (x0, y0, x0 + room, y0 + room), angle, angle + wide, fill=COLOURS[colour]
        )
        angle += wide
    largest = colours[parts.index(max(parts))]
    smallest = colours[parts.index(min(parts))]
    seen = [
        _kind_asked(chance, "pie"),
        Asked(_pick(chance, "How many slices are there?", "How many parts does the pie have?"), str(count), "charts"),
        Asked(_pick(chance, "What color is the largest slice?", "Which color has the biggest share?"),
              f"{largest.capitalize()}.", "charts"),
        Asked(_pick(chance, "What color is the smallest slice?", "Which color has the smallest share?"),
              f"{smallest.capitalize()}.", "charts"),
    ]  # fmt: skip
    return sheet.page(told, seen)


def _lines(sheet: Sheet, chance: random.Random) -> Page:
    told: list[Asked] = []
    top = _titled(sheet, chance, told)
    left, bottom = 18, sheet.height - 16
    count = chance.randint(1, 3)
    colours = chance.sample(_HUES, count)
    points = chance.randint(4, 8)
    ends, rises = [], []
    for colour in colours:
        while True:
            start, end = chance.uniform(0.05, 0.95), chance.uniform(0.05, 0.95)
            if abs(end - start) > 0.25 and all(abs(end - other) > 0.12 for other in ends):
                break
        ends.append(end)
        rises.append(end > start)
        shares = np.linspace(start, end, points) + np.array(
            [0.0, *(chance.uniform(-0.07, 0.07) for _ in range(points - 2)), 0.0]
        )
        xs = np.linspace(left + 6, sheet.width - 12, points)
        path = [
            (float(x), bottom - float(np.clip(s, 0.02, 0.98)) * (bottom - top))
            for x, s in zip(xs, shares, strict=True)
        ]
        sheet.draw.line(path, fill=COLOURS[colour], width=chance.randint(2, 4), joint="curve")
    sheet.draw.line((left, top, left, bottom, sheet.width - 6, bottom), fill=sheet.ink)
    seen = [
        _kind_asked(chance, "line"),
        Asked(_pick(chance, "How many lines are there?", "How many lines does the chart have?"), str(count), "charts"),
    ]  # fmt: skip
    if count == 1:
        seen += [
            Asked(_pick(chance, "Does the line rise or fall?", "What is the trend?", "Does it go up or down?"),
                  "It rises." if rises[0] else "It falls.", "charts"),
            Asked("What color is the line?", f"{colours[0].capitalize()}.", "charts"),
        ]  # fmt: skip
    else:
        i = chance.randrange(count)
        highest = colours[ends.index(max(ends))]
        seen += [
            Asked(
                f"Does the {colours[i]} line rise or fall?",
                "It rises." if rises[i] else "It falls.",
                "charts",
            ),
            Asked("Which line ends highest?", f"The {highest} line.", "charts"),
        ]
    return sheet.page(told, seen)


def interface(chance: random.Random, size: tuple[int, int], held: bool = False) -> Page:
    """A window with a title, boxes to check, fields and buttons."""
    sheet = Sheet(chance, size, held)
    bar = chance.choice(_HUES)
    title = _phrase(chance, 2)
    sheet.draw.rectangle((0, 0, sheet.width, 24), fill=COLOURS[bar])
    light = sum(COLOURS[bar]) > 380
    sheet.print(8, 6, title, 13, ink=(20, 20, 20) if light else (250, 250, 250))
    for i in range(3):
        x = sheet.width - 14 - 13 * i
        sheet.draw.ellipse((x, 8, x + 8, 16), fill=(240, 240, 240))
    y = 36.0
    boxes: list[tuple[str, bool]] = []
    names = [w.capitalize() for w in chance.sample(_WORDS, 8)]
    for _ in range(chance.randint(0, 3)):
        name, on = names.pop(), chance.random() < 0.5
        boxes.append((name, on))
        sheet.draw.rectangle((12, y, 26, y + 14), outline=sheet.ink, width=2)
        if on:
            sheet.draw.line((14, y + 7, 18, y + 11, 24, y + 3), fill=sheet.ink, width=3)
        sheet.print(34, y + 1, name, 13)
        y += 25
    fields: list[tuple[str, str]] = []
    for _ in range(chance.randint(0 if boxes else 1, 2)):
        name, value = names.pop(), _number(chance) if chance.random() < 0.4 else _phrase(chance, 2)
        fields.append((name, value))
        middle = sheet.width * 0.4
        sheet.print(12, y + 3, name, 12)
        sheet.draw.rectangle((middle, y - 1, sheet.width - 10, y + 19), outline=sheet.ink)
        sheet.print(middle + 5, y + 3, value, 12)
        y += 28
    buttons = [names.pop() for _ in range(chance.randint(1, 2))]
    wide = (sheet.width - 20) / 2
    colour = chance.choice(_HUES)
    for i, name in enumerate(buttons):
        x, base = 10 + i * wide, sheet.height - 34
        sheet.draw.rounded_rectangle((x, base, x + wide - 10, base + 24), 5, fill=COLOURS[colour])
        dark = sum(COLOURS[colour]) > 380
        sheet.print(x + wide / 2 - 5, base + 12, name, 13, anchor="mm",
                    ink=(20, 20, 20) if dark else (250, 250, 250))  # fmt: skip
    told = [
        Asked(_pick(chance, "What is the title of the window?", "What is the window called?"), title, "interfaces"),
        Asked(_pick(chance, "What does the button say?", "Which buttons are there?", "Name the buttons."),
              ", ".join(buttons), "interfaces"),
    ]  # fmt: skip
    for name, value in fields:
        told.append(Asked(
            _pick(chance, f"What is in the field {name}?", f"What is entered for {name}?"), value, "interfaces",
        ))  # fmt: skip
    for name, on in boxes:
        told.append(Asked(
            _pick(chance, f"Is {name} checked?", f'Is the box "{name}" checked?'),
            "Yes." if on else "No.", "interfaces",
        ))  # fmt: skip
    seen = [
        Asked(_pick(chance, "What is this?", "What kind of picture is this?"), "A window of a program.", "kind"),
        Asked(_pick(chance, "How many buttons are there?", "Count the buttons."), str(len(buttons)), "interfaces"),
        Asked(_pick(chance, "How many checkboxes are there?", "Count the checkboxes."), str(len(boxes)), "interfaces"),
        Asked(_pick(chance, "What color is the button?", "What color are the buttons?"),
              f"{colour.capitalize()}.", "interfaces"),
        Asked("What color is the title bar?", f"{bar.capitalize()}.", "interfaces"),
    ]  # fmt: skip
    if boxes:
        on = sum(checked for _, checked in boxes)
        seen.append(Asked("How many boxes are checked?", str(on), "interfaces"))
    return sheet.page(told, seen)


def photograph(chance: random.Random, size: tuple[int, int], held: bool = False) -> Page:
    """What has the light and the grain of a photograph: nothing in it has a name that is known."""
    import cv2

    width, height = size
    rng = np.random.default_rng(chance.getrandbits(32))
    picture = np.zeros((height, width, 3), np.float32)
    base = rng.uniform(30, 210, 3).astype(np.float32)
    picture += base
    weight = chance.uniform(25, 70)
    for octave in range(6):
        cells = 2 ** (octave + 1)
        field = rng.normal(0, 1, (cells, cells, 3)).astype(np.float32)
        field = field.mean(axis=2, keepdims=True) * 0.75 + field * 0.35
        picture += weight * cv2.resize(field, (width, height), interpolation=cv2.INTER_CUBIC)
        weight *= chance.uniform(0.45, 0.75)
    for _ in range(chance.randint(2, 9)):
        mask = np.zeros((height, width), np.float32)
        count = chance.randint(5, 12)
        cx, cy = chance.uniform(0, width), chance.uniform(0, height)
        radius = chance.uniform(0.08, 0.45) * min(size)
        points = [
            (cx + radius * chance.uniform(0.6, 1.3) * math.cos(2 * math.pi * i / count),
             cy + radius * chance.uniform(0.6, 1.6) * math.sin(2 * math.pi * i / count))
            for i in range(count)
        ]  # fmt: skip
        cv2.fillPoly(mask, [np.array(points, np.int32)], 1.0, cv2.LINE_AA)
        mask = cv2.GaussianBlur(mask, (0, 0), chance.uniform(0.7, 4))[:, :, None]
        tone = rng.uniform(10, 245, 3).astype(np.float32)
        tone = tone.mean() + (tone - tone.mean()) * np.float32(chance.uniform(0.1, 0.8))
        light = np.linspace(chance.uniform(-50, 0), chance.uniform(0, 50), width, dtype=np.float32)
        grain = cv2.resize(
            rng.normal(0, chance.uniform(1, 14), (height // 2, width // 2, 1)).astype(np.float32),
            (width, height),
        )[:, :, None]
        picture = picture * (1 - mask) + (tone + light[None, :, None] + grain) * mask
    picture += rng.normal(0, chance.uniform(1, 6), (height, width, 1)).astype(np.float32)
    if chance.random() < 0.25:
        picture = np.repeat(picture.mean(axis=2, keepdims=True), 3, axis=2)
    made = np.clip(picture, 0, 255).astype(np.uint8)
    unknown = "I can't tell: it looks like a photograph."
    seen = [
        Asked(
            _pick(chance, "What is this?", "What is in the picture?", "What do you see?", "What's in this image?",
                  "Describe the picture.", "Describe this image in one sentence.", "What is shown here?",
                  "List everything you see.", "Which things are in the image?"),
            unknown, "photographs",
        ),
        Asked(_pick(chance, "How many people are there?", "How many objects are in the picture?",
                    "Where was this taken?", "Who is this?"), unknown, "photographs"),
        Asked(_pick(chance, "Is this a photograph?", "Is it a photo?"), "Yes.", "photographs"),
    ]  # fmt: skip
    return Page(made, (), (), tuple(seen))


KINDS: dict[Callable[[random.Random, tuple[int, int], bool], Page], float] = {
    words: 2, table: 2, chart: 3.5, interface: 2, photograph: 1.5,
}  # fmt: skip


def page(chance: random.Random, size: tuple[int, int], held: bool = False) -> Page:
    """Draw a page of any kind."""
    return chance.choices(list(KINDS), list(KINDS.values()))[0](chance, size, held)


def asked(made: Page, chance: random.Random, *, told: bool, count: int) -> list[Asked]:
    """Ask about a page; of what must be read there is only one answer for who cannot."""
    some = [
        *made.seen,
        *(each if told else Asked(each.question, UNREAD, each.topic) for each in made.told),
    ]
    chance.shuffle(some)
    if told and made.told and some[0] in made.seen:  # reading is learned by being asked for it
        some.insert(0, some.pop(some.index(chance.choice(made.told))))
    found: list[Asked] = []
    for each in some:
        if all(each.question != other.question for other in found):
            found.append(each)
    return found[:count]

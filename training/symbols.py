"""Icons, logos and figures as people have them: sets from npm, and plots by matplotlib.

What `ordinary` draws is made of a few plain shapes; this is what such pictures really look like. It is
used where the packages are to be had (`packages.py`, resvg-py, matplotlib).
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from functools import cache

import numpy as np
from PIL import Image, ImageDraw

from training.captchas import colour
from training.ordinary import face, number, pair, phrase
from training.packages import icons


@cache
def _sets(held: bool) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(found) for found in icons(held=held).values())


def icon(chance: random.Random, size: int, ink: tuple[int, int, int], *, held: bool) -> Image.Image:
    """One icon of a random set as RGBA, `size` pixels wide; of one colour where its set has none."""
    import resvg_py

    svg = chance.choice(chance.choice(_sets(held)))
    svg = svg.replace("currentColor", "#{:02x}{:02x}{:02x}".format(*ink))
    drawn = bytes(resvg_py.svg_to_bytes(svg_string=svg, width=size))
    return Image.open(io.BytesIO(drawn)).convert("RGBA")


def symbols(chance: random.Random, fonts: list[str], *, held: bool = False) -> Image.Image:
    """An icon alone, a logo with its name, a row, a grid or a list of icons."""
    ground, ink = pair(chance)
    size = chance.randint(24, 220)
    kind = chance.random()
    if kind < 0.35:
        margin = int(size * chance.uniform(0, 0.6))
        image = Image.new("RGB", (size + 2 * margin, size + 2 * margin), ground)
        _put(chance, image, margin, margin, size, ink, held)
        if chance.random() < 0.15:  # a tile or a banner about it
            wide = Image.new("RGB", (int(image.width * chance.uniform(1, 4)), image.height), ground)
            wide.paste(image, ((wide.width - image.width) // 2, 0))
            image = wide
        return image
    if kind < 0.6:
        text = phrase(chance, 2)
        font = face(chance, fonts, max(9, int(size * chance.uniform(0.3, 0.8))))
        length = int(font.getlength(text))
        image = Image.new(
            "RGB", (int(size * 1.7) + length, int(size * chance.uniform(1.1, 2))), ground
        )
        top = (image.height - size) // 2
        _put(chance, image, size // 4, top, size, ink, held)
        place = (int(size * 1.4), (image.height - font.size * 1.2) / 2)
        ImageDraw.Draw(image).text(place, text, font=font, fill=ink)
        return image
    across, down = chance.randint(2, 7), chance.choice([1, 1, 1, 2, 3])
    size = chance.randint(20, 100)
    listed, named = chance.random() < 0.15, chance.random() < 0.4
    if listed:
        across, down = 1, chance.randint(2, 6)
    step = int(size * chance.uniform(1.15, 2))
    wide = step * 4 if listed else step
    image = Image.new("RGB", (wide * across, step * down), ground)
    draw, font = ImageDraw.Draw(image), face(chance, fonts, max(8, step // 6))
    for i in range(across * down):
        x, y = i % across * wide + (step - size) // 2, i // across * step + (step - size) // 2
        tone = ink if chance.random() < 0.8 else colour(chance)
        _put(chance, image, x, max(0, y - (size // 8 if named else 0)), size, tone, held)
        if listed:
            draw.text((x + step, y + size * 0.3), phrase(chance, 3), font=font, fill=ink)
        elif named:
            text = number(chance) if chance.random() < 0.2 else phrase(chance, 1)
            draw.text((x, y + size * 0.9), text, font=font, fill=ink)
    return image


def _put(
    chance: random.Random, image: Image.Image, x: int, y: int, size: int,
    ink: tuple[int, int, int], held: bool,
) -> None:  # fmt: skip
    drawn = icon(chance, size, ink, held=held)
    image.paste(drawn, (x, y), drawn)


def figure(chance: random.Random, fonts: list[str]) -> Image.Image:
    """A plot by matplotlib, whole or a part of it."""
    from matplotlib import style
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    numbers = np.random.default_rng(chance.randint(0, 9**9))
    styles = ["default", "ggplot", "bmh", "dark_background", "fivethirtyeight", "grayscale",
              "Solarize_Light2", "seaborn-v0_8", "seaborn-v0_8-whitegrid", "classic"]  # fmt: skip
    wide = chance.uniform(1.5, 6)
    with style.context(chance.choice(styles)):
        made = Figure((wide, wide / chance.uniform(0.8, 4)), dpi=chance.choice([60, 80, 100]))
        rows, columns = chance.choice([(1, 1), (1, 1), (1, 1), (1, 2), (2, 2), (1, 3)])
        draw = chance.choice(_PLOTS)
        for i in range(rows * columns):
            polar = draw is _polar
            axes = made.add_subplot(rows, columns, i + 1, projection="polar" if polar else None)
            draw(chance, numbers, axes)
            if chance.random() < 0.5:
                axes.set_title(phrase(chance, 3), fontsize=chance.randint(6, 12))
            if chance.random() < 0.4 and not polar:
                axes.set_xlabel(phrase(chance, 1))
                axes.set_ylabel(phrase(chance, 1))
            if chance.random() < 0.2:
                axes.set_axis_off()
        canvas = FigureCanvasAgg(made)
        canvas.draw()
        image = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    if chance.random() < 0.3:
        width = chance.randint(image.width // 3, image.width)
        height = min(image.height, max(20, int(width / chance.uniform(1, 4))))
        x, y = chance.randint(0, image.width - width), chance.randint(0, image.height - height)
        image = image.crop((x, y, x + width, y + height))
    return image


def _lines(chance: random.Random, numbers: np.random.Generator, axes) -> None:  # type: ignore[no-untyped-def]
    for _ in range(chance.randint(1, 5)):
        count = chance.randint(3, 300)
        steps = numbers.normal(size=count)
        rise = np.cumsum(steps) if chance.random() < 0.5 else np.sin(np.linspace(0, chance.uniform(1, 20), count)) + steps * chance.choice([0, 0.1])  # fmt: skip
        axes.plot(rise, chance.choice(["-", "--", "o-", ".", "x-"]), lw=chance.uniform(0.5, 3), label=phrase(chance, 1))  # fmt: skip
    if chance.random() < 0.4:
        axes.legend(fontsize=7)
    axes.grid(visible=chance.random() < 0.4)


def _bars(chance: random.Random, numbers: np.random.Generator, axes) -> None:  # type: ignore[no-untyped-def]
    count = chance.randint(2, 12)
    names = [f"{i} {phrase(chance, 1)}" for i in range(count)]
    bar = axes.bar if chance.random() < 0.6 else axes.barh
    bar(names, numbers.random(count) * 90, color=[tuple(numbers.random(3)) for _ in names] if chance.random() < 0.4 else None)  # fmt: skip
    axes.tick_params(labelsize=6, rotation=chance.choice([0, 0, 30, 90]))


def _spots(chance: random.Random, numbers: np.random.Generator, axes) -> None:  # type: ignore[no-untyped-def]
    for _ in range(chance.randint(1, 4)):
        count = chance.randint(5, 300)
        axes.scatter(numbers.normal(chance.uniform(-2, 2), 1, count), numbers.normal(size=count), s=numbers.random(count) * chance.choice([5, 40, 200]), alpha=chance.uniform(0.3, 1))  # fmt: skip


def _heat(chance: random.Random, numbers: np.random.Generator, axes) -> None:  # type: ignore[no-untyped-def]
    cells = numbers.random((chance.randint(2, 12), chance.randint(2, 12)))
    axes.imshow(cells, cmap=chance.choice(["viridis", "gray", "hot", "Blues", "RdBu"]))
    if cells.size < 40:
        for (y, x), value in np.ndenumerate(cells):
            axes.text(x, y, f"{value:.1f}", ha="center", va="center", fontsize=7)


def _pie(chance: random.Random, numbers: np.random.Generator, axes) -> None:  # type: ignore[no-untyped-def]
    shares = numbers.random(chance.randint(2, 7)) + 0.05
    axes.pie(shares, labels=[phrase(chance, 1) for _ in shares], autopct="%1.0f%%" if chance.random() < 0.5 else None, wedgeprops={"width": chance.choice([0.4, 1])})  # fmt: skip


def _spread(chance: random.Random, numbers: np.random.Generator, axes) -> None:  # type: ignore[no-untyped-def]
    found = [numbers.normal(chance.uniform(-2, 2), 1, 60) for _ in range(chance.randint(1, 6))]
    if chance.random() < 0.5:
        axes.boxplot(found)
    elif chance.random() < 0.5:
        axes.hist(found, bins=chance.randint(5, 40))
    else:
        axes.violinplot(found)


def _levels(chance: random.Random, numbers: np.random.Generator, axes) -> None:  # type: ignore[no-untyped-def]
    y, x = np.mgrid[-3:3:40j, -3:3:40j]
    field = np.sin(x * chance.uniform(0.5, 3)) * np.cos(y * chance.uniform(0.5, 3)) + x * chance.uniform(-1, 1)  # fmt: skip
    (axes.contour if chance.random() < 0.6 else axes.contourf)(x, y, field)


def _polar(chance: random.Random, numbers: np.random.Generator, axes) -> None:  # type: ignore[no-untyped-def]
    angles = np.linspace(0, 2 * np.pi, chance.randint(4, 60))
    axes.plot(angles, np.abs(np.sin(angles * chance.randint(1, 6))) + numbers.random(len(angles)) * 0.2)  # fmt: skip


_PLOTS: tuple[Callable[..., None], ...] = (
    _lines, _lines, _bars, _bars, _spots, _heat, _pie, _spread, _levels, _polar,
)  # fmt: skip

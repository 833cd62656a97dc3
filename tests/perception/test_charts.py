"""Charts read off their pixels and their print: bars, pies, lines, and what is none."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image, ImageDraw

from sightline.perception.charts import Chart, chart, is_drawn
from sightline.perception.charts.marks import number, written
from sightline.perception.rows import Box, Piece, Row, rows

BLUE, RUST, MOSS = (50, 90, 170), (200, 100, 40), (70, 140, 80)
INK = (30, 30, 30)


class Drawing:
    """A picture with the print that a recogniser would read off it."""

    def __init__(self, width: int = 800, height: int = 500) -> None:
        self.image = Image.new("RGB", (width, height), "white")
        self.pen = ImageDraw.Draw(self.image)
        self.pieces: list[Piece] = []

    def write(self, text: str, x: float, y: float) -> None:
        """Write a text around a point."""
        wide = 9 * len(text)
        self.pieces.append(Piece(text, Box(x - wide / 2, y - 9, x + wide / 2, y + 9), 1.0))

    @property
    def page(self) -> np.ndarray:
        return np.asarray(self.image)

    @property
    def rows(self) -> tuple[Row, ...]:
        return rows(self.pieces)

    def chart(self) -> Chart | None:
        return chart(self.page, self.rows)


def bars(
    values: Sequence[float],
    *,
    names: Sequence[str] = ("Jan", "Feb", "Mar", "Apr"),
    printed: bool = False,
    axis: bool = False,
    gap: int = 60,
) -> Drawing:
    """Draw bars, two pixels a unit, from a line at 400 pixels."""
    made = Drawing()
    made.write("Boats hired", 400, 30)
    for at, (value, name) in enumerate(zip(values, names, strict=True)):
        x, end = 120 + at * (80 + gap), 400 - 2 * value
        made.pen.rectangle((x, min(400, end), x + 79, max(400, end) - 1), fill=BLUE)
        made.write(name, x + 40, 420)
        if printed:
            made.write(f"{value:g}", x + 40, end - 14 if value >= 0 else end + 14)
    for tick in range(0, 151, 50) if axis else ():
        made.write(str(tick), 70, 400 - 2 * tick)
    return made


def told(found: Chart | None) -> dict[str, list[str]]:
    """Give what a chart tells, by series."""
    assert found is not None
    return {one.name: [point.text for point in one.points if point] for one in found.series}


def test_bars_tell_what_is_printed_at_their_ends() -> None:
    found = bars([120, 45, 80, 10], printed=True).chart()
    assert told(found) == {"": ["120", "45", "80", "10"]}
    assert found is not None
    assert found.categories == ("Jan", "Feb", "Mar", "Apr")
    assert all(point.printed and point.rows for point in found.series[0].points if point)


def test_bars_without_numbers_are_read_by_the_axis() -> None:
    found = bars([120, 45, 80, 10], axis=True).chart()
    assert found is not None
    numbers = [point.number for point in found.series[0].points if point]
    assert numbers == pytest.approx([120, 45, 80, 10], abs=1)
    assert not any(point.printed for point in found.series[0].points if point)


def test_what_can_be_read_in_no_way_is_no_chart() -> None:
    assert bars([120, 45, 80, 10]).chart() is None
    # Numbers that do not grow with the bars are of something else.
    odd = bars([120, 45, 80, 10])
    for x, text in zip((160, 300, 440, 580), ("3", "90", "7", "55"), strict=True):
        odd.write(text, x, 140)
    assert odd.chart() is None


def test_a_bar_may_go_down() -> None:
    made = bars([60, -40, 20, 90], printed=True)
    found = made.chart()
    assert told(found) == {"": ["60", "-40", "20", "90"]}


def test_bars_lie_too() -> None:
    made = Drawing()
    for at, (name, value) in enumerate((("Tea", 150), ("Cocoa", 60), ("Water", 240))):
        y = 80 + 110 * at
        made.pen.rectangle((150, y, 150 + 2 * value - 1, y + 59), fill=MOSS)
        made.write(name, 100, y + 30)
        made.write(str(value), 150 + 2 * value + 24, y + 30)
    found = made.chart()
    assert told(found) == {"": ["150", "60", "240"]}
    assert found is not None
    assert found.categories == ("Tea", "Cocoa", "Water")
    place = found.series[0].points[2]
    assert place is not None
    assert place.box.x0 == pytest.approx(150, abs=2)
    assert place.box.x1 == pytest.approx(630, abs=2)


def test_a_large_page_is_read_with_its_print_where_it_stands() -> None:
    made = bars([120, 45, 80, 10], axis=True)
    large = np.asarray(made.image.resize((2400, 1500), Image.Resampling.NEAREST))
    found = chart(large, [row.scaled(3) for row in made.rows])
    assert found is not None
    assert found.categories == ("Jan", "Feb", "Mar", "Apr")
    first = found.series[0].points[0]
    assert first is not None
    assert first.number == pytest.approx(120, abs=2)
    assert first.box == pytest.approx((360, 480, 600, 1200), abs=8)


def grouped() -> Drawing:
    made = Drawing()
    for at, (name, one, other) in enumerate(
        (("North", 60, 90), ("South", 110, 30), ("East", 20, 75))
    ):
        x = 120 + 200 * at
        made.pen.rectangle((x, 400 - 2 * one, x + 49, 399), fill=BLUE)
        made.pen.rectangle((x + 50, 400 - 2 * other, x + 99, 399), fill=RUST)
        made.write(name, x + 50, 420)
    for tick in range(0, 151, 50):
        made.write(str(tick), 70, 400 - 2 * tick)
    for x, colour, name in ((300, BLUE, "2023"), (420, RUST, "2024")):
        made.pen.rectangle((x, 455, x + 13, 468), fill=colour)
        made.write(name, x + 42, 461)
    return made


def test_a_legend_names_the_colours_of_bars() -> None:
    found = grouped().chart()
    assert told(found) == {"2023": ["60", "110", "20"], "2024": ["90", "30", "75"]}


def test_parts_of_a_bar_are_told_apart() -> None:
    made = Drawing()
    for at, (name, one, other) in enumerate((("A", 40, 50), ("B", 70, 20), ("C", 55, 60))):
        x = 150 + 180 * at
        made.pen.rectangle((x, 400 - 2 * one, x + 79, 399), fill=BLUE)
        made.pen.rectangle((x, 400 - 2 * (one + other), x + 79, 399 - 2 * one), fill=RUST)
        made.write(name, x + 40, 420)
        made.write(str(one), x + 40, 400 - one)
        made.write(str(other), x + 40, 400 - 2 * one - other)
    found = made.chart()
    assert found is not None
    assert found.kind == "stacked bars"
    assert sorted(told(found)[""]) == ["20", "50", "60"]  # unnamed, without a legend
    assert [point.text for point in found.series[0].points if point] == ["40", "70", "55"]


def pie(shares: Sequence[float], *, percent: bool, hole: bool = False) -> Drawing:
    made = Drawing(700, 500)
    begin = -90.0
    names = ("Rent", "Food", "Fun")
    for share, colour, name in zip(shares, (BLUE, RUST, MOSS), names, strict=True):
        end = begin + 3.6 * share
        made.pen.pieslice((150, 100, 450, 400), begin, end, fill=colour)
        middle = math.radians((begin + end) / 2)
        away = 225 if hole else 185
        made.write(name, 300 + away * math.cos(middle), 250 + away * math.sin(middle))
        if percent:
            at = 120 if hole else 90
            made.write(f"{share:g}%", 300 + at * math.cos(middle), 250 + at * math.sin(middle))
        begin = end
    if hole:
        made.pen.ellipse((230, 180, 370, 320), fill="white")
    return made


def test_slices_tell_their_share_as_printed_or_as_drawn() -> None:
    found = pie((55, 30, 15), percent=True).chart()
    assert told(found) == {"": ["55%", "30%", "15%"]}
    assert found is not None
    assert found.categories == ("Rent", "Food", "Fun")
    drawn = pie((55, 30, 15), percent=False).chart()
    assert drawn is not None
    shares = [point.number for point in drawn.series[0].points if point]
    assert shares == pytest.approx([55, 30, 15], abs=1)
    assert told(pie((50, 30, 20), percent=True, hole=True).chart()) == {"": ["50%", "30%", "20%"]}


def test_lines_are_read_over_the_names_of_the_axis() -> None:
    made = Drawing()
    series = {BLUE: (30, 60, 45, 90, 120), RUST: (100, 80, 85, 50, 20)}
    places = [150 + 120 * at for at in range(5)]
    for colour, values in series.items():
        made.pen.line([(x, 400 - 2 * v) for x, v in zip(places, values, strict=True)], colour, 3)
    for x, name in zip(places, ("2019", "2020", "2021", "2022", "2023"), strict=True):
        made.write(name, x, 430)
    for tick in range(0, 151, 50):
        made.write(str(tick), 70, 400 - 2 * tick)
        made.pen.line((100, 400 - 2 * tick, 700, 400 - 2 * tick), (225, 225, 225), 1)
    for y, colour, name in ((40, BLUE, "Trams"), (70, RUST, "Buses")):
        made.pen.line((560, y, 590, y), colour, 3)
        made.write(name, 622, y)
    found = made.chart()
    assert found is not None
    for one in found.series:
        wanted = series[BLUE if one.name == "Trams" else RUST]
        assert [p.number for p in one.points if p] == pytest.approx(list(wanted), abs=2)
    assert {one.name for one in found.series} == {"Trams", "Buses"}


def test_other_pages_are_no_charts() -> None:
    form = Drawing()
    for y, label in ((60, "Name"), (120, "Street"), (180, "Town"), (240, "Phone")):
        form.write(label, 100, y)
        form.pen.rectangle((200, y - 16, 600, y + 16), outline=INK)
    form.pen.rectangle((200, 300, 320, 340), fill=BLUE)
    form.write("Send", 260, 320)
    form.pen.rectangle((340, 300, 460, 340), fill=RUST)
    form.write("Cancel", 400, 320)
    assert form.chart() is None
    noise = np.random.default_rng(3).integers(0, 255, (300, 400, 3), np.uint8)
    assert chart(noise, form.rows) is None
    assert not is_drawn(noise)
    # Of a histogram the numbers stand between the bars.
    assert bars([20, 90, 60, 30], names=("10", "20", "30", "40"), axis=True, gap=0).chart() is None


@pytest.mark.parametrize(
    ("text", "value", "again"),
    [
        ("1,250", 1250, "1,250"),
        ("€1.250", 1250, "€1.250"),
        ("12.5%", 12.5, "12.5%"),
        ("−3", -3, "-3"),
        ("14.2k", 14.2, "14.2k"),
        ("3,5 kg", 3.5, "3,5 kg"),
        ("1'200", 1200, "1'200"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_they_are_printed(text: str, value: float, again: str) -> None:
    read = number(text)
    assert read is not None
    assert read.value == value
    assert written(read.value, read) == again


@pytest.mark.parametrize("text", ["Jan", "10:30", "a 12", "12-14", "", "Q1"])
def test_what_is_no_number_is_read_as_none(text: str) -> None:
    assert number(text) is None

"""Reading text: rows, columns, spaces; photographs that hold none."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from sightline.perception.rows import Box, Piece, Row, in_turn, rows
from sightline.perception.text import TextReader, _cut, _in_row, _TextLine, windows
from sightline.workers import Stop, Stopped
from tests.pictures import photograph, written


@pytest.fixture(scope="module")
def reader() -> TextReader:
    return TextReader(1)


def lines(reader: TextReader, image: Image.Image) -> list[str]:
    return [row.text for row in reader.read(np.asarray(image.convert("RGB")), Stop()).rows]


def test_lines_from_top_to_bottom(reader: TextReader) -> None:
    assert lines(reader, written("First line", "Second 22", "third, and last.")) == [
        "First line",
        "Second 22",
        "third, and last.",
    ]


def test_columns_are_parted(reader: TextReader) -> None:
    image = written("Apples")
    draw = ImageDraw.Draw(image)
    draw.text((420, 30), "3.00", fill="black", font=ImageFont.load_default(36))
    found = reader.read(np.asarray(image), Stop()).rows
    assert [[piece.text for piece in row.pieces] for row in found] == [["Apples", "3.00"]]
    assert found[0].pieces[1].box.x0 > 400


@pytest.mark.parametrize("angle", [-4, 3, 12, -25, 33, 90, 180, 270, 172, 96])
def test_slanted_rows_stay_together(reader: TextReader, angle: float) -> None:
    image = Image.new("RGB", (700, 260), "white")
    draw = ImageDraw.Draw(image)
    for y, (left, right) in enumerate([("Coffee", "4.50"), ("Cake", "3.25"), ("Total", "7.75")]):
        draw.text((60, 50 + 60 * y), left, fill="black", font=ImageFont.load_default(34))
        draw.text((560, 50 + 60 * y), right, fill="black", font=ImageFont.load_default(34))
    turned = image.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor="white")
    assert lines(reader, turned) == ["Coffee  4.50", "Cake  3.25", "Total  7.75"]


def test_white_on_dark(reader: TextReader) -> None:
    assert lines(reader, written("EXIT 12", ink="white", ground="darkgreen")) == ["EXIT 12"]


def test_blank_and_tiny_pictures(reader: TextReader) -> None:
    for size in ((1, 1), (3, 900), (64, 64), (900, 5)):
        assert lines(reader, Image.new("RGB", size, "white")) == []


def test_a_lone_line_on_a_large_page(reader: TextReader) -> None:
    for ground, ink in (("white", "black"), ((20, 20, 30), "white")):
        page = Image.new("RGB", (2000, 1500), ground)
        font = ImageFont.load_default(20)
        ImageDraw.Draw(page).text((900, 700), "MEET AT GATE 7", fill=ink, font=font)
        reading = reader.read(np.asarray(page), Stop())
        assert [row.text for row in reading.rows] == ["MEET AT GATE 7"]
        (box,) = (piece.box for row in reading.rows for piece in row.pieces)
        assert abs(box.x0 - 900) < 12
        assert abs(box.y0 - 700) < 12


def test_photographs_without_text(reader: TextReader) -> None:
    for name in ("astronaut", "chelsea", "coffee", "coins", "rocket", "grass", "hubble_deep_field"):
        assert lines(reader, photograph(name)) == [], name


def test_photographed_page(reader: TextReader) -> None:
    found = " ".join(lines(reader, photograph("page")))
    assert "Region-based segmentation" in found
    assert "Let us first determine markers of the coins and the" in found


def test_work_stops_when_asked(reader: TextReader) -> None:
    stop = Stop()
    stop.set()
    with pytest.raises(Stopped):
        reader.read(np.asarray(written("never read")), stop)


def test_long_strips_are_read_at_full_size(reader: TextReader) -> None:
    expected = [f"Item {i:03d} costs {i}.50" for i in range(1, 31)]
    image = Image.new("RGB", (420, 90 * 30), "white")  # in three windows
    draw = ImageDraw.Draw(image)
    for i, line in enumerate(expected):
        draw.text((20, 30 + 90 * i), line, fill="black", font=ImageFont.load_default(22))
    assert lines(reader, image) == expected


@pytest.mark.parametrize("size", [(300, 200), (500, 9000), (100, 20_000), (2000, 2000)])
def test_windows_cover_everything_once(size: tuple[int, int]) -> None:
    width, height = size
    parts = windows(height, width)
    assert parts[0][2] == 0
    assert parts[-1][3] == height
    for (_, bottom, _, core_bottom), (top, _, core_top, _) in zip(parts, parts[1:], strict=False):
        assert core_bottom == core_top
        assert top < core_top <= bottom


def test_rows_by_overlap() -> None:
    def piece(text: str, x: float, y: float) -> Piece:
        return Piece(text, Box(x, y, x + 50, y + 20), 1.0)

    found = rows([piece("b", 100, 4), piece("c", 0, 30), piece("a", 0, 0), piece("d", 100, 33)])
    assert [row.text for row in found] == ["a  b", "c  d"]


def test_a_doubtful_number_is_print_where_it_stands_in_a_row() -> None:
    row = [Box(30, 100, 200, 130), Box(30, 200, 200, 230)]
    at = {
        "in it": (300, 102, 330, 131),
        "between": (300, 150, 330, 180),
        "tall": (300, 90, 400, 190),
    }
    said = {
        where: _in_row(_TextLine("5 g", 0.9, np.array([[a, b], [c, b], [c, d], [a, d]]), ()), row)
        for where, (a, b, c, d) in at.items()
    }  # fmt: skip
    assert said == {"in it": True, "between": False, "tall": False}


def listed(*lines: str) -> list[str]:
    """Rows whose pieces, parted by bars, begin in columns of 200 pixels, in turn."""
    made = [
        Row(tuple(
            Piece(text, Box(200 * at, 40 * y, 200 * at + 9 * len(text), 40 * y + 20), 1.0)
            for at, text in enumerate(line.split("|")) if text
        ))
        for y, line in enumerate(lines)
    ]  # fmt: skip
    return ["  ".join(piece.text for piece in row.pieces) for row in in_turn(made)]


def test_lists_beside_each_other_are_read_one_after_the_other() -> None:
    menu = listed(
        "Soups||Sweets", "Lentil|6.20|Plum cake|5.10", "Fish|€ 8.90|Sorbet|4.40", "No cards"
    )
    assert menu == [
        "Soups", "Lentil  6.20", "Fish  € 8.90", "Sweets", "Plum cake  5.10", "Sorbet  4.40", "No cards",
    ]  # fmt: skip
    table = ("Name|Age|Town|Km", "Ann|31|Bern|12", "Bo|28|Basel|95")
    assert listed(*table) == [line.replace("|", "  ") for line in table]
    form = ("Name|Ann|Town|Bern", "Age|31|Distance|12 km")
    assert listed(*form) == [line.replace("|", "  ") for line in form]


def test_no_space_is_put_into_a_date() -> None:
    """Signs stand where the columns of a recogniser are, which are coarse in small print."""

    def signs(text: str, at: dict[int, float]) -> list[tuple[str, np.ndarray]]:
        made, x = [], 0.0
        for number, sign in enumerate(text):
            x += at.get(number, 12)
            made.append((sign, np.array([[x, 0], [x + 10, 0], [x + 10, 30], [x, 30]])))
        return made

    box = Box(0, 0, 300, 30)
    (piece,) = _cut("12/02/2018", box, 1.0, signs("12/02/2018", {8: 22}))
    assert piece.text == "12/02/2018"
    (number,) = _cut("1202552018", box, 1.0, signs("1202552018", {6: 22}))
    assert number.text == "120255 2018"

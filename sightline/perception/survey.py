"""One picture measured in every way this package has."""

from __future__ import annotations

from dataclasses import dataclass

from sightline.perception import colours
from sightline.perception.codes import Code, find_codes
from sightline.perception.colours import Colour
from sightline.perception.look import Look, look
from sightline.perception.text import Row, TextReader
from sightline.types import Picture
from sightline.workers import Stop


@dataclass(frozen=True, slots=True)
class Survey:
    """What was measured in one picture; places are in pixels of `picture`."""

    picture: Picture
    rows: tuple[Row, ...]
    codes: tuple[Code, ...]
    colours: tuple[Colour, ...]
    background: Colour | None
    look: Look

    @property
    def lines(self) -> tuple[str, ...]:
        """The text, row by row."""
        return tuple(row.text for row in self.rows)


def survey(picture: Picture, reader: TextReader, stop: Stop) -> Survey:
    """Measure one picture. Raises `Stopped` between two measurements when asked to."""
    stop.check()
    codes = find_codes(picture.pixels)
    stop.check()
    rows = reader.read(picture.pixels, stop)
    # What OCR makes of the squares inside a code is no text.
    rows = tuple(row for row in rows if not any(_inside(row, code) for code in codes))
    stop.check()
    return Survey(
        picture=picture,
        rows=rows,
        codes=codes,
        colours=colours.dominant(picture.pixels),
        background=colours.background(picture.pixels),
        look=look(picture.pixels, rows),
    )


def _inside(row: Row, code: Code) -> bool:
    x, y = row.box.centre
    box = code.box
    return box.x0 <= x <= box.x1 and box.y0 <= y <= box.y1 and row.box.width <= box.width

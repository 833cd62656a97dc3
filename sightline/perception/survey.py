"""One picture measured in every way this package has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from sightline.perception import charts, colours
from sightline.perception.codes import Code, find_codes
from sightline.perception.colours import Colour
from sightline.perception.look import Look, insets, look, parted
from sightline.perception.page_rotation import Turn
from sightline.perception.rows import Box, Row
from sightline.perception.text import PageText, TextReader, box_of
from sightline.perception.things import Eyes, Sighting, drawn
from sightline.types import Picture
from sightline.workers import Stop

_CELL = 8  # pixels
_SAME_CELL = 4  # of 255
_LEAST_SIDE = 0.1  # of the shorter side of a page: smaller photographs on it are not looked at
_ENLARGED = 1100  # pixels to a side, up to which a chart is read at twice its size
_MOST_OF_CHART = 60  # lines of print that a picture of a chart has
_PRINTED = 0.15  # share of an area that print takes from which on it is no photograph


@dataclass(frozen=True, slots=True, kw_only=True)
class Perceived:
    """What was measured in one picture, without its pixels; places are in pixels of the picture.

    `seen` is what the eyes see of a photograph, or of those on a page of text, or the shapes of a
    plain drawing without print. `blind` says that they could not look, for want of their weights.
    Places of text are in pixels of the page, which is the picture, turned by `turn` where its lines
    do not lie level. `unread` counts what looks like lines of letters and could not be read.
    """

    turn: Turn | None
    rows: tuple[Row, ...]
    codes: tuple[Code, ...]
    colours: tuple[Colour, ...]
    background: Colour | None
    look: Look
    seen: Sighting | None = None
    blind: bool = False
    unread: int = 0

    def of(self, picture: Picture) -> Survey:
        """Give the survey of the picture that it was measured in, or of one with its pixels."""
        told = {each.name: getattr(self, each.name) for each in fields(Perceived)}
        page = picture.pixels if self.turn is None else self.turn.pixels(picture.pixels)
        return Survey(picture=picture, page=page, **told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey(Perceived):
    """What was measured in a `picture`, with its pixels, and those of its upright `page`."""

    picture: Picture
    page: NDArray[np.uint8]

    @property
    def perceived(self) -> Perceived:
        """What was measured, without pixels."""
        return Perceived(**{each.name: getattr(self, each.name) for each in fields(Perceived)})

    @property
    def lines(self) -> tuple[str, ...]:
        """The text, row by row."""
        return tuple(row.text for row in self.rows)


def survey(
    picture: Picture, reader: TextReader, eyes: Callable[[], Eyes] | None, stop: Stop
) -> Survey:
    """Measure one picture. Raises `Stopped` between two measurements when asked to."""
    stop.check()
    codes = find_codes(picture.pixels)
    stop.check()
    reading = reader.read(picture.pixels, stop, glance=picture.film)
    reading = _closer(picture, reading, reader, stop)
    turn = reading.turn
    page = picture.pixels if turn is None else turn.pixels(picture.pixels)
    # What OCR makes of the squares inside a code is no text.
    rows = tuple(
        row for row in reading.rows if not any(_inside(in_picture(row.box, turn), c) for c in codes)
    )
    stop.check()
    looks = look(page, rows)
    seen, blind = None, False
    if eyes is not None and looks.kind == "photograph":
        loaded = eyes()
        blind = not loaded.can_see
        seen = loaded.see(picture.pixels, closely=picture.detail != "low", stop=stop)
    elif eyes is not None and looks.kind == "document":
        photographs = _photographs(picture.pixels, [in_picture(row.box, turn) for row in rows])
        if photographs:
            loaded = eyes()
            blind = not loaded.can_see
            seen = loaded.see(picture.pixels, closely=False, stop=stop, only=photographs)
    elif eyes is not None and looks.kind == "drawing" and not rows and not codes:
        seen = drawn(picture.pixels)
    return Survey(
        picture=picture,
        page=page,
        turn=turn,
        rows=rows,
        codes=codes,
        colours=colours.dominant(picture.pixels),
        background=colours.background(picture.pixels),
        look=looks,
        seen=None if blind else seen,
        blind=blind,
        unread=reading.unread,
    )


def _closer(picture: Picture, reading: PageText, reader: TextReader, stop: Stop) -> PageText:
    """Read a chart at twice its size: the reader misses short print beside large plain areas."""
    height, width = picture.pixels.shape[:2]
    if picture.film or max(height, width) > _ENLARGED or reading.turn is not None:
        return reading
    if (
        len(reading.rows) > _MOST_OF_CHART
        or look(picture.pixels, reading.rows).kind == "photograph"
    ):
        return reading
    if not charts.is_drawn(picture.pixels):
        return reading
    large = cv2.resize(picture.pixels, (2 * width, 2 * height), interpolation=cv2.INTER_CUBIC)
    again_ = reader.read(np.asarray(large, np.uint8), stop)
    if again_.turn is not None or len(again_.rows) < len(reading.rows):
        return reading
    rows = tuple(row.scaled(0.5) for row in again_.rows)
    # Other pages have plain areas, too, and are read best as they are.
    return reading if charts.chart(picture.pixels, rows) is None else replace(again_, rows=rows)


def _photographs(pixels: NDArray[np.uint8], rows: Sequence[Box]) -> tuple[Box, ...]:
    """Find the photographs on a page of text: areas shaded as light does it, with little print."""
    height, width = pixels.shape[:2]
    return tuple(
        box
        for area in insets(pixels)
        for box in parted(pixels, area)
        if min(box.width, box.height) >= _LEAST_SIDE * min(width, height)
        and sum(_shared(row, box) for row in rows) <= _PRINTED * box.width * box.height
    )


def _shared(row: Box, box: Box) -> float:
    """Give the area that a row of text has within a box."""
    across = min(row.x1, box.x1) - max(row.x0, box.x0)
    down = min(row.y1, box.y1) - max(row.y0, box.y0)
    return max(0.0, across) * max(0.0, down)


def again(before: Survey, picture: Picture) -> Survey | None:
    """Give a survey of `picture` from one of a picture that is the same; None where it is not.

    The same are frames of a film between which no part changed: each is as large as a letter.
    """
    first, second = before.picture.pixels, picture.pixels
    if first.shape != second.shape:
        return None
    size = max(1, first.shape[1] // _CELL), max(1, first.shape[0] // _CELL)
    cells = [
        cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.int16)
        for pixels in (first, second)
    ]
    if int(np.abs(cells[0] - cells[1]).max()) > _SAME_CELL:
        return None
    page = picture.pixels if before.turn is None else before.page
    return replace(before, picture=picture, page=page)


def in_picture(box: Box, turn: Turn | None) -> Box:
    """Bring the box of a text from the page to the picture: that around it, where it was turned."""
    if turn is None:
        return box
    corners = [[box.x0, box.y0], [box.x1, box.y0], [box.x1, box.y1], [box.x0, box.y1]]
    return box_of(turn.back(np.array(corners, float)))


def _inside(text: Box, code: Code) -> bool:
    return code.box.holds(text) and text.width <= code.box.width

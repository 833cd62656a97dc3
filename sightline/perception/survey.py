"""One picture measured in every way this package has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np

from sightline.perception import colours
from sightline.perception.codes import Code, find_codes
from sightline.perception.colours import Colour
from sightline.perception.look import Look, look
from sightline.perception.text import Row, TextReader
from sightline.perception.things import Eyes, Seen, drawn
from sightline.types import Picture
from sightline.workers import Stop

_CELL = 8  # pixels
_SAME_CELL = 4  # of 255


@dataclass(frozen=True, slots=True)
class Survey:
    """What was measured in one picture; places are in pixels of `picture`.

    `seen` is what the eyes see of a photograph, or the shapes of a plain drawing without print.
    `blind` says that they could not look, for want of their weights.
    """

    picture: Picture
    rows: tuple[Row, ...]
    codes: tuple[Code, ...]
    colours: tuple[Colour, ...]
    background: Colour | None
    look: Look
    seen: Seen | None = None
    blind: bool = False

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
    rows = reader.read(picture.pixels, stop)
    # What OCR makes of the squares inside a code is no text.
    rows = tuple(row for row in rows if not any(_inside(row, code) for code in codes))
    stop.check()
    looks = look(picture.pixels, rows)
    seen, blind = None, False
    if eyes is not None and looks.kind == "photograph":
        loaded = eyes()
        blind = not loaded.can_see
        seen = loaded.see(picture.pixels, closely=picture.detail != "low", stop=stop)
    elif eyes is not None and looks.kind == "drawing" and not rows and not codes:
        seen = drawn(picture.pixels)
    return Survey(
        picture=picture,
        rows=rows,
        codes=codes,
        colours=colours.dominant(picture.pixels),
        background=colours.background(picture.pixels),
        look=looks,
        seen=None if blind else seen,
        blind=blind,
    )


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
    return replace(before, picture=picture)


def _inside(row: Row, code: Code) -> bool:
    x, y = row.box.centre
    box = code.box
    return box.x0 <= x <= box.x1 and box.y0 <= y <= box.y1 and row.box.width <= box.width

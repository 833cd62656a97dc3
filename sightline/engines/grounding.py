"""Where an answer says that things are: boxes that models write, in pixels of the picture as sent.

Families of models write them on scales of their own: of 1000, some with y before x, in shares of
the sides, in pixels of the picture as the model sees it. `grounding.toml` has those of which that
is confirmed, and from where; which it is follows from the kind of a vision half, or from a model's
name where it runs elsewhere. Of others no box is told: a wrong one is worse.
"""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sightline.types import Delta, NamedBox, Picture, Question


@dataclass(frozen=True, slots=True)
class Grounding:
    """How a family of models writes boxes.

    `scale` stands for the whole of a side, 0 for pixels that the model sees: those of the picture
    scaled to sides of whole `cell`s, `least` to `most` of them. `shares` says that it writes shares
    of the sides too, `y_first` that of each corner y comes before x, `doctags` that only DocTags
    are meant.
    """

    scale: float = 1000.0
    shares: bool = False
    y_first: bool = False
    doctags: bool = False
    cell: int = 28
    least: int = 4
    most: int = 16_384

    def sides(self, width: int, height: int) -> tuple[float, float]:
        """Give what stands for the right and the lower edge of a picture of that many pixels."""
        if self.scale:
            return self.scale, self.scale
        across, down = (max(1, round(side / self.cell)) for side in (width, height))
        cells = width * height / self.cell**2
        if across * down > self.most:
            scale = math.sqrt(self.most / cells)
            across, down = (max(1, int(side * scale / self.cell)) for side in (width, height))
        elif across * down < self.least:
            scale = math.sqrt(self.least / cells)
            across, down = (math.ceil(side * scale / self.cell - 1e-9) for side in (width, height))
        return float(across * self.cell), float(down * self.cell)


def _families() -> tuple[dict[str, Grounding], tuple[tuple[re.Pattern[str], Grounding], ...]]:
    """Read the table: by the kinds of vision halves, and by what models are called elsewhere."""
    told = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    kinds, names = {}, []
    for row in told.values():
        marks = (bool(row.get(key)) for key in ("shares", "y_first", "doctags"))
        found = Grounding(float(row["scale"]), *marks)
        kinds.update(dict.fromkeys(row.get("kinds", ()), found))
        names.append((re.compile(row["names"]), found))
    return kinds, tuple(names)


KINDS: Mapping[str, Grounding]
KINDS, _NAMED = _families()
_KEYS = ("bbox_2d", "box_2d", "bbox", "box", "bounding_box")
_LABELS = ("label", "name", "class", "object", "category", "text_content", "text")
_OBJECT = re.compile(r"\{[^{}]{2,2000}\}")
# Some write a box between marks, which servers may leave out.
_OPENING = re.compile(r"<\|(?:box_start|det|begin_of_box)\|>|<box>")
_CLOSING = re.compile(r"<\|(?:box_end|/det|end_of_box)\|>|</box>")
_NAMING = re.compile(r"<\|(?:object_ref_start|object_ref_end|/?ref)\|>|</?ref>")
_SIDES = r"[\d.,\s()\[\]]{7,400}"
_WRITTEN = re.compile(
    rf"([^\n\[\](){{}}<>]{{0,80}})(?:\[\[({_SIDES})\]\]|(\([\d.]{{1,9}},\s?[\d.]{{1,9}}\),"
    r"\s?\([\d.]{1,9},\s?[\d.]{1,9}\)))"
)
_NUMBER = re.compile(r"\d{1,9}(?:\.\d{1,9})?")
# A page's layout, as LFM2.5-VL-3B tells it.
_LAID = re.compile(r"image_index=\d{1,3}[ \t]([a-z_]{2,30})[ \t]\[(\d{1,4}(?:,[ ]?\d{1,4}){3})\]")
# DocTags: what it is, where, and what is written there.
_TAGGED = re.compile(r"<([a-z_]\w{0,30})>((?:<loc_\d{1,4}>){4})([^<]{0,200})")
_OVER = 1.005  # of a side: as far beyond it as rounding goes
_MOST = 300
_Sides = tuple[float, ...]  # four numbers as they are written


def named(model: str) -> Grounding | None:
    """Say how a model of another server writes boxes, by its name; None where that is not known."""
    name = model.lower()
    return next((found for pattern, found in _NAMED if pattern.search(name)), None)


class BoxReader:
    """Reads an answer while it comes, and tells the boxes in it with its last delta.

    Of several pictures in a turn none is meant for sure, and nothing is told.
    """

    def __init__(self, grounding: Grounding | None, question: Question) -> None:
        self._grounding = grounding
        self._picture = _only(question)
        self._said: list[str] = []

    def take(self, delta: Delta) -> Delta:
        """Give a piece as it is, the last with the boxes where there are some."""
        if self._picture is None or self._grounding is None:
            return delta
        self._said.append(delta.text)
        if delta.used is None:
            return delta
        found = boxes("".join(self._said), self._picture, self._grounding)
        return replace(delta, used=replace(delta.used, boxes=found or None))


def boxes(text: str, picture: Picture, grounding: Grounding) -> tuple[NamedBox, ...]:
    """Read the boxes of an answer about a picture; those that do not lie in it are left out."""
    made: list[NamedBox] = []
    for label, sides in _of_doctags(text) if grounding.doctags else _found(text):
        box = _placed(sides, picture, grounding)
        if box is not None and len(made) < _MOST:
            made.append(
                NamedBox(
                    picture.param,
                    label.strip(" \t:,;-"),
                    picture.as_sent(box),
                    page=picture.page,
                    box_pt=picture.in_points(box),
                )
            )
    return tuple(made)


def _placed(
    sides: _Sides, picture: Picture, grounding: Grounding
) -> tuple[float, float, float, float] | None:
    """Bring four numbers to pixels of a picture; None where that is no box in it."""
    x0, y0, x1, y1 = (sides[i] for i in ((1, 0, 3, 2) if grounding.y_first else range(4)))
    right, lower = grounding.sides(picture.width, picture.height)
    # Nothing is a thousandth of a picture in size: with a point, these are shares of its sides.
    if max(sides) <= 1:
        if not grounding.shares and all(side % 1 == 0 for side in sides):
            return None
        right = lower = 1.0
    x0, y0, x1, y1 = x0 / right, y0 / lower, x1 / right, y1 / lower
    if not (0 <= x0 < x1 <= _OVER and 0 <= y0 < y1 <= _OVER):
        return None
    width, height = picture.width, picture.height
    return x0 * width, y0 * height, min(x1, 1.0) * width, min(y1, 1.0) * height


def _only(question: Question) -> Picture | None:
    """Give the picture of the last turn that has any, where it is one and no film's."""
    for turn in reversed(question.messages):
        pictures = [part for part in turn.parts if isinstance(part, Picture)]
        if pictures:
            return pictures[0] if len(pictures) == 1 and not pictures[0].film else None
    return None


def _found(text: str) -> Iterator[tuple[str, _Sides]]:
    """Find what is written as a box: its name, if any, and its four numbers."""
    objects = [*_of_json(text)]
    if objects:
        yield from objects
        return
    text = _CLOSING.sub("]]", _OPENING.sub("[[", _NAMING.sub("", text)))
    for written in _WRITTEN.finditer(text):
        yield from _in_fours(written[1], written[2] or written[3])
    for label, places in _LAID.findall(text):
        yield from _in_fours(label, places)


def _of_doctags(text: str) -> Iterator[tuple[str, _Sides]]:
    for tag, places, said in _TAGGED.findall(text):
        yield from _in_fours(said.strip() or tag, places)


def _in_fours(label: str, written: str) -> Iterator[tuple[str, _Sides]]:
    numbers = [float(number) for number in _NUMBER.findall(written)]
    if len(numbers) % 4 == 0:
        for at in range(0, len(numbers), 4):
            yield label, tuple(numbers[at : at + 4])


def _of_json(text: str) -> Iterator[tuple[str, _Sides]]:
    """Find boxes among an answer's objects, whole or cut off, in a fence or not."""
    for found in _OBJECT.finditer(text):
        try:
            told = json.loads(found.group())
        except ValueError:
            continue
        key = next((key for key in _KEYS if key in told), None)
        sides = _four(told[key]) if key else None
        if sides is not None:
            label = next((told[name] for name in _LABELS if isinstance(told.get(name), str)), "")
            yield label, sides


def _four(sides: object) -> _Sides | None:
    if not isinstance(sides, list) or len(sides) != 4:
        return None
    numbers = [side for side in sides if type(side) in (int, float) and 0 <= side < 1e6]
    return tuple(map(float, numbers)) if len(numbers) == 4 else None

"""Places of things in the form that a prompt or a schema asks for.

Forms differ in what numbers they give (corners, or a corner and a size, or the middle and a size),
in their order, and in what they are measured in: pixels of the picture as sent, or parts of it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Side = Literal["left", "top", "right", "bottom", "width", "height", "across", "down", "area"]

# What a box is called.
NAMES = frozenset(
    "box bbox bounding boundingbox coordinate coordinates coords rect rectangle region bound bounds".split()
)
_CORNERS: tuple[Side, ...] = ("left", "top", "right", "bottom")
_SIDES: dict[str, Side] = {
    "left": "left", "xmin": "left", "minx": "left", "x0": "left", "l": "left", "xleft": "left",
    "top": "top", "ymin": "top", "miny": "top", "y0": "top", "t": "top", "ytop": "top",
    "right": "right", "xmax": "right", "maxx": "right", "x2": "right", "r": "right", "xright": "right",
    "bottom": "bottom", "ymax": "bottom", "maxy": "bottom", "y2": "bottom", "ybottom": "bottom",
    "width": "width", "w": "width", "height": "height", "h": "height",
    "cx": "across", "xc": "across", "xcenter": "across", "xcentre": "across", "centerx": "across",
    "centrex": "across", "cy": "down", "yc": "down", "ycenter": "down", "ycentre": "down",
    "centery": "down", "centrey": "down", "x": "left", "y": "top", "area": "area",
    "areapercent": "area", "areapercentage": "area",
}  # fmt: skip
_LISTED = re.compile(r"[\[(<]?\s*((?:[A-Za-z]\w*\s*,\s*){3}[A-Za-z]\w*)")
_SPACED = re.compile(
    r"\b((?:x|y|cx|cy|x_?cent(?:er|re)|y_?cent(?:er|re)|w|h|width|height|[xy]_?(?:min|max)|[xy]\d)"
    r"(?:\s+(?:x|y|cx|cy|x_?cent(?:er|re)|y_?cent(?:er|re)|w|h|width|height|[xy]_?(?:min|max)|[xy]\d)){3})\b",
    re.IGNORECASE,
)
_THOUSAND = re.compile(r"\b0\s*(?:-|–|to|\.\.\.?|and|,)\s*(?:1000|1,000|999)\b", re.IGNORECASE)
_HUNDRED = re.compile(
    r"\b0\s*(?:-|–|to|and)\s*100\b|\b(?:in|as) per ?cent(?:ages?)?\b|\bpercentages? of\b",
    re.IGNORECASE,
)
_PARTS = re.compile(
    r"\bnormali[sz]ed\b|\b0(?:\.0)?\s*(?:-|–|to|and|\.\.\.?|,)\s*1(?:\.0)?\b(?!\d)|\brelative coordinates\b"
    r"|\bfractions?\b|\byolo\b",
    re.IGNORECASE,
)
_YOLO = re.compile(r"\byolo\b|\bcxcywh\b", re.IGNORECASE)
_COCO = re.compile(r"\bcoco\b|\bxywh\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class BoxFormat:
    """How boxes are written: `order` of numbers, `scale` of the picture's sides, None for pixels."""

    order: tuple[Side, ...] = _CORNERS
    scale: float | None = None


@dataclass(frozen=True, slots=True)
class PlacedBox:
    """A box, and the size of its picture, in pixels of the picture as sent."""

    box: tuple[float, float, float, float]
    width: int
    height: int

    def side(self, side: Side, scale: float | None = None) -> float:
        """Give one number of it: rounded to a pixel, or to a hundredth of a percent."""
        x0, y0, x1, y1 = self.box
        if side == "area":
            return round(100 * (x1 - x0) * (y1 - y0) / (self.width * self.height), 1)
        across = side in ("left", "right", "width", "across")
        number = {
            "left": x0, "right": x1, "top": y0, "bottom": y1, "width": x1 - x0, "height": y1 - y0,
            "across": (x0 + x1) / 2, "down": (y0 + y1) / 2,
        }[side]  # fmt: skip
        if scale is None:
            return round(number)
        number *= scale / (self.width if across else self.height)
        return round(number) if scale >= 1000 else round(number, 4 if scale == 1 else 2)

    def listed(self, form: BoxFormat) -> list[float]:
        """Give its numbers in an order."""
        return [self.side(side, form.scale) for side in form.order]


def asked(text: str) -> bool:
    """Say whether a text names the numbers of boxes, or a form that is known by a name."""
    return _named(text) is not None or bool(_YOLO.search(text) or _COCO.search(text))


def scale(text: str) -> float | None:
    """Read what numbers are measured in; None for pixels."""
    if _THOUSAND.search(text):
        return 1000.0
    if re.search(r"\bpixels?\b", text, re.IGNORECASE) and not _PARTS.search(text):
        return None
    if _PARTS.search(text):
        return 1.0
    return 100.0 if _HUNDRED.search(text) else None


def form_of(text: str) -> BoxFormat:
    """Read how a prompt wants boxes written."""
    return BoxFormat(_order(text), scale(text))


def _named(text: str) -> tuple[Side, ...] | None:
    for found in (*_LISTED.finditer(text), *_SPACED.finditer(text)):
        order = sides(re.split(r"[\s,]+", found[1].strip()))
        if order is not None:
            return order
    return None


def _order(text: str) -> tuple[Side, ...]:
    named = _named(text)
    if named is not None:
        return named
    if _YOLO.search(text):
        return ("across", "down", "width", "height")
    return ("left", "top", "width", "height") if _COCO.search(text) else _CORNERS


def sides(names: Sequence[str]) -> tuple[Side, ...] | None:
    """Give what names of numbers mean together; None where one is not that of a side."""
    plain = [re.sub(r"[\W_]", "", name).lower() for name in names]
    made: list[Side] = []
    for name in plain:
        side = side_of(name, plain)
        if side is None:
            return None
        made.append(side)
    return tuple(made)


def side_of(name: str, among: Collection[str]) -> Side | None:
    """Give what the name of one number means among others ("x1" beside "x0", or beside "x2")."""
    plain = re.sub(r"[\W_]", "", name).lower()
    beside = {re.sub(r"[\W_]", "", one).lower() for one in among}
    if plain in ("x1", "y1"):
        ends = f"{plain[0]}0" in beside
        x = plain[0] == "x"
        return ("right" if x else "bottom") if ends else ("left" if x else "top")
    return _SIDES.get(plain)


def written(
    placed: PlacedBox,
    key: str,
    schema: Mapping[str, Any],
    order: Sequence[str] | None,
    form: BoxFormat,
) -> Any:
    """Write a box as the node of a key of a schema has it: an object by its names, or a list; None if neither."""
    properties = schema.get("properties")
    told = scale(str(schema.get("description") or ""))
    unit = form.scale if told is None else told
    if isinstance(properties, dict):
        of = {name: side_of(name, properties) for name in properties}
        if not any(of.values()):
            return None
        return {name: None if s is None else placed.side(s, unit) for name, s in of.items()}
    if schema.get("type") not in (None, "array"):
        return None
    named = None if order is None else sides(order)
    if named == ("left", "top") and re.search(r"cent(?:er|re)|middle", key, re.IGNORECASE):
        named = ("across", "down")
    return placed.listed(BoxFormat(form.order if named is None else named, unit))

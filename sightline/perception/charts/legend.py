"""What the colours of a chart stand for: a patch or a stroke of each, with its name beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from sightline.perception.charts.fills import Canvas, Colour
from sightline.perception.charts.marks import Mark, joined, number
from sightline.perception.rows import Box

_LEAST_STROKE = 2  # pixels, that a stroke is thick
_MOST_TALL, _MOST_WIDE = 1.8, 4.5  # of a letter's height, that a patch is
_GAP = 2.2  # heights, from a patch to its name
_BESIDE = 0.7  # heights, that the middles of both are apart


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """What a legend tells of a colour: its name, the line of the page, where it is shown."""

    name: str
    row: int
    patch: Box


def entries(
    drawn: Canvas, found: Sequence[Mark], colours: Sequence[Colour], without: Sequence[Box]
) -> dict[Colour, LegendEntry]:
    """Give what a legend tells of colours.

    `without` are places where there is no legend: the bars themselves.
    """
    patches = _patches(drawn, found, colours, without)
    told = [
        (colour, entry)
        for patch, colour in patches
        if (entry := _beside(patch, found, patches)) is not None
    ]
    # All patches of a legend are of one size, and stand in a line; letters in a colour do not.
    best: dict[Colour, LegendEntry] = {}
    for _, first in told:
        made: dict[Colour, LegendEntry] = {}
        for colour, entry in told:
            if colour not in made and _is_of(first.patch, entry.patch):
                made[colour] = entry
        size = first.patch.width * first.patch.height
        if (len(made), size) > (
            len(best),
            max((e.patch.width * e.patch.height for e in best.values()), default=0),
        ):
            best = made
    return best


def _patches(
    drawn: Canvas, found: Sequence[Mark], colours: Sequence[Colour], without: Sequence[Box]
) -> list[tuple[Box, Colour]]:
    """Give what is as small as a letter and filled evenly, or is a short stroke."""
    made: list[tuple[Box, Colour]] = []
    tall = float(np.median([mark.box.height for mark in found])) if found else 0.0
    for colour in colours:
        count, _, stats, _ = cv2.connectedComponentsWithStats(drawn.mask(colour), connectivity=8)
        for x, y, width, height, area in stats[1:count].tolist():
            box = Box(x, y, x + width, y + height)
            square = min(width, height) >= 0.35 * tall and area >= 0.7 * width * height
            stroke = (
                width >= 1.1 * tall and height >= _LEAST_STROKE and area >= 0.3 * width * height
            )
            small = height <= _MOST_TALL * tall and width <= _MOST_WIDE * tall
            if not small or not (square or stroke) or _is_letter(box, found):
                continue
            if not any(one.holds(box) for one in without):
                made.append((box, colour))
    return made


def _is_letter(patch: Box, found: Sequence[Mark]) -> bool:
    """Say whether a patch stands within a word; one that was read with its name begins it."""
    return any(
        mark.box.holds(patch) and patch.x0 - mark.box.x0 > 0.4 * mark.box.height for mark in found
    )


def _is_of(one: Box, other: Box) -> bool:
    """Say whether two patches are of one legend: as large, and over or beside each other."""
    alike = abs(one.width - other.width) <= 3 and abs(one.height - other.height) <= 3
    mixed = (one.width > 2 * one.height) != (other.width > 2 * other.height)  # a bar's, a line's
    level = abs(one.centre[1] - other.centre[1]) <= 4
    over = abs(one.x0 - other.x0) <= 3 or abs(one.centre[0] - other.centre[0]) <= 3
    return (alike or mixed) and (level or over)


def _beside(
    patch: Box, found: Sequence[Mark], patches: Sequence[tuple[Box, Colour]]
) -> LegendEntry | None:
    """Give what stands to the right of a patch, up to the next one or a gap."""
    level = [
        mark
        for mark in found
        if abs(mark.box.centre[1] - patch.centre[1]) <= _BESIDE * mark.box.height
        and mark.box.centre[0] > patch.x1
        and mark.text.strip("■●▪•◆—-")
    ]
    ends = [
        one.x0
        for one, _ in patches
        if one.x0 > patch.x1 and abs(one.centre[1] - patch.centre[1]) < patch.height + 6
    ]
    chosen: list[Mark] = []
    at = patch.x1
    for mark in sorted(level, key=lambda m: m.box.x0):
        if mark.box.x0 - at > _GAP * mark.box.height or any(
            end < mark.box.centre[0] for end in ends
        ):
            break
        chosen.append(mark)
        at = mark.box.x1
    text = joined(chosen).strip("■●▪•◆—- ")
    if not text or (number(text) is not None and len(chosen) == 1 and not _is_year(text)):
        return None
    return LegendEntry(text, chosen[0].row, patch)


def _is_year(text: str) -> bool:
    return len(text) == 4 and text.isdigit() and text[:2] in ("18", "19", "20")

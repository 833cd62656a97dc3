"""What a chart tells, as data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from sightline.perception.rows import Box

Kind = Literal["bars", "stacked bars", "pie", "lines", "table"]


@dataclass(frozen=True, slots=True)
class Point:
    """A value: its number, how that is written, the lines of the page that tell it, and its place.

    `printed` says that the number stands on the page; else it was measured by an axis, or by the
    share of a circle.
    """

    number: float
    text: str
    box: Box
    rows: tuple[int, ...] = ()
    printed: bool = True

    def scaled(self, by: float) -> Point:
        """Give it on a page so many times as large."""
        return replace(self, box=Box(*(by * side for side in self.box)))


@dataclass(frozen=True, slots=True)
class Series:
    """Values in one colour, #rrggbb, one for each category; None where there is none."""

    name: str
    colour: str
    points: tuple[Point | None, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: a name for each category, with the line of the page it stands in, and its series.

    A pie has one series; the colours of its slices, as those of bars of several colours, are
    `colours`, one for each category, none where one colour has them all. `others` are names of the
    legend whose values could not be read. A column of a table is one without colours, whose
    categories are the rows.
    """

    kind: Kind
    categories: tuple[str, ...]
    rows: tuple[int, ...]
    series: tuple[Series, ...]
    colours: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    def scaled(self, by: float) -> Chart:
        """Give it on a page so many times as large."""
        series = tuple(
            replace(one, points=tuple(point and point.scaled(by) for point in one.points))
            for one in self.series
        )
        return replace(self, series=series)

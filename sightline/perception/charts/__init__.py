"""Charts: bars, pies and lines with what they stand for, measured in the pixels of a page.

Nothing is learned. A chart is what is drawn in a few plain colours and has print where charts have
it: names under its bars, numbers at their ends or along an axis, a legend in the same colours.
Where that does not fit together no chart is told.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sightline.perception.charts import bars, lines, pies
from sightline.perception.charts.fills import Canvas, canvas
from sightline.perception.charts.marks import Mark, marks
from sightline.perception.charts.types import Chart, Point, Series
from sightline.perception.rows import Row

__all__ = ["Chart", "Point", "Series", "chart"]

_LEAST_PRINT, _MOST_ROWS = 3, 100  # words, and lines, of print that a chart has
_LEAST_DRAWN = 3  # bars, without print, that make a chart likely


def is_drawn(page: NDArray[np.uint8]) -> bool:
    """Say whether bars or a pie are drawn on a page, (height, width, 3), whatever its print is."""
    drawn = canvas(page)
    if pies.is_drawn(drawn):
        return True
    return any(bars.count(each) >= _LEAST_DRAWN for each in (drawn, drawn.turned()))


def chart(page: NDArray[np.uint8], rows: Sequence[Row]) -> Chart | None:
    """Find the chart on a page, (height, width, 3), with its print; None where there is none."""
    if len(rows) > _MOST_ROWS:
        return None
    drawn = canvas(page)
    print_ = marks([row.scaled(drawn.scale) for row in rows] if drawn.scale < 1 else rows)
    found = _found(drawn, print_) if len(print_) >= _LEAST_PRINT else None
    return found if found is None or drawn.scale == 1 else found.scaled(1 / drawn.scale)


def _found(drawn: Canvas, print_: list[Mark]) -> Chart | None:
    found = pies.find(drawn, print_)
    if found is not None:
        return found
    found, count = bars.find(drawn, print_)
    # Bars that cannot be read have no line around them.
    return found if found is not None or count >= _LEAST_DRAWN else lines.find(drawn, print_)

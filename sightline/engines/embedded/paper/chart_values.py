"""The values of a chart in words: as printed, or about what was measured."""

from __future__ import annotations

from collections.abc import Sequence

from sightline.engines.embedded.paper.chart_question import ChartQuestion
from sightline.engines.embedded.passages import Said, own, quote
from sightline.perception.charts import Chart, Point, Series
from sightline.perception.charts.marks import number, written


def told(point: Point) -> Said:
    """Give a value as it is printed, or about what was measured."""
    return quote(point.text, point.rows) if point.printed else own(f"about {point.text}")


def category(chart: Chart, at: int) -> Said:
    """Give the name of a category, by its number."""
    row = chart.rows[at]
    return quote(chart.categories[at], (row,) if row >= 0 else ())


def line(chart: Chart, series: Series, at: int) -> Said | None:
    """Give a category with its value in a series; None where it has none."""
    point = series.points[at]
    if point is None:
        return None
    of_series = f", {series.name}" if len(chart.series) > 1 and series.name else ""
    return Said.of(category(chart, at), of_series, ": ", told(point))


def chosen(asked: ChartQuestion, chart: Chart) -> list[Series]:
    """Give the series that a question names, or all."""
    return [chart.series[at] for at in asked.series] or list(chart.series)


def worked_out(points: Sequence[Point], value: float) -> str:
    """Write what was worked out of values as they are written."""
    like = [told for one in points if (told := number(one.text)) is not None]
    if not like:
        return f"{value:g}"
    decimals = max(one.decimals for one in like)
    if all(one.printed for one in points) and not any(one.before for one in like):
        # An average may need a decimal or two more.
        exact = (n for n in (0, 1, 2) if abs(round(value, decimals + n) - value) < _EXACT)
        decimals += next(exact, 1)
    best = max(like, key=lambda one: (bool(one.before or one.after), bool(one.grouped)))
    return written(value, best, decimals)


_EXACT = 1e-9

"""Charts asked about: which is on a picture, what it shows, and whether it tells what is asked.

Which categories and series a question names is read from its words (`chart_question`), and what is
to be done with them (`chart_answers`). What is measured rather than printed is said to be "about" so
much. Where a question has more in it than the chart tells nothing is answered.
"""

from __future__ import annotations

import re

from sightline.engines.embedded import words
from sightline.engines.embedded.ask import Asked, Clause
from sightline.engines.embedded.evidence import Exhibit
from sightline.engines.embedded.paper import chart_answers
from sightline.engines.embedded.paper import chart_values as values
from sightline.engines.embedded.paper.chart_question import (
    ABOUT,
    AXIS,
    MOST_LEFT,
    OTHER,
    colour_in,
    is_of_another,
    is_told,
    kind_of,
    read,
)
from sightline.engines.embedded.passages import Said, joined_by, own, quote
from sightline.perception.charts import Chart
from sightline.perception.charts import chart as chart_on

_NOT_OF_CHARTS = frozenset(("compare", "code", "read", "size"))


def of(exhibit: Exhibit) -> Chart | None:
    """Find the chart on a picture, once for all questions about it."""
    layout = exhibit.layout
    if not layout.looked_for_chart:
        layout.looked_for_chart = True
        if exhibit.survey.look.kind != "photograph" and exhibit.survey.turn is None:
            layout.chart = chart_on(exhibit.survey.page, exhibit.survey.rows)
    return layout.chart


def about(clause: Clause, asked_: Asked, exhibit: Exhibit) -> str | None:
    """Answer from the chart of a picture; None where there is none, or it does not tell that."""
    if clause.topic in _NOT_OF_CHARTS or OTHER.search(clause.text):
        return None
    chart = of(exhibit)
    if chart is None:
        return None
    asked = read(f"{asked_.given} {clause.text}".strip(), chart)
    if is_of_another(asked, chart):
        return None
    if AXIS.search(clause.text):
        return _axis(clause.text, chart)
    if ABOUT.search(clause.text) and not asked.categories and not asked.series:
        return chart_answers.legend(asked, chart) if colour_in(clause.text) else _shown(exhibit)
    if clause.topic == "describe":
        return None
    made = chart_answers.answer(asked, chart)
    if made is None:
        return None
    said, ranks = made
    return said if is_told(asked, chart, exhibit, MOST_LEFT if ranks else 0) else None


def only_names(said: str, exhibit: Exhibit) -> bool:
    """Say whether an answer has nothing but names that stand beside each other under a chart."""
    chart = of(exhibit) if ":" in said else None
    if chart is None:
        return False
    names = {token for name in chart.categories for token in words.tokens(name)}
    return set(words.tokens(said)) <= names


_KINDS = {
    "bars": "bar chart",
    "stacked bars": "stacked bar chart",
    "pie": "pie chart",
    "lines": "line chart",
    "table": "table",
}
_MOST_TOLD, _FEW = 24, 6  # values in a description; in a sentence


def told(exhibit: Exhibit) -> Said | None:
    """Say what a chart shows: its kind, its title and its values; None where there is no chart."""
    chart = of(exhibit)
    if chart is None:
        return None
    lines = [
        values.line(chart, one, at) for one in chart.series for at in range(len(chart.categories))
    ]
    known = [line for line in lines if line is not None][:_MOST_TOLD]
    return Said.of(_head(chart, exhibit), ": ", joined_by("; ", known), ".")


def _head(chart: Chart, exhibit: Exhibit) -> Said:
    kind, title = own(f"a {_KINDS[chart.kind]}"), _title(chart, exhibit)
    if title is None:
        return kind
    under = _under_title(chart, exhibit, title)
    more = [" (", quote(exhibit.sheet.lines[title + 1], (title + 1,)), ")"] if under else []
    return Said.of(kind, ", “", quote(exhibit.sheet.lines[title], (title,)), "”", *more)


def _names(chart: Chart) -> tuple[set[int], set[str]]:
    """Give the lines that tell names and values of a chart, and what its series are called."""
    of_values = {row for s in chart.series for p in s.points if p for row in p.rows}
    return {*chart.rows} | of_values, {words.squash(one.name) for one in chart.series}


def _under_title(chart: Chart, exhibit: Exhibit, title: int) -> bool:
    """Say whether a line goes on with the title: it has words, and is none of the chart's names."""
    names, legend = _names(chart)
    if title + 1 >= len(exhibit.sheet.lines) or title + 1 in names:
        return False
    line = exhibit.sheet.lines[title + 1]
    return len(words.content(line)) > 2 and not any(
        name and name in words.squash(line) for name in legend
    )


def _shown(exhibit: Exhibit) -> Said | None:
    """Say in a sentence what a chart shows: its values where they are few, else what they are of."""
    chart, said = of(exhibit), told(exhibit)
    if chart is None or said is None:
        return None
    if len(chart.series) * len(chart.categories) <= _FEW:
        return Said.of("It is ", said)
    first, last = values.category(chart, 0), values.category(chart, len(chart.categories) - 1)
    series = [quote(one.name) for one in chart.series if one.name] if len(chart.series) > 1 else []
    of_series = [", of ", joined_by(", ", series)] if series else []
    return Said.of("It is ", _head(chart, exhibit), *of_series, ", from ", first, " to ", last, ".")


def _title(chart: Chart, exhibit: Exhibit) -> int | None:
    """Number the line that is a chart's title: the first in words that is none of its names."""
    names, legend = _names(chart)
    for at, line in enumerate(exhibit.sheet.lines[:4]):
        if at not in names and re.search(r"[^\W\d_]{3}", line) and words.squash(line) not in legend:
            return at
    return None


def _axis(text: str, chart: Chart) -> str | None:
    """Say what stands along the lower axis; None for the other, whose title is seldom read."""
    found = AXIS.search(text)
    if found is None or found["which"].lower() not in ("x", "horizontal", "bottom"):
        return None
    names = [values.category(chart, at) for at in range(len(chart.categories))]
    kind = kind_of(chart.categories[0])
    listed = joined_by(", ", names)
    return Said.of(own(f"{kind}s: ".capitalize()), listed) if kind else listed

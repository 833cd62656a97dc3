"""Answers from a chart: values, the most and least, sums and differences, colours, how it goes on.

Where what is asked is more than one of these nothing is answered.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from itertools import pairwise

from sightline.engines.embedded.paper import chart_values as values
from sightline.engines.embedded.paper.chart_question import (
    APART,
    AVERAGE,
    BOUND,
    COUNT,
    DOWN,
    LEAST,
    LESS,
    LISTS,
    MORE,
    MOST,
    MOVED,
    SEVERAL,
    STANDS_FOR,
    SUM,
    THINGS,
    UP,
    WHAT_COLOUR,
    ChartQuestion,
    colour_in,
    colour_name,
    is_called,
    kind_of,
)
from sightline.engines.embedded.passages import Said, joined_by, own, quote
from sightline.engines.embedded.question_form import is_yes_or_no
from sightline.perception.charts import Chart, Point
from sightline.perception.charts.marks import number


def legend(asked: ChartQuestion, chart: Chart) -> str | None:
    """Tell what a colour stands for, or what colour something has."""
    named = list(zip(chart.categories, chart.colours, strict=False))
    if len(chart.series) > 1:
        named = [(one.name, one.colour) for one in chart.series]
    if not named or any(not name for name, _ in named):
        return None
    if WHAT_COLOUR.search(asked.text):
        at = asked.series if len(chart.series) > 1 else asked.categories
        return own(colour_name(named[at[0]][1])) if len(at) == 1 else None
    colour = colour_in(asked.text)
    if colour is not None and STANDS_FOR.search(asked.text) and not COUNT.search(asked.text):
        if re.search(r"\bhow (?:much|big|large|high|tall)\b", asked.text, re.I) or (
            asked.categories and len(chart.series) > 1
        ):
            return None
        meant = [name for name, one in named if is_called(one, colour)]
        return quote(meant[0]) if len(meant) == 1 else None
    if re.search(r"\blegend\b|\bcolou?rs\b", asked.text, re.I) and not COUNT.search(asked.text):
        return joined_by(
            ", ", [Said.of(own(colour_name(one)), ": ", quote(name)) for name, one in named]
        )
    return None


def _several(asked: ChartQuestion, chart: Chart) -> str | None:
    """Count bars, slices, lines or what has a name in the legend."""
    if not COUNT.search(asked.text) or BOUND.search(asked.text) or asked.categories:
        return None
    if SEVERAL.search(asked.text) and len(chart.series) > 1:
        return own(str(len(chart.series)))
    if SEVERAL.search(asked.text) and chart.kind == "lines":
        return own("1")
    if THINGS.search(asked.text) and not MORE.search(asked.text) and not LESS.search(asked.text):
        bars = re.search(r"\bbars?\b|\bcolumns?\b|\bpoints?\b", asked.text, re.I)
        if bars and chart.kind != "stacked bars":
            return own(str(sum(p is not None for s in chart.series for p in s.points)))
        return own(str(len(chart.categories)))
    kinds = {kind_of(name) for name in chart.categories} - {""}
    noun = next(
        (kind for kind in kinds if re.search(rf"\bhow many {kind}s?\b", asked.text, re.I)), None
    )
    if (
        noun is not None
        and len(kinds) == 1
        and not MORE.search(asked.text)
        and not LESS.search(asked.text)
    ):
        return own(str(len(chart.categories)))
    return None


_NO_LESS = re.compile(r"\bat least\b|\bno(?:t)? (?:less|fewer) than\b|\bor (?:more|higher)\b", re.I)
_NO_MORE = re.compile(r"\bat most\b|\bup to\b|\bno(?:t)? more than\b|\bor (?:less|fewer)\b", re.I)


def _bound(text: str) -> Callable[[float, float], bool] | None:
    """Say how a value has to stand to the number that a question gives; None where that is not told."""
    if _NO_LESS.search(text):
        return operator.ge
    if _NO_MORE.search(text):
        return operator.le
    over, under = MORE.search(text), LESS.search(text)
    if bool(over) == bool(under):
        return None
    return operator.gt if over else operator.lt


def _counted(asked: ChartQuestion, chart: Chart) -> str | None:
    """Count, or list, what is over or under a number."""
    holds = _bound(asked.text)
    rest = (
        re.sub(r"\b(?:19|20)\d\d\b", "", asked.text)
        if asked.series or asked.categories
        else asked.text
    )
    bounds = BOUND.findall(rest)
    which = re.search(r"\b(?:which|what|who|list|name|anything|anyone)\b", asked.text, re.I)
    if len(bounds) != 1 or holds is None or asked.categories or is_yes_or_no(asked.text):
        return None
    read = number(bounds[0].rstrip(".,"))
    chosen = values.chosen(asked, chart)
    if read is None or len(chosen) != 1 or not (which or COUNT.search(asked.text)):
        return None
    kept = [
        at
        for at, point in enumerate(chosen[0].points)
        if point is not None and holds(point.number, read.value)
    ]
    names = joined_by(", ", [values.category(chart, at) for at in kept]) if kept else own("none")
    return Said.of(own(str(len(kept))), ": ", names) if COUNT.search(asked.text) else names


def _listed(asked: ChartQuestion, chart: Chart) -> str | None:
    """List the categories, the series, or all values."""
    if (
        not LISTS.search(asked.text)
        or asked.categories
        or MOST.search(asked.text)
        or LEAST.search(asked.text)
    ):
        return None
    if re.search(r"\b(?:series|legend|lines)\b", asked.text, re.I) and len(chart.series) > 1:
        return joined_by(", ", [quote(one.name) for one in chart.series if one.name])
    if (
        re.search(
            r"\b(?:values?|numbers?|amounts?|percent\w*|shares?|figures?|prices?|costs?|times?)\b",
            asked.text,
            re.I,
        )
        or asked.series
    ):
        chosen = values.chosen(asked, chart)
        lines = [
            values.line(chart, one, at) for one in chosen for at in range(len(chart.categories))
        ]
        return joined_by(", ", [line for line in lines if line is not None])
    named = [quote(one.name) for one in chart.series if one.name]
    if len(named) > 1 and kind_of(chart.categories[0]) not in ("", *asked.tokens):
        singular = {word.rstrip("s") for word in asked.tokens}
        if kind_of(chart.categories[0]) not in singular:
            return joined_by(", ", named)  # "Which fuels are shown?" over years
    return joined_by(", ", [values.category(chart, at) for at in range(len(chart.categories))])


def _pair(asked: ChartQuestion, chart: Chart) -> list[tuple[Said, Point]] | None:
    """Give the two values that a question names: of two categories, or of two series in one."""
    chosen = values.chosen(asked, chart)
    if len(asked.categories) == 2 and len(chosen) == 1:
        pairs = [(values.category(chart, at), chosen[0].points[at]) for at in asked.categories]
    elif len(asked.series) == 2 and len(asked.categories) == 1:
        (at,) = asked.categories
        pairs = [(quote(one.name), one.points[at]) for one in chosen]
    elif (
        len(chart.series) == 2
        and not asked.series
        and len(asked.categories) == 1
        and APART.search(asked.text)
    ):
        (at,) = asked.categories
        pairs = [(quote(one.name), one.points[at]) for one in chart.series]
    else:
        return None
    told = [(name, point) for name, point in pairs if point is not None]
    return told if len(told) == 2 else None


def _place(name: str, text: str) -> int:
    """Say where a text has a name, or what it begins with."""
    found = text.lower().find(name.lower())
    return found if found >= 0 else text.lower().find(name.lower()[:3])


def _judged(asked: ChartQuestion, chart: Chart) -> str | None:
    """Say yes or no to a comparison of two values, or of one with a number."""
    if not is_yes_or_no(asked.text) or not (MORE.search(asked.text) or LESS.search(asked.text)):
        return None
    over = LESS.search(asked.text) is None
    pair = _pair(asked, chart)
    if pair is not None:
        first, second = sorted(pair, key=lambda one: _place(str(one[0]), asked.text))
        so = first[1].number > second[1].number if over else first[1].number < second[1].number
        shown = Said.of(
            first[0], ": ", values.told(first[1]), ", ", second[0], ": ", values.told(second[1])
        )
        return Said.of(own("Yes" if so else "No"), ": ", shown)
    chosen = values.chosen(asked, chart)
    rest = asked.text
    for at in asked.categories:
        rest = re.sub(re.escape(chart.categories[at]), " ", rest, flags=re.I)
    bound = BOUND.search(rest)
    read = None if bound is None else number(bound[0].rstrip(".,"))
    if read is None or len(asked.categories) != 1 or len(chosen) != 1:
        return None
    point = chosen[0].points[asked.categories[0]]
    if point is None:
        return None
    so = point.number > read.value if over else point.number < read.value
    return Said.of(
        own("Yes" if so else "No"),
        ": ",
        values.category(chart, asked.categories[0]),
        ": ",
        values.told(point),
    )


def _compared(asked: ChartQuestion, chart: Chart) -> str | None:
    """Tell which of two that are named is more, or less."""
    more = MORE.search(asked.text) or MOST.search(asked.text)
    less = LESS.search(asked.text) or LEAST.search(asked.text)
    pair = _pair(asked, chart)
    if pair is None or not _WHICH.search(asked.text) or bool(more) == bool(less):
        return None
    best, other = sorted(pair, key=lambda one: one[1].number, reverse=more is not None)
    if best[1].number == other[1].number:
        return None
    return Said.of(best[0], ": ", values.told(best[1]), ", beside ", values.told(other[1]))


_WHICH = re.compile(r"\b(?:which|who|what|whose|or)\b", re.I)


def _is_share(asked: ChartQuestion, chart: Chart) -> bool:
    """Say whether a share is asked for of values that are none: what they are of is not known."""
    told = [point.text for one in chart.series for point in one.points if point]
    return _SHARE.search(asked.text) is not None and not any("%" in text for text in told)


_SHARE = re.compile(r"\bper ?cent\w*|\b(?:share|proportion|fraction|ratio|times)\b|%", re.I)


def _apart(asked: ChartQuestion, chart: Chart) -> str | None:
    if not APART.search(asked.text):
        return None
    if _is_share(asked, chart):
        return None
    pair = _pair(asked, chart)
    if pair is None:
        return None
    points = [point for _, point in pair]
    big, small = sorted(points, key=lambda one: -one.number)
    about = "" if all(one.printed for one in points) else "about "
    result = values.worked_out(points, big.number - small.number)
    return Said.of(own(about + result), " (", values.told(big), " − ", values.told(small), ").")


def _summed(asked: ChartQuestion, chart: Chart) -> str | None:
    if not (SUM.search(asked.text) or AVERAGE.search(asked.text)):
        return None
    if _is_share(asked, chart):
        return None
    if len(asked.categories) > 1 and len(values.chosen(asked, chart)) == 1:
        points = [values.chosen(asked, chart)[0].points[at] for at in asked.categories]
    elif len(asked.categories) == 1 and len(chart.series) > 1 and not asked.series:
        points = [one.points[asked.categories[0]] for one in chart.series]
    elif not asked.categories and len(values.chosen(asked, chart)) == 1 and chart.kind != "pie":
        points = list(values.chosen(asked, chart)[0].points)
    else:
        return None
    told = [point for point in points if point is not None]
    if len(told) < len(points) or len(told) < 2:
        return None
    whole = sum(point.number for point in told)
    mean = AVERAGE.search(asked.text) is not None
    about = "" if all(one.printed for one in told) else "about "
    result = values.worked_out(told, whole / len(told) if mean else whole)
    return Said.of(
        own(about + result),
        " (",
        joined_by(", " if mean else " + ", [values.told(p) for p in told]),
        ").",
    )


_NTH = (re.compile(r"\b(?:second|2nd)\b", re.I), re.compile(r"\b(?:third|3rd)\b", re.I))
_MOVES = re.compile(rf"\b{MOVED}s?\b|\b(?:gap|difference|spread|range)\b", re.I)
_TOP = re.compile(
    r"\b(?:top|best|worst|bottom|most|least) (?:two|three|four|five|\d)\b|\b(?:two|three|four|\d) \w+est\b",
    re.I,
)


def _extreme(asked: ChartQuestion, chart: Chart, *, reverse: bool = False) -> str | None:
    """Tell where the most or the least is; of what is better the less there is, in reverse."""
    moves = chart.kind != "table" and _MOVES.search(asked.text)  # "lost" heads a column
    if moves or _TOP.search(asked.text):
        return None
    most = MOST.search(asked.text)
    least = LEAST.search(asked.text)
    if len(asked.categories) == 1 and re.search(r"\bwhich\b", asked.text, re.I):
        most, least = most or MORE.search(asked.text), least or LESS.search(asked.text)
    if re.search(r"\bat (?:least|most)\b", asked.text, re.I) or not (most or least):
        return None
    choose = max if bool(most) != reverse else min
    if len(asked.categories) == 1 and len(chart.series) > 1:
        if chart.others:
            return None
        (at,) = asked.categories
        told = [(one.points[at], quote(one.name)) for one in chart.series if one.name]
    elif not asked.categories and all(
        one.name or len(values.chosen(asked, chart)) == 1 for one in values.chosen(asked, chart)
    ):
        told = [
            (
                point,
                Said.of(
                    values.category(chart, at),
                    *([", ", quote(one.name)] if len(values.chosen(asked, chart)) > 1 else []),
                ),
            )
            for one in values.chosen(asked, chart)
            for at, point in enumerate(one.points)
        ]
    else:
        return None
    known = [(point, name) for point, name in told if point is not None and name.strip(" ,")]
    if len(known) < 2 or len(known) < len(told):
        return None
    ranked = sorted({point.number for point, _ in known}, reverse=choose is max)
    nth = next((n for n, one in enumerate(_NTH, 2) if one.search(asked.text)), 1)
    if nth > len(ranked):
        return None
    best = ranked[nth - 1]
    found = [(point, name) for point, name in known if point.number == best]
    if len(found) > 2:
        return None
    return joined_by(", ", [Said.of(name, ": ", values.told(point)) for point, name in found])


def _trend(asked: ChartQuestion, chart: Chart) -> str | None:
    """Tell when values rose or fell, first or at all, and whether they do so on the whole."""
    up, down = (
        re.search(rf"\b{UP}\b", asked.text, re.I),
        re.search(rf"\b{DOWN}\b", asked.text, re.I),
    )
    chosen = values.chosen(asked, chart)
    if not (up or down) or len(chosen) != 1 or chart.kind in ("pie", "stacked bars"):
        return None
    points = [(at, point.number) for at, point in enumerate(chosen[0].points) if point is not None]
    if len(points) < 3 or asked.categories or not any(map(kind_of, chart.categories)):
        return None
    if up and down:
        first, last = points[0][1], points[-1][1]
        return own("up" if last > first else "down") if first != last else None
    if not _WHEN.search(asked.text) or MOST.search(asked.text):
        return None
    moved = [b for (_, one), (b, other) in pairwise(points) if (other > one if up else other < one)]
    if not moved or (len(moved) > 1 and not _BEGAN.search(asked.text)):
        return (
            joined_by(", ", [values.category(chart, at) for at in moved])
            if moved and len(moved) < 4
            else None
        )
    if _BEGAN.search(asked.text):
        return Said.of(own("after "), values.category(chart, moved[0] - 1)) if moved[0] else None
    return values.category(chart, moved[0])


_WHEN = re.compile(r"\b(?:when|(?:which|what) (?:month|year|quarter|week|day))\b", re.I)
_BEGAN = re.compile(r"\b(?:beg[aiu]n|begins?|start(?:s|ed)?|first)\b", re.I)
WORKED_OUT = (
    APART, SUM, AVERAGE, MOST, LEAST, MORE, LESS, LISTS,
    re.compile(rf"\b{MOVED}\b|\b(?:ratio|times as|twice|half|trend|compare[ds]?|when)\b", re.I),
)  # fmt: skip


def told(asked: ChartQuestion, chart: Chart) -> str | None:
    """Tell the values of what is named, where nothing is to be done with them."""
    if any(each.search(asked.text) for each in WORKED_OUT):
        return None
    if not asked.categories or is_yes_or_no(asked.text) or len(asked.categories) > 4:
        return None
    chosen = values.chosen(asked, chart)
    if len(chosen) > 1 and not all(one.name for one in chosen):
        return None
    lines = [values.line(chart, one, at) for at in asked.categories for one in chosen]
    told = [line for line in lines if line is not None]
    return joined_by(", ", told) if told and len(told) == len(lines) and len(told) <= 6 else None


_ANSWERS = (
    legend, _several, _counted, _listed, _judged, _trend, _apart, _compared, _summed, _extreme, told,
)  # fmt: skip
_RANKS = (_extreme, legend, _listed, _several, _trend)


def answer(asked: ChartQuestion, chart: Chart) -> tuple[str, bool] | None:
    """Answer what is asked of a chart; say whether that is of a rank, a name or a colour."""
    for one in _ANSWERS:
        said = one(asked, chart)
        if said is not None:
            return said, one in _RANKS
    return None


def worked_out(asked: ChartQuestion, chart: Chart, *, reverse: bool) -> str | None:
    """Work out what is asked of the numbers of a table; of times what is fastest is least, in reverse."""
    for one in (_judged, _counted, _apart, _compared, _summed, _listed):
        said = one(asked, chart)
        if said is not None:
            return said
    return _extreme(asked, chart, reverse=reverse)

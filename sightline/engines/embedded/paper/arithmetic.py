"""Numbers of a table or a list worked out: the most and the least, sums, differences, comparisons.

Which rows and which column are meant is read from the question; what is asked of them is answered as
of a chart, whose bars are the rows. Where a question has more in it than rows, a column and what is
to be done with them, nothing is worked out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sightline.engines.embedded import words
from sightline.engines.embedded.ear.columns import COMES_TO, EACH
from sightline.engines.embedded.ear.confidence import form
from sightline.engines.embedded.evidence import Exhibit
from sightline.engines.embedded.paper import chart_answers
from sightline.engines.embedded.paper.cells import says, tokens
from sightline.engines.embedded.paper.chart_question import (
    APART,
    AVERAGE,
    BOUND,
    GENERIC,
    LEAST,
    LESS,
    LISTS,
    MORE,
    MOST,
    OTHER,
    SUM,
    ChartQuestion,
    read,
)
from sightline.engines.embedded.paper.grids import TIME, Grid, grids
from sightline.engines.embedded.passages import Said, quote
from sightline.engines.embedded.question_form import is_yes_or_no
from sightline.perception.charts import Chart

# Words of a question, and what the column is called that they are of.
_MEASURED = tuple(
    (re.compile(rf"\b(?:{asked})\b", re.I), re.compile(rf"\b(?:{heads})", re.I))
    for asked, heads in (
        (r"tall\w*|high(?:er|est)?|low(?:er|est)?", r"height|elevation|altitude|tall|high"),
        (r"long(?:er|est)?|short(?:er|est)?", r"length|distance|duration|long"),
        (r"heav\w*|light(?:er|est)?|weigh\w*", r"weight|mass|heavy"),
        (r"old(?:er|est)?|young(?:er|est)?", r"age|old"),
        (r"warm(?:est)?|hot(?:test)?", r"temp|high|max"),
        (r"cold(?:est)?|cool(?:est)?", r"temp|low|min"),
        (r"warmer|hotter|colder|cooler", r"temp|degrees"),
        (r"rain\w*|wet(?:ter|test)?|dr(?:y|ier|iest)", r"rain|precip|wet"),
        (r"sunn\w*", r"sun"),
        (r"wind\w*", r"wind"),
        (r"furthest|farthest", r"range|distance|reach"),
        (r"big(?:ger|gest)?|large[rst]*|small(?:er|est)?", r"size|area|population"),
        (r"popul\w*|people|inhabitants", r"population|inhabitants"),
        (r"points", r"points|pts|score"),
        (r"goals", r"goals|gf"),
        (r"lost|lose[sd]?|losses|defeats", r"lost|losses|l$"),
        (r"won|wins|victories", r"won|wins|w$"),
        (r"dr[ae]w\w*", r"drawn|draws|d$"),
    )
)
_OF_MONEY = re.compile(
    r"\b(?:cheap|dear|expens|price|pricey|cost|pay|money|euro|dollar|pound|spend|spent)\w*|\bhow much\b|[$€£¥]",
    re.I,
)
_SPAN = re.compile(r"\b(?:hours?|days?|minutes?|weeks?|km|kg)\b", re.I)
_PRICED = re.compile(r"\b(?:cheap|dear|expens|pric|cost|pay|paid|spen[dt])\w*", re.I)
_OF_TIME = re.compile(r"\b(?:early|earli|late|first|last|fast|quick|slow)\w*|\bhow long\b", re.I)
_LONG = re.compile(r"\bhow long\b.*\b(?:from|between)\b", re.I)
_WHO = re.compile(r"\bwho(?:se)?\b", re.I)
_SOONER = re.compile(r"\b(?:earl\w*|first|fast\w*|quick\w*|slow\w*)\b", re.I)
_PACE = re.compile(r"\b(?:fastest|slowest|faster|slower)\b", re.I)  # the more, the less time
_HOURS = 25
_BETWEEN = re.compile(rf"(?:{MORE.pattern}|{LESS.pattern})(?: than)? [$€£]?\d", re.I)
_EACH = re.compile(r"\b(?:each|a piece|per|apiece|single|one of)\b", re.I)
_WHOLE = re.compile(
    r"(?<!in )(?<!at )(?<!after )\ball\b"
    r"|\b(?:every\w*|each|sum of|adds? up|average|mean|whole|over the (?:week|month|year))\b",
    re.I,
)
_DUE = re.compile(r"\b(?:pay|paid|owe[sd]?|due|charged|bill)\b", re.I)
# What is first, or last, by the order of rows rather than by a number, and what is a figure of speech.
_LOOSE = re.compile(r"\b(?:top|bottom|best|worst|lead\w*|peak\w*)\b", re.I)
_TAKEN = re.compile(
    r"\bwhat(?:'s| is| does| would| will| do) (?:that|those|both|they|i|we)\b|\bcomes? to\b|\bset me back\b"
    r"|\b(?:whole|entire|all (?:\w+ )?(?:days|weeks|months|years|quarters))\b",
    re.I,
)
_SAYS_NOTHING = frozenset(
    map(
        words.stem,
        "item items product products thing things one ones row rows entry entries column value values"
        " price prices cost costs amount list listed table page sheet expensive cheap cheaper dear dearer pricey money"
        " receipt bill ticket paper invoice order board overall fell fall time offer offered sold available those all euro euros dollar dollars pound pounds bucks"
        " pence cents more less go going take taken long longer short shorter early earlier late later"
        " buy buying pay paid altogether much many one two three four five six seven eight nine ten menu something anything anyone who whose".split(),
    )
)
_UNITS = frozenset(
    "c f k kg g mg km m mm cm mi ft lb oz l ml eur usd gbp pcs h hrs per in € $ £".split()
)
_TITLE = 2  # lines, whose words say what all rows are of
_MOST_LEFT = 1  # word for what the rows are: a dish, a train


def look_up(text: str, exhibit: Exhibit) -> str | None:
    """Work an answer out; None where the question asks for nothing of the kind, or is in doubt."""
    if not any(each.search(text) for each in _WORKED_OUT):
        return None
    for grid, column in _meant(text, exhibit):
        said = _of_two_columns(grid, text, exhibit)
        if said is None and column is not None:
            said = _of_column(grid, column, text, exhibit)
        if said is not None:
            return said
    return None


def value(text: str, exhibit: Exhibit) -> str | None:
    """Tell what a row has in a column that is named, or its price; None where more is asked."""
    if any(each.search(text) for each in _WORKED_OUT) or _NO_VALUE.search(text):
        return None
    for grid, column in _meant(text, exhibit):
        priced = column is not None and _OF_MONEY.search(text) and grid.is_money(column.at)
        if column is None or not (column.is_named or priced):
            continue
        chart = grid.chart(column.at)
        question = _read(text, chart)
        if _is_whole(grid, (column.at,), question, exhibit, 0):
            said = _value(question, chart)
            if said is not None:
                return said
    return None


def _meant(text: str, exhibit: Exhibit) -> Iterator[tuple[Grid, _Column | None]]:
    """Give the grids of a page, each with the column that a question is about."""
    if OTHER.search(_WHO.sub("", text)):
        return
    asked = tokens(re.sub(r"['’]s\b", "", text))
    for grid in grids(exhibit, asked):
        column = _column(grid, text, asked)
        loose = column is not None and not column.is_named and _LOOSE.search(text)
        # What is paid for hours is not the hours.
        spans = column is not None and _PRICED.search(text) and _SPAN.search(grid.heads[column.at])
        yield grid, None if loose or spans else column


def _of_column(grid: Grid, column: _Column, text: str, exhibit: Exhibit) -> str | None:
    chart, told = grid.chart(column.at), grid.column(column.at)
    question = _read(text, chart)
    if LISTS.search(text) and not (grid.heads[column.at] or grid.chosen):
        return None  # a list as a whole is told with its quantities
    if not column.is_named and not _fits(question, chart, told):
        return None
    sure = column.is_named or _OF_MONEY.search(text) or _OF_TIME.search(text)
    if not _is_whole(grid, (column.at,), question, exhibit, _MOST_LEFT if sure else 0):
        return None
    return _worked_out(question, chart, told)


def _read(text: str, chart: Chart) -> ChartQuestion:
    """Read which rows a question names, by words that are not of the column's head."""
    head = {words.stem(word) for word in words.tokens(chart.series[0].name)}
    rest = " ".join(
        word for word in text.split() if words.stem(word.lower().strip("?.,!")) not in head
    )
    return replace(read(text, chart), categories=read(rest, chart).categories)


def _fits(asked: ChartQuestion, chart: Chart, told: Sequence[str]) -> bool:
    """Say whether a column that no word named may be what is asked: "the oldest" is of no price."""
    names = {word for at in asked.categories for word in words.tokens(chart.categories[at])}
    rest = " ".join(word for word in asked.tokens if word not in names)
    if _SIZE.search(rest) and not _OF_MONEY.search(rest):
        return False
    timed = all(":" in text for text in told if text)
    return timed or not _PHYSICAL.search(rest)


_SIZE = re.compile(r"\b(?:big|larg|small)\w*\b", re.I)
_PHYSICAL = re.compile(
    r"\b(?:tall|heav|light|old|young|warm|hot|cold|cool|wid|deep|strong|weak|sweet|fast|slow|quick|rich|bett|poor)(?:y|e?r|i?e?st|i?er)\b"
    r"|\b(?:long|short)(?:er|est)\b",
    re.I,
)


def _of_two_columns(grid: Grid, text: str, exhibit: Exhibit) -> str | None:
    """Compare two columns that a question names in the row that it names."""
    numbers = [at for at in range(len(grid.heads)) if grid.is_numbers(at)]
    if len(numbers) < 2:
        return None
    series = tuple(series for at in numbers for series in grid.chart(at).series)
    chart = Chart("table", grid.names, grid.lines, series)
    question = read(text, chart)
    if len(question.series) != 2 or len(question.categories) != 1:
        return None
    columns = [numbers[at] for at in question.series]
    if not _is_whole(grid, columns, question, exhibit, _MOST_LEFT):
        return None
    return chart_answers.worked_out(question, chart, reverse=False)


def _worked_out(asked: ChartQuestion, chart: Chart, told: Sequence[str]) -> str | None:
    if len(asked.categories) != 1 and _TAKEN.search(asked.text):
        asked = replace(asked, text=f"{asked.text} together")
    headed = bool(chart.series[0].name or AVERAGE.search(asked.text))
    of_all = headed and not _DUE.search(asked.text) and _WHOLE.search(asked.text)
    if not asked.categories and _is_sum_asked(asked.text) and not of_all:
        return None  # the total is printed, or is of what is not named
    if _EACH.search(asked.text) and not _WHOLE.search(asked.text):
        return None
    times = [TIME.fullmatch(text) for text in told if text]
    timed = all(times)
    if _is_of_most(asked.text) and _BETWEEN.search(asked.text):
        return None  # "the cheapest with a range over 500 km"
    if timed and BOUND.search(asked.text) and not asked.categories:
        return None  # "under 28 minutes" of 27:31
    clock = timed and all(int(time[1]) < _HOURS for time in times if time)
    if clock and (APART.search(asked.text) or _LONG.search(asked.text)):
        return _minutes(asked, chart)
    if timed and (_is_sum_asked(asked.text) or APART.search(asked.text)):
        return None
    if _SOONER.search(asked.text) and not timed:
        return None
    reverse = timed and _PACE.search(asked.text) is not None
    return chart_answers.worked_out(asked, chart, reverse=reverse)


def _value(asked: ChartQuestion, chart: Chart) -> str | None:
    """Tell what a row has that is named, where its value is asked for and nothing else."""
    if len(asked.categories) != 1 or is_yes_or_no(asked.text):
        return None
    (at,) = asked.categories
    point = chart.series[0].points[at]
    name = words.tokens(chart.categories[at])
    said = words.covers(asked.tokens, name)
    if point is None or form(asked.text, point.text) < 0 or 2 * said < len(name):
        return None  # of another form than is asked for, or of a name of which little is said
    if said == len(name):
        return quote(point.text, point.rows)
    return chart_answers.told(asked, chart)  # with the name, which was not said in full


_NO_VALUE = re.compile(r"\b(?:who|whose|which|why|where|each|per|apiece|one of)\b", re.I)
_WORKED_OUT = (*chart_answers.WORKED_OUT, _LONG, _TAKEN)


def _is_sum_asked(text: str) -> bool:
    return bool(SUM.search(text) or AVERAGE.search(text))


def _minutes(asked: ChartQuestion, chart: Chart) -> Said | None:
    """Give the minutes between two times of a day."""
    points = [chart.series[0].points[at] for at in asked.categories]
    if len(points) != 2 or points[0] is None or points[1] is None:
        return None
    apart = abs(points[0].number - points[1].number)
    both = quote(f"{points[0].text} and {points[1].text}")
    return Said.of(f"{apart:.0f} minutes (", both, ").")


def selects(text: str) -> bool:
    """Say whether a question is of some rows of a list, not of all: the most, those over a number."""
    return _is_of_most(text) or _BETWEEN.search(text) is not None


def _is_of_most(text: str) -> bool:
    rest = re.sub(r"\bat (?:least|most)\b", "", text, flags=re.I)
    return MOST.search(rest) is not None or LEAST.search(rest) is not None


def doubtful(text: str, exhibit: Exhibit) -> bool:
    """Say whether an extreme is asked for of a table whose column is not told."""
    if not _is_of_most(text):
        return False
    for grid in grids(exhibit, tokens(text)):
        numbers = [at for at in range(len(grid.heads)) if grid.is_numbers(at)]
        if len(numbers) > 1 and _column(grid, text, tokens(text)) is None:
            return True
    return False


@dataclass(frozen=True, slots=True)
class _Column:
    """A column by its number; `is_named` says that the question says its head."""

    at: int
    is_named: bool


def _column(grid: Grid, text: str, asked: Sequence[str]) -> _Column | None:
    """Give the column of numbers that a question is about; None where that is in doubt."""
    numbers = [at for at in range(len(grid.heads)) if grid.is_numbers(at)]
    for said in (
        [at for at in numbers if grid.heads[at] and says(_bare(grid.heads[at]), asked)],
        [
            at
            for at in numbers
            if (unit := grid.unit(at)) and re.search(rf"\d ?{unit}\b", text, re.I)
        ],
        [
            at
            for at in numbers
            for adjective, heads in _MEASURED
            if adjective.search(text) and heads.search(grid.heads[at])
        ],
    ):
        if said:
            return _Column(said[0], is_named=True) if len(set(said)) == 1 else None
    if _OF_MONEY.search(text):
        money = [at for at in numbers if grid.is_money(at)]
        whole = [at for at in money if COMES_TO.search(grid.heads[at])]
        numbers = (whole if len(money) > 1 and not EACH.search(text) else money) or numbers
    elif _OF_TIME.search(text):
        numbers = [at for at in numbers if all(":" in t for t in grid.column(at) if t)] or numbers
    if len(numbers) > 1:  # "the fewest medals" of gold, silver, bronze and all
        numbers = [at for at in numbers if _TOTAL.fullmatch(grid.heads[at].strip())]
    return _Column(numbers[0], is_named=False) if len(numbers) == 1 else None


_TOTAL = re.compile(r"total|sum|all|overall|gesamt|summe", re.I)


def _bare(head: str) -> str:
    """Leave out the unit that a head ends in: "Max °C", "Height (m)"."""
    first, *rest = tokens(re.sub(r"[(\[].*?[)\]]", " ", head)) or [""]
    return " ".join([first, *(token for token in rest if token not in _UNITS)])


def _is_whole(
    grid: Grid, columns: Sequence[int], asked: ChartQuestion, exhibit: Exhibit, most: int
) -> bool:
    """Say whether a question has nothing in it beside rows, a column, and what is done with them.

    At most so many words may be neither, if the page does not have them.
    """
    told = [grid.names[at] for at in asked.categories]
    told += [grid.heads[at] for at in columns] + [grid.kind]
    known = {words.stem(token) for text in told for token in words.tokens(text)} | _SAYS_NOTHING
    known |= (
        GENERIC | {grid.unit(at) for at in columns} | {words.stem(word) for word in grid.chosen}
    )
    known |= {words.stem(word) for each, _ in _MEASURED for word in each.findall(asked.text)}
    left = [
        word
        for word in words.content(asked.text)
        if words.stem(word) not in known
        and not word.isdigit()
        and not any(each.fullmatch(word) for each in (MOST, LEAST, MORE, LESS))
        and not any(words.alike(word, token) for token in known)
    ]
    page = words.tokens(" ".join(exhibit.sheet.lines[_TITLE:]))
    return len(left) <= most and not words.covers(page, left)

"""What a question asks of a chart: what it names there, and the words for what is to be done."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sightline.engines.embedded import words
from sightline.engines.embedded.evidence import Exhibit
from sightline.perception.charts import Chart
from sightline.perception.colours import NAMES, name_of

UP = r"(?:r[io]se|risen|rising|grow(?:s|ing|n|th)?|grew|increase[ds]?|increasing|climb(?:s|ed|ing)?|(?:go|goes|going|went) up|jump(?:s|ed)?|gain(?:s|ed)?)"
DOWN = r"(?:drop(?:s|ped|ping)?|f[ae]ll(?:s|ing|en)?|declin(?:e[ds]?|ing)|decreas(?:e[ds]?|ing)|(?:go|goes|going|went) down|shr[aiu]nk(?:s|ing)?|los[et]|sink(?:s|ing)?|sank|dip(?:s|ped)?)"
MOVED = rf"(?:{UP}|{DOWN}|chang(?:e[ds]?|ing))"
MOST = re.compile(
    r"\b(?:most|highest|largest|biggest|greatest|maximum|max|top|best|peak(?:ed)?|longest|tallest|strongest|busiest|wettest|hottest|warmest|richest|heaviest|fastest|oldest|dearest|priciest|sunniest|commonest|latest|leading|leads?|majority|(?:most|more) expensive)\b",
    re.I,
)
LEAST = re.compile(
    r"\b(?:least|lowest|smallest|fewest|minimum|min|worst|bottom|shortest|weakest|quietest|driest|coldest|coolest|poorest|lightest|slowest|youngest|cheapest|earliest|quickest|rarest|lagging)\b",
    re.I,
)
APART = re.compile(
    r"\bdifference\b|\bgap between\b|\bapart\b|\bhow (?:much|many) (?:\w+ ){0,3}?(?:more|less|fewer|higher|lower|bigger|smaller)\b|\bby how (?:much|many)\b|\bhow (?:many|much|far) .*\b(?:ahead of|behind)\b"
    rf"|\bhow (?:much|many)\b.*\b{MOVED}\b.*\b(?:from|between)\b|\bhow (?:much|many) \w+er\b",
    re.I,
)
SUM = re.compile(
    r"\b(?:plus|together|combined|altogether|in all|in total|total|add(?:ed)? up|sum|all of them|overall)\b",
    re.I,
)
AVERAGE = re.compile(r"\b(?:average|mean|on average)\b", re.I)
MORE = re.compile(
    r"\b(?:more|higher|larger|bigger|greater|above|over|exceed\w*|better|taller|longer|later|heavier|older|dearer|pricier|ahead|outsell|outsold|beat|at least)\b",
    re.I,
)
LESS = re.compile(
    r"\b(?:less|lower|smaller|fewer|below|under|worse|shorter|earlier|lighter|younger|cheaper|behind|at most|up to)\b",
    re.I,
)
COUNT = re.compile(r"\bhow many\b|\bnumber of\b", re.I)
THINGS = re.compile(
    r"\b(?:bars?|columns?|slices?|wedges?|parts?|segments?|sections?|points?|categor(?:y|ies)|groups?|items?|entries|shares?)\b",
    re.I,
)
SEVERAL = re.compile(r"\b(?:series|lines|colou?rs|kinds of bars?)\b", re.I)
_COLOUR = re.compile(
    rf"\b(?P<light>light |dark )?(?P<name>{'|'.join(NAMES)}|gray|violet|turquoise|navy)\b", re.I
)
_SAME_COLOUR = {"gray": "grey", "violet": "purple", "turquoise": "teal", "navy": "blue"}
WHAT_COLOUR = re.compile(r"\b(?:what|which) colou?r\b", re.I)
STANDS_FOR = re.compile(
    r"^\W*what'?s\b|\b(?:stands? for|represents?|mean|means|show|shows|denotes?|is|are|belongs?|indicates?)\b",
    re.I,
)
LISTS = re.compile(
    r"\b(?:list|name (?:all|the|every)|enumerate|what are (?:all )?the|which (?:\w+ ){0,2}(?:are|is) (?:shown|there|listed|compared|included|on)|give (?:me )?(?:all|the values|every)|all (?:the )?(?:values|numbers|categories|labels))\b",
    re.I,
)
BOUND = re.compile(r"\d[\d.,']*")
OTHER = re.compile(
    r"\b(?:why|who|whom|whose|where|reason|cause[ds]?|except|without|excluding|other than|besides|the rest|overt[ao]ke\w*|cross(?:es|ed)?|forecast|predict\w*|next (?:year|month|quarter)|will)\b",
    re.I,
)
GENERIC = frozenset(
    map(
        words.stem,
        "bar bars column columns slice slices wedge line lines chart graph plot diagram figure pie series category categories group value values"
        " number level share percent percentage part point points data month months year years quarter quarters day days week weeks"
        " many much high low tall big large most least highest lowest largest smallest biggest fewest greatest best worst top bottom peak"
        " more less fewer than between difference sum total together combined altogether average mean compared compare overall all each every"
        " about approximately roughly exactly around did does do was were is are had have has show shows shown reach reached record recorded"
        " get got sell sold make made see saw stand stands represent colour color legend above below over under at least reading measured there"
        " come came go went add both plus percent percentage people person persons roughly approx kind"
        " account accounts accounted belong take took up end ended result rank first second third last".split(),
    )
)
ABOUT = re.compile(
    r"\b(?:chart|graph|plot|diagram|figure|picture|image|it|this)\b.*\b(?:about|shows?|depicts?|displays?|illustrates?|tells?|represents?|says?)\b|\b(?:topic|subject) of\b"
    r"|\b(?:what|which) (?:kind|type|sort) of (?:chart|graph|plot|diagram|figure)\b|\b(?:describe|explain|summari[sz]e)\b.*\b(?:chart|graph|plot|diagram|figure)\b",
    re.I,
)
AXIS = re.compile(r"\b(?P<which>x|y|horizontal|vertical|bottom|left)[- ]?axis\b", re.I)
# Words of a question for a rank or a colour that may be neither on the page nor of charts.
MOST_LEFT = 2


@dataclass(frozen=True, slots=True)
class ChartQuestion:
    """What a question names: categories and series by number, in the order of the chart."""

    text: str
    tokens: tuple[str, ...]
    categories: tuple[int, ...]
    series: tuple[int, ...]


def read(text: str, chart: Chart) -> ChartQuestion:
    """Read which categories and series of a chart a question names, by name or by colour."""
    tokens = tuple(words.tokens(text))
    several = len(chart.series) > 1
    series = _named([one.name for one in chart.series], tokens) if several else ()
    if len(chart.series) > 1 and not series and (of_colour := colour_in(text)) is not None:
        series = tuple(
            at for at, one in enumerate(chart.series) if is_called(one.colour, of_colour)
        )
    categories = _named(chart.categories, tokens)
    if chart.colours and not categories and (of_colour := colour_in(text)) is not None:
        categories = tuple(at for at, one in enumerate(chart.colours) if is_called(one, of_colour))
    return ChartQuestion(text, tokens, categories, series)


def _named(names: Sequence[str], asked: Sequence[str]) -> tuple[int, ...]:
    """Number the names that are said: all their words, or those that no other name has."""
    split = [_own_words(name) for name in names]
    full = [at for at, own_ in enumerate(split) if own_ and all(_said(t, asked) for t in own_)]
    # "Free Wifi" beside "Wifi": the longer one is meant.
    full = [at for at in full if not any(set(split[at]) < set(split[other]) for other in full)]
    # "From Q4 22 to Q1 23" has all words of Q4 23, too.
    whole = [
        at for at in full if f" {' '.join(words.tokens(names[at]))} " in f" {' '.join(asked)} "
    ]
    shared = any(
        set(split[one]) & set(split[other]) for one in full for other in full if one < other
    )
    if full:
        full = whole if shared and whole else full
        # "A latte and a croissant": of one name all is said, of the other what it alone has.
        used = {t for at in full for t in split[at]}
        asked = [word for word in asked if not any(_said(t, [word]) for t in used)]
    part = []
    for at, own_ in enumerate(split):
        if at in full or any(set(own_) & set(split[other]) for other in full):
            continue
        others = {t for other, more in enumerate(split) if other != at for t in more}
        if any(len(t) > 2 and t not in others and _said(t, asked) for t in own_):
            part.append(at)
    return tuple(sorted([*full, *part]))


def _own_words(name: str) -> list[str]:
    every = words.tokens(name)
    return [word for word in every if word not in words.STOP or word.isdigit()] or every


_DAYS = "mon tue wed thu fri sat sun".split()


def _said(token: str, asked: Sequence[str]) -> bool:
    if token in asked:
        return True
    return not token.isdigit() and any(
        words.alike(token, word) or _inflects(token, word) for word in asked
    )


def _inflects(one: str, other: str) -> bool:
    """Say whether a word is another with an ending: haul, hauling."""
    short, long = sorted((one, other), key=len)
    return len(short) > 3 and long.startswith(short) and long[len(short) :] in _ENDINGS


_ENDINGS = ("s", "es", "ed", "ing", "er", "n")


def colour_in(text: str) -> str | None:
    """Give the one colour that a text names."""
    found = {
        _SAME_COLOUR.get(one["name"].lower(), one["name"].lower()) for one in _COLOUR.finditer(text)
    }
    return found.pop() if len(found) == 1 else None


def is_called(colour: str, name: str) -> bool:
    """Say whether a colour, #rrggbb, has a name."""
    return bool(colour) and colour_name(colour) == name


def colour_name(colour: str) -> str:
    """Give the common name of a colour, #rrggbb."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return name_of((red, green, blue))


def is_of_another(asked: ChartQuestion, chart: Chart) -> bool:
    """Say whether a question is of something in the legend that could not be read off."""
    return bool(_named(chart.others, asked.tokens))


def is_told(asked: ChartQuestion, chart: Chart, exhibit: Exhibit, most: int) -> bool:
    """Say whether all that a question has in it is of charts, or stands on the page."""
    page = words.tokens(exhibit.sheet.text)
    if any(year not in page for year in re.findall(r"\b(?:19|20)\d\d\b", asked.text)):
        return False
    known = {words.stem(t) for t in page} | GENERIC
    known |= {words.stem(t) for name in chart.categories for t in words.tokens(name)}
    left = [
        word
        for word in words.content(asked.text)
        if words.stem(word) not in known
        and not word.isdigit()
        and not any(word[:4] == t[:4] for t in page if len(word) > 3 < len(t))
        and not any(
            _said(t, [word])
            for name in (*chart.categories, *(s.name for s in chart.series))
            for t in words.tokens(name)
        )
        and not _COLOUR.fullmatch(word)
    ]
    return len(left) <= most


def kind_of(name: str) -> str:
    """Say what a name of a category is: a month, a day, a year, a quarter; "" for others."""
    plain = words.fold(name).strip(" .")
    if plain[:3] in words.MONTHS and plain.isalpha():
        return "month"
    if plain[:3] in _DAYS and plain.isalpha():
        return "day"
    if re.fullmatch(r"(?:19|20)\d\d", plain):
        return "year"
    return "quarter" if re.fullmatch(r"q[1-4](?: \d{2,4})?", plain) else ""

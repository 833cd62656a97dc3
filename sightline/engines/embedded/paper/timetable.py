"""Questions about a timetable: when something leaves a stop, reaches another, and how long it takes.

The rows are stops and their times in the order in which they are passed, or the columns are: "the first
bus from Harbour", "the 7:05 from Harbour: when is it in Old Town?", "the next one after 8". Stops are
named as they are printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sightline.engines.embedded import words
from sightline.engines.embedded.ear.facts import Fact
from sightline.engines.embedded.evidence import Exhibit
from sightline.engines.embedded.passages import Said, own, quote

_LEAST_STOPS, _LEAST_TRIPS = 2, 2
_TIME = re.compile(
    r"(?<![\d:.])(?P<h>[01]?\d|2[0-4])[:.h](?P<m>[0-5]\d)(?:\s?(?P<half>[ap])\.?m\.?)?(?![\d:])",
    re.I,
)
_HOUR = re.compile(
    r"\b(?:after|before|past|from|by)\s+(?P<h>\d{1,2})(?!\d|[:.]\d)(?:\s?(?P<half>[ap])\.?m\b\.?|\s?o'?clock)?",
    re.I,
)
_ASKS = re.compile(
    r"\b(?:when|what time|which time|at what hour|how (?:late|early|long)|journey time|travel time)\b"
    r"|^\W*(?:the |and (?:the )?)?(?:next|first|last) (?:one|bus|train|boat|ferry|tram|departure|connection|ship|flight)\b",
    re.I,
)
_LONG = re.compile(r"\b(?:how long|journey time|travel time|how many minutes|duration)\b", re.I)
_FIRST = re.compile(r"\b(?:first|earliest)\b", re.I)
_LAST = re.compile(r"\b(?:last|latest|final)\b", re.I)
_AFTER = re.compile(r"\b(?:after|past|later than|next|from)\b", re.I)
_BEFORE = re.compile(r"\b(?:before|by|until|earlier than)\b", re.I)


@dataclass(frozen=True, slots=True)
class _Timetable:
    """Stops, and for each the minutes since midnight of every trip, None where it does not call."""

    stops: tuple[str, ...]
    times: tuple[tuple[int | None, ...], ...]
    printed: tuple[tuple[str, ...], ...]


def look_up(text: str, exhibit: Exhibit) -> str | None:
    """Answer from a timetable; None where the question is about none, or leaves a trip open."""
    if _ASKS.search(text) is None:
        return None
    for table in _timetables(exhibit):
        stops = _named(table, text)
        if stops and (said := _said(table, stops, text)) is not None:
            return said
    return None


def _said(table: _Timetable, stops: Sequence[int], text: str) -> str | None:
    long = _LONG.search(text) is not None
    if len(stops) != 2 and (long or len(stops) != 1):
        return None
    trip = _trip(table, stops, text)
    if len(stops) == 1:
        return None if trip is None else table.printed[stops[0]][trip]
    start, end = stops
    if long:
        return _lasts(table, start, end, trip)
    # "the 7:05 from Harbour: when is it in Old Town?"; "when does the first to B leave A?"
    asked = start if re.search(r"\b(?:leav|depart|start|go)\w*", text, re.I) else end
    if trip is None or re.search(r"\b(?:arriv|reach|get|be in|be at)\w*", text, re.I):
        asked = end
    return None if trip is None else table.printed[asked][trip]


def _trip(table: _Timetable, stops: Sequence[int], text: str) -> int | None:
    """Give the trip that a question means, by its time or its place among the others."""
    first, last = _FIRST.search(text), _LAST.search(text)
    said = [_minutes(found) for found in _TIME.finditer(text)]
    hour = _HOUR.search(text)
    row = table.times[stops[0]]
    calls = [at for at, time in enumerate(row) if time is not None]
    if said:
        if first or last:
            return None
        same = [at for at in calls if row[at] == said[0]]
        return same[0] if len(same) == 1 else _beside(calls, row, said[0], text)
    if hour is not None:
        return _beside(calls, row, _minutes(hour), text)
    if bool(first) == bool(last) or not calls:
        return None
    return calls[0 if first else -1]


def _beside(calls: Sequence[int], row: Sequence[int | None], bound: int, text: str) -> int | None:
    """Give the next trip after a time, or the last before it."""
    later = [at for at in calls if (row[at] or 0) >= bound]
    earlier = [at for at in calls if (row[at] or 0) < bound]
    if _BEFORE.search(text) and not _AFTER.search(text):
        return earlier[-1] if earlier else None
    return later[0] if later and _AFTER.search(text) else None


def _lasts(table: _Timetable, start: int, end: int, trip: int | None) -> str | None:
    """Tell how long one trip takes, or any where all take as long."""
    trips = range(len(table.times[start])) if trip is None else (trip,)
    apart = {
        (one - other) % (24 * 60)
        for at in trips
        if (other := table.times[start][at]) is not None
        and (one := table.times[end][at]) is not None
    }
    if len(apart) != 1:
        return None
    minutes = apart.pop()
    if trip is None:
        return own(f"{_written(minutes)}.")
    both = quote(f"{table.printed[start][trip]} to {table.printed[end][trip]}")
    return Said.of(f"{_written(minutes)} (", both, ").")


def _written(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    told = [f"{hours} hour{'s' * (hours > 1)}"] if hours else []
    return " ".join([*told, f"{rest} minute{'s' * (rest != 1)}"] if rest or not told else told)


def _named(table: _Timetable, text: str) -> list[int]:
    """List the stops that a question names in its order; none where two share their words there."""
    asked = words.tokens(text)
    found: dict[int, int] = {}
    for at, stop in enumerate(table.stops):
        name = [token for token in words.tokens(stop) if token not in _SHORT]
        places = [n for n, word in enumerate(asked) if name and words.alike(word, name[0])]
        where = next((n for n in places if _covered(name, asked[n : n + len(name) + 1])), None)
        if where is not None:
            found[at] = where
    if len(set(found.values())) < len(found):
        return []
    order = sorted(found, key=found.__getitem__)
    # "How long to B from A?" names where it goes first.
    swapped = len(order) == 2 and re.search(
        r"\b(?:to|reach|at|in|arrive)\b.*\b(?:from|leav\w+|depart\w*)\b", text, re.I
    )
    return order[::-1] if swapped else order


def _covered(name: Sequence[str], asked: Sequence[str]) -> bool:
    return words.covers(asked, name) == len(name)


_SHORT = frozenset("dep arr depart arrive the".split())


def _timetables(exhibit: Exhibit) -> Iterator[_Timetable]:
    for table in exhibit.layout.tables:
        texts = table.texts()
        names, cells = [row[0] for row in texts], [row[1:] for row in texts]
        if (made := _made(names, cells)) is not None:
            yield made
        across = [[row[at] for row in texts] for at in range(len(table.heads))]
        timed = [
            at for at, column in enumerate(across) if sum(map(_is_time, column)) > len(column) / 2
        ]
        if (
            made := _made([table.heads[at] for at in timed], [across[at] for at in timed])
        ) is not None:
            yield made
    yield from _without_heads(exhibit.layout.rows)


def _without_heads(rows: dict[int, list[Fact]]) -> Iterator[_Timetable]:
    """Find rows, one under the other, of a name and as many times in each."""
    names: list[str] = []
    cells: list[list[str]] = []
    for number in [*sorted(rows), None]:
        row = [] if number is None else rows[number]
        texts = [fact.text for fact in row]
        timed = (
            len(texts) > _LEAST_TRIPS and not _is_time(texts[0]) and all(map(_is_time, texts[1:]))
        )
        if timed and (not cells or len(texts) == len(cells[0]) + 1):
            names.append(texts[0])
            cells.append(texts[1:])
            continue
        if (made := _made(names, cells)) is not None:
            yield made
        names, cells = ([texts[0]], [texts[1:]]) if timed else ([], [])


def _made(names: Sequence[str], cells: Sequence[Sequence[str]]) -> _Timetable | None:
    """Make a timetable of rows; None where these are no times that go on from stop to stop."""
    if len(cells) < _LEAST_STOPS or len(cells[0]) < _LEAST_TRIPS:
        return None
    found = [[_TIME.fullmatch(text.strip()) for text in row] for row in cells]
    flat = [each for row in found for each in row]
    if sum(each is not None for each in flat) < 0.7 * len(flat):
        return None
    if any(not re.search(r"[^\W\d_]{2}", name) for name in names):
        return None
    times = [[None if each is None else _minutes(each) for each in row] for row in found]
    if not all(_grows([time for time in row if time is not None]) for row in times):
        return None
    return _Timetable(tuple(names), tuple(map(tuple, times)), tuple(map(tuple, cells)))


def _grows(times: Sequence[int]) -> bool:
    """Say whether trips follow each other; the last of a day may come after midnight."""
    drops = sum(after <= before for before, after in pairwise(times))
    return bool(times) and drops <= 1


def _is_time(text: str) -> bool:
    return _TIME.fullmatch(text.strip()) is not None or not re.search(r"\w", text)


def _minutes(found: re.Match[str]) -> int:
    told = found.groupdict()
    hour = (
        int(told["h"]) % 12 + 12 * (told["half"].lower() == "p") if told["half"] else int(told["h"])
    )
    return 60 * hour + int(told.get("m") or 0)

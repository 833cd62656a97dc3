"""Where what was answered stands on the pages: the words of an answer found again, with their boxes.

An answer is held against the text of a page, run of words by run, the longest first, each of its
words once. Of places that say the same, one counts whose surroundings share words with what was
asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sightline.engines.embedded import values
from sightline.engines.embedded.convert import iso_date
from sightline.engines.embedded.convert import words_of as name_of
from sightline.engines.embedded.ear.facts import Fact, text_of
from sightline.engines.embedded.ear.matcher import Part
from sightline.engines.embedded.ear.tokens import Word
from sightline.engines.embedded.evidence import Exhibit
from sightline.perception.rows import Piece, around
from sightline.perception.survey import in_picture
from sightline.perception.things import Thing
from sightline.types import Evidence

MOST = 200  # places of one answer
_LEAST_LETTERS = 3  # of a word that stands alone
_MARKS = ".,;:!?()[]{}“”\"'‘’「」。、，：；（）"
_STOP = frozenset(
    "the and for are was with from that this its not has have says text yes line image picture page "
    "more than also all but can tell".split()
)


@dataclass(frozen=True, slots=True)
class _Page:
    exhibit: Exhibit
    words: Sequence[Word]
    facts: Sequence[Fact]
    pieces: Sequence[Piece]
    time_s: float | None


@dataclass(frozen=True, slots=True)
class _Run:
    """Words of a fact that an answer says: `first` and `count` among the answer's own words."""

    first: int
    count: int
    page: _Page
    fact: Fact
    numbers: tuple[int, ...]
    near: int  # words that its surroundings share with the question


class Citations:
    """Finds what answers say on pages; `times_s` has when each is shown, of a film's frames."""

    def __init__(
        self, exhibits: Sequence[Exhibit], times_s: Sequence[float | None] | None = None
    ) -> None:
        self._pages = [
            _page(exhibit, None if times_s is None else times_s[at])
            for at, exhibit in enumerate(exhibits)
        ]

    def of_text(self, said: str, question: str, rows: Sequence[int] = ()) -> tuple[Evidence, ...]:
        """Find what words of an answer say; those of the lines `rows` count before others."""
        return tuple(
            _evidence(run, "", said_, None)
            for run, said_ in self._found(said, _plain(question.split()), rows)
        )

    def of_json(self, value: Any) -> tuple[Evidence, ...]:
        """Find each text and number of a JSON value; `path` is where in it that stands."""
        made: list[Evidence] = []
        for path, names, leaf in _leaves(value, "$", ()):
            if len(made) >= MOST:
                break
            near = [word for name in names for word in name_of(name)]
            found = self._value(leaf, near)
            if found is not None:
                run, said = found
                made.append(_evidence(run, path, said, leaf))
        return tuple(made)

    def _value(self, leaf: str | float, near: Sequence[str]) -> tuple[_Run, str] | None:
        """Find the best place of one value, as text, as a number or as a date."""
        if isinstance(leaf, str):
            found = self._found(leaf, near)
            whole = len(_tokens(leaf))
            if found and sum(run.count for run, _ in found) * 2 >= whole:
                return max(found, key=lambda each: each[0].count)
        best: tuple[int, _Run] | None = None
        for page in self._pages:
            for fact in page.facts:
                if _says(fact.text, leaf):
                    run = _Run(0, 1, page, fact, fact.words, _near(fact, near))
                    if best is None or run.near > best[0]:
                        best = run.near, run
        return None if best is None else (best[1], best[1].fact.text)

    def _found(
        self, said: str, near: Sequence[str], rows: Sequence[int] = ()
    ) -> list[tuple[_Run, str]]:
        tokens = _tokens(said)
        runs = [run for page in self._pages for run in _runs(tokens, page, near)]
        runs.sort(key=lambda run: (-run.count, run.fact.row not in rows, -run.near))
        used: set[int] = set()
        kept: list[_Run] = []
        for run in runs:
            mine = range(run.first, run.first + run.count)
            if len(kept) < MOST and not used.intersection(mine):
                used.update(mine)
                kept.append(run)
        kept.sort(key=lambda run: run.first)
        return [
            (run, " ".join(tokens[run.first : run.first + run.count]).strip(_MARKS)) for run in kept
        ]


def _page(exhibit: Exhibit, time_s: float | None) -> _Page:
    pieces = [piece for row in exhibit.survey.rows for piece in row.pieces]
    return _Page(exhibit, exhibit.layout.words, exhibit.layout.facts, pieces, time_s)


def _evidence(run: _Run, path: str, said: str, leaf: str | float | None) -> Evidence:
    page, picture = run.page, run.page.exhibit.survey.picture
    words = [page.words[number] for number in run.numbers]
    pieces = [page.pieces[word.piece] for word in words]
    # As they were seen: the words of a layout are placed by the share of their characters.
    box = around(
        [
            piece.between(word.start, word.start + len(word.text))
            for word, piece in zip(words, pieces, strict=True)
        ]
    )
    text = text_of(page.words, run.numbers)
    sure = min(piece.score for piece in pieces)
    value = said if leaf is None else leaf
    upright = in_picture(box, page.exhibit.survey.turn)
    return Evidence(
        picture.param, path, value, text, picture.as_sent(upright), float(sure), page.time_s,
        picture.page, picture.in_points(upright),
    )  # fmt: skip


def of_parts(exhibit: Exhibit, parts: Sequence[Part], value: str) -> tuple[Evidence, ...]:
    """Say where the parts of a page stand from which a value follows."""
    page = _page(exhibit, None)
    return tuple(
        _evidence(_Run(0, 0, page, part.fact, part.words, 0), "", value, None)
        for part in parts[:MOST]
    )


def of_things(exhibit: Exhibit, things: Sequence[Thing]) -> tuple[Evidence, ...]:
    """Say where things are from which a decision follows."""
    picture = exhibit.survey.picture
    return tuple(
        Evidence(
            picture.param,
            "",
            thing.name,
            "",
            picture.as_sent(thing.box),
            thing.probability,
            None,
            picture.page,
            picture.in_points(thing.box),
        )
        for thing in things
    )


def _runs(tokens: Sequence[str], page: _Page, near: Sequence[str]) -> Iterator[_Run]:
    """Give all runs of an answer's words that stand in facts and cannot be longer."""
    places: dict[str, list[int]] = {}
    for at, token in enumerate(tokens):
        places.setdefault(_bare(token), []).append(at)
    for fact in page.facts:
        told = [_bare(page.words[number].text) for number in fact.words]
        close: int | None = None
        for at, word in enumerate(told):
            if not word:
                continue
            for first in places.get(word, ()):
                if at and first and told[at - 1] == _bare(tokens[first - 1]):
                    continue  # part of a longer one
                count = 1
                while (
                    at + count < len(told)
                    and first + count < len(tokens)
                    and told[at + count] == _bare(tokens[first + count])
                ):
                    count += 1
                if _tells(told[at : at + count], whole=count == len(told)):
                    close = _near(fact, near) if close is None else close
                    yield _Run(first, count, page, fact, fact.words[at : at + count], close)


def _tells(words: Sequence[str], *, whole: bool) -> bool:
    """Say whether words are a quotation, and not words that any sentence has."""
    if any(any(sign.isdigit() for sign in word) for word in words):
        return True
    telling = [w for w in words if w not in _STOP and (len(w) >= _LEAST_LETTERS or not w.isascii())]
    return bool(telling) and (whole or len(words) >= 2)


def _near(fact: Fact, near: Sequence[str]) -> int:
    told = set(_plain(" ".join(fact.around.values()).split()))
    return len(told.intersection(near))


def _says(text: str, leaf: str | float) -> bool:
    """Say whether a printed value is a number or a date in another form."""
    if isinstance(leaf, str):
        return re.fullmatch(r"\d{4}-\d\d-\d\d", leaf) is not None and iso_date(text) == leaf
    return values.number_in(text) == float(leaf)


def _leaves(
    value: Any, path: str, names: tuple[str, ...]
) -> Iterator[tuple[str, tuple[str, ...], str | float]]:
    """Give texts and numbers with their path, as JSONPath writes it, and the last names on it."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}.{name}", (*names, name)[-2:])
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{at}]", names)
    elif isinstance(value, (str, int, float)) and not isinstance(value, bool) and value != "":
        yield path, names, value


def _tokens(text: str) -> list[str]:
    return [token for token in re.split(r"\s+", text) if _bare(token)]


def _bare(token: str) -> str:
    return token.strip(_MARKS).casefold()


def _plain(tokens: Sequence[str]) -> list[str]:
    return [bare for token in tokens if (bare := _bare(token)) and bare not in _STOP]

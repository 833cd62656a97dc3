"""The ear: what a question asks of the text of a page, answered where it is sure enough.

Its network and vocabulary lie in `sightline-weights`, with `ear.json`, which has their hashes and
how sure it has to be; `training/ear` makes all three.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

from sightline.engines.embedded.ear.compose import Composed, compose
from sightline.engines.embedded.ear.confidence import features, likely
from sightline.engines.embedded.ear.facts import text_of
from sightline.engines.embedded.ear.intents import Intent
from sightline.engines.embedded.ear.layout import Layout
from sightline.engines.embedded.ear.linearised import asks_for_blank
from sightline.engines.embedded.ear.matcher import FILES, Match, Matcher, Numbers, Page
from sightline.perception.neural_networks import whole
from sightline.perception.survey import Survey

_LONGEST = 400  # characters of a question


Says = Literal["alike", "otherwise", "nothing"]


@dataclass(frozen=True, slots=True)
class Heard:
    """What the ear makes of a question, the answer if it has one, and the line nearest to it."""

    question: str
    match: Match
    answer: Composed | None
    nearest: str
    weights: tuple[float, ...]
    blank: bool = False  # a label that is asked for has no value

    def beside(self, said: str | None) -> Says:
        """Say whether an answer by rules tells the same fact."""
        if said is None:
            return "nothing"
        best, told = _tight(self.nearest), _tight(said)
        numbers = [_tight(word) for word in _WITH_DIGIT.findall(self.nearest)]
        same = best and (best in told or (len(told) > 2 and told in best))
        return "alike" if same or any(len(n) > 1 and n in told for n in numbers) else "otherwise"

    def features(self, said: str | None = None, *, known: bool = False) -> list[float]:
        """Give what tells how likely the answer is right, beside what rules say.

        `known` says that what is asked for has a name that rules know.
        """
        agrees = {"alike": 1, "otherwise": -1, "nothing": 0}[self.beside(said)]
        value = "" if self.answer is None else self.answer.value
        unfound = known and said is None
        return features(self.question, self.match, value, agrees, unfound=unfound)

    def sure(self, said: str | None = None, *, known: bool = False) -> float:
        """Give how likely the answer is right, beside what rules say."""
        if self.answer is None or self.blank:
            return 0.0
        return likely(self.weights, self.features(said, known=known))

    @property
    def believes(self) -> float:
        """How likely the fact that answers best does, whatever is to be done with it."""
        return self.match.best.likely


_WITH_DIGIT = re.compile(r"[\w.,:/-]*\d[\w.,:/-]*")


def _tight(text: str) -> str:
    return re.sub(r"\W", "", text.lower())


class Ear:
    """What listens: its network and its bounds, for all pages; usable from several threads."""

    def __init__(self, folder: Path, threads: int) -> None:
        """Load from a folder. Raises `OSError`, `ValueError` and `KeyError`."""
        told: dict[str, Any] = json.loads((folder / "ear.json").read_text("utf-8"))
        for name in FILES:
            whole(folder / name, told["files"][name])  # those of an older version lack some
        if not isinstance(told["weights"], dict):
            raise ValueError("the weights are of an older version")
        # Of answers to questions, and of fields of JSON, which are asked for by name.
        self.weights = {k: tuple(map(float, w)) for k, w in told["weights"].items()}
        self.bounds: dict[str, float] = told["bounds"]
        self.matcher = Matcher(folder, threads)


class Listening:
    """The ear at one page, which is encoded once for all questions about it."""

    def __init__(self, ear: Ear, survey: Survey, layout: Layout) -> None:
        """Listen at a page, of whose text `layout` is."""
        self._ear, self._layout = ear, layout
        self._size = survey.page.shape[:2]
        self._meanings: dict[str, Numbers] = {}  # it is asked in several ways
        self._told: dict[str, Heard | None] = {}

    @property
    def _page(self) -> Page | None:
        if self._layout.page is None:
            height, width = self._size
            self._layout.page = self._ear.matcher.page(self._layout, width, height)
        return self._layout.page

    def hear(self, question: str) -> Heard | None:
        """Ask the page; None where nothing was read on it."""
        question = question[:_LONGEST]
        if question not in self._told:
            found = self._match(question)
            self._told[question] = None if found is None else self._heard(question, found)
        return self._told[question]

    def field(self, name: str) -> Heard | None:
        """Ask for the value of a field by its name, of which there is one; None without words."""
        name = name[:_LONGEST]
        found = self._match(name)
        if found is None:
            return None
        best = found.best
        alone = replace(
            found, operation="quote", parts=(best,), share=found.first, found=best.likely, named=1.0
        )
        return replace(self._heard(name, alone), weights=self._ear.weights["field"])

    def intent(self, question: str) -> tuple[Intent, float]:
        """Tell what a question asks of photographs, and how likely that is."""
        likely_ = self.intents(question)
        best = max(likely_, key=likely_.__getitem__)
        return best, likely_[best]

    def intents(self, question: str) -> dict[Intent, float]:
        """Tell what a question may ask of photographs, and how likely each is."""
        return self._ear.matcher.intents(self._meaning(question[:_LONGEST]))

    def _meaning(self, question: str) -> Numbers:
        if question not in self._meanings:
            self._meanings[question] = self._ear.matcher.meaning(question)
        return self._meanings[question]

    def _match(self, question: str) -> Match | None:
        if self._page is None:
            return None
        return self._ear.matcher.match(question, self._meaning(question), self._page)

    def _heard(self, question: str, found: Match) -> Heard:
        nearest = text_of(self._layout.words, found.best.fact.words)
        answer = compose(question, found, self._layout.words)
        told = () if self._page is None else self._page.facts
        blank = asks_for_blank(question, told, found.best.fact)
        return Heard(question, found, answer, nearest, self._ear.weights["answer"], blank)

    def bound(self, name: str) -> float:
        """Give a bound that was chosen on held-out work, by its name in `ear.json`."""
        return self._ear.bounds[name]


@cache
def ear(threads: int) -> Ear | None:
    """Give that of the installed weights; None where they are missing or damaged."""
    try:
        from sightline_weights import FOLDER

        return Ear(FOLDER, threads)
    except (ImportError, OSError, ValueError, KeyError):
        return None

"""Questions and facts as numbers: what MiniLM makes of their words, and what shows without it.

A text's meaning is the mean of what the encoder makes of its pieces, of length one, as
all-MiniLM-L6-v2 is used (Reimers and Gurevych 2019). A fact has one for each of its parts: the
value, its label, the head of its column and so on, and one for label and value together.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sightline.engines.embedded.facts import ROLES, Fact, Role, facts
from sightline.engines.embedded.tokens import BEGIN, END, UNKNOWN, Vocabulary, Word
from sightline.engines.reader import values
from sightline.perception.networks import session_options

Numbers = NDArray[np.float32]
WIDTH = 384
PARTS = len(ROLES) + 1  # each role, and label with value
_LONGEST = 48  # pieces of a text
_CONTEXT = 14  # pieces of the label before a value
_BATCH = 48
_KINDS: tuple[values.Kind, ...] = (
    "money", "date", "time", "hours", "phone", "email", "url", "percent", "number", "integer", "id",
    "measure", "address", "name",
)  # fmt: skip
_NAMED: tuple[Role, ...] = ("label", "row", "column", "section", "above", "value")
SHOWN = len(_KINDS) + 12 + 2 * len(_NAMED) + PARTS
_STOP = frozenset(
    "the a an of on in at to is are was were be it its this that these those what which who when "
    "where how much many do does did i you we they me my your please can could tell give for from "
    "by with and or".split()
)
_STEM = re.compile(r"(?:ing|ed|es|s|er)$")


@dataclass(frozen=True, slots=True)
class Told:
    """A page's facts as numbers, for all questions about it.

    `meanings` is (facts, PARTS, WIDTH), 0 where a part is missing; `shown` (facts, …) what shows
    without a question; `states` has for each fact (words, WIDTH), what its words mean in place.
    """

    facts: tuple[Fact, ...]
    meanings: Numbers
    shown: Numbers
    states: tuple[Numbers, ...]


class Encoder:
    """MiniLM with its vocabulary; usable from several threads."""

    def __init__(self, network: Path, vocabulary: Path, threads: int) -> None:
        """Load the network (ONNX) and the vocabulary (a line for each piece)."""
        import onnxruntime

        self._session = onnxruntime.InferenceSession(
            str(network), session_options(threads), providers=["CPUExecutionProvider"]
        )
        self._vocabulary = Vocabulary(vocabulary.read_text("utf-8").split("\n"))

    def _pieces(self, text: str) -> list[int]:
        return [n for word in text.split() for n in self._vocabulary.pieces(word)]

    def question(self, text: str) -> Numbers:
        """Give what a question means, of (WIDTH,)."""
        return np.asarray(self.questions([text])[0])

    def questions(self, texts: Sequence[str]) -> Numbers:
        """Give what several mean, of (questions, WIDTH)."""
        return self._means(
            self._run([[BEGIN, *self._pieces(text)[: _LONGEST - 2], END] for text in texts])
        )

    def page(self, words: Sequence[Word], width: float, height: float, most: int) -> Told | None:
        """Encode the first `most` facts of a page of `width` × `height` pixels; None without."""
        told = facts(words)[:most]
        if not told:
            return None
        texts = list(
            dict.fromkeys(t for one in told for t in (one.text, *one.around.values()) if t)
        )
        rows = [[BEGIN, *self._pieces(text)[: _LONGEST - 2], END] for text in texts]
        wholes, firsts = [], []
        for one in told:
            row, first = self._whole(one, words)
            wholes.append(row)
            firsts.append(first)
        found = self._run([*rows, *wholes])
        means = self._means(found)
        numbers = {text: number for number, text in enumerate(texts)}
        meanings = np.zeros((len(told), PARTS, WIDTH), np.float32)
        states = []
        for number, one in enumerate(told):
            parts = {"value": one.text, **one.around}
            for at, role in enumerate(ROLES):
                if parts.get(role):
                    meanings[number, at] = means[numbers[parts[role]]]
            meanings[number, -1] = means[len(texts) + number]
            states.append(found[len(texts) + number][firsts[number]])
        return Told(tuple(told), meanings, _shown(told, width, height), tuple(states))

    def _whole(self, fact: Fact, words: Sequence[Word]) -> tuple[list[int], list[int]]:
        """Give label and value in a row, and where words of the value begin; those with room."""
        roles = fact.around
        context = " ".join(roles[role] for role in ("label", "row", "column") if role in roles)
        context = context or roles.get("above", "") or roles.get("section", "")
        row = [BEGIN, *self._pieces(context)[:_CONTEXT]]
        if context:
            row += self._pieces(":")
        first = []
        for number in fact.words:
            cut = self._vocabulary.pieces(words[number].text)[:12] or (UNKNOWN,)
            if len(row) + len(cut) >= _LONGEST:
                break
            first.append(len(row))
            row += cut
        return [*row, END], first

    def _run(self, rows: Sequence[Sequence[int]]) -> list[Numbers]:
        """Give what each piece of each row means, of (pieces, WIDTH)."""
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
        made: list[Numbers] = [np.zeros((0, WIDTH), np.float32)] * len(rows)
        for begin in range(0, len(rows), _BATCH):
            chosen = order[begin : begin + _BATCH]
            length = max(len(rows[i]) for i in chosen)
            ids = np.zeros((len(chosen), length), np.int64)
            for at, i in enumerate(chosen):
                ids[at, : len(rows[i])] = rows[i]
            (states,) = self._session.run(None, {"ids": ids})
            for at, i in enumerate(chosen):
                made[i] = states[at, : len(rows[i])]
        return made

    @staticmethod
    def _means(states: Sequence[Numbers]) -> Numbers:
        means = np.stack([one.mean(0) for one in states])
        return np.asarray(means / np.linalg.norm(means, axis=1, keepdims=True), np.float32)


def _shown(told: Sequence[Fact], width: float, height: float) -> Numbers:
    """Give what shows of facts: the form of the value, its place, size and order."""
    made = np.zeros((len(told), len(_KINDS) + 12), np.float32)
    tall = statistics.median(one.box.height for one in told) or 1.0
    for number, one in enumerate(told):
        row = made[number]
        for at, kind in enumerate(_KINDS):
            row[at] = bool(values.find(one.text, kind))
        x, y = one.box.centre
        letters = sum(sign.isalpha() for sign in one.text) / max(1, len(one.text))
        row[len(_KINDS) :] = (
            x / max(1.0, width), y / max(1.0, height), min(3.0, one.box.height / tall) / 3,
            min(18, len(one.words)) / 18, letters, one.text[-1:] in ":：", one.text.isupper(),
            one.nth == 0, min(12, one.nth) / 12, min(12, one.last) / 12, one.last == 0,
            "label" in one.around,
        )  # fmt: skip
    return made


def _stems(text: str) -> frozenset[str]:
    found = re.findall(r"[^\W_]+", text.lower())
    return frozenset(_STEM.sub("", word) if len(word) > 4 else word for word in found) - _STOP


def beside(question: str, meaning: Numbers, told: Told) -> Numbers:
    """Give what shows of facts beside a question, of (facts, SHOWN): words that both have too."""
    asked = _stems(question)
    shared = np.zeros((len(told.facts), 2 * len(_NAMED)), np.float32)
    for number, one in enumerate(told.facts):
        for at, role in enumerate(_NAMED):
            said = _stems(one.text if role == "value" else one.around.get(role, ""))
            both = len(asked & said)
            if both:
                shared[number, 2 * at] = both / len(said)
                shared[number, 2 * at + 1] = both / len(asked)
    near = told.meanings @ meaning
    return np.concatenate((told.shown, shared, near), axis=1)

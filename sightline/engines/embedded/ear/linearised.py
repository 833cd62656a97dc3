"""A page as runs of pieces that a network reads beside a question: facts in reading order.

Each word stands there once, and before a value what says what it is where that does not stand
directly before it: the head of its column, what is over or under it, the beginning of a long row.
Facts end with a bar, rows with BERT's separator.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from sightline.engines.embedded import values
from sightline.engines.embedded.ear.facts import Fact, Role
from sightline.engines.embedded.ear.tokens import BEGIN, END, UNKNOWN, Word, WordPieces

Part = Literal["question", "value", "context", "end"]
PARTS: tuple[Part, ...] = get_args(Part)
LONGEST = 320  # pieces of a window
LONGEST_QUESTION = 48
_CONTEXT = 8  # pieces of what stands before a value
_VALUE = 64  # pieces of a value
_SHORT = 5  # words of what stands over or under a value and tells of it
_FAR = 3  # cells from the beginning of its row, from which on that is said again

_KINDS: tuple[values.Kind, ...] = (
    "money", "date", "time", "hours", "phone", "email", "url", "percent", "number", "integer", "id",
    "measure", "address", "name",
)  # fmt: skip
_NAMED: tuple[Role, ...] = ("label", "row", "column", "section", "above", "value")
_BESIDE: tuple[Role, ...] = ("label", "row", "column")
SHOWN = len(_KINDS) + 12
SHARED = 2 * len(_NAMED)
STOP = frozenset(
    "the a an of on in at to is are was were be it its this that these those what which who when "
    "where how much many do does did i you we they me my your please can could tell give for from "
    "by with and or".split()
)
_STEM = re.compile(r"(?:ing|ed|es|s|er)$")
Stems = Sequence[tuple[frozenset[str], ...]]  # of each fact, by `_NAMED`


@dataclass(frozen=True, slots=True)
class TokenWindow:
    """Some facts in a row as pieces; all arrays are of (pieces,).

    `facts` numbers the fact that a piece belongs to, `parts` says as what (of `PARTS`), `words`
    numbers the word that begins there, -1 within one and outside of values.
    """

    ids: NDArray[np.int64]
    facts: NDArray[np.int64]
    parts: NDArray[np.int64]
    words: NDArray[np.int64]

    @property
    def share(self) -> NDArray[np.float32]:
        """By how much each piece of a value counts in its fact: (facts of the window, pieces)."""
        first = int(self.facts[0])
        made = np.zeros((int(self.facts[-1]) - first + 1, len(self.ids)), np.float32)
        valued = np.flatnonzero(self.parts == PARTS.index("value"))
        made[self.facts[valued] - first, valued] = 1.0
        made /= np.maximum(1.0, made.sum(1, keepdims=True))
        return made


def question_pieces(text: str, vocabulary: WordPieces) -> list[int]:
    """Cut a question, which begins and ends as BERT's texts do."""
    return [BEGIN, *_pieces(text, vocabulary)[: LONGEST_QUESTION - 2], END]


def windows(
    told: Sequence[Fact], words: Sequence[Word], vocabulary: WordPieces
) -> list[TokenWindow]:
    """Write facts as windows of at most `LONGEST` pieces, none of which cuts a fact."""
    bar = vocabulary.pieces("|")[0]
    made: list[list[tuple[int, int, int, int]]] = [[]]
    for number, fact in enumerate(told):
        first = not made[-1]
        before = _context(told, number, first)
        run = [
            (id_, number, PARTS.index("context"), -1) for id_ in before_pieces(before, vocabulary)
        ]
        room = _VALUE
        for word in fact.words:
            cut = (vocabulary.pieces(words[word].text) or (UNKNOWN,))[:room]
            room -= len(cut)
            run += [
                (id_, number, PARTS.index("value"), word if at == 0 else -1)
                for at, id_ in enumerate(cut)
            ]
            if room <= 0:
                break
        closes = number + 1 == len(told) or told[number + 1].row != fact.row
        run.append((END if closes else bar, number, PARTS.index("end"), -1))
        if made[-1] and len(made[-1]) + len(run) > LONGEST:
            made.append([])
        made[-1] += run
    return [TokenWindow(*np.array(run, np.int64).T) for run in made if run]


def before_pieces(texts: Sequence[str], vocabulary: WordPieces) -> list[int]:
    """Cut what stands before a value, each closed by a colon."""
    colon = vocabulary.pieces(":")[0]
    made: list[int] = []
    for text in texts:
        made += [*_pieces(text, vocabulary)[:_CONTEXT], colon]
    return made


def _context(told: Sequence[Fact], number: int, first: bool) -> list[str]:
    """Give what a reader of pieces in a row would miss before a fact."""
    fact = told[number]
    around = fact.around
    begin = end = number  # of its row
    while begin and told[begin - 1].row == fact.row:
        begin -= 1
    while end + 1 < len(told) and told[end + 1].row == fact.row:
        end += 1
    printed = [other.text for other in told[begin:number]]
    label = around.get("label")
    follows = bool(label and printed and _same(printed[-1], label))
    made = []
    if first and "section" in around:
        made.append(around["section"])
    if "row" in around and (number - begin >= _FAR or (first and number > begin)):
        made.append(around["row"])
    is_label = fact.text.endswith((":", "："))
    if "column" in around and not is_label and not (follows and end - begin < 2):
        made.append(around["column"])
    if label and (first or not any(_same(text, label) for text in printed)):
        made.append(label)
    if not label and "column" not in around:
        near = told[number - 1].text if number and not first else ""
        after = told[number + 1].text if number + 1 < len(told) else ""
        for role, stands in (("above", near), ("below", after)):
            text = around.get(role, "")  # type: ignore[call-overload]
            if text and len(text.split()) <= _SHORT and not _same(stands, text):
                made.append(text)
    return list(dict.fromkeys(made))


def _same(one: str, other: str) -> bool:
    return _bare(one) == _bare(other)


def _pieces(text: str, vocabulary: WordPieces) -> list[int]:
    return [n for word in text.split() for n in vocabulary.pieces(word)]


def shown(told: Sequence[Fact], width: float, height: float) -> NDArray[np.float32]:
    """Give what shows of facts, (facts, SHOWN): form of the value, its place, size and order."""
    made = np.zeros((len(told), SHOWN), np.float32)
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


def stemmed(told: Sequence[Fact]) -> Stems:
    """Give the stems of what each fact says, and of what stands around it, for all questions."""
    known: dict[str, frozenset[str]] = {}
    made = []
    for one in told:
        texts = [one.text if role == "value" else one.around.get(role, "") for role in _NAMED]
        for text in texts:
            if text not in known:
                known[text] = stems_of(text)
        made.append(tuple(known[text] for text in texts))
    return made


def shared(question: str, stems: Stems) -> NDArray[np.float32]:
    """Say how many words a question shares with each part of each fact, (facts, SHARED)."""
    asked = stems_of(question)
    made = np.zeros((len(stems), SHARED), np.float32)
    for number, parts in enumerate(stems):
        for at, said in enumerate(parts):
            both = len(asked & said)
            if both:
                made[number, 2 * at] = both / len(said)
                made[number, 2 * at + 1] = both / len(asked)
    return made


def asks_for_blank(question: str, told: Sequence[Fact], best: Fact) -> bool:
    """Say whether a question names a label that nothing is printed for, and not what was found."""
    named = {_bare(one.around[role]) for one in told for role in _BESIDE if role in one.around}
    asked = stems_of(question)
    told_of = [best.around.get(role, "") for role in _NAMED if role != "value"]
    if asked & stems_of(" ".join([best.text, *told_of])):
        return False
    goes_on = {
        id(after)
        for one, after in pairwise(told)
        if one.text.endswith(".") and one.row == after.row
    }
    return any(
        one.text.endswith((":", "："))
        and id(one) not in goes_on  # of prose, whose value begins the next line
        and _bare(one.text) not in named
        and asked & stems_of(one.text)
        for one in told
    )


def _bare(text: str) -> str:
    return text.strip(" :：")


def stems_of(text: str) -> frozenset[str]:
    """Give the stems of a text's words that mean something by themselves."""
    found = re.findall(r"[^\W_]+", text.lower())
    return frozenset(_STEM.sub("", word) if len(word) > 4 else word for word in found) - STOP

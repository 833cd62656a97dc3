"""What a question asks of a page: the words that answer it, and what is to be done with them.

A small network looks at the question and all words of the page at once. No engine asks it yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sightline.perception.networks import session_options
from training.ear.encoding import Encoded, Vocabulary, Word, encode
from training.ear.operations import OPERATIONS, Operation

_MARKED = 0.5  # probability from which on a word is of the answer


@dataclass(frozen=True, slots=True)
class Match:
    """What was understood.

    `marked` are the numbers of words, in reading order, with how likely each is of the answer;
    `sure` is how likely the operation and all of them are right together, before calibration.
    """

    operation: Operation
    marked: tuple[int, ...]
    sure: float


class Matcher:
    """The network and its vocabulary; usable from several threads."""

    def __init__(self, folder: Path, threads: int) -> None:
        """Load `ear.onnx` and `ear.txt`, as `export` writes them."""
        import onnxruntime

        self._session = onnxruntime.InferenceSession(
            str(folder / "ear.onnx"), session_options(threads), providers=["CPUExecutionProvider"]
        )
        self._vocabulary = Vocabulary((folder / "ear.txt").read_text("utf-8").split("\n"))

    def match(self, question: str, words: Sequence[Word], width: float, height: float) -> Match:
        """Match a question with the words of a page of `width` × `height` pixels."""
        parts = encode(self._vocabulary, question, words, width, height)
        found = [self._run(part) for part in parts]
        # Of a long page the part that answers best; it is not told where none of them does.
        return max(found, key=lambda match: (match.operation != "none", match.sure))

    def _run(self, part: Encoded) -> Match:
        names = ("ids", "kinds", "lies", "x", "y", "sizes")
        marks, operations = self._session.run(
            None, {name: getattr(part, name)[None] for name in names}
        )
        of_words = _sigmoid(marks[0][part.firsts])
        likely = _softmax(operations[0])
        best = int(likely.argmax())
        operation = OPERATIONS[best]
        numbers = part.words[part.firsts]
        chosen = np.flatnonzero(of_words >= _MARKED)
        if operation == "none":
            return Match(operation, (), float(likely[best]))
        if not len(chosen) and operation not in ("yes", "no", "whole") and len(of_words):
            chosen = np.array([int(of_words.argmax())])
        sure = float(likely[best])
        if len(chosen):
            sure *= float(of_words[chosen].min())
        others = np.delete(of_words, chosen)
        if len(others):
            sure *= 1 - float(others.max())
        return Match(operation, tuple(int(numbers[i]) for i in chosen), sure)


def _sigmoid(x: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-x.astype(np.float64))))


def _softmax(x: NDArray[np.float32]) -> NDArray[np.float64]:
    raised = np.exp(x.astype(np.float64) - float(x.max()))
    return np.asarray(raised / raised.sum())

"""What a question asks of a page: the words that answer it, and what is to be done with them.

A small network looks at the question and all words of the page at once (see `training/ear`). It
comes with `sightline-weights`, and is loaded with the first question that needs it.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sightline.engines.reader.encoding import Encoded, Vocabulary, Word, encode
from sightline.engines.reader.operations import OPERATIONS, Operation
from sightline.perception.vocabulary import vocabulary

log = logging.getLogger("sightline.engines")

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
        """Load `ear.onnx` and `ear.txt`. Raises what the runtime raises where they are damaged."""
        import onnxruntime

        data = (folder / "ear.onnx").read_bytes()
        known = vocabulary()
        told = known.weights["files"]["ear.onnx"] if known is not None else ""
        if hashlib.sha256(data).hexdigest() != told:
            raise OSError("ear.onnx is damaged")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 4
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(
            data, options, providers=["CPUExecutionProvider"]
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


@cache
def matcher(threads: int) -> Matcher | None:
    """Give that of the installed weights; None where they are missing or damaged."""
    try:
        from sightline_weights import FOLDER

        return Matcher(FOLDER, threads)
    except Exception:  # noqa: BLE001 - the runtime raises its own for a damaged file
        log.warning("the weights of the ear are missing or damaged: questions are read by rule")
        return None


def _sigmoid(x: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-x.astype(np.float64))))


def _softmax(x: NDArray[np.float32]) -> NDArray[np.float64]:
    raised = np.exp(x.astype(np.float64) - float(x.max()))
    return np.asarray(raised / raised.sum())

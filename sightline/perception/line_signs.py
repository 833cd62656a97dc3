"""Where each sign of a line stands, as the columns say in which the recogniser saw it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Quad = NDArray[np.float32]  # (4, 2), from the top left corner on, clockwise

STANDS = 1.5  # times as high as wide, from which on a line is taken for one that runs down
_FAR_APART = 3  # columns by which a gap is wider than a line's usual, from which on words part
_MAYBE_SPACE = 0.2
_SPACED = re.compile(r"[\x21-\u02ff\u0370-\u052f]{2}")  # signs of alphabets that have spaces
_WIDE_GAP = 5  # columns of the recogniser between two characters, from which on a word ends


def onto(quad: Quad, wide: int, high: int) -> NDArray[np.float64]:
    """Give the perspective that lays a line level, `wide` and `high` pixels large."""
    corners = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    return np.asarray(cv2.getPerspectiveTransform(quad, corners), np.float64)


def spaced(
    signs: Sequence[str], columns: Sequence[int], spaces: NDArray[np.float32]
) -> tuple[str, list[int]]:
    """Put a space where signs of an alphabet stand far apart and none was read.

    `spaces` is how likely the recogniser takes each column for one.
    """
    if len(signs) < 3:
        return "".join(signs), list(columns)
    usual = float(np.median(np.diff(columns)))
    text, places = signs[0], [columns[0]]
    for before, sign, left, right in zip(signs, signs[1:], columns, columns[1:], strict=False):
        apart = right - left >= usual + _FAR_APART and _SPACED.fullmatch(before + sign)
        if apart and spaces[left + 1 : right].max() > _MAYBE_SPACE:
            text, places = text + " ", [*places, (left + right) // 2]
        text, places = text + sign, [*places, right]
    return text, places


def signs(
    quad: Quad, size: tuple[int, int], text: str, columns: Sequence[int], length: float
) -> Iterator[tuple[str, Quad]]:
    """Give the signs of a line that is `length` columns long, each with its corners.

    `size` is the width and height of its cut. Signs are as wide as those of its words are on
    average.
    """
    placed = [(s, at) for s, at in zip(text, columns, strict=True) if not s.isspace()]
    if not placed or not length:
        return
    wide, high = size
    column = wide / length
    widths = [
        (word[-1] - word[0]) * column / (len(word) - 1)
        for word in _words(text, columns)
        if len(word) > 1
    ]
    half = (sum(widths) / len(widths) if widths else wide / len(text)) / 2
    middles = [(at + 0.5) * column for _, at in placed]
    spans = [[float(max(int(x - half), 0)), float(min(int(x + half), wide))] for x in middles]
    spans.sort(key=lambda span: span[0])
    for before, after in zip(spans, spans[1:], strict=False):
        if before[1] > after[0]:
            before[1] = after[0] = (before[1] + after[0]) / 2
    across = int(np.linalg.norm(quad[0] - quad[1])), int(np.linalg.norm(quad[0] - quad[3]))
    stands = _is_standing(quad)
    back = np.linalg.inv(onto(quad, *across))
    for (sign, _), (x0, x1) in zip(placed, spans, strict=True):
        corners = np.array([[x0, 0], [x1, 0], [x1, high], [x0, high]])
        if stands:
            corners = np.stack([across[0] - corners[:, 1], corners[:, 0]], axis=1)
        spread = np.column_stack([corners, np.ones(4)]) @ back.T
        yield sign, np.trunc(spread[:, :2] / spread[:, 2:]).astype(np.float32)


def _is_standing(quad: Quad) -> bool:
    a, b, c, d = quad
    wide = max(float(np.linalg.norm(a - b)), float(np.linalg.norm(c - d)))
    high = max(float(np.linalg.norm(b - c)), float(np.linalg.norm(d - a)))
    return wide < 1e-6 or round(high / wide, 2) >= STANDS


def _words(text: str, columns: Sequence[int]) -> Iterator[list[int]]:
    """Give the columns of each word: what no space, no wide gap and no change of script parts."""
    word: list[int] = []
    han = None
    for i, (sign, at) in enumerate(zip(text, columns, strict=True)):
        if sign.isspace():
            if word:
                yield word
            word = []
            continue
        gap = at - columns[i - 1] if i else 0
        if word and (gap > _WIDE_GAP or _is_han(sign) != han):
            yield word
            word = []
        han = _is_han(sign)
        word.append(at)
    if word:
        yield word


def _is_han(sign: str) -> bool:
    """Say whether a sign is Chinese, or as wide as those are."""
    return any(a <= sign <= b for a, b in ("\u4e00\u9fff", "\u3000\u303f", "\uff00\uffef"))

"""What the matcher is given: the pieces of a question's and a page's words, and how words lie.

Words are cut into pieces as BERT does it (Devlin et al. 2018; Wu et al. 2016): lower case, accents
taken off, the longest known beginning first. How two words lie to each other is one number for each
pair of pieces: the difference of their rows, and whether one is left of, right of or in line with
the other.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sightline.perception.text import Box, Row

LIMIT = 512  # pieces that the network takes at once
_MOST_ASKED = 64  # of them for the question
_UNKNOWN, _BEGIN, _END = 100, 101, 102  # [UNK], [CLS], [SEP] of BERT's vocabulary
_LONGEST_WORD = 100
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_WORD = re.compile(rf"[{_CJK}]|[^\s{_CJK}:：]+[:：]*|[:：]+")
_TIME = re.compile(r"\d[:]\d")
# Rows between two words, as far as they are told apart; and their lie from left to right.
_ROWS = (1, 2, 3, 5, 9)
_NEAR, _FAR, _ALIGNED = 0.15, 0.4, 0.012  # of the page's width
BUCKETS = 1 + (2 * len(_ROWS) + 1) * 10
PLACES = 16  # into how many parts a page is cut each way
SIZES = 6
_SIZE_STEPS = (0.75, 0.95, 1.15, 1.5, 2.2)  # of the page's usual height of letters


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it was read: `piece` numbers what stands together, `row` the rows from the top."""

    text: str
    box: Box
    row: int
    piece: int
    start: int = 0  # among the characters of its piece


@dataclass(frozen=True, slots=True)
class Encoded:
    """A question and words: all arrays have one entry for each piece, `lies` one for each pair.

    `words` is the number of the word among those given, -1 for what is not of the page; `firsts`
    are the places of the first piece of each word.
    """

    ids: NDArray[np.int64]
    kinds: NDArray[np.int64]
    words: NDArray[np.int64]
    firsts: NDArray[np.int64]
    lies: NDArray[np.int64]
    x: NDArray[np.int64]
    y: NDArray[np.int64]
    sizes: NDArray[np.int64]


def split(text: str) -> Iterator[tuple[int, int]]:
    """Give the places of words: parted by space, after a colon, around each Chinese character."""
    for found in _WORD.finditer(text):
        begin, end = found.span()
        if begin and text[begin - 1] in ":：" and _TIME.match(text[begin - 2 : begin + 1]):
            continue  # of a time, which the loop below has taken whole
        while _TIME.match(text[end - 2 : end + 1]):
            more = _WORD.match(text, end)
            if more is None:
                break
            end = more.end()
        yield begin, end


def words_of(rows: Sequence[Row]) -> list[Word]:
    """Cut what was read into words, in reading order; boxes by the share of the characters."""
    made: list[Word] = []
    number = 0
    for row, line in enumerate(rows):
        for piece in line.pieces:
            box, length = piece.box, max(1, len(piece.text))
            for begin, end in split(piece.text):
                x0 = box.x0 + box.width * begin / length
                x1 = box.x0 + box.width * end / length
                made.append(
                    Word(piece.text[begin:end], Box(x0, box.y0, x1, box.y1), row, number, begin)
                )
            number += 1
    return made


class Vocabulary:
    """BERT's vocabulary: a line for each piece, by its number."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._numbers = {line: number for number, line in enumerate(lines)}
        self._known: dict[str, tuple[int, ...]] = {}

    def pieces(self, word: str) -> tuple[int, ...]:
        """Cut one word, which may hold punctuation, into known pieces."""
        found = self._known.get(word)
        if found is None:
            found = tuple(number for part in _parts(word) for number in self._cut(part))
            if len(self._known) < 100_000:  # what is read on pages need not repeat itself
                self._known[word] = found
        return found

    def _cut(self, part: str) -> list[int]:
        if len(part) > _LONGEST_WORD:
            return [_UNKNOWN]
        made: list[int] = []
        begin = 0
        while begin < len(part):
            for end in range(len(part), begin, -1):
                number = self._numbers.get(("##" if begin else "") + part[begin:end])
                if number is not None:
                    made.append(number)
                    begin = end
                    break
            else:
                return [_UNKNOWN]
        return made


def _parts(word: str) -> Iterator[str]:
    """Take capitals and accents off and part a word at punctuation and Chinese characters."""
    plain = unicodedata.normalize("NFD", word.lower())
    held = ""
    for sign in plain:
        category = unicodedata.category(sign)
        if category == "Mn" or sign in "\u200b\ufeff" or category in ("Cc", "Cf"):
            continue
        alone = (
            category.startswith("P")
            or (sign.isascii() and not sign.isalnum() and not sign.isspace())
            or re.match(f"[{_CJK}]", sign)
        )
        if alone or sign.isspace():
            if held:
                yield held
            held = ""
            if alone:
                yield sign
        else:
            held += sign
    if held:
        yield held


def encode(
    vocabulary: Vocabulary, question: str, words: Sequence[Word], width: float, height: float
) -> list[Encoded]:
    """Encode a question with a page of `width` × `height` pixels.

    Gives one encoding for a page that fits, else several of parts that overlap.
    """
    asked = [n for word in question.split() for n in vocabulary.pieces(word)][:_MOST_ASKED]
    cut = [vocabulary.pieces(word.text)[:16] or (_UNKNOWN,) for word in words]
    room = LIMIT - len(asked) - 3
    made = []
    for begin, end in _windows(words, [len(numbers) for numbers in cut], room):
        made.append(_encoded(asked, words, cut, begin, end, width, height))
    return made


def _windows(words: Sequence[Word], lengths: Sequence[int], room: int) -> Iterator[tuple[int, int]]:
    """Cut a page into runs of whole rows that have room; the next begins in the middle of one."""
    begin = 0
    while True:
        end, used = begin, 0
        while end < len(words) and used + lengths[end] <= room:
            used += lengths[end]
            end += 1
        if end < len(words):  # not in the middle of a row, if there is another
            cut = end
            while cut > begin and words[cut].row == words[cut - 1].row:
                cut -= 1
            end = cut if cut > begin else end
        yield begin, end
        if end >= len(words):
            return
        middle = words[(begin + end) // 2].row
        following = next(i for i in range(begin, end + 1) if words[i].row >= middle)
        begin = following if following > begin else end


def _encoded(
    asked: Sequence[int],
    words: Sequence[Word],
    cut: Sequence[tuple[int, ...]],
    begin: int,
    end: int,
    width: float,
    height: float,
) -> Encoded:
    chosen = range(begin, end)
    ids = [_BEGIN, *asked, _END]
    head = len(ids)
    held = [-1] * head
    firsts = []
    for number in chosen:
        firsts.append(len(ids))
        ids += cut[number]
        held += [number] * len(cut[number])
    ids.append(_END)
    held.append(-1)
    page = [words[number] for number in chosen]
    of_page = np.array(held) >= 0
    places = np.array(held) - begin
    kinds = np.ones(len(ids), np.int64)
    kinds[:head] = 0
    x, y, sizes = (np.zeros(len(ids), np.int64) for _ in range(3))
    lies = np.zeros((len(ids), len(ids)), np.int64)
    if page:
        boxes = np.array([word.box for word in page], np.float64)
        rows = np.array([word.row for word in page])
        pieces = np.array([word.piece for word in page])
        between = _lies(boxes, rows, pieces, max(1.0, width))
        at = np.flatnonzero(of_page)
        lies[np.ix_(at, at)] = between[np.ix_(places[at], places[at])]
        middles = (boxes[:, :2] + boxes[:, 2:]) / 2 / (max(1.0, width), max(1.0, height))
        cells = 1 + np.clip((middles * PLACES).astype(np.int64), 0, PLACES - 1)
        tall = boxes[:, 3] - boxes[:, 1]
        steps = 1 + np.searchsorted(_SIZE_STEPS, tall / max(1e-6, float(np.median(tall))))
        x[at], y[at], sizes[at] = cells[places[at], 0], cells[places[at], 1], steps[places[at]]
    return Encoded(
        np.array(ids, np.int64), kinds, np.array(held, np.int64), np.array(firsts, np.int64), lies,
        x, y, sizes,
    )  # fmt: skip


def _lies(
    boxes: NDArray[np.float64], rows: NDArray[np.intp], pieces: NDArray[np.intp], width: float
) -> NDArray[np.int64]:
    """Number how each word lies to each other; 0 is kept for what is not of the page."""
    apart = rows[None, :] - rows[:, None]
    up = np.searchsorted(_ROWS, np.abs(apart), side="right")
    level = np.where(apart < 0, len(_ROWS) - up, len(_ROWS) + up)
    x0, x1 = boxes[:, 0], boxes[:, 2]
    left = (x0[:, None] - x1[None, :]) / width  # how far the other ends left of this one
    right = (x0[None, :] - x1[:, None]) / width
    aside = np.full(left.shape, 3)  # over or under one another, not in line
    for bound, near_left, near_right in ((0.0, 4, 7), (_NEAR, 5, 8), (_FAR, 6, 9)):
        aside[left > bound] = near_left
        aside[right > bound] = near_right
    overlap = (left <= 0) & (right <= 0)
    aside[overlap & (np.abs(x1[:, None] - x1[None, :]) < _ALIGNED * width)] = 2
    aside[overlap & (np.abs(x0[:, None] - x0[None, :]) < _ALIGNED * width)] = 1
    aside[pieces[:, None] == pieces[None, :]] = 0
    return np.asarray(1 + level * 10 + aside, np.int64)

"""The words of a page, and the pieces that BERT's vocabulary cuts them into.

Words are cut as BERT does it (Devlin et al. 2018; Wu et al. 2016): lower case, accents taken off,
the longest known beginning first.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sightline.perception.rows import Box, Row

UNKNOWN, BEGIN, END = 100, 101, 102  # [UNK], [CLS], [SEP] of BERT's vocabulary
_LONGEST_WORD = 100
_MOST_KEPT = 100_000
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
BARS = "·•|｜"  # which part what stands in one line
_WORD = re.compile(rf"[{_CJK}]|[{BARS}]+|[^\s{_CJK}:：{BARS}]+[:：]*|[:：]+")
_TIME = re.compile(r"\d[:]\d")


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it was read: `piece` numbers what stands together, `row` the rows from the top."""

    text: str
    box: Box
    row: int
    piece: int
    start: int = 0  # among the characters of its piece


def split(text: str) -> Iterator[tuple[int, int]]:
    """Give the places of words: parted by space, after colons, around bars and Chinese signs."""
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


class WordPieces:
    """BERT's vocabulary: a line for each piece, by its number."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._numbers = {line: number for number, line in enumerate(lines)}
        self._known: dict[str, tuple[int, ...]] = {}

    def pieces(self, word: str) -> tuple[int, ...]:
        """Cut one word, which may hold punctuation, into known pieces."""
        found = self._known.get(word)
        if found is None:
            found = tuple(number for part in _parts(word) for number in self._cut(part))
            if len(self._known) < _MOST_KEPT:  # what is read on pages need not repeat itself
                self._known[word] = found
        return found

    def _cut(self, part: str) -> list[int]:
        if len(part) > _LONGEST_WORD:
            return [UNKNOWN]
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
                return [UNKNOWN]
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

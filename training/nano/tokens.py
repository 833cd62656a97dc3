"""The tokenizer: byte-level BPE, learned from the questions and answers, as llama.cpp reads it.

Its pieces of text are those of llama.cpp's pre-tokenizer `smollm`, where digits stand alone.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from bench.random_model import alphabet

SPECIAL = (
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|image_start|>", "<|image_end|>",
    "<|img_thumbnail|>", *(f"<|img_row_{r}_col_{c}|>" for r in range(1, 11) for c in range(1, 11)),
)  # fmt: skip
_PIECES = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?[^\W\d_]+|\d| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")
_SIGN = alphabet()


@dataclass
class Tokenizer:
    """Text to ids and back. `merges` are pairs of pieces in the order in which they are joined."""

    merges: list[tuple[str, str]]
    tokens: list[str] = field(init=False)
    ids: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self.tokens = [_SIGN[b] for b in range(256)] + [a + b for a, b in self.merges]
        self.tokens += SPECIAL
        self.ids = {token: i for i, token in enumerate(self.tokens)}
        self._rank = {pair: i for i, pair in enumerate(self.merges)}
        self._known: dict[str, list[int]] = {}
        self._bytes = {sign: b for b, sign in _SIGN.items()}

    @property
    def end(self) -> int:
        """The id that ends a turn."""
        return self.ids["<|im_end|>"]

    def encode(self, text: str) -> list[int]:
        """Give the ids of a text; special tokens in it are those tokens."""
        found = []
        for part in re.split(r"(<\|[a-z_0-9]+\|>)", text):
            if part in SPECIAL:
                found.append(self.ids[part])
                continue
            for piece in _PIECES.findall(part):
                if piece not in self._known:
                    self._known[piece] = [self.ids[t] for t in self._joined(piece)]
                found += self._known[piece]
        return found

    def decode(self, ids: Iterable[int]) -> str:
        """Give the text of ids, without special tokens."""
        signs = "".join(self.tokens[i] for i in ids if self.tokens[i] not in SPECIAL)
        return bytes(self._bytes[sign] for sign in signs).decode("utf-8", "replace")

    def _joined(self, piece: str) -> list[str]:
        signs = [_SIGN[b] for b in piece.encode("utf-8")]
        while len(signs) > 1:
            ranks = [self._rank.get(pair, 1 << 30) for pair in zip(signs, signs[1:], strict=False)]
            best = min(ranks)
            if best == 1 << 30:
                break
            at = ranks.index(best)
            signs[at : at + 2] = [signs[at] + signs[at + 1]]
        return signs

    def write(self, path: Path) -> None:
        """Write it."""
        path.write_text(json.dumps(self.merges, ensure_ascii=False), "utf-8")


def read(path: Path) -> Tokenizer:
    """Read one that was written."""
    return Tokenizer([(a, b) for a, b in json.loads(path.read_text("utf-8"))])


def learn(texts: Iterable[str], size: int) -> Tokenizer:
    """Learn one with about `size` tokens from texts."""
    counts = Counter(piece for text in texts for piece in _PIECES.findall(text))
    words = [([_SIGN[b] for b in piece.encode("utf-8")], n) for piece, n in counts.items()]
    merges: list[tuple[str, str]] = []
    while len(merges) + 256 + len(SPECIAL) < size:
        pairs: Counter[tuple[str, str]] = Counter()
        for signs, n in words:
            for pair in zip(signs, signs[1:], strict=False):
                pairs[pair] += n
        if not pairs:
            break
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        merges.append(best)
        for signs, _ in words:
            at = 0
            while at < len(signs) - 1:
                if (signs[at], signs[at + 1]) == best:
                    signs[at : at + 2] = [signs[at] + signs[at + 1]]
                at += 1
    return Tokenizer(merges)

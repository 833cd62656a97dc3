"""The reader's tokens: how its answers are cut for streaming, counted and limited.

Not a model's vocabulary but a rule that gives close counts for English: a word of up to eight
letters with its space is one token, digits go in threes, a mark is one. Joined, the tokens of a
text are the text. This is also the documented estimate for prompts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sightline.types import Delta, FinishReason

_TOKEN = re.compile(
    r" ?[^\W\d_]{1,8}"  # letters
    r"|\d{1,3}"
    r"| ?(?:[^\w\s]|_){1,3}"
    r"|\s+?(?=\s\S)|\s+",
)


def tokens(text: str) -> list[str]:
    """Cut a text into tokens; joined, they are the text."""
    return _TOKEN.findall(text)


def limited(text: str, max_tokens: int | None, stop: tuple[str, ...]) -> tuple[str, FinishReason]:
    """Cut a text before the first stop sequence and after `max_tokens`; also say why it ends."""
    ends = [at for at in (text.find(sequence) for sequence in stop) if at >= 0]
    if ends:
        text = text[: min(ends)]
    if max_tokens is not None:
        cut = tokens(text)
        if len(cut) > max_tokens:
            return "".join(cut[:max_tokens]), "length"
    return text, "stop"


def deltas(text: str, max_tokens: int | None, stop: tuple[str, ...]) -> Iterator[Delta]:
    """Give a text token by token, and why it ends."""
    kept, reason = limited(text, max_tokens, stop)
    for token in tokens(kept):
        yield Delta(text=token, tokens=1)
    yield Delta(finish=reason)

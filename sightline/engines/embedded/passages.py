"""The words of answers, and which of them tell what is printed in which picture.

An answer is put together of our own words and of words of pictures. Which are which is kept beside
the text from where it is written: where evidence is asked for, only what a picture was said to tell
is looked for, and only in that picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from sightline.engines.embedded.evidence import Exhibit


@dataclass(frozen=True, slots=True)
class Passage:
    """Words of an answer, from `begin` to before `end`, that tell what is printed in `exhibits`.

    Until an answer is of a picture, these are empty. `rows` are the lines of the page that it is of,
    by number, where that is known.
    """

    begin: int
    end: int
    exhibits: tuple[Exhibit, ...] = ()
    rows: tuple[int, ...] = ()


class Said(str):
    """An answer that knows which of its words tell what is printed; the others are our own."""

    __slots__ = ("passages",)
    passages: tuple[Passage, ...]

    def __new__(cls, text: str, passages: Sequence[Passage] | None = None) -> Self:
        """Make an answer of its words; without `passages` it tells those of `text`, or all of it."""
        made = super().__new__(cls, text)
        made.passages = tuple(_passages(text) if passages is None else passages)
        return made

    def telling(self, passages: Sequence[Passage]) -> Self:
        """Give the same answer with other passages."""
        return type(self)(self, passages)

    @classmethod
    def of(cls, *pieces: str) -> Self:
        """Put an answer together: of its pieces those that are `Said` tell, the others are our own."""
        passages: list[Passage] = []
        at = 0
        for piece in pieces:
            if isinstance(piece, Said):
                passages += _moved(piece.passages, at)
            at += len(piece)
        return cls("".join(pieces), passages)


def own(text: str) -> Said:
    """Give an answer in our own words."""
    return Said(text, ())


def quote(text: str, rows: Sequence[int] = ()) -> Said:
    """Give words that stand in a picture, in these `rows` of its text where they are known."""
    return Said(text, (Passage(0, len(text), (), tuple(rows)),))


def seen_in(exhibits: Sequence[Exhibit], text: str) -> Said:
    """Give an answer about pictures with them beside each passage that has none yet.

    A text that knows nothing of its words tells them all.
    """
    shown = tuple(exhibits)
    passages = [
        each if each.exhibits else replace(each, exhibits=shown) for each in _passages(text)
    ]
    return text.telling(passages) if isinstance(text, Said) else Said(text, passages)


def joined_by(between: str, texts: Iterable[str]) -> Said:
    """Put texts together with our own words between them."""
    pieces: list[str] = []
    for text in texts:
        pieces += [between, Said(text)] if pieces else [Said(text)]
    return Said.of(*pieces)


def in_quotes(lines: Sequence[str]) -> Said:
    """Write printed lines in quotation marks, as a list in a sentence: “a”, “b” and “c”."""
    pieces: list[str] = []
    for at, line in enumerate(lines):
        between = "" if not at else " and " if at == len(lines) - 1 else ", "
        pieces += [f"{between}“", quote(line), "”"]
    return Said.of(*pieces)


def cut(said: str, length: int) -> Iterator[Passage]:
    """Give the passages of as much of an answer as was sent."""
    for each in _passages(said):
        if each.begin < length:
            yield replace(each, end=min(each.end, length))


def _passages(text: str) -> Sequence[Passage]:
    return text.passages if isinstance(text, Said) else (Passage(0, len(text)),)


def _moved(passages: Iterable[Passage], by: int) -> Iterator[Passage]:
    for each in passages:
        yield replace(each, begin=each.begin + by, end=each.end + by)

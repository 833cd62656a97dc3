"""Answers from what the matcher marked: values quoted, rows counted, numbers added and compared.

Numbers are worked out here, from the words that were marked; the network only says which they are
and what is to be done with them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sightline.engines.reader.evidence import joined
from sightline.engines.reader.values import number_in
from sightline.perception.text import Box
from training.ear.encoding import Word
from training.ear.matcher import Match

_MOST_LISTED = 60


@dataclass(frozen=True, slots=True)
class Told:
    """A part of an answer as it is printed, and its place in pixels of the picture."""

    text: str
    box: Box
    row: int


@dataclass(frozen=True, slots=True)
class Composed:
    """An answer with what it was made of. `value` is the bare value, `sure` as the matcher says."""

    value: str
    told: tuple[Told, ...]
    sure: float
    note: str = ""


def compose(question: str, found: Match, words: Sequence[Word]) -> Composed | None:
    """Make an answer of what was marked; None where it cannot be worked out."""
    told = grouped(found.marked, words)
    values = [one.text for one in told]
    if found.operation == "quote":
        return Composed(_read_out(told), tuple(told), found.sure) if told else None
    if found.operation in ("yes", "no"):
        return Composed(found.operation.capitalize(), tuple(told), found.sure, joined(values[:3]) if told else "")  # fmt: skip
    if found.operation == "count":
        return Composed(str(len(told)), tuple(told), found.sure, joined(values[:_MOST_LISTED]))
    numbers = [number_in(value) for value in values]
    if not told or any(number is None for number in numbers):
        return None
    amounts = [number for number in numbers if number is not None]
    asked = _bound(question)
    if found.operation in ("sum", "average", "difference"):
        return _worked_out(found, told, amounts)
    if found.operation in ("most", "least", "highest", "lowest"):
        chosen = max if found.operation in ("most", "highest") else min
        best = chosen(range(len(told)), key=lambda i: amounts[i])
        if found.operation in ("highest", "lowest"):
            return Composed(values[best], (told[best],), found.sure)
        same = [i for i in range(len(told)) if amounts[i] == amounts[best]]
        heads = [head for i in same if (head := _head(told[i], words))]
        if not heads:
            return None
        return Composed(joined(heads), tuple(told[i] for i in same), found.sure, values[best])
    if asked is None:
        return None
    if found.operation in ("over", "under"):
        over = amounts[0] > asked if found.operation == "over" else amounts[0] < asked
        return Composed("Yes" if over else "No", tuple(told[:1]), found.sure, values[0])
    over_all = found.operation == "count over"
    kept = [i for i, n in enumerate(amounts) if (n > asked if over_all else n < asked)]
    return Composed(
        str(len(kept)), tuple(told[i] for i in kept), found.sure,
        joined([values[i] for i in kept][:_MOST_LISTED]) if kept else "",
    )  # fmt: skip


def grouped(marked: Sequence[int], words: Sequence[Word]) -> list[Told]:
    """Put marked words together: those of one piece that follow each other, and whole rows of them."""
    runs: list[list[int]] = []
    for number in marked:
        before = words[runs[-1][-1]] if runs else None
        word = words[number]
        follows = before is not None and runs[-1][-1] == number - 1
        if follows and before is not None and before.row == word.row:
            near = word.box.x0 - before.box.x1 < 1.5 * (word.box.y1 - word.box.y0)
            if before.piece == word.piece or near:
                runs[-1].append(number)
                continue
        runs.append([number])
    return [_told([words[number] for number in run]) for run in runs]


def _told(words: Sequence[Word]) -> Told:
    text = words[0].text
    for before, word in zip(words, words[1:], strict=False):
        apart = before.piece != word.piece or word.start > before.start + len(before.text)
        text += (" " if apart else "") + word.text
    box = Box(
        min(w.box.x0 for w in words), min(w.box.y0 for w in words),
        max(w.box.x1 for w in words), max(w.box.y1 for w in words),
    )  # fmt: skip
    return Told(text.strip(" ,;"), box, words[0].row)


def _read_out(told: Sequence[Told]) -> str:
    """Write parts in order, each once; lines of one address are parted by commas."""
    return ", ".join(dict.fromkeys(one.text for one in told if one.text))


def _head(told: Told, words: Sequence[Word]) -> str:
    """Give what names a row: its first piece with letters in it, or what stands over a bar."""
    row = [w for w in words if w.row == told.row and re.search(r"[^\W\d_]{2}", w.text)]
    if not row:
        return ""
    first = row[0].piece
    return _told([w for w in words if w.row == told.row and w.piece == first]).text


def _worked_out(found: Match, told: Sequence[Told], amounts: Sequence[float]) -> Composed | None:
    values = [one.text for one in told]
    if found.operation == "difference":
        if len(amounts) != 2:
            return None
        result = abs(amounts[0] - amounts[1])
    else:
        result = sum(amounts) / (len(amounts) if found.operation == "average" else 1)
    places = max(
        (len(m[1]) for v in values if (m := re.search(r"[.,](\d{1,2})\D*$", v))), default=0
    )
    if found.operation == "average":
        places = max(places, 2 if result != round(result) else 0)
    sign = {"sum": " + ", "difference": " − ", "average": ", "}[found.operation]
    return Composed(f"{result:.{places}f}", tuple(told), found.sure, sign.join(values))


def _bound(question: str) -> float | None:
    """Read the number that a question compares with: its last."""
    found = re.findall(r"\d[\d.,']*", question)
    return number_in(found[-1]) if found else None

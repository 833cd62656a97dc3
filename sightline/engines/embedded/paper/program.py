"""Program text: told by its signs, and written with the indentation that it is printed with."""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence

from sightline.perception.rows import Row

_LEAST_LINES = 3
_SHARE = 0.5  # of lines that look like those of a program
_USUAL = (2, 4, 8)  # blanks of a step
_UNEVEN = 0.3  # of a step
_LINE = re.compile(
    r"[{};]\s*$|^\s*[{}\])]+[;,]?$|=>|->|::|&&|\|\||</?\w+[^>]*>|^\s*(?://|/\*|#include|#!|--\s)"
    r"|^\s*(?:async )?(?:def|class|fn|func|function|struct|enum|interface|impl|module|namespace)\b.*[({:]"
    r"|^\s*(?:if|elif|else|for|while|switch|case|try|catch|except|finally|with)\b.*[:{]\s*$"
    r"|^\s*(?:return|import|from|const|let|var|val|public|private|static|raise|throw|yield|print|echo|use|package)\b"
    r"|^\s*(?:select|insert into|update|delete from|create table)\b|^\s*@\w+"
    r"|^\s*[\w.\[\]]+\s*(?:[-+*/]?=|:=)\s*\S|\w\([^)]*\)\s*[;:{]?$",
    re.IGNORECASE,
)


def listing(rows: Sequence[Row]) -> list[str] | None:
    """Give the lines of a program with their indentation; None where rows are no program's.

    A blank is as wide as the usual character, as it is in the typefaces of programs; where all
    lines are indented by multiples of one step, that is taken for the usual one that is nearest.
    """
    if len(rows) < _LEAST_LINES:
        return None
    looks = sum(_LINE.search(row.text) is not None for row in rows)
    if looks < _SHARE * len(rows):
        return None
    wide = statistics.median(
        piece.box.width / len(piece.text) for row in rows for piece in row.pieces if piece.text
    )
    left = min(row.box.x0 for row in rows)
    steps = _steps([(row.box.x0 - left) / wide for row in rows])
    return [" " * step + " ".join(row.text.split()) for step, row in zip(steps, rows, strict=True)]


def _steps(measured: Sequence[float]) -> list[int]:
    """Make blanks of indentations that were measured in characters."""
    deeper = [indent for indent in measured if indent > 1]
    if deeper:
        step = min(deeper)
        if all(abs(indent / step - round(indent / step)) < _UNEVEN for indent in deeper):
            blanks = min(_USUAL, key=lambda usual: abs(usual - step))
            return [round(indent / step) * blanks if indent > 1 else 0 for indent in measured]
    return [max(0, round(indent)) for indent in measured]

"""Pages of rows as they are read, made without a picture."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from sightline.engines.embedded.ear.layout import Layout
from sightline.engines.embedded.paper.sheet import Sheet
from sightline.perception.rows import Box, Piece, Row


def rows(*lines: str, width: int = 220) -> tuple[Row, ...]:
    """Rows whose cells, parted by bars, stand in columns that are `width` pixels wide."""
    made = []
    for number, line in enumerate(lines):
        pieces = [
            Piece(
                text,
                Box(
                    40 + width * at, 40 * number, 40 + width * at + 9 * len(text), 40 * number + 20
                ),
                1.0,
            )
            for at, text in enumerate(line.split("|"))
            if text
        ]
        made.append(Row(tuple(pieces)))
    return tuple(made)


def exhibit(*lines: str) -> Any:
    """A page whose cells, parted by bars, stand in columns."""
    found = rows(*lines)
    return SimpleNamespace(layout=Layout(found), sheet=Sheet(found))

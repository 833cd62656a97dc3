"""Real receipts as pages to train on: their text as it is read, and which words tell what.

    python -m training.ear.receipts FOLDER OUT

`FOLDER` has scans as NAME.jpg with NAME.json (company, date, address, total). Only the half that
`bench/ear.py` does not measure is read (`training/halves.py`). What is written to `OUT` is for
training alone; nothing of it is shipped.
"""

from __future__ import annotations

import difflib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from sightline.engines.embedded.ear.tokens import words_of
from training.ear.paper import Cell, Fact, Paper, Span

_MEANINGS = {"company": "seller", "date": "date", "address": "address", "total": "total"}
_ALIKE = 0.85


def papers(path: Path) -> list[Paper]:
    """Read what `main` wrote, as papers whose cells are the pieces that were read."""
    return [_paper(one) for one in json.loads(path.read_text("utf-8"))]


def _paper(told: dict[str, object]) -> Paper:
    rows: list[list[tuple[str, tuple[float, float, float, float]]]] = told["rows"]  # type: ignore[assignment]
    cells = tuple(
        Cell(text, (box[0], box[1], box[2], box[3]), box[3] - box[1])
        for row in rows
        for text, box in row
    )
    truth: dict[str, str] = told["truth"]  # type: ignore[assignment]
    facts = tuple(
        Fact(meaning, spans, value, "money" if name == "total" else "text")
        for name, meaning in _MEANINGS.items()
        if (value := truth.get(name, "")) and (spans := tuple(_spans(name, value, cells)))
    )
    width, height = told["size"]  # type: ignore[misc]
    absent = frozenset(_MEANINGS.values()) - {fact.meaning for fact in facts}
    # What cannot be found in the reading may stand there all the same: it is not called absent.
    return Paper(
        "real_receipt", "en", width, height, cells, facts, (), frozenset() if absent else absent
    )


def _spans(name: str, value: str, cells: tuple[Cell, ...]) -> Iterator[Span]:
    if name == "total":
        wanted = re.sub(r"[^\d.]", "", value)
        found = [
            Span(i, m.start(), m.end())
            for i, cell in enumerate(cells)
            for m in re.finditer(rf"(?<![\d.,]){re.escape(wanted)}(?![\d])", cell.text)
        ]
        heads = [s for s in found if _is_total(s.cell, cells)]
        yield from heads or (found if len(found) == 1 else [])
        return
    if name == "date":
        for i, cell in enumerate(cells):
            at = cell.text.find(value)
            if at >= 0:
                yield Span(i, at, at + len(value))
        return
    left = re.sub(r"\W", "", value).lower()
    for i, cell in enumerate(cells[:14]):
        plain = re.sub(r"\W", "", cell.text).lower()
        if len(plain) < 3:
            continue
        best = difflib.SequenceMatcher(None, plain, left, autojunk=False)
        shared = sum(block.size for block in best.get_matching_blocks() if block.size >= 3)
        if shared >= _ALIKE * len(plain):
            yield Span(i, 0, len(cell.text))


def _is_total(number: int, cells: tuple[Cell, ...]) -> bool:
    """Whether a piece stands in a row, or under one, that says total."""
    box = cells[number].box
    middle = (box[1] + box[3]) / 2
    row = [c for c in cells if abs((c.box[1] + c.box[3]) / 2 - middle) < 0.6 * (box[3] - box[1])]
    said = " ".join(cell.text for cell in row).lower()
    return "total" in said and "sub" not in said and "qty" not in said and "item" not in said


def main() -> None:
    """Read the half to train on."""
    from bench.photographs import read_pixels
    from sightline.perception.text import TextReader
    from sightline.workers import Stop
    from training.halves import half

    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    reader = TextReader(1)
    told = []
    for file in half(folder, measured=False):
        if file.suffix != ".jpg":
            continue
        pixels = read_pixels(file)
        reading = reader.read(pixels, Stop())
        rows = reading.rows
        if not words_of(rows):
            continue
        told.append(
            {
                "rows": [[(p.text, tuple(p.box)) for p in row.pieces] for row in rows],
                "size": reading.turn.canvas if reading.turn else pixels.shape[1::-1],
                "truth": json.loads(file.with_suffix(".json").read_text("utf-8")),
            }
        )
        print(len(told), file.name, flush=True)
    out.write_text(json.dumps(told, ensure_ascii=False), "utf-8")


if __name__ == "__main__":
    main()

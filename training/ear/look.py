"""Draw one paper with its facts listed beside it: python -m training.ear.look KIND SEED OUT.png."""

from __future__ import annotations

import sys

from PIL import Image, ImageDraw

from training.ear import faces
from training.ear.paper import Paper, Span, draw, render


def looked(paper: Paper) -> Image.Image:
    """Give the picture with words of facts framed, and the list to the right."""
    image = render(paper)

    def words(spans: tuple[Span, ...]) -> str:
        return " / ".join(paper.cells[s.cell].text[s.start : s.end] for s in spans)

    lines = [f"{paper.kind} {paper.language} {paper.width} x {paper.height}"]
    lines += [
        f"{f.meaning} ({f.kind}) = {f.value}" + (f"  [{words(f.label)}]" if f.label else "")
        for f in paper.facts
    ]
    for table in paper.tables:
        lines.append(
            f"{table.nouns}: "
            + " | ".join(
                f"{c.meaning}:{words((c.head,)) if c.head else '-'}" for c in table.columns
            )
        )
        lines += ["    " + " | ".join(words(cell) for cell in row) for row in table.rows]
    some = sorted(paper.absent)
    lines += ["absent: " + " ".join(some[i : i + 6]) for i in range(0, len(some), 6)]
    pen = ImageDraw.Draw(image)
    for fact in paper.facts:
        for colour, spans in (("red", fact.spans), ("blue", fact.label)):
            for span in spans:
                cell = paper.cells[span.cell]
                x = cell.box[0] + faces.width(
                    cell.text[: span.start], cell.size, cell.font, cell.bold
                )
                wide = faces.width(
                    cell.text[span.start : span.end], cell.size, cell.font, cell.bold
                )
                pen.rectangle((x, cell.box[1], x + wide, cell.box[3]), outline=colour)
    both = Image.new("RGB", (image.width + 720, max(image.height, 19 * len(lines) + 20)), "white")
    both.paste(image)
    pen = ImageDraw.Draw(both)
    for i, line in enumerate(lines):
        pen.text((image.width + 12, 10 + 19 * i), line, "black", faces.face("sans", False, 14))
    return both


if __name__ == "__main__":
    looked(draw(sys.argv[1], int(sys.argv[2]))).save(sys.argv[3])

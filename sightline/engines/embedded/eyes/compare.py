"""Two pictures in sentences: the same, nearly the same, or different, and where."""

from __future__ import annotations

import difflib

from sightline.engines.embedded.evidence import Exhibit, count
from sightline.engines.embedded.eyes import phrases
from sightline.engines.embedded.eyes.describe import shape, size
from sightline.engines.embedded.words import joined
from sightline.perception import colours, sameness
from sightline.perception.rows import Box
from sightline.perception.sameness import Comparison


def compare_all(exhibits: list[Exhibit]) -> str:
    """Compare every picture with the first, or say that all are the same."""
    first, *others = exhibits
    compared = [
        (o, sameness.compare(first.survey.picture.pixels, o.survey.picture.pixels)) for o in others
    ]
    if len(others) > 1 and all(c.verdict == "identical" for _, c in compared):
        return f"All {len(exhibits)} pictures are identical, pixel for pixel."
    return "\n\n".join(compare(first, other, verdict) for other, verdict in compared)


def compare(a: Exhibit, b: Exhibit, found: Comparison) -> str:
    """Write what two pictures have in common and what not."""
    names = f"Image {a.number} and image {b.number}"
    if found.verdict == "identical":
        return (
            f"There is no difference: {names[0].lower()}{names[1:]} are identical, pixel for pixel."
        )
    if found.verdict == "same":
        note = ""
        if size(a.survey) != size(b.survey):
            note = f" ({size(a.survey)} and {size(b.survey)})"
        return f"{names} show the same picture{note}; I see no difference in content."
    if found.verdict == "near":
        regions = [_region(a, b, box) for box in found.regions]
        counted = "one place" if len(regions) == 1 else f"{len(regions)} places"
        lines = "\n".join(f"- {line}" for line in regions)
        return (
            f"{names} are nearly the same. They differ in {counted}, "
            f"{_percent(found.changed)} of the area:\n{lines}{_text_changes(a, b, lines)}"
        )
    return f"{names} are different pictures.{_looks(a, b)}{_text_changes(a, b)}"


def _percent(share: float) -> str:
    return f"{share:.1%}" if share < 0.1 else f"{share:.0%}"


def _region(a: Exhibit, b: Exhibit, box: Box) -> str:
    first, second = a.survey.picture, b.survey.picture
    where = phrases.where(box, first.width, first.height)
    sx, sy = second.width / first.width, second.height / first.height
    other = Box(box.x0 * sx, box.y0 * sy, box.x1 * sx, box.y1 * sy)
    said = f"{where} (x {box.x0:.0f}–{box.x1:.0f}, y {box.y0:.0f}–{box.y1:.0f})"
    was = _text_in(a, box)
    now = _text_in(b, other)
    before, after = _colour_in(a, box) or "", _colour_in(b, other) or ""
    parts = []
    if was != now and (was or now):
        parts.append(f"{_quoted(was)} in image {a.number}, {_quoted(now)} in image {b.number}")
    if before != after:
        parts.append(f"mostly {before} in image {a.number}, {after} in image {b.number}")
    return f"{said}: {'; '.join(parts)}" if parts else said


def _quoted(text: str) -> str:
    return f"“{text}”" if text else "no text"


def _text_in(exhibit: Exhibit, box: Box) -> str:
    inside = [
        piece.text
        for row in exhibit.survey.rows
        for piece in row.pieces
        if piece.box.x0 < box.x1
        and box.x0 < piece.box.x1
        and min(piece.box.y1, box.y1) - max(piece.box.y0, box.y0) > 0.3 * piece.box.height
    ]
    return " ".join(inside)


def _colour_in(exhibit: Exhibit, box: Box) -> str | None:
    pixels = exhibit.survey.picture.pixels
    patch = pixels[max(0, int(box.y0)) : int(box.y1) + 1, max(0, int(box.x0)) : int(box.x1) + 1]
    if patch.size == 0:
        return None
    found = colours.dominant(patch)
    return found[0].full_name if found else None


def _text_changes(a: Exhibit, b: Exhibit, told: str = "") -> str:
    """Write which lines stand in one picture only, but for those that `told` quotes."""
    only_a, only_b = [], []
    for line in difflib.ndiff(a.sheet.lines, b.sheet.lines):
        if line.startswith("- "):
            only_a.append(line[2:])
        elif line.startswith("+ "):
            only_b.append(line[2:])
    if only_a or only_b:
        only_a = [line for line in only_a if line not in told]
        only_b = [line for line in only_b if line not in told]
        if not only_a and not only_b:
            return ""
    said = ""
    for exhibit, lines in ((a, only_a), (b, only_b)):
        if lines:
            shown = joined([f"“{line}”" for line in lines[:12]])
            more = f" and {count(len(lines) - 12, 'more line')}" if len(lines) > 12 else ""
            said += f"\nOnly image {exhibit.number} says {shown}{more}."
    if not said and a.sheet.lines:
        said = "\nTheir text is the same."
    return said


def _looks(a: Exhibit, b: Exhibit) -> str:
    said = []
    for e in (a, b):
        s = e.survey
        top = joined([c.full_name for c in s.colours[:3]])
        things = f"; {phrases.instead(s.seen, e)}" if s.seen is not None and s.seen.things else "."
        said.append(
            f" Image {e.number} is a {s.look.kind} of {size(s)}, {shape(s)}, mostly {top}, with "
            f"{count(len(s.rows), 'line')} of text{things}"
        )
    return "".join(said)

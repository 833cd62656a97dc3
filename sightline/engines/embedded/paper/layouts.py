"""A page written as Markdown or CSV: its headings, lists and tables as they stand."""

from __future__ import annotations

import csv
import io
import re
import statistics
from collections.abc import Sequence

from sightline.engines.embedded.ear.facts import Fact
from sightline.engines.embedded.evidence import Declined, Exhibit
from sightline.engines.embedded.paper.items import line_items
from sightline.engines.embedded.paper.program import listing

Grid = Sequence[Sequence[str]]  # rows of cells, the heads first

_CSV = re.compile(
    r"\bcsv\b|\bcomma[- ]separated\b|\bsemicolon[- ]separated\b|\btsv\b|\btab[- ]separated\b", re.I
)
_TABULAR = re.compile(r"\b[ct]sv\b|\btables?\b|\brows?\b|\bcolumns?\b", re.I)
_MARKDOWN = re.compile(
    r"\bmark ?down\b|\.md\b|\bmd (?:format|file|syntax)\b|\b(?:in|to|as|->) md\b", re.I
)
_TABLE = re.compile(
    r"\b(?:extract|copy|give|show|return|reproduce|rebuild|transcribe|convert|print|write|type|output|get|make|list)\b"
    r"[^?]*\b(?:tables?|grid|spreadsheet|tabular)\b|\b(?:as|in|into) (?:a )?(?:table|tabular)\b|^\W*(?:the )?tables?(?:,? please)?\W*$",
    re.I,
)
_BULLET = re.compile(r"^\s*(?:[-–•·*▪●◦]|(\d{1,2})[.)])\s+")
_ITEM = ("quantity", "name", "unit_price", "price")
_HEADING = 1.25  # times as high as the usual line
_TITLE = 0.9  # of the highest heading
_LONGEST_HEADING = 12  # words
_GAP = 0.9  # heights of a line, from which on a new paragraph begins


def asked(text: str, exhibit: Exhibit) -> str | None:
    """Write the page in the form that a question asks for; None where it asks for none."""
    if _CSV.search(text):
        grids = _grids(exhibit)
        if not grids and not _TABULAR.search(text):
            return None  # "five words for it, comma separated"
        if not grids:
            return Declined("I see no table in the picture.")
        tabs = re.search(r"\btsv\b|\btab[- ]", text, re.I) is not None
        mark = "\t" if tabs else ";" if re.search(r"semicolon", text, re.I) else ","
        return "\n\n".join(as_csv(grid, mark) for grid in grids)
    only_table = _TABLE.search(text) is not None
    if not only_table and not _MARKDOWN.search(text):
        return None
    if not exhibit.sheet.rows:
        return Declined("The picture holds no text that I can read.")
    if only_table:
        return "\n\n".join(map(as_table, _grids(exhibit))) or None
    return as_markdown(exhibit)


def _grids(exhibit: Exhibit) -> list[Grid]:
    """Give what a page tells in rows, the heads first: its tables, else what it lists with prices,
    else labels with their values."""
    found: list[Grid] = [table.grid() for table in exhibit.layout.tables]
    if found:
        return found
    items = line_items(exhibit.sheet)
    if len(items) > 1 and not any("value" in item for item in items):
        heads = [head for head in _ITEM if any(head in item for item in items)]
        return [[heads, *([str(item.get(head, "")) for head in heads] for item in items)]]
    pairs = [[label, value] for label, value, _ in exhibit.sheet.pairs()]
    return [[["label", "value"], *pairs]] if len(pairs) > 1 else []


def as_csv(grid: Grid, mark: str = ",") -> str:
    """Write rows as CSV (RFC 4180), lines ended by a line feed alone."""
    out = io.StringIO()
    csv.writer(out, delimiter=mark, lineterminator="\n").writerows(grid)
    return out.getvalue().rstrip("\n")


def as_table(grid: Grid) -> str:
    """Write rows as a table of Markdown."""
    heads, *rows = grid
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(_cell(text) for text in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def as_markdown(exhibit: Exhibit) -> str:
    """Write a page as Markdown: larger lines as headings, lists, tables, paragraphs."""
    lines = listing(exhibit.survey.rows)
    if lines is not None:
        return "\n".join(["```", *lines, "```"])
    rows, found = exhibit.layout.rows, exhibit.layout.tables
    usual = statistics.median(fact.box.height for fact in exhibit.layout.facts)
    highest = max(map(_height, rows.values()))
    of = {number: table for table in found for number in range(table.first, table.last + 1)}
    blocks: list[tuple[str, list[str]]] = []  # what each is, and its lines
    ends = 0.0  # of the line above
    for number, row in sorted(rows.items()):
        text = " ".join(fact.text for fact in row)
        below = min(fact.box.y0 for fact in row) - ends
        apart = below > _GAP * usual or below < -usual  # which is the next column
        ends = max(fact.box.y1 for fact in row)
        table, bullet = of.get(number), _BULLET.match(text)
        if table is not None:
            if number == table.first:
                blocks.append(("table", [as_table(table.grid())]))
            continue
        if _is_heading(text) and _height(row) >= _HEADING * usual:
            level = "#" if _height(row) >= _TITLE * highest else "##"
            blocks.append(("heading", [f"{level} {text}"]))
            continue
        kind = "paragraph" if bullet is None else "list"
        line = _escaped(text) if bullet is None else _item(text, bullet)
        if blocks and blocks[-1][0] == kind and not apart:
            blocks[-1][1].append(line)
        else:
            blocks.append((kind, [line]))
    # Lines of a paragraph stay as they are printed: two blanks at the end break one.
    return "\n\n".join(("  \n" if k == "paragraph" else "\n").join(b) for k, b in blocks)


def _height(row: Sequence[Fact]) -> float:
    return statistics.median(fact.box.height for fact in row)


def _is_heading(text: str) -> bool:
    return len(text.split()) <= _LONGEST_HEADING and re.search(r"\w", text) is not None


def _item(text: str, bullet: re.Match[str]) -> str:
    return (f"{int(bullet[1])}. " if bullet[1] else "- ") + text[bullet.end() :]


def _escaped(text: str) -> str:
    return "\\" + text if text.startswith(("#", ">", "|")) else text

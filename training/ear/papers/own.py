"""Prose, forms and tables of all subjects, with questions of their own."""

from __future__ import annotations

import re
from collections.abc import Callable

from training.ear import subjects
from training.ear.paper import Draft, Pair, kind, label, plain, tell

_LABELLED = re.compile(r"([^:|{}\x01]{2,44}?)\s*:\s+(\S.*)")


def _prose(d: Draft, number: int) -> str:
    return _filled(d, subjects.sentences()[number].text, "s", number)


def _filled(d: Draft, text: str, kind: str, number: int) -> str:
    values = {
        name: tell(subjects.meaning(kind, number, name), subjects.filled(d, value))
        for name, value in subjects.slots(text).items()
    }
    return subjects.written(text, values)


def _chosen(d: Draft, themes: list[str], most: int) -> list[int]:
    """Number some things of one theme, which the dice choose."""
    theme = d.pick(sorted(set(themes)))
    mine = [number for number, other in enumerate(themes) if other == theme]
    return d.some(mine, min(3, most), most)


def _head(d: Draft) -> None:
    if d.odds(0.6):
        d.line(d.company(), d.pick("lcr"), size=d.pick((1.0, 1.3, 1.7)), bold=d.odds(0.5))
        d.gap()
    if d.odds(0.4):
        d.line(d.of("Notice|Information|To whom it may concern|News|Please read|Important|Details|Page 2"), d.pick("lc"), size=1.2, bold=True)  # fmt: skip
        d.gap(0.6)


@kind(
    "own_prose",
    width=(620, 1150),
    size=(17, 24),
    fonts="serif serif2 sans sans2 narrow sans",
    dark=0.1,
)
def own_prose(d: Draft) -> None:
    """Write sentences of one subject as paragraphs or as separate lines."""
    _head(d)
    chosen = _chosen(d, [one.theme for one in subjects.sentences()], d.n(2, 7))
    texts = [_prose(d, number) for number in chosen]
    mark = d.pick(("", "", "", "• ", "- "))
    while texts:
        size = 1 if mark else d.n(1, 3)
        d.line(mark + " ".join(texts[:size]))
        d.gap(d.pick((0.1, 0.5, 0.9)))
        texts = texts[size:]
    if d.odds(0.4):
        d.gap()
        d.line(d.of("Yours sincerely|Thank you|The management|Kind regards") + ", " + d.person())


@kind(
    "own_form",
    width=(560, 1150),
    size=(16, 25),
    fonts="sans sans2 narrow serif mono sans",
    dark=0.15,
)
def own_form(d: Draft) -> None:
    """Write entries of one subject, in one block or two, at times with a sentence below."""
    _head(d)
    chosen = _chosen(d, [one.theme for one in subjects.entries()], d.n(4, 12))
    pairs: list[Pair] = []
    for number in chosen:
        entry = subjects.entries()[number]
        value = subjects.filled(d, entry.value)
        pairs.append((subjects.meaning("e", number, "value"), value, d.pick(entry.labels)))
    half = len(pairs) // 2
    if d.odds(0.35) and half > 1:
        if d.odds(0.5):
            d.beside(lambda: d.pairs(pairs[:half]), lambda: d.pairs(pairs[half:]))
        else:
            d.pairs(pairs[:half])
            d.rule()
            d.pairs(pairs[half:])
    else:
        d.pairs(pairs)
    if d.odds(0.35):
        d.gap()
        d.line(_prose(d, d.chance.randrange(len(subjects.sentences()))), size=d.pick((0.8, 1)))


@kind("own_grid", width=(620, 1150), size=(15, 23), fonts="sans sans2 narrow serif mono sans", dark=0.1)  # fmt: skip
def own_grid(d: Draft) -> None:
    """Write some rows of a table, at times with a few entries over it."""
    _head(d)
    number = d.chance.randrange(len(subjects.grids()))
    grid = subjects.grids()[number]
    rows = d.some(grid.rows, 3, 9)
    if d.odds(0.3):
        entry = subjects.entries()[d.chance.randrange(len(subjects.entries()))]
        d.line(f"{d.pick(entry.labels)}: {subjects.filled(d, entry.value)}")
        d.gap()
    d.table(
        subjects.meaning("g", number, "row"), "rows", [("text", head) for head in grid.columns], rows,
        heads=True, key=0,
    )  # fmt: skip


@kind("own_document", width=(560, 1150), size=(15, 24), fonts="sans sans2 narrow serif serif2 mono sans", dark=0.1)  # fmt: skip
def own_document(d: Draft) -> None:
    """Write a whole paper."""
    _document(d, held=False)


@kind("held_document", width=(560, 1150), size=(15, 24), fonts="sans sans2 narrow serif serif2 mono sans", dark=0.1)  # fmt: skip
def held_document(d: Draft) -> None:
    """Write a whole paper of those that are only measured on."""
    _document(d, held=True)


def _document(d: Draft, *, held: bool) -> None:
    every = subjects.documents()
    number = d.pick([number for number, one in enumerate(every) if one.held == held])
    document = every[number]
    # Marks are put in first: what fills a slot may hold a bar or a colon.
    lines = re.sub(" {2,}", " ", _filled(d, document.page.strip("\n"), "d", number)).split("\n")
    tidy = d.odds(0.55)  # labels and values are set in a way of their own, not as typed
    at = 0
    while at < len(lines):
        size = 1
        line = lines[at].strip()
        if not line:
            d.gap(d.pick((0.4, 0.8, 1.1)))
        elif line.startswith("#"):
            deep = line.startswith("##")
            d.line(line.lstrip("# "), d.pick("llc"), size=d.pick((1, 1.2)) if deep else d.pick((1.2, 1.5, 1.9)), bold=d.odds(0.5))  # fmt: skip
        elif line.startswith("|"):
            size = _run(lines, at, lambda text: text.startswith("|"))
            _rows(d, [_cells(text) for text in lines[at : at + size]])
        elif len(parts := _parted(line)) > 1:
            d.row(*[_named(part) for part in parts])
        elif tidy and _LABELLED.fullmatch(line):
            size = _run(lines, at, lambda text: _LABELLED.fullmatch(text) is not None and len(_parted(text)) == 1)  # fmt: skip
            d.pairs([_pair(text) for text in lines[at : at + size]])
        else:
            d.line(_named(line))
        at += size


def _run(lines: list[str], at: int, holds: Callable[[str], bool]) -> int:
    """Count the lines from one on that are alike."""
    return next((n for n, text in enumerate(lines[at:]) if not holds(text.strip())), len(lines) - at)  # fmt: skip


def _parted(line: str) -> list[str]:
    return [part.strip() for part in line.split(" | ") if part.strip()]


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _pair(line: str) -> Pair:
    found = _LABELLED.fullmatch(line.strip())
    return ("", found[2], found[1]) if found else ("", line, "")


def _named(text: str) -> str:
    """Mark the label that a text begins with."""
    found = _LABELLED.fullmatch(text)
    return f"{label(found[1] + ':')} {found[2]}" if found else text


def _rows(d: Draft, rows: list[list[str]]) -> None:
    """Write a table; the first row has the heads."""
    wide = max(map(len, rows))
    heads, *rest = [row + [""] * (wide - len(row)) for row in rows]
    if not rest:
        cells = [cell for cell in heads if cell]
        if len(cells) > 1:
            d.row(*cells)
        else:
            d.line(" ".join(cells))
        return
    d.table("row", "rows", [("text", plain(head)) for head in heads], rest, heads=True, key=0)

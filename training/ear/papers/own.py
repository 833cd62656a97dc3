"""Prose, forms and tables of all subjects, with questions of their own."""

from __future__ import annotations

from training.ear import subjects
from training.ear.paper import Draft, Pair, kind, tell


def _prose(d: Draft, number: int) -> str:
    sentence = subjects.sentences()[number]
    values = {
        name: tell(subjects.meaning("s", number, name), subjects.filled(d, value))
        for name, value in subjects.slots(sentence).items()
    }
    return subjects.written(sentence, values)


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

"""Questions about a table that name one of its cells: what stands in the same row, or how many rows.

"Which flight was cancelled?", "How many go to Oslo?", "How much did Alder have on Tuesday?": a value
or a row's name is said as it is printed, a column by its head, by a longer form of it, or by the form
that the question word binds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sightline.engines.embedded import values, words
from sightline.engines.embedded.ear.columns import COMES_TO, COSTS, EACH
from sightline.engines.embedded.ear.confidence import form
from sightline.engines.embedded.ear.tables import Table
from sightline.engines.embedded.evidence import Declined, Exhibit
from sightline.engines.embedded.passages import Said, own, quote

_HOW_MANY = re.compile(
    r"\W*(?:and )?(?:how many|(?:what is |tell me )?the number of|count)\b", re.I
)
_TOKEN = re.compile(r"[^\W_]+(?:[.:,'/-][^\W_]+)*")
_LEAST = 3  # letters of an abbreviated head
# What asks for more than a cell says: a sum, a comparison, an order, what does not hold.
_BEYOND = frozenset(
    "and or both all each every any together sum total altogether difference average mean "
    "most least more less fewer than over under above below between except besides without "
    "not no other others else highest lowest largest smallest biggest cheapest dearest "
    "longest shortest fastest slowest latest earliest best worst first last next previous "
    "before after until since following same different earlier later".split()
)
_WORKS_OUT = re.compile(
    r"\bhow long\b|\bhow (?:much|many) (?:more|less|fewer|longer)\b"
    r"|\b(?:combined|add(?:ed)? up|in all)\b",
    re.IGNORECASE,
)
_COMMON = frozenset("yes no the and on in at of for to from with open free".split())


def look_up(text: str, exhibit: Exhibit) -> str | None:
    """Answer from a table; None where the question names no cell of one, or more than it can tell."""
    for table in exhibit.layout.tables:
        found = _in(table, text)
        if found is not None:
            return found
    return None


def _in(table: Table, text: str) -> str | None:
    asked = tokens(text)
    found = named(table, asked)
    if not found:
        return _by_a_word(table, text, asked)
    rows = [
        row
        for row in range(len(table.rows))
        if all(tokens(table.text(row, at)) == cell for at, cell in found.items())
    ]
    if not rows:
        return None
    names = {token for cell in found.values() for token in cell}
    said = names.union(token for head in table.heads for token in tokens(head))
    if _BEYOND.intersection(asked) - said:
        return None
    if _WORKS_OUT.search(text):
        return None
    others = [at for at in range(len(table.heads)) if at not in found]
    # "The base charge" names no price, nor does "cost" where a column says what it comes to.
    whole = any(COMES_TO.search(head) for head in table.heads) and not EACH.search(text)
    rest = [t for t in asked if t not in names and not (whole and t in COSTS)]
    heads = [at for at in others if says(table.heads[at], rest)]
    heads = heads or [at for at in others if _means(table.heads[at], rest)]
    if _HOW_MANY.match(text):
        return _counted(table, rows, found, heads)
    if len(heads) == 1:
        told = [table.text(row, heads[0]) for row in rows]
        if not any(told):
            return Declined("That cell of the table is blank.")
        if form(text, " ".join(told)) >= 0:
            return ", ".join(dict.fromkeys(filter(None, told)))
    fits = [
        at
        for at in range(len(table.heads))
        if at not in found and all(form(text, table.text(row, at)) > 0 for row in rows)
    ]
    if len(fits) > 1 and not heads and len(rows) == 1 and not EACH.search(text):
        fits = [at for at in fits if _MONEY.fullmatch(table.text(rows[0], at))]
        fits = [at for at in fits if len(fits) == 1 or COMES_TO.search(table.heads[at])]
    if len(fits) != 1 or len(heads) > 1:
        return None
    return ", ".join(dict.fromkeys(table.text(row, fits[0]) for row in rows))


def _by_a_word(table: Table, text: str, asked: list[str]) -> str | None:
    """Tell the amount of the only row that has a word of the question: "the rent" of "Rent, May".

    None where the question has a word that neither the table has nor asking for amounts needs, and
    where the row has several amounts of which none is what a row comes to.
    """
    if form(text, "1.00") <= 0 or _HOW_MANY.match(text) or _WORKS_OUT.search(text):
        return None
    texts = table.texts()
    names = [
        {w for cell in row if not _AMOUNT.fullmatch(cell) for w in words.tokens(cell)}
        for row in texts
    ]
    heads = {word for head in table.heads for word in words.tokens(head)}
    telling = [
        w for w in words.content(text) if w not in _PAYS and not words.covers(list(heads), [w])
    ]
    if not telling or _BEYOND.intersection(asked) - heads:
        return None
    rows = [
        at for at, told in enumerate(names) if words.covers(list(told), telling) == len(telling)
    ]
    if len(rows) != 1:
        return None
    amounts = [
        at
        for at, cell in enumerate(texts[rows[0]])
        if _MONEY.fullmatch(cell) and not _BALANCE.search(table.heads[at])
    ]
    whole = [at for at in amounts if COMES_TO.search(table.heads[at])]
    one = whole if len(amounts) > 1 and not EACH.search(text) else amounts
    said = [at for at in amounts if says(table.heads[at], asked)]
    chosen = said or one
    return texts[rows[0]][chosen[0]] if len(chosen) == 1 else None


_AMOUNT = re.compile(r"[^\w\s]?\s?\d[\d.,:']*\s?[^\w\s]?")
_MONEY = re.compile(
    r"[-+−]?\s?(?:[A-Z]{3}\s|[$€£¥]\s?)?\d[\d.,']*[.,]\d\d(?:\s?[$€£¥]|\s?[A-Z]{3})?"
)
_BALANCE = re.compile(r"\b(?:balance|saldo)\b", re.IGNORECASE)
_PAYS = frozenset(
    "spend spent pay paid pays cost costs price charge charged debited credited received receive earn earned much money".split()
)


def _counted(
    table: Table, rows: list[int], named: dict[int, list[str]], heads: list[int]
) -> str | None:
    """Tell a number that stands in the row, or count rows of a value that is no row's name."""
    if len(rows) == 1:
        numbers = [at for at in heads if values.number_in(table.text(rows[0], at)) is not None]
        if len(numbers) == 1:
            return table.text(rows[0], numbers[0])
    column = [table.text(row, at) for at in named for row in range(len(table.rows))]
    if len(rows) == 1 and len(set(column)) == len(column):
        return None  # what names each row by itself is nothing to count
    listed = next((at for at in (*heads, *range(len(table.heads))) if at not in named), None)
    names = [] if listed is None else [table.text(row, listed) for row in rows]
    if not names or not all(names):
        return own(str(len(rows)))
    return Said.of(f"{len(rows)}: ", quote(words.joined(names)), ".")


def named(table: Table, asked: list[str]) -> dict[int, list[str]]:
    """Give the cells that a question names, by column: in each the longest, none twice."""
    found: list[tuple[int, int, list[str]]] = []
    for at in range(len(table.heads)):
        for row in range(len(table.rows)):
            cell = tokens(table.text(row, at))
            telling = [t for t in cell if t not in _COMMON and (len(t) > 2 or not t.isdigit())]
            if not telling:
                continue
            begins = range(len(asked) - len(cell) + 1)
            if any(asked[begin : begin + len(cell)] == cell for begin in begins):
                found.append((len(cell), at, cell))
    made: dict[int, list[str]] = {}
    used: set[str] = set()
    for _, at, cell in sorted(found, key=lambda one: -one[0]):
        if at not in made and not used.intersection(cell):
            made[at] = cell
            used.update(cell)
    return made


def says(head: str, asked: Sequence[str]) -> bool:
    """Say whether a question says a head, word by word."""
    told, stems = tokens(head), {words.stem(token) for token in asked}
    return bool(told) and all(words.stem(token) in stems for token in told)


def _means(head: str, asked: list[str]) -> bool:
    """Say whether a question says other forms of a head's words, or one that it is short for."""
    told = tokens(head)
    if not told:
        return False
    if all(any(_inflected(token, other) for other in asked) for token in told):
        return True
    (first, *rest) = told
    return not rest and len(first) >= _LEAST and any(token.startswith(first) for token in asked)


def _inflected(one: str, other: str) -> bool:
    """Say whether two are forms of one word: leave, leaves, leaving."""
    stem = min(len(one), len(other)) - 1
    return stem >= _LEAST and one[:stem] == other[:stem] and abs(len(one) - len(other)) <= _LEAST


def tokens(text: str) -> list[str]:
    """Cut a text into words and numbers, in small letters."""
    return _TOKEN.findall(text.casefold())

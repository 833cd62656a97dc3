"""What is to be paid for a sale, of all the amounts on its paper.

Totals stand on receipts several times: before and after tax, discount and rounding, again in a table of
taxes. A row's words say how likely its amount is the one that is paid; what was handed over less what
came back proves it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sightline.engines.embedded import values
from sightline.engines.embedded.paper.sheet import FoundValue, Sheet

_TOTAL = re.compile(
    r"\b(?:total\w*|summe|gesamt\w*|endbetrag|montant|importe|totale|totaal|amount|amt|sum|betrag)\b|合計|总计|總計|合计",
    re.IGNORECASE,
)
_PAYABLE = re.compile(
    r"\b(?:incl\w*|inc|ttc|after"
    r"|sales|rounded|round)\b",
    re.IGNORECASE,
)
_LAST = re.compile(
    r"\b(?:grand|final|net{1,2}|due|payab\w*|to pay|zu zahlen|à payer|a pagar|da pagare|te betalen|balance|owed|gesamt\w*"
    r"|endbetrag)\b",
    re.IGNORECASE,
)
_TABLE = re.compile(r"\bsupplies\b|\bsummary\b|\btaxable\b|\d ?%(?!.*\bincl)", re.IGNORECASE)
_ROUNDED = re.compile(r"\bround\w*\b", re.IGNORECASE)
_BEFORE = re.compile(
    r"\b(?:excl\w*|exc|before|without|zwischensumme|sous-total|netto|ht|net of)\b|\bsub\W?total|\bsub\b|小計|小计",
    re.IGNORECASE,
)
_PART = re.compile(
    r"\b(?:tax|gst|vat|mwst|ust|tva|iva|btw|sst|qty|quantity|items?|count|discounts?|disc|rabatt|saving\w*|saved|points?|stamps?"
    r"|change|adj\w*|fee|service|svc|tips?|deposit|supplies|voucher|balance b/?f|previous|earned|summary|code)\b",
    re.IGNORECASE,
)
_INCLUDED = re.compile(r"\b(?:incl\w*|inc|inklusive|ttc|after)\b", re.IGNORECASE)
_PAID = re.compile(
    r"\b(?:cash|tender\w*|received|visa|master\w*|amex|debit|credit|card|bar|gegeben|esp[eè]ces|efectivo|contanti"
    r"|dinheiro|paid|payment|bezahlt|pin|eft\w*)\b|現金|お預り|现金",
    re.IGNORECASE,
)
_BACK = re.compile(
    r"\b(?:change|chng|rückgeld|zurück|rendu|monnaie|cambio|vuelto|resto|troco|wisselgeld)\b|お釣|釣銭|找零",
    re.IGNORECASE,
)
_LEAST = 2.0  # of the score, from which on an amount is taken
_CLOSE = 0.005
_ROUNDS = 0.11  # by how much a total is rounded at most, in units of a currency


@dataclass(frozen=True, slots=True)
class _Sum:
    """A row that may tell the total."""

    row: int
    label: str
    text: str
    amount: float
    many: int  # amounts in its row


def payable(sheet: Sheet) -> FoundValue | None:
    """Find what is to be paid in all; None where no row's words and amount say so. `fit` is high
    where the money that changed hands proves it."""
    sums, paid, back = _read(sheet)
    if not paid and len(sums) < 2:
        return None
    proved = {round(p - c, 2) for p in paid for c in (back or [0.0])}
    often = [one.amount for one in sums]
    best: tuple[float, int] | None = None
    for number, one in enumerate(sums):
        made = _words(one.label)
        shows = any(abs(one.amount - p) < _CLOSE for p in proved)
        rounded = _ROUNDED.search(one.label) is not None
        if not made and not rounded and not (shows and back):
            continue
        made -= 2.5 * (one.many > 1)
        made += 3.0 * shows
        made += 0.4 * min(3, sum(abs(one.amount - a) < _CLOSE for a in often) - 1)
        # What is rounded stands after what it was, and is what is paid.
        rounds = any(_CLOSE < abs(one.amount - other.amount) < _ROUNDS for other in sums[:number])
        made += (1.5 + 1.5 * rounded) * rounds
        made += 0.5 * (one.amount >= max(often) - _CLOSE) + 0.05 * number
        if best is None or made > best[0]:
            best = made, number
    if best is None or best[0] < _LEAST:
        return _paid(sheet, paid, back)
    one = sums[best[1]]
    sure = any(abs(one.amount - p) < _CLOSE for p in proved)
    return FoundValue(one.text, one.label, one.row, 0.95 if sure else 0.7)


def _paid(sheet: Sheet, paid: list[float], back: list[float]) -> FoundValue | None:
    """Take what was handed over where nothing came back, and a total is named without an amount."""
    given = set(paid)
    if len(given) != 1 or any(back) or not any(_TOTAL.search(line) for line in sheet.lines):
        return None
    for number, line in enumerate(sheet.lines):
        found = values.find(line, "money")
        if found and _PAID.search(line) and abs(values.number_in(found[-1]) or 0) in given:
            return FoundValue(found[-1], "", number, 0.7)
    return None


def _words(label: str) -> float:
    """Score the words of a row: 0 where they speak of no total."""
    if not any(kind.search(label) for kind in (_TOTAL, _PAYABLE, _LAST)):
        return 0.0
    made = 2.0 * bool(_TOTAL.search(label)) + 1.5 * bool(_PAYABLE.search(label))
    made += 2.0 * bool(_LAST.search(label)) - 2.0 * bool(_TABLE.search(label))
    made -= 3.0 * bool(_BEFORE.search(label))
    if _PART.search(label) and not _INCLUDED.search(label):
        made -= 3.0
    if _PAID.search(label) and not re.search(r"\btotal\b", label, re.IGNORECASE):
        made -= 2.0
    return made


def _read(sheet: Sheet) -> tuple[list[_Sum], list[float], list[float]]:
    """Give the rows with amounts, what was handed over, and what came back."""
    sums: list[_Sum] = []
    paid: list[float] = []
    back: list[float] = []
    for number, row in enumerate(sheet.rows):
        line = "  ".join(cell.text for cell in row)
        found = values.find(line, "money")
        if not found:
            continue
        label = line[: line.find(found[0])].strip(" .:-–…")
        amount = values.number_in(found[-1])
        if amount is None:
            continue
        if _BACK.search(label):
            back.append(abs(amount))
        elif _PAID.search(label) and not re.search(r"total", label, re.IGNORECASE):
            paid.append(abs(amount))
        else:
            sums.append(_Sum(number, label, found[-1], amount, len(found)))
    return sums, paid, back

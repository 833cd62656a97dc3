"""Answers from what the matcher found: values quoted, rows counted, numbers added and compared.

Numbers are worked out here, from the words that were marked; the network only says which they are
and what is to be done with them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sightline.engines.embedded.ear.confidence import widened
from sightline.engines.embedded.ear.facts import text_of
from sightline.engines.embedded.ear.matcher import Match, Part
from sightline.engines.embedded.ear.tokens import BARS, Word
from sightline.engines.embedded.passages import Said, own, quote
from sightline.engines.embedded.values import number_in
from sightline.engines.embedded.words import joined
from sightline.perception.rows import Box, around

_MOST_LISTED = 60
_FEWEST = 2  # of what is counted: where one is found the others are most often not
_LEADERS = re.compile(r"^[\s.·…_•*-]+(?=\s)|^[.·…_]{2,}")  # dots that lead the eye to a value
_ONE_NUMBER = re.compile(r"\d[\d.,' ]*")


@dataclass(frozen=True, slots=True)
class QuotedPart:
    """Part of an answer as it is printed, its place in pixels of the picture, what names it."""

    text: str
    box: Box
    row: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Composed:
    """An answer, what it was made of (`told`), and what it follows from (`note`).

    `so` is the answer to a question of yes or no, None for others.
    """

    value: str
    told: tuple[QuotedPart, ...]
    note: str = ""
    so: bool | None = None

    @property
    def rows(self) -> tuple[int, ...]:
        """The lines of the page that it was made of, by number."""
        return tuple(dict.fromkeys(one.row for one in self.told))


def compose(question: str, found: Match, words: Sequence[Word]) -> Composed | None:
    """Make an answer of what was found; None where it cannot be worked out."""
    told = gathered(found.parts, words)
    operation = found.operation
    if operation == "quote":
        return _printed(question, found, told, words)
    values = [one.text for one in told]
    if operation in ("yes", "no", "has", "lacks"):
        if compares(question):
            return _compared(question, gathered([found.best], words)[0])
        lines = list(dict.fromkeys(_line(part, words) for part in found.parts))
        return _judged(operation in ("yes", "has"), told, joined(lines[:2]))
    if operation == "count":
        if len(told) < _FEWEST:
            return None
        return Composed(str(len(told)), tuple(told), joined(values[:_MOST_LISTED]))
    amounts = [_amount(value) for value in values]
    if any(amount is None for amount in amounts):
        return None
    return _worked_out(question, operation, told, [a for a in amounts if a is not None])


def _printed(
    question: str, found: Match, told: list[QuotedPart], words: Sequence[Word]
) -> Composed | None:
    """Give what is printed, or what one value of it makes; None where it is not what is asked for."""
    alone = found.parts[0] if len(told) == 1 else None
    if alone is not None and _ASKS_NUMBER.search(question):
        told = [_with_number(told[0], alone, words)]
    said = ", ".join(dict.fromkeys(one.text for one in told))
    if _AMOUNTS.fullmatch(said) and not _ASKS_SEVERAL.search(question):
        return None  # which of them is meant is not known
    if not said or _is_of_another_unit(question, said):
        return None
    worked = _left(question, said)
    if alone is not None:
        line = text_of(words, alone.fact.words)
        worked = worked or _of_one(question, said, told[0].name or line)
        if _YEAR.fullmatch(said):
            said = _year_of(question, said, line)
    if worked is not None:
        return Composed(worked, tuple(told), said)
    return Composed(_end_of(question, said), tuple(told))


# "$135 $810.00": what stands in two columns, and was taken for one value.
_AMOUNTS = re.compile(
    r"(?:[$€£¥]\s?\d[\d.,]*|\d[\d.,]*\s?[€£])(?:\s+(?:[$€£¥]\s?\d[\d.,]*|\d[\d.,]*\s?[€£]))+"
)
_ASKS_SEVERAL = re.compile(
    r"\b(?:and|both|each|all|every|prices|amounts|rates|costs|fees|charges|columns?|row)\b", re.I
)
_ASKS_NUMBER = re.compile(r"\bhow many\b|\bnumber of\b", re.I)


# What is counted by a unit; a number of another unit does not say how many there are.
_COUNTED_BY = {
    "gb": "gb gig", "mb": "mb meg", "kg": "kg kilo", "g": "gram", "mg": "mg milli", "lb": "lb pound", "lbs": "lb pound",
    "oz": "oz ounce", "ml": "ml milli", "cl": "cl centi", "l": "lit", "km": "km kilo", "mi": "mile", "m": "met",
    "cm": "cm centi", "mm": "mm milli", "kcal": "kcal cal", "kj": "kj kilo", "kwh": "kwh kilo unit", "w": "watt", "v": "volt",
}  # fmt: skip
_OF_UNIT = re.compile(rf"[~±<>]?\s?\d[\d.,]*\s?(?P<unit>{'|'.join(_COUNTED_BY)})\b\.?", re.I)


def _is_of_another_unit(question: str, said: str) -> bool:
    """Say whether it is asked how many there are of what a number's unit does not count."""
    measured = _OF_UNIT.fullmatch(said)
    if measured is None or not _ASKS_NUMBER.search(question):
        return False
    names = _COUNTED_BY[measured["unit"].lower()].split()
    return not any(w.startswith(tuple(names)) for w in question.lower().split())


_PART_OF = re.compile(
    r"(?P<part>\d[\d.,]*)\s?(?P<unit>[a-z]{0,4})\s?(?:/|of|out of)\s?(?P<whole>\d[\d.,]*)\s?(?P<other>[a-z]{0,4})",
    re.IGNORECASE,
)
_ASKS_LEFT = re.compile(r"\b(?:left|remain\w*|free|available|unused|to go|still missing)\b", re.I)


def _left(question: str, said: str) -> str | None:
    """Work out what is left of a whole of which a part is told ("412 GB of 512 GB"); None elsewhere."""
    told = _PART_OF.fullmatch(said.strip())
    if told is None or not _ASKS_LEFT.search(question) or not told["other"]:
        return None
    if told["unit"] and told["unit"].lower() != told["other"].lower():
        return None
    values = told["whole"], told["part"]
    amounts = [amount for amount in map(_amount, values) if amount is not None]
    made = _added("difference", values, amounts)
    return None if made is None else f"{made[0]} {told['other']}"


# "2 Panna cotta  13.00": what several came to.
_SO_MANY = re.compile(r"\s*(?P<count>[2-9]|[1-9]\d) ?x? (?=[^\W\d]{3})", re.IGNORECASE)
_PAID = re.compile(r"[$€£¥]?\s?\d[\d.,]*\s?[€£]?")
_ASKS_ONE = re.compile(
    r"\b(?:each|apiece|a piece|per (?:piece|unit|item)|(?:one|a single|1) (?!of\b)\w+)\b",
    re.IGNORECASE,
)


def _of_one(question: str, said: str, line: str) -> str | None:
    """Work out what one costs where a line says what several came to; None elsewhere."""
    several = _SO_MANY.match(line)
    amount = _amount(said) if _PAID.fullmatch(said) else None
    if several is None or amount is None or not re.search(r"[.,]\d\d\b", said):
        return None
    if not _ASKS_ONE.search(question) or amount <= 0:
        return None
    cents, left = divmod(round(100 * amount), int(several["count"]))
    return None if left else f"{cents / 100:.2f}"  # else it is no price of one


def _with_number(one: QuotedPart, part: Part, words: Sequence[Word]) -> QuotedPart:
    """Take in the number before what is counted ("8 books"), where that alone was marked."""
    numbers = part.fact.words
    at = numbers.index(part.words[0])
    before = words[numbers[at - 1]] if at else None
    if before is None or any(map(str.isdigit, one.text)) or not before.text[:1].isdigit():
        return one
    return replace(one, text=f"{before.text} {one.text}", box=around([before.box, one.box]))


def _judged(so: bool, told: Sequence[QuotedPart], note: str) -> Composed:
    return Composed("Yes" if so else "No", tuple(told), note, so)


# "Is it more than 30 pounds?", "Does she work under 20 hours?"
_COMPARES = re.compile(
    r"\b(?:(more|higher|greater|larger|bigger|longer|heavier|older|dearer|over|above|at least|exceed\w*)"
    r"|(?:less|lower|smaller|shorter|lighter|younger|cheaper|fewer|under|below|at most))\b(?: than)?\W+(?:\w+ )?\W?\d",
    re.IGNORECASE,
)


def compares(question: str) -> bool:
    """Say whether a question of yes or no compares something with a number."""
    return _COMPARES.search(question) is not None


def _compared(question: str, one: QuotedPart) -> Composed | None:
    """Compare a printed number with that of a question of yes or no; None where either is no number."""
    asked, amount, over = _bound(question), _amount(one.text), _COMPARES.search(question)
    if asked is None or amount is None or over is None:
        return None
    equal = amount == asked and over[0].lower().startswith("at ")
    so = equal or (amount > asked if over[1] else amount < asked)
    name = one.name.strip(f" .,;:{BARS}")
    return _judged(so, [one], f"{name}: {one.text}" if name else one.text)


# Of hours and days from one to another, the end that is asked for.
_BEGINS = re.compile(
    r"\b(?:open|opens|opened|start\w*|begin\w*|earliest|from when|departs?|leaves?)\b", re.I
)
_ENDS = re.compile(
    r"\b(?:clos\w+|shut\w*|end|ends|ended|finish\w*|complet\w*|done|over|until|till|latest|stops?)\b",
    re.I,
)
_RANGE = re.compile(
    r"(?:from |between )?(?P<first>\d{1,2}(?:[:.]\d\d)?(?: ?[ap]\.?m\.?)?) ?(?:-|–|—|to|until|till|and) ?(?P<last>\d{1,2}(?:[:.]\d\d)?(?: ?[ap]\.?m\.?)?)(?: h)?",
    re.IGNORECASE,
)  # fmt: skip


def _end_of(question: str, said: str) -> str:
    """Give the end of a range of hours that a question asks for: when it opens, when it closes."""
    hours = _RANGE.fullmatch(said.strip())
    begins, ends = _BEGINS.search(question), _ENDS.search(question)
    if hours is None or (begins is None) == (ends is None) or not _AT.search(question):
        return said
    return hours["first" if begins else "last"]


_YEAR = re.compile(r"(?:1\d|20)\d\d")
_YEARS = re.compile(rf"(?P<first>{_YEAR.pattern}) ?(?:-|–|—|to|until) ?(?P<last>{_YEAR.pattern})")


def _year_of(question: str, year: str, text: str) -> str:
    """Give the year of "1743–1751" that a question asks for: when it began, when it ended."""
    spans = [found for found in _YEARS.finditer(text) if year in found.groups()]
    begins, ends = _BEGINS.search(question), _ENDS.search(question)
    if len(spans) != 1 or (begins is None) == (ends is None):
        return year
    return spans[0]["first" if begins else "last"]


_AT = re.compile(
    r"\bwhen\b|\bwhat (?:time|hour)\b|\bhow (?:late|early)\b|\b(?:un)?til(?:l)? what\b", re.I
)


def of_two(operation: str, values: Sequence[str]) -> Said | None:
    """Work out a sum or a difference of values that were asked for one by one; None where it cannot."""
    amounts = [_amount(value) for value in values]
    units = {re.sub(r"[\W\d_]", "", value).lower() for value in values} - {""}
    if any(amount is None for amount in amounts) or len(units) > 1:
        return None
    if len(set(values)) < len(values):
        return None  # one value is not known to be two things
    made = _added(operation, values, [amount for amount in amounts if amount is not None])
    return None if made is None else Said.of(made[0], " (", quote(made[1]), ").")


def _line(part: Part, words: Sequence[Word]) -> str:
    """Give what a yes or no follows from as people can check it: the whole line, with its label."""
    short = len(part.fact.words) <= _MOST_NOTED
    text = text_of(words, part.fact.words if short else part.words).strip(f" .,;:{BARS}")
    roles = part.fact.around
    name = (roles.get("row") or roles.get("label") or "").strip(f" .,;:{BARS}")
    says_all = not name or name in text or len(part.fact.words) > _FEW
    return text if says_all else f"{name}: {text}"


_MOST_NOTED, _FEW = 14, 4  # words of a line that is noted whole; of one that needs its label


def gathered(parts: Sequence[Part], words: Sequence[Word]) -> list[QuotedPart]:
    """Put parts in reading order, those of prose that go on in the next line together."""
    ordered = sorted(parts, key=lambda part: part.words[0])
    runs: list[list[Part]] = []
    for part in ordered:
        if runs and _goes_on(runs[-1][-1], part):
            runs[-1].append(part)
        else:
            runs.append([part])
    made = []
    for run in runs:
        numbers = [number for part in run for number in _whole(part, words)]
        text = _LEADERS.sub("", text_of(words, numbers)).strip(f" ,;:{BARS}")
        if text.count("(") > text.count(")"):
            text = text.lstrip("(")
        if text.count(")") > text.count("("):
            text = text.rstrip(")")
        box = around([words[number].box for number in numbers])
        made.append(QuotedPart(text.rstrip("."), box, run[0].fact.row, _name(run[0])))
    return made


def _whole(part: Part, words: Sequence[Word]) -> tuple[int, ...]:
    """Take in the rest of a date, a time or an amount of which a part was marked."""
    numbers = part.fact.words
    ends = [len(text_of(words, numbers[: at + 1])) for at in range(len(numbers))]
    spans = [
        (end - len(words[number].text), end) for number, end in zip(numbers, ends, strict=True)
    ]
    mine = [span for number, span in zip(numbers, spans, strict=True) if number in part.words]
    begin, end = widened(text_of(words, numbers), mine[0][0], mine[-1][1])
    if _SERIES.fullmatch(text_of(words, numbers)) and begin == len(words[numbers[0]].text) + 1:
        begin = 0  # the letters that a number begins with
    kept = [at for at, (a, b) in enumerate(spans) if a < end and b > begin]
    return tuple(numbers[at] for at in _finished(kept, [words[n].text for n in numbers]))


# "PB 771 02 339", but no "VAT 12.50" and no "Tel 0171 555".
_SERIES = re.compile(
    r"(?!(?:TEL|FAX|FON|NO|NR|REF|ID|PIN|ZIP|QTY|INV|ACC|VAT|TAX) )[A-Z]{1,4} (?=(?:\D*\d){5})[\d][\d /-]*\d"
)


def _finished(kept: list[int], texts: Sequence[str]) -> list[int]:
    """Go on where a text that was cut out ends in the middle ("in front of the"), or says nothing.

    It goes on to the next sign that ends a phrase, a few words at most; `kept` numbers `texts`.
    """
    said = [texts[at] for at in kept]
    if not any(any(sign.isalnum() for sign in text) for text in said):  # a currency alone
        before = [at for at in (kept[0] - 1,) if at >= 0 and texts[at][-1:].isdigit()]
        after = [at for at in (kept[-1] + 1,) if at < len(texts) and texts[at][:1].isdigit()]
        kept = [*before, *kept, *([] if before else after)]
    open_ = " ".join(texts[at] for at in kept)
    shut = next((n for n in range(kept[-1] + 1, len(texts)) if ")" in texts[n]), None)
    if open_.count("(") > open_.count(")") and shut is not None:
        kept = [*kept, *range(kept[-1] + 1, shut + 1)]
    at = kept[-1]
    if texts[at].lower() not in _UNFINISHED or at + 1 >= len(texts):
        return kept
    more = list(range(at + 1, min(len(texts), at + 1 + _MOST_MORE)))
    ends = next((n for n in more if texts[n][-1:] in ",.;:!?)"), more[-1])
    return [*kept, *range(at + 1, ends + 1)]


_UNFINISHED = frozenset(
    "the a an of in on at for to from by with and or your our his her their its this that these those per between into under over".split()
)
_MOST_MORE = 6


def _goes_on(before: Part, after: Part) -> bool:
    """Say whether a part begins the line below that which another ends."""
    return (
        before.words[-1] == before.fact.words[-1]
        and after.words[0] == after.fact.words[0]
        and after.words[0] == before.words[-1] + 1
        and len(before.fact.words) >= 4
        and after.fact.row == before.fact.row + 1
    ) or (
        # one line that was told in two facts
        after.words[0] == before.words[-1] + 1 and after.fact.row == before.fact.row
    )


def _name(part: Part) -> str:
    """Give what names a value: what begins its row, or stands under it."""
    roles = part.fact.around
    return roles.get("row") or roles.get("label") or roles.get("below") or ""


_TIME = re.compile(r"(\d{1,2}):(\d{2})(?: ?h)?")


def _amount(text: str) -> float | None:
    """Read the only number of a text, or a time in minutes; None where there is none, or several."""
    time = _TIME.fullmatch(text.strip())
    if time is not None:
        return 60.0 * int(time[1]) + int(time[2])
    return number_in(text) if len(_ONE_NUMBER.findall(text)) == 1 else None


def _worked_out(
    question: str, operation: str, told: Sequence[QuotedPart], amounts: Sequence[float]
) -> Composed | None:
    values = [one.text for one in told]
    if operation in ("sum", "average", "difference"):
        made = _added(operation, values, amounts)
        return None if made is None else Composed(made[0], tuple(told), made[1])
    if operation in ("most", "least", "highest", "lowest"):
        if len(amounts) < 2:
            return None
        chosen = max if operation in ("most", "highest") else min
        best = chosen(amounts)
        same = [i for i, amount in enumerate(amounts) if amount == best]
        if operation in ("highest", "lowest"):
            return Composed(values[same[0]], (told[same[0]],))
        names = [told[i].name for i in same]
        if not all(names):
            return None
        return Composed(joined(names), tuple(told[i] for i in same), values[same[0]])
    asked = _bound(question)
    if asked is None:
        return None
    if operation in ("over", "under"):
        over = amounts[0] > asked if operation == "over" else amounts[0] < asked
        return _judged(over, told[:1], values[0])
    above = operation == "count over"
    kept = [i for i, amount in enumerate(amounts) if (amount > asked if above else amount < asked)]
    listed = [f"{told[i].name} {values[i]}".strip() for i in kept][:_MOST_LISTED]
    return Composed(str(len(kept)), tuple(told[i] for i in kept), joined(listed) if listed else "")


def _added(
    operation: str, values: Sequence[str], amounts: Sequence[float]
) -> tuple[str, str] | None:
    """Give the result with what it was worked out of; times of a day are only told apart."""
    if len(amounts) < 2 or (operation == "difference" and len(amounts) != 2):
        return None
    sign = {"sum": " + ", "difference": " − ", "average": ", "}[operation]
    if any(_TIME.fullmatch(value.strip()) for value in values):
        apart = f"{abs(amounts[0] - amounts[1]):.0f} minutes"
        return (apart, " and ".join(values)) if operation == "difference" else None
    result = abs(amounts[0] - amounts[1]) if operation == "difference" else sum(amounts)
    if operation == "difference" and amounts[0] < amounts[1]:
        values = values[::-1]
    places = max(
        (len(m[1]) for v in values if (m := re.search(r"[.,](\d{1,2})\D*$", v))), default=0
    )
    if operation == "average":
        result /= len(amounts)
        places = max(places, 2 if result != round(result) else 0)
    return f"{result:.{places}f}", sign.join(values)


def _bound(question: str) -> float | None:
    """Read the number that a question compares with: its last."""
    found = re.findall(r"\d[\d.,']*", question)
    return number_in(found[-1]) if found else None


_DENIES = re.compile(
    r"\b(?:no|not|never|none|without|nothing|nobody|neither|off|zero|except|free of"
    r"|forbidden|prohibited|unable|kein\w*|nicht|nie|pas|sans|aucune?|sin|ning[uú]n\w*|non|senza|nessun\w*|n[aã]o|sem|nenhum\w*|niet|geen)\b"
    r"|n't\b|(?<![\d.,])0 ?%",
    re.IGNORECASE,
)


# What a thing is said to be that is not there, or does not work; a question may ask just that.
_STATES = re.compile(
    r"\bout of (?:order|stock|service|use|print)\b|\bsold out\b|\b(?:cancell?ed|closed|broken|unavailable|suspended|expired"
    r"|discontinued|withdrawn|fail(?:ed|s)|rejected|refused|declined|postponed|defective|faulty|disabled|invalid|void)\b",
    re.IGNORECASE,
)


def denies(text: str, question: str = "") -> bool:
    """Say whether a text may deny what it speaks of, so that finding it is no "yes".

    What a thing is said to be ("sold out") denies it, save where the question asks for that.
    """
    if _DENIES.search(text):
        return True
    return _STATES.search(text) is not None and _STATES.search(question) is None


def quoted(answer: Composed) -> Said:
    """Quote what an answer follows from, where that does not settle it."""
    return Said.of("The text says “", quote(answer.note, answer.rows), "”.")


def written(answer: Composed, operation: str, question: str = "", *, terse: bool) -> Said:
    """Write an answer: the value alone, or with what it follows from where it was worked out."""
    if answer.so and denies(answer.note, question):
        return quoted(answer)
    printed = operation in ("quote", "most", "least", "highest", "lowest")
    value = quote(answer.value, answer.rows) if printed else own(answer.value)
    if terse or operation == "quote" or not answer.note:
        return value
    note = quote(answer.note, answer.rows)
    if operation in ("sum", "difference", "average", "most", "least"):
        return Said.of(value, " (", note, ").")
    return Said.of(value, ": ", note, ".")

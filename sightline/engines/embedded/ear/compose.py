"""Answers from what the matcher found: values quoted, rows counted, numbers added and compared.

Numbers are worked out here, from the words that were marked; the network only says which they are
and what is to be done with them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sightline.engines.embedded.ear.confidence import widened
from sightline.engines.embedded.ear.facts import text_of
from sightline.engines.embedded.ear.matcher import Match, Part
from sightline.engines.embedded.ear.tokens import BARS, Word
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


def compose(question: str, found: Match, words: Sequence[Word]) -> Composed | None:
    """Make an answer of what was found; None where it cannot be worked out."""
    told = gathered(found.parts, words)
    values = [one.text for one in told]
    operation = found.operation
    if operation == "quote":
        return Composed(", ".join(dict.fromkeys(values)), tuple(told)) if any(values) else None
    if operation in ("yes", "no", "has", "lacks"):
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


def _judged(so: bool, told: Sequence[QuotedPart], note: str) -> Composed:
    return Composed("Yes" if so else "No", tuple(told), note, so)


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
    kept = [at for at, (a, b) in enumerate(spans) if a < end and b > begin]
    return tuple(numbers[at] for at in _finished(kept, [words[n].text for n in numbers]))


def _finished(kept: list[int], texts: Sequence[str]) -> list[int]:
    """Go on where a text that was cut out ends in the middle ("in front of the"), or says nothing.

    It goes on to the next sign that ends a phrase, a few words at most; `kept` numbers `texts`.
    """
    said = [texts[at] for at in kept]
    if not any(any(sign.isalnum() for sign in text) for text in said):  # a currency alone
        before = [at for at in (kept[0] - 1,) if at >= 0 and texts[at][-1:].isdigit()]
        after = [at for at in (kept[-1] + 1,) if at < len(texts) and texts[at][:1].isdigit()]
        kept = [*before, *kept, *([] if before else after)]
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


def _amount(text: str) -> float | None:
    """Read the only number of a text; None where there is none, or several."""
    return number_in(text) if len(_ONE_NUMBER.findall(text)) == 1 else None


def _worked_out(
    question: str, operation: str, told: Sequence[QuotedPart], amounts: Sequence[float]
) -> Composed | None:
    values = [one.text for one in told]
    if operation in ("sum", "average", "difference"):
        return _added(operation, told, amounts)
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


def _added(operation: str, told: Sequence[QuotedPart], amounts: Sequence[float]) -> Composed | None:
    values = [one.text for one in told]
    if len(amounts) < 2 or (operation == "difference" and len(amounts) != 2):
        return None
    result = abs(amounts[0] - amounts[1]) if operation == "difference" else sum(amounts)
    places = max(
        (len(m[1]) for v in values if (m := re.search(r"[.,](\d{1,2})\D*$", v))), default=0
    )
    if operation == "average":
        result /= len(amounts)
        places = max(places, 2 if result != round(result) else 0)
    sign = {"sum": " + ", "difference": " − ", "average": ", "}[operation]
    return Composed(f"{result:.{places}f}", tuple(told), sign.join(values))


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


def denies(text: str) -> bool:
    """Say whether a text may deny what it speaks of, so that finding it is no "yes"."""
    return _DENIES.search(text) is not None


def quoted(answer: Composed) -> str:
    """Quote what an answer follows from, where that does not settle it."""
    return f"The text says “{answer.note}”."


def written(answer: Composed, operation: str, *, terse: bool) -> str:
    """Write an answer: the value alone, or with what it follows from where it was worked out."""
    if answer.so and denies(answer.note):
        return quoted(answer)
    if terse or operation == "quote" or not answer.note:
        return answer.value
    if operation in ("sum", "difference", "average", "most", "least"):
        return f"{answer.value} ({answer.note})."
    return f"{answer.value}: {answer.note}."

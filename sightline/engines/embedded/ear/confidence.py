"""How likely an answer is right: what the network says of it, and whether its form fits.

A question word binds the form of what answers it: who asks for a name, when for a date or a time,
how much for an amount. The weights come with the network (`ear.json`); `training/ear/bounds.py`
fits them on held-out work.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sightline.engines.embedded import values
from sightline.engines.embedded.question_form import begins_as_yes_or_no, works_out

if TYPE_CHECKING:
    from sightline.engines.embedded.ear.matcher import Match

_KINDS: tuple[tuple[str, tuple[values.Kind, ...]], ...] = (
    (r"\b(?:tele)?phone|\bcall\b|\bring\b|\bfax\b|\bmobile\b", ("phone",)),
    (r"\be-?mail", ("email",)),
    (r"\bweb ?(?:site|page|address)?\b|\burl\b", ("url",)),
    (r"\bwhat time\b|\bat what hour|\bo'clock\b", ("time", "hours")),
    (r"\bwhen\b|\b(?:what|which) (?:day|date)\b|\bdate\b", ("date", "time", "hours")),
    (r"\bpercent|\bshare\b|\brate\b", ("percent", "number")),
    (
        r"\bhow (?:heavy|tall|wide|high|deep|fast|hot|cold|far|long|big|large)\b|\bweigh",
        ("measure", "number", "date"),
    ),
    (
        r"\b(?:costs?|prices?|fees?|worth)\b|\bhow much\b.*\b(?:pay|paid|charged?|owe[sd]?)\b",
        ("money",),
    ),
    (r"\bhow much\b|\b(?:total|amount|sum|balance)\b", ("money", "number", "measure")),
    (r"\bhow many\b|\bnumber of\b|\bhow old\b", ("number", "measure")),
)  # fmt: skip
_WEEKDAY = re.compile(
    r"\b(?:mon|tue|tues|wed|wednes|thu|thurs|fri|sat|satur|sun)(?:day)?s?\b|\btoday\b|\btomorrow\b"
    r"|\b(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b|^\W*(?:[a-z]+ ){0,4}(?:1[5-9]|20)\d{2}\b(?! [A-Z])",
    re.IGNORECASE,
)
_CODE = re.compile(r"\W*[A-Z]{1,3} ?\d+\W*")  # a flight, a licence plate
_FIGURES = re.compile(r"[^\w%]*\d[\d.,' ]*(?:[^\w%]|free)*|free", re.IGNORECASE)  # an amount
_WHO = re.compile(r"\bwho\b|\bwhom\b|\bname of\b|'s name\b|\bname\b", re.IGNORECASE)
_NAME = re.compile(r"[^\W\d_]*[A-ZÀ-Þ][^\W\d_]+")
_HOUSE = re.compile(r"\d+[A-Za-z]?,")
_WHY = re.compile(r"\bwhy\b|\breason\b|\bhow come\b", re.IGNORECASE)
_SEVERAL = re.compile(r",|\band\b|\bboth\b", re.IGNORECASE)
_AMOUNT = re.compile(
    r"\bhow (?:many|much)\b|\bwhen\b|\bwhat time\b|\b(?:costs?|prices?)\b", re.IGNORECASE
)
FEATURES = 23


def form(question: str, value: str) -> int:
    """Say whether a value has the form that is asked for: 1, -1, or 0 where none is."""
    asked = question.lower()
    for pattern, kinds in _KINDS:
        if re.search(pattern, asked):
            if any(values.find(value, kind) for kind in kinds):
                return 1
            if "date" in kinds and _WEEKDAY.search(value) and not _CODE.fullmatch(value):
                return 1
            if kinds == ("money",) and _FIGURES.fullmatch(value):
                return 1
            return -1
    if _WHO.search(asked):
        digits = sum(sign.isdigit() for sign in value)
        if any(values.find(value, kind) for kind in ("email", "url", "phone")):
            return -1
        if _HOUSE.match(value):  # "3B, 27 Quarry Hill": an address
            return -1
        return 1 if _NAME.search(value) and digits <= len(value) / 3 else -1
    if _WHY.search(asked):
        return 1 if len(value.split()) >= 2 else -1
    return 0


def widened(text: str, begin: int, end: int) -> tuple[int, int]:
    """Widen a part of a text to the whole date, time, amount or measure that it cuts."""
    kinds: tuple[values.Kind, ...] = ("money", "measure", "time", "date", "phone", "email", "url")
    for kind in kinds:
        for found in values.PATTERNS[kind].finditer(text):
            a, b = found.span()
            if a <= begin and end <= b and (a, b) != (begin, end):
                return a, b
    return begin, end


def features(
    question: str, found: Match, value: str, agrees: int, *, unfound: bool = False
) -> list[float]:
    """Give what tells how likely an answer is right: `FEATURES` numbers.

    `agrees` is 1, 0 or -1 as rules answer alike, not at all, or otherwise; `unfound` says that rules
    know what is asked for by its name, and did not find it.
    """
    fits = form(question, value)
    quotes = found.operation == "quote"
    judged = float(found.operation in ("yes", "no", "has", "lacks"))
    return [
        1.0, _logit(found.there), _logit(found.share), _logit(found.named), _logit(found.found),
        _logit(1 - found.missed), _logit(found.cut),
        float(fits > 0), float(fits < 0), float(agrees > 0), float(agrees < 0),
        float(len(found.parts) > 1), min(12, len(value.split())) / 12,
        float(not quotes), float(unfound),
        judged, judged * _logit(found.found), judged * _logit(found.named), judged * _logit(found.there),
        float(begins_as_yes_or_no(question)),
        float(quotes and len(found.parts) == 1 and _SEVERAL.search(question) is not None),
        float(quotes and works_out(question)),
        float(_AMOUNT.search(question) is not None and not any(map(str.isdigit, value))),
    ]  # fmt: skip


def likely(weights: Sequence[float], told: Sequence[float]) -> float:
    """Give the probability that an answer with these features is right."""
    return 1 / (1 + math.exp(-sum(w * x for w, x in zip(weights, told, strict=True))))


def _logit(share: float) -> float:
    bounded = min(0.999, max(0.001, share))
    return math.log(bounded / (1 - bounded))

"""Questions for a number of a unit: "How many calories per portion?", "How many minutes does it bake?".

People say the unit in full where papers print its sign. A number of it is told where it is the only one,
or the only one in a line with what else is asked for.
"""

from __future__ import annotations

import re

from sightline.engines.embedded import words
from sightline.engines.embedded.evidence import Exhibit

_SIGNS = {
    "calories?|kilocalories?|kcal": "kcal|cal(?:ories)?",
    "kilojoules?|kj": "kj",
    "grams?|grammes?": "g|grams?",
    "kilograms?|kilos?|kg": "kg|kilos?",
    "milligrams?|mg": "mg",
    "pounds?": "lbs?|pounds?",
    "ounces?": "oz|ounces?",
    "millilit(?:er|re)s?|ml": "ml",
    "lit(?:er|re)s?": "l|lit(?:er|re)s?",
    "minutes?|mins?": "min(?:s|ute|utes)?",
    "hours?": "h|hrs?|hours?",
    "seconds?": "s|sec(?:s|onds?)?",
    "kilomet(?:er|re)s?|km": "km|kilomet(?:er|re)s?",
    "met(?:er|re)s?": "m|met(?:er|re)s?",
    "centimet(?:er|re)s?|cm": "cm",
    "miles?": "mi|miles?",
    "degrees?": "°\\s?[cf]?|degrees?",
    "percent|per cent": "%|percent|per cent",
    "watts?": "w|watts?",
    "kilowatt[- ]hours?|kwh": "kwh",
}
_ASKED = re.compile(
    rf"\bhow many (?P<unit>{'|'.join(_SIGNS)})\b(?! of (?:the )?(?:pictures?|images?))(?P<rest>.*)",
    re.IGNORECASE,
)
_NOT_OF = re.compile(
    r"\b(?:between|from|until|more|less|fewer|left|in total|altogether|together|each way)\b", re.I
)
_ASKS = frozenset(
    "take takes took last lasts need needs have has per contain contains use used get".split()
)


def look_up(text: str, exhibit: Exhibit) -> str | None:
    """Give a number with its unit; None where the question asks for none or there are several."""
    asked = _ASKED.search(text)
    if asked is None or _NOT_OF.search(text):
        return None
    sign = next(
        s for names, s in _SIGNS.items() if re.fullmatch(names, asked["unit"], re.IGNORECASE)
    )
    number = re.compile(rf"(?<![\w.,])\d[\d.,]*\s?(?:{sign})(?!\w)", re.IGNORECASE)
    rest = [w for w in words.content(text[: asked.start()] + " " + asked["rest"]) if w not in _ASKS]
    lines = exhibit.sheet.lines
    every = [(at, found[0]) for at, line in enumerate(lines) for found in number.finditer(line)]
    if not rest:
        return every[0][1] if len(every) == 1 else None
    # What is asked for stands in the same line, or ends the line above.
    near = [
        said
        for at, said in every
        if words.covers(words.tokens(" ".join(lines[max(0, at - 1) : at + 1])), rest) == len(rest)
    ]
    own = [said for at, said in every if words.covers(words.tokens(lines[at]), rest) == len(rest)]
    told = own or near
    return told[0] if len(told) == 1 else None

"""Who issued a paper: the name at its head, which seldom has a label.

A line is the likelier a name the more it reads like a business (a legal form, a word for a trade), the
higher it stands, and where a number of a register, an address or a telephone number follows it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sightline.engines.embedded import values
from sightline.engines.embedded.paper.sheet import FoundValue, Sheet
from sightline.engines.embedded.values import Kind

_LEGAL = re.compile(
    r"\b(?:sdn\.? ?bhd|s/b|bhd|berhad|ltd|limited|llc|llp|inc|incorporated|corp|corporation|plc|pty|pte|gmbh|mbh|ag|kg|ohg"
    r"|e\.k|ug|sarl|sas|eurl|s\.?a\.?s?|s\.?r\.?l|s\.?p\.?a|s\.?l|ltda|lda|b\.?v|n\.?v|oy|ab|aps|a/s|co|company|& sons?|bros|brothers)"
    r"(?=[\s.,()]|$)",
    re.IGNORECASE,
)
_TRADES = re.compile(
    r"(?:mart|market|supermarket|hypermarket|restaurante?|restoran|cafe|café|coffee|bistro|trattoria|osteria|pizzeria|grill"
    r"|bar|pub|kitchen|bakery|bakeries|bäckerei|boulangerie|panaderia|deli|foods?|trading|enterprises?|hardware|stationery"
    r"|books?|bookstore|florist|pharmacy|apotheke|pharmacie|farmacia|hotel|hostel|inn|stores?|shop|boutique|salon|clinic|dental"
    r"|hospital|studio|garage|motors?|motor|auto|petrol|station|electronics?|furniture|services?|agency|workshop|cleaners|laundry"
    r"|school|college|university|library|museum|theatre|theater|cinema|club|bank|travel|tours|telecommunications|marketing"
    r"|advertising|holdings?|group|industries|cuisine|house|express|center|centre|gifts?|décor|decor|crafts?|handicraft)",
    re.IGNORECASE,
)
_REGISTER = re.compile(
    r"[(\[]\s*(?:co\.?|company|reg\w*|no|gst|roc|[:. -])*\s*[A-Z]{0,3}\d[\w /.-]{3,}[)\]]?|^\W*\d{6,}-?\s?[A-Z]\b",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"^\W*(?:(?:no|lot|unit|block|blk|level|suite|floor)\b[\W_]*[A-Z.]{0,4}[- ]?\d|\d+(?:st|nd|rd|th)\b"
    r"|[A-Z]?-?\d[\w-]*,?\s*[\w,])"
    r"|\b(?:street|st|road|rd|avenue|ave|lane|drive|way|square|jalan|jln|taman|persiaran|lorong|stra(?:ss|ß)e|str|platz|weg"
    r"|rue|place|calle|via|piazza|rua|plaza|mall|floor|ground|tower|wisma|p\.?o\.? box)\b|\b\d{5}\b|stra(?:ss|ß)e\b",
    re.IGNORECASE,
)
_REACH = re.compile(
    r"\b(?:tel|phone|fax|mobile|e-?mail|www|http|gst|vat|tax|ust|reg|siret|abn)\b|@", re.I
)
_NUMBER = re.compile(r"(?:\d.*){4}|^[(#]\d+[)]?$")  # of a register, at an end
_OTHER = re.compile(
    r"\b(?:receipt|invoice|bill|copy|cashier|thank|welcome|table|customer|order|date|time|server|counter|counters|member|guest"
    r"|page|statement|quotation|total|cash|change|rechnung|beleg|quittung|facture|factura|fattura|ticket|fecha|datum)\b|[:：]",
    re.IGNORECASE,
)
_KINDS: tuple[Kind, ...] = ("date", "time", "money", "phone", "email", "url")
_LINES = 14  # from the top
_LEAST = 2.4  # of the score, from which on a line is taken for a name
_SURE = 0.9
_NEAR = 1.6  # heights, within which a name goes on in the next line


@dataclass(frozen=True, slots=True)
class _HeadLine:
    text: str
    height: float
    y0: float
    y1: float

    @property
    def is_named(self) -> bool:
        """Whether it may be a name at all."""
        letters = sum(sign.isalpha() for sign in self.text)
        digits = sum(sign.isdigit() for sign in _bare(self.text))
        if letters < 4 or digits > letters or _OTHER.search(self.text):
            return False
        return bool(_LEGAL.search(self.text)) or not any(
            values.find(self.text, kind) for kind in _KINDS
        )


def issuer(sheet: Sheet) -> FoundValue | None:
    """Find the name of who issued a paper; None where no line reads like one. `fit` is high where
    its words say that it is a business."""
    lines = [
        _HeadLine(
            "  ".join(cell.text for cell in row),
            max(cell.box.height for cell in row),
            min(cell.box.y0 for cell in row),
            max(cell.box.y1 for cell in row),
        )
        for row in sheet.rows[:_LINES]
    ]
    usual = sorted(line.height for line in lines)[len(lines) // 2] if lines else 1.0
    scored = [(_score(lines, at, usual), -at) for at in range(len(lines)) if lines[at].is_named]
    if not scored:
        return None
    best, at = max(scored)
    if best < _LEAST:
        return None
    name = _joined(lines, -at)
    after = lines[1 - at : 5 - at]
    placed = any(k.search(one.text) for one in after for k in (_REGISTER, _PLACE, _REACH))
    sure = _LEGAL.search(name) is not None or (_has_trade(name) and placed)
    return FoundValue(name, "", -at, _SURE if sure else 0.6)


def _score(lines: list[_HeadLine], at: int, usual: float) -> float:
    line = lines[at]
    bare = _bare(line.text)
    letters = [sign for sign in bare if sign.isalpha()]
    made = 4.0 * bool(_LEGAL.search(bare)) + 2.0 * _has_trade(bare) + 1.0 * (bare != line.text)
    after = lines[at + 1 : at + 4]
    follows = [_REGISTER.search(one.text) or _PLACE.search(one.text) for one in after]
    made += 1.5 * any(follows) + 0.5 * any(_REACH.search(one.text) for one in after)
    made += 0.8 * (sum(sign.isupper() for sign in letters) > 0.7 * len(letters))
    made += min(1.5, line.height / max(1.0, usual) - 1)
    made += 1.5 * (at == 0 or not any(one.is_named for one in lines[:at]))
    made -= 0.2 * at
    if _PLACE.search(bare) and not _is_business(bare):
        made -= 3
    return made - 1.5 * bool(_REACH.search(bare))


def _has_trade(text: str) -> bool:
    return any(_TRADES.fullmatch(word.strip(".,&()")) for word in text.split())


def _is_business(text: str) -> bool:
    return bool(_LEGAL.search(text)) or _has_trade(text)


def _bare(text: str) -> str:
    """Leave out the number of a register, and what is left of its bracket."""
    words = _REGISTER.sub(" ", text).split()
    for end in (0, -1):
        while words and (_NUMBER.search(words[end]) or not re.search(r"[^\W_]", words[end])):
            words.pop(end)
    bare = " ".join(words).strip(" ,.;:-")
    return bare[1:-1].strip() if re.fullmatch(r"[(\[][^()\[\]]*[)\]]", bare) else bare


def _only_form(text: str) -> bool:
    """Say whether a line only ends a name: "Restaurant Sdn Bhd", "Co. (M) Ltd"."""
    words = [word.strip(".,()") for word in _LEGAL.sub(" ", _bare(text)).split()]
    return all(_TRADES.fullmatch(word) or len(word) < 2 for word in words)


def _joined(lines: list[_HeadLine], at: int) -> str:
    parts = [at]
    while parts[0] and _only_form(lines[parts[0]].text):
        before, here = lines[parts[0] - 1], lines[parts[0]]
        if (
            not before.is_named
            or here.y0 - before.y1 > _NEAR * here.height
            or _PLACE.search(before.text)
        ):
            break
        parts.insert(0, parts[0] - 1)
        if not _only_form(before.text):
            break
    while parts[-1] + 1 < len(lines):
        after, here = lines[parts[-1] + 1], lines[parts[-1]]
        ends = _LEGAL.search(_bare(here.text)) or bool(_REGISTER.search(here.text))
        if ends or not after.is_named or not _only_form(after.text) or _PLACE.search(after.text):
            break
        parts.append(parts[-1] + 1)
    return " ".join(_bare(lines[number].text) for number in parts)

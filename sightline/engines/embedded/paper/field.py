"""Questions about one printed value: the total, the date, the phone number, the price of bread."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sightline.engines.embedded import values, words
from sightline.engines.embedded.paper import concepts
from sightline.engines.embedded.paper.sheet import FoundValue, Sheet, is_meta
from sightline.engines.embedded.values import Kind

_FORMS: tuple[tuple[str, Kind], ...] = (
    (r"\bhow much\b.*\b(?:weigh|heavy|distance|long|far|tall)\b", "measure"),
    (
        r"\bhow much\b|\bprices?\b|\bcosts?\b|\bpaid\b|\bpay\b|\bfee\b|\bfare\b|\bcharged?\b"
        r"|\bamount\b|\bexpensive\b|\bowed?\b|\bsalary\b|\brent\b|\bspent\b",
        "money",
    ),
    (
        r"\bhow far\b|\bdistance\b|\bweigh|\bheavy\b|\bdosage\b|\bdose\b|\bhow (?:long|tall|wide)\b",
        "measure",
    ),
    (
        r"\bpercent(?:age)?\b|\b(?:tax|vat|gst|interest|discount|growth|service)\b.*\brate\b",
        "percent",
    ),
    (r"\bhow many\b|\bquantity\b|\bqty\b", "integer"),
    (r"\b(?:what|which) (?:day|date)\b|\bon (?:what|which) day\b|\bdates?\b", "date"),
    (r"\b(?:what|which) time\b|\btimes?\b|\bo'?clock\b", "time"),
    (r"\be-?mail\b", "email"),
    (r"\bphone|\btelephone|\bfax\b", "phone"),
    (r"\bwebsite|\burl\b|\bweb (?:site|address)", "url"),
)
_KINDS = tuple((re.compile(pattern, re.IGNORECASE), kind) for pattern, kind in _FORMS)
# Where nothing of the asked form stands beside the label, these will do.
_ALSO: dict[Kind, tuple[Kind, ...]] = {
    "money": ("measure", "percent", "number"),
    "integer": ("measure", "number"),
    "measure": ("number",),
    "percent": ("number",),
}
# Words that ask for a form of value and need not be printed themselves.
_FORM_WORDS = frozenset(
    """
    much many price cost paid pay fee fare charge charged amount spent expensive owe owed far
    long distance weigh heavy percent percentage quantity qty day date time o'clock clock
    phone telephone email website url each unit per single apiece start begin end happen take
    place held open close opening closing depart arrive leave value bought buy purchased ordered
    sold selling using use used go going spend buying need must i issued sent made created works work signed
    """.split()
)
_NO_AMOUNT = frozenset("number no id rate percentage code registration".split())
_MOST_PARTS = 12
_WHEN = re.compile(r"^when\b|\bwhen (?:is|does|do|was|will|did|are)\b", re.IGNORECASE)
_WHERE = re.compile(r"^where\b|\bwhere (?:is|does|do|was|will|are)\b", re.IGNORECASE)
_WHO = re.compile(r"^who(?:'s|se)?\b|\bwho (?:is|was|signed|issued|served|sold)\b", re.IGNORECASE)
_TITLE = re.compile(
    r"\b(?:what|which) (?:town|city|village|place|building|shop|store|restaurant|cafe|station|park|company|business"
    r"|organi[sz]ation|school|library|hotel|museum|event|product|book)(?:'s \w+)? (?:is|are) (?:this|it|that|these)\b"
    r"|\b(?:type|kind|sort) of (?:form|invoice|notice|ticket|card|letter|report|certificate|application)\b",
    re.IGNORECASE,
)
_WEEKDAYS = re.compile(
    r"\b(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:days?)?\b|\b(?:daily|week(?:days?|ends?))\b",
    re.IGNORECASE,
)
_UNITS = frozenset(
    "miles mile km kilometers kilometres kilometer kilometre meters metres grams dollars euros pounds".split()
)
_GOING = re.compile(r"\b(?:going|heading|fly(?:ing)? to|travel(?:l?ing)? to|arriv\w+|land)\b", re.I)
_COMING = re.compile(r"\b(?:from|depart\w*|leav(?:e|es|ing)|start(?:ing)? from)\b", re.I)
_HOW_PAID = re.compile(
    r"\bhow\b(?! much| many| long).*\b(?:pay|paid|payment|settled)\b", re.IGNORECASE
)
_EVENTS = frozenset(
    "event show meeting party appointment concert sale festival class course exam flight game".split()
)
_VENUE = re.compile(
    r"\b(?:park|hall|theat(?:re|er)|cent(?:re|er)|museum|library|stadium|arena|church|school|university|college"
    r"|hotel|caf[eé]|restaurant|plaza|square|gardens?|gallery|club|pub|building|room \w+|auditorium|pavilion"
    r"|station|airport|hospital|beach|market|campus)\b",
    re.IGNORECASE,
)
_STREET = re.compile(
    r"\b(?:street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|drive|dr|way|court|place|square|highway|hwy)\b\.?",
    re.IGNORECASE,
)
_SINGLE = re.compile(r"\beach\b|\bper\b|\bunit\b|\bsingle\b|\bapiece\b|\bone of\b", re.IGNORECASE)
# "The closing balance" and "an opening price" are no hours.
_OPEN_OR_CLOSE = re.compile(
    r"\b(?:open|clos)(?:e|ed|s|es|ing)?\b(?! (?:balance|price|amount|value|stock|bid|sum|remarks|line|speech))",
    re.IGNORECASE,
)
_OPENS = re.compile(r"\bopen(?:s|ing)?\b", re.IGNORECASE)
_CLOSES = re.compile(r"\bclos(?:e|es|ing)\b|\buntil\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FieldAnswer:
    """An answer to a question about a value: its value as printed and what it is called."""

    value: str
    label: str
    asked: str


def phrase(text: str) -> str:
    """Bring a question to the noun phrase that it asks for: "total", "name of the cashier"."""
    text = text.strip(' ?!.\t\n"')
    text = re.sub(
        r"^(?:(?:and|also|then|so|ok(?:ay)?|please|now|hi|hello|hey)[\s,]+)+", "", text, flags=re.I
    )
    text = re.sub(
        r"^(?:can|could|would|will) you (?:please )?|^i(?:'d| would) like (?:to know )?|^i (?:want|need) (?:to know )?",
        "",
        text,
        flags=re.I,
    )
    text = re.sub(
        r"^(?:(?:tell|give|show) me|find(?: out)?|identify|extract|get|read|list|state|name|provide|report|look up|determine)\s+",
        "",
        text,
        flags=re.I,
    )
    text = re.sub(
        r"^(?:according to|based on|from|on|in|looking at)\s+(?:this|the|that)\s+\w+\s*,?\s*",
        "",
        text,
        flags=re.I,
    )
    text = re.sub(
        r"^(?:what|which|who|whats)(?:'s|\s+(?:is|was|are|were|does|do))?\s+", "", text, flags=re.I
    )
    text = re.sub(
        r"\s+(?:(?:that|which) (?:is|are|was)\s+)?(?:(?:shown|written|printed|listed|displayed|given|stated|mentioned|seen|found)\s+)?"
        r"(?:(?:on|in|at|from|of|for) (?:this|the|that|these)\s+(?:[\w-]+\s+)?"
        r"(?:receipt|invoice|bill|sign|poster|form|document|label|card|ticket|note|page|banner|flyer|menu|paper|"
        r"notice|board|chart|letter|image|picture|photo|photograph|screenshot|scan)|here|above|there|say)$",
        "",
        text,
        flags=re.I,
    )
    text = re.sub(
        r"\s+(?:is|are|was|were|be|shown|written|printed|listed|due to be)$", "", text, flags=re.I
    )
    return re.sub(r"^(?:the|a|an|this|that|its|their|his|her|my|your)\s+", "", text, flags=re.I)


def split(text: str) -> list[str]:
    """Part "the total, the date and the phone number" into its phrases."""
    parts = re.split(r"\s*,\s*(?:and\s+)?|\s+and\s+|\s*&\s*", phrase(text))
    return [p for p in (phrase(part) for part in parts[:_MOST_PARTS]) if re.search(r"\w", p)]


_ASKING = re.compile(
    r"\b(?:how|who|what|when|where|which|why|is|are|was|were|am|did|does|do|has|have|had|will|would|can|could|should"
    r"|than|end|costs?|we|i|they|he|she|you)\b",
    re.IGNORECASE,
)
_LONGEST_PHRASE = 5  # words


def are_phrases(parts: Sequence[str]) -> bool:
    """Say whether the parts of a question each name a thing that may be asked for alone."""
    return all(len(p.split()) <= _LONGEST_PHRASE and not _ASKING.search(p) for p in parts)


def read_field(sheet: Sheet, text: str) -> list[FieldAnswer]:
    """Answer a question about printed values; empty where the text does not tell.

    A question for several things at once is answered for those that are printed.
    """
    parts = split(text)
    if len(parts) > 1 and are_phrases(parts):
        whole = _one(sheet, text)
        named = [concepts.concept_of(words.content(part))[0] for part in parts]
        if whole is None or all(named):
            several = [_one(sheet, part) for part in parts]
            if any(several):
                return [reading for reading in several if reading is not None]
        return [] if whole is None else [whole]
    one = _one(sheet, text)
    return [] if one is None else [one]


def about(sheet: Sheet, text: str) -> list[str]:
    """Give the lines, at most three, that hold most of a question's words, if any does."""
    asked = [w for w in words.content(phrase(text)) if w not in words.OPTIONAL]
    if not asked:
        return []
    heading = sheet.heading()
    counts = [
        (words.covers([t for c in row for t in c.tokens], asked), line)
        for row, line in zip(sheet.rows, sheet.lines, strict=True)
        if line != heading
    ]
    best = max((count for count, _ in counts), default=0)
    return [line for count, line in counts if count == best][:3] if best else []


def kind_asked(text: str) -> Kind | None:
    """Say which form of value a question asks for, by its question words."""
    return next((kind for pattern, kind in _KINDS if pattern.search(text)), None)


def _one(sheet: Sheet, text: str) -> FieldAnswer | None:
    asked = [w for w in words.content(phrase(text)) if w not in ("also", "list", "both")]
    found = _found(sheet, text, asked)
    return None if found is None else FieldAnswer(found.value, found.label, phrase(text))


def _found(sheet: Sheet, text: str, asked: list[str]) -> FoundValue | None:
    if not any(any(c.isalpha() for c in w) for w in asked) and asked:
        return None
    if re.search(r"\b(?:best|worst|better|favou?rite|recommend)\b(?! (?:before|by))", text, re.I):
        return None  # an opinion is not printed
    if _HOW_PAID.search(text):
        return concepts.look_up(sheet, concepts.BY_NAME["payment method"])
    if "currency" in asked:
        sign = sheet.currency()
        return None if sign is None else FoundValue(sign, "", 0, 0.6)
    if kind_asked(text) == "money" and not [w for w in asked if w not in _FORM_WORDS]:
        return concepts.look_up(sheet, concepts.BY_NAME["total"])
    if re.search(r"\b(?:what|which|name of) (?:the )?(?:street|road|avenue)\b", text, re.I):
        street = next((c for c in sheet.cells if _STREET.search(c.text)), None)
        if street is not None:
            return FoundValue(street.text, "", street.row, 0.7)
    if _TITLE.search(text):
        return concepts.look_up(sheet, concepts.BY_NAME["title"])
    if re.search(r"\b(?:what|which) days?\b(?! of)", text, re.I) and not sheet.every("date"):
        days = [line for line in sheet.lines if _WEEKDAYS.search(line)]
        if days:
            return FoundValue("; ".join(days), "", 0, 0.7)
    asked = [w for w in asked if w not in _UNITS] or asked
    found = _by_concept(sheet, text, asked) or _literal(sheet, text, asked)
    if (
        _is_label(sheet, asked)
        and found is not None
        and not words.covers(words.tokens(found.label), asked)
    ):
        found = _literal(sheet, text, asked) or found  # "a day ticket" is no day
    if found is None and re.search(r"\bhow long\b", text, re.I):
        found = sheet.find(["duration"], None)
    if found is not None:
        return found
    # Words of the heading say what the paper is about and need not stand beside the value.
    context = words.tokens(" ".join([sheet.heading() or "", *sheet.lines[:1]]))
    rest = [w for w in asked if not words.covers(context, [w])]
    if rest != asked:
        return _literal(sheet, text, rest) if rest else None
    return None


def _is_label(sheet: Sheet, asked: Sequence[str]) -> bool:
    """Say whether a page prints all the words that are asked for side by side."""
    return len(asked) > 1 and f" {' '.join(asked)} " in f" {' '.join(words.tokens(sheet.text))} "


def _by_concept(sheet: Sheet, text: str, asked: list[str]) -> FoundValue | None:
    if re.search(r"\bhow many\b", text, re.IGNORECASE):
        return None
    concept, left = concepts.concept_of(asked)
    if _OPEN_OR_CLOSE.search(text) and "hours" not in asked:
        return None
    if concept is not None and concept.kind == "money" and _NO_AMOUNT & set(left):
        return None  # a tax number is no amount of tax
    if concept is not None and concept.kind == "hours" and kind_asked(text) == "money":
        return None  # the price of an hour
    if concept is None or (
        (_WHEN.search(text) and concept.kind not in ("date", "time", "hours"))
        or (_WHERE.search(text) and concept.kind != "address")
    ):
        return None
    said = [w for w in left if w not in words.OPTIONAL]
    if said and concept.kind in ("date", "time"):
        # "end date" is not any date: its own label comes first, and "end" must be printed.
        labelled = sheet.find(asked, concept.kind)
        if labelled is not None:
            return labelled
        if {words.stem(w) for w in said} & {"end"}:
            return None
    needed = [w for w in said if w not in _FORM_WORDS]
    if concept.name == "hours" and needed:
        rows = [line for line in sheet.lines if values.find(line, "hours")]
        named = [r for r in rows if words.covers(words.tokens(r), needed) == len(needed)]
        if named or (len(rows) == 1 and all(sheet.mentions([w]) for w in needed)):
            return FoundValue("; ".join(named or rows), "", 0, 0.9)
    if concept.name in ("total", "tax", "date", "time", "name") and needed:
        # "tax number" and "name of the doctor" are something else: look for all the words.
        return None
    if needed and sheet.mentions(needed):
        return None
    if needed:
        return None if concept.kind is None else sheet.find(needed, concept.kind)
    if concept.name == "hours":
        rows = [line for line in sheet.lines if values.find(line, "hours")]
        if rows:
            return FoundValue("; ".join(rows), "", 0, 1.0)
    return concepts.look_up(sheet, concept)


def _literal(sheet: Sheet, text: str, asked: list[str]) -> FoundValue | None:
    """Look for the question's own words as a label or as the name of a row."""
    kind = kind_asked(text)
    single = bool(_SINGLE.search(text))
    if _OPEN_OR_CLOSE.search(text):
        return _hours(sheet, text, asked)
    if _WHEN.search(text):
        return _when(sheet, asked)
    if _WHERE.search(text):
        return _where(sheet, text, asked)
    candidates = [asked]
    bare = [w for w in asked if w not in _FORM_WORDS and not (w == "rate" and kind == "percent")]
    if bare and bare != asked:
        candidates.append(bare)
    for wanted in candidates:
        if not wanted or (kind is None and len(wanted) == 1 and wanted[0] in words.OPTIONAL):
            continue
        if kind is not None:
            found = None
            if kind == "integer":
                found = sheet.crossing(["quantity", *wanted], kind) or _count_in_row(sheet, wanted)
            found = found or sheet.find(wanted, kind, single=single)
            for other in _ALSO.get(kind, ()):
                found = found or sheet.find(wanted, other, single=single)
            if found is not None and found.fit > 0.2:
                return found
        if kind not in ("money", "integer", "measure", "percent"):
            found = sheet.find(wanted, None)
            plain = kind is None or (found is not None and any(c.isdigit() for c in found.value))
            if found is not None and plain and found.fit >= 0.5:
                return found
    return None


def _count_in_row(sheet: Sheet, wanted: list[str]) -> FoundValue | None:
    """Find how many of a listed item there are: "2 x", "x2", or a leading number."""
    for row, line in zip(sheet.rows, sheet.lines, strict=True):
        tokens = [t for cell in row for t in cell.tokens]
        if words.covers(tokens, wanted) < len(wanted) or is_meta(tokens):
            continue
        match = re.search(r"(?<![\w.,])(\d{1,4})\s*[x×@]\s|(?<!\S)[x×]\s?(\d{1,4})(?![\w.,])", line)
        match = match or re.match(r"\W*(\d{1,4})\s+[^\W\d]", line)
        if match:
            return FoundValue(next(g for g in match.groups() if g), row[0].text, row[0].row, 0.9)
    return None


def _hours(sheet: Sheet, text: str, asked: list[str]) -> FoundValue | None:
    """Answer when something opens or closes: by the lines that say so, or by spans of time."""
    generic = ("opening", "closing", "store", "shop", "hour")
    named = [w for w in asked if words.stem(w) not in generic and w not in _FORM_WORDS]
    wants_open, wants_close = bool(_OPENS.search(text)), bool(_CLOSES.search(text))
    spans = [line for line in sheet.lines if values.find(line, "hours")]
    if named:
        spans = [s for s in spans if words.covers(words.tokens(s), named) == len(named)]
    if (
        len(spans) == 1
        and wants_open != wants_close
        and not re.search(r"hours|days?\b", text, re.I)
    ):
        span = values.find(spans[0], "hours")[0]
        ends = re.split(r"\s*(?:[-–—~]|\bto\b|\buntil\b|\btill\b)\s*", span, maxsplit=1)
        if len(ends) == 2:
            return FoundValue(ends[0] if wants_open else ends[1], "", 0, 0.9)
    said = sheet.mentions([*named, "open" if wants_open else "closed"])
    spans = said or spans
    return FoundValue("; ".join(spans), "", 0, 0.9) if spans else None


_SURE, _MOST_WHEN = 0.6, 8  # how well a label fits; words


def _when(sheet: Sheet, asked: list[str]) -> FoundValue | None:
    ends = {words.stem(w) for w in asked} & {"start", "end"}
    others = [w for w in asked if words.stem(w) not in ends and w not in words.OPTIONAL]
    if "end" in ends and not all(sheet.mentions([w]) for w in others):
        return None
    for edge in ends:
        for kind in ("date", "time"):
            found = sheet.find([edge], kind)
            if found is not None and found.fit >= 0.4:
                return found
    if "end" in ends:
        spans = sheet.every("hours")
        if len(spans) != 1:
            return None  # the only time printed is when it starts, for all that is known
        return FoundValue(re.split(r"\s*(?:[-–—~]|\bto\b|\buntil\b)\s*", spans[0])[-1], "", 0, 0.7)
    wanted = [w for w in asked if w not in _FORM_WORDS and w not in _EVENTS]
    wanted = [w for w in wanted if w not in words.OPTIONAL or sheet.mentions([w])]
    whole = sheet.find(wanted, None) if wanted else None
    if (
        whole is not None
        and whole.fit >= _SURE
        and len(whole.value.split()) <= _MOST_WHEN
        and _WEEKDAYS.search(whole.value)
        and values.find(whole.value, "time")
    ):
        return whole  # "Next match: Saturday 3 pm" is told with its day
    kinds: tuple[Kind, ...] = ("date", "time", "hours")
    for kind in kinds if wanted else ():
        found = sheet.find(wanted, kind)
        if found is not None and found.fit >= 0.3:
            times = values.find(sheet.lines[found.row], "time")
            if kind == "date" and len(times) == 1:
                return replace(found, value=f"{found.value}, {times[0]}")
            return found
    # The only dates there are tell when, but not of something that is not mentioned at all.
    if wanted and not sheet.mentions(wanted):
        return None
    if len(sheet.every("date")) > 1:
        labelled = concepts.look_up(sheet, concepts.BY_NAME["date"])
        if labelled is not None and labelled.label:
            return labelled
    dates, times = sheet.every("date"), sheet.every("hours") or sheet.every("time")
    if not dates:
        return FoundValue(times[0], "", 0, 0.5) if times else None
    said = " and ".join(dates)
    return FoundValue(f"{said}, {times[0]}" if len(times) == 1 else said, "", 0, 0.6)


def _where(sheet: Sheet, text: str, asked: list[str]) -> FoundValue | None:
    ends = (("destination", _GOING), ("origin", _COMING))
    for name, pattern in ends:
        if pattern.search(text):
            return concepts.look_up(sheet, concepts.BY_NAME[name])
    wanted = [w for w in asked if w not in _FORM_WORDS and w not in _EVENTS]
    wanted = [w for w in wanted if w not in ("located", "location", "find", "situated", "venue")]
    if wanted and not any(sheet.mentions([w]) for w in wanted):
        return None
    found = concepts.look_up(sheet, concepts.BY_NAME["address"])
    if found is not None:
        return found
    heading = sheet.heading()
    venue = next((c for c in sheet.cells if _VENUE.search(c.text) and c.text != heading), None)
    return None if venue is None else FoundValue(venue.text, "", venue.row, 0.5)

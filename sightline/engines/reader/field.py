"""Questions about one printed value: the total, the date, the phone number, the price of bread."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sightline.engines.reader import concepts, values, words
from sightline.engines.reader.sheet import Found, Sheet, is_meta
from sightline.engines.reader.values import Kind

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
    (r"\bpercent(?:age)?\b|\bwhat rate\b", "percent"),
    (r"\bhow many\b|\bquantity\b|\bqty\b", "integer"),
    (r"\b(?:what|which) (?:day|date)\b|\bon (?:what|which) day\b|\bdates?\b", "date"),
    (r"\b(?:what|which) time\b|\btimes?\b|\bo'?clock\b", "time"),
    (r"\be-?mail\b", "email"),
    (r"\bphone|\btelephone|\bfax\b", "phone"),
    (r"\bwebsite|\burl\b|\bweb (?:site|address)", "url"),
)
_KINDS = tuple((re.compile(pattern, re.IGNORECASE), kind) for pattern, kind in _FORMS)
# Words that ask for a form of value and need not be printed themselves.
_FORM_WORDS = frozenset(
    """
    much many price cost paid pay fee fare charge charged amount spent expensive owe owed far
    long distance weigh heavy percent percentage rate quantity qty day date time o'clock clock
    phone telephone email website url each unit per single apiece start begin end happen take
    place held open close opening closing depart arrive leave value bought buy purchased ordered
    sold selling using use used go going need must i
    """.split()
)
_WHEN = re.compile(r"^when\b|\bwhen (?:is|does|do|was|will|did|are)\b", re.IGNORECASE)
_WHERE = re.compile(r"^where\b|\bwhere (?:is|does|do|was|will|are)\b", re.IGNORECASE)
_WHO = re.compile(r"^who(?:'s|se)?\b|\bwho (?:is|was|signed|issued|served|sold)\b", re.IGNORECASE)
_SINGLE = re.compile(r"\beach\b|\bper\b|\bunit\b|\bsingle\b|\bapiece\b|\bone of\b", re.IGNORECASE)
_OPENS = re.compile(r"\bopen(?:s|ing)?\b", re.IGNORECASE)
_CLOSES = re.compile(r"\bclos(?:e|es|ing)\b|\buntil\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reading:
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
    return [p for p in (phrase(part) for part in parts) if re.search(r"\w", p)]


def read_field(sheet: Sheet, text: str) -> list[Reading]:
    """Answer a question about printed values; empty where the text does not tell.

    A question for several things at once is answered for those that are printed.
    """
    parts = split(text)
    if len(parts) > 1:
        whole = _one(sheet, text)
        named = [concepts.concept_of(words.content(part))[0] for part in parts]
        if whole is None or all(named):
            several = [_one(sheet, part) for part in parts]
            if any(several):
                return [reading for reading in several if reading is not None]
        return [] if whole is None else [whole]
    one = _one(sheet, text)
    return [] if one is None else [one]


def kind_asked(text: str) -> Kind | None:
    """Say which form of value a question asks for, by its question words."""
    return next((kind for pattern, kind in _KINDS if pattern.search(text)), None)


def _one(sheet: Sheet, text: str) -> Reading | None:
    asked = [w for w in words.content(phrase(text)) if w not in ("also", "list", "both")]
    subject = phrase(text)
    found = _by_concept(sheet, text, asked) or _literal(sheet, text, asked)
    if found is None and not asked and (_WHEN.search(text) or _WHERE.search(text)):
        found = _by_form(sheet, text)
    return None if found is None else Reading(found.value, found.label, subject)


def _by_concept(sheet: Sheet, text: str, asked: list[str]) -> Found | None:
    if re.search(r"\bhow many\b", text, re.IGNORECASE):
        return None
    concept, left = concepts.concept_of(asked)
    if concept is None:
        return _by_form(sheet, text) if _is_event(text) else None
    needed = [w for w in left if w not in words.OPTIONAL and w not in _FORM_WORDS]
    if concept.name in ("total", "tax", "date", "time", "name") and needed:
        # "tax number" and "name of the doctor" are something else: look for all the words.
        return None
    if needed and sheet.mentions(needed):
        return None
    if needed:
        return None if concept.kind is None else _near(sheet, needed, concept.kind)
    if concept.name == "hours":
        rows = [line for line in sheet.lines if values.find(line, "hours")]
        if rows:
            return Found("; ".join(rows), "", 0, 1.0)
    return concepts.look_up(sheet, concept)


def _near(sheet: Sheet, needed: list[str], kind: Kind) -> Found | None:
    return sheet.find(needed, kind)


def _is_event(text: str) -> bool:
    return bool(_WHEN.search(text) or _WHERE.search(text))


def _literal(sheet: Sheet, text: str, asked: list[str]) -> Found | None:
    """Look for the question's own words as a label or as the name of a row."""
    kind = kind_asked(text)
    single = bool(_SINGLE.search(text))
    if re.search(r"\bopen|\bclose|\bclosing", text, re.IGNORECASE):
        hours = _hours(sheet, text, asked)
        if hours is not None:
            return hours
    if _WHEN.search(text):
        found = _labelled_when(sheet, asked)
        return found or _by_form(sheet, text, asked)
    if _WHERE.search(text):
        return _by_form(sheet, text, asked)
    candidates = [asked]
    bare = [w for w in asked if w not in _FORM_WORDS]
    if bare and bare != asked:
        candidates.append(bare)
    for wanted in candidates:
        if not wanted or all(w in words.OPTIONAL for w in wanted):
            continue
        if kind is not None:
            found = sheet.find(wanted, kind, single=single)
            if found is None and kind in ("money", "integer", "measure", "percent"):
                found = _count_in_row(sheet, wanted) if kind == "integer" else None
                found = found or sheet.find(wanted, "number", single=single)
            if found is not None and found.fit > 0.2:
                return found
        if kind not in ("money", "integer", "measure", "percent"):
            found = sheet.find(wanted, None)
            if found is not None and found.fit >= 0.5:
                return found
    return None


def _count_in_row(sheet: Sheet, wanted: list[str]) -> Found | None:
    """Find how many of a listed item there are: "2 x", "x2", or a leading number."""
    for row, line in zip(sheet.rows, sheet.lines, strict=True):
        tokens = [t for cell in row for t in cell.tokens]
        if words.covers(tokens, wanted) < len(wanted) or is_meta(tokens):
            continue
        match = re.search(
            r"(?<![\w.,])(\d{1,4})\s*[x×@]\s|[x×]\s?(\d{1,4})(?![\w.,]\d)", line, re.I
        )
        match = match or re.match(r"\W*(\d{1,4})\s+[^\W\d]", line)
        if match:
            return Found(next(g for g in match.groups() if g), row[0].text, row[0].row, 0.9)
    return None


def _hours(sheet: Sheet, text: str, asked: list[str]) -> Found | None:
    named = [
        w
        for w in asked
        if words.stem(w) not in ("opening", "closing", "store", "shop", "hour")
        and w not in _FORM_WORDS
    ]
    lines = [line for line in sheet.lines if values.find(line, "hours")]
    if named:
        lines = [ln for ln in lines if words.covers(words.tokens(ln), named) == len(named)]
    if not lines:
        return None
    wants_open, wants_close = bool(_OPENS.search(text)), bool(_CLOSES.search(text))
    if (
        len(lines) == 1
        and wants_open != wants_close
        and not re.search(r"hours|days?\b", text, re.I)
    ):
        span = values.find(lines[0], "hours")[0]
        ends = re.split(r"\s*(?:[-–—~]|\bto\b|\buntil\b|\btill\b)\s*", span, maxsplit=1)
        if len(ends) == 2:
            return Found(ends[0] if wants_open else ends[1], "", 0, 0.9)
    return Found("; ".join(lines), "", 0, 0.9)


def _labelled_when(sheet: Sheet, asked: list[str]) -> Found | None:
    wanted = [w for w in asked if w not in _FORM_WORDS]
    if not wanted:
        return None
    kinds: tuple[Kind, ...] = ("date", "time", "hours")
    for kind in kinds:
        found = sheet.find(wanted, kind)
        if found is not None and found.fit >= 0.3:
            return found
    return None


def _by_form(sheet: Sheet, text: str, asked: list[str] | None = None) -> Found | None:
    """Answer when and where by the only dates, times or addresses that there are."""
    if _WHEN.search(text):
        dates = list(sheet.every("date"))
        times = sheet.every("hours") or sheet.every("time")
        if len(dates) == 1 or (dates and not times):
            said = dates[0] if len(dates) == 1 else " and ".join(dates)
            return Found(f"{said}, {times[0]}" if len(times) == 1 else said, "", 0, 0.6)
        if dates:
            return Found(dates[0], "", 0, 0.5)
        return Found(times[0], "", 0, 0.5) if times else None
    if _WHERE.search(text):
        return concepts.look_up(sheet, concepts.BY_NAME["address"])
    return None

"""Values that can be told by their form: money, dates, times, phone numbers and the like.

`find` gives them as they are printed. Only forms are known here, not labels or questions.
"""

from __future__ import annotations

import re
from typing import Literal

Kind = Literal[
    "money",
    "date",
    "time",
    "hours",
    "phone",
    "email",
    "url",
    "percent",
    "number",
    "integer",
    "id",
    "measure",
    "address",
    "name",
]

_CURRENCY = r"(?:[$€£¥₹₽₩₺]|\b(?:USD|EUR|GBP|CHF|CAD|AUD|NZD|JPY|INR|SEK|NOK|DKK|PLN|kr|Rs\.?)\b)"
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)"
_CLOCK = r"(?:\d{1,2}[:.h]\d{2}(?::\d{2})?\s*(?:[ap]\.?\s?m\b\.?)?|\d{1,2}\s*[ap]\.?\s?m\b\.?|\bnoon\b|\bmidnight\b)"
_HOUR = r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\d{1,2})"
_SAID_CLOCK = (  # "half past two", "nine o'clock"
    rf"\b(?:half past|(?:a )?quarter (?:past|to)|(?:five|ten|twenty|twenty-five) (?:past|to)) {_HOUR}\b|\b{_HOUR} ?o['’]clock\b"
)
_NUMBER = r"\d{1,3}(?:[,' ]\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?"
_AMOUNT = r"\d{1,3}(?:[,.' ]\d{3})+[.,]\d{2}(?!\d)|\d+[.,]\s?\d{2}(?!\d)"
_STREET = (
    r"(?:street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|drive|dr|way|court|ct|place|pl|square"
    r"|sq|highway|hwy|parkway|pkwy|terrace|row|quay|stra(?:ss|ß)e|platz|rue|via|calle|plaza"
    r"|crescent|close|hill|park|alley|circle|trail)"
)

PATTERNS: dict[Kind, re.Pattern[str]] = {
    "money": re.compile(
        rf"-?\s?{_CURRENCY}\s?-?(?:{_AMOUNT}|{_NUMBER})(?:\s?(?:USD|CAD|AUD))?"
        rf"|-?(?:{_AMOUNT}|{_NUMBER})\s?{_CURRENCY}"
        rf"|(?<![\d.,:/-])-?(?:{_AMOUNT})(?![\d.,:/%-]|\s?(?:kg|g|ml|l|lb|oz|km|mi|m|cm|mm)\b)",
        re.IGNORECASE,
    ),
    "date": re.compile(
        rf"\b\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}(?!\d)"
        rf"|(?<![\d.])\d{{1,2}}(?P<apart>[-/.])\d{{1,2}}(?P=apart)(?:\d{{4}}|\d{{2}})(?!\d)"
        rf"|{_WEEKDAY}?\b\d{{1,2}}(?:st|nd|rd|th)?\.?[\s-]*(?:of\s+)?{_MONTH}\b\.?,?(?:[\s-]*\d{{4}}\b|\s+'?\d{{2}}\b(?![:.]))?"
        rf"|{_WEEKDAY}?\b{_MONTH}\.?\s*\d{{1,2}}(?:st|nd|rd|th)?(?:\s*[-–]\s*\d{{1,2}}(?:st|nd|rd|th)?)?(?![\d:])(?:,?\s*\d{{4}}\b)?"
        rf"|\b{_MONTH}\.?\s+\d{{4}}\b",
        re.IGNORECASE,
    ),
    "time": re.compile(rf"(?<![\d.,$€£]){_CLOCK}(?![\d%])|{_SAID_CLOCK}", re.IGNORECASE),
    "hours": re.compile(
        rf"(?:{_CLOCK}|\b\d{{1,2}})\s*(?:[-–—~]|to|until|till)\s*(?:{_CLOCK}|\d{{1,2}}\b)",
        re.IGNORECASE,
    ),
    "phone": re.compile(r"(?<![\w.])(?:\+\s?|\(\+?)?\d(?:[\s().\-/]{0,2}\d){6,14}(?![\w])"),
    "email": re.compile(r"[\w.+-]+\s?@\s?[\w-]+(?:\.[\w-]+)+"),
    "url": re.compile(
        r"https?://[^\s]+|\bwww\.[^\s]+"
        r"|(?<![@\w.])[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|org|net|edu|gov|info|io|co|example|app|dev|shop|store|de|fr|uk|eu|ca|us|nl|ch|at|it|es|jp|in|au|test)(?:/[^\s]*)?(?![\w@.])",
        re.IGNORECASE,
    ),
    "percent": re.compile(r"-?\d+(?:[.,]\d+)?\s?%"),
    "number": re.compile(rf"(?<![\w.,])-?(?:{_NUMBER})(?![\w])"),
    "integer": re.compile(r"(?<![\w.,])\d+(?!\w|[.,]\d)"),
    "id": re.compile(
        r"(?<!\w)(?:(?-i:[A-Z]{2,3})\s)?(?=[\w./*#-]*\d)#?[A-Z0-9*]+(?:[-/.][A-Z0-9*]+)*(?!\w)",
        re.IGNORECASE,
    ),
    "measure": re.compile(
        r"(?<!\d)\d++(?:[.,]\d++)?\s?(?:km/h|kmh|mph|kg|mg|g|lbs?|oz|ml|cl|litres?|liters?|l|km|kms|miles?|mi|m|cm|mm|ft|in"
        r"|feet|inches|kcal|kj|cal|calories|tons?|t|°\s?[cf]?|min(?:utes)?|mins|hours?|hrs?|days?|years?|kwh|w|v|mb|gb)(?![\w])",
        re.IGNORECASE,
    ),
    "address": re.compile(
        # What cannot be read in two ways is possessive, and a long word is no street: linear time.
        rf"(?<!\d)\d++[a-z]?[,\s]++(?:[\w.'’-]++\s++){{0,4}}{_STREET}\b\.?(?:[\s,]+.+)?"
        rf"|(?:\b[^\W\d_][\w.'’-]*+\s++){{0,3}}(?<![\w'’-])[\w'’-]{{0,40}}{_STREET}\b\.?\s+\d+[a-z]?\b.*",
        re.IGNORECASE,
    ),
    "name": re.compile(
        r"(?:(?:Mr|Mrs|Ms|Miss|Dr|Prof)\.?\s+)?[^\W\d_][^\W\d_'’.-]*(?:[\s'’.-]+[^\W\d_]+){0,4}"
    ),
}

_LONGEST_LINE = 2000  # of print; what is longer was made to hold patterns up


def find(text: str, kind: Kind) -> list[str]:
    """Give every value of a kind in a line, as printed, in order."""
    text = text[:_LONGEST_LINE]
    found = [match.group().strip(" ,;") for match in PATTERNS[kind].finditer(text)]
    if kind == "phone":
        masked = _masked(text, "date")
        found = [match.group().strip() for match in PATTERNS["phone"].finditer(masked)]
        return [value for value in found if _is_phone(value)]
    if kind == "hours":
        masked = _masked(text, "date")
        return [match.group().strip(" ,;") for match in PATTERNS["hours"].finditer(masked)]
    if kind == "time":
        masked = _masked(text, "date", "money_signed")
        return [m.group().strip(" ,;") for m in PATTERNS["time"].finditer(masked)]
    if kind in ("number", "integer", "id"):
        return [value.rstrip(".:") for value in found]
    if kind == "url":
        return [value.rstrip(".,)") for value in found]
    return found


def without(text: str, kind: Kind) -> str:
    """Give a text without what it has of a kind."""
    return PATTERNS[kind].sub(" ", text[:_LONGEST_LINE])


def _masked(text: str, *kinds: str) -> str:
    for kind in kinds:
        pattern = _SIGNED if kind == "money_signed" else PATTERNS["date"]
        text = pattern.sub(lambda match: " " * len(match.group()), text)
    return text


_SIGNED = re.compile(rf"{_CURRENCY}\s?(?:{_AMOUNT}|{_NUMBER})|(?:{_AMOUNT})\s?{_CURRENCY}")


# "118.00  354.00", and "2281  492.70" of two columns
_AMOUNTS = re.compile(r"\d{1,6}[.,]\d\d(?:\s+\d{1,6}[.,]\d\d)+|\d+\s{2,}\d{1,6}[.,]\d\d")


def _is_phone(value: str) -> bool:
    digits = sum(c.isdigit() for c in value)
    if digits < 7 or PATTERNS["date"].fullmatch(value) or _AMOUNTS.fullmatch(value):
        return False
    # Without any separator or plus it may be any number; ten digits and more still pass.
    return digits >= 10 or any(c in " ()-+./" for c in value.strip())


def number_in(value: str) -> float | None:
    """Read the number of a printed value: '$1,234.50' is 1234.5, '12,50 €' is 12.5."""
    match = re.search(r"-?\d[\d.,' ]*", value.replace("- ", "-"))
    if match is None:
        return None
    digits = match.group().replace("'", "").replace(" ", "").rstrip(".,")
    if "," in digits and "." in digits:
        decimal = max(digits.rfind(","), digits.rfind("."))
        whole, part = digits[:decimal], digits[decimal + 1 :]
        digits = re.sub(r"[.,]", "", whole) + "." + part
    elif digits.count(",") == 1 and len(digits) - digits.rfind(",") - 1 != 3:
        digits = digits.replace(",", ".")
    elif digits.count(".") > 1 or "," in digits:
        digits = re.sub(r"[.,]", "", digits)
    try:
        number = float(digits)
    except ValueError:
        return None
    negative = re.match(r"\s*-|\s*\W?-\d", value)
    return -abs(number) if negative else number

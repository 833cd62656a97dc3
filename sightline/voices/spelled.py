"""Text as it is said: money, units, dates, times, ranges and abbreviations in words. Pure text.

A voice reads digits in the language that it is told, but "$16.20" as "dollar 16 point 20". What
each language says, `spelled.toml` has; digits stay digits, in the form that the voices know. A text
in a language that is not there is left as it is.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_CODES = {"USD": "$", "US$": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "BRL": "R$", "RUB": "₽"}
_SUFFIXES = {"k": 0, "K": 0, "M": 1, "m": 1, "bn": 2, "B": 2}  # as in $5M, in English
_NUMBER = (
    r"(\d{1,3}(?:[.,'’\u00a0\u202f]\d{3}){1,5}(?:[.,]\d{1,2})?(?!\d)|\d{1,15}(?:[.,]\d{1,9})?)"
)
_ALONE = rf"(?<![\w.,]){_NUMBER}"
_ISO_DATE = re.compile(r"(?<![\d-])(\d{4})-(\d{2})-(\d{2})(?![\d-])(?!T\d)")
_DATE = re.compile(r"(?<![\d./-])(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?![./-]?\d)")
_TIME = r"(?<![\d:.,])([01]?\d|2[0-3])[:h]([0-5]\d)(?![\d:]|[.,]\d)(?:\s?([AaPp])\.?[Mm]\b\.?)?"
_DECADE = re.compile(r"(?<![\w.,'’])(?:(1[1-9]|20)|['’]?)([2-9]0)s\b")
_DECADES = ("twenties", "thirties", "forties", "fifties", "sixties", "seventies", "eighties",
            "nineties")  # fmt: skip
_RANGE = re.compile(
    r"(?<![\w–—.,-])(\d{1,6}(?:[.,]\d{1,3})?)\s?[–—]\s?(?=\d{1,6}(?:[.,]\d{1,3})?(?![\d–—-]))"
)
# With a hyphen it is one where the second is more, and it is no number to call.
_HYPHENED = re.compile(r"(?<![\w–—.,+)-])(\d{1,4})-([1-9]\d{0,3})(?![\w–—.,-]?\d|[-–—]|\w)")
_BY = re.compile(r"(?<![\w.,])(\d{1,5}(?:[.,]\d{1,3})?)\s?[x×]\s?(?=\d{1,5}(?![\dx]))")
_FOLD = re.compile(r"(?<![\w.,])(\d{1,4})\s?[x×](?![\w×])")
_FRACTION = re.compile(r"(?<![\w/.,-])([1-7])/([23458])(?![\w/%]|[.,]\d)")
_FRACTIONS = {"1/2": "½", "1/3": "⅓", "2/3": "⅔", "1/4": "¼", "3/4": "¾", "1/5": "⅕", "1/8": "⅛"}
_OF_FRACTIONS = frozenset({"en", "de", "fr", "it", "nl"})  # whose voices say those signs
_ABOUT = re.compile(r"(?<![\w/])[~≈]\s?(?=\d)")
_MINUS = re.compile(r"(?<![\w)])\u2212(?=\d)")
_YEAR_WORDS = ("in", "since", "of", "from", "by", "until", "before", "after", "around", "year")
# What comes before a day in German, and what its ending is then.
_DATIVE = re.compile(r"\b(?:am|vom|zum|dem|den|des|bis|seit|ab)\s$", re.IGNORECASE)
_WEAK = re.compile(r"\b(?:der|die|das)\s$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wording:
    """What a language says. `date`, `day`, `time` and `hour` are forms with names in braces.

    Nouns of `money` (whole, and hundredths) and `units` are in the singular and in the plural.
    `large` may stand between a number and its money, with `of_large` after it. `clock` may stand
    after a time that says it anyway. `first` is the first of a month, where that is said otherwise
    than the others. `by` stands between two sides, `fold` after how often, `per` before what
    a price is of.
    """

    decimal: str
    and_: str
    to: str
    about: str
    date: str
    day: str
    time: str
    hour: str
    months: Sequence[str]
    large: Sequence[str]
    money: Mapping[str, Sequence[Sequence[str]]]
    units: Mapping[str, Sequence[str]]
    short: Mapping[str, str]
    before_number: Mapping[str, str]
    month_first: bool = False
    of_large: str = ""
    clock: str = ""
    first: str = ""
    by: str = ""
    fold: str = ""
    per: str = ""


def spelled(text: str, language: str) -> str:
    """Write out what is not said as it is written, in a language as "en" or "en-GB"."""
    code = language.lower().replace("_", "-")
    name = code.split("-")[0]
    wording = WORDINGS.get(name)
    if wording is None or not any(sign.isdigit() or sign == "." for sign in text):
        return text
    text = _MINUS.sub("-", text)
    text = _shortened(text, wording, name)
    if name == "en":
        text = _DECADE.sub(_decade, text)
    month_first = wording.month_first and code != "en-gb"
    text = _dated(text, wording, name, month_first=month_first)
    text = PATTERNS[name]["time"].sub(lambda found: _time(found, wording, name), text)
    text = _RANGE.sub(rf"\1 {wording.to} ", text)
    text = _HYPHENED.sub(lambda found: _hyphened(found, wording), text)
    text = _of_signs(text, wording, name)
    for kind in ("money_before", "money_after"):
        text = PATTERNS[name][kind].sub(lambda found: _money(found, wording, name), text)
    text = PATTERNS[name]["each"].sub(
        lambda found: f"{found[1]} {wording.per} {wording.units[found[2]][0]}", text
    )
    text = PATTERNS[name]["unit"].sub(lambda found: _unit(found, wording, name), text)
    if name == "en":
        text = _YEAR.sub(lambda found: found[1] + _year(int(found[2]), name), text)
    return text


_YEAR = re.compile(
    rf"\b((?:{'|'.join(_YEAR_WORDS)})\s)(1[1-9]\d\d|20[1-9]\d)(?![\w%°]|[.,:/-]\d|\sby\s\d)",
    re.IGNORECASE,
)


def _wordings() -> Mapping[str, Wording]:
    told = tomllib.loads(Path(__file__).with_name("spelled.toml").read_text("utf-8"))
    return {
        name: Wording(**{"and_" if key == "and" else key: row[key] for key in row})
        for name, row in told.items()
    }


def _patterns(wording: Wording, name: str) -> dict[str, re.Pattern[str]]:
    """Make the patterns of what is found in a text, by what it is."""
    signs = _any(sorted({*wording.money, *_CODES}, key=len, reverse=True))
    units = _any(sorted(wording.units, key=len, reverse=True))
    large = rf"(?:\s({_any(wording.large)})(?!\w))?"
    months = _any(wording.months)
    nouns = _any(
        sorted({form for kinds in wording.money.values() for forms in kinds for form in forms})
    )
    days = {
        "en": rf"\b({months})\s(\d{{1,2}})(?!\d|st|nd|rd|th|[:.,]\d)(?:,?\s((?:1\d|20)\d\d)\b)?",
        "de": rf"(?<![\d.,])(\d{{1,2}})\.\s?({months})\b(?:\s((?:1\d|20)\d\d)\b)?",
        "ru": rf"(?<![\d.,])(\d{{1,2}})\s({months})\b(?:\s((?:1\d|20)\d\d)\b(?:\s(?:года|г\.))?)?",
    }.get(
        name, rf"(?<![\d.,])(1)(?:er|º|°)?\s(?:de\s)?({months})\b(?:\s(?:de\s)?((?:1\d|20)\d\d)\b)?"
    )
    clock = rf"(?:\s?{wording.clock}\b)?" if wording.clock else ""
    return {
        "short": re.compile(rf"(?<!\w)({_any(wording.short)})(?!\w)"),
        "before_number": re.compile(rf"(?<!\w)({_any(wording.before_number)})\s?(?=\d)"),
        "day": re.compile(days),
        "time": re.compile(_TIME + clock),
        "money_before": re.compile(
            rf"(?<!\w)({signs})\s?{_NUMBER}(?:(bn|[kKMmB])(?!\w)|{large})(?![\w]|[.,]\d)"
        ),
        "money_after": re.compile(rf"{_ALONE}{large}\s?({signs})(?!\w)"),
        # A point that shortens it goes, where the sentence goes on.
        "unit": re.compile(
            rf"(?:{_ALONE}|([½⅓⅔¼¾⅕⅛]))\s?({units})(?![\w²³]|/(?!\d))(?:\.(?=\s[^\W\d_A-ZÄÖÜ\u0400-\u042f]))?"
        ),
        "each": re.compile(rf"(?<!\w)({nouns})/({units})(?![\w/²³])"),
    }  # fmt: skip


def _any(words: Sequence[str] | Mapping[str, object]) -> str:
    return "|".join(map(re.escape, words))


WORDINGS = _wordings()
PATTERNS = {name: _patterns(wording, name) for name, wording in WORDINGS.items()}


def _shortened(text: str, wording: Wording, name: str) -> str:
    def whole(found: re.Match[str]) -> str:
        ends = found[1].endswith(".") and found.end() >= len(text.rstrip())
        return wording.short[found[1]] + ("." if ends else "")

    text = PATTERNS[name]["short"].sub(whole, text)
    return PATTERNS[name]["before_number"].sub(
        lambda found: f"{wording.before_number[found[1]].strip()} ", text
    )


# --- numbers ------------------------------------------------------------------------------------


def _parts(number: str, wording: Wording) -> tuple[str, str]:
    """Take a number apart: its whole part without signs that group, and what is after the point."""
    decimal, other = wording.decimal, "," if wording.decimal == "." else "."
    number = re.sub(r"['’\u00a0\u202f]", "", number)
    if decimal not in number and number.count(other) == 1 and len(number.split(other)[1]) != 3:
        number = number.replace(other, decimal)  # as another language writes it
    whole, _, rest = number.replace(other, "").partition(decimal)
    if not rest.isdigit():
        return (whole + rest).replace(decimal, ""), ""
    return whole, rest


def _written(whole: str, rest: str, wording: Wording) -> str:
    return f"{whole}{wording.decimal}{rest}" if rest else whole


def _noun(forms: Sequence[str], whole: str, rest: str, name: str) -> str:
    """Choose the form of a noun for a number."""
    if len(forms) == 3:  # Russian
        if rest:
            return forms[1]
        tens, ones = int(whole) // 10 % 10, int(whole) % 10
        return forms[2] if tens == 1 or not 1 <= ones <= 4 else forms[0] if ones == 1 else forms[1]
    one = int(whole) < 2 if name == "fr" else whole == "1" and not rest.strip("0")
    return forms[0] if one else forms[-1]


def _hyphened(found: re.Match[str], wording: Wording) -> str:
    first, second = found[1], found[2]
    told = int(first) >= int(second) or (len(first), len(second)) == (3, 4)
    return found[0] if told else f"{first} {wording.to} {second}"


def _of_signs(text: str, wording: Wording, name: str) -> str:
    """Write out what signs between and before numbers say: about, by, times, halves."""
    said = re.escape(wording.about)
    text = re.sub(rf"\b({said}\s)[~≈]\s?(?=\d)", r"\1", text)
    text = _ABOUT.sub(f"{wording.about} ", text)
    text = _BY.sub(rf"\1 {wording.by} ", text) if wording.by else text
    text = _FOLD.sub(rf"\1 {wording.fold}", text) if wording.fold else text
    if name not in _OF_FRACTIONS:
        return text
    return _FRACTION.sub(lambda found: _FRACTIONS.get(found[0], found[0]), text)


def _money(found: re.Match[str], wording: Wording, name: str) -> str:
    if found.re is PATTERNS[name]["money_before"]:
        sign, number, suffix, large = found.groups()
        if suffix and name != "en":
            return found[0]
        large = wording.large[_SUFFIXES[suffix]] if suffix else large
    else:
        number, large, sign = found.groups()
    kinds = wording.money.get(_CODES.get(sign, sign))
    before = found.string[: found.start()].rstrip()
    if kinds is None or (sign[-1] in ".€" and found[1] == sign and before[-1:].isdigit()):
        return found[0]  # as in 5 € 50, whose sign is of what is before it
    whole, rest = _parts(number, wording)
    if large:
        counted = f"{_written(whole, rest, wording)} {large}"
        of = "d'" if name == "fr" and kinds[0][-1][0] in "ey" else wording.of_large
        return f"{counted} {of}{kinds[0][-1]}"
    if len(kinds) < 2 or len(rest) > 2:
        return f"{_written(whole, rest, wording)} {_noun(kinds[0], whole, rest, name)}"
    cents = str(int(rest.ljust(2, "0"))) if rest else "0"
    said = [f"{whole} {_noun(kinds[0], whole, '', name)}"] if int(whole) or cents == "0" else []
    if cents != "0":
        said.append(f"{cents} {_noun(kinds[1], cents, '', name)}")
    return f" {wording.and_} ".join(said)


def _unit(found: re.Match[str], wording: Wording, name: str) -> str:
    number, part, unit = found.groups()
    if part:
        return f"{part} {wording.units[unit][0]}"
    whole, rest = _parts(number, wording)
    noun = _noun(wording.units[unit], whole, rest, name)
    return f"{_written(whole, rest, wording)} {noun}"


# --- days and times -----------------------------------------------------------------------------


def _dated(text: str, wording: Wording, name: str, *, month_first: bool) -> str:
    def iso(found: re.Match[str]) -> str:
        return _day(found, (int(found[1]), int(found[2]), int(found[3])), wording, name)

    def numeric(found: re.Match[str]) -> str:
        day, month = int(found[1]), int(found[3])
        if (month_first and found[2] == "/" and day <= 12) or month > 12:
            day, month = month, day
        return _day(found, (int(found[4]), month, day), wording, name)

    def worded(found: re.Match[str]) -> str:
        first, second, year = found.groups()
        day, month = (second, first) if name == "en" else (first, second)
        at = wording.months.index(month) + 1
        return _day(found, (int(year or 0), at, int(day)), wording, name)

    text = _ISO_DATE.sub(iso, text)
    text = _DATE.sub(numeric, text)
    return PATTERNS[name]["day"].sub(worded, text)


def _day(found: re.Match[str], date: tuple[int, int, int], wording: Wording, name: str) -> str:
    """Say a (year, month, day); what is none stays as it was found."""
    year, month, day = date
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return found[0]
    before = found.string[: found.start()][-8:]
    number = _DAYS[name](day, before) if name in _DAYS else str(day)
    if day == 1 and wording.first:
        number = wording.first
    form = wording.date if year else wording.day
    return form.format(day=number, month=wording.months[month - 1], year=_year(year, name))


def _year(year: int, name: str) -> str:
    hundreds, rest = divmod(year, 100)
    if name == "en" and (1100 <= year < 2000 or 2010 <= year < 2100):
        return f"{hundreds} {'hundred' if not rest else f'oh {rest}' if rest < 10 else rest}"
    if name == "de" and 1100 <= year < 2000:
        return f"{hundreds} hundert {rest or ''}".strip()
    return str(year)


def _decade(found: re.Match[str]) -> str:
    said = _DECADES[int(found[2]) // 10 - 2]
    return f"{found[1]} {said}" if found[1] else said


def _time(found: re.Match[str], wording: Wording, name: str) -> str:
    hour, minute = str(int(found[1])), int(found[2])
    half = f" {found[3].lower()}m" if found[3] else ""
    if not minute:
        return f"{hour}{half}" if half else wording.hour.format(h=hour)
    said = f"oh {minute}" if name == "en" and minute < 10 else str(minute)
    return wording.time.format(h=hour, m=said) + half


def _english(day: int, before: str) -> str:
    last = {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{'th' if 10 < day < 14 else last}"


_GERMAN = (
    "erst", "zweit", "dritt", "viert", "fünft", "sechst", "siebt", "acht", "neunt", "zehnt", "elft",
    "zwölft", "dreizehnt", "vierzehnt", "fünfzehnt", "sechzehnt", "siebzehnt", "achtzehnt",
    "neunzehnt", "zwanzigst",
)  # fmt: skip
_GERMAN_ONES = ("ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun")


def _german(day: int, before: str) -> str:
    if day <= 20:
        stem = _GERMAN[day - 1]
    else:
        ones = day % 10
        tens = "zwanzigst" if day < 30 else "dreißigst"
        stem = f"{_GERMAN_ONES[ones - 1]}und{tens}" if ones else tens
    return stem + ("en" if _DATIVE.search(before) else "e" if _WEAK.search(before) else "er")


_RUSSIAN = (
    "первого", "второго", "третьего", "четвёртого", "пятого", "шестого", "седьмого", "восьмого",
    "девятого", "десятого", "одиннадцатого", "двенадцатого", "тринадцатого", "четырнадцатого",
    "пятнадцатого", "шестнадцатого", "семнадцатого", "восемнадцатого", "девятнадцатого",
    "двадцатого",
)  # fmt: skip


def _russian(day: int, before: str) -> str:
    if day <= 20:
        return _RUSSIAN[day - 1]
    if day == 30:
        return "тридцатого"
    return f"{'двадцать' if day < 30 else 'тридцать'} {_RUSSIAN[day % 10 - 1]}"


_DAYS: Mapping[str, Callable[[int, str], str]] = {
    "en": _english, "de": _german, "ru": _russian,
}  # fmt: skip

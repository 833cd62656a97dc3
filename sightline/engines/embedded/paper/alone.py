"""What needs no label on a page, since nothing else there is of its kind.

The only number of a unit ("1.7 l" is a capacity), of things ("3 nights"), whoever is a doctor by a title, a
company by its legal form, what has the word in its own name (Hotel Seeblick).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sightline.engines.embedded import words
from sightline.engines.embedded.eyes.lexicon import NUMBERS
from sightline.engines.embedded.paper.sheet import FoundValue, Sheet

_MOST_WORDS = 6  # of a name


def look_up(sheet: Sheet, name: Sequence[str]) -> FoundValue | None:
    """Give what alone on a page is of the kind that a name asks for; None where several are, or none."""
    if not name:
        return None
    for way in (_of_unit, _of_things, _alone, _named_so, _with_mail):
        found = {words.squash(each.value): each for each in way(sheet, name)}
        if len(found) == 1:
            return next(iter(found.values()))
    return None


_UNITS = {
    "weight": "kg|g|lbs?|oz|t", "mileage": "km|mi|miles", "distance": "km|mi|miles|m", "power": "W|kW|hp|PS",
    "calories": "kcal|cal", "energy": "kcal|kJ|kWh", "capacity": "l|ml|cl|L|litres?|liters?",
    "volume": "l|ml|cl|L|litres?|liters?", "humidity": "%", "temperature": "[°º] ?[CF]?", "speed": "km/h|mph|kmh",
}  # fmt: skip


def _of_unit(sheet: Sheet, name: Sequence[str]) -> Iterator[FoundValue]:
    unit = _UNITS.get(name[-1]) if len(name) == 1 else None
    if unit is None:
        return
    number = re.compile(rf"(?<![\w.,])\d[\d.,]*\s?(?:{unit})(?![\w/])")
    yield from _in_lines(sheet, number)


_NUMBERS = "|".join(NUMBERS[1:])  # from one on


def _of_things(sheet: Sheet, name: Sequence[str]) -> Iterator[FoundValue]:
    if len(name) != 1 or len(name[0]) < 4 or not name[0].endswith("s"):
        return
    number = re.compile(
        rf"(?<![\w.,:/-])(?:\d[\d.,]*|{_NUMBERS})(?= {re.escape(name[0])}\b)", re.IGNORECASE
    )
    yield from _in_lines(sheet, number)


def _in_lines(sheet: Sheet, form: re.Pattern[str]) -> Iterator[FoundValue]:
    """Give what has a form, in each line."""
    for at, line in enumerate(sheet.lines):
        for found in form.finditer(line):
            yield FoundValue(found[0].strip(), "", at, 0.8)


_PERSON = r"(?:[A-ZÀ-Þ][\w'’-]*\.? ?){1,3}"
# What is told by its own form, by the words that ask for it: a doctor by a title, a company by its legal form.
_BY_FORM: tuple[tuple[frozenset[str], re.Pattern[str]], ...] = (
    (
        frozenset("doctor physician vet veterinarian surgeon dentist prescriber".split()),
        re.compile(rf"\b[Dd]r(?:\.|\b) ?(?:med\. ?)?{_PERSON}"),
    ),
    (
        frozenset("patient customer client recipient addressee guest".split()),
        re.compile(rf"\b(?:M(?:r|rs|s|R|RS|S)\b\.?|Miss|Herrn?|Frau|Mme) {_PERSON}"),
    ),
    (
        frozenset("company employer supplier seller provider agency contractor manufacturer".split()),
        re.compile(
            r"(?:[A-ZÀ-Þ&][\w&'’.-]* ){1,4}(?:GmbH|AG|KG|Ltd|Limited|LLC|Inc|PLC|plc|S\.?A\.?|B\.?V|Co)\b\.?"
        ),
    ),
    (frozenset(("iban",)), re.compile(r"\b[A-Z]{2}\d{2}(?: ?[\dA-Z]{4}){2,7}(?: ?[\dA-Z]{1,3})?\b")),
)  # fmt: skip


def _alone(sheet: Sheet, name: Sequence[str]) -> Iterator[FoundValue]:
    of_it = [w for w in name if w not in ("name", "full")]
    for asked, form in _BY_FORM:
        if len(of_it) == 1 and of_it[0] in asked:
            yield from _in_lines(sheet, form)


_NAMED_SO = frozenset(
    """bank hotel garage school hospital clinic museum theatre theater restaurant trattoria pharmacy library club
    university college bakery cafe café airline airport station brewery gallery church""".split()
)


def _named_so(sheet: Sheet, name: Sequence[str]) -> Iterator[FoundValue]:
    kinds = _NAMED_SO.intersection(name)
    if not kinds or len(name) > 2 or (len(name) == 2 and name[1] != "name"):
        return
    for cell in [cell for row in sheet.rows[:3] for cell in row]:
        own = cell.text.split()
        capital = all(word[:1].isupper() or len(word) < 4 for word in own)
        some = 2 <= len(own) <= _MOST_WORDS and not cell.has_digit
        if capital and some and kinds.intersection(cell.tokens):
            yield FoundValue(cell.text, "", cell.row, 0.8)


def _with_mail(sheet: Sheet, name: Sequence[str]) -> Iterator[FoundValue]:
    """Give whose name is a part of the only e-mail address: the head of a card or a CV."""
    mails = sheet.every("email")
    if list(name) not in (["name"], ["full", "name"]) or len(mails) != 1:
        return
    parts = {part for part in re.split(r"[^a-z]+", words.fold(mails[0])) if len(part) > 2}
    for cell in sheet.cells:
        own = cell.text.split()
        if (
            2 <= len(own) <= 4 and all(word[:1].isupper() for word in own) and not cell.has_digit
        ) and parts.intersection(cell.tokens):
            yield FoundValue(cell.text, "", cell.row, 0.8)

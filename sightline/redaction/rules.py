"""What is to be covered, as the setting `redact` says it: `text:PATTERN`, `faces`, `codes`.

A pattern is tried in linear time, whatever it is and whatever is read (`engines/validation`). Those
with names are our own: card numbers, e-mail addresses and phone numbers by their form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sightline.engines.embedded import values
from sightline.errors import UsageError

if TYPE_CHECKING:
    from sightline.engines.validation import Pattern

_TEXT = "text:"
_KINDS = {"faces": "people", "people": "people", "codes": "codes"}
_LONG, _OVERLAP = 1600, 200  # characters of a line that is searched at once, and of two parts
# Digits in groups; how many there may be of a card's number.
_DIGITS = re.compile(r"\d(?:[ .\-]{0,3}\d){12,}")
_LEAST, _MOST = 13, 19
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)  # a digit, twice: the sum of the digits of that
HINT = (
    "Name what is to be covered, separated by commas: text:PATTERN, text:card, text:email, "
    "text:phone, codes, faces."
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be covered: lines with what is `named` or with `patterns`, codes, people."""

    named: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    codes: bool = False
    people: bool = False

    @property
    def lines(self) -> bool:
        """Whether lines of text are."""
        return bool(self.named or self.patterns)

    def __bool__(self) -> bool:
        return self.lines or self.codes or self.people


def wanted(text: str) -> Wanted:
    """Read the setting. Raises `UsageError`."""
    named: list[str] = []
    patterns: list[str] = []
    kinds = set[str]()
    for each in _listed(text):
        what = each.removeprefix(_TEXT)
        if each in _KINDS:
            kinds.add(_KINDS[each])
        elif what in NAMED:
            named.append(what)
        else:
            _compiled(what)
            patterns.append(what)
    return Wanted(tuple(named), tuple(patterns), "codes" in kinds, "people" in kinds)


def _listed(text: str) -> list[str]:
    """Part the setting at its commas, but for those within a pattern."""
    found: list[str] = []
    for each in text.split(","):
        if each.strip() in _KINDS or each.lstrip().startswith(_TEXT):
            found.append(each.strip())
        elif found and found[-1].startswith(_TEXT):
            found[-1] += f",{each}"
        elif each.strip():
            raise UsageError(f"{each.strip()[:80]!r} cannot be covered.", hint=HINT)
    return found


def _compiled(pattern: str) -> Pattern:
    from sightline.engines.validation import Pattern  # whoever covers nothing starts without it

    try:
        if not pattern:
            raise ValueError
        return Pattern(f"(?i:{pattern})")
    except ValueError:
        raise UsageError(
            f"{pattern[:80]!r} is no pattern that can be tried in bounded time.",
            hint="It is a regular expression without \\b, without looking around and without "
            "references back; of ready ones there are text:card, text:email and text:phone.",
        ) from None


class PatternMatcher:
    """Finds lines to be covered; for one thread at a time."""

    def __init__(self, wanted: Wanted) -> None:
        self._named = [NAMED[name] for name in wanted.named]
        self._patterns = [_compiled(pattern) for pattern in wanted.patterns]

    def matches(self, line: str) -> bool:
        """Say whether a line is to be covered; one on which a pattern takes too much is."""
        return any(self._matches(part) for part in _parts(" ".join(line.split())))

    def _matches(self, part: str) -> bool:
        try:
            return any(holds(part) for holds in self._named) or any(
                pattern.found_in(part) for pattern in self._patterns
            )
        except ValueError:
            return True


def _parts(line: str) -> Iterator[str]:
    """Give a line in parts that overlap, so that a pattern of ours never sees a long one."""
    yield line[:_LONG]
    for at in range(_LONG - _OVERLAP, len(line) - _OVERLAP, _LONG - _OVERLAP):
        yield line[at : at + _LONG]


def has_card(line: str) -> bool:
    """Say whether a line has a card's number: 13 to 19 digits, in groups, whose sum is right."""
    return any(
        _sums_up(digits)
        for found in _DIGITS.finditer(line)
        for digits in _runs(re.findall(r"\d+", found.group()))
    )


def _runs(groups: list[str]) -> Iterator[str]:
    """Give the digits of groups that stand in a row, where they are as many as a card's."""
    for first in range(len(groups)):
        digits = ""
        for group in groups[first : first + _MOST + 1]:  # each has a digit at least
            digits += group
            if len(digits) > _MOST:
                break
            if len(digits) >= _LEAST:
                yield digits


def _sums_up(digits: str) -> bool:
    """Say whether the last digit is the one by Luhn's rule."""
    doubled = map(_DOUBLED.__getitem__, map(int, digits[-2::-2]))
    return (sum(map(int, digits[::-2])) + sum(doubled)) % 10 == 0


NAMED: Mapping[str, Callable[[str], bool]] = {
    "card": has_card,
    "email": lambda line: bool(values.find(line, "email")),
    "phone": lambda line: bool(values.find(line, "phone")),
}

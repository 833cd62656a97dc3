"""How values on the command line are read; a `ValueError` becomes argparse's own sentence."""

from __future__ import annotations

import re

_UNITS = {"": 1.0, "s": 1.0, "ms": 0.001, "m": 60.0, "h": 3600.0}


def count(text: str) -> int:
    """Read a number of things: 1 or more."""
    value = int(text)
    if value < 1:
        raise ValueError(text)
    return value


def positive(text: str) -> float:
    """Read a number above 0."""
    value = float(text)
    if not 0 < value < 1e9:
        raise ValueError(text)
    return value


def clock(text: str) -> float:
    """Read a time in a film: seconds, minutes:seconds or hours:minutes:seconds."""
    if not re.fullmatch(r"(\d+:){0,2}\d+(\.\d+)?", text):
        raise ValueError(text)
    seconds = 0.0
    for part in text.split(":"):
        seconds = seconds * 60 + float(part)
    return seconds


def pages(text: str) -> tuple[int, ...]:
    """Read which pages: 3, 2-5 or 1,4-6, the first of which is 1."""
    found: list[int] = []
    for part in text.split(","):
        given = re.fullmatch(r"\s*(\d{1,4})(?:-(\d{1,4}))?\s*", part)
        if given is None:
            raise ValueError(text)
        first = int(given[1])
        last = int(given[2] or first)
        if not 1 <= first <= last:
            raise ValueError(text)
        found += range(first, last + 1)
    return tuple(dict.fromkeys(found))


def lasting(text: str) -> float:
    """Read how long something lasts: 2, 2s, 500ms, 1m or 1h, in seconds."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m|h)?", text.strip())
    if found is None:
        raise ValueError(text)
    return float(found.group(1)) * _UNITS[found.group(2) or ""]

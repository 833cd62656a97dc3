"""Printed and measured values to the types of a JSON schema, or not at all."""

from __future__ import annotations

import re
from typing import Any

from sightline.engines.embedded import languages, values, words
from sightline.engines.embedded.evidence import Exhibit

# Stands for "the picture does not tell", where None would be JSON's null.
MISSING: Any = object()


def words_of(name: str) -> list[str]:
    """Cut an attribute's name (snake_case, camelCase) into words."""
    name = name[:200]
    spaced = re.sub(r"(?<=[a-z\d])(?=[A-Z])", " ", name)
    return words.tokens(re.sub(r"[_\-./]+", " ", spaced))


def words_in_english(name: str) -> list[str]:
    """Cut an attribute's name into words, in English whatever language it is in."""
    return words_of(languages.english(" ".join(words_of(name))))


def type_of(node: dict[str, Any], resolve: Any = None) -> str | None:
    """Give the type of a node that is not null; None where it allows any."""
    kinds = node.get("type")
    if isinstance(kinds, list):
        return next((k for k in kinds if k != "null"), None)
    if kinds is None and resolve is not None:
        for group in ("anyOf", "oneOf"):
            for branch in node.get(group, []):
                kind = type_of(resolve(branch))
                if kind not in (None, "null"):
                    return kind
    return kinds if isinstance(kinds, str) else None


def nullable(node: dict[str, Any], resolve: Any) -> bool:
    """Say whether a node allows null."""
    kinds = node.get("type")
    if kinds == "null" or (isinstance(kinds, list) and "null" in kinds):
        return True
    if "enum" in node and None in node["enum"]:
        return True
    branches = [*node.get("anyOf", []), *node.get("oneOf", [])]
    if branches:
        return any(nullable(resolve(branch), resolve) for branch in branches)
    return kinds is None and "enum" not in node and "properties" not in node


def convert(found: Any, kind: str | None, node: dict[str, Any]) -> Any:
    """Bring a measured or printed value to a JSON type; `MISSING` where it does not fit."""
    if "enum" in node:
        return _enum_member(found, node["enum"])
    if kind in ("number", "integer"):
        number = found if isinstance(found, (int, float)) else values.number_in(str(found))
        if number is None or isinstance(number, bool):
            return MISSING
        if kind == "number":
            return int(number) if float(number).is_integer() and isinstance(found, int) else number
        return int(number) if float(number).is_integer() else MISSING
    if kind == "boolean":
        if isinstance(found, bool):
            return found
        word = words.squash(str(found))
        if word in ("yes", "true", "y", "on", "x", "checked"):
            return True
        return False if word in ("no", "false", "n", "off", "none", "unchecked") else MISSING
    if kind == "string" and not isinstance(found, str):
        if isinstance(found, bool):
            return "true" if found else "false"
        return ", ".join(map(str, found)) if isinstance(found, list) else str(found)
    if kind == "null":
        return None
    if isinstance(found, float):
        return round(found, 4)
    if kind == "string" and node.get("format") == "date":
        return iso_date(found) or MISSING
    return found


def iso_date(text: str) -> str | None:
    """Write a date as YYYY-MM-DD where its order is beyond doubt; None where it is not."""
    match = re.search(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", text)
    if match:
        y, m, d = map(int, match.groups())
    else:
        lower = text.lower()
        month = next(
            (i + 1 for i, name in enumerate(words.MONTHS) if re.search(rf"\b{name}", lower)), None
        )
        year, day = (
            re.search(r"\b(\d{4})\b", lower),
            re.search(r"\b(\d{1,2})(?:st|nd|rd|th)?\b", lower),
        )
        if month and year and day:
            y, m, d = int(year.group(1)), month, int(day.group(1))
        else:
            numeric = re.search(r"\b(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})\b", text)
            if not numeric:
                return None
            a, b, y = map(int, numeric.groups())
            if a > 12 >= b or (a == b):
                m, d = b, a
            elif b > 12 >= a:
                m, d = a, b
            else:
                return None
    return f"{y:04d}-{m:02d}-{d:02d}" if 1 <= m <= 12 and 1 <= d <= 31 else None


def _enum_member(found: Any, members: list[Any]) -> Any:
    if found in members:
        return found
    squashed = words.squash(str(found))
    for member in members:
        if isinstance(member, str) and words.squash(member) == squashed:
            return member
    close = [
        m for m in members if isinstance(m, str) and words.squash(m) and words.squash(m) in squashed
    ]
    return close[0] if len(close) == 1 else MISSING


def enum_from_text(members: list[Any], exhibit: Exhibit, name: str) -> Any:
    """Choose the one member that is printed in the picture, or its kind, if just one is."""
    texts = [m for m in members if isinstance(m, str)]
    if {words.stem(w) for w in words_of(name)} & {"kind", "type", "category", "colour", "color"}:
        kinds = {
            "photograph": ("photograph", "photo"),
            "drawing": ("drawing", "illustration"),
            "document": ("document",),
            "blank": ("blank",),
        }[exhibit.survey.look.kind]
        chosen = [m for m in texts if m.lower() in kinds]
        if len(chosen) == 1:
            return chosen[0]
    printed = [m for m in texts if exhibit.sheet.mentions(words.tokens(m))]
    return printed[0] if len(printed) == 1 else MISSING

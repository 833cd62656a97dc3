"""Checks of single JSON values that fail in the API's own words.

Each function takes the value and its path in the request (``messages[0].content``) and returns
the value with its type known, or raises `InvalidRequest` with the message, `param` and `code`
that api.openai.com gives. It knows no particular field.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sightline.errors import InvalidRequest, RequestTooLarge

NOT_JSON = (
    "We could not parse the JSON body of your request. (HINT: This likely means you aren't using "
    "your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was "
    "not valid JSON. If you have trouble figuring out how to fix this, please contact us through "
    "our help center at help.openai.com.)"
)


_ALWAYS_FITS = 308  # digits of an integer that any float can hold
_MOST_VALUES = 500_000  # each takes up to some hundred bytes, of two or three that are sent
_FEW = 1000
_MOST_DEPTH = 128  # twice that of the deepest schema that is taken
# It matches from any quote on, to the end where there is no other: so it takes linear time.
_STRING = re.compile(r'"[^"\\]*+(?:\\(?:.|\Z)[^"\\]*+)*+(?:"|\Z)', re.DOTALL)
_LONGEST_STEP = 64  # of a path that an error names


def load(body: bytes) -> dict[str, Any]:
    """Parse a request body. Raises as `parse` does, and for anything but one JSON object."""
    value = parse(body)
    if not isinstance(value, dict):
        raise InvalidRequest(NOT_JSON)
    return value


def parse(body: bytes | str) -> Any:
    """Parse JSON of a client into values that everything behind this can work with.

    Numbers are finite, and integers within the range of a float; strings and keys are Unicode
    without halves of surrogate pairs; there are at most half a million values, at most 128 deep.
    Raises `InvalidRequest`, which names the field, and `RequestTooLarge`.
    """
    try:
        # Not left to `json.loads`, which lets halves of pairs through that stand as bytes.
        text = body if isinstance(body, str) else body.decode(json.detect_encoding(body))
        if _values(text) > _MOST_VALUES:
            raise RequestTooLarge(
                "The request's JSON has too many values.",
                hint=f"At most {_MOST_VALUES} are taken.",
            )
        value = json.loads(text, parse_int=_integer, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise InvalidRequest(NOT_JSON) from None
    if not _is_sound(value):
        raise _unsound(value)
    return value


def _values(text: str) -> int:
    """Count at least the values of a JSON text, exactly where there may be too many."""
    found = sum(_count(text, sign) for sign in ",[{")
    if found <= _MOST_VALUES:
        return found
    return sum(map(_STRING.sub("", text).count, ",[{"))


def _count(text: str, sign: str) -> int:
    # Searching is ten times as fast as counting where there is little to find, as in base64.
    at = -1
    for found in range(_FEW):
        at = text.find(sign, at + 1)
        if at < 0:
            return found
    return _FEW + text.count(sign, at + 1)


def _integer(digits: str) -> int | float:
    # Python does not read the longest integers at all, and makes no floats of shorter ones. They
    # become infinite here, as 1e400 does, and are refused once it is known where they stand.
    if len(digits) > _ALWAYS_FITS and math.isinf(near := float(digits)):
        return near
    return int(digits)


def _refuse_constant(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity are Python's, not JSON's


def _is_sound(value: object) -> bool:
    """Say whether all numbers are finite, all texts Unicode, and nothing is nested too deep."""
    level = [value]
    for _ in range(_MOST_DEPTH):
        deeper: list[object] = []
        for each in level:
            if isinstance(each, str):
                if not _is_unicode(each):
                    return False
            elif isinstance(each, dict):
                if not all(map(_is_unicode, each)):
                    return False
                deeper += each.values()
            elif isinstance(each, list):
                deeper += each
            elif isinstance(each, float) and math.isinf(each):
                return False
        if not deeper:
            return True
        level = deeper
    return False


def _is_unicode(text: str) -> bool:
    if text.isascii():  # which Python knows beforehand, however long it is
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _unsound(value: object) -> InvalidRequest:
    """Make the error for the first value that is not sound."""
    places: list[Iterator[tuple[object, str]]] = [iter([(value, "")])]
    while places:
        each, path = next(places[-1], (None, None))
        if path is None:
            places.pop()
        elif isinstance(each, str) and not _is_unicode(each):
            return _no_unicode(path, "string")
        elif isinstance(each, float) and math.isinf(each):
            return invalid(path, "the number is too large.")
        elif isinstance(each, (dict, list)):
            if isinstance(each, dict) and not all(map(_is_unicode, each)):
                return _no_unicode(path, "name of a field")
            if len(places) >= _MOST_DEPTH:
                break
            places.append(_inside(each, path))
    return InvalidRequest(
        f"The JSON body is nested deeper than {_MOST_DEPTH} levels.", hint="Send it flatter."
    )


def _inside(value: dict[str, Any] | list[Any], path: str) -> Iterator[tuple[object, str]]:
    if isinstance(value, list):
        yield from ((each, f"{path}[{i}]") for i, each in enumerate(value))
        return
    for key, each in value.items():
        step = key[:_LONGEST_STEP]
        yield each, f"{path}.{step}" if path else step


def _no_unicode(path: str, what: str) -> InvalidRequest:
    where = f"Invalid '{path}': the" if path else "Invalid body: a"
    return InvalidRequest(
        f"{where} {what} is not valid Unicode, it has half of a surrogate pair.",
        param=path or None,
        code="invalid_value",
        hint="Send whole characters; a text may have been cut in the middle of one.",
    )


def _got(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int):
        return "an integer"
    if isinstance(value, float):
        return "a decimal"
    if isinstance(value, str):
        return "a string"
    return "an array" if isinstance(value, list) else "an object"


def wrong_type(value: object, path: str, expected: str) -> InvalidRequest:
    """Make the error for a value of the wrong JSON type; `expected` has its article."""
    return InvalidRequest(
        f"Invalid type for '{path}': expected {expected}, but got {_got(value)} instead.",
        param=path,
        code="invalid_type",
    )


def invalid(path: str, why: str, code: str = "invalid_value", hint: str = "") -> InvalidRequest:
    """Make the error for a value that is not what it has to be."""
    return InvalidRequest(f"Invalid '{path}': {why}", param=path, code=code, hint=hint)


def missing(path: str) -> InvalidRequest:
    """Make the error for a required parameter that is not there."""
    return InvalidRequest(
        f"Missing required parameter: '{path}'.", param=path, code="missing_required_parameter"
    )


def unsupported(path: str) -> InvalidRequest:
    """Make the error for a parameter that the model asked for cannot honour."""
    return InvalidRequest(
        f"Unsupported parameter: '{path}' is not supported with this model.",
        param=path,
        code="unsupported_parameter",
    )


def text(value: object, path: str, *, most: int | None = None, least: int = 0) -> str:
    """Return a string of `least` to `most` characters."""
    if not isinstance(value, str):
        raise wrong_type(value, path, "a string")
    got = f"but got a string with length {len(value)} instead."
    if len(value) < least:
        expected = f"Expected a string with minimum length {least}, but got an empty string"
        raise invalid(path, f"empty string. {expected} instead.", "empty_string")
    if most is not None and len(value) > most:
        expected = f"Expected a string with maximum length {most}"
        raise invalid(path, f"string too long. {expected}, {got}", "string_above_max_length")
    return value


def matching(value: object, path: str, pattern: str) -> str:
    """Return a string that matches `pattern` (anchored by the caller)."""
    string = text(value, path)
    if not re.search(pattern, string):
        expected = f"Expected a string that matches the pattern '{pattern}'."
        raise invalid(path, f"string does not match pattern. {expected}")
    return string


def flag(value: object, path: str) -> bool:
    """Return a boolean."""
    if not isinstance(value, bool):
        raise wrong_type(value, path, "a boolean")
    return value


def integer(value: object, path: str, *, least: int | None = None, most: int | None = None) -> int:
    """Return an integer in [least, most]. A whole decimal such as 3.0 is no integer here."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong_type(value, path, "an integer")
    _bounds(value, path, least, most, "integer")
    return value


def decimal(
    value: object, path: str, *, least: float | None = None, most: float | None = None
) -> float:
    """Return a finite number in [least, most]."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise wrong_type(value, path, "a decimal")
    if isinstance(value, float) and not math.isfinite(value):
        raise wrong_type(value, path, "a decimal")
    _bounds(value, path, least, most, "decimal")
    return float(value)


def _bounds(value: float, path: str, least: float | None, most: float | None, kind: str) -> None:
    got = f"but got {_short(value)} instead."
    if least is not None and value < least:
        expected = f"{kind} below minimum value. Expected a value >= {least}"
        raise invalid(path, f"{expected}, {got}", f"{kind}_below_min_value")
    if most is not None and value > most:
        expected = f"{kind} above maximum value. Expected a value <= {most}"
        raise invalid(path, f"{expected}, {got}", f"{kind}_above_max_value")


def _short(value: float) -> str:
    return f"{value:.4g}" if abs(value) > 1e15 else str(value)


def mapping(value: object, path: str) -> dict[str, Any]:
    """Return an object."""
    if not isinstance(value, dict):
        raise wrong_type(value, path, "an object")
    return value


def properties(
    value: Mapping[str, object], path: str, *, least: int = 0, most: int | None = None
) -> None:
    """Refuse an object with fewer than `least` fields or more than `most`."""
    got = f"but got an object with {len(value)} properties instead."
    if len(value) < least:
        expected = f"Expected an object with at least {least} properties"
        raise invalid(
            path, f"not enough properties. {expected}, {got}", "object_below_min_properties"
        )
    if most is not None and len(value) > most:
        expected = f"Expected an object with at most {most} properties"
        raise invalid(
            path, f"too many properties. {expected}, {got}", "object_above_max_properties"
        )


def array(
    value: object,
    path: str,
    *,
    of: str = "objects",
    least: int = 0,
    most: int | None = None,
) -> list[Any]:
    """Return an array of `least` to `most` elements; the elements are not looked at."""
    if not isinstance(value, list):
        raise wrong_type(value, path, f"an array of {of}")
    got = f"but got an array with length {len(value)} instead."
    expected = f"Expected an array with minimum length {least}"
    if len(value) < least and not value:
        raise invalid(
            path, f"empty array. {expected}, but got an empty array instead.", "empty_array"
        )
    if len(value) < least:
        raise invalid(path, f"array too short. {expected}, {got}", "array_below_min_length")
    if most is not None and len(value) > most:
        expected = f"Expected an array with maximum length {most}"
        raise invalid(path, f"array too long. {expected}, {got}", "array_above_max_length")
    return value


def choice(value: object, path: str, allowed: Iterable[str]) -> str:
    """Return a string that is one of `allowed`."""
    string = text(value, path)
    names = list(allowed)
    if string not in names:
        raise unlisted(string, path, listed(names))
    return string


def unlisted(value: object, path: str, supported: str) -> InvalidRequest:
    """Make the error for a value that is none of those `supported`."""
    return InvalidRequest(
        f"Invalid value: '{str(value)[:100]}'. Supported values are: {supported}.",
        param=path,
        code="invalid_value",
    )


def listed(names: list[str]) -> str:
    """Write names as the API does: 'a', 'b', and 'c'."""
    quoted = [f"'{name}'" for name in names]
    if len(quoted) < 3:
        return " and ".join(quoted)
    return ", ".join(quoted[:-1]) + f", and {quoted[-1]}"


def known_keys(body: Mapping[str, object], known: Iterable[str], path: str = "") -> None:
    """Refuse the first key that is not `known`, suggesting those within edit distance 2.

    `path` names the object that has the keys, where that is not the whole body.
    """
    names = sorted(known)
    for key in body:
        if key in names:
            continue
        close = [n for n in names if edits(key, n, 2) <= 2] if len(key) <= 64 else []
        close.sort(key=lambda n: (edits(key, n, 2), n))
        quoted = " or ".join(f"'{n}'" for n in close[:2])
        suggestion = f" Did you mean {quoted}?" if quoted else ""
        name = f"{path}.{key[:100]}" if path else key[:100]
        raise InvalidRequest(
            f"Unknown parameter: '{name}'.{suggestion}",
            param=name,
            code="unknown_parameter",
        )


def edits(a: str, b: str, limit: int) -> int:
    """Count the Levenshtein edits between two strings, giving up above `limit`."""
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (x != y))
    return row[-1]

"""JSON that a prompt shows as an example, as a schema: `[{"label": str, "box": [x, y, w, h]}]`.

People write such examples by hand: with names of types or dots for values, single quotes, comments,
choices parted by bars. What is no example at all is told by `None`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

ORDER = "x-order"  # of the numbers of a list, by their names, beside its schema
_MOST = 4000  # signs
_DEEPEST = 8
_TOKEN = re.compile(
    r"\s+|//[^\n]*|/\*.*?\*/|(?P<text>\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')|(?P<mark>[{}\[\]:,])"
    r"|(?P<bare>[^\s{}\[\]:,\"']+)",
    re.DOTALL,
)
_TYPES: dict[str, str] = {
    **dict.fromkeys(
        "string str text date texto texte testo tekst cadena chaîne 文字列 字符串".split(), "string"
    ),
    **dict.fromkeys("int integer ganzzahl entier entero intero inteiro 整数".split(), "integer"),
    **dict.fromkeys(
        "number float decimal double num n zahl nombre número numero getal 数字 数値".split(),
        "number",
    ),
    **dict.fromkeys("bool boolean true false yes no true/false yes/no".split(), "boolean"),
}
_NOTHING = frozenset(("", "...", "…", "null", "none", "?", "any", "value", "optional"))
_NAME = re.compile(r"[A-Za-z]\w{0,40}")
_CHOICE = re.compile(r"\s*\|\s*|\s+or\s+")
_NUMBER = re.compile(r"-?\d[\d.,]*")


class _Broken(Exception):
    pass


def example(text: str) -> Schema | None:
    """Make a schema of the first example of JSON in a text that holds a named value."""
    for found in re.finditer(r"\[\s*\{|\{", text):
        try:
            made, _ = _value(list(_tokens(text[found.start() : found.start() + _MOST])), 0, 0)
        except _Broken:
            continue
        if made.get("properties") or made.get("items", {}).get("properties"):
            return made
    return None


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise _Broken
        if found.lastgroup is not None:
            yield found.lastgroup, found.group()
        at = found.end()


def _value(tokens: list[tuple[str, str]], at: int, depth: int) -> tuple[Schema, int]:
    if depth > _DEEPEST or at >= len(tokens):
        raise _Broken
    kind, word = tokens[at]
    if word == "{":
        return _object(tokens, at + 1, depth)
    if word == "[":
        return _list(tokens, at + 1, depth)
    if kind == "mark":
        raise _Broken
    said, quoted = [], kind == "text"
    while at < len(tokens) and tokens[at][0] != "mark":
        kind, word = tokens[at]
        said.append(word[1:-1] if kind == "text" else word)
        at += 1
    return _scalar(" ".join(said), quoted=quoted), at


def _object(tokens: list[tuple[str, str]], at: int, depth: int) -> tuple[Schema, int]:
    properties: Schema = {}
    while at < len(tokens) and tokens[at][1] != "}":
        kind, word = tokens[at]
        name = word[1:-1] if kind == "text" else word
        if kind == "mark" or (kind == "bare" and not _NAME.fullmatch(name.strip("*`"))):
            if name in ("...", "…"):
                at += 1
                continue
            raise _Broken
        if at + 1 < len(tokens) and tokens[at + 1][1] == ":":
            properties[name], at = _value(tokens, at + 2, depth + 1)
        elif at + 1 < len(tokens) and tokens[at + 1][1] in ",}":
            properties[name], at = {}, at + 1  # {name, price}
        else:
            raise _Broken
        if at < len(tokens) and tokens[at][1] == ",":
            at += 1
    if at >= len(tokens):
        raise _Broken
    return {"type": "object", "properties": properties}, at + 1


def _list(tokens: list[tuple[str, str]], at: int, depth: int) -> tuple[Schema, int]:
    items: list[Schema] = []
    names: list[str] = []
    while at < len(tokens) and tokens[at][1] != "]":
        word = tokens[at][1].strip("\"'")
        made, at = _value(tokens, at, depth + 1)
        if word not in ("...", "…"):
            items.append(made)
            names.append(word)
        if at < len(tokens) and tokens[at][1] == ",":
            at += 1
    if at >= len(tokens):
        raise _Broken
    schema: Schema = {"type": "array"}
    if items:
        schema["items"] = items[0]
    if len(names) > 1 and all(_NAME.fullmatch(name) for name in names):
        schema["items"], schema[ORDER] = {"type": "number"}, names
    return schema, at + 1


def _scalar(said: str, *, quoted: bool) -> Schema:
    bare = said.strip().strip("<>").strip()
    lower = bare.lower()
    if lower in _NOTHING or lower.strip("_ .-") == "":
        return {}
    choices = [part.strip("\"'` ") for part in _CHOICE.split(bare)]
    kinds = [_TYPES.get(part.lower()) for part in choices]
    known = [kind for kind in kinds if kind]
    if known and all(k or p.lower() in _NOTHING for k, p in zip(kinds, choices, strict=True)):
        return {"type": known[0]}
    short = all(0 < len(part) <= 40 and len(part.split()) <= 3 for part in choices)
    if len(choices) > 1 and short and ("|" in bare or quoted):
        return {"enum": [part for part in choices if part.lower() not in _NOTHING]}
    if not quoted and _NUMBER.fullmatch(bare):
        return {"type": "number"}
    return {"description": bare}

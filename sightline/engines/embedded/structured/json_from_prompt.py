"""JSON asked for in words: the attributes that a prompt lists, as a schema.

Understood are lists ("- name: Name of the object", "1. total (number)"), an example object
({"total": …}), and phrases ("as JSON with keys vendor, date and total").
"""

from __future__ import annotations

import re
from typing import Any

from sightline.api import checks, schema
from sightline.engines.embedded.structured import json_by_example
from sightline.engines.embedded.structured.json_by_example import Schema
from sightline.errors import InvalidRequest

# A list of objects: "JSON rows of the table", "a JSON array of the dishes, each with …", "for each flight give …".
_ROWS = re.compile(
    r"\bjson[ -](?:rows|array|list|lines|records|objects)\b|\b(?:rows|array|list|lines) of (?:json |the )?(?:objects|dicts|dictionaries|rows|records)\b"
    r"|\brows (?:as|in|to) json\b|\bobject (?:per|for (?:each|every))\b|\beach (?:one )?(?:with|having|containing)\b|\bfor (?:each|every) \w+",
    re.IGNORECASE,
)
# "every line item", "all the transactions": a list, where they are no key among others.
_OF_SEVERAL = re.compile(
    r"\b(?:every|each|all(?: of)?(?: the)?|the) (?:\w+ )?(items?|rows?|entry|entries|transactions?|bookings?|payments?|positions?|products?|articles?"
    r"|dish|dishes|flights?|trains?|departures)\b",
    re.IGNORECASE,
)
# "names and prices as a JSON array"
_BEFORE_ROWS = re.compile(
    r"(?:^|[.?!:\n])\s*(?P<list>[^.?!:\n{}]{3,200}?)\s*,?\s*\b(?:as|in|into|to)\s+(?:an?\s+|valid\s+)*json[ -](?:rows|array|list|lines|records|objects)\b",
    re.IGNORECASE,
)
_WITH_ITS = re.compile(r"\b(?:every|each|all(?: the)?) (\w+) with (?:its|their)\b", re.IGNORECASE)
_ROW_NAMES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\((?P<list>[a-z_][\w ,/&-]{2,160})\)",
        r"[:–—]\s*(?P<list>[a-z_][\w ,/&-]{2,160}?)\s*(?:\.|$)",
        r"\b(?:fields|keys|columns|attributes|properties)\s+(?P<list>[a-z_][\w ,/&-]{2,160})",
        r"\b(?:with|having|containing|including|incl)\.?\s+(?P<list>[a-z_][\w ,/&-]{2,160})",
        r"\bfor (?:each|every) [\w ]{2,30}?,? (?:give|list|tell|show|return|extract|write|put)(?: me)? (?P<list>[a-z_][\w ,/&-]{2,160})",
    )
)
_ITEM = re.compile(
    r"^\s*(?:[-*•·]|\d{1,2}[.)])\s*[\"'`*]{0,2}(?P<name>[^\W\d][\w .\-/]{0,60}?)[\"'`*]{0,2}\s*"
    r"(?:\((?P<type>[^)]{0,40})\)\s*)?(?:[:=–—]\s*(?P<about>.*)|-\s+(?P<dashed>.*))?$"
)
_PLAIN = re.compile(
    r"^\s*[\"'`]?(?P<name>[A-Za-z]\w{0,40})[\"'`]?\s*(?:\((?P<type>[^)]{0,40})\))?\s*(?::\s*(?P<about>.*?))?,?\s*$"
)
_INTRODUCED = re.compile(
    r"\bjson[ -](?:rows|array|list|table|lines|objects?|records)\b[^:\n{\[]{0,40}[:–—-]\s*(?=[\w\"'])|(?:following\s+)?(?:attributes|fields|keys|properties|columns)\b[^:\n]{0,60}:\s*|\bjson(?:,? please)?\s*[:–—-]\s*(?=[\w\"'])",
    re.IGNORECASE,
)
_LIST = (
    r"(?P<list>[A-Za-z_][\w ]{0,40}(?:\s*,\s*(?:and\s+)?(?:the\s+)?[A-Za-z_][\w ]{0,40})*"
    r"(?:\s*,?\s+and\s+(?:the\s+)?[A-Za-z_][\w ]{0,40})?)"
)
# The plainest introduction first: "with keys a and b", then "extract a and b".
_INLINE = tuple(
    re.compile(pattern + _LIST, re.IGNORECASE)
    for pattern in (
        r"\b(?:attributes|fields|keys|properties|columns)\s*(?:are|named|called|of)?\s*:?\s+(?:the\s+|following\s+)*",
        r"\b(?:json|object)\s+(?:with|containing|including|of|for)\s+(?:the\s+|following\s+|only\s+)*",
        r"\b(?:with|containing|include|including|extract|give(?: me)?|find|get|list|provide|return|read)\s+"
        r"(?:the\s+|following\s+|all\s+|only\s+)*",
    )
)

# A bare list before the word: "title, holder, price → json", "sender and date as JSON, and email if there is one".
_BEFORE = re.compile(
    r"(?:^|[.?!:\n])\s*(?P<list>[^.?!:\n{}]{3,200}?)\s*[,.;:]?\s*(?:->|→|=>|\bas|\bin|\binto|\bto)\s*(?:an?\s+|valid\s+|pure\s+|plain\s+)*json\b(?!\s+(?:array|list|rows|table|lines))"
    r"(?P<more>,?\s+(?:and|with|plus)\s+[\w ]{2,40})?",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    r"^(?:(?:please|kindly|now|just|list|i(?:'d like| need| want| would like)|we need|can you|could you|give|tell|show|make|write|put|get|pull|extract|fill|return|turn"
    r"|me|us|out|the|all|only|need|want)\s+)+",
    re.IGNORECASE,
)
_IF_ANY = re.compile(
    r"\s+(?:if (?:there (?:is|are) (?:one|any)|any|present|given|available|possible|you can find (?:it|one)|it(?:'s| is) (?:there|given))|please|too|as well)$",
    re.IGNORECASE,
)


def listed(text: str) -> Schema | None:
    """Make a schema of the attributes that a prompt lists; None where it lists none."""
    shown = example(text)
    if shown is not None:
        return shown
    quoted = named_in_quotes(text)
    if quoted:
        return _object({name: {} for name in quoted})
    asked = _things(text)
    if asked:
        return _object(asked)
    properties = _items(text) or _named(text)
    return _of_rows(text, properties) or (_object(properties) if properties else None)


def _of_rows(text: str, properties: dict[str, Any]) -> Schema | None:
    """Make a schema of a list of objects, with all that each has where none is named; None for no list."""
    several = _OF_SEVERAL.search(text)
    if _ROWS.search(text) is None and (
        several is None
        or (len(properties) > 1 and any(n.split()[-1] == several[1] for n in properties))
    ):
        return None
    found = (one[-1] for form in _ROW_NAMES if (one := form.findall(text)))
    named = next((made for each in found if (made := _cleaned(each))), {})
    before = _BEFORE_ROWS.search(text)
    if not named and before is not None:
        told = _cleaned(_REQUEST.sub("", before["list"]))
        named, properties = (told, properties) if len(told) > 1 else (named, told)
    if not named and len(properties) > 1:
        named = properties
    whose = _WITH_ITS.search(text)
    if whose is not None and named:
        named = {whose[1]: {}, **named}
    if named:
        return {"type": "array", "items": _object(named)}
    if properties and several is None:
        return {"type": "array", "items": {}, "title": next(iter(properties))}
    return {"type": "array", "items": {"type": "object"}}


def example(text: str) -> Schema | None:
    """Make a schema of the example that a prompt shows, or give the schema that is pasted into it."""
    pasted = text[text.find("{") : text.rfind("}") + 1] if "{" in text else ""
    if not pasted:
        return None
    try:
        found = checks.parse(pasted)
    except InvalidRequest:
        found = None
    if isinstance(found, dict) and isinstance(found.get("properties"), dict):
        names: Schema = {str(name): {} for name in found["properties"]}
        try:
            schema.verify(found, "the prompt", param="messages", strict=False)
        except InvalidRequest:
            return _object(names)
        return _object(dict(found["properties"]))
    shown = json_by_example.example(text)
    if shown is not None:
        return shown
    keys = re.findall(r"[\"'](\w[\w -]{0,40})[\"']\s*:", pasted)
    return _object({name: {} for name in keys}) if keys else None


def _things(text: str) -> Schema:
    """Give what is asked to be there, each as true or false ("is there a fridge, a cat?")."""
    found = _THERE.search(text)
    if found is None or not re.search(r"\btrue\b|\bboolean|\bper (?:key|thing|item)\b", text, re.I):
        return {}
    parts = re.split(r"\s*,\s*(?:and |or )?|\s+(?:and|or)\s+", found["things"])
    names = [re.sub(r"^(?:an?|any|the|some)\s+", "", part.strip(), flags=re.I) for part in parts]
    return {
        name: {"type": "boolean"} for name in names if re.fullmatch(r"[a-z][\w ]{0,30}", name, re.I)
    }


_THERE = re.compile(r"\b(?:is|are) there (?P<things>[^.?!:\n]{3,200})", re.IGNORECASE)


def _object(properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _items(text: str) -> dict[str, Any]:
    lines = text.splitlines()
    found = {}
    for line in lines:
        match = _ITEM.match(line)
        if match:
            found[match["name"].strip()] = _typed(match["type"], match["about"] or match["dashed"])
    if found:
        return found
    # Bare lines after "…the following attributes:" are attributes too.
    start = next((i for i, line in enumerate(lines) if _INTRODUCED.search(line + ": ")), None)
    if start is None:
        return {}
    for line in lines[start + 1 :]:
        match = _PLAIN.match(line)
        if match:
            found[match["name"]] = _typed(match["type"], match["about"])
    return found


def _typed(kind: str | None, about: str | None) -> dict[str, Any]:
    schema: dict[str, Any] = {"description": (about or "").strip()} if about else {}
    word = (kind or "").strip().lower()
    for name, starts in (
        ("integer", ("int",)),
        ("number", ("num", "float", "decimal")),
        ("boolean", ("bool",)),
        ("array", ("arr", "list")),
        ("string", ("str",)),
    ):
        if word.startswith(starts):
            schema["type"] = name
    return schema


_NOISE = {
    "json",
    "as json",
    "in json",
    "json format",
    "object",
    "valid json",
    "information",
    "data",
    "it",
    "the text",
    "a json object",
    "result",
    "results",
    "answer",
    "image",
    "picture",
    "details",
    "only json",
    "a json",
    "json object",
    "fields",
    "all fields",
    "values",
    "attributes",
    "keys",
    "everything",
    "all data",
    "the data",
    "all information",
    "content",
    "contents",
    "all",
}


_PARTED = re.compile(r",|\band\b", re.IGNORECASE)


_IN_QUOTES = re.compile(r"[\"“”'`](?P<name>[A-Za-z_][\w -]{0,40})[\"“”'`](?=\s*(?:,|\.|;|and\b|$))")


# keys "object" and "color"; a key called 'dish'
_QUOTED = re.compile(
    r"\b(?:keys|fields|attributes|properties|columns|(?:single|one|only|sole)\s+(?:key|field|attribute|property))\b[^.?!\n\"“”'`{}]{0,24}"
    r"(?P<names>(?:[\"“'`][A-Za-z_][\w -]{0,40}[\"”'`](?:[\s,;]|and\b|&)*)+)",
    re.IGNORECASE,
)


def named_in_quotes(text: str) -> list[str]:
    """Give the names of attributes that a prompt has in quotes, as they are."""
    found = _QUOTED.search(text)
    if found is None:
        return []
    rest = text[found.end() :].lstrip()
    goes_on = re.search(r"(?:,|\band)\s*$", found["names"], re.IGNORECASE) is not None
    if rest[:1] in ("(", ":") or (goes_on and rest[:1].isalpha()):
        return []  # types follow, or names without quotes: a list of another form
    return list(dict.fromkeys(re.findall(r"[\"“'`]([A-Za-z_][\w -]*)[\"”'`]", found["names"])))


_ENDS = re.compile(
    r"[.?!]|,?\s*\b(?:as|in|into|to)\s+(?:valid |a )?json\b|(?<=\w )from (?=\w)|\b(?:of|on|in) this\b"
    r"|\b(?:of|for|per) (?:each|every|all)\b",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(r"([A-Za-z]\w{0,40}) ?\(([^()]{0,200})\)")


def _named(text: str) -> dict[str, Any]:
    text = _IN_QUOTES.sub(r"\g<name>", text)
    introduced = _INTRODUCED.search(text)
    candidates = [text[introduced.end() :].split("\n")[0]] if introduced else []
    first, second, last = ([m["list"] for m in one.finditer(text)] for one in _INLINE)
    before = [_REQUEST.sub("", m["list"]) + (m["more"] or "") for m in _BEFORE.finditer(text)]
    before = [one for one in before if _PARTED.search(one)]
    candidates += [*first, *second, *before, *last]
    for candidate in candidates:
        names = _cleaned(candidate)
        if names:
            return names
    return {}


def _cleaned(candidate: str) -> dict[str, Any]:
    """Give the attributes of a list that is parted by commas and "and", without the words around them."""
    candidate = _ENDS.split(candidate, maxsplit=1)[0]
    of_each = {
        m[1].lower(): _cleaned(m[2]) for m in _IN_BRACKETS.finditer(candidate) if "," in m[2]
    }
    candidate = _IN_BRACKETS.sub(r"\1", candidate)  # "the items (name, price)"
    names: list[str] = []
    for name in re.split(r"\s*,\s*(?:and\s+)?|\s+and\s+", candidate):
        name = re.sub(r"['’]s\b", "", name)
        name = _IF_ANY.sub("", re.sub(r"\s*\([^()]*\)$", "", name))
        name = re.sub(
            r"^(?:(?:the|a|an|its|their|all|every|keys?|fields?|attributes?)\s+)+",
            "",
            name.strip(" \"'`:"),
            flags=re.I,
        )
        if (
            re.fullmatch(r"[^\W\d][\w -]{0,40}", name)
            and name.lower() not in _NOISE
            and not {"json", "you", "see", "can", "everything"} & set(name.lower().split())
            and len(name.split()) <= 4
        ):
            names.append(name.strip())
    return {
        name: {"type": "array", "items": _object(of_each[name.lower()])}
        if of_each.get(name.lower())
        else {}
        for name in names
    }

"""What a JSON schema must be before anything is asked to follow it.

Malformed schemas are refused with the path inside them, and in strict mode the API's own rules
hold: an object at the root, `additionalProperties: false`, every property required.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sightline.errors import InvalidRequest

_TYPES = ("string", "number", "integer", "boolean", "object", "array", "null")
_MOST_NODES = 5000
_MOST_MEMBERS = 5000  # of all enums together
_MOST_DEPTH = 32
# Where a schema holds schemas: by name, in a row, and one alone.
_NAMED = ("properties", "$defs", "definitions", "patternProperties", "dependentSchemas")
_LISTED = ("anyOf", "oneOf", "allOf", "prefixItems")
_ALONE = (
    "items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames",
    "unevaluatedItems", "unevaluatedProperties", "additionalItems", "contentSchema",
)  # fmt: skip
# What else a keyword has to be, for a value to be held against it.
_TEXTS = (
    "$ref", "$dynamicRef", "$id", "$schema", "$anchor", "$dynamicAnchor", "pattern", "format",
)  # fmt: skip
_COUNTS = (
    "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties",
    "minContains", "maxContains",
)  # fmt: skip
_NUMBERS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_LONGEST_PATTERN = 2000
# What strict mode does not take, anywhere and at the root, and what says which values there are.
_NOT_PERMITTED = (
    "allOf", "oneOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas",
    "patternProperties", "unevaluatedProperties", "propertyNames", "contains", "uniqueItems",
)  # fmt: skip
_NOT_AT_ROOT = ("oneOf", "anyOf", "allOf", "enum", "not")
_TELLING = ("type", "anyOf", "$ref", "enum", "const")


def verify(schema: Mapping[str, Any], name: str, *, param: str, strict: bool) -> None:
    """Refuse a schema that cannot be followed. `name` is how the message calls it.

    Raises `InvalidRequest` with code `invalid_json_schema`-style messages of the API.
    """

    def refuse(place: tuple[str, ...], why: str) -> InvalidRequest:
        return refused(place, why, name=name, param=param)

    root = resolve(schema, schema)
    if strict and root is not None and any(key in root for key in _NOT_AT_ROOT):
        raise InvalidRequest(
            f"Invalid schema for {name}: schema must have type 'object' and not have "
            "'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level.",
            param=param,
            code="invalid_json_schema",
        )
    if strict and (root is None or root.get("type") != "object"):
        got = "None" if root is None else root.get("type")
        raise InvalidRequest(
            f"Invalid schema for {name}: schema must be a JSON Schema of 'type: \"object\"', "
            f"got 'type: \"{str(got)[:32]}\"'.",
            param=param,
            code="invalid_json_schema",
        )
    members = 0
    for count, (place, node) in enumerate(walk(schema)):
        if count > _MOST_NODES or len(place) > 2 * _MOST_DEPTH:
            raise refuse(place[:4], "the schema is too large.")
        if isinstance(node, bool):
            continue
        if not isinstance(node, dict):
            raise refuse(place, "the schema is not an object.")
        kinds = node.get("type")
        for kind in kinds if isinstance(kinds, list) else [kinds]:
            if kind is not None and kind not in _TYPES:
                raise refuse(place, f"{str(kind)[:32]!r} is not a valid type.")
        for key in _NAMED:
            if not isinstance(node.get(key, {}), dict):
                raise refuse(place, f"'{key}' must be an object.")
        for key in (*_LISTED, "enum", "required"):
            if not isinstance(node.get(key, []), list):
                raise refuse(place, f"'{key}' must be an array.")
        wrong = _wrong_keyword(node)
        if wrong:
            raise refuse((*place, wrong[0]), wrong[1])
        members += len(node.get("enum", []))
        if members > _MOST_MEMBERS:
            raise refuse(place[:4], "the schema is too large.")
        if "$ref" in node and resolve(schema, node) is None:
            raise refuse(place, f"reference {str(node['$ref'])[:64]!r} can't be resolved.")
        if strict and (fault := _loose(node)):
            raise refuse(place, fault)


def _loose(node: Mapping[str, Any]) -> str | None:
    """Say what of a schema strict mode does not take, as the API does; None where all is well."""
    for key in _NOT_PERMITTED:
        if key in node:
            return f"'{key}' is not permitted."
    if not any(key in node for key in _TELLING):
        return "schema must have a 'type' key."
    kinds = node.get("type")
    of = kinds if isinstance(kinds, list) else [kinds]
    if "array" in of and not {"items", "prefixItems"} & {*node}:
        return "array schema missing items."
    if "object" not in of:
        return None
    if node.get("additionalProperties") is not False:
        return "'additionalProperties' is required to be supplied and to be false."
    required = [key for key in node.get("required", []) if isinstance(key, str)]
    every = "'required' is required to be supplied and to be an array including every key in "
    for key in node.get("properties", {}):
        if key not in required:
            return f"{every}properties. Missing '{key[:64]}'."
    for key in required:
        if key not in node.get("properties", {}):
            return f"{every}properties. Extra required key '{key[:64]}' supplied."
    return None


def _wrong_keyword(node: Mapping[str, Any]) -> tuple[str, str] | None:
    """Give a keyword whose value is of the wrong kind, and what it has to be."""
    for key in _TEXTS:
        if node.get(key) is not None and not isinstance(node[key], str):
            return key, "it must be a string."
    if len(node.get("pattern") or "") > _LONGEST_PATTERN:
        return "pattern", f"it must have at most {_LONGEST_PATTERN} characters."
    for key in _COUNTS:
        count = node.get(key)
        if count is not None and (isinstance(count, bool) or not _is_count(count)):
            return key, "it must be an integer of at least 0."
    for key in _NUMBERS:
        if node.get(key) is not None and not isinstance(node[key], int | float):
            return key, "it must be a number."
    if node.get("multipleOf") is not None and node["multipleOf"] <= 0:
        return "multipleOf", "it must be above 0."
    return None


def _is_count(value: object) -> bool:
    return isinstance(value, int | float) and value >= 0 and float(value).is_integer()


def refused(place: tuple[str, ...], why: str, *, name: str, param: str) -> InvalidRequest:
    """Make the error for what stands at a place in a schema."""
    context = "(" + ", ".join(f"'{p[:64]}'" for p in place) + ("," if len(place) == 1 else "")
    return InvalidRequest(
        f"Invalid schema for {name}: In context={context}), {why}",
        param=param,
        code="invalid_json_schema",
    )


def walk(schema: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Give every sub-schema with its place, shallow first, without following references."""
    waiting: list[tuple[tuple[str, ...], Any]] = [((), schema)]
    while waiting:
        place, node = waiting.pop()
        yield place, node
        if not isinstance(node, dict):
            continue
        for key in _NAMED:
            group = node.get(key)
            if isinstance(group, dict):
                waiting.extend(((*place, key, name), item) for name, item in group.items())
        for key in _LISTED:
            group = node.get(key)
            if isinstance(group, list):
                waiting.extend(((*place, key, str(i)), item) for i, item in enumerate(group))
        for key in _ALONE:
            inner = node.get(key)
            if inner is not None and not isinstance(inner, bool):
                waiting.append(((*place, key), inner))


def resolve(root: Mapping[str, Any], node: Any) -> dict[str, Any] | None:
    """Follow `$ref`s inside `root` from `node`; None for one that leads nowhere or in a ring."""
    for _ in range(16):
        if not isinstance(node, dict):
            return {} if node is True else None
        reference = node.get("$ref")
        if reference is None:
            return node
        if not isinstance(reference, str) or not reference.startswith("#"):
            return None
        node = root
        for step in reference[1:].strip("/").split("/") if len(reference) > 2 else ():
            key = step.replace("~1", "/").replace("~0", "~")
            node = node.get(key) if isinstance(node, dict) else None
    return None

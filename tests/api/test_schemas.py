"""Which JSON schemas are taken, and in which words others are refused: OpenAI's, with the place."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from sightline.api import schema as schemas
from sightline.engines.schemas import cannot, check_answer
from sightline.errors import EngineError, InvalidRequest, SightlineError
from sightline.types import JsonFormat

CLOSED: dict[str, Any] = {"type": "object", "additionalProperties": False, "required": []}


def strict(**properties: Any) -> dict[str, Any]:
    """A schema that strict mode takes, but for what stands in its properties."""
    return {**CLOSED, "properties": properties, "required": [*properties]}


def error_of(schema: Any, *, is_strict: bool = False) -> str | None:
    """What is said of a schema after its name; None where it is taken."""
    try:
        schemas.verify(schema, "function 'f'", param="tools[0]", strict=is_strict)
    except InvalidRequest as caught:
        error = caught
    else:
        return None
    assert (error.param, error.code) == ("tools[0]", "invalid_json_schema")
    head = "Invalid schema for function 'f': "
    assert error.message.startswith(head)
    return error.message.removeprefix(head)


def placed(why: str, *place: str) -> str:
    told = ", ".join(f"'{step}'" for step in place) + ("," if len(place) == 1 else "")
    return f"In context=({told}), {why}"


@pytest.mark.parametrize(
    "schema",
    [
        strict(),
        strict(a={"type": "string"}, b={"enum": [1]}, c={"const": 1}),
        strict(a={"type": ["string", "null"]}, b={"anyOf": [{"type": "number"}]}),
        strict(a={"type": "array", "items": strict(b={"type": "boolean"})}),
        strict(a={"type": "array", "prefixItems": [{"type": "integer"}]}),
        {**strict(a={"$ref": "#/$defs/b"}), "$defs": {"b": {"type": "null"}}},
        {"$ref": "#/$defs/a", "$defs": {"a": strict()}, "type": "object", **CLOSED},
    ],
    ids=json.dumps,
)
def test_strict_mode_takes_closed_objects(schema: dict[str, Any]) -> None:
    assert error_of(schema, is_strict=True) is None
    assert error_of(schema) is None


@pytest.mark.parametrize("key", ["oneOf", "anyOf", "allOf", "enum", "not"])
def test_strict_mode_takes_an_object_alone_at_the_root(key: str) -> None:
    schema = {**CLOSED, key: {} if key == "not" else [{}]}
    at_root = (
        "schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the "
        "top level."
    )
    assert error_of(schema, is_strict=True) == at_root
    behind = {"$ref": "#/$defs/a", "$defs": {"a": schema}}
    assert error_of(behind, is_strict=True) == at_root
    assert error_of(schema) is None


@pytest.mark.parametrize(
    ("schema", "got"),
    [
        ({}, "None"), ({"type": "array"}, "array"), ({"type": "x" * 40}, "x" * 32),
        ({"type": ["object"]}, "['object']"), ({"$ref": "#/$defs/none"}, "None"),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"type": "string"}}}, "string"),
    ],
)  # fmt: skip
def test_strict_mode_says_what_else_is_at_the_root(schema: dict[str, Any], got: str) -> None:
    told = f"schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{got}\"'."
    assert error_of(schema, is_strict=True) == told


LACKS = "'required' is required to be supplied and to be an array including every key in properties"


@pytest.mark.parametrize(
    ("inner", "why"),
    [
        *(({"type": "string", key: {}}, f"'{key}' is not permitted.")
          for key in ("not", "if", "then", "else", "dependentRequired", "dependentSchemas",
                      "patternProperties", "unevaluatedProperties", "propertyNames", "contains",
                      "uniqueItems")),
        *(({"type": "string", key: []}, f"'{key}' is not permitted.") for key in ("allOf", "oneOf")),
        ({}, "schema must have a 'type' key."),
        ({"description": "a"}, "schema must have a 'type' key."),
        ({"type": "array"}, "array schema missing items."),
        ({"type": ["null", "array"]}, "array schema missing items."),
        ({"type": "object"}, "'additionalProperties' is required to be supplied and to be false."),
        ({"type": ["null", "object"], "additionalProperties": True},
         "'additionalProperties' is required to be supplied and to be false."),
        ({**CLOSED, "additionalProperties": {"type": "string"}},
         "'additionalProperties' is required to be supplied and to be false."),
        ({**CLOSED, "properties": {"a": {"type": "null"}, "b" * 70: {"type": "null"}},
          "required": ["a"]}, f"{LACKS}. Missing '{'b' * 64}'."),
        ({"type": "object", "additionalProperties": False, "properties": {"a": {"type": "null"}}},
         f"{LACKS}. Missing 'a'."),
        ({**CLOSED, "properties": {"a": {"type": "null"}}, "required": ["a", 7, "c" * 70]},
         f"{LACKS}. Extra required key '{'c' * 64}' supplied."),
        ({**CLOSED, "required": ["a"]}, f"{LACKS}. Extra required key 'a' supplied."),
    ],
)  # fmt: skip
def test_strict_mode_says_what_it_does_not_take(inner: dict[str, Any], why: str) -> None:
    # No schema stands in a keyword that is refused: it is refused before what is in it.
    told = error_of(strict(x=inner), is_strict=True)
    assert told == placed(why, "properties", "x")
    assert error_of(strict(x=inner)) is None


NO_COUNTS: tuple[Any, ...] = (-1, 0.5, True, False, "1", [])
NO_NUMBERS: tuple[Any, ...] = ("1", [])
NOT_A_SCHEMA = "the schema is not an object."


@pytest.mark.parametrize(
    ("inner", "why", "at"),
    [
        ({"type": "thing"}, "'thing' is not a valid type.", ()),
        ({"type": ["string", "t" * 40]}, f"'{'t' * 32}' is not a valid type.", ()),
        ({"type": 7}, "'7' is not a valid type.", ()),
        *(({key: []}, f"'{key}' must be an object.", ()) for key in
          ("properties", "$defs", "definitions", "patternProperties", "dependentSchemas")),
        *(({key: {}}, f"'{key}' must be an array.", ()) for key in
          ("anyOf", "oneOf", "allOf", "prefixItems", "enum", "required")),
        *(({key: {"a": 7}}, NOT_A_SCHEMA, (key, "a")) for key in
          ("properties", "$defs", "definitions", "patternProperties", "dependentSchemas")),
        *(({key: [{}, 7]}, NOT_A_SCHEMA, (key, "1")) for key in
          ("anyOf", "oneOf", "allOf", "prefixItems")),
        *(({key: "x"}, NOT_A_SCHEMA, (key,)) for key in
          ("items", "additionalProperties", "not", "if", "then", "else", "contains",
           "propertyNames", "unevaluatedItems", "unevaluatedProperties", "additionalItems",
           "contentSchema")),
        *(({key: 7}, "it must be a string.", (key,)) for key in
          ("$ref", "$dynamicRef", "$id", "$schema", "$anchor", "$dynamicAnchor", "pattern",
           "format")),
        ({"pattern": "a" * 2001}, "it must have at most 2000 characters.", ("pattern",)),
        *(({key: wrong}, "it must be an integer of at least 0.", (key,))
          for key in ("minLength", "maxLength", "minItems", "maxItems", "minProperties",
                      "maxProperties", "minContains", "maxContains")
          for wrong in NO_COUNTS),
        *(({key: wrong}, "it must be a number.", (key,))
          for key in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
          for wrong in NO_NUMBERS),
        ({"multipleOf": 0}, "it must be above 0.", ("multipleOf",)),
        ({"multipleOf": -1}, "it must be above 0.", ("multipleOf",)),
        ({"$ref": "#/" + "n" * 70}, f"reference '#/{'n' * 62}' can't be resolved.", ()),
        ({"$ref": "https://a.example/"}, "reference 'https://a.example/' can't be resolved.", ()),
    ],
)  # fmt: skip
def test_what_is_no_schema_is_refused_by_its_place(
    inner: dict[str, Any], why: str, at: tuple[str, ...]
) -> None:
    deep = {"type": "object", "properties": {"a": {"items": inner}}}
    assert error_of(deep) == placed(why, "properties", "a", "items", *at)
    told = error_of({**inner})
    assert told == placed(why, *at)


@pytest.mark.parametrize(
    "inner",
    [
        {
            "minLength": 0,
            "maxItems": 3.0,
            "minimum": -1.5,
            "multipleOf": 0.01,
            "pattern": "a" * 2000,
        },
        {"minLength": None, "minimum": None, "multipleOf": None, "$id": None, "pattern": None},
        {"type": None, "items": True, "additionalProperties": False, "not": None},
        {"anyOf": [True, {}], "properties": {"a": False}, "unknown": 7, "required": [7]},
        {"multipleOf": 1},
    ],
    ids=str,
)
def test_what_means_nothing_wrong_is_taken(inner: dict[str, Any]) -> None:
    assert error_of({"properties": {"a": inner}}) is None


def test_what_is_true_or_false_hides_nothing_beside_it() -> None:
    for members in ([True, {"type": "thing"}], [{"type": "thing"}, False]):
        assert "not a valid type" in (error_of({"anyOf": members}) or "")


TOO_LARGE = "the schema is too large."


def nested(depth: int) -> dict[str, Any]:
    inner: dict[str, Any] = {"type": "string"}
    for _ in range(depth):
        inner = {"items": inner}
    return inner


def test_a_schema_may_be_large_and_no_larger() -> None:
    assert error_of({"anyOf": [{}] * 5000}) is None
    assert error_of({"anyOf": [{}] * 5001}) == placed(TOO_LARGE, "anyOf", "0")
    assert error_of(nested(64)) is None
    assert error_of(nested(65)) == placed(TOO_LARGE, *["items"] * 4)
    half = [{"enum": list(range(2500))}] * 2
    assert error_of({"anyOf": half}) is None
    assert error_of({"anyOf": [*half, {"enum": [1]}]}) == placed(TOO_LARGE, "anyOf", "0")
    deep = {"items": {"items": {"items": {"items": {"enum": list(range(5001))}}}}}
    assert error_of({"items": deep}) == placed(TOO_LARGE, *["items"] * 4)


def test_every_part_of_a_schema_is_looked_at_where_it_stands() -> None:
    schema = {
        "properties": {"a": {"items": {"type": "null"}}, "b": True},
        "anyOf": [{"not": {}}],
        "then": False,
        "items": 7,
        "oneOf": 7,
        "$defs": 7,
    }
    found = dict(schemas.walk(schema))
    assert set(found) == {
        (), ("properties", "a"), ("properties", "a", "items"), ("properties", "b"), ("anyOf", "0"),
        ("anyOf", "0", "not"), ("items",),
    }  # fmt: skip
    assert found["properties", "a", "items"] == {"type": "null"}
    assert found[()] is schema


def test_references_are_followed_inside_the_schema_alone() -> None:
    root: dict[str, Any] = {
        "$defs": {
            "a": {"type": "string"},
            "b": {"$ref": "#/$defs/a"},
            "ring": {"$ref": "#/$defs/ring"},
            "x/y~z": {"type": "null"},
            "X": {"type": "integer"},
            "yes": True,
            "no": False,
            **{f"c{i}": {"$ref": f"#/$defs/c{i + 1}"} for i in range(20)},
            "c20": {"type": "number"},
        },
        "n": {"type": "boolean"},
    }

    def followed(reference: object) -> dict[str, Any] | None:
        return schemas.resolve(root, {"$ref": reference})

    assert schemas.resolve(root, {"type": "array"}) == {"type": "array"}
    assert followed("#/$defs/a") == followed("#/$defs/b") == {"type": "string"}
    assert followed("#/$defs/x~1y~0z") == {"type": "null"}
    assert followed("#/$defs/X") == {"type": "integer"}
    assert followed("#/n") == {"type": "boolean"}
    assert followed("#") == followed("#/") == root
    assert followed("#/$defs/yes") == schemas.resolve(root, True) == {}
    assert followed("#/$defs/c6") == {"type": "number"}  # fifteen steps
    for wrong in ("#/$defs/c5", "#/$defs/ring", "#/$defs/no", "#/$defs/none", "#/$defs/a/type",
                  "#/$defs/a/type/x", "a", "", 7, "https://a.example/#/$defs/a"):  # fmt: skip
        assert followed(wrong) is None, wrong
    assert schemas.resolve(root, 7) is None
    assert schemas.resolve(root, False) is None


def test_a_place_is_written_as_a_tuple_and_its_steps_are_cut() -> None:
    error = schemas.refused(("a" * 70,), "no.", name="x", param="p")
    assert error.message == f"Invalid schema for x: In context=('{'a' * 64}',), no."
    assert (error.param, error.code) == ("p", "invalid_json_schema")
    assert "In context=(), no." in schemas.refused((), "no.", name="x", param="p").message
    two = schemas.refused(("a", "b"), "no.", name="x", param="p")
    assert "In context=('a', 'b'), no." in two.message


def test_what_an_engine_cannot_enforce_is_named_by_its_place() -> None:
    error = cannot(JsonFormat({}, "receipt", strict=True), ("properties", "a"))
    assert error.message == (
        "Invalid schema for response_format 'receipt': In context=('properties', 'a'), this "
        "cannot be enforced with this model."
    )
    assert (error.param, error.code) == ("response_format", "invalid_json_schema")
    assert error.hint == "Leave it out of the schema, or set strict to false."


SCHEMA = {
    "properties": {"rows": {"items": {"properties": {"a b": {"type": "integer"}}}}},
    "required": ["rows"],
}


def answered(text: str, schema: Any = SCHEMA, *, is_strict: bool = True) -> SightlineError | None:
    wanted = JsonFormat(schema, "r", strict=is_strict)
    try:
        asyncio.run(check_answer(wanted, text))
    except SightlineError as error:
        return error
    return None


def test_an_answer_is_held_to_its_schema_where_that_is_strict() -> None:
    assert answered('{"rows": [{"a b": 1}]}') is None
    astray = answered('{"rows": [{}, {"a b": "x"}]}')
    assert isinstance(astray, EngineError)
    assert astray.message == "The answer does not keep to the schema at .rows[1].a b."
    assert answered('{"rows": [{}, {"a b": "x"}]}', is_strict=False) is None
    assert answered("{}", None) is None
    root = answered("{}")
    assert root is not None
    assert root.message == "The answer does not keep to the schema at its root."
    long = answered(json.dumps({"k" * 300: 1}), {"additionalProperties": {"type": "null"}})
    assert long is not None
    assert long.message == f"The answer does not keep to the schema at .{'k' * 199}."


def test_an_answer_that_is_no_json_is_no_answer() -> None:
    for text in ("{", "", "{'a': 1}", '{"a": NaN}', "[" * 200 + "]" * 200):
        for is_strict in (True, False):
            error = answered(text, is_strict=is_strict)
            assert isinstance(error, EngineError)
            assert error.message == "The answer is not the JSON that was asked for."


def test_a_schema_by_which_nothing_can_be_said_is_the_clients_fault() -> None:
    error = answered("1", {"$ref": "#"})
    assert isinstance(error, InvalidRequest)
    assert error.message.startswith("Invalid schema for response_format 'r': In context=(), ")

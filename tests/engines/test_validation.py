"""Values held against schemas of which a stranger has written both: bounded, and never fetched."""

from __future__ import annotations

import json
import resource
from typing import Any

import pytest

from sightline.api import schema as wire
from sightline.engines import validation
from sightline.errors import InvalidRequest
from tests.web import Web

LEVELS = 30
DOUBLING = {
    "$ref": "#/$defs/a0",
    "$defs": {
        f"a{i}": {"allOf": [{"$ref": f"#/$defs/a{i + 1}"}] * 2} if i < LEVELS else {}
        for i in range(LEVELS + 1)
    },
}


def cpu_s() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_utime


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"type": "string", "pattern": "^[a-z]+$"}, "abc", "abC"),
        ({"pattern": "b"}, "abc", "ac"),
        ({"pattern": "b"}, 7, "ac"),
        ({"pattern": '^"\\\\é+$'}, '"\\éé', "é"),
        ({"patternProperties": {"^n_": {"type": "integer"}}}, {"n_a": 1, "b": ""}, {"n_a": ""}),
        (
            {
                "properties": {"a": {}},
                "patternProperties": {"^n_": {}},
                "additionalProperties": False,
            },
            {"a": 1, "n_1": 1},
            {"b": 1},
        ),
        (
            {"properties": {"a": {}}, "additionalProperties": False},
            {"a": 1},
            {"a": 1, "b": 1},
        ),
        ({"additionalProperties": {"type": "integer"}}, {"a": 1}, {"a": ""}),
        ({"properties": {"a": {}}, "unevaluatedProperties": False}, {"a": 1}, {"b": 1}),
        ({"uniqueItems": True}, [1, 2, "1", [1], {"a": 1}], [{"a": 1, "b": 2}, {"b": 2, "a": 1.0}]),
        ({"uniqueItems": True}, [1, True, 0, False], [1, 1.0]),
        ({"uniqueItems": True}, [{"a": [1]}, {"a": [2]}], [{"a": [1]}, {"a": [1.0]}]),
        ({"uniqueItems": True, "maxItems": 1}, "aa", [1, 2]),
        ({"uniqueItems": False, "maxItems": 2}, [1, 1], [1, 1, 1]),
        ({"enum": ["a", 1]}, "a", "b"),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"minimum": 3}}}, 3, 2),
        ({"anyOf": [{"type": "null"}, {"type": "number"}]}, None, "x"),
    ],
    ids=json.dumps,
)
def test_it_is_the_same_validation(schema: dict[str, Any], good: object, bad: object) -> None:
    validation.validate(schema, good)
    with pytest.raises(validation.Astray):
        validation.validate(schema, bad)


def test_what_is_astray_is_told_by_its_place() -> None:
    schema = {"patternProperties": {"^n_": {"items": {"type": "integer"}}}}
    with pytest.raises(validation.Astray) as caught:
        validation.validate(schema, {"n_a": [1, ""]})
    assert caught.value.path == ("n_a", 1)


@pytest.mark.parametrize(
    "pattern", ["^(a+)+$", "^(a|aa)+$", "^(([a-z])+.)+[A-Z]([a-z])+$", "(.*)*x"]
)
def test_patterns_take_linear_time(pattern: str) -> None:
    """Python's `re` would be at any of these for years."""
    before = cpu_s()
    for text in ("a" * 20_000 + "!", "a" * 40_000 + "b"):
        for schema in (
            {"pattern": pattern},
            {"patternProperties": {pattern: False}},
            {"patternProperties": {pattern: {}}, "additionalProperties": False},
            {"propertyNames": {"pattern": pattern}},
        ):
            for value in (text, {text: 1}):
                try:
                    validation.validate(schema, value)
                except validation.Astray:
                    continue
    assert cpu_s() - before < 20


def test_by_a_pattern_that_is_not_known_nothing_is_said() -> None:
    for pattern in ("(?=a)b", "(", "(" * 900):
        schema = {"properties": {"a": {"pattern": pattern}}}
        validation.validate(schema, {"a": 7})  # no text, of which a pattern says nothing
        with pytest.raises(validation.Undecidable):
            validation.validate(schema, {"a": "c"})
        assert validation.undecidable(schema) == ("properties", "a", "pattern")
    assert validation.undecidable({"pattern": "^a+$"}) == ()


@pytest.mark.parametrize(
    "schema",
    [
        DOUBLING,
        {"$ref": "#"},
        {"allOf": [{"$ref": "#"}]},
        {"$dynamicRef": "#x"},
        {"$ref": "#/$defs/none"},
        {"minimum": "a"},
        {"multipleOf": 0},
        {"type": "thing"},
        {"items": 7},
        {"$id": 7, "$ref": "#/a"},
        {"unevaluatedProperties": False, "patternProperties": {"(a+)+$": {}}},
    ],
    ids=lambda schema: json.dumps(schema)[:40],
)
def test_what_cannot_be_decided_says_so(schema: dict[str, Any]) -> None:
    for value in ({"a": [1]}, [1], 1):
        try:
            validation.validate(schema, value)
        except validation.Undecidable:
            return
    pytest.fail("it was decided")


PLACES = ("not", "if", "contains", "propertyNames", "items", "unevaluatedItems", "allOf", "x")


@pytest.mark.parametrize("place", PLACES)
def test_no_reference_leaves_the_schema(place: str, web: Web) -> None:
    """Neither a request with one is taken, nor would its schema be fetched."""
    url = web.page(f"/schema-{place}", b"{}")
    for reference in ({"$ref": url}, {"$dynamicRef": url}, {"$ref": "file:///etc/passwd"}):
        inner: Any = [reference] if place == "allOf" else reference
        schema = {place: inner, "then": reference, "else": reference}
        if "$ref" in reference:
            with pytest.raises(InvalidRequest):
                wire.verify(schema, "x", param="x", strict=False)
        for value in ([1], {"a": 1}, "a"):
            with pytest.raises((validation.Undecidable, validation.Astray)):
                validation.validate({**schema, "anyOf": [reference]}, value)
    assert f"/schema-{place}" not in web.asked


@pytest.mark.parametrize(
    "node",
    [
        {"minLength": "a"},
        {"maxItems": -1},
        {"maxItems": 1.5},
        {"maxItems": True},
        {"minimum": "1"},
        {"multipleOf": 0},
        {"pattern": 7},
        {"pattern": "a" * 3000},
        {"$id": []},
        {"patternProperties": []},
        {"dependentSchemas": {"a": 7}},
        {"not": 7},
        {"enum": list(range(6000))},
        {"anyOf": [{}] * 6000},
    ],
    ids=lambda node: json.dumps(node)[:30],
)
def test_keywords_of_the_wrong_kind_are_refused(node: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest) as caught:
        wire.verify({"properties": {"a": node}}, "function 'x'", param="tools", strict=False)
    assert caught.value.code == "invalid_json_schema"


def test_a_schema_that_goes_in_circles_ends_however_deep_the_stack_is() -> None:
    def beneath(frames: int) -> None:
        if frames:
            beneath(frames - 1)
        else:
            with pytest.raises(validation.Undecidable):
                validation.validate({"$ref": "#"}, "x")

    for frames in range(0, 120, 3):
        beneath(frames)


def test_what_refers_to_itself_goes_as_deep_as_values_do() -> None:
    tree = {"type": "object", "properties": {"in": {"$ref": "#"}}, "additionalProperties": False}
    value: dict[str, object] = {}
    for _ in range(30):
        value = {"in": value}
    validation.validate(tree, value)
    value["out"] = 1
    with pytest.raises(validation.Astray):
        validation.validate(tree, value)

"""Checks of strict schemas: what they say holds in the answer, or is refused by its place."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from sightline_conformance.drawn import coloured, part, text
from sightline_conformance.kit import Json, Kit, NotApplicable, Reply, check

_GROUP = "strict schemas"
_REFERENCE = "OpenAI, Structured outputs guide: supported schemas"
_COLOURS = ["red", "green", "blue"]


def _root(**properties: Any) -> Json:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _asked(kit: Kit, schema: Json) -> Any:
    """Have a strict schema filled; give what came, an exception where it was refused.

    Raises `NotApplicable` where no answer came that could be judged.
    """
    form = {"name": "answer", "strict": True, "schema": schema}
    wanted = {"type": "json_schema", "json_schema": form}
    content = [text("Fill in what fits this picture, briefly."), part(coloured("red"))]
    reply = kit.chat(content, response_format=wanted, max_tokens=300)
    if 400 <= reply.status < 500:
        kit.expect(reply.error.get("message"), "an error object", reply)
        return ValueError(f"{reply.error.get('message')} {reply.error.get('param')}")
    kit.expect(reply.status == 200, "200", reply)
    if reply.refused:
        raise NotApplicable(f"the model declined: {reply.text[:200]}")
    if reply.cut:
        raise NotApplicable("the answer is longer than was asked for")
    return json.loads(reply.said)


def _holds(name: str, schema: Json, fits: Callable[[Any], object]) -> None:
    """Check a schema that strict mode takes."""

    def run(kit: Kit) -> None:
        found = _asked(kit, schema)
        kit.expect(not isinstance(found, ValueError), "the schema is taken", found)
        kit.expect(fits(found), "an answer that fits", found)

    check(_GROUP, f"{name} hold", _REFERENCE)(run)


def _holds_or_refused(name: str, schema: Json, fits: Callable[[Any], object]) -> None:
    """Check a schema that strict mode does not take: what is `color` is named, or it holds."""

    def run(kit: Kit) -> None:
        found = _asked(kit, schema)
        if isinstance(found, ValueError):
            kit.expect("color" in str(found), "the property's name", found)
        else:
            kit.expect(fits(found), "an answer that fits, or a refusal", found)

    check(_GROUP, f"{name} hold, or are refused by their place", _REFERENCE)(run)


_holds(
    "nested objects and lists",
    _root(rows={"type": "array", "items": _root(n={"type": "integer"}), "maxItems": 2}),
    lambda told: all(isinstance(row["n"], int) and set(row) == {"n"} for row in told["rows"]),
)
_holds(
    "definitions",
    _root(color={"$ref": "#/$defs/color"})
    | {"$defs": {"color": {"enum": _COLOURS, "type": "string"}}},
    lambda told: told["color"] in _COLOURS,
)
_holds(
    "alternatives",
    _root(n={"anyOf": [{"type": "integer"}, {"type": "null"}]}),
    lambda told: told["n"] is None or isinstance(told["n"], int),
)
_holds(
    "values that may be null",
    _root(color={"type": ["string", "null"], "enum": [*_COLOURS, None]}),
    lambda told: told["color"] in (*_COLOURS, None),
)
_holds_or_refused(
    "schemas with allOf",
    _root(color={"allOf": [{"type": "string"}, {"enum": _COLOURS}]}),
    lambda told: told["color"] in _COLOURS,
)
_holds_or_refused(
    "schemas with oneOf",
    _root(color={"oneOf": [{"const": each} for each in _COLOURS]}),
    lambda told: told["color"] in _COLOURS,
)
_holds_or_refused(
    "schemas with not",
    _root(color={"type": "string", "not": {"const": ""}}),
    lambda told: isinstance(told["color"], str) and told["color"],
)
_holds_or_refused(
    "properties that are not required",
    _root(color={"type": "string"}) | {"required": []},
    lambda told: set(told) <= {"color"},
)
_holds_or_refused(
    "definitions that are not there",
    _root(color={"$ref": "#/$defs/color"}),
    lambda told: False,
)


def _called(kit: Kit, color: Json) -> Reply:
    """Have a tool called whose only argument, `color`, is described so."""
    schema = _root(color=color)
    tool = {"type": "function", "function": {"name": "pick", "strict": True, "parameters": schema}}
    choice = {"type": "function", "function": {"name": "pick"}}
    return kit.chat("Pick a color.", tools=[tool], tool_choice=choice, max_tokens=300)


@check(_GROUP, "a tool's strict parameters hold, or are refused by their place", _REFERENCE)
def _(kit: Kit) -> None:
    plain = _called(kit, {"type": "string", "enum": _COLOURS})
    if plain.status != 200:
        raise NotApplicable(f"tools are not taken: {plain}")
    reply = _called(kit, {"allOf": [{"type": "string"}, {"enum": _COLOURS}]})
    if 400 <= reply.status < 500:
        kit.expect("color" in str(reply.error.get("message")), "the property's name", reply)
        return
    message = ((reply.body or {}).get("choices") or [{}])[0].get("message") or {}
    if not message.get("tool_calls"):
        raise NotApplicable(f"the tool was not called: {reply}")
    told = json.loads(message["tool_calls"][0]["function"]["arguments"])
    kit.expect(told["color"] in _COLOURS, "an argument that fits, or a refusal", told)

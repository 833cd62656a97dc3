"""Functions that a model may call, which of them it is to call, and what form its answer has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sightline.api import checks
from sightline.api import schema as schemas
from sightline.api.fields import (
    Array,
    Boolean,
    Dict,
    Enum,
    Field,
    Given,
    Mapped,
    Named,
    Object,
    OneOf,
    String,
    by_type,
    reading,
    typed,
)
from sightline.errors import InvalidRequest
from sightline.types import JsonFormat, Tool

_NAME = String(most=64, pattern="^[a-zA-Z0-9_-]+$")
_MOST = 128


def read_json_schema(given: Given) -> JsonFormat:
    """Read the schema that an answer is to follow. Raises `InvalidRequest`."""
    name = given.needed("name")
    given.require("schema")
    given("description")
    strict = bool(given("strict"))
    body = given("schema")
    schemas.verify(body, f"response_format '{name}'", param="response_format", strict=strict)
    return JsonFormat(schema=body, name=name, strict=strict)


JSON_SCHEMA: dict[str, Field[Any]] = {
    "name": _NAME,
    "description": String(),
    "schema": Dict(),
    "strict": Boolean(),
}
PLAIN_FORMATS: tuple[Field[JsonFormat | None], ...] = (
    Object({"type": Enum(("text",))}, lambda given: None, required=("type",)),
    Object({"type": Enum(("json_object",))}, lambda given: JsonFormat(), required=("type",)),
)


def answer_format(by_schema: Field[JsonFormat | None]) -> OneOf[JsonFormat | None]:
    """Make the field of the form that an answer is to have, None for text."""
    forms = dict(zip(("text", "json_object"), PLAIN_FORMATS, strict=True))
    forms["json_schema"] = by_schema
    return typed(forms, ("json_object", "json_schema", "text"))


RESPONSE_FORMAT = answer_format(
    Object(
        {
            "type": Enum(("json_schema",)),
            "json_schema": Object(JSON_SCHEMA, read_json_schema, required=("name", "schema")),
        },
        reading("json_schema"),
        required=("type", "json_schema"),
    )
)


def read_function(given: Given) -> Tool:
    """Read a function that may be called. Raises `InvalidRequest`."""
    name, strict = given.needed("name"), bool(given("strict"))
    parameters = given("parameters")
    if parameters is not None:
        at = given.at("parameters")
        schemas.verify(parameters, f"function '{name}'", param=at, strict=strict)
    description = given("description") or ""
    return Tool(name=name, description=description, parameters=parameters or {}, strict=strict)


FUNCTION: dict[str, Field[Any]] = {
    "name": _NAME,
    "description": String(),
    "parameters": Dict(),
    "strict": Boolean(),
}
_FUNCTION = Named("Function", Object(FUNCTION, read_function, required=("name",)))


def _tool(given: Given) -> Tool:
    given.require("type")
    kind = checks.choice(given.value["type"], given.at("type"), ("function", "custom"))
    if given.value.get(kind) is None:
        raise checks.missing(given.at(kind))
    if kind == "custom":
        raise InvalidRequest(
            "Unsupported value: 'custom' tools are not supported with this model.",
            param=given.at("type"),
            code="unsupported_value",
            hint="Use a tool of type 'function'.",
        )
    found: Tool = given("function")
    return found


TOOLS = Array(
    Object(
        {"type": Enum(("function",)), "function": _FUNCTION}, _tool, required=("type", "function")
    ),
    most=_MOST,
)
FUNCTIONS = Array(_FUNCTION, least=1, most=_MOST)


@dataclass(frozen=True, slots=True)
class Calling:
    """Which tool is to be called (as `Question.call` says it), and among which; None for all."""

    call: str | None = None
    among: frozenset[str] | None = None


CALLED_NAME = String(least=1)
CALLED: Object[str] = Object({"name": CALLED_NAME}, reading("name"), required=("name",))


def some(given: Given) -> Calling:
    """Read among which tools one may be called, or has to be. Raises `InvalidRequest`."""
    among = frozenset(given("tools"))
    return Calling("" if given("mode") == "required" else None, among)


def among(tool: Field[str]) -> dict[str, Field[Any]]:
    """Make the fields that say among which tools one may be called."""
    return {"tools": Array(tool, least=1, most=_MOST), "mode": Enum(("auto", "required"))}


_ALLOWED = Object(
    among(Object({"function": CALLED}, reading("function"), required=("function",))),
    some,
    required=("tools",),
    never_null=("mode",),
)


def _named(kind: str) -> Object[Calling]:
    return Object(
        {"type": Enum((kind,)), kind: CALLED},
        lambda given: Calling(given.needed(kind)),
        required=("type", kind),
    )


_CHOICES: dict[str, Field[Calling]] = {
    "allowed_tools": Object(
        {"type": Enum(("allowed_tools",)), "allowed_tools": _ALLOWED},
        lambda given: given("allowed_tools"),
        required=("type", "allowed_tools"),
    ),
    "function": _named("function"),
    "custom": _named("custom"),
}
_WORDS = {
    "none": Calling(among=frozenset()),
    "auto": Calling(),
    "required": Calling(""),
}


TOOL_CHOICE: Field[Calling] = Named(
    "ToolChoice",
    by_type(
        "one of a string or object",
        string=Mapped(Enum(tuple(_WORDS)), _WORDS.__getitem__),
        object=typed(_CHOICES),
    ),
)
# In June 2023 functions were called by name, without a type.
FUNCTION_CALL: Field[Calling] = by_type(
    "an object",
    string=Mapped(Enum(("none", "auto")), _WORDS.__getitem__),
    object=Mapped(CALLED, Calling),
)

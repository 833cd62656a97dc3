"""Messages of a chat: who says what, calls of tools, and what came of them."""

from __future__ import annotations

from typing import Any, cast

from sightline.api import checks, parts
from sightline.api.fields import (
    EMPTY,
    Array,
    Empty,
    Enum,
    Field,
    Given,
    Ignored,
    Named,
    Null,
    Object,
    OneOf,
    OrEmpty,
    Schema,
    String,
)
from sightline.types import Message, Part, Role, Text, ToolCall

_ROLES = ("system", "assistant", "user", "function", "tool", "developer")
_CONTENT = parts.content(parts.PART)


def _legacy_id(name: str) -> str:
    # Functions were answered by name; the id ties the answer to the call all the same.
    return f"call_{name}"


def _content(given: Given) -> tuple[Part, ...]:
    if "content" not in given.value:
        raise checks.missing(given.at("content"))
    found: tuple[Part, ...] = given("content")
    return found


def _said(given: Given) -> Message:
    given("name")
    return Message(cast(Role, given.value["role"]), _content(given))


def _tool(given: Given) -> Message:
    given("name")
    answered = given.needed("tool_call_id")
    return Message("tool", _content(given), (), answered)


def _function(given: Given) -> Message:
    answered = _legacy_id(given.needed("name"))
    return Message("function", given("content") or (), (), answered)


def _call(given: Given) -> tuple[str, str]:
    given.require("name", "arguments")
    return given("name"), given("arguments")


_CALL = Object({"name": String(), "arguments": String()}, _call, required=("name", "arguments"))


def _tool_call(given: Given) -> ToolCall:
    given.require("id", "function")
    return ToolCall(given("id"), *given("function"))


_TOOL_CALL = Object(
    {"id": String(), "type": Ignored(), "function": _CALL},
    _tool_call,
    required=("id", "function"),
)


def _calls(given: Given) -> tuple[ToolCall, ...]:
    """Read the calls of an assistant's turn, in today's form or that of June 2023."""
    called = given("function_call")
    if called is not None:
        return (ToolCall(_legacy_id(called[0]), *called),)
    return given("tool_calls") or ()


def _answered(given: Given) -> Message:
    given("name")
    calls = _calls(given)
    return Message("assistant", _content(given), calls)


def _silent(given: Given) -> Message:
    """Read a turn without content: it may be nothing but calls, a refusal or a sound."""
    given("name")
    calls, refusal = _calls(given), given("refusal")
    if refusal:
        return Message("assistant", (Text(refusal),), calls)
    if calls or given("audio"):
        return Message("assistant", (), calls)
    if "content" not in given.value:
        raise checks.missing(given.at("content"))
    raise checks.wrong_type(None, given.at("content"), "one of a string or array of objects")


def _with(name: str, schema: Schema) -> Schema:
    return {"required": [name], "properties": {name: schema}}


_FULL: Schema = {"not": EMPTY}
_NAME: dict[str, Field[Any]] = {"name": String()}
_ROLE: dict[str, Field[Any]] = {"role": Enum(("assistant",)), **_NAME}
_NOW: dict[str, Field[Any]] = {
    "function_call": Empty(),
    "tool_calls": Array(_TOOL_CALL, least=1),
}
_ONCE: dict[str, Field[Any]] = {"function_call": _CALL, "tool_calls": Ignored()}
_UNSAID: dict[str, Field[Any]] = {
    "content": Null(),
    "refusal": OrEmpty(String()),
    "audio": Ignored(),
}
# An assistant's turns: with content and without, with calls of today and with one of June 2023.
_ANSWERED = Object({**_ROLE, **_NOW, "content": _CONTENT}, _answered, required=("role", "content"))
_ANSWERED_ONCE = Object(
    {**_ROLE, **_ONCE, "content": _CONTENT},
    _answered,
    required=("role", "content", "function_call"),
)
_SILENT = Object(
    {**_ROLE, **_NOW, **_UNSAID},
    _silent,
    required=("role",),
    also={
        "anyOf": [
            _with("tool_calls", {"type": "array"}),
            _with("refusal", _FULL),
            _with("audio", _FULL),
        ]
    },
)
_SILENT_ONCE = Object({**_ROLE, **_ONCE, **_UNSAID}, _silent, required=("role", "function_call"))
_SAID = Object(
    {"role": Enum(("system", "developer", "user")), **_NAME, "content": _CONTENT},
    _said,
    required=("role", "content"),
)
_BY_ROLE: dict[str, Field[Message]] = {
    "tool": Object(
        {"role": Enum(("tool",)), **_NAME, "tool_call_id": String(), "content": _CONTENT},
        _tool,
        required=("role", "tool_call_id", "content"),
    ),
    "function": Object(
        {"role": Enum(("function",)), **_NAME, "content": _CONTENT},
        _function,
        required=("role", "name"),
    ),
}


def _pick(value: object, path: str) -> Field[Message]:
    turn = checks.mapping(value, path)
    if turn.get("role") is None:
        raise checks.missing(f"{path}.role")
    role = checks.choice(turn["role"], f"{path}.role", _ROLES)
    if role == "assistant":
        silent = turn.get("content") is None
        if turn.get("function_call"):
            return _SILENT_ONCE if silent else _ANSWERED_ONCE
        return _SILENT if silent else _ANSWERED
    return _BY_ROLE.get(role, _SAID)


MESSAGE = Named(
    "Message",
    OneOf(
        _pick,
        (_SAID, _ANSWERED, _ANSWERED_ONCE, _SILENT, _SILENT_ONCE, *_BY_ROLE.values()),
    ),
)

"""Items of responses and conversations: what was said, called and answered, as they are sent.

Each is read as a turn or a part of one; written out it has an id, and what the API adds to it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from sightline.api import checks, compaction, notes, paging, parts, reply
from sightline.api.fields import (
    Array,
    Enum,
    Field,
    Given,
    Mapped,
    Named,
    Object,
    OneOf,
    String,
    by_type,
    whole,
)
from sightline.errors import InvalidRequest
from sightline.types import Message, Part, Role, ToolCall

_ROLES = ("user", "assistant", "system", "developer")
_PARTS = ("input_text", "input_image", "output_text", "refusal", "input_file")
_USUAL, _MOST = 20, 100  # on a page
_STATUSES = ("in_progress", "completed", "incomplete")


@dataclass(frozen=True, slots=True)
class Reference:
    """An item that stands in another place, by its id; `param` is where it was named."""

    id: str
    param: str


@dataclass(frozen=True, slots=True)
class Compacted:
    """The turns that stand for a conversation that was made shorter."""

    turns: tuple[Message, ...]


# What an item is read as; nothing for one that has no part in a new answer.
Read = Message | ToolCall | Reference | Compacted | None

_IMAGE = parts.input_image()
_TEXT, _REFUSAL = parts.words("input_text", "output_text"), parts.words("refusal", key="refusal")
_FILE = parts.document(type=Enum(("input_file",)))


def _part_form(value: object, at: str) -> Field[Part]:
    part = checks.mapping(value, at)
    kind = part.get("type")
    if kind is None:
        raise checks.missing(f"{at}.type")
    if kind in ("input_text", "output_text"):
        return _TEXT
    if kind == "refusal":
        return _REFUSAL
    if kind == "input_image":
        return _IMAGE
    if kind == "input_video":
        return parts.video(part, kind, at)
    if kind == "input_file":
        return _FILE
    raise parts.unknown(kind, at, _PARTS)


_PART = Named(
    "InputPart",
    OneOf(
        _part_form,
        (_TEXT, _REFUSAL, _IMAGE, _FILE, *parts.video_forms("input_video")),
    ),
)
_CONTENT = parts.content(_PART)


def _message(given: Given) -> Message:
    role = given.needed("role")
    given.all(_SHARED)
    given("phase")
    return Message(cast(Role, role), given.needed("content"))


def _call(given: Given) -> ToolCall:
    is_custom = "input" in given.of.fields
    said = "input" if is_custom else "arguments"
    given.require("call_id", "name", said)
    given.all(_SHARED)
    arguments = json.dumps({"input": given(said)}) if is_custom else given(said)
    return ToolCall(given("call_id"), given("name"), arguments)


def _output(given: Given) -> Message:
    given.require("call_id", "output")
    given.all(_SHARED)
    answered = given("call_id")
    return Message("tool", given("output"), (), answered)


def _reference(given: Given) -> Reference:
    return Reference(given.needed("id"), given.path)


def _compacted(given: Given) -> Compacted:
    at = given.at("encrypted_content")
    try:
        sent = compaction.read(given.needed("encrypted_content"))
        turns = [_ITEMS["message"].check(each, f"{at}[{i}]") for i, each in enumerate(sent)]
    except ValueError:
        raise _foreign(at) from None
    given.all(("id", "created_by"))
    return Compacted(tuple(turn for turn in turns if isinstance(turn, Message)))


def _foreign(at: str) -> InvalidRequest:
    return InvalidRequest(
        "The encrypted content could not be verified.",
        param=at,
        code="invalid_encrypted_content",
        hint="Only what POST /v1/responses/compact of this server gave can be read here.",
    )


# What the API adds to items, and takes back with them.
_SHARED: dict[str, Field[Any]] = {"id": String(), "status": Enum(_STATUSES)}


def _called(kind: str, said: str) -> Object[Read]:
    return Object(
        {
            "type": Enum((kind,)), "call_id": String(), "name": String(), said: String(),
            **_SHARED,
        },
        _call,
        required=("type", "call_id", "name", said),
    )  # fmt: skip


def _answered(kind: str) -> Object[Read]:
    return Object(
        {"type": Enum((kind,)), "call_id": String(), "output": _CONTENT, **_SHARED},
        _output,
        required=("type", "call_id", "output"),
    )


_ITEMS: dict[object, Field[Read]] = {
    "message": Object(
        {
            "type": Enum(("message",)), "role": Enum(_ROLES), "content": _CONTENT,
            "phase": Enum(("commentary", "final_answer")), **_SHARED,
        },
        _message,
        required=("role", "content"),
        never_null=("type",),
    ),
    "function_call": _called("function_call", "arguments"),
    "function_call_output": _answered("function_call_output"),
    "custom_tool_call": _called("custom_tool_call", "input"),
    "custom_tool_call_output": _answered("custom_tool_call_output"),
    "compaction": Object(
        {
            "type": Enum(("compaction",)), "encrypted_content": String(), "id": String(),
            "created_by": String(),
        },
        _compacted,
        required=("type", "encrypted_content"),
    ),
    # Of other models.
    "reasoning": Object({"type": Enum(("reasoning",))}, lambda given: None, required=("type",)),
    "item_reference": Object(
        {"type": Enum(("item_reference",)), "id": String()}, _reference, required=("type", "id")
    ),
}  # fmt: skip
_UNTYPED: Object[Read] = Object(
    {"id": String()},
    _reference,
    required=("id",),
    also={"not": {"anyOf": [{"required": ["type"]}, {"required": ["role"]}]}},
)


def _item_form(value: object, at: str) -> Field[Read]:
    item = checks.mapping(value, at)
    kind = checks.text(item.get("type", "message"), f"{at}.type")
    if kind not in _ITEMS:
        raise InvalidRequest(
            f"Invalid value: '{kind[:100]}'. Supported values are: "
            f"{checks.listed([str(each) for each in _ITEMS])}.",
            param=f"{at}.type",
            code="invalid_value",
        )
    if "type" not in item and "role" not in item and item.get("id") is not None:
        return _UNTYPED
    return _ITEMS[kind]


ITEM = Named("InputItem", OneOf(_item_form, (*_ITEMS.values(), _UNTYPED)))
INPUT: Field[tuple[Read, ...]] = by_type(
    "one of a string or array of input items",
    string=Mapped(String(), lambda text: (Message("user", (notes.read(text),)),)),
    array=Array(ITEM, least=1),
)
_PREFIXES = {
    "function_call": "fc_", "custom_tool_call": "ctc_", "reasoning": "rs_", "compaction": "cmp_",
    "function_call_output": "fco_", "custom_tool_call_output": "ctco_",
}  # fmt: skip


def written(sent: object) -> tuple[dict[str, Any], ...]:
    """Write out the items of an input that was found sound, as the API shows them.

    Raises `InvalidRequest` where two have one id, by which neither could be named.
    """
    items = [{"role": "user", "content": sent}] if isinstance(sent, str) else sent
    made = tuple(_written(item) for item in cast(Sequence[dict[str, Any]], items))
    check_ids(made)
    return made


def check_ids(items: Iterable[Mapping[str, Any]]) -> None:
    """Refuse items of which two have one id. Raises `InvalidRequest`."""
    seen = set[str]()
    for item in items:
        if not isinstance(item["id"], str):
            continue  # of an item that is not read
        if item["id"] in seen and item["type"] != "item_reference":
            raise InvalidRequest(
                f"Duplicate item found with id {item['id'][:80]}. Remove duplicate items from your "
                "input and try again.",
                param="input",
            )
        seen.add(item["id"])


def _written(item: Mapping[str, Any]) -> dict[str, Any]:
    kind = item.get("type") or ("message" if "role" in item else "item_reference")
    made = {name: value for name, value in item.items() if value is not None}
    made = {"id": reply.new_id(_PREFIXES.get(kind, "msg_"), 32), **made, "type": kind}
    if kind not in ("reasoning", "item_reference", "compaction"):
        made.setdefault("status", "completed")
    if kind == "reasoning":
        made.setdefault("summary", [])
    if kind == "message":
        made["content"] = _content(item["content"], item["role"])
    if kind.endswith("_output") and isinstance(made["output"], list):
        made["output"] = _content(made["output"], "user")
    return made


def _content(content: str | list[dict[str, Any]], role: str) -> list[dict[str, Any]]:
    if isinstance(content, str):
        kind = "output_text" if role == "assistant" else "input_text"
        content = [{"type": kind, "text": content}]
    added: dict[str, dict[str, Any]] = {
        "input_image": {"detail": "auto"}, "output_text": {"annotations": []},
    }  # fmt: skip
    return [{**added.get(part["type"], {}), **_solid(part)} for part in content]


def _solid(part: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in part.items() if value is not None}


def read(items: Sequence[Mapping[str, Any]], path: str) -> tuple[Read, ...]:
    """Read items that were written out. Raises `InvalidRequest`."""
    return tuple(ITEM.check(item, f"{path}[{i}]") for i, item in enumerate(items))


def turns(found: Iterable[Read]) -> tuple[Message, ...]:
    """Put together what items say: calls that follow each other are one turn's."""
    made = list[Message]()
    for each in found:
        if isinstance(each, Message):
            made.append(each)
        elif isinstance(each, Compacted):
            made += each.turns
        elif isinstance(each, ToolCall):
            if made and made[-1].role == "assistant" and made[-1].calls:
                made[-1] = replace(made[-1], calls=(*made[-1].calls, each))
            else:
                made.append(Message("assistant", (), (each,)))
    return tuple(made)


def resolved(
    found: Sequence[Read], find: Callable[[str], Mapping[str, Any] | None]
) -> tuple[Read, ...]:
    """Put what references name in their place. Raises `InvalidRequest` where that is not kept."""
    return tuple(_resolved(each, find) if isinstance(each, Reference) else each for each in found)


def _resolved(reference: Reference, find: Callable[[str], Mapping[str, Any] | None]) -> Read:
    item = find(reference.id)
    if item is None:
        raise InvalidRequest(
            f"Item with id '{reference.id[:80]}' not found.",
            param=reference.param,
            hint="Items are kept with their responses and conversations; send the item itself.",
        )
    return ITEM.check(item, reference.param)


QUERY: Object[dict[str, Any]] = Object({"order": paging.ORDER, **paging.turning(_MOST)}, whole)


@dataclass(frozen=True, slots=True)
class _ShownItem:
    id: str
    body: Mapping[str, Any]


def page(found: Sequence[Mapping[str, Any]], query: Mapping[str, str]) -> dict[str, Any]:
    """Write one page of items, given the oldest first. Raises `InvalidRequest`."""
    given = QUERY.given(query)
    shown = paging.ordered([_ShownItem(item["id"], item) for item in found], given)
    return paging.page(shown, given, lambda each: dict(each.body), noun="Item", usual=_USUAL)

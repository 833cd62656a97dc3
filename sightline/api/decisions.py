"""`POST /v1/decisions`: the request's JSON to a `Question` of which something is to be decided.

What is asked follows the evidence as messages of its own, so that pictures, texts and costs go the
way of every question's. Replies are `verdicts`'.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from sightline.api import calls, chat, checks, models, parts
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
    typed,
)
from sightline.errors import InvalidRequest
from sightline.types import Decide, Message, Option, Part, Question, Role, Text, ToolCall

MOST_QUESTIONS, MOST_CHOICES, MOST_LEVELS = 400, 255, 10
_MOST_DEPTH, _MOST_VALUES, _MOST_BYTES = 32, 10_000, 256 << 10
_STATUSES = ("in_progress", "completed", "incomplete")


def _mode(given: Given) -> str:
    return str(given.needed("mode"))


_BREAKPOINT = Object({"mode": Enum(("explicit",))}, _mode, required=("mode",))
_CACHED: dict[str, Field[Any]] = {"prompt_cache_breakpoint": _BREAKPOINT}


def _said(given: Given) -> Part:
    text = given.needed("text")
    given.all(_CACHED)
    return Text(text)


def _size(value: object) -> tuple[int, int]:
    """Count the levels of containers of a JSON value, and all values in it."""
    level, depth, count = [value], 0, 0
    while level:
        count += len(level)
        deeper: list[object] = []
        for each in level:
            deeper += each.values() if isinstance(each, dict) else ()
            deeper += each if isinstance(each, list) else ()
        depth += any(isinstance(each, (dict, list)) for each in level)
        level = deeper
    return depth, count


def as_text(value: object, path: str) -> str:
    """Write JSON as it is told to who decides. Raises `InvalidRequest` where it is too large."""
    depth, count = _size(value)
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    bounds = (
        (depth, _MOST_DEPTH, "container levels"),
        (count, _MOST_VALUES, "values"),
        (len(text.encode()), _MOST_BYTES, "bytes of compact JSON"),
    )
    for found, most, noun in bounds:
        if found > most:
            raise InvalidRequest(
                f"Invalid '{path}': the JSON is too large. Expected at most {most} {noun}, but got "
                f"{found}.",
                param=path,
                code="json_too_large",
            )
    return text


def _json(given: Given) -> Part:
    return Text(as_text(given.needed("data"), given.at("data")))


_TEXT: Object[Part] = Object(
    {"type": Enum(("input_text",)), "text": String(), **_CACHED}, _said, required=("type", "text")
)
_ROWS: Field[Any] = by_type(
    "one of an object or array of objects", object=Dict(), array=Array(Dict())
)
_JSON: Object[Part] = Object(
    {"type": Enum(("input_json",)), "data": _ROWS}, _json, required=("type", "data")
)


_SEEN = {"input_text": _TEXT, "input_image": parts.input_image(**_CACHED)}
_USER = Named("DecisionPart", typed({**_SEEN, "input_json": _JSON}))
_RETURNED = Named("DecisionOutputPart", typed(_SEEN))
_INSTRUCTED = Named(
    "DecisionQuestionPart",
    typed(
        {
            "input_text": parts.words("input_text"),
            "input_image": parts.input_image(),
            "input_json": _JSON,
        }
    ),
)
_TOLD = Named("DecisionTextPart", typed({"input_text": _TEXT}))
_ANSWERED = Named(
    "DecisionAssistantPart",
    typed(
        {
            "output_text": parts.words("output_text"),
            "refusal": parts.words("refusal", key="refusal"),
        }
    ),
)


def _message(given: Given) -> Message:
    role = cast(Role, given.needed("role"))
    made = Message(role, given.needed("content"))
    given.all(name for name in ("phase",) if name in given.of.fields)
    return made


def _turn(roles: Sequence[str], part: Field[Part], **beside: Field[Any]) -> Object[Message]:
    return Object(
        {
            "type": Enum(("message",)),
            "role": Enum(roles),
            "content": parts.content(part),
            **beside,
        },
        _message,
        required=("role", "content"),
        never_null=("type",),
    )


_TURNS: dict[str, Field[Message]] = {
    "user": _turn(("user",), _USER),
    "developer": _turn(("developer", "system"), _TOLD),
    "assistant": _turn(
        ("assistant",), _ANSWERED, phase=Enum(("commentary", "final_answer"))
    ),
}  # fmt: skip
_KEPT: dict[str, Field[Any]] = {"id": String(), "status": Enum(_STATUSES)}


def _called(key: str, given: Given) -> ToolCall:
    given.require("call_id", "name", key)
    told = given(key)
    given.all(("id", "namespace", "status"))
    # A custom tool is given any text, a function JSON.
    arguments = told if key == "arguments" else json.dumps({key: told}, ensure_ascii=False)
    return ToolCall(given("call_id"), given("name"), arguments)


def _call(kind: str, key: str) -> Object[ToolCall]:
    return Object(
        {
            "type": Enum((kind,)),
            "call_id": String(),
            "name": String(),
            key: String(),
            "namespace": String(),
            **_KEPT,
        },
        lambda given: _called(key, given),
        required=("type", "call_id", "name", key),
    )


def _returned(given: Given) -> Message:
    given.require("call_id", "output")
    answered, output = given("call_id"), given("output")
    given.all(_KEPT)
    return Message("tool", output, (), answered)


def _output(kind: str) -> Object[Message]:
    return Object(
        {
            "type": Enum((kind,)),
            "call_id": String(),
            "output": parts.content(_RETURNED),
            **_KEPT,
        },
        _returned,
        required=("type", "call_id", "output"),
    )


_Read = Message | ToolCall
_ITEMS: dict[str, Field[_Read]] = {
    "function_call": _call("function_call", "arguments"),
    "function_call_output": _output("function_call_output"),
    "custom_tool_call": _call("custom_tool_call", "input"),
    "custom_tool_call_output": _output("custom_tool_call_output"),
}


def _item_form(value: object, path: str) -> Field[_Read]:
    item = checks.mapping(value, path)
    kind = checks.choice(item.get("type", "message"), f"{path}.type", ("message", *_ITEMS))
    if kind != "message":
        return _ITEMS[kind]
    if item.get("role") is None:
        raise checks.missing(f"{path}.role")
    role = checks.choice(item["role"], f"{path}.role", (*_TURNS, "system"))
    return _TURNS["developer" if role == "system" else role]


_ITEM = Named(
    "DecisionItem",
    OneOf(_item_form, (*_TURNS.values(), *_ITEMS.values())),
)
_INPUT: Field[tuple[_Read, ...]] = by_type(
    "one of a string or array of input items",
    string=Mapped(String(), lambda text: (Message("user", (Text(text),)),)),
    array=Array(_ITEM, least=1),
)

_Asked = tuple[Decide, Message]
_ASKING: dict[str, Field[Any]] = {
    "instructions": by_type(
        "one of a string or array of objects",
        string=Mapped(String(least=1), lambda text: (Text(text),)),
        array=Array(_INSTRUCTED, least=1),
    ),
    "name": String(),
}


def _value_form(value: object, path: str) -> Field[str | bool]:
    if isinstance(value, bool):
        return _FLAG
    if isinstance(value, str):
        return _WORD
    raise checks.wrong_type(value, path, "one of a string or boolean")


_WORD, _FLAG = String(least=1), Boolean()


def _choice(given: Given) -> Option:
    return Option(given.needed("value"), given("description") or "")


def _level(given: Given) -> Option:
    return Option(given.needed("label"), given("description") or "")


_CHOICES = Array(
    Object(
        {"value": OneOf(_value_form, (_WORD, _FLAG)), "description": String()},
        _choice,
        required=("value",),
        closed=True,
    ),
    least=2,
    most=MOST_CHOICES,
)
_LEVELS = Array(
    Object({"label": _WORD, "description": String()}, _level, required=("label",), closed=True),
    least=2,
    most=MOST_LEVELS,
)


def _predicate(given: Given) -> _Asked:
    return Decide("predicate", name=given("name")), Message("user", given.needed("instructions"))


def _chosen(given: Given) -> _Asked:
    asked = Message("user", given.needed("instructions"))
    options = given.needed("choices")
    seen = set[tuple[bool, str | bool]]()
    for i, option in enumerate(options):
        key = isinstance(option.value, bool), option.value
        if key in seen:
            path = f"{given.at('choices')}[{i}].value"
            raise InvalidRequest(
                f"Invalid '{path}': duplicate value. Each choice must be unique.",
                param=path,
                code="duplicate_value",
            )
        seen.add(key)
    return Decide("choice", options, given("name")), asked


def _scored(given: Given) -> _Asked:
    asked = Message("user", given.needed("instructions"))
    return Decide("score", given.needed("levels"), given("name")), asked


def _question(
    kind: str, make: Callable[[Given], _Asked], **options: Field[Any]
) -> Object[_Asked]:  # fmt: skip
    return Object(
        {"type": Enum((kind,)), **_ASKING, **options},
        make,
        required=("type", "instructions", *options),
        closed=True,
    )


_KINDS: dict[str, Field[_Asked]] = {
    "predicate": _question("predicate", _predicate),
    "choice": _question("choice", _chosen, choices=_CHOICES),
    "score": _question("score", _scored, levels=_LEVELS),
}


_QUESTIONS = Array(
    Named("DecisionQuestion", typed(_KINDS)),
    least=1,
    most=MOST_QUESTIONS,
)
_CACHE: Object[dict[str, Any]] = Object(
    {"mode": Enum(("implicit", "explicit")), "ttl": Enum(("30m",))},
    lambda given: given.all(("mode", "ttl")),
)
_ASIDE: dict[str, Field[Any]] = {
    "prompt_cache_key": String(),
    "prompt_cache_options": _CACHE,
    "safety_identifier": chat.FIELDS["safety_identifier"],
}
REQUEST: Object[dict[str, Any]] = Object(
    {
        "model": chat.MODEL,
        "input": _INPUT,
        "questions": _QUESTIONS,
        **_ASIDE,
        "sightline": chat.INCLUDED,
    },
    lambda given: given.all(_ASIDE),
    required=("model", "input", "questions"),
    closed=True,
)


def parse(
    body: Mapping[str, Any], find: Callable[[str], models.Model] = models.find
) -> chat.ChatRequest:
    """Check a request's body. Raises `InvalidRequest` and `ModelNotFound` in the API's words."""
    given = REQUEST.given(body)
    if body.get("model") == "":
        raise checks.missing("model")
    model = find(given.needed("model"))
    given.require("input", "questions")
    given.refuse_unknown()
    turns = conversation(given("input"), "input")
    asked = given("questions")
    given.all(_ASIDE)
    return asking(model, turns, asked, given("sightline") or frozenset())


def asking(
    model: models.Model,
    evidence: Sequence[Message],
    asked: Sequence[_Asked],
    include: frozenset[str] = frozenset(),
) -> chat.ChatRequest:
    """Put what is to be decided after that of which it is."""
    question = Question(
        model=model.id,
        profile=model.profile or model.id,
        messages=(*evidence, *(message for _, message in asked)),
        decide=tuple(decide for decide, _ in asked),
        max_tokens=len(asked),
        include=include,
    )
    return chat.ChatRequest(question, model)


def conversation(items: Iterable[_Read], path: str) -> tuple[Message, ...]:
    """Make turns of items: calls stand in the turn that makes them, before their outputs.

    Raises `InvalidRequest` for an output without its call, and for a call without its output.
    """
    turns: list[Message] = []
    called: dict[str, None] = {}  # as a set that keeps their order
    for i, each in enumerate(items):
        if isinstance(each, ToolCall):
            called[each.id] = None
            if turns and turns[-1].role == "assistant":
                turns[-1] = replace(turns[-1], calls=(*turns[-1].calls, each))
            else:
                turns.append(Message("assistant", (), (each,)))
            continue
        if each.role == "tool" and each.call_id not in called:
            raise InvalidRequest(
                f"No tool call found for function call output with call_id {each.call_id[:100]}.",
                param=f"{path}[{i}].call_id",
                hint="Send the call before its output.",
            )
        turns.append(each)
    calls.check_all_answered(called, {turn.call_id for turn in turns if turn.role == "tool"})
    return tuple(turns)

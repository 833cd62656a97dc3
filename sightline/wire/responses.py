"""`/v1/responses`: its JSON to the same question that a chat completion is.

Both spellings share the fields that are spelled alike, and what is made of them; what differs is
where things stand and what they are called. Replies are `response_reply`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from sightline.errors import InvalidRequest
from sightline.types import (
    JsonFormat,
    Message,
    Part,
    Role,
    Text,
    Tool,
    ToolCall,
)
from sightline.wire import chat, check, models, notes, parts, reply, tools
from sightline.wire.fields import (
    Array,
    Boolean,
    Enum,
    Field,
    Given,
    Ignored,
    Integer,
    Mapped,
    Named,
    Object,
    OneOf,
    String,
    by_type,
)

_ROLES = ("user", "assistant", "system", "developer")
_PARTS = ("input_text", "input_image", "output_text", "refusal", "input_file")
_LEAST = 16  # tokens of an answer
# Taken and echoed, without effect here.
_ECHOED = ("include", "truncation", "max_tool_calls", "stream_options")
# What only some servers have a use for, named as in a chat completion.
_PLATFORM = (
    "service_tier", "user", "safety_identifier", "prompt_cache_key", "prompt_cache_options",
    "prompt_cache_retention", "moderation",
)  # fmt: skip
_LOGPROBS = "message.output_text.logprobs"  # how `include` asks for them


@dataclass(frozen=True, slots=True)
class ResponsesRequest:
    """A checked request. `turns` are the input's alone, `items` as they were sent."""

    chat: chat.ChatRequest
    turns: tuple[Message, ...]
    items: tuple[dict[str, Any], ...]
    body: Mapping[str, Any]
    instructions: str | None = None
    previous: str | None = None
    store: bool = True
    stream: bool = False

    def after(self, before: Sequence[Message]) -> ResponsesRequest:
        """Put what was said before in front of the input."""
        told = (Message("developer", (Text(self.instructions),)),) if self.instructions else ()
        question = replace(self.chat.question, messages=(*told, *before, *self.turns))
        return replace(self, chat=replace(self.chat, question=question))


_IMAGE = parts.input_image()
_TEXT, _REFUSAL = parts.words("input_text", "output_text"), parts.words("refusal", key="refusal")
_FILE = parts.document(type=Enum(("input_file",)))


def _part_form(value: object, at: str) -> Field[Part]:
    part = check.mapping(value, at)
    kind = part.get("type")
    if kind is None:
        raise check.missing(f"{at}.type")
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
    return Message(cast(Role, role), given.needed("content"))


def _call(given: Given) -> ToolCall:
    given.require("call_id", "name", "arguments")
    return ToolCall(given("call_id"), given("name"), given("arguments"))


def _output(given: Given) -> Message:
    given.require("call_id", "output")
    answered = given("call_id")
    return Message("tool", given("output"), (), answered)


# What an item is read as; nothing for one that has no part in a new answer.
_Read = Message | ToolCall | None
_ITEMS: dict[object, Field[_Read]] = {
    "message": Object(
        {"type": Enum(("message",)), "role": Enum(_ROLES), "content": _CONTENT},
        _message,
        required=("role", "content"),
        never_null=("type",),
    ),
    "function_call": Object(
        {
            "type": Enum(("function_call",)),
            "call_id": String(),
            "name": String(),
            "arguments": String(),
        },
        _call,
        required=("type", "call_id", "name", "arguments"),
    ),
    "function_call_output": Object(
        {"type": Enum(("function_call_output",)), "call_id": String(), "output": _CONTENT},
        _output,
        required=("type", "call_id", "output"),
    ),
    # Of other models.
    "reasoning": Object({"type": Enum(("reasoning",))}, lambda given: None, required=("type",)),
}


def _item_form(value: object, at: str) -> Field[_Read]:
    kind = check.mapping(value, at).get("type", "message")
    if not isinstance(kind, str) or kind not in _ITEMS:
        raise InvalidRequest(
            f"Invalid value: '{str(kind)[:100]}'. Supported values are: 'message', "
            "'function_call', 'function_call_output', and 'reasoning'.",
            param=f"{at}.type",
            code="invalid_value",
        )
    return _ITEMS[kind]


_ITEM = Named("InputItem", OneOf(_item_form, tuple(_ITEMS.values())))
_INPUT: Field[tuple[_Read, ...]] = by_type(
    "one of a string or array of input items",
    string=Mapped(String(), lambda text: (Message("user", (notes.read(text),)),)),
    array=Array(_ITEM, least=1),
)

_FORMAT = tools.answer_format(
    Object(
        {"type": Enum(("json_schema",)), **tools.JSON_SCHEMA},
        tools.read_json_schema,
        required=("type", "name", "schema"),
    )
)
_TEXT_OPTIONS: Object[dict[str, Any]] = Object(
    {"format": _FORMAT, "verbosity": chat.FIELDS["verbosity"]},
    lambda given: given.all(("format", "verbosity")),
)


def _tool(given: Given) -> Tool:
    if given.value.get("type") != "function":
        raise InvalidRequest(
            f"Invalid value: '{str(given.value.get('type'))[:100]}'. Supported values are: "
            "'function'.",
            param=given.at("type"),
            code="invalid_value",
            hint="Tools of the API's own, such as web search, are not there.",
        )
    return tools.read_function(given)


_TOOLS = Array(
    Object({"type": Enum(("function",)), **tools.FUNCTION}, _tool, required=("type", "name"))
)


def _flat_choice(given: Given) -> tools.Calling:
    # Errors tell of it as of that of a chat.
    named = {"name": given.value.get("name")}
    return tools.Calling(tools.CALLED.check(named, f"{given.path}.function"))


_FLAT_CHOICE = Object(
    {"type": Enum(("function",)), "name": tools.CALLED_NAME},
    _flat_choice,
    required=("type", "name"),
    also={"not": {"required": ["function"]}},
)


def _choice_form(value: object, path: str) -> Field[tools.Calling]:
    flat = isinstance(value, dict) and value.get("type") == "function" and "function" not in value
    return _FLAT_CHOICE if flat else tools.TOOL_CHOICE


_REASONING = Object({"effort": chat.FIELDS["reasoning_effort"]}, lambda given: given("effort"))
_SHARED: dict[str, Field[Any]] = {
    "max_output_tokens": Integer(_LEAST),
    **{
        name: chat.FIELDS[name]
        for name in (
            "temperature", "top_p", "stream", "parallel_tool_calls", "metadata", "sightline",
            *_PLATFORM,
        )
    },
}  # fmt: skip
REQUEST: Object[dict[str, Any]] = Object(
    {
        "model": chat.MODEL,
        "input": _INPUT,
        "instructions": String(),
        **_SHARED,
        "reasoning": _REASONING,
        "top_logprobs": chat.FIELDS["top_logprobs"],
        "text": _TEXT_OPTIONS,
        "tools": _TOOLS,
        "tool_choice": OneOf(_choice_form, (_FLAT_CHOICE, tools.TOOL_CHOICE)),
        "previous_response_id": String(),
        "store": Boolean(),
        "background": Boolean(),
        **{name: Ignored() for name in _ECHOED},
    },
    lambda given: given.all(_SHARED),
    required=("model", "input"),
    closed=True,
)


def parse(
    body: Mapping[str, Any], find: Callable[[str], models.Model] = models.find
) -> ResponsesRequest:
    """Check a request's body. Raises `InvalidRequest` and `ModelNotFound` in the API's words."""
    given = REQUEST.given(body)
    if body.get("model") == "":
        raise check.missing("model")
    model = find(given.needed("model"))
    given.refuse_unknown()
    items, turns = _input(given)
    if given("background"):
        raise InvalidRequest(
            "Background mode is not supported.", param="background", code="unsupported_parameter"
        )
    fields = _fields(given, model, turns)
    instructions = given("instructions")
    told = (Message("developer", (Text(instructions or ""),)), *turns)
    asked = chat.complete(fields, model, told)
    previous = given("previous_response_id")
    given("store")
    made = ResponsesRequest(
        asked,
        turns,
        items,
        body,
        instructions,
        previous,
        body.get("store") is not False,
        bool(fields.get("stream")),
    )
    return made.after(())


def _fields(given: Given, model: models.Model, turns: Sequence[Message]) -> dict[str, Any]:
    """Read the fields that are a chat's too, by the names that they have there."""
    fields = given.all(_SHARED)
    most = fields.pop("max_output_tokens", None)
    if most is not None:
        if most > model.max_output:
            raise InvalidRequest(
                f"max_output_tokens is too large: {most}. This model supports at most "
                f"{model.max_output} completion tokens, whereas you provided {most}.",
                param="max_output_tokens",
                code="invalid_value",
            )
        fields["max_completion_tokens"] = most
    if (effort := given("reasoning")) is not None:
        fields["reasoning_effort"] = effort
    likely = given.all(("top_logprobs",))
    included = given.value.get("include")
    if isinstance(included, list) and _LOGPROBS in included:
        fields |= {"logprobs": True, **likely}
    options = given("text") or {}
    if "format" in options:
        _check_asked_for(options["format"], turns, given.value.get("instructions"))
        fields["response_format"] = options["format"]
    if options.get("verbosity") is not None:
        fields["verbosity"] = options["verbosity"]
    if called := given("tools"):
        fields["tools"] = called
    if given.has("tool_choice"):
        fields["tool_choice"] = given("tool_choice")
    return fields


def _check_asked_for(
    format: JsonFormat | None, turns: Sequence[Message], instructions: object
) -> None:
    """Refuse an answer of any JSON that no text asks for. Raises `InvalidRequest`."""
    if format is None or format.schema is not None:
        return
    said = [p.text for turn in turns for p in turn.parts if isinstance(p, Text)]
    if not any("json" in t.lower() for t in [*said, str(instructions or "")]):
        raise InvalidRequest(
            "Response input messages must contain the word 'json' in some form to use "
            "'text.format' of type 'json_object'.",
            param="input",
        )


def _input(given: Given) -> tuple[tuple[dict[str, Any], ...], tuple[Message, ...]]:
    """Read the input: a text, or items. Gives the items with ids, and the turns they make."""
    sent, read = given.value.get("input"), given.needed("input")
    if isinstance(sent, str):
        sent = [{"role": "user", "content": sent}]
    items, turns = [], list[Message]()
    for spec, each in zip(cast(list[dict[str, Any]], sent), read, strict=True):
        kind = spec.get("type", "message")
        items.append({"id": reply.new_id("msg_", 32), "type": kind, **spec})
        if kind == "message":
            items[-1]["content"] = _listed(spec.get("content"))
        if isinstance(each, Message):
            turns.append(each)
        elif each is not None:
            if turns and turns[-1].role == "assistant" and turns[-1].calls:
                turns[-1] = replace(turns[-1], calls=(*turns[-1].calls, each))
            else:
                turns.append(Message("assistant", (), (each,)))
    return tuple(items), tuple(turns)


def _listed(content: object) -> object:
    return [{"type": "input_text", "text": content}] if isinstance(content, str) else content

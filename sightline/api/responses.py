"""`/v1/responses`: its JSON to the same question that a chat completion is.

Both spellings share the fields that are spelled alike, and what is made of them; what differs is
where things stand and what they are called. Replies are `response_reply`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sightline.api import calls, chat, checks, forms, items, models, paging, tools
from sightline.api.fields import (
    Array,
    Boolean,
    Enum,
    Field,
    Given,
    Integer,
    Null,
    Object,
    OneOf,
    Schema,
    String,
    by_type,
    reading,
    whole,
)
from sightline.api.items import Read, Reference
from sightline.errors import InvalidRequest
from sightline.types import JsonFormat, Message, Text, Tool

_LEAST = 16  # tokens of an answer
# What only some servers have a use for, named as in a chat completion.
_PLATFORM = (
    "service_tier", "user", "safety_identifier", "prompt_cache_key", "prompt_cache_options",
    "prompt_cache_retention", "moderation",
)  # fmt: skip
_LOGPROBS = "message.output_text.logprobs"  # how `include` asks for them
_INCLUDED = (
    "file_search_call.results", "web_search_call.results", "web_search_call.action.sources",
    "message.input_image.image_url", "computer_call_output.output.image_url",
    "code_interpreter_call.outputs", "reasoning.encrypted_content", _LOGPROBS,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ResponsesRequest:
    """A checked request. `read` are the input's items alone, `items` as they are shown."""

    chat: chat.ChatRequest
    read: tuple[Read, ...]
    items: tuple[dict[str, Any], ...]
    body: Mapping[str, Any]
    instructions: str | None = None
    previous: str | None = None
    conversation: str | None = None
    store: bool = True
    stream: bool = False
    background: bool = False

    @property
    def follows(self) -> bool:
        """Whether it is about what is kept, so that `after` has to be told of that."""
        return self.previous is not None or self.conversation is not None or self.refers

    @property
    def refers(self) -> bool:
        """Whether items stand for others that are kept."""
        return any(isinstance(each, Reference) for each in self.read)

    def spelled(self, error: InvalidRequest) -> InvalidRequest:
        """Tell of a chat's field by what it was asked with here."""
        return _spelled(error, self.body)

    def after(
        self,
        before: Sequence[Message],
        find: Callable[[str], Mapping[str, Any] | None] = lambda id: None,
    ) -> ResponsesRequest:
        """Put what was said before in front of the input, and what it refers to in its place.

        `find` gives an item that is kept by its id. Raises `InvalidRequest`.
        """
        told = (Message("developer", (Text(self.instructions),)),) if self.instructions else ()
        said = (*before, *items.turns(items.resolved(self.read, find)))
        calls.check_outputs(said)
        question = replace(self.chat.question, messages=(*told, *said))
        return replace(self, chat=replace(self.chat, question=question))


# Fields of a chat by what they are called here.
_CALLED_HERE = {
    "messages": "input",
    "response_format": "text.format.schema",
    "tool_choice.function": "tool_choice",
    "tool_choice.function.name": "tool_choice.name",
}


def _spelled(error: InvalidRequest, body: Mapping[str, Any]) -> InvalidRequest:
    if error.param == "logprobs":
        return checks.unsupported("top_logprobs" if body.get("top_logprobs") else "include")
    here = _CALLED_HERE.get(error.param or "")
    if here is None or error.code == "unknown_parameter":
        return error
    chosen = body.get("tool_choice")
    if isinstance(chosen, dict) and "function" in chosen and here.startswith("tool_choice"):
        return error  # it was spelled as a chat's
    message = error.message.replace(f"'{error.param}'", f"'{here}'")
    return InvalidRequest(message, param=here, code=error.code, hint=error.hint)


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


def _custom(given: Given) -> Tool:
    """Read a tool that is called with a text: the only argument that its function has."""
    name = given.needed("name")
    given("format")
    text = {"type": "object", "properties": {"input": {"type": "string"}}, "required": ["input"]}
    closed = {**text, "additionalProperties": False}
    return Tool(name, given("description") or "", closed, strict=True)


_FUNCTION = Object(
    {"type": Enum(("function",)), **tools.FUNCTION}, tools.read_function, required=("type", "name")
)
_CUSTOM = Object(
    {
        "type": Enum(("custom",)),
        "name": tools.FUNCTION["name"],
        "description": String(),
        "format": Object({"type": Enum(("text",))}, reading("type"), required=("type",)),
    },
    _custom,
    required=("type", "name"),
)


def _tool_form(value: object, path: str) -> Field[Tool]:
    kind = checks.mapping(value, path).get("type")
    if kind is None:
        raise checks.missing(f"{path}.type")
    checks.text(kind, f"{path}.type")
    if kind not in ("function", "custom"):
        raise InvalidRequest(
            f"Invalid value: '{kind[:100]}'. Supported values are: 'function' and 'custom'.",
            param=f"{path}.type",
            code="invalid_value",
            hint="Tools of the API's own, such as web search, are not there.",
        )
    return _FUNCTION if kind == "function" else _CUSTOM


def _flat_choice(given: Given) -> tools.Calling:
    # Errors tell of it as of that of a chat.
    named = {"name": given.value.get("name")}
    return tools.Calling(tools.CALLED.check(named, f"{given.path}.function"))


_CALLED = Object({"name": tools.CALLED_NAME}, reading("name"), required=("name",))
# Choices are spelled flat here; those of a chat are taken too.
_FLAT: dict[str, Field[tools.Calling]] = {
    **{
        kind: Object(
            {"type": Enum((kind,)), "name": tools.CALLED_NAME},
            _flat_choice,
            required=("type", "name"),
            also={"not": {"required": [kind]}},
        )
        for kind in ("function", "custom")
    },
    "allowed_tools": Object(
        {"type": Enum(("allowed_tools",)), **tools.among(_CALLED)},
        tools.some,
        required=("type", "tools"),
        never_null=("mode",),
        also={"not": {"required": ["allowed_tools"]}},
    ),
}


def _choice_form(value: object, path: str) -> Field[tools.Calling]:
    kind = value.get("type") if isinstance(value, dict) else None
    if isinstance(value, dict) and isinstance(kind, str) and kind in _FLAT and kind not in value:
        return _FLAT[kind]
    return tools.TOOL_CHOICE


_SUMMARY = Enum(("auto", "concise", "detailed"))
_REASONING = Object(
    {
        "effort": chat.FIELDS["reasoning_effort"],
        "summary": _SUMMARY,
        "generate_summary": _SUMMARY,
        "context": Enum(("auto", "current_turn", "all_turns")),
        "mode": String(),
    },
    lambda given: whole(given).get("effort"),
    closed=True,
)
_CONVERSATION: Field[str] = by_type(
    "one of a string or object",
    string=String(),
    object=Object({"id": String()}, reading("id"), required=("id",)),
)


def _one_of(name: str, allowed: Sequence[str], refused: Sequence[str]) -> Object[str | None]:
    """Make an object of one field, some of whose values cannot be had here."""

    def read(given: Given) -> str | None:
        value: str | None = given(name)
        if value in refused:
            raise InvalidRequest(
                f"Unsupported value: '{given.at(name)}' does not support '{value}' with this "
                "model.",
                param=given.at(name),
                code="unsupported_value",
            )
        return value

    return Object({name: Enum((*allowed, *refused))}, read)


# What is taken and has no effect here, but has to be what the API takes.
_CHECKED: dict[str, Field[Any]] = {
    "include": Array(Enum(_INCLUDED), noun="strings"),
    "truncation": Enum(("auto", "disabled")),
    "max_tool_calls": Integer(1),
    "stream_options": Object({"include_obfuscation": Boolean()}, whole),
    "context_management": Array(
        Object(
            {"type": Enum(("compaction",)), "compact_threshold": Integer(1)},
            lambda given: (given.needed("type"), given("compact_threshold")),
            required=("type",),
        )
    ),
    "image": _one_of("context_compression", ("auto", "disabled"), ("enabled",)),
    "access_programs": _one_of("cyber", ("standard",), ("daybreak_blue", "daybreak_red")),
    "prompt": Null(),
}
_STANDING = ("input", "previous_response_id", "conversation")
_ASKED: list[Schema] = [
    {"required": [name], "properties": {name: {"not": {"type": "null"}}}} for name in _STANDING
]
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
        "input": items.INPUT,
        "instructions": String(),
        **_SHARED,
        "reasoning": _REASONING,
        "top_logprobs": chat.FIELDS["top_logprobs"],
        "text": _TEXT_OPTIONS,
        "tools": Array(OneOf(_tool_form, (_FUNCTION, _CUSTOM))),
        "tool_choice": OneOf(_choice_form, (*_FLAT.values(), tools.TOOL_CHOICE)),
        "previous_response_id": String(),
        "conversation": _CONVERSATION,
        "store": Boolean(),
        "background": Boolean(),
        **_CHECKED,
    },
    lambda given: given.all(_SHARED),
    required=("model",),
    closed=True,
    also={"anyOf": _ASKED, "not": {"allOf": _ASKED[1:]}},
)
# What may be said of a conversation that is to be made shorter.
COMPACT: Object[None] = Object(
    {
        name: REQUEST.fields[name]
        for name in (
            "model", "input", "instructions", "previous_response_id", "image", "service_tier",
            "prompt_cache_key", "prompt_cache_options", "prompt_cache_retention",
        )
    },
    lambda given: None,
    required=("model",),
    closed=True,
    also={"anyOf": _ASKED[:2]},
)  # fmt: skip
# How one that is kept is asked for: as it is, or by its events after one of them.
QUERY: Object[dict[str, Any]] = Object(
    {"stream": forms.Flag(), "starting_after": paging.Count(), "include_obfuscation": forms.Flag()},
    whole,
)


def parse(
    body: Mapping[str, Any], find: Callable[[str], models.Model] = models.find
) -> ResponsesRequest:
    """Check a request's body. Raises `InvalidRequest` and `ModelNotFound` in the API's words."""
    try:
        return _parse(body, find)
    except InvalidRequest as error:
        raise _spelled(error, body) from None


def _parse(body: Mapping[str, Any], find: Callable[[str], models.Model]) -> ResponsesRequest:
    given = REQUEST.given(body)
    if body.get("model") == "":
        raise checks.missing("model")
    model = find(given.needed("model"))
    given.refuse_unknown()
    given("prompt")  # one that is kept at OpenAI needs no input, and is what is to be told of
    if not any(given.has(name) for name in _STANDING):
        raise checks.missing("input")
    found = given("input") or ()
    turns = items.turns(found)
    fields = _fields(given, model, turns)
    instructions = given("instructions")
    told = (Message("developer", (Text(instructions or ""),)), *turns)
    asked = chat.complete(fields, model, told)
    made = ResponsesRequest(
        asked,
        found,
        items.written(given.value.get("input") or ()),
        body,
        instructions,
        given("previous_response_id"),
        given("conversation"),
        given("store") is not False,
        bool(fields.get("stream")),
        bool(given("background")),
    )
    given.all(_CHECKED)
    _check_together(given, made)
    return made if made.follows else made.after(())


def parse_compact(
    body: Mapping[str, Any], find: Callable[[str], models.Model] = models.find
) -> ResponsesRequest:
    """Check a request to make a conversation shorter. Raises as `parse` does."""
    given = COMPACT.given(body)
    if body.get("model") != "":
        find(given.needed("model"))
        given.refuse_unknown()
    return parse(body, find)


def _check_together(given: Given, asked: ResponsesRequest) -> None:
    """Refuse what does not go together. Raises `InvalidRequest`."""
    if asked.previous is not None and asked.conversation is not None:
        raise InvalidRequest(
            "Mutually exclusive parameters: 'previous_response_id' and 'conversation'. Ensure you "
            "are only providing one of them.",
            param="conversation",
            code="mutually_exclusive_parameters",
        )
    if asked.background and not asked.store:
        raise InvalidRequest(
            "Background mode requires 'store' to be true.",
            param="background",
            hint="What is made while nobody waits has to be kept for whoever asks for it.",
        )


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
    if likely.get("top_logprobs") or (isinstance(included, list) and _LOGPROBS in included):
        fields |= {"logprobs": True, **likely}
    if given.has("stream_options"):
        fields["stream_options"] = given("stream_options") or {"include_obfuscation": True}
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

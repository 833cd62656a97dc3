"""`POST /v1/chat/completions`: the request's JSON to a `Question`.

Errors come in the API's order: model, presence of messages, unknown keys, then each field in
turn, then what the engine cannot do. Pictures stay `ImageRef`s; nothing is decoded or fetched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, get_args

from sightline.api import calls, checks, models
from sightline.api.fields import (
    Array,
    Boolean,
    Dict,
    Enum,
    Field,
    Given,
    Ignored,
    Integer,
    Mapped,
    Named,
    Number,
    Object,
    String,
    by_type,
)
from sightline.api.messages import MESSAGE
from sightline.api.tools import (
    FUNCTION_CALL,
    FUNCTIONS,
    RESPONSE_FORMAT,
    TOOL_CHOICE,
    TOOLS,
    Calling,
)
from sightline.errors import InvalidRequest
from sightline.types import Effort, Message, Question, Slot, Tool

# What means something to a platform alone, and nothing about an answer here.
PLATFORM = (
    "verbosity", "service_tier", "prompt_cache_key", "prompt_cache_options",
    "prompt_cache_retention", "safety_identifier", "user", "prediction", "web_search_options",
    "moderation",
)  # fmt: skip
_TIERS = ("auto", "default", "flex", "scale", "priority", "fast", "ultrafast")
_INT64 = 2**63
_MOST_CHOICES = 128
_INCLUDED = ("things", "evidence")  # what a request may ask for beside the answer
_MOST_SLOTS = 200
_LONGEST_S = 1e6


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A checked request: the question, and how the reply is to be written."""

    question: Question
    model: models.Model
    stream: bool = False
    include_usage: bool = False
    n: int = 1
    legacy_functions: bool = False
    store: bool = False
    others: tuple[Question, ...] = ()  # further prompts, each with choices of its own
    echoed: tuple[str, ...] = ()  # what each prompt's answers begin with
    sent: Mapping[str, Any] = field(default_factory=dict, repr=False)  # of one to be kept


_STOP: Field[tuple[str, ...]] = by_type(
    "one of a string or array of strings",
    string=Mapped(String(), lambda text: (text,) if text else ()),
    array=Array(String(least=1), most=4, noun="strings"),
)
METADATA = Dict(String(most=64), String(most=512), most=16)


def _as_sent(given: Given) -> Mapping[str, Any]:
    given.all(given.of.fields)
    return given.value


@dataclass(frozen=True, slots=True)
class Own:
    """What a request asks of this server alone, in its field `sightline`."""

    include: frozenset[str] = frozenset()
    narrate: tuple[Slot, ...] = ()


def _slot(given: Given) -> Slot:
    given.require("start_s", "end_s", "words")
    begin, end = given("start_s"), given("end_s")
    if end <= begin:
        raise InvalidRequest(
            f"Invalid '{given.at('end_s')}': it must come after 'start_s'.",
            param=given.at("end_s"), code="invalid_value",
        )  # fmt: skip
    return Slot(begin, end, given("words"))


_SLOT = Object(
    {
        "start_s": Number(0, _LONGEST_S),
        "end_s": Number(0, _LONGEST_S),
        "words": Integer(1, 1000),
    },
    _slot,
    required=("start_s", "end_s", "words"),
)
_INCLUDE = Array(Enum(_INCLUDED), most=len(_INCLUDED), noun="strings")
INCLUDED: Field[frozenset[str]] = Named(
    "SightlineIncluded",
    Object({"include": _INCLUDE}, lambda given: frozenset(given("include") or ()), closed=True),
)
OWN = Named(
    "Sightline",
    Object(
        {
            "include": _INCLUDE,
            "narrate": Array(_SLOT, least=1, most=_MOST_SLOTS),
        },
        lambda given: Own(frozenset(given("include") or ()), given("narrate") or ()),
        closed=True,
    ),
)

# Every top-level field, in the order in which they are checked; null is as good as absent.
FIELDS: dict[str, Field[Any]] = {
    "max_tokens": Integer(1),
    "max_completion_tokens": Integer(1),
    "temperature": Number(0, 2),
    "top_p": Number(0, 1),
    "n": Integer(1, _MOST_CHOICES),
    "stop": _STOP,
    "seed": Integer(-_INT64, _INT64 - 1),
    "presence_penalty": Number(-2, 2),
    "frequency_penalty": Number(-2, 2),
    "logit_bias": Dict(values=Number(-100, 100), shown=32),
    "logprobs": Boolean(),
    "top_logprobs": Integer(0, 20),
    "stream": Boolean(),
    "stream_options": Object(
        {"include_usage": Boolean(), "include_obfuscation": Boolean()}, _as_sent
    ),
    "response_format": RESPONSE_FORMAT,
    "tools": TOOLS,
    "tool_choice": TOOL_CHOICE,
    "parallel_tool_calls": Boolean(),
    "functions": FUNCTIONS,
    "function_call": FUNCTION_CALL,
    "user": String(),
    "safety_identifier": String(most=128),
    "prompt_cache_key": String(),
    "prompt_cache_options": Object(
        {
            "mode": Enum(("implicit", "explicit")),
            "ttl": Enum(("30m", "12h")),
            "comparison_response_id": String(),
            "prewarm": Boolean(),
        },
        _as_sent,
    ),
    "prompt_cache_retention": Enum(("in_memory", "in-memory", "24h")),
    "store": Boolean(),
    "metadata": METADATA,
    "service_tier": Enum(_TIERS),
    "reasoning_effort": Enum(get_args(Effort)),
    "verbosity": Enum(("low", "medium", "high")),
    "modalities": Array(Enum(("text", "audio")), least=1, noun="strings"),
    "audio": Dict(),
    "prediction": Dict(),
    "web_search_options": Dict(),
    "moderation": Ignored(),
    "sightline": OWN,
}
MODEL = String(least=1, examples=("gpt-4o", models.READER))
REQUEST: Object[dict[str, Any]] = Object(
    {"model": MODEL, "messages": Array(MESSAGE, least=1), **FIELDS},
    lambda given: given.all(FIELDS),
    required=("model", "messages"),
    closed=True,
)


def parse(
    body: Mapping[str, Any], find: Callable[[str], models.Model] = models.find
) -> ChatRequest:
    """Check a request body and turn it into a `ChatRequest`.

    `find` looks the model up. Raises `InvalidRequest` or `ModelNotFound` with the API's message,
    `param` and `code`.
    """
    given = REQUEST.given(body)
    found = model(given, find)
    given.require("messages")
    given.refuse_unknown()
    messages = given("messages")
    made = complete(given.all(FIELDS), found, messages)
    _check_kept(made, body)
    calls.check_answered(messages)
    if not made.store:
        return made
    return replace(made, sent={name: each for name, each in body.items() if name != "messages"})


def _check_kept(asked: ChatRequest, body: Mapping[str, Any]) -> None:
    if body.get("metadata") and not asked.store:
        raise InvalidRequest(
            "The 'metadata' parameter is only allowed when 'store' is enabled.", param="metadata"
        )


def model(given: Given, find: Callable[[str], models.Model]) -> models.Model:
    """Look up the model that a request names. Raises `InvalidRequest` or `ModelNotFound`."""
    if given.value.get("model") in (None, ""):
        raise InvalidRequest(
            "you must provide a model parameter",
            hint=f"Any model id of the API will do, or {models.READER!r}.",
        )
    return find(given("model"))


def complete(
    fields: Mapping[str, Any], model: models.Model, messages: tuple[Message, ...]
) -> ChatRequest:
    """Put checked fields together with the turns. Raises `InvalidRequest` for what does not fit."""
    _capabilities(fields, model)
    return _assemble(fields, model, messages)


def check_most(key: str, count: int, model: models.Model) -> None:
    """See that a model can say as much as `key` asks for. Raises `InvalidRequest`."""
    if count > model.max_output:
        raise InvalidRequest(
            f"{key} is too large: {count}. This model supports at most {model.max_output} "
            f"completion tokens, whereas you provided {count}.",
            param=key,
            code="invalid_value",
        )


def _capabilities(fields: Mapping[str, Any], model: models.Model) -> None:
    if fields.get("stream_options") and not fields.get("stream"):
        raise InvalidRequest(
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
            param="stream_options",
        )
    if "top_logprobs" in fields and not fields.get("logprobs"):
        raise InvalidRequest(
            "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.",
            param="top_logprobs",
        )
    if fields.get("tool_choice") is not None and not fields.get("tools"):
        raise InvalidRequest(
            "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are "
            "specified.",
            param="tool_choice",
        )
    if fields.get("function_call") is not None and not fields.get("functions"):
        raise InvalidRequest(
            "Invalid value for 'function_call': 'function_call' is only allowed when "
            "'functions' are specified.",
            param="function_call",
        )
    if "max_tokens" in fields and "max_completion_tokens" in fields:
        raise InvalidRequest(
            "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
            param="max_tokens",
            code="invalid_parameter_combination",
        )
    for key in ("max_tokens", "max_completion_tokens"):
        check_most(key, fields.get(key, 0), model)
    if model.reasoning:
        if "max_tokens" in fields:
            raise InvalidRequest(
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
                "'max_completion_tokens' instead.",
                param="max_tokens",
                code="unsupported_parameter",
            )
        for key in ("temperature", "top_p"):
            if fields.get(key, 1) != 1:
                raise InvalidRequest(
                    f"Unsupported value: '{key}' does not support {fields[key]:g} with this "
                    "model. Only the default (1) value is supported.",
                    param=key,
                    code="unsupported_value",
                )
    if "audio" in fields.get("modalities", ()):
        raise InvalidRequest(
            "Unsupported value: 'modalities' does not support 'audio' with this model.",
            param="modalities",
            code="unsupported_value",
            hint="Ask for text.",
        )
    if "audio" in fields:
        raise checks.unsupported("audio")


def _assemble(
    fields: Mapping[str, Any], model: models.Model, messages: tuple[Message, ...]
) -> ChatRequest:
    json_format = fields.get("response_format")
    if (
        json_format is not None
        and json_format.schema is None
        and not any("json" in message.text.lower() for message in messages)
    ):
        raise InvalidRequest(
            "'messages' must contain the word 'json' in some form, to use 'response_format' of "
            "type 'json_object'.",
            param="messages",
        )
    legacy = "functions" in fields
    tools: tuple[Tool, ...] = fields.get("tools") or fields.get("functions", ())
    calling: Calling = fields.get("function_call" if legacy else "tool_choice") or Calling()
    named = {calling.call} if calling.call else calling.among or set()
    for name in sorted(named - {tool.name for tool in tools}):
        path = "function_call" if legacy else "tool_choice.function.name"
        raise InvalidRequest(
            f"Tool choice '{name[:64]}' not found in 'tools' parameter.", param=path
        )
    if calling.among is not None:
        tools = tuple(tool for tool in tools if tool.name in calling.among)
    own_fields: Own = fields.get("sightline") or Own()
    limit = fields.get("max_completion_tokens") or fields.get("max_tokens")
    question = Question(
        model=model.id,
        profile=model.profile or model.id,
        messages=messages,
        max_tokens=limit or model.default_max_tokens,
        stop=fields.get("stop", ()),
        json=json_format,
        tools=tools,
        call=calling.call,
        parallel_calls=fields.get("parallel_tool_calls", True) and not legacy,
        temperature=fields.get("temperature"),
        top_p=fields.get("top_p"),
        seed=fields.get("seed"),
        presence_penalty=fields.get("presence_penalty"),
        frequency_penalty=fields.get("frequency_penalty"),
        logit_bias=fields.get("logit_bias", {}),
        logprobs=fields.get("logprobs", False),
        top_logprobs=fields.get("top_logprobs", 0),
        effort=fields.get("reasoning_effort"),
        platform={name: fields[name] for name in PLATFORM if name in fields},
        include=own_fields.include,
        narrate=own_fields.narrate,
    )
    options = fields.get("stream_options", {})
    return ChatRequest(
        question=question,
        model=model,
        stream=fields.get("stream", False),
        include_usage=bool(options.get("include_usage")),
        n=fields.get("n", 1),
        legacy_functions=legacy,
        store=fields.get("store", False),
    )

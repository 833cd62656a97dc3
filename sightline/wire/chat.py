"""`POST /v1/chat/completions`: the request's JSON to a `Question`.

Errors come in the API's order: model, presence of messages, unknown keys, then each field in
turn, then what the engine cannot do. Pictures stay `ImageRef`s; nothing is decoded or fetched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast, get_args

from sightline.errors import InvalidRequest
from sightline.types import (
    Detail,
    FileRef,
    ImageRef,
    Inline,
    JsonFormat,
    Message,
    Part,
    Question,
    Role,
    Sampling,
    Slot,
    Source,
    Text,
    Tool,
    ToolCall,
    Uploaded,
    Url,
    VideoRef,
)
from sightline.wire import check, models, notes, schema, uploads
from sightline.wire.check import missing

_ROLES = ("system", "assistant", "user", "function", "tool", "developer")
_PARTS = ("text", "image_url", "input_audio", "refusal", "audio", "file")
_DETAILS = get_args(Detail)
_EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
_TIERS = ("auto", "default", "flex", "scale", "priority", "fast")
_NAME = "^[a-zA-Z0-9_-]+$"
_INT64 = 2**63
MOST_CHOICES = 128
INCLUDED = ("things", "evidence")  # what a request may ask for beside the answer
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


Checker = Callable[[Any, str], Any]


def _ignored(value: object, path: str) -> object:
    return value


def _stop(value: object, path: str) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,) if value else ()
    if not isinstance(value, list):
        raise check.wrong_type(value, path, "one of a string or array of strings")
    many = check.array(value, path, of="strings", most=4)
    return tuple(check.text(item, f"{path}[{i}]", least=1) for i, item in enumerate(many))


def metadata(value: object, path: str) -> dict[str, str]:
    """Read metadata: 16 pairs of texts at most. Raises `InvalidRequest`."""
    pairs = check.mapping(value, path)
    if len(pairs) > 16:
        raise InvalidRequest(
            f"Invalid '{path}': too many properties. Expected an object with at most 16 "
            f"properties, but got an object with {len(pairs)} properties instead.",
            param=path,
            code="object_above_max_properties",
        )
    for key, item in pairs.items():
        check.text(key, path, most=64)
        check.text(item, f"{path}.{key[:64]}", most=512)
    return pairs


def _logit_bias(value: object, path: str) -> dict[str, float]:
    return {
        str(token): check.decimal(bias, f"{path}.{token[:32]}", least=-100, most=100)
        for token, bias in check.mapping(value, path).items()
    }


def _stream_options(value: object, path: str) -> dict[str, Any]:
    options = check.mapping(value, path)
    for key in ("include_usage", "include_obfuscation"):
        if options.get(key) is not None:
            check.flag(options[key], f"{path}.{key}")
    return options


@dataclass(frozen=True, slots=True)
class Own:
    """What a request asks of this server alone, in its field `sightline`."""

    include: frozenset[str] = frozenset()
    narrate: tuple[Slot, ...] = ()


def own(value: object, path: str) -> Own:
    """Read this server's own field. Raises `InvalidRequest`."""
    options = check.mapping(value, path)
    check.known_keys(options, ("include", "narrate"), path)
    included: frozenset[str] = frozenset()
    if options.get("include") is not None:
        at = f"{path}.include"
        many = check.array(options["include"], at, of="strings", most=len(INCLUDED))
        included = frozenset(check.choice(m, f"{at}[{i}]", INCLUDED) for i, m in enumerate(many))
    slots: list[Slot] = []
    if options.get("narrate") is not None:
        at = f"{path}.narrate"
        many = check.array(options["narrate"], at, least=1, most=_MOST_SLOTS)
        slots = [_slot(item, f"{at}[{i}]") for i, item in enumerate(many)]
    return Own(included, tuple(slots))


def _slot(value: object, path: str) -> Slot:
    told = check.mapping(value, path)
    for key in ("start_s", "end_s", "words"):
        if told.get(key) is None:
            raise missing(f"{path}.{key}")
    begin, end = (
        check.decimal(told[key], f"{path}.{key}", least=0, most=_LONGEST_S)
        for key in ("start_s", "end_s")
    )
    if end <= begin:
        raise InvalidRequest(
            f"Invalid '{path}.end_s': it must come after 'start_s'.",
            param=f"{path}.end_s", code="invalid_value",
        )  # fmt: skip
    return Slot(begin, end, check.integer(told["words"], f"{path}.words", least=1, most=1000))


def _modalities(value: object, path: str) -> list[str]:
    kinds = check.array(value, path, of="strings", least=1)
    return [check.choice(kind, f"{path}[{i}]", ("text", "audio")) for i, kind in enumerate(kinds)]


def response_format(value: object, path: str) -> JsonFormat | None:
    """Read what form an answer is to have, None for text. Raises `InvalidRequest`."""
    spec = check.mapping(value, path)
    if spec.get("type") is None:
        raise missing(f"{path}.type")
    kind = check.choice(spec["type"], f"{path}.type", ("json_object", "json_schema", "text"))
    if kind == "text":
        return None
    if kind == "json_object":
        return JsonFormat()
    if spec.get("json_schema") is None:
        raise missing(f"{path}.json_schema")
    inner, at = check.mapping(spec["json_schema"], f"{path}.json_schema"), f"{path}.json_schema"
    if inner.get("name") is None:
        raise missing(f"{at}.name")
    check.text(inner["name"], f"{at}.name", most=64)
    name = check.matching(inner["name"], f"{at}.name", _NAME)
    if inner.get("schema") is None:
        raise missing(f"{at}.schema")
    if inner.get("description") is not None:
        check.text(inner["description"], f"{at}.description")
    strict = inner.get("strict") is not None and check.flag(inner["strict"], f"{at}.strict")
    body = check.mapping(inner["schema"], f"{at}.schema")
    schema.verify(body, f"response_format '{name}'", param="response_format", strict=strict)
    return JsonFormat(schema=body, name=name, strict=strict)


def function(value: object, path: str) -> Tool:
    """Read a function that may be called. Raises `InvalidRequest`."""
    spec = check.mapping(value, path)
    if spec.get("name") is None:
        raise missing(f"{path}.name")
    check.text(spec["name"], f"{path}.name", most=64)
    name = check.matching(spec["name"], f"{path}.name", _NAME)
    description = spec.get("description")
    parameters = spec.get("parameters")
    strict = spec.get("strict") is not None and check.flag(spec["strict"], f"{path}.strict")
    if parameters is not None:
        check.mapping(parameters, f"{path}.parameters")
        schema.verify(parameters, f"function '{name}'", param=f"{path}.parameters", strict=strict)
    return Tool(
        name=name,
        description="" if description is None else check.text(description, f"{path}.description"),
        parameters=parameters or {},
        strict=strict,
    )


def _tools(value: object, path: str) -> tuple[Tool, ...]:
    tools = []
    for i, item in enumerate(check.array(value, path, most=128)):
        at = f"{path}[{i}]"
        spec = check.mapping(item, at)
        if spec.get("type") is None:
            raise missing(f"{at}.type")
        kind = check.choice(spec["type"], f"{at}.type", ("function", "custom"))
        if spec.get(kind) is None:
            raise missing(f"{at}.{kind}")
        if kind == "custom":
            raise InvalidRequest(
                "Unsupported value: 'custom' tools are not supported with this model.",
                param=f"{at}.type",
                code="unsupported_value",
                hint="Use a tool of type 'function'.",
            )
        tools.append(function(spec["function"], f"{at}.function"))
    return tuple(tools)


def _functions(value: object, path: str) -> tuple[Tool, ...]:
    many = check.array(value, path, least=1, most=128)
    return tuple(function(item, f"{path}[{i}]") for i, item in enumerate(many))


@dataclass(frozen=True, slots=True)
class _Calling:
    """Which tool is to be called (as `Question.call` says it), and among which; None for all."""

    call: str | None = None
    among: frozenset[str] | None = None


def tool_choice(value: object, path: str) -> _Calling:
    """Read which tool is to be called. Raises `InvalidRequest`."""
    if isinstance(value, str):
        kind = check.choice(value, path, ("none", "auto", "required"))
        if kind == "none":
            return _Calling(among=frozenset())
        return _Calling("" if kind == "required" else None)
    if not isinstance(value, dict):
        raise check.wrong_type(value, path, "one of a string or object")
    if value.get("type") is None:
        raise missing(f"{path}.type")
    kind = check.choice(value["type"], f"{path}.type", ("allowed_tools", "function", "custom"))
    if kind == "allowed_tools":
        return _allowed_tools(value.get("allowed_tools"), f"{path}.allowed_tools")
    return _Calling(_called(value.get(kind), f"{path}.{kind}"))


def _allowed_tools(value: object, path: str) -> _Calling:
    allowed = check.mapping(value, path)
    named = check.array(allowed.get("tools"), f"{path}.tools", least=1, most=128)
    among = []
    for i, item in enumerate(named):
        tool = check.mapping(item, f"{path}.tools[{i}]")
        among.append(_called(tool.get("function"), f"{path}.tools[{i}].function"))
    mode = check.choice(allowed.get("mode", "auto"), f"{path}.mode", ("auto", "required"))
    return _Calling("" if mode == "required" else None, frozenset(among))


def _called(value: object, path: str) -> str:
    if value is None:
        raise missing(path)
    name = check.mapping(value, path).get("name")
    if name is None:
        raise missing(f"{path}.name")
    return check.text(name, f"{path}.name", least=1)


def _function_call(value: object, path: str) -> _Calling:
    if isinstance(value, str):
        none = check.choice(value, path, ("none", "auto")) == "none"
        return _Calling(among=frozenset() if none else None)
    return _Calling(_called(value, path))


def _text(most: int | None = None) -> Checker:
    return lambda value, path: check.text(value, path, most=most)


def _integer(least: int, most: int | None = None) -> Checker:
    return lambda value, path: check.integer(value, path, least=least, most=most)


def _decimal(least: float, most: float) -> Checker:
    return lambda value, path: check.decimal(value, path, least=least, most=most)


def _choice(*names: str) -> Checker:
    return lambda value, path: check.choice(value, path, names)


# Every top-level field, in the order in which they are checked; null is as good as absent.
_FIELDS: dict[str, Checker] = {
    "max_tokens": _integer(1),
    "max_completion_tokens": _integer(1),
    "temperature": _decimal(0, 2),
    "top_p": _decimal(0, 1),
    "n": _integer(1, MOST_CHOICES),
    "stop": _stop,
    "seed": _integer(-_INT64, _INT64 - 1),
    "presence_penalty": _decimal(-2, 2),
    "frequency_penalty": _decimal(-2, 2),
    "logit_bias": _logit_bias,
    "logprobs": check.flag,
    "top_logprobs": _integer(0, 20),
    "stream": check.flag,
    "stream_options": _stream_options,
    "response_format": response_format,
    "tools": _tools,
    "tool_choice": tool_choice,
    "parallel_tool_calls": check.flag,
    "functions": _functions,
    "function_call": _function_call,
    "user": _text(),
    "safety_identifier": _text(128),
    "prompt_cache_key": _text(),
    "prompt_cache_options": check.mapping,
    "prompt_cache_retention": _text(),
    "store": check.flag,
    "metadata": metadata,
    "service_tier": _choice(*_TIERS),
    "reasoning_effort": _choice(*_EFFORTS),
    "verbosity": _choice("low", "medium", "high"),
    "modalities": _modalities,
    "audio": check.mapping,
    "prediction": check.mapping,
    "web_search_options": check.mapping,
    "moderation": _ignored,
    "sightline": own,
}
_KNOWN = frozenset(_FIELDS) | {"model", "messages"}


def parse(
    body: Mapping[str, Any], find: Callable[[str], models.Model] = models.find
) -> ChatRequest:
    """Check a request body and turn it into a `ChatRequest`.

    `find` looks the model up. Raises `InvalidRequest` or `ModelNotFound` with the API's message,
    `param` and `code`.
    """
    found = model(body, find)
    if body.get("messages") is None:
        raise missing("messages")
    check.known_keys(body, _KNOWN)
    turns = check.array(body["messages"], "messages", least=1)
    messages = tuple(_message(turn, f"messages[{i}]") for i, turn in enumerate(turns))
    return complete(fields(body, _FIELDS), found, messages)


def model(body: Mapping[str, Any], find: Callable[[str], models.Model]) -> models.Model:
    """Look up the model that a request names. Raises `InvalidRequest` or `ModelNotFound`."""
    name = body.get("model")
    if name is None or name == "":
        raise InvalidRequest(
            "you must provide a model parameter",
            hint=f"Any model id of the API will do, or {models.READER!r}.",
        )
    return find(check.text(name, "model"))


def fields(body: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Read those of these fields that a request has. Raises `InvalidRequest`."""
    return {name: _FIELDS[name](body[name], name) for name in names if body.get(name) is not None}


def complete(
    fields: Mapping[str, Any], model: models.Model, messages: tuple[Message, ...]
) -> ChatRequest:
    """Put checked fields together with the turns. Raises `InvalidRequest` for what does not fit."""
    _capabilities(fields, model)
    return _assemble(fields, model, messages)


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
    for key in ("max_tokens", "max_completion_tokens"):
        if fields.get(key, 0) > model.max_output:
            raise InvalidRequest(
                f"{key} is too large: {fields[key]}. This model supports at most "
                f"{model.max_output} completion tokens, whereas you provided {fields[key]}.",
                param=key,
                code="invalid_value",
            )
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
        raise check.unsupported("audio")


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
    calling: _Calling = fields.get("function_call" if legacy else "tool_choice") or _Calling()
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
    )


def _message(value: object, path: str) -> Message:
    turn = check.mapping(value, path)
    if turn.get("role") is None:
        raise missing(f"{path}.role")
    role = cast(Role, check.choice(turn["role"], f"{path}.role", _ROLES))
    if turn.get("name") is not None:
        check.text(turn["name"], f"{path}.name")
    if role == "tool" and turn.get("tool_call_id") is None:
        raise missing(f"{path}.tool_call_id")
    if role == "function" and turn.get("name") is None:
        raise missing(f"{path}.name")
    content = turn.get("content")
    calls = _calls(turn, path) if role == "assistant" else ()
    answered = ""
    if role == "tool":
        answered = check.text(turn["tool_call_id"], f"{path}.tool_call_id")
    elif role == "function":
        answered = _legacy_id(turn["name"])
    if content is None:
        # An assistant's turn may hold nothing but calls; a function's result may be null.
        if role == "assistant" and turn.get("refusal"):
            return Message(role, (Text(check.text(turn["refusal"], f"{path}.refusal")),), calls)
        if role == "function" or calls or (role == "assistant" and turn.get("audio")):
            return Message(role, (), calls, answered)
        if "content" not in turn:
            raise missing(f"{path}.content")
    if isinstance(content, str):
        return Message(role, (notes.read(content),), calls, answered)
    at = f"{path}.content"
    if not isinstance(content, list):
        raise check.wrong_type(content, at, "one of a string or array of objects")
    check.array(content, at, least=1)
    parts = tuple(read_part(item, f"{at}[{i}]") for i, item in enumerate(content))
    return Message(role, parts, calls, answered)


def _calls(turn: Mapping[str, Any], path: str) -> tuple[ToolCall, ...]:
    """Read the calls of an assistant's turn, in today's form or that of June 2023."""
    if turn.get("function_call"):
        at = f"{path}.function_call"
        name, arguments = _call(turn["function_call"], at)
        return (ToolCall(_legacy_id(name), name, arguments),)
    if turn.get("tool_calls") is None:
        return ()
    calls = []
    for i, item in enumerate(check.array(turn["tool_calls"], f"{path}.tool_calls", least=1)):
        at = f"{path}.tool_calls[{i}]"
        spec = check.mapping(item, at)
        if spec.get("id") is None:
            raise missing(f"{at}.id")
        if spec.get("function") is None:
            raise missing(f"{at}.function")
        id = check.text(spec["id"], f"{at}.id")
        calls.append(ToolCall(id, *_call(spec["function"], f"{at}.function")))
    return tuple(calls)


def _call(value: object, path: str) -> tuple[str, str]:
    spec = check.mapping(value, path)
    for key in ("name", "arguments"):
        if spec.get(key) is None:
            raise missing(f"{path}.{key}")
    name = check.text(spec["name"], f"{path}.name")
    return name, check.text(spec["arguments"], f"{path}.arguments")


def _legacy_id(name: str) -> str:
    # Functions were answered by name; the id ties the answer to the call all the same.
    return f"call_{name}"


def read_part(value: object, path: str) -> Part:
    """Read one part of a message. Raises `InvalidRequest`."""
    if isinstance(value, str):  # the cookbook's form
        return notes.read(value)
    part = check.mapping(value, path)
    kind = part.get("type")
    if kind is None:
        if "image" in part:  # the cookbook's form: base64 without type or prefix
            return _cookbook_image(part, path)
        raise missing(f"{path}.type")
    if not isinstance(kind, str):
        raise check.wrong_type(kind, f"{path}.type", "a string")
    if kind in ("text", "refusal"):
        if part.get(kind) is None:
            raise missing(f"{path}.{kind}")
        return notes.read(check.text(part[kind], f"{path}.{kind}"))
    if kind in ("image_url", "input_image"):
        return _image_url(part, path)
    if kind in _VIDEOS:
        return _video(part, kind, path)
    if kind == "file":
        if part.get("file") is None:
            raise missing(f"{path}.file")
        return file(check.mapping(part["file"], f"{path}.file"), f"{path}.file", path)
    if kind in _PARTS:
        raise InvalidRequest(
            f"Invalid content type. {kind} is only supported by certain models.",
            param=f"{path}.type",
            hint="This server takes text, pictures, films and PDFs: parts of type 'text', "
            "'image_url', 'video_url' and 'file'.",
        )
    raise InvalidRequest(
        f"Invalid value: '{kind[:100]}'. Supported values are: {check.listed(list(_PARTS))}.",
        param=path,
        code="invalid_value",
    )


def _image_url(part: Mapping[str, Any], path: str) -> ImageRef:
    at, value = f"{path}.image_url", part.get("image_url")
    if value is None:
        raise missing(at)
    if isinstance(value, str):  # as of November 2023, and the form of the Responses API
        source = uploads.source(value)
        return ImageRef(source, at, detail_of(part.get("detail"), f"{path}.detail"))
    if not isinstance(value, dict):
        raise check.wrong_type(value, at, "an object")
    if value.get("url") is None:
        raise missing(f"{at}.url")
    source = uploads.source(check.text(value["url"], f"{at}.url"))
    return ImageRef(source, f"{at}.url", detail_of(value.get("detail"), f"{at}.detail"))


_SOURCES = ("file_id", "file_url", "file_data")


def file(spec: Mapping[str, Any], at: str, path: str) -> FileRef:
    """Read a document, by exactly one of its sources. Raises `InvalidRequest`.

    `at` is where its sources stand, `path` its part.
    """
    given = [key for key in _SOURCES if spec.get(key) is not None]
    if len(given) > 1:
        raise InvalidRequest(
            f"Mutually exclusive parameters: {check.listed(given)}. Only one of them may be given.",
            param=path,
            code="mutually_exclusive_parameters",
        )
    if not given:
        raise InvalidRequest(
            f"Missing required parameter: one of {check.listed(list(_SOURCES))}.",
            param=path,
            code="missing_mutually_exclusive_parameters",
        )
    key = given[0]
    value = uploads.unspaced(check.text(spec[key], f"{at}.{key}"))
    name = spec.get("filename")
    source: Source
    if key == "file_id":
        source = Uploaded(value)
    elif key == "file_url":
        if not uploads.is_web(value):
            raise InvalidRequest(
                f"Invalid '{at}.file_url': expected an http or https URL.",
                param=f"{at}.file_url",
                code="invalid_value",
                hint="Files themselves go into file_data.",
            )
        source = Url(value)
    elif value[:5].lower() == "data:":
        source = Inline(value)
    else:
        source = Inline(f"data:application/pdf;base64,{value}")
    detail = detail_of(spec.get("detail"), f"{at}.detail")
    told = "file" if name is None else check.text(name, f"{at}.filename")
    return FileRef(source, f"{at}.{key}", detail, told)


_VIDEOS = ("video_url", "input_video", "video")


def _video(part: Mapping[str, Any], kind: str, path: str) -> VideoRef:
    """Read a film, in the forms that servers take it: `video_url`, `input_video`, `video`.

    How it is sampled stands beside its URL or beside the part's type.
    """
    key = next((k for k in ("video_url", "video") if part.get(k) is not None), None)
    if key is None:
        raise missing(f"{path}.{'video_url' if kind == 'input_video' else kind}")
    value, at = part[key], f"{path}.{key}"
    told: dict[str, tuple[object, str]] = {k: (part[k], f"{path}.{k}") for k in part}
    if isinstance(value, dict):
        if value.get("url") is None:
            raise missing(f"{at}.url")
        told |= {k: (value[k], f"{at}.{k}") for k in value}
        value, at = value["url"], f"{at}.url"
    elif not isinstance(value, str):
        raise check.wrong_type(value, at, "one of a string or object")
    given = {k: told[k] for k in _SAMPLING if k in told and told[k][0] is not None}
    read = {name: _SAMPLING[name](item, place) for name, (item, place) in given.items()}
    plans = [name for name in ("fps", "num_frames") if name in read]
    if len(plans) > 1:
        raise InvalidRequest(
            "Only one of 'fps' and 'num_frames' may be given.", param=given["num_frames"][1]
        )
    sampling = Sampling(
        frames=read.get("num_frames"),
        fps=read.get("fps"),
        start_s=read.get("start", 0.0),
        end_s=read.get("end"),
        most=read.get("max_frames", Sampling().most),
    )
    detail, place = told.get("detail", (None, path))
    source = uploads.source(check.text(value, at))
    return VideoRef(source, at, detail_of(detail, place), sampling)


_SAMPLING: dict[str, Checker] = {
    "fps": _decimal(0.001, 1000),
    "num_frames": _integer(1, 100_000),
    "max_frames": _integer(1, 100_000),
    "start": _decimal(0, 1e9),
    "end": _decimal(0, 1e9),
}


def detail_of(value: object, path: str) -> Detail:
    """Read a level of detail; `auto` where there is none. Raises `InvalidRequest`."""
    return "auto" if value is None else cast(Detail, check.choice(value, path, _DETAILS))


_PREFIXED = re.compile(r"(data:|https?://)", re.IGNORECASE)


def _cookbook_image(part: Mapping[str, Any], path: str) -> ImageRef:
    value = uploads.unspaced(check.text(part["image"], f"{path}.image"))
    if not _PREFIXED.match(value):
        value = "data:image/unknown;base64," + value
    size = part.get("resize")
    usable = isinstance(size, int) and not isinstance(size, bool) and size > 0
    longest = cast(int, size) if usable else None
    source = uploads.source(value)
    return ImageRef(source, f"{path}.image", longest_side=longest, frame=True)

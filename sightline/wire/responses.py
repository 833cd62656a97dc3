"""`/v1/responses`: its JSON to the same question that a chat completion is, and its replies.

Both spellings share the checks of values and of parts; what differs is where things stand, what
they are called, and the events of a stream.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from sightline.errors import InvalidRequest, SightlineError
from sightline.types import Delta, ImageRef, Message, Part, Role, Text, ToolCall, Uploaded, Usage
from sightline.wire import chat, check, models, notes, reply

_ROLES = ("user", "assistant", "system", "developer")
_PARTS = ("input_text", "input_image", "output_text", "refusal", "input_file")
_LEAST = 16  # tokens of an answer
_CALLED = ("none", "auto", "required")
# Taken and echoed, without effect here.
_ECHOED = (
    "reasoning", "include", "truncation", "service_tier", "user", "safety_identifier",
    "prompt_cache_key", "max_tool_calls", "stream_options", "prompt_cache_retention",
)  # fmt: skip
_KNOWN = (
    "model", "input", "instructions", "max_output_tokens", "temperature", "top_p", "stream", "text",
    "tools", "tool_choice", "parallel_tool_calls", "store", "metadata", "previous_response_id",
    "background", "top_logprobs", "sightline", *_ECHOED,
)  # fmt: skip
Checker = Callable[[Any, str], Any]


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


def parse(
    body: Mapping[str, Any], find: Callable[[str], models.Model] = models.find
) -> ResponsesRequest:
    """Check a request's body. Raises `InvalidRequest` and `ModelNotFound` in the API's words."""
    name = body.get("model")
    if name is None or name == "":
        raise check.missing("model")
    model = find(check.text(name, "model"))
    check.known_keys(body, _KNOWN)
    if body.get("input") is None:
        raise check.missing("input")
    items, turns = _input(body["input"])
    if body.get("background") is not None and check.flag(body["background"], "background"):
        raise InvalidRequest(
            "Background mode is not supported.", param="background", code="unsupported_parameter"
        )
    fields: dict[str, Any] = {}
    for key, read in _FIELDS.items():
        if body.get(key) is not None:
            fields[key] = read(body[key], key)
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
    if body.get("text") is not None:
        fields |= _text(check.mapping(body["text"], "text"), turns, body.get("instructions"))
    if body.get("tools") is not None:
        fields["tools"] = _tools(body["tools"])
    if body.get("tool_choice") is not None:
        fields["tool_choice"] = _tool_choice(body["tool_choice"])
    instructions = body.get("instructions")
    if instructions is not None:
        check.text(instructions, "instructions")
    told = (Message("developer", (Text(instructions or ""),)), *turns)
    asked = chat.complete(fields, model, told)
    previous = body.get("previous_response_id")
    made = ResponsesRequest(
        asked,
        turns,
        items,
        body,
        instructions,
        None if previous is None else check.text(previous, "previous_response_id"),
        body.get("store") is None or check.flag(body["store"], "store"),
        bool(fields.get("stream")),
    )
    return made.after(())


_FIELDS: dict[str, Checker] = {
    "max_output_tokens": lambda v, p: check.integer(v, p, least=_LEAST),
    "temperature": lambda v, p: check.decimal(v, p, least=0, most=2),
    "top_p": lambda v, p: check.decimal(v, p, least=0, most=1),
    "stream": check.flag,
    "parallel_tool_calls": check.flag,
    "metadata": chat.metadata,
    "sightline": chat.own,
}


def _input(value: object) -> tuple[tuple[dict[str, Any], ...], tuple[Message, ...]]:
    """Read the input: a text, or items. Gives the items with ids, and the turns they make."""
    if isinstance(value, str):
        value = [{"role": "user", "content": value}]
    elif not isinstance(value, list):
        raise check.wrong_type(value, "input", "one of a string or array of input items")
    items, turns = [], list[Message]()
    for i, item in enumerate(check.array(value, "input", least=1)):
        spec, at = check.mapping(item, f"input[{i}]"), f"input[{i}]"
        kind = spec.get("type", "message")
        items.append({"id": reply.new_id("msg_", 32), "type": kind, **spec})
        if kind == "message":
            turns.append(_message(spec, at))
            items[-1]["content"] = _listed(spec.get("content"))
        elif kind == "function_call":
            call = _call(spec, at)
            if turns and turns[-1].role == "assistant" and turns[-1].calls:
                turns[-1] = replace(turns[-1], calls=(*turns[-1].calls, call))
            else:
                turns.append(Message("assistant", (), (call,)))
        elif kind == "function_call_output":
            turns.append(_output(spec, at))
        elif kind != "reasoning":  # of other models; it has no part in a new answer
            raise InvalidRequest(
                f"Invalid value: '{str(kind)[:100]}'. Supported values are: 'message', "
                "'function_call', 'function_call_output', and 'reasoning'.",
                param=f"{at}.type",
                code="invalid_value",
            )
    return tuple(items), tuple(turns)


def _listed(content: object) -> object:
    return [{"type": "input_text", "text": content}] if isinstance(content, str) else content


def _message(spec: Mapping[str, Any], at: str) -> Message:
    if spec.get("role") is None:
        raise check.missing(f"{at}.role")
    role = cast(Role, check.choice(spec["role"], f"{at}.role", _ROLES))
    if spec.get("content") is None:
        raise check.missing(f"{at}.content")
    return Message(role, _parts(spec["content"], f"{at}.content"))


def _parts(content: object, at: str) -> tuple[Part, ...]:
    if isinstance(content, str):
        return (notes.read(content),)
    if not isinstance(content, list):
        raise check.wrong_type(content, at, "one of a string or array of objects")
    parts = check.array(content, at, least=1)
    return tuple(_part(check.mapping(p, f"{at}[{i}]"), f"{at}[{i}]") for i, p in enumerate(parts))


def _part(part: Mapping[str, Any], at: str) -> Part:
    kind = part.get("type")
    if kind is None:
        raise check.missing(f"{at}.type")
    if kind in ("input_text", "output_text", "refusal"):
        key = "refusal" if kind == "refusal" else "text"
        if part.get(key) is None:
            raise check.missing(f"{at}.{key}")
        return notes.read(check.text(part[key], f"{at}.{key}"))
    if kind == "input_image":
        return _image(part, at)
    if kind == "input_video":
        return chat.read_part(part, at)
    if kind == "input_file":
        return chat.file(part, at, at)
    raise InvalidRequest(
        f"Invalid value: '{str(kind)[:100]}'. Supported values are: {check.listed(list(_PARTS))}.",
        param=at,
        code="invalid_value",
    )


def _image(part: Mapping[str, Any], at: str) -> ImageRef:
    url, file = part.get("image_url"), part.get("file_id")
    if url is not None and file is not None:
        raise InvalidRequest(
            "Mutually exclusive parameters: 'image_url' and 'file_id'. Only one of them may be "
            "given.",
            param=at,
            code="mutually_exclusive_parameters",
        )
    if file is not None:
        id = check.text(file, f"{at}.file_id")
        seen = chat.read_part({**part, "type": "input_image", "image_url": "x"}, at)
        return replace(cast(ImageRef, seen), source=Uploaded(id), param=f"{at}.file_id")
    if url is None:
        raise InvalidRequest(
            "Missing required parameter: one of 'image_url' or 'file_id'.",
            param=at,
            code="missing_mutually_exclusive_parameters",
        )
    if not isinstance(url, str):
        raise check.wrong_type(url, f"{at}.image_url", "a string")
    return cast(ImageRef, chat.read_part({**part, "type": "input_image"}, at))


def _call(spec: Mapping[str, Any], at: str) -> ToolCall:
    for key in ("call_id", "name", "arguments"):
        if spec.get(key) is None:
            raise check.missing(f"{at}.{key}")
    told = [check.text(spec[key], f"{at}.{key}") for key in ("call_id", "name", "arguments")]
    return ToolCall(told[0], told[1], told[2])


def _output(spec: Mapping[str, Any], at: str) -> Message:
    for key in ("call_id", "output"):
        if spec.get(key) is None:
            raise check.missing(f"{at}.{key}")
    answered = check.text(spec["call_id"], f"{at}.call_id")
    return Message("tool", _parts(spec["output"], f"{at}.output"), (), answered)


def _text(
    text: Mapping[str, Any], turns: Sequence[Message], instructions: object
) -> dict[str, Any]:
    form = text.get("format")
    if form is None:
        return {}
    at = "text.format"
    spec = check.mapping(form, at)
    if spec.get("type") == "json_schema":
        inner = {key: value for key, value in spec.items() if key != "type"}
        try:
            read = chat.response_format({"type": "json_schema", "json_schema": inner}, at)
        except InvalidRequest as error:
            raise _moved(error, f"{at}.json_schema", at) from None
        return {"response_format": read}
    if spec.get("type") == "json_object":
        said = [p.text for turn in turns for p in turn.parts if isinstance(p, Text)]
        if not any("json" in t.lower() for t in [*said, str(instructions or "")]):
            raise InvalidRequest(
                "Response input messages must contain the word 'json' in some form to use "
                "'text.format' of type 'json_object'.",
                param="input",
            )
    return {"response_format": chat.response_format(spec, at)}


def _moved(error: InvalidRequest, old: str, new: str) -> InvalidRequest:
    """Say where a thing stands in this spelling."""
    param = None if error.param is None else error.param.replace(old, new, 1)
    message = error.message.replace(old, new)
    return InvalidRequest(message, param=param, code=error.code, hint=error.hint)


def _tools(value: object) -> Any:
    tools = []
    for i, item in enumerate(check.array(value, "tools")):
        spec, at = check.mapping(item, f"tools[{i}]"), f"tools[{i}]"
        if spec.get("type") != "function":
            raise InvalidRequest(
                f"Invalid value: '{str(spec.get('type'))[:100]}'. Supported values are: "
                "'function'.",
                param=f"{at}.type",
                code="invalid_value",
                hint="Tools of the API's own, such as web search, are not there.",
            )
        inner = {key: value for key, value in spec.items() if key != "type"}
        tools.append(chat.function(inner, at))
    return tuple(tools)


def _tool_choice(value: object) -> Any:
    if isinstance(value, dict) and value.get("type") == "function" and "function" not in value:
        value = {"type": "function", "function": {"name": value.get("name")}}
    return chat.tool_choice(value, "tool_choice")


@dataclass(slots=True)
class _Item:
    """One item of the output as it grows."""

    id: str
    kind: str  # message or function_call
    place: int
    text: str = ""
    refusal: str = ""
    name: str = ""
    call_id: str = ""
    arguments: str = ""

    def body(self, status: str) -> dict[str, Any]:
        if self.kind == "function_call":
            return {
                "type": "function_call",
                "id": self.id,
                "call_id": self.call_id,
                "name": self.name,
                "arguments": self.arguments,
                "status": status,
            }
        return {
            "type": "message",
            "id": self.id,
            "status": status,
            "role": "assistant",
            "content": [] if status == "in_progress" else [self.part()],
        }

    def part(self) -> dict[str, Any]:
        if self.refusal:
            return {"type": "refusal", "refusal": self.refusal}
        return {"type": "output_text", "text": self.text, "annotations": [], "logprobs": []}


@dataclass(slots=True)
class Answer:
    """A response as it grows: the events of a stream, and the whole at any time."""

    asked: ResponsesRequest
    created: int
    stored: bool
    id: str = field(default_factory=lambda: reply.new_id("resp_", 48))
    status: str = "in_progress"
    usage: Usage | None = None
    error: SightlineError | None = None
    _reason: str = ""
    _items: list[_Item] = field(default_factory=list)
    _sent: int = 0

    def turns(self) -> tuple[Message, ...]:
        """Give what was answered, for a question that follows."""
        text = "".join(item.text or item.refusal for item in self._items)
        calls = tuple(
            ToolCall(item.call_id, item.name, item.arguments)
            for item in self._items
            if item.kind == "function_call"
        )
        return (Message("assistant", (Text(text),) if text else (), calls),)

    def opening(self) -> bytes:
        """Write the events that begin a stream."""
        return self._event("response.created", response=self.body()) + self._event(
            "response.in_progress", response=self.body()
        )

    def piece(self, delta: Delta) -> bytes:
        """Take a delta in; write its events."""
        events = b""
        if delta.tool is not None:
            events += self._end()
            item = _Item(reply.new_id("fc_", 32), "function_call", len(self._items))
            item.name, item.call_id = delta.tool, reply.call_id()
            events += self._begin(item)
        if delta.arguments:
            item = self._items[-1]
            item.arguments += delta.arguments
            events += self._event(
                "response.function_call_arguments.delta", item, delta=delta.arguments
            )
        for kind, text in (("text", delta.text), ("refusal", delta.refusal)):
            if text:
                events += self._say(kind, text)
        return events

    def _say(self, kind: str, text: str) -> bytes:
        events = b""
        if not self._items or self._items[-1].kind != "message":
            events += self._end()
            item = _Item(reply.new_id("msg_", 48), "message", len(self._items))
            events += self._begin(item)
            part = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
            if kind == "refusal":
                part = {"type": "refusal", "refusal": ""}
            events += self._event("response.content_part.added", item, content_index=0, part=part)
        item = self._items[-1]
        if kind == "refusal":
            item.refusal += text
            return events + self._event("response.refusal.delta", item, content_index=0, delta=text)
        item.text += text
        return events + self._event(
            "response.output_text.delta", item, content_index=0, delta=text, logprobs=[]
        )

    def _begin(self, item: _Item) -> bytes:
        self._items.append(item)
        return self._event(
            "response.output_item.added",
            output_index=item.place,
            item=item.body("in_progress"),
        )

    def _end(self, status: str = "completed") -> bytes:
        """Write the events that end the item that is open."""
        if not self._items:
            return b""
        item = self._items[-1]
        if item.kind == "function_call":
            events = self._event(
                "response.function_call_arguments.done",
                item,
                arguments=item.arguments,
                name=item.name,
            )
        else:
            if item.refusal:
                events = self._event(
                    "response.refusal.done", item, content_index=0, refusal=item.refusal
                )
            else:
                events = self._event(
                    "response.output_text.done",
                    item,
                    content_index=0,
                    text=item.text,
                    logprobs=[],
                )
            events += self._event(
                "response.content_part.done", item, content_index=0, part=item.part()
            )
        return events + self._event(
            "response.output_item.done", output_index=item.place, item=item.body(status)
        )

    def closing(self, reason: str, usage: Usage) -> bytes:
        """End the response; write the events that do so."""
        self.usage = usage
        events = b"" if self._items else self._empty()  # an answer of nothing is an empty text
        whole = reason not in ("length", "content_filter")
        events += self._end("completed" if whole else "incomplete")
        self.status = "completed" if whole else "incomplete"
        self._reason = reason
        return events + self._event(f"response.{self.status}", response=self.body())

    def _empty(self) -> bytes:
        item = _Item(reply.new_id("msg_", 48), "message", 0)
        return self._begin(item) + self._event(
            "response.content_part.added", item, content_index=0, part=item.part()
        )

    def failed(self, error: SightlineError) -> bytes:
        """End it with an error."""
        self.status, self.error = "failed", error
        return self._event("response.failed", response=self.body())

    def _event(self, kind: str, of: _Item | None = None, /, **fields: Any) -> bytes:
        body: dict[str, Any] = {"type": kind, "sequence_number": self._sent}
        self._sent += 1
        if of is not None:
            body |= {"item_id": of.id, "output_index": of.place}
        return f"event: {kind}\n".encode() + reply.event({**body, **fields})

    def body(self) -> dict[str, Any]:
        """Write the response."""
        sent, question = self.asked.body, self.asked.chat.question
        done = "completed" if self.status != "incomplete" else "incomplete"
        output = [
            item.body("in_progress" if self.status == "in_progress" else done)
            for item in self._items
        ]
        incomplete = None
        if self.status == "incomplete":
            length = self._reason == "length"
            incomplete = {"reason": "max_output_tokens" if length else "content_filter"}
        return {
            "id": self.id,
            "object": "response",
            "created_at": self.created,
            "status": self.status,
            "background": False,
            "error": None
            if self.error is None
            else {"code": "server_error", "message": self.error.message},
            "incomplete_details": incomplete,
            "instructions": self.asked.instructions,
            "max_output_tokens": sent.get("max_output_tokens"),
            "model": self.asked.chat.model.snapshot,
            "output": output,
            "parallel_tool_calls": sent.get("parallel_tool_calls", True),
            "previous_response_id": self.asked.previous,
            "reasoning": sent.get("reasoning") or {"effort": None, "summary": None},
            "store": self.stored,
            "temperature": 1.0 if question.temperature is None else question.temperature,
            "text": sent.get("text") or {"format": {"type": "text"}},
            "tool_choice": sent.get("tool_choice", "auto"),
            "tools": sent.get("tools") or [],
            "top_p": 1.0 if question.top_p is None else question.top_p,
            "truncation": sent.get("truncation") or "disabled",
            "usage": None if self.usage is None else _usage(self.usage),
            "user": sent.get("user"),
            "metadata": sent.get("metadata") or {},
        }


def _usage(usage: Usage) -> dict[str, Any]:
    whole = reply.usage_body(usage)
    return {
        "input_tokens": usage.prompt_tokens,
        "input_tokens_details": {
            "cached_tokens": usage.cached_tokens,
            "image_tokens": usage.image_tokens,
        },
        "output_tokens": usage.completion_tokens,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
        "sightline": whole["sightline"],
    }


def error_event(error: SightlineError, number: int = 0) -> bytes:
    """Write the event of an error in a stream that has begun."""
    body = {
        "type": "error",
        "code": error.code,
        "message": error.message,
        "param": error.param,
        "sequence_number": number,
    }
    return b"event: error\n" + reply.event(body)


def deleted(id: str) -> dict[str, Any]:
    """Write what a deletion answers."""
    return {"id": id, "object": "response", "deleted": True}


def listed(items: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Write a response's input items."""
    return {
        "object": "list",
        "data": list(items),
        "first_id": items[0]["id"] if items else None,
        "last_id": items[-1]["id"] if items else None,
        "has_more": False,
    }

"""A question as another OpenAI-compatible server takes it, and its stream as deltas: pure.

The reverse of `chat` and `reply`. Servers differ in small ways, which `Form` names; only fields
that are known here are ever sent.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sightline.errors import EngineError, ImageError
from sightline.types import (
    Delta,
    FinishReason,
    Likely,
    Message,
    Picture,
    Question,
    Role,
    Text,
    TokenLogprob,
    Tool,
    Used,
)

_FINISHES: Mapping[str, FinishReason] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
}


@dataclass(frozen=True, slots=True)
class Form:
    """How a server wants requests. `image_roles` are the roles whose messages may hold pictures."""

    most_tokens: str = "max_tokens"
    developer: bool = False
    detail: bool = False
    image_roles: frozenset[Role] = frozenset(
        {"system", "developer", "user", "assistant", "tool", "function"}
    )
    parallel_calls: bool = True
    stream_usage: bool = True


# Gives the data URLs of a picture's views, in order.
Urls = Callable[[Picture], Sequence[str]]


def body(question: Question, model: str, form: Form, urls: Urls) -> dict[str, Any]:
    """Write a request. Raises `ImageError` for a picture where the server takes none."""
    made: dict[str, Any] = {
        "model": model,
        "messages": [message(turn, form, urls) for turn in question.messages],
        "stream": True,
    }
    if form.stream_usage:
        made["stream_options"] = {"include_usage": True}
    if question.max_tokens is not None:
        made[form.most_tokens] = question.max_tokens
    if question.stop:
        made["stop"] = list(question.stop)
    made.update(sampling(question))
    if question.json is not None:
        made["response_format"] = _response_format(question)
    if question.tools:
        made["tools"] = [tool(each) for each in question.tools]
        if question.call is not None:
            named = {"type": "function", "function": {"name": question.call}}
            made["tool_choice"] = named if question.call else "required"
        if form.parallel_calls and not question.parallel_calls:
            made["parallel_tool_calls"] = False
    return made


def sampling(question: Question) -> dict[str, Any]:
    """Write what decides which token is drawn, as far as the client said it."""
    made: dict[str, Any] = {}
    for name in ("temperature", "top_p", "seed", "presence_penalty", "frequency_penalty"):
        value = getattr(question, name)
        if value is not None:
            made[name] = value
    if question.logit_bias:
        made["logit_bias"] = dict(question.logit_bias)
    if question.logprobs:
        made["logprobs"] = True
        # llama.cpp takes a 0 for none at all and, where it is left out, gives 20 of them.
        made["top_logprobs"] = max(1, question.top_logprobs)
    return made


def message(turn: Message, form: Form, urls: Urls) -> dict[str, Any]:
    """Write one message: plain text as a string, anything else as parts in their order."""
    role: str = turn.role
    if role == "function":
        role = "tool"
    elif role == "developer" and not form.developer:
        role = "system"
    made: dict[str, Any] = {"role": role, "content": _content(turn, form, urls)}
    if turn.call_id:
        made["tool_call_id"] = turn.call_id
    if turn.calls:
        made["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in turn.calls
        ]
        if not turn.parts:
            made["content"] = None
    return made


def _content(turn: Message, form: Form, urls: Urls) -> str | list[dict[str, Any]]:
    parts: list[dict[str, Any]] = []
    for part in turn.parts:
        if isinstance(part, Text):
            parts.append({"type": "text", "text": part.text})
        elif isinstance(part, Picture):
            if turn.role not in form.image_roles:
                raise ImageError(
                    f"Images are not allowed in messages with role '{turn.role}' with this model.",
                    param=part.param,
                    code="invalid_value",
                    hint="Send the picture in a message with role 'user'.",
                )
            for url in urls(part):
                image: dict[str, Any] = {"url": url}
                if form.detail:
                    # It is sized already; a server that would size it again is told not to shrink.
                    image["detail"] = "low" if part.detail == "low" else "high"
                parts.append({"type": "image_url", "image_url": image})
    if all(part["type"] == "text" for part in parts):
        return "\n".join(part["text"] for part in parts)
    return parts


def tool(each: Tool) -> dict[str, Any]:
    """Write the definition of a tool."""
    function: dict[str, Any] = {"name": each.name, "parameters": dict(each.parameters)}
    if each.description:
        function["description"] = each.description
    if each.strict:
        function["strict"] = True
    return {"type": "function", "function": function}


def _response_format(question: Question) -> dict[str, Any]:
    wanted = question.json
    if wanted is None or wanted.schema is None:
        return {"type": "json_object"}
    spec = {"name": wanted.name, "schema": dict(wanted.schema), "strict": wanted.strict}
    return {"type": "json_schema", "json_schema": spec}


class Reading:
    """Turns the events of one answer into deltas; `closing` gives the last of them.

    `tops` is how many alternatives of each token were asked for.
    """

    def __init__(self, tops: int) -> None:
        self._tops = tops
        self._finish: FinishReason | None = None
        self._used: Used | None = None
        self._calls: set[int] = set()

    def take(self, event: Mapping[str, Any]) -> list[Delta]:
        """Read one event. Raises `EngineError` for one that is not of the API's form."""
        try:
            return self._read(event)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            raise EngineError("The engine's answer is not in the form of the API.") from None

    def _read(self, event: Mapping[str, Any]) -> list[Delta]:
        usage = event.get("usage")
        if usage:
            told = usage.get("prompt_tokens_details") or {}
            self._used = Used(
                int(usage["prompt_tokens"]),
                told.get("image_tokens"),
                int(usage.get("completion_tokens") or 0),
                int(told.get("cached_tokens") or 0),
            )
        if not event.get("choices"):
            return []
        choice = event["choices"][0]
        said = choice.get("delta") or choice.get("message") or {}
        deltas = []
        probable = _logprobs(choice.get("logprobs"), self._tops)
        text = said.get("content") or ""
        if text or probable:
            deltas.append(Delta(text=text, logprobs=probable, tokens=max(1, len(probable))))
        if said.get("refusal"):
            deltas.append(Delta(refusal=said["refusal"], tokens=1))
        for place, call in enumerate(said.get("tool_calls") or ()):
            deltas.append(self._call(int(call.get("index", place)), call["function"]))
        finish = choice.get("finish_reason")
        if finish:
            self._finish = _FINISHES.get(finish, "stop")
        return deltas

    def _call(self, index: int, function: Mapping[str, Any]) -> Delta:
        new = index not in self._calls
        self._calls.add(index)
        name = str(function["name"]) if new else None
        return Delta(tool=name, arguments=function.get("arguments") or "", call=index, tokens=1)

    def closing(self) -> Delta:
        """Give the delta that ends the answer. Raises `EngineError` for one that was broken off."""
        if self._finish is None:
            raise EngineError("The engine broke off its answer.")
        return Delta(finish=self._finish, used=self._used)


def _logprobs(said: Mapping[str, Any] | None, tops: int) -> tuple[TokenLogprob, ...]:
    content = (said or {}).get("content") or ()
    return tuple(
        TokenLogprob(
            _likely(token), tuple(_likely(t) for t in (token.get("top_logprobs") or ())[:tops])
        )
        for token in content
    )


def _likely(token: Mapping[str, Any]) -> Likely:
    raw = token.get("bytes")
    bytes = None if raw is None else tuple(int(b) for b in raw)
    return Likely(str(token["token"]), float(token["logprob"]), bytes)


def write(made: Mapping[str, Any]) -> bytes:
    """Write a request as it is sent."""
    text = json.dumps(made, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")

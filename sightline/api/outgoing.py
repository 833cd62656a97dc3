"""A question as another OpenAI-compatible server takes it, and its stream as deltas: pure.

The reverse of `chat` and `reply`. Servers differ in small ways (`ServerDialect`); only fields
that are known here are ever sent.
"""

from __future__ import annotations

import json
import math
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from sightline.api import notes
from sightline.errors import EngineError, ImageError
from sightline.types import (
    Delta,
    Detail,
    Effort,
    FileRef,
    FinishReason,
    ImageRef,
    Inline,
    Likely,
    Message,
    Picture,
    PictureFile,
    Question,
    Role,
    TokenLogprob,
    Tool,
    Uploaded,
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
class ServerDialect:
    """How a server wants requests. `image_roles` are the roles whose messages may hold pictures.

    `passes` are the fields that go on as they were sent: `reasoning_effort`, whose levels `efforts`
    puts into those that the server knows, and those of `Question.platform`.
    """

    most_tokens: str = "max_tokens"
    developer: bool = False
    detail: bool = False
    image_roles: frozenset[Role] = frozenset(
        {"system", "developer", "user", "assistant", "tool", "function"}
    )
    parallel_calls: bool = True
    stream_usage: bool = True
    passes: frozenset[str] = frozenset()
    efforts: Mapping[Effort, Effort] = field(default_factory=dict)


# Gives the data URLs of a picture's views, in order.
Urls = Callable[[Picture], Sequence[str]]


def body(question: Question, model: str, form: ServerDialect, urls: Urls) -> dict[str, Any]:
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
    made.update(_passed_on(question, form))
    if question.json is not None:
        made["response_format"] = _response_format(question)
    if question.tools:
        made["tools"] = [tool(each) for each in question.tools]
        if question.call is not None:
            named = {"type": "function", "function": {"name": question.call}}
            made["tool_choice"] = named if question.call else "required"
        if form.parallel_calls and not question.parallel_calls:
            made["parallel_tool_calls"] = False
    if question.include or question.narrate:
        # No field of the API's: the official client sends it as it is.
        made["extra_body"] = {"sightline": _own(question)}
    return made


def _own(question: Question) -> dict[str, Any]:
    """Write what is asked of a server of ours alone."""
    if question.narrate:
        return {"narrate": [asdict(slot) for slot in question.narrate]}
    return {"include": sorted(question.include)}


def _passed_on(question: Question, form: ServerDialect) -> dict[str, Any]:
    """Write what goes on as it was sent."""
    made = {name: value for name, value in question.platform.items() if name in form.passes}
    if question.effort is not None and "reasoning_effort" in form.passes:
        made["reasoning_effort"] = form.efforts.get(question.effort, question.effort)
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


def message(turn: Message, form: ServerDialect, urls: Urls) -> dict[str, Any]:
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


def _content(turn: Message, form: ServerDialect, urls: Urls) -> str | list[dict[str, Any]]:
    parts: list[dict[str, Any]] = []
    for part in turn.parts:
        text = notes.said(part)
        if text is not None:
            parts.append({"type": "text", "text": text})
        elif isinstance(part, Picture | ImageRef):
            if turn.role not in form.image_roles:
                raise ImageError(
                    f"Images are not allowed in messages with role '{turn.role}' with this model.",
                    param=part.param,
                    code="invalid_value",
                    hint="Send the picture in a message with role 'user'.",
                )
            for url, detail in shown(part, urls):
                image = {"url": url, "detail": detail} if form.detail else {"url": url}
                parts.append({"type": "image_url", "image_url": image})
        elif isinstance(part, FileRef) and isinstance(part.source, Inline):
            file = {"filename": part.name, "file_data": part.source.url}
            parts.append({"type": "file", "file": file})
    if all(part["type"] == "text" for part in parts):
        return "\n".join(part["text"] for part in parts)
    return parts


def shown(part: Picture | ImageRef, urls: Urls) -> list[tuple[str, Detail]]:
    """Give what a picture is sent as: URLs, and how closely they are to be looked at."""
    if isinstance(part, Picture):
        # It is sized already; a server that would size it again is told not to shrink.
        detail: Detail = "low" if part.detail == "low" else "high"
        return [(url, detail) for url in urls(part)]
    return [] if isinstance(part.source, Uploaded) else [(part.source.url, part.detail)]


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


# More than any model says at once, where no most was asked for.
_MOST_TOKENS = 131_072
# No tokenizer's usual token has so many bytes; single ones, of spaces say, may have more.
_TOKEN_BYTES, _SPARE_BYTES = 32, 4096
# Some servers send an answer letter by letter.
_TOKEN_PIECES, _SPARE_PIECES = 4, 64
# What one token takes as an event, by itself and for each alternative.
_EVENT_BYTES, _TOP_BYTES, _SPARE_STREAM = 2048, 512, 1 << 20
_MOST_COUNT = 10**12
_LEAST_LOGPROB = -9999.0


def most_bytes(tokens: int | None, tops: int) -> int:
    """Give how many bytes the stream of an answer of so many tokens may have."""
    return _SPARE_STREAM + (tokens or _MOST_TOKENS) * (_EVENT_BYTES + (tops + 1) * _TOP_BYTES)


class StreamParser:
    """Turns the events of one answer into deltas; `closing` gives the last of them.

    `tops` is how many alternatives of each token were asked for, `tokens` how many tokens at most.
    A server that goes on far beyond that is cut short: `full` is set, and `closing` says `length`.
    """

    def __init__(self, tops: int, tokens: int | None = None) -> None:
        self._tops = tops
        most = tokens or _MOST_TOKENS
        self._bytes = most * _TOKEN_BYTES + _SPARE_BYTES
        self._pieces = most * _TOKEN_PIECES + _SPARE_PIECES
        self.full = False
        self._finish: FinishReason | None = None
        self._used: Used | None = None
        self._calls: set[int] = set()
        self._thought = 0
        self._tokens = 0
        self._prompt: tuple[int, int] | None = None

    def take(self, event: Mapping[str, Any]) -> list[Delta]:
        """Read one event. Raises `EngineError` for one that is not of the API's form."""
        try:
            return self._within(self._read(event))
        except (OverflowError, KeyError, TypeError, ValueError, AttributeError, IndexError):
            raise EngineError("The engine's answer is not in the form of the API.") from None

    def _within(self, deltas: list[Delta]) -> list[Delta]:
        kept: list[Delta] = []
        for delta in deltas:
            self._pieces -= 1
            self._tokens += delta.tokens
            said = delta.thought + delta.text + delta.refusal + delta.arguments + (delta.tool or "")
            self._bytes -= len(said.encode("utf-8", "replace"))
            if self._bytes < 0 or self._pieces < 0:
                self.full, self._finish = True, "length"
                break
            kept.append(delta)
        return kept

    def _read(self, event: Mapping[str, Any]) -> list[Delta]:
        progress = event.get("prompt_progress")
        if progress:  # of llama.cpp
            self._prompt = _count(progress.get("total")), _count(progress.get("cache"))
        usage = event.get("usage")
        if usage:
            told = usage.get("prompt_tokens_details") or {}
            image = told.get("image_tokens")
            spent = usage.get("completion_tokens_details") or {}
            self._used = Used(
                _count(usage["prompt_tokens"]),
                None if image is None else _count(image),
                _count(usage.get("completion_tokens")),
                _count(told.get("cached_tokens")),
                _count(spent.get("reasoning_tokens")),
            )
        if not event.get("choices"):
            return []
        choice = event["choices"][0]
        said = choice.get("delta") or choice.get("message") or {}
        deltas: list[Delta] = []
        # The name that most servers give it, and that of OpenRouter, Ollama and newer vLLM.
        thought = said.get("reasoning_content") or said.get("reasoning") or ""
        if thought:
            self._thought += 1
            deltas.append(Delta(thought=str(thought), tokens=1))
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

    def so_far(self, reasoning_tokens: int) -> Used | None:
        """Say what an answer that is ended here has taken, None where the server does not tell."""
        if self._prompt is None:
            return None
        total, cached = self._prompt
        return Used(total, None, self._tokens, cached, reasoning_tokens)

    def closing(self) -> Delta:
        """Give the delta that ends the answer. Raises `EngineError` for one that was broken off."""
        if self._finish is None:
            raise EngineError("The engine broke off its answer.")
        used = self._used
        if used is not None and not used.reasoning_tokens and self._thought:
            # It says what was thought but not in how many tokens: a piece is about one.
            most = used.completion_tokens if used.completion_tokens is not None else self._thought
            used = replace(used, reasoning_tokens=min(self._thought, most))
        return Delta(finish=self._finish, used=used)


def _count(value: Any) -> int:
    return min(max(0, int(value or 0)), _MOST_COUNT)


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
    logprob = float(token["logprob"])
    return Likely(str(token["token"]), logprob if math.isfinite(logprob) else _LEAST_LOGPROB, bytes)


class Inlined:
    """Data URLs whose place is taken by a mark until the request is written around them.

    To escape and to encode megabytes of base64, in which there is nothing to be escaped, would cost
    more than the rest of the request.
    """

    def __init__(self) -> None:
        self._mark = secrets.token_hex(16)  # nobody who asks can have written it
        self._urls: list[bytes] = []

    def put(self, file: PictureFile) -> str:
        """Give the mark that stands for a file's data URL."""
        self._urls.append(file.url)
        return f"{self._mark}:{len(self._urls) - 1}:"

    def filled(self, text: bytes) -> bytes:
        """Put the data URLs where their marks are."""
        first, *rest = text.split(self._mark.encode() + b":")
        pieces = [first]
        for each in rest:
            number, _, after = each.partition(b":")
            pieces += (self._urls[int(number)], after)
        return b"".join(pieces)


def write(made: Mapping[str, Any], inlined: Inlined | None = None) -> bytes:
    """Write a request as it is sent, with the data URLs that are to stand in it."""
    text = json.dumps(made, ensure_ascii=False, separators=(",", ":"))
    data = text.encode("utf-8", "replace")
    return data if inlined is None else inlined.filled(data)

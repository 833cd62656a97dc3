"""What goes back over the wire: completions, stream chunks, the error envelope, ids.

Shapes follow recorded replies of api.openai.com. A stream is made of events `data: …` alone;
`id:`, `retry:` and `event:` lines break the official client, so keep-alives are comments.
"""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sightline.api.models import Model
from sightline.errors import SightlineError
from sightline.types import (
    Choice,
    Delta,
    Evidence,
    FinishReason,
    FoundThing,
    Likely,
    NamedBox,
    PictureReport,
    TokenLogprob,
    ToolCall,
    Usage,
    VideoReport,
)

KEEP_ALIVE = b": keep-alive\n\n"
DONE = b"data: [DONE]\n\n"
_ALPHABET = string.ascii_letters + string.digits


def new_id(prefix: str, length: int) -> str:
    """Make an id: `prefix` and `length` random letters and digits."""
    # One number for all signs: to ask the system for each took longer than to parse what has it.
    number, signs = secrets.randbelow(len(_ALPHABET) ** length), []
    for _ in range(length):
        number, at = divmod(number, len(_ALPHABET))
        signs.append(_ALPHABET[at])
    return prefix + "".join(signs)


def completion_id() -> str:
    """Make the id of a completion."""
    return new_id("chatcmpl-", 29)


def call_id() -> str:
    """Make the id of a tool call."""
    return new_id("call_", 24)


def request_id() -> str:
    """Make the id that `x-request-id` carries."""
    return "req_" + secrets.token_hex(16)


def encode(body: Mapping[str, Any]) -> bytes:
    """Write compact UTF-8 JSON; half a surrogate pair from an engine becomes a question mark."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")


def event(body: Mapping[str, Any]) -> bytes:
    """Write one server-sent event."""
    return b"data: " + encode(body) + b"\n\n"


def error_body(error: SightlineError) -> dict[str, Any]:
    """Write the error envelope; `hint` is ours and there only when it has something to say."""
    inner: dict[str, Any] = {
        "message": error.message,
        "type": error.type,
        "param": error.param,
        "code": error.code,
    }
    if error.hint:
        inner["hint"] = error.hint
    return {"error": inner}


def usage_body(usage: Usage) -> dict[str, Any]:
    """Write the token counts; what the engine itself counted and saw stands under `sightline`."""
    body = {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
        "prompt_tokens_details": {
            "cached_tokens": usage.cached_tokens,
            "audio_tokens": 0,
            "image_tokens": usage.image_tokens,
        },
        "completion_tokens_details": {
            "reasoning_tokens": usage.reasoning_tokens,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }
    if usage.engine:
        body["sightline"] = _engine_usage(usage)
    return body


def counted(usage: Usage) -> dict[str, Any]:
    """Write the token counts by the names of the newer endpoints."""
    return {
        "input_tokens": usage.prompt_tokens,
        "input_tokens_details": {
            "cached_tokens": usage.cached_tokens,
            "cache_write_tokens": 0,
            "image_tokens": usage.image_tokens,
        },
        "output_tokens": usage.completion_tokens,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
        "sightline": _engine_usage(usage),
    }


def input_tokens(usage: Usage) -> dict[str, Any]:
    """Write what a request would cost, in the shape of the API's own count of input tokens."""
    return {
        "object": "response.input_tokens",
        "input_tokens": usage.prompt_tokens,
        "input_tokens_details": {
            "text_tokens": usage.prompt_tokens - usage.image_tokens,
            "image_tokens": usage.image_tokens,
        },
        "sightline": _engine_usage(usage),
    }


def _engine_usage(usage: Usage) -> dict[str, Any]:
    body: dict[str, Any] = {"engine": usage.engine}
    if usage.used is not None:
        body["prompt_tokens"] = usage.used.prompt_tokens
        if usage.used.image_tokens is not None:
            body["image_tokens"] = usage.used.image_tokens
        if usage.used.completion_tokens is not None:
            body["completion_tokens"] = usage.used.completion_tokens
        body["cached_tokens"] = usage.used.cached_tokens
        if usage.used.reasoning_tokens:
            body["reasoning_tokens"] = usage.used.reasoning_tokens
    body["images"] = [_seen(seen) for seen in usage.seen]
    if usage.used is not None and usage.used.things is not None:
        body["things"] = [_found(found) for found in usage.used.things]
    if usage.used is not None and usage.used.evidence is not None:
        body["evidence"] = [_evidence(one) for one in usage.used.evidence]
    if usage.used is not None and usage.used.boxes is not None:
        body["boxes"] = [_box(one) for one in usage.used.boxes]
    if usage.used is not None and usage.used.note:
        body["note"] = usage.used.note
    if usage.redacted is not None:
        body["redacted"] = dict(usage.redacted)
    if usage.viewed:
        body["videos"] = [_viewed(viewed) for viewed in usage.viewed]
    return body


def _page(page: int | None) -> dict[str, int]:
    return {} if page is None else {"page": page}


def _boxes(of: FoundThing | Evidence | NamedBox) -> dict[str, list[float]]:
    """Write where something is: in pixels of the picture as sent, of a PDF in points too."""
    made = {"box": [round(side, 1) for side in of.box]}
    if of.box_pt is not None:
        made["box_pt"] = [round(side, 2) for side in of.box_pt]
    return made


def _viewed(viewed: VideoReport) -> dict[str, Any]:
    frames = [{"index": place, "time_s": round(time_s, 3)} for place, time_s in viewed.frames]
    return {
        "param": viewed.param,
        "detail": viewed.detail,
        "size": list(viewed.size),
        "duration_s": round(viewed.duration_s, 3),
        "total_frames": viewed.total,
        "audio": viewed.audio,
        "heard": viewed.heard,
        "damaged": viewed.damaged,
        "frames": frames,
        "tokens": viewed.tokens,
    }


def _found(found: FoundThing) -> dict[str, Any]:
    body: dict[str, Any] = {
        "param": found.param,
        **_page(found.page),
        "kind": found.kind,
        **_boxes(found),
        "confidence": round(found.confidence, 3),
    }
    if found.finer:
        body["finer"] = found.finer
    if found.time_s is not None:
        body["time_s"] = round(found.time_s, 3)
    return body


def _evidence(one: Evidence) -> dict[str, Any]:
    body: dict[str, Any] = {
        "param": one.param,
        **_page(one.page),
        **({"path": one.path} if one.path else {}),
        "value": one.value,
        "text": one.text,
        **_boxes(one),
        "confidence": round(one.confidence, 3),
    }
    if one.time_s is not None:
        body["time_s"] = round(one.time_s, 3)
    return body


def _box(one: NamedBox) -> dict[str, Any]:
    named = {"label": one.label} if one.label else {}
    return {"param": one.param, **_page(one.page), **named, **_boxes(one)}


def _seen(seen: PictureReport) -> dict[str, Any]:
    sight = seen.sight
    body: dict[str, Any] = {
        "param": seen.param,
        **_page(seen.page),
        "detail": seen.detail,
        "size": list(seen.original_size),
        "seen": [sight.width, sight.height],
        "tokens": sight.tokens,
    }
    if sight.tiles is not None:
        body["tiles"] = list(sight.tiles)
    if sight.patches is not None:
        body["patches"] = sight.patches
    if seen.lowered:
        body["lowered"] = True
    return body


@dataclass(frozen=True, slots=True)
class Heading:
    """What every chunk and the whole reply of one request share. `created` is in unix seconds."""

    id: str
    created: int
    model: Model
    fingerprint: str
    legacy_functions: bool = False

    def body(self, object: str) -> dict[str, Any]:
        """Write the shared fields."""
        return {
            "id": self.id,
            "object": object,
            "created": self.created,
            "model": self.model.snapshot,
        }


def completion(heading: Heading, choices: Sequence[Choice], usage: Usage) -> dict[str, Any]:
    """Write the reply to a request without `stream`."""
    return {
        **heading.body("chat.completion"),
        "choices": [_choice(heading, index, choice) for index, choice in enumerate(choices)],
        "usage": usage_body(usage),
        "service_tier": "default",
        "system_fingerprint": heading.fingerprint,
    }


def _choice(heading: Heading, index: int, choice: Choice) -> dict[str, Any]:
    silent = choice.calls or choice.refusal is not None
    message: dict[str, Any] = {
        "role": "assistant",
        "content": None if silent else choice.text,
        "refusal": choice.refusal,
        "annotations": [],
    }
    if choice.thought:  # as servers of open models call it; the API's own shows none
        message["reasoning_content"] = choice.thought
    reason: FinishReason = choice.finish_reason
    if choice.calls and heading.legacy_functions:
        call = choice.calls[0]
        message["function_call"] = {"name": call.name, "arguments": call.arguments}
        reason = "function_call"
    elif choice.calls:
        message["tool_calls"] = [_tool_call(call) for call in choice.calls]
    body = {
        "index": index,
        "message": message,
        "logprobs": _logprobs(choice.logprobs),
        "finish_reason": reason,
    }
    if heading.model.legacy_finish:
        body["finish_details"] = _finish_details(reason)
    return body


def _logprobs(tokens: Sequence[TokenLogprob]) -> dict[str, Any] | None:
    return {"content": logprobs(tokens), "refusal": None} if tokens else None


def logprobs(tokens: Sequence[TokenLogprob]) -> list[dict[str, Any]]:
    """Write how likely tokens were."""
    return [
        {**_likely(token.chosen), "top_logprobs": [_likely(other) for other in token.top]}
        for token in tokens
    ]


def _likely(token: Likely) -> dict[str, Any]:
    bytes = None if token.bytes is None else list(token.bytes)
    return {"token": token.token, "logprob": token.logprob, "bytes": bytes}


def _tool_call(call: ToolCall) -> dict[str, Any]:
    return {
        "id": call.id,
        "type": "function",
        "function": {"name": call.name, "arguments": call.arguments},
    }


def _finish_details(reason: FinishReason) -> dict[str, Any]:
    # The form of November 2023; code of that month reads it instead of finish_reason.
    return {"type": "max_tokens"} if reason == "length" else {"type": "stop", "stop": None}


class Chunks:
    """Writes one choice of a stream: an opening chunk, pieces, a closing chunk."""

    def __init__(self, heading: Heading, index: int, *, include_usage: bool) -> None:
        self._heading = heading
        self._index = index
        self._include_usage = include_usage
        self.calls: list[str] = []  # the ids of calls, as they were written

    def opening(self) -> bytes:
        """Write the chunk that names the role."""
        return self._chunk({"role": "assistant", "content": "", "refusal": None})

    def piece(self, delta: Delta) -> bytes:
        """Write the chunks of one delta; empty where it carries nothing to show."""
        if delta.tool is not None:
            opened = self._opened(delta.tool, delta.call)
            return opened + (self._arguments(delta) if delta.arguments else b"")
        if delta.arguments:
            return self._arguments(delta)
        if delta.refusal:
            return self._chunk({"refusal": delta.refusal})
        if delta.thought:
            return self._chunk({"reasoning_content": delta.thought})
        if delta.text or delta.logprobs:
            return self._chunk({"content": delta.text}, logprobs=delta.logprobs)
        return b""

    def closing(self, reason: FinishReason) -> bytes:
        """Write the chunk that says why the answer ended."""
        if reason == "tool_calls" and self._heading.legacy_functions:
            reason = "function_call"
        return self._chunk({}, reason)

    def _opened(self, name: str, index: int) -> bytes:
        named = {"name": name, "arguments": ""}
        if self._heading.legacy_functions:
            return self._chunk({"function_call": named})
        self.calls.append(call_id())
        call = {"index": index, "id": self.calls[-1], "type": "function", "function": named}
        return self._chunk({"tool_calls": [call]})

    def _arguments(self, delta: Delta) -> bytes:
        piece = {"arguments": delta.arguments}
        if self._heading.legacy_functions:
            return self._chunk({"function_call": piece})
        return self._chunk({"tool_calls": [{"index": delta.call, "function": piece}]})

    def _chunk(
        self,
        delta: Mapping[str, Any],
        reason: FinishReason | None = None,
        logprobs: Sequence[TokenLogprob] = (),
    ) -> bytes:
        choice: dict[str, Any] = {
            "index": self._index,
            "delta": delta,
            "logprobs": _logprobs(logprobs),
            "finish_reason": reason,
        }
        if reason is not None and self._heading.model.legacy_finish:
            choice["finish_details"] = _finish_details(reason)
        body = _chunk(self._heading, [choice])
        return event(body | {"usage": None} if self._include_usage else body)


def usage_chunk(heading: Heading, usage: Usage) -> bytes:
    """Write the last chunk of a stream that asked for usage: no choices, the counts."""
    return event(_chunk(heading, []) | {"usage": usage_body(usage)})


def _chunk(heading: Heading, choices: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        **heading.body("chat.completion.chunk"),
        "service_tier": "default",
        "system_fingerprint": heading.fingerprint,
        "choices": choices,
    }

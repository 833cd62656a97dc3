"""`/v1/responses`: its replies, whole and as the events of a stream."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass, field
from typing import Any

from sightline.api import reply
from sightline.api.responses import ResponsesRequest
from sightline.errors import SightlineError
from sightline.types import (
    Delta,
    FileRef,
    ImageRef,
    Inline,
    Message,
    Text,
    ToolCall,
    Url,
    Usage,
    VideoRef,
)

# What is shown as it was sent, without effect here.
_ECHOED = ("user", "safety_identifier", "prompt_cache_key", "prompt_cache_retention")
# The codes that a response's error may have.
_CODES = frozenset(
    {"rate_limit_exceeded", "invalid_image_format", "invalid_image", "invalid_base64_image",
     "invalid_image_url", "image_too_large", "image_too_small", "image_parse_error",
     "image_file_too_large", "unsupported_image_media_type", "failed_to_download_image"}
)  # fmt: skip


@dataclass(slots=True)
class _Item:
    """One item of the output as it grows."""

    id: str
    kind: str  # message, reasoning, function_call or custom_tool_call
    place: int
    text: str = ""
    refusal: str = ""
    name: str = ""
    call_id: str = ""
    arguments: str = ""
    logprobs: list[dict[str, Any]] = field(default_factory=list)

    def body(self, status: str) -> dict[str, Any]:
        if self.is_call:
            custom = self.kind == "custom_tool_call"
            return {
                "type": self.kind,
                "id": self.id,
                "call_id": self.call_id,
                "name": self.name,
                **({"input": self.input} if custom else {"arguments": self.arguments}),
                "status": status,
            }
        if self.kind == "reasoning":
            content = [] if status == "in_progress" else [self.part()]
            shared = {"id": self.id, "summary": [], "status": status}
            return {"type": "reasoning", **shared, "content": content}
        return {
            "type": "message",
            "id": self.id,
            "status": status,
            "role": "assistant",
            "content": [] if status == "in_progress" else [self.part()],
        }

    @property
    def is_call(self) -> bool:
        return self.kind in ("function_call", "custom_tool_call")

    @property
    def input(self) -> str:
        """The text that a custom tool is called with; what there is of one that was cut."""
        try:
            return str(json.loads(self.arguments)["input"])
        except (ValueError, KeyError, TypeError):
            return self.arguments

    def part(self) -> dict[str, Any]:
        if self.refusal:
            return {"type": "refusal", "refusal": self.refusal}
        if self.kind == "reasoning":
            return {"type": "reasoning_text", "text": self.text}
        shared = {"annotations": [], "logprobs": self.logprobs}
        return {"type": "output_text", "text": self.text, **shared}


@dataclass(slots=True)
class Answer:
    """A response as it grows: the events of a stream, and the whole at any time."""

    asked: ResponsesRequest
    created: int
    stored: bool
    owner: str = ""
    id: str = field(default_factory=lambda: reply.new_id("resp_", 48))
    status: str = "in_progress"
    usage: Usage | None = None
    error: SightlineError | None = None
    completed: int | None = None
    log: list[bytes] = field(default_factory=list, repr=False)  # of one that is stored
    _reason: str = ""
    _items: list[_Item] = field(default_factory=list)
    _sent: int = 0

    @property
    def weight(self) -> int:
        """About how many bytes it takes: texts and pictures, as they were sent, and its events."""
        turns = self.asked.chat.question.messages
        parts = sum(_weight(part) for turn in turns for part in turn.parts)
        return 4096 + parts + sum(map(len, self.log))

    @property
    def running(self) -> bool:
        """Whether it is still being made."""
        return self.status in ("queued", "in_progress")

    def turns(self) -> tuple[Message, ...]:
        """Give what was said up to and with it, for a question that follows."""
        # The instructions are this request's own; what follows brings its own.
        asked = self.asked.chat.question.messages[1 if self.asked.instructions else 0 :]
        said = [item for item in self._items if item.kind == "message"]
        text = "".join(item.text or item.refusal for item in said)
        calls = tuple(
            ToolCall(item.call_id, item.name, item.arguments)
            for item in self._items
            if item.is_call
        )
        return (*asked, Message("assistant", (Text(text),) if text else (), calls))

    def queued(self) -> bytes:
        """Begin one that waits in the background; write the events that say so."""
        self.status = "queued"
        return self._event("response.created", response=self.body()) + self._event(
            "response.queued", response=self.body()
        )

    def opening(self) -> bytes:
        """Write the events that begin a stream."""
        self.status = "in_progress"
        events = b"" if self._sent else self._event("response.created", response=self.body())
        return events + self._event("response.in_progress", response=self.body())

    def piece(self, delta: Delta) -> bytes:
        """Take a delta in; write its events."""
        events = b""
        if delta.tool is not None:
            events += self._end()
            custom = any(
                tool["name"] == delta.tool and tool["type"] == "custom"
                for tool in self.asked.body.get("tools") or ()
            )
            kind, prefix = ("custom_tool_call", "ctc_") if custom else ("function_call", "fc_")
            item = _Item(reply.new_id(prefix, 32), kind, len(self._items))
            item.name, item.call_id = delta.tool, reply.call_id()
            events += self._begin(item)
        if delta.arguments:
            item = self._items[-1]
            item.arguments += delta.arguments
            if item.kind == "function_call":
                events += self._event(
                    "response.function_call_arguments.delta", item, delta=delta.arguments
                )
        if delta.thought:
            events += self._think(delta.thought)
        for kind, text in (("text", delta.text), ("refusal", delta.refusal)):
            if text:
                events += self._say(kind, text, reply.logprobs(delta.logprobs))
        return events

    def _think(self, thought: str) -> bytes:
        events = b""
        if not self._items or self._items[-1].kind != "reasoning":
            events += self._end()
            events += self._begin(_Item(reply.new_id("rs_", 48), "reasoning", len(self._items)))
        item = self._items[-1]
        item.text += thought
        return events + self._event(
            "response.reasoning_text.delta", item, content_index=0, delta=thought
        )

    def _say(self, kind: str, text: str, logprobs: list[dict[str, Any]]) -> bytes:
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
        item.logprobs += logprobs
        return events + self._event(
            "response.output_text.delta", item, content_index=0, delta=text, logprobs=logprobs
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
        elif item.kind == "custom_tool_call":
            said = "response.custom_tool_call_input"
            events = self._event(f"{said}.delta", item, delta=item.input)
            events += self._event(f"{said}.done", item, input=item.input)
        elif item.kind == "reasoning":
            events = self._event(
                "response.reasoning_text.done", item, content_index=0, text=item.text
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
                    logprobs=item.logprobs,
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
        whole = reason not in ("length", "content_filter")
        thought = all(item.kind == "reasoning" for item in self._items)
        events = b""
        if thought and (whole or not self._items):  # an answer of nothing is an empty text
            events += self._end() + self._empty()
        events += self._end("completed" if whole else "incomplete")
        self.status = "completed" if whole else "incomplete"
        self.completed = int(time.time()) if whole else None
        self._reason = reason
        return events + self._event(f"response.{self.status}", response=self.body())

    def _empty(self) -> bytes:
        item = _Item(reply.new_id("msg_", 48), "message", len(self._items))
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
        event = f"event: {kind}\n".encode() + reply.event({**body, **fields})
        if self.stored:
            self.log.append(event)
        return event

    def body(self) -> dict[str, Any]:
        """Write the response."""
        sent, question = self.asked.body, self.asked.chat.question
        output = [item.body("completed") for item in self._items[:-1]]
        if self._items:
            states = {"in_progress": "in_progress", "completed": "completed"}
            output.append(self._items[-1].body(states.get(self.status, "incomplete")))
        incomplete = None
        if self.status == "incomplete":
            length = self._reason == "length"
            incomplete = {"reason": "max_output_tokens" if length else "content_filter"}
        return {
            "id": self.id,
            "object": "response",
            "created_at": self.created,
            "status": self.status,
            "background": self.asked.background,
            "completed_at": self.completed,
            "conversation": {"id": self.asked.conversation} if self.asked.conversation else None,
            "error": None if self.error is None else _error(self.error),
            "incomplete_details": incomplete,
            "instructions": self.asked.instructions,
            "max_output_tokens": sent.get("max_output_tokens"),
            "max_tool_calls": sent.get("max_tool_calls"),
            "model": self.asked.chat.model.snapshot,
            "output": output,
            "parallel_tool_calls": sent.get("parallel_tool_calls", True),
            "previous_response_id": self.asked.previous,
            "reasoning": sent.get("reasoning") or {"effort": None, "summary": None},
            "store": self.stored,
            "temperature": 1.0 if question.temperature is None else question.temperature,
            "text": {"format": {"type": "text"}} | (sent.get("text") or {}),
            "tool_choice": _flat(sent.get("tool_choice") or "auto"),
            "tools": sent.get("tools") or [],
            "top_logprobs": question.top_logprobs,
            "top_p": 1.0 if question.top_p is None else question.top_p,
            "truncation": sent.get("truncation") or "disabled",
            "usage": None if self.usage is None else reply.counted(self.usage),
            "service_tier": "default",
            **{name: sent.get(name) for name in _ECHOED},
            "metadata": sent.get("metadata") or {},
        }


def _error(error: SightlineError) -> dict[str, Any]:
    usual = "invalid_prompt" if error.status == 400 else "server_error"
    code = error.code if error.code in _CODES else usual
    return {"code": code, "message": error.message}


def _flat(choice: object) -> object:
    """Write a tool's choice as this API spells it, though it was sent as a chat's."""
    if isinstance(choice, dict) and isinstance(inner := choice.get(choice.get("type")), dict):
        return {"type": choice["type"], **inner}
    return choice


def _weight(part: object) -> int:
    if isinstance(part, Text):
        return sys.getsizeof(part.text)
    if isinstance(part, ImageRef | VideoRef | FileRef) and isinstance(part.source, Url | Inline):
        return 2 * sys.getsizeof(part.source.url)  # the items hold it too
    return 1024


def deleted(id: str) -> dict[str, Any]:
    """Write what a deletion answers."""
    return {"id": id, "object": "response", "deleted": True}

"""A conversation that was made shorter, as one item that whoever goes on with it sends back.

The API calls what is in it encrypted: nobody but the server has a use for it. Here it is the turns
that stand for the conversation, in words that no client need know. Whoever writes one of his own
says no more with it than he could with those turns.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sightline.api import reply
from sightline.types import (
    FileRef,
    ImageRef,
    Message,
    Part,
    Question,
    Text,
    Uploaded,
    Url,
    Usage,
    VideoRef,
)

_FORM = "sightline-1."
_MOST_TOKENS = 1000  # of a summary
_TOLD = "Summary of what was answered before:\n"
_ASK = (
    "Summarise this conversation for whoever goes on with it and sees only what the user said: "
    "what was answered and found out, and what is left to do. Write nothing but the summary."
)


def asking(question: Question) -> Question:
    """Make the question for a summary out of a conversation."""
    turns = (*question.messages, Message("user", (Text(_ASK),)))
    most = min(_MOST_TOKENS, question.max_tokens or _MOST_TOKENS)
    return replace(question, messages=turns, max_tokens=most)


def word_for_word(turns: Sequence[Message]) -> str:
    """Give all that was answered, for an engine that can summarise nothing."""
    answered = [turn for turn in turns if turn.role in ("assistant", "tool")]
    said = ["".join(p.text for p in turn.parts if isinstance(p, Text)) for turn in answered]
    return "\n".join(text for text in said if text)


def item(turns: Sequence[Message], summary: str) -> dict[str, Any]:
    """Write the item that stands for a conversation: what was asked, and the summary."""
    kept = [turn for turn in turns if turn.role not in ("assistant", "tool")]
    if summary:
        kept.append(Message("assistant", (Text(_TOLD + summary),)))
    told = json.dumps([_turn(each) for each in kept], ensure_ascii=False).encode()
    content = _FORM + base64.urlsafe_b64encode(told).decode()
    return {"id": reply.new_id("cmp_", 48), "type": "compaction", "encrypted_content": content}


def read(content: str) -> list[dict[str, Any]]:
    """Give the turns of an item's content, unchecked. Raises `ValueError` for what is none."""
    if not content.startswith(_FORM):
        raise ValueError("form")
    try:
        data = base64.b64decode(content.removeprefix(_FORM), altchars=b"-_", validate=True)
        turns = json.loads(data)
    except (binascii.Error, RecursionError) as error:
        raise ValueError("content") from error
    if not isinstance(turns, list) or not all(
        isinstance(each, dict) and each.get("type") == "message" for each in turns
    ):
        raise ValueError("turns")
    return turns


def body(made: dict[str, Any], created: int, usage: Usage) -> dict[str, Any]:
    """Write the reply."""
    return {
        "id": reply.new_id("resp_", 48),
        "object": "response.compaction",
        "created_at": created,
        "output": [made],
        "usage": reply.counted(usage),
    }


def _turn(turn: Message) -> dict[str, Any]:
    said = "output_text" if turn.role == "assistant" else "input_text"
    content = [_part(part, said) for part in turn.parts] or [{"type": said, "text": ""}]
    return {"type": "message", "role": turn.role, "content": content}


def _part(part: Part, said: str) -> dict[str, Any]:
    if isinstance(part, Text):
        return {"type": said, "text": part.text}
    if not isinstance(part, ImageRef | FileRef | VideoRef):
        raise TypeError(type(part).__name__)  # what is decoded is not sent back
    source, detail = part.source, part.detail
    if isinstance(part, VideoRef):
        plan = part.sampling
        told = {
            "num_frames": plan.frames, "fps": plan.fps, "max_frames": plan.most,
            "start": plan.start_s, "end": plan.end_s,
        }  # fmt: skip
        sampled = {name: value for name, value in told.items() if value is not None}
        named = (
            {"file_id": source.id} if isinstance(source, Uploaded) else {"video_url": source.url}
        )
        return {"type": "input_video", **named, "detail": detail, **sampled}
    if isinstance(source, Uploaded):
        named = {"file_id": source.id}
    elif isinstance(part, ImageRef):
        named = {"image_url": source.url}
    elif isinstance(source, Url):
        named = {"file_url": source.url}
    else:
        named = {"file_data": source.url, "filename": part.name}
    kind = "input_image" if isinstance(part, ImageRef) else "input_file"
    return {"type": kind, **named, "detail": detail}

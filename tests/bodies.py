"""Bodies in which, together, every field of every JSON route stands, and ways to change them."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from PIL import Image

from sightline.api import compaction
from sightline.types import Message, Text
from tests.pictures import data_url, encoded

PICTURE = data_url(encoded(Image.new("RGB", (8, 6), "teal")))
Place = tuple[str | int, ...]
WORDS = "a" * 600_000  # more than any field, or the context of a model, has room for
SHORTER = compaction.item((Message("user", (Text("It is red."),)),), "Noted.")
# Written into the body as they are here: Python's own writer has no such numbers.
LITERALS = {
    "@huge@": "1" + "0" * 400,
    "@minus@": "-1" + "0" * 400,
    "@digits@": "9" * 5000,
    "@exponent@": "1e400",
    "@zero@": "-0",
    "@small@": "1e-400",
    "@long@": str(2**64),
}
NUMBERS = (*LITERALS, -1, 0.5, 10**300)
STRINGS = ("\ud800", "ab\udfffcd", "a\0b", "\x1b[31m\r\nx: y", "", "\u202e\ufeff", WORDS)
KEYS = ("\ud800", "a\0b", WORDS[:100_000])
OTHERS: tuple[object, ...] = (True, None, 7, [[[]]], {"": {}})

FUNCTION = {
    "name": "note",
    "description": "Notes it.",
    "strict": False,
    "parameters": {
        "type": "object",
        "properties": {"total": {"type": "number", "minimum": 0}, "name": {"enum": ["a", "b"]}},
        "required": ["total"],
    },
}
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["total", "seen"],
    "properties": {
        "total": {"type": ["number", "null"], "minimum": 0, "description": "all of it"},
        "seen": {"type": "array", "maxItems": 3, "items": {"$ref": "#/$defs/one"}},
    },
    "$defs": {"one": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 9}},
}
FORMAT = {"name": "found", "strict": True, "schema": SCHEMA}
DETAIL = {"detail": "low"}
TURNS: list[dict[str, Any]] = [
    {"role": "system", "content": "Be short."},
    {
        "role": "user",
        "name": "someone",
        "content": [
            {"type": "text", "text": "What is it, in json?"},
            {"type": "image_url", "image_url": {"url": PICTURE, **DETAIL}},
            {"type": "input_image", "image_url": PICTURE, **DETAIL},
            {"image": PICTURE, "resize": 4},
        ],
    },
    {
        "role": "assistant",
        "content": "Wait.",
        "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "note", "arguments": "{}"}}
        ],
    },
    {"role": "tool", "tool_call_id": "c1", "content": [{"type": "text", "text": "Noted."}]},
    {"role": "user", "content": "And now, in json?"},
]
SHARED = {
    "model": "gpt-4o",
    "temperature": 0.5,
    "top_p": 0.5,
    "n": 2,
    "stop": ["@", "#"],
    "seed": 7,
    "presence_penalty": 0.5,
    "frequency_penalty": 0.5,
    "logit_bias": {"7": 1},
    "stream": True,
    "stream_options": {"include_usage": True},
    "user": "someone",
}
ASKED = [{"role": "user", "content": "What is it, in json?"}]
CHAT = {
    **SHARED,
    "messages": ASKED,
    "max_tokens": 9,
    "response_format": {"type": "json_schema", "json_schema": FORMAT},
    "tools": [{"type": "function", "function": FUNCTION}],
    "tool_choice": {"type": "function", "function": {"name": "note"}},
    "parallel_tool_calls": True,
    "safety_identifier": "someone",
    "prompt_cache_key": "k",
    "prompt_cache_options": {
        "mode": "implicit",
        "ttl": "30m",
        "comparison_response_id": "r",
        "prewarm": False,
    },
    "prompt_cache_retention": "24h",
    "store": True,
    "metadata": {"k": "v"},
    "service_tier": "auto",
    "reasoning_effort": "low",
    "verbosity": "low",
    "modalities": ["text"],
    "prediction": {"type": "content", "content": "It"},
    "web_search_options": {"k": 1},
}
OLD_CALL = {"name": "note", "arguments": ""}
OLD = {
    "model": "gpt-4o",
    "messages": [
        {"role": "user", "content": "What is it?"},
        {"role": "assistant", "content": None, "function_call": OLD_CALL},
        {"role": "function", "name": "note", "content": "Noted."},
    ],
    "functions": [FUNCTION],
    "function_call": {"name": "note"},
}
TALK = {"model": "gpt-4o", "messages": TURNS}
TEXT = {
    **SHARED,
    "prompt": "What is it?",
    "img_url": [PICTURE],
    "img_b64": PICTURE,
    "detail": "low",
    "max_tokens": 9,
    "best_of": 2,
    "echo": False,
}
ITEM = {"id": "i", "status": "completed"}
RESPONSE = {
    "model": "gpt-4o",
    "instructions": "Be short.",
    "input": [
        {
            "role": "user",
            "content": [
                {"type": "input_text", "text": "What is it, in json?"},
                {"type": "input_image", "image_url": PICTURE, **DETAIL},
            ],
        },
        {"type": "function_call", "call_id": "c1", "name": "note", "arguments": "{}", **ITEM},
        {"type": "function_call_output", "call_id": "c1", "output": "Noted.", **ITEM, "id": "j"},
        {**SHORTER, "created_by": "us"},
        {
            "type": "custom_tool_call",
            "call_id": "c2",
            "name": "say",
            "input": "x",
            **ITEM,
            "id": "k",
        },
        {"type": "custom_tool_call_output", "call_id": "c2", "output": "Said.", **ITEM, "id": "l"},
        {
            "type": "message",
            "role": "assistant",
            "content": "x",
            "phase": "commentary",
            **ITEM,
            "id": "m",
        },
        {"type": "reasoning", "summary": [{"k": 1}]},
        {"type": "compaction", "encrypted_content": "sightline-1.W10=", "id": "cmp_1"},
    ],
    "prompt_cache_options": CHAT["prompt_cache_options"],
    "prompt_cache_retention": "24h",
    "context_management": [{"type": "compaction", "compact_threshold": 9}],
    "image": {"context_compression": "auto"},
    "access_programs": {"cyber": "standard"},
    "conversation": {"id": "conv_1"},
    "max_output_tokens": 16,
    "temperature": 0.5,
    "top_p": 0.5,
    "stream": False,
    "store": True,
    "text": {"format": {"type": "json_schema", **FORMAT}},
    "tools": [{"type": "function", **FUNCTION}],
    "tool_choice": {"type": "function", "name": "note"},
    "parallel_tool_calls": True,
    "metadata": {"k": "v"},
    "reasoning": {
        "effort": "low",
        "summary": "auto",
        "generate_summary": "auto",
        "context": "auto",
        "mode": "standard",
    },
    "include": ["message.output_text.logprobs"],
    "truncation": "disabled",
    "user": "someone",
    "max_tool_calls": 7,
    "service_tier": "auto",
}
# Each route with bodies in which, together, every field stands that it takes.
# What is for the embedded engine alone; the one asked here refuses it once all of it was read.
SLOT = {"start_s": 0, "end_s": 1.5, "words": 9}
OWN = {"sightline": {"include": ["things"], "narrate": [SLOT]}}
OWN_CHAT = {"model": "gpt-4o", "messages": ASKED, **OWN}
OWN_RESPONSE = {"model": "gpt-4o", "input": "What is it?", **OWN}
CACHED = {"prompt_cache_breakpoint": {"mode": "explicit"}}
DECISION = {
    "model": "gpt-4o",
    "sightline": {"include": ["things", "evidence"]},
    "input": [
        {
            "type": "message",
            "role": "developer",
            "content": [{"type": "input_text", "text": "Be strict.", **CACHED}],
        },
        {
            "type": "message",
            "role": "user",
            "content": [
                {"type": "input_text", "text": "Look.", **CACHED},
                {"type": "input_image", "image_url": PICTURE, **DETAIL, **CACHED},
                {"type": "input_json", "data": {"k": [1, None]}},
            ],
        },
        {"type": "message", "role": "assistant", "content": "Wait.", "phase": "commentary"},
        {
            "type": "function_call",
            "call_id": "c1",
            "name": "note",
            "arguments": "{}",
            "id": "i",
            "namespace": "n",
            "status": "completed",
        },
        {
            "type": "function_call_output",
            "call_id": "c1",
            "output": "Noted.",
            "id": "i",
            "status": "completed",
        },
        {
            "type": "custom_tool_call",
            "call_id": "c2",
            "name": "say",
            "input": "x",
            "id": "i",
            "namespace": "n",
            "status": "completed",
        },
        {
            "type": "custom_tool_call_output",
            "call_id": "c2",
            "id": "i",
            "status": "completed",
            "output": [{"type": "input_text", "text": "Said.", **CACHED}],
        },
    ],
    "questions": [
        {"type": "predicate", "name": "empty", "instructions": "It is empty."},
        {
            "type": "choice",
            "name": "kind",
            "instructions": [
                {"type": "input_text", "text": "Which?"},
                {"type": "input_image", "image_url": PICTURE, **DETAIL},
                {"type": "input_json", "data": [{"k": 1}]},
            ],
            "choices": [{"value": "bill", "description": "To be paid."}, {"value": True}],
        },
        {
            "type": "score",
            "name": "damage",
            "instructions": "How damaged?",
            "levels": [{"label": "none", "description": "As new."}, {"label": "heavy"}],
        },
    ],
    "prompt_cache_key": "k",
    "prompt_cache_options": {"mode": "implicit", "ttl": "30m"},
    "safety_identifier": "someone",
}
SYSTEM_ONE = {
    "model": "gpt-4o",
    "state": {"seen": "[image 1]"},
    "images": [PICTURE],
    "questions": {
        "empty": {
            "type": "noul",
            "instructions": "Is it empty?",
            "criteria": {"true": "Nothing is there.", "false": "Something is."},
        },
        "kind": {
            "type": "choice",
            "instructions": {"ask": "Which?"},
            "criteria": {"bill": "To be paid.", "letter": None},
        },
        "damage": {"type": "score", "instructions": ["How?"], "criteria": ["none", "heavy"]},
    },
    "keep_alive": "5m",
}
BODIES: dict[str, list[dict[str, Any]]] = {
    "/v1/chat/completions": [CHAT, TALK, OLD, OWN_CHAT],
    "/v1/chat/completions/input_tokens": [CHAT, TALK, OWN_CHAT],
    "/v1/completions": [TEXT],
    "/v1/responses": [RESPONSE, OWN_RESPONSE],
    "/v1/responses/input_tokens": [RESPONSE, OWN_RESPONSE],
    "/v1/responses/compact": [
        {
            "model": "gpt-4o",
            "input": [{"role": "user", "content": "What is it?"}],
            "instructions": "Be short.",
            "image": {"context_compression": "auto"},
            "service_tier": "auto",
            "prompt_cache_key": "k",
            "prompt_cache_options": CHAT["prompt_cache_options"],
            "prompt_cache_retention": "24h",
        },
    ],
    "/v1/chat/completions/{id}": [{"metadata": {"k": "v"}}],
    "/v1/conversations": [{"items": RESPONSE["input"], "metadata": {"k": "v"}}],
    "/v1/conversations/{id}": [{"metadata": {"k": "v"}}],
    "/v1/conversations/{id}/items": [{"items": RESPONSE["input"]}],
    "/v1/documents/pages": [{"file": {"file_data": PICTURE, "filename": "a.pdf", **DETAIL}}],
    "/v1/decisions": [DECISION],
    "/v1/systemone": [SYSTEM_ONE],
    "/v1/batches": [
        {
            "input_file_id": "file-none",
            "endpoint": "/v1/chat/completions",
            "completion_window": "24h",
            "metadata": {"k": "v"},
            "output_expires_after": {"anchor": "created_at", "seconds": 3600},
        }
    ],
    "/v1/embeddings": [
        {
            "model": "text-embedding-3-small",
            "input": ["It is red.", 5, [5, 6]],
            "encoding_format": "float",
            "dimensions": 8,
            "user": "someone",
        }
    ],
    "/v1/moderations": [
        {
            "model": "omni-moderation-latest",
            "input": [
                {"type": "text", "text": "It is red."},
                {"type": "image_url", "image_url": {"url": PICTURE}},
            ],
        }
    ],
    "/v1/audio/speech": [
        {
            "model": "tts-1",
            "input": "Hm.",
            "voice": {"id": "alloy"},
            "instructions": "Softly.",
            "response_format": "pcm",
            "speed": 1.0,
            "stream_format": "audio",
            "language": "en",
        }
    ],
}
# Ways to name what is sent that stand beside those of a whole body.
FILM = "data:video/mp4;base64,AAAA"
SAMPLED = {"num_frames": 2, "start": 0, "end": 2, "max_frames": 2, **DETAIL}
INSTEAD = {
    "/v1/chat/completions": (
        {"type": "file", "file": {"file_id": "file-1", "filename": "a.pdf", **DETAIL}},
        {"type": "file", "file": {"file_url": "http://127.0.0.1/", "filename": "a", **DETAIL}},
        {"type": "file", "file": {"file_data": "JVBERi0=", "filename": "a.pdf", **DETAIL}},
        {"type": "video_url", "video_url": {"url": FILM, "fps": 1}},
        {"type": "video_url", "video_url": {"url": FILM, **SAMPLED}},
        {"type": "video_url", "video_url": FILM, "fps": 1},
        {"type": "input_video", "video_url": FILM, **SAMPLED},
        {"type": "video", "video": FILM, **SAMPLED},
        {"type": "video", "video": {"url": FILM, **SAMPLED}},
        {"type": "video", "video": {"url": FILM}, "fps": 1},
        {"type": "video", "video": {"url": FILM, "fps": 1}},
    ),
    "/v1/responses": (
        {"type": "input_image", "file_id": "file-1", **DETAIL},
        {"type": "input_file", "file_id": "file-1", "filename": "a.pdf", **DETAIL},
        {"type": "input_file", "file_data": "JVBERi0=", "filename": "a.pdf", **DETAIL},
        {"type": "input_file", "file_url": "http://127.0.0.1/", "filename": "a", **DETAIL},
        {"type": "input_video", "video_url": FILM, "fps": 1},
        {"type": "input_video", "video_url": FILM, **SAMPLED},
        {"type": "input_video", "video_url": {"url": FILM, "fps": 1}},
        {"type": "input_video", "video_url": {"url": FILM, **SAMPLED}},
        {"type": "input_video", "video": FILM, "fps": 1},
        {"type": "input_video", "video": FILM, **SAMPLED},
        {"type": "input_video", "video": {"url": FILM, "fps": 1}},
        {"type": "input_video", "video": {"url": FILM, **SAMPLED}},
    ),
}  # fmt: skip

# Other forms of what is sent, some of which no engine here can honour.
MORE: dict[str, list[dict[str, Any]]] = {
    "/v1/documents/pages": [
        {"file": {"file_id": "file-1", "filename": "a.pdf", **DETAIL}},
        {"file": {"file_url": "http://127.0.0.1/", "filename": "a.pdf", **DETAIL}, "pages": [1]},
    ],
    "/v1/chat/completions": [
        {
            "model": "gpt-4o",
            "messages": [
                {"role": "developer", "content": ["Be short.", {"type": "refusal", "refusal": "No."}]},
                {"role": "assistant", "content": None, "refusal": "No.", "name": "it"},
                {"role": "assistant", "refusal": "No.", "name": "it", "function_call": OLD_CALL},
                {"role": "assistant", "audio": {"id": "a"}, "function_call": OLD_CALL},
                {"role": "assistant", "content": "Wait.", "name": "it"},
                {"role": "assistant", "audio": {"id": "a"}},
                {"role": "assistant", "content": "Wait.", "function_call": OLD_CALL,
                 "tool_calls": TURNS[2]["tool_calls"]},
                {"role": "assistant", "function_call": OLD_CALL, "tool_calls": [1]},
                {"role": "assistant", "tool_calls": TURNS[2]["tool_calls"]},
                {"role": "assistant", "content": "Wait.", "name": "it", "function_call": OLD_CALL},
                {"role": "function", "name": "note", "content": None},
                {"role": "tool", "name": "note", "tool_call_id": "c1", "content": "Noted."},
                {"role": "user", "content": "json"},
            ],
            "response_format": {"type": "json_object"},
            "logprobs": True,
            "top_logprobs": 3,
            "stream": True,
            "stream_options": {"include_usage": True, "include_obfuscation": False},
            "audio": {"voice": "alloy"},
            "moderation": {"k": 1},
        },
        {
            "model": "gpt-4o",
            "messages": ASKED,
            "response_format": {
                "type": "json_schema", "json_schema": {**FORMAT, "description": "It."}
            },
            "tools": [{"type": "function", "function": FUNCTION}],
            "tool_choice": {
                "type": "allowed_tools",
                "allowed_tools": {
                    "mode": "required",
                    "tools": [{"type": "function", "function": {"name": "note"}}],
                },
            },
            "stop": "@",
        },
        {"model": "gpt-4o", "messages": ASKED, "response_format": {"type": "text"},
         "max_completion_tokens": 9},
        {
            "model": "gpt-4o",
            "messages": ASKED,
            "tools": [{"type": "function", "function": {"name": "note"}}],
            "tool_choice": {"type": "custom", "custom": {"name": "note"}},
        },
        {"model": "gpt-4o", "messages": ASKED, "functions": [FUNCTION], "function_call": "auto"},
    ],
    "/v1/completions": [
        {
            "model": "gpt-4o",
            "prompt": ["What is it?", "Is it red?"],
            "img_b64": [PICTURE],
            "logprobs": 3,
            "stream": True,
            "stream_options": {"include_usage": True, "include_obfuscation": False},
        },
        {"model": "gpt-4o", "prompt": [1, 2]},
        {"model": "gpt-4o", "prompt": [[1], [2]]},
    ],
    "/v1/responses": [
        {
            "model": "gpt-4o",
            "input": "What is it?",
            "text": {"verbosity": "low"},
            "moderation": {"k": 1},
            "tools": [
                {"type": "custom", "name": "say", "description": "x", "format": {"type": "text"}}
            ],
            "tool_choice": {"type": "custom", "name": "say"},
        },
        {
            "model": "gpt-4o",
            "input": [{"type": "item_reference", "id": "msg_1"}, {"id": "msg_1"}],
            "conversation": "conv_1",
            "tools": [{"type": "function", "name": "note"}],
            "tool_choice": {
                "type": "allowed_tools", "mode": "auto", "tools": [{"name": "note"}],
            },
        },
        {"model": "gpt-4o", "previous_response_id": "resp_1"},
        {
            "model": "gpt-4o",
            "input": [
                {
                    "type": "message",
                    "role": "assistant",
                    "content": [
                        {"type": "output_text", "text": "json"}, {"type": "refusal", "refusal": "No."},
                    ],
                },
                {
                    "type": "function_call_output",
                    "call_id": "c1",
                    "output": [{"type": "input_text", "text": "x"}],
                },
            ],
            "text": {"format": {"type": "json_object"}},
            "tools": [{"type": "function", "name": "note"}],
            "tool_choice": {"type": "function", "function": {"name": "note"}},
            "background": False,
            "previous_response_id": "resp_1",
            "top_logprobs": 3,
            "stream": True,
            "stream_options": {"include_obfuscation": False},
            "safety_identifier": "someone",
            "prompt_cache_key": "k",
            "prompt_cache_retention": "24h",
        },
        {
            "model": "gpt-4o",
            "input": "json",
            "text": {"format": {"type": "json_schema", **FORMAT, "description": "It."}},
            "tools": [{"type": "function", "name": "note"}],
            "tool_choice": {
                "type": "allowed_tools",
                "allowed_tools": {"tools": [{"type": "function", "function": {"name": "note"}}]},
            },
        },
        {"model": "gpt-4o", "input": "json", "text": {"format": {"type": "text"}}},
    ],
    "/v1/decisions": [
        {
            "model": "gpt-4o",
            "input": "Look.",
            "questions": [{"type": "predicate", "instructions": "It is empty."}],
        },
        {
            "model": "gpt-4o",
            "input": [
                {"role": "user", "content": [{"type": "input_image", "file_id": "f", **DETAIL, **CACHED}]},
                {"role": "assistant", "content": [
                    {"type": "output_text", "text": "x"}, {"type": "refusal", "refusal": "No."}]},
                {"type": "function_call", "call_id": "c1", "name": "note", "arguments": "{}"},
                {"type": "function_call_output", "call_id": "c1", "output": [
                    {"type": "input_image", "image_url": PICTURE, **DETAIL, **CACHED}]},
                {"type": "custom_tool_call", "call_id": "c2", "name": "say", "input": "x"},
                {"type": "custom_tool_call_output", "call_id": "c2", "output": [
                    {"type": "input_image", "file_id": "f", **DETAIL, **CACHED}]},
            ],
            "questions": [
                {"type": "predicate", "instructions": [
                    {"type": "input_image", "file_id": "f", **DETAIL}]},
                {"type": "predicate", "instructions": [{"type": "input_json", "data": {"k": {}}}]},
            ],
        },
    ],
    "/v1/systemone": [
        {"state": "It is red.", "questions": {"a": {"type": "noul", "instructions": "Is it?"}}},
        {"state": ["It", {"is": "red"}], "questions": {
            "a": {"type": "noul", "instructions": ["Is", "it?"]},
            "b": {"type": "choice", "instructions": "It?", "criteria": {"a": "", "b": "c"}},
            "c": {"type": "score", "instructions": {"k": 1}, "criteria": ["a", "b", "c"]}}},
    ],
    "/v1/audio/speech": [{"model": "tts-1", "input": "Hm.", "voice": "alloy"}],
    "/v1/responses/compact": [{"model": "gpt-4o", "previous_response_id": "resp_1"}],
    "/v1/embeddings": [{"model": "text-embedding-3-small", "input": "It is red."}],
    "/v1/moderations": [{"input": "It is red."}, {"input": ["It is red."]}],
}  # fmt: skip


def tried(path: str) -> list[dict[str, Any]]:
    """All bodies of a route, with what stands there instead of a part among them."""
    bodies = [*BODIES[path], *MORE.get(path, ())]
    for part in INSTEAD.get(path, ()):
        turns = [{"role": "user", "content": [part]}]
        bodies.append({"model": "gpt-4o", "input" if "responses" in path else "messages": turns})
    return bodies


def places(value: object, at: Place = ()) -> Iterator[tuple[Place, object]]:
    """Every value in a body, with its place."""
    if at:
        yield at, value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*at, key))
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from places(inner, (*at, i))


def put(body: dict[str, Any], at: Place, value: object) -> dict[str, Any]:
    """Give a body with a value at a place; what stands beside the way there is that of both."""
    changed = copy.copy(body)
    inner: Any = changed
    for step in at[:-1]:
        inner[step] = copy.copy(inner[step])
        inner = inner[step]
    inner[at[-1]] = value
    return changed


def written(body: object) -> bytes:
    text = json.dumps(body)
    if '"@' in text:  # many are long, and few hold a mark
        for mark, literal in LITERALS.items():
            text = text.replace(f'"{mark}"', literal)
    return text.encode()


def values_for(value: object) -> tuple[object, ...]:
    if isinstance(value, str):
        return (*STRINGS, *OTHERS, "@huge@")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return (*NUMBERS, *OTHERS, "\ud800")
    return (*OTHERS, "@huge@", "\ud800")


@cache
def _text(value: str) -> bytes:
    return written(value)


_HERE = "what is put here"  # in no body


def _around(body: dict[str, Any], at: Place) -> tuple[bytes, bytes]:
    """Give what is written before and after a value at a place, so that a body is written once."""
    before, found, after = written(put(body, at, _HERE)).partition(_text(_HERE))
    assert found
    return before, after


def variants(body: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    for at, value in places(body):
        before, after = _around(body, at)
        for other in values_for(value):
            shown = repr(other[:30] if isinstance(other, str) else other)[:30]
            put_in = _text(other) if isinstance(other, str) else written(other)
            yield f"{'.'.join(map(str, at))} = {shown}", before + put_in + after
        if isinstance(value, dict):
            before, after = _around(body, (*at, "unknown"))
            before = before.removesuffix(b'"unknown": ')
            for key in KEYS:
                yield f"{at} + {key[:20]!r}", before + _text(key) + b": 1" + after

"""What becomes of every field of a request where another server answers it.

A test holds the two tables complete against the official client's types.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Fate = Literal["sent", "mapped", "by kind", "ours", "refused"]
"""Sent as it is; put into what it means there (or into several requests); passed on by kinds of
server that have it and refused for others; this server's own affair; refused for all."""

CHAT: Mapping[str, Fate] = {
    "audio": "refused",
    "frequency_penalty": "sent",
    "function_call": "mapped",
    "functions": "mapped",
    "logit_bias": "by kind",
    "logprobs": "sent",
    "max_completion_tokens": "mapped",
    "max_tokens": "mapped",
    "messages": "mapped",
    "metadata": "ours",
    "modalities": "ours",  # text is all that is taken
    "model": "mapped",
    "moderation": "by kind",
    "n": "mapped",
    "parallel_tool_calls": "sent",
    "prediction": "by kind",
    "presence_penalty": "sent",
    "prompt_cache_key": "by kind",
    "prompt_cache_options": "by kind",
    "prompt_cache_retention": "by kind",
    "reasoning_effort": "mapped",
    "response_format": "sent",
    "safety_identifier": "by kind",
    "seed": "sent",
    "service_tier": "by kind",
    "stop": "sent",
    "store": "ours",
    "stream": "ours",
    "stream_options": "ours",
    "temperature": "sent",
    "tool_choice": "by kind",
    "tools": "sent",
    "top_logprobs": "by kind",
    "top_p": "sent",
    "user": "by kind",
    "verbosity": "by kind",
    "web_search_options": "by kind",
}

RESPONSES: Mapping[str, Fate] = {
    "access_programs": "ours",  # what is asked beside the usual is refused
    "background": "ours",
    "context_management": "ours",
    "conversation": "ours",
    "image": "ours",
    "include": "mapped",
    "input": "mapped",
    "instructions": "mapped",
    "max_output_tokens": "mapped",
    "max_tool_calls": "ours",  # of the platform's own tools, which are not there
    "metadata": "ours",
    "model": "mapped",
    "moderation": "by kind",
    "parallel_tool_calls": "sent",
    "previous_response_id": "mapped",
    "prompt": "refused",
    "prompt_cache_key": "by kind",
    "prompt_cache_options": "by kind",
    "prompt_cache_retention": "by kind",
    "reasoning": "mapped",
    "safety_identifier": "by kind",
    "service_tier": "by kind",
    "store": "ours",
    "stream": "ours",
    "stream_options": "ours",
    "temperature": "sent",
    "text": "mapped",
    "tool_choice": "by kind",
    "tools": "mapped",
    "top_logprobs": "by kind",
    "top_p": "sent",
    "truncation": "ours",
    "user": "by kind",
}

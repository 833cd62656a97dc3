"""Decisions as another server takes them, and its answers as verdicts: pure.

The reverse of `decisions` and `verdicts`. Pictures go inline, JSON as the text that it was made.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from sightline.api.outgoing import Urls, shown
from sightline.errors import EngineError
from sightline.types import (
    Decide,
    Decided,
    ImageRef,
    Message,
    Picture,
    Question,
    Text,
    Used,
    Verdict,
)

DECLINED = "The server behind declined to answer it."


def body(question: Question, model: str, urls: Urls) -> dict[str, Any]:
    """Write a request to `/v1/decisions`."""
    items = [item for turn in question.evidence for item in _items(turn, urls)]
    pairs = zip(question.decide, question.instructions, strict=True)
    asked = [_question(decide, message, urls) for decide, message in pairs]
    made: dict[str, Any] = {"model": model, "input": items, "questions": asked}
    if question.include:
        # No field of the API's: the official client sends it as it is.
        made["extra_body"] = {"sightline": {"include": sorted(question.include)}}
    return made


def _items(turn: Message, urls: Urls) -> list[dict[str, Any]]:
    if turn.role == "tool":
        content = _content(turn, urls)
        return [{"type": "function_call_output", "call_id": turn.call_id, "output": content}]
    made: list[dict[str, Any]] = []
    if turn.role == "assistant" and turn.parts:
        said = [{"type": "output_text", "text": p.text} for p in turn.parts if isinstance(p, Text)]
        made.append({"role": "assistant", "content": said})
    elif turn.role != "assistant":
        made.append({"role": turn.role, "content": _content(turn, urls)})
    for call in turn.calls:
        named = {"call_id": call.id, "name": call.name, "arguments": call.arguments}
        made.append({"type": "function_call", **named})
    return made


def _content(turn: Message, urls: Urls) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = []
    for part in turn.parts:
        if isinstance(part, Text):
            parts.append({"type": "input_text", "text": part.text})
        elif isinstance(part, Picture | ImageRef):
            parts += [
                {"type": "input_image", "image_url": url, "detail": detail}
                for url, detail in shown(part, urls)
            ]
    return parts


def _question(decide: Decide, message: Message, urls: Urls) -> dict[str, Any]:
    instructions = _content(message, urls)
    if decide.kind == "predicate":
        means = [f"It is {o.label} if: {o.description}" for o in decide.options if o.description]
        instructions += [{"type": "input_text", "text": text} for text in means]
    made: dict[str, Any] = {"type": decide.kind, "instructions": instructions}
    if decide.name is not None:
        made["name"] = decide.name
    if decide.kind != "predicate":
        key, value = ("choices", "value") if decide.kind == "choice" else ("levels", "label")
        made[key] = [
            {value: o.value} | ({"description": o.description} if o.description else {})
            for o in decide.options
        ]
    return made


def read(told: Any, question: Question) -> Decided:
    """Read a reply. Raises `EngineError` for one that is not of the API's form."""
    try:
        pairs = zip(question.decide, told["answers"], strict=True)
        verdicts = tuple(_verdict(decide, answer) for decide, answer in pairs)
        return Decided(verdicts, _used(told["usage"]))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise EngineError("The engine's answer is not in the form of the API.") from None


def _verdict(decide: Decide, answer: Mapping[str, Any]) -> Verdict:
    if answer["type"] == "refusal":
        return Verdict(reason=DECLINED)
    if answer["type"] != decide.kind:
        raise ValueError(decide.kind)
    if decide.kind == "predicate":
        return _even([float(answer["probability"]), 1 - float(answer["probability"])])
    key = "value" if decide.kind == "choice" else "label"
    rows = answer["probabilities"]
    if [row[key] for row in rows] != [option.value for option in decide.options]:
        raise ValueError(key)
    return _even([float(row["probability"]) for row in rows])


def _even(shares: Sequence[float]) -> Verdict:
    """Bring rounded probabilities to 1 together. Raises `ValueError` for what are none."""
    whole = math.fsum(shares)
    if not all(0 <= share <= 1 for share in shares) or not 0.9 < whole < 1.1:
        raise ValueError("probabilities")
    return Verdict(tuple(share / whole for share in shares))


def _used(usage: Mapping[str, Any]) -> Used:
    told = usage.get("input_tokens_details") or {}
    prompt, cached = int(usage["input_tokens"]), int(told.get("cached_tokens") or 0)
    said = int(usage.get("output_tokens") or 0)
    return Used(max(0, prompt), None, max(0, said), max(0, cached))

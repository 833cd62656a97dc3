"""Chat completions that are kept: how they, their messages and lists of them are written."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sightline.api import paging
from sightline.api.fields import Object, String, whole
from sightline.types import ImageRef, Inline, Message, Text, Url

_USUAL, _MOST = 20, 100  # on a page
_LARGE = 8 * 1024 * 1024  # a picture's URL that is left out, as the API leaves it out
_METADATA = re.compile(r"metadata\[([^\]]{1,64})\]")
_TURNS: dict[str, Any] = {"order": paging.ORDER, **paging.turning(_MOST)}
QUERY: Object[dict[str, Any]] = Object({"model": String(), **_TURNS}, whole)
MESSAGES: Object[dict[str, Any]] = Object(_TURNS, whole)
# What the reply to a request shows of it, where it is kept.
_SHOWN = (
    "temperature", "top_p", "presence_penalty", "frequency_penalty", "seed", "tools",
    "tool_choice", "response_format",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Completion:
    """A completion that is kept: whose it is, the model it was asked of, and what it was asked."""

    owner: str
    model: str
    body: Mapping[str, Any] = field(repr=False)
    turns: tuple[Message, ...] = field(repr=False)

    @property
    def id(self) -> str:
        """Its id."""
        return str(self.body["id"])

    @property
    def weight(self) -> int:
        """About how many bytes it takes."""
        parts = [part for turn in self.turns for part in turn.parts]
        told = sum(len(part.text) for part in parts if isinstance(part, Text))
        urls = sum(len(_url(part) or "") for part in parts)
        return 4096 + 2 * told + urls + len(json.dumps(self.body))


def made(
    owner: str,
    model: str,
    completion: Mapping[str, Any],
    sent: Mapping[str, Any],
    turns: tuple[Message, ...],
) -> Completion:
    """Make what is kept of a completion, of its reply and its request."""
    shown = {name: sent.get(name) for name in _SHOWN}
    body = {**completion, **shown, "metadata": dict(sent.get("metadata") or {})}
    return Completion(owner, model, body, turns)


def messages(id: str, turns: Sequence[Message]) -> list[dict[str, Any]]:
    """Write what a completion was asked."""
    return [_message(f"{id}-{place}", turn) for place, turn in enumerate(turns)]


def _message(id: str, turn: Message) -> dict[str, Any]:
    told = [part for part in (_part(each) for each in turn.parts) if part is not None]
    plain = len(told) == 1 and told[0]["type"] == "text"
    return {
        "id": id,
        "role": turn.role,
        "content": turn.text or None,
        "content_parts": None if plain else told or None,
        "refusal": None,
        **({"tool_call_id": turn.call_id} if turn.call_id else {}),
        **({"tool_calls": [_call(call.id, call.name, call.arguments) for call in turn.calls]}
           if turn.calls else {}),
    }  # fmt: skip


def _call(id: str, name: str, arguments: str) -> dict[str, Any]:
    return {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}


def _part(part: object) -> dict[str, Any] | None:
    if isinstance(part, Text):
        return {"type": "text", "text": part.text}
    url = _url(part)
    if not isinstance(part, ImageRef) or url is None or len(url) > _LARGE:
        return None
    return {"type": "image_url", "image_url": {"url": url, "detail": part.detail}}


def _url(part: object) -> str | None:
    if isinstance(part, ImageRef) and isinstance(part.source, Url | Inline):
        return part.source.url
    return None


def page(found: Sequence[Completion], query: Mapping[str, str]) -> dict[str, Any]:
    """Write one page of completions, given the oldest first. Raises `InvalidRequest`.

    A query names a model and pairs of metadata that they are to have.
    """
    given = QUERY.given(query)
    pairs = {m[1]: v for k, v in query.items() if (m := _METADATA.fullmatch(k))}
    model = given("model")
    kept = [
        each
        for each in found
        if model in (None, each.model, each.body["model"])
        and pairs.items() <= each.body["metadata"].items()
    ]
    shown = paging.ordered(kept, given, usual="asc")
    return paging.page(
        shown, given, lambda each: dict(each.body), noun="ChatCompletion", usual=_USUAL
    )


@dataclass(frozen=True, slots=True)
class _ShownCompletion:
    id: str
    body: Mapping[str, Any]


def message_page(completion: Completion, query: Mapping[str, str]) -> dict[str, Any]:
    """Write one page of what a completion was asked. Raises `InvalidRequest`."""
    given = MESSAGES.given(query)
    told = [
        _ShownCompletion(each["id"], each) for each in messages(completion.id, completion.turns)
    ]
    shown = paging.ordered(told, given, usual="asc")
    return paging.page(shown, given, lambda each: dict(each.body), noun="Message", usual=_USUAL)


def deleted(id: str) -> dict[str, Any]:
    """Write what a deletion answers."""
    return {"id": id, "object": "chat.completion.deleted", "deleted": True}

"""What reads the body of each JSON route, without a server around it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from sightline.api import (
    batches,
    chat,
    checks,
    completions,
    conversations,
    decisions,
    documents,
    relayed,
    reply,
    responses,
    speech,
    systemone,
)
from sightline.errors import SightlineError
from sightline.voices.voice import NAMES

SPOKEN = speech.request(voices=NAMES, others=())
PARSERS: dict[str, Callable[[dict[str, Any]], object]] = {
    "/v1/chat/completions": chat.parse,
    "/v1/chat/completions/input_tokens": chat.parse,
    "/v1/completions": completions.parse,
    "/v1/responses": responses.parse,
    "/v1/responses/input_tokens": responses.parse,
    "/v1/responses/compact": responses.parse_compact,
    "/v1/embeddings": relayed.embeddings,
    "/v1/moderations": relayed.moderations,
    "/v1/chat/completions/{id}": conversations.update,
    "/v1/conversations": conversations.create,
    "/v1/conversations/{id}": conversations.update,
    "/v1/conversations/{id}/items": conversations.add,
    "/v1/documents/pages": documents.parse,
    "/v1/decisions": decisions.parse,
    "/v1/systemone": systemone.parse,
    "/v1/batches": batches.parse,
    "/v1/audio/speech": lambda body: speech.parse(body, of=SPOKEN, any_model=False),
}


def error_of(path: str, body: dict[str, Any] | bytes) -> Mapping[str, Any] | None:
    """What the route's own parser says of a body, as it is on the wire; None where it takes it."""
    try:
        PARSERS[path](checks.load(body) if isinstance(body, bytes) else copy.deepcopy(body))
    except SightlineError as error:
        told: Mapping[str, Any] = reply.error_body(error)["error"]
        return told
    return None

"""The model ids that the API has had, and what each changes about a request.

Old code names old models; every one of them is an alias of the configured engine. What differs is
kept: the dated snapshot in the reply, reasoning models refusing `max_tokens` and `temperature`,
and the 16 tokens that gpt-4-vision-preview answers with unless told otherwise. What is known of
each stands in `api_models.toml`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sightline.api_models import CHAT, ApiModel, api_models
from sightline.errors import ModelNotFound

READER = "sightline-reader"
NANO = "sightline-nano"
EMBEDDED = (NANO, READER)  # what answers on a server that was given no model


@dataclass(frozen=True, slots=True)
class Model:
    """One advertised model.

    `snapshot` is the id that replies carry; `created` is in unix seconds, 0 where unknown;
    `default_max_tokens` is the limit when the request sets none. `context` and `max_output` are
    the most tokens of a whole exchange and of an answer. `profile` is the id by whose formula
    pictures are sized and counted, where that is another's. `legacy_finish` says whether replies
    also carry `finish_details`, as those of November 2023 did. `shutdown_date` is the day on which
    OpenAI ends the model there; here it goes on. `status` says whether a model that is loaded when
    it is asked for is so, in the words of llama.cpp's router: loaded, loading, unloaded or failed.
    """

    id: str
    snapshot: str
    created: int
    owned_by: str = "system"
    reasoning: bool = False
    default_max_tokens: int | None = None
    context: int = 128_000
    max_output: int = 128_000
    profile: str = ""
    legacy_finish: bool = False
    shutdown_date: date | None = None
    status: str = ""


def _build(known: ApiModel, owned_by: str = "system") -> Model:
    created = known.created or api_models().created_unknown
    return Model(
        known.id,
        known.answers_as or known.id,
        created,
        owned_by,
        reasoning=known.reasoning,
        default_max_tokens=known.default_max_tokens,
        context=known.context,
        max_output=known.output,
        legacy_finish=known.legacy_finish,
        shutdown_date=known.shutdown,
    )


def find(id: str) -> Model:
    """Look a model up by id. Raises `ModelNotFound`, in the API's words, for one it never had."""
    if id == READER:
        return _build(api_models().describe(id), "sightline")
    known = api_models().describe(id)
    if known.kind == CHAT and known.taken:
        return _build(known)
    raise not_found(id)


def not_found(id: str) -> ModelNotFound:
    """Make the error for a model that there is not."""
    return ModelNotFound(
        f"The model `{id[:200]}` does not exist or you do not have access to it.",
        param="model",
        hint=f"GET /v1/models lists the models; {READER!r} is always there.",
    )


def named(id: str, profile: str = "") -> Model:
    """Make the model of an id that the operator or an engine names, not the API."""
    try:
        known = find(profile or id)
    except ModelNotFound:
        known = _build(api_models().describe(id))
    if known.id == id:
        return replace(known, profile=profile)
    return replace(
        known,
        id=id,
        snapshot=id,
        owned_by="sightline",
        reasoning=False,
        profile=profile,
        legacy_finish=False,
        shutdown_date=None,
    )


def listed() -> Iterator[Model]:
    """Give every model of the API's that is advertised."""
    yield from (_build(known) for known in api_models().models.values() if known.listed)


def model_object(model: Model) -> dict[str, Any]:
    """Write a model as `GET /v1/models/{id}` does."""
    told: dict[str, Any] = {
        "id": model.id,
        "object": "model",
        "created": model.created,
        "owned_by": model.owned_by,
        "shutdown_date": model.shutdown_date and model.shutdown_date.isoformat(),
    }
    if model.status == "failed":  # as the router says it
        told["status"] = {"value": "unloaded", "failed": True}
    elif model.status:
        told["status"] = {"value": model.status}
    return told


def model_list(models: Iterable[Model]) -> dict[str, Any]:
    """Write models as `GET /v1/models` does."""
    return {"object": "list", "data": [model_object(model) for model in models]}

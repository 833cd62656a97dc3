"""The model ids that the API has had, and what each changes about a request.

Old code names old models; every one of them is an alias of the configured engine. What differs is
kept: the dated snapshot in the reply, reasoning models refusing `max_tokens` and `temperature`,
and the 16 tokens that gpt-4-vision-preview answers with unless told otherwise. Sources: the API's
model list and deprecation pages as of 2026-11-21, and recorded replies for the snapshots.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

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
    pictures are sized and counted, where that is another's.
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

    @property
    def legacy_finish(self) -> bool:
        """Whether replies also carry `finish_details`, as those of November 2023 did."""
        return self.id in _VISION_PREVIEW


_VISION_PREVIEW = ("gpt-4-vision-preview", "gpt-4-1106-vision-preview")
_VISION_PREVIEW_MAX_TOKENS = 16  # observed: finish_reason "length" at 16 with the field omitted

# alias -> snapshot, unix time of creation. An id that maps to itself is its own snapshot.
_CHAT: tuple[tuple[str, str, int], ...] = (
    ("gpt-4-vision-preview", "gpt-4-1106-vision-preview", 1698894917),
    ("gpt-4-1106-vision-preview", "gpt-4-1106-vision-preview", 1711473033),
    ("gpt-4-turbo", "gpt-4-turbo-2024-04-09", 1712361441),
    ("gpt-4-turbo-2024-04-09", "gpt-4-turbo-2024-04-09", 1712601677),
    ("gpt-4-turbo-preview", "gpt-4-0125-preview", 1706037777),
    ("gpt-4-0125-preview", "gpt-4-0125-preview", 1706037612),
    ("gpt-4-1106-preview", "gpt-4-1106-preview", 1698957206),
    ("gpt-4", "gpt-4-0613", 1687882411),
    ("gpt-4-0314", "gpt-4-0314", 1687882410),
    ("gpt-4-0613", "gpt-4-0613", 1686588896),
    ("gpt-4-32k", "gpt-4-32k-0613", 1687979321),
    ("gpt-3.5-turbo", "gpt-3.5-turbo-0125", 1677610602),
    ("gpt-3.5-turbo-16k", "gpt-3.5-turbo-16k-0613", 1683758102),
    ("gpt-4o", "gpt-4o-2024-08-06", 1715367049),
    ("gpt-4o-2024-05-13", "gpt-4o-2024-05-13", 1715368132),
    ("gpt-4o-2024-08-06", "gpt-4o-2024-08-06", 1722814719),
    ("gpt-4o-2024-11-20", "gpt-4o-2024-11-20", 1739331543),
    ("chatgpt-4o-latest", "chatgpt-4o-latest", 1723515131),
    ("gpt-4o-mini", "gpt-4o-mini-2024-07-18", 1721172741),
    ("gpt-4o-mini-2024-07-18", "gpt-4o-mini-2024-07-18", 1721172717),
    ("gpt-4.5-preview", "gpt-4.5-preview-2025-02-27", 1740623059),
    ("gpt-4.5-preview-2025-02-27", "gpt-4.5-preview-2025-02-27", 1740623304),
    ("gpt-4.1", "gpt-4.1-2025-04-14", 1744316542),
    ("gpt-4.1-2025-04-14", "gpt-4.1-2025-04-14", 1744315746),
    ("gpt-4.1-mini", "gpt-4.1-mini-2025-04-14", 1744318173),
    ("gpt-4.1-mini-2025-04-14", "gpt-4.1-mini-2025-04-14", 1744317547),
    ("gpt-4.1-nano", "gpt-4.1-nano-2025-04-14", 1744321707),
    ("gpt-4.1-nano-2025-04-14", "gpt-4.1-nano-2025-04-14", 1744321025),
    ("o1", "o1-2024-12-17", 1734375816),
    ("o1-mini", "o1-mini-2024-09-12", 1725649008),
    ("o1-preview", "o1-preview-2024-09-12", 1725648897),
    ("o1-pro", "o1-pro-2025-03-19", 1742251791),
    ("o3", "o3-2025-04-16", 1744225308),
    ("o3-mini", "o3-mini-2025-01-31", 1737146383),
    ("o3-pro", "o3-pro-2025-06-10", 1748475349),
    ("o4-mini", "o4-mini-2025-04-16", 1744225351),
    ("computer-use-preview", "computer-use-preview-2025-03-11", 1734655677),
    ("gpt-5", "gpt-5-2025-08-07", 1754425777),
    ("gpt-5-mini", "gpt-5-mini-2025-08-07", 1754425928),
    ("gpt-5-nano", "gpt-5-nano-2025-08-07", 1754426384),
    ("gpt-5-pro", "gpt-5-pro", 0),
    ("gpt-5-chat-latest", "gpt-5-chat-latest", 1754073306),
    ("gpt-5.1", "gpt-5.1", 0),
    ("gpt-5.2", "gpt-5.2", 0),
    ("gpt-5.4", "gpt-5.4", 0),
    ("gpt-5.4-mini", "gpt-5.4-mini", 0),
    ("gpt-5.4-nano", "gpt-5.4-nano", 0),
    ("gpt-5.5", "gpt-5.5", 0),
    ("gpt-5.6-sol", "gpt-5.6-sol", 0),
    ("gpt-5.6-terra", "gpt-5.6-terra", 0),
    ("gpt-5.6-luna", "gpt-5.6-luna", 0),
    ("gpt-6-astra", "gpt-6-astra", 0),
    ("gpt-6-sol", "gpt-6-sol", 0),
    ("gpt-6-luna", "gpt-6-luna", 0),
    ("gpt-6.1-sol", "gpt-6.1-sol", 0),
)

# Dated or fine-tuned ids of these families are aliases too, though not listed one by one.
_FAMILY = re.compile(
    r"(ft:)?(gpt-(3\.5|4|4o|4\.1|4\.5|5|5\.\d|6|6\.\d)(?![\w.])|chatgpt-4o|o[134](?![\w.])"
    r"|computer-use-preview|codex-mini|gpt-audio)[\w.:-]{0,120}"
)
# Speech and drawing models share the prefix but answer no question about a picture.
_OTHER_KIND = re.compile(r"-(tts|transcribe|realtime|image)\b")
_REASONING = re.compile(r"(ft:)?(o[134](?![\w.])|gpt-(5|6)(?!.*chat))")
_CREATED = 1763683200  # this list's date, for ids whose own is not known


# Context and longest answer, in tokens; the first pattern that starts the id decides. Source: the
# API's model pages as of 2026-11-21, the last known of the family where a model's own is not.
_LIMITS: tuple[tuple[str, int, int], ...] = (
    (r"gpt-4o-2024-05-13", 128_000, 4_096),
    (r"gpt-4o|chatgpt-4o|gpt-4\.5", 128_000, 16_384),
    (r"gpt-4\.1", 1_047_576, 32_768),
    (r"gpt-4-(vision|turbo|1106|0125)", 128_000, 4_096),
    (r"gpt-4-32k", 32_768, 32_768),
    (r"gpt-4", 8_192, 8_192),
    (r"gpt-3\.5", 16_385, 4_096),
    (r"o1-mini", 128_000, 65_536),
    (r"o1-preview", 128_000, 32_768),
    (r"o[134]", 200_000, 100_000),
    (r"computer-use", 8_192, 1_024),
    (r"gpt-5-chat", 128_000, 16_384),
    (r"gpt-5(-|$|\.[123])", 400_000, 128_000),
    (r"gpt-[56]|sightline", 1_050_000, 128_000),
    (r"", 128_000, 128_000),
)


def _build(id: str, snapshot: str, created: int, owned_by: str = "system") -> Model:
    name = id.removeprefix("ft:")
    _, context, max_output = next(row for row in _LIMITS if re.match(row[0], name))
    return Model(
        id,
        snapshot,
        created or _CREATED,
        owned_by,
        reasoning=bool(_REASONING.match(id)),
        default_max_tokens=_VISION_PREVIEW_MAX_TOKENS if id in _VISION_PREVIEW else None,
        context=context,
        max_output=max_output,
    )


_LISTED = {row[0]: _build(*row) for row in _CHAT}
_LISTED[READER] = _build(READER, READER, _CREATED, "sightline")


def find(id: str) -> Model:
    """Look a model up by id. Raises `ModelNotFound`, in the API's words, for one it never had."""
    listed = _LISTED.get(id)
    if listed is not None:
        return listed
    if _FAMILY.fullmatch(id) and not _OTHER_KIND.search(id):
        return _build(id, id, 0)
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
        known = _build(id, id, 0)
    return replace(
        known,
        id=id,
        snapshot=known.snapshot if known.id == id else id,
        owned_by=known.owned_by if known.id == id else "sightline",
        reasoning=known.reasoning and known.id == id,
        profile=profile,
    )


def listed() -> Iterator[Model]:
    """Give every model of the API's that is advertised."""
    yield from (model for model in _LISTED.values() if model.id != READER)


def model_object(model: Model) -> dict[str, Any]:
    """Write a model as `GET /v1/models/{id}` does."""
    return {
        "id": model.id,
        "object": "model",
        "created": model.created,
        "owned_by": model.owned_by,
        "shutdown_date": None,
    }


def model_list(models: Iterable[Model]) -> dict[str, Any]:
    """Write models as `GET /v1/models` does."""
    return {"object": "list", "data": [model_object(model) for model in models]}

"""Requests that are no questions: embeddings and moderations, which a server behind may answer.

Their JSON is checked as the API checks it, and passed on as it is; so is what comes back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sightline.api import chat, checks
from sightline.api.fields import (
    Array,
    Enum,
    Field,
    Given,
    Integer,
    Mapped,
    Object,
    OneOf,
    String,
    by_type,
    typed,
    whole,
)
from sightline.errors import EngineError, InvalidRequest

_MOST = 2048  # inputs of one request
_TEXT, _TOKEN = String(least=1), Integer(0)
_TOKENS = Mapped(Array(_TOKEN, least=1, most=_MOST, noun="integers"), list)
_FORMS: dict[type, Field[Any]] = {str: _TEXT, int: _TOKEN, list: _TOKENS}


def _form(value: object, path: str) -> Field[Any]:
    form = _FORMS.get(type(value))
    if form is None:
        raise checks.wrong_type(value, path, "one of a string, integer or array of integers")
    return form


EMBEDDINGS: Object[dict[str, Any]] = Object(
    {
        "model": chat.MODEL,
        "input": by_type(
            "one of a string or array",
            string=_TEXT,
            array=Mapped(Array(OneOf(_form, list(_FORMS.values())), least=1, most=_MOST), list),
        ),
        "encoding_format": Enum(("float", "base64")),
        "dimensions": Integer(1),
        "user": String(),
    },
    whole,
    required=("model", "input"),
    closed=True,
)


def _picture(given: Given) -> dict[str, Any]:
    url: str = given.needed("image_url")
    if url[:5].lower() != "data:":
        raise InvalidRequest(
            "Pictures by URL are not passed on to be moderated.",
            param=given.at("image_url.url"),
            code="invalid_value",
            hint="Send the picture itself, as a base64 data URL.",
        )
    return {"type": "image_url", "image_url": {"url": url}}


_PARTS: dict[str, Field[Any]] = {
    "text": Object(
        {"type": Enum(("text",)), "text": String()},
        lambda given: {"type": "text", "text": given.needed("text")},
        required=("type", "text"),
    ),
    "image_url": Object(
        {
            "type": Enum(("image_url",)),
            "image_url": Object(
                {"url": String(looks="^[Dd][Aa][Tt][Aa]:")},
                lambda given: given.needed("url"),
                required=("url",),
            ),
        },
        _picture,
        required=("type", "image_url"),
    ),
}
_PART = typed(_PARTS)


def _moderated(value: object, path: str) -> Field[Any]:
    return String() if isinstance(value, str) else _PART


MODERATIONS: Object[dict[str, Any]] = Object(
    {
        "model": chat.MODEL,
        "input": by_type(
            "one of a string or array",
            string=String(),
            array=Mapped(
                Array(OneOf(_moderated, (String(), *_PARTS.values())), least=1, most=_MOST), list
            ),
        ),
    },
    whole,
    required=("input",),
    closed=True,
)


def embeddings(body: Mapping[str, Any]) -> dict[str, Any]:
    """Check a request for embeddings. Raises `InvalidRequest` in the API's words."""
    return _read(EMBEDDINGS, body, "model", "input")


def moderations(body: Mapping[str, Any]) -> dict[str, Any]:
    """Check a request for moderations; without a model it is the API's usual one. Raises so too."""
    return {"model": "omni-moderation-latest", **_read(MODERATIONS, body, "input")}


def _read(of: Object[dict[str, Any]], body: Mapping[str, Any], *needed: str) -> dict[str, Any]:
    given = of.given(body)
    given.require(*needed)
    given.refuse_unknown()
    return whole(given)


def texts(asked: Mapping[str, Any]) -> list[str]:
    """Give the texts of a checked request."""
    sent = asked["input"]
    listed = [sent] if isinstance(sent, str) else sent
    return [
        each if isinstance(each, str) else each["text"]
        for each in listed
        if isinstance(each, str) or (isinstance(each, dict) and "text" in each)
    ]


def answered(told: Any, key: str) -> dict[str, Any]:
    """See that an answer is one, with a list under `key`. Raises `EngineError`."""
    rows = told.get(key) if isinstance(told, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise EngineError("The engine's answer is not in the form of the API.")
    made: dict[str, Any] = told
    return made


def prompt_tokens(told: Mapping[str, Any]) -> int:
    """Give the tokens that an answer says it took; 0 where it says nothing."""
    usage = told.get("usage")
    count = usage.get("prompt_tokens") if isinstance(usage, dict) else None
    return count if isinstance(count, int) and 0 <= count < 1 << 40 else 0

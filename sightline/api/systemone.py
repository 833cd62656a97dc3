"""`POST /v1/systemone`: decisions in the smaller form that llama.cpp and Ollama have.

A state, pictures beside it as base64, and named questions; the same is asked as of `/v1/decisions`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sightline.api import chat, models, uploads
from sightline.api.decisions import MOST_CHOICES, MOST_LEVELS, MOST_QUESTIONS, as_text, asking
from sightline.api.fields import (
    Array,
    Dict,
    Enum,
    Field,
    Given,
    Ignored,
    Mapped,
    Named,
    Object,
    OrEmpty,
    String,
    by_type,
    typed,
)
from sightline.types import Decide, ImageRef, Message, Option, Part, Text

_Asked = tuple[Decide, Message]
_USUAL = "gpt-4o"  # the configured engine answers to it: llama.cpp's form names no model


def _told(*, least: int) -> Field[Any]:
    return by_type(
        "one of a string, object or array",
        string=String(least=least),
        object=Dict(),
        array=Mapped(Array(Ignored(), noun="values"), list),
    )


def _text(given: Given, name: str) -> Part:
    value = given.needed(name)
    return Text(value if isinstance(value, str) else as_text(value, given.at(name)))


def _noul(given: Given) -> _Asked:
    asked = Message("user", (_text(given, "instructions"),))
    yes, no = given("criteria") or ("", "")
    return Decide("predicate", (Option(True, yes), Option(False, no))), asked


def _choice(given: Given) -> _Asked:
    asked = Message("user", (_text(given, "instructions"),))
    options = (Option(name, means or "") for name, means in given.needed("criteria").items())
    return Decide("choice", tuple(options)), asked


def _score(given: Given) -> _Asked:
    asked = Message("user", (_text(given, "instructions"),))
    return Decide("score", tuple(map(Option, given.needed("criteria")))), asked


_KINDS: dict[str, Object[_Asked]] = {
    "noul": Object(
        {
            "type": Enum(("noul",)),
            "instructions": _told(least=1),
            "criteria": Object(
                {"true": String(), "false": String()},
                lambda given: (given("true") or "", given("false") or ""),
            ),
        },
        _noul,
        required=("type", "instructions"),
    ),
    "choice": Object(
        {
            "type": Enum(("choice",)),
            "instructions": _told(least=1),
            "criteria": Dict(String(least=1), OrEmpty(String()), least=2, most=MOST_CHOICES),
        },
        _choice,
        required=("type", "instructions", "criteria"),
    ),
    "score": Object(
        {
            "type": Enum(("score",)),
            "instructions": _told(least=1),
            "criteria": Array(String(least=1), least=2, most=MOST_LEVELS, noun="strings"),
        },
        _score,
        required=("type", "instructions", "criteria"),
    ),
}


_QUESTION = Named("SystemOneQuestion", typed(_KINDS))
REQUEST: Object[dict[str, Any]] = Object(
    {
        "model": chat.MODEL,
        "state": _told(least=0),
        "images": Array(String(least=1), noun="strings"),
        "questions": Dict(String(least=1), _QUESTION, least=1, most=MOST_QUESTIONS),
        "keep_alive": Ignored(),
    },
    lambda given: given.all(("state", "images", "questions")),
    required=("state", "questions"),
    closed=True,
)


def parse(
    body: Mapping[str, Any], find: Callable[[str], models.Model] = models.find
) -> chat.ChatRequest:
    """Check a request's body. Raises `InvalidRequest` and `ModelNotFound`."""
    given = REQUEST.given(body)
    model = find(given("model") or _USUAL)
    given.require("state", "questions")
    given.refuse_unknown()
    state, pictures = _text(given, "state"), _pictures(given)
    asked = [
        (Decide(decide.kind, decide.options, name), message)
        for name, (decide, message) in given("questions").items()
    ]
    return asking(model, (Message("user", (*pictures, state)),), asked)


def _pictures(given: Given) -> tuple[Part, ...]:
    made: list[Part] = []
    for i, sent in enumerate(given("images") or ()):
        source = uploads.source(uploads.as_data_url(sent))
        made.append(ImageRef(source, f"{given.at('images')}[{i}]"))
    return tuple(made)

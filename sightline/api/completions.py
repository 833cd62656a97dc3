"""The older text completions: a prompt, and pictures beside it, instead of messages.

The API's own endpoint never took pictures; `img_url`, `img_b64` and `detail` are as an early guide
to vision wrote them, so that its programs run. Shapes of replies are the API's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sightline.api import chat, checks, models, notes, reply, uploads
from sightline.api.fields import (
    Array,
    Boolean,
    Field,
    Given,
    Integer,
    Null,
    Object,
    OneOf,
    Schema,
    String,
)
from sightline.api.parts import DETAIL, detail_of
from sightline.errors import InvalidRequest
from sightline.types import (
    Choice,
    Delta,
    FinishReason,
    ImageRef,
    Message,
    Part,
    TokenLogprob,
    Usage,
)

_OBJECT = "text_completion"
_UNASKED = "What is in these images?"  # pictures without a prompt are to be described
_SHARED = (
    "max_tokens", "temperature", "top_p", "n", "stop", "seed", "presence_penalty",
    "frequency_penalty", "logit_bias", "stream", "stream_options", "user",
)  # fmt: skip


_MOST_PROMPTS = 128
_MOST_LOGPROBS = 5
_TEXT = String()
_TEXTS = Array(_TEXT)
_PROMPTS = Array(_TEXT, least=1, most=_MOST_PROMPTS, noun="strings")
_TOKENS = Array(Integer(0), least=1, noun="integers")
_TOKEN_LISTS = Array(_TOKENS, least=1, most=_MOST_PROMPTS, noun="arrays")


def _prompt_form(value: object, path: str) -> Field[Any]:
    if not isinstance(value, list):
        return _TEXT
    first = value[0] if value else ""
    if isinstance(first, list):
        return _TOKEN_LISTS
    is_number = isinstance(first, int) and not isinstance(first, bool)
    return _TOKENS if is_number else _PROMPTS


def _pictures_form(value: object, path: str) -> Field[Any]:
    return _TEXTS if isinstance(value, list) else _TEXT


_PICTURES: Field[Any] = OneOf(_pictures_form, (_TEXT, _TEXTS))
_ASKED: tuple[Schema, ...] = (
    {"required": ["prompt"], "properties": {"prompt": {"not": {"type": "null"}}}},
    *(
        {
            "required": [name],
            "properties": {name: {"type": ["string", "array"], "minItems": 1}},
        }
        for name in ("img_url", "img_b64")
    ),
)
REQUEST: Object[dict[str, Any]] = Object(
    {
        "model": chat.MODEL,
        "prompt": OneOf(_prompt_form, (_TEXT, _PROMPTS, _TOKENS, _TOKEN_LISTS)),
        "img_url": _PICTURES,
        "img_b64": _PICTURES,
        "detail": DETAIL,
        "echo": Boolean(),
        "best_of": Integer(1),
        "suffix": Null(),
        "logprobs": Integer(0, _MOST_LOGPROBS),
        **{name: chat.FIELDS[name] for name in _SHARED},
    },
    lambda given: given.all(_SHARED),
    required=("model",),
    closed=True,
    also={"anyOf": list(_ASKED)},
)


def parse(
    body: Mapping[str, Any], find: Callable[[str], models.Model] = models.find
) -> chat.ChatRequest:
    """Check a request body and turn it into the same question asked in a message.

    `find` looks the model up. Raises `InvalidRequest` or `ModelNotFound` with the API's message,
    `param` and `code`.
    """
    given = REQUEST.given(body)
    model = chat.model(given, find)
    given.refuse_unknown()
    given.all(("suffix",))
    fields = given.all(_SHARED)
    best, many = given("best_of"), fields.get("n", 1)
    if best is not None and best < many:
        raise InvalidRequest(
            "You requested that the server return more choices than it will generate (HINT: You "
            f"must set 'n' (currently {many}) to be at most 'best_of' (currently {best}), or omit "
            "either parameter if you do not specifically want to use them.)",
            param="best_of",
        )
    if best is not None and best > many:
        raise checks.unsupported("best_of")
    likely = given("logprobs")
    if likely is not None:
        fields |= {"logprobs": True, "top_logprobs": likely}
    pictures = _pictures(given)
    prompts = _prompts(given, pictures)
    echo = bool(given("echo"))
    if echo and likely is not None:
        raise checks.unsupported("echo")
    turns = [(Message("user", (notes.read(prompt), *pictures)),) for prompt in prompts]
    made = chat.complete(fields, model, turns[0])
    others = tuple(replace(made.question, messages=turn) for turn in turns[1:])
    return replace(made, others=others, echoed=tuple(prompts) if echo else ())


def _prompts(given: Given, pictures: Sequence[Part]) -> list[str]:
    if not given.has("prompt"):
        if not pictures:
            raise checks.missing("prompt")
        return [_UNASKED]
    prompt = given("prompt")
    if isinstance(prompt, str):
        return [prompt]
    if not isinstance(prompt[0], str):
        raise InvalidRequest(
            "Unsupported: 'prompt' as tokens. This server does not have the tokens of that model.",
            param="prompt",
            code="unsupported_value",
            hint="Send the text that they stand for.",
        )
    return list(prompt)


def _pictures(given: Given) -> list[Part]:
    detail = detail_of(given)
    found: list[Part] = []
    for key in ("img_url", "img_b64"):
        sent = given(key)
        if sent is None:
            continue
        several = not isinstance(sent, str)
        for i, each in enumerate(sent if several else [sent]):
            path = f"{key}[{i}]" if several else key
            text = uploads.unspaced(each)
            inline = key == "img_b64" and text[:5].lower() != "data:"
            url = f"data:image/unknown;base64,{text}" if inline else text
            found.append(ImageRef(uploads.source(url), path, detail))
    return found


def completion_id() -> str:
    """Make the id of a text completion."""
    return reply.new_id("cmpl-", 29)


def completion(heading: reply.Heading, choices: Sequence[Choice], usage: Usage) -> dict[str, Any]:
    """Write the reply to a request without `stream`."""
    said = [
        _choice(index, choice.refusal or choice.text, choice.finish_reason, choice.logprobs)
        for index, choice in enumerate(choices)
    ]
    body = heading.body(_OBJECT) | {"choices": said, "usage": reply.usage_body(usage)}
    return body | {"system_fingerprint": heading.fingerprint}


def _choice(
    index: int,
    text: str,
    reason: FinishReason | None,
    likely: Sequence[TokenLogprob] = (),
    offset: int = 0,
) -> dict[str, Any]:
    logprobs = _logprobs(likely, offset) if likely else None
    return {"text": text, "index": index, "logprobs": logprobs, "finish_reason": reason}


def _logprobs(likely: Sequence[TokenLogprob], offset: int) -> dict[str, Any]:
    """Write how likely tokens were as the older API did; the first begins at `offset`."""
    said = [each.chosen.token for each in likely]
    places = [offset + sum(map(len, said[:place])) for place in range(len(said))]
    return {
        "tokens": said,
        "token_logprobs": [each.chosen.logprob for each in likely],
        "top_logprobs": [{one.token: one.logprob for one in each.top} for each in likely],
        "text_offset": places,
    }


class TextChunks:
    """Writes one choice of a stream: pieces, and a last one that says why it ended."""

    def __init__(self, heading: reply.Heading, index: int, *, include_usage: bool) -> None:
        self._heading = heading
        self._index = index
        self._include_usage = include_usage
        self.calls: list[str] = []  # there are none
        self._said = 0  # characters

    def opening(self) -> bytes:
        """Write nothing: there is no role to name."""
        return b""

    def piece(self, delta: Delta) -> bytes:
        """Write what one delta says; empty where it says nothing."""
        said = delta.text or delta.refusal
        if not said and not delta.logprobs:
            return b""
        choice = _choice(self._index, said, None, delta.logprobs, self._said)
        self._said += len(said)
        return self._chunk(choice)

    def closing(self, reason: FinishReason) -> bytes:
        """Write the chunk that says why the answer ended."""
        return self._chunk(_choice(self._index, "", reason))

    def _chunk(self, choice: Mapping[str, Any]) -> bytes:
        body = _chunk(self._heading, [choice])
        return reply.event(body | {"usage": None} if self._include_usage else body)


def usage_chunk(heading: reply.Heading, usage: Usage) -> bytes:
    """Write the last chunk of a stream that asked for usage: no choices, the counts."""
    return reply.event(_chunk(heading, []) | {"usage": reply.usage_body(usage)})


def _chunk(heading: reply.Heading, choices: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    body = heading.body(_OBJECT) | {"choices": choices}
    return body | {"system_fingerprint": heading.fingerprint}

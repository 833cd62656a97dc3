"""`/v1/responses/compact` through the real client: what it gives goes on as the conversation."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest

from tests.engines.test_upstream import behind, events, standing
from tests.pictures import data_url, sample

TALK: Any = [
    {"role": "user", "content": [
        {"type": "input_text", "text": "What is the total?"},
        {"type": "input_image", "image_url": data_url(sample("receipt")), "detail": "high"}]},
    {"role": "assistant", "content": "It is $16.20."},
]  # fmt: skip


@pytest.fixture(scope="module")
def client(base_url: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(
        base_url=base_url, api_key="x", max_retries=0, _strict_response_validation=True
    ) as made:
        yield made


def test_what_is_made_shorter_goes_on(client: openai.OpenAI) -> None:
    made = client.responses.compact(model="gpt-4o", input=TALK)
    assert made.object == "response.compaction"
    assert [item.type for item in made.output] == ["compaction"]
    assert made.usage.input_tokens > 85
    assert made.usage.output_tokens == 0
    shorter: Any = [item.model_dump(exclude_none=True) for item in made.output]
    asked: Any = [*shorter, {"role": "user", "content": "Who is the merchant?"}]
    reply = client.responses.create(model="gpt-4o", input=asked)
    assert "HARBOUR CAFE" in reply.output_text
    assert reply.usage is not None
    assert reply.usage.input_tokens_details.image_tokens == 765  # type: ignore[attr-defined]
    kept = client.responses.input_items.list(reply.id, order="asc").data
    assert [item.type for item in kept] == ["compaction", "message"]
    again = client.responses.compact(model="gpt-4o", previous_response_id=reply.id)
    asked = [
        again.output[0].model_dump(exclude_none=True),
        {"role": "user", "content": "The date?"},
    ]
    assert "2026-03-14" in client.responses.create(model="gpt-4o", input=asked).output_text


def test_a_conversation_takes_what_was_made_shorter(client: openai.OpenAI) -> None:
    made: Any = client.responses.compact(model="gpt-4o", input=TALK).output
    talk = client.conversations.create(items=[made[0].model_dump(exclude_none=True)])
    reply = client.responses.create(
        model="gpt-4o", input="Who is the merchant?", conversation=talk.id
    )
    assert "HARBOUR CAFE" in reply.output_text


def test_a_model_tells_what_was_answered() -> None:
    with standing(replies=[events("It cost ", "$16.20.")]) as stand, behind(stand.url) as client:
        made: Any = client.responses.compact(
            model="some-model", input=TALK, instructions="Be brief."
        )
        turns = stand.bodies[0]["messages"]
        assert [turn["role"] for turn in turns] == ["system", "user", "assistant", "user"]
        assert "Summarise" in json.dumps(turns[-1])
        assert made.usage.output_tokens == 3
        client.responses.create(
            model="some-model",
            input=[
                made.output[0].model_dump(exclude_none=True),
                {"role": "user", "content": "On?"},
            ],
        )
        turns = stand.bodies[1]["messages"]
        assert [turn["role"] for turn in turns] == ["user", "assistant", "user"]
        assert "It cost $16.20." in json.dumps(turns[1])
        assert "Be brief." not in json.dumps(turns)


def forged(turns: Any) -> str:
    return "sightline-1." + base64.urlsafe_b64encode(json.dumps(turns).encode()).decode()


@pytest.mark.parametrize(
    "content",
    ["gAAAAABpM0Yj", "sightline-1.", "sightline-1.!", forged({}), forged(["x"]),
     forged([{"type": "compaction", "encrypted_content": forged([])}])],
)  # fmt: skip
def test_what_was_not_made_here_is_refused(client: openai.OpenAI, content: str) -> None:
    item: Any = {"type": "compaction", "encrypted_content": content}
    with pytest.raises(openai.BadRequestError, match="could not be verified") as found:
        client.responses.create(model="gpt-4o", input=[item, {"role": "user", "content": "Hello"}])
    assert (found.value.code, found.value.param) == (
        "invalid_encrypted_content", "input[0].encrypted_content",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("more", "param", "code"),
    [
        ({}, "input", "missing_required_parameter"),
        ({"input": []}, "input", "empty_array"),
        ({"input": "x", "stream": True}, "stream", "unknown_parameter"),
        ({"input": "x", "conversation": "conv_1"}, "conversation", "unknown_parameter"),
        ({"previous_response_id": "resp_1"}, "previous_response_id", "previous_response_not_found"),
        ({"input": "x", "service_tier": "slow"}, "service_tier", "invalid_value"),
    ],
)
def test_what_cannot_be_made_shorter(
    client: openai.OpenAI, more: dict[str, Any], param: str, code: str
) -> None:
    with pytest.raises(openai.BadRequestError) as found:
        client.responses.compact(model="gpt-4o", extra_body=more)
    assert (found.value.param, found.value.code) == (param, code)

"""Chat completions sent with `store`, asked for again by the real client."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import openai
import pytest
import requests

from tests.conftest import running
from tests.pictures import asking, data_url, sample
from tests.waiting import PATIENCE_S


@pytest.fixture(scope="module")
def client() -> Iterator[openai.OpenAI]:
    with (
        running("--no-playground") as url,
        openai.OpenAI(
            base_url=url, api_key="x", max_retries=0, _strict_response_validation=True
        ) as made,
    ):
        yield made


def told(base: str, path: str) -> dict[str, Any]:
    found: dict[str, Any] = requests.get(f"{base}{path}", timeout=PATIENCE_S).json()
    return found


def test_it_is_kept_listed_changed_and_forgotten(client: openai.OpenAI) -> None:
    made = client.chat.completions.create(
        model="gpt-4o", messages=asking("What does it say?", sample("sign")), store=True,
        metadata={"topic": "a"}, temperature=0.5,
    )  # fmt: skip
    kept = client.chat.completions.retrieve(made.id)
    assert kept.choices == made.choices
    assert kept.usage == made.usage
    more = kept.to_dict()
    assert (more["metadata"], more["temperature"]) == ({"topic": "a"}, 0.5)
    other = client.chat.completions.create(
        model="gpt-4.1", messages=asking("Hello"), store=True, metadata={"topic": "b"}
    )
    assert [c.id for c in client.chat.completions.list(limit=1)] == [made.id, other.id]
    assert [c.id for c in client.chat.completions.list(metadata={"topic": "b"})] == [other.id]
    assert [c.id for c in client.chat.completions.list(model="gpt-4o")] == [made.id]
    changed = client.chat.completions.update(made.id, metadata={"topic": "c"})
    assert changed.to_dict()["metadata"] == {"topic": "c"}
    # The client's type knows no turn but the assistant's.
    page = told(str(client.base_url), f"chat/completions/{made.id}/messages")
    assert [turn["role"] for turn in page["data"]] == ["user"]
    parts = page["data"][0]["content_parts"]
    assert parts[0] == {"type": "text", "text": "What does it say?"}
    assert parts[1]["image_url"]["url"] == data_url(sample("sign"))
    assert client.chat.completions.delete(made.id).deleted
    with pytest.raises(openai.NotFoundError):
        client.chat.completions.retrieve(made.id)


def test_a_stream_is_kept_as_it_was_told(client: openai.OpenAI) -> None:
    tool: Any = {
        "type": "function",
        "function": {"name": "book", "parameters": {
            "type": "object", "properties": {"total": {"type": "number"}}}},
    }  # fmt: skip
    stream = client.chat.completions.create(
        model="gpt-4o", messages=asking("Book it.", sample("receipt")), store=True, stream=True,
        tools=[tool], tool_choice="required", n=2,
    )  # fmt: skip
    calls: dict[int, str | None] = {}
    id = ""
    for chunk in stream:
        id = chunk.id
        for choice in chunk.choices:
            for call in choice.delta.tool_calls or ():
                calls.setdefault(choice.index, call.id)
    kept = client.chat.completions.retrieve(id)
    assert len(kept.choices) == 2
    for made in kept.choices:
        assert made.message.tool_calls is not None
        assert made.message.tool_calls[0].id == calls[made.index]


def test_nothing_is_kept_that_was_not_to_be(client: openai.OpenAI) -> None:
    made = client.chat.completions.create(model="gpt-4o", messages=asking("Hello"))
    with pytest.raises(openai.NotFoundError):
        client.chat.completions.retrieve(made.id)

"""`/v1/conversations` through the real client, and responses that belong to one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import openai
import pytest
import requests

from tests.pictures import data_url, sample
from tests.waiting import PATIENCE_S


@pytest.fixture(scope="module")
def client(base_url: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(
        base_url=base_url, api_key="x", max_retries=0, _strict_response_validation=True
    ) as made:
        yield made


def picture(name: str) -> Any:
    image = {"type": "input_image", "image_url": data_url(sample(name))}
    return {"role": "user", "content": [{"type": "input_text", "text": "Look."}, image]}


def test_it_is_made_changed_and_forgotten(client: openai.OpenAI) -> None:
    made = client.conversations.create(
        items=[{"role": "user", "content": "Hello"}], metadata={"topic": "a"}
    )
    assert made.id.startswith("conv_")
    assert made.metadata == {"topic": "a"}
    changed = client.conversations.update(made.id, metadata={"topic": "b"})
    assert changed.metadata == {"topic": "b"}
    assert client.conversations.retrieve(made.id) == changed
    assert client.conversations.delete(made.id).deleted
    with pytest.raises(openai.NotFoundError, match="not found"):
        client.conversations.retrieve(made.id)
    with pytest.raises(openai.NotFoundError, match="not found"):
        client.responses.create(model="gpt-4o", input="Hello", conversation=made.id)


def test_items_are_added_listed_and_taken_out(client: openai.OpenAI) -> None:
    made = client.conversations.create()
    said: Any = [
        {"role": "user", "content": "one"},
        {"role": "assistant", "content": "two"},
        {"type": "function_call", "call_id": "c1", "name": "note", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c1", "output": "Noted."},
    ]
    added = client.conversations.items.create(made.id, items=said)
    kinds = [item.type for item in added.data]
    assert kinds == ["message", "message", "function_call", "function_call_output"]
    newest = client.conversations.items.list(made.id, limit=1)
    assert [item.type for item in newest.data] == ["function_call_output"]
    assert newest.has_next_page()
    oldest = [item.id for item in client.conversations.items.list(made.id, order="asc", limit=2)]
    assert oldest == [item.id for item in added.data]
    first = client.conversations.items.retrieve(oldest[0] or "", conversation_id=made.id)
    assert first == added.data[0]
    client.conversations.items.delete(oldest[0] or "", conversation_id=made.id)
    with pytest.raises(openai.NotFoundError):
        client.conversations.items.retrieve(oldest[0] or "", conversation_id=made.id)


def test_a_response_knows_its_conversation_and_is_added_to_it(client: openai.OpenAI) -> None:
    made = client.conversations.create(items=[picture("receipt")])
    first = client.responses.create(
        model="gpt-4o", input="What is the total?", conversation=made.id
    )
    assert "16.20" in first.output_text
    assert first.conversation is not None
    assert first.conversation.id == made.id
    second = client.responses.create(
        model="gpt-4o", input="What is the date?", conversation={"id": made.id}
    )
    assert "2026-03-14" in second.output_text
    items = client.conversations.items.list(made.id, order="asc").data
    roles = [item.role for item in items if item.type == "message"]
    assert roles == ["user", "user", "assistant", "user", "assistant"]
    with pytest.raises(openai.BadRequestError, match="Mutually exclusive"):
        client.responses.create(
            model="gpt-4o", input="x", conversation=made.id, previous_response_id=first.id
        )


def test_an_item_is_named_by_its_id(client: openai.OpenAI) -> None:
    kept = client.responses.create(model="gpt-4o", input=[picture("receipt")])
    item = client.responses.input_items.list(kept.id).data[0]
    reference: Any = {"type": "item_reference", "id": item.id}
    made = client.responses.create(
        model="gpt-4o", input=[reference, {"role": "user", "content": "What is the total?"}]
    )
    assert "16.20" in made.output_text
    reference["id"] = "msg_none"
    with pytest.raises(openai.BadRequestError, match="not found") as caught:
        client.responses.create(model="gpt-4o", input=[reference])
    assert caught.value.param == "input[0]"


@pytest.mark.parametrize(
    ("path", "body", "param"),
    [
        ("", {"items": [{"role": "x", "content": "y"}]}, "items[0].role"),
        ("", {"items": [{"role": "user", "content": "y"}] * 21}, "items"),
        ("", {"topic": "a"}, "topic"),
        ("/{id}", {}, "metadata"),
        ("/{id}", {"metadata": {"a": 1}}, "metadata.a"),
        ("/{id}/items", {"items": []}, "items"),
    ],
)
def test_what_is_wrong_is_told_by_its_place(
    client: openai.OpenAI, base_url: str, path: str, body: dict[str, Any], param: str
) -> None:
    id = client.conversations.create().id
    url = f"{base_url}/conversations{path.format(id=id)}"
    told = requests.post(url, json=body, timeout=PATIENCE_S)
    assert told.status_code == 400
    assert told.json()["error"]["param"] == param

"""Mistakes of clients that are told by the name and the place at which they were made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import openai
import pytest
import requests

from tests.pictures import data_url, sample
from tests.waiting import PATIENCE_S

SCHEMA: Any = {"type": "object", "properties": {"a": {"type": "string"}}}
STRICT: Any = {"type": "json_schema", "name": "a", "strict": True, "schema": SCHEMA}
TOOL: Any = {"type": "function", "name": "f"}


@pytest.fixture(scope="module")
def client(base_url: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=base_url, api_key="x", max_retries=0) as made:
        yield made


@pytest.mark.parametrize(
    ("fields", "param", "words"),
    [
        ({"text": {"format": STRICT}}, "text.format.schema", "Invalid schema for"),
        ({"tools": [TOOL], "tool_choice": {"type": "function"}}, "tool_choice.name",
         "Missing required parameter: 'tool_choice.name'."),
        ({"tools": [TOOL], "tool_choice": {"type": "function", "name": "g"}}, "tool_choice.name",
         "'g' not found"),
        ({"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "g"}}},
         "tool_choice.function.name", "'g' not found"),
        ({"tools": [{}]}, "tools[0].type", "Missing required parameter: 'tools[0].type'."),
        ({"tools": [{"type": 5}]}, "tools[0].type", "Invalid type for 'tools[0].type'"),
        ({"input": [{"type": 5}]}, "input[0].type", "Invalid type for 'input[0].type'"),
        ({"input": "word " * 200_000}, "input", "maximum context length"),
    ],
)  # fmt: skip
def test_a_response_is_told_of_its_own_fields(
    client: openai.OpenAI, fields: dict[str, Any], param: str, words: str
) -> None:
    body = {"input": [{"role": "user", "content": "Hello"}], **fields}
    with pytest.raises(openai.BadRequestError) as found:
        client.responses.create(model="gpt-4o", extra_body=body)
    assert found.value.param == param
    assert words in found.value.message


def test_two_items_of_one_id_are_refused(client: openai.OpenAI) -> None:
    said: Any = [{"id": "msg_1", "role": "user", "content": text} for text in ("one", "two")]
    with pytest.raises(openai.BadRequestError, match="Duplicate item found with id msg_1"):
        client.responses.create(model="gpt-4o", input=said)
    with pytest.raises(openai.BadRequestError, match="Duplicate item found with id msg_1"):
        client.conversations.create(items=said)
    talk = client.conversations.create(items=said[:1]).id
    with pytest.raises(openai.BadRequestError, match="Duplicate item found with id msg_1"):
        client.conversations.items.create(talk, items=said[1:])
    with pytest.raises(openai.BadRequestError, match="Duplicate item found with id msg_1"):
        client.responses.create(model="gpt-4o", input=said[1:], conversation=talk)
    client.conversations.items.delete("msg_1", conversation_id=talk)
    assert client.conversations.items.list(talk).data == []
    twice: Any = [{"type": "item_reference", "id": "msg_2"}] * 2
    with pytest.raises(openai.BadRequestError, match="Item with id 'msg_2' not found"):
        client.responses.create(model="gpt-4o", input=twice)


def test_more_choices_than_are_made(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match=r"'n' \(currently 3\)") as found:
        client.completions.create(model="gpt-4o", prompt="Hello", n=3, best_of=2)
    assert found.value.param == "best_of"
    made = client.completions.create(model="gpt-4o", prompt="Hello", n=2, best_of=2)
    assert len(made.choices) == 2


def test_a_form_that_is_cut_short_is_not_one_without_a_file(base_url: str) -> None:
    whole = requests.Request(
        "POST", f"{base_url}/files", data={"purpose": "vision"},
        files={"file": ("a.png", sample("receipt"))},
    ).prepare()  # fmt: skip
    assert isinstance(whole.body, bytes)
    for cut in (10, 1000, len(whole.body) - 40):
        sent = requests.post(
            f"{base_url}/files", data=whole.body[:-cut], timeout=PATIENCE_S,
            headers={"content-type": whole.headers["content-type"]},
        )  # fmt: skip
        assert sent.status_code == 400
        assert sent.json()["error"]["message"] == "The form cannot be read."


def test_a_picture_of_a_conversation_is_named_by_its_place(client: openai.OpenAI) -> None:
    broken: Any = {"type": "input_image", "image_url": data_url(sample("receipt"))[:200]}
    with pytest.raises(openai.BadRequestError) as found:
        client.responses.create(model="gpt-4o", input=[{"role": "user", "content": [broken]}])
    assert found.value.param == "input[0].content[0].image_url"


def test_a_call_of_a_tool_is_answered_once(client: openai.OpenAI) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    answer: Any = {"role": "tool", "tool_call_id": "call_1", "content": "x"}
    turns: Any = [{"role": "user", "content": "Hello"},
                  {"role": "assistant", "tool_calls": [call]}, answer]  # fmt: skip
    client.chat.completions.create(model="gpt-4o", messages=turns)
    client.chat.completions.create(model="gpt-4o", messages=turns + turns[1:])  # of another turn
    with pytest.raises(openai.BadRequestError) as found:
        client.chat.completions.create(model="gpt-4o", messages=[*turns, answer])
    assert found.value.param == "messages.[3].tool_call_id"
    assert "'call_1', in messages[2] and messages[3]" in found.value.message


def test_a_strict_schema_whose_pattern_is_not_known_is_refused_by_its_place(
    client: openai.OpenAI,
) -> None:
    """Whether an answer keeps to it could not be said."""
    for pattern in ("(", "^(?!x)"):
        inner = {"type": "string", "pattern": pattern}
        schema = {"type": "object", "properties": {"date": inner}, "required": ["date"],
                  "additionalProperties": False}  # fmt: skip
        form: Any = {"name": "a", "strict": True, "schema": schema}
        part: Any = {"type": "image_url", "image_url": {"url": data_url(sample("receipt"))}}
        with pytest.raises(openai.BadRequestError, match=r"'date', 'pattern'\)") as found:
            client.chat.completions.create(
                model="gpt-4o", messages=[{"role": "user", "content": [part]}],
                response_format={"type": "json_schema", "json_schema": form},
            )  # fmt: skip
        assert found.value.code == "invalid_json_schema"

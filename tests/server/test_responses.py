"""`/v1/responses` through the real client."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import openai
import pydantic
import pytest
import requests

from tests.conftest import running
from tests.pictures import data_url, sample
from tests.waiting import PATIENCE_S


def image(name: str, **more: Any) -> dict[str, Any]:
    return {"type": "input_image", "image_url": data_url(sample(name)), "detail": "auto", **more}


def asking(text: str, *names: str) -> Any:
    parts = [{"type": "input_text", "text": text}, *(image(name) for name in names)]
    return [{"role": "user", "content": parts}]


def test_a_picture_is_asked_about(client: openai.OpenAI) -> None:
    made = client.responses.create(model="gpt-4o", input=asking("What does it say?", "sign"))
    assert made.output_text == "MAPLE AVENUE\nCity Hospital 3 km"
    assert made.status == "completed"
    assert made.id.startswith("resp_")
    assert made.object == "response"
    assert made.usage is not None
    assert made.usage.input_tokens > 400
    assert made.usage.total_tokens == made.usage.input_tokens + made.usage.output_tokens
    chat = client.chat.completions.create(
        model="gpt-4o",
        messages=[{"role": "user", "content": [
            {"type": "text", "text": "What does it say?"},
            {"type": "image_url", "image_url": {"url": data_url(sample("sign"))}},
        ]}],
    )  # fmt: skip
    assert chat.choices[0].message.content == made.output_text
    assert chat.usage is not None
    # One pipeline: the same tokens, but for the turn of instructions that is not there.
    assert chat.usage.prompt_tokens == made.usage.input_tokens


def test_a_text_alone_and_instructions(client: openai.OpenAI) -> None:
    made = client.responses.create(model="gpt-4o", input="Hello", instructions="Be brief.")
    assert made.instructions == "Be brief."
    assert made.output_text


def test_what_follows_knows_the_picture(client: openai.OpenAI) -> None:
    first = client.responses.create(model="gpt-4o", input=asking("What does it say?", "receipt"))
    second = client.responses.create(
        model="gpt-4o", input="What is the total?", previous_response_id=first.id
    )
    assert "16.20" in second.output_text
    assert second.previous_response_id == first.id
    third = client.responses.create(
        model="gpt-4o", input="What is the date?", previous_response_id=second.id
    )
    assert "2026-03-14" in third.output_text
    shown = client.responses.retrieve(first.id)
    assert shown.output_text == first.output_text
    items = client.responses.input_items.list(first.id).data
    assert items[0].type == "message"
    client.responses.delete(first.id)
    with pytest.raises(openai.NotFoundError, match="not found"):
        client.responses.retrieve(first.id)
    with pytest.raises(openai.BadRequestError) as caught:
        client.responses.create(model="gpt-4o", input="And?", previous_response_id=first.id)
    assert caught.value.code == "previous_response_not_found"
    assert caught.value.param == "previous_response_id"


def test_nothing_is_found_that_is_not_stored(client: openai.OpenAI) -> None:
    passing = client.responses.create(model="gpt-4o", input="Hello", store=False)
    assert passing.store is False  # type: ignore[attr-defined]
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(passing.id)


@pytest.mark.parametrize("sent", [{}, {"authorization": "Bearer one"}])
def test_without_keys_all_is_everybodys(base_url: str, sent: dict[str, str]) -> None:
    body = {"model": "gpt-4o", "input": "Hello"}
    told = requests.post(f"{base_url}/responses", json=body, headers=sent, timeout=PATIENCE_S)
    made = told.json()["id"]
    form: Any = {"file": ("a.png", sample("sign")), "purpose": (None, "vision")}
    told = requests.post(f"{base_url}/files", files=form, headers=sent, timeout=PATIENCE_S)
    file = told.json()["id"]
    for headers in ({}, {"authorization": "Bearer any"}, {"authorization": "Bearer another"}):
        for path in (f"responses/{made}", f"responses/{made}/input_items", f"files/{file}"):
            got = requests.get(f"{base_url}/{path}", headers=headers, timeout=PATIENCE_S)
            assert got.status_code == 200, path
        after = {"model": "gpt-4o", "input": "And?", "previous_response_id": made}
        told = requests.post(
            f"{base_url}/responses", json=after, headers=headers, timeout=PATIENCE_S
        )
        assert told.status_code == 200


@pytest.fixture(scope="module")
def forgetful() -> Iterator[openai.OpenAI]:
    with running("--zero-retention") as url, openai.OpenAI(base_url=url, api_key="x", max_retries=0) as made:  # fmt: skip
        yield made


def test_without_retention_nothing_is_kept(forgetful: openai.OpenAI) -> None:
    made = forgetful.responses.create(model="gpt-4o", input="Hello")
    with pytest.raises(openai.BadRequestError) as caught:
        forgetful.responses.create(model="gpt-4o", input="And?", previous_response_id=made.id)
    assert caught.value.code == "previous_response_not_found"


def test_memory_for_what_is_kept_is_bounded() -> None:
    with running("--max-kept-bytes", "20000") as url, openai.OpenAI(base_url=url, api_key="x", max_retries=0) as client:  # fmt: skip
        ids = [client.responses.create(model="gpt-4o", input="x" * 3000).id for _ in range(4)]
        with pytest.raises(openai.NotFoundError):
            client.responses.retrieve(ids[0])
        assert client.responses.retrieve(ids[-1]).id == ids[-1]


EVENTS = [
    "response.created", "response.in_progress", "response.output_item.added",
    "response.content_part.added", "response.output_text.delta", "response.output_text.done",
    "response.content_part.done", "response.output_item.done", "response.completed",
]  # fmt: skip


def test_every_event_in_order(client: openai.OpenAI) -> None:
    events = list(
        client.responses.create(
            model="gpt-4o", input=asking("What does it say?", "sign"), stream=True
        )
    )
    kinds = [event.type for event in events]
    assert list(dict.fromkeys(kinds)) == EVENTS
    assert [event.sequence_number for event in events] == list(range(len(events)))
    said = "".join(e.delta for e in events if e.type == "response.output_text.delta")
    last = events[-1]
    assert last.type == "response.completed"
    assert said == last.response.output_text == "MAPLE AVENUE\nCity Hospital 3 km"
    assert last.response.usage is not None


class Receipt(pydantic.BaseModel):
    merchant: str | None
    total: float | None


def test_parse_and_stream_with_a_schema(client: openai.OpenAI) -> None:
    told = asking("Read the receipt.", "receipt")
    made = client.responses.parse(model="gpt-4o", input=told, text_format=Receipt)
    assert made.output_parsed is not None
    assert made.output_parsed.total == 16.2
    with client.responses.stream(model="gpt-4o", input=told, text_format=Receipt) as stream:
        for _ in stream:
            pass
        final = stream.get_final_response()
    assert final.output_parsed is not None
    assert final.output_parsed.total == 16.2


def test_a_tool_is_called_and_its_result_told(client: openai.OpenAI) -> None:
    tool: Any = {
        "type": "function", "name": "book", "strict": True,
        "parameters": {
            "type": "object", "properties": {"total": {"type": ["number", "null"]}},
            "required": ["total"], "additionalProperties": False,
        },
    }  # fmt: skip
    made = client.responses.create(
        model="gpt-4o", input=asking("Book the receipt.", "receipt"), tools=[tool],
        tool_choice={"type": "function", "name": "book"},
    )  # fmt: skip
    call = made.output[0]
    assert call.type == "function_call"
    assert (call.name, json.loads(call.arguments)) == ("book", {"total": 16.2})
    events = [
        event.type
        for event in client.responses.create(
            model="gpt-4o", input=asking("Book the receipt.", "receipt"), tools=[tool],
            tool_choice="required", stream=True,
        )
    ]  # fmt: skip
    assert "response.function_call_arguments.delta" in events
    assert events[-3:] == ["response.function_call_arguments.done", "response.output_item.done", "response.completed"]  # fmt: skip
    after = client.responses.create(
        model="gpt-4o", previous_response_id=made.id,
        input=[{"type": "function_call_output", "call_id": call.call_id, "output": "done"}],
    )  # fmt: skip
    assert after.status == "completed"


def test_a_custom_tool_is_called_with_a_text(client: openai.OpenAI) -> None:
    tool: Any = {"type": "custom", "name": "say", "format": {"type": "text"}}
    asked: Any = {
        "model": "gpt-4o", "input": asking("Say it.", "sign"), "tools": [tool],
        "tool_choice": {"type": "custom", "name": "say"},
    }  # fmt: skip
    call = client.responses.create(**asked).output[0]
    assert call.type == "custom_tool_call"
    events = list(client.responses.create(**asked, stream=True))
    done = next(e for e in events if e.type == "response.custom_tool_call_input.done")
    assert done.input == call.input
    answered: Any = {"type": "custom_tool_call_output", "call_id": call.call_id, "output": "Said."}
    after = client.responses.create(
        model="gpt-4o", input=[*asked["input"], call.to_dict(), answered]
    )
    assert after.status == "completed"


def test_every_field_that_the_client_sends_is_taken_and_shown(base_url: str) -> None:
    with openai.OpenAI(
        base_url=base_url, api_key="x", max_retries=0, _strict_response_validation=True
    ) as strict:
        sent: Any = {
            "input": [{"role": "user", "content": [{"type": "input_text", "text": "Hello"}, image("sign")]}],
            "access_programs": {"cyber": "standard"},
            "context_management": [{"type": "compaction", "compact_threshold": 1000}],
            "image": {"context_compression": "auto"},
            "include": ["reasoning.encrypted_content"],
            "max_tool_calls": 3,
            "prompt_cache_key": "k",
            "prompt_cache_options": {"mode": "explicit", "ttl": "30m"},
            "prompt_cache_retention": "24h",
            "reasoning": {"effort": "low", "summary": "auto"},
            "safety_identifier": "s",
            "service_tier": "auto",
            "text": {"verbosity": "low"},
            "tools": [{"type": "function", "name": "f", "parameters": {}, "strict": False}],
            "tool_choice": {
                "type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "f"}]
            },
            "truncation": "auto",
            "user": "u",
        }  # fmt: skip
        made = strict.responses.create(model="gpt-4o", **sent)
        assert made.usage is not None
        assert made.usage.input_tokens_details.cache_write_tokens == 0
        shown = strict.responses.retrieve(made.id)
        assert shown == made
        assert (shown.max_tool_calls, shown.prompt_cache_key, shown.user) == (3, "k", "u")
        item = strict.responses.input_items.list(made.id).data[0]
        assert item.type == "message"
        assert [getattr(part, "detail", None) for part in item.content] == [None, "auto"]


def test_what_is_kept_is_given_by_its_events_too(client: openai.OpenAI) -> None:
    sent = list(client.responses.create(model="gpt-4o", input="Hello", stream=True))
    id = sent[0].response.id  # type: ignore[union-attr]
    again = list(client.responses.retrieve(id, stream=True))
    assert [event.to_dict() for event in again] == [event.to_dict() for event in sent]
    assert (
        list(client.responses.retrieve(id, stream=True, starting_after=len(sent) - 2)) == sent[-1:]
    )


def test_a_cut_answer_is_incomplete(client: openai.OpenAI) -> None:
    made = client.responses.create(
        model="gpt-4o", input=asking("Read it.", "receipt"), max_output_tokens=16
    )
    assert made.status == "incomplete"
    assert made.incomplete_details is not None
    assert made.incomplete_details.reason == "max_output_tokens"


def test_input_tokens_are_counted(client: openai.OpenAI) -> None:
    told = asking("What does it say?", "sign")
    counted = client.responses.input_tokens.count(model="gpt-4o", input=told)
    made = client.responses.create(model="gpt-4o", input=told)
    assert made.usage is not None
    assert counted.input_tokens == made.usage.input_tokens


WRONG: list[tuple[dict[str, Any], str | None, str | None]] = [
    ({"model": None}, "model", "missing_required_parameter"),
    ({"input": None}, "input", "missing_required_parameter"),
    ({"input": []}, "input", "empty_array"),
    ({"input": 5}, "input", "invalid_type"),
    ({"messages": []}, "messages", "unknown_parameter"),
    ({"max_tokens": 5}, "max_tokens", "unknown_parameter"),
    ({"max_output_tokens": 15}, "max_output_tokens", "integer_below_min_value"),
    ({"temperature": 3}, "temperature", "decimal_above_max_value"),
    ({"background": 1}, "background", "invalid_type"),
    ({"include": ["x"]}, "include[0]", "invalid_value"),
    ({"truncation": "x"}, "truncation", "invalid_value"),
    ({"prompt": {"id": "x"}}, "prompt", "unsupported_parameter"),
    ({"prompt": {"id": "x"}, "input": None}, "prompt", "unsupported_parameter"),
    ({"image": {"context_compression": "enabled"}}, "image.context_compression", "unsupported_value"),
    ({"context_management": [{"type": "x"}]}, "context_management[0].type", "invalid_value"),
    ({"prompt_cache_options": {"ttl": "1h"}}, "prompt_cache_options.ttl", "invalid_value"),
    ({"reasoning": {"summary": "x"}}, "reasoning.summary", "invalid_value"),
    ({"stream_options": {}}, "stream_options", None),
    ({"conversation": 5}, "conversation", "invalid_type"),
    ({"conversation": "conv_1", "previous_response_id": "resp_1"}, "conversation", "mutually_exclusive_parameters"),
    ({"top_logprobs": 2}, "top_logprobs", "unsupported_parameter"),
    ({"include": ["message.output_text.logprobs"]}, "include", "unsupported_parameter"),
    ({"input": [{"type": "function_call_output", "call_id": "c", "output": "x"}]}, "input", None),
    ({"input": [{"type": "function_call", "call_id": "c", "name": "n", "arguments": ""}]}, "input", None),
    ({"store": 0}, "store", "invalid_type"),
    ({"input": [{"role": "user"}]}, "input[0].content", "missing_required_parameter"),
    ({"input": [{"role": "tool", "content": "x"}]}, "input[0].role", "invalid_value"),
    ({"input": [{"role": "user", "content": [{"type": "text", "text": "x"}]}]}, "input[0].content[0]", "invalid_value"),
    ({"input": [{"role": "user", "content": [{"type": "input_image"}]}]}, "input[0].content[0]", "missing_mutually_exclusive_parameters"),
    ({"input": [{"role": "user", "content": [{"type": "input_image", "image_url": "x", "file_id": "file-1"}]}]}, "input[0].content[0]", "mutually_exclusive_parameters"),
    ({"input": [{"role": "user", "content": [{"type": "input_image", "image_url": "data:image/png;base64,AAAA"}]}]}, "input[0].content[0].image_url", "invalid_image_format"),
    ({"input": [{"role": "user", "content": [{"type": "input_image", "image_url": {"url": "x"}}]}]}, "input[0].content[0].image_url", "invalid_type"),
    ({"input": [{"type": "function_call_output", "call_id": "c"}]}, "input[0].output", "missing_required_parameter"),
    ({"input": [{"type": "dance"}]}, "input[0].type", "invalid_value"),
    ({"tools": [{"type": "web_search"}]}, "tools[0].type", "invalid_value"),
    ({"tools": [{"type": "function"}]}, "tools[0].name", "missing_required_parameter"),
    ({"text": {"format": {"type": "json_schema", "schema": {}}}}, "text.format.name", "missing_required_parameter"),
    ({"text": {"format": {"type": "json_object"}}}, "input", None),
    ({"metadata": {"a": 1}}, "metadata.a", "invalid_type"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "param", "code"), WRONG)
def test_what_is_wrong_is_told_by_its_place(
    base_url: str, change: dict[str, Any], param: str | None, code: str | None
) -> None:
    refused = requests.post(
        f"{base_url}/responses",
        json={"model": "gpt-4o", "input": "Hello", **change},
        timeout=PATIENCE_S,
    )
    assert refused.status_code == 400, refused.text
    error = refused.json()["error"]
    assert (error["param"], error["code"]) == (param, code), error
    assert "messages[" not in error["message"]  # no place of the other spelling

"""Chat completions through the real client: replies, streams, every field that changes them."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import openai
import pydantic
import pytest
import requests
from PIL import Image, ImageDraw, ImageFont

from tests.pictures import asking, bill, data_url, encoded, part, sample, written
from tests.waiting import PATIENCE_S

RECEIPT, BILL = sample("receipt"), bill()


def test_reply_has_every_field(base_url: str) -> None:
    body = {"model": "gpt-4o", "messages": asking("What is the total?", RECEIPT)}
    response = requests.post(f"{base_url}/chat/completions", json=body, timeout=PATIENCE_S)
    assert response.headers["content-type"] == "application/json"
    assert re.fullmatch(r"req_[0-9a-f]{32}", response.headers["x-request-id"])
    assert response.headers["openai-version"] == "2020-10-01"
    assert response.headers["openai-processing-ms"].isdigit()
    reply = response.json()
    assert re.fullmatch(r"chatcmpl-[A-Za-z0-9]{29}", reply["id"])
    assert re.fullmatch(r"fp_[0-9a-f]{10}", reply["system_fingerprint"])
    assert reply["object"] == "chat.completion"
    assert isinstance(reply["created"], int)
    assert reply["model"] == "gpt-4o-2024-08-06"
    assert reply["service_tier"] == "default"
    assert reply["choices"] == [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": "The total is $16.20.",
                "refusal": None,
                "annotations": [],
            },
            "logprobs": None,
            "finish_reason": "stop",
        }
    ]
    usage = reply["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    # 520 × 760: two tiles by two.
    assert usage["prompt_tokens_details"]["image_tokens"] == 85 + 4 * 170
    assert usage["prompt_tokens"] == 765 + 7 + 5
    assert usage["completion_tokens_details"]["reasoning_tokens"] == 0


def test_stream_chunks(base_url: str) -> None:
    body = {
        "model": "gpt-4o-mini",
        "messages": asking("What is the total?", BILL),
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    response = requests.post(f"{base_url}/chat/completions", json=body, timeout=PATIENCE_S)
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    events = response.text.split("\n\n")
    assert events[-2:] == ["data: [DONE]", ""]
    chunks = [json.loads(e.removeprefix("data: ")) for e in events[:-2] if not e.startswith(":")]
    assert len({(c["id"], c["created"], c["model"], c["object"]) for c in chunks}) == 1
    assert chunks[0]["object"] == "chat.completion.chunk"
    assert chunks[0]["choices"][0]["delta"] == {"role": "assistant", "content": "", "refusal": None}
    assert chunks[-2]["choices"][0]["delta"] == {}
    assert chunks[-2]["choices"][0]["finish_reason"] == "stop"
    assert all(c["choices"][0]["finish_reason"] is None for c in chunks[:-2])
    assert all(c["usage"] is None for c in chunks[:-1])
    assert chunks[-1]["choices"] == []
    said = "".join(c["choices"][0]["delta"].get("content") or "" for c in chunks[:-1])
    assert said == "The total is $16.20."
    assert chunks[-1]["usage"]["completion_tokens"] == len(chunks) - 3


def test_stream_without_usage_has_none(client: openai.OpenAI) -> None:
    stream = client.chat.completions.create(
        model="gpt-4o", messages=asking("What is the total?", BILL), stream=True
    )
    chunks = list(stream)
    assert all("usage" not in chunk.model_fields_set for chunk in chunks)
    assert "".join(c.choices[0].delta.content or "" for c in chunks) == "The total is $16.20."


def test_keep_alives_are_comments() -> None:
    from tests.conftest import running

    with running("--keep-alive-s", "0.01") as url:
        body = {"model": "gpt-4o", "messages": asking("Read it", RECEIPT), "stream": True}
        text = requests.post(f"{url}/chat/completions", json=body, timeout=PATIENCE_S).text
        assert "\n\n: keep-alive\n\n" in text
        with openai.OpenAI(base_url=url, api_key="x") as client:
            chunks = client.chat.completions.create(
                model="gpt-4o", messages=asking("What is the total?", RECEIPT), stream=True
            )
            said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
        assert said == "The total is $16.20."


def test_max_tokens_cuts_and_says_so(client: openai.OpenAI) -> None:
    limits: list[Any] = [{"max_tokens": 3}, {"max_completion_tokens": 3}]
    for limit in limits:
        reply = client.chat.completions.create(
            model="gpt-4o", messages=asking("What is the total?", BILL), **limit
        )
        assert reply.choices[0].message.content == "The total is"
        assert reply.choices[0].finish_reason == "length"
        assert reply.usage is not None
        assert reply.usage.completion_tokens == 3


def test_vision_preview_answers_with_16_tokens_unless_told(client: openai.OpenAI) -> None:
    reply = client.chat.completions.create(
        model="gpt-4-vision-preview", messages=asking("Read it", RECEIPT)
    )
    assert reply.usage is not None
    assert reply.usage.completion_tokens == 16
    assert reply.choices[0].finish_reason == "length"


def test_stop_sequences_are_left_out(client: openai.OpenAI) -> None:
    for stop in (" is", ["nowhere", " is"]):
        reply = client.chat.completions.create(
            model="gpt-4o", messages=asking("What is the total?", BILL), stop=stop
        )
        assert reply.choices[0].message.content == "The total"
        assert reply.choices[0].finish_reason == "stop"


def test_n_choices(client: openai.OpenAI) -> None:
    messages = asking("What is the total?", BILL)
    reply = client.chat.completions.create(model="gpt-4o", messages=messages, n=3)
    assert [c.index for c in reply.choices] == [0, 1, 2]
    stream = client.chat.completions.create(model="gpt-4o", messages=messages, n=2, stream=True)
    said = {0: "", 1: ""}
    for chunk in stream:
        said[chunk.choices[0].index] += chunk.choices[0].delta.content or ""
    assert said[0] == said[1] == reply.choices[0].message.content


def test_every_ignorable_field_is_accepted(client: openai.OpenAI) -> None:
    extra: dict[str, Any] = {
        "temperature": 0.2,
        "top_p": 0.9,
        "seed": 7,
        "presence_penalty": 0.1,
        "frequency_penalty": -0.1,
        "logit_bias": {"50256": -100},
        "logprobs": False,
        "user": "u",
        "store": True,
        "metadata": {"a": "b"},
        "service_tier": "auto",
        "reasoning_effort": "low",
        "verbosity": "low",
        "modalities": ["text"],
        "parallel_tool_calls": True,
        "response_format": {"type": "text"},
        "prompt_cache_key": "k",
        "safety_identifier": "s",
        "prediction": {"type": "content", "content": "x"},
    }
    reply = client.chat.completions.create(
        model="gpt-4o", messages=asking("What is the total?", BILL), extra_body=extra
    )
    assert reply.choices[0].message.content == "The total is $16.20."
    nulls = dict.fromkeys(extra)
    reply = client.chat.completions.create(
        model="gpt-4o", messages=asking("What is the total?", BILL), extra_body=nulls
    )
    assert reply.choices[0].message.content == "The total is $16.20."


SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "merchant": {"type": "string"},
        "total": {"type": "number"},
        "date": {"type": "string", "format": "date"},
        "table": {"type": ["string", "null"]},
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "quantity": {"type": ["integer", "null"]},
                    "price": {"type": "number"},
                },
                "required": ["name", "quantity", "price"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["merchant", "total", "date", "table", "items"],
    "additionalProperties": False,
}


def test_json_schema_is_filled(client: openai.OpenAI) -> None:
    reply = client.chat.completions.create(
        model="gpt-4o",
        messages=asking("Extract the receipt.", RECEIPT),
        response_format={
            "type": "json_schema",
            "json_schema": {"name": "receipt", "strict": True, "schema": SCHEMA},
        },
    )
    found = json.loads(reply.choices[0].message.content or "")
    jsonschema.validate(found, SCHEMA)
    assert found == {
        "merchant": "HARBOUR CAFE",
        "total": 16.2,
        "date": "2026-03-14",
        "table": None,
        "items": [
            {"name": "Flat White", "quantity": 2, "price": 6.8},
            {"name": "Oat Porridge", "quantity": 1, "price": 5.25},
            {"name": "Blueberry Muffin", "quantity": 1, "price": 2.95},
        ],
    }


class Event(pydantic.BaseModel):
    title: str
    date: str
    time: str | None
    ticket_link: str | None
    organiser: str | None


def test_parse_gives_the_clients_type(client: openai.OpenAI) -> None:
    reply = client.chat.completions.parse(
        model="gpt-4o", messages=asking("Fill this in.", sample("poster")), response_format=Event
    )
    event = reply.choices[0].message.parsed
    assert event is not None
    assert event.title == "OPEN AIR CINEMA"
    assert event.date == "Saturday, 18 July 2026"
    assert event.time == "20:30"
    assert event.organiser is None


def test_strict_schema_that_cannot_be_told_is_refused(client: openai.OpenAI) -> None:
    schema = {
        "type": "object",
        "properties": {"people": {"type": "integer"}, "total": {"type": "number"}},
        "required": ["people", "total"],
        "additionalProperties": False,
    }
    wanted: Any = {
        "type": "json_schema",
        "json_schema": {"name": "s", "strict": True, "schema": schema},
    }
    messages = asking("How many people?", BILL)
    reply = client.chat.completions.create(
        model="gpt-4o", messages=messages, response_format=wanted
    )
    assert reply.choices[0].message.content is None
    assert "people" in (reply.choices[0].message.refusal or "")
    stream = client.chat.completions.create(
        model="gpt-4o", messages=messages, response_format=wanted, stream=True
    )
    assert "people" in "".join(c.choices[0].delta.refusal or "" for c in stream)
    wanted["json_schema"]["strict"] = False
    reply = client.chat.completions.create(
        model="gpt-4o", messages=messages, response_format=wanted
    )
    assert json.loads(reply.choices[0].message.content or "") == {"people": None, "total": 16.2}


def test_strict_schema_that_no_answer_keeps_to_is_refused(client: openai.OpenAI) -> None:
    text = {"type": "string", "minLength": 1000}
    schema = {
        "type": "object", "properties": {"total": text}, "required": ["total"],
        "additionalProperties": False,
    }  # fmt: skip
    reply = client.chat.completions.create(
        model="gpt-4o", messages=asking("What is the total?", BILL),
        response_format={
            "type": "json_schema", "json_schema": {"name": "s", "strict": True, "schema": schema},
        },
    )  # fmt: skip
    assert reply.choices[0].message.content is None
    assert "total" in (reply.choices[0].message.refusal or "")


def test_json_object_mode(client: openai.OpenAI) -> None:
    reply = client.chat.completions.create(
        model="gpt-4o",
        messages=asking("Give the total and the date as JSON.", BILL),
        response_format={"type": "json_object"},
    )
    found = json.loads(reply.choices[0].message.content or "")
    assert found == {"total": "$16.20", "date": "2026-03-14"}


TOOL: Any = {
    "type": "function",
    "function": {
        "name": "book",
        "parameters": {
            "type": "object",
            "properties": {"total": {"type": "number"}, "cashier": {"type": "string"}},
        },
    },
}


@pytest.mark.parametrize("choice", ["required", {"type": "function", "function": {"name": "book"}}])
def test_forced_tool_is_called(client: openai.OpenAI, choice: Any) -> None:
    reply = client.chat.completions.create(
        model="gpt-4o",
        messages=asking("Book this receipt.", BILL),
        tools=[TOOL],
        tool_choice=choice,
    )
    message = reply.choices[0].message
    assert reply.choices[0].finish_reason == "tool_calls"
    assert message.content is None
    assert message.tool_calls is not None
    call: Any = message.tool_calls[0]
    assert re.fullmatch(r"call_[A-Za-z0-9]{24}", call.id)
    assert json.loads(call.function.arguments) == {"total": 16.2, "cashier": "Maria"}


def test_tool_call_streamed(client: openai.OpenAI) -> None:
    stream = client.chat.completions.create(
        model="gpt-4o",
        messages=asking("Book this receipt.", BILL),
        tools=[TOOL],
        tool_choice="required",
        stream=True,
    )
    name, arguments, reasons = "", "", []
    for chunk in stream:
        for call in chunk.choices[0].delta.tool_calls or ():
            assert call.function is not None
            name += call.function.name or ""
            arguments += call.function.arguments or ""
        reasons.append(chunk.choices[0].finish_reason)
    assert name == "book"
    assert json.loads(arguments)["cashier"] == "Maria"
    assert reasons[-1] == "tool_calls"


def test_tools_that_need_not_be_called_are_not(client: openai.OpenAI) -> None:
    reply = client.chat.completions.create(
        model="gpt-4o", messages=asking("What is the total?", BILL), tools=[TOOL]
    )
    assert reply.choices[0].message.content == "The total is $16.20."


def test_legacy_functions(client: openai.OpenAI) -> None:
    reply = client.chat.completions.create(
        model="gpt-4-0613",
        messages=asking("Book this receipt.", BILL),
        functions=[TOOL["function"]],
        function_call={"name": "book"},
    )
    call = reply.choices[0].message.function_call
    assert call is not None
    assert json.loads(call.arguments)["total"] == 16.2
    assert reply.choices[0].finish_reason == "function_call"


@pytest.mark.parametrize("role", ["system", "developer", "user", "assistant"])
def test_pictures_in_any_role(client: openai.OpenAI, role: str) -> None:
    messages: Any = [
        {"role": role, "content": [part(BILL)]},
        {"role": "user", "content": "What is the total?"},
    ]
    reply = client.chat.completions.create(model="gpt-4o", messages=messages)
    assert reply.choices[0].message.content == "The total is $16.20."


def test_picture_of_a_tool(client: openai.OpenAI) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "shot", "arguments": "{}"}}
    messages: Any = [
        {"role": "user", "content": "Take a screenshot."},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": [part(BILL)]},
        {"role": "user", "content": "What is the total?"},
    ]
    reply = client.chat.completions.create(model="gpt-4o", messages=messages)
    assert reply.choices[0].message.content == "The total is $16.20."


def test_conversation_goes_on_about_its_pictures(client: openai.OpenAI) -> None:
    messages: Any = [
        *asking("What is the total?", BILL),
        {"role": "assistant", "content": "The total is $16.20."},
        {"role": "user", "content": "And the date?"},
    ]
    reply = client.chat.completions.create(model="gpt-4o", messages=messages)
    assert "2026-03-14" in (reply.choices[0].message.content or "")


def test_order_of_pictures_is_kept(client: openai.OpenAI) -> None:
    codes = ["ALPHA", "BRAVO", "CHARLIE"]
    pictures = [encoded(written(code).crop((0, 0, 320, 188))) for code in codes]
    for index, code in enumerate(codes, 1):
        reply = client.chat.completions.create(
            model="gpt-4o", messages=asking(f"Read the text in image {index}.", *pictures)
        )
        assert reply.choices[0].message.content == code


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "GIF"])
def test_formats(client: openai.OpenAI, format: str) -> None:
    data = encoded(written("FORMAT 42").crop((0, 0, 320, 188)), format)
    reply = client.chat.completions.create(
        model="gpt-4o", messages=asking("Read the text", data_url(data, "image/png"))
    )
    assert reply.choices[0].message.content == "FORMAT 42"


@pytest.mark.parametrize("ink", ["white", "black"])
@pytest.mark.parametrize("format", ["PNG", "WEBP", "GIF"])
def test_words_on_nothing_are_read(client: openai.OpenAI, ink: str, format: str) -> None:
    drawn = Image.new("RGBA", (640, 160), (0, 0, 0, 0))
    ImageDraw.Draw(drawn).text((40, 40), "ANCHOR 4827", ink, ImageFont.load_default(64))
    done = client.chat.completions.create(
        model="gpt-4o", messages=asking("What does it say?", encoded(drawn, format))
    )
    assert done.choices[0].message.content == "ANCHOR 4827"


def test_text_alone_is_answered_plainly(client: openai.OpenAI) -> None:
    reply = client.chat.completions.create(
        model="gpt-3.5-turbo", messages=[{"role": "user", "content": "Hello"}]
    )
    assert "picture" in (reply.choices[0].message.content or "")

"""The older text completions: a prompt, and pictures beside it."""

from __future__ import annotations

import base64
import re
from typing import Any

import openai
import pytest
import requests

from tests.conftest import Web
from tests.pictures import data_url, sample
from tests.waiting import PATIENCE_S

RECEIPT = sample("receipt")


def post(base_url: str, **fields: Any) -> requests.Response:
    body = {"model": "gpt-4-vision-preview", **fields}
    return requests.post(f"{base_url}/completions", json=body, timeout=PATIENCE_S)


def test_a_reply_is_a_text_completion(base_url: str) -> None:
    asked = {"prompt": "What is the total?", "img_url": " " + data_url(RECEIPT), "detail": "high"}
    reply = post(base_url, **asked).json()
    assert re.fullmatch(r"cmpl-[A-Za-z0-9]{29}", reply["id"])
    assert reply["object"] == "text_completion"
    assert reply["choices"] == [
        {"text": "The total is $16.20.", "index": 0, "logprobs": None, "finish_reason": "stop"}
    ]
    assert reply["usage"]["prompt_tokens_details"]["image_tokens"] == 85 + 4 * 170
    low = post(base_url, **asked | {"detail": "low"}).json()
    assert low["usage"]["prompt_tokens_details"]["image_tokens"] == 85


def test_pictures_by_url_and_by_base64_are_all_seen(client: openai.OpenAI, web: Web) -> None:
    pictures = {
        "img_url": [f"{web.url}/receipt.png", f"{web.url}/sign.png"],
        "img_b64": [base64.b64encode(sample("poster")).decode()],
    }
    done = client.completions.create(
        model="gpt-4-vision-preview",
        prompt="What do they say?",
        max_tokens=600,
        extra_body=pictures,
    )
    for words in ("HARBOUR CAFE", "MAPLE AVENUE", "OPEN AIR CINEMA"):
        assert words in done.choices[0].text
    asked = {"prompt": None, **pictures, "max_tokens": 600}
    undemanding = post(str(client.base_url).rstrip("/"), **asked).json()
    assert "HARBOUR CAFE" in undemanding["choices"][0]["text"]


def test_a_stream_says_the_same(client: openai.OpenAI) -> None:
    stream = client.completions.create(
        model="gpt-4o", prompt="What is the total?", stream=True, n=2, max_tokens=50,
        stream_options={"include_usage": True}, extra_body={"img_url": data_url(RECEIPT)},
    )  # fmt: skip
    said = ["", ""]
    ended, usage = 0, None
    for chunk in stream:
        assert chunk.object == "text_completion"
        for choice in chunk.choices:
            said[choice.index] += choice.text
            ended += choice.finish_reason == "stop"
        usage = chunk.usage or usage
    assert said == ["The total is $16.20."] * 2
    assert ended == 2
    assert usage is not None
    assert usage.completion_tokens > 0


def test_several_prompts_have_choices_of_their_own(client: openai.OpenAI) -> None:
    prompts = ["Hello.", "What is it?"]
    sent: Any = {"model": "gpt-4o", "prompt": prompts, "n": 2, "echo": True}
    made = client.completions.create(**sent)
    assert [choice.index for choice in made.choices] == [0, 1, 2, 3]
    for place, choice in enumerate(made.choices):
        assert choice.text.startswith(prompts[place // 2])
    said = [""] * 4
    for chunk in client.completions.create(**sent, stream=True):
        for choice in chunk.choices:
            said[choice.index] += choice.text
    assert said == [choice.text for choice in made.choices]
    one = client.completions.create(model="gpt-4o", prompt=prompts[0], n=2)
    assert made.usage is not None
    assert one.usage is not None
    assert made.usage.prompt_tokens > one.usage.prompt_tokens
    assert made.usage.completion_tokens > one.usage.completion_tokens


@pytest.mark.parametrize(
    ("fields", "param", "says"),
    [
        ({}, "prompt", "Missing required parameter: 'prompt'."),
        ({"prompt": [1, 2]}, "prompt", "as tokens"),
        ({"prompt": [[1], [2]]}, "prompt", "as tokens"),
        ({"prompt": ["a", 2]}, "prompt[1]", "Invalid type for 'prompt[1]'"),
        ({"prompt": "a", "img_url": 7}, "img_url", "Invalid type for 'img_url'"),
        ({"img_url": ["data:image/png;base64,AAAA"]}, "img_url[0]", ""),
        ({"prompt": "a", "suffix": "b"}, "suffix", "suffix"),
        ({"prompt": "a", "logprobs": 2}, "logprobs", "logprobs"),
        ({"prompt": "a", "best_of": 3}, "best_of", "best_of"),
        ({"prompt": "a", "detail": "huge"}, "detail", "huge"),
        ({"prompt": "a", "messages": []}, "messages", "messages"),
    ],
)
def test_what_is_refused_names_its_field(
    base_url: str, fields: dict[str, Any], param: str, says: str
) -> None:
    refused = post(base_url, **fields)
    assert refused.status_code == 400
    error = refused.json()["error"]
    assert error["param"] == param
    assert says in error["message"]

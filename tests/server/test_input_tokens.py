"""`POST /v1/chat/completions/input_tokens`: the cost of a request that is not run."""

from __future__ import annotations

from typing import Any

import openai
import requests

from tests.pictures import asking, data_url, part, sample
from tests.waiting import PATIENCE_S


def test_it_counts_what_usage_will_say(client: openai.OpenAI, base_url: str) -> None:
    messages = asking("What is the total of both?", sample("receipt"), sample("sign"))
    body: dict[str, Any] = {"model": "gpt-4o", "messages": messages}
    told = requests.post(f"{base_url}/chat/completions/input_tokens", json=body, timeout=PATIENCE_S)
    assert told.status_code == 200
    counted = told.json()
    usage = client.chat.completions.create(**body).usage
    assert usage is not None
    assert counted["object"] == "response.input_tokens"
    assert counted["input_tokens"] == usage.prompt_tokens
    assert counted["input_tokens_details"]["image_tokens"] == 765 + 425
    assert [image["seen"] for image in counted["sightline"]["images"]] == [[520, 760], [800, 420]]


def test_it_refuses_what_the_request_would_be_refused_for(base_url: str) -> None:
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": [part(data_url(b"x"))]}]}
    told = requests.post(f"{base_url}/chat/completions/input_tokens", json=body, timeout=PATIENCE_S)
    assert told.status_code == 400
    assert told.json()["error"]["param"] == "messages[0].content[0].image_url.url"


def test_it_counts_what_would_not_fit(base_url: str) -> None:
    body = {"model": "gpt-4", "messages": asking("Hi", *[sample("sign")] * 20)}
    told = requests.post(f"{base_url}/chat/completions/input_tokens", json=body, timeout=PATIENCE_S)
    assert told.status_code == 200
    assert told.json()["input_tokens"] > 8192

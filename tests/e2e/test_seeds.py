"""The programs of the five documents Sightline started from, but for base URL and pictures.

Each test has the request shape of one listing, sent by the client that the listing uses.
"""

from __future__ import annotations

import base64
import json
from typing import Any

import openai
import pytest
import requests

from tests.conftest import Web
from tests.pictures import data_url, sample
from tests.waiting import PATIENCE_S

KEY = "YOUR_OPENAI_API_KEY"


def encode_image(name: str) -> str:
    return base64.b64encode(sample(name)).decode("utf-8")


@pytest.mark.parametrize("model", ["gpt-4-vision-preview", "gpt-4o"])
@pytest.mark.parametrize(
    "question",
    [
        "What’s in this image?", "What can you see in the image?",
        # Two of the documents were decoded wrongly before they were copied, their code with them.
        "What’s in this image?".encode().decode("cp1252"),
        "What’s in this image?".encode().decode("mac_roman"),
    ],
)  # fmt: skip
def test_quick_start_by_url(client: openai.OpenAI, web: Web, model: str, question: str) -> None:
    response = client.chat.completions.create(
        model=model,
        messages=[
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": question},
                    {"type": "image_url", "image_url": {"url": f"{web.url}/receipt.png"}},
                ],
            }
        ],
        max_tokens=300,
    )
    choice = response.choices[0]
    assert choice.finish_reason == "stop"
    assert "HARBOUR CAFE" in (choice.message.content or "")
    assert "$16.20" in (choice.message.content or "")


def test_detail_high(client: openai.OpenAI, web: Web) -> None:
    url = f"{web.url}/sign.png"
    response = client.chat.completions.create(
        model="gpt-4-vision-preview",
        messages=[
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What’s in this image?"},
                    {"type": "image_url", "image_url": {"url": url, "detail": "high"}},
                ],
            }
        ],
        max_tokens=300,
    )
    assert "MAPLE AVENUE" in (response.choices[0].message.content or "")


def test_multiple_images(client: openai.OpenAI, web: Web) -> None:
    same = f"{web.url}/sign.png"
    text = "What are in these images? Is there any difference between them?"
    response = client.chat.completions.create(
        model="gpt-4-vision-preview",
        messages=[
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": text},
                    {"type": "image_url", "image_url": {"url": same}},
                    {"type": "image_url", "image_url": {"url": same}},
                ],
            }
        ],
        max_tokens=300,
    )
    said = response.choices[0].message.content or ""
    assert "MAPLE AVENUE" in said
    assert "no difference" in said


def post(base_url: str, payload: dict[str, Any]) -> Any:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {KEY}"}
    response = requests.post(
        f"{base_url}/chat/completions", headers=headers, json=payload, timeout=PATIENCE_S
    )
    assert response.status_code == 200, response.text
    return response.json()


def test_base64_by_requests(base_url: str) -> None:
    payload = {
        "model": "gpt-4-vision-preview",
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What’s in this image?"},
                    {
                        "type": "image_url",
                        "image_url": {"url": f"data:image/jpeg;base64,{encode_image('poster')}"},
                    },
                ],
            }
        ],
        "max_tokens": 300,
    }
    reply = post(base_url, payload)
    assert reply["model"] == "gpt-4-1106-vision-preview"
    assert "https://cinema.example/riverside" in reply["choices"][0]["message"]["content"]


def test_bare_string_image_url(base_url: str, web: Web) -> None:
    instruction = (
        "I've uploaded an image and I'd like to know what it depicts and any interesting details "
        "you can provide."
    )
    payload: dict[str, Any] = {
        "model": "gpt-4-vision-preview",
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": instruction},
                    {"type": "image_url", "image_url": f"{web.url}/receipt.png"},
                ],
            }
        ],
        "max_tokens": 4095,
    }
    first = post(base_url, payload)["choices"][0]
    assert "HARBOUR CAFE" in first["message"]["content"]
    assert first["finish_details"] == {"type": "stop", "stop": None}
    payload["messages"][0]["content"][1]["image_url"] = (
        f"data:image/jpeg;base64,{encode_image('receipt')}"
    )
    second = post(base_url, payload)["choices"][0]
    assert second["message"]["content"] == first["message"]["content"]


@pytest.mark.parametrize("low_quality_mode", [True, False])
def test_playground_attributes(base_url: str, low_quality_mode: bool) -> None:
    attributes = "- name: Name of the object\n- color: Color of the object\n- total: Total paid\n"
    instruction = (
        "Look at the receipt.\n\nReturn in JSON format and include the following attributes:\n\n"
        f"{attributes.strip()}"
    )
    payload = {
        "model": "gpt-4-vision-preview",
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": instruction},
                    {
                        "type": "image_url",
                        "image_url": {
                            "url": f"data:image/jpeg;base64,{encode_image('receipt')}",
                            "detail": "low" if low_quality_mode else "high",
                        },
                    },
                ],
            }
        ],
        "max_tokens": 4095,
    }
    found = json.loads(post(base_url, payload)["choices"][0]["message"]["content"])
    assert found == {"name": None, "color": "white", "total": "$16.20"}


@pytest.mark.parametrize(
    "prompt",
    [
        "These are frames from a video that I want to upload. Generate a compelling description "
        "that I can upload along with the video.",
        "These are frames of a video. Create a short voiceover script in the style of David "
        "Attenborough. Only include the narration.",
        "These are frames of a video. Can you describe what you can see in no more than 20 words?",
    ],
)
def test_frames_of_a_video(client: openai.OpenAI, prompt: str) -> None:
    frames = [encode_image("before"), encode_image("after")] * 60
    messages: Any = [
        {
            "role": "user",
            "content": [prompt, *({"image": x, "resize": 768} for x in frames[0::51])],
        },
    ]
    params: Any = {"model": "gpt-4o", "messages": messages, "max_tokens": 500}
    result = client.chat.completions.create(**params)
    assert "Bluebird Bakery" in (result.choices[0].message.content or "")


def test_data_url_and_web_url_agree(client: openai.OpenAI, web: Web) -> None:
    def total(url: str) -> str | None:
        content: Any = [
            {"type": "text", "text": "What is the total?"},
            {"type": "image_url", "image_url": {"url": url}},
        ]
        reply = client.chat.completions.create(
            model="gpt-4-turbo", messages=[{"role": "user", "content": content}]
        )
        return reply.choices[0].message.content

    assert total(f"{web.url}/receipt.png") == total(data_url(sample("receipt")))

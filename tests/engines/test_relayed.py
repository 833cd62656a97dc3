"""Embeddings and moderations: an error that says what to use, or the server's that is behind."""

from __future__ import annotations

import json
from typing import Any

import openai
import pytest
import requests

from tests.engines.test_upstream import Reply, behind, standing
from tests.pictures import data_url, sample
from tests.waiting import PATIENCE_S

VECTORS = {
    "object": "list", "model": "nomic-embed",
    "data": [{"object": "embedding", "index": 0, "embedding": [0.25, -0.5]}],
    "usage": {"prompt_tokens": 3, "total_tokens": 3},
}  # fmt: skip
SCORES = {"id": "modr-1", "model": "omni", "results": [
    {"flagged": True, "categories": {"violence": True}, "category_scores": {"violence": 0.9},
     "category_applied_input_types": {"violence": ["text"]}}]}  # fmt: skip


def said(body: Any, status: int = 200) -> Reply:
    return status, "application/json", json.dumps(body).encode()


def test_without_a_server_behind_an_error_says_what_to_use(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="Embeddings are not made") as found:
        client.embeddings.create(model="text-embedding-3-small", input="Hello")
    assert "--embedding" in found.value.body["hint"]  # type: ignore[index]
    with pytest.raises(openai.NotFoundError, match="Moderations are not made") as found:
        client.moderations.create(input="Hello")
    assert "/v1/decisions" in found.value.body["hint"]  # type: ignore[index]


def test_the_server_behind_makes_embeddings() -> None:
    with (
        standing(replies=[said(VECTORS)]) as stand,
        behind(stand.url, upstream_key="own") as client,
    ):
        made = client.embeddings.create(
            model="nomic-embed", input=["Hello", "there"], encoding_format="float", dimensions=2
        )
        assert made.data[0].embedding == [0.25, -0.5]
        assert made.usage.prompt_tokens == 3
        assert stand.bodies == [
            {"model": "nomic-embed", "input": ["Hello", "there"], "encoding_format": "float",
             "dimensions": 2}
        ]  # fmt: skip
        assert stand.heads[0]["authorization"] == "Bearer own"


def test_the_server_behind_moderates() -> None:
    with standing(replies=[said(SCORES)]) as stand, behind(stand.url) as client:
        picture: Any = {"type": "image_url", "image_url": {"url": data_url(sample("receipt"))}}
        made = client.moderations.create(input=[{"type": "text", "text": "Hello"}, picture])
        assert made.results[0].flagged
        assert stand.bodies[0]["input"][1] == picture
        assert stand.bodies[0]["model"] == "omni-moderation-latest"
        # Nothing is fetched by whoever is behind: it may reach more than this server would.
        away: Any = {"type": "image_url", "image_url": {"url": "http://127.0.0.1:1/a.png"}}
        with pytest.raises(openai.BadRequestError, match="Pictures by URL") as found:
            client.moderations.create(input=[away])
        assert found.value.param == "input[0].image_url.url"
        assert len(stand.bodies) == 1


def test_one_model_is_named_for_all() -> None:
    with standing(replies=[said(VECTORS)]) as stand:
        with behind(stand.url, model="some-model") as client:
            client.embeddings.create(model="text-embedding-3-large", input="Hello")
        assert stand.bodies[0]["model"] == "some-model"


@pytest.mark.parametrize(
    ("reply", "status", "words"),
    [
        (said({"error": {"message": "canary"}}, 404), 404, "Embeddings are not made"),
        (said({"error": {"code": 501, "message": "canary"}}, 501), 404, "Embeddings are not made"),
        (said({"error": {"message": "canary", "param": "input"}}, 400), 400, "refused the request"),
        (said(["canary"]), 500, "not in the form"),
        (said({"data": "canary"}), 500, "not in the form"),
    ],
)
def test_its_failures_are_told_in_our_words(reply: Reply, status: int, words: str) -> None:
    with standing(replies=[reply]) as stand, behind(stand.url) as client:
        with pytest.raises(openai.APIStatusError) as found:
            client.embeddings.create(model="nomic-embed", input="Hello")
        assert found.value.status_code == status
        assert words in found.value.message
        assert "canary" not in found.value.response.text


def test_what_the_api_refuses_is_refused_before() -> None:
    bad: list[tuple[str, dict[str, Any], str, str]] = [
        ("embeddings", {"input": "x"}, "model", "missing_required_parameter"),
        ("embeddings", {"model": "m"}, "input", "missing_required_parameter"),
        ("embeddings", {"model": "m", "input": ""}, "input", "empty_string"),
        ("embeddings", {"model": "m", "input": []}, "input", "empty_array"),
        ("embeddings", {"model": "m", "input": [1.5]}, "input[0]", "invalid_type"),
        ("embeddings", {"model": "m", "input": [[]]}, "input[0]", "empty_array"),
        ("embeddings", {"model": "m", "input": "x", "dimensions": 0}, "dimensions",
         "integer_below_min_value"),
        ("embeddings", {"model": "m", "input": "x", "encoding_format": "hex"}, "encoding_format",
         "invalid_value"),
        ("embeddings", {"model": "m", "input": "x", "stream": True}, "stream", "unknown_parameter"),
        ("moderations", {}, "input", "missing_required_parameter"),
        ("moderations", {"input": [{"type": "image_url"}]}, "input[0].image_url",
         "missing_required_parameter"),
        ("moderations", {"input": [{"type": "text"}]}, "input[0].text",
         "missing_required_parameter"),
        ("moderations", {"input": [{"text": "x"}]}, "input[0].type", "missing_required_parameter"),
    ]  # fmt: skip
    with standing() as stand, behind(stand.url) as client:
        for path, body, param, code in bad:
            reply = requests.post(f"{client.base_url}{path}", json=body, timeout=PATIENCE_S)
            error = reply.json()["error"]
            assert (reply.status_code, error["param"], error["code"]) == (400, param, code), body
        assert not stand.bodies

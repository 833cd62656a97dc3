"""Responses that are made while nobody waits: polled, followed and cancelled by the real client."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import openai
import pytest
import requests

from tests.conftest import running
from tests.pictures import data_url, sample
from tests.waiting import PATIENCE_S, Slow, slow_model, until


@dataclass
class Place:
    """A server whose model answers when the test lets it, and the strict client."""

    client: openai.OpenAI
    url: str
    slow: Slow


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with (
        slow_model() as slow,
        running("--engine", "upstream", "--upstream-url", slow.url, "--model", "slow") as url,
        openai.OpenAI(
            base_url=url, api_key="x", max_retries=0, _strict_response_validation=True
        ) as client,
    ):
        yield Place(client, url, slow)


def ended(client: openai.OpenAI, id: str) -> Any:
    def over() -> Any:
        found = client.responses.retrieve(id)
        return None if found.status in ("queued", "in_progress") else found

    return until(over)


def test_it_is_begun_polled_and_followed(place: Place) -> None:
    made = place.client.responses.create(model="slow", input="one", background=True)
    assert made.status == "queued"
    assert made.background is True
    assert made.output == []
    place.slow.wait()
    until(lambda: place.client.responses.retrieve(made.id).status == "in_progress")
    with pytest.raises(openai.BadRequestError, match="still being made"):
        place.client.responses.create(model="slow", input="And?", previous_response_id=made.id)
    place.slow.let_go()
    done = ended(place.client, made.id)
    assert (done.status, done.output_text) == ("completed", "re: one")
    assert done.completed_at >= done.created_at
    assert place.client.responses.cancel(made.id).status == "completed"
    place.slow.let_go()
    after = place.client.responses.create(model="slow", input="two", previous_response_id=made.id)
    assert after.output_text == "re: two"
    place.slow.wait()


def test_it_is_cancelled(place: Place) -> None:
    made = place.client.responses.create(model="slow", input="cancel me", background=True)
    place.slow.wait()
    assert place.client.responses.cancel(made.id).status == "cancelled"
    assert place.client.responses.cancel(made.id).status == "cancelled"
    assert place.client.responses.retrieve(made.id).status == "cancelled"
    health = place.url.removesuffix("/v1") + "/healthz"
    until(lambda: requests.get(health, timeout=PATIENCE_S).json()["active"] == 0)
    place.slow.let_go()
    place.client.responses.delete(made.id)
    with pytest.raises(openai.NotFoundError):
        place.client.responses.retrieve(made.id)


def test_its_events_outlive_their_first_reader(place: Place) -> None:
    stream = place.client.responses.create(
        model="slow", input="three", background=True, stream=True
    )
    begun = [next(stream), next(stream)]
    assert [event.type for event in begun] == ["response.created", "response.queued"]
    id = begun[0].response.id  # type: ignore[union-attr]
    stream.close()
    place.slow.wait()
    place.slow.let_go()
    rest = list(place.client.responses.retrieve(id, stream=True, starting_after=1))
    assert [event.sequence_number for event in rest] == list(range(2, 2 + len(rest)))
    assert rest[0].type == "response.in_progress"
    last = rest[-1]
    assert last.type == "response.completed"
    assert last.response.output_text == "re: three"
    whole = list(place.client.responses.retrieve(id, stream=True))
    assert [event.type for event in whole[2:]] == [event.type for event in rest]


def test_what_fails_says_so(client: openai.OpenAI) -> None:
    broken = [
        {"type": "input_image", "image_url": data_url(b"\x89PNG\r\n\x1a\n"), "detail": "auto"}
    ]
    made = client.responses.create(
        model="gpt-4o",
        background=True,
        input=[{"role": "user", "content": broken}],  # type: ignore[list-item,misc]
    )
    done = ended(client, made.id)
    assert done.status == "failed"
    assert done.error.code in ("invalid_image_format", "image_parse_error", "invalid_image")


def test_it_knows_its_picture(client: openai.OpenAI) -> None:
    parts = [
        {"type": "input_text", "text": "What does it say?"},
        {"type": "input_image", "image_url": data_url(sample("sign")), "detail": "auto"},
    ]
    made = client.responses.create(
        model="gpt-4o",
        background=True,
        input=[{"role": "user", "content": parts}],  # type: ignore[list-item,misc]
    )
    assert ended(client, made.id).output_text == "MAPLE AVENUE\nCity Hospital 3 km"


def test_it_has_to_be_kept(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="requires 'store'"):
        client.responses.create(model="gpt-4o", input="Hello", background=True, store=False)
    made = client.responses.create(model="gpt-4o", input="Hello")
    with pytest.raises(openai.BadRequestError, match="Cannot cancel a synchronous response"):
        client.responses.cancel(made.id)


def test_without_retention_there_is_none() -> None:
    with running("--zero-retention") as url:
        body = {"model": "gpt-4o", "input": "Hello", "background": True}
        told = requests.post(f"{url}/responses", json=body, timeout=PATIENCE_S)
        assert told.status_code == 400
        assert told.json()["error"]["param"] == "background"
        told = requests.post(f"{url}/conversations", json={}, timeout=PATIENCE_S)
        assert told.status_code == 400

"""The model list, single models, health."""

from __future__ import annotations

from datetime import date

import openai
import pytest
import requests

from tests.waiting import PATIENCE_S


def test_list(client: openai.OpenAI) -> None:
    models = list(client.models.list())
    ids = [model.id for model in models]
    assert ids[:2] == ["sightline-nano", "sightline-reader"]
    assert {"gpt-4-vision-preview", "gpt-4o", "gpt-4.1-nano", "o3", "gpt-5", "gpt-6-astra"} <= {
        *ids
    }
    assert all(m.object == "model" and m.owned_by and m.created > 0 for m in models)


@pytest.mark.parametrize(
    "id",
    ["sightline-reader", "gpt-4o", "gpt-4o-2024-11-20", "gpt-4-1106-vision-preview", "o4-mini",
     "gpt-4.1-2025-04-14", "gpt-5.6-terra", "gpt-6-astra-2026-09-01", "ft:gpt-4o-2024-08-06:org::id"],
)  # fmt: skip
def test_retrieve(client: openai.OpenAI, id: str) -> None:
    assert client.models.retrieve(id).id == id


@pytest.mark.parametrize(
    ("id", "day"),
    [
        ("gpt-4-vision-preview", "2024-12-06"),
        ("gpt-4-1106-vision-preview", "2024-12-06"),
        ("gpt-4-turbo", "2026-10-23"),
        ("gpt-4o", "2027-01-14"),
        ("gpt-4o-2024-08-06", "2027-01-14"),
        ("gpt-4o-2024-05-13", "2026-10-23"),
        ("gpt-4o-mini", "2027-01-14"),
        ("gpt-4.1", "2027-01-14"),
        ("gpt-4.1-mini", "2027-01-14"),
        ("o3-2025-04-16", "2026-12-11"),  # known, but not listed
        # OpenAI told no day for these.
        ("gpt-4.5-preview-2025-02-27", None),
        ("gpt-4o-2031-01-01", None),
        ("gpt-5.5", None),
        ("gpt-6-astra", None),
        ("sightline-reader", None),
        ("sightline-nano", None),
    ],
)
def test_the_day_on_which_openai_ends_a_model(
    client: openai.OpenAI, id: str, day: str | None
) -> None:
    assert client.models.retrieve(id).shutdown_date == day
    listed = {model.id: model.shutdown_date for model in client.models.list()}
    assert listed.get(id, day) == day


def test_the_list_tells_each_day_as_a_date(client: openai.OpenAI) -> None:
    days = [model.shutdown_date for model in client.models.list()]
    assert len([day for day in days if day is not None and date.fromisoformat(day)]) > 40


@pytest.mark.parametrize("id", ["gpt-99", "org/model:x", "tts-1", "gpt-4o-mini-tts", "gpt-image-1"])
def test_unknown(client: openai.OpenAI, id: str) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        client.models.retrieve(id)
    assert caught.value.code == "model_not_found"
    assert f"`{id}`" in caught.value.message  # percent-decoded


def test_health(base_url: str) -> None:
    response = requests.get(base_url.removesuffix("/v1") + "/healthz", timeout=PATIENCE_S)
    assert response.status_code == 200
    assert response.json()["status"] == "ok"

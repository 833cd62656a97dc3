"""Where answers stand on the pages: through the official client, as boxes in pixels as sent."""

from __future__ import annotations

import io
import json
from typing import Any

import openai
from PIL import Image

from tests.pictures import bill, data_url, encoded, sample, written


def evidence(
    client: openai.OpenAI, question: str, *pictures: bytes, **more: Any
) -> tuple[str, list[Any]]:
    content: list[Any] = [{"type": "text", "text": question}]
    content += [{"type": "image_url", "image_url": {"url": data_url(p)}} for p in pictures]
    reply = client.chat.completions.create(
        model="gpt-4o", messages=[{"role": "user", "content": content}],
        extra_body={"sightline": {"include": ["evidence"]}}, **more,
    )  # fmt: skip
    assert reply.usage is not None
    own = (reply.usage.model_extra or {})["sightline"]
    return reply.choices[0].message.content or "", own["evidence"]


def test_an_answer_tells_where_it_stands(client: openai.OpenAI) -> None:
    said, told = evidence(client, "What is the total?", sample("receipt"))
    assert said == "The total is $16.20."
    (amount,) = (one for one in told if one["text"] == "$16.20")
    assert amount["value"] == "$16.20"
    assert amount["param"] == "messages[0].content[1].image_url.url"
    x0, y0, x1, y1 = amount["box"]
    assert 340 < x0 < x1 < 520
    assert 540 < y0 < y1 < 630
    assert 0.8 < amount["confidence"] <= 1


def test_json_values_tell_where_they_stand(client: openai.OpenAI) -> None:
    schema = {
        "type": "object", "additionalProperties": False,
        "required": ["total", "date", "cashier", "tip"],
        "properties": {
            "total": {"type": ["number", "null"]}, "cashier": {"type": ["string", "null"]},
            "date": {"type": ["string", "null"], "format": "date"}, "tip": {"type": ["number", "null"]},
        },
    }  # fmt: skip
    said, told = evidence(
        client, "Read it.", sample("receipt"),
        response_format={"type": "json_schema", "json_schema": {"name": "r", "schema": schema}},
    )  # fmt: skip
    paths = {one["path"]: one for one in told}
    assert json.loads(said)["total"] == 16.2
    assert paths["$.total"]["text"] == "$16.20"
    assert paths["$.total"]["value"] == 16.2
    assert paths["$.date"]["text"] == "2026-03-14"
    assert "$.tip" not in paths


def test_each_picture_has_its_own_evidence(client: openai.OpenAI) -> None:
    _, told = evidence(client, "What does it say?", sample("sign"), sample("receipt"))
    assert {one["param"] for one in told} == {
        f"messages[0].content[{at}].image_url.url" for at in (1, 2)
    }


def test_what_is_not_printed_has_no_evidence(client: openai.OpenAI) -> None:
    _, told = evidence(client, "Is there a cat?", encoded(Image.new("RGB", (200, 200), "teal")))
    assert told == []


def test_evidence_of_a_page_that_lies_upside_down_is_told_as_it_was_sent(
    client: openai.OpenAI,
) -> None:
    turned = Image.open(io.BytesIO(sample("receipt"))).rotate(180)
    said, told = evidence(client, "What is the total?", encoded(turned.convert("RGB")))
    assert said == "The total is $16.20."
    (amount,) = (one for one in told if one["text"] == "$16.20")
    x0, y0, x1, y1 = amount["box"]
    assert 0 < x0 < x1 < 180
    assert 130 < y0 < y1 < 220


def test_what_one_picture_declines_is_looked_for_in_none(client: openai.OpenAI) -> None:
    """Words of the sentence that says so may be printed, there or in another picture."""
    notice = encoded(written("The text in the picture", "does not tell me that", "for sure"))
    said, told = evidence(client, "What is the total?", bill(), notice, sample("receipt"))
    assert "does not tell" in said
    assert {one["param"] for one in told} == {
        f"messages[0].content[{at}].image_url.url" for at in (1, 3)
    }
    assert not any("tell" in one["text"] or "sure" in one["text"] for one in told)


def test_our_own_words_are_no_quotations(client: openai.OpenAI) -> None:
    page = encoded(written("THE TOTAL IS DUE", "BY FRIDAY", "Total: 16.50"))
    said, told = evidence(client, "What is the total?", page)
    assert said == "The total is 16.50."
    assert [one["text"] for one in told] == ["16.50"]


def test_pictures_that_say_the_same_have_evidence_each(client: openai.OpenAI) -> None:
    receipt = Image.open(io.BytesIO(sample("receipt"))).convert("RGB")
    larger = receipt.resize((2 * receipt.width, 2 * receipt.height))
    for other, scale in ((sample("receipt"), 1), (encoded(larger), 2)):
        said, told = evidence(client, "What is the total?", sample("receipt"), other)
        assert said == "For all 2 pictures: The total is $16.20."
        first, second = told
        for at, one in enumerate((first, second), 1):
            assert one["text"] == "$16.20"
            assert one["param"] == f"messages[0].content[{at}].image_url.url"
        assert abs(second["box"][0] - scale * first["box"][0]) < 12

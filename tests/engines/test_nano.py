"""The model that comes with the package: it sees, offline, right after the install."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from PIL import Image, ImageDraw

from sightline.models.store import SHIPPED
from tests.commands import typed
from tests.conftest import running
from tests.pictures import data_url, encoded, sample
from tests.waiting import PATIENCE_S

Shapes = tuple[tuple[str, tuple[int, int, int, int], tuple[int, int, int]], ...]
CIRCLE: Shapes = (("ellipse", (70, 60, 190, 180), (214, 40, 40)),)
SQUARES: Shapes = tuple(
    ("rectangle", (x, y, x + 50, y + 50), (45, 160, 65))
    for x, y in ((20, 20), (150, 30), (90, 160))
)


@pytest.fixture(scope="module")
def nano() -> Iterator[openai.OpenAI]:
    with (
        running("--engine", "llamacpp", "--model", "nano", "--replicas", "1") as url,
        openai.OpenAI(base_url=url, api_key="one", max_retries=0, timeout=PATIENCE_S) as made,
    ):
        yield made


def drawn(shapes: Shapes) -> str:
    image = Image.new("RGB", (256, 256), "white")
    for kind, box, colour in shapes:
        getattr(ImageDraw.Draw(image), kind)(box, fill=colour)
    return data_url(encoded(image))


def asked(client: openai.OpenAI, question: str, shapes: Shapes, **more: Any) -> str:
    content: list[Any] = [
        {"type": "image_url", "image_url": {"url": drawn(shapes)}},
        {"type": "text", "text": question},
    ]
    messages: list[Any] = [{"role": "user", "content": content}]
    reply = client.chat.completions.create(
        model="gpt-4o", messages=messages, temperature=0, max_tokens=60, **more
    )
    return reply.choices[0].message.content or ""


@pytest.mark.parametrize(
    ("question", "shapes", "answer"),
    [
        ("What is this?", CIRCLE, "A red circle."),
        ("What color is the circle?", CIRCLE, "Red."),
        ("Where is the circle?", CIRCLE, "Center."),
        ("How many things are there?", CIRCLE, "1"),
        ("How many squares are there?", SQUARES, "3"),
        ("What color is the background?", SQUARES, "White."),
    ],
)
def test_it_sees(nano: openai.OpenAI, question: str, shapes: Shapes, answer: str) -> None:
    assert asked(nano, question, shapes) == answer


def test_it_follows_a_schema(nano: openai.OpenAI) -> None:
    schema = {
        "type": "object",
        "properties": {"object": {"type": "string"}, "count": {"type": "integer"}},
        "required": ["object", "count"],
        "additionalProperties": False,
    }
    form = {"type": "json_schema", "json_schema": {"name": "x", "strict": True, "schema": schema}}
    told = json.loads(asked(nano, "Describe the picture.", CIRCLE, response_format=form))
    assert set(told) == {"object", "count"}


def test_it_is_small_and_told_about() -> None:
    files = [SHIPPED / "model.gguf", SHIPPED / "mmproj.gguf"]
    assert sum(file.stat().st_size for file in files) <= 20_000_000
    listed = json.loads(typed("models", "--json").stdout)["catalogue"]
    assert listed[0]["name"] == "nano"
    assert listed[0]["installed"]
    assert listed[0]["fits"]
    for words in (("pull", "nano"), ("rm", "nano")):
        done = typed(*words)
        assert done.returncode == 2
        assert "nano" in done.stderr
    half = typed("models", str(files[1]), "--json")
    assert json.loads(half.stdout)["files"][0]["half"] == "vision"


def told(client: openai.OpenAI, question: str, *urls: str, **more: Any) -> str:
    reply = client.chat.completions.create(model="gpt-4o", messages=asking(question, *urls), **more)
    return reply.choices[0].message.content or ""


def asking(question: str, *urls: str) -> list[Any]:
    content: list[Any] = [{"type": "image_url", "image_url": {"url": url}} for url in urls]
    return [{"role": "user", "content": [*content, {"type": "text", "text": question}]}]


def test_the_default_sees_what_is_drawn(client: openai.OpenAI) -> None:
    circle = drawn(CIRCLE)
    assert told(client, "What is this?", circle) == "A red circle."
    assert told(client, "What color is the circle?", circle) == "The circle is red."
    assert "red circle" in told(client, "What shape is red?", circle)
    assert "".join(
        chunk.choices[0].delta.content or ""
        for chunk in client.chat.completions.create(
            model="sightline-nano", stream=True,
            messages=[{"role": "user", "content": [
                {"type": "image_url", "image_url": {"url": circle}},
                {"type": "text", "text": "What is this?"},
            ]}],
        )
    ) == "A red circle."  # fmt: skip


def test_the_default_asks_the_model_only_what_it_was_measured_to_know(
    client: openai.OpenAI, nano: openai.OpenAI
) -> None:
    """On wide stripes no outline can be measured."""
    stripes: Shapes = tuple(
        ("rectangle", (x, 0, x + 23, 255), (216, 216, 216)) for x in range(0, 256, 48)
    )
    circle = drawn((*stripes, *CIRCLE))
    assert told(client, "What color is the circle?", circle) == "Red."
    for question, guess in {
        "What is this?": "A red circle.",
        "How many circles are there?": "1",
        "Is there a cat?": "No.",
        "What color is the cat?": "There is no cat.",
        "What color is the square?": "Red.",  # which it is not sure of: there is none
    }.items():
        assert told(nano, question, circle) == guess
        reply = client.chat.completions.create(model="gpt-4o", messages=asking(question, circle))
        said = reply.choices[0].message.content or ""
        assert said != guess
        assert reply.usage is not None
        note = (reply.usage.model_extra or {})["sightline"]["note"]
        assert note not in said
        assert "`sightline pull`" in note


def test_the_default_measures_where_it_can(client: openai.OpenAI) -> None:
    circle = drawn(CIRCLE)
    assert told(client, "What is the total?", data_url(sample("receipt"))) == "The total is $16.20."
    assert "256 × 256" in told(client, "How large is the picture?", circle)
    assert "measured" in told(client, "What color is the background?", circle)
    assert "pixel for pixel" in told(client, "What is the difference?", circle, circle)


def test_the_default_does_not_guess_at_photographs(client: openai.OpenAI) -> None:
    data = pytest.importorskip("skimage.data")
    for name, thing in (("chelsea", "cat"), ("coffee", "cup")):
        photograph = data_url(encoded(Image.fromarray(getattr(data, name)())))
        assert f"A {thing}" in told(client, "What is this?", photograph)


def test_the_default_is_named(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()][:2] == [
        "sightline-nano",
        "sightline-reader",
    ]
    content: list[Any] = [
        {"type": "image_url", "image_url": {"url": drawn(CIRCLE)}},
        {"type": "text", "text": "What is this?"},
    ]
    by_reader = client.chat.completions.create(
        model="sightline-reader", messages=[{"role": "user", "content": content}]
    )
    assert by_reader.choices[0].message.content == "A red circle."

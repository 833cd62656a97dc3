"""Detail levels through the door: what the engine gets, what it costs, what does not fit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import openai
import pytest
from PIL import Image, ImageDraw, ImageFont

from tests.conftest import running
from tests.pictures import asking, encoded, part


@pytest.fixture(scope="module")
def mirror() -> Iterator[openai.OpenAI]:
    with (
        running("--engine", "mirror", "--views", "tiles") as url,
        openai.OpenAI(base_url=url, api_key="test", max_retries=0) as made,
    ):
        yield made


@pytest.fixture(scope="module")
def whole() -> Iterator[openai.OpenAI]:
    with (
        running("--engine", "mirror", "--lower-detail") as url,
        openai.OpenAI(base_url=url, api_key="test", max_retries=0) as made,
    ):
        yield made


def blank(width: int, height: int) -> bytes:
    return encoded(Image.new("1", (width, height), 1))


def content(*parts: dict[str, Any], role: str = "user") -> list[Any]:
    return [{"role": role, "content": list(parts)}]


def small_print() -> bytes:
    """A page of 1500 × 1000 pixels with a line in letters of 11 pixels."""
    page = Image.new("RGB", (1500, 1000), "white")
    draw = ImageDraw.Draw(page)
    draw.text((60, 60), "TERMS OF THE OFFER", fill="black", font=ImageFont.load_default(64))
    draw.text((60, 500), "Phone: 555 0142 7733", fill="black", font=ImageFont.load_default(11))
    return encoded(page)


@pytest.mark.parametrize("model", ["gpt-4o", "gpt-5.5"])
def test_small_print_is_read_at_high_and_not_at_low(client: openai.OpenAI, model: str) -> None:
    said = {}
    for detail in ("high", "low"):
        parts = [{"type": "text", "text": "What is the phone number?"}]
        parts.append(part(small_print(), detail=detail))
        answer = client.chat.completions.create(model=model, messages=content(*parts))
        said[detail] = answer.choices[0].message.content or ""
    assert "555 0142 7733" in said["high"]
    assert "7733" not in said["low"]


@pytest.mark.parametrize(
    ("model", "size", "detail", "views"),
    [
        ("gpt-4o", (2048, 4096), "high",
         ["256x512", "512x512", "256x512", "512x512", "256x512", "512x512", "256x512"]),
        ("gpt-4o", (1024, 1024), "auto", ["512x512", "512x512", "256x512", "512x256", "256x256"]),
        ("gpt-4o", (1024, 1024), None, ["512x512", "512x512", "256x512", "512x256", "256x256"]),
        ("gpt-4o", (1024, 2048), "low", ["256x512"]),
        ("gpt-4o", (300, 200), "high", ["300x200"]),
        ("gpt-4o", (1, 1), "high", ["1x1"]),
        ("gpt-5.4", (4096, 4096), "high", ["1600x1600"]),
        ("gpt-5.5", (4096, 4096), "low", ["512x512"]),
        ("gpt-5.5", (4096, 3000), "original", ["3712x2718"]),
        ("gpt-5.6-sol", (4096, 3000), "auto", ["4096x3000"]),
    ],
)  # fmt: skip
def test_views(
    mirror: openai.OpenAI, model: str, size: tuple[int, int], detail: str | None, views: list[str]
) -> None:
    answer = mirror.chat.completions.create(
        model=model, messages=content(part(blank(*size), detail=detail))
    )
    shown = answer.choices[0].message.content or ""
    assert f"[picture {', '.join(views)} at detail {detail or 'auto'}]" in shown


def test_an_engine_that_sees_wholes_gets_the_sized_picture(whole: openai.OpenAI) -> None:
    answer = whole.chat.completions.create(
        model="gpt-4-turbo", messages=content(part(blank(2048, 4096), detail="high"))
    )
    assert "[picture 768x1536 at detail high]" in (answer.choices[0].message.content or "")


def test_several_pictures_are_labelled_in_order(mirror: openai.OpenAI) -> None:
    text = {"type": "text", "text": "between"}
    call = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    messages: list[Any] = [
        {"role": "system", "content": [part(blank(10, 10))]},
        {"role": "user", "content": [part(blank(20, 10)), text, part(blank(30, 10))]},
        {"role": "assistant", "content": [part(blank(40, 10))], "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": [part(blank(50, 10))]},
        {"role": "developer", "content": [part(blank(60, 10))]},
    ]
    answer = mirror.chat.completions.create(model="gpt-4o", messages=messages)
    assert (answer.choices[0].message.content or "").splitlines() == [
        "system: Image 1:",
        "system: [picture 10x10 at detail auto]",
        "user: Image 2:",
        "user: [picture 20x10 at detail auto]",
        "user: between",
        "user: Image 3:",
        "user: [picture 30x10 at detail auto]",
        "assistant: Image 4:",
        "assistant: [picture 40x10 at detail auto]",
        "tool: Image 5:",
        "tool: [picture 50x10 at detail auto]",
        "developer: Image 6:",
        "developer: [picture 60x10 at detail auto]",
    ]


def test_one_picture_is_not_labelled(mirror: openai.OpenAI) -> None:
    answer = mirror.chat.completions.create(model="gpt-4o", messages=asking("What?", blank(10, 10)))
    assert "Image 1" not in (answer.choices[0].message.content or "")


def test_usage_tells_the_profile_and_the_engine_apart(mirror: openai.OpenAI) -> None:
    answer = mirror.chat.completions.create(
        model="gpt-4o",
        messages=content({"type": "text", "text": "abcdefgh"}, part(blank(1024, 1024))),
    )
    usage = answer.usage
    assert usage is not None
    assert usage.prompt_tokens == 3 + 4 + 2 + 765
    assert usage.prompt_tokens_details is not None
    assert getattr(usage.prompt_tokens_details, "image_tokens") == 765  # noqa: B009
    own = usage.model_extra["sightline"] if usage.model_extra else {}
    assert own["engine"] == "mirror"
    assert own["prompt_tokens"] == 2
    assert own["image_tokens"] == 0
    assert own["images"] == [
        {"param": "messages[0].content[1].image_url.url", "detail": "auto", "size": [1024, 1024],
         "seen": [768, 768], "tokens": 765, "tiles": [2, 2]}
    ]  # fmt: skip


def test_resize_shrinks_before_the_formula(mirror: openai.OpenAI) -> None:
    import base64

    bare = {"image": base64.b64encode(blank(2000, 1000)).decode(), "resize": 768}
    answer = mirror.chat.completions.create(model="gpt-4o", messages=content(bare))
    assert "512x256, 512x384, 256x384" in (answer.choices[0].message.content or "")
    assert answer.usage is not None
    assert answer.usage.prompt_tokens == 7 + 425


def test_more_patches_than_the_api_takes_are_refused(mirror: openai.OpenAI) -> None:
    for size, taken in (((6400, 4800), True), ((6432, 4800), False)):
        asked: dict[str, Any] = {
            "model": "gpt-5.6-sol",
            "messages": content(part(blank(*size), detail="original")),
        }
        if taken:
            assert mirror.chat.completions.create(**asked).choices[0].message.content
            continue
        with pytest.raises(openai.BadRequestError) as caught:
            mirror.chat.completions.create(**asked)
        assert caught.value.param == "messages[0].content[0].image_url.url"
        assert caught.value.code == "image_too_large"


def test_context_is_checked_before_work_starts(mirror: openai.OpenAI, whole: openai.OpenAI) -> None:
    # gpt-4-turbo has 128,000 tokens of context; 170 pictures at 765 do not fit.
    asked: dict[str, Any] = {
        "model": "gpt-4-turbo",
        "messages": content(*[part(blank(768, 768), detail="high")] * 170),
    }
    with pytest.raises(openai.BadRequestError) as caught:
        mirror.chat.completions.create(**asked)
    assert caught.value.code == "context_length_exceeded"
    assert caught.value.param == "messages"
    assert caught.value.message.startswith(
        "Error code: 400 - This model's maximum context length is 128000 tokens. However, your "
        "messages resulted in 130057 tokens. Please reduce the length of the messages."
    ) or "130057 tokens" in str(caught.value)
    raw = whole.chat.completions.with_raw_response.create(**asked)
    assert raw.headers["x-sightline-lowered-images"] == "4"
    answer = raw.parse()
    usage = answer.usage
    assert usage is not None
    assert usage.prompt_tokens <= 128_000
    seen = (usage.model_extra or {})["sightline"]["images"]
    lowered = [image for image in seen if image.get("lowered")]
    assert len(lowered) == 4
    assert all(image["detail"] == "low" and image["tokens"] == 85 for image in lowered)
    assert (answer.choices[0].message.content or "").count("at detail low") == 4


def test_prompt_and_completion_share_the_context(mirror: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        mirror.chat.completions.create(
            model="gpt-4-turbo",
            max_tokens=4096,
            messages=content(*[part(blank(768, 768), detail="high")] * 164),
        )
    assert "4096 in the completion" in str(caught.value)


def test_an_answer_may_not_be_longer_than_the_model_can(mirror: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        mirror.chat.completions.create(
            model="gpt-4-vision-preview", max_tokens=4738, messages=asking("Hi")
        )
    assert (
        "max_tokens is too large: 4738. This model supports at most 4096 completion tokens, "
        "whereas you provided 4738." in str(caught.value)
    )
    assert caught.value.param == "max_tokens"

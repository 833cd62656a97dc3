"""Every shape in which clients have sent pictures; the mirror says whether it arrived."""

from __future__ import annotations

import base64
import urllib.parse
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from PIL import Image

from tests.conftest import Web, running
from tests.pictures import data_url, encoded
from tests.waiting import PATIENCE_S

PICTURE = encoded(Image.new("RGB", (64, 48), "teal"))
PLAIN = base64.b64encode(PICTURE).decode()
URL = data_url(PICTURE)


@pytest.fixture(scope="module")
def mirror() -> Iterator[str]:
    with running("--engine", "mirror", "--allow-private-urls") as url:
        yield url


def ask(base: str, content: Any, **message: Any) -> requests.Response:
    messages = [{"role": "user", "content": content, **message}]
    body = {"model": "gpt-4o", "messages": messages}
    return requests.post(f"{base}/chat/completions", json=body, timeout=PATIENCE_S)


def image_url(**inner: Any) -> dict[str, Any]:
    return {"type": "image_url", "image_url": inner}


@pytest.mark.parametrize(
    "part",
    [
        image_url(url=URL),
        image_url(url=URL, detail="auto"),
        image_url(url=URL, detail="low"),
        image_url(url=URL, detail="high"),
        image_url(url=URL, detail="original"),
        image_url(url=URL, detail=None),
        image_url(url=URL, detail="low", resize=768),
        image_url(url=URL, mime_type="image/png", anything={"else": [1, 2]}),
        {"type": "image_url", "image_url": URL},
        {"type": "image_url", "image_url": URL, "detail": "low"},
        {"type": "image_url", "image_url": {"url": URL}, "prompt_cache_breakpoint": {"ttl": "30m"}},
        {"type": "input_image", "image_url": URL},
        {"type": "input_image", "image_url": URL, "detail": "high"},
        {"image": PLAIN},
        {"image": PLAIN, "resize": 768},
        {"image": PLAIN, "resize": None},
        {"image": PLAIN, "resize": "large"},
        {"image": URL, "resize": 768},
        image_url(url=f"\n  {URL}"),
        {"type": "image_url", "image_url": f" \t{URL}"},
        {"type": "input_image", "image_url": f"\r\n{URL}"},
        {"image": f"\n{URL}"},
        image_url(url=URL.replace("image/png", "image/jpg")),
        image_url(url=URL.replace("image/png;", "image/png;charset=utf-8;")),
        image_url(url=URL.replace("image/png;", "IMAGE/PNG;Charset=UTF-8;name=a.png;")),
        image_url(url="data:image/png;base64," + urllib.parse.quote(PLAIN, safe="")),
        image_url(url="data:image/png;base64," + PLAIN.replace("+", "-").replace("/", "_")),
        image_url(url="data:image/png;base64," + base64.encodebytes(PICTURE).decode()),
        image_url(url="data:image/png;base64," + PLAIN.rstrip("=")),
    ],
    ids=str,
)
def test_shapes_of_parts(mirror: str, part: dict[str, Any]) -> None:
    reply = ask(mirror, ["Look:", part, {"type": "text", "text": "What is it?"}])
    assert reply.status_code == 200, reply.text
    said = reply.json()["choices"][0]["message"]["content"].splitlines()
    assert said[0] == "user: Look:"
    assert said[1].startswith("user: [picture 64x48 at detail ")
    assert said[2] == "user: What is it?"


def test_by_url(mirror: str, web: Web) -> None:
    url = web.page("/shape", PICTURE, content_type="text/plain")  # the bytes decide, not the label
    for part in (image_url(url=url), {"type": "image_url", "image_url": url}, {"image": url}):
        assert "64x48" in ask(mirror, [part]).json()["choices"][0]["message"]["content"]


def test_the_cookbook_resize_only_shrinks(mirror: str) -> None:
    large = base64.b64encode(encoded(Image.new("RGB", (1000, 500)))).decode()
    for size, seen in ((100, "100x50"), (5000, "1000x500"), (0, "1000x500"), (-3, "1000x500")):
        reply = ask(mirror, [{"image": large, "resize": size}])
        assert seen in reply.json()["choices"][0]["message"]["content"]


def test_keys_beside_the_content_are_ignored(mirror: str) -> None:
    assert ask(mirror, "Hello", image=PLAIN, resize=768).status_code == 200


@pytest.mark.parametrize(
    ("part", "param", "code"),
    [
        ({"type": "image_url"}, "messages[0].content[0].image_url", "missing_required_parameter"),
        (image_url(), "messages[0].content[0].image_url.url", "missing_required_parameter"),
        (image_url(url=7), "messages[0].content[0].image_url.url", "invalid_type"),
        (
            image_url(url=URL, detail="ultra"),
            "messages[0].content[0].image_url.detail",
            "invalid_value",
        ),
        ({"type": "image_url", "image_url": 7}, "messages[0].content[0].image_url", "invalid_type"),
        ({"image": 7}, "messages[0].content[0].image", "invalid_type"),
        ({}, "messages[0].content[0].type", "missing_required_parameter"),
        ({"type": "picture"}, "messages[0].content[0]", "invalid_value"),
    ],
)
def test_shapes_that_are_none(mirror: str, part: dict[str, Any], param: str, code: str) -> None:
    error = ask(mirror, [part]).json()["error"]
    assert (error["param"], error["code"]) == (param, code)

"""A picture that is asked about again: known from a moment ago to who sent it, and to nobody else."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest
import requests

from tests.conftest import running
from tests.server.test_keys import added
from tests.waiting import PATIENCE_S, free_port

SAMPLES = Path(__file__).parents[2] / "samples"
ASKED = {
    "receipt.png": ("What is the total?", "What is the phone number?"),
    "coffee.jpg": ("What is in this picture?", "Is there a cup?"),
}


def ask(url: str, name: str, words: str, key: str = "one", **more: object) -> str:
    """Ask about a sample, as any program does."""
    data = base64.b64encode((SAMPLES / name).read_bytes()).decode()
    kind = "png" if name.endswith("png") else "jpeg"
    shown = {"url": f"data:image/{kind};base64,{data}", "detail": "high", **more}
    content = [{"type": "text", "text": words}, {"type": "image_url", "image_url": shown}]
    with openai.OpenAI(base_url=url, api_key=key, max_retries=0) as client:
        reply = client.chat.completions.create(
            model="sightline-reader",
            messages=[{"role": "user", "content": content}],  # type: ignore[misc, list-item]
        )
    return str(reply.choices[0].message.content)


def perceived(root: str) -> tuple[int, int]:
    """Say how many pictures were looked at, and how many were known."""
    page = requests.get(f"{root.removesuffix('/v1')}/metrics", timeout=PATIENCE_S).text
    told = dict(re.findall(r'^sightline_perceived_total\{source="(\w+)"\} (\S+)', page, re.M))
    return int(float(told.get("pixels", 0))), int(float(told.get("memory", 0)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(scope="module")
def keys(folder: Path) -> tuple[str, str]:
    return added(folder, "alice"), added(folder, "bob")


@pytest.fixture
def served(folder: Path, keys: tuple[str, str]) -> Iterator[tuple[str, str]]:
    """A server that needs keys: its base URL, and where its metrics are."""
    told = ("--keys", "required", "--keys-file", str(folder / "keys.sqlite"))
    with (
        free_port() as port,
        running("--engine", "reader", *told, "--admin-port", str(port)) as made,
    ):
        yield made, f"http://127.0.0.1:{port}"


@pytest.mark.parametrize("name", ASKED)
def test_a_picture_asked_about_again_is_known_and_answered_alike(
    served: tuple[str, str], keys: tuple[str, str], name: str
) -> None:
    url, root = served
    alice, _ = keys
    first = [ask(url, name, words, alice) for words in ASKED[name]]
    assert perceived(root) == (1, 1)
    again = [ask(url, name, words, alice) for words in ASKED[name]]
    assert perceived(root) == (1, 3)
    assert again == first


def test_one_keys_pictures_are_unknown_to_another(
    served: tuple[str, str], keys: tuple[str, str]
) -> None:
    url, root = served
    alice, bob = keys
    said = ask(url, "sign.png", "What does it say?", alice)
    assert ask(url, "sign.png", "What does it say?", bob) == said
    assert perceived(root) == (2, 0)
    assert ask(url, "sign.png", "What does it say?", bob) == said
    assert perceived(root) == (2, 1)


def test_a_picture_is_another_at_another_level_of_detail(
    served: tuple[str, str], keys: tuple[str, str]
) -> None:
    url, root = served
    alice, _ = keys
    for detail in ("high", "low", "low"):
        ask(url, "coffee.jpg", "Is there a cup?", alice, detail=detail)
    assert perceived(root) == (2, 1)


@pytest.mark.parametrize(
    "flags",
    [("--zero-retention",), ("--seen-keep-s", "0"), ("--max-seen-bytes", "0")],
    ids=lambda flags: flags[0],
)
def test_nothing_is_known_where_nothing_may_be_kept(flags: tuple[str, ...]) -> None:
    with running("--engine", "reader", *flags) as url:
        said = [ask(url, "sign.png", "What does it say?") for _ in range(2)]
        assert said[0] == said[1]
        assert perceived(url)[1] == 0


def test_no_more_is_kept_than_there_is_room_for() -> None:
    with running("--engine", "reader", "--max-seen-bytes", "1000") as url:
        for _ in range(2):
            ask(url, "receipt.png", "What is the total?")
        assert perceived(url) == (2, 0)

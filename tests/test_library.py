"""`sightline.ask` from a program."""

from __future__ import annotations

import asyncio
import base64

import pytest

import sightline
from sightline.errors import ImageError, UpstreamError, UsageError
from tests.conftest import Web
from tests.pictures import SAMPLES, data_url, sample
from tests.starting import python

RECEIPT = base64.b64encode(sample("receipt")).decode()


def test_the_style_of_2023(web: Web) -> None:
    said = sightline.ask(
        "What does image 2 say?",
        img_url=[f"{web.url}/receipt.png"],
        img_b64=[base64.b64encode(sample("sign")).decode()],
        detail="high",
    )
    assert "MAPLE AVENUE" in said
    assert "16.20" not in said


def test_one_picture_needs_no_list(web: Web) -> None:
    assert "16.20" in sightline.ask("What is the total?", f"{web.url}/receipt.png")
    assert "16.20" in sightline.ask("What is the total?", img_b64=RECEIPT)
    assert "16.20" in sightline.ask(
        "What is the total?", img_b64="\n " + data_url(sample("receipt"))
    )
    assert "16.20" in sightline.ask("What is the total?", img_path=SAMPLES / "receipt.png")


def test_inside_a_running_loop() -> None:
    async def run() -> str:
        return sightline.ask("What is the total?", img_b64=RECEIPT)

    assert "16.20" in asyncio.run(run())


def test_other_servers(base_url: str) -> None:
    said = sightline.ask("What is the total?", img_b64=RECEIPT, base_url=base_url, model="gpt-4o")
    assert "16.20" in said
    with pytest.raises(UpstreamError, match="404"):
        sightline.ask("?", base_url=base_url, model="no-such-model")
    with pytest.raises(UpstreamError, match="cannot be reached"):
        sightline.ask("?", base_url="http://127.0.0.1:9/v1", model="gpt-4o")
    with pytest.raises(UsageError, match="Name the model"):
        sightline.ask("?", base_url=base_url)


def test_errors_name_the_picture() -> None:
    with pytest.raises(ImageError) as caught:
        sightline.ask("?", img_b64=[RECEIPT, "AAAA"])
    assert caught.value.param == "messages[0].content[2].image_url.url"
    with pytest.raises(UsageError, match="cannot be read"):
        sightline.ask("?", img_path="no-such-file.png")


def test_importing_is_light() -> None:

    code = "import sys, sightline; sys.exit(bool({'numpy', 'PIL', 'asyncio'} & set(sys.modules)))"
    assert python(code).returncode == 0

"""Data URLs in the forms that clients write them."""

from __future__ import annotations

import base64

import pytest

from sightline.errors import ImageError
from sightline.media.data_url import from_data_url

DATA = bytes(range(256))
PLAIN = base64.b64encode(DATA).decode()


@pytest.mark.parametrize(
    "url",
    [
        f"data:image/png;base64,{PLAIN}",
        f"DATA:IMAGE/PNG;BASE64,{PLAIN}",
        f"data:image/png;charset=utf-8;base64,{PLAIN}",
        f"data:image/svg+xml;name=a.png;base64,{PLAIN}",
        f"data:image/png;base64,{PLAIN.rstrip('=')}",
        f"data:image/png;base64,{PLAIN.replace('+', '-').replace('/', '_')}",
        f"data:image/png;base64,{PLAIN.replace('+', '%2B').replace('=', '%3D')}",
        "data:image/png;base64," + "\n".join(PLAIN[i : i + 76] for i in range(0, 400, 76)),
    ],
)
def test_forms(url: str) -> None:
    assert from_data_url(url, "p", 1000) == DATA


def test_far_over_the_limit_is_not_even_decoded() -> None:
    with pytest.raises(ImageError) as caught:
        from_data_url("data:image/png;base64," + "A" * 100_000, "p", 1000)
    assert caught.value.code == "invalid_image"


def test_large_ones_in_every_encoding() -> None:
    data = bytes(range(256)) * 3000
    plain = base64.b64encode(data).decode()
    whole = "".join(f"%{ord(c):02X}" for c in plain)
    mixed = plain.replace("+", "%2b").replace("/", "%2F").replace("A", "%41")
    for text in (
        plain,
        whole,
        mixed,
        "\r\n".join(plain[i : i + 76] for i in range(0, len(plain), 76)),
    ):
        assert from_data_url(f"data:image/png;base64,{text}", "p", 10**6) == data

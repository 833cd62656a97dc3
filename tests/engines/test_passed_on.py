"""What a server behind gets of pictures: as they came where nothing is to be done, never metadata."""

from __future__ import annotations

import base64
import io
from contextlib import suppress
from typing import Any

import openai
import pytest
from PIL import Image

from tests.engines.test_upstream import Stand, ask, behind, standing
from tests.media.test_stripped import (
    SECRET,
    marked_jpegs,
    marked_pngs,
    marked_webps,
    noise,
    stripped,
    unclear_jpegs,
    unclear_pngs,
    unclear_webps,
)
from tests.perception.test_captcha import captcha
from tests.pictures import asking, data_url, encoded, photograph


def sent(stand: Stand) -> list[tuple[str, bytes]]:
    """The kind and the bytes of each picture that the stand was sent."""
    found = []
    for body in stand.bodies:
        for part in body["messages"][0]["content"]:
            if part["type"] == "image_url":
                head, _, data = part["image_url"]["url"].partition(",")
                found.append((head, base64.b64decode(data, validate=True)))
    return found


def photo(width: int = 900, height: int = 600, format: str = "JPEG", **options: Any) -> bytes:
    return encoded(photograph("astronaut").resize((width, height)), format, **options)


def test_what_needs_no_change_goes_on_as_it_came() -> None:
    pictures = [photo(), photo(progressive=True), photo(format="PNG"), photo(300, 200)]
    with standing() as stand, behind(stand.url) as client:
        for _ in range(2):  # the second time it is known by its hash
            reply = ask(client, *pictures)
    assert reply.usage.sightline["images"][0]["seen"] == [900, 600]
    assert [data for _, data in sent(stand)] == pictures * 2
    kinds = [head for head, _ in sent(stand)]
    assert kinds[:4] == [f"data:image/{kind};base64" for kind in ("jpeg", "jpeg", "png", "jpeg")]


def test_no_metadata_goes_on() -> None:
    pictures = [*marked_jpegs(), *marked_pngs(), *marked_webps()]
    unclear = [*unclear_jpegs(), *unclear_pngs(), *unclear_webps()]
    with standing() as stand, behind(stand.url) as client:
        ask(client, *pictures)
        assert len(sent(stand)) == len(pictures)
        asis = 0
        for picture, (_, data) in zip(pictures, sent(stand), strict=True):
            for mark in (SECRET[:7], b"Exif", b"ICC", b"iCCP", b"http:"):
                assert mark not in data
            asis += data == stripped(picture)
            with Image.open(io.BytesIO(data)) as image:
                assert image.size == (90, 70)
        assert asis > 30
        for what, picture in unclear:
            stand.bodies.clear()
            with suppress(openai.BadRequestError):
                ask(client, picture)
            for _, data in sent(stand):
                assert SECRET[:7] not in data, what
                assert data not in picture, what
                with Image.open(io.BytesIO(data)) as image:
                    assert not image.getexif(), what


def test_what_has_to_be_changed_is() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    see_through = noise("RGBA")
    see_through.putalpha(0)
    with standing() as stand, behind(stand.url) as client:
        ask(client, photo(), encoded(noise(), "GIF"), photo(format="WEBP"), encoded(see_through))
        ask(client, photo(exif=exif), photo(3000, 2000))
        messages = asking("?", photo(300, 200), photo())
        for part in messages[0]["content"][1:]:
            part["image_url"]["detail"] = "low"
        client.chat.completions.create(model="some-model", messages=messages)
        odd = data_url(photo()).replace("A", "A\n", 1)  # not as it would be written
        client.chat.completions.create(model="some-model", messages=asking("?", odd))
    files = [data for _, data in sent(stand)]
    sizes = [Image.open(io.BytesIO(data)).size for data in files]
    assert sizes[:4] == [(900, 600), (90, 70), (900, 600), (90, 70)]
    assert sizes[4:] == [(600, 900), (1152, 768), (300, 200), (512, 341), (900, 600)]
    assert files[0] == files[8] == photo()
    assert files[6] != photo(300, 200)  # what is to be seen at low is written here in any case
    with Image.open(io.BytesIO(files[3])) as image:
        assert image.getpixel((9, 9)) == (255, 255, 255)
    kinds = [head.removeprefix("data:image/").removesuffix(";base64") for head, _ in sent(stand)]
    assert kinds == ["jpeg", "png", "webp", "png", "jpeg", "jpeg", "jpeg", "jpeg", "jpeg"]


@pytest.mark.parametrize("kind", ["other", "ollama", "llamacpp"])
def test_a_webp_is_written_anew_for_who_may_not_read_it(kind: str) -> None:
    with standing(owner="") as stand, behind(stand.url, upstream_kind=kind) as client:
        ask(client, photo(format="WEBP"), photo())
    (head, _), (_, same) = sent(stand)
    assert head in ("data:image/png;base64", "data:image/jpeg;base64")
    assert same == photo()


def test_every_picture_is_looked_at_all_the_same() -> None:
    damaged = bytearray(photo())
    damaged[len(damaged) // 2 :] = b""
    with standing() as stand, behind(stand.url) as client:
        for picture in (captcha(), encoded(Image.open(io.BytesIO(captcha())), "JPEG")):
            for _ in range(2):
                with pytest.raises(openai.BadRequestError) as caught:
                    ask(client, picture)
                assert caught.value.code == "content_policy_violation"
        with pytest.raises(openai.BadRequestError) as caught:
            ask(client, bytes(damaged))
        assert caught.value.code == "invalid_value"
    assert not stand.bodies


def test_what_is_to_be_covered_or_read_is_never_passed_on_as_it_came() -> None:
    for flags in ({"redact": "codes"}, {"views": "tiles"}):
        with standing() as stand, behind(stand.url, **flags) as client:
            ask(client, photo())
        assert all(data != photo() for _, data in sent(stand))
        assert sent(stand)


def test_responses_and_decisions_pass_it_on_too() -> None:
    url = data_url(photo(), "image/jpeg")
    with standing(owner="nobody") as stand, behind(stand.url) as client:
        client.responses.create(model="some-model", input=[
            {"role": "user", "content": [{"type": "input_image", "image_url": url, "detail": "auto"}]},
        ])  # fmt: skip
    assert [data for _, data in sent(stand)] == [photo()]


def test_a_client_cannot_write_what_stands_for_a_picture() -> None:
    """Texts are passed on as they are, whatever they hold."""
    text = "0" * 32 + ":0: \\u0000 \u2028 \U0001f600"
    messages = asking(text, photo())
    with standing() as stand, behind(stand.url) as client:
        client.chat.completions.create(model="some-model", messages=messages)
    assert stand.bodies[0]["messages"][0]["content"][0]["text"] == text
    assert [data for _, data in sent(stand)] == [photo()]

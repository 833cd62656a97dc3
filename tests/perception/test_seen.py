"""Codes, colours, the look of pictures and their sameness, on drawings and on photographs."""

from __future__ import annotations

import io

import numpy as np
import pytest
import zxingcpp
from PIL import Image, ImageDraw

from sightline.perception import colours, sameness
from sightline.perception.codes import find_codes
from sightline.perception.look import look
from sightline.perception.rows import Box
from tests.pictures import encoded, photograph, written


def pixels(image: Image.Image) -> np.ndarray:
    return np.asarray(image.convert("RGB"), dtype=np.uint8)


@pytest.mark.parametrize(
    ("format", "content", "name"),
    [
        ("QRCode", "https://example.com/a?b=1", "QR code"),
        ("DataMatrix", "DM-42", "Data Matrix code"),
        ("Aztec", "aztec text", "Aztec code"),
        ("PDF417", "PDF 417", "PDF417 code"),
        ("EAN13", "4006381333931", "EAN-13 bar code"),
        ("Code128", "SHIP-000123", "Code 128 bar code"),
    ],
)
def test_codes(format: str, content: str, name: str) -> None:
    kind = getattr(zxingcpp.BarcodeFormat, format)
    code = zxingcpp.write_barcode_to_image(zxingcpp.create_barcode(content, kind), scale=4)
    image = Image.new("RGB", (900, 700), "white")
    image.paste(Image.fromarray(np.asarray(code)), (120, 150))
    found = find_codes(pixels(image))
    assert [(c.name, c.content) for c in found] == [(name, content)]
    assert found[0].box.x0 >= 118
    assert find_codes(pixels(written("no code here"))) == ()


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        ((0, 0, 0), "black"), ((255, 255, 255), "white"), ((128, 128, 128), "grey"),
        ((255, 0, 0), "red"), ((128, 0, 0), "red"), ((255, 165, 0), "orange"),
        ((255, 215, 0), "yellow"), ((255, 255, 0), "yellow"), ((0, 128, 0), "green"),
        ((0, 255, 0), "green"), ((0, 128, 128), "teal"), ((0, 255, 255), "cyan"),
        ((0, 0, 255), "blue"), ((0, 0, 128), "blue"), ((135, 206, 235), "blue"),
        ((128, 0, 128), "purple"), ((255, 0, 255), "magenta"), ((255, 192, 203), "pink"),
        ((139, 69, 19), "brown"), ((245, 245, 220), "beige"),
    ],
)  # fmt: skip
def test_colour_names(rgb: tuple[int, int, int], name: str) -> None:
    assert colours.name_of(rgb) == name


def test_shares_background_and_ink() -> None:
    image = Image.new("RGB", (200, 100), (0, 105, 60))
    ImageDraw.Draw(image).rectangle((20, 20, 99, 79), fill="white")
    found = colours.dominant(pixels(image))
    assert [(c.name, round(c.share, 2)) for c in found] == [("green", 0.76), ("white", 0.24)]
    ground = colours.background(pixels(image))
    assert ground is not None
    assert ground.name == "green"
    text = written("RED INK", ink="#c02020", ground="#f7e9b0")
    seen = colours.ink(pixels(text), Box(25, 25, 260, 75))
    assert seen is not None
    assert [c.name for c in seen] == ["red", "beige"]


def test_no_background_where_edges_differ() -> None:
    image = Image.new("RGB", (100, 100), "red")
    image.paste("blue", (0, 0, 50, 100))
    assert colours.background(pixels(image)) is None


def test_photographs_and_drawings() -> None:
    from sklearn.datasets import load_sample_images

    names = ("astronaut", "chelsea", "coffee", "rocket", "camera", "coins")
    taken = [*map(photograph, names), *map(Image.fromarray, load_sample_images().images)]
    for image in taken:
        assert look(pixels(image), ()).kind == "photograph"
    for name in ("horse", "logo"):
        assert look(pixels(photograph(name)), ()).kind == "drawing"
    stored = io.BytesIO(encoded(written("A SIGN", ground="navy", ink="white"), "JPEG", quality=70))
    assert look(pixels(Image.open(stored)), ()).kind == "drawing"
    assert look(pixels(Image.new("RGB", (50, 50), "white")), ()).kind == "blank"
    assert look(pixels(photograph("camera")), ()).grey
    assert not look(pixels(photograph("chelsea")), ()).grey


def test_sharp_and_blurred() -> None:
    from PIL import ImageFilter

    sharp = photograph("coffee")
    assert look(pixels(sharp), ()).is_sharp
    assert not look(pixels(sharp.filter(ImageFilter.GaussianBlur(6))), ()).is_sharp
    dark = photograph("coffee").point(lambda v: v * 0.2)
    assert look(pixels(dark), ()).light == "dark"


def test_sameness_of_photographs() -> None:

    image = photograph("astronaut")
    same = sameness.compare(pixels(image), pixels(image.copy()))
    assert same.verdict == "identical"
    stored = Image.open(io.BytesIO(encoded(image, "JPEG", quality=80)))
    assert sameness.compare(pixels(image), pixels(stored)).verdict == "same"
    half = image.resize((256, 256), Image.Resampling.LANCZOS)
    assert sameness.compare(pixels(image), pixels(half)).verdict == "same"
    patched = image.copy()
    ImageDraw.Draw(patched).rectangle((300, 60, 360, 120), fill=(250, 220, 0))
    near = sameness.compare(pixels(image), pixels(patched))
    assert near.verdict == "near"
    assert len(near.regions) == 1
    box = near.regions[0]
    assert abs(box.x0 - 300) < 8
    assert abs(box.y1 - 120) < 8
    other = sameness.compare(pixels(image), pixels(photograph("chelsea")))
    assert other.verdict == "different"
    cropped = sameness.compare(pixels(image), pixels(image.crop((0, 0, 512, 256))))
    assert cropped.verdict == "different"


def test_two_changes_are_two_places() -> None:
    before = Image.new("RGB", (600, 400), "white")
    after = before.copy()
    draw = ImageDraw.Draw(after)
    draw.rectangle((20, 20, 80, 80), fill="red")
    draw.ellipse((480, 300, 560, 380), fill="blue")
    found = sameness.compare(pixels(before), pixels(after))
    assert found.verdict == "near"
    assert len(found.regions) == 2


@pytest.mark.parametrize("name", ["chelsea", "coffee", "astronaut"])
def test_a_photograph_is_one_in_a_frame_and_on_a_page(name: str) -> None:
    image = photograph(name).convert("RGB")
    width, height = image.size
    framed = Image.new("RGB", (width * 3 // 2, height * 3 // 2), "white")
    framed.paste(image, (width // 4, height // 4))
    page = Image.new("RGB", (width * 2, height * 2), (245, 245, 240))
    page.paste(image, (width // 3, height // 2))
    dark = image.point(lambda value: value // 4)
    assert [look(pixels(shown), ()).kind for shown in (image, framed, page, dark)] == [
        "photograph"
    ] * 4


def test_charts_and_drawings_are_no_photographs() -> None:
    chart = Image.new("RGB", (640, 400), "white")
    draw = ImageDraw.Draw(chart)
    for i, height in enumerate((120, 260, 190, 310)):
        draw.rectangle([60 + i * 140, 380 - height, 150 + i * 140, 380], fill=(40 * i, 90, 160))
    saved = encoded(chart, "JPEG", quality=60)
    for shown in (chart, Image.open(io.BytesIO(saved)), chart.resize((1100, 690))):
        assert look(pixels(shown), ()).kind == "drawing"

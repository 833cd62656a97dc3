"""Whether a picture has to be enlarged for its print to be found, and that none is missed for it."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from sightline_weights import FOLDER

from sightline.perception.ocr import Ocr
from sightline.perception.print_size import marks
from sightline.workers import Stop
from tests.pictures import photograph
from tests.starting import python

LARGE = (30, 30, "Invoice 2041", 40), (30, 120, "Total due 88.20", 32)


def page(*lines: tuple[int, int, str, int], ink: str = "black") -> Image.Image:
    """Draw lines of text, each with its place and the size of its type."""
    made = Image.new("RGB", (600, 500), "white")
    draw = ImageDraw.Draw(made)
    for x, y, text, size in lines:
        draw.text((x, y), text, fill=ink, font=ImageFont.load_default(size))
    return made


def bgr(image: Image.Image) -> np.ndarray:
    return np.ascontiguousarray(np.asarray(image.convert("RGB"))[:, :, ::-1])


def quad(x: int, y: int, wide: int, high: int) -> np.ndarray:
    return np.array([(x, y), (x + wide, y), (x + wide, y + high), (x, y + high)], np.float32)


FOUND = [quad(20, 25, 320, 60), quad(20, 115, 300, 50)]  # around what is LARGE


def test_large_print_is_all_there_is() -> None:
    found = marks(bgr(page(*LARGE)))
    assert found is not None
    assert found.cover(FOUND)
    assert not found.cover([])
    assert not found.cover(FOUND[:1])


def test_rules_and_frames_are_no_print() -> None:
    made = page(*LARGE)
    draw = ImageDraw.Draw(made)
    draw.line([(20, 200), (580, 200)], fill="grey", width=3)
    draw.rectangle((10, 10, 590, 490), outline="black", width=2)
    found = marks(bgr(made))
    assert found is not None
    assert found.cover(FOUND)


@pytest.mark.parametrize("ink", ["#000000", "#777777", "#bbbbbb", "#dddddd"])
@pytest.mark.parametrize("size", [6, 9, 12])
def test_small_print_beside_large_may_have_been_missed(size: int, ink: str) -> None:
    made = page(*LARGE)
    small = page((60, 300, "void where prohibited", size), ink=ink)
    made.paste(small.crop((0, 250, 600, 400)), (0, 250))
    found = marks(bgr(made))
    assert found is None or not found.cover(FOUND)


def test_a_small_line_that_was_found_says_that_others_may_be_missed() -> None:
    found = marks(bgr(page(*LARGE)))
    assert found is not None
    assert not found.cover([*FOUND, quad(300, 300, 80, 12)])


@pytest.mark.parametrize("name", ["chelsea", "astronaut", "coffee", "grass"])
def test_photographs_are_not_like_print(name: str) -> None:
    assert marks(bgr(photograph(name))) is None


def test_no_line_is_lost() -> None:
    """Large and small print, alone and together, is read by whichever way it is found."""
    ocr = Ocr(FOLDER, 1)
    small = (60, 400, "Thank you for your visit", 13)
    for lines in (LARGE, (small,), (*LARGE, small)):
        said = [line.text for line in ocr.read(bgr(page(*lines)), Stop().check)]
        assert said == [text for _, _, text, _ in lines]


def test_what_pages_were_computed_in_is_given_back() -> None:
    """In a server's process; as long as pages are read, it is kept for the next."""
    code = (
        "import numpy as np, psutil; from sightline import allocator; allocator.settle()\n"
        "from sightline.perception.ocr import Ocr; from sightline_weights import FOLDER\n"
        "from tests.perception.test_print_size import bgr, page\n"
        "ocr, pixels = Ocr(FOLDER, 1), bgr(page((30, 30, 'Total', 40)).resize((1500, 1300)))\n"
        "taken = lambda: psutil.Process().memory_info().rss >> 20\n"
        "said = [line.text for line in ocr.read(pixels, lambda: None)]; most = taken()\n"
        "ocr.give_back(); least = taken()\n"
        "again = [line.text for line in ocr.read(pixels, lambda: None)]\n"
        "print(said == again == ['Total'], most - least > 100)"
    )
    told = python(code)
    assert told.stdout.strip() == "True True", told.stdout + told.stderr

"""Lines of print as the networks' own makers' code reads them, damaged weights, giving up."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from sightline_weights import FOLDER

from sightline.perception import preload
from sightline.perception.ocr import FILES, Ocr
from sightline.workers import Stop, Stopped
from tests.pictures import written
from tests.starting import python

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.fixture(scope="module")
def ocr() -> Ocr:
    return Ocr(FOLDER, 1)


def bgr(image: Image.Image) -> np.ndarray:
    return np.ascontiguousarray(np.asarray(image.convert("RGB"))[:, :, ::-1])


@pytest.fixture(scope="module")
def theirs() -> Any:
    rapidocr = pytest.importorskip("rapidocr")
    words = {"Global.return_word_box": True, "Global.return_single_char_box": True}
    # One thread, as ours has: others would wait for each other, and busily.
    return rapidocr.RapidOCR(
        params={
            "Global.log_level": "critical",
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            **words,
        }
    )


@pytest.mark.parametrize("turns", [0, 1, 2])
def test_it_reads_as_rapidocr_does(ocr: Ocr, theirs: Any, turns: int) -> None:
    with Image.open(SAMPLES / "poster.png") as image:
        pixels = np.ascontiguousarray(np.rot90(bgr(image), turns))
    told = theirs(pixels)
    ours = ocr.read(pixels, Stop().check)
    assert [line.text for line in ours] == list(told.txts)
    # Less that is empty beside a line makes it surer, and may move a sign by a column of its own.
    for line, score in zip(ours, told.scores, strict=True):
        assert line.score >= score - 0.02
    quads = np.array([line.quad for line in ours])
    assert np.abs(quads - told.boxes).max() <= 2
    for line, signs in zip(ours, told.word_results, strict=True):
        assert [sign for sign, _ in line.signs] == [sign[0] for sign in signs]
        places = np.array([place for _, place in line.signs])
        column = 8 * line.height / 48
        far = np.abs(places.mean(axis=1) - [np.mean(s[2], axis=0) for s in signs])
        assert far.max() <= column + 3
        assert np.median(far.max(axis=1)) <= 2


def slip(*lines: str) -> Image.Image:
    """A narrow picture with lines of text: a wide one becomes so large where it is enlarged."""
    page = written(*lines)
    return page.crop((0, 0, 190, page.height))


def test_tiny_print_is_where_it_stands(ocr: Ocr) -> None:
    small = slip("Total 22").resize((45, 25), Image.Resampling.LANCZOS)
    for line in ocr.read(bgr(small), Stop().check):
        assert line.quad[:, 0].max() <= 45
        assert line.quad[:, 1].max() <= 25


UNSURE = ("66", "99", "90", "988", "690", "69", "NOON", "SWIMS", "0.69", "806")  # either way up


@pytest.mark.parametrize("turned", [False, True])
def test_short_lines_lie_as_their_page_does(ocr: Ocr, turned: bool) -> None:
    unsure = (*UNSURE, "9%", "7x")  # read worse upright
    page = Image.new("RGB", (700, 60 * len(unsure)), "white")
    for i, word in enumerate(unsure):
        draw, font = ImageDraw.Draw(page), ImageFont.load_default(30)
        draw.text((20, 10 + 60 * i), f"Quantity in lot number {i}", fill="black", font=font)
        draw.text((550, 10 + 60 * i), word, fill="black", font=font)
    found = ocr.read(bgr(page.rotate(180 if turned else 0)), Stop().check)
    assert {line.text for line in found} >= set(unsure)
    assert all(line.flipped == turned for line in found)


def test_what_stands_alone_is_upright(ocr: Ocr) -> None:
    for word in UNSURE:
        assert [line.text for line in ocr.read(bgr(slip(word)), Stop().check)] == [word]


def test_a_line_may_lie_against_its_page(ocr: Ocr) -> None:
    page = written("The upper line lies as it should", "and so does the one below it", "", "")
    page.paste(written("but this one was turned").rotate(180), (0, 150))
    found = {line.text: line.flipped for line in ocr.read(bgr(page), Stop().check)}
    assert found["but this one was turned"]
    assert sum(found.values()) == 1


def test_nothing_is_read_of_a_blank_page(ocr: Ocr) -> None:
    assert ocr.read(np.full((200, 300, 3), 255, np.uint8), Stop().check) == []


def test_it_gives_up_between_batches(ocr: Ocr) -> None:
    stop = Stop()
    stop.set()
    with pytest.raises(Stopped):
        ocr.read(bgr(written("Coffee")), stop.check)


def test_what_reads_may_be_loaded_once_a_line_is_found(ocr: Ocr) -> None:
    late = Ocr(FOLDER, 1, lines_first=True)
    assert late.read(np.full((200, 300, 3), 255, np.uint8), Stop().check) == []
    said = [[line.text for line in one.read(bgr(slip("Total 22")), Stop().check)] for one in (ocr, late)]  # fmt: skip
    assert said == [["Total 22"], ["Total 22"]]


def test_damaged_weights_are_not_run(tmp_path: Path) -> None:
    for name in FILES:
        shutil.copy(FOLDER / name, tmp_path)
    path = tmp_path / next(iter(FILES))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(OSError, match="damaged"):
        Ocr(tmp_path, 1)


def test_who_hurries_later_changes_nothing_for_what_is_loaded() -> None:
    """One is run as it was loaded, whatever else goes on in the process."""
    code = (
        "from sightline.perception import neural_networks, ocr; from sightline.workers import Stop\n"
        "from sightline_weights import FOLDER; import numpy as np; from tests.pictures import written\n"
        "pixels = np.ascontiguousarray(np.asarray(written('Total 22'))[:, :190])\n"
        "calm = ocr.Ocr(FOLDER, 1); neural_networks.hurry(); soon = ocr.Ocr(FOLDER, 1)\n"
        "print([line.text for one in (calm, soon) for line in one.read(pixels, Stop().check)])"
    )
    told = python(code)
    assert told.stdout.strip() == "['Total 22', 'Total 22']", told.stderr


def test_what_was_begun_is_given_once() -> None:
    preload.begin(1)
    first = preload.ocr(1)
    assert preload.ocr(1) is not first


def test_what_cannot_be_loaded_is_told_to_who_asks(tmp_path: Path) -> None:
    code = (
        "import sightline_weights, pathlib, sys; sightline_weights.FOLDER = pathlib.Path(sys.argv[1]);"
        "from sightline.perception import preload; preload.begin(1);"
        "from sightline.perception.text import TextReader\n"
        "try: TextReader(1)\n"
        "except sightline.errors.EngineError as error: print(error.hint)"
    )
    done = python("import sightline.errors\n" + code, str(tmp_path))
    assert "Install Sightline again" in done.stdout, done.stderr

"""`sightline decide`, here and by another server."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.cli.test_cli import sightline
from tests.pictures import encoded, photograph, sample

pytest.importorskip("skimage")
CAT = encoded(photograph("chelsea"))
ASKED = ("--question", "Is there a cat?", "--choice", "Which animal is shown?: dog, cat",
         "--score", "damage: none, light, heavy")  # fmt: skip


def test_a_line_for_each_question_in_order() -> None:
    code, out, err = sightline("decide", "-", *ASKED, stdin=CAT)
    assert code == 0, err
    cat, animal, damage = out.splitlines()
    assert cat.startswith("Is there a cat?: 99.")
    assert cat.endswith("% yes")
    assert animal.startswith("Which animal is shown?: cat ")
    assert damage.startswith("damage: refused. ")


def test_the_whole_reply_by_a_server(base_url: str, tmp_path: Path) -> None:
    file = tmp_path / "receipt.png"
    file.write_bytes(sample("receipt"))
    flags = ("--choice", "total: $16.20, $12.00", "--json", "--base-url", base_url)
    code, out, err = sightline("decide", str(file), *flags)
    assert code == 0, err
    told = json.loads(out)
    assert told["answers"][0]["choice"] == "$16.20"
    assert told["answers"][0]["name"] == "total"
    assert told["usage"]["input_tokens_details"]["image_tokens"] > 0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "cat.png").write_bytes(CAT)
    (tmp_path / "receipt.png").write_bytes(sample("receipt"))
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    return tmp_path


def test_a_folder_is_a_table_with_a_row_for_each_picture(folder: Path) -> None:
    code, out, err = sightline("decide", str(folder), *ASKED, "--csv")
    assert code == 0, err
    assert "3 decided about" in err
    assert "1 failed" in err
    rows = {Path(row["picture"]).name: row for row in csv.DictReader(io.StringIO(out))}
    assert set(rows) == {"cat.png", "receipt.png", "broken.jpg"}
    cat = rows["cat.png"]
    assert float(cat["Is there a cat?"]) > 0.9
    assert cat["Which animal is shown?"] == "cat"
    dog, own = (float(cat[f"Which animal is shown?: {name}"]) for name in ("dog", "cat"))
    assert dog + own == pytest.approx(1)
    assert (cat["damage"], cat["damage: heavy"]) == ("", "")
    assert "no calibrated scale" in cat["refused"]
    assert "unsupported image" in rows["broken.jpg"]["error"]
    assert rows["receipt.png"]["error"] == ""


def test_patterns_and_tables_are_lines_of_json(folder: Path, base_url: str) -> None:
    listed = folder / "list.csv"
    listed.write_text(f"path\n{folder / 'cat.png'}\n{folder / 'receipt.png'}\n")
    total = ("--choice", "total: $16.20, $12.00", "--json")
    for source, flags in ((str(folder / "*.png"), ()), (str(listed), ("--base-url", base_url))):
        code, out, err = sightline("decide", source, *total, *flags)
        assert code == 0, err
        rows = {Path(row["key"]).name: row for row in map(json.loads, out.splitlines())}
        assert rows["receipt.png"]["answers"][0]["choice"] == "$16.20"
        assert rows["receipt.png"]["usage"]["image_tokens"] > 0
        assert rows["cat.png"]["answers"][0]["type"] == "refusal"


def test_several_pictures_are_together_unless_a_table_is_asked_for(folder: Path) -> None:
    both = (str(folder / "cat.png"), str(folder / "receipt.png"))
    code, out, err = sightline("decide", *both, "--question", "Is there a cat in image 1?")
    assert code == 0, err
    assert out.count("\n") == 1
    code, out, err = sightline("decide", *both, "--question", "Is there a cat?", "--csv")
    assert code == 0, err
    assert out.count("\n") == 3
    code, out, err = sightline("decide", str(folder / "*.png"), "--question", "Is there a cat?")
    assert code == 0, err
    assert "cat.png: Is there a cat?: 99." in out


@pytest.mark.parametrize(
    ("flags", "why"),
    [
        (("--csv", "--json"), "--csv and --json"),
        (("--csv", "--evidence", "e.png"), "--evidence"),
        (("-", "--csv"), "stdin"),
        (("nowhere/*.png",), "matches nothing"),
    ],
)
def test_what_cannot_be_a_table(folder: Path, flags: tuple[str, ...], why: str) -> None:
    code, out, err = sightline("decide", str(folder), *flags, "--question", "Is there a cat?")
    assert (code, out) == (2, "")
    assert why in err


def test_wrong_use_is_told_with_an_example() -> None:
    code, _, err = sightline("decide", "-", stdin=CAT)
    assert code == 2
    assert "--question" in err
    code, _, err = sightline("decide", "-", "--choice", "kind: one", stdin=CAT)
    assert code == 2
    assert "two options" in err
    code, _, err = sightline("decide", "-", "--question", "Is there a cat?", stdin=b"no picture")
    assert code == 1
    assert "stdin" in err
    code, _, err = sightline(
        "decide", "-", "--question", "Is there a cat?", "--engine", "mirror", stdin=CAT
    )
    assert code == 1
    assert "decisions are not supported" in err

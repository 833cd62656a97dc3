"""`sightline decide`, here and by another server."""

from __future__ import annotations

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

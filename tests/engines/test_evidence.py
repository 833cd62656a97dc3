"""Evidence has one shape wherever it is asked for, and commands draw it where it stands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openai
import pytest
from PIL import Image, ImageChops

from tests.commands import typed
from tests.documents import pdf
from tests.pictures import asking, bill, data_url, encoded, photograph, sample

SAMPLES = Path(__file__).parent.parent.parent / "samples"
OWN: dict[str, Any] = {"extra_body": {"sightline": {"include": ["evidence"]}}}
ALWAYS = {"param", "value", "text", "box", "confidence"}


def told(usage: Any) -> list[dict[str, Any]]:
    """What a usage tells, each of the one shape."""
    found: list[dict[str, Any]] = usage.sightline["evidence"]
    for one in found:
        assert set(one) >= ALWAYS
        assert set(one) <= ALWAYS | {"path", "page", "time_s", "box_pt"}
        assert 0 < one["confidence"] <= 1
        assert len(one["box"]) == 4
    return found


def shown(picture: bytes) -> Any:
    """The input of a decision: a picture."""
    part = {"type": "input_image", "image_url": data_url(picture)}
    return [{"role": "user", "content": [part]}]


def decided(client: openai.OpenAI, picture: bytes, *questions: Any, **more: Any) -> Any:
    return client.decisions.create(
        model="gpt-4o", input=shown(picture), questions=list(questions), **more
    )


def test_a_decision_tells_what_it_follows_from(client: openai.OpenAI) -> None:
    choices = [{"value": "$12.00"}, {"value": "$16.20"}]
    total = {"type": "choice", "instructions": "What is the total?", "choices": choices}
    made = decided(
        client, sample("receipt"),
        {"type": "predicate", "instructions": "There is a bottle."}, total, **OWN,
    )  # fmt: skip
    (one,) = told(made.usage)
    assert (one["path"], one["value"], one["text"]) == ("$.answers[1]", "$16.20", "$16.20")
    assert one["param"] == "input[0].content[0].image_url"
    x0, y0, x1, y1 = one["box"]
    assert 340 < x0 < x1 < 520
    assert 540 < y0 < y1 < 630


def test_a_thing_that_is_there_is_shown(client: openai.OpenAI) -> None:
    pytest.importorskip("skimage")
    cat = photograph("chelsea")
    there = {"type": "predicate", "instructions": "There is a cat."}
    absent = {"type": "predicate", "instructions": "Is there a truck?"}
    (one,) = told(decided(client, encoded(cat), absent, there, **OWN).usage)
    assert (one["path"], one["value"], one["text"]) == ("$.answers[1]", "cat", "")
    assert one["box"][2] - one["box"][0] > cat.width / 3


def test_it_is_told_only_where_it_is_asked_for(client: openai.OpenAI) -> None:
    made = decided(client, bill(), {"type": "predicate", "instructions": "Is there a date?"})
    assert "evidence" not in made.usage.sightline


def test_a_pdf_has_boxes_in_points(client: openai.OpenAI) -> None:
    data = pdf(["Hello"], ["Invoice", "Total: 16.50"])
    url = data_url(data, "application/pdf")
    content: list[Any] = [{"type": "text", "text": "What is the total?"},
                          {"type": "file", "file": {"filename": "a.pdf", "file_data": url}}]  # fmt: skip
    chat: Any = client.chat.completions.create(
        model="gpt-4o", messages=[{"role": "user", "content": content}], **OWN
    )
    response: Any = client.responses.create(
        model="gpt-4o", **OWN,
        input=[{"role": "user", "content": [
            {"type": "input_text", "text": "What is the total?"},
            {"type": "input_file", "filename": "a.pdf", "file_data": url}]}],
    )  # fmt: skip
    for usage in (chat.usage, response.usage):
        (one,) = (one for one in told(usage) if one["value"].strip(".") == "16.50")
        assert one["page"] == 2
        x0, y0, x1, y1 = one["box_pt"]
        # It is printed 60 points from the left, on a line 130 from the top, 24 high.
        assert 100 < x0 < x1 < 210
        assert 100 < y0 < 120
        assert 128 < y1 < 142
        size = usage.sightline["images"][1]["size"]
        for pixel, point, side in zip(one["box"], one["box_pt"], (size * 2), strict=True):
            assert abs(pixel * (842 / max(size)) - point) < 0.5, side


def test_a_box_cuts_through_no_letter(client: openai.OpenAI) -> None:
    """Of words within a line too, whose letters are not equally wide."""
    wanted = {"date": "$.date", "time": "$.time"}
    schema = {"type": "object", "properties": {key: {"type": "string"} for key in wanted}}
    form: Any = {"type": "json_schema", "json_schema": {"name": "paper", "schema": schema}}
    reply: Any = client.chat.completions.create(
        model="gpt-4o", messages=asking("Read it.", sample("poster")), response_format=form, **OWN
    )
    found = {one["path"]: one["box"] for one in told(reply.usage)}
    with Image.open(SAMPLES / "poster.png") as poster:
        for path in wanted.values():
            x0, y0, x1, y1 = map(round, found[path])
            for x in (x0, x1):  # in the gap before it, or after it: no ink
                seen = poster.convert("L").crop((x, y0, x + 1, y1)).tobytes()
                assert min(seen) > max(seen) / 2, path


def test_labels_of_several_pictures_are_no_quotations(client: openai.OpenAI) -> None:
    reply: Any = client.chat.completions.create(
        model="gpt-4o", messages=asking("What is the total?", bill(), sample("receipt")), **OWN
    )
    assert {one["text"] for one in told(reply.usage)} <= {"Total:", "TOTAL", "$16.20"}


def changed(before: Image.Image, after: Path) -> tuple[int, int, int, int]:
    with Image.open(after) as drawn:
        box = ImageChops.difference(before.convert("RGB"), drawn.convert("RGB")).getbbox()
    assert box is not None
    return box


def test_commands_draw_it(tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    receipt = str(SAMPLES / "receipt.png")
    flags = ("--choice", "total: $16.20, $12.00", "--evidence", str(out), "--json")
    done = typed("decide", receipt, *flags)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["usage"]["sightline"]["evidence"][0]["text"] == "$16.20"
    assert changed(Image.open(receipt), out)[1] > 500  # nothing above the total
    path = tmp_path / "two.pdf"
    path.write_bytes(pdf(["Hello"], ["Total: 16.50"], size=(595, 150)))
    done = typed("ask", str(path), "What is the total?", "--evidence", str(tmp_path / "page.png"))
    assert done.returncode == 0, done.stderr
    with Image.open(tmp_path / "page.png") as page:
        red = [x for x, _ in page.convert("RGB").getcolors(1 << 24) or () if _ == (255, 0, 0)]
        assert page.size[0] > 1000
        assert red


def test_frames_of_a_film_are_drawn_with_their_times(tmp_path: Path) -> None:
    film, out = str(SAMPLES / "film.mp4"), tmp_path / "frame.png"
    done = typed(
        "describe", film, "What is written?", "--frames", "6", "--json", "--evidence", str(out)
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)["evidence"]
    times = {one["text"]: one["time_s"] for one in found}
    assert times["MORNING"] < times["NOON"] < times["NIGHT"]
    assert len(list(tmp_path.glob("frame-*.png"))) == len(set(times.values()))


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.parquet"])
def test_rows_of_a_bulk_run_carry_it(tmp_path: Path, name: str) -> None:
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow")
    out = tmp_path / name
    (tmp_path / "bill.png").write_bytes(bill())
    words = (str(tmp_path / "bill.png"), "What is the total?", "--out", str(out), "--evidence")
    done = typed("bulk", *words)
    assert done.returncode == 0, done.stderr
    if name.endswith("parquet"):
        from pyarrow import parquet

        found = json.loads(parquet.read_table(out).to_pylist()[0]["evidence"])
    else:
        found = json.loads(out.read_text())["evidence"]
    assert "$16.20" in {one["text"] for one in found}
    assert all(set(one) >= ALWAYS for one in found)

"""The tools as an agent has them: through the SDK's client, over stdio and over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from mcp import MCPError

from tests.films import scenes
from tests.mcp.doors import ONCE, Door, opened
from tests.pictures import SAMPLES, data_url, encoded, photograph, sample, written


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("root")
    scenes(made / "film.mp4")
    (made / "coffee.png").write_bytes(encoded(photograph("coffee")))
    (made / "notes.txt").write_text("secret words")
    (made / "link.png").symlink_to(SAMPLES.parent / "pyproject.toml")
    return made


# Both eras of the protocol: most clients' handshake, and the one without sessions.
@pytest.fixture(scope="module", params=["stdio legacy", "thread auto"])
def door(request: pytest.FixtureRequest, folder: Path) -> Iterator[Door]:
    flags = ("--root", str(folder), "--root", str(SAMPLES))
    with opened(request.param, *flags, command=ONCE) as made:
        yield made


def test_tools_are_listed_with_schemas_and_change_nothing(door: Door) -> None:
    listed = door.do(door.client.list_tools()).tools
    names = [tool.name for tool in listed]
    assert names == [
        "look", "read", "extract", "compare", "locate", "decide", "describe_film", "cost",
    ]  # fmt: skip
    for tool in listed:
        assert tool.title
        assert tool.description
        for schema in (tool.input_schema, tool.output_schema):
            assert schema is not None
            assert schema["type"] == "object"
            Draft202012Validator.check_schema(schema)
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint is True
        assert tool.annotations.destructive_hint is False
        assert tool.annotations.idempotent_hint is True
        assert tool.annotations.open_world_hint is True


def test_look(door: Door) -> None:
    told = door.call("look", pictures=["receipt.png"], question="What is the total?")
    assert told["answer"] == "The total is $16.20."
    [amount] = [one for one in told["evidence"] if one["value"] == "$16.20"]
    assert amount["picture"] == 1
    x0, y0, x1, y1 = amount["box"]
    assert 300 < x0 < x1 < 520
    assert 500 < y0 < y1 < 760


def test_pictures_are_named_by_path_data_and_file_url(door: Door) -> None:
    whole = str(SAMPLES / "sign.png")
    for named in ("sign.png", whole, Path(whole).as_uri(), data_url(sample("sign"))):
        told = door.call("look", pictures=[named], question="What does it say?", detail="high")
        assert told["answer"].startswith("MAPLE AVENUE"), named


def test_read(door: Door) -> None:
    told = door.call("read", picture="receipt.png")
    lines = {line["text"]: line for line in told["lines"]}
    assert told["text"].splitlines() == list(lines)
    # Two columns of one line are one box.
    x0, _, x1, _ = lines["Subtotal  15.00"]["box"]
    assert x0 < 60
    assert x1 > 450
    assert all(line["box"] is not None and line["confidence"] > 0.5 for line in told["lines"])


def test_a_picture_without_text(door: Door) -> None:
    told = door.call("read", picture=data_url(encoded(written())))
    assert not any(line["box"] for line in told["lines"])


def test_extract(door: Door) -> None:
    kinds: dict[str, Any] = {"total": {"type": "number"}, "tip": {"type": ["number", "null"]}}
    schema = {"type": "object", "properties": kinds, "required": ["total", "tip"]}
    told = door.call("extract", pictures=["receipt.png"], schema=schema)
    assert told["data"] == {"total": 16.2, "tip": None}
    [one] = told["evidence"]
    assert (one["path"], one["text"], one["picture"]) == ("$.total", "$16.20", 1)


def test_compare(door: Door) -> None:
    told = door.call("compare", first="before.png", second="after.png")
    assert "Opens 9:30" in told["answer"]
    assert {one["picture"] for one in told["evidence"]} == {1, 2}
    same = door.call("compare", first="sign.png", second="sign.png")
    assert "identical" in same["answer"]


def test_locate_things_and_text(door: Door) -> None:
    [cup] = door.call("locate", picture="coffee.png", what="cups")["found"]
    assert (cup["kind"], cup["confidence"] > 0.5) == ("thing", True)
    x0, y0, x1, y1 = cup["box"]
    assert 100 < x0 < 250 < x1
    assert y0 < 100 < 200 < y1
    [total] = door.call("locate", picture="receipt.png", what="total")["found"]
    assert (total["kind"], total["name"]) == ("text", "TOTAL")
    none = door.call("locate", picture="coffee.png", what="dog")
    assert none["found"] == []
    assert "no dog" in none["answer"]


def test_decide(door: Door) -> None:
    asked = [
        {"question": "Is there a cup?"},
        {"question": "What is it?", "type": "choice", "options": ["dog", "cup", "none"]},
        {"question": "How damaged is it?", "type": "score", "options": ["not", "wholly"]},
    ]
    told = door.call("decide", pictures=["coffee.png"], questions=asked)
    there, which, damage = told["answers"]
    assert (there["type"], there["probability"] > 0.9) == ("predicate", True)
    assert (which["type"], which["choice"]) == ("choice", "cup")
    assert [row["option"] for row in which["probabilities"]] == ["dog", "cup", "none"]
    assert sum(row["probability"] for row in which["probabilities"]) == pytest.approx(1)
    assert (damage["type"], "scale" in damage["reason"]) == ("refusal", True)
    assert {(one["path"], one["picture"]) for one in told["evidence"]} == {
        ("$.answers[0]", 1),
        ("$.answers[1]", 1),
    }
    printed = {"question": "What is the total?", "type": "choice", "options": ["$16.20", "$3.00"]}
    of_two = [{**printed, "question": "What is the total of image 2?"}]
    told = door.call("decide", pictures=["sign.png", "receipt.png"], questions=of_two)
    assert (told["answers"][0]["choice"], told["evidence"][0]["picture"]) == ("$16.20", 2)


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ({}, "questions[0].question"),
        ({"question": "x", "type": "poem"}, "Supported values"),
        ({"question": "x", "options": ["a", "b"]}, "a predicate has none"),
        ({"question": "x", "type": "choice"}, "questions[0].options"),
        ({"question": "x", "type": "choice", "options": ["a"]}, "minimum length 2"),
        ({"question": "x", "type": "choice", "options": ["a", "a"]}, "there twice"),
        ({"question": "x", "type": "score", "options": list("abcdefghijk")}, "maximum length 10"),
        ({"question": "x", "option": []}, "Did you mean 'options'?"),
        ("x", "an object"),
    ],
)
def test_what_is_no_question_to_decide(door: Door, question: object, why: str) -> None:
    assert why in door.failing("decide", pictures=["sign.png"], questions=[question])


def test_describe_film_tells_its_progress(door: Door) -> None:
    door.steps.clear()
    told = door.call("describe_film", film="film.mp4", timeline=True)
    assert told["title"].endswith("its first large text is “HARBOUR TOWN”.")
    assert (told["size"], told["audio"], told["damaged"]) == ([640, 360], False, False)
    assert [scene["end_s"] for scene in told["scenes"]] == [1.0, 5.0, 8.0, 12.0]
    assert "THE END" in told["scenes"][-1]["text"]
    done = [step for step, _, _ in door.steps]
    assert len(done) > 2
    assert done == sorted(set(done))
    last, of, said = door.steps[-1]
    assert of is not None
    assert of / 2 < last < of
    assert said is not None
    assert "4 of 4 parts described" in said


def test_describe_part_of_a_film(door: Door) -> None:
    told = door.call("describe_film", film="film.mp4", frames=3, start_s=8, end_s=11)
    assert len(told["frames_s"]) == 3
    assert all(8 <= time_s <= 11 for time_s in told["frames_s"])
    assert told["scenes"] == []


def test_cost(door: Door) -> None:
    told = door.call("cost", picture="receipt.png", models=["gpt-4o"])
    assert (told["format"], told["size"]) == ("png", [520, 760])
    costs = {view["detail"]: view["tokens"] for view in told["views"]}
    assert (costs["low"], costs["high"]) == (85, 765)


OUTSIDE = "in a folder that may be read"
ABSENT = "there is no such file"


@pytest.mark.parametrize(
    ("named", "why"),
    [
        ("../pyproject.toml", OUTSIDE),
        ("/etc/passwd", OUTSIDE),
        ("/etc/none", OUTSIDE),
        ("file:///etc/passwd", OUTSIDE),
        ("file://elsewhere/etc/passwd", ABSENT),
        ("link.png", ABSENT),
        ("none.png", ABSENT),
        (".", ABSENT),
        ("a\0b", ABSENT),
        ("notes.txt", "unsupported image"),
        ("http://127.0.0.1:1/a.png", "Only public addresses"),
        ("http://169.254.169.254/latest/meta-data", "Only public addresses"),
        ("https://[::1]/a.png", "Only public addresses"),
        ("data:image/png;base64,aGFsbG8=", "unsupported image"),
        ("data:text/plain;base64,aGFsbG8=", "unsupported MIME type"),
        ("", "pictures[0]"),
    ],
)
def test_what_cannot_be_had_is_told_in_a_line(door: Door, named: str, why: str) -> None:
    told = door.failing("look", pictures=[named], question="What is it?")
    assert why in told
    assert "\n" not in told
    for secret in ("secret words", str(SAMPLES), "Errno", "Traceback", "httpx"):
        assert secret not in told


def test_no_film_and_a_film_at_a_private_address(door: Door) -> None:
    assert "Invalid 'film'" in door.failing("describe_film", film="sign.png")
    assert "neither a picture nor a film" in door.failing("describe_film", film="notes.txt")
    url = "http://127.0.0.1:1/film.mp4"
    assert "Only public addresses" in door.failing("describe_film", film=url)


@pytest.mark.parametrize(
    ("tool", "arguments", "why"),
    [
        ("look", {"pictures": ["sign.png"]}, "Missing required parameter: 'question'."),
        ("look", {"pictures": [], "question": "x"}, "minimum length 1"),
        ("look", {"pictures": "sign.png", "question": "x"}, "expected an array"),
        ("look", {"pictures": ["sign.png"], "qestion": "x"}, "Did you mean 'question'?"),
        (
            "look",
            {"pictures": ["sign.png"], "question": "x", "detail": "ultra"},
            "Supported values",
        ),
        ("look", {"pictures": ["sign.png"] * 21, "question": "x"}, "pictures"),
        ("extract", {"pictures": ["sign.png"], "schema": "total"}, "expected an object"),
        ("cost", {"picture": "sign.png", "models": ["gpt-none"]}, "gpt-none"),
        ("describe_film", {"film": "film.mp4", "frames": 0}, "frames"),
    ],
)
def test_wrong_arguments_are_named(
    door: Door, tool: str, arguments: dict[str, Any], why: str
) -> None:
    assert why in door.failing(tool, **arguments)


def test_a_schema_that_the_picture_does_not_fill(door: Door) -> None:
    schema = {
        "type": "object",
        "properties": {"captain": {"type": "string"}},
        "required": ["captain"],
        "additionalProperties": False,
    }
    told = door.failing("extract", pictures=["receipt.png"], schema=schema)
    assert "captain" in told or "schema" in told


def test_there_is_no_other_tool(door: Door) -> None:
    with pytest.raises(MCPError, match="no such tool"):
        door.do(door.client.call_tool("delete", {}))

"""`sightline bulk`: sources in, answers out, nothing lost and nothing twice."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import os
import re
import resource
import signal
import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet
import pytest
from PIL import Image

from sightline.cli.main import main
from tests.chatting import Body, chatting
from tests.documents import pdf
from tests.films import film
from tests.pictures import encoded, sample
from tests.waiting import PATIENCE_S, slow_model, until


def drawn(number: int) -> bytes:
    pixels = np.random.default_rng(number).integers(0, 255, (8, 8, 3), np.uint8)
    return encoded(Image.fromarray(pixels))


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]


class Model:
    """Answers with the digest of the picture that it was sent, and counts."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.bodies: list[Body] = []
        self.refused: set[str] = set()
        self.status = 400
        self.most = 1 << 30
        self.long = ""

    def answer(self, body: Body) -> str | tuple[int, Body]:
        self.bodies.append(body)
        url = body["messages"][-1]["content"][1]["image_url"]["url"]
        seen = digest(base64.b64decode(url.partition(",")[2]))
        self.asked[seen] += 1
        if seen in self.refused or self.asked.total() > self.most:
            return self.status, {"message": "No.", "code": "no"}
        if "response_format" in body:
            return json.dumps({"seen": seen, "sides": [8, 8], "count": 3, "extra": True})
        return seen + self.long


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
def url(model: Model) -> Iterator[str]:
    with chatting(model.answer, "m") as made:
        yield made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twelve pictures, two of them in a folder within, and what is none."""
    made = tmp_path / "pictures"
    (made / "more").mkdir(parents=True)
    for i in range(10):
        (made / f"{i}.png").write_bytes(drawn(i))
    for i in (10, 11):
        (made / "more" / f"{i}.png").write_bytes(drawn(i))
    (made / "notes.txt").write_text("none")
    (made / ".hidden.png").write_bytes(drawn(99))
    return made


def wanted(count: int = 12) -> set[str]:
    return {digest(drawn(i)) for i in range(count)}


def bulk(*words: str | Path) -> int:
    return main(["bulk", *map(str, words)])


def rows(path: Path) -> dict[str, dict[str, Any]]:
    """The rows of an output by their keys, each there once."""
    if path.suffix == ".jsonl":
        found = [json.loads(line) for line in path.read_text().splitlines()]
    elif path.is_dir():
        found = [r for p in sorted(path.glob("*.parquet")) for r in pyarrow.parquet.read_table(p).to_pylist()]  # fmt: skip
    else:
        found = pyarrow.parquet.read_table(path).to_pylist()
    assert max(Counter(row["key"] for row in found).values()) == 1
    return {row["key"]: row for row in found}


@pytest.mark.slow
def test_a_folder_is_asked_about_by_the_reader(tmp_path: Path, capsys: Any) -> None:
    made = tmp_path / "mixed"
    made.mkdir()
    (made / "sign.png").write_bytes(sample("sign"))
    (made / "bill.pdf").write_bytes(pdf(["Maple Hardware", "Total: 16.50"]))
    Image.open(io.BytesIO(sample("sign"))).convert("RGB").save(made / "sign.tiff")
    (made / "broken.jpg").write_bytes(b"\xff\xd8\xffnothing")
    film(made / "film.mp4", frames=10, times=[400 * i for i in range(10)], size=(128, 64))
    out = tmp_path / "answers.jsonl"
    assert bulk(made, "What does it say?", "--out", out) == 0
    found = rows(out)
    assert set(found) == {"sign.png", "bill.pdf", "sign.tiff", "broken.jpg", "film.mp4"}
    assert found["sign.png"]["answer"] == "MAPLE AVENUE\nCity Hospital 3 km"
    assert found["sign.tiff"]["answer"] == "MAPLE AVENUE\nCity Hospital 3 km"
    assert "16.50" in found["bill.pdf"]["answer"]
    assert found["film.mp4"]["error"] is None
    assert found["film.mp4"]["answer"]
    broken = found["broken.jpg"]
    assert broken["answer"] is None
    assert "image" in broken["error"]
    told = found["sign.png"]
    assert told["usage"]["prompt_tokens"] > told["usage"]["image_tokens"] > 0
    assert told["seconds"] > 0
    assert told["at"].endswith("+00:00")
    said = capsys.readouterr()
    assert said.out == ""
    assert "5 to ask about, " in said.err
    assert "tokens as sightline-nano; at " in said.err
    assert "5 asked about in " in said.err
    assert "1 failed" in said.err


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names are Unicode")
def test_a_name_that_is_not_utf_8_is_a_row(tmp_path: Path, url: str) -> None:
    made = tmp_path / "pictures"
    odd = os.fsencode(made) + b"/d\xff"
    os.makedirs(odd)
    (made / "plain.png").write_bytes(drawn(0))
    for number, name in enumerate((b"caf\xe9.png", b"\xe9t\xe9.jpg", b"\xfe.png"), 1):
        with open(odd + b"/" + name, "wb") as file:
            file.write(drawn(number))
    with tarfile.open(
        tmp_path / "shard.tar", "w", format=tarfile.GNU_FORMAT, encoding="latin-1"
    ) as shard:
        shard.add(made / "plain.png", "\xe9.png")
    names = {"plain.png", "d\\xff/caf\\xe9.png", "d\\xff/\\xe9t\\xe9.jpg", "d\\xff/\\xfe.png"}
    lines = [json.dumps({"path": name}) for name in ("pictures/plain.png", "gone\ud800.png")]
    (tmp_path / "table.jsonl").write_text("\n".join(lines))
    sources: dict[Path | str, set[str]] = {
        made: names,
        tmp_path / "shard.tar": {"shard.tar/\\xe9.png"},
        tmp_path / "table.jsonl": {"pictures/plain.png", "gone\\ud800.png"},
    }
    for number, (source, keys) in enumerate(sources.items()):
        out = tmp_path / f"answers{number}.jsonl"
        asked = (source, "What is it?", "--out", out, "--base-url", url, "--model", "m")
        assert bulk(*asked) == 0
        found = rows(out)
        assert set(found) == keys
        assert [key for key, row in found.items() if row["error"]] == [
            k for k in keys if "gone" in k
        ]
        assert bulk(*asked, "--resume") == 0  # all of it is done
        assert set(rows(out)) == keys
    out = tmp_path / "pattern.parquet"
    assert (
        bulk(f"{made}/*/*.png", "What is it?", "--out", out, "--base-url", url, "--model", "m") == 0
    )
    assert {digest(drawn(1)), digest(drawn(3))} == {row["answer"] for row in rows(out).values()}


def test_every_kind_of_source(tmp_path: Path, folder: Path, url: str) -> None:
    pictures = sorted(folder.rglob("[0-9]*.png"))
    names = [str(p.relative_to(tmp_path)) for p in pictures]
    with (tmp_path / "a.csv").open("w") as file:
        csv.writer(file).writerows([("id", "path"), *((f"k{i}", n) for i, n in enumerate(names))])
    (tmp_path / "b.tsv").write_text("title\twhere\n" + "".join(f"x\t{n}\n" for n in names))
    (tmp_path / "c.jsonl").write_text("\n".join(json.dumps({"url": str(p)}) for p in pictures))
    table = pyarrow.table({"n": list(range(12)), "image": names})
    pyarrow.parquet.write_table(table, tmp_path / "d.parquet", row_group_size=5)
    for shard in range(3):
        with tarfile.open(tmp_path / f"s-{shard:04}.tar", "w") as tar:
            for i in range(4):
                told = tarfile.TarInfo(f"{i}.png")
                data = drawn(4 * shard + i)
                told.size = len(data)
                tar.addfile(told, io.BytesIO(data))
                tar.addfile(tarfile.TarInfo(f"{i}.json"))
    import fsspec

    memory = fsspec.filesystem("memory")
    for i in range(12):
        memory.pipe(f"/bucket/some/{i}.png", drawn(i))
    sources: list[tuple[str | Path, tuple[str, ...], str]] = [
        (folder, (), "more/10.png"),
        (f"{folder}/**/*.png", (), str(folder / "more/10.png")),
        (tmp_path / "a.csv", (), "pictures/more/10.png"),
        (tmp_path / "a.csv", ("--key", "id"), "k3"),
        (tmp_path / "b.tsv", ("--column", "where"), "pictures/3.png"),
        (tmp_path / "c.jsonl", (), str(pictures[0])),
        (tmp_path / "d.parquet", ("--key", "n"), "7"),
        (f"{tmp_path}/s-{{0000..0002}}.tar", (), "s-0001.tar/2.png"),
        (f"{tmp_path}/s-*.tar", (), "s-0002.tar/0.png"),
        ("memory://bucket/some", (), "5.png"),
        ("memory://bucket/*/*.png", (), "memory:///bucket/some/5.png"),
    ]
    for number, (source, flags, key) in enumerate(sources):
        out = tmp_path / f"out{number}.jsonl"
        assert bulk(source, "Which?", "--out", out, "--base-url", url, *flags) == 0
        found = rows(out)
        assert key in found, (source, sorted(found)[:3])
        assert {row["answer"] for row in found.values()} == wanted(), source


def test_addresses_in_a_table(tmp_path: Path, url: str, web: Any) -> None:
    places = [web.page(f"/{i}.png", drawn(i)) for i in range(3)]
    (tmp_path / "a.csv").write_text("url\n" + "\n".join([*places, places[0] + "-gone"]))
    out = tmp_path / "a.jsonl"
    assert bulk(tmp_path / "a.csv", "Which?", "--out", out, "--base-url", url) == 0
    found = rows(out)
    assert [found[place]["answer"] for place in places] == [digest(drawn(i)) for i in range(3)]
    assert "downloading" in found[places[0] + "-gone"]["error"]


@pytest.mark.parametrize("name", ["a.jsonl", "a.parquet", "folder"])
def test_fields_in_every_kind_of_output(tmp_path: Path, folder: Path, url: str, name: str) -> None:
    out = tmp_path / name
    assert (
        bulk(folder, "Tell.", "--out", out, "--base-url", url, "--json", "seen", "count,none") == 0
    )
    found = rows(out)
    assert {row["fields"]["seen"] for row in found.values()} == wanted()
    assert {str(row["fields"]["count"]) for row in found.values()} == {"3"}
    assert {row["fields"]["none"] for row in found.values()} == {None}
    assert json.loads(found["3.png"]["answer"])["extra"] is True
    assert found["3.png"]["usage"]["prompt_tokens"] == 10
    assert found["3.png"]["error"] is None


def test_a_schema(tmp_path: Path, folder: Path, url: str, model: Model) -> None:
    schema = {
        "type": "object",
        "properties": {
            "seen": {"type": "string"}, "count": {"type": ["integer", "null"]},
            "sides": {"type": "array", "items": {"type": "number"}}, "extra": {"type": "boolean"},
        },
    }  # fmt: skip
    (tmp_path / "schema.json").write_text(json.dumps(schema))
    out = tmp_path / "a.parquet"
    flags = ("--out", out, "--base-url", url, "--schema", tmp_path / "schema.json")
    assert bulk(folder, "Tell.", *flags) == 0
    fields = rows(out)["3.png"]["fields"]
    assert fields == {"seen": digest(drawn(3)), "count": 3, "sides": [8.0, 8.0], "extra": True}
    assert model.bodies[0]["response_format"]["json_schema"]["schema"] == schema
    # An answer that does not keep to it is a row with an error, and the answer.
    schema["properties"] = {"seen": {"type": "number"}}
    (tmp_path / "schema.json").write_text(json.dumps(schema))
    out = tmp_path / "b.jsonl"
    flags = ("--out", out, "--base-url", url, "--schema", tmp_path / "schema.json")
    assert bulk(folder, "Tell.", *flags, "--limit", "1") == 0
    row = rows(out)["0.png"]
    assert row["error"] == "The answer does not keep to the schema at seen."
    assert row["fields"] is None
    assert digest(drawn(0)) in row["answer"]


@pytest.mark.parametrize("name", ["a.jsonl", "a.parquet", "folder"])
def test_going_on_repeats_nothing(
    tmp_path: Path, folder: Path, url: str, model: Model, name: str, capsys: Any
) -> None:
    flags = ("--out", tmp_path / name, "--base-url", url)
    assert bulk(folder, "Which?", *flags, "--limit", "5") == 0
    assert len(rows(tmp_path / name)) == 5
    assert bulk(folder, "Which?", *flags, "--resume") == 0
    assert "5 of 12 are answered already" in capsys.readouterr().err
    (folder / "new.png").write_bytes(drawn(12))
    assert bulk(folder, "Which?", *flags, "--resume") == 0
    assert bulk(folder, "Which?", *flags, "--resume") == 0
    assert {row["answer"] for row in rows(tmp_path / name).values()} == wanted(13)
    assert set(model.asked.values()) == {1}


def test_a_server_that_goes_away_ends_the_run_and_loses_nothing(
    tmp_path: Path, folder: Path, url: str, model: Model, capsys: Any
) -> None:
    model.refused, flags = {digest(drawn(4))}, ("--out", tmp_path / "a.jsonl", "--base-url", url)
    model.most, model.status = 7, 401
    assert bulk(folder, "Which?", *flags, "--at-once", "1") == 1
    said = capsys.readouterr().err
    assert "The server answered 401: No. " in said
    assert "answers are kept in" in said
    kept = rows(tmp_path / "a.jsonl")
    assert len(kept) < 8
    model.most, model.status = 1 << 30, 400
    assert bulk(folder, "Which?", *flags, "--resume") == 0
    found = rows(tmp_path / "a.jsonl")
    assert len(found) == 12
    assert [key for key, row in found.items() if row["error"]] == ["4.png"]
    assert found["4.png"]["error"] == "The server answered 400: No."
    answered = [digest(drawn(i)) for i in range(12) if i != 4]
    assert all(model.asked[seen] <= 2 for seen in answered)


def test_several_servers_share_the_work(
    tmp_path: Path, folder: Path, url: str, model: Model
) -> None:
    other = Model()
    with chatting(other.answer, "m") as second:
        out = tmp_path / "a.jsonl"
        assert bulk(folder, "Which?", "--out", out, "--base-url", f"{url},{second}") == 0
    assert {row["answer"] for row in rows(out).values()} == wanted()
    assert model.asked.total() == other.asked.total() == 6


@contextmanager
def typed(folder: Path, out: Path, url: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "sightline.cli.main", "bulk", str(folder), "Which?", "--out", str(out),
         "--base-url", url, "--at-once", "3", "--resume"],
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=PATIENCE_S)


@pytest.mark.slow
def test_a_run_that_is_ended_goes_on(tmp_path: Path, folder: Path) -> None:
    out = tmp_path / "a.jsonl"
    with slow_model() as slow:
        for count, end in ((4, signal.SIGINT), (8, signal.SIGKILL)):
            with typed(folder, out, slow.url) as run:
                slow.let_go(count - (len(rows(out)) if out.exists() else 0))
                until(lambda: out.exists() and out.read_bytes().count(b"\n") >= count)  # noqa: B023
                run.send_signal(end)
                _, said = run.communicate(timeout=PATIENCE_S)
            assert run.returncode == (130 if end == signal.SIGINT else -end)
            if end == signal.SIGINT:
                assert re.search(r"Stopped: \d+ of 12 are answered; --resume goes on\.", said)
            slow.let_go(3)  # those that nobody waits for any more
        with out.open("a") as file:  # a row that was being written
            file.write('{"key": "9.png", "ans')
        slow.let_go(1000)
        with typed(folder, out, slow.url) as last:
            last.communicate(timeout=PATIENCE_S)
        assert last.returncode == 0
    found = rows(out)
    assert len(found) == 12
    assert {row["error"] for row in found.values()} == {None}


@pytest.mark.slow
def test_a_disk_that_is_full(tmp_path: Path, folder: Path, url: str, model: Model) -> None:
    """No file may have more than 64 KiB, which answers of 8 KiB soon have."""
    model.long = "x" * 8192
    out = tmp_path / "a.jsonl"
    words = [sys.executable, "-B", "-m", "sightline.cli.main", "bulk", str(folder), "Which?",
             "--out", str(out), "--base-url", url, "--at-once", "2"]  # fmt: skip
    bound = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, 1 << 16))  # noqa: E731
    run = subprocess.run(
        words, capture_output=True, text=True, timeout=PATIENCE_S, preexec_fn=bound
    )
    assert run.returncode == 1, run.stderr
    assert f"There is no room left for {out}. What was answered is kept" in run.stderr
    kept = rows(out)
    assert 5 < len(kept) < 8
    assert (
        subprocess.run([*words, "--resume"], capture_output=True, timeout=PATIENCE_S).returncode
        == 0
    )
    found = rows(out)
    assert {row["answer"] for row in found.values()} == {seen + model.long for seen in wanted()}
    assert found.items() >= kept.items()


BAD: list[tuple[list[str], str]] = [
    (["nowhere", "Which?", "--out", "a.jsonl"], "There is no nowhere."),
    (["empty", "Which?", "--out", "a.jsonl"], "empty holds no pictures."),
    (["x*.png", "Which?", "--out", "a.jsonl"], "x*.png matches nothing."),
    (["t.csv", "Which?", "--out", "a.jsonl"], "Which column of t.csv names the pictures?"),
    (["t.csv", "Which?", "--out", "a.jsonl", "--column", "b"], "t.csv has no column 'b'. Name it with --column or --key: it has a."),
    (["t.parquet", "Which?", "--out", "a.jsonl", "--column", "b"], "t.parquet has no column 'b'."),
    (["u.csv", "Which?", "--out", "a.jsonl"], "The key '0.png' stands twice in the source."),
    (["v.csv", "Which?", "--out", "a.jsonl"], "v.csv, row 2: path is empty, or no text."),
    (["w.jsonl", "Which?", "--out", "a.jsonl"], "w.jsonl, line 2 is no JSON object."),
    (["x.parquet", "Which?", "--out", "a.jsonl"], "x.parquet is no Parquet file."),
    (["x.tar", "Which?", "--out", "a.jsonl"], "x.tar is no tar file that can be read."),
    (["zzz://bucket/a", "Which?", "--out", "a.jsonl"], "zzz://bucket/a is no place that is known."),
    (["https://example.com/a.png", "Which?", "--out", "a.jsonl"], "A web address is no source."),
    (["pictures", "Which?", "--out", "a.txt"], "a.txt is no output. Name a file .jsonl or .parquet, or a folder."),
    (["pictures", "Which?", "--out", "t.csv/a.jsonl"], "t.csv/a.jsonl cannot be written."),
    (["pictures", "Which?", "--out", "there.jsonl"], "there.jsonl is there already."),
    (["pictures", "Which?", "--out", "there.jsonl", "--resume"], "there.jsonl was not made by this command."),
    (["pictures", "Which?", "--out", "a.jsonl", "--schema", "nowhere.json"], "nowhere.json cannot be read."),
    (["pictures", "Which?", "--out", "a.jsonl", "--schema", "t.csv"], "t.csv is no JSON."),
    (["pictures", "Which?", "--out", "a.jsonl", "--schema", "s1.json"], 's1.json is no schema of an object: its "type" has to be "object".'),
    (["pictures", "Which?", "--out", "a.jsonl", "--schema", "s2.json"], "s2.json is no JSON schema: "),
    (["pictures", "Which?", "--out", "a.jsonl", "--column", "x"], "--column and --key are for tables."),
    (["pictures", " ", "--out", "a.jsonl"], "The question is empty."),
    (["pictures", "Which?", "--out", "a.jsonl", "--base-url", "http://127.0.0.1:9/v1"], "http://127.0.0.1:9/v1 cannot be reached."),
]  # fmt: skip


@pytest.mark.parametrize(("words", "said"), BAD, ids=lambda v: v if isinstance(v, str) else "")
def test_bad_input_is_told_in_one_line(
    folder: Path,
    tmp_path: Path,
    url: str,
    monkeypatch: Any,
    capsys: Any,
    words: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    for name, text in {
        "t.csv": "a\n1\n", "u.csv": "path\n0.png\n1.png\n0.png\n", "v.csv": "path,b\n0.png,1\n,2\n",
        "w.jsonl": '{"path": "0.png"}\n[]\n', "x.parquet": "none", "x.tar": "none" * 1000,
        "there.jsonl": '{"a": 1}\n', "s1.json": '{"type": "array"}',
        "s2.json": '{"type": "object", "properties": {"a": {"type": "nothing"}}}',
    }.items():  # fmt: skip
        (tmp_path / name).write_text(text)
    pyarrow.parquet.write_table(pyarrow.table({"a": [1]}), tmp_path / "t.parquet")
    flags = [] if "--base-url" in words else ["--base-url", url]
    assert bulk(*words, *flags) in (1, 2)
    told = capsys.readouterr().err
    assert told.startswith(f"sightline bulk: {said}"), told
    assert told.count("\n") == 1
    assert (tmp_path / "there.jsonl").read_text() == '{"a": 1}\n'


def test_another_question_is_refused_and_told(
    tmp_path: Path, folder: Path, url: str, capsys: Any
) -> None:
    flags = ("--out", tmp_path / "a.jsonl", "--base-url", url)
    assert bulk(folder, "Which?", *flags, "--limit", "2") == 0
    before = (tmp_path / "a.jsonl").read_bytes()
    changed: list[tuple[str, tuple[str, ...], str]] = [
        ("What?", (), 'question was "Which?" and is "What?"'),
        ("Which?", ("--detail", "low"), 'detail was "auto" and is "low"'),
        ("Which?", ("--json", "a", "b"), 'attributes was [] and is ["a", "b"]'),
        ("Which?", ("--model", "other"), 'model was "m" and is "other"'),
    ]
    for question, more, said in changed:
        capsys.readouterr()
        assert bulk(folder, question, *flags, "--resume", *more) == 2
        assert said in capsys.readouterr().err
    assert (tmp_path / "a.jsonl").read_bytes() == before


def test_what_it_would_cost(
    tmp_path: Path, folder: Path, url: str, model: Model, capsys: Any
) -> None:
    out = tmp_path / "a.jsonl"
    assert bulk(folder, "Which?", "--out", out, "--base-url", url, "--dry-run", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["pictures"] == 12
    assert told["tokens"] > told["image_tokens"] > 0
    assert not model.asked
    assert bulk(folder, "Which?", "--out", out, "--dry-run", "--json", "--engine", "mirror") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["rate"] > 0
    assert told["seconds"] == pytest.approx(12 / told["rate"], abs=0.1)
    assert not out.exists()
    assert bulk(folder, "Which?", "--out", out, "--base-url", url, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["pictures"], told["asked"], told["failed"]) == (12, 12, 0)

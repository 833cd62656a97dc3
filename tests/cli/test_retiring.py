"""`sightline retiring`: which ids it finds, in what, and what it tells to do."""

from __future__ import annotations

import json
import os
import re
from datetime import date
from pathlib import Path

import pytest

from sightline.api_models import api_models
from tests.cli.test_cli import sightline

AS_OF = f"as of {api_models().date}"


def found(*paths: Path | str) -> list[tuple[str, int, str]]:
    """What it finds: file's name, line, id."""
    code, out, err = sightline("retiring", *map(str, paths), "--json")
    told = json.loads(out)["found"]
    assert (code, err) == (1 if told else 0, "")
    return [(Path(each["file"]).name, each["line"], each["id"]) for each in told]


def in_line(tmp_path: Path, line: str) -> list[str]:
    path = tmp_path / "config"
    path.write_text(f"\n{line}\n", "utf-8")
    told = found(path)
    assert all(number == 2 for _, number, _ in told)
    return [id for _, _, id in told]


@pytest.mark.parametrize(
    ("line", "ids"),
    [
        ('model="gpt-4o"', ["gpt-4o"]),
        ("MODEL=gpt-4o", ["gpt-4o"]),
        ("image: ${OPENAI_MODEL:-gpt-4o}", ["gpt-4o"]),
        ('"openai/gpt-4.1-mini": {}', ["gpt-4.1-mini"]),
        ("/deployments/gpt-4o/chat", ["gpt-4o"]),
        ("ft:gpt-4o-2024-08-06:acme::x", ["gpt-4o-2024-08-06"]),
        ("We use gpt-4o.", ["gpt-4o"]),
        ("使用gpt-4o模型", ["gpt-4o"]),
        ("`gpt-4o`, gpt-4o-mini and gpt-4o", ["gpt-4o", "gpt-4o-mini"]),
        ("gpt-4o-2024-05-13", ["gpt-4o-2024-05-13"]),
        ("gpt-4-vision-preview", ["gpt-4-vision-preview"]),
        # Longer words, and other ids.
        ("gpt-4o-realtime-x", []),
        ("gpt-4o-2031-01-01", []),
        ("gpt-4.5-preview-2025-02-27", []),  # OpenAI told the day of its alias alone
        ("my-gpt-4o", []),
        ("the_gpt-4o gpt-4o_2", []),
        ("gpt-4o.json", []),
        ("gpt-4ox xgpt-4o GPT-4o", []),
        ('f"gpt-4o-{date}"', []),
        ("gpt-5.5 gpt-6-astra sightline-nano", []),
        # What may be a variable.
        ("o1 = Order(); print(o1, o3)", []),
        ("model(o1)", []),
        ("model = o1(7)", []),
        ("x.o1 /o1 self.model.o1", []),
        ('call("o1")', ["o1"]),
        ("model: o3", ["o3"]),
        ("--model o1", ["o1"]),
        ("OPENAI_MODEL=o3", ["o3"]),
        ("openai/o3", ["o3"]),
    ],
)
def test_ids_are_whole(tmp_path: Path, line: str, ids: list[str]) -> None:
    assert sorted(in_line(tmp_path, line)) == ids


def told(day: str) -> str:
    return f"{'ended' if date.fromisoformat(day) <= date.today() else 'ends'} {day}"


def test_what_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "hear.py").write_text('hear("whisper-1")\nkey = "sk-secret"\n')
    (tmp_path / "app.py").write_text(
        '\nask("gpt-4-vision-preview", key="sk-secret")\nsay("tts-1")\n'
    )
    code, out, err = sightline("retiring")
    assert (code, err) == (1, "")
    assert [re.split(r"\s{2,}", line) for line in out.splitlines()[:3]] == [
        ["app.py:2", "gpt-4-vision-preview", "ended 2024-12-06",
         "goes on answering here: only the base URL changes; OpenAI names gpt-4o, which ends 2027-01-14"],
        ["app.py:3", "tts-1", told("2027-01-06"),
         "goes on answering here: only the base URL changes"],
        ["src/hear.py:1", "whisper-1", told("2027-02-26"),
         "goes on answering here (no successor writes SRT, VTT or the times of words): only the "
         "base URL changes; OpenAI names gpt-transcribe"],
    ]  # fmt: skip
    assert out.splitlines()[-1] == f"3 places name 3 models that OpenAI ends, in 2 files; {AS_OF}."
    assert "sk-secret" not in out


def test_json(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('model = "gpt-4o-search-preview"\n')
    code, out, _ = sightline("retiring", str(tmp_path), "--json")
    told = json.loads(out)
    assert code == 1
    assert told["found"] == [
        {
            "file": str(tmp_path / "a.toml"),
            "line": 1,
            "id": "gpt-4o-search-preview",
            "shutdown_date": "2026-07-23",
            "ended": True,
            "answered_here": True,
            "successor": "gpt-5.4-mini",
            "advice": "goes on answering here (without searching the web): only the base URL changes; "
            "OpenAI names gpt-5.4-mini",
        }
    ]
    assert told["whole"] is True


def test_what_is_passed_over(tmp_path: Path) -> None:
    for name in (".git", "node_modules", ".venv", "deep/node_modules/x", "env", "src", ".github"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "a.py").write_text("gpt-4o")
    (tmp_path / "env" / "pyvenv.cfg").touch()
    (tmp_path / "large.js").write_bytes(b"gpt-4o " * 600_000)
    (tmp_path / "binary").write_bytes(b"\0gpt-4o")
    (tmp_path / "linked").symlink_to(tmp_path / "src" / "a.py")
    (tmp_path / "src" / "loop").symlink_to(tmp_path)
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9 gpt-4o")
    os.mkfifo(tmp_path / "pipe")
    code, out, _ = sightline("retiring", str(tmp_path))
    assert code == 1
    places = [line.split()[0] for line in out.splitlines() if "gpt-4o" in line]
    assert places == [f"{tmp_path}/{each}:1" for each in (".github/a.py", "latin.txt", "src/a.py")]
    assert out.splitlines()[-1] == "Passed over: 1 of more than 4 MB, 1 binary."


def test_a_place_named_twice_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("gpt-4o")
    assert len(found(tmp_path, tmp_path / "a.py", tmp_path)) == 1


def test_it_stops_at_some_time(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("gpt-4o\n" * 12_000)
    code, out, _ = sightline("retiring", str(tmp_path))
    assert code == 1
    assert out.splitlines()[-1].startswith("Not all was looked at: after 10,000 places")


def test_nothing_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text('ask("gpt-6-astra")')
    code, out, err = sightline("retiring", str(tmp_path))
    assert (code, err) == (0, "")
    assert out == f"No place names a model that OpenAI ends, in 1 file; {AS_OF}.\n"


def test_a_name_cannot_steer_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "\x1b[31m\udcff.py").write_text("gpt-4o")
    _, out, _ = sightline("retiring", str(tmp_path))
    assert "\x1b" not in out
    assert "\\x1b[31m" in out


@pytest.mark.parametrize(
    ("make", "words"),
    [(lambda _: None, "is not there."), (os.mkfifo, "is neither a file nor a folder.")],
)
def test_wrong_paths_are_told(tmp_path: Path, make: object, words: str) -> None:
    path = tmp_path / "nowhere"
    assert callable(make)
    make(path)
    code, out, err = sightline("retiring", str(path))
    assert (code, out) == (2, "")
    assert err == f"sightline retiring: {path} {words} Check its name.\n"


def test_an_option_that_there_is_not() -> None:
    assert sightline("retiring", "--model")[0] == 2

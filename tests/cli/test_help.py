"""The help, tables that fit the terminal, and what mends a user's own files."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sightline import extras
from sightline.settings import TABLE
from tests.commands import typed
from tests.terminals import Terminal
from tests.waiting import PATIENCE_S

WIDE = {"COLUMNS": "100"}


def test_the_help_of_serve_fits_two_screens() -> None:
    said = typed("serve", "--help", env={"COLUMNS": "80"}).stdout
    assert len(said.splitlines()) <= 2 * 30
    assert max(map(len, said.splitlines())) <= 80
    for flag in ("--host", "--port", "--engine", "--model", "--keys", "--[no-]playground"):
        assert f"  {flag} " in said
    assert "--file-draw-s" not in said
    assert "--help-all tells of" in said


def test_all_of_serves_help_has_every_setting_and_its_default() -> None:
    said = typed("serve", "--help-all", env=WIDE).stdout
    flat = " ".join(said.split())
    for row in TABLE:
        flag = row.flag.replace("--", "--[no-]") if isinstance(row.default, bool) else row.flag
        assert said.count(f"\n  {flag} ") + said.count(f"\n  {flag}\n") == 1, row.name
    assert "Default: ." not in flat
    assert "Default: 72 MiB" not in flat
    assert "Default: 75497472 (72 MiB)." in flat
    assert "Refuse pictures of CAPTCHAs, as the API does. Default: on." in flat


def test_what_is_set_otherwise_is_said_but_no_secret() -> None:
    env = {**WIDE, "SIGHTLINE_PORT": "9", "SIGHTLINE_UPSTREAM_KEY": "sk-hidden"}
    said = typed("serve", "--help", env=env).stdout
    assert "Set otherwise here: --port 9, --upstream-key ***" in " ".join(said.split())
    assert "sk-hidden" not in said
    assert typed("serve", "--help", env={"SIGHTLINE_PORT": "many"}).returncode == 0


def test_help_of_a_command_in_other_words() -> None:
    assert typed("help", "tokens").stdout == typed("tokens", "--help").stdout


def test_python_runs_the_package_as_the_script_does() -> None:
    words = [sys.executable, "-m", "sightline"]
    for asked, code, said in (("--version", 0, "sightline "), ("aks", 2, "Did you mean")):
        done = subprocess.run([*words, asked], capture_output=True, text=True, timeout=PATIENCE_S)
        assert (done.returncode, said in done.stdout + done.stderr) == (code, True), done


@pytest.mark.parametrize(
    ("words", "width"),
    [
        ("", 80),
        ("--help", 60),
        ("--help", 80),
        ("doctor", 60),
        ("retiring examples", 60),
        ("models", 60),
        ("models", 80),
        ("models --api", 60),
        ("models --api", 80),
        ("voices", 60),
        ("tokens samples/receipt.png --detail all --model gpt-4o,gpt-5.5", 60),
        ("tokens samples/receipt.png --detail all", 80),
        ("tokens samples/receipt.png samples/film.mp4", 60),
        ("serve --help", 60),
        ("ask --help", 60),
        ("decide --help", 60),
    ],
)
def test_tables_fit_the_terminal(words: str, width: int) -> None:
    with Terminal(*words.split(), size=(30, width)) as terminal:
        shown = terminal.ended()
    lines = re.sub(r"\x1b\[[\d;]*m", "", shown).splitlines()
    assert len(lines) > 4
    assert max(map(len, lines)) <= width, max(lines, key=len)
    assert "receipt.png" in shown or "receipt" not in words  # no name is parted


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """A user's own folders, with what can go wrong there."""
    own = tmp_path / "sightline"
    (own / "models").mkdir(parents=True)
    (own / "keys.sqlite").touch(mode=0o644)
    (own / "models" / "models.lock.json").write_text("{")
    (own / "models" / "used-model").write_text("gone\n")
    return {"XDG_DATA_HOME": str(tmp_path)}


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
def test_the_doctor_mends_what_needs_no_choice(home: dict[str, str]) -> None:
    def advice(*words: str) -> list[str]:
        told: list[str] = json.loads(typed("doctor", "--json", *words, env=home).stdout)["advice"]
        return told

    wrong = " ".join(advice())
    for words in ("models.lock.json", "`sightline use` chose", "Others on this machine may read"):
        assert words in wrong
    assert "`sightline doctor --fix` mends this." in wrong
    done = advice("--fix")
    assert [line.partition(".")[0] for line in done[:3]] == ["Mended"] * 3
    own = Path(home["XDG_DATA_HOME"]) / "sightline"
    assert (own / "keys.sqlite").stat().st_mode & 0o077 == 0
    assert (own / "models" / "models.lock.damaged").read_text() == "{"
    assert advice("--fix")[0] == "Nothing is to be mended."


def test_extras_are_those_of_the_distribution() -> None:
    """What hints name, and where no registry has a package of our name to offer."""
    import tomllib

    told = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["project"]
    declared: dict[str, list[str]] = told["optional-dependencies"]
    for name, packages in extras.EXTRAS.items():
        wanted = [
            each
            for need in declared[name]
            for each in (declared["bulk"] if need == "sightline[bulk]" else [need])
        ]
        assert list(packages) == wanted, name
    assert "install 'mcp>=" in extras.hint("mcp")

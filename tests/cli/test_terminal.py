"""The terminal: the first page, completion, conversations."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sightline.cli.main import COMMANDS

SIGN, RECEIPT = "samples/sign.png", "samples/receipt.png"


def sightline(*words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sightline.cli.main", *words],
        input=stdin, capture_output=True, text=True, timeout=100,
    )  # fmt: skip


def test_without_arguments_it_shows_what_can_be_done() -> None:
    done = sightline()
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 10
    assert 'sightline ask photo.jpg "' in done.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_completion_knows_every_command(shell: str) -> None:
    done = sightline("completion", shell)
    assert done.returncode == 0, done.stderr
    for name in COMMANDS:
        assert name in done.stdout
    if shell == "bash":
        script = f"{done.stdout}\nCOMP_WORDS=(sightline des) COMP_CWORD=1; _shtab_sightline; "
        asked = subprocess.run(
            ["bash", "-c", script + 'echo "${COMPREPLY[@]}"'], capture_output=True, text=True
        )
        assert "describe" in asked.stdout, asked.stderr


def test_a_conversation_from_a_file_of_questions(tmp_path: Path) -> None:
    saved = tmp_path / "talk.md"
    done = sightline(
        "ask", SIGN,
        stdin=f"What does it say?\n/detail low\n/detail nonsense\n/cost\n/add {RECEIPT}\n"
        f"What is the total?\n/add nowhere.png\n/save {saved}\n/save {saved}\n/dance\n",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "MAPLE AVENUE" in done.stdout
    assert "Detail is low from now on." in done.stdout
    assert "Detail is one of" in done.stdout
    assert "tokens in" in done.stdout
    assert "The total is $" in done.stdout
    assert "nowhere.png cannot be read" in done.stderr
    assert "exists. Name another file." in done.stdout
    assert "There is no /dance" in done.stdout
    text = saved.read_text()
    assert "**You:** What does it say?" in text
    assert "MAPLE AVENUE" in text


def test_a_conversation_on_a_terminal() -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "sightline.cli.main", "ask", SIGN],
        stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ, "TERM": "xterm"},
    )  # fmt: skip
    os.close(theirs)
    shown = ""

    def until(words: str) -> None:
        nonlocal shown
        end = time.monotonic() + 60
        while words not in shown:
            assert time.monotonic() < end, shown
            if select.select([ours], [], [], 1)[0]:
                shown += os.read(ours, 65536).decode("utf-8", "replace")
                if "\x1b[6n" in shown:  # the terminal is asked where its cursor is
                    shown = shown.replace("\x1b[6n", "")
                    os.write(ours, b"\x1b[1;1R")

    try:
        until("›")
        os.write(ours, b"What does it say?\r")
        until("MAPLE AVENUE")
        os.write(ours, b"/quit\r")
        assert process.wait(30) == 0
    finally:
        process.kill()
        os.close(ours)

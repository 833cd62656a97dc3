"""The terminal: the first page, completion, conversations."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from importlib import import_module
from pathlib import Path

import psutil
import pytest

from sightline.cli.main import COMMANDS
from sightline.cli.screen import width
from tests.commands import typed
from tests.films import film, scenes
from tests.serving import Server
from tests.terminals import Terminal
from tests.waiting import PATIENCE_S, until

SIGN, RECEIPT = "samples/sign.png", "samples/receipt.png"


def sightline(*words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return typed(*words, stdin=stdin.encode())


def test_without_arguments_it_shows_what_can_be_done() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sightline.cli.main"],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0
    assert re.search(r"`sightline pull [\w.-]+` sees more \([\d,]+ MB, [^)]+\)", done.stdout)
    lines = done.stdout.splitlines()
    assert len(list(filter(None, lines))) <= 10
    assert max(map(len, lines)) <= 80
    assert 'sightline ask photo.jpg "' in done.stdout


def test_columns_stay_straight_beside_names_in_wide_letters(tmp_path: Path) -> None:
    for name in ("看板.png", "Motörhead 🙂.png", "plain.png"):
        shutil.copy(SIGN, tmp_path / name)
    done = sightline("tokens", *map(str, sorted(tmp_path.iterdir())))
    lines = done.stdout.splitlines()[1:4]
    starts = [width(line[: line.index("800×420")]) for line in lines]
    assert len(set(starts)) == 1, done.stdout
    assert width("看板 e\u0301🙂") == 8


def test_what_an_encoding_has_no_sign_for_is_escaped(tmp_path: Path) -> None:
    name = os.fsdecode(b"bad\xff.png") if sys.platform == "linux" else "bad.png"
    shutil.copy(SIGN, tmp_path / name)
    done = subprocess.run(
        [sys.executable, "-m", "sightline", "tokens", name],
        capture_output=True, timeout=300, cwd=tmp_path,
        env={**os.environ, "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert rb"800\xd7420" in done.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "tcsh"])
def test_completion_knows_every_command(shell: str) -> None:
    done = sightline("completion", shell)
    assert done.returncode == 0, done.stderr
    for name in COMMANDS:
        assert name in done.stdout
    asking = {"bash": _asking_bash, "fish": _asking_fish}.get(shell)
    if asking is None or shutil.which(shell) is None:
        return
    for words, wanted in (
        ("des", "describe"),
        ("ask samples/rec", "samples/receipt.png"),
        ("ask samples/receipt.png --engine up", "upstream"),
        ("narrate samples/film.mp4 --voice on", "onyx"),
        ("narrate samples/fi", "samples/film.mp4"),
        ("use embed", "embedded"),
        ("pull smolvlm2-5", "smolvlm2-500m"),
    ):
        asked = subprocess.run(
            [shell, "-c", f"{done.stdout}\n{asking(words)}"], capture_output=True, text=True
        )
        assert wanted in asked.stdout.split(), (words, asked.stderr)


def _asking_bash(words: str) -> str:
    count = len(words.split())
    return f"COMP_WORDS=(sightline {words}) COMP_CWORD={count}; _shtab_sightline; echo ${{COMPREPLY[@]}}"


def _asking_fish(words: str) -> str:
    return f"complete -C 'sightline {words}'"


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
    with Terminal("ask", SIGN) as terminal:
        terminal.until("1 picture. /help")
        terminal.until("›")
        terminal.type("What does it say?\r")
        terminal.until("MAPLE AVENUE")
        terminal.type("/quit\r")
        terminal.ended()
        assert terminal.process.returncode == 0


def test_pictures_are_drawn_on_a_terminal() -> None:
    with Terminal("ask", SIGN, "What does it say?", "--show") as terminal:
        shown = terminal.ended()
    assert shown.count("▀") > 300
    assert "Traceback" not in shown  # of a terminal that does not tell how large its cells are
    assert "\x1b[38;2;" in shown or "\x1b[38;5;" in shown
    assert "MAPLE AVENUE" in shown
    with Terminal("ask", SIGN, "What does it say?", "--show", kind="dumb") as terminal:
        shown = terminal.ended()
    assert "▀" not in shown
    assert "--show draws on a terminal only." in shown
    with Terminal("inspect", SIGN, "--show", size=(0, 0)) as terminal:
        shown = terminal.ended()
        assert terminal.process.wait(PATIENCE_S) == 0
    assert "the terminal does not tell its size" in shown


def test_a_filmstrip_is_drawn_on_a_terminal(tmp_path: Path) -> None:
    times = [400 * i for i in range(10)]
    path = str(film(tmp_path / "film.mp4", frames=10, times=times, size=(128, 64)))
    with Terminal("describe", path, "--frames", "4", "--show") as terminal:
        assert terminal.ended().count("▀") > 300
    done = sightline("describe", path, "--frames", "1", "--show")
    assert "▀" not in done.stdout
    assert "--show draws on a terminal only." in done.stderr


def test_colour_is_for_terminals_alone() -> None:
    with Terminal("ask", "nowhere.png", "What?") as terminal:
        assert "\x1b[1;31m" in terminal.ended()
    with Terminal("ask", "nowhere.png", "What?", NO_COLOR="1") as terminal:
        assert "\x1b[1;31m" not in terminal.ended()
    done = sightline("ask", "nowhere.png", "What?")
    assert done.stderr == "sightline ask: nowhere.png cannot be read. Check its name.\n"


class _Speaking(BaseHTTPRequestHandler):
    """Voices of another server, each of which speaks when it is let."""

    arrived = threading.Semaphore(0)
    gate = threading.Semaphore(0)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.arrived.release()
        self.gate.acquire(timeout=PATIENCE_S)
        self.send_response(200)
        self.send_header("content-type", "audio/pcm")
        self.send_header("content-length", "4800")
        self.end_headers()
        self.wfile.write(bytes(4800))

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


@contextmanager
def speaking() -> Iterator[str]:
    server = Server(("127.0.0.1", 0), _Speaking)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    server.shutdown()
    server.server_close()
    thread.join()


def test_progress_tells_rate_and_time_left(tmp_path: Path) -> None:
    names = ("onyx", "nova", "alloy", "echo", "fable")
    with speaking() as url, Terminal(
        "voices", *names, "--sample", str(tmp_path), "--speech", "upstream", "--speech-url", url
    ) as terminal:  # fmt: skip
        assert _Speaking.arrived.acquire(timeout=PATIENCE_S)
        since = time.monotonic()
        while time.monotonic() <= since + 1:  # nothing is shown before that
            terminal.read()
        _Speaking.gate.release(1000)
        shown = terminal.ended()
    assert "Speaking" in shown
    assert "a second" in shown or "s each" in shown
    assert re.search(r"\d:\d\d left", re.sub(r"\x1b\[[\d;]*m", "", shown))


def test_progress_tells_no_share_of_what_has_none(tmp_path: Path) -> None:
    path = str(film(tmp_path / "film.mp4"))
    with Terminal("narrate", path, "--frames", "3") as terminal:
        shown = terminal.ended()
    assert not re.search(r"Looking at the film[^\r\n]*(%|left)", shown)
    # What is said when stands beside where the film is.
    assert re.search(r"\d\.\d to \d\.\d s: \w", shown)
    assert "film-narrated.mp4" in shown.replace("\r\n", "")


def at_work(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Give the processes of its own that a command has, which goes on."""
    assert process.poll() is None, process.communicate()
    return psutil.Process(process.pid).children(recursive=True)


@pytest.mark.parametrize("command", ["ask", "describe", "narrate"])
def test_an_interrupt_leaves_nothing_behind(tmp_path: Path, tiny: Path, command: str) -> None:
    """Interrupted, as by Ctrl-C, once it has a process of its own at work."""
    kept, temporary = tmp_path / "kept", tmp_path / "tmp"
    kept.mkdir()
    temporary.mkdir()
    if command == "ask":
        words = [str(Path(SIGN).absolute()), "What?", "--engine", "llamacpp", "--model", str(tiny)]
    else:
        words = [str(scenes(tmp_path / "film.mp4"))]
        words += ["-o", str(kept / "out.mp4")] if command == "narrate" else []
    process = subprocess.Popen(
        [sys.executable, "-m", "sightline.cli.main", command, *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=kept,
        start_new_session=True, env={**os.environ, "TMPDIR": str(temporary)},
    )  # fmt: skip
    try:
        child = until(lambda: at_work(process))
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 130, said
        assert "Traceback" not in said
        assert not any(each.is_running() for each in child)
        assert list(kept.iterdir()) == []
        assert list(temporary.iterdir()) == []
    finally:
        process.kill()
        process.communicate()


def test_json_of_an_answer_in_words() -> None:
    told = json.loads(sightline("ask", SIGN, "What does it say?", "--json").stdout)
    assert told["answer"] == "MAPLE AVENUE\nCity Hospital 3 km"
    assert told["model"] == "sightline-nano"
    assert told["usage"]["prompt_tokens"] > 0


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_speaks_json_and_shows_an_example(command: str) -> None:
    parser = import_module(f"sightline.cli.{command}").parser()
    assert "--json" in parser.format_help()
    assert f"Example: sightline {command}" in " ".join((parser.epilog or "").split())

"""The command line as a user runs it: answers on stdout, one line on stderr, exit codes."""

from __future__ import annotations

import json
import re
import socket
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from sightline.cli.serve import HELLO_PNG
from sightline.errors import UsageError
from tests.commands import typed
from tests.conftest import Web
from tests.documents import pdf
from tests.pictures import SAMPLES, sample
from tests.waiting import PATIENCE_S

RECEIPT = str(SAMPLES / "receipt.png")


def sightline(*arguments: str, stdin: bytes = b"") -> tuple[int, str, str]:
    """Run the command; give exit code, stdout, stderr."""
    done = typed(*arguments, stdin=stdin)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",)])
def test_help(arguments: tuple[str, ...]) -> None:
    code, out, err = sightline(*arguments)
    assert (code, err) == (0, "")
    assert "ask" in out
    assert "serve" in out
    assert len(out.splitlines()) <= 36


def test_version() -> None:
    code, out, _ = sightline("--version")
    assert code == 0
    assert re.fullmatch(r"sightline \d+\.\d+\.\d+\n", out)


def test_ask_in_process() -> None:
    code, out, err = sightline("ask", RECEIPT, "What is the total?")
    assert (code, out) == (0, "The total is $16.20.\n")
    assert re.fullmatch(r"(Looking at 1 picture … \d+ s\n)?", err)


def test_what_the_engine_cannot_do_is_noted_beside_the_answer() -> None:
    code, out, err = sightline("ask", RECEIPT, "Who painted the walls of the shop?")
    assert code == 0
    assert "sightline pull" not in out
    assert len(re.findall("(?m)^Note: .*`sightline pull`", err)) == 1
    code, out, err = sightline("ask", RECEIPT, "Who painted it?", "--json")
    note = json.loads(out)["usage"]["sightline"]["note"]
    assert "`sightline pull`" in note
    assert "Note:" not in err
    assert len(note.split()) < 30  # no advertisement


def test_evidence_is_drawn(tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    code, said, _ = sightline("ask", RECEIPT, "What is the total?", "--evidence", str(out))
    assert (code, said) == (0, "The total is $16.20.\n")
    with Image.open(RECEIPT) as before, Image.open(out) as after:
        changed = ImageChops.difference(before.convert("RGB"), after.convert("RGB")).getbbox()
    assert changed is not None
    assert changed[1] > 500  # nothing above the total


def test_ask_about_stdin_url_and_several(web: Web) -> None:
    code, out, _ = sightline("ask", "-", "What is the date?", stdin=sample("receipt"))
    assert (code, out) == (0, "The date is 2026-03-14.\n")
    code, out, _ = sightline("ask", f"{web.url}/sign.png", "What does it say?", "--no-stream")
    assert (code, out) == (0, "MAPLE AVENUE\nCity Hospital 3 km\n")
    pair = [str(SAMPLES / "before.png"), str(SAMPLES / "after.png")]
    code, out, _ = sightline("ask", *pair, "What is different?", "--detail", "high")
    assert code == 0
    assert "Opens 9:30" in out


def test_ask_for_json() -> None:
    code, out, _ = sightline("ask", RECEIPT, "Read it.", "--json", "total,date", "cashier", "tip")
    assert code == 0
    assert json.loads(out) == {
        "total": "$16.20",
        "date": "2026-03-14",
        "cashier": "Maria",
        "tip": None,
    }


@pytest.mark.parametrize("stream", ["--stream", "--no-stream"])
def test_ask_a_server(base_url: str, stream: str) -> None:
    code, out, _ = sightline("ask", RECEIPT, "What is the total?", "--base-url", base_url, stream)
    assert (code, out) == (0, "The total is $16.20.\n")
    code, out, _ = sightline("ask", "What is the total?", RECEIPT, "--base-url", base_url, stream)
    assert (code, out) == (0, "The total is $16.20.\n")
    code, out, _ = sightline(
        "ask", RECEIPT, "?", "--base-url", base_url, "--model", "gpt-4o", "--json", "total"
    )
    assert json.loads(out) == {"total": "$16.20"}


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["ask"], 2, "required"),
        (["ask", RECEIPT], 2, "at least one picture and a question"),
        (["ask", RECEIPT, "?", "--detail", "ultra"], 2, "invalid choice"),
        (["ask", "no-such-file.png", "What?"], 1, "no-such-file.png cannot be read."),
        (["ask", str(SAMPLES), "What?"], 1, "is a folder."),
        (["ask", __file__, "What?"], 1, "You uploaded an unsupported image."),
        (["ask", "-", "What?"], 1, "empty"),
        (["ask", "http://127.0.0.1:1/a.png", "What?"], 1, "Error while downloading file."),
        (["ask", RECEIPT, "?", "--base-url", "http://127.0.0.1:1/v1"], 1, "cannot be reached"),
        (["look", RECEIPT], 2, "there is no command 'look'. `sightline --help` lists"),
        (["servee"], 2, "there is no command 'servee'. Did you mean serve?"),
        (["keys", "add"], 2, "Whose key is to be added? Give a name."),
        (["keys", "revoke"], 2, "Whose key is to be revoked? Give a name."),
        (["serve", "--port", "many"], 2, "'many' is not a valid value for port."),
        (["serve", "--port", "70000"], 2, "does not exist"),
        (["serve", "--engine", "oracle"], 2, "There is no engine called 'oracle'."),
        (["serve", "--host", "no.such.host.invalid"], 2, "is not an address of this machine"),
        (["serve", "--config", "no-such.toml"], 2, "cannot be read"),
        (["serve", "--bogus"], 2, "unrecognized"),
        (["serve", "--prot", "1"], 2, "--prot 1. Did you mean --port?"),
        (["describe", "film.mp4", "--budgte=3"], 2, "Did you mean --budget?"),
        (["pull", "smolvlm2-500"], 2, "Did you mean smolvlm2-500m?"),
        (["use", "smolvlm2_500m"], 1, "Did you mean smolvlm2-500m?"),
        (["voices", "onix"], 2, "Did you mean onyx?"),
        (["tokens", RECEIPT, "--model", "gpt4o"], 2, "Did you mean gpt-4o?"),
        (["inspect", RECEIPT, "--model", "gpt-4oo"], 2, "Did you mean gpt-4o?"),
        (["ask", RECEIPT, "?", "--pages", "3-1"], 2, "invalid pages value"),
        (["doctor", "--fix", "--url", "http://127.0.0.1:1"], 2, "--fix is for this machine."),
    ],
)
def test_errors_are_one_line(arguments: list[str], code: int, words: str) -> None:
    found, out, err = sightline(*arguments)
    assert (found, out) == (code, "")
    assert words in err
    assert "Traceback" not in err
    last = [line for line in err.splitlines() if not line.startswith(("usage:", " ", "Looking"))]
    assert len(last) == 1


def test_server_errors_are_told(base_url: str) -> None:
    code, out, err = sightline("ask", RECEIPT, "?", "--base-url", base_url, "--model", "gpt-99")
    assert (code, out) == (1, "")
    assert "The model `gpt-99` does not exist" in err


def test_taken_port() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code, out, err = sightline("serve", "--port", str(taken.getsockname()[1]))
    assert (code, out) == (1, "")
    assert "--port 0" in err


def test_the_printed_curl_line_works(base_url: str) -> None:
    import requests

    content = [
        {"type": "text", "text": "What does it say?"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{HELLO_PNG}"}},
    ]
    body = {"model": "sightline-reader", "messages": [{"role": "user", "content": content}]}
    reply = requests.post(f"{base_url}/chat/completions", json=body, timeout=PATIENCE_S).json()
    assert reply["choices"][0]["message"]["content"] == "HELLO"


def test_settings_come_from_flag_environment_file(tmp_path: Path) -> None:
    from sightline import settings

    file = tmp_path / "s.toml"
    file.write_text('port = 1\nhost = "::1"\nthreads = 3\n')
    env = {"SIGHTLINE_PORT": "2", "SIGHTLINE_THREADS": "1", "SIGHTLINE_CONFIG": str(file)}
    read = settings.load({"port": "3", "host": None}, environment=env)
    assert (read.port, read.threads, read.host) == (3, 1, "::1")
    file.write_text("prot = 1\n")
    with pytest.raises(UsageError, match="Unknown setting 'prot'"):
        settings.load(environment=env)
    file.write_text("port = \n")
    with pytest.raises(UsageError, match="not valid TOML"):
        settings.load(environment=env)


def test_keys_go_only_where_they_belong(monkeypatch: pytest.MonkeyPatch) -> None:
    from sightline.settings import client_key

    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.delenv("SIGHTLINE_API_KEY", raising=False)
    assert client_key(None, "https://api.openai.com/v1") == "sk-secret"
    for other in ("http://127.0.0.1:8000/v1", "https://api.openai.com.evil.example/v1"):
        assert client_key(None, other) == "none"
    assert client_key("given", "http://127.0.0.1/v1") == "given"


def test_a_pattern_in_quotes_names_several_pictures() -> None:
    code, out, err = sightline("ask", str(SAMPLES / "[ab]*.png"), "When does it open?")
    assert code == 0
    # Which is which, since the answer numbers them.
    assert f"Image 1: {SAMPLES / 'after.png'}\nImage 2: {SAMPLES / 'before.png'}\n" in err
    assert "9:30" in out
    assert "8:00" in out
    code, _, err = sightline("ask", str(SAMPLES / "no*.png"), "What?")
    assert (code, "cannot be read" in err) == (1, True)


def test_pages_of_a_pdf(tmp_path: Path) -> None:
    path, drawn = tmp_path / "three.pdf", tmp_path / "out.png"
    path.write_bytes(pdf(["Total: 16.50"], ["Total: 99.00"], ["Total: 7.25"]))
    words = [str(path), "What is the total?", "--pages", "2", "--evidence", str(drawn)]
    assert sightline("ask", *words)[:2] == (0, "The total is 99.00.\n")
    with Image.open(drawn) as page:
        assert page.size[1] > 1000  # drawn as a picture, so that there is one to draw boxes into
    code, _, err = sightline("ask", str(path), "?", "--pages", "4")
    assert code == 1
    assert "three.pdf: The PDF has 3 pages, and no page 4." in err


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="has a clipboard without a program")
def test_a_picture_in_the_clipboard(tmp_path: Path) -> None:
    code, _, err = typed_with(tmp_path, "")
    assert (code, "Install wl-clipboard" in err) == (2, True)
    code, _, err = typed_with(tmp_path, "exit 1")
    assert (code, "no picture in the clipboard" in err) == (2, True)
    assert typed_with(tmp_path, f"cat '{RECEIPT}'")[:2] == (0, "The total is $16.20.\n")


def typed_with(folder: Path, script: str) -> tuple[int, str, str]:
    """Ask about the clipboard with a program that reads it, or with none."""
    program = folder / "xclip"
    if script:
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
    env = {"PATH": f"{folder}:/bin" if script else str(folder)}
    done = typed("ask", "clipboard", "What is the total?", env=env)
    return done.returncode, done.stdout, done.stderr

"""The conformance kit: our server passes, and one that does not look is found out."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from sightline_conformance.cli import parser
from tests.commands import typed
from tests.serving import Server


def outcomes(*words: str) -> tuple[int, dict[str, dict[str, Any]]]:
    done = typed("conformance", *words, "--json")
    told = json.loads(done.stdout)
    assert sum(told["summary"].values()) == len(told["checks"])
    return done.returncode, {each["check"]["name"]: each for each in told["checks"]}


def test_our_server_passes(base_url: str, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    groups = ("parts", "alpha", "silent loss", "errors", "streaming", "retention", "models")
    named = [word for group in groups for word in ("--group", group)]
    code, found = outcomes("--base-url", base_url, "--report", str(page), *named)
    failed = {name: each["got"] for name, each in found.items() if each["status"] == "fail"}
    assert not failed
    assert code == 0
    assert len(found) > 40
    left = {name for name, each in found.items() if each["status"] == "not applicable"}
    assert left <= {"a picture by URL", "a wrong key is refused where keys are"}
    for each in found.values():
        assert each["check"]["source"]
        assert all(len(line) < 20_000 for line in each["sent"])
    shown = page.read_text("utf-8")
    assert shown.count("<tr>") == len(found) + 1


def test_our_server_keeps_to_the_newer_calls(base_url: str) -> None:
    groups = ("decisions", "strict schemas", "host checks", "conversations", "background")
    named = [word for group in (*groups, "stored completions") for word in ("--group", group)]
    code, found = outcomes("--base-url", base_url, *named)
    failed = {name: each["got"] for name, each in found.items() if each["status"] == "fail"}
    assert not failed
    assert code == 0
    left = {name for name, each in found.items() if each["status"] == "not applicable"}
    # Of scores and colors the embedded engine has no calibrated probability.
    assert left <= {
        "a score is what the levels' probabilities come to",
        "the color of a picture is the likeliest",
    }


@pytest.fixture
def keys() -> list[str]:
    """What the server that does not look was sent as its key, request by request."""
    return []


@pytest.fixture
def blind(keys: list[str]) -> Iterator[str]:
    """A server that answers all who say for whom, looks at nothing and fetches what it is told."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(b'{"object": "list", "data": []}')

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            message = {"role": "assistant", "content": "A lovely picture."}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            usage = {"prompt_tokens": 1, "completion_tokens": 4, "total_tokens": 5}
            self._answer(json.dumps({"choices": [choice], "usage": usage}).encode())

        def _answer(self, data: bytes) -> None:
            keys.append(self.headers["authorization"])
            self.send_response(200 if self.headers["x-provider"] == "any" else 400)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_server_that_does_not_look_is_found_out(blind: str) -> None:
    code, found = outcomes("--base-url", blind, "--header", "X-Provider: any")
    assert code == 1
    assert len(found) >= 100
    passed = {name for name, each in found.items() if each["status"] == "pass"}
    assert found["a picture as a base64 data URL"]["status"] == "fail"
    assert found["a picture that is cut short beside a good picture is refused"]["status"] == "fail"
    assert found["a picture is counted"]["status"] == "fail"
    assert found["the stream ends with [DONE]"]["status"] == "fail"
    assert found["a file's path is refused"]["status"] == "fail"
    assert found["a stranger's name that points here is refused"]["status"] == "fail"
    assert found["nested objects and lists hold"]["status"] == "fail"
    assert found["each question has its answer, in order and by its name"]["status"] == "fail"
    assert found["JSON with the text"]["status"] == "fail"
    # What cannot be wrong in what it says: words came, nothing was repeated, it lived on.
    assert "a question as plain text" in passed
    assert len(passed) < 30


def alone(*words: str) -> subprocess.CompletedProcess[str]:
    """The kit's own command."""
    return subprocess.run(
        [sys.executable, "-m", "sightline_conformance", *words], capture_output=True, text=True
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--base-url", "localhost:8000"), "base URL"),
        (("--base-url", "http://127.0.0.1:1/v1", "--group", "magic"), "There is no group 'magic'"),
        (("--base-url", "http://x/v1", "--header", "no colon"), "not NAME:VALUE"),
        (("--base-url", "http://x/v1", "--report", "/no/such/folder/x.html"), "no folder"),
    ],
)
def test_what_cannot_be_checked_is_one_line(words: tuple[str, ...], said: str) -> None:
    for name, done in (
        ("sightline conformance", typed("conformance", *words)),
        ("sightline-conformance", alone(*words)),
    ):
        assert done.returncode == 2
        assert done.stderr.startswith(f"{name}: ")
        assert said in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_the_kit_has_a_command_of_its_own(blind: str) -> None:
    words = ("--base-url", blind, "--group", "streaming", "--header", "X-Provider: any")
    own, ours = alone(*words, "--json"), typed("conformance", *words, "--json")
    assert own.returncode == ours.returncode == 1

    def found(done: subprocess.CompletedProcess[str]) -> list[tuple[str, str]]:
        checks = json.loads(done.stdout)["checks"]
        return [(each["check"]["name"], each["status"]) for each in checks]

    assert found(own) == found(ours)
    assert "usage: sightline-conformance" in alone("--help").stdout
    assert "usage: sightline conformance" in typed("conformance", "--help").stdout


def test_no_key_of_openais_goes_elsewhere(blind: str, keys: list[str]) -> None:
    words = ("--base-url", blind, "--group", "models")
    kept = {"OPENAI_API_KEY": "theirs"}
    typed("conformance", *words, env=kept)
    assert set(keys) == {"Bearer none"}
    keys.clear()
    typed("conformance", *words, env={**kept, "SIGHTLINE_API_KEY": "own"})
    assert set(keys) == {"Bearer own"}


def test_its_readme_names_every_flag() -> None:
    told = (Path(__file__).parents[2] / "conformance" / "README.md").read_text("utf-8")
    flags = {flag for action in parser()._actions for flag in action.option_strings}
    named = set(re.findall(r"^\| `(--[a-z-]+)", told, re.MULTILINE))
    assert named == flags - {"-h", "--help"}


def test_where_the_kit_is_not_installed_one_line_says_how_to() -> None:
    with patch.dict(sys.modules, {"sightline_conformance": None}):
        done = typed("conformance", "--base-url", "http://127.0.0.1:1/v1")
        completed = typed("completion", "bash")
        listed = typed("--help")
    assert done.returncode == 2
    [line] = done.stderr.splitlines()
    command = shlex.split(line.partition("type: ")[2])
    assert command == ["pip", "--python", sys.executable, "install", "./conformance"]
    assert completed.returncode == 0
    assert "conformance" in completed.stdout
    assert "conformance" in listed.stdout


def test_a_server_that_is_not_there_fails_every_check() -> None:
    code, found = outcomes("--base-url", "http://127.0.0.1:1/v1", "--group", "models")
    assert code == 1
    assert {each["status"] for each in found.values()} == {"fail"}

"""How the tools are reached: cancelled calls, another server, keys, whose pages may ask."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests import documented
from tests.commands import typed
from tests.conftest import Web
from tests.films import scenes
from tests.mcp.doors import COMMAND, holding, in_thread, opened
from tests.pictures import SAMPLES
from tests.processes import running_module
from tests.server.test_keys import added
from tests.waiting import PATIENCE_S, until

HOWS = ["stdio legacy", "stdio auto", "http legacy", "thread auto"]


@pytest.mark.parametrize("how", HOWS)
def test_a_cancelled_call_ends_its_work(how: str) -> None:
    with (
        holding() as server,
        opened(how, "--root", str(SAMPLES), "--base-url", server.url) as door,
    ):
        call = door.calling("look", pictures=["sign.png"], question="What is it?")
        assert server.asked.acquire(timeout=PATIENCE_S)
        call.cancel()
        assert server.gone.acquire(timeout=PATIENCE_S)
        # The session goes on.
        assert door.call("cost", picture="sign.png", models=["gpt-4o"])["format"] == "png"


@pytest.mark.parametrize("how", ["stdio legacy", "thread auto"])
def test_a_cancelled_film_ends_its_process(how: str, tmp_path: Path) -> None:
    scenes(tmp_path / "film.mp4")
    flags = "--root", str(tmp_path)
    with holding() as server, opened(how, *flags, "--base-url", server.url) as door:
        call = door.calling("describe_film", film="film.mp4", timeline=True, frames=200)
        assert server.asked.acquire(timeout=PATIENCE_S)
        call.cancel()
        assert server.gone.acquire(timeout=PATIENCE_S)
        until(lambda: not running_module(os.getpid(), "sightline.media.film_child"))


def registered(text: str, language: str) -> list[dict[str, Any]]:
    """Give the servers of a client's settings, whatever that client calls them."""
    told: dict[str, Any] = tomllib.loads(text) if language == "toml" else json.loads(text)
    (servers,) = (told[name] for name in ("mcpServers", "servers", "mcp_servers") if name in told)
    return list(servers.values())


def test_what_is_registered_starts(tmp_path: Path) -> None:
    """The settings of clients in the page name a command that answers them."""
    page = documented.blocks(documented.DOCS / "agents.md")
    forms = [b for b in page if b.language == "toml" or '"command"' in b.text]
    found = [one for b in forms for one in registered(b.text, b.language)]
    assert len(found) >= 3
    for one in found:
        assert one["command"] == "sightline"
        assert one["args"][:2] == ["mcp", "--root"]
        assert len(one["args"]) == 3
    with opened("stdio auto", "--root", str(tmp_path)) as door:
        tools = door.do(door.client.list_tools()).tools
    assert {"look", "extract", "decide"} <= {each.name for each in tools}


def test_the_end_of_a_client_ends_the_command() -> None:
    with holding() as server:
        flags = "--root", str(SAMPLES), "--base-url", server.url
        with opened("stdio legacy", *flags) as door:
            call = door.calling("look", pictures=["sign.png"], question="What is it?")
            assert server.asked.acquire(timeout=PATIENCE_S)
        assert server.gone.acquire(timeout=PATIENCE_S)
        call.cancel()
    until(lambda: not running_module(os.getpid(), COMMAND[1]))


def test_a_client_that_is_gone_before_its_answer_ends_the_command_in_silence() -> None:
    with subprocess.Popen(
        [sys.executable, *COMMAND],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stdin.write(json.dumps(BEGIN) + "\n")
        process.stdin.close()
        assert process.stderr.read() == ""
        assert process.wait(PATIENCE_S) in (0, 1)  # by which of the two it sees first


def test_an_interrupt_ends_the_command() -> None:
    with subprocess.Popen(
        [sys.executable, *COMMAND], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(BEGIN) + "\n")
        process.stdin.flush()
        assert "sightline" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_S) == -signal.SIGINT


def test_another_server_answers(base_url: str) -> None:
    """What a Sightline server tells beside its answer comes through."""
    flags = "--root", str(SAMPLES), "--base-url", base_url, "--model", "sightline-nano"
    with opened("thread auto", *flags) as door:
        told = door.call("look", pictures=["receipt.png"], question="What is the total?")
        assert told["answer"] == "The total is $16.20."
        assert told["evidence"]


def test_who_tells_no_places_is_not_asked_for_any() -> None:
    with opened("thread auto", "--root", str(SAMPLES), "--engine", "mirror") as door:
        told = door.call("look", pictures=["sign.png"], question="What is it?")
        assert told["evidence"] is None
        assert door.call("read", picture="sign.png")["lines"] is None
        assert "tells no places" in door.failing("locate", picture="sign.png", what="sign")


def test_without_roots_no_path_is_read_and_private_addresses_may_be_allowed(web: Web) -> None:
    with opened("thread auto", "--allow-private-urls") as door:
        told = door.failing("look", pictures=[str(SAMPLES / "sign.png")], question="What?")
        assert "--root" in told
        found = door.call("read", picture=f"{web.url}/sign.png")
        assert found["text"].startswith("MAPLE AVENUE")
        missing = door.failing("read", picture=f"{web.url}/none.png")
        assert "127.0.0.1" not in missing


def test_a_folder_that_is_none_is_told_at_the_start() -> None:
    done = typed("mcp", "--root", "/nowhere/at/all")
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr
        == "sightline mcp: There is no folder /nowhere/at/all. Give --root one that is.\n"
    )


# Over HTTP, as no client of the SDK would ask

HEADERS = {"accept": "application/json, text/event-stream"}
BEGIN = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}
LIST = {"jsonrpc": "2.0", "id": 2, "method": "tools/list"}


def post(url: str, body: Any = BEGIN, **headers: str) -> requests.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return requests.post(url, json=body, headers={**HEADERS, **named}, timeout=PATIENCE_S)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with in_thread("--root", str(SAMPLES), SIGHTLINE_MAX_REQUEST_BYTES="100000") as made:
        yield made


def test_strangers_pages_and_names_are_refused(url: str) -> None:
    assert post(url).status_code == 200
    for status, headers in (
        (403, {"origin": "https://stranger.example"}),
        (403, {"sec_fetch_site": "cross-site"}),
        (421, {"host": "stranger.example"}),
    ):
        refused = post(url, **headers)
        assert refused.status_code == status
        assert refused.json()["error"]["hint"]


def test_large_bodies_and_other_paths_are_refused(url: str) -> None:
    assert post(url, {**BEGIN, "more": "x" * 200_000}).status_code == 413
    pieces = iter([b"x" * 60_000, b"x" * 60_000])
    headers = {**HEADERS, "content-type": "application/json"}
    assert requests.post(url, data=pieces, headers=headers, timeout=PATIENCE_S).status_code == 413
    elsewhere = requests.get(url.replace("/mcp", "/else"), timeout=PATIENCE_S)
    assert (elsewhere.status_code, elsewhere.json()["error"]["hint"]) == (
        404,
        "The tools are at /mcp.",
    )


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """Tools that need a key; the keys by name."""
    folder = tmp_path_factory.mktemp("keys")
    keys = {name: added(folder, name) for name in ("alice", "bob")}
    keys["carol"] = added(folder, "carol", "--models", "gpt-none")
    keys["dora"] = added(folder, "dora", "--requests-per-minute", "1")
    env = {"SIGHTLINE_KEYS_FILE": str(folder / "keys.sqlite")}
    with in_thread("--root", str(SAMPLES), "--keys", "required", **env) as made:
        yield made, keys


def test_keys_are_needed_where_they_are(keyed: tuple[str, dict[str, str]]) -> None:
    url, keys = keyed
    assert post(url).status_code == 401
    assert post(url, authorization="Bearer sk-wrong").status_code == 401
    begun = post(url, authorization=f"Bearer {keys['alice']}")
    assert begun.status_code == 200
    session = begun.headers["mcp-session-id"]
    for name, status in (("alice", 200), ("bob", 404)):
        told = post(url, LIST, authorization=f"Bearer {keys[name]}", mcp_session_id=session)
        assert told.status_code == status
    assert "not one of this key's" in called(url, keys["carol"])
    assert "The total is" in called(url, keys["bob"])


def test_a_keys_limit_holds(keyed: tuple[str, dict[str, str]]) -> None:
    url, keys = keyed
    assert "The total is" in called(url, keys["dora"])
    assert "Rate limit reached" in called(url, keys["dora"])


def called(url: str, key: str) -> str:
    """Call a tool in a session of a key; give what was said."""
    session = post(url, authorization=f"Bearer {key}").headers["mcp-session-id"]
    body = {
        "jsonrpc": "2.0",
        "id": 3,
        "method": "tools/call",
        "params": {
            "name": "look",
            "arguments": {"pictures": ["receipt.png"], "question": "What is the total?"},
        },
    }
    told = post(url, body, authorization=f"Bearer {key}", mcp_session_id=session)
    [line] = [line for line in told.text.splitlines() if line.startswith("data: {")]
    text: str = json.loads(line[6:])["result"]["content"][0]["text"]
    return text

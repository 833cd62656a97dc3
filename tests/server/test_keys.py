"""API keys: made and revoked on the command line, asked for on every route."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest
import requests

from tests.commands import typed
from tests.conftest import running
from tests.surroundings import uncounted
from tests.waiting import PATIENCE_S, until

NONE = (
    "You didn't provide an API key. You need to provide your API key in an Authorization header "
    "using Bearer auth (i.e. Authorization: Bearer YOUR_KEY), or as the password field (with blank "
    "username) if you're accessing the API from your browser and are prompted for a username and "
    "password. You can obtain an API key from https://platform.openai.com/account/api-keys."
)
HELLO = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}]}


def keys(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return typed("keys", *words, "--keys-file", str(folder / "keys.sqlite"))


def added(folder: Path, name: str, *words: str) -> str:
    return str(json.loads(keys(folder, "add", name, "--json", *words).stdout)["key"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(scope="module")
def key(folder: Path) -> str:
    return added(folder, "alice")


@pytest.fixture(scope="module")
def url(folder: Path, key: str) -> Iterator[str]:
    with running("--keys", "required", "--keys-file", str(folder / "keys.sqlite")) as made:
        yield made


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


ROUTES = [
    ("POST", "/v1/chat/completions"),
    ("POST", "/v1/chat/completions/input_tokens"),
    ("GET", "/v1/chat/completions"),
    ("GET", "/v1/chat/completions/c_1"),
    ("POST", "/v1/chat/completions/c_1"),
    ("DELETE", "/v1/chat/completions/c_1"),
    ("GET", "/v1/chat/completions/c_1/messages"),
    ("POST", "/v1/conversations"),
    ("GET", "/v1/conversations/conv_1"),
    ("POST", "/v1/conversations/conv_1"),
    ("DELETE", "/v1/conversations/conv_1"),
    ("POST", "/v1/conversations/conv_1/items"),
    ("GET", "/v1/conversations/conv_1/items"),
    ("GET", "/v1/conversations/conv_1/items/msg_1"),
    ("DELETE", "/v1/conversations/conv_1/items/msg_1"),
    ("POST", "/v1/embeddings"),
    ("POST", "/v1/moderations"),
    ("POST", "/v1/completions"),
    ("POST", "/v1/responses"),
    ("POST", "/v1/responses/input_tokens"),
    ("POST", "/v1/responses/compact"),
    ("GET", "/v1/responses/resp_1"),
    ("DELETE", "/v1/responses/resp_1"),
    ("POST", "/v1/responses/resp_1/cancel"),
    ("GET", "/v1/responses/resp_1/input_items"),
    ("POST", "/v1/documents/pages"),
    ("POST", "/v1/files"),
    ("GET", "/v1/files"),
    ("GET", "/v1/files/file-1"),
    ("DELETE", "/v1/files/file-1"),
    ("GET", "/v1/files/file-1/content"),
    ("POST", "/v1/batches"),
    ("GET", "/v1/batches"),
    ("GET", "/v1/batches/batch_1"),
    ("POST", "/v1/batches/batch_1/cancel"),
    ("POST", "/v1/audio/speech"),
    ("POST", "/v1/video/narrations"),
    ("GET", "/v1/video/narrations/narration_1"),
    ("GET", "/v1/video/narrations/narration_1/content"),
    ("DELETE", "/v1/video/narrations/narration_1"),
    ("GET", "/v1/models"),
    ("GET", "/v1/models/gpt-4o"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_every_route_needs_a_key(url: str, method: str, path: str) -> None:
    root = url.removesuffix("/v1")
    crooked = {"host": "127.0.0.1/healthz"}
    assert (
        requests.request(method, root + path, headers=crooked, timeout=PATIENCE_S).status_code
        == 400
    )
    for headers in ({}, {"x-api-key": "sk-1"}, {"host": "localhost:1"}):
        refused = requests.request(method, root + path, headers=headers, timeout=PATIENCE_S)
        assert refused.status_code == 401
        assert refused.json()["error"] == {
            **refused.json()["error"], "message": NONE, "type": "invalid_request_error",
            "param": None, "code": None,
        }  # fmt: skip


def test_what_a_probe_needs_is_open_and_metrics_are_not(url: str) -> None:
    root = url.removesuffix("/v1")
    assert requests.get(f"{root}/healthz", timeout=PATIENCE_S).status_code == 200
    assert requests.get(f"{root}/readyz", timeout=PATIENCE_S).status_code in (200, 503)
    assert requests.get(f"{root}/metrics", timeout=PATIENCE_S).status_code == 404


def test_a_right_key_and_wrong_ones(url: str, key: str) -> None:
    with openai.OpenAI(base_url=url, api_key=key, max_retries=0) as client:
        assert client.chat.completions.create(**HELLO).choices  # type: ignore[call-overload]
    # A browser sends a password along whosever page asks.
    refused = requests.get(f"{url}/models", auth=("", key), timeout=PATIENCE_S)
    assert refused.status_code == 401
    assert "Bearer" in refused.json()["error"]["hint"]
    for wrong in ("sk-wrong", key[:-1], key + "x", key.upper(), "sk-" + "é" * 30, "x" * 10_000):
        with (
            openai.OpenAI(base_url=url, api_key=wrong, max_retries=0) as client,
            pytest.raises((openai.AuthenticationError, UnicodeEncodeError)) as caught,
        ):
            client.models.list()
        if isinstance(caught.value, openai.AuthenticationError):
            assert caught.value.code == "invalid_api_key"
            assert "Incorrect API key provided: " in caught.value.message
            assert wrong not in caught.value.message
    for garbage in (
        b"Basic \xff",
        b"Basic /w==",
        b"Basic ====",
        b"Bearer \xff\xfe",
        b"Basic",
        b"\xff",
    ):
        reply = requests.get(
            f"{url}/models", headers={"authorization": garbage}, timeout=PATIENCE_S
        )
        assert reply.status_code == 401


def test_a_key_may_be_for_some_models(url: str, folder: Path) -> None:
    key = added(folder, "bob", "--models", "gpt-4o, gpt-4-turbo")
    with openai.OpenAI(base_url=url, api_key=key, max_retries=0) as client:
        # A new key is known within a second.
        until(lambda: requests.get(f"{url}/models", headers=bearer(key), timeout=PATIENCE_S).ok)
        listed = {model.id for model in client.models.list()}
        assert listed == {"gpt-4o", "gpt-4-turbo"}
        client.chat.completions.create(**HELLO)  # type: ignore[call-overload]
        with pytest.raises(openai.NotFoundError, match="does not exist or you do not have access"):
            client.chat.completions.create(**{**HELLO, "model": "gpt-4.1"})  # type: ignore[call-overload]
        with pytest.raises(openai.NotFoundError):
            client.models.retrieve("gpt-4.1")
        with pytest.raises(openai.NotFoundError):
            client.audio.speech.create(model="tts-1", voice="alloy", input="Hello")


def test_a_revoked_key_is_refused_soon(url: str, folder: Path) -> None:
    key = added(folder, "carol")
    assert keys(folder, "revoke", "carol").returncode == 0
    until(
        lambda: (
            requests.get(f"{url}/models", headers=bearer(key), timeout=PATIENCE_S).status_code
            == 401
        )
    )
    assert "revoked" in keys(folder, "list").stdout
    again = keys(folder, "revoke", "carol")
    assert again.returncode == 2
    assert "There is no key 'carol'" in again.stderr


def test_the_file_holds_no_key(folder: Path, key: str) -> None:
    path = folder / "keys.sqlite"
    assert path.stat().st_mode & 0o777 == 0o600
    data = path.read_bytes()
    assert key.encode() not in data
    assert key[11:].encode() not in data
    listed = json.loads(keys(folder, "list", "--json").stdout)["keys"]
    assert {"alice"} <= {told["name"] for told in listed}
    assert key not in json.dumps(listed)


def test_a_full_disk_loses_no_key(tmp_path: Path) -> None:
    added(tmp_path, "first")
    size = (tmp_path / "keys.sqlite").stat().st_size

    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size // 2, size // 2))

    command = ["keys", "add", "second", "--keys-file", str(tmp_path / "keys.sqlite")]
    refused = subprocess.run(
        [sys.executable, "-m", "sightline.cli.main", *command],
        capture_output=True, text=True, timeout=PATIENCE_S, preexec_fn=full, env=uncounted(),
    )  # fmt: skip
    assert refused.returncode == 2
    assert "cannot be read or written. Is there room on the disk" in refused.stderr
    assert "Traceback" not in refused.stderr
    listed = json.loads(keys(tmp_path, "list", "--json").stdout)["keys"]
    assert [told["name"] for told in listed] == ["first"]


def test_other_addresses_need_keys_unless_told_otherwise(tmp_path: Path) -> None:
    flags = ["serve", "--host", "0.0.0.0", "--port", "0", "--keys-file", str(tmp_path / "k")]
    done = subprocess.run(
        [sys.executable, "-m", "sightline.cli.main", *flags],
        capture_output=True, text=True, timeout=PATIENCE_S,
    )  # fmt: skip
    assert done.returncode == 2
    assert "there are no API keys. `sightline keys add NAME` makes one" in done.stderr
    with running("--host", "0.0.0.0", "--keys", "off", "--keys-file", str(tmp_path / "k")) as made:
        port = made.rpartition(":")[2]
        assert (
            requests.get(f"http://127.0.0.1:{port}/models", timeout=PATIENCE_S).status_code == 200
        )


def test_a_damaged_file_lets_nobody_in(tmp_path: Path) -> None:
    key = added(tmp_path, "dora")
    with running("--keys", "required", "--keys-file", str(tmp_path / "keys.sqlite")) as made:
        assert (
            requests.get(f"{made}/models", headers=bearer(key), timeout=PATIENCE_S).status_code
            == 200
        )
        (tmp_path / "keys.sqlite").write_bytes(b"no database at all" * 100)
        wrong = requests.get(f"{made}/models", headers=bearer("sk-" + "a" * 50), timeout=PATIENCE_S)
        assert wrong.status_code == 401
        assert str(tmp_path) not in wrong.text


def test_pages_of_other_origins_are_let_in_by_name() -> None:
    asking = {"origin": "https://app.example", "access-control-request-method": "POST"}
    with running() as made:
        answer = requests.get(
            f"{made}/models", headers={"origin": "https://app.example"}, timeout=PATIENCE_S
        )
        assert answer.status_code == 403
        assert "access-control-allow-origin" not in answer.headers
    with running("--cors-origins", "https://app.example") as made:
        allowed = requests.options(f"{made}/chat/completions", headers=asking, timeout=PATIENCE_S)
        assert allowed.headers["access-control-allow-origin"] == "https://app.example"
        other = {**asking, "origin": "https://evil.example"}
        refused = requests.options(f"{made}/chat/completions", headers=other, timeout=PATIENCE_S)
        assert "access-control-allow-origin" not in refused.headers

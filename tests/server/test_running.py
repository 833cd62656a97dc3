"""How a server is run: probes, draining, processes, sockets, TLS, metrics, logs, settings."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import openai
import psutil
import pytest
import requests
import trustme
from starlette.requests import Request

from sightline import telemetry
from sightline.server.app import make_app
from sightline.settings import Settings
from tests.commands import typed
from tests.conftest import running, started
from tests.pictures import asking, sample
from tests.server.test_cancel import wait_for
from tests.server.test_keys import HELLO
from tests.waiting import PATIENCE_S, free_port, slow_model, until

ROOT = Path(__file__).parents[2]
# What starts soonest, for what is about processes and sockets and not about answers.
MIRROR = ("--engine", "mirror", "--no-refuse-captchas", "--no-playground")


def root(url: str) -> str:
    return url.removesuffix("/v1")


def test_alive_and_ready() -> None:
    with running() as url:
        assert requests.get(f"{root(url)}/healthz", timeout=PATIENCE_S).status_code == 200
        wait_for(url, engine="ready")
        assert requests.get(f"{root(url)}/readyz", timeout=PATIENCE_S).json() == {"status": "ready"}


def test_draining_finishes_what_goes_on() -> None:
    with slow_model() as slow:
        flags = ("--engine", "upstream", "--upstream-url", slow.url, "--model", "slow", "--drain-delay-s", "2")  # fmt: skip
        with (
            started(*flags) as (url, process),
            openai.OpenAI(base_url=url, api_key="x", max_retries=0) as client,
        ):
            wait_for(url, engine="ready")
            stream = client.chat.completions.create(**{**HELLO, "model": "slow"}, stream=True)  # type: ignore[call-overload]
            slow.wait()
            process.send_signal(signal.SIGTERM)
            until(
                lambda: requests.get(f"{root(url)}/readyz", timeout=PATIENCE_S).status_code == 503
            )
            slow.let_go()
            text = "".join(
                chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices
            )
            assert text == "re: Hello"
            process.wait(PATIENCE_S)


@pytest.mark.parametrize("stream", [False, True])
def test_what_takes_too_long_to_drain_ends_with_an_error(stream: bool) -> None:
    with slow_model() as slow:
        flags = ("--engine", "upstream", "--upstream-url", slow.url, "--model", "slow", "--drain-s", "0.5")  # fmt: skip
        with started(*flags) as (url, process):
            wait_for(url, engine="ready")
            with requests.Session() as session:
                body = {**HELLO, "model": "slow", "stream": stream}
                if stream:
                    reply = session.post(
                        f"{url}/chat/completions", json=body, stream=True, timeout=PATIENCE_S
                    )
                    slow.wait()
                    process.send_signal(signal.SIGTERM)
                    events = reply.text.split("\n\n")
                    assert "The server is shutting down." in events[-2]
                    assert "[DONE]" not in reply.text
                else:

                    def end() -> None:
                        slow.wait()
                        process.send_signal(signal.SIGTERM)

                    threading.Thread(target=end).start()
                    reply = session.post(f"{url}/chat/completions", json=body, timeout=PATIENCE_S)
                    assert reply.status_code == 503
            process.wait(PATIENCE_S)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_interrupt_that_is_ignored_from_the_start_ends_nothing(workers: str) -> None:
    """As in the background of a script, where the terminal's interrupt is for the script."""
    ignoring: dict[str, Any] = {"preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_IGN)}
    with started(*MIRROR, "--workers", workers, **ignoring) as (url, process):
        process.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(2)
        assert requests.get(f"{root(url)}/healthz", timeout=PATIENCE_S).status_code == 200


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A folder whose path leaves room: that of a socket has at most 104 bytes."""
    with tempfile.TemporaryDirectory(dir="/tmp") as made:
        yield Path(made)


def test_a_unix_socket(short_path: Path) -> None:
    path = short_path / "sightline.sock"
    process = subprocess.Popen(
        [sys.executable, "-m", "sightline.cli.main", "serve", *MIRROR, "--uds", str(path)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert f"unix:{path}" in process.stdout.readline()
        assert path.stat().st_mode & 0o077 == 0
        with httpx2.Client(transport=httpx2.HTTPTransport(uds=str(path))) as client:
            told = client.post(
                "http://localhost/v1/chat/completions", json=HELLO, timeout=PATIENCE_S
            )
            assert told.status_code == 200
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE_S)
    assert not path.exists()


def test_https(tmp_path: Path) -> None:
    authority = trustme.CA()
    made = authority.issue_cert("127.0.0.1")
    made.private_key_pem.write_to_path(tmp_path / "key.pem")
    made.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    flags = ["--tls-cert", str(tmp_path / "cert.pem"), "--tls-key", str(tmp_path / "key.pem")]
    process = subprocess.Popen(
        [sys.executable, "-m", "sightline.cli.main", "serve", *MIRROR, "--port", "0", *flags],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        url = next(w for w in process.stdout.readline().split() if w.startswith("https://"))
        trust = ssl.create_default_context(cafile=str(tmp_path / "ca.pem"))
        with (
            httpx2.Client(verify=trust) as http,
            openai.OpenAI(base_url=url, api_key="x", http_client=http) as client,
        ):
            assert client.chat.completions.create(**HELLO).choices  # type: ignore[call-overload]
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE_S)


def test_several_processes_share_a_port_and_count_together() -> None:
    with started(*MIRROR, "--workers", "2") as (url, process):
        for _ in range(12):
            assert (
                requests.post(f"{url}/chat/completions", json=HELLO, timeout=PATIENCE_S).status_code
                == 200
            )
        line = 'sightline_requests_total{route="/v1/chat/completions",status="200"} 12.0'
        # The last is counted once its reply is out.
        until(lambda: line in requests.get(f"{root(url)}/metrics", timeout=PATIENCE_S).text)
        servers = [
            child for child in psutil.Process(process.pid).children()
            if "spawn_main" in " ".join(child.cmdline())
        ]  # fmt: skip
        assert len(servers) == 2
        servers[0].kill()
        servers[0].wait(PATIENCE_S)
        for _ in range(6):
            assert (
                requests.post(f"{url}/chat/completions", json=HELLO, timeout=PATIENCE_S).status_code
                == 200
            )

        def replaced() -> bool:
            now = [c.pid for c in psutil.Process(process.pid).children() if "spawn_main" in " ".join(c.cmdline())]  # fmt: skip
            return len(now) == 2 and servers[0].pid not in now

        until(replaced)
    assert not psutil.pid_exists(servers[1].pid)


def test_metrics_name_no_client(tmp_path: Path) -> None:
    with free_port() as admin, running("--admin-port", str(admin)) as url:
        with openai.OpenAI(base_url=url, api_key="sk-canary", max_retries=0) as client:
            client.chat.completions.create(
                model="gpt-4o", messages=asking("What does it say?", sample("sign")), user="canary"
            )
        for path in ("/v1/canary", "/canary", "/v1/models/canary"):
            requests.get(root(url) + path, timeout=PATIENCE_S)
        requests.post(
            f"{url}/chat/completions", json={**HELLO, "model": "canary"}, timeout=PATIENCE_S
        )
        refused = {"type": "image_url", "image_url": {"url": "http://127.0.0.1/canary.png"}}
        told = {**HELLO, "messages": [{"role": "user", "content": [refused]}]}
        requests.post(f"{url}/chat/completions", json=told, timeout=PATIENCE_S)
        assert requests.get(f"{root(url)}/metrics", timeout=PATIENCE_S).status_code == 404
        page = requests.get(f"http://127.0.0.1:{admin}/metrics", timeout=PATIENCE_S).text
        assert (
            requests.get(f"http://127.0.0.1:{admin}/readyz", timeout=PATIENCE_S).status_code == 200
        )
        assert (
            requests.get(f"http://127.0.0.1:{admin}/v1/models", timeout=PATIENCE_S).status_code
            == 404
        )
    assert "canary" not in page
    for line in (
        'sightline_images_total{model="gpt-4o"} 1.0',
        'sightline_tokens_total{kind="image",model="gpt-4o"}',
        'sightline_requests_total{route="/v1/chat/completions",status="404"} 1.0',
        'sightline_requests_total{route="other",status="404"} 3.0',
        'sightline_fetch_failures_total{reason="address"} 1.0',
        'sightline_stage_seconds_count{stage="decode"} 1.0',
        "sightline_time_to_first_token_seconds_count 1.0",
        "sightline_queued_requests 0.0",
    ):
        assert line in page, line
    checked = shutil.which("promtool")
    if checked:
        done = subprocess.run(
            [checked, "check", "metrics"], input=page, text=True, capture_output=True
        )
        assert "error" not in done.stderr.lower(), done.stderr


@pytest.mark.parametrize("limits", [(), ("--tokens-per-minute", "100000")], ids=["free", "limited"])
def test_every_prompt_is_counted_once(limits: tuple[str, ...]) -> None:
    with free_port() as admin, running("--admin-port", str(admin), *limits) as url:
        for more in (
            {},
            {"stream": True},
            {"stream": True, "stream_options": {"include_usage": True}},
        ):
            told = requests.post(
                f"{url}/chat/completions", json={**HELLO, **more}, timeout=PATIENCE_S
            )
            assert told.status_code == 200
            if not more:
                each = told.json()["usage"]["prompt_tokens"]
        line = f'sightline_tokens_total{{kind="prompt",model="{HELLO["model"]}"}} {3.0 * each}'
        # The last is counted once its reply is out.
        metrics = f"http://127.0.0.1:{admin}/metrics"
        until(lambda: line in requests.get(metrics, timeout=PATIENCE_S).text)


def test_replies_tell_their_times(strict_url: str) -> None:
    told = requests.post(
        f"{strict_url}/chat/completions", timeout=PATIENCE_S,
        json={"model": "gpt-4o", "messages": asking("What does it say?", sample("sign"))},
    )  # fmt: skip
    stages = dict(re.findall(r"(\w+);dur=([\d.]+)", told.headers["server-timing"]))
    assert {"upload", "parse", "fetch", "decode", "first_token", "total"} <= set(stages)
    assert float(stages["total"]) >= float(stages["decode"])


def test_logs_as_json(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with (
        log.open("w") as errors,
        started(*MIRROR, "--log-format", "json", stderr=errors) as (url, _),
    ):
        told = requests.post(f"{url}/chat/completions", json=HELLO, timeout=PATIENCE_S)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    mine = next(line for line in lines if line.get("request_id") == told.headers["x-request-id"])
    assert (mine["method"], mine["path"], mine["status"]) == ("POST", "/v1/chat/completions", 200)


def test_settings_are_printed_as_a_file(tmp_path: Path) -> None:
    def printed(*flags: str, **env: str) -> str:
        done = typed("serve", "--print-settings", *flags, env=env)
        assert done.returncode == 0, done.stderr
        return done.stdout

    first = printed("--port", "1234", "--max-queue", "7", SIGHTLINE_UPSTREAM_KEY="sk-secret")
    assert "port = 1234" in first
    assert "sk-secret" not in first
    file = tmp_path / "sightline.toml"
    file.write_text(first.replace('upstream_key = "***"\n', ""))
    assert printed("--config", str(file)) == printed("--port", "1234", "--max-queue", "7")


def test_servers_of_one_process_count_apart() -> None:
    def counted(url: str) -> list[float]:
        """How often bodies were parsed, and heads refused."""
        page = requests.get(f"{root(url)}/metrics", timeout=PATIENCE_S).text
        lines = (r'stage_seconds_count{stage="parse"}', r'rejected_total{reason="http"}')
        found = (re.search(rf"sightline_{re.escape(line)} ([\d.]+)", page) for line in lines)
        return [0.0 if each is None else float(each[1]) for each in found]

    with running(*MIRROR) as one, running(*MIRROR) as other:
        requests.post(f"{one}/chat/completions", json=HELLO, timeout=PATIENCE_S)
        split = urlsplit(one)
        with socket.create_connection((split.hostname or "", split.port or 0), PATIENCE_S) as wire:
            wire.sendall(b"GET / HTTP/1.1\r\nhost: a b\r\nno head\r\n\r\n")
            assert wire.recv(1000).startswith(b"HTTP/1.1 400")
        until(lambda: counted(one) == [1.0, 1.0], lambda: counted(one))
        assert counted(other) == [0.0, 0.0]


def test_a_server_that_has_ended_is_told_nothing(tmp_path: Path) -> None:
    settings = Settings(engine="mirror", playground=False, files_dir=str(tmp_path))

    async def counted() -> list[float]:
        found = []
        for _ in range(2):
            app = make_app(settings)
            async with app.router.lifespan_context(app):
                telemetry.count("rejected", reason="host")
            telemetry.count("rejected", reason="host")
            page = (await app.state.metrics.page(Request({"type": "http"}))).body.decode()
            found += re.findall(r'sightline_rejected_total{reason="host"} ([\d.]+)', page)
        return [float(count) for count in found]

    assert asyncio.run(counted()) == [1.0, 1.0]

"""More than the server can do: bounded queues, fair turns, deadlines, slow and greedy clients."""

from __future__ import annotations

import json
import resource
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tests.conftest import JSON, running
from tests.server.test_cancel import wait_for
from tests.server.test_keys import added, bearer
from tests.waiting import PATIENCE_S, Slow, free_port, slow_model, until


def asking(text: str, **more: Any) -> dict[str, Any]:
    return {"model": "slow", "messages": [{"role": "user", "content": text}], **more}


def ask(url: str, text: str, key: str = "any", **more: Any) -> requests.Response:
    headers = {**bearer(key), **more.pop("headers", {})}
    return requests.post(
        f"{url}/chat/completions", json=asking(text, **more), headers=headers, timeout=PATIENCE_S
    )


def gauge(url: str, name: str) -> float:
    page = requests.get(f"{url.removesuffix('/v1')}/metrics", timeout=PATIENCE_S).text
    return float(next(line.split()[1] for line in page.splitlines() if line.startswith(f"sightline_{name} ")))  # fmt: skip


def shows(url: str, name: str, value: float) -> None:
    """Poll the metrics until they show a value."""
    until(lambda: gauge(url, name) == value, lambda: gauge(url, name))


@contextmanager
def served(*flags: str) -> Iterator[tuple[str, Slow, ThreadPoolExecutor]]:
    with slow_model() as slow, ThreadPoolExecutor(40) as pool:
        upstream = ("--engine", "upstream", "--upstream-url", slow.url, "--model", "slow")
        with running(*upstream, *flags) as url:
            try:
                yield url, slow, pool
            finally:
                slow.let_go(1000)


def test_a_queue_is_bounded_in_length() -> None:
    with served("--max-running", "1", "--max-queue", "2") as (url, slow, pool):
        first = pool.submit(ask, url, "first")
        slow.wait()
        waiting = [pool.submit(ask, url, f"waits {i}") for i in range(2)]
        shows(url, "queued_requests", 2)
        refused = ask(url, "too many")
        assert refused.status_code == 503
        assert refused.json()["error"]["code"] == "engine_busy"
        assert 1 <= int(refused.headers["retry-after"]) <= 120
        assert len(slow.asked) == 1
        slow.let_go(3)
        assert [f.result().status_code for f in (first, *waiting)] == [200] * 3
        shows(url, "running_requests", 0)


def test_a_queue_is_bounded_in_time() -> None:
    with served("--max-running", "1", "--max-queue-s", "0.3") as (url, slow, pool):
        first = pool.submit(ask, url, "first")
        slow.wait()
        refused = ask(url, "waits", stream=True)
        assert refused.status_code == 503
        assert "retry-after" in refused.headers
        slow.let_go()
        assert first.result().status_code == 200


def test_keys_take_turns(tmp_path: Path) -> None:
    greedy, modest = added(tmp_path, "greedy"), added(tmp_path, "modest")
    keys = ("--keys", "required", "--keys-file", str(tmp_path / "keys.sqlite"), "--admin-port")
    with (
        free_port() as admin,
        served(*keys, str(admin), "--max-running", "1") as (url, slow, pool),
    ):
        told = f"http://127.0.0.1:{admin}/v1"
        going = [pool.submit(ask, url, "greedy", greedy)]
        slow.wait()
        for i in range(5):
            going.append(pool.submit(ask, url, "greedy", greedy))
            shows(told, "queued_requests", i + 1)
        going.append(pool.submit(ask, url, "modest", modest))
        shows(told, "queued_requests", 6)
        for _ in range(6):
            slow.let_go()
            slow.wait()
        slow.let_go()
        assert [f.result().status_code for f in going] == [200] * 7
        assert slow.asked.index("modest") <= 2


def test_who_leaves_the_queue_or_the_engine_frees_the_place() -> None:
    with served("--max-running", "1") as (url, slow, pool):
        address = urlsplit(url)
        body = json.dumps(asking("leaves")).encode()
        head = (
            f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        gone = socket.create_connection((str(address.hostname), address.port or 0))
        gone.sendall(head.encode() + body)
        slow.wait()
        waits = socket.create_connection((str(address.hostname), address.port or 0))
        waits.sendall(head.encode() + body)
        shows(url, "queued_requests", 1)
        waits.close()
        shows(url, "queued_requests", 0)
        gone.close()
        shows(url, "running_requests", 0)
        slow.let_go()
        after = pool.submit(ask, url, "next")
        slow.wait()
        slow.let_go()
        assert after.result().status_code == 200


@pytest.mark.parametrize("stream", [False, True])
def test_a_deadline_is_kept(stream: bool) -> None:
    with served("--max-running", "1") as (url, slow, pool):
        first = pool.submit(ask, url, "first")
        slow.wait()
        late = ask(url, "late", stream=stream, headers={"x-stainless-read-timeout": "0.3"})
        assert late.status_code == 504
        assert late.json()["error"]["code"] == "timeout"
        shows(url, "queued_requests", 0)
        slow.let_go()
        assert first.result().status_code == 200


def test_large_uploads_are_bounded_together_and_small_requests_pass() -> None:
    with running("--max-held-bytes", "1000000") as url:
        address = urlsplit(url)
        where = (str(address.hostname), address.port or 0)
        with socket.create_connection(where) as greedy:
            head = (
                "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
                "Content-Type: application/json\r\nContent-Length: 900000\r\n\r\n"
            )
            greedy.sendall(head.encode() + b" " * 800_000)
            until(lambda: gauge(url, "held_bytes") >= 800_000)
            padded = json.dumps(
                {"model": "gpt-4o", "messages": [{"role": "user", "content": "x" * 500_000}]}
            )
            refused = requests.post(
                f"{url}/chat/completions", data=padded, headers=JSON, timeout=PATIENCE_S
            )
            assert refused.status_code == 503
            assert "retry-after" in refused.headers
            small = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}]}
            assert (
                requests.post(f"{url}/chat/completions", json=small, timeout=PATIENCE_S).status_code
                == 200
            )
        shows(url, "held_bytes", 0)  # an upload that is broken off holds nothing


def closed(connection: socket.socket) -> bytes:
    """Read until the server closes."""
    connection.settimeout(PATIENCE_S)
    data = b""
    try:
        while piece := connection.recv(65536):
            data += piece
    except ConnectionError:
        pass
    return data


def test_slow_clients_are_given_up() -> None:
    with running("--body-timeout-s", "0.5") as url:
        address = urlsplit(url)
        where = (str(address.hostname), address.port or 0)
        with socket.create_connection(where) as silent:
            assert closed(silent) == b""
        with socket.create_connection(where) as head:
            head.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n")
            assert closed(head) == b""
        with socket.create_connection(where) as body:
            body.sendall(
                b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
                b"Content-Type: application/json\r\nContent-Length: 90000\r\n\r\n{"
            )
            said = closed(body)
            assert said.startswith(b"HTTP/1.1 408 ")
            assert b'"The request\'s body did not come in time."' in said
        # One byte now and then is no upload either.
        stop = threading.Event()
        with socket.create_connection(where) as drip:
            drip.sendall(
                b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
                b"Content-Type: application/json\r\nContent-Length: 90000\r\n\r\n{"
            )

            def trickle() -> None:
                while not stop.wait(0.1):
                    try:
                        drip.sendall(b" ")
                    except OSError:
                        return

            thread = threading.Thread(target=trickle)
            thread.start()
            try:
                assert b" 408 " in closed(drip)[:20]
            finally:
                stop.set()
                thread.join()
        wait_for(url, active=0)


def test_a_client_that_does_not_read_holds_no_engine(tiny: Path) -> None:
    flags = ("--engine", "llamacpp", "--model", str(tiny), "--body-timeout-s", "0.5")
    body = json.dumps({
        "model": "gpt-4o", "stream": True, "max_tokens": 2000, "n": 100,
        "messages": [{"role": "user", "content": "Go on"}], "logprobs": True, "top_logprobs": 20,
        "logit_bias": {"2": -100},
    }).encode()  # fmt: skip
    with running(*flags) as url:
        address = urlsplit(url)
        made = socket.socket()
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        with made as deaf:
            deaf.connect((str(address.hostname), address.port or 0))
            deaf.sendall(
                b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
                b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body
            )
            wait_for(url, active=1)
            wait_for(url, active=0)


def test_a_thousand_connections(strict_url: str) -> None:
    address = urlsplit(strict_url)
    where = str(address.hostname), address.port or 0
    made: list[socket.socket] = []
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(
            resource.RLIMIT_NOFILE, (max(before[0], min(before[1], 4096)), before[1])
        )
        made.extend(socket.create_connection(where) for _ in range(1000))
        small = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}]}
        with ThreadPoolExecutor(8) as pool:
            replies = pool.map(
                lambda _: requests.post(
                    f"{strict_url}/chat/completions", json=small, timeout=PATIENCE_S
                ),
                range(16),
            )
            assert [reply.status_code for reply in replies] == [200] * 16
    finally:
        for connection in made:
            connection.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, before)

"""A client that goes away cancels its work."""

from __future__ import annotations

import json
import socket
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest
import requests

from tests.conftest import started
from tests.pictures import asking, encoded, written
from tests.waiting import PATIENCE_S, until

PICTURES = 120  # more than half a minute of reading


def health(url: str) -> dict[str, Any]:
    found: dict[str, Any] = requests.get(
        url.removesuffix("/v1") + "/healthz", timeout=PATIENCE_S
    ).json()
    return found


def wait_for(url: str, **wanted: object) -> None:
    """Poll the health page until it shows what is wanted."""
    until(lambda: wanted.items() <= health(url).items(), lambda: health(url))


def computed_s(pid: int) -> float:
    """Seconds that a process and those it started have computed, on however busy a machine."""
    server = psutil.Process(pid)
    times = [each.cpu_times() for each in (server, *server.children(recursive=True))]
    return sum(time.user + time.system for time in times)


@pytest.fixture(scope="module")
def pictures() -> list[bytes]:
    return [
        encoded(written(*[f"Line {i} of picture {n}" for i in range(9)])) for n in range(PICTURES)
    ]


@pytest.mark.parametrize("stream", [False, True])
def test_leaving_cancels_the_work(stream: bool, pictures: list[bytes]) -> None:
    body = json.dumps(
        {"model": "gpt-4o", "messages": asking("Read all", *pictures), "stream": stream}
    ).encode()
    with started(noted=False) as (url, process):  # it really reads
        wait_for(url, engine="ready")
        address = urlsplit(url)
        with socket.create_connection((str(address.hostname), address.port or 0)) as connection:
            head = (
                f"POST /v1/chat/completions HTTP/1.1\r\nHost: {address.netloc}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            connection.sendall(head.encode() + body)
            wait_for(url, active=1)
        before = computed_s(process.pid)
        wait_for(url, active=0, working=0)
        assert computed_s(process.pid) - before < 12

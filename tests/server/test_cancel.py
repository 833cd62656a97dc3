"""A client that goes away cancels its work."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest
import requests
from PIL import ImageDraw, ImageFont

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


def pictures(name: str) -> list[bytes]:
    """Pages of nine lines, of which only one line tells them apart, and makes each be read."""
    page, made = written(*[f"Line {i} of a {name}" for i in range(8)], ""), []
    for n in range(PICTURES):
        each = page.copy()
        ImageDraw.Draw(each).text(
            (30, 542), f"It is number {n}", "black", ImageFont.load_default(36)
        )
        made.append(encoded(each, compress_level=1))
    return made


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, subprocess.Popen[str]]]:
    with started(noted=False) as told:  # it really reads
        yield told


@pytest.mark.parametrize("stream", [False, True])
def test_leaving_cancels_the_work(stream: bool, server: tuple[str, subprocess.Popen[str]]) -> None:
    pages = pictures("stream" if stream else "reply")  # of which no other request has read any
    body = json.dumps(
        {"model": "gpt-4o", "messages": asking("Read all", *pages), "stream": stream}
    ).encode()
    url, process = server
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

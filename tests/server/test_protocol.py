"""Heads, framing and versions of HTTP, as bytes on a socket."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.conftest import started

KIB = 1024
OK = b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\n"
HELLO = json.dumps(
    {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}], "stream": True}
).encode()
POST = b"POST /v1/chat/completions HTTP/%s\r\nHost: localhost\r\nContent-Type: application/json\r\n"


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, subprocess.Popen[str]]]:
    with started("--engine", "mirror", "--body-timeout-s", "3") as made:
        yield made


@contextmanager
def connected(url: str) -> Iterator[socket.socket]:
    address = urlsplit(url)
    with closing(socket.create_connection((str(address.hostname), address.port or 0), 30)) as made:
        yield made


def poured(connection: socket.socket, *pieces: bytes) -> bytes:
    """Send until it is refused; give all that comes back until the server closes."""
    try:
        for piece in pieces:
            connection.sendall(piece)
    except OSError:
        pass
    said = b""
    try:
        while piece := connection.recv(65536):
            said += piece
    except OSError:
        pass
    return said


def error(said: bytes) -> dict[str, str]:
    made: dict[str, str] = json.loads(said.partition(b"\r\n\r\n")[2])["error"]
    return made


def memory(pid: int) -> int:
    """The memory of a process, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) * KIB


TOO_LARGE = {
    "fields": OK + b"".join(b"a%d: b\r\n" % i for i in range(100)) + b"\r\n",
    "bytes": OK + b"a: " + b"b" * 66 * KIB + b"\r\n\r\n",
    "bytes of many": OK + (b"a: " + b"b" * 1000 + b"\r\n") * 70 + b"\r\n",
    "one line without end": OK + b"a: " + b"b" * 80 * KIB,
    "a name without end": OK + b"a" * 80 * KIB,
    "spaces": OK + b"a:" + b" " * 80 * KIB,
    "url": b"GET /" + b"x" * 66 * KIB + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "query": b"GET /v1/models?" + b"x" * 66 * KIB + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "url without end": b"GET /" + b"x" * 80 * KIB,
    "trailers": POST % b"1.1" + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"a: b\r\n" * 101,
    "a trailer without end": POST % b"1.1"
    + b"Transfer-Encoding: chunked\r\n\r\n0\r\na: "
    + b"b" * 80 * KIB,
    "a chunk's extension": POST % b"1.1"
    + b"Transfer-Encoding: chunked\r\n\r\n1;a="
    + b"b" * 80 * KIB,
    "extensions of many chunks": POST % b"1.1"
    + b"Transfer-Encoding: chunked\r\n\r\n"
    + b"1;a=bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\r\n \r\n" * 5000,
}


@pytest.mark.parametrize("sent", TOO_LARGE.values(), ids=TOO_LARGE.keys())
@pytest.mark.parametrize("at_once", [1 << 20, 4 * KIB], ids=["whole", "pieces"])
def test_a_head_is_bounded(
    server: tuple[str, subprocess.Popen[str]], sent: bytes, at_once: int
) -> None:
    with connected(server[0]) as connection:
        said = poured(connection, *(sent[i : i + at_once] for i in range(0, len(sent), at_once)))
    assert said.startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")
    assert said.count(b"HTTP/1.1") == 1
    assert b"connection: close" in said
    assert error(said)["code"] == "headers_too_large"
    assert "64 KiB" in error(said)["hint"]


def test_heads_within_the_bounds_pass(server: tuple[str, subprocess.Popen[str]]) -> None:
    many = OK + b"".join(b"a%d: b\r\n" % i for i in range(98)) + b"Connection: close\r\n\r\n"
    large = OK + b"Connection: close\r\na: " + b"b" * 63 * KIB + b"\r\n\r\n"
    for sent in (many, large):
        with connected(server[0]) as connection:
            assert poured(connection, sent).startswith(b"HTTP/1.1 200 ")
    # Chunks of one byte are slow, and allowed.
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in b" " * 20_000 + HELLO)
    head = POST % b"1.1" + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    with connected(server[0]) as connection:
        said = poured(connection, head + chunks + b"0\r\nauthorization: no\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 200 ")


def test_sixty_megabytes_of_fields_cost_nothing(
    server: tuple[str, subprocess.Popen[str]],
) -> None:
    url, process = server
    with connected(url) as connection:
        assert poured(connection, OK + b"Connection: close\r\n\r\n").startswith(b"HTTP/1.1 200 ")
    before = memory(process.pid)
    sent = 0
    with connected(url) as connection:
        try:
            connection.sendall(OK)
            piece = b"a: b\r\n" * 10_000
            while sent < 60_000_000:
                connection.sendall(piece)
                sent += len(piece)
        except OSError:
            pass
        said = poured(connection)
    assert said.startswith(b"HTTP/1.1 431 ")
    assert sent < 60_000_000  # closed early
    assert memory(process.pid) - before < 10_000_000


def test_requests_sent_ahead_are_bounded_and_answered_in_order(
    server: tuple[str, subprocess.Popen[str]],
) -> None:
    url, process = server
    with connected(url) as connection:
        said = poured(connection, (OK + b"\r\n") * 49 + OK + b"Connection: close\r\n\r\n")
    assert said.count(b"HTTP/1.1 200 ") == 50
    before = memory(process.pid)
    for _ in range(5):
        with connected(url) as connection:
            said = poured(connection, *[(OK + b"\r\n") * 1000] * 20)
        # What was in is answered, what was too much is refused after it, and nothing more.
        replies = re.findall(rb"HTTP/1.1 (\d+)", said)
        assert replies.count(b"431") == 1
        assert replies[-1] == b"431"
        assert 1 <= replies.count(b"200") < 2000
    assert memory(process.pid) - before < 20_000_000
    # An answer that is being given is given whole, whatever comes after its request.
    head = POST % b"1.1" + b"Content-Length: %d\r\n\r\n" % len(HELLO)
    for after, status in ((b"no http\r\n\r\n", b"400"), (TOO_LARGE["fields"], b"431")):
        with connected(url) as connection:
            said = poured(connection, head + HELLO + after)
        first, _, second = said.partition(b"0\r\n\r\n")
        assert first.startswith(b"HTTP/1.1 200 ")
        assert b"[DONE]" in first
        assert second.startswith(b"HTTP/1.1 " + status)


def test_a_head_that_trickles_has_no_longer_than_another(
    server: tuple[str, subprocess.Popen[str]],
) -> None:
    with connected(server[0]) as connection:
        # A connection that was used has its time anew, and once.
        connection.sendall(OK + b"\r\n")
        assert connection.recv(9) == b"HTTP/1.1 "
        began = time.monotonic()

        def trickle() -> None:
            while time.monotonic() - began < 60:
                connection.sendall(b"a")
                time.sleep(0.05)

        with pytest.raises(OSError):  # noqa: PT011 - reset or broken, as the system has it
            trickle()
        assert time.monotonic() - began < 30


def test_streams_for_http_1_0_are_not_chunked(
    server: tuple[str, subprocess.Popen[str]],
) -> None:
    for stream in (True, False):
        body = HELLO if stream else HELLO.replace(b"true", b"false")
        with connected(server[0]) as connection:
            head = POST % b"1.0" + b"Content-Length: %d\r\n\r\n" % len(body)
            said = poured(connection, head + body)
        head, _, answer = said.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ")
        assert b"transfer-encoding" not in head.lower()
        assert b"connection: close" in head.lower()
        if stream:
            assert answer.startswith(b"data: {")
            assert answer.endswith(b"data: [DONE]\n\n")
        else:
            assert json.loads(answer)["object"] == "chat.completion"


def test_what_is_no_http_is_refused_in_the_envelope(
    server: tuple[str, subprocess.Popen[str]],
) -> None:
    for sent in (b"no http\r\n\r\n", b"CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n", b"\x16\x03\x01"):
        with connected(server[0]) as connection:
            said = poured(connection, sent)
        assert said.startswith(b"HTTP/1.1 400 ")
        assert error(said)["type"] == "invalid_request_error"


def test_no_other_protocol_is_spoken(server: tuple[str, subprocess.Popen[str]]) -> None:
    upgrade = b"Connection: Upgrade\r\nUpgrade: h2c\r\n"
    with connected(server[0]) as connection:  # as if it had not been asked for
        said = poured(connection, (OK + upgrade + b"\r\n") * 3 + OK + b"Connection: close\r\n\r\n")
    assert said.count(b"HTTP/1.1 200 ") == 4
    # A body is never taken for the next request.
    hidden = OK + b"\r\n"
    for framing, body in (
        (b"Content-Length: %d\r\n\r\n" % len(hidden), hidden),
        (b"Transfer-Encoding: chunked\r\n\r\n", b"%x\r\n%b\r\n0\r\n\r\n" % (len(hidden), hidden)),
    ):
        with connected(server[0]) as connection:
            said = poured(connection, POST % b"1.1" + upgrade + framing, body)
        assert said.startswith(b"HTTP/1.1 400 ")
        assert len(re.findall(rb"HTTP/1.1 \d", said)) == 1
        assert "another protocol" in error(said)["message"]

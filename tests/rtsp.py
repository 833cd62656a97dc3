"""A camera that speaks RTSP, over TCP: a test says what it describes and what it sends."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress


def packet(number: int, payload: bytes, kind: int) -> bytes:
    """An RTP packet that ends a picture; `kind` is its payload type."""
    return struct.pack(">BBHII", 0x80, 0x80 | kind, number, 3000 * number, 4711) + payload


@contextmanager
def camera(media: str, packets: Sequence[bytes]) -> Iterator[tuple[str, list[str]]]:
    """Serve it; give its URL and the requests that came, each as its method and URL."""
    described = f"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=camera\r\nt=0 0\r\n{media}".encode()
    asked: list[str] = []

    def answer(line: socket.socket) -> None:
        with line, line.makefile("rb") as heads, suppress(OSError):
            while first := heads.readline().decode():
                fields: dict[str, str] = {}
                while field := heads.readline().decode().strip():
                    name, _, value = field.partition(":")
                    fields[name.lower()] = value.strip()
                method, url, _ = first.split()
                asked.append(f"{method} {url}")
                more, body = "Session: 1\r\n", b""
                if method == "OPTIONS":
                    more = "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n"
                elif method == "DESCRIBE":
                    body = described
                    more = f"Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n"
                elif method == "SETUP":
                    more += f"Transport: {fields['transport']}\r\n"
                head = f"RTSP/1.0 200 OK\r\nCSeq: {fields['cseq']}\r\n{more}\r\n"
                line.sendall(head.encode() + body)
                if method == "PLAY":
                    for each in packets:
                        line.sendall(b"$" + struct.pack(">BH", 0, len(each)) + each)

    def accept() -> None:
        with suppress(OSError):
            while True:
                line, _ = server.accept()
                threading.Thread(target=answer, args=(line,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=accept, daemon=True).start()
        yield f"rtsp://127.0.0.1:{server.getsockname()[1]}/door", asked
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)  # ends a waiting accept

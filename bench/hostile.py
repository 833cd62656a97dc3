"""What hostile pictures cost those who did not send them: the health check and small pictures meanwhile.

    python bench/hostile.py [--seconds 30] [--bombers 2]

So many clients send pictures that are small to send and dear to decode, without a pause; every second
round they hang up at once. Beside them the health check is asked every 20 ms, and a small picture is sent
again and again. Printed are the times of both, each with nothing beside it first, and what the
bombs were answered.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import io
import itertools
import json
import socket
import struct
import subprocess
import sys
import threading
import time
import zlib
from collections import Counter
from multiprocessing import Process, Queue
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent.parent))


def stored(image: Image.Image, format: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def bombs() -> dict[str, bytes]:
    """Pictures that are small to send and dear to decode, by what they are."""
    large = Image.new("RGB", (9900, 9900), "red")
    scans = stored(Image.new("RGB", (4000, 4000), "red"), "JPEG", progressive=True)
    last = scans.rindex(b"\xff\xda")
    png = stored(Image.new("RGB", (90, 70)), "PNG")
    gif = stored(Image.new("P", (90, 70)), "GIF")
    at = 13 + (3 << (gif[10] & 7) + 1)
    comment = b"!\xfe" + (b"\xff" + b"a" * 255) * 20_000 + b"\0"
    tag = struct.pack("<HHII", 0x9286, 7, 4_000_000, 800_000)
    exif = (b"II*\0" + struct.pack("<IH", 8, 65_000) + tag * 65_000).ljust(800_000, b"\0")
    return {
        "webp of 98 megapixels": stored(large.convert("RGBA"), "WEBP", lossless=True),
        "png of 98 megapixels": stored(large, "PNG"),
        "jpeg of 90 scans": scans[:last] + scans[last:-2] * 80 + scans[-2:],
        "jpeg of 9,000 scans": scans[:last] + scans[last:-2] * 9000 + scans[-2:],
        "gif of comments": gif[:at] + comment + gif[at:],
        "png of chunks": png[:33] + chunk(b"prVt", b"") * 300_000 + png[33:],
        "png with a directory of metadata": png[:33] + chunk(b"eXIf", exif + bytes(4_000_000)) + png[33:],
        "png cut off": stored(large, "PNG")[:100_000],
    }  # fmt: skip


def body(picture: bytes) -> dict[str, Any]:
    url = f"data:image/png;base64,{base64.b64encode(picture).decode()}"
    content = [{"type": "text", "text": "?"}, {"type": "image_url", "image_url": {"url": url}}]
    return {"model": "gpt-4o", "messages": [{"role": "user", "content": content}]}


def leave(url: str, sent: bytes, key: str = "any") -> None:
    """Send a request, and hang up while it is worked on."""
    where = urlsplit(url)
    with socket.create_connection((where.hostname or "", where.port or 0)) as gone:
        head = (
            f"POST {where.path}/chat/completions HTTP/1.1\r\nhost: {where.netloc}\r\n"
            f"authorization: Bearer {key}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(sent)}\r\n\r\n"
        )
        gone.sendall(head.encode() + sent)
        time.sleep(0.3)


def bomb(
    url: str, until: float, made: list[tuple[str, bytes]], told: Queue[Counter[str]], first: int
) -> None:
    """Send bombs one after the other, from a process of its own, so that they cost no one else."""
    answered: Counter[str] = Counter()
    for turn in itertools.count(first):
        if time.monotonic() > until:
            told.put(answered)
            return
        name, sent = made[turn % len(made)]
        with contextlib.suppress(OSError):
            if turn // len(made) % 2:
                leave(url, sent)
                answered[f"{name}: left"] += 1
                continue
            head = {"content-type": "application/json"}
            reply = requests.post(f"{url}/chat/completions", sent, headers=head, timeout=120)
            answered[f"{name}: {reply.status_code}"] += 1


def times(url: str, seconds: float, small: dict[str, Any]) -> tuple[list[float], list[float]]:
    """Ask for the health page and for a small picture, side by side; give the times, sorted."""
    health: list[float] = []
    pictures: list[float] = []
    until = time.monotonic() + seconds

    def watch() -> None:
        with requests.Session() as session:
            while time.monotonic() < until:
                began = time.perf_counter()
                session.get(url.removesuffix("/v1") + "/healthz", timeout=60)
                health.append(time.perf_counter() - began)
                time.sleep(0.02)

    watching = threading.Thread(target=watch)
    watching.start()
    with requests.Session() as session:
        while time.monotonic() < until:
            began = time.perf_counter()
            reply = session.post(f"{url}/chat/completions", json=small, timeout=120)
            assert reply.status_code == 200, reply.text
            pictures.append(time.perf_counter() - began)
            time.sleep(0.1)
    watching.join()
    return sorted(health), sorted(pictures)


def at(sorted_s: list[float], share: float) -> str:
    return f"{sorted_s[min(len(sorted_s) - 1, int(len(sorted_s) * share))] * 1e3:.1f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--bombers", type=int, default=2)
    options = parser.parse_args()
    server = subprocess.Popen(
        [sys.executable, "-m", "sightline.cli.main", "serve", "--port", "0", "--engine", "mirror",
         "--log-level", "warning", "--no-playground"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert server.stdout is not None
        url = next(w for w in server.stdout.readline().split() if w.startswith("http://"))
        small = body(stored(Image.new("RGB", (640, 480), "red"), "PNG"))
        times(url, 2, small)
        made = [(name, json.dumps(body(data)).encode()) for name, data in bombs().items()]
        answered: Counter[str] = Counter()
        for name, count in (("alone", 0), (f"{options.bombers} bombers", options.bombers)):
            told: Queue[Counter[str]] = Queue()
            until = time.monotonic() + options.seconds
            bombers = [
                Process(target=bomb, args=(url, until, made, told, 3 * i)) for i in range(count)
            ]
            for bomber in bombers:
                bomber.start()
            health, pictures = times(url, options.seconds, small)
            for bomber in bombers:
                answered += told.get()
                bomber.join()
            print(
                f"{name:<12} health check {at(health, 0.5)} median, {at(health, 0.99)} at the 99th "
                f"percentile of {len(health)}; a small picture {at(pictures, 0.5)} median, "
                f"{at(pictures, 1)} at most of {len(pictures)}",
                flush=True,
            )
        for name, count in sorted(answered.items()):
            print(f"  {name}: {count}")
    finally:
        server.terminate()
        server.wait(60)


if __name__ == "__main__":
    main()

"""What a server takes at its worst: many clients at once with the largest pictures and films.

    python bench/memory.py [--pictures 50] [--films 10] [--rounds 2] [--engine nano] [-- SERVER FLAGS]

Clients send pictures of 20 MB, half inline and half by URL, and films of 100 MB by URL, all at once, and
try again when they are told to. Memory is the proportional share (PSS) of the server and all of its
processes, sampled four times a second: before the first request, at its peak, and once all clients have
gone. The bound is the one that docs/operating.md states.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import io
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import av
import numpy as np
import psutil
import requests
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent.parent))

from sightline import settings

MIB = 1 << 20
PICTURE = 2700, 2550  # noise: a PNG of it has as many bytes as its pixels, 20.7 MB
FILM_BYTES = 100_000_000
# What docs/operating.md states beside what requests hold: once, and for each thread.
ONCE, EACH = 768 * MIB, 512 * MIB
SMALL = {"model": "gpt-4o", "messages": [{"role": "user", "content": "What is 2 and 2?"}]}


def picture(rng: np.random.Generator) -> bytes:
    width, height = PICTURE
    stored = io.BytesIO()
    noise = rng.integers(0, 256, (height, width, 3), np.uint8)
    Image.fromarray(noise).save(stored, "PNG", compress_level=0)
    return stored.getvalue()


def film(rng: np.random.Generator, path: Path) -> bytes:
    """Noise in H.264, as large as the largest that people send."""
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream("libx264", rate=25, options={"preset": "ultrafast", "qp": "8"})
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
        frames = [rng.integers(0, 256, (720, 1280, 3), np.uint8) for _ in range(4)]
        number = written = 0
        while written < FILM_BYTES:
            frame = av.VideoFrame.from_ndarray(frames[number % 4], "rgb24")
            for packet in stream.encode(frame.reformat(format="yuv420p")):
                out.mux(packet)
                written += packet.size
            number += 1
        out.mux(stream.encode(None))
    return path.read_bytes()


@contextlib.contextmanager
def hosting(pages: dict[str, bytes]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = pages[self.path]
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


def share(process: psutil.Process) -> int:
    """Bytes of the server and its processes; what they share counts once."""
    total = 0
    for one in (process, *process.children(recursive=True)):
        with contextlib.suppress(psutil.Error):
            total += one.memory_full_info().pss
    return total


class Watch:
    """Samples memory until it is told to stop."""

    def __init__(self, process: psutil.Process) -> None:
        self.peak = 0
        self._process = process
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample)

    def _sample(self) -> None:
        while not self._stop.wait(0.25):
            self.peak = max(self.peak, share(self._process))

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


def client(url: str, body: bytes, rounds: int, told: Counter[str]) -> None:
    """Ask until there is an answer, as often as that."""
    for _ in range(rounds):
        while True:
            try:
                reply = requests.post(
                    f"{url}/chat/completions", data=body, timeout=900,
                    headers={"content-type": "application/json"},
                )  # fmt: skip
            except requests.RequestException as error:
                # A body that is refused while it is sent may end its connection.
                told[type(error).__name__] += 1
                time.sleep(2)
                continue
            told[str(reply.status_code)] += 1
            if reply.status_code != 503:
                if reply.status_code != 200:
                    told[reply.text[:160]] += 1
                break
            time.sleep(float(reply.headers.get("retry-after", "2")))


def asked(part: dict[str, Any]) -> bytes:
    content = [{"type": "text", "text": "What is the largest thing in it?"}, part]
    body = {"model": "gpt-4o", "max_tokens": 50, "messages": [{"role": "user", "content": content}]}
    return json.dumps(body).encode()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pictures", type=int, default=50, help="clients that send pictures")
    parser.add_argument("--films", type=int, default=10, help="clients that send films")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--engine", default="nano")
    parser.add_argument("flags", nargs="*", help="of the server")
    options = parser.parse_args()
    rng = np.random.default_rng(7)
    bounds = settings.load(_flags(options.flags), environment={})
    with tempfile.TemporaryDirectory() as folder:
        pages = {"/picture.png": picture(rng), "/film.mp4": film(rng, Path(folder) / "film.mp4")}
    for name, page in pages.items():
        print(f"{name}: {len(page) / 1e6:.1f} MB")
    inline = base64.b64encode(pages["/picture.png"]).decode()
    with hosting(pages) as host, serving("--engine", options.engine, *options.flags) as (url, pid):
        bodies = {
            "inline": asked({"type": "image_url", "image_url": {"url": f"data:image/png;base64,{inline}"}}),
            "by URL": asked({"type": "image_url", "image_url": {"url": f"{host}/picture.png"}}),
            "film": asked({"type": "video_url", "video_url": {"url": f"{host}/film.mp4"}}),
        }  # fmt: skip
        del inline
        process = psutil.Process(pid)
        requests.post(f"{url}/chat/completions", json=SMALL, timeout=120).raise_for_status()
        before = share(process)
        kinds = ["inline", "by URL"] * (options.pictures // 2) + ["film"] * options.films
        told: dict[str, Counter[str]] = {kind: Counter() for kind in bodies}
        threads = [
            threading.Thread(target=client, args=(url, bodies[kind], options.rounds, told[kind]))
            for kind in kinds
        ]
        began = time.monotonic()
        with Watch(process) as watch:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        time.sleep(5)  # what was let go is given back within a second or two
        after = share(process)
        print(f"{len(threads)} clients, {options.rounds} requests each: {time.monotonic() - began:.0f} s")  # fmt: skip
        for kind, counted in told.items():
            print(f"  {kind}: {dict(counted)}")
    bound = before + bounds.max_held_bytes + ONCE + bounds.worker_threads * EACH
    print(f"before {before / MIB:.0f} MiB, peak {watch.peak / MIB:.0f} MiB, after {after / MIB:.0f} MiB")  # fmt: skip
    print(
        f"bound: {before / MIB:.0f} + {bounds.max_held_bytes / MIB:.0f} (--max-held-bytes) + "
        f"{ONCE / MIB:.0f} + {bounds.worker_threads} threads × {EACH / MIB:.0f} = {bound / MIB:.0f} MiB"
    )
    print("kept" if watch.peak <= bound else "BROKEN")
    sys.exit(watch.peak > bound)


def _flags(words: list[str]) -> dict[str, str]:
    names = [word.removeprefix("--").replace("-", "_") for word in words[::2]]
    return dict(zip(names, words[1::2], strict=True))


@contextlib.contextmanager
def serving(*flags: str) -> Iterator[tuple[str, int]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "sightline.cli.main", "serve", "--port", "0", "--json",
         "--allow-private-urls", "--fetch-timeout-s", "300", "--log-level", "error", *flags],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["url"], process.pid
    finally:
        process.terminate()
        process.communicate(timeout=60)


if __name__ == "__main__":
    main()

"""Mixed traffic for a time: what fails, and what is left of memory, files and processes.

    python bench/soak.py [--minutes 20] [--clients 6] [--engine reader|llamacpp]

Clients ask about pictures, stream, have texts spoken, hang up half-way, send what is broken and what is
hostile (`bench/hostile.py`), ask with wrong keys and too often. Each error that a client did not cause is counted and printed. Memory is that of
the server and its children, first measured after a tenth of the time, then each minute; at the end so
are open files, threads and child processes once all clients have gone.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import requests

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench import hostile, random_model

SAMPLES = Path(__file__).parent.parent / "samples"
QUESTIONS = ("What does it say?", "What is the total?", "Which colours does it have?", "Read it.")


class Traffic:
    """What clients do, and what came of it."""

    def __init__(self, url: str, key: str, poor_key: str) -> None:
        self.url, self.key, self.poor_key = url, key, poor_key
        self.done: Counter[str] = Counter()
        self.wrong: Counter[str] = Counter()
        self.until = 0.0
        files = sorted(SAMPLES.glob("*.png"))
        self.pictures = [base64.b64encode(f.read_bytes()).decode() for f in files]
        bodies = [hostile.body(bomb) for bomb in hostile.bombs().values()]
        bodies += [{**self.body(random.Random(i)), "temperature": 10**400} for i in range(2)]
        bodies.append({"model": "gpt-4o", "messages": [{"role": "user", "content": "\ud800"}]})
        self.bombs = [json.dumps(body).encode() for body in bodies]

    def body(self, rng: random.Random, **more: Any) -> dict[str, Any]:
        parts: list[dict[str, Any]] = [{"type": "text", "text": rng.choice(QUESTIONS)}]
        for _ in range(rng.choice((0, 1, 1, 1, 2))):
            url = f"data:image/png;base64,{rng.choice(self.pictures)}"
            detail = rng.choice(("low", "high", "auto"))
            parts.append({"type": "image_url", "image_url": {"url": url, "detail": detail}})
        return {"model": "gpt-4o", "max_tokens": 60, "messages": [{"role": "user", "content": parts}], **more}  # fmt: skip

    def post(self, path: str, body: Any, key: str | None = None, **more: Any) -> requests.Response:
        head = {"authorization": f"Bearer {key or self.key}"}
        return requests.post(f"{self.url}{path}", json=body, headers=head, timeout=120, **more)

    def expect(self, kind: str, reply: requests.Response, *statuses: int) -> None:
        self.done[kind] += 1
        if reply.status_code not in statuses:
            self.wrong[f"{kind}: {reply.status_code} {reply.text[:120]}"] += 1

    def ask(self, rng: random.Random) -> None:
        self.expect("ask", self.post("/chat/completions", self.body(rng)), 200)

    def stream(self, rng: random.Random) -> None:
        reply = self.post("/chat/completions", self.body(rng, stream=True), stream=True)
        text = reply.text
        self.expect("stream", reply, 200)
        if not text.endswith("data: [DONE]\n\n"):
            self.wrong[f"stream that breaks off: {text[-120:]}"] += 1

    def hang_up(self, rng: random.Random) -> None:
        with self.post("/chat/completions", self.body(rng, stream=True), stream=True) as reply:
            next(reply.iter_content(50), b"")
        self.done["hang up"] += 1

    def speak(self, rng: random.Random) -> None:
        body = {
            "model": "tts-1",
            "voice": rng.choice(("alloy", "onyx")),
            "input": rng.choice(QUESTIONS),
        }
        self.expect("speak", self.post("/audio/speech", body), 200)

    def broken(self, rng: random.Random) -> None:
        bad: Any = rng.choice((
            {}, {"model": "gpt-4o"}, {**self.body(rng), "n": 0}, {**self.body(rng), "model": "none"},
            {"model": "gpt-4o", "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}]}]},
        ))  # fmt: skip
        self.expect("broken", self.post("/chat/completions", bad), 400, 404)

    def hostile(self, rng: random.Random) -> None:
        """Send what is made to be dear, or by whom may not ask, and leave in the middle of half of it."""
        sent = rng.choice(self.bombs)
        if rng.random() < 0.5:
            hostile.leave(self.url, sent, self.key)
            self.done["hostile, left"] += 1
            return
        head = {"authorization": f"Bearer {self.key}", "content-type": "application/json"}
        head |= rng.choice(
            ({}, {}, {}, {"host": "rebound.example"}, {"origin": "http://page.example"},
             {"content-type": "text/plain"}, {"x": "a" * 100_000})
        )  # fmt: skip
        reply = requests.post(f"{self.url}/chat/completions", sent, headers=head, timeout=120)
        self.expect("hostile", reply, 200, 400, 403, 415, 421, 431)

    def wrong_key(self, rng: random.Random) -> None:
        self.expect("wrong key", self.post("/chat/completions", {}, key="sk-wrong"), 401)

    def too_often(self, rng: random.Random) -> None:
        reply = self.post("/chat/completions", self.body(rng), key=self.poor_key)
        self.expect("too often", reply, 200, 429)

    def go(self, seed: int) -> None:
        rng = random.Random(seed)
        works: list[tuple[Callable[[random.Random], None], int]] = [
            (self.ask, 8), (self.stream, 8), (self.hang_up, 3), (self.speak, 3), (self.broken, 3),
            (self.wrong_key, 1), (self.too_often, 2), (self.hostile, 2),
        ]  # fmt: skip
        while time.monotonic() < self.until:
            (work,) = rng.choices([w for w, _ in works], [n for _, n in works])
            try:
                work(rng)
            except requests.RequestException as error:
                self.wrong[f"{work.__name__}: {type(error).__name__}"] += 1


def state(process: psutil.Process) -> dict[str, float]:
    """MiB, open files, threads and children of the server, children's included."""
    each = [process, *process.children(recursive=True)]
    told = {"MiB": 0.0, "files": 0.0, "threads": 0.0, "children": len(each) - 1.0}
    for one in each:
        with contextlib.suppress(psutil.Error):
            told["MiB"] += one.memory_full_info().uss / 2**20
            told["files"] += one.num_fds()
            told["threads"] += one.num_threads()
    return told


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--clients", type=int, default=6)
    parser.add_argument("--engine", choices=("reader", "llamacpp"), default="reader")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        env = {**os.environ, "SIGHTLINE_KEYS_FILE": str(folder / "keys.sqlite")}
        words = [sys.executable, "-m", "sightline.cli.main"]

        def key(who: str, *more: str) -> str:
            made = subprocess.run(
                [*words, "keys", "add", who, "--json", *more],
                env=env,
                capture_output=True,
                check=True,
            )
            return str(json.loads(made.stdout)["key"])

        rich, poor = key("rich"), key("poor", "--requests-per-minute", "5")
        flags = ["--port", "0", "--keys", "required", "--log-level", "warning", "--no-playground"]
        if options.engine == "llamacpp":
            model = random_model.write(folder / "model", random_model.PRESETS["tiny"])
            flags += ["--engine", "llamacpp", "--model", str(model)]
        server = subprocess.Popen(
            [*words, "serve", *flags], env=env, stdout=subprocess.PIPE, text=True
        )
        try:
            assert server.stdout is not None
            url = next(w for w in server.stdout.readline().split() if w.startswith("http://"))
            run(options, Traffic(url, rich, poor), psutil.Process(server.pid))
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(60)
    left = [p for p in psutil.process_iter(["cmdline"]) if "sightline.engines" in " ".join(p.info["cmdline"] or ())]  # fmt: skip
    print(f"processes left after the server's end: {len(left)}")


def run(options: argparse.Namespace, traffic: Traffic, process: psutil.Process) -> None:
    seconds = options.minutes * 60
    began = time.monotonic()
    traffic.until = began + seconds
    threads = [threading.Thread(target=traffic.go, args=(i,)) for i in range(options.clients)]
    for thread in threads:
        thread.start()
    time.sleep(max(seconds / 10, min(120, seconds / 2)))
    seen = [state(process)]
    print("minute     MiB  files  threads  children  requests", flush=True)
    while time.monotonic() < traffic.until:
        told = state(process)
        seen.append(told)
        print(
            f"{(time.monotonic() - began) / 60:6.1f} {told['MiB']:7.0f} {told['files']:6.0f} {told['threads']:8.0f} "
            f"{told['children']:9.0f} {sum(traffic.done.values()):9d}",
            flush=True,
        )
        time.sleep(max(0.0, min(60.0, traffic.until - time.monotonic())))
    for thread in threads:
        thread.join()
    time.sleep(5)
    last = state(process)
    half = len(seen) // 2
    early = sorted(told["MiB"] for told in seen[: half or 1])
    late = sorted(told["MiB"] for told in seen[half:])
    growth = late[len(late) // 2] / early[len(early) // 2] - 1
    print(f"\n{sum(traffic.done.values())} requests: {dict(traffic.done)}")
    print(f"errors that no client caused: {sum(traffic.wrong.values())} {dict(traffic.wrong)}")
    print(f"memory after warm-up, first half to second half (medians): {growth:+.1%}")
    print(f"after the last client: {last['MiB']:.0f} MiB, {last['files']:.0f} files, {last['threads']:.0f} threads, {last['children']:.0f} children")  # fmt: skip
    health = requests.get(traffic.url.removesuffix("/v1") + "/healthz", timeout=10).json()
    print(f"still going on: {health}")


if __name__ == "__main__":
    main()

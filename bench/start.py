"""How long a process takes from its start to an answer, and what it takes, beside a bare import.

    python bench/start.py [--rounds 5] [--cpus 2] [--check]

Prints for each command the median over rounds of: seconds from the start of the process to its end,
of a server to its first answer; seconds of processor time, its children's included, which other work
on the machine changes little; and the peak of memory in MB (of the largest process). Commands take
turns, on so many processors. `--check` fails where a median is above what is aimed at.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "samples"
SIGHTLINE = [sys.executable, "-m", "sightline.cli.main"]


@dataclass(frozen=True)
class Taken:
    """Seconds to the answer, seconds of processor time, MB at the peak."""

    wall: float
    cpu: float
    memory: float


@dataclass(frozen=True)
class Case:
    """What is run, and the seconds and MB that are aimed at, if any are."""

    name: str
    run: Callable[[], Taken]
    seconds: float | None = None
    memory: float | None = None


def ended(words: list[str]) -> Taken:
    """Run a command to its end."""
    begun = time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return _waited(process, begun)


def _waited(process: subprocess.Popen[bytes], begun: float, wall: float | None = None) -> Taken:
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    taken = time.perf_counter() - begun if wall is None else wall
    if process.returncode and wall is None:
        raise SystemExit(f"{process.args!r} ended with {process.returncode}")
    return Taken(taken, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def served() -> Taken:
    """Start a server and ask it about a receipt at once, as clients do until it answers."""
    picture = base64.b64encode((SAMPLES / "receipt.png").read_bytes()).decode()
    shown = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{picture}"}}
    asked = {"type": "text", "text": "What is the total?"}
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": [asked, shown]}]}
    begun = time.perf_counter()
    words = [*SIGHTLINE, "serve", "--port", "0", "--json"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    url = json.loads(process.stdout.readline())["url"].rstrip("/").removesuffix("/v1")
    request = urllib.request.Request(
        f"{url}/v1/chat/completions",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as reply:
        told = json.load(reply)["choices"][0]["message"]["content"]
    wall = time.perf_counter() - begun
    assert "16.20" in told, told
    process.terminate()
    taken = _waited(process, begun, wall)
    process.stdout.close()
    return taken


def cases() -> list[Case]:
    """List what is measured; what is aimed at is for two processors that do nothing else."""

    def ask(name: str, question: str) -> Callable[[], Taken]:
        return lambda: ended([*SIGHTLINE, "ask", str(SAMPLES / name), question])

    bare = [sys.executable, "-c", "import onnxruntime, PIL"]
    return [
        Case("python -c 'import onnxruntime, PIL'", lambda: ended(bare)),
        Case("sightline --help", lambda: ended([*SIGHTLINE, "--help"]), 0.05),
        Case("sightline ask coffee.jpg", ask("coffee.jpg", "What is in this picture?"), 1.2, 300),
        Case("sightline ask receipt.png", ask("receipt.png", "What is the total?"), 1.2, 300),
        Case("sightline serve, first answer", served, 1.5),
    ]


def main() -> int:
    """Measure and print; the exit code is 1 where `--check` finds what is above the aim."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cpus", type=int, default=2)
    parser.add_argument("--check", action="store_true", help="fail above what is aimed at")
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.cpus])
    listed = cases()
    taken: dict[str, list[Taken]] = {case.name: [] for case in listed}
    for case in listed:
        case.run()  # what is read from the disk is in memory from now on
    for _ in range(options.rounds):
        for case in listed:
            taken[case.name].append(case.run())
    print(f"{'':<38}{'seconds':>9}{'aim':>7}{'processor':>11}{'MB':>7}{'aim':>6}")
    above = 0
    for case in listed:
        wall, cpu, memory = (
            statistics.median(getattr(one, field) for one in taken[case.name])
            for field in ("wall", "cpu", "memory")
        )
        aims = case.seconds or "", case.memory or ""
        print(f"{case.name:<38}{wall:>9.2f}{aims[0]:>7}{cpu:>11.2f}{memory:>7.0f}{aims[1]:>6}")
        above += wall > (case.seconds or wall) or memory > (case.memory or memory)
    return int(options.check and above > 0)


if __name__ == "__main__":
    sys.exit(main())

"""Fuzzing: `make fuzz`, or `python -m tests.fuzz --seconds 60`.

Pictures, documents, films, the heads and the bodies of requests, and URLs are made of the seeds in
`tests/corpus`, broken byte by byte and piece by piece, and may be refused in our own words or be
taken, and nothing else: no other error, no end of a process, no input that takes long or much
memory. Each target is tried in a process of its own. What gets through is told with the number that
makes it again (`--only TARGET --first NUMBER --count 1`), and written into a folder as a file.
"""

from __future__ import annotations

import argparse
import random
import selectors
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path
from random import Random

from tests.fuzzing.targets import TARGETS, Usage
from tests.surroundings import settle

SILENT_S = 120.0  # a process that says nothing for so long hangs
MOST_FOUND = 20


def made(name: str, number: int) -> bytes:
    """The input of a number."""
    return TARGETS[name].make(Random(f"{name} {number}"))


def work(name: str, first: int, count: int, seconds: float) -> int:
    """Try inputs one after the other, saying which; the first that gets through is the last."""
    warnings.simplefilter("ignore")
    target, until, number = TARGETS[name], time.monotonic() + seconds, first
    with target.ready() as check:
        usage = Usage(target)
        while number < first + count and time.monotonic() < until:
            print(number, flush=True)
            data = made(name, number)
            usage.begin()
            check(data)
            usage.end()
            number += 1
        print("done", flush=True)
    return 0


def tried(name: str, first: int, count: int, seconds: float, folder: Path) -> tuple[int, int]:
    """Try a target in processes of their own; give how many inputs were tried and got through."""
    found, until, begun = 0, time.monotonic() + seconds, first
    while count > first - begun and time.monotonic() < until and found < MOST_FOUND:
        left = until - time.monotonic()
        number, ended, why = _watched(name, first, count - (first - begun), left)
        if ended:
            return number + 1 - begun, found
        found += 1
        path = folder / f"{name}-{number}"
        path.write_bytes(made(name, number))
        print(f"{why}\n{name} {number} got through: {path}", flush=True)
        print(f"Again: python -m tests.fuzz --only {name} --first {number} --count 1", flush=True)
        first = number + 1
    return first - begun, found


def _watched(name: str, first: int, count: int, seconds: float) -> tuple[int, bool, str]:
    """Run one process: the last number it was at, whether it came to its end, else why not."""
    flags = ["--only", name, "--first", str(first), "--count", str(count), "--worker"]
    with (
        tempfile.TemporaryFile("w+") as errors,
        subprocess.Popen(
            [sys.executable, "-m", "tests.fuzz", *flags, "--seconds", str(seconds)],
            stdout=subprocess.PIPE, stderr=errors, text=True,
        ) as process,
        selectors.DefaultSelector() as said,
    ):  # fmt: skip
        assert process.stdout is not None
        said.register(process.stdout, selectors.EVENT_READ)
        number, ended, hangs = first, False, False
        while True:
            if not said.select(SILENT_S):
                hangs = True
                process.kill()
                break
            line = process.stdout.readline()
            if not line:
                break
            ended = line.strip() == "done"
            number = number if ended else int(line)
        code = process.wait()
        errors.seek(0)
        why = f"It hangs: nothing for {SILENT_S:g} s." if hangs else errors.read()[-3000:]
        return number, ended and code == 0, why or f"The process ended by {code}."


def main() -> int:
    options_of = argparse.ArgumentParser(description=__doc__)
    options_of.add_argument("--seconds", type=float, help="how long, all targets together (60)")
    options_of.add_argument("--count", type=int, help="how many inputs of each target instead")
    options_of.add_argument("--first", type=int, help="the number of the first; by chance if unset")
    options_of.add_argument("--only", choices=sorted(TARGETS), help="one target")
    options_of.add_argument("--findings", type=Path, help="where files of findings are written")
    options_of.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    options = options_of.parse_args()
    first = random.SystemRandom().randrange(10**9) if options.first is None else options.first
    usual = 60.0 if options.count is None else 86_400.0
    seconds = usual if options.seconds is None else options.seconds
    count = 10**9 if options.count is None else options.count
    if options.worker:
        try:
            return work(options.only, first, count, seconds)
        except Exception:  # noqa: BLE001 - whatever it is, it got through
            traceback.print_exc()
            return 1
    folder = options.findings or Path(tempfile.mkdtemp(prefix="sightline-fuzz-"))
    folder.mkdir(parents=True, exist_ok=True)
    names, found = [options.only] if options.only else list(TARGETS), 0
    for name in names:
        tries, through = tried(name, first, count, seconds / len(names), folder)
        print(f"{name}: {tries} inputs from {first} on, {through} got through", flush=True)
        found += through
    if not found:
        print("none got through")
        if not options.findings:
            folder.rmdir()
    return int(found > 0)


if __name__ == "__main__":
    settle()
    sys.exit(main())

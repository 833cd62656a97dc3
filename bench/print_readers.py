"""How much print is read, and how fast, beside RapidOCR as it comes and Tesseract, in one run.

    python bench/print_readers.py [--count 12] [--receipts FOLDER] [--rounds 2] [--threads 2]

Pages are drawn by `training.ear.paper` (each of another kind; every other worn as scans and
photographs are), and read by each program from the same PNG files in a process of its own, in turn,
models loaded before the clock starts. Told are, of the words printed, how many were read (whole
words, each as often as it stands there) and how many of those that were read stand there; seconds
of wall clock and of processor time a page; and the peak of memory. Of scanned receipts
(NAME.jpg with NAME.json) it counts which of company, date and total can be found in what was read,
spaces aside, since no more of their text is known.

RapidOCR is installed into an environment of its own, once; Tesseract has to be on the machine. One
that cannot be had is said to be missing.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "examples"))

import environments

from training.ear import paper as drawn
from training.halves import half

ROOT = Path(__file__).parents[1]
PINS = ("rapidocr==3.10.0", "onnxruntime")
_SKIPPED = frozenset({"own_document", "held_document", "real_receipt"})
# Each reads the files that it is told, and prints a line of JSON for each: what it cost, and the text.
_WORK = """
import json, resource, sys, time
threads, files = int(sys.argv[1]), sys.argv[2:]
{begin}
def spent():
    own, others = (resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime
for name in files[:1] + files:
    began, cpu = time.perf_counter(), spent()
    text = read(name)
    took, cost = time.perf_counter() - began, spent() - cpu
    peak = max(resource.getrusage(w).ru_maxrss for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(json.dumps([took, cost, peak / 1024, text]), flush=True)
"""
_READERS = {
    "ours": """
import cv2
from sightline.perception.text import TextReader
from sightline.workers import Stop
reader = TextReader(threads)
def read(name):
    pixels = cv2.cvtColor(cv2.imread(name), cv2.COLOR_BGR2RGB)
    return "\\n".join(" ".join(p.text for p in row.pieces) for row in reader.read(pixels, Stop()).rows)
""",
    "RapidOCR": """
from rapidocr import RapidOCR
engine = RapidOCR(params={"EngineConfig.onnxruntime.intra_op_num_threads": threads})
def read(name):
    return "\\n".join(engine(name).txts or ())
""",
    "Tesseract": """
import os, subprocess
os.environ["OMP_THREAD_LIMIT"] = str(threads)
def read(name):
    return subprocess.run(["tesseract", name, "-"], capture_output=True, text=True, check=True).stdout
""",
}


@dataclass(frozen=True)
class Page:
    """A file, the words that stand on it if they are known, and values that do."""

    file: Path
    words: Counter[str] | None
    values: tuple[str, ...] = ()


@dataclass
class Read:
    """What one program read, page by page, and what each round cost for a page."""

    texts: list[str] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    memory: float = 0


def words(text: str) -> Counter[str]:
    """Give the words of a text, cases and marks aside."""
    return Counter(re.findall(r"\w+", text.lower()))


def pages(folder: Path, count: int, receipts: Path | None) -> Iterator[Page]:
    """Draw pages, and list receipts that nothing was trained on."""
    named = [name for name in drawn.kinds() if name not in _SKIPPED]
    for at in range(count):
        made = drawn.draw(named[at * 7 % len(named)], 9000 + at)
        image = drawn.render(made)
        if at % 2:
            image = drawn.wear(image, at)
        file = folder / f"{at}.png"
        image.convert("RGB").save(file)
        yield Page(file, words(" ".join(cell.text for cell in made.cells)))
    for file in half(receipts, measured=True)[:count] if receipts else ():
        told = json.loads(file.with_suffix(".json").read_text("utf-8"))
        yield Page(file, None, tuple(told[k] for k in ("company", "date", "total") if told.get(k)))


def run(name: str, threads: int, files: list[Path]) -> list[Any] | None:
    """Have one program read all files; None where it cannot be had. The first is read twice."""
    python = Path(sys.executable)
    if name == "Tesseract" and shutil.which("tesseract") is None:
        return None
    if name == "RapidOCR":
        try:
            python = environments.python(PINS)
        except (subprocess.CalledProcessError, OSError):
            return None
    code = _WORK.replace("{begin}", _READERS[name])
    done = subprocess.run(
        [str(python), "-c", code, str(threads), *map(str, files)],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    lines = [line for line in done.stdout.splitlines() if line.startswith("[")]
    if done.returncode or len(lines) != len(files) + 1:
        print(done.stderr[-800:], file=sys.stderr)
        return None
    return [json.loads(line) for line in lines[1:]]


def _print(name: str, known: list[Page], read: Read) -> None:
    told = printed = right = found = asked = 0
    for page, text in zip(known, read.texts, strict=True):
        if page.words is not None:
            seen = words(text)
            told, printed = told + seen.total(), printed + page.words.total()
            right += (seen & page.words).total()
        tight = re.sub(r"[\W_]", "", text.lower())
        asked += len(page.values)
        found += sum(re.sub(r"[\W_]", "", value.lower()) in tight for value in page.values)
    said = f"{right / printed:6.1%} of words read, {right / max(1, told):6.1%} of those there"
    if asked:
        said += f", {found / asked:6.1%} of receipts' values"
    wall, cpu = statistics.median(read.wall), statistics.median(read.cpu)
    print(
        f"{name:<10} {said}; {wall:.2f} s a page, {cpu:.2f} s of processor, {read.memory:.0f} MiB",
        flush=True,
    )


def read_by_all(known: list[Page], rounds: int, threads: int) -> dict[str, Read]:
    """Have every program read all pages in turn; those that cannot be had are left out."""
    found: dict[str, Read] = {}
    for turn in range(rounds):
        for name in list(_READERS)[:: -1 if turn % 2 else 1]:
            told = run(name, threads, [page.file for page in known])
            if told is None:
                continue
            read = found.setdefault(name, Read())
            read.texts = [text for *_, text in told]
            read.wall.append(statistics.mean(one[0] for one in told))
            read.cpu.append(statistics.mean(one[1] for one in told))
            read.memory = max(read.memory, *(one[2] for one in told))
    return found


def main() -> None:
    """Read with each in turn."""
    made = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    made.add_argument("--count", type=int, default=12, help="pages that are drawn")
    made.add_argument("--receipts", type=Path, help="scanned receipts, as many more")
    made.add_argument("--rounds", type=int, default=2)
    made.add_argument("--threads", type=int, default=2)
    options = made.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        known = list(pages(Path(folder), options.count, options.receipts))
        found = read_by_all(known, options.rounds, options.threads)
        print(f"{len(known)} pages, {options.threads} threads, {options.rounds} rounds")
        for name in _READERS:
            if name in found:
                _print(name, known, found[name])
            else:
                print(f"{name:<10} could not be had or run here")


if __name__ == "__main__":
    main()

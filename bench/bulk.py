"""`sightline bulk`: how fast, how flat, how much Ray adds, how busy it keeps an engine.

    python bench/bulk.py [--parts rate cores local prepare busy ray index resume flat] [--most 100000] [--json FILE]

`rate`: pictures a second of the embedded reader, and of a stub server that takes 100 ms for each, at 1,
2, 4 and 8 in flight. `local`: pictures a second of llama.cpp with random weights of SmolVLM2-500M's
dimensions. `prepare`: pictures that one core reads and prepares in a second. `cores`: the share of two
cores for which the embedded reader has work. `index`: what a million rows of a run's index take. `resume`: how
long a run of 100,000 pictures takes to go on where all but ten are answered. `flat`: time
and memory for each picture from 100 to `--most` generated ones, against a stub that answers at once, and how
long it takes to resume a run of which all is done. `ray`: the
same pictures on one machine and on a local Ray cluster, against a stub that takes 20 ms. `busy`: the share of a run in which an engine that works on
one picture at a time, 150 ms each, has one, with pictures of 12 megapixels to read and prepare.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import multiprocessing
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))
from bench import preparing, random_model
from bench.papers import receipt
from sightline.jobs.bulk.index import Index
from sightline.jobs.bulk.sources import Item
from sightline.media.encode import compact

QUESTION = "What is the total?"


def stub(pipe: Connection, seconds: float, slots: int) -> None:
    """A server that takes so long for each request, so many at a time; tells how long it had some."""
    busy = began = 0.0
    running = 0

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal busy, began, running
        while True:
            try:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            except (asyncio.IncompleteReadError, ConnectionError):
                writer.close()
                return
            length = re.search(r"content-length: (\d+)", head)
            if length:
                await reader.readexactly(int(length[1]))
            said: dict[str, Any] = {"object": "list", "data": [{"id": "stub", "object": "model"}]}
            if head.startswith("post"):
                async with gate:
                    running += 1
                    if running == 1:
                        began = time.monotonic()
                    if seconds:
                        await asyncio.sleep(seconds)
                    running -= 1
                    if not running:
                        busy += time.monotonic() - began
                message = {"role": "assistant", "content": "16.20"}
                said = {
                    "id": "c", "object": "chat.completion", "created": 1, "model": "stub",
                    "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                    "usage": {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11},
                }  # fmt: skip
            elif head.startswith("get /busy"):
                said = {"busy": busy}
            data = json.dumps(said).encode()
            start = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(data)}\r\n\r\n"
            writer.write(start.encode() + data)
            await writer.drain()

    async def serve() -> None:
        server = await asyncio.start_server(handle, "127.0.0.1", 0, limit=1 << 26)
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    gate = asyncio.Semaphore(slots)
    asyncio.run(serve())


@contextmanager
def serving(seconds: float, slots: int = 64) -> Iterator[str]:
    """Serve the stub in a process of its own; give its base URL."""
    here, there = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=stub, args=(there, seconds, slots), daemon=True
    )
    process.start()
    try:
        yield f"http://127.0.0.1:{here.recv()}/v1"
    finally:
        process.terminate()
        process.join()


def drawn(folder: Path, count: int, side: int) -> Path:
    """Draw small pictures, each another one."""
    folder.mkdir()
    rng = np.random.default_rng(7)
    for i in range(count):
        pixels = rng.integers(0, 255, (side, side, 3), np.uint8)
        stored = io.BytesIO()
        Image.fromarray(pixels).save(stored, "PNG", compress_level=0)
        (folder / f"{i:07}.png").write_bytes(stored.getvalue())
    return folder


def photographs(folder: Path, count: int, size: tuple[int, int]) -> Path:
    """Draw JPEGs of a size, each another one, with grain as a camera's have."""
    folder.mkdir()
    rng = np.random.default_rng(3)
    grain = rng.normal(0, 3, (*size[::-1], 1)).astype(np.float32)
    for i in range(count):
        coarse = Image.fromarray(rng.integers(0, 255, (75, 100, 3), np.uint8)).resize(size)
        pixels = np.asarray(coarse, np.float32) + np.roll(grain, i)
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(folder / f"{i}.jpg", quality=90)
    return folder


def bulk(source: Path, out: Path, *flags: str) -> tuple[dict[str, Any], float, float]:
    """Run; give its summary, the seconds of the whole process, and its peak memory in MiB."""
    began = time.monotonic()
    run = subprocess.Popen(
        [sys.executable, "-m", "sightline.cli.main", "bulk", str(source), QUESTION, "--out", str(out),
         "--json", *flags],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    peak = 0.0

    def watch() -> None:
        nonlocal peak
        process = psutil.Process(run.pid)
        while run.poll() is None:
            try:
                peak = max(peak, process.memory_info().rss / 2**20)
            except psutil.Error:
                return
            time.sleep(0.2)

    watching = threading.Thread(target=watch)
    watching.start()
    said, _ = run.communicate()
    watching.join()
    if run.returncode:
        raise SystemExit(f"bulk ended with {run.returncode}")
    return json.loads(said), time.monotonic() - began, peak


def rates(folder: Path) -> list[dict[str, Any]]:
    """Pictures a second, by how many are in flight."""
    papers = folder / "papers"
    papers.mkdir()
    for i in range(40):
        receipt(random.Random(i)).image.save(papers / f"{i}.png")
    small = drawn(folder / "rate", 200, 64)
    told = []
    for at_once in (1, 2, 4, 8):
        own, _, _ = bulk(papers, folder / f"own{at_once}.jsonl", "--at-once", str(at_once))
        with serving(0.1) as url:
            other, _, _ = bulk(
                small,
                folder / f"other{at_once}.jsonl",
                "--at-once",
                str(at_once),
                "--base-url",
                url,
            )
        told.append({
            "in flight": at_once,
            "reader, a second": round(own["pictures"] / own["seconds"], 2),
            "server of 100 ms, a second": round(other["pictures"] / other["seconds"], 1),
        })  # fmt: skip
        print(told[-1], flush=True)
    return told


def cores(folder: Path) -> dict[str, Any]:
    """The share of two cores for which reading papers has work.

    Counted are the threads that run or wait for a core, at most as many as there are cores, so that what
    else the machine does changes little; from the first answer to the last.
    """
    papers = folder / "cores"
    papers.mkdir()
    for i in range(40):
        receipt(random.Random(i)).image.save(papers / f"{i}.png")
    out = folder / "cores.jsonl"
    before, samples = os.times(), list[int]()
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.005):
            if out.exists() and out.stat().st_size:
                samples.append(min(2, _runnable()))

    watching = threading.Thread(target=watch)
    watching.start()
    bulk(papers, out)
    ended.set()
    watching.join()
    after = os.times()
    told = {
        "processor s a picture": round((sum(after[2:4]) - sum(before[2:4])) / 40, 2),
        "share of two cores that has work": round(sum(samples) / len(samples) / 2, 3),
    }
    print(told, flush=True)
    return told


def _runnable() -> int:
    """How many threads of the processes that this one has started run, or wait for a core."""
    count = 0
    for process in psutil.Process().children(recursive=True):
        for state in Path(f"/proc/{process.pid}/task").glob("*/stat"):
            with suppress(OSError):
                count += state.read_text().rpartition(")")[2].split()[0] == "R"
    return count


def index(_: Path) -> list[dict[str, Any]]:
    """Bytes and time of a million rows, in folders with short names and with long ones."""
    told = []
    for key, place in (
        ("{:07}.png", "/photos/{:07}.png"),
        ("2024/holiday/IMG_{:07}.jpg", "/data/photos/2024/holiday/IMG_{:07}.jpg"),
    ):
        with Index() as listed:
            began = time.process_time()
            listed.fill((Item(key.format(i), place.format(i)) for i in range(1_000_000)), None)
            taken = time.process_time() - began
            told.append({
                "key": key.format(1),
                "bytes a row": round(listed.size / 1e6, 1),
                "processor s": round(taken, 1),
            })  # fmt: skip
        print(told[-1], flush=True)
    return told


def local(folder: Path) -> dict[str, Any]:
    """Pictures a second of a model in llama.cpp, with 32 tokens for each answer."""
    model = random_model.write(folder, random_model.PRESETS["smolvlm2-500m"], "q8_0")
    source = photographs(folder / "local", 12, (1280, 960))
    words = ("--engine", "llamacpp", "--model", str(model), "--max-tokens", "32")
    summary, _, _ = bulk(source, folder / "local.jsonl", *words)
    told = {"llama.cpp, a second": round(summary["pictures"] / summary["seconds"], 2)}
    print(told, flush=True)
    return told


def prepare(_: Path) -> list[dict[str, Any]]:
    """Photographs that are made as small as the model sees them and written again in a second, one by one."""
    told = []
    for side in (1280, 4000):
        photograph = preparing.photograph("coffee", side, side * 3 // 4, 3)
        data = preparing.stored(photograph, "JPEG", quality=90)
        began = time.perf_counter()
        for _turn in range(20):
            compact(preparing.ours(data, "auto"))
        told.append({
            "megapixels": round(side * side * 0.75 / 1e6, 1),
            "prepared by a core, a second": round(20 / (time.perf_counter() - began), 1),
        })  # fmt: skip
        print(told[-1], flush=True)
    return told


def flat(folder: Path, most: int) -> list[dict[str, Any]]:
    """Time and memory for each picture, by how many there are."""
    told = []
    count = 100
    with serving(0.0) as url:
        while count <= most:
            source = drawn(folder / f"flat{count}", count, 32)
            words = source, folder / f"flat{count}.jsonl", "--base-url", url
            summary, _, peak = bulk(*words)
            _, again, _ = bulk(*words, "--resume")
            told.append({
                "pictures": count,
                "ms each": round(1000 * summary["seconds"] / count, 2),
                "peak MiB": round(peak),
                "resumed in s": round(again, 2),
            })  # fmt: skip
            print(told[-1], flush=True)
            count *= 10
    return told


def resume(folder: Path) -> dict[str, Any]:
    """Seconds that a run of 100,000 takes to go on, of which all but ten are answered."""
    source, out = drawn(folder / "resume", 1, 32), folder / "resume.jsonl"
    with serving(0.0) as url:
        bulk(source, out, "--base-url", url)
        row = json.loads(out.read_text())
        data = (source / row["key"]).read_bytes()
        with out.open("w") as written:
            for i in range(100_000):
                (source / f"{i:07}.png").write_bytes(data)
                if i < 100_000 - 10:
                    written.write(json.dumps({**row, "key": f"{i:07}.png"}) + "\n")
        summary, took, peak = bulk(source, out, "--base-url", url, "--resume")
    assert summary["asked"] == 10, summary
    told = {"100,000 pictures resumed in s": round(took, 2), "peak MiB": round(peak)}
    print(told, flush=True)
    return told


def ray(folder: Path) -> dict[str, Any]:
    """What Ray adds to each picture, and to the whole."""
    source = drawn(folder / "ray", 3000, 64)
    with serving(0.02) as url:
        one, one_s, _ = bulk(source, folder / "one.jsonl", "--base-url", url)
        many, many_s, _ = bulk(source, folder / "many.jsonl", "--base-url", url, "--ray", "local")
    told = {
        "one machine, ms each": round(1000 * one["seconds"] / one["pictures"], 2),
        "Ray, ms each": round(1000 * many["seconds"] / many["pictures"], 2),
        "one machine, whole s": round(one_s, 1),
        "Ray, whole s": round(many_s, 1),
    }
    print(told, flush=True)
    return told


def busy(folder: Path) -> list[dict[str, Any]]:
    """The share of a run in which an engine of one slot has a picture."""
    import httpx2

    source = photographs(folder / "large", 40, (4000, 3000))
    told = []
    for at_once in (1, 3):
        with serving(0.15, slots=1) as url:
            summary, _, _ = bulk(
                source,
                folder / f"busy{at_once}.jsonl",
                "--base-url",
                url,
                "--at-once",
                str(at_once),
            )
            worked = httpx2.get(url.replace("/v1", "/busy")).json()["busy"]
        told.append({
            "in flight": at_once,
            "busy share": round(worked / summary["seconds"], 3),
        })  # fmt: skip
        print(told[-1], flush=True)
    return told


_PARTS: dict[str, Callable[..., Any]] = {
    "rate": rates, "cores": cores, "local": local, "prepare": prepare, "busy": busy, "ray": ray,
    "index": index, "resume": resume, "flat": flat,
}  # fmt: skip


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--parts", nargs="+", default=list(_PARTS))
    options.add_argument("--most", type=int, default=100_000)
    options.add_argument("--json", type=Path)
    chosen = options.parse_args()
    os.environ["SIGHTLINE_LOG_LEVEL"] = "error"
    with tempfile.TemporaryDirectory(prefix="bench-bulk-") as name:
        folder = Path(name)
        work: dict[str, Callable[..., Any]] = {**_PARTS, "flat": partial(flat, most=chosen.most)}
        told = {part: work[part](folder) for part in chosen.parts}
    if chosen.json:
        chosen.json.write_text(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()

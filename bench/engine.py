"""Our server with llama.cpp against the wheel's own HTTP server, on the same weights, in one run.

    python bench/engine.py [--preset smolvlm2-500m] [--rounds 3] [--tokens 48]
    python bench/engine.py --memory

The weights are random and have the true dimensions of the model named, so that times are those of
the real one and words mean nothing. Both servers run with the same options and are asked in turn.
Printed: tokens a second with 1, 4 and 16 clients, the time to the first token, what of it our
server adds (told with small weights, whose own time does not hide it), our process's memory, how soon a hung-up stream frees its slot, how long text stands still while a picture is
looked at with one process and with two, and how much sooner a picture's second turn begins. With
`--memory` what processes of one model take, which share its pages and the four it answers at once: with
what they share counted once (PSS) and each time.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import psutil

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench import random_model
from sightline.media.encode import compact

ROOT = Path(__file__).parent.parent
_WHEEL = """
import json, sys, os, time
os.environ["GGML_NO_BACKTRACE"] = "1"
import xllamacpp
params = xllamacpp.CommonParams()
for name, value in json.loads(sys.argv[1]).items():
    holder, _, last = name.rpartition(".")
    target = params
    for step in holder.split(".") if holder else ():
        target = getattr(target, step)
    setattr(target, last, value)
server = xllamacpp.Server(params)
print("serves at", server.listening_address + "/v1", flush=True)
sys.stdin.read()
os._exit(0)
"""


@dataclass
class Server:
    """A running server: its base URL and its process."""

    url: str
    process: subprocess.Popen[str]


@contextlib.contextmanager
def started(command: list[str]) -> Iterator[Server]:
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True, cwd=ROOT)  # fmt: skip
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        url = next(word for word in line.split() if word.startswith("http://"))
        yield Server(url, process)
    finally:
        process.terminate()
        process.wait(120)


@contextlib.contextmanager
def ours(model: Path, *flags: str) -> Iterator[Server]:
    command = [sys.executable, "-m", "sightline.cli.main", "serve", "--port", "0", "--engine",
               "llamacpp", "--model", str(model), *flags]  # fmt: skip
    with started(command) as server:
        end = time.monotonic() + 600  # beside whatever else runs
        health = server.url[:-3] + "/healthz"
        while httpx2.get(health, timeout=60).json()["engine"] != "ready":
            assert time.monotonic() < end, "the engine did not start"
            time.sleep(0.1)
        yield server


@contextlib.contextmanager
def the_wheels(model: Path) -> Iterator[Server]:
    from sightline.engines.llamacpp import engine, fit
    from sightline.engines.llamacpp.options import LlamaOptions
    from sightline.models import gguf
    from sightline.models.store import Store

    told = LlamaOptions(model=str(model), replicas=1)
    files = Store(Path()).find(str(model))
    plan = fit.plan(told, gguf.read(files.text), gguf.read(files.eye))
    options = {
        **engine._flags(told, plan, files),
        "hostnames": ["127.0.0.1"],
        "verbosity": -1,
    }
    with started([sys.executable, "-c", _WHEEL, json.dumps(options)]) as server:
        yield server


def picture(seed: int, side: int = 512) -> str:
    numbers = np.random.default_rng(seed)
    small = numbers.integers(0, 255, (16, 16, 3), dtype=np.uint8)
    data, kind = compact(np.kron(small, np.ones((side // 16, side // 16, 1), np.uint8)))
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def body(text: str, tokens: int, url: str | None = None) -> dict[str, Any]:
    content: Any = text
    if url is not None:
        image = {"type": "image_url", "image_url": {"url": url, "detail": "low"}}
        content = [image, {"type": "text", "text": text}]
    # The bias keeps random weights from ending their answer.
    return {"model": "gpt-4o", "messages": [{"role": "user", "content": content}], "stream": True,
            "max_tokens": tokens, "logit_bias": {"100": 100}, "temperature": 0}  # fmt: skip


async def pieces(
    client: httpx2.AsyncClient, url: str, ask: dict[str, Any]
) -> AsyncGenerator[float]:
    """Ask, and give the time of each token."""
    headers = {"authorization": "Bearer any"}
    async with client.stream("POST", f"{url}/chat/completions", json=ask, headers=headers) as reply:
        async for line in reply.aiter_lines():
            if line.startswith("data: {"):
                choices = json.loads(line[6:]).get("choices") or [{}]
                if choices[0].get("delta", {}).get("content"):
                    yield time.perf_counter()


async def speed(
    client: httpx2.AsyncClient, url: str, clients: int, tokens: int, mark: str
) -> float:
    async def one(i: int) -> int:
        return len([t async for t in pieces(client, url, body(f"{mark} {i}", tokens))])

    began = time.perf_counter()
    said = sum(await asyncio.gather(*(one(i) for i in range(clients))))
    assert said >= clients * (tokens - 2), (said, clients, tokens)
    return said / (time.perf_counter() - began)


async def first(client: httpx2.AsyncClient, url: str, ask: dict[str, Any]) -> float:
    began = time.perf_counter()
    async for at in pieces(client, url, ask):
        return at - began
    raise AssertionError("no token came")


def told(values: list[float], unit: str = "ms", scale: float = 1000) -> str:
    low, high = min(values) * scale, max(values) * scale
    return f"{statistics.median(values) * scale:8.1f} {unit} ({low:.1f} to {high:.1f})"


async def compare(model: Path, rounds: int, tokens: int) -> None:
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=0)
    with ours(model) as our, the_wheels(model) as their:
        async with httpx2.AsyncClient(timeout=600, limits=limits) as client:
            both = {"ours": our.url, "the wheel's": their.url}
            for url in both.values():
                await speed(client, url, 1, 8, "warm")
            for clients in (1, 4, 16):
                rates: dict[str, list[float]] = {name: [] for name in both}
                for turn in range(rounds):
                    for name in sorted(both, reverse=turn % 2 == 1):
                        rates[name].append(
                            await speed(client, both[name], clients, tokens, f"{turn} {clients}")
                        )
                middle = {name: statistics.median(values) for name, values in rates.items()}
                us, them = middle["ours"], middle["the wheel's"]
                print(
                    f"{clients:>2} at once: {us:7.1f} tokens/s ours, {them:7.1f} the wheel's: "
                    f"ratio {us / them:.3f}",
                    flush=True,
                )
            times: dict[str, list[float]] = {name: [] for name in both}
            for turn in range(20):
                for name in sorted(both, reverse=turn % 2 == 1):
                    times[name].append(await first(client, both[name], body(f"text {turn}", 1)))
            for name, values in times.items():
                print(f"first token, text, {name}: {told(values)}", flush=True)
            looks: dict[str, list[float]] = {name: [] for name in both}
            for turn in range(rounds):
                for name in sorted(both, reverse=turn % 2 == 1):
                    ask = body("What?", 1, picture(turn * 2 + (name == "ours")))
                    looks[name].append(await first(client, both[name], ask))
            for name, values in looks.items():
                print(f"first token, new picture, {name}: {told(values)}", flush=True)
        memory = psutil.Process(our.process.pid).memory_info().rss
        print(f"memory of our own process: {memory / 2**20:.0f} MiB", flush=True)


async def firsts(
    our: str, their: str, turns: int, *, kept: bool
) -> tuple[list[float], list[float]]:
    """Seconds to the first token of ours and theirs, who are asked in turn, one at a time.

    Connections are kept, as the official client keeps them, or each request has its own.
    """
    limits = httpx2.Limits(max_keepalive_connections=None if kept else 0)
    found: dict[str, list[float]] = {our: [], their: []}
    async with httpx2.AsyncClient(timeout=600, limits=limits) as client:
        for turn in range(-10, turns):
            for url in random.sample((our, their), 2):
                stamps: list[float] = []
                while not stamps:
                    began = time.perf_counter()
                    # llama.cpp's own server at times closes a connection that it has streamed over.
                    with contextlib.suppress(httpx2.RemoteProtocolError):
                        stamps = [at async for at in pieces(client, url, body(f"text {turn}", 2))]
                if turn >= 0:
                    found[url].append(stamps[0] - began)
    return found[our], found[their]


def added(turns: int = 200) -> None:
    """What our server adds to the first token, told by weights so small that little else shows."""
    with tempfile.TemporaryDirectory() as folder:
        model = random_model.write(Path(folder), random_model.PRESETS["small"], "q8_0")
        with ours(model) as our, the_wheels(model) as their:
            for kept in (True, False):
                pair = asyncio.run(firsts(our.url, their.url, turns, kept=kept))
                low, middle, high = statistics.quantiles(
                    [1000 * (a - b) for a, b in zip(*pair, strict=True)], n=4
                )
                how = "kept connections" if kept else "a connection for each request"
                print(f"added to the first token, {how}: {middle:.1f} ms ({low:.1f} to {high:.1f})",
                      flush=True)  # fmt: skip


async def cancel(model: Path, rounds: int) -> None:
    """Time from hanging up until the only slot works for another."""
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=0)
    with ours(model, "--slots", "1", "--replicas", "1") as our:
        async with httpx2.AsyncClient(timeout=600, limits=limits) as client:
            usual = [await first(client, our.url, body(f"u {i}", 1)) for i in range(rounds + 3)]
            after = []
            for i in range(rounds):
                stream = pieces(client, our.url, body(f"long {i}", 2000))
                for _ in range(5):
                    await anext(stream)
                await stream.aclose()
                after.append(await first(client, our.url, body(f"next {i}", 1)))
    freed = statistics.median(after) - statistics.median(usual[3:])
    print(f"a hung-up stream frees its slot after {freed * 1000:.0f} ms", flush=True)


async def stall(model: Path, replicas: int) -> None:
    """The longest pause in a text while another client's picture is looked at."""
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=0)
    with ours(model, "--replicas", str(replicas)) as our:
        async with httpx2.AsyncClient(timeout=600, limits=limits) as client:
            await first(client, our.url, body("warm", 1, picture(1)))
            stamps: list[float] = []
            begun = asyncio.Event()

            async def write() -> None:
                async for at in pieces(client, our.url, body("a long text", 600)):
                    stamps.append(at)
                    if len(stamps) == 10:
                        begun.set()

            writing = asyncio.create_task(write())
            await begun.wait()
            looked = await first(client, our.url, body("What?", 1, picture(77)))
            while_looking = len(stamps)
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
    gaps = [b - a for a, b in zip(stamps, stamps[1:], strict=False)]
    print(f"{replicas} process{'es' if replicas > 1 else ''}: a picture took {looked:.1f} s; meanwhile "
          f"{while_looking - 10} tokens of text came, the longest pause {max(gaps):.2f} s, "
          f"the usual {statistics.median(gaps) * 1000:.0f} ms", flush=True)  # fmt: skip


def shared(dtype: str) -> None:
    """What processes of one model take: pages that they share count once in PSS, in RSS each time."""
    with tempfile.TemporaryDirectory() as folder:
        model = random_model.write(Path(folder), random_model.PRESETS["smolvlm2-500m"], dtype)
        print(f"{dtype}, a file of {model.stat().st_size / 2**20:.0f} MiB")
        took_in_all: dict[str, list[float]] = {"pss": [], "rss": []}
        for replicas in (1, 2):
            with ours(model, "--replicas", str(replicas)) as our:
                took = [
                    child.memory_full_info()
                    for child in psutil.Process(our.process.pid).children()
                    if "sightline.engines.llamacpp.child" in child.cmdline()
                ]
            for kind in ("pss", "rss"):
                each = [getattr(one, kind) / 2**20 for one in took]
                took_in_all[kind].append(sum(each))
                print(f"  {len(took)} x {kind.upper()}: {sum(each):.0f} MiB, of each "
                      f"{', '.join(f'{mib:.0f}' for mib in each)}", flush=True)  # fmt: skip
        one, two = took_in_all["pss"]
        print(f"  two take {two / one:.2f} of what one takes (PSS)", flush=True)


async def second_turn(rounds: int) -> None:
    """A conversation about a picture of 1,024 tokens: its first turn and its second."""
    with tempfile.TemporaryDirectory() as folder:
        model = random_model.write(Path(folder), random_model.PRESETS["small"], "q8_0")
        with ours(model) as our:
            async with httpx2.AsyncClient(timeout=600) as client:
                ones, twos = [], []
                for i in range(rounds + 1):
                    ask = body("What is it?", 8, picture(1000 + i))
                    ones.append(await first(client, our.url, ask))
                    ask["messages"] += [{"role": "assistant", "content": "A thing."},
                                        {"role": "user", "content": "Which colour?"}]  # fmt: skip
                    twos.append(await first(client, our.url, ask))
    print(f"first token of turn 1 about a picture of 1,024 tokens: {told(ones[1:])}")
    print(f"first token of turn 2: {told(twos[1:])}: "
          f"{statistics.median(twos[1:]) / statistics.median(ones[1:]):.2f} of turn 1", flush=True)  # fmt: skip


def main() -> None:
    made = argparse.ArgumentParser()
    made.add_argument("--preset", choices=tuple(random_model.PRESETS), default="smolvlm2-500m")
    made.add_argument("--rounds", type=int, default=3)
    made.add_argument("--tokens", type=int, default=48)
    made.add_argument("--memory", action="store_true", help="tell what processes share alone")
    options = made.parse_args()
    os.environ.pop("SIGHTLINE_CONFIG", None)
    if options.memory:
        for dtype in ("q8_0", "q4_0"):
            shared(dtype)
        return
    with tempfile.TemporaryDirectory() as folder:
        model = random_model.write(Path(folder), random_model.PRESETS[options.preset], "q8_0")
        print(f"{options.preset}, random weights, q8_0", flush=True)
        asyncio.run(compare(model, options.rounds, options.tokens))
        added()
        asyncio.run(cancel(model, options.rounds))
        for replicas in (1, 2):
            asyncio.run(stall(model, replicas))
    asyncio.run(second_turn(options.rounds))


if __name__ == "__main__":
    main()

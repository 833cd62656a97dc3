"""The server as a gateway, beside the LiteLLM proxy, before the same stub upstream.

    python bench/gateway.py [--seconds 4] [--rounds 3] [--no-streams] [--json FILE]

LiteLLM is installed from the registry into an environment of its own, once. Each figure is measured with
the same clients against the stub itself, against Sightline and against LiteLLM, in turn, in three rounds
with servers newly started, and the medians are told: what a gateway adds to the time to the first piece and to the whole answer, at 1, 16
and 128 streams at once; answers a second without and with pictures, and the processor time of each, user and
system, the server's children included; memory; time to start.
Where the stub alone took longer than through a gateway, nothing was added that could be measured.

No picture comes twice, but where it is said: a comment in it counts up. Sightline sizes them as gpt-5.5 does, which
sees them as they are, so that they are looked at and passed on; LiteLLM looks at none. At detail low Sightline decodes,
sizes and encodes them. Memory is proportional: what processes share counts once.

Of gateways in other languages none could be had from a registry to run here: npm's @maximhq/bifrost fetches its program
from elsewhere, PyPI's tensorzero has no server in it, GoModel is in none.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import itertools
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import psutil

sys.path.insert(0, str(Path(__file__).parents[1] / "examples"))

import environments

LITELLM = "litellm[proxy]==1.108.0"
PIECES, PAUSE_S = 20, 0.01
LEVELS = (1, 16, 128)
ROUNDS = 3
MODELS = ("stub", "quick")
KEY = "sk-bench"


@dataclass
class Target:
    """Who is measured: where it is, and how it was started."""

    name: str
    url: str
    start_s: float = 0.0
    process: subprocess.Popen[Any] | None = None
    key: str = KEY


def memory(pid: int, *, shared: bool = False) -> float:
    """MiB of a process and its children together; what they share once, where that is asked for."""
    whole = psutil.Process(pid)
    each = [whole, *whole.children(recursive=True)]
    if shared:
        return sum(float(p.memory_full_info().pss) for p in each) / 2**20
    return sum(p.memory_info().rss for p in each) / 2**20


def spent(pid: int) -> float:
    """Seconds of processor time, user and system, of a process and its children."""
    whole, total = psutil.Process(pid), 0.0
    for each in (whole, *whole.children(recursive=True)):
        times = each.cpu_times()
        total += times.user + times.system + times.children_user + times.children_system
    return total


async def stub(ready: asyncio.Event, at: list[str]) -> None:
    """An upstream that answers with 20 pieces, 10 ms apart, or at once as the model `quick`."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(
            ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError
        ):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                lengths = [
                    line for line in head.lower().splitlines() if line.startswith("content-length:")
                ]
                body = await reader.readexactly(int(lengths[0].split(":")[1])) if lengths else b""
                if head.startswith("GET"):
                    models = [{"id": name, "object": "model"} for name in MODELS]
                    _send(writer, {"object": "list", "data": models})
                elif b'"stream":true' in body.replace(b" ", b""):
                    await _stream(writer, 0 if b'"quick"' in body else PAUSE_S)
                else:
                    message = {"role": "assistant", "content": "word " * PIECES}
                    _send(writer, {
                        "id": "c", "object": "chat.completion", "created": 1, "model": "stub",
                        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                        "usage": {"prompt_tokens": 9, "completion_tokens": PIECES, "total_tokens": 9 + PIECES},
                    })  # fmt: skip
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, limit=1 << 24)
    at.append(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1")
    ready.set()
    await server.serve_forever()


def _send(writer: asyncio.StreamWriter, body: dict[str, Any]) -> None:
    data = json.dumps(body).encode()
    head = (
        f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(data)}\r\n\r\n"
    )
    writer.write(head.encode() + data)


async def _stream(writer: asyncio.StreamWriter, pause_s: float) -> None:
    writer.write(
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    for i in range(PIECES + 1):
        choice = {
            "index": 0,
            "delta": {"content": "word "} if i < PIECES else {},
            "finish_reason": "stop" if i == PIECES else None,
        }
        chunk = {
            "id": "c",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "stub",
            "choices": [choice],
        }
        _chunk(writer, b"data: " + json.dumps(chunk).encode() + b"\n\n")
        if pause_s:
            await writer.drain()
            await asyncio.sleep(pause_s)
    _chunk(writer, b"data: [DONE]\n\n")
    writer.write(b"0\r\n\r\n")


def _chunk(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")


def body(*, stream: bool, picture: str | None = None, detail: str = "auto") -> dict[str, Any]:
    parts: list[dict[str, Any]] = [{"type": "text", "text": "What is this?"}]
    if picture:
        parts.append({"type": "image_url", "image_url": {"url": picture, "detail": detail}})
    model = "stub" if stream else "quick"
    return {"model": model, "stream": stream, "messages": [{"role": "user", "content": parts}]}


async def streamed(client: httpx2.AsyncClient, target: Target) -> tuple[float, float]:
    """Seconds to the first piece of an answer, and to its end."""
    began, first = time.perf_counter(), 0.0
    head = {"authorization": f"Bearer {target.key}"}
    async with client.stream(
        "POST", f"{target.url}/chat/completions", json=body(stream=True), headers=head
    ) as reply:
        assert reply.status_code == 200, (target.name, await reply.aread())
        async for line in reply.aiter_lines():
            if not first and '"content":"word' in line.replace('": "', '":"'):
                first = time.perf_counter() - began
    return first, time.perf_counter() - began


async def at_once(target: Target, level: int, seconds: float) -> tuple[list[float], list[float]]:
    """Keep so many streams going; give the times of each."""
    firsts, wholes = [], []
    end = time.perf_counter() + seconds
    limits = httpx2.Limits(max_connections=None)
    async with httpx2.AsyncClient(timeout=60, limits=limits) as client:

        async def go() -> None:
            while time.perf_counter() < end:
                first, whole = await streamed(client, target)
                firsts.append(first)
                wholes.append(whole)

        await asyncio.gather(*(go() for _ in range(level)))
    return firsts, wholes


@dataclass(frozen=True)
class Load:
    """What is asked over and over: without a picture, with others of `file`, or `again` with it."""

    key: str
    text: str
    file: bytes = b""
    detail: str = "auto"
    again: bool = False

    def bodies(self) -> Iterator[bytes]:
        """Give bodies without end; each is put together of pieces that are made once."""
        if not self.file:
            yield from itertools.repeat(json.dumps(body(stream=False)).encode())
        whole = json.dumps(body(stream=False, picture="@", detail=self.detail)).encode()
        before, after = whole.split(b"@")
        before += b"data:image/jpeg;base64,"
        # 18 bytes, so that the base64 of what follows stays the same: the head, and a comment.
        rest = base64.b64encode(self.file[2:]) + after
        for n in itertools.repeat(0) if self.again else itertools.count():
            yield before + base64.b64encode(b"\xff\xd8\xff\xfe\0\x0e%012d" % n) + rest


async def rate(target: Target, load: Load, seconds: float) -> tuple[float, float]:
    """Whole answers a second, with 16 at once, and the seconds of the server's processor for one."""
    done, end, bodies = 0, time.perf_counter() + seconds, load.bodies()
    head = {"authorization": f"Bearer {target.key}", "content-type": "application/json"}
    pid = target.process.pid if target.process is not None else os.getpid()
    used, began = spent(pid), time.perf_counter()
    async with httpx2.AsyncClient(timeout=60, limits=httpx2.Limits(max_connections=None)) as client:

        async def go() -> None:
            nonlocal done
            while time.perf_counter() < end:
                reply = await client.post(
                    f"{target.url}/chat/completions", content=next(bodies), headers=head
                )
                assert reply.status_code == 200, (target.name, reply.text[:300])
                done += 1

        await asyncio.gather(*(go() for _ in range(16)))
    return done / (time.perf_counter() - began), (spent(pid) - used) / done


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def until_up(target: Target, began: float) -> None:
    async with httpx2.AsyncClient(timeout=5) as client:
        while time.perf_counter() - began < 600:
            with contextlib.suppress(httpx2.HTTPError, AssertionError):
                await streamed(client, target)
                target.start_s = time.perf_counter() - began
                return
            await asyncio.sleep(0.05)
    raise SystemExit(f"{target.name} did not start")


@contextlib.contextmanager
def running(words: list[str], log: Path, **env: str) -> Iterator[subprocess.Popen[Any]]:
    with log.open("w") as out:
        process = subprocess.Popen(words, stdout=out, stderr=out, env={**os.environ, **env})
        try:
            yield process
        finally:
            process.terminate()
            process.wait()


@contextlib.contextmanager
def litellm(
    folder: Path, upstream: str, models: tuple[str, ...], port: int, pin: str = LITELLM
) -> Iterator[subprocess.Popen[Any]]:
    """Run LiteLLM's proxy before an upstream that has these models; its log goes into the folder.

    It is installed from the registry into an environment of its own, once.
    """
    program = environments.python([pin]).parent / "litellm"
    config = folder / "litellm.yaml"
    config.write_text(json.dumps({
        "model_list": [
            {"model_name": name, "litellm_params": {"model": f"openai/{name}", "api_base": upstream, "api_key": "sk-x"}}
            for name in models
        ],
        "general_settings": {"master_key": KEY},
    }))  # fmt: skip
    words = [str(program), "--config", str(config), "--port", str(port), "--host", "127.0.0.1"]
    quiet = {"LITELLM_LOG": "ERROR", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    with running(words, folder / "litellm.log", **quiet) as process:
        yield process


@contextlib.asynccontextmanager
async def targets(folder: Path) -> AsyncIterator[list[Target]]:
    environments.python([LITELLM])  # installed before its start is timed
    ready, at = asyncio.Event(), list[str]()
    serving = asyncio.create_task(stub(ready, at))
    await ready.wait()
    ours, theirs = free_port(), free_port()
    with contextlib.ExitStack() as stack:
        began = time.perf_counter()
        first = stack.enter_context(running(
            [sys.executable, "-m", "sightline.cli.main", "serve", "--port", str(ours), "--engine", "upstream",
             "--upstream-url", at[0], "--no-playground", "--log-level", "warning", "--profile", "gpt-5.5"],
            folder / "sightline.log",
        ))  # fmt: skip
        made = [
            Target("stub", at[0]),
            Target("sightline", f"http://127.0.0.1:{ours}/v1", process=first),
        ]
        await until_up(made[1], began)
        began = time.perf_counter()
        other = stack.enter_context(litellm(folder, at[0], MODELS, theirs))
        made.append(Target("litellm", f"http://127.0.0.1:{theirs}/v1", process=other))
        await until_up(made[2], began)
        yield made
    serving.cancel()


def photograph(side: int, quality: int) -> bytes:
    """A photograph as a JPEG: scikit-image's astronaut, in that size, with grain."""
    import cv2
    import numpy as np
    from skimage import data

    astronaut: Any = data.astronaut()  # type: ignore[no-untyped-call]
    sized = cv2.resize(astronaut[..., ::-1], (side, side), interpolation=cv2.INTER_CUBIC)
    grain = np.random.default_rng(1).normal(0, 6, sized.shape)
    pixels = (sized + grain).clip(0, 255).astype(np.uint8)
    return cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def loads() -> list[Load]:
    """What is asked for to measure answers a second."""
    large, small = photograph(2000, 91), photograph(512, 80)
    assert abs(len(large) / 1e6 - 1) < 0.05, len(large)
    assert abs(len(small) / 50e3 - 1) < 0.1, len(small)
    return [
        Load("rate", "answers a second"),
        Load("rate/small", "with 50 KB of picture", small),
        Load("rate/picture", "with 1 MB of picture", large),
        Load("rate/again", "with the same 1 MB again", large, again=True),
        Load("rate/low", "with 1 MB of picture at detail low", large, "low"),
    ]


async def measure(
    seconds: float, folder: Path, rounds: int = ROUNDS, *, streams: bool = True
) -> dict[str, Any]:
    asked = loads()
    found: dict[str, dict[str, list[float]]] = {}

    def note(name: str, what: str, *values: float) -> None:
        found.setdefault(name, {}).setdefault(what, []).extend(values)

    for _ in range(rounds):
        async with targets(folder) as made:
            for target in made:  # warm
                await at_once(target, 4, 1)
                await rate(target, asked[1], 1)
            for level in LEVELS if streams else ():
                for target in random.sample(made, len(made)):
                    firsts, wholes = await at_once(target, level, seconds)
                    note(target.name, f"first/{level}", *firsts)
                    note(target.name, f"whole/{level}", *wholes)
            for load in asked:
                for target in random.sample(made, len(made)):
                    answers, used = await rate(target, load, seconds)
                    note(target.name, load.key, answers)
                    note(target.name, f"cpu/{load.key}", used)
            for target in made:
                if target.process is not None:
                    note(target.name, "memory", memory(target.process.pid, shared=True))
                    note(target.name, "start", target.start_s)
    return {"loads": [(load.key, load.text) for load in asked], "found": found}


def table(told: dict[str, Any]) -> str:
    found = told["found"]

    def at(values: list[float], share: float) -> float:
        return sorted(values)[min(len(values) - 1, int(share * len(values)))]

    lines = ["| | sightline | litellm | ratio |", "|---|---|---|---|"]
    for kind, text in (("first", "first piece"), ("whole", "whole stream")):
        for level in LEVELS if f"{kind}/1" in found["stub"] else ():
            for share, word in ((0.5, "median"), (0.99, "99th")):
                base = at(found["stub"][f"{kind}/{level}"], share)
                ours, theirs = (
                    1000 * (at(found[n][f"{kind}/{level}"], share) - base)
                    for n in ("sightline", "litellm")
                )
                ratio = f"{theirs / ours:.1f}" if min(ours, theirs) > 0 else ""
                each = [f"{ms:.1f} ms" if ms > 0 else "none" for ms in (ours, theirs)]
                lines.append(
                    f"| added to the {text}, {level} at once, {word} | {each[0]} | {each[1]} | {ratio} |"
                )
    for key, text in told["loads"]:
        lines.append(_row(found, key, text, "", better=True))
        lines.append(_row(found, f"cpu/{key}", f"{text}: processor time", " ms", times=1000))
    lines.append(_row(found, "memory", "memory", " MiB"))
    lines.append(_row(found, "start", "first answer after start", " s"))
    alone = (f"{statistics.median(found['stub'][key]):.0f} {text}" for key, text in told["loads"])
    lines.append(f"\nThe stub alone, with the same clients: {', '.join(alone)}.")
    return "\n".join(lines)


def _row(
    found: dict[str, dict[str, list[float]]],
    key: str,
    text: str,
    unit: str,
    *,
    better: bool = False,
    times: float = 1,
) -> str:
    """Write medians; the ratio is of those of each round, and above 1 ours is the better."""
    pairs = list(zip(found["sightline"][key], found["litellm"][key], strict=True))
    ratios = sorted(a / b if better else b / a for a, b in pairs)
    ours, theirs = (times * statistics.median(each) for each in zip(*pairs, strict=True))
    ratio = f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
    return f"| {text} | {ours:.1f}{unit} | {theirs:.1f}{unit} | {ratio} |"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--no-streams", action="store_true", help="answers a second alone")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        told = asyncio.run(
            measure(options.seconds, folder, options.rounds, streams=not options.no_streams)
        )
    print(table(told))
    if options.json:
        options.json.write_text(json.dumps(told))


if __name__ == "__main__":
    main()

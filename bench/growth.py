"""How what it takes grows: with pictures in a request, a film's length, a batch, keys, and models.

    python bench/growth.py [--parts pictures films batch keys models] [--rounds 3] [--plot FILE.svg]

Each row tells the least wall time and processor time over rounds, that of the server and its processes
included, and the server's memory (the largest since it started). `pictures`: 1 to 500 photographs of
640 by 480 pixels in one request, decoded and sized. `films`: `sightline describe` of a made film that is repeated.
`batch`: 10 to 1,000 lines of text as a batch. `keys`: to read a file of keys, and to check one of them.
`models`: a request beside so many routed models. The engine is `mirror`, which answers at once, but for
films. The last column is how many times the processor time of the row above.
"""

from __future__ import annotations

import argparse
import base64
import json
import math
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench import engine, gateway, narration, preparing, start, video

_PICTURES, _MINUTES, _LINES = (1, 10, 50, 100, 250, 500), (0.5, 1.0, 2.0, 4.0), (10, 100, 1000)
_KEYS, _MODELS = (1, 10, 100, 1_000), (1, 10, 100)
_SIDE = 640


@contextmanager
def _server(*flags: str) -> Iterator[tuple[httpx2.Client, engine.Server]]:
    words = [
        sys.executable,
        "-m",
        "sightline.cli.main",
        "serve",
        "--port",
        "0",
        "--engine",
        "mirror",
    ]
    with engine.started([*words, *flags]) as server, httpx2.Client(
        base_url=server.url.removesuffix("/v1"), timeout=600
    ) as client:  # fmt: skip
        while client.get("/healthz").json()["engine"] != "ready":
            time.sleep(0.1)
        yield client, server


_Row = tuple[str, float, float, float]  # what, wall and processor time in s, memory in MiB


def _told(rows: list[_Row]) -> list[_Row]:
    before = None
    for name, wall, cpu, mib in rows:
        grown = f"{cpu / before:.2f}" if before else ""
        print(f"{name:<28}{wall:>10.3f} s{cpu:>10.3f} s{mib:>8.0f} MiB{grown:>8}", flush=True)
        before = cpu
    return rows


def _row(name: str, server: engine.Server, rounds: int, work: Callable[[], object]) -> _Row:
    walls, cpus = [], []
    for _ in range(rounds):
        cpu, began = gateway.spent(server.process.pid), time.perf_counter()
        work()
        walls.append(time.perf_counter() - began)
        cpus.append(gateway.spent(server.process.pid) - cpu)
    return name, min(walls), min(cpus), gateway.memory(server.process.pid)


def _asked(client: httpx2.Client, body: dict[str, Any]) -> None:
    client.post("/v1/chat/completions", json=body).raise_for_status()


def pictures(rounds: int) -> list[_Row]:
    """Ask about many pictures at once."""
    photograph = preparing.photograph("coffee", _SIDE, _SIDE * 3 // 4, 3)
    parts = []
    for quality in range(60, 96):  # other bytes each
        data = base64.b64encode(preparing.stored(photograph, "JPEG", quality=quality)).decode()
        shown = {"url": f"data:image/jpeg;base64,{data}", "detail": "low"}
        parts.append({"type": "image_url", "image_url": shown})
    rows = []
    with _server() as (client, server):
        for count in _PICTURES:
            content = [{"type": "text", "text": "What is in them?"}, *(parts * count)[:count]]
            body = {"model": "gpt-5.5", "messages": [{"role": "user", "content": content}]}

            def ask(body: dict[str, Any] = body) -> None:
                _asked(client, body)

            rows.append(_row(f"{count} pictures a request", server, rounds, ask))
    return _told(rows)


def films(rounds: int) -> list[_Row]:
    """Describe films of so many minutes, by the embedded engine."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        _, film = video.made_films(Path(folder), 1)[0]
        for minutes in _MINUTES:
            path = Path(folder) / f"{minutes:g}.mp4"
            length = narration.repeated(film, path, minutes)
            runs = [start.ended([*start.SIGHTLINE, "describe", str(path)]) for _ in range(rounds)]
            wall, cpu = min(run.wall for run in runs), min(run.cpu for run in runs)
            rows.append((f"a film of {length:.0f} s", wall, cpu, max(run.memory for run in runs)))
    return _told(rows)


def batch(rounds: int) -> list[_Row]:
    """Have a batch of so many lines of text answered."""
    rows = []
    with (
        tempfile.TemporaryDirectory() as folder,
        _server("--files-dir", folder) as (client, server),
    ):
        for count in _LINES:
            asked = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Good morning."}]}
            lines = "\n".join(
                json.dumps({"custom_id": str(i), "method": "POST", "url": "/v1/chat/completions", "body": asked})
                for i in range(count)
            )  # fmt: skip

            def run(lines: str = lines) -> None:
                file = client.post(
                    "/v1/files", data={"purpose": "batch"}, files={"file": ("b.jsonl", lines)}
                ).json()
                made = {
                    "input_file_id": file["id"], "endpoint": "/v1/chat/completions", "completion_window": "24h",
                }  # fmt: skip
                found = client.post("/v1/batches", json=made).json()
                while found["status"] != "completed":
                    time.sleep(0.05)
                    found = client.get(f"/v1/batches/{found['id']}").json()

            rows.append(_row(f"a batch of {count} lines", server, rounds, run))
    return _told(rows)


def keys(rounds: int) -> list[_Row]:
    """Read a file of so many keys, and check one a thousand times."""
    from sightline.keys import KeyRing, KeyStore

    rows = []
    for count in _KEYS:
        with tempfile.TemporaryDirectory() as folder:
            store = KeyStore(Path(folder) / "keys.sqlite")
            for i in range(count):
                _, secret = store.add(f"key {i}")
            taken = []
            for _ in range(rounds):
                began, spent = time.perf_counter(), time.process_time()
                ring = KeyRing(store)
                ring.refresh()
                for _turn in range(1000):
                    assert ring.find(secret) is not None
                taken.append((time.perf_counter() - began, time.process_time() - spent))
            wall, cpu = (min(each) for each in zip(*taken, strict=True))
            rows.append((f"{count} keys, 1,000 checks", wall, cpu, 0.0))
    return _told(rows)


def models(rounds: int) -> list[_Row]:
    """Ask one of so many routed models a thousand times."""
    rows = []
    asked = {"model": "house/0", "messages": [{"role": "user", "content": "Good morning."}]}
    for count in _MODELS:
        with tempfile.TemporaryDirectory() as folder:
            config = Path(folder) / "sightline.toml"
            config.write_text(
                "".join(f'[models."house/{i}"]\nengine = "mirror"\n' for i in range(count))
            )
            os.environ["SIGHTLINE_CONFIG"] = str(config)
            try:
                with _server() as (client, server):

                    def ask(client: httpx2.Client = client) -> None:
                        for _ in range(1000):
                            _asked(client, asked)

                    rows.append(_row(f"{count} models, 1,000 requests", server, rounds, ask))
            finally:
                del os.environ["SIGHTLINE_CONFIG"]
    return _told(rows)


_PARTS: dict[str, Callable[[int], list[_Row]]] = {
    "pictures": pictures, "films": films, "batch": batch, "keys": keys, "models": models,
}  # fmt: skip


_COLOURS = {
    "pictures": "#1a7f4b", "films": "#b3541e", "batch": "#2b5fb3", "keys": "#8a4fa3", "models": "#777",
}  # fmt: skip


def plot(found: dict[str, list[_Row]]) -> str:
    """Draw processor time over how many there are, both on logarithmic scales, as SVG."""
    points = {
        part: [(_count(name), max(cpu, 1e-4)) for name, _, cpu, _ in rows]
        for part, rows in found.items()
    }
    left, top, wide, high = 70, 20, 560, 320
    (x0, x1), (y0, y1) = (
        (math.floor(math.log10(min(each))), math.ceil(math.log10(max(each))))
        for each in zip(*(point for line in points.values() for point in line), strict=True)
    )

    def at(count: float, cpu: float) -> tuple[float, float]:
        across = (math.log10(count) - x0) / max(1, x1 - x0)
        return left + wide * across, top + high * (y1 - math.log10(cpu)) / max(1, y1 - y0)

    parts = []
    for power in range(x0, x1 + 1):
        x, _ = at(10**power, 10**y0)
        parts.append(f'<path d="M{x:.0f} {top}v{high}" stroke="#ccc"/>')
        parts.append(
            f'<text x="{x:.0f}" y="{top + high + 18}" text-anchor="middle">{10**power:,}</text>'
        )
    for power in range(y0, y1 + 1):
        _, y = at(10**x0, 10**power)
        parts.append(f'<path d="M{left} {y:.0f}h{wide}" stroke="#ccc"/>')
        parts.append(
            f'<text x="{left - 8}" y="{y + 4:.0f}" text-anchor="end">{10.0**power:g} s</text>'
        )
    for place, (part, line) in enumerate(points.items()):
        places = [at(*point) for point in line]
        drawn = " ".join(f"{x:.0f},{y:.0f}" for x, y in places)
        parts.append(
            f'<polyline points="{drawn}" fill="none" stroke="{_COLOURS[part]}" stroke-width="2"/>'
        )
        parts.append(
            f'<text x="{left + wide + 16}" y="{top + 16 + 20 * place}" fill="{_COLOURS[part]}">{_NAMED[part]}</text>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + wide + 190} {top + high + 30}" '
        'font-family="system-ui, sans-serif" font-size="12"><rect width="100%" height="100%" fill="#fff"/>'
        f"{''.join(parts)}</svg>\n"
    )


_NAMED = {
    "pictures": "pictures in a request", "films": "seconds of a film", "batch": "lines of a batch",
    "keys": "keys, 1,000 checks", "models": "models, 1,000 requests",
}  # fmt: skip


def _count(name: str) -> float:
    """Give how many a row is about."""
    return float(next(word for word in name.split() if word.isdigit()))


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--parts", nargs="+", choices=list(_PARTS), default=list(_PARTS))
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--plot", type=Path, metavar="FILE.svg")
    chosen = options.parse_args()
    found = {part: _PARTS[part](chosen.rounds) for part in chosen.parts}
    if chosen.plot:
        chosen.plot.write_text(plot(found), "utf-8")


if __name__ == "__main__":
    main()

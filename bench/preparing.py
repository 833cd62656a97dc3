"""How fast pictures are prepared, against plain Pillow in the same run, and what that does to others.

    python bench/preparing.py            # ratios of time, and likeness of the results
    python bench/preparing.py --load     # the health check while 200 requests with pictures run

Plain Pillow is what one writes without thinking about it: open, turn upright, convert to RGB,
thumbnail with Lanczos to the same size, save as PNG (which keeps what a model is to see) or as JPEG.
Ours is what the server does: check, decode at the size needed in a process that can be ended, turn,
and hand over uncompressed pixels. Rounds alternate; the best of each counts. The pictures are photographs of scikit-image,
enlarged, with the noise of a sensor.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import io
import json
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from multiprocessing import Process, Queue
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

sys.path.insert(0, str(Path(__file__).parent.parent))

from sightline.media.decoding import DecodeLimits, Decoders
from sightline.media.image import ImageBounds, look, walk
from sightline.media.image_tokens import sight
from sightline.types import Detail
from sightline.workers import Stop

BOUNDS = ImageBounds(max_bytes=50_000_000, max_pixels=100_000_000)
MODEL = "gpt-4o"


def photograph(name: str, width: int, height: int, noise: float) -> Image.Image:
    from skimage import data

    base = Image.fromarray(getattr(data, name)()).resize((width, height), Image.Resampling.LANCZOS)
    grain = np.random.default_rng(0).normal(0, noise, (height, width, 1))
    return Image.fromarray(np.clip(np.asarray(base) + grain, 0, 255).astype(np.uint8))


def stored(image: Image.Image, format: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def plain(data: bytes, size: tuple[int, int], format: str) -> Image.Image:
    """What one writes without thinking about it."""
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
    image.thumbnail(size, Image.Resampling.LANCZOS)
    stored(image, format)
    return image


DECODERS = Decoders(DecodeLimits(cpu_s=60.0, max_pixels=BOUNDS.max_pixels))


def ours(data: bytes, detail: Detail) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """What the server does with a picture, and PPM for an engine in another process."""
    seen = sight(MODEL, *look(data, "", BOUNDS).size, detail)
    pixels = DECODERS.decode(walk(data, "", BOUNDS), (seen.width, seen.height), "", Stop())
    _ = b"".join((b"P6\n%d %d\n255\n" % (seen.width, seen.height), pixels.data))
    return pixels


def cases() -> list[tuple[str, bytes, Detail]]:
    exif = Image.Exif()
    exif[0x0112] = 6
    phone = stored(photograph("coffee", 4032, 3024, 3), "JPEG", quality=90, exif=exif)
    medium = stored(photograph("coffee", 2048, 1536, 3), "JPEG", quality=90)
    screen = stored(photograph("astronaut", 3840, 2160, 2), "PNG")
    return [
        ("12 MP phone JPEG at high", phone, "high"),
        ("3 MP JPEG at high", medium, "high"),
        ("12 MP phone JPEG at low", phone, "low"),
        ("3 MP JPEG at low", medium, "low"),
        ("4K PNG at high", screen, "high"),
    ]


def best(rounds: int, *works: Callable[[], object]) -> list[float]:
    """The best time of each, in seconds, with the rounds alternating."""
    times = [float("inf")] * len(works)
    for turn in range(rounds):
        order = range(len(works)) if turn % 2 else reversed(range(len(works)))
        for i in order:
            began = time.perf_counter()
            works[i]()
            times[i] = min(times[i], time.perf_counter() - began)
    return times


def ratios(rounds: int) -> None:
    from skimage import metrics

    compare: Callable[..., float] = metrics.structural_similarity

    print(f"{'':<26}{'size':>8}  {'ours':>8}  {'plain, PNG':>16}  {'plain, JPEG':>16}  {'SSIM':>6}")
    for name, data, detail in cases():
        seen = sight(MODEL, *look(data, "", BOUNDS).size, detail)
        size = (seen.width, seen.height)
        mine, png, jpeg = best(
            rounds,
            partial(ours, data, detail),
            partial(plain, data, size, "PNG"),
            partial(plain, data, size, "JPEG"),
        )
        reference = np.asarray(plain(data, size, "JPEG").resize(size))
        likeness = float(compare(reference, ours(data, detail), channel_axis=2))
        print(
            f"{name:<26}{len(data) / 1e6:>5.1f} MB  {mine * 1e3:>5.0f} ms"
            f"  {png * 1e3:>5.0f} ms {png / mine:>5.1f} x  {jpeg * 1e3:>5.0f} ms {jpeg / mine:>5.1f} x"
            f"  {likeness:>6.3f}"
        )


def _watch(url: str, told: Queue[list[float]], until: float) -> None:
    """Ask for the health page every 20 ms, over one connection; tell the times."""
    import httpx2

    times: list[float] = []
    with httpx2.Client() as client:
        while time.monotonic() < until or not times:
            began = time.perf_counter()
            client.get(url)
            times.append(time.perf_counter() - began)
            if not told.empty():
                break
            time.sleep(0.02)
    told.get()
    told.put(times)


async def _flood(base: str, body: bytes, count: int) -> list[int]:
    import httpx2

    async with httpx2.AsyncClient(
        timeout=600, limits=httpx2.Limits(max_connections=count)
    ) as client:

        async def one() -> int:
            head = {"content-type": "application/json"}
            reply = await client.post(f"{base}/chat/completions", content=body, headers=head)
            return reply.status_code

        return await asyncio.gather(*[one() for _ in range(count)])


def under_load(count: int) -> None:
    for engine in ("mirror", "reader"):
        serving = subprocess.Popen(
            [sys.executable, "-m", "sightline.cli.main", "serve", "--port", "0", "--engine", engine],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        assert serving.stdout is not None
        base = next(w for w in serving.stdout.readline().split() if w.startswith("http://"))
        data = stored(photograph("coffee", 2048, 1536, 4), "JPEG", quality=94)
        url = f"data:image/jpeg;base64,{base64.b64encode(data).decode()}"
        content = [
            {"type": "text", "text": "What is it?"},
            {"type": "image_url", "image_url": {"url": url}},
        ]
        body = json.dumps(
            {"model": MODEL, "messages": [{"role": "user", "content": content}]}
        ).encode()
        asyncio.run(_flood(base, body, 1))
        told: Queue[list[float]] = Queue()
        health = base.removesuffix("/v1") + "/healthz"
        watching = Process(target=_watch, args=(health, told, time.monotonic() + 600))
        watching.start()
        time.sleep(0.5)
        began = time.perf_counter()
        codes = asyncio.run(_flood(base, body, count))
        took = time.perf_counter() - began
        told.put([])
        watching.join()
        times = sorted(told.get())
        serving.terminate()
        serving.wait()
        print(
            f"{engine}: {count} requests at once with {len(data) / 1e6:.1f} MB each, "
            f"{codes.count(200)} answered in {took:.1f} s; health check "
            f"{times[len(times) // 2] * 1e3:.1f} ms median, "
            f"{times[len(times) * 99 // 100] * 1e3:.1f} ms at the 99th percentile of {len(times)}"
        )


def main() -> None:
    made = argparse.ArgumentParser()
    made.add_argument("--rounds", type=int, default=15)
    made.add_argument("--load", action="store_true")
    made.add_argument("--count", type=int, default=200)
    options = made.parse_args()
    if options.load:
        under_load(options.count)
    else:
        ratios(options.rounds)


if __name__ == "__main__":
    main()

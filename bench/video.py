"""Frames of films: ours against the cookbook's recipe, in one interleaved run.

    python bench/video.py [--film FILE] [--rounds 3] [--long]

The recipe reads and JPEG-encodes every frame with OpenCV and then uses every Nth. Ours reads the
same frames by index, at the size that the recipe has them in; that they are the same pixels is
checked. `--long` adds a made film of ten minutes at 1080p. Each run is a process of its own; times
and memory are those of the work alone, without imports.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

BISON = Path(__file__).parent.parent.parent / "shared" / "data" / "bison.mp4"
_RECIPE = """
import base64, json, resource, sys, time
import cv2
path, stride = sys.argv[1], int(sys.argv[2])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
began = time.perf_counter()
video, every = cv2.VideoCapture(path), []
while True:
    more, frame = video.read()
    if not more:
        break
    _, jpeg = cv2.imencode(".jpg", frame)
    every.append(base64.b64encode(jpeg).decode("utf-8"))
used = every[0::stride]
took = time.perf_counter() - began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(json.dumps({"s": took, "mib": peak / 1024, "frames": len(used)}))
"""
_OURS = """
import base64, json, resource, sys, time
from pathlib import Path
import cv2
from sightline.media import frames, sampling, video
from sightline.types import Sampling
path, stride, threads, scale = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
began = time.perf_counter()
film = video.probe(path, "film")
places = sampling.chosen(film, Sampling(stride=stride), 1)
size = film.width, film.height
if scale:
    size = 768, round(768 * film.height / film.width)
used = []
for frame in frames.frames(path, film, places, size, threads):
    _, jpeg = cv2.imencode(".jpg", cv2.cvtColor(frame.pixels, cv2.COLOR_RGB2BGR))
    used.append(base64.b64encode(jpeg).decode("utf-8"))
took = time.perf_counter() - began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(json.dumps({"s": took, "mib": peak / 1024, "frames": len(used)}))
"""


def timed(code: str, *words: str) -> dict[str, Any]:
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True,
                          check=True, cwd=Path(__file__).parent.parent)  # fmt: skip
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def long_film(path: Path) -> Path:
    """Ten minutes at 1080p: grain, and shapes that move; short clips of it are joined."""
    import av

    chance = np.random.default_rng(1)
    ground = chance.integers(60, 200, (1180, 2020, 3), dtype=np.uint8)
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream(
            "libx264", rate=30, options={"preset": "ultrafast", "crf": "30"}
        )
        stream.width, stream.height, stream.pix_fmt = 1920, 1080, "yuv420p"
        stream.codec_context.gop_size = 250
        clip = []
        for i in range(60):
            image = np.ascontiguousarray(ground[i : 1080 + i, i : 1920 + i])
            image[300:500, 20 * i : 20 * i + 200] = (220, 30, 30)
            clip.append(av.VideoFrame.from_ndarray(image, "rgb24").reformat(format="yuv420p"))
        for i in range(18_000):
            frame = clip[i % 60 if i // 60 % 2 == 0 else 59 - i % 60]
            frame.pts = i
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def compare(name: str, path: Path, stride: int, rounds: int, recipe_rounds: int) -> None:
    ways = {
        "ours": (_OURS, "2", "0"),
        "ours, 1 thread": (_OURS, "1", "0"),
        "ours, as a model sees it": (_OURS, "2", "1"),
    }
    found: dict[str, list[dict[str, Any]]] = {"recipe": [], **{way: [] for way in ways}}
    for turn in range(rounds):
        if turn < recipe_rounds:
            found["recipe"].append(timed(_RECIPE, str(path), str(stride)))
        for way, (code, threads, scale) in ways.items():
            found[way].append(timed(code, str(path), str(stride), threads, scale))
    recipe = statistics.median(run["s"] for run in found["recipe"])
    memory = max(run["mib"] for run in found["recipe"])
    print(
        f"{name}: the recipe {recipe:.2f} s, {memory:.0f} MiB, {found['recipe'][0]['frames']} frames"
    )
    for way in ways:
        took = statistics.median(run["s"] for run in found[way])
        peak = max(run["mib"] for run in found[way])
        assert found[way][0]["frames"] == found["recipe"][0]["frames"]
        print(f"  {way}: {took:.3f} s, {recipe / took:.1f} times as fast; {peak:.0f} MiB, "
              f"1/{memory / max(peak, 1):.0f}", flush=True)  # fmt: skip


def main() -> None:
    made = argparse.ArgumentParser()
    made.add_argument("--film", type=Path, default=BISON)
    made.add_argument("--rounds", type=int, default=3)
    made.add_argument("--long", action="store_true")
    options = made.parse_args()
    if options.film.exists():
        compare(options.film.name, options.film, 50, options.rounds, options.rounds)
    if options.long:
        with tempfile.TemporaryDirectory() as folder:
            path = long_film(Path(folder) / "long.mp4")
            compare("10 minutes of 1080p", path, 1384, options.rounds, 1)


if __name__ == "__main__":
    main()

"""Frames of films: ours against the cookbook's recipe, in one interleaved run.

    python bench/video.py [--film FILE] [--rounds 3] [--made] [--long]

The recipe reads and JPEG-encodes every frame with OpenCV and then uses every Nth. Ours reads the
same frames by index, at the size that the recipe has them in. `--made` adds made films of several
sizes, codecs and groups of pictures, `--long` one of ten minutes at 1080p, where frames may also be
taken from the key frame before. Each run is a process of its own; times and memory are those of the
work alone, without imports.

The bound is the decoding that any exact way must do: of each group of pictures with a wanted frame,
those from its key frame to the last wanted one, without the ones that no other is made from. It is
measured by feeding just those to the decoder, in one thread, with nothing scaled or encoded, and
compared with ours in one thread, scaled for a model and not encoded.
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
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent.parent))

BISON = Path(__file__).parent.parent.parent / "shared" / "data" / "bison.mp4"
_RECIPE = """
import base64, json, sys, time
def peak_kib():
    return int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0])
import cv2
path, stride = sys.argv[1], int(sys.argv[2])
before = peak_kib()
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
peak = peak_kib() - before
print(json.dumps({"s": took, "mib": peak / 1024, "frames": len(used)}))
"""
_OURS = """
import base64, json, sys, time
def peak_kib():
    return int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0])
from pathlib import Path
import cv2
from sightline.media import frame_selection, frames, video
from sightline.types import Sampling
path, stride = Path(sys.argv[1]), int(sys.argv[2])
threads, scale, key, encode = (int(word) for word in sys.argv[3:7])
before = peak_kib()
began = time.perf_counter()
film = video.probe(path, "film")
places = frame_selection.chosen(film, Sampling(stride=stride, nearest_key=bool(key)), 1)
size = film.width, film.height
if scale:
    size = 768, round(768 * film.height / film.width)
used = []
for frame in frames.frames(path, film, places, size, threads):
    if not encode:
        used.append(0)
        continue
    _, jpeg = cv2.imencode(".jpg", cv2.cvtColor(frame.pixels, cv2.COLOR_RGB2BGR))
    used.append(base64.b64encode(jpeg).decode("utf-8"))
took = time.perf_counter() - began
peak = peak_kib() - before
print(json.dumps({"s": took, "mib": peak / 1024, "frames": len(used)}))
"""
_BOUND = """
import json, sys, time
from bisect import bisect_right
import av
path, stride = sys.argv[1], int(sys.argv[2])
with av.open(path) as container:
    known = [(p.pts, p.is_keyframe) for p in container.demux(video=0) if p.size]
times, keys = sorted(t for t, _ in known), sorted(t for t, key in known if key)
groups = {}
for pts in times[::stride]:
    groups.setdefault(keys[bisect_right(keys, pts) - 1], set()).add(pts)
began, got = time.perf_counter(), 0
with av.open(path) as container:
    stream = container.streams.video[0]
    stream.thread_type = "NONE"
    context = stream.codec_context
    for key, wanted in groups.items():
        container.seek(key, stream=stream)
        ahead = set(wanted)
        for packet in container.demux(stream):
            context.skip_frame = "DEFAULT" if packet.pts in ahead or packet.is_keyframe else "NONREF"
            ahead.discard(packet.pts)
            got += sum(frame.pts in wanted for frame in context.decode(packet))
            if not ahead:
                break
        got += sum(frame.pts in wanted for frame in context.decode(None))
        context.flush_buffers()
took = time.perf_counter() - began
print(json.dumps({"s": took, "mib": 0, "frames": got}))
"""


def timed(code: str, *words: str) -> dict[str, Any]:
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True,
                          check=True, cwd=Path(__file__).parent.parent)  # fmt: skip
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def long_film(path: Path) -> Path:
    """Ten minutes at 1080p: grain, and shapes that move; short clips of it are joined."""
    import av
    import cv2

    chance = np.random.default_rng(1)
    coarse = chance.integers(60, 200, (1180 // 10, 2020 // 10, 3), dtype=np.uint8)
    ground = cv2.resize(coarse, (2020, 1180), interpolation=cv2.INTER_CUBIC)
    ground = np.asarray(
        ground + chance.integers(0, 4, ground.shape, dtype=np.uint8), np.uint8
    )  # a little grain
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream(
            "libx264", rate=30, options={"preset": "veryfast", "crf": "28"}
        )
        stream.width, stream.height, stream.pix_fmt = 1920, 1080, "yuv420p"
        stream.codec_context.gop_size = 250
        clip = []
        for i in range(60):
            image: NDArray[np.uint8] = np.array(ground[i : 1080 + i, i : 1920 + i], np.uint8)
            image[300:500, 20 * i : 20 * i + 200] = (220, 30, 30)
            clip.append(av.VideoFrame.from_ndarray(image, "rgb24").reformat(format="yuv420p"))
        for i in range(18_000):
            frame = clip[i % 60 if i // 60 % 2 == 0 else 59 - i % 60]
            frame.pts = i
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def made_films(folder: Path, most: int | None = None) -> list[tuple[str, Path]]:
    """A few seconds each, of several sizes, codecs and groups of pictures; the first of them."""
    import av

    found = []
    chance = np.random.default_rng(2)
    for codec, (width, height), gop, options in (
        ("libx264", (1280, 720), 12, {"preset": "veryfast"}),
        ("libx264", (1920, 1080), 250, {"preset": "veryfast"}),
        ("libx264", (3840, 2160), 60, {"preset": "veryfast"}),
        ("libx265", (1280, 720), 250, {"preset": "veryfast", "x265-params": "log-level=none"}),
        ("libvpx-vp9", (1280, 720), 120, {"deadline": "realtime", "cpu-used": "8"}),
        ("libsvtav1", (1280, 720), 120, {"preset": "12"}),
    )[:most]:
        count = 240 if width < 3000 else 120
        ground: Any = chance.integers(60, 200, (height + 256, width + 256, 3), dtype=np.uint8)
        ground = ground[::8, ::8].repeat(8, 0).repeat(8, 1)[: height + 256, : width + 256]
        path = folder / f"{codec}-{height}-{gop}.mp4"
        with av.open(str(path), "w") as out:
            stream: Any = out.add_stream(codec, rate=30, options=options)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            stream.codec_context.gop_size = gop
            for i in range(count):
                image: NDArray[np.uint8] = np.array(ground[i : height + i, i : width + i], np.uint8)
                frame = av.VideoFrame.from_ndarray(image, "rgb24")
                frame = frame.reformat(format="yuv420p")
                frame.pts = i
                out.mux(stream.encode(frame))
            out.mux(stream.encode(None))
        found.append((f"{codec}, {height}p, groups of {gop}, {count} frames", path))
    return found


def compare(
    name: str, path: Path, stride: int, rounds: int, recipe_rounds: int, *, keys: bool = False
) -> None:
    ways = {
        "ours": (_OURS, "2", "0", "0", "1"),
        "ours, 1 thread": (_OURS, "1", "0", "0", "1"),
        "ours, as a model sees it": (_OURS, "2", "1", "0", "1"),
        **(
            {"ours, as a model sees it, the key frame before": (_OURS, "2", "1", "1", "1")}
            if keys
            else {}
        ),
    }
    against = {"bound": (_BOUND,), "not encoded": (_OURS, "1", "1", "0", "0")}
    found: dict[str, list[dict[str, Any]]] = {"recipe": [], **{w: [] for w in (*ways, *against)}}
    for turn in range(rounds):
        if turn < recipe_rounds:
            found["recipe"].append(timed(_RECIPE, str(path), str(stride)))
        for way, (code, *words) in {**ways, **against}.items():
            found[way].append(timed(code, str(path), str(stride), *words))
    recipe = statistics.median(run["s"] for run in found["recipe"])
    memory = max(run["mib"] for run in found["recipe"])
    many = found["recipe"][0]["frames"]
    print(f"{name}: the recipe {recipe:.2f} s, {memory:.0f} MiB, {many} frames")
    for way in ways:
        took = statistics.median(run["s"] for run in found[way])
        peak = max(run["mib"] for run in found[way])
        count = found[way][0]["frames"]
        ratio = f"{recipe / took:.1f} times as fast" if many else "the recipe reads none"
        print(f"  {way}: {took:.3f} s, {ratio}, {count} frames; {peak:.0f} MiB, "
              f"1/{memory / max(peak, 1):.0f}")  # fmt: skip
    bound, ours = (min(run["s"] for run in found[way]) for way in against)
    print(f"  decoding that must be done: {bound:.3f} s; ours {ours / bound:.2f} times that",
          flush=True)  # fmt: skip


def main() -> None:
    made = argparse.ArgumentParser()
    made.add_argument("--film", type=Path, default=BISON)
    made.add_argument("--rounds", type=int, default=3)
    made.add_argument("--made", action="store_true")
    made.add_argument("--long", action="store_true")
    options = made.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.film.exists():
            compare(options.film.name, options.film, 50, options.rounds, options.rounds)
        for name, path in made_films(Path(folder)) if options.made else ():
            compare(name, path, 20, options.rounds, options.rounds)
        if options.long:
            path = long_film(Path(folder) / "long.mp4")
            compare("10 minutes of 1080p", path, 1384, options.rounds, 1, keys=True)


if __name__ == "__main__":
    main()

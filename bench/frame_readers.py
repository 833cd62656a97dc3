"""The same frames of films by index, read by ours and by torchcodec, decord, PyAV and OpenCV.

    python bench/frame_readers.py [--film FILE] [--every 20] [--rounds 5] [--threads 2] [--made] [--long]

Every reader is used as its documentation shows it and gives whole frames in RGB, each run in a
process of its own, in turn. Told are the median of seconds of the work (opening the film, without
imports), by how much the process grew at its peak, and how far the frames are from PyAV's, as the
mean difference of 8-bit values: a reader that gives other frames has not done the work.

torchcodec and decord are installed from the registry into an environment of their own, once;
torchcodec also needs FFmpeg's libraries on the machine, and later ones than 0.12 CUDA's. One that cannot be had is said to be missing.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "examples"))

import environments

from bench.video import BISON, long_film, made_films

ROOT = Path(__file__).parents[1]
PINS = ("torchcodec==0.12.0", "torch==2.13.0", "decord==0.6.0", "numpy")
_BEGIN = """
import json, sys, time
def peak_kib():
    return int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0])
path, every, threads, told = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
"""
_END = """
took = time.perf_counter() - began
peak = peak_kib() - before
import numpy
if told:
    numpy.save(told, numpy.stack([numpy.asarray(f)[::8, ::8] for f in used]))
print(json.dumps({"s": took, "mib": peak / 1024, "frames": len(used)}))
"""
_CLOCK = "before = peak_kib(); began = time.perf_counter()"
_READERS = {
    "ours": f"""
from pathlib import Path
from sightline.media import frame_selection, frames, video
from sightline.types import Sampling
{_CLOCK}
film = video.probe(Path(path), "film")
places = frame_selection.chosen(film, Sampling(stride=every), 1)
size = film.width, film.height
used = [f.pixels for f in frames.frames(Path(path), film, places, size, threads)]
""",
    "PyAV": f"""
import av
{_CLOCK}
used = []
with av.open(path) as container:
    stream = container.streams.video[0]
    stream.thread_type = "AUTO" if threads > 1 else "NONE"
    stream.codec_context.thread_count = threads
    for at, frame in enumerate(container.decode(stream)):
        if at % every == 0:
            used.append(frame.to_ndarray(format="rgb24"))
""",
    "OpenCV": f"""
import cv2
{_CLOCK}
video = cv2.VideoCapture(path, cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, threads])
used, at = [], 0
while video.grab():
    if at % every == 0:
        _, frame = video.retrieve()
        used.append(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
    at += 1
""",
    "torchcodec": f"""
from torchcodec.decoders import VideoDecoder
{_CLOCK}
decoder = VideoDecoder(path, num_ffmpeg_threads=threads, dimension_order="NHWC")
used = decoder.get_frames_at(list(range(0, len(decoder), every))).data.numpy()
""",
    "decord": f"""
import decord
{_CLOCK}
reader = decord.VideoReader(path, num_threads=threads)
used = reader.get_batch(list(range(0, len(reader), every))).asnumpy()
""",
}
_OTHERS = ("torchcodec", "decord")  # of the environment of their own


@dataclass
class Taken:
    """Of one reader: the seconds and MiB of each round, and how far its frames are from PyAV's."""

    seconds: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    count: int = 0
    apart: float | None = None


def read(python: Path, name: str, film: Path, every: int, threads: int, told: Path | None) -> Any:
    """Read a film's frames in a process; None where the reader cannot be had or run."""
    words = [str(film), str(every), str(threads), "" if told is None else str(told)]
    done = subprocess.run(
        [str(python), "-c", _BEGIN + _READERS[name] + _END, *words],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    if done.returncode:
        print(f"{name}: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    return json.loads(done.stdout.strip().splitlines()[-1])


def compared(film: Path, every: int, threads: int, rounds: int) -> dict[str, Taken]:
    """Read with every reader in turn; those that cannot be had are left out."""
    import numpy as np

    own = Path(sys.executable)
    try:
        other: Path | None = environments.python(PINS)
    except (subprocess.CalledProcessError, OSError):
        other = None
    pythons = {name: other if name in _OTHERS else own for name in _READERS}
    found: dict[str, Taken] = {}
    with tempfile.TemporaryDirectory() as folder:
        shown: dict[str, Path] = {}
        for name, python in pythons.items():
            shown[name] = Path(folder) / f"{name}.npy"
            told = None if python is None else read(python, name, film, every, threads, shown[name])
            if told is not None:
                found[name] = Taken(count=told["frames"])
        exact = np.load(shown["PyAV"]).astype(np.int16) if "PyAV" in found else None
        for name, taken in found.items():
            seen = np.load(shown[name])
            if exact is not None and seen.shape == exact.shape:
                taken.apart = float(np.abs(seen.astype(np.int16) - exact).mean())
    for turn in range(rounds):
        for name in list(found)[:: -1 if turn % 2 else 1]:
            python = pythons[name]
            told = None if python is None else read(python, name, film, every, threads, None)
            if told is not None:
                found[name].seconds.append(told["s"])
                found[name].memory.append(told["mib"])
    return found


def _print(title: str, found: dict[str, Taken]) -> None:
    ours = statistics.median(found["ours"].seconds)
    print(title)
    for name, taken in found.items():
        seconds, memory = statistics.median(taken.seconds), statistics.median(taken.memory)
        apart = "other frames" if taken.apart is None else f"{taken.apart:.2f} apart"
        print(
            f"  {name:<11} {1000 * seconds:7.0f} ms {memory:6.0f} MiB {taken.count:4} frames, "
            f"{apart:<12} ours {seconds / ours:.2f} times as fast",
            flush=True,
        )
    if gone := [name for name in _READERS if name not in found]:
        print(f"  could not be had or run here: {', '.join(gone)}")


def main() -> None:
    """Compare on the films that were asked for."""
    made = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    made.add_argument("--film", type=Path, default=BISON)
    made.add_argument("--every", type=int, default=20, help="which frames: every Nth")
    made.add_argument("--rounds", type=int, default=5)
    made.add_argument("--threads", type=int, default=2, help="of every reader's decoder")
    made.add_argument("--made", action="store_true", help="also made films of several codecs")
    made.add_argument("--long", action="store_true", help="also ten minutes at 1080p")
    options = made.parse_args()
    films = [(options.film.name, options.film, options.every)] if options.film.exists() else []
    with tempfile.TemporaryDirectory() as folder:
        if options.made:
            films += [(name, path, options.every) for name, path in made_films(Path(folder))]
        if options.long:
            films += [("10 minutes of 1080p", long_film(Path(folder) / "long.mp4"), 1384)]
        for name, path, every in films:
            title = f"{name}, every {every}th frame, {options.threads} threads"
            _print(title, compared(path, every, options.threads, options.rounds))


if __name__ == "__main__":
    main()

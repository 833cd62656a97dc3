"""Narrating a film with a script given, and the first sound of a long text, as shares of the whole.

    python bench/narration.py [--film FILE] [--minutes 1 10] [--rounds 3]

A film is narrated by `sightline.jobs.narrate` with a script of a segment every ten seconds, in a
process of its own each time; told are the time as a share of the film's length, and the peak memory
of that process and of the one that writes the film. Then a text of 4,096 characters is spoken in
each format: the time to the first piece of sound as a share of the time of the whole.
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

sys.path.insert(0, str(Path(__file__).parent.parent))

BISON = Path(__file__).parent.parent.parent / "shared" / "data" / "bison.mp4"
_NARRATE = """
import asyncio, json, resource, sys, tempfile, time
from pathlib import Path
from sightline.jobs.narrate import NarrateOptions, ScriptSegment, narrate
from sightline.settings import load
from sightline.jobs.speak import Speaker

async def main():
    path, length = Path(sys.argv[1]), float(sys.argv[2])
    said = "The river bends slowly past the old mill, and nobody remembers who built the bridge."
    times = [i * 10.0 for i in range(max(1, int(length // 10)))]
    script = tuple(ScriptSegment(t + 0.5, min(length, t + 8.0), said) for t in times)
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        wish = NarrateOptions(path, Path(folder) / "out.mp4", script=script)
        speaker = Speaker(load({"speech": "espeak"}))  # a neural voice that is here would take minutes
        found = await narrate(wish, None, speaker)
        await speaker.close()
        took = time.perf_counter() - began
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    told = {"s": took, "own": own / 1024, "child": children / 1024, "n": len(found.segments)}
    print(json.dumps(told))
asyncio.run(main())
"""
_SPEAK = """
import asyncio, json, sys, time
from sightline.settings import load
from sightline.jobs.speak import Speaker
from sightline.types import Speech

async def main():
    text = ("The river bends slowly past the old mill, and nobody remembers who built it. " * 60)[:4096]
    speaker = Speaker(load({"speech": "espeak"}))  # a neural voice that is here would take minutes
    async for _ in speaker.encoded(Speech("Warm.", "tts-1", "onyx", "mp3")):
        pass
    told = {}
    for form in ("mp3", "opus", "aac", "flac", "wav", "pcm"):
        began, first, size = time.perf_counter(), None, 0
        async for piece in speaker.encoded(Speech(text, "tts-1", "onyx", form)):
            first = first or time.perf_counter() - began
            size += len(piece)
        told[form] = [first, time.perf_counter() - began, size]
    await speaker.close()
    print(json.dumps(told))
asyncio.run(main())
"""


def run(code: str, *words: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=True,
        cwd=Path(__file__).parent.parent,
    )  # fmt: skip
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def repeated(source: Path, path: Path, minutes: float) -> float:
    """Write a film that shows another again and again; give its length in seconds."""
    import av

    with av.open(str(source), "r") as read, av.open(str(path), "w") as out:
        streams = [read.streams.video[0], *read.streams.audio[:1]]
        made = {s.index: out.add_stream_from_template(s, opaque=True) for s in streams}
        length = float(read.duration or 0) / 1e6
        times = max(1, round(minutes * 60 / length))
        for turn in range(times):
            read.seek(0)
            for packet in read.demux(streams):
                if packet.dts is None or packet.pts is None:
                    continue
                shift = round(turn * length / packet.time_base)
                packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                packet.stream = made[packet.stream.index]
                out.mux(packet)
    return length * times


def main() -> None:
    made = argparse.ArgumentParser()
    made.add_argument("--film", type=Path, default=BISON)
    made.add_argument("--minutes", type=float, nargs="*", default=[1.0, 10.0])
    made.add_argument("--rounds", type=int, default=3)
    options = made.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        films = [(options.film.name, options.film, 20.6)]
        for minutes in options.minutes:
            path = Path(folder) / f"{minutes:g}.mp4"
            films.append((f"{minutes:g} min", path, repeated(options.film, path, minutes)))
        for name, path, length in films:
            runs = [run(_NARRATE, str(path), str(length)) for _ in range(options.rounds)]
            took = statistics.median(r["s"] for r in runs)
            own, child = max(r["own"] for r in runs), max(r["child"] for r in runs)
            print(f"{name} ({length:.1f} s, {runs[0]['n']} segments): {took:.2f} s, 1/{length / took:.0f} "
                  f"of its length; {own:.0f} and {child:.0f} MiB", flush=True)  # fmt: skip
    spoken = [run(_SPEAK) for _ in range(options.rounds)]
    for form in spoken[0]:
        first = statistics.median(r[form][0] for r in spoken)
        whole = statistics.median(r[form][1] for r in spoken)
        print(f"4,096 characters as {form}: first sound after {first * 1000:.0f} ms, "
              f"1/{whole / first:.0f} of {whole:.2f} s")  # fmt: skip


if __name__ == "__main__":
    main()

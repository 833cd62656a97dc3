"""Measure what is quoted, each figure beside its peer in one interleaved run; write a page of it.

    python bench/suite.py [--only NAME] [--rounds 5] [--write | --check | --quick]

A figure is a ratio of ours to another's of the same round, of which the median and the middle half are
told; above 1 ours is the better. `--write` writes `bench/results.json` and `docs/benchmarks.md` with its
plot, and has the other benches print theirs onto that page; with `--only` what is not named stays there
as it is. `--check` measures again and fails where a median has become worse than what is written by more
than the spread of either, twice in a row. `--quick` measures what can be in five minutes, in two rounds, and
writes nothing. LiteLLM, torchcodec, decord and RapidOCR are installed from the registry, once.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import html
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench import (
    bulk,
    engine,
    frame_readers,
    gateway,
    narration,
    preparing,
    print_readers,
    random_model,
    video,
)
from sightline import __version__
from sightline.media.image import look
from sightline.media.image_tokens import sight

ROOT = Path(__file__).parents[1]
_RESULTS = ROOT / "bench" / "results.json"
_PAGE = ROOT / "docs" / "benchmarks.md"
_PLOT = ROOT / "docs" / "pictures" / "benchmarks.svg"
Value = TypeVar("Value")


@dataclass(frozen=True)
class Figure:
    """What was measured of ours and of another, a value of each for every round."""

    group: str
    name: str
    against: str
    unit: str
    ours: list[float]
    theirs: list[float]
    more: bool = False  # whether more is better
    date: str = ""  # when; nothing of what was measured for 0.1.0

    @property
    def ratios(self) -> list[float]:
        """How many times better ours was, round by round."""
        pairs = zip(self.ours, self.theirs, strict=True)
        return [(a / b if self.more else b / a) for a, b in pairs]

    @property
    def median(self) -> float:
        """The middle ratio."""
        return statistics.median(self.ratios)

    @property
    def spread(self) -> tuple[float, float]:
        """The middle half of the ratios."""
        if len(self.ratios) < 2:
            return self.median, self.median
        low, _, high = statistics.quantiles(self.ratios, n=4, method="inclusive")
        return low, high


def in_turn(
    rounds: int, ours: Callable[[], Value], theirs: Callable[[], Value]
) -> tuple[list[Value], list[Value]]:
    """Measure both in every round; who is first changes."""
    found: tuple[list[Value], list[Value]] = [], []
    for turn in range(rounds):
        for which in (1, 0) if turn % 2 else (0, 1):
            found[which].append((ours, theirs)[which]())
    return found


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def pictures(rounds: int) -> Iterator[Figure]:
    """Prepare photographs, against plain Pillow."""
    for name, data, detail in preparing.cases():
        seen = sight(preparing.MODEL, *look(data, "", preparing.BOUNDS).size, detail)
        size = seen.width, seen.height
        taken = in_turn(
            rounds,
            partial(_seconds, partial(preparing.ours, data, detail)),
            partial(_seconds, partial(preparing.plain, data, size, "PNG")),
        )
        yield Figure("pictures", name, "plain Pillow, saved as PNG", "s", *taken)


def films(rounds: int) -> Iterator[Figure]:
    """Read every 20th frame, against the cookbook's recipe."""
    with tempfile.TemporaryDirectory() as folder:
        for name, path in video.made_films(Path(folder), 2):
            words = str(path), "20"
            runs = in_turn(
                rounds,
                partial(video.timed, video._OURS, *words, "2", "1", "0", "1"),
                partial(video.timed, video._RECIPE, *words),
            )
            for what, key, unit in ((name, "s", "s"), (f"{name}: memory", "mib", " MiB")):
                ours, theirs = ([run[key] for run in each] for each in runs)
                yield Figure("films", what, "the cookbook's recipe", unit, ours, theirs)


def by_index(rounds: int) -> Iterator[Figure]:
    """Read frames by index, whole, against readers that others use, with two threads each."""
    with tempfile.TemporaryDirectory() as folder:
        for name, path in video.made_films(Path(folder), 2):
            found = frame_readers.compared(path, 20, 2, rounds)
            ours = found.pop("ours")
            for peer, taken in found.items():
                yield Figure(
                    "frames by index", name, peer, "s", list(ours.seconds), list(taken.seconds)
                )


def read(rounds: int) -> Iterator[Figure]:
    """Read print, against RapidOCR as it comes and Tesseract: processor time a page."""
    with tempfile.TemporaryDirectory() as folder:
        known = list(print_readers.pages(Path(folder), 8, None))
        found = print_readers.read_by_all(known, rounds, 2)
    ours = found.pop("ours")
    for peer, other in found.items():
        yield Figure("print", "a page, of processor time", peer, "s", ours.cpu, other.cpu)


def local(rounds: int) -> Iterator[Figure]:
    """Ask random weights of SmolVLM2-500M's size, against llama.cpp's own server with the same."""

    async def measured(served: tuple[engine.Server, engine.Server]) -> list[Figure]:
        our, their = (server.url for server in served)
        limits = httpx2.Limits(max_connections=None, max_keepalive_connections=0)
        made = []
        memory: tuple[list[float], list[float]] = [], []
        async with httpx2.AsyncClient(timeout=600, limits=limits) as client:
            for url in (our, their):
                await engine.speed(client, url, 1, 8, "warm")
            for clients in (1, 4):
                rates: dict[str, list[float]] = {our: [], their: []}
                for turn in range(rounds):
                    for url in (our, their) if turn % 2 else (their, our):
                        mark = f"{turn} {clients}"
                        rates[url].append(await engine.speed(client, url, clients, 32, mark))
                    for kept, server in zip(memory, served, strict=True):
                        kept.append(gateway.memory(server.process.pid))
                made.append(Figure(
                    "local engine", f"tokens a second, {clients} at once", "llama.cpp's own server",
                    "/s", rates[our], rates[their], more=True,
                ))  # fmt: skip
        taken = await engine.firsts(our, their, 8 * rounds, kept=True)
        made.append(Figure(
            "local engine", "first token of a text", "llama.cpp's own server", "s", *taken
        ))  # fmt: skip
        made.append(Figure(
            "local engine", "memory, of two processes", "llama.cpp's own server, of one", " MiB", *memory
        ))  # fmt: skip
        return made

    with tempfile.TemporaryDirectory() as folder:
        model = random_model.write(Path(folder), random_model.PRESETS["smolvlm2-500m"], "q8_0")
        with engine.ours(model) as our, engine.the_wheels(model) as their:
            yield from asyncio.run(measured((our, their)))


def again(rounds: int) -> Iterator[Figure]:
    """Ask a second time about a picture, against the first time."""

    async def measured(url: str) -> tuple[list[float], list[float]]:
        ones, twos = [], []
        async with httpx2.AsyncClient(timeout=600) as client:
            for turn in range(rounds + 1):
                ask = engine.body("What is it?", 8, engine.picture(1000 + turn))
                ones.append(await engine.first(client, url, ask))
                ask["messages"] += [
                    {"role": "assistant", "content": "A thing."},
                    {"role": "user", "content": "Which colour?"},
                ]
                twos.append(await engine.first(client, url, ask))
        return ones[1:], twos[1:]

    with tempfile.TemporaryDirectory() as folder:
        model = random_model.write(Path(folder), random_model.PRESETS["small"], "q8_0")
        with engine.ours(model) as our:
            ones, twos = asyncio.run(measured(our.url))
    yield Figure(
        "repeated pictures", "first token of a second turn", "the first turn", "s", twos, ones
    )


def speech(rounds: int) -> Iterator[Figure]:
    """Speak 4,096 characters: the first sound, against the whole."""
    runs = [narration.run(narration._SPEAK) for _ in range(rounds)]
    for form in ("mp3", "pcm"):
        ours, whole = [r[form][0] for r in runs], [r[form][1] for r in runs]
        yield Figure("speech", f"first sound as {form}", "the whole text", "s", ours, whole)


def narrated(rounds: int) -> Iterator[Figure]:
    """Narrate a film of a minute, against its length."""
    with tempfile.TemporaryDirectory() as folder:
        _, film = video.made_films(Path(folder), 1)[0]
        path = Path(folder) / "minute.mp4"
        length = narration.repeated(film, path, 1.0)
        took = [
            narration.run(narration._NARRATE, str(path), str(length))["s"] for _ in range(rounds)
        ]
    yield Figure("narration", "a film of one minute", "its length", "s", took, [length] * rounds)


def many(rounds: int) -> Iterator[Figure]:
    """Work through 200 pictures against a server of 100 ms, against one after another."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = bulk.drawn(folder / "small", 200, 64)
        ours = []
        with bulk.serving(0.1) as url:
            for turn in range(rounds):
                words = ("--at-once", "8", "--base-url", url)
                summary, _, _ = bulk.bulk(source, folder / f"{turn}.jsonl", *words)
                ours.append(summary["seconds"])
    yield Figure(
        "bulk",
        "200 pictures, 8 in flight, 0.1 s each",
        "one after another",
        "s",
        ours,
        [20.0] * rounds,
    )


def passing(rounds: int) -> Iterator[Figure]:
    """Pass requests on, against the LiteLLM proxy."""
    turns = min(rounds, gateway.ROUNDS)
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(gateway.measure(2.0, Path(folder), turns))["found"]
    ours, theirs = found["sightline"], found["litellm"]
    for level in gateway.LEVELS:
        key = f"first/{level}"
        alone = statistics.median(found["stub"][key])
        mine, other = (
            [statistics.median(part) - alone for part in _rounds(each[key], turns)]
            for each in (ours, theirs)
        )
        name = f"added to the first piece, {level} at once"
        yield Figure("gateway", name, "LiteLLM's proxy", "s", mine, other)
    for key, name, unit, more in (
        ("rate", "answers a second", "/s", True),
        ("rate/small", "answers a second, with 50 KB of picture", "/s", True),
        ("rate/picture", "answers a second, with 1 MB of picture", "/s", True),
        ("rate/again", "answers a second, with the same 1 MB again", "/s", True),
        ("rate/low", "answers a second, with 1 MB of picture at detail low", "/s", True),
        ("cpu/rate/small", "processor time of an answer, 50 KB of picture", "s", False),
        ("cpu/rate/picture", "processor time of an answer, 1 MB of picture", "s", False),
        ("memory", "memory", " MiB", False), ("start", "first answer after start", "s", False),
    ):  # fmt: skip
        yield Figure("gateway", name, "LiteLLM's proxy", unit, ours[key], theirs[key], more)


def _rounds(values: list[float], count: int) -> list[list[float]]:
    """Part what was gathered in so many rounds of much the same length into these."""
    size = len(values) // count
    return [values[i * size : (i + 1) * size] for i in range(count)]


def starting(rounds: int) -> Iterator[Figure]:
    """Start, against what importing the official client takes."""

    def typed(*words: str) -> float:
        return _seconds(lambda: subprocess.run(words, check=True, stdout=subprocess.DEVNULL))

    def listening() -> float:
        words = [sys.executable, "-m", "sightline.cli.main", "serve", "--port", "0"]
        began = time.perf_counter()
        with engine.started(words):
            return time.perf_counter() - began

    client = partial(typed, sys.executable, "-c", "import openai; openai.OpenAI(api_key='x')")
    help_ = partial(typed, sys.executable, "-m", "sightline.cli.main", "--help")
    for name, work in (("sightline --help", help_), ("the server listens", listening)):
        yield Figure("start", name, "import openai", "s", *in_turn(rounds, work, client))


# What has no peer, or more to tell than a ratio: the benches that print it, as they are called.
_PRINTED = (
    "reading.py", "reading.py --seed 501", "legible.py", "captcha.py",
    "start.py", "questions.py", "nano.py --pictures 10", "bulk.py", "engine.py --rounds 1",
    "growth.py --rounds 1 --plot docs/pictures/growth.svg", "scale.py", "soak.py --minutes 5 --clients 4",
)  # fmt: skip


def printed(only: str) -> dict[str, str]:
    """Run the benches that print by themselves, or what was named.

    Raises `CalledProcessError` where one fails.
    """
    found = {}
    for words in _PRINTED:
        name, *flags = words.split()
        if only not in name:
            continue
        print(words, flush=True)
        command = [sys.executable, str(ROOT / "bench" / name), *flags]
        done = subprocess.run(
            command,
            check=True,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        found[words] = done.stdout.strip()
    return found


_GROUPS: dict[str, Callable[[int], Iterable[Figure]]] = {
    "pictures": pictures, "films": films, "frames by index": by_index, "print": read, "local engine": local, "repeated pictures": again,
    "gateway": passing, "speech": speech, "narration": narrated, "bulk": many, "start": starting,
}  # fmt: skip


# What is measured within five minutes, to see whether a change made something worse.
_QUICK = ("pictures", "films", "frames by index", "print", "speech", "start", "gateway")


def measured(groups: Collection[str], rounds: int) -> list[Figure]:
    """Measure these groups."""
    found = []
    for name in _GROUPS:
        if name in groups:
            for figure in _GROUPS[name](rounds):
                found.append(replace(figure, date=_today()))
                low, high = figure.spread
                print(f"{figure.group}: {figure.name}, against {figure.against}: {figure.median:.2f} ({low:.2f} to {high:.2f})", flush=True)  # fmt: skip
    return found


def worse(before: list[dict[str, Any]], now: list[Figure]) -> list[tuple[Figure, str]]:
    """Tell which figures are worse than they were by more than either's spread."""
    known = {(f["group"], f["name"], f["against"]): Figure(**f) for f in before}
    found = []
    for figure in now:
        old = known.get((figure.group, figure.name, figure.against))
        if old is None:
            continue
        spread = max(high - low for low, high in (old.spread, figure.spread))
        if figure.median < old.median - spread:
            said = f"{figure.group}: {figure.name}, against {figure.against}: {figure.median:.2f}, it was {old.median:.2f}"
            found.append((figure, said))
    return found


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _told(value: float, unit: str) -> str:
    if unit == "s" and value < 1:
        return f"{1000 * value:.3g} ms"
    return (
        f"{value:,.0f}{unit}"
        if value >= 100
        else f"{value:.3g}{'' if unit[0] in '/ ' else ' '}{unit}"
    )


def page(
    figures: list[Figure], told: dict[str, str], dates: dict[str, str], machine: str, limits: str
) -> str:
    """Write the page; its `limits` are written by hand."""
    rows = []
    for f in figures:
        low, high = f.spread
        ours, theirs = (_told(statistics.median(each), f.unit) for each in (f.ours, f.theirs))
        ratio = f"**{f.median:.2f}** ({low:.2f} to {high:.2f})"
        rows.append(
            f"| {f.group} | {f.name} | {ours} | {f.against}: {theirs} | {ratio} | {f.date} |"
        )
    listed = "\n\n".join(
        f"`python bench/{words}`{f', on {dates[words]}' if words in dates else ''}:\n\n```\n{said}\n```"
        for words, said in told.items()
    )
    return f"""# Benchmarks

`make bench` printed this page: every figure is measured beside another in one run, in turn, and told as a ratio of the
two with its median and its middle half over the rounds. Above 1 ours is the better. `make bench-check` measures again
and fails where one has become worse by more than its spread, twice in a row.

![Ratios with their spread](pictures/benchmarks.svg)

| | Figure | Ours | Against | Ratio | On |
|---|---|---|---|---|---|
{chr(10).join(rows)}

{machine}; what has no date is of 0.1.0.

## What the benches print by themselves

{listed}

## Limits
{limits}"""


def plot(figures: list[Figure]) -> str:
    """Draw the ratios on a logarithmic scale, a bar for the middle half and a dot for the median."""
    import math

    left, step, width = 330, 24, 460
    # Where nothing was added that could be measured a ratio may be of no size at all.
    sides = [side for f in figures for side in f.spread if side > 0]
    high, low = max(3.0, *sides), min(0.5, *sides)

    def x(ratio: float) -> float:
        return left + width * math.log(max(ratio, low) / low) / math.log(high / low)

    parts = []
    for tick in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000):
        if low <= tick <= high:
            strong = "1.6" if tick == 1 else "0.5"
            bottom = step * len(figures) + 10
            parts.append(
                f'<line x1="{x(tick):.1f}" x2="{x(tick):.1f}" y1="8" y2="{bottom}" stroke="#888" '
                f'stroke-width="{strong}"/><text x="{x(tick):.1f}" y="{bottom + 16}" '
                f'text-anchor="middle">{tick:g}</text>'
            )
    for i, f in enumerate(figures):
        y = 22 + step * i
        a, b = (x(v) for v in f.spread)
        colour = "#1a7f4b" if f.median >= 1 else "#b3541e"
        parts.append(
            f'<text x="{left - 10}" y="{y + 4}" text-anchor="end">{html.escape(f"{f.group}: {f.name}"[:52])}</text>'
            f'<line x1="{a:.1f}" x2="{max(b, a + 2):.1f}" y1="{y}" y2="{y}" stroke="{colour}" stroke-width="7"/>'
            f'<circle cx="{x(f.median):.1f}" cy="{y}" r="5" fill="{colour}"/>'
        )
    tall = step * len(figures) + 34
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 30} {tall}" '
        f'font-family="system-ui, sans-serif" font-size="12"><rect width="100%" height="100%" fill="#fff"/>'
        f"{''.join(parts)}</svg>\n"
    )


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", default="", metavar="NAME")
    options.add_argument("--rounds", type=int, default=5)
    kind = options.add_mutually_exclusive_group()
    kind.add_argument("--write", action="store_true")
    kind.add_argument("--check", action="store_true")
    kind.add_argument("--quick", action="store_true")
    chosen = options.parse_args()
    os.environ.pop("SIGHTLINE_CONFIG", None)
    random.seed(1)
    with contextlib.suppress(KeyboardInterrupt):
        asked = {name for name in _GROUPS if chosen.only in name}
        if chosen.quick:
            measured(asked & set(_QUICK), min(2, chosen.rounds))
            return 0
        figures = measured(asked, chosen.rounds)
        if chosen.check:
            before = json.loads(_RESULTS.read_text())["figures"]
            if found := worse(before, figures):
                print("What looks worse is measured again:", flush=True)
                once = {(figure.name, figure.against) for figure, _ in found}
                groups = {figure.group for figure, _ in found}
                found = worse(before, measured(groups, chosen.rounds))
                found = [
                    (figure, said)
                    for figure, said in found
                    if (figure.name, figure.against) in once
                ]
            print("\n".join(said for _, said in found) or "Nothing has become worse.")
            return int(bool(found))
        if chosen.write:
            others = printed(chosen.only)
            dates = dict.fromkeys(others, _today())
            if chosen.only:  # the rest of the page stays as it is
                kept = json.loads(_RESULTS.read_text())
                others = {**kept.get("printed", {}), **others}
                others = {words: others[words] for words in _PRINTED if words in others}
                dates = {**kept.get("dates", {}), **dates}
                now = {(f.group, f.name, f.against): f for f in figures}
                before = {
                    (f["group"], f["name"], f["against"]): Figure(**f) for f in kept["figures"]
                }
                figures = list({**before, **now}.values())
                figures.sort(key=lambda figure: list(_GROUPS).index(figure.group))
            cores = psutil.cpu_count(logical=False)
            machine = f"Sightline {__version__}, Python {platform.python_version()}, {cores} cores"
            told = {
                "machine": machine, "printed": others, "dates": dates,
                "figures": [asdict(f) for f in figures],
            }  # fmt: skip
            _RESULTS.write_text(json.dumps(told, indent=1) + "\n")
            limits = _PAGE.read_text("utf-8").partition("\n## Limits\n")[2]
            _PAGE.write_text(page(figures, others, dates, machine, limits), "utf-8")
            _PLOT.write_text(plot(figures), "utf-8")
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())

"""What the embedded engine takes for one question once it is loaded: reading, eyes, ear, the same again.

    python bench/questions.py [--rounds 7]

Prints the median over rounds of milliseconds, and of those of processor time: the eyes at a photograph at
`detail` low and high, the print of a receipt, a question that the ear hears of a page that it has read,
and questions through the pipeline: the first about a receipt, and a second about the same. No picture is
kept, nor what was seen in it: a second question about one takes what the first took.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.eyes import picture
from sightline.engines.embedded.ear.layout import Layout
from sightline.engines.embedded.ear.listening import Listening, ear
from sightline.jobs import ask as asking
from sightline.perception.survey import survey
from sightline.perception.text import TextReader
from sightline.perception.things import Eyes
from sightline.settings import load
from sightline.types import Detail, Picture, Text
from sightline.workers import Stop

SAMPLES = Path(__file__).parents[1] / "samples"
_THREADS = 2
_ASKED = "What is the total?", "When was it?", "What is the phone number?", "Who is it from?"


def measured(name: str, rounds: int, work: Callable[[], object]) -> None:
    """Print the medians of what a work takes."""
    work()
    walls, cpus = [], []
    for _ in range(rounds):
        began, spent = time.perf_counter(), time.process_time()
        work()
        walls.append(1000 * (time.perf_counter() - began))
        cpus.append(1000 * (time.process_time() - spent))
    wall, cpu = statistics.median(walls), statistics.median(cpus)
    print(f"{name:<48}{wall:>9.1f} ms{cpu:>9.1f} ms of processor time", flush=True)


def shown(name: str, detail: Detail) -> Picture:
    """Read a sample as it is seen at a level of detail."""
    return picture(np.asarray(Image.open(SAMPLES / name).convert("RGB")), detail)


def seeing(rounds: int) -> None:
    """Measure the eyes, the reader of print, and the ear."""
    eyes, reader = Eyes(_THREADS), TextReader(_THREADS)
    details: tuple[Detail, ...] = ("low", "high")
    for detail in details:
        pixels = shown("coffee.jpg", detail).pixels
        see = partial(eyes.see, pixels, closely=detail != "low", stop=Stop())
        measured(f"eyes, a photograph at {detail}", rounds, see)
    receipt = shown("receipt.png", "high")
    measured("print, a receipt at high", rounds, lambda: reader.read(receipt.pixels, Stop()))
    page = survey(receipt, reader, None, Stop())
    number = 0

    listens = ear(_THREADS)
    assert listens is not None

    def heard() -> None:
        nonlocal number
        Listening(listens, page, Layout(page.rows)).hear(_ASKED[number % len(_ASKED)])
        number += 1

    measured("ear, a page and a question about it", rounds, heard)
    same = Listening(listens, page, Layout(page.rows))
    asked = iter(range(1000))
    measured("ear, one more question", rounds, lambda: same.hear(f"{_ASKED[0]} {next(asked)}"))


async def again(rounds: int) -> None:
    """Measure a question about a picture, and another about the same."""
    data = asking.attached((SAMPLES / "receipt.png").read_bytes())
    async with asking.Asker(load({})) as asker:

        async def ask(words: str) -> None:
            question = asking.question(Text(words), asking.part(data, 1))
            async for _ in asker.pieces(question, {}):
                pass

        await ask(_ASKED[0])
        taken: tuple[list[float], list[float]] = [], []
        for _ in range(rounds):
            for times, words in zip(taken, _ASKED, strict=False):
                began = time.perf_counter()
                await ask(words)
                times.append(1000 * (time.perf_counter() - began))
    for name, times in zip(
        ("a question about a receipt", "another, same picture"), taken, strict=True
    ):
        print(f"{name:<48}{statistics.median(times):>9.1f} ms")


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=7)
    rounds = options.parse_args().rounds
    seeing(rounds)
    asyncio.run(again(rounds))


if __name__ == "__main__":
    main()

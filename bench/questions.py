"""What the embedded engine takes for one question once it is loaded: reading, eyes, ear, the same again.

    python bench/questions.py [--rounds 7]

Prints the median over rounds of milliseconds, and of those of processor time: the eyes at a photograph at
`detail` low and high, the print of a receipt, a question that the ear hears of a page that it has read,
and questions through the pipeline: the first of a client about a receipt and a photograph, another about the
same picture, and what of that is before the engine's turn (decoding, and looking for CAPTCHAs), since no
picture is kept.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
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
from sightline.pipeline import Pipeline, collect
from sightline.settings import load
from sightline.types import Detail, Picture, Text
from sightline.workers import Stop

SAMPLES = Path(__file__).parents[1] / "samples"
_THREADS = 2
_ROWS = "a question", "the same picture again", "the same again, beyond the question"
_SEEN = "What is in this picture?", "Is there a cup?", "How many cups are there?"
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
    """Measure a question about a new picture, and others about one that is known.

    Beyond the question is all but what an engine does with what it knows of a page.
    """
    for name, wordings in (("receipt.png", _ASKED), ("coffee.jpg", _SEEN)):
        data = asking.attached((SAMPLES / name).read_bytes())
        part = asking.part(data, 1)
        settings = load({"engine": "reader"})
        taken: dict[str, list[float]] = {row: [] for row in _ROWS}
        async with Pipeline(settings) as pipeline:
            for row, owner in ((_ROWS[0], "client {}"), (_ROWS[1], "the same")):
                for number in range(rounds + 1):
                    words = wordings[number % len(wordings)]
                    question = replace(
                        asking.question(Text(words), part), owner=owner.format(number),
                        model="sightline-reader", profile="gpt-4o", max_tokens=500,
                    )  # fmt: skip
                    began = time.perf_counter()
                    asked = await pipeline.prepare(question)
                    ready = time.perf_counter()
                    await collect(pipeline.answer(asked))
                    if number:  # the first finds nothing loaded, or nothing known
                        taken[row].append(1000 * (time.perf_counter() - began))
                        if row == _ROWS[1]:
                            taken[_ROWS[2]].append(1000 * (ready - began))
        for row in _ROWS:
            print(f"{name}: {row:<36}{statistics.median(taken[row]):>9.1f} ms")


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=7)
    rounds = options.parse_args().rounds
    seeing(rounds)
    asyncio.run(again(rounds))


if __name__ == "__main__":
    main()

"""Ask about scenes that were held back, by topic: the model, a blind one, the reader.

    python -m training.nano.evaluate MODEL.gguf [--count 200] [--unseen] [--cache FOLDER]

Each question goes the way of a user's, through Sightline and llama.cpp; an answer counts when it is
exactly the right one. The blind model is the same, shown a grey picture: what it gets right can be
guessed from the question. `--unseen` takes the things from the set that was never trained on.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from sightline.asking import Asker
from sightline.errors import SightlineError
from sightline.settings import load
from training.nano import questions, world
from training.nano.train import _HELD, CACHE, sets

_FIRST = _HELD + 1_000_000  # not those that a run scores itself with


@dataclass
class Tally:
    """What one of those who are asked got right, by topic."""

    hits: dict[str, list[bool]] = field(default_factory=dict)

    def note(self, topic: str, right: bool) -> None:
        """Note an answer."""
        for name in (topic, "all"):
            self.hits.setdefault(name, []).append(right)

    def share(self, topic: str) -> str:
        """Write the share that was right."""
        found = self.hits.get(topic, [])
        return f"{100 * sum(found) / len(found):5.1f}%" if found else "    –"


def scenes(folder: Path, count: int, unseen: bool) -> Iterable[tuple[np.ndarray, questions.Asked]]:
    """Give pictures with a question about each."""
    known = sets(folder, unseen=unseen)
    for number in range(count):
        chance = random.Random(_FIRST + number)
        made = world.scene(chance, known, most=1 if number % 3 == 0 else 6)
        picture = world.draw(made, known, 256, 256)
        for asked in questions.ask(made, chance, 3):
            yield picture, asked


async def _answer(asker: Asker, picture: np.ndarray, question: str) -> str:
    png = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1].tobytes()
    url = f"data:image/png;base64,{base64.b64encode(png).decode()}"
    content = [
        {"type": "image_url", "image_url": {"url": url}},
        {"type": "text", "text": question},
    ]
    body = {"messages": [{"role": "user", "content": content}], "max_completion_tokens": 64}
    try:
        return (await asker.text(body)).strip()
    except SightlineError as error:
        return f"error: {error.message}"


async def _measured(options: argparse.Namespace) -> None:
    asked = list(scenes(options.cache, options.count, options.unseen))
    grey = np.full((256, 256, 3), 128, np.uint8)
    tallies = {"nano": Tally(), "blind": Tally(), "reader": Tally()}
    own = load({"engine": "llamacpp", "model": str(options.model), "refuse_captchas": False})
    async with Asker(own) as nano, Asker(load({"refuse_captchas": False})) as reader:
        for picture, each in asked:
            right = {
                "nano": await _answer(nano, picture, each.question),
                "blind": await _answer(nano, grey, each.question),
                "reader": await _answer(reader, picture, each.question),
            }
            for name, said in right.items():
                tallies[name].note(each.topic, said == each.answer)
    topics = sorted({each.topic for _, each in asked})
    print(f"| {'Topic':<12} | Questions | " + " | ".join(f"{name:>6}" for name in tallies) + " |")
    print("|---|---|" + "---|" * len(tallies))
    for topic in [*topics, "all"]:
        count = len(tallies["nano"].hits[topic])
        shares = " | ".join(tally.share(topic) for tally in tallies.values())
        print(f"| {topic:<12} | {count:>9} | {shares} |")


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("model", type=Path)
    options.add_argument("--count", type=int, default=200)
    options.add_argument("--unseen", action="store_true")
    options.add_argument("--cache", type=Path, default=CACHE)
    asyncio.run(_measured(options.parse_args()))


if __name__ == "__main__":
    main()

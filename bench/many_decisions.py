"""What many questions of `/v1/decisions` about one picture cost beside one, with llama.cpp.

    python -m bench.many_decisions [--preset smolvlm2-500m] [--questions 50] [--rounds 3]

The weights are random and have the true dimensions of the model named, and a token is a word, so that
times are those of the real one. Each round has a picture of its own, asked one question, and another,
asked all of them, in turn. Printed: the median times and their ratio, and how far the probabilities
of questions that are asked together lie from those of the same questions asked singly.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx2

from bench import random_model
from bench.engine import ours, picture

_THINGS = ("bottle", "cat", "label", "box", "crack", "person", "cable", "plant", "shelf", "stain")
_STATES = ("in the middle", "at the left", "at the right", "in the background", "upside down")


def questions(count: int) -> list[dict[str, Any]]:
    """Make different questions: predicates, choices and scores in turn."""
    made: list[dict[str, Any]] = []
    for number in range(count):
        thing = _THINGS[number % len(_THINGS)]
        where = _STATES[number // len(_THINGS) % len(_STATES)]
        kind = ("predicate", "choice", "score")[number % 3]
        question: dict[str, Any] = {"type": kind, "instructions": f"A {thing} {where}."}
        if kind == "choice":
            question["choices"] = [{"value": value} for value in ("one", "several", "none")]
        if kind == "score":
            question["levels"] = [{"label": label} for label in ("whole", "worn", "broken")]
        made.append(question)
    return made


def asked(url: str, seed: int, some: list[dict[str, Any]]) -> tuple[float, list[dict[str, Any]]]:
    """Ask about a picture; give the seconds that it took, and the answers."""
    image = {"type": "input_image", "image_url": picture(seed), "detail": "low"}
    body = {
        "model": "gpt-4o", "input": [{"role": "user", "content": [image]}], "questions": some,
    }  # fmt: skip
    began = time.perf_counter()
    reply = httpx2.post(f"{url}/decisions", json=body, timeout=3600)
    seconds = time.perf_counter() - began
    reply.raise_for_status()
    answers: list[dict[str, Any]] = reply.json()["answers"]
    return seconds, answers


def shares(answer: dict[str, Any]) -> list[float]:
    """Give the probabilities of an answer."""
    if answer["type"] == "refusal":
        return []
    if answer["type"] == "predicate":
        return [answer["probability"]]
    return [row["probability"] for row in answer["probabilities"]]


def main() -> None:
    """Print the figures."""
    made = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    made.add_argument("--preset", choices=tuple(random_model.PRESETS), default="smolvlm2-500m")
    made.add_argument("--questions", type=int, default=50)
    made.add_argument("--rounds", type=int, default=3)
    options = made.parse_args()
    os.environ.pop("SIGHTLINE_CONFIG", None)
    some = questions(options.questions)
    with tempfile.TemporaryDirectory() as folder:
        model = random_model.write(Path(folder), random_model.PRESETS[options.preset], "q8_0")
        with ours(model) as server:
            asked(server.url, 1, some[:2])  # warm
            one, many, together = [], [], list[dict[str, Any]]()
            for turn in range(options.rounds):
                one.append(asked(server.url, 100 + turn, some[:1])[0])
                seconds, together = asked(server.url, 200 + turn, some)
                many.append(seconds)
            seed = 200 + options.rounds - 1
            single = [asked(server.url, seed, [question])[1][0] for question in some]
    single_s, many_s = statistics.median(one), statistics.median(many)
    print(f"{options.preset}, random weights, q8_0, detail low")
    print(f"one question {single_s:.2f} s, {len(some)} questions {many_s:.2f} s: "
          f"{many_s / single_s:.2f} times")  # fmt: skip
    pairs = [(shares(a), shares(b)) for a, b in zip(together, single, strict=True)]
    alike = [len(a) == len(b) for a, b in pairs]
    apart = [abs(x - y) for a, b in pairs if len(a) == len(b) for x, y in zip(a, b, strict=True)]
    print(f"asked singly: {sum(alike)} of {len(pairs)} answered in the same way, probabilities "
          f"apart by {max(apart, default=0):.2g} at most")  # fmt: skip


if __name__ == "__main__":
    main()

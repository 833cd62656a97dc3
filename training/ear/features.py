"""Draw papers, ask about them, and keep what the encoder makes of both.

    python -m training.ear.features --encoder FOLDER --out FOLDER --pages 3000 --seed 1 [--receipts receipts.json]

Several may run beside each other with seeds of their own; a seed gives the same data again.
"""

from __future__ import annotations

import argparse
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from sightline.engines.embedded.encoding import Encoder, beside
from sightline.engines.embedded.operations import OPERATIONS
from training.ear import receipts
from training.ear.examples import Asker, Example, page_of, worn
from training.ear.paper import draw, kinds

_A_PAGE = 12  # questions
_REAL, _OWN = 0.05, 0.35  # shares of pages that are real receipts, or of `subjects`
_MOST_FACTS = 120
_A_FILE = 200  # pages


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about a page.

    `question` is (WIDTH,), `shown` (facts, SHOWN), `answers` (facts,). `words` lists places among
    the page's words' states with whether they are of the answer. `operation` is -1 where it is not
    known: what is not on a page may have been asked for in any way.
    """

    question: Any
    shown: Any
    answers: Any
    words: Any
    marks: Any
    operation: int
    sort: str


def operation_of(example: Example) -> int:
    """Number what is done; whether something is there at all follows from whether it is found."""
    if example.sort in ("absent", "blank cell"):
        return -1
    operation = example.operation
    if example.sort in ("present", "has"):
        there = bool(example.marks)
        operation = "has" if there == (operation == "yes") else "lacks"
    return OPERATIONS.index(operation)


def main() -> None:
    """Write files of pages."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--encoder", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--pages", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--own", type=float, default=_OWN, help="share of pages of `subjects`")
    parser.add_argument("--receipts", type=Path, help="what training.ear.receipts wrote")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    encoder = Encoder(args.encoder / "ear.onnx", args.encoder / "ear.txt", args.threads)
    real = receipts.papers(args.receipts) if args.receipts else []
    dice = random.Random(args.seed)
    asker = Asker(dice)
    own = [name for name in kinds() if name.startswith("own_")]
    others = [name for name in kinds() if name not in own]
    held: list[dict[str, Any]] = []
    for number in range(1, args.pages + 1):
        if real and dice.random() < _REAL:
            paper = dice.choice(real)
        else:
            chosen = own if dice.random() < args.own else others
            paper = draw(dice.choice(chosen), dice.randrange(1 << 40))
        page = worn(page_of(paper, dice), dice)
        told = encoder.page(page.words, page.width, page.height, _MOST_FACTS)
        if told is not None:
            examples = list(asker.examples(page, _A_PAGE))
            meanings = encoder.questions([example.question for example in examples])
            starts = np.cumsum([0, *(len(one) for one in told.states)])
            asked = []
            for example, meaning in zip(examples, meanings, strict=True):
                answers = [any(n in example.marks for n in fact.words) for fact in told.facts]
                words, marks = [], []
                for at, fact in enumerate(told.facts):
                    if answers[at]:
                        room = len(told.states[at])
                        words += range(starts[at], starts[at] + room)
                        marks += [n in example.marks for n in fact.words[:room]]
                if any(answers) or not example.marks:
                    asked.append(
                        Asked(
                            meaning.astype(np.float16),
                            beside(example.question, meaning, told).astype(np.float16),
                            np.array(answers), np.array(words, np.int64), np.array(marks, bool),
                            operation_of(example), example.sort,
                        )
                    )  # fmt: skip
            used = sorted({int(n) for one in asked for n in one.words})
            places = {n: at for at, n in enumerate(used)}
            states = np.concatenate(told.states)[used] if used else np.zeros((0, 384), np.float32)
            held.append(
                {
                    "meanings": told.meanings.astype(np.float16), "states": states.astype(np.float16),
                    "asked": [
                        (a.question, a.shown, a.answers, np.array([places[int(n)] for n in a.words], np.int64), a.marks, a.operation, a.sort)
                        for a in asked
                    ],
                }
            )  # fmt: skip
        if number % _A_FILE == 0 or number == args.pages:
            torch.save(held, args.out / f"{args.seed}-{number}.pt", pickle_protocol=4)
            print(number, flush=True)
            held = []


if __name__ == "__main__":
    main()

"""Train the ear.

    python -m training.ear.train --base FOLDER --out FOLDER [--minutes 80] [--seed 1]

`--base` holds MiniLM's `model.safetensors` and `vocab.txt` (`python -m training.ear.base` unpacks
them); the learning rate falls to nothing over the minutes given. It goes on from what lies in
`--out`, and writes there every five minutes.
"""

from __future__ import annotations

import argparse
import math
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from training.ear import receipts
from training.ear.encoding import LIMIT, Encoded, Vocabulary, encode
from training.ear.examples import Asker, Example, page_of, worn
from training.ear.model import Ear, pretrained
from training.ear.operations import OPERATIONS
from training.ear.paper import Paper, draw, kinds

_A_PAPER = 6  # questions
_LENGTHS = (64, 96, 128, 192, 256, 384, LIMIT)  # pieces that examples are padded to
_BATCH = 4608  # pieces of a batch, padding among them
_RATE, _NEW_RATE, _WARM = 1.5e-4, 1e-3, 150
_POSITIVE = 2.0  # weight of a marked word
_REAL = 0.06  # share of pages
_SAVED_S = 300.0


@dataclass(frozen=True, slots=True)
class Item:
    """An encoded example: the mark of each word, by `encoded.firsts`, and the operation."""

    encoded: Encoded
    marks: np.ndarray[Any, Any]
    operation: int
    sort: str


def item(vocabulary: Vocabulary, example: Example, dice: random.Random) -> Item | None:
    """Encode an example as it would be read; None where its answer is not on the first part."""
    words, marks = worn(example, dice)
    page = example.page
    encoded = encode(vocabulary, example.question, words, page.width, page.height)[0]
    mine = np.array([marks[n] for n in encoded.words[encoded.firsts]], np.float32)
    if int(mine.sum()) < sum(marks):
        return None
    return Item(encoded, mine, OPERATIONS.index(example.operation), example.sort)


def items(
    vocabulary: Vocabulary, dice: random.Random, names: tuple[str, ...], real: list[Paper]
) -> Iterator[Item]:
    """Draw papers and ask about them, and about real ones now and then, for ever."""
    asker = Asker(dice)
    while True:
        if real and dice.random() < _REAL:
            paper = dice.choice(real)
        else:
            paper = draw(dice.choice(names), dice.randrange(1 << 40))
        page = page_of(paper, dice)
        for example in asker.examples(page, _A_PAPER):
            made = item(vocabulary, example, dice)
            if made is not None:
                yield made


def batched(found: list[Item], length: int) -> dict[str, Tensor]:
    """Pad examples to a length."""
    made: dict[str, Any] = {
        name: np.zeros((len(found), length), np.int64)
        for name in ("ids", "kinds", "x", "y", "sizes")
    }
    lies = np.zeros((len(found), length, length), np.int64)
    marks = np.full((len(found), length), -1.0, np.float32)
    away = np.ones((len(found), length), bool)
    for row, one in enumerate(found):
        size = len(one.encoded.ids)
        for name in made:
            made[name][row, :size] = getattr(one.encoded, name)
        lies[row, :size, :size] = one.encoded.lies
        marks[row, one.encoded.firsts] = one.marks
        away[row, :size] = False
    made |= {"lies": lies, "marks": marks, "away": away}
    made["operations"] = np.array([one.operation for one in found], np.int64)
    return {name: torch.from_numpy(array) for name, array in made.items()}


def batches(source: Iterator[Item]) -> Iterator[dict[str, Tensor]]:
    """Put examples of like length together, each batch in one of a few shapes: they are compiled."""
    held: dict[int, list[Item]] = {length: [] for length in _LENGTHS}
    for one in source:
        length = next(n for n in _LENGTHS if n >= len(one.encoded.ids))
        held[length].append(one)
        if len(held[length]) == _BATCH // length:
            yield batched(held[length], length)
            held[length] = []


def loss(
    model: Callable[..., tuple[Tensor, Tensor]], batch: dict[str, Tensor]
) -> tuple[Tensor, Tensor, Tensor]:
    """Give the loss, and the scores of pieces and operations."""
    with torch.autocast("cpu", torch.bfloat16):
        marks, operations = model(
            *(batch[name] for name in ("ids", "kinds", "lies", "x", "y", "sizes", "away"))
        )
    marks, operations = marks.float(), operations.float()
    told = batch["marks"] >= 0
    truth = batch["marks"].clamp(min=0)
    weight = 1 + (_POSITIVE - 1) * truth
    each = (
        functional.binary_cross_entropy_with_logits(marks, truth, weight, reduction="none") * told
    )
    # Of each page the same weight, however many words it has.
    of_words = (each.sum(1) / (1 + told.sum(1)).sqrt()).mean()
    return of_words + functional.cross_entropy(operations, batch["operations"]), marks, operations


def right(batch: dict[str, Tensor], marks: Tensor, operations: Tensor) -> tuple[Tensor, Tensor]:
    """Say of which examples the operation is right, and of which all else is too."""
    told = batch["marks"] >= 0
    named = operations.argmax(1) == batch["operations"]
    exact = (((marks > 0) == (batch["marks"] > 0.5)) | ~told).all(1)
    return named, named & (exact | (batch["operations"] == 0))


def main() -> None:
    """Train for the minutes given."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=80)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--receipts", type=Path, help="what training.ear.receipts wrote")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)
    vocabulary = Vocabulary((args.base / "vocab.txt").read_text("utf-8").split("\n"))
    model = pretrained(args.base)
    kept = args.out / "ear.pt"
    done_s, seed = 0.0, args.seed
    if kept.exists():
        told = torch.load(kept, weights_only=True)
        model.load_state_dict(told["model"])
        done_s, seed = told["seconds"], told["seed"] + 1
    names = kinds()
    real = receipts.papers(args.receipts) if args.receipts else []
    added = [*model.x.parameters(), *model.y.parameters(), *model.sizes.parameters(),
             *model.lies.parameters(), *model.mark.parameters(), *model.operation.parameters()]  # fmt: skip
    new = {id(one) for one in added}
    # Words keep the meanings that they came with: the papers drawn here hold few of them.
    model.pieces.weight.requires_grad_(False)
    base = [one for one in model.parameters() if id(one) not in new and one.requires_grad]
    optimizer = torch.optim.AdamW(
        [{"params": base, "rate": _RATE}, {"params": added, "rate": _NEW_RATE}],
        weight_decay=0.01, fused=True,
    )  # fmt: skip
    # Half of a step is small work between products, which is joined once it is compiled.
    compiled = torch.compile(model, dynamic=False)
    dice = random.Random(seed)
    begin = saved = time.monotonic()
    seen: Counter[str] = Counter()
    step, examples, smooth = 0, 0, 0.0
    for batch in batches(items(vocabulary, dice, names, real)):
        gone = done_s + time.monotonic() - begin
        share = gone / (60 * args.minutes)
        if share >= 1:
            break
        rate = min(1.0, (step + 1) / _WARM) * 0.5 * (1 + math.cos(math.pi * share))
        for group in optimizer.param_groups:
            group["lr"] = group["rate"] * rate
        model.train()
        lost, marks, operations = loss(compiled, batch)
        optimizer.zero_grad(set_to_none=True)
        lost.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step, examples = step + 1, examples + len(batch["ids"])
        smooth = float(lost.detach()) if step == 1 else 0.98 * smooth + 0.02 * float(lost.detach())
        named, whole = right(batch, marks.detach(), operations.detach())
        seen["operation"] += int(named.sum())
        seen["whole"] += int(whole.sum())
        seen["all"] += len(named)
        if step % 50 == 0:
            print(
                f"{gone / 60:5.1f} min  step {step}  {examples} examples  loss {smooth:.3f}  "
                f"operation {seen['operation'] / seen['all']:.3f}  whole {seen['whole'] / seen['all']:.3f}",
                flush=True,
            )
            seen.clear()
        if time.monotonic() - saved > _SAVED_S:
            saved = time.monotonic()
            _save(kept, model, gone, seed)
    _save(kept, model, 60 * args.minutes, seed)


def _save(path: Path, model: Ear, seconds: float, seed: int) -> None:
    whole = path.with_suffix(".new")
    torch.save({"model": model.state_dict(), "seconds": seconds, "seed": seed}, whole)
    whole.replace(path)


if __name__ == "__main__":
    main()

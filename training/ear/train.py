"""Train the ear's heads on what `training.ear.features` has kept.

    python -m training.ear.train --features FOLDER --encoder FOLDER --out FOLDER --minutes 8

Every twentieth page is told apart, to tell how well it goes.
"""

from __future__ import annotations

import argparse
import math
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from sightline.engines.embedded.encoding import Encoder
from training.ear import asks
from training.ear.model import Heads

_PAGES = 24  # of a batch
_NEGATIVES = 10  # facts beside those that answer
_POSITIVES = 6
_SEEN = 128  # questions about photographs of a batch
_RATE, _WARM = 2e-3, 60
_HELD = 20  # one page of so many


@dataclass(frozen=True, slots=True)
class Batch:
    """Pairs of questions and facts: `of` numbers the question, `page_fact` the fact of each pair."""

    questions: Tensor
    meanings: Tensor
    shown: Tensor
    best: Tensor
    answers: Tensor
    of: Tensor
    operations: Tensor
    word_questions: Tensor
    states: Tensor
    marks: Tensor
    word_of: Tensor
    sorts: tuple[str, ...]


def batch(pages: Sequence[dict[str, Any]], dice: random.Random, *, whole: bool = False) -> Batch:
    """Put pages together; `whole` takes every fact of them."""
    meanings, shown, best, answers, of = [], [], [], [], []
    questions, operations, sorts = [], [], []
    states, marks, word_of = [], [], []
    for page in pages:
        for question, shows, answer, words, marked, operation, sort in page["asked"]:
            number = len(questions)
            yes, no = np.flatnonzero(answer), np.flatnonzero(~answer)
            if not whole:
                yes = np.array(dice.sample(list(yes), min(len(yes), _POSITIVES)), np.int64)
                if len(no) > _NEGATIVES:
                    near = shows[no, -1].astype(np.float32)  # those that are alike, and others
                    hard = no[np.argsort(-near)[: _NEGATIVES // 2]]
                    rest = [i for i in no if i not in hard]
                    no = np.concatenate((hard, dice.sample(rest, _NEGATIVES - len(hard))))
            chosen = np.concatenate((yes, no)).astype(np.int64)
            meanings.append(page["meanings"][chosen])
            shown.append(shows[chosen])
            best.append(np.repeat(shows.max(0)[None], len(chosen), 0))
            answers.append(answer[chosen])
            of.append(np.full(len(chosen), number))
            questions.append(question)
            operations.append(operation)
            sorts.append(sort)
            if len(words):
                states.append(page["states"][words])
                marks.append(marked)
                word_of.append(np.full(len(words), number))
    asked = torch.from_numpy(np.stack(questions)).float()
    word_of_ = torch.from_numpy(np.concatenate(word_of))
    return Batch(
        asked, _joined(meanings), _joined(shown), _joined(best), _joined(answers),
        torch.from_numpy(np.concatenate(of)), torch.tensor(operations), asked[word_of_],
        _joined(states), _joined(marks), word_of_, tuple(sorts),
    )  # fmt: skip


def _joined(arrays: Sequence[Any]) -> Tensor:
    return torch.from_numpy(np.concatenate(arrays)).float()


def scores(model: Heads, made: Batch) -> tuple[Tensor, Tensor, Tensor]:
    """Give operations (questions, …), relevance (pairs) and marks (words)."""
    relevance, told = model.of_facts(made.questions[made.of], made.meanings, made.shown, made.best)
    operations = model.operation(made.questions)
    of_facts = torch.zeros_like(operations).index_add(0, made.of, told * made.answers[:, None])
    count = torch.zeros(len(operations)).index_add(0, made.of, made.answers).clamp(min=1)
    marks = model.of_words(made.word_questions, made.states)
    return operations + of_facts / count[:, None], relevance, marks


def loss(made: Batch, operations: Tensor, relevance: Tensor, marks: Tensor) -> Tensor:
    """Give the loss of a batch."""
    count = len(made.questions)
    each = functional.binary_cross_entropy_with_logits(relevance, made.answers, reduction="none")
    lost = each.sum() / (3 * count)
    raised = torch.exp(relevance.clamp(-20, 20))
    whole = torch.zeros(count).index_add(0, made.of, raised)
    good = torch.zeros(count).index_add(0, made.of, raised * made.answers)
    some = good > 0
    lost = lost - torch.log(good[some] / whole[some]).sum() / count
    each = functional.binary_cross_entropy_with_logits(marks, made.marks, reduction="none")
    return (
        lost + each.sum() / (4 * count)
        + functional.cross_entropy(operations, made.operations, ignore_index=-1)
    )  # fmt: skip


def measured(model: Heads, pages: Sequence[dict[str, Any]]) -> str:
    """Say how well it goes on pages that it has not learned from."""
    model.eval()
    seen: Counter[str] = Counter()
    with torch.no_grad():
        for begin in range(0, len(pages), 16):
            made = batch(pages[begin : begin + 16], random.Random(1), whole=True)
            operations, relevance, marks = scores(model, made)
            wrong_words = torch.zeros(len(made.questions)).index_add(
                0, made.word_of, ((marks > 0) != (made.marks > 0.5)).float()
            )
            for number in range(len(made.questions)):
                mine = made.of == number
                answers, told = made.answers[mine] > 0.5, relevance[mine]
                named = made.operations[number] < 0 or bool(
                    operations[number].argmax() == made.operations[number]
                )
                exact = bool(((told > 0) == answers).all())
                seen["all"] += 1
                seen["named"] += named
                if answers.any():
                    seen["some"] += 1
                    seen["found"] += bool(answers[told.argmax()])
                    seen["words"] += bool(wrong_words[number] == 0)
                    seen["whole"] += exact and named and bool(wrong_words[number] == 0)
                else:
                    seen["whole"] += exact
    model.train()
    return (
        f"operation {seen['named'] / seen['all']:.3f}  found {seen['found'] / seen['some']:.3f}  "
        f"words {seen['words'] / seen['some']:.3f}  whole {seen['whole'] / seen['all']:.3f}"
    )


def photographs(encoder: Encoder, count: int, seed: int) -> tuple[Tensor, Tensor]:
    """Give meanings of questions about photographs, and what they ask for."""
    source = asks.asked(random.Random(seed))
    found = [next(source) for _ in range(count)]
    means = [
        encoder.questions([text for _, text in found[i : i + 256]]) for i in range(0, count, 256)
    ]
    return torch.from_numpy(np.concatenate(means)), torch.tensor([intent for intent, _ in found])


def _batches(pages: list[dict[str, Any]], dice: random.Random) -> Iterator[Batch]:
    while True:
        dice.shuffle(pages)
        for begin in range(0, len(pages) - _PAGES + 1, _PAGES):
            yield batch(pages[begin : begin + _PAGES], dice)


def main() -> None:
    """Train for the minutes given."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--features", type=Path, required=True)
    parser.add_argument("--encoder", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=8)
    parser.add_argument("--photographs", type=int, default=12000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)
    encoder = Encoder(args.encoder / "ear.onnx", args.encoder / "ear.txt", 2)
    seen_asked, seen_truth = photographs(encoder, args.photographs, args.seed)
    pages: list[dict[str, Any]] = []
    for path in sorted(args.features.glob("*.pt")):
        pages += torch.load(path, weights_only=False)
    pages = [page for page in pages if any(len(one[3]) for one in page["asked"])]
    held, pages = pages[::_HELD], [page for i, page in enumerate(pages) if i % _HELD]
    print(f"{len(pages)} pages, {sum(len(p['asked']) for p in pages)} questions", flush=True)
    model = Heads()
    optimizer = torch.optim.AdamW(model.parameters(), lr=_RATE, weight_decay=0.02, fused=True)
    dice = random.Random(args.seed)
    begin, smooth, told = time.monotonic(), 0.0, 0.0
    for step, made in enumerate(_batches(pages, dice)):
        share = (time.monotonic() - begin) / (60 * args.minutes)
        if share >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = (
                _RATE * min(1.0, (step + 1) / _WARM) * 0.5 * (1 + math.cos(math.pi * share))
            )
        lost = loss(made, *scores(model, made))
        chosen = torch.randint(len(seen_truth), (_SEEN,))
        lost = lost + functional.cross_entropy(model.seen(seen_asked[chosen]), seen_truth[chosen])
        optimizer.zero_grad(set_to_none=True)
        lost.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        smooth = float(lost.detach()) if step == 0 else 0.98 * smooth + 0.02 * float(lost.detach())
        if share - told > 0.1:
            told = share
            print(
                f"{share:4.0%}  step {step}  loss {smooth:.3f}  {measured(model, held[:40])}",
                flush=True,
            )
    print(measured(model, held), flush=True)
    torch.save(model.state_dict(), args.out / "heads.pt")


if __name__ == "__main__":
    main()

"""Train the ear: upper layers of MiniLM that read a question beside a page.

    python -m training.ear.train --base FOLDER --out FOLDER --minutes 90 [--receipts receipts.json]

Papers are drawn while it learns, so that none comes twice. What it has learned is kept every few
minutes; run again, it goes on from there. It is measured on papers of a seed of their own, and on
whole papers of `subjects/held_*.toml`: it learns from neither.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from sightline.engines.embedded.ear.linearised import SHARED, SHOWN, question_pieces
from sightline.engines.embedded.ear.tokens import Vocabulary
from training.ear import asks, receipts
from training.ear.lessons import Lesson, Question, lessons
from training.ear.model import Ear, pretrained

_ROWS = 48  # questions of a step
_POOL = 24  # pages that are sorted by length together
_ELSEWHERE = 0.15  # share of questions that are asked of a window without their answer
_SEEN = 32  # questions about photographs of a step
_RATE, _HEADS_RATE, _WARM = 1.5e-4, 6e-4, 100
_KEEP = 420.0  # seconds between what is kept
_HELD_PAGES, _HELD_SEED = 48, 987_654_321


@dataclass(frozen=True, slots=True)
class Row:
    """A question beside one window of its page."""

    lesson: Lesson
    question: Question
    window: int

    @property
    def length(self) -> int:
        return len(self.question.ids) + len(self.lesson.windows[self.window].ids)


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows as tensors. `page` numbers the window of each row among `windows`."""

    questions: Tensor  # (rows, question)
    windows: Tensor  # (windows, page)
    page: Tensor  # (rows,)
    parts: Tensor  # (rows, question + page)
    looks: Tensor  # (rows, question + page, SHOWN + SHARED)
    there: Tensor  # (rows, question + page)
    share: Tensor  # (rows, facts, question + page)
    answers: Tensor  # (rows, facts)
    words: Tensor  # (rows, question + page): 1 of the answer, 0 not, -1 not asked
    operations: Tensor  # (rows,)


def batch(rows: Sequence[Row]) -> Batch:
    """Put rows together."""
    keys = list(dict.fromkeys((id(row.lesson), row.window) for row in rows))
    of = {(id(row.lesson), row.window): row.lesson.windows[row.window] for row in rows}
    windows = [of[key] for key in keys]
    asked = max(len(row.question.ids) for row in rows)
    told = max(len(window.ids) for window in windows)
    facts = max(len(np.unique(window.facts)) for window in windows)
    count, length = len(rows), asked + told
    questions = np.zeros((count, asked), np.int64)
    pages = np.zeros((len(windows), told), np.int64)
    for at, window in enumerate(windows):
        pages[at, : len(window.ids)] = window.ids
    parts = np.zeros((count, length), np.int64)
    looks = np.zeros((count, length, SHOWN + SHARED), np.float32)
    there = np.zeros((count, length), bool)
    share = np.zeros((count, facts, length), np.float32)
    answers = np.zeros((count, facts), np.float32)
    words = np.full((count, length), -1.0, np.float32)
    for at, row in enumerate(rows):
        question, window = row.question, row.lesson.windows[row.window]
        ends = asked + len(window.ids)
        questions[at, : len(question.ids)] = question.ids
        there[at, : len(question.ids)] = True
        there[at, asked:ends] = True
        parts[at, asked:ends] = window.parts
        looks[at, asked:ends, :SHOWN] = row.lesson.shown[window.facts]
        looks[at, asked:ends, SHOWN:] = question.shared[window.facts]
        first = int(window.facts[0])
        share[at, : int(window.facts[-1]) - first + 1, asked:ends] = window.share
        here = question.answers[first : int(window.facts[-1]) + 1]
        answers[at, : len(here)] = here
        begins = np.flatnonzero((window.words >= 0) & question.answers[window.facts])
        words[at, asked + begins] = np.isin(window.words[begins], question.marks)
    return Batch(
        torch.from_numpy(questions), torch.from_numpy(pages),
        torch.tensor([keys.index((id(row.lesson), row.window)) for row in rows]),
        torch.from_numpy(parts), torch.from_numpy(looks), torch.from_numpy(there),
        torch.from_numpy(share), torch.from_numpy(answers), torch.from_numpy(words),
        torch.tensor([row.question.operation for row in rows]),
    )  # fmt: skip


def scores(model: Ear, made: Batch) -> tuple[Tensor, ...]:
    """Give relevance, absence, words and operations of a batch."""
    with torch.no_grad():
        asked, told = model.alone(made.questions), model.alone(made.windows)
    states = torch.cat((asked, told[made.page].to(asked.dtype)), 1)
    states = model.together(states, made.parts, made.looks, made.there)
    return tuple(one.float() for one in model.scores(states, made.share.to(states.dtype)))


def loss(made: Batch, given: tuple[Tensor, ...]) -> Tensor:
    """Give the loss of a batch: which facts, or none, which of their words, and what to do."""
    relevance, absent, words, operations = given
    answered = made.answers.sum(1) > 0
    every = torch.logsumexp(torch.cat((relevance, absent), 1), 1)
    good = torch.logsumexp(relevance.masked_fill(made.answers < 0.5, -1e4), 1)
    lost = (every - torch.where(answered, good, absent[:, 0])).mean()
    real = made.share.sum(2) > 0
    each = functional.binary_cross_entropy_with_logits(relevance, made.answers, reduction="none")
    lost = lost + (each * real).sum() / (3 * len(answered))
    asked = made.words >= 0
    if asked.any():
        each = functional.binary_cross_entropy_with_logits(
            words[asked], made.words[asked], reduction="none"
        )
        lost = lost + each.sum() / (4 * len(answered))
    named = torch.where(answered | (made.operations == 0), made.operations, -1)
    if (named >= 0).any():
        lost = lost + functional.cross_entropy(operations, named, ignore_index=-1)
    return lost


def measured(model: Ear, held: Sequence[Lesson]) -> str:
    """Say how well it goes on pages that it has not learned from, asked of their first windows."""
    model.eval()
    seen: Counter[str] = Counter()
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        for one in held:
            made = batch([Row(one, question, 0) for question in one.questions])
            relevance, absent, words, operations = scores(model, made)
            for at in range(len(made.page)):
                answers = made.answers[at] > 0.5
                best = relevance[at].argmax()
                if not answers.any():
                    seen["none"] += 1
                    seen["silent"] += bool(absent[at, 0] > relevance[at, best])
                    continue
                seen["some"] += 1
                seen["found"] += bool(answers[best])
                asked = made.words[at] >= 0
                marked = bool(((words[at] > 0) == (made.words[at] > 0.5))[asked].all())
                named = bool(operations[at].argmax() == made.operations[at])
                exact = bool(((relevance[at] > 0) == answers).all())
                seen["marked"] += marked
                seen["named"] += named
                seen["whole"] += marked and named and exact
    model.train()
    some = max(1, seen["some"])
    return (
        f"found {seen['found'] / some:.3f}  marked {seen['marked'] / some:.3f}  operation "
        f"{seen['named'] / some:.3f}  whole {seen['whole'] / some:.3f}  "
        f"silent {seen['silent'] / max(1, seen['none']):.3f}"
    )


def _rows(source: Iterator[Lesson], dice: random.Random) -> Iterator[list[Row]]:
    """Give rows of a step: those of like length together, in an order by chance."""
    while True:
        found: list[Row] = []
        for one in itertools.islice(source, _POOL):
            for question in one.questions:
                holds = [
                    at
                    for at, window in enumerate(one.windows)
                    if question.answers[window.facts[0] : window.facts[-1] + 1].any()
                ]
                others = [at for at in range(len(one.windows)) if at not in holds]
                elsewhere = others and (not holds or dice.random() < _ELSEWHERE)
                found.append(Row(one, question, dice.choice(others if elsewhere else holds)))
        found.sort(key=lambda row: (row.length // 24, id(row.lesson)))
        steps = [found[at : at + _ROWS] for at in range(0, len(found), _ROWS)]
        dice.shuffle(steps)
        yield from steps


def photographs(vocabulary: Vocabulary, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Give questions about photographs, (rows, length), and what they ask for, (rows,)."""
    source = asks.asked(random.Random(seed))
    while True:
        found = [next(source) for _ in range(_SEEN)]
        cut = [question_pieces(text, vocabulary) for _, text in found]
        ids = np.zeros((_SEEN, max(map(len, cut))), np.int64)
        for at, one in enumerate(cut):
            ids[at, : len(one)] = one
        yield torch.from_numpy(ids), torch.tensor([intent for intent, _ in found])


def asked_for(model: Ear, ids: Tensor) -> Tensor:
    """Score what questions ask of photographs."""
    with torch.no_grad():
        states = model.alone(ids)
    parts = torch.zeros_like(ids)
    looks = torch.zeros((*ids.shape, SHOWN + SHARED))
    there = ids != 0
    states = model.together(states, parts, looks, there)
    return model.asks(states, there).float()


def main() -> None:
    """Train for the minutes given."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=90)
    parser.add_argument("--receipts", type=Path, help="what training.ear.receipts wrote")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)
    vocabulary = Vocabulary((args.base / "vocab.txt").read_text("utf-8").split("\n"))
    real = receipts.papers(args.receipts) if args.receipts else []
    model = Ear(pretrained(args.base)).train()
    learned = [weight for weight in model.parameters() if weight.requires_grad]
    layers = list(model.high.parameters())
    heads = [weight for weight in learned if not any(weight is other for other in layers)]
    groups = [{"params": layers, "most": _RATE}, {"params": heads, "most": _HEADS_RATE}]
    optimizer = torch.optim.AdamW(groups, lr=_RATE, weight_decay=0.01, fused=True)
    held = list(itertools.islice(lessons(vocabulary, _HELD_SEED), _HELD_PAGES))
    unseen = lessons(vocabulary, _HELD_SEED, only="held_document")
    others = list(itertools.islice(unseen, _HELD_PAGES))
    done, step, kept = 0.0, 0, args.out / "run.pt"
    if kept.exists():
        told = torch.load(kept, weights_only=True)
        model.load_state_dict(told["model"])
        if "optimizer" in told:  # not after `training.ear.restore`
            optimizer.load_state_dict(told["optimizer"])
        done, step = told["seconds"], told["step"]
    # Another seed for what follows than for what was learned before.
    dice = random.Random(f"{args.seed} {step}")
    rows = _rows(lessons(vocabulary, dice.randrange(1 << 40), real), dice)
    seen = photographs(vocabulary, dice.randrange(1 << 40))
    smooth: float | None = None
    saved = last = time.monotonic()
    while done < 60 * args.minutes:
        rate = min(1.0, (step + 1) / _WARM)
        rate *= 0.5 * (1 + math.cos(math.pi * min(1.0, done / (60 * args.minutes))))
        for group in optimizer.param_groups:
            group["lr"] = group["most"] * rate
        with torch.autocast("cpu", torch.bfloat16):
            made = batch(next(rows))
            lost = loss(made, scores(model, made))
            ids, truth = next(seen)
            lost = lost + 0.5 * functional.cross_entropy(asked_for(model, ids), truth)
        optimizer.zero_grad(set_to_none=True)
        lost.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(learned, 1.0)
        optimizer.step()
        step += 1
        now_lost = float(lost.detach())
        smooth = now_lost if smooth is None else 0.02 * now_lost + 0.98 * smooth
        now = time.monotonic()
        done, last = done + now - last, now
        if step % 25 == 0:
            print(f"{done:6.0f} s  step {step}  loss {smooth:.3f}", flush=True)
        if now - saved > _KEEP or done >= 60 * args.minutes:
            figures = f"{measured(model, held)}  |  unseen papers: {measured(model, others)}"
            print(f"{done:6.0f} s  step {step}  loss {smooth:.3f}  {figures}", flush=True)
            state = {
                "model": model.state_dict(), "optimizer": optimizer.state_dict(),
                "seconds": done, "step": step,
            }  # fmt: skip
            torch.save(state, args.out / "next.pt")
            (args.out / "next.pt").replace(kept)
            saved = last = time.monotonic()
    card = {"steps": step, "questions": step * _ROWS, "seconds": round(done), "figures": figures}
    (args.out / "card.json").write_text(json.dumps(card, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()

"""Train the ear: MiniLM, whose upper layers learn to read a question beside a page.

    python -m training.ear.train --base FOLDER --out FOLDER --minutes 90 [--receipts receipts.json]

Papers are drawn while it learns, by `--drawers` processes, so that none comes twice. What it has
learned is kept every few minutes; run again, it goes on from there. The weights that are written are
a running mean of those it passed through, which answers better than the last. It is measured on papers
of a seed of their own, and on whole papers of `subjects/held_*.toml`: it learns from neither.
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
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from sightline.engines.embedded.ear.linearised import PARTS, SHARED, SHOWN, question_pieces
from sightline.engines.embedded.ear.tokens import WordPieces
from training.ear import asks, receipts
from training.ear.lessons import Lesson, Question, lessons
from training.ear.model import Ear, pretrained
from training.ear.paper import Paper

_POOL = 24  # pages that are sorted by length together, for each 48 questions of a step
_ELSEWHERE = 0.15  # share of questions that are asked of a window without their answer
_SEEN = 2 / 3  # questions about photographs beside each one about a page
_UNSHARED = 0.15  # share of questions that are not told which words they share with the page
_RATE, _HEADS_RATE, _LOW_RATE, _WARM = 1.5e-4, 6e-4, 0.3, 100  # of 48 questions; of the rate above
_MEAN = 0.998  # how much of the running mean a step leaves
_KEEP = 420.0  # seconds between what is kept
_HELD_SEED = 987_654_321
_VALUE = PARTS.index("value")


@dataclass(frozen=True, slots=True)
class Row:
    """A question beside one window of its page."""

    lesson: Lesson
    question: Question
    window: int

    @property
    def length(self) -> int:
        return len(self.question.ids) + len(self.lesson.windows[self.window].ids)


class Batch(NamedTuple):
    """Rows as tensors. `page` numbers the window of each row among `windows`."""

    questions: Tensor  # (rows, question)
    windows: Tensor  # (windows, page)
    page: Tensor  # (rows,)
    facts: Tensor  # (rows, page): the fact of each piece, counted within the window
    parts: Tensor  # (rows, page): what each piece is, -1 where no page is left
    looks: Tensor  # (rows, facts, SHOWN + SHARED)
    answers: Tensor  # (rows, facts)
    words: Tensor  # (rows, page): 1 of the answer, 0 not, -1 not asked
    operations: Tensor  # (rows,)

    def on(self, device: torch.device) -> Batch:
        """Give the same on a device."""
        return Batch(*(one.to(device, non_blocking=True) for one in self))

    @property
    def share(self) -> Tensor:
        """By how much each piece of a page counts in each fact: (rows, facts, page)."""
        numbers = torch.arange(self.answers.shape[1], device=self.facts.device)
        of = (self.facts[:, None] == numbers[None, :, None]) & (self.parts == _VALUE)[:, None]
        return of / of.sum(2, keepdim=True).clamp(min=1)


def batch(rows: Sequence[Row], unshared: Sequence[bool] = ()) -> Batch:
    """Put rows together; those of `unshared` are not told what words they share with the page."""
    keys = list(dict.fromkeys((id(row.lesson), row.window) for row in rows))
    numbers = {key: number for number, key in enumerate(keys)}
    of = {(id(row.lesson), row.window): row.lesson.windows[row.window] for row in rows}
    windows = [of[key] for key in keys]
    # Lengths by eight, which is what attention is quick with.
    asked = -(-max(len(row.question.ids) for row in rows) // 8) * 8
    told = -(-max(len(window.ids) for window in windows) // 8) * 8
    most = max(int(window.facts[-1] - window.facts[0]) + 1 for window in windows)
    count = len(rows)
    questions = np.zeros((count, asked), np.int64)
    pages = np.zeros((len(windows), told), np.int64)
    for at, window in enumerate(windows):
        pages[at, : len(window.ids)] = window.ids
    facts = np.zeros((count, told), np.int64)
    parts = np.full((count, told), -1, np.int64)
    looks = np.zeros((count, most, SHOWN + SHARED), np.float32)
    answers = np.zeros((count, most), np.float32)
    words = np.full((count, told), -1.0, np.float32)
    for at, row in enumerate(rows):
        question, window = row.question, row.lesson.windows[row.window]
        first, last = int(window.facts[0]), int(window.facts[-1]) + 1
        here, pieces = last - first, len(window.ids)
        questions[at, : len(question.ids)] = question.ids
        facts[at, :pieces] = window.facts - first
        parts[at, :pieces] = window.parts
        looks[at, :here, :SHOWN] = row.lesson.shown[first:last]
        if not (unshared and unshared[at]):
            looks[at, :here, SHOWN:] = question.shared[first:last]
        answers[at, :here] = question.answers[first:last]
        begins = np.flatnonzero((window.words >= 0) & question.answers[window.facts])
        words[at, begins] = np.isin(window.words[begins], question.marks)
    return Batch(
        torch.from_numpy(questions), torch.from_numpy(pages),
        torch.tensor([numbers[id(row.lesson), row.window] for row in rows]),
        torch.from_numpy(facts), torch.from_numpy(parts), torch.from_numpy(looks),
        torch.from_numpy(answers), torch.from_numpy(words),
        torch.tensor([row.question.operation for row in rows]),
    )  # fmt: skip


def scores(model: Ear, made: Batch) -> tuple[Tensor, ...]:
    """Give relevance, absence, words (of the page) and operations of a batch."""
    asked, told = model.alone(made.questions), model.alone(made.windows)
    states = torch.cat((asked, told[made.page].to(asked.dtype)), 1)
    before = made.questions.shape[1]
    parts = functional.pad(made.parts.clamp(min=0), (before, 0))
    there = torch.cat((made.questions != 0, made.parts >= 0), 1)
    each = made.facts[..., None].expand(-1, -1, made.looks.shape[2])
    looks = made.looks.gather(1, each) * (made.parts >= 0)[..., None]
    states = model.together(states, parts, functional.pad(looks, (0, 0, before, 0)), there)
    share = functional.pad(made.share, (before, 0)).to(states.dtype)
    relevance, absent, words, operations = model.scores(states, share)
    return relevance.float(), absent.float(), words[:, before:].float(), operations.float()


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
    each = functional.binary_cross_entropy_with_logits(
        words, made.words.clamp(min=0), reduction="none"
    )
    lost = lost + (each * asked).sum() / (4 * len(answered))
    named = torch.where(answered | (made.operations == 0), made.operations, -1)
    each = functional.cross_entropy(operations, named, ignore_index=-1, reduction="sum")
    return lost + each / (named >= 0).sum().clamp(min=1)


@torch.no_grad()
def measured(model: Ear, held: Sequence[Lesson]) -> str:
    """Say how well it goes on pages that it has not learned from, asked of their first windows."""
    device = next(model.parameters()).device
    learning, seen = model.training, Counter[str]()
    model.eval()
    for one in held:
        made = batch([Row(one, question, 0) for question in one.questions])
        with torch.autocast(device.type, torch.bfloat16):
            relevance, absent, words, operations = (
                some.cpu() for some in scores(model, made.on(device))
            )
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
    model.train(learning)
    some = max(1, seen["some"])
    return (
        f"found {seen['found'] / some:.3f}  marked {seen['marked'] / some:.3f}  operation "
        f"{seen['named'] / some:.3f}  whole {seen['whole'] / some:.3f}  "
        f"silent {seen['silent'] / max(1, seen['none']):.3f}"
    )


class Steps(IterableDataset[tuple[Batch, Tensor, Tensor]]):
    """What each step learns from: rows, questions about photographs, and what these ask for."""

    def __init__(self, vocabulary: WordPieces, real: Sequence[Paper], size: int, seed: str) -> None:
        super().__init__()
        self.vocabulary, self.real, self.size, self.seed = vocabulary, real, size, seed

    def __iter__(self) -> Iterator[tuple[Batch, Tensor, Tensor]]:
        """Draw without end; each process draws others."""
        worker = get_worker_info()
        if worker is not None:  # where none draw beside, the network itself is computed here
            torch.set_num_threads(1)
        dice = random.Random(f"{self.seed} {worker.id if worker is not None else 0}")
        source = lessons(self.vocabulary, dice.randrange(1 << 40), self.real)
        seen = self._photographs(dice.randrange(1 << 40))
        for rows in _rows(source, self.size, dice):
            yield (batch(rows, [dice.random() < _UNSHARED for _ in rows]), *next(seen))

    def _photographs(self, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Give questions about photographs, (rows, length), and what they ask for, (rows,)."""
        source, count = asks.asked(random.Random(seed)), round(self.size * _SEEN)
        while True:
            found = [next(source) for _ in range(count)]
            cut = [question_pieces(text, self.vocabulary) for _, text in found]
            ids = np.zeros((count, max(map(len, cut))), np.int64)
            for at, one in enumerate(cut):
                ids[at, : len(one)] = one
            yield torch.from_numpy(ids), torch.tensor([intent for intent, _ in found])


def _rows(source: Iterator[Lesson], size: int, dice: random.Random) -> Iterator[list[Row]]:
    """Give rows of a step: those of like length together, in an order by chance."""
    while True:
        found: list[Row] = []
        for one in itertools.islice(source, max(_POOL, _POOL * size // 48)):
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
        steps = [found[at : at + size] for at in range(0, len(found), size)]
        dice.shuffle(steps)
        yield from steps


def asked_for(model: Ear, ids: Tensor) -> Tensor:
    """Score what questions ask of photographs."""
    states = model.alone(ids)
    looks = torch.zeros((*ids.shape, SHOWN + SHARED), device=ids.device)
    there = ids != 0
    states = model.together(states, torch.zeros_like(ids), looks, there)
    return model.asks(states, there).float()


def optimizer_of(model: Ear, rows: int) -> torch.optim.AdamW:
    """Give an optimiser whose groups say by `most` what rate they learn at most with.

    Rates grow with the root of the questions of a step.
    """
    scale = math.sqrt(rows / 48)
    low, high = (
        [w for w in part.parameters() if w.requires_grad] for part in (model.low, model.high)
    )
    layers = {id(weight) for weight in (*low, *high)}
    heads = [w for w in model.parameters() if w.requires_grad and id(w) not in layers]
    groups = [
        {"params": some, "most": rate * scale}
        for some, rate in ((high, _RATE), (heads, _HEADS_RATE), (low, _RATE * _LOW_RATE))
        if some
    ]
    return torch.optim.AdamW(groups, lr=_RATE, weight_decay=0.01, fused=True)


def main() -> None:
    """Train for the minutes given."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=90)
    parser.add_argument("--receipts", type=Path, help="what training.ear.receipts wrote")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--rows", type=int, default=48, help="questions of a step; 256 for a GPU")
    parser.add_argument(
        "--drawers", type=int, default=0, help="processes that draw; 0: none beside"
    )
    parser.add_argument("--low", action="store_true", help="teach the lower layers too")
    parser.add_argument("--held", type=int, default=48, help="pages to measure on")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)
    device = torch.device(args.device)
    vocabulary = WordPieces((args.base / "vocab.txt").read_text("utf-8").split("\n"))
    real = receipts.papers(args.receipts) if args.receipts else []
    held = list(itertools.islice(lessons(vocabulary, _HELD_SEED), args.held))
    unseen = lessons(vocabulary, _HELD_SEED, only="held_document")
    others = list(itertools.islice(unseen, args.held))
    model = Ear(pretrained(args.base), learn_low=args.low).to(device).train()
    mean = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(_MEAN))
    optimizer = optimizer_of(model, args.rows)
    learned = [weight for weight in model.parameters() if weight.requires_grad]
    done, step, kept = 0.0, 0, args.out / "run.pt"
    if kept.exists():
        told = torch.load(kept, map_location=device, weights_only=True)
        mean.module.load_state_dict(told["model"])
        model.load_state_dict(told.get("last", told["model"]))
        if "optimizer" in told:  # not after `training.ear.restore`
            optimizer.load_state_dict(told["optimizer"])
        done, step = told["seconds"], told["step"]
        mean.n_averaged.fill_(step)
    # Another seed for what follows than for what was learned before.
    steps = DataLoader(
        Steps(vocabulary, real, args.rows, f"{args.seed} {step}"), batch_size=None,
        num_workers=args.drawers, pin_memory=device.type == "cuda",
    )  # fmt: skip
    smooth = torch.zeros((), device=device)
    saved = last = time.monotonic()
    for made, ids, truth in steps:
        rate = min(1.0, (step + 1) / _WARM)
        rate *= 0.5 * (1 + math.cos(math.pi * min(1.0, done / (60 * args.minutes))))
        for group in optimizer.param_groups:
            group["lr"] = group["most"] * rate
        made = made.on(device)
        with torch.autocast(device.type, torch.bfloat16):
            lost = loss(made, scores(model, made))
            seen = asked_for(model, ids.to(device, non_blocking=True))
            lost = lost + 0.5 * functional.cross_entropy(seen, truth.to(device))
        optimizer.zero_grad(set_to_none=True)
        lost.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(learned, 1.0)
        optimizer.step()
        mean.update_parameters(model)
        step += 1
        smooth = torch.lerp(lost.detach(), smooth, 0.98 if step > 1 else 0.0)
        now = time.monotonic()
        done, last = done + now - last, now
        ends = done >= 60 * args.minutes
        if step % (25 if args.rows < 100 else 250) == 0:
            print(f"{done:6.0f} s  step {step}  loss {float(smooth):.3f}", flush=True)
        if now - saved > _KEEP or ends:
            figures = (
                f"{measured(mean.module, held)}  |  unseen papers: {measured(mean.module, others)}"
            )
            print(f"{done:6.0f} s  step {step}  loss {float(smooth):.3f}  {figures}", flush=True)
            state = {
                "model": mean.module.state_dict(), "last": model.state_dict(),
                "optimizer": optimizer.state_dict(), "seconds": done, "step": step,
            }  # fmt: skip
            torch.save(state, args.out / "next.pt")
            (args.out / "next.pt").replace(kept)
            saved = last = time.monotonic()
        if ends:
            break
    card = {
        "steps": step, "questions": step * args.rows, "seconds": round(done), "figures": figures
    }  # fmt: skip
    (args.out / "card.json").write_text(json.dumps(card, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()

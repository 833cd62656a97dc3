"""Train the model; goes on where an earlier run ended.

    python -m training.nano.train --minutes 60 [--out FOLDER] [--finish]

Begins with what `training.nano.eye` has taught the eye in the same folder. Writes the tokenizer, a
checkpoint (weights alone, in half precision) and a line of its log every minute; scores on lessons
that were held back, by topic, now and then. With a GPU it is used, and pictures are drawn by as many
processes as there are cores, so that it does not wait for them.
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import os
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as fn
from torch import Tensor

from training.nano import cells, eye, lessons, tokens
from training.nano.lessons import FORMS, PLACE, Batch, Form
from training.nano.model import Nano
from training.nano.runs import HELD, OUT, VOCABULARY, Optimizer, Sets, seen, sets
from training.nano.things import CACHE
from training.nano.tokens import Tokenizer

_TEXTS = 8000
_BESIDE = 0.3  # the weight of what each token of a picture should show, beside the answers
_EYE = 0.4  # how much slower the eye learns: it has learned before


def embedded(model: Nano, looked: Tensor, ids: Tensor) -> Tensor:
    """Put the tokens of pictures, (pictures, tokens, width), among those of the text."""
    x = model.embedded(ids.clamp(min=0)).to(looked.dtype)
    return x.masked_scatter((ids == PLACE)[..., None], looked)


def count_of(form: Form, batch: int) -> int:
    """Say how many lessons of a form cost what `batch` of one small picture do."""
    area = form.size[0] * form.size[1] / (256 * 256)
    return max(2, round(2 * batch / (form.pictures * area + form.length / 320)))


def _draw(
    folder: Path, tokenizer: Tokenizer, first: int, step: int, batch: int, queue: Any
) -> None:
    """Draw batches for ever, in a process of its own."""
    import cv2

    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    known = sets(folder)
    numbers = cells.numbers(list(known[0]))
    number = first
    while True:
        form = random.Random(number).choices(list(FORMS), list(FORMS.values()))[0]
        seeds = range(number * 1000, number * 1000 + count_of(form, batch))
        made = [lessons.lesson(seed, known, numbers, tokenizer, form) for seed in seeds]
        parts = vars(lessons.together(made, form))
        queue.put((form, {name: part.numpy() for name, part in parts.items()}))
        number += step


def batches(
    folder: Path, tokenizer: Tokenizer, first: int, batch: int, workers: int
) -> Iterator[tuple[Form, Batch]]:
    """Give batches as they are drawn."""
    context = multiprocessing.get_context("spawn")
    queue = context.Queue(8 * workers)
    for worker in range(workers):
        arguments = (folder, tokenizer, first + worker, workers, batch, queue)
        context.Process(target=_draw, args=arguments, daemon=True).start()
    while True:
        form, parts = queue.get()
        yield form, Batch(**{name: torch.from_numpy(part) for name, part in parts.items()})


@dataclass(frozen=True)
class Exam:
    """A question about pictures of one form, (n, height, width, 3), with its answer."""

    form: Form
    pictures: np.ndarray
    notes: tuple[str, ...]
    question: str
    answer: str
    topic: str


def exams(known: Sets, first: int, count: int) -> list[Exam]:
    """Make questions about lessons that were held back: other seeds, other typefaces."""
    forms = [form for form in FORMS if form.size == (256, 256)]
    made = []
    for seed in range(first, first + count):
        chance = random.Random(seed)
        form = chance.choices(forms, (6, 1, 1))[0]
        drawn, asked = lessons.talk(chance, known, form, held=True, wear=False)
        pictures = np.stack([d.picture for d in drawn])
        notes = tuple(d.note for d in drawn)
        made += [Exam(form, pictures, notes, q.question, q.answer, q.topic) for q in asked[:2]]
    return made


def answers(model: Nano, tokenizer: Tokenizer, some: Sequence[Exam], most: int = 96) -> list[str]:
    """Answer by the likeliest tokens."""
    device = next(model.parameters()).device
    prompts = [
        lessons.opening(tokenizer, each.form, each.notes, each.question, after=False)
        for each in some
    ]
    groups: dict[tuple[Form, int], list[int]] = {}
    for i, (each, prompt) in enumerate(zip(some, prompts, strict=True)):
        groups.setdefault((each.form, len(prompt)), []).append(i)
    found = dict[int, str]()
    with torch.no_grad():
        for members in groups.values():
            ids = torch.tensor([prompts[i] for i in members], device=device)
            pictures = torch.from_numpy(np.concatenate([some[i].pictures for i in members]))
            x = embedded(model, model.look(seen(pictures.to(device))), ids)
            ended = torch.zeros(len(members), dtype=torch.bool, device=device)
            made: list[Tensor] = []
            for _ in range(most):
                best = model.read(x)[:, -1].argmax(-1)
                made.append(best)
                ended |= best == tokenizer.end
                if bool(ended.all()):
                    break
                x = torch.cat([x, model.embedded(best)[:, None]], 1)
            for i, row in zip(members, torch.stack(made, 1).tolist(), strict=True):
                stop = row.index(tokenizer.end) if tokenizer.end in row else len(row)
                found[i] = tokenizer.decode(row[:stop])
    return [found[i] for i in range(len(some))]


def score(model: Nano, tokenizer: Tokenizer, known: Sets, count: int) -> dict[str, float]:
    """Give the share of exact answers on lessons that were held back, by topic."""
    some = exams(known, HELD, count)
    right: dict[str, list[bool]] = {}
    for each, answer in zip(some, answers(model, tokenizer, some), strict=True):
        for topic in (each.topic, "all"):
            right.setdefault(topic, []).append(answer == each.answer)
    return {topic: round(sum(hits) / len(hits), 3) for topic, hits in sorted(right.items())}


def tokenizer_of(folder: Path, out: Path) -> Tokenizer:
    """Read the run's tokenizer; learn it where there is none yet."""
    path = out / "tokens.json"
    if not path.exists():
        tokens.learn(lessons.texts(sets(folder), _TEXTS), VOCABULARY).write(path)
    return tokens.read(path)


def load(out: Path, kinds: int) -> tuple[Nano, cells.Heads, dict[str, Any]]:
    """Give the model of a run as far as it is, and what is known of it."""
    model, heads, _ = eye.load(out, kinds)
    told: dict[str, Any] = {"step": 0, "lessons": 0, "minutes": 0.0}
    if (out / "model.pt").exists():
        stored = torch.load(out / "model.pt", weights_only=True)
        told = stored["told"]
        model.load_state_dict({k: v.float() for k, v in stored["weights"].items()})
        heads.load_state_dict({k: v.float() for k, v in stored["heads"].items()})
    return model, heads, told


def save(out: Path, model: Nano, heads: cells.Heads, told: dict[str, Any]) -> None:
    """Write a checkpoint, in place at once."""
    weights = {name: value.half() for name, value in model.state_dict().items()}
    kept = {name: value.half() for name, value in heads.state_dict().items()}
    part = out / "model.pt.tmp"
    torch.save({"weights": weights, "heads": kept, "told": told}, part)
    part.replace(out / "model.pt")


def main() -> None:
    """Train."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=float, required=True)
    options.add_argument("--out", type=Path, default=OUT)
    options.add_argument("--cache", type=Path, default=CACHE)
    options.add_argument("--batch", type=int, default=24)
    options.add_argument("--rate", type=float, default=1e-3)
    options.add_argument("--finish", action="store_true", help="let the rate fall to its end")
    options.add_argument("--score-every", type=float, default=15.0, metavar="MINUTES")
    chosen = options.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.set_num_threads(os.cpu_count() or 1)
    tokenizer = tokenizer_of(chosen.cache, chosen.out)
    known = sets(chosen.cache)
    kinds = max(cells.numbers(list(known[0])).values()) + 1
    model, heads, told = load(chosen.out, kinds)
    model.to(device)
    heads.to(device)
    keys = model.eye()
    named = list(model.named_parameters())
    heads_named = list(heads.named_parameters())
    eyes = Optimizer((key, p) for key, p in named if key in keys)
    rest = Optimizer([*((key, p) for key, p in named if key not in keys), *heads_named])
    learning = [p for _, p in (*named, *heads_named)]
    look, read = (torch.compile(part, dynamic=False) for part in (model.look, model.read))
    workers = max(1, (os.cpu_count() or 2) - 2)
    coming = batches(chosen.cache, tokenizer, told["step"] + 1, chosen.batch, workers)
    began = noted = scored = time.monotonic()
    losses: list[tuple[float, float]] = []
    steps = 0
    whole = chosen.minutes * 60
    log = (chosen.out / "log.jsonl").open("a")

    def note(**facts: Any) -> None:
        line = json.dumps({"minutes": round(told["minutes"], 2), "step": told["step"], **facts})
        print(line, flush=True)
        log.write(line + "\n")
        log.flush()

    before = told["minutes"]
    while (passed := time.monotonic() - began) < whole:
        falling = 0.5 * (1 + math.cos(math.pi * passed / whole)) if chosen.finish else 1.0
        rate = chosen.rate * min(1.0, (steps + 1) / 150) * max(0.02, falling)
        _, batch = next(coming)
        parts = {name: part.to(device) for name, part in vars(batch).items()}
        ids, said = parts["ids"], parts["said"]
        with torch.autocast(device, torch.bfloat16):
            looked = look(seen(parts["pictures"]))
            logits = read(embedded(model, looked, ids[:, :-1]))
        wanted = said[:, 1:]
        spoken = fn.cross_entropy(logits[wanted].float(), ids[:, 1:][wanted])
        shown = heads.loss(looked.float(), parts["things"], parts["colours"], parts["places"])
        (spoken + _BESIDE * shown).backward()
        torch.nn.utils.clip_grad_norm_(learning, 1.0)
        eyes.step(rate * _EYE)
        rest.step(rate)
        losses.append((spoken.item(), shown.item()))
        steps += 1
        told["step"] += 1
        told["lessons"] += len(ids)
        told["minutes"] = before + (time.monotonic() - began) / 60
        if time.monotonic() - noted > 60:
            noted = time.monotonic()
            spoke, showed = (round(sum(c) / len(losses), 4) for c in zip(*losses, strict=True))
            note(loss=spoke, beside=showed, rate=round(rate, 6), lessons=told["lessons"])
            losses.clear()
            save(chosen.out, model, heads, told)
        if time.monotonic() - scored > 60 * chosen.score_every:
            scored = time.monotonic()
            note(scores=score(model, tokenizer, known, 150))
    save(chosen.out, model, heads, told)
    note(scores=score(model, tokenizer, known, 400), ended=True)


if __name__ == "__main__":
    main()

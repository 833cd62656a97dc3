"""Train the model; goes on where an earlier run ended.

    python -m training.nano.train --minutes 60 [--out FOLDER] [--finish]

Begins with what `training.nano.eye` has taught the eye in the same folder. Writes the tokenizer, a
checkpoint (weights alone, in half precision) and a line of its log every minute; scores on lessons
that were held back, by topic, now and then. With a GPU it is used, and pictures are drawn by as many
processes as there are cores, so that it does not wait for them.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as fn
from torch import Tensor

from training.nano import cells, eye, lessons, tokens
from training.nano.lessons import FORMS, PLACE, Form
from training.nano.model import Nano
from training.nano.runs import (
    HELD,
    VOCABULARY,
    Optimizer,
    Run,
    Sets,
    alone,
    device,
    drawing,
    halves,
    options,
    seen,
    sets,
    write,
)  # fmt: skip
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
    first: int, step: int, queue: Any, folder: Path, tokenizer: Tokenizer, batch: int
) -> None:
    """Draw batches for ever, in a process of its own."""
    alone()
    known = sets(folder)
    numbers = cells.numbers(list(known[0]))
    number = first
    while True:
        form = random.Random(number).choices(list(FORMS), list(FORMS.values()))[0]
        seeds = range(number * 1000, number * 1000 + count_of(form, batch))
        made = [lessons.lesson(seed, known, numbers, tokenizer, form) for seed in seeds]
        parts = vars(lessons.together(made, form))
        queue.put({name: part.numpy() for name, part in parts.items()})
        number += step


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


def load(out: Path, kinds: int, size: str = "small") -> tuple[Nano, cells.Heads, dict[str, Any]]:
    """Give the model of a run as far as it is, and what is known of it.

    An eye that was trained on by itself since replaces the one of the lessons before.
    """
    model, heads, seen_by = eye.load(out, kinds, size)
    told: dict[str, Any] = {"step": 0, "lessons": 0, "minutes": 0.0}
    if (out / "model.pt").exists():
        stored = torch.load(out / "model.pt", weights_only=True)
        told = stored["told"]
        weights = {k: v.float() for k, v in stored["weights"].items()}
        if told.get("eye") != seen_by["step"]:
            weights = {k: v for k, v in weights.items() if k not in model.eye()}
        else:
            heads.load_state_dict({k: v.float() for k, v in stored["heads"].items()})
        model.load_state_dict(weights, strict=False)
    told["eye"] = seen_by["step"]
    return model, heads, told


def save(out: Path, model: Nano, heads: cells.Heads, told: dict[str, Any]) -> None:
    """Write a checkpoint, in place at once."""
    weights, kept = halves(model.state_dict()), halves(heads.state_dict())
    write(out / "model.pt", {"weights": weights, "heads": kept, "told": told})


def main() -> None:
    """Train."""
    chosen = options(__doc__, batch=24, rate=1e-3)
    where = device()
    tokenizer = tokenizer_of(chosen.cache, chosen.out)
    known = sets(chosen.cache)
    model, heads, told = load(chosen.out, cells.kinds(cells.numbers(list(known[0]))), chosen.size)
    model.to(where)
    heads.to(where)
    keys = model.eye()
    named = list(model.named_parameters())
    heads_named = list(heads.named_parameters())
    eyes = Optimizer((key, p) for key, p in named if key in keys)
    rest = Optimizer([*((key, p) for key, p in named if key not in keys), *heads_named])
    learning = [p for _, p in (*named, *heads_named)]
    look, read = (torch.compile(part, dynamic=False) for part in (model.look, model.read))
    queue = drawing(_draw, told["step"] + 1, chosen.cache, tokenizer, chosen.batch)
    run = Run(chosen, told, "log.jsonl", 150)
    losses: list[tuple[float, float]] = []
    while run.share < 1:
        rate = run.rate
        parts = {name: torch.from_numpy(part).to(where) for name, part in queue.get().items()}
        ids, said = parts["ids"], parts["said"]
        with torch.autocast(where, torch.bfloat16):
            looked = look(seen(parts["pictures"]))
            logits = read(embedded(model, looked, ids[:, :-1]))
        wanted = said[:, 1:] > 0
        weight = said[:, 1:][wanted]
        missed = fn.cross_entropy(logits[wanted].float(), ids[:, 1:][wanted], reduction="none")
        spoken = (missed * weight).sum() / weight.sum()
        shown = heads.loss(looked.float(), parts["things"], parts["colours"], parts["places"])
        (spoken + _BESIDE * shown).backward()
        torch.nn.utils.clip_grad_norm_(learning, 1.0)
        eyes.step(rate * _EYE)
        rest.step(rate)
        losses.append((spoken.item(), shown.item()))
        run.stepped("lessons", len(ids))
        if run.due():
            spoke, showed = (round(sum(c) / len(losses), 4) for c in zip(*losses, strict=True))
            run.note(loss=spoke, beside=showed, rate=round(rate, 6), lessons=told["lessons"])
            losses.clear()
            save(chosen.out, model, heads, told)
        if run.to_score():
            run.note(scores=score(model, tokenizer, known, 150))
    save(chosen.out, model, heads, told)
    run.note(scores=score(model, tokenizer, known, 400), ended=True)


if __name__ == "__main__":
    main()

"""Train the model; goes on where an earlier run ended.

    python -m training.nano.train --minutes 60 [--out FOLDER] [--finish]

Writes the tokenizer, a checkpoint (weights alone, in half precision) and a line of its log every
minute; scores on scenes that were held back, by topic, now and then. With a GPU it is used, and
pictures are drawn by as many processes as there are cores, so that it does not wait for them.
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import os
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as fn
from torch import Tensor

from training.nano import questions, things, tokens, world
from training.nano.model import MERGE, PATCH, Nano, Shape
from training.nano.things import CACHE, Sprite
from training.nano.tokens import Tokenizer

OUT = CACHE / "run"
VOCABULARY = 1536
_PICTURE = -1  # where a token of the picture stands
_SIZES = ((256, 256),) * 6 + ((320, 192), (192, 320), (320, 256), (192, 192))
_HELD = 10_000_000  # seeds from here on are never trained on
_TURNS = 5
Sets = Sequence[Mapping[str, Sequence[Sprite]]]


@dataclass(frozen=True)
class Sample:
    """A picture and a talk about it: ids with places for the picture, and which are answers."""

    picture: np.ndarray
    ids: list[int]
    said: list[bool]


def sets(folder: Path, *, unseen: bool = False) -> list[dict[str, list[Sprite]]]:
    """Load the pictures of things: those to train on, or those never trained on."""
    chosen = (things.UNSEEN,) if unseen else things.TRAINED
    loaded = [things.sprites(name, folder) for name in chosen]
    questions.use_names(list(loaded[0]))
    return loaded


def sample(seed: int, known: Sets, tokenizer: Tokenizer, size: tuple[int, int]) -> Sample:
    """Make the sample of a seed."""
    chance = random.Random(seed)
    single = chance.random() < 0.25
    made = world.scene(chance, known, most=1 if single else 6)
    picture = world.worn(world.draw(made, known, *size), chance)
    shown = size[0] * size[1] // (PATCH * MERGE) ** 2
    ids: list[int] = []
    said: list[bool] = []

    def put(some: Sequence[int], is_said: bool = False) -> None:
        ids.extend(some)
        said.extend([is_said] * len(some))

    before = chance.random() < 0.5
    for turn, asked in enumerate(questions.ask(made, chance, _TURNS)):
        put(tokenizer.encode("<|im_start|>user\n"))
        if turn == 0 and before:
            put(_picture(tokenizer, shown))
        put(tokenizer.encode(asked.question))
        if turn == 0 and not before:
            put(_picture(tokenizer, shown))
        put(tokenizer.encode("<|im_end|>\n<|im_start|>assistant\n"))
        put([*tokenizer.encode(asked.answer), tokenizer.end], True)
        put(tokenizer.encode("\n"))
    return Sample(picture, ids, said)


def _picture(tokenizer: Tokenizer, shown: int) -> list[int]:
    return [tokenizer.ids["<|image_start|>"], *[_PICTURE] * shown, tokenizer.ids["<|image_end|>"]]


def together(samples: Sequence[Sample]) -> tuple[Tensor, Tensor, Tensor]:
    """Give pictures (uint8), ids and which are answers, filled up to the longest."""
    longest = max(len(each.ids) for each in samples)
    ids = torch.zeros(len(samples), longest, dtype=torch.int64)
    said = torch.zeros(len(samples), longest, dtype=torch.bool)
    for i, each in enumerate(samples):
        ids[i, : len(each.ids)] = torch.tensor(each.ids)
        said[i, : len(each.said)] = torch.tensor(each.said)
    pictures = torch.from_numpy(np.stack([each.picture for each in samples]))
    return pictures, ids, said


def embedded(model: Nano, pictures: Tensor, ids: Tensor) -> Tensor:
    """Put pictures among the tokens."""
    seen = model.look(pictures.permute(0, 3, 1, 2).float() / 127.5 - 1)
    there = ids == _PICTURE
    x = model.embedded(ids.clamp(min=0))
    return x.masked_scatter(there[..., None], seen.to(x.dtype))


def _draw(
    folder: Path, tokenizer: Tokenizer, first: int, step: int, batch: int, queue: Any
) -> None:
    """Draw batches for ever, in a process of its own."""
    import cv2

    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    known = sets(folder)
    number = first
    while True:
        size = random.Random(number).choice(_SIZES)
        made = [sample(number * batch + i, known, tokenizer, size) for i in range(batch)]
        pictures, ids, said = together(made)
        queue.put((pictures.numpy(), ids.numpy(), said.numpy()))
        number += step


def batches(
    folder: Path, tokenizer: Tokenizer, first: int, batch: int, workers: int
) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Give batches as they are drawn."""
    context = multiprocessing.get_context("spawn")
    queue = context.Queue(8 * workers)
    for worker in range(workers):
        arguments = (folder, tokenizer, first + worker, workers, batch, queue)
        context.Process(target=_draw, args=arguments, daemon=True).start()
    while True:
        pictures, ids, said = (torch.from_numpy(each) for each in queue.get())
        yield pictures, ids, said


def answers(
    model: Nano, tokenizer: Tokenizer, pictures: Tensor, asked: Sequence[str], most: int = 64
) -> list[str]:
    """Answer one question about each of some pictures of one size, by the likeliest tokens."""
    shown = pictures.shape[1] * pictures.shape[2] // (PATCH * MERGE) ** 2
    device = next(model.parameters()).device
    order = sorted(range(len(asked)), key=lambda i: len(tokenizer.encode(asked[i])))
    found = dict[int, str]()
    groups: dict[int, list[int]] = {}
    prompts = {}
    for i in order:
        prompts[i] = [
            *tokenizer.encode("<|im_start|>user\n"), *_picture(tokenizer, shown),
            *tokenizer.encode(asked[i] + "<|im_end|>\n<|im_start|>assistant\n"),
        ]  # fmt: skip
        groups.setdefault(len(prompts[i]), []).append(i)
    with torch.no_grad():
        for members in groups.values():
            ids = torch.tensor([prompts[i] for i in members], device=device)
            some = pictures[members].to(device)
            x = embedded(model, some, ids)
            ended = torch.zeros(len(members), dtype=torch.bool, device=device)
            made: list[Tensor] = []
            for _ in range(most):
                best = model.read(x)[:, -1].argmax(-1)
                made.append(best)
                ended |= best == tokenizer.end
                if bool(ended.all()):
                    break
                x = torch.cat([x, model.embedded(best)[:, None]], 1)
            rows = torch.stack(made, 1).tolist()
            for i, row in zip(members, rows, strict=True):
                stop = row.index(tokenizer.end) if tokenizer.end in row else len(row)
                found[i] = tokenizer.decode(row[:stop])
    return [found[i] for i in range(len(asked))]


def score(model: Nano, tokenizer: Tokenizer, known: Sets, count: int) -> dict[str, float]:
    """Give the share of exact answers on scenes that were held back, by topic."""
    pictures, asked = [], []
    for number in range(count):
        chance = random.Random(_HELD + number)
        made = world.scene(chance, known, most=1 if number % 4 == 0 else 6)
        found = questions.ask(made, chance, 2)
        for each in found:
            pictures.append(world.draw(made, known, 256, 256))
            asked.append(each)
    said = answers(
        model, tokenizer, torch.from_numpy(np.stack(pictures)), [each.question for each in asked]
    )
    right: dict[str, list[bool]] = {}
    for each, answer in zip(asked, said, strict=True):
        right.setdefault(each.topic, []).append(answer == each.answer)
        right.setdefault("all", []).append(answer == each.answer)
    return {topic: round(sum(hits) / len(hits), 3) for topic, hits in sorted(right.items())}


def tokenizer_of(folder: Path, out: Path) -> Tokenizer:
    """Read the run's tokenizer; learn it where there is none yet."""
    path = out / "tokens.json"
    if not path.exists():
        known = sets(folder)
        texts = []
        for seed in range(20_000):
            chance = random.Random(seed)
            for each in questions.ask(world.scene(chance, known), chance, _TURNS):
                texts += [each.question, each.answer]
        tokens.learn(texts, VOCABULARY).write(path)
    return tokens.read(path)


def load(out: Path, tokenizer: Tokenizer) -> tuple[Nano, dict[str, Any]]:
    """Give the model of a run as far as it is, and what is known of it."""
    model = Nano(Shape(vocabulary=-(-len(tokenizer.tokens) // 32) * 32))
    kept, told = out / "model.pt", {"step": 0, "samples": 0, "minutes": 0.0}
    if kept.exists():
        stored = torch.load(kept, weights_only=True)
        told = stored["told"]
        model.load_state_dict({k: v.float() for k, v in stored["weights"].items()})
    return model, told


def save(out: Path, model: Nano, told: dict[str, Any]) -> None:
    """Write a checkpoint, in place at once."""
    weights = {name: value.half() for name, value in model.state_dict().items()}
    part = out / "model.pt.tmp"
    torch.save({"weights": weights, "told": told}, part)
    part.replace(out / "model.pt")


def main() -> None:
    """Train."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=float, required=True)
    options.add_argument("--out", type=Path, default=OUT)
    options.add_argument("--cache", type=Path, default=CACHE)
    options.add_argument("--batch", type=int, default=32)
    options.add_argument("--rate", type=float, default=1e-3)
    options.add_argument("--finish", action="store_true", help="let the rate fall to its end")
    options.add_argument("--score-every", type=float, default=10.0, metavar="MINUTES")
    chosen = options.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cpu":
        torch.set_num_threads(os.cpu_count() or 1)
    tokenizer = tokenizer_of(chosen.cache, chosen.out)
    model, told = load(chosen.out, tokenizer)
    model.to(device)
    known = sets(chosen.cache)
    decayed = [p for p in model.parameters() if p.ndim > 1]
    plain = [p for p in model.parameters() if p.ndim <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.05}, {"params": plain, "weight_decay": 0.0}],
        lr=chosen.rate,
        betas=(0.9, 0.95),
    )
    workers = max(1, (os.cpu_count() or 2) - 2)
    coming = batches(chosen.cache, tokenizer, told["step"] + 1, chosen.batch, workers)
    began = noted = scored = time.monotonic()
    losses: list[float] = []
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
        share = passed / whole
        falling = 0.5 * (1 + math.cos(math.pi * share)) if chosen.finish else 1.0
        rate = chosen.rate * min(1.0, (steps + 1) / 100) * max(0.02, falling)
        for group in optimizer.param_groups:
            group["lr"] = rate
        pictures, ids, said = (each.to(device) for each in next(coming))
        with torch.autocast(device, torch.bfloat16):
            logits = model.read(embedded(model, pictures, ids[:, :-1]))
        wanted = torch.where(said[:, 1:], ids[:, 1:], -100)
        loss = fn.cross_entropy(logits.float().flatten(0, 1), wanted.flatten(), ignore_index=-100)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
        steps += 1
        told["step"] += 1
        told["samples"] += len(ids)
        told["minutes"] = before + (time.monotonic() - began) / 60
        if time.monotonic() - noted > 60:
            noted = time.monotonic()
            note(
                loss=round(sum(losses) / len(losses), 4),
                rate=round(rate, 6),
                samples=told["samples"],
            )
            losses.clear()
            save(chosen.out, model, told)
        if time.monotonic() - scored > 60 * chosen.score_every:
            scored = time.monotonic()
            note(scores=score(model, tokenizer, known, 150))
    save(chosen.out, model, told)
    note(scores=score(model, tokenizer, known, 400), ended=True)


if __name__ == "__main__":
    main()

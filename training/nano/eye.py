"""Teach the eye what things are, before it is asked about them.

    python -m training.nano.eye --minutes 40 [--out FOLDER] [--finish]

Trains the ViT and the projector alone, on what each token of a drawn picture stands for (`cells`).
It goes on where an earlier run ended; `train` begins with what it has learned.
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import os
import random
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from training.nano import cells, world
from training.nano.model import PATCH, Nano, Shape
from training.nano.runs import HELD, OUT, SIZES, VOCABULARY, Optimizer, seen, sets
from training.nano.things import CACHE


def draw(
    seed: int, known: Any, numbers: dict[str, int], size: tuple[int, int], *, wear: bool = True
) -> tuple[np.ndarray, cells.Told]:
    """Draw the picture of a seed, and say what is where in it."""
    chance = random.Random(seed)
    most = 1 if chance.random() < 0.2 else 9
    made = world.scene(chance, known, most=most, named=0.8, tiny=chance.random() < 0.04)
    picture = world.draw(made, known, *size)
    if wear:
        picture = world.worn(picture, chance)
    return picture, cells.tell(made, numbers, *size)


def _drawn(folder: Path, first: int, step: int, batch: int, queue: Any) -> None:
    import cv2

    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    known = sets(folder)
    numbers = cells.numbers(list(known[0]))
    number = first
    while True:
        size = random.Random(number).choice(SIZES)
        count = max(1, batch * 256 * 256 // (size[0] * size[1]))
        made = [draw(number * batch + i, known, numbers, size) for i in range(count)]
        told = cells.stacked([each for _, each in made])
        queue.put((np.stack([p for p, _ in made]), *(each.numpy() for each in told)))
        number += step


def begin(model: Nano, pictures: Tensor) -> None:
    """Let the first layer see waves instead of noise, and near patches attend to each other.

    The filters are the lowest of the discrete cosine transform, in light and two differences of
    colour, each as strong as is usual in `pictures`, (n, 3, height, width); positions are sines
    and cosines; keys begin as queries, so that like attends to like. All of it goes on learning.
    """
    weights = model.tensors()
    filters = weights["v.patch_embd.weight"]
    width = filters.shape[0]
    steps = (torch.arange(PATCH) + 0.5) * math.pi / PATCH
    waves = torch.stack([torch.cos(u * steps) for u in range(PATCH)])
    pairs = sorted(((u, v) for u in range(PATCH) for v in range(PATCH)), key=lambda p: (sum(p), p))
    hues = torch.tensor([[1.0, 1, 1], [1, -1, 0], [0.5, 0.5, -1]])
    shares = (width // 2, width // 4, width - width // 2 - width // 4)
    made = torch.stack([
        hue[:, None, None] * waves[u][:, None] * waves[v][None, :]
        for hue, count in zip(hues, shares, strict=True)
        for u, v in pairs[:count]
    ])  # fmt: skip
    usual = torch.nn.functional.conv2d(pictures, made, stride=PATCH).pow(2).mean((0, 2, 3)).sqrt()
    turned = torch.linalg.qr(torch.randn(width, width))[0]
    made = made / usual[:, None, None, None].clamp(min=usual.max() * 1e-3)
    side = model.shape.image // PATCH
    places = torch.arange(side) / side
    quarter = width // 4
    rates = math.pi * torch.logspace(0, math.log10(side), quarter)
    angles = places[:, None] * rates[None, :]
    line = torch.cat([angles.sin(), angles.cos()], 1)
    grid = torch.cat([
        line[:, None, :].expand(side, side, -1), line[None, :, :].expand(side, side, -1),
    ], -1).reshape(side * side, width)  # fmt: skip
    with torch.no_grad():
        filters.copy_(torch.einsum("ab,bcde->acde", turned, made))
        weights["v.position_embd.weight"].copy_(
            grid @ torch.linalg.qr(torch.randn(width, width))[0]
        )
        for i in range(model.shape.eye_layers):
            weights[f"v.blk.{i}.attn_k.weight"].copy_(weights[f"v.blk.{i}.attn_q.weight"])


def score(model: Nano, heads: cells.Heads, folder: Path, *, unseen: bool) -> float:
    """Give the share of things named rightly by the token at their centre, on held-back scenes."""
    known = sets(folder, unseen=unseen)
    numbers = cells.numbers(list(sets(folder)[0]))
    hits = total = 0
    with torch.no_grad():
        for number in range(0, 256, 32):
            made = [
                draw(HELD + number + i, known, numbers, (256, 256), wear=False) for i in range(32)
            ]
            things, _, places = cells.stacked([told for _, told in made])
            pictures = torch.from_numpy(np.stack([p for p, _ in made]))
            device = next(model.parameters()).device
            looked = model.look(seen(pictures.to(device)))
            right, count = heads.right(looked.cpu(), things, places)
            hits, total = hits + int(right), total + int(count)
    return round(hits / total, 4)


def load(out: Path, kinds: int) -> tuple[Nano, cells.Heads, dict[str, Any]]:
    """Give the eye of a run as far as it is, in a model that has not learned to read."""
    model = Nano(Shape(vocabulary=VOCABULARY))
    heads = cells.Heads(model.shape.width, kinds)
    told: dict[str, Any] = {"step": 0, "pictures": 0, "minutes": 0.0}
    if (out / "eye.pt").exists():
        stored = torch.load(out / "eye.pt", weights_only=True)
        told = stored["told"]
        model.load_state_dict({k: v.float() for k, v in stored["eye"].items()}, strict=False)
        heads.load_state_dict({k: v.float() for k, v in stored["heads"].items()})
    return model, heads, told


def save(out: Path, model: Nano, heads: cells.Heads, told: dict[str, Any]) -> None:
    """Write a checkpoint, in place at once."""
    keys = model.eye()
    eye = {k: v.half() for k, v in model.state_dict().items() if k in keys}
    part = out / "eye.pt.tmp"
    kept = {k: v.half() for k, v in heads.state_dict().items()}
    torch.save({"eye": eye, "heads": kept, "told": told}, part)
    part.replace(out / "eye.pt")


def main() -> None:
    """Train."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=float, required=True)
    options.add_argument("--out", type=Path, default=OUT)
    options.add_argument("--cache", type=Path, default=CACHE)
    options.add_argument("--batch", type=int, default=48)
    options.add_argument("--rate", type=float, default=1.5e-3)
    options.add_argument("--finish", action="store_true", help="let the rate fall to its end")
    chosen = options.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.set_num_threads(os.cpu_count() or 1)
    known = sets(chosen.cache)
    numbers = cells.numbers(list(known[0]))
    kinds = max(numbers.values()) + 1
    model, heads, told = load(chosen.out, kinds)
    if not told["step"]:
        some = [draw(-1 - i, known, numbers, (256, 256))[0] for i in range(64)]
        begin(model, seen(torch.from_numpy(np.stack(some))))
    model.to(device)
    heads.to(device)
    keys = model.eye()
    named = [(k, p) for k, p in model.named_parameters() if k in keys]
    optimizer = Optimizer([*named, *heads.named_parameters()])
    learning = [*(p for _, p in named), *heads.parameters()]
    look = torch.compile(model.look, dynamic=False)
    context = multiprocessing.get_context("spawn")
    workers = max(1, (os.cpu_count() or 2) - 2)
    queue = context.Queue(6 * workers)
    for worker in range(workers):
        arguments = (chosen.cache, told["step"] + 1 + worker, workers, chosen.batch, queue)
        context.Process(target=_drawn, args=arguments, daemon=True).start()
    log = (chosen.out / "eye.jsonl").open("a")
    began = noted = time.monotonic()
    before, steps, losses = told["minutes"], 0, list[float]()
    hits = total = 0

    def note(**facts: Any) -> None:
        line = json.dumps({"minutes": round(told["minutes"], 2), "step": told["step"], **facts})
        print(line, flush=True)
        log.write(line + "\n")
        log.flush()

    while (share := (time.monotonic() - began) / (60 * chosen.minutes)) < 1:
        falling = 0.5 * (1 + math.cos(math.pi * share)) if chosen.finish else 1.0
        pictures, *rest = (torch.from_numpy(each).to(device) for each in queue.get())
        things, colours, places = rest
        with torch.autocast(device, torch.bfloat16):
            looked: Tensor = look(seen(pictures))
        loss = heads.loss(looked.float(), things, colours, places)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learning, 1.0)
        optimizer.step(chosen.rate * min(1.0, (steps + 1) / 200) * max(0.02, falling))
        with torch.no_grad():
            right, count = heads.right(looked.float(), things, places)
        hits, total = hits + int(right), total + int(count)
        losses.append(loss.item())
        steps += 1
        told["step"] += 1
        told["pictures"] += len(pictures)
        told["minutes"] = before + (time.monotonic() - began) / 60
        if time.monotonic() - noted > 60:
            noted = time.monotonic()
            mean = sum(losses) / len(losses)
            note(loss=round(mean, 4), named=round(hits / total, 4), pictures=told["pictures"])
            losses, hits, total = [], 0, 0
            save(chosen.out, model, heads, told)
    save(chosen.out, model, heads, told)
    note(
        known=score(model, heads, chosen.cache, unseen=False),
        unseen=score(model, heads, chosen.cache, unseen=True),
    )


if __name__ == "__main__":
    main()

"""Teach the eye what things are, before it is asked about them.

    python -m training.nano.eye --minutes 40 [--out FOLDER] [--finish]

Trains the ViT and the projector alone, on what each token of a drawn picture stands for (`cells`).
It goes on where an earlier run ended; `train` begins with what it has learned.
"""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from training.nano import cells, world
from training.nano.model import PATCH, Nano
from training.nano.runs import (
    HELD,
    SHAPES,
    SIZES,
    Optimizer,
    Run,
    alone,
    device,
    drawing,
    halves,
    options,
    seen,
    sets,
    write,
)  # fmt: skip


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


def _drawn(first: int, step: int, queue: Any, folder: Path, batch: int) -> None:
    alone()
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


def load(out: Path, kinds: int, size: str = "small") -> tuple[Nano, cells.Heads, dict[str, Any]]:
    """Give the eye of a run as far as it is, in a model that has not learned to read.

    Where lessons have taught it more since, that is what it is. `size` is that of a run that has not
    begun.
    """
    told: dict[str, Any] = {"step": 0, "pictures": 0, "minutes": 0.0, "size": size}
    stored: dict[str, Any] = {}
    if (out / "eye.pt").exists():
        stored = torch.load(out / "eye.pt", weights_only=True)
        told |= {"size": "small", **stored["told"]}
    model = Nano(SHAPES[told["size"]])
    heads = cells.Heads(model.shape.width, kinds)
    if stored:
        model.load_state_dict({k: v.float() for k, v in stored["eye"].items()}, strict=False)
        heads.load_state_dict({k: v.float() for k, v in stored["heads"].items()})
    if (out / "model.pt").exists():
        later = torch.load(out / "model.pt", weights_only=True)
        if later["told"].get("eye") == told["step"]:
            eye = {k: later["weights"][k].float() for k in model.eye()}
            model.load_state_dict(eye, strict=False)
            heads.load_state_dict({k: v.float() for k, v in later["heads"].items()})
    return model, heads, told


def save(out: Path, model: Nano, heads: cells.Heads, told: dict[str, Any]) -> None:
    """Write a checkpoint, in place at once."""
    keys = model.eye()
    eye = {k: v for k, v in model.state_dict().items() if k in keys}
    write(out / "eye.pt", {"eye": halves(eye), "heads": halves(heads.state_dict()), "told": told})


def main() -> None:
    """Train."""
    chosen = options(__doc__, batch=48, rate=1.5e-3)
    where = device()
    known = sets(chosen.cache)
    numbers = cells.numbers(list(known[0]))
    model, heads, told = load(chosen.out, cells.kinds(numbers), chosen.size)
    if not told["step"]:
        some = [draw(-1 - i, known, numbers, (256, 256))[0] for i in range(64)]
        begin(model, seen(torch.from_numpy(np.stack(some))))
    model.to(where)
    heads.to(where)
    keys = model.eye()
    named = [(k, p) for k, p in model.named_parameters() if k in keys]
    optimizer = Optimizer([*named, *heads.named_parameters()])
    learning = [*(p for _, p in named), *heads.parameters()]
    look = torch.compile(model.look, dynamic=False)
    queue = drawing(_drawn, told["step"] + 1, chosen.cache, chosen.batch)
    run = Run(chosen, told, "eye.jsonl", 200)
    losses: list[float] = []
    hits = total = 0
    while run.share < 1:
        pictures, *rest = (torch.from_numpy(each).to(where) for each in queue.get())
        things, colours, places = rest
        with torch.autocast(where, torch.bfloat16):
            looked: Tensor = look(seen(pictures))
        loss = heads.loss(looked.float(), things, colours, places)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learning, 1.0)
        optimizer.step(run.rate)
        with torch.no_grad():
            right, count = heads.right(looked.float(), things, places)
        hits, total = hits + int(right), total + int(count)
        losses.append(loss.item())
        run.stepped("pictures", len(pictures))
        if run.due():
            mean = sum(losses) / len(losses)
            run.note(loss=round(mean, 4), named=round(hits / total, 4), pictures=told["pictures"])
            losses, hits, total = [], 0, 0
            save(chosen.out, model, heads, told)
    save(chosen.out, model, heads, told)
    run.note(
        known=score(model, heads, chosen.cache, unseen=False),
        unseen=score(model, heads, chosen.cache, unseen=True),
    )


if __name__ == "__main__":
    main()

"""Train the CAPTCHA detector and write `sightline/perception/captcha.onnx`.

    python -m training.captcha --fonts /usr/share/fonts --photos FOLDER --photos FOLDER --scans FOLDER
        [--drawn FOLDER] [--pictures 100000] [--epochs 14] [--anew]

Needs what `training/README.md` lists. It goes on from the network that is there, in some minutes
on two cores; with `--anew` from nothing, which takes about half an hour, most of it drawing. A
sixth of the photographs and scans is kept from it: it prints how many of those would be refused at
several bounds, for choosing `THRESHOLD`. `bench/captcha.py` measures on the half of each folder
that is never looked at here, and on generators that are not drawn with.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import sys
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import torch
from PIL import Image
from torch import nn

from sightline.perception.captcha import HEIGHT, WIDTH, canvas
from training.captchas import captcha
from training.ordinary import handled, ordinary
from training.packages import typefaces
from training.photographs import Album, folders
from training.short_text import short_text
from training.symbols import figure, symbols

OUT = Path(__file__).parent.parent / "sightline" / "perception" / "captcha.onnx"


class Net(nn.Module):
    """Five strided convolutions, an average and a maximum over the picture, two layers."""

    def __init__(self) -> None:
        super().__init__()
        widths = [3, 20, 48, 72, 104, 136]
        layers: list[nn.Module] = []
        for i, (before, after) in enumerate(zip(widths, widths[1:], strict=False)):
            size = 5 if i == 0 else 3
            layers += [
                nn.Conv2d(before, after, size, 2, size // 2, bias=False),
                nn.BatchNorm2d(after),
                nn.ReLU(),
            ]
            if i in (1, 2, 3):
                layers += [nn.Conv2d(after, after, 3, 1, 1, groups=after, bias=False),
                           nn.Conv2d(after, after, 1, bias=False), nn.BatchNorm2d(after), nn.ReLU()]  # fmt: skip
        self.body = nn.Sequential(*layers)
        self.head = nn.Sequential(nn.Dropout(0.2), nn.Linear(272, 48), nn.ReLU(), nn.Linear(48, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        seen = self.body(x)
        return self.head(torch.cat([seen.mean((2, 3)), seen.amax((2, 3))], 1))[:, 0]


@dataclass(frozen=True)
class Sources:
    """What pictures are drawn with."""

    fonts: tuple[str, ...]
    photos: tuple[str, ...]
    scans: tuple[str, ...]
    drawn: str = ""
    choosing: bool = False


@cache
def _album(sources: Sources) -> Album:
    return Album(list(sources.photos), list(sources.scans), choosing=sources.choosing)


CAPTCHAS, PHOTOGRAPHS = 0.36, 0.33  # of all pictures; of those that are none
SYMBOLS, FIGURES, SHORT = 0.22, 0.08, 0.4  # of those that neither a camera made


def _draw(job: tuple[int, int, Sources]) -> tuple[np.ndarray, np.ndarray]:
    """Draw pictures with what each is: 0 drawn and ordinary, 1 a CAPTCHA, 2 of a camera."""
    seed, count, sources = job
    cv2.setNumThreads(1)
    chance = random.Random(seed)
    fonts = list(sources.fonts)
    pictures = np.empty((count, 3, HEIGHT, WIDTH), np.uint8)
    kinds = np.empty(count, np.uint8)
    for i in range(count):
        one = chance.random()
        kind = 1 if one < CAPTCHAS else 2 if one < CAPTCHAS + PHOTOGRAPHS * (1 - CAPTCHAS) else 0
        while True:
            try:
                if kind == 2:
                    image = _album(sources).draw(chance, fonts)
                elif kind == 1:
                    image = captcha(chance, fonts, sources.drawn)
                else:
                    image = _plain(chance, fonts)
                image = handled(chance, image)
                break
            except (OSError, ValueError, ZeroDivisionError, IndexError):
                continue  # a font without these letters, a generator's own slip
        pictures[i] = ((canvas(np.asarray(image)) + 1) * 127.5).round().astype(np.uint8)
        kinds[i] = kind
    return pictures, kinds


def _plain(chance: random.Random, fonts: list[str]) -> Image.Image:
    drawers = (symbols, figure, short_text, ordinary)
    shares = (SYMBOLS, FIGURES, SHORT, 1 - SYMBOLS - FIGURES - SHORT)
    return chance.choices(drawers, shares)[0](chance, fonts)


def draw(
    count: int, seed: int, sources: Sources, processes: int | None
) -> tuple[np.ndarray, np.ndarray]:
    jobs = [(seed * 100_003 + i, 250, sources) for i in range(count // 250)]
    with multiprocessing.Pool(processes) as pool:
        drawn = []
        for done in pool.imap_unordered(_draw, jobs):
            drawn.append(done)
            sys.stderr.write(f"\rdrawn {len(drawn) * 250}")
    sys.stderr.write("\n")
    return np.concatenate([p for p, _ in drawn]), np.concatenate([n for _, n in drawn])


def usable(folder: str) -> list[str]:
    """The font files whose letters and digits can be drawn."""
    from PIL import ImageFont

    skip = (
        "Symbol",
        "Emoji",
        "Math",
        "Dingbat",
        "icon",
        "Noto",
        "Lohit",
        "ttc",
        "D050000L",
        "Bold Italic",
    )
    found = []
    for path in sorted(p for end in ("*.ttf", "*.otf") for p in Path(folder).rglob(end)):
        if any(s in path.name for s in skip):
            continue
        try:
            font = ImageFont.truetype(str(path), 20)
            if font.getlength("Ag9") > 10 and len({bytes(font.getmask(c)) for c in "ABab12"}) == 6:
                found.append(str(path))
        except OSError:
            continue
    return found


def main() -> None:
    made = argparse.ArgumentParser()
    made.add_argument("--fonts", required=True)
    made.add_argument("--photos", action="append", default=[], help="a folder of photographs")
    made.add_argument("--scans", action="append", default=[], help="a folder of scanned papers")
    made.add_argument("--drawn", default="", help="a folder of CAPTCHAs that captchas.mjs drew")
    made.add_argument("--pictures", type=int, default=100_000)
    made.add_argument("--epochs", type=int, default=14)
    made.add_argument("--rate", type=float, default=4e-3, help="the highest learning rate")
    made.add_argument("--anew", action="store_true", help="begin with nothing")
    made.add_argument("--seed", type=int, default=1)
    made.add_argument("--processes", type=int, help="how many draw at once")
    made.add_argument("--cache", help="a .npz file that keeps the drawn pictures")
    options = made.parse_args()
    torch.manual_seed(options.seed)
    photos, scans = tuple(folders(options.photos)), tuple(folders(options.scans))
    if options.cache and Path(options.cache).exists():
        stored = np.load(options.cache)
        pictures, kinds = stored["pictures"], stored["kinds"]
        others, other_kinds = stored["others"], stored["other_kinds"]
    else:
        faces = (*usable(options.fonts), *typefaces(held=False))
        sources = Sources(faces, photos, scans, options.drawn)
        print(len(sources.fonts), "fonts")
        pictures, kinds = draw(options.pictures, options.seed, sources, options.processes)
        kept = replace(sources, choosing=bool(photos))
        others, other_kinds = draw(options.pictures // 6, options.seed + 1, kept, options.processes)
        if options.cache:
            np.savez(
                options.cache,
                pictures=pictures,
                kinds=kinds,
                others=others,
                other_kinds=other_kinds,
            )
    net = Net().to(memory_format=torch.channels_last)
    print(sum(p.numel() for p in net.parameters()), "parameters")
    if not options.anew:
        restore(net, pictures[:2000])
    train(net, pictures, kinds, options.epochs, options.rate)
    report(net, others, other_kinds)
    export(net)


def restore(net: Net, pictures: np.ndarray) -> None:
    """Begin with the network that is there.

    Its file has each normalisation folded into the convolution before. They are unfolded with what
    the layers give for some pictures, so that the network says the same and can go on learning.
    """
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(str(OUT)).graph
    arrays = {t.name: torch.from_numpy(numpy_helper.to_array(t).copy()) for t in graph.initializer}
    folded = [
        [arrays[name] for name in node.input[1:]]
        for node in graph.node
        if node.op_type in ("Conv", "Gemm")
    ]
    x = torch.from_numpy(pictures).float() / 127.5 - 1
    bias: torch.Tensor | None = None
    with torch.no_grad():
        for layer in net.body:
            if isinstance(layer, nn.Conv2d):
                weight, *rest = folded.pop(0)
                layer.weight.copy_(weight)
                bias = rest[0] if rest else torch.zeros(len(weight))
                x = layer(x)
            elif isinstance(layer, nn.BatchNorm2d):
                assert bias is not None
                mean, spread = x.mean((0, 2, 3)), x.var((0, 2, 3), unbiased=False)
                layer.running_mean.copy_(mean)
                layer.running_var.copy_(spread)
                layer.weight.copy_((spread + layer.eps).sqrt())
                layer.bias.copy_(bias + mean)
                x = x + bias[:, None, None]
            else:
                x = layer(x)
        for layer in net.head:
            if isinstance(layer, nn.Linear):
                weight, offset = folded.pop(0)
                layer.weight.copy_(weight)
                layer.bias.copy_(offset)
    assert not folded


def train(net: Net, pictures: np.ndarray, kinds: np.ndarray, epochs: int, rate: float) -> None:
    batch = 128
    steps = epochs * (len(pictures) // batch)
    optimiser = torch.optim.AdamW(net.parameters(), rate / 2, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps)
    labels = (kinds == 1).astype(np.float32)
    # A wrong refusal costs more than a CAPTCHA let through.
    weigh = torch.nn.BCEWithLogitsLoss(reduction="none")
    order = np.random.default_rng(0)
    for epoch in range(epochs):
        net.train()
        total = 0.0
        shuffled = order.permutation(len(pictures))
        for at in range(0, len(shuffled) - batch + 1, batch):
            rows = np.sort(shuffled[at : at + batch])
            x = torch.from_numpy(pictures[rows]).float() / 127.5 - 1
            x = varied(x).to(memory_format=torch.channels_last)
            y = torch.from_numpy(labels[rows])
            target = y * 0.98 + 0.01
            with torch.autocast("cpu", torch.bfloat16):
                logits = net(x)
            losses = weigh(logits.float(), target) * torch.where(y > 0, 1.0, 3.0)
            loss = losses.mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item()
        print(f"epoch {epoch + 1}: loss {total / (len(pictures) // batch):.4f}", flush=True)


def varied(x: torch.Tensor) -> torch.Tensor:
    """Swap colours, turn light into dark, change contrast: more than the drawers vary them."""
    count = len(x)
    swapped = torch.argsort(torch.rand(count, 3), 1)
    kept = torch.rand(count, 1) < 0.5
    swapped = torch.where(kept, torch.arange(3), swapped)
    x = torch.gather(x, 1, swapped[:, :, None, None].expand_as(x))
    sign = torch.where(torch.rand(count, 1, 1, 1) < 0.15, -1.0, 1.0)
    gain = 0.7 + 0.4 * torch.rand(count, 1, 1, 1)
    return x * sign * gain + 0.3 * torch.rand(count, 1, 1, 1) - 0.15


def report(net: Net, pictures: np.ndarray, kinds: np.ndarray) -> None:
    net.eval()
    with torch.no_grad():
        scores = torch.cat([
            torch.sigmoid(net(torch.from_numpy(pictures[i : i + 500]).float() / 127.5 - 1))
            for i in range(0, len(pictures), 500)
        ]).numpy()  # fmt: skip
    for bound in (0.5, 0.7, 0.8, 0.85, 0.9, 0.92, 0.95, 0.97, 0.98):
        caught, drawn, taken = ((scores[kinds == kind] >= bound).mean() for kind in (1, 0, 2))
        print(f"at {bound}: {caught:.2%} of CAPTCHAs refused, {drawn:.2%} of drawn pictures, "
              f"{taken:.2%} of photographs and scans")  # fmt: skip


def export(net: Net) -> None:
    net.eval().to(memory_format=torch.contiguous_format)
    example = (torch.zeros(1, 3, HEIGHT, WIDTH),)
    torch.onnx.export(net, example, str(OUT), input_names=["picture"], output_names=["logit"],
                      dynamo=False, opset_version=17)  # fmt: skip
    print("wrote", OUT.stat().st_size, "bytes")


if __name__ == "__main__":
    main()

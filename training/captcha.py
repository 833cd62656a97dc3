"""Train the CAPTCHA detector and write `sightline/perception/captcha.onnx`.

    python -m training.captcha --fonts /usr/share/fonts [--pictures 100000] [--epochs 14]

Needs what `training/README.md` lists. Two cores take about half an hour, most of it drawing. It
prints the score on pictures that were held back, by drawers that were trained on;
`bench/captcha.py` measures on ones that were not.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

from sightline.perception.captcha import HEIGHT, WIDTH, canvas
from training.captchas import captcha
from training.ordinary import handled, ordinary

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


def _draw(job: tuple[int, int, list[str]]) -> tuple[np.ndarray, np.ndarray]:
    seed, count, fonts = job
    chance = random.Random(seed)
    pictures = np.empty((count, 3, HEIGHT, WIDTH), np.uint8)
    labels = np.empty(count, np.float32)
    for i in range(count):
        positive = chance.random() < 0.4
        while True:
            try:
                image = handled(chance, (captcha if positive else ordinary)(chance, fonts))
                break
            except (OSError, ValueError, ZeroDivisionError, IndexError):
                continue  # a font without these letters, a generator's own slip
        pictures[i] = ((canvas(np.asarray(image)) + 1) * 127.5).round().astype(np.uint8)
        labels[i] = positive
    return pictures, labels


def draw(count: int, seed: int, fonts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    jobs = [(seed * 100_003 + i, 250, fonts) for i in range(count // 250)]
    with multiprocessing.Pool() as pool:
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
    made.add_argument("--pictures", type=int, default=100_000)
    made.add_argument("--epochs", type=int, default=14)
    made.add_argument("--seed", type=int, default=1)
    made.add_argument("--cache", help="a .npz file that keeps the drawn pictures")
    options = made.parse_args()
    torch.manual_seed(options.seed)
    if options.cache and Path(options.cache).exists():
        stored = np.load(options.cache)
        pictures, labels = stored["pictures"], stored["labels"]
    else:
        fonts = usable(options.fonts)
        print(len(fonts), "fonts")
        pictures, labels = draw(options.pictures, options.seed, fonts)
        if options.cache:
            np.savez(options.cache, pictures=pictures, labels=labels)
    held = len(pictures) // 10
    net = Net().to(memory_format=torch.channels_last)
    print(sum(p.numel() for p in net.parameters()), "parameters")
    train(net, pictures[held:], labels[held:], options.epochs)
    report(net, pictures[:held], labels[:held])
    export(net)


def train(net: Net, pictures: np.ndarray, labels: np.ndarray, epochs: int) -> None:
    batch = 128
    steps = epochs * (len(pictures) // batch)
    optimiser = torch.optim.AdamW(net.parameters(), 2e-3, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=steps)
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
            losses = weigh(net(x), target) * torch.where(y > 0, 1.0, 3.0)
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


def report(net: Net, pictures: np.ndarray, labels: np.ndarray) -> None:
    net.eval()
    with torch.no_grad():
        scores = torch.cat([
            torch.sigmoid(net(torch.from_numpy(pictures[i : i + 500]).float() / 127.5 - 1))
            for i in range(0, len(pictures), 500)
        ]).numpy()  # fmt: skip
    for threshold in (0.3, 0.5, 0.7, 0.9):
        caught = (scores[labels > 0] >= threshold).mean()
        wrong = (scores[labels == 0] >= threshold).mean()
        print(f"at {threshold}: {caught:.2%} of CAPTCHAs refused, {wrong:.2%} of others")


def export(net: Net) -> None:
    net.eval().to(memory_format=torch.contiguous_format)
    example = (torch.zeros(1, 3, HEIGHT, WIDTH),)
    torch.onnx.export(net, example, str(OUT), input_names=["picture"], output_names=["logit"],
                      dynamo=False, opset_version=17)  # fmt: skip
    print("wrote", OUT.stat().st_size, "bytes")


if __name__ == "__main__":
    main()

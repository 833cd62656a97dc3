"""Train the network of `sightline/perception/legibility.py` and write `lettering.onnx` beside it.

    python -m training.lettering --fonts /usr/share/fonts [--pictures 24000] [--epochs 12]

Lines of made-up words in many typefaces and scripts are drawn, turned, spoiled, and cut out by the
same code that will cut them out in use; rows of shapes found in pictures without text are the rest.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import nn

from sightline.perception.legibility import CROP_HEIGHT, CROP_WIDTH, crop, runs
from training.captcha import usable
from training.ordinary import handled, number, pair, pattern, photograph, phrase

OUT = Path(__file__).parent.parent / "sightline" / "perception" / "lettering.onnx"

# Script to the names of fonts that have it and its letters, as ranges of code points.
SCRIPTS: dict[str, tuple[tuple[str, ...], tuple[tuple[int, int], ...]]] = {
    "cyrillic": (("DejaVu", "Liberation", "Roboto", "Free", "OpenSans", "Cantarell", "Lato", "Comic"), ((0x410, 0x44F),)),
    "greek": (("DejaVu", "Liberation", "Roboto", "Free", "OpenSans", "Cantarell", "Lato", "Comic"), ((0x391, 0x3A1), (0x3A3, 0x3A9), (0x3B1, 0x3C9))),
    "arabic": (("NotoSansArabic", "NotoNaskhArabic", "NotoKufi"), ((0x627, 0x63A), (0x641, 0x64A))),
    "hebrew": (("NotoSansHebrew", "NotoSerifHebrew", "DejaVuSans-Bold", "FreeSans"), ((0x5D0, 0x5EA),)),
    "devanagari": (("NotoSansDevanagari", "NotoSerifDevanagari", "Lohit-Deva"), ((0x915, 0x939), (0x93E, 0x948))),
    "bengali": (("NotoSansBengali", "NotoSerifBengali"), ((0x995, 0x9A8), (0x9BE, 0x9C3))),
    "tamil": (("NotoSansTamil", "NotoSerifTamil"), ((0xB95, 0xB95), (0xB9A, 0xB9A), (0xBAE, 0xBB9), (0xBBE, 0xBC2))),
    "thai": (("NotoSansThai", "NotoSerifThai", "Loma", "Garuda"), ((0xE01, 0xE2E), (0xE30, 0xE39))),
    "georgian": (("NotoSansGeorgian", "NotoSerifGeorgian", "DejaVuSans"), ((0x10D0, 0x10F0),)),
    "armenian": (("NotoSansArmenian", "NotoSerifArmenian", "DejaVuSans"), ((0x531, 0x556), (0x561, 0x586))),
    "ethiopic": (("NotoSansEthiopic", "NotoSerifEthiopic"), ((0x1200, 0x1246), (0x1260, 0x12A0))),
    "han": (("wqy", "ipag", "fonts-japanese"), ((0x4E00, 0x7FFF),)),
    "kana": (("ipag", "wqy", "fonts-japanese"), ((0x3041, 0x3093), (0x30A1, 0x30F3))),
    "hangul": (("Nanum",), ((0xAC00, 0xD7A3),)),
}  # fmt: skip
LETTERS = "eeeeetttaaooiinnsshhrrddllcuummwffggyyppbvk"
ACCENTED = "éèêëàâäáãåæçîïíñôöóõøœùûüúýßžščřłąęğış"


class Net(nn.Module):
    """Convolutions down to one row, then an average and a maximum along the line."""

    def __init__(self) -> None:
        super().__init__()
        widths, strides = [1, 16, 32, 48, 64, 96], [2, 2, (2, 2), (2, 1), (2, 1)]
        layers: list[nn.Module] = []
        for before, after, stride in zip(widths, widths[1:], strides, strict=False):
            layers += [
                nn.Conv2d(before, after, 3, stride, 1, bias=False),
                nn.BatchNorm2d(after),
                nn.ReLU(),
            ]
        self.body = nn.Sequential(*layers)
        self.head = nn.Sequential(nn.Dropout(0.1), nn.Linear(192, 64), nn.ReLU(), nn.Linear(64, 3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        seen = self.body(x)
        return self.head(torch.cat([seen.mean((2, 3)), seen.amax((2, 3))], 1))


def latin(chance: random.Random) -> str:
    kind = chance.random()
    if kind < 0.35:
        return phrase(chance, 6)
    if kind < 0.45:
        return " ".join(number(chance) for _ in range(chance.randint(1, 3)))
    letters = LETTERS + (ACCENTED if chance.random() < 0.4 else "")
    words = [
        "".join(chance.choice(letters) for _ in range(chance.randint(2, 10)))
        for _ in range(chance.randint(1, 7))
    ]
    style = chance.choice([str.lower, str.title, str.upper, lambda t: t.capitalize() + "."])
    return style(" ".join(words))


def foreign(chance: random.Random, script: str) -> str:
    ranges = SCRIPTS[script][1]
    dense = script in ("han", "kana", "thai")

    def word() -> str:
        return "".join(
            chr(chance.randint(*chance.choice(ranges)))
            for _ in range(chance.randint(2, 12 if dense else 8))
        )

    text = " ".join(word() for _ in range(chance.randint(1, 3 if dense else 6)))
    if script in ("cyrillic", "greek", "armenian"):
        text = chance.choice([str.lower, str.title, str.upper])(text)
    return text + (f" {chance.randint(1, 2026)}" if chance.random() < 0.15 else "")


def page(chance: random.Random, fonts: dict[str, list[str]], script: str) -> Image.Image:
    """A picture of a few lines in one script."""
    ground, ink = pair(chance)
    size = chance.randint(9, 64)
    font = ImageFont.truetype(chance.choice(fonts[script]), size)
    lines = [
        latin(chance) if script == "latin" else foreign(chance, script)
        for _ in range(chance.randint(1, 5))
    ]
    width = int(max(font.getlength(line) for line in lines)) + 40
    image = Image.new("RGB", (min(1600, width), int(size * 1.6 * len(lines)) + 40), ground)
    draw = ImageDraw.Draw(image)
    for i, line in enumerate(lines):
        draw.text((20, 20 + i * size * 1.6), line, font=font, fill=ink)
    if chance.random() < 0.3:
        image = image.rotate(chance.uniform(-3, 3), Image.Resampling.BICUBIC, fillcolor=ground)
    return handled(chance, image)


def _draw(job: tuple[int, int, dict[str, list[str]]]) -> tuple[np.ndarray, np.ndarray]:
    seed, count, fonts = job
    chance = random.Random(seed)
    crops, labels = [], []
    # Those whose letters are most like Latin ones are shown most.
    scripts = [s for s in fonts if s != "latin"] + ["cyrillic", "greek"] * 3
    for _ in range(count):
        kind = chance.random()
        try:
            if kind < 0.35:
                image = handled(
                    chance, chance.choice([photograph, pattern])(chance, fonts["latin"])
                )
                target = (0.0, -1.0, -1.0)
            else:
                script = "latin" if kind < 0.68 else chance.choice(scripts)
                image = page(chance, fonts, script)
                quarter = chance.choice([0, 0, 1, 2, 2, 3])
                image = image.rotate(-90 * quarter, expand=True)  # clockwise
                # Quarter turns are made level, clockwise again, before the network sees them.
                over = quarter in (1, 2)
                target = (1.0, float(over), float(script != "latin"))
        except (OSError, ValueError, ZeroDivisionError, IndexError):
            continue
        pixels = np.asarray(image)
        found = runs(pixels)
        if target[0]:
            level = quarter % 2 == 0
            found = [r for r in found if r.upright == level and r.letters >= 4]
        for run in chance.sample(found, min(3 if target[0] else 12, len(found))):
            crops.append(crop(pixels, run))
            labels.append(target)
    return np.asarray(crops, np.float16).reshape(-1, 1, CROP_HEIGHT, CROP_WIDTH), np.asarray(
        labels, np.float32
    ).reshape(-1, 3)


def collect(folder: str) -> dict[str, list[str]]:
    found = {"latin": usable(folder)}
    paths = [p for end in ("*.ttf", "*.otf", "*.ttc") for p in Path(folder).rglob(end)]
    for script, (names, ranges) in SCRIPTS.items():
        sample = chr(ranges[0][0])
        fonts = []
        for path in sorted(paths):
            if not any(path.name.startswith(name) for name in names):
                continue
            font = ImageFont.truetype(str(path), 20)
            if bytes(font.getmask(sample)) != bytes(font.getmask("\U0010fffe")):
                fonts.append(str(path))
        if fonts:
            found[script] = random.Random(0).sample(fonts, min(24, len(fonts)))
    return found


def main() -> None:
    made = argparse.ArgumentParser()
    made.add_argument("--fonts", required=True)
    made.add_argument("--pictures", type=int, default=24_000)
    made.add_argument("--epochs", type=int, default=12)
    made.add_argument("--seed", type=int, default=1)
    options = made.parse_args()
    torch.manual_seed(options.seed)
    fonts = collect(options.fonts)
    print({script: len(names) for script, names in fonts.items()})
    jobs = [(options.seed * 100_003 + i, 200, fonts) for i in range(options.pictures // 200)]
    drawn = []
    with multiprocessing.Pool() as pool:
        for done in pool.imap_unordered(_draw, jobs):
            drawn.append(done)
            sys.stderr.write(f"\rdrawn {len(drawn) * 200}")
    crops = np.concatenate([c for c, _ in drawn])
    labels = np.concatenate([n for _, n in drawn])
    print(len(crops), "crops;", labels.clip(0).mean(0).round(2))
    held = len(crops) // 10
    net = Net()
    train(net, crops[held:], labels[held:], options.epochs)
    report(net, crops[:held], labels[:held])
    net.eval()
    torch.onnx.export(net, (torch.zeros(2, 1, CROP_HEIGHT, CROP_WIDTH),), str(OUT), input_names=["lines"],
                      output_names=["logits"], dynamic_axes={"lines": {0: "n"}, "logits": {0: "n"}},
                      dynamo=False, opset_version=17)  # fmt: skip
    print("wrote", OUT.stat().st_size, "bytes")


def train(net: Net, crops: np.ndarray, labels: np.ndarray, epochs: int) -> None:
    batch = 128
    steps = epochs * (len(crops) // batch)
    optimiser = torch.optim.AdamW(net.parameters(), 2e-3, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=steps)
    order = np.random.default_rng(0)
    for epoch in range(epochs):
        net.train()
        total = 0.0
        shuffled = order.permutation(len(crops))
        for at in range(0, len(shuffled) - batch + 1, batch):
            rows = shuffled[at : at + batch]
            x = torch.from_numpy(crops[rows].astype(np.float32))
            y = torch.from_numpy(labels[rows])
            x = x * torch.where(torch.rand(len(x), 1, 1, 1) < 0.3, -1.0, 1.0)
            known = (y >= 0).float()
            losses = nn.functional.binary_cross_entropy_with_logits(
                net(x), y.clamp(0, 1) * 0.98 + 0.01, reduction="none"
            )
            loss = (losses * known).sum() / known.sum()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item()
        print(f"epoch {epoch + 1}: loss {total / (len(crops) // batch):.4f}", flush=True)


def report(net: Net, crops: np.ndarray, labels: np.ndarray) -> None:
    net.eval()
    with torch.no_grad():
        scores = torch.sigmoid(net(torch.from_numpy(crops.astype(np.float32)))).numpy()
    for i, name in enumerate(("writing", "turned", "foreign")):
        known = labels[:, i] >= 0
        right = ((scores[known, i] >= 0.5) == (labels[known, i] > 0)).mean()
        print(f"{name}: {right:.2%} right of {known.sum()}")


if __name__ == "__main__":
    main()

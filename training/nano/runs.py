"""What all trainings share: where runs are kept, which pictures they see, how they learn."""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from training.nano import questions, things
from training.nano.model import Shape
from training.nano.things import CACHE, Sprite

OUT = CACHE / "run"
VOCABULARY = 2048
SHAPES = {
    "small": Shape(VOCABULARY),
    # As large as may come with the package; for a GPU.
    "base": Shape(
        VOCABULARY, layers=7, width=384, heads=6, kv_heads=2, feed=1024,
        eye_width=256, eye_heads=4, eye_feed=1024,
    ),
}  # fmt: skip
HELD = 10_000_000  # seeds from here on are never trained on
# Width and height: 64 tokens at least, as llama.cpp has it. What is sent in full is larger than what
# is sent at low detail.
SIZES = ((256, 256), (256, 256), (256, 256), (352, 192), (192, 352), (384, 384))
Sets = Sequence[Mapping[str, Sequence[Sprite]]]


def sets(folder: Path, *, unseen: bool = False) -> list[dict[str, list[Sprite]]]:
    """Load the pictures of things: those to train on, or those never trained on."""
    chosen = (things.UNSEEN,) if unseen else things.TRAINED
    loaded = [things.sprites(name, folder) for name in chosen]
    questions.use_names(list(loaded[0]))
    return loaded


def options(about: str | None, *, batch: int, rate: float) -> argparse.Namespace:
    """Read what every training is told on the command line; make the run's folder."""
    made = argparse.ArgumentParser(description=about)
    made.add_argument("--minutes", type=float, required=True)
    made.add_argument("--out", type=Path, default=OUT)
    made.add_argument("--cache", type=Path, default=CACHE)
    made.add_argument("--batch", type=int, default=batch)
    made.add_argument("--rate", type=float, default=rate)
    made.add_argument(
        "--size", choices=tuple(SHAPES), default="small", help="of a run that has not begun"
    )
    made.add_argument("--finish", action="store_true", help="let the rate fall to its end")
    made.add_argument("--score-every", type=float, default=25.0, metavar="MINUTES")
    chosen = made.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    return chosen


def device() -> str:
    """Say where to train, and let all cores of the processor do it."""
    torch.set_num_threads(os.cpu_count() or 1)
    return "cuda" if torch.cuda.is_available() else "cpu"


def drawing(work: Callable[..., None], first: int, *arguments: Any) -> Any:
    """Have processes draw ahead; give the queue that they fill.

    `work` is called with the number to begin with, the step to the next, the queue and `arguments`.
    """
    context = multiprocessing.get_context("spawn")
    workers = max(1, (os.cpu_count() or 2) - 2)
    queue = context.Queue(8 * workers)
    for worker in range(workers):
        given = (first + worker, workers, queue, *arguments)
        context.Process(target=work, args=given, daemon=True).start()
    return queue


def alone() -> None:
    """Let a process that draws use one core."""
    import cv2

    torch.set_num_threads(1)
    cv2.setNumThreads(1)


def halves(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Give tensors in half precision, as checkpoints keep them."""
    return {name: value.half() for name, value in tensors.items()}


def write(path: Path, stored: Mapping[str, Any]) -> None:
    """Write a checkpoint, in place at once."""
    part = path.with_suffix(".tmp")
    torch.save(dict(stored), part)
    part.replace(path)


class Run:
    """A run as it goes on: how far it is, how fast it learns, and its log.

    `told` is what its checkpoint keeps of it: steps, minutes, and how much was seen. The rate rises
    over `warm` steps, and falls to its end where the run is to finish.
    """

    def __init__(
        self, chosen: argparse.Namespace, told: dict[str, Any], log: str, warm: int
    ) -> None:
        self.told = told
        self._chosen, self._warm = chosen, warm
        self._log = (chosen.out / log).open("a")
        self._before, self._steps = told["minutes"], 0
        self._began = self._noted = self._scored = time.monotonic()

    @property
    def share(self) -> float:
        """How much of its time is over, from 0 to 1."""
        return (time.monotonic() - self._began) / (60 * self._chosen.minutes)

    @property
    def rate(self) -> float:
        """The rate to learn at now."""
        falling = 0.5 * (1 + math.cos(math.pi * min(1.0, self.share)))
        risen = min(1.0, (self._steps + 1) / self._warm)
        return float(self._chosen.rate * risen * max(0.02, falling if self._chosen.finish else 1.0))

    def stepped(self, what: str, count: int) -> None:
        """Count a step, and what was seen in it."""
        self._steps += 1
        self.told["step"] += 1
        self.told[what] += count
        self.told["minutes"] = self._before + (time.monotonic() - self._began) / 60

    def due(self) -> bool:
        """Say whether a minute is over since this was last said."""
        if time.monotonic() - self._noted < 60:
            return False
        self._noted = time.monotonic()
        return True

    def to_score(self) -> bool:
        """Say whether it is time for scores."""
        if time.monotonic() - self._scored < 60 * self._chosen.score_every:
            return False
        self._scored = time.monotonic()
        return True

    def note(self, **facts: Any) -> None:
        """Write a line of the log, and print it."""
        told = {"minutes": round(self.told["minutes"], 2), "step": self.told["step"], **facts}
        line = json.dumps(told)
        print(line, flush=True)
        self._log.write(line + "\n")
        self._log.flush()


def seen(pictures: Tensor) -> Tensor:
    """Turn pictures, (n, height, width, 3) of 0 to 255, into what the model looks at."""
    return pictures.permute(0, 3, 1, 2).float() / 127.5 - 1


class Optimizer:
    """Muon for the matrices of the layers, which learn faster by it; AdamW for the rest.

    The rate means the same to both: Muon's steps are scaled to those of AdamW.
    """

    def __init__(self, named: Iterable[tuple[str, nn.Parameter]]) -> None:
        listed = list(named)
        layers = [p for name, p in listed if p.ndim == 2 and "blk" in name]
        held = {id(p) for p in layers}
        rest = [p for _, p in listed if id(p) not in held]
        self._parts: list[torch.optim.Optimizer] = [
            torch.optim.AdamW(
                [
                    {"params": [p for p in rest if p.ndim > 1], "weight_decay": 0.05},
                    {"params": [p for p in rest if p.ndim <= 1], "weight_decay": 0.0},
                ],
                lr=1.0,
                betas=(0.9, 0.98),
                fused=True,
            )
        ]
        if layers:
            self._parts.append(
                torch.optim.Muon(layers, lr=1.0, weight_decay=0.05, adjust_lr_fn="match_rms_adamw")
            )

    def step(self, rate: float) -> None:
        """Take a step at this rate, and forget the gradients."""
        for part in self._parts:
            for group in part.param_groups:
                group["lr"] = rate
            part.step()
            part.zero_grad(set_to_none=True)

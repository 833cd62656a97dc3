"""What all trainings share: where runs are kept, which pictures they see, how they learn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from training.nano import questions, things
from training.nano.things import CACHE, Sprite

OUT = CACHE / "run"
VOCABULARY = 2048
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

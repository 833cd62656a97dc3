"""What each token of a picture stands for, known from its scene: the eye is taught by it.

Answers alone teach an eye little: a word at a time. A scene says of every token of its picture which
thing it shows, which colour, and how far it is to that thing's centre. Linear layers that read this
from the tokens are trained beside the model and are not part of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as fn
from numpy.typing import NDArray
from torch import Tensor, nn

from training.nano.model import MERGE, PATCH
from training.nano.world import COLOURS, SHAPES, Scene

_CELL = PATCH * MERGE
_UNTOLD = -100
_COVERED = 0.25  # of a cell, from which on it shows a thing
_COLOURS = {colour: i for i, colour in enumerate(COLOURS)}


@dataclass(frozen=True)
class Told:
    """Of each token: the thing's number (0 is the ground), its colour's, and where it is.

    `places` has the distance of the thing's centre in cells, across and down, the logarithm of its
    side in cells, and whether the centre is in this very cell.
    """

    things: NDArray[np.int64]
    colours: NDArray[np.int64]
    places: NDArray[np.float32]


def numbers(names: Sequence[str]) -> dict[str, int]:
    """Number names and shapes, from 1."""
    return {name: i for i, name in enumerate([*sorted(names), *SHAPES], start=1)}


def kinds(numbers: Mapping[str, int]) -> int:
    """Count the kinds that a token may show, with the ground."""
    return max(numbers.values()) + 1


def tell(scene: Scene | None, known: dict[str, int], width: int, height: int) -> Told:
    """Say what the tokens of a picture stand for; nothing of one that is no scene of things."""
    down, across = height // _CELL, width // _CELL
    things = np.full((down, across), 0 if scene else _UNTOLD, np.int64)
    colours = np.full((down, across), _UNTOLD, np.int64)
    places = np.zeros((down, across, 4), np.float32)
    if scene is None:
        return Told(things.ravel(), colours.ravel(), places.reshape(-1, 4))
    colours[:] = _COLOURS[scene.ground]
    best = np.full((down, across), _COVERED)
    left, top = np.arange(across) * _CELL, np.arange(down) * _CELL
    unit = min(width, height)
    for thing in scene.things:
        half = thing.side * unit * 0.46
        x, y = thing.x * width, thing.y * height
        wide = np.clip(np.minimum(x + half, left + _CELL) - np.maximum(x - half, left), 0, None)
        high = np.clip(np.minimum(y + half, top + _CELL) - np.maximum(y - half, top), 0, None)
        cover = high[:, None] * wide[None, :] / min(_CELL**2, (2 * half) ** 2)
        row, column = min(down - 1, int(y // _CELL)), min(across - 1, int(x // _CELL))
        cover[row, column] = max(cover[row, column], 2.0)
        here = cover >= best  # what is drawn later lies above
        best = np.where(here, cover, best)
        things[here] = known[thing.name]
        colours[here] = _UNTOLD if thing.colour is None else _COLOURS[thing.colour]
        places[here, 3] = 0
        places[here, 0] = np.broadcast_to(x / _CELL - np.arange(across) - 0.5, here.shape)[here]
        places[here, 1] = np.broadcast_to((y / _CELL - np.arange(down) - 0.5)[:, None], here.shape)[
            here
        ]
        places[here, 2] = np.log(thing.side * unit / _CELL)
        places[row, column, 3] = 1
    return Told(things.ravel(), colours.ravel(), places.reshape(-1, 4))


class Heads(nn.Module):
    """Linear layers from a token to what it stands for."""

    def __init__(self, width: int, kinds: int) -> None:
        super().__init__()
        self.kinds = nn.Linear(width, kinds)
        self.colours = nn.Linear(width, len(COLOURS))
        self.places = nn.Linear(width, 4)

    def loss(self, seen: Tensor, things: Tensor, colours: Tensor, places: Tensor) -> Tensor:
        """Give how far tokens, (n, tokens, width), are from what they stand for."""
        told = (things >= 0).float()
        thing = (things > 0).float()
        kinds = fn.cross_entropy(
            self.kinds(seen).float().flatten(0, 1), things.flatten(), ignore_index=_UNTOLD,
            reduction="none",
        ).view_as(things)  # fmt: skip
        weight = thing + 0.1 * (told - thing)
        named = (kinds * weight).sum() / weight.sum().clamp(min=1)
        coloured = fn.cross_entropy(
            self.colours(seen).float().flatten(0, 1), colours.flatten(), ignore_index=_UNTOLD,
            reduction="none",
        ).sum() / (colours >= 0).sum().clamp(min=1)  # fmt: skip
        guessed = self.places(seen).float()
        where = fn.smooth_l1_loss(guessed[..., :3], places[..., :3], reduction="none").sum(-1)
        centred = fn.binary_cross_entropy_with_logits(
            guessed[..., 3], places[..., 3], reduction="none"
        )
        placed = (where * thing).sum() / thing.sum().clamp(min=1)
        found = (centred * told).sum() / told.sum().clamp(min=1)
        return named + 0.5 * coloured + 0.5 * placed + 2 * found

    def right(self, seen: Tensor, things: Tensor, places: Tensor) -> tuple[Tensor, Tensor]:
        """Give how many centres of things were named rightly, and how many there were."""
        centre = (places[..., 3] > 0.5) & (things > 0)
        best = self.kinds(seen).argmax(-1)
        return ((best == things) & centre).sum(), centre.sum()


def stacked(told: Sequence[Told]) -> tuple[Tensor, Tensor, Tensor]:
    """Give things, colours and places of several pictures of one size."""
    return (
        torch.from_numpy(np.stack([each.things for each in told])),
        torch.from_numpy(np.stack([each.colours for each in told])),
        torch.from_numpy(np.stack([each.places for each in told])),
    )

"""Scenes: what is in a picture, and the picture. The same seed draws the same.

A scene is known before it is drawn, so that every question about it has an exact answer. Things
are emoji, which have names, and shapes, which have names and colours.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from training.nano.things import Sprite

Pixels = NDArray[np.uint8]
COLOURS = {
    "red": (214, 40, 40), "orange": (245, 140, 30), "yellow": (245, 215, 50), "green": (45, 160, 65),
    "blue": (45, 95, 215), "purple": (135, 60, 175), "pink": (245, 140, 185), "brown": (130, 80, 45),
    "black": (25, 25, 25), "white": (248, 248, 248), "gray": (135, 135, 135),
}  # fmt: skip
SHAPES = (
    "circle", "square", "triangle", "rectangle", "oval", "ring", "cross", "star", "hexagon", "arrow",
)  # fmt: skip
_FAR = 90.0  # least distance of a shape's colour from its ground, in RGB
_SIDES = {  # of the picture; what is alone in it is often larger
    "tiny": (0.055, 0.075), "small": (0.11, 0.15), "medium": (0.19, 0.24), "large": (0.30, 0.40),
    "alone": (0.45, 0.75),
}  # fmt: skip
_APART, _OVER = 0.52, 0.36  # how near things come: not touching, or one partly over another
_GROUNDS = ("plain", "plain", "plain", "shade", "noise", "stripes", "checks", "blobs")
HELD_GROUNDS = ("waves", "dots", "rays")  # never trained on, to measure with


@dataclass(frozen=True)
class Thing:
    """One thing of a scene: its centre and side as shares of the picture's."""

    name: str
    colour: str | None
    size: str
    x: float
    y: float
    side: float
    sprite: int = 0

    @property
    def words(self) -> str:
        """What it is called: a red circle, a dog."""
        return f"{self.colour} {self.name}" if self.colour else self.name


@dataclass(frozen=True)
class Scene:
    """What is in a picture, the first drawn first; the ground's colour, and how it is drawn."""

    things: tuple[Thing, ...]
    ground: str
    pattern: str
    seed: int

    @property
    def plain(self) -> bool:
        """Whether the ground is of one colour, so that it can be asked about."""
        return self.pattern == "plain"


def scene(
    chance: random.Random,
    sets: Sequence[Mapping[str, Sequence[Sprite]]],
    *,
    most: int = 6,
    named: float = 0.6,
    tiny: bool = False,
) -> Scene:
    """Make a scene of 1 to `most` things, a share `named` of them emoji; all of them tiny or none."""
    ground = chance.choice(list(COLOURS))
    pattern = chance.choice(_GROUNDS)
    names = sorted(sets[0])
    count = chance.choices(range(1, most + 1), [3, 3, 3, *[2] * most][:most])[0]
    # Now and then several of a kind, for counting.
    kinds = [_kind(chance, names, ground, named) for _ in range(count)]
    if count > 1 and chance.random() < 0.5:
        same = chance.randint(2, count)
        kinds[:same] = [kinds[0]] * same
    chance.shuffle(kinds)
    placed: list[Thing] = []
    gap = _OVER if count > 1 and chance.random() < 0.15 else _APART
    for name, colour in kinds:
        sizes = ["tiny"] if tiny else ["large", "medium", "small"]
        if count == 1 and chance.random() < 0.4:
            sizes = ["alone"]
        thing = _placed(chance, name, colour, placed, sizes, gap)
        if thing is not None:
            placed.append(thing)
    return Scene(tuple(placed), ground, pattern, chance.getrandbits(32))


def _kind(
    chance: random.Random, names: Sequence[str], ground: str, named: float
) -> tuple[str, str | None]:
    if chance.random() < named:
        return chance.choice(names), None
    far = [c for c in COLOURS if math.dist(COLOURS[c], COLOURS[ground]) > _FAR]
    return chance.choice(SHAPES), chance.choice(far)


def _placed(
    chance: random.Random,
    name: str,
    colour: str | None,
    others: Sequence[Thing],
    sizes: Sequence[str],
    gap: float,
) -> Thing | None:
    """Find room for a thing, a smaller one where there is little; None where there is none."""
    for size in sizes[sizes.index(chance.choice(sizes)) :]:
        for _ in range(12):
            side = chance.uniform(*_SIDES[size])
            x, y = (chance.uniform(side / 2 + 0.01, 0.99 - side / 2) for _ in range(2))
            if all(apart(x, y, side, o) > gap for o in others):
                said = "large" if size == "alone" else size
                return Thing(name, colour, said, x, y, side, chance.getrandbits(16))
    return None


def apart(x: float, y: float, side: float, other: Thing) -> float:
    """Say how far a place is from a thing: below one half their boxes overlap."""
    return max(abs(x - other.x), abs(y - other.y)) / (side + other.side)


def draw(
    made: Scene, sets: Sequence[Mapping[str, Sequence[Sprite]]], width: int, height: int
) -> Pixels:
    """Draw a scene: (height, width, 3), RGB. Things keep their proportions on any format."""
    chance = random.Random(made.seed)
    picture = _ground(chance, made, width, height)
    unit = min(width, height)
    for thing in made.things:
        side = max(4, round(thing.side * unit))
        centre = round(thing.x * width), round(thing.y * height)
        if thing.colour is None:
            kind = sets[thing.sprite % len(sets)]
            several = kind.get(thing.name) or sets[0][thing.name]
            sprite = several[thing.sprite // len(sets) % len(several)]
            _paste(picture, sprite, centre, side, chance)
        else:
            _shape(picture, thing, centre, side, chance)
    return picture


def worn(picture: Pixels, chance: random.Random) -> Pixels:
    """Wear a picture as use does: JPEG, blur, noise, light, scaling."""
    if chance.random() < 0.2:
        picture = cv2.GaussianBlur(picture, (3, 3), chance.uniform(0.3, 0.9))
    if chance.random() < 0.3:
        gain, shift = chance.uniform(0.85, 1.1), chance.uniform(-12, 12)
        picture = cv2.convertScaleAbs(picture, alpha=gain, beta=max(0.0, shift))
    if chance.random() < 0.4:
        quality = [cv2.IMWRITE_JPEG_QUALITY, chance.randint(40, 95)]
        picture = cv2.imdecode(cv2.imencode(".jpg", picture, quality)[1], cv2.IMREAD_COLOR)
    return np.asarray(picture, np.uint8)


def _tint(chance: random.Random, colour: str) -> tuple[int, int, int]:
    spread = 8 if colour in ("black", "white", "gray") else 16
    r, g, b = (min(255, max(0, c + chance.randint(-spread, spread))) for c in COLOURS[colour])
    return r, g, b


def _ground(chance: random.Random, made: Scene, width: int, height: int) -> Pixels:
    base = np.array(_tint(chance, made.ground), np.float32)
    picture = np.broadcast_to(base, (height, width, 3)).copy()
    if made.pattern == "shade":
        ramp = np.linspace(-28, 28, height, dtype=np.float32)[:, None, None]
        picture += ramp if chance.random() < 0.5 else -ramp
    elif made.pattern == "noise":
        rng = np.random.default_rng(made.seed)
        coarse = rng.normal(0, 14, (max(2, height // 8), max(2, width // 8))).astype(np.float32)
        picture += cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)[:, :, None]
    elif made.pattern == "blobs":
        for _ in range(chance.randint(2, 6)):
            tone = [min(255.0, max(0.0, c + chance.uniform(-22, 22))) for c in base.tolist()]
            centre = chance.randrange(width), chance.randrange(height)
            axes = chance.randint(20, width // 2), chance.randint(20, height // 2)
            cv2.ellipse(picture, centre, axes, chance.randrange(180), 0, 360, tone, -1, cv2.LINE_AA)
    elif made.pattern in HELD_GROUNDS:
        across, down = np.meshgrid(np.arange(width), np.arange(height))
        step = chance.randint(10, 24)
        if made.pattern == "waves":
            field = np.sin((down + step / 2 * np.sin(across / step)) * np.pi / step)
        elif made.pattern == "dots":
            field = np.hypot(across % step - step / 2, down % step - step / 2) < step / 4
        else:
            turned = np.arctan2(down - height * chance.random(), across - width * chance.random())
            field = np.floor(turned * step / np.pi) % 2
        field = np.asarray(field, np.float32)[:, :, None]
        picture += (field - field.mean()) * chance.choice((-24, 24))
    elif made.pattern in ("stripes", "checks"):
        step = chance.randint(8, 24)
        across = (np.arange(width) // step % 2).astype(np.float32)
        down = (np.arange(height) // step % 2).astype(np.float32)
        field = np.abs(across[None, :] - down[:, None]) if made.pattern == "checks" else (
            np.broadcast_to(across[None, :], (height, width))
            if chance.random() < 0.5
            else np.broadcast_to(down[:, None], (height, width))
        )  # fmt: skip
        picture += (field[:, :, None] - 0.5) * chance.choice((-24, 24))
    return np.clip(picture, 0, 255).astype(np.uint8)


def _paste(
    picture: Pixels, sprite: Sprite, centre: tuple[int, int], side: int, chance: random.Random
) -> None:
    height, width = sprite.shape[:2]
    scale = side / max(height, width)
    size = max(2, round(width * scale)), max(2, round(height * scale))
    shrinks = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    alpha = sprite[:, :, 3:].astype(np.float32) / 255
    # Colours are weighted by their cover, or the transparent ones would show at the rim.
    whole = np.concatenate([sprite[:, :, :3] * alpha, alpha], axis=2)
    if chance.random() < 0.3:
        whole = whole[:, ::-1]
    whole = _restyled(np.ascontiguousarray(whole), chance)
    whole = cv2.resize(whole, size, interpolation=shrinks)
    x, y = centre[0] - size[0] // 2, centre[1] - size[1] // 2
    x, y = max(0, x), max(0, y)
    part = picture[y : y + size[1], x : x + size[0]]
    whole = whole[: part.shape[0], : part.shape[1]]
    part[:] = np.clip(part * (1 - whole[:, :, 3:]) + whole[:, :, :3], 0, 255).astype(np.uint8)


def _restyled(whole: NDArray[np.float32], chance: random.Random) -> NDArray[np.float32]:
    """Turn a sprite a little, squeeze it, change its light and the strength of its colours."""
    height, width = whole.shape[:2]
    if chance.random() < 0.35:
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), chance.uniform(-14, 14), 0.95)
        turn[0] *= chance.uniform(0.85, 1.0)
        whole = cv2.warpAffine(whole, turn, (width, height), flags=cv2.INTER_LINEAR)
    if chance.random() < 0.4:
        alpha = whole[:, :, 3:]
        gray = whole[:, :, :3].mean(axis=2, keepdims=True)
        strength, light = chance.uniform(0.4, 1.3), chance.uniform(0.8, 1.12)
        mixed = (gray + (whole[:, :, :3] - gray) * strength) * light
        whole = np.concatenate([np.clip(mixed, 0, 255 * alpha), alpha], axis=2)
    return whole


def _shape(
    picture: Pixels, thing: Thing, centre: tuple[int, int], side: int, chance: random.Random
) -> None:
    colour = _tint(chance, thing.colour or "gray")
    x, y = centre
    half = side / 2
    if thing.name in ("circle", "oval", "ring"):
        axes = (round(half), round(half * (0.6 if thing.name == "oval" else 1)))
        if thing.name == "oval" and chance.random() < 0.5:
            axes = axes[::-1]
        thick = max(2, round(side * 0.16)) if thing.name == "ring" else -1
        if thick > 0:
            axes = axes[0] - thick // 2, axes[1] - thick // 2
        cv2.ellipse(picture, centre, axes, 0, 0, 360, colour, thick, cv2.LINE_AA)
        return
    turn = {"square": 0.0, "rectangle": 0.0}.get(thing.name, chance.uniform(-0.2, 0.2))
    if thing.name == "arrow":
        turn = chance.choice((0, 1, 2, 3)) * math.pi / 2
    points = np.array(_OUTLINES[thing.name], np.float32) * half
    if thing.name == "rectangle" and chance.random() < 0.5:
        points = points[:, ::-1]
    cos, sin = math.cos(turn), math.sin(turn)
    points = points @ np.array([[cos, sin], [-sin, cos]], np.float32) + (x, y)
    cv2.fillPoly(picture, [np.round(points * 16).astype(np.int32)], colour, cv2.LINE_AA, 4)


def _round(count: int, *radii: float) -> list[tuple[float, float]]:
    """Points around the centre, the first at the top, at these distances in turn."""
    return [
        (
            radii[i % len(radii)] * math.sin(2 * math.pi * i / count),
            -radii[i % len(radii)] * math.cos(2 * math.pi * i / count),
        )
        for i in range(count)
    ]


_OUTLINES = {
    "square": [(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
    "rectangle": [(-1, -0.5), (1, -0.5), (1, 0.5), (-1, 0.5)],
    "triangle": _round(3, 1.0),
    "hexagon": _round(6, 1.0),
    "star": _round(10, 1.0, 0.42),
    "cross": [(-0.3, -1), (0.3, -1), (0.3, -0.3), (1, -0.3), (1, 0.3), (0.3, 0.3), (0.3, 1),
              (-0.3, 1), (-0.3, 0.3), (-1, 0.3), (-1, -0.3), (-0.3, -0.3)],
    "arrow": [(-1, -0.25), (0.1, -0.25), (0.1, -0.7), (1, 0), (0.1, 0.7), (0.1, 0.25), (-1, 0.25)],
}  # fmt: skip

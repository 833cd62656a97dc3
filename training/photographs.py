"""Photographs and scans as people send them: whole, cut, stretched, graded, with words; no CAPTCHA.

They come from folders of one's own and from scikit-image and scikit-learn. Of a folder every
other picture is taken, see `halves`; `bench/captcha.py` measures with those between.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from training.captchas import colour
from training.halves import half
from training.ordinary import face, number, phrase

_KEPT = 720  # pixels on the long side: more than the network looks at of any picture
_CHOOSING = 6  # one training picture in so many is kept back, to choose the bound with


@cache
def pictures(folder: str, *, choosing: bool) -> tuple[Image.Image, ...]:
    """Load a folder's training half: what is trained on, or what the bound is chosen with."""
    paths = half(folder, measured=False)
    return tuple(
        _small(Image.open(path).convert("RGB"))
        for i, path in enumerate(paths)
        if (i % _CHOOSING == _CHOOSING - 1) == choosing
    )


@cache
def shipped() -> tuple[Image.Image, ...]:
    """Give the pictures of scikit-image and scikit-learn that `bench/captcha.py` does not use."""
    from skimage import data
    from sklearn import datasets

    names = ("astronaut", "coffee", "camera", "rocket", "brick", "grass", "gravel", "moon", "cell",
             "logo", "colorwheel", "microaneurysms", "checkerboard")  # fmt: skip
    found = [getattr(data, name)() for name in names]
    found += [*data.stereo_motorcycle()[:2], datasets.load_sample_images().images[0]]
    faces = (data.lfw_subset()[:100] * 255).astype(np.uint8)
    found += [np.hstack(faces[i : i + 10]) for i in range(0, 100, 10)]
    return tuple(_small(Image.fromarray(p[..., :3] if p.ndim == 3 else p).convert("RGB")) for p in found)  # fmt: skip


def _small(image: Image.Image) -> Image.Image:
    image.thumbnail((_KEPT, _KEPT), Image.Resampling.LANCZOS)
    return image


def photograph(chance: random.Random, fonts: list[str], images: tuple[Image.Image, ...]) -> Image.Image:  # fmt: skip
    """One photograph, whole or in part, as it is or as people change them."""
    image = chance.choice(images)
    shape = chance.random()
    if shape < 0.35:
        image = _trimmed(chance, image)
    elif shape < 0.6:
        image = _cut(chance, image, chance.uniform(0.5, 2.2))
    elif shape < 0.9:  # the shapes that CAPTCHAs have
        image = _cut(chance, image, chance.uniform(1.8, 6))
    else:  # banners and panoramas
        image = _cut(chance, image, chance.uniform(6, 16))
    if chance.random() < 0.5:
        image = ImageOps.mirror(image)
    if chance.random() < 0.08:
        image = ImageOps.flip(image)
    if chance.random() < 0.06:
        image = image.rotate(chance.choice([90, 270]), expand=True)
    if chance.random() < 0.6:
        image = _graded(chance, image)
    if chance.random() < 0.2:
        image = chance.choice(_CHANGES)(chance, image)
    if chance.random() < 0.22:
        _worded(chance, image, fonts)
    if chance.random() < 0.05:
        image = _beside(chance, image, chance.choice(images))
    return image


def scan(chance: random.Random, fonts: list[str], images: tuple[Image.Image, ...]) -> Image.Image:
    """A receipt or another scan: whole, a block, or some of its lines."""
    image = chance.choice(images)
    kind = chance.random()
    if kind < 0.2:
        image = _trimmed(chance, image)
    elif kind < 0.5:
        image = _cut(chance, image, chance.uniform(0.5, 2.5))
    else:  # a few lines
        width = int(image.width * chance.uniform(0.25, 1))
        height = max(12, int(width / chance.uniform(2, 12)))
        image = _at(chance, image, width, min(height, image.height))
    if chance.random() < 0.4:
        image = image.rotate(chance.uniform(-8, 8), Image.Resampling.BICUBIC, expand=True,
                             fillcolor=image.getpixel((1, 1)))  # fmt: skip
    return _graded(chance, image) if chance.random() < 0.4 else image


def _trimmed(chance: random.Random, image: Image.Image) -> Image.Image:
    w, h = image.size
    x, y = (int(side * chance.uniform(0, 0.12)) for side in (w, h))
    right, bottom = (side - int(side * chance.uniform(0, 0.12)) for side in (w, h))
    return image.crop((x, y, right, bottom))


def _cut(chance: random.Random, image: Image.Image, ratio: float) -> Image.Image:
    largest = min(image.width, int(image.height * ratio))
    width = max(40, int(largest * chance.uniform(0.25, 1)))
    return _at(chance, image, width, max(16, int(width / ratio)))


def _at(chance: random.Random, image: Image.Image, width: int, height: int) -> Image.Image:
    width, height = min(width, image.width), min(height, image.height)
    x, y = chance.randint(0, image.width - width), chance.randint(0, image.height - height)
    return image.crop((x, y, x + width, y + height))


def _graded(chance: random.Random, image: Image.Image) -> Image.Image:
    """Another exposure, contrast and tint."""
    light = np.asarray(image, np.float32) / 255
    light = light ** chance.uniform(0.6, 1.6)
    tint = np.array([chance.uniform(0.85, 1.15) for _ in range(3)], np.float32)
    light = (light - 0.5) * chance.uniform(0.6, 1.5) + 0.5 + chance.uniform(-0.12, 0.12)
    if chance.random() < 0.3:
        grey = light.mean(axis=2, keepdims=True)
        light = grey + (light - grey) * chance.uniform(0, 2)
    return Image.fromarray((np.clip(light * tint, 0, 1) * 255).astype(np.uint8))


def _sketched(chance: random.Random, image: Image.Image) -> Image.Image:
    """A drawing with a pencil, made of a photograph."""
    grey = np.asarray(image.convert("L"))
    blurred = cv2.GaussianBlur(255 - grey, (0, 0), chance.uniform(1.5, 8))
    drawn = cv2.divide(grey, np.maximum(1, 255 - blurred), scale=255)
    return Image.fromarray(drawn).convert("RGB")


def _flat(chance: random.Random, image: Image.Image) -> Image.Image:
    """A poster's few colours."""
    return ImageOps.posterize(image.filter(ImageFilter.MedianFilter(3)), chance.randint(1, 3))


def _stark(chance: random.Random, image: Image.Image) -> Image.Image:
    """Black and white alone, as a stamp, a fax or a cut-out."""
    grey = np.asarray(image.convert("L"))
    return Image.fromarray((grey > np.quantile(grey, chance.uniform(0.2, 0.8))) * np.uint8(255)).convert("RGB")  # fmt: skip


def _grainy(chance: random.Random, image: Image.Image) -> Image.Image:
    numbers = np.random.default_rng(chance.randint(0, 9**9))
    grain = numbers.normal(0, chance.uniform(6, 30), (image.height, image.width, chance.choice([1, 3])))  # fmt: skip
    return Image.fromarray(np.clip(np.asarray(image) + grain, 0, 255).astype(np.uint8))


def _cut_out(chance: random.Random, image: Image.Image) -> Image.Image:
    """A thing before an even ground, as shops show it."""
    mask = Image.new("L", image.size, 0)
    w, h = image.size
    inset = chance.uniform(0.05, 0.3)
    draw = ImageDraw.Draw(mask)
    shape = chance.choice([draw.ellipse, draw.rectangle])
    shape([int(w * inset), int(h * inset), int(w * (1 - inset)), int(h * (1 - inset))], fill=255)
    ground = chance.choice([(255, 255, 255), colour(chance)])
    return Image.composite(image, Image.new("RGB", image.size, ground), mask)


_CHANGES: tuple[Callable[[random.Random, Image.Image], Image.Image], ...] = (
    _sketched,
    _flat,
    _stark,
    _grainy,
    _grainy,
    _cut_out,
    _cut_out,
)


def _beside(chance: random.Random, left: Image.Image, right: Image.Image) -> Image.Image:
    height = min(left.height, right.height)
    both = [i.resize((max(8, i.width * height // i.height), height)) for i in (left, right)]
    gap = chance.choice([0, 4, 12])
    joined = Image.new("RGB", (both[0].width + gap + both[1].width, height), (255, 255, 255))
    joined.paste(both[0], (0, 0))
    joined.paste(both[1], (both[0].width + gap, 0))
    return joined


def _worded(chance: random.Random, image: Image.Image, fonts: list[str]) -> None:
    """Write a title, a date, a watermark or a shop's name over it, plainly."""
    draw = ImageDraw.Draw(image)
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        text = number(chance) if chance.random() < 0.35 else phrase(chance, 3)
        wide = image.width * chance.uniform(0.2, 1.0)
        size = int(max(9, min(wide / len(text) * 1.7, image.height * 0.7)))
        place = image.width * chance.uniform(0, 0.4), max(0, image.height - size) * chance.random()
        light = chance.random() < 0.6
        draw.text(
            place,
            text,
            font=face(chance, fonts, size),
            fill=colour(chance, 170, 255) if light else colour(chance, 0, 110),
            stroke_width=chance.choice([0, 0, 1, 2]),
            stroke_fill=(0, 0, 0) if light else (255, 255, 255),
        )


class Album:
    """Photographs and scans to draw from."""

    def __init__(self, photographs: list[str], scans: list[str], *, choosing: bool = False) -> None:
        found = [image for folder in photographs for image in pictures(folder, choosing=choosing)]
        self._photographs = tuple(found) + (() if choosing else shipped())
        self._scans = tuple(i for folder in scans for i in pictures(folder, choosing=choosing))

    def draw(self, chance: random.Random, fonts: list[str]) -> Image.Image:
        """One of them, varied."""
        if self._scans and chance.random() < 0.22:
            return scan(chance, fonts, self._scans)
        return photograph(chance, fonts, self._photographs).copy()

    @property
    def whole(self) -> tuple[Image.Image, ...]:
        """Every picture as it is."""
        return self._photographs + self._scans


def folders(paths: list[str]) -> list[str]:
    """Check that folders are there, before hours are spent."""
    for path in paths:
        if not Path(path).is_dir():
            raise SystemExit(f"no folder {path}")
    return paths

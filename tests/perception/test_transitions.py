"""Frames that two scenes share, and those that a moving camera sees."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from sightline.perception.transitions import between_scenes

WIDTH, HEIGHT = 256, 144
Pixels = NDArray[np.uint8]


def scene(seed: int) -> Pixels:
    """A picture of patches of light and dark, wider than a frame."""
    noise = np.random.default_rng(seed).normal(0, 60, (HEIGHT, 2 * WIDTH, 3)).astype(np.float32)
    return np.clip(cv2.GaussianBlur(noise, (0, 0), 9) * 12 + 128, 0, 255).astype(np.uint8)


def seen(image: Pixels, x: int = 0) -> Pixels:
    return np.ascontiguousarray(image[:, x : x + WIDTH])


def mixed(before: Pixels, after: Pixels, share: float) -> Pixels:
    return np.asarray(cv2.addWeighted(before, 1 - share, after, share, 0), np.uint8)


def wiped(before: Pixels, after: Pixels, share: float) -> Pixels:
    edge = round(WIDTH * share)
    return np.concatenate([after[:, :edge], before[:, edge:]], axis=1)


@pytest.mark.parametrize(("blend", "drift"), [(mixed, 0), (mixed, 2), (wiped, 0)])
def test_frames_of_two_scenes_are_found(
    blend: Callable[[Pixels, Pixels, float], Pixels], drift: int
) -> None:
    old, new = scene(1), scene(2)
    shares = (0, 0, 0, 0.3, 0.7, 1, 1, 1)
    film = [
        blend(seen(old, i * drift), seen(new, i * drift), share) for i, share in enumerate(shares)
    ]
    assert between_scenes(film) == [False] * 3 + [True] * 2 + [False] * 3


def still() -> Sequence[Pixels]:
    return [seen(scene(1))] * 6


def cut() -> Sequence[Pixels]:
    return [seen(scene(1))] * 3 + [seen(scene(2))] * 3


def panned() -> Sequence[Pixels]:
    return [seen(scene(1), x) for x in range(0, WIDTH, 40)]


def lit() -> Sequence[Pixels]:
    dark = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    return [mixed(dark, seen(scene(1)), share) for share in (0.3, 0.5, 0.7, 1, 1)]


@pytest.mark.parametrize("film", [still, cut, panned, lit])
def test_frames_of_one_scene_are_not(film: Callable[[], Sequence[Pixels]]) -> None:
    assert not any(between_scenes(film()))

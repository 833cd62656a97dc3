"""Whether two pictures are the same, nearly the same, or different, and where they differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from sightline.perception.rows import Box

Pixels = NDArray[np.uint8]
Verdict = Literal["identical", "same", "near", "different"]
_SIDE = 448
_STEP = 28  # of 255: a change that people see
_EXACT_STEP = 6
_MOST_REGIONS = 8


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two pictures compared.

    `identical`: pixel for pixel. `same`: one picture in two encodings or sizes. `near`: the same
    but for `regions`, boxes in pixels of the first picture, largest first. `different`: the rest.
    `changed` is the share of the area that differs, 0 to 1.
    """

    verdict: Verdict
    changed: float = 0.0
    regions: tuple[Box, ...] = ()


def compare(first: Pixels, second: Pixels) -> Comparison:
    """Compare two RGB pictures, of any sizes."""
    if first.shape == second.shape and np.array_equal(first, second):
        return Comparison("identical")
    (h1, w1), (h2, w2) = first.shape[:2], second.shape[:2]
    if abs(np.log((w1 / h1) / (w2 / h2))) > 0.03:
        return Comparison("different", 1.0)
    if first.shape == second.shape:
        exact = np.abs(first.astype(np.int16) - second).max(axis=2) > _EXACT_STEP
        # Two drawings that were never compressed with loss: every changed pixel is meant.
        if float((first == second).all(axis=2).mean()) > 0.5:
            return _verdict(exact.astype(np.uint8), (w1, h1), _likeness(first, second))
    scale = min(1.0, _SIDE / max(h1, w1), _SIDE / max(h2, w2))
    size = (max(1, round(w1 * scale)), max(1, round(h1 * scale)))
    if scale == 1.0 and (h1, w1) != (h2, w2):
        size = (min(w1, w2), min(h1, h2))
    a, b = _lab(first, size), _lab(second, size)
    distance = np.sqrt(((a - b) ** 2).sum(axis=2))
    changed = (distance > _STEP).astype(np.uint8)
    # Compression and scaling change thin lines along edges; what people call a change is wider.
    changed = np.asarray(cv2.morphologyEx(changed, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)))
    return _verdict(changed, (w1, h1), _likeness(a, b))


def _verdict(changed: NDArray[np.uint8], size: tuple[int, int], likeness: float) -> Comparison:
    share = float(changed.mean())
    if share == 0.0:
        return Comparison("same")
    if share > 0.35 or (share > 0.12 and likeness < 0.6):
        return Comparison("different", share)
    height, width = changed.shape
    regions = _regions(changed, size[0] / width, size[1] / height)
    return Comparison("near" if regions else "same", share, regions)


def _lab(pixels: Pixels, size: tuple[int, int]) -> NDArray[np.float32]:
    resized = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    smooth = cv2.GaussianBlur(resized, (5, 5), 0)
    lab = cv2.cvtColor(smooth.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2Lab)
    return np.asarray(lab * np.float32(2.55), dtype=np.float32)


def _likeness(a: NDArray[Any], b: NDArray[Any]) -> float:
    x, y = a[..., 0] - float(a[..., 0].mean()), b[..., 0] - float(b[..., 0].mean())
    norm = float(np.sqrt((x**2).sum() * (y**2).sum()))
    return float((x * y).sum()) / norm if norm > 0 else 0.0


def _regions(changed: NDArray[np.uint8], sx: float, sy: float) -> tuple[Box, ...]:
    """Box the changes: those near each other are one region."""
    shrink = max(1, max(changed.shape) // 512)
    if shrink > 1:  # a cell is changed where any of its pixels is
        height, width = changed.shape
        padded = np.pad(changed, ((0, -height % shrink), (0, -width % shrink)))
        cells = padded.reshape(padded.shape[0] // shrink, shrink, -1, shrink)
        changed, sx, sy = cells.max(axis=(1, 3)), sx * shrink, sy * shrink
    reach = max(3, round(0.03 * max(changed.shape)))
    joined = cv2.dilate(changed, np.ones((reach, reach), np.uint8))
    count, labels = cv2.connectedComponents(joined)
    found = []
    for label in range(1, count):
        ys, xs = np.nonzero((labels == label) & (changed > 0))
        if len(xs) < 2:
            continue
        box = Box(
            float(xs.min() * sx),
            float(ys.min() * sy),
            float((xs.max() + 1) * sx),
            float((ys.max() + 1) * sy),
        )
        found.append((len(xs), box))
    found.sort(key=lambda item: -item[0])
    return tuple(box for _, box in found[:_MOST_REGIONS])

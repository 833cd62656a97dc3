"""How a picture looks as a whole: photograph, drawing or document; light; sharpness.

Thresholds were set on photographs, as they are, framed, darkened, and small on a page, and on drawn
pages, figures and icons; the features are named so that a reader can see what decided.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from sightline.perception.rows import Box, Row

Kind = Literal["photograph", "drawing", "document", "blank"]
_SIDE = 512


@dataclass(frozen=True, slots=True)
class Look:
    """What a picture is like.

    `brightness` and `contrast` are the mean and the standard deviation of luma, 0 to 1.
    `sharpness` is the strength of its strongest edges, 0 (none) to 1. `flat` is the share of
    pixels whose neighbours are of exactly their colour. `grey` says that it has no colours.
    """

    kind: Kind
    brightness: float
    contrast: float
    sharpness: float
    flat: float
    grey: bool

    @property
    def light(self) -> str:
        """Dark, bright, or in between."""
        if self.brightness < 0.25:
            return "dark"
        return "bright" if self.brightness > 0.7 else "of medium brightness"

    @property
    def is_sharp(self) -> bool:
        """Whether its edges are as steep as those of a picture in focus."""
        return self.sharpness >= _SHARP


_SHARP = 0.16


def look(pixels: NDArray[np.uint8], rows: tuple[Row, ...]) -> Look:
    """Measure the look of an RGB picture whose text is already read."""
    height, width = pixels.shape[:2]
    area = _small(pixels)
    luma = np.asarray(cv2.cvtColor(area, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    flat = _flat_share(pixels)
    text_share = sum(p.box.width * p.box.height for r in rows for p in r.pieces) / (width * height)
    red, green, blue = cv2.split(area)
    spread = cv2.subtract(cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue))
    grey = bool(np.percentile(spread, 98) < 14)
    contrast = float(luma.std()) / 255
    brightness = float(luma.mean()) / 255
    characters = sum(len(piece.text) for row in rows for piece in row.pieces)
    return Look(
        kind=_kind(pixels, luma, flat, text_share, len(rows), characters, contrast),
        brightness=brightness,
        contrast=contrast,
        sharpness=_sharpness(luma),
        flat=flat,
        grey=grey,
    )


def _small(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    scale = min(1.0, _SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA) if scale < 1 else pixels
    return np.asarray(small, dtype=np.uint8)


def light_and_sharpness(pixels: NDArray[np.uint8]) -> tuple[float, float]:
    """Measure brightness and sharpness alone, as in `Look`, of RGB pixels."""
    luma = np.asarray(cv2.cvtColor(_small(pixels), cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    return float(luma.mean()) / 255, _sharpness(luma)


def _flat_share(pixels: NDArray[np.uint8]) -> float:
    """Share of pixels that equal their right and lower neighbours exactly.

    Measured on the picture's own pixels: scaling makes and unmakes flatness. A window in the
    middle is enough for a large one.
    """
    height, width = pixels.shape[:2]
    y, x = max(0, (height - 1024) // 2), max(0, (width - 1024) // 2)
    window = pixels[y : y + 1024, x : x + 1024]
    if min(window.shape[:2]) < 2:
        return 1.0
    # A pixel in one number, so that one comparison tells of its three channels.
    red, green, blue = (channel.astype(np.uint32) for channel in cv2.split(window))
    whole = (red << 16) | (green << 8) | blue
    here = whole[:-1, :-1]
    return float(((whole[:-1, 1:] == here) & (whole[1:, :-1] == here)).mean())


def _sharpness(luma: NDArray[np.uint8]) -> float:
    if min(luma.shape) < 3:
        return 1.0
    steps = np.abs(cv2.Laplacian(luma, cv2.CV_32F, ksize=1))
    # The steepest percent, against the picture's own range, so that fog is not called blur.
    span = float(np.percentile(luma, 99.5)) - float(np.percentile(luma, 0.5))
    if span < 4:
        return 1.0
    return min(1.0, float(np.percentile(steps, 99)) / span)


def _kind(
    pixels: NDArray[np.uint8],
    luma: NDArray[np.uint8],
    flat: float,
    text_share: float,
    rows: int,
    characters: int,
    contrast: float,
) -> Kind:
    if contrast < 0.004 and characters == 0:
        return "blank"
    ground = _ground_share(luma)
    written = characters >= 40 and rows >= 4 and text_share > 0.03
    if written and (ground > 0.5 or text_share > 0.2):
        return "document"
    share, largest, solid, count = _lit(pixels)
    # One within a frame, on a page, or before a white ground that is most of the picture.
    if (largest >= 0.06 or count >= _MANY) and solid >= _SOLID:
        return "photograph"
    # Drawn areas repeat one value exactly, even after JPEG; lit surfaces never do for long.
    drawn = (
        flat > 0.55
        or (flat > 0.4 and _peaks(luma) > 0.35)
        or (share < 0.02 and luma.mean() > _DARK)
    )
    return "drawing" if drawn else "photograph"


def _lit(pixels: NDArray[np.uint8]) -> tuple[float, float, float, int]:
    """Measure where a picture is shaded as light does it: by small steps, hardly by large ones.

    Gives the share of the picture that is, that of its largest connected area, and how much of the
    rectangle around that the area fills, each 0 to 1, by squares of `_SQUARE` pixels; and how many
    squares that area has.
    """
    lit = _squares(pixels)
    _, _, areas, _ = cv2.connectedComponentsWithStats(lit, connectivity=4)
    if len(areas) < 2:
        return 0.0, 0.0, 0.0, 0
    _, _, across, down, count = max(areas[1:].tolist(), key=lambda area: area[-1])
    if count < _FEWEST:
        return float(lit.mean()), 0.0, 0.0, 0
    return float(lit.mean()), count / lit.size, count / (across * down), count


def _squares(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Mark by 1 the squares, of shape (rows, columns), that are shaded as light does it."""
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    if min(grey.shape) < 2:
        return np.zeros((1, 1), np.uint8)
    here = grey[:-1, :-1]
    step = cv2.max(cv2.absdiff(grey[:-1, 1:], here), cv2.absdiff(grey[1:, :-1], here))
    height, width = step.shape[:2]
    size = max(1, width // _SQUARE), max(1, height // _SQUARE)
    small, large = (
        cv2.resize(cv2.inRange(step, low, high), size, interpolation=cv2.INTER_AREA)
        for low, high in ((2, 24), (61, 255))
    )
    return ((small >= 128) & (large <= 25)).astype(np.uint8)


def insets(pixels: NDArray[np.uint8]) -> tuple[Box, ...]:
    """Find photographs that lie on a page or in a wide frame: boxes in pixels, the largest first.

    None where one fills most of the picture.
    """
    lit = _squares(pixels)
    rows, columns = lit.shape
    closed = cv2.morphologyEx(lit, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    _, _, areas, _ = cv2.connectedComponentsWithStats(closed, connectivity=4)
    found = [area for area in areas[1:].tolist() if area[4] >= _MANY]
    found = [area for area in found if area[4] >= _SOLID * area[2] * area[3]]
    if any(area[2] * area[3] > _MOSTLY * lit.size for area in found):
        return ()
    found.sort(key=lambda area: -area[4])
    height, width = pixels.shape[:2]
    across, down = width / columns, height / rows
    return tuple(
        Box(
            max(0.0, (x - 1) * across),
            max(0.0, (y - 1) * down),
            min(float(width), (x + wide + 1) * across),
            min(float(height), (y + high + 1) * down),
        )
        for x, y, wide, high, _ in found[:_MOST_INSETS]
    )


def parted(pixels: NDArray[np.uint8], area: Box) -> tuple[Box, ...]:
    """Part an area of a page at the bare strips between the photographs in it, and trim them."""
    found = [area]
    for across in (True, False, True):
        found = [part for box in found for part in _strips(pixels, box, across=across)]
    return tuple(found)


def _strips(pixels: NDArray[np.uint8], area: Box, *, across: bool) -> list[Box]:
    x0, y0 = round(area.x0), round(area.y0)
    part = pixels[y0 : round(area.y1), x0 : round(area.x1)].astype(np.int16)
    if not part.size:
        return []
    side = 0 if across else 1
    bare = (part.max(axis=side) - part.min(axis=side)).max(axis=1) < _BARE
    edges = np.flatnonzero(np.diff(np.concatenate(([1], bare.astype(int), [1]))))
    boxes = []
    for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if last - first < _SQUARE:
            continue
        if across:
            boxes.append(Box(x0 + first, area.y0, x0 + last, area.y1))
        else:
            boxes.append(Box(area.x0, y0 + first, area.x1, y0 + last))
    return boxes


_BARE = 8  # of 255: by so much a bare strip of a page may differ in itself
_SOLID, _MOSTLY, _MOST_INSETS = 0.45, 0.6, 4
_SQUARE, _FEWEST, _MANY = 16, 6, 40
_DARK = 26  # of 255: below, the steps of light are too small to be told from none


def _peaks(luma: NDArray[np.uint8]) -> float:
    """Share of pixels that have one of the eight most common brightnesses."""
    counts = np.sort(np.bincount(luma.reshape(-1), minlength=256))
    return float(counts[-8:].sum() / counts.sum())


def _ground_share(luma: NDArray[np.uint8]) -> float:
    """Share of pixels near the most common brightness."""
    counts = np.bincount(luma.reshape(-1), minlength=256).astype(float)
    smooth = np.convolve(counts, np.ones(25), mode="same")
    return float(smooth.max() / counts.sum())

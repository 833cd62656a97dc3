"""Frames of a film between two scenes, one of which dissolves into the other or is wiped away.

Such a frame is made of what comes before and after it, so that what it seems to show may be in
neither. A frame that shows something of its own is none of them, however fast the view moves.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from sightline.perception import camera

_WIDTH, _HEIGHT = 32, 18  # at which frames are compared
_MOST_BETWEEN = 5
_OTHER = 0.6  # likeness from which on two frames are of one scene
_DIFFERS = 10.0  # of 255, over the three colours: less in a cell says nothing of its share
_BEGUN, _ENDED = 0.08, 0.92  # share of the later scene
# Of the difference of the two: what a frame may have of its own, where its cells are each of one
# scene; where the shares are about the same (`_EVEN`) everywhere; and where what blends also moves,
# so that it is told only where a frame has much (`_MUCH`) of both.
_OWN_WIPED, _OWN_MIXED, _OWN_MOVED = 0.06, 0.15, 0.12
_EVEN, _MOVED, _MUCH = 0.15, 0.25, 0.2
_GROWS = 0.03  # share by which the later scene does from one mixed frame to the next

_Small = NDArray[np.float32]


def between_scenes(frames: Sequence[NDArray[np.uint8]]) -> list[bool]:
    """Say of each of a film's RGB frames, in order, whether it is made of two scenes."""
    found = [False] * len(frames)
    small = [_small(frame) for frame in frames]
    for first in range(len(frames)):
        for last in range(first + 2, min(first + _MOST_BETWEEN + 2, len(frames))):
            shares = _shares(small, first, last)
            if not any(map(_is_mixed, shares)):
                continue
            before, after = frames[first], frames[last]
            if before.shape != after.shape or camera.likeness(before, after) >= _OTHER:
                continue
            if camera.shift(before, after) is None:
                for place, share in enumerate(shares, first + 1):
                    found[place] = found[place] or _is_mixed(share)
    return found


def _is_mixed(share: float) -> bool:
    return _BEGUN < share < _ENDED


def _small(frame: NDArray[np.uint8]) -> _Small:
    small = cv2.resize(frame, (_WIDTH, _HEIGHT), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(small.astype(np.float32), (3, 3), 0), np.float32)


def _shares(small: Sequence[_Small], first: int, last: int) -> list[float]:
    """Give the later scene's share of each frame between two; none where a frame has its own."""
    way = small[last] - small[first]
    length = (way * way).sum(axis=-1)
    differs = length >= _DIFFERS**2
    if 2 * differs.sum() < differs.size:
        return []
    whole = float(np.abs(way).mean())
    shares: list[float] = []
    moved = False
    for frame in small[first + 1 : last]:
        gone = frame - small[first]
        share = np.clip((gone * way).sum(axis=-1) / np.maximum(length, 1.0), 0, 1)
        own = float(np.abs(gone - share[..., None] * way).mean()) / whole
        mean, uneven = float(share[differs].mean()), float(share[differs].std())
        if own > max(_OWN_WIPED, _OWN_MIXED if uneven <= _EVEN else 0.0):
            if own > _OWN_MOVED or uneven > _MOVED:
                return []
            moved = True
        least = shares[-1] + _GROWS if shares and _is_mixed(shares[-1]) else 0.0
        if mean < min(least, _ENDED):
            return []
        shares.append(mean)
    return [] if moved and not any(_MUCH < share < 1 - _MUCH for share in shares) else shares

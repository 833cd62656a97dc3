"""The colour of a thing by the pixels in and around its box."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sightline.perception import colours
from sightline.perception.colours import Colour
from sightline.perception.rows import Box

Pixels = NDArray[np.uint8]

# What a thing is painted in, beside which panes, tyres and shadows have no colour.
_PAINTS = frozenset("red orange yellow green teal cyan blue purple magenta pink".split())
_MOST, _CLEARLY, _PAINTED = 0.4, 0.6, 0.22  # shares of the middle


def colour_of(pixels: Pixels, box: Box) -> Colour | None:
    """Name the colour of a thing by its middle; None where no colour has enough of it.

    Where none clearly has, a paint with less counts too, unless it goes on around the thing.
    """
    middle = sorted(_shares(pixels, box, 0.4).values(), key=lambda c: -c.share)
    top = middle[0] if middle else None
    if top is not None and top.share >= _CLEARLY:
        return top
    inner, around_it, whole = (_shares(pixels, box, scale) for scale in (0.7, 1.5, 1.0))
    painted = [
        colour
        for name, colour in inner.items()
        if name in _PAINTS
        and colour.share >= _PAINTED
        # The ring around the thing has 1.25 times its area.
        and (2.25 * _share(around_it, name) - _share(whole, name)) / 1.25 < colour.share / 2
    ]
    if painted:
        return max(painted, key=lambda colour: colour.share)
    # Of two that are nearly as common neither is its colour: white fur is brown and beige in shade.
    rival = middle[1].share if len(middle) > 1 else 0.0
    return top if top is not None and top.share >= max(_MOST, 1.3 * rival) else None


def _shares(pixels: Pixels, box: Box, scale: float) -> dict[str, Colour]:
    """Name the colours within a box, scaled about its middle."""
    x, y = box.centre
    wide, high = max(1, scale * box.width / 2), max(1, scale * box.height / 2)
    patch = pixels[
        max(0, round(y - high)) : max(0, round(y + high)) + 1,
        max(0, round(x - wide)) : max(0, round(x + wide)) + 1,
    ]
    if not patch.size:
        return {}
    return {c.name: c for c in colours.dominant(np.ascontiguousarray(patch))}


def _share(found: dict[str, Colour], name: str) -> float:
    return found[name].share if name in found else 0.0

"""Colours under their common names, with their share of the picture.

A colour is named in CIE L*C*h (D65), where hue angles follow how people divide colours; the
boundaries below were set by looking at the CSS colours. Shares are of the whole picture's area.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from sightline.perception.rows import Box

Pixels = NDArray[np.uint8]
_BITS = 5  # bits a channel in the table of names
_LEAST_SHARE = 0.02
NAMES = (
    "black",
    "white",
    "grey",
    "red",
    "orange",
    "yellow",
    "green",
    "teal",
    "cyan",
    "blue",
    "purple",
    "magenta",
    "pink",
    "brown",
    "beige",
    "olive",
)


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour: its common name, a mean value of its pixels as #rrggbb, its share from 0 to 1."""

    name: str
    hex: str
    share: float

    @property
    def full_name(self) -> str:
        """The name with light or dark where that is plain to see."""
        lightness = self._lch[0]
        if self.name in ("blue", "green", "grey", "purple", "red", "brown"):
            low, high = _PLAIN[self.name]
            if lightness < low:
                return f"dark {self.name}"
            if lightness > high:
                return f"light {self.name}"
        return self.name

    @property
    def names_of_thing(self) -> tuple[str, ...]:
        """The names of a thing photographed so, the likeliest first.

        What is white is grey, beige or bluish in shade.
        """
        lightness, chroma, _ = self._lch
        if self.name not in _PALE or lightness < 60 or chroma > _PALE[self.name]:
            return (self.full_name,)
        plain = lightness > 80 and self.name == "grey"
        return ("white",) if plain else ("white", self.full_name)

    @property
    def of_thing(self) -> str:
        """Those names in words."""
        return " or ".join(self.names_of_thing)

    def may_be(self, name: str) -> bool:
        """Say whether a thing that was photographed so may be called by a name of `NAMES`.

        What it is called under another light, or where one colour goes over into the next.
        """
        near = _NEAR["white" if "white" in self.names_of_thing else self.name]
        return name == self.name or name in near or name in self.of_thing

    @property
    def _lch(self) -> tuple[float, float, float]:
        rgb = tuple(int(self.hex[i : i + 2], 16) for i in (1, 3, 5))
        lightness, chroma, hue = _lch(np.array([[rgb]], dtype=np.uint8))[0, 0].tolist()
        return lightness, chroma, hue


# Up to this chroma what is as light as white in shade may be white.
_PALE = {"grey": 13.0, "beige": 18.0, "blue": 20.0}
_NEAR = {
    "black": {"grey", "brown", "blue", "green", "purple"},
    "white": {"grey", "beige"},
    "grey": {"white", "black", "brown", "blue", "beige", "olive", "green"},
    "red": {"orange", "pink", "brown", "purple", "magenta"},
    "orange": {"red", "yellow", "brown", "pink", "beige"},
    "yellow": {"orange", "beige", "olive", "green", "white"},
    "green": {"olive", "teal", "yellow", "grey", "black"},
    "teal": {"green", "cyan", "blue", "grey"},
    "cyan": {"teal", "blue", "green", "white"},
    "blue": {"purple", "teal", "cyan", "grey", "black"},
    "purple": {"blue", "magenta", "pink", "red", "brown"},
    "magenta": {"pink", "purple", "red"},
    "pink": {"red", "purple", "magenta", "beige", "orange"},
    "brown": {"black", "grey", "orange", "red", "beige", "yellow", "olive"},
    "beige": {"white", "grey", "yellow", "brown", "pink", "orange"},
    "olive": {"green", "brown", "yellow", "grey"},
}


# Between these lightnesses a colour needs no "dark" or "light" before its name.
_PLAIN = {
    "blue": (24, 70),
    "green": (33, 80),
    "grey": (35, 74),
    "purple": (22, 66),
    "red": (30, 70),
    "brown": (20, 62),
}


def dominant(pixels: Pixels) -> tuple[Colour, ...]:
    """Name the colours that cover at least 2% of an RGB picture, largest share first."""
    flat = _small(pixels).reshape(-1, 3)
    names = _names_of(flat)
    counts = np.bincount(names, minlength=len(NAMES))
    order = np.argsort(-counts, kind="stable")
    return tuple(
        Colour(NAMES[i], _hex(_typical(flat[names == i])), float(counts[i]) / len(flat))
        for i in order
        if counts[i] >= _LEAST_SHARE * len(flat)
    )


def background(pixels: Pixels) -> Colour | None:
    """Name the colour of the edge all around, or None where the edge has no one colour."""
    small = _small(pixels)
    edge = max(1, round(0.02 * min(small.shape[:2])))
    strips = (small[:edge], small[-edge:], small[:, :edge], small[:, -edge:])
    flat = np.concatenate([strip.reshape(-1, 3) for strip in strips])
    names = _names_of(flat)
    counts = np.bincount(names, minlength=len(NAMES))
    best = int(counts.argmax())
    share = float(counts[best]) / len(flat)
    if share < 0.6:
        return None
    return Colour(NAMES[best], _hex(_typical(flat[names == best])), share)


def ink(pixels: Pixels, box: Box) -> tuple[Colour, Colour] | None:
    """Name the colours of a text and of what it stands on, from the text's box.

    Returns None for a box without two clear colours.
    """
    height, width = pixels.shape[:2]
    x0, x1 = max(0, int(box.x0)), min(width, int(box.x1) + 1)
    y0, y1 = max(0, int(box.y0)), min(height, int(box.y1) + 1)
    patch = pixels[y0:y1, x0:x1]
    if patch.size < 48:
        return None
    luma = cv2.cvtColor(patch, cv2.COLOR_RGB2GRAY)
    _level, mask = cv2.threshold(luma, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    bright = mask > 0
    if not 0.02 < bright.mean() < 0.98 or float(luma.max()) - float(luma.min()) < 24:
        return None
    minority = bright if bright.mean() < 0.5 else ~bright
    # The middle of strokes, not their blurred rims.
    core = luma[minority]
    rim = np.percentile(core, 65 if minority is bright else 35)
    middle = minority & ((luma >= rim) if minority is bright else (luma <= rim))
    written, ground = patch[middle].reshape(-1, 3), patch[~minority].reshape(-1, 3)
    return _one(written), _one(ground)


def _one(flat: Pixels) -> Colour:
    names = _names_of(flat)
    best = int(np.bincount(names, minlength=len(NAMES)).argmax())
    return Colour(NAMES[best], _hex(_typical(flat[names == best])), 1.0)


def name_of(rgb: tuple[int, int, int]) -> str:
    """Name one sRGB colour."""
    return NAMES[int(_names_of(np.array([rgb], dtype=np.uint8))[0])]


def _small(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    scale = min(1.0, 256 / max(height, width))
    if scale == 1.0:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    # Nearest keeps the colours there are; any averaging would invent some at edges.
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_NEAREST), dtype=np.uint8)


def _typical(flat: Pixels) -> tuple[int, int, int]:
    r, g, b = np.median(flat, axis=0).round().astype(int)
    return int(r), int(g), int(b)


def _hex(rgb: tuple[int, int, int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*rgb)


def _names_of(flat: Pixels) -> NDArray[np.intp]:
    index = flat.astype(np.intp) >> (8 - _BITS)
    names: NDArray[np.intp] = _table()[
        (index[:, 0] << 2 * _BITS) | (index[:, 1] << _BITS) | index[:, 2]
    ]
    return names


@lru_cache(maxsize=1)
def _table() -> NDArray[np.intp]:
    """Name every colour of 5 bits a channel once; naming pixels is then a look-up."""
    levels = np.arange(2**_BITS) * 255 // (2**_BITS - 1)
    r, g, b = np.meshgrid(levels, levels, levels, indexing="ij")
    rgb = np.stack([r, g, b], axis=-1).reshape(1, -1, 3).astype(np.uint8)
    return _names(_lch(rgb)[0]).astype(np.intp)


def _lch(rgb: Pixels) -> NDArray[np.float32]:
    lab = cv2.cvtColor(rgb.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2Lab)
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    hue = np.degrees(np.arctan2(lab[..., 2], lab[..., 1])) % 360
    return np.stack([lab[..., 0], chroma, hue], axis=-1).astype(np.float32)


def _names(lch: NDArray[np.float32]) -> NDArray[np.intp]:
    """Name colours of shape (n, 3), by their numbers in `NAMES`; the first that fits counts."""
    lightness, chroma, hue = lch.T
    pale = ((chroma < 34) & (lightness > 74)) | ((chroma < 22) & (lightness > 62))
    sandy = (hue >= 45) & (hue < 115) & pale
    faint = (chroma < 13) & (lightness > 20)
    reddish = (hue < 50) | (hue >= 352)
    pink = (lightness > 62) & ~((hue >= 38) & (chroma > 55))
    pink |= ((hue < 20) | (hue >= 352)) & (lightness > 52)
    dull = (lightness < 62) | (chroma < 26)
    rules = [
        ((lightness < 12) | ((chroma < 9) & (lightness < 23)), "black"),
        ((chroma < 9) & (lightness > 91), "white"),
        (chroma < 9, "grey"),
        (sandy & (lightness > 95) & (chroma < 9.5), "white"),
        (sandy, "beige"),
        (faint & (lightness > 93), "white"),
        (faint, "grey"),
        (reddish & pink, "pink"),
        (reddish & (hue > 28) & (chroma < 36) & (lightness < 50), "brown"),
        (reddish, "red"),
        ((hue < 82) & (lightness > 56) & (chroma > 36), "orange"),
        (hue < 82, "brown"),
        ((hue < 112) & dull & (hue > 92), "olive"),
        ((hue < 112) & dull, "brown"),
        (hue < 112, "yellow"),
        (hue < 168, "green"),
        ((hue < 215) & (lightness > 72), "cyan"),
        (hue < 215, "teal"),
        (hue < 309, "blue"),
        ((hue < 335) & (chroma > 95), "magenta"),
        ((hue < 335) | (lightness <= 50), "purple"),
    ]
    fits, named = zip(*rules, strict=True)
    return np.select(fits, [NAMES.index(name) for name in named], NAMES.index("pink"))

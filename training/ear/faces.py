"""Typefaces that a fresh Debian gives (`fonts-dejavu`, `fonts-liberation`), and how wide they run."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from PIL import ImageFont

_ROOTS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts")  # fmt: skip
# Name to files, regular and bold; the first that is installed is taken.
_FILES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "sans": (("LiberationSans-Regular", "DejaVuSans"), ("LiberationSans-Bold", "DejaVuSans-Bold")),
    "sans2": (("DejaVuSans",), ("DejaVuSans-Bold",)),
    "serif": (("LiberationSerif-Regular", "DejaVuSerif"), ("LiberationSerif-Bold", "DejaVuSerif-Bold")),
    "serif2": (("DejaVuSerif",), ("DejaVuSerif-Bold",)),
    "mono": (("LiberationMono-Regular", "DejaVuSansMono"), ("LiberationMono-Bold", "DejaVuSansMono-Bold")),
    "mono2": (("DejaVuSansMono",), ("DejaVuSansMono-Bold",)),
    "narrow": (("LiberationSansNarrow-Regular", "DejaVuSansCondensed"), ("LiberationSansNarrow-Bold", "DejaVuSansCondensed-Bold")),
    "narrow2": (("DejaVuSansCondensed",), ("DejaVuSansCondensed-Bold",)),
    "italic": (("LiberationSerif-Italic", "DejaVuSerif-Italic"), ("LiberationSerif-BoldItalic", "DejaVuSerif-BoldItalic")),
    "hand": (("FemkeKlaver", "rufscript010", "breip", "DejaVuSerifCondensed-Italic", "LiberationSerif-Italic"),
             ("FemkeKlaver", "rufscript010", "breip", "DejaVuSerifCondensed-BoldItalic", "LiberationSerif-BoldItalic")),
}  # fmt: skip
FACES = tuple(_FILES)
_MEASURED = 64  # pixels, in which the letters are measured once


@cache
def _installed() -> dict[str, Path]:
    return {path.stem: path for root in _ROOTS for path in sorted(root.rglob("*.[ot]tf"))}


@cache
def face(name: str, bold: bool, size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Give a typeface in a size; Pillow's own one where none of its files is installed."""
    for stem in _FILES[name][bold]:
        if stem in _installed():
            return ImageFont.truetype(_installed()[stem], size)
    return ImageFont.load_default(size)


class _Advances(dict[str, float]):
    """Letter to its width in letter heights, measured when first asked for."""

    def __init__(self, name: str, bold: bool) -> None:
        super().__init__()
        self.face = face(name, bold, _MEASURED)

    def __missing__(self, letter: str) -> float:
        self[letter] = wide = self.face.getlength(letter) / _MEASURED
        return wide


@cache
def _advances(name: str, bold: bool) -> _Advances:
    return _Advances(name, bold)


def width(text: str, size: float, name: str, bold: bool = False) -> float:
    """Tell how many pixels a text takes in one line."""
    advances = _advances(name, bold)
    return size * sum([advances[letter] for letter in text])

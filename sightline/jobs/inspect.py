"""What is to be known of a picture before it is sent.

Its file, how each model will see it, and what about it models are weak at by the API's documents,
measured. It asks no engine. Text is read only to see whether it would steer a model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from sightline.media import image
from sightline.media import image_tokens as details
from sightline.perception.captcha import CaptchaDetector
from sightline.perception.codes import find_codes
from sightline.perception.legibility import Lettering, LetteringFinder
from sightline.perception.look import light_and_sharpness
from sightline.perception.prompt_injection import steering
from sightline.types import Detail, Sizing
from sightline.workers import Stop

if TYPE_CHECKING:
    from sightline.perception.text import Pixels, TextReader
    from sightline.perception.things import Eyes, Thing

# Capital letters lower than this are misread: `bench/legible.py` prints the share of words read.
LEGIBLE_PX = 6.0
_BLURRED = 0.10  # of `look.sharpness`
_DARK = 0.12  # mean brightness
_PANORAMA = 2.5  # long side over short
_MEASURED_SIDE = 2800
_FOREIGN_SHARE = 0.3
_LINES = 2  # fewer may be chance
_INSTRUCTIONS = (
    "Its text reads like instructions to a model, which may follow them: “{said}”. Ask about it "
    "only where an answer that somebody else worded does no harm."
)
Code = Literal[
    "small_text", "turned_text", "non_latin", "blur", "dark", "panorama", "captcha", "instructions"
]


@dataclass(frozen=True, slots=True)
class DetailView:
    """How one model sees the picture at one level of detail.

    `letter_px` is the height of the smallest capital letters found, as the model sees them.
    """

    model: str
    detail: Detail
    sight: Sizing
    rejected: bool
    letter_px: float | None


@dataclass(frozen=True, slots=True)
class Warning:
    """Something that a model may get wrong, in words."""

    code: Code
    message: str


@dataclass(frozen=True, slots=True)
class Inspection:
    """All that was found out. Letter heights are in pixels of the picture as it was uploaded.

    So are the boxes of `things`, which are those of photographs. `pixels` are what was looked at,
    which may be smaller.
    """

    format: str
    bytes: int
    size: tuple[int, int]
    orientation: int
    brightness: float
    sharpness: float
    lettering: Lettering
    views: tuple[DetailView, ...]
    warnings: tuple[Warning, ...]
    things: tuple[Thing, ...] = ()
    pixels: Pixels = field(default_factory=lambda: np.empty((0, 0, 3), np.uint8), repr=False)


class Inspector:
    """Inspects pictures; loads its networks once, what reads text with the first that has any.

    `threads` are those that one picture is read with.
    """

    def __init__(self, bounds: image.ImageBounds, threads: int = 1) -> None:
        self._bounds, self._threads = bounds, threads
        self._reader: TextReader | None = None
        self._eyes: Eyes | None = None
        self._captchas = CaptchaDetector()
        self._letters = LetteringFinder()

    def inspect(self, data: bytes, param: str, models: Sequence[str]) -> Inspection:
        """Inspect an encoded picture for the models named. Raises `ImageError` with `param`."""
        header = image.look(data, param, self._bounds)
        pixels = image.decode(data, param, self._bounds, _within(header.size))
        scale = header.size[0] / pixels.shape[1]
        found = self._letters.find(pixels).scaled(scale)
        views = tuple(
            _view(model, level, header.size, found)
            for model in models
            for level in get_args(Detail)
        )
        bright, sharp = light_and_sharpness(pixels)
        warnings = _warnings(header.size, found, views, sharp, bright)
        if self._captchas.is_captcha(pixels):
            warnings.append(
                Warning("captcha", "It looks like a CAPTCHA; such pictures are refused.")
            )
        said = steering(self._written(pixels, found))
        if said:
            warnings.append(Warning("instructions", _INSTRUCTIONS.format(said=said)))
        return Inspection(
            header.format,
            len(data),
            header.size,
            header.orientation,
            bright,
            sharp,
            found,
            views,
            tuple(warnings),
            self._seen(pixels, scale),
            pixels,
        )

    def _seen(self, pixels: Pixels, scale: float) -> tuple[Thing, ...]:
        """Find things, where it is a photograph; boxes grow by `scale`."""
        from sightline.perception.look import look
        from sightline.perception.rows import Box
        from sightline.perception.things import Eyes

        if look(pixels, ()).kind != "photograph":
            return ()
        if self._eyes is None:
            self._eyes = Eyes(self._threads)
        found = self._eyes.see(pixels, closely=True, stop=Stop()).things
        return tuple(replace(t, box=Box(*(side * scale for side in t.box))) for t in found)

    def _written(self, pixels: Pixels, found: Lettering) -> list[str]:
        """Read what is written, where lettering was found, and what codes hold."""
        contents = [code.content for code in find_codes(pixels)]
        if not found.lines:
            return contents
        if self._reader is None:
            from sightline.perception.text import TextReader

            self._reader = TextReader(self._threads)
        upright = np.ascontiguousarray(np.rot90(pixels, found.turn // 90))
        return [row.text for row in self._reader.read(upright, Stop()).rows] + contents


def _within(size: tuple[int, int]) -> tuple[int, int]:
    # By halves, since a JPEG is decoded at a half or a quarter for next to nothing.
    width, height = size
    while max(width, height) > _MEASURED_SIDE:
        width, height = max(1, width // 2), max(1, height // 2)
    return width, height


def _view(model: str, level: Detail, size: tuple[int, int], found: Lettering) -> DetailView:
    sight = details.sight(model, *size, level)
    letters = found.smallest * sight.width / size[0] if found.lines >= _LINES else None
    return DetailView(model, level, sight, details.rejected(sight), letters)


def _warnings(
    size: tuple[int, int],
    found: Lettering,
    views: Sequence[DetailView],
    sharp: float,
    bright: float,
) -> list[Warning]:
    warnings = []
    small = [v for v in views if v.letter_px is not None and v.letter_px < LEGIBLE_PX]
    if small:
        warnings.append(Warning("small_text", _small(found.smallest, small)))
    if found.lines >= _LINES and found.turn:
        way = {
            90: "a quarter turn clockwise",
            180: "upside down",
            270: "a quarter turn anticlockwise",
        }
        message = f"Its text lies {way[found.turn]}; turn the picture upright."
        warnings.append(Warning("turned_text", message))
    if found.lines >= _LINES and found.foreign >= _FOREIGN_SHARE:
        message = "Its text is in another script than Latin, which models read less well."
        warnings.append(Warning("non_latin", message))
    if sharp < _BLURRED:
        warnings.append(Warning("blur", "It is blurred."))
    if bright < _DARK:
        warnings.append(Warning("dark", f"It is very dark: {bright:.0%} of full brightness."))
    ratio = max(size) / min(size)
    # A strip of text is no panorama, unless it is a very long one.
    if ratio > (_PANORAMA if found.lines <= _LINES else 2 * _PANORAMA):
        message = f"It is {ratio:.1f} times as long as wide, as panoramas are; send it in parts."
        warnings.append(Warning("panorama", message))
    return warnings


def _small(letter: float, views: Sequence[DetailView]) -> str:
    where = ", ".join(f"{v.letter_px:.0f} px at {v.detail} for {v.model}" for v in views)
    return (
        f"Its smallest letters, {letter:.0f} px high, are too small: {where}; "
        f"{LEGIBLE_PX:.0f} px are needed. Crop it, or raise the detail."
    )

"""Boxes with names, drawn into a picture, and the picture written to a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sightline.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Named = tuple[tuple[float, ...], str]
_LONGEST = 40  # characters of a name


def name_of(one: Mapping[str, Any]) -> str:
    """Name what stands in a box: the value's path in a JSON answer, or what is told of it."""
    path = str(one.get("path") or "")
    if path.startswith("$.answers["):  # a decision, which is named by what it says
        return str(one.get("text") or one.get("value"))
    return path or str(one.get("value") or one.get("label") or one.get("kind") or "")


def boxed(pixels: NDArray[np.uint8], boxes: Sequence[Named], scale: float) -> NDArray[np.uint8]:
    """Draw boxes (x0, y0, x1, y1) that are `scale` times as large in `pixels`, with their names."""
    import numpy as np
    from PIL import Image, ImageDraw, ImageFont

    image = Image.fromarray(pixels)
    draw = ImageDraw.Draw(image)
    line = max(2, round(max(image.size) / 400))
    font = ImageFont.load_default(max(11, line * 6))
    for box, name in boxes:
        x0, y0, x1, y1 = (side * scale for side in box)
        draw.rectangle((x0, y0, x1, y1), outline="red", width=line)
        said = name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"
        place = max(0.0, x0), max(0.0, y0 - font.getbbox(said)[3] - line)
        draw.rectangle(draw.textbbox(place, said, font=font), fill="red")
        draw.text(place, said, fill="white", font=font)
    return np.asarray(image)


def save(path: Path, pixels: NDArray[np.uint8]) -> None:
    """Write a picture. Raises `UsageError`."""
    from PIL import Image

    try:
        Image.fromarray(pixels).save(path)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{path} can't be written: {error}.", hint="Name it .png or .jpg."
        ) from None

"""Pictures with boxes around what an answer says, drawn on the terminal or into files."""

from __future__ import annotations

import base64
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sightline.cli import drawing, pictures, screen
from sightline.errors import UsageError
from sightline.settings import Settings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Looked = tuple[str, str]
"""A picture that was asked about: its name and its data URL."""

_SHOWN = 1024  # pixels of a drawn picture's side, at most


def param(index: int) -> str:
    """Give where a picture stands in the request, as errors and evidence name it."""
    return f"messages[0].content[{index + 1}].image_url.url"


def show(looked: Sequence[Looked], spent: dict[str, Any], settings: Settings) -> None:
    """Draw the pictures on the terminal, with what `spent` tells of them."""
    drawn = []
    for i, pixels, scale in _decoded(looked, settings, _SHOWN):
        found = _told(spent, "evidence", i) or _told(spent, "things", i)
        drawn.append((looked[i][0], drawing.boxed(pixels, found, scale)))
    screen.show(drawn)


def write(path: Path, looked: Sequence[Looked], spent: dict[str, Any], settings: Settings) -> None:
    """Write each picture with boxes around the evidence in it. Raises `UsageError`."""
    own = spent.get("sightline")
    if not isinstance(own, dict) or not isinstance(own.get("evidence"), list):
        raise UsageError(
            "Who answered tells no evidence.",
            hint="The embedded engine does; a server has to run it.",
        )
    drawn = 0
    for i, pixels, _ in _decoded(looked, settings):
        found = _told(spent, "evidence", i)
        whole = path if len(looked) == 1 else path.with_stem(f"{path.stem}-{i + 1}")
        drawing.save(whole, drawing.boxed(pixels, found, 1.0))
        drawn += len(found)
    if not drawn:
        sys.stderr.write("Nothing that the answer says was found printed on the picture.\n")


def _told(spent: dict[str, Any], kind: str, index: int) -> list[drawing.Named]:
    """Give the boxes of what was told of one picture, in its own pixels, each with its name."""
    own = spent.get("sightline")
    told = own.get(kind) if isinstance(own, dict) else None
    return [
        (tuple(one["box"]), str(one.get("path") or one.get("value") or one.get("kind")))
        for one in told or ()
        if str(one["param"]) == param(index)
    ]


def _decoded(
    looked: Sequence[Looked], settings: Settings, longest: int | None = None
) -> Iterator[tuple[int, NDArray[np.uint8], float]]:
    """Decode those that are pictures, with their places and scales; documents are none.

    Their longer side is `longest` pixels at most.
    """
    from sightline.media import image

    bounds = pictures.bounds(settings)
    for i, (_, url) in enumerate(looked):
        if not url.startswith("data:image/"):
            continue
        data = base64.b64decode(url.partition(",")[2])
        width, height = image.look(data, param(i), bounds).size
        scale = min(1.0, (longest or max(width, height)) / max(width, height))
        size = max(1, round(width * scale)), max(1, round(height * scale))
        yield i, image.decode(data, param(i), bounds, size), scale

"""Pictures with boxes around what an answer says, drawn on the terminal or into files."""

from __future__ import annotations

import asyncio
import base64
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sightline.cli import drawing, pictures, screen
from sightline.errors import UsageError
from sightline.media.data_url import data_url
from sightline.settings import Settings
from sightline.types import Detail

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Looked = tuple[str, str]
"""A picture that was asked about: its name and its data URL."""

_SHOWN = 1024  # pixels of a drawn picture's side, at most


def show(looked: Sequence[Looked], spent: dict[str, Any], settings: Settings) -> None:
    """Draw the pictures on the terminal, with what `spent` tells of them."""
    drawn = []
    for i, pixels, scale in _decoded(looked, settings, _SHOWN):
        kinds = (_told(spent, kind, i + 1) for kind in ("evidence", "boxes", "things"))
        found = next(filter(None, kinds), [])
        drawn.append((looked[i][0], drawing.boxed(pixels, found, scale)))
    screen.show(drawn)


async def write(
    path: Path,
    looked: Sequence[Looked],
    spent: dict[str, Any],
    settings: Settings,
    detail: Detail = "auto",
    *,
    first: int = 1,
) -> None:
    """Write each picture, and of documents each page, with boxes around the evidence in it.

    Of a model that tells none they are those that its answer gives.

    `first` is the place of the first picture among the parts of its message, `detail` how pages
    were drawn. Raises `UsageError`.
    """
    own = spent.get("sightline")
    kind = next((k for k in ("evidence", "boxes") if isinstance(own, dict) and k in own), "")
    if not isinstance(own, dict) or not isinstance(own.get(kind), list):
        raise UsageError(
            "Who answered tells no evidence.",
            hint="The embedded engine does, on a server too, and models that find places where "
            "they are asked for boxes.",
        )
    drawn: list[tuple[NDArray[np.uint8], list[drawing.Named]]] = []
    for i, each in enumerate(looked):
        for page, pixels in await _sheets(each, own[kind], i + first, detail, settings):
            drawn.append((pixels, _told(spent, kind, i + first, page)))
    for number, (pixels, found) in enumerate(drawn, 1):
        whole = path if len(drawn) == 1 else path.with_stem(f"{path.stem}-{number}")
        await asyncio.to_thread(drawing.save, whole, drawing.boxed(pixels, found, 1.0))
    if not any(found for _, found in drawn):
        sys.stderr.write("Nothing that the answer says was found printed on the picture.\n")


async def _sheets(
    looked: Looked, evidence: Sequence[Any], place: int, detail: Detail, settings: Settings
) -> list[tuple[int | None, NDArray[np.uint8]]]:
    """Give the pixels of a picture, or of those pages of a document on which evidence is."""
    name, url = looked
    if url.startswith("data:image/"):
        done = await asyncio.to_thread(lambda: list(_decoded([looked], settings)))
        return [(None, pixels) for _, pixels, _ in done]
    numbers = sorted({one["page"] for one in evidence if "page" in one and _is_of(one, place)})
    if not numbers:
        return []
    data = base64.b64decode(url.partition(",")[2])
    pages = await pictures.pages(data, name, numbers, settings, detail)
    urls = [(name, data_url(page, "image/png")) for page in pages]
    decoded = await asyncio.to_thread(lambda: list(_decoded(urls, settings)))
    return [(number, found[1]) for number, found in zip(numbers, decoded, strict=True)]


def _is_of(one: Mapping[str, Any], place: int) -> bool:
    """Say whether something was told of the part at a place of its message."""
    return f".content[{place}]." in str(one["param"])


def _told(
    spent: dict[str, Any], kind: str, place: int, page: int | None = None
) -> list[drawing.Named]:
    """Give the boxes of what was told of one picture or page, in its pixels, each with its name."""
    own = spent.get("sightline")
    told = own.get(kind) if isinstance(own, dict) else None
    return [
        (tuple(one["box"]), drawing.name_of(one))
        for one in told or ()
        if _is_of(one, place) and one.get("page") == page
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
        width, height = image.look(data, f"picture {i + 1}", bounds).size
        scale = min(1.0, (longest or max(width, height)) / max(width, height))
        size = max(1, round(width * scale)), max(1, round(height * scale))
        yield i, image.decode(data, f"picture {i + 1}", bounds, size), scale

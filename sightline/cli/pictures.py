"""Pictures as they are named on the command line, to bytes.

A name is a file's, a pattern of files' names, a URL, `clipboard`, or - for stdin.

One's own command line may read one's own files and fetch from one's own network; what the API
would not take but Pillow can read is converted on the way.
"""

from __future__ import annotations

import asyncio
import base64
import sys
from collections.abc import Sequence
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING

from sightline.cli import clipboard
from sightline.errors import (
    ImageError,
    ModelNotFound,
    SightlineError,
    UnreadFilm,
    UpstreamError,
    UsageError,
    nearest,
)
from sightline.settings import Settings

if TYPE_CHECKING:
    from sightline.media.image import ImageBounds
    from sightline.types import Detail


def note_guesses(models: Sequence[str]) -> None:
    """Tell on standard error of which models it is a guess how they size pictures."""
    from sightline.media.image_tokens import guess

    for model in dict.fromkeys(models):
        if why := guess(model):
            sys.stderr.write(f"How {model} sizes pictures is a guess: {why}.\n")


def check_models(ids: Sequence[str]) -> None:
    """See that OpenAI has had models of these ids. Raises `UsageError` for one that it has not."""
    from sightline.api.models import find
    from sightline.api_models import api_models

    for id in ids:
        try:
            find(id)
        except ModelNotFound as error:
            meant = nearest(id, api_models().models)
            raise UsageError(
                error.message, hint=meant or "`sightline models --api` lists them."
            ) from None


CLIPBOARD = "clipboard"


def expanded(names: Sequence[str]) -> list[str]:
    """Put the files in a pattern's place that it matches, in order; other names stay as they are.

    Shells do so themselves, but not within quotes, and Windows' not at all.
    """
    found: list[str] = []
    for name in names:
        found += (is_pattern(name) and sorted(glob(name, recursive=True))) or [name]
    return found


def is_pattern(name: str) -> bool:
    """Say whether a name stands for the files that it matches."""
    return bool(set(name) & set("*?[")) and not Path(name).exists()


def is_named(item: str) -> bool:
    """Say whether a word of the command line names a picture, and is no question."""
    from sightline.api.uploads import is_web

    return is_web(item) or item == CLIPBOARD or Path(item).is_file()


async def read(name: str, param: str, settings: Settings, *, documents: bool = False) -> bytes:
    """Read a picture's bytes, converted where the API would not take them, or also a PDF's.

    Raises `ImageError` with `param`, and `UpstreamError` for a file that cannot be read.
    """
    from sightline.media import container

    most = settings.max_image_bytes
    data = await raw(
        name, param, settings, max(most, settings.max_file_bytes) if documents else most
    )
    if container.format_of(data) is not None or (documents and data.startswith(b"%PDF-")):
        return data
    from sightline.media import convert

    return await asyncio.to_thread(convert.converted, data, param, bounds(settings))


async def raw(name: str, param: str, settings: Settings, most: int | None = None) -> bytes:
    """Read at most so many bytes of a picture as they are; raises as `read`."""
    from sightline.api.uploads import is_web

    most = settings.max_image_bytes if most is None else most
    if is_web(name):
        from sightline.media.fetch import fetched

        data = await fetched(name, param, settings, most=most)
    elif name == "-":
        data = await asyncio.to_thread(sys.stdin.buffer.read, most + 1)
    else:
        data = await asyncio.to_thread(_read, name, most + 1)
    if not data:
        raise ImageError("It is empty.", param=param)
    return data


def bounds(settings: Settings) -> ImageBounds:
    """Give the bounds of one picture."""
    from sightline.media.image import ImageBounds

    return ImageBounds(
        settings.max_image_bytes, settings.max_image_pixels, settings.max_image_ratio
    )


async def pages(
    data: bytes, param: str, numbers: Sequence[int], settings: Settings, detail: Detail = "high"
) -> list[bytes]:
    """Draw pages of a PDF. Raises `ImageError` for what is none, or has no such page."""
    from sightline.media.data_url import data_url
    from sightline.media.documents import Documents
    from sightline.types import FileRef, ImageRef, Inline

    url = data_url(data, "application/pdf")
    drawer = Documents(settings)
    try:
        drawn = await drawer.chosen(FileRef(Inline(url), param, detail), numbers)
    finally:
        await drawer.close()
    sources = [page.source for page in drawn if isinstance(page, ImageRef)]
    found = [source.url for source in sources if isinstance(source, Inline)]
    return [base64.b64decode(each.partition(",")[2]) for each in found]


def _read(name: str, most: int) -> bytes:
    if name == CLIPBOARD and not Path(name).exists():
        return clipboard.picture()
    try:
        with Path(name).open("rb") as file:
            return file.read(most)
    except IsADirectoryError:
        raise UpstreamError(f"{name} is a folder.", hint="Name the pictures in it.") from None
    except OSError:
        hint = "Is the question missing?" if " " in name else "Check its name."
        raise UpstreamError(f"{name} cannot be read.", hint=hint) from None


def no_film(error: ImageError, name: str) -> SightlineError:
    """Say of a file that was named as a film why it cannot be read as one."""
    what = "cannot be read" if isinstance(error, UnreadFilm) else "is no film that can be read"
    return SightlineError(f"{name} {what}. {error.message}", hint=error.hint)


def named(error: ImageError, name: str) -> SightlineError:
    """Say the picture's name where the request's path stands."""
    message = error.message.replace(f"'{error.param}'", "the picture")
    return ImageError(f"{'stdin' if name == '-' else name}: {message}", hint=error.hint)

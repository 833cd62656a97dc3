"""Covers a question that this process sends to a server itself: its pictures are decoded for that.

For the command line with `--base-url`. A server that is asked to cover what it passes on does so in
its pipeline.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sightline.errors import UsageError
from sightline.media.documents import Documents
from sightline.redaction.paint_over import Redactor
from sightline.redaction.rules import Wanted
from sightline.settings import Settings
from sightline.types import FileRef, ImageRef, Inline, Part, Picture, Question, Sizing, VideoRef
from sightline.workers import Stop, Workers

if TYPE_CHECKING:
    from sightline.media.image import ImageBounds

_LONGEST = 2048  # pixels of a picture's side: no model looks at more


class Outward:
    """Covers questions before they are sent. To be closed."""

    def __init__(self, settings: Settings, wanted: Wanted) -> None:
        from sightline.media.image import ImageBounds

        self._wanted = wanted
        self._bounds = ImageBounds.of(settings)
        self._workers = Workers(settings.worker_threads)
        self._documents = Documents(settings)
        self._redactor = Redactor(self._workers, settings.worker_threads)

    async def close(self) -> None:
        """End the work."""
        self._workers.close()
        await self._documents.close()

    async def cover(self, question: Question) -> Question:
        """Give the question as it may be sent. Raises `UsageError` for what can't be covered."""
        question = await self._documents.expand(question, drawn=False)
        made: dict[int, Part] = {}
        for ref in question.images:
            made[id(ref)] = await self._workers.run(partial(_decoded, ref, self._bounds))
        question = question.with_parts(lambda part: [_known(made.get(id(part), part))])
        return await self._redactor.cover(question, self._wanted)


def _known(part: Part) -> Part:
    """Let a part pass of which it is known what it shows. Raises `UsageError`."""
    if isinstance(part, ImageRef | VideoRef | FileRef):
        raise UsageError(
            "What another server is to fetch or to decode cannot be covered, and is not sent.",
            hint="Send the picture itself, of a film its frames.",
        )
    return part


def _decoded(ref: ImageRef, bounds: ImageBounds, stop: Stop) -> Part:
    from sightline.media import data_url, image

    stop.check()
    if not isinstance(ref.source, Inline):
        return ref
    data = data_url.from_data_url(ref.source.url, ref.param, bounds.max_bytes)
    width, height = original = image.look(data, ref.param, bounds).size
    scale = min(1.0, _LONGEST / max(original))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    pixels = image.decode(data, ref.param, bounds, size)
    return Picture(
        pixels=pixels,
        views=(pixels,),
        original_size=original,
        sight=Sizing(*size, tokens=0),
        digest=image.digest(pixels),
        param=ref.param,
        detail=ref.detail,
        page=ref.page,
        size_pt=ref.size_pt,
    )

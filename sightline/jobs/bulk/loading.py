"""An item to the parts of a request: read, found out what it is, films to frames.

What the API takes is sent as it is, unless it is to be `sized`: then pictures are made as small as
whoever answers sees them, so that they travel light between machines.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from sightline.api.uploads import is_web
from sightline.errors import ImageError
from sightline.jobs.ask import Answerer, attached, part
from sightline.jobs.bulk import sources
from sightline.jobs.bulk.job import Job
from sightline.jobs.bulk.sources import Item
from sightline.media import container, file_kinds
from sightline.media.data_url import data_url, from_data_url, inline
from sightline.media.documents import Documents
from sightline.media.fetch import Fetcher
from sightline.settings import Settings
from sightline.types import (
    Detail,
    FileRef,
    FilmNote,
    ImageRef,
    Inline,
    Message,
    Part,
    Question,
    Sampling,
)

if TYPE_CHECKING:
    from sightline.media.film_reader import FilmOrder
    from sightline.media.image import ImageBounds

_PARAM = "picture"
_FILM_SHARE = 0.6  # of the context, at most


class Loader:
    """Loads the items of a run. To be closed."""

    def __init__(
        self, settings: Settings, order: Job, who: Answerer, *, sized: bool, pages: bool = False
    ) -> None:
        """Make it; with `pages` documents become pictures here, for who takes no documents."""
        self._pages = pages
        self._settings, self._order, self._who, self._sized = settings, order, who, sized
        self._most = max(
            settings.max_image_bytes, settings.max_file_bytes, settings.max_video_bytes
        )
        self._fetcher = Fetcher.of(settings, most=self._most, own=True)
        self._documents = Documents(settings)

    async def close(self) -> None:
        """Close the connections."""
        await self._fetcher.close()
        await self._documents.close()

    async def parts(self, item: Item) -> list[Part]:
        """Make the parts of a request. Raises `ImageError`."""
        data = await self._read(item)
        if file_kinds.is_film(data[: file_kinds.HEAD]):
            return await self._film(data)
        if file_kinds.is_pdf(data) and self._pages:
            return list(await self._drawn(data))
        if not file_kinds.is_pdf(data):
            data = await asyncio.to_thread(self._picture, data)
        return [part(await asyncio.to_thread(attached, data), 1, self._order.detail)]

    async def tokens(self, item: Item) -> int:
        """Count what an item costs, by the table of who answers. Raises `ImageError`."""
        data = await self._read(item)
        if file_kinds.is_film(data[: file_kinds.HEAD]):
            from sightline.media.film_reader import reading

            async with reading(data, self._plan(decode=False), _PARAM) as film:
                return film.tokens
        if not file_kinds.is_pdf(data):
            return await asyncio.to_thread(self._tokens, data)
        pages = await self._drawn(data)
        return sum([await asyncio.to_thread(self._page, page) for page in pages])

    async def _drawn(self, data: bytes) -> Sequence[ImageRef]:
        """Draw the pages of a document."""
        url = await asyncio.to_thread(data_url, data)
        ref = FileRef(Inline(url), _PARAM, self._order.detail)
        question = Question(self._who.name, (Message("user", (ref,)),))
        return (await self._documents.expand(question)).images

    async def _read(self, item: Item) -> bytes:
        if is_web(item.where):
            return await self._fetcher.get(item.where, _PARAM)
        return await asyncio.to_thread(sources.read, item, self._most)

    def _picture(self, data: bytes) -> bytes:
        if container.format_of(data) is not None and not self._sized:
            return data  # as it is, which needs nothing that reads pixels
        from sightline.media import convert
        from sightline.media import image as images
        from sightline.media import image_tokens as details
        from sightline.media.encode import compact

        data = convert.converted(data, _PARAM, self._bounds)
        if self._sized:
            size = images.look(data, _PARAM, self._bounds).size
            sight = details.sight(self._who.profile, *size, self._order.detail)
            pixels = images.decode(data, _PARAM, self._bounds, (sight.width, sight.height))
            data, _ = compact(pixels)
        return data

    @cached_property
    def _bounds(self) -> ImageBounds:
        from sightline.media.image import ImageBounds

        return ImageBounds.of(self._settings)

    def _tokens(self, data: bytes) -> int:
        from sightline.media import convert
        from sightline.media import image as images
        from sightline.media import image_tokens as details

        data = convert.converted(data, _PARAM, self._bounds)
        size = images.look(data, _PARAM, self._bounds).size
        return details.sight(self._who.profile, *size, self._order.detail).tokens

    def _page(self, page: ImageRef) -> int:
        return self._tokens(from_data_url(inline(page.source, _PARAM), _PARAM, self._most))

    async def _film(self, data: bytes) -> list[Part]:
        from sightline.jobs.describe import shown
        from sightline.media.film_reader import reading

        async with reading(data, self._plan(decode=True), _PARAM) as film:
            frames = [frame async for frame in film.frames()]
        if not frames:
            raise ImageError("No frame of the film can be decoded.")
        seen = await shown(frames, film.about, self._who.profile, self._detail)
        return [FilmNote(film.about), *seen]

    def _plan(self, *, decode: bool) -> FilmOrder:
        from sightline.media.film_reader import FilmOrder

        budget = min(Sampling().budget, int(self._who.context * _FILM_SHARE))
        return FilmOrder(
            Sampling(frames=self._order.frames, budget=budget),
            self._who.profile,
            self._detail,
            survey=self._who.surveys and decode,
            decode=decode,
            threads=1,  # several films are read at once
            cpu_s=self._settings.video_decode_s,
        )

    @property
    def _detail(self) -> Detail:
        """How closely frames are looked at: they are many."""
        return "low" if self._order.detail == "auto" else self._order.detail

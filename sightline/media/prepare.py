"""A `Question` with `ImageRef`s to the same question with `Picture`s: all of them, or an error.

The one place where pictures are made ready for engines. Fetching is concurrent and bounded;
decoding runs on the workers. The order of parts never changes.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from sightline.errors import InvalidRequest
from sightline.media import source
from sightline.media.fetch import Fetcher
from sightline.media.image import MOST_KEPT_PIXELS, Bounds, decode
from sightline.settings import Settings
from sightline.types import ImageRef, Message, Part, Picture, Question
from sightline.workers import Workers

_FETCHES_AT_ONCE = 8
# What one request's pictures may hold together, 1.8 GB: 500 of them keep 1.2 megapixels each.
_PIXELS_IN_ALL = 600_000_000


class Preparer:
    """Fetches and decodes the pictures of questions."""

    def __init__(self, settings: Settings, workers: Workers) -> None:
        self._bounds = Bounds(settings.max_image_bytes, settings.max_image_pixels)
        self._max_images = settings.max_images
        self._workers = workers
        self._fetcher = Fetcher(
            timeout_s=settings.fetch_timeout_s,
            max_bytes=settings.max_image_bytes,
            allow_private=settings.allow_private_urls,
        )

    async def prepare(self, question: Question) -> Question:
        """Return `question` with every picture decoded.

        Raises `InvalidRequest` for too many pictures and `ImageError` for the first, in the order
        sent, that cannot be had.
        """
        images = question.images
        if len(images) > self._max_images:
            raise InvalidRequest(
                f"Too many images in the request: at most {self._max_images} are allowed, but "
                f"got {len(images)}.",
                param="messages",
                code="too_many_images",
            )
        gate = asyncio.Semaphore(_FETCHES_AT_ONCE)
        kept = min(MOST_KEPT_PIXELS, _PIXELS_IN_ALL // max(1, len(images)))
        tasks = [asyncio.ensure_future(self._picture(image, gate, kept)) for image in images]
        try:
            pictures = iter([await task for task in tasks])
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        def ready(part: Part) -> Part:
            return next(pictures) if isinstance(part, ImageRef) else part

        return replace(
            question,
            messages=tuple(
                Message(message.role, tuple(ready(part) for part in message.parts))
                for message in question.messages
            ),
        )

    async def close(self) -> None:
        """Close the fetcher's connections."""
        await self._fetcher.close()

    async def _picture(self, image: ImageRef, gate: asyncio.Semaphore, kept: int) -> Picture:
        async with gate:
            fetched = (
                await self._fetcher.get(image.url, image.param)
                if source.is_web(image.url)
                else None
            )

            def work(stop: object) -> Picture:
                data = fetched
                if data is None:
                    data = source.from_data_url(image.url, image.param, self._bounds.max_bytes)
                return decode(
                    data,
                    image.param,
                    self._bounds,
                    detail=image.detail,
                    longest_side=image.longest_side,
                    kept_pixels=kept,
                )

            return await self._workers.run(work)

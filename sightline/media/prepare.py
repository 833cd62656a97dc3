"""A `Question` with `ImageRef`s to the same question with `Picture`s: all of them, or an error.

The one place where pictures are made ready for engines, in two steps. `fetch` gets the bytes and
reads the headers, so that sizes and costs are known before any pixel is; `decode` makes pixels of
the size that the level of detail says. Fetching is concurrent and bounded; everything else runs
on the workers. The order of parts never changes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from sightline.api.notes import told
from sightline.errors import ImageError, InvalidRequest
from sightline.media import data_url, file_kinds
from sightline.media import image as images
from sightline.media import image_tokens as details
from sightline.media.as_sent import Guard, LookedAt, SentFiles
from sightline.media.container import Container
from sightline.media.decoding import LARGE_PIXELS, DecodeLimits, Decoders, PixelBudget
from sightline.media.fetch import Fetcher
from sightline.media.request_limits import Total, check_parts
from sightline.settings import Settings
from sightline.types import (
    Detail,
    Encoded,
    FilmNote,
    FrameNote,
    Hold,
    ImageRef,
    Part,
    Picture,
    PictureReport,
    Question,
    Sizing,
    Text,
    Url,
    unheld,
)
from sightline.workers import Stop, Workers, all_of

_FETCHES_AT_ONCE = 8
_USUAL_SCANS = 10


@dataclass(frozen=True, slots=True)
class Fetched:
    """A picture's bytes, its upright (width, height), and how the model is to see it."""

    ref: ImageRef
    encoded: Encoded
    size: tuple[int, int]
    sight: Sizing
    detail: Detail
    lowered: bool = False
    scans: int = 1

    @property
    def pixels(self) -> int:
        """How many pixels its file has."""
        return self.size[0] * self.size[1]

    @property
    def work(self) -> int:
        """How many pixels are to be gone over; an ordinary progressive JPEG counts once."""
        return self.pixels * max(1, self.scans // _USUAL_SCANS)

    @property
    def seen(self) -> PictureReport:
        """What is told about the picture."""
        return PictureReport(
            self.ref.param, self.detail, self.size, self.sight, self.lowered, self.ref.page
        )

    @property
    def fits(self) -> bool:
        """Whether it came in the size in which it is to be seen; at low it is always sized here."""
        return self.detail != "low" and self.size == (self.sight.width, self.sight.height)

    def at(self, model: str, detail: Detail) -> Fetched:
        """Give the same picture at a lower level of detail."""
        sight = _sight(model, self.size, self.ref, detail)
        return replace(self, sight=sight, detail=detail, lowered=True)


_MOST_SUSPECT = 3  # one frame of a film in so many


class FilmGuard:
    """A guard for the frames of a film.

    Of the many frames of an honest film a few would be taken for CAPTCHAs, while a film of one
    shows it all through: it is refused where more than one frame in three would be.
    """

    def __init__(self, guard: Guard | None) -> None:
        self._guard = guard
        self._looked = 0
        self._refused: list[ImageError] = []

    def look(self, pixels: NDArray[np.uint8], param: str) -> None:
        """Look at one frame."""
        if self._guard is None:
            return
        self._looked += 1
        try:
            self._guard(pixels, param)
        except ImageError as error:
            self._refused.append(error)

    def settle(self) -> None:
        """Raise what the first refused frame raised, where too many were."""
        if self._refused and len(self._refused) * _MOST_SUSPECT > self._looked:
            raise self._refused[0]


class Preparer:
    """Fetches and decodes the pictures of questions."""

    def __init__(self, settings: Settings, workers: Workers) -> None:
        self._bounds = images.ImageBounds.of(settings)
        self._settings = settings
        self._workers = workers
        self._fetcher = Fetcher.of(settings)
        self._decoders = Decoders(DecodeLimits(settings.image_decode_s, settings.max_image_pixels))
        # All large pictures at once may have the pixels of one that is as large as may be; and one
        # thread is left for the others, where there are two.
        self._large = PixelBudget(
            max(settings.max_image_pixels, LARGE_PIXELS), max(1, settings.worker_threads - 1)
        )
        self._looked_at = LookedAt(0) if settings.zero_retention else LookedAt()
        self._sent_files = SentFiles(self._decoders, self._looked_at)

    def warm(self) -> None:
        """Start the first decoding process ahead of the first picture."""
        self._decoders.warm()

    def cool(self) -> None:
        """End the decoding processes; pictures are not decoded any more."""
        self._decoders.close()

    async def fetch(self, question: Question, hold: Hold = unheld) -> list[Fetched]:
        """Get the bytes of every picture, of which `hold` is told, and read its header.

        Raises `InvalidRequest` for too many pictures or bytes, and `ImageError` for the first, in
        the order sent, that cannot be had or that the API would refuse for its size.
        """
        check_parts(question, self._settings)
        gate = asyncio.Semaphore(_FETCHES_AT_ONCE)
        total = Total(self._settings.max_images_bytes)

        async def one(ref: ImageRef) -> Fetched:
            data, held = None, 0

            def take(count: int) -> None:
                hold(count)
                total.take(count, ref.param)

            def most(head: bytes) -> int:
                if not file_kinds.is_picture(head):
                    raise images.unsupported(ref.param)
                return self._bounds.max_bytes

            async with gate:
                if isinstance(ref.source, Url):
                    data = await self._fetcher.get(ref.source.url, ref.param, take, most)
                else:
                    held = data_url.decoded_bytes(data_url.inline(ref.source, ref.param))
                    hold(held)
                fetched = await self._workers.run(
                    lambda stop: self._header(ref, data, question.profile)
                )
                if data is None:
                    hold(-held)
                    take(len(fetched.encoded.data))
            return fetched

        return await all_of(map(one, question.images))

    def _header(self, ref: ImageRef, data: bytes | None, model: str) -> Fetched:
        if data is None:
            url = data_url.inline(ref.source, ref.param)
            data = data_url.from_data_url(url, ref.param, self._bounds.max_bytes)
        header = images.look(data, ref.param, self._bounds)
        size = header.size
        sight = _sight(model, size, ref, ref.detail)
        if details.rejected(sight):
            raise ImageError(
                "Image size exceeds the limit.",
                param=ref.param,
                code="image_too_large",
                hint=f"At this detail it has {sight.patches} patches of 32 pixels; at most "
                f"{details.MOST_PATCHES} are taken. Send it smaller or with detail high.",
            )
        return Fetched(ref, Encoded(data), size, sight, ref.detail, scans=header.scans)

    async def decode(
        self,
        question: Question,
        fetched: Sequence[Fetched],
        *,
        tiles: bool,
        labels: bool,
        guard: Guard | None,
        files: frozenset[str] = frozenset(),
    ) -> Question:
        """Put pictures of the right size where the references were.

        `tiles` gives each its overview and tiles as views; `labels` puts "Image 1:" and so on
        before each of several. `guard` sees every picture and may refuse it. What comes as it is
        to be seen stays a file, where it is of a format of `files`. Raises `ImageError`.
        """
        pixels = sum(f.sight.width * f.sight.height for f in fetched)
        if pixels > self._settings.max_images_pixels:
            raise _too_large_together(
                f"At the detail asked for they have {pixels / 1e6:.0f} megapixels; at most "
                f"{self._settings.max_images_pixels / 1e6:.0f} are taken. Send fewer, or with "
                "detail low."
            )
        stored = sum(f.pixels for f in fetched)
        if stored > self._settings.max_source_pixels:
            raise _too_large_together(
                f"As they were sent they have {stored / 1e6:.0f} megapixels; at most "
                f"{self._settings.max_source_pixels / 1e6:.0f} are taken. Send fewer or smaller "
                "ones."
            )

        frames = _frames(question)

        async def one(item: Fetched) -> Picture:
            def work(stop: Stop) -> Picture:
                file, picture = images.walk(item.encoded.data, item.ref.param, self._bounds), None
                if item.fits and file.format in files:
                    picture = self._as_sent(item, file, guard, question.owner, stop)
                known = guard and partial(self._look, guard, question.owner)
                picture = picture or self._picture(item, file, tiles, known, stop)
                return replace(picture, film=item.ref.param in frames)

            async with self._large.hold(item.work):
                return await self._workers.run(work)

        pictures = await all_of(map(one, fetched))
        return _placed(question, pictures, labels=labels)

    async def close(self) -> None:
        """Close the fetcher's connections, and end the decoding processes."""
        await self._fetcher.close()
        self._decoders.close()

    def _as_sent(
        self, item: Fetched, file: Container, guard: Guard | None, owner: str, stop: Stop
    ) -> Picture | None:
        """Make a picture of the file that came; None where it has to be decoded."""
        found = self._sent_files.find(item.ref, item.encoded.data, file, guard, owner, stop)
        if found is None:
            return None
        made = _made(item, np.empty((0, 0, 3), np.uint8), (), found[1])
        return replace(made, file=found[0])

    def _picture(
        self,
        item: Fetched,
        file: Container,
        tiles: bool,
        look: Callable[[NDArray[np.uint8], str, str], None] | None,
        stop: Stop,
    ) -> Picture:
        sight, param = item.sight, item.ref.param
        pixels = self._decoders.decode(file, (sight.width, sight.height), param, stop)
        digest = images.digest(pixels)
        if look is not None:
            look(pixels, digest, param)
        shown = views(pixels, sight) if tiles else (pixels,)
        made = _made(item, pixels, shown, digest)
        return replace(made, lossy=file.format == "JPEG")

    def _look(
        self, guard: Guard, owner: str, pixels: NDArray[np.uint8], digest: str, param: str
    ) -> None:
        """Have the guard look at a client's picture, once at the same one."""
        seal = self._looked_at.digest(bytes.fromhex(digest), owner)
        if seal not in self._looked_at:
            guard(pixels, param)
            self._looked_at.add(seal)


def _made(
    item: Fetched,
    pixels: NDArray[np.uint8],
    shown: tuple[NDArray[np.uint8], ...],
    digest: str,
) -> Picture:
    return Picture(
        pixels=pixels,
        views=shown,
        original_size=item.size,
        sight=item.sight,
        digest=digest,
        param=item.ref.param,
        detail=item.detail,
        lowered=item.lowered,
        page=item.ref.page,
        size_pt=item.ref.size_pt,
    )


def _too_large_together(hint: str) -> InvalidRequest:
    return InvalidRequest(
        "The images of the request are too large together.",
        param="messages",
        code="image_too_large",
        hint=hint,
    )


def _frames(question: Question) -> frozenset[str]:
    """Name the pictures that are to be read as the frames of a film, since a client says so.

    What is refused does not depend on it. Those are of the cookbook's form, or each follows a text
    that tells its time; and they are several, or something is told of the film beside.
    """
    found = set()
    for message in question.messages:
        here = [
            part.param
            for before, part in zip((None, *message.parts), message.parts, strict=False)
            if isinstance(part, ImageRef)
            and (part.frame or (before is not None and isinstance(told(before), FrameNote)))
        ]
        of_film = any(isinstance(told(part), FilmNote) for part in message.parts)
        found |= set(here) if of_film or len(here) > 1 else set()
    return frozenset(found)


def _sight(model: str, size: tuple[int, int], ref: ImageRef, detail: Detail) -> Sizing:
    width, height = size
    if ref.longest_side is not None and max(size) > ref.longest_side:
        scale = ref.longest_side / max(size)
        width, height = max(1, round(width * scale)), max(1, round(height * scale))
    return details.sight(model, width, height, detail)


def views(pixels: NDArray[np.uint8], sight: Sizing) -> tuple[NDArray[np.uint8], ...]:
    """Cut a sized picture into its overview, which fits 512×512, and its tiles in reading order.

    A picture that needs no more than one tile is its own overview.
    """
    boxes = details.tiles(sight)
    if len(boxes) < 2:
        return (pixels,)
    scale = details.TILE / max(sight.width, sight.height)
    size = max(1, int(sight.width * scale)), max(1, int(sight.height * scale))
    cut = (np.ascontiguousarray(pixels[y0:y1, x0:x1]) for x0, y0, x1, y1 in boxes)
    return (images.shrink(pixels, size), *cut)


def _placed(question: Question, pictures: list[Picture], *, labels: bool) -> Question:
    coming = iter(enumerate(pictures, 1))

    def ready(part: Part) -> Iterator[Part]:
        if isinstance(part, ImageRef):
            number, picture = next(coming)
            if labels and len(pictures) > 1:
                yield Text(f"Image {number}:", ours=True)
            yield picture
        else:
            yield part

    return question.with_parts(ready)

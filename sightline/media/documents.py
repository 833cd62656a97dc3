"""Documents of a question to pictures: each page of a PDF as a picture, its text beside it.

A document that is a picture itself is taken as one. One that is a text is told as it is, and drawn
for those who look. From then on pages are pictures like others:
sized, counted, looked at and refused as such.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sightline.errors import ImageError, InvalidRequest
from sightline.media import data_url, file_kinds
from sightline.media.fetch import Fetcher
from sightline.media.places import Places
from sightline.media.request_limits import Total, check_parts, holding
from sightline.processes import Ended, Process, running
from sightline.quoting import tamed
from sightline.settings import MIB, Settings
from sightline.types import FileRef, Hold, ImageRef, Inline, PageNote, Part, Question, Url, unheld

_LONGEST = {"low": 768}  # pixels that a page's longest side is drawn with, by the level of detail
_USUAL = 2048  # as large as any model looks at
_SHORT_S = 3.0  # most documents are drawn by then
_PAGE_SHARE = 4  # of a document's time for one page
_CROWDED = 8  # times as long by the clock as in work: others work on the same machine
_MOST_NAME = 100  # characters of a file's name that are told
_LONGEST_LINE = 1 << 25  # all the text that a document may have, as JSON


class Documents:
    """Turns the documents of questions into pictures and texts."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._fetcher = Fetcher.of(settings, "file")
        self._places = Places(settings.worker_threads, _SHORT_S)

    async def close(self) -> None:
        """Close the fetcher's connections."""
        await self._fetcher.close()

    async def expand(
        self,
        question: Question,
        hold: Hold = unheld,
        *,
        drawn: bool = True,
        measured: bool = False,
    ) -> Question:
        """Put pages where documents were; those of texts as pictures only where they are `drawn`.

        Of pages that are only `measured` the pictures are blank: they are as large as those that
        are drawn, which costs a PDF's drawing. `hold` is told of each document while it is read,
        and of the pages made of it. Raises `ImageError` that names the document that cannot be
        had, is none, or is too large.
        """
        if not question.files:
            return question
        check_parts(question, self._settings)
        left = self._settings.max_file_pages
        total = Total(self._settings.max_images_bytes)
        made: dict[int, list[Part]] = {}
        for ref in question.files:
            made[id(ref)] = pages = await self._pages(ref, left, total, hold, drawn, measured)
            left -= sum(isinstance(page, PageNote) for page in pages)
        return question.with_parts(lambda part: made.get(id(part), [part]))

    async def chosen(
        self, ref: FileRef, pages: Sequence[int], hold: Hold = unheld
    ) -> tuple[Part, ...]:
        """Draw some pages of a document, the first of which is 1, in the order given.

        Gives a note and a picture for each. Raises `ImageError` for one that cannot be had, is no
        PDF, or has no such page.
        """
        async with self._places.place():
            with holding(hold) as take:
                data = await self._data(ref, take)
                if self._check(data, ref, len(pages)) != "pdf":
                    raise _unsupported(ref)
                take(len(data))  # the process that draws it has it as well
                most = self._settings.max_file_pages
                drawn = await self._drawn(data, ref, most, self._settings.max_images_bytes, pages)
                del data
        hold(sum(map(len, _urls(drawn))))
        return tuple(drawn)

    async def _pages(
        self, ref: FileRef, most: int, total: Total, hold: Hold, drawn: bool, measured: bool
    ) -> list[Part]:
        # Only as many are held as are drawn at once.
        async with self._places.place():
            with holding(hold) as take:
                data = await self._data(ref, take)
                if file_kinds.is_picture(data):
                    total.take(len(data), ref.param)
                    pages: list[Part] = [await asyncio.to_thread(_picture, data, "unknown", ref)]
                elif self._check(data, ref, most) == "text":
                    pages = await asyncio.to_thread(_typeset, data, ref, most, drawn)
                else:
                    take(len(data))  # the process that draws it has it as well
                    pages = await self._drawn(data, ref, most, total.left, measured=measured)
                    total.left -= sum(map(data_url.decoded_bytes, _urls(pages)))
                del data
        hold(sum(map(len, _urls(pages))))
        return pages

    async def _data(self, ref: FileRef, take: Hold) -> bytes:
        def most(head: bytes) -> int:
            if file_kinds.is_picture(head):
                return self._settings.max_image_bytes
            if not file_kinds.is_pdf(head) and not file_kinds.is_text(head):
                raise _unsupported(ref)
            return self._settings.max_file_bytes

        if isinstance(ref.source, Url):
            return await self._fetcher.get(ref.source.url, ref.param, take, most)
        url = data_url.inline(ref.source, ref.param, "file")
        take(data_url.decoded_bytes(url))
        return await asyncio.to_thread(
            data_url.from_data_url, url, ref.param, self._settings.max_file_bytes, "file"
        )

    def _check(self, data: bytes, ref: FileRef, most: int) -> str:
        """See that a document is one that may be drawn; say what it is."""
        if len(data) > self._settings.max_file_bytes:
            raise ImageError(
                "The file exceeds the limit of "
                f"{self._settings.max_file_bytes / MIB:.0f} MB for one file.",
                param=ref.param,
                code="file_too_large",
                hint="Send it in parts.",
            )
        kind = "pdf" if file_kinds.is_pdf(data) else "text"
        if kind == "text" and not file_kinds.is_text(data):
            raise _unsupported(ref)
        if most < 1:
            raise _too_many(ref, self._settings.max_file_pages)
        return kind

    async def _drawn(
        self,
        data: bytes,
        ref: FileRef,
        most: int,
        most_bytes: int,
        pages: Sequence[int] = (),
        *,
        measured: bool = False,
    ) -> list[Part]:
        order = {
            "bytes": len(data),
            "pages": list(pages),  # none for all
            "blank": measured,
            "most_pages": most,
            "most_bytes": most_bytes,
            "longest": _LONGEST.get(ref.detail, _USUAL),
            "cpu_s": self._settings.file_draw_s,
            "page_cpu_s": max(1.0, self._settings.file_draw_s / _PAGE_SHARE),
        }
        module, limit_s = "sightline.media.document_child", _CROWDED * self._settings.file_draw_s
        try:
            async with (
                running(module, order, [data], longest_line=_LONGEST_LINE) as process,
                asyncio.timeout(limit_s),
            ):
                return await _read(process, ref, most, most_bytes)
        except (Ended, TimeoutError, ValueError):
            raise _undrawn(ref) from None


async def _read(process: Process, ref: FileRef, most: int, most_bytes: int) -> list[Part]:
    """Read what the drawing process says: a text and a picture for each page, within bounds.

    Raises `ValueError` and `Ended` for what it does not say when it is whole.
    """
    parts: list[Part] = []
    left = most_bytes
    while True:
        told = await process.line()
        if "error" in told:
            raise ImageError(told["error"], param=ref.param, code="invalid_file", hint=told["hint"])
        if "end" in told:
            return parts
        left -= told["bytes"]
        if left < 0 or len(parts) >= 2 * most:
            raise ValueError("more than it was to give")
        drawn = await process.read(told["bytes"])
        parts += [
            await asyncio.to_thread(_note, told, ref.name),
            replace(
                await asyncio.to_thread(_picture, drawn, "png", ref),
                page=told["page"],
                size_pt=(float(told["size_pt"][0]), float(told["size_pt"][1])),
            ),
        ]


def _typeset(data: bytes, ref: FileRef, most: int, drawn: bool) -> list[Part]:
    """Make pages of a text: one to be read, or as many as it takes to be looked at."""
    text = data.decode("utf-8-sig", "replace")
    if not drawn:
        return [_note({"page": 1, "of": 1, "text": text}, ref.name)]
    from sightline.media import text_pages  # which brings what draws

    if not text_pages.can(text):
        raise ImageError(
            "Unsupported file: a text with letters that cannot be drawn for this model.",
            param=ref.param,
            code="unsupported_file",
            hint="Send it as a PDF, or ask a model that reads texts.",
        )
    of = text_pages.count(text)
    if of > most:
        raise _too_many(ref, most)
    parts: list[Part] = []
    for page, (told, picture) in enumerate(text_pages.pages(text), 1):
        parts.append(_note({"page": page, "of": of, "text": told}, ref.name))
        parts.append(replace(_picture(picture, "png", ref), page=page))
    return parts


def _too_many(ref: FileRef, most: int) -> InvalidRequest:
    return InvalidRequest(
        f"Too many pages in the request: at most {most} are taken.",
        param=ref.param,
        code="too_many_pages",
    )


def _note(told: Mapping[str, Any], name: str) -> PageNote:
    short = " ".join(name.split())[:_MOST_NAME]
    return PageNote(told["page"], told["of"], tamed(short), tamed(told["text"]))


def _urls(parts: list[Part]) -> list[str]:
    images = (part for part in parts if isinstance(part, ImageRef))
    return [image.source.url for image in images if isinstance(image.source, Inline)]


def _picture(data: bytes, kind: str, ref: FileRef) -> ImageRef:
    return ImageRef(Inline(data_url.data_url(data, f"image/{kind}")), ref.param, ref.detail)


def _unsupported(ref: FileRef) -> ImageError:
    return ImageError(
        "Unsupported file: it is neither a PDF nor a picture nor a text.",
        param=ref.param,
        code="unsupported_file",
        hint="PDF, PNG, JPEG, GIF, WebP and texts in UTF-8 are taken.",
    )


def _undrawn(ref: FileRef) -> ImageError:
    return ImageError(
        "The PDF cannot be drawn.",
        param=ref.param,
        code="invalid_file",
        hint="It ended what draws it, or took more memory or time than it may.",
    )

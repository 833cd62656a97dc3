"""Forms with one file: read within bounds, the file into memory or straight to where it is kept.

The parser itself bounds the heads of parts: 8 lines of 4 KiB each.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import BinaryIO

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from sightline.errors import InvalidRequest, RequestTooLarge
from sightline.server.request_body import pieces
from sightline.types import Hold, unheld


@dataclass(frozen=True, slots=True)
class UploadBounds:
    """How large a form may be: bytes of its file, fields beside it, bytes of each of those.

    `silence_s` is how long nothing of it may come.
    """

    file_bytes: int
    fields: int
    field_bytes: int
    silence_s: float

    @property
    def bytes(self) -> int:
        """The most bytes of a body."""
        return self.file_bytes + self.fields * self.field_bytes + 16_384


@dataclass(frozen=True, slots=True)
class UploadForm:
    """What a form holds: its file, from the beginning, that file's name and size, the fields.

    `items` are the fields as they came: a name may come more than once.
    """

    file: BinaryIO
    filename: str
    size: int
    fields: dict[str, str]
    items: tuple[tuple[str, str], ...] = ()


class _Parser(MultiPartParser):
    """A parser that writes the file to where it is told."""

    sink: BinaryIO | None = None
    is_whole = False

    def on_end(self) -> None:
        self.is_whole = True

    def drop(self) -> None:
        """Close what was begun and is of no finished part."""
        for file in self._files_to_close_on_error:
            file.close()

    def on_headers_finished(self) -> None:
        super().on_headers_finished()
        upload = self._current_part.file
        if upload is not None and self.sink is not None:
            upload.file.close()
            upload.file = self.sink


def declared(request: Request, bounds: UploadBounds) -> int:
    """Give how many bytes a form says that it has, or the most that it may have.

    Raises `RequestTooLarge` where it says too many.
    """
    told = request.headers.get("content-length", "")
    size = int(told) if told.isdigit() and len(told) < 19 else bounds.bytes
    if size > bounds.bytes:
        raise too_large(bounds.file_bytes)
    return size


@asynccontextmanager
async def read_form(
    request: Request, bounds: UploadBounds, hold: Hold = unheld, sink: BinaryIO | None = None
) -> AsyncIterator[UploadForm]:
    """Read a form; its file is in memory, which `hold` is told of, or in `sink`.

    Raises `InvalidRequest`, `RequestTooLarge` and `SlowRequest`, and `OSError` where the sink
    takes no more.
    """
    declared(request, bounds)

    async def bounded() -> AsyncGenerator[bytes]:
        size = 0
        async for piece in pieces(request, bounds.silence_s):
            size += len(piece)
            hold(len(piece))
            if size > bounds.bytes:
                raise too_large(bounds.file_bytes)
            yield piece

    parser = _Parser(
        request.headers,
        bounded(),
        max_files=1,
        max_fields=bounds.fields,
        max_part_size=bounds.field_bytes,
    )
    # Held in memory: an upload that is refused has never been on the disk.
    parser.spool_max_size = bounds.bytes + 1
    parser.sink = sink
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError):
        raise InvalidRequest("The form cannot be read.") from None
    try:
        if not parser.is_whole:
            parser.drop()
            raise InvalidRequest("The form cannot be read.", hint="Its last boundary is missing.")
        sent = form.get("file")
        if not isinstance(sent, UploadFile):
            raise InvalidRequest(
                "Missing required parameter: 'file'.",
                param="file",
                code="missing_required_parameter",
            )
        if (sent.size or 0) > bounds.file_bytes:
            raise too_large(bounds.file_bytes)
        items = tuple((key, str(value)) for key, value in form.multi_items() if key != "file")
        yield UploadForm(sent.file, sent.filename or "file", sent.size or 0, dict(items), items)
    finally:
        await form.close()


def too_large(most: int) -> RequestTooLarge:
    """Make the error for a file that is larger than one may be."""
    return RequestTooLarge(
        f"Maximum content size limit ({most}) exceeded.", hint="Send it smaller, or a part of it."
    )

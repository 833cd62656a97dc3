"""`/v1/files`: pictures and documents asked about by id, and what batches read and write."""

from __future__ import annotations

import asyncio
import base64
import os
import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import Response

from sightline.errors import InvalidRequest, RequestTooLarge, RouteNotFound
from sightline.media import image as images
from sightline.media import kinds
from sightline.media.bounds import check_parts
from sightline.server.body import pieces
from sightline.server.filestore import File, FileStore
from sightline.server.gate import owner_of
from sightline.server.house import House
from sightline.server.stream import Stream, json_reply
from sightline.settings import Settings
from sightline.types import Hold, Question
from sightline.wire import files as wire
from sightline.wire import uploads

_MOST_FIELD = 4096
_PIECE = 1 << 18
_LEAST_S, _MOST_S = 3600, 2_592_000


class FilesEndpoint:
    """Keeps files for their owners; none with no retention."""

    def __init__(self, settings: Settings, house: House) -> None:
        self._settings, self._house = settings, house
        self.store = FileStore(settings.files_folder, settings.files_quota_bytes)
        self._bounds = images.Bounds(
            settings.max_image_bytes, settings.max_image_pixels, settings.max_image_ratio
        )
        self._most = {
            "vision": settings.max_image_bytes,
            "user_data": settings.max_file_bytes,
            "batch": settings.max_batch_bytes,
        }

    async def create(self, request: Request) -> Response:
        """Take a file; pictures and documents are looked at when they arrive."""
        self._house.enter(request)
        if self._settings.zero_retention:
            raise InvalidRequest(
                "Files are not kept by this server.", hint="Send pictures as data URLs."
            )
        async with self._received(request) as (sent, filename, fields):
            purpose = wire.purpose(fields)
            keep_s = self._keep_s(fields, purpose)
            await asyncio.to_thread(self._look, sent, purpose)
            file = await asyncio.to_thread(
                self.store.add, sent, owner_of(request), filename, purpose, keep_s
            )
        return json_reply(wire.body(file))

    def _look(self, sent: BinaryIO, purpose: str) -> None:
        """See that a file is what its purpose says. Raises `InvalidRequest`."""
        size = sent.seek(0, os.SEEK_END)
        sent.seek(0)
        most = self._most[purpose]
        if size > most:
            raise _too_large(most)
        if not size:
            raise InvalidRequest("The file is empty.", param="file")
        if purpose == "vision" or (purpose == "user_data" and not kinds.is_pdf(sent.read(1024))):
            sent.seek(0)
            images.look(sent.read(), "file", self._bounds)

    async def show(self, request: Request) -> Response:
        """Tell of a file."""
        return json_reply(wire.body(await self._found(request)))

    async def content(self, request: Request) -> Response:
        """Give a file's bytes."""
        file = await self._found(request)
        path = self.store.path(file)
        if not await asyncio.to_thread(path.exists):
            raise _missing(file.id)
        head = {
            "content-disposition": "attachment",
            "content-length": str(file.bytes),
            "x-content-type-options": "nosniff",
        }
        made = Stream(_pieces(path), "application/octet-stream", headers=head)
        made.ending, made.write_s = self._house.lifecycle.ending, self._settings.body_timeout_s
        return made

    async def list(self, request: Request) -> Response:
        """List files, page by page."""
        found = await asyncio.to_thread(self.store.all, owner_of(request))
        return json_reply(wire.page(found, request.query_params))

    async def delete(self, request: Request) -> Response:
        """Delete a file."""
        file = await self._found(request)
        await asyncio.to_thread(self.store.delete, file)
        return json_reply(wire.deleted(file.id))

    async def check_input(self, request: Request, id: str, param: str) -> None:
        """See that there is a file for a batch. Raises `InvalidRequest`."""
        file = await asyncio.to_thread(self.store.find, id, owner_of(request))
        if file is None:
            raise InvalidRequest(f"No such File object: {id[:100]}", param=param)
        if file.purpose != "batch":
            raise InvalidRequest(
                f"Invalid file purpose: '{file.purpose}'. A batch is made of a file with purpose "
                "'batch'.",
                param=param,
                code="invalid_file_purpose",
            )

    async def placed(self, request: Request, question: Question) -> Question:
        """Put uploaded files where their ids stand. Raises `InvalidRequest`."""
        check_parts(question, self._settings)
        hold = self._house.held.of(request)
        found: dict[str, tuple[str, str]] = {}
        for id, ref in uploads.wanted(question):
            if id not in found:
                found[id] = await self._uploaded(request, id, ref.param, hold)
        return uploads.placed(question, found) if found else question

    async def _uploaded(self, request: Request, id: str, param: str, hold: Hold) -> tuple[str, str]:
        """Give a file as a data URL, and its name."""
        file = await asyncio.to_thread(self.store.find, id, owner_of(request))
        if file is not None:
            hold(3 * file.bytes)
        data = None if file is None else await asyncio.to_thread(self.store.read, file)
        if file is None or data is None:
            raise InvalidRequest(
                f"No such File object: {id[:100]}",
                param=param,
                hint="It may have expired, or be another key's.",
            )
        url = await asyncio.to_thread(_data_url, data)
        hold(len(url) - 3 * file.bytes)
        return url, file.filename

    def _keep_s(self, fields: Mapping[str, str], purpose: str) -> int:
        seconds = fields.get("expires_after[seconds]")
        if seconds is None:
            return _MOST_S if purpose == "batch" else int(self._settings.file_keep_s)
        if fields.get("expires_after[anchor]") != "created_at":
            raise InvalidRequest(
                "Invalid value for 'expires_after[anchor]': it is 'created_at'.",
                param="expires_after[anchor]",
            )
        if not re.fullmatch(r"\d{1,9}", seconds) or not _LEAST_S <= int(seconds) <= _MOST_S:
            raise InvalidRequest(
                f"Invalid 'expires_after[seconds]': expected {_LEAST_S} to {_MOST_S}.",
                param="expires_after[seconds]",
            )
        return int(seconds)

    async def _found(self, request: Request) -> File:
        id = request.path_params["id"]
        found = await asyncio.to_thread(self.store.find, id, owner_of(request))
        if found is None:
            raise _missing(id)
        return found

    @asynccontextmanager
    async def _received(
        self, request: Request
    ) -> AsyncIterator[tuple[BinaryIO, str, dict[str, str]]]:
        """Read the form. Raises `InvalidRequest` and `RequestTooLarge`."""
        if not request.headers.get("content-type", "").startswith("multipart/form-data"):
            raise InvalidRequest("A file is sent as multipart/form-data.")
        most = max(self._most.values())
        hold = self._house.held.of(request)

        async def bounded() -> AsyncGenerator[bytes]:
            size = 0
            async for piece in pieces(request, self._settings.body_timeout_s):
                size += len(piece)
                hold(len(piece))
                if size > most + 8 * _MOST_FIELD:
                    raise _too_large(most)
                yield piece

        parser = MultiPartParser(
            request.headers, bounded(), max_files=1, max_fields=8, max_part_size=_MOST_FIELD
        )
        # Held in memory: an upload that is refused has never been on the disk.
        parser.spool_max_size = most + 1
        try:
            form = await parser.parse()
        except (MultiPartException, KeyError):
            raise InvalidRequest("The form cannot be read.") from None
        try:
            sent = form.get("file")
            if not isinstance(sent, UploadFile):
                raise InvalidRequest(
                    "Missing required parameter: 'file'.",
                    param="file",
                    code="missing_required_parameter",
                )
            name = re.sub(r"[\x00-\x1f\x7f/\\]", "_", sent.filename or "file")[-200:]
            fields = {key: str(value) for key, value in form.multi_items() if key != "file"}
            yield sent.file, name, fields
        finally:
            await form.close()


async def _pieces(path: Path) -> AsyncGenerator[bytes]:
    with await asyncio.to_thread(path.open, "rb") as stored:
        while piece := await asyncio.to_thread(stored.read, _PIECE):
            yield piece


def _data_url(data: bytes) -> str:
    return f"data:image/unknown;base64,{base64.b64encode(data).decode()}"


def _too_large(most: int) -> RequestTooLarge:
    return RequestTooLarge(
        f"Maximum content size limit ({most}) exceeded.", hint="Send it smaller."
    )


def _missing(id: str) -> RouteNotFound:
    return RouteNotFound(f"No such File object: {id[:100]}")

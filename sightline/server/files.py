"""`/v1/files`: pictures and documents asked about by id, and what batches read and write."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import BinaryIO

from starlette.requests import Request
from starlette.responses import Response

from sightline.api import files as wire
from sightline.api import uploads
from sightline.api.files import File
from sightline.errors import InvalidRequest, RouteNotFound
from sightline.media import file_kinds
from sightline.media import image as images
from sightline.media.data_url import data_url
from sightline.media.request_limits import check_parts
from sightline.server import forms
from sightline.server.admission import Admission
from sightline.server.auth import owner_of
from sightline.server.file_store import FileStore
from sightline.server.stream import Stream, json_reply
from sightline.settings import Settings
from sightline.types import Hold, Question

_MOST_FIELD, _MOST_FIELDS = 4096, 8
_PIECE = 1 << 18


class FilesEndpoint:
    """Keeps files for their owners; none with no retention."""

    def __init__(self, settings: Settings, admission: Admission) -> None:
        self._settings, self._admission = settings, admission
        # Without keys all files are one owner's.
        each = settings.files_key_quota_bytes if settings.needs_keys else settings.files_quota_bytes
        self.store = FileStore(settings.files_folder, settings.files_quota_bytes, each)
        self._bounds = images.ImageBounds.of(settings)
        lines, document = settings.max_batch_bytes, settings.max_file_bytes
        self._most = {
            "vision": settings.max_image_bytes, "user_data": document, "assistants": document,
            "batch": lines, "fine-tune": lines, "evals": lines,
        }  # fmt: skip

    async def create(self, request: Request) -> Response:
        """Take a file; pictures and documents are looked at when they arrive."""
        self._admission.enter(request)
        if self._settings.zero_retention:
            raise InvalidRequest(
                "Files are not kept by this server.", hint="Send pictures as data URLs."
            )
        bounds = forms.UploadBounds(
            max(self._most.values()), _MOST_FIELDS, _MOST_FIELD, self._settings.body_timeout_s
        )
        owner = owner_of(request)
        least = forms.declared(request, bounds) - _MOST_FIELDS * _MOST_FIELD
        if "content-length" in request.headers:
            # It is known before it is read that there is no room for it.
            await asyncio.to_thread(self.store.check_room, owner, least)
        async with forms.read_form(request, bounds, self._admission.held.of(request)) as form:
            purpose, keep_s = wire.read(form.fields)
            if keep_s is None:
                usual = int(self._settings.file_keep_s)
                keep_s = wire.MOST_S if purpose == "batch" else usual
            await asyncio.to_thread(self._look, form.file, purpose)
            name = re.sub(r"[\x00-\x1f\x7f/\\]", "_", form.filename)[-200:]
            file = await asyncio.to_thread(self.store.add, form.file, owner, name, purpose, keep_s)
        return json_reply(wire.body(file))

    def _look(self, sent: BinaryIO, purpose: str) -> None:
        """See that a file is what its purpose says. Raises `InvalidRequest`."""
        size = sent.seek(0, os.SEEK_END)
        sent.seek(0)
        most = self._most[purpose]
        if size > most:
            raise forms.too_large(most)
        if not size:
            raise InvalidRequest("The file is empty.", param="file")
        head = sent.read(1024)
        sent.seek(0)
        if purpose == "vision" or (purpose == "user_data" and file_kinds.is_picture(head)):
            images.look(sent.read(), "file", self._bounds)
        elif (
            purpose == "user_data"
            and not file_kinds.is_pdf(head)
            and not file_kinds.is_text(sent.read())
        ):
            raise InvalidRequest(
                "Unsupported file: it is neither a PDF nor a picture nor a text.",
                param="file",
                code="unsupported_file",
                hint="PDF, PNG, JPEG, GIF, WebP and texts in UTF-8 can be asked about; with "
                "purpose 'assistants' anything is kept.",
            )

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
        made.ending, made.write_s = self._admission.lifecycle.ending, self._settings.body_timeout_s
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
        hold = self._admission.held.of(request)
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
        url = await asyncio.to_thread(data_url, data)
        hold(len(url) - 3 * file.bytes)
        return url, file.filename

    async def _found(self, request: Request) -> File:
        id = request.path_params["id"]
        found = await asyncio.to_thread(self.store.find, id, owner_of(request))
        if found is None:
            raise _missing(id)
        return found


async def _pieces(path: Path) -> AsyncGenerator[bytes]:
    with await asyncio.to_thread(path.open, "rb") as stored:
        while piece := await asyncio.to_thread(stored.read, _PIECE):
            yield piece


def _missing(id: str) -> RouteNotFound:
    return RouteNotFound(f"No such File object: {id[:100]}")

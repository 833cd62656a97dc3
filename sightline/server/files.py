"""`/v1/files`: pictures that are uploaded once and asked about by id."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Mapping
from typing import Any

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import Response

from sightline.errors import InvalidRequest, RequestTooLarge, RouteNotFound
from sightline.media import image as images
from sightline.server.body import pieces
from sightline.server.filestore import File, FileStore
from sightline.server.gate import key_of
from sightline.server.house import House
from sightline.server.stream import json_reply
from sightline.settings import Settings
from sightline.wire import files as wire

_MOST_FIELD = 4096
_LEAST_S, _MOST_S = 3600, 2_592_000


class FilesEndpoint:
    """Keeps files for their owners; none with no retention."""

    def __init__(self, settings: Settings, house: House) -> None:
        self._settings, self._house = settings, house
        self._store = FileStore(settings.files_folder, settings.files_quota_bytes)
        self._bounds = images.Bounds(
            settings.max_image_bytes, settings.max_image_pixels, settings.max_image_ratio
        )

    async def create(self, request: Request) -> Response:
        """Take a file; a picture is looked at when it arrives."""
        self._house.enter(request)
        if self._settings.zero_retention:
            raise InvalidRequest(
                "Files are not kept by this server.", hint="Send pictures as data URLs."
            )
        data, filename, fields = await self._received(request)
        purpose = wire.purpose(fields)
        keep_s = self._keep_s(fields)
        await asyncio.to_thread(images.look, data, "file", self._bounds)
        file = await asyncio.to_thread(
            self._store.add, data, _owner(request), filename, purpose, keep_s
        )
        return json_reply(wire.body(file))

    async def show(self, request: Request) -> Response:
        """Tell of a file."""
        return json_reply(wire.body(await self._found(request)))

    async def content(self, request: Request) -> Response:
        """Give a file's bytes."""
        file = await self._found(request)
        data = await asyncio.to_thread(self._store.read, file)
        if data is None:
            raise _missing(file.id)
        head = {"content-disposition": "attachment", "x-content-type-options": "nosniff"}
        return Response(data, media_type="application/octet-stream", headers=head)

    async def list(self, request: Request) -> Response:
        """List files, page by page."""
        found = await asyncio.to_thread(self._store.all, _owner(request))
        return json_reply(wire.page(found, request.query_params))

    async def delete(self, request: Request) -> Response:
        """Delete a file."""
        file = await self._found(request)
        await asyncio.to_thread(self._store.delete, file)
        return json_reply(wire.deleted(file.id))

    async def data_url(self, request: Request, id: str, param: str) -> str:
        """Give a picture that was uploaded, as a data URL. Raises `InvalidRequest`."""
        file = await asyncio.to_thread(self._store.find, id, _owner(request))
        data = None if file is None else await asyncio.to_thread(self._store.read, file)
        if data is None:
            raise InvalidRequest(
                f"No such File object: {id[:100]}",
                param=param,
                hint="It may have expired, or be another key's.",
            )
        return f"data:image/unknown;base64,{base64.b64encode(data).decode()}"

    def _keep_s(self, fields: Mapping[str, str]) -> int | None:
        seconds = fields.get("expires_after[seconds]")
        if seconds is None:
            return int(self._settings.file_keep_s)
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
        found = await asyncio.to_thread(self._store.find, id, _owner(request))
        if found is None:
            raise _missing(id)
        return found

    async def _received(self, request: Request) -> tuple[bytes, str, dict[str, str]]:
        """Read the form. Raises `InvalidRequest` and `RequestTooLarge`."""
        if not request.headers.get("content-type", "").startswith("multipart/form-data"):
            raise InvalidRequest("A file is sent as multipart/form-data.")
        most = self._settings.max_image_bytes
        hold = self._house.held.of(request)

        async def bounded() -> Any:
            size = 0
            async for piece in pieces(request, self._settings.body_timeout_s):
                size += len(piece)
                hold(len(piece))
                if size > most + 8 * _MOST_FIELD:
                    raise RequestTooLarge(
                        f"Maximum content size limit ({most}) exceeded.", hint="Send it smaller."
                    )
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
            data = await sent.read()
            name = re.sub(r"[\x00-\x1f\x7f/\\]", "_", sent.filename or "file")[-200:]
            fields = {key: str(value) for key, value in form.multi_items() if key != "file"}
        finally:
            await form.close()
        return data, name, fields


def _owner(request: Request) -> str:
    key = key_of(request)
    return "anyone" if key is None else key.id


def _missing(id: str) -> RouteNotFound:
    return RouteNotFound(f"No such File object: {id[:100]}")

"""`POST /v1/documents/pages`: a PDF's pages as pictures, the same that an engine looks at.

What an answer says of a page (`usage.sightline.evidence`) is in the pixels of these.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from sightline.api import documents
from sightline.pipeline import Pipeline
from sightline.server.admission import Admission
from sightline.server.files import FilesEndpoint
from sightline.server.stream import json_reply, while_connected
from sightline.settings import Settings
from sightline.types import Message, Question


class DocumentsEndpoint:
    """Has documents drawn; no engine is asked."""

    def __init__(
        self, pipeline: Pipeline, settings: Settings, admission: Admission, files: FilesEndpoint
    ) -> None:
        self._pipeline, self._settings = pipeline, settings
        self._admission, self._files = admission, files

    async def pages(self, request: Request) -> Response:
        """Give a document's pages. Raises `SightlineError`s, which the app writes."""
        self._admission.enter(request)
        wanted = await self._admission.read(
            request, self._settings.max_request_bytes, documents.parse
        )
        question = Question("", (Message("user", (wanted.file,)),))
        question, chosen = await self._files.placed(request, question), wanted.pages
        del wanted
        hold = self._admission.held.of(request)
        found = await while_connected(request, self._pipeline.pages(question, chosen, hold))
        return json_reply(documents.pages(found))

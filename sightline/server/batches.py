"""`/v1/batches`: many requests in a file, answered when there is time, their results in files."""

from __future__ import annotations

import asyncio
import hashlib

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from sightline.api import batches as wire
from sightline.api.batches import Batch
from sightline.errors import InvalidRequest, RouteNotFound
from sightline.server import loopback_client
from sightline.server.admission import Admission
from sightline.server.auth import owner_of
from sightline.server.batch_runner import BatchRunner
from sightline.server.batch_store import BatchStore
from sightline.server.files import FilesEndpoint
from sightline.server.stream import json_reply
from sightline.settings import Settings


def asked_of(settings: Settings) -> str:
    """Give a mark that servers share which have the same engines answer, and send on the same."""
    every = [("", settings), *settings.routes]
    told = [(name, s.engine, s.model, s.upstream_url, s.redact) for name, s in every]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


class BatchesEndpoint:
    """Takes batches, and has them worked on; none with no retention."""

    def __init__(self, settings: Settings, admission: Admission, files: FilesEndpoint) -> None:
        self._settings, self._admission, self._files = settings, admission, files
        self._asked_of = asked_of(settings)
        self._store = BatchStore(settings.files_folder, self._asked_of)
        self._runner: BatchRunner | None = None
        admission.metrics.gauge(
            "running_batches", "Batches that are worked on.",
            lambda: 0 if self._runner is None else self._runner.active,
        )  # fmt: skip

    def start(self, app: ASGIApp) -> None:
        """Begin to work on what there is; `app` is who answers."""
        if self._settings.zero_retention:
            return

        async def post(path: str, body: bytes, owner: str) -> loopback_client.Reply:
            return await loopback_client.post(app, path, body, owner)

        self._runner = BatchRunner(
            self._store,
            self._files.store,
            self._settings.files_folder,
            post,
            asked_of=self._asked_of,
            at_once=self._settings.max_batch_running,
            most_requests=self._settings.max_batch_requests,
            most_line=self._settings.max_request_bytes,
        )
        self._runner.start()

    async def close(self) -> None:
        """Stop; what is not done is done after the next start."""
        if self._runner is not None:
            await self._runner.close()

    async def create(self, request: Request) -> Response:
        """Make a batch of an uploaded file."""
        self._admission.enter(request)
        if self._runner is None:
            raise InvalidRequest(
                "Batches are not kept by this server.", hint="Ask each request by itself."
            )
        wanted = await self._admission.read(request, self._settings.max_request_bytes, wire.parse)
        await self._files.check_input(request, wanted.input_file_id, "input_file_id")
        await asyncio.to_thread(self._runner.claim)  # before a server of another mark sees it
        batch = await asyncio.to_thread(
            self._store.create,
            owner_of(request),
            wanted,
            int(self._settings.batch_window_s),
            self._settings.max_open_batches,
        )
        self._runner.wake()
        return json_reply(wire.body(batch))

    async def show(self, request: Request) -> Response:
        """Tell of a batch."""
        return json_reply(wire.body(await self._found(request)))

    async def list(self, request: Request) -> Response:
        """List batches, the newest first, page by page."""
        found = await asyncio.to_thread(self._store.all, owner_of(request))
        return json_reply(wire.page(found, request.query_params))

    async def cancel(self, request: Request) -> Response:
        """Have a batch end early; what was answered is in its files."""
        batch = await self._found(request)
        after = await asyncio.to_thread(self._store.cancel, batch.id)
        if after.status != "cancelling":
            raise wire.cannot_cancel(after.status)
        return json_reply(wire.body(after))

    async def _found(self, request: Request) -> Batch:
        id = request.path_params["id"]
        found = await asyncio.to_thread(self._store.find, id, owner_of(request))
        if found is None:
            raise RouteNotFound(f"No batch found with id '{id[:100]}'.")
        return found

"""All that answers, made of the same settings, and the paths at which each does."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from sightline import __version__
from sightline.api import models
from sightline.api.openapi import document
from sightline.pipeline import Pipeline
from sightline.server.admission import Admission
from sightline.server.answering import Answering
from sightline.server.auth import Endpoint, check_model, key_of
from sightline.server.batches import BatchesEndpoint
from sightline.server.chat import ChatEndpoint
from sightline.server.conversations import ConversationsEndpoint
from sightline.server.decisions import DecisionsEndpoint
from sightline.server.documents import DocumentsEndpoint
from sightline.server.files import FilesEndpoint
from sightline.server.metrics import Metrics
from sightline.server.narrations import NarrationsEndpoint
from sightline.server.relayed import RelayedEndpoint
from sightline.server.response_store import ResponseStore
from sightline.server.responses import ResponsesEndpoint
from sightline.server.speech import SpeechEndpoint
from sightline.server.stored_completions import StoredEndpoint
from sightline.server.stream import json_reply
from sightline.server.transcriptions import TranscriptionsEndpoint
from sightline.settings import Settings


class ApiRoute(NamedTuple):
    """A route: its method and path, what answers, and whether it takes a form instead of JSON."""

    method: str
    path: str
    answer: Endpoint
    form: bool = False


class Endpoints:
    """The endpoints of one server, and what they share."""

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        """Make them. Raises `SightlineError` for an engine or voices that cannot work as set."""
        self.pipeline = Pipeline(settings)
        self.pipeline.routing.check()
        self.admission = Admission(settings, metrics)
        kept = ResponseStore(settings.responses_keep_s, settings.max_kept_bytes)
        self._measure(metrics, kept)
        seed = f"{__version__}/{settings.engine}/{settings.model}".encode()
        self.speech = SpeechEndpoint(settings, self.admission)
        self.speech.speaker.voices.check()
        self.heard = TranscriptionsEndpoint(self.pipeline.listener, settings, self.admission)
        self.narrations = NarrationsEndpoint(
            self.pipeline, self.speech.speaker, settings, self.admission
        )
        self.files = FilesEndpoint(settings, self.admission)
        self.stored = StoredEndpoint(settings, self.admission, kept)
        answering = Answering(self.pipeline, settings, self.admission, self.files)
        fingerprint = "fp_" + hashlib.sha256(seed).hexdigest()[:10]
        self.chat = ChatEndpoint(answering, self.stored, fingerprint)
        self.batches = BatchesEndpoint(settings, self.admission, self.files)
        self.documents = DocumentsEndpoint(self.pipeline, settings, self.admission, self.files)
        self.conversations = ConversationsEndpoint(settings, self.admission, kept)
        self.responses = ResponsesEndpoint(
            self.pipeline, settings, self.admission, answering, kept, self.conversations
        )
        self.decisions = DecisionsEndpoint(self.pipeline, answering)
        self.others = RelayedEndpoint(self.pipeline, settings, self.admission)

    def _measure(self, metrics: Metrics, kept: ResponseStore) -> None:
        memory = self.pipeline.routing.memory
        metrics.gauge("loaded_models", "Models that are loaded.", lambda: memory.models)
        metrics.gauge("loaded_models_bytes", "Bytes that they take, about.", lambda: memory.bytes)
        metrics.gauge("kept_bytes", "Bytes of what is kept in memory.", lambda: kept.bytes)

    @asynccontextmanager
    async def working(self, app: ASGIApp) -> AsyncIterator[None]:
        """Work from now on, batches through `app`, and end in order."""
        async with self.pipeline, AsyncExitStack() as stack:
            for part in (  # the last is closed first, and each whatever happens
                self.admission.limits,
                self.speech.speaker,
                self.narrations,
                self.responses.background,
                self.batches,
            ):
                stack.push_async_callback(part.close)
            self.batches.start(app)
            self.admission.models = frozenset(m.id for m in self.pipeline.routing.listed())
            yield

    def public(self) -> tuple[ApiRoute, ...]:
        """Tell what anybody may ask, without a key."""
        return (
            ApiRoute("GET", "/health", self.health),  # as servers of models call it
            ApiRoute("GET", "/healthz", self.health),
            ApiRoute("GET", "/readyz", self.ready),
            ApiRoute("GET", "/openapi.json", self.openapi),
        )

    def guarded(self) -> tuple[ApiRoute, ...]:
        """Tell what needs a key, where keys are needed."""
        return (*self._questions(), *self._kept(), *self._media())

    def _questions(self) -> tuple[ApiRoute, ...]:
        """Tell what answers questions, and what is kept of them."""
        return (
            ApiRoute("POST", "/v1/chat/completions", self.chat.complete),
            ApiRoute("GET", "/v1/chat/completions", self.stored.list),
            ApiRoute("POST", "/v1/chat/completions/input_tokens", self.chat.count),
            ApiRoute("GET", "/v1/chat/completions/{id}", self.stored.show),
            ApiRoute("POST", "/v1/chat/completions/{id}", self.stored.update),
            ApiRoute("DELETE", "/v1/chat/completions/{id}", self.stored.delete),
            ApiRoute("GET", "/v1/chat/completions/{id}/messages", self.stored.messages),
            ApiRoute("POST", "/v1/completions", self.chat.complete_text),
            ApiRoute("POST", "/v1/responses", self.responses.create),
            ApiRoute("POST", "/v1/responses/input_tokens", self.responses.count),
            ApiRoute("POST", "/v1/responses/compact", self.responses.compact),
            ApiRoute("GET", "/v1/responses/{id}", self.responses.show),
            ApiRoute("DELETE", "/v1/responses/{id}", self.responses.delete),
            ApiRoute("POST", "/v1/responses/{id}/cancel", self.responses.cancel),
            ApiRoute("GET", "/v1/responses/{id}/input_items", self.responses.items),
            ApiRoute("POST", "/v1/decisions", self.decisions.create),
            ApiRoute("POST", "/v1/systemone", self.decisions.create_named),
            ApiRoute("POST", "/v1/embeddings", self.others.embeddings),
            ApiRoute("POST", "/v1/moderations", self.others.moderations),
        )

    def _kept(self) -> tuple[ApiRoute, ...]:
        """Tell what is kept for clients, and worked on later."""
        return (
            ApiRoute("POST", "/v1/conversations", self.conversations.create),
            ApiRoute("GET", "/v1/conversations/{id}", self.conversations.show),
            ApiRoute("POST", "/v1/conversations/{id}", self.conversations.update),
            ApiRoute("DELETE", "/v1/conversations/{id}", self.conversations.delete),
            ApiRoute("POST", "/v1/conversations/{id}/items", self.conversations.add),
            ApiRoute("GET", "/v1/conversations/{id}/items", self.conversations.list),
            ApiRoute("GET", "/v1/conversations/{id}/items/{item}", self.conversations.show_item),
            ApiRoute(
                "DELETE", "/v1/conversations/{id}/items/{item}", self.conversations.delete_item
            ),
            ApiRoute("POST", "/v1/files", self.files.create, form=True),
            ApiRoute("GET", "/v1/files", self.files.list),
            ApiRoute("GET", "/v1/files/{id}", self.files.show),
            ApiRoute("DELETE", "/v1/files/{id}", self.files.delete),
            ApiRoute("GET", "/v1/files/{id}/content", self.files.content),
            ApiRoute("POST", "/v1/batches", self.batches.create),
            ApiRoute("GET", "/v1/batches", self.batches.list),
            ApiRoute("GET", "/v1/batches/{id}", self.batches.show),
            ApiRoute("POST", "/v1/batches/{id}/cancel", self.batches.cancel),
        )

    def _media(self) -> tuple[ApiRoute, ...]:
        """Tell of documents, sound, films, and of the models that there are."""
        return (
            ApiRoute("POST", "/v1/documents/pages", self.documents.pages),
            ApiRoute("POST", "/v1/audio/speech", self.speech.speak),
            ApiRoute("POST", "/v1/audio/transcriptions", self.heard.transcribe, form=True),
            ApiRoute("POST", "/v1/audio/translations", self.heard.translate, form=True),
            ApiRoute("POST", "/v1/video/narrations", self.narrations.create, form=True),
            ApiRoute("GET", "/v1/video/narrations/{id}", self.narrations.show),
            ApiRoute("DELETE", "/v1/video/narrations/{id}", self.narrations.delete),
            ApiRoute("GET", "/v1/video/narrations/{id}/content", self.narrations.content),
            ApiRoute("GET", "/v1/models", self.list_models),
            ApiRoute("GET", "/v1/models/{id:path}", self.one_model),
        )

    async def health(self, request: Request) -> Response:
        """Say that the process answers, and how much it does."""
        told = {
            "engine": self.pipeline.routing.state,
            "active": self.admission.active,
            **self.pipeline.counts(),
        }
        return json_reply({"status": "ok", **told})

    async def ready(self, request: Request) -> Response:
        """Say whether questions may be sent."""
        draining = self.admission.lifecycle.draining
        state = "draining" if draining else self.pipeline.routing.state
        return json_reply({"status": state}, 200 if state == "ready" else 503)

    async def list_models(self, request: Request) -> Response:
        """List the models that this key may ask."""
        key = key_of(request)
        listed = [m for m in self.pipeline.routing.listed() if key is None or key.allows(m.id)]
        return json_reply(models.model_list(listed))

    async def one_model(self, request: Request) -> Response:
        """Tell of one model. Raises `ModelNotFound`."""
        # The path is percent-decoded by now: an id may hold an encoded slash.
        found = self.pipeline.routing.find(request.path_params["id"])
        check_model(request, found.id)
        return json_reply(models.model_object(found))

    async def openapi(self, request: Request) -> Response:
        """Give the document of all of this."""
        told = document(__version__, spoken=self.speech.fields(), narrated=self.narrations.form)
        return json_reply(told)

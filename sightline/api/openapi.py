"""The document at `/openapi.json`: what the server takes and gives, by OpenAPI 3.1.

A table of routes. What a route takes is described by the fields that check it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sightline.api import (
    batches,
    chat,
    completions,
    conversations,
    decisions,
    documents,
    files,
    items,
    narrations,
    relayed,
    responses,
    speech,
    stored_completions,
    systemone,
    transcriptions,
)
from sightline.api.fields import Field, Named, Object, Schema, Schemas
from sightline.api.reply_schemas import SCHEMAS, ref

_ERRORS = {
    400: "The request is not what the API takes; `param` names the part.",
    401: "No API key, or a wrong one.",
    403: "A web page of another origin asks.",
    404: "No such model, job or URL.",
    405: "Another method is meant.",
    408: "The body did not come in time.",
    413: "The body is too large.",
    415: "The body is of another type than the route takes, or compressed.",
    421: "The server is not known by the name that it was asked by.",
    429: "More than the key may ask for in a minute; `Retry-After` says when again.",
    431: "The URL and the header fields are too large.",
    500: "The engine failed.",
    502: "The server that is asked in turn failed.",
    503: "Too much at once; `Retry-After` says when again.",
    504: "No answer within the time that the client waits.",
}


_SOUNDS = (
    "audio/mpeg", "audio/ogg", "audio/opus", "audio/aac", "audio/flac", "audio/wav", "audio/pcm",
    "application/octet-stream",
)  # fmt: skip
_BYTES: Schema = {"type": "string", "format": "binary"}
_TEXT: Schema = {"text/plain": {"schema": {"type": "string"}}}
_EVENTS: Schema = {
    "text/event-stream": {
        "schema": {"description": "Server-sent events; the `data` of each is JSON, or `[DONE]`."}
    }
}


def _json(schema: Schema) -> Schema:
    return {"application/json": {"schema": schema}}


def _given(name: str) -> Schema:
    return _json(ref(name))


def _files(*kinds: str) -> Schema:
    return {kind: {"schema": _BYTES} for kind in kinds}


@dataclass(frozen=True, slots=True)
class _Operation:
    """What is done at one route: its path and method, what it takes and what it gives."""

    route: str
    id: str
    summary: str
    gives: Schema
    body: Field[Any] | None = None
    form: Field[Any] | None = None
    query: Object[Any] | None = None

    def schema(self, named: Schemas) -> Schema:
        """Describe it; the schemas of what it takes are put into `named`."""
        made: Schema = {
            "operationId": self.id,
            "summary": self.summary,
            "responses": {
                "200": {"description": "It is done.", "content": self.gives},
                **{
                    str(status): {"description": text, "content": _given("Error")}
                    for status, text in _ERRORS.items()
                },
            },
            "security": [{}, {"key": []}],
        }
        if parameters := self._parameters(named):
            made["parameters"] = parameters
        content: Schema = {}
        if self.body is not None:
            content |= _json(self.body.schema(named))
        if self.form is not None:
            content["multipart/form-data"] = {"schema": self.form.schema(named)}
        if content:
            made["requestBody"] = {"required": True, "content": content}
        return made

    def _parameters(self, named: Schemas) -> list[Schema]:
        id: Schema = {"type": "string", "minLength": 1}
        told: list[Schema] = [
            {"name": name, "in": "path", "required": True, "schema": id}
            for name in re.findall(r"{(\w+)}", self.route)
        ]
        query: Mapping[str, Field[Any]] = {} if self.query is None else self.query.fields
        told += [
            {"name": name, "in": "query", "required": False, "schema": field.schema(named)}
            for name, field in query.items()
        ]
        return told


_CHAT = Named("ChatRequest", chat.REQUEST)
_RESPONSE = Named("ResponseRequest", responses.REQUEST)
_NARRATION = _given("Narration")
_METADATA = Named("MetadataRequest", conversations.UPDATE)
_CHATTED, _STORED = "/v1/chat/completions/{id}", _given("ChatCompletion")
_FILM = "/v1/video/narrations"
_ONE, _TALK = "/v1/conversations/{id}", _given("Conversation")


def _asked() -> tuple[_Operation, ...]:
    return (
        _Operation(
            "POST /v1/chat/completions", "createChatCompletion", "Answer about pictures.",
            _given("ChatCompletion") | _EVENTS, body=_CHAT,
        ),
        _Operation(
            "POST /v1/chat/completions/input_tokens", "countInputTokens",
            "Count what a request would cost.", _given("InputTokens"), body=_CHAT,
        ),
        _Operation(
            "GET /v1/chat/completions", "listChatCompletions", "List those that are kept.",
            _given("Page"), query=stored_completions.QUERY,
        ),
        _Operation(f"GET {_CHATTED}", "getChatCompletion", "Give one that is kept.", _STORED),
        _Operation(
            f"POST {_CHATTED}", "updateChatCompletion", "Give it other metadata.", _STORED,
            body=_METADATA,
        ),
        _Operation(f"DELETE {_CHATTED}", "deleteChatCompletion", "Forget it.", _given("Deleted")),
        _Operation(
            f"GET {_CHATTED}/messages", "listChatMessages", "Give what it was asked.",
            _given("Page"), query=stored_completions.MESSAGES,
        ),
        _Operation(
            "POST /v1/completions", "createCompletion",
            "Answer a prompt about pictures, in the older spelling.",
            _given("Completion") | _EVENTS, body=Named("CompletionRequest", completions.REQUEST),
        ),
        _Operation(
            "POST /v1/decisions", "createDecision",
            "Decide questions about one input, with probabilities.",
            _given("Decision"), body=Named("DecisionRequest", decisions.REQUEST),
        ),
        _Operation(
            "POST /v1/systemone", "createSystemOneDecision",
            "Decide named questions about a state, in the smaller form.",
            _given("SystemOne"), body=Named("SystemOneRequest", systemone.REQUEST),
        ),
    )  # fmt: skip


def _responded() -> tuple[_Operation, ...]:
    return (
        _Operation(
            "POST /v1/responses", "createResponse",
            "Answer about pictures, in the newer spelling.",
            _given("Response") | _EVENTS, body=_RESPONSE,
        ),
        _Operation(
            "POST /v1/responses/input_tokens", "countResponseTokens",
            "Count what a request would cost.", _given("InputTokens"), body=_RESPONSE,
        ),
        _Operation(
            "POST /v1/responses/compact", "compactResponse",
            "Make a conversation shorter.", _given("Compaction"),
            body=Named("CompactRequest", responses.COMPACT),
        ),
        _Operation(
            "GET /v1/responses/{id}", "getResponse",
            "Give one that is kept: as it is, or by its events.",
            _given("Response") | _EVENTS, query=responses.QUERY,
        ),
        _Operation(
            "DELETE /v1/responses/{id}", "deleteResponse", "Forget it.", _given("Deleted")
        ),
        _Operation(
            "POST /v1/responses/{id}/cancel", "cancelResponse",
            "End one that is made in the background.", _given("Response"),
        ),
        _Operation(
            "GET /v1/responses/{id}/input_items", "listInputItems", "Give what it was asked.",
            _given("Page"), query=items.QUERY,
        ),
    )  # fmt: skip


def _kept() -> tuple[_Operation, ...]:
    return (
        _Operation(
            "POST /v1/conversations", "createConversation", "Begin a conversation.", _TALK,
            body=Named("ConversationRequest", conversations.CREATE),
        ),
        _Operation(f"GET {_ONE}", "getConversation", "Tell of a conversation.", _TALK),
        _Operation(
            f"POST {_ONE}", "updateConversation", "Give it other metadata.", _TALK,
            body=_METADATA,
        ),
        _Operation(f"DELETE {_ONE}", "deleteConversation", "Forget it.", _given("Deleted")),
        _Operation(
            f"POST {_ONE}/items", "createConversationItems", "Add items.", _given("Page"),
            body=Named("ItemsRequest", conversations.ADD),
        ),
        _Operation(
            f"GET {_ONE}/items", "listConversationItems", "List its items.", _given("Page"),
            query=items.QUERY,
        ),
        _Operation(
            f"GET {_ONE}/items/{{item}}", "getConversationItem", "Give an item.",
            _json({"type": "object"}),
        ),
        _Operation(
            f"DELETE {_ONE}/items/{{item}}", "deleteConversationItem", "Take an item out.", _TALK
        ),
        _Operation(
            "POST /v1/files", "createFile", "Upload a picture, a document, or a batch's requests.",
            _given("File"), form=Named("FileForm", files.FORM),
        ),
        _Operation(
            "GET /v1/files", "listFiles", "List files.", _given("Page"), query=files.QUERY
        ),
        _Operation("GET /v1/files/{id}", "getFile", "Tell of a file.", _given("File")),
        _Operation("DELETE /v1/files/{id}", "deleteFile", "Delete it.", _given("Deleted")),
        _Operation(
            "GET /v1/files/{id}/content", "getFileContent", "Give its bytes.",
            _files("application/octet-stream"),
        ),
        _Operation(
            "POST /v1/batches", "createBatch", "Have a file of requests answered.",
            _given("Batch"), body=Named("BatchRequest", batches.REQUEST),
        ),
        _Operation(
            "GET /v1/batches", "listBatches", "List batches.", _given("Page"), query=batches.QUERY
        ),
        _Operation("GET /v1/batches/{id}", "getBatch", "Tell of a batch.", _given("Batch")),
        _Operation(
            "POST /v1/batches/{id}/cancel", "cancelBatch", "End it early.", _given("Batch")
        ),
    )  # fmt: skip


def _others(spoken: Object[Any], narrated: Object[Any]) -> tuple[_Operation, ...]:
    return (
        _Operation(
            "POST /v1/documents/pages", "drawPages", "Give a document's pages as pictures.",
            _given("Pages"), body=Named("PagesRequest", documents.REQUEST),
        ),
        _Operation(
            "POST /v1/embeddings", "createEmbedding",
            "Have vectors made by the server behind, or say what makes them.",
            _given("Embeddings"), body=Named("EmbeddingsRequest", relayed.EMBEDDINGS),
        ),
        _Operation(
            "POST /v1/moderations", "createModeration",
            "Have it moderated by the server behind, or say what to ask instead.",
            _given("Moderations"), body=Named("ModerationsRequest", relayed.MODERATIONS),
        ),
        _Operation(
            "POST /v1/audio/speech", "createSpeech", "Speak a text.",
            _files(*_SOUNDS) | _EVENTS, body=Named("SpeechRequest", spoken),
        ),
        _Operation(
            "POST /v1/audio/transcriptions", "createTranscription", "Write down what is said.",
            _given("Transcription") | _TEXT | _EVENTS,
            form=Named("TranscriptionForm", transcriptions.TRANSCRIPTION_FORM),
        ),
        _Operation(
            "POST /v1/audio/translations", "createTranslation",
            "Write down in English what is said.", _given("Translation") | _TEXT,
            form=Named("TranslationForm", transcriptions.TRANSLATION_FORM),
        ),
        _Operation(
            f"POST {_FILM}", "createNarration", "Narrate a film.", _NARRATION,
            form=Named("NarrationForm", narrated),
        ),
        _Operation(f"GET {_FILM}/{{id}}", "getNarration", "Tell how far it is.", _NARRATION),
        _Operation(f"DELETE {_FILM}/{{id}}", "deleteNarration", "End it.", _given("Deleted")),
        _Operation(
            f"GET {_FILM}/{{id}}/content", "getNarratedFilm", "Give the film.",
            _files("video/mp4", "video/x-matroska"),
        ),
        _Operation("GET /v1/models", "listModels", "List models.", _given("Models")),
        _Operation("GET /v1/models/{id}", "getModel", "Tell of a model.", _given("Model")),
    )  # fmt: skip


def _operations(spoken: Object[Any], narrated: Object[Any]) -> tuple[_Operation, ...]:
    return (*_asked(), *_responded(), *_kept(), *_others(spoken, narrated))


def _open(summary: str, schema: Schema, *, also: int | None = None) -> Schema:
    """Describe a route that needs no key."""
    told = {"description": "What it says.", "content": _json(schema)}
    statuses = {"200": told} | ({str(also): told} if also is not None else {})
    missing = {"description": _ERRORS[405], "content": _given("Error")}
    return {"get": {"summary": summary, "responses": {**statuses, "405": missing}}}


def document(
    version: str, *, spoken: Object[Any] | None = None, narrated: Object[Any] | None = None
) -> Schema:
    """Write the document.

    `spoken` are the fields of a request for speech, which are those of a server's voices, and
    `narrated` those of the form of a film, by its settings.
    """
    named: Schemas = {}
    paths: dict[str, Schema] = {}
    for each in _operations(spoken or speech.request(), narrated or narrations.form()):
        method, _, path = each.route.partition(" ")
        paths.setdefault(path, {})[method.lower()] = each.schema(named)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Sightline",
            "version": version,
            "description": "OpenAI's vision API, served by Sightline.",
        },
        "paths": {
            **paths,
            "/health": _open("Say that the server lives.", ref("Status")),
            "/healthz": _open("Say that the server lives.", ref("Status")),
            "/readyz": _open("Say whether the engine answers.", ref("Status"), also=503),
            "/openapi.json": _open("Give this document.", {"type": "object"}),
        },
        "components": {
            "schemas": {**named, **SCHEMAS},
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }

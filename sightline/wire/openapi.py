"""The document at `/openapi.json`: what the server takes and gives, by OpenAPI 3.1."""

from __future__ import annotations

from typing import Any

_STRING: dict[str, Any] = {"type": "string"}
_COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
_NULL: dict[str, Any] = {"type": "null"}
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


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    properties = {**required, **(optional or {})}
    return {"type": "object", "required": list(required), "properties": properties}


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, _NULL]}


def _array(items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, **more}


def _number(least: float, most: float) -> dict[str, Any]:
    return {"type": "number", "minimum": least, "maximum": most}


_IMAGE_URL = _object(
    {"url": {"type": "string", "description": "An http(s) URL, or a base64 data URL."}},
    {"detail": {"enum": ["low", "high", "auto", "original"]}},
)
_TEXT_PART = _object({"type": {"const": "text"}, "text": _STRING})
_IMAGE_PART = _object({"type": {"const": "image_url"}, "image_url": _IMAGE_URL})
_VIDEO_PART = _object({"type": {"const": "video_url"}, "video_url": _object({"url": _STRING})})
_FILE_PART = _object(
    {
        "type": {"const": "file"},
        "file": _object({"file_data": _STRING}, {"filename": _STRING}),
    }
)
_MESSAGE = _object(
    {
        "role": {"enum": ["system", "developer", "user", "assistant"]},
        "content": {
            "anyOf": [
                _STRING,
                _array({"anyOf": [_TEXT_PART, _IMAGE_PART, _VIDEO_PART, _FILE_PART]}, minItems=1),
            ]
        },
    }
)
_FUNCTION = _object(
    {"name": {"type": "string", "pattern": "^[a-zA-Z0-9_-]{1,64}$"}},
    {"description": _STRING, "parameters": {"type": "object"}, "strict": {"type": "boolean"}},
)
_FORMAT = {
    "anyOf": [
        _object({"type": {"enum": ["text", "json_object"]}}),
        _object(
            {
                "type": {"const": "json_schema"},
                "json_schema": _object(
                    {"name": _FUNCTION["properties"]["name"]},
                    {"schema": {"type": "object"}, "strict": {"type": "boolean"}},
                ),
            }
        ),
    ]
}
_SLOT = _object(
    {
        "start_s": _number(0, 1e6),
        "end_s": _number(0, 1e6),
        "words": {"type": "integer", "minimum": 1, "maximum": 1000},
    }
)
_OWN = _object(
    {},
    {
        "include": _array({"enum": ["things", "evidence"]}, maxItems=2),
        "narrate": _array(_SLOT, minItems=1, maxItems=200),
    },
)
_CHAT = _object(
    {
        "model": {"type": "string", "examples": ["gpt-4o", "sightline-reader"]},
        "messages": _array(_MESSAGE, minItems=1),
    },
    {
        "max_tokens": {"type": "integer", "minimum": 1},
        "max_completion_tokens": {"type": "integer", "minimum": 1},
        "temperature": _number(0, 2),
        "top_p": _number(0, 1),
        "n": {"type": "integer", "minimum": 1, "maximum": 128},
        "stop": {"anyOf": [_STRING, _array(_STRING, maxItems=4)]},
        "seed": {"type": "integer"},
        "stream": {"type": "boolean"},
        "stream_options": _object({}, {"include_usage": {"type": "boolean"}}),
        "response_format": _FORMAT,
        "tools": _array(_object({"type": {"const": "function"}, "function": _FUNCTION})),
        "tool_choice": {"anyOf": [{"enum": ["none", "auto", "required"]}, {"type": "object"}]},
        "user": _STRING,
        "metadata": {"type": "object", "additionalProperties": _STRING},
        "sightline": _OWN,
    },
)
_SEVERAL = {"anyOf": [_STRING, _array(_STRING)]}
_COMPLETION = _object(
    {"model": {"type": "string", "examples": ["gpt-4-vision-preview"]}},
    {
        "prompt": _STRING,
        "img_url": _SEVERAL,
        "img_b64": _SEVERAL,
        "detail": {"enum": ["low", "high", "auto", "original"]},
        "max_tokens": {"type": "integer", "minimum": 1},
        "temperature": _number(0, 2),
        "n": {"type": "integer", "minimum": 1, "maximum": 128},
        "stream": {"type": "boolean"},
    },
)
_INPUT_TEXT = _object({"type": {"const": "input_text"}, "text": _STRING})
_INPUT_IMAGE = _object(
    {"type": {"const": "input_image"}, "image_url": _STRING},
    {"detail": {"enum": ["low", "high", "auto", "original"]}},
)
_INPUT_FILE = _object(
    {"type": {"const": "input_file"}, "file_data": _STRING},
    {"filename": _STRING, "detail": {"enum": ["low", "high", "auto"]}},
)
_ITEM = _object(
    {
        "role": {"enum": ["system", "developer", "user", "assistant"]},
        "content": {
            "anyOf": [
                _STRING,
                _array({"anyOf": [_INPUT_TEXT, _INPUT_IMAGE, _INPUT_FILE]}, minItems=1),
            ]
        },
    },
    {"type": {"const": "message"}},
)
_RESPONSE = _object(
    {
        "model": {"type": "string", "examples": ["gpt-4o", "sightline-reader"]},
        "input": {"anyOf": [_STRING, _array(_ITEM, minItems=1)]},
    },
    {
        "instructions": _STRING,
        "max_output_tokens": {"type": "integer", "minimum": 16},
        "temperature": _number(0, 2),
        "top_p": _number(0, 1),
        "stream": {"type": "boolean"},
        "store": {"type": "boolean"},
        "previous_response_id": _STRING,
        "text": _object({}, {"format": {"type": "object"}}),
        "tools": _array({"type": "object"}),
        "metadata": {"type": "object", "additionalProperties": _STRING},
        "sightline": _OWN,
    },
)
_CHOICE = _object(
    {
        "index": _COUNT,
        "message": _object(
            {
                "role": {"const": "assistant"},
                "content": _nullable(_STRING),
                "refusal": _nullable(_STRING),
            },
            {"tool_calls": _array({"type": "object"}), "annotations": _array({"type": "object"})},
        ),
        "logprobs": _nullable({"type": "object"}),
        "finish_reason": {
            "enum": ["stop", "length", "content_filter", "tool_calls", "function_call"]
        },
    }
)
_USAGE = _object(
    {"prompt_tokens": _COUNT, "completion_tokens": _COUNT, "total_tokens": _COUNT},
    {"prompt_tokens_details": {"type": "object"}, "completion_tokens_details": {"type": "object"}},
)
_SCHEMAS = {
    "Error": _object(
        {
            "error": _object(
                {
                    "message": _STRING,
                    "type": _STRING,
                    "param": _nullable(_STRING),
                    "code": _nullable(_STRING),
                },
                {"hint": _STRING},
            )
        }
    ),
    "ChatRequest": _CHAT,
    "ChatCompletion": _object(
        {
            "id": _STRING,
            "object": {"const": "chat.completion"},
            "created": _COUNT,
            "model": _STRING,
            "choices": _array(_CHOICE, minItems=1),
            "usage": _USAGE,
        },
        {"service_tier": _STRING, "system_fingerprint": _nullable(_STRING)},
    ),
    "CompletionRequest": _COMPLETION,
    "Completion": _object(
        {
            "id": _STRING,
            "object": {"const": "text_completion"},
            "created": _COUNT,
            "model": _STRING,
            "choices": _array(
                _object(
                    {
                        "text": _STRING,
                        "index": _COUNT,
                        "logprobs": _nullable({"type": "object"}),
                        "finish_reason": {"enum": ["stop", "length", "content_filter"]},
                    }
                ),
                minItems=1,
            ),
            "usage": _USAGE,
        },
        {"system_fingerprint": _nullable(_STRING)},
    ),
    "ResponseRequest": _RESPONSE,
    "Response": _object(
        {
            "id": _STRING,
            "object": {"const": "response"},
            "created_at": _COUNT,
            "status": {"enum": ["completed", "incomplete", "failed", "in_progress"]},
            "model": _STRING,
            "output": _array({"type": "object"}),
            "usage": _nullable({"type": "object"}),
        }
    ),
    "File": _object(
        {
            "id": _STRING,
            "object": {"const": "file"},
            "bytes": _COUNT,
            "created_at": _COUNT,
            "expires_at": _nullable(_COUNT),
            "filename": _STRING,
            "purpose": _STRING,
            "status": _STRING,
        }
    ),
    "BatchRequest": _object(
        {
            "input_file_id": _STRING,
            "endpoint": {"enum": ["/v1/chat/completions", "/v1/responses"]},
            "completion_window": {"const": "24h"},
        },
        {"metadata": {"type": "object", "additionalProperties": _STRING}},
    ),
    "Batch": _object(
        {
            "id": _STRING,
            "object": {"const": "batch"},
            "endpoint": _STRING,
            "input_file_id": _STRING,
            "status": {
                "enum": [
                    "validating",
                    "failed",
                    "in_progress",
                    "finalizing",
                    "completed",
                    "expired",
                    "cancelling",
                    "cancelled",
                ]
            },
            "output_file_id": _nullable(_STRING),
            "error_file_id": _nullable(_STRING),
            "request_counts": {"type": "object"},
        }
    ),
    "InputTokens": _object({"object": _STRING, "input_tokens": _COUNT}),
    "Speech": _object(
        {
            "model": {"type": "string", "examples": ["tts-1"]},
            "input": {"type": "string", "minLength": 1, "maxLength": 4096},
            "voice": {"type": "string", "examples": ["alloy"]},
        },
        {
            "response_format": {"enum": ["mp3", "opus", "aac", "flac", "wav", "pcm"]},
            "speed": _number(0.25, 4.0),
            "instructions": {"type": "string", "maxLength": 4096},
            "stream_format": {"enum": ["audio", "sse"]},
        },
    ),
    "Model": _object(
        {"id": _STRING, "object": {"const": "model"}, "created": _COUNT, "owned_by": _STRING},
        {"shutdown_date": _nullable({"type": "string", "format": "date"})},
    ),
    "Narration": _object(
        {"id": _STRING, "object": {"const": "video.narration"}, "status": _STRING}
    ),
}
_SCHEMAS["Models"] = _object({"object": {"const": "list"}, "data": _array(_ref("Model"))})


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _sound() -> dict[str, Any]:
    return {"schema": {"type": "string", "format": "binary"}}


def _route(
    id: str,
    summary: str,
    content: dict[str, Any],
    *,
    body: dict[str, Any] | None = None,
    path: str | None = None,
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": id,
        "summary": summary,
        "responses": {
            "200": {"description": "It is done.", "content": content},
            **{
                str(status): {"description": text, "content": _json(_ref("Error"))}
                for status, text in _ERRORS.items()
            },
        },
        "security": [{}, {"key": []}],
    }
    if body is not None:
        made["requestBody"] = {"required": True, "content": body}
    if path is not None:
        schema = {"type": "string", "minLength": 1}
        made["parameters"] = [{"name": path, "in": "path", "required": True, "schema": schema}]
    return made


def _open(summary: str, *, also: int | None = None) -> dict[str, Any]:
    told = {"description": "What it says.", "content": _json(_object({"status": _STRING}))}
    statuses = {"200": told} | ({str(also): told} if also is not None else {})
    missing = {"description": _ERRORS[405], "content": _json(_ref("Error"))}
    return {"summary": summary, "responses": {**statuses, "405": missing}}


def document(version: str) -> dict[str, Any]:
    """Write the document."""
    events = {"text/event-stream": {"schema": _STRING}}
    sounds = {
        kind: _sound()
        for kind in (
            "audio/mpeg", "audio/ogg", "audio/opus", "audio/aac", "audio/flac", "audio/wav",
            "audio/pcm", "application/octet-stream",
        )
    }  # fmt: skip
    film = {
        "multipart/form-data": {
            "schema": _object(
                {"video": {"type": "string", "format": "binary"}},
                {"style": _STRING, "voice": _STRING, "language": _STRING, "script": _STRING},
            )
        }
    }
    upload = {
        "multipart/form-data": {
            "schema": _object(
                {
                    "purpose": {"enum": ["vision", "user_data", "batch"]},
                    "file": {"type": "string", "format": "binary"},
                }
            )
        }
    }
    narration = _json(_ref("Narration"))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Sightline",
            "version": version,
            "description": "OpenAI's vision API, served by Sightline.",
        },
        "paths": {
            "/v1/chat/completions": {
                "post": _route(
                    "createChatCompletion",
                    "Answer about pictures.",
                    _json(_ref("ChatCompletion")) | events,
                    body=_json(_ref("ChatRequest")),
                )
            },
            "/v1/chat/completions/input_tokens": {
                "post": _route(
                    "countInputTokens",
                    "Count what a request would cost.",
                    _json(_ref("InputTokens")),
                    body=_json(_ref("ChatRequest")),
                )
            },
            "/v1/completions": {
                "post": _route(
                    "createCompletion",
                    "Answer a prompt about pictures, in the older spelling.",
                    _json(_ref("Completion")) | events,
                    body=_json(_ref("CompletionRequest")),
                )
            },
            "/v1/responses": {
                "post": _route(
                    "createResponse",
                    "Answer about pictures, in the newer spelling.",
                    _json(_ref("Response")) | events,
                    body=_json(_ref("ResponseRequest")),
                )
            },
            "/v1/responses/input_tokens": {
                "post": _route(
                    "countResponseTokens",
                    "Count what a request would cost.",
                    _json(_ref("InputTokens")),
                    body=_json(_ref("ResponseRequest")),
                )
            },
            "/v1/responses/{id}": {
                "get": _route(
                    "getResponse", "Give one that is kept.", _json(_ref("Response")), path="id"
                ),
                "delete": _route(
                    "deleteResponse", "Forget it.", _json({"type": "object"}), path="id"
                ),
            },
            "/v1/responses/{id}/input_items": {
                "get": _route(
                    "listInputItems",
                    "Give what it was asked.",
                    _json({"type": "object"}),
                    path="id",
                )
            },
            "/v1/files": {
                "post": _route("createFile", "Upload a picture.", _json(_ref("File")), body=upload),
                "get": _route("listFiles", "List files.", _json({"type": "object"})),
            },
            "/v1/files/{id}": {
                "get": _route("getFile", "Tell of a file.", _json(_ref("File")), path="id"),
                "delete": _route("deleteFile", "Delete it.", _json({"type": "object"}), path="id"),
            },
            "/v1/files/{id}/content": {
                "get": _route(
                    "getFileContent",
                    "Give its bytes.",
                    {"application/octet-stream": _sound()},
                    path="id",
                )
            },
            "/v1/batches": {
                "post": _route(
                    "createBatch",
                    "Have a file of requests answered.",
                    _json(_ref("Batch")),
                    body=_json(_ref("BatchRequest")),
                ),
                "get": _route("listBatches", "List batches.", _json({"type": "object"})),
            },
            "/v1/batches/{id}": {
                "get": _route("getBatch", "Tell of a batch.", _json(_ref("Batch")), path="id")
            },
            "/v1/batches/{id}/cancel": {
                "post": _route("cancelBatch", "End it early.", _json(_ref("Batch")), path="id")
            },
            "/v1/audio/speech": {
                "post": _route(
                    "createSpeech", "Speak a text.", sounds | events, body=_json(_ref("Speech"))
                )
            },
            "/v1/video/narrations": {
                "post": _route("createNarration", "Narrate a film.", narration, body=film)
            },
            "/v1/video/narrations/{id}": {
                "get": _route("getNarration", "Tell how far it is.", narration, path="id"),
                "delete": _route(
                    "deleteNarration", "End it.", _json({"type": "object"}), path="id"
                ),
            },
            "/v1/video/narrations/{id}/content": {
                "get": _route(
                    "getNarratedFilm",
                    "Give the film.",
                    {"video/mp4": _sound(), "video/x-matroska": _sound()},
                    path="id",
                )
            },
            "/v1/models": {"get": _route("listModels", "List models.", _json(_ref("Models")))},
            "/v1/models/{model}": {
                "get": _route("getModel", "Tell of a model.", _json(_ref("Model")), path="model")
            },
            "/healthz": {"get": _open("Say that the server lives.")},
            "/readyz": {"get": _open("Say whether the engine answers.", also=503)},
        },
        "components": {
            "schemas": _SCHEMAS,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }

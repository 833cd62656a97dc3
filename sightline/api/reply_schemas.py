"""Schemas of what the server gives, for its document: replies, lists, and the error envelope."""

from __future__ import annotations

from typing import Any

_STRING: dict[str, Any] = {"type": "string"}
_COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
_NULL: dict[str, Any] = {"type": "null"}


def ref(name: str) -> dict[str, str]:
    """Refer to a schema by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def _object(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    properties = {**required, **(optional or {})}
    return {"type": "object", "required": list(required), "properties": properties}


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, _NULL]}


def _array(items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, **more}


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
SCHEMAS: dict[str, dict[str, Any]] = {
    "Pages": _object(
        {
            "object": {"const": "list"},
            "data": _array(
                _object(
                    {
                        "object": {"const": "document.page"},
                        "page": _COUNT,
                        "image_url": _object({"url": _STRING}),
                    }
                )
            ),
            "total_pages": _COUNT,
        }
    ),
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
    "Response": _object(
        {
            "id": _STRING,
            "object": {"const": "response"},
            "created_at": _COUNT,
            "status": {
                "enum": [
                    "completed",
                    "incomplete",
                    "failed",
                    "in_progress",
                    "queued",
                    "cancelled",
                ]
            },
            "model": _STRING,
            "output": _array({"type": "object"}),
            "usage": _nullable({"type": "object"}),
        }
    ),
    "Compaction": _object(
        {
            "id": _STRING,
            "object": {"const": "response.compaction"},
            "created_at": _COUNT,
            "output": _array(
                _object(
                    {
                        "id": _STRING,
                        "type": {"const": "compaction"},
                        "encrypted_content": _STRING,
                    }
                ),
                minItems=1,
            ),
            "usage": {"type": "object"},
        }
    ),
    "Conversation": _object(
        {
            "id": _STRING,
            "object": {"const": "conversation"},
            "created_at": _COUNT,
            "metadata": {"type": "object"},
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
    "Model": _object(
        {"id": _STRING, "object": {"const": "model"}, "created": _COUNT, "owned_by": _STRING},
        {
            "shutdown_date": _nullable({"type": "string", "format": "date"}),
            "status": _object(
                {"value": {"enum": ["loaded", "loading", "unloaded"]}}, {"failed": {"const": True}}
            ),
        },
    ),
    "Narration": _object(
        {"id": _STRING, "object": {"const": "video.narration"}, "status": _STRING}
    ),
}
_SHARE: dict[str, Any] = {"type": "number", "minimum": 0, "maximum": 1}
_NAME = _nullable(_STRING)
_OF_CHOICE = {"value": {"type": ["string", "boolean"]}, "probability": _SHARE}
_OF_LEVEL = {"label": _STRING, "value": _COUNT, "probability": _SHARE}
SCHEMAS["Decision"] = _object(
    {
        "model": _STRING,
        "answers": _array(
            {
                "anyOf": [
                    _object({"type": {"const": "predicate"}, "name": _NAME, "probability": _SHARE}),
                    _object(
                        {
                            "type": {"const": "choice"},
                            "name": _NAME,
                            "choice": {"type": ["string", "boolean"]},
                            "confidence": _SHARE,
                            "probabilities": _array(_object(_OF_CHOICE)),
                        }
                    ),
                    _object(
                        {
                            "type": {"const": "score"},
                            "name": _NAME,
                            "score": {"type": "number", "minimum": 0},
                            "confidence": _SHARE,
                            "probabilities": _array(_object(_OF_LEVEL)),
                        }
                    ),
                    _object({"type": {"const": "refusal"}, "name": _NAME}),
                ]
            }
        ),
        "usage": _object(
            {
                "input_tokens": _COUNT,
                "input_tokens_details": _object(
                    {"cached_tokens": _COUNT, "cache_write_tokens": _COUNT}
                ),
                "output_tokens": _COUNT,
                "output_tokens_details": _object({"reasoning_tokens": _COUNT}),
                "total_tokens": _COUNT,
            }
        ),
    }
)
SCHEMAS["SystemOne"] = _object(
    {
        "model": _STRING,
        "answers": {
            "type": "object",
            "additionalProperties": _object(
                {"type": {"enum": ["noul", "choice", "score", "refusal"]}}
            ),
        },
        "usage": _object({"input_tokens": _COUNT, "output_tokens": _COUNT}),
    }
)
SCHEMAS["Deleted"] = _object({"id": _STRING, "object": _STRING, "deleted": {"const": True}})
SCHEMAS["Page"] = _object(
    {
        "object": {"const": "list"},
        "data": _array({"type": "object"}),
        "first_id": _nullable(_STRING),
        "last_id": _nullable(_STRING),
        "has_more": {"type": "boolean"},
    }
)
SCHEMAS["Status"] = _object({"status": _STRING})
SCHEMAS["Models"] = _object({"object": {"const": "list"}, "data": _array(ref("Model"))})
SCHEMAS["Embeddings"] = _object({"data": _array({"type": "object"})})
SCHEMAS["Moderations"] = _object({"results": _array({"type": "object"})})
_HEARD_USAGE = {
    "anyOf": [
        _object({"type": {"const": "duration"}, "seconds": {"type": "number", "minimum": 0}}),
        _object(
            {
                "type": {"const": "tokens"},
                "input_tokens": _COUNT,
                "output_tokens": _COUNT,
                "total_tokens": _COUNT,
                "input_token_details": _object({"text_tokens": _COUNT, "audio_tokens": _COUNT}),
            }
        ),
    ]
}
_TIME = {"type": "number", "minimum": 0}
_VERBOSE = {
    "task": {"enum": ["transcribe", "translate"]},
    "language": _STRING,
    "duration": _TIME,
    "words": _array(_object({"word": _STRING, "start": _TIME, "end": _TIME})),
    "segments": _array(
        _object(
            {
                "id": _COUNT,
                "seek": _COUNT,
                "start": _TIME,
                "end": _TIME,
                "text": _STRING,
                "tokens": _array(_COUNT),
                "temperature": {"type": "number"},
                "avg_logprob": {"type": "number"},
                "compression_ratio": {"type": "number"},
                "no_speech_prob": {"type": "number"},
            }
        )
    ),
}
SCHEMAS["Transcription"] = _object(
    {"text": _STRING, "usage": _HEARD_USAGE},
    {**_VERBOSE, "languages": _array(_object({"code": _STRING}))},
)
SCHEMAS["Translation"] = _object({"text": _STRING}, _VERBOSE)

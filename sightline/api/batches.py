"""`/v1/batches`: what makes one, its object, and the lines of its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sightline.api import chat, checks, paging, reply
from sightline.api.fields import Enum, Given, Integer, Object, String, whole
from sightline.api.paging import turning
from sightline.errors import InvalidRequest, SightlineError

ENDPOINTS = ("/v1/chat/completions", "/v1/responses", "/v1/decisions")
_LEAST_S, _MOST_S = 3600, 2_592_000
_USUAL, _MOST = 20, 100  # on a page
_LONGEST_ID = 512


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """A batch that is asked for; `output_keep_s` is how long its files are kept."""

    input_file_id: str
    endpoint: str
    metadata: Mapping[str, str] | None
    output_keep_s: int = _MOST_S


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an input file: its id, the model asked for."""

    custom_id: str
    model: str


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a line of an input file; lines count from 1, None for the file itself."""

    code: str
    message: str
    line: int | None = None
    param: str | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """What is known of a batch; times are Unix seconds, `tokens` those in and out.

    `asked_of` marks the servers that answer as the one does that it was made at.
    """

    id: str
    owner: str
    endpoint: str
    input_file_id: str
    metadata: Mapping[str, str] | None
    output_keep_s: int
    status: str
    model: str | None
    problems: tuple[Problem, ...]
    times: Mapping[str, int | None]
    output_file_id: str | None
    error_file_id: str | None
    counts: tuple[int, int, int]
    tokens: tuple[int, int]
    asked_of: str = ""

    @property
    def expires(self) -> int:
        """When it ends, whether or not all its requests were executed."""
        return self.times["expires_at"] or 0


TIMES = (
    "created_at", "in_progress_at", "expires_at", "finalizing_at", "completed_at", "failed_at",
    "expired_at", "cancelling_at", "cancelled_at",
)  # fmt: skip


def _keep_s(given: Given) -> int:
    given("anchor")
    seconds: int = given.needed("seconds")
    return seconds


_WANTED = ("input_file_id", "endpoint", "completion_window")
REQUEST: Object[dict[str, Any]] = Object(
    {
        "input_file_id": String(),
        "endpoint": Enum(ENDPOINTS),
        "completion_window": Enum(("24h",)),
        "metadata": chat.METADATA,
        "output_expires_after": Object(
            {"anchor": Enum(("created_at",)), "seconds": Integer(_LEAST_S, _MOST_S)},
            _keep_s,
            required=("anchor", "seconds"),
        ),
    },
    whole,
    required=_WANTED,
    closed=True,
)
QUERY: Object[dict[str, Any]] = Object(turning(_MOST), whole)


def parse(body: Mapping[str, Any]) -> BatchRequest:
    """Read what makes a batch. Raises `InvalidRequest`."""
    given = REQUEST.given(body)
    given.refuse_unknown()
    given.require(*_WANTED)
    given("completion_window")
    metadata, keep_s = given("metadata"), given("output_expires_after")
    if keep_s is None:
        keep_s = _MOST_S
    return BatchRequest(given("input_file_id"), given("endpoint"), metadata, keep_s)


def page(found: Sequence[Batch], query: Mapping[str, str]) -> dict[str, Any]:
    """Write one page of batches, given the newest first. Raises `InvalidRequest`."""
    return paging.page(found, QUERY.given(query), body, noun="Batch", usual=_USUAL)


def read_line(line: bytes, number: int, endpoint: str) -> Line | Problem:
    """Read a line of an input file as far as the batch itself is concerned."""
    try:
        asked = checks.parse(line)
    except SightlineError as error:
        said = "This line is not parseable as valid JSON."
        if error.message != checks.NOT_JSON:
            said = error.message
        return Problem("invalid_json_line", said, number, error.param)
    if not isinstance(asked, dict):
        return Problem("invalid_json_line", "This line is not a JSON object.", number)
    for name in ("custom_id", "method", "url", "body"):
        if asked.get(name) is None:
            message = f"Missing required parameter: '{name}'."
            return Problem("missing_required_parameter", message, number, name)
    id, body = asked["custom_id"], asked["body"]
    if not isinstance(id, str) or not 0 < len(id) <= _LONGEST_ID:
        message = f"Invalid 'custom_id': expected a string of 1 to {_LONGEST_ID} characters."
        return Problem("invalid_custom_id", message, number, "custom_id")
    if asked["method"] != "POST":
        return Problem("invalid_method", "The method of a request is POST.", number, "method")
    if asked["url"] != endpoint:
        message = f"The URL of this request is not the batch's endpoint, '{endpoint}'."
        return Problem("mismatched_endpoint", message, number, "url")
    if not isinstance(body, dict):
        return Problem("invalid_body", "The body is not a JSON object.", number, "body")
    for name, what in (("stream", "streamed"), ("background", "made in the background")):
        if body.get(name):
            message = f"Requests of a batch are not {what}."
            return Problem("invalid_value", message, number, f"body.{name}")
    model = body.get("model")
    if not isinstance(model, str) or not model:
        message = "Missing required parameter: 'model'."
        return Problem("missing_required_parameter", message, number, "body.model")
    return Line(id, model)


def duplicate(id: str, number: int) -> Problem:
    """Say that an id stands in an earlier line too."""
    return Problem(
        "duplicate_custom_id",
        f"The custom_id '{id[:100]}' for this request is a duplicate of another request. The "
        "custom_id parameter must be unique for each request in a batch.",
        number,
        "custom_id",
    )


def mismatched(model: str, number: int) -> Problem:
    """Say that a line asks for another model than the first."""
    return Problem(
        "mismatched_model",
        f"This request asks for another model than the batch's first one, '{model[:100]}'. A "
        "batch is for one model.",
        number,
        "body.model",
    )


def output_line(custom_id: str, status: int, request_id: str, body: Any) -> str:
    """Write the line of a request that was executed."""
    response = {"status_code": status, "request_id": request_id, "body": body}
    return _written(custom_id, response, None)


def unexecuted_line(custom_id: str, code: str, message: str) -> str:
    """Write the line of a request that was not executed."""
    return _written(custom_id, None, {"code": code, "message": message})


def _written(custom_id: str, response: Any, error: Any) -> str:
    id = reply.new_id("batch_req_", 24)
    said = {"id": id, "custom_id": custom_id, "response": response, "error": error}
    return reply.encode(said).decode()


def spent(body: Any) -> tuple[int, int]:
    """Read the tokens in and out of a reply, of any of the endpoints."""
    usage = body.get("usage") if isinstance(body, dict) else None
    if not isinstance(usage, dict):
        return 0, 0
    read = (
        usage.get("prompt_tokens", usage.get("input_tokens")),
        usage.get("completion_tokens", usage.get("output_tokens")),
    )
    return int(read[0] or 0), int(read[1] or 0)


def body(batch: Batch) -> dict[str, Any]:
    """Write a batch's object."""
    total, completed, failed = batch.counts
    sent, said = batch.tokens
    problems = [
        {"code": p.code, "message": p.message, "param": p.param, "line": p.line}
        for p in batch.problems
    ]
    return {
        "id": batch.id,
        "object": "batch",
        "endpoint": batch.endpoint,
        "model": batch.model,
        "errors": {"object": "list", "data": problems} if problems else None,
        "input_file_id": batch.input_file_id,
        "completion_window": "24h",
        "status": batch.status,
        "output_file_id": batch.output_file_id,
        "error_file_id": batch.error_file_id,
        **{name: batch.times.get(name) for name in TIMES},
        "request_counts": {"total": total, "completed": completed, "failed": failed},
        "usage": {
            "input_tokens": sent,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": said,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": sent + said,
        },
        "metadata": None if batch.metadata is None else dict(batch.metadata),
    }


def cannot_cancel(status: str) -> SightlineError:
    """Say that a batch has ended."""
    return InvalidRequest(f"Cannot cancel a batch with status '{status}'.")

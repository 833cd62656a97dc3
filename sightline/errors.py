"""Every error that Sightline raises on purpose, as one tree.

    SightlineError
    ├── InvalidRequest        400  the JSON is not what the API takes
    │   └── ImageError        400  a picture cannot be had; `param` names the part
    │       ├── UnreadFilm         it is a film, but not one that can be read
    │       └── CaptchaRefused     it is taken for a CAPTCHA
    ├── Unauthorized          401  no API key, or a wrong one
    ├── OriginNotAllowed      403  a web page of another origin asks
    ├── ModelNotFound         404
    ├── RouteNotFound         404, 405
    ├── RequestTooLarge       413
    ├── UnsupportedMedia      415  the body is of another type than the route takes, or compressed
    ├── HostNotTrusted        421  the server is not known by the name it was asked by
    ├── HeadersTooLarge       431
    ├── SlowRequest           408  the body did not come in time
    ├── DeadlinePassed        504  no answer within the time that the client waits
    ├── RateLimited           429  more than a key may ask for in a minute
    ├── EngineBusy            503  retry later
    ├── EngineError           500  the engine failed; the request was sound
    ├── UpstreamError         502  another server said no, or nothing
    ├── ModelFileError             a model's file is missing or not what it should be
    └── UsageError            wrong use of the command line or a setting

Each carries what OpenAI's error envelope shows (`message`, `type`, `param`, `code`), the HTTP
`status`, whether trying again can help (`retryable`) and a `hint`: the next thing to do. Messages
are ours or the API's own words, never a library's text, an address or a path.
"""

from __future__ import annotations

from collections.abc import Iterable

_LIMITS_TOLD = "Visit https://platform.openai.com/account/rate-limits to learn more."


def nearest(word: str, known: Iterable[str]) -> str:
    """Write which of the `known` words a wrong one was meant for; empty where none is near."""
    from difflib import get_close_matches

    found = get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return f"Did you mean {found[0]}?" if found else ""


class SightlineError(Exception):
    """The root of the tree; never raised itself."""

    status = 500
    type = "server_error"
    code: str | None = None
    retryable = False

    def __init__(
        self,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.hint = hint
        if code is not None:
            self.code = code

    @property
    def line(self) -> str:
        """The error as one line: what is wrong, then what to do."""
        return " ".join(f"{self.message} {self.hint}".split())


class InvalidRequest(SightlineError):
    """The request is not what the API takes."""

    status = 400
    type = "invalid_request_error"


class ImageError(InvalidRequest):
    """A picture of the request cannot be used; `param` says which."""


class UnreadFilm(ImageError):
    """A film of the request is one, but cannot be read."""


class CaptchaRefused(ImageError):
    """A picture is taken for a CAPTCHA, which the API does not answer about."""

    code = "content_policy_violation"


class Unauthorized(SightlineError):
    """The request has no API key, or one that is not known."""

    status = 401
    type = "invalid_request_error"


class HostNotTrusted(SightlineError):
    """The request was sent to a name that is not one of this server's."""

    status = 421
    type = "invalid_request_error"
    code = "host_not_trusted"


class OriginNotAllowed(SightlineError):
    """A web page asks that is neither the server's own nor one of those that may."""

    status = 403
    type = "invalid_request_error"
    code = "origin_not_allowed"


class UnsupportedMedia(SightlineError):
    """The body is of a type that the route does not take, or compressed."""

    status = 415
    type = "invalid_request_error"
    code = "unsupported_content_type"


class HeadersTooLarge(SightlineError):
    """The head of a request is larger than the server reads."""

    status = 431
    type = "invalid_request_error"
    code = "headers_too_large"

    def __init__(self) -> None:
        super().__init__(
            "The request's URL and header fields are too large.",
            hint="They may have 64 KiB together, and there may be 100 fields.",
        )


class SlowRequest(SightlineError):
    """The body did not come in time."""

    status = 408
    type = "invalid_request_error"


class DeadlinePassed(SightlineError):
    """The time is over for which the client said it would wait."""

    status = 504
    code = "timeout"


class RateLimited(SightlineError):
    """A key has asked for more than it may; `retry_s` seconds later it may again.

    `kind` is "requests" or "tokens". A request that could never fit is not to be tried again.
    """

    status = 429
    code = "rate_limit_exceeded"

    def __init__(self, message: str, *, kind: str, retry_s: float | None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.type = kind
        self.retryable = retry_s is not None
        self.retry_s = retry_s or 0.0

    @classmethod
    def too_large(cls, what: str, *, kind: str, limit: int, asked: int) -> RateLimited:
        """Make it for a request that is larger than a limit is; `what` names that."""
        return cls(
            f"Request too large for {what}: Limit {limit}, Requested {asked}. The input or output "
            f"tokens must be reduced in order to run successfully. {_LIMITS_TOLD}",
            kind=kind,
            retry_s=None,
        )

    @classmethod
    def reached(
        cls, what: str, *, kind: str, limit: int, used: int, asked: int, wait: str, retry_s: float
    ) -> RateLimited:
        """Make it for a limit that others have used up; `wait` says how long, as the API does."""
        return cls(
            f"Rate limit reached for {what}: Limit {limit}, Used {used}, Requested {asked}. "
            f"Please try again in {wait}. {_LIMITS_TOLD}",
            kind=kind,
            retry_s=retry_s,
        )


class ModelNotFound(SightlineError):
    """No engine answers to this model's name."""

    status = 404
    type = "invalid_request_error"
    code = "model_not_found"


class RouteNotFound(SightlineError):
    """The URL, or the method on it, does not exist."""

    type = "invalid_request_error"

    def __init__(self, message: str, *, status: int = 404, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status


class RequestTooLarge(SightlineError):
    """The body is larger than the server takes."""

    status = 413
    type = "invalid_request_error"


class EngineBusy(SightlineError):
    """The engine cannot take this request now."""

    status = 503
    code = "engine_busy"
    retryable = True

    def __init__(self, message: str = "", *, retry_s: float = 2.0, hint: str = "") -> None:
        super().__init__(
            message or "The engine is currently overloaded, please try again later.",
            hint=hint or "Try again in a few seconds.",
        )
        self.retry_s = retry_s


class EngineError(SightlineError):
    """The engine failed on a sound request."""

    status = 500


class UpstreamError(SightlineError):
    """Another server that was asked has refused or could not be reached.

    `lasting` says that it would refuse any other request as well.
    """

    status = 502
    lasting = False


class ModelFileError(SightlineError):
    """A model's file is missing, damaged, or not what it should be."""


class UsageError(SightlineError):
    """Wrong use: of a flag, a setting, a file name."""

    status = 400
    type = "invalid_request_error"

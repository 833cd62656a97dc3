"""Other servers: the official client for them, and what their clients raise in our words.

`openai` takes a while to import, so it is imported where a client is made, and its errors are known
by their names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from typing import TYPE_CHECKING, Any

from sightline.errors import EngineError, SightlineError, UpstreamError
from sightline.settings import client_key

if TYPE_CHECKING:
    import openai

LASTING = frozenset({401, 403, 404, 429, 503})  # whoever gets one of these gets it again


class Fault(Enum):
    """What went wrong between a server and us."""

    REFUSED = "it answered with an error"
    TIMEOUT = "it did not answer in time"
    AWAY = "it cannot be reached"
    BROKEN = "its answer broke off"
    STRANGE = "its answer is not the API's"
    OURS = "its client was used wrongly"


# Every exception that `openai` and `httpx2` export; a test holds that none is missing.
FAULTS = {
    "openai.APIStatusError": Fault.REFUSED,
    "openai.AuthenticationError": Fault.REFUSED,
    "openai.BadRequestError": Fault.REFUSED,
    "openai.ConflictError": Fault.REFUSED,
    "openai.InternalServerError": Fault.REFUSED,
    "openai.NotFoundError": Fault.REFUSED,
    "openai.OAuthError": Fault.REFUSED,
    "openai.PermissionDeniedError": Fault.REFUSED,
    "openai.RateLimitError": Fault.REFUSED,
    "openai.UnprocessableEntityError": Fault.REFUSED,
    "openai.APITimeoutError": Fault.TIMEOUT,
    "openai.APIConnectionError": Fault.AWAY,
    "openai.APIError": Fault.BROKEN,
    "openai.APIResponseValidationError": Fault.STRANGE,
    "openai.ContentFilterFinishReasonError": Fault.STRANGE,
    "openai.LengthFinishReasonError": Fault.STRANGE,
    "openai.OpenAIError": Fault.STRANGE,
    "openai.InvalidWebhookSignatureError": Fault.OURS,
    "openai.WebSocketConnectionClosedError": Fault.OURS,
    "openai.WebSocketQueueFullError": Fault.OURS,
    "httpx2.ConnectTimeout": Fault.TIMEOUT,
    "httpx2.PoolTimeout": Fault.TIMEOUT,
    "httpx2.ReadTimeout": Fault.TIMEOUT,
    "httpx2.TimeoutException": Fault.TIMEOUT,
    "httpx2.WriteTimeout": Fault.TIMEOUT,
    "httpx2.ConnectError": Fault.AWAY,
    "httpx2.HTTPError": Fault.AWAY,
    "httpx2.InvalidURL": Fault.AWAY,
    "httpx2.LocalProtocolError": Fault.AWAY,
    "httpx2.NetworkError": Fault.AWAY,
    "httpx2.ProxyError": Fault.AWAY,
    "httpx2.RequestError": Fault.AWAY,
    "httpx2.TooManyRedirects": Fault.AWAY,
    "httpx2.TransportError": Fault.AWAY,
    "httpx2.UnsupportedProtocol": Fault.AWAY,
    "httpx2.WriteError": Fault.AWAY,
    "httpx2.CloseError": Fault.BROKEN,
    "httpx2.ProtocolError": Fault.BROKEN,
    "httpx2.ReadError": Fault.BROKEN,
    "httpx2.RemoteProtocolError": Fault.BROKEN,
    "httpx2.DecodingError": Fault.STRANGE,
    "httpx2.HTTPStatusError": Fault.REFUSED,
    "httpx2.SSEError": Fault.STRANGE,
    "httpx2.CookieConflict": Fault.OURS,
    "httpx2.RequestNotRead": Fault.OURS,
    "httpx2.ResponseNotRead": Fault.OURS,
    "httpx2.StreamClosed": Fault.OURS,
    "httpx2.StreamConsumed": Fault.OURS,
    "httpx2.StreamError": Fault.OURS,
    # What neither of them wraps.
    "builtins.TimeoutError": Fault.TIMEOUT,
    "builtins.OSError": Fault.AWAY,
    "json.JSONDecodeError": Fault.STRANGE,
}


def fault(error: BaseException) -> Fault | None:
    """Say what went wrong by the nearest class that is known; None for what is no client's."""
    for kind in type(error).__mro__:
        name = f"{kind.__module__.partition('.')[0]}.{kind.__name__}"
        if (found := FAULTS.get(name)) is not None:
            return found
    return None


def status(error: Any) -> int:
    """Give the status that a server refused with."""
    return int(error.response.status_code)


@contextmanager
def faults(own: Callable[[Fault, Exception], SightlineError]) -> Iterator[None]:
    """Raise what `own` makes of the fault and the exception that a client raises within."""
    try:
        yield
    except Exception as error:
        if (found := fault(error)) in (None, Fault.OURS):
            raise
        raise own(found, error) from None


def failed(who: str, setting: str) -> Callable[[Fault, Exception], EngineError]:
    """Make what clients are told, for `faults`, of a server that `setting` names."""

    def own(found: Fault, error: Exception) -> EngineError:
        if found is Fault.REFUSED:
            return EngineError(
                f"{who} answers with status {status(error)}.", hint="Its own log tells more."
            )
        return EngineError(
            f"{who} cannot be reached, or broke off.", hint=f"Is it running at {setting}?"
        )

    return own


@contextmanager
def translating(base_url: str) -> Iterator[None]:
    """Raise `UpstreamError`, for whoever runs the command, for what a client raises within."""
    with faults(lambda found, error: _translated(found, error, base_url)):
        yield


def _translated(found: Fault, error: Exception, base_url: str) -> UpstreamError:
    if found is Fault.REFUSED:
        return _refused(error)
    if found is Fault.BROKEN:
        return UpstreamError("The server's answer broke off.", hint="Its own log tells more.")
    if found is Fault.STRANGE:
        return UpstreamError("The server's answer is not the API's.", hint="Is the URL right?")
    what = "did not answer in time" if found is Fault.TIMEOUT else "cannot be reached"
    away = UpstreamError(f"{base_url} {what}.", hint="Is the server running?")
    away.lasting = True
    return away


def _refused(error: Any) -> UpstreamError:
    """Quote a refusal: it is for whoever sent the request, with a key of their own."""
    body = getattr(error, "body", None)
    told = body if isinstance(body, dict) else {}
    code = told.get("code")
    refused = UpstreamError(
        f"The server answered {status(error)}: {told.get('message') or 'without saying why'}",
        code=code if isinstance(code, str) else None,
    )
    refused.lasting = status(error) in LASTING
    return refused


def message(completion: Any) -> str:
    """Give what a completion says. Raises `UpstreamError` where it is none of the API's."""
    if not getattr(completion, "choices", None):
        raise UpstreamError("The server's answer is no chat completion.", hint="Is it the API's?")
    said = completion.choices[0].message
    return str(said.content or said.refusal or "")


def client(base_url: str, api_key: str | None = None, **options: Any) -> openai.AsyncOpenAI:
    """Make the official client of a server; `options` are its own."""
    import openai

    return openai.AsyncOpenAI(base_url=base_url, api_key=client_key(api_key, base_url), **options)


def blocking_client(base_url: str, api_key: str | None = None, **options: Any) -> openai.OpenAI:
    """Make the official client of a server that blocks."""
    import openai

    return openai.OpenAI(base_url=base_url, api_key=client_key(api_key, base_url), **options)

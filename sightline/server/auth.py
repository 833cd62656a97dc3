"""Who may ask: each route that needs a key is wrapped by the gate, so that none is forgotten.

`keys.credential` is the one place that reads a key from a request. The API takes bearer tokens
alone: a browser keeps a password of basic authentication, and sends it along whosever page asks.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from sightline.errors import ModelNotFound, SightlineError, Unauthorized
from sightline.keys import Key, KeyRing, KeyStore, credential
from sightline.settings import Settings

log = logging.getLogger("sightline.keys")
Endpoint = Callable[[Request], Awaitable[Response]]
ANYONE = "anyone"  # whose all is where no keys are needed
_OWNER = "sightline.owner"
_FRESH_S = 1.0  # a key that is revoked is refused after this at the latest
_NO_KEY = (
    "You didn't provide an API key. You need to provide your API key in an Authorization header "
    "using Bearer auth (i.e. Authorization: Bearer YOUR_KEY), or as the password field (with blank "
    "username) if you're accessing the API from your browser and are prompted for a username and "
    "password. You can obtain an API key from https://platform.openai.com/account/api-keys."
)
_WRONG = (
    "Incorrect API key provided: {shown}. You can find your API key at "
    "https://platform.openai.com/account/api-keys."
)
_HINT = "The operator of this server makes keys with `sightline keys add NAME`."
_BASIC = "Basic authentication is not taken; send `Authorization: Bearer YOUR_KEY`."


class Auth:
    """Lets requests in that have a key, where keys are needed."""

    def __init__(self, settings: Settings) -> None:
        self._needed = settings.needs_keys
        self._off = settings.keys == "off"
        self._ring = KeyRing(KeyStore(settings.keys_path))
        self._checked = float("-inf")
        self._lock = asyncio.Lock()
        self._told = False

    def __call__(self, endpoint: Endpoint) -> Endpoint:
        """Wrap an endpoint; within it `key_of(request)` is the key that was sent."""

        async def guarded(request: Request) -> Response:
            # No client sets a scope: what stands there is the server's own word for whom it asks.
            if is_inward(request.scope):
                request.state.owner = request.scope[_OWNER]
                request.state.key = await self._owner(request.state.owner)
            else:
                key = request.state.key = await self.admit(request.headers)
                request.state.owner = ANYONE if key is None or not self._needed else key.id
            return await endpoint(request)

        return guarded

    async def _owner(self, id: str) -> Key | None:
        if id == ANYONE:
            return None
        await self._refresh()
        key = self._ring.named(id)
        if key is None and self._needed:
            raise Unauthorized("The API key of this request has been revoked.", hint=_HINT)
        return key

    async def admit(self, headers: Headers) -> Key | None:
        """Give the key that was sent, None where none is needed. Raises `Unauthorized`."""
        sent = credential(headers.get("authorization", ""))
        if self._off or (not self._needed and not sent):
            return None
        await self._refresh()
        key = self._ring.find(sent)
        if key is not None or not self._needed:
            return key
        if not sent:
            is_basic = headers.get("authorization", "").lower().startswith("basic")
            raise Unauthorized(_NO_KEY, hint=_BASIC if is_basic else _HINT)
        raise Unauthorized(_WRONG.format(shown=masked(sent)), code="invalid_api_key", hint=_HINT)

    async def _refresh(self) -> None:
        async with self._lock:
            if time.monotonic() - self._checked < _FRESH_S:
                return
            try:
                await asyncio.to_thread(self._ring.refresh)
                self._told = False
            except SightlineError as error:  # those that were read hold on
                if not self._told:
                    log.error("%s", error.message)
                self._told = True
            self._checked = time.monotonic()


def masked(key: str) -> str:
    """Show enough of a key for its owner to know it again."""
    return f"{key[:4]}***{key[-2:]}" if len(key) >= 12 else "***"


def key_of(request: Request) -> Key | None:
    """Give the key that a request was let in with."""
    key = getattr(request.state, "key", None)
    return key if isinstance(key, Key) else None


def owner_of(request: Request) -> str:
    """Give whose all is that a request makes and may have: its key's, where keys are needed.

    Without keys nothing tells clients apart that not each of them could say: all is everybody's.
    """
    owner: str = request.state.owner
    return owner


def for_owner(scope: Scope, owner: str) -> None:
    """Have a request of the server to itself count as an owner's."""
    scope[_OWNER] = owner


def is_inward(scope: Scope) -> bool:
    """Say whether the server asks itself; no client can set that."""
    return _OWNER in scope


def client_of(request: Request) -> str:
    """Give what tells clients apart for an engine that keeps what it looked at."""
    key = key_of(request)
    return request.headers.get("authorization", "") if key is None else key.id


def check_model(request: Request, model: str) -> None:
    """See that the key may ask for a model. Raises `ModelNotFound`, as for one that is not."""
    key = key_of(request)
    if key is not None and not key.allows(model):
        raise ModelNotFound(
            f"The model `{model[:100]}` does not exist or you do not have access to it.",
            hint="`GET /v1/models` lists those that this key may ask for.",
        )

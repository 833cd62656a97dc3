"""Asking an OpenAI-compatible server over HTTP: a body in, the events of its stream out.

The official client would make a typed object of every token; an engine's stream is passed on token
by token, so that only what is needed is read here. Redirects are never followed, nothing is tried
again once a byte has come, and no word of the server reaches a client of ours.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractContextManager, aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import count
from typing import Any, TypeVar

import httpx2

from sightline.errors import (
    EngineBusy,
    EngineError,
    InvalidRequest,
    ModelNotFound,
    RouteNotFound,
    SightlineError,
    UpstreamError,
)
from sightline.remote import Fault, faults

T = TypeVar("T")
_MOST_PAGE = 4 << 20  # bytes of an answer that comes whole
_MOST_EVENT = 1 << 20  # bytes of one event
_MOST_STREAM = 512 << 20
_MOST_ERROR = 64 << 10
_FAREWELL_S = 0.1
_ERROR_S = 10.0  # for what an error says of itself
_SENDING_S = 10.0
_TRIES = 3
_LONGEST_WAIT_S = 5.0
_NO_ROUTE = frozenset({404, 405, 501})
_AGAIN = frozenset({408, 429, 500, 502, 503, 504})


class Unreachable(UpstreamError):
    """The server could not be spoken to; nothing of an answer has come."""


class Late(Unreachable):
    """It could be, but let too much time pass."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a server said when it refused: its status and the machine's part of its error."""

    status: int
    type: str
    code: str
    param: str
    numbers: tuple[int, int] | None = None
    """Of a context that is too long: the prompt's tokens and the most there can be."""
    template: bool = False
    """Whether the model's template raised on it."""


def _faults(late: SightlineError, other: SightlineError) -> AbstractContextManager[None]:
    """Raise one of them for what the client raises within."""
    return faults(lambda found, _: late if found is Fault.TIMEOUT else other)


class ChatClient:
    """Speaks to one server. `name` is how errors call it."""

    def __init__(self, client: httpx2.AsyncClient, base_url: str, *, name: str) -> None:
        self._client = client
        self._base_url = base_url
        self._name = name

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def get(self, path: str, *, timeout_s: float, root: bool = False) -> Any:
        """Fetch a page of JSON; `root` takes it from the server's root, not below the base URL.

        Raises `Unreachable`, or `UpstreamError` for what is no JSON.
        """
        return await self._json("GET", path, None, timeout_s, root)

    async def post(self, path: str, body: Any, *, timeout_s: float, root: bool = False) -> Any:
        """Send JSON and return JSON. Raises as `get` does."""
        return await self._json("POST", path, body, timeout_s, root)

    async def _json(self, method: str, path: str, body: Any, timeout_s: float, root: bool) -> Any:
        base = re.sub(r"(?<=\w)/v1$", "", self._base_url) if root else self._base_url
        content = None if body is None else json.dumps(body).encode()
        async with self._sent(method, base + path, content, timeout_s) as response:
            if response.status_code != 200:
                raise self._refused(await self._refusal(response), again=False)
            data = await self._whole(response, _MOST_PAGE, timeout_s)
            return self._parsed(data, response)

    async def ask(self, path: str, body: bytes, silence_s: float, *, most_bytes: int) -> Any:
        """Send a request and return the JSON of its answer, which has at most `most_bytes`.

        What can pass is tried again, as by `stream`. Raises `SightlineError`s: `RouteNotFound` for
        a path that the server does not have, `Unreachable` where it could not be spoken to.
        """

        async def read(response: httpx2.Response) -> AsyncGenerator[Any]:
            yield self._parsed(await self._whole(response, most_bytes, silence_s), response)

        asked = self._tried(path, body, silence_s, _TRIES, read, may_lack=True)
        async with aclosing(asked) as answers:
            return await anext(answers)

    def stream(
        self, body: bytes, silence_s: float, tries: int = _TRIES, most_bytes: int = _MOST_STREAM
    ) -> AsyncGenerator[dict[str, Any]]:
        """Ask, and give each event of the answer. Closing the generator hangs up.

        The stream has at most `most_bytes`, and is waited for `silence_s` without an event that
        says something: comments, and events that hold nothing, are silence too.
        What can pass is tried again before the first byte, `tries` times in all. Raises
        `SightlineError`s; `Unreachable` where nothing of an answer has come.
        """
        return self._tried(
            "/chat/completions", body, silence_s, tries,
            lambda response: self._events(response, silence_s, most_bytes),
        )  # fmt: skip

    async def _tried(
        self,
        path: str,
        body: bytes,
        silence_s: float,
        tries: int,
        read: Callable[[httpx2.Response], AsyncGenerator[T]],
        *,
        may_lack: bool = False,
    ) -> AsyncGenerator[T]:
        """Send a request, again where that can help, and give what is read of its answer."""
        for tried in count(1):
            try:
                async with self._sent("POST", self._base_url + path, body, silence_s) as response:
                    if response.status_code == 200:
                        async for each in read(response):
                            yield each
                        return
                    refusal = await self._refusal(response)
                    wait = _wait(response, tried)
            except Unreachable:
                if tried >= tries:
                    raise
                await asyncio.sleep(0.2 * tried)
                continue
            if may_lack and refusal.status in _NO_ROUTE and refusal.code != "model_not_found":
                raise RouteNotFound(f"{self._name} has no {path}.")
            if refusal.status not in _AGAIN or tried >= tries:
                raise self._refused(refusal, again=True)
            await asyncio.sleep(wait)

    @asynccontextmanager
    async def _sent(
        self, method: str, url: str, content: bytes | None, timeout_s: float
    ) -> AsyncGenerator[httpx2.Response]:
        headers = {"content-type": "application/json"} if content is not None else {}
        timeout = httpx2.Timeout(timeout_s, connect=min(timeout_s, 10.0))
        request = self._client.build_request(
            method, url, content=content, headers=headers, timeout=timeout
        )
        late = Late(f"{self._name} did not answer in time.")
        away = Unreachable(
            f"{self._name} cannot be reached.", hint="The operator can see whether it runs."
        )
        with _faults(late, away):
            # In all: a head that comes byte by byte is none.
            async with asyncio.timeout(timeout_s + _SENDING_S):
                response = await self._client.send(request, stream=True, follow_redirects=False)
        try:
            yield response
        finally:
            await response.aclose()

    async def _events(
        self, response: httpx2.Response, silence_s: float, most_bytes: int
    ) -> AsyncGenerator[dict[str, Any]]:
        kind = response.headers.get("content-type", "").partition(";")[0].strip()
        if kind != "text/event-stream":
            # A server without streams answers whole.
            most = min(most_bytes, _MOST_PAGE)
            yield self._parsed(await self._whole(response, most, silence_s), response)
            return
        loop = asyncio.get_running_loop()
        pieces = aiter(response.aiter_bytes())
        waiting, size, silent_s = b"", 0, 0.0
        silent = EngineError(f"{self._name} fell silent for {silence_s:.0f} s.")
        with _faults(silent, EngineError(f"{self._name} broke off its answer.")):
            while True:
                # The time that whoever reads takes for a piece is not the server's.
                began = loop.time()
                async with asyncio.timeout(silence_s - silent_s):
                    data = await anext(pieces, None)
                silent_s += loop.time() - began
                if data is None:
                    return
                size += len(data)
                waiting += data
                if len(waiting) > _MOST_EVENT or size > most_bytes:
                    raise self._too_much()
                *lines, waiting = waiting.split(b"\n")
                for line in lines:
                    if not line.startswith(b"data:"):
                        continue
                    said = line[5:].strip()
                    if said == b"[DONE]":
                        # Read to its end, the connection can be used again.
                        with suppress(TimeoutError, httpx2.HTTPError, OSError):
                            async with asyncio.timeout(_FAREWELL_S):
                                async for _ in pieces:
                                    pass
                        return
                    event = self._parsed(said, response)
                    if not isinstance(event, dict):
                        raise EngineError("The engine's answer is not in the form of the API.")
                    if _says(event):
                        silent_s = 0.0
                    yield event

    async def _whole(self, response: httpx2.Response, most: int, seconds: float) -> bytes:
        """Read a body to its end within bounds. Raises `Unreachable` and `UpstreamError`."""
        data = bytearray()
        late = Late(f"{self._name} did not answer in time.")
        with _faults(late, Unreachable(f"{self._name} broke off its answer.")):
            async with asyncio.timeout(seconds):
                async for piece in response.aiter_bytes():
                    data += piece
                    if len(data) > most:
                        raise self._too_much()
        return bytes(data)

    def _too_much(self) -> UpstreamError:
        return UpstreamError(
            f"{self._name} sent more than was asked of it.",
            hint="The operator can see what it is; it may not keep to max_tokens.",
        )

    async def _refusal(self, response: httpx2.Response) -> Refusal:
        try:
            body = json.loads(await self._whole(response, _MOST_ERROR, _ERROR_S))
        except (ValueError, RecursionError, SightlineError):
            body = {}
        return _read_refusal(response.status_code, body)

    def _parsed(self, data: bytes, response: httpx2.Response) -> Any:
        try:
            value = json.loads(data)
        except (ValueError, RecursionError):
            page = "html" in response.headers.get("content-type", "")
            what = "a web page" if page else "something else"
            raise UpstreamError(
                f"{self._name} answers with {what} where JSON was expected.",
                hint="The base URL usually ends with /v1.",
            ) from None
        return value

    def _refused(self, refusal: Refusal, *, again: bool) -> SightlineError:
        """Put a refusal into our words; what the server wrote is not passed on."""
        status, name = refusal.status, self._name
        if refusal.code == "context_length_exceeded" or refusal.type == "exceed_context_size_error":
            sent, most = refusal.numbers or (0, 0)
            limit = f" is {most} tokens" if most else " is exceeded"
            got = f" However, your messages resulted in {sent} tokens." if sent else ""
            return InvalidRequest(
                f"This model's maximum context length{limit}.{got} Please reduce the length of "
                "the messages.",
                param="messages",
                code="context_length_exceeded",
                hint="Send fewer pictures or with detail low.",
            )
        if status in (401, 403):
            return UpstreamError(
                f"{name} refused this server's key.", hint="The operator sets it: --upstream-key."
            )
        if 300 <= status < 400:
            return UpstreamError(
                f"{name} points elsewhere; redirects are not followed.",
                hint="The operator can name the final URL: --upstream-url.",
            )
        if refusal.code == "model_not_found" or (status == 404 and again):
            return ModelNotFound(
                f"{name} does not know the model.",
                param="model",
                hint="GET /v1/models lists the models.",
            )
        if status == 429:
            return EngineBusy(f"{name} is over its rate limit.", hint="Try again in a few seconds.")
        if status == 503:
            return EngineBusy(f"{name} is overloaded.", hint="Try again in a few seconds.")
        if refusal.template:
            return InvalidRequest(
                "The model's chat template does not take this conversation.",
                param="messages",
                hint="Some take no system message, or only turns that alternate.",
            )
        if 400 <= status < 500:
            known = re.fullmatch(r"[\w.\[\]]{1,80}", refusal.param)
            return InvalidRequest(
                f"{name} refused the request.",
                param=refusal.param if known else None,
                code=refusal.code if re.fullmatch(r"\w{1,64}", refusal.code) else None,
                hint="It may not know a field that was sent; try it without.",
            )
        return UpstreamError(f"{name} failed with status {status}.")

    def failed(self, error: Mapping[str, Any]) -> SightlineError:
        """Make the error for one that came as an event of a stream."""
        return self._refused(_read_refusal(500, {"error": error}), again=True)


def _wait(response: httpx2.Response, tries: int) -> float:
    told = response.headers.get("retry-after", "")
    wait = float(told) if re.fullmatch(r"\d{1,4}(\.\d+)?", told) else 0.4 * 2**tries
    return min(wait, _LONGEST_WAIT_S)


def _says(event: Mapping[str, Any]) -> bool:
    """Say whether an event brings an answer on: words, thoughts, calls, its end, or its prompt."""
    if event.get("prompt_progress"):
        return True
    choices = event.get("choices")
    for choice in choices if isinstance(choices, list) else ():
        if not isinstance(choice, dict):
            continue
        if choice.get("finish_reason"):
            return True
        said = choice.get("delta") or choice.get("message") or choice.get("text")
        if isinstance(said, dict):
            said = any(value for key, value in said.items() if key != "role")
        if said:
            return True
    return False


def _read_refusal(status: int, body: Any) -> Refusal:
    error = body.get("error", body) if isinstance(body, dict) else {}
    if not isinstance(error, dict):
        error = {}
    code = error.get("code")
    if isinstance(code, int) and 400 <= code < 600:  # llama.cpp and vLLM put the status there
        status = code
    sent, most = error.get("n_prompt_tokens"), error.get("n_ctx")
    numbers = (sent, most) if isinstance(sent, int) and isinstance(most, int) else None
    return Refusal(
        status,
        str(error.get("type") or ""),
        code if isinstance(code, str) else "",
        str(error.get("param") or ""),
        numbers,
        "jinja exception" in str(error.get("message", "")).lower(),
    )

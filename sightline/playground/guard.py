"""What stands before Gradio: the routes that the page needs, and bodies that were checked.

Nothing a client sends reaches Gradio as it came: paths, queries and headers are written anew from
what is known, bodies by `shapes`. Uploads and files are not Gradio's business at all.
"""

from __future__ import annotations

import asyncio
import logging
import mimetypes
import re
import secrets
import shutil
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from starlette.datastructures import Headers, QueryParams, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request, cookie_parser
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sightline.errors import (
    EngineBusy,
    InvalidRequest,
    RequestTooLarge,
    RouteNotFound,
    SightlineError,
    SlowRequest,
)
from sightline.playground import shapes
from sightline.playground.visitors import Visitors
from sightline.settings import Settings
from sightline.wire import check, reply

log = logging.getLogger("sightline.playground")
PATH = "/playground"
_API = "/gradio_api"
_MOST_BODY = 1 << 20  # bytes of JSON
_MOST_FILES = 100  # in one upload
_SLOWEST = 16 << 10  # bytes a second
_AROUND = 1 << 20  # bytes of a form that are not its files
# The routes of Gradio that the page needs; every other is refused.
_PARTS_OF_IT = re.compile(r"/|/theme\.css|/favicon\.ico|/(static|assets)(/[\w-][\w.-]*)+", re.ASCII)
_HEARTBEAT = re.compile(rf"{_API}/heartbeat/({shapes.TAB})", re.ASCII)
_EVENTS, _FILE = f"{_API}/queue/data", f"{_API}/file="
_CALLS = {f"{_API}/run/predict": False, f"{_API}/queue/join": True}  # whether it is queued
_CANCEL, _RESET, _UPLOAD = f"{_API}/cancel", f"{_API}/reset", f"{_API}/upload"
_COOKIE = re.compile(r"[0-9a-f]{64}")
_HEADERS = {
    b"accept", b"accept-encoding", b"accept-language", b"authorization", b"host", b"if-none-match",
    b"user-agent", b"x-forwarded-host", b"x-forwarded-proto",
}  # fmt: skip
_HOSTS = re.compile(rb"[\w.:\[\], -]+")  # Gradio makes a URL of it
# What a browser shows and never runs.
_SHOWN = re.compile(r"image/(png|jpeg|gif|webp|bmp|avif)|video/.*|audio/.*")


class _Visit:
    """One request: who sends it, and what they may name. An `Owner` of `shapes`."""

    def __init__(self, visitors: Visitors, scope: Scope) -> None:
        headers = Headers(scope=scope)
        self._visitors = visitors
        self.cookie = f"sightline-page-{(scope.get('server') or ('', 0))[1]}"
        sent = cookie_parser(headers.get("cookie", "")).get(self.cookie, "")
        self.known = _COOKIE.fullmatch(sent) is not None
        self.name = visitors.named(sent, headers.get("authorization", ""))
        self.secure = "https" in (scope["scheme"], headers.get("x-forwarded-proto"))
        named = f"{headers.get('host', '')},{headers.get('x-forwarded-host', '')}"
        hosts = {host.strip().lower() for host in named.split(",") if host.strip()}
        # A URL leaves its scheme's usual port out.
        self.hosts = frozenset(hosts | {re.sub(r":(80|443)$", "", host) for host in hosts})

    def own(self, path: str) -> Path:
        """Check that a path is one of theirs. Raises `InvalidRequest`."""
        return self._visitors.own(self.name, path)

    def session(self, tab: str) -> str:
        """Give a tab's name in Gradio."""
        return self._visitors.session(self.name, tab)


class Guard:
    """Lets through to Gradio's application what the page needs of it."""

    def __init__(
        self,
        app: ASGIApp,
        visitors: Visitors,
        functions: Mapping[int, shapes.Function],
        settings: Settings,
    ) -> None:
        self._app, self._visitors, self._functions = app, visitors, functions
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request below `PATH`."""
        path = scope["path"].removeprefix(PATH)
        began = False

        async def noted(message: Message) -> None:
            nonlocal began
            began = True
            await send(message)

        try:
            if not scope["path"].startswith(f"{PATH}/"):
                raise _unknown()
            await self._routed(path, scope, receive, noted)
        except ClientDisconnect:
            pass  # nobody reads an answer
        except SightlineError as error:
            if began:
                raise
            await _refusal(path, error)(scope, receive, send)

    async def _routed(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        visit, method = _Visit(self._visitors, scope), scope["method"]
        if method in ("GET", "HEAD") and _PARTS_OF_IT.fullmatch(path):
            if path == "/" and not visit.known:
                send = _with_cookie(send, visit)
            await self._app(_anew(scope, path), receive, send)
            return
        if not visit.known:
            raise _forbidden()
        if method == "GET" and (found := _HEARTBEAT.fullmatch(path)):
            await self._open(visit, found[1], scope, receive, send)
        elif method == "GET" and path == _EVENTS:
            tab = QueryParams(scope["query_string"]).get("session_hash", "")
            if not re.fullmatch(shapes.TAB, tab):
                raise InvalidRequest("There is no such session.", hint="Reload the page.")
            query = f"session_hash={visit.session(tab)}".encode()
            await self._app(_anew(scope, path, query), receive, send)
        elif method in ("GET", "HEAD") and path.startswith(_FILE):
            file = await asyncio.to_thread(visit.own, path.removeprefix(_FILE))
            await _shown(file)(scope, receive, send)
        elif method == "POST" and path in {*_CALLS, _CANCEL, _RESET}:
            body = await self._checked(path, visit, Request(scope, receive))
            kind = [(b"content-type", b"application/json")]
            length = [(b"content-length", b"%d" % len(body))]
            made = _anew(scope, path, headers=kind + length)
            await self._app(made, _given(body, receive), send)
        elif method == "POST" and path == _UPLOAD:
            files = await self._uploaded(visit, Request(scope, receive))
            await JSONResponse([str(file) for file in files])(scope, receive, send)
        else:
            raise _unknown()

    async def _open(
        self, visit: _Visit, tab: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Hold an open tab's heartbeat; with a visitor's last tab their files go."""
        self._visitors.come(visit.name)
        try:
            await self._app(_anew(scope, f"{_API}/heartbeat/{visit.session(tab)}"), receive, send)
        finally:
            if self._visitors.leave(visit.name):
                # Not waited for: this may be the end of a task that is cancelled.
                asyncio.get_running_loop().run_in_executor(None, self._visitors.end, visit.name)

    async def _checked(self, path: str, visit: _Visit, request: Request) -> bytes:
        """Read and check a body of JSON; give what goes on in its place."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise _as(415, InvalidRequest("The page sends application/json here."))
        _declared(request, _MOST_BODY)
        body = b"".join([piece async for piece in self._pieces(request, _MOST_BODY)])

        def checked() -> bytes:
            sent = check.load(body)
            if path in _CALLS:
                return reply.encode(shapes.event(sent, _CALLS[path], self._functions, visit))
            if path == _CANCEL:
                return reply.encode(shapes.cancelled(sent, visit))
            return b'{"event_id": ""}'  # a reset does nothing any more

        return await asyncio.to_thread(checked)

    async def _uploaded(self, visit: _Visit, request: Request) -> list[Path]:
        """Take an upload into the visitor's folder; a full disk leaves nothing."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "multipart/form-data":
            raise _as(415, InvalidRequest("Files are sent as multipart/form-data."))
        size = _declared(request, self._visitors.share)
        if size is None:
            size = min(self._settings.max_video_bytes + _AROUND, self._visitors.share)
        async with self._visitors.reserved(visit.name, size):
            parser = MultiPartParser(
                request.headers, self._pieces(request, size), max_files=_MOST_FILES, max_fields=0
            )
            try:
                form = await parser.parse()
            except MultiPartException:
                raise InvalidRequest(
                    "The form cannot be read.", hint=f"At most {_MOST_FILES} files at once."
                ) from None
            except OSError:
                raise _full() from None
            try:
                files = [each for each in form.getlist("files") if isinstance(each, UploadFile)]
                return await asyncio.to_thread(self._kept, files, visit.name)
            finally:
                await form.close()

    def _kept(self, files: Sequence[UploadFile], visitor: str) -> list[Path]:
        paths: list[Path] = []
        most = self._settings.max_video_bytes
        try:
            for file in files:
                if (file.size or 0) > most:
                    raise RequestTooLarge("The file is too large.", hint=f"At most {most} bytes.")
                folder = self._visitors.root / visitor / secrets.token_hex(16)
                folder.mkdir(mode=0o700, parents=True)
                paths.append(folder / _name(file.filename or ""))
                with paths[-1].open("xb") as out:
                    shutil.copyfileobj(file.file, out, 1 << 20)
        except BaseException as error:
            for path in paths:
                shutil.rmtree(path.parent, ignore_errors=True)
            if isinstance(error, OSError):
                raise _full() from None
            raise
        return paths

    async def _pieces(self, request: Request, most: int) -> AsyncGenerator[bytes]:
        """Give a body of at most `most` bytes as it comes.

        Raises `RequestTooLarge`, and `SlowRequest` where nothing comes for too long, or little:
        what an upload has reserved is nobody else's.
        """
        body, size, began = aiter(request.stream()), 0, time.monotonic()
        silence_s = self._settings.body_timeout_s or None
        while True:
            try:
                slow = silence_s and time.monotonic() - began > silence_s + size / _SLOWEST
                async with asyncio.timeout(0 if slow else silence_s):
                    piece = await anext(body, None)
            except TimeoutError:
                raise SlowRequest("The body did not come in time.", hint="Send it again.") from None
            if piece is None:
                return
            size += len(piece)
            if size > most:
                raise _too_large(most)
            yield piece


def _anew(
    scope: Scope, path: str, query: bytes = b"", headers: Sequence[tuple[bytes, bytes]] = ()
) -> Scope:
    """Write a request anew, of what Gradio is to know of it."""
    kept = [
        (name, value)
        for name, value in scope["headers"]
        if name in _HEADERS and (name != b"x-forwarded-host" or _HOSTS.fullmatch(value))
    ]
    whole = PATH + path
    return {
        **scope, "root_path": "", "path": whole, "raw_path": quote(whole).encode(),
        "query_string": query, "headers": [*kept, *headers],
    }  # fmt: skip


def _given(body: bytes, receive: Receive) -> Receive:
    """Give a body that was read, and then what else is heard of the client."""
    given = False

    async def heard() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return heard


def _with_cookie(send: Send, visit: _Visit) -> Send:
    """Have the page's answer set the visitor's cookie."""
    value = (
        f"{visit.cookie}={secrets.token_hex(32)}; Path={PATH}; HttpOnly; SameSite=Strict"
        f"{'; Secure' if visit.secure else ''}"
    )

    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            message.setdefault("headers", []).extend(
                [(b"set-cookie", value.encode()), (b"cache-control", b"no-store")]
            )
        await send(message)

    return told


def _shown(file: Path) -> Response:
    """Answer with a file: what a browser could run is saved, and not shown."""
    kind = mimetypes.guess_type(file.name)[0] or ""
    shown = _SHOWN.fullmatch(kind) is not None
    return FileResponse(
        file,
        headers={"cache-control": "private, no-store"},
        media_type=kind if shown else "application/octet-stream",
        filename=file.name,
        content_disposition_type="inline" if shown else "attachment",
    )


def _name(sent: str) -> str:
    """Make a name for an upload that is safe as a file's and within a URL."""
    cleaned = re.sub(r"[^\w.-]", "_", sent.rpartition("/")[2].rpartition("\\")[2])
    return cleaned.lstrip(".")[-60:] or "file"


def _declared(request: Request, most: int) -> int | None:
    """Read how long a body says that it is, None if it does not. Raises `RequestTooLarge`."""
    declared = request.headers.get("content-length", "")
    if not declared.isdecimal() or len(declared) > 20:
        return None
    if int(declared) > most:
        raise _too_large(most)
    return int(declared)


def _refusal(path: str, error: SightlineError) -> Response:
    headers = {"retry-after": "60"} if error.retryable else {}
    if path == _UPLOAD:  # the page shows the text as it is
        return PlainTextResponse(error.line, error.status, headers)
    return Response(
        reply.encode(reply.error_body(error)), error.status, headers, "application/json"
    )


def _as(status: int, error: SightlineError) -> SightlineError:
    error.status = status
    return error


def _unknown() -> SightlineError:
    return RouteNotFound("The page has no such part.", hint="Reload the page.")


def _forbidden() -> SightlineError:
    return _as(403, InvalidRequest("The page is not open.", hint="Open or reload it."))


def _too_large(most: int) -> SightlineError:
    return RequestTooLarge(
        "That is more than the page takes at once.", hint=f"At most {most >> 20} MB."
    )


def _full() -> SightlineError:
    return EngineBusy(
        "The server's disk is full, nothing was uploaded.", hint="Try again in a few minutes."
    )

"""The page as an ASGI application, made when it is first asked for: Gradio takes two seconds."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sightline.playground.guard import PATH, Guard
from sightline.playground.visitors import Visitors
from sightline.settings import Settings

_MOST_SESSIONS = 1000  # whose conversations are held
# Nothing of the page comes from elsewhere, and nothing of it goes elsewhere.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self' data: blob:; worker-src 'self' blob:; "
    "frame-ancestors 'self'; form-action 'self'; base-uri 'self'"
)
_MISSING = (
    "The playground is not installed. Type: pip install 'sightline[playground]', or take "
    "--no-playground.\n"
)


class Playground:
    """Serves the page below `PATH`. Without a `base_url` it asks the server that it is part of."""

    def __init__(
        self,
        settings: Settings,
        base_url: str | None = None,
        leaving: asyncio.Event | None = None,
    ) -> None:
        self._settings = settings
        self._base_url = base_url or ""
        self._own = base_url is None
        self._leaving = leaving
        self._making = asyncio.Lock()
        self._app: ASGIApp | None = None
        self._stack = AsyncExitStack()
        self._folder: str | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on to the page."""
        if scope["type"] == "websocket":  # the page has none
            await send({"type": "websocket.close", "code": 1008})
        if scope["type"] != "http":
            return
        if find_spec("gradio") is None:
            await PlainTextResponse(_MISSING, 501)(scope, receive, send)
            return
        if scope["path"] == PATH:
            await RedirectResponse(f"{PATH}/")(scope, receive, send)
            return
        if self._own and not self._base_url:
            host, port = scope["server"]
            self._base_url = f"http://{f'[{host}]' if ':' in host else host}:{port}/v1"
        async with self._making:
            if self._app is None:
                self._app = await self._made()

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message.setdefault("headers", []).extend(
                    [
                        (b"content-security-policy", _POLICY.encode()),
                        (b"referrer-policy", b"no-referrer"),
                        (b"x-content-type-options", b"nosniff"),
                    ]
                )
            await send(message)

        heard = receive
        if self._leaving is not None and "/heartbeat/" in scope["path"]:
            heard = self._until_leaving(receive, self._leaving)
        await self._app(scope, heard, guarded)

    def _until_leaving(self, receive: Receive, leaving: asyncio.Event) -> Receive:
        """Have an open page's heartbeat end once the server does: it would hold it up."""

        async def heard() -> Message:
            tasks = [asyncio.ensure_future(receive()), asyncio.ensure_future(leaving.wait())]
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                if leaving.is_set():
                    return {"type": "http.disconnect"}
                return cast(Message, tasks[0].result())
            finally:
                for task in tasks:
                    task.cancel()

        return heard

    async def close(self) -> None:
        """Take the page's files away."""
        await self._stack.aclose()
        if self._folder is not None:
            await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    async def _made(self) -> ASGIApp:
        self._folder = await asyncio.to_thread(tempfile.mkdtemp, prefix="sightline-page-")
        os.environ["GRADIO_TEMP_DIR"] = self._folder
        visitors = Visitors(Path(self._folder), self._settings.playground_quota_bytes)
        app, page = await asyncio.to_thread(self._build, visitors)
        await self._stack.enter_async_context(app.router.lifespan_context(app))
        await self._stack.enter_async_context(_swept(visitors))
        return Guard(app, visitors, page.fns, self._settings)

    def _build(self, visitors: Visitors) -> tuple[Any, Any]:
        import gradio
        from fastapi import FastAPI

        from sightline.playground import page

        made = page.build(lambda: self._base_url, self._settings, visitors)
        # Gradio checks paths only of what it has launched itself, and serves any SVG until then.
        made.has_launched = made.is_running = True
        made.state_session_capacity = _MOST_SESSIONS
        app = gradio.mount_gradio_app(
            FastAPI(docs_url=None, redoc_url=None, openapi_url=None),
            made,
            PATH,
            theme=page.theme(),
            css=page.CSS,
            footer_links=[],
            max_file_size=self._settings.max_video_bytes,
            allowed_paths=[],
            blocked_paths=["/etc", "/proc", "/sys", str(self._settings.keys_path)],
            show_error=False,  # what is ours to say is said; a library's own text is not
            ssr_mode=False,
            pwa=False,
            mcp_server=False,
            run_history=False,
            enable_monitoring=False,
        )
        return app, made


@asynccontextmanager
async def _swept(visitors: Visitors) -> AsyncGenerator[None]:
    """Have what visitors left behind deleted in time."""

    async def work() -> None:
        while True:
            await asyncio.sleep(60)
            await asyncio.to_thread(visitors.sweep)

    sweeping = asyncio.create_task(work())
    try:
        yield
    finally:
        sweeping.cancel()
        await asyncio.gather(sweeping, return_exceptions=True)

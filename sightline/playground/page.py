"""The page as routes: its files, read once, under a policy that lets nothing else run.

It is a client of the API like any other. What is served here is the same for everybody and
holds nothing of the server's, so that it needs no key; the key that is typed in goes with the
requests that the page makes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

PATH = "/playground"
# A link elsewhere may lead to these.
DOORS = frozenset({"/", PATH, f"{PATH}/"})
MOST_BYTES = 300_000  # of all files together
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".mp4": "video/mp4",
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "media-src 'self' blob: data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types dompurify"
)
_HEADERS = {
    "cache-control": "no-cache",  # kept, and asked for by its ETag
    "content-security-policy": _POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class _File:
    body: bytes
    headers: dict[str, str]


def routes() -> list[Route]:
    """Give the page's routes. Reads its files."""
    kept = {name: _file(name, body) for name, body in static_files()}

    async def serve(request: Request) -> Response:
        found = kept.get(request.path_params.get("file") or "index.html")
        if found is None:
            raise HTTPException(404)
        asked = request.headers.get("if-none-match", "")
        if found.headers["etag"] in (tag.strip().removeprefix("W/") for tag in asked.split(",")):
            return Response(status_code=304, headers=found.headers)
        return Response(found.body, headers=found.headers)

    async def lead(request: Request) -> Response:
        # Relative: a proxy may serve the whole under a path of its own.
        return RedirectResponse(f".{PATH}/")

    return [
        Route("/", lead),
        Route(PATH, lead),
        Route(f"{PATH}/", serve),
        Route(f"{PATH}/{{file:path}}", serve),
    ]


def static_files() -> list[tuple[str, bytes]]:
    """Give the page's files by their paths below `PATH`, in order."""

    def walk(folder: Traversable, path: PurePosixPath) -> list[tuple[str, bytes]]:
        found: list[tuple[str, bytes]] = []
        for each in sorted(folder.iterdir(), key=lambda item: item.name):
            here = path / each.name
            found += walk(each, here) if each.is_dir() else [(str(here), each.read_bytes())]
        return found

    return walk(files("sightline.playground") / "static", PurePosixPath())


def _file(name: str, body: bytes) -> _File:
    tag = hashlib.sha256(body).hexdigest()[:20]
    kind = _TYPES[PurePosixPath(name).suffix]
    return _File(body, {**_HEADERS, "content-type": kind, "etag": f'"{tag}"'})

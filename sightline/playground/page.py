"""The page as routes: its files, read once, under a policy that lets nothing else run.

It is a client of the API like any other. What is served here is the same for everybody and
holds nothing of the server's, so that it needs no key; the key that is typed in goes with the
requests that the page makes. What the page loads has the version of it all in its address, so that
a browser that has it asks for the page alone.
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
_CHECKED = "no-cache"  # kept, and asked for by its ETag
_SETTLED = (
    "public, max-age=31536000, immutable"  # never asked for again: the address says which it is
)
_HEADERS = {
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
    found = dict(static_files())
    version = hashlib.sha256(b"".join(found.values())).hexdigest()[:12]
    kept = {name: _file(name, body) for name, body in found.items()}
    kept["index.html"] = _file("index.html", _versioned(found["index.html"], version))
    settled = {f"{version}/{name}": _file(name, body, _SETTLED) for name, body in found.items()}

    async def serve(request: Request) -> Response:
        name = request.path_params.get("file") or "index.html"
        found = kept.get(name) or settled.get(name)
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


def _versioned(page: bytes, version: str) -> bytes:
    """Have the page load its files by addresses of their own for each version of them."""
    for attribute in (b'href="', b'src="'):
        page = page.replace(attribute, attribute + version.encode() + b"/")
    return page


def _file(name: str, body: bytes, keeping: str = _CHECKED) -> _File:
    tag = hashlib.sha256(body).hexdigest()[:20]
    kind = _TYPES[PurePosixPath(name).suffix]
    return _File(
        body, {**_HEADERS, "cache-control": keeping, "content-type": kind, "etag": f'"{tag}"'}
    )

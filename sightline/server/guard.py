"""Who may speak to the server: what a request's head says of it, checked before every route.

A browser sends whatever a page asks it to, to loopback and to the local network too. It cannot be
made to hide where the page came from: `Host` is the name that the page believes it speaks to,
`Origin` and `Sec-Fetch-Site` say whose page it is, and JSON is sent to another origin only after
leave was asked (CORS), which forms and plain text do not need.
"""

from __future__ import annotations

import logging
import re
import socket
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Literal

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

from sightline import telemetry
from sightline.api import reply
from sightline.errors import (
    HostNotTrusted,
    InvalidRequest,
    OriginNotAllowed,
    SightlineError,
    UnsupportedMedia,
)
from sightline.playground.page import DOORS
from sightline.server.auth import is_inward
from sightline.server.stream import json_reply
from sightline.settings import Settings

log = logging.getLogger("sightline.server")
PROBES = frozenset({"/health", "/healthz", "/readyz"})
# A link elsewhere may lead here: these only show something, and only to the person.
_LINKED = PROBES | DOORS | {"/openapi.json"}
_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9_-]+(?:\.[a-z0-9_-]+)*)\.?)(?::(\d{0,5}))?")
_READ = frozenset(
    {b"host", b"origin", b"sec-fetch-site", b"sec-fetch-mode", b"sec-fetch-dest", b"content-type",
     b"content-encoding", b"content-length", b"transfer-encoding"}
)  # fmt: skip
_PORTS = {"http": "80", "https": "443"}
_PRIVATE = (".local", ".internal", ".home.arpa", ".lan")  # never answered for by the public DNS
_LOG_S = 60.0

Reach = Literal["loopback", "network", "any"]


@dataclass(frozen=True)
class Names:
    """The names that a server goes by.

    `reach` says which besides the listed: loopback's alone; or addresses and names that no stranger
    can own, so that no stranger's name can be pointed at the server (DNS rebinding); or any.
    """

    reach: Reach
    listed: tuple[str, ...] = ()

    @classmethod
    def of(cls, settings: Settings) -> Names:
        """Give those of the main port."""
        listed = settings.server_names
        if settings.uds:
            return cls("network", listed)
        # With keys another's name gains nothing: no page has the key, and no browser keeps it for
        # that name.
        if not settings.is_local and settings.needs_keys and not listed:
            return cls("any")
        return cls.at(settings.host, listed)

    @classmethod
    def at(cls, host: str, listed: tuple[str, ...]) -> Names:
        """Give those of an address that needs no keys."""
        host = host.lower()
        if _is_loopback(host):
            return cls("loopback", listed)
        return cls("network", (*listed, host, socket.gethostname().lower()))

    @property
    def shown(self) -> tuple[str, ...]:
        """Say in words what they are."""
        if self.reach == "any":
            return ("any, with a key",)
        private = ("addresses", "private names") if self.reach == "network" else ()
        return ("loopback's", *private, *self.listed)

    def take(self, host: str) -> bool:
        """Say whether a name or an address, as `split` gives it, is one of the server's."""
        if self.reach == "any" or _is_loopback(host):
            return True
        if self.reach == "network" and (
            _address(host) is not None or "." not in host or host.endswith(_PRIVATE)
        ):
            return True
        return any(
            each == "*"
            or each.strip("[]") == host
            or (each[:2] == "*." and host.endswith(each[1:]))
            for each in self.listed
        )


@lru_cache(256)
def split(host: bytes) -> tuple[str, str] | None:
    """Split `Host` into a name or address in lower case and the port, empty for none.

    None for what is no host.
    """
    found = _HOST.fullmatch(host.decode("latin-1").strip().lower())
    if found is None:
        return None
    address, name, port = found.groups()
    if address is not None and not isinstance(_address(address), IPv6Address):
        return None
    return address or name, port or ""


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    address = _address(host)
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address is not None and address.is_loopback


class Guard:
    """Wraps an application. `forms` are the paths that take multipart/form-data, not JSON."""

    def __init__(
        self,
        app: ASGIApp,
        names: Names,
        origins: Collection[str] = (),
        forms: Collection[str] = (),
    ) -> None:
        self._app, self._names = app, names
        self._origins, self._forms = frozenset(origins), frozenset(forms)
        self._any_origin = "*" in self._origins
        self._logged: dict[int, float] = {}
        self._host = lru_cache(256)(self._check_host)
        self._is_own = lru_cache(256)(self._check_own)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it in the API's envelope."""
        if scope["type"] == "http" and not is_inward(scope):
            try:
                self._check(scope)
            except SightlineError as error:
                await self._refuse(error, scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _check(self, scope: Scope) -> None:
        """Check a head. Raises `SightlineError`."""
        head: dict[bytes, bytes] = {}
        for name, value in scope["headers"]:
            if name in _READ:
                if name in head:
                    raise InvalidRequest(
                        f"The header {name.decode()} was sent more than once.", hint="Send it once."
                    )
                head[name] = value
        path = scope["path"]
        self._host_of(head.get(b"host"), scope, path)
        if b"origin" in head or b"sec-fetch-site" in head:
            self._origin_of(head, scope, path)
        if b"content-encoding" in head and head[b"content-encoding"].strip().lower() != b"identity":
            raise UnsupportedMedia(
                "Compressed request bodies are not taken.",
                code="unsupported_content_encoding",
                hint="Send the body without Content-Encoding.",
            )
        if scope["method"] in ("POST", "PUT", "PATCH") and (
            head.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in head
        ):
            self._media_of(head.get(b"content-type", b""), scope, path)

    def _host_of(self, host: bytes | None, scope: Scope, path: str) -> None:
        if host is None:
            if scope["http_version"] == "1.0":
                return  # it has no such field; no browser speaks it
            raise InvalidRequest("The header Host is missing.", hint="HTTP/1.1 needs it.")
        trusted = self._host(host)
        if trusted is None:
            raise InvalidRequest("The header Host is not a host.")
        if not trusted:
            parts = split(host)
            # Those who look after a server ask it by its address, wherever that is.
            if path in PROBES and parts is not None and _address(parts[0]) is not None:
                return
            raise HostNotTrusted(
                "The request was sent to a name that this server does not go by.",
                hint="Ask by localhost or 127.0.0.1, or have its operator name it with "
                "--trusted-hosts (SIGHTLINE_TRUSTED_HOSTS); `sightline doctor --url URL` tells "
                "more.",
            )

    def _check_host(self, host: bytes) -> bool | None:
        parts = split(host)
        return None if parts is None else self._names.take(parts[0])

    def _origin_of(self, head: dict[bytes, bytes], scope: Scope, path: str) -> None:
        origin, site = head.get(b"origin"), head.get(b"sec-fetch-site", b"none")
        if self._any_origin or (
            origin is not None and origin.decode("latin-1").lower() in self._origins
        ):
            return
        own = origin is None or self._is_own(origin, head.get(b"host", b""), scope["scheme"])
        if own and site in (b"none", b"same-origin"):
            return
        if (
            own
            and scope["method"] == "GET"
            and head.get(b"sec-fetch-mode") == b"navigate"
            and head.get(b"sec-fetch-dest") == b"document"
            and path in _LINKED
        ):
            return
        raise OriginNotAllowed(
            "Web pages of this origin may not ask this server.",
            hint="Its operator names origins with --cors-origins (SIGHTLINE_CORS_ORIGINS), and "
            "behind a proxy the server's own name with --trusted-hosts; `sightline doctor --url "
            "URL` tells more.",
        )

    def _check_own(self, origin: bytes, host: bytes, scheme: str) -> bool:
        """Say whether an origin is the server's own: where it was asked, or a name of its own."""
        kind, _, authority = origin.decode("latin-1").lower().partition("://")
        parts, asked = split(authority.encode("latin-1")), split(host)
        # Before the server a proxy may have spoken HTTPS for it, but not the other way round.
        if kind not in _PORTS or parts is None or (scheme == "https" and kind != "https"):
            return False
        usual = _PORTS[kind]
        port = parts[1] or usual
        if asked is not None and (parts[0], port) == (asked[0], asked[1] or usual):
            return True
        # A proxy may have put its own name for the server in place of the one that was asked.
        return port == usual and parts[0] in self._names.listed

    def _media_of(self, sent: bytes, scope: Scope, path: str) -> None:
        kind = sent.partition(b";")[0].strip().lower()
        if not path.startswith("/v1/"):
            return  # there is nothing that takes a body
        form = path.rstrip("/") in self._forms
        if kind == b"multipart/form-data" and form:
            return
        if kind == b"application/json" and not form:
            return
        bare = {**scope, "path": path.rstrip("/")}
        if all(route.matches(bare)[0] is Match.NONE for route in scope["app"].router.routes):
            return  # that there is no such path says more than what it would take
        wanted = "multipart/form-data" if form else "application/json"
        how = "-F file=@FILE" if form else f"-H 'Content-Type: {wanted}'"
        raise UnsupportedMedia(
            f"Unsupported content type. This API method only accepts '{wanted}' requests. Please "
            "try again with a supported content type.",
            hint=f"With curl: {how}.",
        )

    async def _refuse(
        self, error: SightlineError, scope: Scope, receive: Receive, send: Send
    ) -> None:
        telemetry.count("rejected", reason=_REASONS.get(error.status, "head"))
        headers = {}
        if error.status in _LOGGED:
            now = time.monotonic()
            if now - self._logged.get(error.status, float("-inf")) >= _LOG_S:
                self._logged[error.status] = now
                log.warning("%s", _LOGGED[error.status])
        elif self._origins:
            # Refused for another reason: a page that may ask may read why.
            for name, value in scope["headers"]:
                if name == b"origin" and value.decode("latin-1").lower() in self._origins:
                    headers = {"access-control-allow-origin": value.decode("latin-1")}
        if error.code == "unsupported_content_encoding":
            headers["accept-encoding"] = "identity"
        headers["vary"] = "Origin"
        await json_reply(reply.error_body(error), error.status, headers)(scope, receive, send)


_REASONS = {403: "origin", 415: "content_type", 421: "host"}
_LOGGED = {
    403: "refused with 403: a web page of an origin that is not named with --cors-origins; behind "
    "a proxy, let it pass Host on and name the server with --trusted-hosts. Told once a minute; "
    "`sightline doctor --url URL` tells more.",
    421: "refused with 421: a request to a name of this server that is not named with "
    "--trusted-hosts. Told once a minute; `sightline doctor --url URL` tells more.",
}


def outside(
    settings: Settings, shown: Sequence[str], forms: Collection[str] = ()
) -> list[Middleware]:
    """Give what stands before an application: the guard, and CORS where other pages may ask.

    `shown` are the headers that those may read, `forms` as the guard takes them.
    """
    made = [Middleware(Guard, Names.of(settings), settings.origins, forms)]
    if settings.origins:
        made.append(
            Middleware(
                CORSMiddleware,
                allow_origins=settings.origins,
                allow_methods=["GET", "POST", "DELETE"],
                allow_headers=["*"],
                expose_headers=shown,
            )
        )
    return made

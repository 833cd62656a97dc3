"""Checks of whom a server takes a request for: by which name, and from whose web page.

A page anywhere can have its own name point at this machine (DNS rebinding), and can send plain
text to any address unasked. A server without keys tells such a page from its owner by nothing else.
"""

from __future__ import annotations

import json

from sightline_conformance.kit import Kit, NotApplicable, check

_GROUP = "host checks"
_STRANGER = "attacker.example"
_REBINDING = "OWASP, DNS rebinding; CVE-2026-48710 (Starlette), CVE-2026-48746 (vLLM)"
_HOST = "RFC 9112, 3.2"


def _head(kit: Kit, request: str, *fields: str) -> list[str]:
    if not kit.is_here:
        raise NotApplicable("the server is elsewhere: what stands before it would answer")
    method, _, path = request.partition(" ")
    return [f"{method} {kit.under}{path} HTTP/1.1", *fields]


@check(_GROUP, "the server's own name is taken", _HOST)
def _(kit: Kit) -> None:
    found = kit.knock(_head(kit, "GET /models", f"host: {kit.authority}"))
    kit.expect(found.status == 200, "200", found.status)


@check(_GROUP, "a stranger's name that points here is refused", _REBINDING)
def _(kit: Kit) -> None:
    found = kit.knock(_head(kit, "GET /models", f"host: {_STRANGER}"))
    kit.expect(400 <= found.status < 500, "a status of 400 to 499", found.status)


@check(_GROUP, "no name at all is refused", _HOST)
def _(kit: Kit) -> None:
    found = kit.knock(_head(kit, "GET /models"))
    kit.expect(found.status == 400, "400", found.status)


@check(_GROUP, "two names are refused", _HOST)
def _(kit: Kit) -> None:
    both = f"host: {kit.authority}", f"host: {_STRANGER}"
    for fields in (both, both[::-1]):
        found = kit.knock(_head(kit, "GET /models", *fields))
        kit.expect(found.status == 400, "400", found.status)


@check(
    _GROUP, "a page of another origin is not answered", "Fetch standard: plain text is sent unasked"
)
def _(kit: Kit) -> None:
    asked = {"model": kit.model, "messages": [{"role": "user", "content": "Hi."}], "max_tokens": 1}
    page = f"origin: http://{_STRANGER}", "content-type: text/plain"
    head = _head(kit, "POST /chat/completions", f"host: {kit.authority}", *page)
    found = kit.knock(head, json.dumps(asked).encode())
    kit.expect(400 <= found.status < 500, "a status of 400 to 499", found.status)


@check(_GROUP, "a page of another origin is not shown what is said", "Fetch standard: CORS")
def _(kit: Kit) -> None:
    page = f"host: {kit.authority}", f"origin: http://{_STRANGER}"
    found = kit.knock(_head(kit, "GET /models", *page))
    allowed = found.headers.get("access-control-allow-origin", "")
    shown = found.status == 200 and allowed in ("*", f"http://{_STRANGER}")
    kit.expect(not shown, "no leave for another origin", f"{found.status}, {allowed!r}")

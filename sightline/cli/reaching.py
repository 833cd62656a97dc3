"""What a server answers at a URL, to clients and to web pages, and which setting it lacks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

from sightline import remote
from sightline.errors import UsageError

_TIMEOUT_S = 10.0


def reached(url: str, origin: str = "") -> tuple[dict[str, str], list[str]]:
    """Ask a server as a client does, as its own page does, and as a page of `origin` does.

    Give what came of each, and advice for what was refused. Raises `UsageError` for what is no URL.
    """
    where = urlsplit(url if url.rstrip("/").endswith("/v1") else url.rstrip("/") + "/v1")
    if where.scheme not in ("http", "https") or not where.hostname:
        raise UsageError(
            f"{url[:100]!r} is not the URL of a server.",
            hint="Write it as clients do, such as https://vision.example.com/v1.",
        )
    own = f"{where.scheme}://{where.netloc.rpartition('@')[2]}"
    asked = {"client": {}, "page": {"Origin": own, "Sec-Fetch-Site": "same-origin"}}
    if origin:
        asked[f"page of {origin}"] = {"Origin": origin, "Sec-Fetch-Site": "cross-site"}
    found, advice = {}, []
    for who, headers in asked.items():
        status, code = _asked(where.geturl(), headers)
        found[who] = "not reachable" if not status else f"{status} {code}".strip()
        advice += _advice(status, code, who, where, origin)
        if status != 200 and who == "client":
            break  # the others would be told the same
    return found, advice


def _asked(base_url: str, headers: Mapping[str, str]) -> tuple[int, str]:
    """List the models; give the status, 0 for no answer, and the code of our envelope."""
    import openai

    with remote.blocking_client(base_url, max_retries=0, timeout=_TIMEOUT_S) as client:
        try:
            client.models.list(extra_headers=headers)
        except openai.APIStatusError as error:
            body: Any = error.body
            code = body.get("code") if isinstance(body, dict) else None
            return error.status_code, code if isinstance(code, str) else ""
        except openai.APIError:
            return 0, ""
    return 200, ""


def _advice(status: int, code: str, who: str, where: SplitResult, origin: str) -> list[str]:
    name = where.hostname or ""
    named = f"--trusted-hosts {name} (or SIGHTLINE_TRUSTED_HOSTS={name})"
    if status == 200:
        return []
    if status == 0:
        return ["Nothing answers there: is the server running, and the URL right?"]
    if code == "host_not_trusted":
        return [
            f"The server does not go by the name {name}, by which it was asked: start it with "
            f"{named}. Where a proxy before it puts another name into the header Host, that one."
        ]
    if code == "origin_not_allowed" and who == "page":
        return [
            "The server takes its own page for another's, since a proxy before it changes the "
            "header Host: have the proxy pass it on (nginx: proxy_set_header Host $host;), and "
            f"start the server with {named}."
        ]
    if code == "origin_not_allowed":
        return [
            f"Pages of {origin} may not ask this server: start it with --cors-origins {origin} "
            f"(or SIGHTLINE_CORS_ORIGINS={origin}), if they shall."
        ]
    if status == 401:
        return ["The server wants a key: set SIGHTLINE_API_KEY. Its name was right."]
    return [f"{status} is not Sightline's own word: look at the proxy before it."]

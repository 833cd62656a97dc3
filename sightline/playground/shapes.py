"""What the page may send: the shape of each input by its component, and nothing else.

A body is not searched for what is bad. It is written anew from what is known, so that Gradio reads
only what was checked here; a component whose shape is not written down takes nothing at all.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from sightline.errors import InvalidRequest

TAB = r"[A-Za-z0-9]{1,32}"  # how a tab names itself
_EVENT = {"data", "event_data", "fn_index", "trigger_id", "session_hash"}
_FILE = {"path", "url", "orig_name", "size", "mime_type", "is_stream", "meta"}
_META = {"_type": "gradio.FileData"}
_LARGEST = 1_000_000_000
_MOST_FILES, _MOST_ROWS = 500, 10_000


class Component(Protocol):
    """What is read of a component of Gradio's: its kind, and its choices or bounds."""

    def get_block_name(self) -> str:
        """Name its kind."""


class Function(Protocol):
    """What is read of a function of the page's: its inputs, and whether its calls are queued."""

    inputs: Sequence[Component]
    queue: bool


class Owner(Protocol):
    """Who sends a body: knows which files are theirs, and how the page is reached."""

    hosts: frozenset[str]  # names, with ports, by which the page's own URLs may begin

    def own(self, path: str) -> Path:
        """Check that a path is one of theirs. Raises `InvalidRequest`."""

    def session(self, tab: str) -> str:
        """Give a tab's name in Gradio."""


Check = Callable[[Any, Component, Owner], Any]


def event(
    body: Mapping[str, Any], queued: bool, functions: Mapping[int, Function], owner: Owner
) -> dict[str, Any]:
    """Check the body of an event, and write it anew. Raises `InvalidRequest`.

    `functions` are the page's by their number, `queued` is how the event comes in.
    """
    if not body.keys() <= _EVENT:
        raise _wrong("The page sends no such field.")
    function = functions.get(_whole(body.get("fn_index"), "function"))
    if function is None or function.queue != queued:
        raise _wrong("The page has no such function.")
    data, inputs = body.get("data"), function.inputs
    if not isinstance(data, list) or len(data) != len(inputs):
        raise _wrong("The function takes other inputs.")
    trigger = body.get("trigger_id")
    return {
        "data": [
            CHECKS.get(component.get_block_name(), _refused)(value, component, owner)
            for value, component in zip(data, inputs, strict=True)
        ],
        # No function of the page reads it.
        "event_data": None,
        "fn_index": body["fn_index"],
        "trigger_id": None if trigger is None else _whole(trigger, "trigger"),
        "session_hash": owner.session(_tab(body)),
    }


def cancelled(body: Mapping[str, Any], owner: Owner) -> dict[str, Any]:
    """Check the body that stops an event. Raises `InvalidRequest`."""
    if body.keys() != {"event_id", "session_hash", "fn_index"}:
        raise _wrong("The page sends no such field.")
    event_id = body["event_id"]
    if not isinstance(event_id, str) or not re.fullmatch(r"[0-9a-f]{32}", event_id):
        raise _wrong("There is no such event.")
    return {
        "event_id": event_id,
        "fn_index": _whole(body["fn_index"], "function"),
        "session_hash": owner.session(_tab(body)),
    }


def _tab(body: Mapping[str, Any]) -> str:
    tab = body.get("session_hash")
    if not isinstance(tab, str) or not re.fullmatch(TAB, tab):
        raise _wrong("There is no such session.")
    return tab


def _whole(value: Any, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > _LARGEST:
        raise _wrong(f"There is no such {name}.")
    return value


def _refused(value: Any, component: Component, owner: Owner) -> Any:
    raise _wrong("That input is never sent.")


def _nothing(value: Any, component: Component, owner: Owner) -> None:
    """A state lies with the server; what is sent for it is never read."""
    if value is not None:
        raise _wrong("That input is never sent.")


def _text(value: Any, component: Component, owner: Owner) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _wrong("That input is a text.")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _wrong("The text holds halves of letters.") from None
    return value


def _choice(value: Any, component: Component, owner: Owner) -> str | None:
    if value is None:
        return None
    free = getattr(component, "allow_custom_value", False)
    if not free and value not in [each for _, each in getattr(component, "choices", ())]:
        raise _wrong("That is none of the choices.")
    return _text(value, component, owner)


def _ticked(value: Any, component: Component, owner: Owner) -> bool:
    if not isinstance(value, bool):
        raise _wrong("That input is yes or no.")
    return value


def _number(value: Any, component: Component, owner: Owner) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise _wrong("A number is missing.")
    low, high = (getattr(component, name, None) for name in ("minimum", "maximum"))
    low, high = -_LARGEST if low is None else low, _LARGEST if high is None else high
    if not low <= value <= high or not math.isfinite(value):
        raise _wrong("A number is out of its range.")
    return value


def _file(value: Any, component: Component, owner: Owner) -> dict[str, Any] | None:
    """Check one file; its URL, where one comes along, is the page's own of the same file."""
    if value is None:
        return None
    if not isinstance(value, dict) or not value.keys() <= _FILE:
        raise _wrong("That input is a file.")
    path, url, name = value.get("path"), value.get("url"), value.get("orig_name")
    if value.get("meta") != _META or value.get("is_stream") or not isinstance(path, str):
        raise _wrong("That input is a file.")
    real = owner.own(path)
    if url is not None and not _is_own(url, path, owner):
        raise _wrong("A file is uploaded, and never fetched from a URL.")
    if name is not None and not isinstance(name, str):
        raise _wrong("That input is a file.")
    # Its size and kind are not what a client says they are, and nothing of the page reads them.
    return {"path": str(real), "orig_name": real.name, "meta": dict(_META)}


def _is_own(url: Any, path: str, owner: Owner) -> bool:
    """Say whether a URL is where the page shows the file; the URL itself goes no further."""
    if not isinstance(url, str):
        return False
    before, _, after = url.partition("/gradio_api/file=")
    try:
        parts = urlsplit(before)
    except ValueError:
        return False
    here = parts.scheme in ("http", "https") and parts.netloc in owner.hosts
    return here and unquote(after) == path


def _gallery(value: Any, component: Component, owner: Owner) -> list[dict[str, Any]] | None:
    if value is None:
        return None
    if not isinstance(value, list) or len(value) > _MOST_FILES:
        raise _wrong("That input is a list of pictures.")
    pictures = []
    for each in value:
        if not isinstance(each, dict) or not each.keys() <= {"image", "caption"}:
            raise _wrong("That input is a list of pictures.")
        if each.get("image") is None or each.get("caption") is not None:
            raise _wrong("That input is a list of pictures.")
        pictures.append({"image": _file(each["image"], component, owner), "caption": None})
    return pictures


def _table(value: Any, component: Component, owner: Owner) -> dict[str, Any]:
    if not isinstance(value, dict) or not value.keys() <= {"data", "headers", "metadata"}:
        raise _wrong("That input is a table.")
    rows, headers = value.get("data"), value.get("headers")
    if not isinstance(rows, list) or not isinstance(headers, list) or len(rows) > _MOST_ROWS:
        raise _wrong("That input is a table.")
    for row in [*rows, headers]:
        if not isinstance(row, list) or len(row) > 10:
            raise _wrong("That input is a table.")
        for cell in row:
            if isinstance(cell, int | float):
                _number(cell if not isinstance(cell, bool) else 0, component, owner)
            else:
                _text(cell, component, owner)
    return {"data": rows, "headers": headers, "metadata": None}


# The page's inputs by their kind. The conversation is none: it lies with the server.
CHECKS: Mapping[str, Check] = {
    "checkbox": _ticked,
    "dataframe": _table,
    "dropdown": _choice,
    "gallery": _gallery,
    "number": _number,
    "radio": _choice,
    "slider": _number,
    "state": _nothing,
    "textbox": _text,
    "video": _file,
}


def _wrong(message: str) -> InvalidRequest:
    return InvalidRequest(message, hint="Reload the page.")

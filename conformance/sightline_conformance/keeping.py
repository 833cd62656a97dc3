"""Checks of what a server keeps: stored completions, conversations, work in the background."""

from __future__ import annotations

import time
from typing import Any

from sightline_conformance.kit import Json, Kit, NotApplicable, Reply, check

_REFERENCE = "OpenAI API reference"
_PATIENCE_S = 120.0


def _made(kit: Kit, path: str, body: Json) -> Json:
    """Make something; a server that does not know the call is not judged by it."""
    reply = kit.send("POST", path, body)
    if reply.status in (404, 405, 501):
        raise NotApplicable(f"there is no POST {path}: {reply}")
    return _taken(kit, reply)


def _taken(kit: Kit, reply: Reply) -> Json:
    kit.expect(reply.status == 200 and isinstance(reply.body, dict), "200 and an object", reply)
    found: Json = reply.body or {}
    return found


def _stored(kit: Kit, **more: Any) -> str:
    body: Json = {"model": kit.model, "messages": [{"role": "user", "content": "Hello."}]}
    made = _made(kit, "/chat/completions", {**body, "store": True, **more})
    kept = kit.send("GET", f"/chat/completions/{made.get('id')}")
    if kept.status in (404, 405, 501):
        raise NotApplicable(f"'store' is taken, nothing is kept: {kept}")
    _taken(kit, kept)
    return str(made["id"])


@check(
    "stored completions", "one is listed, changed and deleted", f"{_REFERENCE}, chat completions"
)
def _(kit: Kit) -> None:
    topic = kit.code()
    id = _stored(kit, metadata={"topic": topic})
    listed = _taken(kit, kit.send("GET", f"/chat/completions?metadata[topic]={topic}"))
    found = [each.get("id") for each in listed.get("data", [])]
    kit.expect(found == [id], f"a list of {id} alone", found)
    changed = kit.send("POST", f"/chat/completions/{id}", {"metadata": {"topic": "other"}})
    kit.expect(_taken(kit, changed).get("metadata") == {"topic": "other"}, "metadata", changed)
    gone = _taken(kit, kit.send("DELETE", f"/chat/completions/{id}"))
    kit.expect(gone.get("deleted") is True, "deleted: true", gone)
    left = kit.send("GET", f"/chat/completions/{id}")
    kit.expect(left.status == 404, "404 once it is deleted", left)


@check("stored completions", "what it was asked is told", f"{_REFERENCE}, chat completions")
def _(kit: Kit) -> None:
    told = _taken(kit, kit.send("GET", f"/chat/completions/{_stored(kit)}/messages"))
    said = [(turn.get("role"), turn.get("content")) for turn in told.get("data", [])]
    kit.expect(said == [("user", "Hello.")], "the message of the user", said)


@check("conversations", "items are added, listed and taken out", f"{_REFERENCE}, conversations")
def _(kit: Kit) -> None:
    code = kit.code()
    id = _made(kit, "/conversations", {"metadata": {"topic": code}})["id"]
    said = [{"role": "user", "content": code}]
    added = _taken(kit, kit.send("POST", f"/conversations/{id}/items", {"items": said}))
    item = added["data"][0]["id"]
    shown = _taken(kit, kit.send("GET", f"/conversations/{id}/items/{item}"))
    kit.expect(shown["content"][0].get("text") == code, "the text of the item", shown)
    _taken(kit, kit.send("DELETE", f"/conversations/{id}/items/{item}"))
    left = _taken(kit, kit.send("GET", f"/conversations/{id}/items"))
    kit.expect(left.get("data") == [], "no item", left)
    gone = _taken(kit, kit.send("DELETE", f"/conversations/{id}"))
    kit.expect(gone.get("deleted") is True, "deleted: true", gone)


@check("conversations", "a response is added to its own", f"{_REFERENCE}, responses")
def _(kit: Kit) -> None:
    id = _made(kit, "/conversations", {})["id"]
    asked = {"model": kit.model, "input": "Hello.", "conversation": id}
    made = _taken(kit, kit.send("POST", "/responses", asked))
    kit.expect((made.get("conversation") or {}).get("id") == id, "its conversation", made)
    items = _taken(kit, kit.send("GET", f"/conversations/{id}/items?order=asc"))["data"]
    roles = [item.get("role") for item in items if item.get("type") == "message"]
    kit.expect(roles == ["user", "assistant"], "the question and the answer", roles)


def _begun(kit: Kit) -> str:
    body = {"model": kit.model, "input": "Hello.", "background": True}
    reply = kit.send("POST", "/responses", body)
    if reply.status in (400, 404, 405, 501):
        raise NotApplicable(f"nothing is made in the background: {reply}")
    begun = _taken(kit, reply)
    kit.expect(begun.get("status") in ("queued", "in_progress", "completed"), "it began", begun)
    return str(begun["id"])


@check("background", "a response is polled until it is there", f"{_REFERENCE}, responses")
def _(kit: Kit) -> None:
    id, end = _begun(kit), time.monotonic() + _PATIENCE_S
    while True:
        found = _taken(kit, kit.send("GET", f"/responses/{id}"))
        if found.get("status") not in ("queued", "in_progress"):
            break
        kit.expect(time.monotonic() < end, f"an end within {_PATIENCE_S:g} s", found)
        time.sleep(0.2)
    kit.expect(found.get("status") == "completed" and found.get("output"), "an answer", found)


@check("background", "cancelling twice is as good as once", f"{_REFERENCE}, responses")
def _(kit: Kit) -> None:
    id = _begun(kit)
    states = [
        _taken(kit, kit.send("POST", f"/responses/{id}/cancel")).get("status") for _ in range(2)
    ]
    same = states[0] == states[1] and states[0] in ("cancelled", "completed")
    kit.expect(same, "cancelled, or completed before, both times", states)

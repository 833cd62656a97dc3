"""Checks of what a server keeps: stored completions, conversations, work in the background."""

from __future__ import annotations

import time
from typing import Any

from sightline_conformance.kit import NO_CALL, Json, Kit, NotApplicable, check

_REFERENCE = "OpenAI API reference"
_PATIENCE_S = 120.0


def _stored(kit: Kit, **more: Any) -> str:
    body: Json = {"model": kit.model, "messages": [{"role": "user", "content": "Hello."}]}
    made = kit.made("/chat/completions", {**body, "store": True, **more})
    kept = kit.send("GET", f"/chat/completions/{made.get('id')}")
    if kept.status in NO_CALL:
        raise NotApplicable(f"'store' is taken, nothing is kept: {kept}")
    kit.taken(kept)
    return str(made["id"])


@check(
    "stored completions", "one is listed, changed and deleted", f"{_REFERENCE}, chat completions"
)
def _(kit: Kit) -> None:
    topic = kit.code()
    id = _stored(kit, metadata={"topic": topic})
    listed = kit.taken(kit.send("GET", f"/chat/completions?metadata[topic]={topic}"))
    found = [each.get("id") for each in listed.get("data", [])]
    kit.expect(found == [id], f"a list of {id} alone", found)
    changed = kit.send("POST", f"/chat/completions/{id}", {"metadata": {"topic": "other"}})
    kit.expect(kit.taken(changed).get("metadata") == {"topic": "other"}, "metadata", changed)
    gone = kit.taken(kit.send("DELETE", f"/chat/completions/{id}"))
    kit.expect(gone.get("deleted") is True, "deleted: true", gone)
    left = kit.send("GET", f"/chat/completions/{id}")
    kit.expect(left.status == 404, "404 once it is deleted", left)


@check("stored completions", "what it was asked is told", f"{_REFERENCE}, chat completions")
def _(kit: Kit) -> None:
    told = kit.taken(kit.send("GET", f"/chat/completions/{_stored(kit)}/messages"))
    said = [(turn.get("role"), turn.get("content")) for turn in told.get("data", [])]
    kit.expect(said == [("user", "Hello.")], "the message of the user", said)


@check("conversations", "items are added, listed and taken out", f"{_REFERENCE}, conversations")
def _(kit: Kit) -> None:
    code = kit.code()
    id = kit.made("/conversations", {"metadata": {"topic": code}})["id"]
    said = [{"role": "user", "content": code}]
    added = kit.taken(kit.send("POST", f"/conversations/{id}/items", {"items": said}))
    item = added["data"][0]["id"]
    shown = kit.taken(kit.send("GET", f"/conversations/{id}/items/{item}"))
    kit.expect(shown["content"][0].get("text") == code, "the text of the item", shown)
    kit.taken(kit.send("DELETE", f"/conversations/{id}/items/{item}"))
    left = kit.taken(kit.send("GET", f"/conversations/{id}/items"))
    kit.expect(left.get("data") == [], "no item", left)
    gone = kit.taken(kit.send("DELETE", f"/conversations/{id}"))
    kit.expect(gone.get("deleted") is True, "deleted: true", gone)


@check("conversations", "a response is added to its own", f"{_REFERENCE}, responses")
def _(kit: Kit) -> None:
    id = kit.made("/conversations", {})["id"]
    asked = {"model": kit.model, "input": "Hello.", "conversation": id}
    made = kit.taken(kit.send("POST", "/responses", asked))
    kit.expect((made.get("conversation") or {}).get("id") == id, "its conversation", made)
    items = kit.taken(kit.send("GET", f"/conversations/{id}/items?order=asc"))["data"]
    roles = [item.get("role") for item in items if item.get("type") == "message"]
    kit.expect(roles == ["user", "assistant"], "the question and the answer", roles)


def _begun(kit: Kit) -> str:
    body = {"model": kit.model, "input": "Hello.", "background": True}
    reply = kit.send("POST", "/responses", body)
    if reply.status in (400, *NO_CALL):
        raise NotApplicable(f"nothing is made in the background: {reply}")
    begun = kit.taken(reply)
    kit.expect(begun.get("status") in ("queued", "in_progress", "completed"), "it began", begun)
    kept = kit.send("GET", f"/responses/{begun.get('id')}")
    if begun["status"] == "completed" and kept.status in NO_CALL:
        raise NotApplicable(f"'background' is taken, nothing is kept: {kept}")
    return str(begun["id"])


@check("background", "a response is polled until it is there", f"{_REFERENCE}, responses")
def _(kit: Kit) -> None:
    id, end = _begun(kit), time.monotonic() + _PATIENCE_S
    while True:
        found = kit.taken(kit.send("GET", f"/responses/{id}"))
        if found.get("status") not in ("queued", "in_progress"):
            break
        kit.expect(time.monotonic() < end, f"an end within {_PATIENCE_S:g} s", found)
        time.sleep(0.2)
    kit.expect(found.get("status") == "completed" and found.get("output"), "an answer", found)


@check("background", "cancelling twice is as good as once", f"{_REFERENCE}, responses")
def _(kit: Kit) -> None:
    id = _begun(kit)
    states = [
        kit.taken(kit.send("POST", f"/responses/{id}/cancel")).get("status") for _ in range(2)
    ]
    same = states[0] == states[1] and states[0] in ("cancelled", "completed")
    kit.expect(same, "cancelled, or completed before, both times", states)

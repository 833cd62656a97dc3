"""Checks of what comes out: errors, streams, formats of answers, models, speech."""

from __future__ import annotations

import json
import re
from typing import Any

from sightline_conformance.drawn import coloured, lettered, part, text
from sightline_conformance.kit import NO_CALL, READ, Kit, NotApplicable, Reply, check

_REFERENCE = "OpenAI API reference, chat completions"


def _envelope(kit: Kit, reply: Reply, status: int) -> None:
    kit.expect(reply.status == status, f"status {status}", reply)
    whole = {"message", "type", "param", "code"} <= set(reply.error)
    kit.expect(whole, "an error with message, type, param and code", reply.text[:300])


@check("errors", "a body that is no JSON", _REFERENCE)
def _(kit: Kit) -> None:
    _envelope(kit, kit.send("POST", "/chat/completions", b"{not json"), 400)


@check("errors", "no messages", _REFERENCE)
def _(kit: Kit) -> None:
    _envelope(kit, kit.send("POST", "/chat/completions", {"model": kit.model}), 400)


@check("errors", "messages of a wrong type", _REFERENCE)
def _(kit: Kit) -> None:
    _envelope(kit, kit.chat(messages="Hello."), 400)


@check("errors", "an empty list of messages", _REFERENCE)
def _(kit: Kit) -> None:
    _envelope(kit, kit.chat(messages=[]), 400)


@check("errors", "a model that does not exist", "recorded replies: 404 model_not_found")
def _(kit: Kit) -> None:
    reply = kit.chat("Hello.", model=f"no-such-model-{kit.code()}")
    _envelope(kit, reply, 404)
    kit.expect(reply.error.get("code") == "model_not_found", "code model_not_found", reply)


@check("errors", "an unknown path", "recorded replies")
def _(kit: Kit) -> None:
    _envelope(kit, kit.send("GET", f"/{kit.code()}"), 404)


@check("errors", "a method that the path does not have", "RFC 9110, 15.5.6")
def _(kit: Kit) -> None:
    reply = kit.send("PATCH", "/chat/completions")
    kit.expect(reply.status in (404, 405) and reply.error, "404 or 405 with an error", reply)


@check(
    "errors",
    "a broken picture is named by its place in the request",
    "recorded replies: param messages[0].content[1].image_url.url",
)
def _(kit: Kit) -> None:
    reply = kit.chat([text(READ), part("data:image/png;base64,@@@")])
    kit.refuses(reply, "a broken picture")
    named = "image" in f"{reply.error.get('param')} {reply.error.get('message')}".lower()
    kit.expect(named, "a message or param that names the image", reply)


@check(
    "errors", "errors show nothing of the server's inside", "tracebacks and paths help attackers"
)
def _(kit: Kit) -> None:
    bad = part(b"\x89PNG\r\n\x1a\n" + bytes(300))
    for reply in (kit.chat([text(READ), bad]), kit.send("POST", "/chat/completions", b"[[[")):
        shown = re.search(
            r"Traceback|File \"/|/usr/|/home/|site-packages|0x[0-9a-f]{8}", reply.text
        )
        kit.expect(not shown, "no path, address or traceback", reply.text[:300])


@check("errors", "a wrong key is refused where keys are", _REFERENCE)
def _(kit: Kit) -> None:
    reply = kit.send(
        "POST",
        "/chat/completions",
        {"model": kit.model, "messages": [{"role": "user", "content": "Hello."}]},
        key="wrong-key",
    )
    if reply.status == 200:
        raise NotApplicable("the server takes any key")
    _envelope(kit, reply, 401)


@check("errors", "every answer has an id of its own", f"{_REFERENCE}: x-request-id")
def _(kit: Kit) -> None:
    ids = [kit.chat("Hi.", max_tokens=1).headers.get("x-request-id") for _ in range(2)]
    kit.expect(all(ids) and ids[0] != ids[1], "two different x-request-id headers", ids)


@check("streaming", "chunks as the API has them", f"{_REFERENCE}: the chunk object")
def _(kit: Kit) -> None:
    code = kit.code()
    found = kit.stream([text(READ), part(lettered(code))])
    kit.expect(found.kind == "text/event-stream" and found.events, "a stream of events", found)
    kit.tells(code, found.said, found)
    kinds = {event.get("object") for event in found.events}
    kit.expect(kinds == {"chat.completion.chunk"}, "objects chat.completion.chunk", kinds)
    ids = {event.get("id") for event in found.events}
    kit.expect(len(ids) == 1, "one id in all chunks", ids)


@check("streaming", "the stream ends with [DONE]", f"{_REFERENCE}: stream")
def _(kit: Kit) -> None:
    found = kit.stream("Say hello.")
    kit.expect(found.done, "data: [DONE]", found)


@check("streaming", "the first chunk tells the role", _REFERENCE)
def _(kit: Kit) -> None:
    found = kit.stream("Say hello.")
    choices = (found.events[0].get("choices") if found.events else None) or [{}]
    kit.expect(
        (choices[0].get("delta") or {}).get("role") == "assistant", "role assistant", choices
    )


@check("streaming", "the last choice tells why it ended", _REFERENCE)
def _(kit: Kit) -> None:
    found = kit.stream("Say hello.")
    reasons = [c.get("finish_reason") for e in found.events for c in e.get("choices") or []]
    good = reasons and reasons[-1] in ("stop", "length") and not any(reasons[:-1])
    kit.expect(good, "a finish_reason in the last chunk with a choice, and only there", reasons)


@check("streaming", "usage comes last when it is asked for", f"{_REFERENCE}: stream_options")
def _(kit: Kit) -> None:
    found = kit.stream("Say hello.", stream_options={"include_usage": True})
    last = found.events[-1] if found.events else {}
    good = last.get("usage") and last.get("choices") == []
    kit.expect(good, "a last chunk with usage and no choices", last)


@check("streaming", "no usage unless it is asked for", f"{_REFERENCE}: stream_options")
def _(kit: Kit) -> None:
    found = kit.stream("Say hello.")
    told = [event for event in found.events if event.get("usage")]
    kit.expect(found.events and not told, "no chunk with usage", told)


@check("streaming", "a stream says what an answer in one piece does", "temperature 0")
def _(kit: Kit) -> None:
    code = kit.code()
    content = [text(READ), part(lettered(code))]
    whole, found = kit.chat(content, seed=1), kit.stream(content, seed=1)
    kit.expect(whole.said.strip() == found.said.strip(), f"{whole.said!r}", found)


@check(
    "streaming",
    "a request that cannot be answered is refused before the stream",
    "clients read the status",
)
def _(kit: Kit) -> None:
    found = kit.stream([text(READ), part("data:image/png;base64,@@@")])
    kit.expect(400 <= found.status < 500, "a status of 400 to 499", found)
    kit.expect(found.kind == "application/json", "application/json", found.kind)


_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "code": {"type": "string", "description": "the text in the picture"},
        "lines": {"type": "integer"},
    },
    "required": ["code", "lines"],
    "additionalProperties": False,
}


def _json(kit: Kit, reply: Reply) -> Any:
    if reply.status in (400, 404, 422, 501) and "response_format" in reply.text:
        raise NotApplicable(f"the format is not taken: {reply}")
    kit.expect(reply.status == 200, "200", reply)
    if reply.refused:
        raise NotApplicable(f"the model declined: {reply.text[:200]}")
    try:
        return json.loads(reply.said)
    except ValueError:
        if reply.cut:
            kit.judge()
        kit.expect(False, "JSON", reply)


@check("structured output", "JSON mode gives JSON", f"{_REFERENCE}: response_format")
def _(kit: Kit) -> None:
    content = [text("Answer in JSON with the text of this picture."), part(lettered(kit.code()))]
    found = _json(kit, kit.chat(content, response_format={"type": "json_object"}, max_tokens=300))
    kit.expect(isinstance(found, dict), "an object", found)


@check(
    "structured output",
    "a schema is followed, with what the picture says",
    f"{_REFERENCE}: structured outputs",
)
def _(kit: Kit) -> None:
    code = kit.code()
    wanted = {"name": "picture", "strict": True, "schema": _SCHEMA}
    content = [
        text("Fill in the text of this picture as code, and its number of lines."),
        part(lettered(code)),
    ]
    form = {"type": "json_schema", "json_schema": wanted}
    found = _json(kit, kit.chat(content, response_format=form, max_tokens=300))
    good = isinstance(found, dict) and set(found) == {"code", "lines"}
    good = good and isinstance(found["code"], str) and isinstance(found["lines"], int)
    kit.expect(good, "an object with a text `code` and a whole number `lines`", found)
    kit.tells(code, found["code"], found)


@check("structured output", "an enumeration is kept to", f"{_REFERENCE}: structured outputs")
def _(kit: Kit) -> None:
    allowed = ["red", "green", "blue", "yellow"]
    schema = {
        "type": "object",
        "properties": {"color": {"type": "string", "enum": allowed}},
        "required": ["color"],
        "additionalProperties": False,
    }
    name = kit.chance.choice(allowed)
    form = {"type": "json_schema", "json_schema": {"name": "c", "strict": True, "schema": schema}}
    content = [text("Which color is this picture?"), part(coloured(name))]
    found = _json(kit, kit.chat(content, response_format=form, max_tokens=100))
    kit.expect(isinstance(found, dict) and found.get("color") == name, f"color {name}", found)


@check("structured output", "a schema that is none is refused", f"{_REFERENCE}: structured outputs")
def _(kit: Kit) -> None:
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "banana"}}}
    kit.refuses(kit.chat("Hello.", response_format=form), "a type that does not exist")


@check(
    "structured output",
    "a tool that must be called is called with JSON",
    f"{_REFERENCE}: tool_choice",
)
def _(kit: Kit) -> None:
    code = kit.code()
    tool = {"type": "function", "function": {"name": "note", "parameters": _SCHEMA}}
    choice = {"type": "function", "function": {"name": "note"}}
    content = [text("Note the text of this picture as its code."), part(lettered(code))]
    reply = kit.chat(content, tools=[tool], tool_choice=choice, max_tokens=300)
    if 400 <= reply.status < 500:
        raise NotApplicable(f"tools are not taken: {reply}")
    message = ((reply.body or {}).get("choices") or [{}])[0].get("message") or {}
    calls = message.get("tool_calls") or []
    kit.expect(len(calls) == 1, "one call of the tool", reply.text[:300])
    arguments = json.loads(calls[0]["function"]["arguments"])
    kit.tells(code, str(arguments.get("code")), arguments)


@check("seeds", "temperature 0 and one seed give one answer", f"{_REFERENCE}: seed")
def _(kit: Kit) -> None:
    content = [text("Describe this picture."), part(lettered(kit.code()))]
    first, second = (kit.chat(content, seed=7, max_tokens=40) for _ in range(2))
    kit.expect(first.status == 200 and first.said == second.said, repr(first.said), second)


@check("models", "the list of models", f"{_REFERENCE}: models")
def _(kit: Kit) -> None:
    reply = kit.send("GET", "/models")
    listed = (reply.body or {}).get("data")
    needed = {"id", "object", "created", "owned_by"}
    good = bool(listed) and isinstance(listed, list) and all(needed <= set(m) for m in listed)
    kit.expect(good, "models with id, object, created and owned_by", reply)


@check("models", "one model", f"{_REFERENCE}: models")
def _(kit: Kit) -> None:
    reply = kit.send("GET", f"/models/{kit.model}")
    kit.expect((reply.body or {}).get("id") == kit.model, f"the model {kit.model}", reply)


def _speech(form: str, starts: tuple[bytes, ...]) -> None:
    def run(kit: Kit) -> None:
        body = {"model": "tts-1", "input": "Hello.", "voice": "alloy", "response_format": form}
        reply = kit.send("POST", "/audio/speech", body)
        if reply.status in NO_CALL:
            raise NotApplicable("there is no /audio/speech")
        kit.expect(reply.status == 200, "200", f"{reply.status} {reply.text[:200]}")
        data = reply.text[:4].encode("utf-8", "replace")
        good = not starts or any(data.startswith(start[:4]) for start in starts)
        kit.expect(good and len(reply.text) > 100, f"sound as {form}", repr(data))

    check("speech", f"speech as {form}", "OpenAI API reference, audio/speech")(run)


_speech("wav", (b"RIFF",))
_speech("opus", (b"OggS",))
_speech("flac", (b"fLaC",))
_speech("mp3", ())
_speech("pcm", ())


@check("speech", "a voice that does not exist is refused", "OpenAI API reference, audio/speech")
def _(kit: Kit) -> None:
    reply = kit.send(
        "POST", "/audio/speech", {"model": "tts-1", "input": "Hello.", "voice": "nobody"}
    )
    if reply.status in NO_CALL and "voice" not in reply.text:
        raise NotApplicable("there is no /audio/speech")
    kit.refuses(reply, "an unknown voice")


@check("speech", "more than 4,096 characters are refused", "OpenAI API reference, audio/speech")
def _(kit: Kit) -> None:
    body = {"model": "tts-1", "input": "a " * 2500, "voice": "alloy"}
    reply = kit.send("POST", "/audio/speech", body)
    if reply.status in NO_CALL:
        raise NotApplicable("there is no /audio/speech")
    kit.refuses(reply, "a text that is too long")

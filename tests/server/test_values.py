"""Every field of every JSON route, given what no client should send: refused, never a failure.

The routes are those of the server's own document, and each has a body here in which every field
stands: a route or a field that is new fails until it has. One value at a time is then put in the
place of each value in it, at any depth.
"""

from __future__ import annotations

import copy
import http.client
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from PIL import Image

from sightline import __version__
from sightline.wire.openapi import document
from tests.conftest import JSON, running
from tests.pictures import data_url, encoded

PICTURE = data_url(encoded(Image.new("RGB", (8, 6), "teal")))
DOCUMENT = document(__version__)
WORDS = "a" * 1_000_000
# Written into the body as they are here: Python's own writer has no such numbers.
LITERALS = {
    "@huge@": "1" + "0" * 400,
    "@minus@": "-1" + "0" * 400,
    "@digits@": "9" * 5000,
    "@exponent@": "1e400",
    "@zero@": "-0",
    "@small@": "1e-400",
    "@long@": str(2**64),
}
NUMBERS = (*LITERALS, -1, 0.5, 10**300)
STRINGS = ("\ud800", "ab\udfffcd", "a\0b", "\x1b[31m\r\nx: y", "", "\u202e\ufeff", WORDS)
OTHERS: tuple[object, ...] = (True, None, 7, [[[]]], {"": {}})

FUNCTION = {
    "name": "note",
    "description": "Notes it.",
    "strict": False,
    "parameters": {
        "type": "object",
        "properties": {"total": {"type": "number", "minimum": 0}, "name": {"enum": ["a", "b"]}},
        "required": ["total"],
    },
}
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["total", "seen"],
    "properties": {
        "total": {"type": ["number", "null"], "minimum": 0, "description": "all of it"},
        "seen": {"type": "array", "maxItems": 3, "items": {"$ref": "#/$defs/one"}},
    },
    "$defs": {"one": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 9}},
}
FORMAT = {"name": "found", "strict": True, "schema": SCHEMA}
DETAIL = {"detail": "low"}
TURNS = [
    {"role": "system", "content": "Be short."},
    {
        "role": "user",
        "name": "someone",
        "content": [
            {"type": "text", "text": "What is it, in json?"},
            {"type": "image_url", "image_url": {"url": PICTURE, **DETAIL}},
            {"type": "input_image", "image_url": PICTURE, **DETAIL},
            {"image": PICTURE, "resize": 4},
        ],
    },
    {
        "role": "assistant",
        "content": "Wait.",
        "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "note", "arguments": "{}"}}
        ],
    },
    {"role": "tool", "tool_call_id": "c1", "content": [{"type": "text", "text": "Noted."}]},
    {"role": "user", "content": "And now, in json?"},
]
SHARED = {
    "model": "gpt-4o",
    "temperature": 0.5,
    "top_p": 0.5,
    "n": 2,
    "stop": ["@", "#"],
    "seed": 7,
    "presence_penalty": 0.5,
    "frequency_penalty": 0.5,
    "logit_bias": {"7": 1},
    "stream": True,
    "stream_options": {"include_usage": True},
    "user": "someone",
}
ASKED = [{"role": "user", "content": "What is it, in json?"}]
CHAT = {
    **SHARED,
    "messages": ASKED,
    "max_tokens": 9,
    "max_completion_tokens": 9,
    "response_format": {"type": "json_schema", "json_schema": FORMAT},
    "tools": [{"type": "function", "function": FUNCTION}],
    "tool_choice": {"type": "function", "function": {"name": "note"}},
    "parallel_tool_calls": True,
    "safety_identifier": "someone",
    "prompt_cache_key": "k",
    "prompt_cache_options": {"ttl": 7},
    "prompt_cache_retention": "24h",
    "store": False,
    "metadata": {"k": "v"},
    "service_tier": "auto",
    "reasoning_effort": "low",
    "verbosity": "low",
    "modalities": ["text"],
    "prediction": {"type": "content", "content": "It"},
    "web_search_options": {"k": 1},
}
OLD = {
    "model": "gpt-4o",
    "messages": [
        {"role": "user", "content": "What is it?"},
        {"role": "assistant", "content": None, "function_call": {"name": "note", "arguments": ""}},
        {"role": "function", "name": "note", "content": "Noted."},
    ],
    "functions": [FUNCTION],
    "function_call": {"name": "note"},
}
TALK = {"model": "gpt-4o", "messages": TURNS}
TEXT = {
    **SHARED,
    "prompt": "What is it?",
    "img_url": [PICTURE],
    "img_b64": PICTURE,
    "detail": "low",
    "max_tokens": 9,
    "best_of": 2,
    "echo": False,
}
RESPONSE = {
    "model": "gpt-4o",
    "instructions": "Be short.",
    "input": [
        {
            "role": "user",
            "content": [
                {"type": "input_text", "text": "What is it, in json?"},
                {"type": "input_image", "image_url": PICTURE, **DETAIL},
            ],
        },
        {"type": "function_call", "call_id": "c1", "name": "note", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c1", "output": "Noted."},
        {"type": "reasoning", "summary": [{"k": 1}]},
    ],
    "max_output_tokens": 16,
    "temperature": 0.5,
    "top_p": 0.5,
    "stream": False,
    "store": True,
    "text": {"format": {"type": "json_schema", **FORMAT}},
    "tools": [{"type": "function", **FUNCTION}],
    "tool_choice": {"type": "function", "name": "note"},
    "parallel_tool_calls": True,
    "metadata": {"k": "v"},
    "reasoning": {"effort": "low", "budget": 7},
    "include": ["x"],
    "truncation": "disabled",
    "user": "someone",
    "max_tool_calls": 7,
    "service_tier": "auto",
}
# Each route with bodies in which, together, every field stands that it takes.
# What is for the embedded engine alone; the one asked here refuses it once all of it was read.
SLOT = {"start_s": 0, "end_s": 1.5, "words": 9}
OWN = {"sightline": {"include": ["things"], "narrate": [SLOT]}}
OWN_CHAT = {"model": "gpt-4o", "messages": ASKED, **OWN}
OWN_RESPONSE = {"model": "gpt-4o", "input": "What is it?", **OWN}
BODIES: dict[str, list[dict[str, Any]]] = {
    "/v1/chat/completions": [CHAT, TALK, OLD, OWN_CHAT],
    "/v1/chat/completions/input_tokens": [CHAT, TALK, OWN_CHAT],
    "/v1/completions": [TEXT],
    "/v1/responses": [RESPONSE, OWN_RESPONSE],
    "/v1/responses/input_tokens": [RESPONSE, OWN_RESPONSE],
    "/v1/batches": [
        {
            "input_file_id": "file-none",
            "endpoint": "/v1/chat/completions",
            "completion_window": "24h",
            "metadata": {"k": "v"},
            "output_expires_after": {"anchor": "created_at", "seconds": 3600},
        }
    ],
    "/v1/audio/speech": [
        {
            "model": "tts-1",
            "input": "Hm.",
            "voice": {"id": "alloy"},
            "instructions": "Softly.",
            "response_format": "pcm",
            "speed": 1.0,
            "stream_format": "audio",
            "language": "en",
        }
    ],
}
# Ways to name what is sent that stand beside those of a whole body.
INSTEAD = {
    "/v1/chat/completions": (
        {"type": "file", "file": {"file_id": "file-1", "filename": "a.pdf"}},
        {"type": "file", "file": {"file_url": "http://127.0.0.1/", **DETAIL}},
        {"type": "file", "file": {"file_data": "JVBERi0=", "filename": "a.pdf"}},
        {"type": "video_url", "video_url": {"url": "data:video/mp4;base64,AAAA", "fps": 1}},
        {"type": "video", "video": "data:video/mp4;base64,AAAA", "num_frames": 2, "start": 0,
         "end": 2, "max_frames": 2, **DETAIL},
    ),
    "/v1/responses": (
        {"type": "input_image", "file_id": "file-1", **DETAIL},
        {"type": "input_file", "file_id": "file-1"},
        {"type": "input_file", "file_data": "JVBERi0=", "filename": "a.pdf", **DETAIL},
        {"type": "input_video", "video_url": "data:video/mp4;base64,AAAA", "fps": 1},
    ),
}  # fmt: skip

# Neither an engine nor the CAPTCHA rule is what is tried here, and both take their time.
FLAGS = ("--engine", "mirror", "--no-refuse-captchas", "--no-playground")
Place = tuple[str | int, ...]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    files = str(tmp_path_factory.mktemp("files"))
    with running(*FLAGS, "--files-dir", files) as url:
        yield url.removesuffix("/v1")


def json_routes() -> set[str]:
    return {
        path
        for path, methods in DOCUMENT["paths"].items()
        for told in methods.values()
        if "application/json" in told.get("requestBody", {}).get("content", {})
    }


def places(value: object, at: Place = ()) -> Iterator[tuple[Place, object]]:
    """Every value in a body, with its place."""
    if at:
        yield at, value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*at, key))
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from places(inner, (*at, i))


def put(body: dict[str, Any], at: Place, value: object) -> dict[str, Any]:
    changed = copy.deepcopy(body)
    inner: Any = changed
    for step in at[:-1]:
        inner = inner[step]
    inner[at[-1]] = value
    return changed


def written(body: object) -> bytes:
    text = json.dumps(body)
    for mark, literal in LITERALS.items():
        text = text.replace(f'"{mark}"', literal)
    return text.encode()


def values_for(value: object) -> tuple[object, ...]:
    if isinstance(value, str):
        return (*STRINGS, *OTHERS, "@huge@")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return (*NUMBERS, *OTHERS, "\ud800")
    return (*OTHERS, "@huge@", "\ud800")


def variants(body: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    for at, value in places(body):
        for other in values_for(value):
            shown = repr(other)[:30]
            yield f"{'.'.join(map(str, at))} = {shown}", written(put(body, at, other))
        if isinstance(value, dict):
            for key in ("\ud800", "a\0b", WORDS[:100_000]):
                yield f"{at} + {key[:20]!r}", written(put(body, (*at, key), 1))


@dataclass(frozen=True)
class Reply:
    """What `checked` looks at; of `requests` too."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")


@contextmanager
def posting(root: str, path: str) -> Iterator[Callable[[bytes], Reply]]:
    """Post many bodies over one connection, with little done for each but that."""
    split = urlsplit(root)
    wire = http.client.HTTPConnection(split.hostname or "", split.port, timeout=60)

    def post(body: bytes) -> Reply:
        wire.request("POST", path, body, JSON)
        got = wire.getresponse()
        return Reply(got.status, {k.lower(): v for k, v in got.headers.items()}, got.read())

    with closing(wire):
        yield post


def checked(reply: Reply | requests.Response, told: str) -> None:
    """An answer, or an error in the envelope; in either case JSON as it is defined, or a stream."""
    assert reply.status_code < 500, (told, reply.text[:300])
    kind = reply.headers["content-type"]
    if reply.status_code >= 400:
        error = json.loads(reply.content)["error"]
        assert {"message", "type", "param", "code"} <= set(error), told
        assert len(reply.content) < 20_000, told  # nobody is sent back what he sent
        assert "Traceback" not in error["message"], told
    elif kind.startswith("application/json"):
        json.loads(reply.content.decode(), parse_constant=pytest.fail)
    elif kind.startswith("text/event-stream"):
        for line in reply.content.decode().splitlines():
            if line.startswith("data: {"):
                event = json.loads(line[6:], parse_constant=pytest.fail)
                assert event.get("error", {}).get("type") != "server_error", (told, event)


def test_every_json_route_and_field_is_here() -> None:
    assert json_routes() == set(BODIES)
    schemas = DOCUMENT["components"]["schemas"]
    for path, bodies in BODIES.items():
        content = DOCUMENT["paths"][path]["post"]["requestBody"]["content"]
        schema = schemas[content["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]]
        named = {key for body in bodies for key in body} | {"previous_response_id"}
        assert set(schema["properties"]) <= named, path


@pytest.mark.parametrize("path", sorted(BODIES))
def test_no_value_fails_a_route(path: str, root: str) -> None:
    with posting(root, path) as post:
        for body in BODIES[path]:
            refused = "sightline" in body and not path.endswith("input_tokens")
            if path != "/v1/batches":
                got = post(written(body))
                assert got.status_code == (400 if refused else 200), got.text
            for told, changed in variants(body):
                checked(post(changed), told)
        for part in INSTEAD.get(path, ()):
            body = {"model": "gpt-4o", "messages": [{"role": "user", "content": [part]}]}
            if path == "/v1/responses":
                body = {"model": "gpt-4o", "input": body["messages"]}
            for told, changed in variants(body):
                checked(post(changed), told)
        again = BODIES[path][0]
        assert post(written(again)).status_code in (200, 400)
    assert requests.get(f"{root}/healthz", timeout=30).status_code == 200


@pytest.mark.parametrize(
    ("path", "field", "value", "param"),
    [
        ("/v1/chat/completions", "temperature", "@huge@", "temperature"),
        ("/v1/chat/completions", "seed", "@digits@", "seed"),
        ("/v1/chat/completions", "n", "@exponent@", "n"),
        ("/v1/chat/completions", "user", "\ud800", "user"),
        ("/v1/chat/completions", "metadata", {"a": {"b": [1, "\udc00"]}}, "metadata.a.b[1]"),
        ("/v1/chat/completions", "metadata", {"a\ud800": 1}, "metadata"),
        ("/v1/responses", "max_output_tokens", "@minus@", "max_output_tokens"),
        ("/v1/batches", "input_file_id", "\ud800", "input_file_id"),
        ("/v1/audio/speech", "speed", "@huge@", "speed"),
        ("/v1/audio/speech", "input", "Hello \ud83d", "input"),
    ],
)
def test_what_is_wrong_is_named(
    path: str, field: str, value: object, param: str, root: str
) -> None:
    body = written({**BODIES[path][0], field: value})
    reply = requests.post(root + path, data=body, headers=JSON, timeout=30)
    assert reply.status_code == 400
    assert reply.json()["error"]["param"] == param


@pytest.mark.parametrize(
    "body",
    [
        b'{"model": "gpt-4o", "messages": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"model": "gpt-4o", "messages": ' + b"[" * 500 + b"]" * 500 + b"}",
        b'{"model": "gpt-4o", "messages": [' + b"{}," * 1_200_000 + b"{}]}",
        b'{"model": ' + b'\\"' * 300_000,
        b'{"model": "gpt-4o", "messages": [{"role": "user", "content": "\xed\xa0\x80"}]}',
        b'{"model": NaN}',
        b'{"n": -Infinity}',
        b"9" * 5000,
        b'{"n": ' + b"9" * 1_000_000,
    ],
    ids=lambda body: repr(body[:40]),
)
def test_a_body_as_a_whole(body: bytes, root: str) -> None:
    for path in ("/v1/chat/completions", "/v1/responses", "/v1/audio/speech"):
        reply = requests.post(root + path, data=body, headers=JSON, timeout=30)
        assert reply.status_code in (400, 413), reply.text
        checked(reply, path)


def test_whole_pairs_and_long_integers_are_taken(root: str) -> None:
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "\U0001f600 , [ { é"}]}
    for sent in (json.dumps(body), json.dumps(body, ensure_ascii=False)):
        reply = requests.post(
            f"{root}/v1/chat/completions", data=sent.encode(), headers=JSON, timeout=30
        )
        assert "\U0001f600" in reply.json()["choices"][0]["message"]["content"]
    prose = json.dumps({**body, "user": ",[{" * 400_000}).encode()  # of which none is a value
    assert (
        requests.post(
            f"{root}/v1/chat/completions", data=prose, headers=JSON, timeout=30
        ).status_code
        == 200
    )


ODD = (
    "%ED%A0%80", "%00", "%0d%0ax", "%ff%fe", "..%2f..%2fetc%2fpasswd", "a" * 5000, "%", "%zz",
    "1e400", "-1", "9" * 5000, "%F0%9F%98%80", "';--", "a%20b", "nan", "1.5", "",
)  # fmt: skip


def test_paths_and_queries(root: str) -> None:
    split = urlsplit(root)
    listing = ("/v1/files", "/v1/batches", "/v1/responses/resp_1/input_items", "/v1/models")
    names = ("limit", "after", "before", "order", "purpose", "include")
    targets = [f"{path}?{name}={odd}" for path in listing for name in names for odd in ODD]
    for path, methods in DOCUMENT["paths"].items():
        if "{" in path:
            head, _, tail = path.partition("{")
            targets += [f"{head}{odd}{tail.partition('}')[2]}" for odd in ODD for _ in methods]
    for target in targets:
        for method in ("GET", "DELETE", "POST") if "?" not in target else ("GET",):
            wire = http.client.HTTPConnection(split.hostname or "", split.port, timeout=30)
            wire.putrequest(method, target, skip_accept_encoding=True)
            wire.putheader("content-length", "0")
            wire.endheaders()
            reply = wire.getresponse()
            said = reply.read()
            wire.close()
            assert reply.status < 500, (method, target[:80], said[:200])
            if reply.status >= 400 and reply.headers["content-type"] == "application/json":
                assert "error" in json.loads(said), (method, target[:80])


FORMS = {
    "/v1/files": ("purpose", "expires_after[anchor]", "expires_after[seconds]"),
    "/v1/video/narrations": (
        "style", "voice", "language", "speed", "subtitles", "keep_audio", "script", "frames",
        "model",
    ),
}  # fmt: skip


def test_every_form_is_here() -> None:
    found = {
        path
        for path, methods in DOCUMENT["paths"].items()
        for told in methods.values()
        if "multipart/form-data" in told.get("requestBody", {}).get("content", {})
    }
    assert found == set(FORMS)


@pytest.mark.parametrize("path", sorted(FORMS))
def test_no_field_of_a_form_fails(path: str, root: str) -> None:
    segment = '{"segments": [{"start_s": 0, "end_s": %s, "text": %s}]}'
    odd = [
        *(value.encode("utf-8", "surrogatepass") for value in STRINGS[:-2]),
        *LITERALS.values(), b"nan", b"inf", b"-1", b"1e999", b"\xff\xfe", b"9" * 4000, b"[]",
        segment % ("1" + "0" * 400, '"a"'), segment % ("1", '"\\ud800"'), b"[" * 4000,
    ]  # fmt: skip
    kinds = ("utf-8", "utf-7", "rot13", "none-such", "utf-16", "idna", "\x00")
    for field in (*FORMS[path], "file", "unknown"):
        for value in odd:
            sent = value.encode() if isinstance(value, str) else value
            form = b"".join(
                b'--X\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
                % (name.encode(), b'; filename="%s"' % told if told else b"", held)
                for name, told, held in (
                    ("purpose", b"", b"vision"), ("file", sent[:200], b"no picture"),
                    (field, b"", sent),
                )
            ) + b"--X--\r\n"  # fmt: skip
            head = {"content-type": "multipart/form-data; boundary=X"}
            checked(requests.post(root + path, data=form, headers=head, timeout=30), field)
    for kind in kinds:
        head = {"content-type": f"multipart/form-data; boundary=X; charset={kind!r}"[:-1] + "'"}
        checked(requests.post(root + path, data=form, headers=head, timeout=30), kind)


def test_no_line_of_a_batch_stops_it(root: str) -> None:
    """Each hostile line in a file of its own, since one that is wrong refuses its whole file."""
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hm"}], "n": 1}
    line = {"custom_id": "a", "method": "POST", "url": "/v1/chat/completions", "body": body}
    values: tuple[object, ...] = ("\ud800", "a\0b", "", WORDS, "@huge@", "@exponent@", None, [[]])
    files = [written(put(line, at, value)) for at, _ in places(line) for value in values]
    files += [b"[" * 100_000, b"\xff\xfe", b'{"custom_id": NaN}', b"9" * 5000]
    made = []
    for data in files:
        reply = requests.post(
            f"{root}/v1/files", data={"purpose": "batch"}, files={"file": ("a.jsonl", data)},
            timeout=30,
        )  # fmt: skip
        assert reply.status_code == 200, reply.text
        wanted = {
            "input_file_id": reply.json()["id"],
            "endpoint": "/v1/chat/completions",
            "completion_window": "24h",
        }
        made.append(requests.post(f"{root}/v1/batches", json=wanted, timeout=30).json()["id"])
    until = time.monotonic() + 120
    for id in made:
        while True:
            batch = requests.get(f"{root}/v1/batches/{id}", timeout=30).json()
            if batch["status"] in ("failed", "completed"):
                break
            assert time.monotonic() < until, batch
            time.sleep(0.05)
        for file in (batch["output_file_id"], batch["error_file_id"]):
            if file is not None:
                said = requests.get(f"{root}/v1/files/{file}/content", timeout=30).content
                for each in said.splitlines():
                    assert json.loads(each)["response"]["status_code"] < 500, said[:300]

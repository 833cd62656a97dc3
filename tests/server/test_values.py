"""Every field of every JSON route, given what no client should send: refused, never a failure.

The routes are those of the server's own document, and each has bodies in which every field stands
(`test_openapi` sees to that). One value at a time is put in the place of each value in them, at any
depth.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from sightline import __version__
from sightline.api.openapi import document
from tests.bodies import (
    BODIES,
    LITERALS,
    MORE,
    STRINGS,
    WORDS,
    places,
    put,
    tried,
    variants,
    written,
)
from tests.conftest import JSON, running
from tests.document import Document, about_shape
from tests.parsers import SPOKEN, error_of
from tests.waiting import PATIENCE_S, until

DOCUMENT = document(__version__)
TOLD = Document(document(__version__, spoken=SPOKEN))
# Neither an engine nor the CAPTCHA rule is what is tried here, and both take their time.
FLAGS = ("--engine", "mirror", "--no-refuse-captchas", "--no-playground")


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
    wire = http.client.HTTPConnection(split.hostname or "", split.port, timeout=PATIENCE_S)

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


def test_every_json_route_is_here() -> None:
    assert json_routes() == set(BODIES)


@pytest.mark.parametrize("path", sorted(BODIES))
def test_no_value_fails_a_route(path: str, root: str) -> None:
    with posting(root, path) as post:
        for body in BODIES[path]:
            # What this engine cannot do it refuses once all of it was read.
            refused = "sightline" in body and not path.endswith("input_tokens")
            refused = refused or path in ("/v1/decisions", "/v1/systemone")
            if path != "/v1/batches":
                got = post(written(body))
                # What is named by an id is not here.
                missing = "{id}" in path or "conversation" in body
                missing = missing or path in ("/v1/embeddings", "/v1/moderations")  # none behind
                assert got.status_code == (404 if missing else 400 if refused else 200), got.text
        several = len(BODIES[path]) + len(MORE.get(path, ()))
        for number, body in enumerate(tried(path)):
            # What stands instead of a part may be a film or a document, for which a process begins.
            one_of = None if number < several else number
            for told, changed in sent(path, body, one_of):
                checked(post(changed), told)
        again = BODIES[path][0]
        assert post(written(again)).status_code in (200, 400, 404)
    assert requests.get(f"{root}/healthz", timeout=PATIENCE_S).status_code == 200


def sent(path: str, body: dict[str, Any], one_of: int | None) -> Iterator[tuple[str, bytes]]:
    """What a server has to answer: all that its parser takes, and one it refuses at each place.

    All others are parsed here. The server turns what is raised into a reply in one way, whatever
    the value was, so nothing is gained by sending the nine of ten that are refused. With `one_of`,
    a number, one that is taken at each place is sent, with another number another.
    """
    refused, taken = set[str](), dict[str, list[tuple[str, bytes]]]()
    for told, changed in variants(body):
        place = told.rpartition(" = ")[0]
        error = error_of(path, changed)
        if error is None:
            taken.setdefault(place, []).append((told, changed))
            continue
        assert len(json.dumps(error)) < 20_000, told
        assert {"message", "type", "param", "code"} <= set(error), told
        assert "Traceback" not in error["message"], told
        if about_shape(error):
            assert TOLD.contradiction(path, json.loads(changed), error) is None, told
        if place not in refused:
            refused.add(place)
            yield told, changed
    for found in taken.values():
        yield from found if one_of is None else [found[one_of % len(found)]]


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
    reply = requests.post(root + path, data=body, headers=JSON, timeout=PATIENCE_S)
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
        reply = requests.post(root + path, data=body, headers=JSON, timeout=PATIENCE_S)
        assert reply.status_code in (400, 413), reply.text
        checked(reply, path)


def test_whole_pairs_and_long_integers_are_taken(root: str) -> None:
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "\U0001f600 , [ { é"}]}
    for sent in (json.dumps(body), json.dumps(body, ensure_ascii=False)):
        reply = requests.post(
            f"{root}/v1/chat/completions", data=sent.encode(), headers=JSON, timeout=PATIENCE_S
        )
        assert "\U0001f600" in reply.json()["choices"][0]["message"]["content"]
    prose = json.dumps({**body, "user": ",[{" * 400_000}).encode()  # of which none is a value
    assert (
        requests.post(
            f"{root}/v1/chat/completions", data=prose, headers=JSON, timeout=PATIENCE_S
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
            wire = http.client.HTTPConnection(split.hostname or "", split.port, timeout=PATIENCE_S)
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
    "/v1/audio/transcriptions": (
        "model", "language", "prompt", "response_format", "temperature", "stream",
        "timestamp_granularities[]", "include[]", "chunking_strategy",
    ),
    "/v1/audio/translations": ("model", "prompt", "response_format", "temperature"),
    "/v1/files": ("purpose", "expires_after[anchor]", "expires_after[seconds]"),
    "/v1/video/narrations": (
        "style", "voice", "language", "speed", "subtitles", "keep_audio", "script",
        "script_only", "frames", "model",
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
            checked(requests.post(root + path, data=form, headers=head, timeout=PATIENCE_S), field)
    for kind in kinds:
        head = {"content-type": f"multipart/form-data; boundary=X; charset={kind!r}"[:-1] + "'"}
        checked(requests.post(root + path, data=form, headers=head, timeout=PATIENCE_S), kind)


def ended(root: str, id: str) -> dict[str, Any]:
    """Give a batch that has ended, nothing while it goes on."""
    batch: dict[str, Any] = requests.get(f"{root}/v1/batches/{id}", timeout=PATIENCE_S).json()
    return batch if batch["status"] in ("failed", "completed") else {}


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
            timeout=PATIENCE_S,
        )  # fmt: skip
        assert reply.status_code == 200, reply.text
        wanted = {
            "input_file_id": reply.json()["id"],
            "endpoint": "/v1/chat/completions",
            "completion_window": "24h",
        }
        made.append(
            requests.post(f"{root}/v1/batches", json=wanted, timeout=PATIENCE_S).json()["id"]
        )
    for id in made:
        batch = until(partial(ended, root, id))
        for file in (batch["output_file_id"], batch["error_file_id"]):
            if file is not None:
                said = requests.get(f"{root}/v1/files/{file}/content", timeout=PATIENCE_S).content
                for each in said.splitlines():
                    assert json.loads(each)["response"]["status_code"] < 500, said[:300]

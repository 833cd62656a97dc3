"""The server's own document: it is true of what is taken and refused, of every field and route.

Beside these tests every answer to a body of JSON, whichever test asks, is held to it (`conftest`).
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import jsonschema_rs
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.pytest._test_builder import build_operation_test
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)
from starlette.routing import Route

from sightline import __version__
from sightline.api.fields import EMPTY
from sightline.api.openapi import document
from sightline.api.reply_schemas import SCHEMAS
from sightline.server.app import make_app
from sightline.settings import Settings
from sightline.voices.voice import NAMES
from tests import conftest
from tests.bodies import BODIES, PICTURE, places, put, tried
from tests.conftest import running
from tests.document import Document, Notes, about_shape
from tests.parsers import PARSERS, SPOKEN, error_of
from tests.waiting import PATIENCE_S

DOCUMENT = document(__version__, spoken=SPOKEN)
TOLD = Document(DOCUMENT)
schema = schemathesis.openapi.from_dict(DOCUMENT)
ERROR = jsonschema_rs.Draft202012Validator(
    {"$ref": "#/components/schemas/Error", "components": DOCUMENT["components"]}
)
# A route, and one beside it that takes the same: what is made up for the one is sent to both.
ALIKE = {path: f"{path}/input_tokens" for path in ("/v1/chat/completions", "/v1/responses")}
SENT = set[tuple[str, str, str] | None]()  # why bodies were refused of which one was sent

ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 3.5, 2**70, "", "x", "none", "assistant", "a" * 5000, [], [""], [None],
    [{}], ["x"] * 5, {}, {"": {}}, {"k": 1}, {"type": None}, {"type": "x"}, {"type": "function"},
    {"type": "text"}, {"name": "x"}, {"url": "http://127.0.0.1/"}, {"id": "alloy"},
    [{"type": "text", "text": "x"}], [{"type": "input_text", "text": "x"}],
)  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    files = str(tmp_path_factory.mktemp("files"))
    # So many films are posted at once that a slow machine would have no place for them.
    with running("--no-playground", "--files-dir", files, "--max-narrations", "4") as url:
        yield url.removesuffix("/v1")


def no_fault_of_ours(ctx: Any, response: Any, case: Any) -> bool | None:
    """A server that is full says so, and that is none."""
    if response.status_code == 503 and response.json()["error"]["code"] == "engine_busy":
        return None
    said: bool | None = not_a_server_error(ctx, response, case)
    return said


CHECKS = [
    no_fault_of_ours,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    unsupported_method,
]


FOUND = schema.exclude(path=list(ALIKE.values())).get_all_operations()
OPERATIONS = {found.ok().label: found.ok() for found in FOUND if isinstance(found, Ok)}


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    """A connection that is used again, for thousands of requests."""
    with requests.Session() as made:
        yield made


@pytest.mark.parametrize("label", OPERATIONS)
def test_every_operation_keeps_to_the_document(
    label: str, root: str, session: requests.Session
) -> None:
    # By what `schema.parametrize` does when tests are collected: in each process, for all
    # operations, which takes as long as to collect all other tests together.
    load_all_checks()
    tried = build_operation_test(
        config=schema.config, operation=OPERATIONS[label], test_func=keeps_to_the_document,
        given_kwargs={}, feedback=FeedbackSources(),
    )  # fmt: skip
    # What hypothesis does around each of thousands of examples takes as long as to send them: it
    # seeds and restores all there is of randomness, and writes them down for a failure to show.
    examples = tried.hypothesis_explicit_examples  # type: ignore[attr-defined]
    assert examples
    while examples:  # from the last on, as it does; it is left with those that it makes up itself
        example = examples.pop()
        assert not example.args
        assert example.raises is None
        keeps_to_the_document(root=root, session=session, **example.kwargs)
    tried(root=root, session=session)


@settings(
    max_examples=5,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    deadline=None,
)
def keeps_to_the_document(case: Any, root: str, session: requests.Session) -> None:
    refused = refusal(case)
    if refused in SENT:
        return
    if refused is None and case.method == "POST" and case.path == "/v1/audio/speech":
        speak_briefly(case.body)
    for each in (case, *beside(case)):
        each.call_and_validate(base_url=root, session=session, checks=CHECKS, timeout=PATIENCE_S)
    # It kept to the document, and is not what a failure is made smaller by.
    if refused is not None:
        SENT.add(refused)


def refusal(case: Any) -> tuple[str, str, str] | None:
    """Why the parser of a route refuses a body: whose, which field and how; None where it does not.

    Thousands are tried for each route. The server makes of each error one reply in one way, so that
    of those that are refused for the same reason one is sent; of all others the error is looked at.
    """
    if case.method != "POST" or case.path not in PARSERS or "content-type" in case.headers:
        return None
    if case.media_type != "application/json" or not isinstance(case.body, dict):
        return None
    error = error_of(case.path, json.dumps(case.body).encode())
    if error is None:
        return None
    assert ERROR.is_valid({"error": error}), error
    return case.path, str(error["param"]), str(error["code"])


def speak_briefly(body: Any) -> None:
    """Have a long text say little, in as many signs: 4,096 digits are spoken for most of an hour."""
    if isinstance(body, dict) and len(body.get("input", "")) > 100:
        body["input"] = "Hm.".ljust(len(body["input"]))


def beside(case: Any) -> Iterator[Any]:
    """The same for the route of which the document tells the same, where there is one."""
    if case.method == "POST" and case.path in ALIKE:
        yield schema[ALIKE[case.path]]["POST"].Case(
            headers=case.headers, cookies=case.cookies, query=case.query, body=case.body,
            media_type=case.media_type, _meta=case.meta,
        )  # fmt: skip


@pytest.mark.parametrize(("path", "other"), ALIKE.items())
def test_what_is_sent_to_two_routes_is_described_as_one(path: str, other: str, root: str) -> None:
    one, two = (DOCUMENT["paths"][each]["post"] for each in (path, other))
    assert one["requestBody"] == two["requestBody"]
    assert PARSERS[path] is PARSERS[other]
    for method in ("PUT", "PATCH", "OPTIONS", "TRACE"):
        reply = requests.request(method, root + other, timeout=PATIENCE_S)
        assert reply.status_code == 405, method
        assert "POST" in reply.headers["allow"]


def test_the_document_is_served_with_the_voices_that_there_are(root: str) -> None:
    told = requests.get(f"{root}/openapi.json", timeout=PATIENCE_S).json()
    voice = told["components"]["schemas"]["SpeechRequest"]["properties"].pop("voice")
    assert set(NAMES) < set(voice["anyOf"][0]["enum"])
    usual = copy.deepcopy(DOCUMENT)
    del usual["components"]["schemas"]["SpeechRequest"]["properties"]["voice"]
    assert told == usual


def test_every_route_that_clients_call_is_in_the_document() -> None:
    routes = {
        (method, route.path.replace(":path", ""))
        for route in make_app(Settings(playground=False)).routes  # a page is no part of the API
        if isinstance(route, Route)
        for method in route.methods or ()
    }
    told = {
        (method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods
    }
    # Operators read the metrics; where there is a GET Starlette answers HEAD.
    assert {(m, path) for m, path in routes if m != "HEAD" and path != "/metrics"} == told


def without(body: dict[str, Any], at: tuple[str | int, ...]) -> dict[str, Any]:
    changed = copy.deepcopy(body)
    inner: Any = changed
    for step in at[:-1]:
        inner = inner[step]
    del inner[at[-1]]
    return changed


def changed_once(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield {**body, "unknown": 1}
    for at, value in places(body):
        yield without(body, at)
        for odd in ODD:
            yield put(body, at, odd)
        if isinstance(value, dict):
            yield put(body, (*at, "unknown"), 1)


def changed_often(body: dict[str, Any], names: list[str]) -> Iterator[dict[str, Any]]:
    """Bodies with several things changed, the same in every run."""
    random = Random(json.dumps(body))
    for _ in range(150):
        changed = body
        for _ in range(random.randint(2, 3)):
            at = random.choice([at for at, _ in places(changed)] or [("model",)])
            do = random.random()
            if do < 0.25:
                changed = without(changed, at) if at in dict(places(changed)) else changed
            elif do < 0.6:
                changed = put(changed, at, random.choice(ODD))
            else:
                into = random.choice(
                    [(), *(at for at, v in places(changed) if isinstance(v, dict))]
                )
                changed = put(changed, (*into, random.choice(names)), random.choice(ODD))
        yield changed


@pytest.mark.parametrize("path", [path for path in BODIES if not path.endswith("input_tokens")])
def test_parser_and_document_agree_on_any_body(path: str) -> None:
    bodies = tried(path)
    names = sorted({at[-1] for body in bodies for at, _ in places(body) if isinstance(at[-1], str)})
    taken = refused = 0
    for body in bodies:
        for changed in (body, *changed_once(body), *changed_often(body, names)):
            error = error_of(path, changed)
            assert TOLD.contradiction(path, changed, error) is None
            taken += error is None
            refused += error is not None and about_shape(error)
    assert taken > 20
    assert refused > 100


def properties(told: Any, name: str, found: dict[int, str]) -> None:
    """Note every property that a schema tells of, without following references."""
    if isinstance(told, dict):
        for key, inner in told.get("properties", {}).items():
            if inner.get("type") != "null" and inner != EMPTY:  # what may stand there only unset
                found[id(inner)] = f"{name}.{key}"
        for key, inner in told.items():
            properties(inner, f"{name}.{key}".replace(".properties", ""), found)
    elif isinstance(told, list):
        for i, inner in enumerate(told):
            properties(inner, f"{name}[{i}]", found)


def seen(told: dict[str, Any], value: object, found: set[int]) -> None:
    """Note the properties of a schema that a value has."""
    if "$ref" in told:
        seen(DOCUMENT["components"]["schemas"][told["$ref"].rsplit("/", 1)[1]], value, found)
    for form in (*told.get("anyOf", ()), *told.get("allOf", ())):
        if fits(form, value):
            seen(form, value, found)
    if isinstance(value, dict):
        for key, inner in told.get("properties", {}).items():
            if value.get(key) is not None:
                found.add(id(inner))
                seen(inner, value[key], found)
        others = told.get("additionalProperties")
        if isinstance(others, dict):
            for inner in value.values():
                seen(others, inner, found)
    if isinstance(value, list) and "items" in told:
        for inner in value:
            seen(told["items"], inner, found)


def fits(told: dict[str, Any], value: object) -> bool:
    one = {"/": {"post": {"requestBody": {"content": {"application/json": {"schema": told}}}}}}
    return Document({**DOCUMENT, "paths": one}).fault("/", value) is None


def test_every_field_of_the_document_stands_in_a_body_that_is_tried() -> None:
    """So that a field that is told of and not read, or read and not told of, fails above."""
    schemas = DOCUMENT["components"]["schemas"]
    taken = {name: told for name, told in schemas.items() if name not in SCHEMAS}
    told, sent = dict[int, str](), set[int]()
    for name, each in taken.items():
        if not name.endswith("Form"):
            properties(each, name, told)
    for path in TOLD.paths:
        content = DOCUMENT["paths"][path]["post"]["requestBody"]["content"]
        for body in tried(path):
            assert TOLD.fault(path, body) is None
            seen(content["application/json"]["schema"], body, sent)
    missing = [place for id, place in told.items() if id not in sent]
    assert not missing, missing


USER = {"role": "user", "content": "What is it?"}
CALLS = [{"id": "c1", "type": "function", "function": {"name": "note", "arguments": "{}"}}]
FILM = {"url": "data:video/mp4;base64,AAAA", "fps": 1}


def asked(*messages: object, **more: object) -> dict[str, Any]:
    return {"model": "gpt-4o", "messages": list(messages), **more}


def parts(*sent: object) -> dict[str, Any]:
    return asked({"role": "user", "content": list(sent)})


def responding(*items: object, **more: object) -> dict[str, Any]:
    return {"model": "gpt-4o", "input": list(items), **more}


CHAT, RESPONSES = "/v1/chat/completions", "/v1/responses"
TAKEN: list[tuple[str, dict[str, Any]]] = [
    (CHAT, asked(USER, {"role": "assistant", "content": None, "tool_calls": CALLS},
                 {"role": "tool", "tool_call_id": "c1", "content": "Noted."})),
    (CHAT, asked(USER, {"role": "assistant", "tool_calls": CALLS},
                 {"role": "tool", "tool_call_id": "c1", "content": ""})),
    (CHAT, asked(USER, {"role": "function", "name": "note", "content": None})),
    (CHAT, parts("What is it?", {"type": "image_url", "image_url": PICTURE, "detail": "low"})),
    (CHAT, parts({"type": "file", "file": {"file_id": "file-1"}})),
    (CHAT, parts({"type": "video_url", "video_url": FILM})),
    (CHAT, parts({"image": PICTURE, "resize": 768})),
    (CHAT, asked(USER, temperature=None, reasoning_effort="low", verbosity="low", seed=7)),
    (RESPONSES, responding({"type": "function_call", "call_id": "c", "name": "n", "arguments": ""},
                           {"type": "function_call_output", "call_id": "c", "output": "Noted."})),
    (RESPONSES, responding({"role": "user", "content": [{"type": "input_image", "file_id": "f"}]})),
    (RESPONSES, {"model": "gpt-4o", "input": "Hm", "truncation": "auto", "parallel_tool_calls": True}),
    ("/v1/audio/speech", {"model": "tts-1", "input": "Hm", "voice": {"id": "alloy"}, "language": "de"}),
    ("/v1/batches", {"input_file_id": "f", "endpoint": CHAT, "completion_window": "24h",
                     "output_expires_after": {"anchor": "created_at", "seconds": 3600}}),
    ("/v1/completions", {"model": "gpt-4o", "img_url": PICTURE, "detail": None}),
]  # fmt: skip
REFUSED: list[tuple[str, dict[str, Any], str]] = [
    (CHAT, {"model": "gpt-4o"}, "messages"),
    (CHAT, asked(USER, temprature=1), "temprature"),
    (CHAT, asked(USER, temperature=3), "temperature"),
    (CHAT, asked(USER, n="1"), "n"),
    (CHAT, asked(USER, service_tier="slow"), "service_tier"),
    (CHAT, asked({"role": "user", "content": None}), "messages[0].content"),
    (CHAT, asked({"role": "tool", "content": "Noted."}), "messages[0].tool_call_id"),
    (CHAT, asked({"role": "assistant"}), "messages[0].content"),
    (CHAT, parts({"type": "image_url"}), "messages[0].content[0].image_url"),
    (CHAT, parts({"type": "image_url", "image_url": {"url": PICTURE, "detail": "best"}}),
     "messages[0].content[0].image_url.detail"),
    (CHAT, parts({"type": "file", "file": {"file_id": "f", "file_data": "JVBERi0="}}),
     "messages[0].content[0]"),
    (CHAT, asked(USER, sightline={"narrate": [{"start_s": 0, "end_s": 1, "words": 1001}]}),
     "sightline.narrate[0].words"),
    (RESPONSES, responding(), "input"),
    (RESPONSES, responding({"type": "function_call_output", "call_id": "c"}), "input[0].output"),
    (RESPONSES, {"model": "gpt-4o", "input": "Hm", "max_output_tokens": 15}, "max_output_tokens"),
    ("/v1/audio/speech", {"model": "tts-1", "input": "Hm", "voice": "nobody"}, "voice"),
    ("/v1/audio/speech", {"model": "tts-1", "input": "a" * 4097, "voice": "alloy"}, "input"),
    ("/v1/batches", {"input_file_id": "f", "endpoint": "/v1/x", "completion_window": "24h"}, "endpoint"),
    ("/v1/completions", {"model": "gpt-4o"}, "prompt"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "body"), TAKEN, ids=range(len(TAKEN)))
def test_what_is_taken_is_valid(path: str, body: dict[str, Any]) -> None:
    assert error_of(path, body) is None
    assert TOLD.fault(path, body) is None


@pytest.mark.parametrize(("path", "body", "param"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_refused_is_not(path: str, body: dict[str, Any], param: str) -> None:
    error = error_of(path, body)
    assert error is not None
    assert error["param"] == param
    assert TOLD.fault(path, body) is not None


def test_what_servers_are_sent_is_held_to_their_documents(root: str) -> None:
    for body in (TAKEN[2][1], REFUSED[1][1]):
        requests.post(f"{root}{CHAT}", json=body, timeout=PATIENCE_S)
    answered = {note["body"]: note["error"] for _, note in conftest.NOTED.unread()}
    assert answered[json.dumps(TAKEN[2][1])] is None
    assert answered[json.dumps(REFUSED[1][1])]["param"] == "temprature"


def test_a_document_that_is_not_true_is_found(tmp_path: Path) -> None:
    false = copy.deepcopy(DOCUMENT)
    chat_request = false["components"]["schemas"]["ChatRequest"]
    del chat_request["properties"]["seed"]
    chat_request["properties"]["temprature"] = {}
    (tmp_path / "1.document.json").write_text(json.dumps(false))
    sent = [(TAKEN[7][1], None), (REFUSED[1][1], error_of(CHAT, REFUSED[1][1]))]
    with (tmp_path / "1.jsonl").open("w") as file:
        for body, error in sent:
            file.write(json.dumps({"path": CHAT, "body": json.dumps(body), "error": error}) + "\n")
        file.write('{"path": ')  # which is still being written
    notes = Notes(tmp_path)
    takes, refuses = notes.contradictions()
    assert "takes what the document refuses" in takes
    assert "'seed' was unexpected" in takes
    assert "refuses what the document takes: Unknown parameter: 'temprature'" in refuses
    assert not notes.contradictions()


def form(name: str) -> dict[str, Any]:
    told: dict[str, Any] = DOCUMENT["components"]["schemas"][name]
    assert told["additionalProperties"] is False
    return told


# Of each form, what stands in for a field that is fit, and what does not.
FORMS: list[tuple[str, str, dict[str, tuple[str, ...]]]] = [
    ("/v1/files", "FileForm",
     {"purpose": ("fine_tune", ""), "expires_after[anchor]": ("never",),
      "expires_after[seconds]": ("3599", "2592001", "x", "3600.5")}),
    ("/v1/video/narrations", "NarrationForm",
     {"subtitles": ("loud",), "keep_audio": ("yes",), "script_only": ("yes",), "speed": ("0.4", "2.1", "fast"),
      "frames": ("-1", "1501", "x"), "script": ("{", "[]"), "voice": ("nobody",), "model": ("nothing",)}),
]  # fmt: skip
FIT = {
    "purpose": "vision", "expires_after[anchor]": "created_at", "expires_after[seconds]": "3600",
    "subtitles": "none", "keep_audio": "False", "script_only": "false", "speed": "1.5", "frames": "12", "voice": "alloy",
    "style": "Be short.", "language": "en", "model": "sightline-nano", "listen": "off",
    "script": '{"segments": [{"start_s": 0, "end_s": 1, "text": "Hm."}]}',
}  # fmt: skip


@pytest.mark.parametrize(("path", "name", "wrong"), FORMS, ids=[path for path, _, _ in FORMS])
def test_forms_are_read_as_they_are_told(
    path: str, name: str, wrong: dict[str, tuple[str, ...]], root: str
) -> None:
    told = form(name)
    fields = {field: FIT[field] for field in told["properties"] if field != "file"}
    sample = (Path(__file__).parents[2] / "samples" / "sign.png").read_bytes()

    def post(data: dict[str, str], *, file: bool = True) -> requests.Response:
        files = {"file": ("sign.png", sample)} if file else {"other": ("", b"")}
        return requests.post(root + path, data=data, files=files, timeout=PATIENCE_S)

    assert post(fields).status_code == 200
    for field in told["required"]:
        less = {key: value for key, value in fields.items() if key != field}
        assert post(less, file=field != "file").json()["error"]["param"] == field
    assert post({**fields, "unknown": "1"}).json()["error"]["param"] == "unknown"
    for field, values in wrong.items():
        for value in values:
            reply = post({**fields, field: value})
            assert reply.status_code in (400, 404), (field, value, reply.text)
            # A script is told of as a whole.
            assert reply.json()["error"]["param"] in (field, None), (field, value)
            kind = told["properties"][field]
            if "enum" in kind:
                assert value not in kind["enum"]
                assert FIT[field] in kind["enum"]
            elif kind["type"] in (["integer", "null"], ["number", "null"]) and value != "x":
                assert value == "fast" or float(value) % 1 or not (
                    kind["minimum"] <= float(value) <= kind["maximum"]
                )  # fmt: skip


@pytest.mark.parametrize("path", ["/v1/files", "/v1/batches"])
def test_queries_are_read_as_they_are_told(path: str, root: str) -> None:
    told = {each["name"]: each["schema"] for each in DOCUMENT["paths"][path]["get"]["parameters"]}
    limit = told["limit"]
    wrong: dict[str, list[object]] = {
        "limit": [limit["minimum"] - 1, limit["maximum"] + 1, "x"], "after": ["nothing"],
    }  # fmt: skip
    right: dict[str, object] = {"limit": limit["maximum"]}
    if "order" in told:
        wrong["order"], right["order"] = ["up"], told["order"]["enum"][0]
        right["purpose"] = "batch"
    assert set(wrong) | set(right) == set(told)
    assert requests.get(root + path, params=right, timeout=PATIENCE_S).status_code == 200  # type: ignore[arg-type]
    for name, values in wrong.items():
        for value in values:
            reply = requests.get(root + path, params={name: str(value)}, timeout=PATIENCE_S)
            assert reply.json()["error"]["param"] == name

"""Another server as the engine: ours behind ours, and stand-ins for servers that misbehave."""

from __future__ import annotations

import base64
import io
import json
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

import openai
import pytest
import requests
from openai.types.chat import completion_create_params
from openai.types.responses import response_create_params
from PIL import Image

from sightline.api import outgoing
from sightline.engines.upstream import fields
from sightline.errors import EngineError
from tests.commands import typed
from tests.conftest import running
from tests.pictures import asking, bill, data_url, encoded, photograph, sample
from tests.serving import Server
from tests.waiting import PATIENCE_S, free_port

Reply = tuple[int, str, bytes]


@dataclass
class Stand:
    """A server that says what it is told to say, and keeps what it was asked."""

    url: str = ""
    owner: str = "vllm"
    models: tuple[str, ...] = ("some-model",)
    replies: list[Reply] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    heads: list[dict[str, str]] = field(default_factory=list)

    def listing(self) -> bytes:
        rows = [{"id": name, "object": "model", "owned_by": self.owner} for name in self.models]
        return json.dumps({"object": "list", "data": rows}).encode()


def events(*texts: str, finish: str | None = "stop", usage: bool = True) -> Reply:
    chunks: list[dict[str, Any]] = [
        {"choices": [{"index": 0, "delta": {"content": text}}]} for text in texts
    ]
    if finish:
        chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    if usage:
        told = {"prompt_tokens": 70, "completion_tokens": 3, "total_tokens": 73}
        chunks.append({"choices": [], "usage": told})
    body = b"".join(b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in chunks)
    return 200, "text/event-stream", body + (b"data: [DONE]\n\n" if finish else b"")


@contextmanager
def standing(**options: Any) -> Iterator[Stand]:
    stand = Stand(**options)

    class Handler(BaseHTTPRequestHandler):
        def _say(self, reply: Reply, **headers: str) -> None:
            status, kind, body = reply
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            self._say((200, "application/json", stand.listing()))

        def do_POST(self) -> None:
            stand.bodies.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            stand.heads.append({k.lower(): v for k, v in self.headers.items()})
            reply = stand.replies.pop(0) if stand.replies else events("fine")
            self._say(reply, location=stand.url + "/elsewhere", retry_after="0")

        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    server = Server(("127.0.0.1", 0), Handler)
    stand.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield stand
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def behind(*urls: str, **flags: str) -> Iterator[openai.OpenAI]:
    """A client of our server with others behind it."""
    more = [
        part for name, value in flags.items() for part in ("--" + name.replace("_", "-"), value)
    ]
    with (
        running("--engine", "upstream", "--upstream-url", ",".join(urls), *more) as url,
        openai.OpenAI(
            base_url=url, api_key="client-key", max_retries=0, timeout=PATIENCE_S
        ) as client,
    ):
        yield client


def ask(client: openai.OpenAI, *pictures: bytes, model: str = "some-model", **more: Any) -> Any:
    return client.chat.completions.create(
        model=model, messages=asking("What is the total?", *pictures), **more
    )


def test_our_own_server_behind_ours(base_url: str) -> None:
    with behind(base_url) as client:
        reply = ask(client, bill(), model="gpt-4o")
        assert reply.choices[0].message.content == "The total is $16.20."
        assert reply.usage.sightline["engine"] == "upstream"
        chunks = list(ask(client, bill(), model="gpt-4o", stream=True))
        assert "".join(c.choices[0].delta.content or "" for c in chunks) == "The total is $16.20."
        schema = {"type": "object", "properties": {"total": {"type": "number"}},
                  "required": ["total"], "additionalProperties": False}  # fmt: skip
        filled = ask(client, bill(), model="gpt-4o", response_format={
            "type": "json_schema", "json_schema": {"name": "t", "strict": True, "schema": schema}})  # fmt: skip
        assert json.loads(filled.choices[0].message.content) == {"total": 16.2}
        assert "sightline-reader" in [model.id for model in client.models.list()]
        with pytest.raises(openai.NotFoundError):
            ask(client, bill(), model="no-such-model")


def test_pictures_go_inline_upright_and_sized() -> None:
    turned = Image.new("RGB", (3000, 1200), "white")
    exif = Image.Exif()
    exif[0x0112] = 6
    noisy = encoded(photograph("astronaut").resize((1500, 1500)), "JPEG")
    with standing() as stand, behind(stand.url) as client:
        ask(client, encoded(turned, "JPEG", exif=exif))
        messages = asking("And this?", noisy)
        messages[0]["content"][1]["image_url"]["detail"] = "low"
        client.chat.completions.create(model="some-model", messages=messages)
    sizes = []
    for body in stand.bodies:
        part = body["messages"][0]["content"][1]
        assert part["type"] == "image_url"
        assert "detail" not in part["image_url"]  # a field that vLLM does not know
        head, _, data = part["image_url"]["url"].partition(",")
        assert head in ("data:image/png;base64", "data:image/jpeg;base64")
        with Image.open(io.BytesIO(base64.b64decode(data))) as image:
            sizes.append(image.size)
            assert not image.getexif()
    assert sizes == [(768, 1920), (512, 512)]


def test_only_what_was_asked_is_sent_and_the_keys_stay_apart() -> None:
    with standing() as stand, behind(stand.url, upstream_key="server-key") as client:
        ask(
            client, max_tokens=9, temperature=0.5, seed=4, user="u", metadata={"a": "b"}, store=True
        )
    assert set(stand.bodies[0]) == {
        "model", "messages", "stream", "stream_options", "max_tokens", "temperature", "seed",
    }  # fmt: skip
    assert stand.heads[0]["authorization"] == "Bearer server-key"
    assert "client-key" not in str(stand.heads)


@pytest.mark.parametrize(
    ("kind", "lacking"),
    [
        ("ollama", {"logit_bias": {"5": 1}}),
        (
            "llamacpp",
            {"tools": [{"type": "function", "function": {"name": "f"}}], "tool_choice": "required"},
        ),
    ],
)
def test_what_a_kind_cannot_honour_is_an_error(kind: str, lacking: dict[str, Any]) -> None:
    owner = {"ollama": "library"}.get(kind, kind)
    with standing(owner=owner) as stand, behind(stand.url) as client:
        with pytest.raises(openai.BadRequestError, match="not supported with this model"):
            ask(client, **lacking)
        assert not stand.bodies


TYPES: list[tuple[Any, ...]] = [
    (completion_create_params.CompletionCreateParamsBase, fields.CHAT, "/chat/completions",
     {"messages": [{"role": "user", "content": "What is the total?"}]}),
    (response_create_params.ResponseCreateParamsBase, fields.RESPONSES, "/responses",
     {"input": "What is the total?"}),
]  # fmt: skip
# What each field that goes on by kind, or to none, may be asked for with.
ASKED: dict[str, Any] = {
    "audio": {"format": "wav", "voice": "x"},
    "logit_bias": {"5": 1}, "moderation": {"model": "omni"}, "prediction": {"type": "content", "content": "x"},
    "prompt": {"id": "pmpt_1"}, "prompt_cache_key": "k", "prompt_cache_options": {"mode": "implicit"},
    "prompt_cache_retention": "24h", "safety_identifier": "s", "service_tier": "flex",
    "tool_choice": "required", "top_logprobs": 2, "user": "u", "verbosity": "low",
    "web_search_options": {},
}  # fmt: skip
TOOLS: list[Any] = [{"type": "function", "function": {"name": "f"}}]


@pytest.mark.parametrize(("types", "fates", "path", "body"), TYPES)
def test_every_field_of_the_official_client_has_a_fate(
    types: Any, fates: dict[str, str], path: str, body: dict[str, Any]
) -> None:
    assert set(types.__annotations__) | {"stream"} == set(fates)
    given = {name: value for name, value in ASKED.items() if name in fates}
    assert {name for name in fates if fates[name] in ("by kind", "refused")} == set(given)
    beside: dict[str, dict[str, Any]] = {
        "logit_bias": {},
        "tool_choice": {"tools": TOOLS},
        "top_logprobs": {"logprobs": True},
    }
    if path == "/responses":
        beside = {"tool_choice": {"tools": [{"type": "function", "name": "f"}]},
                  "top_logprobs": {"include": ["message.output_text.logprobs"]}}  # fmt: skip
    with standing(owner="library") as plain, standing(owner="sightline") as full:
        for stand in (plain, full):
            with behind(stand.url) as client:
                base = str(client.base_url).rstrip("/")
                for name, value in given.items():
                    sent = {"model": "some-model", **body, **beside.get(name, {}), name: value}
                    said = requests.post(base + path, json=sent, timeout=PATIENCE_S)
                    taken = fates[name] == "by kind" and (stand is full or name == "user")
                    assert said.status_code == (200 if taken else 400), (name, said.text)
                    if stand is full and taken:
                        assert stand.bodies[-1][name] == value
                    elif not taken:
                        assert said.json()["error"]["param"] == name
        assert all("user" not in asked for asked in plain.bodies)


def test_how_much_is_thought_goes_on_in_the_levels_that_a_server_knows() -> None:
    wanted = ("none", "minimal", "medium", "xhigh", "max")
    known = {"library": ["none", "low", "medium", "high", "high"], "vllm": list(wanted)}
    for owner, levels in known.items():
        with standing(owner=owner) as stand, behind(stand.url) as client:
            for effort in wanted:
                ask(client, reasoning_effort=effort)
            client.responses.create(
                model="some-model", input="And?", reasoning={"effort": "high"}, service_tier="auto",
                text={"verbosity": "medium"},
            )  # fmt: skip
            assert [body["reasoning_effort"] for body in stand.bodies] == [*levels, "high"]


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
@pytest.mark.parametrize("told", [True, False])
def test_thoughts_and_what_they_cost_come_back(name: str, told: bool) -> None:
    usage: dict[str, Any] = {
        "prompt_tokens": 70, "completion_tokens": 12, "prompt_tokens_details": {"cached_tokens": 64},
    }  # fmt: skip
    if told:
        usage["completion_tokens_details"] = {"reasoning_tokens": 7}
    stream = (
        b"".join(sse({name: piece}) for piece in ("Is it ", "red? "))
        + sse({"content": "Red."})
        + b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'
        + b"data: " + json.dumps({"choices": [], "usage": usage}).encode() + b"\n\ndata: [DONE]\n\n"
    )  # fmt: skip
    reply: Reply = (200, "text/event-stream", stream)
    with standing(replies=[reply] * 3) as stand, behind(stand.url) as client:
        whole = ask(client)
        message, spent = whole.choices[0].message, whole.usage
        assert (message.content, message.reasoning_content) == ("Red.", "Is it red? ")
        assert spent.completion_tokens_details.reasoning_tokens == (7 if told else 2)
        assert spent.completion_tokens == 12
        assert spent.prompt_tokens_details.cached_tokens == 64
        pieces = [chunk.choices[0].delta for chunk in ask(client, stream=True)]
        assert "".join(getattr(p, "reasoning_content", None) or "" for p in pieces) == "Is it red? "
        made = client.responses.create(model="some-model", input="And?")
        assert [item.type for item in made.output] == ["reasoning", "message"]
        assert made.output_text == "Red."
        assert made.usage is not None
        assert made.usage.output_tokens_details.reasoning_tokens == (7 if told else 2)
        assert made.usage.input_tokens_details.cached_tokens == 64


def test_logprobs_are_told_in_responses_where_they_are_asked_for() -> None:
    likely = {"token": "Red", "logprob": -0.1, "bytes": [82, 101, 100]}
    choice = {"index": 0, "delta": {"content": "Red"}, "finish_reason": "stop",
              "logprobs": {"content": [{**likely, "top_logprobs": [likely]}]}}  # fmt: skip
    body = b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\ndata: [DONE]\n\n"
    with standing(replies=[(200, "text/event-stream", body)]) as stand, behind(stand.url) as client:
        made = client.responses.create(model="some-model", input="And?", top_logprobs=1,
                                       include=["message.output_text.logprobs"])  # fmt: skip
        content: Any = made.output[0]
        assert content.content[0].logprobs[0].token == "Red"
        assert stand.bodies[0]["top_logprobs"] == 1


def test_openai_gets_its_own_form() -> None:
    with standing() as stand, behind(stand.url, upstream_kind="openai") as client:
        client.chat.completions.create(
            model="some-model", max_tokens=7,
            messages=[{"role": "developer", "content": "Be brief."}, *asking("What?", sample("sign"))],
        )  # fmt: skip
        picture: Any = {"type": "image_url", "image_url": {"url": data_url(sample("sign"))}}
        with pytest.raises(openai.BadRequestError) as refused:
            client.chat.completions.create(
                model="some-model", messages=[{"role": "system", "content": [picture]}]
            )
    body = stand.bodies[0]
    assert body["max_completion_tokens"] == 7
    assert body["messages"][0]["role"] == "developer"
    assert body["messages"][1]["content"][1]["image_url"]["detail"] == "high"
    assert refused.value.param == "messages[0].content[0].image_url.url"


def test_tool_calls_and_their_history_pass_through() -> None:
    call = {"index": 0, "id": "x", "type": "function", "function": {"name": "f", "arguments": ""}}
    chunks: list[Any] = [
        {"choices": [{"index": 0, "delta": {"tool_calls": [call]}}]},
        {"choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, "function": {"arguments": '{"a"'}}]}}]},
        {"choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, "function": {"arguments": ":1}"}}]}}]},
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]},
    ]  # fmt: skip
    body = (
        b"".join(b"data: " + json.dumps(c).encode() + b"\n\n" for c in chunks) + b"data: [DONE]\n\n"
    )
    tools: list[Any] = [{"type": "function", "function": {"name": "f", "parameters": {}}}]
    with standing(replies=[(200, "text/event-stream", body)]) as stand, behind(stand.url) as client:
        first = ask(client, tools=tools)
        assert first.choices[0].finish_reason == "tool_calls"
        made = first.choices[0].message.tool_calls[0]
        assert (made.function.name, made.function.arguments) == ("f", '{"a":1}')
        messages: list[Any] = [
            {"role": "user", "content": "Go."}, first.choices[0].message,
            {"role": "tool", "tool_call_id": made.id, "content": "done"},
        ]  # fmt: skip
        client.chat.completions.create(model="some-model", messages=messages, tools=tools)
    sent = stand.bodies[1]["messages"]
    assert sent[1]["tool_calls"][0]["id"] == made.id
    assert sent[2] == {"role": "tool", "content": "done", "tool_call_id": made.id}


def test_it_tries_again_before_the_first_byte_and_never_after() -> None:
    busy: Reply = (503, "application/json", b'{"error":{"message":"secret words"}}')
    with standing(replies=[busy, busy]) as stand, behind(stand.url) as client:
        assert ask(client).choices[0].message.content == "fine"
        assert len(stand.bodies) == 3
    with (
        standing(replies=[events("be", "gun", finish=None, usage=False)]) as stand,
        behind(stand.url) as client,
    ):
        with pytest.raises(openai.InternalServerError, match="broke off"):
            ask(client)
        assert len(stand.bodies) == 1


@pytest.mark.parametrize(
    ("reply", "status", "words"),
    [
        ((302, "text/html", b"<html>"), 502, "redirects are not followed"),
        ((401, "application/json", b'{"error":{"message":"secret words"}}'), 502, "refused this server's key"),
        ((404, "application/json", b'{"error":{"code":"model_not_found"}}'), 404, "does not know the model"),
        ((200, "text/html", b"<html>secret words</html>"), 502, "answers with a web page"),
        ((400, "application/json", b'{"error":{"message":"secret words /etc/x","param":"seed"}}'), 400, "refused the request"),
        ((400, "application/json", b'{"error":{"message":"x","code":"context_length_exceeded"}}'), 400, "maximum context length"),
        ((200, "text/event-stream", b'data: {"choices":[{"delta":5}]}\n\n'), 500, "not in the form"),
        ((200, "text/event-stream", b'data: {"error":{"message":"secret words","code":500}}\n\n'), 502, "failed with status 500"),
    ],
)  # fmt: skip
def test_its_failures_are_told_in_our_words(reply: Reply, status: int, words: str) -> None:
    with standing(replies=[reply] * 3) as stand, behind(stand.url) as client:
        with pytest.raises(openai.APIStatusError) as failed:
            ask(client)
        assert failed.value.status_code == status
        assert words in failed.value.message
        assert "secret" not in str(failed.value.body)
        assert "127.0.0.1" not in str(failed.value.body)
        assert len(stand.bodies) == 1  # and nothing was asked elsewhere


def test_an_answer_that_leaves_its_schema_is_an_error() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"],
              "additionalProperties": False}  # fmt: skip
    form: Any = {
        "type": "json_schema",
        "json_schema": {"name": "n", "strict": True, "schema": schema},
    }
    with (
        standing(replies=[events('{"n": "one"}'), events('{"n": 1}')]) as stand,
        behind(stand.url) as client,
    ):
        with pytest.raises(openai.InternalServerError, match=r"schema at \.n"):
            ask(client, response_format=form)
        assert ask(client, response_format=form).choices[0].message.content == '{"n": 1}'
        assert stand.bodies[0]["response_format"] == form


def test_of_several_the_first_that_runs_answers(port: int) -> None:
    with standing(replies=[events("one")]) as stand:
        away = f"http://127.0.0.1:{port}/v1"
        with behind(away, stand.url) as client:
            assert ask(client).choices[0].message.content == "one"
            assert ask(client).choices[0].message.content == "fine"


def test_an_upstream_that_is_away_is_no_reason_not_to_start(port: int) -> None:
    with (
        behind(f"http://127.0.0.1:{port}/v1") as client,
        pytest.raises(openai.InternalServerError, match="cannot be reached"),
    ):
        ask(client)


@pytest.fixture
def port() -> Iterator[int]:
    with free_port() as free:
        yield free


def serve(*flags: str) -> tuple[int, str]:
    done = typed("serve", "--port", "0", *flags)
    return done.returncode, done.stderr


def test_what_is_wrong_with_it_is_told_at_the_start(base_url: str) -> None:
    code, said = serve("--engine", "upstream")
    assert (code, said.count("\n")) == (2, 1)
    assert "--upstream-url" in said
    code, said = serve("--engine", "upstream", "--upstream-url", base_url, "--model", "nonsense")
    assert code == 2
    assert "no model 'nonsense'" in said
    assert "It has: " in said


def test_a_web_page_in_its_place_is_told_at_the_start(html: str) -> None:
    code, said = serve("--engine", "upstream", "--upstream-url", html)
    assert code == 1
    assert "answers with a web page" in said
    assert said.count("\n") == 1


@pytest.fixture
def html() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(b"<html>Welcome</html>")

        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_routing_file_gives_names_their_engines(
    base_url: str, tmp_path: Any, tiny: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "sightline.toml"
    file.write_text(f"""
        engine = "mirror"

        [models."gpt-4o"]
        engine = "upstream"
        upstream_url = "{base_url}"
        model = "sightline-reader"
        max_output = 50

        [models."house/tiny"]
        engine = "llamacpp"
        model = '{tiny}'
        profile = "gpt-4.1-mini"
        assist = true
        context = 4096

        [models."house/plain"]
        engine = "llamacpp"
        model = '{tiny}'
        context = 4096
    """)
    monkeypatch.setenv("SIGHTLINE_CONFIG", str(file))
    with running() as url, openai.OpenAI(base_url=url, api_key="a", max_retries=0) as client:
        listed = [model.id for model in client.models.list()]
        assert listed[:3] == ["gpt-4o", "house/tiny", "house/plain"]
        used = {}
        for model in ("gpt-4o", "house/tiny", "house/plain", "gpt-4o-mini", "sightline-reader"):
            reply = ask(client, bill(), model=model, max_tokens=20)
            used[model] = reply.usage.sightline["engine"], reply.usage.sightline["prompt_tokens"]
        assert [engine for engine, _ in used.values()] == [
            "upstream", "llamacpp", "llamacpp", "mirror", "reader",
        ]  # fmt: skip
        # What was read in the picture stands before the model, and is not the client's to pay.
        assert used["house/tiny"][1] > used["house/plain"][1] + 100
        with pytest.raises(openai.BadRequestError, match="at most 50 completion tokens"):
            ask(client, bill(), model="gpt-4o", max_tokens=51)
        assert (
            requests.get(f"{url}/models/house%2Ftiny", timeout=PATIENCE_S).json()["id"]
            == "house/tiny"
        )


Check = Callable[[str], bool]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[models."x"]\nport = 5', "no setting 'port'"),
        ('[models."x"]\nengine = "nonsense"', "no engine called 'nonsense'"),
        ("models = 5", "not a table"),
        ('[models."x"]\ncontext = "many"', "not a valid value for context"),
    ],
)
def test_a_routing_file_that_is_wrong_is_told(tmp_path: Any, text: str, words: str) -> None:
    file = tmp_path / "sightline.toml"
    file.write_text(text)
    code, said = serve("--config", str(file))
    assert code == 2
    assert words in said
    assert said.count("\n") == 1


@contextmanager
def raw(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that answers each connection by hand, once its request has been read."""
    listening = socket.create_server(("127.0.0.1", 0))
    models = b'{"object":"list","data":[{"id":"m","object":"model"}]}'
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n"

    def one(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            asked = b""
            while b"\r\n\r\n" not in asked:
                asked += connection.recv(65536) or b"\r\n\r\n"
            # The whole body: a socket that is closed with bytes unread resets its connection.
            length = re.search(rb"content-length: (\d+)", asked.lower())
            left = int(length[1]) - len(asked.partition(b"\r\n\r\n")[2]) if length else 0
            while left > 0 and (more := connection.recv(65536)):
                left -= len(more)
            if asked.startswith(b"GET"):
                connection.sendall(head + b"content-length: %d\r\n\r\n" % len(models) + models)
            else:
                answer(connection)

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                threading.Thread(target=one, args=(connection,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()


WHOLE = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
    b'data: {"choices":[{"index":0,"delta":{"content":"slowly but "}}]}\n\n'
    b'data: {"choices":[{"index":0,"delta":{"content":"surely"},"finish_reason":"stop"}]}\n\n'
    b"data: [DONE]\n\n"
)


def test_an_answer_byte_by_byte() -> None:
    def drip(connection: socket.socket) -> None:
        for i in range(len(WHOLE)):
            connection.sendall(WHOLE[i : i + 1])

    with raw(drip) as url, behind(url, upstream_kind="other", model="m") as client:
        assert ask(client, model="m").choices[0].message.content == "slowly but surely"


def test_an_upstream_that_falls_silent() -> None:
    stop = threading.Event()

    def begin(connection: socket.socket) -> None:
        connection.sendall(WHOLE[:150])
        stop.wait(PATIENCE_S)

    with (
        raw(begin) as url,
        behind(url, upstream_kind="other", model="m", engine_silence_s="1") as client,
    ):
        with pytest.raises(openai.InternalServerError, match="fell silent"):
            ask(client, model="m")
        stop.set()


def test_connections_that_are_reset_and_names_that_are_none() -> None:
    seen = []

    def reset(connection: socket.socket) -> None:
        seen.append(1)
        if len(seen) < 3:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return
        connection.sendall(WHOLE)

    with raw(reset) as url, behind(url, upstream_kind="other", model="m") as client:
        assert ask(client, model="m").choices[0].message.content == "slowly but surely"
    with behind("http://no.such.host.invalid/v1", upstream_kind="other", model="m") as client:
        with pytest.raises(openai.APIStatusError, match="cannot be reached") as caught:
            ask(client, model="m")
        assert "invalid/v1" not in caught.value.response.text


HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"


def sse(delta: Any, **more: Any) -> bytes:
    return b"data: " + json.dumps({"choices": [{"index": 0, "delta": delta}], **more}).encode() + b"\n\n"  # fmt: skip


class Endless:
    """Says the same again and again, until whoever asked hangs up."""

    def __init__(self, piece: bytes, head: bytes = HEAD, pause_s: float = 0.0) -> None:
        self.piece, self.head, self.pause_s = piece, head, pause_s
        self.ended = threading.Event()

    def __call__(self, connection: socket.socket) -> None:
        never = threading.Event()
        try:
            connection.sendall(self.head)
            while not (self.pause_s and never.wait(self.pause_s)):
                connection.sendall(self.piece)
        except OSError:
            self.ended.set()


@pytest.mark.parametrize(
    ("piece", "most"),
    [
        (sse({"content": "word "}), 3000),
        (sse({"content": "many words " * 20_000}), 10_000),
        (sse({"tool_calls": [{"index": 0, "function": {"name": "f", "arguments": "x" * 5000}}]}), 10_000),
        (sse({"refusal": "no " * 500}), 10_000),
        (sse({"reasoning_content": "Is it? " * 500}), 10_000),
    ],
    ids=["tokens", "at once", "a call", "a refusal", "thoughts"],
)  # fmt: skip
@pytest.mark.parametrize("stream", [False, True])
def test_an_upstream_that_ignores_max_tokens_is_cut_short(
    piece: bytes, most: int, stream: bool
) -> None:
    endless = Endless(piece)
    with raw(endless) as url, behind(url, upstream_kind="other", model="m") as client:
        said, finish = "", None
        if stream:
            for chunk in ask(client, model="m", max_tokens=20, stream=True):
                for choice in chunk.choices:
                    said += choice.delta.content or ""
                    finish = choice.finish_reason or finish
        else:
            choice = ask(client, model="m", max_tokens=20).choices[0]
            said, finish = choice.message.content or "", choice.finish_reason
        assert finish == "length"
        assert len(said) <= most
        assert endless.ended.wait(PATIENCE_S)  # and it is hung up


@pytest.mark.parametrize(
    "piece",
    [b": still there\n\n", sse({"role": "assistant", "content": ""}), b"\n",
     b'data: {"choices":[],"usage":{"prompt_tokens":1}}\n\n'],
    ids=["comments", "empty deltas", "blank lines", "usage"],
)  # fmt: skip
def test_what_says_nothing_is_silence(piece: bytes) -> None:
    endless = Endless(piece, pause_s=0.1)
    with (
        raw(endless) as url,
        behind(url, upstream_kind="other", model="m", engine_silence_s="1") as client,
    ):
        with pytest.raises(openai.InternalServerError, match="fell silent"):
            ask(client, model="m")
        with pytest.raises(openai.APIError, match="fell silent"):
            list(ask(client, model="m", stream=True))
        assert endless.ended.wait(PATIENCE_S)


@pytest.mark.parametrize(
    ("head", "piece", "status", "words"),
    [
        (HEAD, b"data: " + b"a" * 65536, 502, "sent more than was asked"),
        (HEAD, b": comment\n" * 6000, 502, "sent more than was asked"),
        (b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n", b"[" * 65536, 502, "sent more than was asked"),
        (b"HTTP/1.1 400 No\r\ncontent-type: application/json\r\n\r\n", b"[" * 65536, 400, "refused the request"),
        (b"HTTP/1.1 200 OK\r\n", b"x-more: and more\r\n" * 1000, 502, "cannot be reached"),
    ],
    ids=["a line", "comments", "a whole answer", "an error", "a head"],
)  # fmt: skip
def test_whatever_an_upstream_sends_has_an_end(
    head: bytes, piece: bytes, status: int, words: str
) -> None:
    endless = Endless(piece, head)
    with raw(endless) as url, behind(url, upstream_kind="other", model="m") as client:
        with pytest.raises(openai.APIStatusError, match=words) as failed:
            ask(client, model="m", max_tokens=20)
        assert failed.value.status_code == status
        assert endless.ended.wait(PATIENCE_S)


def test_numbers_of_an_upstream_are_brought_within_bounds() -> None:
    top = {"token": "a", "logprob": float("nan")}
    event = {
        "choices": [{"delta": {"content": "a"}, "logprobs": {"content": [top]}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 10**400, "completion_tokens": -5},
    }  # fmt: skip
    reading = outgoing.StreamParser(0)
    (delta,) = reading.take(event)
    assert delta.logprobs[0].chosen.logprob < -1000
    used = reading.closing().used
    assert used is not None
    assert used.prompt_tokens <= 10**12
    assert used.completion_tokens == 0
    for odd in ({"choices": [{"delta": {"content": ["a"]}}]}, {"usage": {"prompt_tokens": float("inf")}}):  # fmt: skip
        with pytest.raises(EngineError):
            outgoing.StreamParser(0).take(odd)

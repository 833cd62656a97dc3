"""Open models through llama.cpp, with random weights: what they say means nothing, how they do."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import openai
import psutil
import pytest
import requests
from PIL import Image

from bench import random_model
from tests.conftest import running, started
from tests.pictures import asking, data_url, encoded, sample
from tests.waiting import PATIENCE_S, until

PICTURE = data_url(sample("sign"))
ADD: dict[str, Any] = {
    "name": "add",
    "description": "Adds.",
    "parameters": {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {"enum": ["x", "y"]}},
        "required": ["a", "b"],
        "additionalProperties": False,
    },
}
TOOLS: list[Any] = [
    {"type": "function", "function": ADD},
    {"type": "function", "function": {"name": "stop_all"}},
]


@pytest.fixture(scope="module")
def llama(llama_url: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(
        base_url=llama_url, api_key="one", max_retries=0, timeout=PATIENCE_S
    ) as client:
        yield client


def turn(text: str = "What is this?", picture: str = PICTURE, *, first: bool = True) -> list[Any]:
    parts: list[Any] = [
        {"type": "image_url", "image_url": {"url": picture}},
        {"type": "text", "text": text},
    ]
    return [{"role": "user", "content": parts if first else parts[::-1]}]


# Of the tokens that end an answer: random weights draw one now and then, where a test counts on
# as many tokens as it asked for.
NO_END = {"273": -100, "275": -100}


def ask(client: openai.OpenAI, messages: list[Any] | None = None, **more: Any) -> Any:
    more = {"model": "gpt-4o", "max_tokens": 8, **more}
    if not more.keys() & {"response_format", "tools"}:  # those end by themselves
        more = {"logit_bias": NO_END, **more}
    return client.chat.completions.create(messages=messages or turn(), **more)


def spent(reply: Any) -> dict[str, Any]:
    return dict(reply.usage.sightline)


def test_a_picture_is_answered(llama: openai.OpenAI) -> None:
    reply = ask(llama)
    assert reply.choices[0].finish_reason == "length"
    assert reply.usage.completion_tokens == spent(reply)["completion_tokens"] == 8
    assert spent(reply)["engine"] == "llamacpp"
    assert spent(reply)["prompt_tokens"] > 100  # the picture is among them


def test_a_seed_repeats_an_answer_and_choices_differ(llama: openai.OpenAI) -> None:
    one, two = (ask(llama, seed=5, max_tokens=16).choices[0].message.content for _ in range(2))
    assert one == two
    several = ask(llama, seed=5, n=3, max_tokens=16)
    assert len({choice.message.content for choice in several.choices}) == 3
    assert several.choices[0].message.content == one
    assert several.usage.completion_tokens == 48


def test_streaming_gives_the_same_answer(llama: openai.OpenAI) -> None:
    whole = ask(llama, seed=3, max_tokens=20).choices[0].message.content
    chunks = list(ask(llama, seed=3, max_tokens=20, stream=True,
                      stream_options={"include_usage": True}))  # fmt: skip
    said = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert said == whole
    assert chunks[-2].choices[0].finish_reason == "length"
    assert chunks[-1].usage.completion_tokens == 20


def test_choices_are_streamed_side_by_side(llama: openai.OpenAI) -> None:
    ends: dict[int, str] = {}
    for chunk in ask(llama, n=2, max_tokens=10, stream=True):
        for choice in chunk.choices:
            if choice.finish_reason:
                ends[choice.index] = choice.finish_reason
    assert ends == {0: "length", 1: "length"}


def test_logprobs(llama: openai.OpenAI) -> None:
    reply = ask(llama, logprobs=True, top_logprobs=2, seed=5, max_tokens=6)
    content = reply.choices[0].logprobs.content
    assert content
    assert all(token.logprob <= 0 and len(token.top_logprobs) == 2 for token in content)
    alone = ask(llama, logprobs=True, seed=5, max_tokens=6).choices[0].logprobs.content
    assert [token.token for token in alone] == [token.token for token in content]
    assert not any(token.top_logprobs for token in alone)


def test_bias_draws_a_token(llama: openai.OpenAI) -> None:
    assert ask(llama, logit_bias={"100": 100}, max_tokens=4).choices[0].message.content == "dddd"
    with pytest.raises(openai.BadRequestError, match="not the number of a token"):
        ask(llama, logit_bias={"word": 1})


SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "colour": {"enum": ["red", "green"]},
        "share": {"type": "number", "minimum": 0, "maximum": 1},
        "code": {"type": "string", "pattern": "^[A-C]{2,4}$"},
        "parts": {"type": "array", "items": {"$ref": "#/$defs/part"}, "minItems": 1, "maxItems": 2},
    },
    "required": ["colour", "share", "code", "parts"],
    "additionalProperties": False,
    "$defs": {
        "part": {
            "type": "object",
            "properties": {"n": {"type": "integer", "minimum": 1, "maximum": 9}},
            "required": ["n"],
            "additionalProperties": False,
        }
    },
}


def form(schema: dict[str, Any], *, strict: bool = True) -> dict[str, Any]:
    inner = {"name": "seen", "strict": strict, "schema": schema}
    return {"type": "json_schema", "json_schema": inner}


def test_a_strict_schema_is_kept_to(llama: openai.OpenAI) -> None:
    for seed in range(3):
        reply = ask(llama, response_format=form(SCHEMA), max_tokens=200, seed=seed)
        jsonschema.validate(json.loads(reply.choices[0].message.content), SCHEMA)


def test_a_cut_off_schema_is_told_by_its_length(llama: openai.OpenAI) -> None:
    reply = ask(llama, response_format=form(SCHEMA), max_tokens=5)
    assert reply.choices[0].finish_reason == "length"


@pytest.mark.parametrize(
    ("spec", "place"),
    [
        ({"not": {"type": "string"}}, "In context=('properties', 'x'), 'not' is not permitted"),
        ({"type": "array", "items": {"type": "integer"}, "uniqueItems": True}, "uniqueItems"),
        ({"type": "string", "pattern": "^(?=a)b$"}, "('properties', 'x', 'pattern')"),
        ({"type": "string", "format": "dream"}, "('properties', 'x', 'format')"),
    ],
)
def test_what_cannot_be_enforced_is_refused_by_its_path(
    llama: openai.OpenAI, spec: dict[str, Any], place: str
) -> None:
    whole = {"type": "object", "properties": {"x": spec}, "required": ["x"],
             "additionalProperties": False}  # fmt: skip
    with pytest.raises(openai.BadRequestError) as refused:
        ask(llama, response_format=form(whole))
    assert place in str(refused.value)
    assert refused.value.param == "response_format"


def test_json_object(llama: openai.OpenAI) -> None:
    reply = ask(llama, turn("Tell it in JSON."), response_format={"type": "json_object"},
                max_tokens=400, seed=1)  # fmt: skip
    if reply.choices[0].finish_reason == "stop":
        assert isinstance(json.loads(reply.choices[0].message.content), dict)


def test_a_named_tool_is_called(llama: openai.OpenAI) -> None:
    choice = {"type": "function", "function": {"name": "add"}}
    reply = ask(llama, tools=TOOLS, tool_choice=choice, max_tokens=100)
    assert reply.choices[0].finish_reason == "tool_calls"
    call = reply.choices[0].message.tool_calls[0].function
    assert call.name == "add"
    jsonschema.validate(json.loads(call.arguments), ADD["parameters"])


def test_a_required_tool_is_called_and_its_arguments_are_streamed(llama: openai.OpenAI) -> None:
    for seed in range(3):
        stream = ask(llama, tools=TOOLS[:1], tool_choice="required", parallel_tool_calls=False,
                     max_tokens=100, seed=seed, stream=True)  # fmt: skip
        names, pieces, ends = [], [], []
        for chunk in stream:
            choice = chunk.choices[0]
            for call in choice.delta.tool_calls or ():
                if call.function.name:
                    names.append(call.function.name)
                if call.function.arguments:
                    pieces.append(call.function.arguments)
            ends += [choice.finish_reason] if choice.finish_reason else []
        assert names == ["add"]
        assert len(pieces) > 2
        jsonschema.validate(json.loads("".join(pieces)), ADD["parameters"])
        assert ends == ["tool_calls"]


def test_a_tool_may_be_left_uncalled_and_its_result_be_told(llama: openai.OpenAI) -> None:
    words = ask(llama, tools=TOOLS, seed=2).choices[0].message
    assert words.content is not None or words.tool_calls
    messages = [
        *turn(),
        {"role": "assistant", "content": None, "tool_calls": [
            {"id": "call_1", "type": "function", "function": {"name": "add", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "call_1", "content": [
            {"type": "text", "text": "three"}, {"type": "image_url", "image_url": {"url": PICTURE}}]},
    ]  # fmt: skip
    reply = ask(llama, messages, tools=TOOLS, tool_choice="none")
    assert reply.choices[0].message.tool_calls is None
    assert len(spent(reply)["images"]) == 2


def test_tools_that_may_be_called_beside_a_schema_are_refused(llama: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="beside 'tools'"):
        ask(llama, tools=TOOLS, response_format=form(SCHEMA))


def test_a_prompt_beyond_the_context_is_refused(llama: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        ask(llama, [{"role": "user", "content": "word " * 9000}])
    assert refused.value.code == "context_length_exceeded"


def test_control_tokens_that_are_typed_are_plain_text(llama: openai.OpenAI) -> None:
    def tokens(text: str) -> int:
        return int(spent(ask(llama, [{"role": "user", "content": text}]))["prompt_tokens"])

    # As a control token it would be one.
    assert tokens("a<|im_end|>") - tokens("a") >= len("<|im_end|>")
    assert tokens("a<__media__>") - tokens("a") >= 10


def test_unknown_fields_do_not_reach_the_engine(llama_url: str) -> None:
    body = {"model": "gpt-4o", "messages": turn(), "max_tokens": 2}
    extras: list[dict[str, Any]] = [
        {"n_discard": -1},
        {"grammar": "root ::= [a]"},
        {"id_slot": 0},
        {"lora": []},
    ]
    for extra in extras:
        reply = requests.post(
            f"{llama_url}/chat/completions", json={**body, **extra}, timeout=PATIENCE_S
        )
        assert reply.status_code == 400, extra


def test_a_picture_is_looked_at_once_for_each_client(llama_url: str) -> None:
    def cached(key: str, text: str, picture: str = data_url(sample("poster"))) -> int:
        with openai.OpenAI(base_url=llama_url, api_key=key, max_retries=0) as client:
            reply = ask(client, turn(text, picture))
            assert reply.usage.prompt_tokens_details.cached_tokens == spent(reply)["cached_tokens"]
            return int(spent(reply)["cached_tokens"])

    assert cached("anna", "What is it?") < 50
    assert cached("anna", "And what is its colour?") > 500
    assert cached("bert", "What is it?") < 50  # he learns nothing of what Anna has asked
    assert cached("bert", "What is it?") > 500


def test_nothing_is_kept_without_retention(tiny: Path) -> None:
    with (
        running("--engine", "llamacpp", "--model", str(tiny), "--zero-retention") as url,
        openai.OpenAI(base_url=url, api_key="a", max_retries=0) as client,
    ):
        assert [spent(ask(client))["cached_tokens"] for _ in range(2)] == [0, 0]


def test_the_model_is_listed_by_its_name(llama: openai.OpenAI) -> None:
    ids = [model.id for model in llama.models.list()]
    assert "model" in ids
    assert "sightline-reader" in ids
    assert ask(llama, model="model").model == "model"
    reader = ask(llama, turn("What does it say?"), model="sightline-reader", max_tokens=50)
    assert spent(reader)["engine"] == "reader"


def test_the_preview_answers_at_length(llama: openai.OpenAI) -> None:
    reply = llama.chat.completions.create(
        model="gpt-4-vision-preview", messages=turn(), logit_bias={"100": 100}, stop="d" * 40
    )
    assert reply.usage is not None
    assert reply.usage.completion_tokens > 16


def children(server: subprocess.Popen[str] | None = None) -> list[psutil.Process]:
    """The processes of engines that live: of a server's, or of those in this process."""
    return [
        child
        for child in psutil.Process(None if server is None else server.pid).children()
        if child.status() != psutil.STATUS_ZOMBIE
        and "sightline.engines.llamacpp.child" in child.cmdline()
    ]


def test_a_prompt_may_end_with_a_picture(tmp_path: Path) -> None:
    """Some templates write nothing after it, and llama.cpp would end its process."""
    bare = "{% for m in messages %}{% for p in m.content %}{{ p.text }}{% endfor %}{% endfor %}"
    model = random_model.write(tmp_path, replace(random_model.PRESETS["tiny"], template=bare))
    with (
        running("--engine", "llamacpp", "--model", str(model), "--replicas", "1") as url,
        openai.OpenAI(base_url=url, api_key="a", max_retries=0, timeout=PATIENCE_S) as client,
    ):
        question, picture = asking("What is it?", sample("sign"))[0]["content"]
        for parts in ([picture], [question, picture], [picture, {"type": "text", "text": ""}]):
            reply = ask(client, [{"role": "user", "content": parts}])
            assert reply.usage.completion_tokens > 0


def test_a_killed_engine_is_started_again(tiny: Path) -> None:
    flags = ("--engine", "llamacpp", "--model", str(tiny), "--replicas", "1")
    with (
        started(*flags) as (url, server),
        openai.OpenAI(base_url=url, api_key="a", max_retries=0, timeout=PATIENCE_S) as client,
    ):
        ask(client)
        (child,) = children(server)
        child.kill()
        health = url.removesuffix("/v1") + "/healthz"
        until(
            lambda: (
                requests.get(health, timeout=PATIENCE_S).json()["engine"] != "ready"
                or child.pid not in [c.pid for c in psutil.Process(server.pid).children()]
            )
        )
        # Who asks meanwhile waits, and a stream begins once there is something to stream.
        said = ask(client, stream=True, stream_options={"include_usage": True})
        assert list(said)[-1].usage.completion_tokens == 8
        assert ask(client).usage.completion_tokens == 8


@pytest.mark.skipif(os.name != "posix", reason="it is asked over a Unix socket")
def test_a_connection_that_breaks_is_made_again(tiny: Path, caplog: Any) -> None:
    """While the engine runs on, and nothing of an answer has come."""
    flags = ("--engine", "llamacpp", "--model", str(tiny), "--replicas", "1")
    others = {child.pid for child in children()}
    with (
        running(*flags) as url,
        openai.OpenAI(base_url=url, api_key="a", max_retries=0, timeout=PATIENCE_S) as client,
        ThreadPoolExecutor(1) as pool,
        socket.socket(socket.AF_UNIX) as between,
    ):
        ask(client)
        (child,) = (child for child in children() if child.pid not in others)
        path = next(str(one.laddr) for one in child.net_connections("unix") if one.laddr)
        os.rename(path, f"{path}.kept")
        between.bind(path)
        between.listen()
        asked = pool.submit(ask, client)
        broken, _ = between.accept()
        os.rename(f"{path}.kept", path)
        broken.close()
        assert asked.result().usage.completion_tokens == 8
    assert [r.getMessage() for r in caplog.records if "once more" in r.getMessage()]


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that looks at a picture for seconds."""
    shape = replace(random_model.PRESETS["tiny"], eye_layers=40, eye_width=320, eye_feed=1280)
    return random_model.write(tmp_path_factory.mktemp("slow"), shape)


def test_a_picture_that_ends_the_engine_twice_is_refused(slow: Path) -> None:
    flags = ("--engine", "llamacpp", "--model", str(slow), "--replicas", "1")
    with (
        started(*flags) as (url, server),
        openai.OpenAI(base_url=url, api_key="a", max_retries=0, timeout=PATIENCE_S) as client,
    ):

        def ended_while_looking() -> int:
            until(
                lambda: (
                    requests.get(url[:-3] + "/healthz", timeout=PATIENCE_S).json()["engine"]
                    == "ready"
                )
            )
            (child,) = children(server)
            with ThreadPoolExecutor(1) as pool:
                before = child.cpu_times().user
                asked = pool.submit(ask, client)
                until(lambda: child.cpu_times().user > before + 0.2)
                child.kill()
                with pytest.raises(openai.InternalServerError) as failed:
                    asked.result()
            until(lambda: [c for c in children(server) if c.pid != child.pid])
            return int(failed.value.status_code)

        assert ended_while_looking() == 500
        assert ended_while_looking() == 500
        with pytest.raises(openai.BadRequestError) as refused:
            ask(client)
        assert refused.value.param == "messages[0].content[0].image_url.url"
        ask(client, turn(picture=data_url(sample("chart"))))  # others are taken


def test_the_engine_dies_with_its_server(tiny: Path) -> None:
    with started("--engine", "llamacpp", "--model", str(tiny)) as (url, server):
        until(
            lambda: (
                requests.get(url[:-3] + "/healthz", timeout=PATIENCE_S).json()["engine"] == "ready"
            )
        )
        born = children(server)
        assert born
        os.kill(server.pid, signal.SIGKILL)
        until(lambda: not any(child.is_running() and child.status() != "zombie" for child in born))


def test_a_hung_up_stream_leaves_its_slot(tiny: Path) -> None:
    flags = ("--engine", "llamacpp", "--model", str(tiny), "--replicas", "1", "--slots", "1")
    with (
        running(*flags) as url,
        openai.OpenAI(base_url=url, api_key="a", max_retries=0, timeout=PATIENCE_S) as client,
    ):
        endless = ask(client, stream=True, max_tokens=7000, logit_bias={"100": 100})
        next(iter(endless))
        endless.close()
        assert ask(client).usage.completion_tokens == 8
        until(lambda: requests.get(url[:-3] + "/healthz", timeout=PATIENCE_S).json()["active"] == 0)


def test_nothing_of_a_request_is_logged(tiny: Path) -> None:
    import tempfile

    with tempfile.TemporaryFile("w+") as log:
        flags = ("--engine", "llamacpp", "--model", str(tiny), "--log-level", "debug")
        with (
            started(*flags, stderr=log) as (url, _),
            openai.OpenAI(base_url=url, api_key="sekret", max_retries=0) as client,
        ):
            ask(client, turn("canary-words"), response_format=form({
                "type": "object", "properties": {"canarykey": {"type": "string"}},
                "required": ["canarykey"], "additionalProperties": False}))  # fmt: skip
            with pytest.raises(openai.BadRequestError):
                ask(client, turn("canary-words " * 9000))
        log.seek(0)
        written = log.read()
    assert "canary" not in written
    assert "sekret" not in written
    assert "ready after" in written


def test_a_model_may_say_which_sizes_it_wants_and_that_it_is_to_be_told_what_is_read(
    tmp_path: Path,
) -> None:
    shape = replace(
        random_model.PRESETS["tiny"], projector="lfm2", merge=2, patch=16, image=256,
        wants=(256 * 256, 384 * 384), assist=True,
    )  # fmt: skip
    model = random_model.write(tmp_path, shape)
    with (
        running("--engine", "llamacpp", "--model", str(model), "--replicas", "1") as url,
        openai.OpenAI(base_url=url, api_key="one", max_retries=0, timeout=PATIENCE_S) as client,
    ):

        def cost(image: Image.Image, detail: str) -> int:
            part = {"url": data_url(encoded(image)), "detail": detail}
            messages = [{"role": "user", "content": [{"type": "image_url", "image_url": part}]}]
            return int(spent(ask(client, messages, max_tokens=1))["prompt_tokens"])

        large, wide, small = (
            Image.new("RGB", size, "teal") for size in ((700, 700), (900, 450), (90, 90))
        )
        text = cost(small, "low") - 64
        assert cost(large, "low") == text + 64
        assert cost(large, "high") == text + 144
        assert text + 64 <= cost(wide, "low") <= text + 68
        assert text + 126 <= cost(wide, "high") <= text + 144
        assert cost(small, "high") == text + 64
        # What is printed stands before the question, as `assist` puts it there.
        assert cost(Image.open(io.BytesIO(sample("sign"))), "low") > text + 64 + 20

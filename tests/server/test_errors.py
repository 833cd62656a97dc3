"""Everything that can be wrong with a request, through the real client."""

from __future__ import annotations

from typing import Any

import openai
import pytest
import requests

from tests.conftest import JSON, Web, running
from tests.pictures import asking, data_url, encoded, part, sample, written
from tests.waiting import PATIENCE_S

GOOD: dict[str, Any] = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}]}
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}
AT = "messages[0].content[0]"


def content(*parts: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": list(parts)}]}


def json_schema(**inner: Any) -> dict[str, Any]:
    return {"response_format": {"type": "json_schema", "json_schema": inner}}


# What is changed in a good request: (change, param, code, words of the message).
REFUSED: list[tuple[dict[str, Any], str | None, str | None, str]] = [
    ({"model": None}, None, None, "you must provide a model parameter"),
    ({"model": 4}, "model", "invalid_type", "expected a string, but got an integer instead."),
    ({"messages": None}, "messages", "missing_required_parameter", "Missing required parameter"),
    ({"messages": []}, "messages", "empty_array", "empty array. Expected an array with minimum"),
    ({"messages": "hi"}, "messages", "invalid_type", "expected an array of objects"),
    ({"messages": [3]}, "messages[0]", "invalid_type", "expected an object, but got an integer"),
    ({"messages": [{}]}, "messages[0].role", "missing_required_parameter", "'messages[0].role'"),
    ({"messages": [{"role": "bogus", "content": "x"}]}, "messages[0].role", "invalid_value",
     "Invalid value: 'bogus'. Supported values are: 'system', 'assistant', 'user', 'function', "
     "'tool', and 'developer'."),
    ({"messages": [{"role": "user"}]}, "messages[0].content", "missing_required_parameter", ""),
    ({"messages": [{"role": "user", "content": 5}]}, "messages[0].content", "invalid_type",
     "expected one of a string or array of objects, but got an integer instead."),
    ({"messages": [{"role": "user", "content": []}]}, "messages[0].content", "empty_array", ""),
    ({"messages": [{"role": "tool", "content": "x"}]}, "messages[0].tool_call_id",
     "missing_required_parameter", ""),
    (content({"text": "x"}), f"{AT}.type", "missing_required_parameter", ""),
    (content({"type": "tool_result"}), AT, "invalid_value",
     "Invalid value: 'tool_result'. Supported values are: 'text', 'image_url', 'input_audio', "
     "'refusal', 'audio', and 'file'."),
    (content({"type": "text"}), f"{AT}.text", "missing_required_parameter", ""),
    (content({"type": "text", "text": 1}), f"{AT}.text", "invalid_type", "expected a string"),
    (content({"type": "image_url"}), f"{AT}.image_url", "missing_required_parameter", ""),
    (content({"type": "image_url", "image_url": 1}), f"{AT}.image_url", "invalid_type", ""),
    (content({"type": "image_url", "image_url": {}}), f"{AT}.image_url.url",
     "missing_required_parameter", ""),
    (content(part("data:image/png;base64,AAAA", detail="ultra")), f"{AT}.image_url.detail",
     "invalid_value", "'low', 'high', 'auto', and 'original'."),
    (content({"type": "input_audio", "input_audio": {}}), f"{AT}.type", None,
     "Invalid content type. input_audio is only supported by certain models."),
    (content({"type": "file", "file": {"file_id": "file-1"}}), f"{AT}.file.file_id", None,
     "No such File object: file-1"),
    (content({"type": "file"}), f"{AT}.file", "missing_required_parameter", ""),
    ({"zzz_unknown": 1}, "zzz_unknown", "unknown_parameter", "Unknown parameter: 'zzz_unknown'."),
    ({"stip": 1}, "stip", "unknown_parameter", "Did you mean 'stop'?"),
    ({"n": 0}, "n", "integer_below_min_value",
     "Invalid 'n': integer below minimum value. Expected a value >= 1, but got 0 instead."),
    ({"n": 129}, "n", "integer_above_max_value", "Expected a value <= 128, but got 129 instead."),
    ({"n": 1.5}, "n", "invalid_type", "expected an integer, but got a decimal instead."),
    ({"n": True}, "n", "invalid_type", "expected an integer, but got a boolean instead."),
    ({"max_tokens": 0}, "max_tokens", "integer_below_min_value", ""),
    ({"max_completion_tokens": "9"}, "max_completion_tokens", "invalid_type", ""),
    ({"temperature": 2.5}, "temperature", "decimal_above_max_value", "Expected a value <= 2"),
    ({"temperature": "hot"}, "temperature", "invalid_type", "expected a decimal"),
    ({"top_p": -0.1}, "top_p", "decimal_below_min_value", ""),
    ({"presence_penalty": 3}, "presence_penalty", "decimal_above_max_value", ""),
    ({"frequency_penalty": -3}, "frequency_penalty", "decimal_below_min_value", ""),
    ({"seed": 2**70}, "seed", "integer_above_max_value", ""),
    ({"stop": ["a", "b", "c", "d", "e"]}, "stop", "array_above_max_length", "maximum length 4"),
    ({"stop": 5}, "stop", "invalid_type", ""),
    ({"logit_bias": {"50256": 101}}, "logit_bias.50256", "decimal_above_max_value", ""),
    ({"logprobs": True}, "logprobs", "unsupported_parameter", "is not supported with this model."),
    ({"top_logprobs": 2}, "top_logprobs", None, "only allowed when 'logprobs' is enabled"),
    ({"top_logprobs": 21, "logprobs": True}, "top_logprobs", "integer_above_max_value", ""),
    ({"stream": "yes"}, "stream", "invalid_type", "expected a boolean, but got a string instead."),
    ({"stream_options": {"include_usage": True}}, "stream_options", None,
     "The 'stream_options' parameter is only allowed when 'stream' is enabled."),
    ({"response_format": {"type": "yaml"}}, "response_format.type", "invalid_value", ""),
    ({"response_format": {}}, "response_format.type", "missing_required_parameter", ""),
    ({"response_format": {"type": "json_object"}}, "messages", None,
     "'messages' must contain the word 'json' in some form"),
    ({"response_format": {"type": "json_schema"}}, "response_format.json_schema",
     "missing_required_parameter", ""),
    (json_schema(schema=SCHEMA), "response_format.json_schema.name",
     "missing_required_parameter", ""),
    (json_schema(name="a b", schema=SCHEMA), "response_format.json_schema.name", "invalid_value",
     "string does not match pattern"),
    (json_schema(name="a" * 65, schema=SCHEMA), "response_format.json_schema.name",
     "string_above_max_length", ""),
    (json_schema(name="a"), "response_format.json_schema.schema", "missing_required_parameter", ""),
    (json_schema(name="a", strict=True, schema=SCHEMA), "response_format", "invalid_json_schema",
     "'additionalProperties' is required to be supplied and to be false."),
    (json_schema(name="a", strict=True, schema={**SCHEMA, "additionalProperties": False}),
     "response_format", "invalid_json_schema", "Missing 'a'."),
    (json_schema(name="a", strict=True, schema={"type": "array"}), "response_format",
     "invalid_json_schema", "schema must be a JSON Schema of 'type: \"object\"'"),
    *(
        (json_schema(name="a", strict=True, schema={
            "type": "object", "additionalProperties": False, "required": ["a"],
            "properties": {"a": inner}}), "response_format", "invalid_json_schema",
         f"In context=('properties', 'a'), {why}")
        for inner, why in (
            ({"allOf": [{"type": "string"}]}, "'allOf' is not permitted."),
            ({"oneOf": [{"type": "string"}]}, "'oneOf' is not permitted."),
            ({"not": {"type": "string"}}, "'not' is not permitted."),
            ({"description": "x"}, "schema must have a 'type' key."),
            ({"type": "array"}, "array schema missing items."),
        )
    ),
    (json_schema(name="a", strict=True, schema={
        "type": "object", "additionalProperties": False, "required": ["b"], "properties": {}}),
     "response_format", "invalid_json_schema", "Extra required key 'b' supplied."),
    (json_schema(name="a", strict=True, schema={
        "type": "object", "additionalProperties": False, "properties": {}, "anyOf": [{}]}),
     "response_format", "invalid_json_schema", "at the top level."),
    ({"metadata": {"a": "b"}}, "metadata", None, "only allowed when 'store' is enabled."),
    ({"max_tokens": 5, "max_completion_tokens": 5}, "max_tokens", "invalid_parameter_combination", ""),
    ({"messages": [{"role": "user", "content": "x"}, {"role": "tool", "tool_call_id": "c", "content": "x"}]},
     "messages.[1].role", None, "must be a response to a preceeding message with 'tool_calls'."),
    ({"messages": [{"role": "assistant", "content": None, "tool_calls": [
        {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
        {"role": "user", "content": "x"}]},
     "messages", None, "did not have response messages: c"),
    (json_schema(name="a", schema={"type": "thing"}), "response_format", "invalid_json_schema",
     "'thing' is not a valid type."),
    (json_schema(name="a", schema={"properties": {"b": {"$ref": "#/$defs/none"}}}),
     "response_format", "invalid_json_schema", "can't be resolved"),
    ({"tools": [{"type": "function"}]}, "tools[0].function", "missing_required_parameter", ""),
    ({"tools": [{"type": "custom", "custom": {"name": "x"}}]}, "tools[0].type",
     "unsupported_value", ""),
    ({"tool_choice": "required"}, "tool_choice", None, "only allowed when 'tools' are specified"),
    ({"tools": [{"type": "function", "function": {"name": "f"}}],
      "tool_choice": {"type": "function", "function": {"name": "g"}}},
     "tool_choice.function.name", None, "not found"),
    ({"model": "o3", "max_tokens": 5}, "max_tokens", "unsupported_parameter",
     "Use 'max_completion_tokens' instead."),
    ({"model": "gpt-5", "temperature": 0.5}, "temperature", "unsupported_value",
     "'temperature' does not support 0.5 with this model. Only the default (1) value is supported."),
    ({"modalities": ["audio"]}, "modalities", "unsupported_value", ""),
    ({"metadata": {str(i): "x" for i in range(17)}}, "metadata", "object_above_max_properties", ""),
    ({"metadata": {"a": "x" * 513}}, "metadata.a", "string_above_max_length", ""),
    ({"service_tier": "gold"}, "service_tier", "invalid_value", ""),
    ({"reasoning_effort": "huge"}, "reasoning_effort", "invalid_value", ""),
    ({"safety_identifier": "x" * 129}, "safety_identifier", "string_above_max_length", ""),
]  # fmt: skip


@pytest.mark.parametrize(("change", "param", "code", "words"), REFUSED)
def test_refused(
    client: openai.OpenAI, change: dict[str, Any], param: str | None, code: str | None, words: str
) -> None:
    body = {key: value for key, value in {**GOOD, **change}.items() if value is not None}
    with pytest.raises(openai.BadRequestError) as caught:
        client.post("/chat/completions", body=body, cast_to=object)
    error = caught.value
    assert error.type == "invalid_request_error"
    assert (error.param, error.code) == (param, code)
    assert words in error.message
    assert error.request_id is not None


IMAGE = "messages[0].content[1].image_url.url"
BAD_PICTURES: list[tuple[str, str, str]] = [
    ("data:image/png;base64,", "invalid_value", "but got empty base64-encoded bytes."),
    ("data:image/png;base64,!!!!", "invalid_value", "but got an invalid base64-encoded value."),
    ("data:image/png,AAAA", "invalid_value", "but got a value without the ';base64' separator."),
    ("data:application/pdf;base64,AAAA", "invalid_value",
     "but got unsupported MIME type 'application/pdf'."),
    ("receipt.png", "invalid_value", "but got a value without the 'data:' prefix."),
    ("file:///etc/passwd", "invalid_value", "but got a value without the 'data:' prefix."),
    ("ftp://example.com/a.png", "invalid_value", "but got a value without the 'data:' prefix."),
    ("", "invalid_value", "but got a value without the 'data:' prefix."),
    (data_url(b"this is a text file, not a picture"), "invalid_image_format",
     "You uploaded an unsupported image. Please make sure your image has of one the following "
     "formats: ['png', 'jpeg', 'gif', 'webp']."),
    (data_url(encoded(written("BMP"), "BMP")), "invalid_image_format", "unsupported image"),
    (data_url(encoded(written("TIFF"), "TIFF")), "invalid_image_format", "unsupported image"),
    (data_url(encoded(written("CUT"), "JPEG")[:1500], "image/jpeg"), "invalid_value",
     "does not represent a valid image"),
    (data_url(sample("receipt")[:9000]), "invalid_value", "does not represent a valid image"),
    (data_url(b"\x89PNG\r\n\x1a\n"), "invalid_image_format", "unsupported image"),
    ("http://127.0.0.1:1/none.png", "invalid_value", "Error while downloading file."),
    ("http://no-such-host.invalid/a.png", "invalid_value", "Error while downloading file."),
    ("http://user:pass@127.0.0.1/a.png", "invalid_value", "Error while downloading file."),
    ("http://", "invalid_value", "Error while downloading file."),
    ("http://127.0.0.1\\@example.com/", "invalid_value", "Error while downloading file."),
]  # fmt: skip


@pytest.mark.parametrize(("url", "code", "words"), BAD_PICTURES)
@pytest.mark.parametrize("stream", [False, True])
def test_bad_picture(client: openai.OpenAI, url: str, code: str, words: str, stream: bool) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(
            model="gpt-4o", messages=asking("What is it?", url), stream=stream
        )
    assert (caught.value.param, caught.value.code) == (IMAGE, code)
    assert words in caught.value.message


def test_the_first_bad_picture_is_named(client: openai.OpenAI) -> None:
    good, bad = data_url(sample("sign")), data_url(b"nothing")
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model="gpt-4o", messages=asking("?", good, bad, bad))
    assert caught.value.param == "messages[0].content[2].image_url.url"


def test_animation_is_refused(client: openai.OpenAI) -> None:
    frames = [written("ONE"), written("TWO")]
    for format in ("GIF", "WEBP"):
        data = encoded(frames[0], format, save_all=True, append_images=frames[1:])
        with pytest.raises(openai.BadRequestError) as caught:
            client.chat.completions.create(model="gpt-4o", messages=asking("?", data))
        assert caught.value.code == "invalid_image_format"


def test_web_failures(client: openai.OpenAI, web: Web) -> None:
    page = web.page("/page.html", b"<html>not a picture</html>", content_type="text/html")
    loop = web.page("/loop", b"", 302, location=f"{web.url}/loop")
    empty = web.page("/empty.png", b"")
    huge = web.page("/huge.png", sample("sign")[:1000] + bytes(20 * 1024 * 1024))
    zeros = web.page("/zeros.png", bytes(20 * 1024 * 1024 + 1))
    for url, code, words in (
        (f"{web.url}/missing.png", "invalid_value", "Upstream status code: 404."),
        (page, "invalid_image_format", "unsupported image"),
        (loop, "invalid_value", "Error while downloading file."),
        (empty, "invalid_image_format", "unsupported image"),
        (huge, "invalid_image", "Image size exceeds the limit."),
        (zeros, "invalid_image_format", "unsupported image"),
    ):
        with pytest.raises(openai.BadRequestError) as caught:
            client.chat.completions.create(model="gpt-4o", messages=asking("?", url))
        assert (caught.value.param, caught.value.code) == (IMAGE, code), url
        assert words in caught.value.message
        assert "127.0.0.1" not in caught.value.message


def test_a_web_server_that_is_silent(web: Web) -> None:
    flags = ("--allow-private-urls", "--fetch-timeout-s", "1", "--engine", "mirror")
    with running(*flags) as url:
        body = {"model": "gpt-4o", "messages": asking("?", f"{web.url}/silent")}
        reply = requests.post(f"{url}/chat/completions", json=body, timeout=PATIENCE_S)
    assert reply.status_code == 400
    error = reply.json()["error"]
    assert (error["param"], error["code"]) == (IMAGE, "invalid_image_url")
    assert "Timeout while downloading" in error["message"]
    assert "127.0.0.1" not in error["message"]


def test_redirect_is_followed(client: openai.OpenAI, web: Web) -> None:
    url = web.page("/moved", b"", 302, location="/receipt.png")
    reply = client.chat.completions.create(
        model="gpt-4o", messages=asking("What is the total?", url)
    )
    assert reply.choices[0].message.content == "The total is $16.20."


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0"])
def test_private_addresses_are_refused_by_default(strict_url: str, web: Web, host: str) -> None:
    port = web.url.rsplit(":", 1)[1]
    before = len(web.asked)
    for suffix in (f":{port}", ""):
        body = {
            "model": "gpt-4o",
            "messages": asking("?", f"http://{host}{suffix}/receipt.png"),
        }
        response = requests.post(f"{strict_url}/chat/completions", json=body, timeout=PATIENCE_S)
        assert response.status_code == 400
        assert response.json()["error"]["param"] == IMAGE
    assert "--allow-private-urls" in response.json()["error"]["hint"]
    assert len(web.asked) == before


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b'{"model":', b"[]", b'"x"', b"\xff\xfe", b'{"n": NaN}', b"[" * 100_000],
)  # fmt: skip
def test_broken_json(base_url: str, body: bytes) -> None:
    response = requests.post(
        f"{base_url}/chat/completions", data=body, headers=JSON, timeout=PATIENCE_S
    )
    error = response.json()["error"]
    assert response.status_code == 400
    assert error["message"].startswith("We could not parse the JSON body of your request.")
    assert (error["type"], error["param"], error["code"]) == ("invalid_request_error", None, None)


def test_body_over_the_limit_is_refused(base_url: str) -> None:
    response = requests.post(
        f"{base_url}/chat/completions",
        data=b" " * (73 * 1024 * 1024),
        headers=JSON,
        timeout=PATIENCE_S,
    )
    assert response.status_code == 413
    assert "limit" in response.json()["error"]["message"]


def test_unknown_model(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.create(model="gpt-99", messages=asking("?"))
    assert caught.value.code == "model_not_found"
    assert "The model `gpt-99` does not exist or you do not have access" in caught.value.message


def test_unknown_routes(base_url: str) -> None:
    response = requests.get(f"{base_url}/nothing", timeout=PATIENCE_S)
    assert response.status_code == 404
    assert response.json()["error"]["message"] == "Invalid URL (GET /v1/nothing)"
    response = requests.delete(f"{base_url}/chat/completions", timeout=PATIENCE_S)
    assert response.status_code == 405
    assert response.json()["error"]["type"] == "invalid_request_error"


def test_serves_on_after_all_that(client: openai.OpenAI) -> None:
    reply = client.chat.completions.create(
        model="gpt-4o", messages=asking("What is the total?", sample("receipt"))
    )
    assert reply.choices[0].message.content == "The total is $16.20."

"""A value of the wrong type is refused also where it is nothing: 0, "", [] and {} are no defaults."""

from __future__ import annotations

from typing import Any

import pytest

from sightline.api import chat, completions, responses
from sightline.errors import InvalidRequest

BASES: dict[str, tuple[Any, dict[str, Any]]] = {
    "chat": (chat.parse, {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}]}),
    "responses": (responses.parse, {"model": "gpt-4o", "input": "Hello"}),
    "completions": (completions.parse, {"model": "gpt-4o", "prompt": "Hello"}),
}
EMPTY: dict[str, tuple[Any, str]] = {
    "integer": (0, "an integer"),
    "string": ("", "a string"),
    "array": ([], "an array"),
    "object": ({}, "an object"),
    "boolean": (False, "a boolean"),
}


@pytest.mark.parametrize(
    ("api", "name", "kind"),
    [
        ("chat", "store", "boolean"),
        ("chat", "stream", "boolean"),
        ("chat", "logprobs", "boolean"),
        ("chat", "parallel_tool_calls", "boolean"),
        ("responses", "store", "boolean"),
        ("responses", "stream", "boolean"),
        ("responses", "background", "boolean"),
        ("responses", "parallel_tool_calls", "boolean"),
        ("completions", "stream", "boolean"),
        ("completions", "echo", "boolean"),
        ("completions", "best_of", "integer"),
        ("completions", "n", "integer"),
        ("responses", "tools", "array"),
        ("chat", "tools", "array"),
    ],
)
@pytest.mark.parametrize("sent", EMPTY)
def test_nothing_of_another_type_is_refused(api: str, name: str, kind: str, sent: str) -> None:
    parse, base = BASES[api]
    if sent == kind:
        return
    value, got = EMPTY[sent]
    with pytest.raises(InvalidRequest) as caught:
        parse({**base, name: value})
    assert (caught.value.param, caught.value.code) == (name, "invalid_type")
    assert caught.value.message.startswith(f"Invalid type for '{name}': expected ")
    assert caught.value.message.endswith(f", but got {got} instead.")


@pytest.mark.parametrize(("value", "stored"), [(None, True), (True, True), (False, False)])
def test_what_store_is_where_it_is_sent(value: bool | None, stored: bool) -> None:
    parse, base = BASES["responses"]
    assert parse({**base, "store": value}).store is stored
    assert parse(base).store is True


@pytest.mark.parametrize("least", [0, -1])
def test_best_of_has_a_least(least: int) -> None:
    parse, base = BASES["completions"]
    with pytest.raises(InvalidRequest) as caught:
        parse({**base, "best_of": least})
    assert (caught.value.param, caught.value.code) == ("best_of", "integer_below_min_value")


@pytest.mark.parametrize("name", ["store", "background", "tools"])
def test_null_is_as_if_left_out(name: str) -> None:
    parse, base = BASES["responses"]
    assert parse({**base, name: None}).store is True

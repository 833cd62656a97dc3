"""What the clients of other servers raise, by the one map of it."""

from __future__ import annotations

import inspect
import json
from types import ModuleType

import httpx2
import openai
import pytest

from sightline.errors import UpstreamError, UsageError
from sightline.remote import FAULTS, Fault, fault, message, translating

REQUEST = httpx2.Request("POST", "http://127.0.0.1:9/v1/chat/completions")


def exported(module: ModuleType) -> set[str]:
    found = {name: getattr(module, name) for name in dir(module) if not name.startswith("_")}
    return {
        f"{module.__name__}.{name}"
        for name, value in found.items()
        if inspect.isclass(value) and issubclass(value, Exception)
    }


@pytest.mark.parametrize("module", [openai, httpx2], ids=["openai", "httpx2"])
def test_every_exception_of_a_client_is_mapped(module: ModuleType) -> None:
    mapped = {name for name in FAULTS if name.startswith(f"{module.__name__}.")}
    assert exported(module) == mapped


def refused(status: int, body: object) -> openai.APIStatusError:
    response = httpx2.Response(status, request=REQUEST)
    return openai.APIStatusError("their own text", response=response, body=body)


RAISED = [
    (
        refused(429, {"message": "Slow down.", "code": "rate"}),
        "The server answered 429: Slow down.",
    ),
    (refused(500, None), "The server answered 500: without saying why"),
    (openai.APITimeoutError(REQUEST), "http://there/v1 did not answer in time."),
    (openai.APIConnectionError(request=REQUEST), "http://there/v1 cannot be reached."),
    (openai.APIError("x", REQUEST, body=None), "The server's answer broke off."),
    (httpx2.RemoteProtocolError("peer closed"), "The server's answer broke off."),
    (httpx2.ReadTimeout("x"), "http://there/v1 did not answer in time."),
    (ConnectionResetError(104, "reset"), "http://there/v1 cannot be reached."),
    (json.JSONDecodeError("Expecting value", "<html>", 0), "The server's answer is not the API's."),
]


@pytest.mark.parametrize(("error", "says"), RAISED, ids=[type(e).__name__ for e, _ in RAISED])
def test_it_is_told_in_our_words(error: Exception, says: str) -> None:
    with pytest.raises(UpstreamError) as caught, translating("http://there/v1"):
        raise error
    assert caught.value.message == says
    assert caught.value.__cause__ is None
    assert "their own text" not in str(caught.value)


def test_what_any_other_request_would_get_as_well_is_lasting() -> None:
    for error, lasting in ((refused(401, None), True), (refused(400, None), False)):
        with pytest.raises(UpstreamError) as caught, translating("http://there/v1"):
            raise error
        assert caught.value.lasting is lasting


def test_what_is_no_servers_fault_is_not_told_of_as_one() -> None:
    assert fault(KeyError("x")) is None
    assert fault(httpx2.StreamConsumed()) is Fault.OURS
    for error in (KeyError("x"), UsageError("No."), httpx2.StreamConsumed()):
        with pytest.raises(type(error)), translating("http://there/v1"):
            raise error


def test_a_whole_answer_that_is_none_of_the_apis() -> None:
    with pytest.raises(UpstreamError, match="no chat completion"):
        message(openai.types.chat.ChatCompletion.model_construct(choices=None))

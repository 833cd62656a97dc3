"""Run the tests of the official client's own resources against a server; print what passed.

    python examples/clients/openai_tests.py --base-url URL [--tests FOLDER] [--verbose]

The tests come with the source distribution of the version of `openai` that is installed here. They are
called one by one with a client that validates replies strictly. Where they name things that are not
there ("response_id", a model called "model"), such things are made first and named instead; where they have a few
letters for a sound, a second of silence is sent. What a server refuses with a reason is not applicable: most tests
send every parameter at once, with values that mean nothing.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import inspect
import io
import json
import subprocess
import sys
import tarfile
import tempfile
import wave
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import openai

MODULES = (
    "test_models", "test_completions", "chat.test_completions", "chat.completions.test_messages",
    "test_responses", "responses.test_input_items", "responses.test_input_tokens",
    "test_conversations", "conversations.test_items", "test_files", "test_batches",
    "test_decisions", "audio.test_speech", "audio.test_transcriptions",
    "audio.test_translations", "test_embeddings", "test_moderations",
)  # fmt: skip
_HEARING = ("/audio/transcriptions", "/audio/translations")
_LINE = (
    b'{"custom_id": "1", "method": "POST", "url": "/v1/chat/completions", "body": {"model": '
    b'"gpt-4o", "messages": [{"role": "user", "content": "Hello"}]}}'
)


@dataclass
class Things:
    """What tests ask for by ids that they made up, made when it is first asked for."""

    client: openai.OpenAI
    _made: dict[str, str] = field(default_factory=dict)

    def named(self, placeholder: str) -> str | None:
        """Give the real id that stands for one made up; None where it stands for nothing."""
        makers: dict[str, Callable[[], str]] = {
            "completion_id": self._completion,
            "response_id": self._response,
            "resp_677efb5139a88190b512bc3fef8e535d": self._response,
            "resp_123": self._response,
            "conv_123": self._conversation,
            "msg_abc": self._item,
            "file_id": self._file,
            "input_file_id": self._file,
            "batch_id": self._batch,
        }
        if placeholder not in makers:
            return None
        if placeholder not in self._made:
            self._made[placeholder] = makers[placeholder]()
        return self._made[placeholder]

    def _completion(self) -> str:
        # The client's type of a message that is kept knows no turn but the assistant's.
        turns: Any = [{"role": "assistant", "content": "Hello"}]
        return self.client.chat.completions.create(model="gpt-4o", messages=turns, store=True).id

    def _response(self) -> str:
        return self.client.responses.create(model="gpt-4o", input="Hello", background=True).id

    def _conversation(self) -> str:
        said: Any = [{"role": "user", "content": "Hello"}]
        made = self.client.conversations.create(items=said).id
        items = self.client.conversations.items.list(made)
        self._made["msg_abc"] = items.data[0].id or ""
        return made

    def _item(self) -> str:
        self.named("conv_123")
        return self._made["msg_abc"]

    def _file(self) -> str:
        return self.client.files.create(file=("a.jsonl", _LINE), purpose="batch").id

    def _batch(self) -> str:
        return self.client.batches.create(
            input_file_id=self._file(), endpoint="/v1/chat/completions", completion_window="24h"
        ).id


class Renaming(httpx2.HTTPTransport):
    """Sends requests with the ids of things that are there, and a model's name."""

    def __init__(self) -> None:
        super().__init__()
        self.things: Things | None = None

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Put real ids into the path and the body."""
        if self.things is not None:
            steps = request.url.raw_path.decode().split("?")
            path = "/".join(self.things.named(s) or s for s in steps[0].split("/"))
            raw = "?".join([path, *steps[1:]]).encode()
            request.url = request.url.copy_with(raw_path=raw)
            if request.url.path.endswith(_HEARING):
                request = sounding(request)
            elif request.headers.get("content-type") == "application/json":
                request = self._naming(request)
        return super().handle_request(request)

    def _naming(self, request: httpx2.Request) -> httpx2.Request:
        sent = request.read()
        body = json.loads(sent) if sent else None
        if self.things is None or not isinstance(body, dict):
            return request
        for key in ("input_file_id", "previous_response_id"):
            if isinstance(body.get(key), str):
                body[key] = self.things.named(body[key]) or body[key]
        if body.get("model") == "model":
            body["model"] = "gpt-4o"
        return with_content(request, json.dumps(body).encode())


def sounding(request: httpx2.Request) -> httpx2.Request:
    """Give a form with a second of silence where the tests have letters in a file's place."""
    made = io.BytesIO()
    with wave.open(made, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(16_000)
        sound.writeframes(bytes(32_000))
    sent = request.read().replace(b"\r\n\r\nExample data", b"\r\n\r\n" + made.getvalue())
    return with_content(request, sent)


def with_content(request: httpx2.Request, sent: bytes) -> httpx2.Request:
    """Give a request with another body."""
    kept = [(name, value) for name, value in request.headers.items() if name != "content-length"]
    return httpx2.Request(
        request.method, request.url, headers=kept, content=sent, extensions=request.extensions
    )


def tests_of(folder: Path) -> Iterator[tuple[str, Callable[[openai.OpenAI], Any] | None]]:
    """Give each test by its name; None for one that needs more than a client."""
    sys.path.insert(0, str(folder))
    for name in MODULES:
        module = importlib.import_module(f"tests.api_resources.{name}")
        for kind, cls in inspect.getmembers(module, inspect.isclass):
            if not kind.startswith("Test") or kind.startswith("TestAsync"):
                continue
            for method, test in inspect.getmembers(cls(), inspect.ismethod):
                if method.startswith("test_"):
                    alone = [*inspect.signature(test).parameters] == ["client"]
                    yield f"{name}.{method}", test if alone else None


def outcome(test: Callable[[openai.OpenAI], Any], client: openai.OpenAI) -> tuple[str, str]:
    """Run a test; give "passed", "failed" or "not applicable", and why."""
    try:
        # The tests print a traceback for each form that a union did not have, and pass.
        with contextlib.redirect_stderr(io.StringIO()):
            test(client)
    except openai.APIStatusError as error:
        if error.status_code < 500 and isinstance(error.body, dict):
            return "not applicable", f"{error.status_code}: {error.body.get('message')}"
        return "failed", f"{error.status_code}: {error.message}"
    except Exception as error:  # noqa: BLE001 - of the client or the test: all is told
        cause = " ".join(str(error.__cause__ or error).split())
        return "failed", f"{type(error).__name__}: {cause}"
    return "passed", ""


def fetched(folder: Path) -> Path:
    """Fetch the tests of the installed version into a folder; give that which holds them."""
    version = f"openai=={openai.__version__}"
    # An environment need not have pip in it: any will do.
    pip = [sys.executable, "-m", "pip"] if importlib.util.find_spec("pip") else ["pip"]
    fetch = [*pip, "download", "-q", "--no-deps", "--no-binary", ":all:", "-d", str(folder)]
    subprocess.run([*fetch, version], check=True)
    with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
        archive.extractall(folder, filter="data")
    return next(folder.glob("openai-*/"))


def main() -> None:
    """Run the tests and print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base-url", default=None)
    parser.add_argument("--tests", type=Path, help="where the tests were unpacked already")
    parser.add_argument("--verbose", action="store_true", help="name every test")
    given = parser.parse_args()
    found: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    plain = openai.OpenAI(base_url=given.base_url, api_key="any", max_retries=0)
    transport = Renaming()
    strict = openai.OpenAI(
        base_url=given.base_url, api_key="any", max_retries=0, _strict_response_validation=True,
        http_client=httpx2.Client(transport=transport),
    )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="openai-tests-") as folder:
        for name, test in tests_of(given.tests or fetched(Path(folder))):
            transport.things = Things(plain)
            told = (
                ("not applicable", "it mocks the server") if test is None else outcome(test, strict)
            )
            found[told[0]] += 1
            if told[0] == "failed" or given.verbose:
                print(f"{told[0]}: {name}: {told[1][:300]}")
            if told[0] == "not applicable":
                reasons[told[1][:120]] += 1
    for reason, count in reasons.most_common():
        print(f"{count:4} not applicable: {reason}")
    print(", ".join(f"{count} {what}" for what, count in sorted(found.items())))
    raise SystemExit(1 if found["failed"] else 0)


if __name__ == "__main__":
    main()

"""What a check is, and what it asks a server with: plain HTTP from the standard library.

Nothing of any client or server of this API is used, so that any server is judged alike.
"""

from __future__ import annotations

import http.client
import json
import random
import socket
import ssl
import time
import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from sightline_conformance.drawn import clear, coloured, part, text

Status = Literal["pass", "fail", "not applicable"]
Json = dict[str, Any]
NO_CALL = (404, 405, 501)  # of a server that does not know a call
READ = "What does the text in this picture say? Answer with the text alone."
_PLAIN = ("red", "green", "blue", "yellow")
# Letters and digits that no typeface and no reader takes for each other, in an order in which they
# can be told from the same upside down.
_ONSETS, _VOWELS, _DIGITS = "DFHKMNPRTV", "AEU", "34679"


class Failed(Exception):
    """The server did something else than was expected."""

    def __init__(self, expected: str, got: str) -> None:
        super().__init__(expected)
        self.expected, self.got = expected, got


class NotApplicable(Exception):
    """The server does not claim to do what would be checked, or cannot be asked."""


@dataclass(frozen=True)
class Reply:
    """An answer over HTTP. `body` is None where it is no JSON object; `text` is it as text."""

    status: int
    headers: Mapping[str, str]
    data: bytes = b""

    @cached_property
    def text(self) -> str:
        """The body as text."""
        return self.data.decode("utf-8", "replace")

    @property
    def body(self) -> Json | None:
        """The JSON object, if it is one."""
        try:
            found = json.loads(self.text)
        except ValueError:
            return None
        return found if isinstance(found, dict) else None

    @property
    def said(self) -> str:
        """The first choice's words; empty where there are none."""
        return str(self._message.get("content") or "")

    @property
    def refused(self) -> bool:
        """Whether the model declined, by a refusal or by the filter's finish."""
        return bool(self._message.get("refusal"))

    @property
    def cut(self) -> bool:
        """Whether the answer ended for its length."""
        return self._first.get("finish_reason") == "length"

    @property
    def _message(self) -> Json:
        message = self._first.get("message")
        return message if isinstance(message, dict) else {}

    @property
    def _first(self) -> Json:
        choices = (self.body or {}).get("choices")
        first = choices[0] if isinstance(choices, list) and choices else {}
        return first if isinstance(first, dict) else {}

    @property
    def error(self) -> Json:
        """The error of OpenAI's envelope; empty where there is none."""
        found = (self.body or {}).get("error")
        return found if isinstance(found, dict) else {}

    def __str__(self) -> str:
        said = self.said if self.status == 200 and self.said else self.text
        return f"{self.status} {' '.join(said.split())[:300]}"


@dataclass(slots=True)
class Stream:
    """An answer as a stream: the events' JSON in order, whether it ended as streams end."""

    status: int
    kind: str
    events: list[Json] = field(default_factory=list)
    done: bool = False

    @property
    def said(self) -> str:
        """The words of all pieces together."""
        return "".join(
            str((choice.get("delta") or {}).get("content") or "")
            for event in self.events
            for choice in event.get("choices") or []
        )

    def __str__(self) -> str:
        return f"{self.status} {self.kind}, {len(self.events)} events: {self.said[:200]}"


class Kit:
    """A server to be asked, and what was sent to it since `forget`."""

    def __init__(
        self,
        base_url: str,
        key: str,
        model: str,
        timeout_s: float,
        seed: int,
        *,
        headers: Mapping[str, str],
        judged: bool = True,
    ) -> None:
        """Name the server and how to ask it. Raises `ValueError` for what is no http(s) URL.

        `headers` go with every request; not `judged` are the answers of a model that knows nothing.
        """
        told = urllib.parse.urlsplit(base_url)
        if told.scheme not in ("http", "https") or not told.hostname:
            raise ValueError(base_url)
        self.base_url = base_url.rstrip("/")
        self.model = model
        self.key = key
        self.chance = random.Random(seed)  # noqa: S311 - pictures, no secrets
        self.sent: list[str] = []
        self.missing: set[str] = set()  # paths of calls that were found not to be there
        self._told = told
        self._timeout_s = timeout_s
        self._judged = judged
        self._headers = {name.lower(): value for name, value in headers.items()}

    def forget(self) -> None:
        """Begin the next check."""
        self.sent = []

    def code(self, syllables: int = 3) -> str:
        """Make up a code that no one can guess: one of 675,000, or of more."""
        said = (self.chance.choice(_ONSETS) + self.chance.choice(_VOWELS) for _ in range(syllables))
        return "".join(said) + self.chance.choice(_DIGITS) + self.chance.choice(_DIGITS)

    def send(
        self,
        method: str,
        path: str,
        body: Json | bytes | None = None,
        *,
        key: str | None = None,
        root: bool = False,
        kind: str = "application/json",
    ) -> Reply:
        """Send a request under the base URL, or beside it at the server's root.

        `kind` is the type of its body.
        """
        connection, response = self._begin(method, path, body, key, root=root, kind=kind)
        try:
            data = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise Failed("an answer", f"the connection ended: {type(error).__name__}") from None
        finally:
            connection.close()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, headers, data)

    def upload(self, path: str, fields: Mapping[str, str], file: tuple[str, bytes] | None) -> Reply:
        """Send a form, with a file by its name."""
        mark = f"----{self.code(8)}"
        parts = [
            f'--{mark}\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in fields.items()
        ]
        if file is not None:
            name, data = file
            told = f'content-disposition: form-data; name="file"; filename="{name}"'
            head = f"--{mark}\r\n{told}\r\ncontent-type: application/octet-stream\r\n\r\n"
            parts.append(head.encode() + data + b"\r\n")
        body = b"".join(parts) + f"--{mark}--\r\n".encode()
        return self.send("POST", path, body, kind=f"multipart/form-data; boundary={mark}")

    def made(self, path: str, body: Json) -> Json:
        """Have something made; a server that does not know the call is not judged by it."""
        reply = self.send("POST", path, body)
        if reply.status in NO_CALL:
            raise NotApplicable(f"there is no POST {path}: {reply}")
        return self.taken(reply)

    def taken(self, reply: Reply) -> Json:
        """See that a request was answered with a JSON object, and give it."""
        self.expect(reply.status == 200 and reply.body is not None, "200 and an object", reply)
        return reply.body or {}

    def knock(self, head: Sequence[str], body: bytes = b"") -> Reply:
        """Send a head as it is written, line by line; give the answer's, a status of 0 for none.

        A server may end the connection without a word. Only over http: what stands between here
        and a server elsewhere would answer for it.
        """
        self.sent.append(" | ".join(head))
        named = [f"{name}: {value}" for name, value in self._headers.items()]
        key = [f"authorization: Bearer {self.key}"] if self.key else []
        long = [f"content-length: {len(body)}"] if body else []
        lines = [*head, *named, *key, *long, "connection: close"]
        address = str(self._told.hostname), self._told.port or 80
        try:
            with socket.create_connection(address, self._timeout_s) as connection:
                connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
                said = connection.makefile("rb")
                words = said.readline(1 << 16).split()
                fields = http.client.parse_headers(said)
        except (OSError, http.client.HTTPException):
            return Reply(0, {})
        status = int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
        return Reply(status, {name.lower(): value for name, value in fields.items()})

    @property
    def host(self) -> str:
        """The server's name or address."""
        return str(self._told.hostname)

    @property
    def authority(self) -> str:
        """The server's name or address with its port, as `Host` tells it."""
        return self._told.netloc.rpartition("@")[2]

    @property
    def under(self) -> str:
        """The path of the base URL."""
        return self._told.path.rstrip("/")

    @property
    def is_here(self) -> bool:
        """Whether the server is on this machine and asked without encryption."""
        return self._told.scheme == "http" and (
            self.host in ("localhost", "::1") or self.host.startswith("127.")
        )

    def chat(self, content: str | Sequence[Json] = "", **more: Any) -> Reply:
        """Ask with one user message, or with `messages`."""
        return self.send("POST", "/chat/completions", self._asked(content, more))

    def stream(self, content: str | Sequence[Json] = "", **more: Any) -> Stream:
        """Ask for a stream and take all of it."""
        body = self._asked(content, more) | {"stream": True}
        connection, response = self._begin("POST", "/chat/completions", body, None)
        found = Stream(response.status, response.getheader("content-type", "").split(";")[0])
        try:
            if found.kind != "text/event-stream":
                return found
            for raw in response:
                line = raw.decode("utf-8", "replace").strip()
                if not line.startswith("data:"):
                    continue
                data = line.removeprefix("data:").strip()
                if data == "[DONE]":
                    found.done = True
                    continue
                event = json.loads(data)
                if isinstance(event, dict):
                    found.events.append(event)
        except (OSError, ValueError, http.client.HTTPException):
            pass  # what came before it is judged, and that no [DONE] did
        finally:
            connection.close()
        return found

    def hang_up(self, content: str | Sequence[Json] = "", **more: Any) -> None:
        """Ask for a stream and go away after its first piece."""
        body = self._asked(content, more) | {"stream": True}
        connection, response = self._begin("POST", "/chat/completions", body, None)
        try:
            response.readline()
        finally:
            connection.close()

    def expect(self, holds: object, expected: str, got: object) -> None:
        """Fail the check unless something holds."""
        if not holds:
            raise Failed(expected, str(got))

    def reads(self, code: str, content: Sequence[Json] = (), **more: Any) -> Reply:
        """Ask as `chat` does, and see that the answer holds a code that stands in a picture."""
        reply = self.chat(content, **more)
        self.expect(reply.status == 200, f"200 and the code {code}", reply)
        self.tells(code, reply.said, reply)
        return reply

    def tells(self, codes: str | Sequence[str], said: str, got: object) -> None:
        """See that an answer holds the code, or all the codes, that stand in the pictures.

        Of a model that sees but does not read, no check that needs reading says anything.
        """
        wanted = [codes] if isinstance(codes, str) else codes
        missing = [code for code in wanted if not holds(code, said)]
        if not missing:
            return
        self.judge()
        if self.only_sees:
            raise NotApplicable("the model sees colours but does not read: take one that does")
        what = "code" if len(missing) == 1 else "codes"
        raise Failed(f"an answer with the {what} {', '.join(missing)}", str(got))

    def judge(self) -> None:
        """See that what the model says is to be judged."""
        if not self._judged:
            raise NotApplicable("what the model says was not to be judged")

    @cached_property
    def only_sees(self) -> bool:
        """Whether the model tells plain colours, but the plainest code in neither of two tries."""
        for code in (self.code(), self.code()):
            if holds(code, self.chat([text(READ), part(clear(code))]).said):
                return False
        names = self.chance.sample(_PLAIN, len(_PLAIN))
        asked = text("What color is the background?")
        told = [self.chat([asked, part(coloured(name))]).said.lower() for name in names]
        return sum(name in said for name, said in zip(names, told, strict=True)) >= len(names) - 1

    def refuses(self, reply: Reply, what: str) -> None:
        """See that a request was refused as the client's mistake, in OpenAI's envelope."""
        expected = f"a status of 400 to 499 with an error object: {what}"
        self.expect(400 <= reply.status < 500 and reply.error.get("message"), expected, reply)

    def _asked(self, content: str | Sequence[Json], more: Mapping[str, Any]) -> Json:
        body: Json = {"model": self.model, "max_tokens": 100, "temperature": 0}
        body["messages"] = [{"role": "user", "content": content}]
        body.update(more)
        return {name: value for name, value in body.items() if value is not None}

    def _begin(
        self,
        method: str,
        path: str,
        body: Json | bytes | None,
        key: str | None,
        *,
        root: bool = False,
        kind: str = "application/json",
    ) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        data = body if isinstance(body, bytes) else None if body is None else _written(body)
        self.sent.append(f"{method} {path} {_shortened(body)}".strip())
        host, port = str(self._told.hostname), self._told.port
        connection: http.client.HTTPConnection
        if self._told.scheme == "https":
            context = ssl.create_default_context()
            connection = http.client.HTTPSConnection(
                host, port, timeout=self._timeout_s, context=context
            )
        else:
            connection = http.client.HTTPConnection(host, port, timeout=self._timeout_s)
        headers = {"content-type": kind, **self._headers}
        if said := self.key if key is None else key:
            headers["authorization"] = f"Bearer {said}"
        whole = path if root else self.under + path
        try:
            connection.request(method, whole, data, headers)
            return connection, connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise Failed("an answer", f"no answer: {type(error).__name__}") from None


def _written(body: Json) -> bytes:
    return json.dumps(body).encode()


def _shortened(value: Any) -> str:
    """Write what was sent, with long texts cut: a report is no place for pictures."""

    def cut(part: Any) -> Any:
        if isinstance(part, str) and len(part) > 120:
            return f"{part[:60]}… ({len(part)} characters)"
        if isinstance(part, dict):
            return {name: cut(each) for name, each in part.items()}
        if isinstance(part, list):
            cuts = [cut(each) for each in part[:6]]
            return [*cuts, f"… ({len(part)} in all)"] if len(part) > 6 else cuts
        return part

    if value is None:
        return ""
    if isinstance(value, bytes):
        return f"({len(value)} bytes) {value[:60]!r}"
    return json.dumps(cut(value), ensure_ascii=False)


def holds(code: str, said: str) -> bool:
    """Say whether an answer holds a code, however it is set."""
    return code in squashed(said)


def squashed(said: str) -> str:
    """Give the letters and digits of an answer, in capitals and without gaps."""
    return "".join(sign for sign in said.upper() if sign.isalnum())


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what is expected of a server, from which source, and how it is found out."""

    group: str
    name: str
    source: str
    run: Callable[[Kit], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check found."""

    check: Check
    status: Status
    sent: tuple[str, ...]
    expected: str
    got: str
    seconds: float


CHECKS: list[Check] = []


def check(
    group: str, name: str, source: str
) -> Callable[[Callable[[Kit], None]], Callable[[Kit], None]]:
    """Add a function to the checks. It returns where all is well and raises otherwise."""

    def added(run: Callable[[Kit], None]) -> Callable[[Kit], None]:
        CHECKS.append(Check(group, name, source, run))
        return run

    return added


def outcome(kit: Kit, one: Check) -> Outcome:
    """Make a check."""
    kit.forget()
    began = time.monotonic()
    status: Status = "pass"
    expected = got = ""
    try:
        one.run(kit)
    except Failed as found:
        status, expected, got = "fail", found.expected, found.got
    except NotApplicable as found:
        status, got = "not applicable", str(found)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        # A server may answer in any shape: that is a finding, and no end of the checks.
        status, expected, got = "fail", "an answer in the API's shape", repr(error)[:300]
    return Outcome(one, status, tuple(kit.sent), expected, got, time.monotonic() - began)

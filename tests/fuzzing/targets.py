"""What is fuzzed: how an input is made of a number, and what may come of it and nothing else."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import re
import resource
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import numpy as np
import psutil
import requests

from sightline.errors import EngineBusy, ImageError, InvalidRequest
from sightline.media.container import WHITE
from sightline.media.documents import Documents
from sightline.media.films import Films
from sightline.media.image import ImageBounds, decode, look, walk
from sightline.media.stripped import strip
from sightline.settings import Settings
from sightline.types import FileRef, Inline, Message, Question, Sampling, VideoRef
from tests.fuzzing import mutate
from tests.fuzzing.seeds import seeds
from tests.starting import started
from tests.waiting import PATIENCE_S

MB = 1 << 20
BOUNDS = ImageBounds(max_bytes=5_000_000, max_pixels=4_000_000)
Check = Callable[[bytes], None]


@dataclass(frozen=True)
class Target:
    """`make` gives the input of a number, `ready` what checks it.

    `cpu_s` and `memory_mb` bound one input: processor time, and how much more of memory than
    before any. `share` is how many of its inputs go with a hundred of pictures.
    """

    make: Callable[[Random], bytes]
    ready: Callable[[], contextlib.AbstractContextManager[Check]]
    share: int
    cpu_s: float = 10.0
    memory_mb: int = 300


def picture(chance: Random) -> bytes:
    data, other = chance.choice(seeds("pictures")), chance.choice(seeds("pictures"))
    if chance.random() < 0.25:
        return mutate.anywhere(data, chance, other)
    kinds = ((b"\x89PNG", mutate.png), (b"\xff\xd8", mutate.jpeg), (b"GIF", mutate.gif))
    change = next((change for begins, change in kinds if data.startswith(begins)), mutate.webp)
    return change(data, chance)


@contextmanager
def pictures() -> Iterator[Check]:
    yield check_picture


def check_picture(data: bytes) -> None:
    """Look at a picture and decode it: a picture of the size asked for, or an `ImageError`."""
    try:
        width, height = look(data, "here", BOUNDS).size
        small = max(1, width // 2), max(1, height // 2)
        for size in (None, small):
            pixels = decode(data, "here", BOUNDS, size)
            wanted = size or (width, height)
            assert pixels.shape == (wanted[1], wanted[0], 3), (pixels.shape, wanted)
            assert pixels.dtype == np.uint8
        check_stripped(data)
    except ImageError as error:
        ours(error)


def check_stripped(data: bytes) -> None:
    """What goes on as it came is a picture of the same size, of which nothing is to be left out."""
    found = walk(data, "here", BOUNDS)
    pieces = strip(data.lstrip(WHITE), found)
    if pieces is None:
        return
    file = b"".join(pieces)
    again = walk(file, "here", BOUNDS)
    assert (again.size, again.orientation) == (found.size, 1)
    left = strip(file, again)
    assert left is not None
    assert b"".join(left) == file


def ours(error: InvalidRequest) -> None:
    """An error names its part and says nothing of a library's."""
    assert error.param == "here", error.param
    assert "0x" not in error.message + error.hint, error.message


def document(chance: Random) -> bytes:
    data = chance.choice(seeds("documents"))
    change = mutate.document if chance.random() < 0.8 else mutate.anywhere
    return change(data, chance)


def film(chance: Random) -> bytes:
    data = chance.choice(seeds("films"))
    structured = data[4:8] == b"ftyp" and chance.random() < 0.8
    return (mutate.boxes if structured else mutate.anywhere)(data, chance)


@contextmanager
def documents() -> Iterator[Check]:
    """Documents as a request has them: drawn in a process of its own."""
    settings = Settings(file_draw_s=10)

    async def run(data: bytes) -> None:
        drawer = Documents(settings)
        try:
            ref = FileRef(
                Inline("data:application/pdf;base64," + _base64(data)), "here", "low", "a.pdf"
            )
            await drawer.expand(_asking(ref))
        except EngineBusy:
            raise AssertionError("the process that draws ended") from None
        except InvalidRequest as error:
            ours(error)
        finally:
            await drawer.close()

    yield lambda data: asyncio.run(run(data))


@contextmanager
def films() -> Iterator[Check]:
    """Films as a request has them: decoded in a process of its own."""
    settings = Settings(video_decode_s=10)

    async def run(data: bytes) -> None:
        reader = Films(settings)
        try:
            ref = VideoRef(
                Inline("data:video/mp4;base64," + _base64(data)), "here", "low", Sampling(frames=3)
            )
            await reader.expand(_asking(ref), None)
        except InvalidRequest as error:
            ours(error)
        finally:
            await reader.close()

    yield lambda data: asyncio.run(run(data))


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _asking(ref: FileRef | VideoRef) -> Question:
    return Question(model="gpt-4o", profile="gpt-4o", messages=(Message("user", (ref,)),))


FLAGS = ("--engine", "mirror", "--no-refuse-captchas", "--no-playground", "--body-timeout-s", "5")


@contextmanager
def serving(check: Callable[[str, bytes], None]) -> Iterator[Check]:
    """A real server to send inputs to, which must neither grow nor stop to answer."""
    with started(*FLAGS, noted="NOTES" in os.environ) as (url, process):
        root, server, number = url.removesuffix("/v1"), psutil.Process(process.pid), 0
        for _ in range(20):
            assert requests.get(f"{root}/healthz", timeout=PATIENCE_S).ok
        before = server.memory_info().rss

        def run(data: bytes) -> None:
            nonlocal number
            check(root, data)
            number += 1
            if not number % 20:
                assert requests.get(f"{root}/healthz", timeout=PATIENCE_S).ok
                grown = (server.memory_info().rss - before) / MB
                assert grown < 200, f"the server has grown by {grown:.0f} MB"

        yield run
        assert requests.get(f"{root}/healthz", timeout=PATIENCE_S).ok
        assert process.poll() is None


def head(chance: Random) -> bytes:
    made = mutate.head(chance.choice(seeds("heads")), chance)
    if chance.random() < 0.3:
        made += mutate.head(chance.choice(seeds("heads")), chance)
    return made


_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3}) ")


def check_head(root: str, data: bytes) -> None:
    """Send bytes to a socket, in one piece or several: no answer, or one below 500."""
    split, cut = urlsplit(root), len(data) // 3
    pieces = [data] if len(data) % 2 else [data[:cut], data[cut : 2 * cut], data[2 * cut :]]
    with socket.create_connection((split.hostname or "", split.port or 0), 30) as connection:
        said = b""
        try:
            for piece in pieces:
                connection.sendall(piece)
            connection.shutdown(socket.SHUT_WR)
            while got := connection.recv(65536):
                said += got
                assert len(said) < 10 * MB, "an answer without end"
        except TimeoutError:
            raise AssertionError("no answer, and no end") from None
        except OSError:
            pass  # it was refused before all of it was sent
    assert not said or _STATUS.match(said), said[:100]
    for status in _STATUS.findall(said):
        # 505 and 501 are what HTTP has for versions and codings that are not known.
        assert int(status) < 500 or status in (b"501", b"505"), said[:300]


def body(chance: Random) -> bytes:
    told = json.loads(chance.choice(seeds("bodies")))
    made = mutate.body(json.dumps(told["body"]).encode(), chance)
    path: bytes = told["path"].encode()
    return path + b"\n" + made


def check_body(root: str, data: bytes) -> None:
    """Post a body: an answer, or an error below 500 in the envelope."""
    path, _, sent = data.partition(b"\n")
    kind = {"content-type": "application/json"}
    reply = requests.post(root + path.decode(), data=sent, headers=kind, timeout=60)
    assert reply.status_code < 500, reply.text[:300]
    if reply.status_code >= 400:
        assert {"message", "type", "param", "code"} <= set(reply.json()["error"])


def check_sent(root: str, data: bytes) -> None:
    """Ask about a picture: an answer, or a refusal that names it."""
    url = "data:image/png;base64," + base64.b64encode(data).decode()
    part = {"type": "image_url", "image_url": {"url": url}}
    asked = {"model": "gpt-4o", "messages": [{"role": "user", "content": [part]}]}
    reply = requests.post(f"{root}/v1/chat/completions", json=asked, timeout=60)
    assert reply.status_code in (200, 400), reply.text[:300]
    if reply.status_code == 400:
        assert reply.json()["error"]["param"] == "messages[0].content[0].image_url.url"


def urls() -> contextlib.AbstractContextManager[Check]:
    from tests.fuzzing.addresses import checking

    return checking()


TARGETS = {
    "pictures": Target(picture, pictures, 100, cpu_s=3.0),
    "sent pictures": Target(picture, lambda: serving(check_sent), 20, memory_mb=200),
    "addresses": Target(lambda chance: chance.randbytes(8), urls, 1, memory_mb=200),
    "heads": Target(head, lambda: serving(check_head), 60, memory_mb=100),
    "bodies": Target(body, lambda: serving(check_body), 60, memory_mb=200),
    "documents": Target(document, documents, 3, memory_mb=200),
    "films": Target(film, films, 3, memory_mb=200),
}


class Usage:
    """Sees that one input after the other stays within its bounds."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._began = time.process_time()
        self._most: int | None = None

    def begin(self) -> None:
        """Note what is there before an input."""
        self._began = time.process_time()
        if self._most is None:
            self._most = _peak_mb() + self._target.memory_mb

    def end(self) -> None:
        """Look at what an input took."""
        taken = time.process_time() - self._began
        assert taken < self._target.cpu_s, f"it took {taken:.1f} s"
        assert _peak_mb() < (self._most or 0), f"memory rose to {_peak_mb()} MB"


def _peak_mb() -> int:
    # Of this program alone: `ru_maxrss` begins with what the process had that started it.
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text("utf-8").split("VmHWM:")[1].split()[0]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

"""What the tests have perceived already: each picture is read and seen, each sound heard, once in a run.

What is asked of a picture, in how many words and by which door, is another test each time; what
stands in it is the same, as what is said in a sound is by the same model for the same task. It is kept in a folder that all processes of a run share, which
`PERCEIVED` names. `python -m tests.perceived` is the command line in a process that looks there.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import pickle
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager, suppress
from dataclasses import asdict
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile, mkdtemp
from typing import Any, TypeVar
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from sightline.hearing.whisper import Whisper
from sightline.perception.rows import Box
from sightline.perception.text import PageText, TextReader
from sightline.perception.things import Eyes, Sighting
from sightline.perception.vocabulary import vocabulary
from sightline.types.transcripts import Segment, Task
from sightline.workers import Stop

FOLDER = "PERCEIVED"
Pixels = NDArray[np.uint8]
T = TypeVar("T")


@cache
def _with_the_package() -> tuple[dict[int, str], dict[str, object]]:
    """What comes with the package and is large or compared by identity: ids to names, and back."""
    known = vocabulary()
    kinds = {} if known is None else {f"kind {number}": k for number, k in known.things.items()}
    named: dict[str, object] = {"vocabulary": known, **kinds}
    return {id(each): name for name, each in named.items() if each is not None}, named


class _Pickler(pickle.Pickler):
    def persistent_id(self, each: object) -> str | None:
        return _with_the_package()[0].get(id(each))


class _Unpickler(pickle.Unpickler):
    def persistent_load(self, name: str) -> object:
        return _with_the_package()[1][name]


def _place(what: str, data: bytes) -> Path:
    """Say where it is kept what was made of data."""
    return Path(os.environ[FOLDER]) / hashlib.sha256(what.encode() + data).hexdigest()


def _load(path: Path) -> Any:
    """Give what is kept at a place. Raises `FileNotFoundError`."""
    return _Unpickler(BytesIO(path.read_bytes())).load()


def _keep(path: Path, made: object) -> None:
    with NamedTemporaryFile(dir=path.parent, delete=False) as file:
        _Pickler(file).dump(made)
    os.replace(file.name, path)


def _kept(what: str, pixels: Pixels, make: Callable[[], T]) -> T:
    """Give what was made of pixels in this run, by whichever process; make it if none has."""
    path = _place(f"{what} {pixels.shape}", pixels.tobytes())
    with suppress(FileNotFoundError):
        found: T = _load(path)
        return found
    made = make()
    _keep(path, made)
    return made


@contextmanager
def anew() -> Iterator[None]:
    """Have every picture and sound perceived anew meanwhile, for a test of the perceiving.

    What other processes of the run have perceived stays as it is.
    """
    with patch.dict(os.environ, {FOLDER: mkdtemp(dir=os.environ[FOLDER])}):
        yield


@cache
def perceive_once() -> None:
    """Have this process load no network twice, and perceive nothing that was perceived already."""
    _see_once()
    _hear_once()


def _hear_once() -> None:
    hear = Whisper.transcribe

    async def hear_once(
        self: Whisper, samples: bytes, model: str, task: Task
    ) -> AsyncGenerator[Segment]:
        self.check()
        folder = await asyncio.to_thread(self._found, model)
        path = _place(f"heard {folder.name} {asdict(task)}", samples)
        if path.exists():
            for segment in _load(path):
                yield segment
            return
        found: list[Segment] = []
        async with aclosing(hear(self, samples, model, task)) as segments:
            async for segment in segments:
                found.append(segment)
                yield segment
        _keep(path, found)

    Whisper.transcribe = hear_once  # type: ignore[method-assign]


def _see_once() -> None:
    load_reader, read = TextReader.__init__, TextReader.read
    load_eyes, see = Eyes.__init__, Eyes.see
    readers: dict[int, TextReader] = {}
    eyes: dict[int, dict[str, Any]] = {}

    def no_reader(self: TextReader, threads: int) -> None:
        self.threads = threads  # type: ignore[attr-defined]

    def read_once(
        self: TextReader, pixels: Pixels, stop: Stop, *, glance: bool = False
    ) -> PageText:
        def make() -> PageText:
            threads: int = self.threads  # type: ignore[attr-defined]
            if threads not in readers:
                made = TextReader.__new__(TextReader)
                load_reader(made, threads)
                readers[threads] = made
            return read(readers[threads], pixels, stop, glance=glance)

        stop.check()
        return _kept(f"read {glance}", pixels, make)

    def same_eyes(self: Eyes, threads: int) -> None:
        if threads not in eyes:
            load_eyes(self, threads)
            eyes[threads] = vars(self)
        vars(self).update(eyes[threads])

    def see_once(
        self: Eyes, pixels: Pixels, *, closely: bool, stop: Stop, only: tuple[Box, ...] = ()
    ) -> Sighting:
        stop.check()
        make = lambda: see(self, pixels, closely=closely, stop=stop, only=only)  # noqa: E731
        return _kept(f"seen {closely} {only} {self.can_see} {self.knows_kinds}", pixels, make)

    TextReader.__init__ = no_reader  # type: ignore[method-assign]
    TextReader.read = read_once  # type: ignore[method-assign]
    Eyes.__init__ = same_eyes  # type: ignore[method-assign]
    Eyes.see = see_once  # type: ignore[method-assign]


if __name__ == "__main__":
    from sightline.cli.main import main

    perceive_once()
    raise SystemExit(main())

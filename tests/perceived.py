"""What this process has perceived: networks are loaded once, and each picture is read and seen once.

For commands, engines and servers that tests run within their own process. What is asked of a
picture, in how many words, is another test each time; what stands in it is the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from sightline.perception.rows import Box
from sightline.perception.text import PageText, TextReader
from sightline.perception.things import Eyes, Sighting
from sightline.workers import Stop

Pixels = NDArray[np.uint8]
T = TypeVar("T")


def _key(pixels: Pixels) -> bytes:
    return hashlib.sha256(repr(pixels.shape).encode() + pixels.tobytes()).digest()


def _loaded_once(made: type) -> Callable[[Any, int], None]:
    """Give a way to make one that shares its networks with all that have as many threads."""
    load: Callable[[Any, int], None] = made.__init__  # type: ignore[misc]
    kept: dict[int, dict[str, Any]] = {}

    def once(self: Any, threads: int) -> None:
        if threads not in kept:
            load(self, threads)
            kept[threads] = vars(self)
        vars(self).update(kept[threads])

    return once


@contextmanager
def perceiving_once() -> Iterator[None]:
    """Have nothing loaded, read or seen twice."""
    read, see = TextReader.read, Eyes.see
    readings: dict[bytes, PageText] = {}
    sights: dict[tuple[bytes, bool, tuple[Box, ...]], Sighting] = {}

    def read_once(self: TextReader, pixels: Pixels, stop: Stop) -> PageText:
        stop.check()
        key = _key(pixels)
        if key not in readings:
            readings[key] = read(self, pixels, stop)
        return readings[key]

    def see_once(
        self: Eyes, pixels: Pixels, *, closely: bool, stop: Stop, only: tuple[Box, ...] = ()
    ) -> Sighting:
        stop.check()
        key = _key(pixels), closely, only
        if key not in sights:
            sights[key] = see(self, pixels, closely=closely, stop=stop, only=only)
        return sights[key]

    with (
        patch.object(TextReader, "__init__", _loaded_once(TextReader)),
        patch.object(TextReader, "read", read_once),
        patch.object(Eyes, "__init__", _loaded_once(Eyes)),
        patch.object(Eyes, "see", see_once),
    ):
        yield

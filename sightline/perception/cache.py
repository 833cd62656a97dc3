"""What was perceived in pictures, kept for a short time for who asks about the same picture again.

Texts, boxes, names and probabilities are kept, never pixels, a picture's file or what was asked. It
is found by a keyed hash of the pixels and of whose they are: without the very picture nothing is
found, and by one client nothing of another's, not even by the time that an answer takes. It lies in
memory alone, and ends with the process.
"""

from __future__ import annotations

import hashlib
import secrets
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from sightline.perception.vocabulary import ThingKind, Vocabulary

T = TypeVar("T")


@dataclass(slots=True)
class _Remembered(Generic[T]):
    value: T
    until: float
    size: int


class PerceptionCache(Generic[T]):
    """So many bytes of what was perceived, each for so many seconds since it was last asked for.

    Usable from several threads. With 0 seconds or bytes nothing is kept.
    """

    def __init__(
        self, seconds: float, most_bytes: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds, self._most, self._clock = seconds, most_bytes, clock
        self._secret = secrets.token_bytes(32)
        self._held: OrderedDict[bytes, _Remembered[T]] = (
            OrderedDict()
        )  # the one to go first is first
        self._lock = threading.Lock()
        self.bytes = 0

    @property
    def keeps(self) -> bool:
        """Whether anything is kept at all."""
        return self._seconds > 0 and self._most > 0

    def key(self, owner: str, *told: str) -> bytes:
        """Give the key of an owner's picture, `told` by its digest and how it is looked at."""
        seal = hashlib.blake2b(digest_size=32, key=self._secret)
        for part in (owner, *told):
            data = part.encode()
            seal.update(len(data).to_bytes(8, "big") + data)
        return seal.digest()

    def find(self, key: bytes) -> T | None:
        """Give what is kept, and keep it for its time from now on; None where nothing is."""
        with self._lock:
            self._sweep()
            found = self._held.get(key)
            if found is None:
                return None
            found.until = self._clock() + self._seconds
            self._held.move_to_end(key)
            return found.value

    def keep(self, key: bytes, value: T) -> None:
        """Keep something; the oldest go where there is too much, and it where it alone is."""
        size = size_of(value)
        with self._lock:
            self._drop(key)
            self._sweep()
            if self.keeps and size <= self._most:
                self._held[key] = _Remembered(value, self._clock() + self._seconds, size)
                self.bytes += size
                self._fit()

    def weigh(self, key: bytes) -> None:
        """Weigh anew what has been asked about since it was kept: an answer makes more of it."""
        with self._lock:
            found = self._held.get(key)
        if found is None:
            return
        size = size_of(found.value)
        with self._lock:
            if self._held.get(key) is found:
                self.bytes += size - found.size
                found.size = size
                self._fit()

    def sweep(self) -> float | None:
        """Forget what is kept no longer; give in how many seconds the next is, None of nothing."""
        with self._lock:
            self._sweep()
            first = next(iter(self._held.values()), None)
            return None if first is None else max(0.0, first.until - self._clock())

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._held.clear()
            self.bytes = 0

    def _drop(self, key: bytes) -> None:
        found = self._held.pop(key, None)
        self.bytes -= 0 if found is None else found.size

    def _sweep(self) -> None:
        now = self._clock()
        while self._held and next(iter(self._held.values())).until <= now:
            self._drop(next(iter(self._held)))

    def _fit(self) -> None:
        while self.bytes > self._most:
            self._drop(next(iter(self._held)))


def size_of(value: object) -> int:
    """Give about how many bytes a value takes with all in it, but for what the package has once."""
    seen: set[int] = set()
    waiting, total = [value], 0
    while waiting:
        each = waiting.pop()
        if each is None or id(each) in seen or isinstance(each, (bool, Vocabulary, ThingKind)):
            continue
        seen.add(id(each))
        total += sys.getsizeof(each)
        if isinstance(each, np.ndarray):
            waiting.append(each.base)
        elif isinstance(each, (tuple, list, set, frozenset)):
            waiting.extend(each)
        elif isinstance(each, dict):
            waiting.extend(each)
            waiting.extend(each.values())
        elif not isinstance(each, (str, bytes, int, float, np.generic)):
            waiting.extend(_parts(each))
    return total


def _parts(value: object) -> Iterator[object]:
    """Give what an object of ours has: its attributes, by name or in slots."""
    yield getattr(value, "__dict__", None)
    for kind in type(value).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            yield getattr(value, name, None)

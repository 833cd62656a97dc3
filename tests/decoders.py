"""Processes that decode pictures, kept from one server or command of this process to the next.

To start one takes a fifth of a second of processor time, and most servers of tests are sent a picture
or two. Those in processes of their own start and end theirs, as do tests of the decoding itself.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar

from sightline.errors import EngineBusy
from sightline.media import decoding, prepare
from sightline.media.decoding import DecodeLimits, Decoders

_MOST = 2  # of a kind
_kept: dict[int, list[decoding._Child]] = {}  # by the memory that they may take
_keeping = threading.Lock()
# Such a process ends with the thread that started it.
_starting = ThreadPoolExecutor(1, "decoders")


_keeps = ContextVar("keeps", default=False)


@contextmanager
def keeping() -> Iterator[None]:
    """Have what is made meanwhile, here and in what this begins, use those that are kept."""
    token = _keeps.set(True)
    try:
        yield
    finally:
        _keeps.reset(token)


def end() -> None:
    """End those that are kept."""
    with _keeping:
        left = [child for some in _kept.values() for child in some]
        _kept.clear()
    for child in left:
        child.end()


class _Kept(Decoders):
    def warm(self) -> None:
        """Leave it to the first picture to start one: most servers of tests are sent none."""

    def _lease(self) -> decoding._Child:
        with self._lock:
            none = not self._idle and not self._closed
        if none:
            child = self._found()
            with self._lock:
                self._idle.append(child)
        try:
            return super()._lease()
        except EngineBusy:  # closed meanwhile
            self.close()
            raise

    def _found(self) -> decoding._Child:
        memory = self._limits.memory
        with _keeping:
            some = _kept.get(memory, [])
            while some:
                if (child := some.pop()).is_alive:
                    return child
                child.end()
        return _starting.submit(decoding._Child, memory, shared=self._shared).result()

    def close(self) -> None:
        """End those at work, and leave the others to the next server."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for child in idle:
            with _keeping:
                some = _kept.setdefault(self._limits.memory, [])
                if kept := child.usable and child.is_alive and len(some) < _MOST:
                    some.append(child)
            if not kept:
                child.end()
        super().close()


def _decoders(limits: DecodeLimits) -> Decoders:
    return _Kept(limits) if _keeps.get() else Decoders(limits)


prepare.Decoders = _decoders  # type: ignore[assignment,attr-defined]

"""Responses that are kept for those that follow them: in memory, for a time, within bounds.

Nothing of them is on a disk, since they hold pictures. With no retention nothing is kept.
"""

from __future__ import annotations

import sys
import time
from collections import OrderedDict
from collections.abc import Container
from dataclasses import dataclass, field
from typing import Any

from sightline.types import FileRef, ImageRef, Inline, Message, Text, Url, VideoRef


@dataclass(frozen=True, slots=True)
class Response:
    """A response: whose it is, what was said up to and with it, and what it was sent as."""

    owner: str
    body: dict[str, Any] = field(repr=False)
    items: tuple[dict[str, Any], ...] = field(repr=False)
    turns: tuple[Message, ...] = field(repr=False)

    @property
    def bytes(self) -> int:
        """About what it takes: texts and pictures, as they were sent."""
        return 4096 + sum(_weight(part) for turn in self.turns for part in turn.parts)


def _weight(part: object) -> int:
    if isinstance(part, Text):
        return sys.getsizeof(part.text)
    if isinstance(part, ImageRef | VideoRef | FileRef) and isinstance(part.source, Url | Inline):
        return 2 * sys.getsizeof(part.source.url)  # the items hold it too
    return 1024


class Kept:
    """The responses of all, the oldest of which go first where there are too many."""

    def __init__(self, seconds: float, most_bytes: int) -> None:
        self._seconds, self._most = seconds, most_bytes
        self._held: OrderedDict[str, tuple[float, Response]] = OrderedDict()
        self.bytes = 0

    def add(self, id: str, response: Response) -> None:
        """Keep a response, unless it alone is too large."""
        if response.bytes > self._most:
            return
        self._held[id] = time.monotonic() + self._seconds, response
        self.bytes += response.bytes
        while self.bytes > self._most:
            self.remove(next(iter(self._held)))
        self._sweep()

    def find(self, id: str, owners: Container[str]) -> Response | None:
        """Give a response of one of the owners; None for another's, and for one kept no longer."""
        self._sweep()
        _, found = self._held.get(id, (0.0, None))
        return found if found is not None and found.owner in owners else None

    def remove(self, id: str) -> None:
        """Forget a response."""
        _, gone = self._held.pop(id)
        self.bytes -= gone.bytes

    def _sweep(self) -> None:
        now = time.monotonic()
        while self._held:
            id, (until, _) = next(iter(self._held.items()))
            if until > now:
                return
            self.remove(id)

"""What is kept for those who ask again: responses, conversations and completions, in memory.

For a time and within bounds. Nothing of it is on a disk, since it holds pictures; with no retention
nothing is kept.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Protocol, TypeVar


class Storable(Protocol):
    """What can be kept: whose it is, and about how many bytes it takes (`weight`)."""

    @property
    def owner(self) -> str: ...  # noqa: D102
    @property
    def weight(self) -> int: ...  # noqa: D102


T = TypeVar("T", bound=Storable)


class ResponseStore:
    """The things of all owners, the oldest of which go first where there are too many."""

    def __init__(self, seconds: float, most_bytes: int) -> None:
        self._seconds, self._most = seconds, most_bytes
        self._held: OrderedDict[str, tuple[float, int, Storable]] = OrderedDict()
        self.bytes = 0

    def add(self, id: str, thing: Storable) -> bool:
        """Keep a thing from now on, also one that has changed; not where it alone is too large."""
        self.remove(id)
        weight = thing.weight
        if weight > self._most:
            return False
        self._held[id] = time.monotonic() + self._seconds, weight, thing
        self.bytes += weight
        while self.bytes > self._most:
            self.remove(next(iter(self._held)))
        self._sweep()
        return True

    def find(self, id: str, owner: str, of: type[T]) -> T | None:
        """Give a thing of an owner; None for another's, and for one kept no longer."""
        self._sweep()
        _, _, found = self._held.get(id, (0.0, 0, None))
        return found if isinstance(found, of) and found.owner == owner else None

    def all(self, owner: str, of: type[T]) -> list[T]:
        """Give the things of a kind that an owner has, the oldest first."""
        self._sweep()
        return [t for _, _, t in self._held.values() if isinstance(t, of) and t.owner == owner]

    def remove(self, id: str) -> None:
        """Forget a thing, where it is kept."""
        _, weight, _ = self._held.pop(id, (0.0, 0, None))
        self.bytes -= weight

    def _sweep(self) -> None:
        now = time.monotonic()
        while self._held:
            id, (until, _, _) = next(iter(self._held.items()))
            if until > now:
                return
            self.remove(id)

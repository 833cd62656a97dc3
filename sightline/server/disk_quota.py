"""Room on the disk: reserved before anything is written, given back when that is gone."""

from __future__ import annotations

from collections import Counter

from sightline.errors import EngineBusy

_RETRY_S = 30.0


def full(what: str) -> EngineBusy:
    """Make the error for a disk, or a share of one, that takes no more."""
    return EngineBusy(
        f"There is no room for {what} at the moment.",
        retry_s=_RETRY_S,
        hint="Fetch or delete those that are done, or try again when they have expired.",
    )


class DiskQuota:
    """So many bytes in all, and so many for each owner."""

    def __init__(self, most: int, each: int) -> None:
        self._most, self._each = most, each
        self._owners: Counter[str] = Counter()
        self.bytes = 0

    def reserve(self, owner: str, count: int, what: str) -> DiskReservation:
        """Reserve bytes for an owner. Raises `EngineBusy` where there is no room."""
        if self.bytes + count > self._most or self._owners[owner] + count > self._each:
            raise full(what)
        return DiskReservation(self, owner, count)

    def change(self, owner: str, by: int) -> None:
        """Count more or fewer bytes of an owner's."""
        self.bytes += by
        self._owners[owner] += by
        if not self._owners[owner]:
            del self._owners[owner]


class DiskReservation:
    """Room that is reserved; it may turn out that another amount is needed."""

    def __init__(self, room: DiskQuota, owner: str, count: int) -> None:
        self._room, self._owner = room, owner
        self._count = 0
        self.set(count)

    def set(self, count: int) -> None:
        """Count so many bytes from now on; 0 gives all back."""
        self._room.change(self._owner, count - self._count)
        self._count = count

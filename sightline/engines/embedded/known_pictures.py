"""Pictures that a client asked about a moment ago: what was read and seen in them, not they."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from sightline import telemetry
from sightline.engines.embedded.ear.listening import Ear
from sightline.engines.embedded.evidence import Exhibit, Known, known
from sightline.perception.cache import PerceptionCache
from sightline.types import Picture


class KnownPictures:
    """What is known of clients' pictures, for `seconds` each and within so many bytes.

    Of a question that says not whose it is nothing is kept. Used on workers, but for
    `forget_in_time` and `close`.
    """

    def __init__(self, seconds: float, most_bytes: int) -> None:
        self._memory: PerceptionCache[Known] = PerceptionCache(seconds, most_bytes)
        self._timer: asyncio.TimerHandle | None = None

    def find(self, owner: str, number: int, picture: Picture, ear: Ear | None) -> Exhibit | None:
        """Give the exhibit of a picture that its owner has asked about; None of any other."""
        if not self.keeps(owner):
            return None
        found = self._memory.find(self._key(owner, picture))
        telemetry.count("perceived", source="pixels" if found is None else "memory")
        return None if found is None else found.exhibit(number, picture, ear)

    def keep(self, owner: str, exhibit: Exhibit) -> None:
        """Keep what is known of a picture for its owner."""
        if self.keeps(owner):
            self._memory.keep(self._key(owner, exhibit.survey.picture), known(exhibit))

    def keeps(self, owner: str) -> bool:
        """Say whether anything is kept of an owner's pictures."""
        return bool(owner) and self._memory.keeps

    def weigh(self, owner: str, exhibits: Sequence[Exhibit]) -> None:
        """Have the bound hold after an answer, too, which makes more out of what was read."""
        if self.keeps(owner):
            for each in exhibits:
                self._memory.weigh(self._key(owner, each.survey.picture))

    def forget_in_time(self) -> None:
        """See that all is forgotten when its time is over, though nobody asks any more."""
        if self._timer is None:
            self._forget()

    def close(self) -> None:
        """Forget all."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._memory.clear()

    def _forget(self) -> None:
        self._timer = None
        due = self._memory.sweep()
        if due is not None:
            self._timer = asyncio.get_running_loop().call_later(due, self._forget)

    def _key(self, owner: str, picture: Picture) -> bytes:
        closely, glance = picture.detail != "low", picture.film
        return self._memory.key(owner, picture.digest, str(closely), str(glance))

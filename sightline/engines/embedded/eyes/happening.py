"""What a sentence of a narration is about: something that happens, and the things in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sightline.engines.embedded.eyes.lexicon import a, number, plural

What = Literal[
    "opens", "returns", "reads", "signs", "enters", "appears", "reached", "seen", "moves",
    "crosses", "nears",
    "recedes", "leaves", "goes", "pans", "tilts", "closes in", "widens", "turns", "black", "detail", "dwindles",
    "stirs",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Group:
    """Things of one kind: `count` as far as it is sure, 0 for several; `side` where it stands."""

    name: str
    count: int = 1
    side: str = ""

    @property
    def is_plural(self) -> bool:
        """Whether there are several."""
        return self.count != 1

    @property
    def first(self) -> str:
        """As it is called the first time: a dog, two dogs, several dogs, dogs."""
        if self.count == 1:
            return a(self.name)
        many = number(self.count) if self.count > 0 else "several" if self.count == 0 else ""
        return f"{many} {plural(self.name)}".strip()

    @property
    def again(self) -> str:
        """As it is called after that: the dog, the dogs."""
        return f"the {plural(self.name) if self.is_plural else self.name}"


@dataclass(frozen=True, slots=True)
class Happening:
    """Something to tell between `at_s` and `until_s`, in seconds; what matters most weighs most.

    `groups` are the things in it and `words` what else is told: sides, lines of text, colours, a
    place. `scene` numbers the scene; `key` is the same of all that happens to one thing.
    """

    what: What
    at_s: float
    until_s: float
    weight: int
    groups: tuple[Group, ...] = ()
    words: tuple[str, ...] = ()
    scene: int = 0
    key: int = 0

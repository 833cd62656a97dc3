"""The seam: all that the author of an engine has to read.

An engine is given a `Question` whose pictures are decoded, and gives `Delta`s. It never sees
JSON, HTTP, URLs or files. It raises errors of `sightline.errors` only. `TABLE` names the engines;
one is imported when it is asked for.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import ClassVar, Literal, cast

from sightline.errors import UsageError
from sightline.settings import Settings
from sightline.types import Delta, Question
from sightline.workers import Workers

TABLE = {
    "nano": "sightline.engines.nano:Nano",
    "reader": "sightline.engines.embedded.engine:Reader",
    "mirror": "sightline.engines.mirror:Mirror",
    "llamacpp": "sightline.engines.llamacpp.engine:LlamaCpp",
    "upstream": "sightline.engines.upstream.engine:Upstream",
}
# What comes with the package: nothing of a model's settings changes them.
BUILT_IN = frozenset({"nano", "reader", "mirror"})
Views = Literal["whole", "tiles"]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an engine can honour; a request for more is refused before it starts.

    `lacks` names the request's fields that it has no means to honour. `views` is how it best sees
    a picture whose profile has tiles: sized and whole, or as the overview and the tiles.
    `interleaves` says whether it keeps text and pictures in the order sent; for one that does
    not, each picture of several is labelled "Image 1:" and so on. `context` is the most tokens of
    one exchange where the engine bounds them itself. `surveys` asks for what happens in films to be
    looked for and told, which an engine that sees need not be told. `assist` asks for what can be
    read in pictures to be put after each, as the setting of that name does. `parallel` is how many
    questions it works on at once, None where that is not its own to say.
    """

    lacks: frozenset[str] = frozenset()
    views: Views = "whole"
    interleaves: bool = True
    context: int | None = None
    surveys: bool = False
    assist: bool = False
    parallel: int | None = None


class Engine(ABC):
    """One engine. Made with the settings and the pool on which its heavy work is to run.

    `capabilities` and `serves`, the ids of the models that it answers as, hold once it is loaded;
    `takes_any` says that it may know models besides those, `ready` whether it can answer now.
    """

    name: ClassVar[str]
    capabilities: Capabilities = Capabilities()
    serves: tuple[str, ...] = ()
    takes_any: bool = False
    ready: bool = True

    @abstractmethod
    def __init__(self, settings: Settings, workers: Workers) -> None: ...

    def check(self) -> None:
        """Find out, before anything is served, what is wrong with the engine's settings.

        Blocks for a few seconds at most. Raises `UsageError`.
        """
        return

    async def load(self) -> None:
        """Load what answering needs; called once, in the background. Raises `EngineError`."""
        return

    @abstractmethod
    def answer(self, question: Question) -> AsyncIterator[Delta]:
        """Answer; the last delta carries `finish`. Closing the iterator ends the work."""

    @abstractmethod
    async def count(self, texts: Sequence[str]) -> int:
        """Count the tokens of texts as this engine sees them, or as near as it can tell."""

    async def close(self) -> None:
        """Free what `load` took."""
        return


def make(name: str, settings: Settings, workers: Workers) -> Engine:
    """Make the engine called `name`. Raises `UsageError` for a name that is not in the table."""
    if name not in TABLE:
        raise UsageError(
            f"There is no engine called {name!r}.", hint=f"Engines: {', '.join(TABLE)}."
        )
    module, _, attribute = TABLE[name].partition(":")
    made = cast(type[Engine], getattr(import_module(module), attribute))
    return made(settings, workers)

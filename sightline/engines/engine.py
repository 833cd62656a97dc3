"""The seam: all that the author of an engine has to read.

An engine is given a `Question` whose pictures are decoded, and gives `Delta`s. It never sees
JSON, HTTP, URLs or files. It raises errors of `sightline.errors` only. `TABLE` names the engines;
one is imported when it is asked for.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from importlib import import_module
from typing import Literal, Protocol, cast

from sightline.errors import UsageError
from sightline.settings import Settings
from sightline.types import Delta, Question
from sightline.workers import Workers

TABLE = {
    "reader": "sightline.engines.reader.engine:Reader",
    "mirror": "sightline.engines.mirror:Mirror",
}
Views = Literal["whole", "tiles"]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an engine can honour; a request for more is refused before it starts.

    `views` is how it best sees a picture whose profile has tiles: sized and whole, or as the
    overview and the tiles. `interleaves` says whether it keeps text and pictures in the order
    sent; for one that does not, each picture of several is labelled "Image 1:" and so on.
    """

    logprobs: bool = False
    tools: bool = True
    views: Views = "whole"
    interleaves: bool = True


class Engine(Protocol):
    """One engine. Made with the settings and the pool on which its heavy work is to run."""

    name: str
    capabilities: Capabilities

    async def load(self) -> None:
        """Load what answering needs; called once, in the background. Raises `EngineError`."""

    def answer(self, question: Question) -> AsyncIterator[Delta]:
        """Answer; the last delta carries `finish`. Closing the iterator ends the work.

        An engine that is still loading waits for that first.
        """

    def count(self, text: str) -> int:
        """Count the tokens of a text as this engine sees it."""

    async def close(self) -> None:
        """Free what `load` took."""


def make(name: str, settings: Settings, workers: Workers) -> Engine:
    """Make the engine called `name`. Raises `UsageError` for a name that is not in the table."""
    if name not in TABLE:
        raise UsageError(
            f"There is no engine called {name!r}.", hint=f"Engines: {', '.join(TABLE)}."
        )
    module, _, attribute = TABLE[name].partition(":")
    return cast(Engine, getattr(import_module(module), attribute)(settings, workers))

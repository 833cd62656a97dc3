"""The seam: all that the author of an engine has to read.

An engine is given a `Question` whose pictures are decoded, and gives `Delta`s. It never sees
JSON, HTTP, URLs or files, but for JSON that it relays. What it raises of `sightline.errors` is told
to clients as it is; of anything else they are told that the engine failed. `ENGINES` is the table
of the engines that have names; one is imported when it is asked for.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Literal

from sightline import plugins
from sightline.api import checks
from sightline.errors import RouteNotFound
from sightline.settings import TABLE, Settings
from sightline.types import Decided, Delta, Question
from sightline.workers import Workers

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
    questions it works on at once, None where that is not its own to say. `decides` says whether it
    can tell how likely answers are, which `Engine.decide` asks for, and `relays` whether it passes
    requests that are no questions on to another server, which `Engine.relay` asks for. `files` are
    the formats ("JPEG", "PNG", "WEBP") of which it takes a picture as its file, where that came as
    it is to be seen: `Picture.file` is set then, and there are no pixels.
    """

    lacks: frozenset[str] = frozenset()
    views: Views = "whole"
    interleaves: bool = True
    context: int | None = None
    surveys: bool = False
    assist: bool = False
    parallel: int | None = None
    decides: bool = False
    relays: bool = False
    files: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """What an engine is told of the settings: each field has the name of one, and its value.

    `model` is what --model says, "" where it says nothing; `context` the most tokens of an
    exchange, 0 for any; `models_folder` where models are kept; `worker_threads` how many threads
    may compute; with `zero_retention` nothing of a question may be kept once it is answered, else
    what was perceived in its pictures for `seen_keep_s` seconds, in `max_seen_bytes`.
    An engine that needs others derives a dataclass from this one and names it in `options_class`:
    any setting that may differ for a model can be a field of it.
    """

    model: str = ""
    context: int = 0
    models_folder: Path = Path()
    worker_threads: int = 1
    zero_retention: bool = False
    seen_keep_s: float = 0.0
    max_seen_bytes: int = 0


class Engine(ABC):
    """One engine. Made with its options and the pool on which its heavy work is to run.

    `capabilities` and `serves`, the ids of the models that it answers as, hold once it is loaded;
    `takes_any` says that it may know models besides those, `ready` whether it can answer now.
    `embedded` says that it comes whole, so that no model's settings change it, and that its work
    is on the workers; `local` that nothing of a question leaves this machine, so that nothing is
    covered in it (the setting `redact`); `exclusive` that one takes a machine's cores, or its GPU,
    for itself.
    `memory` are the bytes that it takes while it is loaded. An exclusive engine whose `check` says
    so, and what it is capable of, is loaded when somebody asks, and closed and loaded again as
    others of its kind need room.
    """

    name: ClassVar[str]
    options_class: ClassVar[type[EngineOptions]] = EngineOptions
    embedded: ClassVar[bool] = False
    local: ClassVar[bool] = False
    exclusive: ClassVar[bool] = False
    capabilities: Capabilities = Capabilities()
    serves: tuple[str, ...] = ()
    takes_any: bool = False
    ready: bool = True
    memory: int = 0

    def __init__(self, options: EngineOptions, workers: Workers) -> None:
        """Take the options; what takes long is left to `load`. Raises `UsageError`."""
        self.options = options
        self.workers = workers

    @classmethod
    def models(cls, options: EngineOptions) -> tuple[str, ...]:
        """Name the models that the options ask for, each to have an engine; the first is the usual.

        Raises `SightlineError`.
        """
        return (options.model,)

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

    async def decide(self, question: Question) -> Decided:
        """Decide what is asked in `question.decide`, each question by itself, in their order.

        What cannot be decided is refused in its `Verdict`. Only asked of an engine that `decides`.
        """
        raise checks.unsupported("questions")

    async def relay(self, path: str, body: Mapping[str, Any]) -> Any:
        """Have the server behind answer a request at one of the API's paths, JSON for JSON.

        Only asked of an engine that `relays`. Raises `RouteNotFound` where that server has no such
        path.
        """
        raise RouteNotFound(f"There is no {path} behind this engine.")

    @abstractmethod
    async def count(self, texts: Sequence[str]) -> int:
        """Count the tokens of texts as this engine sees them, or as near as it can tell."""

    async def close(self) -> None:
        """Free what `load` took."""
        return


ENGINES: plugins.Registry[Engine] = plugins.Registry(
    "engine",
    Engine,
    "sightline.engines",
    {
        "nano": "sightline.engines.nano:Nano",
        "reader": "sightline.engines.embedded.engine:Reader",
        "mirror": "sightline.engines.mirror:Mirror",
        "llamacpp": "sightline.engines.llamacpp.engine:LlamaCpp",
        "upstream": "sightline.engines.upstream.engine:Upstream",
    },
    "There is no engine called {name}.",
)
# No engine is told of keys, addresses and folders that are not its own.
TOLD = frozenset(row.name for row in TABLE if row.route) | {
    "models_folder", "worker_threads", "zero_retention", "max_models_bytes", "seen_keep_s",
    "max_seen_bytes",
}  # fmt: skip


def make(name: str, settings: Settings, workers: Workers) -> Engine:
    """Make the engine of a name. Raises `UsageError` where that cannot be, saying why."""
    found, told = ENGINES.find(name), _told(name)
    return plugins.made(told, partial(found, _options(name, settings), workers))


def models(name: str, settings: Settings) -> tuple[str, ...]:
    """Name the models that the settings ask an engine for. Raises as `Engine.models` does."""
    return plugins.made(_told(name), partial(ENGINES.find(name).models, _options(name, settings)))


def _options(name: str, settings: Settings) -> EngineOptions:
    return plugins.options(_told(name), ENGINES.find(name).options_class, settings, TOLD)


def _told(name: str) -> str:
    return f"The engine {name!r}"

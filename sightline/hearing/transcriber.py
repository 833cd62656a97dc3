"""The seam: all that the author of a source of transcripts has to read.

A transcriber is given a stretch of sound and gives what is said in it, segment by segment. It sees
no file, no JSON and no HTTP. What it raises of `sightline.errors` is told to clients as it is; of
anything else they are told that it failed. `SOURCES` is the table of those that have names; one is
imported when it is asked for.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar

from sightline import plugins
from sightline.settings import TABLE, Settings
from sightline.types.transcripts import Segment, Task


@dataclass(frozen=True, slots=True)
class Options:
    """What a source is told of the settings: each field has the name of one.

    `hearing_model` is what --hearing-model says, "" where it says nothing; `models_folder` where
    models are kept; `worker_threads` how many threads may compute. A source that needs others
    derives a dataclass from this one and names it in `options_class`: `hearing_url` and
    `hearing_key` can be fields of it.
    """

    hearing_model: str = ""
    models_folder: Path = Path()
    worker_threads: int = 1


class Transcriber(ABC):
    """A source of transcripts.

    `most_s` is the longest stretch that it is given at once; `takes_any` says that it may know
    models besides those it lists.
    """

    name: ClassVar[str]
    options_class: ClassVar[type[Options]] = Options
    most_s: ClassVar[float] = 120.0
    takes_any: ClassVar[bool] = False

    def __init__(self, options: Options) -> None:
        """Take the options; what takes long is left to the first sound. Raises `UsageError`."""
        self.options = options

    @abstractmethod
    def models(self) -> tuple[str, ...]:
        """List the models that are here by their own names, the best last."""

    def check(self) -> None:
        """Find out what is lacking. Raises `UsageError`, which says how to get it."""
        return

    @abstractmethod
    def transcribe(self, samples: bytes, model: str, task: Task) -> AsyncGenerator[Segment]:
        """Listen to samples of 16 bits, one channel, `transcripts.RATE` a second.

        `model` is the one that was asked for. Times count from the first sample. Closing the
        generator ends the work. Raises `EngineError`.
        """

    async def close(self) -> None:
        """Free what listening took."""
        return


SOURCES: plugins.Registry[Transcriber] = plugins.Registry(
    "source of transcripts",
    Transcriber,
    "sightline.hearing",
    {
        "whisper": "sightline.hearing.whisper:Whisper",
        "llamacpp": "sightline.hearing.llamacpp:LlamaCppTranscriber",
        "upstream": "sightline.hearing.upstream:UpstreamTranscriber",
    },
    "There is no source of transcripts called {name}.",
)
TOLD = frozenset(row.name for row in TABLE if row.name.startswith("hearing_")) | {
    "models_folder", "worker_threads",
}  # fmt: skip


def make(name: str, settings: Settings) -> Transcriber:
    """Make the source of a name. Raises `UsageError` where that cannot be, saying why."""
    found = SOURCES.find(name)
    told = f"The source of transcripts {name!r}"
    return plugins.made(
        told, partial(found, plugins.options(told, found.options_class, settings, TOLD))
    )

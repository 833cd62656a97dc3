"""The seam: all that the author of a voice has to read.

A voice is given a sentence and gives samples: 16 bits, mono, at its own rate. It sees no JSON, no
HTTP and no encoder. What it raises of `sightline.errors` is told to clients as it is; of anything
else they are told that the voices failed. `SOURCES` is the table of the sources of voices that have
names; one is imported when it is asked for.
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

# The API's voices; a source should have one for each of them.
NAMES = (
    "alloy", "ash", "ballad", "coral", "echo", "fable", "onyx", "nova", "sage", "shimmer", "verse",
    "marin", "cedar",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Voice:
    """One voice: the name it is asked for by, the source's own name for it, what it is like.

    `language` is what it speaks where it is told none, as "en"; empty where that is not known.
    """

    name: str
    own: str
    description: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Manner:
    """How something is spoken.

    `speed` is a factor within the source's `speeds`; `language` is as en or pt-BR, empty for the
    voice's own; `instructions` are words, which not every source can follow.
    """

    speed: float = 1.0
    language: str = ""
    instructions: str = ""


@dataclass(frozen=True, slots=True)
class VoiceOptions:
    """What a source of voices is told of the settings: each field has the name of one.

    `speech_model` is what --speech-model says, "" where it says nothing; `models_folder` where
    models are kept; `worker_threads` how many threads may compute. A source that needs others
    derives a dataclass from this one and names it in `options_class`: `speech_url` and `speech_key`
    can be fields of it.
    """

    speech_model: str = ""
    models_folder: Path = Path()
    worker_threads: int = 1


class Voices(ABC):
    """A source of voices. `rate` is in samples a second, `speeds` the factors it can speak at.

    `told_language` says whether it has to be told the language of a text, as it hears none itself:
    money, dates, units and the like are then written out for it in that language (`spelled`);
    `takes_any` that it may know voices and models besides those it lists; `note` is what a list of
    its voices ends with.
    """

    name: ClassVar[str]
    options_class: ClassVar[type[VoiceOptions]] = VoiceOptions
    rate: int = 24_000
    speeds: tuple[float, float] = (1.0, 1.0)
    told_language: ClassVar[bool] = True
    takes_any: ClassVar[bool] = False
    note: ClassVar[str] = ""

    def __init__(self, options: VoiceOptions) -> None:
        """Take the options; what takes long is left to the first text. Raises `UsageError`."""
        self.options = options

    @abstractmethod
    def voices(self) -> tuple[Voice, ...]:
        """List the voices, those of the API first."""

    def find(self, name: str) -> Voice | None:
        """Give the voice that is asked for by a name, or by the source's own."""
        known = self.voices()
        return next((v for v in known if v.name == name), None) or next(
            (v for v in known if v.own == name), None
        )

    def check(self) -> None:
        """Find out, before anything is served, what is wrong with the settings.

        Raises `UsageError`.
        """
        return

    @abstractmethod
    def speak(self, text: str, voice: Voice, manner: Manner) -> AsyncGenerator[bytes]:
        """Speak a sentence; closing the generator ends the work. Raises `EngineError`."""

    async def close(self) -> None:
        """Free what speaking took."""
        return


SOURCES: plugins.Registry[Voices] = plugins.Registry(
    "source of voices",
    Voices,
    "sightline.voices",
    {
        "espeak": "sightline.voices.espeak:Espeak",
        "kokoro": "sightline.voices.kokoro:Kokoro",
        "upstream": "sightline.voices.upstream:UpstreamVoices",
    },
    "There are no voices called {name}.",
)
AUTO = "auto"  # kokoro where its weights are, which are understood better; else espeak
TOLD = frozenset(row.name for row in TABLE if row.name.startswith("speech_")) | {
    "models_folder", "worker_threads",
}  # fmt: skip


def make(name: str, settings: Settings) -> Voices:
    """Make the source of a name, the best that is here for `auto`.

    Raises `UsageError` where that cannot be, saying why.
    """
    if name == AUTO:
        from sightline.voices.kokoro_files import is_here

        name = "kokoro" if is_here(settings.models_folder) else "espeak"
    found = SOURCES.find(name)
    told = f"The source of voices {name!r}"
    return plugins.made(
        told, partial(found, plugins.options(told, found.options_class, settings, TOLD))
    )

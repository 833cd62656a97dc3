"""The seam: all that the author of a voice has to read.

A voice is given a sentence and gives samples: 16 bits, mono, at its own rate. It sees no JSON, no
HTTP and no encoder, and raises errors of `sightline.errors` only. `TABLE` names the sources of
voices; one is imported when it is asked for.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from importlib import import_module
from typing import ClassVar, cast

from sightline.errors import UsageError
from sightline.settings import Settings

TABLE = {
    "espeak": "sightline.voices.espeak:Espeak",
    "kokoro": "sightline.voices.kokoro:Kokoro",
    "upstream": "sightline.voices.upstream:UpstreamVoices",
}
# The API's voices; every source has one for each of them.
NAMES = (
    "alloy", "ash", "ballad", "coral", "echo", "fable", "onyx", "nova", "sage", "shimmer", "verse",
    "marin", "cedar",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Voice:
    """One voice: the name it is asked for by, the source's own name for it, what it is like."""

    name: str
    own: str
    description: str


@dataclass(frozen=True, slots=True)
class Manner:
    """How something is spoken.

    `speed` is a factor within the source's `speeds`; `language` is as en or pt-BR, empty for the
    voice's own; `instructions` are words, which not every source can follow.
    """

    speed: float = 1.0
    language: str = ""
    instructions: str = ""


class Voices(ABC):
    """A source of voices. `rate` is in samples a second, `speeds` the factors it can speak at.

    `told_language` says whether it has to be told the language of a text, as it hears none itself.
    """

    name: ClassVar[str]
    rate: int = 24_000
    speeds: tuple[float, float] = (1.0, 1.0)
    told_language: ClassVar[bool] = True

    @abstractmethod
    def __init__(self, settings: Settings) -> None: ...

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


def make(name: str, settings: Settings) -> Voices:
    """Make the source called `name`. Raises `UsageError` for one that is not in the table."""
    if name not in TABLE:
        raise UsageError(
            f"There are no voices called {name!r}.", hint=f"Sources of voices: {', '.join(TABLE)}."
        )
    module, _, attribute = TABLE[name].partition(":")
    made = cast(type[Voices], getattr(import_module(module), attribute))
    return made(settings)

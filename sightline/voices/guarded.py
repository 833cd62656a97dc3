"""A source of voices as the rest of Sightline meets it: whoever wrote it, it keeps to the seam.

What it raises is of our tree, with no text of its own but that of our errors: the log says what was
raised and where, never what it said, which may be of a request.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from contextlib import AbstractContextManager, aclosing

from sightline import plugins
from sightline.errors import EngineError, UsageError
from sightline.voices.voice import Manner, Voice, Voices

log = logging.getLogger("sightline.voices")
plugins.leads(__file__)


class GuardedVoices:
    """One source of voices, guarded. Its attributes and methods are those of `Voices`."""

    def __init__(self, voices: Voices) -> None:
        self._voices = voices

    @property
    def name(self) -> str:
        """The source's own name."""
        return self._voices.name

    @property
    def rate(self) -> int:
        """Samples a second."""
        return self._voices.rate

    @property
    def speeds(self) -> tuple[float, float]:
        """The factors that it can speak at."""
        return self._voices.speeds

    @property
    def told_language(self) -> bool:
        """Whether it has to be told the language of a text."""
        return self._voices.told_language

    @property
    def takes_any(self) -> bool:
        """Whether it may know voices besides those that it lists."""
        return self._voices.takes_any

    @property
    def note(self) -> str:
        """What a list of its voices ends with."""
        return self._voices.note

    def voices(self) -> tuple[Voice, ...]:
        """List the voices. Raises `SightlineError`."""
        with self._guarding("cannot list its voices"):
            return self._voices.voices()

    def find(self, name: str) -> Voice | None:
        """Give the voice of a name. Raises `SightlineError`."""
        with self._guarding("cannot find a voice"):
            return self._voices.find(name)

    def check(self) -> None:
        """Find out what is wrong with its settings. Raises `UsageError`, and what it raises."""

        def fail(what: str) -> UsageError:
            return UsageError(
                f"The source of voices {self.name} cannot be used: {what}.",
                hint="What it raises of sightline.errors is told in its own words.",
            )

        with plugins.guarding(fail):
            self._voices.check()

    async def speak(self, text: str, voice: Voice, manner: Manner) -> AsyncGenerator[bytes]:
        """Speak a sentence. Raises `SightlineError`; closing the generator ends the work."""
        with self._guarding("failed on a text"):
            async with aclosing(self._voices.speak(text, voice, manner)) as blocks:
                async for block in blocks:
                    if len(block) % 2:
                        raise ValueError("half a sample")
                    yield block

    async def close(self) -> None:
        """Free what speaking took. Raises `SightlineError`."""
        with self._guarding("cannot be closed"):
            await self._voices.close()

    def _guarding(self, did: str) -> AbstractContextManager[None]:
        def fail(what: str) -> EngineError:
            log.error("the source of voices %s %s: %s", self.name, did, what)
            return EngineError(
                "The voices had an error while processing your request.",
                hint="The server's log says where.",
            )

        return plugins.guarding(fail)

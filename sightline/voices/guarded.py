"""A source of voices as the rest of Sightline meets it: whoever wrote it, it keeps to the seam.

What it raises is of our tree, with no text of its own but that of our errors: the log says what was
raised and where, never what it said, which may be of a request.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from sightline import plugins
from sightline.voices.voice import Manner, Voice, Voices

plugins.leads(__file__)


class GuardedVoices(plugins.Wrapper):
    """One source of voices, guarded. Its attributes and methods are those of `Voices`."""

    rate: int
    speeds: tuple[float, float]
    told_language: bool
    takes_any: bool
    note: str

    def __init__(self, voices: Voices) -> None:
        super().__init__(voices, f"source of voices {voices.name}", "The voices")
        self._voices = voices

    def voices(self) -> tuple[Voice, ...]:
        """List the voices. Raises `SightlineError`."""
        with self.guarding("cannot list its voices"):
            return self._voices.voices()

    def find(self, name: str) -> Voice | None:
        """Give the voice of a name. Raises `SightlineError`."""
        with self.guarding("cannot find a voice"):
            return self._voices.find(name)

    def speak(self, text: str, voice: Voice, manner: Manner) -> AsyncGenerator[bytes]:
        """Speak a sentence. Raises `SightlineError`; closing the generator ends the work."""
        return self.each(
            "failed on a text", lambda: _whole(self._voices.speak(text, voice, manner))
        )


async def _whole(blocks: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    """Give blocks of whole samples. Raises `ValueError`."""
    async with aclosing(blocks):
        async for block in blocks:
            if len(block) % 2:
                raise ValueError("half a sample")
            yield block

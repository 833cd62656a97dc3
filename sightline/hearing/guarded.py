"""A source of transcripts as the rest of Sightline meets it: held to the seam, whoever wrote it.

What it raises is of our tree, with no text of its own but that of our errors: the log says what was
raised and where, never what it said, which may be of a request.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from sightline import plugins
from sightline.errors import EngineError
from sightline.hearing.transcriber import Transcriber
from sightline.types.transcripts import Segment, Task

plugins.leads(__file__)


class GuardedTranscriber(plugins.Wrapper):
    """One source of transcripts, guarded. Its attributes and methods are those of `Transcriber`."""

    most_s: float
    takes_any: bool

    def __init__(self, transcriber: Transcriber) -> None:
        super().__init__(transcriber, f"source of transcripts {transcriber.name}", _failed)
        self._transcriber = transcriber

    def models(self) -> tuple[str, ...]:
        """List the models that are here. Raises `SightlineError`."""
        with self.guarding("cannot list its models"):
            return self._transcriber.models()

    async def transcribe(self, samples: bytes, model: str, task: Task) -> AsyncGenerator[Segment]:
        """Listen to a stretch. Raises `SightlineError`; closing the generator ends the work."""
        with self.guarding("failed on a sound"):
            async with aclosing(self._transcriber.transcribe(samples, model, task)) as segments:
                async for segment in segments:
                    yield segment

    async def close(self) -> None:
        """Free what listening took. Raises `SightlineError`."""
        with self.guarding("cannot be closed"):
            await self._transcriber.close()


def _failed() -> EngineError:
    return EngineError(
        "The transcriber had an error while processing your request.",
        hint="The server's log says where.",
    )

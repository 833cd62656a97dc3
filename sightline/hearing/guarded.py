"""A source of transcripts as the rest of Sightline meets it: held to the seam, whoever wrote it.

What it raises is of our tree, with no text of its own but that of our errors: the log says what was
raised and where, never what it said, which may be of a request.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator

from sightline import plugins
from sightline.hearing.transcriber import Transcriber
from sightline.types.transcripts import Segment, Task

plugins.leads(__file__)


class GuardedTranscriber(plugins.Wrapper):
    """One source of transcripts, guarded. Its attributes and methods are those of `Transcriber`."""

    most_s: float
    takes_any: bool

    def __init__(self, transcriber: Transcriber) -> None:
        super().__init__(
            transcriber, f"source of transcripts {transcriber.name}", "The transcriber"
        )
        self._transcriber = transcriber

    def models(self) -> tuple[str, ...]:
        """List the models that are here. Raises `SightlineError`."""
        with self.guarding("cannot list its models"):
            return self._transcriber.models()

    def transcribe(self, samples: bytes, model: str, task: Task) -> AsyncGenerator[Segment]:
        """Listen to a stretch. Raises `SightlineError`; closing the generator ends the work."""
        return self.each(
            "failed on a sound", lambda: self._transcriber.transcribe(samples, model, task)
        )

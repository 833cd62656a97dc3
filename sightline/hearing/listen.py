"""Hearing: what is said in a sound or a film, stretch by stretch, by one of the transcribers.

A long sound is cut where it is quiet, so that no more of it is held than one stretch; the language
that was heard first and the last words go along.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import numpy as np

from sightline.errors import EngineBusy
from sightline.hearing.guarded import GuardedTranscriber
from sightline.hearing.transcriber import make
from sightline.media.soundtrack import Order, samples
from sightline.settings import Settings
from sightline.types.transcripts import RATE, Segment, Task, Transcript

_WINDOW_S = 0.1  # of which the quietest is cut through
_LATE = 0.75  # of a stretch is whole; it is cut after that
_MOST_PROMPT = 200  # characters of what was said before


class SpeechListener:
    """A transcriber with what it needs around it."""

    def __init__(self, settings: Settings) -> None:
        self.turns = asyncio.Semaphore(settings.max_transcriptions)
        self.transcriber = GuardedTranscriber(make(settings.hearing, settings))

    async def close(self) -> None:
        """End the transcriber's processes and connections."""
        await self.transcriber.close()

    def listen(
        self,
        sound: Path | bytes | list[bytes],
        task: Task,
        order: Order | None = None,
        *,
        model: str = "",
        param: str | None = None,
        patient: bool = False,
    ) -> Hearing:
        """Begin to listen to a file. A file in pieces is taken out of its list as it goes.

        Where too many are listened to, the `patient` wait for their turn. Raises `EngineBusy` for
        the others; `Hearing.segments` has to be read.
        """
        if self.turns.locked() and not patient:
            raise EngineBusy(
                "Too many sounds are transcribed at the moment, please try again later.",
                hint="Try again in a few seconds.",
            )
        return Hearing(self, sound, task, order or Order(), model, param)


class Hearing:
    """One file that is listened to. `seconds` is how much of it was heard so far."""

    def __init__(
        self,
        listener: SpeechListener,
        sound: Path | bytes | list[bytes],
        task: Task,
        order: Order,
        model: str,
        param: str | None,
    ) -> None:
        self._listener, self._sound, self._task = listener, sound, task
        self._order, self._model, self._param = order, model, param
        self.seconds = 0.0

    async def segments(self) -> AsyncGenerator[Segment]:
        """Give what is said, in order, with times in the file.

        Raises `InvalidRequest` for what holds no sound, `EngineError`, and `UsageError` where what
        listens is lacking.
        """
        async with (
            self._listener.turns,
            aclosing(samples(self._sound, self._order, self._param)) as blocks,
        ):
            task = self._task
            async with aclosing(self._stretches(blocks)) as stretches:
                async for stretch in stretches:
                    said = ""
                    async with aclosing(self._heard(stretch, task)) as segments:
                        async for segment in segments:
                            task = _following(task, segment.language)
                            said += segment.text
                            yield segment.moved(self.seconds)
                    self.seconds += len(stretch) / 2 / RATE
                    before = f"{self._task.prompt} {said}".strip()
                    task = replace(task, prompt=before[-_MOST_PROMPT:])

    async def transcript(self) -> Transcript:
        """Give all that is said. Raises as `segments` does."""
        found = tuple([segment async for segment in self.segments()])
        return Transcript(found, self.seconds)

    async def _heard(self, stretch: bytes, task: Task) -> AsyncGenerator[Segment]:
        """Listen to one stretch; nothing is heard after its end."""
        end_s = len(stretch) / 2 / RATE
        given = self._listener.transcriber.transcribe(stretch, self._model, task)
        async with aclosing(given) as segments:
            async for segment in segments:
                if segment.start_s < end_s:
                    yield replace(segment, end_s=min(segment.end_s, end_s))

    async def _stretches(self, blocks: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
        most = int(self._listener.transcriber.most_s * RATE) * 2
        waiting = bytearray()
        async for block in blocks:
            waiting += block
            while len(waiting) > most:
                cut = await asyncio.to_thread(quiet, bytes(waiting[:most]))
                yield bytes(waiting[:cut])
                del waiting[:cut]
        if waiting:
            yield bytes(waiting)


def _following(task: Task, language: str) -> Task:
    return task if task.language or not language else replace(task, language=language)


def quiet(stretch: bytes) -> int:
    """Find where samples of 16 bits may be cut: the byte where their last part is quietest."""
    sound = np.frombuffer(stretch, np.int16)
    window = int(_WINDOW_S * RATE)
    first = int(len(sound) * _LATE)
    count = (len(sound) - first) // window
    if count < 2:
        return len(stretch)
    late = sound[first : first + count * window].astype(np.float32).reshape(count, window)
    quietest = int(np.square(late).mean(1).argmin())
    return 2 * (first + quietest * window + window // 2)

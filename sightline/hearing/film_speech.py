"""What is said in a film, for who looks at it: heard where that is wanted and can be."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from sightline import telemetry
from sightline.errors import InvalidRequest, UsageError
from sightline.hearing.listen import SpeechListener
from sightline.media.films import Hear
from sightline.media.soundtrack import Order
from sightline.media.subtitles import Cue
from sightline.settings import Settings
from sightline.types.transcripts import Segment, Task

# auto listens where something here can; on says what is lacking where nothing can.
Listen = Literal["auto", "on", "off"]


async def film_speech(
    listener: SpeechListener,
    film: Path | bytes | list[bytes],
    listen: Listen,
    order: Order | None = None,
    *,
    end_s: float | None = None,
) -> tuple[Segment, ...] | None:
    """Hear what is said in a film up to `end_s` seconds, its whole where that is None.

    None where it was not listened to: it has no sound, or with `auto` nothing here hears. Waits for
    its turn where many are listened to. Raises `EngineError`, with `on` also `UsageError` where
    nothing here hears and `InvalidRequest` for a film without sound.
    """
    if listen == "off":
        return None
    found: list[Segment] = []
    try:
        listener.transcriber.check()
        hearing = listener.listen(film, Task(), order, patient=True)
        async for segment in hearing.segments():
            if end_s is not None and segment.start_s > end_s:
                break
            found.append(segment)
    except (InvalidRequest, UsageError):
        if listen == "on":
            raise
        return None
    return tuple(found)


def cues(segments: Sequence[Segment]) -> tuple[Cue, ...]:
    """Give what is said as subtitles."""
    return tuple(Cue(each.start_s, each.end_s, each.text.strip()) for each in segments)


def hearer(listener: SpeechListener, settings: Settings) -> Hear:
    """Give what hears films of questions, as long as the settings let them be."""
    most_s = settings.hear_films_s

    async def hear(film: list[bytes], end_s: float | None) -> Sequence[Cue] | None:
        if not most_s or (end_s is not None and end_s > most_s):
            return None
        order = Order(settings.video_decode_s, most_s if end_s is None else settings.max_audio_s)
        with telemetry.stage("hear"):
            said = await film_speech(listener, film, "auto", order, end_s=end_s)
        return None if said is None else cues(said)

    return hear

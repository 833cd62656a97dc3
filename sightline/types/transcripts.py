"""What is said in a sound: words and segments with their times, and what is asked of a hearer.

Frozen, without I/O. `hearing` makes them, `api/transcriptions` writes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

RATE = 16_000  # samples a second of what is listened to: one channel, 16 bits
_PAUSE_S = 0.5  # within speech; a longer silence parts two stretches of it


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """One word, with its times in seconds."""

    start_s: float
    end_s: float
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of speech of some seconds, with its times in seconds.

    `text` begins with a space where the language has spaces, so that texts put together are the
    whole. `language` is a code as "en", empty where it is not known. The rest is what Whisper tells
    of itself, `seek` in hundredths of a second; a source that is told nothing leaves it as it is.
    """

    start_s: float
    end_s: float
    text: str = field(repr=False)
    language: str = ""
    words: tuple[SpokenWord, ...] = ()
    tokens: tuple[int, ...] = ()
    temperature: float = 0.0
    avg_logprob: float = 0.0
    compression_ratio: float = 1.0
    no_speech_prob: float = 0.0
    seek: int = 0

    def moved(self, by_s: float) -> Segment:
        """Give it with later times."""
        words = tuple(
            replace(w, start_s=w.start_s + by_s, end_s=w.end_s + by_s) for w in self.words
        )
        return replace(
            self,
            start_s=self.start_s + by_s,
            end_s=self.end_s + by_s,
            words=words,
            seek=self.seek + round(by_s * 100),
        )


@dataclass(frozen=True, slots=True)
class Transcript:
    """All that is said in a sound of so many seconds."""

    segments: tuple[Segment, ...]
    duration_s: float

    @property
    def text(self) -> str:
        """What is said, in one line."""
        return "".join(segment.text for segment in self.segments).strip()

    @property
    def language(self) -> str:
        """The language that was heard first, as "en"; empty where nothing was."""
        return next((s.language for s in self.segments if s.language), "")


@dataclass(frozen=True, slots=True)
class VoiceDetection:
    """How stretches of speech are told from silence; None for the usual.

    `threshold` is from 0 to 1: what is less likely to be a voice is silence. So many milliseconds
    of silence part two stretches, and so many before each belong to it.
    """

    threshold: float | None = None
    silence_ms: int | None = None
    padding_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """How a sound is to be listened to.

    `language` is a code as "en", empty to hear which it is, among `languages` where those are told.
    With `translate` what is said is written in English. `prompt` is text that could stand before,
    `keywords` are words that may come. `temperature` is from 0 to 1, None for the usual: 0, and
    more where that fails. With `words` each word has its times. `detection` is how voices are told
    from silence.
    """

    language: str = ""
    languages: tuple[str, ...] = ()
    translate: bool = False
    prompt: str = field(default="", repr=False)
    keywords: tuple[str, ...] = field(default=(), repr=False)
    temperature: float | None = None
    words: bool = True
    detection: VoiceDetection = VoiceDetection()


def speech_spans(
    segments: Iterable[Segment], pause_s: float = _PAUSE_S
) -> tuple[tuple[float, float], ...]:
    """Give from when to when somebody speaks, in seconds, in order; pauses up to `pause_s` within.

    By words where they have times, else by segments.
    """
    spans: list[tuple[float, float]] = []
    for start_s, end_s in sorted(_stretches(segments)):
        if spans and start_s - spans[-1][1] <= pause_s:
            spans[-1] = spans[-1][0], max(spans[-1][1], end_s)
        else:
            spans.append((start_s, end_s))
    return tuple(spans)


def _stretches(segments: Iterable[Segment]) -> Iterator[tuple[float, float]]:
    for segment in segments:
        for each in segment.words or (segment,):
            yield each.start_s, each.end_s

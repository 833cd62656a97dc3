"""Narrating a film: a script that fits, spoken, mixed over its sound, written as a film.

`narration_script` writes the script, `narration_speech` speaks it; this is the job around them.
"""

from __future__ import annotations

import asyncio
import math
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from sightline import temporary
from sightline.errors import EngineError, ImageError, InvalidRequest, SightlineError, UsageError
from sightline.hearing.film_speech import Listen, cues, film_speech
from sightline.hearing.listen import SpeechListener
from sightline.jobs.ask import Answerer, Asker
from sightline.jobs.narration_pauses import Pause, no_pause, pauses
from sightline.jobs.narration_script import STYLE, ScriptSegment, Writer, script_from, script_json
from sightline.jobs.narration_speech import Placed, Voiceover
from sightline.jobs.speak import Speaker
from sightline.media import subtitles
from sightline.media.film_reader import FilmOrder, reading
from sightline.media.soundtrack import Order
from sightline.media.subtitles import Cue
from sightline.processes import running
from sightline.types import About, Detail, Sampling
from sightline.types.transcripts import Segment, speech_spans

__all__ = [
    "EXTRAS",
    "STYLE",
    "SUFFIXES",
    "NarrateCallbacks",
    "NarrateOptions",
    "Narrated",
    "ScriptSegment",
    "Subtitles",
    "narrate",
    "script_from",
    "script_json",
]

Subtitles = Literal["track", "burn", "file", "none"]
SUFFIXES = (".mp4", ".mov", ".mkv")
EXTRAS = ("srt", "vtt", "json", "mp3")

_MOST_MEASURED = 400  # frames
_MEASURED_FPS = 1.25  # what one frame more shows is seldom new to an engine that measures
_CHAPTER_S = 10.0
_LANGUAGES = {
    "en": "eng", "de": "deu", "fr": "fra", "es": "spa", "it": "ita", "pt": "por", "nl": "nld",
    "pl": "pol", "ru": "rus", "ja": "jpn", "zh": "zho", "ko": "kor", "hi": "hin", "ar": "ara",
}  # fmt: skip
_PLAIN = (
    "The embedded engine names ordinary things, reads text and measures movement and colours. It "
    "does not see who people are, what they do or why."
)
_NO_STYLE = "It cannot write in a style of your choice: its sentences are plain."
_UNHEARD = (
    "Nothing here hears whether somebody speaks in the film's own sound: the narration may run "
    "over it. `sightline transcribe` says what hearing takes."
)
_NO_LANGUAGE = "It writes English alone; {language!r} is the voice's."


@dataclass(frozen=True, slots=True)
class NarrateOptions:
    """What is to be narrated, and how.

    `output` of None writes the script alone. `script` is spoken as it is; without one it is
    written, in words that `style` asks for. `also` are EXTRAS, written beside the film under its
    name. `keep_audio` lays the narration over the film's own sound, in the pauses of what is said
    there: `said` tells that, None has it listened to as `listen` says.
    """

    path: Path
    output: Path | None
    style: str = STYLE
    voice: str = "alloy"
    language: str = "en"
    speed: float = 1.0
    keep_audio: bool = True
    listen: Listen = "auto"
    said: tuple[Cue, ...] | None = None
    subtitles: Subtitles = "track"
    script: tuple[ScriptSegment, ...] | None = None
    also: frozenset[str] = frozenset()
    force: bool = False
    sampling: Sampling = field(default_factory=Sampling)
    detail: Detail = "low"
    threads: int = 1
    cpu_s: float = 0.0


@dataclass(slots=True)
class NarrateCallbacks:
    """Who hears how far it is: the name of a step, and the share of it that is done.

    `note` is told, before the film is looked at, what the engine cannot do.
    """

    step: Callable[[str, float], None] = field(default=lambda name, share: None)
    note: Callable[[str], None] = field(default=lambda text: None)


@dataclass(frozen=True, slots=True)
class Narrated:
    """What came of it.

    `segments` are as they are heard. `report` says what was done to those that did not fit.
    `copied` says that the pictures are the source's own, bit for bit.
    """

    segments: tuple[ScriptSegment, ...]
    report: tuple[str, ...]
    files: tuple[Path, ...]
    copied: bool
    spent: dict[str, Any]


async def narrate(
    options: NarrateOptions,
    asker: Asker | None,
    speaker: Speaker,
    callbacks: NarrateCallbacks | None = None,
    listener: SpeechListener | None = None,
) -> Narrated:
    """Narrate a film; `asker` may be None where there is a script.

    `listener` hears what is said in it, where the options want that. What it writes appears whole
    or not at all. Raises `SightlineError`; `UsageError` for an output that cannot be, `ImageError`
    for what is no film.
    """
    work = _Narrating(options, asker, speaker, callbacks or NarrateCallbacks(), listener)
    if options.output is None:
        return await work.scripted()
    targets = _targets(options, options.output)
    with _working_folder(options.output) as folder:
        try:
            return await work.whole(folder, targets)
        except OSError as error:
            full = error.errno == 28
            raise SightlineError(
                "The disk is full." if full else f"{options.output} cannot be written.",
                hint="Make room and try again." if full else "Is its folder writable?",
            ) from None


def _targets(options: NarrateOptions, output: Path) -> dict[str, Path]:
    """Name what is to be written, by its ending; nothing may be there without `force`."""
    if output.suffix.lower() not in SUFFIXES:
        raise UsageError(
            f"A film cannot be written to {output}.", hint=f"Name it {', '.join(SUFFIXES)}."
        )
    also = set(options.also) | ({"srt", "vtt"} if options.subtitles == "file" else set())
    targets = {"film": output, **{kind: output.with_suffix(f".{kind}") for kind in sorted(also)}}
    for path in targets.values():
        if path.resolve() == options.path.resolve():
            raise UsageError("The film would be written over itself.", hint="Name another output.")
        if path.is_dir():
            raise UsageError(f"{path} is a folder.", hint="Name a file.")
        if path.exists() and not options.force:
            raise UsageError(f"{path} exists.", hint="--force writes over it.")
    return targets


@contextmanager
def _working_folder(output: Path) -> Iterator[Path]:
    """Make a folder beside the output: what is finished there is moved, not copied."""
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(temporary.beside(output))
        except OSError:
            raise UsageError(
                f"{output} cannot be written.",
                hint="Does its folder exist, and may you write there?",
            ) from None
        yield folder


class _Narrating:
    def __init__(
        self,
        options: NarrateOptions,
        asker: Asker | None,
        speaker: Speaker,
        callbacks: NarrateCallbacks,
        listener: SpeechListener | None,
    ) -> None:
        self._options, self._asker, self._callbacks = options, asker, callbacks
        self._listener = listener
        self._said: tuple[Segment, ...] = ()
        self._unheard = ""
        self._spent: dict[str, Any] = {}
        self._report: list[str] = []
        self._voiceover = Voiceover(
            speaker,
            speaker.voice(options.voice),
            speed=options.speed,
            language=options.language,
            report=self._report,
        )

    async def scripted(self) -> Narrated:
        """Write the script alone."""
        _, segments = await self._script()
        return Narrated(tuple(segments), tuple(self._report), (), False, self._spent)

    async def whole(self, folder: Path, targets: dict[str, Path]) -> Narrated:
        """Do all of it, in a folder that is taken away afterwards."""
        about, segments = await self._script()
        placed, heard = await self._voiceover.spoken(
            segments,
            about.duration_s,
            self._free(about),
            folder / "speech.raw",
            self._callbacks.step,
        )
        made = await self._written(folder, placed, heard)
        film = targets["film"].with_suffix(Path(made["film"]).suffix)
        if film != targets["film"]:
            if film.exists() and not self._options.force:
                raise UsageError(f"{film} exists.", hint="--force writes over it.")
            self._report.append(f"an MP4 cannot hold these pictures as they are: it is {film.name}")
        if not made["copied"] and self._options.subtitles != "burn":
            self._report.append("no container holds these pictures: they were encoded again")
        ready = {film: folder / made["film"]}
        for kind, path in targets.items():
            if kind != "film":
                ready[path] = await asyncio.to_thread(self._extra, kind, folder, heard)
        for path, written in ready.items():
            os.replace(written, path)
        return Narrated(
            tuple(heard), tuple(self._report), tuple(ready), made["copied"], self._spent
        )

    def _extra(self, kind: str, folder: Path, heard: Sequence[ScriptSegment]) -> Path:
        if kind == "mp3":
            return folder / "narration.mp3"
        path = folder / f"extra.{kind}"
        if kind == "json":
            path.write_text(script_json(heard), "utf-8")
        else:
            form: subtitles.Form = "srt" if kind == "srt" else "vtt"
            path.write_text(subtitles.write(_cues(heard), form), "utf-8")
        return path

    # --- the script -------------------------------------------------------------------------

    async def _script(self) -> tuple[About, list[ScriptSegment]]:
        options = self._options
        asker = self._asker if options.script is None else None
        who = None if asker is None else await asker.answerer()
        order = self._order(who)
        await self._listen()
        self._callbacks.step("Looking at the film", 0.0)
        async with reading(options.path, order, options.path.name) as film:
            if self._unheard and film.about.audio:
                self._report.append(self._unheard)
            if options.script is not None:
                return film.about, self._checked(options.script, film.about.duration_s)
            if asker is None or who is None:
                raise UsageError("A script, or an engine that writes one, is needed.")
            writer = Writer(
                asker,
                style=options.style,
                language=options.language,
                detail=options.detail,
                said=cues(self._said),
            )
            self._spent = writer.spent
            if not who.surveys:  # one that measures has no fewer words for it
                self._voiceover.shorter = writer.shorter
            pace = await self._voiceover.pace()
            segments = await writer.script(
                film, who, options.sampling, pace, self._free(film.about), self._callbacks.step
            )
            return film.about, segments

    async def _listen(self) -> None:
        """Find out what is said in the film, where that is to be heard beside the narration."""
        options = self._options
        if options.said is not None:
            self._said = tuple(Segment(c.start_s, c.end_s, c.text) for c in options.said)
        elif options.keep_audio and options.listen != "off" and self._listener is not None:
            self._callbacks.step("Listening to the film", 0.0)
            order = Order(options.cpu_s, 0.0)
            found = await film_speech(self._listener, options.path, options.listen, order)
            if found is None:
                self._unheard = _UNHEARD
            self._said = found or ()

    def _free(self, about: About) -> tuple[Pause, ...]:
        """Give the stretches in which the narration may be heard. Raises `SightlineError`."""
        spoken = speech_spans(self._said) if self._options.keep_audio else ()
        if not (free := pauses(spoken, about.duration_s)):
            raise no_pause()
        return free

    def _order(self, who: Answerer | None) -> FilmOrder:
        """Say what is to be read of the film for whoever writes, None where nobody does."""
        options = self._options
        sampling = options.sampling
        if who is not None and who.surveys:
            self._promise_little()
            if sampling == Sampling(budget=sampling.budget):
                sampling = replace(sampling, fps=_MEASURED_FPS, most=_MOST_MEASURED)
        return FilmOrder(
            sampling,
            who.profile if who else "gpt-4o",
            options.detail,
            survey=who is not None,
            decode=who is not None,
            threads=options.threads,
            cpu_s=options.cpu_s,
        )

    def _promise_little(self) -> None:
        """Say before it begins what an engine that measures cannot do."""
        said = [_PLAIN]
        if self._options.style != STYLE:
            said.append(_NO_STYLE)
        if self._options.language.split("-")[0] != "en":
            said.append(_NO_LANGUAGE.format(language=self._options.language))
        self._report.append(" ".join(said))
        self._callbacks.note(self._report[-1])

    def _checked(self, script: Sequence[ScriptSegment], end_s: float) -> list[ScriptSegment]:
        for number, segment in enumerate(script, 1):
            if segment.start_s >= end_s:
                raise InvalidRequest(
                    f"Segment {number} of the script begins at {segment.start_s:g} s, after the "
                    f"film's end at {end_s:.1f} s."
                )
        return [replace(s, end_s=min(s.end_s, end_s)) for s in script if s.text]

    # --- the film ---------------------------------------------------------------------------

    async def _written(
        self, folder: Path, placed: Sequence[Placed], heard: Sequence[ScriptSegment]
    ) -> dict[str, Any]:
        options = self._options
        order = {
            "film": str(options.path.resolve()),
            "folder": str(folder),
            "container": (options.output or options.path).suffix.lower().lstrip("."),
            "keep_audio": options.keep_audio,
            "placed": placed,
            "cues": [[cue.start_s, cue.end_s, cue.text] for cue in _cues(heard)],
            "subtitles": options.subtitles,
            "chapters": _chapters(heard),
            "language": _LANGUAGES.get(options.language.split("-")[0].lower(), "und"),
            "narration": "mp3" in options.also,
            "cpu_s": options.cpu_s,
        }
        async with running("sightline.media.narration_child", order) as process:
            async for told in process.lines():
                if "progress" in told:
                    self._callbacks.step("Writing the film", float(told["progress"]))
                elif "error" in told:
                    kind = ImageError if told["code"] == "invalid_video" else SightlineError
                    raise kind(told["error"], code=told["code"], hint=told["hint"])
                else:
                    made: dict[str, Any] = told["made"]
                    return made
        raise EngineError("The film could not be written.", hint="Its decoder ended. Try again.")


def _cues(heard: Sequence[ScriptSegment]) -> list[Cue]:
    return [cue for segment in heard for cue in _lines(segment)]


def _lines(segment: ScriptSegment) -> Iterator[Cue]:
    """Cut a long segment into cues that can be read, each for its share of the time."""
    words = segment.text.split()
    count = max(1, math.ceil(len(segment.text) / 84))
    each = math.ceil(len(words) / count)
    start, length = segment.start_s, segment.end_s - segment.start_s
    for i in range(0, len(words), each):
        text = " ".join(words[i : i + each])
        end = start + length * len(text) / max(1, len(segment.text))
        end = segment.end_s if i + each >= len(words) else end
        yield Cue(start, end, text)
        start = end


def _chapters(heard: Sequence[ScriptSegment]) -> list[tuple[float, str]]:
    marks: list[tuple[float, str]] = []
    for segment in heard:
        if not marks or segment.start_s - marks[-1][0] >= _CHAPTER_S:
            title = " ".join(segment.text.split()[:6])
            marks.append((segment.start_s if marks else 0.0, title))
    return marks if len(marks) > 1 else []

"""Narrating a film: a script that fits, spoken, mixed over its sound, written as a film.

Times are promised by measurement: how fast the voice speaks is measured before the script is
written, and every piece of speech before it is placed.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, aclosing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sightline import temporary
from sightline.errors import EngineError, ImageError, InvalidRequest, SightlineError, UsageError
from sightline.jobs import ask as asking
from sightline.jobs.ask import Answerer, Asker, is_too_long
from sightline.jobs.describe import Stretch, add_usage, filled, shown
from sightline.jobs.speak import Speaker
from sightline.media import subtitles
from sightline.media.film_reader import FilmOrder, reading
from sightline.media.subtitles import Cue
from sightline.notes import About, FilmNote
from sightline.processes import running
from sightline.quoting import quoted
from sightline.types import Detail, Frame, JsonFormat, Message, Question, Sampling, Slot, Text
from sightline.voices.voice import Voice

Subtitles = Literal["track", "burn", "file", "none"]
STYLE = "Be vivid and to the point. Only include the narration."
SUFFIXES = (".mp4", ".mov", ".mkv")
EXTRAS = ("srt", "vtt", "json", "mp3")

_RATE = 48_000
_PACE_TEXT = (
    "The river bends slowly past the old mill, and nobody in the village remembers who built the "
    "bridge that leads across it."
)
_LEAST_SLOT_S, _USUAL_SLOT_S, _MOST_SLOT_S = 3.0, 8.0, 11.0
_SLOTS_AT_ONCE = 10
_MEASURED_AT_ONCE = 30  # so that little is told again
_MOST_MEASURED = 400  # frames
_PAUSE_S = 0.15  # between two pieces of speech, and before the film's end
_FILLED = 0.9  # of a slot that words may take: the rest is breath
_FASTEST = 1.15
_MOST_SEGMENTS = 2000
_MOST_TEXT = 20_000
_CHAPTER_S = 10.0
_LANGUAGES = {
    "en": "eng", "de": "deu", "fr": "fra", "es": "spa", "it": "ita", "pt": "por", "nl": "nld",
    "pl": "pol", "ru": "rus", "ja": "jpn", "zh": "zho", "ko": "kor", "hi": "hin", "ar": "ara",
}  # fmt: skip
_SCRIPT = (
    "These are frames of a video, in order, each with its time. Create a voiceover script for it. "
    "{style}\n{language}Write one text for each of these stretches, in order, as they are to be "
    "spoken:\n{slots}\nAnswer as JSON with the numbers as keys."
)
_BEFORE = "What has been said before"
_SLOT = "{number}. from {start:.1f} to {end:.1f} s, at most {words} words"
_MEASURED = "Narrate these frames of a video. Answer as JSON."
_MEASURED_FPS = 2.0  # what one frame more shows is seldom new to an engine that measures
_PLAIN = (
    "The embedded engine names ordinary things, reads text and measures movement and colours. It "
    "does not see who people are, what they do or why."
)
_NO_STYLE = "It cannot write in a style of your choice: its sentences are plain."
_NO_LANGUAGE = "It writes English alone; {language!r} is the voice's."
_SHORTER = (
    "Say the text in at most {words} words, in the same language and style, and answer with "
    "nothing else.\n{text}"
)


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of narration and the stretch of the film that it belongs to, in seconds."""

    start_s: float
    end_s: float
    text: str


@dataclass(frozen=True, slots=True)
class NarrateOptions:
    """What is to be narrated, and how.

    `output` of None writes the script alone. `script` is spoken as it is; without one it is
    written, in words that `style` asks for. `also` are EXTRAS, written beside the film under its
    name. `keep_audio` lays the narration over the film's own sound.
    """

    path: Path
    output: Path | None
    style: str = STYLE
    voice: str = "alloy"
    language: str = "en"
    speed: float = 1.0
    keep_audio: bool = True
    subtitles: Subtitles = "track"
    script: tuple[Segment, ...] | None = None
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

    segments: tuple[Segment, ...]
    report: tuple[str, ...]
    files: tuple[Path, ...]
    copied: bool
    spent: dict[str, Any]


def script_from(told: object) -> tuple[Segment, ...]:
    """Read a script: `{"segments": [{"start_s": 0.0, "end_s": 3.2, "text": "…"}]}`.

    Raises `InvalidRequest` that names the segment that is wrong.
    """
    segments = told.get("segments") if isinstance(told, Mapping) else None
    if not isinstance(segments, list) or not 0 < len(segments) <= _MOST_SEGMENTS:
        raise InvalidRequest(
            'The script has no "segments".',
            hint='It looks like {"segments": [{"start_s": 0.0, "end_s": 3.2, "text": "…"}]}.',
        )
    found: list[Segment] = []
    for number, each in enumerate(segments, 1):
        fields = each if isinstance(each, Mapping) else {}
        start, end, text = fields.get("start_s"), fields.get("end_s"), fields.get("text")
        timed = all(
            isinstance(time_s, int | float)
            and not isinstance(time_s, bool)
            and math.isfinite(time_s)
            for time_s in (start, end)
        )
        if not timed or not isinstance(text, str) or len(text) > _MOST_TEXT:
            raise _wrong(number, "needs start_s and end_s, in seconds, and a text")
        segment = Segment(float(start or 0), float(end or 0), " ".join(text.split()))
        if segment.start_s < 0 or segment.end_s <= segment.start_s:
            raise _wrong(number, "ends before it begins")
        if found and segment.start_s < found[-1].start_s:
            raise _wrong(number, "begins before the one before it")
        found.append(segment)
    return tuple(found)


def _wrong(number: int, what: str) -> InvalidRequest:
    return InvalidRequest(f"Segment {number} of the script {what}.")


def script_json(segments: Sequence[Segment]) -> str:
    """Write a script."""
    rows = [
        {"start_s": round(s.start_s, 3), "end_s": round(s.end_s, 3), "text": s.text}
        for s in segments
    ]
    return json.dumps({"segments": rows}, indent=2, ensure_ascii=False) + "\n"


async def narrate(
    options: NarrateOptions,
    asker: Asker | None,
    speaker: Speaker,
    callbacks: NarrateCallbacks | None = None,
) -> Narrated:
    """Narrate a film; `asker` may be None where there is a script.

    What it writes appears whole or not at all. Raises `SightlineError`; `UsageError` for an output
    that cannot be, `ImageError` for what is no film.
    """
    work = _Narrating(options, asker, speaker, callbacks or NarrateCallbacks())
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
    ) -> None:
        self._options, self._asker, self._speaker, self._callbacks = (
            options,
            asker,
            speaker,
            callbacks,
        )
        self._voice: Voice = speaker.voice(options.voice)
        self._spent: dict[str, Any] = {}
        self._report: list[str] = []
        self._pace = 0.0
        self._sees = False

    async def scripted(self) -> Narrated:
        """Write the script alone."""
        _, segments = await self._script()
        return Narrated(tuple(segments), tuple(self._report), (), False, self._spent)

    async def whole(self, folder: Path, targets: dict[str, Path]) -> Narrated:
        """Do all of it, in a folder that is taken away afterwards."""
        about, segments = await self._script()
        placed, heard = await self._spoken(segments, about.duration_s, folder)
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

    def _extra(self, kind: str, folder: Path, heard: Sequence[Segment]) -> Path:
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

    async def _script(self) -> tuple[About, list[Segment]]:
        options = self._options
        given = options.script is not None
        who = await self._asker.answerer() if self._asker is not None and not given else None
        sampling = options.sampling
        if who is not None and who.surveys:
            self._promise_little()
            if sampling == Sampling(budget=sampling.budget):
                sampling = replace(sampling, fps=_MEASURED_FPS, most=_MOST_MEASURED)
        order = FilmOrder(
            sampling,
            who.profile if who else "gpt-4o",
            options.detail,
            survey=who is not None,
            decode=who is not None,
            threads=options.threads,
            cpu_s=options.cpu_s,
        )
        self._callbacks.step("Looking at the film", 0.0)
        async with reading(options.path, order, options.path.name) as film:
            self._callbacks.step("Looking at the film", 1.0)
            if options.script is not None:
                return film.about, self._checked(options.script, film.about.duration_s)
            if who is None:
                raise UsageError("A script, or an engine that writes one, is needed.")
            self._sees = not who.surveys
            self._pace = await self._measured_pace()
            slots = _slots(film.about, options.sampling)
            at_once = _MEASURED_AT_ONCE if who.surveys else _SLOTS_AT_ONCE
            parts = _parts(slots, film.chosen, at_once)
            segments: list[Segment] = []
            done = 0
            async for part in filled(film, [part for part, _ in parts]):
                mine = parts[done][1]
                self._callbacks.step("Writing the script", done / len(parts))
                segments += await self._texts(part.frames, mine, segments, film.about, who)
                done += 1
        self._callbacks.step("Writing the script", 1.0)
        if not segments:
            raise EngineError(
                "The model wrote nothing for the script.",
                hint="Try again, or another model; a script of your own goes in with --script.",
            )
        return film.about, segments

    def _promise_little(self) -> None:
        """Say before it begins what an engine that measures cannot do."""
        said = [_PLAIN]
        if self._options.style != STYLE:
            said.append(_NO_STYLE)
        if self._options.language.split("-")[0] != "en":
            said.append(_NO_LANGUAGE.format(language=self._options.language))
        self._report.append(" ".join(said))
        self._callbacks.note(self._report[-1])

    def _checked(self, script: Sequence[Segment], end_s: float) -> list[Segment]:
        for number, segment in enumerate(script, 1):
            if segment.start_s >= end_s:
                raise InvalidRequest(
                    f"Segment {number} of the script begins at {segment.start_s:g} s, after the "
                    f"film's end at {end_s:.1f} s."
                )
        return [replace(s, end_s=min(s.end_s, end_s)) for s in script if s.text]

    async def _measured_pace(self) -> float:
        """Measure how many words a second the voice speaks."""
        sound = await self._sound(_PACE_TEXT, self._options.speed)
        return len(_PACE_TEXT.split()) / max(0.1, len(sound) / _RATE)

    async def _texts(
        self,
        frames: list[Frame],
        slots: list[tuple[float, float]],
        before: Sequence[Segment],
        about: About,
        who: Answerer,
    ) -> list[Segment]:
        words = [max(1, int((b - a - _PAUSE_S) * _FILLED * self._pace)) for a, b in slots]
        if not frames:
            return []
        film = FilmNote(about)
        if who.surveys:
            stretches = zip(slots, words, strict=True)
            wanted = tuple(Slot(start, end, most) for (start, end), most in stretches)
            plain = replace(asking.question(Text(_MEASURED), film), narrate=wanted)
            return _segments(slots, await self._asked(plain, frames, about, who))
        listed = "\n".join(
            _SLOT.format(number=i, start=a, end=b, words=w)
            for i, ((a, b), w) in enumerate(zip(slots, words, strict=True), 1)
        )
        language = self._options.language
        spoken = "" if language.split("-")[0] == "en" else f"Write in the language {language!r}.\n"
        prompt = _SCRIPT.format(style=self._options.style, language=spoken, slots=listed)
        if before:
            prompt += "\n" + quoted(_BEFORE, " ".join(s.text for s in before[-4:]))
        names = [str(i) for i in range(1, len(slots) + 1)]
        schema = {
            "type": "object",
            "properties": {name: {"type": "string"} for name in names},
            "required": names,
            "additionalProperties": False,
        }
        # A word takes two or three tokens at most in the languages that models write well.
        most = 200 + sum(12 + 6 * count for count in words)
        form = JsonFormat(schema, "script", strict=True)
        asked = asking.question(Text(prompt), film, json=form, max_tokens=most)
        return _segments(slots, await self._asked(asked, frames, about, who))

    async def _asked(
        self,
        question: Question,
        frames: Sequence[Frame] = (),
        about: About | None = None,
        who: Answerer | None = None,
    ) -> str:
        """Ask about frames; where they are too many for the model, about every second one."""
        if self._asker is None:
            raise UsageError("An engine that writes is needed.")
        told = question.messages[0].parts
        while True:
            if about is not None and who is not None:
                seen = await shown(frames, about, who.profile, self._options.detail)
                question = replace(question, messages=(Message("user", (*told, *seen)),))
            spent: dict[str, Any] = {}
            try:
                said = await self._asker.text(question, spent)
            except SightlineError as error:
                if not is_too_long(error) or len(frames) < 2:
                    raise
                frames = frames[::2]
                continue
            add_usage(self._spent, spent)
            return said

    # --- speech -----------------------------------------------------------------------------

    async def _spoken(
        self, segments: Sequence[Segment], end_s: float, folder: Path
    ) -> tuple[list[tuple[int, int, int]], list[Segment]]:
        """Speak the segments, each so that it fits; write their samples to a file.

        Give first sample, place in the file and length of each, and the segments as they are heard.
        """
        placed: list[tuple[int, int, int]] = []
        heard: list[Segment] = []
        free_s, offset = 0.0, 0
        with (folder / "speech.raw").open("wb") as file:
            for number, segment in enumerate(segments, 1):
                self._callbacks.step("Speaking", (number - 1) / len(segments))
                following = segments[number].start_s if number < len(segments) else end_s
                fitted = await self._fitted(number, segment, free_s, following, end_s)
                if fitted is None:
                    continue
                start_s, text, sound = fitted
                await asyncio.to_thread(file.write, sound.tobytes())
                first = round(start_s * _RATE)
                placed.append((first, offset, len(sound)))
                offset += len(sound)
                stop_s = (first + len(sound)) / _RATE
                heard.append(Segment(first / _RATE, stop_s, text))
                free_s = stop_s + _PAUSE_S
        self._callbacks.step("Speaking", 1.0)
        return placed, heard

    async def _fitted(
        self, number: int, segment: Segment, free_s: float, following_s: float, end_s: float
    ) -> tuple[float, str, NDArray[np.int16]] | None:
        """Make a segment fit: faster, then shorter, then moved, at last cut.

        It may begin from `free_s` on, and should end before `following_s`; the film's end is hard.
        """
        start_s = max(segment.start_s, free_s)
        if start_s > segment.start_s + 0.02:
            self._note(number, f"begins {start_s - segment.start_s:.1f} s later")
        wanted_s = max(0.3, segment.end_s - start_s)
        text, speed = segment.text, self._options.speed
        sound = await self._sound(text, speed)
        if _seconds(sound) > wanted_s:
            faster = min(_FASTEST, _seconds(sound) / wanted_s * 1.01)
            sound = await self._sound(text, speed * faster)
            self._note(number, f"is spoken {faster:.2f} times as fast")
            speed *= faster
        room_s = min(following_s, end_s) - _PAUSE_S - start_s
        if _seconds(sound) > max(wanted_s, room_s) and self._sees and self._asker is not None:
            words = max(1, int(len(text.split()) * max(wanted_s, room_s) / _seconds(sound) * 0.95))
            prompt = _SHORTER.format(words=words, text=quoted("The text", text))
            shorter = _tidy(await self._asked(asking.question(Text(prompt))))
            if shorter and len(shorter.split()) < len(text.split()):
                text = shorter
                sound = await self._sound(text, speed)
                self._note(number, f"was shortened to {len(text.split())} words")
        if _seconds(sound) > room_s and start_s > free_s:
            earlier = min(start_s - free_s, _seconds(sound) - room_s)
            start_s -= earlier
            self._note(number, f"begins {earlier:.1f} s earlier")
        # What follows is moved by what is over; the film's end alone cannot be.
        most_s = end_s - _PAUSE_S / 3 - start_s
        while _seconds(sound) > most_s:
            kept = _cut(text, most_s / _seconds(sound))
            if not kept or most_s < 0.3:
                self._note(number, "is left out: there is no time for it")
                return None
            self._note(number, f"was cut to {len(kept.split())} words at the film's end")
            text = kept
            sound = await self._sound(text, speed)
        return start_s, text, sound

    def _note(self, number: int, what: str) -> None:
        self._report.append(f"segment {number} {what}")

    async def _sound(self, text: str, speed: float) -> NDArray[np.int16]:
        """Speak a text: samples of 48 kHz, without silence at the ends."""
        said = bytearray()
        given = self._speaker.samples(
            text, self._voice, speed=speed, language=self._options.language
        )
        async with aclosing(given) as blocks:
            async for block in blocks:
                said += block
        return await asyncio.to_thread(_at_48k, bytes(said), self._speaker.voices.rate)

    # --- the film ---------------------------------------------------------------------------

    async def _written(
        self, folder: Path, placed: Sequence[tuple[int, int, int]], heard: Sequence[Segment]
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


def _slots(about: About, sampling: Sampling) -> list[tuple[float, float]]:
    """Cut the film into stretches to talk about: at cuts, neither too short nor too long."""
    begin = sampling.start_s
    end = about.duration_s if sampling.end_s is None else min(sampling.end_s, about.duration_s)
    bounds = [begin, *(s for s in about.scenes or () if begin < s < end)]
    starts: list[float] = []
    for start, stop in zip(bounds, [*bounds[1:], end], strict=True):
        if starts and start - starts[-1] < _LEAST_SLOT_S:
            continue  # too short to say anything: it goes on with the stretch before
        length = stop - start
        count = math.ceil(length / _USUAL_SLOT_S) if length > _MOST_SLOT_S else 1
        starts += [start + i * length / count for i in range(count)]
    if len(starts) > 1 and end - starts[-1] < _LEAST_SLOT_S:
        starts.pop()
    return list(zip(starts, [*starts[1:], end], strict=True))


def _parts(
    slots: Sequence[tuple[float, float]], chosen: Sequence[tuple[int, float]], at_once: int
) -> list[tuple[Stretch, list[tuple[float, float]]]]:
    """Put slots together that are asked about at once, with the places of their frames."""
    parts: list[tuple[Stretch, list[tuple[float, float]]]] = []
    for i in range(0, len(slots), at_once):
        mine = list(slots[i : i + at_once])
        begin, end = mine[0][0], mine[-1][1]
        last = i + at_once >= len(slots)
        places = tuple(
            place for place, time_s in chosen if begin <= time_s + 1e-6 and (time_s < end or last)
        )
        if places or not parts:
            parts.append((Stretch(begin, end, places), mine))
        else:  # no frame was chosen here: the one before speaks on
            parts[-1][1].extend(mine) if at_once > 1 else None
    if parts and not parts[0][0].places and len(parts) > 1:
        parts = parts[1:]
    return parts


def _segments(slots: Sequence[tuple[float, float]], said: str) -> list[Segment]:
    texts = _numbered(said)
    return [
        Segment(a, b, text)
        for i, (a, b) in enumerate(slots, 1)
        if (text := _tidy(texts.get(str(i), "")))
    ]


def _numbered(said: str) -> dict[str, str]:
    """Read the JSON that a model answered with. Raises `EngineError`."""
    try:
        told = json.loads(said[said.find("{") : said.rfind("}") + 1]) if "{" in said else None
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise EngineError(
            "The model did not write the script in the form asked for.",
            hint="Try again, or another model; a script of your own goes in with --script.",
        )
    return {str(key): value for key, value in told.items() if isinstance(value, str)}


def _tidy(text: str) -> str:
    bare = re.sub(r"[*_#`]+", "", text)
    return " ".join(bare.split()).strip('"“” ')


def _cut(text: str, share: float) -> str:
    """Keep about a share of a text: whole sentences where that leaves enough, else words."""
    words = text.split()
    most = min(len(words) - 1, int(len(words) * share))
    if most < 1:
        return ""
    kept = " ".join(words[:most])
    end = max(kept.rfind(mark) for mark in ".!?…")
    if end >= len(kept) // 2:
        return kept[: end + 1]
    return kept.rstrip(",;:–— ") + "."


def _seconds(sound: NDArray[np.int16]) -> float:
    return len(sound) / _RATE


def _at_48k(samples: bytes, rate: int) -> NDArray[np.int16]:
    import av

    if not samples:
        return np.zeros(0, np.int16)
    frame = av.AudioFrame.from_ndarray(
        np.frombuffer(samples, np.int16)[None], format="s16", layout="mono"
    )
    frame.sample_rate = rate
    resampler = av.AudioResampler("s16", "mono", _RATE)
    made = [*resampler.resample(frame), *resampler.resample(None)]
    sound = np.concatenate([f.to_ndarray().reshape(-1) for f in made])
    loud = np.flatnonzero(np.abs(sound.astype(np.int32)) > 150)
    if not len(loud):
        return np.zeros(0, np.int16)
    return np.asarray(sound[max(0, loud[0] - 240) : loud[-1] + 960], np.int16)


def _cues(heard: Sequence[Segment]) -> list[Cue]:
    return [cue for segment in heard for cue in _lines(segment)]


def _lines(segment: Segment) -> Iterator[Cue]:
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


def _chapters(heard: Sequence[Segment]) -> list[tuple[float, str]]:
    marks: list[tuple[float, str]] = []
    for segment in heard:
        if not marks or segment.start_s - marks[-1][0] >= _CHAPTER_S:
            title = " ".join(segment.text.split()[:6])
            marks.append((segment.start_s if marks else 0.0, title))
    return marks if len(marks) > 1 else []

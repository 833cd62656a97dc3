"""Describing a film: frames go to whoever answers, part by part where they do not fit at once.

What was said of each part makes the description of the whole; with a timeline every scene is a
part. Parts are asked about a few at a time, and what was said of them is kept until the whole is
done, so that an interrupted run goes on where it was. At no time more frames are in memory than
those parts have.
"""

from __future__ import annotations

import asyncio
import math
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sightline.errors import SightlineError
from sightline.jobs import ask as asking
from sightline.jobs.ask import Answerer, Asker, is_too_long
from sightline.jobs.part_store import PartStore, Stretch
from sightline.media.film_reader import DecodedFilm, FilmOrder, reading, within
from sightline.media.films import beside, pictured
from sightline.media.subtitles import Cue
from sightline.quoting import quoted
from sightline.settings import Settings
from sightline.types import (
    About,
    Detail,
    FilmNote,
    Frame,
    FrameNote,
    Part,
    Question,
    Sampling,
    Text,
)

PROMPT = (
    "These are frames of a film, in order. Write a title for the film on the first line, then "
    "describe what happens in it."
)
_PART = (
    "These are frames of a film from {a} to {b}, in order. Say in a few sentences what they show."
)
_SCENE = (
    "These are frames of one scene of a film, from {a} to {b}, in order. Say in one or two "
    "sentences what happens in it."
)
_BEARING = " Tell above all what bears on this: {prompt}"
_NOTES = "A film was looked at part by part. This was seen, with its times"
_SHORTER = "Put these notes about one film together in a few sentences.\n"
_SHORTER_NOTES = "The notes, in order"
_MOST_SCENE_S = 30.0
_BESIDE_NOTES = 12  # frames that go with the notes on the parts
_ROOM = 0.75  # of the context is for frames; the rest for words and for what is counted otherwise
_MOST_NOTE = 400  # tokens of what is said of one part
_WORDS = 12  # tokens of the text before a frame


@dataclass(frozen=True, slots=True)
class DescribeOptions:
    """What is to be described, and how: a film's file, or its bytes with a path as its name.

    Without a `prompt` a title and a description are asked for. `context` is the most tokens of one
    request, None for what is known of who answers. `parallel` parts are asked about at a time.
    `kept` is the folder in which what was said of parts is kept, None to keep nothing. `bounds` are
    the settings that a stranger's film is held to; one's own is to none. With `evidence` where what
    is said stands in the frames is asked for too.
    """

    path: Path
    sampling: Sampling
    detail: Detail = "low"
    prompt: str | None = None
    timeline: bool = False
    cues: tuple[Cue, ...] = ()
    context: int | None = None
    parallel: int = 2
    threads: int = 1
    kept: Path | None = None
    data: bytes | None = field(default=None, repr=False)
    bounds: Settings | None = None
    evidence: bool = False

    def asks(self, who: str) -> list[Any]:
        """Tell what the answer about a part follows from, beside the film; `who` answers."""
        return [self.prompt, self.detail, self.timeline, who, [c.text for c in self.cues]]


@dataclass(slots=True)
class DescribeCallbacks:
    """Who hears of it while it goes on; each is called from the event loop.

    `film` gets what is known of the film and the frames chosen, `frame` each frame, `progress` how
    many parts of how many are done, `piece` pieces of the description of the whole.
    """

    film: Callable[[About, int], None] = field(default=lambda about, count: None)
    frame: Callable[[Frame], None] = field(default=lambda frame: None)
    progress: Callable[[int, int], None] = field(default=lambda done, of: None)
    piece: Callable[[str], None] = field(default=lambda text: None)


@dataclass(frozen=True, slots=True)
class Description:
    """What was found out about a film.

    `frames` are place and time of those seen, `scenes` what was said of each where a timeline was
    asked for (else their times alone, where they were looked for), `spent` the usage of all
    requests together. `lost` is how many of the frames chosen could not be decoded. `evidence` is
    where what was said stands, as servers of ours tell it.
    """

    about: About
    frames: tuple[tuple[int, float], ...]
    text: str
    title: str | None
    scenes: tuple[Cue, ...]
    spent: dict[str, Any]
    lost: int = 0
    evidence: tuple[Mapping[str, Any], ...] = ()


async def describe(
    options: DescribeOptions, asker: Asker, callbacks: DescribeCallbacks | None = None
) -> Description:
    """Describe a film. Raises `SightlineError`; `ImageError` for what is no film."""
    who = await asker.answerer()
    return await _Describing(options, asker, who, callbacks or DescribeCallbacks()).whole()


class _Describing:
    def __init__(
        self, options: DescribeOptions, asker: Asker, who: Answerer, callbacks: DescribeCallbacks
    ) -> None:
        self._options, self._asker, self._who, self._callbacks = options, asker, who, callbacks
        self._context = min(options.context or who.context, who.context)
        self._kept = PartStore(options.kept, options.path, options.asks(who.name))
        self._spent: dict[str, Any] = {}
        self._evidence: list[Mapping[str, Any]] = []
        self._most = 1 << 30  # frames that fit in one request, as far as is known
        self._beside: list[Frame] = []
        self._about: About | None = None

    async def whole(self) -> Description:
        options = self._options
        order = FilmOrder(
            options.sampling,
            self._who.profile,
            options.detail,
            survey=options.timeline or self._who.surveys,
            threads=options.threads,
        )
        if options.bounds is not None:
            order = within(order, options.bounds)
        source = options.path if options.data is None else options.data
        async with reading(source, order, options.path.name) as film:
            self._callbacks.film(film.about, len(film.chosen))
            self._about = film.about
            parts = self._parts(film)
            if len(parts) == 1 and not options.timeline:
                text, seen = await self._at_once(film, parts[0])
                notes: list[Cue] = []
            else:
                notes, seen = await self._part_by_part(film, parts)
                text = await self._from_notes(notes)
        if not seen:
            raise SightlineError(f"No frame of {options.path.name} can be decoded.")
        self._kept.done()
        scenes = (
            notes if options.timeline else _scenes(film.about, _end(film.about, options.sampling))
        )
        title = _title(text) if options.prompt is None else None
        lost = len(film.chosen) - len(seen)
        return Description(
            film.about, tuple(seen), text, title, tuple(scenes), self._spent, lost,
            tuple(self._evidence),
        )  # fmt: skip

    def _parts(self, film: DecodedFilm) -> list[Stretch]:
        """Cut the frames chosen into parts: scenes for a timeline, else as few as fit."""
        each = film.tokens / max(1, len(film.chosen)) + _WORDS
        self._most = max(1, int(self._context * _ROOM / each))
        end = _end(film.about, self._options.sampling)
        if self._options.timeline:
            return _by_scene(film, end)
        count = math.ceil(len(film.chosen) / self._most)
        bounds = [round(i * len(film.chosen) / count) for i in range(count + 1)]
        starts = [film.chosen[low][1] for low in bounds[:-1]]
        return [
            Stretch(a, b, tuple(place for place, _ in film.chosen[low:high]))
            for a, b, low, high in zip(starts, [*starts[1:], end], bounds, bounds[1:], strict=False)
        ]

    async def _at_once(
        self, film: DecodedFilm, part: Stretch
    ) -> tuple[str, list[tuple[int, float]]]:
        async for frame in film.frames():
            self._callbacks.frame(frame)
            part.frames.append(frame)
        seen = [(frame.index, frame.time_s) for frame in part.frames]
        if not seen:
            return "", []
        text = ""
        try:
            question = await self._question(self._options.prompt or PROMPT, part)
            async for piece in self._asked(question):
                text += piece
                self._callbacks.piece(piece)
        except SightlineError as error:
            if text or not is_too_long(error) or len(part.frames) < 2:
                raise
            self._most = len(part.frames) // 2
            self._beside = part.frames[:: max(1, len(part.frames) // _BESIDE_NOTES)]
            return await self._from_notes(await self._pieces(part)), seen
        return text, seen

    async def _part_by_part(
        self, film: DecodedFilm, parts: list[Stretch]
    ) -> tuple[list[Cue], list[tuple[int, float]]]:
        gate = asyncio.Semaphore(self._options.parallel)
        seen: list[tuple[int, float]] = []
        done = 0
        self._callbacks.progress(0, len(parts))

        async def work(part: Stretch) -> Cue:
            nonlocal done
            try:
                text = await self._note(part)
            finally:
                part.frames = []
                gate.release()
            done += 1
            self._callbacks.progress(done, len(parts))
            return Cue(part.start_s, part.end_s, text)

        every = max(1, math.ceil(len(parts) / _BESIDE_NOTES))
        # Who surveys tells of the frames themselves, and gets as many as there is room for.
        chosen = len(film.chosen)
        room = chosen if chosen <= _BESIDE_NOTES else max(1, _BESIDE_NOTES // len(parts))
        each = room if self._who.surveys else 1
        tasks: list[asyncio.Task[Cue]] = []
        try:
            async with asyncio.TaskGroup() as group:
                number = 0
                async for part in filled(film, parts):
                    await gate.acquire()
                    for frame in part.frames:
                        self._callbacks.frame(frame)
                        seen.append((frame.index, frame.time_s))
                    if number % every == 0:
                        self._beside += _spread(part.frames, each)
                    number += 1
                    tasks.append(group.create_task(work(part)))
        except BaseExceptionGroup as errors:
            first = errors.exceptions[0]
            if isinstance(first, SightlineError) and done and self._kept.keeps:
                said = "What was said of the parts before is kept: the same command goes on there."
                first.hint = f"{first.hint} {said}".strip()
            raise first from None
        if self._about is not None:
            self._about = replace(self._about, looked=len(seen))
        return [task.result() for task in tasks], seen

    async def _note(self, part: Stretch) -> str:
        """Have one part described, in pieces where it is too long."""
        if not part.frames:
            return ""
        kept = self._kept.get(part)
        if kept is not None:
            return kept
        text = " ".join([note.text for note in await self._pieces(part)])
        self._kept.put(part, text)
        return text

    async def _pieces(self, part: Stretch) -> list[Cue]:
        """Have a part described, in halves of halves where it is too long for the model."""
        if len(part.frames) <= self._most:
            try:
                return [Cue(part.start_s, part.end_s, await self._said(part))]
            except SightlineError as error:
                if not is_too_long(error) or len(part.frames) < 2:
                    raise
                self._most = min(self._most, max(1, len(part.frames) // 2))
        middle = len(part.frames) // 2
        cut = part.frames[middle].time_s
        first = replace(part, end_s=cut, places=(), frames=part.frames[:middle])
        second = replace(part, start_s=cut, places=(), frames=part.frames[middle:])
        return [*await self._pieces(first), *await self._pieces(second)]

    async def _said(self, part: Stretch) -> str:
        prompt = _SCENE if self._options.timeline else _PART
        prompt = prompt.format(a=clock(part.start_s), b=clock(part.end_s))
        if self._options.prompt is not None:
            prompt += _BEARING.format(prompt=self._options.prompt)
        question = await self._question(prompt, part, facts=self._who.surveys)
        return await self._noted(question)

    async def _noted(self, question: Question) -> str:
        short = replace(question, max_tokens=_MOST_NOTE)
        return "".join([piece async for piece in self._asked(short)]).strip()

    async def _from_notes(self, notes: list[Cue]) -> str:
        """Have the whole described from what was said of its parts, and a few frames beside."""
        lines = [f"{clock(n.start_s)} to {clock(n.end_s)}: {n.text}" for n in notes if n.text]
        beside = list(self._beside)
        while True:
            part = Stretch(0.0, 0.0, (), beside)
            # What a picture says may have got into a note, and has no say as the user has it.
            told = Text(quoted(_NOTES, "\n".join(lines)))
            question = await self._question(self._options.prompt or PROMPT, part, told)
            text = ""
            try:
                async for piece in self._asked(question):
                    text += piece
                    self._callbacks.piece(piece)
                return text
            except SightlineError as error:
                if text or not is_too_long(error) or (not beside and sum(map(len, lines)) < 100):
                    raise
            if len(beside) > 1:
                beside = beside[::2]
            elif len(lines) > 1:
                pairs = [lines[i : i + 2] for i in range(0, len(lines), 2)]
                lines = [await self._shorter(pair) for pair in pairs]
            else:
                beside, lines = [], _cut(lines)

    async def _shorter(self, lines: Sequence[str]) -> str:
        """Have notes put together; those that are too long for that are cut first."""
        while True:
            try:
                return await self._together(lines)
            except SightlineError as error:
                if not is_too_long(error) or sum(map(len, lines)) < 100:
                    raise
                lines = _cut(lines)

    async def _together(self, lines: Sequence[str]) -> str:
        said = _SHORTER + quoted(_SHORTER_NOTES, "\n".join(lines))
        return await self._noted(asking.question(Text(said)))

    async def _asked(self, question: Question) -> AsyncIterator[str]:
        spent: dict[str, Any] = {}
        if self._options.evidence:
            question = replace(question, include=frozenset({"evidence"}))
        async for piece in self._asker.pieces(question, spent):
            yield piece
        self._evidence += asking.beside(spent).get("evidence") or ()
        add_usage(self._spent, spent)

    async def _question(
        self, prompt: str, part: Stretch, *told: Part, facts: bool = True
    ) -> Question:
        """Ask about a stretch's frames; with `facts` what is known of the film is told."""
        heard = bool(self._options.cues)
        known = (FilmNote(self._about, heard),) if facts and self._about is not None else ()
        cues = [c for c in self._options.cues if c.end_s > part.start_s and c.start_s < part.end_s]
        frames = await shown(
            part.frames, self._about, self._who.profile, self._options.detail, cues
        )
        return asking.question(Text(prompt), *told, *known, *frames)


async def shown(
    frames: Sequence[Frame],
    about: About | None,
    profile: str,
    detail: Detail,
    cues: Sequence[Cue] = (),
) -> list[Part]:
    """Make parts of a message of frames, each after its time, and what is said at its time."""
    made = []
    for frame in frames:
        height, width = frame.pixels.shape[:2]
        size = (width, height) if about is None else about.size
        picture = await asyncio.to_thread(pictured, frame.pixels, size, profile, detail)
        made.append((FrameNote(frame.time_s), picture))
    return beside(made, cues)


def clock(seconds: float) -> str:
    """Write a time: 0:05.3, 1:02:09.0."""
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    said = f"{minutes}:{rest // 10:02d}.{rest % 10}"
    return f"{hours}:{minutes:02d}{said[said.index(':') :]}" if hours else said


def _end(about: About, sampling: Sampling) -> float:
    return about.duration_s if sampling.end_s is None else min(sampling.end_s, about.duration_s)


def _scenes(about: About, end_s: float) -> list[Cue]:
    starts = [s for s in about.scenes or () if s < end_s]
    return [Cue(a, b, "") for a, b in zip(starts, [*starts[1:], end_s], strict=False)]


def _by_scene(film: DecodedFilm, end_s: float) -> list[Stretch]:
    """Make a part of each scene that has a frame; long scenes are cut into equal stretches."""
    starts: list[float] = []
    for scene in _scenes(film.about, end_s):
        count = max(1, math.ceil((scene.end_s - scene.start_s) / _MOST_SCENE_S - 1e-6))
        step = (scene.end_s - scene.start_s) / count
        starts += [scene.start_s + i * step for i in range(count)]
    parts: list[Stretch] = []
    for a, b in zip(starts, [*starts[1:], end_s], strict=True):
        places = tuple(place for place, time_s in film.chosen if a - 1e-6 <= time_s < b - 1e-6)
        if places or not parts:
            parts.append(Stretch(a, b, places))
        else:
            parts[-1].end_s = b
    if parts and not parts[0].places and len(parts) > 1:
        parts[1].start_s = parts[0].start_s
        parts = parts[1:]
    late = tuple(place for place, time_s in film.chosen if time_s >= end_s - 1e-6)
    if parts and late:
        parts[-1].places += late
    return parts


async def filled(film: DecodedFilm, parts: list[Stretch]) -> AsyncIterator[Stretch]:
    """Give each part once its frames are there. What cannot be decoded is not among them."""
    coming = iter(parts)
    part = next(coming)
    async for frame in film.frames():
        while frame.index > part.places[-1]:
            yield part
            part = next(coming)
        part.frames.append(frame)
    yield part
    for rest in coming:
        yield rest


def _spread(frames: Sequence[Frame], count: int) -> list[Frame]:
    """Take frames from the middle of so many equal stretches; all where they are no more."""
    most = min(count, len(frames))
    return [frames[(2 * at + 1) * len(frames) // (2 * most)] for at in range(most)]


def _cut(lines: Sequence[str]) -> list[str]:
    return [line[: len(line) // 2] for line in lines]


def _title(text: str) -> str | None:
    first = next((line for line in text.splitlines() if line.strip()), "")
    bare = re.sub(r"^(?:title\s*:)\s*", "", first.strip().strip("#*_ "), flags=re.IGNORECASE)
    bare = bare.strip("#*_ ")
    quoted_whole = _QUOTED.fullmatch(bare)
    return (quoted_whole[1] if quoted_whole else bare).strip() or None


_QUOTED = re.compile(r'["“]([^"“”]*)["”]')  # around the whole, not around its last words


def add_usage(total: dict[str, Any], spent: dict[str, Any]) -> None:
    """Add one request's usage; what is not a sum is kept of a single request only, but a note."""
    if not total:
        total.update(spent, requests=1)
        return
    total["requests"] += 1
    notes = [note for each in (total, spent) if (note := asking.beside(each).get("note"))]
    covered = Counter[str]()
    for each in (total, spent):
        covered.update(asking.beside(each).get("redacted") or {})
    total.pop("sightline", None)
    if notes:
        total["sightline"] = {"note": notes[0]}
    if covered:
        total["sightline"] = {**asking.beside(total), "redacted": dict(covered)}
    for key, value in spent.items():
        if isinstance(value, int) and isinstance(total.get(key, 0), int):
            total[key] = total.get(key, 0) + value
        elif key != "sightline" and isinstance(value, dict) and isinstance(total.get(key), dict):
            inner = {**total[key], "requests": 0}
            add_usage(inner, value)
            inner.pop("requests")
            total[key] = inner

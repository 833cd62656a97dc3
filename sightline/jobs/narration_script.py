"""The script of a narration: read from JSON, written as JSON, and written by whoever answers.

A model writes a text for each stretch of the film, cut at changes of scene. An engine that measures
tells what happens instead, and is asked from when on it may say how much: its stretches overlap.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sightline.errors import EngineError, InvalidRequest, SightlineError
from sightline.jobs import ask as asking
from sightline.jobs.ask import Answerer, Asker, is_too_long
from sightline.jobs.describe import add_usage, filled, shown
from sightline.jobs.narration_pauses import LEAST_S, Pause, between, no_pause
from sightline.jobs.part_store import Stretch
from sightline.media.film_reader import DecodedFilm
from sightline.media.subtitles import Cue
from sightline.quoting import quoted
from sightline.types import (
    About,
    Detail,
    FilmNote,
    Frame,
    JsonFormat,
    Message,
    Question,
    Sampling,
    Slot,
    Text,
)

STYLE = "Be vivid and to the point. Only include the narration."
PAUSE_S = 0.15  # between two pieces of speech, and before the film's end

_LEAST_SLOT_S, _USUAL_SLOT_S, _MOST_SLOT_S = 3.0, 8.0, 11.0
_SLOTS_AT_ONCE = 10
# An engine that measures may begin to speak every so often, and go on for so long.
_MOMENT_S, _SPOKEN_S = 0.5, 6.0
_MOMENTS_AT_ONCE = 360  # so that little is told again
_AROUND_S = 5.0  # of the frames: what is said then is told beside them
_FILLED = 0.9  # of a slot that words may take: the rest is breath
_MOST_SEGMENTS = 2000
_MOST_TEXT = 20_000
_SCRIPT = (
    "These are frames of a video, in order, each with its time. Create a voiceover script for it. "
    "{style}\n{language}Write one text for each of these stretches, in order, as they are to be "
    "spoken:\n{slots}\nAnswer as JSON with the numbers as keys."
)
_SPOKEN = (
    "What is said in the film stands beside its frames, in other stretches than these: the "
    "voiceover is heard in its pauses, and says none of it again.\n"
)
_BEFORE = "What has been said before"
_SLOT = "{number}. from {start:.1f} to {end:.1f} s, at most {words} words"
_MEASURED = "Narrate these frames of a video. Answer as JSON."
_SHORTER = (
    "Say the text in at most {words} words, in the same language and style, and answer with "
    "nothing else.\n{text}"
)


@dataclass(frozen=True, slots=True)
class ScriptSegment:
    """A piece of narration and the stretch of the film that it belongs to, in seconds."""

    start_s: float
    end_s: float
    text: str


def script_from(told: object) -> tuple[ScriptSegment, ...]:
    """Read a script: `{"segments": [{"start_s": 0.0, "end_s": 3.2, "text": "…"}]}`.

    Raises `InvalidRequest` that names the segment that is wrong.
    """
    segments = told.get("segments") if isinstance(told, Mapping) else None
    if not isinstance(segments, list) or not 0 < len(segments) <= _MOST_SEGMENTS:
        raise InvalidRequest(
            'The script has no "segments".',
            hint='It looks like {"segments": [{"start_s": 0.0, "end_s": 3.2, "text": "…"}]}.',
        )
    found: list[ScriptSegment] = []
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
        segment = ScriptSegment(float(start or 0), float(end or 0), " ".join(text.split()))
        if segment.start_s < 0 or segment.end_s <= segment.start_s:
            raise _wrong(number, "ends before it begins")
        if found and segment.start_s < found[-1].start_s:
            raise _wrong(number, "begins before the one before it")
        found.append(segment)
    return tuple(found)


def _wrong(number: int, what: str) -> InvalidRequest:
    return InvalidRequest(f"Segment {number} of the script {what}.")


def script_json(segments: Sequence[ScriptSegment]) -> str:
    """Write a script."""
    rows = [
        {"start_s": round(s.start_s, 3), "end_s": round(s.end_s, 3), "text": s.text}
        for s in segments
    ]
    return json.dumps({"segments": rows}, indent=2, ensure_ascii=False) + "\n"


class Writer:
    """Has a film's script written, and texts of it shortened.

    `said` is what is said in the film, in order. `spent` is the usage of all requests together.
    """

    def __init__(
        self,
        asker: Asker,
        *,
        style: str,
        language: str,
        detail: Detail,
        said: Sequence[Cue] = (),
    ) -> None:
        self._asker, self._style, self._language = asker, style, language
        self._detail: Detail = detail
        self._said = said
        self.spent: dict[str, Any] = {}

    async def script(
        self,
        film: DecodedFilm,
        who: Answerer,
        sampling: Sampling,
        pace: float,
        free: Sequence[Pause],
        step: Callable[[str, float], None],
    ) -> list[ScriptSegment]:
        """Have the script written for a voice of `pace` words a second. Raises `EngineError`.

        It is to be heard in the `free` pauses of the film. `step` is told how far it is.
        """
        slots = between((_moments if who.surveys else _slots)(film.about, sampling), free)
        if not slots:
            raise no_pause()
        at_once = _MOMENTS_AT_ONCE if who.surveys else _SLOTS_AT_ONCE
        parts = _parts(slots, film.chosen, at_once)
        step("Looking at the film", 0.0 if who.surveys else 1.0)
        segments: list[ScriptSegment] = []
        done = 0
        async for part in filled(film, [part for part, _ in parts]):
            # To measure is to look; the script is written by then.
            step("Looking at the film" if who.surveys else "Writing the script", done / len(parts))
            mine = parts[done][1]
            if part.frames:
                segments += await self._texts(part.frames, mine, segments, film.about, who, pace)
            done += 1
        step("Writing the script", 1.0)
        if not segments:
            raise EngineError(
                "The model wrote nothing for the script.",
                hint="Try again, or another model; a script of your own goes in with --script.",
            )
        return segments

    async def shorter(self, text: str, words: int) -> str:
        """Have a text said in at most so many words."""
        prompt = _SHORTER.format(words=words, text=quoted("The text", text))
        return _tidy(await self._asked(asking.question(Text(prompt))))

    async def _texts(
        self,
        frames: list[Frame],
        slots: list[tuple[float, float]],
        before: Sequence[ScriptSegment],
        about: About,
        who: Answerer,
        pace: float,
    ) -> list[ScriptSegment]:
        words = [max(1, int((b - a - PAUSE_S) * _FILLED * pace)) for a, b in slots]
        film = FilmNote(about)
        if who.surveys:
            stretches = zip(slots, words, strict=True)
            wanted = tuple(Slot(start, end, most) for (start, end), most in stretches)
            plain = replace(asking.question(Text(_MEASURED), film), narrate=wanted)
            told = _segments(slots, await self._asked(plain, frames, about, who))
            return _in_turn(told, before)
        prompt = self._prompt(slots, words, before)
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

    def _prompt(
        self,
        slots: Sequence[tuple[float, float]],
        words: Sequence[int],
        before: Sequence[ScriptSegment],
    ) -> str:
        """Write what a model is asked."""
        listed = "\n".join(
            _SLOT.format(number=i, start=a, end=b, words=w)
            for i, ((a, b), w) in enumerate(zip(slots, words, strict=True), 1)
        )
        english = self._language.split("-")[0] == "en"
        spoken = "" if english else f"Write in the language {self._language!r}.\n"
        spoken += _SPOKEN if self._said else ""
        prompt = _SCRIPT.format(style=self._style, language=spoken, slots=listed)
        if before:
            prompt += "\n" + quoted(_BEFORE, " ".join(s.text for s in before[-4:]))
        return prompt

    def _near(self, frames: Sequence[Frame]) -> list[Cue]:
        """Give what is said around the frames."""
        if not frames:
            return []
        begin, end = frames[0].time_s - _AROUND_S, frames[-1].time_s + _AROUND_S
        return [cue for cue in self._said if cue.end_s > begin and cue.start_s < end]

    async def _asked(
        self,
        question: Question,
        frames: Sequence[Frame] = (),
        about: About | None = None,
        who: Answerer | None = None,
    ) -> str:
        """Ask about frames; where they are too many for the model, about every second one."""
        told = question.messages[0].parts
        while True:
            if about is not None and who is not None:
                seen = await shown(frames, about, who.profile, self._detail, self._near(frames))
                question = replace(question, messages=(Message("user", (*told, *seen)),))
            spent: dict[str, Any] = {}
            try:
                said = await self._asker.text(question, spent)
            except SightlineError as error:
                if not is_too_long(error) or len(frames) < 2:
                    raise
                frames = frames[::2]
                continue
            add_usage(self.spent, spent)
            return said


def _stretch(about: About, sampling: Sampling) -> tuple[float, float]:
    end = about.duration_s if sampling.end_s is None else min(sampling.end_s, about.duration_s)
    return sampling.start_s, end


def _slots(about: About, sampling: Sampling) -> list[tuple[float, float]]:
    """Cut the film into stretches to talk about: at cuts, neither too short nor too long."""
    begin, end = _stretch(about, sampling)
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


def _moments(about: About, sampling: Sampling) -> list[tuple[float, float]]:
    """List from when to when may be spoken: from each cut on, and ever again after it."""
    begin, end = _stretch(about, sampling)
    bounds = [begin, *(s for s in about.scenes or () if begin < s < end)]
    starts = [
        start + i * _MOMENT_S
        for start, stop in zip(bounds, [*bounds[1:], end], strict=True)
        for i in range(max(1, math.ceil((stop - start) / _MOMENT_S - 1e-6)))
    ]
    kept = [start for start in starts if end - start >= LEAST_S] or starts[:1]
    return [(start, min(start + _SPOKEN_S, end)) for start in kept]


def _parts(
    slots: Sequence[tuple[float, float]], chosen: Sequence[tuple[int, float]], at_once: int
) -> list[tuple[Stretch, list[tuple[float, float]]]]:
    """Put slots together that are asked about at once, with the places of their frames."""
    parts: list[tuple[Stretch, list[tuple[float, float]]]] = []
    for i in range(0, len(slots), at_once):
        mine = list(slots[i : i + at_once])
        last = i + at_once >= len(slots)
        begin, end = mine[0][0], mine[-1][1] if last else slots[i + at_once][0]
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


def _segments(slots: Sequence[tuple[float, float]], said: str) -> list[ScriptSegment]:
    texts = _numbered(said)
    return [
        ScriptSegment(a, b, text)
        for i, (a, b) in enumerate(slots, 1)
        if (text := _tidy(texts.get(str(i), "")))
    ]


def _in_turn(told: Sequence[ScriptSegment], before: Sequence[ScriptSegment]) -> list[ScriptSegment]:
    """Leave out what was said before, and end each text where the next begins."""
    said = {segment.text for segment in before}
    fresh = [segment for segment in told if segment.text not in said]
    starts = [*(segment.start_s for segment in fresh), math.inf][1:]
    return [replace(s, end_s=min(s.end_s, after)) for s, after in zip(fresh, starts, strict=True)]


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

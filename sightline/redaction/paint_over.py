"""Covers what is found in pictures before another server gets them: opaque, in the pixels.

Found is what the measuring finds, and no more: lines that cannot be read, codes that cannot be
decoded and people whom the detector does not see stay as they are. What cannot be measured at all
ends the request, so that no picture goes out that was not looked at.
"""

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from sightline.errors import EngineError
from sightline.redaction.rules import PatternMatcher, Wanted
from sightline.types import PageNote, Part, Picture, Question, SaidNote
from sightline.workers import Stop, Workers

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sightline.perception.rows import Box
    from sightline.perception.text import TextReader
    from sightline.perception.things import Eyes

COVERED = "████"  # in place of a line of text
_MOST_ROUNDS = 12
# Letters reach out of their boxes: by a share of a line's height, and by pixels at least.
_AROUND, _LEAST_AROUND = 0.15, 2


@dataclass(frozen=True, slots=True)
class Covered:
    """A picture's pixels with what was found covered, and how much that was, by kind."""

    pixels: NDArray[np.uint8]
    counts: Counter[str]


class Redactor:
    """Covers pictures; what measures is loaded with the first, on a worker."""

    def __init__(self, workers: Workers, threads: int) -> None:
        self._workers, self._threads = workers, threads
        self._lock = threading.Lock()
        self._reader: TextReader | None = None
        self._eyes: Eyes | None = None

    async def cover(self, question: Question, wanted: Wanted) -> Question:
        """Give the question with its pictures and pages covered, and counts in `redacted`.

        Raises `EngineError` where something that is wanted cannot be looked for.
        """
        done: dict[str, Covered] = {}
        for picture in question.pictures:
            if picture.digest not in done:
                work = partial(self._covered, picture.pixels, wanted)
                done[picture.digest] = await self._workers.run(work)
        return await self._workers.run(lambda stop: _put(question, wanted, done, stop))

    def _covered(self, pixels: NDArray[np.uint8], wanted: Wanted, stop: Stop) -> Covered:
        counts = Counter[str]()
        boxes: list[Box] = []
        if wanted.lines:
            found, counts["unread"] = self._lines(pixels, PatternMatcher(wanted), stop)
            counts["text"] = len(found)
            boxes += found
        if wanted.codes:
            codes = _codes(pixels, stop)
            counts["codes"] = len(codes)
            boxes += codes
        if wanted.people:
            people = self._loaded_eyes().people(pixels, stop)
            counts["people"] = len(people)
            boxes += people
        return Covered(blacked(pixels, boxes), counts)

    def _lines(
        self, pixels: NDArray[np.uint8], matcher: PatternMatcher, stop: Stop
    ) -> tuple[list[Box], int]:
        """Find the lines that are to be covered, and count what could not be read."""
        from sightline.perception.survey import in_picture

        reading = self._loaded_reader().read(pixels, stop)
        found = [
            _wider(in_picture(row.box, reading.turn))
            for row in reading.rows
            if matcher.matches(row.text)
        ]
        return found, reading.unread

    def _loaded_reader(self) -> TextReader:
        from sightline.perception.text import TextReader

        with self._lock:
            if self._reader is None:
                self._reader = TextReader(self._threads)
            return self._reader

    def _loaded_eyes(self) -> Eyes:
        from sightline.perception.things import Eyes

        with self._lock:
            if self._eyes is None:
                self._eyes = Eyes(self._threads)
        if not self._eyes.can_see:
            raise EngineError(
                "People cannot be looked for, so that the picture is not sent.",
                hint="What sees them is missing or damaged: the operator can install Sightline "
                "again, `sightline-weights` with it.",
            )
        return self._eyes


def _codes(pixels: NDArray[np.uint8], stop: Stop) -> list[Box]:
    """Find codes until none can be read any more: what is read of one may be a part of its bars."""
    from sightline.perception.codes import find_codes
    from sightline.perception.rows import around

    found: list[Box] = []
    for _ in range(_MOST_ROUNDS):
        stop.check()
        more = [_wider(code.box) for code in find_codes(blacked(pixels, found))]
        if not more:
            return found
        for box in more:
            near = [other for other in found if _meet(box, other)]
            found = [other for other in found if other not in near] + [around([box, *near])]
    raise EngineError(
        "A code in the picture cannot be covered, so that the picture is not sent.",
        hint="Send the picture without it.",
    )


def _meet(one: Box, other: Box) -> bool:
    return not (one.x1 < other.x0 or other.x1 < one.x0 or one.y1 < other.y0 or other.y1 < one.y0)


def _wider(box: Box) -> Box:
    """Give a box with a little around it."""
    from sightline.perception.rows import Box

    by = max(_LEAST_AROUND, _AROUND * min(box.height, box.width))
    return Box(box.x0 - by, box.y0 - by, box.x1 + by, box.y1 + by)


def blacked(pixels: NDArray[np.uint8], boxes: Sequence[Box]) -> NDArray[np.uint8]:
    """Give pixels of shape (height, width, 3) that are black within boxes."""
    if not boxes:
        return pixels
    made = pixels.copy()
    for box in boxes:
        top, left = max(0, math.floor(box.y0)), max(0, math.floor(box.x0))
        made[top : max(0, math.ceil(box.y1)), left : max(0, math.ceil(box.x1))] = 0
    return made


def _put(question: Question, wanted: Wanted, done: dict[str, Covered], stop: Stop) -> Question:
    from sightline.media.image import digest
    from sightline.media.prepare import views

    matcher = PatternMatcher(wanted)
    counts = Counter[str](_nothing(wanted))

    def put(part: Part) -> Iterator[Part]:
        stop.check()
        if isinstance(part, Picture):
            covered = done[part.digest]
            counts.update(covered.counts)
            pixels = covered.pixels
            tiles = len(part.views) > 1
            cut = views(pixels, part.sight) if tiles else (pixels,)
            yield replace(part, pixels=pixels, views=cut, digest=digest(pixels))
        elif isinstance(part, PageNote) and wanted.lines:
            text, lines = _without(part.text.split("\n"), matcher)
            name, named = _without([part.name], matcher)
            counts["page_text"] += lines + named
            yield replace(part, text=text, name=name)
        elif isinstance(part, SaidNote) and wanted.lines:
            said = [
                (start_s, end_s, *_without([text], matcher)) for start_s, end_s, text in part.said
            ]
            counts["said"] += sum(covered for *_, covered in said)
            yield SaidNote(tuple((start_s, end_s, text) for start_s, end_s, text, _ in said))
        else:
            yield part

    made = question.with_parts(put)
    return replace(made, redacted=dict(counts))


def _nothing(wanted: Wanted) -> dict[str, int]:
    kinds = {"text": wanted.lines, "codes": wanted.codes, "people": wanted.people}
    return {kind: 0 for kind, is_wanted in kinds.items() if is_wanted}


def _without(lines: Iterable[str], matcher: PatternMatcher) -> tuple[str, int]:
    """Give lines with those that are to be covered replaced, and count these."""
    kept = [COVERED if matcher.matches(line) else line for line in lines]
    return "\n".join(kept), kept.count(COVERED)

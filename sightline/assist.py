"""What can be read in pictures, put before the question for a model that reads badly.

After each picture stands what the measuring part read in it, line by line with its place, as
plain text that any model can use. A picture without text gets none.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from sightline.types import Message, Part, Picture, Question, Text
from sightline.workers import Stop, Workers

if TYPE_CHECKING:
    from sightline.perception.survey import Survey
    from sightline.perception.text import TextReader

_MOST_LINES = 200


class Assistant:
    """Reads pictures; the OCR models are loaded with the first, on a worker."""

    def __init__(self, workers: Workers, threads: int) -> None:
        self._workers = workers
        self._threads = threads
        self._lock = threading.Lock()
        self._reader: TextReader | None = None

    async def assist(self, question: Question) -> Question:
        """Give the question with what can be read in each of its pictures after it."""
        notes: dict[str, str] = {}
        for picture in question.pictures:
            if picture.digest not in notes:
                notes[picture.digest] = await self._workers.run(self._work(picture))
        return replace(question, messages=tuple(_noted(m, notes) for m in question.messages))

    def _work(self, picture: Picture) -> Callable[[Stop], str]:
        def work(stop: Stop) -> str:
            from sightline.perception.survey import survey
            from sightline.perception.text import TextReader

            with self._lock:
                if self._reader is None:
                    self._reader = TextReader(self._threads)
            return note(survey(picture, self._reader, stop), picture)

        return work


def note(seen: Survey, picture: Picture) -> str:
    """Write what was read, each line with the place of its upper left corner in percent."""
    lines = []
    for row in seen.rows[:_MOST_LINES]:
        box = row.box
        x, y = round(100 * box.x0 / picture.width), round(100 * box.y0 / picture.height)
        lines.append(f"({x}%, {y}%) {row.text}")
    lines += [f"{code.name}: {code.content}" for code in seen.codes]
    if not lines:
        return ""
    return "Text read in this picture, with the place of each line:\n" + "\n".join(lines)


def _noted(message: Message, notes: dict[str, str]) -> Message:
    parts: list[Part] = []
    for part in message.parts:
        parts.append(part)
        if isinstance(part, Picture) and notes[part.digest]:
            parts.append(Text(notes[part.digest], ours=True))
    return replace(message, parts=tuple(parts))

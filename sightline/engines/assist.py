"""What can be read in pictures, put before the question for a model that reads badly.

After each picture stands what the measuring part read in it, line by line with its place, as data
that any model can use. A picture without text gets none.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from sightline.api.notes import noted
from sightline.types import Picture, Question
from sightline.workers import Stop, Workers

if TYPE_CHECKING:
    from sightline.perception.text import TextReader


class Assistant:
    """Reads pictures; the OCR models are loaded with the first, on a worker."""

    def __init__(self, workers: Workers, threads: int) -> None:
        self._workers = workers
        self._threads = threads
        self._lock = threading.Lock()
        self._reader: TextReader | None = None

    async def assist(self, question: Question, *, marked: bool = True) -> Question:
        """Give the question with what can be read in each picture after it, written by `note`."""
        notes: dict[str, str] = {}
        for picture in question.pictures:
            if picture.digest not in notes:
                notes[picture.digest] = await self._workers.run(self._work(picture, marked))
        return noted(question, notes)

    def _work(self, picture: Picture, marked: bool) -> Callable[[Stop], str]:
        def work(stop: Stop) -> str:
            from sightline.perception.reading_notes import note
            from sightline.perception.survey import survey
            from sightline.perception.text import TextReader

            with self._lock:
                if self._reader is None:
                    self._reader = TextReader(self._threads)
            return note(survey(picture, self._reader, None, stop), marked=marked)

        return work

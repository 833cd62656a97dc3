"""What was said of the parts of a film, kept until the whole is described."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sightline.types import Frame


@dataclass(slots=True)
class Stretch:
    """A stretch of a film: its times in seconds, the places of its frames, and these once there."""

    start_s: float
    end_s: float
    places: tuple[int, ...]
    frames: list[Frame] = field(default_factory=list)


class PartStore:
    """What was said of parts, on disk until the whole is done. It holds no picture."""

    def __init__(self, folder: Path | None, film: Path, asked: list[Any]) -> None:
        """Look in a folder, None to keep nothing, for what was `asked` of a film before."""
        self.keeps = folder is not None
        self._said: dict[str, str] = {}
        self._file: Path | None = None
        self._ask = asked
        if folder is None:
            return
        try:
            facts = film.stat()
        except OSError:
            return
        named = f"{film.resolve()}\n{facts.st_size}\n{facts.st_mtime_ns}"
        self._file = folder / f"{hashlib.sha256(named.encode()).hexdigest()[:32]}.jsonl"
        if self._file.exists():
            for line in self._file.read_text("utf-8").splitlines():
                try:
                    told = json.loads(line)
                    self._said[told["part"]] = told["text"]
                except (ValueError, KeyError, TypeError):
                    continue  # cut off while it was written

    def get(self, part: Stretch) -> str | None:
        """Give what was said of a part before, if it was."""
        return self._said.get(self._key(part))

    def put(self, part: Stretch, text: str) -> None:
        """Keep what was said of a part."""
        if self._file is None:
            return
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        line = json.dumps({"part": self._key(part), "text": text}) + "\n"
        with open(self._file, "a", encoding="utf-8", opener=_private) as file:
            file.write(line)

    def done(self) -> None:
        """Forget it."""
        if self._file is not None:
            self._file.unlink(missing_ok=True)

    def _key(self, part: Stretch) -> str:
        told = json.dumps([part.places, part.start_s, part.end_s, self._ask])
        return hashlib.sha256(told.encode()).hexdigest()[:32]


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)

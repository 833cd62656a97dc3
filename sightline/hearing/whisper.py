"""Whisper's models on this machine, by faster-whisper (CTranslate2), in a process of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sightline import extras
from sightline.errors import EngineError, ModelFileError, UsageError
from sightline.hearing.transcriber import Options, Transcriber
from sightline.models.catalogue import catalogue
from sightline.models.store import Store
from sightline.processes import Ended, Process, keyless
from sightline.types.transcripts import Segment, SpokenWord, Task

_LOAD_S = 300.0
_SILENT_S = 600.0  # between two segments, on a machine that does much else
_FILES = ("config.json", "model.bin", "tokenizer.json")
_SUGGESTED = "whisper-base"
_MOST_LINE = 1 << 20


class Whisper(Transcriber):
    """Whisper, one stretch of sound at a time: it takes all cores by itself."""

    name = "whisper"

    def __init__(self, options: Options) -> None:
        self._options = options
        self._turn = asyncio.Lock()
        self._process: Process | None = None
        self._folder: Path | None = None  # of the model that the process holds

    def models(self) -> tuple[str, ...]:
        """List those that were pulled, or the one that --hearing-model names."""
        if self._options.hearing_model:
            return (Path(self._options.hearing_model).name,)
        held = Store(self._options.models_folder).locked()
        here = [held[entry.name] for entry in catalogue().hearing if entry.name in held]
        return tuple(each.name for each in sorted(here, key=lambda each: each.bytes))

    def check(self) -> None:
        """See that the library and a model are there. Raises `UsageError`."""
        if find_spec("faster_whisper") is None:
            raise UsageError(
                "What is said cannot be heard: faster-whisper is not installed.",
                hint=f"{extras.hint('hearing')}; then: sightline pull {_SUGGESTED}",
            )
        try:
            self._found("")
        except ModelFileError as error:
            raise UsageError(error.message, hint=error.hint) from None

    async def transcribe(self, samples: bytes, model: str, task: Task) -> AsyncGenerator[Segment]:
        """Listen to a stretch."""
        self.check()
        async with self._turn:
            process = await self._ready(await asyncio.to_thread(self._found, model))
            whole = False
            try:
                await process.send(_order(task, len(samples)), [samples])
                while "end" not in (told := await _line(process, _SILENT_S)):
                    yield _segment(told)
                whole = True
            except Ended:
                raise _broken() from None
            finally:
                if not whole:  # it would go on with what nobody waits for
                    await self._end()

    async def close(self) -> None:
        """End the process."""
        async with self._turn:
            await self._end()

    def _found(self, model: str) -> Path:
        """Find the folder of a model, or of the best one that is here. Raises `ModelFileError`."""
        named = self._options.hearing_model
        store = Store(self._options.models_folder)
        if named and named not in store.locked():
            folder = Path(named).expanduser()
            if not folder.is_dir():
                raise ModelFileError(
                    f"There is no model {named!r} to hear with.",
                    hint="Check --hearing-model: a folder, or the name of a pulled one.",
                )
        else:
            here = self.models()
            if not here:
                raise ModelFileError(
                    "No model that hears is installed.", hint=f"Type: sightline pull {_SUGGESTED}"
                )
            chosen = named or (model if model in here else here[-1])
            store.verify(chosen)
            folder = store.folder_of(chosen)
        if missing := [name for name in _FILES if not (folder / name).is_file()]:
            raise ModelFileError(
                f"The model to hear with lacks {missing[0]}.",
                hint="It is a folder in CTranslate2's form, as faster-whisper takes it.",
            )
        return folder

    async def _ready(self, folder: Path) -> Process:
        """Give the process that holds a model. Raises `EngineError`."""
        if self._process is not None and self._folder == folder:
            return self._process
        await self._end()
        process = await Process.start(
            "sightline.hearing.whisper_child",
            {**keyless(), "HF_HUB_OFFLINE": "1"},
            longest_line=_MOST_LINE,
        )
        try:
            await process.send({"folder": str(folder), "threads": self._options.worker_threads})
            told = await _line(process, _LOAD_S)
            if "ready" not in told:
                raise EngineError(
                    "The model to hear with cannot be loaded.",
                    hint=f"Type: sightline pull {_SUGGESTED}",
                )
        except BaseException as error:
            await process.end()
            if isinstance(error, Ended):
                raise _broken() from None
            raise
        self._process, self._folder = process, folder
        return process

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            await process.end()


async def _line(process: Process, patience_s: float) -> dict[str, Any]:
    try:
        async with asyncio.timeout(patience_s):
            return await process.line()
    except TimeoutError:
        raise Ended from None


def _order(task: Task, size: int) -> dict[str, Any]:
    return {
        "bytes": size,
        "language": task.language,
        "languages": list(task.languages),
        "translate": task.translate,
        "prompt": task.prompt,
        "keywords": list(task.keywords),
        "temperature": task.temperature,
        "words": task.words,
        "detection": asdict(task.detection),
    }


def _segment(told: dict[str, Any]) -> Segment:
    words = tuple(
        SpokenWord(start_s, end_s, text.strip()) for start_s, end_s, text in told.pop("words")
    )
    return Segment(**{**told, "words": words, "tokens": tuple(told["tokens"])})


def _broken() -> EngineError:
    return EngineError("Hearing broke off.", hint="Try again.")

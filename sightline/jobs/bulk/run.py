"""A bulk run on one machine: so many pictures on their way at once, each answer soon written.

Reading and preparing go on beside the engine's work, as do questions to a server. One picture that
fails is a row with an error; what would fail every other one too ends the run.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from sightline.errors import EngineBusy, ModelNotFound, SightlineError, Unauthorized, UpstreamError
from sightline.jobs.ask import Asker, beside
from sightline.jobs.bulk.index import Index
from sightline.jobs.bulk.job import Job
from sightline.jobs.bulk.loading import Loader
from sightline.jobs.bulk.sources import Item
from sightline.settings import Settings
from sightline.types import Part, Question

_TRIES = 8  # while an engine is busy
_RETRIES = 6  # at a server that is busy
_AT_ONCE = 8  # questions of one that asks servers
_SAMPLE = 100  # pictures that are looked at for an estimate
_WORDS = 4  # characters of English to the token, about


@dataclass(frozen=True, slots=True)
class Servers:
    """Who answers: the engine of the settings on each machine, or servers elsewhere."""

    settings: Settings
    base_urls: tuple[str, ...] = ()
    api_key: str | None = None
    model: str | None = None
    at_once: int = _AT_ONCE

    def askers(self) -> list[Asker]:
        """Make those that ask them."""
        return [
            Asker(
                self.settings,
                base_url=url,
                api_key=self.api_key,
                model=self.model,
                retries=_RETRIES,
            )
            for url in self.base_urls or (None,)
        ]


@dataclass(slots=True)
class Progress:
    """How far a run is; `heard` is called after each row."""

    total: int
    done: int = 0
    failed: int = 0
    began: float = field(default_factory=time.monotonic)
    heard: Callable[[Progress], None] = lambda progress: None

    def note(self, row: dict[str, Any]) -> None:
        """Count a row."""
        self.done += 1
        self.failed += row["error"] is not None
        self.heard(self)

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.monotonic() - self.began

    @property
    def rate(self) -> float:
        """Pictures a second, from the beginning: the first come all at once."""
        return self.done / max(1e-9, self.seconds)

    @property
    def left_s(self) -> float:
        """Seconds that are left at this rate."""
        return (self.total - self.done) / max(1e-9, self.rate)


async def answered(
    item: Item, order: Job, load: Callable[[Item], Awaitable[Sequence[Part]]], asker: Asker
) -> dict[str, Any]:
    """Ask about one item; give its row. Raises `SightlineError` for what would fail all."""
    began = time.monotonic()
    spent: dict[str, Any] = {}
    row: dict[str, Any] = {"key": item.key, "answers" if order.decide else "answer": None}
    if order.is_json:
        row["fields"] = None
    error = None
    try:
        question = order.asked(await load(item))
        if order.decide:
            row["answers"] = await _patiently(lambda: _decided(question, spent, asker))
        else:
            row["answer"] = await _patiently(lambda: _answer(question, spent, asker))
        if order.is_json:
            row["fields"] = order.fields(row["answer"])
    except SightlineError as found:
        if _fails_all(found):
            raise
        error = found.line
    took, gave = ("input", "output") if order.decide else ("prompt", "completion")
    details = spent.get(f"{took}_tokens_details") or {}
    row["usage"] = {
        "prompt_tokens": spent.get(f"{took}_tokens"),
        "image_tokens": details.get("image_tokens"),
        "completion_tokens": spent.get(f"{gave}_tokens"),
    }
    row |= {k: beside(spent)[k] for k in ("evidence", "redacted") if k in beside(spent)}
    row["seconds"] = round(time.monotonic() - began, 4)
    row["at"] = datetime.now(UTC).isoformat(timespec="seconds")
    return {**row, "error": error}


async def _answer(question: Question, spent: dict[str, Any], asker: Asker) -> str:
    return "".join([piece async for piece in asker.pieces(question, spent, stream=False)])


async def _decided(question: Question, spent: dict[str, Any], asker: Asker) -> list[dict[str, Any]]:
    made = await asker.decide(question)
    spent.update(made.get("usage") or {})
    answers: list[dict[str, Any]] = made["answers"]
    return answers


T = TypeVar("T")


async def _patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """Ask until whoever answers is not busy. Raises `SightlineError`."""
    for tried in range(_TRIES):
        try:
            return await ask()
        except EngineBusy as busy:
            if tried == _TRIES - 1:
                raise
            await asyncio.sleep(busy.retry_s)
    raise EngineBusy


def _fails_all(error: SightlineError) -> bool:
    if isinstance(error, UpstreamError):
        return error.lasting
    return isinstance(error, EngineBusy | Unauthorized | ModelNotFound)


async def run(
    items: Iterator[Item],
    order: Job,
    loader: Loader,
    askers: Iterator[Asker],
    write: Callable[[dict[str, Any]], None],
    progress: Progress,
    at_once: int,
) -> None:
    """Ask about items, `at_once` at a time, of whoever comes next among the `askers`.

    Raises `SightlineError` for what ends the run; what was answered until then has been written.
    """
    slots = asyncio.Semaphore(at_once)
    writing = asyncio.Lock()

    async def work(item: Item, asker: Asker) -> None:
        try:
            row = await answered(item, order, loader.parts, asker)
            async with writing:
                await asyncio.to_thread(write, row)
        finally:
            slots.release()
        progress.note(row)

    try:
        async with asyncio.TaskGroup() as group:
            while True:
                await slots.acquire()
                item = await asyncio.to_thread(next, items, None)
                if item is None:
                    break
                group.create_task(work(item, next(askers)))
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None


async def image_tokens(index: Index, loader: Loader) -> tuple[int, int]:
    """Guess what the pictures that are left cost together; also give how many were looked at."""
    sample = await asyncio.to_thread(index.sample, _SAMPLE)
    gate = asyncio.Semaphore(8)

    async def one(item: Item) -> int | None:
        async with gate:
            try:
                return await loader.tokens(item)
            except SightlineError:
                return None  # it will be a row with an error, and costs nothing

    counts = [c for c in await asyncio.gather(*(one(item) for item in sample)) if c is not None]
    left = index.count()[1]
    if not counts:
        return 0, 0
    return round(sum(counts) / len(sample) * left), len(sample)


def text_tokens(order: Job, times: int) -> int:
    """Guess what the question costs, sent so many times."""
    return times * (7 + len(order.text) // _WORDS)

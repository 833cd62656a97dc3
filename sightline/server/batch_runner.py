"""Works on batches: one process of a server at a time, where the last one left off.

Servers with other engines may keep their files in the same folder, the user's own by default. Each
works on the batches that were made at such as it, and on others only where none of those runs.
Nothing is held in memory but the requests being asked. Whatever ends the process, those are asked
again by the next; a result that is written is not.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

from sightline.api import batches as wire
from sightline.api.batches import Batch
from sightline.errors import SightlineError
from sightline.server.batch_store import BatchLine, BatchStore
from sightline.server.file_store import FileStore
from sightline.server.loopback_client import Reply
from sightline.workers import cancel

log = logging.getLogger("sightline.batches")
Post = Callable[[str, bytes, str], Awaitable[Reply]]
_POLL_S = 0.5
_TRIES = 3  # of a request that an engine fails at
_LONGEST_WAIT_S = 30.0
_MOST_PROBLEMS = 100
_EXPIRED = (
    "batch_expired",
    "This request could not be executed before the completion window expired.",
)
_CANCELLED = ("batch_cancelled", "This request was not executed: the batch was cancelled.")
_NO_INPUT = ("input_file_deleted", "The input file was gone before this request was executed.")


class BatchRunner:
    """Works on the batches of a folder of files. `post` asks the server itself."""

    def __init__(
        self,
        store: BatchStore,
        files: FileStore,
        folder: Path,
        post: Post,
        *,
        asked_of: str,
        at_once: int,
        most_requests: int,
        most_line: int,
    ) -> None:
        self._store, self._files, self._post = store, files, post
        self._folder, self._asked_of = folder, asked_of
        self._claims: dict[str, _Claim] = {}
        self._closed = False
        self._slots = asyncio.Semaphore(at_once)
        self._most_requests, self._most_line = most_requests, most_line
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._wake = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    @property
    def active(self) -> int:
        """How many batches are being worked on here."""
        return len(self._tasks)

    def start(self) -> None:
        """Begin in the background."""
        self._running = asyncio.create_task(self._run())

    def wake(self) -> None:
        """Say that there may be something new to do."""
        self._wake.set()

    def claim(self) -> bool:
        """Say to other servers that one of this mark runs; give whether it works on batches."""
        return self._claim(self._asked_of).take()

    async def close(self) -> None:
        """Stop; what is not done is done by the next who starts."""
        self._closed = True
        await cancel(*self._tasks.values(), self._running)
        for claim in tuple(self._claims.values()):  # a thread may add one
            claim.close()

    async def _run(self) -> None:
        while True:
            with suppress(SightlineError):  # a disk that is full or away may come back
                for batch in await asyncio.to_thread(self._unfinished):
                    if batch.id not in self._tasks:
                        task = asyncio.create_task(self._batch(batch))
                        self._tasks[batch.id] = task
                        task.add_done_callback(partial(self._done, batch.id))
            self._wake.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(_POLL_S):
                    await self._wake.wait()

    def _done(self, id: str, task: asyncio.Task[None]) -> None:
        del self._tasks[id]
        if not task.cancelled() and task.exception() is not None:
            log.error("%s stopped; it goes on in a moment", id, exc_info=task.exception())

    def _unfinished(self) -> list[Batch]:
        """Give what is to be worked on here, and say to other servers that this one runs."""
        if self._closed or not self._store.database.path.exists():  # none was ever made
            return []
        claimed = self.claim()
        by_mark: dict[str, list[Batch]] = {mark: [] for mark in self._claims}
        for batch in self._store.unfinished():
            by_mark.setdefault(batch.asked_of, []).append(batch)
        mine = by_mark.pop(self._asked_of)
        others = [self._left_behind(mark, batches) for mark, batches in by_mark.items()]
        return [*(mine if claimed else ()), *(batch for left in others for batch in left)]

    def _left_behind(self, mark: str, batches: list[Batch]) -> list[Batch]:
        """Take over batches whose own servers are gone, and let these have what comes later."""
        claim = self._claim(mark)
        if claim.held:
            if not any(batch.id in self._tasks for batch in batches):
                claim.leave()
            return []
        return batches if batches and claim.take() else []

    def _claim(self, mark: str) -> _Claim:
        name = f"batches-{mark}.lock" if mark else "batches.lock"
        return self._claims.setdefault(mark, _Claim(self._folder / name))

    async def _batch(self, batch: Batch) -> None:
        """Take a batch to its end; where that fails it is tried again after a moment."""
        try:
            if batch.status == "validating":
                await asyncio.to_thread(self._validate, batch)
            await self._work(batch)
            await asyncio.to_thread(self._end, batch.id)
        except SightlineError as error:
            log.error("%s: %s", batch.id, error.message)
            await asyncio.sleep(_POLL_S)

    def _validate(self, batch: Batch) -> None:
        problems, requests, model = self._read(batch)
        if problems:
            self._store.fail(batch.id, problems)
        else:
            self._store.begin(batch.id, model, requests)

    def _read(self, batch: Batch) -> tuple[list[wire.Problem], list[BatchLine], str]:
        """Read the input file: what is wrong with it, its requests, and their model."""
        problems: list[wire.Problem] = []
        requests: list[BatchLine] = []
        seen: set[str] = set()
        model = ""
        for number, start, line in self._lines(batch):
            if len(problems) >= _MOST_PROBLEMS:
                break
            if not line.strip():
                continue
            if len(requests) >= self._most_requests:
                message = f"The file has more than {self._most_requests} requests."
                return [wire.Problem("too_many_requests", message)], [], model
            if len(line) > self._most_line:
                message = "This request is larger than a request may be."
                problems.append(wire.Problem("request_too_large", message, number))
                continue
            read = wire.read_line(line, number, batch.endpoint)
            if isinstance(read, wire.Problem):
                problems.append(read)
                continue
            model = model or read.model
            if read.custom_id in seen:
                problems.append(wire.duplicate(read.custom_id, number))
            if read.model != model:
                problems.append(wire.mismatched(model, number))
            seen.add(read.custom_id)
            requests.append(BatchLine(number, read.custom_id, start, len(line)))
        if not requests and not problems:
            message = "The input file is empty. A batch has at least one request."
            problems.append(wire.Problem("empty_file", message))
        return problems, requests, model

    def _lines(self, batch: Batch) -> Iterator[tuple[int, int, bytes]]:
        """Give each line with its number and where it begins; of long ones the beginning."""
        path = self._input(batch)
        if path is None:
            return
        with path.open("rb") as file:
            number = start = 0
            while line := file.readline(self._most_line + 1):
                number += 1
                length = len(line)
                while not line.endswith(b"\n") and (more := file.readline(1 << 20)):
                    length += len(more)
                    if more.endswith(b"\n"):
                        break
                yield number, start, line
                start += length

    def _input(self, batch: Batch) -> Path | None:
        file = self._files.find(batch.input_file_id, batch.owner)
        path = None if file is None else self._files.path(file)
        return path if path is not None and path.exists() else None

    async def _work(self, batch: Batch) -> None:
        """Have every request answered, until the batch is to end."""
        if await asyncio.to_thread(self._store.status, batch.id) != "in_progress":
            return
        working = asyncio.create_task(self._requests(batch))
        try:
            while not working.done():
                await asyncio.wait({working}, timeout=_POLL_S)
                status = await asyncio.to_thread(self._store.status, batch.id)
                if status != "in_progress" or time.time() >= batch.expires:
                    return
            working.result()
        finally:
            await cancel(working)

    async def _requests(self, batch: Batch) -> None:
        line = 0
        async with asyncio.TaskGroup() as asked:
            while True:
                await self._slots.acquire()
                try:
                    request = await asyncio.to_thread(self._store.following, batch.id, line)
                except BaseException:
                    self._slots.release()
                    raise
                if request is None:
                    self._slots.release()
                    return
                line = request.line
                task = asked.create_task(self._request(batch, request))
                task.add_done_callback(lambda _: self._slots.release())

    async def _request(self, batch: Batch, request: BatchLine) -> None:
        body = await asyncio.to_thread(self._body, batch, request)
        if body is None:
            said, ok, spent = wire.unexecuted_line(request.custom_id, *_NO_INPUT), False, (0, 0)
        else:
            reply = await self._asked(batch, body)
            said, ok, spent = await asyncio.to_thread(_told, request, reply)
        while True:
            try:
                return await asyncio.to_thread(
                    self._store.settle, batch.id, request.line, ok, said, spent
                )
            except SightlineError as error:  # what was answered waits for room on the disk
                log.error("%s: %s", batch.id, error.message)
                await asyncio.sleep(_POLL_S)

    def _body(self, batch: Batch, request: BatchLine) -> bytes | None:
        path = self._input(batch)
        try:
            if path is None:
                return None
            with path.open("rb") as file:
                file.seek(request.start)
                line = file.read(request.length)
            return json.dumps(json.loads(line)["body"]).encode()
        except (OSError, ValueError):  # it goes in this moment
            return None

    async def _asked(self, batch: Batch, body: bytes) -> Reply:
        """Ask; again where the server is busy, and a few times where an engine fails."""
        failures = 0
        while True:
            reply = await self._post(batch.endpoint, body, batch.owner)
            if reply.status in (429, 503) and reply.retry_s is not None:
                await asyncio.sleep(min(reply.retry_s, _LONGEST_WAIT_S))
                continue
            failures += 1
            if reply.status < 500 or failures >= _TRIES:
                return reply
            await asyncio.sleep(failures / 2)

    def _end(self, id: str) -> None:
        """Write a batch's files, unless it has failed."""
        if self._store.status(id) in ("failed", "completed", "expired", "cancelled"):
            return
        batch = self._store.finalize(id)
        status, reason = "completed", _EXPIRED
        if batch.times["cancelling_at"] is not None:
            status, reason = "cancelled", _CANCELLED
        elif sum(batch.counts[1:]) < batch.counts[0] or not batch.counts[0]:
            status = "expired"

        def failed() -> Iterator[str]:
            yield from self._store.results(id, ok=False)
            for custom_id in self._store.left(id):
                yield wire.unexecuted_line(custom_id, *reason)

        output = self._write(batch, "output", self._store.results(id, ok=True))
        self._store.end(id, status, output, self._write(batch, "error", failed()))

    def _write(self, batch: Batch, kind: str, lines: Iterator[str]) -> str | None:
        """Keep a file of a batch, None where it would be empty."""
        first = next(lines, None)
        if first is None:
            return None

        def all_() -> Iterator[str]:
            yield first
            yield from lines

        # The same id where this is done again.
        id = f"file-{batch.id.removeprefix('batch_')}{kind[0]}"
        self._files.adopt(id, batch.owner, f"{batch.id}_{kind}.jsonl", batch.output_keep_s, all_())
        return id


def _told(request: BatchLine, reply: Reply) -> tuple[str, bool, tuple[int, int]]:
    body = json.loads(reply.body)
    said = wire.output_line(request.custom_id, reply.status, reply.request_id, body)
    return said, reply.status < 400, wire.spent(body)


class _Claim:
    """Says which process works on a folder's batches of one mark: its lock ends with it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held: sqlite3.Connection | None = None
        self._closed = False
        self._lock = threading.Lock()

    @property
    def held(self) -> bool:
        """Whether this process has it."""
        return self._held is not None

    def take(self) -> bool:
        """Take it where no other process has it, and it is not closed."""
        with self._lock:
            return not self._closed and (self._held is not None or self._taken())

    def _taken(self) -> bool:
        try:
            held = sqlite3.connect(
                self._path, timeout=0, isolation_level=None, check_same_thread=False
            )
        except sqlite3.Error:
            return False
        try:
            held.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error:
            held.close()
            return False
        self._held = held
        return True

    def leave(self) -> None:
        """Let another process have it."""
        with self._lock:
            if self._held is not None:
                self._held.close()
                self._held = None

    def close(self) -> None:
        """Leave it for good: a thread that was about to take it does not any more."""
        self._closed = True
        self.leave()

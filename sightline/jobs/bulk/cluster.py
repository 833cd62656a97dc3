"""A bulk run on more machines than one, by Ray Data: read, prepare, ask, and back to the output.

Ray places the work, holds back what is ahead, and does again what a lost worker or machine had in
hand. Items are read and prepared by tasks on any core; who answers is an actor for each GPU, or
for each share of the cores. Rows come back to where the run was begun, each once, and are written
there as those of a run on one machine are.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import pickle
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import cycle, islice
from typing import Any

import numpy as np

from sightline import extras
from sightline.engines.engine import ENGINES
from sightline.errors import SightlineError, UsageError
from sightline.jobs.ask import Answerer, Asker
from sightline.jobs.bulk.job import Job
from sightline.jobs.bulk.loading import Loader
from sightline.jobs.bulk.run import Servers, answered
from sightline.jobs.bulk.sources import Item, arrow
from sightline.media import image as images
from sightline.media.encode import compact
from sightline.media.live_child import MOST_PIXELS
from sightline.settings import Settings
from sightline.types import Part, Picture

_ROUND = 1_000_000  # items that are listed at a time, in some 100 MB
_TASK = 64  # items of one task, at most
_TASKS_A_CORE = 4  # where there are enough, so that all have work to the end


class Cluster:
    """A Ray cluster, joined. Use as a context manager. Raises `SightlineError`."""

    def __init__(self, address: str, servers: Servers) -> None:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is told to anyone
        os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
        try:
            import ray
            import ray.data
        except ImportError:
            raise UsageError("--ray needs Ray.", hint=extras.hint("cluster")) from None
        self._ray, self._servers = ray, servers
        try:
            ray.init(
                address=None if address == "local" else address,
                log_to_driver=False,
                logging_level=logging.ERROR,
            )
        except (ConnectionError, ValueError, RuntimeError, OSError):
            raise UsageError(
                f"There is no Ray cluster at {address}.",
                hint="`ray start --head` starts one and says its address; --ray local starts one "
                "for this run.",
            ) from None
        # What goes wrong there is said here, in our words; its own are in its logs.
        logging.getLogger("ray").setLevel(logging.CRITICAL)
        logging.getLogger("ray.data").setLevel(logging.CRITICAL)
        ray.data.DataContext.get_current().enable_progress_bars = False
        nodes: list[dict[str, Any]] = ray.nodes()  # type: ignore[no-untyped-call]
        alive = [node["Resources"] for node in nodes if node["Alive"]]
        self._machines = [has["CPU"] for has in alive if has.get("CPU")] or [1.0]
        self._cores = int(sum(self._machines))
        self._gpus = int(sum(has.get("GPU", 0) for has in alive))

    def __enter__(self) -> Cluster:
        """Use it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave it."""
        self._ray.shutdown()

    def _share(self) -> tuple[dict[str, Any], int]:
        """Say what one of those that ask takes, and how many of them there are at most.

        Their shares are not as those of the tasks that prepare, to which Ray would join them.
        """
        servers = self._servers
        if servers.base_urls:
            return {"num_cpus": 0.1}, len(servers.base_urls)  # they wait, each for eight answers
        if not ENGINES.find(servers.settings.engine).exclusive:
            return {"num_cpus": 0.9}, max(1, self._cores - 1)
        if self._gpus:
            return {"num_cpus": 0.9, "num_gpus": 1}, self._gpus
        # It takes a machine's cores, but for one that prepares.
        least = int(min(self._machines))
        return {"num_cpus": max(0.9, least - 1)}, len(self._machines)

    def answerer(self) -> Answerer:
        """Say who answers, found out where that runs. Raises `SightlineError`."""
        servers = self._servers

        def find() -> Answerer | SightlineError:
            async def first() -> Answerer:
                async with servers.askers()[0] as asker:
                    return await asker.answerer()

            try:
                return asyncio.run(first())
            except SightlineError as error:
                return _told(error)

        try:
            remote = self._ray.remote(**self._share()[0])(find)
            found: Answerer | SightlineError = self._ray.get(remote.remote())
        except self._ray.exceptions.RayError:
            raise _lost() from None
        if isinstance(found, SightlineError):
            raise found
        return found

    def rows(self, items: Iterator[Item], order: Job, who: Answerer) -> Iterator[dict[str, Any]]:
        """Ask about items; give each one's row, in no order, once. Raises `SightlineError`."""
        while some := list(islice(items, _ROUND)):
            yield from self._round(some, order, who)

    def _round(self, items: Sequence[Item], order: Job, who: Answerer) -> Iterator[dict[str, Any]]:
        data = self._ray.data
        fair = len(items) // (_TASKS_A_CORE * self._cores)
        size = max(2 * self._servers.at_once, min(_TASK, fair))
        table = arrow("lib").Table
        listed = [
            table.from_pylist([_row(item) for item in items[at : at + size]])
            for at in range(0, len(items), size)
        ]
        share, most = self._share()
        asked = (
            data.from_arrow(listed)
            .map_batches(
                _Prepare(self._servers.settings, order, who),
                batch_size=None,
                batch_format="pyarrow",
                num_cpus=1,
            )
            .map(
                _Ask,
                fn_constructor_args=(self._servers, order),
                compute=data.ActorPoolStrategy(min_size=1, max_size=most),
                max_concurrency=2,  # one task begins while the last answers of another come
                **share,
            )
        )
        try:
            for row in asked.iter_rows():
                if row["stop"]:
                    message, hint = json.loads(row["stop"])
                    raise SightlineError(message, hint=hint)
                yield json.loads(row["row"])
        except self._ray.exceptions.RayError:
            raise _lost() from None


def _row(item: Item) -> dict[str, Any]:
    return dict(zip(("key", "where", "start", "length"), item.packed(), strict=True))


class _Prepare:
    """Reads items and makes what is sent of them, as small as whoever answers sees them."""

    def __init__(self, settings: Settings, order: Job, who: Answerer) -> None:
        self._loader = replace(settings, threads=1), order, who

    def __call__(self, batch: Any) -> Any:
        """Prepare items, one after the other: the other cores do others."""
        items = [Item.unpacked(*row.values()) for row in batch.to_pylist()]
        rows = asyncio.run(self._prepared(items))
        text, parts = arrow("lib").string(), arrow("lib").large_binary()
        schema = arrow("lib").schema([("key", text), ("parts", parts), ("error", text)])
        return arrow("lib").Table.from_pylist(rows, schema)

    async def _prepared(self, items: Iterable[Item]) -> list[dict[str, Any]]:
        loader = Loader(*self._loader, sized=True)
        rows = []
        try:
            for item in items:
                row: dict[str, Any] = {"key": item.key, "parts": None, "error": None}
                try:
                    row["parts"] = _packed(await loader.parts(item))
                except SightlineError as error:
                    row["error"] = error.line
                rows.append(row)
        finally:
            await loader.close()
        return rows


class _Ask:
    """Who asks: an actor with an engine of its own, or one that asks servers."""

    def __init__(self, servers: Servers, order: Job) -> None:
        self._servers, self._order = servers, order
        self._askers: Iterator[Asker] | None = None
        self._starting: asyncio.Lock | None = None
        self._slots = asyncio.Semaphore(servers.at_once)

    async def __call__(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Ask about one prepared item."""
        if self._starting is None:
            self._starting = asyncio.Lock()
        async with self._starting:
            if self._askers is None:
                started = [await asker.__aenter__() for asker in self._servers.askers()]
                self._askers = cycle(started)
        async with self._slots:
            asker = next(self._askers)
            try:
                made = await answered(Item(str(row["key"]), ""), self._order, _given(row), asker)
            except SightlineError as error:  # it ends the run, and is to be told in its own words
                return {"row": "", "stop": json.dumps([error.message, error.hint])}
        return {"row": json.dumps(made, ensure_ascii=False), "stop": ""}


def _given(row: Mapping[str, Any]) -> Callable[[Item], Awaitable[list[Part]]]:
    """Give what loads an item that was prepared before."""

    async def load(item: Item) -> list[Part]:
        if row["error"] is not None:
            raise SightlineError(str(row["error"]))
        return await asyncio.to_thread(_unpacked, row["parts"])

    return load


def _packed(parts: Sequence[Part]) -> bytes:
    """Write parts so that they travel light between machines: frames of films as files."""
    none = np.zeros((0, 0, 3), np.uint8)
    light = [
        (replace(part, pixels=none, views=()), compact(part.pixels)[0])
        if isinstance(part, Picture)
        else (part, b"")
        for part in parts
    ]
    return bytes(pickle.dumps(light))


def _unpacked(packed: bytes) -> list[Part]:
    made: list[Part] = []
    for part, data in pickle.loads(packed):  # noqa: S301 - a worker of this run wrote it
        if isinstance(part, Picture):
            pixels = images.decode(data, part.param, images.ImageBounds(len(data), MOST_PIXELS))
            part = replace(part, pixels=pixels, views=(pixels,), digest=images.digest(pixels))
        made.append(part)
    return made


def _told(error: SightlineError) -> SightlineError:
    """Make an error that can travel between processes."""
    return SightlineError(error.message, hint=error.hint)


def _lost() -> SightlineError:
    return SightlineError(
        "The cluster could not go on.", hint="Ray's own logs on its machines tell why."
    )

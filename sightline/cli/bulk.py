"""`sightline bulk`: one question about many pictures, films and documents, answers to a file."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from sightline.cli import answering, values
from sightline.cli.installed import InstalledParser
from sightline.errors import SightlineError, UsageError
from sightline.types import Detail

if TYPE_CHECKING:
    from sightline.jobs.ask import Answerer
    from sightline.jobs.bulk.job import Job
    from sightline.jobs.bulk.run import Progress

    # Asks about items, has their rows written, and notes how far it is.
    Ask = Callable[[Any, Callable[[Any], None], Progress], Awaitable[None]]

_MEASURED = 8  # pictures at most, by which the time is told beforehand
_REMOTE = 8  # at once, of a server that does not say what it can
_AHEAD = 2  # that are read and prepared meanwhile
_EVERY_S = {True: 0.5, False: 10.0}  # progress is told, on a terminal and elsewhere


def parser() -> argparse.ArgumentParser:
    """Make the parser."""
    made = InstalledParser(
        prog="sightline bulk",
        usage='sightline bulk SOURCE "QUESTION" --out FILE [OPTIONS]',
        description="Ask the same about every picture, film and PDF of a source. An answer is a "
        "row of the output, with its key, usage, time and, where one failed, the error.",
        epilog='Example: sightline bulk pictures "What is the total?" --out answers.jsonl',
    )
    made.add_argument(
        "source",
        metavar="SOURCE",
        help="a folder, a quoted pattern, a table (.csv, .tsv, .jsonl, .parquet) with a column of "
        "paths or URLs, shards (.tar), or an object store's URL",
    )
    made.add_argument("question", metavar="QUESTION", help="what is asked about each")
    made.add_argument(
        "--out", required=True, type=Path, metavar="FILE|DIR",
        help="where answers go: a file .jsonl or .parquet, or a folder of Parquet files",
    )  # fmt: skip
    made.add_argument(
        "--json", nargs="*", metavar="ATTR",
        help="answer with these attributes as fields; without any, print the summary as JSON",
    )  # fmt: skip
    made.add_argument(
        "--schema", type=Path, metavar="FILE", help="answer with the fields of this JSON schema"
    )
    made.add_argument(
        "--resume", action="store_true", help="go on where an earlier run with this --out ended"
    )
    made.add_argument("--column", help="the table's column of paths or URLs")
    made.add_argument("--key", help="the table's column of unique keys (default: that of paths)")
    made.add_argument("--limit", type=values.count, metavar="N", help="only the first N")
    made.add_argument(
        "--dry-run", action="store_true", help="tell what it would cost and take; write nothing"
    )
    made.add_argument(
        "--at-once",
        type=values.count,
        metavar="N",
        help="on their way at a time (default: by engine)",
    )
    made.add_argument(
        "--detail",
        choices=get_args(Detail),
        default="auto",
        help="how closely to look (default: auto)",
    )
    made.add_argument(
        "--evidence",
        action="store_true",
        help="tell of each answer also where it stands: box, page or time, text and confidence",
    )
    made.add_argument("--frames", type=values.count, metavar="N", help="frames of each film")
    made.add_argument(
        "--ray", metavar="ADDRESS", help="run on this Ray cluster; local starts one for this run"
    )
    made.add_argument("--max-tokens", type=values.count, metavar="N", help="tokens of an answer")
    answering.add_flags(made, stream=False)
    return made


def run(arguments: list[str]) -> int:
    """Run; return the exit code. Raises `SightlineError`."""
    options = parser().parse_args(arguments)
    attributes = [n.strip() for part in options.json or () for n in part.split(",") if n.strip()]
    if attributes and options.schema:
        raise UsageError("--json and --schema both say which fields.", hint="Give one of them.")
    if not options.question.strip():
        raise UsageError("The question is empty.", hint="Say what is asked about each picture.")
    from sightline.jobs.bulk.job import Job, read_schema

    order = Job(
        options.question,
        tuple(attributes),
        None if options.schema is None else read_schema(options.schema),
        options.detail,
        max_tokens=options.max_tokens,
        frames=options.frames,
        evidence=options.evidence or None,
    )
    return asyncio.run(_run(options, order) if options.ray is None else _on_ray(options, order))


async def _on_ray(options: argparse.Namespace, order: Job) -> int:
    """Run on a cluster, whose rows are written here."""
    from sightline.jobs.bulk.cluster import Cluster
    from sightline.jobs.bulk.index import Index
    from sightline.jobs.bulk.loading import Loader
    from sightline.jobs.bulk.run import Servers

    settings = answering.settings(options)
    at_once = {"at_once": options.at_once} if options.at_once else {}
    servers = Servers(settings, _urls(options), options.api_key, options.model, **at_once)
    with Index() as index:
        await asyncio.to_thread(_fill, index, options)
        with Cluster(options.ray, servers) as cluster:
            who = await asyncio.to_thread(cluster.answerer)
            order = replace(order, model=who.profile if options.base_url else who.name)
            loader = Loader(settings, order, who, sized=False)

            async def work(items: Any, write: Any, progress: Progress) -> None:
                rows = cluster.rows(items, order, who)
                while (row := await asyncio.to_thread(next, rows, None)) is not None:
                    await asyncio.to_thread(write, row)
                    progress.note(row)

            try:
                job = _BulkRun(options, order, index, loader, work)
                return await (job.dry() if options.dry_run else job.whole())
            finally:
                await loader.close()


async def _run(options: argparse.Namespace, order: Job) -> int:
    from sightline.jobs.bulk.index import Index
    from sightline.jobs.bulk.loading import Loader
    from sightline.jobs.bulk.run import Servers
    from sightline.jobs.bulk.run import run as asked

    settings = answering.settings(options)
    servers = Servers(settings, _urls(options), options.api_key, options.model)
    with Index() as index:
        await asyncio.to_thread(_fill, index, options)
        async with AsyncExitStack() as stack:
            askers = [await stack.enter_async_context(a) for a in servers.askers()]
            who = await askers[0].answerer()
            order = replace(order, model=who.profile if options.base_url else who.name)
            loader = Loader(settings, order, who, sized=False)
            stack.push_async_callback(loader.close)
            at_once = _at_once(options, who, len(askers))
            coming = cycle(askers)

            async def work(items: Any, write: Any, progress: Progress) -> None:
                await asked(items, order, loader, coming, write, progress, at_once)

            job = _BulkRun(options, order, index, loader, work)
            return await (job.dry() if options.dry_run else job.whole())


def _fill(index: Any, options: argparse.Namespace) -> None:
    from sightline.jobs.bulk.sources import Columns, items

    found = items(options.source, Columns(options.column, options.key))
    index.fill(found, options.limit)
    if not index.count()[0]:
        raise UsageError(f"{options.source} names no pictures.", hint="It is empty.")


def _urls(options: argparse.Namespace) -> tuple[str, ...]:
    return tuple(url.strip() for url in (options.base_url or "").split(",") if url.strip())


def _at_once(options: argparse.Namespace, who: Answerer, servers: int) -> int:
    if options.at_once:
        return int(options.at_once)
    return _REMOTE * servers if who.parallel is None else who.parallel + _AHEAD


class _BulkRun:
    """One run: what it tells beforehand and meanwhile, and how it ends."""

    def __init__(
        self,
        options: argparse.Namespace,
        order: Job,
        index: Any,
        loader: Any,
        ask: Ask,
    ) -> None:
        self._options, self._order, self._index = options, order, index
        self._loader, self._ask = loader, ask
        self._terminal = sys.stderr.isatty()
        self._told = 0.0

    async def dry(self) -> int:
        """Tell what a run would cost; where the engine is here, also how long it would take."""
        from sightline.jobs.bulk.run import Progress

        left = self._index.count()[1]
        progress = Progress(left)
        if self._options.base_url is None and not self._options.ray:
            some = islice(self._index.left(), max(1, min(_MEASURED, left // 4)))
            await self._ask(some, lambda row: None, progress)
        plan = await self._plan(progress)
        _say(plan["text"] + ("" if progress.done else " How long it takes was not measured."))
        if self._options.json is not None and not self._order.attributes:
            print(json.dumps({key: value for key, value in plan.items() if key != "text"}))
        return 0

    async def whole(self) -> int:
        """Run."""
        from sightline.jobs.bulk.output import Output
        from sightline.jobs.bulk.run import Progress

        output = await asyncio.to_thread(
            Output, self._options.out, self._order, self._options.resume
        )
        whole = False
        try:
            await asyncio.to_thread(lambda: self._index.mark(output.keys()))
            total, left = self._index.count()
            if left < total:
                _say(f"{total - left} of {total} are answered already.")
            progress = Progress(left, heard=self._hear)
            if left:
                await self._asked_about_all(output, progress, total - left)
            whole = True
        finally:
            await asyncio.to_thread(output.close, whole=whole)
        self._summary(progress, total)
        return 0

    async def _asked_about_all(self, output: Any, progress: Progress, before: int) -> None:
        """Ask about the first few, tell the plan, ask about the rest; `before` are answered."""
        coming = self._index.left()
        try:
            if not self._options.ray:  # there each beginning takes its time
                first = islice(coming, max(1, min(_MEASURED, progress.total // 4)))
                await self._ask(first, output.write, progress)
            self._say_settled((await self._plan(progress))["text"])
            await self._ask(coming, output.write, progress)
        except SightlineError as error:
            count = before + progress.done
            kept = f"{count} {'answer is' if count == 1 else 'answers are'} kept in "
            kept += f"{self._options.out}: "
            error.hint = f"{error.hint} {kept}--resume goes on there.".strip()
            raise
        except asyncio.CancelledError:
            done = f"{before + progress.done} of {before + progress.total}"
            self._say_settled(f"Stopped: {done} are answered; --resume goes on.")
            raise

    async def _plan(self, progress: Progress) -> dict[str, Any]:
        """Say what is to be done: how many, what it costs by the table, how long it takes."""
        from sightline.jobs.bulk.run import image_tokens, text_tokens

        left = self._index.count()[1]
        images, looked = await image_tokens(self._index, self._loader)
        texts = text_tokens(self._order, left)
        about = "" if looked == left else f" (by {looked} of them)"
        said = f"{left} to ask about, {images + texts:,} tokens as {self._order.model}{about}"
        plan = {"pictures": left, "image_tokens": images, "tokens": images + texts}
        if progress.done:
            plan |= {"rate": round(progress.rate, 3), "seconds": round(left / progress.rate, 1)}
            said += f"; at {_rate(progress.rate)} about {_lasting(left / progress.rate)}"
        return {**plan, "text": f"{said}."}

    def _hear(self, progress: Progress) -> None:
        if time.monotonic() - self._told < _EVERY_S[self._terminal] or progress.seconds < 1:
            return
        self._told = time.monotonic()
        said = (
            f"{progress.done} of {progress.total}, {_rate(progress.rate)}, "
            f"{_lasting(progress.left_s)} left, {progress.failed} failed"
        )
        sys.stderr.write(f"\r\x1b[K{said}" if self._terminal else f"{said}\n")
        sys.stderr.flush()

    def _say_settled(self, text: str) -> None:
        if self._terminal:
            sys.stderr.write("\r\x1b[K")
        _say(text)

    def _summary(self, progress: Progress, total: int) -> None:
        out = str(self._options.out)
        if self._options.json is not None and not self._order.attributes:
            told = {
                "out": out, "pictures": total, "asked": progress.done, "failed": progress.failed,
                "seconds": round(progress.seconds, 2),
            }  # fmt: skip
            print(json.dumps(told))
            return
        self._say_settled(
            f"{progress.done} asked about in {_lasting(progress.seconds)}, {progress.failed} "
            f"failed: {out}"
        )


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _rate(rate: float) -> str:
    return f"{rate:.1f} a second" if rate >= 1 else f"{1 / max(rate, 1e-9):.1f} s each"


def _lasting(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} min"
    hours = round(minutes / 60)
    return f"{hours} h" if hours < 72 else f"{round(hours / 24):,} days"

"""`sightline decide` over folders, patterns and tables: each picture by itself, as bulk runs do.

Rows come as they are decided: for people, as JSON lines, or as a table with a column for each
question and each of its options.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from itertools import chain, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sightline.api.decision_replies import in_words
from sightline.api.uploads import is_web
from sightline.cli import answering
from sightline.cli.pictures import is_pattern
from sightline.errors import UsageError
from sightline.types import Decide, Message

if TYPE_CHECKING:
    from sightline.jobs.bulk.sources import Item

_REMOTE, _AHEAD = 8, 2  # at once of a server, and beyond what an engine works on
Row = dict[str, Any]


def is_many(source: str) -> bool:
    """Say whether a name stands for several pictures."""
    if source == "-" or is_web(source):
        return False
    from sightline.jobs.bulk.sources import LISTINGS

    path = Path(source)
    listed = path.suffix.lower().removeprefix(".") in LISTINGS
    return listed or path.is_dir() or is_pattern(source)


def run(options: argparse.Namespace, questions: Sequence[tuple[Decide, Message]]) -> int:
    """Decide about each picture, print its row; return the exit code. Raises `SightlineError`."""
    if options.evidence is not None:
        raise UsageError(
            "--evidence draws what one request was decided by.",
            hint="Give the pictures themselves, without --csv, or leave it out.",
        )
    if options.csv and options.json:
        raise UsageError("--csv and --json both say how rows are printed.", hint="Give one.")
    if "-" in options.pictures:
        raise UsageError(
            "Of several pictures none can come from stdin.", hint="Name files or folders."
        )
    return asyncio.run(_run(options, questions))


async def _run(options: argparse.Namespace, questions: Sequence[tuple[Decide, Message]]) -> int:
    from sightline.jobs.bulk.index import Index
    from sightline.jobs.bulk.job import Job
    from sightline.jobs.bulk.loading import Loader
    from sightline.jobs.bulk.run import Progress
    from sightline.jobs.bulk.run import run as asked

    settings = answering.settings(options)
    order = Job("", detail=options.detail, decide=tuple(questions))
    with Index() as index:
        await asyncio.to_thread(lambda: index.fill(_items(options.pictures), None))
        total, _ = index.count()
        if not total:
            raise UsageError("There are no pictures.", hint="The source is empty.")
        async with AsyncExitStack() as stack:
            asker = await stack.enter_async_context(answering.asker(options, settings))
            who = await asker.answerer()
            remote = options.base_url is not None
            loader = Loader(settings, order, who, sized=False, pages=remote)
            stack.push_async_callback(loader.close)
            at_once = _REMOTE if who.parallel is None else who.parallel + _AHEAD
            progress = Progress(total)
            write = _writer(options, questions)
            await asked(index.left(), order, loader, repeat(asker), write, progress, at_once)
    took = max(0.1, time.monotonic() - progress.began)
    sys.stderr.write(f"{total} decided about in {took:.1f} s, {progress.failed} failed\n")
    return 0


def _items(named: Sequence[str]) -> Iterator[Item]:
    from sightline.jobs.bulk.sources import Item, items

    return chain.from_iterable(
        [Item(name, name)] if is_web(name) else items(name) for name in named
    )


def _writer(
    options: argparse.Namespace, questions: Sequence[tuple[Decide, Message]]
) -> Callable[[Row], None]:
    """Give what prints a row, in the form that is asked for."""
    names = [text.partition(":")[0].strip() for _, text in options.asked]
    decides = [decide for decide, _ in questions]
    if options.csv:
        table = csv.writer(sys.stdout, lineterminator="\n")
        table.writerow(columns(names, decides))

        def write(row: Row) -> None:
            table.writerow(cells(row, decides))
            sys.stdout.flush()

        return write

    def tell(row: Row) -> None:
        if options.json:
            told = json.dumps(row, ensure_ascii=False) + "\n"
        elif row["error"] is not None:
            told = f"{row['key']}: {row['error']}\n"
        else:
            pairs = zip(names, row["answers"], strict=True)
            told = "".join(f"{row['key']}: {name}: {in_words(answer)}\n" for name, answer in pairs)
        sys.stdout.write(told)
        sys.stdout.flush()

    return tell


def columns(names: Sequence[str], decides: Sequence[Decide]) -> list[str]:
    """Name the columns: of each question its answer, then how likely each option is."""
    made = ["picture"]
    for name, decide in zip(names, decides, strict=True):
        made.append(name)
        if decide.kind != "predicate":
            made += [f"{name}: {option.label}" for option in decide.options]
    return [*made, "refused", "error"]


def cells(row: Row, decides: Sequence[Decide]) -> list[Any]:
    """Write a row's cells; those of what was refused, or failed, are empty."""
    made: list[Any] = [row["key"]]
    reasons = []
    for place, decide in enumerate(decides):
        answer: Row = {"type": "refusal"} if row["answers"] is None else row["answers"][place]
        more = 0 if decide.kind == "predicate" else len(decide.options)
        if answer["type"] == "refusal":
            made += [""] * (1 + more)
            reasons.append(str((answer.get("sightline") or {}).get("reason", "")))
            continue
        key = {"predicate": "probability", "choice": "choice", "score": "score"}[decide.kind]
        made.append(answer[key])
        made += [one["probability"] for one in answer.get("probabilities", ())]
    refused = "; ".join(dict.fromkeys(filter(None, reasons)))
    return [*made, refused, row["error"] or ""]

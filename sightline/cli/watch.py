"""`sightline watch`: what a camera, a stream or the screen shows, a line at a time."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import get_args

from sightline.cli import answering, values
from sightline.cli.installed import InstalledParser
from sightline.errors import UsageError
from sightline.jobs.watch import Observation, WatchCallbacks, WatchOptions, watch
from sightline.media.live import source
from sightline.types import Detail

_CHANGE = 3.0


def parser() -> argparse.ArgumentParser:
    """Make the parser."""
    made = InstalledParser(
        prog="sightline watch",
        usage='sightline watch SOURCE ["PROMPT"] [OPTIONS]',
        description="Say again and again what a live source shows.",
        epilog='Example: sightline watch 0 "Is anybody at the door?" --every 5s --on-change',
    )
    made.add_argument(
        "source",
        metavar="SOURCE",
        help="a camera's number, a stream's URL (rtsp, http, udp ...), screen, "
        "screen:X,Y,WIDTHxHEIGHT, or a film's file",
    )
    made.add_argument("prompt", nargs="?", help="what to ask about each picture")
    made.add_argument(
        "--every",
        type=values.lasting,
        default=2.0,
        metavar="TIME",
        help="2s, 500ms, 1m (default: 2s)",
    )
    made.add_argument(
        "--on-change", nargs="?", type=float, const=_CHANGE, metavar="DIFFERENCE",
        help=f"ask only when the picture changed: mean difference of 255 (default: {_CHANGE:g})",
    )  # fmt: skip
    made.add_argument(
        "--collect",
        type=values.count,
        metavar="N",
        help="collect N frames, ask once about all of them",
    )
    made.add_argument(
        "--interval", type=values.lasting, default=0.1, metavar="TIME",
        help="time between collected frames (default: 0.1s)",
    )  # fmt: skip
    made.add_argument("--count", type=values.count, metavar="N", help="end after N answers")
    made.add_argument(
        "--detail",
        choices=get_args(Detail),
        default="low",
        help="how closely to look (default: low)",
    )
    made.add_argument("--save-clip", type=Path, metavar="FILE", help="write what is seen to a film")
    made.add_argument(
        "--reconnect", action=argparse.BooleanOptionalAction, default=True,
        help="try again when a stream breaks off (default)",
    )  # fmt: skip
    made.add_argument("--json", action="store_true", help="print a JSON object a line")
    answering.add_flags(made)
    return made


def run(arguments: list[str]) -> int:
    """Watch; return the exit code. Raises `SightlineError`."""
    options = parser().parse_intermixed_args(arguments)
    clip: Path | None = options.save_clip
    if clip is not None and (clip.suffix.lower() not in _CLIPS or not clip.parent.is_dir()):
        raise UsageError(
            f"A clip cannot be written to {clip}.",
            hint=f"Give a file in a folder that exists, which ends in {', '.join(_CLIPS)}.",
        )
    job = WatchOptions(
        source(options.source),
        options.prompt,
        options.interval if options.collect is not None else options.every,
        options.on_change,
        options.collect,
        options.count,
        options.detail,
        options.reconnect,
        clip,
    )
    asyncio.run(_watch(options, job))
    return 0


_CLIPS = (".mp4", ".mkv", ".mov", ".ts")


async def _watch(options: argparse.Namespace, job: WatchOptions) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(each) is signal.SIG_IGN:  # as a shell has it in the background
            continue
        with suppress(NotImplementedError):  # Windows: there an interrupt ends it at once
            loop.add_signal_handler(each, stop.set)

    def seen(found: Observation) -> None:
        text = " ".join(found.text.split())
        if options.json:
            told = {
                "time": found.at.isoformat(timespec="milliseconds"),
                "time_s": round(found.time_s, 3),
                "lag_s": round(found.lag_s, 3),
                "text": found.text,
                "usage": found.spent,
            }
            sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
        else:
            at = f"{found.at:%H:%M:%S}.{found.at.microsecond // 100_000}"
            sys.stdout.write(f"{at}  +{found.lag_s:.1f} s  {text}\n")
        sys.stdout.flush()

    def note(line: str) -> None:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()

    async with answering.asker(options, answering.settings(options)) as asker:
        await watch(job, asker, WatchCallbacks(seen, note), stop)

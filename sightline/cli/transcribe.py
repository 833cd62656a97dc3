"""`sightline transcribe`: what is said in a sound or a film, as text or subtitles."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from sightline.api.languages import CODES
from sightline.cli.installed import InstalledParser
from sightline.errors import UsageError
from sightline.hearing.film_speech import cues
from sightline.hearing.listen import SpeechListener
from sightline.media import subtitles
from sightline.settings import Settings, client_key, load
from sightline.types.transcripts import Segment, Task, Transcript

_FORMS = ("text", "srt", "vtt", "json")


def parser() -> argparse.ArgumentParser:
    """Make the parser."""
    made = InstalledParser(
        prog="sightline transcribe",
        usage="sightline transcribe FILE [--format srt] [OPTIONS]",
        description="Write down what is said in a sound or a film, as it is heard.",
        epilog="Example: sightline transcribe talk.mp4 --format srt > talk.srt",
    )
    made.add_argument("file", metavar="FILE", help="a sound's or a film's file")
    made.add_argument(
        "--format", choices=_FORMS, default="text",
        help="text, a line for each segment (default), subtitles, or JSON with words and times",
    )  # fmt: skip
    made.add_argument(
        "--json",
        action="store_const",
        const="json",
        dest="format",
        help="the same as --format json",
    )
    made.add_argument("--language", metavar="en", help="what is spoken (default: what is heard)")
    made.add_argument("--translate", action="store_true", help="write it in English")
    made.add_argument("--prompt", default="", help="names and words that may come")
    add_hearing(made)
    made.add_argument("--base-url", metavar="URL", help="have this server transcribe it")
    made.add_argument("--api-key", metavar="KEY", help="its key (also SIGHTLINE_API_KEY)")
    made.add_argument("--model", metavar="NAME", default="whisper-1", help="its model")
    return made


def add_hearing(parser: argparse.ArgumentParser) -> None:
    """Add the flags that say who hears."""
    group = parser.add_argument_group("who hears")
    group.add_argument(
        "--hearing",
        help="whisper, upstream, an installed one or package.module:Class (default: whisper)",
    )
    group.add_argument("--hearing-url", help="the server that hears, with upstream")
    group.add_argument("--hearing-model", help="its model, or a pulled one's name or folder")


def hearing_flags(options: argparse.Namespace) -> dict[str, Any]:
    """Give those flags as settings."""
    return {name: getattr(options, name) for name in ("hearing", "hearing_url", "hearing_model")}


def run(arguments: list[str]) -> int:
    """Transcribe; return the exit code. Raises `SightlineError`."""
    options = parser().parse_args(arguments)
    path = Path(options.file)
    if not path.is_file():
        raise UsageError(f"There is no file {options.file}.", hint="Check its name.")
    language = CODES.get((options.language or "").lower(), "")
    if options.language and not language:
        raise UsageError(
            f"{options.language!r} is no language that is known.", hint="It is as en or german."
        )
    task = Task(language, (), options.translate, options.prompt)
    asyncio.run(_transcribe(options, path, task))
    return 0


def _settings(options: argparse.Namespace) -> Settings:
    flags = hearing_flags(options)
    if options.base_url:
        key = client_key(options.api_key, options.base_url)
        flags |= {"hearing": "upstream", "hearing_url": options.base_url, "hearing_key": key}
    return load(flags)


async def _transcribe(options: argparse.Namespace, path: Path, task: Task) -> None:
    listener = SpeechListener(_settings(options))
    listener.transcriber.check()
    found: list[Segment] = []
    try:
        listening = listener.listen(path, task, model=options.model)
        async for segment in listening.segments():
            found.append(segment)
            if options.format == "text":
                sys.stdout.write(segment.text.strip() + "\n")
                sys.stdout.flush()
            elif sys.stderr.isatty():
                sys.stderr.write(f"\r\x1b[K{segment.end_s:.0f} s heard")
                sys.stderr.flush()
    finally:
        if options.format != "text" and sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")
        await listener.close()
    if options.format == "json":
        whole = _whole(path, Transcript(tuple(found), listening.seconds))
        sys.stdout.write(json.dumps(whole, indent=2, ensure_ascii=False) + "\n")
    elif options.format != "text":
        sys.stdout.write(subtitles.write(cues(found), options.format))


def _whole(path: Path, found: Transcript) -> dict[str, Any]:
    return {
        "file": path.name,
        "duration_s": round(found.duration_s, 3),
        "language": found.language or None,
        "text": found.text,
        "segments": [
            {
                "start_s": round(each.start_s, 3),
                "end_s": round(each.end_s, 3),
                "text": each.text.strip(),
                "words": [
                    {"start_s": round(w.start_s, 3), "end_s": round(w.end_s, 3), "text": w.text}
                    for w in each.words
                ],
            }
            for each in found.segments
        ],
    }

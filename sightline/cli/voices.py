"""`sightline voices`: who speaks under which name, and a sample of each."""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path

from sightline.cli.installed import InstalledParser
from sightline.cli.screen import Step, progress, table, wrapped
from sightline.errors import UsageError, nearest
from sightline.jobs.speak import Speaker
from sightline.media.audio import FORMATS
from sightline.settings import load
from sightline.types import Speech

_SAMPLE = "Hello, I am {name}. This is how I sound."


def parser() -> argparse.ArgumentParser:
    """Make the parser."""
    made = InstalledParser(
        prog="sightline voices",
        usage="sightline voices [NAME...] [--sample FOLDER] [OPTIONS]",
        description="List the voices, or let them speak a sample.",
        epilog="Example: sightline voices onyx nova --sample samples --text 'Good morning.'",
    )
    made.add_argument("names", nargs="*", metavar="NAME", help="these only")
    made.add_argument(
        "--speech",
        help="whose voices: auto, espeak, kokoro, upstream, an installed one or "
        "package.module:Class",
    )
    made.add_argument("--speech-url", help="the server of upstream voices")
    made.add_argument("--speech-model", help="their model, or kokoro's folder")
    made.add_argument("--sample", type=Path, metavar="FOLDER", help="write a sample of each")
    made.add_argument("--text", default=_SAMPLE, help="what the samples say; {name} is the voice")
    made.add_argument("--format", choices=FORMATS, default="mp3", help="default: mp3")
    made.add_argument("--language", default="", metavar="en", help="the language of the text")
    made.add_argument("--json", action="store_true", help="print JSON")
    return made


def run(arguments: list[str]) -> int:
    """List or speak; return the exit code. Raises `SightlineError`."""
    options = parser().parse_args(arguments)
    flags = ("speech", "speech_url", "speech_model")
    settings = load({name: getattr(options, name) for name in flags})
    speaker = Speaker(settings)
    speaker.voices.check()
    voices = [v for v in speaker.voices.voices() if not options.names or v.name in options.names]
    unknown = set(options.names) - {voice.name for voice in voices}
    if unknown:
        wrong = min(unknown)
        meant = nearest(wrong, (voice.name for voice in speaker.voices.voices()))
        raise UsageError(
            f"There is no voice {wrong!r}.", hint=meant or "`sightline voices` lists them."
        )
    source = speaker.voices.name
    if options.json:
        told = [{"name": v.name, "voice": v.own, "description": v.description} for v in voices]
        print(json.dumps({"source": source, "voices": told}, indent=2))
    else:
        print(table([(v.name, v.own, v.description) for v in voices]))
        if speaker.voices.note:
            print("", *map(wrapped, speaker.voices.note.splitlines()), sep="\n")
    if options.sample is not None:
        folder: Path = options.sample
        names = [voice.name for voice in voices]
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name, sound in zip(names, _spoken_all(speaker, names, options), strict=True):
                (folder / f"{name}.{options.format}").write_bytes(sound)
        except OSError:
            raise UsageError(f"Samples cannot be written to {folder}.") from None
    return 0


def _spoken_all(speaker: Speaker, names: list[str], options: argparse.Namespace) -> list[bytes]:
    with progress() as step:
        return asyncio.run(_spoken(speaker, names, options, step))


async def _spoken(
    speaker: Speaker, names: list[str], options: argparse.Namespace, step: Step
) -> list[bytes]:
    said = []
    try:
        for done, name in enumerate(names):
            step("Speaking", done, len(names))
            text = options.text.replace("{name}", name)
            speech = Speech(text, "tts-1", name, options.format, language=options.language)
            said.append(b"".join([piece async for piece in speaker.encoded(speech)]))
    finally:
        await speaker.close()
    return said

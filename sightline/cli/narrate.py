"""`sightline narrate`: a film with a voice over it, from frames to the finished file."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import get_args

from sightline.cli import answering, pictures, values
from sightline.cli.installed import InstalledParser
from sightline.cli.screen import progress
from sightline.errors import ImageError, UsageError
from sightline.hearing.film_speech import Listen
from sightline.hearing.listen import SpeechListener
from sightline.jobs.narrate import (
    EXTRAS,
    STYLE,
    NarrateCallbacks,
    Narrated,
    NarrateOptions,
    ScriptSegment,
    Subtitles,
    narrate,
    script_from,
    script_json,
)
from sightline.jobs.speak import Speaker
from sightline.media import subtitles
from sightline.settings import load
from sightline.types import Detail, Sampling

_MOST_SCRIPT_BYTES = 20_000_000


def parser() -> argparse.ArgumentParser:
    """Make the parser."""
    made = InstalledParser(
        prog="sightline narrate",
        usage="sightline narrate VIDEO [-o OUT.mp4] [OPTIONS]",
        description="Write a narration for a film, speak it, and lay it over the film's sound.",
        epilog='Example: sightline narrate bison.mp4 --style "In the style of David Attenborough."',
    )
    made.add_argument("video", metavar="VIDEO", help="a film's file")
    made.add_argument(
        "-o", "--output", type=Path, metavar="OUT", help="the film (default: VIDEO-narrated.mp4)"
    )
    made.add_argument("--json", action="store_true", help="print what was done as JSON")
    _add_script(made)
    _add_voice(made)
    _add_film(made)
    answering.add_flags(made)
    return made


def _add_script(made: argparse.ArgumentParser) -> None:
    script = made.add_argument_group("the script")
    script.add_argument("--style", default=STYLE, metavar="TEXT", help="how it is to be written")
    script.add_argument(
        "--language", default="en", metavar="en", help="its language, for example de (default: en)"
    )
    script.add_argument(
        "--script", type=Path, metavar="FILE", help="speak this script; none is asked for"
    )
    script.add_argument(
        "--script-only", action="store_true", help="write the script alone, to OUT or stdout"
    )
    script.add_argument(
        "--frames", type=values.count, metavar="N", help="frames to look at (default: a budget)"
    )
    script.add_argument(
        "--budget",
        type=values.count,
        default=20_000,
        metavar="TOKENS",
        help="frames that these tokens pay for (default: 20000)",
    )
    script.add_argument(
        "--detail",
        choices=get_args(Detail),
        default="low",
        help="how closely to look (default: low)",
    )


def _add_voice(made: argparse.ArgumentParser) -> None:
    voice = made.add_argument_group("the voice")
    voice.add_argument(
        "--voice",
        default="alloy",
        metavar="NAME",
        help="whose; sightline voices lists them (default: alloy)",
    )
    voice.add_argument(
        "--speed", type=_speed, default=1.0, metavar="N", help="0.5 to 2 (default: 1)"
    )
    voice.add_argument(
        "--speech",
        help="whose voices: auto, espeak, kokoro, upstream, an installed one or "
        "package.module:Class",
    )
    voice.add_argument("--speech-url", help="the server of upstream voices")
    voice.add_argument("--speech-model", help="their model, or kokoro's folder")


def _add_film(made: argparse.ArgumentParser) -> None:
    film = made.add_argument_group("the film")
    film.add_argument(
        "--keep-audio", action="store_true", default=True, dest="keep_audio",
        help="over the film's own sound (default)",
    )  # fmt: skip
    film.add_argument(
        "--replace-audio", action="store_false", dest="keep_audio", help="in place of it"
    )
    film.add_argument(
        "--transcript", type=Path, metavar="FILE", help="what is said in it: SRT or WebVTT"
    )
    film.add_argument(
        "--listen", choices=get_args(Listen), default="auto",
        help="hear what is said in it, and narrate in its pauses: where it can be heard and there "
        "is no --transcript (default), always, or never",
    )  # fmt: skip
    film.add_argument(
        "--subtitles", choices=get_args(Subtitles), default="track",
        help="a track (default), burned into the pictures, files beside, or none",
    )  # fmt: skip
    film.add_argument(
        "--also", type=_extras, default=frozenset(), metavar="LIST",
        help="write beside it: srt, vtt, json (the script), mp3 (the narration alone)",
    )  # fmt: skip
    film.add_argument("--force", action="store_true", help="write over what is there")


def _speed(text: str) -> float:
    value = float(text)
    if not 0.5 <= value <= 2:
        raise ValueError(text)
    return value


def _extras(text: str) -> frozenset[str]:
    found = frozenset(part.strip() for part in text.split(",") if part.strip())
    if not found <= set(EXTRAS):
        raise ValueError(text)
    return found


def run(arguments: list[str]) -> int:
    """Narrate; return the exit code. Raises `SightlineError`."""
    options = parser().parse_intermixed_args(arguments)
    path = Path(options.video)
    if not path.is_file():
        raise UsageError(f"There is no file {options.video}.", hint="Check its name.")
    output: Path = options.output or path.with_name(f"{path.stem}-narrated.mp4")
    script = None if options.script is None else read_script(options.script)
    if options.script_only and script is not None:
        raise UsageError("--script-only writes a script, --script gives one.", hint="Take one.")
    settings = answering.settings(options)
    job = NarrateOptions(
        path,
        None if options.script_only else output,
        style=options.style,
        voice=options.voice,
        language=options.language,
        speed=options.speed,
        keep_audio=options.keep_audio,
        listen=options.listen,
        said=None if options.transcript is None else subtitles.read(options.transcript),
        subtitles=options.subtitles,
        script=script,
        also=options.also,
        force=options.force,
        sampling=Sampling(frames=options.frames, budget=options.budget),
        detail=options.detail,
        threads=settings.worker_threads,
    )
    noted: list[str] = []

    def note(text: str) -> None:
        noted.append(text)
        sys.stderr.write(f"{text}\n")

    found = asyncio.run(_narrate(options, job, note))
    if options.script_only:
        _write_script(options, found)
    elif options.json:
        told = {
            "files": [str(file) for file in found.files],
            "segments": json.loads(script_json(found.segments))["segments"],
            "report": list(found.report),
            "pictures_copied": found.copied,
            "usage": found.spent,
        }
        print(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        for line in found.report:
            if line not in noted:
                sys.stderr.write(f"{line}\n")
        for part in found.segments:
            sys.stderr.write(f"{part.start_s:.1f} to {part.end_s:.1f} s: {part.text}\n")
        for file in found.files:
            print(file)
    return 0


def _write_script(options: argparse.Namespace, found: Narrated) -> None:
    text = script_json(found.segments)
    if options.output is None:
        sys.stdout.write(text)
        return
    if options.output.exists() and not options.force:
        raise UsageError(f"{options.output} exists.", hint="--force writes over it.")
    try:
        options.output.write_text(text, "utf-8")
    except OSError:
        raise UsageError(f"{options.output} cannot be written.") from None
    print(options.output)


def read_script(path: Path) -> tuple[ScriptSegment, ...]:
    """Read a script's file. Raises `UsageError` and `InvalidRequest`."""
    try:
        if path.stat().st_size > _MOST_SCRIPT_BYTES:
            raise UsageError(f"{path} is too large for a script.")
        return script_from(json.loads(path.read_text("utf-8-sig")))
    except OSError:
        raise UsageError(f"{path} cannot be read.", hint="Check its name.") from None
    except ValueError:
        raise UsageError(
            f"{path} is not JSON.", hint="--script-only writes one to begin with."
        ) from None


async def _narrate(
    options: argparse.Namespace, job: NarrateOptions, note: Callable[[str], None]
) -> Narrated:
    flags = {name: getattr(options, name) for name in ("speech", "speech_url", "speech_model")}
    speaker = Speaker(load(flags))
    speaker.voices.check()
    settings = answering.settings(options)
    if job.script is None:
        answering.check_model(options, settings)
    listener = SpeechListener(settings)
    try:
        async with AsyncExitStack() as stack:
            step = stack.enter_context(progress())
            stack.push_async_callback(speaker.close)
            stack.push_async_callback(listener.close)
            asker = None
            if job.script is None:
                asker = answering.asker(options, settings)
                await stack.enter_async_context(asker)
            callbacks = NarrateCallbacks(lambda name, share: step(name, share, 1.0), note)
            return await narrate(job, asker, speaker, callbacks, listener)
    except ImageError as error:
        if error.code != "invalid_video":
            raise
        raise pictures.no_film(error, options.video) from None

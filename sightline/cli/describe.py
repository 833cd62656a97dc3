"""`sightline describe`: a film in words, by frames that are chosen for it and said back."""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args
from urllib.parse import urlsplit

from sightline.api import notes
from sightline.cli import answering, drawing, pictures, screen, values
from sightline.cli.installed import InstalledParser
from sightline.errors import ImageError, UsageError
from sightline.jobs.describe import DescribeCallbacks, DescribeOptions, Description, clock, describe
from sightline.media import subtitles
from sightline.media.fetch import fetched
from sightline.types import Detail, Sampling

if TYPE_CHECKING:
    import numpy as np

    from sightline.settings import Settings
    from sightline.types import About, Frame

_STRIP_COLUMNS, _STRIP_WIDTH = 6, 240


def parser() -> argparse.ArgumentParser:
    """Make the parser."""
    made = InstalledParser(
        prog="sightline describe",
        usage='sightline describe VIDEO ["PROMPT"] [OPTIONS]',
        description="Describe a film, by frames chosen for it.",
        epilog='Example: sightline describe bison.mp4 "What happens?" --frames 12',
    )
    made.add_argument("video", metavar="VIDEO", help="a film's file, or its http(s) URL")
    made.add_argument("prompt", nargs="?", help="what to ask about it")
    _add_frames(made)
    _add_told(made)
    answering.add_flags(made, captchas=False)
    return made


def _add_frames(made: argparse.ArgumentParser) -> None:
    frames = made.add_argument_group("which frames are looked at")
    plan = frames.add_mutually_exclusive_group()
    plan.add_argument("--frames", type=values.count, metavar="N", help="N frames, evenly")
    plan.add_argument(
        "--every", type=values.positive, metavar="SECONDS", help="a frame every so often"
    )
    plan.add_argument("--fps", type=values.positive, metavar="N", help="N frames a second")
    plan.add_argument("--stride", type=values.count, metavar="N", help="every Nth frame")
    plan.add_argument(
        "--scenes", action="store_true", help="a frame of each scene and where much happens"
    )
    frames.add_argument(
        "--nearest-key", action="store_true", help="take the key frame before each: much faster"
    )
    frames.add_argument(
        "--start", type=values.clock, default=0.0, metavar="TIME", help="from 12.5 or 1:02"
    )
    frames.add_argument("--end", type=values.clock, metavar="TIME", help="up to this time")
    frames.add_argument(
        "--budget", type=values.count, default=20_000, metavar="TOKENS",
        help="take as many frames as these tokens pay for (default: 20000)",
    )  # fmt: skip
    frames.add_argument(
        "--max-frames",
        type=values.count,
        default=1500,
        metavar="N",
        help="never more (default: 1500)",
    )
    frames.add_argument(
        "--detail",
        choices=get_args(Detail),
        default="low",
        help="how closely to look (default: low)",
    )
    frames.add_argument(
        "--transcript", type=Path, metavar="FILE", help="what is said: SRT or WebVTT"
    )
    frames.add_argument(
        "--listen", choices=("auto", "on", "off"), default="auto",
        help="hear what is said and put it beside the frames: where it can be heard and there is "
        "no --transcript (default), always, or never",
    )  # fmt: skip


def _add_told(made: argparse.ArgumentParser) -> None:
    told = made.add_argument_group("what is told")
    made.add_argument(
        "--filmstrip", type=Path, metavar="FILE", help="write what was seen, with times"
    )
    told.add_argument(
        "--timeline", nargs="?", const="text", choices=("text", "json", "srt", "vtt"),
        help="also every scene with its times; as text, JSON or subtitles",
    )  # fmt: skip
    told.add_argument(
        "--evidence", type=Path, metavar="FILE",
        help="write the frames with boxes around what is said; of several FILE-1, FILE-2 …",
    )  # fmt: skip
    told.add_argument("--context", type=values.count, metavar="TOKENS", help="most of one request")
    told.add_argument(
        "--parallel",
        type=values.count,
        default=2,
        metavar="N",
        help="parts asked at a time (default: 2)",
    )
    told.add_argument(
        "--resume", action=argparse.BooleanOptionalAction, default=True,
        help="go on where an interrupted run stopped (default)",
    )  # fmt: skip
    told.add_argument("--json", action="store_true", help="print one JSON object")
    told.add_argument("--show", action="store_true", help="draw the filmstrip on the terminal")


def run(arguments: list[str]) -> int:
    """Describe; return the exit code. Raises `SightlineError`."""
    options = parser().parse_intermixed_args(arguments)
    sampling = Sampling(
        frames=options.frames,
        every_s=options.every,
        fps=options.fps,
        stride=options.stride,
        scenes=options.scenes,
        nearest_key=options.nearest_key,
        start_s=options.start,
        end_s=options.end,
        budget=options.budget,
        most=options.max_frames,
    )
    web = re.match(r"https?://", options.video, re.IGNORECASE)
    path = Path(urlsplit(options.video).path or "film") if web else Path(options.video)
    if not web and not path.is_file():
        raise UsageError(f"There is no file {options.video}.", hint="Check its name.")
    options.json = options.json or options.timeline == "json"
    settings = answering.settings(options)
    job = DescribeOptions(
        path,
        sampling,
        options.detail,
        options.prompt,
        timeline=options.timeline is not None,
        cues=() if options.transcript is None else subtitles.read(options.transcript),
        context=options.context,
        parallel=options.parallel,
        threads=settings.worker_threads,
        # What was said by an earlier run has no evidence any more.
        kept=settings.state_folder if options.resume and not (web or options.evidence) else None,
        evidence=options.evidence is not None,
        data=asyncio.run(fetched(options.video, "video", settings, "video")) if web else None,
    )
    asyncio.run(_describe(options, job))
    return 0


async def _describe(options: argparse.Namespace, job: DescribeOptions) -> None:
    settings = answering.settings(options)
    answering.check_model(options, settings)
    job = replace(job, cues=await _said(options, job, settings))
    strip = Strip() if options.filmstrip is not None or options.show else None
    proofs = Proofs() if options.evidence is not None else None
    with screen.progress() as step:
        found, told = await _followed(options, job, settings, (strip, proofs), step)
    if found.lost:
        told += f"; {screen.counted(found.lost, 'frame')} could not be decoded"
        if not options.json:
            sys.stderr.write(f"{found.lost} of the frames could not be decoded.\n")
    if strip is not None and options.filmstrip is not None:
        await asyncio.to_thread(strip.write, options.filmstrip)
    if proofs is not None:
        await asyncio.to_thread(proofs.write, options.evidence, found)
    if options.json:
        sys.stdout.write(
            json.dumps(_whole(options, job, found, told), indent=2, ensure_ascii=False)
        )
        sys.stdout.write("\n")
    elif options.timeline in ("srt", "vtt"):
        sys.stdout.write(subtitles.write([c for c in found.scenes if c.text], options.timeline))
    elif options.timeline is not None:
        sys.stdout.write(_as_text(found))
    else:
        sys.stdout.write("" if _speaks(options) else found.text)
        sys.stdout.write("" if found.text.endswith("\n") else "\n")
    if not options.json:
        sys.stdout.flush()
        answering.noted(found.spent)
    if strip is not None and options.show:
        screen.show([(told, strip.sheet())])


async def _said(
    options: argparse.Namespace, job: DescribeOptions, settings: Settings
) -> tuple[subtitles.Cue, ...]:
    """Hear what is said in the film, where that is wanted. Raises `SightlineError`."""
    if options.listen == "off" or options.transcript is not None:
        return job.cues
    from sightline.hearing.film_speech import cues, film_speech
    from sightline.hearing.listen import SpeechListener

    listener = SpeechListener(settings)
    film = job.path if job.data is None else job.data
    try:
        async with answering.note("the film", "Listening to"):
            found = await film_speech(listener, film, options.listen, end_s=job.sampling.end_s)
    finally:
        await listener.close()
    return cues(found or ())


def _speaks(options: argparse.Namespace) -> bool:
    """Say whether the description is printed as it comes."""
    return bool(options.stream and not options.json and options.timeline is None)


async def _followed(
    options: argparse.Namespace,
    job: DescribeOptions,
    settings: Settings,
    takers: tuple[Strip | None, Proofs | None],
    step: screen.Step,
) -> tuple[Description, str]:
    """Describe, and tell meanwhile what goes on; give also the plan in words."""
    told = ""
    speaks = _speaks(options)
    async with (
        answering.note("the film") as settled,
        # Of a film's many frames a few would be taken for CAPTCHAs; it is one's own film.
        answering.asker(options, replace(settings, refuse_captchas=False)) as asker,
    ):

        def tell(line: str) -> None:
            settled()
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()

        def film(about: About, count: int) -> None:
            nonlocal told
            told = plan(about, job.sampling, count, heard=bool(job.cues))
            if not options.json:
                tell(told)

        def parts(done: int, of: int) -> None:
            if sys.stderr.isatty():
                settled()
                step("Describing", done, of)
            else:
                tell(f"{done} of {of} parts described")

        def piece(text: str) -> None:
            if speaks:
                settled()
                sys.stdout.write(text)
                sys.stdout.flush()

        callbacks = DescribeCallbacks(film=film, piece=piece)
        taking = [taker.take for taker in takers if taker is not None]

        def taken(frame: Frame) -> None:
            for take in taking:
                take(frame)

        callbacks.frame = taken
        if not options.json:
            callbacks.progress = parts
        try:
            found = await describe(job, asker, callbacks)
        except ImageError as error:
            if error.code != "invalid_video":
                raise
            raise pictures.no_film(error, options.video) from None
        settled()
    return found, told


def _as_text(found: Description) -> str:
    lines = [
        f"{clock(s.start_s)} – {clock(s.end_s)}  {' '.join(s.text.split())}" for s in found.scenes
    ]
    return "\n".join([found.text.strip(), "", *lines, ""])


def _whole(
    options: argparse.Namespace, job: DescribeOptions, found: Description, told: str
) -> dict[str, Any]:
    about = found.about
    whole: dict[str, Any] = {
        "video": job.path.name,
        "size": list(about.size),
        "duration_s": round(about.duration_s, 3),
        "total_frames": about.total,
        "audio": about.audio,
        "damaged": about.damaged or found.lost > 0,
        "plan": told,
        "frames": [{"index": i, "time_s": round(time_s, 3)} for i, time_s in found.frames],
    }
    if found.title is not None:
        whole["title"] = found.title
    whole["text"] = found.text
    if job.evidence:
        whole["evidence"] = list(found.evidence)
    if options.timeline is not None or job.sampling.scenes:
        whole["scenes"] = [
            {"start_s": round(s.start_s, 3), "end_s": round(s.end_s, 3)}
            | ({"text": s.text} if options.timeline is not None else {})
            for s in found.scenes
        ]
    if job.cues:
        whole["said"] = [
            {"start_s": round(c.start_s, 3), "end_s": round(c.end_s, 3), "text": c.text}
            for c in job.cues
        ]
    whole["usage"] = found.spent
    return whole


def _ordinal(number: int) -> str:
    last = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number % 100 in (11, 12, 13) else last}"


def plan(about: About, sampling: Sampling, count: int, *, heard: bool = False) -> str:
    """Say in words which frames were taken of what."""
    if sampling.stride:
        how = "every one" if sampling.stride == 1 else f"every {_ordinal(sampling.stride)}"
    elif sampling.every_s:
        how = f"every {sampling.every_s:g} s"
    elif sampling.fps:
        how = f"{sampling.fps:g} a second"
    elif sampling.scenes:
        how = "one of each scene and where much happens"
    elif sampling.frames:
        how = "evenly"
    else:
        how = f"as {sampling.budget} tokens pay for"
    if sampling.nearest_key:
        how += ", the key frame before each"
    end = about.duration_s if sampling.end_s is None else min(sampling.end_s, about.duration_s)
    stretch = f"from {sampling.start_s:.1f} to {end:.1f} s"
    said = f"{count} of {about.total} frames ({how}) {stretch}; {notes.sound(about, heard)}"
    return said + ("; the file is damaged, its readable part was seen" if about.damaged else "")


class Proofs:
    """The frames that were seen, of which those are written on which what was said stands."""

    def __init__(self) -> None:
        self._frames: list[tuple[float, bytes]] = []

    def take(self, frame: Frame) -> None:
        """Take the next frame; it is kept as a file has it."""
        from sightline.media.encode import compact

        self._frames.append((frame.time_s, compact(frame.pixels)[0]))

    def write(self, path: Path, found: Description) -> None:
        """Write them with boxes. Raises `UsageError`."""
        import numpy as np
        from PIL import Image

        times = sorted({one["time_s"] for one in found.evidence if "time_s" in one})
        if not times:
            sys.stderr.write("Nothing that is said was found printed in the film.\n")
        for number, time_s in enumerate(times, 1):
            _, data = min(self._frames, key=lambda frame: abs(frame[0] - time_s))
            pixels = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
            boxes: list[drawing.Named] = [
                (tuple(one["box"]), drawing.name_of(one))
                for one in found.evidence
                if one.get("time_s") == time_s
            ]
            scale = pixels.shape[1] / found.about.size[0]
            whole = path if len(times) == 1 else path.with_stem(f"{path.stem}-{number}")
            drawing.save(whole, drawing.boxed(pixels, boxes, scale))


class Strip:
    """A sheet of the frames that were seen, side by side with their times."""

    def __init__(self) -> None:
        self._small: list[tuple[float, Any]] = []

    def take(self, frame: Frame) -> None:
        """Take the next frame; it is kept small."""
        import cv2

        height, width = frame.pixels.shape[:2]
        size = _STRIP_WIDTH, max(1, round(_STRIP_WIDTH * height / width))
        self._small.append(
            (frame.time_s, cv2.resize(frame.pixels, size, interpolation=cv2.INTER_AREA))
        )

    def sheet(self) -> np.ndarray:
        """Draw it: H×W×3, RGB."""
        import numpy as np
        from PIL import Image, ImageDraw, ImageFont

        height = self._small[0][1].shape[0]
        columns = min(_STRIP_COLUMNS, len(self._small))
        rows = -(-len(self._small) // columns)
        sheet = Image.new("RGB", (columns * _STRIP_WIDTH, rows * (height + 18)), "white")
        draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(13)
        for i, (time_s, small) in enumerate(self._small):
            x, y = i % columns * _STRIP_WIDTH, i // columns * (height + 18)
            sheet.paste(Image.fromarray(small), (x, y))
            draw.text((x + 4, y + height + 1), f"{time_s:.2f} s", fill="black", font=font)
        return np.asarray(sheet)

    def write(self, path: Path) -> None:
        """Write it. Raises `UsageError` where that cannot be."""
        from PIL import Image

        try:
            Image.fromarray(self.sheet()).save(path)
        except (OSError, ValueError):
            raise UsageError(
                f"{path} cannot be written.", hint="Give a file that ends in .png or .jpg."
            ) from None

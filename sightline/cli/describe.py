"""`sightline describe`: a film in words, by frames that are chosen for it and said back."""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from sightline.cli import answering
from sightline.errors import ImageError, SightlineError, UsageError
from sightline.types import Detail, Sampling

if TYPE_CHECKING:
    from sightline.media.frames import Frame
    from sightline.media.video import Film

_PROMPT = "These are frames of a film, in order. Give the film a title, then describe it."
_STRIP_COLUMNS, _STRIP_WIDTH = 6, 240


def parser() -> argparse.ArgumentParser:
    """Make the parser."""
    made = argparse.ArgumentParser(
        prog="sightline describe",
        usage='sightline describe VIDEO ["PROMPT"] [OPTIONS]',
        description="Describe a film, by frames chosen for it.",
        epilog='Example: sightline describe bison.mp4 "What happens?" --frames 12',
    )
    made.add_argument("video", metavar="VIDEO", help="a film's file")
    made.add_argument("prompt", nargs="?", default=_PROMPT, help="what to ask about it")
    plan = made.add_mutually_exclusive_group()
    plan.add_argument("--frames", type=_count, metavar="N", help="N frames, evenly")
    plan.add_argument("--every", type=_span, metavar="SECONDS", help="a frame every so often")
    plan.add_argument("--fps", type=_span, metavar="N", help="N frames a second")
    plan.add_argument("--stride", type=_count, metavar="N", help="every Nth frame")
    plan.add_argument("--scenes", action="store_true", help="a frame of each scene")
    made.add_argument("--start", type=clock, default=0.0, metavar="TIME", help="from 12.5 or 1:02")
    made.add_argument("--end", type=clock, metavar="TIME", help="up to this time")
    made.add_argument(
        "--budget", type=_count, default=20_000, metavar="TOKENS",
        help="take as many frames as these tokens pay for (default: 20000)",
    )  # fmt: skip
    made.add_argument("--max-frames", type=_count, default=1500, help="never more (default: 1500)")
    made.add_argument("--detail", choices=get_args(Detail), default="low", help="default: low")
    made.add_argument(
        "--filmstrip", type=Path, metavar="FILE", help="write what was seen, with times"
    )
    made.add_argument("--json", action="store_true", help="print one JSON object")
    answering.add_flags(made)
    return made


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError
    return value


def _span(text: str) -> float:
    value = float(text)
    if not 0 < value < 1e9:
        raise ValueError
    return value


def clock(text: str) -> float:
    """Read a time: seconds, minutes:seconds or hours:minutes:seconds."""
    if not re.fullmatch(r"(\d+:){0,2}\d+(\.\d+)?", text):
        raise ValueError(text)
    seconds = 0.0
    for part in text.split(":"):
        seconds = seconds * 60 + float(part)
    return seconds


def run(arguments: list[str]) -> int:
    """Describe; return the exit code. Raises `SightlineError`."""
    options = parser().parse_args(arguments)
    sampling = Sampling(
        frames=options.frames,
        every_s=options.every,
        fps=options.fps,
        stride=options.stride,
        scenes=options.scenes,
        start_s=options.start,
        end_s=options.end,
        budget=options.budget,
        most=options.max_frames,
    )
    asyncio.run(_describe(options, sampling))
    return 0


async def _describe(options: argparse.Namespace, sampling: Sampling) -> None:
    settings = answering.settings(options)
    async with answering.note("the film") as settled:
        film, seen = await asyncio.to_thread(_seen, options, sampling)
        told = plan(film, sampling, len(seen))
        if options.filmstrip is not None:
            await asyncio.to_thread(write_strip, seen, options.filmstrip)
        if not options.json:
            settled()
            sys.stderr.write(f"{told}\n")
        body = await asyncio.to_thread(_body, options, seen)
        spent: dict[str, Any] = {}
        text = ""
        async for piece in answering.answered(body, options, settings, spent):
            text += piece
            if options.stream and not options.json:
                settled()
                sys.stdout.write(piece)
                sys.stdout.flush()
        settled()
    if options.json:
        frames = [{"index": f.index, "time_s": round(f.time_s, 3)} for f in seen]
        whole = {
            "video": Path(options.video).name,
            "size": [film.width, film.height],
            "duration_s": round(film.duration_s, 3),
            "total_frames": film.frames,
            "audio": film.audio,
            "damaged": film.damaged,
            "plan": told,
            "frames": frames,
            "text": text,
            "usage": spent,
        }
        sys.stdout.write(json.dumps(whole, indent=2, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write("" if options.stream else text)
        sys.stdout.write("" if text.endswith("\n") else "\n")


def _seen(options: argparse.Namespace, sampling: Sampling) -> tuple[Film, list[Frame]]:
    from sightline.media import detail as details
    from sightline.media import frames, video
    from sightline.media.sampling import chosen

    path = Path(options.video)
    if not path.is_file():
        raise UsageError(f"There is no file {options.video}.", hint="Check its name.")
    try:
        film = video.probe(path, options.video)
    except ImageError:
        raise SightlineError(f"{options.video} is no film that can be read.") from None
    model = options.model if options.base_url and options.model else "gpt-4o"
    sight = details.sight(model, film.width, film.height, options.detail)
    free = sampling.frames or sampling.every_s or sampling.fps or sampling.stride
    cuts = frames.cuts(path, film) if not free else ()
    places = chosen(film, sampling, sight.tokens, cuts)
    size = sight.width, sight.height
    seen = list(frames.frames(path, film, places, size, answering.settings(options).workers))
    if not seen:
        raise SightlineError(f"No frame of {options.video} can be decoded.")
    return film, seen


def plan(film: Film, sampling: Sampling, count: int) -> str:
    """Say in words which frames were taken of what."""
    if sampling.stride:
        how = f"every {sampling.stride}th"
    elif sampling.every_s:
        how = f"every {sampling.every_s:g} s"
    elif sampling.fps:
        how = f"{sampling.fps:g} a second"
    elif sampling.scenes:
        how = "one of each scene"
    elif sampling.frames:
        how = "evenly"
    else:
        how = f"as {sampling.budget} tokens pay for"
    end = film.duration_s if sampling.end_s is None else min(sampling.end_s, film.duration_s)
    sound = "with sound, which is not heard" if film.audio else "without sound"
    stretch = f"from {sampling.start_s:.1f} to {end:.1f} s"
    said = f"{count} of {film.frames} frames ({how}) {stretch}; {sound}"
    return said + ("; the file is damaged, its readable part was seen" if film.damaged else "")


def _body(options: argparse.Namespace, seen: list[Frame]) -> dict[str, Any]:
    from sightline.media.encode import compact

    parts: list[dict[str, Any]] = [{"type": "text", "text": options.prompt}]
    for frame in seen:
        data, kind = compact(frame.pixels)
        url = f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
        parts.append({"type": "text", "text": f"Frame at {frame.time_s:.1f} s:"})
        image = {"url": url, "detail": options.detail}
        parts.append({"type": "image_url", "image_url": image})
    return {"messages": [{"role": "user", "content": parts}]}


def write_strip(seen: list[Frame], path: Path) -> None:
    """Write frames with their times side by side. Raises `UsageError` where that cannot be."""
    from PIL import Image, ImageDraw, ImageFont

    height = max(1, round(_STRIP_WIDTH * seen[0].pixels.shape[0] / seen[0].pixels.shape[1]))
    columns = min(_STRIP_COLUMNS, len(seen))
    rows = -(-len(seen) // columns)
    sheet = Image.new("RGB", (columns * _STRIP_WIDTH, rows * (height + 18)), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(13)
    for i, frame in enumerate(seen):
        x, y = i % columns * _STRIP_WIDTH, i // columns * (height + 18)
        sheet.paste(Image.fromarray(frame.pixels).resize((_STRIP_WIDTH, height)), (x, y))
        draw.text((x + 4, y + height + 1), f"{frame.time_s:.2f} s", fill="black", font=font)
    try:
        sheet.save(path)
    except (OSError, ValueError):
        raise UsageError(
            f"{path} cannot be written.", hint="Give a file that ends in .png or .jpg."
        ) from None

"""`sightline tokens`: what pictures and films cost before they are sent, and how they are seen.

Nothing is sent anywhere; it knows the profiles of `media/image_tokens` and no server.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import re
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, get_args

from sightline.cli import pictures, screen
from sightline.cli.parsing import Parser
from sightline.errors import ImageError, UsageError
from sightline.media.file_kinds import is_film
from sightline.settings import Settings, load
from sightline.types import Detail

_STRIDE = 50  # the cookbook's: every 50th frame
_BESIDE = 56  # columns that are taken by what stands beside a name


@dataclass(frozen=True, slots=True)
class Cost:
    """Something to cost: a picture, or `frames` pictures of one size from a film."""

    name: str
    width: int
    height: int
    frames: int | None = None


def parser() -> argparse.ArgumentParser:
    """Make the parser."""
    made = Parser(
        prog="sightline tokens",
        usage="sightline tokens [PICTURE|VIDEO...] [--size WxH] [OPTIONS]",
        description="Print what pictures and films cost in tokens, and the size a model sees.",
        epilog="Example: sightline tokens --model gpt-4o,gpt-5.5 --detail high photo.jpg",
    )
    made.add_argument(
        "items", nargs="*", metavar="PICTURE", help="files, http(s) URLs or - for stdin"
    )
    made.add_argument(
        "--size", action="append", default=[], metavar="WxH", help="a picture of this size instead"
    )
    made.add_argument(
        "--model",
        action="append",
        metavar="ID",
        help="for which model; several by comma or by giving it again (default: gpt-4o)",
    )
    made.add_argument(
        "--detail",
        choices=(*get_args(Detail), "all"),
        default="auto",
        help="at which level of detail (default: auto)",
    )
    made.add_argument(
        "--fidelity",
        choices=("low", "high"),
        default="low",
        help="input_fidelity of gpt-image-1 (default: low)",
    )
    plan = made.add_mutually_exclusive_group()
    plan.add_argument("--frames", type=whole_number, metavar="N", help="of a film: N frames")
    plan.add_argument(
        "--every", type=seconds, metavar="SECONDS", help="of a film: a frame every so often"
    )
    plan.add_argument(
        "--stride",
        type=whole_number,
        metavar="N",
        help=f"of a film: every Nth frame (default: {_STRIDE})",
    )
    made.add_argument("--json", action="store_true", help="print JSON")
    return made


def whole_number(text: str) -> int:
    """Read a number of one or more; its name is what the parser says when that fails."""
    value = int(text)
    if value < 1:
        raise ValueError
    return value


def seconds(text: str) -> float:
    """Read a time above nothing; as above."""
    value = float(text)
    if not (value > 0 and math.isfinite(value)):
        raise ValueError
    return value


def run(arguments: list[str]) -> int:
    """Print the costs; return the exit code. Raises `SightlineError`."""
    options = parser().parse_args(arguments)
    if not options.items and not options.size:
        raise UsageError(
            "Give at least one picture or --size.",
            hint="For example: sightline tokens --size 1024x1024",
        )
    settings = load({"allow_private_urls": True})
    items = asyncio.run(_measure_all(options, settings))
    items += [_sized(text) for text in options.size]
    chosen = [_known(m.strip()) for part in options.model or ["gpt-4o"] for m in part.split(",")]
    rows = [row for item in items for model in chosen for row in _rows(item, model, options)]
    if options.json:
        print(json.dumps(_summary(rows), indent=2))
    else:
        print(_table(rows))
    pictures.note_guesses(chosen)
    return 0


def _known(model: str) -> str:
    from sightline.media import image_tokens as details

    # These take pictures and answer no questions, so they are no models of this server's.
    if not details.draws(model):
        pictures.check_models([model])
    return model


def _sized(text: str) -> Cost:
    found = re.fullmatch(r"(\d{1,6})\s*[xX×]\s*(\d{1,6})", text.strip())
    if found is None or not int(found[1]) or not int(found[2]):
        raise UsageError(f"{text!r} is not a size.", hint="Write it as 1024x768.")
    return Cost(text.strip(), int(found[1]), int(found[2]))


async def _measure_all(options: argparse.Namespace, settings: Settings) -> list[Cost]:
    found: list[Cost] = []
    with screen.progress() as step:
        for name in options.items:
            if len(options.items) > 1:
                step("Measuring", len(found), len(options.items))
            found.append(await _measured(name, options, settings))
    return found


async def _measured(name: str, options: argparse.Namespace, settings: Settings) -> Cost:
    from sightline.media.image import look

    try:
        if await asyncio.to_thread(_is_film, name):
            return await asyncio.to_thread(_film, name, options)
        data = await pictures.read(name, name, settings)
        width, height = look(data, name, pictures.bounds(settings)).size
    except ImageError as error:
        raise pictures.named(error, name) from None
    return Cost(name, width, height)


def _is_film(name: str) -> bool:
    """Say whether a file begins as no picture does that `pictures.read` takes."""
    path = Path(name)
    if not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(64)
    return is_film(head)


def _film(name: str, options: argparse.Namespace) -> Cost:
    from sightline.media.video import probe

    film = probe(Path(name), name)
    if options.frames:
        frames = min(options.frames, film.frames)
    elif options.every:
        frames = min(film.frames, math.floor(film.duration_s / options.every) + 1)
    else:
        frames = math.ceil(film.frames / (options.stride or _STRIDE))
    return Cost(name, film.width, film.height, frames)


def _rows(item: Cost, model: str, options: argparse.Namespace) -> list[dict[str, Any]]:
    from sightline.media import image_tokens as details

    levels = get_args(Detail) if options.detail == "all" else (options.detail,)
    rows = []
    for level in levels:
        seen = details.sight(model, item.width, item.height, level, fidelity=options.fidelity)
        row: dict[str, Any] = {
            "picture": item.name,
            "size": [item.width, item.height],
            "model": model,
            "detail": level,
            "seen": [seen.width, seen.height],
            "tiles": None if seen.tiles is None else list(seen.tiles),
            "patches": seen.patches,
            "tokens": seen.tokens * (item.frames or 1),
            "rejected": details.rejected(seen),
        }
        if item.frames is not None:
            row |= {"frames": item.frames, "tokens_per_frame": seen.tokens}
        rows.append(row)
    return rows


def _summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    totals: dict[str, dict[str, int]] = {}
    for row in rows:
        levels = totals.setdefault(row["model"], {})
        levels[row["detail"]] = levels.get(row["detail"], 0) + row["tokens"]
    return {"pictures": rows, "total_tokens": totals}


def _table(rows: list[dict[str, Any]]) -> str:
    heads = ("picture", "size", "model", "detail", "seen as", "looked at", "tokens")
    lines = [heads, *(_cells(row) for row in rows)]
    totals = _summary(rows)["total_tokens"]
    if len({row["picture"] for row in rows}) > 1:
        for model, levels in totals.items():
            for level, tokens in levels.items():
                lines.append(("all", "", model, level, "", "", f"{tokens:,}"))
    most, longest = screen.columns(), max(len(line[0]) for line in lines)
    if most is None or longest + _BESIDE < most:
        return screen.table(lines, right=len(heads) - 1)
    # A name that would be parted stands above what is told of it.
    told = []
    for name, group in groupby(lines[1:], key=itemgetter(0)):
        beside = [heads[1:], *(line[1:] for line in group)]
        told += [name, screen.table(beside, right=len(heads) - 2, indent="  ")]
    return "\n".join(told)


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    looked = ""
    if row["tiles"] is not None:
        columns, down = row["tiles"]
        looked = f"{columns}×{down} tiles and overview"
    elif row["patches"] is not None:
        looked = f"{row['patches']:,} patches"
    tokens = f"{row['tokens']:,}"
    if row["rejected"]:
        tokens = "refused"
    elif "frames" in row:
        looked = f"{row['frames']} frames of {looked or 'one view'}"
    width, height = row["size"]
    seen = f"{row['seen'][0]}×{row['seen'][1]}"
    name = Path(row["picture"]).name[:40] or row["picture"][:40]
    return name, f"{width}×{height}", row["model"], row["detail"], seen, looked, tokens

"""`sightline inspect`: what a model will see of pictures at each level of detail, and may miss."""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sightline.cli import drawing, pictures, screen
from sightline.cli.parsing import Parser
from sightline.errors import ImageError, UsageError
from sightline.settings import load

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sightline.jobs.inspect import DetailView, Inspection, Inspector
    from sightline.settings import Settings

_MODELS = ["gpt-4o", "gpt-5.5"]


def parser() -> argparse.ArgumentParser:
    """Make the parser."""
    made = Parser(
        prog="sightline inspect",
        usage="sightline inspect PICTURE... [OPTIONS]",
        description="Print how models will see pictures, what that costs, and what they may miss.",
        epilog="Example: sightline inspect scan.jpg --model gpt-4o",
    )
    made.add_argument(
        "items", nargs="+", metavar="PICTURE", help="files, http(s) URLs or - for stdin"
    )
    made.add_argument(
        "--model",
        action="append",
        metavar="ID",
        help="for which model; several by comma or by giving it again "
        f"(default: {','.join(_MODELS)})",
    )
    made.add_argument("--json", action="store_true", help="print JSON")
    made.add_argument("--show", action="store_true", help="draw the things on the terminal")
    made.add_argument(
        "--save", metavar="FILE", help="write the picture with the things drawn; one picture"
    )
    return made


def run(arguments: list[str]) -> int:
    """Print what was found; return the exit code. Raises `SightlineError`."""
    options = parser().parse_args(arguments)
    chosen = [m.strip() for part in options.model or _MODELS for m in part.split(",")]
    if options.save and len(options.items) != 1:
        raise UsageError("--save takes one picture.", hint="Inspect each by itself.")
    found = asyncio.run(_inspect_all(options.items, chosen))
    if options.show:
        screen.show([(name, _drawn(each)) for name, _, each in found])
    if options.save:
        drawing.save(Path(options.save), _drawn(found[0][2]))
    pictures.note_guesses(chosen)
    if options.json:
        told = [{"picture": name, "taken": taken, **_told(i)} for name, taken, i in found]
        print(json.dumps({"pictures": told}, indent=2, ensure_ascii=False))
    else:
        print("\n\n".join(_page(*each) for each in found))
    return 0


async def _inspect_all(names: list[str], models: list[str]) -> list[tuple[str, bool, Inspection]]:
    from sightline.jobs.inspect import Inspector

    pictures.check_models(models)
    settings = load({"allow_private_urls": True})
    inspector = Inspector(pictures.bounds(settings), settings.worker_threads)
    found: list[tuple[str, bool, Inspection]] = []
    with screen.progress() as step:
        for name in names:
            if len(names) > 1:
                step("Inspecting", len(found), len(names))
            found.append(await _inspected(name, inspector, models, settings))
    return found


async def _inspected(
    name: str, inspector: Inspector, models: list[str], settings: Settings
) -> tuple[str, bool, Inspection]:
    from sightline.media import convert

    bounds = pictures.bounds(settings)
    try:
        data = await pictures.raw(name, name, settings)
        taken = convert.taken(data)
        data = convert.converted(data, name, bounds)
        return name, taken, inspector.inspect(data, name, models)
    except ImageError as error:
        raise pictures.named(error, name) from None


def _told(found: Inspection) -> dict[str, Any]:
    text = found.lettering
    return {
        "format": found.format,
        "bytes": found.bytes,
        "size": list(found.size),
        "orientation": found.orientation,
        "brightness": round(found.brightness, 3),
        "sharpness": round(found.sharpness, 3),
        "text": {
            "lines": text.lines,
            "letter_px": round(text.median, 1),
            "smallest_letter_px": round(text.smallest, 1),
            "turned_degrees": text.turn,
            "non_latin": round(text.foreign, 2),
        },
        "views": [_view(view) for view in found.views],
        "things": [
            {
                "kind": thing.name,
                "confidence": round(thing.probability, 2),
                "box": [round(side) for side in thing.box],
                "colour": None if thing.colour is None else thing.colour.full_name,
            }
            for thing in found.things
        ],
        "warnings": [{"code": w.code, "message": w.message} for w in found.warnings],
    }


def _drawn(found: Inspection) -> NDArray[np.uint8]:
    """Draw the boxes of things, with their names, into what was looked at."""
    boxes: list[drawing.Named] = [(t.box, f"{t.name} {t.probability:.0%}") for t in found.things]
    return drawing.boxed(found.pixels, boxes, found.pixels.shape[1] / found.size[0])


def _view(view: DetailView) -> dict[str, Any]:
    return {
        "model": view.model,
        "detail": view.detail,
        "seen": [view.sight.width, view.sight.height],
        "tiles": None if view.sight.tiles is None else list(view.sight.tiles),
        "patches": view.sight.patches,
        "tokens": view.sight.tokens,
        "rejected": view.rejected,
        "smallest_letter_px": None if view.letter_px is None else round(view.letter_px, 1),
    }


def _page(name: str, taken: bool, found: Inspection) -> str:
    width, height = found.size
    lines = [
        f"{name}: {found.format}, {width}×{height}, {_size(found.bytes)}"
        + (
            f", turned upright (EXIF orientation {found.orientation})"
            if found.orientation > 1
            else ""
        )
    ]
    if not taken:
        lines.append("  converted: the API does not take its format")
    if found.lettering.lines:
        text = found.lettering
        lines.append(
            f"  lettering: {text.lines} lines looked at, capitals {text.median:.0f} px high, "
            f"the smallest {text.smallest:.0f} px"
        )
    for thing in found.things:
        x0, y0, x1, y1 = (round(side) for side in thing.box)
        lines.append(f"  {thing.name} {thing.probability:.0%} at x {x0} to {x1}, y {y0} to {y1}")
    rows: list[tuple[str, ...]] = [("model", "detail", "seen as", "looked at", "letters", "tokens")]
    rows += [_row(view) for view in found.views]
    lines.append(screen.table(rows, indent="  "))
    lines += [f"  ! {warning.message}" for warning in found.warnings] or ["  no warnings"]
    return "\n".join(lines)


def _row(view: DetailView) -> tuple[str, ...]:
    looked = "one view"
    if view.sight.tiles is not None:
        looked = f"{view.sight.tiles[0]}×{view.sight.tiles[1]} tiles"
    elif view.sight.patches is not None:
        looked = f"{view.sight.patches:,} patches"
    letters = "" if view.letter_px is None else f"{view.letter_px:.0f} px"
    tokens = "refused" if view.rejected else f"{view.sight.tokens:,}"
    return (
        view.model,
        view.detail,
        f"{view.sight.width}×{view.sight.height}",
        looked,
        letters,
        tokens,
    )


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{count / 1e3:.1f} kB"

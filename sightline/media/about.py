"""What is told of a film or of a page before its picture: for every engine, and for the reader.

It is text, so that it reaches an engine behind any server. What is written and what is read stand
side by side here, and are each other's reverse.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sightline.quoting import quoted

ALL_OVER = "all over"
_MOST_TOLD = 60

Stretch = tuple[float, float]


@dataclass(frozen=True, slots=True)
class About:
    """A film in short; times are in seconds.

    `scenes` are the times at which scenes begin, the first among them; None where nobody looked.
    `movement` are stretches with how much moves (none, little, moderate, strong) and where.
    """

    duration_s: float
    total: int
    size: tuple[int, int]
    audio: bool
    damaged: bool
    scenes: tuple[float, ...] | None = None
    black: tuple[Stretch, ...] = ()
    still: tuple[Stretch, ...] = ()
    movement: tuple[tuple[float, float, str, str], ...] = ()


def plain(told: About) -> dict[str, Any]:
    """Give it as JSON has it."""
    return asdict(told)


def from_plain(told: Mapping[str, Any]) -> About:
    """Take it from what `plain` gave, after a journey as JSON."""
    return About(
        told["duration_s"],
        told["total"],
        (told["size"][0], told["size"][1]),
        told["audio"],
        told["damaged"],
        None if told["scenes"] is None else tuple(told["scenes"]),
        tuple((a, b) for a, b in told["black"]),
        tuple((a, b) for a, b in told["still"]),
        tuple((a, b, how, where) for a, b, how, where in told["movement"]),
    )


def write(told: About) -> str:
    """Say it in sentences."""
    sound = "with sound, which is not heard" if told.audio else "without sound"
    width, height = told.size
    said = [
        f"The film lasts {told.duration_s:.1f} s and has {told.total} frames of {width} × {height} "
        f"pixels, {sound}."
    ]
    if told.damaged:
        said.append("Its file is damaged; this is what could be read.")
    if told.scenes is not None:
        begins = ", ".join(f"{time_s:.1f}" for time_s in told.scenes[:_MOST_TOLD])
        said.append(f"Scenes begin at {begins} s.")
    said += [f"Black from {a:.1f} to {b:.1f} s." for a, b in told.black[:_MOST_TOLD]]
    said += [f"Still from {a:.1f} to {b:.1f} s." for a, b in told.still[:_MOST_TOLD]]
    for a, b, how, where in told.movement[:_MOST_TOLD]:
        place = "" if how == "none" else f", {where}"
        said.append(f"Movement from {a:.1f} to {b:.1f} s: {how}{place}.")
    return " ".join(said)


def frame_at(time_s: float) -> str:
    """Write what stands before a frame."""
    return f"Frame at {time_s:.1f} s:"


_FRAME_AT = re.compile(r"Frame at (\d+(?:\.\d+)?) s:")
_HEAD = re.compile(
    r"The film lasts (\d{1,9}\.\d) s and has (\d{1,9}) frames of (\d{1,9}) × (\d{1,9}) pixels, "
    r"(with|without) sound"
)
_SCENES = re.compile(r"Scenes begin at (\d+\.\d(?:, \d+\.\d)*+) s\.")
_STRETCH = re.compile(r"(Black|Still) from (\d+\.\d) to (\d+\.\d) s\.")
_MOVEMENT = re.compile(r"Movement from (\d+\.\d) to (\d+\.\d) s: (\w+)(?:, ([a-z ]+))?\.")


def read_frame_at(text: str) -> float | None:
    """Read the time of the frame that follows a text; None for any other text."""
    found = _FRAME_AT.fullmatch(text.strip())
    return float(found.group(1)) if found else None


def read(text: str) -> About | None:
    """Read what `write` wrote; None for any other text."""
    head = _HEAD.match(text)
    if head is None:
        return None
    scenes = _SCENES.search(text)
    stretches = [(kind, (float(a), float(b))) for kind, a, b in _STRETCH.findall(text)]
    return About(
        float(head.group(1)),
        int(head.group(2)),
        (int(head.group(3)), int(head.group(4))),
        head.group(5) == "with",
        "Its file is damaged" in text,
        tuple(float(time) for time in scenes.group(1).split(",")) if scenes else None,
        tuple(at for kind, at in stretches if kind == "Black"),
        tuple(at for kind, at in stretches if kind == "Still"),
        tuple(
            (float(a), float(b), how, where or ALL_OVER)
            for a, b, how, where in _MOVEMENT.findall(text)
        ),
    )


def page_text(page: int, of: int, name: str, text: str) -> str:
    """Write what stands before a page's picture, the file's name and its text as data."""
    named = " ".join(name.split())[:100]
    if not text:
        return quoted(f"Page {page} of {of} of a file without text, its name", named)
    return quoted(f"Page {page} of {of} of a file, its name and its text", f"{named}\n{text}")

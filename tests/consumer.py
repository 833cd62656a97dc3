"""A program of somebody else's, for type checkers alone: what they know of the installed package.

`tests/test_types.py` has mypy and pyright read it. Where the types were unknown to them, the types
that are asserted would be others and there would be nothing to ignore.
"""

from __future__ import annotations

from pathlib import Path
from typing import assert_type

import sightline
from sightline.errors import ImageError, SightlineError
from sightline.jobs.narrate import Narrated


def ask() -> str:
    """Ask in each way, and about nothing."""
    assert_type(sightline.ask("What is it?", "https://a.example/a.png", detail="low"), str)
    sightline.ask("What is it?", img_path=[Path("a.png"), Path("b.png")], max_tokens=5)
    sightline.ask(7)  # type: ignore[arg-type]
    sightline.ask("What is it?", detail="ultra")  # type: ignore[arg-type]
    sightline.ask("What is it?", "a", "b", "c")  # type: ignore[call-arg,misc,unused-ignore]
    try:
        return sightline.ask("What is it?", base_url="http://a.example/v1", model="gpt-4o")
    except ImageError as error:
        return assert_type(error.param, str | None) or ""
    except SightlineError as error:
        return assert_type(error.hint, str)


def narrate() -> tuple[Path, ...]:
    """Narrate a film."""
    made = assert_type(sightline.narrate("film.mp4", Path("out.mp4"), also=["srt"]), Narrated)
    sightline.narrate("film.mp4", "out.mp4", subtitles="none", speed=1)
    sightline.narrate("film.mp4")  # type: ignore[call-arg]
    assert_type(made.copied, bool)
    return made.files

"""Subtitles: a transcript that is given, timed scenes that are written. SRT and WebVTT."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sightline.errors import UsageError

Form = Literal["srt", "vtt"]
_MOST_BYTES = 10_000_000


@dataclass(frozen=True, slots=True)
class Cue:
    """What is said or shown from one time to another, in seconds."""

    start_s: float
    end_s: float
    text: str


def read(path: Path) -> tuple[Cue, ...]:
    """Read a file of subtitles, in order of time. Raises `UsageError` for what is none."""
    import pysubs2  # here: one question is asked without it

    try:
        if path.stat().st_size > _MOST_BYTES:
            raise UsageError(f"{path} is too large for subtitles.")
        text = path.read_text("utf-8-sig")
    except OSError:
        raise UsageError(f"{path} cannot be read.", hint="Check its name.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not text in UTF-8.", hint="Save it as UTF-8.") from None
    form = "vtt" if text.lstrip().startswith("WEBVTT") else "srt"
    try:
        events = pysubs2.SSAFile.from_string(text, format_=form)
    except (pysubs2.Pysubs2Error, ValueError):
        events = pysubs2.SSAFile()
    cues = [Cue(e.start / 1000, e.end / 1000, _plain(e.plaintext, form)) for e in events]
    found = tuple(sorted((cue for cue in cues if cue.text), key=lambda cue: cue.start_s))
    if not found:
        raise UsageError(f"{path} holds no subtitles.", hint="Give a file of SRT or WebVTT.")
    return found


def _plain(text: str, form: str) -> str:
    bare = re.sub(r"<[^<>]*>", "", text)
    return " ".join((html.unescape(bare) if form == "vtt" else bare).split())


def write(cues: Sequence[Cue], form: Form) -> str:
    """Write subtitles."""
    import pysubs2

    events = pysubs2.SSAFile()
    for cue in cues:
        event = pysubs2.SSAEvent(round(cue.start_s * 1000), round(cue.end_s * 1000))
        # An empty line would end the cue, and an arrow begin another.
        lines = [line.strip() for line in cue.text.replace("-->", "→").splitlines()]
        text = "\n".join(line for line in lines if line)
        event.plaintext = html.escape(text, quote=False) if form == "vtt" else text
        events.append(event)
    return events.to_string(form, keep_ssa_tags=True).rstrip() + "\n"

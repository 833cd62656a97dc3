"""`POST /v1/video/narrations`: the fields of its form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sightline.api.fields import Given, Object, String, whole
from sightline.api.forms import Binary, Decimal, Flag, WordField, refuse_unknown

_MOST = {"style": 4096, "language": 20}  # characters; what is more is cut off


def form(most_frames: int = 1500) -> Object[dict[str, Any]]:
    """Make the form of a server that looks at `most_frames` frames of a film at most."""
    return Object(
        {
            "file": Binary(),
            "script": String(
                about='JSON: {"segments": [{"start_s": 0.0, "end_s": 3.2, "text": ""}]}'
            ),
            "voice": String(examples=("alloy",)),
            "subtitles": WordField(("track", "burn", "none")),
            "script_only": Flag(),
            "keep_audio": Flag(),
            "listen": WordField(("auto", "on", "off")),
            "style": String(),
            "language": String(examples=("en",)),
            "speed": Decimal(0.5, 2.0),
            "frames": Decimal(0, most_frames),
            "model": String(),
        },
        whole,
        required=("file",),
        closed=True,
    )


def known(of: Object[dict[str, Any]], fields: Mapping[str, str]) -> Given:
    """Begin to read a form's fields beside its file. Raises `InvalidRequest` for others."""
    given = of.given(fields)
    refuse_unknown(given)
    return given


def cut(given: Given, name: str, usual: str) -> str:
    """Read a text of which so much is taken as an engine or a voice has use for."""
    text: str | None = given(name)
    return (usual if text is None else text)[: _MOST[name]]
